/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A ring. Its lock is held for copies alone, never while the device computes.
 */
#include "watch.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/device_info.h"
#include "exchange.h"

#define SLOTS  16u /* of a pass */
#define TOKENS 32u /* of a step: with those of the golden model */

struct token {
    uint64_t request;
    char completion[GENERATION_NAME];
    uint32_t index, token;
    bool golden;
    uint32_t *fed; /* [fed_count] all tokens up to the one that it came of */
    uint32_t fed_count;
};

/* A step: a pass of the device, or tokens of the golden model, or both. */
struct step {
    uint64_t number; /* from 1; 0: empty */
    bool has_pass;
    struct lockstep_pass pass;
    struct lockstep_slot slots[SLOTS];
    struct lockstep_op *ops; /* [pass.ops] */
    struct token tokens[TOKENS];
    uint32_t token_count;
};

struct watch {
    pthread_mutex_t lock;
    struct watch_device of;
    struct step ring[WATCH_PASSES];
    uint64_t number; /* of the newest */
    double asked;    /* when somebody did, for the last time */

    /* Of the device's thread alone. */
    struct step now;
    uint64_t pass; /* number of the device's newest one that was told */
    bool looking;
};

static void free_step(struct step *s) {
    for (uint32_t i = 0; i < s->token_count; i++)
        free(s->tokens[i].fed);
    free(s->ops);
    memset(s, 0, sizeof *s);
}

static uint32_t capability(struct lockstep *device, uint32_t address) {
    uint32_t value = 0;
    return lockstep_read(device, address, &value) == LOCKSTEP_OK ? value : 0;
}

struct watch *watch_open(struct lockstep *device) {
    struct watch *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    pthread_mutex_init(&w->lock, NULL);
    w->asked = -WATCH_SECONDS;
    w->of = (struct watch_device){.lanes = capability(device, LOCKSTEP_REG_LANES),
                                  .slots = capability(device, LOCKSTEP_REG_SLOTS),
                                  .port_bits = capability(device, LOCKSTEP_REG_PORT_BITS),
                                  .token_fifo = capability(device, LOCKSTEP_REG_TOKEN_FIFO),
                                  .beat_fifo = capability(device, LOCKSTEP_REG_BEATS)};
    return w;
}

void watch_close(struct watch *w) {
    if (w == NULL)
        return;
    free_step(&w->now);
    for (uint32_t i = 0; i < WATCH_PASSES; i++)
        free_step(&w->ring[i]);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

struct watch_device watch_of(const struct watch *w) {
    return w->of;
}

/* ---- by the device's thread ---- */

/* Counters are told as what came since they were read before, so they are read once in advance. */
void watch_before(struct watch *w, struct lockstep *device) {
    struct lockstep_pass pass;
    pthread_mutex_lock(&w->lock);
    const bool looking = engine_now() - w->asked < WATCH_SECONDS;
    pthread_mutex_unlock(&w->lock);
    if (looking && !w->looking && lockstep_get_pass(device, &pass, sizeof pass) == LOCKSTEP_OK)
        w->pass = pass.number;
    w->looking = looking;
}

void watch_token(struct watch *w, const struct generation *g, const struct lockstep_event *event) {
    struct step *s = &w->now;
    if (!w->looking || s->token_count == TOKENS || g->generated == 0)
        return;
    struct token *t = &s->tokens[s->token_count++];
    const uint32_t before = g->generated - 1; /* it has been noted there */
    *t = (struct token){.request = event->request,
                        .index = event->index,
                        .token = event->token,
                        .golden = event->golden != 0};
    memcpy(t->completion, g->name, sizeof t->completion);
    t->fed = malloc((g->count + before + 1) * sizeof *t->fed);
    if (t->fed == NULL)
        return;
    t->fed_count = (uint32_t)g->count + before;
    memcpy(t->fed, g->tokens, g->count * sizeof *t->fed);
    if (before != 0)
        memcpy(t->fed + g->count, g->ids, before * sizeof *t->fed);
}

static void take_pass(struct watch *w, struct lockstep *device) {
    struct step *s = &w->now;
    if (lockstep_get_pass(device, &s->pass, sizeof s->pass) != LOCKSTEP_OK || s->pass.slots == 0 ||
        s->pass.number == w->pass)
        return;
    w->pass = s->pass.number;
    s->ops = calloc(s->pass.ops + 1, sizeof *s->ops);
    s->has_pass = s->ops != NULL;
    for (uint32_t i = 0; i < s->pass.ops && s->has_pass; i++)
        lockstep_get_op(device, i, &s->ops[i], sizeof *s->ops);
    s->pass.slots = s->pass.slots < SLOTS ? s->pass.slots : SLOTS;
    for (uint32_t i = 0; i < s->pass.slots; i++)
        lockstep_get_slot(device, i, &s->slots[i], sizeof *s->slots);
}

void watch_behind(struct watch *w, struct lockstep *device) {
    struct step *s = &w->now;
    if (w->looking)
        take_pass(w, device);
    if (!s->has_pass && s->token_count == 0)
        return;
    pthread_mutex_lock(&w->lock);
    s->number = ++w->number;
    struct step old = w->ring[s->number % WATCH_PASSES];
    w->ring[s->number % WATCH_PASSES] = *s;
    pthread_mutex_unlock(&w->lock);
    memset(s, 0, sizeof *s);
    free_step(&old);
}

/* ---- by any other ---- */

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
    w->asked = engine_now();
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
    cJSON_AddStringToObject(o, "waveform", text);
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
