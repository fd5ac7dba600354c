/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The skeleton of a driver: registers and the interrupt, nothing else. Finds the device, writes
 * bytes through its loader with a checksum, and has an empty program refused. What comes next is
 * in docs/architecture.md (Microcode) and docs/registers.md.
 *
 *     cc driver.c $(pkg-config --cflags --libs lockstep) -o driver && ./driver
 */
#include <lockstep.h>
#include <lockstep_registers.h>
#include <stdio.h>
#include <stdlib.h>

static struct lockstep *device;

static uint32_t read32(uint32_t address) {
    uint32_t value;
    if (lockstep_read(device, address, &value) != LOCKSTEP_OK) {
        fprintf(stderr, "%s\n", lockstep_error(device));
        exit(1);
    }
    return value;
}

static void write32(uint32_t address, uint32_t value) {
    if (lockstep_write(device, address, value) != LOCKSTEP_OK) {
        fprintf(stderr, "%s\n", lockstep_error(device));
        exit(1);
    }
}

/* CRC-32 of IEEE 802.3, a word at a time. */
static uint32_t crc_word(uint32_t crc, uint32_t word) {
    crc ^= word;
    for (int i = 0; i < 32; i++)
        crc = crc & 1 ? (crc >> 1) ^ 0xedb88320u : crc >> 1;
    return crc;
}

int main(void) {
    char why[256];
    struct lockstep_settings settings;
    lockstep_settings_defaults(&settings, sizeof settings);
    settings.memory_bytes = 4096;
    device = lockstep_open(&settings, why, sizeof why);
    if (device == NULL) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    if (read32(LOCKSTEP_REG_ID) != LOCKSTEP_RESET_ID) {
        fprintf(stderr, "no Lockstep device\n");
        return 1;
    }
    printf("version %u.%u, %u lanes, %u slots, %u-bit port\n",
           read32(LOCKSTEP_REG_VERSION) >> LOCKSTEP_VERSION_MAJOR_SHIFT,
           read32(LOCKSTEP_REG_VERSION) & LOCKSTEP_VERSION_MINOR_MASK, read32(LOCKSTEP_REG_LANES),
           read32(LOCKSTEP_REG_SLOTS), read32(LOCKSTEP_REG_PORT_BITS));

    uint32_t crc = ~0u;
    write32(LOCKSTEP_REG_LOAD_ADDR_HI, 0);
    write32(LOCKSTEP_REG_LOAD_ADDR_LO, 0x100);
    for (uint32_t i = 0; i < 64; i++) {
        write32(LOCKSTEP_REG_LOAD_DATA, i * 0x01010101u);
        crc = crc_word(crc, i * 0x01010101u);
    }
    write32(LOCKSTEP_REG_LOAD_FLUSH, 1);
    printf("loaded 256 bytes, checksum %s\n",
           read32(LOCKSTEP_REG_LOAD_CRC) == ~crc ? "as sent" : "wrong");

    write32(LOCKSTEP_REG_IRQ_STATUS, ~0u);
    write32(LOCKSTEP_REG_IRQ_ENABLE, LOCKSTEP_IRQ_ENABLE_ERROR_MASK);
    write32(LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_VALIDATE_MASK);
    if (lockstep_wait_interrupt(device, 100000) != LOCKSTEP_OK) {
        fprintf(stderr, "%s\n", lockstep_error(device));
        return 1;
    }
    printf("validation of nothing: error %u, status 0x%08x\n", read32(LOCKSTEP_REG_ERROR_CODE),
           read32(LOCKSTEP_REG_STATUS));
    write32(LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    printf("after a soft reset: error %u\n", read32(LOCKSTEP_REG_ERROR_CODE));
    lockstep_close(device);
    return 0;
}
