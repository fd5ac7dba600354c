/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The only way from the firmware to a device: 32-bit register reads and writes and a wait for the
 * interrupt. A backend fills in the three functions.
 *
 *     struct hal hal = {read32, write32, wait_irq, context};
 *     uint32_t id = hal_read(&hal, LOCKSTEP_REG_ID);
 */
#ifndef LOCKSTEP_HAL_H
#define LOCKSTEP_HAL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hal {
    uint32_t (*read32)(void *context, uint32_t address);
    void (*write32)(void *context, uint32_t address, uint32_t value);
    int (*wait_irq)(void *context); /* 0: the interrupt is high; other: no interrupt will come */
    void *context;                  /* the backend's own */
};

static inline uint32_t hal_read(const struct hal *hal, uint32_t address) {
    return hal->read32(hal->context, address);
}

static inline void hal_write(const struct hal *hal, uint32_t address, uint32_t value) {
    hal->write32(hal->context, address, value);
}

#ifdef __cplusplus
}
#endif
#endif
