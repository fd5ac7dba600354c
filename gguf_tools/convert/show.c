/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Values for a person.
 */
#include "show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/text.h"

#define SHOWN_ELEMENTS 4  /* of an array */
#define SHOWN_BYTES    60 /* of a text; of one in an array less than half */

struct scalar load_scalar(enum gguf_value_type type, const uint8_t *data) {
    struct scalar s = {SCALAR_UNSIGNED, 0, 0, 0.0};
    uint32_t bytes = gguf_value_type_bytes((uint32_t)type);
    for (uint32_t i = 0; i < bytes; i++)
        s.bits |= (uint64_t)data[i] << (8 * i);
    switch (type) {
    case GGUF_I8:
    case GGUF_I16:
    case GGUF_I32:
    case GGUF_I64:
        s.kind = SCALAR_SIGNED;
        if (bytes < 8 && (data[bytes - 1] & 0x80) != 0)
            s.bits |= ~UINT64_C(0) << (8 * bytes);
        s.integer = (int64_t)s.bits;
        break;
    case GGUF_F32: {
        float value;
        memcpy(&value, data, sizeof value);
        s.kind = SCALAR_FLOAT;
        s.real = (double)value;
        break;
    }
    case GGUF_F64:
        s.kind = SCALAR_FLOAT;
        memcpy(&s.real, data, sizeof s.real);
        break;
    case GGUF_BOOL:
        s.kind = SCALAR_BOOL;
        break;
    default:
        break;
    }
    return s;
}

/* With as few digits, from 6, as give the same binary32 back. */
static void show_real(FILE *out, double value) {
    char digits[40];
    for (int precision = 6; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if ((float)strtod(digits, NULL) == (float)value)
            break;
    }
    fputs(digits, out);
}

void show_scalar(FILE *out, enum gguf_value_type type, const uint8_t *data) {
    struct scalar s = load_scalar(type, data);
    if (s.kind == SCALAR_BOOL)
        fprintf(out, "%s", s.bits != 0 ? "true" : "false");
    else if (s.kind == SCALAR_FLOAT)
        show_real(out, s.real);
    else if (s.kind == SCALAR_SIGNED)
        fprintf(out, "%" PRId64, s.integer);
    else
        fprintf(out, "%" PRIu64, s.bits);
}

void show_text(FILE *out, struct gguf_string text, uint64_t limit) {
    putc('"', out);
    text_line(out, text.data, text_cut(text.data, (size_t)text.size, (size_t)limit));
    fputs(text.size > limit ? "...\"" : "\"", out);
}

static void show_array(FILE *out, const struct gguf_array *array) {
    uint64_t offset = 0;
    fprintf(out, "%" PRIu64 " x %s [", array->count, gguf_value_type_name((uint32_t)array->type));
    for (uint64_t i = 0; i < array->count && i < SHOWN_ELEMENTS; i++) {
        if (i > 0)
            fputs(", ", out);
        if (array->type == GGUF_STRING)
            show_text(out, gguf_array_next_string(array, &offset), 24);
        else
            show_scalar(out, array->type,
                        array->data + i * gguf_value_type_bytes((uint32_t)array->type));
    }
    fputs(array->count > SHOWN_ELEMENTS ? ", ...]" : "]", out);
}

void show_value(FILE *out, const struct gguf_kv *kv) {
    if (kv->type == GGUF_STRING)
        show_text(out, kv->text, SHOWN_BYTES);
    else if (kv->type == GGUF_ARRAY)
        show_array(out, &kv->array);
    else
        show_scalar(out, kv->type, kv->data);
}

void shape_text(const struct gguf_tensor *t, char text[SHAPE_SIZE]) {
    int used = 0;
    for (uint32_t d = 0; d < t->n_dims; d++)
        used += snprintf(text + used, SHAPE_SIZE - (size_t)used, "%s%" PRIu64, d > 0 ? " x " : "",
                         t->ne[d]);
}
