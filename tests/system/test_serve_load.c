/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `lockstep serve` under load: many clients at once, whole answers and streams, clients that read
 * slowly or go away at any moment, bodies that are spoiled. Every answer is the one that the
 * request gives alone, none is lost, and memory does not grow. Tells how fast it was, which nothing
 * holds.
 *
 *     test_serve_load [requests=300] [clients=24] [seed=1]
 */
#include "tests/kit/http.h"
#include "tests/kit/random.h"

#include <math.h>

enum { BODIES = 16, CLIENTS = 128, TEXT = 65536 };
enum kind { WHOLE, STREAM, SLOW, GONE, SPOILED, KINDS };

struct client {
    int socket; /* -1: free */
    enum kind kind;
    int body;
    double begun, leaves; /* GONE */
    size_t size;
    char text[TEXT];
};

struct load {
    struct host_test *t;
    struct http http;
    uint64_t random;
    char bodies[BODIES][300], ids[BODIES][400]; /* what each gives alone */
    struct client clients[CLIENTS];
    uint32_t asked, answered, of_kind[KINDS], tokens;
    double *seconds; /* of each whole answer or stream */
    uint32_t timed;
};

static uint32_t below(struct load *l, uint32_t limit) {
    return random_below(&l->random, limit);
}

/* The ids of an answer as "1,2,3,", out of every "tokens" list in it. */
static void find_ids(const char *text, char *ids, size_t room) {
    size_t used = 0;
    ids[0] = '\0';
    for (const char *at = text; (at = strstr(at, "\"tokens\":[")) != NULL;) {
        for (at += 10; *at != ']' && *at != '\0' && used + 12 < room;) {
            char *end;
            const long id = strtol(at, &end, 10);
            if (end == at)
                break;
            used += (size_t)snprintf(ids + used, room - used, "%ld,", id);
            at = *end == ',' ? end + 1 : end;
        }
    }
}

static void make_bodies(struct load *l) {
    for (int i = 0; i < BODIES; i++) {
        snprintf(l->bodies[i], sizeof l->bodies[i],
                 "{\"prompt\":[1,%u,%u],\"n_predict\":%u,\"temperature\":1.2,\"top_k\":%u,"
                 "\"seed\":%u,\"return_tokens\":true}",
                 below(l, 250), below(l, 250), 2 + below(l, 12), 1 + below(l, 64), below(l, 1000));
        const struct http_answer *a = http_post(&l->http, "/completion", l->bodies[i]);
        find_ids(a->body, l->ids[i], sizeof l->ids[i]);
        CHECK(l->t, a->status == 200 && l->ids[i][0] != '\0', "%d %s", a->status, a->body);
    }
}

static void begin(struct load *l, struct client *c) {
    static const char *const paths[] = {"/completion", "/v1/completions",
                                        "/tokenize",   "/v1/chat/completions",
                                        "/detokenize", "/apply-template"};
    char body[400];
    const uint32_t dice = below(l, 10);
    c->kind = dice < 4 ? WHOLE : dice < 6 ? STREAM : dice < 7 ? SLOW : dice < 8 ? GONE : SPOILED;
    c->body = (int)below(l, BODIES);
    c->begun = http_now();
    c->leaves = c->begun + 0.001 * below(l, 100);
    c->size = 0;
    snprintf(body, sizeof body, "%s", l->bodies[c->body]);
    if (c->kind == STREAM || c->kind == SLOW || (c->kind == GONE && below(l, 2) == 0))
        snprintf(body + strlen(body) - 1, 20, ",\"stream\":true}");
    for (uint32_t n = c->kind == SPOILED ? 1 + below(l, 3) : 0; n > 0; n--)
        body[below(l, (uint32_t)strlen(body))] = (char)(1 + below(l, 255));
    const char *path = c->kind == SPOILED ? paths[below(l, 6)] : "/completion";
    c->socket = http_ask(&l->http, "POST", path, body);
    l->asked++;
    l->of_kind[c->kind]++;
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void end(struct load *l, struct client *c) {
    char ids[400];
    int status = 0;
    close(c->socket);
    c->socket = -1;
    l->answered++;
    if (c->kind == GONE)
        return;
    c->text[c->size] = '\0';
    CHECK(l->t, sscanf(c->text, "HTTP/1.1 %d", &status) == 1, "kind %d: no answer", (int)c->kind);
    if (c->kind == SPOILED) { /* by chance it may still be a request */
        CHECK(l->t, status == 200 || status == 400, "a spoiled body: %d", status);
        return;
    }
    find_ids(c->text, ids, sizeof ids);
    CHECK(l->t, status == 200 && strcmp(ids, l->ids[c->body]) == 0,
          "kind %d: %d, tokens %s, alone %s", (int)c->kind, status, ids, l->ids[c->body]);
    for (const char *at = ids; *at != '\0'; at++)
        l->tokens += *at == ',';
    if (c->kind != SLOW)
        l->seconds[l->timed++] = http_now() - c->begun;
}

/* Reads what is there; a slow one a few bytes at a time. */
static void read_some(struct load *l, struct client *c) {
    const size_t room = TEXT - 1 - c->size, most = c->kind == SLOW && room > 40 ? 40 : room;
    const ssize_t n = recv(c->socket, c->text + c->size, most, MSG_DONTWAIT);
    if (n > 0 && room > (size_t)n)
        c->size += (size_t)n;
    else if (n <= 0)
        end(l, c);
}

static void run(struct load *l, uint32_t requests, uint32_t clients) {
    const double limit = http_now() + 300;
    struct pollfd polls[CLIENTS];
    while (l->answered < requests && http_now() < limit) {
        for (uint32_t i = 0; i < clients; i++) {
            struct client *c = &l->clients[i];
            if (c->socket < 0 && l->asked < requests)
                begin(l, c);
            polls[i] = (struct pollfd){c->socket, POLLIN, 0};
        }
        poll(polls, clients, 5);
        for (uint32_t i = 0; i < clients; i++) {
            struct client *c = &l->clients[i];
            if (c->socket < 0)
                continue;
            if (c->kind == GONE && http_now() >= c->leaves)
                end(l, c);
            else if (polls[i].revents != 0)
                read_some(l, c);
        }
    }
    CHECK(l->t, l->answered == requests, "%u of %u requests were answered", l->answered, requests);
}

/* Resident memory of the server, bytes. */
static double resident(const struct load *l) {
    char path[64];
    unsigned long all, pages = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", (long)l->http.child.pid);
    FILE *file = fopen(path, "r");
    if (file == NULL || fscanf(file, "%lu %lu", &all, &pages) != 2)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* All has gone from the device. */
static bool is_quiet(const struct load *l) {
    for (int i = 0; i < 500; i++) {
        const struct http_answer *a = http_get(&l->http, "/slots");
        if (strstr(a->body, "\"is_processing\":true") == NULL)
            return true;
        usleep(20000);
    }
    return false;
}

int main(int argc, char **argv) {
    struct host_test t = {"serve_load", 0, 0};
    static struct load l;
    const uint32_t requests = (uint32_t)host_argument(argc, argv, "requests", 300);
    const uint32_t clients = (uint32_t)host_argument(argc, argv, "clients", 24) % (CLIENTS + 1);
    host_folder(&t);
    l.t = &t;
    l.random = host_argument(argc, argv, "seed", 1);
    l.seconds = calloc(requests + 1, sizeof *l.seconds);
    for (uint32_t i = 0; i < CLIENTS; i++)
        l.clients[i].socket = -1;
    http_open(&l.http, &t,
              (const char *const[]){"serve", HOST_TINY, "--port=0", "--queue=1000", NULL});
    make_bodies(&l);
    run(&l, requests / 3, clients); /* until all that is kept for later is there */
    const double before = resident(&l), begun = http_now();
    const uint32_t tokens = l.tokens, timed = l.timed, already = l.asked;
    run(&l, requests, clients);
    const double seconds = http_now() - begun, grown = resident(&l) - before;
    CHECK(&t, grown < 4e6, "memory has grown by %.0f bytes", grown);
    CHECK(&t, is_quiet(&l), "a sequence is still at work");
    CHECK(&t, http_get(&l.http, "/health")->status == 200, "health");
    const struct http_answer *a = http_get(&l.http, "/metrics");
    CHECK(&t,
          strstr(a->body, "\nlockstep:differences_total 0\n") != NULL &&
              strstr(a->body, "\nlockstep:device_losses_total 0\n") != NULL,
          "%s", a->body);
    CHECK(&t,
          requests < 200 || (l.of_kind[GONE] > 5 && l.of_kind[SPOILED] > 5 && l.of_kind[SLOW] > 5),
          "one kind did not come");
    http_close(&l.http);
    qsort(l.seconds + timed, l.timed - timed, sizeof *l.seconds, by_size);
    const uint32_t n = l.timed - timed;
    printf("%u requests of %u clients in %.1f s: %.0f requests/s, %.0f tokens/s; half within %.0f "
           "ms, 99 %% within %.0f ms\n",
           requests - already, clients, seconds, (requests - already) / seconds,
           (l.tokens - tokens) / seconds, n != 0 ? 1000 * l.seconds[timed + n / 2] : 0,
           n != 0 ? 1000 * l.seconds[timed + n * 99 / 100] : 0);
    free(l.seconds);
    return host_test_finish(&t);
}
