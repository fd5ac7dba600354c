/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Op by op, as the device starts and ends them.
 */
#include "sim_cycles.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "csrc/base/device_info.h"
#include "csrc/model/bridge.h"
#include "sim_choice.h"

int sim_cycles_open(struct sim_cycles *s, const struct fw_program *program,
                    const struct fw_model *model, const struct fw_limits *limits,
                    const struct weight_mem_settings *memory, const struct ls_model *names,
                    struct ls_error *err) {
    const bool regular = memory->jitter == 0 && memory->gaps == 0;
    memset(s, 0, sizeof *s);
    s->names = names;
    s->exact = regular;
    return cycles_open(&s->model, program, model, limits,
                       regular ? memory->latency : CYCLES_ANY_PORT, err);
}

void sim_cycles_close(struct sim_cycles *s) {
    cycles_close(s->model);
    s->model = NULL;
}

void sim_cycles_slot(struct sim_cycles *s, uint32_t position, uint32_t token, bool wants) {
    if (s->slot_count < CYCLES_SLOTS)
        s->slots[s->slot_count++] =
            (struct cycles_slot){.position = position, .token = token, .wants = wants};
}

/* Whether the op's cycles are known to the last: those without weights wait for no port. */
static bool is_exact(const struct sim_cycles *s) {
    return s->exact || s->op.tensor == WALK_NO_TENSOR;
}

/* Notes the first op that is not as predicted. */
static void note(struct sim_cycles *s, const char *what, uint64_t actual, uint64_t predicted) {
    const struct gguf_string none = {"none", 4};
    const struct gguf_string tensor =
        s->op.tensor == WALK_NO_TENSOR ? none : bridge_tensor_name(s->names, s->op.tensor);
    if (s->wrong++ != 0)
        return;
    snprintf(s->text, sizeof s->text,
             "op %u %s, layer %u, tensor %.*s, position %u: %s %" PRIu64 ", predicted %s%" PRIu64
             ", started at cycle %" PRIu64,
             s->op.pc, op_name(s->op.op), s->op.layer, (int)tensor.size, tensor.data,
             s->slots[0].position, what, actual, is_exact(s) ? "" : "at least ", predicted,
             s->start);
}

static void begin_pass(struct sim_cycles *s) {
    struct walk_choice room[CYCLES_SLOTS][WALK_LAYERS];
    for (uint32_t i = 0; i < s->slot_count; i++)
        s->slots[i].choice = sim_choice(s->board, i, room[i]);
    cycles_pass(s->model, s->begin, s->slots, s->slot_count);
}

static void begin_op(struct sim_cycles *s, uint64_t cycle) {
    if (s->working)
        note(s, "another one starts at cycle", cycle, 0);
    s->start = cycle;
    if (!s->running) {
        s->running = true;
        begin_pass(s);
        s->slot_count = 0;
    }
    if (!cycles_next(s->model, s->done, &s->op)) {
        note(s, "an op too many, cycle", cycle, 0);
        return;
    }
    s->working = true;
    s->predicted = cycles_run(s->model, cycle) + s->fault;
    if (s->paced ? cycle < s->op.start : cycle != s->op.start)
        note(s, "it starts at cycle", cycle, s->op.start);
}

static void end_op(struct sim_cycles *s, uint64_t cycle) {
    const uint64_t actual = cycle - s->start;
    s->done = cycle;
    if (!s->working)
        return;
    s->working = false;
    s->ops++;
    s->actual_of[s->op.op] += actual;
    if (is_exact(s) ? actual != s->predicted : actual < s->predicted)
        note(s, "cycles", actual, s->predicted);
}

/* The pass is over: so are all of its ops. */
static void end_pass(struct sim_cycles *s, uint64_t cycle) {
    if (s->running && (s->working || cycles_next(s->model, s->done, &s->op)))
        note(s, "it does not end before cycle", cycle, s->op.start);
    s->running = s->working = false;
}

void sim_cycles_pulse(struct sim_cycles *s, enum device_pulse pulse, uint64_t cycle) {
    switch (pulse) {
    case DEVICE_PASS_START:
        end_pass(s, cycle);
        s->begin = cycle;
        break;
    case DEVICE_OP_START:
        begin_op(s, cycle);
        break;
    default:
        end_op(s, cycle);
        break;
    }
}

void sim_cycles_end(struct sim_cycles *s) {
    end_pass(s, s->done);
    if (s->slot_count != 0 && s->wrong++ == 0)
        snprintf(s->text, sizeof s->text, "no op of the pass at position %u has started",
                 s->slots[0].position);
}

void sim_cycles_total(struct sim_cycles *s, uint32_t op, uint64_t total) {
    if (op < SIM_CYCLES_OPS && s->actual_of[op] != total && s->wrong++ == 0)
        snprintf(s->text, sizeof s->text,
                 "OP_CYCLES of op %u: the device has %" PRIu64 ", its ops took %" PRIu64, op, total,
                 s->actual_of[op]);
}
