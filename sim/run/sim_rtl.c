/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The device under the firmware, every word checked, the float reference beside it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/text.h"
#include "csrc/model/configs.h"
#include "generated/device.h"
#include "rtl.h"
#include "sim_drafts.h"
#include "sim_fail.h"
#include "sim_segment.h"

/* A register access takes some cycles; a load by the front door is millions of them. */
#define CYCLES_PER_LOADED_WORD 64u
#define CYCLES_PER_MAC         1u
#define CYCLES_PACED           64u /* times more, at most, when the device may pace itself */
#define CYCLES_AT_LEAST        50000000u
#define CYCLES_TO_READ         1000000u /* what a run has found out */

static uint64_t cycle_limit(const struct sim_run *run) {
    const struct sim_options *o = run->options;
    const struct sim_power_options *p = &o->power;
    const bool paced = p->throttle != SIM_THROTTLE_OFF || p->cap_mw != 0 || p->token_rate > 0;
    const uint64_t tokens = (uint64_t)run->context * o->prompt_count;
    const uint64_t slow = 1 + (o->memory.latency + o->memory.jitter) / 64;
    if (o->cycle_limit != 0)
        return o->cycle_limit;
    const double wait = p->token_rate > 0 ? (double)o->clock_hz / p->token_rate : 0;
    return CYCLES_AT_LEAST + run->model->gguf->size / 4 * CYCLES_PER_LOADED_WORD +
           tokens * run->model->parameters * CYCLES_PER_MAC * slow * (paced ? CYCLES_PACED : 1) +
           tokens * (wait < UINT32_MAX ? (uint64_t)wait : UINT32_MAX);
}

/* The sentence for what went wrong, in run->message. */
static enum sim_verdict fail(struct rtl *rtl, enum fw_status status) {
    struct sim_run *run = rtl->run;
    const struct sim_options *o = run->options;
    char why[sizeof run->message - 1], advice[200];
    char *m = run->message;
    const size_t room = sizeof run->message;
    const enum session_stop stop = session_why(&rtl->session, status, why, sizeof why);
    snprintf(m, room, "%s", why);
    switch (stop) {
    case SESSION_DIFFERENCE:
        return SIM_DIFFERENCE;
    case SESSION_ENOUGH:
        return SIM_STOPPED;
    case SESSION_TRACE:
        return SIM_BAD_INPUT;
    case SESSION_INTERRUPTED:
        return SIM_INTERRUPTED;
    case SESSION_REFUSED:
        configs_advise(&rtl->session.fw_model, &run->limits, advice, sizeof advice);
        snprintf(m, room, "%s: %s; %s%s", o->model, why,
                 status == FW_CONTEXT_FAILED
                     ? "ask for fewer tokens or prompts or a shorter --context; or "
                     : "",
                 advice);
        return SIM_BAD_INPUT;
    case SESSION_LIMIT:
        run->timed_out = true;
        snprintf(m, room, "%s%s", why,
                 o->power.token_rate > 0
                     ? ": --token-rate makes it wait; raise it, or --cycle-limit"
                     : "; raise --cycle-limit if the run is that long");
        break;
    case SESSION_HANGS:
    case SESSION_ERROR:
        break;
    }
    return SIM_DEVICE_ERROR;
}

/* Begins at a later token, whose K and V are there. */
static enum fw_status go_on(struct rtl *rtl) {
    const struct checkpoint *c = &rtl->start.state;
    const uint32_t count = c->known - c->computed;
    const uint32_t prefill = c->computed < c->prompt ? c->prompt - c->computed : 0;
    scoreboard_continue(&rtl->session.board, 0, c->tokens, c->known, c->prompt, c->computed);
    return fw_continue(&rtl->session.firmware, 0, c->tokens + c->computed, count, c->computed,
                       prefill, &c->sampler);
}

/* Every options.every tokens of sequence 0, and behind the last. */
static int keep_checkpoint(struct rtl *rtl, struct ls_error *err) {
    struct sim_run *run = rtl->run;
    const struct sim_options *o = run->options;
    const struct sim_text *t = &run->texts[0];
    const struct scoreboard_sequence *s = &rtl->session.board.sequences[0];
    if (o->checkpoint == NULL ||
        (t->generated_count % o->every != 0 && t->generated_count != o->tokens))
        return 0;
    run->kept = t->generated_count;
    scoreboard_settle(&rtl->session.board);
    const struct checkpoint c = {.tokens = s->tokens,
                                 .known = t->prompt_count + t->generated_count,
                                 .prompt = t->prompt_count,
                                 .computed = t->prompt_count + t->generated_count - 1,
                                 .sampler = rtl->session.firmware.sequences[0].sampler};
    return checkpoint_write(o->checkpoint, rtl->session.board.golden, &c, err);
}

/* Whether the device goes on behind this token, or ends, as it has to. */
static bool ends_rightly(struct rtl *rtl, const struct fw_event *event) {
    const enum sim_end end = sim_run_end(rtl->run, event->sequence);
    const bool last = end == SIM_END_EOG || end == SIM_END_BUDGET || end == SIM_END_CONTEXT;
    return scoreboard_end(
        &rtl->session.board, event->sequence,
        (struct scoreboard_ending){.end_of_generation = end == SIM_END_EOG, .last = last},
        (struct scoreboard_ending){.end_of_generation = event->end_of_generation != 0,
                                   .last = event->last != 0});
}

static enum fw_status next(struct rtl *rtl, struct fw_event *event) {
    return rtl->drafts != NULL ? sim_drafts_next(rtl->drafts, event)
                               : fw_next(&rtl->session.firmware, event);
}

static enum sim_verdict generate(struct rtl *rtl, struct ls_error *err) {
    struct sim_run *run = rtl->run;
    const struct sim_options *o = run->options;
    const bool late = sim_start_wanted(o);
    enum sim_segment_step step;
    const uint32_t all = run->limits.slots;
    const uint32_t slots = o->pass_slots != 0 && o->pass_slots < all ? o->pass_slots : all;
    struct fw_event event;

    if (session_load(&rtl->session, err) != 0)
        return SIM_BAD_INPUT;
    enum fw_status status = rtl->session.status;
    rtl->session.cycles.fault = o->miscount;
    if (status == FW_OK && late &&
        sim_start_find(run, rtl->session.board.golden, rtl->reference, slots, &rtl->start, err) !=
            0)
        return SIM_BAD_INPUT;
    run->forwarded = rtl->start.generated;
    const struct fw_settings settings = {
        .budget = o->tokens - run->forwarded, .pass_slots = o->pass_slots, .sampling = o->sampling};
    if (status == FW_OK && o->drafts == 0)
        status = fw_configure(&rtl->session.firmware, &settings);
    if (status == FW_OK)
        session_begin(&rtl->session);
    if (status == FW_OK && o->drafts != 0 && sim_drafts_open(rtl, &rtl->drafts, err) != 0)
        return SIM_BAD_INPUT;
    if (status == FW_OK && late) {
        session_put_kv(&rtl->session, rtl->session.board.golden, 0, rtl->start.state.computed);
        if (run->segment != NULL && sim_segment_align(rtl, go_on, err) != 0)
            return SIM_BAD_INPUT;
        status = go_on(rtl);
    }
    for (uint32_t i = 0; i < o->prompt_count && status == FW_OK && !late && o->drafts == 0; i++) {
        const struct sim_text *t = &run->texts[i];
        scoreboard_prompt(&rtl->session.board, i, t->prompt, t->prompt_count);
        status = fw_prompt(&rtl->session.firmware, i, t->prompt, t->prompt_count);
    }
    while (status == FW_OK && (status = next(rtl, &event)) == FW_OK) {
        if (rtl->session.device.status != DEVICE_OK ||
            !scoreboard_token(&rtl->session.board, event.sequence, event.token))
            break;
        if (sim_run_token(run, event.sequence, event.token, err) != 0)
            return SIM_BAD_INPUT;
        if (!ends_rightly(rtl, &event))
            break;
        if (run->segment != NULL && (step = sim_segment_token(rtl, err)) != SIM_SEGMENT_ON) {
            rtl->joined = step == SIM_SEGMENT_OVER;
            return rtl->joined ? SIM_PASS : SIM_BAD_INPUT;
        }
        if (keep_checkpoint(rtl, err) != 0)
            return SIM_BAD_INPUT;
        if (o->flip_kv_word != WEIGHT_MEM_NONE &&
            run->texts[event.sequence].generated_count == run->forwarded + 1)
            device_flip_kv(&rtl->session.device, (uint32_t)o->flip_kv_word,
                           (uint32_t)o->flip_kv_bit);
    }
    if (status == FW_DONE && rtl->session.device.status == DEVICE_OK &&
        scoreboard_finish(&rtl->session.board))
        return SIM_PASS;
    return fail(rtl, status);
}

/* Writes options.fail, once, if something went wrong. With cycles to trace this is the second run.
 */
static void explain(struct rtl *rtl) {
    struct sim_run *run = rtl->run;
    const bool wrong = run->verdict == SIM_DIFFERENCE || run->verdict == SIM_DEVICE_ERROR;
    if (wrong && !run->explained && run->options->fail != NULL &&
        run->options->trace_last == UINT64_MAX)
        run->explained = sim_fail_write(run, &rtl->session.board, &rtl->start.state,
                                        &rtl->session.device, &run->not_explained) == 0;
}

/* What the observers find out now that all is over. */
static void check(struct rtl *rtl) {
    struct sim_run *run = rtl->run;
    const struct session *s = &rtl->session;
    const bool right = run->verdict == SIM_PASS;
    session_check(&rtl->session, right);
    if (right && !s->right) {
        snprintf(run->message, sizeof run->message, "%s", s->message);
        run->verdict = SIM_DIFFERENCE;
    }
    run->ops = s->board.ops;
    run->words = s->board.words;
    run->mismatches = s->board.mismatches;
    run->timed_ops = s->cycles.ops;
    run->mistimed = s->cycles.wrong;
    run->power = s->power.result;
}

/* Telemetry is read through the bus, so not of a device that has stopped answering. */
static void collect(struct rtl *rtl) {
    struct sim_run *run = rtl->run;
    struct device *device = &rtl->session.device;
    device->status = DEVICE_OK;
    session_detach(&rtl->session);
    device->interrupted = NULL;
    device->cycle_limit = device->cycle + CYCLES_TO_READ;
    run->simulated_cycles = device->cycle;
    device->trace.stop = false;
    const bool whole = run->verdict == SIM_PASS;
    if (whole) /* before more windows of power pass: what it says does not depend on a trace */
        check(rtl);
    while (device->trace.open && device->trace.last != UINT64_MAX && device->status == DEVICE_OK)
        device_tick(device); /* the run ended within the trace's cycles */
    device_trace_end(device);
    if (device->trace.status != DUT_OK)
        sim_run_unwritten(run, &device->trace.error);
    run->traced = device->trace.written;
    run->trace_cut = device->trace.cut;
    device->trace = (struct device_trace){0};
    device->status = DEVICE_OK;
    explain(rtl); /* while the KV SRAM is as it was */
    if (!whole)
        check(rtl);
    fw_telemetry(&rtl->session.firmware, run->options->clock_hz, &run->device);
    if (run->verdict == SIM_PASS &&
        session_failure(&rtl->session, run->message, sizeof run->message))
        run->verdict = SIM_DEVICE_ERROR;
    if (run->segment == NULL)
        return;
    run->segment->word = rtl->session.board.first.found;
    if (!run->segment->all->apart)
        sim_segment_merge(run, run->segment);
}

static int open_all(struct rtl *rtl, struct ls_error *err) {
    struct sim_run *run = rtl->run;
    struct session *session = &rtl->session;
    const struct sim_options *o = run->options;
    const struct session_settings settings = {
        .seed = o->sampling.seed, .memory = o->memory, .power = o->power};
    const struct session_layout layout = {.sequences = o->prompt_count,
                                          .context = run->context,
                                          .list_size = !sampler_is_greedy(&o->sampling)
                                                           ? sampler_list_size(&o->sampling)
                                                       : o->drafts != 0 ? 1
                                                                        : 0,
                                          .checked = true,
                                          .front_door = o->front_door};
    session->owner = rtl;
    if (session_open(session, &settings, err) != 0)
        return -1;
    session->device.interrupted = run->interrupted;
    run->limits = session->firmware.limits;
    run->assertions = dut_assertions();
    session->device.cycle_limit = cycle_limit(run);
    if (session->device.cycle_limit <= session->device.cycle)
        return ls_error_set(err,
                            "--cycle-limit %" PRIu64 ": the device takes %" PRIu64
                            " cycles to be found; allow more",
                            o->cycle_limit, session->device.cycle);
    if (session_model(session, run->model, &layout, err) != 0)
        return -1;
    rtl->session.board.patient = o->fail != NULL;
    if (run->window == NULL && o->trace != NULL) {
        /* The run that explains a difference has it at the end of its window. */
        const bool explains = o->trace_last != UINT64_MAX && o->fail != NULL;
        rtl->session.device.trace =
            (struct device_trace){.path = o->trace,
                                  .first = o->trace_first,
                                  .last = o->trace_last,
                                  .most = explains ? UINT64_MAX : o->trace_most,
                                  .stop = o->trace_last != UINT64_MAX && !explains};
    }
    return session_observe(session, rtl_observers, rtl_observer_count, err);
}

static void unwritten(void *owner, const struct ls_error *err) {
    const struct rtl *rtl = owner;
    sim_run_unwritten(rtl->run, err);
}

enum sim_verdict sim_run_rtl(struct sim_run *run, struct ls_error *err) {
    struct rtl *rtl = calloc(1, sizeof *rtl);
    if (rtl == NULL) {
        ls_error_set(err, "out of memory");
        return run->verdict = SIM_BAD_INPUT;
    }
    rtl->run = run;
    run->verdict = SIM_BAD_INPUT;
    if (open_all(rtl, err) == 0) {
        const double start = sim_now();
        run->load_seconds = sim_worked();
        run->verdict = generate(rtl, err);
        scoreboard_settle(&rtl->session.board);
        text_clean(run->message); /* names of files are in it */
        run->seconds = sim_now() - start;
        if (run->verdict == SIM_BAD_INPUT && run->message[0] != '\0')
            ls_error_set(err, "%s", run->message);
        if (sim_segment_turn(rtl))
            collect(rtl);
        if (run->verdict == SIM_PASS && run->options->trace != NULL && run->window == NULL &&
            !run->traced && run->unwritten.text[0] == '\0') {
            ls_error_set(err, "--cycles %" PRIu64 ":%" PRIu64 ": this run has cycles 0 to %" PRIu64,
                         run->options->trace_first, run->options->trace_last,
                         run->simulated_cycles);
            run->verdict = SIM_BAD_INPUT;
        }
    }
    sim_start_close(&rtl->start);
    sim_drafts_close(rtl->drafts);
    session_unobserve(&rtl->session, unwritten);
    session_close(&rtl->session);
    free(rtl);
    return run->verdict;
}
