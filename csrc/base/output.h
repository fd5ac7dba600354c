/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A file that appears whole or not at all: it has no name (or NAME.part, where the file system
 * knows no files without one) until all of it is written, and then takes the place of the one
 * before. What is no regular file (a pipe, a device, a link) is written as it stands.
 *
 *     struct output out;
 *     if (output_open(&out, "run.csv", &err) != 0)
 *         return -1;
 *     fprintf(out.file, "cycle,power\n");
 *     return output_close(&out, &err);
 */
#ifndef LS_OUTPUT_H
#define LS_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct output {
    FILE *file; /* for writing, and reading if it is a regular file; NULL: not open */
    char *path; /* owned, as is the next one */
    char *part; /* its name on the way; NULL: written as it stands */
    bool named; /* it has that name already */
};

/* Whether `path` could be written now, without a trace of it. Returns 0, or -1 with `err`. */
int output_check(const char *path, struct ls_error *err);
int output_check_in(const char *folder, const char *name, struct ls_error *err);

/* Whether files could be written into a folder that may yet have to be made. */
int output_check_folder(const char *folder, struct ls_error *err);

/* Whether none of files[inputs] .. files[count - 1], which are to be written, is one of those
 * before it: what is read, which would be lost, or written, too. NULL: none. 0, or -1 with `err`.
 */
int output_check_apart(const char *const *files, size_t inputs, size_t count, struct ls_error *err);

/* Returns 0, or -1 with `err`; then there is nothing to close. */
int output_open(struct output *out, const char *path, struct ls_error *err);
int output_open_in(struct output *out, const char *folder, const char *name, struct ls_error *err);

/* Whether two that are open will be one file. */
bool output_is_same(const struct output *a, const struct output *b);

/* The file is a program. */
void output_executable(const struct output *out);

/* Gives the file its name if all of it has been written, or else leaves none. Nothing to do for one
 * that is not open. Returns 0, or -1 with `err`. */
int output_close(struct output *out, struct ls_error *err);

/* Leaves no file. Nothing to do for one that is not open. */
void output_discard(struct output *out);

/* Standard output and error are open: a file would take the place of one that is not. */
int output_standard_open(struct ls_error *err);

/* All that went to standard output has been written. */
int output_standard_end(struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
