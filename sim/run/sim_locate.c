/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A run without a trace that finds the cycles of a window.
 */
#include "sim_run.h"

/* What the model alone rules out. */
static int check(const struct window_request *request, const struct sim_run *run,
                 struct ls_error *err) {
    if (request->layer != WINDOW_ANY && request->layer >= run->model->layers)
        return ls_error_set(err, "--layer %u: the model has layers 0 to %u", request->layer,
                            run->model->layers - 1);
    if (request->token != WINDOW_ANY && request->token >= run->context)
        return ls_error_set(err, "--token %u: this run has positions 0 to %u%s", request->token,
                            run->context - 1, sim_run_more(run));
    return 0;
}

int sim_locate(struct sim_options *options, const volatile bool *interrupted, struct window *window,
               struct ls_error *err) {
    struct sim_options quick = *options;
    struct sim_run run;
    quick.trace = quick.report = quick.fail = NULL;
    quick.reference = false;
    *window = (struct window){.request = options->window};
    int status = sim_run_open(&run, &quick, err);
    if (status == 0)
        status = check(&options->window, &run, err);
    if (status == 0) {
        run.window = window;
        run.interrupted = interrupted;
        if (sim_run_rtl(&run, err) == SIM_BAD_INPUT)
            status = -1;
        else if (run.verdict == SIM_INTERRUPTED)
            status = ls_error_set(err, "%s", run.message);
        else if (!window_end(window))
            status = run.verdict == SIM_PASS
                         ? window_missing(window, run.simulated_cycles, err)
                         : ls_error_set(err, "before what is asked for: %s", run.message);
    }
    sim_run_close(&run);
    if (status == 0) {
        options->trace_first = window->first;
        options->trace_last = window->last;
    }
    return status;
}
