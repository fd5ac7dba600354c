/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The report and the CSVs of a run: they are written where they are asked for and nothing else is
 * replaced, a full disk is told, and their figures fit together. And that a device which begins hot
 * settles at its target, however long its ops.
 */
#include <fcntl.h>
#include <sys/resource.h>

#include "csrc/expect/power.h"
#include "tests/kit/child.h"
#include "tests/kit/host_test.h"

#define PROMPT "Once upon a time"
#define FOLDER "build/tests/report"
#define MODEL  HOST_MODEL("Q4_0")

static void short_run(struct child *c, const char *option, const char *value) {
    const char *const args[] = {"sim",  MODEL, "-p", PROMPT, "-n", "2", "--no-reference",
                                option, value, NULL};
    child_start(c, "build/small/lockstep", args, false);
    child_wait(c);
}

static cJSON *parse_file(const char *path) {
    const int fd = open(path, O_RDONLY);
    char *text = fd < 0 ? NULL : child_slurp(fd);
    cJSON *json = text == NULL ? NULL : cJSON_Parse(text);
    if (fd >= 0)
        close(fd);
    free(text);
    return json;
}

/* What is no regular file is written to, not replaced. */
static void test_targets(struct host_test *t) {
    const char *const link = FOLDER "/link.json", *const file = FOLDER "/file.json";
    struct child c;
    struct stat seen;
    unlink(link);
    unlink(file);
    CHECK(t, symlink("file.json", link) == 0, "%s", link);
    short_run(&c, "--report", link);
    CHECK(t, c.status == 0, "exit %d: %s", c.status, c.err);
    child_close(&c);
    CHECK(t, lstat(link, &seen) == 0 && S_ISLNK(seen.st_mode), "the link was replaced");
    cJSON *json = parse_file(file);
    CHECK(t, cJSON_HasObjectItem(json, "verdict"), "%s", file);
    cJSON_Delete(json);

    short_run(&c, "--report", "/proc/self/fd/1");
    json = cJSON_Parse(c.out);
    CHECK(t, c.status == 0 && cJSON_HasObjectItem(json, "verdict"), "exit %d: %s", c.status, c.out);
    cJSON_Delete(json);
    child_close(&c);

    short_run(&c, "--report", FOLDER);
    CHECK(t, c.status == 2 && strstr(c.err, FOLDER ": ") != NULL, "exit %d: %s", c.status, c.err);
    CHECK(t, stat(FOLDER ".part", &seen) != 0, "a temporary file is left");
    child_close(&c);
}

/* As on a full disk: no file may grow beyond a page. */
static void test_full_disk(struct host_test *t) {
    struct rlimit all, little;
    struct child c;
    getrlimit(RLIMIT_FSIZE, &all);
    little = all;
    little.rlim_cur = 4096;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &little);
    short_run(&c, "--power", FOLDER);
    setrlimit(RLIMIT_FSIZE, &all);
    CHECK(t, c.status == 2 && strstr(c.err, FOLDER "/power.csv: cannot be written") != NULL,
          "power.csv: exit %d: %s", c.status, c.err);
    child_close(&c);
}

/* Energy is events times coefficients, and all of it is somewhere. */
static void check_energy(struct host_test *t, const struct child *c, const char *profile) {
    struct power_settings settings;
    struct ls_error err;
    uint64_t events[LOCKSTEP_EVENT_LIMIT];
    double parts = 0;
    const cJSON *item;
    CHECK(t, power_profile(profile, 500000000, &settings, &err) == 0, "%s", err.text);
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
        events[e] = (uint64_t)cJSON_GetNumberValue(
            cJSON_GetObjectItem(child_item(c, "counters.events"), event_info[e].key));
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++) {
        const char *const name = unit_info[u].key;
        const double told = cJSON_GetNumberValue(
            cJSON_GetObjectItem(child_item(c, "power.energy_fj_by_unit"), name));
        const double energy = (double)power_energy(&settings, u, events);
        CHECK(t, told == energy, "%s: %.0f fJ, events times coefficients %.0f", name, told, energy);
        if (u == LOCKSTEP_UNIT_DRAM || u == LOCKSTEP_UNIT_LEAKAGE || u == LOCKSTEP_UNIT_CONTROL)
            parts += told;
    }
    cJSON_ArrayForEach(item, child_item(c, "counters.by_op")) parts +=
        cJSON_GetObjectItem(item, "energy_fj")->valuedouble;
    CHECK(t, parts == child_number(c, "power.energy_fj_total"), "ops and the rest: %.0f of %.0f",
          parts, child_number(c, "power.energy_fj_total"));
    CHECK(t, child_number(c, "counters.events.cycle") == child_number(c, "power.cycles"), "cycles");
}

static double energy_rows(void) {
    char line[256];
    double sum = 0, value;
    FILE *file = fopen(FOLDER "/energy.csv", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "%*[^,],%lf", &value) == 1)
            sum += value;
    if (file != NULL)
        fclose(file);
    return sum;
}

static void write_text(struct host_test *t, const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    CHECK(t, file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, "%s", path);
}

static void test_energy(struct host_test *t) {
    const char *const profile = FOLDER "/cools.txt";
    struct child c;
    write_text(t, profile, "package_j_per_k = 0.1\ncoef_half = 7000\n");
    SIM(&c, "small", MODEL, "-p", PROMPT, "-n", "4", "--no-reference", "--power", FOLDER);
    CHECK(t, c.status == 0, "exit %d: %s", c.status, c.err);
    check_energy(t, &c, NULL);
    CHECK(t, energy_rows() == child_number(&c, "power.energy_fj_total"), "energy.csv: %.0f of %.0f",
          energy_rows(), child_number(&c, "power.energy_fj_total"));
    CHECK(t, strstr(c.err, "by energy   DRAM ") != NULL, "%s", c.err);
    CHECK(t,
          child_number(&c, "host.load_seconds") > 0 &&
              child_number(&c, "host.cpu_seconds") > child_number(&c, "host.load_seconds"),
          "no processor time");
    CHECK(t, child_number(&c, "host.cycles") > child_number(&c, "device.cycles"), "cycles");
    child_close(&c);
    SIM(&c, "small", MODEL, "-p", PROMPT, "-n", "2", "--no-reference", "--front-door", "--throttle",
        "hot", "--profile", profile);
    CHECK(t, c.status == 0, "exit %d: %s", c.status, c.err);
    check_energy(t, &c, profile);
    CHECK(t, strstr(c.err, "it cools: this run's power cannot hold the ramp") != NULL, "%s", c.err);
    child_close(&c);
}

/* A peak that the register cannot hold is told as such. */
static void test_peak(struct host_test *t) {
    const char *const profile = FOLDER "/hungry.txt";
    struct child c;
    write_text(t, profile,
               "coef_cycle = 4294967295\ncoef_busy = 4294967295\ncoef_word = 4294967295\n");
    short_run(&c, "--profile", profile);
    CHECK(t, c.status == 0 && strstr(c.err, "highest window at least 4294967.3 mW") != NULL,
          "exit %d: %s", c.status, c.err);
    child_close(&c);
}

/* A row a window: its end, the position that is worked on, the op that runs. */
static void test_rows(struct host_test *t) {
    char line[512], op[16];
    unsigned long long cycle, before = 0;
    unsigned position, highest = 0, quants = 0, units = 0;
    FILE *file = fopen(FOLDER "/power.csv", "r");
    CHECK(t, file != NULL && fgets(line, sizeof line, file) != NULL, "power.csv");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        CHECK(t, sscanf(line, "%llu,%u,%15[^,]", &cycle, &position, op) == 3, "%s", line);
        CHECK(t, before == 0 || cycle == before + 1024, "%s", line);
        CHECK(t, position >= highest && position <= highest + 2, "%s", line);
        CHECK(t, strcmp(op, "PASS") != 0 && strcmp(op, "SAMPLE") != 0, "%s", line);
        quants += strcmp(op, "QUANT") == 0;
        units += strcmp(op, "none") != 0;
        before = cycle;
        highest = position;
    }
    if (file != NULL)
        fclose(file);
    /* 5 tokens of prompt two at a time, and the 3 that follow: positions 0 to 7. */
    CHECK(t, highest == 7, "position %u", highest);
    CHECK(t, quants > 0 && units > 100, "%u windows end in QUANT, %u in an op", quants, units);
}

/* Regulation is the device's. */
static void test_backends(struct host_test *t) {
    static const char *const asked[][2] = {{"--throttle", "hot"},
                                           {"--power-cap", "100"},
                                           {"--token-rate", "5"},
                                           {"--profile", "scripts/profiles/7nm.txt"},
                                           {"--power", FOLDER}};
    for (size_t i = 0; i < 2 * sizeof asked / sizeof asked[0]; i++) {
        const char *const *option = asked[i / 2], *backend = i % 2 != 0 ? "golden" : "float";
        struct child c;
        SIM(&c, "small", MODEL, "-p", PROMPT, "-n", "2", "--backend", backend, option[0],
            option[1]);
        CHECK(t,
              c.status == 2 && strstr(c.err, option[0]) != NULL &&
                  strstr(c.err, "needs --backend rtl") != NULL && child_lines(c.err) == 1,
              "%s %s: exit %d: %s", backend, option[0], c.status, c.err);
        child_close(&c);
    }
}

/* From a hot start, where contexts and so ops are longest: the die comes to within a degree of the
 * target and from then on moves by less than one. */
static void test_hot(struct host_test *t) {
    const double target = 75;
    char line[512];
    double die, low = 1e9, high = -1e9;
    unsigned position, rows = 0;
    struct child c;
    SIM(&c, "small", HOST_MADE("F32"), "-p", "Once", "-n", "476", "--start-token", "470",
        "--no-reference", "--throttle", "hot", "--profile", "scripts/profiles/45nm-small.txt",
        "--power", FOLDER);
    CHECK(t, c.status == 0, "exit %d: %s", c.status, c.err);
    CHECK(t, child_number(&c, "power.pace_most") > 1, "not paced");
    child_close(&c);
    FILE *file = fopen(FOLDER "/power.csv", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%*u,%u,%*[^,],%*f,%*f,%*f,%*f,%*f,%*f,%*f,%*f,%lf", &position, &die) !=
                2 ||
            position < 471)
            continue;
        rows++;
        low = die < low ? die : low;
        high = die > high ? die : high;
    }
    if (file != NULL)
        fclose(file);
    CHECK(t, rows > 5000, "%u windows", rows);
    CHECK(t, low > target - 1 && high < target + 1, "%.3f C to %.3f C", low, high);
    CHECK(t, high - low < 1, "%.3f C to %.3f C", low, high);
}

int main(void) {
    struct host_test t = {"report", 0, 0};
    host_folder(&t);
    test_targets(&t);
    test_full_disk(&t);
    test_energy(&t);
    test_rows(&t);
    test_peak(&t);
    test_backends(&t);
    test_hot(&t);
    return host_test_finish(&t);
}
