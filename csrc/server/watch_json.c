/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Passes as JSON, and what computes a token again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/device_info.h"
#include "exchange.h"
#include "watch_step.h"

static void add_count(cJSON *o, const char *name, uint64_t count) {
    cJSON_AddNumberToObject(o, name, (double)count);
}

static void add_piece(cJSON *o, const struct tokenizer *tokenizer, uint32_t token) {
    char piece[256];
    const size_t size = tokenizer_show(tokenizer, token, piece, sizeof piece);
    add_count(o, "token", token);
    exchange_add_text(o, "text", piece, size);
}

static void add_counters(cJSON *o, const struct lockstep_pass *p) {
    add_count(o, "cycles", p->cycles);
    add_count(o, "macs", p->macs);
    cJSON *classes = cJSON_AddObjectToObject(o, "classes");
    for (uint32_t i = 0; i < LOCKSTEP_PASS_CLASSES; i++)
        add_count(classes, class_info[i].key, p->classes[i]);
    cJSON *energy = cJSON_AddObjectToObject(o, "energy_fj");
    for (uint32_t i = 0; i < LOCKSTEP_PASS_UNITS; i++)
        add_count(energy, unit_info[i].key, p->energy_fj[i]);
}

static void add_pass(cJSON *o, const struct step *s, const struct tokenizer *tokenizer) {
    const struct lockstep_pass *p = &s->pass;
    add_count(o, "begin", p->begin);
    add_count(o, "end", p->end);
    add_count(o, "words", p->words);
    add_count(o, "beats", p->beats);
    cJSON_AddNumberToObject(o, "die_c", p->die);
    cJSON_AddNumberToObject(o, "package_c", p->package);
    add_count(o, "pace", p->pace);
    cJSON *levels = cJSON_AddObjectToObject(o, "levels");
    add_count(levels, "beats", p->beats_most);
    add_count(levels, "token_in", p->token_in_most);
    add_count(levels, "token_out", p->token_out_most);
    add_counters(o, p);
    cJSON *slots = cJSON_AddArrayToObject(o, "slots");
    for (uint32_t i = 0; i < p->slots; i++) {
        const struct lockstep_slot *slot = &s->slots[i];
        cJSON *each = cJSON_CreateObject();
        cJSON_AddItemToArray(slots, each);
        add_count(each, "request", slot->request);
        add_count(each, "sequence", slot->sequence);
        add_count(each, "position", slot->position);
        add_piece(each, tokenizer, slot->token);
        add_count(each, "words", slot->words);
    }
}

static cJSON *show_token(const struct token *t, const struct tokenizer *tokenizer) {
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "completion", t->completion);
    add_count(o, "request", t->request);
    add_count(o, "index", t->index);
    add_piece(o, tokenizer, t->token);
    cJSON_AddBoolToObject(o, "golden", t->golden);
    return o;
}

static cJSON *show_step(const struct step *s, const struct tokenizer *tokenizer) {
    cJSON *o = cJSON_CreateObject();
    add_count(o, "number", s->number);
    cJSON_AddStringToObject(o, "backend", s->has_pass ? "rtl" : "golden");
    if (s->has_pass)
        add_pass(o, s, tokenizer);
    cJSON *tokens = cJSON_AddArrayToObject(o, "tokens");
    for (uint32_t i = 0; i < s->token_count; i++)
        cJSON_AddItemToArray(tokens, show_token(&s->tokens[i], tokenizer));
    return o;
}

void watch_passes(struct watch *w, cJSON *o, uint64_t since, const struct tokenizer *tokenizer) {
    pthread_mutex_lock(&w->lock);
    w->asked = generation_now();
    add_count(o, "newest", w->number);
    cJSON *list = cJSON_AddArrayToObject(o, "passes");
    const uint64_t kept = w->number < WATCH_PASSES ? 0 : w->number - WATCH_PASSES;
    for (uint64_t n = (since > kept ? since : kept) + 1; n <= w->number; n++)
        cJSON_AddItemToArray(list, show_step(&w->ring[n % WATCH_PASSES], tokenizer));
    pthread_mutex_unlock(&w->lock);
}

static cJSON *show_op(const struct lockstep_op *op, const struct lockstep_pass *pass) {
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "op", op->name);
    cJSON_AddStringToObject(o, "unit", op->unit);
    exchange_add_text(o, "tensor", op->tensor, strlen(op->tensor));
    if (op->layer != UINT32_MAX)
        add_count(o, "layer", op->layer);
    add_count(o, "begin", op->begin - pass->begin);
    add_count(o, "cycles", op->end - op->begin);
    add_count(o, "words", op->words);
    return o;
}

static bool again(const struct token *t, struct watch_again *a) {
    size_t size;
    FILE *out = t->golden || t->fed_count == 0 ? NULL : open_memstream(&a->ids, &size);
    if (out == NULL)
        return false;
    for (uint32_t i = 0; i < t->fed_count; i++)
        fprintf(out, "%s%" PRIu32, i != 0 ? "," : "", t->fed[i]);
    a->position = t->fed_count - 1;
    a->alone = t->index != 0;
    return fclose(out) == 0;
}

bool watch_find(struct watch *w, uint64_t number, uint32_t index, struct watch_again *a) {
    pthread_mutex_lock(&w->lock);
    const struct step *s = &w->ring[number % WATCH_PASSES];
    const bool found =
        number != 0 && s->number == number && index < s->token_count && again(&s->tokens[index], a);
    pthread_mutex_unlock(&w->lock);
    return found;
}

/* The pass anew, from the tokens that were before it; of a build for tracing. */
static void add_command(cJSON *o, const struct token *t, const char *model) {
    const char *configuration = lockstep_configuration();
    struct watch_again a;
    char *text = NULL;
    size_t size;
    FILE *out = again(t, &a) ? open_memstream(&text, &size) : NULL;
    if (out == NULL) {
        cJSON_AddNullToObject(o, "waveform");
        return;
    }
    fprintf(out, "make -j2 build/%s-trace/lockstep && build/%s-trace/lockstep sim '", configuration,
            configuration);
    for (const char *c = model; *c != '\0'; c++)
        fprintf(out, *c == '\'' ? "'\\''" : "%c", *c);
    fprintf(out,
            "' --ids %s -n 1 --no-reference --start-token %" PRIu32 "%s --token %" PRIu32
            " --trace token-%" PRIu32 ".fst",
            a.ids, a.position, a.alone ? " --slots 1" : "", a.position, a.position);
    fclose(out);
    free(a.ids);
    exchange_add_text(o, "waveform", text, size);
    free(text);
}

cJSON *watch_pass(struct watch *w, uint64_t number, const struct tokenizer *tokenizer,
                  const char *model) {
    cJSON *o = NULL;
    pthread_mutex_lock(&w->lock);
    const struct step *s = &w->ring[number % WATCH_PASSES];
    if (s->number == number && number != 0) {
        o = show_step(s, tokenizer);
        cJSON *ops = cJSON_AddArrayToObject(o, "ops");
        for (uint32_t i = 0; i < s->pass.ops && s->has_pass; i++)
            cJSON_AddItemToArray(ops, show_op(&s->ops[i], &s->pass));
        for (uint32_t i = 0; i < s->token_count; i++)
            add_command(cJSON_GetArrayItem(cJSON_GetObjectItem(o, "tokens"), (int)i), &s->tokens[i],
                        model);
    }
    pthread_mutex_unlock(&w->lock);
    return o;
}
