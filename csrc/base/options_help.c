/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Help from the rows of a table, for a terminal of 80 columns.
 */
#include <inttypes.h>
#include <string.h>

#include "options.h"

#define COLUMNS    79
#define NAMES_MOST 26 /* columns of the names; a longer one has a line of its own */

/* "-p, --prompt TEXT", "MODEL.gguf" */
static void write_name(const struct option_row *row, bool letters, char *text, size_t room) {
    char letter[8] = "";
    if (letters && row->name != NULL)
        snprintf(letter, sizeof letter, row->letter != '\0' ? "-%c, " : "    ", row->letter);
    snprintf(text, room, "%s%s%s%s%s", letter, row->name != NULL ? "--" : "",
             row->name != NULL ? row->name : "",
             row->name != NULL && row->argument != NULL ? " " : "",
             row->argument != NULL ? row->argument : "");
}

/* " (64)"; nothing where the default is none of the values that can be given. */
static void write_default(const struct options *o, const struct option_row *row, char *text,
                          size_t room) {
    const char *field = (const char *)o->defaults + row->field;
    const char *word = row->choices;
    uint32_t narrow;
    uint64_t whole = 0;
    double real;
    int choice;
    *text = '\0';
    switch (row->kind) {
    case OPTION_U32:
    case OPTION_U64:
        memcpy(&narrow, field, sizeof narrow);
        if (row->kind == OPTION_U32)
            whole = narrow;
        else
            memcpy(&whole, field, sizeof whole);
        whole /= row->scale != 0 ? row->scale : 1;
        if (whole >= row->least && (row->most == 0 || whole <= row->most))
            snprintf(text, room, " (%" PRIu64 ")", whole);
        return;
    case OPTION_REAL:
        memcpy(&real, field, sizeof real);
        if (real >= row->low && real <= row->high)
            snprintf(text, room, " (%g)", real);
        return;
    case OPTION_CHOICE:
        memcpy(&choice, field, sizeof choice);
        if (choice < 0) /* none */
            return;
        for (; choice > 0; choice--)
            word = strchr(word, '|') + 1;
        snprintf(text, room, " (%.*s)", (int)strcspn(word, "|"), word);
        return;
    default:
        return;
    }
}

/* Words in lines up to the last column, the first one from column `at`, others from `left`. */
static void print_words(const char *text, int at, int left, FILE *out) {
    while (*text != '\0') {
        const int length = (int)strcspn(text, " ");
        if (at > left && at + 1 + length > COLUMNS) {
            fprintf(out, "\n%*s", left, "");
            at = left;
        }
        at += fprintf(out, "%s%.*s", at > left ? " " : "", length, text);
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void print_row(const struct options *o, const struct option_row *row, bool letters, int left,
                      FILE *out) {
    char name[64], help[640], value[48], choices[400] = "";
    const bool listed = row->kind == OPTION_CHOICE_OF;
    write_name(row, letters, name, sizeof name);
    write_default(o, row, value, sizeof value);
    if (listed)
        options_list(row->choices, choices, sizeof choices);
    snprintf(help, sizeof help, "%s%s%s%s", row->help, value, listed ? ": " : "", choices);
    const int at = fprintf(out, "  %s", name);
    if (at + 2 > left)
        fprintf(out, "\n%*s", left, "");
    else
        fprintf(out, "%*s", left - at, "");
    print_words(help, left, left, out);
}

static bool is_in(const struct options *o, const struct option_row *row, const char *topic) {
    if (row->help == NULL)
        return false;
    if (o->group_count == 0 || (topic != NULL && strcmp(topic, "all") == 0))
        return true;
    return topic == NULL ? row->first : strcmp(o->groups[row->group].name, topic) == 0;
}

static void print_usage(const struct options *o, FILE *out) {
    bool more = false;
    fprintf(out, "usage: %s", o->program);
    for (size_t i = 0; i < o->row_count; i++) {
        const struct option_row *row = &o->rows[i];
        if (row->name == NULL)
            fprintf(out, row->required ? " %s" : " [%s]", row->argument);
        else if (row->required && row->letter != '\0')
            fprintf(out, " -%c %s", row->letter, row->argument);
        else
            more = true;
    }
    fputs(more ? " [options]\n" : "\n", out);
}

static void print_rows(const struct options *o, const char *topic, const struct option_group *group,
                       FILE *out) {
    bool letters = false, titled = group == NULL;
    int left = 0;
    for (size_t i = 0; i < o->row_count; i++)
        letters |= o->rows[i].letter != '\0';
    for (size_t i = 0; i < o->row_count; i++) {
        char name[64];
        write_name(&o->rows[i], letters, name, sizeof name);
        const int width = (int)strlen(name) + 4;
        if (is_in(o, &o->rows[i], topic) && width > left && width <= NAMES_MOST)
            left = width;
    }
    for (size_t i = 0; i < o->row_count; i++) {
        const struct option_row *row = &o->rows[i];
        if (!is_in(o, row, topic) || (group != NULL && &o->groups[row->group] != group))
            continue;
        if (!titled)
            fprintf(out, "\n%s: %s\n", group->name, group->title);
        titled = true;
        print_row(o, row, letters, left, out);
    }
}

void options_print_help(const struct options *o, const char *topic, FILE *out) {
    if (o->group_count == 0)
        topic = NULL;
    print_usage(o, out);
    if (topic == NULL) {
        fputc('\n', out);
        print_words(o->about, 0, 0, out);
        fputc('\n', out);
        print_rows(o, topic, NULL, out);
        if (o->group_count != 0)
            fprintf(out, "\nall others, by '%s --help GROUP' or '--help all':\n", o->program);
    }
    for (size_t i = 0; i < o->group_count; i++) {
        if (topic == NULL)
            fprintf(out, "  %-10s %s\n", o->groups[i].name, o->groups[i].title);
        else
            print_rows(o, topic, &o->groups[i], out);
    }
    if (topic == NULL && o->ending != NULL) {
        fputc('\n', out);
        print_words(o->ending, 0, 0, out);
    }
}
