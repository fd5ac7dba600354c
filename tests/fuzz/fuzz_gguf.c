/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * libFuzzer: a GGUF that is refused with one line, or opens with every tensor inside the file, none
 * over another, every name once, and every value readable. An even first byte: the rest is the
 * file. An odd one: the rest is a recipe of keys and tensors with names that repeat and numbers
 * near where sums and products of 64 bits end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "csrc/gguf/dequant.h"
#include "gguf_tools/convert/gguf_write.h"

#define FOLDER "build/fuzz/gguf/"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "fuzz_gguf: %s\n", what);
        abort();
    }
}

/* ---- a file from a recipe ---- */

struct recipe {
    const uint8_t *data;
    size_t size;           /* bytes left */
    uint8_t out[1u << 14]; /* the file */
    size_t used;
};

static unsigned next(struct recipe *r) {
    if (r->size == 0)
        return 0;
    r->size--;
    return *r->data++;
}

static void put(struct recipe *r, const void *bytes, size_t size) {
    if (size > sizeof r->out - r->used)
        return;
    memcpy(r->out + r->used, bytes, size);
    r->used += size;
}

static void put_number(struct recipe *r, uint64_t value, size_t size) {
    put(r, &value, size); /* hosts are little-endian */
}

static void put_name(struct recipe *r) {
    static const char *const names[] = {
        "a", "b", "blk.0.attn_q.weight", "general.alignment", "split.no", "split.count", "", "x"};
    const char *name = names[next(r) % 8];
    put_number(r, strlen(name), 8);
    put(r, name, strlen(name));
}

static uint64_t number(struct recipe *r) {
    static const uint64_t corners[] = {0,
                                       1,
                                       8,
                                       31,
                                       32,
                                       256,
                                       UINT64_C(1) << 31,
                                       UINT64_C(1) << 32,
                                       UINT64_C(1) << 61,
                                       UINT64_C(1) << 62,
                                       INT64_MAX,
                                       UINT64_C(1) << 63,
                                       UINT64_MAX - 31,
                                       UINT64_MAX,
                                       64,
                                       4096};
    const unsigned choice = next(r);
    return corners[choice % 16] + (choice >> 4 & 7) * (choice >> 7 != 0 ? UINT64_MAX : 1);
}

static void put_value(struct recipe *r, unsigned type) {
    if (type == GGUF_STRING) {
        const unsigned size = next(r) % 16;
        put_number(r, next(r) % 16 == 0 ? number(r) : size, 8);
        for (unsigned i = 0; i < size; i++)
            put_number(r, next(r), 1);
    } else if (type == GGUF_ARRAY) {
        const unsigned of = next(r) % (GGUF_VALUE_TYPES + 1), count = next(r) % 8;
        put_number(r, of, 4);
        put_number(r, next(r) % 16 == 0 ? number(r) : count, 8);
        for (unsigned i = 0; i < count && of != GGUF_ARRAY; i++)
            put_value(r, of);
    } else {
        const uint32_t size = gguf_value_type_bytes(type);
        put_number(r, type == GGUF_BOOL ? next(r) % 8 == 1 : number(r), size != 0 ? size : 4);
    }
}

static void cook(struct recipe *r) {
    const unsigned keys = next(r) % 8, tensors = next(r) % 8;
    put(r, "GGUF", 4);
    put_number(r, next(r) % 16 == 0 ? number(r) : 3, 4);
    put_number(r, next(r) % 16 == 0 ? number(r) : tensors, 8);
    put_number(r, next(r) % 16 == 0 ? number(r) : keys, 8);
    for (unsigned i = 0; i < keys; i++) {
        const unsigned type = next(r) % (GGUF_VALUE_TYPES + 1);
        put_name(r);
        put_number(r, type, 4);
        put_value(r, type);
    }
    for (unsigned i = 0; i < tensors; i++) {
        const unsigned dims = next(r) % 6;
        put_name(r);
        put_number(r, dims, 4);
        for (unsigned d = 0; d < dims; d++)
            put_number(r, number(r), 8);
        put_number(r, next(r) % 64, 4);
        put_number(r, number(r), 8);
    }
    for (unsigned left = 16 * next(r); left > 0; left--)
        put_number(r, 0, 1);
}

/* ---- what opens ---- */

static void check_tensors(const struct gguf *g) {
    double values[DEQUANT_BLOCK];
    for (uint64_t i = 0; i < g->tensor_count; i++) {
        const struct gguf_tensor *t = &g->tensors[i];
        char name[65];
        check(t->offset <= g->size && t->size <= g->size - t->offset, "a tensor past the end");
        check(t->data == g->map + t->offset, "a tensor's bytes elsewhere");
        check((t->offset - g->data_offset) % g->alignment == 0, "an unaligned tensor");
        for (uint64_t k = 0; k < i; k++) {
            const struct gguf_tensor *o = &g->tensors[k];
            check(t->offset + t->size <= o->offset || o->offset + o->size <= t->offset,
                  "two tensors overlap");
        }
        snprintf(name, sizeof name, "%.*s", (int)t->name.size, t->name.data);
        check(gguf_find_tensor(g, name) == t, "a tensor is not found");
        if (dequant_known(t->type)) /* reads the first block and the last */
            check(dequant_exact(t->type, t->data, values, type_info[t->type].elements) == 0 &&
                      dequant_exact(t->type, t->data + t->size - type_info[t->type].bytes, values,
                                    type_info[t->type].elements) == 0,
                  "a tensor cannot be read");
    }
}

static void check_metadata(const struct gguf *g) {
    volatile unsigned sum = 0;
    for (uint64_t i = 0; i < g->kv_count; i++) {
        const struct gguf_kv *kv = &g->kvs[i];
        char key[512];
        uint64_t offset = 0, whole;
        int32_t small;
        float real;
        snprintf(key, sizeof key, "%.*s", kv->key.size < 500 ? (int)kv->key.size : 500,
                 kv->key.data);
        check(kv->key.size >= 500 || gguf_find_kv(g, key) == kv, "a key is not found");
        (void)gguf_get_u64(g, key, &whole);
        (void)gguf_get_i32(g, key, &small);
        (void)gguf_get_f32(g, key, &real);
        for (uint64_t k = 0; kv->type == GGUF_STRING && k < kv->text.size; k++)
            sum += (unsigned char)kv->text.data[k];
        if (kv->type != GGUF_ARRAY)
            continue;
        for (uint64_t k = 0; k < kv->array.size; k++)
            sum += kv->array.data[k];
        for (uint64_t k = 0; kv->array.type == GGUF_STRING && k < kv->array.count; k++)
            (void)gguf_array_next_string(&kv->array, &offset);
        check(kv->array.type != GGUF_STRING || offset == kv->array.size, "strings end elsewhere");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct recipe r;
    struct gguf *g;
    struct ls_error err = {""};
    if (size == 0)
        return 0;
    r.data = data + 1;
    r.size = size - 1;
    r.used = 0;
    if (data[0] % 2 != 0)
        cook(&r);
    /* a copy of just the size, so that a read past its end is seen */
    const size_t bytes = data[0] % 2 != 0 ? r.used : size - 1;
    uint8_t *file = malloc(bytes + 1);
    if (file == NULL)
        return 0;
    memcpy(file + 1, data[0] % 2 != 0 ? r.out : data + 1, bytes); /* at an odd address */
    if (gguf_open_memory("fuzz", file + 1, bytes, &g, &err) != 0) {
        check(g == NULL && err.text[0] != '\0' && strchr(err.text, '\n') == NULL, "no line");
    } else {
        check_tensors(g);
        check_metadata(g);
    }
    gguf_close(g);
    free(file);
    return 0;
}

/* Sound files to begin with: a tensor of each type that is known, some keys. */
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    static const char path[] = FOLDER "sound";
    const uint64_t ne[] = {256, 2};
    const struct gguf_string texts[] = {{"one", 3}, {"", 0}};
    const uint8_t zeros[2048] = {0};
    struct gguf_writer *w;
    struct ls_error err;
    (void)argc;
    (void)argv;
    mkdir("build/fuzz", 0777);
    mkdir(FOLDER, 0777);
    if (gguf_writer_open(path, &w, &err) != 0)
        check(false, err.text);
    gguf_writer_string(w, "general.architecture", "llama");
    gguf_writer_strings(w, "texts", texts, 2);
    for (uint32_t type = 0; type < LOCKSTEP_TYPE_LIMIT; type++) {
        char name[16];
        snprintf(name, sizeof name, "t%u", type);
        if (dequant_known((enum ggml_type)type))
            gguf_writer_tensor(w, name, (enum ggml_type)type, 2, ne);
    }
    for (uint64_t left; (left = gguf_writer_left(w)) > 0;)
        (void)gguf_writer_data(w, zeros, left < sizeof zeros ? left : sizeof zeros);
    if (gguf_writer_finish(w, &err) != 0)
        check(false, err.text);
    /* an even byte in front, which says that a file follows */
    FILE *in = fopen(path, "rb"), *out = fopen(FOLDER "seed", "wb");
    check(in != NULL && out != NULL && fputc(0, out) == 0, "no seed");
    for (int c; (c = fgetc(in)) != EOF;)
        fputc(c, out);
    fclose(in);
    check(fclose(out) == 0 && remove(path) == 0, "no seed");
    return 0;
}
