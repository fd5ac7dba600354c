/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * lockstep: the program. Prints, exits and catches Ctrl-C; all else is in the libraries.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "console_main.h"
#include "csrc/base/command.h"
#include "csrc/base/output.h"
#include "csrc/base/text.h"
#include "generated/device.h"
#include "perplexity.h"
#include "serve.h"
#include "sim/report/report.h"

#define LONG_WAIT 2e7 /* cycles; some ten seconds */

static volatile bool interrupted;

static void on_interrupt(int number) {
    (void)number;
    interrupted = true;
}

static void on_text(uint32_t sequence, const char *bytes, size_t size) {
    (void)sequence;
    text_print(stdout, bytes, size);
    fflush(stdout);
}

/* One line on the terminal, rewritten; nothing once text is streaming there. */
static void on_progress(const struct sim_run *run, const char *what, uint64_t done, uint64_t of) {
    if (run->texts[0].generated_count != 0 && isatty(STDOUT_FILENO))
        return;
    if (of != 0)
        fprintf(stderr, "\r\033[K%s %" PRIu64 "/%" PRIu64 "\r", what, done, of);
    else
        fprintf(stderr, "\r\033[K%s %" PRIu64 "\r", what, done);
    fflush(stderr);
}

static int fail(const char *text) {
    fprintf(stderr, "lockstep: %s\n", text);
    return SIM_BAD_INPUT;
}

/* A help that could not be printed is an error. */
static int help_status(int status) {
    struct ls_error err;
    return status != 0 || output_standard_end(&err) == 0 ? status : fail(err.text);
}

static void print_texts(const struct sim_run *run) {
    if (run->options->prompt_count == 1) {
        putchar('\n');
        return;
    }
    for (uint32_t i = 0; i < run->options->prompt_count; i++) {
        printf("[%" PRIu32 "] ", i);
        text_print(stdout, run->options->prompts[i], strlen(run->options->prompts[i]));
        text_print(stdout, run->texts[i].text, run->texts[i].text_size);
        putchar('\n');
    }
}

/* A picture only comes of a run with a whole pass. */
static void print_timeline(const char *base) {
    static const char *const ends[] = {"json", "svg", "txt"};
    char path[512];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(path, sizeof path, "%s.%s", base, ends[i]);
        if (access(path, R_OK) == 0)
            fprintf(stderr, "%s\n", path);
    }
}

static void print_checkpoint(const struct sim_run *run) {
    const uint32_t generated = run->texts[0].generated_count;
    if (run->kept != 0)
        fprintf(stderr, "%s (the state behind token %" PRIu32 " of the completion)\n",
                run->options->checkpoint, run->kept);
    else
        fprintf(stderr,
                "no checkpoint: the run ended at token %" PRIu32 ", before --every %" PRIu32 "\n",
                generated, run->options->every);
}

/* Cycles of waiting are simulated like any other. */
static void warn_rate(const struct sim_options *o) {
    const double cycles = o->power.token_rate > 0 ? (double)o->clock_hz / o->power.token_rate : 0;
    if (cycles >= LONG_WAIT)
        fprintf(stderr,
                "lockstep: --token-rate %g: a token every %.0f cycles, which takes a while\n",
                o->power.token_rate, cycles);
}

/* Fewer tokens than were asked for, because there is no room. */
static void warn_context(const struct sim_run *run) {
    for (uint32_t i = 0; i < run->options->prompt_count; i++)
        if (sim_run_end(run, i) == SIM_END_CONTEXT)
            fprintf(stderr,
                    "lockstep: prompt %u: %" PRIu32 " of %" PRIu32
                    " tokens: the context of %" PRIu32 " positions is full%s\n",
                    i, run->texts[i].generated_count, run->options->tokens, run->context,
                    sim_run_more(run));
}

/* What was asked of the device and is more than it can do; its tokens are right all the same. */
static void warn_power(const struct sim_run *run) {
    const struct sim_power_options *o = &run->options->power;
    const struct sim_power_result *r = &run->power;
    if ((o->throttle != SIM_THROTTLE_OFF || o->cap_mw != 0 || o->token_rate > 0) &&
        (run->options->start_token != 0 || run->options->resume != NULL))
        fputs("lockstep: heat and pacing began anew where this run began: its cycles are not those "
              "of the whole run\n",
              stderr);
    if (r->windows_above != 0)
        fprintf(stderr,
                "lockstep: --power-cap %" PRIu32 ": smoothed power was above it in %" PRIu64
                " of %" PRIu64 " windows, %.1f mW at most; pacing ends at pace_max, %" PRIu32 "\n",
                o->cap_mw, r->windows_above, r->windows, r->mw_smooth, r->settings.pace_max);
    if (o->token_rate > 0 && r->late)
        fprintf(stderr, "lockstep: --token-rate %g: the device gave %.1f tokens a second\n",
                o->token_rate, r->tokens_per_s);
}

/* A file that is missing is told, but hides no difference and no error. */
static int exit_status(const struct sim_run *run, enum sim_verdict verdict) {
    const int status = sim_exit_status(verdict);
    if (run->unwritten.text[0] == '\0' || verdict == SIM_BAD_INPUT)
        return status;
    fail(run->unwritten.text);
    return status == 0 ? SIM_BAD_INPUT : status;
}

/* One line: the report is that of the whole run. */
static int run_part(struct sim_run *run) {
    struct ls_error err;
    run->on_text = NULL;
    const enum sim_verdict verdict = sim_run_part(run, &err);
    if (verdict == SIM_BAD_INPUT)
        return fail(err.text);
    fprintf(stderr, "part %" PRIu32 ": %s\n", run->options->part, run->message);
    return sim_exit_status(verdict);
}

static int run_sim(const char *program, int argc, char **argv) {
    struct sim_options options;
    struct sim_run run;
    struct window window;
    struct ls_error err;
    const char *topic;
    int status;

    switch (sim_options_parse(argc, argv, &options, &topic, &err)) {
    case OPTIONS_BAD:
        return fail(err.text);
    case OPTIONS_HELP:
        sim_options_help(topic, stdout);
        return help_status(0);
    case OPTIONS_READ:
        break;
    }
    options.program = program;
    if (sim_outputs_check(&options, &err) != 0)
        return fail(err.text);
    if (window_wants(&options.window)) {
        signal(SIGINT, on_interrupt);
        if (sim_locate(&options, &interrupted, &window, &err) != 0)
            return fail(err.text);
    }
    if (sim_run_open(&run, &options, &err) != 0) {
        sim_run_close(&run);
        return fail(err.text);
    }
    warn_rate(&options);
    run.interrupted = &interrupted;
    if (options.prompt_count == 1)
        run.on_text = on_text;
    if (isatty(STDERR_FILENO))
        run.on_progress = on_progress;
    signal(SIGINT, on_interrupt);
    signal(SIGTERM, on_interrupt);
    if (signal(SIGHUP, on_interrupt) == SIG_IGN)
        signal(SIGHUP, SIG_IGN); /* nohup */

    if (options.part != 0) {
        status = run_part(&run);
        sim_run_close(&run);
        return status;
    }
    status = (int)(options.backend != SIM_RTL ? sim_run_host(&run, &err)
                   : options.jobs > 1         ? sim_run_jobs(&run, &err)
                                              : sim_run_rtl(&run, &err));
    if (status != SIM_BAD_INPUT && sim_run_end_texts(&run, &err) != 0)
        status = SIM_BAD_INPUT;
    if (status == SIM_BAD_INPUT) {
        fail(err.text);
    } else {
        print_texts(&run);
        report_print(&run, stderr);
        warn_context(&run);
        warn_power(&run);
        if (report_power(&run, &err) != 0)
            sim_run_unwritten(&run, &err);
        if (options.report != NULL && report_write(&run, options.report, &err) != 0)
            sim_run_unwritten(&run, &err);
        if (output_standard_end(&err) != 0)
            sim_run_unwritten(&run, &err);
    }
    if (run.restarted != 0)
        fprintf(stderr,
                "lockstep: processes of --jobs that were ended from outside and run again: "
                "%" PRIu32 "\n",
                run.restarted);
    if (run.explained)
        fprintf(stderr, "%s/report.txt\n", options.fail);
    else if (run.not_explained.text[0] != '\0')
        fprintf(stderr, "lockstep: no report: %s\n", run.not_explained.text);
    if (options.timeline != NULL && options.backend == SIM_RTL && status != SIM_BAD_INPUT)
        print_timeline(options.timeline);
    if (options.checkpoint != NULL && status != SIM_BAD_INPUT)
        print_checkpoint(&run);
    if (run.trace_cut != 0 && status != SIM_BAD_INPUT)
        fprintf(stderr,
                "the trace was cut short at cycle %" PRIu64 ": --most MB makes room for more, "
                "--cycles chooses\n",
                run.trace_cut);
    if (run.traced && status != SIM_BAD_INPUT)
        fprintf(stderr, "%s\n", options.trace);
    sim_run_close(&run);
    return exit_status(&run, (enum sim_verdict)status);
}

int main(int argc, char **argv) {
    static const struct command commands[] = {
        {"sim", "MODEL.gguf -p TEXT: run a model on the Verilog device, every word checked", NULL},
        {"perplexity", "MODEL.gguf -f FILE: of the device on a text, and how far from floats",
         perplexity_main},
        {"serve", "MODEL.gguf: answer over HTTP as llama.cpp's server does", serve_main},
        {"console", "[MODEL.gguf]: commands for devices: infer, regs, profile, diag ...",
         console_main},
    };
    char version[40];
    const struct command_set program = {"lockstep", version, commands, 4};
    struct ls_error err;
    int status;
    signal(SIGPIPE, SIG_IGN); /* a closed pipe and a limit are errors of the file */
    signal(SIGXFSZ, SIG_IGN);
    if (output_standard_open(&err) != 0)
        return fail(err.text);
    snprintf(version, sizeof version, ", register map %u.%u",
             LOCKSTEP_RESET_VERSION >> LOCKSTEP_VERSION_MAJOR_SHIFT,
             LOCKSTEP_RESET_VERSION & LOCKSTEP_VERSION_MINOR_MASK);
    const struct command *command = command_find(&program, argc, argv, &status);
    if (command == NULL)
        return help_status(status);
    return command->run != NULL ? command->run(argc - 1, argv + 1)
                                : run_sim(argv[0], argc - 1, argv + 1);
}
