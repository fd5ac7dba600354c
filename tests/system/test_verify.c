/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf verify`: sound files of every type and a split one pass; one wrong byte anywhere that it
 * looks at is named, with the place, and exits with 2: structure, metadata, vocabulary, order of
 * the tensors, and a scale or element that is not finite in every type.
 */
#include "csrc/base/sha256.h"
#include "tests/kit/odd_models.h"

#define PATH "build/tests/verify/odd.gguf"
#define PART "build/tests/verify/split-0000%d-of-00002.gguf"

/* Expects the exit status and, somewhere in what it prints, a text. */
static void check(struct host_test *t, const char *path, int status, const char *text) {
    struct child c;
    child_start(&c, "build/gguf", (const char *const[]){"verify", path, NULL}, false);
    child_wait(&c);
    CHECK(t, c.status == status && strstr(c.out, text) != NULL && c.err[0] == '\0',
          "status %d for '%s': %s%s", c.status, text, c.out, c.err);
    CHECK(t, strncmp(c.out, path, strlen(path)) == 0 || status != 0, "%s", c.out);
    child_close(&c);
}

/* A binary16 NaN and infinity, and for each type where a block holds its scales. */
static const struct {
    const char *type;
    size_t scale[2];      /* bytes from the block's start */
    int scales;           /* how many of them */
    const char *patch[2]; /* NaN, infinity */
    size_t size;          /* of a patch */
} types[] = {
    {"F32", {0}, 1, {"\x00\x00\xc0\x7f", "\x00\x00\x80\xff"}, 4},
    {"F16", {0}, 1, {"\x00\x7e", "\x00\xfc"}, 2},
    {"BF16", {0}, 1, {"\xc0\x7f", "\x80\xff"}, 2},
    {"Q8_0", {0}, 1, {"\x00\x7e", "\x00\x7c"}, 2},
    {"Q4_0", {0}, 1, {"\x00\x7e", "\x00\x7c"}, 2},
    {"Q4_1", {0, 2}, 2, {"\x00\x7e", "\x00\x7c"}, 2},
    {"Q5_0", {0}, 1, {"\x00\x7e", "\x00\x7c"}, 2},
    {"Q5_1", {0, 2}, 2, {"\x00\x7e", "\x00\x7c"}, 2},
    {"Q2_K_S", {80, 82}, 2, {"\x00\x7e", "\x00\x7c"}, 2},
    {"Q3_K", {108}, 1, {"\x00\x7e", "\x00\x7c"}, 2},
    {"Q4_K", {0, 2}, 2, {"\x00\x7e", "\x00\x7c"}, 2},
    {"Q5_K", {0, 2}, 2, {"\x00\x7e", "\x00\x7c"}, 2},
    {"Q6_K", {208}, 1, {"\x00\x7e", "\x00\x7c"}, 2},
    {"IQ4_NL", {0}, 1, {"\x00\x7e", "\x00\x7c"}, 2},
    {"IQ4_XS", {0}, 1, {"\x00\x7e", "\x00\x7c"}, 2},
    {"TQ1_0", {52}, 1, {"\x00\x7e", "\x00\x7c"}, 2},
    {"TQ2_0", {64}, 1, {"\x00\x7e", "\x00\x7c"}, 2},
    {"MXFP4", {0}, 1, {"\xff", "\xff"}, 1},
};

static char *read_tensor(const char *path, const char *name, size_t *size, uint64_t *at) {
    struct gguf *g;
    struct ls_error err;
    char *bytes = host_read(path, size);
    if (gguf_open(path, &g, &err) != 0) {
        printf("FAIL: %s\n", err.text);
        exit(1);
    }
    *at = gguf_find_tensor(g, name)->offset;
    gguf_close(g);
    return bytes;
}

static void test_weights(struct host_test *t) {
    static const char name[] = "blk.0.ffn_up.weight";
    odd_make(PATH, "F32", "--dim", "256", "--hidden", "64", "--layers", "1");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        static const char typed[] = "build/tests/verify/type.gguf";
        struct child c;
        size_t size;
        uint64_t at;
        const char *const args[] = {"quantize", PATH, typed, types[i].type, NULL};
        child_start(&c, "build/gguf", args, false);
        child_wait(&c);
        CHECK(t, c.status == 0, "%s", c.err);
        child_close(&c);
        check(t, typed, 0, "sound: 300 tokens, 12 tensors, ");
        char *bytes = read_tensor(typed, name, &size, &at);
        for (int k = 0; k < 2 * types[i].scales; k++) {
            char *place = bytes + at + types[i].scale[k / 2], kept[4];
            memcpy(kept, place, sizeof kept);
            memcpy(place, types[i].patch[k % 2], types[i].size);
            odd_save(typed, bytes, size);
            check(t, typed, 2, "tensor blk.0.ffn_up.weight: ");
            check(t, typed, 2, " of 16384 elements are not finite, first element 0: ");
            memcpy(place, kept, sizeof kept);
        }
        free(bytes);
        unlink(typed);
    }
}

/* ---- structure: bytes of the header altered ---- */

/* What stands `behind` the first occurrence of `name`. */
static void patch(const char *name, size_t behind, const char *bytes, size_t size) {
    size_t all;
    char *file = host_read(PATH, &all);
    char *at = memmem(file, all, name, strlen(name));
    if (at == NULL) {
        printf("FAIL: no %s\n", name);
        exit(1);
    }
    memcpy(at + strlen(name) + behind, bytes, size);
    odd_save(PATH, file, all);
    free(file);
}

/* Appends bytes, or takes them off the end. */
static void resize(long by) {
    struct stat st;
    if (stat(PATH, &st) != 0 || truncate(PATH, st.st_size + by) != 0)
        exit(1);
}

#define MADE() odd_make(PATH, "F32", "--layers", "1")

static void test_structure(struct host_test *t) {
    static const char behind[] =
        "blk.0.attn_norm.weight"; /* one dimension: u32, u64; type; offset */
    const size_t type = 4 + 8, offset = type + 4;
    MADE();
    check(t, PATH, 0, ": sound: 300 tokens, 12 tensors, ");
    patch("blk.0.attn_nor", 0, "\x01", 1);
    check(t, PATH, 2, "not printable");
    MADE();
    patch("blk.0.attn_", 0, "k", 1); /* attn_norm comes first: none is left */
    check(t, PATH, 0, "sound");      /* what a family needs is not verify's business */
    MADE();
    patch("llama.block_coun", 0, "s", 1);
    check(t, PATH, 0, "sound");
    MADE();
    patch("blk.0.attn_q.weight", (size_t)-8, "k", 1); /* a second attn_k */
    check(t, PATH, 2, "tensor blk.0.attn_k.weight: the name appears twice");
    MADE();
    patch("tokenizer.ggml.bos_token_id", (size_t)-12, "e", 1);
    check(t, PATH, 2, "key tokenizer.ggml.eos_token_id: appears twice");
    MADE();
    patch(behind, type, "\x2a\x2a", 2);
    check(t, PATH, 2, "tensor blk.0.attn_norm.weight: unknown tensor type");
    MADE();
    patch(behind, offset, "\x01", 1);
    check(t, PATH, 2, "the offset is not aligned");
    MADE();
    patch(behind, offset, "\0\0\0\0\0\0\0\0", 8);
    check(t, PATH, 2, "overlaps another tensor");
    MADE();
    patch(behind, offset + 7, "\x80", 1);
    check(t, PATH, 2, "tensor blk.0.attn_norm.weight: ");
    MADE();
    patch(behind, 4, "\0", 1);
    check(t, PATH, 2, "a dimension is zero");
    MADE();
    resize(-5);
    check(t, PATH, 2, "bytes past the end of the file, which is cut short");
    MADE();
    resize(64);
    check(t, PATH, 2, ": 64 bytes behind the last tensor belong to none");
    check(t, "build/tests/verify/absent.gguf", 2, "cannot open");
}

/* A tensor that begins later than the one before it ends. */
static void test_gap(struct host_test *t) {
    MADE(); /* ffn_down is the last one */
    struct odd_file f = odd_open(PATH);
    char *offset = (char *)memmem(f.bytes, f.size, "blk.0.ffn_down.weight", 21) + 21 + 4 + 16 + 4;
    uint64_t value;
    memcpy(&value, offset, sizeof value);
    value += 32;
    memcpy(offset, &value, sizeof value);
    odd_write(&f, PATH);
    odd_close(&f);
    resize(32);
    check(t, PATH, 2, "tensor blk.0.ffn_down.weight: 32 bytes before it belong to no tensor");
}

/* ---- metadata and vocabulary ---- */

struct lists {
    uint32_t scores, types, merges; /* entries of 5 tokens */
    uint32_t rows;                  /* of the embedding */
    uint32_t end;                   /* eos_token_id */
    const char *last, *rule;        /* token, rule */
    int32_t type;                   /* of the last token */
    float score;                    /* of it */
    bool arch;
};

static void write_lists(const struct lists *l) {
    const struct gguf_string tokens[] = {
        {"<unk>", 5}, {"t", 1}, {"h", 1}, {"th", 2}, {l->last, strlen(l->last)}};
    const struct gguf_string rules[] = {{"t h", 3}, {l->rule, strlen(l->rule)}};
    const float scores[] = {0, -1, -2, -3, l->score, 0};
    const int32_t types_of[] = {TOKEN_UNKNOWN, TOKEN_NORMAL, TOKEN_NORMAL,
                                TOKEN_NORMAL,  l->type,      TOKEN_NORMAL};
    const uint64_t ne[] = {2, l->rows};
    const float row[2] = {1, 2};
    struct gguf_writer *w;
    struct ls_error err;
    if (gguf_writer_open(PATH, &w, &err) != 0)
        exit(1);
    if (l->arch)
        gguf_writer_string(w, "general.architecture", "llama");
    gguf_writer_string(w, "tokenizer.ggml.model", "gpt2");
    gguf_writer_strings(w, "tokenizer.ggml.tokens", tokens, 5);
    gguf_writer_f32s(w, "tokenizer.ggml.scores", scores, l->scores);
    gguf_writer_i32s(w, "tokenizer.ggml.token_type", types_of, l->types);
    gguf_writer_strings(w, "tokenizer.ggml.merges", rules, l->merges);
    gguf_writer_u32(w, "tokenizer.ggml.eos_token_id", l->end);
    gguf_writer_tensor(w, "token_embd.weight", GGML_TYPE_F32, 2, ne);
    for (uint32_t i = 0; i < l->rows; i++)
        (void)gguf_writer_data(w, row, sizeof row);
    if (gguf_writer_finish(w, &err) != 0)
        exit(1);
}

static void test_vocabulary(struct host_test *t) {
    const struct lists good = {5, 5, 2, 5, 4, "hh", "h h", TOKEN_NORMAL, -4, true};
    struct lists l = good;
#define WRONG(member, value, text)                                                                 \
    l = good;                                                                                      \
    l.member = value;                                                                              \
    write_lists(&l);                                                                               \
    check(t, PATH, 2, ": " text)
    write_lists(&good);
    check(t, PATH, 0, ": sound: 5 tokens, 1 tensors, 10 elements finite\n");
    l.end = UINT32_MAX; /* none */
    write_lists(&l);
    check(t, PATH, 0, ": sound: ");
    WRONG(arch, false, "general.architecture: no such text");
    WRONG(scores, 4, "tokenizer.ggml.scores: 4 entries for 5 tokens");
    WRONG(scores, 6, "tokenizer.ggml.scores: 6 entries for 5 tokens");
    WRONG(types, 4, "tokenizer.ggml.token_type: 4 entries for 5 tokens");
    WRONG(rows, 6, "tokenizer.ggml.tokens: 5 tokens for 6 rows of token_embd.weight");
    WRONG(end, 5, "tokenizer.ggml.eos_token_id: 5 of 5 tokens");
    WRONG(last, "th",
          "tokenizer.ggml.tokens: 1 tokens have the text of another one, first token 4 (th) that "
          "of token 3");
    WRONG(rule, "h t",
          "tokenizer.ggml.merges: 1 of 2 rules are not two tokens that are one, first rule 1 (h "
          "t)");
    WRONG(rule, "hh", "tokenizer.ggml.merges: 1 of 2 rules");
    WRONG(rule, "h ", "tokenizer.ggml.merges: 1 of 2 rules");
    WRONG(type, 0, "tokenizer.ggml.token_type: 1 are no type of token, first that of token 4: 0");
    WRONG(type, 7, "tokenizer.ggml.token_type: 1 are no type of token, first that of token 4: 7");
    WRONG(score, (float)NAN, "tokenizer.ggml.scores: 1 of 5 values are not finite, first 4: nan");
#undef WRONG
    l = good;
    l.scores = 4;
    l.end = 9;
    write_lists(&l); /* both are told */
    check(t, PATH, 2, "tokenizer.ggml.scores: 4 entries");
    check(t, PATH, 2, "tokenizer.ggml.eos_token_id: 9 of 5 tokens\n");
}

/* ---- split files and digests ---- */

static void write_part(int no, const char *path) {
    const uint64_t ne[] = {8, 1};
    float row[8] = {1, 2, 3, 4, 5, 6, 7, (float)no};
    struct gguf_writer *w;
    struct ls_error err;
    if (gguf_writer_open(path, &w, &err) != 0)
        exit(1);
    gguf_writer_string(w, "general.architecture", "llama");
    gguf_writer_u32(w, "split.no", (uint32_t)no);
    gguf_writer_u32(w, "split.count", 2);
    gguf_writer_u32(w, "split.tensors.count", 2);
    gguf_writer_tensor(w, no == 0 ? "a" : "b", GGML_TYPE_F32, 2, ne);
    (void)gguf_writer_data(w, row, sizeof row);
    if (gguf_writer_finish(w, &err) != 0)
        exit(1);
}

static void digest_of(const void *data, size_t size, char hex[SHA256_HEX]) {
    struct sha256 sum;
    sha256_start(&sum);
    sha256_add(&sum, data, size);
    sha256_finish(&sum, hex);
}

static void test_split(struct host_test *t) {
    char parts[2][64], expected[1024] = "", hex[SHA256_HEX];
    struct child c;
    for (int i = 0; i < 2; i++) {
        snprintf(parts[i], sizeof parts[i], PART, i + 1);
        write_part(i, parts[i]);
    }
    check(t, parts[0], 0, ": sound: 0 tokens, 2 tensors, 16 elements finite");
    for (int i = 0; i < 2; i++) {
        size_t size;
        char *bytes = host_read(parts[i], &size);
        digest_of(bytes, size, hex);
        free(bytes);
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s  %s\n", hex,
                 parts[i]);
    }
    for (int i = 0; i < 2; i++) {
        const float row[8] = {1, 2, 3, 4, 5, 6, 7, (float)i};
        digest_of(row, sizeof row, hex);
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s  %s %s\n",
                 hex, parts[0], i == 0 ? "a" : "b");
    }
    const char *const args[] = {"verify", "--sha256", parts[0], NULL};
    child_start(&c, "build/gguf", args, false);
    child_wait(&c);
    CHECK(t, c.status == 0 && strncmp(c.out, expected, strlen(expected)) == 0, "%s for %s", c.out,
          expected);
    child_close(&c);
    check(t, parts[1], 2, "part 2 of 2 of a split model");
    unlink(parts[1]);
    check(t, parts[0], 2, "part 2 of 2 of the model is missing");
    unlink(parts[0]);
}

/* Of a file that is whole by itself. */
static void test_digest(struct host_test *t) {
    char expected[SHA256_HEX + sizeof PATH + 8], hex[SHA256_HEX];
    struct child c;
    size_t size;
    MADE();
    char *bytes = host_read(PATH, &size);
    digest_of(bytes, size, hex);
    free(bytes);
    snprintf(expected, sizeof expected, "%s  %s\n", hex, PATH);
    child_start(&c, "build/gguf", (const char *const[]){"verify", "--sha256", PATH, NULL}, false);
    child_wait(&c);
    CHECK(t, c.status == 0 && strncmp(c.out, expected, strlen(expected)) == 0, "%s for %s", c.out,
          expected);
    child_close(&c);
}

/* Several files: each is told of, one wrong is enough. */
static void test_several(struct host_test *t) {
    struct child c;
    MADE();
    const char *const args[] = {"verify", PATH, "build/gguf", PATH, NULL};
    child_start(&c, "build/gguf", args, false);
    child_wait(&c);
    CHECK(t, c.status == 2 && child_lines(c.out) == 3 && strstr(c.out, "not a GGUF file") != NULL,
          "%d: %s", c.status, c.out);
    child_close(&c);
}

int main(void) {
    struct host_test t = {"verify", 0, 0};
    host_folder(&t);
    test_weights(&t);
    test_structure(&t);
    test_gap(&t);
    test_vocabulary(&t);
    test_split(&t);
    test_digest(&t);
    test_several(&t);
    unlink(PATH);
    return host_test_finish(&t);
}
