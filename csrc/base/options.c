/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Reads a command line by its table. What was given is checked as a whole in the end, so the order
 * of options is of no matter.
 */
#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct option_row help_row = {.name = "help", .letter = 'h', .kind = OPTION_FLAG};

/* ---- the nearest word ---- */

#define LONGEST 63u

static unsigned least_of(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* Letters to change, add, drop or swap with their neighbour (Damerau 1964, by Wagner and Fischer's
 * table of prefixes, 1974). */
static unsigned distance(const char *a, const char *b) {
    unsigned rows[3][LONGEST + 1];
    const size_t m = strlen(a), n = strlen(b);
    if (m > LONGEST || n > LONGEST)
        return UINT32_MAX;
    for (unsigned k = 0; k <= n; k++)
        rows[0][k] = k;
    for (unsigned i = 1; i <= m; i++) {
        unsigned *now = rows[i % 3], *before = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];
        now[0] = i;
        for (unsigned k = 1; k <= n; k++) {
            const unsigned change = before[k - 1] + (a[i - 1] != b[k - 1]);
            now[k] = least_of(change, least_of(before[k], now[k - 1]) + 1);
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                now[k] = least_of(now[k], two[k - 2] + 1);
        }
    }
    return rows[m % 3][n];
}

const char *options_nearest(const char *word, const char *(*words)(const void *context, size_t i),
                            const void *context) {
    const char *best = NULL, *other;
    unsigned most = (unsigned)strlen(word) / 3; /* letters that a slip may have got wrong */
    most = most > 1 ? most : 1;
    for (size_t i = 0; (other = words(context, i)) != NULL; i++) {
        const unsigned d = distance(word, other);
        if (d <= most) {
            best = other;
            most = d - (d > 0); /* of equals the first */
            if (d == 0)
                break;
        }
    }
    return best;
}

static const char *name_at(const void *context, size_t i) {
    const struct options *o = context;
    return i == o->row_count         ? help_row.name
           : i > o->row_count        ? NULL
           : o->rows[i].name != NULL ? o->rows[i].name
                                     : "";
}

static const char *group_at(const void *context, size_t i) {
    const struct options *o = context;
    return i < o->group_count ? o->groups[i].name : i == o->group_count ? "all" : NULL;
}

/* ---- finding a row ---- */

static bool is_operand(const char *argument) {
    return argument[0] != '-' || argument[1] == '\0'; /* "-" is a file */
}

const struct option_row *options_row(const struct options *o, const char *name) {
    for (size_t i = 0; i < o->row_count; i++) {
        const struct option_row *row = &o->rows[i];
        if (strcmp(row->name != NULL ? row->name : row->argument, name) == 0)
            return row;
    }
    return NULL;
}

static const struct option_row *row_of_letter(const struct options *o, char letter) {
    for (size_t i = 0; i < o->row_count; i++)
        if (o->rows[i].letter == letter)
            return &o->rows[i];
    return letter == help_row.letter ? &help_row : NULL;
}

/* By the first `length` letters of a name; *others: names that begin with them, too. */
static const struct option_row *row_of_name(const struct options *o, const char *name,
                                            size_t length, unsigned *others) {
    const struct option_row *found = NULL;
    *others = 0;
    for (size_t i = 0; i <= o->row_count; i++) {
        const struct option_row *row = i < o->row_count ? &o->rows[i] : &help_row;
        if (row->name == NULL || strncmp(row->name, name, length) != 0)
            continue;
        if (row->name[length] == '\0') {
            *others = 0;
            return row;
        }
        *others += found != NULL;
        found = found != NULL ? found : row;
    }
    return found;
}

/* An argument taken apart: its row, and its value if that stands in the same word. */
struct word {
    const struct option_row *row; /* NULL: none, or more than one */
    const char *name;             /* without dashes */
    size_t length;                /* of the name */
    const char *value;            /* NULL: not in this word */
    unsigned others;
};

static struct word take_apart(const struct options *o, const char *argument) {
    struct word w = {.name = argument + 1, .length = 1};
    if (argument[1] != '-') {
        w.row = row_of_letter(o, argument[1]);
        w.value = argument[2] != '\0' ? argument + 2 : NULL;
        return w;
    }
    w.name = argument + 2;
    w.length = strcspn(w.name, "=");
    w.value = w.name[w.length] == '=' ? w.name + w.length + 1 : NULL;
    w.row = w.length > 0 ? row_of_name(o, w.name, w.length, &w.others) : NULL;
    return w;
}

const struct option_row *options_find(const struct options *o, const char *argument, int *words) {
    *words = 1;
    if (is_operand(argument))
        return NULL;
    const struct word w = take_apart(o, argument);
    if (w.row == NULL || w.others != 0)
        return NULL;
    *words = w.row->argument != NULL && w.value == NULL ? 2 : 1;
    return w.row;
}

/* ---- values ---- */

/* Decimal, or hexadecimal behind 0x. */
static int read_whole(const char *text, const char **end, uint64_t *value) {
    const bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    char *stop;
    errno = 0;
    *value = strtoull(text, &stop, hexadecimal ? 16 : 10);
    *end = stop;
    return text[0] >= '0' && text[0] <= '9' && errno == 0 ? 0 : -1;
}

static int take_whole(const char *name, const char *text, uint64_t least, uint64_t most,
                      uint64_t *value, struct ls_error *err) {
    const char *end;
    if (read_whole(text, &end, value) != 0 || *end != '\0' || *value < least || *value > most)
        return ls_error_set(err, "--%s: '%s' is not a whole number from %" PRIu64 " to %" PRIu64,
                            name, text, least, most);
    return 0;
}

static int take_pair(const struct option_row *row, const char *text, char *settings,
                     struct ls_error *err) {
    const uint64_t most = row->most != 0 ? row->most : UINT64_MAX - 1;
    uint64_t pair[2];
    const char *end;
    char first[32];
    if (read_whole(text, &end, &pair[0]) != 0 || *end != ':')
        return ls_error_set(err, "--%s: '%s' is not %s", row->name, text, row->argument);
    snprintf(first, sizeof first, "%.*s", (int)(end - text), text);
    if (take_whole(row->name, first, row->least, most, &pair[0], err) != 0 ||
        take_whole(row->name, end + 1, row->least_of_second, row->most_of_second, &pair[1], err) !=
            0)
        return -1;
    memcpy(settings + row->field, &pair[0], sizeof pair[0]);
    memcpy(settings + row->second, &pair[1], sizeof pair[1]);
    return 0;
}

static int choice_index(const char *choices, const char *text) {
    for (int i = 0; choices != NULL; i++) {
        const size_t length = strcspn(choices, "|");
        if (strlen(text) == length && strncasecmp(choices, text, length) == 0)
            return i;
        choices = choices[length] == '|' ? choices + length + 1 : NULL;
    }
    return -1;
}

void options_list(const char *choices, char *text, size_t room) {
    size_t n = 0;
    for (; *choices != '\0' && n + 3 < room; choices++) {
        text[n++] = *choices == '|' ? ',' : *choices;
        if (*choices == '|')
            text[n++] = ' ';
    }
    text[n] = '\0';
}

static int take_choice(const struct option_row *row, const char *text, char *settings,
                       struct ls_error *err) {
    char names[400];
    const int value =
        row->kind == OPTION_CHOICE ? choice_index(row->choices, text) : row->choose(text);
    options_list(row->choices, names, sizeof names);
    if (value < 0 && row->name != NULL)
        return ls_error_set(err, "--%s: '%s' is none of %s", row->name, text, names);
    if (value < 0)
        return ls_error_set(err, "%s: '%s' is none of %s", row->argument, text, names);
    memcpy(settings + row->field, &value, sizeof value);
    return 0;
}

static int add_text(const struct option_row *row, const char *text, char *settings,
                    struct ls_error *err) {
    uint32_t count;
    memcpy(&count, settings + row->second, sizeof count);
    if (count >= row->most)
        return ls_error_set(err, "--%s: '%s' is one more than the %" PRIu64 " that there may be",
                            row->name, text, row->most);
    memcpy(settings + row->field + count * sizeof text, &text, sizeof text);
    count++;
    memcpy(settings + row->second, &count, sizeof count);
    return 0;
}

static int take_value(const struct option_row *row, const char *text, char *settings,
                      struct ls_error *err) {
    char *field = settings + row->field, *end;
    const bool flag = row->kind == OPTION_FLAG;
    uint64_t whole = 0;
    uint32_t narrow;
    double real;
    switch (row->kind) {
    case OPTION_FLAG:
    case OPTION_OFF:
        memcpy(field, &flag, sizeof flag);
        return 0;
    case OPTION_TEXT:
    case OPTION_OUTPUT:
    case OPTION_FOLDER:
        memcpy(field, &text, sizeof text);
        return 0;
    case OPTION_REST: /* take_operand() has them */
        return 0;
    case OPTION_TEXTS:
        return add_text(row, text, settings, err);
    case OPTION_U32:
        if (take_whole(row->name, text, row->least, row->most != 0 ? row->most : UINT32_MAX, &whole,
                       err) != 0)
            return -1;
        narrow = (uint32_t)whole;
        memcpy(field, &narrow, sizeof narrow);
        return 0;
    case OPTION_U64:
        if (take_whole(row->name, text, row->least, row->most != 0 ? row->most : UINT64_MAX, &whole,
                       err) != 0)
            return -1;
        whole *= row->scale != 0 ? row->scale : 1;
        memcpy(field, &whole, sizeof whole);
        return 0;
    case OPTION_REAL:
        real = strtod(text, &end);
        if (*text == '\0' || *end != '\0' || !isfinite(real) || real < row->low || real > row->high)
            return ls_error_set(err, "--%s: '%s' is not a number from %g to %g", row->name, text,
                                row->low, row->high);
        memcpy(field, &real, sizeof real);
        return 0;
    case OPTION_U64_PAIR:
        return take_pair(row, text, settings, err);
    case OPTION_CHOICE:
    case OPTION_CHOICE_OF:
        return take_choice(row, text, settings, err);
    }
    return -1;
}

/* ---- all of it ---- */

struct reading {
    const struct options *options;
    char *settings;
    bool seen[OPTIONS_MOST];
    struct ls_error *err;
};

/* Whether an option asks for something: its default asks for nothing. */
static bool is_given(const struct reading *r, const struct option_row *row) {
    static const size_t sizes[] = {
        [OPTION_U32] = sizeof(uint32_t), [OPTION_U64] = sizeof(uint64_t),
        [OPTION_REAL] = sizeof(double),  [OPTION_U64_PAIR] = sizeof(uint64_t),
        [OPTION_CHOICE] = sizeof(int),   [OPTION_CHOICE_OF] = sizeof(int),
    };
    const char *was = r->options->defaults;
    const size_t size = sizes[row->kind];
    return r->seen[row - r->options->rows] &&
           (size == 0 || memcmp(r->settings + row->field, was + row->field, size) != 0 ||
            (row->kind == OPTION_U64_PAIR &&
             memcmp(r->settings + row->second, was + row->second, size) != 0));
}

static int unknown(const struct options *o, const struct word *w, struct ls_error *err) {
    char name[LONGEST + 1];
    const char *dashes = w->name[-1] == '-' && w->name[-2] == '-' ? "--" : "-";
    snprintf(name, sizeof name, "%.*s", (int)w->length, w->name);
    const char *near = strlen(dashes) == 2 ? options_nearest(name, name_at, o) : NULL;
    if (near != NULL)
        return ls_error_set(err, "%s%s: there is no such option; did you mean --%s?", dashes, name,
                            near);
    return ls_error_set(err, "%s%s: there is no such option: see '%s --help%s'", dashes, name,
                        o->program, o->group_count != 0 ? " all" : "");
}

static int ambiguous(const struct options *o, const struct word *w, struct ls_error *err) {
    char all[160] = "";
    for (size_t i = 0; i < o->row_count; i++)
        if (o->rows[i].name != NULL && strncmp(o->rows[i].name, w->name, w->length) == 0)
            snprintf(all + strlen(all), sizeof all - strlen(all), "%s--%s",
                     all[0] != '\0' ? ", " : "", o->rows[i].name);
    return ls_error_set(err, "--%.*s: say which of %s", (int)w->length, w->name, all);
}

static enum options_result take_topic(const struct options *o, const char *text, const char **topic,
                                      struct ls_error *err) {
    *topic = NULL;
    if (text == NULL || o->group_count == 0)
        return OPTIONS_HELP;
    for (size_t i = 0; group_at(o, i) != NULL; i++)
        if (strcmp(group_at(o, i), text) == 0) {
            *topic = text;
            return OPTIONS_HELP;
        }
    const char *near = options_nearest(text, group_at, o);
    ls_error_set(err, "--help %s: there is no such group; %s%s%s", text,
                 near != NULL ? "did you mean --help " : "see '", near != NULL ? near : o->program,
                 near != NULL ? "?" : " --help'");
    return OPTIONS_BAD;
}

/* One more of the rest, which stands in one piece. */
static int take_rest(struct reading *r, const struct option_row *row, char **word) {
    char **first = word;
    int count = 0;
    if (r->seen[row - r->options->rows]) {
        memcpy(&first, r->settings + row->field, sizeof first);
        memcpy(&count, r->settings + row->second, sizeof count);
    }
    if (first + count != word)
        return ls_error_set(r->err, "'%s': options stand before %s", *word, row->argument);
    count++;
    memcpy(r->settings + row->field, &first, sizeof first);
    memcpy(r->settings + row->second, &count, sizeof count);
    r->seen[row - r->options->rows] = true;
    return 0;
}

static int take_operand(struct reading *r, char **word) {
    const struct options *o = r->options;
    for (size_t i = 0; i < o->row_count; i++) {
        const struct option_row *row = &o->rows[i];
        if (row->name == NULL && row->kind == OPTION_REST)
            return take_rest(r, row, word);
        if (row->name == NULL && !r->seen[i]) {
            r->seen[i] = true;
            return take_value(row, *word, r->settings, r->err);
        }
    }
    return ls_error_set(r->err, "'%s' is one too many: see '%s --help'", *word, o->program);
}

/* The argument at argv[i]. Returns how many words it took, or -1. */
static int take_option(struct reading *r, const struct word *w, const char *next) {
    const struct option_row *row = w->row;
    if (row == NULL)
        return unknown(r->options, w, r->err);
    if (w->others != 0)
        return ambiguous(r->options, w, r->err);
    if (row->argument == NULL && w->value != NULL)
        return ls_error_set(r->err, "--%s takes no value, so not '%s'", row->name, w->value);
    const char *value = w->value != NULL ? w->value : next;
    if (row->argument != NULL && value == NULL)
        return ls_error_set(r->err, "--%s: its value is missing: --%s %s", row->name, row->name,
                            row->argument);
    if (take_value(row, value, r->settings, r->err) != 0)
        return -1;
    r->seen[row - r->options->rows] = true;
    return row->argument != NULL && w->value == NULL ? 2 : 1;
}

/* ---- what goes together ---- */

/* Copies the next of names apart by blanks; false if there is none. */
static bool next_name(const char **names, char name[LONGEST + 1]) {
    const char *at = *names == NULL ? "" : *names + strspn(*names, " ");
    const size_t length = strcspn(at, " ");
    snprintf(name, LONGEST + 1, "%.*s", (int)length, at);
    *names = at + length;
    return length != 0;
}

static const char *shown(const struct option_row *row, char text[LONGEST + 3]) {
    snprintf(text, LONGEST + 3, "%s%s", row->name != NULL ? "--" : "",
             row->name != NULL ? row->name : row->argument);
    return text;
}

static int check_needs(const struct reading *r, const struct option_row *row) {
    char name[LONGEST + 1], self[LONGEST + 3];
    const char *names = row->needs;
    while (next_name(&names, name)) {
        char *choice = strchr(name, '=');
        if (choice != NULL)
            *choice++ = '\0';
        const struct option_row *needed = options_row(r->options, name);
        int value;
        if (choice != NULL) {
            memcpy(&value, r->settings + needed->field, sizeof value);
            if (value != choice_index(needed->choices, choice))
                return ls_error_set(r->err, "%s needs --%s %s", shown(row, self), name, choice);
        } else if (!is_given(r, needed)) {
            return ls_error_set(r->err, "%s needs --%s %s", shown(row, self), name,
                                needed->argument != NULL ? needed->argument : "");
        }
    }
    return 0;
}

static int check_excludes(const struct reading *r, const struct option_row *row) {
    char name[LONGEST + 1], self[LONGEST + 3], other[LONGEST + 3];
    const char *names = row->excludes;
    while (next_name(&names, name)) {
        const struct option_row *excluded = options_row(r->options, name);
        if (is_given(r, excluded))
            return ls_error_set(r->err, "%s does not go with %s", shown(row, self),
                                shown(excluded, other));
    }
    return 0;
}

/* What does not go with a required row takes its place. */
static bool is_replaced(const struct reading *r, const struct option_row *required) {
    char name[LONGEST + 1];
    for (size_t i = 0; i < r->options->row_count; i++) {
        const char *names = r->options->rows[i].excludes;
        while (is_given(r, &r->options->rows[i]) && next_name(&names, name))
            if (options_row(r->options, name) == required)
                return true;
    }
    return false;
}

static int check_together(const struct reading *r) {
    const struct options *o = r->options;
    char name[LONGEST + 3];
    for (size_t i = 0; i < o->row_count; i++)
        if (o->rows[i].required && !r->seen[i] && !is_replaced(r, &o->rows[i]))
            return ls_error_set(r->err, "%s is missing: see '%s --help'", shown(&o->rows[i], name),
                                o->program);
    for (size_t i = 0; i < o->row_count; i++)
        if (is_given(r, &o->rows[i]) &&
            (check_needs(r, &o->rows[i]) != 0 || check_excludes(r, &o->rows[i]) != 0))
            return -1;
    return 0;
}

enum options_result options_parse(const struct options *o, int argc, char **argv, void *settings,
                                  const char **topic, struct ls_error *err) {
    struct reading r = {.options = o, .settings = settings, .err = err};
    bool ended = false;
    int words;
    memcpy(settings, o->defaults, o->size);
    for (int i = 1; i < argc; i += words) {
        words = 1;
        if (ended || is_operand(argv[i])) {
            if (take_operand(&r, &argv[i]) != 0)
                return OPTIONS_BAD;
            continue;
        }
        if (strcmp(argv[i], "--") == 0) {
            ended = true;
            continue;
        }
        const struct word w = take_apart(o, argv[i]);
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        if (w.row == &help_row && w.others == 0)
            return take_topic(o,
                              w.value != NULL || next == NULL || !is_operand(next) ? w.value : next,
                              topic, err);
        words = take_option(&r, &w, next);
        if (words < 0)
            return OPTIONS_BAD;
    }
    return check_together(&r) == 0 ? OPTIONS_READ : OPTIONS_BAD;
}
