/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What Verilator's run-time library prints, an assertion that fails, goes to
 * sim/device/verilated.cpp: scripts/verilated.mk puts this before its source.
 */
#ifndef LOCKSTEP_VERILATED_PRINT_H
#define LOCKSTEP_VERILATED_PRINT_H

#ifdef __cplusplus
extern "C"
#endif
    __attribute__((format(printf, 1, 2))) int
    dut_print(const char *format, ...);
#ifndef VL_PRINTF
#define VL_PRINTF dut_print
#endif

#endif
