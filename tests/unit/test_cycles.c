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

/* Query heads that are read for together: of one K and V head, or of a pair if both fit. */
static void test_groups(struct host_test *t) {
    static const struct {
        uint32_t group, heads, kv_heads;
        uint32_t at_once;                                   /* that so many are */
    } shapes[] = {{4, 4, 2, 4}, {8, 4, 2, 4}, {3, 4, 2, 2}, /* too narrow for a pair */
                  {2, 4, 4, 2}, {4, 2, 2, 2}, {4, 6, 2, 3}, {4, 6, 1, 4}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const struct cycles_attend shape = {.lanes = 4,
                                            .group = shapes[i].group,
                                            .heads = shapes[i].heads,
                                            .kv_heads = shapes[i].kv_heads,
                                            .head_dim = 32};
        struct cycles_attend like = shape;
        const uint32_t seen[2] = {5, 9};
        like.group = shapes[i].at_once;
        like.kv_heads = 1;
        CHECK(t, cycles_attend(&shape, seen, 2) == cycles_attend(&like, seen, 2),
              "shape %zu: %llu cycles, and %llu in groups as they should be", i,
              (unsigned long long)cycles_attend(&shape, seen, 2),
              (unsigned long long)cycles_attend(&like, seen, 2));
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

int main(void) {
    struct host_test t = {"cycles", 0, 0};
    test_formulas(&t);
    test_groups(&t);
    test_limits(&t);
    test_chunks(&t);
    test_windows(&t);
    test_experts(&t);
    test_meeting(&t);
    test_beats(&t);
    return host_test_finish(&t);
}
