/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The llama architecture as a microcode program. A family of models is a function like
 * build_llama(): a new one is added beside it.
 */
#include "program.h"

#include "generated/device.h"

#define BLOCK 32u /* elements that share a vector address and a shift */

static uint32_t blocks_of(uint32_t elements) {
    return (elements + BLOCK - 1) / BLOCK;
}

/* Where vectors lie in a slot's vector SRAM, in units of 32 words. Feed-forward and attention
 * vectors are never alive together and share their place. */
struct places {
    uint32_t x;          /* residual stream */
    uint32_t n;          /* normalised, then the branch's output */
    uint32_t q, k, v, a; /* attention */
    uint32_t gate, up;   /* feed-forward */
    uint32_t end;
};

static struct places place_vectors(const struct fw_model *m) {
    struct places p;
    uint32_t attention_end, ffn_end;
    p.x = 0;
    p.n = p.x + blocks_of(m->dim);
    p.q = p.n + blocks_of(m->dim);
    p.k = p.q + blocks_of(m->heads * m->head_dim);
    p.v = p.k + blocks_of(m->kv_heads * m->head_dim);
    p.a = p.v + blocks_of(m->kv_heads * m->head_dim);
    attention_end = p.a + blocks_of(m->heads * m->head_dim);
    p.gate = p.q;
    p.up = p.gate + blocks_of(m->hidden);
    ffn_end = p.up + blocks_of(m->hidden);
    p.end = attention_end > ffn_end ? attention_end : ffn_end;
    return p;
}

static void emit(struct fw_program *p, uint32_t op, uint32_t tensor, uint32_t dst, uint32_t a,
                 uint32_t b, uint32_t n, uint32_t imm) {
    uint32_t *w = p->words[p->ops++];
    w[0] = op | tensor;
    w[1] = dst | (a << 16);
    w[2] = b | (n << 16);
    w[3] = imm;
}

static uint32_t global(uint32_t tensor) {
    return tensor << 16;
}

static uint32_t layer(uint32_t tensor) {
    return ((FW_GLOBAL_TENSORS + tensor) << 16) | LOCKSTEP_UCODE0_PER_LAYER_MASK;
}

static void build_llama(const struct fw_model *m, struct fw_program *p) {
    const struct places at = place_vectors(m);
    const uint32_t q_n = m->heads * m->head_dim, kv_n = m->kv_heads * m->head_dim;

    p->ops = 0;
    emit(p, LOCKSTEP_OP_ANGLES, 0, 0, 0, 0, 0, 0);
    emit(p, LOCKSTEP_OP_EMBED, global(FW_TOKEN_EMBD), at.x, 0, 0, m->dim, 0);

    emit(p, LOCKSTEP_OP_LOOP, 0, 0, 0, 0, 0, 0);
    emit(p, LOCKSTEP_OP_NORM, layer(FW_ATTN_NORM), at.n, at.x, 0, m->dim, m->eps);
    emit(p, LOCKSTEP_OP_QUANT, 0, 0, at.n, 0, m->dim, 0);
    emit(p, LOCKSTEP_OP_MATVEC, layer(FW_ATTN_Q), at.q, 0, 0, m->dim, 0);
    emit(p, LOCKSTEP_OP_MATVEC, layer(FW_ATTN_K), at.k, 0, 0, m->dim, 0);
    emit(p, LOCKSTEP_OP_MATVEC, layer(FW_ATTN_V), at.v, 0, 0, m->dim, 0);
    emit(p, LOCKSTEP_OP_ROPE, 0, at.q, at.q, 0, q_n, 0);
    emit(p, LOCKSTEP_OP_ROPE, 0, at.k, at.k, 0, kv_n, 0);
    emit(p, LOCKSTEP_OP_KV, 0, 0, at.k, at.v, kv_n, 0);
    emit(p, LOCKSTEP_OP_ATTEND, 0, at.a, at.q, 0, q_n, 0);
    emit(p, LOCKSTEP_OP_QUANT, 0, 0, at.a, 0, q_n, 0);
    emit(p, LOCKSTEP_OP_MATVEC, layer(FW_ATTN_OUTPUT), at.n, 0, 0, q_n, 0);
    emit(p, LOCKSTEP_OP_ADD, 0, at.x, at.x, at.n, m->dim, 0);

    emit(p, LOCKSTEP_OP_NORM, layer(FW_FFN_NORM), at.n, at.x, 0, m->dim, m->eps);
    emit(p, LOCKSTEP_OP_QUANT, 0, 0, at.n, 0, m->dim, 0);
    emit(p, LOCKSTEP_OP_MATVEC, layer(FW_FFN_GATE), at.gate, 0, 0, m->dim, 0);
    emit(p, LOCKSTEP_OP_MATVEC, layer(FW_FFN_UP), at.up, 0, 0, m->dim, 0);
    emit(p, LOCKSTEP_OP_SWIGLU, 0, at.gate, at.gate, at.up, m->hidden, 0);
    emit(p, LOCKSTEP_OP_QUANT, 0, 0, at.gate, 0, m->hidden, 0);
    emit(p, LOCKSTEP_OP_MATVEC, layer(FW_FFN_DOWN), at.n, 0, 0, m->hidden, 0);
    emit(p, LOCKSTEP_OP_ADD, 0, at.x, at.x, at.n, m->dim, 0);
    emit(p, LOCKSTEP_OP_NEXT, 0, 0, 0, 0, 0, 0);

    emit(p, LOCKSTEP_OP_WANT, 0, 0, 0, 0, 0, 0);
    emit(p, LOCKSTEP_OP_NORM, global(FW_OUTPUT_NORM), at.n, at.x, 0, m->dim, m->eps);
    emit(p, LOCKSTEP_OP_QUANT, 0, 0, at.n, 0, m->dim, 0);
    emit(p, LOCKSTEP_OP_LOGITS, global(FW_OUTPUT), 0, 0, 0, m->dim, 0);
    emit(p, LOCKSTEP_OP_END, 0, 0, 0, 0, 0, 0);
}

uint64_t program_kv_words(const struct fw_model *m) {
    return (uint64_t)m->sequences * m->layers * 2 * m->kv_heads * m->context *
           blocks_of(m->head_dim);
}

static int too_large(struct fw_refusal *why, const char *what, const char *parameter, uint64_t need,
                     uint64_t have) {
    if (need <= have)
        return 0;
    why->what = what;
    why->parameter = parameter;
    why->need = need;
    why->have = have;
    return 1;
}

int program_context(const struct fw_model *m, const struct fw_limits *limits,
                    struct fw_refusal *why) {
    return too_large(why, "positions of a sequence", "CONTEXT_MAX", m->context, limits->context) ||
           too_large(why, "sequences", "SEQS", m->sequences, limits->sequences) ||
           too_large(why, "words of the KV SRAM", "KV_WORDS", program_kv_words(m),
                     limits->kv_words);
}

int program_build(const struct fw_model *m, const struct fw_limits *limits,
                  struct fw_program *program, struct fw_refusal *why) {
    const uint32_t tensors = FW_GLOBAL_TENSORS + m->layers * FW_LAYER_TENSORS;
    const uint32_t widest = m->dim > m->hidden ? m->dim : m->hidden;

    if (too_large(why, "tensors in the descriptor table", "TENSORS", tensors, limits->tensors) ||
        too_large(why, "elements of the widest vector", "VEC_WORDS", widest,
                  limits->vector_words) ||
        too_large(why, "elements of the query vector", "VEC_WORDS",
                  (uint64_t)m->heads * m->head_dim, limits->vector_words) ||
        too_large(why, "elements of a head", 0, m->head_dim, limits->head_dim) ||
        too_large(why, "tokens in the vocabulary", 0, m->vocab, 1u << 20) ||
        too_large(why, "layers", 0, m->layers, 255) || too_large(why, "heads", 0, m->heads, 255) ||
        too_large(why, "words of a slot's vector SRAM", "VEC_WORDS",
                  (uint64_t)place_vectors(m).end * BLOCK, limits->vector_words))
        return -1;
    if (m->head_dim % limits->vector_lanes != 0 || m->n_rot % limits->vector_lanes != 0) {
        why->what = "elements of a head and of its rotary part, in multiples of the vector lanes";
        why->parameter = "VLANES";
        why->need = m->head_dim % limits->vector_lanes != 0 ? m->head_dim : m->n_rot;
        why->have = limits->vector_lanes;
        return -1;
    }
    for (uint32_t i = 0; i < tensors; i++) {
        const struct fw_tensor *t = &m->tensors[i];
        if (t->type > 31 || !((limits->types >> t->type) & 1u)) {
            why->what = "a tensor type that the device decodes";
            why->parameter = 0;
            why->need = t->type;
            why->have = limits->types;
            return -1;
        }
    }
    build_llama(m, program);
    return 0;
}

void program_descriptor(const struct fw_tensor *t, uint32_t words[4]) {
    words[0] = (uint32_t)t->address;
    words[1] = ((uint32_t)(t->address >> 32) & 0xffu) | (t->type << 8);
    words[2] = t->rows;
    words[3] = t->cols;
}

uint32_t program_attention_scale(uint32_t n) {
    /* 1/sqrt(n) = r * 2^-k with r in [2^23, 2^24]: the largest r with (2r-1)^2 n < 2^(2k+2),
     * which is the nearest one; a tie would make 1/sqrt(n) rational with an odd 25-bit part. */
    uint32_t k = 23, r = 0;
    while ((((uint64_t)1 << (2 * (k - 23))) < n)) /* 4^(k-23) >= n puts r at 2^23 or above */
        k++;
    for (uint32_t bit = 1u << 24; bit != 0; bit >>= 1) {
        uint64_t odd = 2 * (uint64_t)(r | bit) - 1; /* 26 bits */
        uint64_t high = (odd * odd) >> 32, low = (odd * odd) & 0xffffffffu;
        uint64_t product_high = high * n + ((low * n) >> 32); /* odd^2 n / 2^32 */
        if (product_high < (uint64_t)1 << (2 * k + 2 - 32))
            r |= bit;
    }
    if (r == 1u << 24)
        return (127u - (k - 24)) << 23;
    return ((127u - (k - 23)) << 23) + (r & 0x7fffffu);
}
