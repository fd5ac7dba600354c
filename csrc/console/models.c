/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Devices and their models: load, unload, models, instances, info.
 */
#include <stdlib.h>
#include <string.h>

#include "csrc/base/text.h"
#include "csrc/base/text_json.h"
#include "inside.h"

struct instance *console_now(struct console *c) {
    return c->instances[c->current];
}

struct instance *console_find(struct console *c, const char *name) {
    for (uint32_t i = 0; i < c->count; i++)
        if (strcmp(c->instances[i]->name, name) == 0)
            return c->instances[i];
    return NULL;
}

static void forget_chat(struct instance *in) {
    cJSON_Delete(in->messages);
    in->messages = NULL;
}

int console_open(struct console *c, struct instance *in, const char *path) {
    char *copy = path != NULL ? strdup(path) : NULL;
    struct lockstep_layout layout = c->settings.layout;
    layout.draft_model = c->settings.draft_model[0] != '\0' ? c->settings.draft_model : NULL;
    struct lockstep *device =
        lockstep_open(&c->settings.device, c->error.text, sizeof c->error.text);
    if (device == NULL || (path != NULL && copy == NULL)) {
        free(copy);
        return -1;
    }
    console_interrupts(device, false);
    if (path != NULL && lockstep_load(device, path, &layout) != LOCKSTEP_OK) {
        console_fail(c, "%s", lockstep_error(device));
        console_interrupts(NULL, false);
        lockstep_close(device);
        free(copy);
        return -1;
    }
    console_interrupts(NULL, false);
    lockstep_close(in->device);
    free(in->path);
    forget_chat(in);
    in->device = device;
    in->settings = c->settings.device;
    in->path = copy;
    console_interrupts(device, false);
    return 0;
}

/* It is told in JSON and in the status line. */
static bool is_name(const char *name) {
    size_t left = strlen(name), n = 1;
    bool good = left != 0 && left < CONSOLE_NAME;
    for (; good && left != 0; name += n, left -= n) {
        n = text_shown(name, left);
        good = n != 0;
    }
    return good;
}

struct instance *console_add(struct console *c, const char *name) {
    struct instance *in;
    if (!is_name(name))
        return console_fail(c, "%s: a name has 1 to %d bytes of UTF-8, no control characters", name,
                            CONSOLE_NAME - 1),
               NULL;
    if (c->count == CONSOLE_INSTANCES)
        return console_fail(c, "there are %u devices already", CONSOLE_INSTANCES), NULL;
    in = calloc(1, sizeof *in);
    if (in == NULL)
        return console_fail(c, "out of memory"), NULL;
    snprintf(in->name, sizeof in->name, "%s", name);
    c->instances[c->count++] = in;
    return in;
}

void console_close(struct instance *in) {
    lockstep_close(in->device);
    forget_chat(in);
    free(in->path);
    free(in);
}

int console_choice(struct console *c, struct instance *in, uint32_t *setting,
                   const char *const *names, const char *word) {
    const uint32_t before = *setting;
    uint32_t which = 0;
    char all[80] = "";
    for (; names[which] != NULL && strcmp(word, names[which]) != 0; which++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", which == 0 ? "" : ", ",
                 names[which]);
    if (names[which] == NULL)
        return console_fail(c, "%s: none of %s", word, all);
    *setting = which;
    if (console_open(c, in, in->path) == 0)
        return 0;
    *setting = before;
    return -1;
}

int cmd_backend(struct console *c, int argc, char **argv, cJSON *out) {
    static const char *const names[] = {"rtl", "golden", "auto", "float", NULL};
    struct instance *in = console_now(c);
    struct lockstep_telemetry t;
    if ((argc > 1 && console_choice(c, in, &c->settings.device.backend, names, argv[1]) != 0) ||
        console_check(c, lockstep_get_telemetry(in->device, &t, sizeof t)) != 0)
        return -1;
    cJSON_AddStringToObject(out, "backend", names[in->settings.backend]);
    cJSON_AddStringToObject(out, "configuration", lockstep_configuration());
    cJSON_AddNumberToObject(out, "losses", (double)t.losses);
    cJSON_AddBoolToObject(out, "out", t.out != 0);
    cJSON_AddNumberToObject(out, "golden_tokens", (double)t.golden_tokens);
    return 0;
}

static void take_away(struct console *c, const struct instance *in) {
    uint32_t i = 0;
    while (c->instances[i] != in)
        i++;
    console_close(c->instances[i]);
    if (c->current > i) /* the same device as before */
        c->current--;
    for (c->count--; i < c->count; i++)
        c->instances[i] = c->instances[i + 1];
    if (c->current == c->count)
        c->current--;
}

static void choose(struct console *c, const struct instance *in) {
    for (uint32_t i = 0; i < c->count; i++)
        if (c->instances[i] == in)
            c->current = i;
}

int cmd_load(struct console *c, int argc, char **argv, cJSON *out) {
    struct instance *in = argc == 2 ? console_now(c) : console_find(c, argv[1]);
    const bool added = in == NULL;
    if (added && (in = console_add(c, argv[1])) == NULL)
        return -1;
    if (console_open(c, in, argv[argc - 1]) != 0) {
        if (added)
            take_away(c, in);
        return -1;
    }
    choose(c, in);
    return cmd_info(c, 1, argv, out);
}

int cmd_unload(struct console *c, int argc, char **argv, cJSON *out) {
    struct instance *in = argc > 1 ? console_find(c, argv[1]) : console_now(c);
    if (in == NULL)
        return console_fail(c, "%s: no such device", argv[1]);
    cJSON_AddStringToObject(out, "unloaded", in->name);
    if (in->path == NULL && c->count == 1)
        return console_fail(c, "%s: it has no model, and is the last device", in->name);
    if (in->path == NULL) {
        console_interrupts(NULL, false);
        take_away(c, in);
        return 0;
    }
    const int status = lockstep_unload(in->device);
    free(in->path);
    in->path = NULL;
    forget_chat(in);
    return status == LOCKSTEP_OK ? 0 : console_fail(c, "%s", lockstep_error(in->device));
}

static void add_path(cJSON *out, const struct instance *in) {
    text_json_add(out, "file", in->path, strlen(in->path));
}

int cmd_models(struct console *c, int argc, char **argv, cJSON *out) {
    cJSON *rows = cJSON_AddArrayToObject(out, "models");
    (void)argc, (void)argv;
    for (uint32_t i = 0; i < c->count; i++) {
        const struct instance *in = c->instances[i];
        struct lockstep_model_info m;
        if (in->path == NULL || lockstep_get_model(in->device, &m, sizeof m) != LOCKSTEP_OK)
            continue;
        cJSON *row = cJSON_CreateObject();
        cJSON_AddItemToArray(rows, row);
        cJSON_AddStringToObject(row, "name", in->name);
        cJSON_AddStringToObject(row, "family", m.family);
        cJSON_AddStringToObject(row, "type", m.type);
        cJSON_AddNumberToObject(row, "parameters", (double)m.parameters);
        cJSON_AddNumberToObject(row, "bytes", (double)m.bytes);
        add_path(row, in);
    }
    return 0;
}

int cmd_instances(struct console *c, int argc, char **argv, cJSON *out) {
    cJSON *rows;
    if (argc > 1) {
        const struct instance *in = console_find(c, argv[1]);
        if (in == NULL)
            return console_fail(c, "%s: no such device", argv[1]);
        choose(c, in);
    }
    rows = cJSON_AddArrayToObject(out, "instances");
    for (uint32_t i = 0; i < c->count; i++) {
        const struct instance *in = c->instances[i];
        uint32_t value;
        cJSON *row = cJSON_CreateObject();
        cJSON_AddItemToArray(rows, row);
        cJSON_AddStringToObject(row, "name", in->name);
        cJSON_AddBoolToObject(row, "current", i == c->current);
        cJSON_AddStringToObject(row, "state",
                                lockstep_read(in->device, 0, &value) != LOCKSTEP_OK ? "lost"
                                : in->path != NULL                                  ? "loaded"
                                                                                    : "bare");
        cJSON_AddNumberToObject(row, "cycle", (double)lockstep_cycle(in->device));
        cJSON_AddBoolToObject(row, "checked", in->settings.checked != 0);
    }
    return 0;
}

int cmd_info(struct console *c, int argc, char **argv, cJSON *out) {
    const struct instance *in = console_now(c);
    struct lockstep_model_info m;
    (void)argc, (void)argv;
    if (console_check(c, lockstep_get_model(in->device, &m, sizeof m)) != 0)
        return -1;
    struct chat *chat = console_chat(c, console_now(c));
    if (chat == NULL)
        return -1;
    cJSON_AddStringToObject(out, "name", in->name);
    add_path(out, in);
    cJSON_AddStringToObject(out, "family", m.family);
    cJSON_AddStringToObject(out, "type", m.type);
    cJSON_AddNumberToObject(out, "parameters", (double)m.parameters);
    cJSON_AddNumberToObject(out, "bytes", (double)m.bytes);
    cJSON_AddNumberToObject(out, "vocab", m.vocab);
    cJSON_AddNumberToObject(out, "layers", m.layers);
    cJSON_AddNumberToObject(out, "dim", m.dim);
    cJSON_AddNumberToObject(out, "context_of_model", m.context_of_model);
    cJSON_AddNumberToObject(out, "sequences", m.sequences);
    cJSON_AddNumberToObject(out, "context", m.context);
    cJSON_AddNumberToObject(out, "slots", m.slots);
    cJSON_AddStringToObject(out, "chat", chat_kind(chat)[0] != '\0' ? chat_kind(chat) : "unknown");
    if (chat_note(chat)[0] != '\0')
        cJSON_AddStringToObject(out, "chat_note", chat_note(chat));
    chat_close(chat);
    return 0;
}
