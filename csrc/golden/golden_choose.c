/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The list has as many entries as the device's would.
 */
#include "golden_choose.h"

uint32_t golden_choose(const struct ls_model *model, struct sampler *sampler,
                       const uint32_t *logits) {
    const struct sampler_settings *s = &sampler->settings;
    uint32_t count = sampler_is_greedy(s) ? 1 : sampler_list_size(s);
    uint32_t ids[SAMPLER_LIST], values[SAMPLER_LIST];
    struct sampler_entry list[SAMPLER_LIST];
    const double scale = (double)model->logit_scale, cap = (double)model->logit_cap;
    if (count > model->vocab)
        count = model->vocab;
    golden_top_k(logits, model->vocab, count, ids, values);
    for (uint32_t i = 0; i < count; i++)
        list[i] = (struct sampler_entry){ids[i], sampler_logit(values[i], scale, cap)};
    const uint32_t token = sampler_choose(sampler, list, count);
    sampler_accept(sampler, token);
    return token;
}
