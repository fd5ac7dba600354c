/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf import-llama2c`: a checkpoint and a tokenizer of llama2.c as a GGUF of F32. The format is
 * that of export.py (version 0), run.c and tokenizer.py in github.com/karpathy/llama2.c, all
 * little-endian:
 *
 *     int32    dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len
 *     float32  the tensors in the order of `places`, those of a layer for all layers one behind the
 *              other; a vocab_size below 0 says that the output matrix follows
 *
 *     int32    max_token_length
 *     float32 score, int32 length, bytes      ... for each token
 *
 * llama2.c turns adjacent pairs of a head, as llama.cpp does for llama: rows of wq and wk stay in
 * their order. Its tokenizer.py writes a space for U+2581 and "\n<s>\n" for <s>.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "csrc/tokenizer/tokenizer.h"
#include "gguf_tools/commands.h"
#include "model_shape.h"
#include "vocabulary.h"

#define SIZE_MOST  (1u << 20) /* of any number of the header */
#define TOKEN_MOST 4096u      /* bytes of a token */
#define PIECE      65536u     /* bytes copied at a time */

struct import_settings {
    const char *model, *tokenizer, *out;
};

static const struct import_settings defaults = {NULL, NULL, NULL};

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(import_settings, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct option_row option_rows[] = {
    ROW(NULL, "MODEL.bin", TEXT, model, .required = true),
    ROW(NULL, "TOKENIZER.bin", TEXT, tokenizer, .required = true),
    ROW(NULL, "OUT.gguf", OUTPUT, out, .required = true),
};
#undef ROW

const struct options gguf_import_llama2c_options = {
    .program = "gguf import-llama2c",
    .about = "Makes a GGUF of a checkpoint of llama2.c (export version 0) and its tokenizer.bin.",
    .rows = option_rows,
    .row_count = sizeof option_rows / sizeof *option_rows,
    .defaults = &defaults,
    .size = sizeof defaults,
};

/* A file that is read from the front. */
struct source {
    const char *path;
    FILE *file;
    uint64_t size; /* bytes */
};

static int source_open(struct source *s, const char *path, struct ls_error *err) {
    struct stat st;
    s->path = path;
    s->file = fopen(path, "rb");
    if (s->file == NULL || fstat(fileno(s->file), &st) != 0)
        return ls_error_set(err, "%s: cannot open: %s: check the path", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return ls_error_set(err, "%s: not a regular file: give a file of llama2.c", path);
    s->size = (uint64_t)st.st_size;
    return 0;
}

static int source_read(struct source *s, void *data, size_t size, struct ls_error *err) {
    if (fread(data, 1, size, s->file) == size)
        return 0;
    return ls_error_set(err, "%s: cut short: download or export it again", s->path);
}

static int source_i32(struct source *s, int32_t *value, struct ls_error *err) {
    uint8_t b[4];
    if (source_read(s, b, sizeof b, err) != 0)
        return -1;
    *value = (int32_t)(b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24);
    return 0;
}

/* ---- the checkpoint ---- */

#define HEADER 28u /* bytes */

static int read_header(struct source *s, struct model_shape *shape, struct ls_error *err) {
    static const char *const names[] = {"dim",        "hidden_dim", "n_layers", "n_heads",
                                        "n_kv_heads", "vocab_size", "seq_len"};
    uint32_t *const fields[] = {&shape->dim,      &shape->hidden, &shape->layers, &shape->heads,
                                &shape->kv_heads, &shape->vocab,  &shape->context};
    for (int i = 0; i < 7; i++) {
        int32_t value;
        if (source_i32(s, &value, err) != 0)
            return -1;
        if (i == 0 && value == 0x616b3432) /* "ak42" */
            return ls_error_set(err, "%s: a newer export of llama2.c: export it with --version 0",
                                s->path);
        if (i == 5) {
            shape->tied = value > 0;
            value = value > -(int32_t)SIZE_MOST && value < 0 ? -value : value;
        }
        if (value < 1 || value > (int32_t)SIZE_MOST)
            return ls_error_set(err,
                                "%s: %s is %" PRId32 ", not from 1 to %u: no checkpoint of "
                                "llama2.c",
                                s->path, names[i], value, SIZE_MOST);
        *fields[i] = (uint32_t)value;
    }
    struct ls_error why;
    if (model_shape_check(shape, &why) != 0)
        return ls_error_set(err, "%s: no checkpoint of llama2.c: %s", s->path, why.text);
    return 0;
}

/* The order of tensors in the file; ROLES: run.c's two tables of cosines and sines, not needed. */
static const enum role places[] = {
    ROLE_TOKEN_EMBD,  ROLE_ATTN_NORM, ROLE_ATTN_Q,   ROLE_ATTN_K,   ROLE_ATTN_V,
    ROLE_ATTN_OUTPUT, ROLE_FFN_NORM,  ROLE_FFN_GATE, ROLE_FFN_DOWN, ROLE_FFN_UP,
    ROLE_OUTPUT_NORM, ROLES,          ROLE_OUTPUT,
};

/* Bytes of all tensors of a role, in all layers. */
static uint64_t role_bytes(const struct model_shape *s, enum role role) {
    const uint64_t head = s->dim / s->heads, layers = s->layers;
    const struct role_sizes sizes = {.vocab = s->vocab,
                                     .dim = s->dim,
                                     .hidden = s->hidden,
                                     .q = s->dim,
                                     .kv = head * s->kv_heads};
    if (role == ROLES)
        return 2 * sizeof(float) * s->context * (head / 2);
    if (role == ROLE_OUTPUT && s->tied)
        return 0;
    return sizeof(float) * role_rows(role, &sizes) * role_columns(role, &sizes) *
           (role_is_of_layer(role) ? layers : 1);
}

/* Where a tensor of a role and layer begins; the end of the file for a role that it lacks. */
static uint64_t tensor_at(const struct model_shape *s, enum role role, uint64_t layer) {
    uint64_t at = HEADER;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (places[i] == role)
            return at + (role_is_of_layer(role) ? role_bytes(s, role) / s->layers * layer : 0);
        at += role_bytes(s, places[i]);
    }
    return at;
}

static int copy_tensor(struct source *s, uint64_t at, uint64_t size, struct gguf_writer *w,
                       struct ls_error *err) {
    static char piece[PIECE];
    if (fseeko(s->file, (off_t)at, SEEK_SET) != 0)
        return ls_error_set(err, "%s: %s", s->path, strerror(errno));
    while (size > 0) {
        const size_t part = size < sizeof piece ? (size_t)size : sizeof piece;
        if (source_read(s, piece, part, err) != 0)
            return -1;
        if (gguf_writer_data(w, piece, part) != 0)
            return 0; /* the writer tells it in the end */
        size -= part;
    }
    return 0;
}

static int copy_tensors(struct source *s, const struct model_shape *shape, struct gguf_writer *w,
                        struct ls_error *err) {
    struct model_tensor t;
    unsigned layer = 0;
    for (uint32_t i = 0; model_tensor_at(shape, i, &t); i++) {
        if (role_is_of_layer(t.role) && sscanf(t.name, "blk.%u.", &layer) != 1)
            return ls_error_set(err, "%s: tensor %s: no layer", s->path, t.name);
        const uint64_t size = sizeof(float) * t.columns * t.rows;
        if (copy_tensor(s, tensor_at(shape, t.role, layer), size, w, err) != 0)
            return -1;
    }
    return 0;
}

/* ---- the tokenizer ---- */

/* A piece as SentencePiece has it: U+2581 for a space, no newlines around <s> and </s>. `out` has
 * room for three times the bytes. */
static size_t piece_from(const char *text, size_t size, bool control, char *out) {
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        if (control && text[i] == '\n')
            continue;
        memcpy(out + n, text[i] == ' ' ? "\xe2\x96\x81" : &text[i], text[i] == ' ' ? 3 : 1);
        n += text[i] == ' ' ? 3 : 1;
    }
    return n;
}

static int32_t type_of(uint32_t id, const char *text, size_t size) {
    unsigned byte;
    char name[8];
    if (id < 3)
        return id == 0 ? TOKEN_UNKNOWN : TOKEN_CONTROL;
    if (size != 6 || sscanf(text, "<0x%2X>", &byte) != 1)
        return TOKEN_NORMAL;
    snprintf(name, sizeof name, "<0x%02X>", byte);
    return memcmp(text, name, 6) == 0 ? TOKEN_BYTE : TOKEN_NORMAL;
}

static int read_token(struct source *s, uint32_t id, struct vocabulary *v, size_t *used,
                      size_t *room, struct ls_error *err) {
    char text[TOKEN_MOST + 1];
    int32_t bits, size;
    if (source_i32(s, &bits, err) != 0 || source_i32(s, &size, err) != 0)
        return -1;
    if (size < 0 || size > (int32_t)TOKEN_MOST)
        return ls_error_set(err,
                            "%s: token %" PRIu32 " has %" PRId32 " bytes: no tokenizer of "
                            "llama2.c",
                            s->path, id, size);
    if (source_read(s, text, (size_t)size, err) != 0)
        return -1;
    text[size] = '\0';
    if (*used + 3 * TOKEN_MOST > *room) {
        char *grown = realloc(v->text, 2 * *room + 3 * TOKEN_MOST);
        if (grown == NULL)
            return ls_error_set(err, "%s: out of memory", s->path);
        v->text = grown;
        *room = 2 * *room + 3 * TOKEN_MOST;
    }
    const size_t bytes = piece_from(text, (size_t)size, id == 1 || id == 2, v->text + *used);
    memcpy(&v->scores[id], &bits, sizeof bits);
    v->types[id] = type_of(id, text, (size_t)size);
    v->pieces[id].size = bytes; /* its text follows when `text` grows no more */
    *used += bytes;
    return 0;
}

static int read_vocabulary(struct source *s, struct vocabulary *v, struct ls_error *err) {
    int32_t longest;
    size_t used = 0, room = 0;
    v->pieces = calloc(v->count, sizeof *v->pieces);
    v->scores = calloc(v->count, sizeof *v->scores);
    v->types = calloc(v->count, sizeof *v->types);
    if (v->pieces == NULL || v->scores == NULL || v->types == NULL)
        return ls_error_set(err, "%s: out of memory", s->path);
    if (source_i32(s, &longest, err) != 0)
        return -1;
    for (uint32_t id = 0; id < v->count; id++)
        if (read_token(s, id, v, &used, &room, err) != 0)
            return -1;
    if ((uint64_t)ftello(s->file) != s->size)
        return ls_error_set(err,
                            "%s: more than the %" PRIu32 " tokens of the model: give the "
                            "tokenizer that it was trained with",
                            s->path, v->count);
    used = 0;
    for (uint32_t id = 0; id < v->count; id++) {
        v->pieces[id].data = v->text + used;
        used += (size_t)v->pieces[id].size;
    }
    return 0;
}

/* ---- both ---- */

static int write_model(struct source *model, const struct model_shape *shape,
                       const struct vocabulary *v, const char *out, struct ls_error *err) {
    struct gguf_writer *w;
    struct model_tensor t;
    if (gguf_writer_open(out, &w, err) != 0)
        return -1;
    model_write_metadata(w, shape, "llama2.c");
    vocabulary_write(w, v);
    for (uint32_t i = 0; model_tensor_at(shape, i, &t); i++)
        model_declare(w, &t);
    if (copy_tensors(model, shape, w, err) != 0) {
        gguf_writer_abort(w);
        return -1;
    }
    return gguf_writer_finish(w, err);
}

/* Both files' contents; GGUF_DONE, or a status with `err`. */
static int import(struct source *model, struct source *tokenizer, const struct import_settings *s,
                  struct vocabulary *v, struct ls_error *err) {
    struct model_shape shape = {.type = GGML_TYPE_F32, .family = FAMILY_llama};
    if (source_open(model, s->model, err) != 0 || source_open(tokenizer, s->tokenizer, err) != 0 ||
        read_header(model, &shape, err) != 0)
        return GGUF_BAD_INPUT;
    const uint64_t size = tensor_at(&shape, ROLE_OUTPUT, 0) + role_bytes(&shape, ROLE_OUTPUT);
    if (model->size != size) {
        ls_error_set(err,
                     "%s: %" PRIu64 " bytes where its header asks for %" PRIu64
                     ": no whole checkpoint of llama2.c",
                     model->path, model->size, size);
        return GGUF_BAD_INPUT;
    }
    v->count = shape.vocab;
    if (read_vocabulary(tokenizer, v, err) != 0)
        return GGUF_BAD_INPUT;
    return write_model(model, &shape, v, s->out, err) == 0 ? GGUF_DONE : GGUF_FAILED;
}

int gguf_import_llama2c(int argc, char **argv) {
    struct import_settings s;
    struct source model = {0}, tokenizer = {0};
    struct vocabulary v = {0};
    struct ls_error err;
    const int told = gguf_options(&gguf_import_llama2c_options, argc, argv, &s);
    if (told >= 0)
        return told;
    const int status = import(&model, &tokenizer, &s, &v, &err);
    if (status != GGUF_DONE)
        fprintf(stderr, "gguf import-llama2c: %s\n", err.text);
    vocabulary_free(&v);
    if (model.file != NULL)
        fclose(model.file);
    if (tokenizer.file != NULL)
        fclose(tokenizer.file);
    return status;
}
