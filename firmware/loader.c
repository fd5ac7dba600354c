/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * CRC-32 of IEEE 802.3, reflected, four bits at a time.
 */
#include "loader.h"

#include "generated/device.h"

static const uint32_t crc_nibble[] = {0x00000000u, 0x1db71064u, 0x3b6e20c8u, 0x26d930acu,
                                      0x76dc4190u, 0x6b6b51f4u, 0x4db26158u, 0x5005713cu,
                                      0xedb88320u, 0xf00f9344u, 0xd6d6a3e8u, 0xcb61b38cu,
                                      0x9b64c2b0u, 0x86d3d2d4u, 0xa00ae278u, 0xbdbdf21cu};

static uint32_t crc_word(uint32_t crc, uint32_t word) {
    crc ^= word;
    for (int i = 0; i < 8; i++)
        crc = (crc >> 4) ^ crc_nibble[crc & 15u];
    return crc;
}

int loader_stream(const struct hal *hal, uint64_t address, const uint8_t *bytes, uint64_t size) {
    uint32_t crc = 0xffffffffu;
    hal_write(hal, LOCKSTEP_REG_LOAD_ADDR_HI, (uint32_t)(address >> 32));
    hal_write(hal, LOCKSTEP_REG_LOAD_ADDR_LO, (uint32_t)address);
    for (uint64_t at = 0; at < size; at += 4) {
        uint32_t word = 0;
        for (uint32_t i = 0; i < 4 && at + i < size; i++)
            word |= (uint32_t)bytes[at + i] << (8 * i);
        hal_write(hal, LOCKSTEP_REG_LOAD_DATA, word);
        crc = crc_word(crc, word);
    }
    hal_write(hal, LOCKSTEP_REG_LOAD_FLUSH, 1);
    return hal_read(hal, LOCKSTEP_REG_LOAD_CRC) == ~crc;
}
