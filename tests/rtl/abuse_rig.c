/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 */
#include "abuse_rig.h"

#include "csrc/model/bridge.h"
#include "tests/kit/random.h"

enum { ANSWER = 8, LOADER = 32 }; /* cycles for an answer, and for one of the loader */
static const uint32_t prompt[PROMPT] = {1, 5, 9, 7, 3};

/* ---- the weight memory, which obeys no rule ---- */

static bool lasts(enum spoil spoil) {
    return spoil == HUNG || spoil == DEAF || spoil >= REFUSES;
}

/* Against the rules of AXI, which the proofs of the weight port assume. */
static bool is_lawless(uint32_t spoil) {
    return spoil >= WRONG_ID && spoil <= EXTRA && spoil != DEAF;
}

/* Behind the memory's own answer. Beats are offered for one cycle each, since RREADY never falls.
 */
static void spoil_port(void *of) {
    struct rig *r = of;
    const struct weight_mem_ports *p = &r->device.memory.port;
    if (r->spoil == FINE || (r->lawful && is_lawless(r->spoil)))
        return;
    if (!lasts(r->spoil) && ((*p->rvalid != 0) == (r->spoil == EXTRA) || r->spoil_in-- != 0))
        return;
    r->spoil_in = r->spoil_again;
    r->spoiled[r->spoil]++;
    switch (r->spoil) {
    case SLVERR:
        *p->rresp = 2;
        break;
    case DECERR:
        *p->rresp = 3;
        break;
    case WRONG_ID:
        *p->rid ^= (uint8_t)(1 + random_below(&r->random, 15));
        break;
    case LOST:
    case HUNG:
        *p->rvalid = 0;
        break;
    case DEAF:
        *p->arready = 0;
        break;
    case EARLY:
        *p->rlast = 1;
        break;
    case MISSING:
        *p->rlast = 0;
        break;
    case EXTRA:
        *p->rvalid = 1;
        break;
    case NOISE:
        for (uint32_t i = 0; i < r->device.memory.part_bytes; i++)
            p->rdata[i] = (uint8_t)random_64(&r->random);
        break;
    case REFUSES:
        *p->bresp = 2;
        break;
    default: /* UNHEEDING */
        r->owed |= *p->bvalid != 0;
        *p->bvalid = 0;
    }
}

void rig_spoil(struct rig *r, enum spoil kind, uint32_t first, uint32_t again) {
    r->spoil = kind;
    r->spoil_in = first;
    r->spoil_again = again;
    r->registers.fails = kind == REFUSES || kind == UNHEEDING;
}

/* Good again; the answer that was kept comes, unless the device has forgotten that it waits. */
void rig_settle(struct rig *r, bool forgotten) {
    rig_spoil(r, FINE, 0, 0);
    *r->device.memory.port.bvalid = r->owed && !forgotten;
    r->owed = false;
    r->device.memory.settings = weight_mem_defaults();
}

/* ---- accesses, each judged ---- */

static void set_bound(struct rig *r, const struct abuse_access *a) {
    r->bus.slow = a->write && (a->waddr & ~3u) >= LOCKSTEP_REG_LOAD_ADDR_LO &&
                  (a->waddr & ~3u) <= LOCKSTEP_REG_LOAD_FLUSH;
    r->bus.bound = !r->bus.slow ? ANSWER : r->registers.fails ? TIMEOUT + LOADER : LOADER;
}

void rig_access(struct rig *r, struct abuse_access *a) {
    enum model_lock lock = model_lock(&r->registers);
    if (r->dead)
        return;
    set_bound(r, a);
    if (a->write && lock == LOCK_UNKNOWN) { /* is it still busy, before and behind? */
        uint32_t status;
        struct abuse_access look = {.read = true, .raddr = LOCKSTEP_REG_STATUS};
        rig_access(r, &look);
        lock = model_lock(&r->registers);
        set_bound(r, a);
        r->dead = r->dead || !abuse_access(&r->bus, a);
        if (lock == LOCK_UNKNOWN && !r->dead) {
            device_read(&r->device, LOCKSTEP_REG_STATUS, &status);
            lock = status & LOCKSTEP_STATUS_BUSY_MASK ? LOCK_SHUT : LOCK_UNKNOWN;
        }
    } else
        r->dead = !abuse_access(&r->bus, a);
    if (a->write && !r->dead)
        model_wrote(&r->registers, a->waddr, a->wdata, a->strobes, lock, a->wresp);
    if (a->read && !r->dead)
        model_read(&r->registers, a->raddr, a->rdata, a->rresp, a->irq_before, a->irq_after);
}

uint32_t rig_get(struct rig *r, uint32_t address) {
    struct abuse_access a = {.read = true, .raddr = address};
    rig_access(r, &a);
    return a.rdata;
}

void rig_put(struct rig *r, uint32_t address, uint32_t data) {
    struct abuse_access a = {.write = true, .waddr = address, .wdata = data, .strobes = 15};
    rig_access(r, &a);
}

void rig_wait(struct rig *r, uint32_t cycles) {
    while (cycles-- > 0)
        abuse_tick(&r->bus);
}

uint32_t rig_below(struct rig *r, uint32_t limit) {
    return random_below(&r->random, limit);
}

/* ---- what looks on ---- */

static int on_commit(void *of, const struct device_commit *commit) {
    struct rig *r = of;
    if (!r->checked)
        return 0;
    if (!r->board.first.found)
        scoreboard_commit(&r->board, commit);
    if (commit->op == LOCKSTEP_OP_PASS)
        sim_cycles_slot(&r->timing, commit->words[1], commit->words[0],
                        r->board.slots[commit->slot % SCOREBOARD_SLOTS].wanted);
    return 0;
}

static void on_pulse(void *of, enum device_pulse pulse) {
    struct rig *r = of;
    if (r->checked)
        sim_cycles_pulse(&r->timing, pulse, r->device.cycle);
}

bool rig_begin_checks(struct rig *r) {
    struct ls_error err = {""};
    const struct weight_mem_settings memory = weight_mem_defaults();
    const bool good = scoreboard_open(&r->board, r->model, (int)r->firmware.limits.act_bits,
                                      r->firmware.limits.slots, SEQUENCES, CONTEXT, 0, &err) == 0 &&
                      sim_cycles_open(&r->timing, &r->firmware.program, &r->fw_model,
                                      &r->firmware.limits, &memory, r->model, &err) == 0;
    CHECK(&r->test, good, "%s", err.text);
    scoreboard_prompt(&r->board, 0, prompt, PROMPT);
    r->checked = good;
    return good;
}

void rig_end_checks(struct rig *r, const char *what) {
    sim_cycles_end(&r->timing);
    CHECK(&r->test, scoreboard_finish(&r->board), "%s: %s", what, r->board.first.text);
    CHECK(&r->test, r->timing.wrong == 0, "%s: %s", what, r->timing.text);
    CHECK(&r->test, r->board.words > 1000 && r->timing.ops > 100, "%s: nothing compared", what);
    rig_drop_checks(r);
}

void rig_drop_checks(struct rig *r) {
    r->checked = false;
    scoreboard_close(&r->board);
    sim_cycles_close(&r->timing);
}

/* ---- runs ---- */

/* Everything that can be set as after reset; program, tensors and geometry as the model's. */
void rig_bring_up(struct rig *r) {
    for (uint32_t i = 0; i < MODEL_SPACE / 4; i++) {
        const struct register_info *row = r->registers.row[i];
        if (row != NULL && model_is(row, "rw"))
            rig_put(r, row->address, row->reset);
    }
    if (r->dead)
        return;
    const enum fw_status status = fw_load(&r->firmware, &r->fw_model, NULL);
    CHECK(&r->test, status == FW_OK, "loading: %s, %s", fw_status_text(status),
          fw_fault_name(r->firmware.fault.code));
    r->registers.ready = true;
    for (uint32_t i = 0; i < MODEL_SPACE / 4; i++) { /* what the driver has written */
        const struct register_info *row = r->registers.row[i];
        if (row != NULL && (model_is(row, "rw") || model_is(row, "cfg")))
            device_read(&r->device, row->address, &r->registers.value[i]);
    }
    rig_put(r, LOCKSTEP_REG_IRQ_STATUS, 7);
    r->registers.irq_must = r->registers.irq_may = 0;
    r->registers.quiet = true;
}

void rig_send_prompt(struct rig *r, uint32_t sequence, uint32_t budget) {
    rig_put(r, LOCKSTEP_REG_BUDGET, budget);
    rig_put(r, LOCKSTEP_REG_PASS_SLOTS, r->firmware.limits.slots);
    for (uint32_t i = 0; i < PROMPT; i++)
        rig_put(r, LOCKSTEP_REG_TOKEN_IN,
                prompt[i] | sequence << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_PROMPT_MASK |
                    (i == 0 ? LOCKSTEP_IN_FIRST_MASK : 0) |
                    (i == PROMPT - 1 ? LOCKSTEP_IN_LAST_MASK : 0));
}

/* ---- life ---- */

void rig_open(struct rig *r, uint64_t seed) {
    const struct weight_mem_settings memory = weight_mem_defaults();
    struct weight_mem *mem = &r->device.memory;
    struct ls_error err = {""};
    r->random = seed;
    if (ls_model_open("build/tests/models/tiny.gguf", &r->model, &err) != 0 ||
        device_open(&r->device, seed, &memory) != 0 ||
        bridge_model(r->model, CONTEXT, SEQUENCES, &r->fw_model, &err) != 0 ||
        weight_mem_load(mem, r->model->gguf->size) != 0) {
        printf("FAIL %s: model or device does not open: %s\n", r->test.name, err.text);
        exit(1);
    }
    memcpy(mem->loaded, r->model->gguf->map, mem->size);
    r->fw_model.eog_count = 0; /* texts go on to their end */
    r->device.observer = r;
    r->device.on_commit = on_commit;
    r->device.on_pulse = on_pulse;
    r->hal = device_hal(&r->device);
    r->bus = (struct abuse_bus){.test = &r->test,
                                .device = &r->device,
                                .random = &r->random,
                                .on_tick = spoil_port,
                                .of = r};
    model_open(&r->registers, &r->test, mem);
    CHECK(&r->test, fw_probe(&r->firmware, &r->hal) == FW_OK, "no device");
    r->registers.fifo = r->firmware.limits.token_fifo;
    r->registers.ucode_words = 4 * r->firmware.limits.ucode_ops;
    r->registers.tensor_words = 4 * r->firmware.limits.tensors;
}

void rig_close(struct rig *r) {
    model_close(&r->registers);
    bridge_release(&r->fw_model);
    device_close(&r->device);
    ls_model_close(r->model);
}
