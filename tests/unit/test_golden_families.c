/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model against the float reference in every family, on small random models in F32 and
 * in Q8_0 that have all that is special in the family. Each special thing is then taken away from
 * the golden model alone, or done as a neighbour does it, and that must be seen; so must every
 * tensor of a layer that is another layer's.
 */
#include "csrc/golden/golden_kv.h"
#include "golden_random_model.h"

#define LIMIT 1e-6 /* mean KL, nats */

#define BIASES(m)                                                                                  \
    (m(ATTN_Q_BIAS) | m(ATTN_K_BIAS) | m(ATTN_V_BIAS) | m(ATTN_OUTPUT_BIAS) | m(FFN_UP_BIAS) |     \
     m(FFN_DOWN_BIAS))
#define BIT(role) ROLE_BIT(ROLE_##role)

/* Heads of a block each. */
#define SIZES(layer_count, kv_head_count, rotated, base)                                           \
    .dim = 64, .hidden = 96, .layers = (layer_count), .heads = 4, .kv_heads = (kv_head_count),     \
    .head_dim = 32, .n_rot = (rotated), .vocab = 96, .rope_base = (base)

static const float factors[16] = {1, 1, 1.5f, 1, 2, 3, 4, 4.5f, 5, 6, 7, 8, 8.25f, 9, 9, 32};

struct example {
    const char *name;
    enum family_number family;
    struct ls_model shape;
    uint64_t optional; /* roles */
};

static const struct example examples[] = {
    {"llama, Llama 3's factors",
     FAMILY_llama,
     {SIZES(2, 2, 32, 10000), .rope_factors = factors},
     0},
    {"qwen2", FAMILY_qwen2, {SIZES(2, 2, 32, 10000), .rope_halves = true}, 0},
    {"qwen3", FAMILY_qwen3, {SIZES(2, 2, 32, 10000), .rope_halves = true}, 0},
    {"gemma3",
     FAMILY_gemma3,
     {SIZES(7, 2, 32, 1000000), .rope_halves = true, .rope_scale = 8, .embedding_scale = 8,
      .local_period = 6, .local_count = 5, .local_window = 7, .local_rope_base = 10000},
     0},
    {"gpt2", FAMILY_gpt2, {SIZES(2, 4, 0, 10000)}, 0},
    {"phi3, longrope",
     FAMILY_phi3,
     {SIZES(2, 2, 32, 10000), .rope_halves = true, .rope_factors = factors,
      .rope_magnitude = 1.19f},
     0},
    {"gemma2",
     FAMILY_gemma2,
     {SIZES(2, 2, 32, 10000), .rope_halves = true, .embedding_scale = 8, .local_period = 2,
      .local_count = 1, .local_window = 7, .attn_cap = 2, .attn_scale = 0.25f},
     0},
    {"gemma", FAMILY_gemma, {SIZES(2, 2, 32, 10000), .rope_halves = true, .embedding_scale = 8}, 0},
    {"granite",
     FAMILY_granite,
     {SIZES(2, 2, 32, 10000), .embedding_scale = 12, .residual_scale = 0.22f,
      .attn_scale = 0.0625f},
     0},
    {"olmo2", FAMILY_olmo2, {SIZES(2, 2, 32, 10000), .rope_halves = true}, 0},
    {"starcoder2", FAMILY_starcoder2, {SIZES(2, 2, 32, 10000), .rope_halves = true}, BIASES(BIT)},
    {"stablelm, in sequence",
     FAMILY_stablelm,
     {SIZES(2, 2, 8, 10000), .rope_halves = true},
     BIT(FFN_NORM) | BIT(FFN_NORM_BIAS) | BIT(ATTN_Q_BIAS) | BIT(ATTN_K_BIAS) | BIT(ATTN_V_BIAS)},
    {"stablelm, parallel",
     FAMILY_stablelm,
     {SIZES(2, 2, 8, 10000), .rope_halves = true, .parallel_residual = true},
     BIT(ATTN_Q_NORM) | BIT(ATTN_K_NORM)},
    {"gptneox, in sequence",
     FAMILY_gptneox,
     {SIZES(2, 2, 8, 10000), .rope_halves = true},
     BIASES(BIT)},
    {"gptneox, parallel",
     FAMILY_gptneox,
     {SIZES(2, 2, 8, 10000), .rope_halves = true, .parallel_residual = true},
     BIASES(BIT)},
    {"phi2",
     FAMILY_phi2,
     {SIZES(2, 2, 8, 10000), .rope_halves = true, .parallel_residual = true},
     BIASES(BIT)},
    {"llama, experts", FAMILY_llama, {SIZES(2, 2, 32, 10000), .experts = 6, .experts_used = 2}, 0},
    {"qwen2moe",
     FAMILY_qwen2moe,
     {SIZES(2, 2, 32, 10000), .rope_halves = true, .experts = 5, .experts_used = 3,
      .shared_hidden = 128},
     0},
    {"qwen3moe",
     FAMILY_qwen3moe,
     {SIZES(2, 2, 32, 10000), .rope_halves = true, .experts = 8, .experts_used = 4},
     0},
};

/* ---- Planted in the golden model's view of the model ---- */

/* Each changes one thing; false: this model has no such thing. */
static bool wider_window(struct ls_model *m) {
    return m->local_window++ != 0;
}

static bool no_window(struct ls_model *m) {
    const bool had = m->local_window != 0;
    m->local_window = 0;
    return had;
}

static bool other_layers_local(struct ls_model *m) {
    return m->local_count-- != 0;
}

static bool no_local_base(struct ls_model *m) {
    const bool had = m->local_rope_base != 0;
    m->local_rope_base = 0;
    return had;
}

static bool no_cap(struct ls_model *m) {
    const bool had = m->attn_cap != 0;
    m->attn_cap = 0;
    return had;
}

static bool other_attn_scale(struct ls_model *m) {
    m->attn_scale *= 1.01f;
    return true;
}

static bool no_embedding_scale(struct ls_model *m) {
    const bool had = m->embedding_scale != 1;
    m->embedding_scale = 1;
    return had;
}

static bool no_residual_scale(struct ls_model *m) {
    const bool had = m->residual_scale != 1;
    m->residual_scale = 1;
    return had;
}

static bool other_pairs(struct ls_model *m) {
    m->rope_halves = !m->rope_halves;
    return m->n_rot != 0;
}

static bool fewer_pairs(struct ls_model *m) {
    const bool had = m->n_rot != 0;
    m->n_rot -= had ? 2 : 0;
    return had;
}

static bool no_factors(struct ls_model *m) {
    const bool had = m->rope_factors != NULL;
    m->rope_factors = NULL;
    return had;
}

static bool no_rope_scale(struct ls_model *m) {
    const bool had = m->rope_scale != 1;
    m->rope_scale = 1;
    return had;
}

static bool no_magnitude(struct ls_model *m) {
    const bool had = m->rope_magnitude != 1;
    m->rope_magnitude = 1;
    return had;
}

static bool other_branches(struct ls_model *m) {
    const bool both = m->family->number == FAMILY_gptneox ||
                      (m->family->number == FAMILY_stablelm && !m->parallel_residual);
    m->parallel_residual = !m->parallel_residual;
    return both;
}

static bool other_sum_of_weights(struct ls_model *m) {
    m->experts_normalised = !m->experts_normalised;
    return m->experts != 0;
}

static bool fewer_experts_used(struct ls_model *m) {
    const bool had = m->experts_used > 1;
    m->experts_used -= had;
    return had;
}

static bool more_experts_used(struct ls_model *m) {
    m->experts_used += m->experts != 0;
    return m->experts != 0;
}

static bool other_epsilon(struct ls_model *m) {
    m->norm_eps = 0.1f;
    return true;
}

/* A neighbour that lacks one thing: norms of heads, norms behind branches, scales, the gate's
 * function, the sum of a position. */
static bool as_neighbour(struct ls_model *m) {
    static const enum family_number pairs[][2] = {
        {FAMILY_qwen3, FAMILY_qwen2},     {FAMILY_gemma3, FAMILY_gemma2},
        {FAMILY_gemma2, FAMILY_gemma},    {FAMILY_gemma, FAMILY_granite},
        {FAMILY_granite, FAMILY_llama},   {FAMILY_llama, FAMILY_gemma},
        {FAMILY_qwen2, FAMILY_gemma},     {FAMILY_phi3, FAMILY_gemma},
        {FAMILY_gpt2, FAMILY_starcoder2}, {FAMILY_qwen2moe, FAMILY_llama},
        {FAMILY_qwen3moe, FAMILY_llama}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i][0] == m->family->number &&
            (m->experts == 0 || family_at(pairs[i][1])->experts != 0)) {
            m->family = family_at(pairs[i][1]);
            return true;
        }
    return false;
}

static const struct {
    const char *name;
    bool (*plant)(struct ls_model *m);
} plants[] = {
    {"window off by one", wider_window},
    {"no window", no_window},
    {"other layers local", other_layers_local},
    {"no base of local layers", no_local_base},
    {"scores not capped", no_cap},
    {"scores scaled otherwise", other_attn_scale},
    {"embedding not scaled", no_embedding_scale},
    {"branches not scaled", no_residual_scale},
    {"other order of pairs", other_pairs},
    {"a pair less", fewer_pairs},
    {"no factors of pairs", no_factors},
    {"no linear factor", no_rope_scale},
    {"no magnitude", no_magnitude},
    {"parallel for in sequence", other_branches},
    {"another sum of the experts' weights", other_sum_of_weights},
    {"an expert less", fewer_experts_used},
    {"an expert more", more_experts_used},
    {"another epsilon", other_epsilon},
    {"a neighbour's forward pass", as_neighbour},
};

/* ---- Runs ---- */

static unsigned planted; /* faults */

/* A fault has told if the distance says so, or the golden model met an error. */
static void expect_seen(struct host_test *t, const struct random_model *r,
                        const struct ls_model *other, const char *name, const char *what) {
    struct host_test quiet = {NULL, 0, 0};
    const struct ls_witness witness = random_model_run(&quiet, &r->model, other, NULL);
    planted++;
    CHECK(t, quiet.failures > 0 || ls_witness_kl_mean(&witness) > LIMIT, "%s: went unseen: %s (%g)",
          name, what, ls_witness_kl_mean(&witness));
}

/* What sim/check looks for: attention over other positions or without a cap, another bank. With
 * nothing wrong they give what the ops gave. */
static void check_wrong(struct host_test *t, const struct golden *golden,
                        const struct ls_model *m) {
    size_t count;
    uint32_t y[256];
    const struct golden_record *record = golden_records(golden, 0, &count);
    const uint32_t position = golden_kv_length(golden, 0) - 1;
    for (size_t i = 0; i < count; i++) {
        const struct golden_record *r = &record[i];
        const uint32_t layer = (uint32_t)r->layer;
        const size_t bytes = r->count * sizeof *y;
        CHECK(t, r->layer >= -1 && (i == 0 ? r->layer == -1 : i + 1 < count || r->layer == -1),
              "record %zu is of layer %d", i, r->layer);
        if (r->op == LOCKSTEP_OP_ATTEND) {
            const struct golden_kv_place place = {.layer = layer, .position = position};
            const uint32_t *q = record[r->input[0]].words;
            const uint32_t first = golden_first_position(golden, layer, position);
            CHECK(t,
                  golden_wrong_attend(golden, &place, q, first, true, y) &&
                      memcmp(y, r->words, bytes) == 0,
                  "layer %u: attention from position %u", layer, first);
            CHECK(t,
                  position == 0 || !golden_wrong_attend(golden, &place, q, first + 1, true, y) ||
                      memcmp(y, r->words, bytes) != 0,
                  "layer %u: a window too narrow is the same", layer);
            CHECK(t,
                  position == 0 || m->attn_cap == 0 ||
                      !golden_wrong_attend(golden, &place, q, first, false, y) ||
                      memcmp(y, r->words, bytes) != 0,
                  "layer %u: no cap is the same", layer);
        } else if (r->op == LOCKSTEP_OP_ROPE) {
            const uint32_t *x = record[r->input[0]].words;
            golden_wrong_rope(golden, layer, x, r->count, position, 0, 0, y);
            CHECK(t, memcmp(y, r->words, bytes) == 0, "layer %u: rotation", layer);
            const bool other = golden_wrong_bank(golden, layer, x, r->count, position, y);
            CHECK(t, other == (m->local_rope_base != 0), "layer %u: banks", layer);
            CHECK(t, !other || position == 0 || memcmp(y, r->words, bytes) != 0,
                  "layer %u: the other bank is the same", layer);
        }
    }
}

/* Each chosen expert's matrix is its neighbour's. */
static void test_wrong_expert(struct host_test *t, const struct random_model *r, enum role role,
                              const char *name) {
    struct ls_model other = r->model;
    struct ls_layer layer[8];
    struct gguf_tensor turned = *r->layer[0].tensor[role];
    uint8_t *bytes = malloc((size_t)turned.size);
    const size_t one = (size_t)turned.size / r->model.experts, rest = (size_t)turned.size - one;
    if (bytes == NULL)
        exit(1);
    memcpy(bytes, turned.data + one, rest);
    memcpy(bytes + rest, turned.data, one);
    turned.data = bytes;
    memcpy(layer, r->layer, sizeof layer);
    layer[0].tensor[role] = &turned;
    other.layer = layer;
    expect_seen(t, r, &other, name, "the wrong expert");
    free(bytes);
}

/* All heads have the first one's gains. */
static void test_shared_gains(struct host_test *t, const struct random_model *r, enum role role,
                              const char *name) {
    struct ls_model other = r->model;
    struct ls_layer layer[8];
    struct gguf_tensor shared = *r->layer[0].tensor[role];
    const size_t head = r->model.head_dim * sizeof(float);
    uint8_t *bytes = malloc((size_t)shared.size);
    if (bytes == NULL)
        exit(1);
    for (size_t at = 0; at < shared.size; at += head)
        memcpy(bytes + at, shared.data, head);
    shared.data = bytes;
    memcpy(layer, r->layer, sizeof layer);
    layer[0].tensor[role] = &shared;
    other.layer = layer;
    expect_seen(t, r, &other, name, "one head's gains for all");
    free(bytes);
}

static void test_tensors(struct host_test *t, const struct random_model *r, const char *name) {
    for (enum role role = 0; role < ROLES; role++) {
        struct ls_model other = r->model;
        struct ls_layer layer[8];
        const bool of_no_effect =
            role == ROLE_ATTN_K_BIAS && r->model.n_rot == 0; /* the same in every score */
        if ((r->model.roles & ROLE_BIT(role)) == 0 || of_no_effect)
            continue;
        memcpy(layer, r->layer, sizeof layer);
        other.layer = layer;
        if (role_is_of_layer(role)) {
            layer[0].tensor[role] = r->layer[1].tensor[role];
            expect_seen(t, r, &other, name, role_bare_name(role));
        }
        if ((roles_of_experts & ROLE_BIT(role)) != 0)
            test_wrong_expert(t, r, role, name);
        if (role_is_bias(role) || (r->model.family->optional & ROLES_HEAD_NORMS & ROLE_BIT(role))) {
            other = r->model; /* whose op is then missing */
            other.roles &= ~ROLE_BIT(role);
            expect_seen(t, r, &other, name, role_bare_name(role));
        }
        if ((ROLES_HEAD_NORMS & ROLE_BIT(role)) != 0 && r->model.family->head_norm == HEAD_NORM_OWN)
            test_shared_gains(t, r, role, name);
    }
}

static void test_example(struct host_test *t, const struct example *e, enum ggml_type type) {
    static struct random_model r;
    const char *const type_name = type_info_of((uint32_t)type)->name;
    random_model_make(&r, &e->shape, e->family, e->optional, type);
    const struct ls_witness witness = random_model_run(t, &r.model, &r.model, check_wrong);
    const double kl = ls_witness_kl_mean(&witness);
    printf("%s %s: mean KL %.1e, largest logit error %.5f\n", e->name, type_name, kl,
           witness.max_abs_logit_error);
    CHECK(t, witness.tokens == RANDOM_MODEL_TOKENS && kl < LIMIT, "%s %s: mean KL %g", e->name,
          type_name, kl);
    for (size_t i = 0; i < sizeof plants / sizeof *plants && type == GGML_TYPE_F32; i++) {
        struct ls_model other = r.model;
        if (plants[i].plant(&other))
            expect_seen(t, &r, &other, e->name, plants[i].name);
    }
    if (type == GGML_TYPE_F32)
        test_tensors(t, &r, e->name);
    random_model_free(&r);
}

int main(void) {
    struct host_test t = {"golden_families", 0, 0};
    unsigned of_family[FAMILY_COUNT] = {0};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        test_example(&t, &examples[i], GGML_TYPE_F32);
        test_example(&t, &examples[i], GGML_TYPE_Q8_0);
        of_family[examples[i].family]++;
    }
    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        CHECK(&t, of_family[f] != 0, "no example of %s", family_at(f)->arch);
    printf("%u faults planted\n", planted);
    return host_test_finish(&t);
}
