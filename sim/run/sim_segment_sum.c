/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the processes of a run have counted, put together.
 */
#include "sim_segment.h"

#include <stdio.h>
#include <string.h>

bool sim_segment_turn(struct rtl *rtl) {
    const struct sim_segment *segment = rtl->run->segment;
    struct session *s = &rtl->session;
    if (segment == NULL)
        return true;
    if (rtl->joined || (segment->index != 0 && !sim_flag(&segment->begun)))
        return false;
    if (segment->all->apart)
        return true;
    const struct sim_segment *first = segment->all->segments;
    for (uint32_t i = 0; i < segment->index; i++) {
        while (!sim_flag(&first[i].joined))
            sim_segment_wait();
        const struct sim_tally *to = &first[i].end.tally, *from = &first[i + 1].begin.tally;
        s->board.ops += to->ops - from->ops;
        s->board.words += to->words - from->words;
        s->cycles.ops += to->timed_ops - from->timed_ops;
        s->device.memory.flips += to->flips - from->flips;
        s->device.memory.errors += to->errors - from->errors;
        s->device.memory.hangs += to->hangs - from->hangs;
    }
    return true;
}

_Static_assert(sizeof(struct sim_power_reading) % sizeof(uint64_t) == 0, "words of 64 bits");

/* sum += to - from, word by word. */
static void add_reading(struct sim_power_reading *sum, const struct sim_power_reading *to,
                        const struct sim_power_reading *from) {
    uint64_t a, b, c;
    for (size_t i = 0; i < sizeof *sum; i += sizeof a) {
        memcpy(&a, (const char *)sum + i, sizeof a);
        memcpy(&b, (const char *)to + i, sizeof b);
        memcpy(&c, (const char *)from + i, sizeof c);
        a += b - c;
        memcpy((char *)sum + i, &a, sizeof a);
    }
}

static void add_telemetry(struct fw_telemetry *sum, const struct fw_telemetry *to,
                          const struct fw_telemetry *from, uint64_t clock_hz) {
    sum->cycles += to->cycles - from->cycles;
    sum->prefill_cycles += to->prefill_cycles - from->prefill_cycles;
    sum->macs += to->macs - from->macs;
    sum->weight_beats += to->weight_beats - from->weight_beats;
    sum->weight_stalls += to->weight_stalls - from->weight_stalls;
    sum->passes += to->passes - from->passes;
    sum->tokens_in += to->tokens_in - from->tokens_in;
    sum->tokens_out += to->tokens_out - from->tokens_out;
    sum->kv_reads += to->kv_reads - from->kv_reads;
    sum->kv_writes += to->kv_writes - from->kv_writes;
    sum->tokens_generated += to->tokens_generated - from->tokens_generated;
    sum->last_completion_tokens += to->last_completion_tokens - from->last_completion_tokens;
    sum->tokens_per_second_milli =
        sum->cycles == 0 ? 0 : sum->tokens_generated * clock_hz / (sum->cycles / 1000 + 1);
}

/* All windows in their order. The one that spans a seam is what both sides saw of it: a process
 * knows the energy of all its windows, and each counter of energy at the seam. */
static void replay_windows(const struct sim_segment *segment, struct sim_power_result *r,
                           uint64_t clock_hz, const struct output *csv) {
    const struct sim_segment *s = segment->all->segments;
    struct power_state state = power_start(&r->settings);
    uint64_t ahead[LOCKSTEP_UNIT_LIMIT] = {0}; /* what a process lacks of a single run */
    uint64_t before[LOCKSTEP_UNIT_LIMIT];      /* fJ up to the last window, of a single run */
    r->mw_smooth = 0;
    r->pace_most = 0;
    for (; s <= segment; s++) {
        const uint64_t from = s->index == 0 ? 0 : s->begin.tally.rows;
        const uint64_t to = s == segment ? s->row_count : s->end.tally.rows;
        for (uint64_t i = from; i < to; i++) {
            const struct sim_window_row *row = &s->rows[i];
            uint64_t part[LOCKSTEP_UNIT_LIMIT];
            for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++) {
                const uint64_t sum = row->parts[u] + ahead[u];
                part[u] = s->index == 0 && i == 0 ? row->part[u] : sum - before[u];
                before[u] = sum;
            }
            const uint32_t pace = power_window(&r->settings, &state, part);
            if (csv->file != NULL)
                sim_power_csv_row(csv, &r->settings, clock_hz, &row->at, part, &state);
            const double mw = (double)(state.smooth >> 16) / 1000;
            r->mw_smooth = mw > r->mw_smooth ? mw : r->mw_smooth;
            r->pace_most = pace > r->pace_most ? pace : r->pace_most;
        }
        if (s != segment)
            for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++)
                ahead[u] += s->end.tally.reading.energy[u] - (s + 1)->begin.tally.reading.energy[u];
    }
    r->mw_peak = (double)state.peak / 1000;
    r->die_end = (double)(int32_t)(state.die >> 16) / 65536;
    r->die_peak = (double)state.die_peak / 65536;
    r->pace_end = state.pace;
}

static int merge_power(const struct sim_segment *segment, struct sim_power_result *r,
                       uint64_t clock_hz, struct ls_error *err) {
    const struct sim_segment *first = segment->all->segments;
    const char *folder = segment->all->power;
    struct output csv = {0};
    double total = 0;
    for (uint32_t i = 0; i < segment->index; i++) {
        const struct sim_tally *to = &first[i].end.tally, *from = &first[i + 1].begin.tally;
        add_reading(&r->end, &to->reading, &from->reading);
        for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
            r->events[e] += to->reading.sum.counts[e] - from->reading.sum.counts[e];
        for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++)
            r->energy[u] += to->reading.energy[u] - from->reading.energy[u];
        r->windows += to->windows - from->windows;
        r->passes += to->passes - from->passes;
    }
    r->cycles = r->events[LOCKSTEP_EVENT_CYCLE];
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++)
        total += (double)r->energy[u];
    r->mw_average = r->cycles == 0 ? 0 : total / (double)r->cycles * (double)clock_hz / 1e12;
    if (folder != NULL && sim_power_csv_open(&csv, folder, err) != 0)
        return -1;
    replay_windows(segment, r, clock_hz, &csv);
    return output_close(&csv, err);
}

static void merge_witness(const struct sim_segment *segment, struct ls_witness *witness) {
    const struct sim_segment *s = segment->all->segments;
    *witness = (struct ls_witness){0};
    for (; s <= segment; s++) {
        const uint64_t to = s == segment ? s->witnesses : s->end.tally.witnesses;
        for (uint64_t i = s->index == 0 ? 0 : s->begin.tally.witnesses; i < to; i++)
            ls_witness_join(witness, &s->witness[i]);
    }
}

void sim_segment_merge(struct sim_run *run, const struct sim_segment *segment) {
    const struct sim_segment *first = segment->all->segments;
    const uint64_t clock_hz = run->options->clock_hz;
    struct ls_error err;
    for (uint32_t i = 0; i < segment->index; i++)
        add_telemetry(&run->device, &first[i].end.tally.telemetry,
                      &first[i + 1].begin.tally.telemetry, clock_hz);
    int status = 0;
    if (run->power.known)
        status = merge_power(segment, &run->power, clock_hz, &err);
    if (status != 0)
        sim_run_unwritten(run, &err);
    merge_witness(segment, &run->witness);
    const size_t used = strlen(run->message);
    if (segment->index != 0 && run->verdict == SIM_DIFFERENCE && !segment->word &&
        run->power.first[0] != '\0')
        snprintf(run->message + used, sizeof run->message - used,
                 " (--jobs: passes, windows and counts since token %u of the completion)",
                 segment->first - SIM_SEGMENT_OVERLAP);
}

void sim_segment_merge_apart(struct sim_run *run, const struct sim_segment *segment) {
    const struct sim_segment *first = segment->all->segments;
    for (uint32_t i = 0; i < segment->index; i++) {
        const struct sim_tally *to = &first[i].end.tally, *from = &first[i + 1].begin.tally;
        run->ops += to->ops - from->ops;
        run->words += to->words - from->words;
        run->timed_ops += to->timed_ops - from->timed_ops;
    }
    sim_segment_merge(run, segment);
}
