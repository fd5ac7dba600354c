/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * GGUF writer. The header is collected in two byte buffers (metadata, tensor
 * table) and written before the first tensor byte; the tensors go straight to
 * the file.
 */
#include "gguf_write.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "csrc/base/output.h"

struct bytes {
    uint8_t *data;
    size_t size, capacity;
};

struct gguf_writer {
    char *path;
    struct output out;
    struct bytes kvs;     /* metadata entries as in the file */
    struct bytes tensors; /* tensor entries as in the file */
    struct bytes sizes;   /* uint64_t a tensor: its bytes */
    uint64_t kv_count, tensor_count;
    uint64_t next_offset;  /* of the next declared tensor, from the data section */
    bool in_data;          /* the header is written */
    uint64_t current;      /* tensor whose bytes come next */
    uint64_t left;         /* bytes that all tensors still lack */
    uint64_t current_left; /* bytes that it still lacks */
    bool failed;
    struct ls_error error; /* the first one */
};

static void fail(struct gguf_writer *w, const char *what) {
    if (!w->failed)
        ls_error_set(&w->error, "%s: cannot be written: %s", w->path, what);
    w->failed = true;
}

/* ---- header bytes ---- */

static void put(struct gguf_writer *w, struct bytes *b, const void *data, uint64_t size) {
    if (w->failed || size == 0)
        return;
    if (size > b->capacity - b->size) {
        uint64_t capacity = 2 * (uint64_t)b->capacity + size + 1024;
        uint8_t *grown = capacity <= SIZE_MAX ? realloc(b->data, (size_t)capacity) : NULL;
        if (grown == NULL) {
            fail(w, "out of memory");
            return;
        }
        b->data = grown;
        b->capacity = (size_t)capacity;
    }
    memcpy(b->data + b->size, data, (size_t)size);
    b->size += (size_t)size;
}

static void put_u32(struct gguf_writer *w, struct bytes *b, uint32_t value) {
    uint8_t bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    put(w, b, bytes, sizeof bytes);
}

static void put_u64(struct gguf_writer *w, struct bytes *b, uint64_t value) {
    put_u32(w, b, (uint32_t)value);
    put_u32(w, b, (uint32_t)(value >> 32));
}

static void put_string(struct gguf_writer *w, struct bytes *b, const char *data, uint64_t size) {
    put_u64(w, b, size);
    put(w, b, data, size);
}

static void begin_kv(struct gguf_writer *w, const char *key, uint64_t key_size,
                     enum gguf_value_type type) {
    if (w->in_data)
        fail(w, "metadata after the first tensor byte");
    put_string(w, &w->kvs, key, key_size);
    put_u32(w, &w->kvs, (uint32_t)type);
    w->kv_count++;
}

static void begin_array(struct gguf_writer *w, const char *key, enum gguf_value_type type,
                        uint64_t count) {
    begin_kv(w, key, strlen(key), GGUF_ARRAY);
    put_u32(w, &w->kvs, (uint32_t)type);
    put_u64(w, &w->kvs, count);
}

static uint32_t float_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* ---- metadata ---- */

void gguf_writer_u32(struct gguf_writer *w, const char *key, uint32_t value) {
    begin_kv(w, key, strlen(key), GGUF_U32);
    put_u32(w, &w->kvs, value);
}

void gguf_writer_f32(struct gguf_writer *w, const char *key, float value) {
    begin_kv(w, key, strlen(key), GGUF_F32);
    put_u32(w, &w->kvs, float_bits(value));
}

void gguf_writer_bool(struct gguf_writer *w, const char *key, bool value) {
    begin_kv(w, key, strlen(key), GGUF_BOOL);
    put(w, &w->kvs, value ? "\1" : "\0", 1);
}

void gguf_writer_string(struct gguf_writer *w, const char *key, const char *value) {
    begin_kv(w, key, strlen(key), GGUF_STRING);
    put_string(w, &w->kvs, value, strlen(value));
}

void gguf_writer_i32s(struct gguf_writer *w, const char *key, const int32_t *values,
                      uint64_t count) {
    begin_array(w, key, GGUF_I32, count);
    for (uint64_t i = 0; i < count; i++)
        put_u32(w, &w->kvs, (uint32_t)values[i]);
}

void gguf_writer_f32s(struct gguf_writer *w, const char *key, const float *values, uint64_t count) {
    begin_array(w, key, GGUF_F32, count);
    for (uint64_t i = 0; i < count; i++)
        put_u32(w, &w->kvs, float_bits(values[i]));
}

void gguf_writer_strings(struct gguf_writer *w, const char *key, const struct gguf_string *values,
                         uint64_t count) {
    begin_array(w, key, GGUF_STRING, count);
    for (uint64_t i = 0; i < count; i++)
        put_string(w, &w->kvs, values[i].data, values[i].size);
}

void gguf_writer_copy(struct gguf_writer *w, const struct gguf_kv *kv) {
    if (gguf_string_equals(kv->key, "general.alignment") ||
        (kv->key.size > 6 && memcmp(kv->key.data, "split.", 6) == 0))
        return;
    begin_kv(w, kv->key.data, kv->key.size, kv->type);
    if (kv->type == GGUF_STRING) {
        put_string(w, &w->kvs, kv->text.data, kv->text.size);
    } else if (kv->type == GGUF_ARRAY) {
        put_u32(w, &w->kvs, (uint32_t)kv->array.type);
        put_u64(w, &w->kvs, kv->array.count);
        put(w, &w->kvs, kv->array.data, kv->array.size);
    } else {
        put(w, &w->kvs, kv->data, gguf_value_type_bytes((uint32_t)kv->type));
    }
}

/* ---- tensors ---- */

static uint64_t padded(uint64_t size) {
    return (size + GGUF_DEFAULT_ALIGNMENT - 1) / GGUF_DEFAULT_ALIGNMENT * GGUF_DEFAULT_ALIGNMENT;
}

/* Bytes of a tensor; 0 if its shape is impossible. */
static uint64_t tensor_bytes(enum ggml_type type, uint32_t n_dims, const uint64_t *ne) {
    const struct type_info *info = type_info_of((uint32_t)type);
    if (info == NULL || n_dims < 1 || n_dims > GGUF_MAX_DIMS || ne[0] % info->elements != 0)
        return 0;
    uint64_t size = ne[0] / info->elements;
    if (__builtin_mul_overflow(size, (uint64_t)info->bytes, &size))
        return 0;
    for (uint32_t d = 1; d < n_dims; d++)
        if (__builtin_mul_overflow(size, ne[d], &size))
            return 0;
    return size > INT64_MAX ? 0 : size;
}

void gguf_writer_tensor(struct gguf_writer *w, const char *name, enum ggml_type type,
                        uint32_t n_dims, const uint64_t *ne) {
    uint64_t size = tensor_bytes(type, n_dims, ne);
    if (w->in_data)
        fail(w, "a tensor declared after the first tensor byte");
    if (size == 0) {
        if (!w->failed)
            ls_error_set(&w->error, "%s: cannot be written: tensor %s: impossible shape", w->path,
                         name);
        w->failed = true;
        return;
    }
    put_string(w, &w->tensors, name, strlen(name));
    put_u32(w, &w->tensors, n_dims);
    for (uint32_t d = 0; d < n_dims; d++)
        put_u64(w, &w->tensors, ne[d]);
    put_u32(w, &w->tensors, (uint32_t)type);
    put_u64(w, &w->tensors, w->next_offset);
    put(w, &w->sizes, &size, sizeof size);
    w->next_offset += padded(size);
    w->left += size;
    w->tensor_count++;
}

static void write_bytes(struct gguf_writer *w, const void *data, uint64_t size) {
    if (!w->failed && size > 0 && fwrite(data, 1, (size_t)size, w->out.file) != size)
        fail(w, strerror(errno));
}

static void write_padding(struct gguf_writer *w, uint64_t size) {
    static const uint8_t zeros[GGUF_DEFAULT_ALIGNMENT] = {0};
    write_bytes(w, zeros, padded(size) - size);
}

/* Makes tensor `index` the one whose bytes come next. */
static void select_tensor(struct gguf_writer *w, uint64_t index) {
    w->current = index;
    if (index < w->tensor_count && !w->failed)
        memcpy(&w->current_left, w->sizes.data + index * sizeof(uint64_t), sizeof(uint64_t));
    else
        w->current_left = 0;
}

/* A file that the disk has no room for is not begun. */
static void check_room(struct gguf_writer *w, uint64_t size) {
    char what[96];
    struct statvfs disk;
    struct stat file;
    const int fd = fileno(w->out.file);
    if (w->failed || fstat(fd, &file) != 0 || !S_ISREG(file.st_mode) || fstatvfs(fd, &disk) != 0)
        return;
    const uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (size > room) {
        snprintf(what, sizeof what,
                 "it takes %" PRIu64 " MB, on the disk are %" PRIu64 " MB: make room",
                 size / 1000000, room / 1000000);
        fail(w, what);
    }
}

static void write_header(struct gguf_writer *w) {
    struct bytes head = {NULL, 0, 0};
    put(w, &head, "GGUF", 4);
    put_u32(w, &head, 3);
    put_u64(w, &head, w->tensor_count);
    put_u64(w, &head, w->kv_count);
    check_room(w, head.size + w->kvs.size + w->tensors.size + w->left);
    write_bytes(w, head.data, head.size);
    write_bytes(w, w->kvs.data, w->kvs.size);
    write_bytes(w, w->tensors.data, w->tensors.size);
    write_padding(w, (uint64_t)head.size + w->kvs.size + w->tensors.size);
    free(head.data);
    w->in_data = true;
    select_tensor(w, 0);
}

int gguf_writer_data(struct gguf_writer *w, const void *data, uint64_t size) {
    const uint8_t *bytes = data;
    if (!w->in_data)
        write_header(w);
    while (size > 0 && !w->failed) {
        uint64_t part = size < w->current_left ? size : w->current_left;
        if (part == 0) {
            fail(w, "more bytes than the declared tensors hold");
            break;
        }
        write_bytes(w, bytes, part);
        bytes += part;
        size -= part;
        w->current_left -= part;
        w->left -= part;
        if (w->current_left == 0 && !w->failed) {
            uint64_t whole;
            memcpy(&whole, w->sizes.data + w->current * sizeof whole, sizeof whole);
            write_padding(w, whole);
            select_tensor(w, w->current + 1);
        }
    }
    return w->failed ? -1 : 0;
}

uint64_t gguf_writer_left(const struct gguf_writer *w) {
    return w->left;
}

/* ---- the file ---- */

int gguf_output_check(const char *path, struct ls_error *err) {
    struct stat file;
    if (lstat(path, &file) == 0 && !S_ISREG(file.st_mode))
        return ls_error_set(err, "%s: cannot be written: not a regular file: give another name",
                            path);
    return output_check(path, err);
}

int gguf_writer_open(const char *path, struct gguf_writer **writer, struct ls_error *err) {
    *writer = NULL;
    if (gguf_output_check(path, err) != 0)
        return -1;
    struct gguf_writer *w = calloc(1, sizeof *w);
    if (w == NULL || (w->path = strdup(path)) == NULL) {
        free(w);
        return ls_error_set(err, "%s: cannot be written: out of memory", path);
    }
    if (output_open(&w->out, path, err) != 0) {
        free(w->path);
        free(w);
        return -1;
    }
    *writer = w;
    return 0;
}

static void writer_free(struct gguf_writer *w) {
    free(w->kvs.data);
    free(w->tensors.data);
    free(w->sizes.data);
    free(w->path);
    free(w);
}

void gguf_writer_abort(struct gguf_writer *w) {
    if (w == NULL)
        return;
    output_discard(&w->out);
    writer_free(w);
}

int gguf_writer_finish(struct gguf_writer *w, struct ls_error *err) {
    if (!w->in_data)
        write_header(w);
    if (w->left > 0)
        fail(w, "tensors lack bytes");
    if (w->failed) {
        if (err != NULL)
            *err = w->error;
        gguf_writer_abort(w);
        return -1;
    }
    const int status = output_close(&w->out, err);
    writer_free(w);
    return status;
}
