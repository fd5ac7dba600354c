/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A folder to write into.
 *
 *     if (folder_make("build/power", &err) != 0)
 *         return -1;
 */
#ifndef LOCKSTEP_FOLDER_H
#define LOCKSTEP_FOLDER_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Makes it, and those that it lies in, where they are not there. Returns 0, or -1 with `err`. */
int folder_make(const char *folder, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
