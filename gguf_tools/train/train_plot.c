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

#include "csrc/base/output.h"

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

/* gnuplot looks at no error of writing: a picture is there if its end is. */
static int is_whole(FILE *svg) {
    static const char end[] = "</svg>";
    char tail[16] = "";
    return fseek(svg, -15, SEEK_END) == 0 && fread(tail, 1, 15, svg) == 15 &&
           strstr(tail, end) != NULL;
}

int train_plot(const char *csv, const char *svg, struct ls_error *err) {
    struct output out;
    char name[40];
    if (output_open(&out, svg, err) != 0)
        return -1;
    const int fd = dup(fileno(out.file)); /* which gnuplot inherits */
    FILE *f = fd >= 0 ? popen("gnuplot 2>/dev/null", "w") : NULL;
    if (f == NULL) {
        output_discard(&out);
        return ls_error_set(err, "%s: gnuplot cannot be started", svg);
    }
    snprintf(name, sizeof name, "/dev/fd/%d", fd);
    fputs("set terminal svg size 800,450 font 'sans-serif,13' background 'white'\nset output ", f);
    put_quoted(f, name);
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
    close(fd);
    if (status == 0 && is_whole(out.file))
        return output_close(&out, err);
    output_discard(&out);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) /* of a shell that finds no program */
        return ls_error_set(err, "%s: no gnuplot: install gnuplot-nox", svg);
    return ls_error_set(err, "%s: gnuplot cannot draw %s", svg, csv);
}
