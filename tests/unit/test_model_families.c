/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the loader makes of files of each family: settings by their keys and without them, tensors
 * that are missing, of another shape or too many, values that are refused.
 */
#include <math.h>
#include <string.h>

#include "csrc/model/bridge.h"
#include "csrc/model/model.h"
#include "gguf_tools/convert/model_shape.h"
#include "tests/kit/host_test.h"

/* ---- files ---- */

struct key {
    const char *name; /* behind "<arch>." */
    enum gguf_value_type type;
    double value;
};

enum { KEYS = 5 };

/* How a file differs from what `gguf make` makes of the family. */
struct change {
    struct key key[KEYS];
    uint32_t layers;             /* 0: as made */
    bool parallel;               /* made so */
    const char *without, *wrong; /* a tensor that is left out, or has a row or an element more */
    const char *more;            /* one that is added */
    uint8_t fill;                /* of all bytes */
    uint32_t experts, used;      /* 0: as made */
    bool wrong_experts;          /* `wrong` has an expert more, not a row */
    bool no_experts;             /* no key says of them */
    bool sizes_implied;          /* nor of their sizes: feed_forward_length does */
};

static void write_key(struct gguf_writer *w, const char *arch, const struct key *key) {
    char name[96];
    snprintf(name, sizeof name, "%s.%s", arch, key->name);
    switch (key->type) {
    case GGUF_BOOL:
        gguf_writer_bool(w, name, key->value != 0);
        break;
    case GGUF_F32:
        gguf_writer_f32(w, name, (float)key->value);
        break;
    case GGUF_STRING:
        gguf_writer_string(w, name, "a");
        break;
    default:
        gguf_writer_u32(w, name, (uint32_t)key->value);
        break;
    }
}

/* The keys that every family's loader wants; those of one family are the change's. */
static void write_metadata(struct gguf_writer *w, const struct model_shape *s,
                           const struct change *c) {
    const char *arch = family_at(s->family)->arch;
    const bool layer_norm = family_at(s->family)->layer_norm;
    const struct key keys[] = {
        {"context_length", GGUF_U32, s->context},
        {"embedding_length", GGUF_U32, s->dim},
        {"block_count", GGUF_U32, s->layers},
        {"feed_forward_length", GGUF_U32,
         c->sizes_implied && s->family != FAMILY_llama ? s->hidden * s->experts_used : s->hidden},
        {"attention.head_count", GGUF_U32, s->heads},
        {"attention.head_count_kv", GGUF_U32, s->kv_heads},
        {layer_norm ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon", GGUF_F32,
         1e-6},
        {layer_norm ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon", GGUF_F32,
         0.5},
        {"attention.key_length", GGUF_U32, s->head_dim != 0 ? s->head_dim : s->dim / s->heads},
        {"vocab_size", GGUF_U32, s->vocab},
    };
    gguf_writer_string(w, "general.architecture", arch);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        write_key(w, arch, &keys[i]);
    if (s->experts != 0 && !c->no_experts) {
        write_key(w, arch, &(struct key){"expert_count", GGUF_U32, s->experts});
        write_key(w, arch, &(struct key){"expert_used_count", GGUF_U32, s->experts_used});
        if (!c->sizes_implied) {
            write_key(w, arch, &(struct key){"expert_feed_forward_length", GGUF_U32, s->hidden});
            if (s->family == FAMILY_qwen2moe)
                write_key(
                    w, arch,
                    &(struct key){"expert_shared_feed_forward_length", GGUF_U32, 2 * s->hidden});
        }
    }
    for (size_t i = 0; i < KEYS && c->key[i].name != NULL; i++)
        write_key(w, arch, &c->key[i]);
}

static struct model_shape shape_of(enum family_number family, const struct change *c) {
    struct model_shape s = *model_shape_of(family);
    s.type = GGML_TYPE_F16;
    s.vocab = 24;
    s.layers = c->layers != 0 ? c->layers : 2;
    s.parallel = c->parallel;
    s.experts = c->experts != 0 ? c->experts : s.experts;
    s.experts_used = c->used != 0 ? c->used : s.experts_used;
    return s;
}

static int open_model(struct host_test *t, const char *path, enum family_number family,
                      const struct change *c, struct ls_model **model, struct ls_error *err) {
    const struct model_shape s = shape_of(family, c);
    const uint64_t ne[] = {s.dim, 1};
    uint8_t bytes[4096];
    struct model_tensor tensor;
    struct gguf_writer *w;
    memset(bytes, c->fill, sizeof bytes);
    CHECK(t, gguf_writer_open(path, &w, err) == 0, "%s", err->text);
    write_metadata(w, &s, c);
    for (uint32_t i = 0; model_tensor_at(&s, i, &tensor); i++) {
        if (c->without != NULL && strcmp(tensor.name, c->without) == 0)
            continue;
        if (c->wrong != NULL && strcmp(tensor.name, c->wrong) == 0)
            *(c->wrong_experts ? &tensor.matrices
              : tensor.norm    ? &tensor.columns
                               : &tensor.rows) += 1;
        model_declare(w, &tensor);
    }
    if (c->more != NULL)
        gguf_writer_tensor(w, c->more, GGML_TYPE_F32, 1, ne);
    for (uint64_t left = gguf_writer_left(w), part; left > 0; left -= part) {
        part = left < sizeof bytes ? left : sizeof bytes;
        CHECK(t, gguf_writer_data(w, bytes, part) == 0, "data");
    }
    CHECK(t, gguf_writer_finish(w, err) == 0, "%s", err->text);
    return ls_model_open(path, model, err);
}

/* ---- settings ---- */

#define SELDOM 0x3e7 /* a window that is asked for */

struct settings {
    float attn_scale;                                            /* 0: 1 / sqrt(head_dim) */
    float attn_cap, embedding, residual, logit_scale, logit_cap; /* scales: 0 is 1 */
    uint32_t period, count, window;
    float local_base;
    uint32_t rotary;      /* 0: the whole head */
    bool parallel, apart; /* apart: pairs are neighbours, not halves */
    uint32_t experts, used, hidden, shared;
    bool normalised;
};

static const struct {
    enum family_number family;
    struct change change;
    struct settings want;
} cases[] = {
    {FAMILY_llama, {.layers = 1}, {.apart = true}},
    {FAMILY_llama, {.key = {{"rope.dimension_count", GGUF_U32, 4}}}, {.rotary = 4, .apart = true}},
    {FAMILY_qwen2, {.layers = 1}, {.rotary = 0}},
    {FAMILY_qwen3, {.key = {{"attention.sliding_window", GGUF_U32, 0}}}, {.rotary = 0}},
    {FAMILY_gemma, {.layers = 1}, {.embedding = 8}},
    {FAMILY_gemma2,
     {.layers = 1},
     {.embedding = 8, .attn_cap = 50, .logit_cap = 30, .period = 2, .count = 1, .window = 4096}},
    {FAMILY_gemma2,
     {.key = {{"attention.sliding_window", GGUF_U32, SELDOM},
              {"attn_logit_softcapping", GGUF_F32, 7},
              {"final_logit_softcapping", GGUF_F32, 0}}},
     {.embedding = 8, .attn_cap = 7, .period = 2, .count = 1, .window = SELDOM}},
    {FAMILY_gemma2, /* 27B: the scale goes by dim / heads = 16, not by the head */
     {.layers = 46},
     {.attn_scale = 0.25f,
      .embedding = 8,
      .attn_cap = 50,
      .logit_cap = 30,
      .period = 2,
      .count = 1,
      .window = 4096}},
    {FAMILY_gemma3, {.layers = 1}, {.embedding = 8}},
    {FAMILY_gemma3,
     {.key = {{"attention.sliding_window", GGUF_U32, SELDOM},
              {"final_logit_softcapping", GGUF_F32, 20}}},
     {.embedding = 8,
      .logit_cap = 20,
      .period = 6,
      .count = 5,
      .window = SELDOM,
      .local_base = 10000}},
    {FAMILY_gemma3,
     {.key = {{"attention.sliding_window", GGUF_U32, 8},
              {"attention.sliding_window_pattern", GGUF_U32, 3},
              {"rope.freq_base_swa", GGUF_F32, 500}}},
     {.embedding = 8, .period = 3, .count = 2, .window = 8, .local_base = 500}},
    {FAMILY_gemma3,
     {.layers = 62, .key = {{"attention.sliding_window", GGUF_U32, 8}}},
     {.attn_scale = 0.25f,
      .embedding = 8,
      .period = 6,
      .count = 5,
      .window = 8,
      .local_base = 10000}},
    {FAMILY_phi3, {.layers = 1}, {.rotary = 0}},
    {FAMILY_phi3, {.key = {{"rope.dimension_count", GGUF_U32, 12}}}, {.rotary = 12}},
    {FAMILY_phi3,
     {.key = {{"attention.sliding_window", GGUF_U32, SELDOM}}},
     {.period = 1, .count = 1, .window = SELDOM}},
    {FAMILY_granite, {.layers = 1}, {.apart = true}},
    {FAMILY_granite,
     {.key = {{"attention.scale", GGUF_F32, 0.125},
              {"embedding_scale", GGUF_F32, 12},
              {"residual_scale", GGUF_F32, 0.25},
              {"logit_scale", GGUF_F32, 8},
              {"rope.scaling.finetuned", GGUF_BOOL, 1}}},
     {.attn_scale = 0.125f,
      .embedding = 12,
      .residual = 0.25f,
      .logit_scale = 0.125f,
      .apart = true}},
    {FAMILY_granite,
     {.key = {{"attention.scale", GGUF_F32, 0}, {"logit_scale", GGUF_F32, 0}}},
     {.apart = true}},
    {FAMILY_olmo2, {.layers = 1}, {.rotary = 0}},
    {FAMILY_gpt2, {.layers = 1}, {.rotary = UINT32_MAX, .apart = true}},
    {FAMILY_starcoder2, {.layers = 1}, {.rotary = 0}},
    {FAMILY_stablelm, {.key = {{"rope.dimension_count", GGUF_U32, 8}}}, {.rotary = 8}},
    {FAMILY_stablelm, {.key = {{"use_parallel_residual", GGUF_BOOL, 1}}}, {.parallel = false}},
    {FAMILY_stablelm, {.parallel = true}, {.parallel = true}},
    {FAMILY_stablelm,
     {.parallel = true, .key = {{"use_parallel_residual", GGUF_BOOL, 1}}},
     {.parallel = true}},
    {FAMILY_gptneox, {.key = {{"use_parallel_residual", GGUF_BOOL, 0}}}, {.parallel = false}},
    {FAMILY_gptneox, {.key = {{"use_parallel_residual", GGUF_BOOL, 1}}}, {.parallel = true}},
    {FAMILY_llama,
     {.experts = 4, .used = 2, .sizes_implied = true},
     {.apart = true, .experts = 4, .used = 2, .hidden = 172, .normalised = true}},
    {FAMILY_llama, /* dense: what is said of no experts says nothing */
     {.key = {{"expert_count", GGUF_U32, 0}, {"expert_used_count", GGUF_U32, 2}}},
     {.apart = true}},
    {FAMILY_qwen2moe, {.layers = 1}, {.experts = 8, .used = 3, .hidden = 172, .shared = 344}},
    {FAMILY_qwen2moe,
     {.used = 2, .sizes_implied = true, .key = {{"expert_weights_norm", GGUF_BOOL, 0}}},
     {.experts = 8, .used = 2, .hidden = 172, .shared = 344}},
    {FAMILY_qwen3moe, {.layers = 1}, {.experts = 8, .used = 2, .hidden = 172, .normalised = true}},
    {FAMILY_qwen3moe,
     {.experts = 1,
      .used = 1,
      .sizes_implied = true,
      .key = {{"expert_weights_norm", GGUF_BOOL, 1}, {"expert_gating_func", GGUF_U32, 1}}},
     {.experts = 1, .used = 1, .hidden = 172, .normalised = true}},
    {FAMILY_phi2, {.layers = 1}, {.parallel = true}}, /* its logits' bias is of zeros, */
    {FAMILY_phi2, {.fill = 1}, {.parallel = true}},   /* and here it is not */
};

static float scale_of(float wanted) {
    return wanted != 0 ? wanted : 1;
}

static void check_settings(struct host_test *t, const char *name, const struct ls_model *m,
                           const struct settings *s) {
    const float scale = s->attn_scale != 0 ? s->attn_scale : (float)(1 / sqrt((double)m->head_dim));
    const uint32_t rotary = s->rotary == UINT32_MAX ? 0 : s->rotary != 0 ? s->rotary : m->head_dim;
    CHECK(t, m->norm_eps == 1e-6f, "%s: epsilon %g", name, (double)m->norm_eps);
    CHECK(t, m->attn_scale == scale && m->attn_cap == s->attn_cap, "%s: scores", name);
    CHECK(t,
          m->embedding_scale == scale_of(s->embedding) &&
              m->residual_scale == scale_of(s->residual),
          "%s: scales %g %g", name, (double)m->embedding_scale, (double)m->residual_scale);
    const double logit = (double)ls_model_logit(m, 40), cap = (double)s->logit_cap;
    const double scaled = 40 * (double)scale_of(s->logit_scale);
    CHECK(t, logit == (double)(float)(cap != 0 ? cap * tanh(scaled / cap) : scaled),
          "%s: a logit of 40 counts as %g", name, logit);
    CHECK(t, m->logit_scale == scale_of(s->logit_scale) && m->logit_cap == s->logit_cap,
          "%s: logits %g %g", name, (double)m->logit_scale, (double)m->logit_cap);
    CHECK(t,
          m->local_period == s->period && m->local_count == s->count &&
              m->local_window == s->window && m->local_rope_base == s->local_base,
          "%s: %u of %u layers see %u", name, m->local_count, m->local_period, m->local_window);
    CHECK(t, m->n_rot == rotary && (m->n_rot == 0 || m->rope_halves != s->apart),
          "%s: %u elements turn", name, m->n_rot);
    CHECK(t, m->parallel_residual == s->parallel, "%s: parallel", name);
    CHECK(t,
          m->experts == s->experts && m->experts_used == s->used &&
              m->experts_normalised == s->normalised && m->shared_hidden == s->shared &&
              (s->hidden == 0 || m->hidden == s->hidden),
          "%s: %u of %u experts of %u, a shared one of %u", name, m->experts_used, m->experts,
          m->hidden, m->shared_hidden);
}

/* The device's registers: binary32, and no window that holds the whole context. */
static void check_bridge(struct host_test *t, const char *name, const struct ls_model *m) {
    const struct {
        float value;
        size_t field;
    } all[] = {{m->attn_scale, offsetof(struct fw_model, attn_scale)},
               {m->attn_cap, offsetof(struct fw_model, attn_cap)},
               {m->attn_cap != 0 ? 2 / m->attn_cap : 0, offsetof(struct fw_model, attn_cap_slope)},
               {m->embedding_scale, offsetof(struct fw_model, embedding_scale)},
               {m->residual_scale, offsetof(struct fw_model, residual_scale)},
               {m->local_rope_base, offsetof(struct fw_model, local_rope_base)},
               {m->logit_scale, offsetof(struct fw_model, logit_scale)},
               {m->logit_cap, offsetof(struct fw_model, logit_cap)}};
    struct fw_model fw;
    struct ls_error err = {""};
    const uint32_t context = 100;
    CHECK(t, bridge_model(m, context, 1, &fw, &err) == 0, "%s: %s", name, err.text);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        CHECK(t, memcmp((const char *)&fw + all[i].field, &all[i].value, 4) == 0, "%s: number %zu",
              name, i);
    CHECK(t, fw.local_window == (m->local_window < context ? m->local_window : 0), "%s: window %u",
          name, fw.local_window);
    CHECK(t,
          fw.local_period == m->local_period && fw.local_count == m->local_count &&
              fw.parallel_residual == m->parallel_residual && fw.n_rot == m->n_rot,
          "%s: layers", name);
    CHECK(t,
          fw.hidden == m->hidden && fw.experts == m->experts &&
              fw.experts_used == m->experts_used && fw.shared_hidden == m->shared_hidden &&
              fw.experts_normalised == m->experts_normalised,
          "%s: experts", name);
    if (m->experts != 0) { /* rows and columns are one's */
        const struct fw_tensor *down = &fw.tensors[program_place(&fw, ROLE_FFN_DOWN_EXPS, 0)];
        CHECK(t,
              down->rows == m->dim && down->cols == m->hidden &&
                  down->bytes == (uint64_t)m->experts * m->dim * m->hidden * 2,
              "%s: ffn_down_exps", name);
    }
    bridge_release(&fw);
}

static void test_settings(struct host_test *t, const char *path) {
    uint32_t seen[FAMILY_COUNT] = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ls_model *m;
        struct ls_error err = {""};
        char name[64];
        snprintf(name, sizeof name, "case %zu, %s", i, family_at(cases[i].family)->arch);
        seen[cases[i].family]++;
        const int status = open_model(t, path, cases[i].family, &cases[i].change, &m, &err);
        CHECK(t, status == 0, "%s: %s", name, err.text);
        if (status == 0) {
            check_settings(t, name, m, &cases[i].want);
            const bool bias = cases[i].family == FAMILY_phi2 && cases[i].change.fill != 0;
            CHECK(t,
                  ((m->roles & ROLE_BIT(ROLE_OUTPUT_BIAS)) != 0) == bias &&
                      (m->tensor[ROLE_OUTPUT_BIAS] != NULL) == bias,
                  "%s: a bias of the logits", name);
            check_bridge(t, name, m);
        }
        ls_model_close(m);
    }
    for (enum family_number f = 0; f < FAMILY_COUNT; f++)
        CHECK(t, seen[f] != 0, "%s has no case", family_at(f)->arch);
}

/* ---- what is refused ---- */

static const struct {
    enum family_number family;
    struct change change;
    const char *complaint;
} refused[] = {
    {FAMILY_qwen3,
     {.key = {{"attention.sliding_window", GGUF_U32, 8}}},
     "sliding_window 8 changes"},
    {FAMILY_gemma, {.more = "output.weight"}, "tensor output.weight: not part of"},
    {FAMILY_gemma, {.key = {{"final_logit_softcapping", GGUF_F32, 30}}}, "softcapping 30 changes"},
    {FAMILY_gemma2, {.key = {{"attn_logit_softcapping", GGUF_F32, -1}}}, "softcapping: not 0 or"},
    {FAMILY_gemma2, {.key = {{"attn_logit_softcapping", GGUF_STRING, 0}}}, "softcapping: not 0 or"},
    {FAMILY_gemma2, {.key = {{"attention.sliding_window", GGUF_STRING, 0}}}, "window: not one"},
    {FAMILY_gemma3, {.key = {{"attn_logit_softcapping", GGUF_F32, 50}}}, "softcapping 50 changes"},
    {FAMILY_gemma3,
     {.key = {{"attention.sliding_window", GGUF_U32, 8},
              {"attention.sliding_window_pattern", GGUF_U32, 256}}},
     "pattern: more than 255"},
    {FAMILY_gemma3,
     {.key = {{"attention.sliding_window", GGUF_U32, 8}, {"rope.freq_base_swa", GGUF_F32, 0.5}}},
     "freq_base_swa: below 1"},
    {FAMILY_granite, {.key = {{"residual_scale", GGUF_F32, -2}}}, "residual_scale: not 0 or"},
    {FAMILY_granite, {.key = {{"logit_scale", GGUF_F32, 1e20}}}, "logit_scale: not 0 or"},
    {FAMILY_granite, {.key = {{"expert_count", GGUF_U32, 8}}}, "expert_count 8 changes"},
    {FAMILY_granite,
     {.key = {{"rope.scaling.finetuned", GGUF_BOOL, 0}}},
     "finetuned false changes"},
    {FAMILY_olmo2, {.more = "blk.0.attn_norm.weight"}, "attn_norm.weight: not part of"},
    {FAMILY_gptneox, {.layers = 1}, "use_parallel_residual: missing"},
    {FAMILY_stablelm, /* 64 where 2 heads of 32 have gains of their own */
     {.more = "blk.0.attn_q_norm.weight"},
     "blk.0.attn_q_norm.weight: 64 x 1 where 32 x 2 is needed"},
    {FAMILY_stablelm,
     {.parallel = true, .without = "blk.1.attn_k_norm.weight"},
     "blk.1.attn_k_norm.weight: missing"},
    {FAMILY_gpt2, {.more = "rope_freqs.weight"}, "rope_freqs.weight: not part of"},
    {FAMILY_qwen3moe, {.no_experts = true}, "qwen3moe.expert_count: missing or 0"},
    {FAMILY_qwen3moe,
     {.no_experts = true, .key = {{"expert_count", GGUF_U32, 8}}},
     "expert_used_count: 0 of 8 experts"},
    {FAMILY_qwen2moe, {.used = 9}, "expert_used_count: 9 of 8 experts"},
    {FAMILY_qwen2moe,
     {.key = {{"expert_weights_norm", GGUF_BOOL, 1}}},
     "expert_weights_norm true changes"},
    {FAMILY_qwen3moe,
     {.key = {{"expert_shared_count", GGUF_U32, 1}}},
     "expert_shared_count 1 changes the result and is not supported: give a model without shared"},
    {FAMILY_qwen3moe,
     {.key = {{"leading_dense_block_count", GGUF_U32, 1}}},
     "give a model without layers without experts before"},
    {FAMILY_qwen3moe, {.more = "blk.0.exp_probs_b.bias"}, "exp_probs_b.bias: biases are not"},
    {FAMILY_llama, {.more = "blk.0.ffn_gate.0.weight"}, "an expert in a tensor of its own"},
    {FAMILY_llama,
     {.experts = 2, .used = 1, .more = "blk.0.ffn_gate.bias"},
     "tensor blk.0.ffn_gate.bias: biases are not"},
    {FAMILY_qwen3moe,
     {.wrong = "blk.0.ffn_up_exps.weight"},
     "64 x 173 x 8 where 64 x 172 x 8 is needed"},
    {FAMILY_qwen3moe,
     {.wrong = "blk.1.ffn_down_exps.weight", .wrong_experts = true},
     "172 x 64 x 9 where 172 x 64 x 8 is needed"},
};

static void test_refused(struct host_test *t, const char *path) {
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct ls_model *m;
        struct ls_error err = {""};
        const int status = open_model(t, path, refused[i].family, &refused[i].change, &m, &err);
        CHECK(t, status != 0 && m == NULL && strstr(err.text, refused[i].complaint) != NULL,
              "%s says '%s', should say '%s'", family_at(refused[i].family)->arch, err.text,
              refused[i].complaint);
        ls_model_close(m);
    }
}

/* Each tensor that a file of the family has, left out or of another shape. What is optional may be
 * left out of the model, but not of one layer. */
static void test_tensors(struct host_test *t, const char *path, enum family_number family) {
    struct change c = {.layers = 2};
    if (family == FAMILY_gptneox)
        c.key[0] = (struct key){"use_parallel_residual", GGUF_BOOL, 1};
    const struct model_shape s = shape_of(family, &c);
    struct model_tensor tensor;
    for (uint32_t i = 0; model_tensor_at(&s, i, &tensor); i++) {
        const bool optional = (family_at(family)->optional & ROLE_BIT(tensor.role)) != 0 &&
                              strncmp(tensor.name, "blk.1.", 6) != 0;
        struct ls_model *m;
        struct ls_error err = {""};
        c.without = tensor.name;
        c.wrong = NULL;
        int status = open_model(t, path, family, &c, &m, &err);
        CHECK(t, (status == 0) <= optional, "%s runs without %s", family_at(family)->arch,
              tensor.name);
        CHECK(t, status == 0 || strstr(err.text, ": tensor ") != NULL, "%s without %s: '%s'",
              family_at(family)->arch, tensor.name, err.text);
        ls_model_close(m);
        if (tensor.role == ROLE_TOKEN_EMBD) /* its rows are the vocabulary, whatever their number */
            continue;
        c.without = NULL;
        c.wrong = tensor.name;
        err.text[0] = '\0';
        status = open_model(t, path, family, &c, &m, &err);
        CHECK(t, status != 0 && strstr(err.text, ": tensor ") != NULL, "%s with another %s: '%s'",
              family_at(family)->arch, tensor.name, err.text);
        ls_model_close(m);
    }
}

int main(void) {
    struct host_test t = {"model_families", 0, 0};
    const char *path = "build/tests/model_families/odd.gguf";
    host_folder(&t);
    test_settings(&t, path);
    test_refused(&t, path);
    for (enum family_number family = 0; family < FAMILY_COUNT; family++)
        test_tensors(&t, path, family);
    unlink(path);
    return host_test_finish(&t);
}
