/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * JSON schemas as grammars, case by case: texts that are allowed and texts that are not, and what
 * is refused, with which words. Random ones: test_schema_random.c
 */
#include "csrc/schema/schema.h"

#include "csrc/sampling/grammar.h"
#include "tests/kit/host_test.h"

static bool allowed(struct grammar *g, const char *text) {
    grammar_reset(g);
    return grammar_accept(g, text, strlen(text)) && grammar_ends(g);
}

static bool reads(struct host_test *t, const char *schema, const char *text) {
    struct ls_error err = {""};
    struct grammar *g = NULL;
    cJSON *s = cJSON_Parse(schema);
    char *gbnf = schema_grammar(s, &err);
    const bool opened = gbnf != NULL && grammar_open(gbnf, &g, &err) == 0;
    CHECK(t, opened, "%s: %s", schema, err.text);
    const bool right = opened && allowed(g, text);
    grammar_close(g);
    free(gbnf);
    cJSON_Delete(s);
    return right;
}

static void test_json(struct host_test *t) {
    static const char object[] = "{\"type\":\"object\"}";
    static const char *const good[] = {"{}",
                                       "{ }",
                                       "{\"a\":1}",
                                       "{\"a\": [1,-2.5e+3, \"x\\n\\u00e9\"]}",
                                       "{\"a\":{\"b\":[]},\"c\":[true,false,null]}",
                                       "{\"\xc3\xa9\":\"\xf0\x9f\x98\x80\"}",
                                       "{\n\t\"a\":0}"};
    static const char *const bad[] = {"",
                                      "[]",
                                      "{",
                                      "{\"a\"}",
                                      "{\"a\":01}",
                                      "{a:1}",
                                      "{\"a\":1,}",
                                      "{\"a\":\"\n\"}",
                                      "{\"a\":\"\\x\"}",
                                      "{\"a\":1}}",
                                      "{\"a\":tru}",
                                      "{\"a\":\"\xc3\"}",
                                      "{\"a\":\"\xff\"}",
                                      "{\"a\":\"\xc0\x80\"}",
                                      "{\"a\":\"\xe0\x80\x80\"}",
                                      "{\"a\":\"\xed\xa0\x80\"}"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(t, reads(t, object, good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(t, !reads(t, object, bad[i]), "%s", bad[i]);
}

static void test_cases(struct host_test *t) {
    static const struct {
        const char *schema, *good, *bad;
    } cases[] = {
        {"{}", "[1,{\"a\":\"\\u00e9\"}]", "[\"\\ud800\"]"},
        {"true", "\"\xf0\x9f\x98\x80\"", "\"\xed\xa0\x80\""},
        {"{\"type\":\"object\"}", "{ \"a\":1}", "[]"},
        {"{\"type\":\"object\"}", "{\n\n  \"a\": -0.5e+3}", "{\"a\":01}"},
        {"{\"type\":\"object\"}", "{\"\xf0\x9f\x98\x80\":[true,false,null]}", "{\"a\":1,}"},
        {"{\"properties\":{\"a\":{},\"b\":{\"type\":\"null\"}},\"required\":[\"b\"]}",
         "{\"b\" : null, \"a\":[]}", "{\"a\":[],\"b\":null}"},
        {"{\"properties\":{\"a\":true,\"b\":true,\"c\":true}}", "{\"a\":1,\"c\":2}", "{\"d\":1}"},
        {"{\"properties\":{}}", "{ }", "{\"a\":1}"},
        {"{\"required\":[\"q\"],\"additionalProperties\":{\"type\":\"integer\"}}",
         "{\"q\":1,\"r\":2}", "{\"r\":2}"},
        {"{\"properties\":{\"ab\":{\"type\":\"null\"}},\"additionalProperties\":true}",
         "{\"ab\":null,\"a\":1,\"abc\":2,\"\":3}", "{\"ab\":null,\"\\u0061b\":1}"},
        {"{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":2,\"maxItems\":3}",
         "[1, 2]", "[1]"},
        {"{\"prefixItems\":[{\"const\":1},{\"const\":2}],\"items\":false}", "[1,2]", "[1,2,2]"},
        {"{\"items\":[{\"const\":1},{\"const\":2}]}", "[1,2]", "[1]"},
        {"{\"prefixItems\":[{\"const\":1}],\"minItems\":2,\"maxItems\":2}", "[1,null]", "[1]"},
        {"{\"type\":\"array\",\"maxItems\":0}", "[]", "[1]"},
        {"{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}", "\"\\u00e9\\n\"", "\"a\""},
        {"{\"type\":\"string\",\"maxLength\":100000000}", "\"abc\"", "abc"},
        {"{\"type\":\"string\",\"pattern\":\"^a\\\\.b$\"}", "\"a.b\"", "\"acb\""},
        {"{\"type\":\"string\",\"pattern\":\"b\"}", "\"\\\"b\xc3\xa9\"", "\"aa\""},
        {"{\"type\":\"string\",\"pattern\":\"^\\\\u0041[\\\\]-]*?$\"}", "\"A]-\"", "\"A\\\\\""},
        {"{\"type\":\"string\",\"format\":\"date\"}", "\"2024-02-29\"", "\"2023-02-29\""},
        {"{\"type\":\"string\",\"format\":\"date\"}", "\"2000-02-29\"", "\"1900-02-29\""},
        {"{\"type\":\"string\",\"format\":\"time\"}", "\"23:59:00.125-08:00\"", "\"24:00:00Z\""},
        {"{\"type\":\"string\",\"format\":\"date-time\"}", "\"1999-12-31T23:59:59Z\"",
         "\"1999-12-31\""},
        {"{\"type\":\"integer\",\"minimum\":-9223372036854775808,\"maximum\":"
         "9223372036854775807}",
         "9999999999999999", "1.5"},
        {"{\"type\":\"integer\",\"exclusiveMinimum\":0,\"maximum\":9007199254740991}",
         "9007199254740991", "9007199254740992"},
        {"{\"type\":\"integer\",\"exclusiveMinimum\":0,\"maximum\":9007199254740991}", "1", "0"},
        {"{\"type\":\"integer\",\"minimum\":-5,\"maximum\":120}", "-5", "121"},
        {"{\"type\":\"number\",\"minimum\":0.5,\"exclusiveMaximum\":1}", "0.999", "1.0"},
        {"{\"type\":\"number\",\"minimum\":-0.25,\"maximum\":0}", "-0.25", "-0.26"},
        {"{\"type\":\"number\",\"exclusiveMinimum\":-1,\"exclusiveMaximum\":0}", "-0.001", "0"},
        {"{\"enum\":[\"a\\\"b\",1,{\"x\":[1]}]}", "{\"x\":[1]}", "{\"x\":[2]}"},
        {"{\"enum\":[\"a\",1,null],\"type\":[\"string\",\"null\"]}", "null", "1"},
        {"{\"const\":null}", "null", "0"},
        {"{\"type\":\"string\",\"nullable\":true}", "null", "1"},
        {"{\"allOf\":[{\"$ref\":\"#/definitions/a~1b%20c\"}],\"definitions\":{\"a/b c\":"
         "{\"type\":\"null\"}}}",
         "null", "1"},
        {"{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}", "[[],[[]]]", "[1]"},
        {"{\"oneOf\":[{\"$ref\":\"#/$defs/A\"},{\"$ref\":\"#/$defs/B\"}],\"$defs\":{\"A\":"
         "{\"type\":\"object\",\"properties\":{\"t\":{\"const\":\"a\"}},\"required\":[\"t\"]},"
         "\"B\":{\"type\":\"object\",\"properties\":{\"t\":{\"enum\":[\"b\",\"c\"]}},"
         "\"required\":[\"t\"]}}}",
         "{\"t\":\"c\"}", "{\"t\":\"d\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(t, reads(t, cases[i].schema, cases[i].good), "%s refuses %s", cases[i].schema,
              cases[i].good);
        CHECK(t, !reads(t, cases[i].schema, cases[i].bad), "%s allows %s", cases[i].schema,
              cases[i].bad);
    }
}

static void test_refusals(struct host_test *t) {
    static const struct {
        const char *schema, *part;
    } cases[] = {
        {"7", "a schema is an object"},
        {"false", "nothing satisfies false"},
        {"{\"type\":\"text\"}", "\"type\" must be"},
        {"{\"uniqueItems\":true}", "\"uniqueItems\" is not supported"},
        {"{\"type\":\"array\",\"contains\":{}}", "\"contains\" is not supported"},
        {"{\"if\":{}}", "\"if\" is not supported"},
        {"{\"properties\":{\"a\":{\"type\":\"integer\",\"multipleOf\":2}}}",
         "#/properties/a: \"multipleOf\" is not supported"},
        {"{\"type\":\"array\",\"items\":{\"not\":{}}}", "#/items: \"not\""},
        {"{\"anyOf\":[{},{\"minProperties\":1}]}", "#/anyOf/1: \"minProperties\""},
        {"{\"type\":\"string\",\"minimum\":1}", "\"minimum\" says nothing of its \"type\""},
        {"{\"type\":\"string\",\"type\":\"null\"}", "\"type\" is there twice"},
        {"{\"properties\":{\"a\":{},\"a\":{}}}", "\"a\" is there twice"},
        {"{\"properties\":[]}", "\"properties\" must be"},
        {"{\"required\":\"a\"}", "\"required\" must be"},
        {"{\"properties\":{},\"required\":[\"a\"],\"additionalProperties\":false}",
         "\"a\" is required"},
        {"{\"enum\":[]}", "no value"},
        {"{\"enum\":[1],\"type\":\"string\"}", "no value is of its"},
        {"{\"const\":1e999}", "too large"},
        {"{\"anyOf\":[]}", "\"anyOf\" must be"},
        {"{\"anyOf\":[{}],\"type\":\"object\"}", "beside \"anyOf\""},
        {"{\"anyOf\":[{}],\"oneOf\":[{}]}", "\"oneOf\" beside \"anyOf\""},
        {"{\"allOf\":[{},{}]}", "\"allOf\" of more than one"},
        {"{\"oneOf\":[{\"type\":\"number\"},{\"type\":\"null\"},{\"type\":\"integer\"}]}",
         "\"oneOf\": 0 and 2"},
        {"{\"oneOf\":[{\"minLength\":1},{\"minimum\":1}]}", "\"oneOf\": 0 and 1"},
        {"{\"$ref\":\"#/nowhere\"}", "nothing is at #/nowhere"},
        {"{\"$ref\":\"http://a/b\"}", "nothing is at http"},
        {"{\"$ref\":\"#\"}", "leads back to where it stands"},
        {"{\"anyOf\":[{\"type\":\"null\"},{\"$ref\":\"#\"}]}", "leads back to where it stands"},
        {"{\"type\":\"string\",\"format\":\"email\"}", "\"format\" email is not supported"},
        {"{\"type\":\"string\",\"pattern\":\"^a$\",\"maxLength\":1}", "beside each other"},
        {"{\"type\":\"string\",\"minLength\":3,\"maxLength\":2}", "below"},
        {"{\"type\":\"string\",\"minLength\":-1}", "whole number"},
        {"{\"type\":\"string\",\"minLength\":100000}", "\"minLength\" above"},
        {"{\"type\":\"string\",\"pattern\":\"(?=a)\"}", "\"pattern\": not supported: (?=a)"},
        {"{\"type\":\"string\",\"pattern\":\"\\\\bx\"}", "\"pattern\": an escape"},
        {"{\"type\":\"string\",\"pattern\":\"(a)\\\\1\"}", "\"pattern\": an escape"},
        {"{\"type\":\"string\",\"pattern\":\"a++\"}", "\"pattern\": not supported at this"},
        {"{\"type\":\"string\",\"pattern\":\"[b-a]\"}", "\"pattern\": a range"},
        {"{\"type\":\"string\",\"pattern\":\"[[:alpha:]]\"}", "\"pattern\": a class"},
        {"{\"type\":\"string\",\"pattern\":\"(a\"}", "a ) is missing"},
        {"{\"type\":\"string\",\"pattern\":\"a)\"}", "a ( is missing"},
        {"{\"type\":\"string\",\"pattern\":\"(^a)\"}", "at this place"},
        {"{\"type\":\"string\",\"pattern\":\"\\u0001\"}", "no text holds"},
        {"{\"type\":\"string\",\"pattern\":\"a{3001}\"}", "more than 2000"},
        {"{\"type\":\"array\",\"minItems\":2,\"maxItems\":1}", "below minItems"},
        {"{\"prefixItems\":[{}],\"items\":false,\"minItems\":2}", "\"minItems\" is more"},
        {"{\"type\":\"integer\",\"minimum\":2,\"maximum\":1}", "no number lies"},
        {"{\"type\":\"integer\",\"exclusiveMinimum\":1,\"exclusiveMaximum\":2}", "no number lies"},
        {"{\"type\":\"number\",\"exclusiveMinimum\":true}", "must be a number"},
        {"{\"type\":\"number\",\"minimum\":1e30}", "digits is not supported"},
        {"{\"type\":\"number\",\"minimum\":0.12345678901234567}", "digits is not supported"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ls_error err = {""};
        cJSON *s = cJSON_Parse(cases[i].schema);
        char *gbnf = schema_grammar(s, &err);
        CHECK(t, gbnf == NULL && strstr(err.text, cases[i].part) != NULL, "%s: %s", cases[i].schema,
              err.text);
        free(gbnf);
        cJSON_Delete(s);
    }
    char deep[8 * 200] = "";
    for (unsigned i = 0; i < 100; i++)
        strcat(deep, "{\"items\":");
    strcat(deep, "{}");
    for (unsigned i = 0; i < 100; i++)
        strcat(deep, "}");
    struct ls_error err = {""};
    cJSON *s = cJSON_Parse(deep);
    CHECK(t, schema_grammar(s, &err) == NULL && strstr(err.text, "too deep") != NULL, "%s",
          err.text);
    cJSON_Delete(s);
}

int main(void) {
    struct host_test t = {"schema", 0, 0};
    test_json(&t);
    test_cases(&t);
    test_refusals(&t);
    return host_test_finish(&t);
}
