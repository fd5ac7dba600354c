/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf diff`: equal files are equal, also where tensors stand in another order; each kind of
 * difference is a line, both ways round, and the errors are those computed here.
 */
#include <inttypes.h>

#include "csrc/gguf/dequant.h"
#include "tests/kit/odd_keys.h"
#include "tests/kit/odd_models.h"

#define A "build/tests/diff/a.gguf"
#define B "build/tests/diff/b.gguf"

/* Exit status, lines, and a text in what it prints. */
static void check(struct host_test *t, const char *a, const char *b, int status, int lines,
                  const char *text) {
    struct child c;
    child_start(&c, "build/gguf", (const char *const[]){"diff", a, b, NULL}, false);
    child_wait(&c);
    CHECK(t, c.status == status && child_lines(c.out) == lines && strstr(c.out, text) != NULL,
          "status %d, %d lines for '%s': %s%s", c.status, child_lines(c.out), text, c.out, c.err);
    CHECK(t, (status == 2) == (c.err[0] != '\0'), "%s", c.err);
    child_close(&c);
}

struct contents {
    const char *name;
    uint32_t number, list; /* entries of a list */
    bool wide;             /* the number has 64 bits */
    const char *word;      /* last in the list of texts */
    const char *more;      /* a key; NULL: none */
    uint64_t columns;      /* of tensor b */
    enum ggml_type type;   /* of it */
    float value;           /* its element 3 */
    bool first;            /* b stands before a */
    const char *tensor;    /* a third one; NULL: none */
};

static void write_tensor(struct gguf_writer *w, enum ggml_type type, uint64_t count, float fourth) {
    for (uint64_t i = 0; i < count; i++) {
        const float x = i == 3 ? fourth : (float)i;
        uint8_t bytes[8];
        const int64_t whole = (int64_t)i;
        memcpy(bytes, type == GGML_TYPE_F32 ? (const void *)&x : (const void *)&whole, 4);
        if (type == GGML_TYPE_I64)
            memcpy(bytes, &whole, 8);
        (void)gguf_writer_data(w, bytes, type == GGML_TYPE_I64 ? 8 : 4);
    }
}

static void write_file(const char *path, const struct contents *c) {
    const struct gguf_string words[] = {{"one", 3}, {c->word, strlen(c->word)}};
    const uint32_t list[] = {1, 2, 3, 4};
    const uint64_t ne_a = 4, ne_b[] = {c->columns, 1};
    struct gguf_writer *w;
    struct ls_error err;
    if (gguf_writer_open(path, &w, &err) != 0)
        exit(1);
    gguf_writer_string(w, "name", c->name);
    if (c->wide)
        odd_number(w, "number", GGUF_U64, c->number);
    else
        gguf_writer_u32(w, "number", c->number);
    odd_list(w, "list", list, c->list);
    gguf_writer_strings(w, "words", words, 2);
    if (c->more != NULL)
        gguf_writer_bool(w, c->more, true);
    for (int i = 0; i < 2; i++)
        if ((i == 0) == c->first)
            gguf_writer_tensor(w, "b", c->type, 2, ne_b);
        else
            gguf_writer_tensor(w, "a", GGML_TYPE_F32, 1, &ne_a);
    if (c->tensor != NULL)
        gguf_writer_tensor(w, c->tensor, GGML_TYPE_F32, 1, &ne_a);
    for (int i = 0; i < 2; i++)
        if ((i == 0) == c->first)
            write_tensor(w, c->type, c->columns, c->value);
        else
            write_tensor(w, GGML_TYPE_F32, 4, 3);
    if (c->tensor != NULL)
        write_tensor(w, GGML_TYPE_F32, 4, 3);
    if (gguf_writer_finish(w, &err) != 0) {
        printf("FAIL: %s\n", err.text);
        exit(1);
    }
}

static void test_kinds(struct host_test *t) {
    const struct contents a = {"x", 5, 3, false, "two", NULL, 8, GGML_TYPE_F32, 3, false, NULL};
    struct contents b = a;
    write_file(A, &a);
    write_file(B, &b);
    check(t, A, B, 0, 0, "");
    b.first = true; /* the order of tensors is no difference */
    write_file(B, &b);
    check(t, A, B, 0, 0, "");
#define OTHER(member, value, text, back)                                                           \
    b = a;                                                                                         \
    b.member = value;                                                                              \
    write_file(B, &b);                                                                             \
    check(t, A, B, 1, 1, text);                                                                    \
    check(t, B, A, 1, 1, back)
    OTHER(name, "yy", "key name: \"x\" | \"yy\"\n", "key name: \"yy\" | \"x\"\n");
    OTHER(number, 6, "key number: 5 | 6\n", "key number: 6 | 5\n");
    OTHER(wide, true, "key number: uint32 5 | uint64 5\n", "key number: uint64 5 | uint32 5\n");
    OTHER(list, 4, "key list: 3 x uint32 [1, 2, 3] | 4 x uint32 [1, 2, 3, 4]\n", "key list: 4 x");
    OTHER(word, "too", "key words: 2 and 2 x string, first difference at 1: \"two\" | \"too\"\n",
          "\"too\" | \"two\"\n");
    OTHER(more, "number.more", "key number.more: only in B: true\n",
          "key number.more: only in A: true\n");
    OTHER(tensor, "aa", "tensor aa: only in B: F32 4\n", "tensor aa: only in A: F32 4\n");
    OTHER(columns, 9, "tensor b: 8 x 1 | 9 x 1\n", "tensor b: 9 x 1 | 8 x 1\n");
    OTHER(type, GGML_TYPE_I64, "tensor b: F32 | I64, values of types that cannot be read\n",
          "tensor b: I64 | F32, values");
    /* sqrt(4 / 8); 4 of 140, or of 156 */
    OTHER(value, 5,
          "tensor b: rms error 7.071e-01, relative 1.690e-01, worst 2.000e+00 at "
          "element 3: 3 | 5\n",
          "relative 1.601e-01, worst 2.000e+00 at element 3: 5 | 3\n");
    OTHER(value, NAN,
          "tensor b: rms error 0.000e+00, relative 0.000e+00, 1 not finite in one, "
          "first element 3\n",
          "1 not finite in one, first element 3\n");
#undef OTHER
    b = a;
    b.more = "split.more";
    write_file(B, &b);
    check(t, A, B, 0, 0, "");
    b = a;
    b.name = "yy";
    b.more = "key";
    b.tensor = "c";
    b.value = 4;
    write_file(B, &b);
    check(t, A, B, 1, 4, "key key: only in B: true\nkey name: ");
    check(t, A, "build/tests/diff/absent.gguf", 2, 0, "");
    check(t, "build/gguf", A, 2, 0, "");
}

/* Against a file in other types: the errors of a tensor as computed here. */
static void test_errors(struct host_test *t) {
    static const char name[] = "blk.0.ffn_up.weight";
    odd_make(A, "F32", "--dim", "256", "--hidden", "64", "--layers", "1");
    struct child c;
    child_start(&c, "build/gguf", (const char *const[]){"quantize", A, B, "Q4_K", NULL}, false);
    child_wait(&c);
    CHECK(t, c.status == 0, "%s", c.err);
    child_close(&c);
    struct gguf *a, *b;
    struct ls_error err;
    if (gguf_open(A, &a, &err) != 0 || gguf_open(B, &b, &err) != 0)
        exit(1);
    const struct gguf_tensor *x = gguf_find_tensor(a, name), *y = gguf_find_tensor(b, name);
    double errors = 0, squares = 0, worst = 0;
    uint64_t at = 0;
    for (uint64_t i = 0; i < 64 * 256; i += 256) {
        float p[256], q[256];
        dequant_row(x->type, x->data + 4 * i, p, 256);
        dequant_row(y->type, y->data + i / 256 * LOCKSTEP_BYTES_Q4_K, q, 256);
        for (uint64_t k = 0; k < 256; k++) {
            const double d = fabs((double)p[k] - (double)q[k]);
            errors += d * d;
            squares += (double)p[k] * (double)p[k];
            at = d > worst ? i + k : at;
            worst = d > worst ? d : worst;
        }
    }
    char line[256];
    snprintf(line, sizeof line,
             "tensor %s: F32 | Q4_K, rms error %.3e, relative %.3e, worst %.3e at element %" PRIu64
             ": ",
             name, sqrt(errors / (64 * 256)), sqrt(errors / squares), worst, at);
    gguf_close(a);
    gguf_close(b);
    check(t, A, B, 1, 10, line); /* file_type, 9 matrices; norms are equal */
}

int main(void) {
    struct host_test t = {"diff", 0, 0};
    host_folder(&t);
    test_kinds(&t);
    test_errors(&t);
    unlink(A);
    unlink(B);
    return host_test_finish(&t);
}
