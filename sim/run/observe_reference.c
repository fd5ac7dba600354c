/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The float reference beside the device: each token that samples, against its logits.
 */
#include <stdlib.h>
#include <string.h>

#include "sim_segment.h"

static int reference_open(struct session *session, void **self, struct ls_error *err) {
    struct rtl *rtl = rtl_of(session);
    const struct sim_run *run = rtl->run;
    const struct sim_options *o = run->options;
    if (!o->reference)
        return 0;
    *self = rtl;
    return ls_reference_open(run->model, o->prompt_count, run->context, &rtl->reference, err);
}

static void reference_token(void *self, uint32_t sequence, uint32_t position, uint32_t token,
                            const uint32_t *logits) {
    struct rtl *rtl = self;
    struct ls_error err; /* without its logits a token is left out of the witness's count */
    const float *expected = ls_reference_step(rtl->reference, sequence, position, token, &err);
    if (expected == NULL || logits == NULL)
        return;
    float *actual = malloc(rtl->run->model->vocab * sizeof *actual);
    if (actual == NULL)
        return;
    memcpy(actual, logits, rtl->run->model->vocab * sizeof *actual);
    struct ls_witness one = {0};
    ls_witness_add(&one, expected, actual, rtl->run->model->vocab);
    ls_witness_join(&rtl->run->witness, &one);
    if (rtl->run->segment != NULL)
        sim_segment_witness(rtl, &one);
    free(actual);
}

static int reference_close(void *self, struct ls_error *err) {
    struct rtl *rtl = self;
    (void)err;
    ls_reference_close(rtl->reference);
    rtl->reference = NULL;
    return 0;
}

const struct observer observe_reference = {
    .open = reference_open, .token = reference_token, .close = reference_close};
