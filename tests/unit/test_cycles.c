/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * csrc/expect/cycles.c: its formulas against docs/cycles.md; that what it says of an unknown port
 * bounds what it says of every regular one; and op by op against the device, for several
 * configurations, shapes of heads, types and latencies. A prediction that is off by one must fail.
 */
#include "csrc/expect/cycles.h"
#include "csrc/expect/cycles_attend.h"
#include "csrc/model/family.h"
#include "tests/kit/child.h"
#include "tests/kit/host_test.h"
#include "tests/kit/small_limits.h"

#include "generated/device.h"

#define PROMPT "Once upon a time there was"
#define LAYERS 2u

/* dim 64, hidden 96; tensors lie behind one another, somewhat out of step with the beats. */
static struct fw_model make_model(struct fw_tensor *tensors) {
    static const struct role_sizes sizes = {
        .vocab = 300, .dim = 64, .hidden = 96, .q = 64, .kv = 32};
    const uint64_t roles = family_at(FAMILY_llama)->required | ROLE_BIT(ROLE_OUTPUT);
    const struct fw_model model = {.roles = roles, .layers = LAYERS};
    uint64_t at = 4098;
    for (uint32_t l = 0; l < LAYERS; l++)
        for (enum role role = 0; role < ROLES; role++) {
            if (!(roles & ROLE_BIT(role)) || (l != 0 && !role_is_of_layer(role)))
                continue;
            struct fw_tensor *t = &tensors[program_place(&model, role, l)];
            t->rows = (uint32_t)role_rows(role, &sizes);
            t->cols = (uint32_t)role_columns(role, &sizes);
            t->type = role_is_vector(role) ? LOCKSTEP_TYPE_F32 : LOCKSTEP_TYPE_Q8_0;
            t->bytes = t->rows * type_row_bytes(&type_info[t->type], t->cols);
            t->address = at;
            at += t->bytes + 2;
        }
    return (struct fw_model){.family = FAMILY_llama,
                             .roles = roles,
                             .dim = 64,
                             .hidden = 96,
                             .layers = LAYERS,
                             .heads = 8,
                             .kv_heads = 4,
                             .head_dim = 8,
                             .n_rot = 8,
                             .embedding_scale = 0x3f800000, /* 1 */
                             .residual_scale = 0x3f800000,
                             .vocab = 300,
                             .context = 64,
                             .sequences = 1,
                             .tensors = tensors};
}

struct prediction {
    uint32_t ops;
    uint64_t end;
    struct {
        struct cycles_op op;
        uint64_t cycles;
    } list[64];
};

static struct prediction predict(struct host_test *t, const struct fw_program *program,
                                 const struct fw_model *model, uint32_t latency) {
    static const struct cycles_slot slots[2] = {{4, 17, false, NULL}, {5, 299, true, NULL}};
    struct prediction p = {0};
    struct ls_error err;
    struct cycles *c;
    struct cycles_op op;
    if (cycles_open(&c, program, model, &small_limits, latency, &err) != 0) {
        CHECK(t, false, "%s", err.text);
        return p;
    }
    for (cycles_pass(c, 1000, slots, 2); cycles_next(c, p.end, &op) && p.ops < 64; p.ops++) {
        p.list[p.ops].op = op;
        p.list[p.ops].cycles = cycles_run(c, op.start);
        p.end = op.start + p.list[p.ops].cycles;
    }
    cycles_close(c);
    return p;
}

/* What the table of docs/cycles.md says, 0 for ops that depend on the port. */
static uint64_t formula(uint32_t op, uint64_t s, uint64_t n) {
    const uint64_t v = 4, g = s * ((n + v - 1) / v), b = s * ((n + 31) / 32) * (16 / v);
    switch (op) {
    case LOCKSTEP_OP_ANGLES:
        return s * 4 + 12;
    case LOCKSTEP_OP_QUANT:
        return b + 7;
    case LOCKSTEP_OP_ROPE:
        return g + 8;
    case LOCKSTEP_OP_KV:
        return s * (2 * g / s + 16) + 2;
    case LOCKSTEP_OP_SWIGLU:
        return g + 21;
    case LOCKSTEP_OP_ADD:
        return g + 6;
    default:
        return 0;
    }
}

static void test_formulas(struct host_test *t) {
    struct fw_tensor tensors[3 + LAYERS * 9]; /* of llama */
    const struct fw_model model = make_model(tensors);
    struct fw_program program;
    struct fw_refusal why;
    if (program_build(&model, &small_limits, &program, &why) != 0) {
        CHECK(t, false, "%s", why.what);
        return;
    }
    const struct prediction least = predict(t, &program, &model, CYCLES_ANY_PORT);
    const uint32_t ops = 2 + LAYERS * 20 + 3;
    uint64_t end = 0;
    CHECK(t, least.ops == ops, "%u ops, expected %u", least.ops, ops);
    for (uint32_t i = 0; i < least.ops; i++) {
        const struct cycles_op *op = &least.list[i].op;
        const uint32_t n = program.words[op->pc][2] >> 16;
        const uint64_t slots = i < 2 + LAYERS * 20 ? 2 : 1;
        const uint64_t expected = formula(op->op, slots, n);
        CHECK(t, expected == 0 || least.list[i].cycles == expected,
              "op %u (%u): %llu cycles, expected %llu", i, op->op,
              (unsigned long long)least.list[i].cycles, (unsigned long long)expected);
    }
    for (uint32_t latency = 1; latency < 2000; latency *= 3) {
        const struct prediction p = predict(t, &program, &model, latency);
        CHECK(t, p.ops == ops && p.end >= end && p.end >= least.end,
              "latency %u ends at %llu, a shorter one at %llu", latency, (unsigned long long)p.end,
              (unsigned long long)end);
        for (uint32_t i = 0; i < p.ops; i++) {
            CHECK(t, p.list[i].cycles >= least.list[i].cycles,
                  "latency %u, op %u: %llu cycles, fewer than any port allows", latency, i,
                  (unsigned long long)p.list[i].cycles);
            CHECK(t, latency != 1 || p.list[i].cycles <= least.list[i].cycles + 20,
                  "op %u: %llu cycles, and any port allows %llu", i,
                  (unsigned long long)p.list[i].cycles, (unsigned long long)least.list[i].cycles);
        }
        end = p.end;
    }
    /* One slot, one head of one block, position 0: the sum of docs/cycles.md, Attention. */
    struct cycles_attend shape = {
        .lanes = 4, .group = 1, .heads = 1, .kv_heads = 1, .head_dim = 32};
    const uint32_t one = 1;
    const uint64_t attend = cycles_attend(&shape, &one, 1);
    CHECK(t, attend == 1 + 9 + 8 + 7 + 1 + 20 + 10 + 8 + 1 + 8 + 2, "ATTEND takes %llu cycles",
          (unsigned long long)attend);
    shape.capped = true;
    CHECK(t, cycles_attend(&shape, &one, 1) == attend + 18, "with a cap %llu",
          (unsigned long long)cycles_attend(&shape, &one, 1));
}

/* Layers 0 and 1 of 3 see 4 positions, the third all. */
static void test_windows(struct host_test *t) {
    const struct fw_model model = {
        .layers = 6, .local_period = 3, .local_count = 2, .local_window = 4};
    struct walk walk = {.model = &model};
    for (; walk.layer < model.layers; walk.layer++)
        for (uint32_t position = 0; position < 9; position++) {
            const bool all = walk.layer % 3 == 2 || position < 4;
            CHECK(t, walk_seen(&walk, position) == (all ? position + 1 : 4),
                  "layer %u sees %u from position %u", walk.layer, walk_seen(&walk, position),
                  position);
        }
}

/* An expert loop: the experts that its slots chose in the layer, in ascending order, each for those
 * that chose it and with its own matrix. */
static void test_experts(struct host_test *t) {
    static const struct fw_tensor tensor = {
        .type = LOCKSTEP_TYPE_Q8_0, .rows = 4, .cols = 64, .address = 1000};
    static const struct fw_program program = {
        .words = {{LOCKSTEP_OP_LOOP},
                  {LOCKSTEP_OP_EXPERTS},
                  {LOCKSTEP_OP_MATVEC | LOCKSTEP_UCODE0_EXPERT_MASK},
                  {LOCKSTEP_OP_NEXT_EXPERT},
                  {LOCKSTEP_OP_MATVEC},
                  {LOCKSTEP_OP_NEXT},
                  {LOCKSTEP_OP_END}},
        .ops = 7};
    static const struct fw_model model = {.layers = 2, .tensors = &tensor};
    static const struct walk_choice choices[3][2] = {{{{5, 1}}, {{1, 0}}},
                                                     {{{4, 0}}, {{0, UINT64_C(1) << 63}}},
                                                     {{{UINT64_C(1) << 63, 1}}, {{1, 0}}}};
    static const struct {
        uint32_t layer, expert, slots; /* expert 128: behind the loop */
    } expected[] = {{0, 0, 1},   {0, 2, 3}, {0, 63, 4},  {0, 64, 5},
                    {0, 128, 7}, {1, 0, 5}, {1, 127, 2}, {1, 128, 7}};
    enum { STEPS = sizeof expected / sizeof *expected };
    struct walk walk = walk_begin(&program, &model, true);
    uint32_t steps, i = 0;
    for (uint32_t slot = 0; slot < 3; slot++)
        walk_slot(&walk, true, choices[slot]);
    for (; walk_next(&walk, &steps) && i < STEPS; walk_on(&walk), i++) {
        const uint32_t expert = expected[i].expert;
        uint32_t slots = 0;
        for (uint32_t slot = 0; slot < 3; slot++)
            slots |= (uint32_t)walk_active(&walk, slot) << slot;
        CHECK(t, walk.layer == expected[i].layer && slots == expected[i].slots,
              "op %u: layer %u, slots %x", i, walk.layer, slots);
        CHECK(t, walk.in_experts == (expert < 128) && (expert == 128 || walk.expert == expert),
              "op %u: expert %u", i, walk.expert);
        CHECK(t, walk_address(&walk) == 1000 + (expert < 128 ? expert * 4u * 68u : 0),
              "op %u: at %llu", i, (unsigned long long)walk_address(&walk));
    }
    CHECK(t, i == STEPS && walk.over, "%u ops", i);
}

static void check_run(struct host_test *t, const struct child *c, const char *what, bool exact) {
    const cJSON *said = child_item(c, "cycles.exact");
    CHECK(t, c->status == 0, "%s: exit %d: %s", what, c->status, c->err);
    CHECK(t, child_number(c, "cycles.ops") > 100, "%s: %g ops", what,
          child_number(c, "cycles.ops"));
    CHECK(t, child_number(c, "cycles.mismatches") == 0, "%s: %s", what, c->err);
    CHECK(t, cJSON_IsTrue(said) == exact, "%s: exact or not", what);
}

static void test_device(struct host_test *t) {
    static const struct {
        const char *config, *heads, *kv_heads, *dim, *type, *latency, *gaps, *jitter;
        const char *experts; /* a family that has them, or NULL */
    } runs[] = {
        {"small", "6", "2", "240", "F32", "1", "0", "0", NULL},
        {"small", "2", "1", "256", "Q4_0", "40", "0", "0", NULL},
        {"small", "5", "1", "160", "Q8_0", "200", "0", "0", NULL},
        {"default", "1", "1", "256", "F16", "40", "0", "0", NULL},
        {"default", "8", "2", "256", "Q8_0", "7", "0", "0", NULL},
        {"single", "6", "2", "240", "Q4_0", "3", "0", "0", NULL},
        {"small", "6", "2", "240", "F32", "1", "0", "9", NULL},
        {"default", "8", "2", "256", "Q8_0", "7", "100", "0", NULL},
        {"small", "4", "2", "64", "Q8_0", "40", "0", "0", "qwen2moe"},
        {"small", "4", "2", "64", "F16", "3", "50", "9", "llama"},
        {"default", "8", "2", "256", "Q4_0", "3", "0", "0", "qwen3moe"},
        /* bursts end where a page of each channel does */
        {"default", "5", "1", "160", "Q8_0", "230", "0", "0", NULL},
    };
    double took[sizeof runs / sizeof runs[0]];
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        static const char file[] = "build/tests/cycles/odd.gguf";
        const bool exact = runs[i].gaps[0] == '0' && runs[i].jitter[0] == '0';
        struct child c;
        char what[96];
        snprintf(what, sizeof what, "%s, %s heads of %s, %s", runs[i].config, runs[i].heads,
                 runs[i].dim, runs[i].type);
        child_start(&c, "build/gguf",
                    (const char *const[]){"make",
                                          file,
                                          "--layers",
                                          "2",
                                          "--hidden",
                                          "300",
                                          "--dim",
                                          runs[i].dim,
                                          "--heads",
                                          runs[i].heads,
                                          "--kv-heads",
                                          runs[i].kv_heads,
                                          "--type",
                                          runs[i].type,
                                          runs[i].experts != NULL ? "--experts" : NULL,
                                          "12",
                                          "--experts-used",
                                          "3",
                                          "--arch",
                                          runs[i].experts,
                                          NULL},
                    false);
        child_wait(&c);
        CHECK(t, c.status == 0, "%s: %s", what, c.err);
        child_close(&c);
        SIM(&c, runs[i].config, file, "-p", PROMPT, "-p", "Tom", "-n", "5", "--latency",
            runs[i].latency, "--gaps", runs[i].gaps, "--jitter", runs[i].jitter, "--no-reference");
        check_run(t, &c, what, exact);
        took[i] = child_number(&c, "device.cycles");
        child_close(&c);
        /* what makes the port irregular has to be felt: two runs are like others but for that */
        if (i == 6 || i == 7)
            CHECK(t, took[i] > took[i == 6 ? 0 : 4], "%s: jitter or gaps cost nothing", what);
        if (i != 0)
            continue;
        SIM(&c, runs[i].config, file, "-p", PROMPT, "-n", "3", "--no-reference", "--throttle",
            "hot", "--profile", "scripts/profiles/45nm-small.txt");
        check_run(t, &c, "with rests between the ops", true);
        CHECK(t, child_number(&c, "power.pace_most") > 1, "nothing was paced: %s", c.err);
        CHECK(t, child_number(&c, "power.temperature_c_peak") < 75.2, "it peaks at %g C",
              child_number(&c, "power.temperature_c_peak"));
        child_close(&c);
        SIM(&c, runs[i].config, file, "-p", PROMPT, "-n", "2", "--no-reference", "--miscount", "1");
        CHECK(t, c.status == 1, "a prediction off by one passes: exit %d", c.status);
        CHECK(t, child_number(&c, "cycles.mismatches") == child_number(&c, "cycles.ops"),
              "%g of %g ops are off", child_number(&c, "cycles.mismatches"),
              child_number(&c, "cycles.ops"));
        CHECK(t, strstr(child_string(&c, "message"), "op 0 ANGLES") != NULL, "%s",
              child_string(&c, "message"));
        child_close(&c);
        SIM(&c, runs[i].config, file, "-p", PROMPT, "-n", "2", "--no-reference", "--jitter", "1",
            "--miscount", "1");
        CHECK(t, c.status == 1, "with jitter, a prediction off by one passes: exit %d", c.status);
        child_close(&c);
    }
}

int main(void) {
    struct host_test t = {"cycles", 0, 0};
    host_folder(&t);
    test_formulas(&t);
    test_windows(&t);
    test_experts(&t);
    test_device(&t);
    return host_test_finish(&t);
}
