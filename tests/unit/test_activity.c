/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What a pass is expected to do, counted by hand: events, ops and energy of small programs, for
 * slots that want a token and slots that do not, with experts and without. test_power_check and
 * whole simulations hold it to the device.
 */
#include "csrc/expect/activity.h"
#include "tests/kit/host_test.h"
#include "tests/kit/small_limits.h"

enum { EMBED, MATVEC, NORM, ODD, TENSORS };

static const struct fw_tensor tensors[TENSORS] = {
    [EMBED] = {.type = LOCKSTEP_TYPE_F32, .rows = 10, .cols = 64, .address = 4096, .bytes = 2560},
    [MATVEC] = {.type = LOCKSTEP_TYPE_Q8_0, .rows = 5, .cols = 64, .address = 8200, .bytes = 340},
    [NORM] = {.type = LOCKSTEP_TYPE_F32, .rows = 1, .cols = 64, .address = 16388, .bytes = 256},
    [ODD] = {.type = LOCKSTEP_TYPE_F32, .rows = 10, .cols = 15, .address = 4100, .bytes = 600}};

static const struct fw_model model = {
    .layers = 1, .heads = 4, .kv_heads = 2, .head_dim = 40, .n_rot = 32, .tensors = tensors};

#define OP(op, tensor, n)                                                                          \
    {(op) | (uint32_t)(tensor) << LOCKSTEP_UCODE0_TENSOR_SHIFT, 0, (n) << LOCKSTEP_UCODE2_N_SHIFT}

/* Everything before WANT is for three slots, what comes behind it for two. */
static const struct fw_program program = {
    .words = {OP(LOCKSTEP_OP_EMBED, EMBED, 64u), OP(LOCKSTEP_OP_ANGLES, 0, 0u),
              OP(LOCKSTEP_OP_NORM, NORM, 64u), OP(LOCKSTEP_OP_QUANT, 0, 72u),
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
    /* rows of 60 bytes from 4100 on; the slot between the two does not want */
    for (uint64_t i = 0; i < 3; i += 2) {
        const uint64_t token = 4100 + 60 * slots[i].token, position = 4100 + 60 * slots[i].position;
        beats += (token + 59) / 16 - token / 16 + 1 + (position + 59) / 16 - position / 16 + 1;
    }
    expect(t, LOCKSTEP_EVENT_OP, 2);
    expect(t, LOCKSTEP_EVENT_WORD, beats);
    expect(t, LOCKSTEP_EVENT_EMBED, 2 * 15 * 2);
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
    test_energy(&t);
    test_limits(&t);
    return host_test_finish(&t);
}
