/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the device counted, and who runs on it.
 */
#include <inttypes.h>
#include <string.h>

#include "generated/device.h"
#include "library.h"

#define DEGREE 65536.0 /* of a temperature register */

static uint64_t read64(const struct hal *hal, uint32_t address) {
    const uint64_t low = hal_read(hal, address);
    return low | (uint64_t)hal_read(hal, address + 4) << 32;
}

/* Behind a snapshot. */
static void read_power(const struct session *s, struct lockstep_telemetry *t) {
    const struct hal *hal = &s->power.hal;
    for (uint32_t unit = 0; unit < LOCKSTEP_UNIT_LIMIT; unit++)
        t->energy_fj += read64(hal, LOCKSTEP_REG_ENERGY_LEAKAGE_LO + 8 * unit);
    t->power_mw = (double)hal_read(hal, LOCKSTEP_REG_POWER_LAST) / 1000;
    t->temperature = (double)(int32_t)hal_read(hal, LOCKSTEP_REG_TEMP_DIE) / DEGREE;
    t->temperature_peak = (double)(int32_t)hal_read(hal, LOCKSTEP_REG_TEMP_PEAK) / DEGREE;
    t->pace = hal_read(hal, LOCKSTEP_REG_PACE);
    t->throttled = (hal_read(hal, LOCKSTEP_REG_STATUS) & LOCKSTEP_STATUS_THROTTLED_MASK) != 0;
}

int lockstep_get_telemetry(struct lockstep *d, struct lockstep_telemetry *telemetry, size_t size) {
    struct session *s = &d->session;
    struct lockstep_telemetry t = {.size = size,
                                   .queued = d->scheduler.queued + d->golden.scheduler.queued,
                                   .running = d->scheduler.active + d->golden.scheduler.active,
                                   .prompt_tokens = d->prompt_tokens,
                                   .generated_tokens = d->generated_tokens,
                                   .reused_tokens = d->reused_tokens,
                                   .slots_used = d->scheduler.slots_had,
                                   .slots_offered = d->scheduler.passes * d->scheduler.slots,
                                   .words_compared = s->board.words,
                                   .ops_compared = s->board.ops,
                                   .passes_compared = s->power.result.passes,
                                   .differences = s->board.mismatches + s->cycles.wrong +
                                                  s->power.result.counter_mismatches +
                                                  s->power.result.power_mismatches,
                                   .simulated_cycles = s->device.cycle,
                                   .golden_tokens = d->golden.tokens,
                                   .losses = d->losses,
                                   .out = d->out};
    int status = LOCKSTEP_OK;
    if (d->stepping)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "a callback cannot ask the device");
    if (d->model != NULL && d->lost == LOCKSTEP_OK && !d->out) {
        struct fw_telemetry fw;
        library_allow(d);
        fw_telemetry(&s->firmware, d->settings.clock_hz, &fw);
        t.cycles = fw.cycles;
        t.prefill_cycles = fw.prefill_cycles;
        t.passes = fw.passes;
        t.macs = fw.macs;
        t.weight_bytes = fw.weight_beats * (s->firmware.limits.port_bits / 8);
        t.weight_stalls = fw.weight_stalls;
        t.tokens_in = fw.tokens_in;
        t.tokens_out = fw.tokens_out;
        t.kv_reads = fw.kv_reads;
        t.kv_writes = fw.kv_writes;
        t.drafts = fw.drafts;
        t.drafts_taken = fw.drafts_taken;
        if (!s->power.absent)
            read_power(s, &t);
        library_note(d);
        if (s->device.status != DEVICE_OK)
            status = library_judge(d, FW_TIMEOUT);
    }
    memcpy(telemetry, &t, size < sizeof t ? size : sizeof t);
    return status;
}

int lockstep_get_sequence(struct lockstep *d, uint32_t index, struct lockstep_sequence *sequence,
                          size_t size) {
    struct lockstep_sequence q = {.size = size};
    if (d->model == NULL || index >= d->layout.sequences)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "no sequence %" PRIu32, index);
    const struct fw_request *r = d->scheduler.running[index] != NULL
                                     ? d->scheduler.running[index]
                                     : d->golden.scheduler.running[index];
    if (r != NULL) {
        const struct job *j = r->owner;
        q.request = j->id;
        q.prompt = r->count - j->known;
        q.computed = r->sent < q.prompt ? r->sent : q.prompt;
        q.generated = r->generated + j->known;
    }
    memcpy(sequence, &q, size < sizeof q ? size : sizeof q);
    return LOCKSTEP_OK;
}
