/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The rows of `lockstep serve`.
 */
#include "csrc/server/server.h"
#include "serve.h"
#include "sim/library/lockstep.h"

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(server_options, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct server_options defaults = {.host = "127.0.0.1",
                                               .port = 8080,
                                               .queue = 64,
                                               .grace = 5,
                                               .checked = true,
                                               .backend = LOCKSTEP_BACKEND_AUTO,
                                               .flip_address = LOCKSTEP_NOWHERE,
                                               .error_address = LOCKSTEP_NOWHERE,
                                               .hang_address = LOCKSTEP_NOWHERE};

static const struct option_row rows[] = {
    ROW(NULL, "MODEL.gguf", TEXT, model, .required = true),
    ROW("host", "ADDRESS", TEXT, host, .help = "address to listen at (127.0.0.1)"),
    ROW("port", "N", U32, port, .most = 65535, .help = "port; 0: one that is free"),
    ROW("api-key", "KEY", TEXT, api_key, .help = "what a client must show (none)"),
    ROW("alias", "NAME", TEXT, alias, .help = "name of the model (its path)"),
    ROW("chat-template", "NAME", TEXT, chat_template,
        .help = "format of conversations, chatml, llama3 ..., or a file (the model's)"),
    ROW("parallel", "N", U32, parallel, .most = 16,
        .help = "requests that run at once; 0: as many as the device has sequences"),
    ROW("context", "N", U32, context, .most = 1u << 20,
        .help = "positions of each; 0: as many as fit"),
    ROW("draft-model", "FILE", TEXT, draft_model,
        .help = "a small model of the same vocabulary that guesses tokens (none)"),
    ROW("slot-save-path", "FOLDER", FOLDER, slot_save_path,
        .help = "of sequences that clients save and restore (none)"),
    ROW("queue", "N", U32, queue, .most = 65536, .help = "requests that may wait; more get 503"),
    ROW("grace", "SECONDS", U32, grace, .most = 3600,
        .help = "that requests have to end behind SIGTERM"),
    ROW("backend", "NAME", CHOICE, backend, .choices = "rtl|golden|auto|float",
        .help = "rtl, golden, float, or auto: the device, golden when it is lost"),
    ROW("flip-weight", "A:B", U64_PAIR, flip_address,
        .second = offsetof(struct server_options, flip_bit), .most = UINT64_MAX - 1,
        .most_of_second = 7, .help = "planted: bit B of byte A of the file arrives flipped"),
    ROW("port-error", "A", U64, error_address, .most = UINT64_MAX - 1,
        .help = "planted: the read of byte A is answered with an error"),
    ROW("port-hang", "A", U64, hang_address, .most = UINT64_MAX - 1,
        .help = "planted: it is never answered"),
    ROW("no-check", NULL, OFF, checked, .help = "leave out the golden model and all checks"),
};

const struct options serve_options = {
    .program = "lockstep serve",
    .about = "Serves a GGUF on the Verilog device over HTTP (docs/server.md).",
    .ending = "exit: 0 ended by a signal, 2 usage or input",
    .rows = rows,
    .row_count = sizeof rows / sizeof *rows,
    .defaults = &defaults,
    .size = sizeof defaults,
};
