/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Arrays: the items that have a schema each, all of them, then those that share one.
 */
#include "maker.h"

static struct schema_name comma_and(struct schema_maker *m, const char *item) {
    struct schema_text text;
    fprintf(schema_begin(m, &text), "\",\" ws %s", item);
    return schema_end(m, &text);
}

void schema_array(struct schema_maker *m, FILE *out, const cJSON *schema) {
    const cJSON *items = cJSON_GetObjectItemCaseSensitive(schema, "items"), *each;
    const cJSON *first = cJSON_GetObjectItemCaseSensitive(schema, "prefixItems");
    const cJSON *unique = cJSON_GetObjectItemCaseSensitive(schema, "uniqueItems");
    const cJSON any = {.type = cJSON_True};
    const uint32_t least = schema_count(m, schema, "minItems", 0);
    uint32_t most = schema_count(m, schema, "maxItems", UINT32_MAX), count = 0;
    struct schema_text text;
    if (cJSON_IsArray(items) && first == NULL) { /* as older drafts have it */
        first = items;
        items = NULL;
    }
    if (first != NULL && !cJSON_IsArray(first))
        schema_fail(m, "\"prefixItems\" must be a list of schemas");
    if (unique != NULL && !cJSON_IsFalse(unique))
        schema_fail(m, "\"uniqueItems\" is not supported, except as false");
    if (least > SCHEMA_ITEMS)
        schema_fail(m, "\"minItems\" above %u is not supported", SCHEMA_ITEMS);
    if (most != UINT32_MAX && most > SCHEMA_ITEMS)
        most = SCHEMA_ITEMS;
    if (m->failed)
        return;

    FILE *rule = schema_begin(m, &text);
    fputs("\"[\" ws", rule);
    cJSON_ArrayForEach(each, first) {
        const struct schema_name item = schema_named(m, "prefixItems", each);
        fprintf(rule, "%s %s", count++ == 0 ? "" : " \",\" ws", item.text);
    }
    if (most < least || most < count)
        schema_fail(m, "\"maxItems\" is below %s", most < least ? "minItems" : "prefixItems");
    if (items == NULL && (count == 0 || least > count))
        items = &any;
    if (items != NULL && !cJSON_IsFalse(items) && most > count) {
        const struct schema_name item = schema_named(m, "items", items);
        const struct schema_name next = comma_and(m, item.text);
        const bool optional = count == 0 && least == 0;
        const uint32_t begun = count == 0 ? 1 : count; /* items in front of the repeated ones */
        if (count == 0)
            fprintf(rule, "%s %s", optional ? " (" : "", item.text);
        fputs(" ", rule);
        schema_repeat(m, rule, next.text, least > begun ? least - begun : 0,
                      most == UINT32_MAX ? UINT32_MAX : most - begun);
        fputs(optional ? ")?" : "", rule);
    } else if (least > count) {
        schema_fail(m, "\"minItems\" is more than there may be");
    }
    fputs(" ws \"]\"", rule);
    fputs(schema_end(m, &text).text, out);
}
