/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The check can fail: a bit flipped in a weight on its way into the device or in the KV SRAM, and
 * faults planted in the RTL (waves/faults/), end with exit status 1 and a first difference that
 * names the place. A weight port that fails ends with 3 and names the tensor.
 */
#include "csrc/model/model.h"
#include "tests/kit/child.h"
#include "tests/kit/host_test.h"
#include "tests/kit/odd_models.h"

#define MODEL  HOST_MODEL("Q4_0")
#define GPT2   "build/tests/sim_faults/gpt2.gguf"
#define QWEN3  "build/tests/sim_faults/qwen3.gguf"
#define PHI2   "build/tests/sim_faults/phi2.gguf"
#define STABLE "build/tests/sim_faults/stablelm.gguf"
#define MOE    "build/tests/sim_faults/qwen3moe.gguf"
#define LEVEL  "build/tests/sim_faults/level.gguf"

#define PROMPT "Once upon a time, there was"

enum {
    COLS = 128,
    Q4_0_ROW = COLS / 32 * LOCKSTEP_BYTES_Q4_0,
    HEAD_DIM = 16,
    KV_HEADS = 4,
    LAYERS = 4
};

/* The parts of `says` between bars must all stand in the message, and so must both values. */
static void check_message(struct host_test *t, const struct child *c, const char *what, int status,
                          const char *verdict, const char *says) {
    const char *message = child_string(c, "message");
    char parts[200], *rest = NULL;
    CHECK(t, c->status == status, "%s: exit %d: %s", what, c->status, c->err);
    CHECK(t, strcmp(child_string(c, "verdict"), verdict) == 0, "%s: verdict %s", what,
          child_string(c, "verdict"));
    CHECK(t, strstr(c->err, message) != NULL, "%s: the table does not say it", what);
    snprintf(parts, sizeof parts, "%s", says);
    for (char *part = strtok_r(parts, "|", &rest); part != NULL; part = strtok_r(NULL, "|", &rest))
        CHECK(t, strstr(message, part) != NULL, "%s: '%s' is not in: %s", what, part, message);
}

static void check_difference(struct host_test *t, const struct child *c, const char *what,
                             const char *says) {
    const char *message = child_string(c, "message");
    unsigned token, position, expected, actual;
    unsigned long long cycle;
    const char *values = strstr(message, "expected ");
    const char *when = strstr(message, "cycle ");
    check_message(t, c, what, 1, "DIFFERENCE", says);
    CHECK(t, child_number(c, "lockstep.mismatches") == 1, "%s: %g mismatches", what,
          child_number(c, "lockstep.mismatches"));
    CHECK(t, sscanf(message, "first difference: token %u at position %u", &token, &position) == 2,
          "%s: %s", what, message);
    CHECK(t,
          values != NULL &&
              sscanf(values, "expected 0x%x (%*[^)]), got 0x%x", &expected, &actual) == 2 &&
              expected != actual,
          "%s: %s", what, message);
    CHECK(t, when != NULL && sscanf(when, "cycle %llu", &cycle) == 1 && cycle > 0, "%s: %s", what,
          message);
}

static void test_weights(struct host_test *t, const char *path, const struct ls_model *m) {
    const struct {
        uint64_t address;
        unsigned bit;
        const char *says;
    } cases[] = {
        /* nibbles: behind the scale of a block, low half first */
        {m->layer[0].tensor[ROLE_ATTN_Q]->offset + 3 * Q4_0_ROW + 2, 3,
         "layer 0,|MATVEC|blk.0.attn_q.weight|element 3:|position 0"},
        {m->layer[2].tensor[ROLE_FFN_UP]->offset + 100 * Q4_0_ROW + LOCKSTEP_BYTES_Q4_0 + 9, 7,
         "layer 2,|MATVEC|blk.2.ffn_up.weight|element 100:"},
        {m->layer[3].tensor[ROLE_ATTN_OUTPUT]->offset + 63 * Q4_0_ROW + 1,
         2, /* the scale's exponent */
         "layer 3,|MATVEC|blk.3.attn_output.weight|element 63:"},
        {m->layer[1].tensor[ROLE_FFN_NORM]->offset + 4 * 7 + 2, 5,
         "layer 1,|NORM|blk.1.ffn_norm.weight|element 7:"},
        {m->tensor[ROLE_OUTPUT_NORM]->offset + 4 * 40 + 2, 1,
         "NORM|output_norm.weight|element 40:"},
        {m->tensor[ROLE_TOKEN_EMBD]->offset + 1 * Q4_0_ROW + 2, 3, /* of BOS */
         "token 1 at position 0|EMBED|token_embd.weight|element 0:"},
        {m->tensor[ROLE_OUTPUT]->offset +
             3 * (m->tensor[ROLE_OUTPUT]->size / m->tensor[ROLE_OUTPUT]->ne[1]) + 4,
         3, "LOGITS|element 3:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int k = 0; k < 2; k++) {
            struct child c;
            char flip[40], what[64];
            snprintf(flip, sizeof flip, "%llu:%u", (unsigned long long)cases[i].address,
                     cases[i].bit);
            snprintf(what, sizeof what, "flip %zu, %s", i, k ? "default" : "small");
            SIM(&c, k ? "default" : "small", path, "-p", PROMPT, "-n", "4", "--flip-weight", flip);
            check_difference(t, &c, what, cases[i].says);
            child_close(&c);
        }
}

/* A flipped bit in the row of a head, the first of a pair, at position 2, layer 3. */
static void test_kv(struct host_test *t, const char *path) {
    enum { CONTEXT = 64, LAYER = 3, HEAD = 2, POSITION = 2, GROUP = 2 };
    for (unsigned value = 0; value < 2; value++) {
        const unsigned element = 5;
        const unsigned block = (LAYER * KV_HEADS + HEAD) * CONTEXT + 2 * POSITION;
        struct child c;
        char flip[40], says[80];
        unsigned index = 0;
        snprintf(flip, sizeof flip, "%u:%u", 2 * block + value, 16 * element + 14);
        SIM(&c, "small", path, "-p", PROMPT, "-n", "8", "--context", "64", "--flip-kv", flip);
        snprintf(says, sizeof says, "layer %d,|ATTEND|element", LAYER);
        check_difference(t, &c, value ? "flip in V" : "flip in K", says);
        const char *at = strstr(child_string(&c, "message"), "element ");
        CHECK(t, at != NULL && sscanf(at, "element %u", &index) == 1, "no element");
        if (value) /* that element of the first query head of the group */
            CHECK(t, index == HEAD * GROUP * HEAD_DIM + element, "element %u", index);
        else /* any of the group */
            CHECK(t, index / (GROUP * HEAD_DIM) == HEAD, "element %u", index);
        child_close(&c);
    }
}

/* A model whose routers find all experts equal. */
static void make_level(void) {
    odd_make(LEVEL, "Q8_0", "--arch", "qwen3moe", "--experts", "8");
    struct odd_file f = odd_open(LEVEL);
    for (uint32_t i = 0; i < f.model->layers; i++) {
        const struct gguf_tensor *const router = f.model->layer[i].tensor[ROLE_FFN_ROUTER];
        memset(f.bytes + router->offset, 0, (size_t)router->size);
    }
    odd_write(&f, LEVEL);
    odd_close(&f);
}

static void test_rtl(struct host_test *t) {
    static const struct {
        const char *fault, *path, *says;
    } cases[] = {
        {"+fault_block", MODEL, "position 0|layer 0,|MATVEC|blk.0.attn_q.weight|element 0:"},
        {"+fault_turn", MODEL, "position 1|layer 0,|ROPE|element 2:"},
        {"+fault_position", MODEL, "position 16|layer 0,|ATTEND|element"},
        {"+fault_place", GPT2, "position 0|POSITION|position_embd.weight|element 0:"},
        {"+fault_mean", GPT2, "position 0|layer 0,|CENTER|element 0:"},
        {"+fault_gelu", GPT2, "position 0|layer 0,|GELU|element 3:"},
        {"+fault_gain", QWEN3, "position 0|layer 0,|HEADNORM|element 16:"},
        {"+fault_own", STABLE, "position 0|layer 0,|HEADNORM_OWN|element 16:"},
        {"+fault_head", STABLE, "position 0|layer 0,|HEADCENTER|element 16:"},
        {"+fault_offer", PHI2, "OFFER|element 2:"},
        {"+fault_tie", LEVEL, "position 0|layer 0,|ROUTE|element 0:"},
        {"+fault_sum", MOE, "position 0|layer 0,|ROUTE|element"},
        {"+fault_expert", MOE,
         "position 0|layer 0, expert|MATVEC|blk.0.ffn_gate_exps.weight|element 0:"},
        {"+fault_members", MOE, "layer 0, expert|MATVEC"},
    };
    odd_make(GPT2, "F16", "--arch", "gpt2", "--kv-heads", "4");
    odd_make(QWEN3, "F16", "--arch", "qwen3", "--head-size", "16");
    odd_make(STABLE, "F16", "--arch", "stablelm", "--parallel");
    odd_make(MOE, "Q8_0", "--arch", "qwen3moe", "--experts", "8");
    make_level();
    odd_make(PHI2, "F16", "--arch", "phi2", "--biases", "--vocab", "2100");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct child c;
        setenv("LOCKSTEP_PLUSARGS", cases[i].fault, 1);
        SIM(&c, "faults/seen-trace", cases[i].path, "-p", PROMPT, "-n", "24", "--no-reference");
        check_difference(t, &c, cases[i].fault, cases[i].says);
        child_close(&c);
    }
    unsetenv("LOCKSTEP_PLUSARGS");
}

static void test_port(struct host_test *t, const char *path, const struct ls_model *m) {
    static const char *const options[] = {"--port-error", "--port-hang"};
    static const char *const names[] = {"PORT_RESPONSE", "PORT_TIMEOUT"};
    const struct gguf_tensor *const tensors[] = {m->layer[3].tensor[ROLE_FFN_GATE],
                                                 m->layer[1].tensor[ROLE_ATTN_NORM],
                                                 m->tensor[ROLE_TOKEN_EMBD]};
    /* In the midst of a matrix: the beat that holds its first byte may begin in another tensor. */
    const uint64_t within[] = {tensors[0]->size / 2, 0, Q4_0_ROW};
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 3; k++) {
            struct child c;
            char address[32], says[120];
            snprintf(address, sizeof address, "%llu",
                     (unsigned long long)(tensors[k]->offset + within[k]));
            snprintf(says, sizeof says, "%s|tensor %.*s,|cycle", names[i],
                     (int)tensors[k]->name.size, tensors[k]->name.data);
            SIM(&c, k == 0 ? "default" : "small", path, "-p", PROMPT, "-n", "4", options[i],
                address);
            check_message(t, &c, options[i], 3, "DEVICE_ERROR", says);
            child_close(&c);
        }
    struct child c;
    SIM(&c, "small", path, "-p", PROMPT, "-n", "4", "--cycle-limit", "20000");
    check_message(t, &c, "cycle limit", 3, "DEVICE_ERROR", "cycle");
    child_close(&c);
}

int main(void) {
    struct host_test t = {"sim_faults", 0, 0};
    struct ls_model *model;
    struct ls_error err;
    host_folder(&t);
    if (ls_model_open(MODEL, &model, &err) != 0 || model->layers != LAYERS || model->dim != COLS ||
        model->kv_heads != KV_HEADS || model->head_dim != HEAD_DIM) {
        printf("FAIL %s: %s is another model\n", t.name, MODEL);
        return 1;
    }
    test_weights(&t, MODEL, model);
    test_kv(&t, MODEL);
    test_rtl(&t);
    test_port(&t, MODEL, model);
    ls_model_close(model);
    return host_test_finish(&t);
}
