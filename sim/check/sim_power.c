/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Settings, power windows and the passes as they go by; sim/check/sim_power_check.c compares.
 */
#include "sim_power.h"

#include <inttypes.h>
#include <string.h>

#include "csrc/base/folder.h"
#include "generated/device.h"
#include "sim_choice.h"

#define DEGREE   65536 /* of a temperature register */
#define HOT_CASE 4     /* degrees below the target: the air of --throttle hot without a profile */

/* ---- The firmware's way in, with an eye on resets and on the time when it sleeps ---- */

static uint32_t seen_read(void *context, uint32_t address) {
    struct sim_power *p = context;
    p->popped += address == LOCKSTEP_REG_TOKEN_OUT;
    return hal_read(p->below, address);
}

/* Before the device has it, which may be quick to take it. */
static void see_token(struct sim_power *p, uint32_t word) {
    struct sim_power_feed *f = &p->feed[(word & LOCKSTEP_IN_SEQ_MASK) >> LOCKSTEP_IN_SEQ_SHIFT];
    if ((word & LOCKSTEP_IN_FIRST_MASK) != 0) /* all that it had before is used */
        memset(f, 0, sizeof *f);
    f->words++;
    f->prompt += (word & LOCKSTEP_IN_PROMPT_MASK) != 0;
}

static void seen_write(void *context, uint32_t address, uint32_t value) {
    struct sim_power *p = context;
    if (address == LOCKSTEP_REG_TOKEN_IN)
        see_token(p, value);
    p->crowded |= address == LOCKSTEP_REG_CHOICE; /* a draft waited */
    hal_write(p->below, address, value);
    if (address != LOCKSTEP_REG_CTRL || (value & LOCKSTEP_CTRL_SOFT_RESET_MASK) == 0)
        return;
    p->reset_cycle = p->device->cycle;
    p->reset_accesses = p->device->accesses;
    p->reset_bursts = weight_mem_bursts(&p->device->memory);
    p->reset_beats = weight_mem_beats(&p->device->memory);
    memset(p->parts, 0, sizeof p->parts);
    memset(p->feed, 0, sizeof p->feed);
    p->windows = p->closed = 0;
}

/* The firmware has nothing to do: the time to read counters, so that it never waits for that. Once
 * the next pass commits, what the device latched is of the one before. */
static int seen_wait(void *context) {
    struct sim_power *p = context;
    struct device *d = p->device;
    while (!*d->port.irq && d->status == DEVICE_OK && p->result.first[0] == '\0') {
        if (p->begun && p->checked + 1 < p->activity.sum.passes)
            sim_power_check_pass(p);
        else
            device_tick(d);
    }
    return d->status == DEVICE_OK && p->result.first[0] == '\0' ? 0 : -1;
}

/* ---- Settings ---- */

static void write_setting(void *context, uint32_t address, uint32_t value) {
    struct sim_power *p = context;
    hal_write(&p->hal, address, value);
}

/* What the options change in the profile. */
static void regulate(struct sim_power *p) {
    const struct sim_power_options *o = &p->options;
    struct power_settings *s = &p->settings;
    if (o->throttle != SIM_THROTTLE_OFF)
        s->throttle = LOCKSTEP_THROTTLE_TEMPERATURE_MASK | LOCKSTEP_THROTTLE_LIMIT_MASK;
    if (o->throttle == SIM_THROTTLE_HOT)
        s->initial = s->ramp_target - DEGREE;
    if (o->throttle == SIM_THROTTLE_HOT && o->profile == NULL)
        s->ambient = s->ramp_target - HOT_CASE * DEGREE;
    if (o->cap_mw != 0) {
        s->throttle |= LOCKSTEP_THROTTLE_POWER_MASK;
        s->cap_power = o->cap_mw * 1000;
        s->cap_start = s->cap_power / 16 * 15;
    }
    if (o->token_rate > 0) {
        const double cycles = (double)o->clock_hz / o->token_rate;
        s->throttle |= LOCKSTEP_THROTTLE_RATE_MASK;
        s->token_cycles = cycles < UINT32_MAX ? (uint32_t)cycles : UINT32_MAX;
    }
}

int sim_power_csv_open(struct output *csv, const char *folder, struct ls_error *err) {
    if (folder_make(folder, err) != 0 || output_open_in(csv, folder, "power.csv", err) != 0)
        return -1;
    fputs("cycle,token,op", csv->file);
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++)
        fprintf(csv->file, ",%s_mw", unit_info[u].key);
    fputs(",die_c,package_c,pace\n", csv->file);
    return 0;
}

int sim_power_open(struct sim_power *p, struct device *device, const struct hal *below,
                   const struct sim_power_options *options, struct ls_error *err) {
    p->options = *options;
    p->device = device;
    p->below = below;
    p->hal = (struct hal){seen_read, seen_write, seen_wait, p};
    p->op = -1;
    p->settings = power_defaults();
    if (power_profile(options->profile, options->clock_hz, &p->settings, err) != 0)
        return -1;
    regulate(p);
    p->absent = (hal_read(&p->hal, LOCKSTEP_REG_FEATURES) & LOCKSTEP_FEATURES_TELEMETRY_MASK) == 0;
    if (p->absent)
        return options->throttle == SIM_THROTTLE_OFF && options->cap_mw == 0 &&
                       options->token_rate == 0 && options->folder == NULL
                   ? 0
                   : ls_error_set(err, "this device was built without telemetry (TELEMETRY=0): "
                                       "leave out --throttle, --power-cap, --token-rate, --power");
    if (options->folder != NULL && sim_power_csv_open(&p->csv, options->folder, err) != 0)
        return -1;
    power_write(&p->settings, write_setting, p);
    hal_write(&p->hal, LOCKSTEP_REG_SNAPSHOT_AT, LOCKSTEP_SNAPSHOT_AT_PASS_MASK);
    return 0;
}

int sim_power_close(struct sim_power *p, struct ls_error *err) {
    if (!p->begun)
        output_discard(&p->csv);
    return output_close(&p->csv, err);
}

/* ---- The run ---- */

static void take_snapshot(struct sim_power *p) {
    hal_write(&p->hal, LOCKSTEP_REG_CTRL,
              (hal_read(&p->hal, LOCKSTEP_REG_CTRL) & LOCKSTEP_CTRL_RUN_MASK) |
                  LOCKSTEP_CTRL_SNAPSHOT_MASK);
}

/* The device is idle and stays so until it is given tokens. */
void sim_power_begin(struct sim_power *p, const struct fw_program *program,
                     const struct fw_model *model, const struct fw_limits *limits) {
    if (p->absent)
        return;
    activity_open(&p->activity, program, model, limits, &p->settings);
    p->result.layers = model->layers;
    p->result.settings = p->settings;
    hal_write(&p->hal, LOCKSTEP_REG_TEMP_INITIAL, (uint32_t)p->settings.initial);
    p->state = power_start(&p->settings);
    p->rest.pace = 1;
    p->begun = true;
    p->window_cycle = p->device->cycle;
    take_snapshot(p);
    sim_power_read(p, &p->begin);
    sim_power_check_begin(p);
}

/* Rests before cycle `to`. The pace has not changed since this was last asked. */
static void rest_until(struct sim_power_rest *r, uint64_t to) {
    if (r->done != 0 && r->done < to) {
        r->portions = r->pace > 1 ? r->done - r->begin : 0;
        r->portion = r->pace - 1;
        r->next = r->done + 1;
        r->done = 0;
    }
    for (; r->portions != 0 && r->next < to; r->next++) {
        r->cycles++;
        if (r->pace <= 1) {
            r->portions = 0;
        } else if (--r->portion == 0) {
            r->portions--;
            r->portion = r->pace - 1;
        }
    }
}

void sim_power_pulse(struct sim_power *p, enum device_pulse pulse, uint64_t cycle) {
    if (pulse == DEVICE_OP_START) {
        rest_until(&p->rest, cycle);
        p->rest.begin = cycle;
    } else if (pulse == DEVICE_OP_DONE) {
        p->rest.done = p->prefill.done = cycle;
    }
}

/* All that was committed before this cycle is of passes that are over. */
static void end_pass(struct sim_power *p, uint64_t cycle) {
    struct sim_power_mark *mark = &p->marks[p->activity.sum.passes % SIM_POWER_MARKS];
    struct sim_power_prefill *f = &p->prefill;
    if (f->open) {
        f->least += f->done - f->begin;
        f->most += cycle - f->begin;
        f->open = false;
    }
    rest_until(&p->rest, cycle);
    mark->entries = p->entries;
    mark->drafts = p->drafts;
    mark->right = p->right;
    mark->rests = p->rest.cycles;
    mark->prefill_least = f->least;
    mark->prefill_most = f->most;
    mark->over = true;
}

/* A slot of the pass that is formed. */
static void begin_slot(struct sim_power *p, const struct device_commit *commit, bool wanted) {
    struct sim_power_feed *f = &p->feed[commit->words[2] % FW_SEQUENCES];
    /* A sequence takes what it was given before it goes on with what it has chosen. */
    const bool fed = f->used < f->words, prompt = f->used < f->prompt;
    if (p->activity.slot_count == 0) {
        end_pass(p, commit->cycle);
        p->position = commit->words[1];
    }
    if (prompt && !p->prefill.open) {
        p->prefill.begin = commit->cycle;
        p->prefill.open = true;
    }
    f->used += fed;
    activity_slot(&p->activity, &(struct activity_slot){.token = commit->words[0],
                                                        .position = commit->words[1],
                                                        .wants = wanted,
                                                        .first = fed && f->used == 1,
                                                        .fed = fed});
}

/* The pass is complete and its first op commits. */
static void begin_pass(struct sim_power *p) {
    struct sim_power_mark *mark = &p->marks[(p->activity.sum.passes + 1) % SIM_POWER_MARKS];
    struct walk_choice room[WALK_LAYERS];
    for (uint32_t i = 0; i < p->activity.slot_count; i++)
        activity_choice(&p->activity, i, sim_choice(p->board, i, room));
    mark->token = p->activity.slots[0].token;
    mark->position = p->activity.slots[0].position;
    activity_pass(&p->activity);
    mark->sum = p->activity.sum;
    mark->over = false;
    p->crowded |= mark->sum.chosen > p->popped + p->activity.limits.token_fifo;
}

static void choose(struct sim_power_tokens *t, uint64_t cycle) {
    if (t->count++ == 0)
        t->first = cycle;
    t->last = cycle;
}

void sim_power_commit(struct sim_power *p, const struct device_commit *commit, bool wanted,
                      bool draft) {
    if (!p->begun)
        return;
    if (commit->op == LOCKSTEP_OP_PASS) {
        begin_slot(p, commit, wanted);
        p->drafts += draft;
    } else if (commit->op == LOCKSTEP_OP_SAMPLE) {
        p->entries++;
        p->right += draft && commit->index == 0;
        if (commit->index == 0)
            choose(&p->tokens, commit->cycle);
    } else if (p->activity.slot_count != 0) {
        begin_pass(p);
    }
}

void sim_power_op(struct sim_power *p, int32_t op) {
    p->op = op;
}

void sim_power_part(struct sim_power *p, uint32_t unit, uint64_t energy) {
    if (unit == 0) /* as the window closes; what comes of it takes longer */
        p->row = (struct sim_power_row){p->device->cycle, p->position, p->op};
    p->part[unit % LOCKSTEP_UNIT_LIMIT] = energy;
    if (p->summed)
        return;
    p->parts[unit % LOCKSTEP_UNIT_LIMIT] += energy;
    if (unit == LOCKSTEP_UNIT_LIMIT - 1) {
        p->closed++;
        p->closed_cycle = p->device->cycle;
    }
}

void sim_power_csv_row(const struct output *csv, const struct power_settings *settings,
                       uint64_t clock_hz, const struct sim_power_row *row,
                       const uint64_t part[LOCKSTEP_UNIT_LIMIT], const struct power_state *state) {
    const double cycles = (double)(UINT64_C(1) << settings->window_log2);
    const double mw = (double)clock_hz / cycles / 1e12;
    fprintf(csv->file, "%" PRIu64 ",%" PRIu32 ",%s", row->cycle, row->position,
            row->op >= 0 ? op_name((uint32_t)row->op) : "none");
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++)
        fprintf(csv->file, ",%.3f", (double)part[u] * mw);
    fprintf(csv->file, ",%.4f,%.4f,%u\n", (double)state->die / 4294967296.0,
            (double)state->package / 4294967296.0, state->pace);
}

static void note_power(struct sim_power *p) {
    const uint64_t uw = p->state.smooth >> 16;
    if (p->options.cap_mw != 0 && uw > p->settings.cap_power)
        p->result.windows_above++;
    if ((double)uw / 1000 > p->result.mw_smooth)
        p->result.mw_smooth = (double)uw / 1000;
}

bool sim_power_window(struct sim_power *p, uint64_t cycle, uint32_t die, uint32_t package,
                      uint32_t pace) {
    struct sim_power_result *r = &p->result;
    const uint64_t leakage = (uint64_t)p->settings.coefficient[LOCKSTEP_EVENT_CYCLE]
                             << p->settings.window_log2;
    const bool whole = p->windows++ != 0; /* the first one began with the reset */
    if (!p->begun || p->taken)
        return true;
    p->window_cycle = p->device->cycle;
    if (whole && p->part[LOCKSTEP_UNIT_LEAKAGE] != leakage)
        sim_power_differs(p, &r->power_mismatches,
                          "window %" PRIu64 " at cycle %" PRIu64 ": leakage of %" PRIu64
                          " fJ, expected %" PRIu64,
                          r->windows, cycle, p->part[LOCKSTEP_UNIT_LEAKAGE], leakage);
    rest_until(&p->rest, cycle);
    p->rest.pace = power_window(&p->settings, &p->state, p->part);
    r->windows++;
    note_power(p);
    if (die != (uint32_t)(p->state.die >> 16) || package != (uint32_t)(p->state.package >> 16) ||
        pace != p->state.pace)
        sim_power_differs(p, &r->power_mismatches,
                          "window %" PRIu64 " at cycle %" PRIu64 ", token %" PRIu64
                          ": the device is at %.5f C, package %.5f C, pace %u; expected %.5f C, "
                          "%.5f C, %u",
                          r->windows, cycle, p->activity.sum.tokens, (double)(int32_t)die / DEGREE,
                          (double)(int32_t)package / DEGREE, pace,
                          (double)(int32_t)(p->state.die >> 16) / DEGREE,
                          (double)(int32_t)(p->state.package >> 16) / DEGREE, p->state.pace);
    if (pace > r->pace_most)
        r->pace_most = pace;
    if (p->csv.file != NULL)
        sim_power_csv_row(&p->csv, &p->settings, p->options.clock_hz, &p->row, p->part, &p->state);
    return p->collecting || r->first[0] == '\0';
}

/* Goes on, idle, until a window closes that began before the snapshot: what it adds is leakage. */
static void close_window(struct sim_power *p) {
    const uint64_t after =
        2 * LOCKSTEP_UNIT_LIMIT; /* cycles; more than a window's last part takes */
    struct device *d = p->device;
    const uint64_t begin = d->cycle, most = 2 * after + (UINT64_C(2) << p->settings.window_log2);
    const uint64_t limit = d->cycle_limit;
    d->cycle_limit = 0;
    while (p->closed_cycle < p->taken_cycle + after && d->cycle - begin < most)
        device_tick(d);
    d->cycle_limit = limit != 0 ? limit + (d->cycle - begin) : 0;
    p->summed = true;
}

void sim_power_collect(struct sim_power *p, bool complete) {
    struct sim_power_result *r = &p->result;
    const struct device *d = p->device;
    const struct sim_power_tokens *t = &p->tokens;
    struct activity_sum ports = p->activity.sum;
    double total = 0;
    uint64_t windows, closed;
    if (!p->begun)
        return;
    p->collecting = true;
    if (complete) {
        end_pass(p, d->cycle);
        sim_power_check_pass(p); /* the last one */
        if (p->checked != p->activity.sum.passes)
            sim_power_differs(p, &r->counter_mismatches,
                              "counter: latched at the end of pass %" PRIu64 " of %" PRIu64
                              ": the last passes were not compared",
                              p->checked, p->activity.sum.passes);
    }
    do {
        windows = p->windows;
        closed = p->closed;
        p->status = hal_read(&p->hal, LOCKSTEP_REG_STATUS);
        take_snapshot(p);
    } while (p->windows != windows ||
             p->closed != closed); /* what is known of heat must be of the snapshot */
    p->taken = true;
    /* Counted at the ports: what the device did between the reset and the snapshot. Both are
     * writes of CTRL, so both act equally long before they are answered. */
    ports.counts[LOCKSTEP_EVENT_CYCLE] = d->cycle - p->reset_cycle - 1;
    ports.counts[LOCKSTEP_EVENT_REGISTER] = d->accesses - p->reset_accesses;
    ports.counts[LOCKSTEP_EVENT_BURST] = weight_mem_bursts(&d->memory) - p->reset_bursts;
    ports.counts[LOCKSTEP_EVENT_WORD] =
        (weight_mem_beats(&d->memory) - p->reset_beats) * (d->memory.beat_bytes / 16);
    p->taken_cycle = d->cycle;
    r->closed = closed;
    if (complete)
        close_window(p);
    sim_power_read(p, &r->end);
    r->known = true;
    if (complete)
        sim_power_check_end(p, &ports);

    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
        r->events[e] = r->end.sum.counts[e] - p->begin.sum.counts[e];
    r->cycles = r->events[LOCKSTEP_EVENT_CYCLE];
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++) {
        r->energy[u] = r->end.energy[u] - p->begin.energy[u];
        total += (double)r->energy[u];
    }
    if (t->count > 1 && t->last != t->first)
        r->tokens_per_s =
            (double)(t->count - 1) * (double)p->options.clock_hz / (double)(t->last - t->first);
    r->late = t->last - t->first > t->count * (uint64_t)p->settings.token_cycles;
    r->mw_average =
        r->cycles == 0 ? 0 : total / (double)r->cycles * (double)p->options.clock_hz / 1e12;
    /* At the snapshot. A device that was stopped goes on while it is read. */
    r->mw_peak = (double)p->state.peak / 1000;
    r->die_end = (double)(int32_t)(p->state.die >> 16) / DEGREE;
    r->die_peak = (double)p->state.die_peak / DEGREE;
    r->pace_end = p->state.pace;
}
