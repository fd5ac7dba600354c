/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A run of `lockstep sim`: model, prompts, tokens, and what was found out. Backends fill it in.
 *
 *     struct sim_run run;
 *     if (sim_run_open(&run, &options, &err) == 0)
 *         verdict = sim_run_rtl(&run, &err);
 *     report_write(&run, path, &err);
 *     sim_run_close(&run);
 */
#ifndef LOCKSTEP_SIM_RUN_H
#define LOCKSTEP_SIM_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "csrc/model/model.h"
#include "csrc/reference/reference.h"
#include "csrc/tokenizer/tokenizer.h"
#include "firmware/driver.h"
#include "sim/check/sim_power.h"
#include "sim_options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* sim_exit_status() says which exit status each one is. */
enum sim_verdict {
    SIM_PASS = 0,
    SIM_DIFFERENCE = 1,
    SIM_BAD_INPUT = 2,
    SIM_DEVICE_ERROR = 3,
    SIM_STOPPED = 4, /* no difference as far as it was to go */
    SIM_INERT = 5,   /* a fault was planted and nothing came of it, so nothing was shown */
    SIM_INTERRUPTED = 130
};

struct sim_text {
    uint32_t *prompt; /* tokens, beginning with BOS */
    uint32_t prompt_count;
    uint32_t *generated; /* [options.tokens], the end-of-generation token included */
    uint32_t generated_count;
    char *text; /* of the generated tokens, [text_size]: any bytes */
    size_t text_size, text_room;
    struct token_stream stream;
};

struct sim_segment;

struct sim_run {
    const struct sim_options *options;
    struct ls_model *model;
    struct ls_model *draft_model; /* until the backend takes it over; NULL: none */
    uint32_t context;             /* positions reserved for each sequence */
    struct sim_text texts[SIM_PROMPTS];
    /* Text as it comes, or NULL. */
    void (*on_text)(uint32_t sequence, const char *bytes, size_t size);
    /* Progress before the first token and of long loads, or NULL. */
    void (*on_progress)(const struct sim_run *run, const char *what, uint64_t done, uint64_t of);
    const volatile bool *interrupted; /* becomes true at Ctrl-C; may be NULL */
    struct window *window;            /* rtl: looked for, then the run stops; NULL: none */
    struct sim_segment *segment;      /* rtl: of a run, all that is simulated here; NULL: all */

    /* What the run found. */
    enum sim_verdict verdict;
    char message[640];       /* the difference or the error, one line; empty if none */
    struct fw_limits limits; /* the device's configuration; all 0 without a device */
    struct fw_telemetry device;
    struct sim_power_result power;
    uint64_t ops, words, mismatches; /* compared with the golden model */
    uint64_t timed_ops, mistimed;    /* compared with csrc/expect/cycles.c */
    uint32_t assertions;             /* of the device, checked in every cycle; 0: none */
    uint64_t simulated_cycles;       /* loading and register accesses included */
    struct ls_witness witness;
    bool timed_out;                /* DEVICE_ERROR: at the limit of cycles */
    bool traced;                   /* options->trace has been written */
    uint64_t trace_cut;            /* first cycle for which it had no room; 0: none */
    bool explained;                /* options->fail has been written */
    struct ls_error not_explained; /* why it could not be, or empty */
    struct ls_error unwritten;     /* why another file could not be, the first one, or empty */
    uint32_t forwarded;  /* generated tokens that the golden model or a checkpoint brought */
    uint32_t kept;       /* generated tokens in the newest checkpoint; 0: none was written */
    uint32_t parts;      /* segments that the run was put together from; 0: it was not cut */
    uint32_t restarted;  /* of them, how often the process of one was killed */
    double load_seconds; /* host, of a processor: until generation */
    double seconds;      /* host, generation only */
};

/* Whether all that the options name could be written, before anything is run. 0, or -1 with `err`.
 */
int sim_outputs_check(const struct sim_options *options, struct ls_error *err);

/* Opens model and vocabulary, encodes the prompts, checks lengths. 0, or -1 with `err`. */
int sim_run_open(struct sim_run *run, const struct sim_options *options, struct ls_error *err);

void sim_run_close(struct sim_run *run);

/* A generated token: kept, decoded and handed to on_text. */
int sim_run_token(struct sim_run *run, uint32_t sequence, uint32_t token, struct ls_error *err);

/* No token follows: what the texts held back of a character is given. 0, or -1 with `err`. */
int sim_run_end_texts(struct sim_run *run, struct ls_error *err);

/* Notes that a file cannot be written; the verdict stays as it is. */
void sim_run_unwritten(struct sim_run *run, const struct ls_error *why);

/* How there can be more positions, to end a message: "; raise -n". */
const char *sim_run_more(const struct sim_run *run);

/* Why a sequence has no more tokens. */
enum sim_end {
    SIM_END_BUDGET, /* as many as asked for */
    SIM_END_EOG,
    SIM_END_CONTEXT, /* no position left for another */
    SIM_END_LIMIT,   /* the run's limit of cycles */
    SIM_END_DIFFERENCE,
    SIM_END_ERROR,
    SIM_END_WINDOW, /* all that was to be traced is */
    SIM_END_INTERRUPT
};
enum sim_end sim_run_end(const struct sim_run *run, uint32_t sequence);

int sim_exit_status(enum sim_verdict verdict);

/* The backends. Each sets run->verdict and returns it; SIM_BAD_INPUT comes with `err`. */
enum sim_verdict sim_run_rtl(struct sim_run *run, struct ls_error *err);
enum sim_verdict sim_run_jobs(struct sim_run *run, struct ls_error *err); /* options->jobs */

/* Part options->part of a run of options->jobs, alone, into options->parts. run->message says what
 * came of it; the verdict is PASS if nothing was wrong there. */
enum sim_verdict sim_run_part(struct sim_run *run, struct ls_error *err);
enum sim_verdict sim_run_host(struct sim_run *run, struct ls_error *err); /* golden or float */

/* Runs without a trace until it knows the cycles of options->window and puts them into trace_first
 * and trace_last. Returns 0, or -1 with `err`: the run has no such cycles. */
int sim_locate(struct sim_options *options, const volatile bool *interrupted, struct window *window,
               struct ls_error *err);

double sim_now(void);    /* seconds of a clock that only goes forward */
double sim_worked(void); /* seconds that processors have spent on this process */

#ifdef __cplusplus
}
#endif
#endif
