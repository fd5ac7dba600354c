/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A small model for the tests of the control half: a program of the llama kind, its tensors, and
 * logits that are a hash of sequence, position, token and row, so that what each sequence must
 * generate follows from its prompt alone, however passes are formed.
 */
#ifndef CONTROL_MODEL_H
#define CONTROL_MODEL_H

#include "control_bench.h"

enum {
    MODEL_LAYERS = 3,
    MODEL_PERIOD = 2, /* every second layer is local, the first one, too */
    MODEL_HEADS = 4,
    MODEL_KV_HEADS = 2,
    MODEL_HEAD_DIM = 16,
    MODEL_DIM = 64,
    MODEL_HIDDEN = 96,
    MODEL_VOCAB = 40,
    MODEL_CONTEXT = 64,
    MODEL_SEQS = 4,
    MODEL_EXPERTS = 128,
    MODEL_USED = 3,
    MODEL_STRIDE = 11,
    MODEL_GLOBAL = 3,
    MODEL_PLACES = MODEL_GLOBAL + MODEL_LAYERS * MODEL_STRIDE, /* tensor of the positions */
    MODEL_TENSORS = MODEL_PLACES + 1,
    MODEL_OPS = 39,
    MODEL_EOG = 13
};

enum { MODEL_OF_LAYER = 1, MODEL_OF_EXPERT = 2 };

struct model_op {
    uint32_t op, tensor, flags, dst, a, b, n, imm; /* flags: MODEL_* */
};
struct model_tensor {
    uint64_t address;
    uint32_t type, rows, cols;
};

extern const struct model_op model_program[MODEL_OPS];
extern struct model_tensor model_tensors[MODEL_TENSORS]; /* filled by model_load */

/* Writes program, tensors and geometry to the device and scripts its logits. */
void model_load(struct bench *b);
void model_write_op(struct bench *b, uint32_t pc, const struct model_op *op);
void model_write_tensor(struct bench *b, uint32_t index, const struct model_tensor *tensor);
bool model_has_tensor(uint32_t op);
uint64_t model_row_bytes(const struct model_tensor *tensor);

/* A word into token-in as soon as there is room; what fills token-out meanwhile is kept. */
void model_push(struct bench *b, uint32_t word);

/* The next word of token-out, kept or new; 0xffffffff if there is none. */
uint32_t model_pull(struct bench *b);
uint32_t model_wait(struct bench *b); /* the same, when the engine has put one out or rests */

/* After a soft reset; a check fails if the model is not ready then. */
void model_validate(struct bench *b);

/* A sequence and what it has become. */
struct model_sequence {
    uint32_t seq, prompt, budget, length, generated;
    uint32_t token[256]; /* length of them */
    bool eog;            /* MODEL_EOG ends it */
    bool ended;
};
struct model_sequence model_sequence(struct bench *b, uint32_t seq, uint32_t prompt,
                                     uint32_t budget);

/* Generates a token greedily; returns the word that token-out must hold. */
uint32_t model_next(struct model_sequence *s);

struct model_entry {
    uint32_t token, logit;
};
/* All tokens behind the last one of `s`, best first. */
void model_list(const struct model_sequence *s, struct model_entry list[MODEL_VOCAB]);
void model_sort(struct model_entry *list, size_t count); /* best first */

#endif
