/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `lockstep serve` while memory runs out: of each kind of request one allocation after the other
 * fails (tests/system/no_memory.c). The request is answered, as ever or with an error; the next one
 * is answered as ever. Argument: most=, allocations of a kind of request.
 */
#include "tests/kit/http.h"

static const struct {
    const char *path, *body, *text; /* where the answer's text stands */
} kinds[] = {
    {"/v1/completions", "{\"prompt\":\"ab\",\"max_tokens\":2,\"temperature\":0}", "choices.0.text"},
    {"/v1/chat/completions",
     "{\"messages\":[{\"role\":\"user\",\"content\":\"ab\"}],\"max_tokens\":2,\"temperature\":0}",
     "choices.0.message.content"},
    {"/v1/completions",
     "{\"prompt\":\"ab\",\"max_tokens\":2,\"temperature\":0.5,\"seed\":3,"
     "\"grammar\":\"root ::= [a-z ]+ [0-9]*\"}",
     "choices.0.text"},
    {"/tokenize", "{\"content\":\"Once upon a time\"}", "tokens"},
};

/* The text of an answer; to be freed. */
static char *text_of(const struct http_answer *a, const char *where) {
    cJSON *item = a->status == 200 ? cJSON_Duplicate(json_at(a->json, where), 1) : NULL;
    char *text = item != NULL ? cJSON_PrintUnformatted(item) : strdup("(none)");
    cJSON_Delete(item);
    return text;
}

int main(int argc, char **argv) {
    struct host_test t = {"serve_memory", 0, 0};
    const uint64_t most = host_argument(argc, argv, "most", 60);
    struct http r;
    unsigned refused = 0;
    char *right[4];
    setenv("LD_PRELOAD", "build/tests/no_memory.so", 1);
    setenv("NO_MEMORY", "@", 1);
    http_open(&r, &t,
              (const char *const[]){"serve", HOST_TINY, "--port=0", "--backend=golden", NULL});
    unsetenv("LD_PRELOAD");
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct http_answer *a = http_post(&r, kinds[k].path, kinds[k].body);
        right[k] = text_of(a, kinds[k].text);
        CHECK(&t, a->status == 200, "%s: %d: %s", kinds[k].path, a->status, a->body);
    }
    for (uint64_t n = 1; n <= most; n++) {
        const size_t k = n % (sizeof kinds / sizeof *kinds);
        bool good = true, last = false;
        kill(r.child.pid,
             SIGUSR2); /* the n-th allocation from now on, in this one or a later one */
        for (int i = 0; i < 16 && !last; i++) {
            last = !good; /* the one behind the refused one */
            struct http_answer *a = http_post(&r, kinds[k].path, kinds[k].body);
            char *text = text_of(a, kinds[k].text);
            good = a->status == 200;
            CHECK(&t,
                  good ? strcmp(text, right[k]) == 0
                       : a->status >= 400 &&
                             strstr(json_text(a->json, "error.message"), "memory") != NULL,
                  "%s, allocation %u: %d: %s", kinds[k].path, (unsigned)n, a->status, a->body);
            CHECK(&t, good || !last, "%s fails behind allocation %u", kinds[k].path, (unsigned)n);
            refused += !good;
            free(text);
        }
    }
    CHECK(&t, refused > 0, "no allocation failed");
    printf("    %u of %u requests refused\n", refused, (unsigned)most);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        free(right[k]);
    http_close(&r);
    return host_test_finish(&t);
}
