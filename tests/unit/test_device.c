/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The Verilated device behind its C API: accesses that are answered and accesses that are cut, an
 * observer that stops it, what its commits say of when their op began, words of the KV SRAM, and
 * traces that cannot be written.
 */
#include "csrc/model/model.h"
#include "sim/session/session.h"
#include "tests/kit/host_test.h"

#define FOLDER "build/tests/device"

enum { KV_WORDS = 17 };

static void open_device(struct device *d) {
    const struct weight_mem_settings memory = weight_mem_defaults();
    if (device_open(d, 1, &memory) != 0) {
        printf("FAIL device: it does not open\n");
        exit(1);
    }
}

/* In reset nothing is answered: an access ends all the same once the run is over, and says that
 * nothing was wrong. */
static void test_accesses(struct host_test *t) {
    static struct device d;
    uint32_t value;
    open_device(&d);
    CHECK(t, device_read(&d, LOCKSTEP_REG_ID, &value) == 0 && value == LOCKSTEP_RESET_ID, "ID %x",
          value);
    CHECK(t, device_write(&d, LOCKSTEP_REG_TOPK, 5, 15) == 0, "TOPK");
    CHECK(t, device_read(&d, LOCKSTEP_REG_TOPK, &value) == 0 && value == 5, "TOPK %u", value);
    CHECK(t, device_write(&d, LOCKSTEP_REG_ID, 5, 15) != 0 || d.accesses == 4, "accesses");
    CHECK(t, device_read(&d, 0xffc, &value) != 0, "an address of nobody is answered with OKAY");
    const uint64_t accesses = d.accesses;
    for (int write = 0; write < 2; write++) {
        *d.port.rst = 0;
        d.status = DEVICE_OK;
        d.cycle_limit = d.cycle + 5;
        const uint64_t begin = d.cycle;
        const uint32_t response = write ? device_write(&d, LOCKSTEP_REG_TOPK, 7, 15)
                                        : device_read(&d, LOCKSTEP_REG_TOPK, &value);
        CHECK(t, response == 0 && d.status == DEVICE_CYCLE_LIMIT && d.accesses == accesses,
              "response %u, status %d", response, (int)d.status);
        CHECK(t, d.cycle - begin > 5 && d.cycle - begin < 200, "%u cycles",
              (unsigned)(d.cycle - begin));
        CHECK(t,
              !*d.port.awvalid && !*d.port.wvalid && !*d.port.bready && !*d.port.arvalid &&
                  !*d.port.rready,
              "something is asked for");
        CHECK(t, device_write(&d, LOCKSTEP_REG_TOPK, 7, 15) == 0 && d.cycle - begin < 200,
              "an access behind the end");
    }
    device_close(&d);
}

static void test_kv(struct host_test *t) {
    static struct device d;
    uint32_t words[2][KV_WORDS], read[KV_WORDS];
    open_device(&d);
    for (uint32_t i = 0; i < 2; i++) {
        for (uint32_t w = 0; w < KV_WORDS; w++)
            words[i][w] = (i + 1) * 0x9e3779b9u + w * 77 + 1;
        words[i][16] &= 31;
        device_kv_write(&d, 100 + i, words[i]);
    }
    device_flip_kv(&d, 101, 32 * 3 + 5);
    words[1][3] ^= 1u << 5;
    for (uint32_t i = 0; i < 2; i++) {
        device_kv_read(&d, 100 + i, read);
        CHECK(t, memcmp(read, words[i], sizeof read) == 0, "word %u", i);
    }
    device_close(&d);
}

/* This build has no traces, and a folder is no file: either ends the run, with the reason. */
static void test_traces(struct host_test *t) {
    static const struct {
        const char *path, *says;
        enum dut_status status;
    } traces[] = {{FOLDER "/of.fst", "of.fst: this build has no tracing", DUT_NOT_TRACED},
                  {FOLDER, FOLDER ": ", DUT_IO}};
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) {
        static struct device d;
        open_device(&d);
        d.trace.path = traces[i].path;
        d.trace.first = d.cycle + 10;
        d.trace.last = d.cycle + 300;
        d.trace.most = UINT64_MAX;
        for (int cycle = 0; cycle < 10; cycle++)
            device_tick(&d);
        CHECK(t, d.status == DEVICE_OK && d.trace.status == DUT_OK, "trace %zu: too early", i);
        for (int cycle = 0; cycle < 400; cycle++)
            device_tick(&d);
        device_trace_end(&d);
        CHECK(t, !d.trace.written && !d.trace.open && d.trace.status == traces[i].status,
              "trace %zu: status %d", i, (int)d.trace.status);
        CHECK(t, d.status == DEVICE_TRACE, "trace %zu: the device's status %d", i, (int)d.status);
        CHECK(t, strstr(d.trace.error.text, traces[i].says) != NULL, "trace %zu: %s", i,
              d.trace.error.text);
        CHECK(t, access(FOLDER "/of.fst", F_OK) != 0, "trace %zu: a file is left", i);
        device_close(&d);
    }
}

/* A trace whose window is over before it begins opens no file; it stops the run if it is to. */
static void test_window(struct host_test *t) {
    for (int stop = 0; stop < 3; stop++) {
        static struct device d;
        open_device(&d);
        d.trace.path = FOLDER "/of.fst";
        d.trace.first = d.cycle + 10;
        d.trace.last = d.cycle + 9;
        d.trace.most = UINT64_MAX;
        d.trace.stop = stop != 0;
        for (int cycle = 0; cycle < 10; cycle++)
            device_tick(&d);
        CHECK(t, d.status == DEVICE_OK, "stopped too early");
        if (stop == 2)
            d.status = DEVICE_INTERRUPTED;
        device_tick(&d);
        CHECK(t,
              d.status == (stop == 0   ? DEVICE_OK
                           : stop == 1 ? DEVICE_ENOUGH
                                       : DEVICE_INTERRUPTED) &&
                  d.trace.status == DUT_OK && !d.trace.open && !d.trace.written,
              "window %d: status %d", stop, (int)d.status);
        d.cycle = 5 * 1024 - 1; /* where the size of a trace is looked at: there is none */
        for (int cycle = 0; cycle < 3; cycle++)
            device_tick(&d);
        device_close(&d);
    }
}

static void on_progress(void *observer) {
    ++*(unsigned *)observer;
}

/* Every 32,768 cycles somebody is told; limits and interrupts end a run, the first that comes. */
static void test_progress(struct host_test *t) {
    static struct device d;
    volatile bool interrupted = false;
    unsigned told = 0;
    open_device(&d);
    d.cycle = 32768 - 3;
    for (int cycle = 0; cycle < 2; cycle++)
        device_tick(&d); /* nobody is told */
    d.on_progress = on_progress;
    d.observer = &told;
    for (unsigned cycle = 0; cycle < 3; cycle++) {
        CHECK(t, told == (cycle > 0), "cycle %u: told %u times", (unsigned)d.cycle, told);
        device_tick(&d);
    }
    d.cycle = 5 * 32768 - 1;
    device_tick(&d);
    CHECK(t, told == 2, "told %u times", told);
    d.interrupted = &interrupted;
    device_tick(&d);
    CHECK(t, d.status == DEVICE_OK, "status %d", (int)d.status);
    interrupted = true;
    d.status = DEVICE_STOPPED;
    d.cycle_limit = d.cycle;
    device_tick(&d);
    CHECK(t, d.status == DEVICE_STOPPED, "what stopped it first: status %d", (int)d.status);
    d.status = DEVICE_OK;
    device_tick(&d);
    CHECK(t, d.status == DEVICE_INTERRUPTED, "status %d", (int)d.status);
    d.status = DEVICE_OK;
    d.interrupted = NULL;
    d.cycle_limit = d.cycle + 2;
    device_tick(&d);
    CHECK(t, d.status == DEVICE_OK, "a cycle is left");
    device_tick(&d);
    CHECK(t, d.status == DEVICE_CYCLE_LIMIT, "status %d", (int)d.status);
    device_close(&d);
}

/* ---- what commits ---- */

struct seen {
    uint64_t commits, most, early; /* most: so many are taken; early: before their op began */
    uint64_t start;
};

static int on_commit(void *observer, const struct device_commit *c) {
    struct seen *s = observer;
    s->early += c->start > c->cycle || c->start < s->start;
    s->start = c->start;
    return ++s->commits < s->most ? 0 : -1;
}

static void test_stop(struct host_test *t, struct ls_model *model) {
    static const uint32_t prompt[] = {1, 70, 81};
    const struct session_settings settings = {
        .seed = 1, .memory = weight_mem_defaults(), .power = {.clock_hz = 500000000}};
    const struct session_layout layout = {.sequences = 1, .context = 16};
    const struct fw_settings how = {.budget = 2,
                                    .sampling = {.top_k = 1, .top_p = 1, .repeat_penalty = 1}};
    static struct session s;
    struct ls_error err = {""};
    struct fw_event e;
    struct seen seen = {.most = 500};
    if (session_open(&s, &settings, &err) != 0 || session_model(&s, model, &layout, &err) != 0 ||
        session_load(&s, &err) != 0 || s.status != FW_OK) {
        printf("FAIL device: %s\n", err.text);
        exit(1);
    }
    session_begin(&s);
    fw_configure(&s.firmware, &how);
    s.device.on_commit = on_commit;
    s.device.observer = &seen;
    CHECK(t, fw_prompt(&s.firmware, 0, prompt, 3) == FW_OK, "prompt");
    CHECK(t, fw_next(&s.firmware, &e) != FW_OK && s.device.status == DEVICE_STOPPED,
          "it goes on: status %d", (int)s.device.status);
    CHECK(t, seen.commits >= 500 && seen.early == 0 && seen.start > 1000,
          "%u commits, %u before their op, the last began in cycle %u", (unsigned)seen.commits,
          (unsigned)seen.early, (unsigned)seen.start);
    session_close(&s);
}

int main(void) {
    struct host_test t = {"device", 0, 0};
    struct ls_model *model;
    struct ls_error err;
    host_folder(&t);
    if (ls_model_open(HOST_TINY, &model, &err) != 0) {
        printf("FAIL: %s\n", err.text);
        return 1;
    }
    test_accesses(&t);
    test_kv(&t);
    test_traces(&t);
    test_window(&t);
    test_progress(&t);
    test_stop(&t, model);
    ls_model_close(model);
    return host_test_finish(&t);
}
