/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A window grows over the ops that fit the request and is found once one comes that does not.
 */
#include "window.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/device_info.h"
#include "firmware/driver.h"

struct window_request window_request_none(void) {
    return (struct window_request){
        .token = WINDOW_ANY, .layer = WINDOW_ANY, .before = 100, .after = 100};
}

bool window_wants(const struct window_request *r) {
    return r->token != WINDOW_ANY || r->layer != WINDOW_ANY || r->op != NULL || r->trigger != NULL;
}

static bool number_of(const char *signal, const char *text, uint64_t *value) {
    static const char *const states[64] = {LOCKSTEP_STATE_NAMES};
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 0);
    if (*text != '\0' && *text != '-' && *end == '\0' && errno == 0)
        return true;
    for (uint64_t i = 0; i < 64; i++)
        if ((strcmp(signal, "error") == 0 && strcmp(text, fw_fault_name((uint32_t)i)) == 0) ||
            (strstr(signal, "op") != NULL && strcmp(text, op_name((uint32_t)i)) == 0) ||
            (strcmp(signal, "state") == 0 && states[i] != NULL && strcmp(text, states[i]) == 0)) {
            *value = i;
            return true;
        }
    return false;
}

/* One SIGNAL=VALUE of `length` bytes. */
static int watch(struct window *w, struct dut *dut, const char *text, size_t length,
                 struct ls_error *err) {
    char name[64], *value;
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    value = strchr(name, '=');
    if (value == NULL || length >= sizeof name || w->watched_count == WINDOW_SIGNALS)
        return ls_error_set(err,
                            "--trigger: '%s' is neither 'difference' nor SIGNAL=VALUE, up to "
                            "%u of them with commas between",
                            name, WINDOW_SIGNALS);
    *value++ = '\0';
    w->watched[w->watched_count].signal = dut_port(dut, name);
    w->watched[w->watched_count].bytes = dut_port_bytes(dut, name);
    if (w->watched[w->watched_count].signal == NULL)
        return ls_error_set(err,
                            "--trigger: this build has no signal '%s'; ports and, in a build for "
                            "tracing, probes are listed in sim/device/lockstep_ports.h",
                            name);
    const size_t bytes = w->watched[w->watched_count].bytes;
    uint64_t *wanted = &w->watched[w->watched_count++].value;
    if (bytes > sizeof *wanted)
        return ls_error_set(err, "--trigger: '%s' has more than 64 bits, too many to compare",
                            name);
    if (!number_of(name, value, wanted) || (bytes < 8 && *wanted >> (8 * bytes) != 0))
        return ls_error_set(err, "--trigger: '%s' is no value of %s", value, name);
    return 0;
}

int window_watch(struct window *w, struct dut *dut, struct ls_error *err) {
    const char *text = w->request.trigger;
    w->watched_count = 0;
    if (text == NULL || strcmp(text, "difference") == 0)
        return 0;
    for (;; text++) {
        const size_t length = strcspn(text, ",");
        if (watch(w, dut, text, length, err) != 0)
            return -1;
        text += length;
        if (*text == '\0')
            return 0;
    }
}

static bool is_named(const struct scoreboard_op *op, const char *name) {
    const size_t length = strlen(name);
    const char *tensor = op->record != NULL ? op->record->tensor : "sample";
    return strcmp(name, op_name(op->op)) == 0 ||
           (strncmp(tensor, name, length) == 0 &&
            (tensor[length] == '\0' || strcmp(tensor + length, ".weight") == 0));
}

static bool fits(const struct window_request *r, const struct scoreboard_op *op) {
    const bool in_layer = op->record != NULL && op->record->layer >= 0;
    if (r->token != WINDOW_ANY && (op->sequence != 0 || op->position != r->token))
        return false;
    if (r->layer != WINDOW_ANY && (!in_layer || op->layer != r->layer))
        return false;
    return r->op == NULL || is_named(op, r->op);
}

void window_op(struct window *w, const struct scoreboard_op *op) {
    if (w->found || w->request.trigger != NULL)
        return;
    w->token_came |= op->sequence == 0 && op->position == w->request.token;
    w->op_came |= w->request.op != NULL && is_named(op, w->request.op);
    if (fits(&w->request, op)) {
        if (!w->begun) {
            w->first = op->begin;
            snprintf(w->name, sizeof w->name, "%s",
                     op->record != NULL ? op->record->tensor : "sample");
        }
        w->slot = op->slot;
        w->begun = true;
        w->last = op->last;
    } else if (w->begun && op->slot == w->slot) {
        w->found = true;
    }
}

void window_cycle(struct window *w, uint64_t cycle) {
    if (w->watched_count == 0 || w->found)
        return;
    for (uint32_t i = 0; i < w->watched_count; i++) {
        uint64_t value = 0;
        memcpy(&value, w->watched[i].signal, w->watched[i].bytes);
        if (value != w->watched[i].value)
            return;
    }
    w->begun = w->found = true;
    w->first = w->last = cycle;
    snprintf(w->name, sizeof w->name, "%.63s", w->request.trigger);
}

void window_difference(struct window *w, uint64_t begin, uint64_t cycle) {
    if (w->found)
        return;
    if (!w->begun)
        w->first = begin;
    w->begun = w->found = true;
    w->last = cycle;
    snprintf(w->name, sizeof w->name, "difference");
}

bool window_end(struct window *w) {
    w->found = w->begun;
    w->first -= w->first < w->request.before ? w->first : w->request.before;
    w->last += w->request.after;
    return w->found;
}

static bool is_op_name(const char *name) {
    for (uint32_t i = 0; i < 64; i++)
        if (strcmp(name, op_name(i)) == 0)
            return true;
    return false;
}

int window_missing(const struct window *w, uint64_t cycles, struct ls_error *err) {
    const struct window_request *r = &w->request;
    if (r->trigger != NULL)
        return ls_error_set(err, "--trigger %s: it did not come in this run of %llu cycles",
                            r->trigger, (unsigned long long)cycles);
    if (r->token != WINDOW_ANY && !w->token_came)
        return ls_error_set(err, "--token %u: this run begins behind it or its text ends before it",
                            r->token);
    if (w->op_came)
        return ls_error_set(err, "--op %s: the token or layer asked for has no such op", r->op);
    if (is_op_name(r->op))
        return ls_error_set(err,
                            "--op %s: commits nothing, so it cannot be told apart; --trigger op=%s "
                            "finds where one begins",
                            r->op, r->op);
    return ls_error_set(err,
                        "--op %s: this run has no op or tensor of that name; --timeline NAME lists "
                        "those it has in NAME.txt",
                        r->op);
}
