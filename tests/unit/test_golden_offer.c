/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Logits with a bias in the golden model: pieces of OFFER_ROWS rows, each a product, a sum and an
 * offer, hold the words of the product that the model without the bias commits at once, each plus
 * its own bias. An error in a piece ends the run there.
 */
#include "golden_naive_ops.h"
#include "golden_random_model.h"

#define ROWS LOCKSTEP_OFFER_ROWS

static const struct ls_model shape = {.dim = 64,
                                      .hidden = 48,
                                      .layers = 1,
                                      .heads = 4,
                                      .kv_heads = 2,
                                      .head_dim = 16,
                                      .n_rot = 8,
                                      .rope_base = 10000,
                                      .rope_halves = true,
                                      .parallel_residual = true};

static struct golden *open_golden(struct host_test *t, const struct ls_model *m) {
    struct golden *golden = NULL;
    struct ls_error err = {{0}};
    CHECK(t, golden_open(m, 16, 1, 1, 8, &golden, &err) == 0, "%s", err.text);
    return golden;
}

static void check_piece(struct host_test *t, const struct ls_model *m,
                        const struct golden_record *all, size_t at, uint32_t first, uint32_t rows,
                        const uint32_t *expected) {
    static const uint32_t ops[] = {LOCKSTEP_OP_MATVEC, LOCKSTEP_OP_BIAS, LOCKSTEP_OP_OFFER};
    static const char *const names[] = {"output.weight", "output.bias", "logits"};
    for (size_t i = 0; i < 3; i++)
        CHECK(t,
              all[at + i].op == ops[i] && all[at + i].count == rows && all[at + i].layer == -1 &&
                  strcmp(all[at + i].tensor, names[i]) == 0 &&
                  (i == 0 || all[at + i].input[0] == at + i - 1),
              "tokens from %u on: record %zu", first, i);
    const struct gguf_tensor *w = all[at].weights, *b = all[at + 1].weights;
    const struct gguf_tensor *matrix = m->tensor[ROLE_OUTPUT], *bias = m->tensor[ROLE_OUTPUT_BIAS];
    const uint64_t row = matrix->size / matrix->ne[1];
    CHECK(t,
          w->data == matrix->data + first * row && w->ne[0] == m->dim && w->ne[1] == rows &&
              w->size == rows * row,
          "tokens from %u on: rows of the matrix", first);
    CHECK(t, b->data == bias->data + first * sizeof(float) && b->ne[0] == rows && b->ne[1] == 1,
          "tokens from %u on: the bias", first);
    CHECK(t, memcmp(all[at + 1].words, expected, rows * sizeof *expected) == 0,
          "tokens from %u on: sums", first);
    CHECK(t, memcmp(all[at + 2].words, expected, rows * sizeof *expected) == 0,
          "tokens from %u on: logits", first);
}

static void test_vocabulary(struct host_test *t, uint32_t vocab) {
    static struct random_model r;
    struct ls_model sizes = shape;
    struct ls_error err = {{0}};
    sizes.vocab = vocab;
    random_model_make(&r, &sizes, FAMILY_phi2, 0, GGML_TYPE_Q8_0);
    struct ls_model without = r.model;
    without.roles &= ~ROLE_BIT(ROLE_OUTPUT_BIAS);
    struct golden *golden = open_golden(t, &r.model), *plain = open_golden(t, &without);
    uint32_t *expected = malloc(vocab * sizeof *expected);
    for (uint32_t pos = 0; pos < 3; pos++) {
        struct naive n = {NULL, false};
        size_t count, before;
        CHECK(t, golden_run(golden, 0, 0, pos, pos % vocab, true, &err) == 0, "%s", err.text);
        CHECK(t, golden_run(plain, 0, 0, pos, pos % vocab, true, &err) == 0, "%s", err.text);
        (void)golden_records(plain, 0, &before);
        const uint32_t *products = golden_logits(plain, 0);
        for (uint32_t i = 0; i < vocab; i++) {
            uint32_t bias;
            memcpy(&bias, r.model.tensor[ROLE_OUTPUT_BIAS]->data + i * sizeof bias, sizeof bias);
            expected[i] = n_add(&n, products[i], bias);
        }
        const struct golden_record *all = golden_records(golden, 0, &count);
        CHECK(t, count == before - 1 + 3 * ((vocab + ROWS - 1) / ROWS), "%zu records", count);
        size_t at = before - 1;
        for (uint32_t first = 0; first < vocab; first += ROWS, at += 3)
            check_piece(t, &r.model, all, at, first, vocab - first < ROWS ? vocab - first : ROWS,
                        expected + first);
        CHECK(t,
              !n.error && golden_logits(golden, 0) != NULL &&
                  memcmp(golden_logits(golden, 0), expected, vocab * sizeof *expected) == 0,
              "all logits");
    }
    CHECK(t, golden_run(golden, 0, 0, 3, 0, false, &err) == 0 && golden_logits(golden, 0) == NULL,
          "logits that were not wanted");
    free(expected);
    golden_close(golden);
    golden_close(plain);
    random_model_free(&r);
}

/* In the second piece the bias of an element is no number. */
static void test_fault(struct host_test *t) {
    static struct random_model r;
    struct ls_model sizes = shape;
    struct ls_error err = {{0}};
    const uint32_t at = 5, infinite = 0x7f800000;
    size_t count;
    sizes.vocab = ROWS + 100;
    random_model_make(&r, &sizes, FAMILY_phi2, 0, GGML_TYPE_F32);
    uint8_t *bias = (uint8_t *)(uintptr_t)r.model.tensor[ROLE_OUTPUT_BIAS]->data;
    memcpy(bias + (ROWS + at) * sizeof infinite, &infinite, sizeof infinite);
    struct golden *golden = open_golden(t, &r.model);
    CHECK(t, golden_run(golden, 0, 0, 0, 7, true, &err) != 0, "it runs");
    const struct golden_record *all = golden_records(golden, 0, &count), *last = all + count - 1;
    CHECK(t,
          last->op == LOCKSTEP_OP_BIAS && last->count == at && last[-2].op == LOCKSTEP_OP_OFFER &&
              golden_slot_stop(golden, 0)->fault == GOLDEN_FAULT_NONFINITE &&
              strcmp(last->tensor, "output.bias") == 0 && golden_logits(golden, 0) == NULL,
          "stops in %s at %zu", last->tensor, last->count);
    golden_close(golden);
    random_model_free(&r);
}

int main(void) {
    struct host_test t = {"golden_offer", 0, 0};
    static const uint32_t vocabularies[] = {1, 300, ROWS - 1, ROWS, ROWS + 1, 2 * ROWS, 5000};
    for (size_t i = 0; i < sizeof vocabularies / sizeof *vocabularies; i++)
        test_vocabulary(&t, vocabularies[i]);
    test_fault(&t);
    return host_test_finish(&t);
}
