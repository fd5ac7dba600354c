/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What a schema is about, where a $ref leads, and whether two schemas exclude each other.
 */
#include <math.h>
#include <string.h>

#include "maker.h"

static const struct {
    const char *name;
    unsigned kinds;
} types[] = {
    {"null", SCHEMA_NULL},       {"boolean", SCHEMA_BOOLEAN},
    {"integer", SCHEMA_INTEGER}, {"number", SCHEMA_INTEGER | SCHEMA_NUMBER},
    {"string", SCHEMA_STRING},   {"array", SCHEMA_ARRAY},
    {"object", SCHEMA_OBJECT},
};

unsigned schema_kinds(const cJSON *type) {
    unsigned kinds = 0;
    const cJSON *each;
    if (cJSON_IsString(type))
        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
            if (strcmp(type->valuestring, types[i].name) == 0)
                return types[i].kinds;
    if (!cJSON_IsArray(type))
        return 0;
    cJSON_ArrayForEach(each, type) {
        if (!cJSON_IsString(each) || schema_kinds(each) == 0)
            return 0;
        kinds |= schema_kinds(each);
    }
    return kinds;
}

unsigned schema_kind_of(const cJSON *v) {
    return cJSON_IsNull(v)                           ? SCHEMA_NULL
           : cJSON_IsBool(v)                         ? SCHEMA_BOOLEAN
           : cJSON_IsString(v)                       ? SCHEMA_STRING
           : cJSON_IsArray(v)                        ? SCHEMA_ARRAY
           : cJSON_IsObject(v)                       ? SCHEMA_OBJECT
           : v->valuedouble == floor(v->valuedouble) ? SCHEMA_INTEGER
                                                     : SCHEMA_NUMBER;
}

/* The part of a JSON pointer from its / on, against a name; %XX as well, since it is of a URI. */
static bool part_is(const char *part, size_t size, const char *name) {
    size_t i = 0;
    while (i < size) {
        char c = part[i++];
        if (c == '%' && i + 1 < size) {
            unsigned code = 0;
            for (unsigned k = 0; k < 2; k++) {
                static const char digits[] = "0123456789abcdef";
                const char *digit = strchr(digits, part[i + k] | ('A' <= part[i + k] ? 0x20 : 0));
                if (digit == NULL || *digit == '\0')
                    return false;
                code = code << 4 | (unsigned)(digit - digits);
            }
            c = (char)code;
            i += 2;
        }
        if (c == '~' && i < size && (part[i] == '0' || part[i] == '1'))
            c = part[i++] == '0' ? '~' : '/';
        if (*name == '\0' || *name++ != c)
            return false;
    }
    return *name == '\0';
}

const cJSON *schema_target(const cJSON *root, const char *ref) {
    const cJSON *at = root;
    if (*ref++ != '#')
        return NULL;
    while (*ref == '/' && at != NULL) {
        const char *part = ++ref;
        const cJSON *child = at->child;
        unsigned index = 0;
        char number[16];
        ref = strchr(part, '/') != NULL ? strchr(part, '/') : part + strlen(part);
        for (; child != NULL; child = child->next, index++) {
            snprintf(number, sizeof number, "%u", index);
            if (part_is(part, (size_t)(ref - part),
                        cJSON_IsArray(at) || child->string == NULL ? number : child->string))
                break;
        }
        at = child;
    }
    return *ref == '\0' ? at : NULL;
}

/* Behind its $refs, and allOf of one. */
static const cJSON *meant(const cJSON *root, const cJSON *schema) {
    for (unsigned hops = 0; hops < SCHEMA_DEPTH && schema != NULL; hops++) {
        const cJSON *ref = cJSON_GetObjectItemCaseSensitive(schema, "$ref");
        const cJSON *all = cJSON_GetObjectItemCaseSensitive(schema, "allOf");
        if (cJSON_GetObjectItemCaseSensitive(schema, "nullable") != NULL)
            return schema;
        if (cJSON_IsString(ref))
            schema = schema_target(root, ref->valuestring);
        else if (cJSON_GetArraySize(all) == 1)
            schema = all->child;
        else
            return schema;
    }
    return schema;
}

/* Its values, one behind the other, if they are counted. */
static const cJSON *values_of(const cJSON *schema, bool *alone) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(schema, "enum");
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(schema, "const");
    *alone = value != NULL;
    return value != NULL ? value : cJSON_IsArray(list) ? list->child : NULL;
}

/* What a value that satisfies it may be: more than it is, at most. */
static unsigned kinds_of(const cJSON *root, const cJSON *schema, unsigned depth) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(schema, "type"), *each;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(schema, "anyOf");
    unsigned kinds = 0;
    bool alone;
    if (list == NULL)
        list = cJSON_GetObjectItemCaseSensitive(schema, "oneOf");
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(schema, "nullable")) || depth == 8)
        return SCHEMA_ANY;
    const cJSON *value = values_of(schema, &alone);
    if (value != NULL) {
        for (; value != NULL; value = alone ? NULL : value->next)
            kinds |= schema_kind_of(value);
        return type != NULL ? kinds & schema_kinds(type) : kinds;
    }
    if (type != NULL)
        return schema_kinds(type);
    cJSON_ArrayForEach(each, list) kinds |= kinds_of(root, meant(root, each), depth + 1);
    return kinds != 0 ? kinds : SCHEMA_ANY;
}

/* Both are objects: whether a member that both must have tells them apart. */
static bool members_apart(const cJSON *root, const cJSON *left, const cJSON *right,
                          unsigned depth) {
    const cJSON *name, *other;
    cJSON_ArrayForEach(name, cJSON_GetObjectItemCaseSensitive(left, "required")) {
        bool both = false;
        if (!cJSON_IsString(name))
            continue;
        cJSON_ArrayForEach(other, cJSON_GetObjectItemCaseSensitive(right, "required")) both =
            both || (cJSON_IsString(other) && strcmp(other->valuestring, name->valuestring) == 0);
        const cJSON *a = cJSON_GetObjectItemCaseSensitive(
            cJSON_GetObjectItemCaseSensitive(left, "properties"), name->valuestring);
        const cJSON *b = cJSON_GetObjectItemCaseSensitive(
            cJSON_GetObjectItemCaseSensitive(right, "properties"), name->valuestring);
        if (both && a != NULL && b != NULL && schema_apart(root, a, b, depth + 1))
            return true;
    }
    return false;
}

bool schema_apart(const cJSON *root, const cJSON *left, const cJSON *right, unsigned depth) {
    const cJSON *a = meant(root, left), *b = meant(root, right);
    if (depth == 8 || !cJSON_IsObject(a) || !cJSON_IsObject(b))
        return false;
    const unsigned kinds = kinds_of(root, a, 0) & kinds_of(root, b, 0);
    bool alone, other_alone;
    if (kinds == 0)
        return true;
    const cJSON *v = values_of(a, &alone), *first = values_of(b, &other_alone);
    if (v == NULL || first == NULL)
        return kinds == SCHEMA_OBJECT && members_apart(root, a, b, depth);
    for (; v != NULL; v = alone ? NULL : v->next)
        for (const cJSON *w = first; w != NULL; w = other_alone ? NULL : w->next)
            if (cJSON_Compare(v, w, 1))
                return false;
    return true;
}
