/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Tokenizers out of a GGUF: text to token ids and back. Two kinds: SentencePiece
 * (tokenizer.ggml.model = "llama": adjacent pieces are merged by highest score,
 * leftmost first among equals; what the vocabulary lacks falls back to bytes;
 * Kudo and Richardson, 2018) and byte-level BPE ("gpt2": a pre-tokeniser cuts
 * words, whose bytes are merged in the order of the file's merge rules; Radford
 * et al., 2019). The rules around them give the ids that llama.cpp gives;
 * docs/tokenizers.md has them.
 *
 *     struct tokenizer *t;
 *     uint32_t *ids;
 *     size_t count;
 *     if (tokenizer_open(gguf, &t, &err) != 0 ||
 *         tokenizer_encode(t, text, strlen(text), TOKENIZER_ADD_BOS, &ids, &count, &err) != 0)
 *         return fail(err.text);
 *     struct token_stream stream = token_stream_start();
 *     for (size_t i = 0; i < count; i++)
 *         if (token_stream_put(t, &stream, ids[i], &bytes, &size, &err) == 0)
 *             fwrite(bytes, 1, size, stdout);
 *     free(ids);
 *     tokenizer_close(t);
 */
#ifndef LS_TOKENIZER_H
#define LS_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "csrc/base/error.h"
#include "csrc/gguf/gguf.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tokenizer; /* vocabulary and indices; the pieces stay in the GGUF's map */

/* Kind of a token, numbered as in tokenizer.ggml.token_type. */
enum token_type {
    TOKEN_NORMAL = 1,
    TOKEN_UNKNOWN = 2,
    TOKEN_CONTROL = 3,
    TOKEN_USER_DEFINED = 4,
    TOKEN_UNUSED = 5,
    TOKEN_BYTE = 6
};

enum tokenizer_flags {
    TOKENIZER_ADD_BOS = 1,       /* start with BOS, if the model wants one */
    TOKENIZER_PARSE_SPECIAL = 2, /* "<s>" and the like in the text are control tokens */
    TOKENIZER_ADD_EOS = 4        /* end with EOS, if the model wants one */
};

/* Reads the vocabulary. `gguf` must outlive the tokenizer. Returns 0 and a
 * tokenizer to be freed with tokenizer_close, or -1 with one line in `err`. */
int tokenizer_open(const struct gguf *gguf, struct tokenizer **tokenizer, struct ls_error *err);

/* NULL is allowed. */
void tokenizer_close(struct tokenizer *tokenizer);

/* Tokens in the vocabulary. */
uint32_t tokenizer_vocab(const struct tokenizer *tokenizer);

/* Whether generation stops at this token: eos, and all others that the file or the texts of its
 * tokens tell ("<|im_end|>", "<end_of_turn>" ...). */
bool tokenizer_is_eog(const struct tokenizer *tokenizer, uint32_t id);

/* Copies up to `capacity` end-of-generation ids, eos, eot and eom first; returns how many there
 * are, which may be more. */
size_t tokenizer_eog_ids(const struct tokenizer *tokenizer, uint32_t *ids, size_t capacity);

/* The tokens that begin and end a text; UINT32_MAX: there is none. *added: TOKENIZER_ADD_BOS puts
 * it in front. */
uint32_t tokenizer_bos(const struct tokenizer *tokenizer, bool *added);
uint32_t tokenizer_eos(const struct tokenizer *tokenizer);

/* Text of `size` bytes (any bytes) to ids. Returns 0 and *ids (to be freed by
 * the caller with free(); never NULL) of *count, or -1. */
int tokenizer_encode(const struct tokenizer *tokenizer, const char *text, size_t size,
                     unsigned flags, uint32_t **ids, size_t *count, struct ls_error *err);

/* The vocabulary's own text of a token, as in the file; -1 for an unknown id. */
int tokenizer_piece(const struct tokenizer *tokenizer, uint32_t id, struct gguf_string *piece,
                    struct ls_error *err);

/* A token as a person reads it by itself, cut at `room` bytes: its text, or its name ("<s>",
 * "<0x0A>") if it is a control or byte token. May be part of a character. Returns its bytes; 0 for
 * an unknown id. */
size_t tokenizer_show(const struct tokenizer *tokenizer, uint32_t id, char *text, size_t room);

/* The same, but of a byte token its byte: what it gives in the middle of a text. */
size_t tokenizer_text(const struct tokenizer *tokenizer, uint32_t id, char *text, size_t room);

/* Decoding of a growing text: gives whole UTF-8 characters only, so that each
 * return can be shown at once. Control tokens give no bytes. */
struct token_stream {
    bool at_start;      /* the space that encoding puts before a text is still to be dropped */
    char bytes[1024];   /* last output; its tail is the held-back part */
    char *large;        /* in place of `bytes` for a longer token; until the next call */
    size_t held;        /* bytes of an incomplete character, at most 3 */
    size_t held_offset; /* where they begin */
};

/* A stream at the start of a text. To continue a text (generation after a
 * prompt), put the prompt's tokens first and drop what they give. */
struct token_stream token_stream_start(void);

/* Adds a token. *bytes (valid until the next call) and *size are what can be
 * shown now; bytes that are no UTF-8 pass unchanged. -1 for an unknown id or out of memory. */
int token_stream_put(const struct tokenizer *tokenizer, struct token_stream *stream, uint32_t id,
                     const char **bytes, size_t *size, struct ls_error *err);

/* Ends the text: gives what was held back, and frees what the stream holds. */
void token_stream_finish(struct token_stream *stream, const char **bytes, size_t *size);

#ifdef __cplusplus
}
#endif
#endif
