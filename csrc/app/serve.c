/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The server until a signal comes.
 */
#include "serve.h"

#include <inttypes.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "csrc/base/output.h"
#include "csrc/server/server.h"

/* Libraries have threads of their own, which would take a signal that is only blocked here. */
static sem_t end;

static void on_signal(int number) {
    (void)number;
    sem_post(&end);
}

static int fail(const char *text) {
    fprintf(stderr, "lockstep: %s\n", text);
    return 2;
}

int serve_main(int argc, char **argv) {
    struct server_options options;
    struct server *server;
    struct ls_error err;
    const char *topic;
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    switch (options_parse(&serve_options, argc, argv, &options, &topic, &err)) {
    case OPTIONS_BAD:
        return fail(err.text);
    case OPTIONS_HELP:
        options_print_help(&serve_options, topic, stdout);
        return output_standard_end(&err) == 0 ? 0 : fail(err.text);
    case OPTIONS_READ:
        break;
    }
    sem_init(&end, 0, 0);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (signal(SIGHUP, SIG_IGN) != SIG_IGN) /* nohup */
        sigaction(SIGHUP, &action, NULL);
    if (server_open(&options, &server, &err) != 0) {
        server_close(server);
        return fail(err.text);
    }
    const bool six = strchr(options.host, ':') != NULL;
    printf("listening at http://%s%s%s:%" PRIu32 "\n", six ? "[" : "", options.host, six ? "]" : "",
           server_port(server));
    fflush(stdout);
    while (sem_wait(&end) != 0) /* interrupted */
        ;
    server_close(server);
    return 0;
}
