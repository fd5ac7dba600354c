/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The engine, the vector unit and the aligner; docs/cycles.md.
 */
#include "cycles.h"

#include <stdlib.h>
#include <string.h>

#include "chunks.h"
#include "csrc/base/device_info.h"
#include "cycles_attend.h"
#include "cycles_port.h"

/* Cycles between events of the engine: docs/cycles.md, Control. */
#define BEGIN_TO_SHOWN 1u /* the walk of a pass begins, its first instruction is shown */
#define DONE_TO_SHOWN  1u
#define SHOWN_TO_START 1u
#define WALK_CYCLES    1u /* more for each instruction that the walker resolves */

struct cycles {
    const struct fw_program *program;
    const struct fw_model *model;
    struct fw_limits limits;
    struct cycles_port port;
    struct walk walk;
    uint64_t begin; /* of the pass */
    bool first;     /* op of the pass */
    struct cycles_slot slots[CYCLES_SLOTS];
    struct walk_choice choices[CYCLES_SLOTS][WALK_LAYERS];
    uint32_t slot_count;
};

static uint64_t later(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static uint64_t ceil_div(uint64_t a, uint64_t b) {
    return (a + b - 1) / b;
}

/* ---- The aligner ---- */

/* Bytes of `count` elements of a row, in whole blocks of the type. */
static uint64_t bytes_of(uint32_t type, uint32_t count) {
    return ceil_div(count, type_info[type].elements) * type_info[type].bytes;
}

/* Elements of a block of the type, of 32 at least. */
static uint32_t unit_of(uint32_t type) {
    const uint32_t elements = type_info[type].elements;
    return elements < LOCKSTEP_BLOCK ? LOCKSTEP_BLOCK : elements;
}

/* One fetch as it goes through the aligner. */
struct stream {
    uint64_t beat;  /* the oldest of the FIFO, in the pass */
    uint64_t bytes; /* of it that are done with */
    uint64_t beats; /* of the fetch, not yet let go of */
    uint64_t take;  /* cycle in which the last chunk was cut, or from which on one may be */
};

/* The aligner turns to the next fetch; it is asked to in cycle `begin`. By then it has let go of
 * the one before; that the port has taken the fetch shows in when its beats come. */
static struct stream open_stream(struct cycles *c, uint64_t begin) {
    const struct cycles_fetch *f = cycles_port_fetch(&c->port);
    return (struct stream){.beat = f->first,
                           .bytes = f->address % c->port.beat_bytes,
                           .beats = f->beats,
                           .take = begin + 1};
}

/* Cuts a chunk of `bytes`, not before `cycle`. */
static void take_chunk(struct cycles *c, struct stream *s, uint64_t bytes, uint64_t cycle) {
    const uint64_t size = c->port.beat_bytes, end = s->bytes + bytes;
    const uint64_t there = cycles_port_beat(&c->port, s->beat + (end - 1) / size);
    s->take = later(later(s->take + 1, there), cycle);
    for (s->bytes = end; s->bytes >= size; s->bytes -= size, s->beat++, s->beats--)
        cycles_port_pop(&c->port, s->take);
}

/* Lets go of the last beat and of the fetch. */
static void close_stream(struct cycles *c, const struct stream *s) {
    uint64_t done = s->take + 1;
    if (s->beats != 0)
        cycles_port_pop(&c->port, done++);
    cycles_port_release(&c->port, done);
}

/* ---- Ops ---- */

/* MATVEC and LOGITS: a chunk a cycle, or as many cycles as the lanes need for it; the last row's
 * result comes 9 cycles after the last of them, of floats 14, alone a cycle later. */
static uint64_t run_matvec(struct cycles *c, const struct fw_tensor *t, uint64_t start) {
    struct chunks chunks = chunks_begin(&c->limits, t->type, t->rows, t->cols);
    const uint64_t steps = ceil_div(chunks.most, c->limits.lanes);
    struct stream s = open_stream(c, start + 1);
    uint64_t used = start; /* cycle from which on the array takes a chunk */
    for (; chunks_next(&chunks); used = s.take + steps)
        take_chunk(c, &s, bytes_of(t->type, chunks.elements), used);
    close_stream(c, &s);
    return s.take + steps + (type_info[t->type].is_float ? 14 : 9) + t->rows % 2 - start;
}

/* A row of floats, VLANES elements a group, each used by `uses` slots, a cycle each; the first not
 * before `ready`. Returns the cycle of the last use. */
static uint64_t run_row(struct cycles *c, const struct fw_tensor *t, uint64_t begin, uint64_t ready,
                        uint32_t n, uint32_t uses) {
    const uint32_t lanes = c->limits.vector_lanes, unit = unit_of(t->type);
    struct stream s = open_stream(c, begin);
    uint64_t out = begin;      /* cycle in which the stream put the last group out */
    uint64_t used = ready - 1; /* cycle in which it was used for the last time */
    for (uint32_t done = 0; done < n; done += unit) {
        const uint32_t count = n - done < unit ? n - done : unit;
        take_chunk(c, &s, bytes_of(t->type, count), out); /* behind the block before */
        out = s.take + 1;
        for (uint32_t group = 0; group < count; group += lanes) {
            out = later(out, used); /* there is room for one group */
            used = out + uses;
        }
    }
    close_stream(c, &s);
    return used;
}

/* Cycles of a walk over a slot's blocks, two groups each. */
static uint64_t blocks_of(const struct cycles *c, uint32_t n) {
    return ceil_div(n, LOCKSTEP_BLOCK) * (LOCKSTEP_BLOCK / 2 / c->limits.vector_lanes);
}

/* The rows of all slots, one after the other. */
static uint64_t run_embed(struct cycles *c, const struct fw_tensor *t, uint32_t n, uint32_t slots,
                          uint64_t start) {
    uint64_t used = start;
    for (uint32_t i = 0; i < slots; i++)
        used = run_row(c, t, used + 2, used + 1, n, 1);
    return used + 3 - start;
}

/* A first walk over all blocks, 22 cycles to the factors, a second walk with the gains. */
static uint64_t run_norm(struct cycles *c, const struct fw_tensor *t, uint32_t n, uint32_t slots,
                         uint64_t start) {
    return run_row(c, t, start + 2, start + slots * blocks_of(c, n) + 22, n, slots) + 7 - start;
}

/* Groups of one head in ROPE: none goes on from what turns, or from half of it, into the rest. */
static uint64_t rope_groups(const struct fw_model *m, uint32_t lanes) {
    const bool apart = m->rope_halves != 0 && m->n_rot != lanes;
    return (apart ? 2 * ceil_div(m->n_rot / 2, lanes) : ceil_div(m->n_rot, lanes)) +
           ceil_div(m->head_dim - m->n_rot, lanes);
}

static uint64_t run_attend(const struct cycles *c, const uint32_t *positions, uint32_t slots) {
    uint32_t seen[CYCLES_SLOTS];
    const struct cycles_attend shape = {.lanes = c->limits.vector_lanes,
                                        .group = c->limits.attention_heads,
                                        .heads = c->model->heads,
                                        .kv_heads = c->model->kv_heads,
                                        .head_dim = c->model->head_dim,
                                        .capped = c->model->attn_cap != 0};
    for (uint32_t i = 0; i < slots; i++)
        seen[i] = walk_seen(&c->walk, positions[i]);
    return cycles_attend(&shape, seen, slots);
}

uint64_t cycles_run(struct cycles *c, uint64_t start) {
    const uint32_t n = walk_n(&c->walk);
    const struct fw_tensor *const t = walk_tensor(&c->walk);
    const uint32_t lanes = c->limits.vector_lanes;
    uint32_t positions[CYCLES_SLOTS], slots = 0;
    for (uint32_t i = 0; i < c->slot_count; i++)
        if (walk_active(&c->walk, i))
            positions[slots++] = c->slots[i].position;
    const uint64_t groups = slots * ceil_div(n, lanes);
    const uint64_t blocks = slots * blocks_of(c, n);
    const uint32_t head_dim = c->model->head_dim, heads = n / head_dim;
    const uint64_t of_heads = slots * heads * ceil_div(head_dim, lanes);

    cycles_port_op(&c->port, start);
    switch (walk_op(&c->walk)) {
    case LOCKSTEP_OP_ANGLES:
        return (uint64_t)slots * (c->model->n_rot / 2) + 12;
    case LOCKSTEP_OP_EMBED:
    case LOCKSTEP_OP_POSITION:
        return run_embed(c, t, n, slots, start);
    case LOCKSTEP_OP_NORM:
        return run_norm(c, t, n, slots, start);
    case LOCKSTEP_OP_CENTER: /* two walks */
        return blocks + groups + 20;
    case LOCKSTEP_OP_HEADCENTER: /* of each head the two walks */
        return heads * (slots * blocks_of(c, head_dim) + 19) + of_heads + 1;
    case LOCKSTEP_OP_HEADNORM:
    case LOCKSTEP_OP_HEADNORM_OWN:
        return heads * (slots * blocks_of(c, head_dim) + 27) + of_heads + 1;
    case LOCKSTEP_OP_QUANT:
        return blocks + 7;
    case LOCKSTEP_OP_ROPE:
        return slots * heads * rope_groups(c->model, lanes) + 8;
    case LOCKSTEP_OP_KV: /* K and V */
        return 2 * of_heads + 16 * slots + 2;
    case LOCKSTEP_OP_ATTEND:
        return run_attend(c, positions, slots);
    case LOCKSTEP_OP_SWIGLU:
    case LOCKSTEP_OP_SIGMOID:
        return groups + 21;
    case LOCKSTEP_OP_ROUTE: /* a walk for each expert used, one for the sum, one for the weights */
        return (c->model->experts_used + 2) * groups + 2 * c->model->experts_used + 34;
    case LOCKSTEP_OP_GEGLU:
    case LOCKSTEP_OP_GELU:
        return groups + 30;
    case LOCKSTEP_OP_SCALE:
    case LOCKSTEP_OP_WEIGH:
        return groups + 7;
    case LOCKSTEP_OP_ADD:
        return groups + 6;
    case LOCKSTEP_OP_OFFER: /* a cycle an element, and for each slot but one a cycle a group */
        return n + groups - groups / slots + 4;
    case LOCKSTEP_OP_BIAS: /* one row for all slots */
        return run_row(c, t, start + 2, start + 1, n, slots) + 6 - start;
    case LOCKSTEP_OP_ROW:
        return run_row(c, t, start + 2, start + 1, n, slots) + 3 - start;
    default:
        return run_matvec(c, t, start);
    }
}

/* ---- The pass ---- */

int cycles_open(struct cycles **cycles, const struct fw_program *program,
                const struct fw_model *model, const struct fw_limits *limits, uint32_t latency,
                struct ls_error *err) {
    struct cycles *c = calloc(1, sizeof *c);
    uint64_t *times = calloc(limits->beats, 2 * sizeof *times);
    *cycles = c;
    if (c == NULL || times == NULL || limits->slots > CYCLES_SLOTS || limits->beats == 0 ||
        limits->channels == 0) {
        free(times);
        free(c);
        *cycles = NULL;
        return ls_error_set(err, "cycle model: %s",
                            limits->slots > CYCLES_SLOTS ? "too many slots"
                            : limits->beats == 0         ? "a device without a beat FIFO"
                            : limits->channels == 0      ? "a weight port without a channel"
                                                         : "out of memory");
    }
    const uint32_t beat_bytes = limits->port_bits / 8;
    const uint32_t page_bytes = LOCKSTEP_PORT_PAGE * limits->channels;
    const uint32_t page = page_bytes / beat_bytes;
    const uint32_t eighth = limits->beats / 8 == 0 ? 1 : limits->beats / 8;
    c->program = program;
    c->model = model;
    c->limits = *limits;
    c->port = (struct cycles_port){.model = model,
                                   .latency = latency,
                                   .beat_bytes = beat_bytes,
                                   .page_bytes = page_bytes,
                                   .depth = limits->beats,
                                   .burst_beats = eighth < page ? eighth : page,
                                   .arrived = times,
                                   .popped = times + limits->beats};
    return 0;
}

void cycles_close(struct cycles *c) {
    if (c == NULL)
        return;
    free(c->port.arrived);
    free(c);
}

void cycles_pass(struct cycles *c, uint64_t cycle, const struct cycles_slot *slots,
                 uint32_t count) {
    bool wants_any = false;
    c->slot_count = count < CYCLES_SLOTS ? count : CYCLES_SLOTS;
    for (uint32_t i = 0; i < c->slot_count; i++) {
        c->slots[i] = slots[i];
        if (slots[i].choice != NULL)
            memcpy(c->choices[i], slots[i].choice, c->model->layers * sizeof *slots[i].choice);
        wants_any |= slots[i].wants;
    }
    c->walk = walk_begin(c->program, c->model, wants_any);
    for (uint32_t i = 0; i < c->slot_count; i++)
        walk_slot(&c->walk, slots[i].wants, c->choices[i]);
    c->begin = cycle;
    c->first = true;
    cycles_port_pass(&c->port, cycle, &c->walk, c->slots, c->slot_count);
}

bool cycles_next(struct cycles *c, uint64_t cycle, struct cycles_op *op) {
    uint64_t shown = c->first ? c->begin + BEGIN_TO_SHOWN : cycle + DONE_TO_SHOWN;
    if (!c->first)
        walk_on(&c->walk);
    for (; walk_is_control(&c->walk); walk_on(&c->walk), shown += WALK_CYCLES)
        if (walk_op(&c->walk) == LOCKSTEP_OP_EXPERTS)
            shown = cycles_port_meet(&c->port, shown);
    if (c->walk.over)
        return false;
    *op = (struct cycles_op){.op = walk_op(&c->walk),
                             .pc = c->walk.pc,
                             .layer = c->walk.layer,
                             .tensor = walk_tensor_index(&c->walk),
                             .start = shown + SHOWN_TO_START};
    c->first = false;
    return true;
}
