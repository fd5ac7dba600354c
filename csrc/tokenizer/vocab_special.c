/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Tokens that have a role by their text. GGUF files name one or two tokens that
 * end a generation, but chat models use others too, so their texts tell. The
 * lists are those of llama.cpp's llama-vocab.cpp (load_special, MIT).
 */
#include "tokenizer_vocab.h"

#include <stdlib.h>
#include <string.h>

/* A role that a file may give by key; else the first of these texts that is a token has it. */
static const struct role {
    const char *key;
    bool ends; /* generation ends there */
    const char *texts[12];
} roles[] = {
    {"tokenizer.ggml.eot_token_id",
     true,
     {"<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>",
      "<EOT>", "_<EOT>", "[EOT]", "<｜end▁of▁sentence｜>", "<end_of_utterance>"}},
    {"tokenizer.ggml.eom_token_id", true, {"<|eom_id|>"}},
    {"tokenizer.ggml.fim_pre_token_id",
     false,
     {"<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>",
      "<|code_prefix|>", "<|prefix|>"}},
    {"tokenizer.ggml.fim_suf_token_id",
     false,
     {"<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>",
      "<|code_suffix|>", "<|suffix|>"}},
    {"tokenizer.ggml.fim_mid_token_id",
     false,
     {"<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>",
      "<|code_middle|>", "<|middle|>"}},
    {"tokenizer.ggml.fim_pad_token_id",
     true,
     {"<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"}},
    {"tokenizer.ggml.fim_rep_token_id",
     true,
     {"<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"}},
    {"tokenizer.ggml.fim_sep_token_id", true, {"<|file_sep|>"}},
};

/* All of these end a generation. */
static const char *const ends[] = {"<|eot_id|>",
                                   "<|im_end|>",
                                   "<|end|>",
                                   "<|return|>",
                                   "<|call|>",
                                   "<|flush|>",
                                   "<|calls|>",
                                   "<end_of_turn>",
                                   "<|endoftext|>",
                                   "</s>",
                                   "<|eom_id|>",
                                   "<EOT>",
                                   "_<EOT>",
                                   "[EOT]",
                                   "[EOS]",
                                   "<|end_of_text|>",
                                   "<end_of_utterance>",
                                   "<eos>",
                                   "<turn|>",
                                   "<|tool_response>",
                                   "<｜end▁of▁sentence｜>",
                                   "[e~["};

/* Room for all that can be: eos, one a role, these. */
#define EOG_MAX (1 + sizeof roles / sizeof roles[0] + sizeof ends / sizeof ends[0])

/* Parts of a message that are shown, though files call them control tokens (gpt-oss). */
static const char *const shown[] = {"<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"};

static uint32_t find_text(const struct tokenizer *t, const char *text) {
    return vocab_find(t, text, strlen(text));
}

static bool ends_with(const struct tokenizer *t, const char *text) {
    const uint32_t id = find_text(t, text);
    return id != NO_TOKEN && tokenizer_is_eog(t, id);
}

static void add_eog(struct tokenizer *t, uint32_t id) {
    if (id != NO_TOKEN && !tokenizer_is_eog(t, id))
        t->eog[t->eog_count++] = id;
}

/* A token that only looks like an end in models that have certain others. */
static void remove_eog(struct tokenizer *t, const char *text, enum token_type type) {
    const uint32_t id = find_text(t, text);
    size_t kept = 0;
    for (size_t i = 0; i < t->eog_count; i++)
        if (t->eog[i] == id)
            t->types[id] = (uint8_t)type;
        else
            t->eog[kept++] = t->eog[i];
    t->eog_count = kept;
}

static int compare_ids(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int list_ends(struct tokenizer *t, const struct gguf *g, struct ls_error *err) {
    t->eog = malloc(EOG_MAX * sizeof *t->eog);
    if (t->eog == NULL)
        return ls_error_set(err, "%s: tokenizer: out of memory", g->path);
    add_eog(t, t->eos);
    size_t first = 0; /* eos, eot and eom stay in front, for a device that knows but a few */
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        uint32_t id = NO_TOKEN;
        if (vocab_read_id(t, g, roles[i].key, &id, err) != 0)
            return -1;
        for (size_t k = 0; id == NO_TOKEN && roles[i].texts[k] != NULL; k++)
            if ((id = find_text(t, roles[i].texts[k])) != NO_TOKEN)
                t->types[id] = TOKEN_CONTROL;
        if (roles[i].ends)
            add_eog(t, id);
        if (i <= 1)
            first = t->eog_count;
    }
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const uint32_t id = find_text(t, ends[i]);
        if (id != NO_TOKEN)
            t->types[id] = TOKEN_CONTROL;
        add_eog(t, id);
    }
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        const uint32_t id = find_text(t, shown[i]);
        if (id != NO_TOKEN)
            t->types[id] = TOKEN_USER_DEFINED;
    }
    qsort(t->eog + first, t->eog_count - first, sizeof *t->eog, compare_ids);
    if ((ends_with(t, "<|return|>") && ends_with(t, "<|call|>")) ||
        ((ends_with(t, "<|call|>") || ends_with(t, "<|calls|>")) && ends_with(t, "<|flush|>")))
        remove_eog(t, "<|end|>", TOKEN_USER_DEFINED);
    if (ends_with(t, "<|tool_response>"))
        remove_eog(t, "</s>", TOKEN_NORMAL);
    return 0;
}

/* ---- the list for special_cut() ---- */

static int compare_texts(const void *a, const void *b, void *tokenizer) {
    const struct tokenizer *t = tokenizer;
    const struct gguf_string x = t->pieces[*(const uint32_t *)a],
                             y = t->pieces[*(const uint32_t *)b];
    const int order = memcmp(x.data, y.data, (size_t)(x.size < y.size ? x.size : y.size));
    return order != 0 ? order : (x.size > y.size) - (x.size < y.size);
}

/* Of numbers in `special`: longest first, then by id. */
static int compare_sizes(const void *a, const void *b, void *tokenizer) {
    const struct tokenizer *t = tokenizer;
    const uint32_t x = t->special[*(const uint32_t *)a], y = t->special[*(const uint32_t *)b];
    if (t->pieces[x].size != t->pieces[y].size)
        return t->pieces[x].size > t->pieces[y].size ? -1 : 1;
    return (x > y) - (x < y);
}

static int list_special(struct tokenizer *t) {
    for (int pass = 0; pass < 2; pass++) { /* counts, then fills */
        t->special_count = 0;
        for (uint32_t id = 0; id < t->vocab; id++) {
            if (t->pieces[id].size == 0 ||
                (t->types[id] != TOKEN_UNKNOWN && t->types[id] != TOKEN_CONTROL &&
                 t->types[id] != TOKEN_USER_DEFINED))
                continue;
            if (pass == 1)
                t->special[t->special_count] = id;
            t->special_count++;
        }
        if (pass == 0)
            t->special = malloc((t->special_count + 1) * sizeof *t->special);
        if (t->special == NULL)
            return -1;
    }
    uint32_t *order = malloc((t->special_count + 1) * sizeof *order);
    t->special_rank = malloc((t->special_count + 1) * sizeof *t->special_rank);
    if (order == NULL || t->special_rank == NULL) {
        free(order);
        return -1;
    }
    qsort_r(t->special, t->special_count, sizeof *t->special, compare_texts, t);
    for (uint32_t i = 0; i < t->special_count; i++)
        order[i] = i;
    qsort_r(order, t->special_count, sizeof *order, compare_sizes, t);
    for (uint32_t i = 0; i < t->special_count; i++)
        t->special_rank[order[i]] = i;
    free(order);
    for (uint32_t byte = 0, i = 0; byte < 257; byte++) {
        while (i < t->special_count && (unsigned char)t->pieces[t->special[i]].data[0] < byte)
            i++;
        t->special_from[byte] = i;
    }
    return 0;
}

/* phi3's files do not say that their tokenizer strips white space; llama.cpp goes by the name. */
static bool is_phi3(const struct gguf *g) {
    struct gguf_string name;
    if (gguf_get_string(g, "general.name", &name) != GGUF_FOUND)
        return false;
    for (uint64_t i = 0; i < name.size; i++)
        if ((name.size - i >= 5 && strncasecmp(name.data + i, "phi-3", 5) == 0) ||
            (name.size - i >= 4 && strncasecmp(name.data + i, "phi3", 4) == 0))
            return true;
    return false;
}

int vocab_read_special(struct tokenizer *t, const struct gguf *g, struct ls_error *err) {
    if (list_ends(t, g, err) != 0)
        return -1;
    t->strip_after_special = is_phi3(g);
    return list_special(t) == 0 ? 0 : ls_error_set(err, "%s: tokenizer: out of memory", g->path);
}
