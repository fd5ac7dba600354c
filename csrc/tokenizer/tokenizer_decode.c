/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Token ids to text. A character may be spread over several byte tokens, so a
 * stream holds back up to three bytes until the character is complete.
 */
#include "tokenizer_vocab.h"

#include <inttypes.h>
#include <string.h>

uint32_t tokenizer_vocab(const struct tokenizer *tokenizer) {
    return tokenizer->vocab;
}

bool tokenizer_is_eog(const struct tokenizer *tokenizer, uint32_t id) {
    return id != NO_TOKEN && (id == tokenizer->eos || id == tokenizer->eot);
}

size_t tokenizer_eog_ids(const struct tokenizer *tokenizer, uint32_t *ids, size_t capacity) {
    const uint32_t all[] = {tokenizer->eos, tokenizer->eot};
    size_t count = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i] == NO_TOKEN || (i > 0 && all[i] == all[0]))
            continue;
        if (count < capacity)
            ids[count] = all[i];
        count++;
    }
    return count;
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

/* Writes a token's text behind the held bytes; returns the new size. */
static size_t append_text(const struct tokenizer *t, struct token_stream *s, uint32_t id) {
    struct gguf_string piece = t->pieces[id];
    unsigned char byte;
    size_t size = s->held;
    if (t->types[id] == TOKEN_BYTE && token_byte(piece, &byte)) {
        s->bytes[size++] = (char)byte;
        return size;
    }
    bool escaped = t->types[id] != TOKEN_USER_DEFINED;
    for (uint64_t i = 0; i < piece.size && size < sizeof s->bytes;) {
        if (escaped && piece.size - i >= 3 && memcmp(piece.data + i, "\xe2\x96\x81", 3) == 0) {
            s->bytes[size++] = ' ';
            i += 3;
        } else {
            s->bytes[size++] = piece.data[i++];
        }
    }
    return size;
}

int token_stream_put(const struct tokenizer *tokenizer, struct token_stream *stream, uint32_t id,
                     const char **bytes, size_t *size, struct ls_error *err) {
    struct gguf_string piece = {NULL, 0};
    *bytes = stream->bytes;
    *size = 0;
    if (tokenizer_piece(tokenizer, id, &piece, err) != 0)
        return -1;
    if (piece.size > sizeof stream->bytes - 4)
        return ls_error_set(err, "token %" PRIu32 ": its text is too long: convert the model again",
                            id);
    memmove(stream->bytes, stream->bytes + stream->held_offset, stream->held);
    stream->held_offset = 0;
    uint8_t type = tokenizer->types[id];
    if (type == TOKEN_CONTROL || type == TOKEN_UNKNOWN)
        return 0; /* no text: what is held stays held */
    size_t end = append_text(tokenizer, stream, id);
    size_t skip = 0;
    if (stream->at_start && tokenizer->add_space_prefix && end > 0 && stream->bytes[0] == ' ')
        skip = 1; /* the space that encoding put there */
    stream->at_start = false;
    stream->held = incomplete_tail(stream->bytes, end);
    stream->held_offset = end - stream->held;
    *bytes = stream->bytes + skip;
    *size = stream->held_offset - skip;
    return 0;
}

void token_stream_finish(struct token_stream *stream, const char **bytes, size_t *size) {
    *bytes = stream->bytes + stream->held_offset;
    *size = stream->held;
    stream->held = 0;
    stream->at_start = true;
}
