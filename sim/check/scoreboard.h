/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Compares every word on the commit port with the golden model, in order: a word too many, too few
 * or out of place is a difference like a wrong one. Nothing here comes from the device's state:
 * which token a slot must hold follows from the prompts and from the golden model's own choices.
 * Where the golden model meets an error, the device must stop with it: in the same op, in a slot
 * that has it, everything before it committed and nothing after.
 *
 *     struct scoreboard board;
 *     scoreboard_open(&board, model, act_bits, slots, sequences, context, list_size, &err);
 *     scoreboard_prompt(&board, 0, tokens, count);
 *     device.on_commit = scoreboard_commit;
 *     device.observer = &board;
 *     run(&device);
 *     if (!scoreboard_finish(&board))
 *         puts(board.first.text);
 */
#ifndef LOCKSTEP_SCOREBOARD_H
#define LOCKSTEP_SCOREBOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "ahead.h"
#include "csrc/golden/golden.h"
#include "sim/device/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCOREBOARD_SLOTS     8u
#define SCOREBOARD_SEQUENCES 16u
#define SCOREBOARD_LIST      64u

/* The first difference. */
struct scoreboard_difference {
    bool found;
    uint64_t cycle;
    uint32_t sequence, position, token, slot, op, pc, layer, index;
    uint32_t expected, actual;          /* bits */
    uint64_t begin, before;             /* op_start of its op and of the op before it */
    uint64_t pass;                      /* cycle at which its pass began */
    const struct golden_record *record; /* that was expected, or NULL */
    char tensor[80];                    /* its name, or "sample", "token-out", "none" */
    enum golden_kind kind;              /* of both words; GOLDEN_WORDS unless is_value */
    bool is_value;  /* the word itself is wrong: not its place, nor that it came at all */
    char text[512]; /* one line with all of it */
};

/* Where the golden model stops in the pass: the earliest op in which a slot meets an error. */
struct scoreboard_stop {
    bool found;
    size_t record;                  /* of `slot` */
    uint64_t order;                 /* scoreboard_order of that, the same for every slot's */
    bool input;                     /* in QUANT, before that op */
    uint32_t slot;                  /* the lowest with an error there */
    uint32_t met[SCOREBOARD_SLOTS]; /* golden_stop.met of each slot with an error there */
    struct ls_error error;          /* the golden model's sentence for `slot` */
};

/* The device's own word for where it stopped. */
struct scoreboard_error {
    const char *name;        /* "NONFINITE" */
    enum golden_fault fault; /* the same; NONE: not an error of docs/numerics.md section 9 */
    uint32_t op, pc, layer, slot;
    size_t record;      /* that the op commits for a slot; QUANT: the op behind it */
    const char *tensor; /* "none": the op reads none */
    uint64_t cycle;
};

/* An op of one slot, or a slot's SAMPLE, as it ended. */
struct scoreboard_op {
    const struct golden_record *record; /* NULL: SAMPLE */
    uint32_t op, pc, layer, slot, sequence, position, token;
    uint64_t begin;       /* cycle after the last commit of the op before, whatever its slot */
    uint64_t first, last; /* cycles of its commits */
};

/* The op of the first difference, all slots, as far as it was committed. Words before the
 * difference are equal, so only the others are kept apart. */
struct scoreboard_vector {
    const struct golden_record *expected; /* NULL: the slot has no such op */
    uint32_t sequence, position, token;
    uint32_t *actual; /* [expected->count] */
    uint32_t count;   /* words committed */
};

/* The golden model's list behind a token. */
struct scoreboard_list {
    uint32_t ids[SCOREBOARD_LIST], logits[SCOREBOARD_LIST], count;
};

struct scoreboard_sequence {
    uint32_t *tokens; /* [context + 1] the prompt, then what must follow */
    uint32_t known;   /* of them */
    uint32_t prompt;  /* tokens of the prompt */
    uint32_t next;    /* position that must come next */
    uint32_t shown;   /* generated tokens seen by scoreboard_token */
    uint32_t choices; /* with a list: its best, one of which the firmware chooses; 0: any token */
    uint32_t drafts;  /* tokens behind the known ones that the pass which comes may hold */
    uint32_t lead;    /* slot that was the last to sample of which no token has been shown */
    struct scoreboard_list lists[SCOREBOARD_SLOTS]; /* of the newest pass, slot by slot */
};

struct scoreboard_ending {
    bool end_of_generation, last;
};

struct scoreboard_slot {
    bool active;
    bool wanted;  /* samples at the end, */
    bool draft;   /* if the token that comes of the slot before is this one; */
    bool dropped; /* it is not */
    uint32_t sequence, position;
    size_t record, word; /* what must come next */
    uint32_t pairs;      /* of its SAMPLE */
    uint32_t sampled;    /* words of SAMPLE seen */
    uint64_t first;      /* cycle of the first commit of what comes */
};

struct scoreboard {
    struct golden *golden;
    struct ahead *ahead; /* computes it */
    size_t ready;        /* records of the pass that are known to stand */
    const struct ls_model *model;
    uint32_t context, list_size, slot_count;
    struct scoreboard_sequence sequences[SCOREBOARD_SEQUENCES];
    struct scoreboard_slot slots[SCOREBOARD_SLOTS];
    uint64_t ops, words, mismatches;
    struct scoreboard_stop stop;
    struct scoreboard_difference first;
    bool patient; /* goes on behind the first difference until its op is over */
    struct scoreboard_vector vectors[SCOREBOARD_SLOTS]; /* if patient, after a difference */
    struct golden_record sample;                        /* what a vector of SAMPLE must be */
    uint32_t sample_words[2 * SCOREBOARD_LIST];         /* ids and logits in turn */
    uint64_t ends;                                      /* then: cycle of the op's last commit */
    uint32_t op, pc, layer;                             /* that committed last */
    uint64_t begin;         /* cycle after the last commit before that op */
    uint64_t start, before; /* that op's op_start, and that of the op that committed before */
    uint64_t newest;        /* cycle of the last commit */
    uint64_t pass;          /* cycle of the last PASS commit */
    /* Told of each op as it ends, or NULL. */
    void (*on_op)(void *context, const struct scoreboard_op *op);
    void *told; /* its context */
};

/* list_size: pairs of a SAMPLE commit, or the whole vocabulary if that is less; 0 in greedy mode.
 * Returns 0, or -1 with `err`. */
int scoreboard_open(struct scoreboard *board, const struct ls_model *model, int act_bits,
                    uint32_t slots, uint32_t sequences, uint32_t context, uint32_t list_size,
                    struct ls_error *err);

void scoreboard_close(struct scoreboard *board);

/* Told of each token once the golden model has computed its pass, on the golden model's thread,
 * with its logits (binary32 bits) if it samples. */
void scoreboard_follow(struct scoreboard *board,
                       void (*on_token)(void *told, uint32_t sequence, uint32_t position,
                                        uint32_t token, const uint32_t *logits),
                       void *told);

/* Waits until the golden model stands still, and all has been told. Before anything but a commit
 * looks at it, and before what is told to goes. */
void scoreboard_settle(struct scoreboard *board);

/* Gives the golden model away, standing still, to be closed by the caller. The board is of no more
 * use and can only be closed. */
struct golden *scoreboard_take(struct scoreboard *board);

/* A sequence starts (again) with these tokens. */
void scoreboard_prompt(struct scoreboard *board, uint32_t sequence, const uint32_t *tokens,
                       uint32_t count);

/* A sequence starts with a text: tokens behind the first `prompt` are not chosen, but given. Each
 * samples all the same, from that of token prompt - 1 on; of a board with a list. */
void scoreboard_text(struct scoreboard *board, uint32_t sequence, const uint32_t *tokens,
                     uint32_t count, uint32_t prompt);

/* A sequence goes on: of its `known` tokens, the first `prompt` of them the prompt, the golden
 * model has computed those before position `next`. */
void scoreboard_continue(struct scoreboard *board, uint32_t sequence, const uint32_t *tokens,
                         uint32_t known, uint32_t prompt, uint32_t next);

/* A sequence starts again with these tokens, of which the first `kept` need not be computed because
 * they are what it held. Returns whether they are; if not, that is a difference. */
bool scoreboard_again(struct scoreboard *board, uint32_t sequence, const uint32_t *tokens,
                      uint32_t count, uint32_t kept);

/* From the next pass on, a SAMPLE has `pairs` pairs, at least 1; of a board with a list. */
void scoreboard_list(struct scoreboard *board, uint32_t pairs);

/* The firmware chooses among the `choices` best for this sequence (all that are listed); 0: the
 * host chooses, among all there are. */
void scoreboard_choices(struct scoreboard *board, uint32_t sequence, uint32_t choices);

/* The next pass holds drafts behind the sequence's newest token; of a board with a list. Each
 * samples if the token that comes of the slot before is the same, and else is as if it had not been
 * there: scoreboard_token says which it is. */
void scoreboard_drafts(struct scoreboard *board, uint32_t sequence, const uint32_t *drafts,
                       uint32_t count);

/* A token came out of the driver. In greedy mode it must be the golden model's choice; with a list
 * it is the firmware's choice and must be on the list. Returns whether it is. */
bool scoreboard_token(struct scoreboard *board, uint32_t sequence, uint32_t token);

/* What token-out said with the sequence's newest token, and what it had to say: whether the token
 * is an end of generation, and whether it is the last. Returns whether they are the same. */
bool scoreboard_end(struct scoreboard *board, uint32_t sequence, struct scoreboard_ending expected,
                    struct scoreboard_ending actual);

/* Where a record of a slot stands in the pass: the same number for what the device works on at once
 * in several slots, a greater one for what comes later. Slots choose different experts, so that
 * records of the same number need not belong together. */
uint64_t scoreboard_order(const struct golden_record *records, size_t count, size_t record);

/* Waits until the golden model has computed the pass whose tokens have been committed. */
void scoreboard_await(struct scoreboard *board);

/* For struct device: 0 if all words are as they must be. */
int scoreboard_commit(void *board, const struct device_commit *commit);

/* After a run: nothing may be missing. Returns whether there was no difference at all. */
bool scoreboard_finish(struct scoreboard *board);

/* The device stopped with this error. Returns whether the golden model met the same one there; if
 * not, that is a difference. */
bool scoreboard_error(struct scoreboard *board, const struct scoreboard_error *error);

/* The device stopped for a reason that was not there; `why` ends the sentence. Returns false. */
bool scoreboard_no_reason(struct scoreboard *board, const struct scoreboard_error *error,
                          const char *why);

/* What word `index` of a kind means: a binary32, two mantissas or a shift, an id or a logit. */
bool scoreboard_is_binary32(enum golden_kind kind, uint32_t index);
void scoreboard_word_text(enum golden_kind kind, uint32_t index, uint32_t word, char *text,
                          size_t room);

#ifdef __cplusplus
}
#endif
#endif
