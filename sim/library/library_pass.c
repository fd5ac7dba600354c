/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The newest pass: its slots and ops as ports and probes tell them, without a register access; and
 * the counters that the device latched behind it, when somebody asks.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/device_info.h"
#include "csrc/model/bridge.h"
#include "library.h"

_Static_assert(LOCKSTEP_CLASS_LIMIT == LOCKSTEP_PASS_CLASSES, "as many as device.txt has");
_Static_assert(LOCKSTEP_UNIT_LIMIT == LOCKSTEP_PASS_UNITS, "as many as device.txt has");

#define DEGREE 65536.0 /* of a temperature at the port */

static uint32_t probe(const struct library_passes *p, enum library_probe which) {
    uint32_t value = 0;
    memcpy(&value, p->probes[which], p->probe_bytes[which]);
    return value;
}

static int pass_open(struct session *s, void **self, struct ls_error *err) {
    static const char *const names[LIBRARY_PROBES] = {
        "op", "op_pc", "op_layer", "beats_level", "token_in_level", "token_out_level"};
    struct lockstep *d = s->owner;
    struct library_passes *p = &d->passes;
    p->known = p->forming = p->working = false;
    p->newest = (struct lockstep_pass){.number = p->newest.number};
    p->counters = (struct library_counters){0};
    for (int i = 0; i < LIBRARY_PROBES; i++) {
        p->probes[i] = dut_port(s->device.dut, names[i]);
        p->probe_bytes[i] = dut_port_bytes(s->device.dut, names[i]);
        if (p->probes[i] == NULL || p->probe_bytes[i] > sizeof(uint32_t))
            return ls_error_set(err, "this build of the device has no probe '%s'", names[i]);
    }
    *self = d;
    return 0;
}

static struct library_op *add_op(struct library_passes *p, const struct library_op *op) {
    if (p->newest.ops == p->room) {
        const uint32_t room = 2 * p->room + 64;
        struct library_op *larger = realloc(p->ops, room * sizeof *larger);
        if (larger == NULL)
            return NULL;
        p->ops = larger;
        p->room = room;
    }
    p->ops[p->newest.ops] = *op;
    return &p->ops[p->newest.ops++];
}

static void most(uint32_t *level, uint32_t now) {
    *level = now > *level ? now : *level;
}

static void look(struct library_passes *p) {
    most(&p->newest.beats_most, probe(p, LIBRARY_BEATS));
    most(&p->newest.token_in_most, probe(p, LIBRARY_TOKEN_IN));
    most(&p->newest.token_out_most, probe(p, LIBRARY_TOKEN_OUT));
}

static void pass_pulse(void *self, enum device_pulse pulse) {
    struct lockstep *d = self;
    struct library_passes *p = &d->passes;
    const uint64_t cycle = d->session.device.cycle;
    if (pulse == DEVICE_PASS_START) {
        p->forming = false;
    } else if (pulse == DEVICE_OP_START && p->known) {
        const struct library_op op = {.op = probe(p, LIBRARY_OP),
                                      .pc = probe(p, LIBRARY_PC),
                                      .layer = probe(p, LIBRARY_LAYER),
                                      .begin = cycle};
        p->working = add_op(p, &op) != NULL;
    } else if (pulse == DEVICE_OP_DONE && p->working) {
        p->ops[p->newest.ops - 1].end = cycle;
        p->working = false;
    }
    p->newest.end = cycle;
    look(p);
}

/* Its first slot is committed. */
static void begin_pass(struct library_passes *p, const struct device *device) {
    p->newest = (struct lockstep_pass){.number = p->newest.number + 1,
                                       .begin = device->cycle,
                                       .die = p->die,
                                       .package = p->package,
                                       .pace = p->pace};
    p->beats = weight_mem_beats(&device->memory);
    p->known = p->forming = true;
    p->working = false;
}

static void add_slot(struct lockstep *d, const struct device_commit *commit) {
    struct library_passes *p = &d->passes;
    const uint32_t sequence = commit->words[2];
    const struct fw_request *r = sequence < FW_SEQUENCES ? d->scheduler.running[sequence] : NULL;
    p->slot_of[commit->slot] = p->newest.slots;
    p->slots[p->newest.slots++] =
        (struct lockstep_slot){.size = sizeof *p->slots,
                               .request = r != NULL ? ((struct job *)r->owner)->id : 0,
                               .token = commit->words[0],
                               .position = commit->words[1],
                               .sequence = sequence};
}

/* The choice of tokens is no op of the device; here it is one, from the last op on. */
static struct library_op *sampling(struct library_passes *p) {
    struct library_op *last = p->newest.ops != 0 ? &p->ops[p->newest.ops - 1] : NULL;
    if (last != NULL && last->op == LOCKSTEP_OP_SAMPLE)
        return last;
    return add_op(p, &(struct library_op){.op = LOCKSTEP_OP_SAMPLE,
                                          .begin = last != NULL ? last->end : p->newest.begin});
}

static int pass_commit(void *self, const struct device_commit *commit) {
    struct lockstep *d = self;
    struct library_passes *p = &d->passes;
    const uint32_t slots = commit->by_slot ? commit->mask : 1u << commit->slot;
    const uint64_t words =
        (uint64_t)commit->count * (uint32_t)__builtin_popcount(slots & ((1u << FW_SLOTS) - 1));
    if (commit->op == LOCKSTEP_OP_PASS && !p->forming)
        begin_pass(p, &d->session.device);
    if (!p->known || commit->slot >= FW_SLOTS)
        return 0;
    if (commit->op == LOCKSTEP_OP_PASS && commit->count >= 3 && p->newest.slots < FW_SLOTS) {
        add_slot(d, commit);
        look(p);
    }
    struct library_op *op = commit->op == LOCKSTEP_OP_SAMPLE ? sampling(p)
                            : p->working                     ? &p->ops[p->newest.ops - 1]
                                                             : NULL;
    if (op != NULL)
        op->words += words;
    if (op != NULL && commit->op == LOCKSTEP_OP_SAMPLE)
        op->end = commit->cycle + 1;
    for (uint32_t i = 0; i < FW_SLOTS; i++)
        if ((slots >> i & 1u) != 0 && p->slot_of[i] < p->newest.slots)
            p->slots[p->slot_of[i]].words += commit->count;
    p->newest.words += words;
    p->newest.end = commit->cycle + 1;
    return 0;
}

static void pass_window(void *self, uint32_t die, uint32_t package, uint32_t pace) {
    struct library_passes *p = &((struct lockstep *)self)->passes;
    p->newest.die = p->die = (double)(int32_t)die / DEGREE;
    p->newest.package = p->package = (double)(int32_t)package / DEGREE;
    p->newest.pace = p->pace = pace;
}

const struct observer library_observe_pass = {
    .open = pass_open, .commit = pass_commit, .pulse = pass_pulse, .window = pass_window};

/* ---- the caller's ---- */

static uint64_t read64(const struct hal *hal, uint32_t address) {
    const uint64_t low = hal_read(hal, address);
    return low | (uint64_t)hal_read(hal, address + 4) << 32;
}

/* What was latched at the end of the pass, and since the one that was asked for before. */
static void count(struct lockstep *d) {
    struct library_passes *p = &d->passes;
    const struct session *s = &d->session;
    const struct hal *hal = &s->power.hal;
    struct library_counters now = {0}, before = p->counters;
    library_allow(d);
    now.cycles = read64(hal, LOCKSTEP_REG_CYCLES_LO);
    now.macs = read64(hal, LOCKSTEP_REG_MACS_LO);
    for (uint32_t i = 0; i < LOCKSTEP_PASS_CLASSES && !s->power.absent; i++)
        now.classes[i] = read64(hal, LOCKSTEP_REG_CLASS_IDLE_LO + 8 * i);
    for (uint32_t i = 0; i < LOCKSTEP_PASS_UNITS && !s->power.absent; i++)
        now.energy[i] = read64(hal, LOCKSTEP_REG_ENERGY_LEAKAGE_LO + 8 * i);
    p->newest.cycles = now.cycles - before.cycles;
    p->newest.macs = now.macs - before.macs;
    for (uint32_t i = 0; i < LOCKSTEP_PASS_CLASSES; i++)
        p->newest.classes[i] = now.classes[i] - before.classes[i];
    for (uint32_t i = 0; i < LOCKSTEP_PASS_UNITS; i++)
        p->newest.energy_fj[i] = now.energy[i] - before.energy[i];
    p->counters = now;
}

int lockstep_get_pass(struct lockstep *d, struct lockstep_pass *pass, size_t size) {
    struct library_passes *p = &d->passes;
    int status = LOCKSTEP_OK;
    if (d->stepping)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "a callback cannot ask the device");
    if (d->model == NULL)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "no model is loaded");
    if (d->out)
        p->newest = (struct lockstep_pass){.number = p->newest.number};
    if (d->lost == LOCKSTEP_OK && !d->out) {
        p->newest.beats = p->known ? weight_mem_beats(&d->session.device.memory) - p->beats : 0;
        count(d);
        library_note(d);
        if (d->session.device.status != DEVICE_OK)
            status = library_judge(d, FW_TIMEOUT);
    }
    p->newest.size = size;
    memcpy(pass, &p->newest, size < sizeof p->newest ? size : sizeof p->newest);
    return status;
}

int lockstep_get_slot(struct lockstep *d, uint32_t index, struct lockstep_slot *slot, size_t size) {
    const struct library_passes *p = &d->passes;
    if (index >= p->newest.slots)
        return library_fail(d, LOCKSTEP_NOT_FOUND, "no slot %" PRIu32 " in the pass", index);
    struct lockstep_slot s = p->slots[index];
    s.size = size;
    memcpy(slot, &s, size < sizeof s ? size : sizeof s);
    return LOCKSTEP_OK;
}

/* The name of the tensor that an op reads, or nothing. */
static void name_tensor(const struct lockstep *d, const struct library_op *op, char *text,
                        size_t room) {
    const struct fw_device *f = &d->session.firmware;
    if (!in_mask(LOCKSTEP_OPS_TENSOR, op->op) || op->pc >= f->program.ops)
        return;
    const uint32_t word = f->program.words[op->pc][0];
    const bool of_layer = (word & LOCKSTEP_UCODE0_PER_LAYER_MASK) != 0;
    if (of_layer && op->layer >= d->model->layers) /* a device may say anything */
        return;
    const struct gguf_string name =
        bridge_tensor_name(d->model, (word >> LOCKSTEP_UCODE0_TENSOR_SHIFT) +
                                         (of_layer ? op->layer * program_stride(&f->model) : 0));
    memcpy(text, name.data, name.size < room ? name.size : room - 1);
}

/* Whether an instruction is of a layer. */
static bool in_layer(const struct fw_program *program, uint32_t pc) {
    for (uint32_t i = pc < program->ops ? pc : 0; i-- != 0;) {
        const uint32_t op = program->words[i][0] & LOCKSTEP_UCODE0_OP_MASK;
        if (op == LOCKSTEP_OP_LOOP || op == LOCKSTEP_OP_NEXT)
            return op == LOCKSTEP_OP_LOOP;
    }
    return false;
}

int lockstep_get_op(struct lockstep *d, uint32_t index, struct lockstep_op *op, size_t size) {
    const struct library_passes *p = &d->passes;
    if (index >= p->newest.ops)
        return library_fail(d, LOCKSTEP_NOT_FOUND, "no op %" PRIu32 " in the pass", index);
    const struct library_op *o = &p->ops[index];
    const struct op_info *info = op_info_of(o->op);
    struct lockstep_op out = {.size = size,
                              .name = op_name(o->op),
                              .unit = unit_info[info != NULL ? info->unit : 0].key,
                              .layer = in_layer(&d->session.firmware.program, o->pc) ? o->layer
                                                                                     : UINT32_MAX,
                              .begin = o->begin,
                              .end = o->end,
                              .words = o->words};
    name_tensor(d, o, out.tensor, sizeof out.tensor);
    memcpy(op, &out, size < sizeof out ? size : sizeof out);
    return LOCKSTEP_OK;
}
