/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The console from its command line on.
 */
#include "console_main.h"

#include <stdio.h>

#include "csrc/base/output.h"
#include "csrc/console/console.h"

static int fail(const char *text) {
    fprintf(stderr, "lockstep: %s\n", text);
    return 2;
}

int console_main(int argc, char **argv) {
    struct console_options options;
    struct ls_error err;
    const char *topic;
    int status = 0;
    switch (options_parse(&console_table, argc, argv, &options, &topic, &err)) {
    case OPTIONS_BAD:
        return fail(err.text);
    case OPTIONS_HELP:
        options_print_help(&console_table, topic, stdout);
        break;
    case OPTIONS_READ:
        status = console_run(&options);
        break;
    }
    return output_standard_end(&err) == 0 || status != 0 ? status : fail(err.text);
}
