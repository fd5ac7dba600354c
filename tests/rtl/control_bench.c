/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The bench of tests/rtl/control_bench.h: one function drives the inputs of a cycle, one looks at
 * the outputs before the clock's edge.
 */
#include "control_bench.h"

#include "csrc/base/device_info.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE = 200000 }; /* cycles */
enum { FETCHES_AHEAD = 2 }; /* taken before they are used, beyond one for each slot */

uint32_t bench_random(struct bench *b, uint32_t limit) {
    return limit == 0 ? 0 : top_below(&b->top, limit);
}

uint32_t bench_bits(const void *port, unsigned low, unsigned count) {
    const uint8_t *bytes = port; /* ports are little-endian words of the host */
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value |= (uint32_t)((bytes[(low + i) / 8] >> ((low + i) % 8)) & 1u) << i;
    return value;
}

/* True each n-th time, if this is the fault to be planted. */
static bool planted(struct bench *b, enum bench_fault fault, unsigned n) {
    return b->fault == fault && ++b->fault_count % n == 0;
}

static void hold(struct bench *b, struct bench_hold *h, bool valid, bool ready, uint64_t payload) {
    if (h->waiting)
        CHECK(&b->test, valid && h->payload == payload, "%s changed before it was taken", h->name);
    h->waiting = valid && !ready;
    h->payload = payload;
}

/* ---- stand-in of the data path ---- */

static void drive_results(struct bench *b) {
    uint32_t *data = b->res_data_i;
    const uint32_t token = b->row + (*b->op_o == LOCKSTEP_OP_OFFER ? *b->op_imm_o : 0);
    *b->res_row_i = token;
    *b->res_valid_i = 1;
    *b->res_both_i = *b->op_o == LOCKSTEP_OP_LOGITS && b->row + 1 < *b->op_rows_o;
    for (unsigned i = 0; i < 2 * b->slots; i++) {
        const unsigned s = i / 2;
        uint32_t bits =
            b->logit(bench_bits(b->slot_seq_o, 4 * s, 4), bench_bits(b->slot_pos_o, 16 * s, 16),
                     bench_bits(b->slot_token_o, 20 * s, 20), token + i % 2);
        if (planted(b, FAULT_LOGIT, 30))
            bits ^= 0x80000000u;
        data[i] = bits;
    }
    b->row += b->row_step != 0 ? b->row_step : 1u + *b->res_both_i;
}

/* Fetches that the running op uses up. */
static unsigned fetches_of(const struct bench *b) {
    if (in_mask(LOCKSTEP_OPS_TOKEN | LOCKSTEP_OPS_POSITION, *b->op_o)) /* a row a slot */
        return (unsigned)__builtin_popcount(*b->op_slots_o);
    return in_mask(LOCKSTEP_OPS_TENSOR, *b->op_o);
}

/* Rows of logits that the running op gives. */
static uint32_t logits_of(const struct bench *b) {
    return *b->op_o == LOCKSTEP_OP_LOGITS  ? *b->op_rows_o
           : *b->op_o == LOCKSTEP_OP_OFFER ? *b->op_n_o
                                           : 0;
}

/* While ROUTE runs the choice may be anything; behind it, one to three experts of each slot. */
static void drive_choice(struct bench *b, bool done) {
    struct bench_route *r = &b->routes[b->route_count % BENCH_ROUTES];
    memset(r, 0, sizeof *r);
    for (unsigned s = 0; s < b->slots; s++) {
        for (unsigned i = 0; i < 3; i++) {
            const uint32_t expert = bench_random(b, *b->op_n_o);
            r->choice[s][expert / 32] |= 1u << expert % 32;
        }
        for (unsigned i = 0; i < 4; i++)
            b->choice_i[4 * s + i] = done ? r->choice[s][i] : (uint32_t)top_random(&b->top);
    }
    b->route_count += done;
}

static void drive(struct bench *b) {
    *b->op_done_i = *b->op_err_i = *b->port_err_i = *b->res_valid_i = 0;
    *b->ev_beat_i = *b->ev_stall_i = *b->ev_kv_reads_i = *b->ev_kv_writes_i = 0;
    *b->ev_macs_i = 0;
    *b->fetch_ready_i =
        b->fetches_ahead < FETCHES_AHEAD + b->slots && bench_random(b, b->unit_stall + 1) == 0;
    if (b->op_running && b->op_wait > 0)
        b->op_wait--;
    else if (b->op_running && fetches_of(b) > b->fetches_ahead)
        ; /* the weights have not been asked for yet */
    else if (b->op_running && b->row < logits_of(b)) {
        drive_results(b);
        b->op_wait = bench_random(b, b->unit_stall + 1);
    } else if (b->op_running) {
        b->op_running = false;
        if (b->fail_op == 0) {
            *b->op_err_i = !b->fail_port;
            *b->port_err_i = b->fail_port;
            *b->op_err_code_i = *b->port_err_code_i = (uint8_t)b->fail_code;
            *b->op_err_slot_i = 1;
            *b->port_err_tag_i = b->fail_tag;
        } else {
            *b->op_done_i = 1;
            if (*b->op_o == LOCKSTEP_OP_ROUTE)
                drive_choice(b, true);
            b->fetches_ahead -= fetches_of(b);
        }
        b->fail_op -= b->fail_op >= 0;
        *b->ev_macs_i = 32 * 31;
        *b->ev_beat_i = 1;
        b->macs += 32 * 31;
        b->beats++;
    }

    *b->m_axi_awready_i = !b->aw_taken && bench_random(b, b->unit_stall + 1) == 0 ? 3 : 0;
    *b->m_axi_wready_i = !b->w_taken && bench_random(b, b->unit_stall + 1) == 0 ? 3 : 0;
    *b->m_axi_bvalid_i = (uint8_t)(b->b_pending << b->channel);
    *b->m_axi_bresp_i = /* the other channel seems to answer otherwise */
        (uint8_t)(b->channel == 0 ? b->bresp | (b->bresp ^ 2) << 2
                                  : b->bresp << 2 | (b->bresp ^ 2));
}

static void observe_op(struct bench *b) {
    struct bench_op *o = &b->ops[b->op_count < BENCH_RECORDS ? b->op_count++ : 0];
    CHECK(&b->test, !b->op_running, "op started while one runs");
    *o = (struct bench_op){.op = *b->op_o,
                           .pc = *b->op_pc_o,
                           .layer = *b->op_layer_o,
                           .slots = *b->op_slots_o,
                           .dst = *b->op_dst_o,
                           .a = *b->op_a_o,
                           .b = *b->op_b_o,
                           .n = *b->op_n_o,
                           .imm = *b->op_imm_o,
                           .tensor = *b->op_tensor_o,
                           .type = *b->op_type_o,
                           .rows = *b->op_rows_o,
                           .cols = *b->op_cols_o,
                           .local = *b->op_local_o,
                           .expert = *b->op_expert_o,
                           .pass = b->passes};
    if (planted(b, FAULT_OP_LAYER, 20))
        o->layer++;
    if (planted(b, FAULT_OP_SLOTS, 20))
        o->slots ^= 1;
    b->op_running = true;
    if (*b->op_o == LOCKSTEP_OP_ROUTE)
        drive_choice(b, false);
    b->op_wait = bench_random(b, b->unit_stall + 1);
    b->row = 0;
    b->in_pass = false;
}

static void observe_commit(struct bench *b) {
    struct bench_commit *c = &b->commits[b->commit_count < BENCH_RECORDS ? b->commit_count++ : 0];
    if (*b->cm_op_o == LOCKSTEP_OP_PASS && !b->in_pass)
        b->passes++;
    b->in_pass = *b->cm_op_o == LOCKSTEP_OP_PASS;
    *c = (struct bench_commit){.op = *b->cm_op_o,
                               .slot = *b->cm_slot_o,
                               .index = *b->cm_index_o,
                               .count = *b->cm_count_o,
                               .word = {b->cm_data_o[0], b->cm_data_o[1], b->cm_data_o[2]},
                               .pass = b->passes};
    if (planted(b, FAULT_COMMIT, 20))
        c->word[0] ^= 1;
}

static void observe_fetch(struct bench *b) {
    struct bench_fetch *f;
    b->fetches_ahead++;
    if (planted(b, FAULT_FETCH_LOST, 20))
        return;
    f = &b->fetches[b->fetch_count < BENCH_RECORDS ? b->fetch_count++ : 0];
    *f = (struct bench_fetch){*b->fetch_addr_o, *b->fetch_bytes_o, *b->fetch_tag_o, b->passes};
    if (planted(b, FAULT_FETCH, 20))
        f->addr ^= 64;
}

static void observe_memory(struct bench *b) {
    const uint8_t *data = (const uint8_t *)b->m_axi_wdata_o;
    const unsigned aw = *b->m_axi_awvalid_o & *b->m_axi_awready_i;
    const unsigned w = *b->m_axi_wvalid_o & *b->m_axi_wready_i;
    const uint64_t beat = *b->m_axi_awaddr_o / b->port_bytes;
    hold(b, &b->hold_aw, *b->m_axi_awvalid_o, *b->m_axi_awready_i,
         *b->m_axi_awaddr_o | (uint64_t)*b->m_axi_awvalid_o << 40);
    hold(b, &b->hold_w, *b->m_axi_wvalid_o, *b->m_axi_wready_i,
         bench_bits(b->m_axi_wstrb_o, 0, 16) | (uint64_t)*b->m_axi_wvalid_o << 16);
    if (*b->m_axi_bvalid_i & *b->m_axi_bready_o)
        b->b_pending = false;
    if (aw != 0) {
        b->aw_taken = true;
        b->channel = aw >> 1;
        CHECK(&b->test, aw != 3 && *b->m_axi_awaddr_o % b->port_bytes == 0,
              "write address %llx of channel %u is not that of a beat",
              (unsigned long long)*b->m_axi_awaddr_o, b->channel);
    }
    /* Data is stored with the address of its burst, which this memory takes first or together. */
    if (w != 0) {
        uint8_t *to = &b->memory[(beat * BENCH_CHANNELS + (w >> 1)) * b->port_bytes % BENCH_MEMORY];
        b->w_taken = true;
        for (unsigned i = 0; i < b->port_bytes; i++)
            if (bench_bits(b->m_axi_wstrb_o, i, 1))
                to[i] = data[i];
        if (planted(b, FAULT_WRITE_DATA, 20))
            to[0] ^= 0x10;
        b->beats_written++;
    }
    CHECK(&b->test, !b->aw_taken || w == 0 || w == 1u << b->channel, "data of another channel");
    if (b->aw_taken && b->w_taken && !b->b_pending && bench_random(b, b->unit_stall + 1) == 0) {
        b->b_pending = true;
        b->aw_taken = b->w_taken = false;
    }
}

static void observe(struct bench *b) {
    bool withdrawn = b->hold_fetch.waiting && planted(b, FAULT_LATE_HOLD, 20);
    b->stopped = !*b->clear_o && (b->stopped || *b->op_err_i || *b->port_err_i ||
                                  (*b->m_axi_bvalid_i & *b->m_axi_bready_o && b->bresp != 0));
    if (b->stopped || *b->clear_o)
        b->hold_fetch.waiting = false;
    else
        hold(b, &b->hold_fetch, *b->fetch_valid_o && !withdrawn, *b->fetch_ready_i,
             *b->fetch_addr_o ^ *b->fetch_bytes_o << 20);
    hold(b, &b->hold_b, *b->s_axil_bvalid_o, *b->s_axil_bready_i, *b->s_axil_bresp_o);
    hold(b, &b->hold_r, *b->s_axil_rvalid_o, *b->s_axil_rready_i,
         *b->s_axil_rdata_o | (uint64_t)*b->s_axil_rresp_o << 32);
    observe_memory(b);
    if (*b->clear_o)
        b->op_running = false, b->fetches_ahead = 0;
    if (*b->op_start_o)
        observe_op(b);
    if (*b->cm_valid_o)
        observe_commit(b);
    if (*b->fetch_valid_o && *b->fetch_ready_i)
        observe_fetch(b);
    if (*b->rope_we_o)
        b->rope[*b->rope_bank_o][*b->rope_pair_o] = *b->rope_inc_o;
}

void bench_tick(struct bench *b) {
    drive(b);
    top_settle(&b->top);
    observe(b);
    top_edge(&b->top);
}

/* ---- bus ---- */

struct access {
    bool write, read, aw, w, ar, b, r; /* to be done at all; what is still to be done */
    unsigned aw_wait, w_wait, ar_wait, b_wait, r_wait;
};

static unsigned bus_delay(struct bench *b) {
    return bench_random(b, b->bus_stall + 1);
}

static void bus_access(struct bench *b, bool write, bool read, uint32_t waddr, uint32_t wdata,
                       uint32_t strobes, uint32_t raddr, uint32_t *rdata, uint32_t resp[2]) {
    struct access a = {write, read, write, write, read, write, read, 0, 0, 0, 0, 0};
    uint64_t limit = b->top.cycle + PATIENCE;
    a.aw_wait = bus_delay(b), a.w_wait = bus_delay(b), a.ar_wait = bus_delay(b);
    a.b_wait = bus_delay(b), a.r_wait = bus_delay(b);
    *b->s_axil_awaddr_i = (uint16_t)waddr;
    *b->s_axil_wdata_i = wdata;
    *b->s_axil_wstrb_i = (uint8_t)strobes;
    *b->s_axil_araddr_i = (uint16_t)raddr;
    while (a.b || a.r) {
        bool aw, w, ar, bb, r;
        *b->s_axil_awvalid_i = a.aw && a.aw_wait == 0;
        *b->s_axil_wvalid_i = a.w && a.w_wait == 0;
        *b->s_axil_arvalid_i = a.ar && a.ar_wait == 0;
        *b->s_axil_bready_i = a.b && !a.aw && !a.w && a.b_wait == 0;
        *b->s_axil_rready_i = a.r && !a.ar && a.r_wait == 0;
        /* Ready and valid of the device do not depend on the inputs of the cycle. */
        aw = *b->s_axil_awvalid_i && *b->s_axil_awready_o;
        w = *b->s_axil_wvalid_i && *b->s_axil_wready_o;
        ar = *b->s_axil_arvalid_i && *b->s_axil_arready_o;
        bb = *b->s_axil_bvalid_o && *b->s_axil_bready_i;
        r = *b->s_axil_rvalid_o && *b->s_axil_rready_i;
        resp[0] = *b->s_axil_bresp_o;
        if (r) {
            resp[1] = *b->s_axil_rresp_o;
            *rdata = *b->s_axil_rdata_o;
            a.r = false;
        }
        if (bb) {
            resp[0] = *b->s_axil_bresp_o;
            a.b = false;
        }
        bench_tick(b);
        a.aw_wait -= a.aw_wait > 0, a.w_wait -= a.w_wait > 0, a.ar_wait -= a.ar_wait > 0;
        a.b_wait -= a.b_wait > 0 && !a.aw && !a.w;
        a.r_wait -= a.r_wait > 0 && !a.ar;
        a.aw = a.aw && !aw, a.w = a.w && !w, a.ar = a.ar && !ar;
        if (!top_waits(&b->top, limit, "an answer of the bus")) {
            printf("    write %d of %04x, read %d of %04x\n", write, waddr, read, raddr);
            exit(bench_close(b));
        }
    }
    *b->s_axil_awvalid_i = *b->s_axil_wvalid_i = *b->s_axil_arvalid_i = 0;
    *b->s_axil_bready_i = *b->s_axil_rready_i = 0;
    if (planted(b, FAULT_RESPONSE, 1))
        resp[0] = resp[1] = BUS_OKAY;
    if (read && planted(b, FAULT_READ_DATA, 50))
        *rdata ^= 4;
}

uint32_t bus_write_strobed(struct bench *b, uint32_t addr, uint32_t data, uint32_t strobes) {
    uint32_t resp[2] = {0, 0}, none;
    bus_access(b, true, false, addr, data, strobes, 0, &none, resp);
    return resp[0];
}

uint32_t bus_read_response(struct bench *b, uint32_t addr, uint32_t *data) {
    uint32_t resp[2] = {0, 0};
    bus_access(b, false, true, 0, 0, 0, addr, data, resp);
    return resp[1];
}

void bus_both(struct bench *b, uint32_t waddr, uint32_t wdata, uint32_t raddr, uint32_t *rdata,
              uint32_t resp[2]) {
    bus_access(b, true, true, waddr, wdata, 15, raddr, rdata, resp);
}

void bus_write(struct bench *b, uint32_t addr, uint32_t data) {
    uint32_t resp = bus_write_strobed(b, addr, data, 15);
    CHECK(&b->test, resp == BUS_OKAY, "write of %04x: response %u", addr, resp);
}

uint32_t bus_read(struct bench *b, uint32_t addr) {
    uint32_t data = 0, resp = bus_read_response(b, addr, &data);
    CHECK(&b->test, resp == BUS_OKAY, "read of %04x: response %u", addr, resp);
    if (addr == LOCKSTEP_REG_ERROR_CODE && data != 0)
        top_error(&b->top, data);
    return data;
}

void bench_run_until_idle(struct bench *b) {
    uint64_t limit = b->top.cycle + PATIENCE;
    while (bus_read(b, LOCKSTEP_REG_STATUS) & LOCKSTEP_STATUS_BUSY_MASK)
        if (!top_waits(&b->top, limit, "the end of BUSY"))
            exit(bench_close(b));
}

/* ---- life ---- */

static uint32_t no_logit(uint32_t seq, uint32_t pos, uint32_t token, uint32_t row) {
    (void)seq, (void)pos, (void)token, (void)row;
    return 0;
}

void bench_forget(struct bench *b) {
    b->op_count = b->fetch_count = b->commit_count = b->route_count = 0;
    b->passes = 0;
    b->in_pass = false;
    b->macs = b->beats = 0;
}

void bench_reset(struct bench *b) {
    *b->s_axil_awvalid_i = *b->s_axil_wvalid_i = *b->s_axil_arvalid_i = 0;
    *b->s_axil_bready_i = *b->s_axil_rready_i = 0;
    b->fetches_ahead = 0;
    b->op_running = b->aw_taken = b->w_taken = b->b_pending = false;
    top_reset(&b->top, 3);
    b->hold_fetch = (struct bench_hold){.name = "fetch"};
    b->hold_b = (struct bench_hold){.name = "B"};
    b->hold_r = (struct bench_hold){.name = "R"};
    b->hold_aw = (struct bench_hold){.name = "AW of the loader"};
    b->hold_w = (struct bench_hold){.name = "W of the loader"};
    bench_tick(b);
    bench_forget(b);
}

void bench_open(struct bench *b, const char *name, int argc, char **argv) {
    memset(b, 0, sizeof *b);
    b->test.name = name;
    b->bus_stall = b->unit_stall = (unsigned)host_argument(argc, argv, "stall", 3);
    b->fault = (enum bench_fault)host_argument(argc, argv, "fault", FAULT_NONE);
    b->logit = no_logit;
    b->fail_op = -1;
    top_open(&b->top, &b->test, host_argument(argc, argv, "seed", 1));
    TOP_PORT(b, clear_o), TOP_PORT(b, irq_o);
    TOP_PORT(b, s_axil_awvalid_i), TOP_PORT(b, s_axil_awready_o), TOP_PORT(b, s_axil_awaddr_i);
    TOP_PORT(b, s_axil_wvalid_i), TOP_PORT(b, s_axil_wready_o), TOP_PORT(b, s_axil_wdata_i);
    TOP_PORT(b, s_axil_wstrb_i), TOP_PORT(b, s_axil_bvalid_o), TOP_PORT(b, s_axil_bready_i);
    TOP_PORT(b, s_axil_bresp_o), TOP_PORT(b, s_axil_arvalid_i), TOP_PORT(b, s_axil_arready_o);
    TOP_PORT(b, s_axil_araddr_i), TOP_PORT(b, s_axil_rvalid_o), TOP_PORT(b, s_axil_rready_i);
    TOP_PORT(b, s_axil_rdata_o), TOP_PORT(b, s_axil_rresp_o);
    TOP_PORT(b, op_start_o), TOP_PORT(b, op_o), TOP_PORT(b, op_pc_o), TOP_PORT(b, op_layer_o),
        TOP_PORT(b, op_local_o), TOP_PORT(b, op_slots_o), TOP_PORT(b, op_expert_o);
    TOP_PORT(b, choice_i);
    TOP_PORT(b, op_dst_o), TOP_PORT(b, op_a_o), TOP_PORT(b, op_b_o), TOP_PORT(b, op_n_o),
        TOP_PORT(b, op_imm_o);
    TOP_PORT(b, op_tensor_o), TOP_PORT(b, op_type_o), TOP_PORT(b, op_rows_o),
        TOP_PORT(b, op_cols_o);
    TOP_PORT(b, op_done_i), TOP_PORT(b, op_err_i), TOP_PORT(b, op_err_code_i),
        TOP_PORT(b, op_err_slot_i);
    TOP_PORT(b, port_err_i), TOP_PORT(b, port_err_code_i), TOP_PORT(b, port_err_tag_i);
    TOP_PORT(b, slot_pos_o), TOP_PORT(b, slot_seq_o), TOP_PORT(b, slot_token_o);
    TOP_PORT(b, fetch_valid_o), TOP_PORT(b, fetch_ready_i), TOP_PORT(b, fetch_addr_o),
        TOP_PORT(b, fetch_bytes_o);
    TOP_PORT(b, fetch_tag_o), TOP_PORT(b, res_valid_i), TOP_PORT(b, res_both_i),
        TOP_PORT(b, res_row_i), TOP_PORT(b, res_data_i);
    TOP_PORT(b, cm_valid_o), TOP_PORT(b, cm_op_o), TOP_PORT(b, cm_slot_o), TOP_PORT(b, cm_index_o);
    TOP_PORT(b, cm_count_o), TOP_PORT(b, cm_data_o);
    TOP_PORT(b, m_axi_awvalid_o), TOP_PORT(b, m_axi_awready_i), TOP_PORT(b, m_axi_awaddr_o);
    TOP_PORT(b, m_axi_wvalid_o), TOP_PORT(b, m_axi_wready_i), TOP_PORT(b, m_axi_wdata_o);
    TOP_PORT(b, m_axi_wstrb_o), TOP_PORT(b, m_axi_bvalid_i), TOP_PORT(b, m_axi_bready_o);
    TOP_PORT(b, m_axi_bresp_i), TOP_PORT(b, ev_macs_i), TOP_PORT(b, ev_beat_i),
        TOP_PORT(b, ev_stall_i);
    TOP_PORT(b, ev_kv_reads_i), TOP_PORT(b, ev_kv_writes_i);
    TOP_PORT(b, rope_we_o), TOP_PORT(b, rope_bank_o), TOP_PORT(b, rope_pair_o),
        TOP_PORT(b, rope_inc_o);
    b->slots = (unsigned)(dut_port_bytes(b->top.dut, "res_data_i") / 8);
    b->port_bytes = (unsigned)dut_port_bytes(b->top.dut, "m_axi_wdata_o");
    bench_reset(b);
}

int bench_close(struct bench *b) {
    top_close(&b->top);
    return host_test_finish(&b->test);
}
