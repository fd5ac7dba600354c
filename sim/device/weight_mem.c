/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * AXI4 subordinate over bytes. Bursts are answered in order; AMBA AXI (ARM IHI 0022) for the rules.
 */
#include "weight_mem.h"

#include <stdlib.h>
#include <string.h>

enum { RESP_OKAY = 0, RESP_SLVERR = 2, RESP_DECERR = 3 };

struct weight_mem_settings weight_mem_defaults(void) {
    return (struct weight_mem_settings){.latency = 40,
                                        .seed = 1,
                                        .flip_address = WEIGHT_MEM_NONE,
                                        .error_address = WEIGHT_MEM_NONE,
                                        .hang_address = WEIGHT_MEM_NONE};
}

static uint32_t draw(struct weight_mem *mem) { /* xorshift64* (Vigna, 2016) */
    mem->random ^= mem->random >> 12;
    mem->random ^= mem->random << 25;
    mem->random ^= mem->random >> 27;
    return (uint32_t)((mem->random * 0x2545f4914f6cdd1dull) >> 32);
}

static bool is_gap(struct weight_mem *mem) {
    return mem->settings.gaps != 0 && (draw(mem) & 255u) < mem->settings.gaps;
}

int weight_mem_init(struct weight_mem *mem, struct dut *dut,
                    const struct weight_mem_settings *settings) {
    struct weight_mem_ports *p = &mem->port;
    memset(mem, 0, sizeof *mem);
    mem->settings = *settings;
    mem->refused = WEIGHT_MEM_NONE;
    mem->random = settings->seed * 0x9e3779b97f4a7c15ull + 1;
    const struct {
        void *pointer;
        const char *name;
    } table[] = {
        {&p->arvalid, "m_axi_arvalid_o"}, {&p->arready, "m_axi_arready_i"},
        {&p->arid, "m_axi_arid_o"},       {&p->arlen, "m_axi_arlen_o"},
        {&p->araddr, "m_axi_araddr_o"},   {&p->rvalid, "m_axi_rvalid_i"},
        {&p->rready, "m_axi_rready_o"},   {&p->rid, "m_axi_rid_i"},
        {&p->rresp, "m_axi_rresp_i"},     {&p->rlast, "m_axi_rlast_i"},
        {&p->rdata, "m_axi_rdata_i"},     {&p->awvalid, "m_axi_awvalid_o"},
        {&p->awready, "m_axi_awready_i"}, {&p->awaddr, "m_axi_awaddr_o"},
        {&p->wvalid, "m_axi_wvalid_o"},   {&p->wready, "m_axi_wready_i"},
        {&p->wdata, "m_axi_wdata_o"},     {&p->wstrb, "m_axi_wstrb_o"},
        {&p->bvalid, "m_axi_bvalid_i"},   {&p->bready, "m_axi_bready_o"},
        {&p->bresp, "m_axi_bresp_i"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        void *port = dut_port(dut, table[i].name);
        if (port == NULL)
            return -1;
        memcpy(table[i].pointer, &port, sizeof port);
    }
    mem->beat_bytes = (uint32_t)dut_port_bytes(dut, "m_axi_rdata_i");
    *p->arready = *p->awready = *p->wready = 1;
    *p->rvalid = *p->bvalid = 0;
    return 0;
}

void weight_mem_map(struct weight_mem *mem, const void *bytes, uint64_t size) {
    mem->map = bytes;
    mem->size = size;
}

int weight_mem_load(struct weight_mem *mem, uint64_t size) {
    mem->loaded = calloc(1, size);
    mem->map = mem->loaded;
    mem->size = size;
    return mem->loaded == NULL ? -1 : 0;
}

void weight_mem_close(struct weight_mem *mem) {
    free(mem->loaded);
    mem->loaded = NULL;
}

static bool holds(const struct weight_mem *mem, uint64_t beat, uint64_t address) {
    return address != WEIGHT_MEM_NONE && address - beat < mem->beat_bytes;
}

static void put_beat(struct weight_mem *mem, struct weight_mem_burst *burst) {
    const struct weight_mem_ports *p = &mem->port;
    const uint64_t at = burst->address;
    uint8_t *data = (uint8_t *)p->rdata;
    if (at + mem->beat_bytes <= mem->size) {
        memcpy(data, mem->map + at, mem->beat_bytes);
    } else { /* the last beat may reach past the file */
        const uint64_t have = at < mem->size ? mem->size - at : 0;
        if (have != 0)
            memcpy(data, mem->map + at, have);
        memset(data + have, 0, mem->beat_bytes - have);
    }
    mem->flips += holds(mem, at, mem->settings.flip_address);
    mem->errors += holds(mem, at, mem->settings.error_address);
    if (holds(mem, at, mem->settings.flip_address))
        data[mem->settings.flip_address - at] ^= (uint8_t)(1u << mem->settings.flip_bit);
    *p->rid = burst->id;
    *p->rresp = at >= mem->size                               ? RESP_DECERR
                : holds(mem, at, mem->settings.error_address) ? RESP_SLVERR
                                                              : RESP_OKAY;
    if (*p->rresp != RESP_OKAY && mem->refused == WEIGHT_MEM_NONE)
        mem->refused = at;
    *p->rlast = burst->beats == 1;
    *p->rvalid = 1;
    burst->address += mem->beat_bytes;
    if (--burst->beats == 0) {
        mem->first = (mem->first + 1) % WEIGHT_MEM_BURSTS;
        mem->count--;
    }
}

static void take_burst(struct weight_mem *mem) {
    const struct weight_mem_ports *p = &mem->port;
    struct weight_mem_burst *burst = &mem->bursts[(mem->first + mem->count) % WEIGHT_MEM_BURSTS];
    const uint64_t jitter = mem->settings.jitter ? draw(mem) % (mem->settings.jitter + 1) : 0;
    const uint64_t hang = mem->settings.hang_address;
    burst->address = *p->araddr;
    burst->beats = *p->arlen + 1u;
    burst->id = *p->arid;
    burst->due = mem->cycle + mem->settings.latency + jitter;
    if (hang != WEIGHT_MEM_NONE && hang >= burst->address &&
        hang - burst->address < (uint64_t)burst->beats * mem->beat_bytes) {
        mem->hangs++;
        burst->due = WEIGHT_MEM_NONE; /* nor is any burst behind it: answers come in order */
    }
    mem->count++;
}

static void write_beat(struct weight_mem *mem) {
    const struct weight_mem_ports *p = &mem->port;
    const uint8_t *data = (const uint8_t *)p->wdata, *strobes = p->wstrb;
    for (uint32_t i = 0; i < mem->beat_bytes; i++)
        if (((strobes[i / 8] >> (i % 8)) & 1) && mem->write_address + i < mem->size)
            mem->loaded[mem->write_address + i] = data[i];
}

void weight_mem_sample(struct weight_mem *mem) {
    const struct weight_mem_ports *p = &mem->port;
    mem->ar_taken = *p->arvalid && *p->arready;
    mem->r_taken = *p->rvalid && *p->rready;
    mem->aw_taken = *p->awvalid && *p->awready;
    mem->w_taken = *p->wvalid && *p->wready;
    mem->b_taken = *p->bvalid && *p->bready;
    mem->bursts_taken += mem->ar_taken;
    mem->beats_taken += mem->r_taken;
    if (mem->ar_taken)
        take_burst(mem);
    if (mem->aw_taken) {
        mem->write_address = *p->awaddr / mem->beat_bytes * mem->beat_bytes;
        mem->write_open = true;
    }
    if (mem->w_taken && mem->loaded != NULL)
        write_beat(mem);
}

static void note_wait(struct weight_mem *mem) {
    mem->waited = *mem->port.rvalid || mem->count == 0 ? 0 : mem->waited + 1;
    if (mem->waited > mem->longest_wait) {
        mem->longest_wait = mem->waited;
        mem->waited_for = mem->bursts[mem->first].address;
    }
}

void weight_mem_drive(struct weight_mem *mem) {
    const struct weight_mem_ports *p = &mem->port;
    mem->cycle++;
    if (mem->r_taken)
        *p->rvalid = 0;
    if (!*p->rvalid && mem->count != 0 && mem->bursts[mem->first].due <= mem->cycle && !is_gap(mem))
        put_beat(mem, &mem->bursts[mem->first]);
    note_wait(mem);
    *p->arready = mem->count < WEIGHT_MEM_BURSTS && !is_gap(mem);
    if (mem->b_taken)
        *p->bvalid = 0;
    if (mem->w_taken) {
        *p->bresp = mem->loaded != NULL ? RESP_OKAY : RESP_SLVERR;
        *p->bvalid = 1;
        mem->write_open = false;
    }
    /* One write at a time: W only behind its AW, the next AW only behind B. */
    *p->awready = !mem->write_open && !*p->bvalid;
    *p->wready = mem->write_open;
}
