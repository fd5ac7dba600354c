/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The front door: runs of words at any word address reach the memory, nothing else changes, the CRC
 * is that of the bytes, a refused write is an error, a soft reset in between does no harm.
 * Arguments: seed=, stall=, fault=.
 */
#include "control_bench.h"

#include "generated/device.h"

#include <string.h>

/* Bit by bit, from the definition in IEEE 802.3. */
static uint32_t crc32(const uint8_t *bytes, size_t size) {
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < 8 * size; i++) {
        uint32_t bit = ((uint32_t)bytes[i / 8] >> (i % 8) ^ crc) & 1u;
        crc = crc >> 1 ^ (bit ? 0xedb88320u : 0);
    }
    return ~crc;
}

static uint8_t expected[BENCH_MEMORY];

static void set_address(struct bench *b, uint64_t address) {
    bus_write(b, LOCKSTEP_REG_LOAD_ADDR_HI, (uint32_t)(address >> 32));
    bus_write(b, LOCKSTEP_REG_LOAD_ADDR_LO, (uint32_t)address);
}

static void load(struct bench *b, uint32_t address, uint32_t words) {
    set_address(b, (uint64_t)bench_random(b, 1u << 24) << 16 | address);
    for (uint32_t i = 0; i < words; i++) {
        const uint32_t data = (uint32_t)top_random(&b->top);
        memcpy(expected + address + 4 * i, &data, 4);
        bus_write(b, LOCKSTEP_REG_LOAD_DATA, data);
    }
}

static void compare(struct bench *b) {
    size_t at = 0;
    while (at < BENCH_MEMORY && b->memory[at] == expected[at])
        at++;
    CHECK(&b->test, at == BENCH_MEMORY, "byte %zx is %02x, expected %02x", at, b->memory[at],
          expected[at]);
}

static void test_runs(struct bench *b) {
    for (int i = 0; i < 60; i++) {
        uint32_t words = 1 + bench_random(b, 200);
        uint32_t address = 4 * bench_random(b, BENCH_MEMORY / 4 - words);
        load(b, address, words);
        if (i % 3 != 2) { /* else the next address flushes */
            bus_write(b, LOCKSTEP_REG_LOAD_FLUSH, 1);
            CHECK(&b->test, bus_read(b, LOCKSTEP_REG_LOAD_STATUS) == 0, "not flushed");
            compare(b);
        }
        CHECK(&b->test, bus_read(b, LOCKSTEP_REG_LOAD_CRC) == crc32(expected + address, 4 * words),
              "CRC of %u words", words);
    }
    bus_write(b, LOCKSTEP_REG_LOAD_FLUSH, 1);
    compare(b);
    bus_write(b, LOCKSTEP_REG_LOAD_ADDR_LO, 0);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_LOAD_CRC) == 0, "CRC of nothing");
}

/* Whole beats go out by themselves, one burst each. */
static void test_beats(struct bench *b) {
    unsigned before = b->beats_written;
    load(b, 0, 10 * b->port_bytes / 4);
    bus_write(b, LOCKSTEP_REG_LOAD_FLUSH, 1);
    CHECK(&b->test, b->beats_written - before == 10, "%u bursts", b->beats_written - before);
    compare(b);
}

static void test_error(struct bench *b) {
    b->bresp = 2;
    load(b, 64, 3);
    bus_write(b, LOCKSTEP_REG_LOAD_FLUSH, 1);
    b->bresp = 0;
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_ERROR_CODE) == LOCKSTEP_ERROR_LOADER, "no error");
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_STATUS) & LOCKSTEP_STATUS_ERROR_MASK, "no error");
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_STATUS) == 0, "the error stays");
}

/* Words that were gathered are forgotten; the next run is whole. */
static void test_soft_reset(struct bench *b) {
    memcpy(expected, b->memory, sizeof expected);
    for (int i = 0; i < 20; i++) {
        uint8_t kept[16];
        memcpy(kept, expected + 256, sizeof kept);
        set_address(b, 256);
        bus_write(b, LOCKSTEP_REG_LOAD_DATA, 0x12345678);
        CHECK(&b->test, bus_read(b, LOCKSTEP_REG_LOAD_STATUS) == LOCKSTEP_LOAD_STATUS_PENDING_MASK,
              "not pending");
        bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
        CHECK(&b->test, bus_read(b, LOCKSTEP_REG_LOAD_STATUS) == 0, "still pending");
        load(b, 512, b->port_bytes / 4); /* the last word begins a burst */
        bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
        load(b, 4096, 1 + bench_random(b, 40));
        bus_write(b, LOCKSTEP_REG_LOAD_FLUSH, 1);
        compare(b);
    }
}

int main(int argc, char **argv) {
    static struct bench b;
    bench_open(&b, "loader", argc, argv);
    test_runs(&b);
    test_beats(&b);
    test_error(&b);
    test_soft_reset(&b);
    return bench_close(&b);
}
