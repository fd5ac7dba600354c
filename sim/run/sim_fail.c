/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Text files, one writer each.
 */
#include "sim_fail.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csrc/base/folder.h"
#include "generated/device.h"
#include "sim/check/sim_analysis.h"

#define MARGIN       100u      /* cycles before and behind what is traced */
#define MOST_BYTES   40000000u /* of waveform; a cycle takes up to 4 for a bit of the weight port */
#define MOST_OF_HANG 20000u    /* cycles behind the last commit: an error may come long after it */
#define MOST_VECTORS 4096u     /* equal elements are left out of longer vectors */

/* ---- again ---- */

static void write_quoted(FILE *out, const char *text) {
    fputc('\'', out);
    for (; *text != '\0'; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    fputc('\'', out);
}

/* build/small/lockstep -> /home/me/lockstep/build/small-trace/lockstep; a link is followed. */
static void find_traced(const char *program, char path[PATH_MAX]) {
    char whole[PATH_MAX];
    const char *found = realpath(program, whole) != NULL ? whole : program;
    const char *slash = strrchr(found, '/');
    const int folder = slash == NULL ? 0 : (int)(slash - found);
    const bool traced = folder >= 6 && memcmp(slash - 6, "-trace", 6) == 0;
    snprintf(path, PATH_MAX, "%.*s%s%s", folder, found, slash == NULL || traced ? "" : "-trace",
             found + folder);
}

/* The place of a difference; or, after an error, of what committed last. */
struct place {
    const char *what; /* "first difference" */
    const struct golden_record *record;
    uint32_t op;
    uint64_t pass, before, begin, cycle; /* of pass, op before, op and what went wrong */
    uint64_t first, last;                /* cycles to trace */
};

static const struct golden_record *next_of(const struct scoreboard *b) {
    size_t count;
    const struct golden_record *records;
    for (uint32_t slot = 0; slot < b->slot_count; slot++) {
        records = golden_records(b->golden, slot, &count);
        if (b->slots[slot].active && b->slots[slot].record < count)
            return &records[b->slots[slot].record];
    }
    return NULL;
}

static struct place find_place(const struct sim_run *run, const struct analysis *a,
                               const struct device *device) {
    const struct scoreboard *b = a->board;
    const struct scoreboard_difference *d = &b->first;
    const bool is_telemetry = run->verdict == SIM_DIFFERENCE && !d->found;
    struct place p = {.what = "first difference",
                      .record = d->record,
                      .op = d->op,
                      .pass = d->pass,
                      .before = d->before,
                      .begin = d->begin,
                      .cycle = d->cycle};
    if (!d->found) {
        p = (struct place){.what = run->verdict == SIM_DIFFERENCE ? "first difference" : "error",
                           .record = next_of(b),
                           .op = b->op,
                           .pass = b->pass,
                           .before = b->before,
                           .begin = b->newest,
                           .cycle = run->simulated_cycles};
    }
    if (run->verdict == SIM_DEVICE_ERROR && device->failure != NULL) {
        p.what = "assertion that fails";
        p.cycle = device->failed_at;
    }
    if (p.begin > p.cycle) /* nothing was committed where something should have been */
        p.begin = p.cycle;
    if (p.cycle - p.begin > MOST_OF_HANG && run->verdict == SIM_DEVICE_ERROR &&
        device->failure == NULL)
        p.last = p.begin + MOST_OF_HANG;
    else
        p.last = (b->ends > p.cycle ? b->ends : p.cycle) + MARGIN;
    /* What the KV SRAM, the angles and the counters hold was written earlier in the pass. */
    p.first = a->kv_wrong != 0 || p.op == LOCKSTEP_OP_ROPE || is_telemetry ? p.pass : p.before;
    p.first -= p.first < MARGIN ? p.first : MARGIN;
    const uint64_t most = MOST_BYTES / (4 * run->limits.port_bits);
    const uint64_t at = d->found || device->failure != NULL ? p.cycle : p.begin;
    if (at > most / 4 * 3 && p.first < at - most / 4 * 3)
        p.first = at - most / 4 * 3;
    if (p.last > p.first + most)
        p.last = p.first + most;
    return p;
}

/* Whether an option is left out of the command that repeats the run: what it was asked to write
 * besides stays as it is, and what goes with that is of no use; --resume reads the copy. */
static bool is_replaced(const struct options *table, const struct option_row *row) {
    if (row == NULL)
        return false;
    return row->kind == OPTION_OUTPUT || strcmp(row->name, "power") == 0 ||
           strcmp(row->name, "resume") == 0 || strcmp(row->name, "jobs") == 0 ||
           (row->needs != NULL && is_replaced(table, options_row(table, row->needs)));
}

/* As it was called; $program and $trace are set. */
static void write_command(const struct sim_run *run, const struct place *p, FILE *out) {
    const struct sim_options *o = run->options;
    const struct options table = {.rows = sim_option_rows,
                                  .row_count = sizeof sim_option_rows / sizeof *sim_option_rows};
    const char *plusargs = getenv("LOCKSTEP_PLUSARGS"); /* they switch planted faults on */
    int words;
    if (plusargs != NULL) {
        fputs("LOCKSTEP_PLUSARGS=${LOCKSTEP_PLUSARGS-", out);
        write_quoted(out, plusargs);
        fputs("} ", out);
    }
    fprintf(out,
            "exec \"$program\" %s --no-reference --cycles %" PRIu64 ":%" PRIu64
            " --trace \"$trace\"",
            o->arguments[0], p->first, p->last);
    if (o->resume != NULL) {
        fputs(" --resume ", out);
        write_quoted(out, o->fail);
        fputs("/checkpoint", out);
    }
    for (int i = 1; i < o->argument_count; i += words) {
        if (is_replaced(&table, options_find(&table, o->arguments[i], &words)))
            continue;
        for (int k = i; k < i + words; k++) {
            fputc(' ', out);
            write_quoted(out, o->arguments[k]);
        }
    }
    fputc('\n', out);
}

/* again [TRACE [PROGRAM]], in the folder where the run was. */
static int write_again(const struct sim_run *run, const struct place *p, struct ls_error *err) {
    const char *folder = run->options->fail;
    char path[PATH_MAX];
    struct output file;
    if (output_open_in(&file, folder, "again", err) != 0)
        return -1;
    FILE *out = file.file;
    fputs("#!/bin/sh\n# Reproduces it and writes TRACE around it: again [TRACE [PROGRAM]]\n"
          "whole() { case $1 in /*) echo \"$1\" ;; *) echo \"$PWD/$1\" ;; esac; }\ntrace=",
          out);
    write_quoted(out, folder);
    fputs("/wave.fst\nprogram=", out);
    find_traced(run->options->program != NULL ? run->options->program : "lockstep", path);
    write_quoted(out, path);
    fputs("\n[ $# -lt 1 ] || trace=$(whole \"$1\")\n[ $# -lt 2 ] || program=$(whole \"$2\")\ncd ",
          out);
    write_quoted(out, getcwd(path, sizeof path) != NULL ? path : ".");
    fputs(" || exit 2\n[ -x \"$program\" ] || {\n"
          "  echo \"again: $program is missing: make build/${program##*/build/} builds it\" >&2\n"
          "  exit 2\n}\n",
          out);
    write_command(run, p, out);
    output_executable(&file);
    return output_close(&file, err);
}

static int keep_resumed(const struct sim_run *run, const struct scoreboard *b,
                        const struct checkpoint *resumed, struct ls_error *err) {
    char path[PATH_MAX];
    if (run->options->resume == NULL || resumed->tokens == NULL)
        return 0;
    snprintf(path, sizeof path, "%s/checkpoint", run->options->fail);
    return checkpoint_write(path, b->golden, resumed, err);
}

/* ---- vectors.txt ---- */

static int write_vectors(const struct sim_run *run, const struct scoreboard *b,
                         struct ls_error *err) {
    const char *folder = run->options->fail;
    char values[2][24];
    struct output file;
    if (output_open_in(&file, folder, "vectors.txt", err) != 0)
        return -1;
    FILE *out = file.file;
    fprintf(out, "%4s %8s  %8s %16s  %8s %16s  %s\n", "slot", "element", "expected", "value",
            "actual", "value", "ulp");
    for (uint32_t slot = 0; slot < SCOREBOARD_SLOTS; slot++) {
        const struct scoreboard_vector *v = &b->vectors[slot];
        for (uint32_t i = 0; v->expected != NULL && i < v->count; i++) {
            const uint32_t e = v->expected->words[i], a = v->actual[i];
            if (e == a && v->count > MOST_VECTORS)
                continue;
            scoreboard_word_text(b->first.kind, i, e, values[0], sizeof values[0]);
            scoreboard_word_text(b->first.kind, i, a, values[1], sizeof values[1]);
            fprintf(out, "%4u %8u  %08x %16s  %08x %16s", slot, i, e, values[0], a, values[1]);
            if (e != a && scoreboard_is_binary32(b->first.kind, i))
                fprintf(out, "  %" PRIu64, analysis_ulp(e, a));
            fputs(e != a ? " <\n" : "\n", out);
        }
    }
    return output_close(&file, err);
}

/* ---- report.txt ---- */

static int write_report(const struct sim_run *run, struct analysis *a, const struct place *p,
                        struct ls_error *err) {
    const struct scoreboard_difference *d = &a->board->first;
    const char *folder = run->options->fail;
    struct output file;
    if (output_open_in(&file, folder, "report.txt", err) != 0)
        return -1;
    FILE *out = file.file;
    fprintf(out, "%s\n\n", run->message);
    if (d->found)
        fprintf(out, "op         %s, %s\n", d->tensor, op_name(d->op));
    else if (run->verdict == SIM_DIFFERENCE)
        fprintf(out, "words      all %" PRIu64 " that were committed are right\n", a->board->words);
    else
        fprintf(out, "committed  %s\nexpected   %s\n",
                a->board->newest == 0 ? "nothing" : op_name(p->op),
                p->record != NULL ? p->record->tensor : "nothing");
    fprintf(out,
            "cycles     %" PRIu64 " the pass begins, %" PRIu64 " the op before, %" PRIu64
            " %s, %" PRIu64 " the %s\n\n",
            p->pass, p->before, p->begin, d->found ? "the op" : "the last commit", p->cycle,
            d->found ? "difference" : p->what);
    if (run->verdict == SIM_DIFFERENCE)
        analysis_write(a, out);
    fprintf(out, "\n%sagain        reproduces it and writes wave.fst\n",
            d->is_value ? "vectors.txt  expected and actual, side by side\n" : "");
    return output_close(&file, err);
}

/* For the scripts that place markers: name and time (2 a cycle) of each; what they show. */
static int write_markers(const struct sim_run *run, const struct analysis *a, const struct place *p,
                         struct ls_error *err) {
    const char *folder = run->options->fail;
    const bool found = a->board->first.found;
    struct output file;
    if (output_open_in(&file, folder, "markers", err) != 0)
        return -1;
    FILE *out = file.file;
    fprintf(out, "A %" PRIu64 " %s\nB %" PRIu64 " %s\nop %s\nunit %s\n", 2 * p->begin,
            found ? "op begins" : "last commit", 2 * p->cycle, p->what,
            !found && run->verdict == SIM_DIFFERENCE ? "telemetry" : op_name(p->op), a->unit);
    return output_close(&file, err);
}

int sim_fail_write(const struct sim_run *run, const struct scoreboard *board,
                   const struct checkpoint *resumed, struct device *device, struct ls_error *err) {
    struct analysis a = {
        .model = run->model, .limits = &run->limits, .message = run->message, .board = board};
    if (folder_make(run->options->fail, err) != 0)
        return -1;
    if (board->first.found)
        analysis_read_kv(&a, device);
    const struct place p = find_place(run, &a, device);
    if (write_report(run, &a, &p, err) != 0 || write_markers(run, &a, &p, err) != 0 ||
        (board->first.is_value && write_vectors(run, board, err) != 0) ||
        keep_resumed(run, board, resumed, err) != 0)
        return -1;
    return write_again(run, &p, err);
}
