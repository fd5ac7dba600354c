/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The check that everything rests on: commits as a right device makes them are taken, and each of
 * them altered in any field, left out, doubled, swapped or late is a difference. The commits are
 * made here from a golden model of their own: two sequences in two slots, the first one's prompt by
 * two tokens a pass, greedily and with a list of the best.
 */
#include <dirent.h>
#include <time.h>

#include "csrc/base/device_info.h"
#include "csrc/golden/golden_state.h"
#include "golden_random_model.h"
#include "sim/check/scoreboard.h"
#include "tests/kit/blocks.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

enum { SLOTS = 2, SEQUENCES = 2, CONTEXT = 16, LIST = 4, GROUP = 8, PASSES = 4 };

/* What the board is told, in order: a commit or a token that came out of the driver. */
struct event {
    bool is_token;
    struct device_commit commit;
    uint32_t words[2 * SCOREBOARD_SLOTS];
    uint32_t sequence, token;
    struct scoreboard_ending right, ending; /* behind the token, as it has to be and as it is */
    bool is_edge;                           /* first or last commit of its op for the slot */
};

/* What a device does wrong, and goes on with as if it were right. */
enum habit { RIGHT, TAKES_OTHER_TOKEN, CHOOSES_SECOND, HABITS };

struct stream {
    struct event *event;
    size_t count, room;
    uint64_t cycle;
    uint64_t ops, words; /* that it commits, each slot's its own */
    enum habit habit;
};

struct plan { /* a slot of a pass */
    uint32_t sequence, position;
};

static const uint32_t prompt[SEQUENCES][3] = {{1, 70, 81}, {1}};
static const uint32_t prompts[SEQUENCES] = {3, 1};
static const struct plan plan[PASSES][SLOTS] = {
    {{0, 0}, {0, 1}}, {{0, 2}, {1, 0}}, {{1, 1}, {0, 3}}, {{0, 4}, {1, 2}}};

static void append(struct stream *s, const struct event *e) {
    if (s->count == s->room) {
        s->room = s->room == 0 ? 256 : 2 * s->room;
        s->event = realloc(s->event, s->room * sizeof *s->event);
        if (s->event == NULL)
            exit(1);
    }
    struct event *at = &s->event[s->count++];
    *at = *e;
    at->commit.cycle = ++s->cycle;
}

static void append_commit(struct stream *s, const struct device_commit *c, const uint32_t *words,
                          bool is_edge) {
    struct event e = {.commit = *c, .is_edge = is_edge};
    memcpy(e.words, words, (c->by_slot ? 2 * SCOREBOARD_SLOTS : c->count) * sizeof *words);
    append(s, &e);
}

/* Words of one slot, GROUP at a time. */
static void append_slot(struct stream *s, struct device_commit c, const uint32_t *words,
                        uint32_t count) {
    s->ops++;
    s->words += count;
    for (uint32_t i = 0; i < count; i += GROUP) {
        c.index = i;
        c.count = count - i < GROUP ? count - i : GROUP;
        append_commit(s, &c, words + i, i == 0 || i + c.count == count);
    }
}

/* Two words of every slot at a time, as rows of a matrix come. */
static void append_rows(struct stream *s, struct device_commit c,
                        const struct golden_record *const record[SLOTS], uint32_t count) {
    c.by_slot = true;
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        c.mask |= record[slot] != NULL ? 1u << slot : 0;
        s->ops += record[slot] != NULL;
        s->words += record[slot] != NULL ? count : 0;
    }
    for (uint32_t i = 0; i < count; i += c.count) {
        uint32_t words[2 * SCOREBOARD_SLOTS];
        memset(words, 0xa5, sizeof words);
        c.index = i;
        c.count = i + 1 < count ? 2 : 1;
        for (uint32_t slot = 0; slot < SLOTS; slot++)
            if (record[slot] != NULL)
                memcpy(words + 2 * slot, record[slot]->words + i, c.count * sizeof *words);
        append_commit(s, &c, words, i == 0 || i + c.count == count);
    }
}

static void append_op(struct stream *s, const struct golden *golden, size_t at) {
    const struct golden_record *record[SLOTS] = {NULL}, *some = NULL;
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        size_t count;
        const struct golden_record *r = golden_records(golden, slot, &count);
        record[slot] = at < count ? &r[at] : NULL;
        some = record[slot] != NULL ? record[slot] : some;
    }
    const struct device_commit c = {
        .op = some->op, .pc = (uint32_t)at, .layer = some->layer < 0 ? 0 : (uint32_t)some->layer};
    if (some->op == LOCKSTEP_OP_MATVEC || some->op == LOCKSTEP_OP_LOGITS) {
        append_rows(s, c, record, (uint32_t)some->count);
        return;
    }
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        struct device_commit own = c;
        own.slot = slot;
        if (record[slot] != NULL)
            append_slot(s, own, record[slot]->words, (uint32_t)record[slot]->count);
    }
}

/* One pass of a right device. `pairs` of a SAMPLE; `known`: each sequence's tokens, to which the
 * best one is added. */
static void append_pass(struct stream *s, const struct ls_model *model, struct golden *golden,
                        const struct plan slots[SLOTS], bool is_last, uint32_t pairs,
                        uint32_t known[SEQUENCES][CONTEXT]) {
    struct ls_error err;
    size_t records = 0;
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        const struct plan *p = &slots[slot];
        const uint32_t token = known[p->sequence][p->position] + (s->habit == TAKES_OTHER_TOKEN);
        const uint32_t words[] = {token, p->position, p->sequence};
        size_t count;
        if (golden_run(golden, slot, p->sequence, p->position, words[0],
                       p->position + 1 >= prompts[p->sequence], &err) != 0)
            exit(1);
        golden_records(golden, slot, &count);
        records = count > records ? count : records;
        append_slot(s, (struct device_commit){.op = LOCKSTEP_OP_PASS, .slot = slot}, words, 3);
    }
    for (size_t at = 0; at < records; at++)
        append_op(s, golden, at);
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        const struct plan *p = &slots[slot];
        uint32_t ids[LIST], logits[LIST], list[2 * LIST], second[2], none[2];
        if (golden_logits(golden, slot) == NULL)
            continue;
        golden_top_k(golden_logits(golden, slot), model->vocab, pairs, ids, logits);
        golden_top_k(golden_logits(golden, slot), model->vocab, 2, second, none);
        for (uint32_t i = 0; i < pairs; i++) {
            list[2 * i] = ids[i];
            list[2 * i + 1] = logits[i];
        }
        if (s->habit == CHOOSES_SECOND)
            ids[0] = list[0] = second[1];
        append_slot(s, (struct device_commit){.op = LOCKSTEP_OP_SAMPLE, .slot = slot}, list,
                    2 * pairs);
        known[p->sequence][p->position + 1] = ids[0];
        /* every sequence generates for as long as the plan goes on */
        const struct scoreboard_ending end = {.end_of_generation = ls_model_is_eog(model, ids[0]),
                                              .last = is_last};
        append(s, &(struct event){.is_token = true,
                                  .sequence = p->sequence,
                                  .token = ids[0],
                                  .right = end,
                                  .ending = end});
    }
}

static struct stream record_stream(const struct ls_model *model, uint32_t list, enum habit habit) {
    struct stream s = {.habit = habit};
    struct golden *golden;
    struct ls_error err;
    uint32_t known[SEQUENCES][CONTEXT] = {{0}};
    for (uint32_t q = 0; q < SEQUENCES; q++)
        memcpy(known[q], prompt[q], sizeof prompt[q]);
    if (golden_open(model, 16, SLOTS, SEQUENCES, CONTEXT, &golden, &err) != 0)
        exit(1);
    for (int pass = 0; pass < PASSES; pass++)
        append_pass(&s, model, golden, plan[pass], pass + 1 == PASSES, list == 0 ? 1 : list, known);
    golden_close(golden);
    return s;
}

/* Whether the board takes all of it; the sentence of the first difference goes to `text`. */
static bool is_taken(const struct ls_model *model, uint32_t list, const struct event *event,
                     size_t count, char text[512]) {
    struct scoreboard board;
    struct ls_error err;
    bool ok = true;
    if (scoreboard_open(&board, model, 16, SLOTS, SEQUENCES, CONTEXT, list, &err) != 0)
        exit(1);
    for (uint32_t q = 0; q < SEQUENCES; q++)
        scoreboard_prompt(&board, q, prompt[q], prompts[q]);
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

static void open_board(struct scoreboard *board, const struct ls_model *model, uint32_t list) {
    struct ls_error err;
    if (scoreboard_open(board, model, 16, SLOTS, SEQUENCES, CONTEXT, list, &err) != 0)
        exit(1);
    for (uint32_t q = 0; q < SEQUENCES; q++)
        scoreboard_prompt(board, q, prompt[q], prompts[q]);
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

struct followed {
    uint32_t tokens, listed;
};

static void follow(void *told, uint32_t sequence, uint32_t position, uint32_t token,
                   const uint32_t *logits) {
    struct followed *f = told;
    (void)sequence, (void)position, (void)token;
    f->tokens++;
    f->listed += logits != NULL;
}

/* What is counted and told, with shorter lists than the board was opened with; and that no memory
 * is left. */
static void check_totals(struct host_test *t, const struct ls_model *model) {
    struct stream s = record_stream(model, LIST / 2, RIGHT);
    struct scoreboard board;
    struct followed followed = {0, 0};
    open_board(&board, model, LIST);
    scoreboard_list(&board, 100000);
    CHECK(t, board.list_size == model->vocab, "a list of %u", board.list_size);
    scoreboard_list(&board, LIST / 2);
    scoreboard_follow(&board, follow, &followed);
    for (size_t i = 0; i < s.count; i++) {
        s.event[i].commit.words = s.event[i].words;
        if (s.event[i].is_token)
            scoreboard_token(&board, s.event[i].sequence, s.event[i].token);
        else
            scoreboard_commit(&board, &s.event[i].commit);
    }
    CHECK(t, scoreboard_finish(&board), "%s", board.first.text);
    CHECK(t, board.ops == s.ops && board.words == s.words && board.mismatches == 0,
          "%u ops and %u words instead of %u and %u", (unsigned)board.ops, (unsigned)board.words,
          (unsigned)s.ops, (unsigned)s.words);
    CHECK(t, followed.tokens == PASSES * SLOTS && followed.listed == 6, "%u tokens, %u lists",
          followed.tokens, followed.listed);
    scoreboard_close(&board);
    free(s.event);
    long held = 0;
    for (int i = 0; i < 3; i++) {
        const long before = blocks_held();
        check_kept(t, model, 0, LOCKSTEP_OP_MATVEC, 2);
        held = blocks_held() - before;
    }
    CHECK(t, held == 0, "%ld blocks are left", held);
}

/* What is told of ops: the cycles of each slot's first and last commit of it, and where the op
 * began, whatever its slots. */
struct told {
    struct host_test *t;
    uint64_t first[SLOTS], last, begin;
    uint32_t op, pc, layer; /* that committed last */
    uint64_t ops;
};

static void note_op(void *context, const struct scoreboard_op *op) {
    struct told *told = context;
    told->ops++;
    CHECK(told->t, op->op == told->op && op->pc == told->pc && op->layer == told->layer,
          "%s is told behind %s", op_name(op->op), op_name(told->op));
    CHECK(told->t, (op->record == NULL) == (op->op == LOCKSTEP_OP_SAMPLE), "%s: a record",
          op_name(op->op));
    CHECK(told->t,
          op->begin == told->begin && op->first == told->first[op->slot] && op->last == told->last,
          "%s, slot %u: from %u, commits %u to %u, and not from %u, %u to %u", op_name(op->op),
          op->slot, (unsigned)op->begin, (unsigned)op->first, (unsigned)op->last,
          (unsigned)told->begin, (unsigned)told->first[op->slot], (unsigned)told->last);
}

static void tell(struct told *told, const struct device_commit *c) {
    if (c->op != told->op || c->pc != told->pc || c->layer != told->layer)
        told->begin = told->last + 1;
    told->op = c->op;
    told->pc = c->pc;
    told->layer = c->layer;
    told->last = c->cycle;
    for (uint32_t slot = 0; slot < SLOTS && c->index == 0; slot++)
        if (c->by_slot ? (c->mask >> slot & 1) != 0 : slot == c->slot)
            told->first[slot] = c->cycle;
}

static void check_told(struct host_test *t, const struct ls_model *model) {
    struct stream s = record_stream(model, LIST, RIGHT);
    struct scoreboard board;
    struct told told = {.t = t, .op = UINT32_MAX};
    open_board(&board, model, LIST);
    board.on_op = note_op;
    board.told = &told;
    for (size_t i = 0; i < s.count; i++) {
        struct device_commit c = s.event[i].commit;
        const uint32_t all = c.count, step = c.op == LOCKSTEP_OP_SAMPLE ? 2 : all;
        if (s.event[i].is_token) {
            scoreboard_token(&board, s.event[i].sequence, s.event[i].token);
            continue;
        }
        c.count = step; /* lists come pair by pair */
        for (uint32_t from = c.index, at = 0; at < all; at += step) {
            c.index = from + at;
            c.cycle = LIST * s.event[i].commit.cycle + at / step;
            c.words = s.event[i].words + at;
            tell(&told, &c);
            CHECK(t, scoreboard_commit(&board, &c) == 0, "%s", board.first.text);
        }
    }
    CHECK(t, scoreboard_finish(&board), "%s", board.first.text);
    CHECK(t, told.ops == s.ops - PASSES * SLOTS, "%u of %u ops are told", (unsigned)told.ops,
          (unsigned)s.ops);
    scoreboard_close(&board);
    free(s.event);
}

static int threads(void) {
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;
    while (tasks != NULL && readdir(tasks) != NULL)
        count++;
    closedir(tasks);
    return count;
}

/* A golden model that is taken has no thread any more, and is closed by who took it. */
static void check_take(struct host_test *t, const struct ls_model *model) {
    struct scoreboard board;
    const int before = threads();
    open_board(&board, model, 0);
    CHECK(t, threads() > before, "no thread");
    struct golden *golden = scoreboard_take(&board);
    CHECK(t, golden != NULL && board.golden == NULL, "no golden model");
    golden_close(golden);
    for (int i = 0; i < 1000 && threads() != before; i++) /* the last one takes a while to go */
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    CHECK(t, threads() == before, "%d threads are left", threads() - before);
    scoreboard_close(&board);
}

/* ---- places that there are not ---- */

static const char *difference(struct scoreboard *board, const struct device_commit *c) {
    return scoreboard_commit(board, c) == 0 ? "taken" : board->first.text;
}

/* Words as they are told: of KV blocks mantissas and, behind the 16th, the shift; of lists ids and
 * logits in turn. */
static void check_texts(struct host_test *t) {
    static const struct {
        enum golden_kind kind;
        uint32_t index, word;
        const char *text;
    } words[] = {{GOLDEN_BINARY32, 3, 0x3fc00000, "1.5"},
                 {GOLDEN_BLOCKS, 0, 0x0005ffff, "-1 5"},
                 {GOLDEN_BLOCKS, 15, 0x80000001, "1 -32768"},
                 {GOLDEN_BLOCKS, 16, 9, "shift 9"},
                 {GOLDEN_BLOCKS, 17, 0x00010002, "2 1"},
                 {GOLDEN_BLOCKS, 33, 7, "shift 7"},
                 {GOLDEN_LIST, 0, 77, "id 77"},
                 {GOLDEN_LIST, 1, 0xc0000000, "-2"},
                 {GOLDEN_LIST, 2, 5, "id 5"},
                 {GOLDEN_WORDS, 1, 0x3fc00000, "1069547520"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char text[24];
        scoreboard_word_text(words[i].kind, words[i].index, words[i].word, text, sizeof text);
        CHECK(t, strcmp(text, words[i].text) == 0, "'%s', not '%s'", text, words[i].text);
    }
}

static void check_places(struct host_test *t, const struct ls_model *model) {
    static const uint32_t none[2 * SCOREBOARD_SLOTS + 1] = {0};
    static const struct device_commit commits[] = {
        {.op = LOCKSTEP_OP_ADD, .slot = SLOTS, .count = 1, .words = none},
        {.op = LOCKSTEP_OP_PASS, .slot = SLOTS, .count = 3, .words = none},
        {.op = LOCKSTEP_OP_SAMPLE, .slot = SCOREBOARD_SLOTS, .count = 2, .words = none},
        {.op = LOCKSTEP_OP_MATVEC, .mask = 1u << SLOTS, .by_slot = true, .count = 1, .words = none},
    };
    struct scoreboard board;
    struct ls_error err = {""};
    for (size_t i = 0; i < sizeof commits / sizeof *commits; i++) {
        open_board(&board, model, 0);
        const char *text = difference(&board, &commits[i]);
        CHECK(t, strstr(text, "no such slot") != NULL, "commit %zu: %s", i, text);
        scoreboard_close(&board);
    }
    /* a sequence, and a token that the golden model does not take */
    open_board(&board, model, 0);
    static const uint32_t sequence[] = {1, 0, SEQUENCES}, token[] = {1000000, 0, 1};
    const char *text = difference(
        &board, &(struct device_commit){.op = LOCKSTEP_OP_PASS, .count = 3, .words = sequence});
    CHECK(t, strstr(text, "no such sequence") != NULL && board.first.index == 2, "%s", text);
    scoreboard_close(&board);
    open_board(&board, model, 0);
    scoreboard_prompt(&board, 1, token, 1);
    text = difference(&board,
                      &(struct device_commit){.op = LOCKSTEP_OP_PASS, .count = 3, .words = token});
    CHECK(t, strstr(text, "1000000") != NULL && board.first.index == 1 && board.first.actual == 0,
          "%s", text);
    scoreboard_close(&board);
    for (uint32_t more = 0; more < 3; more++) {
        const uint32_t slots = SCOREBOARD_SLOTS + (more == 1),
                       sequences = SCOREBOARD_SEQUENCES + (more == 2);
        const bool open = scoreboard_open(&board, model, 16, slots, sequences, 4, 0, &err) == 0;
        CHECK(t, open == (more == 0), "%u slots, %u sequences: %s", slots, sequences, err.text);
        CHECK(t, open || strstr(err.text, "at most 8 slots and 16 sequences") != NULL, "%s",
              err.text);
        scoreboard_close(&board);
    }
}

/* The golden model's thread, slow. */
struct slow {
    void (*on_records)(void *told);
    void *told;
};

static void rest_behind(void *told) {
    const struct slow *s = told;
    s->on_records(s->told);
    nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

/* The golden model has come to the end of the pass, in all slots, before anyone is told of a
 * difference, whatever its pace. */
static void check_still(struct host_test *t, const struct ls_model *model) {
    struct stream s = record_stream(model, 0, RIGHT);
    for (int i = 0; i < 3; i++) {
        struct scoreboard board;
        open_board(&board, model, 0);
        struct slow slow = {board.golden->on_records, board.golden->told};
        golden_follow(board.golden, rest_behind, &slow);
        for (size_t e = 0; e < SLOTS; e++) {
            s.event[e].commit.words = s.event[e].words;
            CHECK(t, scoreboard_commit(&board, &s.event[e].commit) == 0, "%s", board.first.text);
        }
        const uint32_t word = s.event[SLOTS].words[0] ^ 1;
        struct device_commit c = s.event[SLOTS].commit;
        c.words = &word;
        c.count = 1;
        CHECK(t, scoreboard_commit(&board, &c) != 0, "taken");
        for (uint32_t slot = 0; slot < SLOTS; slot++)
            CHECK(t, golden_has_ended(board.golden, slot), "slot %u is computed yet", slot);
        scoreboard_close(&board);
    }
    free(s.event);
}

/* The golden model's thread, held once a record stands: until it is let go, or at last by itself.
 */
struct gate {
    void (*on_records)(void *told);
    void *told;
    const struct golden *golden;
    bool open;
};

static void wait_at_gate(void *told) {
    struct gate *g = told;
    g->on_records(g->told);
    for (int i = 0; golden_ready(g->golden) != 0 && i < 5000; i++) {
        if (__atomic_load_n(&g->open, __ATOMIC_ACQUIRE))
            return;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    if (golden_ready(g->golden) != 0)
        __atomic_store_n(&g->open, true, __ATOMIC_RELEASE);
}

/* Whether all of the pass stands behind the first commit of an op; `held`: the golden model goes on
 * no further than it is waited for. */
static bool all_stands(struct host_test *t, const struct ls_model *model, bool held) {
    struct stream s = record_stream(model, 0, RIGHT);
    struct scoreboard board;
    bool all = true;
    open_board(&board, model, 0);
    struct slow slow = {board.golden->on_records, board.golden->told};
    struct gate gate = {slow.on_records, slow.told, board.golden, false};
    if (held)
        golden_follow(board.golden, wait_at_gate, &gate);
    else
        golden_follow(board.golden, rest_behind, &slow);
    for (size_t e = 0; e <= SLOTS; e++) {
        s.event[e].commit.words = s.event[e].words;
        CHECK(t, scoreboard_commit(&board, &s.event[e].commit) == 0, "%s", board.first.text);
    }
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        all = golden_has_ended(board.golden, slot) && all;
    __atomic_store_n(&gate.open, true, __ATOMIC_RELEASE);
    scoreboard_close(&board);
    free(s.event);
    return all;
}

/* A word is compared while the golden model computes what comes behind; but with experts all of the
 * pass is waited for, because an expert of a lower number may meet an error in a later record. */
static void check_pace(struct host_test *t, const struct ls_model *model) {
    static const struct ls_model shape = {.dim = 64,
                                          .hidden = 96,
                                          .layers = 2,
                                          .heads = 4,
                                          .kv_heads = 2,
                                          .head_dim = 16,
                                          .n_rot = 16,
                                          .vocab = 96,
                                          .rope_base = 10000,
                                          .experts = 8,
                                          .experts_used = 2};
    static struct random_model experts;
    random_model_make(&experts, &shape, FAMILY_llama, 0, GGML_TYPE_F32);
    CHECK(t, !all_stands(t, model, true), "all of the pass is waited for");
    CHECK(t, all_stands(t, &experts.model, false), "with experts a pass is not waited for");
    random_model_free(&experts);
}

/* ---- drafts ---- */

/* Commits of a pass in two slots of sequence 0, positions `position` on; `samples`: of which. */
static bool commit_pass(struct scoreboard *board, struct golden *golden, uint32_t position,
                        const uint32_t tokens[SLOTS], uint32_t slots, const bool samples[SLOTS],
                        uint32_t best[SLOTS]) {
    struct ls_error err;
    size_t records = 0;
    bool ok = true;
    for (uint32_t slot = 0; slot < slots; slot++) {
        const uint32_t words[] = {tokens[slot], position + slot, 0};
        if (golden_run(golden, slot, 0, position + slot, tokens[slot],
                       position + slot + 1 >= prompts[0], &err) != 0)
            exit(1);
        golden_records(golden, slot, &records);
        ok = ok && scoreboard_commit(board, &(struct device_commit){.op = LOCKSTEP_OP_PASS,
                                                                    .slot = slot,
                                                                    .count = 3,
                                                                    .words = words}) == 0;
    }
    for (size_t at = 0; at < records; at++)
        for (uint32_t slot = 0; slot < slots; slot++) {
            size_t count;
            const struct golden_record *r = golden_records(golden, slot, &count);
            const struct device_commit c = {
                .op = r[at < count ? at : 0].op,
                .layer = at < count && r[at].layer >= 0 ? (uint32_t)r[at].layer : 0,
                .slot = slot,
                .count = (uint32_t)r[at < count ? at : 0].count,
                .words = r[at < count ? at : 0].words};
            ok = ok && (at >= count || scoreboard_commit(board, &c) == 0);
        }
    for (uint32_t slot = 0; slot < slots; slot++) {
        uint32_t ids[LIST], logits[LIST], list[2 * LIST];
        if (golden_logits(golden, slot) == NULL)
            continue;
        golden_top_k(golden_logits(golden, slot), board->model->vocab, LIST, ids, logits);
        for (uint32_t i = 0; i < LIST; i++) {
            list[2 * i] = ids[i];
            list[2 * i + 1] = logits[i];
        }
        best[slot] = ids[0];
        if (samples[slot])
            ok = ok && scoreboard_commit(board, &(struct device_commit){.op = LOCKSTEP_OP_SAMPLE,
                                                                        .slot = slot,
                                                                        .count = 2 * LIST,
                                                                        .words = list}) == 0;
    }
    return ok;
}

/* A draft samples if it is the token that is chosen, and else does not; a pass holds all of them.
 */
static void check_drafts(struct host_test *t, const struct ls_model *model) {
    static const struct {
        uint32_t drafts, slots; /* that the board is told of; of the pass */
        bool right, samples;
        const char *says; /* NULL: taken */
        uint32_t expected, actual;
    } cases[] = {
        {1, 2, true, true, NULL, 0, 0},
        {1, 2, false, false, NULL, 0, 0},
        {1, 2, true, false, "the draft is right and has not sampled", 2 * LIST, 0},
        {1, 2, false, true, "a draft that is wrong has sampled", 0, 2 * LIST},
        {1, 1, true, false, "the pass does not hold its drafts", 4, 3},
        {2, 2, true, true, "the pass does not hold its drafts", 5, 4},
        {0, 1, true, false, NULL, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scoreboard board;
        struct golden *golden;
        struct ls_error err;
        uint32_t best[SLOTS];
        bool samples[SLOTS] = {true, true};
        open_board(&board, model, LIST);
        if (golden_open(model, 16, SLOTS, SEQUENCES, CONTEXT, &golden, &err) != 0)
            exit(1);
        bool ok = commit_pass(&board, golden, 0, prompt[0], SLOTS, samples, best);
        /* what comes of it */
        if (golden_run(golden, 0, 0, 2, prompt[0][2], true, &err) != 0)
            exit(1);
        uint32_t ids[2], logits[2];
        golden_top_k(golden_logits(golden, 0), model->vocab, 2, ids, logits);
        const uint32_t drafts[2] = {cases[i].right ? ids[0] : ids[1], 5},
                       tokens[SLOTS] = {prompt[0][2], drafts[0]};
        scoreboard_drafts(&board, 0, drafts, cases[i].drafts);
        samples[1] = cases[i].samples;
        ok = ok && commit_pass(&board, golden, 2, tokens, cases[i].slots, samples, best);
        CHECK(t, ok && best[0] == ids[0], "case %zu: %s", i, board.first.text);
        ok = scoreboard_token(&board, 0, ids[0]);
        CHECK(t, ok == (cases[i].says == NULL), "case %zu: %s", i, board.first.text);
        if (!ok)
            CHECK(t,
                  strstr(board.first.text, cases[i].says) != NULL &&
                      board.first.expected == cases[i].expected &&
                      board.first.actual == cases[i].actual,
                  "case %zu: %s", i, board.first.text);
        if (ok && cases[i].drafts == 1) { /* the token behind the draft, or another one */
            const uint32_t next[SLOTS] = {ids[0]};
            if (!cases[i].right)
                ok = commit_pass(&board, golden, 3, next, 1, samples, best);
            CHECK(t, ok && scoreboard_token(&board, 0, best[cases[i].right]), "case %zu: %s", i,
                  board.first.text);
        }
        scoreboard_close(&board);
        golden_close(golden);
    }
}

int main(void) {
    struct host_test t = {"scoreboard", 0, 0};
    struct ls_model *model;
    struct ls_error err;
    if (ls_model_open(HOST_TINY, &model, &err) != 0) {
        printf("FAIL: %s\n", err.text);
        return 1;
    }
    check_kept(&t, model, 0, LOCKSTEP_OP_ADD, 0);
    check_kept(&t, model, 0, LOCKSTEP_OP_MATVEC, 0);
    check_kept(&t, model, 0, LOCKSTEP_OP_MATVEC, 3);
    check_kept(&t, model, LIST, LOCKSTEP_OP_SAMPLE, 2);
    check_totals(&t, model);
    check_told(&t, model);
    check_take(&t, model);
    check_texts(&t);
    check_places(&t, model);
    check_still(&t, model);
    check_pace(&t, model);
    check_drafts(&t, model);
    check_alterations(&t, model, 0); /* these take the longest */
    check_alterations(&t, model, LIST);
    ls_model_close(model);
    return host_test_finish(&t);
}
