/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * csrc/expect/cycles.c: its formulas against docs/cycles.md, and that what it says of an unknown
 * port bounds what it says of every regular one. test_cycles_device holds it to the device.
 */
#include "csrc/expect/chunks.h"
#include "csrc/expect/cycles.h"
#include "csrc/expect/cycles_attend.h"
#include "csrc/expect/cycles_port.h"
#include "csrc/model/family.h"
#include "tests/kit/blocks.h"
#include "tests/kit/host_test.h"
#include "tests/kit/small_limits.h"

#include "generated/device.h"

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

struct shape {
    uint64_t slots, n, lanes, head_dim, n_rot, used;
    bool halves;
};

static uint64_t ceil_of(uint64_t a, uint64_t b) {
    return a / b + (a % b != 0);
}

/* What the table of docs/cycles.md says, 0 for ops that depend on the port. */
static uint64_t formula(uint32_t op, const struct shape *f) {
    const uint64_t s = f->slots, n = f->n, v = f->lanes, d = f->head_dim, k = f->used;
    const uint64_t g = s * ceil_of(n, v), b = s * ceil_of(n, 32) * 16 / v, h = ceil_of(d, v);
    const uint64_t in_head = s * ceil_of(d, 32) * 16 / v + s * h;
    const uint64_t turning =
        f->halves && f->n_rot != v ? 2 * ceil_of(f->n_rot / 2, v) : ceil_of(f->n_rot, v);
    switch (op) {
    case LOCKSTEP_OP_ANGLES:
        return s * f->n_rot / 2 + 12;
    case LOCKSTEP_OP_QUANT:
        return b + 7;
    case LOCKSTEP_OP_ROPE:
        return s * (turning + ceil_of(d - f->n_rot, v)) * n / d + 8;
    case LOCKSTEP_OP_SWIGLU:
    case LOCKSTEP_OP_SIGMOID:
        return g + 21;
    case LOCKSTEP_OP_GEGLU:
    case LOCKSTEP_OP_GELU:
        return g + 30;
    case LOCKSTEP_OP_ADD:
        return g + 6;
    case LOCKSTEP_OP_SCALE:
    case LOCKSTEP_OP_WEIGH:
        return g + 7;
    case LOCKSTEP_OP_ROUTE:
        return (k + 2) * g + 2 * k + 34;
    case LOCKSTEP_OP_OFFER:
        return n + (s - 1) * ceil_of(n, v) + 4;
    case LOCKSTEP_OP_CENTER:
        return b + g + 20;
    case LOCKSTEP_OP_HEADCENTER:
        return (in_head + 19) * n / d + 1;
    case LOCKSTEP_OP_HEADNORM:
    case LOCKSTEP_OP_HEADNORM_OWN:
        return (in_head + 27) * n / d + 1;
    case LOCKSTEP_OP_KV:
        return s * (2 * h * n / d + 16) + 2;
    default:
        return 0;
    }
}

/* Every op of the table, alone in a program, in shapes that fill their groups and such that do
 * not. */
static void test_table(struct host_test *t) {
    static const uint32_t ops[] = {LOCKSTEP_OP_ANGLES,   LOCKSTEP_OP_QUANT,       LOCKSTEP_OP_ROPE,
                                   LOCKSTEP_OP_SWIGLU,   LOCKSTEP_OP_SIGMOID,     LOCKSTEP_OP_GEGLU,
                                   LOCKSTEP_OP_GELU,     LOCKSTEP_OP_ADD,         LOCKSTEP_OP_SCALE,
                                   LOCKSTEP_OP_WEIGH,    LOCKSTEP_OP_ROUTE,       LOCKSTEP_OP_OFFER,
                                   LOCKSTEP_OP_CENTER,   LOCKSTEP_OP_HEADCENTER,  LOCKSTEP_OP_KV,
                                   LOCKSTEP_OP_HEADNORM, LOCKSTEP_OP_HEADNORM_OWN};
    static const struct shape shapes[] = {
        {1, 64, 4, 32, 32, 2, false},  {2, 64, 8, 64, 32, 1, false}, {3, 120, 4, 40, 20, 3, true},
        {2, 200, 8, 100, 24, 2, true}, {2, 96, 4, 24, 4, 4, true},   {3, 80, 8, 20, 6, 2, true}};
    static const struct cycles_slot slots[3];
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t k = 0; k < sizeof ops / sizeof *ops; k++) {
            const struct shape *const f = &shapes[i];
            const struct fw_program program = {
                .words = {{ops[k], 0, (uint32_t)f->n << LOCKSTEP_UCODE2_N_SHIFT},
                          {LOCKSTEP_OP_END}},
                .ops = 2};
            const struct fw_model model = {.layers = 1,
                                           .head_dim = (uint32_t)f->head_dim,
                                           .n_rot = (uint32_t)f->n_rot,
                                           .rope_halves = f->halves,
                                           .experts_used = (uint32_t)f->used};
            struct fw_limits limits = small_limits;
            struct ls_error err;
            struct cycles *c;
            struct cycles_op op;
            limits.vector_lanes = (uint32_t)f->lanes;
            limits.slots = 3;
            if (cycles_open(&c, &program, &model, &limits, 1, &err) != 0)
                exit(1);
            cycles_pass(c, 100, slots, (uint32_t)f->slots);
            const bool there = cycles_next(c, 0, &op) && op.start == 102;
            const uint64_t cycles = cycles_run(c, op.start);
            CHECK(t, there && cycles == formula(ops[k], f), "shape %zu, %s: %llu cycles, not %llu",
                  i, op_name(ops[k]), (unsigned long long)cycles,
                  (unsigned long long)formula(ops[k], f));
            cycles_close(c);
        }
}

/* A pass is predicted as if none had been before it, a later one either; and what its slots chose
 * is copied, of all layers. */
static void test_passes(struct host_test *t) {
    static const struct cycles_slot slots[2] = {{4, 17, false, NULL}, {5, 299, true, NULL}};
    static const struct fw_program looped = {
        .words = {{LOCKSTEP_OP_LOOP},
                  {LOCKSTEP_OP_EXPERTS},
                  {LOCKSTEP_OP_ADD, 0, 64u << LOCKSTEP_UCODE2_N_SHIFT},
                  {LOCKSTEP_OP_NEXT_EXPERT},
                  {LOCKSTEP_OP_NEXT},
                  {LOCKSTEP_OP_END}},
        .ops = 6};
    static const struct fw_model layers = {.layers = 3, .head_dim = 8};
    struct walk_choice chosen[2][3];
    struct cycles_slot choosing[2] = {{0, 0, true, chosen[0]}, {0, 0, true, chosen[1]}};
    struct fw_tensor tensors[3 + LAYERS * 9];
    const struct fw_model model = make_model(tensors);
    struct fw_program program;
    struct fw_refusal why;
    struct ls_error err;
    struct cycles *c;
    struct cycles_op op;
    if (program_build(&model, &small_limits, &program, &why) != 0 ||
        cycles_open(&c, &program, &model, &small_limits, 40, &err) != 0)
        exit(1);
    const struct prediction alone = predict(t, &program, &model, 40);
    for (uint64_t begin = 2001000; begin >= 1000; begin = begin == 1000 ? 0 : 1000) {
        uint64_t end = 0;
        cycles_pass(c, begin, slots, 2);
        for (uint32_t i = 0; cycles_next(c, end, &op) && i < alone.ops; i++) {
            const uint64_t cycles = cycles_run(c, op.start);
            CHECK(t,
                  op.start - begin == alone.list[i].op.start - 1000 &&
                      cycles == alone.list[i].cycles,
                  "a pass at %llu, op %u: %llu cycles from %llu on", (unsigned long long)begin, i,
                  (unsigned long long)cycles, (unsigned long long)op.start);
            end = op.start + cycles;
        }
    }
    cycles_close(c);

    /* two slots choose apart in the last layer, the last experts there are: an op each */
    for (uint32_t slot = 0; slot < 2; slot++)
        for (uint32_t layer = 0; layer < 3; layer++)
            chosen[slot][layer] = layer < 2 ? (struct walk_choice){{1, 0}}
                                            : (struct walk_choice){{0, UINT64_C(1) << (62 + slot)}};
    if (cycles_open(&c, &looped, &layers, &small_limits, 40, &err) != 0)
        exit(1);
    cycles_pass(c, 0, choosing, 2);
    memset(chosen, 0, sizeof chosen);
    for (uint32_t i = 0; i < 5; i++) {
        const bool more = cycles_next(c, 0, &op);
        const uint64_t cycles = more ? cycles_run(c, op.start) : 0, two = 2 * 16 + 6;
        CHECK(t,
              more == (i < 4) && cycles == (i < 2   ? two
                                            : i < 4 ? 16 + 6
                                                    : 0),
              "op %u of the experts: %llu cycles", i, (unsigned long long)cycles);
    }
    cycles_close(c);
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
        const struct shape shape = {i < 2 + LAYERS * 20 ? 2 : 1, n, 4, 8, 8, 0, false};
        const uint64_t expected = formula(op->op, &shape);
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

static uint64_t most_of(uint64_t a, uint64_t b) {
    return a < b ? b : a;
}

/* The stages of docs/cycles.md, Attention, for groups of so many heads in each slot, 0 behind the
 * last. */
static uint64_t attend_of(const struct cycles_attend *shape, const uint32_t *groups,
                          const uint32_t *seen, uint32_t slots) {
    const uint64_t v = shape->lanes, rows = ceil_of(shape->head_dim, v);
    const uint64_t words = ceil_of(shape->head_dim, 32), last = shape->head_dim - 32 * (words - 1);
    uint64_t take = 0, free = 0, last_word = 0, drained = 0, output = 0;
    for (uint32_t slot = 0; slot < slots; slot++)
        for (uint32_t i = 0; groups[i] != 0; i++) {
            const uint64_t g = groups[i], m = seen[slot];
            const uint64_t load = take + 1 + (i == 0 ? 9 : 0);
            take = most_of(load + g * rows + 7, free);
            const uint64_t scored = take + words * m + (shape->capped ? 27 : 9);
            const uint64_t handed = most_of(scored, last_word), weight = handed + 11;
            free = shape->capped ? weight + m - 1 + 2 : handed;
            last_word = weight;
            for (uint64_t b = 0; b < words; b++) {
                last_word = most_of(last_word + m, drained);
                const uint64_t begin = most_of(most_of(last_word + 3, weight + m + 9), output);
                drained = begin + g * (b + 1 < words ? 32 / v : ceil_of(last, v)) + 8;
                if (b + 1 == words)
                    output = begin + 9 + g * rows;
            }
        }
    return output + 1 + 1; /* idle, done */
}

/* Query heads that are read for together: of one K and V head, or of a pair if both fit; and when
 * what of them is done. */
static void test_groups(struct host_test *t) {
    static const struct {
        uint32_t group, heads, kv_heads;
        uint32_t groups[9];
    } shapes[] = {
        {4, 4, 2, {4}},       {8, 4, 2, {4}},       {3, 4, 2, {2, 2}},     {2, 4, 4, {2, 2}},
        {4, 2, 2, {2}},       {4, 6, 2, {3, 3}},    {4, 6, 1, {4, 2}},     {4, 8, 4, {4, 4}},
        {8, 6, 2, {6}},       {4, 6, 3, {4, 2}},    {3, 8, 2, {3, 3, 2}},  {1, 3, 3, {1, 1, 1}},
        {2, 6, 2, {2, 2, 2}}, {5, 9, 3, {3, 3, 3}}, {6, 15, 3, {5, 5, 5}}, {4, 10, 2, {4, 4, 2}}};
    static const uint32_t dims[] = {8, 32, 33, 40, 41, 64, 65, 80, 128, 256};
    static const uint32_t contexts[][3] = {{1, 1, 1}, {5, 9, 2}, {1, 300, 7}, {40, 40, 41}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t d = 0; d < sizeof dims / sizeof *dims; d++)
            for (size_t k = 0; k < 4 * sizeof contexts / sizeof *contexts; k++) {
                const struct cycles_attend shape = {.lanes = k % 2 ? 4 : 8,
                                                    .group = shapes[i].group,
                                                    .heads = shapes[i].heads,
                                                    .kv_heads = shapes[i].kv_heads,
                                                    .head_dim = dims[d],
                                                    .capped = k / 2 % 2};
                const uint32_t *const seen = contexts[k / 4];
                for (uint32_t slots = 1; slots <= 3; slots++) {
                    const uint64_t cycles = cycles_attend(&shape, seen, slots);
                    const uint64_t expected = attend_of(&shape, shapes[i].groups, seen, slots);
                    CHECK(t, cycles == expected,
                          "shape %zu, heads of %u, case %zu, %u slots: %llu cycles, not %llu", i,
                          dims[d], k, slots, (unsigned long long)cycles,
                          (unsigned long long)expected);
                }
            }
    /* One group of h heads at position 0 takes 59 + 16 h cycles. */
    const struct cycles_attend pair = {
        .lanes = 4, .group = 4, .heads = 4, .kv_heads = 2, .head_dim = 32};
    const uint32_t one = 1;
    CHECK(t, cycles_attend(&pair, &one, 1) == 59 + 4 * 16, "a pair takes %llu cycles",
          (unsigned long long)cycles_attend(&pair, &one, 1));
}

/* No more slots than there are, and nothing of none. */
static void test_limits(struct host_test *t) {
    struct fw_tensor tensors[3 + LAYERS * 9];
    const struct fw_model model = make_model(tensors);
    struct fw_program program;
    struct fw_refusal why;
    struct cycles_slot slots[CYCLES_SLOTS + 1] = {{0}};
    uint64_t cycles[2];
    struct ls_error err;
    for (uint32_t more = 0; more < 2; more++) {
        struct cycles_op op;
        struct cycles *c;
        if (program_build(&model, &small_limits, &program, &why) != 0 ||
            cycles_open(&c, &program, &model, &small_limits, 40, &err) != 0)
            exit(1);
        cycles_pass(c, 0, slots, CYCLES_SLOTS + more);
        cycles_next(c, 0, &op);
        cycles[more] = cycles_run(c, op.start);
        cycles_close(c);
    }
    CHECK(t, cycles[0] == CYCLES_SLOTS * 4 + 12 && cycles[1] == cycles[0],
          "ANGLES of all slots take %llu cycles, of one more %llu", (unsigned long long)cycles[0],
          (unsigned long long)cycles[1]);
    cycles_close(NULL);
    for (long nth = 1; nth <= 3; nth++) { /* blocks of memory; the third there is none of */
        const long before = blocks_held();
        struct cycles *c = NULL;
        err.text[0] = '\0';
        blocks_refuse(nth);
        const bool open = cycles_open(&c, &program, &model, &small_limits, 40, &err) == 0;
        blocks_refuse(0);
        CHECK(t, open == (nth == 3) && (c != NULL) == open, "block %ld is refused: %s", nth,
              err.text);
        CHECK(t, open || strcmp(err.text, "cycle model: out of memory") == 0, "%s", err.text);
        cycles_close(c);
        CHECK(t, blocks_held() == before, "%ld blocks are left", blocks_held() - before);
    }
    for (int what = 0; what < 3; what++) {
        static const char *const says[] = {"too many slots", "a device without a beat FIFO",
                                           "a weight port without a channel"};
        struct fw_limits limits = small_limits;
        struct cycles *c = NULL;
        limits.slots = what == 0 ? CYCLES_SLOTS + 1 : CYCLES_SLOTS;
        limits.beats = what == 1 ? 0 : limits.beats;
        limits.channels = what == 2 ? 0 : limits.channels;
        CHECK(t,
              cycles_open(&c, &program, &model, &limits, 40, &err) != 0 && c == NULL &&
                  strstr(err.text, says[what]) != NULL,
              "%s: '%s'", says[what], err.text);
    }
}

/* What the dot array takes at a time: a row's blocks and the first ones of the next row, if rows
 * are of whole blocks and their activations fit. */
static void test_chunks(struct host_test *t) {
    static const struct {
        uint32_t lanes, port_bits, vector_words, type, rows, cols;
        struct {
            uint32_t row, block, first, blocks, elements;
        } chunks[6]; /* until one of no blocks */
    } cases[] = {
        {4,
         2048,
         4096,
         LOCKSTEP_TYPE_Q8_0,
         3,
         96,
         {{0, 0, 3, 4, 128}, {1, 1, 2, 4, 128}, {2, 2, 1, 1, 32}}},
        {4,
         2048,
         4096,
         LOCKSTEP_TYPE_Q8_0,
         2,
         192,
         {{0, 0, 4, 4, 128}, {0, 4, 2, 4, 128}, {1, 2, 4, 4, 128}}},
        {4, 2048, 4096, LOCKSTEP_TYPE_Q8_0, 2, 32, {{0, 0, 1, 2, 64}}},
        {4, 2048, 4096, LOCKSTEP_TYPE_F16, 2, 40, {{0, 0, 2, 2, 40}, {1, 0, 2, 2, 40}}},
        {4, 2048, 4096, LOCKSTEP_TYPE_F16, 2, 33, {{0, 0, 2, 2, 33}, {1, 0, 2, 2, 33}}},
        {4, 2048, 96, LOCKSTEP_TYPE_Q8_0, 2, 96, {{0, 0, 3, 3, 96}, {1, 0, 3, 3, 96}}},
        {4, 2048, 4096, LOCKSTEP_TYPE_F16, 1, 136, {{0, 0, 4, 4, 128}, {0, 4, 1, 1, 8}}},
        {2,
         128,
         4096,
         LOCKSTEP_TYPE_Q8_0,
         2,
         64,
         {{0, 0, 1, 1, 32}, {0, 1, 1, 1, 32}, {1, 0, 1, 1, 32}, {1, 1, 1, 1, 32}}},
        {2, 128, 4096, LOCKSTEP_TYPE_Q4_K, 1, 512, {{0, 0, 8, 8, 256}, {0, 8, 8, 8, 256}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fw_limits limits = small_limits;
        limits.lanes = cases[i].lanes;
        limits.port_bits = cases[i].port_bits;
        limits.vector_words = cases[i].vector_words;
        struct chunks c = chunks_begin(&limits, cases[i].type, cases[i].rows, cases[i].cols);
        for (int n = 0; n < 6; n++) {
            const bool more = chunks_next(&c), expected = cases[i].chunks[n].blocks != 0;
            CHECK(t, more == expected, "case %zu, chunk %d: another one", i, n);
            if (!more)
                break;
            CHECK(t,
                  c.row == cases[i].chunks[n].row && c.block == cases[i].chunks[n].block &&
                      c.first == cases[i].chunks[n].first &&
                      c.blocks == cases[i].chunks[n].blocks &&
                      c.elements == cases[i].chunks[n].elements,
                  "case %zu, chunk %d: row %u, block %u, %u and %u blocks, %u elements", i, n,
                  c.row, c.block, c.first, c.blocks, c.elements);
        }
    }
}

/* Blocks of a chunk: as many as hold a beat, in powers of two, of the lanes at most; of types with
 * blocks of 256 whole ones. Rows join if they and a block a lane fit into the activations. */
static void test_chunk_sizes(struct host_test *t) {
    static const struct {
        uint32_t type, port_bits, lanes, most;
    } sizes[] = {{LOCKSTEP_TYPE_Q4_0, 2048, 16, 16}, {LOCKSTEP_TYPE_Q8_0, 2048, 16, 8},
                 {LOCKSTEP_TYPE_F16, 2048, 16, 4},   {LOCKSTEP_TYPE_F32, 2048, 16, 2},
                 {LOCKSTEP_TYPE_Q4_0, 2048, 8, 8},   {LOCKSTEP_TYPE_Q4_0, 8192, 64, 64},
                 {LOCKSTEP_TYPE_Q8_0, 8192, 64, 32}, {LOCKSTEP_TYPE_F32, 8192, 64, 8},
                 {LOCKSTEP_TYPE_F32, 1024, 16, 1},   {LOCKSTEP_TYPE_F32, 1088, 16, 2},
                 {LOCKSTEP_TYPE_Q4_K, 2048, 16, 16}, {LOCKSTEP_TYPE_Q4_K, 1024, 16, 8},
                 {LOCKSTEP_TYPE_Q6_K, 2048, 64, 16}, {LOCKSTEP_TYPE_Q4_K, 8192, 2, 8},
                 {LOCKSTEP_TYPE_Q8_0, 128, 2, 1},    {LOCKSTEP_TYPE_Q4_0, 128, 2, 1}};
    static const struct {
        uint32_t vector_words, cols;
        bool joins;
    } rows[] = {{4096, 3968, true},  {4096, 4000, false}, {4096, 3969, false}, {1056, 1024, true},
                {1056, 1056, false}, {4097, 4096, true},  {4097, 4128, false}, {160, 128, true}};
    struct fw_limits limits = small_limits;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        limits.port_bits = sizes[i].port_bits;
        limits.lanes = sizes[i].lanes;
        CHECK(t, chunks_most(&limits, sizes[i].type) == sizes[i].most, "case %zu: %u blocks", i,
              chunks_most(&limits, sizes[i].type));
    }
    limits.lanes = 4;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        limits.vector_words = rows[i].vector_words;
        CHECK(t, chunks_begin(&limits, LOCKSTEP_TYPE_Q8_0, 2, rows[i].cols).joins == rows[i].joins,
              "rows of %u join in %u words", rows[i].cols, rows[i].vector_words);
    }
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

/* No layer is local without a window, none sees less than its own position; and each loop begins at
 * layer 0. No more slots than there are. */
static void test_walk(struct host_test *t) {
    static const struct fw_program twice = {.words = {{LOCKSTEP_OP_LOOP},
                                                      {LOCKSTEP_OP_ADD},
                                                      {LOCKSTEP_OP_NEXT},
                                                      {LOCKSTEP_OP_LOOP},
                                                      {LOCKSTEP_OP_ADD},
                                                      {LOCKSTEP_OP_NEXT},
                                                      {LOCKSTEP_OP_END}},
                                            .ops = 7};
    for (uint32_t window = 0; window < 3; window++) {
        const struct fw_model model = {
            .layers = 2, .local_period = 2, .local_count = 1, .local_window = window};
        struct walk walk = {.model = &model};
        for (uint32_t position = 0; position < 5; position++) {
            const uint32_t local = window == 0 || position < window ? position + 1 : window;
            walk.layer = 0;
            CHECK(t, walk_seen(&walk, position) == local, "window %u: %u of position %u", window,
                  walk_seen(&walk, position), position);
            walk.layer = 1;
            CHECK(t, walk_seen(&walk, position) == position + 1, "window %u: %u of position %u",
                  window, walk_seen(&walk, position), position);
        }
    }
    const struct fw_model model = {.layers = 2};
    struct walk walk = walk_begin(&twice, &model, false);
    uint32_t steps;
    for (uint32_t i = 0; i < 5; i++, walk_on(&walk)) {
        const bool more = walk_next(&walk, &steps);
        CHECK(t, more == (i < 4) && walk.layer == (i < 4 ? i % 2 : 2), "op %u: layer %u", i,
              walk.layer);
        if (!more)
            break;
    }
    static const struct walk_choice choice[2];
    for (uint32_t i = 0; i < WALK_SLOTS + 3; i++)
        walk_slot(&walk, true, i < WALK_SLOTS ? NULL : choice);
    CHECK(t, walk.slot_count == WALK_SLOTS, "%u slots", walk.slot_count);
    for (uint32_t i = 0; i < WALK_SLOTS; i++)
        CHECK(t, walk.wants[i] && walk.choices[i] == NULL, "slot %u", i);
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

/* The fetch walker shows an instruction a cycle, and waits at EXPERTS for the other one, or the
 * other one for it. */
static void test_meeting(struct host_test *t) {
    static const struct fw_program program = {.words = {{LOCKSTEP_OP_LOOP},
                                                        {LOCKSTEP_OP_ADD},
                                                        {LOCKSTEP_OP_EXPERTS},
                                                        {LOCKSTEP_OP_ADD},
                                                        {LOCKSTEP_OP_NEXT_EXPERT},
                                                        {LOCKSTEP_OP_NEXT},
                                                        {LOCKSTEP_OP_END}},
                                              .ops = 7};
    static const struct fw_model model = {.layers = 2};
    static const struct walk_choice choice[2] = {{{1, 0}}, {{1, 0}}};
    static const struct cycles_slot slot = {0, 0, true, choice};
    static const struct {
        uint32_t latency;
        uint64_t shown[2], met[2]; /* by the other walker; layer by layer */
    } cases[] = {
        {40, {50, 50}, {103, 108}}, /* LOOP is shown in cycle 101 */
        {40, {103, 109}, {103, 109}},
        {40, {120, 90}, {120, 125}},
        {40, {120, 300}, {120, 300}},
        {CYCLES_ANY_PORT, {50, 52}, {50, 52}},
        {CYCLES_ANY_PORT, {120, 300}, {120, 300}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cycles_port port = {.latency = cases[i].latency};
        struct walk walk = walk_begin(&program, &model, true);
        walk_slot(&walk, true, choice);
        cycles_port_pass(&port, 100, &walk, &slot, 1);
        for (uint32_t layer = 0; layer < 2; layer++) {
            const uint64_t met = cycles_port_meet(&port, cases[i].shown[layer]);
            CHECK(t,
                  met == cases[i].met[layer] && port.walk.pc == 3 && port.walk.layer == layer &&
                      port.walk.in_experts,
                  "case %zu, layer %u: they meet in cycle %llu", i, layer, (unsigned long long)met);
        }
    }
}

/* What is asked for, and when: docs/cycles.md, The weight port. A row a slot of its token or
 * position, a matrix of each expert; ops without weights and control are a cycle each. */
static void test_fetches(struct host_test *t) {
    enum { TOKENS, PLACES, MATRIX, EXPERTS_OF, TENSORS };
    static const struct fw_tensor tensors[TENSORS] = {
        {.type = LOCKSTEP_TYPE_Q8_0, .rows = 9, .cols = 64, .address = 4109},
        {.type = LOCKSTEP_TYPE_Q8_0, .rows = 9, .cols = 32, .address = 8192},
        {.type = LOCKSTEP_TYPE_Q8_0, .rows = 3, .cols = 64, .address = 12289},
        {.type = LOCKSTEP_TYPE_Q8_0, .rows = 2, .cols = 64, .address = 16386}};
#define OF(op, tensor) {(op) | (uint32_t)(tensor) << LOCKSTEP_UCODE0_TENSOR_SHIFT}
    static const struct fw_program program = {
        .words = {{LOCKSTEP_OP_ADD},
                  OF(LOCKSTEP_OP_EMBED, TOKENS),
                  {LOCKSTEP_OP_ADD},
                  {LOCKSTEP_OP_QUANT},
                  OF(LOCKSTEP_OP_MATVEC, MATRIX),
                  {LOCKSTEP_OP_LOOP},
                  {LOCKSTEP_OP_EXPERTS},
                  OF(LOCKSTEP_OP_MATVEC | LOCKSTEP_UCODE0_EXPERT_MASK, EXPERTS_OF),
                  {LOCKSTEP_OP_NEXT_EXPERT},
                  {LOCKSTEP_OP_NEXT},
                  OF(LOCKSTEP_OP_POSITION, PLACES),
                  {LOCKSTEP_OP_END}},
        .ops = 12};
#undef OF
    static const struct fw_model model = {.layers = 1, .tensors = tensors};
    static const struct walk_choice choices[3][1] = {{{{4, 0}}}, {{{4, 0}}}, {{{0, 1}}}};
    static const struct cycles_slot slots[3] = {
        {5, 0, true, choices[0]}, {6, 1, true, choices[1]}, {0, 8, true, choices[2]}};
    static const struct {
        uint64_t accepted, address, bytes;
    } expected[] = {
        /* ADD is seen in 101, EMBED in 102 */
        {107, 4109 + 68 * 0, 68},     {110, 4109 + 68 * 1, 68},
        {113, 4109 + 68 * 8, 68},     {121, 12289, 204}, /* ADD in 114 */
        {207, 16386 + 2 * 136, 136},                     /* LOOP in 122; EXPERTS until 200 */
        {215, 16386 + 64 * 136, 136},                    /* NEXT_EXPERT in 208 */
        {223, 8192 + 34 * 5, 34},                        /* NEXT_EXPERT and NEXT in 216 and 217 */
        {226, 8192 + 34 * 6, 34},     {229, 8192 + 34 * 0, 34},
    };
    struct cycles_port port = {.latency = 1, .beat_bytes = 16};
    struct walk walk = walk_begin(&program, &model, true);
    uint64_t beats = 0;
    for (uint32_t slot = 0; slot < 3; slot++)
        walk_slot(&walk, true, choices[slot]);
    cycles_port_pass(&port, 100, &walk, slots, 3);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        if (i == 4)
            CHECK(t, cycles_port_meet(&port, 200) == 200, "they meet");
        const struct cycles_fetch *const f = cycles_port_fetch(&port);
        const uint64_t first = expected[i].address / 16,
                       last = (expected[i].address + expected[i].bytes - 1) / 16;
        CHECK(t,
              f->accepted == expected[i].accepted && f->address == expected[i].address &&
                  f->beats == last - first + 1 && f->first == beats,
              "fetch %zu: in cycle %llu from %llu on, %llu beats", i,
              (unsigned long long)f->accepted, (unsigned long long)f->address,
              (unsigned long long)f->beats);
        beats += f->beats;
        cycles_port_release(&port, f->accepted);
    }
    for (uint32_t rows = 1; rows < 3; rows++) { /* of a pass that is cut there nothing is left */
        cycles_port_pass(&port, 100, &walk, slots, 3);
        for (uint32_t i = 0; i < rows; i++)
            cycles_port_fetch(&port);
        cycles_port_pass(&port, 1100, &walk, slots, 3);
        const struct cycles_fetch *const f = cycles_port_fetch(&port);
        CHECK(t, f->accepted == 1107 && f->address == 4109 && f->first == 0,
              "behind %u rows: in cycle %llu from %llu on", rows, (unsigned long long)f->accepted,
              (unsigned long long)f->address);
    }
}

/* When beats may be used: of a port of a latency by docs/cycles.md, The weight port; of an unknown
 * one those of a full FIFO at once, then one a cycle. */
static void test_beats(struct host_test *t) {
    enum { DEPTH = 32, LATENCY = 10 };
    static const struct fw_tensor tensor = {
        .type = LOCKSTEP_TYPE_Q8_0, .rows = 4, .cols = 64, .address = 1000};
    static const struct fw_program program = {.words = {{LOCKSTEP_OP_MATVEC}, {LOCKSTEP_OP_END}},
                                              .ops = 2};
    static const struct fw_model model = {.layers = 1, .tensors = &tensor};
    static const struct cycles_slot slot = {0, 0, true, NULL};
    uint64_t arrived[DEPTH] = {0}, popped[DEPTH] = {0};
    struct cycles_port port = {.latency = LATENCY,
                               .beat_bytes = 16,
                               .page_bytes = 4096,
                               .depth = DEPTH,
                               .burst_beats = DEPTH / 8,
                               .arrived = arrived,
                               .popped = popped};
    const struct walk walk = walk_begin(&program, &model, true);
    cycles_port_pass(&port, 100, &walk, &slot, 1);
    const struct cycles_fetch *fetch = cycles_port_fetch(&port);
    /* seen in 101, fetched in 106, loaded in 107, asked for in 108 */
    CHECK(t,
          fetch->accepted == 106 && fetch->address == 1000 && fetch->beats == 18 && /* of 17.5 */
              fetch->first == 0,
          "%llu beats from %llu on in cycle %llu", (unsigned long long)fetch->beats,
          (unsigned long long)fetch->address, (unsigned long long)fetch->accepted);
    for (uint64_t n = 0; n < 18; n++)
        CHECK(t, cycles_port_beat(&port, n) == 108 + LATENCY + 1 + 1 + n, "beat %llu in cycle %llu",
              (unsigned long long)n, (unsigned long long)cycles_port_beat(&port, n));

    port.latency = CYCLES_ANY_PORT;
    for (int n = 0; n < 3; n++)
        cycles_port_pop(&port, 150);
    cycles_port_op(&port, 200);
    for (uint64_t n = 3; n < 3 + 2 * DEPTH; n++) {
        const uint64_t behind = n - 3, cycle = behind < DEPTH ? 0 : 201 + behind - DEPTH;
        CHECK(t, cycles_port_beat(&port, n) == cycle, "beat %llu in cycle %llu, not %llu",
              (unsigned long long)n, (unsigned long long)cycles_port_beat(&port, n),
              (unsigned long long)cycle);
    }
}

/* A row of a matrix ends in the last byte of a beat, or in the first one of the next: that one is
 * waited for. Seen in 101, taken in 106, asked for in 108, the first beat may be cut in 111. */
static void test_ends(struct host_test *t) {
    static const struct fw_program program = {.words = {{LOCKSTEP_OP_MATVEC}, {LOCKSTEP_OP_END}},
                                              .ops = 2};
    static const struct cycles_slot slot = {0, 0, true, NULL};
    for (uint32_t at = 0; at < 16; at++) {
        const struct fw_tensor tensor = {
            .type = LOCKSTEP_TYPE_Q8_0, .rows = 1, .cols = 32, .address = 4096 + at};
        const struct fw_model model = {.layers = 1, .head_dim = 8, .tensors = &tensor};
        const uint64_t last = (at + 34 - 1) / 16;
        struct ls_error err;
        struct cycles *c;
        struct cycles_op op;
        if (cycles_open(&c, &program, &model, &small_limits, 1, &err) != 0)
            exit(1);
        cycles_pass(c, 100, &slot, 1);
        const bool there = cycles_next(c, 0, &op);
        const uint64_t cycles = cycles_run(c, op.start);
        /* done 10 cycles behind the chunk, 11 with an odd number of rows */
        CHECK(t, there && op.start == 102 && op.start + cycles == 111 + last + 11,
              "from byte %u on: %llu cycles", at, (unsigned long long)cycles);
        cycles_close(c);
    }
}

/* The port holds 8 fetches: the next one waits until the aligner lets go of the first, behind its
 * last beat, a cycle later if that is used in part. Rows of a group each. */
static void test_places(struct host_test *t) {
    enum { OPS = 24, LATENCY = 100 };
    struct fw_tensor tensors[OPS];
    struct fw_program program = {.ops = OPS + 1};
    const struct fw_model model = {.layers = 1, .head_dim = 8, .tensors = tensors};
    const struct cycles_slot slot = {0, 0, true, NULL};
    for (uint32_t n = 3; n <= 4; n++) {
        uint64_t taken[OPS], free[OPS], done = 100;
        struct ls_error err;
        struct cycles *c;
        struct cycles_op op;
        for (uint32_t i = 0; i < OPS; i++) {
            tensors[i] = (struct fw_tensor){.type = LOCKSTEP_TYPE_F32,
                                            .rows = 1,
                                            .cols = n,
                                            .address = 4096 + 64 * i,
                                            .bytes = 4 * n};
            program.words[i][0] = LOCKSTEP_OP_ROW | i << LOCKSTEP_UCODE0_TENSOR_SHIFT;
            program.words[i][2] = n << LOCKSTEP_UCODE2_N_SHIFT;
        }
        program.words[OPS][0] = LOCKSTEP_OP_END;
        if (cycles_open(&c, &program, &model, &small_limits, LATENCY, &err) != 0)
            exit(1);
        cycles_pass(c, 100, &slot, 1);
        for (uint32_t i = 0; i < OPS && cycles_next(c, done, &op); i++) {
            const uint64_t start = done + 2, natural = i == 0 ? 106 : taken[i - 1] + 6;
            taken[i] = i < 8 ? natural : most_of(natural, free[i - 8]);
            /* loaded, asked for, L + 1 cycles on its way; the row is asked for 2 cycles behind the
             * start, the aligner turns to it and cuts */
            const uint64_t cut = most_of(start + 4, taken[i] + 2 + LATENCY + 1 + 1);
            free[i] = cut + 2 + (n == 3);
            done = cut + 1 + 1 + 3; /* put out, used, done */
            const uint64_t cycles = cycles_run(c, op.start);
            CHECK(t, op.start == start && op.start + cycles == done,
                  "%u elements, op %u: from %llu, %llu cycles, not %llu", n, i,
                  (unsigned long long)op.start, (unsigned long long)cycles,
                  (unsigned long long)(done - start));
        }
        cycles_close(c);
    }
}

/* The port cycle by cycle, as docs/cycles.md tells it, in front of an aligner that takes a beat in
 * `pause` cycles at most and lets go of a fetch `hold` cycles behind its last beat. */
enum { FETCHES = 20, MOST_BEATS = 2000 };

struct ported {
    uint64_t accepted[FETCHES], popped[MOST_BEATS], beats;
};

struct port_case {
    uint32_t latency, page_bytes, depth, burst, pause, hold;
};

static void run_port(const struct port_case *at, const struct fw_tensor *tensors,
                     struct ported *is) {
    uint64_t beats[FETCHES], released[FETCHES] = {0}, arrives[MOST_BEATS], last[MOST_BEATS];
    uint64_t shown = 101, arrived = 0, next_pop = 0, address = 0;
    uint32_t asked = 0, loaded = 0, taken = 0, bursts = 0; /* loaded: the one of the next burst */
    uint64_t left = 0, issued = 0, popped = 0, end = 0;    /* end: of the fetch that is taken */
    for (uint32_t i = 0; i < FETCHES; i++)
        beats[i] = (tensors[i].address + tensors[i].bytes - 1) / 16 - tensors[i].address / 16 + 1;
    for (uint64_t cycle = 101; taken < FETCHES; cycle++) {
        uint32_t held = 0, under_way = 0;
        uint64_t room = at->depth;
        for (uint32_t i = 0; i < asked; i++)
            held += released[i] == 0 || released[i] >= cycle;
        for (uint32_t i = 0; i < bursts; i++)
            under_way += last[i] >= cycle;
        room -= issued - popped; /* this cycle's beat leaves below */
        if (left != 0) {
            const uint64_t page = (at->page_bytes - address % at->page_bytes) / 16;
            uint64_t burst = at->burst < left ? at->burst : left;
            burst = burst < page ? burst : page;
            if (burst <= room && under_way < 8) {
                uint64_t first = cycle + at->latency + 1;
                for (uint64_t i = 0; i < burst; i++, arrived++, first++) {
                    if (arrived != 0 && first <= arrives[arrived - 1])
                        first = arrives[arrived - 1] + 1;
                    arrives[arrived] = first;
                }
                last[bursts++] = arrives[arrived - 1];
                issued += burst;
                left -= burst;
                address += burst * 16;
            }
        } else if (loaded < asked) {
            left = beats[loaded];
            address = tensors[loaded++].address / 16 * 16;
        }
        if (asked < FETCHES && cycle >= shown + 5 && held < 8) {
            is->accepted[asked++] = cycle;
            shown = cycle + 1;
        }
        if (popped == end && taken < asked && (taken == 0 || cycle > released[taken - 1]))
            end += beats[taken];
        if (popped < end && popped < arrived && arrives[popped] < cycle && cycle >= next_pop) {
            is->popped[popped++] = cycle;
            next_pop = cycle + at->pause;
            if (popped == end)
                released[taken++] = cycle + at->hold;
        }
    }
    is->beats = popped;
}

static void test_port(struct host_test *t) {
    static const struct port_case cases[] = {{1, 4096, 32, 4, 1, 1},   {60, 4096, 32, 4, 1, 2},
                                             {60, 64, 32, 4, 3, 1},    {7, 128, 48, 6, 1, 40},
                                             {300, 4096, 32, 4, 9, 1}, {3, 8192, 256, 8, 2, 150},
                                             {200, 64, 256, 32, 1, 1}};
    static uint64_t arrived[256], popped[256];
    static struct ported is;
    struct fw_tensor tensors[FETCHES];
    struct fw_program program = {.ops = FETCHES + 1};
    const struct fw_model model = {.layers = 1, .tensors = tensors};
    const struct cycles_slot slot = {0, 0, true, NULL};
    uint64_t at = 4000;
    for (uint32_t i = 0; i < FETCHES; i++, at += 340 + 16 * 7) {
        const uint32_t rows = i % 5 == 0 ? 20 : i % 5; /* of 68 bytes */
        tensors[i] = (struct fw_tensor){
            .type = LOCKSTEP_TYPE_Q8_0, .rows = rows, .cols = 64, .address = at + i % 16};
        tensors[i].bytes = rows * 68;
        program.words[i][0] = LOCKSTEP_OP_MATVEC | i << LOCKSTEP_UCODE0_TENSOR_SHIFT;
    }
    program.words[FETCHES][0] = LOCKSTEP_OP_END;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const struct port_case *const c = &cases[k];
        struct cycles_port port = {.latency = c->latency,
                                   .beat_bytes = 16,
                                   .page_bytes = c->page_bytes,
                                   .depth = c->depth,
                                   .burst_beats = c->burst,
                                   .arrived = arrived,
                                   .popped = popped};
        const struct walk walk = walk_begin(&program, &model, true);
        uint64_t cycle = 0, n = 0;
        run_port(c, tensors, &is);
        cycles_port_pass(&port, 100, &walk, &slot, 1);
        for (uint32_t i = 0; i < FETCHES; i++) {
            const struct cycles_fetch *const f = cycles_port_fetch(&port);
            const uint64_t turned = f->accepted + 1, first = n;
            CHECK(t, f->accepted == is.accepted[i] && f->first == n,
                  "case %zu, fetch %u: taken in cycle %llu, not %llu", k, i,
                  (unsigned long long)f->accepted, (unsigned long long)is.accepted[i]);
            for (; n < first + f->beats; n++) {
                const uint64_t there = cycles_port_beat(&port, n);
                if (n == first && cycle < turned)
                    cycle = turned;
                cycle = there > cycle ? there : cycle;
                CHECK(t, n < is.beats && cycle == is.popped[n],
                      "case %zu, beat %llu: leaves in cycle %llu, not %llu", k,
                      (unsigned long long)n, (unsigned long long)cycle,
                      (unsigned long long)is.popped[n]);
                cycles_port_pop(&port, cycle);
                cycle += c->pause;
            }
            const uint64_t released = cycle - c->pause + c->hold;
            cycles_port_release(&port, released);
            if (cycle < released + 1)
                cycle = released + 1;
        }
        CHECK(t, n == is.beats, "case %zu: %llu beats", k, (unsigned long long)n);
    }
}

int main(void) {
    struct host_test t = {"cycles", 0, 0};
    test_formulas(&t);
    test_table(&t);
    test_passes(&t);
    test_groups(&t);
    test_limits(&t);
    test_chunks(&t);
    test_chunk_sizes(&t);
    test_windows(&t);
    test_walk(&t);
    test_experts(&t);
    test_meeting(&t);
    test_fetches(&t);
    test_beats(&t);
    test_ends(&t);
    test_places(&t);
    test_port(&t);
    return host_test_finish(&t);
}
