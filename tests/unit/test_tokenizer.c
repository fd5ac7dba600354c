/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Tokenizers on real vocabularies: texts against the definition in its plainest form
 * (SentencePiece) and 46 each against the ids that their own tokenizers give, the way back, what
 * ends a generation, streams of broken characters, special tokens, and a long text. Planted faults
 * (scores negated, merge rules swapped) must be noticed by both.
 */
#include "csrc/tokenizer/tokenizer.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

#include <string.h>

static const char separator[] = "\n__ggml_vocab_test__\n";

/* Decodes to a NUL-terminated text to be freed. */
static char *decode(struct host_test *t, const struct tokenizer *tok, const uint32_t *ids,
                    size_t count, size_t *size) {
    struct token_stream stream = token_stream_start();
    struct ls_error err = {""};
    char *text = calloc(count + 1, 256);
    const char *bytes;
    size_t length;
    *size = 0;
    for (size_t i = 0; i < count; i++) {
        int status = token_stream_put(tok, &stream, ids[i], &bytes, &length, &err);
        CHECK(t, status == 0, "%s", err.text);
        memcpy(text + *size, bytes, length);
        *size += length;
    }
    token_stream_finish(&stream, &bytes, &length);
    memcpy(text + *size, bytes, length);
    *size += length;
    return text;
}

/* Number of texts whose ids differ from the vectors. */
static unsigned vectors_differ(struct host_test *t, const struct tokenizer *tok, const char *file,
                               unsigned *texts) {
    size_t in_size, out_size;
    char name[64];
    snprintf(name, sizeof name, "%s.inp", file);
    char *in = host_read(host_shared(name).text, &in_size);
    snprintf(name, sizeof name, "%s.out", file);
    char *out = host_read(host_shared(name).text, &out_size);
    unsigned differ = 0;
    char *text = in, *line = out;
    *texts = 0;
    for (char *end; (end = memmem(text, (size_t)(in + in_size - text), separator,
                                  sizeof separator - 1)) != NULL;
         text = end + sizeof separator - 1) {
        struct ls_error err;
        uint32_t *ids;
        size_t count, decoded_size;
        if (tokenizer_encode(tok, text, (size_t)(end - text), 0, &ids, &count, &err) != 0) {
            CHECK(t, false, "%s", err.text);
            break;
        }
        char *line_end = strchr(line, '\n');
        bool same = line_end != NULL;
        char *number = line;
        for (size_t i = 0; i < count && same; i++)
            same = strtoul(number, &number, 10) == ids[i] && number <= line_end;
        while (same && number < line_end && *number == ' ')
            number++;
        same = same && number == line_end;
        differ += !same;
        char *decoded = decode(t, tok, ids, count, &decoded_size);
        CHECK(t, decoded_size == (size_t)(end - text) && memcmp(decoded, text, decoded_size) == 0,
              "text %u comes back as '%s'", *texts, decoded);
        free(decoded);
        free(ids);
        ++*texts;
        if (line_end == NULL)
            break;
        line = line_end + 1;
    }
    free(in);
    free(out);
    return differ;
}

struct vocabulary_case {
    const char *file;
    uint32_t tokens;
    uint32_t ends[4]; /* of a generation, as llama.cpp derives them; 0 ends the list but in front */
};

static const struct vocabulary_case cases[] = {
    {"vocab/ggml-vocab-llama-spm.gguf", 32000, {2}},
    {"vocab/ggml-vocab-gpt-2.gguf", 50257, {50256}},
    {"vocab/ggml-vocab-llama-bpe.gguf", 128256, {128001, 128009}},
    {"vocab/ggml-vocab-qwen2.gguf", 151936, {151643, 151645, 128247}},
    {"vocab/ggml-vocab-starcoder.gguf", 49152, {0, 4}},
    {"vocab/ggml-vocab-deepseek-llm.gguf", 102400, {100001}},
    {"vocab/ggml-vocab-falcon.gguf", 65024, {11}}};

/* Negates the scores, or swaps merge rules that are equally long. */
static void plant_fault(struct host_test *t, const struct gguf *gguf, char *bytes) {
    struct gguf_array a;
    if (gguf_get_array(gguf, "tokenizer.ggml.scores", &a) == GGUF_FOUND) {
        for (uint64_t i = 0; i < a.count; i++)
            bytes[(a.data - (const uint8_t *)bytes) + (ptrdiff_t)(4 * i) + 3] ^= '\x80';
        return;
    }
    CHECK(t, gguf_get_array(gguf, "tokenizer.ggml.merges", &a) == GGUF_FOUND, "merges");
    struct gguf_string *rules = calloc(a.count, sizeof *rules);
    uint64_t offset = 0;
    for (uint64_t i = 0; i < a.count; i++)
        rules[i] = gguf_array_next_string(&a, &offset);
    for (uint64_t i = 0; i < a.count / 2; i++) {
        char *x = bytes + (rules[i].data - bytes),
             *y = bytes + (rules[a.count - 1 - i].data - bytes);
        for (uint64_t b = 0; rules[i].size == rules[a.count - 1 - i].size && b < rules[i].size;
             b++) {
            const char keep = x[b];
            x[b] = y[b];
            y[b] = keep;
        }
    }
    free(rules);
}

static void check_ends(struct host_test *t, const struct tokenizer *tok,
                       const struct vocabulary_case *c) {
    uint32_t ends[4] = {0, 0, 0, 0};
    size_t count = 1;
    while (count < 4 && c->ends[count] != 0)
        count++;
    CHECK(t, tokenizer_eog_ids(tok, ends, 4) == count, "%s: %zu ends, not %zu", c->file,
          tokenizer_eog_ids(tok, ends, 4), count);
    CHECK(t, ends[0] == c->ends[0], "%s: %u first", c->file, ends[0]);
    for (size_t i = 0; i < count; i++)
        CHECK(t, tokenizer_is_eog(tok, c->ends[i]), "%s: %u is no end", c->file, c->ends[i]);
}

static void test_vectors(struct host_test *t, const struct vocabulary_case *c) {
    struct host_path path = host_shared(c->file);
    struct gguf *gguf;
    struct tokenizer *tok;
    struct ls_error err = {""};
    unsigned texts;
    size_t size;
    char *bytes = host_read(path.text, &size);
    for (int planted = 0; planted < 2; planted++) {
        CHECK(t, gguf_open_memory(path.text, bytes, size, &gguf, &err) == 0, "%s", err.text);
        if (planted)
            plant_fault(t, gguf, bytes);
        CHECK(t, tokenizer_open(gguf, &tok, &err) == 0, "%s", err.text);
        CHECK(t, tokenizer_vocab(tok) == c->tokens, "%u tokens", tokenizer_vocab(tok));
        check_ends(t, tok, c);
        unsigned differ = vectors_differ(t, tok, c->file, &texts);
        CHECK(t, texts == 46, "%s: %u texts", c->file, texts);
        CHECK(t, planted ? differ > 0 : differ == 0, "%s: planted %d: %u texts differ", c->file,
              planted, differ);
        tokenizer_close(tok);
        gguf_close(gguf);
    }
    free(bytes);
}

static void check_ids(struct host_test *t, const struct tokenizer *tok, const char *text,
                      unsigned flags, const uint32_t *expected, size_t expected_count) {
    uint32_t *ids;
    size_t count;
    struct ls_error err = {""};
    CHECK(t, tokenizer_encode(tok, text, strlen(text), flags, &ids, &count, &err) == 0, "%s",
          err.text);
    CHECK(t, count == expected_count && memcmp(ids, expected, count * sizeof *ids) == 0,
          "'%s' gives %zu ids, first %u", text, count, count > 0 ? ids[0] : 0);
    free(ids);
}

/* A character in pieces comes out whole; a broken one comes out in the end. */
static void test_stream(struct host_test *t, const struct tokenizer *tok) {
    struct token_stream stream = token_stream_start();
    struct ls_error err = {""};
    const char *bytes;
    size_t size;
    const unsigned char euro[] = {0xe2, 0x82, 0xac}, last[] = {0xf4, 0x8f, 0xbf, 0xbf};
    for (int i = 0; i < 3; i++) { /* byte tokens start at id 3 */
        CHECK(t, token_stream_put(tok, &stream, 3u + euro[i], &bytes, &size, &err) == 0, "%s",
              err.text);
        CHECK(t, i < 2 ? size == 0 : size == 3 && memcmp(bytes, euro, 3) == 0, "%zu bytes", size);
    }
    for (int i = 0; i < 4; i++) { /* the last code point */
        CHECK(t, token_stream_put(tok, &stream, 3u + last[i], &bytes, &size, &err) == 0, "%s",
              err.text);
        CHECK(t, i < 3 ? size == 0 : size == 4 && memcmp(bytes, last, 4) == 0, "%zu bytes", size);
    }
    CHECK(t, token_stream_put(tok, &stream, 3u + 0xf0u, &bytes, &size, &err) == 0 && size == 0,
          "%zu bytes", size);
    CHECK(t, token_stream_put(tok, &stream, 1, &bytes, &size, &err) == 0 && size == 0,
          "BOS gives %zu bytes", size);
    CHECK(t,
          token_stream_put(tok, &stream, 3u + 'a', &bytes, &size, &err) == 0 && size == 2 &&
              memcmp(bytes,
                     "\xf0"
                     "a",
                     2) == 0,
          "%zu bytes after a broken character", size);
    CHECK(t, token_stream_put(tok, &stream, 3u + 0xc3u, &bytes, &size, &err) == 0 && size == 0,
          "%zu bytes", size);
    token_stream_finish(&stream, &bytes, &size);
    CHECK(t, size == 1 && (unsigned char)bytes[0] == 0xc3, "%zu bytes at the end", size);
    const uint32_t none = tokenizer_vocab(tok);
    char name[32];
    snprintf(name, sizeof name, "token %u", none);
    CHECK(t, token_stream_put(tok, &stream, none, &bytes, &size, &err) != 0, "%s has text", name);
    CHECK(t, strstr(err.text, name) != NULL, "%s", err.text);
}

/* ---- the definition ---- */

enum { MOST = 1024 }; /* bytes of a text with its blanks written out */

struct vocabulary {
    uint32_t count;
    struct gguf_string *pieces;
    const uint8_t *scores; /* float32, perhaps unaligned */
};

static struct vocabulary vocabulary_of(struct host_test *t, const struct gguf *gguf) {
    struct gguf_array pieces, scores;
    uint64_t offset = 0;
    CHECK(t,
          gguf_get_array(gguf, "tokenizer.ggml.tokens", &pieces) == GGUF_FOUND &&
              gguf_get_array(gguf, "tokenizer.ggml.scores", &scores) == GGUF_FOUND,
          "no vocabulary");
    struct vocabulary v = {(uint32_t)pieces.count, NULL, scores.data};
    v.pieces = calloc(v.count, sizeof *v.pieces);
    for (uint32_t i = 0; i < v.count; i++)
        v.pieces[i] = gguf_array_next_string(&pieces, &offset);
    return v;
}

static uint32_t id_of(const struct vocabulary *v, const char *bytes, size_t size) {
    for (uint32_t i = 0; i < v->count; i++)
        if (v->pieces[i].size == size && memcmp(v->pieces[i].data, bytes, size) == 0)
            return i;
    return v->count;
}

static float score_of(const struct vocabulary *v, uint32_t id) {
    float score;
    memcpy(&score, v->scores + 4 * (size_t)id, sizeof score);
    return score;
}

/* A blank in front, blanks as U+2581; of all neighbours that are a piece together, those of the
 * best score, the first of them, become one, until there are none; what is no piece is told in
 * bytes. */
static size_t encode_plainly(const struct vocabulary *v, const char *text, uint32_t *ids) {
    char bytes[MOST];
    size_t begin[MOST + 1], symbols = 0, size = 0, count = 0;
    for (const char *c = text; c == text || c[-1] != '\0'; c++) {
        const char here = c == text ? ' ' : c[-1];
        if ((here & 0xc0) != 0x80)
            begin[symbols++] = size;
        if (here == ' ') {
            memcpy(bytes + size, "\xe2\x96\x81", 3);
            size += 3;
        } else {
            bytes[size++] = here;
        }
    }
    begin[symbols] = size;
    for (;;) {
        size_t best = symbols;
        float best_score = 0;
        for (size_t i = 0; i + 1 < symbols; i++) {
            const uint32_t id = id_of(v, bytes + begin[i], begin[i + 2] - begin[i]);
            if (id != v->count && (best == symbols || score_of(v, id) > best_score)) {
                best = i;
                best_score = score_of(v, id);
            }
        }
        if (best == symbols)
            break;
        memmove(&begin[best + 1], &begin[best + 2], (symbols - best - 1) * sizeof *begin);
        symbols--;
    }
    for (size_t i = 0; i < symbols; i++) {
        const uint32_t id = id_of(v, bytes + begin[i], begin[i + 1] - begin[i]);
        if (id != v->count)
            ids[count++] = id;
        for (size_t k = begin[i]; id == v->count && k < begin[i + 1]; k++) {
            char name[8];
            snprintf(name, sizeof name, "<0x%02X>", (unsigned char)bytes[k]);
            ids[count++] = id_of(v, name, 6);
        }
    }
    return count;
}

/* Texts of random pieces, characters and blanks: how many get other ids than by the definition. */
static unsigned definition_differs(struct host_test *t, const struct tokenizer *tok,
                                   const struct vocabulary *v) {
    static const char *const odd[] = {" ", "  ", "\n", "e", "\xc3\xa9", "\xe2\x82\xac", "1", "?"};
    unsigned differ = 0;
    uint64_t random = 1;
    for (int round = 0; round < 200; round++) {
        char text[MOST / 4] = "";
        uint32_t *ids, plain[MOST];
        size_t count, size;
        struct ls_error err = {""};
        for (unsigned parts = random_below(&random, 24); parts > 0; parts--) {
            const struct gguf_string piece = v->pieces[259 + random_below(&random, v->count - 259)];
            const char *other = odd[random_below(&random, sizeof odd / sizeof *odd)];
            if (random_below(&random, 4) == 0)
                strncat(text, other, sizeof text - 1 - strlen(text));
            else if (strlen(text) + piece.size < sizeof text)
                strncat(text, piece.data, (size_t)piece.size);
        }
        CHECK(t, tokenizer_encode(tok, text, strlen(text), 0, &ids, &count, &err) == 0, "%s",
              err.text);
        differ += *text != '\0' && (count != encode_plainly(v, text, plain) ||
                                    memcmp(ids, plain, count * sizeof *ids) != 0);
        char *back = decode(t, tok, ids, count, &size);
        CHECK(t, strstr(text, "\xe2\x96\x81") != NULL || strcmp(back, text) == 0,
              "'%s' comes back as '%s'", text, back);
        free(back);
        free(ids);
    }
    return differ;
}

static void test_definition(struct host_test *t) {
    size_t size;
    char *bytes = host_read(HOST_MODEL("Q4_0"), &size);
    struct gguf *right, *gguf;
    struct ls_error err = {""};
    CHECK(t, gguf_open(HOST_MODEL("Q4_0"), &right, &err) == 0, "%s", err.text);
    struct vocabulary v = vocabulary_of(t, right);
    for (int planted = 0; planted < 2; planted++) {
        struct tokenizer *tok;
        struct gguf_array scores;
        CHECK(t,
              gguf_open_memory("copy", bytes, size, &gguf, &err) == 0 &&
                  gguf_get_array(gguf, "tokenizer.ggml.scores", &scores) == GGUF_FOUND,
              "%s", err.text);
        for (uint64_t i = 0; planted && i < scores.count; i++)
            bytes[(scores.data - (const uint8_t *)bytes) + (ptrdiff_t)(4 * i) + 3] ^= '\x80';
        CHECK(t, tokenizer_open(gguf, &tok, &err) == 0, "%s", err.text);
        const unsigned differ = definition_differs(t, tok, &v);
        CHECK(t, planted ? differ > 0 : differ == 0, "planted %d: %u texts differ", planted,
              differ);
        tokenizer_close(tok);
        gguf_close(gguf);
    }
    free(v.pieces);
    free(bytes);
    gguf_close(right);
}

/* ---- the interface, on a vocabulary in which "a" is an id with a blank ---- */

static void test_interface(struct host_test *t, const char *model, const uint32_t *prompt,
                           size_t prompt_count) {
    static const char text[] = "Once upon a time, there was a little girl named";
    struct gguf *gguf;
    struct tokenizer *tok;
    struct ls_error err = {""};
    uint32_t eog[4];
    CHECK(t, gguf_open(model, &gguf, &err) == 0, "%s", err.text);
    CHECK(t, tokenizer_open(gguf, &tok, &err) == 0, "%s", err.text);
    struct vocabulary v = vocabulary_of(t, gguf);
    const uint32_t a = id_of(&v,
                             "\xe2\x96\x81"
                             "a",
                             4);
    check_ids(t, tok, text, TOKENIZER_ADD_BOS, prompt, prompt_count);
    check_ids(t, tok, text, 0, prompt + 1, prompt_count - 1);
    check_ids(t, tok, "", TOKENIZER_ADD_BOS, prompt, 1);
    check_ids(t, tok, "", 0, prompt, 0);
    CHECK(t, tokenizer_eog_ids(tok, eog, 4) == 1 && eog[0] == 2, "eog %u", eog[0]);
    CHECK(t, tokenizer_is_eog(tok, 2) && !tokenizer_is_eog(tok, 1), "eog");

    /* "</s>" is text unless special tokens are asked for. */
    uint32_t *ids;
    size_t count, size;
    CHECK(t, tokenizer_encode(tok, "a</s>b", 6, 0, &ids, &count, &err) == 0, "%s", err.text);
    for (size_t i = 0; i < count; i++)
        CHECK(t, ids[i] > 2, "id %u from plain text", ids[i]);
    free(ids);
    CHECK(t, tokenizer_encode(tok, "a</s>b", 6, TOKENIZER_PARSE_SPECIAL, &ids, &count, &err) == 0,
          "%s", err.text);
    CHECK(t, count == 3 && ids[1] == 2 && ids[0] == a, "%zu ids", count);
    free(ids);

    test_stream(t, tok);

    /* A megabyte comes back, however often it repeats. */
    size_t long_size = (size_t)1 << 20;
    char *long_text = malloc(long_size);
    for (size_t i = 0; i < long_size; i++)
        long_text[i] = text[i % (sizeof text - 1)];
    CHECK(t, tokenizer_encode(tok, long_text, long_size, 0, &ids, &count, &err) == 0, "%s",
          err.text);
    char *back = decode(t, tok, ids, count, &size);
    CHECK(t, size == long_size && memcmp(back, long_text, size) == 0, "%zu bytes back", size);
    free(back);
    free(ids);
    free(long_text);
    free(v.pieces);
    tokenizer_close(tok);
    gguf_close(gguf);
}

static void test_shipped(struct host_test *t) {
    static const char text[] = "Once upon a time, there was a little girl named";
    struct gguf *gguf;
    struct ls_error err = {""};
    uint32_t ids[MOST] = {1};
    CHECK(t, gguf_open(HOST_MODEL("Q8_0"), &gguf, &err) == 0, "%s", err.text);
    struct vocabulary v = vocabulary_of(t, gguf);
    const size_t count = encode_plainly(&v, text, ids + 1);
    free(v.pieces);
    gguf_close(gguf);
    test_interface(t, HOST_MODEL("Q8_0"), ids, count + 1);
}

static void test_stories260k(struct host_test *t) {
    static const uint32_t prompt[] = {1,   403, 407, 261, 378, 432, 383,
                                      286, 261, 376, 298, 315, 421, 395};
    test_interface(t, host_shared("models/stories260K.gguf").text, prompt, 14);
}

int main(void) {
    struct host_test t = {"tokenizer", 0, 0};
    test_definition(&t);
    test_shipped(&t);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (host_shared_has(&t, "ids of its own tokenizer", cases[i].file))
            test_vectors(&t, &cases[i]);
    if (host_shared_has(&t, "ids of stories260K", "models/stories260K.gguf"))
        test_stories260k(&t);
    return host_test_finish(&t);
}
