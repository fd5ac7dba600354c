/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model: what the device must commit, word for word, computed from
 * the GGUF alone after docs/numerics.md. Integers only; the same on every host.
 *
 *     struct golden *golden;
 *     if (golden_open(model, 16, 1, 1, 256, &golden, &err) != 0 ||
 *         golden_run(golden, 0, 0, 0, token, true, &err) != 0)
 *         return fail(err.text);
 *     golden_top_k(golden_logits(golden, 0), model->vocab, 1, &next, &value);
 *     golden_close(golden);
 */
#ifndef LS_GOLDEN_H
#define LS_GOLDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "csrc/base/error.h"
#include "csrc/model/model.h"
#include "golden_arith.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GOLDEN_KV_BLOCK_WORDS 17u /* words of a K or V block in a KV record */

/* What the words of a record are. */
enum golden_kind {
    GOLDEN_BINARY32, /* in element order */
    /* K then V, of each its heads, of each its blocks, of each 17 words: word i < 16 has mantissa
     * 2i in its low half and 2i + 1 in its high half (two's complement, 0 beyond the head's end),
     * word 16 the shift. */
    GOLDEN_BLOCKS,
    GOLDEN_LIST, /* ids and binary32 logits in turn, best first; of no op */
    GOLDEN_WORDS /* plain numbers; of no op */
};

#define GOLDEN_NO_RECORD SIZE_MAX

/* What one op commits. */
struct golden_record {
    uint32_t op;   /* LOCKSTEP_OP_* */
    uint32_t unit; /* LOCKSTEP_UNIT_* that executes it */
    enum golden_kind kind;
    int layer;          /* -1 outside the layers */
    int expert;         /* -1 outside the loop over those that a token chose */
    const char *tensor; /* weights, "blk.2.attn_q.weight", or result, "blk.2.attn_out" */
    const struct gguf_tensor *weights; /* NULL: it has none; of an expert, its matrix alone */
    size_t input[2];       /* records of the same run that it works on, or GOLDEN_NO_RECORD */
    const uint32_t *words; /* [count] */
    size_t count;          /* after an error: the words before the element that failed */
};

/* How the slot's last run ended. */
struct golden_stop {
    enum golden_fault fault; /* GOLDEN_FAULT_NONE: it did not fail */
    bool input;              /* it arose in the blocks of a matrix's input, before the op itself */
    /* Bits 1 << golden_fault: errors that the failing op meets. Units work on several elements at
     * once, so theirs need not be `fault`, which belongs to the first element that fails. */
    uint32_t met;
    struct ls_error error; /* position, layer, expert, op, tensor, element, error of section 9 */
};

struct golden;

/* Keeps a view of `model`, which must live longer. act_bits: 2..16, bits of a mantissa of a
 * matrix input. slots: results kept side by side. sequences: K,V caches. context: positions
 * of each. Returns 0 and a golden model to be freed with golden_close, or -1 with `err`. */
int golden_open(const struct ls_model *model, int act_bits, unsigned slots, unsigned sequences,
                uint32_t context, struct golden **golden, struct ls_error *err);

void golden_close(struct golden *golden); /* NULL is allowed */

/* So many threads share the rows of each matrix: 1 unless said. Not while it computes. */
int golden_threads(struct golden *golden, unsigned threads, struct ls_error *err);

/* Computes a token of sequence `seq` at position `pos`, which is the number of tokens the
 * sequence has so far, or less to go back (0 starts anew), and appends its K and V. Results
 * stay until the slot's next run. Returns 0, or -1 with `err` saying position, layer, op,
 * tensor, element and the error of section 9; then the slot's records are what the device commits
 * until it stops. A token behind one that failed may be run, as the device does within a pass:
 * what it computes is right up to the op that failed. */
int golden_run(struct golden *golden, unsigned slot, unsigned seq, uint32_t pos, uint32_t token,
               bool want_logits, struct ls_error *err);

/* The same of `count` tokens of a sequence from `pos` on together, in slots 0 to count - 1; logits
 * of the last one if they are wanted. */
int golden_run_together(struct golden *golden, unsigned seq, uint32_t pos, const uint32_t *tokens,
                        unsigned count, bool want_logits, struct ls_error *err);

/* golden_run in parts, for several slots at once: golden_begin only looks whether the token can be
 * run, golden_compute then runs all that have begun, op by op, golden_slot_stop says how each
 * ended. Of a sequence, slots begin in the order of its positions. After golden_release others may
 * begin. */
int golden_begin(struct golden *golden, unsigned slot, unsigned seq, uint32_t pos, uint32_t token,
                 bool want_logits, struct ls_error *err);
void golden_compute(struct golden *golden);
void golden_release(struct golden *golden);

/* For another thread, while golden_compute runs: how many records of each slot stand, all that it
 * will have if it has ended before; SIZE_MAX: nothing runs. golden_follow has it told of more. */
size_t golden_ready(const struct golden *golden);
bool golden_has_ended(const struct golden *golden, unsigned slot);
void golden_follow(struct golden *golden, void (*on_records)(void *told), void *told);

/* Records of the slot's last run in commit order, as many as stand; owned by `golden`. */
const struct golden_record *golden_records(const struct golden *golden, unsigned slot,
                                           size_t *count);

/* binary32 logits [vocab] of the slot's last run; NULL if it had none. */
const uint32_t *golden_logits(const struct golden *golden, unsigned slot);

const struct golden_stop *golden_slot_stop(const struct golden *golden, unsigned slot);

/* The k best of n logits, best first, of equals the lower id first; k <= n.
 * Fills ids[k] and values[k] (binary32). */
void golden_top_k(const uint32_t *logits, size_t n, size_t k, uint32_t *ids, uint32_t *values);

#ifdef __cplusplus
}
#endif
#endif
