/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Connections. One thread answers everybody: who waits for tokens is suspended, and woken by the
 * engine.
 */
#include "server.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "csrc/base/output.h"
#include "csrc/base/text_json.h"
#include "exchange.h"

#define HEADER_MOST  (64u << 10)
#define CONNECTIONS  256u
#define IDLE_SECONDS 30u /* that a client may do nothing, unless it waits for tokens */

/* ---- answers ---- */

/* cJSON leaves out what it has no memory for, and reads nothing then: what it says is no answer. */
static _Thread_local bool json_starved;

void exchange_add_text(cJSON *o, const char *name, const char *text, size_t size) {
    json_starved |= !text_json_add_shown(o, name, text, size);
}

int exchange_socket(const struct exchange *x) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info != NULL ? (int)info->connect_fd : -1;
}

void exchange_wake(void *context) {
    struct exchange *x = context;
    if (x->suspended) {
        x->suspended = false;
        MHD_resume_connection(x->connection);
    }
}

const char *exchange_understudy(const struct server *s) {
    return s->options.backend == LOCKSTEP_BACKEND_FLOAT ? "float" : "golden";
}

const char *exchange_backend(const struct exchange *x) {
    for (uint32_t i = 0; i < x->n; i++)
        if (x->parts[i].generation->golden != 0)
            return exchange_understudy(x->server);
    return "rtl";
}

enum MHD_Result exchange_send(struct exchange *x, unsigned status, const char *type,
                              const char *text, size_t size) {
    struct MHD_Response *r =
        MHD_create_response_from_buffer(size, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (r == NULL)
        return MHD_NO;
    MHD_add_response_header(r, "Content-Type", type);
    MHD_add_response_header(r, "Access-Control-Allow-Origin", "*");
    if (status == 503)
        MHD_add_response_header(r, "Retry-After", "1");
    if (status == 200 && x->n != 0)
        MHD_add_response_header(r, EXCHANGE_BACKEND, exchange_backend(x));
    const enum MHD_Result result = MHD_queue_response(x->connection, status, r);
    MHD_destroy_response(r);
    return result;
}

/* ---- without memory ---- */

static void *json_memory(size_t size) {
    void *memory = malloc(size);
    json_starved |= memory == NULL;
    return memory;
}

/* What can be said without any. */
static enum MHD_Result send_no_memory(struct MHD_Connection *connection) {
    static char text[] = "{\"error\":{\"code\":503,\"message\":\"out of memory\","
                         "\"type\":\"unavailable_error\"}}";
    struct MHD_Response *r =
        MHD_create_response_from_buffer(sizeof text - 1, text, MHD_RESPMEM_PERSISTENT);
    if (r == NULL)
        return MHD_NO;
    MHD_add_response_header(r, "Content-Type", "application/json; charset=utf-8");
    const enum MHD_Result result = MHD_queue_response(connection, 503, r);
    MHD_destroy_response(r);
    return result;
}

enum MHD_Result exchange_no_memory(struct exchange *x) {
    return send_no_memory(x->connection);
}

enum MHD_Result exchange_json(struct exchange *x, unsigned status, cJSON *json) {
    char *text = json != NULL ? cJSON_PrintUnformatted(json) : NULL;
    cJSON_Delete(json);
    if (text == NULL || json_starved) {
        cJSON_free(text);
        return send_no_memory(x->connection);
    }
    const enum MHD_Result result =
        exchange_send(x, status, "application/json; charset=utf-8", text, strlen(text));
    cJSON_free(text);
    return result;
}

cJSON *exchange_error_json(unsigned status, const char *type, const char *message) {
    cJSON *o = cJSON_CreateObject(), *e = cJSON_AddObjectToObject(o, "error");
    cJSON_AddNumberToObject(e, "code", status);
    exchange_add_text(e, "message", message, strlen(message));
    cJSON_AddStringToObject(e, "type", type);
    return o;
}

enum MHD_Result exchange_error(struct exchange *x, unsigned status, const char *type,
                               const char *format, ...) {
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return exchange_json(x, status, exchange_error_json(status, type, message));
}

/* ---- connections ---- */

static void keep_body(struct exchange *x, const char *data, size_t size) {
    if (x->size + size > EXCHANGE_BODY_MOST)
        x->too_large = true;
    if (!x->too_large && x->size + size + 1 > x->room) {
        const size_t room = 2 * (x->size + size) + 1024;
        char *larger = realloc(x->body, room);
        x->starved |= larger == NULL;
        if (larger != NULL) {
            x->body = larger;
            x->room = room;
        }
    }
    if (x->too_large || x->starved)
        return;
    memcpy(x->body + x->size, data, size);
    x->size += size;
    x->body[x->size] = '\0';
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **self) {
    struct exchange *x = *self;
    (void)version;
    json_starved = false;
    if (x == NULL) {
        x = calloc(1, sizeof *x);
        if (x == NULL)
            return send_no_memory(connection);
        x->server = context;
        x->connection = connection;
        *self = x;
        return MHD_YES;
    }
    if (*size != 0) {
        keep_body(x, data, *size);
        *size = 0;
        return MHD_YES;
    }
    return x->n != 0         ? completion_go_on(x)
           : x->task != NULL ? slots_go_on(x)
           : x->wave != NULL ? wave_go_on(x)
                             : route_answer(x, method, path);
}

/* Also of a client that went away. */
static void ended(void *context, struct MHD_Connection *connection, void **self,
                  enum MHD_RequestTerminationCode code) {
    struct exchange *x = *self;
    (void)context;
    (void)connection;
    (void)code;
    if (x == NULL)
        return;
    engine_task_drop(x->server->engine, x->task);
    wave_drop(x);
    for (uint32_t i = 0; i < x->n; i++)
        engine_drop(x->server->engine, x->parts[i].generation);
    free(x->body);
    params_release(&x->params);
    free(x->out);
    free(x);
    *self = NULL;
}

/* ---- open and close ---- */

static struct text_view piece(const struct server *s, uint32_t id) {
    struct gguf_string text = {0};
    tokenizer_piece(s->tokenizer, id, &text, NULL);
    return (struct text_view){text.data, text.size};
}

static int open_text(struct server *s, struct ls_error *err) {
    const struct lockstep_model_info *m = engine_model(s->engine);
    if (gguf_open(s->options.model, &s->gguf, err) != 0 ||
        tokenizer_open(s->gguf, &s->tokenizer, err) != 0)
        return -1;
    s->chat_template =
        strndup(m->chat_template != NULL ? m->chat_template : "", m->chat_template_size);
    if (s->chat_template == NULL)
        return ls_error_set(err, "out of memory");
    const struct chat_source source = {.text = {m->chat_template, m->chat_template_size},
                                       .bos = piece(s, m->bos),
                                       .eos = piece(s, m->eos),
                                       .adds_bos = m->adds_bos != 0,
                                       .chosen = s->options.chat_template};
    if (chat_open(&s->chat, &source, err) != 0)
        return -1;
    if (chat_note(s->chat)[0] != '\0')
        fprintf(stderr, "lockstep: %s\n", chat_note(s->chat));
    return 0;
}

static int listen_at(struct server *s, struct ls_error *err) {
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found;
    char port[12];
    snprintf(port, sizeof port, "%" PRIu32, s->options.port);
    const int status = getaddrinfo(s->options.host, port, &hints, &found);
    if (status != 0)
        return ls_error_set(err, "--host %s: %s", s->options.host, gai_strerror(status));
    const unsigned family = found->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0;
    s->daemon = MHD_start_daemon(
        MHD_USE_AUTO_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | family, 0, NULL, NULL, handle, s,
        MHD_OPTION_SOCK_ADDR, found->ai_addr, MHD_OPTION_NOTIFY_COMPLETED, ended, NULL,
        MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_MOST, MHD_OPTION_END);
    freeaddrinfo(found);
    return s->daemon != NULL
               ? 0
               : ls_error_set(err, "cannot listen at %s, port %s", s->options.host, port);
}

/* NULL: no sequence is saved. */
static int check_folder(const char *folder, struct ls_error *err) {
    const size_t most = sizeof((struct engine_task *)0)->path - EXCHANGE_FILE_NAME - 2;
    if (folder == NULL)
        return 0;
    if (strlen(folder) > most)
        return ls_error_set(err, "--slot-save-path: more than %zu bytes: take a shorter path",
                            most);
    return output_check_in(folder, ".lockstep", err);
}

int server_open(const struct server_options *options, struct server **server,
                struct ls_error *err) {
    struct engine_settings settings = {.model = options->model,
                                       .draft_model = options->draft_model,
                                       .sequences = options->parallel,
                                       .context = options->context,
                                       .queue = options->queue};
    struct server *s = calloc(1, sizeof *s);
    *server = s;
    if (s == NULL)
        return ls_error_set(err, "out of memory");
    cJSON_InitHooks(&(cJSON_Hooks){json_memory, free});
    lockstep_settings_defaults(&settings.device, sizeof settings.device);
    settings.device.checked = options->checked;
    settings.device.backend = (uint32_t)options->backend;
    settings.device.flip_address = options->flip_address;
    settings.device.flip_bit = options->flip_bit;
    settings.device.error_address = options->error_address;
    settings.device.hang_address = options->hang_address;
    if (options->api_key != NULL && *options->api_key == '\0')
        return ls_error_set(err, "--api-key: it is empty: give at least one character");
    if (check_folder(options->slot_save_path, err) != 0)
        return -1;
    s->options = *options;
    s->name = options->alias != NULL ? options->alias : options->model;
    s->created = time(NULL);
    if (engine_open(&settings, &s->engine, err) != 0 || open_text(s, err) != 0)
        return -1;
    return listen_at(s, err);
}

uint32_t server_port(const struct server *s) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info != NULL ? info->port : 0;
}

/* Nobody comes any more; answers that are on their way have a second. */
static void end_connections(struct server *s) {
    const struct timespec moment = {.tv_nsec = 10000000};
    const MHD_socket listening = MHD_quiesce_daemon(s->daemon);
    for (int i = 0; i < 100; i++) {
        const union MHD_DaemonInfo *info =
            MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
        if (info == NULL || info->num_connections == 0)
            break;
        nanosleep(&moment, NULL);
    }
    MHD_stop_daemon(s->daemon);
    if (listening != MHD_INVALID_SOCKET)
        close(listening);
}

void server_close(struct server *s) {
    if (s == NULL)
        return;
    if (s->engine != NULL)
        wave_stop(s);
    if (s->engine != NULL)
        engine_stop(s->engine, s->options.grace);
    if (s->daemon != NULL)
        end_connections(s);
    engine_close(s->engine);
    tokenizer_close(s->tokenizer);
    gguf_close(s->gguf);
    chat_close(s->chat);
    free(s->chat_template);
    free(s);
}
