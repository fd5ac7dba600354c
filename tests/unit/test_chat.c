/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Prompts of conversations. Templates in the manner of well-known families are run and must say
 * what the built-in format says that is recognised in them; what a template cannot do, is asked for
 * what it can, or is refused; one that cannot be run gives way.
 */
#include "csrc/chat/chat.h"

#include "csrc/chat/chat_format.h"
#include "tests/kit/host_test.h"

#define SYSTEM    "{\"role\":\"system\",\"content\":\"Be kind.\"}"
#define USER      "{\"role\":\"user\",\"content\":\"Hello\"}"
#define ASSISTANT "{\"role\":\"assistant\",\"content\":\"Hi there\"}"
#define PARTS                                                                                      \
    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hel\"},{\"type\":\"text\","     \
    "\"text\":\"lo\"}]}"

static const char *const talks[] = {"[" USER "]", "[" SYSTEM "," USER "]",
                                    "[" USER "," ASSISTANT "," USER "]",
                                    "[" SYSTEM "," USER "," ASSISTANT "," USER "]"};

/* What is in the manner of a family: its marks, its blanks, the constructs that it uses. */
static const struct {
    const char *format, *text;
} families[] = {
    {"chatml", "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + "
               "message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
               "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"},
    {"chatml",
     "{%- if tools %}\n    {{- raise_exception('no tools') }}\n{%- endif %}\n"
     "{%- set ns = namespace(multi_step=true, last=messages|length - 1) %}\n"
     "{%- for message in messages[::-1] %}\n"
     "    {%- set index = (messages|length - 1) - loop.index0 %}\n"
     "    {%- if ns.multi_step and message.role == 'user' and message.content is string and "
     "not(message.content.startswith('<r>') and message.content.endswith('</r>')) %}\n"
     "        {%- set ns.multi_step = false %}\n        {%- set ns.last = index %}\n"
     "    {%- endif %}\n{%- endfor %}\n"
     "{%- for message in messages %}\n"
     "    {%- if message.content is string %}\n        {%- set content = message.content %}\n"
     "    {%- else %}\n        {%- set content = '' %}\n    {%- endif %}\n"
     "    {%- if (message.role == 'user') or (message.role == 'system' and not loop.first) %}\n"
     "        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}\n"
     "    {%- elif '</think>' in content %}\n"
     "        {{- content.split('</think>')[-1].lstrip('\\n') }}\n"
     "    {%- else %}\n"
     "        {{- '<|im_start|>' ~ message.role ~ '\\n' ~ content.strip('\\n') ~ "
     "'<|im_end|>\\n' }}\n    {%- endif %}\n{%- endfor %}\n"
     "{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n"
     "    {%- if enable_thinking is defined and enable_thinking is false %}\n"
     "        {{- '<think>\\n\\n</think>\\n\\n' }}\n    {%- endif %}\n{%- endif %}"},
    {"llama3", "{{- bos_token }}\n"
               "{%- if not date_string is defined %}\n"
               "    {%- if strftime_now is defined %}\n"
               "        {%- set date_string = strftime_now('%d %b %Y') %}\n"
               "    {%- else %}\n        {%- set date_string = 'x' %}\n    {%- endif %}\n"
               "{%- endif %}\n{%- if not tools is defined %}\n    {%- set tools = none %}\n"
               "{%- endif %}\n"
               "{%- if tools is not none %}{{- tools | tojson(indent=4) }}{%- endif %}\n"
               "{%- for message in messages %}\n"
               "    {%- if not (message.role == 'ipython' or 'tool_calls' in message) %}\n"
               "        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ "
               "message['content'] | trim + '<|eot_id|>' }}\n    {%- endif %}\n{%- endfor %}\n"
               "{%- if add_generation_prompt %}\n"
               "    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}\n{%- endif %}\n"},
    {"gemma", "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
              "{{ raise_exception('System role not supported') }}{% endif %}"
              "{% for message in messages %}"
              "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
              "{{ raise_exception('Conversation roles must alternate') }}{% endif %}"
              "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}"
              "{% set role = message['role'] %}{% endif %}"
              "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + "
              "'<end_of_turn>\n' }}{% endfor %}"
              "{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}"},
    {"gemma",
     "{{ bos_token }}\n{%- if messages[0]['role'] == 'system' -%}\n"
     "    {%- if messages[0]['content'] is string -%}\n"
     "        {%- set first_user_prefix = messages[0]['content'] + '\n\n' -%}\n"
     "    {%- else -%}\n"
     "        {%- set first_user_prefix = messages[0]['content'][0]['text'] + '\n\n' -%}\n"
     "    {%- endif -%}\n    {%- set loop_messages = messages[1:] -%}\n{%- else -%}\n"
     "    {%- set first_user_prefix = '' -%}\n    {%- set loop_messages = messages -%}\n"
     "{%- endif -%}\n{%- for message in loop_messages -%}\n"
     "    {%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}\n"
     "    {{ '<start_of_turn>' + role + '\n' + (first_user_prefix if loop.first else '') }}\n"
     "    {%- if message['content'] is string -%}\n        {{ message['content'] | trim }}\n"
     "    {%- elif message['content'] is iterable -%}\n"
     "        {%- for item in message['content'] -%}\n"
     "            {%- if item['type'] == 'text' -%}\n                {{ item['text'] | trim }}\n"
     "            {%- endif -%}\n        {%- endfor -%}\n    {%- endif -%}\n"
     "    {{ '<end_of_turn>\n' }}\n{%- endfor -%}\n{%- if add_generation_prompt -%}\n"
     "    {{'<start_of_turn>model\n'}}\n{%- endif -%}\n"},
    {"phi3", "{% for message in messages %}{% if message['role'] == 'system' and "
             "message['content'] %}{{'<|system|>\n' + message['content'] + '<|end|>\n'}}"
             "{% elif message['role'] == 'user' %}{{'<|user|>\n' + message['content'] + "
             "'<|end|>\n'}}{% elif message['role'] == 'assistant' %}{{'<|assistant|>\n' + "
             "message['content'] + '<|end|>\n'}}{% endif %}{% endfor %}"
             "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"},
    {"phi4", "{% for message in messages %}{{'<|im_start|>' + message['role'] + '<|im_sep|>' + "
             "message['content'] + '<|im_end|>'}}{% endfor %}"
             "{% if add_generation_prompt %}{{ '<|im_start|>assistant<|im_sep|>' }}{% endif %}"},
    {"granite", "{%- for message in messages %}\n{{- '<|start_of_role|>' + message['role'] + "
                "'<|end_of_role|>' + message['content'] + '<|end_of_text|>\n' }}\n"
                "{%- if loop.last and add_generation_prompt %}\n"
                "{{- '<|start_of_role|>assistant' }}{{- '<|end_of_role|>\n' }}\n"
                "{%- endif %}\n{%- endfor %}"},
    {"zephyr", "{% for message in messages %}\n"
               "{% if message['role'] == 'user' %}\n"
               "{{ '<|user|>\n' + message['content'] + '<|endoftext|>' }}\n"
               "{% elif message['role'] == 'system' %}\n"
               "{{ '<|system|>\n' + message['content'] + '<|endoftext|>' }}\n"
               "{% else %}\n"
               "{{ '<|' ~ 'assistant' ~ '|>\n'  + message['content'] + '<|endoftext|>' }}\n"
               "{% endif %}\n"
               "{% if loop.last and add_generation_prompt %}\n"
               "{{ '<|' ~ 'assistant' ~ '|>' }}\n{% endif %}\n{% endfor %}"},
    {"command-r", "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
                  "{% set loop_messages = messages[1:] %}"
                  "{% set system_message = messages[0]['content'] %}{% else %}"
                  "{% set loop_messages = messages %}{% set system_message = false %}{% endif %}"
                  "{% if system_message != false %}{{ '<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>' + "
                  "system_message + '<|END_OF_TURN_TOKEN|>' }}{% endif %}"
                  "{% for message in loop_messages %}{% set content = message['content'] %}"
                  "{% if message['role'] == 'user' %}"
                  "{{ '<|START_OF_TURN_TOKEN|><|USER_TOKEN|>' + content.strip() + "
                  "'<|END_OF_TURN_TOKEN|>' }}{% elif message['role'] == 'assistant' %}"
                  "{{ '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>'  + content.strip() + "
                  "'<|END_OF_TURN_TOKEN|>' }}{% endif %}{% endfor %}"
                  "{% if add_generation_prompt %}"
                  "{{ '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>' }}{% endif %}"},
    {"mistral-v7", "{{ bos_token }}{% for message in messages %}"
                   "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + "
                   "'[/INST]' }}{% elif message['role'] == 'system' %}"
                   "{{ '[SYSTEM_PROMPT] ' + message['content'] + '[/SYSTEM_PROMPT]' }}"
                   "{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}"},
    {"exaone3", "{% for message in messages %}{{ '[|' + message['role'] + '|]' }}"
                "{{ message.content|trim }}{% if message['role'] == 'user' %}{{ '\n' }}"
                "{% else %}{{ '[|endofturn|]\n' }}{% endif %}{% endfor %}"
                "{% if add_generation_prompt %}{{ '[|assistant|]' }}{% endif %}"
                "{# [|system|] #}"},
    {"deepseek3",
     "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}"
     "{% endif %}{% set ns = namespace(system_prompt='') %}"
     "{%- for message in messages %}{%- if message['role'] == 'system' %}"
     "{% set ns.system_prompt = ns.system_prompt + message['content'] + '\n\n' %}{%- endif %}"
     "{%- endfor %}{{bos_token}}{{ns.system_prompt}}{%- for message in messages %}"
     "{%- if message['role'] == 'user' %}{{'<｜User｜>' + message['content']}}{%- endif %}"
     "{%- if message['role'] == 'assistant' %}{{'<｜Assistant｜>' + message['content'] + "
     "'<｜end▁of▁sentence｜>'}}{%- endif %}{%- endfor -%}"
     "{% if add_generation_prompt %}{{'<｜Assistant｜>'}}{% endif %}"},
};

static struct chat *open_text(const char *text, const char *chosen, struct ls_error *err) {
    const struct chat_source source = {.text = {text, text != NULL ? strlen(text) : 0},
                                       .bos = {"<s>", 3},
                                       .eos = {"</s>", 4},
                                       .adds_bos = true,
                                       .chosen = chosen};
    struct chat *chat;
    chat_open(&chat, &source, err);
    return chat;
}

static char *prompt_of(const struct chat *chat, const char *talk, const char *more, bool answer,
                       enum chat_fault *whose, struct ls_error *err) {
    cJSON *messages = cJSON_Parse(talk), *variables = more != NULL ? cJSON_Parse(more) : NULL;
    char *prompt = chat_prompt(chat, messages, variables, answer, whose, err);
    cJSON_Delete(messages);
    cJSON_Delete(variables);
    return prompt;
}

static void test_families(struct host_test *t) {
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        const char *text = families[i].text, *name = families[i].format;
        const struct chat_format *format = format_detect(text, strlen(text));
        struct ls_error err = {""};
        struct chat *run = open_text(text, NULL, &err), *named = open_text(NULL, name, &err);
        CHECK(t, format != NULL && strcmp(format_name(format), name) == 0, "%s: %s", name,
              format != NULL ? format_name(format) : "unknown");
        CHECK(t, strcmp(chat_kind(run), "jinja") == 0 && chat_note(run)[0] == '\0', "%s: %s", name,
              chat_note(run));
        CHECK(t, strcmp(chat_kind(named), name) == 0, "%s: %s", name, chat_kind(named));
        for (size_t k = 0; k < 2 * sizeof talks / sizeof *talks; k++) {
            enum chat_fault whose;
            const bool answer = k % 2 == 0;
            if (strcmp(name, "granite") == 0 && !answer && k / 2 != 0)
                continue;
            char *ours = prompt_of(run, talks[k / 2], NULL, answer, &whose, &err);
            char *theirs = prompt_of(named, talks[k / 2], NULL, answer, &whose, &err);
            CHECK(t, ours != NULL && theirs != NULL && strcmp(ours, theirs) == 0,
                  "%s: %s:\n%s\nnot\n%s\n%s", name, talks[k / 2], ours != NULL ? ours : "-",
                  theirs != NULL ? theirs : "-", err.text);
            free(ours);
            free(theirs);
        }
        chat_close(run);
        chat_close(named);
    }
}

/* A prompt, or behind "!" the words of a refusal that is the conversation's, behind "!!" the
 * template's. */
static void is(struct host_test *t, const struct chat *chat, const char *talk, const char *more,
               const char *want) {
    struct ls_error err = {""};
    enum chat_fault whose = CHAT_OF_CONVERSATION;
    char *prompt = prompt_of(chat, talk, more, true, &whose, &err), told[600];
    snprintf(told, sizeof told, "%s%s%s", prompt == NULL ? "!" : "",
             prompt == NULL && whose == CHAT_OF_TEMPLATE ? "!" : "",
             prompt != NULL ? prompt : err.text);
    CHECK(t, strcmp(told, want) == 0, "%s: %s\nnot\n%s", talk, told, want);
    free(prompt);
}

static void test_contents(struct host_test *t) {
    static const char text[] = "{% for m in messages %}{{ m.content }}{{ m.name }};{% endfor %}";
    static const char parts[] =
        "{% for m in messages %}{% for p in m.content %}{{ p.text }}{% endfor %};{% endfor %}";
    static const char system[] =
        "{% for m in messages if m.role == 'user' %}{{ m.content }};{% endfor %}";
    struct ls_error err = {""};
    struct chat *chat = open_text(text, NULL, &err);
    is(t, chat, "[" PARTS "]", NULL, "Hello;");
    is(t, chat, "[{\"role\":\"user\",\"content\":\"a\",\"name\":\"b\"}]", NULL, "ab;");
    is(t, chat, "[{\"role\":\"user\"}]", NULL, "!\"content\" must be a text or a list of parts");
    is(t, chat, "[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]", NULL,
       "!\"content\" has a part that is no text");
    is(t, chat, "[]", NULL, "!\"messages\" must be a list of messages");
    is(t, chat, "[{\"content\":\"a\"}]", NULL, "!\"messages\": one has no role");
    chat_close(chat);
    chat = open_text(parts, NULL, &err);
    is(t, chat, "[" PARTS "," ASSISTANT "]", NULL, "Hello;Hi there;");
    chat_close(chat);
    chat = open_text(system, NULL, &err);
    is(t, chat, "[" SYSTEM "," USER "," ASSISTANT "," USER "]", NULL, "Be kind.\n\nHello;Hello;");
    is(t, chat, "[" SYSTEM "]", NULL, "Be kind.;");
    chat_close(chat);
    chat =
        open_text("<s>{{ messages[0].content }}{{ eos_token }}{{ tools }}{{ mode }}", NULL, &err);
    is(t, chat, "[" USER "]", "{\"mode\":1}", "Hello</s>None1");
    chat_close(chat);
}

static void test_refusals(struct host_test *t) {
    static const char strict[] =
        "{% for m in messages %}{% if m.role not in ['user', 'assistant', 'system'] %}\n"
        "{{ raise_exception('no ' + m.role) }}{% endif %}{{ m.content }}"
        "{{ m.pretty|pprint if m.pretty }}{% endfor %}";
    struct ls_error err = {""};
    struct chat *chat = open_text(strict, NULL, &err);
    CHECK(t, strcmp(chat_kind(chat), "jinja") == 0, "%s", chat_note(chat));
    is(t, chat, "[{\"role\":\"tool\",\"content\":\"a\"}]", NULL,
       "!the chat template, line 2: no tool");
    is(t, chat, "[{\"role\":\"user\",\"content\":\"a\",\"pretty\":1}]", NULL,
       "!!the chat template, line 2: filter \"pprint\" is not supported");
    chat_close(chat);
    chat = open_text("{% include 'x' %}<|im_start|>", NULL, &err);
    CHECK(t,
          strcmp(chat_kind(chat), "chatml") == 0 &&
              strcmp(chat_note(chat),
                     "the model's chat template is not run: line 1: tag {% include "
                     "%} is not supported; its format is taken to be chatml") == 0,
          "%s: %s", chat_kind(chat), chat_note(chat));
    is(t, chat, "[" USER "]", NULL, "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n");
    is(t, chat, "[{\"role\":\"user\"}]", NULL, "!\"content\" must be a text or a list of parts");
    chat_close(chat);
    chat = open_text("\n{{ messages|klingon }}", NULL, &err);
    CHECK(t, chat_kind(chat)[0] == '\0', "%s", chat_kind(chat));
    is(t, chat, "[" USER "]", NULL,
       "!!the model's chat template is not run: line 2: filter \"klingon\" is not supported; its "
       "format is not known: start with --chat-template");
    chat_close(chat);
    chat = open_text("nothing of it", NULL, &err);
    CHECK(t, strstr(chat_note(chat), "what is said is not in what it makes") != NULL, "%s",
          chat_note(chat));
    chat_close(chat);
    chat = open_text(NULL, NULL, &err);
    CHECK(t, strcmp(chat_kind(chat), "chatml") == 0, "%s", chat_kind(chat));
    chat_close(chat);
}

static void test_chosen(struct host_test *t) {
    static const char path[] = "build/tests/chat/own.jinja";
    struct ls_error err = {""};
    FILE *file = fopen(path, "w");
    fputs("[{{ messages[0].content }}]\n", file);
    fclose(file);
    struct chat *chat = open_text("{{ x|klingon }}", path, &err);
    CHECK(t, chat != NULL && strcmp(chat_kind(chat), "jinja") == 0, "%s", err.text);
    is(t, chat, "[" USER "]", NULL, "[Hello]");
    chat_close(chat);
    chat = open_text("", "klingon", &err);
    CHECK(t, chat == NULL && strstr(err.text, "klingon: it is no file and none of: chatml") != NULL,
          "%s", err.text);
    file = fopen(path, "w");
    fputs("\n{{ messages[0].content|klingon }}\n", file);
    fclose(file);
    chat = open_text("", path, &err);
    CHECK(t, chat == NULL && strstr(err.text, "own.jinja: line 2: filter \"klingon\"") != NULL,
          "%s", err.text);
}

int main(void) {
    struct host_test t = {"chat", 0, 0};
    host_folder(&t);
    test_families(&t);
    test_contents(&t);
    test_refusals(&t);
    test_chosen(&t);
    return host_test_finish(&t);
}
