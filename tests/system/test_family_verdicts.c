/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Numbers that end a run in the ops that llama has not: device and golden model stop at the same op
 * with the same error, behind equal words, and the golden model names the element. Section 9 of
 * docs/numerics.md says which it is.
 */
#include <math.h>

#include "tests/kit/odd_models.h"

#define ODD    "build/tests/family_verdicts/odd.gguf"
#define PROMPT "the thin" /* more tokens than a pass of `small` */

/* `count` elements of a row of a tensor are `value`. */
static const struct odd_case {
    const char *arch;
    enum role role;
    uint32_t layer, row, element, count;
    float value;
    const char *says; /* parts between bars */
} cases[] = {
    {"gpt2", ROLE_POSITION_EMBD, 0, 1, 7, 1, NAN,
     "NONFINITE|POSITION, layer 0, tensor position_embd.weight|position 1|element 7:"},
    {"gpt2", ROLE_TOKEN_EMBD, 0, 1, 9, 1, 0x1p18f,
     "RANGE|CENTER, layer 0, slot 0|position 0|element 0:"},
    {"gpt2", ROLE_ATTN_NORM_BIAS, 1, 0, 4, 1, NAN,
     "NONFINITE|BIAS, layer 1, tensor blk.1.attn_norm.bias|element 4:"},
    {"gpt2", ROLE_FFN_UP_BIAS, 0, 0, 11, 1, 0x1p64f, "OVERFLOW|GELU, layer 0|element 11:"},
    {"gpt2", ROLE_FFN_UP_BIAS, 1, 0, 12, 1, -0x1p44f, "OVERFLOW|GELU, layer 1|element 12:"},
    {"qwen3", ROLE_ATTN_Q_NORM, 0, 0, 3, 1, INFINITY,
     "NONFINITE|ROW, layer 0, tensor blk.0.attn_q_norm.weight|element 3:"},
    {"qwen3", ROLE_ATTN_K_NORM, 1, 0, 0, 32, 3e38f, "OVERFLOW|HEADNORM, layer 1|attn_k_normed"},
    {"qwen3", ROLE_ATTN_Q, 0, 69, 0, 64, 0x1p17f, /* the third head */
     "RANGE|HEADNORM, layer 0, slot 0|attn_q_normed, element 64:"},
    {"qwen3", ROLE_ATTN_K, 1, 3, 0, 64, 0x1p17f,
     "RANGE|HEADNORM, layer 1, slot 0|attn_k_normed, element 0:"},
    {"stablelm", ROLE_ATTN_K_NORM, 0, 0, 35, 1, NAN,
     "NONFINITE|ROW, layer 0, tensor blk.0.attn_k_norm.weight|element 35:"},
    {"stablelm", ROLE_ATTN_K_NORM, 1, 0, 32, 32, 3e38f,
     "OVERFLOW|HEADNORM_OWN, layer 1|attn_k_normed"},
    {"stablelm", ROLE_ATTN_Q, 0, 69, 0, 64, 0x1p17f, /* the third head */
     "RANGE|HEADCENTER, layer 0, slot 0|attn_q_centred, element 64:"},
    {"gemma2", ROLE_ATTN_Q, 0, 40, 0, 64, 0x1p17f, "RANGE|ATTEND, layer 0|element 32:"},
    {"gemma2", ROLE_ATTN_POST_NORM, 0, 0, 8, 1, NAN,
     "NONFINITE|NORM, layer 0, tensor blk.0.post_attention_norm.weight|element 8:"},
    {"qwen3moe", ROLE_FFN_ROUTER, 0, 3, 9, 1, INFINITY,
     "NONFINITE|MATVEC, layer 0, tensor blk.0.ffn_gate_inp.weight|element 3:"},
    {"qwen3moe", ROLE_FFN_UP_EXPS, 1, 2 * 96 + 7, 0, 1, NAN, /* of the third expert, once chosen */
     "NONFINITE|MATVEC, layer 1, tensor blk.1.ffn_up_exps.weight|layer 1, expert 2, MATVEC|element "
     "7:"},
    {"qwen3moe", ROLE_FFN_UP_EXPS, 0, 2 * 96 + 7, 0, 64, 0x1p17f,
     "RANGE|QUANT, layer 0|expert 2, MATVEC blk.0.ffn_down_exps.weight, element 0:"},
    {"qwen2moe", ROLE_SHARED_ROUTER, 1, 0, 5, 1, NAN,
     "NONFINITE|MATVEC, layer 1, tensor blk.1.ffn_gate_inp_shexp.weight|element 0:"},
    {"qwen2moe", ROLE_SHARED_DOWN, 0, 30, 1, 1, NAN,
     "NONFINITE|MATVEC, layer 0, tensor blk.0.ffn_down_shexp.weight|element 30:"},
};

static void check(struct host_test *t, const struct child *c, const char *what, int status,
                  const char *verdict, const char *says) {
    const char *message = child_string(c, "message");
    char parts[240], *rest = NULL;
    CHECK(t, c->status == status && strcmp(child_string(c, "verdict"), verdict) == 0,
          "%s: exit %d, verdict %s: %s%s", what, c->status, child_string(c, "verdict"), message,
          c->err);
    snprintf(parts, sizeof parts, "%s", says);
    for (char *part = strtok_r(parts, "|", &rest); part != NULL; part = strtok_r(NULL, "|", &rest))
        CHECK(t, strstr(message, part) != NULL, "%s: '%s' is not in: %s", what, part, message);
}

/* By several tokens a pass, and by one; `single` has but one slot. */
static void run(struct host_test *t, const char *what, int status, const char *verdict,
                const char *says) {
    static const char *const ways[][2] = {{"small", "2"}, {"small", "1"}, {"single", "1"}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct child c;
        SIM(&c, ways[i][0], ODD, "--no-reference", "-p", PROMPT, "-n", "3", "--slots", ways[i][1]);
        check(t, &c, what, status, verdict, says);
        child_close(&c);
    }
}

static struct odd_file make(const char *arch) {
    odd_make(ODD, "F32", "--arch", arch, "--heads", "4", "--kv-heads",
             strcmp(arch, "gpt2") == 0 ? "4" : "2", "--head-size", "32",
             strcmp(arch, "stablelm") == 0 ? "--parallel" : NULL);
    return odd_open(ODD);
}

static void test_case(struct host_test *t, const struct odd_case *c) {
    struct odd_file f = make(c->arch);
    const struct gguf_tensor *tensor = role_is_of_layer(c->role)
                                           ? f.model->layer[c->layer].tensor[c->role]
                                           : f.model->tensor[c->role];
    char says[200];
    run(t, c->arch, 0, "PASS", ""); /* as it was made */
    for (uint32_t i = 0; i < c->count; i++)
        memcpy(odd_row(&f, tensor, c->row) + 4 * (c->element + i), &c->value, 4);
    odd_write(&f, ODD);
    snprintf(says, sizeof says, "%s|the golden model meets it too", c->says);
    run(t, says, 3, "DEVICE_ERROR", says);
    odd_close(&f);
}

/* The second head of q is zeros, and so is epsilon: no root. */
static void test_divzero(struct host_test *t) {
    struct odd_file f = make("qwen3");
    for (uint32_t row = 32; row < 64; row++)
        memset(odd_row(&f, f.model->layer[0].tensor[ROLE_ATTN_Q], row), 0, 4 * 64);
    memcpy(odd_value(&f, "qwen3.attention.layer_norm_rms_epsilon"), "\x01\x00\x00\x00", 4);
    odd_write(&f, ODD);
    run(t, "divzero", 3, "DEVICE_ERROR",
        "DIVZERO|HEADNORM, layer 0|the golden model meets it too|attn_q_normed, element 32:");
    odd_close(&f);
}

/* All logits of a router are alike: the first experts are chosen, and an error in another is met by
 * nobody. */
static void test_tie(struct host_test *t) {
    struct odd_file f = make("qwen3moe");
    const struct gguf_tensor *router = f.model->layer[1].tensor[ROLE_FFN_ROUTER];
    const struct gguf_tensor *down = f.model->layer[1].tensor[ROLE_FFN_DOWN_EXPS];
    const float nan = NAN;
    memset(odd_row(&f, router, 0), 0, (size_t)router->size);
    memcpy(odd_row(&f, down, 2 * 64 + 11), &nan, sizeof nan); /* 2 of 8 are used */
    odd_write(&f, ODD);
    run(t, "a tie", 0, "PASS", "");
    memcpy(odd_row(&f, down, 1 * 64 + 11), &nan, sizeof nan);
    odd_write(&f, ODD);
    run(t, "an error of the second of a tie", 3, "DEVICE_ERROR",
        "NONFINITE|MATVEC, layer 1, tensor blk.1.ffn_down_exps.weight|the golden model meets it "
        "too|expert 1, MATVEC blk.1.ffn_down_exps.weight, element 11:");
    odd_close(&f);
}

int main(void) {
    struct host_test t = {"family_verdicts", 0, 0};
    host_folder(&t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        test_case(&t, &cases[i]);
    test_divzero(&t);
    test_tie(&t);
    return host_test_finish(&t);
}
