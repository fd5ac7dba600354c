/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * infer and chat, and how a request is run.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "csrc/base/text.h"
#include "csrc/base/text_json.h"
#include "inside.h"

double console_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

const char *console_end_name(uint32_t end) {
    static const char *const names[] = {"running", "end of text", "stop text", "tokens",
                                        "context", "cancelled",   "failed"};
    return end < sizeof names / sizeof *names ? names[end] : "unknown";
}

static void on_token(void *context, const struct lockstep_event *event) {
    struct answer *a = context;
    if (a->size + event->text_bytes >= a->room) {
        const size_t room = 2 * (a->size + event->text_bytes) + 256;
        char *larger = realloc(a->text, room);
        if (larger == NULL)
            abort();
        a->text = larger;
        a->room = room;
    }
    memcpy(a->text + a->size, event->text, event->text_bytes);
    a->size += event->text_bytes;
    a->text[a->size] = '\0';
    if (event->token != UINT32_MAX) {
        a->last = console_seconds() - a->begun;
        if (a->count++ == 0)
            a->first = a->last;
    }
    a->end = event->end;
    if (a->shows) {
        text_print(stdout, event->text, event->text_bytes);
        fflush(stdout);
    }
}

int console_request(struct console *c, const struct lockstep_request *request, struct answer *a) {
    struct lockstep *device = console_now(c)->device;
    struct lockstep_request r = *request;
    uint64_t id;
    int status;
    a->begun = console_seconds();
    r.on_token = on_token;
    r.context = a;
    status = lockstep_submit(device, &r, &id);
    console_interrupts(device, true);
    while (status == LOCKSTEP_OK) {
        if (console_stopped())
            lockstep_cancel(device, id);
        status = lockstep_step(device);
        if (status == LOCKSTEP_OK && a->on_pass != NULL && a->on_pass(c, a) != 0) {
            lockstep_cancel(device, id);
            return -1;
        }
    }
    if (a->shows && a->count != 0)
        putchar('\n');
    if (status == LOCKSTEP_INTERRUPTED && lockstep_reset(device) == LOCKSTEP_OK)
        return console_fail(c, "interrupted within a pass: the device was reset");
    if (status < 0)
        return console_check(c, status);
    return a->end == LOCKSTEP_END_CANCELLED ? console_fail(c, "interrupted") : 0;
}

static void describe(struct console *c, const struct answer *a, cJSON *out) {
    const double seconds = a->last - a->first;
    text_json_add(out, "text", a->text != NULL ? a->text : "", a->size);
    cJSON_AddNumberToObject(out, "tokens", a->count);
    cJSON_AddStringToObject(out, "end", console_end_name(a->end));
    cJSON_AddNumberToObject(out, "first_token_s", a->first);
    cJSON_AddNumberToObject(out, "tokens_per_s", seconds > 0 ? (a->count - 1) / seconds : 0);
    c->shown = true;
}

char *console_join(int argc, char **argv) {
    size_t size = 1;
    for (int i = 1; i < argc; i++)
        size += strlen(argv[i]) + 1;
    char *text = calloc(1, size);
    for (int i = 1; i < argc && text != NULL; i++) {
        strcat(text, i > 1 ? " " : "");
        strcat(text, argv[i]);
    }
    return text;
}

int cmd_infer(struct console *c, int argc, char **argv, cJSON *out) {
    struct lockstep_request r = c->settings.request;
    struct answer a = {.shows = !c->json};
    char *text = console_join(argc, argv);
    r.text = text;
    int status = text != NULL ? console_request(c, &r, &a) : console_fail(c, "out of memory");
    if (status == 0)
        describe(c, &a, out);
    free(text);
    free(a.text);
    return status;
}

/* ---- chat ---- */

struct chat *console_chat(struct console *c, struct instance *in) {
    struct lockstep_model_info m;
    struct chat_source source = {0};
    struct chat *chat = NULL;
    if (console_check(c, lockstep_get_model(in->device, &m, sizeof m)) != 0)
        return NULL;
    source.text = (struct text_view){m.chat_template, m.chat_template_size};
    source.adds_bos = m.adds_bos != 0;
    if (m.bos != UINT32_MAX)
        lockstep_token_text(in->device, m.bos, &source.bos.data, &source.bos.size);
    if (m.eos != UINT32_MAX)
        lockstep_token_text(in->device, m.eos, &source.eos.data, &source.eos.size);
    chat_open(&chat, &source, &c->error);
    return chat;
}

static int say(struct console *c, const char *role, const char *text) {
    struct instance *in = console_now(c);
    if (in->messages == NULL)
        in->messages = cJSON_CreateArray();
    if (cJSON_GetArraySize(in->messages) == (int)CONSOLE_MESSAGES)
        return console_fail(c, "the conversation is too long: `chat` alone begins anew");
    cJSON *message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "role", role);
    cJSON_AddStringToObject(message, "content", text);
    return cJSON_AddItemToArray(in->messages, message) ? 0 : console_fail(c, "out of memory");
}

static void unsay(struct instance *in) {
    cJSON_DeleteItemFromArray(in->messages, cJSON_GetArraySize(in->messages) - 1);
}

static int converse(struct console *c, const struct chat *chat, cJSON *out) {
    struct lockstep_request r = c->settings.request;
    struct answer a = {.shows = !c->json};
    enum chat_fault whose;
    char *prompt = chat_prompt(chat, console_now(c)->messages, NULL, true, &whose, &c->error);
    r.text = prompt;
    r.flags |= LOCKSTEP_PARSE_SPECIAL;
    int status = prompt != NULL ? console_request(c, &r, &a) : -1;
    if (status == 0)
        status = say(c, "assistant", a.text != NULL ? a.text : "");
    if (status == 0)
        describe(c, &a, out);
    free(prompt);
    free(a.text);
    return status;
}

int cmd_chat(struct console *c, int argc, char **argv, cJSON *out) {
    struct instance *in = console_now(c);
    if (argc == 1) {
        cJSON_AddNumberToObject(out, "forgotten", cJSON_GetArraySize(in->messages));
        cJSON_Delete(in->messages);
        in->messages = NULL;
        return 0;
    }
    struct chat *chat = console_chat(c, in);
    char *text = console_join(argc, argv);
    int status = -1;
    if (chat != NULL && text != NULL && say(c, "user", text) == 0) {
        status = converse(c, chat, out);
        if (status != 0) /* it can be said again */
            unsay(in);
    }
    free(text);
    chat_close(chat);
    return status;
}
