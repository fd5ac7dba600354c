/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The program of each family: its ops and the tensors that they use, in the order of
 * docs/numerics.md, section 13, and that no vector is read after another has taken its place, or
 * replaced before it is read. A
 * program with two vectors in one place is planted, and must be found.
 */
#include <string.h>

#include "csrc/base/device_info.h"
#include "csrc/model/family.h"
#include "firmware/program.h"
#include "generated/device.h"
#include "tests/kit/host_test.h"

/* A line an op: its name, its tensor's; behind QUANT what it reads, by the tensor or op it is of.
 */
#define RMS(name)      "NORM " name ".weight\n"
#define LN(name)       "CENTER\nNORM " name ".weight\nBIAS " name ".bias\n"
#define W(name)        "MATVEC " name ".weight\n"
#define WB(name)       "MATVEC " name ".weight\nBIAS " name ".bias\n"
#define OF(value)      "QUANT of " value "\n"
#define BEGIN          "ANGLES\nEMBED token_embd.weight\n"
#define QKV(of)        OF(of) W("attn_q") W("attn_k") W("attn_v")
#define QKV_BIASES(of) OF(of) WB("attn_q") WB("attn_k") WB("attn_v")
#define HEADS          "ROW attn_q_norm.weight\nHEADNORM\nROW attn_k_norm.weight\nHEADNORM\n"
#define OWN_HEADS(q)   "HEADCENTER\nROW attn_" q "_norm.weight\nHEADNORM_OWN\n"
#define TURN           "ROPE\nROPE\n"
#define ATTEND         "KV\nATTEND\n" OF("ATTEND")
#define GATED(of, op)  OF(of) W("ffn_gate") W("ffn_up") op "\n" OF(op) W("ffn_down")
#define PLAIN(of)      OF(of) WB("ffn_up") "GELU\n" OF("GELU") WB("ffn_down")
#define END(norm, of)  "NEXT\nWANT\n" norm("output_norm") OF(of) "LOGITS output.weight\nEND\n"
#define END_RMS        END(RMS, "output_norm.weight")
#define END_LN         END(LN, "output_norm.bias")
#define EXPERT(of, x)                                                                              \
    OF(of) W("ffn_gate" x) W("ffn_up" x) "SWIGLU\n" OF("SWIGLU") W("ffn_down" x) "WEIGH\nADD\n"
#define EXPERTS(of) OF(of) W("ffn_gate_inp") "ROUTE\nEXPERTS\n" EXPERT(of, "_exps") "NEXT_EXPERT\n"
#define SHARED(of)  OF(of) W("ffn_gate_inp_shexp") "SIGMOID\n" EXPERT(of, "_shexp")
#define PIECE       WB("output") "OFFER\n"

enum { SHARED_HIDDEN = 160, EXPERT_COUNT = 70 };
enum { DIM = 64, HIDDEN = 96, LAYERS = 3, HEAD_DIM = 48, KV_HEADS = 2, VOCAB = 40, TENSORS = 256 };
#define FACTOR 0x40400000u /* of each scale: 3 */

struct example {
    enum family_number family;
    uint64_t without; /* roles that it has not */
    uint32_t heads;
    uint8_t halves, parallel, scales, two_angles, learned, experts;
    uint32_t vocab; /* 0: VOCAB */
    const char *ops;
};

/* Optional biases are left out, unless the family's models have them as a rule. */
static const struct example examples[] = {
    {FAMILY_llama, ROLES_QKV_BIASES | ROLES_LINEAR_BIASES | ROLE_BIT(ROLE_FFN_GATE_BIAS), 4,
     .ops = BEGIN "LOOP\n" RMS("attn_norm") QKV("attn_norm.weight") TURN ATTEND W(
         "attn_output") "ADD\n" RMS("ffn_norm") GATED("ffn_norm.weight", "SWIGLU") "ADD\n" END_RMS},
    {FAMILY_llama,
     ROLES_QKV_BIASES | ROLES_LINEAR_BIASES | ROLE_BIT(ROLE_FFN_GATE_BIAS) |
         ROLE_BIT(ROLE_FFN_GATE) | ROLE_BIT(ROLE_FFN_UP) | ROLE_BIT(ROLE_FFN_DOWN),
     4, .experts = 1,
     .ops = BEGIN "LOOP\n" RMS("attn_norm") QKV("attn_norm.weight")
         TURN ATTEND W("attn_output") "ADD\n" RMS("ffn_norm") EXPERTS("ffn_norm.weight") END_RMS},
    {FAMILY_qwen2moe, 0, 4, .halves = 1, .experts = 2,
     .ops = BEGIN "LOOP\n" RMS("attn_norm") QKV_BIASES("attn_norm.weight")
         TURN ATTEND W("attn_output") "ADD\n" RMS("ffn_norm") EXPERTS("ffn_norm.weight")
             SHARED("ffn_norm.weight") END_RMS},
    {FAMILY_qwen3moe, 0, 4, .halves = 1, .experts = 1,
     .ops = BEGIN "LOOP\n" RMS("attn_norm") QKV("attn_norm.weight") HEADS TURN ATTEND W(
         "attn_output") "ADD\n" RMS("ffn_norm") EXPERTS("ffn_norm.weight") END_RMS},
    {FAMILY_qwen2, 0, 4, .halves = 1,
     .ops = BEGIN "LOOP\n" RMS("attn_norm") QKV_BIASES("attn_norm.weight") TURN ATTEND W(
         "attn_output") "ADD\n" RMS("ffn_norm") GATED("ffn_norm.weight", "SWIGLU") "ADD\n" END_RMS},
    {FAMILY_qwen3, 0, 4, .halves = 1,
     .ops = BEGIN "LOOP\n" RMS("attn_norm") QKV("attn_norm.weight") HEADS TURN ATTEND W(
         "attn_output") "ADD\n" RMS("ffn_norm") GATED("ffn_norm.weight", "SWIGLU") "ADD\n" END_RMS},
    {FAMILY_qwen3, 0, 4, /* turned where they lie, as no family with norms of heads is today */
     .ops = BEGIN "LOOP\n" RMS("attn_norm") QKV("attn_norm.weight") HEADS TURN ATTEND W(
         "attn_output") "ADD\n" RMS("ffn_norm") GATED("ffn_norm.weight", "SWIGLU") "ADD\n" END_RMS},
    {FAMILY_gemma, 0, 4, .halves = 1, .scales = 1,
     .ops = BEGIN "SCALE\nLOOP\n" RMS("attn_norm") QKV("attn_norm.weight") TURN ATTEND W(
         "attn_output") "ADD\n" RMS("ffn_norm") GATED("ffn_norm.weight", "GEGLU") "ADD\n" END_RMS},
    {FAMILY_gemma2, 0, 4, .halves = 1, .scales = 1,
     .ops = BEGIN "SCALE\nLOOP\n" RMS("attn_norm") QKV("attn_norm.weight")
         TURN ATTEND W("attn_output") RMS("post_attention_norm") "ADD\n" RMS("ffn_norm")
             GATED("ffn_norm.weight", "GEGLU") RMS("post_ffw_norm") "ADD\n" END_RMS},
    {FAMILY_gemma3, 0, 4, .halves = 1, .scales = 1, .two_angles = 1,
     .ops = "ANGLES\n" BEGIN "SCALE\nLOOP\n" RMS("attn_norm") QKV("attn_norm.weight")
         HEADS TURN ATTEND W("attn_output") RMS("post_attention_norm") "ADD\n" RMS("ffn_norm")
             GATED("ffn_norm.weight", "GEGLU") RMS("post_ffw_norm") "ADD\n" END_RMS},
    {FAMILY_phi3, 0, 4, .halves = 1,
     .ops = BEGIN "LOOP\n" RMS("attn_norm") QKV("attn_norm.weight") TURN ATTEND W(
         "attn_output") "ADD\n" RMS("ffn_norm") GATED("ffn_norm.weight", "SWIGLU") "ADD\n" END_RMS},
    {FAMILY_granite, 0, 4, .scales = 2,
     .ops = BEGIN "SCALE\nLOOP\n" RMS("attn_norm") QKV("attn_norm.weight")
         TURN ATTEND W("attn_output") "SCALE\nADD\n" RMS("ffn_norm")
             GATED("ffn_norm.weight", "SWIGLU") "SCALE\nADD\n" END_RMS},
    {FAMILY_olmo2, 0, 4, .halves = 1,
     .ops = BEGIN "LOOP\n" QKV("token_embd.weight") RMS("attn_q_norm") RMS("attn_k_norm")
         TURN ATTEND W("attn_output") RMS("post_attention_norm") "ADD\n" GATED("ADD", "SWIGLU")
             RMS("post_ffw_norm") "ADD\n" END_RMS},
    {FAMILY_gpt2, 0, 2, .learned = 1,
     .ops = "EMBED token_embd.weight\nPOSITION position_embd.weight\nADD\nLOOP\n" LN("attn_norm")
         QKV_BIASES("attn_norm.bias") ATTEND WB("attn_output") "ADD\n" LN("ffn_norm")
             PLAIN("ffn_norm.bias") "ADD\n" END_LN},
    {FAMILY_starcoder2, 0, 4, .halves = 1,
     .ops = BEGIN "LOOP\n" LN("attn_norm") QKV_BIASES("attn_norm.bias") TURN ATTEND WB(
         "attn_output") "ADD\n" LN("ffn_norm") PLAIN("ffn_norm.bias") "ADD\n" END_LN},
    {FAMILY_stablelm, ROLES_QKV_BIASES | ROLES_HEAD_NORMS, 2, .halves = 1,
     .ops = BEGIN "LOOP\n" LN("attn_norm") QKV("attn_norm.bias") TURN ATTEND W(
         "attn_output") "ADD\n" LN("ffn_norm") GATED("ffn_norm.bias", "SWIGLU") "ADD\n" END_LN},
    {FAMILY_stablelm, ROLE_BIT(ROLE_FFN_NORM) | ROLE_BIT(ROLE_FFN_NORM_BIAS), 2, .halves = 1,
     .parallel = 1,
     .ops =
         BEGIN "LOOP\n" LN("attn_norm") QKV_BIASES("attn_norm.bias") OWN_HEADS("q") OWN_HEADS("k")
             TURN ATTEND W("attn_output") "ADD\n" GATED("attn_norm.bias", "SWIGLU") "ADD\n" END_LN},
    {FAMILY_stablelm, ROLE_BIT(ROLE_FFN_NORM) | ROLE_BIT(ROLE_FFN_NORM_BIAS), 2, .parallel = 1,
     .ops =
         BEGIN "LOOP\n" LN("attn_norm") QKV_BIASES("attn_norm.bias") OWN_HEADS("q") OWN_HEADS("k")
             TURN ATTEND W("attn_output") "ADD\n" GATED("attn_norm.bias", "SWIGLU") "ADD\n" END_LN},
    {FAMILY_stablelm, /* a norm of keys alone */
     ROLES_QKV_BIASES | ROLE_BIT(ROLE_FFN_NORM) | ROLE_BIT(ROLE_FFN_NORM_BIAS) |
         ROLE_BIT(ROLE_ATTN_Q_NORM),
     4, .halves = 1, .parallel = 1,
     .ops = BEGIN "LOOP\n" LN("attn_norm") QKV("attn_norm.bias") OWN_HEADS("k")
         TURN ATTEND W("attn_output") "ADD\n" GATED("attn_norm.bias", "SWIGLU") "ADD\n" END_LN},
    {FAMILY_gptneox, 0, 2, .halves = 1,
     .ops = BEGIN "LOOP\n" LN("attn_norm") QKV_BIASES("attn_norm.bias") TURN ATTEND WB(
         "attn_output") "ADD\n" LN("ffn_norm") PLAIN("ffn_norm.bias") "ADD\n" END_LN},
    {FAMILY_gptneox, 0, 2, .halves = 1, .parallel = 1,
     .ops = BEGIN "LOOP\n" LN("attn_norm") QKV_BIASES("attn_norm.bias") TURN ATTEND WB(
         "attn_output") LN("ffn_norm") "ADD\n" PLAIN("ffn_norm.bias") "ADD\n" END_LN},
    {FAMILY_phi2, 0, 2, .halves = 1, .parallel = 1, .vocab = 2 * LOCKSTEP_OFFER_ROWS + 1,
     .ops = BEGIN "LOOP\n" LN("attn_norm") QKV_BIASES("attn_norm.bias") TURN ATTEND WB(
         "attn_output") "ADD\n" PLAIN("attn_norm.bias") "ADD\nNEXT\nWANT\n" LN("output_norm")
         OF("output_norm.bias") PIECE PIECE PIECE "END\n"},
    {FAMILY_phi2, ROLE_BIT(ROLE_OUTPUT_BIAS), 2, .halves = 1, .parallel = 1,
     .ops = BEGIN "LOOP\n" LN("attn_norm") QKV_BIASES("attn_norm.bias")
         TURN ATTEND WB("attn_output") "ADD\n" PLAIN("attn_norm.bias") "ADD\n" END_LN},
};

static struct fw_tensor tensors[TENSORS];

static struct fw_model make_model(const struct example *e) {
    const struct family *family = family_at(e->family);
    const uint32_t one = 0x3f800000;
    for (uint32_t i = 0; i < TENSORS; i++)
        tensors[i] = (struct fw_tensor){.type = LOCKSTEP_TYPE_F32, .rows = 1000};
    return (struct fw_model){.family = e->family,
                             .roles = ROLE_BIT(ROLE_OUTPUT) |
                                      (e->experts != 0 ? family->experts : 0) |
                                      ((family->required | family->optional) & ~e->without),
                             .dim = DIM,
                             .hidden = HIDDEN,
                             .experts = e->experts != 0 ? EXPERT_COUNT : 0,
                             .experts_used = e->experts != 0 ? 3 : 0,
                             .shared_hidden = e->experts == 2 ? SHARED_HIDDEN : 0,
                             .layers = LAYERS,
                             .heads = e->heads,
                             .kv_heads = KV_HEADS,
                             .head_dim = HEAD_DIM,
                             .n_rot = e->learned ? 0 : HEAD_DIM,
                             .rope_halves = e->halves,
                             .vocab = e->vocab != 0 ? e->vocab : VOCAB,
                             .context = 20,
                             .sequences = 1,
                             .parallel_residual = e->parallel,
                             .rope_magnitude = 0x3fa00000, /* 1.25 */
                             .local_rope_base = e->two_angles ? 0x461c4000 : 0,
                             .embedding_scale = e->scales ? FACTOR : one,
                             .residual_scale = e->scales == 2 ? FACTOR : one,
                             .tensors = tensors};
}

static uint32_t op_of(const uint32_t w[4]) {
    return w[0] & LOCKSTEP_UCODE0_OP_MASK;
}

/* The role at a place of the tensor table's front, or of the pieces at its end. */
static enum role role_at(const struct fw_model *m, uint32_t place) {
    const uint32_t pieces = program_piece_place(m, 0);
    if (place >= pieces && place < program_tensors(m))
        return (place - pieces) % 2 == 0 ? ROLE_OUTPUT : ROLE_OUTPUT_BIAS;
    for (enum role role = 0; role < ROLES; role++)
        if ((m->roles & ROLE_BIT(role)) != 0 && program_place(m, role, 0) == place)
            return role;
    return ROLES;
}

/* What an instruction is known by: its tensor, or its op. */
static const char *name_of(const struct fw_model *m, const uint32_t w[4]) {
    const enum role role = role_at(m, w[0] >> LOCKSTEP_UCODE0_TENSOR_SHIFT);
    const bool uses = (LOCKSTEP_OPS_TENSOR >> op_of(w) & 1) != 0 && role != ROLES;
    return uses ? role_bare_name(role) : op_info[op_of(w)].name;
}

static void write_program(const struct fw_model *m, const struct fw_program *p, char *text,
                          size_t room) {
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < p->ops && used < room; i++) {
        const uint32_t *w = p->words[i], op = op_of(w);
        const char *name = name_of(m, w), *of = "";
        for (uint32_t k = 0; op == LOCKSTEP_OP_QUANT && k < i; k++) /* the last that wrote it */
            if ((LOCKSTEP_OPS_DST >> op_of(p->words[k]) & 1) != 0 &&
                (p->words[k][1] & 0xffffu) == w[1] >> 16)
                of = name_of(m, p->words[k]);
        if (op == LOCKSTEP_OP_QUANT)
            used += (size_t)snprintf(text + used, room - used, "QUANT of %s\n", of);
        else if (name == op_info[op].name)
            used += (size_t)snprintf(text + used, room - used, "%s\n", name);
        else
            used += (size_t)snprintf(text + used, room - used, "%s %s\n", op_info[op].name, name);
    }
}

/* ---- what a vector holds ---- */

enum { BLOCKS = 4096 / 32 };

struct memory {
    uint32_t writer[BLOCKS]; /* a number for each op that wrote; 0: none */
    bool read[BLOCKS];       /* since then */
    uint32_t begin[BLOCKS];  /* of the whole that it wrote */
    uint32_t end[BLOCKS], count;
};

/* Writes; whether something is lost that nobody has read. */
static bool put(struct memory *m, uint32_t at, uint32_t n) {
    const uint32_t end = at + (n + 31) / 32;
    bool lost = false;
    m->count++;
    for (uint32_t i = at; i < end; i++) {
        lost = lost || (m->writer[i] != 0 && !m->read[i]);
        m->read[i] = false;
        m->writer[i] = m->count;
        m->begin[i] = at;
        m->end[i] = end;
    }
    return lost;
}

/* Reads; whether `n` words from `at` on are what one op wrote there, all of it. */
static bool holds(struct memory *m, uint32_t at, uint32_t n) {
    const uint32_t end = at + (n + 31) / 32;
    for (uint32_t i = at; i < end; i++)
        m->read[i] = true;
    for (uint32_t i = at; i < end; i++)
        if (m->writer[i] == 0 || m->writer[i] != m->writer[at] || m->begin[i] != at ||
            m->end[i] != end)
            return false;
    return true;
}

/* How often something is read that is not there any more, or replaced unread, in two layers. */
static uint32_t lost_values(const struct fw_model *m, const struct fw_program *p) {
    static struct memory memory;
    uint32_t lost = 0, loop = 0, layer = 0, experts = 0, expert = 0;
    memset(&memory, 0, sizeof memory);
    for (uint32_t pc = 0; pc < p->ops; pc++) {
        const uint32_t *w = p->words[pc], op = op_of(w);
        const uint32_t dst = w[1] & 0xffffu, a = w[1] >> 16, b = w[2] & 0xffffu, n = w[2] >> 16;
        if (op == LOCKSTEP_OP_LOOP)
            loop = pc;
        if (op == LOCKSTEP_OP_NEXT && layer++ == 0)
            pc = loop;
        if (op == LOCKSTEP_OP_EXPERTS) {
            experts = pc;
            expert = 1;
        }
        if (op == LOCKSTEP_OP_NEXT_EXPERT) { /* of each layer two */
            pc = expert == 1 ? experts : pc;
            expert = (expert + 1) % 3;
        }
        if ((LOCKSTEP_OPS_A >> op & 1) != 0)
            lost += !holds(&memory, a, n);
        if ((LOCKSTEP_OPS_B >> op & 1) != 0)
            lost += !holds(&memory, b,
                           op == LOCKSTEP_OP_HEADNORM ? m->head_dim
                           : op != LOCKSTEP_OP_WEIGH  ? n
                           : expert != 0              ? m->experts
                                                      : 1);
        if (op == LOCKSTEP_OP_MATVEC) {
            const struct role_sizes s = {.vocab = m->vocab,
                                         .dim = m->dim,
                                         .hidden = m->hidden,
                                         .experts = m->experts,
                                         .shared = m->shared_hidden,
                                         .q = (uint64_t)m->heads * m->head_dim,
                                         .kv = (uint64_t)m->kv_heads * m->head_dim};
            const uint64_t rows = role_rows(role_at(m, w[0] >> 16), &s);
            const uint32_t place = w[0] >> 16, pieces = program_piece_place(m, 0);
            const uint64_t first = place < pieces ? 0 : (place - pieces) / 2 * LOCKSTEP_OFFER_ROWS;
            lost +=
                put(&memory, dst,
                    place < pieces || rows - first < LOCKSTEP_OFFER_ROWS ? (uint32_t)(rows - first)
                                                                         : LOCKSTEP_OFFER_ROWS);
        } else if ((LOCKSTEP_OPS_DST >> op & 1) != 0) {
            lost += put(&memory, dst, n);
        }
    }
    return lost;
}

/* ---- */

static const struct fw_limits limits = {.lanes = 2,
                                        .vector_lanes = 8,
                                        .port_bits = 128,
                                        .kv_words = 1 << 20,
                                        .vector_words = 4096,
                                        .sequences = 4,
                                        .ucode_ops = 64,
                                        .tensors = TENSORS,
                                        .context = 256,
                                        .head_dim = 256,
                                        .types = LOCKSTEP_TYPES};

/* What an op does not have is 0. */
static void test_unused(struct host_test *t, const struct fw_program *p) {
    for (uint32_t i = 0; i < p->ops; i++) {
        const uint32_t *w = p->words[i], op = op_of(w);
        const bool dst = in_mask(LOCKSTEP_OPS_DST | LOCKSTEP_OPS_ROWS, op);
        CHECK(t,
              (dst || (w[1] & 0xffffu) == 0) && (in_mask(LOCKSTEP_OPS_A, op) || w[1] >> 16 == 0) &&
                  (in_mask(LOCKSTEP_OPS_B, op) || (w[2] & 0xffffu) == 0) &&
                  (in_mask(LOCKSTEP_OPS_N, op) || w[2] >> 16 == 0),
              "%s %u: %08x %08x", op_name(op), i, w[1], w[2]);
    }
}

static void test_immediates(struct host_test *t, const struct fw_model *m,
                            const struct fw_program *p) {
    uint32_t angles = 0, offered = 0;
    for (uint32_t i = 0; i < p->ops; i++) {
        const uint32_t *w = p->words[i];
        const bool second = (w[0] & LOCKSTEP_UCODE0_BANK_MASK) != 0;
        switch (op_of(w)) {
        case LOCKSTEP_OP_ANGLES:
            CHECK(t, w[3] == (second ? 0x3f800000 : m->rope_magnitude), "magnitude %x", w[3]);
            CHECK(t, second == (angles++ == 1), "bank");
            break;
        case LOCKSTEP_OP_OFFER:
            CHECK(t, w[3] == offered, "offers from %u on, not %u", w[3], offered);
            offered += w[2] >> 16;
            break;
        case LOCKSTEP_OP_SCALE:
            CHECK(t, w[3] == FACTOR, "scale by %x", w[3]);
            break;
        case LOCKSTEP_OP_NORM:
        case LOCKSTEP_OP_HEADNORM:
            CHECK(t, w[3] == m->eps, "epsilon %x", w[3]);
            break;
        default:
            CHECK(t, w[3] == 0, "an immediate of %s", op_info[op_of(w)].name);
            break;
        }
    }
    CHECK(t, offered == ((m->roles & ROLE_BIT(ROLE_OUTPUT_BIAS)) != 0 ? m->vocab : 0), "offers %u",
          offered);
}

/* Each expert's tensor is named as one, in its loop alone. */
static void test_experts(struct host_test *t, const struct fw_model *m,
                         const struct fw_program *p) {
    for (uint32_t i = 0; i < p->ops; i++) {
        const uint32_t *w = p->words[i];
        const enum role role = role_at(m, w[0] >> LOCKSTEP_UCODE0_TENSOR_SHIFT);
        const bool one = op_of(w) == LOCKSTEP_OP_MATVEC && (roles_of_experts >> role & 1) != 0;
        CHECK(t, one == ((w[0] & LOCKSTEP_UCODE0_EXPERT_MASK) != 0), "op %u: word %x", i, w[0]);
    }
}

static void test_families(struct host_test *t) {
    uint32_t seen[FAMILY_COUNT] = {0};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const struct example *e = &examples[i];
        const char *name = family_at(e->family)->arch;
        struct fw_model model = make_model(e);
        struct fw_program p;
        struct fw_refusal why = {0};
        char text[4096];
        seen[e->family]++;
        CHECK(t, program_build(&model, &limits, &p, &why) == 0, "%s: %s", name, why.what);
        write_program(&model, &p, text, sizeof text);
        CHECK(t, strcmp(text, e->ops) == 0, "%s (%zu):\n%s\nshould be\n%s", name, i, text, e->ops);
        CHECK(t, lost_values(&model, &p) == 0, "%s (%zu): %u values are lost", name, i,
              lost_values(&model, &p));
        test_immediates(t, &model, &p);
        test_unused(t, &p);
        test_experts(t, &model, &p);
        CHECK(t, program_context(&model, &limits, &why) == 0, "%s: %s", name, why.what);
        model.context = 1001; /* more positions than rows of position_embd */
        struct fw_limits more = limits;
        more.context = 2000;
        CHECK(t, (program_context(&model, &more, &why) != 0) == e->learned, "%s: context", name);
        /* planted: what MATVEC gives lands in the stream */
        for (uint32_t pc = 0; pc < p.ops; pc++)
            if (op_of(p.words[pc]) == LOCKSTEP_OP_MATVEC) {
                p.words[pc][1] &= ~0xffffu;
                break;
            }
        CHECK(t, lost_values(&model, &p) != 0, "%s: a lost vector goes unseen", name);
    }
    for (enum family_number f = 0; f < FAMILY_COUNT; f++)
        CHECK(t, seen[f] != 0, "%s has no example", family_at(f)->arch);
}

int main(void) {
    struct host_test t = {"programs", 0, 0};
    test_families(&t);
    return host_test_finish(&t);
}
