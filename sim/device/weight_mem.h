/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The memory behind the device's weight port: an AXI4 subordinate a channel, which answer reads
 * from a mapped file (back door) or from memory that the loader has filled (front door), with
 * settable latency, jitter and bandwidth, and with faults to order. A request that breaks the rules
 * of AXI or of the port (other than whole beats, INCR, beyond 4 KiB) is answered with SLVERR. Each
 * draws its own jitter and gaps; everything they do follows from the seed. Addresses here are those
 * of the file: which of its bytes a channel holds, and where, says docs/architecture.md (Weight
 * port).
 *
 *     struct weight_mem mem;
 *     weight_mem_init(&mem, dut, &settings);
 *     weight_mem_map(&mem, bytes, size);
 *     dut_eval(dut); // each clock: while it is low
 *     weight_mem_sample(&mem);
 *     dut_eval(dut); // and while it is high
 *     weight_mem_drive(&mem);
 */
#ifndef LOCKSTEP_WEIGHT_MEM_H
#define LOCKSTEP_WEIGHT_MEM_H

#include <stdbool.h>
#include <stdint.h>

#include "verilated.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WEIGHT_MEM_CHANNELS 16u  /* at most */
#define WEIGHT_MEM_BURSTS   16u  /* read bursts that a channel accepts ahead */
#define WEIGHT_MEM_PART     128u /* bytes of the widest channel */
#define WEIGHT_MEM_NONE     UINT64_MAX

struct weight_mem_settings {
    uint32_t latency; /* cycles from a read request to its first beat, at least 1 */
    uint32_t jitter;  /* up to so many cycles more, drawn for each burst */
    uint32_t gaps;    /* chance in 256 of a cycle without a beat, and of a request not taken */
    uint64_t seed;
    uint64_t flip_address;  /* byte whose bit arrives flipped, or WEIGHT_MEM_NONE */
    uint64_t flip_bit;      /* 0..7 */
    uint64_t error_address; /* the channel's beat that holds this byte answers SLVERR, or NONE */
    uint64_t hang_address;  /* the burst that holds this byte is never answered, or NONE */
};

/* Latency of 40 cycles, no jitter, no gaps, no faults. */
struct weight_mem_settings weight_mem_defaults(void);

struct weight_mem_burst {
    uint64_t address; /* of the channel's part of the next beat */
    uint64_t due;     /* cycle of the first beat */
    uint32_t beats;   /* left */
    uint8_t id;
    bool served; /* else each beat is answered with SLVERR */
};

/* Vectors, the first channel's bits lowest. */
struct weight_mem_ports {
    uint8_t *arvalid, *arready, *arid, *arlen, *arsize, *arburst, *araddr;
    uint8_t *rvalid, *rready, *rid, *rresp, *rlast, *rdata;
    uint8_t *awvalid, *awready, *awlen, *awsize, *awburst, *awaddr;
    uint8_t *wvalid, *wready, *wlast, *wdata, *wstrb;
    uint8_t *bvalid, *bready, *bresp;
};

struct weight_mem_channel {
    uint64_t bursts_taken, beats_taken; /* read requests and beats so far */
    uint64_t waited;                    /* cycles without the beat that is owed */
    uint64_t random;
    uint64_t write_address;                            /* of the accepted AW */
    bool write_served;                                 /* likewise; its answer is OKAY */
    uint32_t first, count;                             /* of the bursts, in order */
    struct weight_mem_burst bursts[WEIGHT_MEM_BURSTS]; /* a ring */
};

struct weight_mem {
    struct weight_mem_settings settings;
    struct weight_mem_ports port;
    uint32_t channels;
    uint32_t beat_bytes; /* of all channels together, */
    uint32_t part_bytes; /* of one */
    const uint8_t *map;  /* read from here */
    uint8_t *loaded;     /* written here by the loader; NULL with the back door */
    uint64_t size;       /* bytes of either */
    uint64_t cycle;
    uint64_t refused;              /* first byte of the first beat not answered with OKAY */
    uint64_t longest_wait;         /* cycles that a channel was without a beat that it owed */
    uint64_t waited_for;           /* its address */
    uint64_t flips, errors, hangs; /* how often each fault came to pass */
    /* A bit a channel: all; a beat is owed; no burst more is accepted; handshakes of this cycle; AW
     * accepted, W not yet; W accepted, B not yet */
    uint64_t every, owing, full, ar_taken, r_taken, aw_taken, w_taken, b_taken, writes, b_due;
    struct weight_mem_channel channel[WEIGHT_MEM_CHANNELS];
};

/* Looks the ports up. Returns 0, or -1 if the model has no weight port. */
int weight_mem_init(struct weight_mem *mem, struct dut *dut,
                    const struct weight_mem_settings *settings);

/* Read requests and beats that all channels have taken so far. */
uint64_t weight_mem_bursts(const struct weight_mem *mem);
uint64_t weight_mem_beats(const struct weight_mem *mem);

/* The request that a channel took in this cycle (ar_taken), before weight_mem_drive. */
const struct weight_mem_burst *weight_mem_asked(const struct weight_mem_channel *channel);

/* Back door: serves `size` bytes, which the caller keeps. */
void weight_mem_map(struct weight_mem *mem, const void *bytes, uint64_t size);

/* Front door: serves `size` bytes of zeros that the device's loader writes. 0 or -1. */
int weight_mem_load(struct weight_mem *mem, uint64_t size);

void weight_mem_close(struct weight_mem *mem);

/* Before the rising edge, inputs settled: notes which handshakes take place. */
void weight_mem_sample(struct weight_mem *mem);

/* After the rising edge: answers, and sets the inputs of the next cycle. */
void weight_mem_drive(struct weight_mem *mem);

#ifdef __cplusplus
}
#endif
#endif
