/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * MATVEC and LOGITS: the share of one lane of the dot array changed, a step of the accumulator, the
 * weight stream displaced by beats, a weight wrong by a bit.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/expect/chunks.h"
#include "csrc/gguf/dequant.h"
#include "csrc/golden/golden_kv.h"
#include "sim_evidence.h"

#define MOST_ROWS 64u /* in which lost beats are looked for */

static double value_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* Adds to shares what `blocks` blocks of a row, the first in `lane`, add to its result. */
static void add_shares(const struct evidence *e, double *shares, uint32_t r, uint32_t block,
                       uint32_t blocks, uint32_t lane, const float *row) {
    const uint64_t cols = e->weights->ne[0], end = 32 * (uint64_t)(block + blocks);
    const uint32_t lanes = e->analysis->limits->lanes;
    for (uint64_t i = 32 * (uint64_t)block; i < end && i < cols; i++)
        shares[(lane + (i / 32 - block)) % lanes * e->count + r] +=
            (double)row[i] * value_of(e->input->words[i]);
}

/* shares[lane * count + row]: what the blocks of a lane add to a row. */
static double *lane_shares(const struct evidence *e, uint32_t lanes) {
    const uint64_t cols = e->weights->ne[0], row_bytes = e->weights->size / e->weights->ne[1];
    struct chunks c = chunks_begin(e->analysis->limits, e->weights->type,
                                   (uint32_t)e->weights->ne[1], (uint32_t)cols);
    double *shares = calloc((size_t)lanes * e->count, sizeof *shares);
    float *row = malloc(cols * sizeof *row);
    uint32_t rows = 0; /* dequantised so far */
    while (shares != NULL && row != NULL && chunks_next(&c)) {
        for (uint32_t part = 0; part < 2; part++) {
            const uint32_t r = c.row + part, blocks = part == 0 ? c.first : c.blocks - c.first;
            if (blocks == 0 || r >= e->count)
                continue;
            if (r >= rows &&
                dequant_row(e->weights->type, e->weights->data + r * row_bytes, row, cols) != 0)
                break;
            rows = r + 1;
            add_shares(e, shares, r, part == 0 ? c.block : 0, blocks,
                       c.block + (part == 0 ? 0 : c.first), row);
        }
    }
    free(row);
    return shares;
}

/* Whether the rows' errors are one multiple of one lane's share. */
static bool try_lanes(const struct evidence *e, char *unit, size_t room, FILE *out) {
    const uint32_t lanes = e->analysis->limits->lanes;
    double *shares = e->facts.different >= 4 ? lane_shares(e, lanes) : NULL;
    double best = 1e-4, factor = 0;
    uint32_t guilty = lanes;
    for (uint32_t lane = lanes; shares != NULL && lane-- > 0;) {
        const double *share = shares + (size_t)lane * e->count;
        double dot = 0, norm = 0, total = 0;
        for (uint32_t r = 0; r < e->count; r++) {
            const double error = value_of(e->actual[r]) - value_of(e->expected->words[r]);
            dot += error * share[r];
            norm += share[r] * share[r];
            total += error * error;
        }
        /* What the best multiple leaves of the errors; of no share no number, which is not less. */
        const double rest = 1 - dot / norm * (dot / total);
        if (rest < best) {
            best = rest;
            guilty = lane;
            factor = 1 + dot / norm;
        }
    }
    free(shares);
    if (guilty == lanes)
        return false;
    if (e->slots > 1 && e->wrong_slots == 1)
        snprintf(unit, room, "dot_array, lane %u of slot %u (dot_slot)", guilty, e->slot);
    else
        snprintf(unit, room, "dot_array, lane %u (weight_decode, dot_slot)", guilty);
    fprintf(out, "lane %u of %u explains it: its share of each row is taken %.6g times", guilty,
            lanes, factor);
    const double power = log2(fabs(factor));
    if (fabs(factor) < 1e-3)
        fputs(": it is lost\n", out);
    else if (fabs(power - nearbyint(power)) < 1e-3)
        fprintf(out, ": a shift by %d\n", (int)lround(power));
    else
        fputc('\n', out);
    return true;
}

/* Beats that the weight stream is ahead of (behind if negative) in a row, 0 if none explains it. */
static int beats_ahead(const struct evidence *e, uint32_t row) {
    const int64_t beat = e->analysis->limits->port_bits / 8;
    for (int beats = -4; beats <= 64; beats++) {
        uint32_t y;
        if (beats != 0 &&
            golden_wrong_rows(e->analysis->board->golden, e->weights, e->input->words, row, 1,
                              beats * beat, &y) == 1 &&
            y == e->actual[row])
            return beats;
    }
    return 0;
}

/* A row that is right but for beats that were lost before it, or came twice. */
static void try_beats(const struct evidence *e, FILE *out) {
    for (uint32_t row = e->facts.first; row < e->count && row - e->facts.first < MOST_ROWS; row++) {
        const int beats = e->actual[row] != e->expected->words[row] ? beats_ahead(e, row) : 0;
        if (beats == 0)
            continue;
        fprintf(out, "row %u is right but for %d beat(s) that %s before it\n", row, abs(beats),
                beats > 0 ? "were lost" : "came twice");
        return;
    }
}

/* The bit of a row of weights that, turned, gives the row as it came; the row's bits if none does.
 */
static uint64_t find_bit(const struct evidence *e, uint32_t r, uint64_t row_bytes) {
    uint8_t *bytes = malloc(row_bytes);
    struct gguf_tensor row = *e->weights;
    uint64_t bit = bytes == NULL ? 8 * row_bytes : 0;
    row.data = bytes;
    for (; bit < 8 * row_bytes; bit++) {
        uint32_t y;
        memcpy(bytes, e->weights->data + r * row_bytes, row_bytes);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (golden_wrong_rows(e->analysis->board->golden, &row, e->input->words, 0, 1, 0, &y) ==
                1 &&
            y == e->actual[r])
            break;
    }
    free(bytes);
    return bit;
}

/* One row wrong: one of its weights? Slots share them, so hardly if the row is right in another. */
static bool try_weight(const struct evidence *e, char *unit, size_t room, FILE *out) {
    const uint64_t row_bytes = e->weights->size / e->weights->ne[1];
    const uint32_t r = e->facts.first;
    const uint64_t begin = e->weights->offset + r * row_bytes;
    if (e->facts.different != 1)
        return false;
    const uint64_t bit = find_bit(e, r, row_bytes);
    if (bit == 8 * row_bytes && e->slots > 1 && e->wrong_slots == 1)
        return false;
    snprintf(unit, room, "weight %s, row %u, on its way (weight memory, weight_port)",
             e->expected->tensor, r);
    fprintf(out, "one row alone: its weights are bytes %llu to %llu of the file\n",
            (unsigned long long)begin, (unsigned long long)(begin + row_bytes - 1));
    if (bit < 8 * row_bytes)
        fprintf(out, "  bit %u of byte %llu explains it\n", (unsigned)(bit % 8),
                (unsigned long long)(begin + bit / 8));
    return true;
}

/* All rows are those of another expert. */
static bool try_expert(const struct evidence *e, char *unit, size_t room, FILE *out) {
    const int expert = e->expected->expert;
    uint32_t *y = malloc(e->count * sizeof *y);
    bool found = false;
    for (int other = 0;
         expert >= 0 && !found && y != NULL && (uint32_t)other < e->analysis->model->experts;
         other++) {
        struct gguf_tensor t = *e->weights;
        t.data += (int64_t)(other - expert) * (int64_t)t.size;
        found = other != expert &&
                golden_wrong_rows(e->analysis->board->golden, &t, e->input->words, 0, e->count, 0,
                                  y) == e->count &&
                memcmp(y, e->actual, e->count * sizeof *y) == 0;
        if (found) {
            snprintf(
                unit, room,
                "prefetch (where an expert's matrix lies), or microcode (whose slots take part)");
            fprintf(out, "these are the rows of expert %d\n", other);
        }
    }
    free(y);
    return found;
}

/* What neither a lane nor the accumulator explains: the stream, which all slots share, or what one
 * slot has of its own. */
static void suspect_stream(const struct evidence *e, char *unit, size_t room, FILE *out) {
    if (e->slots > 1 && e->wrong_slots == 1) {
        snprintf(unit, room, "slot %u of the dot_array (act_sram, dot_slot), or vec_quant",
                 e->slot);
        fputs("the weights are those of the other slots, which are right\n", out);
        return;
    }
    if (e->slots > 1 && e->alike) {
        snprintf(unit, room, "weight stream (beat_fifo, weight_port, aligner)");
        fprintf(out,
                "all slots are wrong in the same rows, no lane explains it: the stream of "
                "weights is wrong from row %u on\n",
                e->facts.first);
    }
    try_beats(e, out);
}

void suspect_matrix(const struct evidence *e, char *unit, size_t room, FILE *out) {
    snprintf(unit, room, "weight path (weight_port, beat_fifo, aligner, dot_array)");
    if (e->input == NULL || e->weights == NULL || e->facts.different == 0)
        return;
    if (try_expert(e, unit, room, out) || try_weight(e, unit, room, out) ||
        try_lanes(e, unit, room, out))
        return;
    if (e->facts.is_step) {
        snprintf(unit, room, "dot_slot (its accumulators)");
        return;
    }
    suspect_stream(e, unit, room, out);
}
