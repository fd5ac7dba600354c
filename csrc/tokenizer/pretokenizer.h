/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Cutting a text into words before byte-level BPE merges inside each of them.
 * How is named by the file, in tokenizer.ggml.pre: one or more regular
 * expressions, each of which cuts the pieces that the ones before it left.
 *
 *     struct pretokenizer *p;
 *     uint32_t *ends;
 *     size_t count;
 *     if (pretokenizer_open("model.gguf", name, &p, &err) == 0 &&
 *         pretokenizer_split(p, text, size, &ends, &count, &err) == 0)
 *         for (size_t i = 0; i < count; i++)
 *             use(text + (i > 0 ? ends[i - 1] : 0), text + ends[i]);
 */
#ifndef LS_PRETOKENIZER_H
#define LS_PRETOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "csrc/base/error.h"
#include "csrc/gguf/gguf.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PRETOKENIZER_STEPS 6

struct pretokenizer {
    void *steps[PRETOKENIZER_STEPS]; /* [step_count] compiled expressions */
    size_t step_count;               /* in the order of use */
    bool whole_words;                /* a word that is a token stays whole, whatever the merges */
    bool add_bos;                    /* BOS comes first unless the file says otherwise */
};

/* Compiles the expressions of `name`; `path` stands in messages. Returns 0 and a pretokenizer for
 * pretokenizer_close, or -1: not one that is known. */
int pretokenizer_open(const char *path, struct gguf_string name, struct pretokenizer **p,
                      struct ls_error *err);

/* NULL is allowed. */
void pretokenizer_close(struct pretokenizer *p);

/* Returns 0 and, for each word, the byte behind its last one: *ends (to be freed; NULL for an empty
 * text) of *count, the last one being `size`. A byte that is no UTF-8 counts as a symbol. */
int pretokenizer_split(const struct pretokenizer *p, const char *text, uint32_t size,
                       uint32_t **ends, size_t *count, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
