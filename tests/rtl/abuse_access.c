/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Accesses at random.
 */
#include "abuse_rig.h"
#include "tests/kit/random.h"

static const struct register_info *any_row(struct rig *r) {
    const struct register_info *row;
    do
        row = r->registers.row[rig_below(r, MODEL_SPACE / 4)];
    while (row == NULL);
    return row;
}

static uint32_t any_address(struct rig *r) {
    static const uint32_t busy[] = {
        LOCKSTEP_REG_CTRL,         LOCKSTEP_REG_STATUS,     LOCKSTEP_REG_IRQ_STATUS,
        LOCKSTEP_REG_IRQ_ENABLE,   LOCKSTEP_REG_TOKEN_IN,   LOCKSTEP_REG_TOKEN_OUT,
        LOCKSTEP_REG_TOKEN_LEVELS, LOCKSTEP_REG_FIFO_FLAGS, LOCKSTEP_REG_ERROR_CODE,
        LOCKSTEP_REG_UCODE_DATA,   LOCKSTEP_REG_LOAD_DATA,  LOCKSTEP_REG_LOAD_STATUS};
    switch (rig_below(r, 8)) {
    case 0:
        return rig_below(r, 0x10000); /* mostly nothing is there */
    case 1:
        return rig_below(r, MODEL_SPACE); /* at any byte of a word */
    case 2:
    case 3:
    case 4:
        return busy[rig_below(r, sizeof busy / sizeof *busy)];
    default:
        return any_row(r)->address;
    }
}

static uint32_t any_data(struct rig *r, uint32_t address) {
    const uint32_t bits = (uint32_t)random_64(&r->random);
    switch (address & ~3u) {
    case LOCKSTEP_REG_TOKEN_IN: /* mostly such as may be */
        return rig_below(r, 8) == 0
                   ? bits
                   : (bits &
                      (LOCKSTEP_IN_FIRST_MASK | LOCKSTEP_IN_LAST_MASK | LOCKSTEP_IN_PROMPT_MASK)) |
                         rig_below(r, SEQUENCES) << LOCKSTEP_IN_SEQ_SHIFT | rig_below(r, 260);
    case LOCKSTEP_REG_CTRL:
        return (bits & (LOCKSTEP_CTRL_RUN_MASK | LOCKSTEP_CTRL_SNAPSHOT_MASK)) |
               (rig_below(r, 4) == 0 ? LOCKSTEP_CTRL_VALIDATE_MASK : 0) |
               (rig_below(r, 24) == 0 ? LOCKSTEP_CTRL_SOFT_RESET_MASK : 0) |
               (rig_below(r, 4) == 0 ? bits & ~15u : 0);
    case LOCKSTEP_REG_LOAD_ADDR_HI:
        return rig_below(r, 8) == 0 ? bits : 0;
    case LOCKSTEP_REG_LOAD_ADDR_LO:
        return rig_below(r, 8) == 0 ? bits : rig_below(r, (uint32_t)r->device.memory.size);
    case LOCKSTEP_REG_UCODE_ADDR:
    case LOCKSTEP_REG_TENSOR_ADDR:
        return rig_below(r, 4) == 0 ? bits : rig_below(r, 1100);
    case LOCKSTEP_REG_PORT_TIMEOUT:
        return 1 + rig_below(r, TIMEOUT);
    default:
        return rig_below(r, 4) == 0 ? bits & 15u : bits;
    }
}

static uint32_t any_strobes(struct rig *r) {
    return rig_below(r, 3) == 0 ? rig_below(r, 16) : 15;
}

/* A write beside a read must be judged in either order: of things that have nothing to do with
 * each other. */
static void access_both(struct rig *r) {
    static const uint32_t apart[] = {LOCKSTEP_REG_LIST_SEQ, LOCKSTEP_REG_LIST_INDEX,
                                     LOCKSTEP_REG_ROPE_LO, LOCKSTEP_REG_TEMP_LIMIT,
                                     LOCKSTEP_REG_IRQ_ENABLE};
    static const uint32_t others[] = {LOCKSTEP_REG_ID,           LOCKSTEP_REG_STATUS,
                                      LOCKSTEP_REG_TOKENS_IN_HI, LOCKSTEP_REG_BUDGET,
                                      LOCKSTEP_REG_LOAD_CRC,     LOCKSTEP_REG_TOKEN_LEVELS};
    struct abuse_access a = {.write = true, .read = true, .strobes = any_strobes(r)};
    a.waddr = apart[rig_below(r, sizeof apart / sizeof *apart)];
    a.raddr = others[rig_below(r, sizeof others / sizeof *others)];
    a.wdata = (uint32_t)random_64(&r->random);
    rig_access(r, &a);
}

/* A soft reset, and a read that waits for the bus or for its reader meanwhile: it is answered. */
void access_reset(struct rig *r) {
    struct abuse_access a = {.write = true, .read = true, .strobes = 15};
    a.waddr = LOCKSTEP_REG_CTRL;
    a.wdata = LOCKSTEP_CTRL_SOFT_RESET_MASK;
    a.raddr = rig_below(r, 2) ? LOCKSTEP_REG_ID : LOCKSTEP_REG_BUDGET;
    rig_access(r, &a);
}

void access_any(struct rig *r) {
    struct abuse_access a = {.strobes = any_strobes(r)};
    if (rig_below(r, 10) == 0) {
        access_both(r);
        return;
    }
    if (rig_below(r, 100) == 0) {
        access_reset(r);
        return;
    }
    a.write = rig_below(r, 2) != 0;
    a.read = !a.write;
    a.waddr = a.raddr = any_address(r);
    a.wdata = any_data(r, a.waddr);
    rig_access(r, &a);
}

/* Whether what is written to a register matters to a run that is under way. */
static bool matters(const struct rig *r, const struct abuse_access *a) {
    static const uint32_t what[] = {
        LOCKSTEP_REG_BUDGET,       LOCKSTEP_REG_TOPK, LOCKSTEP_REG_START_POS, LOCKSTEP_REG_EOG0,
        LOCKSTEP_REG_EOG1,         LOCKSTEP_REG_EOG2, LOCKSTEP_REG_EOG3,      LOCKSTEP_REG_EOG4,
        LOCKSTEP_REG_EOG5,         LOCKSTEP_REG_EOG6, LOCKSTEP_REG_EOG7,      LOCKSTEP_REG_THROTTLE,
        LOCKSTEP_REG_PORT_TIMEOUT, LOCKSTEP_REG_CTRL};
    const uint32_t address = a->waddr & ~3u;
    for (size_t i = 0; i < sizeof what / sizeof *what; i++)
        if (address == what[i])
            return true;
    if (a->strobes != 15)
        return false;
    return address == LOCKSTEP_REG_TOKEN_IN || (address == LOCKSTEP_REG_LOAD_DATA &&
                                                4 * r->registers.load_next < r->device.memory.size);
}

/* Any access that must leave a run as it is; token-out is left to who collects the tokens. */
void access_harmless(struct rig *r) {
    struct abuse_access a = {.strobes = any_strobes(r)};
    if (rig_below(r, 10) == 0) {
        access_both(r);
        return;
    }
    a.write = rig_below(r, 2) != 0;
    a.read = !a.write;
    a.waddr = a.raddr = any_address(r);
    a.wdata = any_data(r, a.waddr);
    if ((a.waddr & ~3u) == LOCKSTEP_REG_CTRL && a.write) {
        a.wdata = LOCKSTEP_CTRL_RUN_MASK |
                  (rig_below(r, 4) == 0 ? LOCKSTEP_CTRL_SNAPSHOT_MASK : 0) |
                  (rig_below(r, 16) == 0 ? LOCKSTEP_CTRL_VALIDATE_MASK : 0);
    } else if (a.write ? matters(r, &a) : (a.raddr & ~3u) == LOCKSTEP_REG_TOKEN_OUT)
        return;
    rig_access(r, &a);
}
