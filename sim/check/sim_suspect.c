/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Each op has a few faults that are tried: the share of one lane of the dot array changed, a step
 * of the accumulator, the weight stream displaced by beats, a weight wrong by a bit, a rotation by
 * a neighbouring angle or the other bank's, another window or no cap of attention, a word of the KV
 * SRAM. The first that explains the difference is told. If none does, what the slots have in common
 * still says something.
 */
#include "sim_suspect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/gguf/dequant.h"
#include "csrc/golden/golden_kv.h"
#include "generated/device.h"

#define MOST_ROWS 64u /* in which lost beats are looked for */

/* The failing slot's vectors. */
struct evidence {
    const struct analysis *analysis;
    const struct golden_record *expected;
    const uint32_t *actual;
    uint32_t count, position, slot, sequence;
    const struct golden_record *input; /* of a matrix, or of a rotation */
    const struct gguf_tensor *weights; /* of a matrix */
    struct analysis_facts facts;
    uint32_t slots, wrong_slots; /* that have the op; in which it differs */
    bool alike;                  /* they differ in the same elements */
};

static double value_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* ---- MATVEC, LOGITS ---- */

/* shares[lane * count + row]: what the blocks of a lane add to a row. */
static double *lane_shares(const struct evidence *e, uint32_t lanes) {
    const uint64_t cols = e->weights->ne[0], row_bytes = e->weights->size / e->weights->ne[1];
    double *shares = calloc((size_t)lanes * e->count, sizeof *shares);
    float *row = malloc(cols * sizeof *row);
    for (uint32_t r = 0; shares != NULL && row != NULL && r < e->count; r++) {
        if (dequant_row(e->weights->type, e->weights->data + r * row_bytes, row, cols) != 0)
            break;
        for (uint64_t i = 0; i < cols; i++)
            shares[i / 32 % lanes * e->count + r] += (double)row[i] * value_of(e->input->words[i]);
    }
    free(row);
    return shares;
}

/* Whether the rows' errors are one multiple of one lane's share. */
static bool try_lanes(const struct evidence *e, char *unit, size_t room, FILE *out) {
    const uint32_t lanes = e->analysis->limits->lanes;
    const uint64_t blocks = (e->weights->ne[0] + 31) / 32;
    double *shares = e->facts.different >= 4 ? lane_shares(e, lanes) : NULL;
    double best = 1e-4, factor = 0;
    uint32_t guilty = lanes;
    for (uint32_t lane = 0; shares != NULL && lane < lanes && lane < blocks; lane++) {
        const double *share = shares + (size_t)lane * e->count;
        double dot = 0, norm = 0, total = 0, rest = 0;
        for (uint32_t r = 0; r < e->count; r++) {
            const double error = value_of(e->actual[r]) - value_of(e->expected->words[r]);
            dot += error * share[r];
            norm += share[r] * share[r];
            total += error * error;
        }
        for (uint32_t r = 0; r < e->count && norm > 0; r++) {
            const double error = value_of(e->actual[r]) - value_of(e->expected->words[r]);
            rest += (error - dot / norm * share[r]) * (error - dot / norm * share[r]);
        }
        if (norm > 0 && total > 0 && rest / total < best) {
            best = rest / total;
            guilty = lane;
            factor = 1 + dot / norm;
        }
    }
    free(shares);
    if (guilty == lanes)
        return false;
    if (e->slots > 1 && e->wrong_slots == 1)
        snprintf(unit, room, "dot_array, lane %u of slot %u (block_dot)", guilty, e->slot);
    else
        snprintf(unit, room, "dot_array, lane %u (weight_decode, block_dot)", guilty);
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
    row.ne[1] = 1;
    row.size = row_bytes;
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

/* What neither a lane nor the accumulator explains: the stream, which all slots share, or what one
 * slot has of its own. */
static void suspect_stream(const struct evidence *e, char *unit, size_t room, FILE *out) {
    if (e->slots > 1 && e->wrong_slots == 1) {
        snprintf(unit, room, "slot %u of the dot_array (act_sram, row_sum), or vec_quant", e->slot);
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

static void suspect_matrix(const struct evidence *e, char *unit, size_t room, FILE *out) {
    snprintf(unit, room, "weight path (weight_port, beat_fifo, aligner, dot_array)");
    if (e->input == NULL || e->weights == NULL || e->facts.different == 0)
        return;
    if (try_weight(e, unit, room, out) || try_lanes(e, unit, room, out))
        return;
    if (e->facts.is_step) {
        snprintf(unit, room, "row_sum (the accumulator of dot_array)");
        return;
    }
    suspect_stream(e, unit, room, out);
}

/* ---- ROPE ---- */

/* Whether y is what was committed, but for pairs that have no such neighbour. */
static bool is_rotation(const struct evidence *e, const uint32_t *y, int wrong_pair) {
    const struct ls_model *m = e->analysis->model;
    const int64_t pairs = m->n_rot / 2;
    for (uint32_t i = 0; i < e->count; i++) {
        const int64_t place = i % m->head_dim;
        const int64_t pair = m->rope_halves ? place % (pairs == 0 ? 1 : pairs) : place / 2;
        const bool turned = place < 2 * pairs;
        const bool has_neighbour = pair + wrong_pair >= 0 && pair + wrong_pair < pairs;
        if ((!turned || has_neighbour) && y[i] != e->actual[i])
            return false;
    }
    return true;
}

static void suspect_rope(const struct evidence *e, char *unit, size_t room, FILE *out) {
    uint32_t *y = malloc(e->count * sizeof *y);
    snprintf(unit, room, "vector_unit (vec_angles, rotation, vec_rope)");
    for (int position = -1; position <= 1 && y != NULL && e->input != NULL; position++)
        for (int pair = -1; pair <= 1; pair++) {
            if (position == 0 && pair == 0)
                continue;
            golden_wrong_rope(e->analysis->board->golden, (uint32_t)e->expected->layer,
                              e->input->words, e->count, e->position, position, pair, y);
            if (!is_rotation(e, y, pair))
                continue;
            snprintf(unit, room, "vec_angles (the angles of the rotation)");
            fprintf(out, "turned by the angle of position %+d, pair %+d: an index off by one\n",
                    position, pair);
            free(y);
            return;
        }
    if (y != NULL && e->input != NULL &&
        golden_wrong_bank(e->analysis->board->golden, (uint32_t)e->expected->layer, e->input->words,
                          e->count, e->position, y) &&
        is_rotation(e, y, 0)) {
        snprintf(unit, room, "vec_angles, vec_rope (the bank of the rotation buffer)");
        fputs("turned by the other bank's angles, those of layers that turn otherwise\n", out);
    }
    free(y);
}

/* ---- ATTEND ---- */

/* Whether attention over other positions than it should see, or without a cap, gives what was
 * committed. */
static void suspect_attend(const struct evidence *e, char *unit, size_t room, FILE *out) {
    const struct golden *golden = e->analysis->board->golden;
    const struct golden_kv_place place = {
        .sequence = e->sequence, .layer = (uint32_t)e->expected->layer, .position = e->position};
    const uint32_t first = golden_first_position(golden, place.layer, e->position);
    const struct {
        int64_t first;
        bool capped;
        const char *says;
    } tries[] = {{(int64_t)first - 1, true, "the window is one position too wide"},
                 {(int64_t)first + 1, true, "the window is one position too narrow"},
                 {0, true, "the window is left out"},
                 {first, false, "the scores are not capped"}};
    uint32_t *y = malloc(e->count * sizeof *y);
    for (size_t i = 0; i < sizeof tries / sizeof *tries && y != NULL && e->input != NULL; i++) {
        if (tries[i].first < 0 || tries[i].first > e->position ||
            !golden_wrong_attend(golden, &place, e->input->words, (uint32_t)tries[i].first,
                                 tries[i].capped, y) ||
            memcmp(y, e->actual, e->count * sizeof *y) != 0)
            continue;
        snprintf(unit, room, tries[i].capped ? "kv_address (the window)" : "score_cap");
        fprintf(out, "attention over positions %u to %u explains it: %s\n",
                (uint32_t)tries[i].first, e->position, tries[i].says);
        break;
    }
    free(y);
}

/* ---- All ops ---- */

static const char *plain_unit(uint32_t op) {
    switch (op) {
    case LOCKSTEP_OP_EMBED:
    case LOCKSTEP_OP_ROW:
    case LOCKSTEP_OP_POSITION:
        return "weight path (float_stream) and vector_unit";
    case LOCKSTEP_OP_NORM:
    case LOCKSTEP_OP_CENTER:
    case LOCKSTEP_OP_HEADNORM:
        return "vector_unit (vec_norm)";
    case LOCKSTEP_OP_KV:
        return "attention_unit (kv_write, bfp_quant)";
    case LOCKSTEP_OP_ATTEND:
        return "attention_unit (attention_query, attention_head, attention_out)";
    case LOCKSTEP_OP_SAMPLE:
        return "sampler";
    case LOCKSTEP_OP_MATVEC:
    case LOCKSTEP_OP_LOGITS:
        return "weight path (weight_port, weight_decode, float_blocks, dot_array)";
    default:
        return in_mask(LOCKSTEP_OPS_UNIT_VECTOR, op)
                   ? "vector_unit (vec_elementwise)"
                   : "engine (pass_former, sequencer, token_emitter)";
    }
}

static void suspect_kv(const struct analysis *a, char *unit, size_t room, FILE *out) {
    const struct analysis_kv *k = &a->kv[0];
    snprintf(unit, room, "kv_sram, word %u (kv_write, kv_address, or its contents)", k->address);
    fprintf(out,
            "the attention unit read what the SRAM holds: word %u was committed right at position "
            "%u and is wrong now\n",
            k->address, k->position);
}

/* By how the sentence of sim/check/sim_power.c, sim_power_check.c or sim_cycles.c begins. */
static const char *telemetry_unit(const char *message) {
    static const struct {
        const char *says, *unit;
    } table[] = {
        {"counter: event", "telemetry (event_batch, counters)"},
        {"counter: energy", "telemetry (energy_meter)"},
        {"counter: ops", "telemetry (op_totals)"},
        {"counter: cycles", "telemetry (op_totals, cycle_classes)"},
        {"counter: CYCLES", "telemetry (cycle_classes)"},
        {"counter: WEIGHT_STALLS", "telemetry (cycle_classes)"},
        {"counter: ", "telemetry"},
        {"energy", "telemetry (energy_meter, power_window)"},
        {"register TEMP", "telemetry (thermal)"},
        {"register PACE", "telemetry (throttle)"},
        {"register", "telemetry (power_window)"},
        {"window", "telemetry (power_window, thermal, throttle)"},
    };
    const char *colon = strstr(message, ": ");
    for (size_t i = 0; colon != NULL && i < sizeof table / sizeof *table; i++)
        if (strncmp(colon + 2, table[i].says, strlen(table[i].says)) == 0)
            return table[i].unit;
    return "the unit of that op, or csrc/expect/cycles.c, which predicts it";
}

/* In which slots the op differs, and whether in the same elements. */
static void compare_slots(const struct scoreboard *b, struct evidence *e) {
    struct analysis_facts facts;
    e->alike = true;
    for (uint32_t slot = 0; slot < SCOREBOARD_SLOTS; slot++) {
        const struct scoreboard_vector *v = &b->vectors[slot];
        if (v->expected == NULL)
            continue;
        analysis_compare(v->expected->words, v->actual, v->count, &facts);
        e->slots++;
        e->wrong_slots += facts.different != 0;
        e->alike &= facts.first == e->facts.first && facts.last == e->facts.last &&
                    facts.different == e->facts.different;
    }
}

void suspect_write(struct analysis *a, FILE *out) {
    const struct scoreboard_difference *d = &a->board->first;
    const struct scoreboard_vector *v = &a->board->vectors[d->slot % SCOREBOARD_SLOTS];
    struct evidence e = {
        .analysis = a, .expected = v->expected, .slot = d->slot, .sequence = d->sequence};
    const bool matrix = d->op == LOCKSTEP_OP_MATVEC || d->op == LOCKSTEP_OP_LOGITS;
    snprintf(a->unit, sizeof a->unit, "%s",
             d->found ? plain_unit(d->op) : telemetry_unit(a->message));
    const bool explained = matrix || d->op == LOCKSTEP_OP_ROPE || d->op == LOCKSTEP_OP_ATTEND;
    if (v->expected != NULL && v->actual != NULL && explained) {
        size_t count;
        const struct golden_record *records = golden_records(a->board->golden, d->slot, &count);
        const size_t input = v->expected->input[0];
        e.actual = v->actual;
        e.count = v->count;
        e.position = v->position;
        e.input = input < count ? &records[input] : NULL;
        e.weights = v->expected->weights;
        analysis_compare(v->expected->words, v->actual, v->count, &e.facts);
        compare_slots(a->board, &e);
        if (matrix)
            suspect_matrix(&e, a->unit, sizeof a->unit, out);
        else if (d->op == LOCKSTEP_OP_ATTEND)
            suspect_attend(&e, a->unit, sizeof a->unit, out);
        else
            suspect_rope(&e, a->unit, sizeof a->unit, out);
    }
    if (a->kv_wrong != 0)
        suspect_kv(a, a->unit, sizeof a->unit, out);
    fprintf(out, "look first at: %s\n", a->unit);
}
