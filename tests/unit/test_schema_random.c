/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * JSON schemas as grammars: random schemas, texts drawn from their grammars and such texts spoiled,
 * against a validator that reads the schema itself and PCRE2 for patterns: what is allowed
 * satisfies; a number or a text in it that is put in another one's place is allowed if and only if
 * it satisfies. Planted: a grammar of a schema whose bound is one further. Arguments: seed=,
 * rounds=
 */
#include "csrc/schema/schema.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <math.h>
#include <pcre2.h>
#include <time.h>

#include "csrc/sampling/grammar.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

enum { LONGEST = 1500 };

static const cJSON *at(const cJSON *o, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(o, name);
}

/* ---- the validator ---- */

static bool satisfies(const cJSON *root, const cJSON *schema, const cJSON *v);

static double characters(const char *text) {
    double count = 0;
    for (; *text != '\0'; text++)
        count += (*text & 0xc0) != 0x80;
    return count;
}

static bool matches(const char *pattern, const char *text) {
    int error;
    size_t place;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                                     PCRE2_UTF | PCRE2_DOLLAR_ENDONLY, &error, &place, NULL);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    const bool found = code != NULL && pcre2_match(code, (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0,
                                                   0, data, NULL) >= 0;
    pcre2_match_data_free(data);
    pcre2_code_free(code);
    return found;
}

static bool is_date(const char *text) {
    struct tm day = {0}, same;
    char copy[16] = "";
    if (!matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", text))
        return false;
    sscanf(text, "%d-%d-%d", &day.tm_year, &day.tm_mon, &day.tm_mday);
    day.tm_year -= 1900, day.tm_mon -= 1;
    const time_t when = timegm(&day);
    gmtime_r(&when, &same);
    strftime(copy, sizeof copy, "%Y-%m-%d", &same);
    return strcmp(copy, text) == 0;
}

static bool is_time(const char *text) {
    return matches(
        "^([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d+)?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)$", text);
}

static bool has_format(const char *format, const char *text) {
    char day[16] = "";
    if (strcmp(format, "uuid") == 0)
        return matches("^[\\da-fA-F]{8}(-[\\da-fA-F]{4}){3}-[\\da-fA-F]{12}$", text);
    if (strcmp(format, "date") == 0)
        return is_date(text);
    if (strcmp(format, "time") == 0)
        return is_time(text);
    snprintf(day, sizeof day, "%.10s", text);
    return strlen(text) > 11 && is_date(day) && text[10] == 'T' && is_time(text + 11);
}

static bool is_type(const cJSON *type, const cJSON *v) {
    const cJSON *each;
    cJSON_ArrayForEach(each, type) if (is_type(each, v)) return true;
    const char *name = cJSON_IsString(type) ? type->valuestring : "";
    return (strcmp(name, "null") == 0 && cJSON_IsNull(v)) ||
           (strcmp(name, "boolean") == 0 && cJSON_IsBool(v)) ||
           (strcmp(name, "number") == 0 && cJSON_IsNumber(v)) ||
           (strcmp(name, "integer") == 0 && cJSON_IsNumber(v) &&
            floor(v->valuedouble) == v->valuedouble) ||
           (strcmp(name, "string") == 0 && cJSON_IsString(v)) ||
           (strcmp(name, "array") == 0 && cJSON_IsArray(v)) ||
           (strcmp(name, "object") == 0 && cJSON_IsObject(v));
}

static bool is_bounded(const cJSON *s, const char *least, const char *most, double value) {
    return !(at(s, least) != NULL && value < at(s, least)->valuedouble) &&
           !(at(s, most) != NULL && value > at(s, most)->valuedouble);
}

static bool satisfies_object(const cJSON *root, const cJSON *s, const cJSON *v) {
    const cJSON *each, *of;
    cJSON_ArrayForEach(each, at(s, "required")) if (at(v, each->valuestring) == NULL) return false;
    cJSON_ArrayForEach(each, v) {
        of = at(at(s, "properties"), each->string);
        if (of == NULL)
            of = at(s, "additionalProperties");
        if (of == NULL && at(s, "properties") != NULL)
            return false; /* as OpenAI's structured outputs have it */
        if (of != NULL && !satisfies(root, of, each))
            return false;
    }
    return true;
}

static bool satisfies_array(const cJSON *root, const cJSON *s, const cJSON *v) {
    const cJSON *of = at(s, "prefixItems"), *each;
    const int own = cJSON_GetArraySize(of);
    int i = 0;
    if (!is_bounded(s, "minItems", "maxItems", cJSON_GetArraySize(v)) ||
        cJSON_GetArraySize(v) < own)
        return false;
    cJSON_ArrayForEach(each, v) {
        const cJSON *schema = i < own ? cJSON_GetArrayItem(of, i) : at(s, "items");
        if (schema == NULL && own != 0 && at(s, "minItems") == NULL)
            return false;
        if (schema != NULL && !satisfies(root, schema, each))
            return false;
        i++;
    }
    return true;
}

static bool satisfies(const cJSON *root, const cJSON *s, const cJSON *v) {
    const cJSON *each;
    unsigned count = 0;
    if (cJSON_IsBool(s))
        return cJSON_IsTrue(s);
    if (cJSON_IsTrue(at(s, "nullable")) && cJSON_IsNull(v))
        return true;
    if (at(s, "$ref") != NULL)
        return satisfies(root, at(at(root, "$defs"), at(s, "$ref")->valuestring + 8), v);
    if (at(s, "type") != NULL && !is_type(at(s, "type"), v))
        return false;
    if (at(s, "const") != NULL && !cJSON_Compare(at(s, "const"), v, 1))
        return false;
    cJSON_ArrayForEach(each, at(s, "enum")) count += cJSON_Compare(each, v, 1) != 0;
    if (at(s, "enum") != NULL && count == 0)
        return false;
    count = 0;
    cJSON_ArrayForEach(each, at(s, "anyOf")) count += satisfies(root, each, v);
    if (at(s, "anyOf") != NULL && count == 0)
        return false;
    count = 0;
    cJSON_ArrayForEach(each, at(s, "oneOf")) count += satisfies(root, each, v);
    if (at(s, "oneOf") != NULL && count != 1)
        return false;
    if (cJSON_IsNumber(v))
        return is_bounded(s, "minimum", "maximum", v->valuedouble) &&
               !(at(s, "exclusiveMinimum") != NULL &&
                 v->valuedouble <= at(s, "exclusiveMinimum")->valuedouble) &&
               !(at(s, "exclusiveMaximum") != NULL &&
                 v->valuedouble >= at(s, "exclusiveMaximum")->valuedouble);
    if (cJSON_IsString(v))
        return is_bounded(s, "minLength", "maxLength", characters(v->valuestring)) &&
               (at(s, "pattern") == NULL ||
                matches(at(s, "pattern")->valuestring, v->valuestring)) &&
               (at(s, "format") == NULL ||
                has_format(at(s, "format")->valuestring, v->valuestring));
    return cJSON_IsObject(v)  ? satisfies_object(root, s, v)
           : cJSON_IsArray(v) ? satisfies_array(root, s, v)
                              : true;
}

/* ---- random schemas ---- */

static const char *const patterns[] = {"^[a-c]+$",       "^(ab|c\\d{2,3})?x$",  "a.b",
                                       "^\\w{2}-?\\d*$", "^[^a-y\"]{1,3}$",     "\\\\|^\"e$",
                                       "^é[^\\d]\\.?",   "^(?:a+b*){1,2}\\s?$", "^[\\w.+-]{1,4}@a$",
                                       "\\D\\W$"};
static const char *const formats[] = {"date", "time", "date-time", "uuid"};
static const char *const names[] = {"a", "b", "ab", "abc", "\xc3\xa9", "c\"d", "e-f", "]"};

static cJSON *number(uint64_t *random) {
    static const double scales[] = {1, 1, 1, 0.1, 0.001, 4, 100};
    const double value = (double)random_below(random, 300) - 100;
    return cJSON_CreateNumber(value / scales[random_below(random, 7)]);
}

static cJSON *some_value(uint64_t *random) {
    static const char *const texts[] = {"1",       "-2.5", "\"a\"",     "\"b\\\"\\n\xc3\xa9\"",
                                        "null",    "true", "[1,\"x\"]", "{\"a\":{}}",
                                        "1000000", "\"\""};
    return cJSON_Parse(texts[random_below(random, 10)]);
}

static void bounds(cJSON *s, uint64_t *random, const char *least, const char *most, unsigned top) {
    const unsigned low = random_below(random, top);
    if (random_below(random, 2) != 0)
        cJSON_AddNumberToObject(s, least, low);
    if (random_below(random, 2) != 0)
        cJSON_AddNumberToObject(s, most, low + random_below(random, top));
}

static cJSON *make(uint64_t *random, unsigned depth);

static void make_string(cJSON *s, uint64_t *random) {
    const unsigned what = random_below(random, 4);
    if (what == 0)
        cJSON_AddStringToObject(s, "pattern",
                                patterns[random_below(random, sizeof patterns / sizeof *patterns)]);
    else if (what == 1)
        cJSON_AddStringToObject(s, "format", formats[random_below(random, 4)]);
    else if (what == 2)
        bounds(s, random, "minLength", "maxLength", random_below(random, 8) == 0 ? 300 : 5);
}

static void make_number(cJSON *s, uint64_t *random) {
    cJSON *low = random_below(random, 3) != 0 ? number(random) : NULL;
    cJSON *high = random_below(random, 3) != 0 ? number(random) : NULL;
    if (low != NULL && high != NULL && high->valuedouble < low->valuedouble + 1)
        cJSON_SetNumberValue(high, ceil(low->valuedouble) + random_below(random, 5) + 1);
    if (low != NULL)
        cJSON_AddItemToObject(s, random_below(random, 3) == 0 ? "exclusiveMinimum" : "minimum",
                              low);
    if (high != NULL)
        cJSON_AddItemToObject(s, random_below(random, 3) == 0 ? "exclusiveMaximum" : "maximum",
                              high);
}

static void make_array(cJSON *s, uint64_t *random, unsigned depth) {
    if (random_below(random, 4) == 0) {
        cJSON *list = cJSON_AddArrayToObject(s, "prefixItems");
        for (unsigned i = 0; i <= random_below(random, 2); i++)
            cJSON_AddItemToArray(list, make(random, depth));
        if (random_below(random, 2) != 0)
            cJSON_AddItemToObject(s, "items", make(random, depth));
        return;
    }
    if (random_below(random, 4) != 0)
        cJSON_AddItemToObject(s, "items", make(random, depth));
    bounds(s, random, "minItems", "maxItems", 3);
}

static void make_object(cJSON *s, uint64_t *random, unsigned depth) {
    cJSON *properties = cJSON_CreateObject(), *required = cJSON_CreateArray();
    for (unsigned i = 0; i < 8; i++) {
        if (random_below(random, 3) != 0)
            continue;
        cJSON_AddItemToObject(properties, names[i], make(random, depth));
        if (random_below(random, 2) != 0)
            cJSON_AddItemToArray(required, cJSON_CreateString(names[i]));
    }
    if (random_below(random, 6) != 0)
        cJSON_AddItemToObject(s, "properties", properties);
    else
        cJSON_Delete(properties);
    cJSON_AddItemToObject(s, "required", required);
    const unsigned more = at(s, "properties") != NULL ? random_below(random, 3) : 2;
    if (more == 1)
        cJSON_AddFalseToObject(s, "additionalProperties");
    else if (more == 2)
        cJSON_AddItemToObject(s, "additionalProperties", make(random, depth));
}

static cJSON *make_either(uint64_t *random, unsigned depth) {
    cJSON *s = cJSON_CreateObject(), *list;
    if (random_below(random, 2) != 0) {
        list = cJSON_AddArrayToObject(s, "anyOf");
        for (unsigned i = 0; i <= random_below(random, 3); i++)
            cJSON_AddItemToArray(list, make(random, depth));
        return s;
    }
    list = cJSON_AddArrayToObject(s, "oneOf");
    for (unsigned i = 0; i < 2; i++) { /* told apart by "kind" */
        cJSON *one = cJSON_CreateObject(), *p, *r;
        cJSON_AddItemToArray(list, one);
        cJSON_AddStringToObject(one, "type", "object");
        p = cJSON_AddObjectToObject(one, "properties");
        cJSON_AddStringToObject(cJSON_AddObjectToObject(p, "kind"), "const", i == 0 ? "x" : "y");
        cJSON_AddItemToObject(p, "a", make(random, depth));
        r = cJSON_AddArrayToObject(one, "required");
        cJSON_AddItemToArray(r, cJSON_CreateString("kind"));
    }
    cJSON_AddItemToArray(list, cJSON_Parse("{\"type\":[\"boolean\",\"null\"]}"));
    return s;
}

static cJSON *make(uint64_t *random, unsigned depth) {
    static const char *const types[] = {"null",   "boolean", "integer", "number",
                                        "string", "array",   "object"};
    const unsigned what = random_below(random, depth == 0 ? 6 : 11);
    cJSON *s = cJSON_CreateObject();
    if (what == 0 && random_below(random, 2) != 0) {
        cJSON_AddItemToObject(s, "const", some_value(random));
        return s;
    }
    if (what == 0) {
        cJSON *list = cJSON_AddArrayToObject(s, "enum");
        for (unsigned i = 0; i <= random_below(random, 4); i++)
            cJSON_AddItemToArray(list, some_value(random));
        return s;
    }
    if (what == 9) {
        cJSON_AddStringToObject(s, "$ref",
                                random_below(random, 2) != 0 ? "#/$defs/tree" : "#/$defs/other");
        return s;
    }
    if (what == 10) {
        cJSON_Delete(s);
        return make_either(random, depth - 1);
    }
    unsigned kind = what < 3 ? what + 1 : what < 6 ? 4 : what < 7 ? 5 : 6;
    if (random_below(random, 9) == 0) {
        cJSON *list = cJSON_AddArrayToObject(s, "type");
        cJSON_AddItemToArray(list, cJSON_CreateString("boolean"));
        cJSON_AddItemToArray(list, cJSON_CreateString(types[kind == 1 ? 0 : kind]));
    } else {
        cJSON_AddStringToObject(s, "type", types[kind]);
    }
    if (random_below(random, 9) == 0)
        cJSON_AddTrueToObject(s, "nullable");
    if (kind == 2 || kind == 3)
        make_number(s, random);
    else if (kind == 4)
        make_string(s, random);
    else if (kind == 5)
        make_array(s, random, depth - 1);
    else if (kind == 6)
        make_object(s, random, depth - 1);
    return s;
}

static cJSON *make_root(uint64_t *random) {
    cJSON *s = make(random, 3);
    cJSON *defs = cJSON_AddObjectToObject(s, "$defs");
    cJSON_AddItemToObject(
        defs, "tree",
        cJSON_Parse("{\"type\":\"object\",\"properties\":{\"v\":{\"type\":\"integer\"},\"l\":"
                    "{\"anyOf\":[{\"$ref\":\"#/$defs/tree\"},{\"type\":\"null\"}]}}}"));
    cJSON_AddItemToObject(defs, "other", make(random, 0));
    return s;
}

/* ---- texts ---- */

/* Draws a text; false: it became too long. */
static bool draw(struct grammar *g, uint64_t *random, char *text) {
    static const char some[] = "{}[]:,\"\"\"\\ abcexyz_@-+.0123456789tfnulrsTZ\xc3\xa9\n";
    static const char closing[] = "\"}]";
    size_t size = 0;
    grammar_reset(g);
    while (size < LONGEST) {
        unsigned char byte = 0;
        bool found = false;
        if (grammar_ends(g) && random_below(random, 3) != 0)
            break;
        for (unsigned tries = 0; tries < 60 && !found; tries++) {
            byte = (unsigned char)(tries < 3 && random_below(random, 3) != 0
                                       ? closing[tries]
                                       : some[random_below(random, sizeof some - 1)]);
            found = grammar_allows(g, (const char *)&byte, 1);
        }
        for (unsigned c = 1; c < 256 && !found; c++) {
            byte = (unsigned char)c;
            found = grammar_allows(g, (const char *)&byte, 1);
        }
        if (!found)
            break;
        grammar_accept(g, (const char *)&byte, 1);
        text[size++] = (char)byte;
    }
    text[size] = '\0';
    return size < LONGEST;
}

static bool allowed(struct grammar *g, const char *text) {
    grammar_reset(g);
    return grammar_accept(g, text, strlen(text)) && grammar_ends(g);
}

static unsigned count_of(const cJSON *v) {
    const cJSON *each;
    unsigned count = 1;
    cJSON_ArrayForEach(each, v) count += count_of(each);
    return count;
}

static cJSON *node(cJSON *v, unsigned *left) {
    cJSON *each, *found = NULL;
    if ((*left)-- == 0)
        return v;
    cJSON_ArrayForEach(each, v) if ((found = node(each, left)) != NULL) return found;
    return NULL;
}

/* Spoils a value; whether the order of members and their spelling stay what they were. */
static bool spoil(cJSON *v, uint64_t *random) {
    static const char *const texts[] = {"",
                                        "a",
                                        "ab",
                                        "abcd",
                                        "x",
                                        "c12x",
                                        "2024-02-30",
                                        "aa-1",
                                        "12:30:60Z",
                                        "z",
                                        "\xc3\xa9-",
                                        "a0b",
                                        "\xc3\xa9\xc3\xa9"};
    unsigned which = random_below(random, count_of(v));
    cJSON *n = node(v, &which);
    const unsigned what = random_below(random, 8);
    if (what < 6 && cJSON_IsNumber(n)) {
        cJSON *other = number(random);
        const double near = round(1000 * (n->valuedouble + what - 1)) / 1000;
        cJSON_SetNumberValue(n, what < 3 && fabs(near) < 1e6 ? near : other->valuedouble);
        cJSON_Delete(other);
        return true;
    }
    if (what < 6 && cJSON_IsString(n)) {
        cJSON_SetValuestring(n, ""); /* shorter ones fit where they are */
        cJSON_free(n->valuestring);
        n->valuestring = strdup(texts[random_below(random, sizeof texts / sizeof *texts)]);
        return true;
    }
    if (cJSON_IsObject(n) && what < 4)
        cJSON_AddItemToObject(n, names[random_below(random, 8)], some_value(random));
    else if (cJSON_IsArray(n) && what < 4)
        cJSON_AddItemToArray(n, some_value(random));
    else if ((cJSON_IsArray(n) || cJSON_IsObject(n)) && n->child != NULL)
        cJSON_Delete(cJSON_DetachItemViaPointer(n, n->child));
    else
        n->type = cJSON_False;
    return false;
}

/* Moves a bound; whether there was one. */
static bool widen(cJSON *s) {
    static const char *const most[] = {"maxLength", "maxItems", "maximum"};
    static const char *const least[] = {"minLength", "minItems", "minimum"};
    cJSON *each;
    for (unsigned i = 0; i < 3; i++) {
        cJSON *high = cJSON_GetObjectItem(s, most[i]), *low = cJSON_GetObjectItem(s, least[i]);
        if (cJSON_IsNumber(high))
            cJSON_SetNumberValue(high, high->valuedouble + 1);
        else if (cJSON_IsNumber(low) && low->valuedouble >= 1)
            cJSON_SetNumberValue(low, low->valuedouble - 1);
        else
            continue;
        return true;
    }
    cJSON_ArrayForEach(each, s) if (!cJSON_IsString(each) && widen(each)) return true;
    return false;
}

struct counts {
    unsigned long texts, refused, spoiled, same, longer;
};

static void test_random(struct host_test *t, uint64_t *random, bool fault, struct counts *counts) {
    static char text[LONGEST + 1];
    struct ls_error err = {""};
    struct grammar *g = NULL;
    cJSON *schema = make_root(random), *used = cJSON_Duplicate(schema, 1);
    char *shown = cJSON_PrintUnformatted(schema);
    char *gbnf = !fault || widen(used) ? schema_grammar(used, &err) : NULL;
    const bool enough = gbnf != NULL && grammar_open(gbnf, &g, &err) == 0;
    /* beyond ASCII these take less than PCRE2 does */
    const bool exact = strstr(shown, "\\\\D") == NULL && strstr(shown, "[^\\\\") == NULL;
    counts->refused += !enough;
    if (!enough && !fault) /* bounds of a random schema may leave nothing */
        CHECK(t, strstr(err.text, "below") != NULL || strstr(err.text, "no number lies") != NULL,
              "%s: %s", shown, err.text);
    for (unsigned i = 0; i < 6 && enough; i++) {
        if (!draw(g, random, text) || strstr(text, "\\u0000") != NULL || grammar_overflows(g)) {
            counts->longer++;
            continue;
        }
        cJSON *value = cJSON_ParseWithOpts(text, NULL, 1);
        counts->texts++;
        CHECK(t, value != NULL && satisfies(schema, schema, value), "%s allows %s\n%s", shown, text,
              gbnf);
        if (value == NULL)
            continue;
        char *plain = cJSON_PrintUnformatted(value);
        const bool canonical = exact && allowed(g, plain);
        for (unsigned k = 0; k < 4; k++) {
            cJSON *other = cJSON_Duplicate(value, 1);
            const bool as_it_was = spoil(other, random);
            char *spoiled = cJSON_PrintUnformatted(other);
            const bool good = satisfies(schema, schema, other), may = allowed(g, spoiled);
            counts->spoiled += !good;
            counts->same += good && as_it_was && canonical;
            CHECK(t, good || !may, "%s allows %s\n%s", shown, spoiled, gbnf);
            CHECK(t, !good || !as_it_was || !canonical || may, "%s refuses %s\n%s", shown, spoiled,
                  gbnf);
            cJSON_free(spoiled);
            cJSON_Delete(other);
        }
        cJSON_free(plain);
        cJSON_Delete(value);
    }
    grammar_close(g);
    free(gbnf);
    cJSON_free(shown);
    cJSON_Delete(used);
    cJSON_Delete(schema);
}

int main(int argc, char **argv) {
    struct host_test t = {"schema_random", 0, 0}, planted = {NULL, 0, 0};
    struct counts counts = {0}, others = {0};
    uint64_t random = host_argument(argc, argv, "seed", 1);
    const uint64_t rounds = host_argument(argc, argv, "rounds", 400);
    for (uint64_t i = 0; i < rounds; i++)
        test_random(&t, &random, false, &counts);
    for (uint64_t i = 0; i < rounds; i++)
        test_random(&planted, &random, true, &others);
    CHECK(&t,
          counts.texts > 3 * rounds && counts.spoiled > rounds && counts.same > rounds / 4 &&
              counts.longer < counts.texts / 4,
          "%lu texts, %lu too long, %lu spoiled ones, %lu as good; %lu refused", counts.texts,
          counts.longer, counts.spoiled, counts.same, counts.refused);
    CHECK(&t, planted.failures > rounds / 10, "%lu of %lu see a bound that is further",
          planted.failures, planted.checks);
    return host_test_finish(&t);
}
