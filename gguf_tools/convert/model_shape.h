/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The layout of a model file: its hyperparameters, the metadata that
 * names them, and its tensors in file order.
 *
 *     struct model_shape shape = *model_shape_of(FAMILY_gemma3);
 *     struct model_tensor tensor;
 *     model_write_metadata(w, &shape, "tiny");
 *     for (uint32_t i = 0; model_tensor_at(&shape, i, &tensor); i++)
 *         model_declare(w, &tensor);
 */
#ifndef GGUF_MODEL_SHAPE_H
#define GGUF_MODEL_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "csrc/gguf/gguf.h"
#include "csrc/model/family.h"
#include "gguf_write.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How the rotary embedding is scaled; by what, is model_shape.c's. */
#define MODEL_SCALINGS "none|linear|llama3|yarn|longrope"
enum model_scaling { SCALING_NONE, SCALING_LINEAR, SCALING_LLAMA3, SCALING_YARN, SCALING_LONGROPE };

struct model_shape {
    uint32_t dim;        /* elements of the residual stream */
    uint32_t hidden;     /* elements of the feed-forward layer */
    uint32_t layers;     /* number of blocks */
    uint32_t heads;      /* query heads; divides dim */
    uint32_t kv_heads;   /* key and value heads; divides heads */
    uint32_t vocab;      /* tokens */
    uint32_t context;    /* positions */
    enum ggml_type type; /* of the matrices, one that quantize_row() writes */
    bool tied;           /* no output.weight: token_embd serves */
    enum family_number family;
    bool biases; /* with those that the family's files may lack */

    /* What may be left out, and is 0 then. */
    uint32_t head_dim;     /* elements of a head; 0: dim / heads */
    uint32_t rotary;       /* those that turn; 0: all */
    uint32_t window;       /* positions of local layers; 0: none */
    float base;            /* of the rotary embedding; 0: 10000 */
    uint32_t experts;      /* of a layer, each of `hidden` elements; 0: none */
    uint32_t experts_used; /* by a token */
    uint32_t
        shared; /* elements of the shared expert, where the family has one; 0: twice `hidden` */
    enum model_scaling scaling;
    bool parallel;   /* feed-forward beside attention, where the family has both kinds; in stablelm
                      * with a norm of each head */
    const char *mix; /* a mix of mix.h for `type`; NULL: one type */
};

struct model_tensor {
    enum role role;
    char name[ROLE_NAME_SIZE];
    enum ggml_type type;    /* as stored: rows of broken blocks are F16 */
    uint64_t columns, rows; /* elements of a row; rows of a matrix */
    uint64_t matrices;      /* one behind the other: experts, or 1 */
    bool norm;              /* gains, one row or one of each head, or biases: F32 */
    bool factors;           /* of a rotary embedding: no role */
};

/* A small shape of a family that shows what is particular about it. */
const struct model_shape *model_shape_of(enum family_number family);

/* That of a published model, with the mix of types of its file, by its place in MODEL_SHAPES. */
#define MODEL_SHAPES                                                                               \
    "SmolLM2-135M|Qwen2.5-0.5B|Qwen3-0.6B|Gemma-3-270M|GPT-2-124M|TinyLlama-1.1B|Llama-3.2-1B|"    \
    "Phi-2|StableLM-2-12B|Qwen1.5-MoE-A2.7B|Qwen3-30B-A3B|Mixtral-8x7B"
const struct model_shape *model_shape_published(unsigned place);

/* Checks divisibility, and that the family has what is asked for. Returns 0, or -1 with one line in
 * `err`. */
int model_shape_check(const struct model_shape *shape, struct ls_error *err);

/* The tensor at `index` in file order; false past the last. */
bool model_tensor_at(const struct model_shape *shape, uint32_t index, struct model_tensor *tensor);

/* All general.* keys and those of the family; epsilon 1e-5. */
void model_write_metadata(struct gguf_writer *w, const struct model_shape *shape, const char *name);

/* general.file_type of a file whose matrices are mostly of this type (enum llama_ftype of llama.h):
 * one that quantize_row() writes. */
uint32_t model_file_type(enum ggml_type type);

void model_declare(struct gguf_writer *w, const struct model_tensor *tensor);

#ifdef __cplusplus
}
#endif
#endif
