/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Token ids to text. A character may be spread over several byte tokens, so a
 * stream holds back up to three bytes until the character is complete.
 */
#include "tokenizer_vocab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/text.h"

uint32_t tokenizer_bos(const struct tokenizer *t, bool *added) {
    *added = t->add_bos && t->bos != NO_TOKEN;
    return t->bos;
}

uint32_t tokenizer_eos(const struct tokenizer *t) {
    return t->eos;
}

uint32_t tokenizer_vocab(const struct tokenizer *tokenizer) {
    return tokenizer->vocab;
}

bool tokenizer_is_eog(const struct tokenizer *tokenizer, uint32_t id) {
    for (size_t i = 0; i < tokenizer->eog_count; i++)
        if (tokenizer->eog[i] == id)
            return true;
    return false;
}

size_t tokenizer_eog_ids(const struct tokenizer *tokenizer, uint32_t *ids, size_t capacity) {
    for (size_t i = 0; i < tokenizer->eog_count && i < capacity; i++)
        ids[i] = tokenizer->eog[i];
    return tokenizer->eog_count;
}

int tokenizer_piece(const struct tokenizer *tokenizer, uint32_t id, struct gguf_string *piece,
                    struct ls_error *err) {
    if (id >= tokenizer->vocab)
        return ls_error_set(err, "token %" PRIu32 ": not in the vocabulary of %" PRIu32 " tokens",
                            id, tokenizer->vocab);
    *piece = tokenizer->pieces[id];
    return 0;
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool token_byte(struct gguf_string piece, unsigned char *byte) {
    if (piece.size != 6 || memcmp(piece.data, "<0x", 3) != 0 || piece.data[5] != '>')
        return false;
    int high = hex_digit(piece.data[3]), low = hex_digit(piece.data[4]);
    if (high < 0 || low < 0)
        return false;
    if (byte != NULL)
        *byte = (unsigned char)(high * 16 + low);
    return true;
}

struct token_stream token_stream_start(void) {
    struct token_stream stream;
    memset(&stream, 0, sizeof stream);
    stream.at_start = true;
    return stream;
}

/* Bytes at the end of `data` that may become a character; 0 to 3. */
static size_t incomplete_tail(const char *data, size_t size) {
    for (size_t back = 1; back <= 3 && back <= size; back++) {
        unsigned char byte = (unsigned char)data[size - back];
        if ((byte & 0xc0) == 0x80)
            continue; /* a continuation: look further back for its lead */
        size_t length = byte >= 0xf0 && byte < 0xf8   ? 4
                        : byte >= 0xe0 && byte < 0xf0 ? 3
                        : byte >= 0xc0 && byte < 0xe0 ? 2
                                                      : 1;
        return length > back ? back : 0;
    }
    return 0;
}

/* A piece of SentencePiece: U+2581 is a space. */
static size_t append_piece(struct gguf_string piece, char *out) {
    size_t size = 0;
    for (uint64_t i = 0; i < piece.size;) {
        if (piece.size - i >= 3 && memcmp(piece.data + i, "\xe2\x96\x81", 3) == 0) {
            out[size++] = ' ';
            i += 3;
        } else {
            out[size++] = piece.data[i++];
        }
    }
    return size;
}

/* A piece of byte-level BPE: its characters stand for bytes; one that does not is itself. */
static size_t append_bytes(const struct tokenizer *t, struct gguf_string piece, char *out) {
    size_t size = 0;
    for (uint64_t i = 0; i < piece.size;) {
        const unsigned char lead = (unsigned char)piece.data[i];
        const bool two = lead >= 0xc2 && lead < 0xe0 && piece.size - i >= 2;
        const unsigned code =
            two ? (lead & 0x1fu) << 6 | ((unsigned char)piece.data[i + 1] & 0x3fu) : lead;
        if ((two || lead < 0x80) && code < BYTE_CHARS && t->char_byte[code] >= 0) {
            out[size++] = (char)t->char_byte[code];
            i += two ? 2 : 1;
        } else {
            out[size++] = piece.data[i++];
        }
    }
    return size;
}

/* A token's text, no longer than its piece; returns its size. */
static size_t append_text(const struct tokenizer *t, uint32_t id, char *out) {
    const struct gguf_string piece = t->pieces[id];
    unsigned char byte;
    switch (t->types[id]) {
    case TOKEN_CONTROL:
    case TOKEN_UNKNOWN:
        return 0;
    case TOKEN_BYTE:
        token_byte(piece, &byte);
        *out = (char)byte;
        return 1;
    case TOKEN_USER_DEFINED:
        memcpy(out, piece.data, (size_t)piece.size);
        return (size_t)piece.size;
    default:
        return t->kind == SENTENCEPIECE ? append_piece(piece, out) : append_bytes(t, piece, out);
    }
}

size_t tokenizer_show(const struct tokenizer *tokenizer, uint32_t id, char *text, size_t room) {
    const struct tokenizer *t = tokenizer;
    if (id >= t->vocab)
        return 0;
    struct gguf_string piece = t->pieces[id];
    piece.size = text_cut(piece.data, (size_t)piece.size, room);
    if (t->types[id] != TOKEN_NORMAL && t->types[id] != TOKEN_UNUSED) {
        memcpy(text, piece.data, (size_t)piece.size);
        return (size_t)piece.size;
    }
    return t->kind == SENTENCEPIECE ? append_piece(piece, text) : append_bytes(t, piece, text);
}

size_t tokenizer_text(const struct tokenizer *t, uint32_t id, char *text, size_t room) {
    return id < t->vocab && t->types[id] == TOKEN_BYTE && room != 0
               ? append_text(t, id, text)
               : tokenizer_show(t, id, text, room);
}

/* Moves the held bytes to the front of `bytes` and frees the longer output. */
static void keep_held(struct token_stream *s) {
    memmove(s->bytes, (s->large != NULL ? s->large : s->bytes) + s->held_offset, s->held);
    free(s->large);
    s->large = NULL;
    s->held_offset = 0;
}

int token_stream_put(const struct tokenizer *tokenizer, struct token_stream *stream, uint32_t id,
                     const char **bytes, size_t *size, struct ls_error *err) {
    struct gguf_string piece = {NULL, 0};
    *bytes = stream->bytes;
    *size = 0;
    if (tokenizer_piece(tokenizer, id, &piece, err) != 0)
        return -1;
    keep_held(stream);
    char *out = stream->bytes;
    if (piece.size > sizeof stream->bytes - 4) {
        out = stream->large = malloc((size_t)piece.size + 4);
        if (out == NULL)
            return ls_error_set(err, "token %" PRIu32 ": %" PRIu64 " bytes: out of memory", id,
                                piece.size);
        memcpy(out, stream->bytes, stream->held);
    }
    const uint8_t type = tokenizer->types[id];
    const size_t added = append_text(tokenizer, id, out + stream->held), end = stream->held + added;
    size_t skip = 0;
    if (stream->at_start && tokenizer->add_space_prefix && type != TOKEN_USER_DEFINED && end > 0 &&
        out[0] == ' ')
        skip = 1;  /* the space that encoding put there */
    if (added > 0) /* it puts one behind a user-defined token, too */
        stream->at_start = type == TOKEN_USER_DEFINED;
    stream->held = incomplete_tail(out, end);
    stream->held_offset = end - stream->held;
    *bytes = out + skip;
    *size = stream->held_offset - skip;
    return 0;
}

void token_stream_finish(struct token_stream *stream, const char **bytes, size_t *size) {
    keep_held(stream);
    *bytes = stream->bytes;
    *size = stream->held;
    stream->held = 0;
    stream->at_start = true;
}
