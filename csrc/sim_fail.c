/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Text files, one writer each.
 */
#include "sim_fail.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../firmware/registers.h"
#include "sim_analysis.h"

#define MARGIN       100u    /* cycles before and behind what is traced */
#define MOST_TRACED  200000u /* cycles before the difference */
#define MOST_VECTORS 4096u   /* equal elements are left out of longer vectors */

static FILE *open_file(const char *folder, const char *name, struct ls_error *err) {
    char path[512];
    FILE *file = NULL;
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) < sizeof path)
        file = fopen(path, "w");
    if (file == NULL)
        ls_error_set(err, "%s/%s: %s", folder, name, strerror(errno));
    return file;
}

static int close_file(FILE *file, const char *folder, const char *name, struct ls_error *err) {
    const int bad = ferror(file);
    if (fclose(file) != 0 || bad)
        return ls_error_set(err, "%s/%s: cannot be written", folder, name);
    return 0;
}

/* mkdir -p */
static int make_folder(const char *folder, struct ls_error *err) {
    char path[512];
    if ((size_t)snprintf(path, sizeof path, "%s", folder) >= sizeof path)
        return ls_error_set(err, "%s: too long a name", folder);
    for (char *at = path + 1;; at++) {
        const char was = *at;
        if (was != '/' && was != '\0')
            continue;
        *at = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return ls_error_set(err, "%s: %s", path, strerror(errno));
        *at = was;
        if (was == '\0')
            return 0;
    }
}

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

/* build/small/lockstep -> build/small-trace/lockstep */
static void write_program(FILE *out, const char *program) {
    const char *slash = strrchr(program, '/');
    const size_t folder = slash == NULL ? 0 : (size_t)(slash - program);
    if (slash == NULL || (folder >= 6 && memcmp(slash - 6, "-trace", 6) == 0))
        fputs(program, out);
    else
        fprintf(out, "%.*s-trace%s", (int)folder, program, slash);
}

static void write_command(const struct sim_run *run, const struct analysis *a, FILE *out) {
    const struct sim_options *o = run->options;
    const struct scoreboard_difference *d = &a->board->first;
    const uint64_t last = (a->board->ends > d->cycle ? a->board->ends : d->cycle) + MARGIN;
    /* What the KV SRAM and the angles hold was written earlier in the pass. */
    uint64_t first = a->kv_wrong != 0 || d->op == LOCKSTEP_OP_ROPE ? d->pass : d->before;
    first -= first < MARGIN ? first : MARGIN;
    if (d->cycle - first > MOST_TRACED)
        first = d->cycle - MOST_TRACED;
    fputs("exec ", out);
    write_program(out, o->program != NULL ? o->program : "lockstep");
    for (int i = 0; i < o->argument_count; i++) {
        fputc(' ', out);
        write_quoted(out, o->arguments[i]);
    }
    fprintf(out, " --no-reference --cycles %" PRIu64 ":%" PRIu64 " --trace ", first, last);
    write_quoted(out, o->fail);
    fputs("/wave.fst\n", out);
}

static int write_again(const struct sim_run *run, const struct analysis *a, struct ls_error *err) {
    const char *folder = run->options->fail;
    char path[512];
    FILE *out = open_file(folder, "again", err);
    if (out == NULL)
        return -1;
    fputs("#!/bin/sh\n# Reproduces the difference and writes wave.fst around it.\n", out);
    write_command(run, a, out);
    if (close_file(out, folder, "again", err) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/again", folder);
    return chmod(path, 0755) == 0 ? 0 : ls_error_set(err, "%s: %s", path, strerror(errno));
}

/* ---- vectors.txt ---- */

static double value_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

static int write_vectors(const struct sim_run *run, const struct scoreboard *b,
                         struct ls_error *err) {
    const char *folder = run->options->fail;
    FILE *out = open_file(folder, "vectors.txt", err);
    if (out == NULL)
        return -1;
    fprintf(out, "%4s %8s  %8s %15s  %8s %15s  %s\n", "slot", "element", "expected", "value",
            "actual", "value", "ulp");
    for (uint32_t slot = 0; slot < SCOREBOARD_SLOTS; slot++) {
        const struct scoreboard_vector *v = &b->vectors[slot];
        for (uint32_t i = 0; v->expected != NULL && i < v->count; i++) {
            const uint32_t e = v->expected->words[i], a = v->actual[i];
            if (e == a && v->count > MOST_VECTORS)
                continue;
            fprintf(out, "%4u %8u  %08x %15.8g  %08x %15.8g", slot, i, e, value_of(e), a,
                    value_of(a));
            if (e != a)
                fprintf(out, "  %" PRIu64 " <", analysis_ulp(e, a));
            fputc('\n', out);
        }
    }
    return close_file(out, folder, "vectors.txt", err);
}

/* ---- report.txt ---- */

static int write_report(const struct sim_run *run, struct analysis *a, struct ls_error *err) {
    const struct scoreboard_difference *d = &a->board->first;
    const char *folder = run->options->fail;
    FILE *out = open_file(folder, "report.txt", err);
    if (out == NULL)
        return -1;
    fprintf(out, "%s\n\n", run->message);
    fprintf(out, "op         %s, %s\n", d->record != NULL ? d->record->tensor : "none",
            scoreboard_op_name(d->op));
    fprintf(out,
            "cycles     %" PRIu64 " the pass begins, %" PRIu64 " the op before, %" PRIu64
            " the op, %" PRIu64 " the difference\n\n",
            d->pass, d->before, d->begin, d->cycle);
    analysis_write(a, out);
    fprintf(out, "\nvectors.txt  expected and actual, side by side\n"
                 "again        reproduces it and writes wave.fst\n\n");
    write_command(run, a, out);
    return close_file(out, folder, "report.txt", err);
}

/* For the scripts that place markers: name and time (2 a cycle) of each. */
static int write_markers(const struct sim_run *run, const struct scoreboard *b,
                         struct ls_error *err) {
    const char *folder = run->options->fail;
    FILE *out = open_file(folder, "markers", err);
    if (out == NULL)
        return -1;
    fprintf(out, "A %" PRIu64 " op begins\nB %" PRIu64 " first difference\nop %s\n",
            2 * b->first.begin, 2 * b->first.cycle, scoreboard_op_name(b->first.op));
    return close_file(out, folder, "markers", err);
}

int sim_fail_write(const struct sim_run *run, const struct scoreboard *board, struct device *device,
                   struct ls_error *err) {
    struct analysis a = {.run = run, .board = board};
    if (make_folder(run->options->fail, err) != 0)
        return -1;
    analysis_read_kv(&a, device);
    if (write_report(run, &a, err) != 0 || write_vectors(run, board, err) != 0 ||
        write_markers(run, board, err) != 0)
        return -1;
    return write_again(run, &a, err);
}
