/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * AXI4 subordinates over bytes. Bursts are answered in order; AMBA AXI (ARM IHI 0022) for the
 * rules.
 */
#include "weight_mem.h"

#include <stdlib.h>
#include <string.h>

enum { ADDRESS_BYTES = 5 }; /* of ARADDR and AWADDR */
enum { RESP_OKAY = 0, RESP_SLVERR = 2, RESP_DECERR = 3 };
enum { BURST_INCR = 1, PAGE = 4096 }; /* which no burst may leave */

struct weight_mem_settings weight_mem_defaults(void) {
    return (struct weight_mem_settings){.latency = 40,
                                        .seed = 1,
                                        .flip_address = WEIGHT_MEM_NONE,
                                        .error_address = WEIGHT_MEM_NONE,
                                        .hang_address = WEIGHT_MEM_NONE};
}

static uint32_t draw(struct weight_mem_channel *ch) { /* xorshift64* (Vigna, 2016) */
    ch->random ^= ch->random >> 12;
    ch->random ^= ch->random << 25;
    ch->random ^= ch->random >> 27;
    return (uint32_t)((ch->random * 0x2545f4914f6cdd1dull) >> 32);
}

static bool is_gap(const struct weight_mem *mem, struct weight_mem_channel *ch) {
    return mem->settings.gaps != 0 && (draw(ch) & 255u) < mem->settings.gaps;
}

/* Bits of channel c in a vector of up to 8 bits a channel. */
static uint8_t get(const uint8_t *vector, uint32_t c, uint32_t bits) {
    const uint32_t at = c * bits / 8, shift = c * bits % 8;
    const uint32_t above = shift + bits > 8 ? (uint32_t)vector[at + 1] << 8 : 0;
    return (uint8_t)((above | vector[at]) >> shift & ((1u << bits) - 1));
}

/* A vector of 1, 2 or 4 bits a channel, of all channels. */
static uint64_t all(const struct weight_mem *mem, const uint8_t *vector, uint32_t bits) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < mem->channels * bits; i += 8)
        value |= (uint64_t)vector[i / 8] << i;
    return value;
}

static void put_all(const struct weight_mem *mem, uint8_t *vector, uint32_t bits, uint64_t value) {
    for (uint32_t i = 0; i < mem->channels * bits; i += 8)
        vector[i / 8] = (uint8_t)(value >> i);
}

/* Sets the bits of channel c in such a value. */
static void put(uint64_t *value, uint32_t c, uint32_t bits, uint64_t what) {
    *value = (*value & ~(((UINT64_C(1) << bits) - 1) << c * bits)) | what << c * bits;
}

/* The first of some channels, which is taken out. */
static uint32_t next(uint64_t *channels) {
    const uint32_t c = (uint32_t)__builtin_ctzll(*channels);
    *channels &= *channels - 1;
    return c;
}

/* The byte of the file at the beginning of the beat that holds channel c's byte ADDR: its beats go
 * round the channels. */
static uint64_t file_address(const struct weight_mem *mem, const uint8_t *vector, uint32_t c) {
    uint64_t address = 0;
    memcpy(&address, vector + (size_t)(c * ADDRESS_BYTES), ADDRESS_BYTES);
    return address / mem->part_bytes * mem->beat_bytes + (uint64_t)c * mem->part_bytes;
}

int weight_mem_init(struct weight_mem *mem, struct dut *dut,
                    const struct weight_mem_settings *settings) {
    struct weight_mem_ports *p = &mem->port;
    memset(mem, 0, sizeof *mem);
    mem->settings = *settings;
    mem->refused = WEIGHT_MEM_NONE;
    const struct {
        void *pointer;
        const char *name;
    } table[] = {
        {&p->arvalid, "m_axi_arvalid_o"}, {&p->arready, "m_axi_arready_i"},
        {&p->arid, "m_axi_arid_o"},       {&p->arlen, "m_axi_arlen_o"},
        {&p->arsize, "m_axi_arsize_o"},   {&p->arburst, "m_axi_arburst_o"},
        {&p->araddr, "m_axi_araddr_o"},   {&p->rvalid, "m_axi_rvalid_i"},
        {&p->rready, "m_axi_rready_o"},   {&p->rid, "m_axi_rid_i"},
        {&p->rresp, "m_axi_rresp_i"},     {&p->rlast, "m_axi_rlast_i"},
        {&p->rdata, "m_axi_rdata_i"},     {&p->awvalid, "m_axi_awvalid_o"},
        {&p->awready, "m_axi_awready_i"}, {&p->awaddr, "m_axi_awaddr_o"},
        {&p->awlen, "m_axi_awlen_o"},     {&p->awsize, "m_axi_awsize_o"},
        {&p->awburst, "m_axi_awburst_o"}, {&p->wlast, "m_axi_wlast_o"},
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
    mem->channels = (uint32_t)dut_port_bytes(dut, "m_axi_arlen_o"); /* a byte each */
    if (mem->channels > WEIGHT_MEM_CHANNELS)
        return -1;
    mem->beat_bytes = (uint32_t)dut_port_bytes(dut, "m_axi_rdata_i");
    mem->part_bytes = mem->beat_bytes / mem->channels;
    for (uint32_t c = 0; c < mem->channels; c++) {
        const uint64_t seed = settings->seed + ((uint64_t)c << 32);
        mem->channel[c].random = seed * 0x9e3779b97f4a7c15ull + 1;
    }
    mem->every = (UINT64_C(1) << mem->channels) - 1;
    put_all(mem, p->arready, 1, mem->every);
    put_all(mem, p->awready, 1, mem->every);
    put_all(mem, p->wready, 1, 0);
    put_all(mem, p->rvalid, 1, 0);
    put_all(mem, p->bvalid, 1, 0);
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

uint64_t weight_mem_bursts(const struct weight_mem *mem) {
    uint64_t least = mem->channel[0].bursts_taken;
    for (uint32_t c = 1; c < mem->channels; c++)
        if (mem->channel[c].bursts_taken < least)
            least = mem->channel[c].bursts_taken;
    return least;
}

uint64_t weight_mem_beats(const struct weight_mem *mem) {
    uint64_t least = mem->channel[0].beats_taken;
    for (uint32_t c = 1; c < mem->channels; c++)
        if (mem->channel[c].beats_taken < least)
            least = mem->channel[c].beats_taken;
    return least;
}

const struct weight_mem_burst *weight_mem_asked(const struct weight_mem_channel *ch) {
    return &ch->bursts[(ch->first + ch->count - 1) % WEIGHT_MEM_BURSTS];
}

static bool holds(const struct weight_mem *mem, uint64_t part, uint64_t address) {
    return address != WEIGHT_MEM_NONE && address - part < mem->part_bytes;
}

/* What the channels answer. */
struct answers {
    uint64_t valid, last, resp, id;
};

/* Bytes that reach past the file are 0. */
static void copy_end(const struct weight_mem *mem, uint64_t at, uint8_t *data) {
    const uint64_t have = at < mem->size ? mem->size - at : 0;
    if (have != 0)
        memcpy(data, mem->map + at, have);
    memset(data + have, 0, mem->part_bytes - have);
}

/* What the settings have go wrong with channel c's part AT of a beat. */
static uint32_t go_wrong(struct weight_mem *mem, uint32_t c, uint64_t at, bool served,
                         uint8_t *data) {
    const bool error = holds(mem, at, mem->settings.error_address);
    mem->errors += error;
    if (holds(mem, at, mem->settings.flip_address)) {
        data[mem->settings.flip_address - at] ^= (uint8_t)(1u << mem->settings.flip_bit);
        mem->flips++;
    }
    const uint64_t beat = at - c * (uint64_t)mem->part_bytes; /* may begin within the file */
    const uint32_t resp = !served             ? RESP_SLVERR
                          : beat >= mem->size ? RESP_DECERR
                          : error             ? RESP_SLVERR
                                              : RESP_OKAY;
    if (resp != RESP_OKAY && mem->refused == WEIGHT_MEM_NONE)
        mem->refused = at;
    return resp;
}

static void put_beat(struct weight_mem *mem, uint32_t c, struct answers *answers) {
    struct weight_mem_channel *ch = &mem->channel[c];
    struct weight_mem_burst *burst = &ch->bursts[ch->first];
    const uint64_t at = burst->address, bytes = mem->part_bytes;
    uint8_t *data = mem->port.rdata + c * bytes;
    const bool within = at + bytes <= mem->size;
    if (within && bytes == WEIGHT_MEM_PART)
        memcpy(data, mem->map + at, WEIGHT_MEM_PART);
    else if (within)
        memcpy(data, mem->map + at, bytes);
    else
        copy_end(mem, at, data);
    /* The file is larger than any cache: its bytes are asked for two beats before they are due. */
    const uint64_t then = at + 2ull * mem->beat_bytes;
    for (uint64_t line = 0; line < bytes && then + line < mem->size; line += 64)
        __builtin_prefetch(mem->map + then + line);
    const bool wrong = !within || !burst->served ||
                       mem->settings.error_address != WEIGHT_MEM_NONE ||
                       mem->settings.flip_address != WEIGHT_MEM_NONE;
    const uint32_t resp = wrong ? go_wrong(mem, c, at, burst->served, data) : RESP_OKAY;
    put(&answers->id, c, 4, burst->id);
    put(&answers->resp, c, 2, resp);
    put(&answers->last, c, 1, burst->beats == 1);
    put(&answers->valid, c, 1, 1);
    burst->address += mem->beat_bytes;
    if (--burst->beats == 0) {
        ch->first = (ch->first + 1) % WEIGHT_MEM_BURSTS;
        ch->count--;
        mem->full &= ~(UINT64_C(1) << c);
        if (ch->count == 0)
            mem->owing &= ~(UINT64_C(1) << c);
    }
}

/* Whether one of the burst's beats holds the byte. */
static bool burst_holds(const struct weight_mem *mem, const struct weight_mem_burst *burst,
                        uint64_t address) {
    return address != WEIGHT_MEM_NONE && address >= burst->address &&
           address - burst->address < (uint64_t)burst->beats * mem->beat_bytes &&
           (address - burst->address) % mem->beat_bytes < mem->part_bytes;
}

/* Whether a request is one that this memory serves: beats of all its bytes, one behind the other,
 * within a page. Any other it answers with SLVERR. */
static bool serves(const struct weight_mem *mem, uint32_t c, const uint8_t *addresses,
                   const uint8_t *lengths, const uint8_t *sizes, const uint8_t *bursts) {
    uint64_t address = 0;
    memcpy(&address, addresses + (size_t)(c * ADDRESS_BYTES), ADDRESS_BYTES);
    return 1u << get(sizes, c, 3) == mem->part_bytes && get(bursts, c, 2) == BURST_INCR &&
           address % PAGE + (get(lengths, c, 8) + 1ull) * mem->part_bytes <= PAGE;
}

static void take_burst(struct weight_mem *mem, uint32_t c) {
    const struct weight_mem_ports *p = &mem->port;
    struct weight_mem_channel *ch = &mem->channel[c];
    struct weight_mem_burst *burst = &ch->bursts[(ch->first + ch->count) % WEIGHT_MEM_BURSTS];
    const uint64_t jitter = mem->settings.jitter ? draw(ch) % (mem->settings.jitter + 1) : 0;
    burst->address = file_address(mem, p->araddr, c);
    burst->beats = get(p->arlen, c, 8) + 1u;
    burst->id = get(p->arid, c, 4);
    burst->served = serves(mem, c, p->araddr, p->arlen, p->arsize, p->arburst);
    burst->due = mem->cycle + mem->settings.latency + jitter;
    if (burst_holds(mem, burst, mem->settings.hang_address)) {
        mem->hangs++;
        burst->due = WEIGHT_MEM_NONE; /* nor is any burst behind it: answers come in order */
    }
    ch->count++;
    ch->bursts_taken++;
    mem->owing |= UINT64_C(1) << c;
    if (ch->count == WEIGHT_MEM_BURSTS)
        mem->full |= UINT64_C(1) << c;
}

static void write_beat(struct weight_mem *mem, uint32_t c) {
    const struct weight_mem_ports *p = &mem->port;
    const uint64_t at = mem->channel[c].write_address;
    for (uint32_t i = 0, k = c * mem->part_bytes; i < mem->part_bytes; i++, k++)
        if (((p->wstrb[k / 8] >> (k % 8)) & 1) && at + i < mem->size)
            mem->loaded[at + i] = p->wdata[k];
}

void weight_mem_sample(struct weight_mem *mem) {
    const struct weight_mem_ports *p = &mem->port;
    mem->ar_taken = all(mem, p->arvalid, 1) & all(mem, p->arready, 1);
    mem->r_taken = all(mem, p->rvalid, 1) & all(mem, p->rready, 1);
    for (uint64_t some = mem->ar_taken; some != 0;)
        take_burst(mem, next(&some));
    for (uint64_t some = mem->r_taken; some != 0;)
        mem->channel[next(&some)].beats_taken++;
    mem->aw_taken = all(mem, p->awvalid, 1) & all(mem, p->awready, 1);
    mem->w_taken = all(mem, p->wvalid, 1) & mem->writes;
    mem->b_taken = mem->b_due & all(mem, p->bready, 1);
    for (uint64_t some = mem->aw_taken; some != 0;) {
        const uint32_t c = next(&some);
        mem->channel[c].write_address = file_address(mem, p->awaddr, c);
        mem->channel[c].write_served =
            get(p->awlen, c, 8) == 0 && serves(mem, c, p->awaddr, p->awlen, p->awsize, p->awburst);
    }
    for (uint64_t some = mem->w_taken; some != 0;) {
        const uint32_t c = next(&some);
        struct weight_mem_channel *ch = &mem->channel[c];
        ch->write_served = ch->write_served && mem->loaded != NULL && get(p->wlast, c, 1);
        if (ch->write_served)
            write_beat(mem, c);
    }
}

static void note_wait(struct weight_mem *mem, uint32_t c) {
    struct weight_mem_channel *ch = &mem->channel[c];
    ch->waited++;
    if (ch->waited > mem->longest_wait) {
        mem->longest_wait = ch->waited;
        mem->waited_for = ch->bursts[ch->first].address;
    }
}

static void drive_reads(struct weight_mem *mem) {
    const struct weight_mem_ports *p = &mem->port;
    struct answers a = {.valid = all(mem, p->rvalid, 1) & ~mem->r_taken,
                        .last = all(mem, p->rlast, 1),
                        .resp = all(mem, p->rresp, 2),
                        .id = all(mem, p->rid, 4)};
    for (uint64_t some = mem->owing & ~a.valid; some != 0;) {
        const uint32_t c = next(&some);
        struct weight_mem_channel *ch = &mem->channel[c];
        if (ch->bursts[ch->first].due <= mem->cycle && !is_gap(mem, ch)) {
            put_beat(mem, c, &a);
            ch->waited = 0;
        } else {
            note_wait(mem, c);
        }
    }
    uint64_t ready = mem->every & ~mem->full;
    for (uint64_t some = mem->settings.gaps != 0 ? ready : 0; some != 0;) {
        const uint32_t c = next(&some);
        if (is_gap(mem, &mem->channel[c]))
            ready &= ~(UINT64_C(1) << c);
    }
    put_all(mem, p->rvalid, 1, a.valid);
    put_all(mem, p->rlast, 1, a.last);
    put_all(mem, p->rresp, 2, a.resp);
    put_all(mem, p->rid, 4, a.id);
    put_all(mem, p->arready, 1, ready);
}

/* One write at a time: W only behind its AW, the next AW only behind B. */
static void drive_writes(struct weight_mem *mem) {
    const struct weight_mem_ports *p = &mem->port;
    if ((mem->aw_taken | mem->w_taken | mem->b_taken) == 0)
        return;
    mem->writes = (mem->writes | mem->aw_taken) & ~mem->w_taken;
    mem->b_due = (mem->b_due & ~mem->b_taken) | mem->w_taken;
    uint64_t resp = all(mem, p->bresp, 2);
    for (uint64_t some = mem->w_taken; some != 0;) {
        const uint32_t c = next(&some);
        put(&resp, c, 2, mem->channel[c].write_served ? RESP_OKAY : RESP_SLVERR);
    }
    put_all(mem, p->bresp, 2, resp);
    put_all(mem, p->bvalid, 1, mem->b_due);
    put_all(mem, p->awready, 1, mem->every & ~(mem->writes | mem->b_due));
    put_all(mem, p->wready, 1, mem->writes);
}

void weight_mem_drive(struct weight_mem *mem) {
    mem->cycle++;
    drive_reads(mem);
    drive_writes(mem);
}
