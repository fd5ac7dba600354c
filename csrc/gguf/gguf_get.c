/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Lookups in an opened GGUF: metadata by key, tensors by name. The file was
 * checked by gguf_open, so nothing here can run past its end.
 */
#include "gguf.h"

#include <stddef.h>
#include <string.h>

/* Stored integer, widened: `negative` tells how to read `bits`. */
struct integer {
    uint64_t bits; /* two's complement, sign-extended */
    bool negative;
};

bool gguf_string_equals(struct gguf_string string, const char *text) {
    size_t size = strlen(text);
    return string.size == size && memcmp(string.data, text, size) == 0;
}

/* Order of a view against a C string, as the sorted index has it. */
static int compare_text(struct gguf_string a, const char *text) {
    size_t size = strlen(text);
    size_t common = a.size < size ? (size_t)a.size : size;
    int order = memcmp(a.data, text, common);
    return order != 0 ? order : (a.size > size) - (a.size < size);
}

const struct gguf_kv *gguf_find_kv(const struct gguf *gguf, const char *key) {
    uint64_t low = 0, high = gguf->kv_count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        const struct gguf_kv *kv = &gguf->kvs[gguf->kv_order[middle]];
        int order = compare_text(kv->key, key);
        if (order == 0)
            return kv;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct gguf_tensor *gguf_find_tensor(const struct gguf *gguf, const char *name) {
    uint64_t low = 0, high = gguf->tensor_count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        const struct gguf_tensor *tensor = &gguf->tensors[gguf->tensor_order[middle]];
        int order = compare_text(tensor->name, name);
        if (order == 0)
            return tensor;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static enum gguf_lookup get_integer(const struct gguf *gguf, const char *key, struct integer *out) {
    const struct gguf_kv *kv = gguf_find_kv(gguf, key);
    if (kv == NULL)
        return GGUF_ABSENT;
    bool is_signed =
        kv->type == GGUF_I8 || kv->type == GGUF_I16 || kv->type == GGUF_I32 || kv->type == GGUF_I64;
    bool is_unsigned =
        kv->type == GGUF_U8 || kv->type == GGUF_U16 || kv->type == GGUF_U32 || kv->type == GGUF_U64;
    if (!is_signed && !is_unsigned)
        return GGUF_WRONG_TYPE;
    uint32_t bytes = gguf_value_type_bytes(kv->type);
    uint64_t bits = 0;
    for (uint32_t i = 0; i < bytes; i++)
        bits |= (uint64_t)kv->data[i] << (8 * i);
    out->negative = is_signed && (kv->data[bytes - 1] & 0x80) != 0;
    if (out->negative && bytes < 8)
        bits |= ~UINT64_C(0) << (8 * bytes);
    out->bits = bits;
    return GGUF_FOUND;
}

enum gguf_lookup gguf_get_u64(const struct gguf *gguf, const char *key, uint64_t *out) {
    struct integer value;
    enum gguf_lookup found = get_integer(gguf, key, &value);
    if (found != GGUF_FOUND)
        return found;
    if (value.negative)
        return GGUF_WRONG_TYPE;
    *out = value.bits;
    return GGUF_FOUND;
}

enum gguf_lookup gguf_get_u32(const struct gguf *gguf, const char *key, uint32_t *out) {
    uint64_t value;
    enum gguf_lookup found = gguf_get_u64(gguf, key, &value);
    if (found != GGUF_FOUND)
        return found;
    if (value > UINT32_MAX)
        return GGUF_WRONG_TYPE;
    *out = (uint32_t)value;
    return GGUF_FOUND;
}

enum gguf_lookup gguf_get_i32(const struct gguf *gguf, const char *key, int32_t *out) {
    struct integer value;
    enum gguf_lookup found = get_integer(gguf, key, &value);
    if (found != GGUF_FOUND)
        return found;
    bool fits = value.negative ? value.bits >= (uint64_t)INT32_MIN : value.bits <= INT32_MAX;
    if (!fits)
        return GGUF_WRONG_TYPE;
    *out = (int32_t)(int64_t)value.bits;
    return GGUF_FOUND;
}

enum gguf_lookup gguf_get_f32(const struct gguf *gguf, const char *key, float *out) {
    const struct gguf_kv *kv = gguf_find_kv(gguf, key);
    if (kv == NULL)
        return GGUF_ABSENT;
    if (kv->type != GGUF_F32)
        return GGUF_WRONG_TYPE;
    memcpy(out, kv->data, sizeof *out);
    return GGUF_FOUND;
}

enum gguf_lookup gguf_get_bool(const struct gguf *gguf, const char *key, bool *out) {
    const struct gguf_kv *kv = gguf_find_kv(gguf, key);
    if (kv == NULL)
        return GGUF_ABSENT;
    if (kv->type != GGUF_BOOL)
        return GGUF_WRONG_TYPE;
    *out = *kv->data != 0;
    return GGUF_FOUND;
}

enum gguf_lookup gguf_get_string(const struct gguf *gguf, const char *key,
                                 struct gguf_string *out) {
    const struct gguf_kv *kv = gguf_find_kv(gguf, key);
    if (kv == NULL)
        return GGUF_ABSENT;
    if (kv->type != GGUF_STRING)
        return GGUF_WRONG_TYPE;
    *out = kv->text;
    return GGUF_FOUND;
}

enum gguf_lookup gguf_get_array(const struct gguf *gguf, const char *key, struct gguf_array *out) {
    const struct gguf_kv *kv = gguf_find_kv(gguf, key);
    if (kv == NULL)
        return GGUF_ABSENT;
    if (kv->type != GGUF_ARRAY)
        return GGUF_WRONG_TYPE;
    *out = kv->array;
    return GGUF_FOUND;
}

struct gguf_string gguf_array_next_string(const struct gguf_array *array, uint64_t *offset) {
    uint64_t size = 0;
    for (uint32_t i = 0; i < 8; i++)
        size |= (uint64_t)array->data[*offset + i] << (8 * i);
    struct gguf_string string = {(const char *)array->data + *offset + 8, size};
    *offset += 8 + size;
    return string;
}
