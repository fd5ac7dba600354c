/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * SentencePiece tokenizer: 46 texts against the ids that llama.cpp gives, the
 * way back, streams of broken characters, special tokens, and a long text. A
 * planted fault (scores negated) must be noticed by the vectors.
 */
#include "csrc/tokenizer/tokenizer.h"
#include "tests/kit/host_test.h"

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
static unsigned vectors_differ(struct host_test *t, const struct tokenizer *tok, unsigned *texts) {
    size_t in_size, out_size;
    char *in = host_read(host_shared("vocab/ggml-vocab-llama-spm.gguf.inp").text, &in_size);
    char *out = host_read(host_shared("vocab/ggml-vocab-llama-spm.gguf.out").text, &out_size);
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

static void test_vectors(struct host_test *t) {
    struct host_path path = host_shared("vocab/ggml-vocab-llama-spm.gguf");
    struct gguf *gguf;
    struct tokenizer *tok;
    struct ls_error err = {""};
    unsigned texts;
    size_t size;
    char *bytes = host_read(path.text, &size);
    for (int planted = 0; planted < 2; planted++) {
        CHECK(t, gguf_open_memory(path.text, bytes, size, &gguf, &err) == 0, "%s", err.text);
        struct gguf_array scores;
        CHECK(t, gguf_get_array(gguf, "tokenizer.ggml.scores", &scores) == GGUF_FOUND, "scores");
        for (uint64_t i = 0; planted && i < scores.count; i++)
            bytes[(scores.data - (const uint8_t *)bytes) + (ptrdiff_t)(4 * i) + 3] ^= '\x80';
        CHECK(t, tokenizer_open(gguf, &tok, &err) == 0, "%s", err.text);
        CHECK(t, tokenizer_vocab(tok) == 32000, "%u tokens", tokenizer_vocab(tok));
        unsigned differ = vectors_differ(t, tok, &texts);
        CHECK(t, texts == 46, "%u texts", texts);
        CHECK(t, planted ? differ > 0 : differ == 0, "planted %d: %u texts differ", planted,
              differ);
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
    const unsigned char euro[] = {0xe2, 0x82, 0xac};
    for (int i = 0; i < 3; i++) { /* byte tokens start at id 3 */
        CHECK(t, token_stream_put(tok, &stream, 3u + euro[i], &bytes, &size, &err) == 0, "%s",
              err.text);
        CHECK(t, i < 2 ? size == 0 : size == 3 && memcmp(bytes, euro, 3) == 0, "%zu bytes", size);
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
    CHECK(t, token_stream_put(tok, &stream, 512, &bytes, &size, &err) != 0, "id 512 has text");
    CHECK(t, strstr(err.text, "token 512") != NULL, "%s", err.text);
}

static void test_stories(struct host_test *t) {
    static const uint32_t prompt[] = {1,   403, 407, 261, 378, 432, 383,
                                      286, 261, 376, 298, 315, 421, 395};
    static const char text[] = "Once upon a time, there was a little girl named";
    struct gguf *gguf;
    struct tokenizer *tok;
    struct ls_error err = {""};
    uint32_t eog[4];
    CHECK(t, gguf_open(host_shared("models/stories260K.gguf").text, &gguf, &err) == 0, "%s",
          err.text);
    CHECK(t, tokenizer_open(gguf, &tok, &err) == 0, "%s", err.text);
    check_ids(t, tok, text, TOKENIZER_ADD_BOS, prompt, 14);
    check_ids(t, tok, text, 0, prompt + 1, 13);
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
    CHECK(t, count == 3 && ids[1] == 2 && ids[0] == 261, "%zu ids", count);
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
    tokenizer_close(tok);
    gguf_close(gguf);
}

/* Vocabularies of another kind are refused with a line that says so. */
static void test_refusals(struct host_test *t) {
    static const char *const files[] = {"vocab/ggml-vocab-gpt-2.gguf",
                                        "vocab/ggml-vocab-llama-bpe.gguf",
                                        "vocab/ggml-vocab-qwen2.gguf"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct gguf *gguf;
        struct tokenizer *tok;
        struct ls_error err = {""};
        CHECK(t, gguf_open(host_shared(files[i]).text, &gguf, &err) == 0, "%s", err.text);
        CHECK(t, tokenizer_open(gguf, &tok, &err) != 0 && tok == NULL, "%s opens", files[i]);
        CHECK(t, strstr(err.text, "tokenizer.ggml.model: gpt2 is not supported") != NULL, "%s",
              err.text);
        gguf_close(gguf);
    }
}

int main(void) {
    struct host_test t = {"tokenizer", 0, 0};
    if (!host_shared_exists(t.name))
        return HOST_TEST_SKIP;
    test_vectors(&t);
    test_stories(&t);
    test_refusals(&t);
    return host_test_finish(&t);
}
