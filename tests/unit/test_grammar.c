/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Grammars: random ones, written out as GBNF, against a matcher that asks at which places of a text
 * each part can end; texts cut anywhere, within characters too. What is refused, and why.
 * Planted: a matcher whose repetitions are one longer. Arguments: seed=, rounds=
 */
#include "csrc/sampling/grammar.h"

#include <stdarg.h>

#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

enum { RULES = 4, EXPRS = 64, LETTERS = 5, LENGTH = 8, OTHER = 1 << LETTERS, NO_LIMIT = 99 };
static const char *const letters[LETTERS] = {"a", "b", "c", "\xc3\xa9", "\xe2\x82\xac"};

enum kind { SET, SEQUENCE, EITHER, REPEAT, RULE };

struct expr {
    enum kind kind;
    unsigned a, b;      /* parts, or a rule */
    unsigned low, high; /* of a repetition */
    unsigned set;       /* bits of letters and OTHER */
};

struct made {
    struct expr exprs[EXPRS];
    unsigned count, rules[RULES], longer;
    char text[65536];
    size_t size;
};

/* ---- random grammars ---- */

static unsigned add(struct made *m, struct expr e) {
    m->exprs[m->count] = e;
    return m->count++;
}

static unsigned make_set(struct made *m, uint64_t *random) {
    const unsigned some = 1 + random_below(random, OTHER - 1);
    const bool others = random_below(random, 4) == 0;
    return add(m, (struct expr){.kind = SET,
                                .set = others ? ~some & (2 * OTHER - 1)
                                       : random_below(random, 3) != 0
                                           ? 1u << random_below(random, LETTERS)
                                           : some});
}

/* before: a character has been read, so that any rule may follow; else later ones alone. */
static unsigned make(struct made *m, uint64_t *random, unsigned rule, unsigned depth, bool before) {
    const unsigned what = depth == 0 || m->count > EXPRS - 12 ? 0 : random_below(random, 6);
    if (what == 1 && random_below(random, 3) == 0 && (before || rule + 1 < RULES))
        return add(m,
                   (struct expr){.kind = RULE,
                                 .a = before ? random_below(random, RULES)
                                             : rule + 1 + random_below(random, RULES - rule - 1)});
    if (what == 2) {
        const unsigned a = make(m, random, rule, depth - 1, before);
        return add(m,
                   (struct expr){SEQUENCE, a, make(m, random, rule, depth - 1, before), 0, 0, 0});
    }
    if (what == 3) {
        const unsigned a = make_set(m, random);
        return add(m, (struct expr){SEQUENCE, a, make(m, random, rule, depth - 1, true), 0, 0, 0});
    }
    if (what == 4) {
        const unsigned a = make(m, random, rule, depth - 1, before);
        return add(m, (struct expr){EITHER, a, make(m, random, rule, depth - 1, before), 0, 0, 0});
    }
    if (what == 5) {
        const unsigned low = random_below(random, 3);
        return add(m, (struct expr){.kind = REPEAT,
                                    .a = make(m, random, rule, depth - 1, before),
                                    .low = low,
                                    .high = random_below(random, 2) != 0
                                                ? NO_LIMIT
                                                : low + random_below(random, 3)});
    }
    return make_set(m, random);
}

__attribute__((format(printf, 2, 3))) static void put(struct made *m, const char *format, ...) {
    va_list list;
    va_start(list, format);
    m->size += (size_t)vsnprintf(m->text + m->size, sizeof m->text - m->size, format, list);
    va_end(list);
}

static void put_set(struct made *m, unsigned set) {
    const bool others = (set & OTHER) != 0;
    unsigned named = others ? ~set & (OTHER - 1) : set;
    if (named == 0) {
        put(m, ".");
        return;
    }
    if (!others && (named & (named - 1)) == 0) { /* a letter */
        for (unsigned i = 0; i < LETTERS; i++)
            if (named == 1u << i)
                put(m, i == 3 && m->size % 2 ? "\"\\xe9\"" : "\"%s\"", letters[i]);
        return;
    }
    put(m, others ? "[^" : "[");
    if ((named & 7) == 7) {
        put(m, "a-c");
        named &= ~7u;
    }
    for (unsigned i = 0; i < LETTERS; i++)
        if ((named >> i & 1) != 0)
            put(m, i == 4 && m->size % 2 ? "\\u20AC" : "%s", letters[i]);
    put(m, "]");
}

static void put_expr(struct made *m, const struct expr *e) {
    switch (e->kind) {
    case SET:
        put_set(m, e->set);
        break;
    case SEQUENCE:
        put_expr(m, &m->exprs[e->a]);
        put(m, " ");
        put_expr(m, &m->exprs[e->b]);
        break;
    case EITHER:
        put(m, "(");
        put_expr(m, &m->exprs[e->a]);
        put(m, m->size % 2 ? " | " : "\n|\t");
        put_expr(m, &m->exprs[e->b]);
        put(m, ")");
        break;
    case REPEAT:
        put(m, "(");
        put_expr(m, &m->exprs[e->a]);
        put(m, ")");
        if (e->high == NO_LIMIT)
            put(m, e->low == 0 ? "*" : e->low == 1 ? "+" : "{2,}");
        else if (e->low == 0 && e->high == 1)
            put(m, "?");
        else if (e->low == e->high)
            put(m, "{%u}", e->low);
        else
            put(m, "{%u,%u}", e->low, e->high);
        break;
    default:
        put(m, e->a == 0 ? "root" : "rule-%u", e->a);
    }
}

static void make_grammar(struct made *m, uint64_t *random) {
    m->count = m->longer = 0;
    m->size = 0;
    for (unsigned i = 0; i < RULES; i++)
        m->rules[i] = make(m, random, i, 4, false);
    for (unsigned i = RULES; i-- != 0;) { /* root is the last one */
        put(m, i == 0 ? "root ::= " : "rule-%u ::=\n ", i);
        put_expr(m, &m->exprs[m->rules[i]]);
        put(m, i == 2 ? " # a comment | \"\n\n" : "\n");
    }
}

/* ---- the matcher ---- */

struct text {
    unsigned letters[LENGTH], length;
    unsigned wants; /* letters that may follow, OTHER: and another one */
};

/* Bits of the places where the part can end if it begins at `from`. */
static unsigned match(const struct made *m, const struct expr *e, struct text *t, unsigned from) {
    unsigned ends = 0, middle;
    switch (e->kind) {
    case SET:
        if (from == t->length)
            t->wants |= e->set;
        else if ((e->set >> t->letters[from] & 1) != 0)
            ends = 1u << (from + 1);
        return ends;
    case SEQUENCE:
        middle = match(m, &m->exprs[e->a], t, from);
        for (unsigned i = from; i <= t->length; i++)
            if ((middle >> i & 1) != 0)
                ends |= match(m, &m->exprs[e->b], t, i);
        return ends;
    case EITHER:
        return match(m, &m->exprs[e->a], t, from) | match(m, &m->exprs[e->b], t, from);
    case REPEAT:
        middle = 1u << from;
        for (unsigned round = 0; middle != 0; round++) {
            unsigned next = 0;
            ends |= round >= e->low ? middle : 0;
            if (round == e->high + m->longer || round == e->low + LENGTH)
                break;
            for (unsigned i = from; i <= t->length; i++)
                if ((middle >> i & 1) != 0)
                    next |= match(m, &m->exprs[e->a], t, i);
            middle = next;
        }
        return ends;
    default:
        return match(m, &m->exprs[m->rules[e->a]], t, from);
    }
}

/* ---- texts ---- */

static void test_random(struct host_test *t, uint64_t *random, unsigned longer) {
    static struct made m;
    struct ls_error err = {""};
    struct grammar *g;
    struct text now = {.length = 0};
    char bytes[LENGTH * 3 + 1];
    size_t size = 0, given = 0;
    make_grammar(&m, random);
    m.longer = longer;
    CHECK(t, grammar_open(m.text, &g, &err) == 0, "%s\n%s", err.text, m.text);
    if (g == NULL)
        return;
    CHECK(t, grammar_ends(g) == ((match(&m, &m.exprs[m.rules[0]], &now, 0) & 1) != 0),
          "an empty text:\n%s", m.text);
    while (now.length < LENGTH) {
        unsigned letter = random_below(random, LETTERS);
        for (unsigned tries = 0; tries < 8 && (now.wants >> letter & 1) == 0; tries++)
            letter = random_below(random, LETTERS);
        struct text then = now;
        then.letters[then.length++] = letter;
        then.wants = 0;
        const bool ends = (match(&m, &m.exprs[m.rules[0]], &then, 0) >> then.length & 1) != 0;
        const bool may = ends || then.wants != 0;
        const size_t width = strlen(letters[letter]);
        memcpy(bytes + size, letters[letter], width);
        const bool allowed = grammar_allows(g, bytes + given, size + width - given);
        if (grammar_overflows(g)) /* more ways than its bounds hold */
            break;
        CHECK(t, allowed == may, "'%.*s':\n%s", (int)(size + width), bytes, m.text);
        if (width > 1) /* a part of it: others begin like it */
            CHECK(t,
                  grammar_allows(g, bytes + given, size + width - 1 - given) ==
                      ((now.wants & (1u << letter | OTHER)) != 0),
                  "'%.*s' in parts:\n%s", (int)(size + width), bytes, m.text);
        if (!may)
            break;
        size += width;
        now = then;
        const size_t cut = random_below(random, 4) == 0 ? 1 : 0; /* within a character, perhaps */
        if (size - given > cut && random_below(random, 3) != 0) {
            CHECK(t, grammar_accept(g, bytes + given, size - cut - given), "'%.*s':\n%s", (int)size,
                  bytes, m.text);
            given = size - cut;
            if (cut == 0)
                CHECK(t, grammar_ends(g) == ends, "the end of '%.*s':\n%s", (int)size, bytes,
                      m.text);
        }
    }
    grammar_close(g);
}

static void test_refusals(struct host_test *t) {
    static const struct {
        const char *grammar, *part;
    } cases[] = {
        {"", "no rule \"root\""},
        {"a ::= \"x\"", "no rule \"root\""},
        {"root ::= a", "line 1: rule \"a\" is not there"},
        {"root ::= \"x\"\n\nroot ::= \"y\"", "line 3: a rule that is there already"},
        {"root = \"x\"", "::= is missing"},
        {"root ::= \"x", "ends within a text"},
        {"root ::= [a", "ends within a text or a class"},
        {"root ::= [b-a]", "ends before it begins"},
        {"root ::= (\"a\"", "a ) is missing"},
        {"root ::= \"a\" )", "no part of a rule"},
        {"root ::= \"\\q\"", "an escape that is none"},
        {"root ::= \"\\x4\"", "hexadecimal"},
        {"root ::= \"\\UFFFFFFFF\"", "no such character"},
        {"root ::= \"\xff\"", "no UTF-8"},
        {"root ::= \"\xc3\"", "no UTF-8"},
        {"root ::= \"a\"{3,2}", "{n,m}"},
        {"root ::= \"a\"{,2}", "a number is missing"},
        {"root ::= \"a\"{2001}", "2000"},
        {"root ::= \"a\"*+", "put it into ( )"},
        {"root ::= root \"a\"", "left-recursive"},
        {"root ::= a?\na ::= b\nb ::= \"\"? a", "left-recursive"},
        {"root ::= (\"a\"{1000}){1000}", "too large"},
        {"root ::= ([acegikmoqsuwy]{40}){40}", "classes are too large"},
        {"root ::= "
         "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((",
         "too deep"},
        {"::= \"a\"", "a name is missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ls_error err = {""};
        struct grammar *g;
        CHECK(t,
              grammar_open(cases[i].grammar, &g, &err) != 0 && g == NULL &&
                  strstr(err.text, cases[i].part) != NULL,
              "%s: %s", cases[i].grammar, err.text);
    }
}

/* Depth is bounded by the frames, length by nothing; a text that went wrong stays wrong. */
static void test_bounds(struct host_test *t) {
    struct ls_error err;
    struct grammar *g;
    CHECK(t, grammar_open("root ::= \"(\" root \")\" | [a-z]*", &g, &err) == 0, "%s", err.text);
    uint32_t depth = 0;
    while (depth < 2 * GRAMMAR_FRAMES && grammar_allows(g, "(", 1) && grammar_accept(g, "(", 1))
        depth++;
    CHECK(t, depth > GRAMMAR_FRAMES / 2 && depth <= GRAMMAR_FRAMES && grammar_overflows(g),
          "%u deep", depth);
    grammar_reset(g);
    CHECK(t, !grammar_overflows(g), "it begins anew");
    CHECK(t, !grammar_allows(g, "", 0), "no bytes");
    for (unsigned i = 0; i < 200000; i++)
        if (!grammar_accept(g, "xyz", 3))
            depth = 0;
    CHECK(t, depth != 0 && grammar_ends(g) && !grammar_allows(g, ")", 1), "a long text");
    CHECK(t, !grammar_accept(g, ")", 1) && !grammar_ends(g) && !grammar_allows(g, "a", 1),
          "a text goes on behind what is wrong");
    grammar_close(g);
}

int main(int argc, char **argv) {
    struct host_test t = {"grammar", 0, 0}, planted = {NULL, 0, 0};
    uint64_t random = host_argument(argc, argv, "seed", 1);
    const uint64_t rounds = host_argument(argc, argv, "rounds", 3000);
    for (uint64_t i = 0; i < rounds; i++)
        test_random(&t, &random, 0);
    for (uint64_t i = 0; i < rounds / 5; i++)
        test_random(&planted, &random, 1);
    CHECK(&t, planted.failures > rounds / 100, "%lu of %lu see a longer repetition",
          planted.failures, planted.checks);
    test_refusals(&t);
    test_bounds(&t);
    return host_test_finish(&t);
}
