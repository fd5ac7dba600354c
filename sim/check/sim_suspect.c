/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Each op has a few faults that are tried: the share of one lane of the dot array changed, a step
 * of the accumulator, the weight stream displaced by beats, a weight wrong by a bit, a rotation by
 * a neighbouring angle or the other bank's, another window or no cap of attention, another expert's
 * matrix, other experts, a word of the KV SRAM. The first that explains the difference is told. If
 * none does, what the slots have in common still says something.
 */
#include "sim_suspect.h"

#include <stdlib.h>
#include <string.h>

#include "csrc/golden/golden_kv.h"
#include "generated/device.h"
#include "sim_evidence.h"

static float value_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- ROPE ---- */

/* Whether y is what was committed, but for pairs that have no such neighbour. */
static bool is_rotation(const struct evidence *e, const uint32_t *y, int wrong_pair) {
    const struct ls_model *m = e->analysis->model;
    const int64_t pairs = m->n_rot / 2;
    for (uint32_t i = 0; i < e->count; i++) {
        const int64_t place = i % m->head_dim;
        const int64_t pair = !m->rope_halves ? place / 2 : place < pairs ? place : place - pairs;
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
                 {first, false, "the scores are not capped"},
                 {.says = NULL}};
    uint32_t *y = malloc(e->count * sizeof *y);
    for (size_t i = 0; tries[i].says != NULL && y != NULL && e->input != NULL; i++) {
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

/* ---- ROUTE ---- */

/* Another choice, or other weights of the right one. */
static void suspect_route(const struct evidence *e, FILE *out) {
    const uint32_t *const right = e->expected->words, *const actual = e->actual;
    uint32_t lost = e->count, gained = e->count; /* the first of each */
    double due = 0, sum = 0;
    for (uint32_t i = e->count; i-- > 0;) {
        lost = right[i] != 0 && actual[i] == 0 ? i : lost;
        gained = right[i] == 0 && actual[i] != 0 ? i : gained;
        due += (double)value_of(right[i]);
        sum += (double)value_of(actual[i]);
    }
    if (lost == e->count || gained == e->count || e->input == NULL)
        fprintf(out, "the weights of the experts add up to %.6g, not %.6g\n", sum, due);
    else
        fprintf(out, "expert %u is chosen and not %u: their logits are %.9g and %.9g%s\n", gained,
                lost, (double)value_of(e->input->words[gained]),
                (double)value_of(e->input->words[lost]),
                value_of(e->input->words[gained]) == value_of(e->input->words[lost])
                    ? ", and of equal ones the lower comes first"
                    : "");
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
    case LOCKSTEP_OP_HEADCENTER:
    case LOCKSTEP_OP_HEADNORM:
    case LOCKSTEP_OP_HEADNORM_OWN:
        return "vector_unit (vec_norm)";
    case LOCKSTEP_OP_OFFER:
        return "vector_unit (vec_offer)";
    case LOCKSTEP_OP_ROUTE:
        return "vector_unit (vec_route)";
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
        {NULL, NULL},
    };
    const char *colon = strstr(message, ": ");
    for (size_t i = 0; colon != NULL && table[i].says != NULL; i++)
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
    const struct scoreboard_vector *v = &a->board->vectors[d->slot];
    struct evidence e = {
        .analysis = a, .expected = v->expected, .slot = d->slot, .sequence = d->sequence};
    const bool matrix = d->op == LOCKSTEP_OP_MATVEC || d->op == LOCKSTEP_OP_LOGITS;
    snprintf(a->unit, sizeof a->unit, "%s",
             d->found ? plain_unit(d->op) : telemetry_unit(a->message));
    const bool explained = matrix || d->op == LOCKSTEP_OP_ROPE || d->op == LOCKSTEP_OP_ATTEND ||
                           d->op == LOCKSTEP_OP_ROUTE;
    if (v->expected != NULL && v->actual != NULL && explained) {
        size_t count;
        const struct golden_record *records = golden_records(a->board->golden, d->slot, &count);
        const size_t input = v->expected->input[0];
        e.actual = v->actual;
        e.count = v->count;
        e.position = v->position;
        e.input = input == GOLDEN_NO_RECORD ? NULL : &records[input];
        e.weights = v->expected->weights;
        analysis_compare(v->expected->words, v->actual, v->count, &e.facts);
        compare_slots(a->board, &e);
        if (matrix)
            suspect_matrix(&e, a->unit, sizeof a->unit, out);
        else if (d->op == LOCKSTEP_OP_ROUTE)
            suspect_route(&e, out);
        else if (d->op == LOCKSTEP_OP_ATTEND)
            suspect_attend(&e, a->unit, sizeof a->unit, out);
        else
            suspect_rope(&e, a->unit, sizeof a->unit, out);
    }
    if (a->kv_wrong != 0)
        suspect_kv(a, a->unit, sizeof a->unit, out);
    fprintf(out, "look first at: %s\n", a->unit);
}
