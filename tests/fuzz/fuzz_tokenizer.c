/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * libFuzzer: any text. The first byte chooses the tokenizer, the second the
 * flags; the rest is encoded, decoded and must come back; pieces of a sound
 * text are whole characters.
 */
#include "csrc/base/utf8.h"
#include "tests/kit/vocab_file.h"

#include <sys/stat.h>

#define FILE_NAME "build/fuzz/tokenizer.gguf"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const pres[] = {"gpt-2",       "llama-bpe", "qwen2", "tekken", "deepseek-llm",
                                   "deepseek-v3", "default",   NULL}; /* NULL: SentencePiece */
#define TOKENIZERS (sizeof pres / sizeof pres[0])
static struct gguf *files[TOKENIZERS]; /* under the tokenizers, to the end */
static struct tokenizer *tokenizers[TOKENIZERS];

static void check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "fuzz_tokenizer: %s\n", what);
        abort();
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    static const char *const joined[] = {
        "t",        "h",   "th",       "e",        "a",        "a",        "aa",       "aa",
        "1",        "2",   "\xc4\xa0", "\xc4\xa0", "\xc4\x8a", "\xc4\x8a", "\xc3\x83", "\xc2\xa9",
        "\xc4\xa0", "the", "\xc4\xa0", "a",        "'",        "s"};
    static const char *const pieces[] = {"\xe2\x96\x81",
                                         "a",
                                         "t",
                                         "h",
                                         "e",
                                         "th",
                                         "he",
                                         "the",
                                         "aa",
                                         "\xe2\x96\x81the",
                                         "\xe2\x96\x81\xe2\x96\x81",
                                         "é",
                                         "\n",
                                         "s>"};
    (void)argc;
    (void)argv;
    mkdir("build/fuzz", 0777);
    for (size_t k = 0; k < TOKENIZERS; k++) {
        struct vocab_file v;
        struct ls_error err = {""};
        if (pres[k] != NULL)
            vocab_bpe(&v, pres[k]);
        else
            vocab_spm(&v);
        for (size_t i = 0; i < sizeof joined / sizeof joined[0] && pres[k] != NULL; i += 2)
            vocab_merge(&v, joined[i], joined[i + 1]);
        for (size_t i = 0; i < sizeof pieces / sizeof pieces[0] && pres[k] == NULL; i++)
            vocab_add(&v, pieces[i], TOKEN_NORMAL, -(float)((i * 5) % 7));
        vocab_add(&v, "<u>", TOKEN_USER_DEFINED, 0);
        vocab_add(&v, "<u", TOKEN_USER_DEFINED, 0);
        vocab_add(&v, "a<u><", TOKEN_USER_DEFINED, 0);
        vocab_add(&v, "<|im_end|>", TOKEN_CONTROL, 0);
        files[k] = vocab_write(&v, FILE_NAME, &err);
        check(files[k] != NULL && tokenizer_open(files[k], &tokenizers[k], &err) == 0, err.text);
        vocab_free(&v);
    }
    remove(FILE_NAME);
    return 0;
}

/* U+2581 comes back as a space. */
static bool has_low_block(const char *text, size_t size) {
    return memmem(text, size, "\xe2\x96\x81", 3) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    const size_t k = data[0] % TOKENIZERS;
    const unsigned flags = data[1] % 8;
    const char *text = (const char *)data + 2, *bytes;
    uint32_t *ids;
    size_t count, got, used = 0;
    struct ls_error err = {""};
    struct token_stream stream = token_stream_start();
    size -= 2;
    const bool sound = utf8_sound(text, size) == size;
    const bool returns =
        (flags & TOKENIZER_PARSE_SPECIAL) == 0 && (pres[k] != NULL || !has_low_block(text, size));
    check(tokenizer_encode(tokenizers[k], text, size, flags, &ids, &count, &err) == 0, err.text);
    for (size_t i = 0; i <= count; i++) {
        if (i == count)
            token_stream_finish(&stream, &bytes, &got);
        else
            check(token_stream_put(tokenizers[k], &stream, ids[i], &bytes, &got, &err) == 0,
                  err.text);
        check(!sound || utf8_sound(bytes, got) == got, "a piece splits a character");
        check(!returns || (got <= size - used && memcmp(text + used, bytes, got) == 0),
              "other bytes come back");
        used += got;
    }
    check(!returns || used == size, "the text does not come back whole");
    free(ids);
    return 0;
}
