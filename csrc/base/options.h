/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A command line as a table: a row an option says how it is called, what it takes, where its value
 * goes, what it needs and what it excludes; parsing, help and conflicts follow from the rows.
 *
 *     struct settings { const char *file; uint32_t count; } s, defaults = {NULL, 3};
 *     static const struct option_row rows[] = {
 *         OPTION_ROW(settings, NULL, "FILE", OPTION_TEXT, file, 0, .required = true),
 *         OPTION_ROW(settings, "count", "N", OPTION_U32, count, 0, .least = 1, .most = 9,
 *                    .help = "how often"),
 *     };
 *     const struct options o = {.program = "tool", .rows = rows, .row_count = 2,
 *                               .defaults = &defaults, .size = sizeof s};
 *     const char *topic;
 *     switch (options_parse(&o, argc, argv, &s, &topic, &err)) {
 *     case OPTIONS_HELP: options_print_help(&o, topic, stdout); return 0;
 *     case OPTIONS_BAD: fprintf(stderr, "tool: %s\n", err.text); return 2;
 *     case OPTIONS_READ: break;
 *     }
 *
 * --help and -h are in every table. Values stand behind `=` or in the next word; a name may be cut
 * short where no other begins like it; `--` ends the options. The last of several wins.
 */
#ifndef LOCKSTEP_OPTIONS_H
#define LOCKSTEP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OPTIONS_MOST 96u /* rows of a table */

/* What a row takes, and the type of its field. */
enum option_kind {
    OPTION_FLAG,      /* bool: becomes true */
    OPTION_OFF,       /* bool: becomes false */
    OPTION_TEXT,      /* const char * */
    OPTION_OUTPUT,    /* the same: path of a file that is written */
    OPTION_FOLDER,    /* the same: path of a folder that is written into */
    OPTION_TEXTS,     /* const char *[most]; `second`: uint32_t, how many; each one adds */
    OPTION_REST,      /* char **: this operand and those behind it; `second`: int, how many */
    OPTION_U32,       /* uint32_t */
    OPTION_U64,       /* uint64_t, times `scale` */
    OPTION_REAL,      /* double */
    OPTION_U64_PAIR,  /* A:B, uint64_t, the other one at `second` */
    OPTION_CHOICE,    /* an enum: the word's place in `choices` */
    OPTION_CHOICE_OF, /* an enum, by `choose`; help lists the choices */
};

/* What every row has comes first; the order of the rest is C++'s when it takes rows, too. */
struct option_row {
    const char *name;     /* without its dashes; NULL: an operand, known by its place */
    const char *argument; /* as help names the value; NULL: there is none */
    enum option_kind kind;
    size_t field;                             /* offset in the settings */
    unsigned group;                           /* in struct options */
    char letter;                              /* -n, or '\0' */
    size_t second;                            /* another offset, for kinds that have two fields */
    uint64_t least, most;                     /* of whole numbers, of A in A:B; most 0: what the */
    uint64_t least_of_second, most_of_second; /* field holds; of B */
    uint64_t scale;                           /* 0: 1 */
    double low, high;                         /* of OPTION_REAL */
    const char *choices;                      /* "rtl|golden|float", in any case */
    int (*choose)(const char *text);          /* a word of `choices`; -1: none of them */
    bool first;                               /* on the first screen of help, besides */
    bool required;                            /* it, or one that excludes it */
    const char *needs;    /* options apart by blanks; "backend=rtl": with that choice */
    const char *excludes; /* likewise, by name alone; an operand by its argument */
    const char *help;     /* a default in range is added */
};

/* A row of a table whose settings are a `struct type`; designators of the rest follow. */
#define OPTION_ROW(type, name_, argument_, kind_, member, group_, ...)                             \
    {.name = name_,                                                                                \
     .argument = argument_,                                                                        \
     .kind = kind_,                                                                                \
     .field = offsetof(struct type, member),                                                       \
     .group = group_,                                                                              \
     __VA_ARGS__}

struct option_group {
    const char *name; /* as in --help NAME */
    const char *title;
};

struct options {
    const char *program; /* "lockstep sim" */
    const char *about;   /* what it does */
    const char *ending;  /* last line of help, or NULL */
    const struct option_row *rows;
    size_t row_count;
    const struct option_group *groups; /* without any, help shows all rows */
    size_t group_count;
    const void *defaults; /* settings to begin with */
    size_t size;          /* of them */
};

enum options_result { OPTIONS_READ, OPTIONS_HELP, OPTIONS_BAD };

/* argv[0] is not looked at. Fills `settings`, whose texts point into argv. OPTIONS_HELP sets
 * `topic` for options_print_help(); OPTIONS_BAD sets `err`. */
enum options_result options_parse(const struct options *options, int argc, char **argv,
                                  void *settings, const char **topic, struct ls_error *err);

/* topic: a group, "all", or NULL for the first screen. */
void options_print_help(const struct options *options, const char *topic, FILE *out);

/* The row of an argument like "--tokens=3", "--tok" or "-n"; NULL: none. `words`: 2 if its value is
 * the next argument, else 1. */
const struct option_row *options_find(const struct options *options, const char *argument,
                                      int *words);

/* The row of that name, an operand's of that argument; NULL: none. */
const struct option_row *options_row(const struct options *options, const char *name);

/* "a|b" as "a, b". */
void options_list(const char *choices, char *text, size_t room);

/* The word most like `word`, or NULL if none is near; words(context, i) is NULL behind the last. */
const char *options_nearest(const char *word, const char *(*words)(const void *context, size_t i),
                            const void *context);

#ifdef __cplusplus
}
#endif
#endif
