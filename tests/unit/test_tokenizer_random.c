/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Random texts on vocabularies trained here: the ids against slow oracles that
 * merge strings one by one, the way back for any bytes, streams that never
 * split a character; megabytes of one kind; a vocabulary of Gemma's size. A
 * planted fault (two rules swapped in the oracle) must be noticed.
 */
#include "csrc/base/utf8.h"
#include "csrc/tokenizer/pretokenizer.h"
#include "csrc/tokenizer/tokenizer.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"
#include "tests/kit/vocab_file.h"

#include <time.h>

#define FILE_NAME "build/tests/tokenizer_random/odd.gguf"
#define RULES     400
#define TEXT_MAX  120
#define LOW       "\xe2\x96\x81"

static uint32_t roll(uint64_t *state, uint32_t below) {
    return random_below(state, below);
}

/* A text of what is easy to get wrong; `valid` leaves out bytes that are no UTF-8. */
static size_t random_text(uint64_t *state, bool valid, char *text) {
    static const char *const parts[] = {
        "the", "a",    "tha", "ana", "ban", " ",  "  ", "\n", "é",        "日", "\xf0\x9f\x99\x82",
        "<u>", "t",    "\t",  "1",   "23",  "'s", ".",  "!?", "\xc2\xa0", "e",  "he",
        "n",   "<|x|>"};
    const uint32_t want = 1 + roll(state, TEXT_MAX - 8);
    size_t size = 0;
    while (size < want) {
        if (roll(state, 8) == 0 && !valid) {
            text[size++] = (char)roll(state, 256);
        } else {
            const char *part = parts[roll(state, sizeof parts / sizeof parts[0])];
            memcpy(text + size, part, strlen(part));
            size += strlen(part);
        }
    }
    return size;
}

/* ---- training: the most frequent pair becomes a rule, again and again ---- */

struct piece {
    char text[64];
    size_t size;
};

static void train(struct vocab_file *v) {
    static struct piece pieces[1500];
    static struct {
        uint32_t left, right, count;
    } pairs[1500];
    uint64_t state = 5;
    size_t count = 0;
    for (int line = 0; line < 100; line++) {
        char text[TEXT_MAX];
        const size_t size = random_text(&state, true, text);
        for (size_t i = 0; i < size && count < 1500; i++) {
            pieces[count].size = vocab_byte_char((unsigned char)text[i], pieces[count].text);
            pieces[count].text[pieces[count].size] = '\0';
            count++;
        }
    }
    for (int rule = 0; rule < RULES; rule++) {
        size_t kinds = 0, best = 0;
        for (size_t i = 0; i + 1 < count; i++) {
            size_t k = 0;
            if (pieces[i].size + pieces[i + 1].size >= 40)
                continue;
            while (k < kinds && (strcmp(pieces[pairs[k].left].text, pieces[i].text) != 0 ||
                                 strcmp(pieces[pairs[k].right].text, pieces[i + 1].text) != 0))
                k++;
            if (k == kinds) {
                pairs[kinds].left = (uint32_t)i;
                pairs[kinds].right = (uint32_t)i + 1;
                pairs[kinds++].count = 0;
            }
            if (++pairs[k].count > pairs[best].count)
                best = k;
        }
        const struct piece left = pieces[pairs[best].left], right = pieces[pairs[best].right];
        char whole[160];
        snprintf(whole, sizeof whole, "%s%s", left.text, right.text);
        bool known = false; /* two pairs may have the same whole */
        for (uint64_t i = 0; i < v->count; i++)
            known = known || strcmp(v->tokens[i].data, whole) == 0;
        vocab_merge(v, left.text, right.text);
        v->count -= known;
        size_t kept = 0;
        for (size_t i = 0; i < count; i++) {
            pieces[kept] = pieces[i];
            if (i + 1 < count && strcmp(pieces[i].text, left.text) == 0 &&
                strcmp(pieces[i + 1].text, right.text) == 0) {
                strcpy(pieces[kept].text, whole);
                pieces[kept].size = strlen(whole);
                i++;
            }
            kept++;
        }
        count = kept;
    }
}

/* ---- oracles ---- */

/* The rule that joins two texts, or RULES. */
static uint64_t rule_of(const struct vocab_file *v, const char *left, const char *right) {
    char text[160];
    snprintf(text, sizeof text, "%s %s", left, right);
    uint64_t rule = 0;
    while (rule < v->merge_count && strcmp(v->merges[rule].data, text) != 0)
        rule++;
    return rule;
}

static uint32_t id_of(const struct vocab_file *v, const char *text) {
    uint32_t id = 0;
    while (id < v->count && strcmp(v->tokens[id].data, text) != 0)
        id++;
    return id;
}

/* The text's pieces, merged one at a time: the best pair, leftmost among equals. Byte-level BPE
 * goes by rules, SentencePiece by the score of the whole. */
static size_t merge_slowly(const struct vocab_file *v, struct piece *pieces, size_t count) {
    const bool bpe = strcmp(v->model, "gpt2") == 0;
    for (;;) {
        size_t best = count;
        double best_rank = 1e9;
        for (size_t i = 0; i + 1 < count; i++) {
            char whole[160];
            snprintf(whole, sizeof whole, "%s%s", pieces[i].text, pieces[i + 1].text);
            const uint32_t id = bpe ? 0 : id_of(v, whole);
            double rank = 1e9;
            if (bpe && rule_of(v, pieces[i].text, pieces[i + 1].text) < v->merge_count)
                rank = (double)rule_of(v, pieces[i].text, pieces[i + 1].text);
            if (!bpe && id < v->count && v->types[id] == TOKEN_NORMAL)
                rank = -(double)v->scores[id];
            if (rank < best_rank) {
                best_rank = rank;
                best = i;
            }
        }
        if (best == count)
            return count;
        const struct piece right = pieces[best + 1];
        strcat(pieces[best].text, right.text);
        memmove(&pieces[best + 1], &pieces[best + 2], (count - best - 2) * sizeof *pieces);
        count--;
    }
}

static size_t oracle_bpe(const struct vocab_file *v, const struct pretokenizer *p, const char *text,
                         size_t size, uint32_t *ids) {
    uint32_t *ends, start = 0;
    size_t words, count = 0;
    if (pretokenizer_split(p, text, (uint32_t)size, &ends, &words, NULL) != 0)
        return 0;
    for (size_t w = 0; w < words; start = ends[w++]) {
        struct piece pieces[TEXT_MAX];
        const size_t bytes = ends[w] - start;
        for (size_t i = 0; i < bytes; i++)
            pieces[i].text[vocab_byte_char((unsigned char)text[start + i], pieces[i].text)] = '\0';
        const size_t merged = merge_slowly(v, pieces, bytes);
        for (size_t i = 0; i < merged; i++)
            ids[count++] = id_of(v, pieces[i].text);
    }
    free(ends);
    return count;
}

static size_t oracle_spm(const struct vocab_file *v, const char *text, size_t size, uint32_t *ids) {
    struct piece pieces[TEXT_MAX + 1];
    size_t count = 0, ids_count = 0;
    strcpy(pieces[count++].text, LOW);
    for (size_t at = 0, n; at < size; at += n) {
        n = utf8_size(text + at, size - at);
        n += n == 0;
        snprintf(pieces[count].text, 8, "%.*s", (int)n, text + at);
        if (text[at] == ' ')
            strcpy(pieces[count].text, LOW);
        count++;
    }
    count = merge_slowly(v, pieces, count);
    for (size_t i = 0; i < count; i++) {
        const uint32_t id = id_of(v, pieces[i].text);
        for (const char *c = pieces[i].text; id == v->count && *c != '\0'; c++)
            ids[ids_count++] = 3u + (unsigned char)*c;
        if (id < v->count)
            ids[ids_count++] = id;
    }
    return ids_count;
}

/* ---- texts ---- */

/* Decodes and compares; counts pieces that are no whole characters. */
static bool comes_back(const struct tokenizer *tok, const uint32_t *ids, size_t count,
                       const char *text, size_t size, size_t *split) {
    struct token_stream stream = token_stream_start();
    const char *bytes;
    size_t got, used = 0;
    bool same = true;
    for (size_t i = 0; i <= count; i++) {
        if (i == count)
            token_stream_finish(&stream, &bytes, &got);
        else if (token_stream_put(tok, &stream, ids[i], &bytes, &got, NULL) != 0)
            return false;
        same = same && got <= size - used && memcmp(text + used, bytes, got) == 0;
        *split += utf8_sound(bytes, got) != got;
        used += same ? got : 0;
    }
    return same && used == size;
}

static unsigned run_texts(struct host_test *t, struct vocab_file *v, const struct tokenizer *tok,
                          const struct pretokenizer *p, unsigned texts) {
    uint64_t state = 11;
    unsigned differ = 0;
    for (unsigned i = 0; i < texts; i++) {
        char text[TEXT_MAX + 8];
        uint32_t *ids, expected[4 * TEXT_MAX];
        size_t count, split = 0;
        struct ls_error err = {""};
        const bool valid = i % 2 == 0;
        size_t size = random_text(&state, valid, text);
        if (p == NULL) /* the oracle's strings end at a NUL */
            for (size_t k = 0; k < size; k++)
                text[k] = text[k] == '\0' ? 'n' : text[k];
        CHECK(t, tokenizer_encode(tok, text, size, 0, &ids, &count, &err) == 0, "%s", err.text);
        const size_t want = p != NULL ? oracle_bpe(v, p, text, size, expected)
                                      : oracle_spm(v, text, size, expected);
        differ += count != want || memcmp(ids, expected, count * sizeof *ids) != 0;
        CHECK(t, comes_back(tok, ids, count, text, size, &split), "text %u: '%.*s'", i, (int)size,
              text);
        CHECK(t, !valid || split == 0, "text %u: %zu pieces split a character", i, split);
        free(ids);
    }
    return differ;
}

static void swap_rules(struct vocab_file *v) {
    for (uint64_t i = 0; i < v->merge_count / 2; i++) {
        const struct gguf_string keep = v->merges[i];
        v->merges[i] = v->merges[v->merge_count - 1 - i];
        v->merges[v->merge_count - 1 - i] = keep;
    }
    for (uint64_t i = 0; i < v->count; i++)
        v->scores[i] = -v->scores[i];
}

/* A megabyte of each; a quadratic step would take hours. */
static void run_long(struct host_test *t, const struct tokenizer *tok) {
    static const char *const units[] = {
        "a", " ", "ban", "\n", "7", "<u>", " the<u> ", "\xf0\x9f\x99\x82", "\xff"};
    const size_t size = (size_t)1 << 20;
    char *text = malloc(size + 16);
    for (size_t k = 0; k < sizeof units / sizeof units[0]; k++) {
        uint32_t *ids;
        size_t count, used = 0, split = 0;
        struct ls_error err = {""};
        for (const size_t n = strlen(units[k]); used < size; used += n)
            memcpy(text + used, units[k], n);
        CHECK(t,
              tokenizer_encode(tok, text, used, TOKENIZER_PARSE_SPECIAL, &ids, &count, &err) == 0,
              "%s", err.text);
        CHECK(t, comes_back(tok, ids, count, text, used, &split), "a megabyte of '%s'", units[k]);
        free(ids);
    }
    free(text);
}

static void test_bpe(struct host_test *t, const char *pre, bool long_texts) {
    struct vocab_file v;
    struct pretokenizer *p;
    struct tokenizer *tok = NULL;
    struct ls_error err = {""};
    vocab_bpe(&v, pre);
    train(&v);
    struct gguf *g = vocab_write(&v, FILE_NAME, &err);
    CHECK(t,
          g != NULL && tokenizer_open(g, &tok, &err) == 0 &&
              pretokenizer_open("x", (struct gguf_string){pre, strlen(pre)}, &p, &err) == 0,
          "%s", err.text);
    if (tok == NULL)
        return;
    const unsigned differ = run_texts(t, &v, tok, p, 100);
    CHECK(t, differ == 0, "%s: %u texts differ", pre, differ);
    if (long_texts)
        run_long(t, tok);
    swap_rules(&v);
    CHECK(t, run_texts(t, &v, tok, p, 20) > 0, "%s: swapped rules are not noticed", pre);
    tokenizer_close(tok);
    gguf_close(g);
    pretokenizer_close(p);
    vocab_free(&v);
}

static void test_spm(struct host_test *t) {
    static const char *const pieces[] = {
        LOW,   "a",  "t",  "h",   "e",   "n",    "b",       "é",     "日",    ".",   "th", "he",
        "the", "an", "na", "ana", "ban", "bana", LOW "the", LOW "a", LOW LOW, "é日", "\n", "1"};
    struct vocab_file v;
    struct tokenizer *tok = NULL;
    struct ls_error err = {""};
    vocab_spm(&v);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        vocab_add(&v, pieces[i], TOKEN_NORMAL, (float)((i * 7) % 16) - 20); /* with equals */
    struct gguf *g = vocab_write(&v, FILE_NAME, &err);
    CHECK(t, g != NULL && tokenizer_open(g, &tok, &err) == 0, "%s", err.text);
    if (tok == NULL)
        return;
    const unsigned differ = run_texts(t, &v, tok, NULL, 200);
    CHECK(t, differ == 0, "SentencePiece: %u texts differ", differ);
    run_long(t, tok);
    swap_rules(&v);
    CHECK(t, run_texts(t, &v, tok, NULL, 20) > 0, "turned scores are not noticed");
    tokenizer_close(tok);
    gguf_close(g);
    vocab_free(&v);
}

/* As many pieces as Gemma 3 has. Says how long it took; nothing depends on it. */
static void test_large(struct host_test *t) {
    struct vocab_file v;
    struct tokenizer *tok = NULL;
    struct ls_error err = {""};
    vocab_spm(&v);
    vocab_add(&v, LOW, TOKEN_NORMAL, -1);
    while (v.count < 262144) {
        char piece[16];
        uint64_t n = v.count * UINT64_C(2654435761) % (UINT64_C(1) << 32);
        int used = 0;
        for (; n > 0; n /= 26)
            piece[used++] = (char)('a' + n % 26);
        piece[used] = '\0';
        vocab_add(&v, piece, v.count < 6500 ? TOKEN_USER_DEFINED : TOKEN_NORMAL, -(float)v.count);
    }
    struct gguf *g = vocab_write(&v, FILE_NAME, &err);
    CHECK(t, g != NULL, "%s", err.text);
    const clock_t start = clock();
    CHECK(t, g != NULL && tokenizer_open(g, &tok, &err) == 0, "%s", err.text);
    printf("tokenizer_random: %u pieces open in %.0f ms of processor time\n",
           tok != NULL ? tokenizer_vocab(tok) : 0,
           1e3 * (double)(clock() - start) / CLOCKS_PER_SEC);
    uint32_t *ids;
    size_t count;
    for (uint32_t id = 300; tok != NULL && id < 262144; id += 26184) {
        CHECK(t,
              tokenizer_encode(tok, v.tokens[id].data, v.tokens[id].size, 0, &ids, &count, &err) ==
                  0,
              "%s", err.text);
        CHECK(t, id >= 6500 || (count == 1 && ids[0] == id), "token %u", id);
        free(ids);
    }
    tokenizer_close(tok);
    gguf_close(g);
    vocab_free(&v);
}

int main(void) {
    struct host_test t = {"tokenizer_random", 0, 0};
    host_folder(&t);
    test_bpe(&t, "gpt-2", true);
    test_bpe(&t, "qwen2", false);
    test_bpe(&t, "default", false);
    test_spm(&t);
    test_large(&t);
    remove(FILE_NAME);
    return host_test_finish(&t);
}
