/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Perplexity on a text, as llama.cpp measures it: the text is cut into chunks of `context` tokens,
 * each of which begins with BOS where the model wants one; the tokens of a chunk's second half
 * count. That of the device, from the logits that it commits; beside it those of the golden model,
 * which must be equal, and of the float reference.
 *
 *     struct perplexity p;
 *     if (perplexity_open(&p, &options, &err) == 0)
 *         verdict = perplexity_run(&p, &err);
 *     perplexity_of(&p, PERPLEXITY_DEVICE, p.done); // .value, .error
 *     perplexity_close(&p);
 */
#ifndef LOCKSTEP_PERPLEXITY_H
#define LOCKSTEP_PERPLEXITY_H

#include "csrc/model/model.h"
#include "sim_run.h"

#ifdef __cplusplus
extern "C" {
#endif

struct perplexity_options {
    const char *model, *file;
    uint32_t context; /* tokens of a chunk; 0: 512, or what the model has */
    uint32_t chunks;  /* at most; 0: all of the text */
    enum sim_backend backend;
    uint32_t threads; /* of the golden model alone; 0: a core each */
    bool reference;   /* the float reference beside */
};

extern const struct options perplexity_table;

/* Whose logits. */
enum { PERPLEXITY_DEVICE, PERPLEXITY_GOLDEN, PERPLEXITY_FLOAT, PERPLEXITY_WHOSE };

struct perplexity {
    const struct perplexity_options *options;
    struct ls_model *model;
    uint32_t *tokens; /* [chunks][context] */
    uint32_t chunks, context;
    uint32_t first;                 /* position in a chunk from which on the next token counts */
    uint32_t count;                 /* tokens of a chunk that count */
    uint32_t done;                  /* chunks */
    double *nats[PERPLEXITY_WHOSE]; /* [chunks][count] of each token; NULL: not asked for */
    uint64_t words;                 /* compared with the golden model */
    char message[640];              /* the difference or the error, or empty */
    const volatile bool *interrupted;
    void (*on_chunk)(const struct perplexity *p, uint32_t chunk); /* done, in their order */
};

struct perplexity_value {
    double value, error; /* standard error, as llama.cpp gives it */
};

/* Opens the model and cuts the text. Returns 0, or -1 with `err`. */
int perplexity_open(struct perplexity *p, const struct perplexity_options *options,
                    struct ls_error *err);
void perplexity_close(struct perplexity *p);

/* SIM_BAD_INPUT comes with `err`, SIM_DIFFERENCE and SIM_DEVICE_ERROR with p->message. */
enum sim_verdict perplexity_run(struct perplexity *p, struct ls_error *err);

/* Over the first chunks. */
struct perplexity_value perplexity_of(const struct perplexity *p, int whose, uint32_t chunks);

/* Whether the device's numbers of these chunks are there, and the golden model's, to the last bit.
 */
bool perplexity_same(const struct perplexity *p, uint32_t first, uint32_t count);

/* For those who compute: the logits (binary32 bits) of a chunk's position that counts. */
void perplexity_put(struct perplexity *p, int whose, uint32_t chunk, uint32_t position,
                    const uint32_t *logits, double *scratch);

/* The device; perplexity_run does the others. */
enum sim_verdict perplexity_rtl(struct perplexity *p, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
