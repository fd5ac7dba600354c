/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The console: commands, a line each, for devices of the library, each with a model or bare. A
 * command fills in an object of JSON, which is printed as a line of JSON or for a person.
 *
 *     struct console_options options = {.model = "model.gguf"};
 *     return console_run(&options);
 */
#ifndef LOCKSTEP_CONSOLE_H
#define LOCKSTEP_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct console_options {
    const char *model;  /* NULL: the device is bare */
    const char *file;   /* of commands; NULL: standard input */
    const char *config; /* of the device, "latency=100" and the like, apart by commas, or NULL */
    bool json;          /* of every command */
};

/* The exit status: 0; 1 a command failed; 2 input; 130 interrupted. */
int console_run(const struct console_options *options);

#ifdef __cplusplus
}
#endif
#endif
