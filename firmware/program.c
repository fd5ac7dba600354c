/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the programs of all families share: the tensor table, what fits the device, instructions.
 */
#include "program_build.h"

#define BLOCK 32u /* elements that share a vector address and a shift */

_Static_assert(ROLES <= 64, "a set of roles is a mask of 64 bits");

static uint32_t blocks_of(uint32_t elements) {
    return (elements + BLOCK - 1) / BLOCK;
}

/* ---- The tensor table ---- */

static uint32_t count_roles(uint64_t roles) {
    uint32_t count = 0;
    for (; roles != 0; roles &= roles - 1)
        count++;
    return count;
}

uint32_t program_stride(const struct fw_model *m) {
    return count_roles(m->roles & roles_of_layer);
}

uint32_t program_pieces(const struct fw_model *m) {
    return (m->roles & ROLE_BIT(ROLE_OUTPUT_BIAS)) == 0
               ? 0
               : (m->vocab + LOCKSTEP_OFFER_ROWS - 1) / LOCKSTEP_OFFER_ROWS;
}

uint32_t program_piece_place(const struct fw_model *m, uint32_t piece) {
    return count_roles(m->roles & ~roles_of_layer) + m->layers * program_stride(m) + 2 * piece;
}

uint32_t program_tensors(const struct fw_model *m) {
    return program_piece_place(m, program_pieces(m));
}

uint32_t program_place(const struct fw_model *m, enum role role, uint32_t layer) {
    const uint32_t place = count_roles(m->roles & (ROLE_BIT(role) - 1));
    return (roles_of_layer & ROLE_BIT(role)) != 0 ? place + layer * program_stride(m) : place;
}

/* ---- Instructions ---- */

uint32_t build_vector(struct build *b, uint32_t elements) {
    const uint32_t place = b->free;
    b->free += blocks_of(elements);
    b->most = b->free > b->most ? b->free : b->most;
    return place;
}

static uint32_t build_tensor(uint32_t place) {
    return place << LOCKSTEP_UCODE0_TENSOR_SHIFT;
}

uint32_t build_role(const struct build *b, enum role role) {
    const uint32_t tensor = build_tensor(program_place(b->model, role, 0));
    const uint32_t of_layer = (roles_of_layer & ROLE_BIT(role)) != 0;
    const uint32_t of_expert = (roles_of_experts & ROLE_BIT(role)) != 0;
    return tensor | (of_layer ? LOCKSTEP_UCODE0_PER_LAYER_MASK : 0) |
           (of_expert ? LOCKSTEP_UCODE0_EXPERT_MASK : 0);
}

static void append(struct build *b, uint32_t op, uint32_t role, uint32_t dst, uint32_t a,
                   uint32_t vector_b, uint32_t n, uint32_t immediate) {
    struct fw_program *p = b->program;
    if (p->ops < FW_PROGRAM_OPS) {
        uint32_t *w = p->words[p->ops];
        w[0] = op | role;
        w[1] = dst | (a << LOCKSTEP_UCODE1_A_SHIFT);
        w[2] = vector_b | (n << LOCKSTEP_UCODE2_N_SHIFT);
        w[3] = immediate;
    }
    p->ops++;
}

void build_op(struct build *b, uint32_t op, uint32_t role, uint32_t dst, uint32_t a,
              uint32_t vector_b, uint32_t n) {
    const int norm =
        op == LOCKSTEP_OP_NORM || op == LOCKSTEP_OP_HEADNORM || op == LOCKSTEP_OP_HEADNORM_OWN;
    append(b, op, role, dst, a, vector_b, n, norm ? b->model->eps : 0);
}

void build_angles(struct build *b) {
    append(b, LOCKSTEP_OP_ANGLES, BUILD_NONE, 0, 0, 0, 0, b->model->rope_magnitude);
    if (b->model->local_rope_base != 0)
        append(b, LOCKSTEP_OP_ANGLES, LOCKSTEP_UCODE0_BANK_MASK, 0, 0, 0, 0, BUILD_ONE);
}

void build_scale(struct build *b, uint32_t x, uint32_t n, uint32_t factor) {
    if (factor != BUILD_ONE)
        append(b, LOCKSTEP_OP_SCALE, BUILD_NONE, x, x, 0, n, factor);
}

void build_linear(struct build *b, enum role weights, enum role bias, uint32_t dst, uint32_t rows,
                  uint32_t n) {
    build_op(b, LOCKSTEP_OP_MATVEC, build_role(b, weights), dst, 0, 0, n);
    if ((b->model->roles & ROLE_BIT(bias)) != 0)
        build_op(b, LOCKSTEP_OP_BIAS, build_role(b, bias), dst, dst, 0, rows);
}

void build_logits(struct build *b, uint32_t n) {
    const uint32_t pieces = program_pieces(b->model), vocab = b->model->vocab;
    if (pieces == 0) {
        build_op(b, LOCKSTEP_OP_LOGITS, build_role(b, ROLE_OUTPUT), 0, 0, 0, n);
        return;
    }
    const uint32_t y = build_vector(b, vocab < LOCKSTEP_OFFER_ROWS ? vocab : LOCKSTEP_OFFER_ROWS);
    for (uint32_t piece = 0; piece < pieces; piece++) {
        const uint32_t first = piece * LOCKSTEP_OFFER_ROWS, left = vocab - first;
        const uint32_t rows = left < LOCKSTEP_OFFER_ROWS ? left : LOCKSTEP_OFFER_ROWS;
        const uint32_t place = program_piece_place(b->model, piece);
        build_op(b, LOCKSTEP_OP_MATVEC, build_tensor(place), y, 0, 0, n);
        build_op(b, LOCKSTEP_OP_BIAS, build_tensor(place + 1), y, y, 0, rows);
        append(b, LOCKSTEP_OP_OFFER, BUILD_NONE, 0, y, 0, rows, first);
    }
}

#define BUILD_FAMILY(name) [FAMILY_##name] = build_##name,
static void (*const builders[FAMILY_COUNT])(struct build *) = {FAMILIES(BUILD_FAMILY)};
#undef BUILD_FAMILY

/* ---- What fits ---- */

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
    const uint64_t learned = (m->roles & ROLE_BIT(ROLE_POSITION_EMBD)) == 0
                                 ? m->context
                                 : m->tensors[program_place(m, ROLE_POSITION_EMBD, 0)].rows;
    return too_large(why, "positions of a sequence", "CONTEXT_MAX", m->context, limits->context) ||
           too_large(why, "positions that the model has learned", 0, m->context, learned) ||
           too_large(why, "sequences", "SEQS", m->sequences, limits->sequences) ||
           too_large(why, "words of the KV SRAM", "KV_WORDS", program_kv_words(m),
                     limits->kv_words);
}

int program_build(const struct fw_model *m, const struct fw_limits *limits,
                  struct fw_program *program, struct fw_refusal *why) {
    const uint32_t tensors = program_tensors(m);
    const uint32_t hidden = m->shared_hidden > m->hidden ? m->shared_hidden : m->hidden;
    const uint32_t widest = m->dim > hidden ? m->dim : hidden;
    struct build b = {.model = m, .program = program};

    program->ops = 0;
    builders[m->family](&b);
    if (too_large(why, "tensors in the descriptor table", "TENSORS", tensors, limits->tensors) ||
        too_large(why, "elements of the widest vector", "VEC_WORDS", widest,
                  limits->vector_words) ||
        too_large(why, "elements of the query vector", "VEC_WORDS",
                  (uint64_t)m->heads * m->head_dim, limits->vector_words) ||
        too_large(why, "elements of a head", 0, m->head_dim, limits->head_dim) ||
        too_large(why, "tokens in the vocabulary", 0, m->vocab, 1u << 20) ||
        too_large(why, "experts of a layer", 0, m->experts, LOCKSTEP_EXPERTS_MAX) ||
        too_large(why, "layers", 0, m->layers, 255) || too_large(why, "heads", 0, m->heads, 255) ||
        too_large(why, "words of a slot's vector SRAM", "VEC_WORDS", (uint64_t)b.most * BLOCK,
                  limits->vector_words) ||
        too_large(why, "instructions of the program", "UCODE_OPS", program->ops,
                  limits->ucode_ops < FW_PROGRAM_OPS ? limits->ucode_ops : FW_PROGRAM_OPS))
        return -1;
    for (uint32_t i = 0; i < tensors; i++) {
        const struct fw_tensor *t = &m->tensors[i];
        if (t->type > 63 || !((limits->types >> t->type) & 1u)) {
            why->what = "a tensor type that the device decodes";
            why->parameter = 0;
            why->need = t->type;
            why->have = limits->types;
            return -1;
        }
    }
    return 0;
}

void program_descriptor(const struct fw_tensor *t, uint32_t words[4]) {
    words[0] = (uint32_t)t->address;
    words[1] = ((uint32_t)(t->address >> 32) & 0xffu) | (t->type << 8);
    words[2] = t->rows;
    words[3] = t->cols;
}
