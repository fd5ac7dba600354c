/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What is as in llama is not told.
 */
#include "inspect_model.h"

#include <inttypes.h>
#include <string.h>

#include "csrc/model/bridge.h"
#include "csrc/model/configs.h"
#include "csrc/model/model.h"

static bool has(const struct ls_model *m, enum role role) {
    return (m->roles & ROLE_BIT(role)) != 0;
}

/* Parameters that a token meets: of all experts but those it uses, none. */
static uint64_t active_parameters(const struct ls_model *m) {
    uint64_t count = m->parameters;
    for (enum role role = 0; role < ROLES; role++)
        for (uint32_t l = 0; (roles_of_experts & m->roles & ROLE_BIT(role)) != 0 && l < m->layers;
             l++) {
            const uint64_t *ne = m->layer[l].tensor[role]->ne;
            count -= ne[0] * ne[1] * (m->experts - m->experts_used);
        }
    return count;
}

static void show_experts(FILE *out, const struct ls_model *m) {
    if (m->experts == 0)
        return;
    fprintf(out, "  experts      %u of %u, whose weights add up to 1 among %s", m->experts_used,
            m->experts, m->experts_normalised ? "themselves" : "all");
    if (m->shared_hidden != 0)
        fprintf(out, "; a shared one of %u", m->shared_hidden);
    fprintf(out, "\n  active       %" PRIu64 " of %" PRIu64 " parameters\n", active_parameters(m),
            m->parameters);
}

static void show_shape(FILE *out, const struct ls_model *m) {
    fprintf(out, "  family       %s, %s: %u layers of %u, %s %u%s\n", m->family->arch, m->quant,
            m->layers, m->dim, m->experts != 0 ? "experts of" : "feed-forward", m->hidden,
            has(m, ROLE_FFN_GATE) || m->experts != 0 ? " with a gate" : " without a gate");
    show_experts(out, m);
    fprintf(out, "  attention    %u heads of %u, %u of K and V; context %u\n", m->heads,
            m->head_dim, m->kv_heads, m->context_length);
    fprintf(out, "  vocabulary   %u tokens, output %s\n", m->vocab,
            m->tied ? "tied to the embedding" : "a matrix of its own");
}

static void show_rotation(FILE *out, const struct ls_model *m) {
    if (m->n_rot == 0) {
        fprintf(out, "  positions    learned, %u\n", m->context_length);
        return;
    }
    fprintf(out, "  rotation     %u of %u elements, pairs are %s, base %g", m->n_rot, m->head_dim,
            m->rope_halves ? "halves" : "neighbours", (double)m->rope_base);
    if (m->rope_factors != NULL) {
        float least = m->rope_factors[0], most = least;
        for (uint32_t j = 1; j < m->n_rot / 2; j++) {
            least = m->rope_factors[j] < least ? m->rope_factors[j] : least;
            most = m->rope_factors[j] > most ? m->rope_factors[j] : most;
        }
        fprintf(out, ", slower by factors of %g to %g", (double)least, (double)most);
    } else if (m->rope_scale != 1.0f) {
        fprintf(out, ", slower by a factor of %g", (double)m->rope_scale);
    }
    if (m->rope_magnitude != 1.0f)
        fprintf(out, ", magnitude %g", (double)m->rope_magnitude);
    fputc('\n', out);
}

static void show_local(FILE *out, const struct ls_model *m) {
    uint32_t local = 0;
    for (uint32_t l = 0; m->local_period != 0 && l < m->layers; l++)
        local += l % m->local_period < m->local_count;
    if (local == 0 || m->local_window == 0)
        return;
    fprintf(out, "  window       %u positions in %u of %u layers", m->local_window, local,
            m->layers);
    if (m->local_rope_base != 0)
        fprintf(out, ", which turn by base %g", (double)m->local_rope_base);
    fputc('\n', out);
}

static void show_norms(FILE *out, const struct ls_model *m) {
    fprintf(out, "  norms        %s, epsilon %g%s%s%s\n",
            m->family->layer_norm ? "LayerNorm" : "RMSNorm", (double)m->norm_eps,
            !has(m, ROLE_ATTN_Q_NORM)                 ? ""
            : m->family->head_norm == HEAD_NORM_WHOLE ? ", of all of q and of k"
                                                      : ", of each head of q and k",
            has(m, ROLE_ATTN_NORM) ? "" : ", none before a branch",
            has(m, ROLE_ATTN_POST_NORM) ? ", behind each branch" : "");
    if (m->parallel_residual)
        fputs("  order        feed-forward beside attention\n", out);
}

static void show_biases(FILE *out, const struct ls_model *m) {
    const char *comma = "  biases       ";
    for (enum role role = 0; role < ROLES; role++)
        if (has(m, role) && role_is_bias(role)) {
            const char *name = role_bare_name(role);
            fprintf(out, "%s%.*s", comma, (int)strcspn(name, "."), name);
            comma = ", ";
        }
    if (comma[0] == ',')
        fputc('\n', out);
}

static void show_scales(FILE *out, const struct ls_model *m) {
    const struct {
        const char *what;
        float value, nothing;
    } all[] = {
        {"scores", m->attn_scale, 0},       {"embeddings", m->embedding_scale, 1},
        {"branches", m->residual_scale, 1}, {"logits", m->logit_scale, 1},
        {"cap of scores", m->attn_cap, 0},  {"cap of logits", m->logit_cap, 0},
    };
    const char *comma = "  scales       ";
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].value != all[i].nothing) {
            fprintf(out, "%s%s %g", comma, all[i].what, (double)all[i].value);
            comma = ", ";
        }
    fputc('\n', out);
}

/* What each configuration of the device makes of the model's size. */
static void show_configs(FILE *out, const struct ls_model *m) {
    struct fw_model fw;
    struct ls_error err;
    if (bridge_model(m, 1, 1, &fw, &err) != 0) {
        fprintf(out, "  devices      %s\n", err.text);
        return;
    }
    for (size_t i = 0; configs_name(i) != NULL; i++) {
        struct fw_refusal why;
        const uint32_t positions = configs_positions(i, &fw, m->context_length, &why);
        fprintf(out, "  on %-9s ", configs_name(i));
        if (positions != 0)
            fprintf(out, "a sequence of %" PRIu32 " positions\n", positions);
        else
            fprintf(out, "refused: %s: the model needs %" PRIu64 ", it has %" PRIu64 "\n", why.what,
                    why.need, why.have);
    }
    bridge_release(&fw);
}

void inspect_model(FILE *out, const char *path) {
    struct ls_model *m;
    struct ls_error err;
    fputs("\nmodel\n", out);
    if (ls_model_open(path, &m, &err) != 0) {
        fprintf(out, "  refused      %s\n", err.text);
        return;
    }
    show_shape(out, m);
    show_rotation(out, m);
    show_local(out, m);
    show_norms(out, m);
    show_biases(out, m);
    show_scales(out, m);
    show_configs(out, m);
    ls_model_close(m);
}
