/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Templates and what they say: each construct, what is refused and how, the bounds. With `lines` it
 * runs templates from standard input instead, for tests/unit/jinja_peer.py.
 */
#include "csrc/jinja/jinja.h"

#include "tests/kit/host_test.h"

static const char *const verdicts[] = {"done", "raised", "wrong", "beyond", "too much"};

static enum jinja_verdict run(const char *text, const cJSON *context, char **out,
                              struct ls_error *err) {
    struct jinja *t;
    enum jinja_verdict verdict = jinja_open(&t, text, strlen(text), err);
    *out = NULL;
    if (verdict == JINJA_DONE)
        verdict = jinja_run(t, context, 86400, out, err);
    jinja_close(t);
    return verdict;
}

/* A line {"template": .., "context": ..} becomes {"verdict": .., "text": ..}. */
static int run_lines(void) {
    char *line = NULL, *out;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        cJSON *in = cJSON_Parse(line), *answer = cJSON_CreateObject();
        struct ls_error err = {""};
        const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(in, "template"));
        if (text == NULL)
            return 2;
        const enum jinja_verdict verdict =
            run(text, cJSON_GetObjectItem(in, "context"), &out, &err);
        cJSON_AddStringToObject(answer, "verdict", verdicts[verdict]);
        cJSON_AddStringToObject(answer, "text", out != NULL ? out : err.text);
        char *shown = cJSON_PrintUnformatted(answer);
        puts(shown);
        cJSON_free(shown);
        cJSON_Delete(answer);
        cJSON_Delete(in);
        free(out);
    }
    free(line);
    return 0;
}

static const char context[] =
    "{\"messages\":[{\"role\":\"system\",\"content\":\" Be kind. \"},"
    "{\"role\":\"user\",\"content\":\"Hello\"},{\"role\":\"assistant\",\"content\":\"Hi\"}],"
    "\"add\":true,\"n\":7,\"x\":2.5,\"none\":null,\"map\":{\"b\":1,\"A\":[1,\"q'\"]},"
    "\"text\":\"Ab \\u00e9\\n\"}";

/* What a template gives; behind a verdict other than "done", the error's line. */
static const struct {
    const char *text, *verdict, *out;
} cases[] = {
    /* blanks and lines around tags */
    {"a {{ 1 }} b\n", "done", "a 1 b"},
    {"a {{- 1 -}} b", "done", "a1b"},
    {"a\n  {% if add %}\n b\n  {% endif %}\nc\n", "done", "a\n b\nc"},
    {"a\n  {%+ if add +%}\n b{% endif %}", "done", "a\n  \n b"},
    {"a \n {%- if add -%} \n b {%- endif %}", "done", "ab"},
    {"a {# c {{ #} b\n{# c #}\nd{#- c -#} e", "done", "a  b\nde"},
    {"{% raw %}{{ x }}{% endraw %}", "done", "{{ x }}"},
    {"a\r\nb\rc\n\n", "done", "a\nb\nc\n"},
    /* literals and operators */
    {"{{ 'a' \"b\" }}{{ '\\n\\x41\\u00e9\\'' }}{{ '\\q' }}", "done", "ab\nA\xc3\xa9'\\q"},
    {"{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 3 }} {{ 1_0 + 1 }}", "done",
     "3 -4 2 3.5 8 11"},
    {"{{ 1 ~ 'a' ~ none ~ true }} {{ 'ab' * 2 }} {{ [1] + [2] }}", "done",
     "1aNoneTrue abab [1, 2]"},
    {"{{ 1 < 2 < 3 }} {{ 'e' in 'hello' }} {{ 'b' not in map }} {{ 1 == 1.0 }}", "done",
     "True True False True"},
    {"{{ not add or n and 3 }} {{ 'y' if x > 2 else 'n' }}{{ 'z' if false }}", "done", "3 y"},
    {"{{ [1, 'a', none, 1.5, {'k': (1,)}] }}", "done", "[1, 'a', None, 1.5, {'k': (1,)}]"},
    {"{{ 1e20 }} {{ 0.1 }} {{ 1e-5 }} {{ 100.0 }}", "done", "1e+20 0.1 1e-05 100.0"},
    {"{{ -n|abs }} {{ (-n)|abs }} {{ n is odd and not n is even }}", "done", "7 7 True"},
    /* members and slices */
    {"{{ messages[0].role }} {{ messages[-1]['content'] }} {{ map.A.1 }} [{{ map.no }}]", "done",
     "system Hi q' []"},
    {"{% for m in messages[::-1] %}{{ m.role[0] }}{% endfor %} {{ 'abcd'[1:-1] }} {{ text[3] }}",
     "done", "aus bc \xc3\xa9"},
    {"{{ messages[1:]|length }} {{ 'abc'[::-1] }} {{ 'abc'[5:] }}{{ [1,2,3][:-1] }}", "done",
     "2 cba [1, 2]"},
    /* statements */
    {"{% if n == 1 %}a{% elif n == 7 %}b{% else %}c{% endif %}", "done", "b"},
    {"{% for m in messages if m.role != 'system' %}{{ loop.index }}{{ loop.last }}"
     "{{ (loop.previtem or m).role }}{% endfor %}",
     "done", "1Falseuser2Trueuser"},
    {"{% for k, v in map.items() %}{{ k }}={{ v }};{% endfor %}{% for i in [] %}{% else %}e"
     "{% endfor %}",
     "done", "b=1;A=[1, \"q'\"];e"},
    {"{% for i in range(9) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}"
     "{% endif %}{{ i }}{% endfor %}",
     "done", "02"},
    {"{% set a = 1 %}{% for i in [1] %}{% set a = 2 %}{{ a }}{% endfor %}{{ a }}", "done", "21"},
    {"{% set ns = namespace(a=1) %}{% for i in [1, 2] %}{% set ns.a = ns.a + i %}{% endfor %}"
     "{{ ns.a }}",
     "done", "4"},
    {"{% set a, b = 1, 2 %}{% set t %} x {% endset %}{{ a }}{{ b }}{{ t }}{% set u | trim %} y "
     "{% endset %}{{ u }}",
     "done", "12 x y"},
    {"{% macro m(a, b='d') %}<{{ a }}{{ b }}>{% endmacro %}{{ m(1) }}{{ m(b=2, a=3) }}", "done",
     "<1d><32>"},
    {"{% macro m() %}[{{ caller(1) }}]{% endmacro %}{% call(x) m() %}{{ x }}{% endcall %}", "done",
     "[1]"},
    {"{% filter upper %}a{% endfilter %}{% generation %}b{% endgeneration %}", "done", "Ab"},
    /* filters, tests, methods, functions */
    {"{{ ' a '|trim }}{{ 'a-b c'|title }}{{ 'aB'|capitalize }}{{ 'aa'|replace('a', 'b', 1) }}",
     "done", "aA-B CAbba"},
    {"{{ messages|map(attribute='role')|join(',') }} {{ messages|selectattr('role', 'equalto', "
     "'user')|list|length }} {{ messages|rejectattr('role', 'in', ['user'])|first|tojson }}",
     "done", "system,user,assistant 1 {\"role\": \"system\", \"content\": \" Be kind. \"}"},
    {"{{ map|tojson(indent=1) }}{{ 'a\"\n'|tojson }}", "done",
     "{\n \"b\": 1,\n \"A\": [\n  1,\n  \"q'\"\n ]\n}\"a\\\"\\n\""},
    {"{{ map|dictsort }} {{ [2, 'b', 2]|unique|list }} {{ [3, 1]|sort }} {{ 'ab'|last }}", "done",
     "[('A', [1, \"q'\"]), ('b', 1)] [2, 'b'] [1, 3] b"},
    {"{{ no|default('d') }}{{ ''|default('e', true) }}{{ '4'|int + 1 }}{{ '1.5'|float }}", "done",
     "de51.5"},
    {"{{ no is defined }}{{ none is none }}{{ 'a' is string }}{{ map is mapping }}"
     "{{ [] is sequence }}{{ 4 is divisibleby 2 }}",
     "done", "FalseTrueTrueTrueTrueTrue"},
    {"{{ text.strip().split(' ') }} {{ text.startswith('A') }} {{ 'a</t>b'.split('</t>')[-1] }} "
     "{{ map.get('z', 3) }} {{ map.keys()|list }}",
     "done", "['Ab', '\xc3\xa9'] True b 3 ['b', 'A']"},
    {"{{ strftime_now('%Y') }}", "done", "1970"},
    /* what is refused */
    {"{{ raise_exception('no ' ~ n) }}", "raised", "line 1: no 7"},
    {"\n\n{{ no.role }}", "wrong", "line 3: no is undefined"},
    {"{{ 'a' + 1 }}", "wrong", "line 1: str + int"},
    {"{{ messages[0] < 1 }}", "wrong", "line 1: a dict and a int have no order"},
    {"{{ 1 // 0 }}", "wrong", "line 1: division by zero"},
    {"{% if n %}", "wrong", "line 1: a tag that ends it in place of the template's end"},
    {"{% endif %}", "wrong", "line 1: the template's end in place of {%"},
    {"{{ (1 }}", "wrong", "line 1: } closes nothing"},
    {"{{ 1", "wrong", "line 1: the tag has no end"},
    {"{{ 'a }}", "wrong", "line 1: a text has no end"},
    {"{{ 1 ? 2 }}", "wrong", "line 1: a character that is none of Jinja: ?"},
    {"{% break %}", "wrong", "line 1: a loop in place of break"},
    {"{% set map.a = 1 %}", "wrong", "line 1: map is no namespace"},
    {"{{ '\\x00' }}", "wrong", "line 1: \\x does not write a character"},
    {"a\n{% include 'b' %}", "beyond", "line 2: tag {% include %} is not supported"},
    {"{{ n|pprint }}", "beyond", "line 1: filter \"pprint\" is not supported"},
    {"{{ n is escaped }}", "beyond", "line 1: test \"escaped\" is not supported"},
    {"{{ cycler(1) }}", "beyond", "line 1: function \"cycler\" is not supported"},
    {"{{ 'a'.zfill(3) }}", "beyond", "line 1: method \"zfill\" of a str is not supported"},
    {"{{ text|upper }}", "beyond", "line 1: upper and lower case beyond ASCII are not supported"},
    {"{{ 'a'|trim(z=1) }}", "beyond", "line 1: argument z of trim is not supported"},
    /* what is beyond, but not come to */
    {"{% if false %}{{ n|pprint }}{% endif %}a", "done", "a"},
    /* bounds */
    {"{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "too much",
     "line 1: the template takes too "},
    {"{% set ns = namespace(a='xxxxxxxxxxxxxxxx') %}{% for i in range(60) %}"
     "{% set ns.a = ns.a + ns.a %}{% endfor %}",
     "too much", "line 1: the template takes too "},
    {"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "too much", "line 1: more than "},
    {"{% set ns = namespace(a=1) %}{% for i in range(9999) %}{% set ns.a = [ns.a] %}{% endfor %}"
     "{{ ns.a }}",
     "too much", "line 1: more than "},
#define LARGE                                                                                      \
    "{% set ns = namespace(t='a') %}{% for i in range(22) %}{% set ns.t = ns.t ~ ns.t %}"          \
    "{% endfor %}{% for i in range(90000) %}"
    {LARGE "{% if ns.t is lower %}{% endif %}{% endfor %}", "too much", "line 1: the template "},
    {LARGE "{% if ns.t.isalpha() %}{% endif %}{% endfor %}", "too much", "line 1: the template "},
    {LARGE "{% if ns.t.endswith(ns.t) %}{% endif %}{% endfor %}", "too much",
     "line 1: the template "},
    {LARGE "{% if ns.t.splitlines() %}{% endif %}{% endfor %}", "too much",
     "line 1: the template "},
    {LARGE "{% if ns.t|float %}{% endif %}{% endfor %}", "too much", "line 1: the template "},
    {"{{ range(100001)|length }}", "too much", "line 1: a range of more than "},
};

static void deep(struct host_test *t, char open, char close) {
    enum { DEEP = 5000 };
    char text[2 * DEEP + 10], *out;
    struct ls_error err = {""};
    memset(text, open, DEEP);
    memset(text + DEEP, close, DEEP);
    memcpy(text, "{{ ", 3);
    memcpy(text + 2 * DEEP, " }}", 4);
    const enum jinja_verdict verdict = run(text, NULL, &out, &err);
    CHECK(t, verdict == JINJA_TOO_MUCH && out == NULL, "%c: %s: %s", open, verdicts[verdict],
          err.text);
}

int main(int argc, char **argv) {
    struct host_test t = {"jinja", 0, 0};
    if (argc > 1 && strcmp(argv[1], "lines") == 0)
        return run_lines();
    cJSON *variables = cJSON_Parse(context);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ls_error err = {""};
        char *out;
        const enum jinja_verdict verdict = run(cases[i].text, variables, &out, &err);
        const char *text = verdict == JINJA_DONE ? out : err.text;
        CHECK(&t, strcmp(verdicts[verdict], cases[i].verdict) == 0, "%s: %s: %s", cases[i].text,
              verdicts[verdict], text);
        CHECK(&t,
              verdict == JINJA_TOO_MUCH ? strncmp(text, cases[i].out, strlen(cases[i].out)) == 0
                                        : strcmp(text, cases[i].out) == 0,
              "%s:\n%s\nnot\n%s", cases[i].text, text, cases[i].out);
        free(out);
    }
    deep(&t, '(', ')');
    deep(&t, '[', ']');
    deep(&t, '-', '1');
    cJSON_Delete(variables);
    return host_test_finish(&t);
}
