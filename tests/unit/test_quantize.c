/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf quantize` and `gguf inspect` as a user runs them. Each tensor of the F32 model, quantised,
 * is byte for byte that of llama.cpp's file of the type (planted fault: one byte of the source
 * changed); rows that no block divides stay F16; every damaged file is refused with one line and
 * leaves nothing behind; the error printed is that of the file written.
 */
#include "csrc/gguf/dequant.h"
#include "csrc/gguf/gguf.h"
#include "gguf_tools/convert/gguf_write.h"
#include "gguf_tools/convert/quants.h"
#include "tests/kit/child.h"
#include "tests/kit/host_test.h"

#include <dirent.h>
#include <glob.h>

#define PROGRAM "build/gguf"
#define OUT     "build/tests/quantize/out.gguf"

static void run(struct child *c, const char *const *args) {
    child_start(c, PROGRAM, args, false);
    child_wait(c);
}
#define RUN(c, ...) run(c, (const char *const[]){__VA_ARGS__, NULL})

/* Tensors of `path` with the type and bytes of the one of that name in `wanted`; *same_type counts
 * those that have the type at all. */
static unsigned equal_tensors(struct host_test *t, const char *path, const char *wanted,
                              unsigned *same_type) {
    struct gguf *a = NULL, *b = NULL;
    struct ls_error err = {""};
    unsigned equal = 0;
    *same_type = 0;
    CHECK(t, gguf_open(path, &a, &err) == 0 && gguf_open(wanted, &b, &err) == 0, "%s", err.text);
    for (uint64_t i = 0; a != NULL && b != NULL && i < a->tensor_count; i++) {
        const struct gguf_tensor *x = &a->tensors[i];
        char name[128];
        snprintf(name, sizeof name, "%.*s", (int)x->name.size, x->name.data);
        const struct gguf_tensor *y = gguf_find_tensor(b, name);
        if (y == NULL || x->type != y->type)
            continue;
        ++*same_type;
        equal += x->size == y->size && memcmp(x->data, y->data, (size_t)x->size) == 0;
    }
    gguf_close(a);
    gguf_close(b);
    return equal;
}

static void test_types(struct host_test *t) {
    static const char *const types[] = {"F16", "Q8_0", "Q4_0"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct child c;
        char file[64];
        unsigned same_type;
        snprintf(file, sizeof file, "models/stories260K-%s.gguf", types[i]);
        RUN(&c, "quantize", host_shared("models/stories260K.gguf").text, OUT, types[i]);
        CHECK(t, c.status == 0 && strstr(c.out, "all converted tensors") != NULL, "%s", c.err);
        const unsigned equal = equal_tensors(t, OUT, host_shared(file).text, &same_type);
        /* llama.cpp keeps output.weight of the Q4_0 file in Q8_0. */
        CHECK(t, same_type == (i == 2 ? 47 : 48) && equal == same_type, "%s: %u of %u are equal",
              types[i], equal, same_type);
        child_close(&c);
    }
}

/* The first weight of the embedding, made larger than all others, moves one tensor only. */
static void test_planted(struct host_test *t) {
    static const char changed[] = "build/tests/quantize/changed.gguf";
    size_t size;
    struct child c;
    struct gguf *g;
    struct ls_error err = {""};
    unsigned same_type;
    char *bytes = host_read(HOST_MODEL("F32"), &size);
    CHECK(t, gguf_open(HOST_MODEL("F32"), &g, &err) == 0, "%s", err.text);
    const struct gguf_tensor *tensor = gguf_find_tensor(g, "token_embd.weight");
    const float large = 1000;
    memcpy(bytes + (tensor->data - g->map), &large, sizeof large);
    FILE *file = fopen(changed, "wb");
    CHECK(t, file != NULL && fwrite(bytes, size, 1, file) == 1 && fclose(file) == 0, "%s", changed);
    RUN(&c, "quantize", changed, OUT, "Q8_0");
    const unsigned equal = equal_tensors(t, OUT, HOST_MODEL("Q8_0"), &same_type);
    CHECK(t, same_type == g->tensor_count && equal + 1 == same_type, "%u of %u tensors are equal",
          equal, same_type);
    child_close(&c);
    gguf_close(g);
    free(bytes);
    unlink(changed);
}

/* 48 columns: no whole blocks of 32. */
static void test_odd_rows(struct host_test *t) {
    static const char odd[] = "build/tests/quantize/odd.gguf";
    struct child c;
    struct gguf *g = NULL;
    struct ls_error err = {""};
    unsigned halves = 0, blocks = 0;
    RUN(&c, "make", odd, "--dim", "48", "--hidden", "64", "--layers", "1", "--heads", "4",
        "--kv-heads", "2", "--vocab", "300", "--type", "F32");
    CHECK(t, c.status == 0, "%s", c.err);
    child_close(&c);
    RUN(&c, "quantize", odd, OUT, "Q4_0");
    CHECK(t, c.status == 0 && gguf_open(OUT, &g, &err) == 0, "%s%s", c.err, err.text);
    for (uint64_t i = 0; g != NULL && i < g->tensor_count; i++) {
        const struct gguf_tensor *x = &g->tensors[i];
        halves += x->type == GGML_TYPE_F16 && x->ne[0] % 32 != 0;
        blocks += x->type == GGML_TYPE_Q4_0 && x->ne[0] % 32 == 0;
    }
    CHECK(t, halves > 0 && blocks > 0, "%u tensors of F16, %u of Q4_0", halves, blocks);
    gguf_close(g);
    child_close(&c);
    unlink(odd);
    unlink(OUT);
}

/* Every expert's matrix is converted, as it would be alone; what chooses among them stays. */
static void test_experts(struct host_test *t) {
    static const char made[] = "build/tests/quantize/experts.gguf";
    enum { COLUMNS = 64, ROWS = 96, EXPERTS = 5 };
    float row[COLUMNS];
    uint8_t blocks[COLUMNS / 32 * LOCKSTEP_BYTES_Q8_0];
    struct child c;
    struct gguf *from = NULL, *to = NULL;
    struct ls_error err = {""};
    RUN(&c, "make", made, "--arch", "qwen2moe", "--layers", "1", "--hidden", "96", "--experts", "5",
        "--type", "F32");
    CHECK(t, c.status == 0, "%s", c.err);
    child_close(&c);
    RUN(&c, "quantize", made, OUT, "Q8_0");
    CHECK(t, c.status == 0, "%s", c.err);
    child_close(&c);
    CHECK(t, gguf_open(made, &from, &err) == 0 && gguf_open(OUT, &to, &err) == 0, "%s", err.text);
    const struct gguf_tensor *x = gguf_find_tensor(from, "blk.0.ffn_up_exps.weight");
    const struct gguf_tensor *y = gguf_find_tensor(to, "blk.0.ffn_up_exps.weight");
    const bool same_shape = x != NULL && y != NULL && memcmp(x->ne, y->ne, sizeof x->ne) == 0;
    CHECK(t,
          same_shape && y->type == GGML_TYPE_Q8_0 && y->n_dims == 3 && y->ne[0] == COLUMNS &&
              y->ne[1] == ROWS && y->ne[2] == EXPERTS,
          "ffn_up_exps");
    for (size_t r = 0; same_shape && r < ROWS * EXPERTS; r++) {
        memcpy(row, x->data + r * sizeof row, sizeof row);
        quantize_row(GGML_TYPE_Q8_0, row, blocks, COLUMNS);
        CHECK(t, memcmp(y->data + r * sizeof blocks, blocks, sizeof blocks) == 0, "row %zu", r);
    }
    static const char *const kept[] = {"blk.0.ffn_gate_inp.weight",
                                       "blk.0.ffn_gate_inp_shexp.weight"};
    for (size_t i = 0; i < 2; i++) {
        x = gguf_find_tensor(from, kept[i]);
        y = gguf_find_tensor(to, kept[i]);
        CHECK(t,
              y != NULL && y->type == GGML_TYPE_F32 && y->size == x->size &&
                  memcmp(x->data, y->data, x->size) == 0,
              "%s", kept[i]);
    }
    gguf_close(from);
    gguf_close(to);
    unlink(made);
    unlink(OUT);
}

static void check_refused(struct host_test *t, const struct child *c, const char *name) {
    CHECK(t, c->status == 2, "%s: exit %d", name, c->status);
    CHECK(t, *c->out == '\0', "%s: stdout: %s", name, c->out);
    CHECK(t, strchr(c->err, '\n') != NULL && strchr(c->err, '\n')[1] == '\0', "%s: %s", name,
          c->err);
    CHECK(t, strstr(c->err, name) != NULL, "%s is not named: %s", name, c->err);
    CHECK(t, access(OUT, F_OK) != 0, "%s leaves a file", name);
}

/* The front of a sound file, and what is no GGUF at all. */
static void test_damaged(struct host_test *t) {
    static const char path[] = "build/tests/quantize/damaged.gguf";
    static const char *const texts[] = {"GGUF", "a text, not a model\n",
                                        "version https://git-lfs.github.com/spec/v1\n"};
    static const double fronts[] = {0, 0.01, 0.5, 0.999};
    enum { TEXTS = sizeof texts / sizeof *texts, FRONTS = sizeof fronts / sizeof *fronts };
    size_t size;
    char *bytes = host_read(HOST_MODEL("F16"), &size);
    for (size_t i = 0; i < TEXTS + FRONTS; i++) {
        const char *content = i < TEXTS ? texts[i] : bytes;
        const size_t length =
            i < TEXTS ? strlen(content) : (size_t)((double)size * fronts[i - TEXTS]);
        struct child c;
        FILE *file = fopen(path, "wb");
        CHECK(t, file != NULL && fwrite(content, 1, length, file) == length && fclose(file) == 0,
              "%s", path);
        RUN(&c, "quantize", path, OUT, "Q8_0");
        check_refused(t, &c, "damaged.gguf");
        child_close(&c);
        RUN(&c, "inspect", path);
        check_refused(t, &c, "damaged.gguf");
        child_close(&c);
    }
    free(bytes);
    unlink(path);
}

static void test_bad_files(struct host_test *t) {
    const struct host_path folder = host_shared("gguf-bad");
    DIR *list = opendir(folder.text);
    unsigned files = 0;
    CHECK(t, list != NULL, "no %s", folder.text);
    for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
        struct child c;
        char path[1024];
        if (entry->d_name[0] == '.' || strstr(entry->d_name, ".md") != NULL)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder.text, entry->d_name);
        RUN(&c, "quantize", path, OUT, "Q8_0");
        check_refused(t, &c, entry->d_name);
        child_close(&c);
        RUN(&c, "inspect", path);
        check_refused(t, &c, entry->d_name);
        child_close(&c);
        files++;
    }
    CHECK(t, files >= 8, "%u bad files", files);
    if (list != NULL)
        closedir(list);
}

/* Largest and root mean square difference between the tensors of two files that differ in type. */
static void measure(struct host_test *t, const char *a_path, const char *b_path, double *rms,
                    double *worst) {
    struct gguf *a, *b;
    struct ls_error err = {""};
    float x[256], y[256];
    double squares = 0, count = 0;
    *worst = 0;
    CHECK(t, gguf_open(a_path, &a, &err) == 0 && gguf_open(b_path, &b, &err) == 0, "%s", err.text);
    for (uint64_t i = 0; i < a->tensor_count; i++) {
        const struct gguf_tensor *from = &a->tensors[i], *to = &b->tensors[i];
        const uint64_t rows = from->ne[1], n = from->ne[0];
        for (uint64_t row = 0; from->type != to->type && row < rows; row++) {
            dequant_row(from->type, from->data + row * (from->size / rows), x, n);
            dequant_row(to->type, to->data + row * (to->size / rows), y, n);
            for (uint64_t k = 0; k < n; k++, count++) {
                const double d = fabs((double)x[k] - (double)y[k]);
                squares += d * d;
                *worst = d > *worst ? d : *worst;
            }
        }
    }
    *rms = sqrt(squares / count);
    gguf_close(a);
    gguf_close(b);
}

static void test_printed_error(struct host_test *t) {
    static const char in[] = HOST_MODEL("F32");
    struct child c;
    double rms, worst, relative, printed[3] = {0, 0, 0};
    RUN(&c, "quantize", in, OUT, "Q4_0");
    const char *line = strstr(c.out, "all converted tensors");
    CHECK(t,
          line != NULL && sscanf(line, "all converted tensors rms error %lf relative %lf worst %lf",
                                 &printed[0], &printed[1], &printed[2]) == 3,
          "%s", c.out);
    measure(t, in, OUT, &rms, &worst);
    relative = printed[1];
    CHECK(t, fabs(printed[0] / rms - 1) < 1e-3 && fabs(printed[2] / worst - 1) < 1e-3,
          "printed %g and %g, found %g and %g", printed[0], printed[2], rms, worst);
    CHECK(t, relative > 0.01 && relative < 0.2, "relative error %g of 4-bit weights", relative);
    child_close(&c);
}

/* ---- files made here ---- */

#define MADE "build/tests/quantize/made.gguf"

/* Two F32 matrices 64 x 3 and 64 x 2 with `value` at element 70 of the second; a file of this
 * alignment if its header happens to end there, which `name` brings about. */
static void write_made(struct host_test *t, uint32_t alignment, const char *name, float value) {
    const uint64_t first[] = {64, 3}, second[] = {64, 2};
    struct gguf_writer *w;
    struct ls_error err = {""};
    float values[320];
    for (int i = 0; i < 320; i++)
        values[i] = (float)(i % 17) / 16;
    values[3 * 64 + 70] = value;
    CHECK(t, gguf_writer_open(MADE, &w, &err) == 0, "%s", err.text);
    gguf_writer_string(w, "general.name", name);
    if (alignment != 0)
        gguf_writer_u32(w, "general.alignment", alignment);
    gguf_writer_tensor(w, "first", GGML_TYPE_F32, 2, first);
    gguf_writer_tensor(w, "second", GGML_TYPE_F32, 2, second);
    gguf_writer_data(w, values, sizeof values);
    CHECK(t, gguf_writer_finish(w, &err) == 0, "%s", err.text);
}

/* The writer aligns to 32 bytes, so one of two headers 32 bytes apart ends at a multiple of 64. The
 * first tensor's 3 x 68 bytes of Q8_0 end where 32 and 64 differ. */
static void test_alignment(struct host_test *t) {
    struct gguf *g;
    struct ls_error err = {""};
    struct child c;
    write_made(t, 64, "0123456789abcdef", 1);
    if (gguf_open(MADE, &g, &err) != 0) {
        write_made(t, 64, "0123456789abcdef0123456789abcdef0123456789abcdef", 1);
        CHECK(t, gguf_open(MADE, &g, &err) == 0, "%s", err.text);
    }
    CHECK(t, g->alignment == 64, "alignment %u", g->alignment);
    gguf_close(g);
    RUN(&c, "quantize", MADE, OUT, "Q8_0");
    CHECK(t, c.status == 0, "%s", c.err);
    child_close(&c);
    const bool opened = gguf_open(OUT, &g, &err) == 0;
    CHECK(t, opened, "%s", err.text);
    if (!opened)
        return;
    double rms, worst;
    measure(t, MADE, OUT, &rms, &worst);
    CHECK(t, g->tensors[1].type == GGML_TYPE_Q8_0 && worst > 0 && worst < 1.0 / 127,
          "worst error %g", worst);
    gguf_close(g);
}

static void test_file_type(struct host_test *t) {
    static const char *const types[] = {"F32", "F16", "Q4_0", "Q8_0"};
    static const uint32_t numbers[] = {0, 1, 2, 7}; /* enum llama_ftype */
    write_made(t, 0, "a file without general.file_type", 1);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct child c;
        struct gguf *g;
        struct ls_error err = {""};
        uint32_t number = 99;
        RUN(&c, "quantize", MADE, OUT, types[i]);
        CHECK(t, gguf_open(OUT, &g, &err) == 0, "%s", err.text);
        CHECK(t, gguf_get_u32(g, "general.file_type", &number) == GGUF_FOUND, "no file type");
        CHECK(t, number == numbers[i], "%s: file type %u", types[i], number);
        gguf_close(g);
        child_close(&c);
    }
}

/* 1e9 / 127 is no binary16; nor is it as F16. */
static void test_odd_values(struct host_test *t) {
    static const struct {
        float value;
        const char *type, *element;
    } cases[] = {{NAN, "Q8_0", "element 70 is nan"},       {INFINITY, "Q4_0", "element 70 is inf"},
                 {-INFINITY, "F16", "element 70 is -inf"}, {1e5f, "F16", "element 70 is 100000"},
                 {1e9f, "Q8_0", "too large for Q8_0"},     {1e9f, "Q4_0", "too large for Q4_0"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct child c;
        write_made(t, 0, "odd", cases[i].value);
        unlink(OUT);
        RUN(&c, "quantize", MADE, OUT, cases[i].type);
        CHECK(t, c.status == 2 && child_lines(c.err) == 1 && access(OUT, F_OK) != 0,
              "case %zu: exit %d: %s", i, c.status, c.err);
        CHECK(t, strstr(c.err, cases[i].element) != NULL && strstr(c.err, MADE ": tensor second:"),
              "case %zu: %s", i, c.err);
        child_close(&c);
    }
    unlink(MADE);
}

/* A directory, a symbolic link and a folder that is missing are no outputs; a link stays one. */
static void test_outputs(struct host_test *t) {
    static const char link[] = "build/tests/quantize/link.gguf",
                      target[] = "build/tests/quantize/target";
    static const char *const outputs[] = {"build/tests", link,
                                          "build/tests/quantize/missing/out.gguf"};
    struct stat file;
    unlink(link);
    CHECK(t, symlink("quantize-target", link) == 0, "%s", link);
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        struct child c;
        RUN(&c, "quantize", HOST_MODEL("F32"), outputs[i], "Q8_0");
        CHECK(t, c.status == 1 && child_lines(c.err) == 1 && strstr(c.err, outputs[i]) != NULL,
              "%s: exit %d: %s", outputs[i], c.status, c.err);
        child_close(&c);
    }
    CHECK(t, lstat(link, &file) == 0 && S_ISLNK(file.st_mode), "the link is no link any more");
    CHECK(t, access(target, F_OK) != 0, "%s was made", target);
    unlink(link);
}

static bool temporary_exists(void) {
    glob_t found;
    const bool exists = glob(OUT ".*", 0, NULL, &found) == 0;
    globfree(&found);
    return exists;
}

/* Whether it has begun to write: a file without a name, or with one for the time being. */
static bool is_writing(pid_t pid) {
    char link[64], path[512];
    for (int fd = 3; fd < 16; fd++) {
        snprintf(link, sizeof link, "/proc/%ld/fd/%d", (long)pid, fd);
        const ssize_t size = readlink(link, path, sizeof path - 1);
        if (size > 0) {
            path[size] = '\0';
            if (strstr(path, "(deleted)") != NULL && strstr(path, "memfd:") == NULL)
                return true;
        }
    }
    return temporary_exists();
}

/* Enough weights that the signal comes before the end. */
static void test_interrupt(struct host_test *t) {
    struct child c;
    RUN(&c, "make", MADE, "--dim", "1024", "--hidden", "4096", "--layers", "2", "--type", "F16");
    child_close(&c);
    unlink(OUT);
    child_start(&c, PROGRAM, (const char *const[]){"quantize", MADE, OUT, "Q4_0", NULL}, false);
    while (!is_writing(c.pid) && waitpid(c.pid, NULL, WNOHANG) == 0)
        usleep(1000);
    kill(c.pid, SIGINT);
    child_wait(&c);
    CHECK(t, c.status == 130 && strstr(c.err, "interrupted\n") != NULL, "exit %d: %s", c.status,
          c.err);
    CHECK(t, !temporary_exists() && access(OUT, F_OK) != 0, "an interruption leaves a file");
    child_close(&c);
    unlink(MADE);
}

/* A type that is not read. */
static void test_unread_type(struct host_test *t) {
    const uint64_t ne[] = {256, 2};
    const char blocks[2 * LOCKSTEP_BYTES_IQ3_S] = {0};
    struct gguf_writer *w;
    struct ls_error err = {""};
    struct child c;
    CHECK(t, gguf_writer_open(MADE, &w, &err) == 0, "%s", err.text);
    gguf_writer_tensor(w, "blocks", GGML_TYPE_IQ3_S, 2, ne);
    gguf_writer_data(w, blocks, sizeof blocks);
    CHECK(t, gguf_writer_finish(w, &err) == 0, "%s", err.text);
    RUN(&c, "quantize", MADE, OUT, "Q8_0");
    CHECK(t, c.status == 2 && child_lines(c.err) == 1, "exit %d: %s", c.status, c.err);
    CHECK(t, strstr(c.err, MADE ": tensor blocks: IQ3_S cannot be read: start from F32 or F16"),
          "%s", c.err);
    child_close(&c);
    unlink(MADE);
}

int main(void) {
    struct host_test t = {"quantize", 0, 0};
    host_folder(&t);
    if (host_shared_has(&t, "files of llama.cpp", "models/stories260K.gguf"))
        test_types(&t);
    test_planted(&t);
    test_odd_rows(&t);
    test_experts(&t);
    test_damaged(&t);
    if (host_shared_has(&t, "damaged files", "gguf-bad/lfs-pointer.gguf"))
        test_bad_files(&t);
    test_printed_error(&t);
    test_alignment(&t);
    test_file_type(&t);
    test_odd_values(&t);
    test_unread_type(&t);
    test_outputs(&t);
    test_interrupt(&t);
    return host_test_finish(&t);
}
