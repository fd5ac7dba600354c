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
    choose(s, LOCKSTEP_OP_MATVEC, "ffn_down");
    const struct gguf_tensor *w = s->record->weights;
    uint32_t block = 0, in_chunk = 0, lane = 0;
    for (uint32_t row = 0; row < s->record->count; row++)
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
            if (lane == 3)
                s->actual[0][row] = to_bits((double)to_float(s->record->words[row]) - share);
            lane = (lane + 1) % 4;
            in_chunk = (in_chunk + 1) % 4;
        }
    points_to(s, "dot_array, lane 3 of slot 0", "lane 3 of 4 explains it");
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
        test_weights(&t);
        test_joined(&t);
    }
    CHECK(&t, blocks_held() == before, "%ld blocks are left", blocks_held() - before);
    return host_test_finish(&t);
}
