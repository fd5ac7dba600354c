/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Blocks of K and V through golden_kv.h: each place keeps every bit that is put into it and no
 * other place's, and has an address of its own, in the order of docs/architecture.md.
 */
#include "csrc/golden/golden.h"
#include "csrc/golden/golden_kv.h"
#include "tests/kit/blocks.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

enum { SEQUENCES = 2, CONTEXT = 5 };

/* Calls `each` for every place, in the order of addresses. */
static void every_place(struct host_test *t, struct golden *g, const struct ls_model *m,
                        void (*each)(struct host_test *t, struct golden *g,
                                     const struct golden_kv_place *p, uint32_t number)) {
    struct golden_kv_place p = {0};
    uint32_t number = 0;
    for (p.sequence = 0; p.sequence < SEQUENCES; p.sequence++)
        for (p.layer = 0; p.layer < m->layers; p.layer++)
            for (uint32_t pair = 0; pair < m->kv_heads; pair += 2)
                for (p.position = 0; p.position < CONTEXT; p.position++)
                    for (p.block = 0; p.block < golden_kv_blocks(g); p.block++)
                        for (p.head = pair; p.head < pair + 2 && p.head < m->kv_heads; p.head++)
                            for (p.value = 0; p.value < 2; p.value++)
                                each(t, g, &p, number++);
}

/* The words of place `number`: a shift of 5 bits, each value of it somewhere. */
static void make_words(uint32_t number, uint32_t word[GOLDEN_KV_BLOCK_WORDS]) {
    uint64_t random = number + 1;
    for (unsigned i = 0; i + 1 < GOLDEN_KV_BLOCK_WORDS; i++)
        word[i] = (uint32_t)random_64(&random);
    word[GOLDEN_KV_BLOCK_WORDS - 1] = number % 32;
}

static void put(struct host_test *t, struct golden *g, const struct golden_kv_place *p,
                uint32_t number) {
    uint32_t word[GOLDEN_KV_BLOCK_WORDS];
    make_words(number, word);
    golden_kv_set(g, p, word);
    CHECK(t, golden_kv_address(g, p) == number, "address %u, not %u", golden_kv_address(g, p),
          number);
}

static void compare(struct host_test *t, struct golden *g, const struct golden_kv_place *p,
                    uint32_t number) {
    uint32_t word[GOLDEN_KV_BLOCK_WORDS], is[GOLDEN_KV_BLOCK_WORDS];
    make_words(number, word);
    golden_kv_get(g, p, is);
    for (unsigned i = 0; i < GOLDEN_KV_BLOCK_WORDS; i++)
        CHECK(t, is[i] == word[i], "word %u of place %u: %08x, not %08x", i, number, is[i],
              word[i]);
}

/* What a wrong device would have computed takes memory; without it, it says that there is none. */
static void check_memory(struct host_test *t, struct golden *g, const struct ls_model *m) {
    const struct golden_kv_place place = {.position = 2};
    const struct gguf_tensor *weights = m->layer[0].tensor[ROLE_ATTN_Q];
    static uint32_t x[1024], y[1024];
    const long before = blocks_held();
    for (long after = 0; after < 3; after++) {
        blocks_refuse(after + 1);
        const bool done = golden_wrong_attend(g, &place, x, 0, true, y);
        CHECK(t, done == !blocks_refused() && done == (after == 2), "attend, block %ld", after);
        CHECK(t, blocks_held() == before, "attend, block %ld: something is left", after);
    }
    for (long after = 0; after < 2; after++) {
        blocks_refuse(after + 1);
        const size_t rows = golden_wrong_rows(g, weights, x, 1, 3, 0, y);
        blocks_refused(); /* without a second one, loops are slower */
        CHECK(t, rows == (after == 0 ? 0 : 3), "rows, block %ld: %zu", after, rows);
        CHECK(t, blocks_held() == before, "rows, block %ld: something is left", after);
    }
}

static void check_model(struct host_test *t, const char *path) {
    struct ls_model *model;
    struct golden *g;
    struct ls_error err;
    if (ls_model_open(path, &model, &err) != 0 ||
        golden_open(model, 16, 1, SEQUENCES, CONTEXT, &g, &err) != 0) {
        CHECK(t, false, "%s", err.text);
        return;
    }
    every_place(t, g, model, put);
    every_place(t, g, model, compare);
    golden_kv_resize(g, 1, 4);
    CHECK(t, golden_kv_length(g, 1) == 4 && golden_kv_length(g, 0) == 0, "lengths");
    check_memory(t, g, model);
    golden_close(g);
    ls_model_close(model);
}

int main(void) {
    struct host_test t = {"golden_kv", 0, 0};
    check_model(&t, HOST_TINY);                              /* a K and V head */
    check_model(&t, "build/tests/models/stories-Q4_0.gguf"); /* pairs of them */
    return host_test_finish(&t);
}
