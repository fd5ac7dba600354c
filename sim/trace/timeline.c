/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Each cycle is looked at once; what lasts becomes a span when it ends. Stalls come and go within
 * cycles, so those that are close make one span that counts them. The level of the weight FIFO,
 * which changes all the time, is told every PERIOD cycles, so that long runs stay small; those of
 * the token FIFOs when they change.
 */
#include "timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/device_info.h"
#include "csrc/base/text.h"
#include "timeline_gantt.h"
#include "timeline_json.h"
#include "timeline_ports.h"

#define PERIOD       256u /* cycles between two values of a counter */
#define MOST_SLOTS   8u
#define NO_LAYER     UINT32_MAX
#define DEGREE       65536.0
#define PICO_PER_MIL 1e12 /* fJ a second in a mW */

enum track {
    TRACK_FIRMWARE = 1,
    TRACK_SLOT, /* and those of the other slots */
    TRACK_SEQUENCER = TRACK_SLOT + MOST_SLOTS,
    TRACK_UNIT, /* of each enum gantt_unit */
    TRACK_STALL = TRACK_UNIT + (int)GANTT_UNITS
};

/* Why nothing moves. */
enum stall { STALL_WEIGHTS, STALL_PACING, STALL_TOKEN_OUT, STALL_TOKEN_IN, STALLS };

static const char *const stall_names[STALLS] = {"stall: waits for weights",
                                                "stall: paced (heat, power, rate)",
                                                "stall: token-out full", "stall: nothing to do"};
static const char *const state_names[] = {"idle", "form pass", "fetch op", "execute",  "sample",
                                          "push", "validate",  "error",    "throttled"};

struct probe {
    const void *signal;
    size_t bytes;
};

enum {
    P_START,
    P_DONE,
    P_OP,
    P_PC,
    P_LAYER,
    P_SLOTS,
    P_STATE,
    P_IN_LEVEL,
    P_OUT_LEVEL,
    P_OUT_FULL,
    P_BEATS,
    P_STALL,
    P_MACS,
    PROBES
};
static const char *const probe_names[PROBES] = {
    "op_start",        "op_done",        "op",          "op_pc",
    "op_layer",        "op_slots",       "state",       "token_in_level",
    "token_out_level", "token_out_full", "beats_level", "weight_stall",
    "weight_macs"};

struct op {
    bool active;
    uint32_t op, pc, layer, slots;
    uint64_t begin, end, stalls;
    bool in_layer; /* its record says so */
    char name[64];
    size_t size;
};

struct stretch { /* of a stall */
    bool open;
    uint64_t begin, last, count;
};

struct timeline {
    struct timeline_subject of;
    const struct device *device;
    const struct sim_power *power;
    const struct fw_program *program; /* NULL while loading */
    char json_path[512], svg_path[512], table_path[512];
    struct timeline_json json;
    struct gantt now, last; /* the pass under way and the last whole one */
    char title[256], last_title[256];
    struct probe probe[PROBES];

    struct op op, before; /* the running op; the one that ended, until it is named */
    struct stretch stalls[STALLS];
    uint32_t state;
    uint64_t state_begin;
    uint64_t cycle; /* the newest one looked at */
    struct {
        uint32_t token, position, sequence;
    } slots[MOST_SLOTS];
    uint32_t slot_mask;
    bool in_pass;
    uint64_t pass_begin;
    uint32_t positions[SCOREBOARD_SEQUENCES]; /* that the KV SRAM holds, by sequence */

    struct timeline_bus bus;
    struct timeline_stream stream;

    uint64_t busy[GANTT_CURVES]; /* cycles since the last values were told */
    uint32_t told_beats, told_in, told_out;
    uint64_t window_end; /* of the power window whose energies came last; 0: told already */
};

static uint32_t track_of(enum gantt_unit unit) {
    return TRACK_UNIT + (uint32_t)unit;
}

static uint64_t get(const struct timeline *t, int which) {
    uint64_t value = 0;
    memcpy(&value, t->probe[which].signal, t->probe[which].bytes);
    return value;
}

int timeline_open(const char *base, const struct timeline_subject *of, struct timeline **out,
                  struct ls_error *err) {
    struct timeline *t = calloc(1, sizeof *t);
    char name[40];
    *out = t;
    if (t == NULL)
        return ls_error_set(err, "out of memory");
    t->of = *of;
    t->device = of->device;
    t->power = of->power;
    t->stream.file = of->model->gguf;
    for (int i = 0; i < PROBES; i++) {
        t->probe[i].signal = dut_port(of->device->dut, probe_names[i]);
        t->probe[i].bytes = dut_port_bytes(of->device->dut, probe_names[i]);
        if (t->probe[i].signal == NULL || t->probe[i].bytes > sizeof(uint64_t))
            return ls_error_set(err, "--timeline: this build of the device has no probe '%s'",
                                probe_names[i]);
    }
    if ((size_t)snprintf(t->json_path, sizeof t->json_path, "%s.json", base) >=
            sizeof t->json_path ||
        (size_t)snprintf(t->table_path, sizeof t->table_path, "%s.txt", base) >=
            sizeof t->table_path ||
        (size_t)snprintf(t->svg_path, sizeof t->svg_path, "%s.svg", base) >= sizeof t->svg_path)
        return ls_error_set(err, "--timeline: too long a name");
    remove(t->svg_path); /* of a run before, and this one may have none */
    remove(t->table_path);
    if (timeline_json_open(&t->json, t->json_path, of->clock_hz, err) != 0)
        return -1;
    timeline_json_process(&t->json, "Lockstep");
    timeline_json_track(&t->json, TRACK_FIRMWARE, "firmware");
    for (uint32_t i = 0; i < of->slots && i < MOST_SLOTS; i++) {
        snprintf(name, sizeof name, "tokens, slot %u", i);
        timeline_json_track(&t->json, TRACK_SLOT + i, name);
    }
    timeline_json_track(&t->json, TRACK_SEQUENCER, "sequencer");
    for (uint32_t i = 0; i < GANTT_UNITS; i++)
        timeline_json_track(&t->json, track_of((enum gantt_unit)i), gantt_unit_name[i]);
    for (uint32_t i = 0; i < STALLS; i++)
        timeline_json_track(&t->json, TRACK_STALL + i, stall_names[i]);
    return 0;
}

static void span(struct timeline *t, uint32_t track, const char *name, uint64_t begin,
                 uint64_t end) {
    timeline_json_span(&t->json, track, name, strlen(name), begin, end, "%s", "");
}

void timeline_begin(struct timeline *t) {
    t->program = t->of.program;
    span(t, TRACK_FIRMWARE, "load the model", 0, t->device->cycle);
    t->state_begin = t->device->cycle;
}

/* ---- Ops ---- */

static enum gantt_unit unit_of(uint32_t op) {
    const uint32_t unit = op_info_of(op) != NULL ? op_info[op].unit : LOCKSTEP_UNIT_VECTOR;
    return unit == LOCKSTEP_UNIT_DOT         ? GANTT_DOT
           : unit == LOCKSTEP_UNIT_ATTENTION ? GANTT_ATTENTION
                                             : GANTT_VECTOR;
}

/* The last op has its name by now: its words are committed before the next op ends. */
static void write_op(struct timeline *t) {
    struct op *o = &t->before;
    const enum gantt_unit unit = unit_of(o->op);
    if (!o->active)
        return;
    o->active = false;
    if (o->size == 0) {
        snprintf(o->name, sizeof o->name, "%s", op_name(o->op));
        o->size = strlen(o->name);
    }
    timeline_json_span(&t->json, track_of(unit), o->name, o->size, o->begin, o->end,
                       ",\"op\":\"%s\",\"pc\":%u,\"layer\":%u,\"slots\":%u,\"stalls\":%" PRIu64,
                       op_name(o->op), o->pc, o->layer, o->slots, o->stalls);
    gantt_op(&t->now, unit, o->op,
             o->in_layer || (o->op == LOCKSTEP_OP_QUANT && o->layer < t->of.model->layers)
                 ? o->layer
                 : NO_LAYER,
             o->name, o->size, o->begin, o->end);
}

void timeline_op(struct timeline *t, const struct scoreboard_op *op) {
    struct op *o =
        op->pc == t->op.pc && op->layer == t->op.layer && t->op.active ? &t->op : &t->before;
    if (op->record == NULL || o->op != op->op || o->pc != op->pc || o->layer != op->layer)
        return;
    o->size = timeline_bare_size(op->record->tensor, strlen(op->record->tensor));
    if (o->size >= sizeof o->name)
        o->size = sizeof o->name - 1;
    memcpy(o->name, op->record->tensor, o->size);
    o->in_layer = op->record->layer >= 0;
    o->name[o->size] = '\0';
}

static void watch_ops(struct timeline *t, uint64_t cycle) {
    if (get(t, P_START) != 0)
        t->op = (struct op){.active = true,
                            .op = (uint32_t)get(t, P_OP),
                            .pc = (uint32_t)get(t, P_PC),
                            .layer = (uint32_t)get(t, P_LAYER),
                            .slots = (uint32_t)get(t, P_SLOTS),
                            .begin = cycle};
    if (t->op.active && get(t, P_DONE) != 0) {
        write_op(t);
        t->before = t->op;
        t->before.end = cycle + 1;
        t->op.active = false;
    }
}

static void draw_piece(struct timeline *t) {
    const struct timeline_piece *p = &t->stream.piece;
    if (t->in_pass && p->end > t->pass_begin)
        gantt_op(&t->now, GANTT_PORT, LOCKSTEP_OP_MATVEC, NO_LAYER, p->name, p->size,
                 p->begin > t->pass_begin ? p->begin : t->pass_begin, p->end);
}

static void end_stream(struct timeline *t) {
    if (timeline_stream_end(&t->stream, t->device, &t->json, track_of(GANTT_PORT)))
        draw_piece(t);
}

/* ---- Passes and their tokens ---- */

void timeline_commit(struct timeline *t, const struct device_commit *c) {
    if (c->op != LOCKSTEP_OP_PASS || c->slot >= MOST_SLOTS || c->count < 3)
        return;
    t->slots[c->slot].token = c->words[0];
    t->slots[c->slot].position = c->words[1];
    t->slots[c->slot].sequence = c->words[2];
    t->slot_mask |= 1u << c->slot;
    if (c->words[2] < SCOREBOARD_SEQUENCES)
        t->positions[c->words[2]] = c->words[1] + 1;
}

/* One more token of the pass; those that have no room any more are left out. */
static void add_to_title(struct timeline *t, const char *text, size_t size, uint32_t position) {
    const size_t used = strlen(t->title);
    char shown[64], more[128];
    text_copy(shown, sizeof shown, text, size);
    const int length = snprintf(more, sizeof more, "%s\"%s\" at position %u", used != 0 ? ", " : "",
                                shown, position);
    if (used + (size_t)length < sizeof t->title)
        memcpy(t->title + used, more, (size_t)length + 1);
}

static void end_pass(struct timeline *t, uint64_t cycle) {
    char text[64];
    uint32_t positions = 0;
    t->title[0] = '\0';
    write_op(t);
    end_stream(t);
    for (uint32_t i = 0; i < MOST_SLOTS; i++) {
        if (((t->slot_mask >> i) & 1u) == 0)
            continue;
        const size_t size = tokenizer_show(t->of.tokenizer, t->slots[i].token, text, sizeof text);
        timeline_json_span(&t->json, TRACK_SLOT + i, text, size, t->pass_begin, cycle,
                           ",\"token\":%u,\"sequence\":%u,\"position\":%u", t->slots[i].token,
                           t->slots[i].sequence, t->slots[i].position);
        add_to_title(t, text, size, t->slots[i].position);
    }
    for (uint32_t i = 0; i < SCOREBOARD_SEQUENCES; i++)
        positions += t->positions[i];
    const struct ls_model *m = t->of.model;
    timeline_json_counter(&t->json, "KV SRAM (words)", cycle, "\"used\":%" PRIu64,
                          (uint64_t)positions * m->layers * m->kv_heads * 2 *
                              ((m->head_dim + 31) / 32));
    gantt_end(&t->now, cycle);
    if (t->now.whole && t->slot_mask != 0) {
        const struct gantt spare = t->last;
        t->last = t->now;
        t->now = spare;
        memcpy(t->last_title, t->title, sizeof t->title);
    }
    t->slot_mask = 0;
    t->in_pass = false;
}

/* The state that ends now; IDLE is among the stalls and EXECUTE is told by the units. */
static void write_state(struct timeline *t, uint64_t cycle) {
    const uint32_t was = t->state;
    if (was == LOCKSTEP_STATE_SAMPLE) {
        span(t, track_of(GANTT_SAMPLER), "SAMPLE", t->state_begin, cycle);
        gantt_op(&t->now, GANTT_SAMPLER, LOCKSTEP_OP_SAMPLE, NO_LAYER, "SAMPLE", 6, t->state_begin,
                 cycle);
    } else if (was != LOCKSTEP_STATE_IDLE && was != LOCKSTEP_STATE_EXECUTE &&
               was < sizeof state_names / sizeof *state_names) {
        span(t, TRACK_SEQUENCER, state_names[was], t->state_begin, cycle);
    }
}

static void watch_state(struct timeline *t, uint64_t cycle) {
    const uint32_t state = (uint32_t)get(t, P_STATE);
    const uint32_t was = t->state;
    if (state == was)
        return;
    write_state(t, cycle);
    t->state = state;
    t->state_begin = cycle;
    if (!t->in_pass && state == LOCKSTEP_STATE_FORM) {
        t->in_pass = true;
        t->pass_begin = cycle;
        gantt_begin(&t->now, cycle);
    } else if (t->in_pass && (state == LOCKSTEP_STATE_IDLE || state == LOCKSTEP_STATE_FORM) &&
               was != LOCKSTEP_STATE_FORM) {
        end_pass(t, cycle);
        if (state == LOCKSTEP_STATE_FORM) {
            t->in_pass = true;
            t->pass_begin = cycle;
            gantt_begin(&t->now, cycle);
        }
    }
}

/* ---- Stalls ---- */

static void end_stall(struct timeline *t, int which) {
    struct stretch *s = &t->stalls[which];
    if (s->open)
        timeline_json_span(&t->json, TRACK_STALL + (uint32_t)which, stall_names[which] + 7,
                           strlen(stall_names[which] + 7), s->begin, s->last + 1,
                           ",\"stalled\":%" PRIu64, s->count);
    s->open = false;
}

static void watch_stall(struct timeline *t, int which, bool stalled, uint64_t cycle) {
    struct stretch *s = &t->stalls[which];
    if (s->open && cycle - s->last > TIMELINE_CLOSE)
        end_stall(t, which);
    if (!stalled)
        return;
    if (!s->open)
        *s = (struct stretch){.open = true, .begin = cycle};
    s->last = cycle;
    s->count++;
}

/* ---- Counters ---- */

/* Power is an average of the window, which lies behind by now: the thermal step takes its time. */
void timeline_window(struct timeline *t, uint32_t die, uint32_t package, uint32_t pace) {
    const struct sim_power *p = t->power;
    const uint64_t cycle = t->device->cycle;
    const double cycles = (double)(UINT64_C(1) << p->settings.window_log2);
    const double mw = (double)t->of.clock_hz / cycles / PICO_PER_MIL;
    char series[512] = "";
    if (t->window_end == 0)
        return;
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++) {
        const size_t used = strlen(series);
        snprintf(series + used, sizeof series - used, "%s\"%s\":%.3f", used != 0 ? "," : "",
                 unit_info[u].key, (double)p->part[u] * mw);
    }
    timeline_json_counter(&t->json, "power (mW)",
                          t->window_end - (UINT64_C(1) << p->settings.window_log2), "%s", series);
    timeline_json_counter(&t->json, "temperature (C)", cycle, "\"die\":%.4f,\"package\":%.4f",
                          (double)(int32_t)die / DEGREE, (double)(int32_t)package / DEGREE);
    timeline_json_counter(&t->json, "pace (1: full speed)", cycle, "\"pace\":%u", pace);
    t->window_end = 0;
}

static void watch_tokens(struct timeline *t, uint64_t cycle) {
    const uint32_t in = (uint32_t)get(t, P_IN_LEVEL), out = (uint32_t)get(t, P_OUT_LEVEL);
    if (in != t->told_in || out != t->told_out)
        timeline_json_counter(&t->json, "token FIFOs (words)", cycle, "\"in\":%u,\"out\":%u", in,
                              out);
    t->told_in = in;
    t->told_out = out;
}

static void tell_levels(struct timeline *t, uint64_t cycle) {
    const uint32_t beats = (uint32_t)get(t, P_BEATS);
    if (beats != t->told_beats)
        timeline_json_counter(&t->json, "weight FIFO (beats)", cycle, "\"level\":%u", beats);
    timeline_json_counter(
        &t->json, "busy (% of cycles)", cycle - PERIOD,
        "\"dot array\":%.1f,\"weight port\":%.1f,\"vector unit\":%.1f,\"attention unit\":%.1f",
        (double)t->busy[GANTT_DOT] * 100 / PERIOD, (double)t->busy[GANTT_PORT] * 100 / PERIOD,
        (double)t->busy[GANTT_VECTOR] * 100 / PERIOD,
        (double)t->busy[GANTT_ATTENTION] * 100 / PERIOD);
    memset(t->busy, 0, sizeof t->busy);
    t->told_beats = beats;
}

void timeline_cycle(struct timeline *t) {
    const uint64_t cycle = t->device->cycle;
    if (t->program == NULL)
        return;
    t->cycle = cycle;
    watch_state(t, cycle);
    watch_ops(t, cycle);
    watch_tokens(t, cycle);
    if (*t->device->port.part_valid && *t->device->port.part_unit == 0)
        t->window_end = cycle;
    const bool stalled = get(t, P_STALL) != 0;
    const bool running = t->op.active || (t->before.active && t->before.end == cycle + 1);
    const enum gantt_unit unit = unit_of(t->op.op);
    uint32_t busy = (get(t, P_MACS) != 0 ? 1u << GANTT_DOT : 0) |
                    ((t->device->memory.r_taken & 1) != 0 ? 1u << GANTT_PORT : 0) |
                    (running && unit != GANTT_DOT ? 1u << unit : 0);
    t->op.stalls += stalled;
    watch_stall(t, STALL_WEIGHTS, stalled, cycle);
    watch_stall(t, STALL_PACING, t->state == LOCKSTEP_STATE_THROTTLED, cycle);
    watch_stall(t, STALL_TOKEN_OUT, t->state == LOCKSTEP_STATE_PUSH && get(t, P_OUT_FULL) != 0,
                cycle);
    watch_stall(t, STALL_TOKEN_IN, t->state == LOCKSTEP_STATE_IDLE, cycle);
    timeline_bus_watch(&t->bus, t->device, &t->json, TRACK_FIRMWARE);
    if (timeline_stream_watch(&t->stream, t->device, &t->json, track_of(GANTT_PORT)))
        draw_piece(t);
    if (t->in_pass)
        gantt_cycle(&t->now, busy);
    for (int u = 0; u < GANTT_CURVES; u++)
        t->busy[u] += (busy >> u) & 1u;
    if (cycle % PERIOD == 0)
        tell_levels(t, cycle);
}

int timeline_close(struct timeline *t, struct ls_error *err) {
    char title[400];
    int status = 0;
    if (t == NULL)
        return 0;
    if (t->program == NULL)
        output_discard(&t->json.out); /* the run has not begun */
    if (t->json.out.file != NULL) {
        write_op(t);
        if (t->op.active) { /* the device stopped or hangs in it */
            t->before = t->op;
            t->before.end = t->cycle + 1;
            write_op(t);
        }
        write_state(t, t->cycle + 1);
        end_stream(t);
        timeline_bus_end(&t->bus, &t->json, TRACK_FIRMWARE);
        for (int i = 0; i < STALLS; i++)
            end_stall(t, i);
        status = timeline_json_close(&t->json, err);
    }
    if (status == 0 && t->last.whole) {
        char shown[128];
        text_copy(shown, sizeof shown, t->of.title, strlen(t->of.title));
        snprintf(title, sizeof title, "%s, %s", shown, t->last_title);
        status = gantt_write(&t->last, t->svg_path, title, t->of.clock_hz, err);
        if (status == 0)
            status = gantt_write_table(&t->last, t->table_path, title, err);
    }
    gantt_close(&t->now);
    gantt_close(&t->last);
    free(t);
    return status;
}
