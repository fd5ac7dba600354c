/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Counters, energy, heat and pacing of whole runs: equal to the golden model's after every pass on
 * every model that the device reads, three configurations, five kinds of port behaviour, and
 * however the device is held back, which never changes a token; and what the report says of them
 * adds up.
 */
#include <dirent.h>

#include "tests/kit/child.h"
#include "tests/kit/host_test.h"

#define PROMPT "Once upon a time"
#define MODEL  HOST_MODEL("Q4_0")

static const char *const configs[] = {"small", "default", "single"};

/* Seed, latency, jitter, gaps. */
static const char *const ports[5][4] = {{"1", "1", "0", "0"},
                                        {"2", "40", "200", "0"},
                                        {"3", "7", "30", "128"},
                                        {"4", "300", "50", "32"},
                                        {"5", "2", "5", "200"}};

/* The profile makes the ramp short and mild, and starts within it: on and hot both pace. */
static const char profile[] = "build/tests/power_sim/profile";
static const char *const regulations[][4] = {
    {"--throttle", "off", "--seed", "1"},           {"--throttle", "on", "--profile", profile},
    {"--throttle", "hot", "--profile", profile},    {"--power-cap", "300", "--profile", profile},
    {"--token-rate", "20000", "--throttle", "off"},
};
enum { REGULATIONS = sizeof regulations / sizeof regulations[0] };

static bool write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    return file != NULL && fputs(text, file) >= 0 && fclose(file) == 0;
}

static double sum_of(const struct child *c, const char *path) {
    const cJSON *item;
    double sum = 0;
    cJSON_ArrayForEach(item, child_item(c, path)) sum += item->valuedouble;
    return sum;
}

static double sum_of_member(const struct child *c, const char *path, const char *member) {
    const cJSON *item;
    double sum = 0;
    cJSON_ArrayForEach(item, child_item(c, path)) sum +=
        cJSON_GetObjectItem(item, member)->valuedouble;
    return sum;
}

/* All was compared and equal, and the report adds up. */
static void check_run(struct host_test *t, const struct child *c, const char *what) {
    CHECK(t, c->status == 0, "%s: exit %d: %s", what, c->status, c->err);
    if (c->status != 0 || c->report == NULL)
        return;
    CHECK(t, child_number(c, "counters.mismatches") == 0, "%s", what);
    CHECK(t, child_number(c, "power.mismatches") == 0, "%s", what);
    CHECK(t, child_number(c, "counters.passes_compared") == child_number(c, "device.passes"),
          "%s: %g of %g passes", what, child_number(c, "counters.passes_compared"),
          child_number(c, "device.passes"));
    CHECK(t, child_number(c, "power.windows") > 1, "%s", what);
    CHECK(t, sum_of(c, "counters.cycle_classes") == child_number(c, "device.cycles"),
          "%s: classes %g, cycles %g", what, sum_of(c, "counters.cycle_classes"),
          child_number(c, "device.cycles"));
    CHECK(t, sum_of(c, "power.energy_fj_by_unit") == child_number(c, "power.energy_fj_total"),
          "%s: units %g, total %g", what, sum_of(c, "power.energy_fj_by_unit"),
          child_number(c, "power.energy_fj_total"));
    CHECK(t,
          sum_of_member(c, "counters.by_op", "energy_fj") ==
              sum_of_member(c, "counters.by_layer", "energy_fj"),
          "%s", what);
    CHECK(t, child_number(c, "power.power_mw_peak") >= child_number(c, "power.power_mw_average"),
          "%s", what);
}

static bool same_tokens(const struct child *a, const struct child *b) {
    const cJSON *x = child_item(a, "generated_tokens"), *y = child_item(b, "generated_tokens");
    return cJSON_GetArraySize(x) > 0 && cJSON_Compare(x, y, true);
}

/* A model in the next few of the combinations of configuration, port and regulation: each pair of
 * two of them is met within 25. */
static void test_model(struct host_test *t, const char *model, int runs) {
    static int met;
    struct child first = {0};
    for (int i = 0; i < runs; i++, met++) {
        const char *const config = configs[met % 3];
        const char *const *port = ports[met % 5];
        const char *const *held = regulations[(met + met / 5) % REGULATIONS];
        struct child c;
        char what[600];
        snprintf(what, sizeof what, "%s, %s, seed %s, %s %s", model, config, port[0], held[0],
                 held[1]);
        SIM(&c, config, model, "-p", "Once", "-n", "3", "--no-reference", held[0], held[1], held[2],
            held[3], "--seed", port[0], "--latency", port[1], "--jitter", port[2], "--gaps",
            port[3]);
        check_run(t, &c, what);
        if (i == 0) {
            first = c;
            continue;
        }
        CHECK(t, same_tokens(&c, &first), "%s: other tokens", what);
        child_close(&c);
    }
    child_close(&first);
}

/* Whether the device takes a model: only a refusal for its kind says that it does not. */
static bool is_read(struct host_test *t, const char *model) {
    struct child c;
    SIM(&c, "small", model, "-p", PROMPT, "-n", "1", "--no-reference");
    const bool refused = c.status == 2 && (strstr(c.err, "not supported") != NULL ||
                                           strstr(c.err, "a tensor type that the device") != NULL);
    CHECK(t, c.status == 0 || refused, "%s: exit %d: %s", model, c.status, c.err);
    child_close(&c);
    return !refused;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Those beside the clone. */
static void test_strangers(struct host_test *t) {
    struct dirent **list;
    char path[600];
    int read = 0;
    const struct host_path folder = host_shared("models");
    const int count = scandir(folder.text, &list, NULL, by_name);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder.text, list[i]->d_name);
        if (strstr(list[i]->d_name, ".gguf") != NULL && is_read(t, path)) {
            test_model(t, path, 3);
            read++;
        }
        free(list[i]);
    }
    free(list);
    CHECK(t, read >= 5, "%d models", read);
}

static void test_models(struct host_test *t) {
    static const char *const files[] = {HOST_MADE("F32"), HOST_MADE("F16"), HOST_MODEL("Q8_0"),
                                        HOST_MODEL("Q4_0")};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        test_model(t, files[i], 7);
    if (host_shared_has(t, "models of others", "models/stories260K.gguf"))
        test_strangers(t);
}

/* However the device is held back, the tokens are the same; and it is held back. */
static void test_regulations(struct host_test *t) {
    struct child free_run, c;
    SIM(&free_run, "default", MODEL, "-p", PROMPT, "-n", "6", "--no-reference");
    check_run(t, &free_run, "free");
    CHECK(t, child_number(&free_run, "counters.cycle_classes.throttled") == 0, "held back");
    CHECK(t, child_number(&free_run, "power.pace_most") <= 1, "paced");
    for (int i = 1; i < REGULATIONS; i++) {
        const char *const *held = regulations[i];
        SIM(&c, "default", MODEL, "-p", PROMPT, "-n", "6", "--no-reference", held[0], held[1],
            held[2], held[3]);
        check_run(t, &c, held[0]);
        CHECK(t, same_tokens(&c, &free_run), "%s %s: other tokens", held[0], held[1]);
        CHECK(t, child_number(&c, "counters.cycle_classes.throttled") > 0, "%s %s holds nothing",
              held[0], held[1]);
        CHECK(t,
              child_number(&c, "power.power_mw_average") <
                  child_number(&free_run, "power.power_mw_average"),
              "%s %s takes %g mW", held[0], held[1], child_number(&c, "power.power_mw_average"));
        child_close(&c);
    }
    child_close(&free_run);
}

/* What else shapes a run. */
static void test_runs(struct host_test *t) {
    static const char *const kinds[][4] = {
        {"-p", "Tom had a red ball.", "--slots", "2"},
        {"--temp", "0.8", "--seed", "7"},
        {"--front-door", "--slots", "1", "--no-reference"},
        {"--start-token", "7", "--seed", "1"},
        {"--checkpoint", "build/tests/power_sim/state", "--every", "3"},
        {"--resume", "build/tests/power_sim/state", "-n", "9"}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (int k = 0; k < 2; k++) {
            struct child c;
            SIM(&c, configs[k], MODEL, "-p", PROMPT, "-n", "6", "--no-reference", kinds[i][0],
                kinds[i][1], kinds[i][2], kinds[i][3]);
            check_run(t, &c, kinds[i][0]);
            child_close(&c);
        }
}

/* Cycles of a run of so many tokens. */
static double rationed(struct host_test *t, const char *tokens, const char *rate, bool missed) {
    struct child c;
    SIM(&c, "small", MODEL, "-p", PROMPT, "-n", tokens, "--no-reference", "--token-rate", rate);
    check_run(t, &c, rate);
    CHECK(t, (strstr(c.err, "lockstep: --token-rate") != NULL) == missed, "%s: %s", rate, c.err);
    const double cycles = child_number(&c, "device.cycles");
    child_close(&c);
    return cycles;
}

/* A rate that can be met is met to the cycle, where each pass takes as many more cycles than the
 * one before as that did; of one that cannot, the run says so. */
static void test_rate(struct host_test *t) {
    const double few = rationed(t, "8", "5000", false), more = rationed(t, "16", "5000", false);
    CHECK(t, more - few == 8 * 100000, "8 tokens at 5000/s and 500 MHz took %g cycles", more - few);
    rationed(t, "4", "1000000", true);
}

/* Whether the run says that the cap was not kept. */
static bool is_above(struct host_test *t, const char *cap) {
    struct child c;
    SIM(&c, "small", MODEL, "-p", PROMPT, "-n", "2", "--no-reference", "--power-cap", cap,
        "--profile", profile);
    check_run(t, &c, cap);
    const bool above = strstr(c.err, "smoothed power was above it in") != NULL;
    CHECK(t, (child_number(&c, "power.pace_most") > 1) == (strcmp(cap, "4000") != 0), "%s mW", cap);
    child_close(&c);
    return above;
}

/* A cap slows the engine down; what leakage and clocks draw it cannot take away. */
static void test_cap(struct host_test *t) {
    CHECK(t, is_above(t, "30"), "a cap below leakage and clocks");
    CHECK(t, !is_above(t, "4000"), "a cap above all");
}

static void test_limit(struct host_test *t) {
    static const char burning[] = "build/tests/power_sim/burning";
    struct child c;
    CHECK(t, write_text(burning, "initial_c = 89.9\nlimit_c = 89.8\nramp_target_c = 95\n"), "disk");
    SIM(&c, "small", MODEL, "-p", PROMPT, "-n", "2", "--no-reference", "--throttle", "on",
        "--profile", burning);
    CHECK(t, c.status == 3 && strstr(c.err, "OVERHEAT") != NULL, "exit %d: %s", c.status, c.err);
    CHECK(t, strstr(c.err, "not compared in the end") != NULL, "%s", c.err);
    child_close(&c);
    SIM(&c, "small", MODEL, "-p", PROMPT, "-n", "2", "--throttle", "warm");
    CHECK(t, c.status == 2 && strstr(c.err, "none of off, on, hot") != NULL, "%s", c.err);
    child_close(&c);
    char folder[sizeof burning + 8]; /* below a file there is no folder to be made */
    snprintf(folder, sizeof folder, "%s/absent", burning);
    SIM(&c, "small", MODEL, "-p", PROMPT, "-n", "2", "--power", folder);
    CHECK(t, c.status == 2 && strstr(c.err, folder) != NULL && child_lines(c.err) == 1,
          "exit %d: %s", c.status, c.err);
    child_close(&c);
}

/* The rows of power.csv: as many as windows, and their energy is that of the run. */
static void test_csv(struct host_test *t) {
    const char *const folder = "build/tests/power_sim";
    struct child c;
    char line[512], path[64];
    double mw = 0, value[8];
    int rows = 0;
    SIM(&c, "small", MODEL, "-p", PROMPT, "-n", "4", "--no-reference", "--power", folder);
    check_run(t, &c, "--power");
    snprintf(path, sizeof path, "%s/power.csv", folder);
    FILE *file = fopen(path, "r");
    CHECK(t,
          file != NULL && fgets(line, sizeof line, file) != NULL &&
              strncmp(line, "cycle,token,op,leakage_mw,", 26) == 0,
          "%s", path);
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        rows++;
        CHECK(t,
              sscanf(line, "%*[^,],%*[^,],%*[^,],%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf", &value[0],
                     &value[1], &value[2], &value[3], &value[4], &value[5], &value[6],
                     &value[7]) == 8,
              "%s", line);
        for (int u = 0; u < 8; u++)
            mw += value[u];
    }
    if (file != NULL)
        fclose(file);
    CHECK(t, rows == (int)child_number(&c, "power.windows"), "%d rows", rows);
    CHECK(t, rows > 0 && fabs(mw / rows / child_number(&c, "power.power_mw_average") - 1) < 0.1,
          "%g mW by rows, %g by energy", mw / rows, child_number(&c, "power.power_mw_average"));
    child_close(&c);
}

int main(void) {
    struct host_test t = {"power_sim", 0, 0};
    host_folder(&t);
    CHECK(&t,
          write_text(profile, "window_log2 = 9\npower_filter = 2\npace_max = 5\ninitial_c = 72\n"
                              "ramp_start_c = 70\nramp_target_c = 75\n"),
          "disk");
    test_models(&t);
    test_regulations(&t);
    test_runs(&t);
    test_rate(&t);
    test_cap(&t);
    test_limit(&t);
    test_csv(&t);
    return host_test_finish(&t);
}
