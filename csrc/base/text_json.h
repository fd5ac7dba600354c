/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Texts of any bytes in a tree of JSON, as csrc/base/text.h says.
 *
 *     text_json_add(root, "text", text, size);
 */
#ifndef LS_TEXT_JSON_H
#define LS_TEXT_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct text_view {
    const char *data;
    size_t size;
};

/* Adds NAME and, if need be, NAME_bytes to an object. Left out if there is no memory. */
void text_json_add(cJSON *object, const char *name, const char *text, size_t size);
/* NAME alone, in which what is no UTF-8 is U+FFFD. Returns whether it could be added. */
bool text_json_add_shown(cJSON *object, const char *name, const char *text, size_t size);
void text_json_add_array(cJSON *object, const char *name, const struct text_view *texts,
                         size_t count);

#ifdef __cplusplus
}
#endif
#endif
