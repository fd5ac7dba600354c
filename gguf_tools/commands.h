/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Subcommands of the program `gguf`. One file a subcommand; main.c holds the
 * table. A subcommand prints its own errors as one line and returns the exit
 * status: 0 done, 1 failed, 2 bad usage or bad input, 130 interrupted. main()
 * sees to standard output: what cannot be printed makes a status of 1.
 */
#ifndef GGUF_COMMANDS_H
#define GGUF_COMMANDS_H

#include "csrc/base/command.h"
#include "csrc/base/options.h"

enum gguf_status { GGUF_DONE = 0, GGUF_FAILED = 1, GGUF_BAD_INPUT = 2, GGUF_INTERRUPTED = 130 };

/* Reads a subcommand's words into its settings. Returns -1 to go on, or the status to end with:
 * help was asked for and printed, or a mistake was told. */
int gguf_options(const struct options *options, int argc, char **argv, void *settings);

/* The tables of their options. */
extern const struct options gguf_inspect_options, gguf_make_options, gguf_stories_options,
    gguf_train_options, gguf_quantize_options, gguf_perplexity_options, gguf_sample_options,
    gguf_tokenize_options, gguf_detokenize_options, gguf_verify_options, gguf_diff_options,
    gguf_import_llama2c_options;

int gguf_inspect(int argc, char **argv);
int gguf_verify(int argc, char **argv);
int gguf_diff(int argc, char **argv);
int gguf_import_llama2c(int argc, char **argv);
int gguf_make(int argc, char **argv);
int gguf_stories(int argc, char **argv);
int gguf_train(int argc, char **argv);
int gguf_quantize(int argc, char **argv);
int gguf_perplexity(int argc, char **argv);
int gguf_sample(int argc, char **argv);
int gguf_tokenize(int argc, char **argv);
int gguf_detokenize(int argc, char **argv);

#endif
