/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Fields that say which texts may come: biases of tokens, grammars, JSON schemas.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/sampling/grammar.h"
#include "csrc/schema/schema.h"
#include "params_fields.h"

static int add_bias(struct params *p, const cJSON *list, double token, const cJSON *bias,
                    struct ls_error *err) {
    const bool never = cJSON_IsFalse(bias);
    if (!(token >= 0 && token < UINT32_MAX && token == floor(token)) ||
        !(never || (cJSON_IsNumber(bias) && fabs(bias->valuedouble) <= 1e6)) ||
        p->request.logit_bias_count == PARAMS_BIASES)
        return params_bad(err, list,
                          "up to 512 biases (a number, or false: never) of tokens or texts");
    p->biases[p->request.logit_bias_count++] =
        (struct lockstep_bias){(uint32_t)token, never ? (double)-INFINITY : bias->valuedouble};
    return 0;
}

/* Of each token of a text. */
static int add_text_bias(struct params *p, const cJSON *list, const char *text, const cJSON *bias,
                         struct ls_error *err) {
    uint32_t *ids;
    size_t count;
    if (tokenizer_encode(p->tokenizer, text, strlen(text), 0, &ids, &count, err) != 0)
        return -1;
    int status = count != 0 ? 0 : params_bad(err, list, "of texts that have a token");
    for (size_t i = 0; i < count && status == 0; i++)
        status = add_bias(p, list, ids[i], bias, err);
    free(ids);
    return status;
}

static bool is_number(const char *text) {
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* [[token or text, bias], ...] or {"token or text": bias, ...} */
int params_logit_bias(struct params *p, const cJSON *v, struct ls_error *err) {
    const cJSON *each;
    cJSON_ArrayForEach(each, v) {
        const bool pair = cJSON_IsArray(each) && cJSON_GetArraySize(each) == 2;
        const cJSON *bias = cJSON_IsObject(v) ? each : pair ? each->child->next : NULL;
        const char *text = cJSON_IsObject(v)                     ? each->string
                           : pair && cJSON_IsString(each->child) ? each->child->valuestring
                                                                 : NULL;
        const double token = pair && cJSON_IsNumber(each->child) ? each->child->valuedouble : -1;
        int status;
        if (cJSON_IsObject(v) && is_number(text))
            status = add_bias(p, v, strtod(text, NULL), bias, err);
        else if (text != NULL)
            status = add_text_bias(p, v, text, bias, err);
        else
            status = add_bias(p, v, token, bias, err);
        if (status != 0)
            return -1;
    }
    return cJSON_IsObject(v) || cJSON_IsArray(v) ? 0 : params_bad(err, v, "a list or an object");
}

static int set_grammar(struct params *p, const char *text, struct ls_error *err) {
    struct grammar *g = NULL;
    if (p->request.grammar != NULL)
        return ls_error_set(
            err, "\"grammar\", \"json_schema\" and \"response_format\" exclude each other");
    if (text[0] != '\0' && grammar_open(text, &g, err) != 0)
        return -1;
    grammar_close(g);
    p->request.grammar = text[0] != '\0' ? text : NULL;
    return 0;
}

int params_grammar(struct params *p, const cJSON *v, struct ls_error *err) {
    return cJSON_IsString(v) ? set_grammar(p, v->valuestring, err) : params_bad(err, v, "a text");
}

int params_json_schema(struct params *p, const cJSON *v, struct ls_error *err) {
    char *text = schema_grammar(v, err);
    if (text == NULL)
        return -1;
    if (set_grammar(p, text, err) != 0) {
        free(text);
        return -1;
    }
    p->grammar = text;
    return 0;
}

/* The schema of a {"name": .., "strict": .., "schema": ..}, or NULL. */
static const cJSON *schema_of(const cJSON *v) {
    static const char *const beside[] = {"name", "description", "strict", "schema"};
    const cJSON *each;
    cJSON_ArrayForEach(each, v) {
        bool known = false;
        for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
            known = known || strcmp(each->string, beside[i]) == 0;
        if (!known)
            return NULL;
    }
    return cJSON_GetObjectItemCaseSensitive(v, "schema");
}

int params_response_format(struct params *p, const cJSON *v, struct ls_error *err) {
    static const cJSON name = {.type = cJSON_String, .string = "type", .valuestring = "object"};
    static const cJSON object = {.type = cJSON_Object, .child = (cJSON *)(uintptr_t)&name};
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(v, "type");
    const cJSON *inner = cJSON_GetObjectItemCaseSensitive(v, "json_schema");
    const cJSON *schema = cJSON_GetObjectItemCaseSensitive(v, "schema");
    const char *kind = cJSON_IsString(type) ? type->valuestring : "";
    const int count = cJSON_GetArraySize(v);
    if (strcmp(kind, "text") == 0 && count == 1)
        return 0;
    if (strcmp(kind, "json_object") == 0 && count == 1)
        return params_json_schema(p, &object, err);
    if (strcmp(kind, "json_object") == 0 && count == 2 && schema != NULL)
        return params_json_schema(
            p, cJSON_IsObject(schema) && schema->child == NULL ? &object : schema, err);
    if (strcmp(kind, "json_schema") == 0 && count == 2 && inner != NULL)
        schema = schema_of(inner);
    if (strcmp(kind, "json_schema") == 0 && count == 2 && schema != NULL)
        return params_json_schema(p, schema, err);
    return params_bad(
        err, v,
        "{\"type\":\"text\"}, {\"type\":\"json_object\"}, with a \"schema\" or without, "
        "or {\"type\":\"json_schema\",\"json_schema\":{\"schema\":...}}");
}
