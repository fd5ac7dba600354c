/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A small vocabulary to test tokenizers with, written into a GGUF without
 * tensors and opened again. Byte-level BPE: the characters of all 256 bytes,
 * then a token for each merge rule; SentencePiece: <unk>, <s>, </s>, the bytes,
 * then pieces with scores. A test changes what it wants before vocab_write.
 *
 *     struct vocab_file v;
 *     vocab_bpe(&v, "gpt-2");
 *     vocab_merge(&v, "t", "h");
 *     vocab_add(&v, "<|im_end|>", TOKEN_CONTROL, 0);
 *     struct gguf *g = vocab_write(&v, "build/tests/x.gguf", &err);
 */
#ifndef VOCAB_FILE_H
#define VOCAB_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/gguf/gguf.h"
#include "csrc/tokenizer/tokenizer.h"
#include "gguf_tools/convert/gguf_write.h"

#define VOCAB_NONE UINT32_MAX

struct vocab_file {
    const char *model, *pre, *name; /* NULL: no such key */
    struct gguf_string *tokens;     /* [count] copies, as `merges` */
    int32_t *types;                 /* [count] */
    float *scores;                  /* [count] written for "llama" */
    uint64_t count;
    struct gguf_string *merges; /* [merge_count] written for "gpt2" */
    uint64_t merge_count;
    uint32_t bos, eos, unknown;                     /* VOCAB_NONE: no such key */
    int add_bos, add_eos, add_space, remove_spaces; /* -1: no such key */
    bool no_merges;
    const char *odd_text, *odd_number,
        *odd_list; /* keys that get "odd", 1000000, [1]; NULL: none */
};

static inline struct gguf_string vocab_copy(const char *text, size_t size) {
    char *copy = (char *)malloc(size + 1);
    memcpy(copy, text, size);
    copy[size] = '\0';
    return (struct gguf_string){copy, size};
}

/* Returns the id. */
static inline uint32_t vocab_add_bytes(struct vocab_file *v, const char *text, size_t size,
                                       int32_t type, float score) {
    const size_t count = (size_t)v->count + 1;
    v->tokens = (struct gguf_string *)realloc(v->tokens, count * sizeof *v->tokens);
    v->types = (int32_t *)realloc(v->types, count * sizeof *v->types);
    v->scores = (float *)realloc(v->scores, count * sizeof *v->scores);
    v->tokens[v->count] = vocab_copy(text, size);
    v->types[v->count] = type;
    v->scores[v->count] = score;
    return (uint32_t)v->count++;
}

static inline uint32_t vocab_add(struct vocab_file *v, const char *text, int32_t type,
                                 float score) {
    return vocab_add_bytes(v, text, strlen(text), type, score);
}

/* How byte-level BPE writes a byte; returns the size, 1 or 2. */
static inline size_t vocab_byte_char(unsigned char byte, char *out) {
    unsigned code = byte;
    if (byte <= 0x20)
        code = 0x100u + byte;
    else if (byte >= 0x7f && byte <= 0xa0)
        code = 0x121u + byte - 0x7f;
    else if (byte == 0xad)
        code = 0x143;
    if (code < 0x80) {
        *out = (char)code;
        return 1;
    }
    out[0] = (char)(0xc0 | code >> 6);
    out[1] = (char)(0x80 | (code & 0x3f));
    return 2;
}

static inline void vocab_bpe(struct vocab_file *v, const char *pre) {
    *v = (struct vocab_file){"gpt2", pre, NULL,       NULL,       NULL,       NULL, 0,
                             NULL,   0,   VOCAB_NONE, VOCAB_NONE, VOCAB_NONE, -1,   -1,
                             -1,     -1,  false,      NULL,       NULL,       NULL};
    for (unsigned byte = 0; byte < 256; byte++) {
        char text[2];
        const size_t size = vocab_byte_char((unsigned char)byte, text);
        vocab_add_bytes(v, text, size, TOKEN_NORMAL, 0);
    }
}

static inline void vocab_spm(struct vocab_file *v) {
    *v = (struct vocab_file){"llama", "default", NULL,       NULL,       NULL,       NULL, 0,
                             NULL,    0,         VOCAB_NONE, VOCAB_NONE, VOCAB_NONE, -1,   -1,
                             -1,      -1,        false,      NULL,       NULL,       NULL};
    vocab_add(v, "<unk>", TOKEN_UNKNOWN, 0);
    vocab_add(v, "<s>", TOKEN_CONTROL, 0);
    vocab_add(v, "</s>", TOKEN_CONTROL, 0);
    for (unsigned byte = 0; byte < 256; byte++) {
        char text[8];
        snprintf(text, sizeof text, "<0x%02X>", byte);
        vocab_add(v, text, TOKEN_BYTE, 0);
    }
}

/* A rule and its token; returns the token's id. */
static inline uint32_t vocab_merge(struct vocab_file *v, const char *left, const char *right) {
    char text[512];
    snprintf(text, sizeof text, "%s %s", left, right);
    v->merges =
        (struct gguf_string *)realloc(v->merges, ((size_t)v->merge_count + 1) * sizeof *v->merges);
    v->merges[v->merge_count++] = vocab_copy(text, strlen(text));
    snprintf(text, sizeof text, "%s%s", left, right);
    return vocab_add(v, text, TOKEN_NORMAL, 0);
}

static inline void vocab_free(struct vocab_file *v) {
    for (uint64_t i = 0; i < v->count; i++)
        free((char *)(uintptr_t)v->tokens[i].data);
    for (uint64_t i = 0; i < v->merge_count; i++)
        free((char *)(uintptr_t)v->merges[i].data);
    free(v->tokens);
    free(v->types);
    free(v->scores);
    free(v->merges);
}

/* Writes the file and opens it; NULL with one line in `err`. */
static inline struct gguf *vocab_write(const struct vocab_file *v, const char *path,
                                       struct ls_error *err) {
    struct gguf_writer *w;
    struct gguf *g = NULL;
    const int32_t one = 1;
    if (gguf_writer_open(path, &w, err) != 0)
        return NULL;
    const struct {
        const char *key, *value;
    } strings[] = {{"general.architecture", "llama"},
                   {"general.name", v->name},
                   {"tokenizer.ggml.model", v->model},
                   {"tokenizer.ggml.pre", v->pre}};
    const struct {
        const char *key;
        uint32_t value;
    } ids[] = {{"tokenizer.ggml.bos_token_id", v->bos},
               {"tokenizer.ggml.eos_token_id", v->eos},
               {"tokenizer.ggml.unknown_token_id", v->unknown}};
    const struct {
        const char *key;
        int value;
    } bools[] = {{"tokenizer.ggml.add_bos_token", v->add_bos},
                 {"tokenizer.ggml.add_eos_token", v->add_eos},
                 {"tokenizer.ggml.add_space_prefix", v->add_space},
                 {"tokenizer.ggml.remove_extra_whitespaces", v->remove_spaces}};
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
        if (strings[i].value != NULL)
            gguf_writer_string(w, strings[i].key, strings[i].value);
    gguf_writer_strings(w, "tokenizer.ggml.tokens", v->tokens, v->count);
    if (v->types != NULL)
        gguf_writer_i32s(w, "tokenizer.ggml.token_type", v->types, v->count);
    if (v->model != NULL && strcmp(v->model, "llama") == 0)
        gguf_writer_f32s(w, "tokenizer.ggml.scores", v->scores, v->count);
    else if (!v->no_merges)
        gguf_writer_strings(w, "tokenizer.ggml.merges", v->merges, v->merge_count);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        if (ids[i].value != VOCAB_NONE)
            gguf_writer_u32(w, ids[i].key, ids[i].value);
    for (size_t i = 0; i < sizeof bools / sizeof bools[0]; i++)
        if (bools[i].value >= 0)
            gguf_writer_bool(w, bools[i].key, bools[i].value != 0);
    if (v->odd_text != NULL)
        gguf_writer_string(w, v->odd_text, "odd");
    if (v->odd_number != NULL)
        gguf_writer_u32(w, v->odd_number, 1000000);
    if (v->odd_list != NULL)
        gguf_writer_i32s(w, v->odd_list, &one, 1);
    return gguf_writer_finish(w, err) == 0 && gguf_open(path, &g, err) == 0 ? g : NULL;
}

#endif
