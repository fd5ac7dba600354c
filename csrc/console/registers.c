/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Registers by name: regs, read, write, and what is read of them under names of its own.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "inside.h"

int console_register(struct console *c, const char *name, struct lockstep_register *found,
                     uint32_t *index) {
    uint64_t address = UINT64_MAX;
    if (isdigit((unsigned char)*name) && console_number(c, name, UINT32_MAX, &address) != 0)
        return -1;
    for (*index = 0; lockstep_get_register(*index, found, sizeof *found) == LOCKSTEP_OK; ++*index)
        if (strcasecmp(found->name, name) == 0 || found->address == address)
            return 0;
    return console_fail(c, "%s: no such register", name);
}

static int read_register(struct console *c, const char *name, uint32_t *index, uint32_t *value) {
    struct lockstep_register r;
    if (console_register(c, name, &r, index) != 0)
        return -1;
    return console_check(c, lockstep_read(console_now(c)->device, r.address, value));
}

static uint32_t field_of(const struct lockstep_field *f, uint32_t value) {
    return (uint32_t)(value >> f->low & ((UINT64_C(1) << f->bits) - 1));
}

int console_add_fields(struct console *c, cJSON *out, const char *name) {
    struct lockstep_field f;
    uint32_t index, value;
    if (read_register(c, name, &index, &value) != 0)
        return -1;
    for (uint32_t i = 0; lockstep_get_field(index, i, &f, sizeof f) == LOCKSTEP_OK; i++) {
        cJSON_AddNumberToObject(out, f.name, field_of(&f, value));
    }
    return 0;
}

/* "RUN=1 STATE=3" */
static void add_text_of_fields(cJSON *row, uint32_t index, uint32_t value) {
    struct lockstep_field f;
    char text[512] = "";
    size_t used = 0;
    for (uint32_t i = 0; lockstep_get_field(index, i, &f, sizeof f) == LOCKSTEP_OK; i++)
        if (used < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s=%u",
                                     used != 0 ? " " : "", f.name, field_of(&f, value));
    cJSON_AddStringToObject(row, "fields", text);
}

static bool has_fields(uint32_t index) {
    struct lockstep_field f;
    return lockstep_get_field(index, 0, &f, sizeof f) == LOCKSTEP_OK;
}

/* Whether reading it tells something and changes nothing. */
static bool can_be_read(const struct lockstep_register *r) {
    return strcmp(r->access, "pop") != 0 && strcmp(r->access, "wo") != 0 &&
           strcmp(r->access, "cwo") != 0;
}

int cmd_regs(struct console *c, int argc, char **argv, cJSON *out) {
    cJSON *rows = cJSON_AddArrayToObject(out, "registers");
    struct lockstep_register r;
    for (uint32_t i = 0; lockstep_get_register(i, &r, sizeof r) == LOCKSTEP_OK; i++) {
        uint32_t value;
        if ((argc == 2 && strncasecmp(r.name, argv[1], strlen(argv[1])) != 0) || !can_be_read(&r))
            continue;
        const int status = lockstep_read(console_now(c)->device, r.address, &value);
        if (status == LOCKSTEP_BAD_ARGUMENT) /* of a part that this device lacks */
            continue;
        if (console_check(c, status) != 0)
            return -1;
        cJSON *row = cJSON_CreateObject();
        cJSON_AddItemToArray(rows, row);
        cJSON_AddNumberToObject(row, "address", r.address);
        cJSON_AddStringToObject(row, "name", r.name);
        cJSON_AddStringToObject(row, "access", r.access);
        cJSON_AddNumberToObject(row, "value", value);
        add_text_of_fields(row, i, value);
    }
    return rows->child != NULL ? 0 : console_fail(c, "%s: no register begins so", argv[1]);
}

int cmd_read(struct console *c, int argc, char **argv, cJSON *out) {
    uint32_t index, value;
    struct lockstep_register r;
    (void)argc;
    if (read_register(c, argv[1], &index, &value) != 0)
        return -1;
    lockstep_get_register(index, &r, sizeof r);
    cJSON_AddStringToObject(out, "register", r.name);
    cJSON_AddNumberToObject(out, "address", r.address);
    cJSON_AddNumberToObject(out, "value", value);
    if (has_fields(index))
        add_text_of_fields(out, index, value);
    return 0;
}

int cmd_write(struct console *c, int argc, char **argv, cJSON *out) {
    struct lockstep_register r;
    uint32_t index;
    uint64_t value;
    (void)argc;
    if (console_register(c, argv[1], &r, &index) != 0 ||
        console_number(c, argv[2], UINT32_MAX, &value) != 0 ||
        console_check(c, lockstep_write(console_now(c)->device, r.address, (uint32_t)value)) != 0)
        return -1;
    cJSON_AddStringToObject(out, "register", r.name);
    cJSON_AddNumberToObject(out, "value", (double)value);
    return 0;
}

int cmd_fifo(struct console *c, int argc, char **argv, cJSON *out) {
    (void)argc, (void)argv;
    return console_add_fields(c, out, "TOKEN_LEVELS") != 0
               ? -1
               : console_add_fields(c, out, "FIFO_FLAGS");
}

int cmd_irq(struct console *c, int argc, char **argv, cJSON *out) {
    uint64_t cycles = 0;
    cJSON *enable, *status;
    if (argc > 1 && strcmp(argv[1], "wait") != 0)
        return console_fail(c, "irq: wait, or nothing");
    if (argc > 2 && console_number(c, argv[2], UINT64_MAX, &cycles) != 0)
        return -1;
    if (argc > 1 && console_check(c, lockstep_wait_interrupt(console_now(c)->device, cycles)) != 0)
        return -1;
    const uint64_t cycle = lockstep_cycle(console_now(c)->device);
    enable = cJSON_CreateObject();
    status = cJSON_CreateObject();
    cJSON *rows = cJSON_AddArrayToObject(out, "irq");
    cJSON_AddItemToArray(rows, enable);
    cJSON_AddItemToArray(rows, status);
    cJSON_AddStringToObject(enable, "of", "enable");
    cJSON_AddStringToObject(status, "of", "status");
    cJSON_AddNumberToObject(out, "cycle", (double)cycle);
    return console_add_fields(c, enable, "IRQ_ENABLE") != 0
               ? -1
               : console_add_fields(c, status, "IRQ_STATUS");
}

/* The status line: a bit by its name if it is set. */
static void print_status(const struct instance *in, const cJSON *out) {
    static const char *const names[] = {"BUSY", "MODEL_READY", "TOKEN_READY",
                                        "EOG",  "ERROR",       "THROTTLED"};
    printf("%s:", in->name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        printf(" %s=%d", names[i], cJSON_GetObjectItemCaseSensitive(out, names[i])->valueint);
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(out, "CODE");
    if (cJSON_GetObjectItemCaseSensitive(out, "ERROR")->valueint != 0)
        printf(" ERROR_CODE=%d", code->valueint);
    putchar('\n');
}

int cmd_status(struct console *c, int argc, char **argv, cJSON *out) {
    (void)argc, (void)argv;
    if (console_add_fields(c, out, "STATUS") != 0 || console_add_fields(c, out, "ERROR_CODE") != 0)
        return -1;
    if (!c->json)
        print_status(console_now(c), out);
    c->shown = true;
    return 0;
}

int cmd_reset(struct console *c, int argc, char **argv, cJSON *out) {
    (void)argc, (void)argv;
    if (console_check(c, lockstep_reset(console_now(c)->device)) != 0)
        return -1;
    cJSON_AddStringToObject(out, "reset", console_now(c)->name);
    return 0;
}
