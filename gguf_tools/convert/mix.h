/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Which type each matrix of a file gets: one for all, or one of the usual mixes, which spend more
 * bits on some tensors and layers.
 *
 *     int mix = mix_find("Q4_K_M");
 *     type = mix_type(mix, &(struct mix_matrix){"blk.3.ffn_down.weight", 2048, 3, 22, 0, false});
 */
#ifndef GGUF_MIX_H
#define GGUF_MIX_H

#include <stdbool.h>
#include <stdint.h>

#include "csrc/gguf/gguf.h"
#include "generated/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What gguf quantize and gguf make take as TYPE. Q2_K is the mix that files of that name have,
 * Q2_K_S has that type in every matrix; all others without _M too. */
#define MIX_OF_ONE(TYPE, type) "|" #TYPE
#define MIXES                  "F32|F16|BF16|Q5_K_M|Q4_K_M|Q3_K_M|Q2_K_S" LOCKSTEP_QUANTISED_TYPES(MIX_OF_ONE)

struct mix_matrix {
    const char *name; /* of the tensor, NUL-terminated */
    uint64_t columns; /* of a row */
    uint32_t layer, layers;
    uint32_t experts; /* of a layer; 0: none */
    bool output;      /* gives the logits: output.weight, or the embedding where they are tied */
};

/* The number of a mix by its name, in any case, or -1. */
int mix_find(const char *name);

const char *mix_name(int mix);

/* general.file_type of a file of it. */
uint32_t mix_file_type(int mix);

/* The type of a matrix. Rows that are no whole number of the type's blocks get the next larger type
 * of 32 columns, or F16. */
enum ggml_type mix_type(int mix, const struct mix_matrix *matrix);

#ifdef __cplusplus
}
#endif
#endif
