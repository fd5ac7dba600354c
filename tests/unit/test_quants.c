/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Quantisers, their inverses and the GGUF writer. Every tensor of the F32 model
 * is quantised and compared byte for byte with llama.cpp's files (planted
 * fault: one weight changed); every binary16 goes to binary32 and back; a
 * written file reads back as what was written.
 */
#include "csrc/gguf/dequant.h"
#include "gguf_tools/convert/gguf_write.h"
#include "gguf_tools/convert/mix.h"
#include "gguf_tools/convert/quants.h"
#include "tests/kit/host_test.h"
#include "tests/kit/odd_keys.h"
#include "tests/kit/random.h"

#include <math.h>
#include <string.h>

static void test_halves(struct host_test *t) {
    for (uint32_t h = 0; h < 0x10000; h++) {
        float value = fp32_from_fp16((uint16_t)h);
        uint16_t back = fp16_from_fp32(value);
        bool nan = (h & 0x7c00u) == 0x7c00u && (h & 0x3ffu) != 0;
        CHECK(t, nan ? isnan(value) : back == h, "half %04x comes back as %04x", h, back);
        if ((h & 0x7fffu) >= 0x7bffu)
            continue;
        /* Halfway to the next half goes to the even one. */
        float middle = (value + fp32_from_fp16((uint16_t)(h + 1))) * 0.5f;
        CHECK(t, fp16_from_fp32(middle) == ((h + 1) & ~1u), "middle above %04x", h);
        float above = nextafterf(middle, value < 0 || h >= 0x8000u ? -INFINITY : INFINITY);
        CHECK(t, fp16_from_fp32(above) == h + 1, "above the middle above %04x", h);
    }
    CHECK(t, fp16_from_fp32(65519.996f) == 0x7bff && fp16_from_fp32(65520.0f) == 0x7c00,
          "largest half");
}

/* Bytes of `wanted` that differ when made from the F32 tensor of the same name. */
static uint64_t bytes_differ(struct host_test *t, const struct gguf *exact,
                             const struct gguf_tensor *wanted, bool planted) {
    char name[65] = "";
    memcpy(name, wanted->name.data, (size_t)wanted->name.size);
    const struct gguf_tensor *source = gguf_find_tensor(exact, name);
    CHECK(t, source != NULL && source->type == GGML_TYPE_F32, "no F32 tensor %s", name);
    uint64_t count = source->ne[0] * source->ne[1];
    float *values = malloc((size_t)count * sizeof *values);
    uint8_t *bytes = malloc((size_t)wanted->size);
    CHECK(t, dequant_row(source->type, source->data, values, count) == 0, "dequantise %s", name);
    if (planted)
        values[count / 2] += 0.25f;
    CHECK(t, quantize_row(wanted->type, values, bytes, count) == 0, "quantise %s", name);
    uint64_t differ = 0;
    for (uint64_t i = 0; i < wanted->size; i++)
        differ += bytes[i] != wanted->data[i];
    free(values);
    free(bytes);
    return differ;
}

static void test_against_files(struct host_test *t) {
    static const char *const files[] = {"models/stories260K-F16.gguf",
                                        "models/stories260K-Q8_0.gguf",
                                        "models/stories260K-Q4_0.gguf"};
    struct gguf *exact, *g;
    struct ls_error err = {""};
    CHECK(t, gguf_open(host_shared("models/stories260K.gguf").text, &exact, &err) == 0, "%s",
          err.text);
    for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
        CHECK(t, gguf_open(host_shared(files[f]).text, &g, &err) == 0, "%s", err.text);
        uint64_t tensors = 0, differ = 0, planted_unseen = 0;
        for (uint64_t i = 0; i < g->tensor_count; i++) {
            differ += bytes_differ(t, exact, &g->tensors[i], false);
            planted_unseen += bytes_differ(t, exact, &g->tensors[i], true) == 0;
            tensors++;
        }
        CHECK(t, tensors == 48 && differ == 0, "%s: %llu bytes differ", files[f],
              (unsigned long long)differ);
        CHECK(t, planted_unseen == 0, "%s: %llu changed tensors unseen", files[f],
              (unsigned long long)planted_unseen);
        gguf_close(g);
    }
    gguf_close(exact);
}

/* Each weight of the BF16 model is the F32 one to 8 significant bits, and has no more. */
static void test_bf16(struct host_test *t) {
    struct gguf *exact, *g;
    struct ls_error err = {""};
    CHECK(t, gguf_open(host_shared("models/stories260K.gguf").text, &exact, &err) == 0, "%s",
          err.text);
    CHECK(t, gguf_open(host_shared("models/stories260K-BF16.gguf").text, &g, &err) == 0, "%s",
          err.text);
    const struct gguf_tensor *a = gguf_find_tensor(exact, "token_embd.weight");
    const struct gguf_tensor *b = gguf_find_tensor(g, "token_embd.weight");
    CHECK(t, a != NULL && b != NULL && b->type == GGML_TYPE_BF16, "token_embd is not BF16");
    float wanted[64], value[64];
    for (uint64_t row = 0; row < a->ne[1]; row++) {
        CHECK(t,
              dequant_row(a->type, a->data + row * 256, wanted, 64) == 0 &&
                  dequant_row(b->type, b->data + row * 128, value, 64) == 0,
              "dequantise");
        for (int i = 0; i < 64; i++) {
            int exponent;
            float significand = frexpf(value[i], &exponent) * 256.0f;
            CHECK(t,
                  fabsf(value[i] - wanted[i]) <= fabsf(wanted[i]) * 0x1p-8f &&
                      significand == rintf(significand),
                  "%g becomes %g", (double)wanted[i], (double)value[i]);
        }
    }
    gguf_close(exact);
    gguf_close(g);
}

/* A value and its quantised value differ by at most half a step (plus the fp16 scale). */
static void test_round_trip(struct host_test *t) {
    float values[64], back[64];
    uint8_t blocks[256];
    uint64_t random = 1;
    for (int round = 0; round < 1000; round++) {
        float largest = 0.0f;
        for (int i = 0; i < 64; i++) {
            values[i] = ((float)(random_64(&random) >> 40) - 8388608.0f) / 8388608.0f;
            largest = fmaxf(largest, fabsf(values[i]));
        }
        const struct {
            enum ggml_type type;
            float error;
        } cases[] = {{GGML_TYPE_F32, 0.0f},
                     {GGML_TYPE_F16, largest / 2048},
                     {GGML_TYPE_Q8_0, largest / 127 * 0.57f},
                     {GGML_TYPE_Q4_0, largest / 8 * 1.01f}};
        for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
            bool done = quantize_row(cases[c].type, values, blocks, 64) == 0 &&
                        dequant_row(cases[c].type, blocks, back, 64) == 0;
            CHECK(t, done, "type %d", (int)cases[c].type);
            for (int i = 0; i < 64; i++)
                CHECK(t, fabsf(values[i] - back[i]) <= cases[c].error, "%s: %g becomes %g",
                      type_info_of(cases[c].type)->name, (double)values[i], (double)back[i]);
        }
    }
    memset(values, 0, sizeof values);
    CHECK(t, quantize_row(GGML_TYPE_Q4_0, values, blocks, 32) == 0 && blocks[2] == 0x88,
          "zeros give %02x", blocks[2]);
    for (int i = 0; i < 32; i++)
        values[i] = i % 2 == 0 ? 1e-44f : -1e-40f; /* whose scale has no inverse */
    for (int type = 0; type < 2; type++) {
        const enum ggml_type to = type == 0 ? GGML_TYPE_Q8_0 : GGML_TYPE_Q4_0;
        CHECK(t, quantize_row(to, values, blocks, 32) == 0 && blocks[2] == (type == 0 ? 0 : 0x88),
              "tiny values give %02x", blocks[2]);
    }
    CHECK(t, quantize_row(GGML_TYPE_Q4_0, values, blocks, 33) != 0, "half a block passes");
    CHECK(t, quantize_row(GGML_TYPE_IQ2_XXS, values, blocks, 256) != 0, "IQ2_XXS is written");
    CHECK(t, dequant_row(GGML_TYPE_IQ2_XXS, blocks, values, 256) != 0, "IQ2_XXS is read");
}

/* What a type costs on normally distributed weights: root mean square error against their own. Each
 * bound is a tenth above what was measured, and a flipped bit anywhere in a block is worse than the
 * quantiser's choice. */
static void test_errors(struct host_test *t) {
    static const struct {
        enum ggml_type type;
        double most;
    } cases[] = {{GGML_TYPE_BF16, 0.0019},   {GGML_TYPE_Q8_0, 0.0058},   {GGML_TYPE_Q6_K, 0.0189},
                 {GGML_TYPE_Q5_K, 0.0385},   {GGML_TYPE_Q5_1, 0.0407},   {GGML_TYPE_Q5_0, 0.0459},
                 {GGML_TYPE_Q4_K, 0.0769},   {GGML_TYPE_Q4_1, 0.0845},   {GGML_TYPE_Q4_0, 0.0930},
                 {GGML_TYPE_IQ4_NL, 0.0794}, {GGML_TYPE_IQ4_XS, 0.0802}, {GGML_TYPE_MXFP4, 0.1231},
                 {GGML_TYPE_Q3_K, 0.1564},   {GGML_TYPE_Q2_K, 0.2943},   {GGML_TYPE_TQ2_0, 0.8798},
                 {GGML_TYPE_TQ1_0, 0.8798}};
    enum { COUNT = 64 * 256 };
    float *values = malloc(2 * COUNT * sizeof *values), *back = values + COUNT;
    uint8_t *blocks = malloc(COUNT * 4);
    uint64_t state = 5;
    CHECK(t, values != NULL && blocks != NULL, "out of memory");
    for (int i = 0; i < COUNT; i++) {
        float sum = 0.0f; /* of twelve even deviates, nearly normal */
        for (int k = 0; k < 12; k++) {
            sum += (float)(random_64(&state) >> 40) * 0x1p-24f;
        }
        values[i] = 0.02f * (sum - 6.0f);
    }
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const enum ggml_type type = cases[c].type;
        const struct type_info *info = type_info_of(type);
        double errors = 0, squares = 0;
        CHECK(t, quantize_row(type, values, blocks, COUNT) == 0, "%s is not written", info->name);
        dequant_row(type, blocks, back, COUNT);
        for (int i = 0; i < COUNT; i++) {
            errors += ((double)values[i] - (double)back[i]) * ((double)values[i] - (double)back[i]);
            squares += (double)values[i] * (double)values[i];
        }
        const double relative = sqrt(errors / squares);
        printf("%-6s relative error %.4f\n", info->name, relative);
        CHECK(t, relative <= cases[c].most, "%s: error %.4f of %.4f", info->name, relative,
              cases[c].most);

        uint32_t worse = 0, bits = 8u * info->bytes;
        for (uint32_t bit = 0; bit < bits; bit++) {
            double before = 0, after = 0;
            float one[256];
            blocks[bit / 8] ^= (uint8_t)(1 << bit % 8);
            dequant_row(type, blocks, one, info->elements);
            blocks[bit / 8] ^= (uint8_t)(1 << bit % 8);
            for (int i = 0; i < info->elements; i++) {
                before += pow((double)values[i] - (double)back[i], 2);
                after += pow((double)values[i] - (double)one[i], 2);
            }
            worse += !(after < before);
        }
        CHECK(t, worse * 100 >= bits * 93, "%s: %u of %u flipped bits are no worse", info->name,
              bits - worse, bits);
    }
    free(values);
    free(blocks);
}

/* Which tensors of a mix get more bits, and what happens to rows of broken blocks. */
static void test_mixes(struct host_test *t) {
    static const struct {
        const char *mix, *name;
        uint64_t columns;
        uint32_t layer, layers;
        bool output;
        enum ggml_type type;
        uint32_t experts;
    } cases[] = {{"Q4_K_M", "blk.0.attn_q.weight", 512, 0, 24, false, GGML_TYPE_Q4_K, 0},
                 {"q4_k_m", "blk.0.attn_v.weight", 512, 0, 24, false, GGML_TYPE_Q6_K, 0},
                 {"Q4_K_M", "blk.3.attn_v.weight", 512, 3, 24, false, GGML_TYPE_Q4_K, 0},
                 {"Q3_K_M", "blk.3.attn_qkv.weight", 512, 3, 24, false, GGML_TYPE_Q4_K, 0},
                 {"Q4_K_M", "blk.3.attn_qkv.weight", 512, 3, 24, false, GGML_TYPE_Q5_K, 0},
                 {"Q5_K_M", "blk.3.attn_qkv.weight", 512, 3, 24, false, GGML_TYPE_Q6_K, 0},
                 {"Q4_K_M", "position_embd.weight", 512, 0, 24, false, GGML_TYPE_F32, 0},
                 {"Q4_K_M", "blk.5.ffn_down.weight", 512, 5, 24, false, GGML_TYPE_Q6_K, 0},
                 {"Q4_K_M", "blk.21.ffn_down.weight", 512, 21, 24, false, GGML_TYPE_Q6_K, 0},
                 {"Q4_K_M", "token_embd.weight", 512, 0, 24, false, GGML_TYPE_Q4_K, 0},
                 {"Q4_K_M", "token_embd.weight", 512, 0, 24, true, GGML_TYPE_Q6_K, 0},
                 {"Q4_K_M", "output.weight", 896, 0, 24, true, GGML_TYPE_Q8_0, 0},
                 {"Q4_K_M", "blk.0.attn_q.weight", 896, 0, 24, false, GGML_TYPE_Q5_0, 0},
                 {"Q5_K_M", "blk.0.attn_q.weight", 896, 0, 24, false, GGML_TYPE_Q5_1, 0},
                 {"Q3_K_M", "blk.0.attn_v.weight", 512, 0, 24, false, GGML_TYPE_Q5_K, 0},
                 {"Q3_K_M", "blk.2.attn_v.weight", 512, 2, 24, false, GGML_TYPE_Q4_K, 0},
                 {"Q3_K_M", "blk.9.attn_output.weight", 512, 9, 24, false, GGML_TYPE_Q4_K, 0},
                 {"Q2_K", "blk.9.ffn_down.weight", 512, 9, 24, false, GGML_TYPE_Q3_K, 0},
                 {"Q2_K_S", "blk.9.ffn_down.weight", 512, 9, 24, false, GGML_TYPE_Q2_K, 0},
                 {"Q2_K", "blk.9.ffn_up.weight", 96, 9, 24, false, GGML_TYPE_IQ4_NL, 0},
                 {"Q4_0", "blk.9.ffn_up.weight", 96, 9, 24, false, GGML_TYPE_Q4_0, 0},
                 {"Q4_K_M", "blk.9.ffn_up.weight", 172, 9, 24, false, GGML_TYPE_F16, 0},
                 {"Q4_K_M", "blk.9.attn_v.weight", 512, 9, 24, false, GGML_TYPE_Q8_0, 8},
                 {"Q4_K_M", "blk.9.attn_k.weight", 512, 9, 24, false, GGML_TYPE_Q8_0, 8},
                 {"Q3_K_M", "blk.9.attn_output.weight", 512, 9, 24, false, GGML_TYPE_Q5_K, 8},
                 {"Q4_K_M", "blk.9.attn_k.weight", 512, 9, 24, false, GGML_TYPE_Q4_K, 16},
                 {"Q4_K", "blk.9.attn_k.weight", 512, 9, 24, false, GGML_TYPE_Q4_K, 8},
                 {"Q4_K_M", "blk.0.ffn_down_exps.weight", 512, 0, 24, false, GGML_TYPE_Q6_K, 16},
                 {"Q2_K", "blk.0.ffn_gate_inp.weight", 512, 0, 24, false, GGML_TYPE_F32, 16}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const struct mix_matrix matrix = {.name = cases[c].name,
                                          .columns = cases[c].columns,
                                          .layer = cases[c].layer,
                                          .layers = cases[c].layers,
                                          .experts = cases[c].experts,
                                          .output = cases[c].output};
        const int mix = mix_find(cases[c].mix);
        const enum ggml_type type = mix >= 0 ? mix_type(mix, &matrix) : GGML_TYPE_F64;
        CHECK(t, type == cases[c].type, "%s, %s of %d columns: %s", cases[c].mix, cases[c].name,
              (int)cases[c].columns, type_info_of(type)->name);
    }
    CHECK(t, mix_find("Q4_K_X") < 0, "an unknown mix");
}

/* Copies a whole model through the writer; the two must agree in everything. */
static void test_writer_copy(struct host_test *t, const char *out) {
    struct gguf *a, *b;
    struct gguf_writer *w;
    struct ls_error err = {""};
    CHECK(t, gguf_open(HOST_MODEL("Q4_0"), &a, &err) == 0, "%s", err.text);
    CHECK(t, gguf_writer_open(out, &w, &err) == 0, "%s", err.text);
    for (uint64_t i = 0; i < a->kv_count; i++)
        gguf_writer_copy(w, &a->kvs[i]);
    for (uint64_t i = 0; i < a->tensor_count; i++) {
        char name[65] = "";
        memcpy(name, a->tensors[i].name.data, (size_t)a->tensors[i].name.size);
        gguf_writer_tensor(w, name, a->tensors[i].type, a->tensors[i].n_dims, a->tensors[i].ne);
    }
    for (uint64_t i = 0; i < a->tensor_count; i++)
        for (uint64_t at = 0, part; at < a->tensors[i].size; at += part) {
            part = a->tensors[i].size - at < 1000 ? a->tensors[i].size - at : 1000;
            CHECK(t, gguf_writer_data(w, a->tensors[i].data + at, part) == 0, "tensor %u",
                  (unsigned)i);
        }
    CHECK(t, gguf_writer_finish(w, &err) == 0, "%s", err.text);
    CHECK(t, gguf_open(out, &b, &err) == 0, "%s", err.text);
    CHECK(t,
          a->data_offset == b->data_offset && memcmp(a->map, b->map, (size_t)a->data_offset) == 0,
          "headers differ");
    for (uint64_t i = 0; i < a->tensor_count; i++)
        CHECK(t, memcmp(a->tensors[i].data, b->tensors[i].data, (size_t)a->tensors[i].size) == 0,
              "tensor %u differs", (unsigned)i);
    gguf_close(a);
    gguf_close(b);
}

/* Every kind of value comes back; a wrong sequence leaves no file. */
static void test_writer(struct host_test *t, const char *out) {
    struct gguf_writer *w;
    struct gguf *g;
    struct ls_error err = {""};
    const uint32_t u32s[] = {1, UINT32_MAX};
    const int32_t i32s[] = {-1, 7};
    const float f32s[] = {0.5f, -2.0f};
    const struct gguf_string strings[] = {{"ab", 2}, {"", 0}};
    const uint64_t ne[] = {3, 2}, zero[] = {0};
    CHECK(t, gguf_writer_open(out, &w, &err) == 0, "%s", err.text);
    gguf_writer_u32(w, "u32", 4000000000u);
    odd_number(w, "u64", GGUF_U64, UINT64_C(1) << 40);
    odd_number(w, "i32", GGUF_I32, (uint64_t)-5);
    gguf_writer_f32(w, "f32", 1e-5f);
    gguf_writer_bool(w, "bool", true);
    gguf_writer_string(w, "string", "text");
    odd_list(w, "u32s", u32s, 2);
    gguf_writer_i32s(w, "i32s", i32s, 2);
    gguf_writer_f32s(w, "f32s", f32s, 2);
    gguf_writer_strings(w, "strings", strings, 2);
    gguf_writer_tensor(w, "t", GGML_TYPE_F16, 2, ne);
    CHECK(t, gguf_writer_data(w, "twelve bytes", 12) == 0, "data");
    CHECK(t, gguf_writer_finish(w, &err) == 0, "%s", err.text);

    CHECK(t, gguf_open(out, &g, &err) == 0, "%s", err.text);
    uint32_t u32 = 0;
    uint64_t u64 = 0;
    int32_t i32 = 0;
    float f32 = 0;
    bool boolean = false;
    struct gguf_string string;
    struct gguf_array array;
    uint64_t offset = 0;
    CHECK(t, gguf_get_u32(g, "u32", &u32) == GGUF_FOUND && u32 == 4000000000u, "%u", u32);
    CHECK(t, gguf_get_u32(g, "u64", &u32) == GGUF_WRONG_TYPE, "2^40 fits");
    CHECK(t, gguf_get_u32(g, "i32", &u32) == GGUF_WRONG_TYPE, "-5 fits");
    CHECK(t, gguf_get_u32(g, "none", &u32) == GGUF_ABSENT, "found");
    CHECK(t, gguf_get_u64(g, "u64", &u64) == GGUF_FOUND && u64 == UINT64_C(1) << 40, "u64");
    CHECK(t, gguf_get_i32(g, "i32", &i32) == GGUF_FOUND && i32 == -5, "%d", i32);
    CHECK(t, gguf_get_i32(g, "u32", &i32) == GGUF_WRONG_TYPE, "4e9 fits");
    CHECK(t, gguf_get_f32(g, "f32", &f32) == GGUF_FOUND && f32 == 1e-5f, "%g", (double)f32);
    CHECK(t, gguf_get_bool(g, "bool", &boolean) == GGUF_FOUND && boolean, "bool");
    CHECK(t,
          gguf_get_string(g, "string", &string) == GGUF_FOUND && gguf_string_equals(string, "text"),
          "string");
    CHECK(t,
          gguf_get_array(g, "u32s", &array) == GGUF_FOUND && array.count == 2 &&
              memcmp(array.data, u32s, 8) == 0,
          "u32s");
    CHECK(t, gguf_get_array(g, "i32s", &array) == GGUF_FOUND && memcmp(array.data, i32s, 8) == 0,
          "i32s");
    CHECK(t, gguf_get_array(g, "f32s", &array) == GGUF_FOUND && memcmp(array.data, f32s, 8) == 0,
          "f32s");
    CHECK(t, gguf_get_array(g, "strings", &array) == GGUF_FOUND && array.count == 2, "strings");
    CHECK(t, gguf_string_equals(gguf_array_next_string(&array, &offset), "ab"), "first string");
    CHECK(t, gguf_string_equals(gguf_array_next_string(&array, &offset), ""), "second string");
    const struct gguf_tensor *tensor = gguf_find_tensor(g, "t");
    CHECK(t, tensor != NULL && tensor->size == 12 && memcmp(tensor->data, "twelve bytes", 12) == 0,
          "tensor");
    gguf_close(g);
    unlink(out);

    for (int fault = 0; fault < 4; fault++) {
        CHECK(t, gguf_writer_open(out, &w, &err) == 0, "%s", err.text);
        gguf_writer_tensor(w, "t", GGML_TYPE_F16, fault == 3 ? 1 : 2, fault == 3 ? zero : ne);
        (void)gguf_writer_data(w, "twelve bytes!", fault == 0 ? 11 : fault == 1 ? 13 : 12);
        if (fault == 2)
            gguf_writer_u32(w, "late", 1);
        CHECK(t, gguf_writer_finish(w, &err) != 0, "fault %d passes", fault);
        CHECK(t, strstr(err.text, "cannot be written") != NULL, "%s", err.text);
        CHECK(t, access(out, F_OK) != 0, "fault %d leaves a file", fault);
    }
    CHECK(t, gguf_writer_open("/nonexistent/x.gguf", &w, &err) != 0, "opens");
}

int main(int argc, char **argv) {
    struct host_test t = {"quants", 0, 0};
    host_folder(&t);
    const char *out = argc > 1 ? argv[1] : "build/tests/quants/out.gguf";
    test_halves(&t);
    test_round_trip(&t);
    test_errors(&t);
    test_mixes(&t);
    test_writer(&t, out);
    test_writer_copy(&t, out);
    if (host_shared_has(&t, "files of llama.cpp", "models/stories260K.gguf")) {
        test_against_files(&t);
        test_bf16(&t);
    }
    unlink(out);
    return host_test_finish(&t);
}
