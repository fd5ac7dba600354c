/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `lockstep serve` whose device is lost in the middle, by an error of the weight port, a burst that
 * never comes, a flipped bit: every client has the text that it has from a device that is well, and
 * is told who computed it, as are metrics and standard error.
 */
#include "csrc/gguf/gguf.h"
#include "tests/kit/http.h"

enum { CLIENTS = 8, TEXT = 2000 };

struct text {
    char text[TEXT];
};

static void body_of(int client, bool stream, char *body, size_t room) {
    snprintf(body, room,
             "{\"prompt\":\"client %d\",\"seed\":%d,\"temperature\":1.1,\"n_predict\":%d,"
             "\"stream\":%s}",
             client, client, 4 + 3 * client, stream ? "true" : "false");
}

/* The texts of a stream joined. */
static void join(const char *body, struct text *text) {
    char *copy = strdup(body), *rest = copy, *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        cJSON *o = strncmp(line, "data: ", 6) == 0 ? cJSON_Parse(line + 6) : NULL;
        if (o != NULL)
            strncat(text->text, json_text(o, "content"), TEXT - strlen(text->text) - 1);
        cJSON_Delete(o);
    }
    free(copy);
}

/* All clients at once, every other one with a stream. */
static void ask_all(struct http *r, struct text texts[CLIENTS], const char *backend) {
    int sockets[CLIENTS];
    char body[300], line[80];
    memset(texts, 0, CLIENTS * sizeof *texts);
    for (int i = 0; i < CLIENTS; i++) {
        body_of(i, i % 2 != 0, body, sizeof body);
        sockets[i] = http_ask(r, "POST", "/completion", body);
    }
    for (int i = 0; i < CLIENTS; i++) {
        const struct http_answer *a = http_hear(r, sockets[i]);
        if (i % 2 != 0)
            join(a->body, &texts[i]);
        else
            snprintf(texts[i].text, TEXT, "%s", json_text(a->json, "content"));
        snprintf(line, sizeof line, "x-lockstep-backend%s %s", ":", backend);
        CHECK(r->t, a->status == 200 && (i % 2 != 0 || strcasestr(a->head, line) != NULL),
              "client %d: %d, not %s: %s", i, a->status, line, a->head);
        snprintf(line, sizeof line, ": x-lockstep-backend %s\n", backend);
        CHECK(r->t, i % 2 == 0 || strstr(a->body, line) != NULL, "client %d: no %s: %s", i, line,
              a->body);
    }
}

static double metric(const struct http *r, const char *name) {
    char line[100];
    snprintf(line, sizeof line, "\n%s ", name);
    const char *at = strstr(http_get(r, "/metrics")->body, line);
    return at != NULL ? strtod(at + strlen(line), NULL) : -1;
}

/* The answers may be there a moment before it. */
static bool becomes(const struct http *r, const char *name, double value) {
    for (int i = 0; i < 50 && metric(r, name) != value; i++)
        usleep(100000);
    return metric(r, name) == value;
}

static uint64_t address_in_matrix(void) {
    struct gguf *g = NULL;
    struct ls_error err;
    uint64_t address = 0;
    if (gguf_open(HOST_TINY, &g, &err) == 0)
        address = gguf_find_tensor(g, "blk.1.ffn_down.weight")->offset + 100;
    gguf_close(g);
    return address;
}

int main(void) {
    static struct text good[CLIENTS], texts[CLIENTS];
    static const char *const faults[] = {"--port-error=%llu", "--port-hang=%llu",
                                         "--flip-weight=%llu:6"};
    struct host_test t = {"serve_fallback", 0, 0};
    struct http r;
    http_open(&r, &t, (const char *const[]){"serve", HOST_TINY, "--port=0", NULL});
    if (r.port != 0) {
        ask_all(&r, good, "rtl");
        CHECK(&t,
              metric(&r, "lockstep:device_losses_total") == 0 &&
                  metric(&r, "lockstep:golden_tokens_total") == 0,
              "a device that is well was lost");
    }
    http_close(&r);
    for (int i = 0; i < 4; i++) {
        char fault[60] = "--backend=golden";
        if (i < 3)
            snprintf(fault, sizeof fault, faults[i], (unsigned long long)address_in_matrix());
        http_open(&r, &t, (const char *const[]){"serve", HOST_TINY, "--port=0", fault, NULL});
        if (r.port == 0)
            continue;
        ask_all(&r, texts, "golden");
        for (int k = 0; k < CLIENTS; k++)
            CHECK(&t, strlen(good[k].text) > 4 && strcmp(texts[k].text, good[k].text) == 0,
                  "%s: client %d has '%s', not '%s'", fault, k, texts[k].text, good[k].text);
        const bool lost = i < 3;
        CHECK(&t,
              becomes(&r, "lockstep:device_losses_total", lost) &&
                  metric(&r, "lockstep:device_out") == 1 &&
                  metric(&r, "lockstep:golden_tokens_total") > 50,
              "%s: metrics", fault);
        char *err = child_slurp(r.child.err_fd);
        CHECK(&t, (strstr(err, "lockstep: the device was lost (") != NULL) == lost, "%s: %s", fault,
              err);
        free(err);
        http_close(&r);
    }
    http_open(&r, &t,
              (const char *const[]){"serve", HOST_TINY, "--port=0", "--port-error=20000",
                                    "--backend=rtl", NULL});
    if (r.port != 0) {
        char body[300];
        body_of(1, false, body, sizeof body);
        const struct http_answer *a = http_post(&r, "/completion", body);
        CHECK(&t, a->status == 500, "without an understudy: %d %s", a->status, a->body);
    }
    http_close(&r);
    return host_test_finish(&t);
}
