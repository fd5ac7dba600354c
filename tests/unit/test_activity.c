/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What a pass is expected to do, counted by hand: events, ops and energy of small programs, for
 * slots that want a token and slots that do not, with experts and without. test_power_check and
 * whole simulations hold it to the device.
 */
#include "csrc/base/device_info.h"
#include "csrc/expect/activity.h"
#include "tests/kit/host_test.h"
#include "tests/kit/small_limits.h"

enum { EMBED, MATVEC, NORM, ODD, FLOATS, ROUGH, TENSORS };

static const struct fw_tensor tensors[TENSORS] = {
    [EMBED] = {.type = LOCKSTEP_TYPE_F32, .rows = 10, .cols = 64, .address = 4096, .bytes = 2560},
    [MATVEC] = {.type = LOCKSTEP_TYPE_Q8_0, .rows = 5, .cols = 64, .address = 8200, .bytes = 340},
    [NORM] = {.type = LOCKSTEP_TYPE_F32, .rows = 1, .cols = 64, .address = 16388, .bytes = 256},
    [ODD] = {.type = LOCKSTEP_TYPE_F32, .rows = 10, .cols = 15, .address = 4105, .bytes = 600},
    [FLOATS] = {.type = LOCKSTEP_TYPE_F32, .rows = 2, .cols = 33, .address = 4096, .bytes = 264},
    [ROUGH] = {.type = LOCKSTEP_TYPE_MXFP4, .rows = 2, .cols = 64, .address = 4096, .bytes = 68}};

static const struct fw_model model = {
    .layers = 1, .heads = 4, .kv_heads = 2, .head_dim = 40, .n_rot = 32, .tensors = tensors};

#define OP(op, tensor, n)                                                                          \
    {(op) | (uint32_t)(tensor) << LOCKSTEP_UCODE0_TENSOR_SHIFT, 0, (n) << LOCKSTEP_UCODE2_N_SHIFT}

/* Everything before WANT is for three slots, what comes behind it for two. */
static const struct fw_program program = {
    .words = {OP(LOCKSTEP_OP_EMBED, EMBED, 64u), OP(LOCKSTEP_OP_ANGLES, 0, 0u),
              OP(LOCKSTEP_OP_NORM, NORM, 64u), OP(LOCKSTEP_OP_QUANT, 0, 65u),
              OP(LOCKSTEP_OP_MATVEC, MATVEC, 5u), OP(LOCKSTEP_OP_KV, 0, 80u),
              OP(LOCKSTEP_OP_ATTEND, 0, 160u), OP(LOCKSTEP_OP_WANT, 0, 0u),
              OP(LOCKSTEP_OP_ATTEND, 0, 160u), OP(LOCKSTEP_OP_ADD, 0, 64u),
              OP(LOCKSTEP_OP_LOGITS, MATVEC, 5u), OP(LOCKSTEP_OP_END, 0, 0u)},
    .ops = 12};

static const struct activity_slot slots[3] = {
    {.token = 3, .position = 6, .wants = true, .first = true, .fed = true},
    {.token = 0, .position = 9, .wants = false, .fed = true},
    {.token = 9, .position = 1, .wants = true}};

static struct activity activity;

static void run_program(const struct fw_program *of, const struct fw_limits *limits,
                        uint32_t count) {
    const struct power_settings settings = power_defaults();
    activity_open(&activity, of, &model, limits, &settings);
    for (uint32_t i = 0; i < count; i++)
        activity_slot(&activity, &slots[i % 3]);
    activity_pass(&activity);
}

static void run(const struct fw_limits *limits, uint32_t count) {
    run_program(&program, limits, count);
}

static void expect(struct host_test *t, uint32_t event, uint64_t expected) {
    CHECK(t, activity.sum.counts[event] == expected, "%s: %llu, not %llu", event_info[event].key,
          (unsigned long long)activity.sum.counts[event], (unsigned long long)expected);
}

static void test_events(struct host_test *t) {
    struct fw_limits limits = small_limits; /* a beat is 16 bytes, one word */
    for (uint32_t at_once = 1; at_once <= 2; at_once++) {
        limits.attention_heads = at_once;
        run(&limits, 3);
        expect(t, LOCKSTEP_EVENT_OP, 10);
        expect(t, LOCKSTEP_EVENT_CYCLE, 0); /* are no op's */
        expect(t, LOCKSTEP_EVENT_REGISTER, 0);
        expect(t, LOCKSTEP_EVENT_BURST, 0);
        /* of positions 6, 9, 1: 7, 10 and 2 positions; 2 blocks of K and of V */
        expect(t, LOCKSTEP_EVENT_ATTEND, 4 * 4 * (7 + 10 + 2) + 4 * 4 * (7 + 2));
        expect(t, LOCKSTEP_EVENT_KV_READ, (uint64_t)2 * (2 / at_once) * 4 * (7 + 10 + 2 + 7 + 2));
        expect(t, LOCKSTEP_EVENT_KV_WRITE, 3 * 2 * 2 * 2);
        expect(t, LOCKSTEP_EVENT_ANGLES, 3 * 16);
        expect(t, LOCKSTEP_EVENT_QUANT, 3 * 3);
        expect(t, LOCKSTEP_EVENT_NORM, 3 * 64);
        expect(t, LOCKSTEP_EVENT_EMBED, 3 * 64);
        expect(t, LOCKSTEP_EVENT_ADD, 2 * 64);
        expect(t, LOCKSTEP_EVENT_DOT8, 5 * 2 * (3 + 2));
        expect(t, LOCKSTEP_EVENT_HALF, 5 * 2 * 17 * 2);
        expect(t, LOCKSTEP_EVENT_RESULT, 5 * (3 + 2));
        expect(t, LOCKSTEP_EVENT_SAMPLE, 5 * 2);
        /* rows of 256 bytes at whole beats; 340 bytes from byte 8 of a beat on; 256 from byte 4 */
        expect(t, LOCKSTEP_EVENT_WORD, 3 * 16 + 2 * 22 + 17);
        expect(t, LOCKSTEP_EVENT_PROMPT, 1);
        CHECK(t,
              activity.sum.fed == 2 && activity.sum.chosen == 2 && activity.sum.passes == 1 &&
                  activity.sum.tokens == 3 && activity.slot_count == 0,
              "%u given, %u chosen", (unsigned)activity.sum.fed, (unsigned)activity.sum.chosen);
        CHECK(t, activity.sum.op[LOCKSTEP_OP_ATTEND].ops == 2 && activity.sum.layer[0].ops == 10,
              "%u ops ATTEND", (unsigned)activity.sum.op[LOCKSTEP_OP_ATTEND].ops);
    }
    limits.port_bits = 256; /* beats of two words */
    run(&limits, 3);
    expect(t, LOCKSTEP_EVENT_WORD, 2 * (3 * 8 + 2 * 11 + 9));
    run(&small_limits, 0); /* nobody wants: nothing behind WANT */
    expect(t, LOCKSTEP_EVENT_OP, 7);
    CHECK(t, activity.sum.counts[LOCKSTEP_EVENT_SAMPLE] == 0 && activity.sum.chosen == 0, "none");
}

/* A row a slot is read of the active slots alone: of its token, or at its position. */
static void test_rows(struct host_test *t) {
    static const struct fw_program wanting = {
        .words = {OP(LOCKSTEP_OP_WANT, 0, 0u), OP(LOCKSTEP_OP_EMBED, ODD, 15u),
                  OP(LOCKSTEP_OP_POSITION, ODD, 15u), OP(LOCKSTEP_OP_END, 0, 0u)},
        .ops = 4};
    uint64_t beats = 0;
    run_program(&wanting, &small_limits, 3);
    /* rows of 60 bytes from 4105 on; the slot between the two does not want */
    for (uint64_t i = 0; i < 3; i += 2) {
        const uint64_t token = 4105 + 60 * slots[i].token, position = 4105 + 60 * slots[i].position;
        beats += (token + 59) / 16 - token / 16 + 1 + (position + 59) / 16 - position / 16 + 1;
    }
    expect(t, LOCKSTEP_EVENT_OP, 2);
    expect(t, LOCKSTEP_EVENT_WORD, beats);
    expect(t, LOCKSTEP_EVENT_EMBED, 2 * 15 * 2);
}

/* 16-bit halfwords of 32 elements, rounded up, and blocks: of floats 2 or 1 an element, of a block
 * of 17 bytes 9. */
static void test_halves(struct host_test *t) {
    static const struct fw_program floats = {
        .words = {OP(LOCKSTEP_OP_MATVEC, FLOATS, 2u), OP(LOCKSTEP_OP_END, 0, 0u)}, .ops = 2};
    static const struct fw_program rough = {
        .words = {OP(LOCKSTEP_OP_MATVEC, ROUGH, 2u), OP(LOCKSTEP_OP_END, 0, 0u)}, .ops = 2};
    run_program(&floats, &small_limits, 3);
    expect(t, LOCKSTEP_EVENT_HALF, 2 * 2 * 64);
    expect(t, LOCKSTEP_EVENT_WORD, 17); /* of 264 bytes */
    expect(t, LOCKSTEP_EVENT_RESULT, 2 * 3);
    run_program(&rough, &small_limits, 3);
    expect(t, LOCKSTEP_EVENT_HALF, 2 * 2 * 9);
    expect(t, LOCKSTEP_EVENT_WORD, 5); /* of 68 bytes */
}

/* One pass behind another, of fewer slots: those of the first have no part in it. Layers and
 * experts are those of each slot. */
static void test_passes(struct host_test *t) {
    static const struct fw_program looped = {
        .words = {OP(LOCKSTEP_OP_LOOP, 0, 0u), OP(LOCKSTEP_OP_EXPERTS, 0, 0u),
                  OP(LOCKSTEP_OP_ADD, 0, 64u), OP(LOCKSTEP_OP_NEXT_EXPERT, 0, 0u),
                  OP(LOCKSTEP_OP_NEXT, 0, 0u), OP(LOCKSTEP_OP_ADD, 0, 32u),
                  OP(LOCKSTEP_OP_END, 0, 0u)},
        .ops = 7};
    static const struct fw_model layers = {.layers = 3, .heads = 4, .kv_heads = 2, .head_dim = 40};
    /* each an expert of its own, in the last layer the last ones */
    static const struct walk_choice choices[3][3] = {
        {{{1, 0}}, {{1, 0}}, {{0, UINT64_C(1) << 63}}},
        {{{2, 0}}, {{1, 0}}, {{0, UINT64_C(1) << 62}}},
        {{{4, 0}}, {{1, 0}}, {{0, UINT64_C(1) << 61}}}};
    const struct power_settings settings = power_defaults();
    activity_open(&activity, &looped, &layers, &small_limits, &settings);
    for (uint32_t i = 0; i < 3; i++) {
        activity_slot(&activity, &slots[i]);
        activity_choice(&activity, i, choices[i]);
    }
    activity_pass(&activity);
    expect(t, LOCKSTEP_EVENT_OP, 3 + 1 + 3 + 1);
    expect(t, LOCKSTEP_EVENT_ADD, 3 * 3 * 64 + 3 * 32);
    for (uint32_t layer = 0; layer < 5; layer++) {
        static const uint64_t ops[5] = {3, 1, 3, 1, 0}, elements[5] = {192, 192, 192, 96, 0};
        const struct activity_total *const of = &activity.sum.layer[layer];
        CHECK(t,
              of->ops == ops[layer] &&
                  of->energy ==
                      elements[layer] * settings.coefficient[LOCKSTEP_EVENT_ADD] +
                          ops[layer] * settings.coefficient[LOCKSTEP_EVENT_OP] *
                              in_mask(LOCKSTEP_UNITS_WORK, event_info[LOCKSTEP_EVENT_OP].unit),
              "layer %u: %u ops, %u fJ", layer, (unsigned)of->ops, (unsigned)of->energy);
    }
    CHECK(t, activity.sum.op[0].ops == 0 && activity.sum.op[LOCKSTEP_OP_ADD].ops == 8, "%u ops ADD",
          (unsigned)activity.sum.op[LOCKSTEP_OP_ADD].ops);
    CHECK(t, activity.sum.fed == 2 && activity.sum.chosen == 2 && activity.sum.tokens == 3,
          "%u tokens", (unsigned)activity.sum.tokens);
    activity_slot(&activity, &slots[1]);
    activity_choice(&activity, 0, choices[1]);
    activity_pass(&activity);
    expect(t, LOCKSTEP_EVENT_OP, 8 + 4);
    expect(t, LOCKSTEP_EVENT_ADD, 3 * 3 * 64 + 3 * 32 + 3 * 64 + 32);
    expect(t, LOCKSTEP_EVENT_PROMPT, 1);
    CHECK(t,
          activity.sum.fed == 3 && activity.sum.chosen == 2 && activity.sum.tokens == 4 &&
              activity.sum.passes == 2,
          "%u given, %u chosen", (unsigned)activity.sum.fed, (unsigned)activity.sum.chosen);
}

/* The energy of an op is that of the units that work; others' is of the clock. */
static void test_energy(struct host_test *t) {
    const struct power_settings s = power_defaults();
    uint64_t sum = 0, ops = 0;
    run(&small_limits, 3);
    const uint64_t *n = activity.sum.counts;
    const uint64_t add = activity.sum.op[LOCKSTEP_OP_ADD].energy,
                   quant = activity.sum.op[LOCKSTEP_OP_QUANT].energy;
    CHECK(t, add == 128 * (uint64_t)s.coefficient[LOCKSTEP_EVENT_ADD], "ADD: %llu fJ",
          (unsigned long long)add);
    CHECK(t, quant == 9 * (uint64_t)s.coefficient[LOCKSTEP_EVENT_QUANT], "QUANT: %llu fJ",
          (unsigned long long)quant);
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
        if (in_mask(LOCKSTEP_UNITS_WORK, event_info[e].unit))
            sum += n[e] * s.coefficient[e];
    for (uint32_t i = 0; i < ACTIVITY_OPS; i++)
        ops += activity.sum.op[i].energy;
    CHECK(t, sum != 0 && ops == sum && activity.sum.layer[0].energy == sum,
          "ops take %llu fJ, their events cost %llu", (unsigned long long)ops,
          (unsigned long long)sum);
}

/* No more slots than there are; choices of none, and of a slot that is not there. */
static void test_limits(struct host_test *t) {
    static const struct power_settings settings;
    static const struct walk_choice choice[WALK_LAYERS] = {{{5}}};
    static struct activity before;
    activity_open(&activity, &program, &model, &small_limits, &settings);
    for (uint32_t i = 0; i < 2 * ACTIVITY_SLOTS; i++) {
        activity_slot(&activity, &slots[0]);
        CHECK(t, activity.slot_count == (i < ACTIVITY_SLOTS ? i + 1 : ACTIVITY_SLOTS), "%u slots",
              activity.slot_count);
    }
    before = activity;
    activity_choice(&activity, 0, NULL);
    activity_choice(&activity, ACTIVITY_SLOTS, choice);
    CHECK(t, memcmp(&before, &activity, sizeof activity) == 0, "a choice of nobody");
    activity_choice(&activity, ACTIVITY_SLOTS - 1, choice);
    CHECK(t, activity.choices[ACTIVITY_SLOTS - 1][0].experts[0] == 5, "a choice");
}

int main(void) {
    struct host_test t = {"activity", 0, 0};
    test_events(&t);
    test_rows(&t);
    test_halves(&t);
    test_passes(&t);
    test_energy(&t);
    test_limits(&t);
    return host_test_finish(&t);
}
