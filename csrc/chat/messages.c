/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Messages as a client gives them, and as a template wants them.
 */
#include "messages.h"

#include <stdlib.h>
#include <string.h>

int messages_check(const cJSON *messages, struct ls_error *err) {
    const cJSON *each;
    if (!cJSON_IsArray(messages) || messages->child == NULL)
        return ls_error_set(err, "\"messages\" must be a list of messages");
    if (cJSON_GetArraySize(messages) > MESSAGES_MOST)
        return ls_error_set(err, "\"messages\": more than %d", MESSAGES_MOST);
    cJSON_ArrayForEach(each, messages) if (!cJSON_IsString(cJSON_GetObjectItemCaseSensitive(
                                               each,
                                               "role"))) return ls_error_set(err,
                                                                             "\"messages\": one "
                                                                             "has no role");
    return 0;
}

char *message_text(const cJSON *content, struct ls_error *err) {
    const cJSON *part;
    size_t size = 0, at = 0;
    const bool list = cJSON_IsArray(content);
    if (!list && !cJSON_IsString(content)) {
        ls_error_set(err, "\"content\" must be a text or a list of parts");
        return NULL;
    }
    if (!list)
        return strdup(content->valuestring);
    cJSON_ArrayForEach(part, content) {
        const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(part, "type"));
        const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(part, "text"));
        if (type == NULL || strcmp(type, "text") != 0 || text == NULL) {
            ls_error_set(err, "\"content\" has a part that is no text");
            return NULL;
        }
        size += strlen(text);
    }
    char *all = calloc(1, size + 1);
    if (all == NULL)
        ls_error_set(err, "out of memory");
    cJSON_ArrayForEach(part, content) {
        const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(part, "text"));
        if (all == NULL)
            break;
        memcpy(all + at, text, strlen(text));
        at += strlen(text);
    }
    return all;
}

static bool has_role(const cJSON *message, const char *role) {
    const cJSON *is = cJSON_GetObjectItemCaseSensitive(message, "role");
    return cJSON_IsString(is) && strcmp(is->valuestring, role) == 0;
}

static cJSON *parts_of(const char *text) {
    cJSON *list = cJSON_CreateArray(), *part = cJSON_CreateObject();
    cJSON_AddStringToObject(part, "type", "text");
    cJSON_AddStringToObject(part, "text", text);
    cJSON_AddItemToArray(list, part);
    return list;
}

cJSON *messages_fit(const cJSON *messages, bool parts, bool system, struct ls_error *err) {
    cJSON *list = cJSON_CreateArray();
    char *waiting = NULL;
    const cJSON *each;
    bool good = list != NULL;
    cJSON_ArrayForEach(each, messages) {
        char *text = message_text(cJSON_GetObjectItemCaseSensitive(each, "content"), err);
        good = text != NULL;
        if (good && !system && has_role(each, "system")) {
            free(waiting);
            waiting = text;
            continue;
        }
        if (good && waiting != NULL && has_role(each, "user")) {
            char *both = malloc(strlen(waiting) + strlen(text) + 3);
            if (both != NULL)
                stpcpy(stpcpy(stpcpy(both, waiting), "\n\n"), text);
            free(text);
            free(waiting);
            waiting = NULL;
            text = both;
            good = both != NULL;
        }
        cJSON *copy = good ? cJSON_Duplicate(each, 1) : NULL;
        cJSON *content = good ? (parts ? parts_of(text) : cJSON_CreateString(text)) : NULL;
        free(text);
        if (copy == NULL || content == NULL ||
            !cJSON_ReplaceItemInObjectCaseSensitive(copy, "content", content)) {
            cJSON_Delete(copy);
            good = false;
            break;
        }
        cJSON_AddItemToArray(list, copy);
    }
    if (good && waiting != NULL) { /* nobody said anything behind it */
        cJSON *user = cJSON_CreateObject();
        cJSON_AddStringToObject(user, "role", "user");
        cJSON_AddItemToObject(user, "content",
                              parts ? parts_of(waiting) : cJSON_CreateString(waiting));
        cJSON_AddItemToArray(list, user);
    }
    free(waiting);
    if (good)
        return list;
    cJSON_Delete(list);
    return NULL;
}
