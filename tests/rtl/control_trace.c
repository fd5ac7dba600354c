/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 */
#include "control_trace.h"

#include "control_model.h"
#include "generated/device.h"

#include <string.h>

/* Slots that want a token: those for which a SAMPLE of the same pass follows. */
static uint32_t wanting(const struct bench *b, uint32_t pass) {
    uint32_t mask = 0;
    for (size_t i = 0; i < b->commit_count; i++)
        if (b->commits[i].pass == pass && b->commits[i].op == LOCKSTEP_OP_SAMPLE)
            mask |= 1u << b->commits[i].slot;
    return mask;
}

static uint32_t active(struct bench *b, uint32_t pass) {
    uint32_t mask = 0;
    for (size_t i = 0; i < b->commit_count; i++) {
        const struct bench_commit *c = &b->commits[i];
        if (c->pass != pass || c->op != LOCKSTEP_OP_PASS)
            continue;
        CHECK(&b->test, mask == (1u << c->slot) - 1 && c->count == 3 && c->index == 0,
              "slot %u does not follow %x", c->slot, mask);
        /* A sequence goes on within a pass; it does not restart there. */
        for (size_t k = 0; k < i; k++) {
            const struct bench_commit *p = &b->commits[k];
            if (p->pass == pass && p->op == LOCKSTEP_OP_PASS && p->word[2] == c->word[2])
                CHECK(&b->test, c->word[1] == p->word[1] + c->slot - p->slot,
                      "pass %u: positions %u and %u of sequence %u", pass, p->word[1], c->word[1],
                      c->word[2]);
        }
        mask |= 1u << c->slot;
    }
    return mask;
}

/* Word 0 of what the slot began the pass with is its token, word 1 its position. */
static uint32_t slot_word(const struct bench *b, uint32_t pass, uint32_t slot, unsigned word) {
    for (size_t i = 0; i < b->commit_count; i++) {
        const struct bench_commit *c = &b->commits[i];
        if (c->pass == pass && c->op == LOCKSTEP_OP_PASS && c->slot == slot)
            return c->word[word];
    }
    return ~0u;
}

struct trace {
    struct bench *b;
    size_t op, fetch, route;
    uint32_t left[4]; /* experts of the loop still to come, this one among them */
    uint32_t expert;  /* as bench_op.expert */
};

static void expect_fetch(struct trace *t, const struct model_tensor *tensor, uint64_t skip_rows,
                         uint64_t rows, uint32_t tag) {
    const uint64_t row = model_row_bytes(tensor);
    const struct bench_fetch *f = &t->b->fetches[t->fetch];
    CHECK(&t->b->test, t->fetch < t->b->fetch_count, "fetch %zu is missing", t->fetch);
    CHECK(&t->b->test,
          f->addr == tensor->address + skip_rows * row && f->bytes == rows * row && f->tag == tag,
          "fetch %zu: %llx + %llx tag %08x, expected %llx + %llx tag %08x", t->fetch,
          (unsigned long long)f->addr, (unsigned long long)f->bytes, f->tag,
          (unsigned long long)(tensor->address + skip_rows * row), (unsigned long long)(rows * row),
          tag);
    t->fetch++;
}

static void expect_op(struct trace *t, uint32_t pass, uint32_t pc, uint32_t layer, uint32_t slots) {
    const struct model_op *m = &model_program[pc];
    const struct bench_op *o = &t->b->ops[t->op];
    const uint32_t index = m->tensor + (m->flags & MODEL_OF_LAYER ? layer * MODEL_STRIDE : 0);
    CHECK(&t->b->test, t->op < t->b->op_count, "op %zu is missing", t->op);
    CHECK(&t->b->test, o->op == m->op && o->pc == pc && o->layer == layer && o->pass == pass,
          "op %zu: %u at %u layer %u pass %u, expected %u at %u layer %u pass %u", t->op, o->op,
          o->pc, o->layer, o->pass, m->op, pc, layer, pass);
    CHECK(&t->b->test, o->slots == slots, "op %zu: slots %x, expected %x", t->op, o->slots, slots);
    CHECK(&t->b->test,
          o->dst == m->dst && o->a == m->a && o->b == m->b && o->n == m->n && o->imm == m->imm,
          "op %zu: operands", t->op);
    CHECK(&t->b->test, o->expert == t->expert, "op %zu: expert %x, expected %x", t->op, o->expert,
          t->expert);
    CHECK(&t->b->test, o->local == (layer % MODEL_PERIOD < 1), "op %zu: local %u in layer %u",
          t->op, o->local, layer);
    t->op++;
    if (!model_has_tensor(m->op))
        return;
    const struct model_tensor *tensor = &model_tensors[index];
    const uint32_t tag = pc << 24 | layer << 16 | index;
    CHECK(&t->b->test,
          o->tensor == index && o->type == tensor->type && o->rows == tensor->rows &&
              o->cols == tensor->cols,
          "op %u at %u: tensor %u type %u %u x %u", o->op, pc, o->tensor, o->type, o->rows,
          o->cols);
    if (m->op != LOCKSTEP_OP_EMBED && m->op != LOCKSTEP_OP_POSITION)
        expect_fetch(t, tensor, m->flags & MODEL_OF_EXPERT ? (t->expert & 0x7f) * tensor->rows : 0,
                     tensor->rows, tag);
    else
        for (uint32_t s = 0; s < t->b->slots; s++)
            if (slots >> s & 1)
                expect_fetch(t, tensor, slot_word(t->b, pass, s, m->op == LOCKSTEP_OP_POSITION), 1,
                             tag);
}

/* The lowest expert that is left, if one is. */
static void take_expert(struct trace *t) {
    t->expert = 0;
    for (unsigned e = 0; e < MODEL_EXPERTS && t->expert == 0; e++)
        if (t->left[e / 32] >> e % 32 & 1)
            t->expert = 0x80 | e;
}

/* At EXPERTS all that the slots chose are left. */
static void begin_experts(struct trace *t, uint32_t slots) {
    const struct bench_route *const r = &t->b->routes[t->route++ % BENCH_ROUTES];
    memset(t->left, 0, sizeof t->left);
    for (uint32_t s = 0; s < t->b->slots; s++)
        for (unsigned i = 0; i < 4 && slots >> s & 1; i++)
            t->left[i] |= r->choice[s][i];
    take_expert(t);
}

static void next_expert(struct trace *t) {
    const uint32_t e = t->expert & 0x7f;
    t->left[e / 32] &= ~(1u << e % 32);
    take_expert(t);
}

/* Of `slots` those that take part: in an expert loop, those that chose the expert. */
static uint32_t members(const struct trace *t, uint32_t slots) {
    const uint32_t e = t->expert & 0x7f;
    uint32_t mask = 0;
    if (t->expert == 0)
        return slots;
    for (uint32_t s = 0; s < t->b->slots; s++)
        mask |= (t->b->routes[(t->route - 1) % BENCH_ROUTES].choice[s][e / 32] >> e % 32 & 1) << s;
    return mask & slots;
}

void control_trace_check(struct bench *b) {
    struct trace t = {.b = b};
    for (uint32_t pass = 1; pass <= b->passes; pass++) {
        uint32_t slots = active(b, pass), want = wanting(b, pass), layer = 0, loop = 0, experts = 0;
        for (uint32_t pc = 0; model_program[pc].op != LOCKSTEP_OP_END; pc++) {
            switch (model_program[pc].op) {
            case LOCKSTEP_OP_LOOP:
                layer = 0;
                loop = pc;
                break;
            case LOCKSTEP_OP_NEXT:
                if (++layer < MODEL_LAYERS)
                    pc = loop;
                break;
            case LOCKSTEP_OP_WANT:
                slots = want;
                break;
            case LOCKSTEP_OP_EXPERTS:
                experts = pc;
                begin_experts(&t, slots);
                break;
            case LOCKSTEP_OP_NEXT_EXPERT:
                next_expert(&t);
                if (t.expert != 0)
                    pc = experts;
                break;
            default:
                expect_op(&t, pass, pc, layer, members(&t, slots));
            }
            if (slots == 0)
                break;
        }
    }
    CHECK(&b->test, t.op == b->op_count, "%zu ops, expected %zu", b->op_count, t.op);
    CHECK(&b->test, t.route == b->route_count, "%zu choices, expected %zu", b->route_count,
          t.route);
    CHECK(&b->test, t.fetch == b->fetch_count, "%zu fetches, expected %zu", b->fetch_count,
          t.fetch);
}
