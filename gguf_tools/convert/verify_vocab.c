/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The part of `gguf verify` that looks at tokenizer.ggml.*: whether the lists fit together,
 * whatever the kind of the tokenizer.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/tokenizer/tokenizer.h"
#include "findings.h"

#define SHOWN(text) (int)((text).size < 40 ? (text).size : 40), (text).data

/* Tokens and their order by text. */
struct pieces {
    uint64_t count;
    struct gguf_string *text; /* [count] */
    uint64_t *order;          /* [count] */
};

static int compare(struct gguf_string a, struct gguf_string b) {
    const uint64_t common = a.size < b.size ? a.size : b.size;
    const int order = common > 0 ? memcmp(a.data, b.data, (size_t)common) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* Equal texts by id. */
static int compare_ids(const void *a, const void *b, void *texts) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    const struct gguf_string *text = texts;
    const int order = compare(text[x], text[y]);
    return order != 0 ? order : (x > y) - (x < y);
}

static bool pieces_read(struct pieces *p, const struct gguf_array *tokens) {
    uint64_t offset = 0;
    p->count = tokens->count;
    p->text = calloc((size_t)p->count + 1, sizeof *p->text);
    p->order = calloc((size_t)p->count + 1, sizeof *p->order);
    if (p->text == NULL || p->order == NULL)
        return false;
    for (uint64_t i = 0; i < p->count; i++) {
        p->text[i] = gguf_array_next_string(tokens, &offset);
        p->order[i] = i;
    }
    qsort_r(p->order, (size_t)p->count, sizeof *p->order, compare_ids, p->text);
    return true;
}

static bool pieces_have(const struct pieces *p, struct gguf_string text) {
    uint64_t low = 0, high = p->count;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        const int order = compare(p->text[p->order[middle]], text);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Padding has no text. */
static void verify_texts(struct findings *f, const struct pieces *p) {
    uint64_t twice = 0, first = UINT64_MAX, again = 0;
    for (uint64_t i = 1; i < p->count; i++) {
        const uint64_t a = p->order[i - 1], b = p->order[i];
        if (p->text[b].size == 0 || compare(p->text[a], p->text[b]) != 0)
            continue;
        twice++;
        if (b < first) {
            first = b;
            again = a;
        }
    }
    if (twice > 0)
        finding(f,
                "tokenizer.ggml.tokens: %" PRIu64 " tokens have the text of another one, first "
                "token %" PRIu64 " (%.*s) that of token %" PRIu64,
                twice, first, SHOWN(p->text[first]), again);
}

static void verify_types(struct findings *f, const struct gguf_array *types) {
    uint64_t odd = 0, first = 0;
    int32_t value = 0;
    for (uint64_t i = 0; i < types->count; i++) {
        int32_t type;
        memcpy(&type, types->data + 4 * i, sizeof type);
        if ((type < TOKEN_NORMAL || type > TOKEN_BYTE) && odd++ == 0) {
            first = i;
            value = type;
        }
    }
    if (odd > 0)
        finding(f,
                "tokenizer.ggml.token_type: %" PRIu64 " are no type of token, first that of token "
                "%" PRIu64 ": %" PRId32,
                odd, first, value);
}

/* One entry a token; true if the list is there and can be looked into. */
static bool verify_list(struct findings *f, const struct gguf *g, const char *key,
                        enum gguf_value_type type, uint64_t tokens, struct gguf_array *list) {
    const enum gguf_lookup found = gguf_get_array(g, key, list);
    if (found == GGUF_ABSENT)
        return false;
    if (found == GGUF_WRONG_TYPE || list->type != type) {
        finding(f, "%s: not an array of %s", key, gguf_value_type_name(type));
        return false;
    }
    if (list->count != tokens)
        finding(f, "%s: %" PRIu64 " entries for %" PRIu64 " tokens", key, list->count, tokens);
    return true;
}

/* Left and right part are tokens, and so is what they make. `whole` has room for any rule. */
static bool is_rule(const struct pieces *p, struct gguf_string rule, char *whole) {
    const char *space = rule.size > 1 ? memchr(rule.data + 1, ' ', (size_t)rule.size - 1) : NULL;
    if (space == NULL)
        return false;
    const uint64_t left = (uint64_t)(space - rule.data), right = rule.size - left - 1;
    memcpy(whole, rule.data, (size_t)left);
    memcpy(whole + left, space + 1, (size_t)right);
    return right > 0 && pieces_have(p, (struct gguf_string){whole, left}) &&
           pieces_have(p, (struct gguf_string){whole + left, right}) &&
           pieces_have(p, (struct gguf_string){whole, left + right});
}

static void verify_merges(struct findings *f, const struct gguf *g, const struct pieces *p) {
    struct gguf_array rules;
    struct gguf_string wrong = {"", 0};
    uint64_t odd = 0, first = 0, offset = 0;
    const enum gguf_lookup found = gguf_get_array(g, "tokenizer.ggml.merges", &rules);
    if (found == GGUF_ABSENT)
        return;
    if (found == GGUF_WRONG_TYPE || rules.type != GGUF_STRING) {
        finding(f, "tokenizer.ggml.merges: not an array of string");
        return;
    }
    char *whole = malloc((size_t)rules.size + 1);
    for (uint64_t i = 0; i < rules.count && whole != NULL; i++) {
        const struct gguf_string rule = gguf_array_next_string(&rules, &offset);
        if (!is_rule(p, rule, whole) && odd++ == 0) {
            first = i;
            wrong = rule;
        }
    }
    if (whole == NULL)
        finding(f, "tokenizer.ggml.merges: out of memory");
    else if (odd > 0)
        finding(f,
                "tokenizer.ggml.merges: %" PRIu64 " of %" PRIu64 " rules are not two tokens that "
                "are one, first rule %" PRIu64 " (%.*s)",
                odd, rules.count, first, SHOWN(wrong));
    free(whole);
}

/* tokenizer.ggml.*_token_id; all ones: there is no such token */
static void verify_ids(struct findings *f, const struct gguf *g, uint64_t tokens) {
    static const char begin[] = "tokenizer.ggml.", end[] = "_token_id";
    for (uint64_t i = 0; i < g->kv_count; i++) {
        const struct gguf_string key = g->kvs[i].key;
        char name[128];
        uint64_t id;
        if (key.size < sizeof begin + sizeof end || key.size >= sizeof name ||
            memcmp(key.data, begin, sizeof begin - 1) != 0 ||
            memcmp(key.data + key.size - (sizeof end - 1), end, sizeof end - 1) != 0)
            continue;
        memcpy(name, key.data, (size_t)key.size);
        name[key.size] = '\0';
        if (gguf_get_u64(g, name, &id) != GGUF_FOUND)
            finding(f, "%s: no number of a token", name);
        else if (id >= tokens && id != UINT32_MAX)
            finding(f, "%s: %" PRIu64 " of %" PRIu64 " tokens", name, id, tokens);
    }
}

void verify_vocabulary(struct findings *f, const struct gguf *g) {
    struct gguf_array tokens, list;
    struct pieces p = {0};
    const struct gguf_tensor *embedding = gguf_find_tensor(g, "token_embd.weight");
    const enum gguf_lookup found = gguf_get_array(g, "tokenizer.ggml.tokens", &tokens);
    if (found == GGUF_ABSENT && gguf_find_kv(g, "tokenizer.ggml.model") == NULL)
        return;
    if (found != GGUF_FOUND || tokens.type != GGUF_STRING) {
        finding(f, "tokenizer.ggml.tokens: no array of string");
        return;
    }
    if (embedding != NULL && embedding->ne[1] != tokens.count)
        finding(f,
                "tokenizer.ggml.tokens: %" PRIu64 " tokens for %" PRIu64
                " rows of token_embd.weight",
                tokens.count, embedding->ne[1]);
    verify_list(f, g, "tokenizer.ggml.scores", GGUF_F32, tokens.count, &list);
    if (verify_list(f, g, "tokenizer.ggml.token_type", GGUF_I32, tokens.count, &list))
        verify_types(f, &list);
    verify_ids(f, g, tokens.count);
    if (pieces_read(&p, &tokens)) {
        verify_texts(f, &p);
        verify_merges(f, g, &p);
    } else {
        finding(f, "tokenizer.ggml.tokens: out of memory");
    }
    free(p.text);
    free(p.order);
}
