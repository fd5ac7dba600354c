/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Checkpoint (the machine's own byte order: it is for the machine that trains), curve and model.
 *
 *     magic[8] | struct checkpoint | step, total | weights | mean | square | points | digest
 */
#include "train_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/output.h"
#include "gguf_tools/convert/model_shape.h"

static const char magic[8] = "LSTRAIN1";

struct counts {
    uint64_t step, total;
};

/* A file and the FNV-1a digest of what went through it. */
struct stream {
    FILE *file;
    uint64_t digest;
    int failed;
};

static void digest_add(struct stream *s, const void *data, size_t size) {
    const unsigned char *p = data;
    for (size_t i = 0; i < size; i++)
        s->digest = (s->digest ^ p[i]) * UINT64_C(1099511628211);
}

static void put(struct stream *s, const void *data, size_t size) {
    digest_add(s, data, size);
    s->failed |= size > 0 && fwrite(data, size, 1, s->file) != 1;
}

static void get(struct stream *s, void *data, size_t size) {
    s->failed = s->failed || (size > 0 && fread(data, size, 1, s->file) != 1);
    if (!s->failed)
        digest_add(s, data, size);
}

int checkpoint_save(const char *path, const struct checkpoint *c, const struct train_state *state,
                    const struct train_point *points, struct ls_error *err) {
    struct output out;
    if (output_open(&out, path, err) != 0)
        return -1;
    struct stream s = {out.file, UINT64_C(14695981039346656037), 0};

    struct counts counts = {state->step, state->total};
    put(&s, magic, sizeof magic);
    put(&s, c, sizeof *c);
    put(&s, &counts, sizeof counts);
    put(&s, state->weights, state->total * sizeof(float));
    put(&s, state->mean, state->total * sizeof(float));
    put(&s, state->square, state->total * sizeof(float));
    put(&s, points, c->points * sizeof *points);
    uint64_t digest = s.digest;
    put(&s, &digest, sizeof digest);
    return output_close(&out, err);
}

int checkpoint_load(const char *path, struct checkpoint *c, struct train_state *state,
                    struct train_point **points, struct ls_error *err) {
    char found[sizeof magic];
    struct checkpoint read = {.identity = 0};
    struct counts counts = {0, 0};
    struct stream s = {fopen(path, "rb"), UINT64_C(14695981039346656037), 0};
    *points = NULL;
    if (s.file == NULL)
        return errno == ENOENT ? 0 : ls_error_set(err, "%s: %s", path, strerror(errno));

    get(&s, found, sizeof found);
    get(&s, &read, sizeof read);
    get(&s, &counts, sizeof counts);
    int other = s.failed || memcmp(found, magic, sizeof magic) != 0 ||
                read.identity != c->identity || counts.total != state->total ||
                read.points > 1000000;
    if (other) {
        fclose(s.file);
        return ls_error_set(err, "%s: a checkpoint of another run; remove it to start anew", path);
    }
    get(&s, state->weights, state->total * sizeof(float));
    get(&s, state->mean, state->total * sizeof(float));
    get(&s, state->square, state->total * sizeof(float));
    *points = calloc(read.points + 1, sizeof **points);
    if (*points != NULL)
        get(&s, *points, read.points * sizeof **points);
    uint64_t expected = s.digest, digest = 0;
    get(&s, &digest, sizeof digest);
    fclose(s.file);
    if (*points == NULL || s.failed || digest != expected) {
        free(*points);
        *points = NULL;
        return ls_error_set(err, "%s: damaged; remove it to start anew", path);
    }
    state->step = (uint32_t)counts.step;
    *c = read;
    return 1;
}

int curve_write(const char *path, const struct train_point *points, uint64_t count,
                struct ls_error *err) {
    struct output out;
    if (output_open(&out, path, err) != 0)
        return -1;
    FILE *f = out.file;
    fprintf(f, "step,tokens,learning_rate,loss,held_loss,gradient_norm\n");
    for (uint64_t i = 0; i < count; i++) {
        const struct train_point *p = &points[i];
        fprintf(f, "%u,%llu,%.6g,%.5f,", p->step, (unsigned long long)p->tokens, p->learning_rate,
                p->loss);
        if (p->held_loss >= 0)
            fprintf(f, "%.5f", p->held_loss);
        fprintf(f, ",%.4f\n", p->gradient_norm);
    }
    return output_close(&out, err);
}

/* ------------------------------------------------------------------------------------------ */

static const struct net_tensor *find_tensor(const struct net_layout *layout, const char *name) {
    for (uint32_t i = 0; i < layout->count; i++)
        if (strcmp(layout->tensor[i].name, name) == 0)
            return &layout->tensor[i];
    return NULL;
}

int train_model_write(const char *path, const char *name, const struct net_shape *shape,
                      const struct net_layout *layout, const struct vocabulary *vocab,
                      const float *weights, struct ls_error *err) {
    struct gguf_writer *w;
    struct model_tensor tensor;
    struct model_shape llama = {.dim = shape->dim,
                                .hidden = shape->hidden,
                                .layers = shape->layers,
                                .heads = shape->heads,
                                .kv_heads = shape->kv_heads,
                                .vocab = vocab->count,
                                .context = shape->context,
                                .type = GGML_TYPE_F32,
                                .tied = true};
    if (gguf_writer_open(path, &w, err) != 0)
        return -1;
    model_write_metadata(w, &llama, name);
    gguf_writer_string(w, "general.license", "apache-2.0");
    vocabulary_write(w, vocab);
    if (weights != NULL) {
        for (uint32_t i = 0; model_tensor_at(&llama, i, &tensor); i++)
            model_declare(w, &tensor);
        for (uint32_t i = 0; model_tensor_at(&llama, i, &tensor); i++) {
            const struct net_tensor *t = find_tensor(layout, tensor.name);
            if (t == NULL || t->rows != tensor.rows || t->columns != tensor.columns) {
                gguf_writer_abort(w);
                return ls_error_set(err, "%s: tensor %s is not of the trained shape", path,
                                    tensor.name);
            }
            gguf_writer_data(w, weights + t->offset, tensor.rows * tensor.columns * sizeof(float));
        }
    }
    return gguf_writer_finish(w, err);
}
