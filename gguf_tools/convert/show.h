/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Values of a file's metadata for a person, each on a line and cut short.
 *
 *     show_value(stdout, gguf_find_kv(g, "tokenizer.ggml.tokens")); // 512 x string ["<unk>", ...]
 */
#ifndef GGUF_SHOW_H
#define GGUF_SHOW_H

#include <stdio.h>

#include "csrc/gguf/gguf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A scalar as it lies in the file. */
struct scalar {
    enum { SCALAR_UNSIGNED, SCALAR_SIGNED, SCALAR_FLOAT, SCALAR_BOOL } kind;
    uint64_t bits; /* unsigned value or bool */
    int64_t integer;
    double real;
};

struct scalar load_scalar(enum gguf_value_type type, const uint8_t *data);

void show_scalar(FILE *out, enum gguf_value_type type, const uint8_t *data);

/* In quotes; up to `limit` bytes. */
void show_text(FILE *out, struct gguf_string text, uint64_t limit);

void show_value(FILE *out, const struct gguf_kv *kv);

/* "64 x 512" */
#define SHAPE_SIZE 96u
void shape_text(const struct gguf_tensor *tensor, char text[SHAPE_SIZE]);

#ifdef __cplusplus
}
#endif
#endif
