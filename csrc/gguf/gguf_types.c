/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Table of the types of GGUF's values.
 */
#include "gguf.h"

#include <stddef.h>

static const struct {
    const char *name;
    uint32_t bytes; /* 0: not a scalar */
} value_types[GGUF_VALUE_TYPES] = {
    [GGUF_U8] = {"uint8", 1},    [GGUF_I8] = {"int8", 1},    [GGUF_U16] = {"uint16", 2},
    [GGUF_I16] = {"int16", 2},   [GGUF_U32] = {"uint32", 4}, [GGUF_I32] = {"int32", 4},
    [GGUF_F32] = {"float32", 4}, [GGUF_BOOL] = {"bool", 1},  [GGUF_STRING] = {"string", 0},
    [GGUF_ARRAY] = {"array", 0}, [GGUF_U64] = {"uint64", 8}, [GGUF_I64] = {"int64", 8},
    [GGUF_F64] = {"float64", 8},
};

const char *gguf_value_type_name(uint32_t type) {
    return type < GGUF_VALUE_TYPES ? value_types[type].name : NULL;
}

uint32_t gguf_value_type_bytes(uint32_t type) {
    return type < GGUF_VALUE_TYPES ? value_types[type].bytes : 0;
}
