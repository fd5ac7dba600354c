/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Error by error.
 */
#include "sim_stop.h"

#include <inttypes.h>
#include <stdio.h>

#include "csrc/base/device_info.h"
#include "csrc/expect/walk.h"
#include "csrc/model/bridge.h"
#include "sim_choice.h"

#define FIELD(name, word) (((word) & name##_MASK) >> name##_SHIFT)

/* ---- where it was ---- */

static uint32_t op_at(const struct fw_program *p, uint32_t pc) {
    return pc < p->ops ? FIELD(LOCKSTEP_UCODE0_OP, p->words[pc][0]) : LOCKSTEP_OP_END;
}

/* The record that the op at `pc` of `layer` commits for the slot in which the golden model stops,
 * or the op behind it if it commits none; of those of several experts the one at which it stops.
 * SIZE_MAX: the device never comes there. */
static size_t record_of(const struct fw_device *firmware, struct scoreboard *board, uint32_t pc,
                        uint32_t layer) {
    struct walk_choice room[WALK_LAYERS];
    struct walk walk = walk_begin(&firmware->program, &firmware->model, true);
    size_t record = 0, found = SIZE_MAX;
    walk_slot(&walk, true, sim_choice(board, board->stop.slot, room));
    for (; !walk.over; walk_on(&walk)) {
        if (walk.pc == pc && walk.layer == layer && found != board->stop.record)
            found = record;
        record += in_mask(LOCKSTEP_OPS_COMMIT, walk_op(&walk));
    }
    return found;
}

/* Errors of forming a pass, of loading and of heat are of no op. */
static bool has_place(uint32_t code) {
    return code != LOCKSTEP_ERROR_TOKEN && code != LOCKSTEP_ERROR_SEQUENCE &&
           code != LOCKSTEP_ERROR_LOADER && code != LOCKSTEP_ERROR_GEOMETRY;
}

/* "op 3 NORM, layer 0, slot 1, tensor blk.0.attn_norm.weight", as far as the error has these. */
static void write_place(const struct sim_stop *s, char *text, size_t room) {
    const struct fw_fault *f = &s->firmware->fault;
    const uint32_t op = op_at(&s->firmware->program, f->pc);
    const struct gguf_string name = bridge_tensor_name(s->model, f->tensor);
    /* What is read from the weight port is for all slots. */
    const bool has_slot = op != LOCKSTEP_OP_MATVEC && op != LOCKSTEP_OP_LOGITS &&
                          (f->code == LOCKSTEP_ERROR_RANGE || f->code == LOCKSTEP_ERROR_OVERFLOW ||
                           f->code == LOCKSTEP_ERROR_DIVZERO || f->code == LOCKSTEP_ERROR_KV_FULL);
    char slot[24] = "", tensor[96] = "";
    if (!has_place(f->code)) {
        snprintf(text, room, "slot %" PRIu32, f->slot);
        return;
    }
    if (has_slot)
        snprintf(slot, sizeof slot, ", slot %" PRIu32, f->slot);
    if (in_mask(LOCKSTEP_OPS_TENSOR, op))
        snprintf(tensor, sizeof tensor, ", tensor %.*s", (int)name.size, name.data);
    snprintf(text, room, "op %" PRIu32 " %s, layer %" PRIu32 "%s%s", f->pc, op_name(op), f->layer,
             slot, tensor);
}

/* ---- whether it had reason to ---- */

static enum golden_fault golden_fault_of(uint32_t code) {
    return code == LOCKSTEP_ERROR_NONFINITE  ? GOLDEN_FAULT_NONFINITE
           : code == LOCKSTEP_ERROR_RANGE    ? GOLDEN_FAULT_RANGE
           : code == LOCKSTEP_ERROR_OVERFLOW ? GOLDEN_FAULT_OVERFLOW
           : code == LOCKSTEP_ERROR_DIVZERO  ? GOLDEN_FAULT_DIVZERO
                                             : GOLDEN_FAULT_NONE;
}

/* Whether the beats of the tensor hold the byte at `address`. */
static bool holds(const struct sim_stop *s, uint64_t address) {
    const uint64_t beat = s->memory->beat_bytes;
    const struct fw_tensor *t = &s->firmware->model.tensors[s->firmware->fault.tensor];
    return address / beat >= t->address / beat &&
           address / beat <= (t->address + t->bytes - 1) / beat;
}

/* Ends the sentence if the weight memory gave no reason, else NULL. */
static const char *port_denies(const struct sim_stop *s) {
    const struct weight_mem *m = s->memory;
    if (s->firmware->fault.tensor >= program_tensors(&s->firmware->model))
        return "there is no such tensor";
    if (s->firmware->fault.code == LOCKSTEP_ERROR_PORT_RESPONSE)
        return m->refused == WEIGHT_MEM_NONE ? "the weight memory answered every read with OKAY"
               : !holds(s, m->refused)       ? "the weight memory refused a beat of another tensor"
                                             : NULL;
    return m->longest_wait + 4096 <
                   LOCKSTEP_RESET_PORT_TIMEOUT /* it may want a beat before it asks */
               ? "the weight memory never kept a beat back for so long"
               : !holds(s, m->waited_for) ? "the weight memory kept a beat of another tensor back"
                                          : NULL;
}

bool sim_stop_is_right(const struct sim_stop *s, struct scoreboard *board) {
    const struct fw_fault *f = &s->firmware->fault;
    const struct fw_program *p = &s->firmware->program;
    char tensor[80] = "none";
    const uint32_t op = op_at(p, f->pc);
    if (has_place(f->code) && in_mask(LOCKSTEP_OPS_TENSOR, op)) {
        const struct gguf_string name = bridge_tensor_name(s->model, f->tensor);
        snprintf(tensor, sizeof tensor, "%.*s", (int)name.size, name.data);
    }
    const struct scoreboard_error e = {.name = fw_fault_name(f->code),
                                       .fault = golden_fault_of(f->code),
                                       .op = op,
                                       .pc = f->pc,
                                       .layer = f->layer,
                                       .slot = f->slot,
                                       .record = record_of(s->firmware, board, f->pc, f->layer),
                                       .tensor = tensor,
                                       .cycle = s->cycle};
    const char *why = NULL;
    switch (f->code) {
    case LOCKSTEP_ERROR_NONFINITE:
    case LOCKSTEP_ERROR_RANGE:
    case LOCKSTEP_ERROR_OVERFLOW:
    case LOCKSTEP_ERROR_DIVZERO:
        return scoreboard_error(board, &e);
    case LOCKSTEP_ERROR_PORT_RESPONSE:
    case LOCKSTEP_ERROR_PORT_TIMEOUT:
        why = port_denies(s);
        break;
    case LOCKSTEP_ERROR_KV_FULL: /* prompts are cut and completions end before that */
        why = "no sequence of this run goes past its context";
        break;
    case LOCKSTEP_ERROR_TOKEN:
        why = "every token of this run is in the vocabulary";
        break;
    case LOCKSTEP_ERROR_SEQUENCE:
        why = "every sequence of this run is one of those reserved";
        break;
    case LOCKSTEP_ERROR_OVERHEAT:
        if (s->power->begun && s->power->state.die_peak < s->power->settings.limit)
            why = "the die was never so hot";
        break;
    default: /* the validator's and the loader's, of which the golden side has no opinion */
        break;
    }
    return why == NULL || scoreboard_no_reason(board, &e, why);
}

void sim_stop_text(const struct sim_stop *s, const struct scoreboard *board, char *text,
                   size_t room) {
    const struct fw_fault *f = &s->firmware->fault;
    const bool met = board->golden != NULL && golden_fault_of(f->code) != GOLDEN_FAULT_NONE;
    char place[160];
    write_place(s, place, sizeof place);
    snprintf(text, room, "%s (code %" PRIu32 ") at %s, cycle %" PRIu64 "%s%s",
             fw_fault_name(f->code), f->code, place, s->cycle,
             met ? "; the golden model meets it too: " : "", met ? board->stop.error.text : "");
}
