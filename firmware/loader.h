/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The front door: streams bytes into the weight memory through the device's loader.
 *
 *     if (!loader_stream(hal, tensor->address, bytes + tensor->address, tensor->bytes))
 *         return FW_CHECKSUM;
 */
#ifndef LOCKSTEP_LOADER_H
#define LOCKSTEP_LOADER_H

#include "hal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes `size` bytes to `address` (a multiple of 4; the last word is filled up with zeros) and
 * compares the CRC-32 that the device formed. Returns 1 if they agree, 0 if not. */
int loader_stream(const struct hal *hal, uint64_t address, const uint8_t *bytes, uint64_t size);

#ifdef __cplusplus
}
#endif
#endif
