/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the library tells of a pass: ops as ports and probes showed them, against the counters in
 * the device, which know nothing of these; words against those that were compared; slots against
 * the prompt. The same of a device that is not checked.
 */
#include "generated/device.h"
#include "sim/library/lockstep.h"
#include "tests/kit/host_test.h"

enum { PROMPT = 5, TOKENS = 6, MOST = 16 };
static const uint32_t prompt[PROMPT] = {1, 5, 9, 7, 3};

struct pass {
    struct lockstep_pass p;
    uint64_t units[3]; /* cycles of ops of dot array, vector unit, attention */
    uint64_t words;    /* of ops and slots that begin */
    uint64_t slots;    /* words of slots */
};

struct heard {
    uint32_t tokens[TOKENS], count;
};

static void on_token(void *context, const struct lockstep_event *event) {
    struct heard *h = context;
    if (event->token != UINT32_MAX && h->count < TOKENS)
        h->tokens[h->count++] = event->token;
}

/* The first thing in which ports and counters do not agree, or NULL. */
static const char *differs(const struct pass *a) {
    static const uint32_t from[3] = {LOCKSTEP_CLASS_MATVEC, LOCKSTEP_CLASS_VECTOR,
                                     LOCKSTEP_CLASS_ATTENTION};
    uint64_t busy = 0;
    for (uint32_t i = 0; i < LOCKSTEP_PASS_CLASSES; i++)
        busy += i != LOCKSTEP_CLASS_IDLE ? a->p.classes[i] : 0;
    for (uint32_t i = 0; i < 3; i++)
        if (a->units[i] !=
            a->p.classes[from[i]] + (i == 0 ? a->p.classes[LOCKSTEP_CLASS_WEIGHT_STALL] : 0))
            return i == 0 ? "dot array" : i == 1 ? "vector unit" : "attention";
    return busy != a->p.cycles      ? "cycles"
           : a->words != a->p.words ? "words of ops"
           : a->slots != a->p.words ? "words of slots"
                                    : NULL;
}

static void take(struct host_test *t, struct lockstep *d, struct pass *a) {
    static const char *const units[3] = {"dot", "vector", "attention"};
    struct lockstep_op op;
    struct lockstep_slot slot;
    uint64_t end = 0;
    memset(a, 0, sizeof *a);
    CHECK(t, lockstep_get_pass(d, &a->p, sizeof a->p) == LOCKSTEP_OK, "%s", lockstep_error(d));
    a->words = 3 * a->p.slots; /* token, position and sequence */
    for (uint32_t i = 0; lockstep_get_op(d, i, &op, sizeof op) == LOCKSTEP_OK; i++) {
        for (int u = 0; u < 3; u++)
            a->units[u] += strcmp(op.unit, units[u]) == 0 ? op.end - op.begin : 0;
        a->words += op.words;
        CHECK(t, op.begin >= end && op.end >= op.begin && op.end <= a->p.end, "op %u is at %u", i,
              (uint32_t)op.begin);
        CHECK(t,
              (strcmp(op.name, "MATVEC") != 0 && strcmp(op.name, "NORM") != 0) ||
                  (op.tensor[0] != '\0' &&
                   (strncmp(op.tensor, "blk.", 4) == 0) == (op.layer != UINT32_MAX)),
              "%s reads '%s' in layer %u", op.name, op.tensor, op.layer);
        end = op.end;
    }
    for (uint32_t i = 0; lockstep_get_slot(d, i, &slot, sizeof slot) == LOCKSTEP_OK; i++)
        a->slots += slot.words;
}

/* Runs a request; returns its passes. */
static uint32_t run(struct host_test *t, struct lockstep *d, struct pass passes[MOST]) {
    struct lockstep_request r;
    struct lockstep_telemetry before, after;
    struct heard h = {0};
    struct lockstep_pass none;
    struct lockstep_slot slot;
    uint32_t count = 0, position = 0;
    uint64_t words = 0, macs = 0;
    lockstep_request_defaults(&r, sizeof r);
    r.tokens = prompt;
    r.token_count = PROMPT;
    r.max_tokens = TOKENS;
    r.on_token = on_token;
    r.context = &h;
    CHECK(t,
          lockstep_get_telemetry(d, &before, sizeof before) == LOCKSTEP_OK &&
              lockstep_get_pass(d, &none, sizeof none) == LOCKSTEP_OK && none.slots == 0 &&
              lockstep_submit(d, &r, NULL) == LOCKSTEP_OK,
          "%s", lockstep_error(d));
    while (lockstep_step(d) == LOCKSTEP_OK && count < MOST) {
        struct pass *a = &passes[count++];
        take(t, d, a);
        CHECK(t, a->p.number == none.number + count, "pass %u", (uint32_t)a->p.number);
        CHECK(t, differs(a) == NULL, "pass %u: %s", count, differs(a));
        words += a->p.words;
        macs += a->p.macs;
        for (uint32_t i = 0; lockstep_get_slot(d, i, &slot, sizeof slot) == LOCKSTEP_OK; i++) {
            const uint32_t token =
                position < PROMPT ? prompt[position] : h.tokens[position - PROMPT];
            CHECK(t, slot.position == position && slot.token == token && slot.request != 0,
                  "slot %u: token %u at %u", i, slot.token, slot.position);
            position++;
        }
    }
    CHECK(t, position == PROMPT + TOKENS - 1 && h.count == TOKENS, "%u slots", position);
    CHECK(t, lockstep_get_telemetry(d, &after, sizeof after) == LOCKSTEP_OK, "%s",
          lockstep_error(d));
    CHECK(t, after.macs - before.macs == macs, "%u multiply-accumulates", (uint32_t)macs);
    CHECK(t, after.words_compared == 0 || after.words_compared - before.words_compared == words,
          "%u words", (uint32_t)words);
    return count;
}

/* Every difference that is planted is found. */
static void test_planted(struct host_test *t, const struct pass *good) {
    struct pass a = *good;
    a.p.cycles++;
    CHECK(t, differs(&a) != NULL, "a cycle more");
    a = *good;
    a.units[2]--;
    CHECK(t, differs(&a) != NULL && strcmp(differs(&a), "attention") == 0, "an op that is short");
    a = *good;
    a.words++;
    CHECK(t, differs(&a) != NULL, "a word more");
}

static void test_refusals(struct host_test *t, struct lockstep *d) {
    struct lockstep_pass p;
    struct lockstep_op op;
    CHECK(t, lockstep_get_pass(d, &p, sizeof p) == LOCKSTEP_BAD_ARGUMENT, "a pass of no model");
    CHECK(t, lockstep_get_op(d, 0, &op, sizeof op) == LOCKSTEP_NOT_FOUND, "an op of no pass");
}

int main(void) {
    struct host_test t = {"passes", 0, 0};
    static struct pass passes[2][MOST];
    uint32_t count[2] = {0, 0};
    host_folder(&t);
    for (uint32_t checked = 0; checked < 2; checked++) {
        struct lockstep_settings s;
        char why[256] = "";
        lockstep_settings_defaults(&s, sizeof s);
        s.checked = checked;
        struct lockstep *d = lockstep_open(&s, why, sizeof why);
        CHECK(&t, d != NULL, "%s", why);
        if (d == NULL)
            continue;
        test_refusals(&t, d);
        CHECK(&t, lockstep_load(d, HOST_TINY, NULL) == LOCKSTEP_OK, "%s", lockstep_error(d));
        count[checked] = run(&t, d, passes[checked]);
        lockstep_close(d);
    }
    CHECK(&t, count[0] == count[1] && count[0] > TOKENS, "%u passes", count[0]);
    for (uint32_t i = 0; i < count[0]; i++)
        CHECK(&t,
              passes[0][i].p.cycles == passes[1][i].p.cycles &&
                  passes[0][i].p.words == passes[1][i].p.words &&
                  passes[0][i].p.beats == passes[1][i].p.beats,
              "pass %u is another one with the check", i);
    test_planted(&t, &passes[1][count[1] - 1]);
    return host_test_finish(&t);
}
