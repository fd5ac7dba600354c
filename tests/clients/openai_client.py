# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# OpenAI's own Python client against `lockstep serve`: chat, stream, stop, n, logprobs, JSON schema,
# abort, errors. Each answer is held to what the server's other dialect gives for the same request.
#
#   python3 openai_client.py http://127.0.0.1:8080 KEY
import json
import sys
import time
import traceback
import urllib.request

import openai

at, key = sys.argv[1:3]
client = openai.OpenAI(base_url=at + "/v1", api_key=key, max_retries=0)
messages = [{"role": "user", "content": "Tell me a story."}]
ask = dict(model="stories", messages=messages, max_tokens=16, temperature=0, seed=7)


def fetch(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(at + path, data, {"Authorization": "Bearer " + key})
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def chat(**more):
    return client.chat.completions.create(**{**ask, **more})


def text_of(answer):
    return answer.choices[0].message.content


def gather(stream):
    text, role, reason, usage, pieces = "", None, None, None, 0
    for chunk in stream:
        usage = chunk.usage or usage
        if chunk.choices:
            choice = chunk.choices[0]
            role = role or choice.delta.role
            text += choice.delta.content or ""
            reason = choice.finish_reason or reason
            pieces += 1
    return text, role, reason, usage, pieces


def refused(kind, **more):
    try:
        chat(**more)
    except kind as error:
        return error
    raise AssertionError("not refused")


def test_models():
    assert [model.id for model in client.models.list()] == ["stories"]


def test_chat():
    answer = chat()
    prompt = json.loads(fetch("/apply-template", {"messages": messages}))["prompt"]
    body = {"prompt": prompt, "n_predict": 16, "temperature": 0, "seed": 7}
    alone = json.loads(fetch("/completion", body))
    assert answer.object == "chat.completion" and answer.choices[0].message.role == "assistant"
    assert text_of(answer) == alone["content"] and len(alone["content"]) > 10
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 16
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 16


def test_stream():
    whole = text_of(chat())
    text, role, reason, usage, pieces = gather(
        chat(stream=True, stream_options={"include_usage": True}))
    assert (text, role, reason) == (whole, "assistant", "length")
    assert usage.completion_tokens == 16 and pieces > 8
    text, _, _, usage, _ = gather(chat(stream=True))
    assert text == whole and usage is None


def test_stop():
    whole = text_of(chat())
    word = whole.split()[3]
    answer = chat(stop=[word])
    assert text_of(answer) == whole[:whole.index(word)]
    assert answer.choices[0].finish_reason == "stop"


def test_n():
    answer = chat(temperature=1.5, n=3)
    texts = {choice.index: choice.message.content for choice in answer.choices}
    assert sorted(texts) == [0, 1, 2] and len(set(texts.values())) > 1
    for index, text in texts.items():
        assert text_of(chat(temperature=1.5, seed=7 + index)) == text


def test_logprobs():
    answer = chat(logprobs=True, top_logprobs=3)
    content = answer.choices[0].logprobs.content
    assert len(content) == 16 and "".join(t.token for t in content) == text_of(answer)
    for token in content:
        best = [top.logprob for top in token.top_logprobs]
        assert len(best) == 3 and best[0] == token.logprob and best == sorted(best, reverse=True)


def test_completions():
    body = dict(model="stories", prompt="Once upon a time", max_tokens=12, temperature=0)
    alone = json.loads(
        fetch("/completion", {"prompt": body["prompt"], "n_predict": 12, "temperature": 0}))
    assert client.completions.create(**body).choices[0].text == alone["content"]
    stream = client.completions.create(**body, stream=True)
    assert "".join(c.choices[0].text for c in stream if c.choices) == alone["content"]


def test_json_schema():
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 12},
            "kind": {"enum": ["cat", "dog"]},
            "age": {"type": "integer", "minimum": 1, "maximum": 20},
        },
        "required": ["name", "kind", "age"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "pet", "strict": True, "schema": schema}}
    for seed in range(2):
        answer = chat(response_format=form, max_tokens=200, temperature=1, seed=seed)
        pet = json.loads(text_of(answer))
        assert answer.choices[0].finish_reason == "stop"
        assert list(pet) == ["name", "kind", "age"] and 1 <= len(pet["name"]) <= 12
        assert pet["kind"] in ("cat", "dog") and 1 <= pet["age"] <= 20
    schema["properties"]["age"]["multipleOf"] = 2
    assert "multipleOf" in str(refused(openai.BadRequestError, response_format=form))


def test_abort():
    with chat(max_tokens=200, stream=True) as stream:
        for _, _ in zip(range(3), stream):
            pass
    for _ in range(100):
        if "\nllamacpp:requests_processing 0\n" in fetch("/metrics"):
            break
        time.sleep(0.1)
    else:
        raise AssertionError("the sequence is not free")
    test_chat()  # and nothing is lost


def test_errors():
    assert "audio" in str(refused(openai.BadRequestError, audio={"voice": "x", "format": "wav"}))
    stranger = openai.OpenAI(base_url=at + "/v1", api_key="other", max_retries=0)
    try:
        stranger.chat.completions.create(**ask)
        raise AssertionError("a stranger is welcome")
    except openai.AuthenticationError:
        pass
    long = [{"role": "user", "content": "word " * 2000}]
    assert refused(openai.APIStatusError, messages=long).status_code == 400


tests = {name[5:]: test for name, test in list(globals().items()) if name.startswith("test_")}
failed = 0
for name, test in tests.items():
    try:
        test()
    except Exception:
        failed += 1
        print(f"{name}: {traceback.format_exc()}")
print(f"FAIL python client: {failed} of {len(tests)}" if failed else
      f"PASS python client (openai {openai.__version__}: {', '.join(tests)})")
sys.exit(failed != 0)
