// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// OpenAI's own JavaScript client against `lockstep serve`: chat, stream, stop, n, logprobs, JSON
// schema, abort, errors. Each answer is held to what the server's other dialect gives for the same request.
//
//   node openai.mjs http://127.0.0.1:8080 KEY    beside node_modules/openai
import assert from 'node:assert/strict';
import OpenAI, { APIError, APIUserAbortError, AuthenticationError, BadRequestError } from 'openai';

const [, , at, key] = process.argv;
const client = new OpenAI({ baseURL: at + '/v1', apiKey: key, maxRetries: 0 });
const headers = { Authorization: 'Bearer ' + key };
const messages = [{ role: 'user', content: 'Tell me a story.' }];
const ask = { model: 'stories', messages, max_tokens: 16, temperature: 0, seed: 7 };
let checks = 0;

async function post(path, body) {
  const answer = await fetch(at + path, { method: 'POST', headers, body: JSON.stringify(body) });
  assert.equal(answer.status, 200);
  return answer.json();
}

async function gather(stream) {
  let text = '', role, reason, usage, pieces = 0;
  for await (const chunk of stream) {
    if (chunk.usage) usage = chunk.usage;
    if (!chunk.choices.length) continue;
    const { delta, finish_reason } = chunk.choices[0];
    role ??= delta.role;
    text += delta.content ?? '';
    reason = finish_reason ?? reason;
    pieces++;
  }
  return { text, role, reason, usage, pieces };
}

const metric = async (name) => {
  const text = await (await fetch(at + '/metrics', { headers })).text();
  const line = text.split('\n').find((l) => l.startsWith(name + ' '));
  assert.ok(line, name + ' is no metric');
  return Number(line.split(' ')[1]);
};

const tests = {
  async models() {
    const list = await client.models.list();
    assert.equal(list.data.length, 1);
    assert.equal(list.data[0].id, 'stories');
  },
  async chat() {
    const answer = await client.chat.completions.create(ask);
    const { prompt } = await post('/apply-template', { messages });
    const alone = await post('/completion', { prompt, n_predict: 16, temperature: 0, seed: 7 });
    assert.equal(answer.object, 'chat.completion');
    assert.equal(answer.choices[0].message.role, 'assistant');
    assert.equal(answer.choices[0].message.content, alone.content);
    assert.ok(alone.content.length > 10);
    assert.equal(answer.choices[0].finish_reason, 'length');
    assert.equal(answer.usage.completion_tokens, 16);
    assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + 16);
  },
  async stream() {
    const whole = await client.chat.completions.create(ask);
    const s = await gather(await client.chat.completions.create({
      ...ask, stream: true, stream_options: { include_usage: true },
    }));
    assert.equal(s.text, whole.choices[0].message.content);
    assert.equal(s.role, 'assistant');
    assert.equal(s.reason, 'length');
    assert.equal(s.usage.completion_tokens, 16);
    assert.ok(s.pieces > 8);
    const without = await gather(await client.chat.completions.create({ ...ask, stream: true }));
    assert.equal(without.text, s.text);
    assert.equal(without.usage, undefined);
  },
  async stop() {
    const whole = (await client.chat.completions.create(ask)).choices[0].message.content;
    const word = whole.trim().split(/\s+/)[3];
    const answer = await client.chat.completions.create({ ...ask, stop: [word] });
    assert.equal(answer.choices[0].message.content, whole.slice(0, whole.indexOf(word)));
    assert.equal(answer.choices[0].finish_reason, 'stop');
  },
  async n() {
    const warm = { ...ask, temperature: 1.5, n: 3 };
    const answer = await client.chat.completions.create(warm);
    assert.deepEqual(answer.choices.map((c) => c.index).sort(), [0, 1, 2]);
    for (const choice of answer.choices) {
      const one = await client.chat.completions.create({ ...warm, n: 1, seed: 7 + choice.index });
      assert.equal(one.choices[0].message.content, choice.message.content);
    }
    assert.ok(new Set(answer.choices.map((c) => c.message.content)).size > 1);
  },
  async logprobs() {
    const answer = await client.chat.completions.create({ ...ask, logprobs: true, top_logprobs: 3 });
    const { content } = answer.choices[0].logprobs;
    assert.equal(content.length, 16);
    assert.equal(content.map((t) => t.token).join(''), answer.choices[0].message.content);
    for (const t of content) {
      assert.equal(t.top_logprobs.length, 3);
      assert.equal(t.top_logprobs[0].logprob, t.logprob); // greedy: the best one
      assert.ok(t.logprob <= 0 && t.top_logprobs[1].logprob <= t.logprob);
    }
  },
  async completions() {
    const body = { model: 'stories', prompt: 'Once upon a time', max_tokens: 12, temperature: 0 };
    const answer = await client.completions.create(body);
    const alone = await post('/completion', { prompt: body.prompt, n_predict: 12, temperature: 0 });
    assert.equal(answer.choices[0].text, alone.content);
    let text = '';
    for await (const c of await client.completions.create({ ...body, stream: true }))
      text += c.choices[0]?.text ?? '';
    assert.equal(text, alone.content);
  },
  async json_schema() {
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 12 },
        kind: { enum: ['cat', 'dog'] },
        age: { type: 'integer', minimum: 1, maximum: 20 },
      },
      required: ['name', 'kind', 'age'],
      additionalProperties: false,
    };
    const form = { type: 'json_schema', json_schema: { name: 'pet', strict: true, schema } };
    const body = { ...ask, response_format: form, max_tokens: 200 };
    const answer = await client.chat.completions.create(body);
    const pet = JSON.parse(answer.choices[0].message.content);
    assert.deepEqual(Object.keys(pet), ['name', 'kind', 'age']);
    assert.ok(pet.name.length >= 1 && schema.properties.kind.enum.includes(pet.kind));
    assert.ok(pet.age >= 1 && pet.age <= 20);
    schema.properties.age.multipleOf = 2;
    const refused = client.chat.completions.create(body);
    await assert.rejects(refused, (e) => e instanceof BadRequestError && /multipleOf/.test(e.message));
  },
  async abort() {
    const controller = new AbortController();
    const long = { ...ask, max_tokens: 200, stream: true };
    const stream = await client.chat.completions.create(long, { signal: controller.signal });
    let pieces = 0;
    try {
      for await (const _ of stream) if (++pieces === 3) controller.abort();
    } catch (error) {
      assert.ok(error instanceof APIUserAbortError, String(error));
    }
    assert.ok(pieces >= 3 && pieces < 150);
    for (let i = 0; (await metric('llamacpp:requests_processing')) !== 0; i++) {
      assert.ok(i < 100, 'the sequence is not free');
      await new Promise((done) => setTimeout(done, 100));
    }
    await tests.chat(); // and nothing is lost
  },
  async errors() {
    const refused = client.chat.completions.create({ ...ask, audio: { voice: 'x', format: 'wav' } });
    await assert.rejects(refused, (e) => e instanceof BadRequestError && /audio/.test(e.message));
    const stranger = new OpenAI({ baseURL: at + '/v1', apiKey: 'other', maxRetries: 0 });
    await assert.rejects(stranger.chat.completions.create(ask), (e) => e instanceof AuthenticationError);
    const long = client.chat.completions.create({
      ...ask, messages: [{ role: 'user', content: 'word '.repeat(2000) }],
    });
    await assert.rejects(long, (e) => e instanceof APIError && e.status === 400);
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    checks++;
  } catch (error) {
    failed++;
    console.log(`${name}: ${error.stack}`);
  }
}
console.log(failed ? `FAIL javascript client: ${failed} of ${failed + checks}`
  : `PASS javascript client (openai ${(await import('openai/version')).VERSION}: ${Object.keys(tests).join(', ')})`);
process.exit(failed ? 1 : 0);
