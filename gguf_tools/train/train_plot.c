/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Loss over tokens, both axes logarithmic, as scaling curves are drawn.
 */
#include "train_plot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A name between gnuplot's single quotes, in which only the quote itself is doubled. */
static void put_quoted(FILE *f, const char *name) {
    fputc('\'', f);
    for (; *name != '\0'; name++) {
        if (*name == '\'')
            fputc('\'', f);
        fputc(*name, f);
    }
    fputc('\'', f);
}

int train_plot(const char *csv, const char *svg, struct ls_error *err) {
    unlink(svg);
    FILE *f = popen("gnuplot 2>/dev/null", "w");
    if (f == NULL)
        return ls_error_set(err, "%s: gnuplot cannot be started", svg);
    fputs("set terminal svg size 800,450 font 'sans-serif,13' background 'white'\nset output ", f);
    put_quoted(f, svg);
    fputs("\nset datafile separator ','\n"
          "set logscale xy\nset format x '10^{%L}'\nset grid\nset key top right\n"
          "set xlabel 'tokens seen'\nset ylabel 'loss, nats a token'\n"
          "plot ",
          f);
    put_quoted(f, csv);
    fputs(" using 2:4 skip 1 with lines lc rgb '#4477aa' title 'training', ", f);
    put_quoted(f, csv);
    fputs(" using 2:5 skip 1 with points pt 7 ps 0.6 lc rgb '#cc6677' title 'held back'\n", f);
    int status = pclose(f);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) /* of a shell that finds no program */
        return ls_error_set(err, "%s: no gnuplot: install gnuplot-nox", svg);
    if (status != 0 || access(svg, F_OK) != 0)
        return ls_error_set(err, "%s: gnuplot cannot draw %s", svg, csv);
    return 0;
}
