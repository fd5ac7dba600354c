/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A SentencePiece vocabulary to write into a GGUF, and a built-in one for
 * models that were not trained: <unk>, <s>, </s>, 256 bytes, the printable
 * characters, common English words and pairs, then filler pieces.
 *
 *     struct vocabulary v;
 *     if (vocabulary_make(&v, 512) == 0)
 *         vocabulary_write(w, &v);
 *     vocabulary_free(&v);
 */
#ifndef GGUF_VOCABULARY_H
#define GGUF_VOCABULARY_H

#include <stdint.h>

#include "csrc/gguf/gguf.h"
#include "gguf_write.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VOCABULARY_MIN 259u /* <unk>, <s>, </s> and the bytes */

struct vocabulary {
    uint32_t count;
    struct gguf_string *pieces; /* [count] point into `text` */
    float *scores;              /* [count] */
    int32_t *types;             /* [count] enum token_type of tokenizer.h */
    char *text;
};

/* The built-in vocabulary of `count` tokens, at least VOCABULARY_MIN. Returns 0,
 * or -1 if out of memory; vocabulary_free in either case. */
int vocabulary_make(struct vocabulary *v, uint32_t count);
void vocabulary_free(struct vocabulary *v);

/* All tokenizer.ggml.* keys; ids 0, 1, 2 are unknown, BOS and EOS. */
void vocabulary_write(struct gguf_writer *w, const struct vocabulary *v);

#ifdef __cplusplus
}
#endif
#endif
