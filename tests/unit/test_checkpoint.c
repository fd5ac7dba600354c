/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A checkpoint gives back the tokens, the sampler and every word of K and V; a file that is short,
 * long, of another version, model or context, or holds what no model can have, is refused, each
 * with its reason; and each bit of it counts.
 */
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "csrc/golden/checkpoint.h"
#include "tests/kit/blocks.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

#define FILE_NAME "build/tests/checkpoint/of.lsck"
#define HEADER    32u /* bytes: eight words */

enum { CONTEXT = 8, COMPUTED = 5, KNOWN = 6, PROMPT = 2 };

static struct golden *open_golden(const struct ls_model *model, int act_bits, uint32_t context) {
    struct golden *g;
    struct ls_error err;
    if (golden_open(model, act_bits, 1, 2, context, &g, &err) != 0) {
        printf("FAIL checkpoint: %s\n", err.text);
        exit(1);
    }
    return g;
}

static uint32_t tokens[KNOWN] = {1, 7, 9, 200, 3, 5};

/* Sequence 1 of it holds all but the last token. */
static struct golden *written(const struct ls_model *model, struct checkpoint *c) {
    struct golden *g = open_golden(model, 16, CONTEXT);
    struct ls_error err;
    for (uint32_t at = 0; at < COMPUTED; at++)
        if (golden_run(g, 0, 1, at, tokens[at], true, &err) != 0)
            exit(1);
    *c = (struct checkpoint){
        .sequence = 1, .tokens = tokens, .known = KNOWN, .prompt = PROMPT, .computed = COMPUTED};
    memset(&c->sampler, 0x5a, sizeof c->sampler);
    return g;
}

static void save(const void *bytes, size_t size) {
    FILE *file = fopen(FILE_NAME, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        exit(1);
}

static void seal(char *bytes, size_t size) {
    const uint32_t crc = (uint32_t)crc32_z(0, (const Bytef *)bytes, size - 4);
    memcpy(bytes + size - 4, &crc, 4);
}

/* Every word of K and V of the first `positions`, of sequence `of` in a, 0 in b. */
static uint32_t unlike(const struct ls_model *m, const struct golden *a, const struct golden *b,
                       uint32_t of, uint32_t positions) {
    uint32_t differ = 0;
    struct golden_kv_place p = {0};
    for (p.position = 0; p.position < positions; p.position++)
        for (p.layer = 0; p.layer < m->layers; p.layer++)
            for (p.value = 0; p.value < 2; p.value++)
                for (p.head = 0; p.head < m->kv_heads; p.head++)
                    for (p.block = 0; p.block < golden_kv_blocks(a); p.block++) {
                        uint32_t x[GOLDEN_KV_BLOCK_WORDS], y[GOLDEN_KV_BLOCK_WORDS];
                        struct golden_kv_place other = p;
                        p.sequence = of;
                        other.sequence = 0;
                        golden_kv_get(a, &p, x);
                        golden_kv_get(b, &other, y);
                        differ += memcmp(x, y, sizeof x) != 0;
                    }
    return differ;
}

static void test_round(struct host_test *t, const struct ls_model *model) {
    struct checkpoint c, read;
    struct ls_error err = {""};
    struct golden *from = written(model, &c), *to = open_golden(model, 16, CONTEXT + 3);
    CHECK(t, checkpoint_write(FILE_NAME, from, &c, &err) == 0, "%s", err.text);
    CHECK(t, unlike(model, from, to, 1, COMPUTED) > 0, "nothing was computed");
    CHECK(t, checkpoint_read(FILE_NAME, to, &read, &err) == 0, "%s", err.text);
    CHECK(t, read.known == KNOWN && read.prompt == PROMPT && read.computed == COMPUTED,
          "%u tokens, %u of the prompt, %u computed", read.known, read.prompt, read.computed);
    CHECK(t, read.tokens != NULL && memcmp(read.tokens, tokens, sizeof tokens) == 0, "tokens");
    CHECK(t, memcmp(&read.sampler, &c.sampler, sizeof c.sampler) == 0, "the sampler");
    CHECK(t, unlike(model, from, to, 1, COMPUTED) == 0, "%u words of K and V are others",
          unlike(model, from, to, 1, COMPUTED));
    for (uint32_t i = 0; i < CONTEXT + 3 - KNOWN + 1; i++) /* room for the rest of the context */
        read.tokens[KNOWN + i] = i;
    /* it goes on from there as the other one does */
    CHECK(t,
          golden_run(from, 0, 1, COMPUTED, 5, true, &err) == 0 &&
              golden_run(to, 0, 0, COMPUTED, 5, true, &err) == 0 &&
              memcmp(golden_logits(from, 0), golden_logits(to, 0), 4 * model->vocab) == 0,
          "the next token has other logits: %s", err.text);
    free(read.tokens);
    golden_close(from);
    golden_close(to);
}

/* Files that are refused, by what is altered and sealed again. */
static void test_refused(struct host_test *t, const struct ls_model *model) {
    enum { MAGIC, VERSION, MODEL, SAMPLER, KNOWN_AT, PROMPT_AT, COMPUTED_AT, BLOCKS };
    static const struct {
        uint32_t word, value; /* of the header */
        const char *says;
    } headers[] = {
        {MAGIC, 1, "not a checkpoint of this version"},
        {VERSION, 2, "not a checkpoint of this version"},
        {MODEL, 1, "a checkpoint of another model"},
        {SAMPLER, 1, "not a checkpoint of this version"},
        {KNOWN_AT, KNOWN + 1, "damaged"},
        {PROMPT_AT, 0, "6 tokens do not fit a context of 8; raise --context"},
        {PROMPT_AT, KNOWN + 1, "do not fit"},
        {COMPUTED_AT, KNOWN, "do not fit"},
        {COMPUTED_AT, COMPUTED - 1, "do not fit"},
        {BLOCKS, 1, "damaged"},
    };
    struct checkpoint c, read;
    struct ls_error err = {""};
    struct golden *from = written(model, &c);
    size_t size;
    if (checkpoint_write(FILE_NAME, from, &c, &err) != 0)
        exit(1);
    char *bytes = host_read(FILE_NAME, &size), *copy = malloc(size + 1);
    const size_t at_tokens = HEADER + sizeof c.sampler, at_blocks = at_tokens + 4 * KNOWN,
                 block = (size_t)4 * GOLDEN_KV_BLOCK_WORDS;
    const uint32_t blocks = (uint32_t)((size - at_blocks - 4) / block);
    CHECK(t, blocks == COMPUTED * model->layers * 2 * model->kv_heads * golden_kv_blocks(from),
          "%u blocks", blocks);
#define REFUSED(length, why, ...)                                                                  \
    do {                                                                                           \
        struct golden *g = open_golden(model, 16, CONTEXT);                                        \
        save(copy, length);                                                                        \
        err.text[0] = '\0';                                                                        \
        CHECK(t, checkpoint_read(FILE_NAME, g, &read, &err) == -1 && read.tokens == NULL,          \
              __VA_ARGS__);                                                                        \
        CHECK(t, strstr(err.text, why) != NULL, "'%s' does not say '%s'", err.text, why);          \
        golden_close(g);                                                                           \
    } while (0)
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        memcpy(copy, bytes, size);
        memcpy(copy + 4 * headers[i].word, &headers[i].value, 4);
        seal(copy, size);
        REFUSED(size, headers[i].says, "word %u of the header", headers[i].word);
    }
    static const struct {
        bool last;            /* of the blocks, else the first */
        uint32_t word, value; /* in the block */
    } odd[] = {{false, 0, 0x8000},     {false, 0, 0x80000000}, {true, 15, 0x8000},
               {true, 15, 0x80000000}, {false, 16, 32},        {true, 16, 0xffffffff}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        memcpy(copy, bytes, size);
        memcpy(copy + at_blocks + (odd[i].last ? blocks - 1 : 0) * block + 4 * odd[i].word,
               &odd[i].value, 4);
        seal(copy, size);
        REFUSED(size, "tokens, K or V that the model cannot have", "block %zu", i);
    }
    for (uint32_t i = 0; i < KNOWN; i += KNOWN - 1) {
        const uint32_t token = model->vocab;
        memcpy(copy, bytes, size);
        memcpy(copy + at_tokens + 4 * i, &token, 4);
        seal(copy, size);
        REFUSED(size, "tokens, K or V that the model cannot have", "token %u", i);
    }
    memcpy(copy, bytes, size);
    copy[size] = 0;
    REFUSED(size - 1, "damaged", "a byte less");
    REFUSED(size + 1, "damaged", "a byte more");
    REFUSED(HEADER + 4, "damaged", "a header alone");
    REFUSED(HEADER + 3, "not a checkpoint", "less than a header");
    REFUSED(0, "cannot be read", "nothing");
    unlink(FILE_NAME);
    CHECK(t, checkpoint_read(FILE_NAME, from, &read, &err) == -1, "no file");
    CHECK(t, strstr(err.text, "of.lsck: No such file or directory") != NULL, "%s", err.text);
    CHECK(t, checkpoint_read("build", from, &read, &err) == -1, "a folder");
    CHECK(t, strstr(err.text, "build: cannot be read") != NULL, "%s", err.text);
    CHECK(t, checkpoint_write("build", from, &c, &err) == -1, "written over a folder");
    /* every bit counts */
    uint64_t random = 1;
    for (int i = 0; i < 300; i++) {
        struct golden *g = open_golden(model, 16, CONTEXT);
        const size_t at =
            i < 8 * (int)HEADER ? (size_t)i / 8 : random_below(&random, (uint32_t)size);
        memcpy(copy, bytes, size);
        copy[at] = (char)(copy[at] ^ 1 << i % 8);
        save(copy, size);
        CHECK(t, checkpoint_read(FILE_NAME, g, &read, &err) == -1, "bit %d of byte %zu", i % 8, at);
        golden_close(g);
    }
    /* of less context, or of other activations: another model */
    save(bytes, size);
    struct golden *small = open_golden(model, 16, KNOWN - 1), *fits = open_golden(model, 16, KNOWN),
                  *coarse = open_golden(model, 8, CONTEXT);
    CHECK(t,
          checkpoint_read(FILE_NAME, small, &read, &err) == -1 &&
              strstr(err.text, "do not fit a context of 5") != NULL,
          "%s", err.text);
    CHECK(t,
          checkpoint_read(FILE_NAME, coarse, &read, &err) == -1 &&
              strstr(err.text, "another model") != NULL,
          "%s", err.text);
    CHECK(t, checkpoint_read(FILE_NAME, fits, &read, &err) == 0, "%s", err.text);
    free(read.tokens);
    golden_close(small);
    golden_close(fits);
    golden_close(coarse);
    golden_close(from);
    free(bytes);
    free(copy);
}

int main(void) {
    struct host_test t = {"checkpoint", 0, 0};
    struct ls_model *model;
    struct ls_error err;
    long before = 0;
    host_folder(&t);
    if (ls_model_open(HOST_TINY, &model, &err) != 0) {
        printf("FAIL: %s\n", err.text);
        return 1;
    }
    for (int again = 0; again < 2; again++) { /* what libraries keep, they have the second time */
        before = blocks_held();
        test_round(&t, model);
        test_refused(&t, model);
    }
    CHECK(&t, blocks_held() == before, "%ld blocks are left", blocks_held() - before);
    ls_model_close(model);
    return host_test_finish(&t);
}
