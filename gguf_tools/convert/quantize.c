/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf quantize`: converts the matrices of an F32 or F16 model to F16, Q8_0 or Q4_0 and prints
 * what that costs. Vectors stay as they are; a matrix whose rows are no whole number of 32-element
 * blocks becomes F16, as llama.cpp does it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/gguf/dequant.h"
#include "csrc/gguf/gguf.h"
#include "gguf_tools/commands.h"
#include "gguf_tools/interrupt.h"
#include "gguf_write.h"
#include "llama_shape.h"
#include "quants.h"

struct quantize_settings {
    const char *in, *out;
    enum ggml_type type;
};

static const struct quantize_settings defaults = {NULL, NULL, GGML_TYPE_F32};

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(quantize_settings, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct option_row option_rows[] = {
    ROW(NULL, "IN.gguf", TEXT, in, .required = true),
    ROW(NULL, "OUT.gguf", OUTPUT, out, .required = true),
    ROW(NULL, "TYPE", CHOICE_OF, type, .choices = QUANTIZE_TYPES, .choose = quantize_type_find,
        .required = true),
};
#undef ROW

const struct options gguf_quantize_options = {
    .program = "gguf quantize",
    .about = "Converts the matrices of a model to F32, F16, Q8_0 or Q4_0 and prints each tensor's "
             "error against IN.",
    .rows = option_rows,
    .row_count = sizeof option_rows / sizeof *option_rows,
    .defaults = &defaults,
    .size = sizeof defaults,
};

static enum ggml_type output_type(const struct gguf_tensor *t, enum ggml_type wanted) {
    if (t->n_dims < 2)
        return t->type;
    return t->ne[0] % type_info_of((uint32_t)wanted)->elements == 0 ? wanted : GGML_TYPE_F16;
}

static uint64_t row_bytes(const struct gguf_tensor *t, enum ggml_type type) {
    const struct type_info *info = type_info_of((uint32_t)type);
    return type_row_bytes(info, t->ne[0]);
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

/* First of `count` values that is not finite; `count` if all are. */
static uint64_t find_odd(const float *values, uint64_t count) {
    uint64_t i = 0;
    while (i < count && isfinite(values[i]))
        i++;
    return i;
}

/* A row in r->blocks and, as those read, in r->result. */
static int convert_row(const char *path, const struct gguf_tensor *t, uint64_t row,
                       enum ggml_type type, struct rows *r, struct ls_error *err) {
    const char *from = type_info_of((uint32_t)t->type)->name;
    const char *to = type_info_of((uint32_t)type)->name;
    uint64_t n = t->ne[0], odd;
    if (dequant_row(t->type, t->data + row * row_bytes(t, t->type), r->source, n) != 0)
        return ls_error_set(err, "%s: tensor %.*s: %s cannot be read: start from F32 or F16", path,
                            (int)t->name.size, t->name.data, from);
    if ((odd = find_odd(r->source, n)) < n)
        return ls_error_set(err, "%s: tensor %.*s: element %" PRIu64 " is %g: repair the model",
                            path, (int)t->name.size, t->name.data, row * n + odd,
                            (double)r->source[odd]);
    if (quantize_row(type, r->source, r->blocks, n) != 0 ||
        dequant_row(type, r->blocks, r->result, n) != 0)
        return ls_error_set(err, "%s: tensor %.*s: %s cannot become %s", path, (int)t->name.size,
                            t->name.data, from, to);
    if ((odd = find_odd(r->result, n)) < n)
        return ls_error_set(err, "%s: tensor %.*s: element %" PRIu64 " is %g, too large for %s",
                            path, (int)t->name.size, t->name.data, row * n + odd,
                            (double)r->source[odd], to);
    return 0;
}

static int convert_tensor(struct gguf_writer *w, const char *path, const struct gguf_tensor *t,
                          enum ggml_type type, struct rows *r, struct error_sums *e,
                          struct ls_error *err) {
    uint64_t count = t->ne[1] * t->ne[2] * t->ne[3];
    if (type == t->type) {
        gguf_writer_data(w, t->data, t->size);
        return 0;
    }
    for (uint64_t row = 0; row < count; row++) {
        if (convert_row(path, t, row, type, r, err) != 0)
            return -1;
        error_add(e, r->source, r->result, t->ne[0]);
        gguf_writer_data(w, r->blocks, row_bytes(t, type));
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
        if (!gguf_string_equals(g->kvs[i].key, "general.file_type"))
            gguf_writer_copy(w, &g->kvs[i]);
        versioned |= gguf_string_equals(g->kvs[i].key, "general.quantization_version");
    }
    gguf_writer_u32(w, "general.file_type", llama_file_type(type));
    if (!versioned)
        gguf_writer_u32(w, "general.quantization_version", 2);
}

/* The tensors' bytes and the report of their errors. */
static enum gguf_status convert_tensors(struct gguf_writer *w, const struct gguf *g,
                                        enum ggml_type type, struct rows *rows,
                                        struct error_sums *all, const volatile bool *interrupted,
                                        struct ls_error *err) {
    for (uint64_t i = 0; i < g->tensor_count; i++) {
        const struct gguf_tensor *t = &g->tensors[i];
        enum ggml_type to = output_type(t, type);
        struct error_sums e = {0};
        if (*interrupted) {
            ls_error_set(err, "interrupted");
            return GGUF_INTERRUPTED;
        }
        if (convert_tensor(w, g->path, t, to, rows, &e, err) != 0)
            return GGUF_BAD_INPUT;
        if (to == t->type)
            continue;
        error_print(t->name.data, t->name.size, type_info_of((uint32_t)to)->name, &e);
        all->squares += e.squares;
        all->errors += e.errors;
        all->count += e.count;
        all->worst = e.worst > all->worst ? e.worst : all->worst;
    }
    return GGUF_DONE;
}

static enum gguf_status convert(const struct gguf *g, const char *out, enum ggml_type type,
                                struct ls_error *err) {
    struct gguf_writer *w;
    struct rows rows = {NULL, NULL, NULL};
    struct error_sums all = {0};
    enum gguf_status status = GGUF_FAILED;
    const volatile bool *interrupted = interrupt_watch(); /* or a temporary file would stay */
    if (gguf_writer_open(out, &w, err) != 0)
        return GGUF_FAILED;
    copy_metadata(w, g, type);
    for (uint64_t i = 0; i < g->tensor_count; i++) {
        const struct gguf_tensor *t = &g->tensors[i];
        char name[128];
        snprintf(name, sizeof name, "%.*s", (int)t->name.size, t->name.data);
        gguf_writer_tensor(w, name, output_type(t, type), t->n_dims, t->ne);
    }
    if (open_rows(g, &rows, err) == 0)
        status = convert_tensors(w, g, type, &rows, &all, interrupted, err);
    free(rows.source);
    free(rows.result);
    free(rows.blocks);
    if (status != GGUF_DONE) {
        gguf_writer_abort(w);
        return status;
    }
    if (gguf_writer_finish(w, err) != 0)
        return GGUF_FAILED;
    error_print("all converted tensors", strlen("all converted tensors"), "", &all);
    return GGUF_DONE;
}

int gguf_quantize(int argc, char **argv) {
    struct quantize_settings s;
    struct ls_error err;
    struct gguf *g;
    const int told = gguf_options(&gguf_quantize_options, argc, argv, &s);
    if (told >= 0)
        return told;
    if (gguf_open(s.in, &g, &err) != 0) {
        fprintf(stderr, "gguf quantize: %s\n", err.text);
        return GGUF_BAD_INPUT;
    }
    enum gguf_status status = convert(g, s.out, s.type, &err);
    if (status != GGUF_DONE)
        fprintf(stderr, "gguf quantize: %s\n", err.text);
    gguf_close(g);
    return (int)status;
}
