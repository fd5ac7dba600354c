/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * csrc/expect/cycles.c op by op against the device, for several configurations, shapes of heads,
 * types and latencies. A prediction that is off by one must fail.
 */
#include "tests/kit/child.h"
#include "tests/kit/host_test.h"

#define PROMPT "Once upon a time there was"

static void check_run(struct host_test *t, const struct child *c, const char *what, bool exact) {
    const cJSON *said = child_item(c, "cycles.exact");
    CHECK(t, c->status == 0, "%s: exit %d: %s", what, c->status, c->err);
    CHECK(t, child_number(c, "cycles.ops") > 100, "%s: %g ops", what,
          child_number(c, "cycles.ops"));
    CHECK(t, child_number(c, "cycles.mismatches") == 0, "%s: %s", what, c->err);
    CHECK(t, cJSON_IsTrue(said) == exact, "%s: exact or not", what);
}

static void test_device(struct host_test *t) {
    static const struct {
        const char *config, *heads, *kv_heads, *dim, *type, *latency, *gaps, *jitter;
        const char *experts; /* a family that has them, or NULL */
    } runs[] = {
        {"small", "6", "2", "240", "F32", "1", "0", "0", NULL},
        {"small", "2", "1", "256", "Q4_0", "40", "0", "0", NULL},
        {"small", "5", "1", "160", "Q8_0", "200", "0", "0", NULL},
        {"default", "1", "1", "256", "F16", "40", "0", "0", NULL},
        {"default", "8", "2", "256", "Q8_0", "7", "0", "0", NULL},
        {"single", "6", "2", "240", "Q4_0", "3", "0", "0", NULL},
        {"small", "6", "2", "240", "F32", "1", "0", "9", NULL},
        {"default", "8", "2", "256", "Q8_0", "7", "100", "0", NULL},
        {"small", "4", "2", "64", "Q8_0", "40", "0", "0", "qwen2moe"},
        {"small", "4", "2", "64", "F16", "3", "50", "9", "llama"},
        {"default", "8", "2", "256", "Q4_0", "3", "0", "0", "qwen3moe"},
        /* bursts end where a page of each channel does */
        {"default", "5", "1", "160", "Q8_0", "230", "0", "0", NULL},
    };
    double took[sizeof runs / sizeof runs[0]];
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        static const char file[] = "build/tests/cycles_device/odd.gguf";
        const bool exact = runs[i].gaps[0] == '0' && runs[i].jitter[0] == '0';
        struct child c;
        char what[96];
        snprintf(what, sizeof what, "%s, %s heads of %s, %s", runs[i].config, runs[i].heads,
                 runs[i].dim, runs[i].type);
        child_start(&c, "build/gguf",
                    (const char *const[]){"make",
                                          file,
                                          "--layers",
                                          "2",
                                          "--hidden",
                                          "300",
                                          "--dim",
                                          runs[i].dim,
                                          "--heads",
                                          runs[i].heads,
                                          "--kv-heads",
                                          runs[i].kv_heads,
                                          "--type",
                                          runs[i].type,
                                          runs[i].experts != NULL ? "--experts" : NULL,
                                          "12",
                                          "--experts-used",
                                          "3",
                                          "--arch",
                                          runs[i].experts,
                                          NULL},
                    false);
        child_wait(&c);
        CHECK(t, c.status == 0, "%s: %s", what, c.err);
        child_close(&c);
        SIM(&c, runs[i].config, file, "-p", PROMPT, "-p", "Tom", "-n", "5", "--latency",
            runs[i].latency, "--gaps", runs[i].gaps, "--jitter", runs[i].jitter, "--no-reference");
        check_run(t, &c, what, exact);
        took[i] = child_number(&c, "device.cycles");
        child_close(&c);
        /* what makes the port irregular has to be felt: two runs are like others but for that */
        if (i == 6 || i == 7)
            CHECK(t, took[i] > took[i == 6 ? 0 : 4], "%s: jitter or gaps cost nothing", what);
        if (i != 0)
            continue;
        SIM(&c, runs[i].config, file, "-p", PROMPT, "-n", "3", "--no-reference", "--throttle",
            "hot", "--profile", "scripts/profiles/45nm-small.txt");
        check_run(t, &c, "with rests between the ops", true);
        CHECK(t, child_number(&c, "power.pace_most") > 1, "nothing was paced: %s", c.err);
        CHECK(t, child_number(&c, "power.temperature_c_peak") < 75.2, "it peaks at %g C",
              child_number(&c, "power.temperature_c_peak"));
        child_close(&c);
        SIM(&c, runs[i].config, file, "-p", PROMPT, "-n", "2", "--no-reference", "--miscount", "1");
        CHECK(t, c.status == 1, "a prediction off by one passes: exit %d", c.status);
        CHECK(t, child_number(&c, "cycles.mismatches") == child_number(&c, "cycles.ops"),
              "%g of %g ops are off", child_number(&c, "cycles.mismatches"),
              child_number(&c, "cycles.ops"));
        CHECK(t, strstr(child_string(&c, "message"), "op 0 ANGLES") != NULL, "%s",
              child_string(&c, "message"));
        child_close(&c);
        SIM(&c, runs[i].config, file, "-p", PROMPT, "-n", "2", "--no-reference", "--jitter", "1",
            "--miscount", "1");
        CHECK(t, c.status == 1, "with jitter, a prediction off by one passes: exit %d", c.status);
        child_close(&c);
    }
}

int main(void) {
    struct host_test t = {"cycles_device", 0, 0};
    host_folder(&t);
    test_device(&t);
    return host_test_finish(&t);
}
