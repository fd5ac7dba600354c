/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The rows of `lockstep console`.
 */
#include "console_main.h"
#include "csrc/console/console.h"

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(console_options, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct option_row rows[] = {
    ROW(NULL, "MODEL.gguf", TEXT, model, .required = false),
    ROW("file", "FILE", TEXT, file, .help = "of commands (standard input)"),
    ROW("config", "NAME=VALUE,...", TEXT, config,
        .help = "settings to begin with: config shows them"),
    ROW("json", NULL, FLAG, json, .help = "every answer is a line of JSON"),
};

static const struct console_options defaults;
const struct options console_table = {
    .program = "lockstep console",
    .about = "Commands for Verilog devices with their models, a line each (docs/console.md).",
    .ending = "exit: 0, 1 a command of a file or pipe failed, 2 usage or input, 130 interrupted",
    .rows = rows,
    .row_count = sizeof rows / sizeof *rows,
    .defaults = &defaults,
    .size = sizeof defaults,
};
