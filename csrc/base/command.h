/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The first word of a program's command line: its commands, and what both programs answer alike.
 *
 *     static const struct command commands[] = {{"sim", "run a model", run}};
 *     static const struct command_set program = {"lockstep", "", commands, 1};
 *     const struct command *c = command_find(&program, argc, argv, &status);
 *     return c == NULL ? status : c->run(argc - 1, argv + 1);
 */
#ifndef LOCKSTEP_COMMAND_H
#define LOCKSTEP_COMMAND_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define COMMAND_VERSION "0.1.0"

struct command {
    const char *name;
    const char *help;                  /* a line */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name */
};

struct command_set {
    const char *name;
    const char *version; /* what --version says besides the version */
    const struct command *commands;
    size_t count;
};

/* The command that argv[1] names. NULL: --help or --version was asked for and printed, or a mistake
 * told on standard error; `status` is what to end with, 0 or 2. */
const struct command *command_find(const struct command_set *program, int argc, char **argv,
                                   int *status);

#ifdef __cplusplus
}
#endif
#endif
