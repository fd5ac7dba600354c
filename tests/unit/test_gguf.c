/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * GGUF reader: every prefix of a header is refused, thousands of mutations are
 * refused or leave sound views, each kind of damage is named in one line. Files are built in
 * memory, byte by byte, so that each test plants its own fault.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "csrc/gguf/gguf.h"
#include "csrc/model/model.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

/* ---- a file built in memory ---- */

struct file {
    uint8_t bytes[1 << 14];
    size_t size;
};

static void put(struct file *f, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++)
        f->bytes[f->size++] = (uint8_t)(value >> (8 * i));
}

static void put_text(struct file *f, const char *text) {
    put(f, strlen(text), 8);
    memcpy(f->bytes + f->size, text, strlen(text));
    f->size += strlen(text);
}

static void put_header(struct file *f, uint32_t version, uint64_t tensors, uint64_t kvs) {
    f->size = 0;
    memcpy(f->bytes, "GGUF", 4);
    f->size = 4;
    put(f, version, 4);
    put(f, tensors, 8);
    put(f, kvs, 8);
}

static void put_tensor(struct file *f, const char *name, uint64_t ne0, uint64_t ne1, uint32_t type,
                       uint64_t offset) {
    put_text(f, name);
    put(f, 2, 4);
    put(f, ne0, 8);
    put(f, ne1, 8);
    put(f, type, 4);
    put(f, offset, 8);
}

/* Zeros up to `alignment`, then `size` bytes of data. */
static void put_data(struct file *f, size_t alignment, size_t size) {
    size_t start = (f->size + alignment - 1) / alignment * alignment;
    memset(f->bytes + f->size, 0, start - f->size + size);
    f->size = start + size;
}

/* Opens an exact copy on the heap, where a read past the end does not stay unseen. */
static int open_copy(const void *bytes, size_t size, char **copy, struct gguf **g,
                     struct ls_error *err) {
    *copy = malloc(size > 0 ? size : 1);
    memcpy(*copy, bytes, size);
    return gguf_open_memory("test.gguf", *copy, size, g, err);
}

/* The file must be refused with a line that has `why` in it. */
static void check_refused(struct host_test *t, const struct file *f, const char *why) {
    char *copy;
    struct gguf *g;
    struct ls_error err = {""};
    int status = open_copy(f->bytes, f->size, &copy, &g, &err);
    CHECK(t, status != 0 && g == NULL, "opens, should say '%s'", why);
    CHECK(t, strncmp(err.text, "test.gguf: ", 11) == 0 && strstr(err.text, why) != NULL,
          "says '%s', should say '%s'", err.text, why);
    CHECK(t, strchr(err.text, '\n') == NULL, "more than a line: %s", err.text);
    gguf_close(g);
    free(copy);
}

static void check_opens(struct host_test *t, const struct file *f) {
    char *copy;
    struct gguf *g;
    struct ls_error err = {""};
    CHECK(t, open_copy(f->bytes, f->size, &copy, &g, &err) == 0, "%s", err.text);
    gguf_close(g);
    free(copy);
}

/* ---- damage by hand; the same file without it opens ---- */

static void test_tensor_damage(struct host_test *t) {
    struct file f;
    const struct {
        const char *name;
        uint64_t ne0, ne1;
        uint32_t type;
        uint64_t offset;
        const char *why; /* NULL: sound */
    } cases[] = {
        {"b", 32, 2, GGML_TYPE_Q8_0, 128, NULL},
        {"b", 32, 2, GGML_TYPE_Q8_0, 96, "overlaps another tensor"},
        {"b", 32, 2, GGML_TYPE_Q8_0, 130, "not aligned"},
        {"b", 32, 2, GGML_TYPE_Q8_0, 160, "32 bytes past the end of the file"},
        {"b", 32, 2, GGML_TYPE_Q8_0, UINT64_MAX - 31, "beyond 64 bits"},
        {"b", 31, 2, GGML_TYPE_Q8_0, 128, "whole number of blocks"},
        {"b", 0, 2, GGML_TYPE_Q8_0, 128, "a dimension is zero"},
        {"b", 32, 0, GGML_TYPE_Q8_0, 128, "a dimension is zero"},
        {"b", UINT64_C(1) << 33, UINT64_C(1) << 33, GGML_TYPE_Q8_0, 128, "63 bits"},
        {"b", UINT64_C(1) << 32, UINT64_C(1) << 28, GGML_TYPE_F32, 128, "past the end"},
        {"b", UINT64_C(1) << 32, UINT64_C(1) << 30, GGML_TYPE_F32, 128, "64 bits can count"},
        {"b", 32, 2, 4, 128, "unknown tensor type 4"},
        {"b", 32, 2, 1000, 128, "unknown tensor type 1000"},
        {"a", 32, 2, GGML_TYPE_Q8_0, 128, "the name appears twice"},
        {"", 32, 2, GGML_TYPE_Q8_0, 128, "the name is empty"},
        {"b\n", 32, 2, GGML_TYPE_Q8_0, 128, "not printable"},
        {"123456789012345678901234567890123456789012345678901234567890123456", 32, 2,
         GGML_TYPE_Q8_0, 128, "over 64 bytes"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        put_header(&f, 3, 2, 0);
        put_tensor(&f, "a", 32, 1, GGML_TYPE_F32, 0);
        put_tensor(&f, cases[c].name, cases[c].ne0, cases[c].ne1, cases[c].type, cases[c].offset);
        put_data(&f, 32, 128 + 68);
        if (cases[c].why == NULL)
            check_opens(t, &f);
        else
            check_refused(t, &f, cases[c].why);
    }
    for (uint32_t dims = 0; dims <= 5; dims += 5) {
        put_header(&f, 3, 1, 0);
        put_text(&f, "a");
        put(&f, dims, 4);
        put_data(&f, 32, 256);
        check_refused(t, &f, "the number of dimensions");
    }
}

static void test_header_damage(struct host_test *t) {
    struct file f;
    put_header(&f, 3, 0, 0);
    check_opens(t, &f);
    put_header(&f, 2, 0, 0);
    check_opens(t, &f);
    put_header(&f, 1, 0, 0);
    check_refused(t, &f, "version 1 is not supported");
    put_header(&f, 4, 0, 0);
    check_refused(t, &f, "version 4 is not supported");
    put_header(&f, 0x03000000, 0, 0);
    check_refused(t, &f, "big-endian");
    memcpy(f.bytes, "FUGG", 4);
    check_refused(t, &f, "big-endian");
    memcpy(f.bytes, "GGML", 4);
    check_refused(t, &f, "no GGUF magic");
    put_header(&f, 3, UINT64_MAX, 0);
    check_refused(t, &f, "truncated: tensor entry 0");
    put_header(&f, 3, 0, UINT64_MAX);
    check_refused(t, &f, "truncated: metadata key 0");
}

static void test_metadata_damage(struct host_test *t) {
    struct file f;
    const struct {
        const char *key;
        uint32_t type;
        uint64_t value;
        int bytes;
        const char *why;
    } cases[] = {
        {"k", GGUF_BOOL, 1, 1, NULL},
        {"k", GGUF_BOOL, 2, 1, "neither 0 nor 1"},
        {"k", 13, 0, 8, "unknown value type 13"},
        {"", GGUF_BOOL, 1, 1, "the key is empty"},
        {"general.alignment", GGUF_U32, 64, 4, NULL},
        {"general.alignment", GGUF_U32, 48, 4, NULL},
        {"general.alignment", GGUF_U32, UINT32_C(1) << 31, 4, NULL},
        {"general.alignment", GGUF_U32, 0, 4, "not a multiple of 8"},
        {"general.alignment", GGUF_U32, 4, 4, "not a multiple of 8"},
        {"general.alignment", GGUF_U32, 36, 4, "not a multiple of 8"},
        {"general.alignment", GGUF_F32, 64, 4, "not a uint32"},
        {"k", GGUF_STRING, UINT64_MAX, 8, "truncated"},
        {"k", GGUF_STRING, 1, 8, "truncated"},
        {"k", GGUF_STRING, 0, 8, NULL},
        {"k", GGUF_U64, 7, 8, NULL},
        {"k", GGUF_U64, 7, 7, "truncated"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        put_header(&f, 3, 0, 1);
        put_text(&f, cases[c].key);
        put(&f, cases[c].type, 4);
        put(&f, cases[c].value, cases[c].bytes);
        if (cases[c].why == NULL)
            check_opens(t, &f);
        else
            check_refused(t, &f, cases[c].why);
    }
    const struct {
        uint32_t type;
        uint64_t count;
        const char *why;
    } arrays[] = {
        {GGUF_U32, 2, NULL},
        {GGUF_U32, 3, "truncated"},
        {GGUF_U64, UINT64_C(1) << 61, "truncated"},
        {GGUF_STRING, 1, NULL},
        {GGUF_STRING, UINT64_MAX, "truncated"},
        {GGUF_BOOL, 8, "neither 0 nor 1"},
        {GGUF_ARRAY, 1, "an array of arrays, which is not supported"},
        {99, 1, "unsupported element type 99"},
    };
    for (size_t c = 0; c < sizeof arrays / sizeof arrays[0]; c++) {
        put_header(&f, 3, 0, 1);
        put_text(&f, "k");
        put(&f, GGUF_ARRAY, 4);
        put(&f, arrays[c].type, 4);
        put(&f, arrays[c].count, 8);
        put(&f, arrays[c].type == GGUF_STRING ? 0 : 0x0202, 8);
        if (arrays[c].why == NULL)
            check_opens(t, &f);
        else
            check_refused(t, &f, arrays[c].why);
    }
    put_header(&f, 3, 0, 2);
    for (int i = 0; i < 2; i++) {
        put_text(&f, "k");
        put(&f, GGUF_U8, 4);
        put(&f, 1, 1);
    }
    check_refused(t, &f, "appears twice");
}

/* ---- damage by machine, on real files ---- */

/* Reads every byte that the views of an opened file cover. */
static uint64_t touch(const struct gguf *g) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < g->kv_count; i++) {
        const struct gguf_kv *kv = &g->kvs[i];
        for (uint64_t b = 0; b < kv->text.size; b++)
            sum += (uint8_t)kv->text.data[b];
        for (uint64_t n = 0, at = 0;
             kv->type == GGUF_ARRAY && kv->array.type == GGUF_STRING && n < kv->array.count; n++) {
            struct gguf_string s = gguf_array_next_string(&kv->array, &at);
            for (uint64_t b = 0; b < s.size; b++)
                sum += (uint8_t)s.data[b];
        }
    }
    for (uint64_t i = 0; i < g->tensor_count; i++)
        sum += g->tensors[i].data[0] + (uint64_t)g->tensors[i].data[g->tensors[i].size - 1];
    return sum;
}

/* Every prefix of the header, and the file without its last byte, is refused. */
static void test_prefixes(struct host_test *t, const char *bytes, size_t size) {
    struct gguf *g;
    struct ls_error err = {""};
    CHECK(t, gguf_open_memory("test.gguf", bytes, size, &g, &err) == 0, "%s", err.text);
    size_t header = (size_t)g->data_offset;
    gguf_close(g);
    for (size_t length = 0; length <= header + 64; length++) {
        char *copy;
        CHECK(t, open_copy(bytes, length, &copy, &g, &err) != 0 && g == NULL,
              "a prefix of %zu bytes opens", length);
        free(copy);
    }
    struct gguf *model_file;
    struct gguf_tensor last = {.offset = 0};
    CHECK(t, gguf_open_memory("test.gguf", bytes, size, &model_file, &err) == 0, "%s", err.text);
    for (uint64_t i = 0; i < model_file->tensor_count; i++)
        if (model_file->tensors[i].offset > last.offset)
            last = model_file->tensors[i];
    gguf_close(model_file);
    size_t end = (size_t)(last.offset + last.size);
    CHECK(t,
          gguf_open_memory("test.gguf", bytes, end - 1, &g, &err) != 0 &&
              strstr(err.text, "1 bytes past the end") != NULL,
          "the file but its last byte: %s", err.text);
}

/* A changed byte is refused, by the reader or by the model, or leaves a file
 * whose every view lies within it. */
static void test_mutations(struct host_test *t, char *bytes, size_t size, size_t header) {
    uint64_t random = 12345;
    unsigned long refused = 0;
    for (unsigned round = 0; round < 4000; round++) {
        const uint32_t state = (uint32_t)random_64(&random);
        size_t at = (size_t)(state >> 8) % header;
        if (round % 2 == 0 && at > 700) /* half of them where counts and types are dense */
            at = at < header / 2 ? at % 64 : header - 1 - at % 2900;
        char before = bytes[at];
        bytes[at] = (char)(round % 3 == 0 ? 0xff : before ^ (1 << (state >> 29)));
        struct gguf *g;
        struct ls_model *model;
        struct ls_error err = {""};
        uint64_t sum = 0;
        if (gguf_open_memory("test.gguf", bytes, size, &g, &err) != 0) {
            refused++;
        } else {
            sum = touch(g);
            if (ls_model_from_gguf(g, &model, &err) != 0)
                refused++;
            else
                sum += model->layer[model->layers - 1].tensor[ROLE_FFN_DOWN]->data[0];
            ls_model_close(model);
        }
        CHECK(t, strchr(err.text, '\n') == NULL && sum != 1, "byte %zu: %s", at, err.text);
        bytes[at] = before;
    }
    CHECK(t, refused > 100, "only %lu mutations refused", refused);
}

static void test_bad_files(struct host_test *t) {
    const struct {
        const char *file, *why;
    } cases[] = {
        {"gridcore-bad-version.bin", "version 1 is not supported"},
        {"gridcore-hdr-zero-first-dim.gguf", "tensor token_embd.weight: a dimension is zero"},
        {"gridcore-huge-counts.bin", "truncated"},
        {"gridcore-kv-huge-strlen.bin", "truncated"},
        {"gridcore-magic-only.bin", "truncated"},
        {"gridcore-tensor-huge-dims.bin", "tensor t: more elements"},
        {"lfs-pointer.gguf", "git-lfs pointer"},
        {"weightinspect-tiny.gguf", "tensor test.weight.0: 32768 bytes past the end"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        char name[128];
        struct gguf *g;
        struct ls_error err = {""};
        snprintf(name, sizeof name, "gguf-bad/%s", cases[c].file);
        struct host_path path = host_shared(name);
        CHECK(t, gguf_open(path.text, &g, &err) != 0 && g == NULL, "%s opens", name);
        CHECK(t,
              strncmp(err.text, path.text, strlen(path.text)) == 0 &&
                  strstr(err.text, cases[c].why) != NULL,
              "%s", err.text);
    }
}

/* A file larger than what may be mapped, and a split model of which only all parts together are. */
static void test_no_room(struct host_test *t) {
    static const char *const paths[] = {"build/tests/gguf/large.gguf",
                                        "build/tests/gguf/part-00001-of-00002.gguf",
                                        "build/tests/gguf/part-00002-of-00002.gguf"};
    static const char *const says[] = {"cannot map the file: ", " bytes: "};
    struct file f;
    struct rlimit limit, low;
    put_header(&f, 3, 0, 2);
    for (uint64_t i = 0; i < 2; i++) {
        put_text(&f, i == 0 ? "split.no" : "split.count");
        put(&f, GGUF_U16, 4);
        put(&f, 2 * i, 2);
    }
    for (int i = 0; i < 3; i++) {
        const int fd = open(paths[i], O_CREAT | O_TRUNC | O_WRONLY, 0666);
        if (fd < 0 || (i == 1 ? write(fd, f.bytes, f.size) != (ssize_t)f.size
                              : ftruncate(fd, (off_t)1 << 33) != 0))
            abort();
        close(fd);
    }
    getrlimit(RLIMIT_AS, &limit);
    low = limit;
    low.rlim_cur = (rlim_t)1 << 32;
    for (int i = 0; i < 2; i++) {
        struct gguf *g;
        struct ls_error err = {""};
        setrlimit(RLIMIT_AS, &low);
        const int status = gguf_open(paths[i], &g, &err);
        setrlimit(RLIMIT_AS, &limit);
        CHECK(t, status != 0 && g == NULL && strstr(err.text, says[i]) != NULL, "%s", err.text);
        gguf_close(g);
    }
    for (int i = 0; i < 3; i++)
        unlink(paths[i]);
}

int main(void) {
    struct host_test t = {"gguf", 0, 0};
    host_folder(&t);
    test_no_room(&t);
    test_header_damage(&t);
    test_metadata_damage(&t);
    test_tensor_damage(&t);
    size_t size;
    struct gguf *g;
    struct ls_error err = {""};
    CHECK(&t, gguf_open(HOST_MADE("Q4_0"), &g, &err) == 0, "%s", err.text);
    const size_t header = g->data_offset;
    gguf_close(g);
    char *bytes = host_read(HOST_MADE("Q4_0"), &size);
    test_prefixes(&t, bytes, size);
    test_mutations(&t, bytes, size, header);
    free(bytes);
    if (host_shared_has(&t, "damaged files", "gguf-bad/lfs-pointer.gguf"))
        test_bad_files(&t);
    return host_test_finish(&t);
}
