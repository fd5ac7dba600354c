/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Facts about the vectors and the KV SRAM. What they mean for one op is in sim_suspect.c.
 */
#include "sim_analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/golden/golden_kv.h"
#include "generated/device.h"
#include "sim_suspect.h"

static double value_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

static int64_t place_of(uint32_t bits) { /* on the line of all binary32, in order */
    return bits >> 31 ? -(int64_t)(bits & 0x7fffffffu) : (int64_t)bits;
}

uint64_t analysis_ulp(uint32_t a, uint32_t b) {
    const int64_t distance = place_of(a) - place_of(b);
    return (uint64_t)(distance < 0 ? -distance : distance);
}

/* log2 of x if it is positive and within 2^-12 of a power of two. */
static bool is_power_of_two(double x, int *power) {
    double part = frexp(x, power); /* 1/2 to 1; of 0, infinity and what is no number itself */
    if (part < 0.75) {
        part *= 2;
        --*power;
    }
    return fabs(part - 1) < 0x1p-12;
}

/* Whether each wrong element holds what belongs `by` further on. At the end, where nothing lies so
 * far on, anything may be. */
static bool is_displaced_by(const uint32_t *expected, const uint32_t *actual, uint32_t count,
                            int by) {
    uint32_t seen = 0;
    for (uint32_t i = 0; i < count; i++) {
        const int64_t from = (int64_t)i + by;
        if (expected[i] == actual[i] || from < 0 || from >= count)
            continue;
        if (actual[i] != expected[from])
            return false;
        seen++;
    }
    return seen >= 2 && seen > (uint32_t)abs(by);
}

static void find_period(const uint32_t *expected, const uint32_t *actual,
                        struct analysis_facts *f) {
    f->period = 1;
    for (uint32_t period = 2; period <= 64 && f->different >= 3; period *= 2) {
        for (uint32_t i = f->first; i < f->count; i++)
            if (expected[i] != actual[i] && i % period != f->first % period)
                return;
        f->period = period;
        f->phase = f->first % period;
    }
}

/* Whether all errors are multiples of 2^step, but for rounding. */
static bool is_step(const uint32_t *expected, const uint32_t *actual, uint32_t count, int step) {
    for (uint32_t i = 0; i < count; i++) {
        const double e = value_of(expected[i]), a = value_of(actual[i]);
        const double steps = ldexp(a - e, -step);
        const double rounding = ldexp(fabs(e) + fabs(a), -23 - step);
        if (expected[i] == actual[i])
            continue;
        if (rounding > 0x1p-4 || fabs(steps - nearbyint(steps)) > rounding)
            return false;
    }
    return true;
}

static void find_step(const uint32_t *expected, const uint32_t *actual, struct analysis_facts *f) {
    double least = INFINITY;
    for (uint32_t i = 0; i < f->count; i++)
        if (expected[i] != actual[i])
            least = fmin(least, fabs(value_of(actual[i]) - value_of(expected[i])));
    if (f->different < 4 || !(least > 0) || !isfinite(least))
        return;
    const int from = (int)lround(log2(least)); /* the step is no larger */
    for (int down = 0; down < 4 && !f->is_step; down++) {
        f->step = from - down;
        f->is_step = is_step(expected, actual, f->count, f->step);
    }
}

void analysis_compare(const uint32_t *expected, const uint32_t *actual, uint32_t count,
                      struct analysis_facts *f) {
    *f = (struct analysis_facts){.count = count, .is_power = true};
    for (uint32_t i = 0; i < count; i++) {
        const double e = value_of(expected[i]), a = value_of(actual[i]);
        int power = 0;
        if (expected[i] == actual[i])
            continue;
        if (!is_power_of_two(a / e, &power) || (f->different != 0 && power != f->power))
            f->is_power = false;
        if (f->different++ == 0) {
            f->first = i;
            f->power = power;
        }
        f->last = i;
        f->signs += (expected[i] ^ actual[i]) == 0x80000000u;
        f->zeros += (actual[i] << 1) == 0;
        if (analysis_ulp(expected[i], actual[i]) > f->most_ulp)
            f->most_ulp = analysis_ulp(expected[i], actual[i]);
    }
    f->is_power &= f->different != 0 && f->power != 0;
    find_step(expected, actual, f);
    for (int by = 1; by <= 32 && !f->is_displaced && f->zeros != f->different; by++)
        for (int sign = -1; sign <= 1 && !f->is_displaced; sign += 2)
            if (is_displaced_by(expected, actual, count, sign * by)) {
                f->is_displaced = true;
                f->displaced = sign * by;
            }
    find_period(expected, actual, f);
}

/* ---- KV SRAM ---- */

static void compare_word(struct analysis *a, struct device *device,
                         const struct golden_kv_place *place) {
    const struct golden *golden = a->board->golden;
    uint32_t expected[GOLDEN_KV_BLOCK_WORDS], actual[GOLDEN_KV_BLOCK_WORDS];
    const uint32_t address = golden_kv_address(golden, place);
    golden_kv_get(golden, place, expected);
    device_kv_read(device, address, actual);
    a->kv_compared++;
    for (uint32_t i = 0; i < GOLDEN_KV_BLOCK_WORDS; i++) {
        if (actual[i] == expected[i])
            continue;
        if (a->kv_wrong < ANALYSIS_KV) {
            struct golden_kv_place other = *place;
            uint32_t holds = UINT32_MAX, word[GOLDEN_KV_BLOCK_WORDS];
            for (other.position = 0; other.position < place->position && holds == UINT32_MAX;
                 other.position++) {
                golden_kv_get(golden, &other, word);
                if (memcmp(word, actual, sizeof word) == 0)
                    holds = other.position;
            }
            a->kv[a->kv_wrong] = (struct analysis_kv){.layer = place->layer,
                                                      .value = place->value,
                                                      .head = place->head,
                                                      .position = place->position,
                                                      .block = place->block,
                                                      .address = address,
                                                      .word = i,
                                                      .expected = expected[i],
                                                      .actual = actual[i],
                                                      .other = holds};
        }
        a->kv_wrong++;
        return;
    }
}

void analysis_read_kv(struct analysis *a, struct device *device) {
    const struct scoreboard_difference *d = &a->board->first;
    const struct ls_model *model = a->model;
    struct golden_kv_place p = {.sequence = d->sequence, .layer = d->layer};
    if (d->op != LOCKSTEP_OP_ATTEND || d->record == NULL)
        return;
    for (p.position = 0; p.position <= d->position; p.position++)
        for (p.value = 0; p.value < 2; p.value++)
            for (p.head = 0; p.head < model->kv_heads; p.head++)
                for (p.block = 0; p.block < golden_kv_blocks(a->board->golden); p.block++)
                    compare_word(a, device, &p);
}

/* ---- Text ---- */

/* One sentence at most: what is true of every wrong element. */
static void write_rule(const struct analysis_facts *f, FILE *out) {
    if (f->signs == f->different)
        fputs("  all of them in the sign alone\n", out);
    else if (f->zeros == f->different)
        fputs("  all of them are zero\n", out);
    else if (f->is_power)
        fprintf(out, "  all of them are 2^%d times what they should be: a shift or an exponent\n",
                f->power);
    else if (f->is_displaced)
        fprintf(out, "  each holds what belongs %d elements %s\n", abs(f->displaced),
                f->displaced > 0 ? "further on" : "before it");
    else if (f->is_step)
        fprintf(out,
                "  all of them are off by multiples of 2^%d, but for rounding: a bit of a sum\n",
                f->step);
}

static void write_facts(const struct analysis_facts *f, uint32_t slot, FILE *out) {
    fprintf(out, "slot %u: %u of %u elements differ", slot, f->different, f->count);
    if (f->different == 0) {
        fputc('\n', out);
        return;
    }
    fprintf(out, ", elements %u to %u (from block %u of 32 on), by up to %llu ulp\n", f->first,
            f->last, f->first / 32, (unsigned long long)f->most_ulp);
    write_rule(f, out);
    if (f->period > 1)
        fprintf(out, "  all of them lie at element %u mod %u: one lane of %u\n", f->phase,
                f->period, f->period);
}

/* Words that are no binary32: which of them, and what the first one is. */
static void write_words(const struct analysis *a, const struct scoreboard_vector *v,
                        const struct analysis_facts *f, uint32_t slot, FILE *out) {
    const uint32_t half = (uint32_t)v->expected->count / 2,
                   blocks = golden_kv_blocks(a->board->golden);
    const uint32_t block = f->first % half / GOLDEN_KV_BLOCK_WORDS;
    const uint32_t word = f->first % GOLDEN_KV_BLOCK_WORDS;
    fprintf(out, "slot %u: %u of %u words differ", slot, f->different, f->count);
    if (f->different != 0 && a->board->first.kind == GOLDEN_BLOCKS) {
        fprintf(out, ", the first in %c, head %u, block %u: ", f->first < half ? 'K' : 'V',
                block / blocks, block % blocks);
        if (word < 16)
            fprintf(out, "mantissas %u and %u", 2 * word, 2 * word + 1);
        else
            fputs("the shift", out);
    } else if (f->different != 0) {
        fprintf(out, ", the first at rank %u", f->first / 2);
    }
    fputc('\n', out);
}

static void write_kv(const struct analysis *a, FILE *out) {
    if (a->kv_compared == 0)
        return;
    fprintf(out, "KV SRAM: %u of %u words of this sequence and layer are wrong\n", a->kv_wrong,
            a->kv_compared);
    for (uint32_t i = 0; i < a->kv_wrong && i < ANALYSIS_KV; i++) {
        const struct analysis_kv *k = &a->kv[i];
        char expected[24], actual[24];
        scoreboard_word_text(GOLDEN_BLOCKS, k->word, k->expected, expected, sizeof expected);
        scoreboard_word_text(GOLDEN_BLOCKS, k->word, k->actual, actual, sizeof actual);
        fprintf(out, "  %c, head %u, position %u, block %u (word %u of the SRAM), ",
                k->value ? 'V' : 'K', k->head, k->position, k->block, k->address);
        if (k->word < 16)
            fprintf(out, "mantissas %u and %u: ", 2 * k->word, 2 * k->word + 1);
        fprintf(out, "expected %s, holds %s", expected, actual);
        if (k->other != UINT32_MAX)
            fprintf(out, ": the word of position %u", k->other);
        fputc('\n', out);
    }
}

void analysis_write(struct analysis *a, FILE *out) {
    const struct scoreboard *b = a->board;
    struct analysis_facts facts;
    uint32_t slots = 0, wrong = 0;
    for (uint32_t slot = 0; slot < SCOREBOARD_SLOTS; slot++) {
        const struct scoreboard_vector *v = &b->vectors[slot];
        if (v->expected == NULL)
            continue;
        analysis_compare(v->expected->words, v->actual, v->count, &facts);
        if (b->first.kind != GOLDEN_BINARY32)
            write_words(a, v, &facts, slot, out);
        else
            write_facts(&facts, slot, out);
        if (v->count < v->expected->count)
            fprintf(out, "  %u elements were never committed\n",
                    (uint32_t)v->expected->count - v->count);
        slots++;
        wrong += facts.different != 0;
    }
    if (slots > 1 && wrong == 1)
        fputs("only one slot is wrong\n", out);
    write_kv(a, out);
    suspect_write(a, out);
}
