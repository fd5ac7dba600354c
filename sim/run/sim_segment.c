/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Seam by seam.
 */
#include "sim_segment.h"

#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "csrc/base/device_info.h"
#include "generated/device.h"

#define ENTER_MOST 1000000u /* cycles from the first register access to the first pass */

bool sim_flag(const uint32_t *flag) {
    return __atomic_load_n(flag, __ATOMIC_ACQUIRE) != 0;
}

void sim_flag_set(uint32_t *flag) {
    __atomic_store_n(flag, 1, __ATOMIC_RELEASE);
}

void sim_segment_wait(void) {
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static bool is_interrupted(const struct rtl *rtl) {
    return rtl->run->interrupted != NULL && *rtl->run->interrupted;
}

/* ---- a look ahead: a copy of this process goes on, tells and ends ---- */

/* From now on the copy tells nobody. */
static void be_silent(struct rtl *rtl) {
    struct device *d = &rtl->session.device;
    session_detach(&rtl->session);
    d->on_part = NULL;
    d->on_window = NULL;
    d->on_progress = NULL;
    d->interrupted = NULL;
    d->cycle_limit = 0;
}

/* Returns whether the copy came to its end. */
static bool has_ended(pid_t copy) {
    int status = -1;
    return copy > 0 && waitpid(copy, &status, 0) == copy && status == 0;
}

/* ---- where it begins ---- */

struct ahead {
    const struct device *device;
    uint64_t from;
    int out;
};

/* The copy has come as far as it should. */
static void tell_pass(void *observer, enum device_pulse pulse) {
    const struct ahead *a = observer;
    const uint64_t cycles = a->device->cycle - a->from;
    if (pulse == DEVICE_PASS_START)
        _exit(write(a->out, &cycles, sizeof cycles) == (ssize_t)sizeof cycles ? 0 : 1);
}

/* Cycles from here to the begin of the first pass. */
static int look_ahead(struct rtl *rtl, enum fw_status (*enter)(struct rtl *rtl), uint64_t *cycles,
                      struct ls_error *err) {
    struct device *d = &rtl->session.device;
    struct fw_event event;
    int ends[2];
    if (pipe(ends) != 0)
        return ls_error_set(err, "--jobs: no pipe for a copy of the process");
    const pid_t copy = fork();
    if (copy == 0) {
        struct ahead ahead = {d, d->cycle, ends[1]};
        be_silent(rtl);
        d->observer = &ahead;
        d->on_pulse = tell_pass;
        d->cycle_limit = d->cycle + ENTER_MOST;
        if (enter(rtl) == FW_OK)
            (void)fw_next(&rtl->session.firmware, &event);
        _exit(1);
    }
    close(ends[1]);
    const bool told = read(ends[0], cycles, sizeof *cycles) == (ssize_t)sizeof *cycles;
    close(ends[0]);
    return has_ended(copy) && told
               ? 0
               : ls_error_set(err, "--jobs: a copy of the process did not come to its first pass");
}

/* From the begin of a pass to the end of its last op. */
static uint64_t pass_cycles(struct cycles *c, uint64_t begin, const struct cycles_slot *slot,
                            uint32_t fault) {
    struct cycles_op op;
    uint64_t cycle = begin;
    cycles_pass(c, begin, slot, 1);
    while (cycles_next(c, cycle, &op))
        cycle = op.start + cycles_run(c, op.start) + fault;
    return cycle - begin;
}

/* The cycle at which the pass of position state.computed has to begin so that those behind it begin
 * as in a single run. */
static int predict(struct rtl *rtl, uint64_t *cycle, struct ls_error *err) {
    const struct sim_segments *all = rtl->run->segment->all;
    const struct checkpoint *c = &rtl->start.state;
    const struct session *s = &rtl->session;
    const struct walk_choice *choices = rtl->start.choices;
    struct cycles *model;
    if (cycles_open(&model, &s->firmware.program, &s->fw_model, &s->firmware.limits,
                    s->settings.memory.latency, err) != 0)
        return -1;
    *cycle = all->anchor;
    for (uint32_t i = c->prompt + 1; i < c->computed; i++) {
        const struct cycles_slot slot = {
            .position = i,
            .token = c->tokens[i],
            .wants = true,
            .choice = choices == NULL ? NULL : choices + (size_t)i * s->model->layers};
        *cycle += pass_cycles(model, *cycle, &slot, s->cycles.fault) + all->rest;
    }
    /* Behind this pass it rests as behind tokens of the firmware. Where that chooses, every token
     * comes from it. */
    if (s->layout.list_size == 0)
        *cycle += all->rest - all->rest_first;
    cycles_close(model);
    return 0;
}

int sim_segment_align(struct rtl *rtl, enum fw_status (*enter)(struct rtl *rtl),
                      struct ls_error *err) {
    struct session *s = &rtl->session;
    struct sim_power *p = &s->power;
    const uint64_t window = UINT64_C(1) << p->settings.window_log2;
    uint64_t enters, begins;
    while (!sim_flag(&rtl->run->segment->all->anchored)) {
        if (is_interrupted(rtl))
            return ls_error_set(err, "interrupted");
        sim_segment_wait();
    }
    if (look_ahead(rtl, enter, &enters, err) != 0 || predict(rtl, &begins, err) != 0)
        return -1;
    while ((begins - enters - s->device.cycle) % window != 0)
        device_tick(&s->device);
    const uint64_t jump = begins - enters - s->device.cycle;
    s->device.cycle += jump;
    p->reset_cycle += jump;
    p->window_cycle += jump;
    p->closed_cycle += jump;
    return 0;
}

/* ---- a seam ---- */

static void hash_kv(const struct golden *golden, const struct ls_model *model, uint32_t positions,
                    char hex[SHA256_HEX]) {
    struct golden_kv_place p = {0};
    struct sha256 sum;
    uint32_t word[GOLDEN_KV_BLOCK_WORDS];
    sha256_start(&sum);
    for (p.layer = 0; p.layer < model->layers; p.layer++)
        for (p.value = 0; p.value < 2; p.value++)
            for (p.head = 0; p.head < model->kv_heads; p.head++)
                for (p.position = 0; p.position < positions; p.position++)
                    for (p.block = 0; p.block < golden_kv_blocks(golden); p.block++) {
                        golden_kv_get(golden, &p, word);
                        sha256_add(&sum, word, sizeof word);
                    }
    sha256_finish(&sum, hex);
}

static void take_seam(struct rtl *rtl, struct sim_seam *seam) {
    const struct session *s = &rtl->session;
    const struct sim_text *t = &rtl->run->texts[0];
    const struct sim_cycles *c = &s->cycles;
    struct sha256 sum;
    memset(seam, 0, sizeof *seam); /* it is compared byte by byte */
    seam->cycle = s->device.cycle;
    seam->pass = c->begin;
    seam->op = c->start;
    seam->done = c->done;
    seam->pc = c->op.pc;
    seam->layer = c->op.layer;
    seam->bursts = s->device.memory.channel[0].count;
    seam->known = t->prompt_count + t->generated_count;
    seam->positions = seam->known - 1;
    seam->unread = s->power.activity.sum.passes - s->power.checked;
    seam->random = s->firmware.sequences[0].sampler.random;
    sha256_start(&sum);
    sha256_add(&sum, t->prompt, t->prompt_count * sizeof *t->prompt);
    sha256_add(&sum, t->generated, t->generated_count * sizeof *t->generated);
    sha256_finish(&sum, seam->tokens);
    hash_kv(s->board.golden, s->model, seam->positions, seam->kv);
}

/* Counters are read in a copy of the process, so that the device does not see it. */
static int take_tally(struct rtl *rtl, struct sim_tally *tally, struct ls_error *err) {
    struct session *s = &rtl->session;
    const struct sim_segment *segment = rtl->run->segment;
    const pid_t copy = fork();
    if (copy == 0) { /* `tally` is shared */
        be_silent(rtl);
        if (s->power.begun)
            hal_write(&s->power.hal, LOCKSTEP_REG_SNAPSHOT_AT, 0);
        fw_telemetry(&s->firmware, rtl->run->options->clock_hz, &tally->telemetry);
        if (s->power.begun)
            sim_power_read(&s->power, &tally->reading);
        _exit(s->device.status == DEVICE_OK ? 0 : 1);
    }
    memcpy(tally->parts, s->power.parts, sizeof tally->parts);
    tally->ops = s->board.ops;
    tally->words = s->board.words;
    tally->timed_ops = s->cycles.ops;
    tally->passes = s->power.result.passes;
    tally->windows = s->power.result.windows;
    tally->flips = s->device.memory.flips;
    tally->errors = s->device.memory.errors;
    tally->hangs = s->device.memory.hangs;
    tally->witnesses = segment->witnesses;
    tally->rows = segment->row_count;
    return has_ended(copy) ? 0 : ls_error_set(err, "--jobs: the counters could not be read");
}

static int take_state(struct rtl *rtl, struct sim_seam_state *state, struct ls_error *err) {
    scoreboard_settle(&rtl->session.board);
    take_seam(rtl, &state->seam);
    return take_tally(rtl, &state->tally, err);
}

/* Run again after it was killed, it must come to the seam at which it was joined. */
static int begin(struct rtl *rtl, struct ls_error *err) {
    struct sim_segment *segment = rtl->run->segment;
    const struct sim_seam old = segment->begin.seam;
    const bool again = sim_flag(&segment->begun);
    if (take_state(rtl, &segment->begin, err) != 0)
        return -1;
    if (again && memcmp(&old, &segment->begin.seam, sizeof old) != 0)
        return ls_error_set(err, "--jobs: token %u: run again, the device came to another state",
                            segment->first);
    sim_flag_set(&segment->begun);
    return 0;
}

/* Whether the next process stands where this one does. If it does not, or what it was to stand
 * there by has been wrong, this one goes on alone. */
static int end(struct rtl *rtl, bool *joined, struct ls_error *err) {
    struct sim_segment *segment = rtl->run->segment;
    const struct sim_segment *next = segment + 1;
    if (take_state(rtl, &segment->end, err) != 0)
        return -1;
    if (segment->all->apart) {
        sim_flag_set(rtl->session.cycles.wrong == 0 ? &segment->ended : &segment->barred);
        *joined = true;
        return 0;
    }
    if (rtl->session.cycles.wrong != 0)
        sim_flag_set(&segment->alone);
    if (sim_flag(&segment->alone))
        return 0;
    while (!sim_flag(&next->begun) && !sim_flag(&next->barred) && !is_interrupted(rtl))
        sim_segment_wait();
    *joined = sim_flag(&next->begun) &&
              memcmp(&segment->end.seam, &next->begin.seam, sizeof next->begin.seam) == 0;
    if (*joined)
        sim_flag_set(&segment->joined);
    else if (!is_interrupted(rtl))
        sim_flag_set(&segment->alone);
    return 0;
}

enum sim_segment_step sim_segment_token(struct rtl *rtl, struct ls_error *err) {
    struct sim_segment *segment = rtl->run->segment;
    const struct sim_text *text = &rtl->run->texts[0];
    const uint32_t count = text->generated_count;
    bool joined = false;
    segment->tokens[count - 1] = text->generated[count - 1];
    __atomic_store_n(&segment->generated, count, __ATOMIC_RELEASE);
    if (segment->row_count == SIM_SEGMENT_WINDOWS) {
        ls_error_set(err, "--jobs: more than %u power windows in a part; ask for more parts",
                     SIM_SEGMENT_WINDOWS);
        return SIM_SEGMENT_BROKEN;
    }
    if (count == segment->first && begin(rtl, err) != 0)
        return SIM_SEGMENT_BROKEN;
    if (count == segment->last && segment->index + 1 < segment->all->count &&
        !ls_model_is_eog(rtl->run->model, text->generated[count - 1]) &&
        end(rtl, &joined, err) != 0)
        return SIM_SEGMENT_BROKEN;
    return joined ? SIM_SEGMENT_OVER : SIM_SEGMENT_ON;
}
