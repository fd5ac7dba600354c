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

#include "csrc/base/error.h"

struct gguf_command {
    const char *name;
    const char *help;                  /* one line, after the name in the list */
    int (*run)(int argc, char **argv); /* argv[0] is the subcommand's name */
};

enum gguf_status { GGUF_DONE = 0, GGUF_FAILED = 1, GGUF_BAD_INPUT = 2, GGUF_INTERRUPTED = 130 };

int gguf_inspect(int argc, char **argv);
int gguf_make(int argc, char **argv);
int gguf_stories(int argc, char **argv);
int gguf_train(int argc, char **argv);
int gguf_quantize(int argc, char **argv);
int gguf_perplexity(int argc, char **argv);
int gguf_sample(int argc, char **argv);
int gguf_tokenize(int argc, char **argv);
int gguf_detokenize(int argc, char **argv);

#endif
