/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The small model of tests/rtl/control_model.h.
 */
#include "control_model.h"

#include "csrc/base/device_info.h"

#include <stdlib.h>
#include <string.h>

enum { X = 0, N = 2, Q = 4, K = 6, V = 7, A = 8, G = 4, U = 7 }; /* in units of 32 words */
enum { Q_N = MODEL_HEADS * MODEL_HEAD_DIM, KV_N = MODEL_KV_HEADS * MODEL_HEAD_DIM };
enum { EMBD, NORM, OUTPUT }; /* tensors of the whole model, then those of a layer */
#define OP(name) LOCKSTEP_OP_##name

const struct model_op model_program[MODEL_OPS] = {
    {OP(ANGLES), 0, 0, 0, 0, 0, 0, 0x3f800000},
    {OP(EMBED), EMBD, 0, X, 0, 0, MODEL_DIM, 0},
    {OP(POSITION), MODEL_PLACES, 0, N, 0, 0, MODEL_DIM, 0},
    {OP(LOOP), 0, 0, 0, 0, 0, 0, 0},
    {OP(NORM), 3, 1, N, X, 0, MODEL_DIM, 0x3727c5ac},
    {OP(QUANT), 0, 0, 0, N, 0, MODEL_DIM, 0},
    {OP(MATVEC), 4, 1, Q, 0, 0, MODEL_DIM, 0},
    {OP(MATVEC), 5, 1, K, 0, 0, MODEL_DIM, 0},
    {OP(MATVEC), 6, 1, V, 0, 0, MODEL_DIM, 0},
    {OP(ROPE), 0, 0, 0, Q, 0, Q_N, 0},
    {OP(ROPE), 0, 0, 0, K, 0, KV_N, 0},
    {OP(KV), 0, 0, 0, K, V, KV_N, 0},
    {OP(ATTEND), 0, 0, A, Q, 0, Q_N, 0},
    {OP(QUANT), 0, 0, 0, A, 0, Q_N, 0},
    {OP(MATVEC), 7, 1, N, 0, 0, Q_N, 0},
    {OP(ADD), 0, 0, X, X, N, MODEL_DIM, 0},
    {OP(NORM), 8, 1, N, X, 0, MODEL_DIM, 0x3727c5ac},
    {OP(QUANT), 0, 0, 0, N, 0, MODEL_DIM, 0},
    {OP(MATVEC), 9, 1, G, 0, 0, MODEL_DIM, 0},
    {OP(MATVEC), 10, 1, U, 0, 0, MODEL_DIM, 0},
    {OP(SWIGLU), 0, 0, G, G, U, MODEL_HIDDEN, 0},
    {OP(QUANT), 0, 0, 0, G, 0, MODEL_HIDDEN, 0},
    {OP(MATVEC), 11, 1, N, 0, 0, MODEL_HIDDEN, 0},
    {OP(ADD), 0, 0, X, X, N, MODEL_DIM, 0},
    {OP(QUANT), 0, 0, 0, N, 0, MODEL_DIM, 0},
    {OP(MATVEC), 12, 1, G, 0, 0, MODEL_DIM, 0},
    {OP(ROUTE), 0, 0, A, G, 0, MODEL_EXPERTS, 0},
    {OP(EXPERTS), 0, 0, 0, 0, 0, 0, 0},
    {OP(QUANT), 0, 0, 0, N, 0, MODEL_DIM, 0},
    {OP(MATVEC), 13, MODEL_OF_LAYER | MODEL_OF_EXPERT, G, 0, 0, MODEL_DIM, 0},
    {OP(SIGMOID), 0, 0, G, G, 0, MODEL_HIDDEN, 0},
    {OP(WEIGH), 0, 0, G, G, A, MODEL_HIDDEN, 0},
    {OP(NEXT_EXPERT), 0, 0, 0, 0, 0, 0, 0},
    {OP(NEXT), 0, 0, 0, 0, 0, 0, 0},
    {OP(WANT), 0, 0, 0, 0, 0, 0, 0},
    {OP(NORM), NORM, 0, N, X, 0, MODEL_DIM, 0x3727c5ac},
    {OP(QUANT), 0, 0, 0, N, 0, MODEL_DIM, 0},
    {OP(LOGITS), OUTPUT, 0, 0, 0, 0, MODEL_DIM, 0},
    {OP(END), 0, 0, 0, 0, 0, 0, 0},
};

struct model_tensor model_tensors[MODEL_TENSORS];

bool model_has_tensor(uint32_t op) {
    return in_mask(LOCKSTEP_OPS_TENSOR, op);
}

uint64_t model_row_bytes(const struct model_tensor *t) {
    return type_row_bytes(&type_info[t->type], t->cols);
}

/* binary32 bits from a hash: few values, so that ties and both zeros come up. */
static uint32_t logit(uint32_t seq, uint32_t pos, uint32_t token, uint32_t row) {
    uint32_t h = seq * 0x9e3779b1u + pos * 0x85ebca77u + token * 0xc2b2ae3du + row * 0x27d4eb2fu;
    h ^= h >> 15;
    h *= 0x2c1b3c6du;
    h ^= h >> 12;
    h *= 0x297a2d39u;
    h ^= h >> 15;
    switch (h % 4) {
    case 0:
        return (h >> 8 & 1u) << 31; /* a zero */
    case 1:
        return 0x3f800000u + (h >> 8 & 3u) * 0x00400000u;
    default:
        return (h & 0x80000000u) | 0x3f000000u | (h >> 4 & 0x70000u);
    }
}

void model_write_op(struct bench *b, uint32_t pc, const struct model_op *o) {
    bus_write(b, LOCKSTEP_REG_UCODE_ADDR, 4 * pc);
    bus_write(b, LOCKSTEP_REG_UCODE_DATA,
              o->op | (o->flags & MODEL_OF_LAYER ? LOCKSTEP_UCODE0_PER_LAYER_MASK : 0) |
                  (o->flags & MODEL_OF_EXPERT ? LOCKSTEP_UCODE0_EXPERT_MASK : 0) | o->tensor << 16);
    bus_write(b, LOCKSTEP_REG_UCODE_DATA, o->dst | o->a << 16);
    bus_write(b, LOCKSTEP_REG_UCODE_DATA, o->b | o->n << 16);
    bus_write(b, LOCKSTEP_REG_UCODE_DATA, o->imm);
}

void model_write_tensor(struct bench *b, uint32_t index, const struct model_tensor *t) {
    bus_write(b, LOCKSTEP_REG_TENSOR_ADDR, 4 * index);
    bus_write(b, LOCKSTEP_REG_TENSOR_DATA, (uint32_t)t->address);
    bus_write(b, LOCKSTEP_REG_TENSOR_DATA, (uint32_t)(t->address >> 32) | t->type << 8);
    bus_write(b, LOCKSTEP_REG_TENSOR_DATA, t->rows);
    bus_write(b, LOCKSTEP_REG_TENSOR_DATA, t->cols);
}

static void make_tensors(struct bench *b) {
    static const uint32_t shape[MODEL_GLOBAL + MODEL_STRIDE][2] = {{MODEL_VOCAB, MODEL_DIM},
                                                                   {1, MODEL_DIM},
                                                                   {MODEL_VOCAB, MODEL_DIM},
                                                                   {1, MODEL_DIM},
                                                                   {Q_N, MODEL_DIM},
                                                                   {KV_N, MODEL_DIM},
                                                                   {KV_N, MODEL_DIM},
                                                                   {MODEL_DIM, Q_N},
                                                                   {1, MODEL_DIM},
                                                                   {MODEL_HIDDEN, MODEL_DIM},
                                                                   {MODEL_HIDDEN, MODEL_DIM},
                                                                   {MODEL_DIM, MODEL_HIDDEN},
                                                                   {MODEL_EXPERTS, MODEL_DIM},
                                                                   {MODEL_HIDDEN, MODEL_DIM}};
    static const uint32_t places[2] = {0xfffff, MODEL_DIM}; /* more than any context has */
    for (uint32_t i = 0; i < MODEL_TENSORS; i++) {
        const uint32_t *const size = i == MODEL_PLACES ? places
                                     : i < MODEL_GLOBAL
                                         ? shape[i]
                                         : shape[MODEL_GLOBAL + (i - MODEL_GLOBAL) % MODEL_STRIDE];
        uint32_t type;
        do /* any that the device decodes and whose blocks make up a row */
            type = bench_random(b, LOCKSTEP_TYPE_LIMIT);
        while (!in_mask(LOCKSTEP_TYPES, type) || size[1] % type_info[type].elements != 0);
        model_tensors[i] = (struct model_tensor){(uint64_t)bench_random(b, 127) << 32 |
                                                     bench_random(b, 1u << 30) << 1,
                                                 type, size[0], size[1]};
    }
}

void model_load(struct bench *b) {
    static const uint32_t geometry[][2] = {
        {LOCKSTEP_REG_N_LAYERS, MODEL_LAYERS},
        {LOCKSTEP_REG_N_HEADS, MODEL_HEADS},
        {LOCKSTEP_REG_N_KV_HEADS, MODEL_KV_HEADS},
        {LOCKSTEP_REG_HEAD_DIM, MODEL_HEAD_DIM},
        {LOCKSTEP_REG_N_ROT, MODEL_HEAD_DIM},
        {LOCKSTEP_REG_CONTEXT, MODEL_CONTEXT},
        {LOCKSTEP_REG_N_SEQS, MODEL_SEQS},
        {LOCKSTEP_REG_ATTN_SCALE, 0x3e800000},
        {LOCKSTEP_REG_TENSOR_STRIDE, MODEL_STRIDE},
        {LOCKSTEP_REG_VOCAB, MODEL_VOCAB},
        {LOCKSTEP_REG_EXPERTS, MODEL_EXPERTS | MODEL_USED << LOCKSTEP_EXPERTS_USED_SHIFT},
        {LOCKSTEP_REG_LOCAL, MODEL_PERIOD | 1u << LOCKSTEP_LOCAL_COUNT_SHIFT}};
    make_tensors(b);
    for (uint32_t i = 0; i < MODEL_OPS; i++)
        model_write_op(b, i, &model_program[i]);
    for (uint32_t i = 0; i < MODEL_TENSORS; i++)
        model_write_tensor(b, i, &model_tensors[i]);
    for (size_t i = 0; i < sizeof geometry / sizeof *geometry; i++)
        bus_write(b, geometry[i][0], geometry[i][1]);
    b->logit = logit;
}

void model_push(struct bench *b, uint32_t word) {
    uint64_t limit = b->top.cycle + 100000;
    uint32_t levels;
    do {
        levels = bus_read(b, LOCKSTEP_REG_TOKEN_LEVELS);
        if (!(levels & LOCKSTEP_TOKEN_LEVELS_IN_FULL_MASK))
            break;
        if (!(levels & LOCKSTEP_TOKEN_LEVELS_OUT_EMPTY_MASK))
            b->inbox[b->inbox_end++ % 1024] = bus_read(b, LOCKSTEP_REG_TOKEN_OUT);
    } while (b->top.cycle < limit);
    bus_write(b, LOCKSTEP_REG_TOKEN_IN, word);
}

uint32_t model_pull(struct bench *b) {
    if (b->inbox_first != b->inbox_end)
        return b->inbox[b->inbox_first++ % 1024];
    if (!(bus_read(b, LOCKSTEP_REG_STATUS) & LOCKSTEP_STATUS_TOKEN_READY_MASK))
        return 0xffffffffu;
    return bus_read(b, LOCKSTEP_REG_TOKEN_OUT);
}

uint32_t model_wait(struct bench *b) {
    const uint64_t limit = b->top.cycle + 50000;
    for (int i = 0; i < 100; i++) /* it begins */
        bench_tick(b);
    while (b->top.cycle < limit && (bus_read(b, LOCKSTEP_REG_STATUS) &
                                    (LOCKSTEP_STATUS_TOKEN_READY_MASK |
                                     LOCKSTEP_STATUS_BUSY_MASK)) == LOCKSTEP_STATUS_BUSY_MASK)
        ;
    return model_pull(b);
}

void model_validate(struct bench *b) {
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_VALIDATE_MASK);
    bench_run_until_idle(b);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_STATUS) == LOCKSTEP_STATUS_MODEL_READY_MASK,
          "not valid: %u at %u", bus_read(b, LOCKSTEP_REG_ERROR_CODE),
          bus_read(b, LOCKSTEP_REG_ERROR_PC));
}

struct model_sequence model_sequence(struct bench *b, uint32_t seq, uint32_t prompt,
                                     uint32_t budget) {
    struct model_sequence s = {.seq = seq, .prompt = prompt, .budget = budget, .length = prompt};
    for (uint32_t i = 0; i < prompt; i++)
        s.token[i] = bench_random(b, MODEL_VOCAB);
    return s;
}

/* Of real numbers: both zeros are one. */
static float value(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static int best_first(const void *left, const void *right) {
    const struct model_entry *l = left, *r = right;
    if (value(l->logit) > value(r->logit))
        return -1;
    if (value(l->logit) < value(r->logit))
        return 1;
    return l->token < r->token ? -1 : 1;
}

void model_sort(struct model_entry *list, size_t count) {
    qsort(list, count, sizeof *list, best_first);
}

void model_list(const struct model_sequence *s, struct model_entry list[MODEL_VOCAB]) {
    for (uint32_t row = 0; row < MODEL_VOCAB; row++)
        list[row] =
            (struct model_entry){row, logit(s->seq, s->length - 1, s->token[s->length - 1], row)};
    model_sort(list, MODEL_VOCAB);
}

uint32_t model_next(struct model_sequence *s) {
    struct model_entry list[MODEL_VOCAB];
    bool last, eog;
    model_list(s, list);
    s->generated++;
    last = s->generated == s->budget || s->length == MODEL_CONTEXT;
    eog = s->eog && list[0].token == MODEL_EOG;
    s->ended = last || eog;
    s->token[s->length++] = list[0].token;
    return list[0].token | s->seq << LOCKSTEP_OUT_SEQ_SHIFT | (last ? LOCKSTEP_OUT_LAST_MASK : 0) |
           (eog ? LOCKSTEP_OUT_EOG_MASK : 0);
}
