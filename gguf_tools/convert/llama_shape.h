/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The layout of a llama model file: its hyperparameters, the metadata that
 * names them, and its tensors in file order.
 *
 *     struct llama_shape shape = {64, 172, 5, 8, 4, 512, 256, GGML_TYPE_Q4_0, false};
 *     struct llama_tensor tensor;
 *     llama_write_metadata(w, &shape, "tiny");
 *     for (uint32_t i = 0; llama_tensor_at(&shape, i, &tensor); i++)
 *         llama_declare(w, &tensor);
 */
#ifndef GGUF_LLAMA_SHAPE_H
#define GGUF_LLAMA_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "csrc/gguf/gguf.h"
#include "gguf_write.h"

#ifdef __cplusplus
extern "C" {
#endif

struct llama_shape {
    uint32_t dim;        /* elements of the residual stream; heads * even head size */
    uint32_t hidden;     /* elements of the feed-forward layer */
    uint32_t layers;     /* number of blocks */
    uint32_t heads;      /* query heads; divides dim */
    uint32_t kv_heads;   /* key and value heads; divides heads */
    uint32_t vocab;      /* tokens */
    uint32_t context;    /* positions */
    enum ggml_type type; /* of the matrices, one of QUANTIZE_TYPES */
    bool tied;           /* no output.weight: token_embd serves */
};

struct llama_tensor {
    char name[64];
    enum ggml_type type;    /* as stored: rows of broken blocks are F16, norms F32 */
    uint64_t columns, rows; /* elements of a row; rows */
    bool norm;              /* gains of a norm: one row, one dimension */
};

/* Checks divisibility. Returns 0, or -1 with one line in `err`. */
int llama_shape_check(const struct llama_shape *shape, struct ls_error *err);

/* The tensor at `index` in file order; false past the last. */
bool llama_tensor_at(const struct llama_shape *shape, uint32_t index, struct llama_tensor *tensor);

/* All general.* and llama.* keys; epsilon 1e-5, RoPE base 10000. */
void llama_write_metadata(struct gguf_writer *w, const struct llama_shape *shape, const char *name);

/* general.file_type of a file whose matrices are mostly of this type (enum llama_ftype of llama.h):
 * types of QUANTIZE_TYPES. */
uint32_t llama_file_type(enum ggml_type type);

void llama_declare(struct gguf_writer *w, const struct llama_tensor *tensor);

#ifdef __cplusplus
}
#endif
#endif
