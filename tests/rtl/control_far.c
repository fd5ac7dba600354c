/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 */
#include "control_far.h"

#include "control_model.h"
#include "csrc/base/device_info.h"
#include "generated/device.h"

/* Any number that is none of the subnormals. */
static uint32_t any_logit(uint32_t seq, uint32_t pos, uint32_t token, uint32_t row) {
    uint32_t h = (seq * 0x9e3779b1u + pos) * 0x85ebca77u + token * 0xc2b2ae3du + row * 0x27d4eb2fu;
    h = (h ^ h >> 15) * 0x2c1b3c6du;
    h = (h ^ h >> 12) * 0x297a2d39u;
    h ^= h >> 15;
    const uint32_t exponent = h >> 23 & 0xff;
    return exponent == 0 || exponent == 0xff ? h ^ 0x20000000u : h;
}

/* Of a program that goes through many layers, or through a few whose tensors lie far apart. */
struct far {
    uint32_t vocab, layers, stride, first, before, cols, pad, period, local, sequences, context;
    uint32_t token, pos, seq;
};

static struct far far_random(struct bench *b, bool deep) {
    struct far f = {.vocab = (1u << 20) - 1 - bench_random(b, 1000),
                    .layers = 1 + bench_random(b, deep ? 253 : 3),
                    .stride = deep ? 1 : bench_random(b, 100),
                    .cols = 256 + bench_random(b, 3800),
                    .before = bench_random(b, 24),
                    .pad = bench_random(b, 24),
                    .period = 1 + bench_random(b, 255)};
    if (bench_random(b, 2))
        f.cols &= ~255u;
    f.local = bench_random(b, f.period + 1);
    f.first = 2 + bench_random(b, 254 - f.stride * (f.layers - 1));
    return f;
}

static void far_geometry(struct bench *b, struct far *f, bool deep) {
    const uint32_t kv_heads = deep ? 1 : 1 + bench_random(b, 255),
                   head_dim = 1 + bench_random(b, 256);
    const uint32_t words = 2 * f->layers * kv_heads * ((head_dim + 31) / 32);
    const uint32_t room = bus_read(b, LOCKSTEP_REG_KV_WORDS) / words;
    f->sequences = room < 8 ? 1 : 1 + bench_random(b, MODEL_SEQS);
    f->context = room / f->sequences < 1000 ? room / f->sequences : 1000;
    const uint32_t geometry[][2] = {
        {LOCKSTEP_REG_N_LAYERS, f->layers},
        {LOCKSTEP_REG_N_HEADS, deep ? 1 + bench_random(b, 255) : kv_heads},
        {LOCKSTEP_REG_N_KV_HEADS, kv_heads},
        {LOCKSTEP_REG_HEAD_DIM, head_dim},
        {LOCKSTEP_REG_N_ROT, 0},
        {LOCKSTEP_REG_CONTEXT, f->context},
        {LOCKSTEP_REG_N_SEQS, f->sequences},
        {LOCKSTEP_REG_TENSOR_STRIDE, f->stride},
        {LOCKSTEP_REG_VOCAB, f->vocab},
        {LOCKSTEP_REG_LOCAL, f->period | f->local << LOCKSTEP_LOCAL_COUNT_SHIFT}};
    for (size_t i = 0; i < sizeof geometry / sizeof *geometry; i++)
        bus_write(b, geometry[i][0], geometry[i][1]);
}

static struct model_tensor far_tensor(struct bench *b, uint32_t rows, uint32_t cols) {
    uint32_t type;
    do
        type = bench_random(b, LOCKSTEP_TYPE_LIMIT);
    while (!in_mask(LOCKSTEP_TYPES, type) || cols % type_info[type].elements != 0);
    return (struct model_tensor){
        (uint64_t)bench_random(b, 127) << 32 | bench_random(b, 1u << 30) << 1, type, rows, cols};
}

enum { FAR_OPS = 64, FAR_TENSORS = 256 };
static struct model_op far_op[FAR_OPS];
static struct model_tensor far_tensors[FAR_TENSORS];

static uint32_t far_load(struct bench *b, const struct far *f) {
    const uint32_t rows = 1 + bench_random(b, 4096);
    const struct model_op quant = {.op = LOCKSTEP_OP_QUANT, .n = f->cols},
                          middle[] = {{.op = LOCKSTEP_OP_EMBED, .n = f->cols},
                                      {.op = LOCKSTEP_OP_LOOP},
                                      quant,
                                      {.op = LOCKSTEP_OP_MATVEC,
                                       .tensor = f->first,
                                       .flags = MODEL_OF_LAYER,
                                       .dst = bench_random(b, (4096 - rows) / 32 + 1),
                                       .n = f->cols},
                                      {.op = LOCKSTEP_OP_NEXT},
                                      {.op = LOCKSTEP_OP_WANT},
                                      quant,
                                      {.op = LOCKSTEP_OP_LOGITS, .tensor = 1, .n = f->cols},
                                      {.op = LOCKSTEP_OP_END}};
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->before + f->pad; i++) {
        const uint32_t place = bench_random(b, 128);
        if (i == f->before) /* the loop, anywhere */
            for (size_t k = 0; k < sizeof middle / sizeof *middle - 4; k++)
                far_op[n++] = middle[k];
        far_op[n++] = (struct model_op){.op = LOCKSTEP_OP_SCALE,
                                        .dst = place,
                                        .a = place,
                                        .n = 1 + bench_random(b, 32),
                                        .imm = any_logit(i, place, f->vocab, f->cols)};
    }
    if (f->pad == 0)
        for (size_t k = 0; k < sizeof middle / sizeof *middle - 4; k++)
            far_op[n++] = middle[k];
    for (size_t k = sizeof middle / sizeof *middle - 4; k < sizeof middle / sizeof *middle; k++)
        far_op[n++] = middle[k];
    for (uint32_t i = 0; i < n; i++)
        model_write_op(b, i, &far_op[i]);
    for (uint32_t i = 0; i < FAR_TENSORS; i++) {
        far_tensors[i] = far_tensor(b, i < 2 ? f->vocab : rows, f->cols);
        model_write_tensor(b, i, &far_tensors[i]);
    }
    return n;
}

/* What one token makes the engine do. */
static void far_check(struct bench *b, const struct far *f) {
    size_t op = 0, fetch = 0;
    uint32_t layer = 0, loop = 0;
    for (uint32_t pc = 0; far_op[pc].op != LOCKSTEP_OP_END; pc++) {
        const struct model_op *m = &far_op[pc];
        if (m->op == LOCKSTEP_OP_LOOP)
            loop = pc;
        else if (m->op == LOCKSTEP_OP_NEXT)
            pc = ++layer < f->layers ? loop : pc;
        else if (m->op != LOCKSTEP_OP_WANT) {
            const uint32_t index = m->tensor + (m->flags != 0 ? layer * f->stride : 0);
            const struct bench_op *o = &b->ops[op++];
            CHECK(&b->test,
                  o->op == m->op && o->pc == pc && o->layer == layer && o->dst == m->dst &&
                      o->a == m->a && o->n == m->n && o->imm == m->imm &&
                      o->local == (layer % f->period < f->local),
                  "op %zu: %u at %u layer %u, expected %u at %u layer %u", op - 1, o->op, o->pc,
                  o->layer, m->op, pc, layer);
            if (!model_has_tensor(m->op))
                continue;
            const struct model_tensor *t = &far_tensors[index];
            const struct bench_fetch *g = &b->fetches[fetch++];
            const uint64_t row = model_row_bytes(t);
            const bool one = m->op == LOCKSTEP_OP_EMBED;
            CHECK(&b->test,
                  o->tensor == index && o->rows == t->rows && o->cols == t->cols &&
                      g->addr == t->address + (one ? f->token * row : 0) &&
                      g->bytes == (one ? row : t->rows * row) &&
                      g->tag == (pc << 24 | layer << 16 | index),
                  "op %u at %u layer %u: tensor %u, %llx + %llx", o->op, pc, layer, o->tensor,
                  (unsigned long long)g->addr, (unsigned long long)g->bytes);
        }
    }
    CHECK(&b->test, op == b->op_count && fetch == b->fetch_count, "%zu ops, %zu fetches",
          b->op_count, b->fetch_count);
}

/* The list behind a token: of the rows that the stand-in gave. Returns one of its tokens. */
static uint32_t far_list(struct bench *b, const struct far *f) {
    static struct model_entry list[4096];
    uint32_t count = 0;
    for (uint32_t row = 0; row < f->vocab; row += b->row_step)
        for (uint32_t k = row; k <= row + 1 && k < f->vocab; k++)
            list[count++] = (struct model_entry){k, any_logit(f->seq, f->pos, f->token, k)};
    model_sort(list, count);
    const uint32_t word = model_wait(b);
    CHECK(&b->test,
          word == (list[0].token | f->seq << LOCKSTEP_OUT_SEQ_SHIFT | LOCKSTEP_OUT_LIST_MASK |
                   (f->pos + 1 == f->context ? LOCKSTEP_OUT_LAST_MASK : 0)),
          "list word %08x, expected token %u", word, list[0].token);
    bus_write(b, LOCKSTEP_REG_LIST_SEQ, f->seq);
    for (uint32_t i = 0; i < 64; i++) {
        bus_write(b, LOCKSTEP_REG_LIST_INDEX, i);
        const uint32_t id = bus_read(b, LOCKSTEP_REG_LIST_ID),
                       logit = bus_read(b, LOCKSTEP_REG_LIST_LOGIT);
        CHECK(&b->test,
              id == (list[i].token | LOCKSTEP_LIST_ID_VALID_MASK) && logit == list[i].logit,
              "rank %u: %08x %08x, expected %u %08x", i, id, logit, list[i].token, list[i].logit);
    }
    return list[bench_random(b, 64)].token;
}

void control_far(struct bench *b) {
    b->logit = any_logit;
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bus_write(b, LOCKSTEP_REG_TOPK, 64);
    bus_write(b, LOCKSTEP_REG_EXPERTS, 0);
    for (unsigned i = 0; i < 16; i++) {
        struct far f = far_random(b, i % 2);
        far_geometry(b, &f, i % 2);
        far_load(b, &f);
        model_validate(b);
        b->row_step = 2 * (1 + bench_random(b, 2000) + f.vocab / 100);
        f.seq = bench_random(b, f.sequences);
        f.token = bench_random(b, f.vocab);
        f.pos = bench_random(b, f.context - 1);
        bus_write(b, LOCKSTEP_REG_START_POS, f.pos);
        bus_write(b, LOCKSTEP_REG_BUDGET, (uint32_t)top_random(&b->top) | 2);
        for (unsigned k = 0; k < 2; k++, f.pos++) {
            bench_forget(b);
            model_push(b, f.token | f.seq << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_LAST_MASK |
                              (k == 0 ? LOCKSTEP_IN_FIRST_MASK : 0));
            bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
            const uint32_t chosen = far_list(b, &f);
            bench_run_until_idle(b);
            far_check(b, &f);
            f.token = chosen;
        }
        bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    }
    b->row_step = 0;
    bus_write(b, LOCKSTEP_REG_TOPK, 0);
    bus_write(b, LOCKSTEP_REG_START_POS, 0);
    model_load(b);
    model_validate(b);
}
