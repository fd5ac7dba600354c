/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The built-in vocabularies. A piece is reached only by merging two others, so a
 * word comes with all its beginnings, each going before the next: by its score in
 * SentencePiece, by its rule's place in byte-level BPE.
 */
#include "vocabulary.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/tokenizer/tokenizer.h"

#define PIECE_BYTES 24u /* longest piece, in `text` */
#define SPACE       "\xe2\x96\x81"
#define BYTE_SPACE  "\xc4\xa0" /* in byte-level BPE: U+0120 */

static const char *const words[] = {
    "the",    "and",    "to",    "a",      "he",    "was",   "she",  "it",    "of",   "said",
    "in",     "his",    "her",   "they",   "you",   "with",  "that", "had",   "for",  "on",
    "day",    "little", "big",   "one",    "upon",  "time",  "once", "there", "girl", "boy",
    "named",  "very",   "happy", "play",   "were",  "not",   "this", "is",    "be",   "as",
    "so",     "but",    "all",   "have",   "from",  "we",    "up",   "out",   "then", "when",
    "saw",    "went",   "want",  "wanted", "mom",   "dad",   "tree", "ball",  "red",  "house",
    "friend", "water",  "park",  "dog",    "cat",   "bird",  "go",   "look",  "like", "can",
    "will",   "what",   "who",   "would",  "could", "their", "them", "him",   "good", "new",
};

static const char *const pairs[] = {
    "th", "he", "in", "er", "an", "re", "on", "at", "en",  "nd", "ti", "es", "or", "te",
    "of", "ed", "is", "it", "al", "ar", "st", "to", "nt",  "ng", "se", "ha", "as", "ou",
    "io", "le", "ve", "co", "me", "de", "hi", "ri", "ro",  "ic", "ne", "ea", "ra", "ce",
    "li", "ch", "ll", "be", "ma", "si", "om", "ur", "ing", "ly", "ay", "ow", "ee", "oo",
};

static bool has_piece(const struct vocabulary *v, const char *piece, size_t size) {
    for (uint32_t i = 256; i < v->count; i++)
        if (v->pieces[i].size == size && memcmp(v->pieces[i].data, piece, size) == 0)
            return true;
    return false;
}

/* Appends a piece unless the vocabulary is full. */
static void add(struct vocabulary *v, uint32_t capacity, const char *piece, size_t size,
                int32_t type) {
    if (v->count == capacity)
        return;
    char *text = v->text + (size_t)v->count * PIECE_BYTES;
    memcpy(text, piece, size);
    v->pieces[v->count] = (struct gguf_string){text, size};
    v->scores[v->count] = type == TOKEN_NORMAL ? -((float)v->count - (float)VOCABULARY_MIN) : 0.0f;
    v->types[v->count] = type;
    v->count++;
}

static void add_new(struct vocabulary *v, uint32_t capacity, const char *piece, size_t size) {
    if (!has_piece(v, piece, size))
        add(v, capacity, piece, size, TOKEN_NORMAL);
}

static void add_all(struct vocabulary *v, uint32_t capacity) {
    char piece[PIECE_BYTES];
    add(v, capacity, "<unk>", 5, TOKEN_UNKNOWN);
    add(v, capacity, "<s>", 3, TOKEN_CONTROL);
    add(v, capacity, "</s>", 4, TOKEN_CONTROL);
    for (unsigned byte = 0; byte < 256; byte++) {
        snprintf(piece, sizeof piece, "<0x%02X>", byte);
        add(v, capacity, piece, 6, TOKEN_BYTE);
    }
    add(v, capacity, SPACE, 3, TOKEN_NORMAL);
    for (char c = '!'; c <= '~'; c++)
        add(v, capacity, &c, 1, TOKEN_NORMAL);
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        snprintf(piece, sizeof piece, SPACE "%s", words[w]);
        for (size_t size = 4; size <= strlen(piece); size++)
            add_new(v, capacity, piece, size);
    }
    for (size_t p = 0; p < sizeof pairs / sizeof pairs[0]; p++)
        add_new(v, capacity, pairs[p], strlen(pairs[p]));
    while (v->count < capacity) { /* no text merges into these */
        snprintf(piece, sizeof piece, SPACE "w%u", (unsigned)v->count);
        add(v, capacity, piece, strlen(piece), TOKEN_NORMAL);
    }
}

/* The printable character that stands for a byte; returns its bytes, 1 or 2. */
static size_t write_byte(unsigned byte, char *out) {
    const unsigned others = byte <= 0x20   ? 0x100 + byte
                            : byte == 0xad ? 0x143
                                           : 0x121 + byte - 0x7f;
    const bool itself = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte != 0xad);
    const unsigned code = itself ? byte : others;
    out[0] = (char)(code < 0x80 ? code : 0xc0 | code >> 6);
    out[1] = (char)(0x80 | (code & 0x3f));
    return code < 0x80 ? 1 : 2;
}

/* The rule that makes a new piece of all but its last character and that one. */
static void add_merged(struct vocabulary *v, uint32_t capacity, const char *piece, size_t size) {
    if (v->count == capacity || has_piece(v, piece, size))
        return;
    char *rule = v->merge_text + (size_t)v->merge_count * (PIECE_BYTES + 1);
    memcpy(rule, piece, size - 1);
    rule[size - 1] = ' ';
    rule[size] = piece[size - 1];
    v->merges[v->merge_count++] = (struct gguf_string){rule, size + 1};
    add(v, capacity, piece, size, TOKEN_NORMAL);
}

static void add_all_bytes(struct vocabulary *v, uint32_t capacity) {
    char piece[PIECE_BYTES];
    for (unsigned byte = 0; byte < 256; byte++)
        add(v, capacity, piece, write_byte(byte, piece), TOKEN_NORMAL);
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        snprintf(piece, sizeof piece, BYTE_SPACE "%s", words[w]);
        for (size_t size = 3; size <= strlen(piece); size++)
            add_merged(v, capacity - 1, piece, size);
    }
    for (size_t p = 0; p < sizeof pairs / sizeof pairs[0]; p++)
        for (size_t size = 2; size <= strlen(pairs[p]); size++)
            add_merged(v, capacity - 1, pairs[p], size);
    while (v->count < capacity - 1) { /* no text merges into these */
        snprintf(piece, sizeof piece, BYTE_SPACE "w%u", (unsigned)v->count);
        add(v, capacity, piece, strlen(piece), TOKEN_NORMAL);
    }
    add(v, capacity, "<|endoftext|>", 13, TOKEN_CONTROL);
}

int vocabulary_make(struct vocabulary *v, uint32_t count, const char *pre) {
    memset(v, 0, sizeof *v);
    v->pre = pre;
    v->pieces = calloc(count, sizeof *v->pieces);
    v->scores = calloc(count, sizeof *v->scores);
    v->types = calloc(count, sizeof *v->types);
    v->text = calloc(count, PIECE_BYTES);
    v->merges = calloc(count, sizeof *v->merges);
    v->merge_text = calloc(count, PIECE_BYTES + 1);
    if (v->pieces == NULL || v->scores == NULL || v->types == NULL || v->text == NULL ||
        v->merges == NULL || v->merge_text == NULL)
        return -1;
    if (pre != NULL)
        add_all_bytes(v, count);
    else
        add_all(v, count);
    return 0;
}

void vocabulary_free(struct vocabulary *v) {
    free(v->pieces);
    free(v->scores);
    free(v->types);
    free(v->text);
    free(v->merges);
    free(v->merge_text);
}

static void write_bytes(struct gguf_writer *w, const struct vocabulary *v) {
    gguf_writer_string(w, "tokenizer.ggml.model", "gpt2");
    gguf_writer_string(w, "tokenizer.ggml.pre", v->pre);
    gguf_writer_strings(w, "tokenizer.ggml.tokens", v->pieces, v->count);
    gguf_writer_i32s(w, "tokenizer.ggml.token_type", v->types, v->count);
    gguf_writer_strings(w, "tokenizer.ggml.merges", v->merges, v->merge_count);
    gguf_writer_u32(w, "tokenizer.ggml.bos_token_id", v->count - 1);
    gguf_writer_u32(w, "tokenizer.ggml.eos_token_id", v->count - 1);
    gguf_writer_bool(w, "tokenizer.ggml.add_bos_token", false);
}

void vocabulary_write(struct gguf_writer *w, const struct vocabulary *v) {
    if (v->pre != NULL) {
        write_bytes(w, v);
        return;
    }
    gguf_writer_string(w, "tokenizer.ggml.model", "llama");
    gguf_writer_strings(w, "tokenizer.ggml.tokens", v->pieces, v->count);
    gguf_writer_f32s(w, "tokenizer.ggml.scores", v->scores, v->count);
    gguf_writer_i32s(w, "tokenizer.ggml.token_type", v->types, v->count);
    gguf_writer_u32(w, "tokenizer.ggml.unknown_token_id", 0);
    gguf_writer_u32(w, "tokenizer.ggml.bos_token_id", 1);
    gguf_writer_u32(w, "tokenizer.ggml.eos_token_id", 2);
    gguf_writer_bool(w, "tokenizer.ggml.add_bos_token", true);
    gguf_writer_bool(w, "tokenizer.ggml.add_eos_token", false);
    gguf_writer_bool(w, "tokenizer.ggml.add_space_prefix", true);
}
