/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Follows a text through a grammar. A way is a node that wants a character, or the end, and a
 * frame: where to go on when the rule ends, and the frame around it. Equal frames are one, so ways
 * that are equal are seen to be, and the frames of a text are as many as its rules lie in each
 * other, not as it is long.
 */
#include "grammar.h"

#include <stdlib.h>
#include <string.h>

#include "grammar_rules.h"

enum { HASH = 4096, PLACES = 4 * GRAMMAR_WAYS };
#define NONE UINT32_MAX

struct way {
    uint32_t node, frame;
};

struct frame {
    uint32_t node, around, next; /* next: of the same hash */
};

struct ways {
    struct way list[GRAMMAR_WAYS];
    uint32_t count;
};

/* Ways without doubles: where each is found, in this round. */
struct seen {
    struct way list[GRAMMAR_WAYS];
    uint32_t count, round;
    struct {
        uint32_t round, at;
    } places[PLACES];
};

struct grammar {
    struct grammar_rules rules;
    struct frame frames[GRAMMAR_FRAMES];
    uint32_t frame_count, heads[HASH];
    struct ways now, then;
    struct seen seen;
    bool ends, then_ends;          /* the text may end now, or then */
    bool full, over;               /* bounds are passed; they have been */
    uint32_t code, missing, least; /* a character under way, its bytes to come, its lowest code */
};

/* ---- frames ---- */

static uint32_t hash_of(uint32_t node, uint32_t around) {
    return (node * 2654435761u ^ around * 2246822519u) >> 20 & (HASH - 1);
}

static uint32_t frame_of(struct grammar *g, uint32_t node, uint32_t around) {
    uint32_t *head = &g->heads[hash_of(node, around)];
    for (uint32_t i = *head; i != NONE; i = g->frames[i].next)
        if (g->frames[i].node == node && g->frames[i].around == around)
            return i;
    if (g->frame_count == GRAMMAR_FRAMES) {
        g->full = g->over = true;
        return NONE;
    }
    g->frames[g->frame_count] = (struct frame){node, around, *head};
    *head = g->frame_count;
    return g->frame_count++;
}

/* Forgets the frames from `count` on, the newest first. */
static void forget(struct grammar *g, uint32_t count) {
    while (g->frame_count > count) {
        const struct frame *f = &g->frames[--g->frame_count];
        g->heads[hash_of(f->node, f->around)] = f->next;
    }
}

/* ---- ways ---- */

static void see_nothing(struct grammar *g) {
    g->seen.count = g->then.count = 0;
    g->then_ends = false;
    if (++g->seen.round == 0) {
        memset(g->seen.places, 0, sizeof g->seen.places);
        g->seen.round = 1;
    }
}

static void see(struct grammar *g, uint32_t node, uint32_t frame) {
    struct seen *s = &g->seen;
    uint32_t place = hash_of(node, frame) & (PLACES - 1);
    for (; s->places[place].round == s->round; place = (place + 1) & (PLACES - 1)) {
        const struct way *w = &s->list[s->places[place].at];
        if (w->node == node && w->frame == frame)
            return;
    }
    if (s->count == GRAMMAR_WAYS) {
        g->full = g->over = true;
        return;
    }
    s->places[place].round = s->round;
    s->places[place].at = s->count;
    s->list[s->count++] = (struct way){node, frame};
}

/* What follows from the ways in g->seen without a character goes into g->then. */
static void close_ways(struct grammar *g) {
    for (uint32_t i = 0; i < g->seen.count && !g->full; i++) {
        const struct way w = g->seen.list[i];
        const struct grammar_node *n = &g->rules.nodes[w.node];
        switch (n->kind) {
        case GRAMMAR_SET:
            g->then.list[g->then.count++] = w; /* fewer than those seen */
            break;
        case GRAMMAR_SPLIT:
            see(g, n->a, w.frame);
            see(g, n->b, w.frame);
            break;
        case GRAMMAR_CALL: { /* the last of a rule needs no place to return to */
            const bool last = g->rules.nodes[n->b].kind == GRAMMAR_RETURN;
            see(g, n->a, last ? w.frame : frame_of(g, n->b, w.frame));
            break;
        }
        default: /* GRAMMAR_RETURN: the end of the text, or of a rule */
            if (w.frame == NONE)
                g->then_ends = true;
            else
                see(g, g->frames[w.frame].node, g->frames[w.frame].around);
        }
    }
}

static bool in_ranges(const struct grammar *g, const struct grammar_set *set, uint32_t code,
                      uint32_t *high) {
    for (uint32_t i = 0; i < set->count; i++) {
        const struct grammar_range *r = &g->rules.ranges[set->first + i];
        if (code >= r->low && code <= r->high) {
            *high = r->high;
            return true;
        }
    }
    return false;
}

static bool takes(const struct grammar *g, const struct grammar_set *set, uint32_t code) {
    uint32_t high;
    return in_ranges(g, set, code, &high) != set->others;
}

/* Whether it takes one of low .. high. */
static bool takes_any(const struct grammar *g, const struct grammar_set *set, uint32_t low,
                      uint32_t high) {
    if (!set->others) {
        for (uint32_t i = 0; i < set->count; i++) {
            const struct grammar_range *r = &g->rules.ranges[set->first + i];
            if (r->low <= high && r->high >= low)
                return true;
        }
        return false;
    }
    for (uint32_t code = low, end; code <= high; code = end + 1)
        if (!in_ranges(g, set, code, &end))
            return true;
    return false;
}

static const struct grammar_set *set_of(const struct grammar *g, const struct way *w) {
    return &g->rules.sets[g->rules.nodes[w->node].a];
}

/* A character; false: no way takes it. */
static bool step(struct grammar *g, uint32_t code) {
    see_nothing(g);
    for (uint32_t i = 0; i < g->now.count; i++)
        if (takes(g, set_of(g, &g->now.list[i]), code))
            see(g, g->rules.nodes[g->now.list[i].node].b, g->now.list[i].frame);
    close_ways(g);
    memcpy(g->now.list, g->then.list, g->then.count * sizeof *g->now.list);
    g->now.count = g->then.count;
    g->ends = g->then_ends;
    return !g->full && (g->now.count != 0 || g->ends);
}

/* ---- bytes ---- */

/* The first byte of a character. */
static bool begin(struct grammar *g, unsigned char byte) {
    g->missing = byte < 0x80 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    g->least = byte < 0x80 ? 0 : byte < 0xe0 ? 0x80 : byte < 0xf0 ? 0x800 : 0x10000;
    g->code = g->missing == 0 ? byte : byte & 0x3fu >> g->missing;
    return byte < 0x80 || (byte >= 0xc2 && byte < 0xf5);
}

static bool is_surrogate(uint32_t code) {
    return code >= 0xd800 && code <= 0xdfff;
}

/* Whether a character that begins like the one under way is taken. */
static bool may_go_on(const struct grammar *g) {
    uint32_t low = g->code << 6 * g->missing, high = low | ((1u << 6 * g->missing) - 1);
    low = low < g->least ? g->least : low;
    high = high > 0x10ffff ? 0x10ffff : high;
    if (is_surrogate(low) && is_surrogate(high)) /* of none of which UTF-8 is made */
        return false;
    for (uint32_t i = 0; i < g->now.count && low <= high; i++)
        if (takes_any(g, set_of(g, &g->now.list[i]), low, high))
            return true;
    return false;
}

static bool read_byte(struct grammar *g, unsigned char byte) {
    if (g->missing == 0) {
        if (!begin(g, byte))
            return false;
    } else {
        if ((byte & 0xc0) != 0x80)
            return false;
        g->code = g->code << 6 | (byte & 0x3fu);
        g->missing--;
    }
    if (g->missing != 0)
        return may_go_on(g);
    return g->code >= g->least && !is_surrogate(g->code) && step(g, g->code);
}

static bool read_bytes(struct grammar *g, const char *bytes, size_t count) {
    bool right = count != 0;
    for (size_t i = 0; i < count && right; i++)
        right = read_byte(g, (unsigned char)bytes[i]);
    return right;
}

bool grammar_allows(struct grammar *g, const char *bytes, size_t count) {
    struct way before[GRAMMAR_WAYS];
    const uint32_t ways_before = g->now.count, frames = g->frame_count;
    const uint32_t code = g->code, missing = g->missing, least = g->least;
    const bool ends = g->ends, full = g->full;
    memcpy(before, g->now.list, ways_before * sizeof *before);
    const bool right = read_bytes(g, bytes, count);
    memcpy(g->now.list, before, ways_before * sizeof *before);
    g->now.count = ways_before;
    forget(g, frames);
    g->code = code, g->missing = missing, g->least = least;
    g->ends = ends, g->full = full;
    return right;
}

bool grammar_accept(struct grammar *g, const char *bytes, size_t count) {
    if (read_bytes(g, bytes, count))
        return true;
    g->now.count = 0;
    g->ends = false;
    return false;
}

bool grammar_ends(const struct grammar *g) {
    return g->ends && g->missing == 0;
}

bool grammar_overflows(const struct grammar *g) {
    return g->over;
}

void grammar_reset(struct grammar *g) {
    forget(g, 0);
    g->full = g->over = false;
    g->code = g->missing = g->least = 0;
    see_nothing(g);
    see(g, g->rules.root, NONE);
    close_ways(g);
    memcpy(g->now.list, g->then.list, g->then.count * sizeof *g->now.list);
    g->now.count = g->then.count;
    g->ends = g->then_ends;
}

int grammar_open(const char *text, struct grammar **grammar, struct ls_error *err) {
    struct grammar *g = calloc(1, sizeof *g);
    *grammar = NULL;
    if (g == NULL)
        return ls_error_set(err, "out of memory");
    for (uint32_t i = 0; i < HASH; i++)
        g->heads[i] = NONE;
    if (grammar_parse(text, &g->rules, err) != 0) {
        grammar_close(g);
        return -1;
    }
    grammar_reset(g);
    if (g->full) {
        grammar_close(g);
        return ls_error_set(err, "grammar: a text can begin in more than %u ways", GRAMMAR_WAYS);
    }
    *grammar = g;
    return 0;
}

void grammar_close(struct grammar *g) {
    if (g == NULL)
        return;
    grammar_release(&g->rules);
    free(g);
}
