/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Learns a SentencePiece-style vocabulary from a text: byte-pair merges in the order in which they
 * were found (Sennrich et al., 2016), each with a score that falls with its rank, then the single
 * characters; before them <unk>, <s>, </s> and the 256 bytes for what the vocabulary lacks.
 * No piece crosses a word, and letters do not merge with punctuation. Encoding is the business of
 * csrc/tokenizer/tokenizer.h, which merges by score: the ids of training are those of inference.
 *
 *     struct vocabulary vocab;
 *     if (bpe_learn(text, size, 1024, &vocab, &err) != 0)
 *         return fail(err.text);
 *     vocabulary_write(writer, &vocab);
 *     vocabulary_free(&vocab);
 */
#ifndef LS_BPE_H
#define LS_BPE_H

#include <stddef.h>
#include <stdint.h>

#include "csrc/base/error.h"
#include "gguf_tools/convert/vocabulary.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { BPE_PIECES_MAX = 1024 };

/* Learns at most `pieces` pieces; fewer if the text has no more pairs to merge. The text is UTF-8
 * without NUL bytes; newlines separate texts. Returns 0, or -1 with one line in `err`;
 * vocabulary_free in either case. */
int bpe_learn(const char *text, size_t size, uint32_t pieces, struct vocabulary *vocab,
              struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
