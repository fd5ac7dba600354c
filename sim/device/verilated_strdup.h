/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Verilator's run-time library copies a model's name with strdup() and does not look whether it
 * could: scripts/verilated.mk puts this before its source, so that a model for which there is no
 * memory is one that cannot be built (std::bad_alloc), not a crash.
 */
#ifndef LOCKSTEP_VERILATED_STRDUP_H
#define LOCKSTEP_VERILATED_STRDUP_H

#ifdef __cplusplus
#include <cstring> /* before the macro */
#include <new>

static inline char *checked_strdup(const char *text) {
    char *copy = strdup(text);
    if (copy == nullptr)
        throw std::bad_alloc();
    return copy;
}
#define strdup(text) checked_strdup(text)
#endif
#endif
