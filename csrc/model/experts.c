/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Hyperparameters of a mixture of experts.
 */
#include "experts.h"

#include <inttypes.h>

#include "family.h"

/* Before llama.cpp's tensors of all experts at once: a file of the first months has each its own.
 */
static const char *const apart[] = {"blk.0.ffn_gate.0.weight", "blk.0.ffn_up.0.weight",
                                    "blk.0.ffn_down.0.weight"};

static int refuse_apart(const struct ls_model *m, struct ls_error *err) {
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        if (gguf_find_tensor(m->gguf, apart[i]) != NULL)
            return ls_error_set(
                err,
                "%s: tensor %s: an expert in a tensor of its own, as files of early "
                "2024 have them, is not supported: convert the model again",
                m->gguf->path, apart[i]);
    return 0;
}

/* Elements of an expert's feed-forward layer, and of the shared one's. */
static int read_sizes(struct ls_model *m, struct ls_error *err) {
    const uint32_t dense = m->hidden;
    const bool always = (m->family->required & ROLE_BIT(ROLE_FFN_ROUTER)) != 0;
    m->hidden = always ? dense / m->experts_used : dense;
    if (family_read_size(m, "expert_feed_forward_length", true, &m->hidden, err) != 0)
        return -1;
    if (m->hidden == 0)
        return family_refuse(m, "expert_feed_forward_length",
                             "key missing: convert the model again", err);
    if ((m->family->experts & ROLE_BIT(ROLE_SHARED_GATE)) == 0)
        return 0;
    m->shared_hidden = dense;
    if (family_read_size(m, "expert_shared_feed_forward_length", true, &m->shared_hidden, err) != 0)
        return -1;
    return m->shared_hidden != 0 ? 0
                                 : family_refuse(m, "expert_shared_feed_forward_length",
                                                 "key missing: convert the model again", err);
}

int read_experts(struct ls_model *m, struct ls_error *err) {
    const bool always = (m->family->required & ROLE_BIT(ROLE_FFN_ROUTER)) != 0;
    uint32_t count = 0, used = 0;
    if (refuse_apart(m, err) != 0)
        return -1;
    if (m->family->experts != 0 && (family_read_count(m, "expert_count", &count, err) != 0 ||
                                    family_read_count(m, "expert_used_count", &used, err) != 0))
        return -1;
    if (count == 0 && always)
        return family_refuse(m, "expert_count", "missing or 0: convert the model again", err);
    if (count == 0)
        return m->hidden != 0 ? 0
                              : family_refuse(m, "feed_forward_length",
                                              "key missing: convert the model again", err);
    if (used == 0 || used > count)
        return ls_error_set(err,
                            "%s: %s.expert_used_count: %" PRIu32 " of %" PRIu32
                            " experts: from 1 to all of them are possible: convert the model again",
                            m->gguf->path, m->family->arch, used, count);
    m->experts = count;
    m->experts_used = used;
    m->experts_normalised = m->family->experts_normalised;
    return read_sizes(m, err);
}
