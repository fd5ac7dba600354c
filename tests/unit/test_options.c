/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The tables of options, row by row: what each one takes and refuses, in each way of writing it;
 * what it needs and excludes, both named; that help shows it. And that the docs, the Makefile and
 * the scripts name no option that is in no table.
 */
#include "csrc/base/options.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "csrc/app/console_main.h"
#include "csrc/app/serve.h"
#include "gguf_tools/commands.h"
#include "sim/run/perplexity.h"
#include "sim/run/sim_options.h"
#include "tests/kit/host_test.h"

enum { WORDS = 48, SETTINGS = 4096, HELP = 16384 };

struct table {
    const struct options *options;
    enum options_result (*parse)(const struct options *options, int argc, char **argv,
                                 void *settings, const char **topic, struct ls_error *err);
};

static enum options_result parse_sim(const struct options *options, int argc, char **argv,
                                     void *settings, const char **topic, struct ls_error *err) {
    (void)options;
    return sim_options_parse(argc, argv, settings, topic, err);
}

/* A command line that grows. */
struct line {
    char words[WORDS][80];
    int count;
};

static void add(struct line *l, const char *word) {
    snprintf(l->words[l->count], sizeof l->words[0], "%s", word);
    l->count++;
}

static enum options_result parse(const struct table *table, const struct line *l, char *settings,
                                 struct ls_error *err) {
    const char *topic;
    char *argv[WORDS + 1] = {NULL};
    *err = (struct ls_error){""};
    for (int i = 0; i < l->count; i++)
        argv[i] = (char *)(uintptr_t)l->words[i];
    return table->parse(table->options, l->count, argv, settings, &topic, err);
}

static bool has_one_choice(const struct option_row *row) {
    return row->kind == OPTION_CHOICE && strchr(row->choices, '|') == NULL;
}

/* A value in range that is not the default, if there is another one. */
static void good_value(const struct options *o, const struct option_row *row, char *text) {
    const char *field = (const char *)o->defaults + row->field;
    const uint64_t scale = row->scale != 0 ? row->scale : 1;
    uint64_t wide = 0;
    uint32_t narrow;
    int choice;
    double real;
    const char *word = row->choices;
    switch (row->kind) {
    case OPTION_U32:
        memcpy(&narrow, field, sizeof narrow);
        sprintf(text, "%" PRIu64, row->least + (narrow == row->least));
        return;
    case OPTION_U64:
        memcpy(&wide, field, sizeof wide);
        sprintf(text, "%" PRIu64, row->least + (wide / scale == row->least));
        return;
    case OPTION_REAL:
        memcpy(&real, field, sizeof real);
        sprintf(text, "%.9g", real == row->low ? row->high : row->low);
        return;
    case OPTION_U64_PAIR:
        sprintf(text, "%" PRIu64 ":%" PRIu64, row->least, row->most_of_second);
        return;
    case OPTION_CHOICE:
        memcpy(&choice, field, sizeof choice);
        word = choice == 0 && !has_one_choice(row) ? strchr(word, '|') + 1 : word;
        sprintf(text, "%.*s", (int)strcspn(word, "|"), word);
        return;
    case OPTION_CHOICE_OF: /* the last one is no default */
        strcpy(text, strrchr(word, '|') + 1);
        for (choice = 0; strchr(word, '|') != NULL; word = strchr(word, '|') + 1) {
            sprintf(text, "%.*s", (int)strcspn(word, "|"), word);
            memcpy(&choice, field, sizeof choice);
            if (row->choose(text) != choice)
                return;
        }
        return;
    default:
        strcpy(text, "word");
    }
}

static void add_row(const struct options *o, const struct option_row *row, struct line *l) {
    char word[40], value[40];
    if (row->name != NULL) {
        snprintf(word, sizeof word, "--%s", row->name);
        add(l, word);
    }
    if (row->argument != NULL) {
        good_value(o, row, value);
        add(l, value);
    }
}

/* Options that a row needs, with their own needs; "backend=rtl" is the default. */
static void add_needs(const struct options *o, const struct option_row *row, struct line *l) {
    char names[128], *rest = NULL;
    snprintf(names, sizeof names, "%s", row->needs != NULL ? row->needs : "");
    for (char *name = strtok_r(names, " ", &rest); name != NULL; name = strtok_r(NULL, " ", &rest))
        if (strchr(name, '=') == NULL) {
            add_needs(o, options_row(o, name), l);
            add_row(o, options_row(o, name), l);
        } else if (strcmp(name, "backend=rtl") != 0) {
            char word[64];
            snprintf(word, sizeof word, "--%s", name);
            add(l, word);
        }
}

static bool excludes(const struct option_row *row, const char *name) {
    const size_t size = name != NULL ? strlen(name) : 0;
    for (const char *at = row != NULL ? row->excludes : NULL; at != NULL && name != NULL;
         at = strchr(at, ' ')) {
        at += *at == ' ';
        if (strncmp(at, name, size) == 0 && (at[size] == ' ' || at[size] == '\0'))
            return true;
    }
    return false;
}

/* What is required, but `but` and what it takes the place of. */
static struct line begin(const struct options *o, const struct option_row *but) {
    struct line l = {.count = 0};
    add(&l, o->program);
    for (size_t i = 0; i < o->row_count; i++)
        if (o->rows[i].required && &o->rows[i] != but && !excludes(but, o->rows[i].name))
            add_row(o, &o->rows[i], &l);
    return l;
}

/* With `row` given as `value`: an option in one word, an operand at its place. */
static struct line with(const struct options *o, const struct option_row *row, const char *value) {
    char word[96];
    snprintf(word, sizeof word, "--%s=%s", row->name != NULL ? row->name : "", value);
    if (row->name != NULL) {
        struct line l = begin(o, row);
        add_needs(o, row, &l);
        add(&l, word);
        return l;
    }
    struct line l = {.count = 0};
    add(&l, o->program);
    for (size_t i = 0; i < o->row_count; i++)
        if (&o->rows[i] == row)
            add(&l, value);
        else if (o->rows[i].required)
            add_row(o, &o->rows[i], &l);
    return l;
}

static size_t size_of(const struct option_row *row) {
    return row->kind == OPTION_FLAG || row->kind == OPTION_OFF           ? sizeof(bool)
           : row->kind == OPTION_U32                                     ? sizeof(uint32_t)
           : row->kind == OPTION_CHOICE || row->kind == OPTION_CHOICE_OF ? sizeof(int)
                                                                         : 8;
}

static bool differs(const struct options *o, const struct option_row *row, const char *settings) {
    const char *was = o->defaults;
    return has_one_choice(row) ||
           memcmp(settings + row->field, was + row->field, size_of(row)) != 0 ||
           (row->kind == OPTION_U64_PAIR &&
            memcmp(settings + row->second, was + row->second, 8) != 0);
}

/* ---- a row ---- */

static void test_taken(struct host_test *t, const struct table *table,
                       const struct option_row *row) {
    const struct options *o = table->options;
    static char settings[SETTINGS], again[SETTINGS];
    struct line l;
    struct ls_error err;
    char name[40], value[40], joined[96];
    good_value(o, row, value);
    if (row->name == NULL) {
        l = with(o, row, value);
        CHECK(t, parse(table, &l, settings, &err) == OPTIONS_READ && differs(o, row, settings),
              "%s %s: %s", o->program, value, err.text);
        return;
    }
    l = begin(o, row);
    add_needs(o, row, &l);
    const int before = l.count;
    add_row(o, row, &l);
    CHECK(t, parse(table, &l, settings, &err) == OPTIONS_READ, "%s %s: %s", o->program,
          l.words[before], err.text);
    CHECK(t, differs(o, row, settings), "%s %s changes nothing", o->program, l.words[before]);
    if (row->argument == NULL || row->kind == OPTION_TEXTS)
        return;
    l.count = before; /* --name=value */
    snprintf(joined, sizeof joined, "--%s=%s", row->name, value);
    add(&l, joined);
    CHECK(t, parse(table, &l, again, &err) == OPTIONS_READ, "%s: %s", joined, err.text);
    if (row->kind == OPTION_U32 || row->kind == OPTION_REAL || row->kind == OPTION_U64)
        CHECK(t, memcmp(settings + row->field, again + row->field, size_of(row)) == 0,
              "%s gives another value", joined);
    l.count = before; /* the value is missing */
    snprintf(name, sizeof name, "--%s", row->name);
    add(&l, name);
    CHECK(t,
          parse(table, &l, again, &err) == OPTIONS_BAD && strstr(err.text, name) != NULL &&
              strstr(err.text, row->argument) != NULL,
          "%s without a value: %s", name, err.text);
}

static void refuse(struct host_test *t, const struct table *table, const struct option_row *row,
                   const char *value) {
    static char settings[SETTINGS];
    struct line l = with(table->options, row, value);
    struct ls_error err;
    const char *word = value;
    for (int i = 1; i < l.count && row->name != NULL; i++)
        word = l.words[i];
    CHECK(t, parse(table, &l, settings, &err) == OPTIONS_BAD, "%s %s is taken",
          table->options->program, word);
    CHECK(t, strstr(err.text, row->name != NULL ? row->name : row->argument) != NULL,
          "%s %s: it is not named: %s", table->options->program, word, err.text);
    /* of a pair the half that is wrong */
    CHECK(t, strchr(value, ':') != NULL || strstr(err.text, value) != NULL,
          "%s: its value is not told: %s", word, err.text);
}

/* One less and one more than may be. */
static void refuse_beyond(struct host_test *t, const struct table *table,
                          const struct option_row *row, uint64_t least, uint64_t most,
                          const char *form) {
    char value[64];
    if (least > 0) {
        snprintf(value, sizeof value, form, least - 1);
        refuse(t, table, row, value);
    }
    if (most < UINT64_MAX) {
        snprintf(value, sizeof value, form, most + 1);
        refuse(t, table, row, value);
    }
}

static void test_refused(struct host_test *t, const struct table *table,
                         const struct option_row *row) {
    static const char *const no_numbers[] = {"", "many", "-1", "1x", "nan", "99999999999999999999"};
    char value[64];
    switch (row->kind) {
    case OPTION_U32:
    case OPTION_U64:
        for (size_t i = 0; i < sizeof no_numbers / sizeof *no_numbers; i++)
            refuse(t, table, row, no_numbers[i]);
        refuse(t, table, row, "1.5");
        refuse_beyond(t, table, row, row->least,
                      row->most != 0            ? row->most
                      : row->kind == OPTION_U32 ? UINT32_MAX
                                                : UINT64_MAX,
                      "%" PRIu64);
        return;
    case OPTION_REAL:
        for (size_t i = 0; i < sizeof no_numbers / sizeof *no_numbers; i++)
            refuse(t, table, row, no_numbers[i]);
        snprintf(value, sizeof value, "%.17g", nextafter(row->high, INFINITY));
        refuse(t, table, row, value);
        snprintf(value, sizeof value, "%.17g", nextafter(row->low, -INFINITY));
        refuse(t, table, row, value);
        return;
    case OPTION_U64_PAIR:
        for (size_t i = 0; i < sizeof no_numbers / sizeof *no_numbers; i++) {
            snprintf(value, sizeof value, "%s:1", no_numbers[i]);
            refuse(t, table, row, value);
            snprintf(value, sizeof value, "1:%s", no_numbers[i]);
            refuse(t, table, row, value);
        }
        refuse(t, table, row, "12");
        refuse_beyond(t, table, row, row->least, row->most != 0 ? row->most : UINT64_MAX,
                      "%" PRIu64 ":1");
        refuse_beyond(t, table, row, row->least_of_second, row->most_of_second, "1:%" PRIu64);
        return;
    case OPTION_CHOICE:
    case OPTION_CHOICE_OF:
        refuse(t, table, row, "");
        refuse(t, table, row, "other");
        snprintf(value, sizeof value, "%.*s|", (int)strcspn(row->choices, "|"), row->choices);
        refuse(t, table, row, value);
        return;
    case OPTION_FLAG:
    case OPTION_OFF:
        refuse(t, table, row, "yes");
        return;
    default:
        return;
    }
}

/* Each word of a choice, in both cases, is the same one. */
static void test_choices(struct host_test *t, const struct table *table,
                         const struct option_row *row) {
    static char settings[2][SETTINGS];
    struct ls_error err;
    for (const char *at = row->choices; at != NULL; at = strchr(at, '|')) {
        at += *at == '|';
        for (int upper = 0; upper < 2; upper++) {
            char word[64];
            snprintf(word, sizeof word, "%.*s", (int)strcspn(at, "|"), at);
            for (char *c = word; *c != '\0'; c++)
                *c = (char)(*c >= 'a' && *c <= 'z' && upper    ? *c - 32
                            : *c >= 'A' && *c <= 'Z' && !upper ? *c + 32
                                                               : *c);
            const struct line l = with(table->options, row, word);
            CHECK(t, parse(table, &l, settings[upper], &err) == OPTIONS_READ, "%s: %s", word,
                  err.text);
        }
        CHECK(t, memcmp(settings[0] + row->field, settings[1] + row->field, sizeof(int)) == 0,
              "%s: other cases of %s differ", table->options->program, at);
    }
}

static void check_named(struct host_test *t, const struct table *table, const struct line *l,
                        const struct option_row *row, const char *other) {
    static char settings[SETTINGS];
    struct ls_error err;
    const enum options_result result = parse(table, l, settings, &err);
    const char *self = strstr(err.text, row->name);
    CHECK(t, result == OPTIONS_BAD && self != NULL && strstr(err.text, other) != NULL,
          "%s --%s and %s: %s", table->options->program, row->name, other,
          result == OPTIONS_READ ? "taken" : err.text);
}

static void test_together(struct host_test *t, const struct table *table,
                          const struct option_row *row) {
    const struct options *o = table->options;
    char names[128], *rest = NULL;
    snprintf(names, sizeof names, "%s", row->needs != NULL ? row->needs : "");
    for (char *name = strtok_r(names, " ", &rest); name != NULL;
         name = strtok_r(NULL, " ", &rest)) {
        struct line l = begin(o, row);
        char *choice = strchr(name, '=');
        if (choice != NULL) { /* any of the others, the default if it is one */
            *choice = '\0';
            char word[64], value[40];
            good_value(o, options_row(o, name), value);
            snprintf(word, sizeof word, "--%s=%s", name, value);
            if (strcmp(value, choice + 1) != 0)
                add(&l, word);
        }
        CHECK(t, options_row(o, name) != NULL, "%s needs %s, which is no option", row->name, name);
        add_row(o, row, &l);
        check_named(t, table, &l, row, name);
    }
    snprintf(names, sizeof names, "%s", row->excludes != NULL ? row->excludes : "");
    for (char *name = strtok_r(names, " ", &rest); name != NULL;
         name = strtok_r(NULL, " ", &rest)) {
        const struct option_row *other = options_row(o, name);
        struct line l = begin(o, row);
        CHECK(t, other != NULL, "%s excludes %s, which is no option", row->name, name);
        add_needs(o, row, &l);
        add_needs(o, other, &l);
        add_row(o, other, &l);
        add_row(o, row, &l);
        check_named(t, table, &l, row, name);
    }
}

/* ---- a table ---- */

static void print_help(const struct options *o, const char *topic, char text[HELP]) {
    FILE *out = fmemopen(text, HELP, "w");
    if (out == NULL)
        exit(1);
    if (strcmp(o->program, "lockstep sim") == 0)
        sim_options_help(topic, out);
    else
        options_print_help(o, topic, out);
    fclose(out);
}

static int longest_line(const char *text) {
    int most = 0, now = 0;
    for (; *text != '\0'; text++) {
        now = *text == '\n' ? 0 : now + 1;
        most = now > most ? now : most;
    }
    return most;
}

static void test_help(struct host_test *t, const struct options *o) {
    static char first[HELP], all[HELP], group[HELP];
    int lines = 0;
    print_help(o, NULL, first);
    print_help(o, "all", all);
    for (const char *at = first; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    CHECK(t, lines <= 30, "%s --help has %d lines", o->program, lines);
    CHECK(t, o->group_count == 0 || lines <= 24, "%s --help has %d lines", o->program, lines);
    CHECK(t, longest_line(all) < 80 && longest_line(first) < 80, "%s: too wide", o->program);
    for (size_t i = 0; i < o->row_count; i++) {
        const struct option_row *row = &o->rows[i];
        char name[64];
        if (row->name == NULL)
            continue;
        snprintf(name, sizeof name, "--%s%s%s", row->name, row->argument != NULL ? " " : "",
                 row->argument != NULL ? row->argument : "");
        CHECK(t, row->help != NULL && strstr(all, name) != NULL, "%s: no help", name);
        for (const char *word = row->kind == OPTION_CHOICE_OF ? row->choices : NULL; word != NULL;
             word = strchr(word, '|')) {
            word += *word == '|';
            snprintf(group, sizeof group, "%.*s", (int)strcspn(word, "|"), word);
            CHECK(t, strstr(all, group) != NULL, "%s: help does not list %s", name, group);
        }
        CHECK(t, !row->first || strstr(first, name) != NULL, "%s: not first", name);
        if (o->group_count == 0)
            continue;
        print_help(o, o->groups[row->group].name, group);
        CHECK(t, strstr(group, name) != NULL, "%s: not in its group", name);
    }
}

/* A slip of the finger is answered by the name that was meant. */
static void test_unknown(struct host_test *t, const struct table *table) {
    const struct options *o = table->options;
    static char settings[SETTINGS];
    struct ls_error err;
    for (size_t i = 0; i < o->row_count; i++) {
        struct line l = begin(o, NULL);
        char word[64], right[64];
        if (o->rows[i].name == NULL || strlen(o->rows[i].name) < 5)
            continue;
        snprintf(right, sizeof right, "--%s?", o->rows[i].name);
        snprintf(word, sizeof word, "--%s", o->rows[i].name);
        const char letter = word[4];
        word[4] = word[5];
        word[5] = letter;
        if (word[4] == word[5])
            continue;
        add(&l, word);
        CHECK(t,
              parse(table, &l, settings, &err) == OPTIONS_BAD && strstr(err.text, word) != NULL &&
                  strstr(err.text, right) != NULL,
              "%s: %s", word, err.text);
    }
    struct line l = begin(o, NULL);
    add(&l, "--colourfulness");
    CHECK(t,
          parse(table, &l, settings, &err) == OPTIONS_BAD &&
              strstr(err.text, "--colourfulness") != NULL && strstr(err.text, "--help") != NULL,
          "%s", err.text);
    l = begin(o, NULL);
    for (size_t i = 0; i < o->row_count; i++)
        if (o->rows[i].kind == OPTION_REST)
            return;
        else if (o->rows[i].name == NULL && !o->rows[i].required)
            add(&l, "there");
    add(&l, "toomuch");
    CHECK(t, parse(table, &l, settings, &err) == OPTIONS_BAD && strstr(err.text, "toomuch") != NULL,
          "%s: %s", o->program, err.text);
}

static void test_table(struct host_test *t, const struct table *table) {
    const struct options *o = table->options;
    static char settings[SETTINGS];
    struct ls_error err;
    CHECK(t, o->row_count <= OPTIONS_MOST && o->size <= SETTINGS, "%s: too large", o->program);
    struct line l = begin(o, NULL);
    CHECK(t, parse(table, &l, settings, &err) == OPTIONS_READ, "%s: %s", o->program, err.text);
    for (size_t i = 0; i < o->row_count; i++) {
        const struct option_row *row = &o->rows[i];
        CHECK(t, row->name == NULL || options_row(o, row->name) == row, "--%s twice", row->name);
        test_taken(t, table, row);
        test_refused(t, table, row);
        if (row->choices != NULL)
            test_choices(t, table, row);
        if (row->name != NULL)
            test_together(t, table, row);
        if (!row->required)
            continue;
        l = begin(o, row);
        CHECK(t,
              parse(table, &l, settings, &err) == OPTIONS_BAD &&
                  strstr(err.text, row->name != NULL ? row->name : "is missing") != NULL,
              "%s without %s: %s", o->program, row->argument, err.text);
    }
    test_help(t, o);
    test_unknown(t, table);
}

/* ---- ways of writing ---- */

static void test_writing(struct host_test *t, const struct table *sim) {
    struct sim_options o;
    struct ls_error err;
    char *settings = (char *)&o;
    const char *const lines[][8] = {
        {"sim", "-n7", "-p", "--x", "m"},
        {"sim", "m", "-p--x", "-n", "7"},
        {"sim", "--tok=7", "--pr", "--x", "m"},
        {"sim", "-n", "9", "--tokens", "7", "-p", "--x", "m"},
        {"sim", "-p", "--x", "-n", "0x7", "--", "m"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct line l = {.count = 0};
        for (size_t k = 0; k < 8 && lines[i][k] != NULL; k++)
            add(&l, lines[i][k]);
        const bool cut = i == 2; /* --tok could be --tokens, --token, --token-rate */
        CHECK(t, parse(sim, &l, settings, &err) == (cut ? OPTIONS_BAD : OPTIONS_READ), "%zu: %s", i,
              err.text);
        CHECK(t, !cut || (strstr(err.text, "--tokens") && strstr(err.text, "--token-rate")), "%s",
              err.text);
        CHECK(t, cut || (o.tokens == 7 && strcmp(o.prompts[0], "--x") == 0 && o.prompt_count == 1),
              "%zu: %u tokens, '%s'", i, o.tokens, o.prompts[0]);
    }
}

/* ---- the docs ---- */

/* Whether `name` of `length` bytes is an option of any table, or of another program. */
static bool is_known(const struct table *tables, size_t count, const char *name, size_t length) {
    static const char *const all[] = {"help",
                                      "version",
                                      /* of npm */ "prefix",
                                      "ignore-scripts",
                                      "no-audit",
                                      "no-fund"};
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)length, name);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i], text) == 0)
            return true;
    for (size_t i = 0; i < count; i++) {
        const struct option_row *row = options_row(tables[i].options, text);
        if (row != NULL && row->name != NULL)
            return true;
    }
    return false;
}

static void test_docs(struct host_test *t, const struct table *tables, size_t count) {
    static const char *const files[] = {
        "README.md",           "models/README.md",

        "docs/benchmarks.md",  "docs/cycles.md",        "docs/debugging.md",
        "docs/model.md",       "docs/numerics.md",      "docs/power.md",
        "docs/report.md",      "docs/server.md",        "docs/tokenizers.md",
        "docs/waves.md",       "waves/waves.mk",        "scripts/power.mk",
        "gguf_tools/model.mk", "scripts/debug_summary", "scripts/power_study.sh",
    };
    unsigned found = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t size;
        char *text = host_read(files[i], &size);
        for (char *at = text; (at = strstr(at, "--")) != NULL;) {
            const bool begins = at == text || strchr(" \n`\"'(", at[-1]) != NULL;
            const size_t length = strspn(at + 2, "abcdefghijklmnopqrstuvwxyz-");
            const bool drawn = length < 2 || strchr(" \n`=\"',.;:)?", at[2 + length]) == NULL;
            if (begins && !drawn && at[2] != '-' && at[1 + length] != '-') {
                found++;
                CHECK(t, is_known(tables, count, at + 2, length), "%s: --%.*s is no option",
                      files[i], (int)length, at + 2);
            }
            at += 2 + length;
        }
        free(text);
    }
    CHECK(t, found > 40, "only %u options are in the docs", found);
    CHECK(t, !is_known(tables, count, "colour", 6), "everything is known");
}

int main(void) {
    struct host_test t = {"options", 0, 0};
    const struct sim_options defaults = sim_options_defaults();
    const struct options sim = sim_options_table(&defaults);
    const struct table tables[] = {
        {&sim, parse_sim},
        {&serve_options, options_parse},
        {&perplexity_table, options_parse},
        {&console_table, options_parse},
        {&gguf_inspect_options, options_parse},
        {&gguf_verify_options, options_parse},
        {&gguf_diff_options, options_parse},
        {&gguf_import_llama2c_options, options_parse},
        {&gguf_make_options, options_parse},
        {&gguf_stories_options, options_parse},
        {&gguf_train_options, options_parse},
        {&gguf_quantize_options, options_parse},
        {&gguf_perplexity_options, options_parse},
        {&gguf_sample_options, options_parse},
        {&gguf_tokenize_options, options_parse},
        {&gguf_detokenize_options, options_parse},
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        test_table(&t, &tables[i]);
    test_writing(&t, &tables[0]);
    test_docs(&t, tables, sizeof tables / sizeof *tables);
    return host_test_finish(&t);
}
