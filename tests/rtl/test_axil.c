/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The registers through the bus: the generated table is walked (reset values, access, width), byte
 * strobes, absent offsets, locks, reads beside writes, FIFO flags. Arguments: seed=, stall=,
 * fault=.
 */
#include "control_bench.h"

#include "csrc/base/device_info.h"
#include "generated/device.h"

#include <string.h>

enum { REGISTERS_MOST = 1024 };

static bool is(const struct register_info *row, const char *access) {
    return strcmp(row->access, access) == 0;
}

static bool stores(const struct register_info *row) {
    return is(row, "rw") || is(row, "cfg");
}

static void check_resets(struct bench *b) {
    for (size_t i = 0; register_info[i].name != NULL; i++) {
        const struct register_info *row = &register_info[i];
        uint32_t value;
        if (is(row, "pop")) /* reading it would leave a flag */
            continue;
        value = bus_read(b, row->address);
        if (row->has_reset)
            CHECK(&b->test, value == row->reset, "%s reads %08x after reset, not %08x", row->name,
                  value, row->reset);
        else /* a parameter; types from 32 on need not be decoded */
            CHECK(&b->test, value != 0 || row->address == LOCKSTEP_REG_TYPES_HI, "%s reads 0",
                  row->name);
    }
}

static void check_storage(struct bench *b) {
    uint32_t held[REGISTERS_MOST];
    for (size_t i = 0; register_info[i].name != NULL; i++)
        if (stores(&register_info[i])) {
            held[i] = (uint32_t)top_random(&b->top);
            bus_write(b, register_info[i].address, held[i]);
        }
    for (size_t i = 0; register_info[i].name != NULL; i++) {
        const struct register_info *row = &register_info[i];
        if (stores(row)) {
            uint32_t value = bus_read(b, row->address);
            CHECK(&b->test, value == (held[i] & row->mask), "%s holds %08x, not %08x", row->name,
                  value, held[i] & row->mask);
        } else if (is(row, "wo") || is(row, "cwo"))
            CHECK(&b->test, bus_read(b, row->address) == 0, "%s does not read 0", row->name);
    }
}

static void check_strobes(struct bench *b) {
    for (size_t i = 0; register_info[i].name != NULL; i++) {
        const struct register_info *row = &register_info[i];
        uint32_t strobes = 1 + bench_random(b, 14), data, old, bits = 0, resp;
        for (unsigned lane = 0; lane < 4; lane++)
            bits |= (strobes >> lane & 1u) * (0xffu << 8 * lane);
        data = (uint32_t)top_random(&b->top);
        if (stores(row)) {
            old = bus_read(b, row->address);
            resp = bus_write_strobed(b, row->address, data, strobes);
            CHECK(&b->test, resp == BUS_OKAY, "%s: response %u", row->name, resp);
            old = ((old & ~bits) | (data & bits)) & row->mask;
            CHECK(&b->test, bus_read(b, row->address) == old, "%s: strobes %x", row->name, strobes);
        } else if (is(row, "wo") || is(row, "cwo")) {
            resp = bus_write_strobed(b, row->address, data, strobes);
            CHECK(&b->test, resp == BUS_SLVERR, "%s takes part of a word", row->name);
        } else if (is(row, "ro")) {
            old = bus_read(b, row->address);
            resp = bus_write_strobed(b, row->address, ~old, 15);
            CHECK(&b->test, resp == BUS_OKAY && bus_read(b, row->address) == old, "%s changed",
                  row->name);
        }
    }
}

static void check_absent(struct bench *b) {
    for (uint32_t offset = 0; offset < 0x800; offset += 4) {
        bool present = false;
        uint32_t data = 0;
        for (size_t i = 0; register_info[i].name != NULL; i++)
            present |= register_info[i].address == offset;
        if (present)
            continue;
        CHECK(&b->test, bus_read_response(b, offset, &data) == BUS_SLVERR, "read of %04x", offset);
        CHECK(&b->test, bus_write_strobed(b, offset, 1, 15) == BUS_SLVERR, "write of %04x", offset);
    }
    for (uint32_t offset = 0x800; offset < 0x10000; offset += 0x3fc) {
        uint32_t data = 0;
        CHECK(&b->test, bus_read_response(b, offset, &data) == BUS_SLVERR, "read of %04x", offset);
    }
}

/* cfg and cwo registers are locked while CTRL.RUN. */
static void check_locks(struct bench *b) {
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    for (size_t i = 0; register_info[i].name != NULL; i++) {
        const struct register_info *row = &register_info[i];
        if (is(row, "cfg") || is(row, "cwo")) {
            uint32_t old = bus_read(b, row->address);
            CHECK(&b->test, bus_write_strobed(b, row->address, ~old, 15) == BUS_SLVERR,
                  "%s is not locked", row->name);
            CHECK(&b->test, bus_read(b, row->address) == old, "%s changed", row->name);
        }
    }
    bus_write(b, LOCKSTEP_REG_CTRL, 0);
}

/* A write and a read at once; their order is the device's. */
static void check_both(struct bench *b) {
    for (int i = 0; i < 200; i++) {
        uint32_t resp[2] = {3, 3}, before, value = 0;
        before = bus_read(b, LOCKSTEP_REG_BUDGET);
        uint32_t data = (uint32_t)top_random(&b->top);
        bus_both(b, LOCKSTEP_REG_BUDGET, data, i % 2 ? LOCKSTEP_REG_ID : LOCKSTEP_REG_BUDGET,
                 &value, resp);
        CHECK(&b->test, resp[0] == BUS_OKAY && resp[1] == BUS_OKAY, "responses %u %u", resp[0],
              resp[1]);
        CHECK(&b->test, i % 2 ? value == LOCKSTEP_RESET_ID : value == before || value == data,
              "a read beside a write gave %08x", value);
    }
}

/* A second read is asked for while the answer to the first waits: neither may be lost. */
static void check_queued_reads(struct bench *b) {
    for (int i = 0; i < 20; i++) {
        uint32_t answers[2] = {0, 0};
        unsigned asked = 0, answered = 0;
        for (int cycle = 0; cycle < 100; cycle++) {
            bool take, answer;
            *b->s_axil_arvalid_i = asked < 2;
            *b->s_axil_araddr_i = asked == 0 ? LOCKSTEP_REG_ID : LOCKSTEP_REG_VERSION;
            *b->s_axil_rready_i = cycle > 20 + i;
            take = *b->s_axil_arvalid_i && *b->s_axil_arready_o;
            answer = *b->s_axil_rvalid_o && *b->s_axil_rready_i;
            if (answer && answered < 2)
                answers[answered] = *b->s_axil_rdata_o;
            bench_tick(b);
            asked += take;
            answered += answer;
        }
        *b->s_axil_rready_i = 0;
        CHECK(&b->test,
              answered == 2 && answers[0] == LOCKSTEP_RESET_ID &&
                  answers[1] == LOCKSTEP_RESET_VERSION,
              "%u answers: %08x %08x", answered, answers[0], answers[1]);
    }
}

/* Two writes whose addresses come long before their data, or behind it. */
static void check_queued_writes(struct bench *b) {
    static const uint16_t to[2] = {LOCKSTEP_REG_BUDGET, LOCKSTEP_REG_EOG0};
    const uint32_t mask = LOCKSTEP_EOG0_TOKEN_MASK;
    for (int i = 0; i < 20; i++) {
        const uint32_t data[2] = {(uint32_t)top_random(&b->top) & mask,
                                  (uint32_t)top_random(&b->top) & mask};
        unsigned addresses = 0, words = 0, answered = 0;
        for (int cycle = 0; cycle < 100; cycle++) {
            const bool address = addresses < 2 && (i % 2 || cycle > 20 + i);
            const bool word = words < 2 && (i % 2 == 0 || cycle > 20 + i);
            *b->s_axil_awvalid_i = address;
            *b->s_axil_awaddr_i = to[addresses % 2];
            *b->s_axil_wvalid_i = word;
            *b->s_axil_wdata_i = data[words % 2];
            *b->s_axil_wstrb_i = 15;
            *b->s_axil_bready_i = 1;
            const bool aw = address && *b->s_axil_awready_o, w = word && *b->s_axil_wready_o;
            answered += *b->s_axil_bvalid_o && *b->s_axil_bready_i;
            bench_tick(b);
            addresses += aw;
            words += w;
        }
        *b->s_axil_bready_i = 0;
        CHECK(&b->test, answered == 2, "%u answers to two writes", answered);
        for (unsigned k = 0; k < 2; k++)
            CHECK(&b->test, bus_read(b, to[k]) == data[k], "write %u: %08x, not %08x", k,
                  bus_read(b, to[k]), data[k]);
    }
}

static void check_fifo(struct bench *b) {
    uint32_t depth = bus_read(b, LOCKSTEP_REG_TOKEN_FIFO), levels;
    for (uint32_t i = 0; i < depth; i++) {
        CHECK(&b->test, bus_read(b, LOCKSTEP_REG_FIFO_FLAGS) == 0, "a flag too early");
        bus_write(b, LOCKSTEP_REG_TOKEN_IN, i);
        levels = bus_read(b, LOCKSTEP_REG_TOKEN_LEVELS);
        CHECK(&b->test, (levels & LOCKSTEP_TOKEN_LEVELS_IN_LEVEL_MASK) == i + 1, "level %08x",
              levels);
    }
    CHECK(&b->test, (levels & LOCKSTEP_TOKEN_LEVELS_IN_FULL_MASK) != 0, "not full: %08x", levels);
    bus_write(b, LOCKSTEP_REG_TOKEN_IN, 99);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_FIFO_FLAGS) == LOCKSTEP_FIFO_FLAGS_IN_OVERFLOW_MASK,
          "no overflow");
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_TOKEN_OUT) == 0xffffffffu,
          "an empty FIFO gave a token");
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_FIFO_FLAGS) == 3, "no underflow");
    bus_write(b, LOCKSTEP_REG_FIFO_FLAGS, LOCKSTEP_FIFO_FLAGS_IN_OVERFLOW_MASK);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_FIFO_FLAGS) == LOCKSTEP_FIFO_FLAGS_OUT_UNDERFLOW_MASK,
          "a flag is not cleared by a one, or another is");
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    levels = bus_read(b, LOCKSTEP_REG_TOKEN_LEVELS);
    CHECK(&b->test, levels == LOCKSTEP_RESET_TOKEN_LEVELS, "soft reset leaves levels %08x", levels);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_FIFO_FLAGS) == 0, "soft reset leaves flags");
}

static void check_windows(struct bench *b) {
    uint32_t ops = bus_read(b, LOCKSTEP_REG_UCODE_OPS), tensors = bus_read(b, LOCKSTEP_REG_TENSORS);
    bus_write(b, LOCKSTEP_REG_UCODE_ADDR, 4 * ops - 1);
    bus_write(b, LOCKSTEP_REG_UCODE_DATA, 0);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_UCODE_ADDR) == 4 * ops, "the address does not step");
    CHECK(&b->test, bus_write_strobed(b, LOCKSTEP_REG_UCODE_DATA, 0, 15) == BUS_SLVERR,
          "past the end");
    bus_write(b, LOCKSTEP_REG_TENSOR_ADDR, 4 * tensors - 1);
    bus_write(b, LOCKSTEP_REG_TENSOR_DATA, 0);
    CHECK(&b->test, bus_write_strobed(b, LOCKSTEP_REG_TENSOR_DATA, 0, 15) == BUS_SLVERR,
          "past the end");
    for (uint32_t bank = 0; bank < 2; bank++) {
        bus_write(b, LOCKSTEP_REG_ROPE_ADDR, bank * LOCKSTEP_ROPE_ADDR_BANK_MASK);
        for (uint32_t pair = 0; pair < 128; pair++) {
            bus_write(b, LOCKSTEP_REG_ROPE_LO, pair * 0x01010101u + bank);
            bus_write(b, LOCKSTEP_REG_ROPE_HI, 0xabcd0000u | pair << 8);
        }
    }
    for (uint32_t i = 0; i < 256; i++)
        CHECK(&b->test,
              b->rope[i / 128][i % 128] ==
                  ((uint64_t)(i % 128) << 40 | ((i % 128) * 0x01010101u + i / 128)),
              "pair %u of bank %u: %llx", i % 128, i / 128,
              (unsigned long long)b->rope[i / 128][i % 128]);
}

int main(int argc, char **argv) {
    static struct bench b;
    bench_open(&b, "axil", argc, argv);
    check_resets(&b);
    for (int i = 0; i < 5; i++) {
        check_storage(&b);
        check_strobes(&b);
    }
    bus_write(&b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    check_absent(&b);
    check_locks(&b);
    check_both(&b);
    check_queued_reads(&b);
    check_queued_writes(&b);
    check_fifo(&b);
    check_windows(&b);
    bench_reset(&b);
    check_resets(&b);
    return bench_close(&b);
}
