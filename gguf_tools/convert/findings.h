/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What is wrong with a file, a line each on standard output.
 *
 *     struct findings f = {"model.gguf", 0};
 *     finding(&f, "tensor %s: %u bytes too few", name, count);
 *     verify_vocabulary(&f, gguf);
 *     return f.count == 0;
 */
#ifndef GGUF_FINDINGS_H
#define GGUF_FINDINGS_H

#include "csrc/gguf/gguf.h"

#ifdef __cplusplus
extern "C" {
#endif

struct findings {
    const char *path; /* stands before each */
    uint64_t count;
};

__attribute__((format(printf, 2, 3))) void finding(struct findings *f, const char *format, ...);

/* Lists of one length, ids in range, texts that differ, merge rules of tokens that there are. */
void verify_vocabulary(struct findings *f, const struct gguf *gguf);

#ifdef __cplusplus
}
#endif
#endif
