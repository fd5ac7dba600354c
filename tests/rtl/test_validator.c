/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the validator refuses: one fault at a time in geometry, microcode or tensor table of a good
 * model, each with the code and the place that must be reported. Arguments: seed=, stall=, fault=.
 */
#include "control_model.h"

#include "csrc/base/device_info.h"

#include <stdio.h>
#include <string.h>

/* Validates; compares the error (0: none) and its place. */
static void expect(struct bench *b, const char *what, uint32_t code, uint32_t pc, uint32_t layer,
                   uint32_t tensor) {
    uint32_t status, is;
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_VALIDATE_MASK);
    bench_run_until_idle(b);
    status = bus_read(b, LOCKSTEP_REG_STATUS);
    is = bus_read(b, LOCKSTEP_REG_ERROR_CODE);
    CHECK(&b->test, is == code, "%s: code %u, expected %u", what, is, code);
    CHECK(&b->test,
          (status & LOCKSTEP_STATUS_MODEL_READY_MASK) ==
              (code == 0 ? LOCKSTEP_STATUS_MODEL_READY_MASK : 0),
          "%s: status %08x", what, status);
    CHECK(&b->test, !(status & LOCKSTEP_STATUS_ERROR_MASK) == (code == 0), "%s: status %08x", what,
          status);
    if (code == 0)
        return;
    is = bus_read(b, LOCKSTEP_REG_ERROR_PC);
    CHECK(&b->test, is == pc, "%s: pc %u, expected %u", what, is, pc);
    is = bus_read(b, LOCKSTEP_REG_ERROR_LAYER);
    CHECK(&b->test, is == layer, "%s: layer %u, expected %u", what, is, layer);
    is = bus_read(b, LOCKSTEP_REG_ERROR_TENSOR);
    CHECK(&b->test, is == tensor, "%s: tensor %u, expected %u", what, is, tensor);
}

enum { AT_ANGLES, AT_EMBED, AT_POSITION, AT_LOOP, AT_NORM, AT_QUANT, AT_MATVEC, AT_ROPE = 9 };
enum { AT_KV = 11, AT_ATTEND, AT_ADD = 15, AT_SWIGLU = 20, AT_ROUTE = 26, AT_EXPERTS };
enum { AT_EXPERT_QUANT = 28, AT_EXPERT, AT_SIGMOID, AT_WEIGH, AT_NEXT_EXPERT, AT_NEXT, AT_WANT };
enum { AT_LAST_NORM = 35, AT_LOGITS = 37 };

#define EXPERTS(count, used) ((count) | (used) << LOCKSTEP_EXPERTS_USED_SHIFT)

struct setting {
    uint32_t reg, good, bad;
};

/* Rotation by halves wants a result apart; any pairs of a head may turn. */
static void test_halves(struct bench *b) {
    struct model_op in_place = model_program[AT_ROPE];
    in_place.dst = in_place.a;
    model_write_op(b, AT_ROPE, &in_place);
    expect(b, "neighbours in place", 0, 0, 0, 0);
    bus_write(b, LOCKSTEP_REG_ROPE_MODE, LOCKSTEP_ROPE_MODE_HALVES_MASK);
    expect(b, "halves in place", LOCKSTEP_ERROR_PROGRAM, AT_ROPE, 0, 0);
    model_write_op(b, AT_ROPE, &model_program[AT_ROPE]);
    expect(b, "halves apart", 0, 0, 0, 0);
    for (uint32_t width = 2; width <= MODEL_HEAD_DIM; width += 2) {
        bus_write(b, LOCKSTEP_REG_N_ROT, width);
        expect(b, "halves of a width", 0, 0, 0, 0);
        bus_write(b, LOCKSTEP_REG_ROPE_MODE, 0);
        expect(b, "neighbours of a width", 0, 0, 0, 0);
        bus_write(b, LOCKSTEP_REG_ROPE_MODE, LOCKSTEP_ROPE_MODE_HALVES_MASK);
    }
    bus_write(b, LOCKSTEP_REG_N_ROT, MODEL_HEAD_DIM);
    bus_write(b, LOCKSTEP_REG_ROPE_MODE, 0);
    expect(b, "restored", 0, 0, 0, 0);
}

static void test_geometry(struct bench *b) {
    const uint32_t context = bus_read(b, LOCKSTEP_REG_CONTEXT_MAX);
    const uint32_t seqs = bus_read(b, LOCKSTEP_REG_SEQS);
    const struct setting settings[] = {
        {LOCKSTEP_REG_N_LAYERS, MODEL_LAYERS, 0},
        {LOCKSTEP_REG_N_HEADS, MODEL_HEADS, 0},
        {LOCKSTEP_REG_N_HEADS, MODEL_HEADS, 5}, /* no multiple of the KV heads */
        {LOCKSTEP_REG_N_HEADS, MODEL_HEADS, 1},
        {LOCKSTEP_REG_N_KV_HEADS, MODEL_KV_HEADS, 0},
        {LOCKSTEP_REG_N_KV_HEADS, MODEL_KV_HEADS, 3},
        {LOCKSTEP_REG_HEAD_DIM, MODEL_HEAD_DIM, 0},
        {LOCKSTEP_REG_HEAD_DIM, MODEL_HEAD_DIM, 257},
        {LOCKSTEP_REG_N_ROT, MODEL_HEAD_DIM, MODEL_HEAD_DIM + 2},
        {LOCKSTEP_REG_N_ROT, MODEL_HEAD_DIM, MODEL_HEAD_DIM - 1}, /* half a pair */
        {LOCKSTEP_REG_CONTEXT, MODEL_CONTEXT, 0},
        {LOCKSTEP_REG_CONTEXT, MODEL_CONTEXT, context + 1},
        {LOCKSTEP_REG_N_SEQS, MODEL_SEQS, 0},
        {LOCKSTEP_REG_N_SEQS, MODEL_SEQS, seqs + 1},
        {LOCKSTEP_REG_VOCAB, MODEL_VOCAB, 0},
        {LOCKSTEP_REG_EXPERTS, EXPERTS(MODEL_EXPERTS, MODEL_USED), EXPERTS(129, 3)},
        {LOCKSTEP_REG_EXPERTS, EXPERTS(MODEL_EXPERTS, MODEL_USED), EXPERTS(MODEL_EXPERTS, 0)},
        {LOCKSTEP_REG_EXPERTS, EXPERTS(MODEL_EXPERTS, MODEL_EXPERTS), EXPERTS(100, 101)},
        {LOCKSTEP_REG_EXPERTS, EXPERTS(MODEL_EXPERTS, 1), EXPERTS(0, 1)},
        {LOCKSTEP_REG_LOCAL, 0, 1u << LOCKSTEP_LOCAL_COUNT_SHIFT},
        {LOCKSTEP_REG_LOCAL, 0, 6u | 7u << LOCKSTEP_LOCAL_COUNT_SHIFT},
        {LOCKSTEP_REG_ATTN_CAP, 0, 0x42480000}, /* 50, without its slope */
    };
    char what[32];
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        snprintf(what, sizeof what, "geometry %zu", i);
        bus_write(b, settings[i].reg, settings[i].bad);
        CHECK(&b->test, !(bus_read(b, LOCKSTEP_REG_STATUS) & LOCKSTEP_STATUS_MODEL_READY_MASK),
              "%s: a change leaves MODEL_READY", what);
        expect(b, what, LOCKSTEP_ERROR_GEOMETRY, 0, 0, 0);
        bus_write(b, settings[i].reg, settings[i].good);
        expect(b, "restored", 0, 0, 0, 0);
    }
    /* Where nothing turns, a head may be as small as one element. */
    bus_write(b, LOCKSTEP_REG_N_ROT, 0);
    bus_write(b, LOCKSTEP_REG_HEAD_DIM, 0);
    expect(b, "heads of nothing", LOCKSTEP_ERROR_GEOMETRY, 0, 0, 0);
    bus_write(b, LOCKSTEP_REG_HEAD_DIM, 1);
    expect(b, "ANGLES, and nothing turns", LOCKSTEP_ERROR_PROGRAM, AT_ANGLES, 0, 0);
    bus_write(b, LOCKSTEP_REG_HEAD_DIM, MODEL_HEAD_DIM);
    bus_write(b, LOCKSTEP_REG_N_ROT, MODEL_HEAD_DIM);
    expect(b, "restored", 0, 0, 0, 0);
}

/* Any window of some layers; a cap and its slope are positive and normal. */
static void test_attention(struct bench *b) {
    static const uint32_t good[] = {0x00800000, 0x3f800000, 0x7f7fffff};
    static const uint32_t bad[] = {0,          0x00000001, 0x007fffff, 0x7f800000,
                                   0x7fc00000, 0x80000000, 0xc2480000};
    for (uint32_t count = 0; count <= 6; count += 3) {
        bus_write(b, LOCKSTEP_REG_LOCAL,
                  6u | count << LOCKSTEP_LOCAL_COUNT_SHIFT | LOCKSTEP_LOCAL_ROPE_MASK);
        bus_write(b, LOCKSTEP_REG_ATTN_WINDOW, count ? 0xffffu : 1);
        expect(b, "local layers", 0, 0, 0, 0);
    }
    bus_write(b, LOCKSTEP_REG_LOCAL, 0);
    bus_write(b, LOCKSTEP_REG_ATTN_WINDOW, 0);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        bus_write(b, LOCKSTEP_REG_ATTN_CAP, good[i]);
        bus_write(b, LOCKSTEP_REG_ATTN_CAP_SLOPE, good[i]);
        expect(b, "cap", 0, 0, 0, 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bus_write(b, LOCKSTEP_REG_ATTN_CAP_SLOPE, bad[i]);
        expect(b, "slope", LOCKSTEP_ERROR_GEOMETRY, 0, 0, 0);
        bus_write(b, LOCKSTEP_REG_ATTN_CAP_SLOPE, good[0]);
        bus_write(b, LOCKSTEP_REG_ATTN_CAP, bad[i]);
        expect(b, "cap", bad[i] ? LOCKSTEP_ERROR_GEOMETRY : 0, 0, 0, 0);
        bus_write(b, LOCKSTEP_REG_ATTN_CAP, good[0]);
    }
    bus_write(b, LOCKSTEP_REG_ATTN_CAP, 0);
    bus_write(b, LOCKSTEP_REG_ATTN_CAP_SLOPE, bad[0]);
    expect(b, "no cap", 0, 0, 0, 0);
}

/* KV_WORDS, to the word: the largest context that fits, and the next. */
static void test_kv_words(struct bench *b) {
    const uint32_t words = bus_read(b, LOCKSTEP_REG_KV_WORDS);
    const uint32_t position = MODEL_SEQS * MODEL_LAYERS * 2 * MODEL_KV_HEADS;
    const uint32_t fits = words / position, most = bus_read(b, LOCKSTEP_REG_CONTEXT_MAX);
    if (fits < most) {
        bus_write(b, LOCKSTEP_REG_CONTEXT, fits);
        expect(b, "KV full to the brim", 0, 0, 0, 0);
        bus_write(b, LOCKSTEP_REG_CONTEXT, fits + 1);
        expect(b, "KV overflow", LOCKSTEP_ERROR_GEOMETRY, 0, 0, 0);
    }
    bus_write(b, LOCKSTEP_REG_CONTEXT, MODEL_CONTEXT);
}

/* Instruction `pc` becomes `op`; validation must say `code` there. */
static void refuse_op(struct bench *b, const char *what, uint32_t pc, struct model_op op) {
    model_write_op(b, pc, &op);
    expect(b, what, LOCKSTEP_ERROR_PROGRAM, pc, 0, 0);
    model_write_op(b, pc, &model_program[pc]);
}

static void test_program(struct bench *b) {
    const uint32_t top = bus_read(b, LOCKSTEP_REG_VEC_WORDS) / 32; /* first address past the end */
    struct model_op op;
#define REFUSE(pc, what, change)                                                                   \
    op = model_program[pc];                                                                        \
    change;                                                                                        \
    refuse_op(b, what, pc, op)
    for (uint32_t code = 4; code < 64; code++)
        if (!in_mask(LOCKSTEP_OPS, code)) {
            REFUSE(AT_ADD, "unknown opcode", op.op = code);
        }
    REFUSE(AT_NEXT, "LOOP in a loop", op.op = LOCKSTEP_OP_LOOP);
    REFUSE(AT_WANT, "NEXT outside", op.op = LOCKSTEP_OP_NEXT);
    REFUSE(AT_NEXT, "END in a loop", op.op = LOCKSTEP_OP_END);
    REFUSE(AT_NEXT, "NEXT with PER_LAYER", op.flags |= MODEL_OF_LAYER);
    REFUSE(AT_WANT, "PER_LAYER outside", (op = model_program[AT_NORM], op.flags |= MODEL_OF_LAYER));
    REFUSE(AT_ANGLES, "no magnitude", op.imm = 0);
    REFUSE(AT_ANGLES, "a subnormal magnitude", op.imm = 0x007fffff);
    REFUSE(AT_ANGLES, "a magnitude above 2", op.imm = 0x40000001);
    REFUSE(AT_ANGLES, "a magnitude below 0", op.imm = 0xbf800000);
    REFUSE(AT_NORM, "dst past the end", op.dst = top - 1);
    REFUSE(AT_NORM, "a past the end", op.a = top - 1);
    REFUSE(AT_NORM, "no elements", op.n = 0);
    REFUSE(AT_NORM, "too many elements", op.n = top * 32 + 1);
    REFUSE(AT_QUANT, "a past the end", op.a = 0xffff);
    REFUSE(AT_MATVEC, "another n than QUANT", op.n = MODEL_DIM - 1);
    REFUSE(AT_ROPE, "neither Q nor K", op.n = 48);
    REFUSE(AT_ROPE, "dst past the end", op.dst = top);
    REFUSE(AT_KV, "not all KV heads", op.n = MODEL_HEAD_DIM);
    REFUSE(AT_KV, "b past the end", op.b = top);
    REFUSE(AT_ATTEND, "not all heads", op.n = MODEL_HEAD_DIM);
    REFUSE(AT_ADD, "b past the end", op.b = top - 1);
    REFUSE(AT_SWIGLU, "dst past the end", op.dst = top - 2);
    REFUSE(AT_WANT, "KV outside", op = model_program[AT_KV]);
    REFUSE(AT_WANT, "ATTEND outside", op = model_program[AT_ATTEND]);
    REFUSE(AT_LOGITS, "another n than QUANT", op.n = 32);
    REFUSE(AT_WANT, "END without LOGITS", op.op = LOCKSTEP_OP_END);
    REFUSE(AT_NEXT, "LOGITS in a loop", op = model_program[AT_LOGITS]);
    REFUSE(AT_LOGITS + 1, "LOGITS twice", op = model_program[AT_LOGITS]);
    REFUSE(AT_WANT, "ROUTE outside", op = model_program[AT_ROUTE]);
    REFUSE(AT_ROUTE, "not all experts", op.n = MODEL_EXPERTS - 1);
    REFUSE(AT_EXPERTS, "NEXT_EXPERT outside", op.op = LOCKSTEP_OP_NEXT_EXPERT);
    REFUSE(AT_SIGMOID, "EXPERTS in its loop", op.op = LOCKSTEP_OP_EXPERTS);
    REFUSE(AT_SIGMOID, "LOOP in an expert loop", op.op = LOCKSTEP_OP_LOOP);
    REFUSE(AT_SIGMOID, "WANT in an expert loop", op.op = LOCKSTEP_OP_WANT);
    REFUSE(AT_SIGMOID, "END in an expert loop", op.op = LOCKSTEP_OP_END);
    REFUSE(AT_NEXT_EXPERT, "NEXT in an expert loop", op.op = LOCKSTEP_OP_NEXT);
    REFUSE(AT_SIGMOID, "ROUTE in an expert loop", op = model_program[AT_ROUTE]);
    REFUSE(AT_SIGMOID, "EMBED in an expert loop", op = model_program[AT_EMBED]);
    REFUSE(AT_SIGMOID, "POSITION in an expert loop", op = model_program[AT_POSITION]);
    REFUSE(AT_EXPERT, "LOGITS in an expert loop", op = model_program[AT_LOGITS]);
    REFUSE(AT_MATVEC, "EXPERT outside", op.flags |= MODEL_OF_EXPERT);
    REFUSE(AT_SIGMOID, "EXPERT of a NORM",
           (op = model_program[AT_NORM], op.flags |= MODEL_OF_EXPERT));
    REFUSE(AT_WEIGH, "dst and b", op.dst = op.b);
    REFUSE(AT_WEIGH, "weights past the end", op.b = top - 3);
    REFUSE(AT_NEXT, "QUANT of an expert",
           (op = model_program[AT_EXPERT], op.flags = MODEL_OF_LAYER));
    REFUSE(AT_WANT, "WEIGH past the end", (op = model_program[AT_WEIGH], op.b = top));
#undef REFUSE
    op = model_program[AT_WEIGH];
    op.b = top - 1;
    model_write_op(b, AT_SWIGLU, &op); /* a single weight outside of an expert loop */
    expect(b, "the last weight", 0, 0, 0, 0);
    model_write_op(b, AT_SWIGLU, &model_program[AT_SWIGLU]);
    model_write_op(b, AT_ROUTE, &model_program[AT_SIGMOID]);
    expect(b, "no ROUTE in the loop", LOCKSTEP_ERROR_PROGRAM, AT_EXPERTS, 0, 0);
    model_write_op(b, AT_ROUTE, &model_program[AT_ROUTE]);
    model_write_op(b, AT_EXPERT_QUANT, &model_program[AT_SIGMOID]);
    expect(b, "QUANT of no expert", LOCKSTEP_ERROR_PROGRAM, AT_EXPERT, 0, 0);
    model_write_op(b, AT_EXPERT_QUANT, &model_program[AT_EXPERT_QUANT]);
    bus_write(b, LOCKSTEP_REG_EXPERTS, 0);
    expect(b, "no experts", LOCKSTEP_ERROR_PROGRAM, AT_ROUTE, 0, 0);
    bus_write(b, LOCKSTEP_REG_EXPERTS, EXPERTS(MODEL_EXPERTS, MODEL_USED));
    /* The QUANT before a loop does not serve in it. */
    model_write_op(b, AT_EMBED, &model_program[AT_QUANT]);
    model_write_op(b, AT_QUANT, &model_program[AT_ADD]);
    expect(b, "QUANT outside", LOCKSTEP_ERROR_PROGRAM, AT_MATVEC, 0, 0);
    model_write_op(b, AT_EMBED, &model_program[AT_EMBED]);
    model_write_op(b, AT_QUANT, &model_program[AT_QUANT]);
    /* The bank is ANGLES' alone; the other bits of word 0 are reserved. */
    for (uint32_t bit = LOCKSTEP_UCODE0_BANK_SHIFT; bit < LOCKSTEP_UCODE0_TENSOR_SHIFT; bit++) {
        bus_write(b, LOCKSTEP_REG_UCODE_ADDR, 4 * AT_ADD);
        bus_write(b, LOCKSTEP_REG_UCODE_DATA, LOCKSTEP_OP_ADD | 1u << bit);
        expect(b, "a bit of ADD", LOCKSTEP_ERROR_PROGRAM, AT_ADD, 0, 0);
        model_write_op(b, AT_ADD, &model_program[AT_ADD]);
        bus_write(b, LOCKSTEP_REG_UCODE_ADDR, 4 * AT_ANGLES);
        bus_write(b, LOCKSTEP_REG_UCODE_DATA, LOCKSTEP_OP_ANGLES | 1u << bit);
        expect(b, "a bit of ANGLES", bit == LOCKSTEP_UCODE0_BANK_SHIFT ? 0 : LOCKSTEP_ERROR_PROGRAM,
               AT_ANGLES, 0, 0);
        model_write_op(b, AT_ANGLES, &model_program[AT_ANGLES]);
    }
    /* No END: the rest of the store is filled with what may stand anywhere. */
    uint32_t ops = bus_read(b, LOCKSTEP_REG_UCODE_OPS);
    for (uint32_t pc = MODEL_OPS - 1; pc < ops; pc++)
        model_write_op(b, pc, &model_program[AT_WANT]);
    expect(b, "no END", LOCKSTEP_ERROR_PROGRAM, ops & 0xff, 0, 0);
    model_write_op(b, ops - 2, &model_program[AT_LOOP]);
    model_write_op(b, ops - 1, &model_program[AT_NORM]); /* of the last layer's tensor */
    expect(b, "no END behind a loop", LOCKSTEP_ERROR_PROGRAM, ops & 0xff, 0, 0);
    model_write_op(b, ops - 2, &model_program[AT_WANT]);
    model_write_op(b, ops - 1, &model_program[MODEL_OPS - 1]);
    expect(b, "END at the end", 0, 0, 0, 0);
    model_write_op(b, MODEL_OPS - 1, &model_program[MODEL_OPS - 1]);
    expect(b, "restored", 0, 0, 0, 0);
    op = model_program[AT_ANGLES];
    op.imm = 0x40000000;
    model_write_op(b, AT_ANGLES, &op);
    expect(b, "a magnitude of 2", 0, 0, 0, 0);
    model_write_op(b, AT_ANGLES, &model_program[AT_ANGLES]);
    /* The last element just fits. */
    op = model_program[AT_ADD];
    op.b = top - MODEL_DIM / 32;
    model_write_op(b, AT_ADD, &op);
    expect(b, "b up to the end", 0, 0, 0, 0);
    model_write_op(b, AT_ADD, &model_program[AT_ADD]);
}

/* An instruction that may stand in the place of AT_ADD, or not. */
static void try_op(struct bench *b, const char *what, bool good, struct model_op op) {
    model_write_op(b, AT_ADD, &op);
    expect(b, what, good ? 0 : LOCKSTEP_ERROR_PROGRAM, AT_ADD, 0, 0);
}

/* Where a result may lie beside its operands, and how long vectors of heads are. */
static void test_vectors(struct bench *b) {
    const uint32_t top = bus_read(b, LOCKSTEP_REG_VEC_WORDS) / 32;
    const uint32_t q_n = MODEL_HEADS * MODEL_HEAD_DIM, kv_n = MODEL_KV_HEADS * MODEL_HEAD_DIM;
    static const uint32_t binary[] = {LOCKSTEP_OP_ADD, LOCKSTEP_OP_SWIGLU, LOCKSTEP_OP_GEGLU};
    static const uint32_t unary[] = {LOCKSTEP_OP_GELU, LOCKSTEP_OP_SCALE, LOCKSTEP_OP_CENTER};
    static const uint32_t own[] = {LOCKSTEP_OP_HEADCENTER, LOCKSTEP_OP_HEADNORM_OWN};
    for (size_t i = 0; i < sizeof binary / sizeof *binary; i++) { /* 70 words: three units */
        struct model_op op = {.op = binary[i], .dst = 8, .a = 5, .b = 11, .n = 70};
        try_op(b, "apart by nothing", true, op);
        op.dst = 5;
        try_op(b, "in place of a", true, op);
        op.dst = 11;
        try_op(b, "in place of b", true, op);
        op.dst = 6;
        try_op(b, "in the end of a", false, op);
        op.dst = 3;
        try_op(b, "in the beginning of a", false, op);
        op.dst = 13;
        try_op(b, "in the end of b", false, op);
        op.dst = 9;
        try_op(b, "in the beginning of b", false, op);
        op.dst = 8, op.b = top - 2;
        try_op(b, "b past the end", false, op);
    }
    for (size_t i = 0; i < sizeof unary / sizeof *unary; i++) {
        struct model_op op = {.op = unary[i], .dst = 5, .a = 5, .b = 4, .n = 70};
        try_op(b, "in place", true, op);
        op.dst = 7;
        try_op(b, "in the end of a", false, op);
        op.dst = 8, op.b = 0xffff;
        try_op(b, "a word that is none of its own", true, op);
        op.a = top - 2;
        try_op(b, "a past the end", false, op);
        op.a = 4, op.dst = top - 2;
        try_op(b, "dst past the end", false, op);
    }
    struct model_op op = {.op = LOCKSTEP_OP_HEADNORM, .dst = 4, .a = 4, .b = 6, .n = q_n};
    try_op(b, "all heads", true, op);
    op.n = kv_n;
    try_op(b, "all KV heads", true, op);
    op.n = MODEL_HEAD_DIM;
    try_op(b, "one head", false, op);
    op.n = q_n, op.b = top - 1;
    try_op(b, "a gain of one head up to the end", true, op);
    op.b = top;
    try_op(b, "a gain past the end", false, op);
    op.b = 4;
    try_op(b, "in place of the gain", false, op);
    op.b = 5;
    try_op(b, "over the gain", false, op);
    op.b = 3;
    try_op(b, "behind the gain", true, op);
    op.dst = 6, op.b = 4;
    try_op(b, "a gain that is normed", true, op);
    op.dst = 5;
    try_op(b, "in the end of a", false, op);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        const bool gains = own[i] == LOCKSTEP_OP_HEADNORM_OWN; /* a word each */
        op = (struct model_op){.op = own[i], .dst = 4, .a = 4, .b = top - q_n / 32, .n = q_n};
        try_op(b, "all heads", true, op);
        op.b += 1;
        try_op(b, "gains past the end", !gains, op);
        op.b = 4;
        try_op(b, "in place of a and of the gains", true, op);
        op.b = 5;
        try_op(b, "over the gains", !gains, op);
        op.b = 4 + q_n / 32, op.n = kv_n;
        try_op(b, "all KV heads", true, op);
        op.n = MODEL_HEAD_DIM;
        try_op(b, "one head", false, op);
    }
    model_write_op(b, AT_ADD, &model_program[AT_ADD]);
    expect(b, "restored", 0, 0, 0, 0);
}

/* OFFER, in the places of LOGITS and END: every token once, in ascending order. */
static void test_pieces(struct bench *b) {
    const uint32_t top = bus_read(b, LOCKSTEP_REG_VEC_WORDS) / 32;
    const struct model_op end = {.op = LOCKSTEP_OP_END};
    struct model_op op = {.op = LOCKSTEP_OP_OFFER, .a = top - 1, .n = 5};
    model_write_op(b, AT_LOGITS, &op);
    expect(b, "END before the last token", LOCKSTEP_ERROR_PROGRAM, AT_LOGITS + 1, 0, 0);
    op.imm = 5, op.n = MODEL_VOCAB - 5;
    model_write_op(b, AT_LOGITS + 1, &op);
    model_write_op(b, AT_LOGITS + 2, &end);
    expect(b, "a vector past the end", LOCKSTEP_ERROR_PROGRAM, AT_LOGITS + 1, 0, 0);
    op.a = top - 2;
    model_write_op(b, AT_LOGITS + 1, &op);
    expect(b, "all tokens", 0, 0, 0, 0);
    static const uint32_t wrong[] = {0, 4, 6, 0x80000000u | 5};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        op.imm = wrong[i];
        model_write_op(b, AT_LOGITS + 1, &op);
        expect(b, "not the next token", LOCKSTEP_ERROR_PROGRAM, AT_LOGITS + 1, 0, 0);
    }
    op.imm = 5, op.n++;
    model_write_op(b, AT_LOGITS + 1, &op);
    expect(b, "past the last token", LOCKSTEP_ERROR_PROGRAM, AT_LOGITS + 1, 0, 0);
    model_write_op(b, AT_LOGITS + 1, &model_program[AT_LOGITS]);
    expect(b, "LOGITS behind it", LOCKSTEP_ERROR_PROGRAM, AT_LOGITS + 1, 0, 0);
    model_write_op(b, AT_LOGITS, &model_program[AT_LOGITS]);
    model_write_op(b, AT_LOGITS + 1, &end);
    op.imm = 0, op.n = MODEL_VOCAB;
    model_write_op(b, AT_NEXT, &op);
    expect(b, "in a loop", LOCKSTEP_ERROR_PROGRAM, AT_NEXT, 0, 0);
    model_write_op(b, AT_NEXT, &model_program[AT_NEXT]);
    expect(b, "restored", 0, 0, 0, 0);
}

static void refuse_tensor(struct bench *b, const char *what, uint32_t index, uint32_t pc,
                          uint32_t layer, struct model_tensor tensor) {
    model_write_tensor(b, index, &tensor);
    expect(b, what, LOCKSTEP_ERROR_DESCRIPTOR, pc, layer, index);
    model_write_tensor(b, index, &model_tensors[index]);
}

static void test_tensors(struct bench *b) {
    struct model_tensor t;
    struct model_op op;
    const uint32_t tensors = bus_read(b, LOCKSTEP_REG_TENSORS);
#define REFUSE(index, pc, layer, what, change)                                                     \
    t = model_tensors[index];                                                                      \
    change;                                                                                        \
    refuse_tensor(b, what, index, pc, layer, t)
    for (uint32_t type = 0; type < 256; type += type < 64 ? 1 : 17)
        if (!in_mask(LOCKSTEP_TYPES, type)) {
            REFUSE(0, AT_EMBED, 0, "type", t.type = type);
        }
    REFUSE(0, AT_EMBED, 0, "EMBED rows", t.rows = MODEL_VOCAB - 1);
    REFUSE(0, AT_EMBED, 0, "EMBED columns", t.cols = MODEL_DIM + 32);
    REFUSE(0, AT_EMBED, 0, "odd address", t.address |= 1);
    REFUSE(1, AT_LAST_NORM, 0, "NORM rows", t.rows = 2);
    REFUSE(2, AT_LOGITS, 0, "LOGITS rows", t.rows = MODEL_VOCAB + 1);
    REFUSE(2, AT_LOGITS, 0, "rows beyond 20 bits", t.rows |= 1u << 20);
    REFUSE(MODEL_PLACES, AT_POSITION, 0, "POSITION rows", t.rows = MODEL_CONTEXT - 1);
    REFUSE(MODEL_PLACES, AT_POSITION, 0, "rows beyond 20 bits", t.rows |= 1u << 20);
    REFUSE(MODEL_PLACES, AT_POSITION, 0, "POSITION columns", t.cols = MODEL_DIM + 32);
    t = model_tensors[MODEL_PLACES];
    t.rows = MODEL_CONTEXT;
    model_write_tensor(b, MODEL_PLACES, &t);
    expect(b, "as many positions as the context", 0, 0, 0, 0);
    model_write_tensor(b, MODEL_PLACES, &model_tensors[MODEL_PLACES]);
    for (uint32_t layer = 0; layer < MODEL_LAYERS; layer++) {
        const uint32_t q = 4 + layer * MODEL_STRIDE;
        REFUSE(q, AT_MATVEC, layer, "MATVEC columns", t.cols = MODEL_DIM / 2);
        REFUSE(q, AT_MATVEC, layer, "no rows", t.rows = 0);
        REFUSE(q, AT_MATVEC, layer, "rows beyond the vector SRAM", t.rows = 1u << 17);
        REFUSE(q, AT_MATVEC, layer, "rows beyond 20 bits", t.rows |= 1u << 20);
    }
    /* BIAS and ROW take one row of their length. */
    op = model_program[AT_ADD];
    op.op = LOCKSTEP_OP_BIAS;
    op.tensor = 1;
    for (int i = 0; i < 2; i++, op.op = LOCKSTEP_OP_ROW) {
        model_write_op(b, AT_ADD, &op);
        expect(b, "a row", 0, 0, 0, 0);
        REFUSE(1, AT_ADD, 0, "two rows", t.rows = 2);
        REFUSE(1, AT_ADD, 0, "columns of a row", t.cols = MODEL_DIM - 1);
    }
    model_write_op(b, AT_ADD, &model_program[AT_ADD]);
#undef REFUSE
    /* Quantised rows are whole blocks; the others need not be. */
    op = model_program[AT_EMBED];
    op.n = 40;
    model_write_op(b, AT_EMBED, &op);
    t = model_tensors[0];
    t.cols = 40;
    t.type = LOCKSTEP_TYPE_F16;
    model_write_tensor(b, 0, &t);
    expect(b, "40 columns", 0, 0, 0, 0);
    t.type = LOCKSTEP_TYPE_Q8_0;
    model_write_tensor(b, 0, &t);
    expect(b, "part of a block", LOCKSTEP_ERROR_DESCRIPTOR, AT_EMBED, 0, 0);
    op.n = t.cols = 96;
    model_write_op(b, AT_EMBED, &op);
    model_write_tensor(b, 0, &t);
    expect(b, "blocks of 32", 0, 0, 0, 0);
    t.type = LOCKSTEP_TYPE_Q6_K;
    model_write_tensor(b, 0, &t);
    expect(b, "part of a block of 256", LOCKSTEP_ERROR_DESCRIPTOR, AT_EMBED, 0, 0);
    model_write_op(b, AT_EMBED, &model_program[AT_EMBED]);
    model_write_tensor(b, 0, &model_tensors[0]);
    /* Indices past the table, in one layer only too. */
    op.n = MODEL_DIM;
    op.tensor = tensors;
    model_write_op(b, AT_EMBED, &op);
    expect(b, "index", LOCKSTEP_ERROR_DESCRIPTOR, AT_EMBED, 0, tensors);
    model_write_op(b, AT_EMBED, &model_program[AT_EMBED]);
    bus_write(b, LOCKSTEP_REG_TENSOR_STRIDE, 0xfff0);
    expect(b, "stride", LOCKSTEP_ERROR_DESCRIPTOR, AT_NORM, 1, 0xfff3);
    bus_write(b, LOCKSTEP_REG_TENSOR_STRIDE, MODEL_STRIDE);
    expect(b, "restored", 0, 0, 0, 0);
}

/* Every tensor ends below 2^40: matrices of experts are small in rows or in columns. */
static void test_large_experts(struct bench *b) {
    const uint32_t most = 16384;
    struct model_op quant = model_program[AT_EXPERT_QUANT], matvec = model_program[AT_EXPERT];
    for (uint32_t less = 0; less < 2; less++) {
        quant.n = matvec.n = most;
        quant.a = matvec.dst = 0;
        model_write_op(b, AT_EXPERT_QUANT, &quant);
        model_write_op(b, AT_EXPERT, &matvec);
        for (uint32_t layer = 0; layer < MODEL_LAYERS; layer++) {
            const uint32_t index = matvec.tensor + layer * MODEL_STRIDE;
            struct model_tensor t = model_tensors[index];
            t.rows = most - less;
            t.cols = most;
            model_write_tensor(b, index, &t);
        }
        expect(b, "an expert's matrix", less ? 0 : LOCKSTEP_ERROR_DESCRIPTOR, AT_EXPERT, 0,
               matvec.tensor);
    }
    for (uint32_t layer = 0; layer < MODEL_LAYERS; layer++) {
        const uint32_t index = matvec.tensor + layer * MODEL_STRIDE;
        model_write_tensor(b, index, &model_tensors[index]);
    }
    model_write_op(b, AT_EXPERT_QUANT, &model_program[AT_EXPERT_QUANT]);
    model_write_op(b, AT_EXPERT, &model_program[AT_EXPERT]);
    expect(b, "restored", 0, 0, 0, 0);
}

/* ---- every bit of an instruction and of an entry ---- */

static bool fits(uint32_t at, uint32_t count, uint32_t words) {
    return 32 * at + count <= words;
}

/* A result in the place of an operand, or apart from it. */
static bool beside(uint32_t dst, uint32_t at, uint32_t n) {
    const uint32_t units = (n + 31) / 32;
    return dst == at || dst + units <= at || at + units <= dst;
}

/* Of ADD, which looks at dst, a, b and n alone; but what is reserved is 0. */
static void test_instruction_bits(struct bench *b) {
    const uint32_t words = bus_read(b, LOCKSTEP_REG_VEC_WORDS);
    const uint32_t whole[4] = {LOCKSTEP_OP_ADD | 0x12u << 16, 4 | 9u << 16, 14 | 70u << 16,
                               0x3f800000};
    for (uint32_t bit = 9; bit < 128; bit++) {
        uint32_t word[4];
        memcpy(word, whole, sizeof word);
        word[bit / 32] ^= 1u << bit % 32;
        const uint32_t dst = word[1] & 0xffff, a = word[1] >> 16, n = word[2] >> 16;
        const uint32_t second = word[2] & 0xffff;
        const bool good = (word[0] & 0xfe00) == 0 && n != 0 && fits(dst, n, words) &&
                          fits(a, n, words) && fits(second, n, words) && beside(dst, a, n) &&
                          beside(dst, second, n);
        char what[32];
        snprintf(what, sizeof what, "ADD, bit %u", bit);
        bus_write(b, LOCKSTEP_REG_UCODE_ADDR, 4 * AT_ADD);
        for (int i = 0; i < 4; i++)
            bus_write(b, LOCKSTEP_REG_UCODE_DATA, word[i]);
        expect(b, what, good ? 0 : LOCKSTEP_ERROR_PROGRAM, AT_ADD, 0, 0);
    }
    model_write_op(b, AT_ADD, &model_program[AT_ADD]);
}

/* The embedding may lie at any even address below 2^39; its shape, and what is reserved, must be
 * right. */
static void test_entry_bits(struct bench *b) {
    const struct model_tensor *t = &model_tensors[0];
    const uint32_t whole[4] = {(uint32_t)t->address, (uint32_t)(t->address >> 32) | t->type << 8,
                               t->rows, t->cols};
    for (uint32_t bit = 0; bit < 128; bit++) {
        uint32_t word[4];
        memcpy(word, whole, sizeof word);
        word[bit / 32] ^= 1u << bit % 32;
        if (bit / 8 == 5) /* the type: test_tensors */
            continue;
        char what[32];
        snprintf(what, sizeof what, "embedding, bit %u", bit);
        bus_write(b, LOCKSTEP_REG_TENSOR_ADDR, 0);
        for (int i = 0; i < 4; i++)
            bus_write(b, LOCKSTEP_REG_TENSOR_DATA, word[i]);
        expect(b, what, bit > 0 && bit < 39 ? 0 : LOCKSTEP_ERROR_DESCRIPTOR, AT_EMBED, 0, 0);
    }
    model_write_tensor(b, 0, t);
}

int main(int argc, char **argv) {
    static struct bench b;
    bench_open(&b, "validator", argc, argv);
    model_load(&b);
    expect(&b, "good model", 0, 0, 0, 0);
    test_geometry(&b);
    test_halves(&b);
    test_attention(&b);
    test_kv_words(&b);
    test_program(&b);
    test_vectors(&b);
    test_pieces(&b);
    test_tensors(&b);
    test_large_experts(&b);
    test_instruction_bits(&b);
    test_entry_bits(&b);
    return bench_close(&b);
}
