/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the files of the server share: a request over HTTP and its answer.
 *
 *     return exchange_error(x, 400, "invalid_request_error", "\"%s\" is missing", "prompt");
 */
#ifndef LOCKSTEP_EXCHANGE_H
#define LOCKSTEP_EXCHANGE_H

#include <microhttpd.h>
#include <time.h>

#include "csrc/chat/chat.h"
#include "csrc/gguf/gguf.h"
#include "csrc/tokenizer/tokenizer.h"
#include "engine.h"
#include "params.h"
#include "server.h"

#ifdef __cplusplus
extern "C" {
#endif

#define EXCHANGE_BODY_MOST (4u << 20) /* bytes */
#define EXCHANGE_BACKEND   "x-lockstep-backend"
#define EXCHANGE_FILE_NAME 199u /* bytes of a saved sequence's name, at most */

struct server {
    struct server_options options;
    struct engine *engine;
    struct gguf *gguf; /* for the thread that answers: the device has its own */
    struct tokenizer *tokenizer;
    struct chat *chat;
    char *chat_template; /* the file's own text, or "" */
    const char *name;    /* of the model */
    struct MHD_Daemon *daemon;
    time_t created;
    double started;
    struct wave *wave; /* that is being made; these two under the engine's lock */
    bool ending;
    uint64_t count; /* of completions, for their names */
};

/* How much of a generation is in the answer. */
struct part {
    struct generation *generation;
    uint32_t ids;
    size_t text;
    bool begun, ended; /* its first and its last piece */
};

struct exchange {
    struct server *server;
    struct MHD_Connection *connection;
    char *body; /* [size], NUL behind it */
    size_t size, room;
    bool too_large, starved; /* there is no memory for it */
    struct params params;
    struct part parts[PARAMS_MOST];
    uint32_t n;               /* of them; 0: nothing is under way */
    struct engine_task *task; /* or this one, of a slot */
    struct wave *wave;        /* or this one */
    bool suspended;           /* waits to be woken; under the engine's lock */
    bool finished;            /* a stream: the last piece is in `out` */
    char *out;                /* [out_size], what is to be sent of a stream */
    size_t out_size, out_at;
    char id[GENERATION_NAME];
    time_t created;
};

enum MHD_Result exchange_send(struct exchange *x, unsigned status, const char *type,
                              const char *text, size_t size);
enum MHD_Result exchange_json(struct exchange *x, unsigned status, cJSON *json); /* frees it */
__attribute__((format(printf, 4, 5))) enum MHD_Result
exchange_error(struct exchange *x, unsigned status, const char *type, const char *format, ...);

enum MHD_Result exchange_no_memory(struct exchange *x);

const char *exchange_understudy(const struct server *server); /* "golden", "float" */

/* "rtl", or its name if a token of the answer so far is the understudy's. Under the lock, or when
 * all is over. */
const char *exchange_backend(const struct exchange *x);

/* {"error":{"code":..,"message":..,"type":..}} */
cJSON *exchange_error_json(unsigned status, const char *type, const char *message);

/* A text of any bytes: what is no UTF-8 becomes U+FFFD. */
void exchange_add_text(cJSON *object, const char *name, const char *text, size_t size);

int exchange_socket(const struct exchange *x); /* of the client, -1: none */
void exchange_wake(void *exchange);            /* under the engine's lock */

/* ---- slots.c ---- */

/* number: what stands behind /slots/; body: NULL if there is none. */
enum MHD_Result slots_answer(struct exchange *x, const char *number, const cJSON *body);
enum MHD_Result slots_go_on(struct exchange *x); /* woken */

/* ---- routes.c ---- */

enum MHD_Result route_answer(struct exchange *x, const char *method, const char *path);

/* ---- page.c ---- */

enum MHD_Result page_answer(struct exchange *x, const cJSON *body);
enum MHD_Result page_device(struct exchange *x, const cJSON *body);
enum MHD_Result page_pass(struct exchange *x, const char *number); /* behind /device/passes/ */
enum MHD_Result page_wave(struct exchange *x, const char *number); /* N/waveform, POST */

/* ---- wave.c ---- */

bool wave_can(void); /* there is a program that makes waveforms */
enum MHD_Result wave_begin(struct exchange *x, uint64_t number, uint32_t token);
enum MHD_Result wave_go_on(struct exchange *x); /* woken */
void wave_drop(struct exchange *x);             /* nobody waits for it any more, if there is one */
void wave_stop(struct server *server);          /* none is made from now on */

/* ---- completion.c ---- */

enum MHD_Result completion_begin(struct exchange *x, enum api api, const cJSON *body);
enum MHD_Result completion_go_on(struct exchange *x); /* woken */
enum MHD_Result completion_template(struct exchange *x, const cJSON *body);

/* ---- completion_json.c: called under the engine's lock ---- */

/* The whole answer. */
cJSON *completion_whole(const struct exchange *x);

/* The next piece of a stream for this part, or NULL: there is none yet. */
cJSON *completion_piece(struct exchange *x, uint32_t part);
cJSON *completion_usage(const struct exchange *x); /* the last piece, if it was asked for */

#ifdef __cplusplus
}
#endif
#endif
