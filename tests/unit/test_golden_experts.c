/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A mixture of experts in the golden model: its records in the order of section 13 of
 * docs/numerics.md, each computed again from its inputs by the page written out plainly and from
 * the bytes of the expert that it names, counted by hand. Experts in another order, or another one,
 * give other words. A weight that is no number stops the token that its expert is chosen for, and
 * no other.
 */
#include "csrc/golden/golden_dot.h"
#include "golden_naive_ops.h"
#include "golden_random_model.h"

#define SIZES(...)                                                                                 \
    {.dim = 64,                                                                                    \
     .hidden = 48,                                                                                 \
     .layers = 2,                                                                                  \
     .heads = 4,                                                                                   \
     .kv_heads = 2,                                                                                \
     .head_dim = 16,                                                                               \
     .n_rot = 16,                                                                                  \
     .vocab = 96,                                                                                  \
     .rope_base = 10000,                                                                           \
     __VA_ARGS__}

static const struct example {
    enum family_number family;
    struct ls_model shape;
    enum ggml_type type;
} examples[] = {
    {FAMILY_llama, SIZES(.experts = 8, .experts_used = 2), GGML_TYPE_F32},
    {FAMILY_qwen2moe, SIZES(.experts = 6, .experts_used = 4, .shared_hidden = 80), GGML_TYPE_F32},
    {FAMILY_qwen3moe, SIZES(.experts = 13, .experts_used = 5), GGML_TYPE_F32},
    {FAMILY_qwen3moe, SIZES(.experts = 3, .experts_used = 3), GGML_TYPE_F32},
    {FAMILY_llama, SIZES(.experts = 1, .experts_used = 1), GGML_TYPE_F32},
};

/* What a layer's records behind the norm in front of its experts are. */
struct step {
    uint32_t op;
    const char *name;
    enum role role; /* ROLES: no weights */
};

static const struct step choice[] = {
    {LOCKSTEP_OP_MATVEC, "ffn_gate_inp.weight", ROLE_FFN_ROUTER},
    {LOCKSTEP_OP_ROUTE, "ffn_route", ROLES},
};
static const struct step turn[] = {
    {LOCKSTEP_OP_MATVEC, "ffn_gate_exps.weight", ROLE_FFN_GATE_EXPS},
    {LOCKSTEP_OP_MATVEC, "ffn_up_exps.weight", ROLE_FFN_UP_EXPS},
    {LOCKSTEP_OP_SWIGLU, "ffn_act", ROLES},
    {LOCKSTEP_OP_MATVEC, "ffn_down_exps.weight", ROLE_FFN_DOWN_EXPS},
    {LOCKSTEP_OP_WEIGH, "ffn_weighed", ROLES},
    {LOCKSTEP_OP_ADD, "ffn_residual", ROLES},
};
static const struct step shared[] = {
    {LOCKSTEP_OP_MATVEC, "ffn_gate_inp_shexp.weight", ROLE_SHARED_ROUTER},
    {LOCKSTEP_OP_SIGMOID, "shared_share", ROLES},
    {LOCKSTEP_OP_MATVEC, "ffn_gate_shexp.weight", ROLE_SHARED_GATE},
    {LOCKSTEP_OP_MATVEC, "ffn_up_shexp.weight", ROLE_SHARED_UP},
    {LOCKSTEP_OP_SWIGLU, "ffn_act", ROLES},
    {LOCKSTEP_OP_MATVEC, "ffn_down_shexp.weight", ROLE_SHARED_DOWN},
    {LOCKSTEP_OP_WEIGH, "shared_weighed", ROLES},
    {LOCKSTEP_OP_ADD, "shared_residual", ROLES},
};
#define STEPS(list) (sizeof(list) / sizeof *(list))

struct look {
    struct host_test *t;
    struct tables tables;
    const struct ls_model *model;
    const struct golden_record *record; /* of a token */
    size_t at;                          /* the record that is looked at */
};

static void check_step(struct look *k, const struct step *s, uint32_t layer, int expert) {
    const struct golden_record *r = &k->record[k->at];
    char name[ROLE_NAME_SIZE];
    snprintf(name, sizeof name, "blk.%u.%s", layer, s->name);
    CHECK(k->t, r->op == s->op && r->layer == (int)layer && r->expert == expert,
          "record %zu: op %u of layer %d, expert %d: not op %u of layer %u, expert %d", k->at,
          r->op, r->layer, r->expert, s->op, layer, expert);
    CHECK(k->t, strcmp(r->tensor, name) == 0, "record %zu: %s, not %s", k->at, r->tensor, name);
    CHECK(k->t, (r->weights != NULL) == (s->role != ROLES), "record %zu: weights", k->at);
    if (s->role == ROLES || r->weights == NULL)
        return;
    /* the bytes of the expert's matrix, which is what the record says that it used */
    const struct gguf_tensor *whole = k->model->layer[layer].tensor[s->role];
    const uint64_t bytes = whole->ne[0] * whole->ne[1] * sizeof(float);
    const uint64_t skip = expert < 0 ? 0 : bytes * (uint64_t)expert;
    CHECK(k->t,
          r->weights->data == whole->data + skip && r->weights->offset == whole->offset + skip &&
              r->weights->size == bytes && r->weights->ne[0] == whole->ne[0] &&
              r->weights->ne[1] == whole->ne[1] && r->weights->ne[2] == 1,
          "record %zu: other weights", k->at);
    const struct golden_matrix matrix = {.type = GGML_TYPE_F32,
                                         .data = whole->data + skip,
                                         .rows = (size_t)whole->ne[1],
                                         .cols = (size_t)whole->ne[0]};
    struct golden_block blocks[4];
    uint32_t y[96];
    size_t done = 0;
    golden_blocks_from(k->record[r->input[0]].words, matrix.cols, 16, blocks);
    golden_matvec(&matrix, blocks, 16, y, &done);
    CHECK(k->t,
          r->count == matrix.rows && done == r->count && memcmp(y, r->words, done * sizeof *y) == 0,
          "record %zu: another product", k->at);
}

/* A word of a record without weights, from its inputs. */
static uint32_t word_of(struct naive *n, const struct golden_record *all,
                        const struct golden_record *r, size_t i) {
    const uint32_t a = all[r->input[0]].words[i];
    const uint32_t *b = r->input[1] != GOLDEN_NO_RECORD ? all[r->input[1]].words : NULL;
    switch (r->op) {
    case LOCKSTEP_OP_SWIGLU:
        return n_mul(n, n_silu(n, a), b[i]);
    case LOCKSTEP_OP_SIGMOID:
        return n_sigmoid(n, a);
    case LOCKSTEP_OP_WEIGH:
        return n_mul(n, b[r->expert < 0 ? 0 : r->expert], a);
    default:
        return n_add(n, a, b[i]);
    }
}

static void take_steps(struct look *k, const struct step *steps, size_t count, uint32_t layer,
                       int expert) {
    struct naive n = {&k->tables, false};
    for (size_t s = 0; s < count; s++, k->at++) {
        const struct golden_record *r = &k->record[k->at];
        check_step(k, &steps[s], layer, expert);
        for (size_t i = 0; i < r->count && r->weights == NULL && r->op != LOCKSTEP_OP_ROUTE; i++)
            CHECK(k->t, r->words[i] == word_of(&n, k->record, r, i), "record %zu, element %zu",
                  k->at, i);
    }
}

/* The stream behind the experts if they were added the other way round. */
static bool same_backwards(struct look *k, size_t first, uint32_t used) {
    const struct golden_record *end = &k->record[first + used * STEPS(turn) - 1];
    struct naive n = {&k->tables, false};
    for (size_t i = 0; i < end->count; i++) {
        uint32_t x = k->record[k->record[first + STEPS(turn) - 1].input[0]].words[i];
        for (uint32_t e = used; e-- > 0;)
            x = n_add(&n, x, k->record[first + e * STEPS(turn) + 4].words[i]);
        if (x != end->words[i])
            return false;
    }
    return true;
}

struct seen {
    unsigned chosen[16]; /* tokens and layers that chose an expert */
    unsigned backwards;  /* times that the order of the experts told */
};

static void check_layer(struct look *k, uint32_t layer, struct seen *seen) {
    const struct ls_model *m = k->model;
    const size_t norm = k->at++;
    uint32_t weights[128];
    bool taken[128];
    CHECK(k->t, k->record[norm].op == LOCKSTEP_OP_NORM, "the norm of layer %u", layer);
    take_steps(k, choice, STEPS(choice), layer, -1);
    const struct golden_record *route = &k->record[k->at - 1];
    struct naive n = {&k->tables, false};
    n_route(&n, k->record[route->input[0]].words, m->experts, m->experts_used,
            m->experts_normalised, false, taken, weights);
    CHECK(k->t,
          route->count == m->experts &&
              memcmp(weights, route->words, m->experts * sizeof *weights) == 0,
          "layer %u: weights", layer);
    const size_t first = k->at;
    for (uint32_t e = 0; e < m->experts; e++) {
        if (!taken[e])
            continue;
        seen->chosen[e]++;
        const size_t begin = k->at;
        take_steps(k, turn, STEPS(turn), layer, (int)e);
        CHECK(k->t,
              k->record[begin].input[0] == norm && k->record[begin + 1].input[0] == norm &&
                  k->record[begin + 4].input[0] == begin + 3 &&
                  k->record[begin + 4].input[1] == first - 1 &&
                  k->record[begin + 5].input[0] == (begin == first ? norm - 1 : begin - 1) &&
                  k->record[begin + 5].input[1] == begin + 4,
              "layer %u, expert %u: inputs", layer, e);
    }
    seen->backwards += !same_backwards(k, first, m->experts_used);
    if (m->shared_hidden != 0)
        take_steps(k, shared, STEPS(shared), layer, -1);
}

static void check_token(struct look *k, size_t count, struct seen *seen) {
    for (uint32_t layer = 0; layer < k->model->layers; layer++) {
        while (k->at < count && (k->record[k->at].layer != (int)layer ||
                                 strstr(k->record[k->at].tensor, "ffn_norm") == NULL))
            k->at++;
        check_layer(k, layer, seen);
    }
    CHECK(k->t, k->at + 2 == count && k->record[k->at].op == LOCKSTEP_OP_NORM, "the end");
}

static void test_records(struct host_test *t, const struct example *e) {
    static struct random_model r;
    struct golden *golden;
    struct ls_error err = {{0}};
    struct look k = {.t = t, .model = &r.model};
    struct seen seen = {0};
    tables_make(&k.tables);
    random_model_make(&r, &e->shape, e->family, 0, e->type);
    CHECK(t, golden_open(&r.model, 16, 1, 1, 40, &golden, &err) == 0, "%s", err.text);
    for (uint32_t pos = 0; pos < 20 && golden != NULL; pos++) {
        size_t count;
        CHECK(t, golden_run(golden, 0, 0, pos, pos * 7 % 96, true, &err) == 0, "%s", err.text);
        k.record = golden_records(golden, 0, &count);
        k.at = 0;
        check_token(&k, count, &seen);
    }
    unsigned experts = 0;
    for (uint32_t i = 0; i < r.model.experts; i++)
        experts += seen.chosen[i] != 0;
    CHECK(t, experts == r.model.experts, "%s: %u of %u experts were chosen", r.model.family->arch,
          experts, r.model.experts);
    CHECK(t, (seen.backwards > 20) == (r.model.experts_used > 1), "%s: the order told %u times",
          r.model.family->arch, seen.backwards);
    golden_close(golden);
    random_model_free(&r);
}

/* An expert whose gate holds a NaN. */
static void test_fault(struct host_test *t) {
    static struct random_model r;
    const struct example *e = &examples[0];
    const uint32_t bad = 3, nan = 0x7fc00000;
    struct golden *golden;
    struct ls_error err = {{0}};
    unsigned stopped = 0, ran = 0;
    random_model_make(&r, &e->shape, e->family, 0, e->type);
    const struct gguf_tensor *gate = r.layer[1].tensor[ROLE_FFN_GATE_EXPS];
    const uint64_t element = (bad * gate->ne[1] + 5) * gate->ne[0] + 7;
    memcpy((uint8_t *)(uintptr_t)gate->data + element * sizeof nan, &nan, sizeof nan);
    CHECK(t, golden_open(&r.model, 16, 1, 1, 40, &golden, &err) == 0, "%s", err.text);
    for (uint32_t token = 0; token < 60; token++) {
        size_t count;
        bool chosen = false;
        const int status = golden_run(golden, 0, 0, 0, token, true, &err);
        const struct golden_record *record = golden_records(golden, 0, &count);
        for (size_t i = 0; i < count; i++)
            chosen = chosen || (record[i].layer == 1 && record[i].expert == (int)bad);
        CHECK(t, chosen == (status != 0), "token %u: chosen %d, status %d", token, chosen, status);
        const struct golden_record *last = &record[count - 1];
        CHECK(t,
              status == 0 || (last->expert == (int)bad && last->count == 5 &&
                              strcmp(last->tensor, "blk.1.ffn_gate_exps.weight") == 0 &&
                              golden_slot_stop(golden, 0)->fault == GOLDEN_FAULT_NONFINITE),
              "token %u: stops at %s, element %zu", token, last->tensor, last->count);
        (status != 0 ? &stopped : &ran)[0]++;
    }
    CHECK(t, stopped > 5 && ran > 5, "%u tokens stopped, %u ran", stopped, ran);
    golden_close(golden);
    random_model_free(&r);
}

int main(void) {
    struct host_test t = {"golden_experts", 0, 0};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        test_records(&t, &examples[i]);
    test_fault(&t);
    return host_test_finish(&t);
}
