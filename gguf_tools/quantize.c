/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf quantize`: converts the matrices of an F32 or F16 model to F16, Q8_0 or Q4_0 and prints
 * what that costs. Vectors stay as they are; a matrix whose rows are no whole number of 32-element
 * blocks becomes F16, as llama.cpp does it.
 */
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "dequant.h"
#include "gguf.h"
#include "gguf_write.h"
#include "quants.h"

static const char help[] =
    "usage: gguf quantize IN.gguf OUT.gguf TYPE\n\n"
    "Converts the matrices of a model to F32, F16, Q8_0 or Q4_0 and prints each\n"
    "tensor's error against IN.\n\n"
    "  --help   this text\n";

/* The number that general.file_type holds for a model mostly of this type (llama.cpp's
 * enum llama_ftype). */
static uint32_t file_type(enum ggml_type type) {
    switch (type) {
    case GGML_TYPE_F32:
        return 0;
    case GGML_TYPE_F16:
        return 1;
    case GGML_TYPE_Q4_0:
        return 2;
    default:
        return 7; /* Q8_0 */
    }
}

static enum ggml_type output_type(const struct gguf_tensor *t, enum ggml_type wanted) {
    if (t->n_dims < 2)
        return t->type;
    return t->ne[0] % ggml_traits_of((uint32_t)wanted)->block_elements == 0 ? wanted
                                                                            : GGML_TYPE_F16;
}

static uint64_t row_bytes(const struct gguf_tensor *t, enum ggml_type type) {
    const struct ggml_traits *traits = ggml_traits_of((uint32_t)type);
    return t->ne[0] / traits->block_elements * traits->block_bytes;
}

/* Error of a tensor or of all: sums over elements. */
struct error_sums {
    double squares, errors; /* of the source's values; of the differences */
    double worst;           /* largest difference */
    uint64_t count;
};

static void error_add(struct error_sums *e, const float *source, const float *result, uint64_t n) {
    for (uint64_t i = 0; i < n; i++) {
        double d = fabs((double)source[i] - (double)result[i]);
        e->squares += (double)source[i] * (double)source[i];
        e->errors += d * d;
        e->worst = d > e->worst ? d : e->worst;
    }
    e->count += n;
}

static void error_print(const char *name, uint64_t size, const char *type,
                        const struct error_sums *e) {
    double relative = e->squares > 0 ? sqrt(e->errors / e->squares) : 0;
    double rms = e->count > 0 ? sqrt(e->errors / (double)e->count) : 0;
    printf("%-28.*s %-5s rms error %.3e  relative %.3e  worst %.3e\n", (int)size, name, type, rms,
           relative, e->worst);
}

/* Rows of a tensor in and out of binary32; each array holds one row. */
struct rows {
    float *source, *result;
    uint8_t *blocks;
};

static int convert_tensor(struct gguf_writer *w, const struct gguf_tensor *t, enum ggml_type type,
                          struct rows *r, struct error_sums *e, struct ls_error *err) {
    uint64_t count = t->ne[1] * t->ne[2] * t->ne[3];
    uint64_t in_bytes = row_bytes(t, t->type), out_bytes = row_bytes(t, type);
    for (uint64_t row = 0; row < count; row++) {
        const uint8_t *in = t->data + row * in_bytes;
        if (type == t->type) {
            gguf_writer_data(w, in, in_bytes);
            continue;
        }
        if (dequant_row(t->type, in, r->source, t->ne[0]) != 0 ||
            quantize_row(type, r->source, r->blocks, t->ne[0]) != 0 ||
            dequant_row(type, r->blocks, r->result, t->ne[0]) != 0)
            return ls_error_set(err, "tensor %.*s: type %s cannot be converted to %s",
                                (int)t->name.size, t->name.data,
                                ggml_traits_of((uint32_t)t->type)->name,
                                ggml_traits_of((uint32_t)type)->name);
        error_add(e, r->source, r->result, t->ne[0]);
        gguf_writer_data(w, r->blocks, out_bytes);
    }
    return 0;
}

static int open_rows(const struct gguf *g, struct rows *r, struct ls_error *err) {
    uint64_t longest = 1;
    for (uint64_t i = 0; i < g->tensor_count; i++)
        longest = g->tensors[i].ne[0] > longest ? g->tensors[i].ne[0] : longest;
    if (longest > SIZE_MAX / sizeof(float))
        return ls_error_set(err, "%s: a row of %" PRIu64 " elements is too long", g->path, longest);
    r->source = malloc(longest * sizeof(float));
    r->result = malloc(longest * sizeof(float));
    r->blocks = malloc(longest * sizeof(float));
    if (r->source == NULL || r->result == NULL || r->blocks == NULL)
        return ls_error_set(err, "%s: out of memory", g->path);
    return 0;
}

static void copy_metadata(struct gguf_writer *w, const struct gguf *g, enum ggml_type type) {
    bool versioned = false;
    for (uint64_t i = 0; i < g->kv_count; i++) {
        const struct gguf_kv *kv = &g->kvs[i];
        if (gguf_string_equals(kv->key, "general.file_type"))
            gguf_writer_u32(w, "general.file_type", file_type(type));
        else
            gguf_writer_copy(w, kv);
        versioned |= gguf_string_equals(kv->key, "general.quantization_version");
    }
    if (!versioned)
        gguf_writer_u32(w, "general.quantization_version", 2);
}

static int convert(const struct gguf *g, const char *out, enum ggml_type type,
                   struct ls_error *err) {
    struct gguf_writer *w;
    struct rows rows = {NULL, NULL, NULL};
    struct error_sums all = {0};
    if (gguf_writer_open(out, &w, err) != 0)
        return -1;
    copy_metadata(w, g, type);
    for (uint64_t i = 0; i < g->tensor_count; i++) {
        const struct gguf_tensor *t = &g->tensors[i];
        char name[128];
        snprintf(name, sizeof name, "%.*s", (int)t->name.size, t->name.data);
        gguf_writer_tensor(w, name, output_type(t, type), t->n_dims, t->ne);
    }
    int status = open_rows(g, &rows, err);
    for (uint64_t i = 0; i < g->tensor_count && status == 0; i++) {
        const struct gguf_tensor *t = &g->tensors[i];
        enum ggml_type to = output_type(t, type);
        struct error_sums e = {0};
        status = convert_tensor(w, t, to, &rows, &e, err);
        if (status != 0 || to == t->type)
            continue;
        error_print(t->name.data, t->name.size, ggml_traits_of((uint32_t)to)->name, &e);
        all.squares += e.squares;
        all.errors += e.errors;
        all.count += e.count;
        all.worst = e.worst > all.worst ? e.worst : all.worst;
    }
    free(rows.source);
    free(rows.result);
    free(rows.blocks);
    if (status != 0) {
        gguf_writer_abort(w);
        return -1;
    }
    if (gguf_writer_finish(w, err) != 0)
        return -1;
    error_print("all converted tensors", strlen("all converted tensors"), "", &all);
    return 0;
}

int gguf_quantize(int argc, char **argv) {
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct ls_error err;
    struct gguf *g;
    enum ggml_type type;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option != 'h')
            return GGUF_BAD_INPUT;
        fputs(help, stdout);
        return GGUF_DONE;
    }
    if (argc - optind != 3 || quantize_type_parse(argv[optind + 2], &type) != 0) {
        fputs(
            "gguf quantize: give IN, OUT and F32, F16, Q8_0 or Q4_0: see `gguf quantize --help`\n",
            stderr);
        return GGUF_BAD_INPUT;
    }
    if (gguf_open(argv[optind], &g, &err) != 0) {
        fprintf(stderr, "gguf quantize: %s\n", err.text);
        return GGUF_BAD_INPUT;
    }
    int status = convert(g, argv[optind + 1], type, &err);
    if (status != 0)
        fprintf(stderr, "gguf quantize: %s\n", err.text);
    gguf_close(g);
    return status == 0 ? GGUF_DONE : GGUF_FAILED;
}
