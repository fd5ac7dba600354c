/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf import-llama2c`: checkpoints of random weights and a tokenizer, written here in llama2.c's
 * format. The forward pass below follows llama2.c's definition straight from the checkpoint, with
 * its rotation of adjacent pairs; the float reference on the imported file gives the same logits,
 * so no row may be permuted. Damaged files are refused and leave nothing.
 */
#include <math.h>

#include "csrc/reference/reference.h"
#include "tests/kit/odd_models.h"

#define MODEL     "build/tests/import_llama2c/model.bin"
#define TOKENIZER "build/tests/import_llama2c/tokenizer.bin"
#define OUT       "build/tests/import_llama2c/out.gguf"

enum { DIM = 32, HIDDEN = 48, LAYERS = 2, HEADS = 4, KV_HEADS = 2, VOCAB = 270, STEPS = 12 };
enum { HEAD = DIM / HEADS, KV = HEAD * KV_HEADS, CONTEXT = 16 };

/* The parts of a checkpoint, in its order. */
struct weights {
    float embedding[VOCAB][DIM];
    float attention_norm[LAYERS][DIM];
    float wq[LAYERS][DIM][DIM], wk[LAYERS][KV][DIM], wv[LAYERS][KV][DIM], wo[LAYERS][DIM][DIM];
    float ffn_norm[LAYERS][DIM];
    float w1[LAYERS][HIDDEN][DIM], w2[LAYERS][DIM][HIDDEN], w3[LAYERS][HIDDEN][DIM];
    float norm[DIM];
    float tables[2][CONTEXT][HEAD / 2];
    float output[VOCAB][DIM]; /* only if it is not the embedding */
};
static struct weights w;

static void fill(bool tied, uint64_t seed) {
    float *x = (float *)&w;
    for (size_t i = 0; i < sizeof w / sizeof *x; i++)
        x[i] = (float)((double)random_below(&seed, 2001) / 1000 - 1) * 0.4f;
    for (int i = 0; i < DIM; i++)
        w.norm[i] += 1;
    if (tied)
        memcpy(w.output, w.embedding, sizeof w.output);
}

static void write_model(bool tied) {
    const int32_t header[7] = {DIM,    HIDDEN, LAYERS, HEADS, KV_HEADS, tied ? VOCAB : -VOCAB,
                               CONTEXT};
    const size_t size = sizeof w - (tied ? sizeof w.output : 0);
    FILE *file = fopen(MODEL, "wb");
    if (file == NULL || fwrite(header, sizeof header, 1, file) != 1 ||
        fwrite(&w, 1, size, file) != size || fclose(file) != 0)
        exit(1);
}

/* As llama2.c's tokenizer.py writes it. */
static void token_of(uint32_t id, char text[16]) {
    static const char *const pieces[] = {" ",  "t",   "h",    "e", " t", "th",
                                         "he", "the", " the", "a", " a"};
    if (id < 3)
        strcpy(text, id == 0 ? "<unk>" : id == 1 ? "\n<s>\n" : "\n</s>\n");
    else if (id < 259)
        snprintf(text, 16, "<0x%02X>", id - 3);
    else
        strcpy(text, pieces[id - 259]);
}

static void write_tokenizer(uint32_t count) {
    const int32_t longest = 6;
    FILE *file = fopen(TOKENIZER, "wb");
    if (file == NULL || fwrite(&longest, 4, 1, file) != 1)
        exit(1);
    for (uint32_t id = 0; id < count; id++) {
        char text[16];
        const float score = id < 259 ? 0 : -(float)id;
        token_of(id < VOCAB ? id : 3, text);
        const int32_t size = (int32_t)strlen(text);
        if (fwrite(&score, 4, 1, file) != 1 || fwrite(&size, 4, 1, file) != 1 ||
            fwrite(text, 1, (size_t)size, file) != (size_t)size)
            exit(1);
    }
    if (fclose(file) != 0)
        exit(1);
}

/* ---- the forward pass, in binary64 ---- */

static void normalise(double *y, const double *x, const float *gain) {
    double sum = 0;
    for (int i = 0; i < DIM; i++)
        sum += x[i] * x[i];
    for (int i = 0; i < DIM; i++)
        y[i] = x[i] / sqrt(sum / (double)DIM + 1e-5) * (double)gain[i];
}

/* y [rows] = m [rows][columns] x; added to y if `add`. */
static void multiply(double *y, const float *m, const double *x, int rows, int columns, bool add) {
    for (int r = 0; r < rows; r++) {
        double sum = add ? y[r] : 0;
        for (int c = 0; c < columns; c++)
            sum += (double)m[r * columns + c] * x[c];
        y[r] = sum;
    }
}

/* Elements 2j and 2j + 1 of a head turn by pos / 10000^(2j / HEAD). */
static void rotate(double *x, int count, int pos) {
    for (int i = 0; i < count; i += 2) {
        const double angle = pos * pow(10000, -(double)(i % HEAD) / (double)HEAD);
        const double a = x[i], b = x[i + 1];
        x[i] = a * cos(angle) - b * sin(angle);
        x[i + 1] = a * sin(angle) + b * cos(angle);
    }
}

static double keys[LAYERS][STEPS][KV], values[LAYERS][STEPS][KV];

static void attend(double *out, const double *q, int layer, int pos) {
    for (int h = 0; h < HEADS; h++) {
        const int kv = h / (HEADS / KV_HEADS) * HEAD;
        double score[STEPS], sum = 0;
        for (int p = 0; p <= pos; p++) {
            score[p] = 0;
            for (int i = 0; i < HEAD; i++)
                score[p] += q[h * HEAD + i] * keys[layer][p][kv + i];
            sum += score[p] = exp(score[p] / sqrt((double)HEAD));
        }
        for (int i = 0; i < HEAD; i++) {
            out[h * HEAD + i] = 0;
            for (int p = 0; p <= pos; p++)
                out[h * HEAD + i] += score[p] / sum * values[layer][p][kv + i];
        }
    }
}

static void forward(uint32_t token, int pos, double *logits) {
    double x[DIM], y[DIM], q[DIM], gate[HIDDEN], up[HIDDEN];
    for (int i = 0; i < DIM; i++)
        x[i] = (double)w.embedding[token][i];
    for (int l = 0; l < LAYERS; l++) {
        normalise(y, x, w.attention_norm[l]);
        multiply(q, w.wq[l][0], y, DIM, DIM, false);
        multiply(keys[l][pos], w.wk[l][0], y, KV, DIM, false);
        multiply(values[l][pos], w.wv[l][0], y, KV, DIM, false);
        rotate(q, DIM, pos);
        rotate(keys[l][pos], KV, pos);
        attend(y, q, l, pos);
        multiply(x, w.wo[l][0], y, DIM, DIM, true);
        normalise(y, x, w.ffn_norm[l]);
        multiply(gate, w.w1[l][0], y, HIDDEN, DIM, false);
        multiply(up, w.w3[l][0], y, HIDDEN, DIM, false);
        for (int i = 0; i < HIDDEN; i++)
            gate[i] = gate[i] / (1 + exp(-gate[i])) * up[i];
        multiply(x, w.w2[l][0], gate, DIM, HIDDEN, true);
    }
    normalise(y, x, w.norm);
    multiply(logits, w.output[0], y, VOCAB, DIM, false);
}

/* ---- the command ---- */

static int import(struct host_test *t, const char *text) {
    struct child c;
    const char *const args[] = {"import-llama2c", MODEL, TOKENIZER, OUT, NULL};
    unlink(OUT);
    child_start(&c, "build/gguf", args, false);
    child_wait(&c);
    const int status = c.status;
    CHECK(t, strstr(c.err, text) != NULL && child_lines(c.err) == (status != 0),
          "%d: '%s' for '%s'", status, c.err, text);
    CHECK(t, (access(OUT, F_OK) == 0) == (status == 0), "a file: %s", text);
    child_close(&c);
    return status;
}

static void test_logits(struct host_test *t, bool tied) {
    struct ls_model *m;
    struct ls_reference *ref;
    struct ls_error err = {""};
    double worst = 0, largest = 0;
    uint32_t token = 1;
    fill(tied, tied);
    write_model(tied);
    CHECK(t, import(t, "") == 0, "import");
    if (ls_model_open(OUT, &m, &err) != 0 || ls_reference_open(m, 1, STEPS, &ref, &err) != 0) {
        CHECK(t, false, "%s", err.text);
        return;
    }
    CHECK(t, m->tied == tied && m->vocab == VOCAB && m->context_length == CONTEXT, "shape");
    for (int pos = 0; pos < STEPS; pos++) {
        double own[VOCAB];
        uint32_t best = 0, theirs = 0;
        const float *logits = ls_reference_step(ref, 0, (uint32_t)pos, token, &err);
        forward(token, pos, own);
        for (uint32_t i = 0; i < VOCAB; i++) {
            worst = fmax(worst, fabs(own[i] - (double)logits[i]));
            largest = fmax(largest, fabs(own[i]));
            best = own[i] > own[best] ? i : best;
            theirs = logits[i] > logits[theirs] ? i : theirs;
        }
        CHECK(t, best == theirs, "position %d: token %u, not %u", pos, theirs, best);
        token = best;
    }
    CHECK(t, worst < 1e-5 * largest, "logits differ by %g of %g", worst, largest);
    ls_reference_close(ref);
    ls_model_close(m);
}

static void test_vocabulary(struct host_test *t) {
    struct ls_model *m;
    struct ls_error err = {""};
    uint32_t *ids = NULL;
    size_t count = 0;
    if (ls_model_open(OUT, &m, &err) != 0 ||
        tokenizer_encode(m->tokenizer, "the a\n", 6, TOKENIZER_ADD_BOS, &ids, &count, &err) != 0) {
        CHECK(t, false, "%s", err.text);
        return;
    }
    /* <s>, " the", " a", byte 10 */
    CHECK(t, count == 4 && ids[0] == 1 && ids[1] == 267 && ids[2] == 269 && ids[3] == 3 + '\n',
          "%zu tokens", count);
    CHECK(t, m->eog_count == 1 && m->eog[0] == 2, "end of generation");
    free(ids);
    ls_model_close(m);
}

static void alter(const char *path, long at, int32_t value) {
    FILE *file = fopen(path, "rb+");
    if (file == NULL || fseek(file, at, SEEK_SET) != 0 || fwrite(&value, 4, 1, file) != 1 ||
        fclose(file) != 0)
        exit(1);
}

static void test_refusals(struct host_test *t) {
    static const struct {
        long at;
        int32_t value;
        const char *text;
    } headers[] = {{0, 0x616b3432, "--version 0"},
                   {0, 0, "dim is 0"},
                   {0, 64, "bytes where its header asks for"},
                   {4, -1, "hidden_dim is -1"},
                   {8, 1 << 30, "n_layers is 1073741824"},
                   {12, 3, "no checkpoint of llama2.c: 3 heads"},
                   {16, 3, "no checkpoint of llama2.c: 3 KV heads"},
                   {20, INT32_MIN, "vocab_size is -2147483648"},
                   {24, 17, "bytes where its header asks for"}};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        write_model(true);
        alter(MODEL, headers[i].at, headers[i].value);
        CHECK(t, import(t, headers[i].text) == 2, "%s", headers[i].text);
    }
    write_model(true);
    if (truncate(MODEL, 20) != 0)
        exit(1);
    CHECK(t, import(t, "cut short") == 2, "half a header");
    write_model(true);
    write_tokenizer(VOCAB - 1);
    CHECK(t, import(t, "tokenizer.bin: cut short") == 2, "a token too few");
    write_tokenizer(VOCAB + 1);
    CHECK(t, import(t, "more than the 270 tokens") == 2, "a token too many");
    write_tokenizer(VOCAB);
    alter(TOKENIZER, 8, -5);
    CHECK(t, import(t, "token 0 has -5 bytes") == 2, "a size below 0");
    unlink(TOKENIZER);
    CHECK(t, import(t, "cannot open") == 2, "no tokenizer");
}

int main(void) {
    struct host_test t = {"import_llama2c", 0, 0};
    host_folder(&t);
    write_tokenizer(VOCAB);
    test_logits(&t, false);
    test_logits(&t, true);
    test_vocabulary(&t);
    test_refusals(&t);
    unlink(MODEL);
    unlink(OUT);
    return host_test_finish(&t);
}
