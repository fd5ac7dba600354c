/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A vocabulary to write into a GGUF, and built-in ones for models that were not
 * trained. SentencePiece: <unk>, <s>, </s>, 256 bytes, the printable characters,
 * common English words and pairs, then filler pieces. Byte-level BPE: the bytes,
 * the words, filler, and <|endoftext|> as the last one.
 *
 *     struct vocabulary v;
 *     if (vocabulary_make(&v, 512, NULL) == 0)
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

#define VOCABULARY_MIN 259u /* SentencePiece's <unk>, <s>, </s> and the bytes */

struct vocabulary {
    uint32_t count;
    struct gguf_string *pieces; /* [count] point into `text` */
    float *scores;              /* [count] */
    int32_t *types;             /* [count] enum token_type of tokenizer.h */
    char *text;
    const char *pre;            /* pre-tokeniser of byte-level BPE; NULL: SentencePiece */
    struct gguf_string *merges; /* [merge_count] point into `merge_text`; byte-level BPE's rules */
    uint32_t merge_count;
    char *merge_text;
};

/* The built-in vocabulary of `count` tokens, at least VOCABULARY_MIN, of SentencePiece or, with
 * the name of a pre-tokeniser (not copied), of byte-level BPE. Returns 0, or -1 if out of memory;
 * vocabulary_free in either case. */
int vocabulary_make(struct vocabulary *v, uint32_t count, const char *pre);
void vocabulary_free(struct vocabulary *v);

/* All tokenizer.ggml.* keys; ids 0, 1, 2 are SentencePiece's unknown, BOS and EOS. */
void vocabulary_write(struct gguf_writer *w, const struct vocabulary *v);

#ifdef __cplusplus
}
#endif
#endif
