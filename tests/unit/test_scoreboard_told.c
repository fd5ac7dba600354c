/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the scoreboard counts and tells on its way, of ops, tokens, places and errors, how far it
 * waits for the golden model, which stands still when a difference is told, and drafts.
 */
#include <dirent.h>
#include <time.h>

#include "golden_random_model.h"
#include "scoreboard_stream.h"
#include "tests/kit/blocks.h"

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

/* What is counted and told, with shorter lists than the board was opened with. */
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
    struct stream s = record_stream(model, 0, RIGHT);
    for (size_t e = 0; e < SLOTS; e++) { /* a pass of which no word has been looked at */
        s.event[e].commit.words = s.event[e].words;
        CHECK(t, scoreboard_commit(&board, &s.event[e].commit) == 0, "%s", board.first.text);
    }
    free(s.event);
    struct golden *golden = scoreboard_take(&board);
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        CHECK(t, golden_has_ended(golden, slot), "slot %u is not computed", slot);
    CHECK(t, golden != NULL && board.golden == NULL, "no golden model");
    CHECK(t, golden->on_records == NULL && golden->told == NULL, "it tells somebody");
    CHECK(t, scoreboard_take(&board) == NULL, "another one");
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
                 {GOLDEN_LIST, 3, 0xc0000000, "-2"},
                 {GOLDEN_LIST, 4, 5, "id 5"},
                 {GOLDEN_WORDS, 1, 0x3fc00000, "1069547520"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char text[24];
        scoreboard_word_text(words[i].kind, words[i].index, words[i].word, text, sizeof text);
        CHECK(t, strcmp(text, words[i].text) == 0, "'%s', not '%s'", text, words[i].text);
    }
}

/* What a PASS says of its slot, each word another one than it has to be: what is told of it. */
static void check_begins(struct host_test *t, const struct ls_model *model) {
    static const struct {
        uint32_t words[3], index, count;
        const char *says, *tensor;
        uint32_t at, expected, actual;
    } cases[] = {
        {{1, 1, 0}, 0, 3, "wrong position", "position", 1, 0, 1},
        {{2, 0, 0}, 0, 3, "wrong token", "token", 0, 1, 2},
        {{1, 0, SEQUENCES}, 0, 3, "no such sequence", "sequence", 2, 0, SEQUENCES},
        {{1, 0, SCOREBOARD_SEQUENCES},
         0,
         3,
         "no such sequence",
         "sequence",
         2,
         0,
         SCOREBOARD_SEQUENCES},
        {{1, 0, 0}, 0, 2, "a token in pieces", "none", 0, 3, 2},
        {{1, 0, 0}, 1, 3, "a token in pieces", "none", 1, 3, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scoreboard board;
        open_board(&board, model, 0);
        const char *text = difference(&board, &(struct device_commit){.op = LOCKSTEP_OP_PASS,
                                                                      .index = cases[i].index,
                                                                      .count = cases[i].count,
                                                                      .words = cases[i].words});
        const struct scoreboard_difference *d = &board.first;
        CHECK(t,
              strstr(text, cases[i].says) != NULL && strcmp(d->tensor, cases[i].tensor) == 0 &&
                  d->index == cases[i].at && d->expected == cases[i].expected &&
                  d->actual == cases[i].actual,
              "case %zu: %s", i, text);
        scoreboard_close(&board);
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
    CHECK(t,
          strstr(text, "no such sequence") != NULL && board.first.index == 2 &&
              strcmp(board.first.tensor, "sequence") == 0,
          "%s", text);
    scoreboard_close(&board);
    open_board(&board, model, 0);
    scoreboard_prompt(&board, 1, token, 1);
    text = difference(&board,
                      &(struct device_commit){.op = LOCKSTEP_OP_PASS, .count = 3, .words = token});
    CHECK(t,
          strstr(text, "1000000") != NULL && board.first.index == 1 && board.first.actual == 0 &&
              strcmp(board.first.tensor, "position") == 0,
          "%s", text);
    scoreboard_close(&board);
    check_begins(t, model);
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

/* What is kept behind a wrong word: the rest of its op, of every slot that has it, until another op
 * commits. */
static void check_collected(struct host_test *t, const struct ls_model *model) {
    static const struct {
        uint32_t op, at; /* the at-th commit of it, 0 the first */
        uint32_t piece;  /* words of a commit, 0: as they come */
        const char *place;
    } cases[] = {{LOCKSTEP_OP_EMBED, 0, 0, "slot 0), op 0 EMBED"},
                 {LOCKSTEP_OP_EMBED, 5, 3, "slot 1), op 0 EMBED"},
                 {LOCKSTEP_OP_NORM, 0, 0, "slot 0), layer 0, op 1 NORM"},
                 {LOCKSTEP_OP_MATVEC, 3, 0, "slot 0), layer 0, op 2 MATVEC"},
                 {LOCKSTEP_OP_LOGITS, 0, 0, "LOGITS, tensor output.weight, element 0"},
                 {LOCKSTEP_OP_SAMPLE, 0, 2, "slot 0), op 0 SAMPLE"},
                 {LOCKSTEP_OP_SAMPLE, 1, 1, "slot 1), op 0 SAMPLE"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct stream s = record_stream(model, LIST, RIGHT);
        struct scoreboard board;
        const struct scoreboard_difference *const d = &board.first;
        const uint32_t op = cases[k].op;
        uint32_t left = cases[k].at;
        uint64_t last = 0;
        bool wrong = false, over = false; /* over: all is kept */
        open_board(&board, model, LIST);
        board.patient = true;
        for (size_t i = 0; i < s.count && !over; i++) {
            struct event *const e = &s.event[i];
            struct device_commit c = e->commit;
            const uint32_t all = c.count, first = c.index;
            const uint32_t piece = cases[k].piece == 0 || c.op != op ? all : cases[k].piece;
            if (e->is_token && !wrong)
                scoreboard_token(&board, e->sequence, e->token);
            for (uint32_t at = 0; at < all && !e->is_token; at += piece) {
                const bool begins = !wrong && c.op == op && at == 0 && left-- == 0;
                const bool same = !wrong || (c.op == op && c.pc == d->pc && c.layer == d->layer);
                c.count = all - at < piece ? all - at : piece;
                c.index = first + at;
                c.words = e->words + at;
                if (begins)
                    e->words[0] ^= 1;
                over = scoreboard_commit(&board, &c) != 0;
                wrong = wrong || begins;
                last = same ? c.cycle : last;
                CHECK(t, !over || wrong, "case %zu: %s", k, d->text);
                for (uint32_t slot = 0; slot < SLOTS && begins && op != LOCKSTEP_OP_SAMPLE; slot++)
                    CHECK(t,
                          board.vectors[slot].count ==
                              (c.by_slot || slot == d->slot ? c.index + c.count
                               : slot < d->slot             ? board.vectors[slot].expected->count
                                                            : 0),
                          "case %zu, slot %u: %u words at first", k, slot,
                          board.vectors[slot].count);
                const struct device_commit *const next = &s.event[i + 1].commit;
                const bool ends =
                    at + piece >= all && (s.event[i + 1].is_token || next->op != op ||
                                          next->pc != d->pc || op == LOCKSTEP_OP_SAMPLE);
                CHECK(t, !wrong || over == ends, "case %zu, event %zu: over %d", k, i, over);
                if (over && op == LOCKSTEP_OP_SAMPLE && board.vectors[d->slot].actual != NULL)
                    CHECK(t,
                          memcmp(board.vectors[d->slot].actual, e->words, all * sizeof *e->words) ==
                              0,
                          "case %zu: another list", k);
                if (over)
                    break;
            }
        }
        /* another layer, op and place are not the op's */
        CHECK(t, wrong && over && board.ends == last && d->is_value, "case %zu: ends at %u, not %u",
              k, (unsigned)board.ends, (unsigned)last);
        CHECK(t, strstr(d->text, cases[k].place) != NULL, "case %zu: %s", k, d->text);
        for (uint32_t slot = 0; slot < SLOTS; slot++) {
            const struct scoreboard_vector *const v = &board.vectors[slot];
            const bool sample = op == LOCKSTEP_OP_SAMPLE,
                       later = sample || op == LOCKSTEP_OP_LOGITS;
            const bool has = !sample || slot == d->slot;
            const uint32_t sequence = later ? slot : 0, position = later ? 2 - 2 * slot : slot;
            CHECK(t, (v->expected != NULL) == has, "case %zu, slot %u: a vector", k, slot);
            if (!has || v->expected == NULL)
                continue;
            CHECK(t,
                  v->expected->op == op && v->count == v->expected->count &&
                      v->sequence == sequence && v->position == position &&
                      v->token == prompt[sequence][position],
                  "case %zu, slot %u: %u words at position %u of %u, token %u", k, slot, v->count,
                  v->position, v->sequence, v->token);
            CHECK(t,
                  !sample || (v->count == 2 * LIST && v->expected->layer == -1 &&
                              strcmp(v->expected->tensor, "sample") == 0),
                  "case %zu: a list of %u words", k, v->count);
            for (uint32_t i = 0; i < v->count; i++)
                CHECK(t,
                      (v->actual[i] == v->expected->words[i]) == (slot != d->slot || i != d->index),
                      "case %zu, slot %u, word %u", k, slot, i);
        }
        scoreboard_close(&board);
        free(s.event);
    }
}

/* Where there is no memory for a slot's words, those of the other are kept all the same. How many
 * blocks the sentence takes before is the C library's affair. */
static void check_no_room(struct host_test *t, const struct ls_model *model) {
    for (int sample = 0; sample < 2; sample++) {
        uint32_t missing[SLOTS] = {0};
        for (long nth = 1; nth < 12; nth++) {
            struct stream s = record_stream(model, LIST, RIGHT);
            struct scoreboard board;
            const uint32_t op = sample ? LOCKSTEP_OP_SAMPLE : LOCKSTEP_OP_NORM;
            bool wrong = false, over = false;
            open_board(&board, model, LIST);
            board.patient = true;
            for (size_t i = 0; i < s.count && !over; i++) {
                struct event *const e = &s.event[i];
                const bool begins = !wrong && !e->is_token && e->commit.op == op;
                e->commit.words = e->words;
                e->words[0] ^= begins;
                wrong = wrong || begins;
                blocks_refuse(begins ? nth : 0);
                if (!e->is_token)
                    over = scoreboard_commit(&board, &e->commit) != 0;
                else
                    over = !scoreboard_token(&board, e->sequence, e->token);
                blocks_refuse(0);
            }
            CHECK(t, wrong && over, "block %ld", nth);
            for (uint32_t slot = 0; slot < (sample ? 1 : SLOTS); slot++) {
                const struct scoreboard_vector *const v = &board.vectors[slot];
                missing[slot] += v->expected == NULL;
                CHECK(t, v->expected == NULL || v->count == v->expected->count,
                      "block %ld, slot %u: %u words", nth, slot, v->count);
            }
            scoreboard_close(&board);
            free(s.event);
        }
        CHECK(t, missing[0] == 1 && missing[1] == !sample, "%u and %u vectors are missing",
              missing[0], missing[1]);
    }
}

/* A wrong word is told with its place, and both words as what they mean. The first difference
 * stays, others are counted. */
static void check_sentence(struct host_test *t, const struct ls_model *model) {
    size_t told = 0, of_experts = 0, of_0 = 0;
    for (size_t at = 0;; at++) { /* record by record, the second word of the first slot */
        struct stream s = record_stream(model, 0, RIGHT);
        struct scoreboard board;
        size_t i = 0, count;
        open_board(&board, model, 0);
        while (i < s.count && !s.event[i].is_token &&
               (s.event[i].commit.pc != at || s.event[i].commit.op == LOCKSTEP_OP_PASS)) {
            s.event[i].commit.words = s.event[i].words;
            scoreboard_commit(&board, &s.event[i++].commit);
        }
        struct event *const e = &s.event[i];
        if (e->is_token || e->commit.op == LOCKSTEP_OP_SAMPLE) {
            scoreboard_close(&board);
            free(s.event);
            break;
        }
        const uint32_t right = e->words[1], wrong = right ^ 5;
        char layer[64] = "", says[512], due[24], came[24];
        e->words[1] = wrong;
        e->commit.words = e->words;
        scoreboard_await(&board);
        const struct golden_record *const r = &golden_records(board.golden, 0, &count)[at];
        if (r->layer >= 0)
            sprintf(layer, "layer %d, ", r->layer);
        if (r->expert >= 0)
            sprintf(layer + strlen(layer), "expert %d, ", r->expert);
        of_experts += r->expert >= 0;
        of_0 += r->expert == 0;
        scoreboard_word_text(r->kind, 1, right, due, sizeof due);
        scoreboard_word_text(r->kind, 1, wrong, came, sizeof came);
        const uint32_t position = e->commit.op == LOCKSTEP_OP_LOGITS || (r->layer < 0 && at != 0)
                                      ? 2
                                      : 0; /* behind WANT */
        snprintf(says, sizeof says,
                 "token %u at position %u (sequence 0, slot 0), %sop %zu %s, tensor %s, element 1: "
                 "wrong value: expected 0x%08x (%s), got 0x%08x (%s), cycle %u",
                 prompt[0][position], position, layer, at, op_name(e->commit.op), r->tensor, right,
                 due, wrong, came, (unsigned)e->commit.cycle);
        CHECK(t, scoreboard_commit(&board, &e->commit) != 0 && strcmp(board.first.text, says) == 0,
              "'%s', not '%s'", board.first.text, says);
        for (uint64_t more = 2; more < 4; more++)
            CHECK(t,
                  !scoreboard_token(&board, 0, 5) && board.mismatches == more &&
                      strcmp(board.first.text, says) == 0,
                  "%u differences: %s", (unsigned)board.mismatches, board.first.text);
        told++;
        scoreboard_close(&board);
        free(s.event);
    }
    CHECK(t, told > 20 && (model->experts == 0 ? of_experts == 0 : of_experts > of_0 && of_0 > 0),
          "%zu records, %zu of experts", told, of_experts);
}

/* Of another op, place or layer nothing is kept. */
static void check_ends(struct host_test *t, const struct ls_model *model) {
    for (int other = 0; other < 4; other++) {
        struct stream s = record_stream(model, LIST, RIGHT);
        struct scoreboard board;
        open_board(&board, model, LIST);
        board.patient = true;
        for (size_t i = 0; i <= SLOTS; i++) {
            s.event[i].commit.words = s.event[i].words;
            s.event[i].words[0] ^= i == SLOTS; /* of EMBED */
            CHECK(t, scoreboard_commit(&board, &s.event[i].commit) == 0, "%s", board.first.text);
        }
        struct device_commit c = s.event[SLOTS + 1].commit;
        c.words = s.event[SLOTS + 1].words;
        struct device_commit beyond = c; /* a word more than there are: left out */
        beyond.index = (uint32_t)board.vectors[0].expected->count;
        beyond.count = 1;
        CHECK(t, scoreboard_commit(&board, &beyond) == 0 && board.vectors[0].count == GROUP,
              "%u words", board.vectors[0].count);
        c.op = other == 1 ? LOCKSTEP_OP_ADD : c.op;
        c.pc += other == 2;
        c.layer += other == 3;
        CHECK(t, (scoreboard_commit(&board, &c) == 0) == (other == 0), "other %d", other);
        const uint32_t kept = board.vectors[0].count;
        CHECK(t, kept == (other == 0 ? 2 * GROUP : GROUP), "other %d: %u words", other, kept);
        scoreboard_close(&board);
        free(s.event);
    }
}

/* A token that comes out before one is known is wrong, whichever it is. */
static void check_early(struct host_test *t, const struct ls_model *model) {
    struct scoreboard board;
    for (uint32_t token = 0; token < 2; token++) {
        open_board(&board, model, 0);
        CHECK(t, !scoreboard_token(&board, 0, token), "token %u is taken", token);
        CHECK(t,
              strstr(board.first.text, "wrong token") != NULL && board.first.expected == 0 &&
                  board.first.actual == token && board.first.index == prompts[0] &&
                  strcmp(board.first.tensor, "token-out") == 0,
              "token %u: %s", token, board.first.text);
        scoreboard_close(&board);
    }
}

/* K and V are kept of as many tokens as are the same, and have been computed. */
static void check_kept(struct host_test *t, const struct ls_model *model) {
    struct stream s = record_stream(model, 0, RIGHT);
    for (uint32_t kept = 0; kept <= 7; kept++)
        for (uint32_t other = 0; other <= 7; other++) { /* token that is another one; 7: none */
            struct scoreboard board;
            uint32_t tokens[8] = {0};
            open_board(&board, model, 0);
            for (size_t i = 0; i < s.count; i++) {
                s.event[i].commit.words = s.event[i].words;
                if (s.event[i].is_token)
                    scoreboard_token(&board, s.event[i].sequence, s.event[i].token);
                else
                    scoreboard_commit(&board, &s.event[i].commit);
            }
            scoreboard_settle(&board);
            /* of sequence 0 five positions have been computed: plan */
            memcpy(tokens, board.sequences[0].tokens, 6 * sizeof *tokens);
            if (other < 7)
                tokens[other] ^= 1;
            const bool same = kept <= 5 && other >= kept;
            CHECK(t, scoreboard_again(&board, 0, tokens, 8, kept) == same,
                  "%u kept, another token %u: %s", kept, other, board.first.text);
            CHECK(t,
                  same || (strstr(board.first.text, "K and V of other tokens are kept") != NULL &&
                           board.first.expected == kept && board.first.actual == 0),
                  "%s", board.first.text);
            const struct scoreboard_sequence *q = &board.sequences[0];
            CHECK(t,
                  q->next == kept && q->known == 8 && q->prompt == 8 && q->shown == 0 &&
                      q->tokens[7] == 0 && q->tokens[1] == tokens[1],
                  "%u kept: goes on at %u", kept, q->next);
            scoreboard_close(&board);
        }
    free(s.event);
}

/* Tokens of a pass are computed together, once its first word is looked at. */
static void check_together(struct host_test *t, const struct ls_model *model) {
    struct stream s = record_stream(model, 0, RIGHT);
    struct scoreboard board;
    open_board(&board, model, 0);
    for (size_t e = 0; e < SLOTS; e++) {
        s.event[e].commit.words = s.event[e].words;
        CHECK(t, scoreboard_commit(&board, &s.event[e].commit) == 0, "%s", board.first.text);
    }
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        CHECK(t, !golden_has_ended(board.golden, slot), "slot %u is computed alone", slot);
    scoreboard_await(&board);
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        CHECK(t, golden_has_ended(board.golden, slot), "slot %u is not computed", slot);
    scoreboard_close(&board);
    scoreboard_close(&board); /* of which nothing is left */
    scoreboard_settle(&board);
    free(s.event);
}

static void follow_slowly(void *told, uint32_t sequence, uint32_t position, uint32_t token,
                          const uint32_t *logits) {
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    follow(told, sequence, position, token, logits);
}

/* All has been told once the golden model stands still. */
static void check_settled(struct host_test *t, const struct ls_model *model) {
    struct stream s = record_stream(model, 0, RIGHT);
    struct scoreboard board;
    struct followed followed = {0, 0};
    open_board(&board, model, 0);
    scoreboard_follow(&board, follow_slowly, &followed);
    for (size_t e = 0; e < SLOTS; e++) {
        s.event[e].commit.words = s.event[e].words;
        CHECK(t, scoreboard_commit(&board, &s.event[e].commit) == 0, "%s", board.first.text);
    }
    scoreboard_settle(&board);
    CHECK(t, followed.tokens == SLOTS, "%u tokens have been told", followed.tokens);
    scoreboard_close(&board);
    free(s.event);
}

/* Without memory a board does not open, says so and leaves nothing. */
static void check_memory(struct host_test *t, const struct ls_model *model) {
    long held = 0;
    bool open = false;
    for (long nth = 1; !open && nth < 1000; nth++) {
        struct scoreboard board;
        struct ls_error err = {""};
        const long before = blocks_held();
        blocks_refuse(nth);
        open = scoreboard_open(&board, model, 16, SLOTS, SEQUENCES, CONTEXT, 0, &err) == 0;
        blocks_refuse(0);
        CHECK(t, open || strstr(err.text, "memory") != NULL, "block %ld: '%s'", nth, err.text);
        CHECK(t, nth > SEQUENCES || strstr(err.text, "for 16 positions") != NULL, "block %ld: '%s'",
              nth, err.text);
        scoreboard_close(&board);
        held = blocks_held() - before;
        CHECK(t, held == 0, "block %ld: %ld are left", nth, held);
    }
    CHECK(t, open, "a board does not open");
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
    struct ls_model all = shape; /* every token takes each expert */
    all.experts = all.experts_used = 2;
    random_model_make(&experts, &all, FAMILY_llama, 0, GGML_TYPE_F32);
    check_sentence(t, &experts.model);
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
    struct host_test t = {"scoreboard_told", 0, 0};
    struct ls_model *model;
    struct ls_error err;
    if (ls_model_open(HOST_TINY, &model, &err) != 0) {
        printf("FAIL: %s\n", err.text);
        return 1;
    }
    check_totals(&t, model);
    check_told(&t, model);
    check_take(&t, model);
    check_texts(&t);
    check_places(&t, model);
    check_collected(&t, model);
    check_no_room(&t, model);
    check_ends(&t, model);
    check_sentence(&t, model);
    check_early(&t, model);
    check_kept(&t, model);
    check_together(&t, model);
    check_settled(&t, model);
    check_memory(&t, model);
    check_still(&t, model);
    check_pace(&t, model);
    check_drafts(&t, model);
    ls_model_close(model);
    return host_test_finish(&t);
}
