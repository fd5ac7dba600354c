/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * cJSON's strings end at NUL, so what it is given is JSON already.
 */
#include "text_json.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "utf8.h"

/* What `write` writes, to be freed; NULL if there is no memory. */
static char *written(void (*write)(FILE *, const char *, size_t), const char *text, size_t size) {
    char *json = NULL;
    size_t length;
    FILE *out = open_memstream(&json, &length);
    if (out == NULL)
        return NULL;
    write(out, text, size);
    if (fclose(out) == 0)
        return json;
    free(json);
    return NULL;
}

static cJSON *raw(void (*write)(FILE *, const char *, size_t), struct text_view text) {
    char *json = written(write, text.data, text.size);
    cJSON *item = json != NULL ? cJSON_CreateRaw(json) : NULL;
    free(json);
    return item;
}

static char *bytes_name(const char *name) {
    char *text;
    return asprintf(&text, "%s_bytes", name) >= 0 ? text : NULL;
}

static bool is_exact(struct text_view text) {
    return utf8_sound(text.data, text.size) == text.size;
}

bool text_json_add_shown(cJSON *object, const char *name, const char *text, size_t size) {
    const struct text_view view = {text, size};
    cJSON *item = raw(text_json, view);
    const bool added = cJSON_AddItemToObject(object, name, item);
    if (!added)
        cJSON_Delete(item);
    return added;
}

void text_json_add(cJSON *object, const char *name, const char *text, size_t size) {
    const struct text_view view = {text, size};
    text_json_add_shown(object, name, text, size);
    if (is_exact(view))
        return;
    char *bytes = bytes_name(name);
    if (bytes != NULL)
        cJSON_AddItemToObject(object, bytes, raw(text_base64, view));
    free(bytes);
}

void text_json_add_array(cJSON *object, const char *name, const struct text_view *texts,
                         size_t count) {
    cJSON *array = cJSON_AddArrayToObject(object, name);
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(array, raw(text_json, texts[i]));
        all = all && is_exact(texts[i]);
    }
    char *bytes = all ? NULL : bytes_name(name);
    if (bytes == NULL)
        return;
    array = cJSON_AddArrayToObject(object, bytes);
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(array,
                             is_exact(texts[i]) ? cJSON_CreateNull() : raw(text_base64, texts[i]));
    free(bytes);
}
