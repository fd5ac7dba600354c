/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A Verilated top module behind a C API that knows no module by name.
 *
 *     struct dut *dut = dut_open(1);
 *     uint8_t *clk = dut_port(dut, "clk_i");
 *     *clk = 1;
 *     dut_eval(dut);
 *     dut_close(dut);
 *
 * sim/device/verilated.cpp implements it and is compiled once for each top module; how is said
 * there. Callers look their ports up once and keep the pointers: a clock then costs dut_eval alone.
 * C++ files that include Verilator's own verilated.h must not have sim/ on their include path.
 */
#ifndef LOCKSTEP_VERILATED_H
#define LOCKSTEP_VERILATED_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct dut;

enum dut_status {
    DUT_OK = 0,
    DUT_NOT_TRACED = 1, /* the model was built without --trace-fst */
    DUT_IO = 2,         /* the trace file cannot be written */
    DUT_BAD_STATE = 3,  /* a trace is already open, or none is */
};

/* Builds the model; every register starts with a value drawn from `random_seed`, so that state
 * which reset should have set and did not shows. Equal seeds give equal runs. NULL if out of
 * memory. The caller owns the result and gives it to dut_close. Builds for tracing hand the
 * environment variable LOCKSTEP_PLUSARGS, "+name", to the model: planted faults ask for it. */
struct dut *dut_open(uint64_t random_seed);

/* Frees the model; closes its trace. NULL is allowed. */
void dut_close(struct dut *dut);

/* The storage of a port of the top module, or of a probe (a signal inside; only in models built for
 * tracing, only to be read), or NULL if there is none of that name. By width:
 * 1..8 bits uint8_t, ..16 uint16_t, ..32 uint32_t, ..64 uint64_t, wider uint32_t[], the least
 * significant word first. Bits above the port's width must be written as 0. Valid until dut_close.
 */
void *dut_port(struct dut *dut, const char *name);

/* The size of that storage in bytes, 0 if there is no such port. */
size_t dut_port_bytes(struct dut *dut, const char *name);

/* Lets the model settle on the present inputs, and act on their edges. */
void dut_eval(struct dut *dut);

/* How many assertions are checked at every edge: 0 but in a build with them. */
unsigned dut_assertions(void);

/* "file:line of instance.name" of the first assertion that has failed, or NULL; valid until
 * dut_close. */
const char *dut_failure(const struct dut *dut);

/* Starts an FST trace of all signals into a file of the caller's, open for writing at any place,
 * whose errors are the caller's to see. One trace at a time in a program. */
enum dut_status dut_trace_open(struct dut *dut, FILE *file);

/* Adds the present values at `time`, which must grow from call to call. */
enum dut_status dut_trace_dump(struct dut *dut, uint64_t time);

/* Has what was dumped written to the file with the next dump. */
enum dut_status dut_trace_flush(struct dut *dut);

/* Ends the trace; the file stays open. DUT_IO: there was no memory for it. */
enum dut_status dut_trace_close(struct dut *dut);

/* What a status means, a static string. */
const char *dut_status_text(enum dut_status status);

#ifdef __cplusplus
}
#endif

#endif
