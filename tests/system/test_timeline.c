/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A timeline keeps to the Trace Event Format, says what the device's counters say, tells the text
 * of the tokens, and does not change the run. The checker of the format must refuse broken traces.
 */
#include "sim/trace/timeline_json.h"
#include "tests/kit/child.h"
#include "tests/kit/host_test.h"

#define MODEL HOST_MODEL("Q4_0")

#define TRACKS 64
#define BASE   "build/tests/timeline"

static double number(const cJSON *event, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(event, name);
    return cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
}

static const char *string(const cJSON *event, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(event, name);
    return cJSON_IsString(item) ? item->valuestring : "";
}

static const cJSON *args_of(const cJSON *event) {
    return cJSON_GetObjectItemCaseSensitive(event, "args");
}

static cJSON *events_of(const cJSON *root) {
    return cJSON_GetObjectItemCaseSensitive(root, "traceEvents");
}

struct interval {
    double track, begin, end;
};

static int by_begin(const void *a, const void *b) {
    const struct interval *x = a, *y = b;
    if (x->track < y->track || x->track > y->track)
        return x->track < y->track ? -1 : 1;
    if (x->begin < y->begin || x->begin > y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end > y->end ? -1 : x->end < y->end;
}

/* Spans of a track lie behind or within one another. */
static const char *check_nesting(struct interval *spans, size_t count) {
    const double slack = 1e-6; /* us: a thousandth of the last digit of a GHz clock */
    double open[256];
    size_t depth = 0;
    qsort(spans, count, sizeof *spans, by_begin);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || spans[i].track > spans[i - 1].track)
            depth = 0;
        while (depth != 0 && open[depth - 1] <= spans[i].begin + slack)
            depth--;
        if (depth == 256 || (depth != 0 && spans[i].end > open[depth - 1] + slack))
            return "two spans of a track overlap";
        open[depth++] = spans[i].end;
    }
    return NULL;
}

/* NULL, or what is wrong with an event. */
static const char *check_event(const cJSON *event, bool named[TRACKS], bool used[TRACKS]) {
    const char *phase = string(event, "ph"), *name = string(event, "name");
    const double track = number(event, "tid");
    const cJSON *value;
    if (!(number(event, "ts") >= 0) || !(number(event, "pid") >= 0) || !(track >= 0) ||
        track >= TRACKS || strlen(phase) != 1)
        return "an event without ph, ts, pid or tid";
    if (*phase == 'M') {
        if (strcmp(name, "thread_name") == 0)
            named[(int)track] = *string(args_of(event), "name") != '\0';
    } else if (*phase == 'X') {
        used[(int)track] = true;
        if (!(number(event, "dur") >= 0))
            return "a span without a duration";
    } else if (*phase == 'C') {
        if (*name == '\0' || cJSON_GetArraySize(args_of(event)) == 0)
            return "a counter without name or values";
        cJSON_ArrayForEach(
            value,
            args_of(event)) if (!cJSON_IsNumber(value)) return "a counter that is not a number";
    } else {
        return "an event of unknown phase";
    }
    return NULL;
}

static const char *check_trace(const cJSON *root) {
    bool named[TRACKS] = {false}, used[TRACKS] = {false};
    const char *wrong = NULL;
    const cJSON *event;
    size_t count = 0;
    struct interval *spans = calloc((size_t)cJSON_GetArraySize(events_of(root)) + 1, sizeof *spans);
    if (spans == NULL)
        abort();
    cJSON_ArrayForEach(event, events_of(root)) {
        const char *now = check_event(event, named, used);
        wrong = wrong != NULL ? wrong : now;
        if (now == NULL && *string(event, "ph") == 'X')
            spans[count++] = (struct interval){number(event, "tid"), number(event, "ts"),
                                               number(event, "ts") + number(event, "dur")};
    }
    for (int i = 0; i < TRACKS && wrong == NULL; i++)
        if (used[i] && !named[i])
            wrong = "a track without a name";
    if (wrong == NULL)
        wrong = count == 0 ? "no span" : check_nesting(spans, count);
    free(spans);
    return wrong;
}

/* ---- Broken traces ---- */

#define GOOD(second)                                                                               \
    "{\"traceEvents\":[{\"ph\":\"M\",\"pid\":1,\"tid\":3,\"ts\":0,\"name\":\"thread_name\","       \
    "\"args\":{\"name\":\"unit\"}},{\"ph\":\"X\",\"pid\":1,\"tid\":3,\"ts\":1,\"dur\":4,"          \
    "\"name\":\"a\"}," second "]}"

static void test_checker(struct host_test *t) {
    static const struct {
        const char *text, *wrong;
    } cases[] = {
        {GOOD("{\"ph\":\"X\",\"pid\":1,\"tid\":3,\"ts\":5,\"dur\":1,\"name\":\"b\"}"), NULL},
        {GOOD("{\"ph\":\"X\",\"pid\":1,\"tid\":3,\"ts\":2,\"dur\":2,\"name\":\"b\"}"), NULL},
        {GOOD("{\"ph\":\"X\",\"pid\":1,\"tid\":3,\"ts\":4,\"dur\":2,\"name\":\"b\"}"), "overlap"},
        {GOOD("{\"ph\":\"X\",\"pid\":1,\"tid\":4,\"ts\":4,\"dur\":2,\"name\":\"b\"}"), "a name"},
        {GOOD("{\"ph\":\"X\",\"pid\":1,\"tid\":3,\"ts\":6,\"name\":\"b\"}"), "duration"},
        {GOOD("{\"ph\":\"X\",\"pid\":1,\"tid\":3,\"dur\":6,\"name\":\"b\"}"), "without ph"},
        {GOOD("{\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":6,\"name\":\"b\",\"args\":{\"x\":\"1\"}}"),
         "not a number"},
        {GOOD("{\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":6,\"name\":\"b\",\"args\":{}}"), "values"},
        {GOOD("{\"ph\":\"?\",\"pid\":1,\"tid\":0,\"ts\":6,\"name\":\"b\"}"), "phase"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *root = cJSON_Parse(cases[i].text);
        const char *wrong = check_trace(root);
        CHECK(t,
              root != NULL &&
                  (cases[i].wrong == NULL ? wrong == NULL
                                          : wrong != NULL && strstr(wrong, cases[i].wrong) != NULL),
              "case %zu: %s", i, wrong != NULL ? wrong : "accepted");
        cJSON_Delete(root);
    }
}

/* Names of any bytes come back, but for what is no UTF-8. */
static void test_escaping(struct host_test *t) {
    static const char name[] = "\"\\\n\t\x01\x7f\xc3\xa9\xf0\x9f\x98\x80\xff\xed\xa0\x80";
    static const char back[] = "\"\\\n\t\x01\x7f\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd"
                               "\xef\xbf\xbd\xef\xbf\xbd";
    struct timeline_json json;
    struct ls_error err;
    if (timeline_json_open(&json, BASE "-names.json", 333000000, &err) != 0)
        abort();
    timeline_json_process(&json, name);
    timeline_json_track(&json, 1, name);
    for (uint64_t i = 0; i < 50; i++) /* touching, at a clock that no decimal fits */
        timeline_json_span(&json, 1, name, sizeof name - 1, i * i, (i + 1) * (i + 1), "%s", "");
    CHECK(t, timeline_json_close(&json, &err) == 0, "not written");
    size_t size;
    char *text = host_read(BASE "-names.json", &size);
    cJSON *root = cJSON_Parse(text);
    const char *wrong = root == NULL ? "no JSON" : check_trace(root);
    CHECK(t, wrong == NULL, "%s", wrong);
    const cJSON *last =
        cJSON_GetArrayItem(events_of(root), cJSON_GetArraySize(events_of(root)) - 1);
    CHECK(t, strcmp(string(last, "name"), back) == 0, "name: %s", string(last, "name"));
    CHECK(t,
          number(last, "ts") + number(last, "dur") > 2500 / 333.0 - 1e-5 &&
              number(last, "ts") + number(last, "dur") < 2500 / 333.0 + 1e-5,
          "2500 cycles end at %g us", number(last, "ts") + number(last, "dur"));
    cJSON_Delete(root);
    free(text);
    CHECK(t, timeline_json_open(&json, "/nowhere/x.json", 1, &err) != 0, "opened");
}

/* ---- A run ---- */

/* The track of that name, -1 if there is none. */
static double track_of(const cJSON *root, const char *name) {
    const cJSON *event;
    cJSON_ArrayForEach(event,
                       events_of(root)) if (strcmp(string(event, "name"), "thread_name") == 0 &&
                                            strcmp(string(args_of(event), "name"), name) ==
                                                0) return number(event, "tid");
    return -1;
}

/* The sum of a member of the args of a track's spans, and their number. */
static double sum_of(const cJSON *root, const char *track, const char *member, int *count) {
    const double tid = track_of(root, track);
    const cJSON *event;
    double sum = 0;
    *count = 0;
    cJSON_ArrayForEach(event, events_of(root)) {
        const double at = number(event, "tid");
        if (*string(event, "ph") != 'X' || at < tid || at > tid)
            continue;
        sum += number(args_of(event), member);
        ++*count;
    }
    return sum;
}

static int count_named(const cJSON *root, const char *phase, const char *name) {
    const cJSON *event;
    int count = 0;
    cJSON_ArrayForEach(event, events_of(root)) count +=
        strcmp(string(event, "ph"), phase) == 0 && strcmp(string(event, "name"), name) == 0;
    return count;
}

/* The tokens behind the prompt spell what was printed. */
static void check_text(struct host_test *t, const cJSON *root, const char *out) {
    static const char *const tracks[] = {"tokens, slot 0", "tokens, slot 1"};
    char text[1024] = "";
    const cJSON *event;
    for (double position = 5; position < 100; position++)
        for (int i = 0; i < 2; i++) {
            const double tid = track_of(root, tracks[i]);
            cJSON_ArrayForEach(event, events_of(root)) {
                const double at = number(args_of(event), "position"), on = number(event, "tid");
                if (*string(event, "ph") == 'X' && on >= tid && on <= tid && at >= position &&
                    at <= position)
                    strncat(text, string(event, "name"), sizeof text - strlen(text) - 1);
            }
        }
    CHECK(t, strlen(text) > 10 && strncmp(out, text, strlen(text)) == 0, "'%s' of '%s'", text, out);
}

static void check_counts(struct host_test *t, const cJSON *root, const struct child *c) {
    const double stalls = child_number(c, "device.weight_stalls");
    const double passes = child_number(c, "device.passes");
    int count;
    double sum = sum_of(root, "stall: waits for weights", "stalled", &count);
    CHECK(t, sum >= stalls && sum <= stalls && sum > 0, "%g stalls, the device counted %g", sum,
          stalls);
    sum = sum_of(root, "weight port", "bytes", &count);
    const double bytes = child_number(c, "device.weight_bytes");
    CHECK(t, sum >= bytes && sum <= bytes && sum > 0, "%g bytes, the device counted %g", sum,
          bytes);
    sum_of(root, "tokens, slot 0", "cycles", &count);
    CHECK(t, count == (int)passes, "%d passes, the device counted %g", count, passes);
    count = count_named(root, "X", "blk.2.attn_q");
    CHECK(t, count == 2 * (int)passes, "%d of blk.2.attn_q on port and dot array", count);
    count = count_named(root, "X", "output") + count_named(root, "X", "token_embd");
    CHECK(t, count > 0, "no logits");
    count = count_named(root, "X", "blk.4.ffn_act");
    CHECK(t, count == 0 || count == (int)passes, "%d SWIGLUs", count);
    static const char *const counters[] = {
        "power (mW)",          "temperature (C)",     "pace (1: full speed)", "KV SRAM (words)",
        "weight FIFO (beats)", "token FIFOs (words)", "busy (% of cycles)"};
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
        CHECK(t, count_named(root, "C", counters[i]) > 0, "no counter %s", counters[i]);
    CHECK(t,
          count_named(root, "X", "load the model") == 1 && count_named(root, "X", "sequencer") == 0,
          "no firmware");
}

/* Levels are told as they change: the words of the prompt go in, each token comes out and is taken.
 */
static void check_tokens(struct host_test *t, const cJSON *root, double tokens) {
    const cJSON *event;
    double in = 0;
    int out = 0, full;
    cJSON_ArrayForEach(event, events_of(root)) {
        if (strcmp(string(event, "name"), "token FIFOs (words)") != 0)
            continue;
        in = fmax(in, number(args_of(event), "in"));
        out += number(args_of(event), "out") > 0;
    }
    CHECK(t, in >= 1, "no token waits to go in");
    CHECK(t, out >= (int)tokens, "the token-out FIFO has held something %d times, %g tokens", out,
          tokens);
    sum_of(root, "stall: token-out full", "stalled", &full);
    CHECK(t, full == 0, "token-out full %d times, but its FIFO has room for all", full);
}

/* A window's power is drawn from where it began, its temperature where it was reached: a window and
 * the thermal step later. */
static void check_windows(struct host_test *t, const cJSON *root) {
    const double window = 1024 / 500.0, step = 512 / 500.0; /* us */
    const cJSON *event;
    double power = -1, before = -1;
    int count = 0;
    cJSON_ArrayForEach(event, events_of(root)) {
        if (strcmp(string(event, "name"), "power (mW)") == 0) {
            before = power;
            power = number(event, "ts");
            CHECK(t, before < 0 || fabs(power - before - window) < 1e-5, "windows %g us apart",
                  power - before);
        } else if (strcmp(string(event, "name"), "temperature (C)") == 0) {
            const double later = number(event, "ts") - power;
            CHECK(t, later > window && later < window + step, "power %g us before its temperature",
                  later);
            count++;
        }
    }
    CHECK(t, count > 100, "%d windows", count);
}

static void check_picture(struct host_test *t) {
    size_t size;
    char *svg = host_read(BASE ".svg", &size);
    static const char *const parts[] = {
        "<svg ",  "viewBox=\"0 0 1800 ", "dot array", "weight port", "vector unit",
        "MATVEC", "attention unit",      "layer 3",   ">cycles<",    ">us<",
        "</svg>"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        CHECK(t, strstr(svg, parts[i]) != NULL, "no %s in the picture", parts[i]);
    free(svg);
}

static void test_run(struct host_test *t) {
    struct child with, without;
    SIM(&without, "small", MODEL, "-p", "Once upon a time", "-n", "20", "--no-reference");
    SIM(&with, "small", MODEL, "-p", "Once upon a time", "-n", "20", "--no-reference", "--timeline",
        BASE);
    CHECK(t, with.status == 0, "%s", with.err);
    const double cycles = child_number(&with, "device.cycles");
    const double expected = child_number(&without, "device.cycles");
    CHECK(t, cycles >= expected && cycles <= expected, "%g cycles, without a timeline %g", cycles,
          expected);
    size_t size;
    char *text = host_read(BASE ".json", &size);
    cJSON *root = cJSON_Parse(text);
    const char *wrong = root == NULL ? "no JSON" : check_trace(root);
    CHECK(t, wrong == NULL, "%s", wrong);
    CHECK(t, size < 20000000, "%zu bytes", size);
    check_counts(t, root, &with);
    check_text(t, root, with.out);
    check_tokens(t, root, 20);
    check_windows(t, root);
    check_picture(t);
    cJSON_Delete(root);
    free(text);
    child_close(&with);
    child_close(&without);
    SIM(&with, "small", MODEL, "-p", "Once", "-n", "1", "--timeline", "/nowhere/x");
    CHECK(t, with.status == 2 && strstr(with.err, "/nowhere/x") != NULL, "%s", with.err);
    child_close(&with);
}

/* What hangs is in the trace: the op, to the end. */
static void test_hang(struct host_test *t) {
    struct child c;
    size_t size;
    SIM(&c, "small", MODEL, "-p", "Once", "-n", "2", "--port-hang", "100000", "--timeline",
        BASE "-hang");
    CHECK(t, c.status == 3, "%d", c.status);
    char *text = host_read(BASE "-hang.json", &size);
    cJSON *root = cJSON_Parse(text);
    const char *wrong = root == NULL ? "no JSON" : check_trace(root);
    CHECK(t, wrong == NULL, "%s", wrong);
    CHECK(t, count_named(root, "X", "MATVEC") == 1 && count_named(root, "X", "error") == 1,
          "%d unfinished ops", count_named(root, "X", "MATVEC"));
    cJSON_Delete(root);
    free(text);
    child_close(&c);
}

int main(void) {
    struct host_test t = {"timeline", 0, 0};
    host_folder(&t);
    test_checker(&t);
    test_escaping(&t);
    test_run(&t);
    test_hang(&t);
    return host_test_finish(&t);
}
