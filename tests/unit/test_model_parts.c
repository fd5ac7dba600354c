/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Parts of fused tensors as views of the file, and factors of scaled rotary embeddings, in small
 * written models of whose bytes every one is known.
 */
#include <math.h>
#include <string.h>

#include "csrc/model/bridge.h"
#include "csrc/model/model.h"
#include "gguf_tools/convert/model_shape.h"
#include "tests/kit/host_test.h"

enum { DIM = 64, HIDDEN = 96, LAYERS = 2, HEADS = 4, KV_HEADS = 2, VOCAB = 20, Q = 64, KV = 32 };
enum { CONTEXT = 32, PAIRS = 8 };

/* How the file differs from a plain one. */
struct variant {
    bool qkv, bias, up;  /* fused */
    bool both;           /* attn_q beside attn_qkv */
    uint32_t short_rows; /* that attn_qkv lacks */
    uint32_t short_up;   /* that the fused ffn_up lacks */
    enum ggml_type type;
    const char *scaling;             /* rope.scaling.type; NULL: none */
    float factor, attn_factor, base; /* 0: no key */
    uint32_t original;               /* 0: no key */
    const char *factors, *more;      /* names of tensors of factors; NULL: none */
    uint32_t factor_count;           /* their elements; 0: as many as pairs */
    float least;                     /* element 0; 0: as the others */
};

static void declare(struct gguf_writer *w, const char *name, enum ggml_type type, uint64_t columns,
                    uint64_t rows) {
    const uint64_t ne[] = {columns, rows};
    gguf_writer_tensor(w, name, type, rows == 0 ? 1 : 2, ne);
}

static bool starts(const char *text, const char *front) {
    return strncmp(text, front, strlen(front)) == 0;
}

/* Declares what takes the place of a plain tensor. */
static void declare_variant(struct gguf_writer *w, const struct model_tensor *t,
                            const struct variant *v) {
    const char *bare = strchr(t->name, '.') != NULL && starts(t->name, "blk.") ? t->name + 6 : "";
    char name[ROLE_NAME_SIZE];
    snprintf(name, sizeof name, "%.6s%s", t->name,
             strstr(bare, ".bias") != NULL ? "attn_qkv.bias" : "attn_qkv.weight");
    const bool fused = strstr(bare, ".bias") != NULL ? v->bias : v->qkv;
    if (fused && starts(bare, "attn_q.")) {
        if (strstr(bare, ".bias") != NULL)
            declare(w, name, t->type, Q + 2 * KV, 0);
        else
            declare(w, name, t->type, DIM, Q + 2 * KV - v->short_rows);
        if (v->both)
            model_declare(w, t);
    } else if (fused && (starts(bare, "attn_k.") || starts(bare, "attn_v."))) {
    } else if (v->up && strcmp(bare, "ffn_gate.weight") == 0) {
    } else if (v->up && strcmp(bare, "ffn_up.weight") == 0) {
        declare(w, t->name, t->type, DIM, 2 * HIDDEN - v->short_up);
    } else {
        model_declare(w, t);
    }
}

static float factor_at(const struct variant *v, const char *name, uint32_t j) {
    return j == 0 && v->least != 0 ? v->least : 1.0f + 0.375f * (float)j + (float)strlen(name);
}

/* Writes a qwen2 whose bytes count up; factors are those of factor_at. */
static void write_model(struct host_test *t, const char *path, const struct variant *v) {
    const struct model_shape shape = {.dim = DIM,
                                      .hidden = HIDDEN,
                                      .layers = LAYERS,
                                      .heads = HEADS,
                                      .kv_heads = KV_HEADS,
                                      .vocab = VOCAB,
                                      .context = CONTEXT,
                                      .type = v->type,
                                      .family = FAMILY_qwen2,
                                      .biases = true};
    const uint32_t count = v->factor_count != 0 ? v->factor_count : PAIRS;
    struct model_tensor tensor;
    struct gguf_writer *w;
    struct ls_error err = {""};
    CHECK(t, gguf_writer_open(path, &w, &err) == 0, "%s", err.text);
    gguf_writer_string(w, "general.architecture", "qwen2");
    gguf_writer_u32(w, "qwen2.context_length", CONTEXT);
    gguf_writer_u32(w, "qwen2.embedding_length", DIM);
    gguf_writer_u32(w, "qwen2.block_count", LAYERS);
    gguf_writer_u32(w, "qwen2.feed_forward_length", HIDDEN);
    gguf_writer_u32(w, "qwen2.attention.head_count", HEADS);
    gguf_writer_u32(w, "qwen2.attention.head_count_kv", KV_HEADS);
    gguf_writer_f32(w, "qwen2.attention.layer_norm_rms_epsilon", 1e-5f);
    if (v->scaling != NULL)
        gguf_writer_string(w, "qwen2.rope.scaling.type", v->scaling);
    if (v->factor != 0)
        gguf_writer_f32(w, "qwen2.rope.scaling.factor", v->factor);
    if (v->attn_factor != 0)
        gguf_writer_f32(w, "qwen2.rope.scaling.attn_factor", v->attn_factor);
    if (v->base != 0)
        gguf_writer_f32(w, "qwen2.rope.freq_base", v->base);
    if (v->original != 0)
        gguf_writer_u32(w, "qwen2.rope.scaling.original_context_length", v->original);
    if (v->factors != NULL)
        declare(w, v->factors, GGML_TYPE_F32, count, 0);
    if (v->more != NULL)
        declare(w, v->more, GGML_TYPE_F32, count, 0);
    for (uint32_t i = 0; model_tensor_at(&shape, i, &tensor); i++)
        declare_variant(w, &tensor, v);
    for (int which = 0; which < 2; which++) {
        const char *name = which == 0 ? v->factors : v->more;
        for (uint32_t j = 0; name != NULL && j < count; j++) {
            const float value = factor_at(v, name, j);
            gguf_writer_data(w, &value, sizeof value);
        }
    }
    for (uint64_t left = gguf_writer_left(w), i = 0; i < left; i++) {
        const uint8_t byte = (uint8_t)(i * 7 + i / 251);
        gguf_writer_data(w, &byte, 1);
    }
    CHECK(t, gguf_writer_finish(w, &err) == 0, "%s", err.text);
}

/* ---- views ---- */

/* The part of `whole` from row (or element) `first` on. */
static void check_view(struct host_test *t, const struct ls_model *m, uint32_t layer,
                       enum role role, const char *whole, uint64_t first, uint64_t count) {
    char name[ROLE_NAME_SIZE];
    snprintf(name, sizeof name, "blk.%u.%s", layer, whole);
    const struct gguf_tensor *w = gguf_find_tensor(m->gguf, name);
    const struct gguf_tensor *part = m->layer[layer].tensor[role];
    const bool vector = role_is_vector(role);
    CHECK(t, w != NULL && part != NULL && part->type == w->type, "%s", name);
    if (w == NULL || part == NULL)
        return;
    const uint64_t unit = vector ? 4 : w->size / w->ne[1];
    CHECK(t,
          part->ne[0] == (vector ? count : DIM) && part->ne[1] == (vector ? 1 : count) &&
              part->size == count * unit && part->offset == w->offset + first * unit,
          "%s: part %s of %llu x %llu at %llu", name, role_bare_name(role),
          (unsigned long long)part->ne[0], (unsigned long long)part->ne[1],
          (unsigned long long)(part->offset - w->offset));
    CHECK(t, part->data == m->gguf->map + part->offset, "%s: copied", name);
    CHECK(t, gguf_string_equals(part->name, name), "%s: named otherwise", name);
}

static void check_views(struct host_test *t, const struct ls_model *m, const struct variant *v) {
    for (uint32_t l = 0; l < LAYERS; l++) {
        if (v->qkv) {
            check_view(t, m, l, ROLE_ATTN_Q, "attn_qkv.weight", 0, Q);
            check_view(t, m, l, ROLE_ATTN_K, "attn_qkv.weight", Q, KV);
            check_view(t, m, l, ROLE_ATTN_V, "attn_qkv.weight", Q + KV, KV);
        }
        if (v->bias) {
            check_view(t, m, l, ROLE_ATTN_Q_BIAS, "attn_qkv.bias", 0, Q);
            check_view(t, m, l, ROLE_ATTN_K_BIAS, "attn_qkv.bias", Q, KV);
            check_view(t, m, l, ROLE_ATTN_V_BIAS, "attn_qkv.bias", Q + KV, KV);
        }
        if (v->up) {
            check_view(t, m, l, ROLE_FFN_GATE, "ffn_up.weight", 0, HIDDEN);
            check_view(t, m, l, ROLE_FFN_UP, "ffn_up.weight", HIDDEN, HIDDEN);
        }
    }
}

/* The device's table has the parts' places. */
static void check_bridge(struct host_test *t, const struct ls_model *m) {
    struct fw_model fw;
    struct ls_error err = {""};
    CHECK(t, bridge_model(m, CONTEXT, 1, &fw, &err) == 0, "%s", err.text);
    for (uint32_t l = 0; l < LAYERS; l++)
        for (enum role role = 0; role < ROLES; role++) {
            const struct gguf_tensor *own = m->layer[l].tensor[role];
            if (own == NULL)
                continue;
            const uint32_t place = program_place(&fw, role, l);
            const struct fw_tensor *entry = &fw.tensors[place];
            const struct gguf_string name = bridge_tensor_name(m, place);
            CHECK(t,
                  entry->address == own->offset && entry->rows == own->ne[1] &&
                      entry->cols == own->ne[0] && entry->bytes == own->size,
                  "blk.%u.%s in the device's table", l, role_bare_name(role));
            CHECK(t,
                  name.size == own->name.size && memcmp(name.data, own->name.data, name.size) == 0,
                  "blk.%u.%s: named otherwise", l, role_bare_name(role));
        }
    bridge_release(&fw);
}

static void test_views(struct host_test *t, const char *path) {
    static const struct {
        struct variant v;
        const char *complaint;
    } cases[] = {
        {{.type = GGML_TYPE_Q8_0}, NULL},
        {{.qkv = true, .type = GGML_TYPE_Q8_0}, NULL},
        {{.qkv = true, .bias = true, .up = true, .type = GGML_TYPE_Q8_0}, NULL},
        {{.qkv = true, .bias = true, .up = true, .type = GGML_TYPE_F16}, NULL},
        {{.bias = true, .up = true, .type = GGML_TYPE_Q4_0}, NULL},
        {{.qkv = true, .both = true, .type = GGML_TYPE_F16}, "tensor blk.0.attn_k.weight: missing"},
        {{.qkv = true, .short_rows = 1, .type = GGML_TYPE_F16},
         "tensor blk.0.attn_qkv.weight: 64 x 127 where 64 x 128 is needed"},
        {{.up = true, .short_up = 1, .type = GGML_TYPE_F16},
         "tensor blk.0.ffn_up.weight: 64 x 191 where 64 x 192 is needed"},
        {{.up = true, .short_up = HIDDEN, .type = GGML_TYPE_F16},
         "tensor blk.0.ffn_gate.weight: missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ls_model *m;
        struct ls_error err = {""};
        write_model(t, path, &cases[i].v);
        const int status = ls_model_open(path, &m, &err);
        if (cases[i].complaint != NULL) {
            CHECK(t, status != 0 && strstr(err.text, cases[i].complaint) != NULL,
                  "says '%s', should say '%s'", err.text, cases[i].complaint);
        } else {
            CHECK(t, status == 0, "%s", err.text);
            if (status == 0) {
                check_views(t, m, &cases[i].v);
                check_bridge(t, m);
            }
        }
        ls_model_close(m);
    }
    unlink(path);
}

/* An output matrix with a bias stands in the device's table once more, in pieces. */
static void test_pieces(struct host_test *t) {
    enum { TOKENS = 2 * LOCKSTEP_OFFER_ROWS + 7, ROW = 68, PIECES = 3 };
    const struct gguf_tensor weights = {.name = {"output.weight", 13},
                                        .type = GGML_TYPE_Q8_0,
                                        .ne = {64, TOKENS, 1, 1},
                                        .offset = 1000,
                                        .size = (uint64_t)TOKENS * ROW};
    const struct gguf_tensor bias = {.name = {"output.bias", 11},
                                     .type = GGML_TYPE_F32,
                                     .ne = {TOKENS, 1, 1, 1},
                                     .offset = 1000000,
                                     .size = (uint64_t)TOKENS * 4};
    const struct ls_model m = {.family = family_at(FAMILY_phi2),
                               .roles = ROLE_BIT(ROLE_OUTPUT) | ROLE_BIT(ROLE_OUTPUT_BIAS),
                               .layers = 1,
                               .vocab = TOKENS,
                               .tensor = {[ROLE_OUTPUT] = &weights, [ROLE_OUTPUT_BIAS] = &bias}};
    struct fw_model fw;
    struct ls_error err = {""};
    CHECK(t, bridge_model(&m, CONTEXT, 1, &fw, &err) == 0, "%s", err.text);
    CHECK(t, program_pieces(&fw) == PIECES && program_tensors(&fw) == 2 + 2 * PIECES, "%u tensors",
          program_tensors(&fw));
    for (uint32_t piece = 0; piece < PIECES; piece++) {
        const uint32_t place = program_piece_place(&fw, piece), first = piece * LOCKSTEP_OFFER_ROWS;
        const uint32_t rows = piece + 1 < PIECES ? LOCKSTEP_OFFER_ROWS : 7;
        const struct fw_tensor *w = &fw.tensors[place], *b = &fw.tensors[place + 1];
        CHECK(t,
              w->address == 1000 + first * ROW && w->bytes == rows * ROW && w->rows == rows &&
                  w->cols == 64 && w->type == GGML_TYPE_Q8_0,
              "piece %u", piece);
        CHECK(t,
              b->address == 1000000 + first * 4 && b->bytes == rows * 4 && b->rows == 1 &&
                  b->cols == rows && b->type == GGML_TYPE_F32,
              "bias of piece %u", piece);
        CHECK(t,
              bridge_tensor_name(&m, place).data == weights.name.data &&
                  bridge_tensor_name(&m, place + 1).data == bias.name.data,
              "piece %u: named otherwise", piece);
    }
    CHECK(t, bridge_tensor_name(&m, program_tensors(&fw)).size == 4, "a place that is not there");
    bridge_release(&fw);
}

/* ---- rotary factors ---- */

/* Section 12 of docs/numerics.md, in long double. */
static long double yarn_factor(const struct variant *v, uint32_t j) {
    const long double n = 2 * PAIRS, base = v->base != 0 ? (long double)v->base : 10000;
    const long double original = v->original != 0 ? v->original : CONTEXT;
    long double bound[2];
    for (int k = 0; k < 2; k++) {
        const long double beta = k == 0 ? 32 : 1;
        bound[k] = n * logl(original / (2 * acosl(-1) * beta)) / (2 * logl(base));
    }
    const long double lo = fmaxl(0, floorl(bound[0])), hi = fminl(n - 1, ceill(bound[1]));
    const long double keep = 1 - fminl(1, fmaxl(0, (j - lo) / fmaxl(0.001L, hi - lo)));
    return 1 / (keep + (1 - keep) / (long double)v->factor);
}

static void check_factors(struct host_test *t, const struct ls_model *m, const struct variant *v,
                          const char *tensor) {
    const bool yarn = v->scaling != NULL && strcmp(v->scaling, "yarn") == 0;
    const double linear =
        v->scaling != NULL && strcmp(v->scaling, "linear") == 0 ? (double)v->factor : 1;
    const double magnitude = (v->attn_factor != 0 ? (double)v->attn_factor : 1) *
                             (yarn ? 1 + 0.1 * log((double)v->factor) : 1);
    CHECK(t, (double)m->rope_scale == linear, "scale %g", (double)m->rope_scale);
    CHECK(t, (double)m->rope_magnitude == (double)(float)magnitude, "magnitude %.9g, not %.9g",
          (double)m->rope_magnitude, magnitude);
    CHECK(t, (m->rope_factors != NULL) == (yarn || tensor != NULL), "factors or none");
    for (uint32_t j = 0; j < PAIRS && m->rope_factors != NULL; j++) {
        const float want =
            yarn ? (float)yarn_factor(v, j) : (float)((double)factor_at(v, tensor, j) * linear);
        CHECK(t, m->rope_factors[j] == want, "factor %u is %.9g, not %.9g", j,
              (double)m->rope_factors[j], (double)want);
    }
    struct fw_model fw;
    struct ls_error err = {""};
    CHECK(t, bridge_model(m, CONTEXT, 1, &fw, &err) == 0, "%s", err.text);
    for (uint32_t j = 0; j < PAIRS && m->rope_factors != NULL; j++)
        CHECK(t, memcmp(&fw.rope_factors[j], &m->rope_factors[j], 4) == 0, "bits of factor %u", j);
    CHECK(t, memcmp(&fw.rope_magnitude, &m->rope_magnitude, 4) == 0, "bits of the magnitude");
    bridge_release(&fw);
}

#define FREQS      "rope_freqs.weight"
#define LONG_ONES  "rope_factors_long.weight"
#define SHORT_ONES "rope_factors_short.weight"

static void test_factors(struct host_test *t, const char *path) {
    static const struct {
        struct variant v;
        const char *tensor, *complaint; /* of which tensor the factors are */
    } cases[] = {
        {{.scaling = NULL}, NULL, NULL},
        {{.scaling = "linear", .factor = 3}, NULL, NULL},
        {{.factors = FREQS}, FREQS, NULL},
        {{.scaling = "linear", .factor = 2, .factors = FREQS}, FREQS, NULL},
        {{.scaling = "yarn", .factor = 4, .original = 8}, NULL, NULL},
        {{.scaling = "yarn", .factor = 4, .original = 4096, .base = 1000}, NULL, NULL},
        {{.scaling = "yarn", .factor = 40, .original = 100000, .base = 500000}, NULL, NULL},
        {{.scaling = "yarn", .factor = 2.5f, .attn_factor = 0.75f, .base = 30}, NULL, NULL},
        {{.scaling = "longrope",
          .attn_factor = 1.19f,
          .original = 8,
          .factors = LONG_ONES,
          .more = SHORT_ONES},
         LONG_ONES,
         NULL},
        {{.scaling = "longrope",
          .attn_factor = 1.19f,
          .original = 32,
          .factors = LONG_ONES,
          .more = SHORT_ONES},
         SHORT_ONES,
         NULL},
        {{.attn_factor = 1.19f, .original = 8, .factors = SHORT_ONES, .more = LONG_ONES},
         LONG_ONES,
         NULL}, /* as converters write it: without a type */
        {{.factors = FREQS, .factor_count = 7}, NULL, "rope_freqs.weight: not the 8 F32 elements"},
        {{.factors = FREQS, .least = 1e-6f}, NULL, "rope_freqs.weight: element 0 is 1e-06"},
        {{.factors = FREQS, .least = INFINITY}, NULL, "rope_freqs.weight: element 0 is inf"},
        {{.factors = FREQS, .least = -1}, NULL, "rope_freqs.weight: element 0 is -1"},
        {{.scaling = "yarn", .factor = 2, .factors = FREQS}, NULL, "yet the file has rope_freqs"},
        {{.scaling = "yarn", .factor = 2, .factors = LONG_ONES},
         NULL,
         "yet the file has rope_fact"},
        {{.scaling = "longrope", .original = 8}, NULL, "rope_factors_long.weight: missing"},
        {{.factors = LONG_ONES}, NULL, "rope_factors_short.weight: missing"},
        {{.scaling = "longrope", .factor = 2, .factors = LONG_ONES}, NULL, "factor: not 1 where"},
        {{.scaling = "yarn", .factor = 0.5f}, NULL, "yarn needs a factor of 1 or more"},
        {{.scaling = "yarn", .factor = 2, .base = 1}, NULL, "yarn needs a factor of 1 or more"},
        {{.scaling = "yarn", .factor = 2, .attn_factor = 2}, NULL, "more than twice as large"},
        {{.scaling = "linear", .attn_factor = 1.5f}, NULL, "attn_factor 1.5 changes the result"},
        {{.scaling = "linear", .factor = 1e-6f}, NULL, "factor: below 2^-16"},
        {{.scaling = "dynamic", .factor = 2}, NULL, "dynamic is not supported"},
        {{.base = 0.5f}, NULL, "freq_base: below 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ls_model *m;
        struct ls_error err = {""};
        struct variant v = cases[i].v;
        v.type = GGML_TYPE_Q8_0;
        write_model(t, path, &v);
        const int status = ls_model_open(path, &m, &err);
        if (cases[i].complaint != NULL) {
            CHECK(t, status != 0 && strstr(err.text, cases[i].complaint) != NULL,
                  "case %zu says '%s', should say '%s'", i, err.text, cases[i].complaint);
        } else {
            CHECK(t, status == 0, "case %zu: %s", i, err.text);
            if (status == 0)
                check_factors(t, m, &v, cases[i].tensor);
        }
        ls_model_close(m);
    }
    unlink(path);
}

int main(void) {
    struct host_test t = {"model_parts", 0, 0};
    const char *path = "build/tests/model_parts/odd.gguf";
    host_folder(&t);
    test_views(&t, path);
    test_pieces(&t);
    test_factors(&t, path);
    return host_test_finish(&t);
}
