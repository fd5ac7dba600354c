/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The Verilated device with its clock, its AXI4-Lite manager, its weight memory and its commit
 * port.
 *
 *     struct device device;
 *     device_open(&device, seed, &memory_settings);
 *     weight_mem_map(&device.memory, file, size);
 *     device.on_commit = check;
 *     device.observer = &scoreboard;
 *     struct hal hal = device_hal(&device);
 *     run(&hal);
 *     if (device.status != DEVICE_OK)
 *         puts("stopped");
 *     device_close(&device);
 */
#ifndef LOCKSTEP_DEVICE_H
#define LOCKSTEP_DEVICE_H

#include "csrc/base/output.h"
#include "firmware/hal.h"
#include "verilated.h"
#include "weight_mem.h"

#ifdef __cplusplus
extern "C" {
#endif

enum device_status {
    DEVICE_OK = 0,
    DEVICE_STOPPED,     /* the observer asked for it: a difference */
    DEVICE_CYCLE_LIMIT, /* no result within cycle_limit */
    DEVICE_HANGS,       /* nothing has stirred for quiet_limit cycles */
    DEVICE_BUS,         /* a register access was answered with an error */
    DEVICE_INTERRUPTED, /* *interrupted became true */
    DEVICE_ENOUGH,      /* all that was asked for has been seen: the window is over */
    DEVICE_TRACE,       /* the trace cannot be written; trace.error says why */
    DEVICE_ASSERTION    /* one failed; failure says which */
};

enum device_pulse { DEVICE_PASS_START, DEVICE_OP_START, DEVICE_OP_DONE };

/* One cycle of the commit port. */
struct device_commit {
    uint64_t cycle;
    uint64_t start;         /* cycle of the last op_start before it; PASS and SAMPLE have none */
    uint32_t op, pc, layer; /* op: LOCKSTEP_OP_* */
    uint32_t slot;          /* of all words, unless by_slot */
    uint32_t mask;          /* by_slot: the slots, each with words 2s .. 2s + count - 1 */
    uint32_t index;         /* element of the first word */
    uint32_t count;         /* words, by_slot 1 or 2 of each slot */
    bool by_slot;
    const uint32_t *words;
};

struct device_ports {
    uint8_t *clk, *rst, *irq;
    uint16_t *awaddr, *araddr;
    uint8_t *awvalid, *awready, *wvalid, *wready, *bvalid, *bready, *bresp;
    uint8_t *arvalid, *arready, *rvalid, *rready, *rresp, *wstrb;
    uint32_t *wdata, *rdata;
    uint8_t *commit_valid, *commit_by_slot, *commit_op, *commit_pc, *commit_layer, *commit_slot;
    uint8_t *commit_mask, *commit_count;
    uint32_t *commit_index, *commit_data;
    uint8_t *pass_start, *op_start, *op_done;
    uint8_t *kv_en, *kv_we;
    uint32_t *kv_addr, *kv_wdata, *kv_rdata;
    uint8_t *part_valid, *part_unit, *window_valid, *window_pace;
    uint64_t *part_energy;
    uint32_t *window_die, *window_package;
};

/* What is written to an FST: cycles first..last, or up to the cycle at which the file has become as
 * large as it may, within TRACE_LOOK cycles. Time is told in units of half a cycle. */
struct device_trace {
    const char *path; /* NULL: nothing */
    uint64_t first, last;
    uint64_t most;      /* bytes, about */
    uint64_t cut;       /* first cycle left out because of them; 0: none */
    bool stop;          /* DEVICE_ENOUGH behind the last cycle */
    bool open, written; /* the file is; it is there, complete */
    enum dut_status status;
    struct output output;
    struct ls_error error; /* if status is not DUT_OK */
};

struct device {
    struct dut *dut;
    struct device_ports port;
    struct weight_mem memory;
    enum device_status status; /* other than OK: register accesses do nothing any more */
    uint64_t cycle;            /* since power-on */
    uint64_t op_start;         /* cycle of the last such pulse */
    uint64_t accesses;         /* register accesses answered */
    uint64_t cycle_limit;      /* 0: none, nor is there one of quiet */
    uint64_t quiet_limit; /* cycles without an op's begin or end, commit, beat, access; 0: none */
    uint64_t stirred;     /* cycle of the last of these */
    uint32_t bus_address; /* of the access that failed with DEVICE_BUS */
    const char *failure;  /* the first assertion that failed (verilated.h), or NULL */
    uint64_t failed_at;   /* in that cycle */
    int (*on_commit)(void *observer, const struct device_commit *commit); /* other than 0: stop */
    /* A pass, an op begins; an op is done; in `cycle`, behind its commits. May be NULL. */
    void (*on_pulse)(void *observer, enum device_pulse pulse);
    void (*on_progress)(void *observer); /* every 2^15 cycles */
    /* A power window: each unit's energy (fJ), then temperatures (2^-16 C) and pace; may be NULL.
     */
    void (*on_part)(void *observer, uint32_t unit, uint64_t energy);
    void (*on_window)(void *observer, uint32_t die, uint32_t package, uint32_t pace);
    void (*on_cycle)(void *observer); /* inputs settled, before the rising edge; may be NULL */
    void *observer;
    const volatile bool *interrupted; /* may be NULL */
    struct device_trace trace;
};

/* Builds the model (registers start random), resets it. Returns 0, or -1 if a port is missing. */
int device_open(struct device *device, uint64_t seed, const struct weight_mem_settings *settings);

void device_close(struct device *device);

/* The firmware's way in; the result points into `device`. */
struct hal device_hal(struct device *device);

/* The clock is low and all outputs follow the inputs: what the next rising edge takes. */
void device_settle(struct device *device);

void device_tick(struct device *device);

/* Ends the trace, if one is open: the file is there, or trace.status and .error say why not. */
void device_trace_end(struct device *device);

/* A register access by hand, with byte strobes; returns the response (0 OKAY, 2 SLVERR). */
uint32_t device_write(struct device *device, uint32_t address, uint32_t value, uint32_t strobes);
uint32_t device_read(struct device *device, uint32_t address, uint32_t *value);

/* A word of the KV SRAM through the back door: 32 mantissas of 16 bits, then a 5-bit shift. Between
 * ops only. */
void device_kv_read(struct device *device, uint32_t address, uint32_t word[17]);
void device_kv_write(struct device *device, uint32_t address, const uint32_t word[17]);

/* Flips a bit of such a word: 0..511 mantissas, 512..516 shift. */
void device_flip_kv(struct device *device, uint32_t address, uint32_t bit);

#ifdef __cplusplus
}
#endif
#endif
