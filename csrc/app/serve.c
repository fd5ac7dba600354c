/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The server until a signal comes.
 */
#include "serve.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "csrc/server/server.h"

static int fail(const char *text) {
    fprintf(stderr, "lockstep: %s\n", text);
    return 2;
}

int serve_main(int argc, char **argv) {
    struct server_options options;
    struct server *server;
    struct ls_error err;
    const char *topic;
    sigset_t signals;
    int number;
    switch (options_parse(&serve_options, argc, argv, &options, &topic, &err)) {
    case OPTIONS_BAD:
        return fail(err.text);
    case OPTIONS_HELP:
        options_print_help(&serve_options, topic, stdout);
        return 0;
    case OPTIONS_READ:
        break;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL); /* for all threads */
    if (server_open(&options, &server, &err) != 0) {
        server_close(server);
        return fail(err.text);
    }
    printf("listening at http://%s:%" PRIu32 "\n", options.host, server_port(server));
    fflush(stdout);
    sigwait(&signals, &number);
    server_close(server);
    return 0;
}
