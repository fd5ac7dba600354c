/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Keys of a GGUF file in types that the project itself never writes.
 *
 *     odd_number(w, "llama.expert_count", GGUF_U64, 8);
 *     odd_list(w, "llama.attention.key_length", (const uint32_t[]){16, 16}, 2);
 */
#ifndef ODD_KEYS_H
#define ODD_KEYS_H

#include <string.h>

#include "gguf_tools/convert/gguf_write.h"

/* An integer: its low bytes, as many as the type has. */
static inline void odd_number(struct gguf_writer *w, const char *key, enum gguf_value_type type,
                              uint64_t value) {
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    const struct gguf_kv kv = {.key = {key, strlen(key)}, .type = type, .data = bytes};
    gguf_writer_copy(w, &kv);
}

/* An array of 32 bits each, unsigned. */
static inline void odd_list(struct gguf_writer *w, const char *key, const uint32_t *values,
                            uint64_t count) {
    const struct gguf_kv kv = {.key = {key, strlen(key)},
                               .type = GGUF_ARRAY,
                               .array = {.type = GGUF_U32,
                                         .count = count,
                                         .data = (const uint8_t *)values,
                                         .size = count * sizeof *values}};
    gguf_writer_copy(w, &kv);
}

#endif
