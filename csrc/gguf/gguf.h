/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * GGUF reader, versions 2 and 3, little-endian. Zero copy: every view points
 * into a read-only map of the file and lives until gguf_close(). A file that
 * opens is sound: all counts, lengths, offsets and products were checked.
 * Format: the GGUF specification in the ggml project's documentation.
 *
 *     struct gguf *g;
 *     struct ls_error err;
 *     uint32_t layers;
 *     if (gguf_open("model.gguf", &g, &err) != 0)
 *         return fail(err.text);
 *     if (gguf_get_u32(g, "llama.block_count", &layers) != GGUF_FOUND)
 *         return fail("no block count");
 *     const struct gguf_tensor *t = gguf_find_tensor(g, "token_embd.weight");
 *     gguf_close(g);
 */
#ifndef LS_GGUF_H
#define LS_GGUF_H

#include <stdbool.h>
#include <stdint.h>

#include "csrc/base/device_info.h" /* what a type is: type_info_of */
#include "csrc/base/error.h"
#include "generated/ggml_type.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GGUF_DEFAULT_ALIGNMENT 32u
#define GGUF_MAX_DIMS          4u

/* Type of a metadata value, numbered as in the file. */
enum gguf_value_type {
    GGUF_U8 = 0,
    GGUF_I8 = 1,
    GGUF_U16 = 2,
    GGUF_I16 = 3,
    GGUF_U32 = 4,
    GGUF_I32 = 5,
    GGUF_F32 = 6,
    GGUF_BOOL = 7,
    GGUF_STRING = 8,
    GGUF_ARRAY = 9,
    GGUF_U64 = 10,
    GGUF_I64 = 11,
    GGUF_F64 = 12,
    GGUF_VALUE_TYPES = 13
};

/* Bytes in the map, not NUL-terminated. Print with "%.*s". */
struct gguf_string {
    const char *data;
    uint64_t size; /* bytes */
};

struct gguf_array {
    enum gguf_value_type type; /* of an element; never GGUF_ARRAY */
    uint64_t count;            /* elements */
    const uint8_t *data;       /* first element; unaligned, little-endian */
    uint64_t size;             /* bytes of all elements */
};

struct gguf_kv {
    struct gguf_string key;
    enum gguf_value_type type;
    const uint8_t *data;     /* scalar bytes; NULL for a string or an array */
    struct gguf_string text; /* if type is GGUF_STRING */
    struct gguf_array array; /* if type is GGUF_ARRAY */
};

struct gguf_tensor {
    struct gguf_string name;
    enum ggml_type type;
    uint32_t n_dims;            /* 1..4 */
    uint64_t ne[GGUF_MAX_DIMS]; /* elements; ne[0] is the row length; unused are 1 */
    uint64_t offset;            /* bytes from the start of the MAP */
    uint64_t size;              /* bytes */
    const uint8_t *data;        /* at `offset` in the map */
};

struct gguf_part {
    uint64_t at, size; /* in the map; bytes */
};

/* Read only for users; made and freed by gguf_open and gguf_close. */
struct gguf {
    char *path;             /* as given to gguf_open */
    const uint8_t *map;     /* the whole file; parts lie one behind the other (gguf_open.c) */
    uint64_t size;          /* bytes of the map */
    uint32_t parts;         /* files; 1 unless the model is split */
    struct gguf_part *part; /* [parts] their places; NULL: one file, the whole map */
    uint32_t version;       /* 2 or 3 */
    uint32_t alignment;     /* bytes, a multiple of 8 */
    uint64_t data_offset;   /* bytes from the start of the (first) file to the tensor data */
    uint64_t kv_count;
    struct gguf_kv *kvs; /* in file order */
    uint64_t tensor_count;
    struct gguf_tensor *tensors; /* in file order */
    uint64_t *kv_order;          /* indices of kvs by key */
    uint64_t *tensor_order;      /* indices of tensors by name */
    bool mapped;                 /* `map` belongs to this struct */
};

/* Maps and checks a file, and with the first part of a split model all others, found by its name.
 * Does not wait for a pipe. Returns 0 and a reader to be freed with gguf_close,
 * or -1 with one line in `err` and *gguf NULL. */
int gguf_open(const char *path, struct gguf **gguf, struct ls_error *err);

/* The same for bytes that the caller keeps alive; `name` stands in messages. */
int gguf_open_memory(const char *name, const void *data, uint64_t size, struct gguf **gguf,
                     struct ls_error *err);

/* Frees the reader and unmaps the file; NULL is allowed. */
void gguf_close(struct gguf *gguf);

#define GGUF_PATH_SIZE 4096u /* bytes of a path with its NUL */

/* The file of a part, from 0 on: `path` or, of a split model, a name that follows from it. */
void gguf_part_path(const struct gguf *gguf, uint32_t part, char path[GGUF_PATH_SIZE]);

/* Outcome of a typed lookup. *out is written only if GGUF_FOUND. */
enum gguf_lookup {
    GGUF_ABSENT = 0,    /* no such key */
    GGUF_FOUND = 1,     /* *out holds the value */
    GGUF_WRONG_TYPE = 2 /* the key's value is of another type or does not fit */
};

/* NULL if there is no such key. */
const struct gguf_kv *gguf_find_kv(const struct gguf *gguf, const char *key);

/* The integer getters take any stored integer width whose value fits. */
enum gguf_lookup gguf_get_u32(const struct gguf *gguf, const char *key, uint32_t *out);
enum gguf_lookup gguf_get_u64(const struct gguf *gguf, const char *key, uint64_t *out);
enum gguf_lookup gguf_get_i32(const struct gguf *gguf, const char *key, int32_t *out);
enum gguf_lookup gguf_get_f32(const struct gguf *gguf, const char *key, float *out);
enum gguf_lookup gguf_get_bool(const struct gguf *gguf, const char *key, bool *out);
enum gguf_lookup gguf_get_string(const struct gguf *gguf, const char *key, struct gguf_string *out);
enum gguf_lookup gguf_get_array(const struct gguf *gguf, const char *key, struct gguf_array *out);

/* Walks an array of strings: start with *offset 0 and call `array->count` times. */
struct gguf_string gguf_array_next_string(const struct gguf_array *array, uint64_t *offset);

/* NULL if there is no such tensor. */
const struct gguf_tensor *gguf_find_tensor(const struct gguf *gguf, const char *name);

bool gguf_string_equals(struct gguf_string string, const char *text);

/* "uint32", "string", ...; NULL if out of range. */
const char *gguf_value_type_name(uint32_t type);

/* Bytes of a scalar value type; 0 for strings, arrays and unknown types. */
uint32_t gguf_value_type_bytes(uint32_t type);

#ifdef __cplusplus
}
#endif
#endif
