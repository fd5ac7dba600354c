/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `lockstep serve`: a model behind HTTP, in the words of llama.cpp's server (docs/server.md).
 *
 *     struct server *server;
 *     if (server_open(&options, &server, &err) != 0)
 *         return fail(err.text);
 *     printf("port %u\n", server_port(server));
 *     pause(); // until a signal
 *     server_close(server);
 */
#ifndef LOCKSTEP_SERVER_H
#define LOCKSTEP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "csrc/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct server_options {
    const char *model;
    const char *host;
    uint32_t port;              /* 0: one that is free */
    const char *api_key;        /* NULL: everybody is welcome */
    const char *alias;          /* name of the model; NULL: its path */
    const char *chat_template;  /* name of a format; NULL: the file's */
    uint32_t parallel, context; /* sequences, positions of each; 0: all, as many as fit */
    uint32_t queue;             /* requests that may wait */
    const char *draft_model;    /* that guesses tokens; NULL: they are guessed from the text */
    const char *slot_save_path; /* folder of saved sequences; NULL: none are saved */
    uint32_t grace;             /* seconds that running requests have at the end */
    bool checked;
    int backend; /* enum lockstep_backend */
    /* Planted faults of the weight memory, as in struct lockstep_settings. */
    uint64_t flip_address, flip_bit, error_address, hang_address;
};

struct server;

/* Loads the model and listens. Returns 0, or -1 with `err`. */
int server_open(const struct server_options *options, struct server **server, struct ls_error *err);

uint32_t server_port(const struct server *server);

/* Takes no more requests; what runs ends, or is cancelled after options.grace. NULL is allowed. */
void server_close(struct server *server);

#ifdef __cplusplus
}
#endif
#endif
