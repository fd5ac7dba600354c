/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf quantize`: converts the matrices of a model to another type or mix (mix.h) and prints what
 * that costs. Vectors become F32. Rows are converted by as many threads as there are
 * processors; the file and the figures do not depend on how many.
 */
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "csrc/base/output.h"
#include "csrc/gguf/dequant.h"
#include "csrc/gguf/gguf.h"
#include "error_sums.h"
#include "gguf_tools/commands.h"
#include "gguf_tools/interrupt.h"
#include "gguf_write.h"
#include "mix.h"
#include "quants.h"

struct quantize_settings {
    const char *in, *out;
    int mix;
};

static const struct quantize_settings defaults = {NULL, NULL, 0};

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(quantize_settings, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct option_row option_rows[] = {
    ROW(NULL, "IN.gguf", TEXT, in, .required = true),
    ROW(NULL, "OUT.gguf", OUTPUT, out, .required = true),
    ROW(NULL, "TYPE", CHOICE_OF, mix, .choices = MIXES, .choose = mix_find, .required = true,
        .help = "of the matrices"),
};
#undef ROW

const struct options gguf_quantize_options = {
    .program = "gguf quantize",
    .about = "Converts the matrices of a model to another tensor type, or to a mix of types (those "
             "with _M, and Q2_K), its vectors to F32, and prints each tensor's error against IN.",
    .rows = option_rows,
    .row_count = sizeof option_rows / sizeof *option_rows,
    .defaults = &defaults,
    .size = sizeof defaults,
};

/* A file and what it is to become. */
struct conversion {
    const struct gguf *gguf;
    int mix;
    uint32_t layers, experts;
    bool tied; /* the embedding gives the logits */
    const volatile bool *interrupted;
};

static struct conversion conversion_of(const struct gguf *g, int mix) {
    struct conversion c = {.gguf = g, .mix = mix, .tied = true};
    for (uint64_t i = 0; i < g->tensor_count; i++) {
        char name[64];
        unsigned layer;
        snprintf(name, sizeof name, "%.*s", (int)g->tensors[i].name.size, g->tensors[i].name.data);
        if (sscanf(name, "blk.%u.", &layer) == 1 && layer >= c.layers)
            c.layers = layer + 1;
        if (strstr(name, ".ffn_up_exps.weight") != NULL)
            c.experts = (uint32_t)g->tensors[i].ne[2];
        if (strcmp(name, "output.weight") == 0)
            c.tied = false;
    }
    return c;
}

static enum ggml_type output_type(const struct conversion *c, const struct gguf_tensor *t) {
    char name[128];
    unsigned layer = 0;
    snprintf(name, sizeof name, "%.*s", (int)t->name.size, t->name.data);
    /* gains and the like, also of several heads: F32, as every reader expects them */
    if (t->n_dims < 2 || strstr(name, "_norm.weight") != NULL)
        return dequant_known(t->type) ? GGML_TYPE_F32 : t->type;
    const bool in_layer = sscanf(name, "blk.%u.", &layer) == 1;
    const bool output =
        !in_layer && strcmp(name, c->tied ? "token_embd.weight" : "output.weight") == 0;
    return mix_type(c->mix, &(struct mix_matrix){.name = name,
                                                 .columns = t->ne[0],
                                                 .layer = layer,
                                                 .layers = c->layers,
                                                 .experts = c->experts,
                                                 .output = output});
}

static uint64_t row_bytes(const struct gguf_tensor *t, enum ggml_type type) {
    const struct type_info *info = type_info_of((uint32_t)type);
    return type_row_bytes(info, t->ne[0]);
}

static void error_print(const char *name, uint64_t size, const char *type,
                        const struct error_sums *e) {
    printf("%-28.*s %-5s rms error %.3e  relative %.3e  worst %.3e\n", (int)size, name, type,
           error_sums_rms(e), error_sums_relative(e), e->worst);
}

/* First of `count` values that is not finite; `count` if all are. */
static uint64_t find_odd(const float *values, uint64_t count) {
    uint64_t i = 0;
    while (i < count && isfinite(values[i]))
        i++;
    return i;
}

#define BATCH_BYTES ((uint64_t)4 << 20) /* of source values in binary32, for all threads */
#define THREADS     64

/* Some rows of a tensor, that the threads take turns at. */
struct batch {
    const char *path;
    const struct gguf_tensor *tensor;
    enum ggml_type type;
    uint64_t first, rows;     /* of the tensor */
    uint8_t *blocks;          /* of all the batch's rows */
    struct error_sums *error; /* [rows] */
    pthread_mutex_t lock;     /* of the next two */
    uint64_t next;            /* row to take */
    struct ls_error *err;     /* of the first row, by number, that cannot be converted */
    uint64_t wrong;           /* its number, or `rows` */
};

/* A row in `blocks`, and its error; source and result have room for it. */
static int convert_row(const struct batch *b, uint64_t row, float *source, float *result,
                       struct ls_error *err) {
    const struct gguf_tensor *t = b->tensor;
    const char *from = type_info_of((uint32_t)t->type)->name;
    const char *to = type_info_of((uint32_t)b->type)->name;
    const uint64_t n = t->ne[0], bytes = row_bytes(t, b->type), at = b->first + row;
    uint8_t *blocks = b->blocks + row * bytes;
    uint64_t odd;
    if (dequant_row(t->type, t->data + at * row_bytes(t, t->type), source, n) != 0)
        return ls_error_set(err, "%s: tensor %.*s: %s cannot be read: start from F32 or F16",
                            b->path, (int)t->name.size, t->name.data, from);
    if ((odd = find_odd(source, n)) < n)
        return ls_error_set(err, "%s: tensor %.*s: element %" PRIu64 " is %g: repair the model",
                            b->path, (int)t->name.size, t->name.data, at * n + odd,
                            (double)source[odd]);
    if (quantize_row(b->type, source, blocks, n) != 0 ||
        dequant_row(b->type, blocks, result, n) != 0)
        return ls_error_set(err, "%s: tensor %.*s: %s cannot become %s", b->path, (int)t->name.size,
                            t->name.data, from, to);
    if ((odd = find_odd(result, n)) < n)
        return ls_error_set(err, "%s: tensor %.*s: element %" PRIu64 " is %g, too large for %s",
                            b->path, (int)t->name.size, t->name.data, at * n + odd,
                            (double)source[odd], to);
    b->error[row] = (struct error_sums){0};
    error_sums_add(&b->error[row], source, result, n, at * n);
    return 0;
}

static uint64_t batch_take(struct batch *b) {
    pthread_mutex_lock(&b->lock);
    const uint64_t row = b->next < b->wrong ? b->next++ : b->rows;
    pthread_mutex_unlock(&b->lock);
    return row;
}

static void batch_fail(struct batch *b, uint64_t row, const struct ls_error *err) {
    pthread_mutex_lock(&b->lock);
    if (row < b->wrong) {
        b->wrong = row;
        *b->err = *err;
    }
    pthread_mutex_unlock(&b->lock);
}

static void *work(void *context) {
    struct batch *b = context;
    struct ls_error err;
    float *row = malloc(2 * b->tensor->ne[0] * sizeof *row);
    for (uint64_t r; (r = batch_take(b)) < b->rows;) {
        if (row == NULL)
            ls_error_set(&err, "%s: out of memory", b->path);
        if (row == NULL || convert_row(b, r, row, row + b->tensor->ne[0], &err) != 0)
            batch_fail(b, r, &err);
    }
    free(row);
    return NULL;
}

/* The batch's rows, by this thread and others where they can be had. */
static void batch_run(struct batch *b) {
    pthread_t threads[THREADS];
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const uint64_t most = processors < 1         ? 1
                          : processors > THREADS ? THREADS
                                                 : (uint64_t)processors;
    uint64_t started = 0;
    b->next = 0;
    b->wrong = b->rows;
    while (started + 1 < most && started + 1 < b->rows &&
           pthread_create(&threads[started], NULL, work, b) == 0)
        started++;
    work(b);
    for (uint64_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

static int convert_batches(struct gguf_writer *w, struct batch *b, uint64_t most,
                           const struct conversion *c, struct error_sums *e, struct ls_error *err) {
    const uint64_t count = b->tensor->ne[1] * b->tensor->ne[2] * b->tensor->ne[3];
    for (b->first = 0; b->first < count; b->first += b->rows) {
        b->rows = count - b->first < most ? count - b->first : most;
        batch_run(b);
        if (b->wrong < b->rows)
            return GGUF_BAD_INPUT;
        if (*c->interrupted) {
            ls_error_set(err, "interrupted");
            return GGUF_INTERRUPTED;
        }
        for (uint64_t r = 0; r < b->rows; r++)
            error_sums_join(e, &b->error[r]);
        gguf_writer_data(w, b->blocks, b->rows * row_bytes(b->tensor, b->type));
    }
    return GGUF_DONE;
}

static int convert_tensor(struct gguf_writer *w, const struct conversion *c,
                          const struct gguf_tensor *t, enum ggml_type type, struct error_sums *e,
                          struct ls_error *err) {
    if (type == t->type) {
        gguf_writer_data(w, t->data, t->size);
        return GGUF_DONE;
    }
    uint64_t most = BATCH_BYTES / sizeof(float) / t->ne[0];
    most = most < 1 ? 1 : most;
    struct batch b = {.path = c->gguf->path, .tensor = t, .type = type, .err = err};
    b.blocks = malloc(most * row_bytes(t, type));
    b.error = malloc(most * sizeof *b.error);
    pthread_mutex_init(&b.lock, NULL);
    int status = GGUF_FAILED;
    if (b.blocks == NULL || b.error == NULL)
        ls_error_set(err, "%s: out of memory", c->gguf->path);
    else
        status = convert_batches(w, &b, most, c, e, err);
    pthread_mutex_destroy(&b.lock);
    free(b.blocks);
    free(b.error);
    return status;
}

static void copy_metadata(struct gguf_writer *w, const struct gguf *g, int mix) {
    bool versioned = false;
    for (uint64_t i = 0; i < g->kv_count; i++) {
        if (!gguf_string_equals(g->kvs[i].key, "general.file_type"))
            gguf_writer_copy(w, &g->kvs[i]);
        versioned |= gguf_string_equals(g->kvs[i].key, "general.quantization_version");
    }
    gguf_writer_u32(w, "general.file_type", mix_file_type(mix));
    if (!versioned)
        gguf_writer_u32(w, "general.quantization_version", 2);
}

/* The tensors' bytes and the report of their errors, a line each as it is done. */
static enum gguf_status convert_tensors(struct gguf_writer *w, const struct conversion *c,
                                        struct error_sums *all, struct ls_error *err) {
    for (uint64_t i = 0; i < c->gguf->tensor_count; i++) {
        const struct gguf_tensor *t = &c->gguf->tensors[i];
        const enum ggml_type to = output_type(c, t);
        struct error_sums e = {0};
        const int status = convert_tensor(w, c, t, to, &e, err);
        if (status != GGUF_DONE)
            return (enum gguf_status)status;
        if (to == t->type)
            continue;
        error_print(t->name.data, t->name.size, type_info_of((uint32_t)to)->name, &e);
        fflush(stdout);
        error_sums_join(all, &e);
    }
    return GGUF_DONE;
}

static enum gguf_status convert(const struct gguf *g, const char *out, int mix,
                                struct ls_error *err) {
    struct gguf_writer *w;
    struct error_sums all = {0};
    struct conversion c = conversion_of(g, mix);
    c.interrupted = interrupt_watch(); /* or a temporary file would stay */
    if (gguf_writer_open(out, &w, err) != 0)
        return GGUF_FAILED;
    copy_metadata(w, g, mix);
    for (uint64_t i = 0; i < g->tensor_count; i++) {
        const struct gguf_tensor *t = &g->tensors[i];
        char name[128];
        snprintf(name, sizeof name, "%.*s", (int)t->name.size, t->name.data);
        gguf_writer_tensor(w, name, output_type(&c, t), t->n_dims, t->ne);
    }
    const enum gguf_status status = convert_tensors(w, &c, &all, err);
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
    enum gguf_status status = GGUF_BAD_INPUT;
    if (output_check_apart((const char *const[]){s.in, s.out}, 1, 2, &err) == 0)
        status = convert(g, s.out, s.mix, &err);
    if (status != GGUF_DONE)
        fprintf(stderr, "gguf quantize: %s\n", err.text);
    gguf_close(g);
    return (int)status;
}
