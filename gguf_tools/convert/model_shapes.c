/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Shapes by name: a small one of each family, and those of models that people have.
 */
#include "model_shape.h"

#define SMALL(family_name, ...)                                                                    \
    [FAMILY_##family_name] = {.dim = 64,                                                           \
                              .hidden = 172,                                                       \
                              .vocab = 512,                                                        \
                              .context = 256,                                                      \
                              .type = GGML_TYPE_Q4_0,                                              \
                              .family = FAMILY_##family_name,                                      \
                              __VA_ARGS__}

/* A head of 32 of which 8 turn; windows shorter than a prompt. */
static const struct model_shape small[FAMILY_COUNT] = {
    SMALL(llama, .layers = 5, .heads = 8, .kv_heads = 4),
    SMALL(qwen2, .layers = 5, .heads = 8, .kv_heads = 4),
    SMALL(qwen3, .layers = 4, .heads = 4, .kv_heads = 2, .head_dim = 32),
    SMALL(gemma, .layers = 4, .heads = 4, .kv_heads = 1, .head_dim = 32, .tied = true),
    SMALL(gemma2, .layers = 4, .heads = 4, .kv_heads = 2, .head_dim = 32, .window = 8,
          .tied = true),
    SMALL(gemma3, .layers = 7, .heads = 4, .kv_heads = 1, .head_dim = 32, .window = 8, .base = 1e6f,
          .tied = true),
    SMALL(phi3, .layers = 4, .heads = 4, .kv_heads = 2),
    SMALL(granite, .layers = 4, .heads = 4, .kv_heads = 2),
    SMALL(olmo2, .layers = 4, .heads = 4, .kv_heads = 2),
    SMALL(gpt2, .layers = 4, .heads = 4, .kv_heads = 4, .tied = true),
    SMALL(starcoder2, .layers = 4, .heads = 4, .kv_heads = 2, .biases = true),
    SMALL(stablelm, .layers = 4, .heads = 2, .kv_heads = 2, .rotary = 8, .biases = true),
    SMALL(gptneox, .layers = 4, .heads = 2, .kv_heads = 2, .rotary = 8),
    SMALL(phi2, .layers = 4, .heads = 2, .kv_heads = 2, .rotary = 8),
    SMALL(qwen2moe, .layers = 3, .heads = 4, .kv_heads = 2, .experts = 8, .experts_used = 3),
    SMALL(qwen3moe, .layers = 3, .heads = 4, .kv_heads = 2, .head_dim = 32, .experts = 8,
          .experts_used = 2),
};

const struct model_shape *model_shape_of(enum family_number family) {
    return &small[family];
}

/* As their config.json has them, in the order of MODEL_SHAPES; the mix is that of the file most
 * used. */
static const struct model_shape published[] = {
    /* SmolLM2-135M */
    {.family = FAMILY_llama,
     .dim = 576,
     .hidden = 1536,
     .layers = 30,
     .heads = 9,
     .kv_heads = 3,
     .vocab = 49152,
     .context = 8192,
     .base = 1e5f,
     .tied = true,
     .type = GGML_TYPE_Q8_0},
    /* Qwen2.5-0.5B */
    {.family = FAMILY_qwen2,
     .dim = 896,
     .hidden = 4864,
     .layers = 24,
     .heads = 14,
     .kv_heads = 2,
     .vocab = 151936,
     .context = 32768,
     .base = 1e6f,
     .tied = true,
     .type = GGML_TYPE_Q4_K,
     .mix = "Q4_K_M"},
    /* Qwen3-0.6B */
    {.family = FAMILY_qwen3,
     .dim = 1024,
     .hidden = 3072,
     .layers = 28,
     .heads = 16,
     .kv_heads = 8,
     .head_dim = 128,
     .vocab = 151936,
     .context = 40960,
     .base = 1e6f,
     .tied = true,
     .type = GGML_TYPE_Q8_0},
    /* Gemma-3-270M */
    {.family = FAMILY_gemma3,
     .dim = 640,
     .hidden = 2048,
     .layers = 18,
     .heads = 4,
     .kv_heads = 1,
     .head_dim = 256,
     .vocab = 262144,
     .context = 32768,
     .window = 512,
     .base = 1e6f,
     .tied = true,
     .type = GGML_TYPE_Q8_0},
    /* GPT-2-124M */
    {.family = FAMILY_gpt2,
     .dim = 768,
     .hidden = 3072,
     .layers = 12,
     .heads = 12,
     .kv_heads = 12,
     .vocab = 50257,
     .context = 1024,
     .tied = true,
     .type = GGML_TYPE_F16},
    /* TinyLlama-1.1B */
    {.family = FAMILY_llama,
     .dim = 2048,
     .hidden = 5632,
     .layers = 22,
     .heads = 32,
     .kv_heads = 4,
     .vocab = 32000,
     .context = 2048,
     .type = GGML_TYPE_Q4_K,
     .mix = "Q4_K_M"},
    /* Llama-3.2-1B */
    {.family = FAMILY_llama,
     .dim = 2048,
     .hidden = 8192,
     .layers = 16,
     .heads = 32,
     .kv_heads = 8,
     .vocab = 128256,
     .context = 131072,
     .base = 5e5f,
     .scaling = SCALING_LLAMA3,
     .tied = true,
     .type = GGML_TYPE_Q4_K,
     .mix = "Q4_K_M"},
    /* Phi-2 */
    {.family = FAMILY_phi2,
     .dim = 2560,
     .hidden = 10240,
     .layers = 32,
     .heads = 32,
     .kv_heads = 32,
     .rotary = 32,
     .vocab = 51200,
     .context = 2048,
     .type = GGML_TYPE_Q4_K,
     .mix = "Q4_K_M"},
    /* StableLM-2-12B */
    {.family = FAMILY_stablelm,
     .dim = 5120,
     .hidden = 13824,
     .layers = 40,
     .heads = 32,
     .kv_heads = 8,
     .rotary = 40,
     .parallel = true,
     .vocab = 100352,
     .context = 4096,
     .type = GGML_TYPE_Q4_K,
     .mix = "Q4_K_M"},
    /* Qwen1.5-MoE-A2.7B */
    {.family = FAMILY_qwen2moe,
     .dim = 2048,
     .hidden = 1408,
     .shared = 5632,
     .layers = 24,
     .heads = 16,
     .kv_heads = 16,
     .experts = 60,
     .experts_used = 4,
     .vocab = 151936,
     .context = 8192,
     .base = 1e6f,
     .type = GGML_TYPE_Q4_K,
     .mix = "Q4_K_M"},
    /* Qwen3-30B-A3B */
    {.family = FAMILY_qwen3moe,
     .dim = 2048,
     .hidden = 768,
     .layers = 48,
     .heads = 32,
     .kv_heads = 4,
     .head_dim = 128,
     .experts = 128,
     .experts_used = 8,
     .vocab = 151936,
     .context = 40960,
     .base = 1e6f,
     .type = GGML_TYPE_Q4_K,
     .mix = "Q4_K_M"},
    /* Mixtral-8x7B */
    {.family = FAMILY_llama,
     .dim = 4096,
     .hidden = 14336,
     .layers = 32,
     .heads = 32,
     .kv_heads = 8,
     .experts = 8,
     .experts_used = 2,
     .vocab = 32000,
     .context = 32768,
     .base = 1e6f,
     .type = GGML_TYPE_Q4_K,
     .mix = "Q4_K_M"},
};

const struct model_shape *model_shape_published(unsigned place) {
    return &published[place];
}
