/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The command line of `lockstep sim`: what the rows of sim_options.h cannot say.
 */
#include "sim/run/sim_options.h"

struct options sim_options_table(const struct sim_options *defaults) {
    return (struct options){
        .program = "lockstep sim",
        .about = "Runs a GGUF on the Verilog device, each word checked against the golden model.",
        .ending = "exit: 0 equal, 1 difference, 2 input or INERT, 3 device error, 130 interrupted",
        .rows = sim_option_rows,
        .row_count = sizeof sim_option_rows / sizeof *sim_option_rows,
        .groups = sim_option_groups,
        .group_count = sizeof sim_option_groups / sizeof *sim_option_groups,
        .defaults = defaults,
        .size = sizeof *defaults,
    };
}

void sim_options_help(const char *topic, FILE *out) {
    const struct sim_options defaults = sim_options_defaults();
    const struct options table = sim_options_table(&defaults);
    options_print_help(&table, topic, out);
}

enum options_result sim_options_parse(int argc, char **argv, struct sim_options *o,
                                      const char **topic, struct ls_error *err) {
    const struct sim_options defaults = sim_options_defaults();
    const struct options table = sim_options_table(&defaults);
    const enum options_result result = options_parse(&table, argc, argv, o, topic, err);
    if (result != OPTIONS_READ)
        return result;
    o->memory.seed = o->sampling.seed;
    o->power.clock_hz = o->clock_hz;
    if (o->text != NULL)
        o->prompt_count = o->tokens = 1;
    if (o->ids != NULL)
        o->prompt_count = 1;
    o->arguments = (const char *const *)argv;
    o->argument_count = argc;
    if (o->trace_first > o->trace_last) {
        ls_error_set(err, "--cycles: %llu:%llu ends before it begins",
                     (unsigned long long)o->trace_first, (unsigned long long)o->trace_last);
        return OPTIONS_BAD;
    }
    if (o->jobs > 1 && o->prompt_count != 1) {
        ls_error_set(err, "--jobs goes with one prompt, not with %u", o->prompt_count);
        return OPTIONS_BAD;
    }
    if (o->jobs > 1 && o->power.throttle != SIM_THROTTLE_OFF) {
        ls_error_set(err, "--jobs does not go with --throttle: cycles would depend on heat that "
                          "comes of all tokens before");
        return OPTIONS_BAD;
    }
    if ((o->checkpoint != NULL || o->resume != NULL || o->start_token != 0) &&
        o->prompt_count != 1) {
        ls_error_set(err, "--%s goes with one prompt, not with %u",
                     o->checkpoint != NULL ? "checkpoint"
                     : o->resume != NULL   ? "resume"
                                           : "start-token",
                     o->prompt_count);
        return OPTIONS_BAD;
    }
    return OPTIONS_READ;
}
