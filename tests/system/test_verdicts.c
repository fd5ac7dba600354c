/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What ends a run, and with which verdict (docs/debugging.md): a device that stops with an error
 * because the model, the port or the heat makes it stop is right, exit 3, whatever its slots; one
 * that stops without a reason, elsewhere, or that goes on where the golden model stops differs,
 * exit 1; ends of texts, contexts and lists pass.
 */
#include "tests/kit/odd_models.h"

#define ODD    "build/tests/verdicts/odd.gguf"
#define PROMPT "the thin" /* more tokens than a pass of `small` */

static const char *const configs[] = {"small", "single", "default"};
enum { CONFIGS = 3 };

/* The parts of `says` between bars must all stand in the message. */
static void check(struct host_test *t, const struct child *c, const char *what, int status,
                  const char *verdict, const char *says) {
    const char *message = child_string(c, "message");
    char parts[240], *rest = NULL;
    CHECK(t, c->status == status, "%s: exit %d: %s", what, c->status, c->err);
    CHECK(t, strcmp(child_string(c, "verdict"), verdict) == 0, "%s: verdict %s: %s", what,
          child_string(c, "verdict"), message);
    snprintf(parts, sizeof parts, "%s", says);
    for (char *part = strtok_r(parts, "|", &rest); part != NULL; part = strtok_r(NULL, "|", &rest))
        CHECK(t, strstr(message, part) != NULL, "%s: '%s' is not in: %s", what, part, message);
}

#define RUN(t, config, what, status, verdict, says, ...)                                           \
    do {                                                                                           \
        struct child child;                                                                        \
        SIM(&child, config, ODD, "--no-reference", __VA_ARGS__);                                   \
        check(t, &child, what, status, verdict, says);                                             \
        child_close(&child);                                                                       \
    } while (0)

/* ---- numbers that are none ---- */

/* An infinity or NaN in a row: as a weight in its middle, or as the scale of its first block, or
 * the minimum. */
static void put_nonfinite(char *row, enum ggml_type type, unsigned kind) {
    static const char half[3][3] = {"\x00\x7c", "\x00\xfc", "\x01\x7e"};
    static const char single[3][5] = {"\x00\x00\x80\x7f", "\x00\x00\x80\xff", "\x01\x00\xc0\x7f"};
    if (type == GGML_TYPE_F32)
        memcpy(row + 4 * 33, single[kind % 3], 4);
    else if (type == GGML_TYPE_MXFP4)
        *row = '\xff';
    else
        memcpy(row + (type == GGML_TYPE_F16    ? 2 * 33
                      : type == GGML_TYPE_Q6_K ? LOCKSTEP_BYTES_Q6_K - 2
                      : type == GGML_TYPE_Q4_K ? 2 * (kind % 2)
                                               : 0),
               half[kind % 3], 2);
}

static const struct gguf_tensor *tensor_of(const struct ls_model *m, enum role role) {
    return role_is_of_layer(role) ? m->layer[1].tensor[role] : m->tensor[role];
}

/* The row that the token at `position` of the prompt reads. */
static uint32_t prompt_token(const char *path, int position) {
    struct child c;
    SIM(&c, "small", path, "-p", PROMPT, "-n", "1");
    const cJSON *token = cJSON_GetArrayItem(child_item(&c, "prompt_tokens"), position);
    const uint32_t id = token != NULL ? (uint32_t)token->valuedouble : 0;
    child_close(&c);
    return id;
}

/* In each role of each type; of the types with blocks of 256, which take larger models, in some. */
static void test_nonfinite(struct host_test *t) {
    static const struct {
        const char *name, *size;
        unsigned roles; /* every so many */
    } types[] = {{"F32", "64", 1},   {"F16", "64", 1},   {"Q8_0", "64", 1}, {"Q4_0", "64", 1},
                 {"MXFP4", "64", 1}, {"Q4_K", "256", 4}, {"Q6_K", "256", 4}};
    unsigned kind = 0;
    for (size_t type = 0; type < sizeof types / sizeof *types; type++) {
        odd_make(ODD, types[type].name, "--dim", types[type].size, "--hidden",
                 types[type].roles == 1 ? "96" : types[type].size);
        const uint32_t third = prompt_token(ODD, 2);
        struct odd_file f = odd_open(ODD);
        for (enum role role = 0; role < ROLES; role++) {
            const struct gguf_tensor *tensor = tensor_of(f.model, role);
            if (tensor == NULL || role % types[type].roles != 0) /* a bias, which it has not */
                continue;
            const uint64_t row = role == ROLE_TOKEN_EMBD ? third : tensor->ne[1] / 2;
            const uint64_t bytes = tensor->size / tensor->ne[1];
            char says[160], *at = odd_row(&f, tensor, row), *saved = malloc(bytes);
            memcpy(saved, at, bytes);
            put_nonfinite(at, tensor->type, kind++);
            odd_write(&f, ODD);
            snprintf(says, sizeof says, "NONFINITE|tensor %.*s,|the golden model meets it too",
                     (int)tensor->name.size, tensor->name.data);
            RUN(t, "small", says, 3, "DEVICE_ERROR", says, "-p", PROMPT, "-n", "3");
            RUN(t, configs[1 + kind % 2], says, 3, "DEVICE_ERROR", says, "-p", PROMPT, "-n", "3");
            if (role % 3 == 0)
                RUN(t, configs[2 * (kind % 2)], says, 3, "DEVICE_ERROR", says, "-p", "a", "-p",
                    PROMPT, "-p", "b", "-n", "3", "--temp", "1");
            memcpy(at, saved, bytes);
            free(saved);
        }
        odd_close(&f);
    }
    const struct host_path path = host_shared("bugs/nan-ffn-up-f16.gguf");
    if (access(path.text, R_OK) != 0)
        printf("SKIP verdicts: no %s\n", path.text);
    for (int i = 0; i < CONFIGS && access(path.text, R_OK) == 0; i++) {
        struct child c;
        SIM(&c, configs[i], path.text, "-p", "the thin", "-n", "3");
        check(t, &c, configs[i], 3, "DEVICE_ERROR", "NONFINITE|tensor blk.0.ffn_up.weight,");
        child_close(&c);
    }
}

/* ---- numbers that are too large, or nothing ---- */

static void put_float(char *row, unsigned element, float value) {
    memcpy(row + 4 * element, &value, 4);
}

static void fill(char *row, unsigned count, float value) {
    for (unsigned i = 0; i < count; i++)
        put_float(row, i, value);
}

static void all_configs(struct host_test *t, const struct odd_file *f, const char *says) {
    odd_write(f, ODD);
    for (int i = 0; i < CONFIGS; i++)
        RUN(t, configs[i], says, 3, "DEVICE_ERROR", says, "-p", PROMPT, "-n", "3");
}

static void test_arithmetic(struct host_test *t) {
    enum { DIM = 64, HIDDEN = 96 };
    odd_make(ODD, "F32");
    const uint32_t third = prompt_token(ODD, 2);
    struct odd_file f = odd_open(ODD);
    char *sound = malloc(f.size);
    memcpy(sound, f.bytes, f.size);
    const struct ls_layer *l = &f.model->layer[1];

    put_float(odd_row(&f, l->tensor[ROLE_ATTN_K], 5), 3, 0x1p18f);
    all_configs(t, &f, "RANGE|MATVEC|layer 1|tensor blk.1.attn_k.weight,|golden model meets it");
    memcpy(f.bytes, sound, f.size);

    /* The input of a norm, in the slot of one token. */
    put_float(odd_row(&f, f.model->tensor[ROLE_TOKEN_EMBD], third), 7, 0x1p18f);
    all_configs(t, &f, "RANGE|NORM|layer 0|tensor blk.0.attn_norm.weight,|position 2");
    odd_write(&f, ODD);
    RUN(t, "default", "its slot", 3, "DEVICE_ERROR", "layer 0, slot 2,", "-p", PROMPT, "-n", "3");
    RUN(t, "small", "its slot", 3, "DEVICE_ERROR", "layer 0, slot 0,", "-p", PROMPT, "-n", "3");
    memcpy(f.bytes, sound, f.size);

    put_float(odd_row(&f, l->tensor[ROLE_FFN_NORM], 0), 9, 3e38f);
    put_float(odd_row(&f, l->tensor[ROLE_FFN_NORM], 0), 40, 3e38f);
    odd_write(&f, ODD);
    for (int i = 0; i < CONFIGS; i++) {
        struct child c;
        SIM(&c, configs[i], ODD, "-p", PROMPT, "-n", "3");
        const bool overflow = strstr(child_string(&c, "message"), "OVERFLOW") != NULL;
        check(t, &c, "a huge gain", 3, "DEVICE_ERROR",
              overflow ? "NORM|blk.1.ffn_norm.weight" : "RANGE|QUANT|layer 1");
        child_close(&c);
    }
    memcpy(f.bytes, sound, f.size);

    /* Gains in the thousands and large weights: results that are no block of K, V, query, input. */
    const struct {
        const struct gguf_tensor *norm, *first, *second;
        const char *says;
    } large[] = {{l->tensor[ROLE_ATTN_NORM], l->tensor[ROLE_ATTN_K], l->tensor[ROLE_ATTN_K],
                  "RANGE|KV|layer 1"},
                 {l->tensor[ROLE_ATTN_NORM], l->tensor[ROLE_ATTN_V], l->tensor[ROLE_ATTN_V],
                  "RANGE|KV|layer 1"},
                 {l->tensor[ROLE_ATTN_NORM], l->tensor[ROLE_ATTN_Q], l->tensor[ROLE_ATTN_Q],
                  "RANGE|ATTEND|layer 1"},
                 {l->tensor[ROLE_FFN_NORM], l->tensor[ROLE_FFN_GATE], l->tensor[ROLE_FFN_UP],
                  "RANGE|QUANT|layer 1"}};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        fill(odd_row(&f, large[i].norm, 0), DIM, 3e3f);
        for (unsigned r = 0; r < 8; r++) {
            fill(odd_row(&f, large[i].first, r), DIM, 0);
            fill(odd_row(&f, large[i].second, r), DIM, 0);
            put_float(odd_row(&f, large[i].first, r), r, 2e5f);
            put_float(odd_row(&f, large[i].second, r), r, 2e5f);
        }
        all_configs(t, &f, large[i].says);
        memcpy(f.bytes, sound, f.size);
    }

    /* No root of the mean: it and epsilon are zero. */
    fill(odd_row(&f, f.model->tensor[ROLE_TOKEN_EMBD], third), DIM, 0);
    memcpy(odd_value(&f, "llama.attention.layer_norm_rms_epsilon"), "\x01\x00\x00\x00", 4);
    all_configs(t, &f, "DIVZERO|NORM|layer 0|position 2|golden model meets it");
    free(sound);
    odd_close(&f);
}

/* ---- devices that stop without a reason, or do not stop ---- */

static void test_lies(struct host_test *t) {
    odd_make(ODD, "F16");
    struct odd_file f = odd_open(ODD);
    const struct ls_layer *l = f.model->layer;
    const uint64_t up = (uint64_t)(odd_row(&f, l[0].tensor[ROLE_FFN_UP], 3) - f.bytes);
    const uint64_t late = (uint64_t)(odd_row(&f, l[1].tensor[ROLE_ATTN_V], 5) - f.bytes);
    const uint64_t gain = (uint64_t)(odd_row(&f, l[1].tensor[ROLE_ATTN_NORM], 0) - f.bytes) + 4 * 8;
    const uint64_t last = (uint64_t)(odd_row(&f, f.model->tensor[ROLE_OUTPUT], 299) - f.bytes);
    const struct {
        uint64_t flip; /* byte of which a bit arrives in the device flipped */
        const char *bit;
        uint64_t infinite[2]; /* halves (the gain: a float) that are infinite in the file */
        uint64_t large;       /* half that is a flip away from it */
        const char *says;
    } cases[] = {
        {up + 1,
         "2",
         {0, 0},
         up,
         "stopped with NONFINITE|MATVEC, layer 0|tensor blk.0.ffn_up.weight|meets no error"},
        {up + 1, "2", {up, 0}, 0, "had to stop|ffn_up.weight, element 3: NONFINITE"},
        {up + 1, "2", {up, late}, 0, "had to stop|ffn_up.weight, element 3: NONFINITE"},
        {up + 1,
         "2",
         {late, 0},
         up,
         "stopped with NONFINITE|tensor blk.0.ffn_up.weight|attn_v.weight, element 5: NONFINITE"},
        {gain + 2, "7", {gain, 0}, 0, "had to stop|NORM blk.1.attn_norm.weight, element 8"},
        {last + 1, "2", {last, 0}, 0, "had to stop|LOGITS output.weight, element 299"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *sound = malloc(f.size), flip[40];
        memcpy(sound, f.bytes, f.size);
        for (int k = 0; k < 2; k++)
            if (cases[i].infinite[k] == gain)
                memcpy(f.bytes + gain, "\x00\x00\x80\x7f", 4);
            else if (cases[i].infinite[k] != 0)
                memcpy(f.bytes + cases[i].infinite[k], "\x00\x7c", 2);
        if (cases[i].large != 0)
            memcpy(f.bytes + cases[i].large, "\x00\x78", 2);
        odd_write(&f, ODD);
        snprintf(flip, sizeof flip, "%llu:%s", (unsigned long long)cases[i].flip, cases[i].bit);
        for (int k = 0; k < CONFIGS; k++)
            RUN(t, configs[k], cases[i].says, 1, "DIFFERENCE", cases[i].says, "-p", PROMPT, "-n",
                "3", "--flip-weight", flip);
        memcpy(f.bytes, sound, f.size);
        free(sound);
    }
    odd_close(&f);
}

/* ---- the weight port ---- */

static void test_port(struct host_test *t) {
    static const char *const options[] = {"--port-error", "--port-hang"};
    static const char *const names[] = {"PORT_RESPONSE", "PORT_TIMEOUT"};
    odd_make(ODD, "Q8_0");
    struct odd_file f = odd_open(ODD);
    const struct gguf_tensor *const tensors[] = {f.model->layer[1].tensor[ROLE_FFN_GATE],
                                                 f.model->layer[0].tensor[ROLE_ATTN_NORM],
                                                 f.model->tensor[ROLE_OUTPUT]};
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 3; k++) {
            char address[32], says[120];
            snprintf(address, sizeof address, "%llu",
                     (unsigned long long)tensors[k]->offset + tensors[k]->size / 2);
            snprintf(says, sizeof says, "%s|tensor %.*s,", names[i], (int)tensors[k]->name.size,
                     tensors[k]->name.data);
            RUN(t, configs[k], says, 3, "DEVICE_ERROR", says, "-p", PROMPT, "-n", "3", options[i],
                address);
        }
    odd_close(&f);
}

/* ---- heat ---- */

/* It begins just below the limit and gets there on the way. */
static void test_heat(struct host_test *t) {
    static const char profile[] = "build/tests/verdicts/profile";
    static const char says[] =
        "initial_c = 89.799\nlimit_c = 89.8\nramp_target_c = 95\nspeed_log2 = 8\n";
    odd_make(ODD, "Q8_0");
    odd_save(profile, says, sizeof says - 1);
    for (int i = 0; i < CONFIGS; i++)
        RUN(t, configs[i], "heat", 3, "DEVICE_ERROR", "OVERHEAT|at op", "-p", PROMPT, "-n", "40",
            "--throttle", "on", "--profile", profile);
    unlink(profile);
}

/* ---- ends by design ---- */

static void test_lists(struct host_test *t) {
    static const uint32_t sizes[] = {5, 12, 30};
    int ended = 0;
    for (int i = 0; i < 3; i++) {
        odd_make_letters(ODD, sizes[i], 64);
        for (int k = 0; k < CONFIGS; k++) {
            struct child c;
            RUN(t, configs[k], "--temp", 0, "PASS", "", "-p", "a", "-n", "6", "--temp", "1");
            RUN(t, configs[k], "--top-k", 0, "PASS", "", "-p", "a", "-n", "6", "--temp", "1",
                "--top-k",
                sizes[i] == 5    ? "5"
                : sizes[i] == 12 ? "13"
                                 : "29");
            RUN(t, configs[k], "--repeat-penalty", 0, "PASS", "", "-p", "a", "-n", "6",
                "--repeat-penalty", "1.2");
            SIM(&c, configs[k], ODD, "-p", "a", "-p", "ab", "-p", "b", "-n", "24", "--temp", "1",
                "--seed", "3");
            check(t, &c, "three lists", 0, "PASS", "");
            const cJSON *sequence;
            cJSON_ArrayForEach(sequence, child_item(&c, "sequences")) {
                const cJSON *tokens = cJSON_GetObjectItem(sequence, "generated_tokens");
                ended += cJSON_GetArraySize(tokens) < 24;
            }
            child_close(&c);
        }
    }
    CHECK(t, ended != 0, "no text ended by itself");
    const struct host_path path = host_shared("bugs/vocab30-top-k.gguf");
    if (access(path.text, R_OK) != 0)
        printf("SKIP verdicts: no %s\n", path.text);
    for (int i = 0; i < CONFIGS && access(path.text, R_OK) == 0; i++) {
        struct child c;
        SIM(&c, configs[i], path.text, "-p", "a", "-n", "6", "--repeat-penalty", "1.2");
        check(t, &c, "vocab30", 0, "PASS", "");
        child_close(&c);
    }
}

/* The context of one sequence is over before the others', greedily and by list. */
static void test_context(struct host_test *t) {
    odd_make_letters(ODD, 30, 8);
    for (int i = 0; i < CONFIGS; i++) {
        RUN(t, configs[i], "context, greedy", 0, "PASS", "", "-p", "abcd", "-p", "a", "-n", "20");
        RUN(t, configs[i], "context, list", 0, "PASS", "", "-p", "abcd", "-p", "a", "-n", "20",
            "--temp", "1");
        RUN(t, configs[i], "context of one", 0, "PASS", "", "-p", "abcde", "-n", "20");
    }
}

int main(void) {
    struct host_test t = {"verdicts", 0, 0};
    host_folder(&t);
    test_nonfinite(&t);
    test_arithmetic(&t);
    test_lies(&t);
    test_port(&t);
    test_heat(&t);
    test_lists(&t);
    test_context(&t);
    unlink(ODD);
    return host_test_finish(&t);
}
