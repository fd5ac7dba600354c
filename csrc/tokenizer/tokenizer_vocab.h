/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Inside of the tokenizer, shared by tokenizer.c (text to ids) and
 * tokenizer_decode.c (ids to text). Users include tokenizer.h.
 */
#ifndef LS_TOKENIZER_VOCAB_H
#define LS_TOKENIZER_VOCAB_H

#include "tokenizer.h"

#define NO_TOKEN UINT32_MAX

struct tokenizer {
    uint32_t vocab;                  /* tokens */
    struct gguf_string *pieces;      /* [vocab] views into the GGUF */
    float *scores;                   /* [vocab] a merge into this piece; higher goes first */
    uint8_t *types;                  /* [vocab] enum token_type */
    uint32_t *slots;                 /* [slot_mask + 1] hash table of ids by piece */
    uint64_t slot_mask;              /* slots - 1, a power of two minus one */
    uint32_t *special;               /* [special_count] ids cut out of the text first */
    size_t special_count;            /* ids in `special` */
    uint32_t byte_ids[256];          /* token of a byte, or the unknown token */
    uint32_t unknown, bos, eos, eot; /* ids, or NO_TOKEN */
    bool add_bos;                    /* the model wants BOS first */
    bool add_space_prefix;           /* the model wants a space before a text */
};

/* Whether a piece is "<0x00>".."<0xFF>"; then *byte (may be NULL) is the byte. */
bool token_byte(struct gguf_string piece, unsigned char *byte);

#endif
