/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * libFuzzer: any bytes as a GGUF with a vocabulary. It is refused with one line
 * or opens, and then encodes and decodes within bounds. Begins with sound files
 * of both kinds, which it writes into build/fuzz/vocabulary.
 */
#include "tests/kit/vocab_file.h"

#include <sys/stat.h>

#define FOLDER "build/fuzz/vocabulary/"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_seed(struct vocab_file *v, const char *path) {
    struct ls_error err;
    struct gguf *g = vocab_write(v, path, &err);
    if (g == NULL) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    gguf_close(g);
    vocab_free(v);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    struct vocab_file v;
    mkdir("build/fuzz", 0777);
    mkdir(FOLDER, 0777);
    vocab_bpe(&v, "gpt-2");
    vocab_merge(&v, "t", "h");
    vocab_merge(&v, "th", "e");
    vocab_add(&v, "<|im_end|>", TOKEN_CONTROL, 0);
    vocab_add(&v, "<u>", TOKEN_USER_DEFINED, 0);
    v.bos = v.eos = 258;
    v.add_bos = v.add_eos = 1;
    write_seed(&v, FOLDER "bpe");
    vocab_spm(&v);
    vocab_add(&v, "\xe2\x96\x81", TOKEN_NORMAL, -3);
    vocab_add(&v, "\xe2\x96\x81the", TOKEN_NORMAL, -1);
    vocab_add(&v, "th", TOKEN_NORMAL, -2);
    vocab_add(&v, "<u>", TOKEN_USER_DEFINED, 0);
    v.name = "phi-3";
    v.add_bos = v.add_space = v.remove_spaces = 1;
    write_seed(&v, FOLDER "spm");
    for (int bpe = 0; bpe < 2; bpe++) { /* small ones, whose every byte is soon changed */
        vocab_spm(&v);
        vocab_free(&v);
        v.model = bpe ? "gpt2" : "llama";
        v.tokens = v.merges = NULL;
        v.types = NULL;
        v.scores = NULL;
        v.count = 0;
        vocab_add(&v, "t", TOKEN_NORMAL, -3);
        vocab_add(&v, "h", TOKEN_NORMAL, -4);
        vocab_add(&v, "e", TOKEN_USER_DEFINED, -5);
        vocab_add(&v, "<0x0A>", TOKEN_BYTE, 0);
        vocab_merge(&v, "t", "h");
        v.unknown = 1;
        v.name = "phi3";
        write_seed(&v, bpe ? FOLDER "bpe_small" : FOLDER "spm_small");
    }
    return 0;
}

static void check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "fuzz_vocabulary: %s\n", what);
        abort();
    }
}

static void use(const struct tokenizer *t) {
    static const char text[] = " the  <u> th<|im_end|>\n\xff\xf0\x9f\x99\x82<s>e";
    uint32_t *ids, ends[4];
    size_t count, size;
    const char *bytes;
    struct ls_error err = {""};
    struct token_stream stream = token_stream_start();
    const unsigned flags = TOKENIZER_ADD_BOS | TOKENIZER_ADD_EOS | TOKENIZER_PARSE_SPECIAL;
    tokenizer_eog_ids(t, ends, 4);
    if (tokenizer_encode(t, text, sizeof text - 1, flags, &ids, &count, &err) != 0) {
        check(ids == NULL && err.text[0] != '\0' && strchr(err.text, '\n') == NULL, "no line");
        return;
    }
    for (size_t i = 0; i < count; i++)
        check(token_stream_put(t, &stream, ids[i], &bytes, &size, &err) == 0, "an id is unknown");
    token_stream_finish(&stream, &bytes, &size);
    free(ids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct gguf *g;
    struct tokenizer *t;
    struct ls_error err = {""};
    if (gguf_open_memory("fuzz", data, size, &g, &err) != 0) {
        check(err.text[0] != '\0' && strchr(err.text, '\n') == NULL, "no line from gguf_open");
        return 0;
    }
    if (tokenizer_open(g, &t, &err) == 0)
        use(t);
    else
        check(t == NULL && err.text[0] != '\0', "no line from tokenizer_open");
    tokenizer_close(t);
    gguf_close(g);
    return 0;
}
