/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The loss curve as a picture, by gnuplot.
 *
 *     if (train_plot("loss.csv", "loss.svg", &err) != 0)
 *         fprintf(stderr, "%s\n", err.text);
 */
#ifndef GGUF_TRAIN_PLOT_H
#define GGUF_TRAIN_PLOT_H

#include "csrc/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Draws `csv`, as train_run writes it, into `svg`. Returns 0, or -1 with `err`: gnuplot is missing
 * or failed. */
int train_plot(const char *csv, const char *svg, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
