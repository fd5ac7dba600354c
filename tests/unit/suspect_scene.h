/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A difference as the scoreboard leaves it behind, without a device: the records of a golden model
 * in two slots, and vectors beside them that a test makes wrong.
 *
 *     struct scene *s = scene_begin(t, FAMILY_llama, shape, GGML_TYPE_F32);
 *     choose(s, LOCKSTEP_OP_MATVEC, "ffn_up");
 *     s->actual[0][7] ^= 1;
 *     points_to(s, "ffn_up.weight, row 7", "one row alone");
 *     scene_end(s);
 */
#ifndef SUSPECT_SCENE_H
#define SUSPECT_SCENE_H

#include "csrc/golden/golden_kv.h"
#include "generated/device.h"
#include "golden_random_model.h"
#include "sim/check/sim_analysis.h"
#include "sim/check/sim_suspect.h"
#include "tests/kit/small_limits.h"

enum { SLOTS = 2, MOST = 512, POSITIONS = 12 };

struct scene {
    struct host_test *t;
    struct random_model r;
    struct fw_limits limits;
    struct golden *golden;
    struct scoreboard board;
    const struct golden_record *record; /* of slot 0 */
    uint32_t actual[SLOTS][MOST];
    struct analysis analysis;
    char *said;
};

#define SIZES(...)                                                                                 \
    {.dim = 64,                                                                                    \
     .hidden = 96,                                                                                 \
     .layers = 2,                                                                                  \
     .heads = 4,                                                                                   \
     .kv_heads = 2,                                                                                \
     .head_dim = 32,                                                                               \
     .vocab = 96,                                                                                  \
     .rope_base = 10000,                                                                           \
     __VA_ARGS__}

/* Two sequences, a slot each; the second is shorter. */
static inline struct scene *scene_begin(struct host_test *t, enum family_number family,
                                        struct ls_model shape, enum ggml_type type) {
    struct scene *s = calloc(1, sizeof *s);
    struct ls_error err;
    if (s == NULL)
        exit(1);
    s->t = t;
    s->limits = small_limits;
    random_model_make(&s->r, &shape, family, 0, type);
    if (golden_open(&s->r.model, 16, SLOTS, SLOTS, RANDOM_MODEL_TOKENS, &s->golden, &err) != 0)
        exit(1);
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        for (uint32_t at = 0; at < POSITIONS - slot; at++)
            if (golden_run(s->golden, slot, slot, at, (at * 7 + slot * 5) % 96, true, &err) != 0)
                exit(1);
    return s;
}

static inline void scene_end(struct scene *s) {
    golden_close(s->golden);
    random_model_free(&s->r);
    free(s->said);
    free(s);
}

static inline const struct golden_record *record_of(const struct scene *s, uint32_t slot,
                                                    size_t *at) {
    size_t count;
    const struct golden_record *records = golden_records(s->golden, slot, &count);
    return *at < count ? &records[*at] : NULL;
}

/* The record of an op and tensor (a part of its name) behind `skip` of them: all slots as they
 * should be. */
static inline void choose_behind(struct scene *s, uint32_t skip, uint32_t op, const char *tensor) {
    size_t at = 0;
    while ((s->record = record_of(s, 0, &at)) != NULL &&
           (s->record->op != op || strstr(s->record->tensor, tensor) == NULL || skip-- != 0))
        at++;
    if (s->record == NULL || s->record->count > MOST) {
        printf("FAIL suspect: no %s\n", tensor);
        exit(1);
    }
    s->board = (struct scoreboard){.golden = s->golden,
                                   .model = &s->r.model,
                                   .first = {.found = true,
                                             .op = op,
                                             .layer = (uint32_t)s->record->layer,
                                             .record = s->record,
                                             .kind = s->record->kind,
                                             .position = POSITIONS - 1}};
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        const struct golden_record *r = record_of(s, slot, &at);
        memcpy(s->actual[slot], r->words, r->count * sizeof *r->words);
        s->board.vectors[slot] = (struct scoreboard_vector){.expected = r,
                                                            .sequence = slot,
                                                            .position = POSITIONS - 1 - slot,
                                                            .actual = s->actual[slot],
                                                            .count = (uint32_t)r->count};
    }
    s->analysis = (struct analysis){.model = &s->r.model,
                                    .limits = &s->limits,
                                    .message = "pass 3: energy of it",
                                    .board = &s->board};
}

static inline void choose(struct scene *s, uint32_t op, const char *tensor) {
    choose_behind(s, 0, op, tensor);
}

static inline void run_on(struct scene *s, void (*write)(struct analysis *, FILE *)) {
    size_t size;
    free(s->said);
    FILE *out = open_memstream(&s->said, &size);
    if (out == NULL)
        exit(1);
    write(&s->analysis, out);
    fclose(out);
}

/* The unit, and what is said before it; NULL: nothing. */
static inline void points_to(struct scene *s, const char *unit, const char *line) {
    char end[128];
    run_on(s, suspect_write);
    snprintf(end, sizeof end, "look first at: %s\n", s->analysis.unit);
    CHECK(s->t, strstr(s->analysis.unit, unit) != NULL, "'%s', not '%s'", s->analysis.unit, unit);
    CHECK(s->t, line == NULL ? strcmp(s->said, end) == 0 : strstr(s->said, line) != NULL,
          "'%s' says not '%s'", s->said, line == NULL ? "nothing else" : line);
    CHECK(s->t, strstr(s->said, end) != NULL, "the unit is told last");
}

static inline void says(struct scene *s, const char *line) {
    run_on(s, analysis_write);
    CHECK(s->t, strstr(s->said, line) != NULL, "'%s' says not '%s'", s->said, line);
}

static inline float to_float(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint32_t to_bits(double value) {
    const float x = (float)value;
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline const uint32_t *input_of(const struct scene *s, uint32_t slot) {
    size_t at = s->record->input[0];
    return record_of(s, slot, &at)->words;
}

#endif
