/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Opens a tokenizer and encodes: special tokens are cut out of the text, what
 * is between them becomes pieces, by SentencePiece's rules or by those of
 * byte-level BPE. Decoding is in tokenizer_decode.c.
 */
#include "merge.h"

#include <stdlib.h>
#include <string.h>

#include "csrc/base/utf8.h"

static int open_kind(struct tokenizer *t, const struct gguf *gguf, struct ls_error *err) {
    struct gguf_string model, pre = {"default", 7};
    if (gguf_get_string(gguf, "tokenizer.ggml.model", &model) != GGUF_FOUND)
        return ls_error_set(err, "%s: tokenizer.ggml.model: missing: give a model with a tokenizer",
                            gguf->path);
    if (gguf_string_equals(model, "llama")) {
        t->kind = SENTENCEPIECE;
        return vocab_read(t, gguf, err);
    }
    if (!gguf_string_equals(model, "gpt2"))
        return ls_error_set(err,
                            "%s: tokenizer.ggml.model: %.*s is not supported: give a model with a "
                            "tokenizer of SentencePiece (llama) or byte-level BPE (gpt2)",
                            gguf->path, model.size > 40 ? 40 : (int)model.size, model.data);
    t->kind = BYTE_LEVEL_BPE;
    if (gguf_get_string(gguf, "tokenizer.ggml.pre", &pre) == GGUF_WRONG_TYPE)
        return ls_error_set(err, "%s: tokenizer.ggml.pre: not a string: convert it again",
                            gguf->path);
    return pretokenizer_open(gguf->path, pre, &t->pre, err) != 0 || vocab_read(t, gguf, err) != 0
               ? -1
               : vocab_read_merges(t, gguf, err);
}

int tokenizer_open(const struct gguf *gguf, struct tokenizer **tokenizer, struct ls_error *err) {
    *tokenizer = NULL;
    struct tokenizer *t = calloc(1, sizeof *t);
    if (t == NULL)
        return ls_error_set(err, "%s: tokenizer: out of memory", gguf->path);
    if (open_kind(t, gguf, err) != 0 || vocab_read_special(t, gguf, err) != 0) {
        tokenizer_close(t);
        return -1;
    }
    *tokenizer = t;
    return 0;
}

void tokenizer_close(struct tokenizer *tokenizer) {
    if (tokenizer == NULL)
        return;
    pretokenizer_close(tokenizer->pre);
    free(tokenizer->pieces);
    free(tokenizer->types);
    free(tokenizer->slots);
    free(tokenizer->eog);
    free(tokenizer->ranks);
    free(tokenizer->merges);
    free(tokenizer->merge_slots);
    free(tokenizer->special);
    free(tokenizer->special_rank);
    free(tokenizer);
}

/* ---- ids ---- */

struct encoding {
    const struct tokenizer *tokenizer;
    struct merger merger;
    uint32_t *ids; /* [count] so far */
    size_t count, capacity;
    struct ls_error *err;
};

static int fail_memory(const struct encoding *e) {
    return ls_error_set(e->err, "text: out of memory: give a shorter text");
}

static int add_id(struct encoding *e, uint32_t id) {
    if (e->count == e->capacity) {
        const size_t capacity = e->capacity * 2 + 16;
        uint32_t *ids = realloc(e->ids, capacity * sizeof *ids);
        if (ids == NULL)
            return fail_memory(e);
        e->ids = ids;
        e->capacity = capacity;
    }
    e->ids[e->count++] = id;
    return 0;
}

/* A byte as its token. Without one: as U+FFFD if no UTF-8 has the byte; else SentencePiece has the
 * unknown token, and byte-level BPE leaves the byte out, as trainers and llama.cpp do (its unknown
 * token, if any, is most often the end of a text). */
static int add_byte(struct encoding *e, unsigned char byte) {
    static const unsigned char replacement[] = {0xef, 0xbf, 0xbd};
    const struct tokenizer *t = e->tokenizer;
    if (t->byte_ids[byte] != NO_TOKEN)
        return add_id(e, t->byte_ids[byte]);
    const bool foreign = byte == 0xc0 || byte == 0xc1 || byte >= 0xf5;
    for (int i = 0; i < 3 && foreign; i++) {
        const uint32_t id = t->byte_ids[replacement[i]];
        if (id != NO_TOKEN && add_id(e, id) != 0)
            return -1;
    }
    return t->kind == SENTENCEPIECE && !foreign && t->unknown != NO_TOKEN ? add_id(e, t->unknown)
                                                                          : 0;
}

/* Merges `count` symbols and adds their tokens; a symbol without one becomes its bytes. */
static int merge_symbols(struct encoding *e, const char *text, uint32_t count) {
    const struct symbol *symbols = e->merger.symbols;
    if (merger_run(&e->merger, e->tokenizer, text, count) != 0)
        return fail_memory(e);
    for (uint32_t i = 0; i != NO_SYMBOL; i = symbols[i].next) {
        if (symbols[i].id != NO_TOKEN && add_id(e, symbols[i].id) != 0)
            return -1;
        for (uint32_t b = 0; symbols[i].id == NO_TOKEN && b < symbols[i].size; b++)
            if (add_byte(e, (unsigned char)text[symbols[i].start + b]) != 0)
                return -1;
    }
    return 0;
}

/* ---- SentencePiece ---- */

#define SPACE "\xe2\x96\x81" /* U+2581 stands for a space in a piece */

struct spaces {
    bool prefix;                /* one more in front */
    bool drop_first, drop_last; /* none at the ends of the text */
    bool collapse;              /* one where there are several */
};

/* Copies a text with U+2581 for each space; returns its size. */
static uint32_t escape_spaces(const char *text, uint32_t size, struct spaces rule, char *out) {
    uint32_t length = 0, start = 0;
    while (rule.drop_last && size > 0 && text[size - 1] == ' ')
        size--;
    while (rule.drop_first && start < size && text[start] == ' ')
        start++;
    if (rule.prefix && start < size) {
        memcpy(out, SPACE, 3);
        length = 3;
    }
    for (uint32_t i = start; i < size; i++) {
        if (text[i] != ' ') {
            out[length++] = text[i];
        } else if (!rule.collapse || i == start || text[i - 1] != ' ') {
            memcpy(out + length, SPACE, 3);
            length += 3;
        }
    }
    return length;
}

/* A symbol a character; a byte that is no UTF-8 is one, too. */
static int encode_escaped(struct encoding *e, const char *text, uint32_t size) {
    const struct tokenizer *t = e->tokenizer;
    uint32_t count = 0;
    for (uint32_t at = 0; at < size; count++) {
        const uint32_t length = (uint32_t)utf8_size(text + at, size - at);
        at += length > 0 ? length : 1;
    }
    if (count == 0)
        return 0;
    if (merger_reserve(&e->merger, count) != 0)
        return fail_memory(e);
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t length = (uint32_t)utf8_size(text + at, size - at);
        struct symbol *s = &e->merger.symbols[i];
        *s = (struct symbol){.start = at, .size = length > 0 ? length : 1};
        s->id = vocab_find(t, text + at, s->size);
        if (s->id != NO_TOKEN && !vocab_is_text(t, s->id))
            s->id = NO_TOKEN;
        at += s->size;
    }
    return merge_symbols(e, text, count);
}

static int encode_pieces(struct encoding *e, const char *text, uint32_t size, struct spaces rule) {
    char *escaped = malloc(3 * (size_t)size + 3);
    if (escaped == NULL)
        return fail_memory(e);
    const int status = encode_escaped(e, escaped, escape_spaces(text, size, rule, escaped));
    free(escaped);
    return status;
}

/* ---- byte-level BPE ---- */

/* The token that is the whole word, or NO_TOKEN. */
static uint32_t find_word(const struct tokenizer *t, const char *word, uint32_t size) {
    char text[1024]; /* as the vocabulary writes it; longer ones are merged */
    uint32_t length = 0;
    if (size > sizeof text / 2)
        return NO_TOKEN;
    for (uint32_t i = 0; i < size; i++) {
        const uint32_t id = t->byte_ids[(unsigned char)word[i]];
        if (id == NO_TOKEN || t->pieces[id].size > 2)
            return NO_TOKEN;
        memcpy(text + length, t->pieces[id].data, (size_t)t->pieces[id].size);
        length += (uint32_t)t->pieces[id].size;
    }
    const uint32_t id = vocab_find(t, text, length);
    return id != NO_TOKEN && t->types[id] == TOKEN_NORMAL ? id : NO_TOKEN;
}

static int encode_word(struct encoding *e, const char *word, uint32_t size) {
    const struct tokenizer *t = e->tokenizer;
    if (t->pre->whole_words) {
        const uint32_t id = find_word(t, word, size);
        if (id != NO_TOKEN)
            return add_id(e, id);
    }
    if (merger_reserve(&e->merger, size) != 0)
        return fail_memory(e);
    for (uint32_t i = 0; i < size; i++)
        e->merger.symbols[i] =
            (struct symbol){.start = i, .size = 1, .id = t->byte_ids[(unsigned char)word[i]]};
    return merge_symbols(e, word, size);
}

static int encode_words(struct encoding *e, const char *text, uint32_t size) {
    uint32_t *ends, start = 0;
    size_t count;
    if (pretokenizer_split(e->tokenizer->pre, text, size, &ends, &count, e->err) != 0)
        return -1;
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        status = encode_word(e, text + start, ends[i] - start);
        start = ends[i];
    }
    free(ends);
    return status;
}

/* ---- a text ---- */

static int encode_text(struct encoding *e, const char *text, uint32_t size, bool parse_special) {
    const struct tokenizer *t = e->tokenizer;
    struct fragment *fragments;
    size_t count;
    if (special_cut(t, text, size, parse_special, &fragments, &count) != 0)
        return fail_memory(e);
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        const struct fragment f = fragments[i];
        const struct spaces rule = {
            t->add_space_prefix && (i == 0 || fragments[i - 1].id != NO_TOKEN),
            t->remove_extra_whitespaces && i == 0, t->remove_extra_whitespaces && i == count - 1,
            t->remove_extra_whitespaces};
        status = f.id != NO_TOKEN           ? add_id(e, f.id)
                 : t->kind == SENTENCEPIECE ? encode_pieces(e, text + f.start, f.size, rule)
                                            : encode_words(e, text + f.start, f.size);
    }
    free(fragments);
    return status;
}

int tokenizer_encode(const struct tokenizer *tokenizer, const char *text, size_t size,
                     unsigned flags, uint32_t **ids, size_t *count, struct ls_error *err) {
    const struct tokenizer *t = tokenizer;
    struct encoding e = {.tokenizer = t, .err = err};
    const bool bos = (flags & TOKENIZER_ADD_BOS) != 0 && t->add_bos && t->bos != NO_TOKEN;
    const bool eos = (flags & TOKENIZER_ADD_EOS) != 0 && t->add_eos;
    *ids = NULL;
    *count = 0;
    if (size > TEXT_MAX)
        return ls_error_set(err, "text: %zu bytes: more than %u: give a shorter text", size,
                            TEXT_MAX);
    e.ids = malloc(16 * sizeof *e.ids);
    e.capacity = 16;
    int status = e.ids == NULL ? fail_memory(&e) : 0;
    if (status == 0 && bos)
        status = add_id(&e, t->bos);
    if (status == 0)
        status = encode_text(&e, text, (uint32_t)size, (flags & TOKENIZER_PARSE_SPECIAL) != 0);
    if (status == 0 && eos)
        status = add_id(&e, t->eos);
    merger_free(&e.merger);
    if (status != 0) {
        free(e.ids);
        return -1;
    }
    *ids = e.ids;
    *count = e.count;
    return 0;
}
