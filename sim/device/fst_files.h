/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The files of Verilator's FST writer, which looks at no error of them: scripts/verilated.mk puts
 * this before its source, so that it writes into a file that is open already and whose errors the
 * owner sees, and keeps its temporary data in memory, not in files that are mapped (a full disk
 * would end the program when it touches one).
 *
 *     fst_files_begin(out.file);
 *     VerilatedFst::open(FST_FILES_NAME) ... close
 *     if (fst_files_end() && output_close(&out, &err) == 0) ...
 */
#ifndef LOCKSTEP_FST_FILES_H
#define LOCKSTEP_FST_FILES_H

#ifdef __cplusplus
#include <cstdio> /* before the macros, which it would take away */
#endif
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FST_FILES_NAME "trace" /* to give to the writer, which looks for no such file */

/* FST_FILES_NAME is this file from now on; it stays open when the writer closes it. */
void fst_files_begin(FILE *file);

/* Whether the writer's own data were kept in full. */
bool fst_files_end(void);

/* What the writer calls in place of the C library. `name` is NULL for a temporary file. */
FILE *fst_files_open(const char *name, const char *mode);
int fst_files_close(FILE *file);
void *fst_files_map(size_t bytes, int fd);

#ifdef __cplusplus
}
#endif

#ifdef FST_FILES_REPLACE
#define fopen(name, mode)                             fst_files_open(name, mode)
#define tmpfile()                                     fst_files_open(NULL, "w+b")
#define fclose(file)                                  fst_files_close(file)
#define unlink(name)                                  0
#define mmap(address, bytes, protect, kind, fd, from) fst_files_map(bytes, fd)
#endif
#endif
