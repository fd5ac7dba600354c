/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf make` and `gguf inspect`: made models open, say what was asked for,
 * tokenize English both ways and have weights of the promised spread; the same
 * seed gives the same bytes, another seed others; bad usage exits with 2; what
 * is no Unicode in a file is none in the JSON of it.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "csrc/base/utf8.h"
#include "csrc/gguf/dequant.h"
#include "csrc/model/model.h"
#include "csrc/tokenizer/tokenizer.h"
#include "gguf_tools/commands.h"
#include "gguf_tools/convert/gguf_write.h"
#include "gguf_tools/convert/model_shape.h"
#include "tests/kit/host_test.h"

#define MAX_ARGS 24

/* Runs a subcommand with arguments split at spaces; OUT stands for `path`. */
static int run(int (*command)(int, char **), const char *line, const char *path) {
    char text[512], *argv[MAX_ARGS], *rest = NULL;
    int argc = 0;
    snprintf(text, sizeof text, "%s", line);
    for (char *word = strtok_r(text, " ", &rest); word != NULL && argc < MAX_ARGS - 1;
         word = strtok_r(NULL, " ", &rest))
        argv[argc++] = strcmp(word, "OUT") == 0 ? (char *)(uintptr_t)path : word;
    argv[argc] = NULL;
    return command(argc, argv);
}

static void check_text(struct host_test *t, const struct tokenizer *tok, const char *text,
                       size_t most_tokens) {
    uint32_t *ids;
    size_t count, size, length = 0;
    struct ls_error err = {""};
    char back[256] = "";
    const char *bytes;
    CHECK(t, tokenizer_encode(tok, text, strlen(text), 0, &ids, &count, &err) == 0, "%s", err.text);
    CHECK(t, count <= most_tokens, "'%s' takes %zu tokens", text, count);
    struct token_stream stream = token_stream_start();
    for (size_t i = 0; i < count; i++, length += size) {
        CHECK(t, token_stream_put(tok, &stream, ids[i], &bytes, &size, &err) == 0, "%s", err.text);
        memcpy(back + length, bytes, size);
    }
    CHECK(t, strcmp(back, text) == 0, "'%s' comes back as '%s'", text, back);
    free(ids);
}

/* Root mean square of a matrix times sqrt(columns): near 1. */
static double spread(const struct gguf_tensor *m) {
    uint64_t count = m->ne[0] * m->ne[1];
    float *values = malloc((size_t)count * sizeof *values);
    double square = 0.0;
    if (values == NULL || dequant_row(m->type, m->data, values, count) != 0)
        exit(1);
    for (uint64_t i = 0; i < count; i++)
        square += (double)values[i] * (double)values[i];
    free(values);
    return sqrt(square / (double)count * (double)m->ne[0]);
}

static void test_make(struct host_test *t, const char *path) {
    const struct {
        const char *line, *quant;
        uint32_t dim, vocab;
        bool tied;
        enum ggml_type down; /* type of ffn_down: F16 where its rows are no whole blocks */
    } cases[] = {
        {"make OUT", "Q4_0", 64, 512, false, GGML_TYPE_F16},
        {"make OUT --type F32 --vocab 260", "F32", 64, 260, false, GGML_TYPE_F32},
        {"make --tied OUT --type F16 --vocab 300", "F16", 64, 300, true, GGML_TYPE_F16},
        {"make OUT --dim 96 --hidden 256 --layers 2 --heads 6 --kv-heads 1 --type Q8_0 --vocab "
         "2000 --context 77",
         "Q8_0", 96, 2000, false, GGML_TYPE_Q8_0},
        {"make OUT --dim 256 --hidden 704 --type Q4_0 --tied", "Q4_0", 256, 512, true,
         GGML_TYPE_Q4_0},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct ls_model *m;
        struct tokenizer *tok;
        struct ls_error err = {""};
        CHECK(t, run(gguf_make, cases[c].line, path) == GGUF_DONE, "%s", cases[c].line);
        CHECK(t, ls_model_open(path, &m, &err) == 0, "%s", err.text);
        CHECK(t, tokenizer_open(m->gguf, &tok, &err) == 0, "%s", err.text);
        CHECK(t,
              strcmp(m->quant, cases[c].quant) == 0 && m->dim == cases[c].dim &&
                  m->vocab == cases[c].vocab && m->tied == cases[c].tied &&
                  m->layer[0].tensor[ROLE_FFN_DOWN]->type == cases[c].down,
              "%s: not what was asked for", cases[c].line);
        CHECK(t,
              fabs(spread(m->tensor[ROLE_TOKEN_EMBD]) - 1.0) < 0.1 &&
                  fabs(spread(m->layer[0].tensor[ROLE_FFN_DOWN]) - 1.0) < 0.1,
              "%s: spread %g", cases[c].line, spread(m->tensor[ROLE_TOKEN_EMBD]));
        check_text(t, tok, "Once upon a time, \xe2\x82\xac 5!\n", 40);
        check_text(t, tok, "once upon the time", m->vocab >= 512 ? 4 : 40);
        tokenizer_close(tok);
        ls_model_close(m);
    }
}

/* Parameters of a shape; of its tensor of that name, `type`. */
static uint64_t parameters_of(const struct model_shape *shape, const char *name,
                              enum ggml_type *type) {
    struct model_tensor tensor;
    uint64_t parameters = 0;
    *type = GGML_TYPE_F32;
    for (uint32_t k = 0; model_tensor_at(shape, k, &tensor); k++) {
        parameters += tensor.factors ? 0 : tensor.columns * tensor.rows * tensor.matrices;
        if (strcmp(tensor.name, name) == 0)
            *type = tensor.type;
    }
    return parameters;
}

/* Shapes whose files are too large to be made here: parameters as Hugging Face counts them, and
 * types as llama.cpp chooses them, which differ with eight experts and with rows of 1,408. */
static void test_expert_shapes(struct host_test *t, unsigned first) {
    static const struct {
        uint64_t parameters;
        const char *name;
        enum ggml_type type;
    } cases[] = {
        {14315784192, "blk.0.ffn_down_exps.weight", GGML_TYPE_Q8_0},
        {14315784192, "blk.3.ffn_down_exps.weight", GGML_TYPE_Q5_0},
        {30532122624, "blk.0.ffn_down_exps.weight", GGML_TYPE_Q6_K},
        {46702792704, "blk.7.attn_k.weight", GGML_TYPE_Q8_0},
    };
    enum ggml_type type;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const unsigned place =
            first + (cases[i].parameters > 15000000000u) + (cases[i].parameters > 31000000000u);
        const uint64_t count = parameters_of(model_shape_published(place), cases[i].name, &type);
        CHECK(t, count == cases[i].parameters && type == cases[i].type,
              "shape %u: %llu parameters, %s of type %s", place, (unsigned long long)count,
              cases[i].name, type_info_of(type)->name);
    }
}

/* A model of each family opens; published shapes, with less layers,
 * words and feed-forward, are as published. */
static void test_shapes(struct host_test *t, const char *path) {
    static const struct {
        const char *name, *arch, *quant;
        uint32_t dim, heads, kv_heads, head_dim, n_rot, context;
        enum ggml_type q, down, output;
    } cases[] = {
        {"SmolLM2-135M", "llama", "Q8_0", 576, 9, 3, 64, 64, 8192, GGML_TYPE_Q8_0, GGML_TYPE_Q8_0,
         GGML_TYPE_Q8_0},
        {"Qwen2.5-0.5B", "qwen2", "Q4_K_M", 896, 14, 2, 64, 64, 32768, GGML_TYPE_Q5_0,
         GGML_TYPE_Q6_K, GGML_TYPE_Q8_0},
        {"Qwen3-0.6B", "qwen3", "Q8_0", 1024, 16, 8, 128, 128, 40960, GGML_TYPE_Q8_0,
         GGML_TYPE_Q8_0, GGML_TYPE_Q8_0},
        {"Gemma-3-270M", "gemma3", "Q8_0", 640, 4, 1, 256, 256, 32768, GGML_TYPE_Q8_0,
         GGML_TYPE_Q8_0, GGML_TYPE_Q8_0},
        {"GPT-2-124M", "gpt2", "F16", 768, 12, 12, 64, 0, 1024, GGML_TYPE_F16, GGML_TYPE_F16,
         GGML_TYPE_F16},
        {"TinyLlama-1.1B", "llama", "Q4_K_M", 2048, 32, 4, 64, 64, 2048, GGML_TYPE_Q4_K,
         GGML_TYPE_Q6_K, GGML_TYPE_Q6_K},
        {"Llama-3.2-1B", "llama", "Q4_K_M", 2048, 32, 8, 64, 64, 131072, GGML_TYPE_Q4_K,
         GGML_TYPE_Q6_K, GGML_TYPE_Q6_K},
        {"Phi-2", "phi2", "Q4_K_M", 2560, 32, 32, 80, 32, 2048, GGML_TYPE_Q5_K, GGML_TYPE_Q6_K,
         GGML_TYPE_Q6_K},
        {"StableLM-2-12B", "stablelm", "Q4_K_M", 5120, 32, 8, 160, 40, 4096, GGML_TYPE_Q4_K,
         GGML_TYPE_Q6_K, GGML_TYPE_Q6_K},
    };
    /* As Hugging Face counts them; the last as the sizes of its configuration give. */
    static const uint64_t published[] = {134515008,  494032768,  596049920,  268098176,  124439808,
                                         1100048384, 1235814400, 2779683840, 12143185920};
    char line[96];
    struct ls_model *m;
    struct ls_error err = {""};
    for (enum family_number f = 0; f < FAMILY_COUNT; f++) {
        const char *const arch = family_at(f)->arch;
        snprintf(line, sizeof line, "make OUT --layers 1 --arch %s", arch);
        CHECK(t, run(gguf_make, line, path) == GGUF_DONE, "%s", line);
        CHECK(t, ls_model_open(path, &m, &err) == 0, "%s: %s", line, err.text);
        CHECK(t, m == NULL || strcmp(m->family->arch, arch) == 0, "%s", line);
        ls_model_close(m);
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(line, sizeof line, "make OUT --layers 1 --vocab 260 --hidden 256 --shape %s",
                 cases[i].name);
        CHECK(t, run(gguf_make, line, path) == GGUF_DONE, "%s", line);
        CHECK(t, ls_model_open(path, &m, &err) == 0, "%s: %s", line, err.text);
        if (m == NULL)
            continue;
        CHECK(t, strcmp(m->family->arch, cases[i].arch) == 0, "%s: %s", line, m->family->arch);
        CHECK(t, strcmp(m->quant, cases[i].quant) == 0, "%s: %s", line, m->quant);
        CHECK(t,
              m->dim == cases[i].dim && m->heads == cases[i].heads &&
                  m->kv_heads == cases[i].kv_heads && m->head_dim == cases[i].head_dim &&
                  m->n_rot == cases[i].n_rot && m->context_length == cases[i].context,
              "%s: another shape", line);
        CHECK(t,
              m->layer[0].tensor[ROLE_ATTN_Q]->type == cases[i].q &&
                  m->layer[0].tensor[ROLE_FFN_DOWN]->type == cases[i].down &&
                  m->tensor[ROLE_OUTPUT]->type == cases[i].output,
              "%s: types %s, %s, %s", line,
              type_info_of(m->layer[0].tensor[ROLE_ATTN_Q]->type)->name,
              type_info_of(m->layer[0].tensor[ROLE_FFN_DOWN]->type)->name,
              type_info_of(m->tensor[ROLE_OUTPUT]->type)->name);
        CHECK(t, (m->rope_factors != NULL) == (strcmp(cases[i].name, "Llama-3.2-1B") == 0),
              "%s: factors", line);
        ls_model_close(m);
        enum ggml_type type;
        const uint64_t parameters = parameters_of(model_shape_published((unsigned)i), "", &type);
        CHECK(t, parameters == published[i], "%s: %llu parameters, not %llu", cases[i].name,
              (unsigned long long)parameters, (unsigned long long)published[i]);
    }
    test_expert_shapes(t, sizeof cases / sizeof *cases);
}

static void test_seeds(struct host_test *t, const char *path) {
    static const char *const lines[] = {"make OUT", "make OUT --seed 1", "make OUT --seed 2"};
    char *bytes[3];
    size_t size[3];
    for (int i = 0; i < 3; i++) {
        CHECK(t, run(gguf_make, lines[i], path) == GGUF_DONE, "%s", lines[i]);
        bytes[i] = host_read(path, &size[i]);
    }
    CHECK(t, size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0, "same seed");
    CHECK(t, size[0] == size[2] && memcmp(bytes[0], bytes[2], size[0]) != 0, "another seed");
    for (int i = 0; i < 3; i++)
        free(bytes[i]);
}

static void test_usage(struct host_test *t, const char *path) {
    static const char *const makes[] = {
        "make",
        "make OUT OUT",
        "make OUT --dim 63",
        "make OUT --dim 0",
        "make OUT --dim -64",
        "make OUT --dim 64x",
        "make OUT --heads 3",
        "make OUT --kv-heads 3",
        "make OUT --vocab 259",
        "make OUT --type Q9_K",
        "make OUT --seed",
        "make OUT --seed 99999999999999999999999",
        "make OUT --arch mamba",
        "make OUT --shape GPT-5",
        "make OUT --shape Phi-2 --arch phi2",
        "make OUT --arch olmo2 --tied",
        "make OUT --arch qwen3 --window 8",
        "make OUT --arch gpt2 --rope-scaling yarn",
        "make OUT --arch phi2 --parallel",
        "make OUT --experts 0",
        "make OUT --experts 2 --experts-used 3",
        "make OUT --experts-used 2",
        "make OUT --arch qwen2 --experts 4",
        "make OUT --rotary 3",
        "make OUT --rotary 10",
        "make OUT --nonsense",
    };
    unlink(path);
    for (size_t i = 0; i < sizeof makes / sizeof makes[0]; i++) {
        CHECK(t, run(gguf_make, makes[i], path) == GGUF_BAD_INPUT, "%s", makes[i]);
        CHECK(t, access(path, F_OK) != 0, "%s leaves a file", makes[i]);
    }
    CHECK(t, run(gguf_make, "make /nonexistent/x.gguf", path) == GGUF_FAILED, "no folder");
    CHECK(t,
          run(gguf_make, "make OUT --shape Mixtral-8x7B --layers 500 --experts 1024", path) ==
                  GGUF_FAILED &&
              access(path, F_OK) != 0,
          "50 TB");
    CHECK(t, run(gguf_inspect, "inspect", path) == GGUF_BAD_INPUT, "no file");
    CHECK(t, run(gguf_inspect, "inspect OUT", path) == GGUF_BAD_INPUT, "absent file");
    CHECK(t, run(gguf_inspect, "inspect OUT --nonsense", path) == GGUF_BAD_INPUT, "option");
}

/* What inspect prints on stdout, to be freed. */
static char *inspect_output(struct host_test *t, const char *line, const char *path) {
    char out[512];
    size_t size;
    snprintf(out, sizeof out, "%s.txt", path);
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    bool redirected = freopen(out, "w", stdout) != NULL;
    int status = run(gguf_inspect, line, path);
    fflush(stdout);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    CHECK(t, redirected && status == GGUF_DONE, "%s", line);
    char *text = host_read(out, &size);
    unlink(out);
    return text;
}

static void test_inspect(struct host_test *t, const char *path) {
    CHECK(t, run(gguf_make, "make OUT", path) == GGUF_DONE, "make");
    char *text = inspect_output(t, "inspect OUT", path);
    CHECK(t,
          strstr(text, "llama.embedding_length                      64\n") != NULL &&
              strstr(text, "292800 parameters") != NULL,
          "%s", text);
    CHECK(t, /* five ffn_down of 172 x 64, eleven norms of 64 */
          strstr(text, "\n  F16             5            55040           110080\n") != NULL &&
              strstr(text, "\n  F32            11              704             2816\n") != NULL &&
              strstr(text, "\n  all            48           292800 ") != NULL,
          "%s", text);
    CHECK(t, strstr(text, "\n  rotation     8 of 8 elements, pairs are neighbours, base 10000\n"),
          "%s", text);
    free(text);
    CHECK(t, run(gguf_make, "make OUT --arch gemma3 --rope-scaling linear", path) == GGUF_DONE,
          "make");
    text = inspect_output(t, "inspect OUT", path);
    static const char *const lines[] = {
        "\n  attention    4 heads of 32, 1 of K and V; context 256\n",
        "base 1e+06, slower by a factor of 4\n",
        "\n  window       8 positions in 6 of 7 layers, which turn by base 10000\n",
        "\n  norms        RMSNorm, epsilon 1e-05, of each head of q and k, behind each branch\n",
        "\n  scales       scores 0.176777, embeddings 8\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        CHECK(t, strstr(text, lines[i]) != NULL, "no line %s in %s", lines[i], text);
    free(text);
    CHECK(t,
          run(gguf_make, "make OUT --layers 1 --heads 4 --hidden 5000 --context 100000", path) ==
              GGUF_DONE,
          "make");
    text = inspect_output(t, "inspect OUT", path);
    CHECK(t,
          strstr(text, "\n  on default   a sequence of 4096 positions\n") != NULL &&
              strstr(text, "\n  on small     refused: elements of the widest vector: the model "
                           "needs 5000, it has 4096\n") != NULL &&
              strstr(text, "\n  on large     a sequence of 8192 positions\n") != NULL,
          "%s", text);
    free(text);
    CHECK(t, run(gguf_make, "make OUT --layers 20 --context 4000", path) == GGUF_DONE, "make");
    text = inspect_output(t, "inspect OUT", path);
    /* 20 layers of 4 heads of K and V: 160 words of 32,768 a position */
    CHECK(t, strstr(text, "\n  on small     a sequence of 204 positions\n") != NULL, "%s", text);
    free(text);
    CHECK(t, run(gguf_make, "make OUT --arch qwen2moe --layers 1", path) == GGUF_DONE, "make");
    text = inspect_output(t, "inspect OUT", path);
    /* five of eight experts, each of 3 x 64 x 172, are no token's */
    CHECK(t,
          strstr(text, ": 1 layers of 64, experts of 172 with a gate\n"
                       "  experts      3 of 8, whose weights add up to 1 among all; a shared one "
                       "of 344\n"
                       "  active       243840 of 408960 parameters\n") != NULL,
          "%s", text);
    free(text);
    CHECK(t, run(gguf_make, "make OUT --arch qwen2moe --layers 1 --experts 1", path) == GGUF_DONE,
          "make");
    text = inspect_output(t, "inspect OUT", path);
    CHECK(t, strstr(text, "\n  experts      1 of 1, ") != NULL, "%s", text);
    free(text);
    CHECK(t, run(gguf_make, "make OUT", path) == GGUF_DONE, "make");
    text = inspect_output(t, "inspect OUT --json", path);
    cJSON *json = cJSON_Parse(text);
    const cJSON *metadata = cJSON_GetObjectItem(json, "metadata");
    const cJSON *tensors = cJSON_GetObjectItem(json, "tensors");
    const cJSON *dim = cJSON_GetObjectItemCaseSensitive(metadata, "llama.embedding_length");
    const cJSON *tokens = cJSON_GetObjectItemCaseSensitive(metadata, "tokenizer.ggml.tokens");
    CHECK(t, cJSON_IsNumber(dim) && dim->valueint == 64, "dim");
    CHECK(t, cJSON_GetArraySize(tokens) == 512 && cJSON_GetArraySize(tensors) == 48, "sizes");
    cJSON_Delete(json);
    free(text);
}

/* JSON is UTF-8 whatever stands in keys and values: no Unicode at all, a surrogate, overlong forms,
 * past the last code point. What is sound stays. */
#define R "\xef\xbf\xbd" /* U+FFFD */
static void test_json_unicode(struct host_test *t, const char *path) {
    static const struct {
        const char *key, *value, *shown;
    } cases[] = {{"x.\xff\xfe", "text", "text"},
                 {"x.??", "\xed\xa0\x80", R R R},
                 {"x.overlong3", "\xe0\x80\xaf", R R R},
                 {"x.overlong4", "\xf0\x80\x80\xaf", R R R R},
                 {"x.beyond", "\xf4\x90\x80\x80", R R R R},
                 {"x.sound", "\xe2\x96\x81\xf0\x9f\x98\x80\xc3\xa9",
                  "\xe2\x96\x81\xf0\x9f\x98\x80\xc3\xa9"}};
    struct gguf_writer *w;
    struct ls_error err = {""};
    const int count = (int)(sizeof cases / sizeof cases[0]);
    CHECK(t, gguf_writer_open(path, &w, &err) == 0, "%s", err.text);
    for (int i = 0; i < count; i++)
        gguf_writer_string(w, cases[i].key, cases[i].value);
    CHECK(t, gguf_writer_finish(w, &err) == 0, "%s", err.text);
    char *text = inspect_output(t, "inspect OUT --json", path);
    CHECK(t, utf8_sound(text, strlen(text)) == strlen(text), "the JSON is no UTF-8");
    cJSON *json = cJSON_Parse(text);
    const cJSON *metadata = cJSON_GetObjectItem(json, "metadata");
    CHECK(t, cJSON_GetArraySize(metadata) == count + 4, "%d keys", cJSON_GetArraySize(metadata));
    for (int i = 0; i < count; i++) {
        char bytes[32];
        const char *key = i == 0 ? "x.\\xff\\xfe" : cases[i].key;
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(metadata, key);
        CHECK(t, cJSON_IsString(item) && strcmp(item->valuestring, cases[i].shown) == 0, "case %d",
              i);
        snprintf(bytes, sizeof bytes, "%s_bytes", key);
        CHECK(t, cJSON_HasObjectItem(metadata, bytes) == (i >= 1 && i <= 4), "case %d", i);
    }
    cJSON_Delete(json);
    free(text);
}

int main(int argc, char **argv) {
    struct host_test t = {"gguf_tools", 0, 0};
    host_folder(&t);
    const char *path = argc > 1 ? argv[1] : "build/tests/gguf_tools/out.gguf";
    if (freopen("/dev/null", "w", stderr) == NULL) /* the refusals' messages */
        return 1;
    test_make(&t, path);
    test_shapes(&t, path);
    test_seeds(&t, path);
    test_usage(&t, path);
    test_inspect(&t, path);
    test_json_unicode(&t, path);
    unlink(path);
    return host_test_finish(&t);
}
