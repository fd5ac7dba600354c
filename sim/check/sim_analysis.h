/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What two vectors that should be equal say about the fault that made them differ.
 *
 *     struct analysis_facts facts;
 *     analysis_compare(expected, actual, count, &facts);
 *     analysis_write(&difference, stream);
 */
#ifndef LOCKSTEP_SIM_ANALYSIS_H
#define LOCKSTEP_SIM_ANALYSIS_H

#include <stdio.h>

#include "firmware/driver.h"
#include "scoreboard.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ANALYSIS_KV 8u /* words of the KV SRAM that are told of */

/* Plain facts about two vectors of binary32 bits. */
struct analysis_facts {
    uint32_t count, different, first, last; /* elements */
    uint32_t signs, zeros;                  /* differ in the sign alone; are 0 but should not be */
    bool is_power;                          /* every one is 2^power times what it should be */
    int power;
    bool is_step; /* every one is off by a multiple of 2^step, but for rounding */
    int step;
    bool is_displaced; /* every one has the value that belongs `displaced` elements further on */
    int displaced;
    uint32_t period, phase; /* all lie at element = phase mod period; period 1: no such rule */
    uint64_t most_ulp;      /* largest distance in units in the last place */
};

/* A word of the KV SRAM that is not what the golden model stored. */
struct analysis_kv {
    uint32_t layer, value, head, position, block, address;
    uint32_t word;             /* of 17, the first wrong one */
    uint32_t expected, actual; /* of that word */
    uint32_t other;            /* position whose right word it holds, or UINT32_MAX */
};

/* What is known of a difference once the device has stopped. */
struct analysis {
    const struct ls_model *model;
    const struct fw_limits *limits; /* of the device */
    const char *message;            /* the difference in one line */
    const struct scoreboard *board;
    struct analysis_kv kv[ANALYSIS_KV];
    uint32_t kv_wrong;    /* words of the KV SRAM that are wrong; the first are in kv */
    uint32_t kv_compared; /* words */
    char unit[96];        /* where to look first, set by analysis_write */
};

void analysis_compare(const uint32_t *expected, const uint32_t *actual, uint32_t count,
                      struct analysis_facts *facts);

/* Distance of two finite binary32 in units in the last place; neighbours have 1, the zeros 0. */
uint64_t analysis_ulp(uint32_t a, uint32_t b);

/* Compares the KV SRAM of the failing sequence and layer with the golden model, up to the failing
 * position. The device must be between ops; it is clocked. */
void analysis_read_kv(struct analysis *analysis, struct device *device);

/* Writes the analysis, some lines of text, and sets analysis->unit. */
void analysis_write(struct analysis *analysis, FILE *stream);

#ifdef __cplusplus
}
#endif
#endif
