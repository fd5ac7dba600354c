/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The device `small` with a model on it, a bus without manners, a weight memory that obeys no rule
 * if it is told so, and what judges: a model of the registers, the golden model, the predicted
 * cycles.
 *
 *     rig_open(&rig, seed);
 *     rig_bring_up(&rig);
 *     rig_begin_checks(&rig);
 *     rig_send_prompt(&rig, 0, RIG_TOKENS);
 *     rig_put(&rig, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
 */
#ifndef ABUSE_RIG_H
#define ABUSE_RIG_H

#include "abuse_bus.h"
#include "firmware/driver.h"
#include "register_model.h"
#include "sim/check/scoreboard.h"
#include "sim/check/sim_cycles.h"

enum { PROMPT = 5, TOKENS = 4, CONTEXT = 64, SEQUENCES = 2 }; /* of a run */
enum { TIMEOUT = 2000 };                                      /* most of PORT_TIMEOUT */

#define FIELD_OF(name, value) (((value) & LOCKSTEP_##name##_MASK) >> LOCKSTEP_##name##_SHIFT)

enum spoil {
    FINE,
    SLVERR,
    DECERR,
    WRONG_ID,
    LOST,      /* a beat */
    HUNG,      /* no beat from now on */
    DEAF,      /* no request is taken from now on */
    EARLY,     /* RLAST */
    MISSING,   /* RLAST */
    EXTRA,     /* a beat that nobody asked for */
    NOISE,     /* for data */
    REFUSES,   /* what the loader writes */
    UNHEEDING, /* never answers what the loader writes */
    SPOILS,
    READS = REFUSES /* those before are of reads */
};

struct rig {
    struct host_test test;
    struct ls_model *model;
    struct fw_model fw_model;
    struct device device;
    struct hal hal;
    struct fw_device firmware;
    struct abuse_bus bus;
    struct register_model registers;
    uint64_t random;
    uint32_t expected[TOKENS]; /* words of token-out */
    uint64_t cycles;           /* of the run, as the device counts them */
    struct scoreboard board;
    struct sim_cycles timing;
    bool checked, dead;             /* words and cycles are; an access was not answered */
    uint32_t spoil;                 /* what the weight memory does, one of enum spoil */
    uint32_t spoil_in, spoil_again; /* beats to the next, and from it to the one behind */
    uint32_t spoiled[16];           /* how often, by enum spoil */
    bool lawful;                    /* the memory keeps to the rules of AXI */
    bool owed;                      /* an answer to the loader is kept back */
    uint32_t ended[3];              /* runs over a port with a fault: right, error, lockstep */
    uint32_t states;                /* a bit an enum STATE in which the device was reset */
};

/* Exits if the device or its model cannot be opened. */
void rig_open(struct rig *r, uint64_t seed);
void rig_close(struct rig *r);

uint32_t rig_below(struct rig *r, uint32_t limit);
void rig_wait(struct rig *r, uint32_t cycles);

/* Accesses, each of them judged. */
void rig_access(struct rig *r, struct abuse_access *access);
uint32_t rig_get(struct rig *r, uint32_t address);
void rig_put(struct rig *r, uint32_t address, uint32_t data);

/* Of any address, width and value; and of those that must leave a run as it is, in which token-out
 * belongs to who collects the tokens. */
void access_any(struct rig *r);
void access_harmless(struct rig *r);
void access_reset(struct rig *r); /* a soft reset beside a read, which is answered */

/* The memory does this at its `first` beat, and again with every `again` more; what lasts, always.
 * Then it is good again: the answer that was kept comes, unless the device has forgotten that it
 * waits. */
void rig_spoil(struct rig *r, enum spoil kind, uint32_t first, uint32_t again);
void rig_settle(struct rig *r, bool forgotten);

/* Everything that can be set as after reset; program, tensors and geometry as the model's. */
void rig_bring_up(struct rig *r);
void rig_send_prompt(struct rig *r, uint32_t sequence, uint32_t budget);

/* From now on words and cycles are checked; until the run is over, and all of it was right. */
bool rig_begin_checks(struct rig *r);
void rig_end_checks(struct rig *r, const char *what);
void rig_drop_checks(struct rig *r); /* whatever it was */

#endif
