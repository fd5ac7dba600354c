/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Byte-pair learning on the distinct words of a text. A word is a list of symbols; a merge replaces
 * a pair of symbols everywhere. The pair that occurs most often is merged next, the first met among
 * equals, so the result is a function of the text alone.
 */
#include "bpe.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/tokenizer/tokenizer.h"

enum { WORD_MAX = 40, SYMBOLS_MAX = BPE_PIECES_MAX, PIECE_MAX = 48, HASH_SIZE = 1 << 17 };

static const char space_mark[] = "\xe2\x96\x81"; /* U+2581 */

struct word {
    uint64_t count; /* occurrences in the text */
    uint32_t length;
    uint16_t symbol[WORD_MAX];
};

struct learner {
    char (*text)[PIECE_MAX]; /* [symbols] the characters, then the merges */
    uint32_t symbols, characters;
    struct word *word; /* [words] */
    uint32_t words, capacity;
    uint32_t *hash; /* [HASH_SIZE] 1 + index of a word */
    struct ls_error *err;
};

/* ------------------------------------------------------------------------------------------ */
/* Words. */

/* Bytes of the UTF-8 character at p. */
static size_t char_bytes(const char *p, const char *end) {
    unsigned char c = (unsigned char)*p;
    size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    return n <= (size_t)(end - p) ? n : 1;
}

/* Kinds of characters that do not merge with each other. */
static int char_kind(char c) {
    unsigned char u = (unsigned char)c;
    return u >= 0x80 || isalpha(u) ? 0 : isdigit(u) ? 1 : 2;
}

/* The symbol of a character, made if new; -1 if there are too many. */
static int char_symbol(struct learner *l, const char *p, size_t bytes) {
    for (uint32_t i = 0; i < l->characters; i++)
        if (strlen(l->text[i]) == bytes && memcmp(l->text[i], p, bytes) == 0)
            return (int)i;
    if (l->characters == SYMBOLS_MAX)
        return ls_error_set(l->err, "vocabulary: more than %d different characters", SYMBOLS_MAX);
    memcpy(l->text[l->characters], p, bytes);
    l->symbols = l->characters + 1;
    return (int)l->characters++;
}

static int add_word(struct learner *l, const struct word *w) {
    uint64_t h = 14695981039346656037U; /* FNV-1a over the symbols */
    for (uint32_t i = 0; i < w->length; i++)
        h = (h ^ w->symbol[i]) * 1099511628211U;
    uint32_t slot = (uint32_t)(h ^ h >> 32) % HASH_SIZE;
    for (; l->hash[slot] != 0; slot = (slot + 1) % HASH_SIZE) {
        struct word *old = &l->word[l->hash[slot] - 1];
        if (old->length == w->length &&
            memcmp(old->symbol, w->symbol, w->length * sizeof w->symbol[0]) == 0) {
            old->count++;
            return 0;
        }
    }
    if (l->words == HASH_SIZE / 2)
        return 0; /* rarer words of a very large text are left out */
    if (l->words == l->capacity) {
        l->capacity = l->capacity == 0 ? 1024 : 2 * l->capacity;
        struct word *grown = realloc(l->word, l->capacity * sizeof *grown);
        if (grown == NULL)
            return ls_error_set(l->err, "out of memory");
        l->word = grown;
    }
    l->word[l->words] = *w;
    l->word[l->words].count = 1;
    l->hash[slot] = ++l->words;
    return 0;
}

/* Cuts the text into words: an optional space and a run of characters of one kind. */
static int read_words(struct learner *l, const char *text, size_t size) {
    const char *p = text, *end = text + size;
    while (p < end) {
        struct word w = {.length = 0};
        int at_line = p == text || p[-1] == '\n', symbol;
        if (*p == '\n' || *p == '\r') {
            p++;
            continue;
        }
        if (at_line || *p == ' ') { /* encoding puts a space before every text */
            p += *p == ' ';
            if ((symbol = char_symbol(l, space_mark, 3)) < 0)
                return -1;
            w.symbol[w.length++] = (uint16_t)symbol;
        }
        int kind = p < end ? char_kind(*p) : 0;
        while (p < end && *p != ' ' && *p != '\n' && *p != '\r' && char_kind(*p) == kind &&
               w.length < WORD_MAX) {
            size_t n = char_bytes(p, end);
            if ((symbol = char_symbol(l, p, n)) < 0)
                return -1;
            w.symbol[w.length++] = (uint16_t)symbol;
            p += n;
        }
        if (w.length > 0 && add_word(l, &w) != 0)
            return -1;
    }
    return 0;
}

/* ------------------------------------------------------------------------------------------ */
/* Merges. */

struct pair {
    uint16_t left, right;
    uint64_t count;
};

/* The commonest pair that still fits a piece; count 0 if there is none. `table` has room for all
 * pairs of symbols. */
static struct pair best_pair(const struct learner *l, uint64_t *table) {
    struct pair best = {0, 0, 0};
    size_t n = l->symbols;
    memset(table, 0, n * n * sizeof *table);
    for (uint32_t i = 0; i < l->words; i++)
        for (uint32_t j = 0; j + 1 < l->word[i].length; j++)
            table[l->word[i].symbol[j] * n + l->word[i].symbol[j + 1]] += l->word[i].count;
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++) {
            if (table[a * n + b] <= best.count)
                continue;
            if (strlen(l->text[a]) + strlen(l->text[b]) + 1 > PIECE_MAX)
                continue;
            best = (struct pair){(uint16_t)a, (uint16_t)b, table[a * n + b]};
        }
    return best;
}

static void merge(struct learner *l, struct pair pair) {
    uint16_t made = (uint16_t)l->symbols++;
    size_t left = strlen(l->text[pair.left]);
    memcpy(l->text[made], l->text[pair.left], left);
    memcpy(l->text[made] + left, l->text[pair.right], strlen(l->text[pair.right]) + 1);
    for (uint32_t i = 0; i < l->words; i++) {
        struct word *w = &l->word[i];
        uint32_t out = 0;
        for (uint32_t j = 0; j < w->length; j++) {
            int hit =
                j + 1 < w->length && w->symbol[j] == pair.left && w->symbol[j + 1] == pair.right;
            w->symbol[out++] = hit ? made : w->symbol[j];
            j += (uint32_t)hit;
        }
        w->length = out;
    }
}

/* Two merges can make the same text; the vocabulary holds it once. */
static int is_repeated(const struct learner *l, uint32_t symbol) {
    for (uint32_t i = 0; i < symbol; i++)
        if (strcmp(l->text[i], l->text[symbol]) == 0)
            return 1;
    return 0;
}

static void add_piece(struct vocabulary *v, size_t *used, const char *text, float score,
                      int32_t type) {
    size_t n = strlen(text);
    memcpy(v->text + *used, text, n + 1);
    v->pieces[v->count] = (struct gguf_string){v->text + *used, n};
    v->scores[v->count] = score;
    v->types[v->count++] = type;
    *used += n + 1;
}

static int learn(struct learner *l, uint32_t pieces, struct vocabulary *v) {
    static const char *const special[] = {"<unk>", "<s>", "</s>"};
    uint32_t merges = pieces - VOCABULARY_MIN - l->characters;
    size_t used = 0;
    uint64_t *table = malloc((size_t)(pieces + 1) * (pieces + 1) * sizeof *table);
    if (table == NULL)
        return ls_error_set(l->err, "out of memory");

    for (int i = 0; i < 3; i++)
        add_piece(v, &used, special[i], 0, i == 0 ? TOKEN_UNKNOWN : TOKEN_CONTROL);
    for (unsigned byte = 0; byte < 256; byte++) {
        char name[8];
        snprintf(name, sizeof name, "<0x%02X>", byte);
        add_piece(v, &used, name, 0, TOKEN_BYTE);
    }
    for (uint32_t rank = 0; rank < merges;) {
        struct pair pair = best_pair(l, table);
        if (pair.count < 2 || l->symbols >= pieces)
            break;
        merge(l, pair);
        if (is_repeated(l, l->symbols - 1))
            continue;
        add_piece(v, &used, l->text[l->symbols - 1], -(float)rank, TOKEN_NORMAL);
        rank++;
    }
    for (uint32_t i = 0; i < l->characters; i++)
        add_piece(v, &used, l->text[i], -(float)v->count, TOKEN_NORMAL);
    free(table);
    return 0;
}

int bpe_learn(const char *text, size_t size, uint32_t pieces, struct vocabulary *vocab,
              struct ls_error *err) {
    struct learner l = {.err = err};
    int status = -1;
    memset(vocab, 0, sizeof *vocab);
    if (pieces < VOCABULARY_MIN || pieces > BPE_PIECES_MAX)
        return ls_error_set(err, "vocabulary: %u pieces is not %u..%u", pieces, VOCABULARY_MIN,
                            (unsigned)BPE_PIECES_MAX);
    l.text = calloc(SYMBOLS_MAX, sizeof *l.text);
    l.hash = calloc(HASH_SIZE, sizeof *l.hash);
    vocab->pieces = calloc(pieces, sizeof *vocab->pieces);
    vocab->scores = calloc(pieces, sizeof *vocab->scores);
    vocab->types = calloc(pieces, sizeof *vocab->types);
    vocab->text = calloc(pieces, PIECE_MAX);
    if (l.text == NULL || l.hash == NULL || vocab->pieces == NULL || vocab->scores == NULL ||
        vocab->types == NULL || vocab->text == NULL)
        ls_error_set(err, "out of memory");
    else if (read_words(&l, text, size) != 0)
        ; /* err is set */
    else if (l.characters + VOCABULARY_MIN > pieces)
        ls_error_set(err, "vocabulary: %u pieces are too few for %u characters and %u others",
                     pieces, l.characters, VOCABULARY_MIN);
    else
        status = learn(&l, pieces, vocab);
    free(l.text);
    free(l.word);
    free(l.hash);
    return status;
}
