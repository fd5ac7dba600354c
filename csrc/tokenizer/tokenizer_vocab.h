/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Inside of the tokenizer, shared by its files; users include tokenizer.h.
 *
 *   vocab_read.c     tokens, their index, settings     (out of the GGUF)
 *   vocab_merges.c   merge rules of byte-level BPE
 *   vocab_special.c  tokens with a role by their text; end of generation
 *   special_cut.c    text -> texts and special tokens
 *   pretokenizer.c   text -> words                     (byte-level BPE)
 *   merge.c          word or text -> pieces            (both)
 *   tokenizer.c      opens, puts the steps together
 *   tokenizer_decode.c  ids -> text
 */
#ifndef LS_TOKENIZER_VOCAB_H
#define LS_TOKENIZER_VOCAB_H

#include "pretokenizer.h"
#include "tokenizer.h"

#define NO_TOKEN   UINT32_MAX
#define TEXT_MAX   (UINT32_C(1) << 28) /* bytes of a text to encode: offsets are 32 bits */
#define BYTE_CHARS 0x144               /* code points below it stand for bytes in byte-level BPE */

/* The pair of tokens that a merge rule joins; its number is its rank, 0 goes first. */
struct merge_rule {
    uint32_t left, right, result; /* ids */
};

enum tokenizer_kind { SENTENCEPIECE, BYTE_LEVEL_BPE };

struct tokenizer {
    enum tokenizer_kind kind;
    uint32_t vocab;             /* tokens */
    struct gguf_string *pieces; /* [vocab] views into the GGUF */
    uint8_t *types;             /* [vocab] enum token_type, after vocab_special.c saw them */
    uint64_t longest;           /* bytes of the longest piece */
    uint32_t *slots;            /* [slot_mask + 1] hash table of ids by piece */
    uint64_t slot_mask;         /* slots - 1, a power of two minus one */
    uint32_t byte_ids[256];     /* token of a byte, or NO_TOKEN */
    uint32_t unknown, bos, eos; /* ids, or NO_TOKEN */
    uint32_t *eog;              /* [eog_count] end of generation: eos, eot, eom, others by id */
    size_t eog_count;

    /* SentencePiece */
    uint32_t *ranks; /* [vocab] of a merge into this piece: its score, turned so that 0 is best */

    /* byte-level BPE */
    struct pretokenizer *pre;      /* cuts a text into words */
    struct merge_rule *merges;     /* [merge_count] */
    uint32_t merge_count;          /* rules */
    uint32_t *merge_slots;         /* [merge_mask + 1] hash table of rules by pair */
    uint64_t merge_mask;           /* slots - 1 */
    int16_t char_byte[BYTE_CHARS]; /* the byte that a code point stands for, or -1 */

    /* tokens cut out of a text first */
    uint32_t *special;          /* [special_count] ids by text, as memcmp has it */
    uint32_t *special_rank;     /* [special_count] longest first, then by id */
    size_t special_count;       /* ids in `special` */
    uint32_t special_from[257]; /* where in `special` those of a first byte begin */

    bool add_bos, add_eos;         /* the model wants BOS first, EOS last */
    bool add_space_prefix;         /* a space before a text; SentencePiece alone */
    bool remove_extra_whitespaces; /* no spaces at both ends, one between words; likewise */
    bool strip_after_special;      /* white space behind most special tokens is not text */
};

/* Reads tokens, types, index and settings. `t` is zeroed but for its kind. */
int vocab_read(struct tokenizer *t, const struct gguf *g, struct ls_error *err);

/* The id of a piece, or NO_TOKEN. */
uint32_t vocab_find(const struct tokenizer *t, const char *data, uint64_t size);

/* Whether plain text may become this token: never a control token or the like. */
static inline bool vocab_is_text(const struct tokenizer *t, uint32_t id) {
    return t->types[id] == TOKEN_NORMAL || t->types[id] == TOKEN_USER_DEFINED ||
           t->types[id] == TOKEN_UNUSED;
}

/* Reads the merge rules of byte-level BPE. */
int vocab_read_merges(struct tokenizer *t, const struct gguf *g, struct ls_error *err);

/* The rule that joins two tokens, or NO_TOKEN; its number is its rank. */
uint32_t vocab_find_merge(const struct tokenizer *t, uint32_t left, uint32_t right);

/* Gives tokens with a role by their text its type, lists the end-of-generation tokens and those
 * that special_cut() looks for. */
int vocab_read_special(struct tokenizer *t, const struct gguf *g, struct ls_error *err);

/* Reads `tokenizer.ggml.<key>`, if there; all ones means that there is none. */
int vocab_read_id(const struct tokenizer *t, const struct gguf *g, const char *key, uint32_t *out,
                  struct ls_error *err);

/* Whether a piece is "<0x00>".."<0xFF>"; then *byte (may be NULL) is the byte. */
bool token_byte(struct gguf_string piece, unsigned char *byte);

/* Part of a text: plain if `id` is NO_TOKEN. */
struct fragment {
    uint32_t start, size; /* bytes of the text */
    uint32_t id;
};

/* Cuts the special tokens out of a text, the longest first wherever they are: user-defined ones
 * always, the others only if `parse_special`. Returns 0 and *fragments in the order of the text,
 * to be freed; or -1 if out of memory. */
int special_cut(const struct tokenizer *t, const char *text, uint32_t size, bool parse_special,
                struct fragment **fragments, size_t *count);

#endif
