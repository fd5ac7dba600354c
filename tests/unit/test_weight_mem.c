/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The simulated weight memory on a port that is a recording: latency to the cycle, and that jitter
 * and gaps happen, as often as they should, each where it should and bounded; what a beat holds, at
 * the file's end, too; each planted failure; writes; two channels, each by itself.
 */
#include "sim/device/weight_mem.h"
#include "tests/kit/host_test.h"

enum { BEAT = 16, SIZE = 1009, CHANNELS = 2 };
#define SIZES(first, second) ((first) | (second) << 3) /* ARSIZE and AWSIZE of both channels */

/* The device's side of the port, with room for so many channels; most tests have one. */
struct dut {
    uint16_t arlen, awlen;
    uint8_t arsize, arburst, awsize, awburst, wlast;
    uint8_t arvalid, arready, arid, rvalid, rready, rid, rresp, rlast, awvalid, awready;
    uint8_t wvalid, wready, bvalid, bready, bresp;
    uint64_t araddr[CHANNELS], awaddr[CHANNELS];
    uint32_t rdata[CHANNELS * BEAT / 4], wdata[CHANNELS * BEAT / 4];
    uint32_t wstrb;
};
static unsigned channels = 1;

static const char *missing = ""; /* a port that the device has not */

void *dut_port(struct dut *d, const char *name) {
    const struct {
        const char *name;
        void *port;
    } table[] = {
        {"m_axi_arvalid_o", &d->arvalid}, {"m_axi_arready_i", &d->arready},
        {"m_axi_arid_o", &d->arid},       {"m_axi_arlen_o", &d->arlen},
        {"m_axi_arsize_o", &d->arsize},   {"m_axi_arburst_o", &d->arburst},
        {"m_axi_araddr_o", d->araddr},    {"m_axi_rvalid_i", &d->rvalid},
        {"m_axi_rready_o", &d->rready},   {"m_axi_rid_i", &d->rid},
        {"m_axi_rresp_i", &d->rresp},     {"m_axi_rlast_i", &d->rlast},
        {"m_axi_rdata_i", d->rdata},      {"m_axi_awvalid_o", &d->awvalid},
        {"m_axi_awready_i", &d->awready}, {"m_axi_awaddr_o", d->awaddr},
        {"m_axi_awlen_o", &d->awlen},     {"m_axi_awsize_o", &d->awsize},
        {"m_axi_awburst_o", &d->awburst}, {"m_axi_wlast_o", &d->wlast},
        {"m_axi_wvalid_o", &d->wvalid},   {"m_axi_wready_i", &d->wready},
        {"m_axi_wdata_o", d->wdata},      {"m_axi_wstrb_o", &d->wstrb},
        {"m_axi_bvalid_i", &d->bvalid},   {"m_axi_bready_o", &d->bready},
        {"m_axi_bresp_i", &d->bresp},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0 && strcmp(name, missing) != 0)
            return table[i].port;
    return NULL;
}

size_t dut_port_bytes(struct dut *d, const char *name) {
    (void)d;
    return strcmp(name, "m_axi_arlen_o") == 0 ? channels : channels * BEAT;
}

static uint8_t bytes[SIZE + BEAT]; /* some behind the end, which must not be seen */

struct rig {
    struct host_test *test;
    struct dut dut;
    struct weight_mem mem;
    uint64_t cycle;
};

static void rig_open(struct rig *r, struct host_test *t, const struct weight_mem_settings *s) {
    *r = (struct rig){.test = t};
    r->dut.arsize = r->dut.awsize = SIZES(4, 4);
    r->dut.arburst = r->dut.awburst = 1 | 1 << 2; /* INCR */
    r->dut.wlast = 3;
    CHECK(t, weight_mem_init(&r->mem, &r->dut, s) == 0, "a port is missing");
    weight_mem_map(&r->mem, bytes, SIZE);
    r->dut.rready = 1;
}

static void tick(struct rig *r) {
    weight_mem_sample(&r->mem);
    weight_mem_drive(&r->mem);
    r->cycle++;
}

/* Asks for a burst and takes its beats; `beat` is told each of them. Cycles from the request to the
 * first beat, and to the last; cycles that the request waited. */
struct burst {
    uint64_t first, last, refused;
};
static struct burst fetch(struct rig *r, uint64_t address, uint32_t beats,
                          void (*beat)(struct rig *r, uint64_t address)) {
    struct burst b = {0};
    uint64_t asked;
    r->dut.arvalid = 1;
    r->dut.araddr[0] = address;
    r->dut.arlen = (uint8_t)(beats - 1);
    r->dut.arid = (uint8_t)(address / BEAT % 8);
    for (; !r->dut.arready; b.refused++)
        tick(r);
    asked = r->cycle;
    tick(r);
    r->dut.arvalid = 0;
    for (uint32_t i = 0; i < beats; tick(r)) {
        if (!r->dut.rvalid)
            continue;
        b.first = i == 0 ? r->cycle - asked : b.first;
        b.last = r->cycle - asked;
        CHECK(r->test, r->dut.rlast == (i + 1 == beats), "RLAST with beat %u of %u", i, beats);
        CHECK(r->test, r->dut.rid == address / BEAT % 8, "RID");
        beat(r, address + (uint64_t)BEAT * i++);
    }
    CHECK(r->test, !r->dut.rvalid, "a beat too many");
    return b;
}

/* As the file has it, and zeros behind its end. */
static void is_right(struct rig *r, uint64_t address) {
    uint8_t expected[BEAT] = {0};
    for (uint64_t i = 0; i < BEAT && address + i < SIZE; i++)
        expected[i] = bytes[address + i];
    CHECK(r->test, memcmp(r->dut.rdata, expected, BEAT) == 0, "the beat at %u", (unsigned)address);
    CHECK(r->test, r->dut.rresp == (address < SIZE ? 0 : 3), "RRESP %u at %u", r->dut.rresp,
          (unsigned)address);
}

static void test_regular(struct host_test *t) {
    struct weight_mem_settings s = weight_mem_defaults();
    struct rig r;
    for (s.latency = 1; s.latency < 300; s.latency = s.latency * 3 + 1) {
        rig_open(&r, t, &s);
        for (uint32_t beats = 1; beats <= 8; beats++) {
            const struct burst b = fetch(&r, 16 * beats, beats, is_right);
            CHECK(t, b.refused == 0 && b.first == s.latency && b.last == s.latency + beats - 1,
                  "latency %u, %u beats: refused %u, from %u to %u", s.latency, beats,
                  (unsigned)b.refused, (unsigned)b.first, (unsigned)b.last);
        }
        CHECK(t, weight_mem_bursts(&r.mem) == 8 && weight_mem_beats(&r.mem) == 36,
              "%u bursts, %u beats", (unsigned)weight_mem_bursts(&r.mem),
              (unsigned)weight_mem_beats(&r.mem));
        CHECK(t, r.mem.longest_wait == s.latency - 1, "waited %u cycles, latency %u",
              (unsigned)r.mem.longest_wait, s.latency);
        CHECK(t, r.mem.refused == WEIGHT_MEM_NONE, "refused");
        fetch(&r, SIZE / BEAT * BEAT, 2, is_right); /* the last bytes, and beyond */
        CHECK(t, r.mem.refused == SIZE / BEAT * BEAT + BEAT, "refused at %u",
              (unsigned)r.mem.refused);
    }
}

/* As many bursts as there is room for, then none until one is answered. */
static void test_ahead(struct host_test *t) {
    struct weight_mem_settings s = weight_mem_defaults();
    struct rig r;
    uint32_t taken = 0;
    s.latency = 100;
    rig_open(&r, t, &s);
    r.dut.arvalid = 1;
    for (int i = 0; i < 60; i++) {
        taken += r.dut.arready;
        tick(&r);
    }
    CHECK(t, taken == WEIGHT_MEM_BURSTS, "%u bursts", taken);
    r.dut.arvalid = 0;
    for (int i = 0; i < 200; i++) { /* a beat that is not taken stays */
        r.dut.rready = i % 3 == 0;
        tick(&r);
    }
    CHECK(t, weight_mem_beats(&r.mem) == taken && r.mem.channel[0].count == 0, "%u beats",
          (unsigned)weight_mem_beats(&r.mem));
}

/* Every number of cycles up to the jitter comes, none beyond. */
static void test_jitter(struct host_test *t) {
    enum { JITTER = 9, BURSTS = 2000 };
    struct weight_mem_settings s = weight_mem_defaults();
    struct rig r;
    unsigned seen[JITTER + 1] = {0};
    s.jitter = JITTER;
    rig_open(&r, t, &s);
    for (int i = 0; i < BURSTS; i++) {
        const struct burst b = fetch(&r, 0, 2, is_right);
        CHECK(t,
              b.refused == 0 && b.first >= s.latency && b.first <= s.latency + JITTER &&
                  b.last == b.first + 1,
              "first beat after %u cycles", (unsigned)b.first);
        seen[(b.first - s.latency) % (JITTER + 1)]++;
    }
    for (unsigned i = 0; i <= JITTER; i++)
        CHECK(t, seen[i] > BURSTS / 15 && seen[i] < BURSTS / 7, "%u more %u times of %u", i,
              seen[i], BURSTS);
}

/* The share of cycles without a beat, and of those in which no request is taken. */
static void test_gaps(struct host_test *t) {
    enum { BURSTS = 3000, BEATS = 4 };
    struct weight_mem_settings s = weight_mem_defaults();
    struct rig r;
    for (s.gaps = 16; s.gaps <= 240; s.gaps += 56) {
        const double share = s.gaps / 256.0;
        uint64_t beats = 0, cycles = 0, refused = 0;
        rig_open(&r, t, &s);
        for (int i = 0; i < BURSTS; i++) {
            const struct burst b = fetch(&r, 0, BEATS, is_right);
            beats += BEATS;
            cycles += b.last + 1 - s.latency;
            refused += b.refused;
        }
        CHECK(t,
              (double)(cycles - beats) / (double)cycles > share - 0.03 &&
                  (double)(cycles - beats) / (double)cycles < share + 0.03,
              "gaps %u: %u cycles for %u beats", s.gaps, (unsigned)cycles, (unsigned)beats);
        CHECK(t,
              (double)refused / (double)(refused + BURSTS) > share - 0.04 &&
                  (double)refused / (double)(refused + BURSTS) < share + 0.04,
              "gaps %u: %u requests waited %u cycles", s.gaps, BURSTS, (unsigned)refused);
    }
}

/* Nearly nothing but gaps: beats come all the same. */
static void test_most_gaps(struct host_test *t) {
    struct weight_mem_settings s = weight_mem_defaults();
    struct rig r;
    s.gaps = 255;
    rig_open(&r, t, &s);
    for (int i = 0; i < 50; i++)
        fetch(&r, 0, 1, is_right);
    CHECK(t, r.cycle > 50 * 256 && r.cycle < 50 * 1024, "%u cycles", (unsigned)r.cycle);
}

static void test_ports(struct host_test *t) {
    const struct weight_mem_settings s = weight_mem_defaults();
    struct dut dut;
    struct weight_mem mem;
    missing = "m_axi_wstrb_o";
    CHECK(t, weight_mem_init(&mem, &dut, &s) == -1, "a device without a port");
    missing = "";
}

/* Another seed gives other times, the same one the same. */
static void test_seeds(struct host_test *t) {
    struct weight_mem_settings s = weight_mem_defaults();
    uint64_t end[3];
    s.jitter = 50;
    s.gaps = 60;
    for (int k = 0; k < 3; k++) {
        struct rig r;
        s.seed = 1 + (uint64_t)(k == 2);
        rig_open(&r, t, &s);
        for (int i = 0; i < 50; i++)
            fetch(&r, 0, 4, is_right);
        end[k] = r.cycle;
    }
    CHECK(t, end[0] == end[1] && end[0] != end[2], "seeds");
}

static void nothing(struct rig *r, uint64_t address) {
    (void)r;
    (void)address;
}

static void is_flipped(struct rig *r, uint64_t address) {
    uint8_t expected[BEAT];
    memcpy(expected, bytes + address, BEAT);
    if (address == 32)
        expected[5] ^= 1u << 3;
    CHECK(r->test, memcmp(r->dut.rdata, expected, BEAT) == 0, "the beat at %u", (unsigned)address);
}

static void is_refused(struct rig *r, uint64_t address) {
    CHECK(r->test, r->dut.rresp == (address == 32 ? 2 : 0), "RRESP %u at %u", r->dut.rresp,
          (unsigned)address);
}

static void all_refused(struct rig *r, uint64_t address) {
    CHECK(r->test, r->dut.rresp == 2, "RRESP %u at %u", r->dut.rresp, (unsigned)address);
}

/* What breaks the rules of the port is refused, each beat of it. */
static void test_rules(struct host_test *t) {
    const struct weight_mem_settings s = weight_mem_defaults();
    struct rig r;
    for (uint8_t size = 0; size < 8; size++) {
        rig_open(&r, t, &s);
        r.dut.arsize = SIZES(size, 4);
        fetch(&r, 32, 3, size == 4 ? is_right : all_refused);
        CHECK(t, r.mem.refused == (size == 4 ? WEIGHT_MEM_NONE : 32), "ARSIZE %u", size);
    }
    for (uint8_t burst = 0; burst < 4; burst++) {
        rig_open(&r, t, &s);
        r.dut.arburst = burst;
        fetch(&r, 32, 3, burst == 1 ? is_right : all_refused);
    }
    rig_open(&r, t, &s);
    fetch(&r, 4096 - BEAT, 1, is_right);
    fetch(&r, 4096 - BEAT, 2, all_refused);
    fetch(&r, 4096 - 4 * BEAT, 5, all_refused);
    fetch(&r, 0, 4, is_right); /* and what follows is not */
}

static void test_failures(struct host_test *t) {
    struct weight_mem_settings s = weight_mem_defaults();
    struct rig r;
    s.flip_address = 37;
    s.flip_bit = 3;
    rig_open(&r, t, &s);
    fetch(&r, 0, 5, is_flipped);
    CHECK(t, r.mem.flips == 1 && r.mem.errors == 0 && r.mem.hangs == 0, "%u flips",
          (unsigned)r.mem.flips);
    s.flip_address = 32; /* the first byte of a beat is no other beat's */
    rig_open(&r, t, &s);
    fetch(&r, 0, 5, nothing);
    CHECK(t, r.mem.flips == 1, "%u flips", (unsigned)r.mem.flips);
    s = weight_mem_defaults();
    s.error_address = 47;
    rig_open(&r, t, &s);
    fetch(&r, 0, 5, is_refused);
    CHECK(t, r.mem.errors == 1 && r.mem.flips == 0 && r.mem.refused == 32, "%u errors, at %u",
          (unsigned)r.mem.errors, (unsigned)r.mem.refused);
    for (uint64_t at = 16; at < 64; at++) {
        s = weight_mem_defaults();
        s.latency = 3;
        s.hang_address = at;
        rig_open(&r, t, &s);
        fetch(&r, 64, 1, nothing);
        fetch(&r, 0, 1, nothing);
        r.dut.arvalid = 1;
        r.dut.araddr[0] = 16;
        r.dut.arlen = 2; /* 16 to 63 */
        tick(&r);
        r.dut.araddr[0] = 64;
        tick(&r);
        r.dut.arvalid = 0;
        for (int i = 0; i < 100; i++, tick(&r))
            CHECK(t, !r.dut.rvalid, "byte %u: answered", (unsigned)at);
        CHECK(t, r.mem.hangs == 1 && r.mem.waited_for == 16 && r.mem.longest_wait >= 99,
              "byte %u: %u hangs, waited %u for %u", (unsigned)at, (unsigned)r.mem.hangs,
              (unsigned)r.mem.longest_wait, (unsigned)r.mem.waited_for);
    }
}

/* One beat at a time: AW, then W, then B. */
static uint8_t write_beat(struct rig *r, uint64_t address, uint8_t value, uint16_t strobes) {
    memset(r->dut.wdata, value, BEAT);
    r->dut.wstrb = strobes;
    r->dut.awaddr[0] = address;
    r->dut.awvalid = 1;
    CHECK(r->test, r->dut.awready && !r->dut.wready, "W before AW");
    tick(r);
    r->dut.awvalid = 0;
    r->dut.wvalid = 1;
    CHECK(r->test, r->dut.wready && !r->dut.awready && !r->dut.bvalid, "AW before B");
    tick(r);
    r->dut.wvalid = 0;
    CHECK(r->test, r->dut.bvalid && !r->dut.awready && !r->dut.wready, "no B");
    const uint8_t answer = r->dut.bresp;
    r->dut.bready = 0;
    tick(r);
    CHECK(r->test, r->dut.bvalid, "B is withdrawn");
    r->dut.bready = 1;
    tick(r);
    CHECK(r->test, !r->dut.bvalid && r->dut.awready, "B stays");
    return answer;
}

static void test_writes(struct host_test *t) {
    const struct weight_mem_settings s = weight_mem_defaults();
    struct rig r;
    rig_open(&r, t, &s);
    tick(&r);
    CHECK(t, write_beat(&r, 32, 7, 0xffff) == 2, "the back door takes a write");
    CHECK(t, weight_mem_load(&r.mem, 72) == 0, "memory");
    CHECK(t, write_beat(&r, 37, 7, 0x8421) == 0, "a write is refused");
    CHECK(t, write_beat(&r, 64, 9, 0xffff) == 0,
          "a write is refused"); /* 8 bytes of it are there */
    for (unsigned i = 0; i < 72; i++) {
        const uint8_t expected = i >= 64                                         ? 9
                                 : i >= 32 && i < 48 && (0x8421 >> (i - 32) & 1) ? 7
                                                                                 : 0;
        CHECK(t, r.mem.loaded[i] == expected, "byte %u is %u", i, r.mem.loaded[i]);
    }
    for (int rule = 0; rule < 4; rule++) { /* of which one is broken: nothing is written */
        r.dut.awlen = rule == 0;
        r.dut.awsize = SIZES(rule == 1 ? 3 : 4, 4);
        r.dut.awburst = rule == 2 ? 0 : 1;
        r.dut.wlast = rule != 3;
        CHECK(t, write_beat(&r, 16, 5, 0xffff) == 2 && r.mem.loaded[16] == 0, "rule %d", rule);
        r.dut.awlen = 0, r.dut.awsize = SIZES(4, 4), r.dut.awburst = r.dut.wlast = 1;
        CHECK(t, write_beat(&r, 48, 5, 0xffff) == 0 && r.mem.loaded[48] == 5, "behind %d", rule);
    }
    weight_mem_close(&r.mem);
}

/* A request of both channels for beats at the same address of each, the second one's later. */
static void ask_both(struct rig *r, uint64_t address, uint32_t beats, int later) {
    const uint8_t bytes_of[] = {(uint8_t)address, (uint8_t)(address >> 8), 0, 0, 0};
    memcpy(r->dut.araddr, bytes_of, 5);
    memcpy((uint8_t *)r->dut.araddr + 5, bytes_of, 5);
    r->dut.arlen = (uint16_t)((beats - 1) * 0x101);
    r->dut.arid = 0x53;
    r->dut.arvalid = 1;
    CHECK(r->test, r->dut.arready == 3, "a request is refused");
    tick(r);
    for (r->dut.arvalid = 0; later-- > 0;)
        tick(r);
    r->dut.arvalid = 2;
    tick(r);
    r->dut.arvalid = 0;
}

/* The beats of such a request, n of each channel; where a channel's first one came. What channel 1
 * answers to beat `bad` is expected to be `resp`. */
static void take_both(struct rig *r, uint64_t address, const uint32_t n[CHANNELS], uint32_t beats,
                      uint64_t first[CHANNELS], uint32_t bad, uint8_t resp) {
    uint32_t done[CHANNELS] = {0};
    for (int limit = 0; (done[0] < n[0] || done[1] < n[1]) && limit < 400; limit++, tick(r))
        for (uint32_t c = 0; c < CHANNELS; c++) {
            if (!(r->dut.rvalid >> c & 1))
                continue;
            const uint64_t at = (address / BEAT + done[c]) * CHANNELS * BEAT + c * BEAT;
            uint8_t expected[BEAT] = {0};
            for (uint64_t i = 0; i < BEAT && at + i < SIZE; i++)
                expected[i] = bytes[at + i];
            first[c] = done[c] == 0 ? r->cycle : first[c];
            CHECK(r->test, memcmp((uint8_t *)r->dut.rdata + c * BEAT, expected, BEAT) == 0,
                  "channel %u, beat %u", c, done[c]);
            CHECK(r->test, (r->dut.rid >> 4 * c & 15) == (c == 0 ? 3 : 5), "RID");
            CHECK(r->test, (r->dut.rlast >> c & 1) == (done[c] + 1 == beats), "RLAST");
            CHECK(r->test, (r->dut.rresp >> 2 * c & 3) == (c == 1 && done[c] == bad ? resp : 0),
                  "channel %u, beat %u: RRESP %u", c, done[c], r->dut.rresp);
            done[c]++;
        }
    CHECK(r->test, done[0] == n[0] && done[1] == n[1], "%u and %u beats", done[0], done[1]);
}

static void test_channels(struct host_test *t) {
    struct weight_mem_settings s = weight_mem_defaults();
    const uint32_t all[CHANNELS] = {4, 4};
    uint64_t first[CHANNELS];
    struct rig r;
    channels = CHANNELS;
    for (int later = 0; later < 20; later += 19) {
        rig_open(&r, t, &s);
        r.dut.rready = 3;
        ask_both(&r, 64, 4, later);
        CHECK(t, weight_mem_bursts(&r.mem) == 1 && weight_mem_asked(&r.mem.channel[1])->beats == 4,
              "a burst of both");
        CHECK(t, weight_mem_asked(&r.mem.channel[1])->address == 144, "where the part is");
        take_both(&r, 64, all, 4, first, 9, 0);
        CHECK(t, first[0] == s.latency && first[1] == s.latency + 1 + (unsigned)later,
              "from %u and %u on", (unsigned)first[0], (unsigned)first[1]);
        CHECK(t, weight_mem_beats(&r.mem) == 4, "%u beats", (unsigned)weight_mem_beats(&r.mem));
    }
    /* The last beat: a part of it holds one byte; another's part may lie behind the file. */
    rig_open(&r, t, &s);
    r.dut.rready = 3;
    ask_both(&r, SIZE / 32 * 16, 1, 0);
    take_both(&r, SIZE / 32 * 16, (uint32_t[]){1, 1}, 1, first, 9, 0);
    r.mem.size = SIZE - 1;
    ask_both(&r, SIZE / 32 * 16, 1, 0);
    for (int i = 0; i < 100; i++, tick(&r))
        CHECK(t, (r.dut.rresp & 15) == 0, "what fills a beat is refused");
    /* Each draws its own jitter. */
    int apart = 0;
    s.jitter = 9;
    rig_open(&r, t, &s);
    r.dut.rready = 3;
    for (int i = 0; i < 100; i++) {
        ask_both(&r, 0, 4, 0);
        take_both(&r, 0, all, 4, first, 9, 0);
        apart += first[0] + 1 != first[1];
    }
    CHECK(t, apart > 50, "the channels keep together %d times of 100", 100 - apart);
    /* What is planted befalls the channel that holds the byte. */
    s = weight_mem_defaults();
    s.error_address = 144 + 32 + 15;
    rig_open(&r, t, &s);
    r.dut.rready = 3;
    ask_both(&r, 64, 4, 0);
    take_both(&r, 64, all, 4, first, 1, 2);
    CHECK(t, r.mem.errors == 1 && r.mem.refused == 144 + 32, "refused at %u",
          (unsigned)r.mem.refused);
    s = weight_mem_defaults();
    s.hang_address = 144 + 3 * 32;
    rig_open(&r, t, &s);
    r.dut.rready = 3;
    ask_both(&r, 64, 4, 0);
    take_both(&r, 64, (uint32_t[]){4, 0}, 4, first, 9, 0);
    for (int i = 0; i < 300; i++, tick(&r))
        CHECK(t, r.dut.rvalid == 0, "it answers");
    CHECK(t, r.mem.hangs == 1 && r.mem.waited_for == 144 && weight_mem_beats(&r.mem) == 0,
          "waited for %u", (unsigned)r.mem.waited_for);
    /* A write to the second. */
    rig_open(&r, t, &s);
    CHECK(t, weight_mem_load(&r.mem, 100) == 0, "memory");
    memset(r.dut.wdata, 7, sizeof r.dut.wdata);
    r.dut.wstrb = 0xffffffff;
    memcpy((uint8_t *)r.dut.awaddr + 5, (uint8_t[]){32, 0, 0, 0, 0}, 5);
    r.dut.awvalid = 2;
    tick(&r);
    r.dut.awvalid = 0;
    r.dut.wvalid = 2;
    CHECK(t, r.dut.wready == 2 && r.dut.awready == 1, "the first channel's turn");
    tick(&r);
    CHECK(t, r.dut.bvalid == 2 && r.dut.bresp == 0, "B");
    for (unsigned i = 0; i < 100; i++)
        CHECK(t, r.mem.loaded[i] == (i >= 80 && i < 96 ? 7 : 0), "byte %u", i);
    weight_mem_close(&r.mem);
    channels = 1;
}

/* A bit a channel: of eight, a byte, and none beside it. The channel that is behind counts. */
static void test_many(struct host_test *t) {
    const struct weight_mem_settings s = weight_mem_defaults();
    static struct weight_mem mem;
    struct dut d;
    memset(&d, 0x5a, sizeof d);
    channels = 8;
    CHECK(t, weight_mem_init(&mem, &d, &s) == 0 && mem.channels == 8 && mem.part_bytes == BEAT,
          "eight channels");
    CHECK(t, d.arready == 0xff && d.awready == 0xff && !d.rvalid && !d.wready && !d.bvalid,
          "AR %x, AW %x", d.arready, d.awready);
    CHECK(t, d.arid == 0x5a && d.rready == 0x5a && d.wvalid == 0x5a && d.bready == 0x5a,
          "something beside is written");
    const struct dut before = d; /* nothing is owed: all that is told stays, of each channel */
    weight_mem_drive(&mem);
    CHECK(t, memcmp(&before, &d, sizeof d) == 0, "what is told has changed");
    for (uint32_t least = 0; least < 8; least++) {
        for (uint32_t c = 0; c < 8; c++) {
            mem.channel[c].bursts_taken = c == least ? 3 : 10 + c;
            mem.channel[c].beats_taken = c == least ? 5 : 20 - c;
        }
        CHECK(t, weight_mem_bursts(&mem) == 3 && weight_mem_beats(&mem) == 5, "channel %u", least);
    }
    channels = 1;
}

/* The rarest gaps that there are. */
static void test_rare_gaps(struct host_test *t) {
    struct weight_mem_settings s = weight_mem_defaults();
    struct rig r;
    uint32_t closed = 0;
    s.gaps = 1;
    rig_open(&r, t, &s);
    for (int i = 0; i < 20000; i++) {
        tick(&r);
        closed += !(r.dut.arready & 1);
    }
    CHECK(t, closed > 20 && closed < 200, "closed in %u of 20000 cycles, not in one of 256",
          closed);
}

int main(void) {
    struct host_test t = {"weight_mem", 0, 0};
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i + 7 * i + 1 + i / 256);
    test_regular(&t);
    test_ahead(&t);
    test_jitter(&t);
    test_gaps(&t);
    test_most_gaps(&t);
    test_ports(&t);
    test_seeds(&t);
    test_rules(&t);
    test_failures(&t);
    test_writes(&t);
    test_channels(&t);
    test_many(&t);
    test_rare_gaps(&t);
    return host_test_finish(&t);
}
