/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * For a target that links the options of sim: the memory whose defaults they tell has ports of a
 * device, which is not here.
 *
 *     #include "no_device.h" // once in a program
 */
#ifndef FUZZ_NO_DEVICE_H
#define FUZZ_NO_DEVICE_H

#include "sim/device/verilated.h"

void *dut_port(struct dut *dut, const char *name) {
    (void)dut, (void)name;
    return NULL;
}

size_t dut_port_bytes(struct dut *dut, const char *name) {
    (void)dut, (void)name;
    return 0;
}

#endif
