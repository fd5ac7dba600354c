/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `lockstep serve` as a child, and a client of it over sockets.
 *
 *     struct http http;
 *     http_open(&http, &t, (const char *const[]){"serve", HOST_TINY, "--port=0", NULL});
 *     struct http_answer *a = http_get(&http, "/health");
 *     CHECK(&t, a->status == 200, "%s", a->body);
 *     http_close(&http);
 */
#ifndef HTTP_H
#define HTTP_H

#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <poll.h>
#include <stddef.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#include "child.h"
#include "host_test.h"

enum { HTTP_ANSWER = 1 << 20 };

struct http_answer {
    int status;
    char *head, *body; /* the body without its chunks */
    cJSON *json;       /* of the body, or NULL */
    char bytes[HTTP_ANSWER];
};

struct http {
    struct host_test *t;
    struct child child;
    int port;
    const char *key; /* header to send, or "" */
};

static inline double http_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- a server ---- */

static inline void http_open(struct http *r, struct host_test *t, const char *const *args) {
    char line[200] = "";
    *r = (struct http){.t = t, .key = ""};
    child_start(&r->child, "build/small/lockstep", args, false);
    for (int i = 0; i < 600 && r->port == 0; i++) { /* a minute */
        const ssize_t n = pread(r->child.out_fd, line, sizeof line - 1, 0);
        line[n > 0 ? n : 0] = '\0';
        const char *colon = strrchr(line, ':');
        if (strchr(line, '\n') != NULL && colon != NULL)
            r->port = atoi(colon + 1);
        else
            usleep(100000);
    }
    CHECK(t, r->port != 0, "it does not listen: %s", line);
}

/* SIGTERM; it must end with status 0. */
static inline void http_close(struct http *r) {
    kill(r->child.pid, SIGTERM);
    child_wait(&r->child);
    CHECK(r->t, r->child.status == 0, "exit %d: %s", r->child.status, r->child.err);
    child_close(&r->child);
}

/* ---- a client ---- */

static inline int http_ask_bytes(const struct http *r, const char *method, const char *path,
                                 const char *body, size_t size) {
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)r->port),
                                   .sin_addr = {htonl(INADDR_LOOPBACK)}};
    char head[600];
    const int s = socket(AF_INET, SOCK_STREAM, 0);
    const int n = snprintf(head, sizeof head,
                           "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s"
                           "Content-Length: %zu\r\n\r\n",
                           method, path, r->key, size);
    CHECK(r->t, connect(s, (const struct sockaddr *)&to, sizeof to) == 0, "no connection");
    CHECK(r->t, send(s, head, (size_t)n, MSG_NOSIGNAL) == n, "cannot send");
    for (size_t at = 0; at < size;) {
        const ssize_t sent = send(s, body + at, size - at, MSG_NOSIGNAL);
        if (sent <= 0)
            break; /* it may answer before it has all */
        at += (size_t)sent;
    }
    return s;
}

static inline int http_ask(const struct http *r, const char *method, const char *path,
                           const char *body) {
    return http_ask_bytes(r, method, path, body, strlen(body));
}

static inline void http_join_chunks(struct http_answer *a) {
    char *from = a->body, *to = a->body, *end;
    for (size_t size; (size = strtoul(from, &end, 16)) != 0 && end[0] == '\r';) {
        memmove(to, end + 2, size);
        to += size;
        from = end + 2 + size + 2;
    }
    *to = '\0';
}

static inline struct http_answer *http_hear(const struct http *r, int s) {
    static struct http_answer a;
    size_t size = 0;
    cJSON_Delete(a.json);
    memset(&a, 0, offsetof(struct http_answer, bytes));
    for (ssize_t n; size < HTTP_ANSWER - 1; size += (size_t)n) {
        struct pollfd p = {s, POLLIN, 0};
        if (poll(&p, 1, 120000) != 1 ||
            (n = recv(s, a.bytes + size, HTTP_ANSWER - 1 - size, 0)) <= 0)
            break;
    }
    close(s);
    a.bytes[size] = '\0';
    a.head = a.bytes;
    a.body = strstr(a.bytes, "\r\n\r\n");
    CHECK(r->t, a.body != NULL && sscanf(a.bytes, "HTTP/1.1 %d", &a.status) == 1, "no answer: %s",
          a.bytes);
    if (a.body == NULL)
        a.body = a.bytes + size;
    else
        *a.body = '\0', a.body += 4;
    if (strcasestr(a.head, "Transfer-Encoding: chunked") != NULL)
        http_join_chunks(&a);
    a.json = cJSON_Parse(a.body);
    return &a;
}

static inline struct http_answer *http_get(const struct http *r, const char *path) {
    return http_hear(r, http_ask(r, "GET", path, ""));
}

static inline struct http_answer *http_post(const struct http *r, const char *path,
                                            const char *body) {
    return http_hear(r, http_ask(r, "POST", path, body));
}

/* "choices.0.text" */
static inline const cJSON *json_at(const cJSON *o, const char *path) {
    char copy[128], *rest = NULL;
    snprintf(copy, sizeof copy, "%s", path);
    for (char *name = strtok_r(copy, ".", &rest); name != NULL && o != NULL;
         name = strtok_r(NULL, ".", &rest))
        o = cJSON_IsArray(o) ? cJSON_GetArrayItem(o, atoi(name))
                             : cJSON_GetObjectItemCaseSensitive(o, name);
    return o;
}

static inline const char *json_text(const cJSON *o, const char *path) {
    const cJSON *value = json_at(o, path);
    return cJSON_IsString(value) ? value->valuestring : "(none)";
}

static inline double json_number(const cJSON *o, const char *path) {
    const cJSON *value = json_at(o, path);
    return cJSON_IsNumber(value) ? value->valuedouble : -1e9;
}

#endif
