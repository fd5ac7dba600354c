/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Which of the ways is taken is found out at the start, by conversations that try the template.
 */
#include "chat.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chat_format.h"
#include "csrc/base/text.h"
#include "csrc/jinja/jinja.h"
#include "messages.h"

struct chat {
    struct jinja *jinja;              /* NULL: */
    const struct chat_format *format; /* or NULL, too */
    bool parts;                       /* the template reads contents as lists of parts alone */
    bool system;                      /* and knows what the system says */
    bool adds_bos;
    char *bos, *eos; /* "" if there is none */
    struct ls_error note;
};

/* ---- by the template ---- */

/* The variables of a template. As transformers has it, some are there without a value. */
static cJSON *variables(const struct chat *c, cJSON *messages, const cJSON *more, bool answer) {
    cJSON *o = cJSON_CreateObject();
    const cJSON *each;
    cJSON_AddItemToObject(o, "messages", messages);
    cJSON_AddNullToObject(o, "tools");
    cJSON_AddNullToObject(o, "documents");
    cJSON_AddBoolToObject(o, "add_generation_prompt", answer);
    if (c->bos[0] != '\0')
        cJSON_AddStringToObject(o, "bos_token", c->bos);
    if (c->eos[0] != '\0')
        cJSON_AddStringToObject(o, "eos_token", c->eos);
    cJSON_ArrayForEach(each, more) {
        cJSON_DeleteItemFromObjectCaseSensitive(o, each->string);
        cJSON_AddItemToObject(o, each->string, cJSON_Duplicate(each, 1));
    }
    return o;
}

static enum jinja_verdict run(const struct chat *c, const cJSON *messages, const cJSON *more,
                              bool answer, char **prompt, struct ls_error *err) {
    cJSON *fitting = messages_fit(messages, c->parts, c->system, err);
    *prompt = NULL;
    if (fitting == NULL)
        return JINJA_RAISED;
    cJSON *all = variables(c, fitting, more, answer);
    const enum jinja_verdict verdict = jinja_run(c->jinja, all, time(NULL), prompt, err);
    cJSON_Delete(all);
    const size_t bos = strlen(c->bos);
    if (*prompt != NULL && c->adds_bos && bos != 0 && strncmp(*prompt, c->bos, bos) == 0)
        memmove(*prompt, *prompt + bos, strlen(*prompt + bos) + 1);
    return verdict;
}

/* ---- what the template can ---- */

#define SAYS_SYSTEM "lockstep-system-9137"
#define SAYS_USER   "lockstep-user-9137"
#define SYSTEM      "{\"role\":\"system\",\"content\":\"" SAYS_SYSTEM "\"}"
#define USER        "{\"role\":\"user\",\"content\":\"" SAYS_USER "\"}"
#define ASSISTANT   "{\"role\":\"assistant\",\"content\":\"Hi\"}"

/* Whether a conversation gives a prompt with `word` in it. */
static bool try(const struct chat *c, const char *messages, const char *word,
                enum jinja_verdict *verdict, struct ls_error *err) {
    cJSON *list = cJSON_Parse(messages);
    char *prompt;
    *verdict = run(c, list, NULL, true, &prompt, err);
    const bool found = prompt != NULL && strstr(prompt, word) != NULL;
    if (prompt != NULL && !found)
        ls_error_set(err, "what is said is not in what it makes");
    free(prompt);
    cJSON_Delete(list);
    return found;
}

static bool is_usable(struct chat *c, struct ls_error *err) {
    struct ls_error other;
    enum jinja_verdict verdict;
    c->system = true;
    if (!try(c, "[" USER "]", SAYS_USER, &verdict, err)) {
        c->parts = true;
        if (!try(c, "[" USER "]", SAYS_USER, &verdict, &other))
            return false;
    }
    c->system = try(c, "[" SYSTEM "," USER "]", SAYS_SYSTEM, &verdict, err);
    if (verdict == JINJA_BEYOND)
        return false;
    return try(c, "[" USER "," ASSISTANT "," USER "]", SAYS_USER, &verdict, err) ||
           verdict == JINJA_RAISED;
}

static bool take_template(struct chat *c, struct text_view text, struct ls_error *err) {
    if (jinja_open(&c->jinja, text.data, text.size, err) == JINJA_DONE && is_usable(c, err))
        return true;
    jinja_close(c->jinja);
    c->jinja = NULL;
    return false;
}

/* ---- open and close ---- */

static int take_chosen(struct chat *c, const char *chosen, struct ls_error *err) {
    struct ls_error reason;
    char names[400];
    size_t size;
    c->format = format_find(chosen);
    if (c->format != NULL)
        return 0;
    char *text = text_read(chosen, &size, &reason);
    if (text == NULL) {
        format_names(names, sizeof names);
        return ls_error_set(err, "--chat-template %s: it is no file and none of: %s", chosen,
                            names);
    }
    const bool good = take_template(c, (struct text_view){text, size}, &reason);
    free(text);
    return good ? 0 : ls_error_set(err, "--chat-template %s: %s", chosen, reason.text);
}

static void take_own(struct chat *c, struct text_view text) {
    struct ls_error reason;
    if (text.data == NULL || text.size == 0) {
        c->format = format_find("chatml");
    } else if (!take_template(c, text, &reason)) {
        c->format = format_detect(text.data, text.size);
        ls_error_set(&c->note, "the model's chat template is not run: %s; %s%s", reason.text,
                     c->format != NULL ? "its format is taken to be " : "its format is not known",
                     c->format != NULL ? format_name(c->format) : "");
    }
}

static char *copy_text(struct text_view text) {
    return text.data != NULL ? strndup(text.data, text.size) : strdup("");
}

int chat_open(struct chat **chat, const struct chat_source *source, struct ls_error *err) {
    struct chat *c = *chat = calloc(1, sizeof *c);
    if (c == NULL)
        return ls_error_set(err, "out of memory");
    c->adds_bos = source->adds_bos;
    c->bos = copy_text(source->bos);
    c->eos = copy_text(source->eos);
    int status = c->bos != NULL && c->eos != NULL ? 0 : ls_error_set(err, "out of memory");
    if (status == 0 && source->chosen != NULL)
        status = take_chosen(c, source->chosen, err);
    else if (status == 0)
        take_own(c, source->text);
    if (status != 0) {
        chat_close(c);
        *chat = NULL;
    }
    return status;
}

void chat_close(struct chat *c) {
    if (c == NULL)
        return;
    jinja_close(c->jinja);
    free(c->bos);
    free(c->eos);
    free(c);
}

const char *chat_kind(const struct chat *c) {
    return c->jinja != NULL ? "jinja" : c->format != NULL ? format_name(c->format) : "";
}

const char *chat_note(const struct chat *c) {
    return c->note.text;
}

/* ---- prompts ---- */

static char *prompt_of_format(const struct chat *c, const cJSON *messages, bool answer,
                              struct ls_error *err) {
    struct chat_message list[MESSAGES_MOST];
    size_t count = 0;
    const cJSON *each;
    char *prompt = NULL, *content = NULL;
    cJSON_ArrayForEach(each, messages) {
        content = message_text(cJSON_GetObjectItemCaseSensitive(each, "content"), err);
        if (content == NULL)
            break;
        list[count++] = (struct chat_message){
            cJSON_GetObjectItemCaseSensitive(each, "role")->valuestring, content};
    }
    if (content != NULL && (prompt = format_apply(c->format, list, count, answer)) == NULL)
        ls_error_set(err, "out of memory");
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)list[i].content);
    return prompt;
}

char *chat_prompt(const struct chat *c, const cJSON *messages, const cJSON *more, bool answer,
                  enum chat_fault *whose, struct ls_error *err) {
    struct ls_error reason = {""};
    char *prompt = NULL;
    *whose = CHAT_OF_CONVERSATION;
    if (messages_check(messages, err) != 0)
        return NULL;
    if (c->jinja == NULL && c->format == NULL) {
        *whose = CHAT_OF_TEMPLATE;
        ls_error_set(err, "%s: start with --chat-template", c->note.text);
    } else if (c->jinja == NULL) {
        prompt = prompt_of_format(c, messages, answer, err);
    } else {
        const enum jinja_verdict verdict = run(c, messages, more, answer, &prompt, &reason);
        if (verdict == JINJA_WRONG || verdict == JINJA_BEYOND)
            *whose = CHAT_OF_TEMPLATE;
        if (verdict != JINJA_DONE)
            ls_error_set(err, "%s%s",
                         strncmp(reason.text, "line ", 5) == 0 ? "the chat template, " : "",
                         reason.text[0] != '\0' ? reason.text : "out of memory");
    }
    return prompt;
}
