/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The vocabulary out of a GGUF: tokens, their types and scores, the index by
 * text, the tokens of the 256 bytes, and the settings.
 */
#include "tokenizer_vocab.h"

#include <inttypes.h>
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

/* The slot that holds this piece, or the free one where it belongs. */
static uint32_t *find_slot(const struct tokenizer *t, const char *data, uint64_t size) {
    uint64_t slot = hash_bytes(data, size) & t->slot_mask;
    for (uint32_t id; (id = t->slots[slot]) != NO_TOKEN; slot = (slot + 1) & t->slot_mask)
        if (t->pieces[id].size == size && memcmp(t->pieces[id].data, data, (size_t)size) == 0)
            break;
    return &t->slots[slot];
}

uint32_t vocab_find(const struct tokenizer *t, const char *data, uint64_t size) {
    return size > t->longest ? NO_TOKEN : *find_slot(t, data, size);
}

static int fill_slots(struct tokenizer *t, const struct gguf *g, struct ls_error *err) {
    uint64_t slots = 16;
    while (slots < 2 * (uint64_t)t->vocab)
        slots *= 2;
    t->slots = malloc((size_t)slots * sizeof *t->slots);
    if (t->slots == NULL)
        return ls_error_set(err, "%s: tokenizer: out of memory", g->path);
    memset(t->slots, 0xff, (size_t)slots * sizeof *t->slots);
    t->slot_mask = slots - 1;
    for (uint32_t id = 0; id < t->vocab; id++) {
        if (t->pieces[id].size == 0)
            continue; /* padding: no text becomes it */
        uint32_t *slot = find_slot(t, t->pieces[id].data, t->pieces[id].size);
        if (*slot != NO_TOKEN)
            return ls_error_set(err,
                                "%s: tokenizer.ggml.tokens: token %" PRIu32
                                " has the text of token %" PRIu32 ": convert it again",
                                g->path, id, *slot);
        *slot = id;
    }
    return 0;
}

/* ---- arrays ---- */

/* A score as an unsigned number whose order is the opposite: the best score is the lowest. */
static uint32_t rank_of_score(float score) {
    uint32_t bits;
    score += 0.0f; /* no -0 */
    memcpy(&bits, &score, sizeof bits);
    return (bits >> 31) != 0 ? bits : ~bits & UINT32_C(0x7fffffff);
}

static int read_ranks(struct tokenizer *t, const struct gguf *g, struct ls_error *err) {
    struct gguf_array scores;
    if (gguf_get_array(g, "tokenizer.ggml.scores", &scores) != GGUF_FOUND ||
        scores.type != GGUF_F32 || scores.count != t->vocab)
        return ls_error_set(
            err, "%s: tokenizer.ggml.scores: not one float32 a token: convert it again", g->path);
    t->ranks = malloc((size_t)t->vocab * sizeof *t->ranks);
    if (t->ranks == NULL)
        return ls_error_set(err, "%s: tokenizer: out of memory", g->path);
    for (uint32_t id = 0; id < t->vocab; id++) {
        float score;
        memcpy(&score, scores.data + 4 * (size_t)id, sizeof score);
        if (isnan(score))
            return ls_error_set(
                err, "%s: tokenizer.ggml.scores: token %" PRIu32 ": not a number: convert it again",
                g->path, id);
        t->ranks[id] = rank_of_score(score);
    }
    return 0;
}

static int read_tokens(struct tokenizer *t, const struct gguf *g, struct ls_error *err) {
    struct gguf_array tokens, types;
    if (gguf_get_array(g, "tokenizer.ggml.tokens", &tokens) != GGUF_FOUND ||
        tokens.type != GGUF_STRING || tokens.count == 0 || tokens.count > INT32_MAX)
        return ls_error_set(err, "%s: tokenizer.ggml.tokens: no list of tokens: convert it again",
                            g->path);
    enum gguf_lookup found = gguf_get_array(g, "tokenizer.ggml.token_type", &types);
    if (found == GGUF_WRONG_TYPE ||
        (found == GGUF_FOUND && (types.type != GGUF_I32 || types.count != tokens.count)))
        return ls_error_set(err,
                            "%s: tokenizer.ggml.token_type: not one int32 a token: convert it "
                            "again",
                            g->path);
    t->vocab = (uint32_t)tokens.count;
    t->pieces = calloc(t->vocab, sizeof *t->pieces);
    t->types = calloc(t->vocab, sizeof *t->types);
    if (t->pieces == NULL || t->types == NULL)
        return ls_error_set(err, "%s: tokenizer: out of memory", g->path);
    uint64_t offset = 0;
    for (uint32_t id = 0; id < t->vocab; id++) {
        t->pieces[id] = gguf_array_next_string(&tokens, &offset);
        if (t->pieces[id].size > t->longest)
            t->longest = t->pieces[id].size;
        int32_t type = TOKEN_NORMAL;
        if (found == GGUF_FOUND)
            memcpy(&type, types.data + 4 * (size_t)id, sizeof type);
        if (type < TOKEN_NORMAL || type > TOKEN_BYTE)
            return ls_error_set(err,
                                "%s: tokenizer.ggml.token_type: token %" PRIu32 ": %" PRId32
                                " is no type of token: convert it again",
                                g->path, id, type);
        if (type == TOKEN_BYTE && !token_byte(t->pieces[id], NULL))
            return ls_error_set(err,
                                "%s: token %" PRIu32
                                ": a byte token not written <0x00> to <0xFF>: convert it again",
                                g->path, id);
        t->types[id] = (uint8_t)type;
    }
    return fill_slots(t, g, err);
}

/* ---- bytes ---- */

/* Byte-level BPE writes a byte as a printable character: itself where Latin-1 has one, else the
 * next from U+0100 on (Radford et al., GPT-2, 2019). */
static bool is_printable(unsigned byte) {
    return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte != 0xad);
}

static void find_byte_tokens(struct tokenizer *t) {
    unsigned next = 0x100;
    memset(t->char_byte, 0xff, sizeof t->char_byte);
    for (unsigned byte = 0; byte < 256; byte++) {
        const unsigned code = is_printable(byte) ? byte : next++;
        const char text[2] = {(char)(code < 0x80 ? code : 0xc0 | code >> 6),
                              (char)(0x80 | (code & 0x3f))};
        char name[8];
        snprintf(name, sizeof name, "<0x%02X>", byte);
        t->char_byte[code] = (int16_t)byte;
        uint32_t id = NO_TOKEN;
        if (t->kind == BYTE_LEVEL_BPE)
            id = vocab_find(t, text, code < 0x80 ? 1 : 2);
        if (id != NO_TOKEN && t->types[id] != TOKEN_NORMAL)
            id = NO_TOKEN; /* an added token with the text of that character: no byte */
        t->byte_ids[byte] = id != NO_TOKEN ? id : vocab_find(t, name, 6);
    }
}

/* ---- settings ---- */

int vocab_read_id(const struct tokenizer *t, const struct gguf *g, const char *key, uint32_t *out,
                  struct ls_error *err) {
    if (gguf_get_u32(g, key, out) == GGUF_WRONG_TYPE || (*out != NO_TOKEN && *out >= t->vocab))
        return ls_error_set(err, "%s: %s: not a token of the vocabulary: convert it again", g->path,
                            key);
    return 0;
}

static int read_settings(struct tokenizer *t, const struct gguf *g, struct ls_error *err) {
    const struct {
        const char *key;
        bool *value;
    } settings[] = {{"tokenizer.ggml.add_bos_token", &t->add_bos},
                    {"tokenizer.ggml.add_eos_token", &t->add_eos},
                    {"tokenizer.ggml.add_space_prefix", &t->add_space_prefix},
                    {"tokenizer.ggml.remove_extra_whitespaces", &t->remove_extra_whitespaces}};
    const bool pieces = t->kind == SENTENCEPIECE; /* with SentencePiece's defaults */
    t->add_space_prefix = pieces;
    t->add_bos = pieces || t->pre->add_bos;
    t->unknown = pieces ? 0 : NO_TOKEN;
    t->bos = pieces && t->vocab > 1 ? 1 : NO_TOKEN;
    t->eos = pieces && t->vocab > 2 ? 2 : NO_TOKEN;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (gguf_get_bool(g, settings[i].key, settings[i].value) == GGUF_WRONG_TYPE)
            return ls_error_set(err, "%s: %s: not a bool: convert it again", g->path,
                                settings[i].key);
    if (vocab_read_id(t, g, "tokenizer.ggml.unknown_token_id", &t->unknown, err) != 0 ||
        vocab_read_id(t, g, "tokenizer.ggml.bos_token_id", &t->bos, err) != 0 ||
        vocab_read_id(t, g, "tokenizer.ggml.eos_token_id", &t->eos, err) != 0)
        return -1;
    if (!pieces) /* rules of SentencePiece; files of the other kind carry them for nothing */
        t->add_space_prefix = t->remove_extra_whitespaces = false;
    bool asked = false;
    if (t->bos == NO_TOKEN && gguf_get_bool(g, settings[0].key, &asked) == GGUF_FOUND && asked)
        return ls_error_set(err, "%s: %s: true, but there is no bos_token_id: convert it again",
                            g->path, settings[0].key);
    if (t->eos == NO_TOKEN && t->add_eos)
        return ls_error_set(err, "%s: %s: true, but there is no eos_token_id: convert it again",
                            g->path, settings[1].key);
    struct gguf_array map;
    if (pieces && gguf_get_array(g, "tokenizer.ggml.precompiled_charsmap", &map) == GGUF_FOUND &&
        map.count > 0)
        return ls_error_set(err,
                            "%s: tokenizer.ggml.precompiled_charsmap: normalising a text is not "
                            "supported: give a model whose tokenizer takes it as it is",
                            g->path);
    return 0;
}

int vocab_read(struct tokenizer *t, const struct gguf *g, struct ls_error *err) {
    if (read_tokens(t, g, err) != 0 || (t->kind == SENTENCEPIECE && read_ranks(t, g, err) != 0) ||
        read_settings(t, g, err) != 0)
        return -1;
    find_byte_tokens(t);
    return 0;
}
