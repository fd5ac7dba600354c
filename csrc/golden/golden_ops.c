/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The ops that read weights, each as the device does it: sections 4 and 5 of docs/numerics.md.
 */
#include "golden_ops.h"

#include <stdio.h>
#include <string.h>

#include "generated/device.h"
#include "golden_lanes.h"
#include "golden_record.h"
#include "golden_vector.h"

/* y = a row of weights */
typedef uint32_t row_of(const struct golden_slot *slot);

static golden_value take_row(struct golden_run *run, uint32_t op, enum role role, row_of *row) {
    const struct gguf_tensor *weights = run_tensor(run, role);
    const struct golden_matrix matrix = matrix_of(weights);
    const golden_value self = record_begin(run, op, role_bare_name(role), weights, matrix.cols,
                                           GOLDEN_NO_RECORD, GOLDEN_NO_RECORD);
    EACH_SLOT (run, slot) {
        size_t done;
        enum golden_fault fault = golden_row_values(&matrix, row(slot), record_result(slot), &done);
        if (fault != GOLDEN_FAULT_NONE)
            slot_fail(slot, fault, done);
    }
    return self;
}

static uint32_t token_of(const struct golden_slot *slot) {
    return slot->token;
}

static uint32_t position_of(const struct golden_slot *slot) {
    return slot->pos;
}

static uint32_t first_of(const struct golden_slot *slot) {
    (void)slot;
    return 0;
}

golden_value op_embed(struct golden_run *run) {
    return take_row(run, LOCKSTEP_OP_EMBED, ROLE_TOKEN_EMBD, token_of);
}

golden_value op_position(struct golden_run *run) {
    return take_row(run, LOCKSTEP_OP_POSITION, ROLE_POSITION_EMBD, position_of);
}

golden_value op_row(struct golden_run *run, enum role row) {
    return take_row(run, LOCKSTEP_OP_ROW, row, first_of);
}

/* y = x / sqrt(mean(x^2) + eps) * gain */
static void norm(const struct golden *g, struct golden_slot *slot, const uint32_t *x, size_t n,
                 size_t gains, enum golden_fault gain_fault) {
    uint32_t *y = record_result(slot);
    enum golden_fault fault = GOLDEN_FAULT_NONE;
    slot_note_fault(slot, gain_fault);
    const uint32_t r = golden_norm_factor(&g->tables, x, n, g->eps, &fault);
    for (size_t i = 0; i < n; i++) {
        if (fault == GOLDEN_FAULT_NONE && i % GOLDEN_LANES == 0 && i + GOLDEN_LANES <= gains &&
            golden_lanes_norm(x + i, r, g->gain + i, y + i)) {
            i += GOLDEN_LANES - 1;
            continue;
        }
        if (i < gains)
            y[i] = golden_mul(golden_mul(x[i], r, &fault), g->gain[i], &fault);
        else if (fault == GOLDEN_FAULT_NONE)
            fault = gain_fault;
        if (fault != GOLDEN_FAULT_NONE) {
            slot_fail(slot, fault, i);
            break;
        }
    }
}

golden_value op_norm(struct golden_run *run, enum role role, golden_value value) {
    struct golden *g = run->golden;
    const struct gguf_tensor *gain = run_tensor(run, role);
    const size_t n = record_count(run, value);
    const golden_value self =
        record_begin(run, LOCKSTEP_OP_NORM, role_bare_name(role), gain, n, value, GOLDEN_NO_RECORD);
    if (run_slot(run, NULL) == NULL)
        return self;

    /* The gains stream in while x is summed up. */
    const struct golden_matrix matrix = matrix_of(gain);
    size_t gains;
    const enum golden_fault gain_fault = golden_row_values(&matrix, 0, g->gain, &gains);
    EACH_SLOT (run, slot)
        norm(g, slot, record_words(slot, value), n, gains, gain_fault);
    return self;
}

/* The slots' vectors as blocks, one after the other; a slot whose vector fails ends here. */
static size_t prepare(struct golden_run *run, golden_value value, size_t cols,
                      struct golden_product *products) {
    struct golden *g = run->golden;
    struct golden_block *x = g->x_blocks;
    size_t count = 0;
    EACH_SLOT (run, slot) {
        const enum golden_fault fault =
            golden_blocks_from(record_words(slot, value), cols, g->act_bits, x);
        slot->stop.input = fault != GOLDEN_FAULT_NONE;
        if (fault != GOLDEN_FAULT_NONE) {
            slot_fail(slot, fault, 0);
            continue;
        }
        products[count++] = (struct golden_product){.x = x, .y = record_result(slot)};
        x += (cols + GOLDEN_BLOCK - 1) / GOLDEN_BLOCK;
    }
    return count;
}

/* y = rows of the weights from `first` on, times x; of an expert's, of the matrix of its turn */
static golden_value multiply(struct golden_run *run, uint32_t op, enum role role, uint64_t first,
                             uint64_t rows, golden_value value) {
    struct golden *g = run->golden;
    const struct gguf_tensor *weights = run_tensor(run, role);
    const bool of_expert = (roles_of_experts & ROLE_BIT(role)) != 0;
    const char *name =
        role_bare_name(role == ROLE_OUTPUT && run->model->tied ? ROLE_TOKEN_EMBD : role);
    const golden_value self = record_begin(run, op, name, weights, rows, value, GOLDEN_NO_RECORD);
    struct golden_product *products = g->product;
    struct golden_matrix matrix = {0};
    const size_t count = prepare(run, value, (size_t)weights->ne[0], products);
    size_t i = 0;
    EACH_SLOT (run, slot) {
        const uint64_t skip = of_expert ? (uint64_t)slot_expert(run, slot) * rows : first;
        matrix = matrix_of(record_rows(slot, skip, rows));
        if (of_expert)
            golden_multiply(&matrix, g->act_bits, &products[i++], 1, g->pool);
    }
    if (!of_expert && count != 0)
        golden_multiply(&matrix, g->act_bits, products, count, g->pool);
    i = 0;
    EACH_SLOT (run, slot) {
        const struct golden_product *of = &products[i++];
        if (of->fault != GOLDEN_FAULT_NONE)
            slot_fail(slot, of->fault, of->done);
    }
    return self;
}

golden_value op_matvec(struct golden_run *run, enum role weights, golden_value x) {
    return multiply(run, LOCKSTEP_OP_MATVEC, weights, 0, run_tensor(run, weights)->ne[1], x);
}

/* y = x + as many elements of the bias from `first` on */
static golden_value add_bias(struct golden_run *run, enum role role, uint64_t first,
                             golden_value value) {
    const size_t n = record_count(run, value);
    const golden_value self = record_begin(run, LOCKSTEP_OP_BIAS, role_bare_name(role),
                                           run_tensor(run, role), n, value, GOLDEN_NO_RECORD);
    EACH_SLOT (run, slot) {
        const struct golden_matrix row = matrix_of(record_elements(slot, first, n));
        const uint32_t *x = record_words(slot, value);
        uint32_t *d = run->golden->gain, *y = record_result(slot);
        size_t known;
        const enum golden_fault row_fault = golden_row_values(&row, 0, d, &known);
        slot_note_fault(slot, row_fault);
        for (size_t i = 0; i < n; i++) {
            enum golden_fault fault = row_fault;
            if (i < known) {
                fault = GOLDEN_FAULT_NONE;
                y[i] = golden_add(x[i], d[i], &fault);
            }
            if (fault != GOLDEN_FAULT_NONE) {
                slot_fail(slot, fault, i);
                break;
            }
        }
    }
    return self;
}

golden_value op_bias(struct golden_run *run, enum role role, golden_value x) {
    return add_bias(run, role, 0, x);
}

/* The logits of the tokens from `first` on are x. */
static void offer(struct golden_run *run, uint64_t first, golden_value value) {
    const size_t n = record_count(run, value);
    record_begin(run, LOCKSTEP_OP_OFFER, "logits", NULL, n, value, GOLDEN_NO_RECORD);
    EACH_SLOT (run, slot) {
        const uint32_t *x = record_words(slot, value);
        memcpy(record_result(slot), x, n * sizeof *x);
        memcpy(slot->logits + first, x, n * sizeof *x);
    }
}

void op_logits(struct golden_run *run, golden_value x) {
    const uint64_t rows = run_tensor(run, ROLE_OUTPUT)->ne[1];
    if ((run->model->roles & ROLE_BIT(ROLE_OUTPUT_BIAS)) == 0) {
        multiply(run, LOCKSTEP_OP_LOGITS, ROLE_OUTPUT, 0, rows, x);
        return;
    }
    for (uint64_t first = 0; first < rows; first += LOCKSTEP_OFFER_ROWS) {
        const uint64_t left = rows - first;
        const golden_value y = multiply(run, LOCKSTEP_OP_MATVEC, ROLE_OUTPUT, first,
                                        left < LOCKSTEP_OFFER_ROWS ? left : LOCKSTEP_OFFER_ROWS, x);
        offer(run, first, add_bias(run, ROLE_OUTPUT_BIAS, first, y));
    }
}

golden_value op_linear(struct golden_run *run, enum role weights, enum role bias, golden_value x) {
    const golden_value y = op_matvec(run, weights, x);
    return (run->model->roles & ROLE_BIT(bias)) != 0 ? op_bias(run, bias, y) : y;
}

golden_value op_layernorm(struct golden_run *run, enum role gain, enum role bias, golden_value x) {
    const char *name = role_bare_name(gain);
    char centred[ROLE_NAME_SIZE];
    snprintf(centred, sizeof centred, "%.*s_centred", (int)strcspn(name, "."), name);
    const golden_value y = op_norm(run, gain, op_center(run, centred, x));
    return (run->model->roles & ROLE_BIT(bias)) != 0 ? op_bias(run, bias, y) : y;
}
