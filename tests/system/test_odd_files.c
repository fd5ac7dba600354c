/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Files that are not just a model: parts of a split one run as the whole does; every legal
 * alignment runs; what is no model is named for what it is, by `lockstep sim` and `gguf inspect`
 * alike, at once, in one line, and the advice of that line leads somewhere.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "csrc/gguf/dequant.h"
#include "tests/kit/odd_models.h"

#define WHOLE "build/tests/odd_files/whole.gguf"
#define ODD   "build/tests/odd_files/odd.gguf"

/* ---- writing the same tensors another way ---- */

struct bytes {
    char *data;
    size_t size;
};

static void put(struct bytes *b, const void *data, size_t size) {
    b->data = realloc(b->data, b->size + size);
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

static void put_number(struct bytes *b, uint64_t value, size_t size) {
    put(b, &value, size); /* little-endian hosts */
}

static void put_text(struct bytes *b, const char *text, size_t size) {
    put_number(b, size, 8);
    put(b, text, size);
}

static void put_key(struct bytes *b, const char *key, uint32_t type, uint64_t value, size_t size) {
    put_text(b, key, strlen(key));
    put_number(b, type, 4);
    put_number(b, value, size);
}

static uint64_t padded(uint64_t size, uint64_t alignment) {
    return (size + alignment - 1) / alignment * alignment;
}

static void put_zeros(struct bytes *b, uint64_t alignment) {
    while (b->size % alignment != 0)
        put(b, "", 1);
}

/* Tensors first .. last - 1 of `g`; its keys if `keys`, and `count` more that stand in `more`. */
static void write_tensors(const char *path, const struct gguf *g, uint64_t first, uint64_t last,
                          uint64_t alignment, bool keys, const struct bytes *more, uint64_t count) {
    const char *table = g->tensors[0].name.data - 8, *begin = (const char *)g->map + 24;
    struct bytes b = {NULL, 0};
    uint64_t at = 0;
    put(&b, "GGUF\3\0\0\0", 8);
    put_number(&b, last - first, 8);
    put_number(&b, (keys ? g->kv_count : 0) + count, 8);
    if (keys)
        put(&b, begin, (size_t)(table - begin));
    put(&b, more->data, more->size);
    for (uint64_t i = first; i < last; i++) {
        const struct gguf_tensor *t = &g->tensors[i];
        put_text(&b, t->name.data, t->name.size);
        put_number(&b, t->n_dims, 4);
        for (uint32_t d = 0; d < t->n_dims; d++)
            put_number(&b, t->ne[d], 8);
        put_number(&b, (uint64_t)t->type, 4);
        put_number(&b, at, 8);
        at += padded(t->size, alignment);
    }
    put_zeros(&b, alignment);
    const size_t data = b.size;
    for (uint64_t i = first; i < last; i++) {
        while ((b.size - data) % alignment != 0)
            put(&b, "", 1);
        put(&b, g->tensors[i].data, g->tensors[i].size);
    }
    odd_save(path, b.data, b.size);
    free(b.data);
}

static struct gguf *open_whole(const char *path) {
    struct gguf *g;
    struct ls_error err;
    if (gguf_open(path, &g, &err) != 0) {
        printf("FAIL: %s\n", err.text);
        exit(1);
    }
    return g;
}

/* ---- split models ---- */

static const char *part_path(unsigned no, unsigned count) {
    static char path[64];
    snprintf(path, sizeof path, "build/tests/odd_files/split-%05u-of-%05u.gguf", no, count);
    return path;
}

static void write_part(const struct gguf *g, unsigned no, unsigned count, unsigned named,
                       uint64_t tensors) {
    struct bytes more = {NULL, 0};
    put_key(&more, "split.no", GGUF_U16, no, 2);
    put_key(&more, "split.count", GGUF_U16, count, 2);
    put_key(&more, "split.tensors.count", GGUF_I32, tensors, 4);
    write_tensors(part_path(named + 1, count), g, g->tensor_count * no / count,
                  g->tensor_count * (no + 1) / count, 32, no == 0, &more, 3);
    free(more.data);
}

static void write_split(const struct gguf *g, unsigned count) {
    for (unsigned no = 0; no < count; no++)
        write_part(g, no, count, no, g->tensor_count);
}

static void remove_split(unsigned count) {
    for (unsigned no = 0; no < count; no++)
        unlink(part_path(no + 1, count));
}

/* Both programs refuse the file with all parts between bars of `says`, in one line. */
static void check_refused(struct host_test *t, const char *path, const char *says) {
    const char *const programs[2][6] = {{"build/small/lockstep", "sim", path, "-p", "a", NULL},
                                        {"build/gguf", "inspect", path, NULL}};
    char *first = NULL;
    for (int i = 0; i < 2; i++) {
        struct child c;
        char parts[240], *rest = NULL;
        alarm(20); /* a pipe nobody writes to must not be waited for */
        child_start(&c, programs[i][0], programs[i] + 1, false);
        child_wait(&c);
        alarm(0);
        CHECK(t, c.status == 2 && child_lines(c.err) == 1 && *c.out == '\0', "%s: exit %d: %s",
              says, c.status, c.err);
        snprintf(parts, sizeof parts, "%s", says);
        for (char *p = strtok_r(parts, "|", &rest); p != NULL; p = strtok_r(NULL, "|", &rest))
            CHECK(t, strstr(c.err, p) != NULL, "'%s' is not in: %s", p, c.err);
        const char *sentence = strchr(c.err, ':');
        if (i == 0)
            first = strdup(sentence != NULL ? sentence : "");
        else
            CHECK(t, sentence != NULL && strcmp(sentence, first) == 0, "%s but %s", first, c.err);
        child_close(&c);
    }
    free(first);
}

/* The split file runs as the whole one does, word for word. */
static void test_split(struct host_test *t) {
    odd_make(WHOLE, "F16");
    struct gguf *g = open_whole(WHOLE);
    struct child whole;
    SIM(&whole, "small", WHOLE, "-p", "the thin", "-n", "8");
    CHECK(t, whole.status == 0, "%s", whole.err);
    for (unsigned count = 2; count <= 5; count += 3) {
        write_split(g, count);
        struct gguf *joined = open_whole(part_path(1, count));
        CHECK(t, joined->parts == count && joined->tensor_count == g->tensor_count, "%u parts",
              joined->parts);
        for (uint64_t i = 0; i < g->tensor_count; i++) {
            const struct gguf_tensor *a = &g->tensors[i], *b = &joined->tensors[i];
            CHECK(t,
                  a->size == b->size && memcmp(a->data, b->data, a->size) == 0 &&
                      b->data == joined->map + b->offset && b->offset + b->size <= joined->size,
                  "tensor %u", (unsigned)i);
        }
        gguf_close(joined);
        for (int k = 0; k < 3; k++) {
            struct child c;
            SIM(&c, "small", part_path(1, count), "-p", "the thin", "-n", "8",
                k == 0   ? "--no-reference"
                : k == 1 ? "--front-door"
                         : "--backend=golden");
            CHECK(t,
                  c.status == 0 && cJSON_Compare(child_item(&c, "generated_tokens"),
                                                 child_item(&whole, "generated_tokens"), true),
                  "%u parts: exit %d: %s", count, c.status, c.err);
            CHECK(t,
                  k == 2 ||
                      child_number(&c, "lockstep.words") == child_number(&whole, "lockstep.words"),
                  "%u parts: %g words", count, child_number(&c, "lockstep.words"));
            child_close(&c);
        }
        struct child c;
        const char *const quantize[] = {"quantize", part_path(1, count), ODD, "Q8_0", NULL};
        child_start(&c, "build/gguf", quantize, false);
        child_wait(&c);
        CHECK(t, c.status == 0, "quantize: %s", c.err);
        child_close(&c);
        SIM(&c, "small", ODD, "-p", "a", "-n", "2");
        CHECK(t, c.status == 0, "of one piece again: %s", c.err);
        child_close(&c);
        remove_split(count);
    }

    /* Parts missing, mistaken, cut, and what is no first part. */
    write_split(g, 3);
    char text[200];
    snprintf(text, sizeof text, "part 2 of 3|give the first, %s", part_path(1, 3));
    check_refused(t, part_path(2, 3), text);
    unlink(part_path(3, 3));
    check_refused(t, part_path(1, 3), "part 3 of 3 of the model is missing|00003-of-00003.gguf");
    write_part(g, 1, 3, 2, g->tensor_count);
    check_refused(t, part_path(1, 3), "00003-of-00003.gguf: says that it is part 2 of 3");
    write_part(g, 2, 3, 2, g->tensor_count);
    write_part(g, 0, 3, 0, g->tensor_count + 1);
    check_refused(t, part_path(1, 3), "split.tensors.count|parts have");
    write_split(g, 3);
    size_t size;
    char *bytes = host_read(part_path(2, 3), &size);
    odd_save(part_path(2, 3), bytes, size - 3);
    check_refused(t, part_path(1, 3), "00002-of-00003.gguf: tensor|3 bytes past the end|cut short");
    odd_save(part_path(2, 3), "hello\n", 6);
    check_refused(t, part_path(1, 3), "00002-of-00003.gguf: not a GGUF file: it is a text file");
    free(bytes);
    rename(part_path(1, 3), ODD);
    check_refused(t, ODD, "part 1 of 3|must end in -00001-of-00003.gguf");
    struct bytes more = {NULL, 0};
    put_key(&more, "split.no", GGUF_U16, 3, 2);
    put_key(&more, "split.count", GGUF_U16, 3, 2);
    write_tensors(ODD, g, 0, g->tensor_count, 32, true, &more, 2);
    free(more.data);
    check_refused(t, ODD, "split.no, split.count: not a part of its parts");
    remove_split(3);
    child_close(&whole);
    gguf_close(g);

    const struct host_path path = host_shared("bugs/m-00001-of-00002.gguf");
    if (access(path.text, R_OK) != 0) {
        printf("SKIP odd_files: no %s\n", path.text);
        return;
    }
    struct child c;
    SIM(&c, "small", path.text, "-p", "hi", "-n", "2");
    CHECK(t, c.status == 0, "%s: %s", path.text, c.err);
    child_close(&c);
}

/* ---- alignments ---- */

static void test_alignments(struct host_test *t) {
    static const uint32_t legal[] = {8, 16, 24, 40, 64, 4096, 65536};
    odd_make(WHOLE, "Q8_0");
    struct gguf *g = open_whole(WHOLE);
    struct child whole;
    SIM(&whole, "small", WHOLE, "-p", "the thin", "-n", "4");
    for (size_t i = 0; i < sizeof legal / sizeof *legal; i++) {
        struct bytes more = {NULL, 0};
        struct child c;
        put_key(&more, "general.alignment", GGUF_U32, legal[i], 4);
        write_tensors(ODD, g, 0, g->tensor_count, legal[i], true, &more, 1);
        SIM(&c, i % 2 ? "default" : "small", ODD, "-p", "the thin", "-n", "4");
        CHECK(t,
              c.status == 0 && cJSON_Compare(child_item(&c, "generated_tokens"),
                                             child_item(&whole, "generated_tokens"), true),
              "alignment %u: exit %d: %s", legal[i], c.status, c.err);
        child_close(&c);
        free(more.data);
    }
    for (uint32_t odd = 0; odd <= 12; odd += 4) {
        struct bytes more = {NULL, 0};
        if (odd == 8)
            continue;
        put_key(&more, "general.alignment", GGUF_U32, odd, 4);
        write_tensors(ODD, g, 0, g->tensor_count, 32, true, &more, 1);
        check_refused(t, ODD, "general.alignment|is not a multiple of 8");
        free(more.data);
    }
    child_close(&whole);
    gguf_close(g);
}

/* ---- what is no model ---- */

static void test_foreign(struct host_test *t) {
    static const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } cases[] = {
        {"", 0, "empty file"},
        {"GGU", 3, "not a GGUF file"},
        {"GGUF", 4, "truncated"},
        {"GGUF\3\0\0\0\1", 9, "truncated"},
        {"hello, world\n", 13, "it is a text file"},
        {"{\"model\": \"tiny\"}\n", 18, "it is a text file"},
        {"caf\xc3\xa9\n", 6, "it is a text file"},
        {"\xff\xfeh\0i\0\n\0", 8, "UTF-16"},
        {"\xfe\xff\0h\0i\0\n", 8, "UTF-16"},
        {"h\0e\0l\0l\0o\0\n\0", 12, "UTF-16"},
        {"\0h\0e\0l\0l\0o\0\n", 12, "UTF-16"},
        {"<!DOCTYPE html><html>", 21, "web page"},
        {"version https://git-lfs.github.com/spec/v1\noid", 46, "git-lfs pointer|git lfs pull"},
        {"PK\3\4\24\0\0\0\0\0", 10, "ZIP archive|PyTorch"},
        {"\x1f\x8b\x08\0\0\0\0\0", 8, "gzip|unpack"},
        {"\x28\xb5\x2f\xfd\4\0", 6, "zstd|unpack"},
        {"\2\0\0\0\0\0\0\0{}", 10, "safetensors"},
        {"tjgg\3\0\0\0", 8, "ggjt|older than GGUF"},
        {"GGUF\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24, "big-endian"},
        {"FUGG\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24, "big-endian"},
        {"GGUF\1\0\0\0\0\0\0\0\0\0\0\0", 16, "version 1 is not supported"},
        {"GGUF\3\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 24,
         "truncated"},
        {"\x7f"
         "ELF\2\1\1\0",
         8, "no GGUF magic"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        odd_save(ODD, cases[i].bytes, cases[i].size);
        check_refused(t, ODD, cases[i].says);
    }
    char *zeros = calloc(1, 100000);
    odd_save(ODD, zeros, 100000);
    free(zeros);
    check_refused(t, ODD, "begins with zeros|download it again");
    unlink(ODD);
    check_refused(t, ODD, "cannot open|No such file");
    CHECK(t, mkfifo(ODD, 0600) == 0, "mkfifo");
    check_refused(t, ODD, "not a regular file but a pipe");
    unlink(ODD);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = ODD};
    CHECK(t, bind(fd, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    check_refused(t, ODD, "No such device|check the path");
    close(fd);
    unlink(ODD);
    check_refused(t, "build/tests", "not a regular file but a folder");
    check_refused(t, "/dev/zero", "not a regular file but a device");

    /* The file cut by a few bytes, and anywhere. */
    odd_make(WHOLE, "Q4_0");
    size_t size;
    char *bytes = host_read(WHOLE, &size);
    for (size_t cut = 1; cut < 8; cut += 3) {
        odd_save(ODD, bytes, size - cut);
        check_refused(t, ODD, "past the end of the file, which is cut short");
    }
    odd_save(ODD, bytes, size / 100);
    check_refused(t, ODD, "truncated");
    free(bytes);
}

/* ---- advice ---- */

static void run_gguf(struct host_test *t, const char *type, int status, const char *says) {
    struct child c;
    const char *const args[] = {"quantize", ODD, WHOLE, type, NULL};
    child_start(&c, "build/gguf", args, false);
    child_wait(&c);
    CHECK(t, c.status == status && strstr(c.err, says) != NULL, "exit %d: %s", c.status, c.err);
    child_close(&c);
}

/* A model whose attn_q has another type: the bytes behind it move. */
static void write_type(const struct gguf *g, enum ggml_type type, const char *name) {
    struct gguf other = *g;
    const struct type_info *info = type_info_of(type);
    static const uint8_t zeros[1 << 20];
    struct bytes none = {NULL, 0};
    other.tensors = malloc(g->tensor_count * sizeof *other.tensors);
    memcpy(other.tensors, g->tensors, g->tensor_count * sizeof *other.tensors);
    for (uint64_t i = 0; i < g->tensor_count; i++)
        if (gguf_string_equals(g->tensors[i].name, name)) {
            struct gguf_tensor *t = &other.tensors[i];
            t->type = type;
            t->size = type_row_bytes(info, t->ne[0]) * t->ne[1];
            t->data = zeros;
        }
    write_tensors(ODD, &other, 0, g->tensor_count, 32, true, &none, 0);
    free(other.tensors);
}

static void check_sim(struct host_test *t, const char *path, int status, const char *says) {
    struct child c;
    SIM(&c, "small", path, "-p", "a", "-n", "2");
    char parts[200], *rest = NULL;
    snprintf(parts, sizeof parts, "%s", says);
    for (char *p = strtok_r(parts, "|", &rest); p != NULL; p = strtok_r(NULL, "|", &rest))
        CHECK(t, c.status == status && strstr(c.err, p) != NULL, "exit %d: '%s' is not in: %s",
              c.status, p, c.err);
    child_close(&c);
}

static void test_types(struct host_test *t) {
    const char *const layer = "blk.1.attn_q.weight";
    const char *const more[] = {"--dim", "256", "--hidden", "256", NULL};
    odd_make_list(WHOLE, "F16", more);
    size_t size;
    char *bytes = host_read(WHOLE, &size);
    struct gguf *g;
    struct ls_error err;
    CHECK(t, gguf_open_memory(WHOLE, bytes, size, &g, &err) == 0, "%s", err.text);
    int readable = 0, unreadable = 0;
    for (uint32_t type = 0; type < LOCKSTEP_TYPE_LIMIT; type++) {
        if (type_info_of(type) == NULL || type_info_of(type)->decoded)
            continue;
        write_type(g, (enum ggml_type)type, layer);
        if (dequant_known((enum ggml_type)type)) {
            readable++;
            check_sim(t, ODD, 2, "is not supported|`gguf quantize IN OUT Q8_0`");
            run_gguf(t, "Q8_0", 0, "");
            check_sim(t, WHOLE, 0, "PASS");
        } else {
            unreadable++;
            check_sim(t, ODD, 2, "is not supported|convert the original model to F16 or Q8_0");
            run_gguf(t, "Q8_0", 2, "cannot be read: start from");
        }
    }
    CHECK(t, unreadable > 0, "%d readable types, %d others", readable, unreadable);
    write_type(g, GGML_TYPE_F16, "blk.1.attn_norm.weight");
    check_sim(t, ODD, 2, "blk.1.attn_norm.weight: type F16 where F32 is needed|`gguf quantize");
    run_gguf(t, "Q8_0", 0, "");
    check_sim(t, WHOLE, 0, "PASS");

    /* A vocabulary alone. */
    struct bytes none = {NULL, 0};
    write_tensors(ODD, g, 0, 0, 32, true, &none, 0);
    check_sim(t, ODD, 2, "a vocabulary without a single tensor: give a complete model");
    write_tensors(ODD, g, 0, 0, 32, false, &none, 0);
    check_sim(t, ODD, 2, "metadata without a single tensor: give a complete model");
    gguf_close(g);
    free(bytes);
}

int main(void) {
    struct host_test t = {"odd_files", 0, 0};
    host_folder(&t);
    test_split(&t);
    test_alignments(&t);
    test_foreign(&t);
    test_types(&t);
    unlink(ODD);
    unlink(WHOLE);
    return host_test_finish(&t);
}
