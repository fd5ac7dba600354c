/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What `config` shows and sets.
 */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/text_json.h"
#include "inside.h"

enum kind { U32, U64, REAL, PATH };

static const struct setting {
    const char *name;
    enum kind kind;
    size_t at;      /* in struct console_settings */
    bool of_device; /* a device must be opened anew */
} settings[] = {
#define DEVICE(name, kind, member)                                                                 \
    {name, kind, offsetof(struct console_settings, device.member), true}
#define LAYOUT(name, member) {name, U32, offsetof(struct console_settings, layout.member), true}
#define REQUEST(name, kind, member)                                                                \
    {name, kind, offsetof(struct console_settings, request.member), false}
    DEVICE("device_seed", U64, seed),
    DEVICE("latency", U32, latency),
    DEVICE("jitter", U32, jitter),
    DEVICE("gaps", U32, gaps),
    DEVICE("checked", U32, checked),
    DEVICE("memory_bytes", U64, memory_bytes),
    DEVICE("cycle_limit", U64, cycle_limit),
    DEVICE("clock_hz", U64, clock_hz),
    DEVICE("throttle", U32, throttle),
    DEVICE("power_cap_mw", U32, power_cap_mw),
    DEVICE("flip_address", U64, flip_address),
    DEVICE("flip_bit", U64, flip_bit),
    DEVICE("error_address", U64, error_address),
    DEVICE("hang_address", U64, hang_address),
    LAYOUT("sequences", sequences),
    LAYOUT("context", context),
    LAYOUT("pass_slots", pass_slots),
    LAYOUT("front_door", front_door),
    {"draft_model", PATH, offsetof(struct console_settings, draft_model), true},
    REQUEST("tokens", U32, max_tokens),
    REQUEST("temperature", REAL, temperature),
    REQUEST("top_k", U32, top_k),
    REQUEST("top_p", REAL, top_p),
    REQUEST("min_p", REAL, min_p),
    REQUEST("typical_p", REAL, typical_p),
    REQUEST("repeat_last_n", U32, repeat_last_n),
    REQUEST("repeat_penalty", REAL, repeat_penalty),
    REQUEST("presence_penalty", REAL, presence_penalty),
    REQUEST("frequency_penalty", REAL, frequency_penalty),
    REQUEST("seed", U64, seed),
    REQUEST("drafts", U32, drafts),
};
enum { SETTINGS = sizeof settings / sizeof *settings };

const char *console_setting(uint32_t index) {
    return index < SETTINGS ? settings[index].name : NULL;
}

static int set_real(struct console *c, void *at, const char *value) {
    char *end;
    const double real = strtod(value, &end);
    if (end == value || *end != '\0' || !isfinite(real))
        return console_fail(c, "%s: not a number", value);
    memcpy(at, &real, sizeof real);
    return 0;
}

static int set_path(struct console *c, char *at, const char *value) {
    if (strlen(value) >= CONSOLE_PATH)
        return console_fail(c, "a path has at most %d bytes", CONSOLE_PATH - 1);
    strcpy(at, strcmp(value, "none") != 0 ? value : "");
    return 0;
}

int console_set(struct console *c, const char *name, const char *value, bool *of_device) {
    const struct setting *s = settings;
    while (s < settings + SETTINGS && strcmp(s->name, name) != 0)
        s++;
    if (s == settings + SETTINGS)
        return console_fail(c, "config: no setting %s", name);
    void *at = (char *)&c->settings + s->at;
    uint64_t number;
    *of_device = s->of_device;
    if (s->kind == REAL)
        return set_real(c, at, value);
    if (s->kind == PATH)
        return set_path(c, at, value);
    if (s->kind == U64 && strcmp(value, "none") == 0)
        number = LOCKSTEP_NOWHERE;
    else if (console_number(c, value, s->kind == U64 ? UINT64_MAX : UINT32_MAX, &number) != 0)
        return -1;
    const uint32_t small = (uint32_t)number;
    if (s->kind == U64)
        memcpy(at, &number, sizeof number);
    else
        memcpy(at, &small, sizeof small);
    return 0;
}

void console_show_settings(const struct console *c, cJSON *out) {
    for (const struct setting *s = settings; s < settings + SETTINGS; s++) {
        const void *at = (const char *)&c->settings + s->at;
        uint64_t number = 0;
        double real = 0;
        if (s->kind == REAL)
            memcpy(&real, at, sizeof real);
        else if (s->kind != PATH)
            memcpy(&number, at, s->kind == U64 ? 8 : 4); /* little endian */
        char digits[24];                                 /* a double does not hold 64 bits */
        snprintf(digits, sizeof digits, "%" PRIu64, number);
        if ((s->kind == U64 && number == LOCKSTEP_NOWHERE) ||
            (s->kind == PATH && *(const char *)at == '\0'))
            cJSON_AddNullToObject(out, s->name);
        else if (s->kind == PATH)
            text_json_add(out, s->name, at, strlen(at));
        else if (s->kind == REAL)
            cJSON_AddNumberToObject(out, s->name, real);
        else
            cJSON_AddRawToObject(out, s->name, digits);
    }
}

int cmd_config(struct console *c, int argc, char **argv, cJSON *out) {
    static const char *const names[] = {"LANES",    "SLOTS",       "VLANES",     "PORT_BITS",
                                        "ACT_BITS", "ATTN_HEADS",  "KV_WORDS",   "VEC_WORDS",
                                        "SEQS",     "CONTEXT_MAX", "TOKEN_FIFO", "TYPES"};
    struct instance *in = console_now(c);
    const struct console_settings before = c->settings;
    bool of_device = false;
    if (argc == 2)
        return console_fail(c, "config: %s to what?", argv[1]);
    if (argc == 3) {
        if (console_set(c, argv[1], argv[2], &of_device) != 0 ||
            (of_device && console_open(c, in, in->path) != 0)) {
            c->settings = before;
            return -1;
        }
        cJSON_AddStringToObject(out, "setting", argv[1]);
        cJSON_AddStringToObject(out, "is", argv[2]);
        return 0;
    }
    cJSON_AddStringToObject(out, "configuration", lockstep_configuration());
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct lockstep_register r;
        uint32_t index, value;
        if (console_register(c, names[i], &r, &index) == 0 &&
            lockstep_read(in->device, r.address, &value) == LOCKSTEP_OK)
            cJSON_AddNumberToObject(out, names[i], value);
    }
    console_show_settings(c, out);
    return 0;
}
