/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The whole device, `small`, under fire. An episode is a text that is generated while somebody
 * else is at the bus (reads of all, writes that must change nothing, interrupts that nobody
 * clears): it must be right all the same. Or anything goes, any address, width and value, over a
 * port that obeys no rule, and the device is reset in the midst: then, loaded again, it must run
 * right. Every access is judged by a model of the registers and answered in time; right are all
 * words, against the golden model, and the cycles of every op, as predicted. Arguments: seed=,
 * first=, episodes=; a device with faults can be told to have one (LOCKSTEP_PLUSARGS). A device
 * with assertions has a port that obeys the rules which they assume, unless lawless=1.
 */
#include <inttypes.h>

#include "abuse_rig.h"

enum { RUN_CYCLES = 2000000 };

static uint64_t busy_cycles(struct rig *r) {
    rig_put(r, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SNAPSHOT_MASK);
    return rig_get(r, LOCKSTEP_REG_CYCLES_LO);
}

enum manners { POLITE, HARASSED, NEVER_READS, READS_TOO_MUCH, STORM, MANNERS };

/* A text from its prompt to its last token, words and cycles checked. */
static void run_right(struct rig *r, enum manners manners, const char *what) {
    const uint64_t limit = r->device.cycle + RUN_CYCLES;
    const uint64_t before = busy_cycles(r);
    uint32_t count = 0, word = 0;
    if (r->dead || !rig_begin_checks(r))
        return;
    rig_send_prompt(r, 0, TOKENS);
    if (manners == STORM)
        rig_put(r, LOCKSTEP_REG_IRQ_ENABLE, 7);
    rig_put(r, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    if (manners == NEVER_READS) /* until all is said, or token-out is full */
        for (int i = 0; i < 1000 && (rig_get(r, LOCKSTEP_REG_STATUS) & LOCKSTEP_STATUS_BUSY_MASK);
             i++)
            rig_wait(r, 100);
    while (count < TOKENS && r->device.cycle < limit && !r->dead) {
        if (manners == HARASSED)
            access_harmless(r);
        if (manners != READS_TOO_MUCH &&
            (rig_get(r, LOCKSTEP_REG_TOKEN_LEVELS) & LOCKSTEP_TOKEN_LEVELS_OUT_EMPTY_MASK))
            continue;
        word = rig_get(r, LOCKSTEP_REG_TOKEN_OUT);
        if (word == 0xffffffffu)
            continue;
        CHECK(&r->test, r->cycles == 0 || word == r->expected[count],
              "%s: token %u: %08x, not %08x", what, count, word, r->expected[count]);
        r->expected[count++] = word;
    }
    CHECK(&r->test, count == TOKENS && (word & LOCKSTEP_OUT_LAST_MASK), "%s: %u tokens", what,
          count);
    while ((rig_get(r, LOCKSTEP_REG_STATUS) & LOCKSTEP_STATUS_BUSY_MASK) &&
           r->device.cycle < limit && !r->dead)
        ;
    if (manners == STORM)
        CHECK(&r->test, *r->device.port.irq, "%s: the interrupts are gone", what);
    rig_end_checks(r, what);
    const uint64_t cycles = busy_cycles(r) - before;
    CHECK(&r->test, r->cycles == 0 || manners != POLITE || cycles == r->cycles,
          "%s: %" PRIu64 " cycles, not %" PRIu64, what, cycles, r->cycles);
    r->cycles = r->cycles == 0 ? cycles : r->cycles;
}

static void hard_reset(struct rig *r) {
    const struct device_ports *p = &r->device.port;
    *p->awvalid = *p->wvalid = *p->bready = *p->arvalid = *p->rready = 0;
    *p->rst = 0;
    for (uint32_t i = 2 + rig_below(r, 8); i > 0; i--)
        abuse_tick(&r->bus);
    *p->rst = 1;
    abuse_tick(&r->bus);
    model_reset(&r->registers);
}

/* Soft or hard, in the midst of whatever it is; behind it all is as after reset. */
static void reset(struct rig *r, bool hard) {
    r->states |= 1u << FIELD_OF(STATUS_STATE, rig_get(r, LOCKSTEP_REG_STATUS));
    if (hard)
        hard_reset(r);
    else if (rig_below(r, 2))
        rig_put(r, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    else
        access_reset(r);
    rig_put(r, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SNAPSHOT_MASK);
    for (uint32_t a = LOCKSTEP_REG_CYCLES_LO; a <= LOCKSTEP_REG_KV_WRITES_HI; a += 4)
        CHECK(&r->test, rig_get(r, a) == 0, "%s after a reset", r->registers.row[a / 4]->name);
    for (uint32_t i = 0; i < MODEL_SPACE / 4; i++) /* a third of them */
        if (r->registers.row[i] != NULL && i * 4 != LOCKSTEP_REG_TOKEN_OUT && rig_below(r, 3) == 0)
            rig_get(r, 4 * i);
}

/* ---- episodes ---- */

/* Memory does not answer what the loader writes: each access is given up, and the bus is free. */
static void load_in_vain(struct rig *r) {
    rig_put(r, LOCKSTEP_REG_PORT_TIMEOUT, 1 + rig_below(r, 100));
    rig_put(r, LOCKSTEP_REG_LOAD_ADDR_HI, 1); /* where nothing is */
    rig_spoil(r, UNHEEDING, 0, 0);
    for (uint32_t i = 0; i <= r->registers.beat_words; i++)
        rig_put(r, LOCKSTEP_REG_LOAD_DATA, i);
    rig_put(r, LOCKSTEP_REG_LOAD_FLUSH, 0);
    CHECK(&r->test, r->registers.lost, "memory that does not answer has taken all");
    rig_put(r, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    rig_settle(r, false);
    rig_wait(r, 100);
}

/* Some words, which begin and end anywhere in a beat; what is beside them stays. */
static void load_some(struct rig *r) {
    const uint32_t words = 1 + rig_below(r, 3 * r->registers.beat_words);
    rig_put(r, LOCKSTEP_REG_LOAD_ADDR_HI, 0);
    rig_put(r, LOCKSTEP_REG_LOAD_ADDR_LO,
            4 * rig_below(r, (uint32_t)r->device.memory.size / 4 - words));
    for (uint32_t i = 0; i < words; i++)
        rig_put(r, LOCKSTEP_REG_LOAD_DATA, rig_below(r, UINT32_MAX));
    rig_put(r, LOCKSTEP_REG_LOAD_FLUSH, 0);
}

/* What random accesses seldom meet: a full queue, the ends of the stores, a check in a check. */
static void at_edges(struct rig *r) {
    load_in_vain(r);
    load_some(r);
    rig_put(r, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_VALIDATE_MASK);
    rig_wait(r, rig_below(r, 120));
    rig_put(r, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_VALIDATE_MASK);
    rig_wait(r, 300);
    rig_get(r, LOCKSTEP_REG_STATUS);
    CHECK(&r->test, r->registers.quiet, "two validations do not end");
    rig_put(r, LOCKSTEP_REG_IRQ_STATUS, 7);
    rig_get(r, LOCKSTEP_REG_IRQ_STATUS);
    for (uint32_t i = 0; i < 3; i++) { /* the last word of each, and two behind */
        rig_put(r, LOCKSTEP_REG_UCODE_ADDR, r->registers.ucode_words - 1 + i);
        rig_put(r, LOCKSTEP_REG_UCODE_DATA, rig_below(r, 100));
        rig_put(r, LOCKSTEP_REG_TENSOR_ADDR, r->registers.tensor_words - 1 + i);
        rig_put(r, LOCKSTEP_REG_TENSOR_DATA, rig_below(r, 100));
    }
    rig_get(r, LOCKSTEP_REG_TOKEN_LEVELS);
    for (uint32_t i = rig_below(r, 2 * r->registers.fifo); i > 0; i--)
        rig_put(r, LOCKSTEP_REG_TOKEN_IN, i);
    rig_get(r, LOCKSTEP_REG_TOKEN_LEVELS);
    rig_get(r, LOCKSTEP_REG_FIFO_FLAGS);
    rig_put(r, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
}

static void anything_goes(struct rig *r) {
    const uint32_t accesses = 20 + rig_below(r, 200);
    const bool hard = rig_below(r, 4) == 0;
    at_edges(r);
    rig_put(r, LOCKSTEP_REG_PORT_TIMEOUT, 1 + rig_below(r, TIMEOUT));
    rig_spoil(r, rig_below(r, 2) ? FINE : (enum spoil)rig_below(r, SPOILS), rig_below(r, 200), 64);
    r->device.memory.settings.gaps = rig_below(r, 2) ? 0 : rig_below(r, 200);
    r->device.memory.settings.jitter = rig_below(r, 2) ? 0 : rig_below(r, 300);
    if (rig_below(r, 4) != 0) { /* else it is at rest, and can be written */
        rig_send_prompt(r, rig_below(r, SEQUENCES), 1 + rig_below(r, 40));
        rig_put(r, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    }
    for (uint32_t i = 0; i < accesses && !r->dead; i++) {
        access_any(r);
        if (rig_below(r, 8) == 0)
            rig_wait(r, rig_below(r, 400));
    }
    reset(r, hard);
    rig_settle(r, hard);
    rig_wait(r, 400); /* what the memory still owes */
    model_compare(&r->registers);
    memcpy(r->device.memory.loaded, r->model->gguf->map, r->device.memory.size);
    model_memory(&r->registers);
    rig_bring_up(r);
    run_right(r, POLITE, hard ? "after abuse and a reset" : "after abuse and a soft reset");
}

/* A run over a port with one fault: it ends, with an error or right to the word, or lockstep sees
 * it; what is said before is right. Then the port obeys again, and so must the device. */
static void port_fault(struct rig *r, enum spoil kind) {
    const uint64_t limit = r->device.cycle + RUN_CYCLES;
    const uint32_t before = r->spoiled[kind];
    uint32_t count = 0, status = 0, code = 0;
    rig_put(r, LOCKSTEP_REG_PORT_TIMEOUT, TIMEOUT);
    if (r->dead || !rig_begin_checks(r))
        return;
    rig_send_prompt(r, 0, TOKENS);
    rig_spoil(r, kind, rig_below(r, 800), UINT32_MAX);
    rig_put(r, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    while (count < TOKENS && !(status & LOCKSTEP_STATUS_ERROR_MASK) && r->device.cycle < limit &&
           !r->dead) {
        const uint32_t word = rig_get(r, LOCKSTEP_REG_TOKEN_OUT);
        status = rig_get(r, LOCKSTEP_REG_STATUS);
        if (word == 0xffffffffu)
            continue;
        CHECK(&r->test, word == r->expected[count] || r->board.first.found,
              "port fault %d: token %u: %08x, not %08x, unseen", (int)kind, count, word,
              r->expected[count]);
        count++;
    }
    code = rig_get(r, LOCKSTEP_REG_ERROR_CODE);
    CHECK(&r->test, r->device.cycle < limit, "port fault %d: the device hangs, STATUS %x",
          (int)kind, status);
    if (r->spoiled[kind] != before) {
        CHECK(&r->test, kind > DECERR || code == LOCKSTEP_ERROR_PORT_RESPONSE,
              "port fault %d: error %u", (int)kind, code);
        CHECK(&r->test, kind < WRONG_ID || kind > DEAF || code >= LOCKSTEP_ERROR_PORT_TIMEOUT,
              "port fault %d: error %u", (int)kind, code);
        r->ended[code != 0 ? 1 : r->board.first.found ? 2 : 0]++;
    }
    rig_drop_checks(r);
    reset(r, false);
    rig_settle(r, false);
    rig_put(r, LOCKSTEP_REG_PORT_TIMEOUT, 0x100000);
    rig_put(r, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    run_right(r, POLITE, "after a fault of the port");
}

/* The device is reset in a state that is waited for. */
static void reset_in_state(struct rig *r, uint32_t state, bool hard) {
    uint32_t status = 0;
    bool found = false;
    if (state != LOCKSTEP_STATE_ERROR)
        rig_send_prompt(r, 0, 50);
    if (state == LOCKSTEP_STATE_THROTTLED) {
        rig_put(r, LOCKSTEP_REG_TOKEN_CYCLES, 50000);
        rig_put(r, LOCKSTEP_REG_THROTTLE, LOCKSTEP_THROTTLE_RATE_MASK);
    }
    if (state == LOCKSTEP_STATE_ERROR)
        rig_put(r, LOCKSTEP_REG_TOKEN_IN,
                LOCKSTEP_IN_TOKEN_MASK | LOCKSTEP_IN_FIRST_MASK | LOCKSTEP_IN_LAST_MASK);
    if (state != LOCKSTEP_STATE_IDLE)
        rig_put(r, LOCKSTEP_REG_CTRL,
                state == LOCKSTEP_STATE_VALIDATE ? LOCKSTEP_CTRL_VALIDATE_MASK
                                                 : LOCKSTEP_CTRL_RUN_MASK);
    for (uint32_t i = 0; i < 20000 && !found && !r->dead; i++) {
        rig_wait(r, rig_below(r, 4));
        status = rig_get(r, LOCKSTEP_REG_STATUS);
        found = FIELD_OF(STATUS_STATE, status) == state;
        if (!found && state != LOCKSTEP_STATE_PUSH) /* else token-out fills, and that is its end */
            rig_get(r, LOCKSTEP_REG_TOKEN_OUT);
    }
    CHECK(&r->test, found, "no state %u to be reset in, but %x", state, status);
    reset(r, hard);
    rig_bring_up(r);
    run_right(r, POLITE, "after a reset in a state");
}

/* A run is broken off at each of `steps` moments of it. */
static void reset_phases(struct rig *r, uint32_t steps, bool hard) {
    for (uint32_t i = 0; i < steps && !r->dead; i++) {
        rig_send_prompt(r, 0, TOKENS);
        rig_put(r, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
        rig_wait(r, (uint32_t)(r->cycles * i / steps) + rig_below(r, 16));
        reset(r, hard);
        if (hard)
            rig_bring_up(r);
        if (i % 4 == 3)
            run_right(r, POLITE, "after a reset in a phase of a token");
        rig_put(r, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    }
}

static bool episode(struct rig *r, uint64_t i) {
    static const char *const names[MANNERS] = {
        "", "a run with others at the bus", "a run whose tokens nobody reads",
        "a run that is read too much", "a run in a storm of interrupts"};
    const enum manners manners = (enum manners)(1 + i % (MANNERS - 1));
    r->bus.stall = rig_below(r, 4) == 0 ? rig_below(r, 40) : rig_below(r, 3);
    rig_put(r, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    run_right(r, manners, names[manners]);
    anything_goes(r);
    port_fault(r, (enum spoil)(1 + i % (READS - 1)));
    reset_in_state(r, (uint32_t)(i % (LOCKSTEP_STATE_THROTTLED + 1)), rig_below(r, 2) != 0);
    if (i % 8 == 0)
        reset_phases(r, 24, i % 16 == 8);
    CHECK(&r->test, r->device.failure == NULL, "assertion %s fails at cycle %" PRIu64,
          r->device.failure, r->device.failed_at);
    return !r->dead && r->test.failures == 0;
}

int main(int argc, char **argv) {
    static struct rig r = {.test = {"abuse", 0, 0}};
    const uint64_t episodes = host_argument(argc, argv, "episodes", 30);
    const uint64_t seed = host_argument(argc, argv, "seed", 1);
    uint64_t i = host_argument(argc, argv, "first", 0);
    rig_open(&r, seed);
    r.lawful = dut_assertions() != 0 && host_argument(argc, argv, "lawless", 0) == 0;
    rig_bring_up(&r);
    run_right(&r, POLITE, "the first run");
    while (i < episodes && episode(&r, i))
        i++;
    if (i < episodes)
        printf("    seed %" PRIu64 ", episode %" PRIu64 "\n", seed, i);
    for (int k = 1; k < SPOILS && i == episodes && episodes >= 100; k++)
        CHECK(&r.test, r.spoiled[k] > 0, "the memory never had fault %d", k);
    printf("    %" PRIu64 " accesses judged, at most %" PRIu64
           " cycles to an answer; faults of the "
           "port: %u end with an error, %u differ, %u do no harm\n",
           r.registers.judged, r.bus.longest, r.ended[1], r.ended[2], r.ended[0]);
    rig_close(&r);
    return host_test_finish(&r.test);
}
