/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The understudy: the golden model, or the float reference, behind the registers that the scheduler
 * uses, one token a pass, so that a pass that fails is of one request.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/model/bridge.h"
#include "generated/device.h"
#include "library.h"

#define FIELD(name, value) (((uint32_t)(value) << name##_SHIFT) & name##_MASK)
#define GET(name, word)    (((word) & name##_MASK) >> name##_SHIFT)

/* One token of the reference; false: it cannot be computed. */
static bool compute_float(struct library_golden *g, uint32_t sequence, uint32_t position,
                          uint32_t token) {
    const float *logits = ls_reference_step(g->reference, sequence, position, token, &g->error);
    if (logits == NULL)
        return false;
    for (uint32_t i = 0; i < g->firmware.model.vocab; i++)
        if (!isfinite(logits[i])) {
            ls_error_set(&g->error, "the logit of token %" PRIu32 " is not finite", i);
            return false;
        }
    memcpy(g->own, logits, g->firmware.model.vocab * sizeof *g->own);
    g->newest = g->own;
    return true;
}

static bool compute_golden(struct library_golden *g, uint32_t sequence, uint32_t position,
                           uint32_t token, bool samples) {
    if (golden_run(g->model, 0, sequence, position, token, samples, &g->error) != 0)
        return false;
    if (samples)
        g->newest = golden_logits(g->model, 0);
    return true;
}

/* A pass: the token in `in`. */
static void compute(struct library_golden *g) {
    const uint32_t sequence = GET(LOCKSTEP_IN_SEQ, g->in), token = GET(LOCKSTEP_IN_TOKEN, g->in);
    const bool samples = (g->in & LOCKSTEP_IN_LAST_MASK) != 0;
    if ((g->in & LOCKSTEP_IN_FIRST_MASK) != 0)
        g->position[sequence] = g->start;
    const uint32_t position = g->position[sequence]++;
    if (!(g->reference != NULL ? compute_float(g, sequence, position, token)
                               : compute_golden(g, sequence, position, token, samples))) {
        g->failed = true;
        g->sequence = sequence;
    } else if (samples) {
        const uint32_t vocab = g->firmware.model.vocab;
        g->listed = g->list < vocab ? g->list : vocab;
        golden_top_k(g->newest, vocab, g->listed, g->ids, g->logits);
        g->out = FIELD(LOCKSTEP_OUT_TOKEN, g->ids[0]) | FIELD(LOCKSTEP_OUT_SEQ, sequence);
        g->has_out = true;
        g->tokens++;
    }
}

static uint32_t read32(void *context, uint32_t address) {
    struct library_golden *g = context;
    const bool valid = g->index < g->listed;
    switch (address) {
    case LOCKSTEP_REG_STATUS:
        return g->failed ? LOCKSTEP_STATUS_ERROR_MASK : 0;
    case LOCKSTEP_REG_TOKEN_LEVELS:
        return FIELD(LOCKSTEP_TOKEN_LEVELS_OUT_LEVEL, g->has_out);
    case LOCKSTEP_REG_TOKEN_OUT:
        g->has_out = false;
        return g->out;
    case LOCKSTEP_REG_LIST_ID:
        return valid ? g->ids[g->index] | LOCKSTEP_LIST_ID_VALID_MASK : 0;
    case LOCKSTEP_REG_LIST_LOGIT:
        return valid ? g->logits[g->index] : 0;
    case LOCKSTEP_REG_LOGIT_DATA:
        return g->newest[g->logit++];
    default:
        return 0;
    }
}

static void write32(void *context, uint32_t address, uint32_t value) {
    struct library_golden *g = context;
    switch (address) {
    case LOCKSTEP_REG_TOKEN_IN:
        g->in = value;
        break;
    case LOCKSTEP_REG_TOPK:
        g->list = value;
        break;
    case LOCKSTEP_REG_START_POS:
        g->start = value;
        break;
    case LOCKSTEP_REG_LIST_INDEX:
        g->index = value;
        break;
    case LOCKSTEP_REG_LOGIT_ADDR:
        g->logit = value;
        break;
    case LOCKSTEP_REG_CTRL:
        if ((value & LOCKSTEP_CTRL_RUN_MASK) != 0)
            compute(g);
        break;
    default:
        break;
    }
}

static int wait_irq(void *context) {
    (void)context;
    return 0;
}

/* Who waits for the sequence, or NULL. */
static struct job *keeper(const struct lockstep *d, uint32_t sequence) {
    struct job *j = d->jobs;
    while (j != NULL && !(j->keeps && j->request.sequence == sequence))
        j = j->next;
    return j;
}

/* A sequence that nobody waits for; or else one of those, whose K and V are then computed again. */
static uint32_t choose(void *device, struct fw_request *request, uint32_t free) {
    struct lockstep *d = device;
    const struct job *j = request->owner;
    uint32_t best = FW_SEQUENCES;
    if (j->keeps)
        return request->sequence;
    for (uint32_t i = 0; i < d->layout.sequences; i++)
        if ((free >> i & 1u) != 0 && (best == FW_SEQUENCES || keeper(d, best) != NULL))
            best = i;
    struct job *loses = keeper(d, best);
    if (loses != NULL) {
        loses->keeps = false;
        loses->request.start = 0;
    }
    request->start = 0;
    return best;
}

static void admit(void *device, struct fw_request *request) {
    struct job *j = request->owner;
    (void)device;
    j->keeps = false;
    golden_close(j->saved);
    j->saved = NULL;
}

int library_golden_open(struct lockstep *d, struct golden *taken) {
    struct library_golden *g = &d->golden;
    library_golden_close(d);
    g->model = taken;
    g->firmware.limits = d->limits;
    if (bridge_model(d->model, d->layout.context, d->layout.sequences, &g->firmware.model,
                     &d->error) != 0)
        return LOCKSTEP_NO_MEMORY;
    g->open = true;
    if (d->settings.backend == LOCKSTEP_BACKEND_FLOAT) {
        g->own = calloc(d->model->vocab, sizeof *g->own);
        if (g->own == NULL)
            return library_fail(d, LOCKSTEP_NO_MEMORY, "out of memory");
        if (ls_reference_open(d->model, d->layout.sequences, d->layout.context, &g->reference,
                              &d->error) != 0)
            return LOCKSTEP_NO_MEMORY;
    } else if (taken == NULL &&
               golden_open(d->model, (int)d->limits.act_bits, 1, d->layout.sequences,
                           d->layout.context, &g->model, &d->error) != 0) {
        return LOCKSTEP_NO_MEMORY;
    }
    g->hal = (struct hal){read32, write32, wait_irq, g};
    g->firmware.hal = &g->hal;
    fw_schedule(&g->scheduler, &g->firmware, 1);
    g->scheduler.on_choose = choose;
    g->scheduler.on_admit = admit;
    g->scheduler.on_sample = library_sample;
    g->scheduler.context = d;
    return LOCKSTEP_OK;
}

void library_golden_close(struct lockstep *d) {
    const uint64_t tokens = d->golden.tokens;
    if (d->golden.open)
        bridge_release(&d->golden.firmware.model);
    golden_close(d->golden.model);
    ls_reference_close(d->golden.reference);
    free(d->golden.own);
    d->golden = (struct library_golden){.tokens = tokens, .list = 1};
}

/* The one whose token has no result. */
static void fail(struct lockstep *d) {
    struct library_golden *g = &d->golden;
    struct job *j = g->scheduler.running[g->sequence]->owner;
    const bool stepping = d->stepping;
    g->failed = false;
    d->stepping = true;
    library_fail(d, LOCKSTEP_DEVICE_FAILED, "%s", g->error.text);
    library_end_job(d, j, LOCKSTEP_END_FAILED);
    d->stepping = stepping;
    library_sweep(d);
}

int library_golden_step(struct lockstep *d) {
    struct library_golden *g = &d->golden;
    int status = LOCKSTEP_OK;
    if ((g->model == NULL && g->reference == NULL) ||
        g->scheduler.active + g->scheduler.queued == 0)
        return LOCKSTEP_IDLE;
    for (uint32_t turns = d->layout.sequences; turns != 0 && status == LOCKSTEP_OK; turns--) {
        struct fw_token tokens[FW_SLOTS];
        uint32_t count;
        const enum fw_status fw = fw_step(&g->scheduler, tokens, &count);
        if (fw == FW_DONE)
            break;
        if (fw == FW_OK)
            status = library_take(d, tokens, count);
        else
            fail(d);
    }
    return status;
}
