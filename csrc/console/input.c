/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Lines: of a file or a pipe, or typed, by libedit. History is kept in ~/.lockstep_history.
 */
#include <errno.h>
#include <histedit.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "complete.h"
#include "inside.h"

#define HISTORY_LINES 1000

struct console_input {
    FILE *file;
    const char *name; /* of the file */
    EditLine *edit;   /* NULL: no terminal */
    History *history;
    char past[512]; /* path of the history, or empty */
    char *line;     /* owned */
    size_t room;
    uint32_t number;
};

static char *prompt(EditLine *edit) {
    static char text[] = "lockstep> ";
    (void)edit;
    return text;
}

static unsigned char on_tab(EditLine *edit, int key) {
    struct console *c = NULL;
    char added[256];
    const LineInfo *now = el_line(edit);
    (void)key;
    el_get(edit, EL_CLIENTDATA, &c);
    const bool one =
        complete_word(c, now->buffer, (size_t)(now->cursor - now->buffer), added, sizeof added);
    if (*added != '\0' && el_insertstr(edit, added) == 0)
        return CC_REFRESH;
    if (one)
        return CC_NORM;
    return complete_list(c, now->buffer, (size_t)(now->cursor - now->buffer), stdout) ? CC_REDISPLAY
                                                                                      : CC_ERROR;
}

static int open_terminal(struct console_input *input, struct console *c) {
    HistEvent event;
    const char *home = getenv("HOME");
    input->edit = el_init("lockstep", stdin, stdout, stderr);
    input->history = history_init();
    if (input->edit == NULL || input->history == NULL)
        return -1;
    history(input->history, &event, H_SETSIZE, HISTORY_LINES);
    history(input->history, &event, H_SETUNIQUE, 1);
    if (home != NULL) {
        snprintf(input->past, sizeof input->past, "%s/.lockstep_history", home);
        history(input->history, &event, H_LOAD, input->past);
    }
    el_set(input->edit, EL_CLIENTDATA, c);
    el_set(input->edit, EL_PROMPT, prompt);
    el_set(input->edit, EL_EDITOR, "emacs");
    el_set(input->edit, EL_HIST, history, input->history);
    el_set(input->edit, EL_ADDFN, "complete", "completes a word", on_tab);
    el_set(input->edit, EL_BIND, "\t", "complete", NULL);
    el_source(input->edit, NULL); /* ~/.editrc */
    return 0;
}

struct console_input *input_open(struct console *c, const char *file, struct ls_error *err) {
    struct console_input *input = calloc(1, sizeof *input);
    if (input == NULL) {
        ls_error_set(err, "out of memory");
        return NULL;
    }
    input->file = file != NULL ? fopen(file, "r") : stdin;
    input->name = file != NULL ? file : "standard input";
    if (input->file == NULL) {
        ls_error_set(err, "%s: %s", file, strerror(errno));
        free(input);
        return NULL;
    }
    if (file == NULL && isatty(STDIN_FILENO) && open_terminal(input, c) != 0) {
        ls_error_set(err, "the terminal cannot be used");
        input_close(input);
        return NULL;
    }
    return input;
}

bool input_is_terminal(const struct console_input *input) {
    return input->edit != NULL;
}

/* NULL: the end, or Ctrl-C, which `interrupted` tells. */
static const char *typed(struct console_input *input, bool *interrupted) {
    HistEvent event;
    int count;
    errno = 0;
    const char *line = el_gets(input->edit, &count);
    *interrupted = line == NULL && errno == EINTR;
    if (line != NULL && strspn(line, " \t\n") < strlen(line)) {
        history(input->history, &event, H_ENTER, line);
        if (*input->past != '\0')
            history(input->history, &event, H_SAVE, input->past);
    }
    return line;
}

const char *input_line(struct console_input *input, struct ls_error *err) {
    bool interrupted = false;
    ssize_t size;
    input->number++;
    if (input->edit != NULL) {
        const char *line = typed(input, &interrupted);
        if (line == NULL) {
            putchar('\n');
            return interrupted ? "" : NULL;
        }
        free(input->line);
        input->line = strdup(line);
        size = input->line != NULL ? (ssize_t)strlen(line) : -1;
    } else {
        do
            size = getline(&input->line, &input->room, input->file);
        while (size < 0 && errno == EINTR && !feof(input->file));
    }
    if (size < 0) {
        if (input->edit == NULL && !feof(input->file))
            ls_error_set(err, "%s: %s", input->name, strerror(errno));
        return NULL;
    }
    if (strlen(input->line) != (size_t)size) {
        ls_error_set(err, "a NUL in the line");
        return NULL;
    }
    input->line[strcspn(input->line, "\n")] = '\0';
    return input->line;
}

uint32_t input_number(const struct console_input *input) {
    return input->number;
}

void input_close(struct console_input *input) {
    if (input->history != NULL)
        history_end(input->history);
    if (input->edit != NULL)
        el_end(input->edit);
    if (input->file != stdin)
        fclose(input->file);
    free(input->line);
    free(input);
}
