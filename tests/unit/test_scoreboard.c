/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The check that everything rests on: commits as a right device makes them are taken, and each of
 * them altered in any field, left out, doubled, swapped or late is a difference; behind a wrong
 * word the rest of its op is kept.
 */
#include "scoreboard_stream.h"
#include "tests/kit/blocks.h"
#include "tests/kit/random.h"

/* Whether the board takes all of it; the sentence of the first difference goes to `text`. */
static bool is_taken(const struct ls_model *model, uint32_t list, const struct event *event,
                     size_t count, char text[512]) {
    struct scoreboard board;
    bool ok = true;
    open_board(&board, model, list);
    for (size_t i = 0; i < count && ok; i++) {
        struct device_commit c = event[i].commit;
        c.words = event[i].words;
        if (!event[i].is_token)
            ok = scoreboard_commit(&board, &c) == 0;
        else
            ok = scoreboard_token(&board, event[i].sequence, event[i].token) &&
                 scoreboard_end(&board, event[i].sequence, event[i].right, event[i].ending);
    }
    ok = scoreboard_finish(&board) && ok;
    snprintf(text, 512, "%s", board.first.text);
    scoreboard_close(&board);
    return ok;
}

enum alteration {
    BIT_0,
    BIT_31,
    SOME_BIT,
    MIDDLE_WORD,
    LAST_WORD,
    OTHER_OP,
    OTHER_LAYER,
    OTHER_SLOT,
    NO_SUCH_SLOT,
    INDEX_MORE,
    INDEX_LESS,
    WORD_LESS,
    WORD_MORE,
    SLOT_LESS,
    SLOT_MORE,
    DROPPED,
    DOUBLED,
    SWAPPED,
    LATE,
    OTHER_TOKEN,
    OTHER_EOG,
    OTHER_LAST,
    ALTERATIONS
};
static const char *const alteration_names[ALTERATIONS] = {
    "bit 0",       "bit 31",      "some bit",     "middle word", "last word", "other op",
    "other layer", "other slot",  "no such slot", "index + 1",   "index - 1", "word less",
    "word more",   "slot less",   "slot more",    "dropped",     "doubled",   "swapped",
    "late",        "other token", "other EOG",    "other LAST"};

/* The next commit that the same slot makes, or 0. */
static size_t next_of_slot(const struct stream *s, size_t at) {
    const struct device_commit *c = &s->event[at].commit;
    for (size_t i = at + 1; i < s->count; i++) {
        const struct device_commit *n = &s->event[i].commit;
        if (!s->event[i].is_token && (c->by_slot || n->by_slot || n->slot == c->slot))
            return i;
    }
    return 0;
}

static void swap(struct event *a, struct event *b) {
    const struct event old = *a;
    *a = *b;
    *b = old;
}

/* Alters event `at` of a copy; false: this does not alter such an event. */
static bool alter(struct stream *s, size_t at, enum alteration what, uint64_t *random) {
    struct event *e = &s->event[at];
    struct device_commit *c = &e->commit;
    const uint32_t first = c->by_slot ? 2 * (uint32_t)__builtin_ctz(c->mask) : 0;
    const uint32_t last =
        (c->by_slot ? 2 * (31u - (uint32_t)__builtin_clz(c->mask)) : 0) + c->count - 1;
    const size_t next = next_of_slot(s, at);
    switch (what) {
    case BIT_0:
        e->words[first] ^= 1;
        return true;
    case BIT_31:
        e->words[first] ^= 0x80000000u;
        return true;
    case SOME_BIT:
        e->words[first] ^= 1u << random_below(random, 32);
        return true;
    case MIDDLE_WORD: /* of PASS the position */
        e->words[first + (last - first) / 2] ^= 1u << random_below(random, 32);
        return true;
    case LAST_WORD:
        e->words[last] ^= 1u << random_below(random, 32);
        return true;
    case OTHER_OP:
        c->op = c->op == LOCKSTEP_OP_ADD ? LOCKSTEP_OP_SWIGLU : LOCKSTEP_OP_ADD;
        return true;
    case OTHER_LAYER:
        c->layer++;
        return in_mask(LOCKSTEP_OPS_LOOP, c->op);
    case OTHER_SLOT:
        c->slot ^= 1;
        return !c->by_slot;
    case NO_SUCH_SLOT:
        c->slot = SCOREBOARD_SLOTS;
        return !c->by_slot;
    case INDEX_MORE:
        c->index++;
        return true;
    case INDEX_LESS:
        return c->index-- > 0;
    case WORD_LESS:
        c->count--;
        return c->count > 0;
    case WORD_MORE:
        c->count++;
        return !c->by_slot || c->count == 2;
    case SLOT_LESS:
        c->mask &= c->mask - 1;
        return c->by_slot;
    case SLOT_MORE:
        c->mask |= 1u << SLOTS;
        return c->by_slot;
    case DROPPED:
        memmove(e, e + 1, (--s->count - at) * sizeof *e);
        return true;
    case DOUBLED:
        if (at + 1 < s->count)
            memmove(e + 1, e, (s->count - 1 - at) * sizeof *e); /* the last event gives way */
        return at + 1 < s->count;
    case SWAPPED:
        if (next != 0)
            swap(e, &s->event[next]);
        return next != 0;
    case LATE:
        if (next != 0) {
            const struct event late = *e;
            memmove(e, e + 1, (s->count - 1 - at) * sizeof *e);
            s->event[s->count - 1] = late;
        }
        return next != 0;
    case OTHER_TOKEN:
    case OTHER_EOG:
    case OTHER_LAST:
    case ALTERATIONS:
        break;
    }
    return false;
}

static bool alter_token(struct stream *s, size_t at, enum alteration what, uint32_t list) {
    struct event *e = &s->event[at];
    if (what == OTHER_EOG)
        e->ending.end_of_generation = !e->ending.end_of_generation;
    else if (what == OTHER_LAST)
        e->ending.last = !e->ending.last;
    else if (what == OTHER_TOKEN)
        e->token += 97; /* of a list of 4 not the next ones either, or the stream is no good */
    else if (what == DOUBLED && list == 0 && at + 1 < s->count)
        memmove(e + 1, e, (s->count - 1 - at) * sizeof *e);
    else
        return false;
    return true;
}

static void check_alterations(struct host_test *t, const struct ls_model *model, uint32_t list) {
    struct stream right = record_stream(model, list, RIGHT);
    struct stream altered = {.event = malloc(right.count * sizeof *right.event)};
    char text[512];
    uint64_t random = 1;
    unsigned long tried[ALTERATIONS] = {0};
    if (altered.event == NULL)
        exit(1);
    CHECK(t, is_taken(model, list, right.event, right.count, text), "list %u: %s", list, text);
    for (size_t at = 0; at < right.count; at++) {
        if (!right.event[at].is_token && !right.event[at].is_edge && random_below(&random, 16) != 0)
            continue;
        for (enum alteration what = 0; what < ALTERATIONS; what++) {
            const struct event *e = &right.event[at];
            memcpy(altered.event, right.event, right.count * sizeof *right.event);
            altered.count = right.count;
            if (e->is_token ? !alter_token(&altered, at, what, list)
                            : !alter(&altered, at, what, &random))
                continue;
            tried[what]++;
            CHECK(t, !is_taken(model, list, altered.event, altered.count, text),
                  "list %u, event %zu, %s of %s, layer %u, slot %u, element %u: taken", list, at,
                  alteration_names[what], e->is_token ? "token-out" : op_name(e->commit.op),
                  e->commit.layer, e->commit.slot, e->commit.index);
        }
    }
    for (enum habit habit = RIGHT + 1; habit < HABITS; habit++) {
        struct stream wrong = record_stream(model, list, habit);
        CHECK(t, !is_taken(model, list, wrong.event, wrong.count, text), "list %u, habit %u", list,
              (unsigned)habit);
        free(wrong.event);
    }
    for (enum alteration what = 0; what < ALTERATIONS; what++)
        CHECK(t, tried[what] > 0, "list %u: no commit could be altered by %s", list,
              alteration_names[what]);
    free(right.event);
    free(altered.event);
}

/* Behind a wrong word the rest of its op is kept, for who explains it; of words that come on top of
 * it, none. The wrong one is the `at`-th commit's of the first `op`; lists come pair by pair. */
static void check_kept(struct host_test *t, const struct ls_model *model, uint32_t list,
                       uint32_t op, uint32_t at) {
    struct stream s = record_stream(model, list, RIGHT);
    struct scoreboard board;
    open_board(&board, model, list);
    board.patient = true;
    const struct device_commit *c = NULL;
    uint32_t seen = 0, wrong = 0; /* wrong: slot */
    for (size_t i = 0; i < s.count && (seen == 0 || s.event[i].commit.op == op); i++) {
        struct device_commit part = s.event[i].commit;
        const uint32_t all = part.count, step = part.op == LOCKSTEP_OP_SAMPLE ? 2 : all;
        c = &s.event[i].commit;
        for (part.count = step; part.index < all || step == all; part.index += step) {
            uint32_t *words = s.event[i].words + (step == all ? 0 : part.index);
            if (s.event[i].is_token)
                break;
            if (c->op == op && seen++ == at) {
                wrong = c->by_slot ? 1 : c->slot;
                words[c->by_slot ? 2 * wrong : 0] ^= 1;
            }
            part.words = words;
            scoreboard_commit(&board, &part);
            if (step == all)
                break;
        }
    }
    const struct scoreboard_difference *d = &board.first;
    CHECK(t, seen > at && d->found && d->op == op && d->slot == wrong && d->is_value,
          "%s: slot %u: %s", op_name(op), wrong, d->text);
    struct device_commit more = *c;
    more.index = c->index + c->count;
    more.count = 1;
    more.words = s.event[0].words;
    scoreboard_commit(&board, &more);
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        const struct scoreboard_vector *v = &board.vectors[slot];
        if (op == LOCKSTEP_OP_SAMPLE && slot != wrong) {
            CHECK(t, v->expected == NULL, "the list of slot %u", slot);
            continue;
        }
        CHECK(t, v->expected != NULL && v->count == v->expected->count && v->actual != NULL,
              "%s, slot %u: %u words are kept", op_name(op), slot, (unsigned)v->count);
        CHECK(t,
              op != LOCKSTEP_OP_SAMPLE ||
                  (v->count == 2 * LIST && v->expected->kind == GOLDEN_LIST && v->position == 2),
              "slot %u: %u words of its list", slot, (unsigned)v->count);
        for (uint32_t i = 0; v->expected != NULL && i < v->expected->count; i++)
            CHECK(t, (v->actual[i] == v->expected->words[i]) == (slot != wrong || i != d->index),
                  "%s, slot %u, word %u", op_name(op), slot, i);
    }
    scoreboard_close(&board);
    free(s.event);
}

/* A board that has kept words leaves no memory behind. */
static void check_memory(struct host_test *t, const struct ls_model *model) {
    long held = 0;
    for (int i = 0; i < 3; i++) { /* what libraries keep, they have by then */
        const long before = blocks_held();
        check_kept(t, model, 0, LOCKSTEP_OP_MATVEC, 2);
        held = blocks_held() - before;
    }
    CHECK(t, held == 0, "%ld blocks are left", held);
}

int main(void) {
    struct host_test t = {"scoreboard", 0, 0};
    struct ls_model *model;
    struct ls_error err;
    if (ls_model_open(HOST_TINY, &model, &err) != 0) {
        printf("FAIL: %s\n", err.text);
        return 1;
    }
    check_kept(&t, model, 0, LOCKSTEP_OP_EMBED, 0);
    check_kept(&t, model, 0, LOCKSTEP_OP_EMBED, 1);
    check_kept(&t, model, 0, LOCKSTEP_OP_ADD, 0);
    check_kept(&t, model, 0, LOCKSTEP_OP_MATVEC, 0);
    check_kept(&t, model, 0, LOCKSTEP_OP_MATVEC, 3);
    check_kept(&t, model, LIST, LOCKSTEP_OP_SAMPLE, 2);
    check_memory(&t, model);
    check_alterations(&t, model, 0);
    check_alterations(&t, model, LIST);
    ls_model_close(model);
    return host_test_finish(&t);
}
