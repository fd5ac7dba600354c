/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The merge rules of byte-level BPE: tokenizer.ggml.merges has a line a rule,
 * two tokens with a space between, best first.
 */
#include "tokenizer_vocab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash_pair(uint32_t left, uint32_t right) {
    uint64_t hash = ((uint64_t)left << 32 | right) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

/* The slot that holds the rule of this pair, or the free one where it belongs. */
static uint32_t *find_slot(const struct tokenizer *t, uint32_t left, uint32_t right) {
    uint64_t slot = hash_pair(left, right) & t->merge_mask;
    for (uint32_t rule; (rule = t->merge_slots[slot]) != NO_TOKEN;
         slot = (slot + 1) & t->merge_mask)
        if (t->merges[rule].left == left && t->merges[rule].right == right)
            break;
    return &t->merge_slots[slot];
}

uint32_t vocab_find_merge(const struct tokenizer *t, uint32_t left, uint32_t right) {
    return *find_slot(t, left, right);
}

/* The tokens of one rule. The parts and the whole must be tokens, as every trainer of BPE has it;
 * so merging needs no texts, only ids. */
static bool read_rule(const struct tokenizer *t, struct gguf_string text, char *whole,
                      struct merge_rule *rule) {
    const char *space = text.size > 1 ? memchr(text.data + 1, ' ', (size_t)text.size - 1) : NULL;
    if (space == NULL || text.size - 1 > t->longest)
        return false;
    const size_t left = (size_t)(space - text.data), right = (size_t)text.size - left - 1;
    memcpy(whole, text.data, left);
    memcpy(whole + left, space + 1, right);
    rule->left = vocab_find(t, whole, left);
    rule->right = vocab_find(t, whole + left, right);
    rule->result = vocab_find(t, whole, left + right);
    return right > 0 && rule->left != NO_TOKEN && rule->right != NO_TOKEN &&
           rule->result != NO_TOKEN;
}

static int read_rules(struct tokenizer *t, const struct gguf *g, const struct gguf_array *texts,
                      char *whole, struct ls_error *err) {
    uint64_t offset = 0;
    for (uint32_t i = 0; i < t->merge_count; i++) {
        struct merge_rule *rule = &t->merges[i];
        const struct gguf_string text = gguf_array_next_string(texts, &offset);
        if (!read_rule(t, text, whole, rule))
            return ls_error_set(err,
                                "%s: tokenizer.ggml.merges: rule %" PRIu32
                                " (%.*s): not two tokens that are one: convert it again",
                                g->path, i, text.size > 40 ? 40 : (int)text.size, text.data);
        uint32_t *slot = find_slot(t, rule->left, rule->right);
        if (*slot != NO_TOKEN)
            return ls_error_set(err,
                                "%s: tokenizer.ggml.merges: rule %" PRIu32 " is rule %" PRIu32
                                " again: convert it again",
                                g->path, i, *slot);
        *slot = i;
    }
    return 0;
}

int vocab_read_merges(struct tokenizer *t, const struct gguf *g, struct ls_error *err) {
    struct gguf_array texts;
    if (gguf_get_array(g, "tokenizer.ggml.merges", &texts) != GGUF_FOUND ||
        texts.type != GGUF_STRING || texts.count > INT32_MAX)
        return ls_error_set(err, "%s: tokenizer.ggml.merges: no list of merges: convert it again",
                            g->path);
    uint64_t slots = 16;
    while (slots < 2 * texts.count)
        slots *= 2;
    t->merge_count = (uint32_t)texts.count;
    t->merge_mask = slots - 1;
    t->merges = malloc(((size_t)t->merge_count + 1) * sizeof *t->merges);
    t->merge_slots = malloc((size_t)slots * sizeof *t->merge_slots);
    char *whole = malloc((size_t)t->longest + 1);
    int status = -1;
    if (t->merges == NULL || t->merge_slots == NULL || whole == NULL) {
        ls_error_set(err, "%s: tokenizer: out of memory", g->path);
    } else {
        memset(t->merge_slots, 0xff, (size_t)slots * sizeof *t->merge_slots);
        status = read_rules(t, g, &texts, whole, err);
    }
    free(whole);
    return status;
}
