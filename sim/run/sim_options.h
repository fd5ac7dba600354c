/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The command line of `lockstep sim`.
 *
 *     struct sim_options options;
 *     if (sim_options_parse(argc, argv, &options, &err) != 0)
 *         return usage(err.text);
 */
#ifndef LOCKSTEP_SIM_OPTIONS_H
#define LOCKSTEP_SIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "csrc/base/error.h"
#include "firmware/sampler.h"
#include "sim/device/weight_mem.h"
#include "sim/trace/window.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_PROMPTS 16

enum sim_backend {
    SIM_RTL,    /* the Verilated device, checked against the golden model */
    SIM_GOLDEN, /* the golden model alone */
    SIM_FLOAT   /* the float reference alone */
};

enum sim_throttle { SIM_THROTTLE_OFF, SIM_THROTTLE_ON, SIM_THROTTLE_HOT };

/* Energy, heat and self-regulation: docs/power.md. */
struct sim_power_options {
    enum sim_throttle throttle; /* by temperature; hot: begins just below the target */
    const char *profile;        /* file, or NULL: 45 nm */
    const char *folder;         /* for CSVs, or NULL; exists */
    uint32_t cap_mw;            /* power cap; 0: none */
    double token_rate;          /* tokens a second at most; 0: no matter */
    uint64_t clock_hz;          /* as in struct sim_options */
};

struct sim_options {
    const char *model; /* path of a GGUF */
    const char *prompts[SIM_PROMPTS];
    uint32_t prompt_count;
    uint32_t tokens;  /* to generate for each prompt */
    uint32_t context; /* positions; 0: what prompt and tokens need */
    enum sim_backend backend;
    const char *report; /* path of the JSON report, or NULL */
    struct sampler_settings sampling;
    bool front_door;
    bool reference;      /* run the float reference beside */
    uint32_t pass_slots; /* 0: all */
    struct weight_mem_settings memory;
    uint64_t cycle_limit;             /* 0: a generous one from the model's size */
    uint64_t clock_hz;                /* that the device's seconds are told at */
    const char *trace;                /* FST to write, or NULL */
    struct window_request window;     /* what of the run goes into it; nothing: see the next two */
    uint64_t trace_first, trace_last; /* cycles that go into it; all by default */
    uint64_t trace_most;              /* bytes of it, about */
    uint32_t start_token;             /* position to begin at, 0: all of it */
    const char *resume;               /* checkpoint to begin from, or NULL */
    const char *checkpoint;           /* to write every `every` tokens, or NULL */
    uint32_t every;
    const char *timeline; /* .json, .svg and .txt are added to it, or NULL */
    const char *commits;  /* log of the commit port, or NULL */
    const char *fail;     /* folder for what explains a difference, or NULL */
    bool flip_kv;         /* plant a flipped bit in the KV SRAM after the prompt */
    uint32_t flip_kv_word, flip_kv_bit;
    uint32_t miscount; /* planted: added to the predicted cycles of every op */
    struct sim_power_options power;
    bool help;
    const char *program;          /* argv[0] of the process, or NULL; set by main() */
    const char *const *arguments; /* of the subcommand, its name included */
    int argument_count;
};

/* argv[0] is the subcommand. Returns 0, or -1 with one line. */
int sim_options_parse(int argc, char **argv, struct sim_options *options, struct ls_error *err);

/* The text of --help. */
const char *sim_options_help(void);

#ifdef __cplusplus
}
#endif
#endif
