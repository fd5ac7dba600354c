/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Commands by name. The one place of the libraries that prints: it is the first thing of main().
 */
#include "command.h"

#include <stdio.h>
#include <string.h>

#include "options.h"

static const char *command_at(const void *context, size_t i) {
    const struct command_set *p = context;
    return i < p->count ? p->commands[i].name : NULL;
}

static void print_help(const struct command_set *p, FILE *out) {
    fprintf(out, "usage: %s COMMAND [arguments]\n\ncommands:\n", p->name);
    for (size_t i = 0; i < p->count; i++)
        fprintf(out, "  %-15s %s\n", p->commands[i].name, p->commands[i].help);
    fprintf(out, "\n'%s COMMAND --help' shows a command's options; '%s --version' the version.\n",
            p->name, p->name);
}

const struct command *command_find(const struct command_set *p, int argc, char **argv,
                                   int *status) {
    const char *word = argc > 1 ? argv[1] : NULL;
    *status = 0;
    for (size_t i = 0; word != NULL && i < p->count; i++)
        if (strcmp(word, p->commands[i].name) == 0)
            return &p->commands[i];
    if (word == NULL) {
        print_help(p, stderr);
        *status = 2;
    } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_help(p, stdout);
    } else if (strcmp(word, "--version") == 0) {
        printf("%s %s%s\n", p->name, COMMAND_VERSION, p->version);
    } else {
        const char *near = options_nearest(word, command_at, p);
        fprintf(stderr, "%s: there is no command '%s'; %s%s%s\n", p->name, word,
                near != NULL ? "did you mean '" : "see '", near != NULL ? near : p->name,
                near != NULL ? "'?" : " --help'");
        *status = 2;
    }
    return NULL;
}
