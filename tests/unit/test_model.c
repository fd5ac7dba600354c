/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The model read from a GGUF: hyperparameters and tensors of real files, and
 * small written models with one thing wrong each, which must be named.
 */
#include <string.h>

#include "csrc/model/model.h"
#include "gguf_tools/convert/model_shape.h"
#include "tests/kit/host_test.h"
#include "tests/kit/odd_keys.h"
#include "tests/kit/odd_models.h"

/* ---- models ---- */

/* The shipped model in each type. */
static void test_shipped(struct host_test *t) {
    static const char *const types[] = {"F32", "F16", "Q8_0", "Q4_0"};
    static const char *const files[] = {HOST_MODEL("F32"), HOST_MODEL("F16"), HOST_MODEL("Q8_0"),
                                        HOST_MODEL("Q4_0")};
    for (int i = 0; i < 4; i++) {
        struct ls_model *m;
        struct ls_error err = {""};
        const bool opened = ls_model_open(files[i], &m, &err) == 0;
        CHECK(t, opened, "%s", err.text);
        if (!opened)
            continue;
        CHECK(t, strcmp(m->quant, types[i]) == 0, "%s: %s", files[i], m->quant);
        CHECK(t,
              m->dim == 128 && m->hidden == 192 && m->layers == 4 && m->heads == 8 &&
                  m->kv_heads == 4 && m->head_dim == 16 && m->n_rot == 16 && m->vocab == 1024,
              "%s: shape", files[i]);
        CHECK(t,
              m->norm_eps == 1e-5f && m->rope_base == 10000.0f && m->rope_scale == 1.0f &&
                  m->tokenizer != NULL && m->eog_count == 1 && m->eog[0] == 2 &&
                  ls_model_is_eog(m, 2) && !ls_model_is_eog(m, 1) && m->chat_template.size == 0 &&
                  m->tied && m->parameters == 623744,
              "%s: settings", files[i]);
        CHECK(t,
              m->layer[3].tensor[ROLE_FFN_DOWN]->ne[0] == 192 &&
                  m->layer[3].tensor[ROLE_FFN_DOWN]->ne[1] == 128,
              "%s: ffn_down", files[i]);
        ls_model_close(m);
    }
}

/* Models of others. */
static void test_models(struct host_test *t) {
    const struct {
        const char *file, *quant; /* quant NULL: refused */
        const char *why;
    } cases[] = {
        {"models/stories260K.gguf", "F32", ""},
        {"models/stories260K-F16.gguf", "F16", ""},
        {"models/stories260K-Q8_0.gguf", "Q8_0", ""},
        {"models/stories260K-Q4_0.gguf", "Q4_0", ""},
        {"models/stories260K-Q5_1.gguf", "Q5_1", ""},
        {"vocab/ggml-vocab-llama-spm.gguf", NULL, "a vocabulary without a single tensor"},
        {"gguf-bad/lfs-pointer.gguf", NULL, "git-lfs"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct ls_model *m;
        struct ls_error err = {""};
        int status = ls_model_open(host_shared(cases[c].file).text, &m, &err);
        if (cases[c].quant == NULL) {
            CHECK(t, status != 0 && m == NULL && strstr(err.text, cases[c].why) != NULL, "%s: %s",
                  cases[c].file, err.text);
            continue;
        }
        CHECK(t, status == 0, "%s", err.text);
        CHECK(t, strcmp(m->quant, cases[c].quant) == 0, "%s", m->quant);
        CHECK(t,
              m->dim == 64 && m->hidden == 172 && m->layers == 5 && m->heads == 8 &&
                  m->kv_heads == 4 && m->head_dim == 8 && m->n_rot == 8 && m->vocab == 512,
              "%s: shape", cases[c].file);
        CHECK(t,
              m->norm_eps == 1e-5f && m->rope_base == 10000.0f && m->rope_scale == 1.0f &&
                  m->tokenizer != NULL && m->eog_count == 1 && m->eog[0] == 2 &&
                  ls_model_is_eog(m, 2) && !ls_model_is_eog(m, 1) && m->chat_template.size == 0 &&
                  !m->tied && m->parameters == 292800,
              "%s: settings", cases[c].file);
        CHECK(t,
              m->layer[4].tensor[ROLE_FFN_DOWN]->ne[0] == 172 &&
                  m->layer[4].tensor[ROLE_FFN_DOWN]->ne[1] == 64,
              "%s: ffn_down", cases[c].file);
        ls_model_close(m);
    }
}

/* ---- model files with one thing wrong ---- */

enum model_fault {
    SOUND,
    SOUND_SCALED,
    SOUND_HEAD_SIZE,
    SOUND_ARRAY,
    EXPERTS,
    DYNAMIC,
    BAD_FACTOR,
    ROPE_FREQS,
    BIAS,
    STRANGER,
    HALF_NORM,
    I16_MATRIX,
    WRONG_SHAPE,
    MISSING,
    HEADS_ARRAY,
    NO_ARCHITECTURE,
    ADAPTER,
    VALUE_LENGTH,
    ODD_ROPE,
    BAD_TOKENIZER,
    BAD_TEMPLATE,
    WRONG_VOCAB,
    MODEL_FAULTS
};

static const char *const model_complaints[MODEL_FAULTS] = {
    [EXPERTS] = "llama.expert_used_count: 0 of 8 experts",
    [DYNAMIC] = "llama.rope.scaling.type: dynamic is not supported",
    [BAD_FACTOR] = "llama.rope.scaling.factor: not a float32 above zero",
    [ROPE_FREQS] = "tensor rope_freqs.weight: not the 8 F32 elements",
    [BIAS] = "tensor blk.0.attn_norm.bias: biases",
    [STRANGER] = "tensor blk.1.attn_q.weight: not part of",
    [HALF_NORM] = "tensor blk.0.attn_norm.weight: type F16 where F32",
    [I16_MATRIX] = "tensor blk.0.attn_q.weight: type I16 is not supported",
    [WRONG_SHAPE] = "tensor blk.0.attn_q.weight: 64 x 63 where 64 x 64",
    [MISSING] = "tensor blk.0.attn_q.weight: missing",
    [HEADS_ARRAY] = "llama.attention.key_length: not the same number for every layer",
    [NO_ARCHITECTURE] = "general.architecture: empty: give a model of a family",
    [ADAPTER] = "general.type: adapter, not a model: give the model itself, with the adapter",
    [VALUE_LENGTH] = "llama.attention.value_length: differs",
    [ODD_ROPE] = "llama.rope.dimension_count: not an even number",
    [BAD_TOKENIZER] = "tokenizer.ggml.model: rwkv is not supported",
    [BAD_TEMPLATE] = "tokenizer.chat_template: not a string",
    [WRONG_VOCAB] = "tokenizer.ggml.tokens: 1 tokens for 300",
};

static void declare(struct gguf_writer *w, struct model_tensor tensor, enum model_fault fault) {
    bool query = strcmp(tensor.name, "blk.0.attn_q.weight") == 0;
    if (fault == MISSING && query)
        return;
    if (fault == WRONG_SHAPE && query)
        tensor.rows--;
    if (fault == I16_MATRIX && query)
        tensor.type = GGML_TYPE_I16;
    if (fault == HALF_NORM && strcmp(tensor.name, "blk.0.attn_norm.weight") == 0)
        tensor.type = GGML_TYPE_F16;
    model_declare(w, &tensor);
}

static void write_metadata(struct gguf_writer *w, enum model_fault fault) {
    struct model_shape shape = {.dim = 64,
                                .hidden = 96,
                                .layers = 1,
                                .heads = 4,
                                .kv_heads = 2,
                                .vocab = 300,
                                .context = 32,
                                .type = GGML_TYPE_Q8_0,
                                .tied = true,
                                .family = FAMILY_llama};
    const uint32_t lengths[] = {16, 16, fault == HEADS_ARRAY ? 17 : 16};
    const struct gguf_string one = {"a", 1};
    if (fault == ODD_ROPE) /* 4 heads of 15 elements, whatever the tensors say */
        shape.dim = 60;
    if (fault == NO_ARCHITECTURE)
        gguf_writer_string(w, "general.architecture", "");
    else
        model_write_metadata(w, &shape, "test");
    if (fault == ADAPTER)
        gguf_writer_string(w, "general.type", "adapter");
    if (fault == EXPERTS)
        gguf_writer_u32(w, "llama.expert_count", 8);
    if (fault == DYNAMIC || fault == BAD_FACTOR || fault == SOUND_SCALED)
        gguf_writer_string(w, "llama.rope.scaling.type", fault == DYNAMIC ? "dynamic" : "linear");
    if (fault == BAD_FACTOR || fault == SOUND_SCALED)
        gguf_writer_f32(w, "llama.rope.scaling.factor", fault == BAD_FACTOR ? 0.0f : 4.0f);
    if (fault == SOUND_HEAD_SIZE || fault == VALUE_LENGTH)
        gguf_writer_u32(w, "llama.attention.key_length", 16);
    if (fault == VALUE_LENGTH)
        gguf_writer_u32(w, "llama.attention.value_length", 8);
    if (fault == HEADS_ARRAY || fault == SOUND_ARRAY)
        odd_list(w, "llama.attention.key_length", lengths, 3);
    if (fault == BAD_TOKENIZER || fault == BAD_TEMPLATE)
        gguf_writer_string(w, "tokenizer.ggml.model", fault == BAD_TOKENIZER ? "rwkv" : "llama");
    if (fault == BAD_TEMPLATE)
        gguf_writer_u32(w, "tokenizer.chat_template", 1);
    if (fault == WRONG_VOCAB)
        gguf_writer_strings(w, "tokenizer.ggml.tokens", &one, 1);
}

/* A key beyond those that every model has, and what must be said of it; NULL: nothing. */
struct odd_key {
    const char *name;
    enum gguf_value_type type;
    double number; /* unless it is a string or an array */
    const char *complaint;
};

#define CHANGES(value) value " changes the result and is not supported: give a model without "
#define UNKNOWN(value) value " is not known and may change the result"

static const struct odd_key odd_keys[] = {
    /* With these values the function does nothing, or says nothing. */
    {"llama.attention.causal", GGUF_BOOL, 1, NULL},
    {"llama.attention.max_alibi_bias", GGUF_F32, 0, NULL},
    {"llama.attention.clamp_kqv", GGUF_F32, 0, NULL},
    {"llama.attention.scale", GGUF_F32, 0, NULL},
    {"llama.attention.sliding_window", GGUF_U32, 0, NULL},
    {"llama.attention.sliding_window", GGUF_U32, 32, NULL},
    {"llama.attention.layer_norm_epsilon", GGUF_F32, 1e-6, NULL},
    {"llama.attn_logit_softcapping", GGUF_F32, 0, NULL},
    {"llama.final_logit_softcapping", GGUF_F32, 0, NULL},
    {"llama.logit_scale", GGUF_F32, 1, NULL},
    {"llama.residual_scale", GGUF_F32, 1, NULL},
    {"llama.embedding_scale", GGUF_F32, 0, NULL},
    {"llama.use_parallel_residual", GGUF_BOOL, 0, NULL},
    {"llama.expert_count", GGUF_U32, 0, NULL},
    {"llama.expert_used_count", GGUF_U32, 2, NULL}, /* of none */
    {"llama.expert_gating_func", GGUF_U32, 1, NULL},
    {"llama.expert_weights_norm", GGUF_BOOL, 1, NULL},
    {"llama.expert_weights_scale", GGUF_F32, 1, NULL},
    {"llama.pooling_type", GGUF_U32, 0, NULL},
    {"llama.rope.scaling.attn_factor", GGUF_F32, 1, NULL},
    {"llama.rope.scaling.original_context_length", GGUF_U32, 8, NULL},
    {"llama.rope.scaling.finetuned", GGUF_BOOL, 1, NULL},
    {"llama.tensor_data_layout", GGUF_STRING, 0, NULL},
    {"qwen2.attention.causal", GGUF_BOOL, 0, NULL}, /* of another family */
    {"llama2.anything", GGUF_U32, 7, NULL},
    /* With these it does. */
    {"llama.attention.causal", GGUF_BOOL, 0, CHANGES("llama.attention.causal false")},
    {"llama.attention.causal", GGUF_STRING, 0, CHANGES("llama.attention.causal \"a\"")},
    {"llama.attention.max_alibi_bias", GGUF_F32, 8, CHANGES("llama.attention.max_alibi_bias 8")},
    {"llama.attention.clamp_kqv", GGUF_F32, 6.5, CHANGES("llama.attention.clamp_kqv 6.5")},
    {"llama.attention.scale", GGUF_F32, 0.25, CHANGES("llama.attention.scale 0.25")},
    {"llama.attention.sliding_window", GGUF_U32, 31, CHANGES("llama.attention.sliding_window 31")},
    {"llama.attention.sliding_window", GGUF_ARRAY, 0,
     CHANGES("llama.attention.sliding_window (array)")},
    {"llama.attn_logit_softcapping", GGUF_F32, 50, CHANGES("llama.attn_logit_softcapping 50")},
    {"llama.final_logit_softcapping", GGUF_F32, 30, CHANGES("llama.final_logit_softcapping 30")},
    {"llama.logit_scale", GGUF_F32, 8, CHANGES("llama.logit_scale 8")},
    {"llama.residual_scale", GGUF_F32, 0.5, CHANGES("llama.residual_scale 0.5")},
    {"llama.embedding_scale", GGUF_F32, 12, CHANGES("llama.embedding_scale 12")},
    {"llama.use_parallel_residual", GGUF_BOOL, 1, CHANGES("llama.use_parallel_residual true")},
    {"llama.expert_count", GGUF_I32, -1, "llama.expert_count: not one uint32 value"},
    {"llama.expert_count", GGUF_ARRAY, 0, "llama.expert_count: not the same number for every"},
    {"llama.expert_count", GGUF_U32, 1 << 25, "llama.expert_count: 33554432 is more than 16777216"},
    {"llama.expert_weights_norm", GGUF_BOOL, 0, CHANGES("llama.expert_weights_norm false")},
    {"llama.expert_weights_scale", GGUF_F32, 2.5, CHANGES("llama.expert_weights_scale 2.5")},
    {"llama.expert_gating_func", GGUF_U32, 2, CHANGES("llama.expert_gating_func 2")},
    {"llama.expert_group_count", GGUF_U32, 8, CHANGES("llama.expert_group_count 8")},
    {"llama.interleave_moe_layer_step", GGUF_U32, 2, CHANGES("llama.interleave_moe_layer_step 2")},
    {"llama.expert_shared_count", GGUF_U32, 1, CHANGES("llama.expert_shared_count 1")},
    {"llama.leading_dense_block_count", GGUF_U32, 1, CHANGES("llama.leading_dense_block_count 1")},
    {"llama.pooling_type", GGUF_U32, 1, CHANGES("llama.pooling_type 1")},
    {"llama.rope.scaling.attn_factor", GGUF_F32, 2, CHANGES("llama.rope.scaling.attn_factor 2")},
    /* Nobody knows these. */
    {"llama.rope.scaling.yarn_log_multiplier", GGUF_F32, 0.1,
     UNKNOWN("llama.rope.scaling.yarn_log_multiplier 0.100000001")},
    {"llama.attention.kv_lora_rank", GGUF_U32, 512, UNKNOWN("llama.attention.kv_lora_rank 512")},
    {"llama.", GGUF_U64, 1, UNKNOWN("llama. 1")},
    {"llama.a_future_switch", GGUF_BOOL, 0, UNKNOWN("llama.a_future_switch false")},
    {"llama.a_future_name", GGUF_STRING, 0, UNKNOWN("llama.a_future_name \"a\"")},
};

static void write_key(struct gguf_writer *w, const struct odd_key *key) {
    const uint32_t numbers[] = {1, 2};
    switch (key->type) {
    case GGUF_BOOL:
        gguf_writer_bool(w, key->name, key->number != 0);
        break;
    case GGUF_F32:
        gguf_writer_f32(w, key->name, (float)key->number);
        break;
    case GGUF_I32:
        odd_number(w, key->name, GGUF_I32, (uint64_t)(int64_t)key->number);
        break;
    case GGUF_U64:
        odd_number(w, key->name, GGUF_U64, (uint64_t)key->number);
        break;
    case GGUF_STRING:
        gguf_writer_string(w, key->name, "a");
        break;
    case GGUF_ARRAY:
        odd_list(w, key->name, numbers, 2);
        break;
    default:
        gguf_writer_u32(w, key->name, (uint32_t)key->number);
        break;
    }
}

/* A model of zeros with this fault, or with this key if there is one. */
static void write_model(struct host_test *t, const char *path, enum model_fault fault,
                        const struct odd_key *key) {
    static const uint8_t zeros[4096];
    const struct model_shape shape = {.dim = 64,
                                      .hidden = 96,
                                      .layers = 1,
                                      .heads = 4,
                                      .kv_heads = 2,
                                      .vocab = 300,
                                      .context = 32,
                                      .type = GGML_TYPE_Q8_0,
                                      .tied = true,
                                      .family = FAMILY_llama};
    const uint64_t ne[] = {64, 1};
    struct model_tensor tensor;
    struct gguf_writer *w;
    struct ls_error err = {""};
    CHECK(t, gguf_writer_open(path, &w, &err) == 0, "%s", err.text);
    write_metadata(w, fault);
    if (key != NULL)
        write_key(w, key);
    for (uint32_t i = 0; model_tensor_at(&shape, i, &tensor); i++)
        declare(w, tensor, fault);
    if (fault == ROPE_FREQS)
        gguf_writer_tensor(w, "rope_freqs.weight", GGML_TYPE_F32, 1, ne);
    if (fault == BIAS)
        gguf_writer_tensor(w, "blk.0.attn_norm.bias", GGML_TYPE_F32, 1, ne);
    if (fault == STRANGER)
        gguf_writer_tensor(w, "blk.1.attn_q.weight", GGML_TYPE_F32, 2, ne);
    uint64_t left = gguf_writer_left(w);
    for (uint64_t part; left > 0; left -= part) {
        part = left < sizeof zeros ? left : sizeof zeros;
        CHECK(t, gguf_writer_data(w, zeros, part) == 0, "data");
    }
    CHECK(t, gguf_writer_finish(w, &err) == 0, "%s", err.text);
}

static void test_model_faults(struct host_test *t, const char *path) {
    for (enum model_fault fault = SOUND; fault < MODEL_FAULTS; fault++) {
        struct ls_model *m;
        struct ls_error err = {""};
        write_model(t, path, fault, NULL);
        int status = ls_model_open(path, &m, &err);
        const char *why = model_complaints[fault];
        if (why == NULL) {
            CHECK(t, status == 0, "%s", err.text);
            CHECK(t,
                  m->tied && m->tensor[ROLE_OUTPUT] == m->tensor[ROLE_TOKEN_EMBD] &&
                      m->head_dim == 16 && m->n_rot == 16,
                  "fault %d: tied or head size", (int)fault);
            CHECK(t, m->rope_scale == (fault == SOUND_SCALED ? 4.0f : 1.0f), "scale %g",
                  (double)m->rope_scale);
            CHECK(t, m->tokenizer == NULL && m->eog_count == 0 && ls_model_need_text(m, &err) != 0,
                  "a tokenizer from nowhere");
            CHECK(t, strcmp(m->quant, "Q8_0") == 0, "%s", m->quant);
        } else {
            CHECK(t, status != 0 && m == NULL && strstr(err.text, why) != NULL,
                  "says '%s', should say '%s'", err.text, why);
        }
        ls_model_close(m);
    }
    unlink(path);
}

/* Eight tokens may end a text, a model with nine is refused: a text would run past one. */
static void test_ends(struct host_test *t, const char *path) {
    static const char *const texts[] = {"<|eot_id|>",    "<|im_end|>", "<|endoftext|>",
                                        "<|eom_id|>",    "<|return|>", "<|end_of_text|>",
                                        "<end_of_turn>", "<|calls|>"};
    struct gguf_string pieces[8];
    for (uint32_t i = 0; i < 8; i++)
        pieces[i] = (struct gguf_string){texts[i], strlen(texts[i])};
    for (uint32_t more = 7; more <= 8; more++) { /* and </s> */
        struct ls_model *m;
        struct ls_error err = {""};
        odd_make_pieces(path, pieces, more, 8);
        const int status = ls_model_open(path, &m, &err);
        if (more == 7)
            CHECK(t, status == 0 && m->eog_count == 8, "%s", err.text);
        else
            CHECK(t,
                  status != 0 &&
                      strstr(err.text, "9 tokens end a text, the device knows 8") != NULL,
                  "says '%s'", err.text);
        ls_model_close(m);
    }
}

/* Families have their own keys, tensors and order of pairs; llama's biases are optional. */
static void test_families(struct host_test *t, const char *path) {
    static const uint8_t zeros[4096];
    static const struct {
        enum family_number family;
        bool biases, lacks, halves; /* made with biases, without the last k bias */
        const char *complaint;
    } cases[] = {
        {FAMILY_llama, false, false, false, NULL},
        {FAMILY_llama, true, false, false, NULL},
        {FAMILY_llama, true, true, false, "tensor blk.1.attn_k.bias: missing"},
        {FAMILY_qwen2, false, false, true, NULL},
        {FAMILY_qwen2, false, true, true, "tensor blk.1.attn_k.bias: missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct model_shape shape = {.dim = 64,
                                          .hidden = 96,
                                          .layers = 2,
                                          .heads = 4,
                                          .kv_heads = 2,
                                          .vocab = 300,
                                          .context = 32,
                                          .type = GGML_TYPE_Q8_0,
                                          .tied = true,
                                          .family = cases[i].family,
                                          .biases = cases[i].biases};
        struct model_tensor tensor;
        struct gguf_writer *w;
        struct ls_model *m;
        struct ls_error err = {""};
        CHECK(t, gguf_writer_open(path, &w, &err) == 0, "%s", err.text);
        model_write_metadata(w, &shape, "a family");
        for (uint32_t n = 0; model_tensor_at(&shape, n, &tensor); n++)
            if (!cases[i].lacks || strcmp(tensor.name, "blk.1.attn_k.bias") != 0)
                model_declare(w, &tensor);
        for (uint64_t left = gguf_writer_left(w), part; left > 0; left -= part) {
            part = left < sizeof zeros ? left : sizeof zeros;
            CHECK(t, gguf_writer_data(w, zeros, part) == 0, "data");
        }
        CHECK(t, gguf_writer_finish(w, &err) == 0, "%s", err.text);
        const int status = ls_model_open(path, &m, &err);
        if (cases[i].complaint != NULL)
            CHECK(t, status != 0 && strstr(err.text, cases[i].complaint) != NULL,
                  "says '%s', should say '%s'", err.text, cases[i].complaint);
        else
            CHECK(t,
                  status == 0 && m->rope_halves == cases[i].halves && m->tied &&
                      m->family->number == cases[i].family &&
                      (m->layer[1].tensor[ROLE_ATTN_K_BIAS] != NULL) ==
                          (cases[i].biases || cases[i].family == FAMILY_qwen2),
                  "case %zu: %s", i, err.text);
        ls_model_close(m);
    }
    unlink(path);
}

/* A setting that changes the result is refused by name and value; one that does not is not. */
static void test_keys(struct host_test *t, const char *path) {
    for (size_t i = 0; i < sizeof odd_keys / sizeof *odd_keys; i++) {
        const struct odd_key *key = &odd_keys[i];
        struct ls_model *m;
        struct ls_error err = {""};
        write_model(t, path, SOUND, key);
        const int status = ls_model_open(path, &m, &err);
        if (key->complaint == NULL)
            CHECK(t, status == 0, "%s %g: %s", key->name, key->number, err.text);
        else
            CHECK(t, status != 0 && m == NULL && strstr(err.text, key->complaint) != NULL,
                  "says '%s', should say '%s'", err.text, key->complaint);
        ls_model_close(m);
    }
    unlink(path);
}

int main(int argc, char **argv) {
    struct host_test t = {"model", 0, 0};
    host_folder(&t);
    test_model_faults(&t, argc > 1 ? argv[1] : "build/tests/model/odd.gguf");
    test_keys(&t, argc > 1 ? argv[1] : "build/tests/model/odd.gguf");
    test_families(&t, argc > 1 ? argv[1] : "build/tests/model/odd.gguf");
    test_ends(&t, argc > 1 ? argv[1] : "build/tests/model/odd.gguf");
    test_shipped(&t);
    if (host_shared_has(&t, "models of others", "models/stories260K.gguf"))
        test_models(&t);
    return host_test_finish(&t);
}
