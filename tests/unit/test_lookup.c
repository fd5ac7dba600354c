/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Drafts from the text: known cases, and random texts against what the header says, word by word.
 */
#include "firmware/lookup.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

enum { TEXT = 24, MOST = 7 };

struct test_case {
    uint32_t text[8], count;
    uint32_t drafts[4], found; /* 4 are asked for */
};

static void test_cases(struct host_test *t) {
    static const struct test_case cases[] = {
        {{0}, 0, {0}, 0},                /* no text */
        {{5}, 1, {0}, 0},                /* its only token */
        {{5, 6, 7}, 3, {0}, 0},          /* the last one is new */
        {{5, 5}, 2, {5, 5, 5, 5}, 4},    /* past the end it goes on with itself */
        {{5, 6, 5}, 3, {6, 5, 6, 5}, 4}, /* in turns */
        {{1, 2, 9, 8, 3, 2, 1, 2},
         8,
         {9, 8, 3, 2},
         4},                                      /* two together are better than a later one */
        {{2, 7, 2, 8, 6, 2}, 6, {8, 6, 2, 8}, 4}, /* the newest of equals */
        {{1, 2, 3, 4, 2, 3, 1, 2}, 8, {3, 4, 2, 3}, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct test_case *c = &cases[i];
        uint32_t drafts[4] = {0};
        const uint32_t found = lookup_draft(c->text, c->count, drafts, 4);
        CHECK(t, found == c->found && memcmp(drafts, c->drafts, sizeof drafts) == 0,
              "case %zu: %u: %u %u %u %u", i, found, drafts[0], drafts[1], drafts[2], drafts[3]);
    }
}

/* Tokens that stand together at the end and, one to three of them, before `end`. */
static uint32_t common(const uint32_t *text, uint32_t count, uint32_t end) {
    uint32_t n = 0;
    while (n < LOOKUP_MOST && n < end && text[end - 1 - n] == text[count - 1 - n])
        n++;
    return n;
}

static void test_random(struct host_test *t) {
    uint64_t random = 1;
    uint32_t by_length[LOOKUP_MOST + 1] = {0};
    for (int round = 0; round < 5000; round++) {
        uint32_t text[TEXT + MOST], drafts[MOST + 1], best = 0, at = 0;
        const uint32_t count = 1 + random_below(&random, TEXT), most = random_below(&random, MOST);
        const uint32_t vocab = 2 + random_below(&random, 12);
        for (uint32_t i = 0; i < count; i++)
            text[i] = random_below(&random, vocab);
        for (uint32_t end = 1; end < count; end++)
            if (common(text, count, end) != 0 && common(text, count, end) >= best) {
                best = common(text, count, end);
                at = end;
            }
        drafts[most] = 0xabcdef;
        const uint32_t found = lookup_draft(text, count, drafts, most);
        CHECK(t, found == (best != 0 ? most : 0), "%u drafts of %u", found, most);
        CHECK(t, drafts[most] == 0xabcdef, "a draft too many");
        for (uint32_t i = 0; i < found; i++) {
            text[count + i] = drafts[i];
            CHECK(t, drafts[i] == text[at + i], "draft %u is %u, not %u", i, drafts[i],
                  text[at + i]);
        }
        by_length[best]++;
    }
    for (uint32_t i = 0; i <= LOOKUP_MOST; i++)
        CHECK(t, by_length[i] > 100, "%u texts with %u tokens together", by_length[i], i);
}

int main(void) {
    struct host_test t = {"lookup", 0, 0};
    test_cases(&t);
    test_random(&t);
    return host_test_finish(&t);
}
