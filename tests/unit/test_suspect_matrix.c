/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The unit that a wrong product of a matrix points to: lanes, accumulators, weights and beats are
 * made wrong as a broken device would make them, and the fault must be named; one that nothing
 * explains must not be.
 */
#include "suspect_scene.h"
#include "tests/kit/blocks.h"

/* What the blocks of a lane add to a row, of F32 weights: chunks are of whole blocks of one row,
 * block b in lane b mod lanes. */
static double share_of(const struct scene *s, uint32_t slot, uint32_t row, uint32_t lane) {
    const struct gguf_tensor *w = s->record->weights;
    const uint32_t *x = input_of(s, slot);
    double sum = 0;
    for (uint32_t i = 0; i < w->ne[0]; i++) {
        float weight;
        memcpy(&weight, w->data + (row * w->ne[0] + i) * sizeof weight, sizeof weight);
        if (i / 32 % s->limits.lanes == lane)
            sum += (double)weight * (double)to_float(x[i]);
    }
    return sum;
}

static void wrong_lane(struct scene *s, uint32_t slot, uint32_t lane, double times) {
    for (uint32_t row = 0; row < s->record->count; row++)
        s->actual[slot][row] =
            to_bits((double)to_float(s->board.vectors[slot].expected->words[row]) +
                    (times - 1) * share_of(s, slot, row, lane));
}

static void wrong_rows(struct scene *s, uint32_t slot, const struct gguf_tensor *w, uint32_t first,
                       int64_t skip) {
    golden_wrong_rows(s->golden, w, input_of(s, slot), first, s->record->count - first, skip,
                      s->actual[slot] + first);
}

static void test_lanes(struct host_test *t) {
    struct scene *s =
        scene_begin(t, FAMILY_llama, (struct ls_model)SIZES(.n_rot = 32), GGML_TYPE_F32);
    for (uint32_t lane = 0; lane < s->limits.lanes; lane++) {
        char unit[64], line[64];
        choose(s, LOCKSTEP_OP_MATVEC, "ffn_down");
        s->actual[0][s->record->count] = 0x7e800000; /* no word of it */
        wrong_lane(s, 0, lane, 0);
        snprintf(unit, sizeof unit, "dot_array, lane %u of slot 0 (dot_slot)", lane);
        snprintf(line, sizeof line, "lane %u of 2 explains it", lane);
        points_to(s, unit, line);
        points_to(s, unit, ": it is lost");
        wrong_lane(s, 1, lane, 0);
        snprintf(unit, sizeof unit, "dot_array, lane %u (weight_decode, dot_slot)", lane);
        points_to(s, unit, line);
    }
    choose(s, LOCKSTEP_OP_MATVEC, "attn_q");
    wrong_lane(s, 0, 1, 4);
    points_to(s, "dot_array, lane 1", "is taken 4 times: a shift by 2\n");
    wrong_lane(s, 0, 1, 0.5);
    points_to(s, "dot_array, lane 1", "is taken 0.5 times: a shift by -1\n");
    wrong_lane(s, 0, 1, 3);
    points_to(s, "dot_array, lane 1", "is taken 3 times\n");
    for (uint32_t row = 0; row < s->record->count; row++) /* little, and nothing of a lane */
        s->actual[0][row] = s->record->words[row] ^ (row * 2654435761u) >> 27;
    points_to(s, "slot 0 of the dot_array", "which are right");
    for (uint32_t row = 0; row < s->record->count; row += 3) /* a bit of the sum */
        s->actual[0][row] = to_bits((double)to_float(s->record->words[row]) + 4);
    for (uint32_t row = 0; row < s->record->count; row++)
        s->actual[0][row] = row % 3 == 0 ? s->actual[0][row] : s->record->words[row];
    points_to(s, "dot_slot (its accumulators)", NULL);
    for (uint32_t row = 0; row < s->record->count; row++)
        s->actual[0][row] ^= (row * 2654435761u) >> 9;
    points_to(s, "slot 0 of the dot_array", "which are right");
    for (uint32_t row = 0; row < s->record->count; row += 2)
        s->actual[1][row] ^= 0x1500;
    points_to(s, "weight path (weight_port", NULL); /* slots are wrong in rows of their own */
    choose(s, LOCKSTEP_OP_MATVEC, "attn_q");
    points_to(s, "weight path (weight_port", NULL); /* no word of it is wrong */
    scene_end(s);
}

static void test_weights(struct host_test *t) {
    struct scene *s =
        scene_begin(t, FAMILY_llama, (struct ls_model)SIZES(.n_rot = 32), GGML_TYPE_F32);
    choose(s, LOCKSTEP_OP_MATVEC, "ffn_up");
    struct gguf_tensor w = *s->record->weights;
    uint8_t *bytes = malloc(w.size);
    const uint32_t row = 7, byte = 4 * 21 + 2;
    char line[64];
    if (bytes == NULL)
        exit(1);
    memcpy(bytes, w.data, w.size);
    bytes[row * w.ne[0] * 4 + byte] ^= 1u << 6;
    w.data = bytes;
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        golden_wrong_rows(s->golden, &w, input_of(s, slot), row, 1, 0, s->actual[slot] + row);
    free(bytes);
    snprintf(line, sizeof line, "bit 6 of byte %u explains it", row * 64 * 4 + byte);
    points_to(s, "ffn_up.weight, row 7, on its way", line);
    snprintf(line, sizeof line, "bytes %u to %u of the file", row * 256, row * 256 + 255);
    points_to(s, "ffn_up.weight, row 7, on its way", line);
    s->actual[0][row] ^= 0x155; /* by no bit, but in both slots */
    s->actual[1][row] ^= 0x155;
    points_to(s, "ffn_up.weight, row 7, on its way", line);
    CHECK(t, strstr(s->said, "explains") == NULL, "%s", s->said);
    memcpy(s->actual[1], s->board.vectors[1].expected->words, s->record->count * 4);
    points_to(s, "slot 0 of the dot_array", "which are right");

    for (int beats = -2; beats <= 3; beats += 5) {
        choose(s, LOCKSTEP_OP_MATVEC, "ffn_up");
        for (uint32_t slot = 0; slot < SLOTS; slot++)
            wrong_rows(s, slot, s->record->weights, 30, 16 * beats);
        points_to(s, "weight stream (beat_fifo", "the stream of weights is wrong from row 30 on");
        points_to(s, "weight stream (beat_fifo",
                  beats > 0 ? "row 30 is right but for 3 beat(s) that were lost before it"
                            : "row 30 is right but for 2 beat(s) that came twice before it");
    }
    /* lost beats are looked for in 64 rows behind the first that is wrong */
    for (uint32_t first = 68; first <= 69; first++) {
        choose(s, LOCKSTEP_OP_MATVEC, "ffn_up");
        for (uint32_t slot = 0; slot < SLOTS; slot++) {
            wrong_rows(s, slot, s->record->weights, first, 16 * 3);
            s->actual[slot][5] ^= 0x3f1357;
        }
        points_to(s, "weight stream (beat_fifo", "the stream of weights is wrong from row 5 on");
        CHECK(t, (strstr(s->said, "row 68 is right but for 3 beat(s)") != NULL) == (first == 68),
              "from row %u: %s", first, s->said);
        CHECK(t, first == 68 || strstr(s->said, "is right but for") == NULL, "%s", s->said);
    }
    scene_end(s);
}

/* Rows of 3 blocks in 4 lanes: a chunk goes on into the next row. The first begins in lane 0, each
 * other one in the lane of its first block's number; all its blocks lie side by side. */
static void test_joined(struct host_test *t) {
    struct scene *s =
        scene_begin(t, FAMILY_llama, (struct ls_model)SIZES(.n_rot = 32), GGML_TYPE_Q8_0);
    s->limits.lanes = 4;
    s->limits.port_bits = 2048;
    for (uint32_t bad = 0; bad < 4; bad++) {
        choose(s, LOCKSTEP_OP_MATVEC, "ffn_down");
        const struct gguf_tensor *w = s->record->weights;
        uint32_t block = 0, in_chunk = 0, lane = 0;
        char unit[64], line[64];
        for (uint32_t row = 0; row < s->record->count; row++) {
            double lost = 0;
            for (block = 0; block < 3; block++) {
                double share = 0;
                if (in_chunk == 0)
                    lane = block;
                for (uint32_t i = 0; i < 32; i++) {
                    const uint8_t *q = w->data + (row * 3 + block) * 34;
                    const double scale = ldexp(1, (q[1] >> 2) - 15);
                    share +=
                        scale * (int8_t)q[2 + i] * (double)to_float(input_of(s, 0)[32 * block + i]);
                }
                lost += lane == bad ? share : 0;
                lane = (lane + 1) % 4;
                in_chunk = (in_chunk + 1) % 4;
            }
            s->actual[0][row] = to_bits((double)to_float(s->record->words[row]) - lost);
        }
        snprintf(unit, sizeof unit, "dot_array, lane %u of slot 0", bad);
        snprintf(line, sizeof line, "lane %u of 4 explains it", bad);
        points_to(s, unit, line);
        points_to(s, unit, ": it is lost\n");
    }
    scene_end(s);
}

/* What is told of few rows, of one slot alone, of rows that end in part of a block, of an op that
 * has not come to its end, and without weights or input. */
static void test_parts(struct host_test *t) {
    static const char whole[] = "weight path (weight_port, beat_fifo, aligner, dot_array)";
    struct ls_model shape = SIZES(.n_rot = 32);
    shape.hidden = 72;
    struct scene *s = scene_begin(t, FAMILY_llama, shape, GGML_TYPE_F32);
    char line[64];
    for (uint32_t lane = 0; lane < 2; lane++)
        for (uint32_t less = 0; less <= 64; less += less < 56 ? 7u : less == 60 ? 1u : 4u) {
            choose(s, LOCKSTEP_OP_MATVEC, "ffn_down");
            wrong_lane(s, 0, lane, 0);
            const uint32_t rows = (uint32_t)s->record->count - less;
            s->board.vectors[0].count = rows;
            snprintf(line, sizeof line, "lane %u of 2 explains it", lane);
            run_on(s, suspect_write);
            CHECK(t, (strstr(s->said, line) != NULL) == (rows >= 4), "%u rows: '%s'", rows,
                  s->said);
        }
    choose(s, LOCKSTEP_OP_MATVEC, "ffn_down"); /* the only slot there is */
    s->board.vectors[1].expected = NULL;
    wrong_lane(s, 0, 1, 0);
    points_to(s, "dot_array, lane 1 (weight_decode, dot_slot)", "lane 1 of 2");
    for (uint32_t row = 0; row < s->record->count; row += 2)
        s->actual[0][row] ^= 0x1500 + row * 0x5100;
    points_to(s, whole, NULL);
    choose(s, LOCKSTEP_OP_MATVEC, "ffn_down");
    s->board.vectors[1].expected = NULL;
    s->actual[0][5] ^= 0x155;
    points_to(s, "ffn_down.weight, row 5, on its way", "one row alone");
    CHECK(t, strstr(s->said, "explains") == NULL, "%s", s->said);
    /* a row apart from what a lane explains */
    for (uint32_t row = 0; row < 64; row += 63) {
        choose(s, LOCKSTEP_OP_MATVEC, "ffn_down");
        wrong_lane(s, 0, 0, 0);
        s->actual[0][row] = to_bits((double)to_float(s->actual[0][row]) * 3 + 40);
        run_on(s, suspect_write);
        CHECK(t, strstr(s->said, "lane 0 of 2") == NULL, "row %u: '%s'", row, s->said);
    }
    for (int without = 0; without < 2; without++) {
        choose(s, LOCKSTEP_OP_MATVEC, "ffn_down");
        struct golden_record record = *s->record;
        wrong_lane(s, 0, 1, 0);
        if (without == 0)
            record.weights = NULL;
        else
            record.input[0] = GOLDEN_NO_RECORD;
        s->board.vectors[0].expected = &record;
        points_to(s, whole, NULL);
    }
    scene_end(s);
}

/* Of two lanes that are all but the same the one that explains it best, whichever it is: rows with
 * a weight in each lane, which differ by a thousandth. */
static void test_best(struct host_test *t) {
    struct scene *s =
        scene_begin(t, FAMILY_llama, (struct ls_model)SIZES(.n_rot = 32), GGML_TYPE_F32);
    enum { ROWS = 8 };
    for (uint32_t bad = 0; bad < 2; bad++) {
        static float weights[ROWS * 64];
        choose(s, LOCKSTEP_OP_MATVEC, "attn_q");
        struct golden_record record = *s->record;
        struct gguf_tensor w = *record.weights;
        const float x[2] = {to_float(input_of(s, 0)[0]), to_float(input_of(s, 0)[32])};
        for (uint32_t row = 0; row < ROWS; row++)
            for (uint32_t lane = 0; lane < 2; lane++)
                weights[row * 64 + 32 * lane] =
                    ((float)(row + 1) + (lane != 0 && row % 2 ? 0.002f : 0)) / x[lane];
        w.ne[1] = ROWS;
        w.size = sizeof weights;
        w.data = (const uint8_t *)weights;
        record.weights = &w;
        s->board.vectors[0].expected = &record;
        s->board.vectors[0].count = ROWS;
        for (uint32_t row = 0; row < ROWS; row++)
            s->actual[0][row] = to_bits((double)to_float(record.words[row]) -
                                        (double)weights[row * 64 + 32 * bad] * (double)x[bad]);
        char line[64];
        snprintf(line, sizeof line, "lane %u of 2 explains it", bad);
        points_to(s, "dot_array, lane", line);
    }
    scene_end(s);
}

/* From 4 beats that came twice to 64 that were lost: others are not looked for, and not behind what
 * was committed. Any bit of a row is found, where there is memory to look for it. */
static void test_bounds(struct host_test *t) {
    struct scene *s =
        scene_begin(t, FAMILY_llama, (struct ls_model)SIZES(.n_rot = 32), GGML_TYPE_F32);
    static const int beats[] = {-5, -4, -1, 1, 2, 63, 64, 65};
    char line[96];
    for (size_t i = 0; i < sizeof beats / sizeof *beats; i++) {
        choose(s, LOCKSTEP_OP_MATVEC, "ffn_up");
        for (uint32_t slot = 0; slot < SLOTS; slot++)
            golden_wrong_rows(s->golden, s->record->weights, input_of(s, slot), 30, 50,
                              16 * beats[i], s->actual[slot] + 30);
        snprintf(line, sizeof line, "row 30 is right but for %d beat(s) that %s before it\n",
                 abs(beats[i]), beats[i] > 0 ? "were lost" : "came twice");
        points_to(s, "weight stream (beat_fifo", "the stream of weights is wrong from row 30 on");
        CHECK(t, (strstr(s->said, line) != NULL) == (beats[i] >= -4 && beats[i] <= 64),
              "%d beats: %s", beats[i], s->said);
    }
    choose(s, LOCKSTEP_OP_MATVEC, "ffn_up"); /* explained in a row that has not come */
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        golden_wrong_rows(s->golden, s->record->weights, input_of(s, slot), 40, 20, 16 * 3,
                          s->actual[slot] + 40);
        for (uint32_t row = 30; row < 40; row++)
            s->actual[slot][row] ^= 0x3f1357 + row * 0x1111;
        s->board.vectors[slot].count = 40;
    }
    points_to(s, "weight stream (beat_fifo", "the stream of weights is wrong from row 30 on");
    CHECK(t, strstr(s->said, "is right but for") == NULL, "%s", s->said);

    const struct gguf_tensor *const own = s->record->weights;
    uint8_t *bytes = malloc(own->size);
    if (bytes == NULL)
        exit(1);
    uint32_t ups = 0, downs = 0;
    for (uint32_t n = 0; n < 20; n++) { /* bits that are set and bits that are not */
        const uint32_t bit = 22 + 32 * (n % 7);
        struct gguf_tensor w = *own;
        choose(s, LOCKSTEP_OP_MATVEC, "ffn_up");
        memcpy(bytes, own->data, own->size);
        const bool set = bytes[n * 256 + bit / 8] >> bit % 8 & 1;
        bytes[n * 256 + bit / 8] ^= (uint8_t)(1u << bit % 8);
        w.data = bytes;
        for (uint32_t slot = 0; slot < SLOTS; slot++)
            golden_wrong_rows(s->golden, &w, input_of(s, slot), n, 1, 0, s->actual[slot] + n);
        if (s->actual[0][n] == s->record->words[n])
            continue;
        snprintf(line, sizeof line, "  bit %u of byte %u explains it\n", bit % 8,
                 n * 256 + bit / 8);
        points_to(s, "on its way", line);
        ups += !set;
        downs += set;
    }
    CHECK(t, ups > 2 && downs > 2, "%u bits set, %u cleared", ups, downs);
    choose(s, LOCKSTEP_OP_MATVEC, "ffn_up");
    memcpy(bytes, own->data, own->size);
    bytes[7 * 256 + 6] ^= 1u << 6;
    struct gguf_tensor w = *own;
    w.data = bytes;
    golden_wrong_rows(s->golden, &w, input_of(s, 0), 7, 1, 0, s->actual[0] + 7); /* in one slot */
    uint32_t without = 0;
    for (long nth = 1; nth < 12; nth++) {
        size_t size;
        free(s->said);
        FILE *out = open_memstream(&s->said, &size);
        if (out == NULL)
            exit(1);
        blocks_refuse(nth);
        suspect_write(&s->analysis, out);
        blocks_refuse(0);
        fclose(out);
        without += strstr(s->analysis.unit, "slot 0 of the dot_array") != NULL;
        CHECK(t,
              strstr(s->analysis.unit, "on its way") != NULL ||
                  strstr(s->analysis.unit, "slot 0 of the dot_array") != NULL,
              "block %ld: %s", nth, s->analysis.unit);
    }
    CHECK(t, without > 0 && without < 11, "%u times without memory", without);
    free(bytes);
    scene_end(s);

    /* the very first bit, of the first block's scale */
    s = scene_begin(t, FAMILY_llama, (struct ls_model)SIZES(.n_rot = 32), GGML_TYPE_Q8_0);
    choose(s, LOCKSTEP_OP_MATVEC, "ffn_up");
    w = *s->record->weights;
    bytes = malloc(w.size);
    if (bytes == NULL)
        exit(1);
    memcpy(bytes, w.data, w.size);
    bytes[9 * 68] ^= 1;
    w.data = bytes;
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        golden_wrong_rows(s->golden, &w, input_of(s, slot), 9, 1, 0, s->actual[slot] + 9);
    snprintf(line, sizeof line, "  bit 0 of byte %u explains it\n", 9 * 68);
    points_to(s, "on its way", line);
    free(bytes);
    scene_end(s);
}

/* Errors that are no multiple of a lane's share, where it is above 0 or below: no lane is blamed.
 */
static void test_no_lane(struct host_test *t) {
    static const char *const tensors[] = {"attn_q", "attn_k", "attn_output", "ffn_up", "ffn_down"};
    struct scene *s =
        scene_begin(t, FAMILY_llama, (struct ls_model)SIZES(.n_rot = 32), GGML_TYPE_F32);
    for (size_t i = 0; i < sizeof tensors / sizeof *tensors; i++)
        for (uint32_t n = 0; n < 4; n++) {
            choose(s, LOCKSTEP_OP_MATVEC, tensors[i]);
            for (uint32_t row = 0; row < s->record->count; row++)
                for (uint32_t slot = 0; slot < SLOTS; slot++)
                    if ((share_of(s, 0, row, n % 2) > 0) == (n / 2 == 0))
                        s->actual[slot][row] =
                            to_bits((double)to_float(s->board.vectors[slot].expected->words[row]) +
                                    (row % 5 == 0 ? 4.5 : 4));
            run_on(s, suspect_write);
            CHECK(t, strstr(s->said, "explains it: its share") == NULL, "%s, %u: %s", tensors[i], n,
                  s->said);
        }
    scene_end(s);
}

int main(void) {
    struct host_test t = {"suspect_matrix", 0, 0};
    long before = 0;
    for (int again = 0; again < 2; again++) { /* what libraries keep, they have the second time */
        before = blocks_held();
        test_lanes(&t);
        test_no_lane(&t);
        test_parts(&t);
        test_best(&t);
        test_bounds(&t);
        test_weights(&t);
        test_joined(&t);
    }
    CHECK(&t, blocks_held() == before, "%ld blocks are left", blocks_held() - before);
    return host_test_finish(&t);
}
