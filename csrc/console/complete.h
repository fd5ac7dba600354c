/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * How a line of the console can go on: commands, then what the command takes.
 *
 *     complete_word(console, "stat", 4, added, sizeof added); // "s "
 */
#ifndef LOCKSTEP_COMPLETE_H
#define LOCKSTEP_COMPLETE_H

#include <stdbool.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct console;

/* What the word that ends at `size` must go on with, as far as that is known. Returns whether there
 * is one word only. */
bool complete_word(struct console *c, const char *line, size_t size, char *added, size_t room);

/* All that it can be, on a line of their own; false: there is none. */
bool complete_list(struct console *c, const char *line, size_t size, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
