/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The check of cycles: pulses as a right device gives them are taken, and each op that starts or
 * ends a cycle early or late, is left out or comes twice, is a difference; unless the engine is
 * paced (it may start late) or the port irregular (ops with weights may take longer). Pulses are
 * made from csrc/expect/cycles.h itself, which test_cycles_device holds to the device.
 */
#include "csrc/model/bridge.h"
#include "csrc/model/model.h"
#include "firmware/program.h"
#include "generated/device.h"
#include "sim/check/sim_cycles.h"
#include "tests/kit/blocks.h"
#include "tests/kit/host_test.h"
#include "tests/kit/small_limits.h"

enum { PASSES = 3, SLOTS = 2, SEQUENCES = 2, CONTEXT = 32 };

enum alteration {
    NONE,
    LONGER,
    SHORTER,
    LATE,
    EARLY,
    NO_START,
    NO_DONE,
    LEFT_OUT,
    TWICE,
    NO_PASS, /* what is left of the pass does not come */
    ALTERATIONS
};
static const char *const names[] = {"unaltered",       "a cycle longer",
                                    "a cycle shorter", "a cycle late",
                                    "early",           "without a start",
                                    "without an end",  "left out",
                                    "twice",           "the last that comes of its pass"};

struct rig {
    struct host_test *test;
    struct ls_model *model;
    struct fw_model fw_model;
    struct fw_program program;
    bool paced, irregular;
};

/* The run in which the `at`-th op is altered. `op`: that op. Returns how many ops were compared. */
static uint64_t run(const struct rig *r, enum alteration what, uint32_t at, struct cycles_op *op,
                    struct sim_cycles *s) {
    const struct weight_mem_settings memory = {.latency = 40, .jitter = r->irregular};
    struct cycles *device;
    struct ls_error err;
    uint64_t cycle = 1000, total[SIM_CYCLES_OPS] = {0};
    uint32_t number = 0;
    if (sim_cycles_open(s, &r->program, &r->fw_model, &small_limits, &memory, r->model, &err) !=
            0 ||
        cycles_open(&device, &r->program, &r->fw_model, &small_limits,
                    r->irregular ? CYCLES_ANY_PORT : memory.latency, &err) != 0)
        exit(1);
    s->paced = r->paced;
    for (uint32_t pass = 0; pass < PASSES; pass++) {
        struct cycles_slot slots[SLOTS];
        struct cycles_op o;
        uint64_t done = 0;
        bool cut = false;
        for (uint32_t i = 0; i < SLOTS; i++) {
            slots[i] = (struct cycles_slot){SLOTS * pass + i, 7 + pass, i != 0, NULL};
            sim_cycles_slot(s, slots[i].position, slots[i].token, slots[i].wants);
        }
        cycles_pass(device, cycle, slots, SLOTS);
        sim_cycles_pulse(s, DEVICE_PASS_START, cycle);
        for (; cycles_next(device, done, &o); number++) {
            const enum alteration now = number == at ? what : NONE;
            const uint64_t start = o.start + (now == LATE) - (now == EARLY);
            const uint64_t took = cycles_run(device, start) + (now == LONGER) - (now == SHORTER);
            *op = number == at ? o : *op;
            cut = cut || now == NO_PASS;
            done = start + took;
            if (cut || now == LEFT_OUT)
                continue;
            total[o.op] += took;
            for (int i = 0; i < 1 + (now == TWICE); i++) {
                if (now != NO_START)
                    sim_cycles_pulse(s, DEVICE_OP_START, start);
                if (now != NO_DONE)
                    sim_cycles_pulse(s, DEVICE_OP_DONE, done);
            }
        }
        cycle = done + 20;
    }
    sim_cycles_end(s);
    for (uint32_t i = 0; i < SIM_CYCLES_OPS; i++)
        sim_cycles_total(s, i, what == NO_START || what == NO_DONE ? s->actual_of[i] : total[i]);
    cycles_close(device);
    return number;
}

static bool is_allowed(const struct rig *r, enum alteration what, const struct cycles_op *op) {
    const bool waits = r->irregular && op->tensor != WALK_NO_TENSOR;
    return what == NONE || (what == LONGER && waits) || (what == LATE && r->paced);
}

static void test_alterations(struct rig *r, const char *how) {
    struct sim_cycles s;
    struct cycles_op op = {0};
    const uint64_t ops = run(r, NONE, 0, &op, &s);
    CHECK(r->test, s.wrong == 0 && s.ops == ops && ops > 100, "%s: %u of %u ops: %s", how,
          (unsigned)s.ops, (unsigned)ops, s.text);
    sim_cycles_close(&s);
    for (uint32_t at = 0; at < ops; at++)
        for (enum alteration what = LONGER; what < ALTERATIONS; what++) {
            run(r, what, at, &op, &s);
            CHECK(r->test, (s.wrong == 0) == is_allowed(r, what, &op), "%s, op %u, %s: %s", how, at,
                  names[what], s.wrong == 0 ? "taken" : s.text);
            CHECK(r->test, (s.wrong == 0) == (s.text[0] == '\0'), "%s, op %u, %s: '%s'", how, at,
                  names[what], s.text);
            if (what == SHORTER)
                CHECK(r->test,
                      (strstr(s.text, "tensor none") == NULL) == (op.tensor != WALK_NO_TENSOR),
                      "%s, op %u: %s", how, at, s.text);
            if (what == NO_DONE && at == 0) /* an op without weights; nothing was to start there */
                CHECK(r->test,
                      strstr(s.text, ": another one starts at cycle ") != NULL &&
                          strstr(s.text, ", predicted 0, ") != NULL,
                      "%s: %s", how, s.text);
            sim_cycles_close(&s);
        }
}

/* OP_CYCLES as the device adds them up, off by one. */
static void test_totals(struct rig *r) {
    struct sim_cycles s;
    struct cycles_op op = {0};
    for (uint32_t i = 0; i < SIM_CYCLES_OPS; i++)
        for (int off = -1; off <= 1; off += 2) {
            run(r, NONE, 0, &op, &s);
            sim_cycles_total(&s, i, s.actual_of[i] + (uint64_t)(int64_t)off);
            CHECK(r->test, s.wrong == 1 && strstr(s.text, "OP_CYCLES of op ") == s.text,
                  "the sum of op %u off by %d is taken: %s", i, off, s.text);
            sim_cycles_close(&s);
        }
}

/* A pass is committed, and none of its ops starts. */
static void test_no_ops(struct rig *r) {
    const struct weight_mem_settings memory = {.latency = 40};
    struct sim_cycles s;
    struct ls_error err;
    for (uint32_t slots = 0; slots < 2; slots++) {
        if (sim_cycles_open(&s, &r->program, &r->fw_model, &small_limits, &memory, r->model,
                            &err) != 0)
            exit(1);
        if (slots != 0)
            sim_cycles_slot(&s, 3, 7, true);
        sim_cycles_pulse(&s, DEVICE_PASS_START, 10);
        sim_cycles_end(&s);
        CHECK(r->test, s.wrong == slots, "%u slots: %s", slots, s.text);
        for (int i = 0; i < 50; i++)
            sim_cycles_slot(&s, 3, 7, true);
        CHECK(r->test, s.slot_count == CYCLES_SLOTS, "%u slots", s.slot_count);
        sim_cycles_close(&s);
    }
}

int main(void) {
    struct host_test t = {"sim_cycles", 0, 0};
    struct rig r = {.test = &t};
    struct ls_error err = {""};
    struct fw_refusal why = {0};
    if (ls_model_open(HOST_TINY, &r.model, &err) != 0 ||
        bridge_model(r.model, CONTEXT, SEQUENCES, &r.fw_model, &err) != 0 ||
        program_build(&r.fw_model, &small_limits, &r.program, &why) != 0) {
        printf("FAIL: %s%s\n", err.text, why.what != NULL ? why.what : "");
        return 1;
    }
    test_alterations(&r, "regular");
    r.paced = true;
    test_alterations(&r, "paced");
    r.irregular = true;
    test_alterations(&r, "paced, irregular");
    r.paced = false;
    test_alterations(&r, "irregular");
    test_totals(&r);
    test_no_ops(&r);
    const long before = blocks_held();
    test_no_ops(&r);
    CHECK(&t, blocks_held() == before, "%ld blocks are left", blocks_held() - before);
    bridge_release(&r.fw_model);
    ls_model_close(r.model);
    return host_test_finish(&t);
}
