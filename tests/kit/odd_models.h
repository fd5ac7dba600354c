/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Models with something odd in them: made by `gguf make` or here, then altered byte by byte.
 *
 *     odd_make("build/tests/odd.gguf", "F16", "--layers", "1");
 *     struct odd_file f = odd_open("build/tests/odd.gguf");
 *     memcpy(odd_row(&f, f.model->layer[0].tensor[ROLE_FFN_UP], 3), "\x00\x7e", 2);
 *     odd_write(&f, "build/tests/odd.gguf");
 *     odd_close(&f);
 */
#ifndef ODD_MODELS_H
#define ODD_MODELS_H

#include "child.h"
#include "csrc/model/model.h"
#include "csrc/tokenizer/tokenizer.h"
#include "gguf_tools/convert/model_shape.h"
#include "gguf_tools/convert/vocabulary.h"
#include "host_test.h"
#include "tests/kit/random.h"

/* build/gguf with these arguments, ended by NULL; exits if it fails. */
static inline void odd_gguf(const char *const *args) {
    struct child c;
    child_start(&c, "build/gguf", args, false);
    child_wait(&c);
    if (c.status != 0) {
        printf("FAIL: gguf %s: %s\n", args[0], c.err);
        exit(1);
    }
    child_close(&c);
}

/* Two layers, 300 tokens and 64 positions unless `more`, ended by NULL, says otherwise. */
static inline void odd_make_list(const char *path, const char *type, const char *const *more) {
    const char *args[CHILD_ARGS] = {"make",     path,  "--dim",     "64", "--hidden",   "96",
                                    "--layers", "2",   "--heads",   "4",  "--kv-heads", "2",
                                    "--vocab",  "300", "--context", "64", "--type",     type};
    for (int n = 18; *more != NULL; n++)
        args[n] = *more++;
    odd_gguf(args);
}

#define odd_make(path, ...) odd_make_first(path, __VA_ARGS__, NULL)
#define odd_make_first(path, type, ...)                                                            \
    odd_make_list(path, type, (const char *const[]){__VA_ARGS__})

struct odd_file {
    char *bytes;
    size_t size;
    struct ls_model *model; /* of the file as it was; tells where tensors lie */
};

static inline struct odd_file odd_open(const char *path) {
    struct odd_file f;
    struct ls_error err;
    f.bytes = host_read(path, &f.size);
    if (ls_model_open(path, &f.model, &err) != 0) {
        printf("FAIL: %s\n", err.text);
        exit(1);
    }
    return f;
}

static inline void odd_close(struct odd_file *f) {
    ls_model_close(f->model);
    free(f->bytes);
}

/* The bytes of a row, of all matrices counted through. */
static inline char *odd_row(const struct odd_file *f, const struct gguf_tensor *t, uint64_t row) {
    return f->bytes + t->offset + row * (t->size / (t->ne[1] * t->ne[2]));
}

/* The value of a scalar key: what stands behind its name and its type. */
static inline char *odd_value(const struct odd_file *f, const char *key) {
    char *at = memmem(f->bytes, f->size, key, strlen(key));
    if (at == NULL) {
        printf("FAIL: no key %s\n", key);
        exit(1);
    }
    return at + strlen(key) + 4;
}

static inline void odd_save(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        printf("FAIL: cannot write %s\n", path);
        exit(1);
    }
}

static inline void odd_write(const struct odd_file *f, const char *path) {
    odd_save(path, f->bytes, f->size);
}

/* One layer, F32, 32 to a row, and a vocabulary of unknown, BOS, EOS and up to 60 pieces. Rows of
 * the output matrix are a few numbers that differ. */
static inline void odd_make_pieces(const char *path, const struct gguf_string *more, uint32_t count,
                                   uint32_t context) {
    const struct model_shape shape = {.dim = 32,
                                      .hidden = 32,
                                      .layers = 1,
                                      .heads = 2,
                                      .kv_heads = 1,
                                      .vocab = 3 + count,
                                      .context = context,
                                      .type = GGML_TYPE_F32};
    struct gguf_string pieces[63] = {{"<unk>", 5}, {"<s>", 3}, {"</s>", 4}};
    float scores[63] = {0};
    int32_t types[63] = {TOKEN_UNKNOWN, TOKEN_CONTROL, TOKEN_CONTROL};
    const struct vocabulary v = {
        .count = 3 + count, .pieces = pieces, .scores = scores, .types = types};
    struct gguf_writer *w;
    struct model_tensor t;
    struct ls_error err;
    uint64_t state = 7;
    for (uint32_t i = 0; i < count; i++) {
        types[3 + i] = TOKEN_NORMAL;
        scores[3 + i] = -(float)i;
        pieces[3 + i] = more[i];
    }
    if (gguf_writer_open(path, &w, &err) != 0) {
        printf("FAIL: %s\n", err.text);
        exit(1);
    }
    model_write_metadata(w, &shape, "pieces");
    vocabulary_write(w, &v);
    for (uint32_t i = 0; model_tensor_at(&shape, i, &t); i++)
        model_declare(w, &t);
    for (uint32_t i = 0; model_tensor_at(&shape, i, &t); i++)
        for (uint64_t k = 0; k < t.columns * t.rows; k++) {
            const float value =
                t.norm ? 1.0f : (float)((int32_t)(random_64(&state) >> 48) - 32768) / 65536.0f;
            (void)gguf_writer_data(w, &value, sizeof value);
        }
    if (gguf_writer_finish(w, &err) != 0) {
        printf("FAIL: %s\n", err.text);
        exit(1);
    }
}

/* With a vocabulary of just `count` tokens (5 to 30): these, the space and letters from a on. */
static inline void odd_make_letters(const char *path, uint32_t count, uint32_t context) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    struct gguf_string pieces[27] = {{"\xe2\x96\x81", 3}};
    for (uint32_t i = 1; i < 27; i++)
        pieces[i] = (struct gguf_string){letters + i - 1, 1};
    odd_make_pieces(path, pieces, count - 3, context);
}

#endif
