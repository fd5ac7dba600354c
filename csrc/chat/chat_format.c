/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A row a format: what stands around each message. @ is the role's name.
 */
#include "chat_format.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARKS 3

/* What stands around a message. */
struct around {
    const char *before, *behind;
};

enum turns {
    EACH,   /* each message by itself */
    SYSTEM, /* what the system says goes in front of what the user says next */
    INSIDE  /* system and user share a turn, which the assistant's words end */
};

struct chat_format {
    const char *name;
    enum turns turns;
    bool trimmed;      /* blanks around the content are left out */
    const char *start; /* of the prompt */
    struct around system, user, assistant;
    const char *answer;       /* where the assistant begins */
    const char *begin, *next; /* INSIDE: the first turn, and others */
};

#define ALIKE(before, behind)                                                                      \
    {before, behind}, {before, behind}, {                                                          \
        before, behind                                                                             \
    }

static const struct chat_format formats[] = {
    {"chatml", EACH, false, "", ALIKE("<|im_start|>@\n", "<|im_end|>\n"), "<|im_start|>assistant\n",
     NULL, NULL},
    {"phi4", EACH, false, "", ALIKE("<|im_start|>@<|im_sep|>", "<|im_end|>"),
     "<|im_start|>assistant<|im_sep|>", NULL, NULL},
    {"smolvlm",
     EACH,
     false,
     "<|im_start|>",
     {"", "\n\n"},
     {"User: ", "<end_of_utterance>\n"},
     {"Assistant: ", "<end_of_utterance>\n"},
     "Assistant:",
     NULL,
     NULL},
    {"mistral-v1",
     INSIDE,
     false,
     "",
     {"", "\n\n"},
     {"", " [/INST]"},
     {" ", "</s>"},
     "",
     " [INST] ",
     " [INST] "},
    {"mistral-v3",
     INSIDE,
     false,
     "",
     {"", "\n\n"},
     {"", "[/INST]"},
     {" ", "</s>"},
     "",
     "[INST] ",
     "[INST] "},
    {"mistral-v3-tekken",
     INSIDE,
     false,
     "",
     {"", "\n\n"},
     {"", "[/INST]"},
     {"", "</s>"},
     "",
     "[INST]",
     "[INST]"},
    {"mistral-v7",
     EACH,
     false,
     "",
     {"[SYSTEM_PROMPT] ", "[/SYSTEM_PROMPT]"},
     {"[INST] ", "[/INST]"},
     {" ", "</s>"},
     "",
     NULL,
     NULL},
    {"llama2",
     INSIDE,
     false,
     "",
     {"", "\n"},
     {"", " [/INST]"},
     {"", "</s>"},
     "",
     "[INST] ",
     "[INST] "},
    {"llama2-sys",
     INSIDE,
     false,
     "",
     {"<<SYS>>\n", "\n<</SYS>>\n\n"},
     {"", " [/INST]"},
     {"", "</s>"},
     "",
     "[INST] ",
     "[INST] "},
    {"llama2-sys-bos",
     INSIDE,
     false,
     "",
     {"<<SYS>>\n", "\n<</SYS>>\n\n"},
     {"", " [/INST]"},
     {"", "</s>"},
     "",
     "[INST] ",
     "<s>[INST] "},
    {"llama2-sys-strip",
     INSIDE,
     true,
     "",
     {"<<SYS>>\n", "\n<</SYS>>\n\n"},
     {"", " [/INST]"},
     {"", "</s>"},
     "",
     "[INST] ",
     "[INST] "},
    {"phi3", EACH, false, "", ALIKE("<|@|>\n", "<|end|>\n"), "<|assistant|>\n", NULL, NULL},
    {"falcon3", EACH, false, "", ALIKE("<|@|>\n", "\n"), "<|assistant|>\n", NULL, NULL},
    {"zephyr", EACH, false, "", ALIKE("<|@|>\n", "<|endoftext|>\n"), "<|assistant|>\n", NULL, NULL},
    {"gemma",
     SYSTEM,
     true,
     "",
     {"", "\n\n"},
     {"<start_of_turn>@\n", "<end_of_turn>\n"},
     {"<start_of_turn>model\n", "<end_of_turn>\n"},
     "<start_of_turn>model\n",
     NULL,
     NULL},
    {"orion",
     SYSTEM,
     false,
     "",
     {"", "\n\n"},
     {"Human: ", "\n\nAssistant: </s>"},
     {"", "</s>"},
     "",
     NULL,
     NULL},
    {"openchat",
     EACH,
     false,
     "",
     {"", "<|end_of_turn|>"},
     {"GPT4 Correct User: ", "<|end_of_turn|>"},
     {"GPT4 Correct Assistant: ", "<|end_of_turn|>"},
     "GPT4 Correct Assistant:",
     NULL,
     NULL},
    {"vicuna",
     EACH,
     false,
     "",
     {"", "\n\n"},
     {"USER: ", "\n"},
     {"ASSISTANT: ", "</s>\n"},
     "ASSISTANT:",
     NULL,
     NULL},
    {"vicuna-orca",
     EACH,
     false,
     "",
     {"SYSTEM: ", "\n"},
     {"USER: ", "\n"},
     {"ASSISTANT: ", "</s>\n"},
     "ASSISTANT:",
     NULL,
     NULL},
    {"deepseek",
     EACH,
     false,
     "",
     {"", ""},
     {"### Instruction:\n", "\n"},
     {"### Response:\n", "\n<|EOT|>\n"},
     "### Response:\n",
     NULL,
     NULL},
    {"deepseek2",
     EACH,
     false,
     "",
     {"", "\n\n"},
     {"User: ", "\n\n"},
     {"Assistant: ", "<｜end▁of▁sentence｜>"},
     "Assistant:",
     NULL,
     NULL},
    {"deepseek3",
     EACH,
     false,
     "",
     {"", "\n\n"},
     {"<｜User｜>", ""},
     {"<｜Assistant｜>", "<｜end▁of▁sentence｜>"},
     "<｜Assistant｜>",
     NULL,
     NULL},
    {"command-r",
     EACH,
     true,
     "",
     {"<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>", "<|END_OF_TURN_TOKEN|>"},
     {"<|START_OF_TURN_TOKEN|><|USER_TOKEN|>", "<|END_OF_TURN_TOKEN|>"},
     {"<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>", "<|END_OF_TURN_TOKEN|>"},
     "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
     NULL,
     NULL},
    {"llama3", EACH, true, "", ALIKE("<|start_header_id|>@<|end_header_id|>\n\n", "<|eot_id|>"),
     "<|start_header_id|>assistant<|end_header_id|>\n\n", NULL, NULL},
    {"llama4", EACH, true, "", ALIKE("<|header_start|>@<|header_end|>\n\n", "<|eot|>"),
     "<|header_start|>assistant<|header_end|>\n\n", NULL, NULL},
    {"chatglm3", EACH, false, "[gMASK]sop", ALIKE("<|@|>\n ", ""), "<|assistant|>", NULL, NULL},
    {"chatglm4", EACH, false, "[gMASK]<sop>", ALIKE("<|@|>\n", ""), "<|assistant|>\n", NULL, NULL},
    {"glmedge", EACH, false, "", ALIKE("<|@|>\n", ""), "<|assistant|>", NULL, NULL},
    {"minicpm", EACH, true, "", {"", ""}, {"<用户>", "<AI>"}, {"", ""}, "", NULL, NULL},
    {"exaone3",
     EACH,
     true,
     "",
     {"[|system|]", "[|endofturn|]\n"},
     {"[|user|]", "\n"},
     {"[|assistant|]", "[|endofturn|]\n"},
     "[|assistant|]",
     NULL,
     NULL},
    {"granite", EACH, false, "", ALIKE("<|start_of_role|>@<|end_of_role|>", "<|end_of_text|>\n"),
     "<|start_of_role|>assistant<|end_of_role|>\n", NULL, NULL},
    {"megrez", EACH, false, "", ALIKE("<|role_start|>@<|role_end|>", "<|turn_end|>"),
     "<|role_start|>assistant<|role_end|>", NULL, NULL},
};

/* In this order the first row whose marks all stand in the template, and whose `without` does not,
 * names its format. */
static const struct {
    const char *marks[MARKS], *without, *format;
} rules[] = {
    {{"<|im_start|>", "<|im_sep|>"}, NULL, "phi4"},
    {{"<|im_start|>", "<end_of_utterance>"}, NULL, "smolvlm"},
    {{"<|im_start|>"}, NULL, "chatml"},
    {{"[INST]", "[SYSTEM_PROMPT]"}, NULL, "mistral-v7"},
    {{"[INST]", "' [INST] ' + system_message"}, NULL, "mistral-v1"},
    {{"[INST]", "[AVAILABLE_TOOLS]", " [INST]"}, NULL, "mistral-v1"},
    {{"[INST]", "[AVAILABLE_TOOLS]", "\"[INST]\""}, NULL, "mistral-v3-tekken"},
    {{"[INST]", "[AVAILABLE_TOOLS]"}, NULL, "mistral-v3"},
    {{"[INST]", "content.strip()"}, NULL, "llama2-sys-strip"},
    {{"[INST]", "bos_token + '[INST]"}, NULL, "llama2-sys-bos"},
    {{"[INST]", "<<SYS>>"}, NULL, "llama2-sys"},
    {{"[INST]"}, NULL, "llama2"},
    {{"<|assistant|>", "<|end|>"}, NULL, "phi3"},
    {{"[gMASK]<sop>"}, NULL, "chatglm4"},
    {{"<|assistant|>", "<|user|>", "</s>"}, NULL, "falcon3"},
    {{"<|assistant|>", "<|user|>"}, NULL, "glmedge"},
    {{"<|user|>", "<|endoftext|>"}, NULL, "zephyr"},
    {{"<start_of_turn>"}, NULL, "gemma"},
    {{"'\\n\\nAssistant: ' + eos_token"}, NULL, "orion"},
    {{"GPT4 Correct "}, NULL, "openchat"},
    {{"USER: ", "ASSISTANT: ", "SYSTEM: "}, NULL, "vicuna-orca"},
    {{"USER: ", "ASSISTANT: "}, NULL, "vicuna"},
    {{"### Instruction:", "<|EOT|>"}, NULL, "deepseek"},
    {{"<|START_OF_TURN_TOKEN|>", "<|USER_TOKEN|>"}, NULL, "command-r"},
    {{"<|start_header_id|>", "<|end_header_id|>"}, NULL, "llama3"},
    {{"[gMASK]sop"}, NULL, "chatglm3"},
    {{"<用户>"}, NULL, "minicpm"},
    {{"'Assistant: ' + message['content'] + eos_token"}, NULL, "deepseek2"},
    {{"<｜Assistant｜>", "<｜User｜>", "<｜end▁of▁sentence｜>"}, NULL, "deepseek3"},
    {{"[|system|]", "[|assistant|]", "[|endofturn|]"}, "[|tool|]", "exaone3"},
    {{"<|start_of_role|>"}, NULL, "granite"},
    {{"<|role_start|>"}, NULL, "megrez"},
    {{"<|header_start|>", "<|header_end|>"}, NULL, "llama4"},
};

const struct chat_format *format_find(const char *name) {
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

const char *format_name(const struct chat_format *format) {
    return format->name;
}

void format_names(char *text, size_t room) {
    size_t used = 0;
    for (size_t i = 0; i < sizeof formats / sizeof *formats && used < room; i++)
        used +=
            (size_t)snprintf(text + used, room - used, "%s%s", i == 0 ? "" : ", ", formats[i].name);
}

static bool contains(const char *text, size_t size, const char *mark) {
    return memmem(text, size, mark, strlen(mark)) != NULL;
}

const struct chat_format *format_detect(const char *text, size_t size) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        bool all = rules[i].without == NULL || !contains(text, size, rules[i].without);
        for (size_t j = 0; j < MARKS && rules[i].marks[j] != NULL; j++)
            all = all && contains(text, size, rules[i].marks[j]);
        if (all)
            return format_find(rules[i].format);
    }
    return NULL;
}

/* ---- application ---- */

struct text {
    char *bytes;
    size_t size, room;
    bool failed;
};

static void add(struct text *t, const char *bytes, size_t size) {
    if (t->size + size + 1 > t->room && !t->failed) {
        const size_t room = 2 * (t->size + size) + 256;
        char *larger = realloc(t->bytes, room);
        t->failed = larger == NULL;
        if (larger != NULL) {
            t->bytes = larger;
            t->room = room;
        }
    }
    if (t->failed)
        return;
    memcpy(t->bytes + t->size, bytes, size);
    t->size += size;
    t->bytes[t->size] = '\0';
}

/* `pattern` with the role in place of @. */
static void add_around(struct text *t, const char *pattern, const char *role) {
    for (const char *at; (at = strchr(pattern, '@')) != NULL; pattern = at + 1) {
        add(t, pattern, (size_t)(at - pattern));
        add(t, role, strlen(role));
    }
    add(t, pattern, strlen(pattern));
}

static void add_content(struct text *t, const char *content, bool trimmed) {
    size_t size = strlen(content);
    while (trimmed && size != 0 && isspace((unsigned char)*content)) {
        content++;
        size--;
    }
    while (trimmed && size != 0 && isspace((unsigned char)content[size - 1]))
        size--;
    add(t, content, size);
}

char *format_apply(const struct chat_format *f, const struct chat_message *messages, size_t count,
                   bool answer) {
    struct text t = {0};
    size_t waiting = SIZE_MAX; /* SYSTEM: what it said last */
    bool inside = false;
    add(&t, f->start, strlen(f->start));
    for (size_t i = 0; i < count; i++) {
        const struct chat_message *m = &messages[i];
        const bool system = strcmp(m->role, "system") == 0;
        const bool assistant = strcmp(m->role, "assistant") == 0;
        const struct around *around = system ? &f->system : assistant ? &f->assistant : &f->user;
        if (f->turns == SYSTEM && system) {
            waiting = i;
            continue;
        }
        if (f->turns == INSIDE && !inside) {
            const char *begin = i == 0 ? f->begin : f->next;
            add(&t, begin, strlen(begin));
        }
        inside = !assistant;
        add_around(&t, around->before, m->role);
        if (waiting != SIZE_MAX && !assistant) {
            add_content(&t, messages[waiting].content, f->trimmed);
            add_around(&t, f->system.behind, "system");
            waiting = SIZE_MAX;
        }
        add_content(&t, m->content,
                    f->trimmed || (assistant && strcmp(f->name, "mistral-v3") == 0));
        add_around(&t, around->behind, m->role);
    }
    if (answer)
        add(&t, f->answer, strlen(f->answer));
    if (t.failed) {
        free(t.bytes);
        return NULL;
    }
    return t.bytes;
}
