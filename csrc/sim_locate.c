/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A run without a trace that finds the cycles of a window.
 */
#include "sim_run.h"

int sim_locate(struct sim_options *options, const volatile bool *interrupted, struct window *window,
               struct ls_error *err) {
    struct sim_options quick = *options;
    struct sim_run run;
    quick.trace = quick.report = quick.fail = NULL;
    quick.reference = false;
    *window = (struct window){.request = options->window};
    int status = sim_run_open(&run, &quick, err);
    if (status == 0) {
        run.window = window;
        run.interrupted = interrupted;
        if (sim_run_rtl(&run, err) == SIM_BAD_INPUT)
            status = -1;
        else if (run.verdict == SIM_INTERRUPTED)
            status = ls_error_set(err, "%s", run.message);
        else if (!window_end(window))
            status = ls_error_set(err,
                                  "the run (%llu cycles) has nothing that --token, --op, --layer "
                                  "or --trigger ask for",
                                  (unsigned long long)run.simulated_cycles);
    }
    sim_run_close(&run);
    if (status == 0) {
        options->trace_first = window->first;
        options->trace_last = window->last;
    }
    return status;
}
