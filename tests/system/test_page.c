/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The live page: it needs nobody but its server; what /device tells of passes is what the report of
 * the same run of `lockstep sim` says, to the cycle, the word and the femtojoule; and the command
 * for a token's waveform gives that token again.
 */
#include "tests/kit/http.h"

enum { TOKENS = 6, KEYS = 64 };

/* ---- the page ---- */

/* What in a page needs somebody else, or makes texts part of it; NULL: nothing. */
static const char *stranger(const char *html) {
    static const char *const words[] = {"://",       "src=\"", "url(",           "@import",
                                        "innerHTML", "eval(",  "document.write", "insertAdjacent"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(html, words[i]) != NULL)
            return words[i];
    for (const char *at = html; (at = strstr(at, "href=\"")) != NULL; at += 6)
        if (strncmp(at, "href=\"data:,\"", 13) != 0)
            return "href";
    return strstr(html, "default-src 'none'; connect-src 'self'") == NULL ? "no policy" : NULL;
}

static void test_page(struct host_test *t) {
    struct http r;
    char planted[200];
    http_open(&r, t,
              (const char *const[]){"serve", HOST_TINY, "--port=0", "--api-key=secret", NULL});
    const struct http_answer *a = http_get(&r, "/");
    CHECK(t, a->status == 200 && strcasestr(a->head, "Content-Type: text/html; charset=utf-8"),
          "%d %s", a->status, a->head);
    CHECK(t, strlen(a->body) > 10000 && strlen(a->body) < 60000, "%zu bytes", strlen(a->body));
    CHECK(t, strncmp(a->body, "<!DOCTYPE html>", 15) == 0 && strstr(a->body, "</html>") != NULL,
          "it is cut");
    CHECK(t, stranger(a->body) == NULL, "it has %s", stranger(a->body));
    snprintf(planted, sizeof planted, "%.80s<link rel=\"icon\" href=\"https:", a->body);
    CHECK(t, stranger(planted) != NULL, "a link to elsewhere is not found");
    a = http_post(&r, "/", "");
    CHECK(t, a->status == 405, "POST / is %d", a->status);
    CHECK(t, http_get(&r, "/device")->status == 401, "the device is open");
    CHECK(t, http_get(&r, "/device/passes/1")->status == 401, "passes are open");
    CHECK(t, http_post(&r, "/device/passes/1/waveform", "")->status == 401, "waveforms are open");
    r.key = "Authorization: Bearer secret\r\n";
    CHECK(t, http_get(&r, "/device")->status == 200, "the key");
    CHECK(t, http_get(&r, "/device/passes/1")->status == 404, "a pass that was not");
    CHECK(t, http_get(&r, "/device/passes/x")->status == 400, "a pass that is no number");
    CHECK(t, http_get(&r, "/device?since=-1")->status == 400, "since no number");
    CHECK(t, http_post(&r, "/device/passes/1", "")->status == 405, "POST of a pass");
    http_close(&r);
}

/* ---- the device ---- */

/* Sums by name, "dot energy_fj". */
struct sums {
    struct {
        char name[60];
        double value;
    } rows[KEYS];
    int count;
};

static double *row(struct sums *s, const char *what, const char *name) {
    char both[60];
    snprintf(both, sizeof both, "%s %s", name, what);
    int i = 0;
    while (i < s->count && strcmp(s->rows[i].name, both) != 0)
        i++;
    if (i == s->count && s->count < KEYS)
        snprintf(s->rows[s->count++].name, sizeof s->rows[0].name, "%s", both);
    return &s->rows[i < KEYS ? i : KEYS - 1].value;
}

static void add_each(struct sums *s, const char *what, const cJSON *of) {
    const cJSON *each;
    cJSON_ArrayForEach(each, of) * row(s, what, each->string) += each->valuedouble;
}

/* The first sum that the report does not have, or NULL. What depends on when the host hands tokens
 * over is not compared: cycles between passes and before ops, the energy of control and leakage. */
static const char *differs(const struct sums *s, const cJSON *report) {
    for (int i = 0; i < s->count; i++) {
        char name[60], path[128];
        const char *blank = strchr(s->rows[i].name, ' ');
        snprintf(name, sizeof name, "%.*s", (int)(blank - s->rows[i].name), s->rows[i].name);
        if (strcmp(blank, " classes") == 0)
            snprintf(path, sizeof path, "counters.cycle_classes.%s", name);
        else if (strcmp(blank, " energy_fj") == 0)
            snprintf(path, sizeof path, "power.energy_fj_by_unit.%s", name);
        else if (strcmp(blank, " cycles") == 0)
            snprintf(path, sizeof path, "counters.by_op.%s.cycles", name);
        else
            snprintf(path, sizeof path, "%s", name);
        const bool timed = strcmp(name, "idle") == 0 || strcmp(name, "validate") == 0 ||
                           strcmp(name, "leakage") == 0 || strcmp(name, "control") == 0 ||
                           strcmp(name, "SAMPLE") == 0;
        if (!timed && json_number(report, path) != s->rows[i].value)
            return s->rows[i].name;
    }
    return NULL;
}

/* Takes a pass and its ops into the sums. */
static void add_pass(struct http *r, struct sums *s, int number) {
    char path[60];
    snprintf(path, sizeof path, "/device/passes/%d", number);
    const struct http_answer *a = http_get(r, path);
    const cJSON *op;
    double words = 3 * cJSON_GetArraySize(json_at(a->json, "slots"));
    CHECK(r->t, a->status == 200, "%s: %d", path, a->status);
    add_each(s, "classes", json_at(a->json, "classes"));
    add_each(s, "energy_fj", json_at(a->json, "energy_fj"));
    *row(s, "sum", "device.macs") += json_number(a->json, "macs");
    *row(s, "sum", "lockstep.words") += json_number(a->json, "words");
    cJSON_ArrayForEach(op, json_at(a->json, "ops")) {
        *row(s, "cycles", json_text(op, "op")) += json_number(op, "cycles");
        words += json_number(op, "words");
    }
    CHECK(r->t, words == json_number(a->json, "words"), "%s: %g words of ops", path, words);
}

/* The command of a token, run without the trace: it gives the token, and the ops' cycles of it. */
static void test_command(struct http *r, int number, double index) {
    char path[60], command[1000], *ids, *end;
    struct sums s = {0};
    struct child c;
    uint32_t start;
    add_pass(r, &s, number);
    snprintf(path, sizeof path, "/device/passes/%d", number);
    const struct http_answer *a = http_get(r, path);
    const double token = json_number(a->json, "tokens.0.token");
    snprintf(command, sizeof command, "%s", json_text(a->json, "tokens.0.waveform"));
    CHECK(r->t, json_number(a->json, "tokens.0.index") == index, "%s", a->body);
    CHECK(r->t, strncmp(command, "make -j2 build/small-trace/lockstep && ", 39) == 0, "%s",
          command);
    ids = strstr(command, " --ids ");
    end = ids != NULL ? strchr(ids + 7, ' ') : NULL;
    const char *at = strstr(command, " --start-token ");
    if (end == NULL || at == NULL) {
        CHECK(r->t, false, "%s", command);
        return;
    }
    *end = '\0';
    start = (uint32_t)atoi(at + 15);
    char position[20];
    snprintf(position, sizeof position, "%u", start);
    if (strstr(end + 1, " --slots 1 ") != NULL)
        SIM(&c, "small", HOST_TINY, "--ids", ids + 7, "-n", "1", "--no-reference", "--start-token",
            position, "--slots", "1");
    else
        SIM(&c, "small", HOST_TINY, "--ids", ids + 7, "-n", "1", "--no-reference", "--start-token",
            position);
    CHECK(r->t, c.status == 0, "exit %d: %s", c.status, c.err);
    /* greedy, so the token is the same only by chance; what is computed is */
    for (int i = 0; i < s.count; i++) {
        const char *blank = strchr(s.rows[i].name, ' ');
        char by[128];
        if (strcmp(blank, " cycles") != 0 || strncmp(s.rows[i].name, "SAMPLE", 6) == 0)
            continue;
        snprintf(by, sizeof by, "counters.by_op.%.*s.cycles", (int)(blank - s.rows[i].name),
                 s.rows[i].name);
        CHECK(r->t, json_number(c.report, by) == s.rows[i].value, "%s: %g, the page had %g", by,
              json_number(c.report, by), s.rows[i].value);
    }
    CHECK(r->t, token >= 0, "token %g", token);
    child_close(&c);
}

static int tokens_of(const cJSON *device) {
    const cJSON *pass;
    int count = 0;
    cJSON_ArrayForEach(pass, json_at(device, "passes")) count +=
        cJSON_GetArraySize(json_at(pass, "tokens"));
    return count;
}

/* What is told once all tokens are: an answer may be there a moment before. */
static const struct http_answer *watch(const struct http *r) {
    const struct http_answer *a = http_get(r, "/device");
    for (int i = 0; i < 600 && tokens_of(a->json) < TOKENS; i++) {
        usleep(100000);
        a = http_get(r, "/device");
    }
    CHECK(r->t, tokens_of(a->json) == TOKENS, "%s", a->body);
    return a;
}

/* The answer is the FST, if there is a build for tracing; one is made at a time. */
static void test_waveform(struct http *r, int number) {
    const bool can = access("build/small-trace/lockstep", X_OK) == 0;
    const struct http_answer *a = http_get(r, "/device");
    char path[80];
    CHECK(r->t, cJSON_IsTrue(json_at(a->json, "device.traces")) == can, "%s", a->body);
    snprintf(path, sizeof path, "/device/passes/%d/waveform?token=0", number);
    CHECK(r->t, http_get(r, path)->status == 405, "GET makes a waveform");
    if (!can) {
        CHECK(r->t, http_post(r, path, "")->status == 501, "what makes it is not there");
        return;
    }
    int busy = 0;
    for (int i = 0; i < 20 && busy != 503;
         i++) { /* who comes second is refused, the first goes away */
        const int gone = http_ask(r, "POST", path, "");
        usleep(100000);
        busy = http_post(r, path, "")->status;
        close(gone);
    }
    CHECK(r->t, busy == 503, "two at once");
    for (int i = 0; i < 600 && (a = http_post(r, path, ""))->status == 503; i++)
        usleep(100000);
    CHECK(r->t,
          a->status == 200 && strstr(a->head, "filename=\"token-9.fst\"") != NULL &&
              strstr(a->head, "application/octet-stream") != NULL,
          "%d %s", a->status, a->head);
    snprintf(path, sizeof path, "/device/passes/%d/waveform?token=1", number);
    CHECK(r->t, http_post(r, path, "")->status == 404, "a token that is not there");
    CHECK(r->t, http_post(r, "/device/passes/1/waveform?token=-1", "")->status == 400, "token -1");
    CHECK(r->t, http_post(r, "/device/passes/1/wave", "")->status == 404, "another route");
}

static const char *const body = "{\"prompt\":[1,5,9,7,3],\"n_predict\":6,\"temperature\":0.8,"
                                "\"seed\":5,\"min_p\":0,\"return_tokens\":true}";

static void test_device(struct host_test *t) {
    struct http r;
    struct child c;
    struct sums s = {0};
    int numbers[KEYS], count = 0, tokens = 0;
    const cJSON *pass, *token;
    http_open(&r, t, (const char *const[]){"serve", HOST_TINY, "--port=0", NULL});
    http_post(&r, "/completion", "{\"prompt\":[1,4],\"n_predict\":3,\"temperature\":0}");
    const struct http_answer *a = http_get(&r, "/device");
    CHECK(t, cJSON_GetArraySize(json_at(a->json, "passes")) == 0, "passes that nobody watched");
    CHECK(t,
          strcmp(json_text(a->json, "device.configuration"), "small") == 0 &&
              strcmp(json_text(a->json, "device.backend"), "rtl") == 0 &&
              json_number(a->json, "device.port_bytes") == 16 &&
              json_number(a->json, "totals.differences") == 0,
          "%s", a->body);
    a = http_post(&r, "/slots/0?action=erase", ""); /* its prompt begins alike */
    CHECK(t, a->status == 200, "%s", a->body);
    a = http_post(&r, "/completion", body);
    cJSON *given = cJSON_Duplicate(json_at(a->json, "tokens"), 1);
    CHECK(t, cJSON_GetArraySize(given) == TOKENS, "%s", a->body);

    a = watch(&r);
    cJSON *device = cJSON_Duplicate(a->json, 1);
    cJSON_ArrayForEach(pass, json_at(device, "passes")) {
        numbers[count++] = (int)json_number(pass, "number");
        CHECK(t, numbers[count - 1] == count, "pass %d is told as %d", count, numbers[count - 1]);
        cJSON_ArrayForEach(token, json_at(pass, "tokens")) {
            const cJSON *must = cJSON_GetArrayItem(given, tokens);
            CHECK(t,
                  must != NULL && json_number(token, "token") == must->valuedouble &&
                      json_number(token, "index") == tokens &&
                      strncmp(json_text(token, "completion"), "cmpl-", 5) == 0,
                  "token %d is %g", tokens, json_number(token, "token"));
            tokens++;
        }
    }
    CHECK(t, tokens == TOKENS && count == TOKENS + 2, "%d tokens in %d passes", tokens, count);
    for (int i = 0; i < count; i++)
        add_pass(&r, &s, numbers[i]);
    SIM(&c, "small", HOST_TINY, "--ids", "1,5,9,7,3", "-n", "6", "--temp", "0.8", "--seed", "5",
        "--no-reference");
    CHECK(t, c.status == 0 && s.count > 30, "exit %d, %d sums", c.status, s.count);
    CHECK(t, differs(&s, c.report) == NULL, "%s is not what the report says",
          differs(&s, c.report));
    for (int i = 0; i < s.count; i++) { /* each of them, changed, is found or is one of the few */
        struct sums planted = s;
        planted.rows[i].value += 1;
        const char *found = differs(&planted, c.report);
        tokens -= found == NULL;
        CHECK(t, found == NULL || strcmp(found, s.rows[i].name) == 0, "%s", s.rows[i].name);
    }
    CHECK(t, tokens >= TOKENS - 6, "%d sums are compared with nothing", TOKENS - tokens);
    child_close(&c);
    test_command(&r, numbers[count - 1], TOKENS - 1);
    test_command(&r, numbers[2], 0);
    test_waveform(&r, numbers[count - 1]);

    char path[60];
    snprintf(path, sizeof path, "/device?since=%d", numbers[count - 1] - 1);
    a = http_get(&r, path);
    CHECK(t,
          cJSON_GetArraySize(json_at(a->json, "passes")) == 1 &&
              json_number(a->json, "newest") == numbers[count - 1] &&
              json_number(a->json, "passes.0.number") == numbers[count - 1],
          "%s", a->body);
    cJSON_Delete(device);
    cJSON_Delete(given);
    http_close(&r);
}

/* ---- without the check, without the device ---- */

static void test_others(struct host_test *t) {
    struct http r;
    http_open(&r, t, (const char *const[]){"serve", HOST_TINY, "--port=0", "--no-check", NULL});
    http_get(&r, "/device");
    http_post(&r, "/completion", body);
    const struct http_answer *a = watch(&r);
    CHECK(t,
          cJSON_IsFalse(json_at(a->json, "device.checked")) &&
              cJSON_GetArraySize(json_at(a->json, "passes")) == TOKENS + 2 &&
              json_number(a->json, "passes.7.energy_fj.dot") > 0,
          "%s", a->body);
    http_close(&r);
    http_open(&r, t,
              (const char *const[]){"serve", HOST_TINY, "--port=0", "--backend=golden", NULL});
    http_get(&r, "/device");
    http_post(&r, "/completion", body);
    watch(&r);
    a = http_get(&r, "/device/passes/1");
    CHECK(t,
          strcmp(json_text(a->json, "backend"), "golden") == 0 &&
              cJSON_IsTrue(json_at(a->json, "tokens.0.golden")) &&
              cJSON_IsNull(json_at(a->json, "tokens.0.waveform")) &&
              json_at(a->json, "cycles") == NULL,
          "%s", a->body);
    a = http_get(&r, "/device");
    CHECK(t,
          strcmp(json_text(a->json, "device.backend"), "golden") == 0 &&
              json_number(a->json, "device.lanes") == 0,
          "%s", a->body);
    http_close(&r);
}

int main(void) {
    struct host_test t = {"page", 0, 0};
    host_folder(&t);
    test_page(&t);
    test_device(&t);
    test_others(&t);
    return host_test_finish(&t);
}
