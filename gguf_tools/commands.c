/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the subcommands do alike.
 */
#include "commands.h"

int gguf_options(const struct options *options, int argc, char **argv, void *settings) {
    struct ls_error err;
    const char *topic;
    switch (options_parse(options, argc, argv, settings, &topic, &err)) {
    case OPTIONS_HELP:
        options_print_help(options, topic, stdout);
        return GGUF_DONE;
    case OPTIONS_BAD:
        fprintf(stderr, "%s: %s\n", options->program, err.text);
        return GGUF_BAD_INPUT;
    case OPTIONS_READ:
        break;
    }
    return -1;
}
