/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The unit that a difference points to, and what is said of it: vectors are made wrong as a broken
 * device would make them, and the fault must be named; one that nothing explains must not be.
 */
#include "suspect_scene.h"
#include "tests/kit/blocks.h"

/* Pairs at the ends have no neighbour, and may be as they will; what is not turned may not. */
static void test_angles(struct host_test *t, bool halves) {
    const struct ls_model shape = SIZES(.n_rot = 16, .rope_halves = halves);
    struct scene *s = scene_begin(t, FAMILY_llama, shape, GGML_TYPE_F32);
    for (int position = -1; position <= 1; position++)
        for (int pair = -1; pair <= 1; pair++) {
            char line[64];
            if (position == 0 && pair == 0)
                continue;
            choose(s, LOCKSTEP_OP_ROPE, "");
            golden_wrong_rope(s->golden, 0, input_of(s, 0), s->record->count, POSITIONS - 1,
                              position, pair, s->actual[0]);
            snprintf(line, sizeof line, "of position %+d, pair %+d: an", position, pair);
            points_to(s, "vec_angles (the angles", line);
            for (int i = 0; i < 32; i++) { /* of the second head */
                const int own = halves ? i % 8 : i / 2;
                const bool is_end = i < 16 && (own + pair < 0 || own + pair > 7);
                s->actual[0][32 + i] ^= 1u << 22;
                if (is_end)
                    points_to(s, "vec_angles (the angles", line);
                else
                    points_to(s, "vector_unit (vec_angles, rotation, vec_rope)", NULL);
                s->actual[0][32 + i] ^= 1u << 22;
            }
            const uint32_t end =
                (uint32_t)s->record->count - 1; /* the very first, the very last element */
            for (uint32_t i = 0; i <= end; i += end) {
                s->actual[0][i] ^= 1u << 22;
                if (i == 0 && pair < 0)
                    points_to(s, "vec_angles (the angles", line);
                else
                    points_to(s, "vector_unit (vec_angles, rotation, vec_rope)", NULL);
                s->actual[0][i] ^= 1u << 22;
            }
        }
    /* by two of either nothing is explained, nor is what is not wrong */
    for (int by = -2; by <= 2; by += 2)
        for (int of_pair = 0; of_pair < 2; of_pair++) {
            choose(s, LOCKSTEP_OP_ROPE, "");
            if (by != 0)
                golden_wrong_rope(s->golden, 0, input_of(s, 0), s->record->count, POSITIONS - 1,
                                  of_pair ? 0 : by, of_pair ? by : 0, s->actual[0]);
            points_to(s, "vector_unit (vec_angles, rotation, vec_rope)", NULL);
        }
    /* in the second slot, which stands a position before */
    choose(s, LOCKSTEP_OP_ROPE, "");
    s->board.first.slot = s->board.first.sequence = 1;
    golden_wrong_rope(s->golden, 0, input_of(s, 1), s->record->count, POSITIONS - 2, 1, 0,
                      s->actual[1]);
    points_to(s, "vec_angles (the angles", "of position +1, pair +0: an");
    scene_end(s);
}

static void test_banks(struct host_test *t) {
    static const struct ls_model shape =
        SIZES(.n_rot = 32, .rope_halves = true, .embedding_scale = 8, .local_period = 2,
              .local_count = 1, .local_window = 7, .local_rope_base = 500);
    struct scene *s = scene_begin(t, FAMILY_gemma3, shape, GGML_TYPE_F32);
    choose(s, LOCKSTEP_OP_ROPE, "");
    CHECK(t,
          golden_wrong_bank(s->golden, 0, input_of(s, 0), s->record->count, POSITIONS - 1,
                            s->actual[0]),
          "a bank");
    points_to(s, "(the bank of the rotation buffer)", "the other bank's angles");
    for (uint32_t i = 0; i < 32; i++) { /* of every pair */
        s->actual[0][i] ^= 1u << 22;
        points_to(s, "vector_unit (vec_angles, rotation, vec_rope)", NULL);
        s->actual[0][i] ^= 1u << 22;
    }
    scene_end(s);
}

static void test_attend(struct host_test *t) {
    static const struct ls_model shape =
        SIZES(.n_rot = 32, .rope_halves = true, .embedding_scale = 8, .local_period = 2,
              .local_count = 1, .local_window = 7, .attn_cap = 2, .attn_scale = 0.25f);
    static const struct {
        uint32_t first;
        bool capped;
        const char *unit, *says;
    } tries[] = {
        {4, true, "kv_address (the window)",
         "4 to 11 explains it: the window is one position too wide"},
        {6, true, "kv_address (the window)",
         "6 to 11 explains it: the window is one position too narrow"},
        {0, true, "kv_address (the window)", "0 to 11 explains it: the window is left out"},
        {5, false, "score_cap", "5 to 11 explains it: the scores are not capped"}};
    struct scene *s = scene_begin(t, FAMILY_gemma2, shape, GGML_TYPE_F32);
    const struct golden_kv_place here = {.position = POSITIONS - 1};
    choose(s, LOCKSTEP_OP_ATTEND, ""); /* nothing wrong is right */
    CHECK(t,
          golden_wrong_attend(s->golden, &here, input_of(s, 0), 5, true, s->actual[0]) &&
              memcmp(s->actual[0], s->record->words, s->record->count * 4) == 0,
          "the window as it is");
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        const struct golden_kv_place place = {.position = POSITIONS - 1};
        choose(s, LOCKSTEP_OP_ATTEND, "");
        golden_wrong_attend(s->golden, &place, input_of(s, 0), tries[i].first, tries[i].capped,
                            s->actual[0]);
        points_to(s, tries[i].unit, tries[i].says);
        s->actual[0][s->record->count - 1] ^= 1;
        points_to(s, "attention_unit (attention_query", NULL);
    }
    /* a layer that sees all: there is no window that is wider */
    choose_behind(s, 1, LOCKSTEP_OP_ATTEND, "");
    const struct golden_kv_place global = {.layer = 1, .position = POSITIONS - 1};
    s->actual[0][1] ^= 1u << 20;
    points_to(s, "attention_unit (attention_query", NULL);
    golden_wrong_attend(s->golden, &global, input_of(s, 0), 1, true, s->actual[0]);
    points_to(s, "kv_address (the window)",
              "1 to 11 explains it: the window is one position too narrow");
    golden_wrong_attend(s->golden, &global, input_of(s, 0), 0, false, s->actual[0]);
    points_to(s, "score_cap", "0 to 11 explains it: the scores are not capped");
    choose(s, LOCKSTEP_OP_ATTEND, "");
    s->analysis.kv_wrong = s->analysis.kv_compared = 1;
    s->analysis.kv[0] = (struct analysis_kv){.value = 1,
                                             .head = 1,
                                             .position = 3,
                                             .block = 0,
                                             .address = 77,
                                             .word = 16,
                                             .expected = 5,
                                             .actual = 9,
                                             .other = 2};
    points_to(s, "kv_sram, word 77", "word 77 was committed right at position 3 and is wrong now");
    says(s, "KV SRAM: 1 of 1 words of this sequence and layer are wrong\n"
            "  V, head 1, position 3, block 0 (word 77 of the SRAM), expected ");
    says(s, ": the word of position 2\n");
    s->analysis.kv[0].value = 0;
    s->analysis.kv[0].word = 3;
    s->analysis.kv[0].other = UINT32_MAX;
    says(s, "  K, head 1, position 3, block 0 (word 77 of the SRAM), mantissas 6 and 7: expected ");
    CHECK(t, strstr(s->said, "the word of position") == NULL, "%s", s->said);
    scene_end(s);
}

/* Windows of one and of two positions: the narrower one of one sees nothing, which is not tried. */
static void test_narrow(struct host_test *t) {
    for (uint32_t window = 1; window <= 2; window++) {
        const struct ls_model shape = {.dim = 64,
                                       .hidden = 96,
                                       .layers = 2,
                                       .heads = 4,
                                       .kv_heads = 2,
                                       .head_dim = 32,
                                       .n_rot = 32,
                                       .vocab = 96,
                                       .rope_base = 10000,
                                       .rope_halves = true,
                                       .embedding_scale = 8,
                                       .local_period = 2,
                                       .local_count = 1,
                                       .local_window = window,
                                       .attn_cap = 2,
                                       .attn_scale = 0.25f};
        struct scene *s = scene_begin(t, FAMILY_gemma2, shape, GGML_TYPE_F32);
        const struct golden_kv_place place = {.position = POSITIONS - 1};
        choose(s, LOCKSTEP_OP_ATTEND, "");
        if (window == 2) {
            golden_wrong_attend(s->golden, &place, input_of(s, 0), POSITIONS - 1, true,
                                s->actual[0]);
            points_to(s, "kv_address (the window)", "11 to 11 explains it");
        } else {
            s->actual[0][3] ^= 1u << 20;
            points_to(s, "attention_unit (attention_query", NULL);
        }
        scene_end(s);
    }
}

/* The KV SRAM of a device, filled as it should be, but for two words and what lies beyond. */
static void test_kv(struct host_test *t) {
    struct scene *s =
        scene_begin(t, FAMILY_llama, (struct ls_model)SIZES(.n_rot = 32), GGML_TYPE_F32);
    struct device device;
    const struct weight_mem_settings memory = {.latency = 40};
    uint32_t word[GOLDEN_KV_BLOCK_WORDS];
    struct golden_kv_place p = {.sequence = 0, .layer = 1};
    if (device_open(&device, 1, &memory) != 0)
        exit(1);
    for (p.position = 0; p.position < POSITIONS; p.position++)
        for (p.value = 0; p.value < 2; p.value++)
            for (p.head = 0; p.head < 2; p.head++) {
                golden_kv_get(s->golden, &p, word);
                device_kv_write(&device, golden_kv_address(s->golden, &p), word);
            }
    choose(s, LOCKSTEP_OP_ATTEND, "");
    s->board.first.layer = 1;
    s->board.first.position = POSITIONS - 2; /* the last one is not looked at */
    device_flip_kv(&device,
                   golden_kv_address(
                       s->golden, &(struct golden_kv_place){.layer = 1, .position = POSITIONS - 1}),
                   3);
    analysis_read_kv(&s->analysis, &device);
    CHECK(t, s->analysis.kv_compared == 4 * (POSITIONS - 1) && s->analysis.kv_wrong == 0,
          "%u of %u", s->analysis.kv_wrong, s->analysis.kv_compared);

    const struct golden_kv_place bit = {.layer = 1, .value = 1, .head = 1, .position = 3},
                                 late = {.layer = 1, .position = 5},
                                 before = {.layer = 1, .position = 4};
    device_flip_kv(&device, golden_kv_address(s->golden, &bit), 32 * 2 + 7);
    golden_kv_get(s->golden, &before, word);
    device_kv_write(&device, golden_kv_address(s->golden, &late), word);
    s->analysis.kv_compared = 0;
    analysis_read_kv(&s->analysis, &device);
    const struct analysis_kv *kv = s->analysis.kv;
    CHECK(t, s->analysis.kv_compared == 4 * (POSITIONS - 1) && s->analysis.kv_wrong == 2,
          "%u of %u", s->analysis.kv_wrong, s->analysis.kv_compared);
    CHECK(t,
          kv[0].layer == 1 && kv[0].value == 1 && kv[0].head == 1 && kv[0].position == 3 &&
              kv[0].block == 0 && kv[0].address == golden_kv_address(s->golden, &bit) &&
              kv[0].word == 2 && kv[0].actual == (kv[0].expected ^ 1u << 7) &&
              kv[0].other == UINT32_MAX,
          "a bit");
    CHECK(t, kv[1].position == 5 && kv[1].value == 0 && kv[1].head == 0 && kv[1].other == 4,
          "the word of position %u", kv[1].other);

    choose(s, LOCKSTEP_OP_ATTEND, ""); /* more than are told of */
    s->board.first.layer = 1;
    for (uint32_t n = 0; n < ANALYSIS_KV; n++)
        device_flip_kv(
            &device,
            golden_kv_address(s->golden,
                              &(struct golden_kv_place){.layer = 1, .head = 1, .position = n}),
            0);
    analysis_read_kv(&s->analysis, &device);
    CHECK(t, s->analysis.kv_wrong == ANALYSIS_KV + 3, "%u words", s->analysis.kv_wrong);
    choose(s, LOCKSTEP_OP_ROPE, "");
    analysis_read_kv(&s->analysis, &device);
    CHECK(t, s->analysis.kv_compared == 0, "of another op");
    device_close(&device);
    scene_end(s);
}

static void test_experts(struct host_test *t) {
    static const struct ls_model shape =
        SIZES(.n_rot = 32, .rope_halves = true, .experts = 8, .experts_used = 4);
    struct scene *s = scene_begin(t, FAMILY_qwen3moe, shape, GGML_TYPE_F32);
    uint32_t chosen = 0, other = 0;
    char line[64];
    choose(s, LOCKSTEP_OP_ROUTE, "");
    while (s->record->words[chosen] == 0)
        chosen++;
    while (s->record->words[other] != 0)
        other++;
    s->actual[0][other] = s->actual[0][chosen];
    s->actual[0][chosen] = 0;
    snprintf(line, sizeof line, "expert %u is chosen and not %u: their logits are ", other, chosen);
    points_to(s, "vector_unit (vec_route)", line);
    CHECK(t, strstr(s->said, "of equal ones") == NULL, "%s", s->said);
    s->actual[0][other] = 0;
    s->actual[0][chosen] = to_bits((double)to_float(s->record->words[chosen]) + 0.5);
    points_to(s, "vector_unit (vec_route)", "the weights of the experts add up to 1.5, not 1\n");

    choose(s, LOCKSTEP_OP_ROUTE, ""); /* one too few, one too many, and nothing to choose by */
    s->actual[0][chosen] = 0;
    points_to(s, "vector_unit (vec_route)", "the weights of the experts add up to ");
    CHECK(t, strstr(s->said, "is chosen") == NULL, "%s", s->said);
    s->actual[0][chosen] = s->record->words[chosen];
    s->actual[0][other] = to_bits(0.25);
    points_to(s, "vector_unit (vec_route)", "the weights of the experts add up to 1.25, not 1\n");
    CHECK(t, strstr(s->said, "is chosen") == NULL, "%s", s->said);
    struct golden_record alone = *s->record;
    alone.input[0] = SIZE_MAX;
    s->board.vectors[0].expected = &alone;
    s->actual[0][chosen] = 0;
    points_to(s, "vector_unit (vec_route)", "the weights of the experts add up to ");
    CHECK(t, strstr(s->said, "is chosen") == NULL, "%s", s->said);

    for (int wrong = 0; wrong < 8; wrong++) {
        choose_behind(s, 1, LOCKSTEP_OP_MATVEC, "ffn_gate_exps");
        const int right = s->record->expert;
        struct gguf_tensor w = *s->record->weights;
        if (wrong == right)
            continue;
        w.data += (int64_t)(wrong - right) * (int64_t)w.size;
        golden_wrong_rows(s->golden, &w, input_of(s, 0), 0, s->record->count, 0, s->actual[0]);
        snprintf(line, sizeof line, "these are the rows of expert %d\n", wrong);
        points_to(s, "prefetch (where an expert's matrix lies)", line);
    }
    s->actual[0][s->record->count - 1] ^= 1;
    points_to(s, "slot 0 of the dot_array", "which are right");
    scene_end(s);
}

static void test_units(struct host_test *t) {
    static const struct {
        uint32_t op;
        const char *unit;
    } ops[] = {{LOCKSTEP_OP_EMBED, "weight path (float_stream) and vector_unit"},
               {LOCKSTEP_OP_NORM, "vector_unit (vec_norm)"},
               {LOCKSTEP_OP_KV, "attention_unit (kv_write, bfp_quant)"},
               {LOCKSTEP_OP_SWIGLU, "vector_unit (vec_elementwise)"},
               {LOCKSTEP_OP_ADD, "vector_unit (vec_elementwise)"}};
    static const struct {
        const char *message, *unit;
    } telemetry[] = {{"pass 3: energy of it", "telemetry (energy_meter, power_window)"},
                     {"pass 3: counter: events of it", "telemetry (event_batch, counters)"},
                     {"pass 3: counter: energy of it", "telemetry (energy_meter)"},
                     {"pass 3: counter: ops of it", "telemetry (op_totals)"},
                     {"pass 3: counter: cycles of it", "telemetry (op_totals, cycle_classes)"},
                     {"pass 3: counter: CYCLES is", "telemetry (cycle_classes)"},
                     {"pass 3: counter: WEIGHT_STALLS is", "telemetry (cycle_classes)"},
                     {"pass 3: counter: PASSES is", "telemetry"},
                     {"window 3: register TEMP is", "telemetry (thermal)"},
                     {"window 3: register PACE is", "telemetry (throttle)"},
                     {"window 3: register POWER is", "telemetry (power_window)"},
                     {"pass 3: window 5 is", "telemetry (power_window, thermal, throttle)"},
                     {"op 3: took 5 cycles", "the unit of that op, or csrc/expect/cycles.c"},
                     {"energy", "the unit of that op, or csrc/expect/cycles.c"}};
    struct scene *s =
        scene_begin(t, FAMILY_llama, (struct ls_model)SIZES(.n_rot = 32), GGML_TYPE_F32);
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        choose(s, ops[i].op, "");
        points_to(s, ops[i].unit, NULL);
        CHECK(t, strcmp(s->analysis.unit, ops[i].unit) == 0, "'%s'", s->analysis.unit);
    }
    for (size_t i = 0; i < sizeof telemetry / sizeof *telemetry; i++) {
        s->board = (struct scoreboard){.golden = s->golden};
        s->analysis.message = telemetry[i].message;
        points_to(s, telemetry[i].unit, NULL);
    }
    CHECK(t, strstr(s->analysis.unit, "predicts it") != NULL, "'%s'", s->analysis.unit);
    scene_end(s);
}

/* ---- what is said of the words ---- */

static void test_text(struct host_test *t) {
    struct scene *s =
        scene_begin(t, FAMILY_llama, (struct ls_model)SIZES(.n_rot = 32), GGML_TYPE_F32);
    choose(s, LOCKSTEP_OP_NORM, "");
    for (uint32_t i = 37; i < 64; i += 8)
        s->actual[1][i] ^= 0x80000000u;
    s->board.vectors[0].count = 60;
    says(s,
         "slot 0: 0 of 60 elements differ\n  4 elements were never committed\n"
         "slot 1: 4 of 64 elements differ, elements 37 to 61 (from block 1 of 32 on), by up to ");
    says(s, " ulp\n  all of them in the sign alone\n"
            "  all of them lie at element 5 mod 8: one lane of 8\nonly one slot is wrong\n");
    s->actual[0][1] ^= 7;
    says(s, "slot 0: 1 of 60 elements differ, elements 1 to 1 (from block 0 of 32 on), by up to ");
    CHECK(t, strstr(s->said, "only one slot") == NULL, "%s", s->said);

    choose(s, LOCKSTEP_OP_NORM, ""); /* the only slot there is */
    s->actual[0][32] ^= 7;
    s->board.vectors[1].expected = NULL;
    says(s,
         "slot 0: 1 of 64 elements differ, elements 32 to 32 (from block 1 of 32 on), by up to ");
    CHECK(t, strstr(s->said, "only one slot") == NULL && strstr(s->said, "slot 1") == NULL, "%s",
          s->said);
    CHECK(t,
          strstr(s->said, "all of them") == NULL && strstr(s->said, "each holds") == NULL &&
              strstr(s->said, "KV SRAM") == NULL,
          "%s", s->said); /* there is no rule */
    CHECK(t, strstr(s->said, "look first at: ") != NULL, "%s", s->said);
    for (uint32_t i = 1; i < 8; i += 2)
        s->actual[0][i] ^= 1u << (3 + i);
    s->actual[0][32] ^= 7;
    says(s, "  all of them lie at element 1 mod 2: one lane of 2\n");

    choose(s, LOCKSTEP_OP_NORM, "");
    s->actual[0][3] = s->actual[0][9] = 0;
    says(s, "  all of them are zero\n");
    choose(s, LOCKSTEP_OP_NORM, "");
    for (uint32_t i = 0; i < 64; i++)
        s->actual[0][i] += 2u << 23;
    says(s, "  all of them are 2^2 times what they should be: a shift or an exponent\n");
    memcpy(s->actual[0], s->record->words + 5, 59 * sizeof *s->record->words);
    says(s, "  each holds what belongs 5 elements further on\n");
    memcpy(s->actual[0] + 5, s->record->words, 59 * sizeof *s->record->words);
    says(s, "  each holds what belongs 5 elements before it\n");
    memcpy(s->actual[0], s->record->words + 1, 63 * sizeof *s->record->words);
    says(s, "  each holds what belongs 1 elements further on\n");
    memcpy(s->actual[0] + 1, s->record->words, 63 * sizeof *s->record->words);
    says(s, "  each holds what belongs 1 elements before it\n");
    choose(s, LOCKSTEP_OP_MATVEC, "attn_q");
    for (uint32_t i = 0; i < 64; i += 3)
        s->actual[0][i] = to_bits((double)to_float(s->record->words[i]) + (i % 2 ? 8 : 24));
    says(s, "  all of them are off by multiples of 2^3, but for rounding: a bit of a sum\n");

    choose(s, LOCKSTEP_OP_KV, ""); /* 2 heads of K, then of V, of 17 words */
    s->actual[0][2 * 17 + 17 + 3] ^= 1;
    says(s, "slot 0: 1 of 68 words differ, the first in V, head 1, block 0: mantissas 6 and 7\n"
            "slot 1: 0 of 68 words differ\nonly one slot is wrong\n");
    s->actual[0][16] ^= 1;
    says(s, "slot 0: 2 of 68 words differ, the first in K, head 0, block 0: the shift\n");
    s->board.first.kind = GOLDEN_LIST;
    says(s, "slot 0: 2 of 68 words differ, the first at rank 8\n");
    choose(s, LOCKSTEP_OP_KV, "");
    s->actual[0][34] ^= 1; /* the first of V */
    says(s, "slot 0: 1 of 68 words differ, the first in V, head 0, block 0: mantissas 0 and 1\n");

    choose(s, LOCKSTEP_OP_NORM, ""); /* three slots */
    static uint32_t third[MOST];
    memcpy(third, s->actual[1], sizeof third);
    s->board.vectors[2] = s->board.vectors[1];
    s->board.vectors[2].actual = third;
    memset(&s->board.sample, 0xff, sizeof s->board.sample); /* which is no slot's */
    third[9] ^= 1;
    says(s, "only one slot is wrong\n");
    s->actual[0][9] ^= 1;
    says(s, "slot 2: 1 of 64 elements differ");
    CHECK(t, strstr(s->said, "only one slot") == NULL, "%s", s->said);
    scene_end(s);
}

/* Heads of two blocks, and what is told of the KV SRAM. */
static void test_long_heads(struct host_test *t) {
    struct ls_model shape = SIZES(.n_rot = 64);
    shape.head_dim = 64;
    shape.dim = 128;
    struct scene *s = scene_begin(t, FAMILY_llama, shape, GGML_TYPE_F32);
    struct device device;
    const struct weight_mem_settings memory = {.latency = 40};
    uint32_t word[GOLDEN_KV_BLOCK_WORDS], other[GOLDEN_KV_BLOCK_WORDS];
    struct golden_kv_place p = {.sequence = 0, .layer = 1};
    choose(s, LOCKSTEP_OP_KV, ""); /* 2 heads of K, then of V, of 2 x 17 words */
    s->actual[0][2 * 34 + 34 + 17 + 3] ^= 1;
    says(s, "slot 0: 1 of 136 words differ, the first in V, head 1, block 1: mantissas 6 and 7\n");
    if (device_open(&device, 1, &memory) != 0)
        exit(1);
    for (p.position = 0; p.position < POSITIONS; p.position++)
        for (p.value = 0; p.value < 2; p.value++)
            for (p.head = 0; p.head < 2; p.head++)
                for (p.block = 0; p.block < 2; p.block++) {
                    golden_kv_get(s->golden, &p, word);
                    device_kv_write(&device, golden_kv_address(s->golden, &p), word);
                }
    choose(s, LOCKSTEP_OP_ATTEND, "");
    s->board.first.layer = 1;
    const struct golden_kv_place bit = {.layer = 1, .head = 1, .position = 2, .block = 1},
                                 late = {.layer = 1, .value = 1, .position = 3, .block = 1},
                                 first = {.layer = 1, .value = 1, .position = 0, .block = 1};
    const uint32_t at = golden_kv_address(s->golden, &bit);
    device_flip_kv(&device, at, 32 * 16 + 1); /* of the shift */
    golden_kv_get(s->golden, &first, other);
    device_kv_write(&device, golden_kv_address(s->golden, &late), other);
    analysis_read_kv(&s->analysis, &device);
    CHECK(t, s->analysis.kv_compared == 8 * POSITIONS && s->analysis.kv_wrong == 2, "%u of %u",
          s->analysis.kv_wrong, s->analysis.kv_compared);
    char line[512];
    golden_kv_get(s->golden, &bit, word);
    snprintf(
        line, sizeof line,
        "KV SRAM: 2 of %u words of this sequence and layer are wrong\n"
        "  K, head 1, position 2, block 1 (word %u of the SRAM), expected shift %u, holds shift "
        "%u\n",
        8 * POSITIONS, at, word[16], word[16] ^ 2);
    says(s, line);
    golden_kv_get(s->golden, &late, word);
    CHECK(t, s->analysis.kv[1].other == 0 && s->analysis.kv[1].block == 1, "position %u",
          s->analysis.kv[1].other);
    const struct analysis_kv *const k = &s->analysis.kv[1];
    CHECK(t, k->expected == word[k->word] && k->actual == other[k->word] && k->word < 16, "word %u",
          k->word);
    snprintf(
        line, sizeof line,
        "  V, head 0, position 3, block 1 (word %u of the SRAM), mantissas %u and %u: expected %d "
        "%d, holds %d %d: the word of position 0\n",
        k->address, 2 * k->word, 2 * k->word + 1, (int16_t)(uint16_t)k->expected,
        (int16_t)(uint16_t)(k->expected >> 16), (int16_t)(uint16_t)k->actual,
        (int16_t)(uint16_t)(k->actual >> 16));
    says(s, line);
    const struct analysis_kv told = *k;
    for (uint32_t i = 0; i < ANALYSIS_KV; i++)
        s->analysis.kv[i] = told;
    s->analysis.kv_wrong = ANALYSIS_KV + 5; /* no more lines than there is room for */
    says(s, "KV SRAM: 13 of 96 words");
    uint32_t lines = 0;
    for (const char *l = s->said; (l = strstr(l, " of the SRAM), ")) != NULL; l++)
        lines++;
    CHECK(t, lines == ANALYSIS_KV, "%u lines", lines);
    device_close(&device);
    scene_end(s);
}

int main(void) {
    struct host_test t = {"suspect", 0, 0};
    long before = 0;
    for (int again = 0; again < 2; again++) { /* what libraries keep, they have the second time */
        before = blocks_held();
        test_angles(&t, true);
        test_angles(&t, false);
        test_banks(&t);
        test_attend(&t);
        test_narrow(&t);
        test_kv(&t);
        test_experts(&t);
        test_units(&t);
        test_text(&t);
        test_long_heads(&t);
    }
    CHECK(&t, blocks_held() == before, "%ld blocks are left", blocks_held() - before);
    return host_test_finish(&t);
}
