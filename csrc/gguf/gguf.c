/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * GGUF reader. All bytes of the header pass through one bounded cursor, which
 * fails for good at the first read past the end. Tables grow as entries are
 * really read, so that a huge count in a small file allocates nothing.
 *
 *     magic "GGUF" | version u32 | tensor count u64 | kv count u64
 *     kv      key string | type u32 | value                    ... kv count times
 *     tensor  name string | n_dims u32 | ne u64[n_dims] | type u32 | offset u64
 *     zeros up to `alignment`, then the tensor data
 */
#include "gguf_read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MAX_KEY_BYTES  65535u /* from the specification */
#define MAX_NAME_BYTES 64u    /* from the specification */
#define DOWNLOAD_AGAIN "the file is damaged, download or convert it again"

/* ---- cursor ---- */

struct cursor {
    const uint8_t *data;
    uint64_t size;   /* bytes */
    uint64_t offset; /* next byte, at most size */
    bool failed;     /* a read went past the end; all later ones fail too */
};

/* Takes `count` bytes, or NULL if fewer are left. */
static const uint8_t *cursor_take(struct cursor *c, uint64_t count) {
    if (c->failed || count > c->size - c->offset) {
        c->failed = true;
        return NULL;
    }
    const uint8_t *p = c->data + c->offset;
    c->offset += count;
    return p;
}

static uint64_t load_little_endian(const uint8_t *p, uint32_t bytes) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < bytes; i++)
        value |= (uint64_t)p[i] << (8 * i);
    return value;
}

static uint32_t cursor_u32(struct cursor *c) {
    const uint8_t *p = cursor_take(c, 4);
    return p != NULL ? (uint32_t)load_little_endian(p, 4) : 0;
}

static uint64_t cursor_u64(struct cursor *c) {
    const uint8_t *p = cursor_take(c, 8);
    return p != NULL ? load_little_endian(p, 8) : 0;
}

static struct gguf_string cursor_string(struct cursor *c) {
    struct gguf_string s = {"", 0};
    uint64_t size = cursor_u64(c);
    const uint8_t *p = cursor_take(c, size);
    if (p != NULL) {
        s.data = (const char *)p;
        s.size = size;
    }
    return s;
}

/* ---- names ---- */

/* Length for "%.*s" in messages. */
static int shown(struct gguf_string s) {
    return s.size > 80 ? 80 : (int)s.size;
}

static bool is_name(struct gguf_string s, uint64_t max_bytes) {
    if (s.size == 0 || s.size > max_bytes)
        return false;
    for (uint64_t i = 0; i < s.size; i++)
        if ((unsigned char)s.data[i] < 0x20 || s.data[i] == 0x7f)
            return false;
    return true;
}

static int string_compare(struct gguf_string a, struct gguf_string b) {
    uint64_t common = a.size < b.size ? a.size : b.size;
    int order = common > 0 ? memcmp(a.data, b.data, (size_t)common) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int kv_compare(const void *a, const void *b, void *gguf) {
    const struct gguf_kv *kvs = ((const struct gguf *)gguf)->kvs;
    return string_compare(kvs[*(const uint64_t *)a].key, kvs[*(const uint64_t *)b].key);
}

static int tensor_compare(const void *a, const void *b, void *gguf) {
    const struct gguf_tensor *tensors = ((const struct gguf *)gguf)->tensors;
    return string_compare(tensors[*(const uint64_t *)a].name, tensors[*(const uint64_t *)b].name);
}

static int offset_compare(const void *a, const void *b, void *gguf) {
    const struct gguf_tensor *tensors = ((const struct gguf *)gguf)->tensors;
    uint64_t x = tensors[*(const uint64_t *)a].offset, y = tensors[*(const uint64_t *)b].offset;
    return (x > y) - (x < y);
}

/* Indices 0..count-1 sorted by `compare`; NULL if out of memory. */
static uint64_t *sorted_indices(struct gguf *g, uint64_t count,
                                int (*compare)(const void *, const void *, void *)) {
    uint64_t *order = calloc(count > 0 ? (size_t)count : 1, sizeof *order);
    if (order == NULL)
        return NULL;
    for (uint64_t i = 0; i < count; i++)
        order[i] = i;
    qsort_r(order, (size_t)count, sizeof *order, compare, g);
    return order;
}

/* Makes room for one more entry; false if out of memory. */
static bool table_grow(void **table, uint64_t count, uint64_t *capacity, size_t entry_bytes) {
    if (count < *capacity)
        return true;
    uint64_t wanted = *capacity == 0 ? 64 : *capacity * 2;
    size_t bytes;
    if (__builtin_mul_overflow(wanted, entry_bytes, &bytes))
        return false;
    void *grown = realloc(*table, bytes);
    if (grown == NULL)
        return false;
    *table = grown;
    *capacity = wanted;
    return true;
}

/* ---- metadata ---- */

static int truncated(const struct gguf *g, const char *what, uint64_t index, struct ls_error *err) {
    return ls_error_set(err,
                        "%s: truncated: %s %" PRIu64 " runs past the end of the file (%" PRIu64
                        " bytes): " DOWNLOAD_AGAIN,
                        g->path, what, index, g->size);
}

static bool bools_are_sound(const uint8_t *data, uint64_t count) {
    for (uint64_t i = 0; i < count; i++)
        if (data[i] > 1)
            return false;
    return true;
}

static int read_array(struct gguf *g, struct cursor *c, struct gguf_kv *kv, uint64_t index,
                      struct ls_error *err) {
    uint32_t type = cursor_u32(c);
    uint64_t count = cursor_u64(c);
    if (c->failed)
        return truncated(g, "metadata key", index, err);
    if (type == GGUF_ARRAY)
        return ls_error_set(
            err,
            "%s: key %.*s: an array of arrays, which is not supported: convert without that key",
            g->path, shown(kv->key), kv->key.data);
    if (type >= GGUF_VALUE_TYPES)
        return ls_error_set(
            err, "%s: key %.*s: array of unsupported element type %" PRIu32 ": " DOWNLOAD_AGAIN,
            g->path, shown(kv->key), kv->key.data, type);
    uint64_t start = c->offset;
    uint64_t size;
    if (type == GGUF_STRING) {
        for (uint64_t i = 0; i < count && !c->failed; i++)
            cursor_string(c);
        size = c->offset - start;
    } else if (__builtin_mul_overflow(count, (uint64_t)gguf_value_type_bytes(type), &size)) {
        c->failed = true;
    } else {
        cursor_take(c, size);
    }
    if (c->failed)
        return truncated(g, "metadata key", index, err);
    kv->array = (struct gguf_array){(enum gguf_value_type)type, count, c->data + start, size};
    if (type == GGUF_BOOL && !bools_are_sound(kv->array.data, count))
        return ls_error_set(err, "%s: key %.*s: a bool is neither 0 nor 1: " DOWNLOAD_AGAIN,
                            g->path, shown(kv->key), kv->key.data);
    return 0;
}

static int read_kv(struct gguf *g, struct cursor *c, uint64_t index, struct ls_error *err) {
    struct gguf_kv *kv = &g->kvs[index];
    memset(kv, 0, sizeof *kv);
    kv->key = cursor_string(c);
    uint32_t type = cursor_u32(c);
    if (c->failed)
        return truncated(g, "metadata key", index, err);
    if (!is_name(kv->key, MAX_KEY_BYTES))
        return ls_error_set(err,
                            "%s: metadata key %" PRIu64
                            ": the key is empty, too long or not printable: " DOWNLOAD_AGAIN,
                            g->path, index);
    if (type >= GGUF_VALUE_TYPES)
        return ls_error_set(err, "%s: key %.*s: unknown value type %" PRIu32 ": " DOWNLOAD_AGAIN,
                            g->path, shown(kv->key), kv->key.data, type);
    kv->type = (enum gguf_value_type)type;
    if (type == GGUF_ARRAY)
        return read_array(g, c, kv, index, err);
    if (type == GGUF_STRING)
        kv->text = cursor_string(c);
    else
        kv->data = cursor_take(c, gguf_value_type_bytes(type));
    if (c->failed)
        return truncated(g, "metadata key", index, err);
    if (type == GGUF_BOOL && !bools_are_sound(kv->data, 1))
        return ls_error_set(err, "%s: key %.*s: a bool is neither 0 nor 1: " DOWNLOAD_AGAIN,
                            g->path, shown(kv->key), kv->key.data);
    return 0;
}

static int read_all_kvs(struct gguf *g, struct cursor *c, uint64_t count, struct ls_error *err) {
    uint64_t capacity = 0;
    for (uint64_t i = 0; i < count; i++) {
        void *table = g->kvs;
        if (!table_grow(&table, i, &capacity, sizeof *g->kvs))
            return ls_error_set(err, "%s: metadata: out of memory", g->path);
        g->kvs = table;
        if (read_kv(g, c, i, err) != 0)
            return -1;
        g->kv_count = i + 1;
    }
    g->kv_order = sorted_indices(g, g->kv_count, kv_compare);
    if (g->kv_order == NULL)
        return ls_error_set(err, "%s: metadata: out of memory", g->path);
    for (uint64_t i = 1; i < g->kv_count; i++)
        if (kv_compare(&g->kv_order[i - 1], &g->kv_order[i], g) == 0) {
            struct gguf_string key = g->kvs[g->kv_order[i]].key;
            return ls_error_set(err, "%s: key %.*s: appears twice: " DOWNLOAD_AGAIN, g->path,
                                shown(key), key.data);
        }
    return 0;
}

static int read_alignment(struct gguf *g, struct ls_error *err) {
    g->alignment = GGUF_DEFAULT_ALIGNMENT;
    enum gguf_lookup found = gguf_get_u32(g, "general.alignment", &g->alignment);
    if (found == GGUF_WRONG_TYPE)
        return ls_error_set(err, "%s: key general.alignment: not a uint32: " DOWNLOAD_AGAIN,
                            g->path);
    if (g->alignment == 0 || g->alignment % 8 != 0) /* the specification asks for no more */
        return ls_error_set(err,
                            "%s: key general.alignment: %" PRIu32
                            " is not a multiple of 8: convert the model again",
                            g->path, g->alignment);
    return 0;
}

/* ---- tensors ---- */

static int tensor_error(const struct gguf *g, const struct gguf_tensor *t, const char *what,
                        struct ls_error *err) {
    return ls_error_set(err, "%s: tensor %.*s: %s: " DOWNLOAD_AGAIN, g->path, shown(t->name),
                        t->name.data, what);
}

/* Reads one entry; `offset` stays relative to the data section for now. */
static int read_tensor(struct gguf *g, struct cursor *c, uint64_t index, struct ls_error *err) {
    struct gguf_tensor *t = &g->tensors[index];
    memset(t, 0, sizeof *t);
    t->name = cursor_string(c);
    t->n_dims = cursor_u32(c);
    if (c->failed)
        return truncated(g, "tensor entry", index, err);
    if (!is_name(t->name, MAX_NAME_BYTES))
        return ls_error_set(err,
                            "%s: tensor entry %" PRIu64
                            ": the name is empty, over 64 bytes or not printable: " DOWNLOAD_AGAIN,
                            g->path, index);
    if (t->n_dims < 1 || t->n_dims > GGUF_MAX_DIMS)
        return tensor_error(g, t, "the number of dimensions is not 1 to 4", err);
    for (uint32_t d = 0; d < GGUF_MAX_DIMS; d++)
        t->ne[d] = d < t->n_dims ? cursor_u64(c) : 1;
    uint32_t type = cursor_u32(c);
    t->offset = cursor_u64(c);
    if (c->failed)
        return truncated(g, "tensor entry", index, err);

    uint64_t elements = 1;
    for (uint32_t d = 0; d < GGUF_MAX_DIMS; d++) {
        if (t->ne[d] == 0)
            return tensor_error(g, t, "a dimension is zero", err);
        if (__builtin_mul_overflow(elements, t->ne[d], &elements) || elements > INT64_MAX)
            return tensor_error(g, t, "more elements than 63 bits can count", err);
    }
    const struct type_info *info = type_info_of(type);
    if (info == NULL)
        return ls_error_set(err,
                            "%s: tensor %.*s: unknown tensor type %" PRIu32
                            ": convert the original model to F16, Q8_0 or Q4_0",
                            g->path, shown(t->name), t->name.data, type);
    t->type = (enum ggml_type)type;
    if (t->ne[0] % info->elements != 0)
        return tensor_error(g, t, "a row is not a whole number of blocks", err);
    uint64_t blocks = elements / info->elements;
    if (__builtin_mul_overflow(blocks, (uint64_t)info->bytes, &t->size))
        return tensor_error(g, t, "more bytes than 64 bits can count", err);
    if (t->offset % g->alignment != 0)
        return tensor_error(g, t, "the offset is not aligned", err);
    return 0;
}

/* Turns offsets into file offsets; every tensor inside the file, none overlapping. */
static int place_tensors(struct gguf *g, struct ls_error *err) {
    uint64_t available = g->size > g->data_offset ? g->size - g->data_offset : 0;
    for (uint64_t i = 0; i < g->tensor_count; i++) {
        struct gguf_tensor *t = &g->tensors[i];
        uint64_t end;
        if (__builtin_add_overflow(t->offset, t->size, &end))
            return tensor_error(g, t, "the offset is beyond 64 bits", err);
        if (end > available)
            return ls_error_set(
                err,
                "%s: tensor %.*s: %" PRIu64
                " bytes past the end of the file, which is cut short: download it again",
                g->path, shown(t->name), t->name.data, end - available);
        t->offset += g->data_offset;
        t->data = g->map + t->offset;
    }
    uint64_t *order = sorted_indices(g, g->tensor_count, offset_compare);
    if (order == NULL)
        return ls_error_set(err, "%s: tensors: out of memory", g->path);
    int status = 0;
    for (uint64_t i = 1; i < g->tensor_count && status == 0; i++) {
        const struct gguf_tensor *before = &g->tensors[order[i - 1]], *t = &g->tensors[order[i]];
        if (before->offset + before->size > t->offset)
            status = tensor_error(g, t, "overlaps another tensor", err);
    }
    free(order);
    return status;
}

int gguf_order_tensors(struct gguf *g, struct ls_error *err) {
    free(g->tensor_order);
    g->tensor_order = sorted_indices(g, g->tensor_count, tensor_compare);
    if (g->tensor_order == NULL)
        return ls_error_set(err, "%s: tensors: out of memory", g->path);
    for (uint64_t i = 1; i < g->tensor_count; i++)
        if (tensor_compare(&g->tensor_order[i - 1], &g->tensor_order[i], g) == 0)
            return tensor_error(g, &g->tensors[g->tensor_order[i]], "the name appears twice", err);
    return 0;
}

static int read_all_tensors(struct gguf *g, struct cursor *c, uint64_t count,
                            struct ls_error *err) {
    uint64_t capacity = 0;
    for (uint64_t i = 0; i < count; i++) {
        void *table = g->tensors;
        if (!table_grow(&table, i, &capacity, sizeof *g->tensors))
            return ls_error_set(err, "%s: tensors: out of memory", g->path);
        g->tensors = table;
        if (read_tensor(g, c, i, err) != 0)
            return -1;
        g->tensor_count = i + 1;
    }
    if (gguf_order_tensors(g, err) != 0)
        return -1;
    g->data_offset = (c->offset + g->alignment - 1) / g->alignment * g->alignment;
    return place_tensors(g, err);
}

/* ---- the whole file ---- */

static int read_header(struct gguf *g, struct ls_error *err) {
    struct cursor c = {g->map, g->size, 0, false};
    const uint8_t *magic = cursor_take(&c, 4);
    if (magic != NULL && memcmp(magic, "FUGG", 4) == 0)
        return ls_error_set(err, "%s: big-endian GGUF: convert it to little-endian", g->path);
    if (magic == NULL || memcmp(magic, "GGUF", 4) != 0)
        return ls_error_set(err, "%s: not a GGUF file: %s", g->path, gguf_foreign(g->map, g->size));
    g->version = cursor_u32(&c);
    uint64_t tensor_count = cursor_u64(&c);
    uint64_t kv_count = cursor_u64(&c);
    if (g->version != 0 && (g->version & 0xffffu) == 0)
        return ls_error_set(err, "%s: big-endian GGUF: convert it to little-endian", g->path);
    if (g->size >= 8 && (g->version < 2 || g->version > 3))
        return ls_error_set(
            err, "%s: GGUF version %" PRIu32 " is not supported: convert it to version 2 or 3",
            g->path, g->version);
    if (c.failed)
        return ls_error_set(err, "%s: truncated: the GGUF header needs 24 bytes: " DOWNLOAD_AGAIN,
                            g->path);
    if (read_all_kvs(g, &c, kv_count, err) != 0)
        return -1;
    if (read_alignment(g, err) != 0)
        return -1;
    return read_all_tensors(g, &c, tensor_count, err);
}

int gguf_read(const char *name, const uint8_t *data, uint64_t size, bool mapped, struct gguf **gguf,
              struct ls_error *err) {
    *gguf = NULL;
    struct gguf *g = calloc(1, sizeof *g);
    char *path = strdup(name);
    if (g == NULL || path == NULL) {
        free(g);
        free(path);
        if (mapped)
            munmap((void *)(uintptr_t)data, (size_t)size);
        return ls_error_set(err, "%s: out of memory", name);
    }
    g->path = path;
    g->map = data;
    g->size = size;
    g->mapped = mapped;
    g->parts = 1;
    if (read_header(g, err) != 0) {
        gguf_close(g);
        return -1;
    }
    *gguf = g;
    return 0;
}

int gguf_open_memory(const char *name, const void *data, uint64_t size, struct gguf **gguf,
                     struct ls_error *err) {
    return gguf_read(name, data, size, false, gguf, err);
}

void gguf_close(struct gguf *gguf) {
    if (gguf == NULL)
        return;
    if (gguf->mapped)
        munmap((void *)(uintptr_t)gguf->map, (size_t)gguf->size);
    free(gguf->kvs);
    free(gguf->tensors);
    free(gguf->kv_order);
    free(gguf->tensor_order);
    free(gguf->part);
    free(gguf->path);
    free(gguf);
}
