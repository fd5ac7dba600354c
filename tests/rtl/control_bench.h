/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The control half of the device on a bench: an AXI4-Lite master with random delays, a stand-in of
 * the data path that takes random time and answers LOGITS from a script, a weight memory behind the
 * loader, and a record of all that the device asked for. Handshakes are watched all the time: what
 * is valid must stay until it is taken.
 *
 *     struct bench b;
 *     bench_open(&b, "control", argc, argv);
 *     bus_write(&b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
 *     bench_run_until_idle(&b);
 *     return bench_close(&b);
 */
#ifndef CONTROL_BENCH_H
#define CONTROL_BENCH_H

#include "tests/kit/top.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BENCH_RECORDS = 65536, BENCH_MEMORY = 65536, BENCH_SLOTS = 16, BENCH_ROUTES = 8192 };
enum { BENCH_CHANNELS = 2 }; /* of the weight memory */

/* What `fault=` on the command line spoils on its way to the checks. */
enum bench_fault {
    FAULT_NONE,
    FAULT_READ_DATA,  /* a bit of every 50th read */
    FAULT_RESPONSE,   /* SLVERR reads as OKAY */
    FAULT_OP_LAYER,   /* of every 20th op */
    FAULT_OP_SLOTS,   /* of every 20th op */
    FAULT_FETCH,      /* address of every 20th fetch */
    FAULT_FETCH_LOST, /* every 20th fetch */
    FAULT_COMMIT,     /* a bit of every 20th commit */
    FAULT_LOGIT,      /* the device is given another logit */
    FAULT_WRITE_DATA, /* a byte of every 20th beat written to memory */
    FAULT_LATE_HOLD,  /* a fetch is withdrawn once */
    FAULT_COUNT
};

struct bench_op {
    uint32_t op, pc, layer, slots, dst, a, b, n, imm, tensor, type, rows, cols, local, pass;
    uint32_t expert; /* {in an expert loop, which} */
};

/* What the slots chose in a ROUTE: a bit an expert. */
struct bench_route {
    uint32_t choice[BENCH_SLOTS][4];
};
struct bench_fetch {
    uint64_t addr, bytes;
    uint32_t tag, pass;
};
struct bench_commit {
    uint32_t op, slot, index, count, word[3], pass;
};

/* A channel of the device whose valid and payload must hold until ready. */
struct bench_hold {
    const char *name;
    bool waiting;
    uint64_t payload;
};

struct bench {
    struct host_test test;
    struct top top;
    unsigned bus_stall;  /* most cycles of delay on a bus channel */
    unsigned unit_stall; /* most extra cycles of a unit, of a fetch, of the memory */
    enum bench_fault fault;
    unsigned fault_count;
    unsigned slots, port_bytes;

    /* The logit of `row` for a slot, binary32 bits. */
    uint32_t (*logit)(uint32_t seq, uint32_t pos, uint32_t token, uint32_t row);

    /* Stand-in of the data path. */
    bool op_running;
    unsigned op_wait;
    unsigned fetches_ahead; /* taken, and not yet used by an op */
    uint32_t row, row_step; /* rows of logits from one cycle to the next, 0: those that come */
    int fail_op;            /* counts down the ops; at 0 the op fails; -1: none */
    uint32_t fail_code;     /* with this code */
    bool fail_port;         /* as an error of the weight port, with this tag: */
    uint32_t fail_tag;

    /* Record. */
    struct bench_op ops[BENCH_RECORDS];
    struct bench_fetch fetches[BENCH_RECORDS];
    struct bench_commit commits[BENCH_RECORDS];
    struct bench_route routes[BENCH_ROUTES];
    size_t op_count, fetch_count, commit_count, route_count;
    uint32_t passes; /* begun: the PASS commits after another commit or op */
    bool in_pass;    /* the newest event was a PASS commit */
    uint64_t macs, beats, busy_cycles;

    /* Weight memory behind the loader. */
    uint8_t memory[BENCH_MEMORY];
    uint8_t bresp;
    bool aw_taken, w_taken, b_pending;
    unsigned channel; /* of the weight memory that is written */
    unsigned mem_wait, beats_written;

    bool stopped; /* by an error: what is held may be dropped */
    struct bench_hold hold_fetch, hold_b, hold_r, hold_aw, hold_w;

    /* Ports, by their names in rtl/control.v. */
    uint8_t *clear_o, *irq_o;
    uint8_t *s_axil_awvalid_i, *s_axil_awready_o, *s_axil_wvalid_i, *s_axil_wready_o;
    uint8_t *s_axil_bvalid_o, *s_axil_bready_i, *s_axil_bresp_o, *s_axil_arvalid_i;
    uint8_t *s_axil_arready_o, *s_axil_rvalid_o, *s_axil_rready_i, *s_axil_rresp_o, *s_axil_wstrb_i;
    uint16_t *s_axil_awaddr_i, *s_axil_araddr_i;
    uint32_t *s_axil_wdata_i, *s_axil_rdata_o;
    uint8_t *op_start_o, *op_o, *op_pc_o, *op_layer_o, *op_local_o, *op_slots_o, *op_type_o;
    uint8_t *op_done_i, *op_err_i, *op_err_code_i, *op_err_slot_i, *port_err_i, *port_err_code_i;
    uint16_t *op_dst_o, *op_a_o, *op_b_o, *op_n_o, *op_tensor_o;
    uint32_t *op_imm_o, *op_rows_o, *op_cols_o, *port_err_tag_i;
    uint8_t *op_expert_o;
    uint32_t *choice_i;
    void *slot_pos_o, *slot_seq_o, *slot_token_o;
    uint8_t *fetch_valid_o, *fetch_ready_i;
    uint64_t *fetch_addr_o, *fetch_bytes_o;
    uint32_t *fetch_tag_o;
    uint8_t *res_valid_i, *res_both_i;
    uint32_t *res_row_i;
    void *res_data_i;
    uint8_t *cm_valid_o, *cm_op_o, *cm_slot_o, *cm_count_o;
    uint32_t *cm_index_o, *cm_data_o;
    uint8_t *m_axi_awvalid_o, *m_axi_awready_i, *m_axi_wvalid_o, *m_axi_wready_i;
    uint8_t *m_axi_bvalid_i, *m_axi_bready_o, *m_axi_bresp_i;
    uint64_t *m_axi_awaddr_o;
    uint32_t *m_axi_wdata_o;
    void *m_axi_wstrb_o;
    uint8_t *ev_beat_i, *ev_stall_i, *ev_kv_reads_i, *ev_kv_writes_i;
    uint32_t *ev_macs_i;
    uint8_t *rope_we_o, *rope_bank_o, *rope_pair_o;
    uint64_t *rope_inc_o;

    uint64_t rope[2][128]; /* by bank */

    /* Tokens that were taken out to make room while tokens were pushed. */
    uint32_t inbox[1024];
    size_t inbox_first, inbox_end;
};

/* Opens and resets the device. Arguments: seed=N, stall=N, fault=N. */
void bench_open(struct bench *b, const char *name, int argc, char **argv);

/* Prints the verdict; returns the exit status. */
int bench_close(struct bench *b);

void bench_reset(struct bench *b);
void bench_tick(struct bench *b);
void bench_forget(struct bench *b); /* empties the record */
uint32_t bench_random(struct bench *b, uint32_t limit);
uint32_t bench_bits(const void *port, unsigned low, unsigned count);

enum { BUS_OKAY = 0, BUS_SLVERR = 2 };

/* One access; returns the response. Either of write and read may be absent (NULL data). */
uint32_t bus_write_strobed(struct bench *b, uint32_t addr, uint32_t data, uint32_t strobes);
uint32_t bus_read_response(struct bench *b, uint32_t addr, uint32_t *data);
/* Both at once; responses in resp[0] (write) and resp[1] (read). */
void bus_both(struct bench *b, uint32_t waddr, uint32_t wdata, uint32_t raddr, uint32_t *rdata,
              uint32_t resp[2]);

/* Accesses that must be answered OKAY. */
void bus_write(struct bench *b, uint32_t addr, uint32_t data);
uint32_t bus_read(struct bench *b, uint32_t addr);

/* Runs until STATUS.BUSY is low (read through the bus); a check fails after too many cycles. */
void bench_run_until_idle(struct bench *b);

#endif
