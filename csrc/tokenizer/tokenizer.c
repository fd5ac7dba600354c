/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * SentencePiece vocabulary: reading, lookup of a piece, and text to ids.
 * Long texts stay cheap: symbols form a linked list, the candidate merges a
 * heap, so n characters take O(n log n). Decoding is in tokenizer_decode.c.
 */
#include "tokenizer_vocab.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- lookup of a piece: open addressing, a power of two of slots ---- */

static uint64_t hash_bytes(const char *data, uint64_t size) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (uint64_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)data[i]) * UINT64_C(0x100000001b3);
    return hash ^ (hash >> 32);
}

static bool piece_is(const struct tokenizer *t, uint32_t id, const char *data, uint64_t size) {
    return t->pieces[id].size == size && memcmp(t->pieces[id].data, data, (size_t)size) == 0;
}

/* The slot that holds this piece, or the free one where it belongs. */
static uint32_t *find_slot(const struct tokenizer *t, const char *data, uint64_t size) {
    uint64_t slot = hash_bytes(data, size) & t->slot_mask;
    while (t->slots[slot] != NO_TOKEN && !piece_is(t, t->slots[slot], data, size))
        slot = (slot + 1) & t->slot_mask;
    return &t->slots[slot];
}

static uint32_t find_piece(const struct tokenizer *t, const char *data, uint64_t size) {
    return *find_slot(t, data, size);
}

static int fill_slots(struct tokenizer *t) {
    uint64_t slots = 16;
    while (slots < 2 * (uint64_t)t->vocab)
        slots *= 2;
    t->slots = malloc((size_t)slots * sizeof *t->slots);
    if (t->slots == NULL)
        return -1;
    for (uint64_t i = 0; i < slots; i++)
        t->slots[i] = NO_TOKEN;
    t->slot_mask = slots - 1;
    for (uint32_t id = 0; id < t->vocab; id++)
        *find_slot(t, t->pieces[id].data, t->pieces[id].size) = id;
    return 0;
}

/* ---- vocabulary ---- */

static int read_arrays(struct tokenizer *t, const struct gguf *g, struct ls_error *err) {
    struct gguf_array tokens, scores, types;
    if (gguf_get_array(g, "tokenizer.ggml.tokens", &tokens) != GGUF_FOUND ||
        tokens.type != GGUF_STRING || tokens.count == 0 || tokens.count > INT32_MAX)
        return ls_error_set(err, "%s: tokenizer.ggml.tokens: no list of tokens: convert it again",
                            g->path);
    if (gguf_get_array(g, "tokenizer.ggml.scores", &scores) != GGUF_FOUND ||
        scores.type != GGUF_F32 || scores.count != tokens.count)
        return ls_error_set(
            err, "%s: tokenizer.ggml.scores: not one float32 a token: convert it again", g->path);
    enum gguf_lookup found = gguf_get_array(g, "tokenizer.ggml.token_type", &types);
    if (found == GGUF_WRONG_TYPE ||
        (found == GGUF_FOUND && (types.type != GGUF_I32 || types.count != tokens.count)))
        return ls_error_set(err,
                            "%s: tokenizer.ggml.token_type: not one int32 a token: convert it "
                            "again",
                            g->path);
    t->vocab = (uint32_t)tokens.count;
    t->pieces = calloc(t->vocab, sizeof *t->pieces);
    t->scores = calloc(t->vocab, sizeof *t->scores);
    t->types = calloc(t->vocab, sizeof *t->types);
    if (t->pieces == NULL || t->scores == NULL || t->types == NULL)
        return ls_error_set(err, "%s: tokenizer: out of memory", g->path);
    memcpy(t->scores, scores.data, (size_t)t->vocab * sizeof *t->scores);
    uint64_t offset = 0;
    for (uint32_t id = 0; id < t->vocab; id++) {
        t->pieces[id] = gguf_array_next_string(&tokens, &offset);
        int32_t type = TOKEN_NORMAL;
        if (found == GGUF_FOUND)
            memcpy(&type, types.data + 4 * (size_t)id, sizeof type);
        if (type < TOKEN_NORMAL || type > TOKEN_BYTE || isnan(t->scores[id]))
            return ls_error_set(err,
                                "%s: token %" PRIu32 ": unknown type or no score: convert it again",
                                g->path, id);
        t->types[id] = (uint8_t)type;
    }
    return 0;
}

/* The ids of the tokens "<0x00>".."<0xFF>". */
static int find_byte_tokens(struct tokenizer *t, const struct gguf *g, struct ls_error *err) {
    for (unsigned byte = 0; byte < 256; byte++) {
        char name[8];
        snprintf(name, sizeof name, "<0x%02X>", byte);
        t->byte_ids[byte] = find_piece(t, name, 6);
        if (t->byte_ids[byte] == NO_TOKEN)
            t->byte_ids[byte] = t->unknown;
    }
    for (uint32_t id = 0; id < t->vocab; id++)
        if (t->types[id] == TOKEN_BYTE && !token_byte(t->pieces[id], NULL))
            return ls_error_set(err,
                                "%s: token %" PRIu32
                                ": a byte token not written <0x00> to <0xFF>: convert it again",
                                g->path, id);
    return 0;
}

/* Tokens found in the text before merging, longest first, then by id. */
static int compare_special(const void *a, const void *b, void *tokenizer) {
    const struct tokenizer *t = tokenizer;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (t->pieces[x].size != t->pieces[y].size)
        return t->pieces[x].size > t->pieces[y].size ? -1 : 1;
    return (x > y) - (x < y);
}

static int list_special(struct tokenizer *t) {
    t->special = malloc((size_t)t->vocab * sizeof *t->special);
    if (t->special == NULL)
        return -1;
    for (uint32_t id = 0; id < t->vocab; id++)
        if (t->pieces[id].size > 0 &&
            (t->types[id] == TOKEN_UNKNOWN || t->types[id] == TOKEN_CONTROL ||
             t->types[id] == TOKEN_USER_DEFINED))
            t->special[t->special_count++] = id;
    qsort_r(t->special, t->special_count, sizeof *t->special, compare_special, t);
    return 0;
}

/* Reads `tokenizer.ggml.<key>`; all ones means that there is none. */
static int read_id(const struct tokenizer *t, const struct gguf *g, const char *key,
                   uint32_t absent, uint32_t *out, struct ls_error *err) {
    *out = absent < t->vocab ? absent : NO_TOKEN;
    if (gguf_get_u32(g, key, out) == GGUF_WRONG_TYPE || (*out != NO_TOKEN && *out >= t->vocab))
        return ls_error_set(err, "%s: %s: not a token of the vocabulary: convert it again", g->path,
                            key);
    return 0;
}

static int read_settings(struct tokenizer *t, const struct gguf *g, struct ls_error *err) {
    t->add_bos = t->add_space_prefix = true; /* SentencePiece's defaults */
    if (gguf_get_bool(g, "tokenizer.ggml.add_bos_token", &t->add_bos) == GGUF_WRONG_TYPE ||
        gguf_get_bool(g, "tokenizer.ggml.add_space_prefix", &t->add_space_prefix) ==
            GGUF_WRONG_TYPE)
        return ls_error_set(err, "%s: tokenizer: a setting is not a bool: convert it again",
                            g->path);
    if (read_id(t, g, "tokenizer.ggml.unknown_token_id", 0, &t->unknown, err) != 0 ||
        read_id(t, g, "tokenizer.ggml.bos_token_id", 1, &t->bos, err) != 0 ||
        read_id(t, g, "tokenizer.ggml.eos_token_id", 2, &t->eos, err) != 0)
        return -1;
    return read_id(t, g, "tokenizer.ggml.eot_token_id", NO_TOKEN, &t->eot, err);
}

int tokenizer_open(const struct gguf *gguf, struct tokenizer **tokenizer, struct ls_error *err) {
    *tokenizer = NULL;
    struct gguf_string model;
    if (gguf_get_string(gguf, "tokenizer.ggml.model", &model) != GGUF_FOUND)
        return ls_error_set(err, "%s: tokenizer.ggml.model: missing: give a model with a tokenizer",
                            gguf->path);
    if (!gguf_string_equals(model, "llama"))
        return ls_error_set(err,
                            "%s: tokenizer.ggml.model: %.*s is not supported: give a model with a "
                            "SentencePiece tokenizer (llama)",
                            gguf->path, model.size > 40 ? 40 : (int)model.size, model.data);
    struct tokenizer *t = calloc(1, sizeof *t);
    if (t == NULL)
        return ls_error_set(err, "%s: tokenizer: out of memory", gguf->path);
    if (read_arrays(t, gguf, err) != 0 || read_settings(t, gguf, err) != 0) {
        tokenizer_close(t);
        return -1;
    }
    if (fill_slots(t) != 0 || list_special(t) != 0) {
        tokenizer_close(t);
        return ls_error_set(err, "%s: tokenizer: out of memory", gguf->path);
    }
    if (find_byte_tokens(t, gguf, err) != 0) {
        tokenizer_close(t);
        return -1;
    }
    *tokenizer = t;
    return 0;
}

void tokenizer_close(struct tokenizer *tokenizer) {
    if (tokenizer == NULL)
        return;
    free(tokenizer->pieces);
    free(tokenizer->scores);
    free(tokenizer->types);
    free(tokenizer->slots);
    free(tokenizer->special);
    free(tokenizer);
}

/* ---- merging ---- */

/* A run of bytes of the text; merged ones are unlinked and get size 0. */
struct symbol {
    size_t start, size; /* bytes */
    size_t previous, next;
};

#define NO_SYMBOL SIZE_MAX

/* A candidate merge of symbol `left` with its neighbour. */
struct merge {
    float score;
    size_t left, right;
    size_t size; /* bytes of both when queued; another size by now means stale */
};

struct merge_heap {
    struct merge *items;
    size_t count;
};

/* Higher score first, then leftmost. */
static bool merge_before(const struct merge *a, const struct merge *b) {
    return a->score > b->score || (a->score == b->score && a->left < b->left);
}

static void heap_push(struct merge_heap *heap, struct merge item) {
    size_t i = heap->count++;
    while (i > 0 && merge_before(&item, &heap->items[(i - 1) / 2])) {
        heap->items[i] = heap->items[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap->items[i] = item;
}

static struct merge heap_pop(struct merge_heap *heap) {
    struct merge top = heap->items[0];
    struct merge item = heap->items[--heap->count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && merge_before(&heap->items[child + 1], &heap->items[child]))
            child++;
        if (!merge_before(&heap->items[child], &item))
            break;
        heap->items[i] = heap->items[child];
        i = child;
    }
    heap->items[i] = item;
    return top;
}

/* Queues left+right if together they are a piece. */
static void queue_merge(const struct tokenizer *t, const char *text, const struct symbol *symbols,
                        size_t left, size_t right, struct merge_heap *heap) {
    if (left == NO_SYMBOL || right == NO_SYMBOL)
        return;
    size_t size = symbols[left].size + symbols[right].size;
    uint32_t id = find_piece(t, text + symbols[left].start, size);
    if (id != NO_TOKEN)
        heap_push(heap, (struct merge){t->scores[id], left, right, size});
}

/* Bytes of the UTF-8 character that starts with `lead`. */
static size_t utf8_length(unsigned char lead) {
    return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

static size_t split_characters(const char *text, size_t size, struct symbol *symbols) {
    size_t count = 0;
    for (size_t start = 0; start < size; count++) {
        size_t length = utf8_length((unsigned char)text[start]);
        if (length > size - start)
            length = size - start;
        symbols[count] = (struct symbol){start, length, count - 1, count + 1};
        start += length;
    }
    symbols[0].previous = NO_SYMBOL;
    symbols[count - 1].next = NO_SYMBOL;
    return count;
}

struct id_list {
    uint32_t *ids;
    size_t count, capacity;
};

static int list_add(struct id_list *list, uint32_t id) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity * 2 + 16;
        uint32_t *ids = realloc(list->ids, capacity * sizeof *ids);
        if (ids == NULL)
            return -1;
        list->ids = ids;
        list->capacity = capacity;
    }
    list->ids[list->count++] = id;
    return 0;
}

/* Pieces of the remaining symbols; a character without one becomes its bytes. */
static int emit_symbols(const struct tokenizer *t, const char *text, const struct symbol *symbols,
                        struct id_list *out) {
    for (size_t i = 0; i != NO_SYMBOL; i = symbols[i].next) {
        const char *start = text + symbols[i].start;
        uint32_t id = find_piece(t, start, symbols[i].size);
        if (id != NO_TOKEN) {
            if (list_add(out, id) != 0)
                return -1;
            continue;
        }
        for (size_t b = 0; b < symbols[i].size; b++)
            if (list_add(out, t->byte_ids[(unsigned char)start[b]]) != 0)
                return -1;
    }
    return 0;
}

/* Tokenizes escaped text (spaces already U+2581) of at least one byte. */
static int encode_escaped(const struct tokenizer *t, const char *text, size_t size,
                          struct id_list *out) {
    /* At first a merge per neighbouring pair, then at most two new ones a merge. */
    struct symbol *symbols = calloc(size, sizeof *symbols);
    struct merge_heap heap = {calloc(size, 3 * sizeof *heap.items), 0};
    if (symbols == NULL || heap.items == NULL) {
        free(symbols);
        free(heap.items);
        return -1;
    }
    size_t count = split_characters(text, size, symbols);
    for (size_t i = 1; i < count; i++)
        queue_merge(t, text, symbols, i - 1, i, &heap);
    while (heap.count > 0) {
        struct merge m = heap_pop(&heap);
        struct symbol *left = &symbols[m.left], *right = &symbols[m.right];
        if (left->size == 0 || right->size == 0 || left->size + right->size != m.size)
            continue;
        left->size += right->size;
        right->size = 0;
        left->next = right->next;
        if (left->next != NO_SYMBOL)
            symbols[left->next].previous = m.left;
        queue_merge(t, text, symbols, left->previous, m.left, &heap);
        queue_merge(t, text, symbols, m.left, left->next, &heap);
    }
    int status = emit_symbols(t, text, symbols, out);
    free(symbols);
    free(heap.items);
    return status;
}

/* ---- plain text and special tokens ---- */

struct encoding {
    const struct tokenizer *tokenizer;
    bool parse_special;
    bool after_special; /* nothing but special tokens so far since the last text */
    struct id_list out;
};

/* Writes each space as U+2581, with one in front of a text's start. */
static int encode_plain(struct encoding *e, const char *text, size_t size) {
    static const char space[] = "\xe2\x96\x81";
    bool prefix = e->tokenizer->add_space_prefix && e->after_special;
    if (size > SIZE_MAX / 128)
        return -1;
    char *escaped = malloc(3 * size + 3);
    if (escaped == NULL)
        return -1;
    size_t length = 0;
    if (prefix) {
        memcpy(escaped, space, 3);
        length = 3;
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] == ' ') {
            memcpy(escaped + length, space, 3);
            length += 3;
        } else {
            escaped[length++] = text[i];
        }
    }
    int status = encode_escaped(e->tokenizer, escaped, length, &e->out);
    free(escaped);
    e->after_special = false;
    return status;
}

/* Cuts the text at every special token from number `k` on, longest first. */
static int encode_from(struct encoding *e, const char *text, size_t size, size_t k) {
    const struct tokenizer *t = e->tokenizer;
    while (size > 0 && k < t->special_count) {
        uint32_t id = t->special[k];
        const char *found = NULL;
        if (e->parse_special || t->types[id] == TOKEN_USER_DEFINED)
            found = memmem(text, size, t->pieces[id].data, (size_t)t->pieces[id].size);
        if (found == NULL) {
            k++;
            continue;
        }
        size_t before = (size_t)(found - text), used = before + (size_t)t->pieces[id].size;
        if (encode_from(e, text, before, k + 1) != 0 || list_add(&e->out, id) != 0)
            return -1;
        e->after_special = true;
        text += used;
        size -= used;
    }
    return size > 0 ? encode_plain(e, text, size) : 0;
}

int tokenizer_encode(const struct tokenizer *tokenizer, const char *text, size_t size,
                     unsigned flags, uint32_t **ids, size_t *count, struct ls_error *err) {
    struct encoding e = {tokenizer, (flags & TOKENIZER_PARSE_SPECIAL) != 0, true, {NULL, 0, 0}};
    bool bos = (flags & TOKENIZER_ADD_BOS) != 0 && tokenizer->add_bos && tokenizer->bos != NO_TOKEN;
    *ids = NULL;
    *count = 0;
    e.out.ids = malloc(16 * sizeof *e.out.ids);
    e.out.capacity = 16;
    if (e.out.ids == NULL || (bos && list_add(&e.out, tokenizer->bos) != 0) ||
        encode_from(&e, text, size, 0) != 0) {
        free(e.out.ids);
        return ls_error_set(err, "text: %zu bytes: out of memory: give a shorter text", size);
    }
    *ids = e.out.ids;
    *count = e.out.count;
    return 0;
}
