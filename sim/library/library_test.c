/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The self-test: first a bare device through its registers, then the model on it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/device_info.h"
#include "firmware/loader.h"
#include "library.h"

#define MEMORY    4096u /* bytes that go through the loader */
#define GET(f, w) (((w) & f##_MASK) >> f##_SHIFT)

static uint32_t get(struct lockstep *d, uint32_t address) {
    uint32_t value = 0;
    device_read(&d->session.device, address, &value);
    return value;
}

static void set(struct lockstep *d, uint32_t address, uint32_t value) {
    device_write(&d->session.device, address, value, 15);
}

/* What fails, or LOCKSTEP_OK if the device is still there. */
static int there(struct lockstep *d) {
    return d->session.device.status == DEVICE_OK
               ? LOCKSTEP_OK
               : library_fail(d, LOCKSTEP_TIMED_OUT, "no answer until cycle %" PRIu64,
                              d->session.device.cycle);
}

static bool is(const struct register_info *r, const char *access) {
    return strcmp(r->access, access) == 0;
}

/* Every register that stores keeps what is written; the others read what they do after reset. */
static int test_register(struct lockstep *d, const struct register_info *r) {
    static const uint32_t patterns[] = {0xffffffffu, 0xa5a5a5a5u, 0x5a5a5a5au, 0};
    const bool stores = is(r, "rw") || is(r, "cfg");
    const uint32_t reset = is(r, "pop") ? 0 : get(d, r->address);
    if (r->has_reset && !is(r, "pop") && reset != r->reset)
        return library_fail(d, LOCKSTEP_DIFFERED,
                            "%s reads 0x%08" PRIx32 " after reset, not 0x%08" PRIx32, r->name,
                            reset, r->reset);
    for (size_t i = 0; stores && i < sizeof patterns / sizeof *patterns; i++) {
        const uint32_t want = patterns[i] & r->mask;
        set(d, r->address, patterns[i]);
        const uint32_t value = get(d, r->address);
        if (value != want)
            return library_fail(d, LOCKSTEP_DIFFERED, "%s holds 0x%08" PRIx32 ", not 0x%08" PRIx32,
                                r->name, value, want);
    }
    if (stores)
        set(d, r->address, r->reset);
    return there(d);
}

static int test_registers(struct lockstep *d) {
    const bool telemetry = (get(d, LOCKSTEP_REG_FEATURES) & LOCKSTEP_FEATURES_TELEMETRY_MASK) != 0;
    uint32_t value;
    int status = LOCKSTEP_OK;
    for (const struct register_info *r = register_info; r->name != NULL && status == LOCKSTEP_OK;
         r++)
        if (telemetry || r->address < LOCKSTEP_REG_CLASS_IDLE_LO)
            status = test_register(d, r);
    if (status == LOCKSTEP_OK && device_read(&d->session.device, 0xffc, &value) == 0)
        status = library_fail(d, LOCKSTEP_DIFFERED, "offset 0xffc is no register, and answers");
    return status;
}

static int test_fifos(struct lockstep *d) {
    const uint32_t depth = get(d, LOCKSTEP_REG_TOKEN_FIFO);
    for (uint32_t i = 0; i <= depth; i++) {
        const uint32_t levels = get(d, LOCKSTEP_REG_TOKEN_LEVELS);
        if (GET(LOCKSTEP_TOKEN_LEVELS_IN_LEVEL, levels) != i ||
            GET(LOCKSTEP_TOKEN_LEVELS_IN_FULL, levels) != (i == depth) ||
            GET(LOCKSTEP_TOKEN_LEVELS_IN_EMPTY, levels) != (i == 0))
            return library_fail(d, LOCKSTEP_DIFFERED,
                                "%" PRIu32 " words in token-in: TOKEN_LEVELS 0x%08" PRIx32, i,
                                levels);
        set(d, LOCKSTEP_REG_TOKEN_IN, i);
    }
    const uint32_t none = get(d, LOCKSTEP_REG_TOKEN_OUT), flags = get(d, LOCKSTEP_REG_FIFO_FLAGS);
    if (none != 0xffffffffu ||
        flags != (LOCKSTEP_FIFO_FLAGS_IN_OVERFLOW_MASK | LOCKSTEP_FIFO_FLAGS_OUT_UNDERFLOW_MASK))
        return library_fail(d, LOCKSTEP_DIFFERED,
                            "token-in full and token-out empty: FIFO_FLAGS 0x%08" PRIx32, flags);
    set(d, LOCKSTEP_REG_FIFO_FLAGS, flags);
    set(d, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    if (get(d, LOCKSTEP_REG_FIFO_FLAGS) != 0 ||
        get(d, LOCKSTEP_REG_TOKEN_LEVELS) != LOCKSTEP_RESET_TOKEN_LEVELS)
        return library_fail(d, LOCKSTEP_DIFFERED, "a soft reset leaves words in the FIFOs");
    return there(d);
}

/* Validation of a program that is none ends with an error, which raises the interrupt. */
static int test_interrupt(struct lockstep *d) {
    const uint32_t causes = LOCKSTEP_IRQ_ENABLE_ERROR_MASK | LOCKSTEP_IRQ_ENABLE_IDLE_MASK;
    set(d, LOCKSTEP_REG_IRQ_ENABLE, causes);
    if (*d->session.device.port.irq)
        return library_fail(d, LOCKSTEP_DIFFERED, "an interrupt without a cause");
    set(d, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_VALIDATE_MASK);
    const struct hal hal = device_hal(&d->session.device);
    if (hal.wait_irq(hal.context) != 0)
        return library_fail(d, LOCKSTEP_TIMED_OUT, "no interrupt behind a validation");
    if ((get(d, LOCKSTEP_REG_STATUS) & LOCKSTEP_STATUS_ERROR_MASK) == 0 ||
        (get(d, LOCKSTEP_REG_IRQ_STATUS) & LOCKSTEP_IRQ_STATUS_ERROR_MASK) == 0)
        return library_fail(d, LOCKSTEP_DIFFERED, "an empty program is taken for a good one");
    set(d, LOCKSTEP_REG_IRQ_STATUS, causes);
    set(d, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    if (*d->session.device.port.irq)
        return library_fail(d, LOCKSTEP_DIFFERED, "the interrupt stays when its causes are gone");
    return there(d);
}

/* What goes through the loader arrives. */
static int test_port(struct lockstep *d) {
    const struct hal hal = device_hal(&d->session.device);
    uint8_t bytes[MEMORY];
    for (uint32_t i = 0; i < MEMORY; i++)
        bytes[i] = (uint8_t)(i * 0x9du >> 3 ^ i);
    if (!loader_stream(&hal, 0, bytes, MEMORY))
        return library_fail(d, LOCKSTEP_DIFFERED, "the loader formed another CRC");
    for (uint32_t i = 0; i < MEMORY; i++)
        if (d->session.device.memory.map[i] != bytes[i])
            return library_fail(d, LOCKSTEP_DIFFERED,
                                "byte %" PRIu32 " of the weight memory is 0x%02x, not 0x%02x", i,
                                d->session.device.memory.map[i], bytes[i]);
    return there(d);
}

static int test_token(struct lockstep *d) {
    struct lockstep_request r;
    struct job *j;
    uint32_t *token = malloc(sizeof *token);
    lockstep_request_defaults(&r, sizeof r);
    r.max_tokens = 1;
    if (token == NULL)
        return library_fail(d, LOCKSTEP_NO_MEMORY, "out of memory");
    *token = 1 % d->model->vocab;
    int status = library_submit(d, &r, token, 1, &j);
    while (status == LOCKSTEP_OK)
        status = lockstep_step(d);
    return status == LOCKSTEP_IDLE ? LOCKSTEP_OK : status;
}

struct test {
    const char *name;
    int (*run)(struct lockstep *device);
};

static int run_tests(struct lockstep *d, const struct test *tests, size_t count,
                     void (*on_test)(void *, const char *, int, const char *), void *context) {
    int status = library_start_device(d);
    for (size_t i = 0; i < count; i++) {
        library_allow(d);
        if (status == LOCKSTEP_OK)
            status = tests[i].run(d);
        if (d->session.device.status == DEVICE_INTERRUPTED)
            status = library_fail(d, library_interrupted(d), "interrupted");
        if (on_test != NULL)
            on_test(context, tests[i].name, status, status == LOCKSTEP_OK ? "" : d->error.text);
        if (status != LOCKSTEP_OK)
            break;
    }
    library_stop(d);
    return status;
}

int library_test(struct lockstep *d,
                 void (*on_test)(void *context, const char *name, int status, const char *text),
                 void *context) {
    static const struct test bare[] = {{"registers", test_registers},
                                       {"FIFOs", test_fifos},
                                       {"interrupt", test_interrupt},
                                       {"memory port", test_port}};
    static const struct test loaded[] = {{"token", test_token}, {"counters", library_finish}};
    const struct lockstep_settings settings = d->settings;
    const struct library_profile profile = d->profile;
    const uint64_t ids = d->ids, prompt = d->prompt_tokens, generated = d->generated_tokens,
                   reused = d->reused_tokens;
    struct ls_model *model = d->model;
    struct job *jobs = d->jobs;
    d->model = NULL;
    d->jobs = NULL;
    d->testing = true;
    d->settings.checked = 1;
    d->settings.memory_bytes = MEMORY;
    d->profile.shares = NULL;
    int status = run_tests(d, bare, sizeof bare / sizeof *bare, on_test, context);
    d->model = model;
    if (status == LOCKSTEP_OK && model != NULL)
        status = run_tests(d, loaded, sizeof loaded / sizeof *loaded, on_test, context);
    d->jobs = jobs;
    d->testing = false;
    d->settings = settings;
    d->profile = profile;
    d->ids = ids;
    d->prompt_tokens = prompt;
    d->generated_tokens = generated;
    d->reused_tokens = reused;
    return status;
}

int lockstep_self_test(struct lockstep *d,
                       void (*on_test)(void *context, const char *name, int status,
                                       const char *text),
                       void *context) {
    if (d->stepping)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "a callback cannot test the device");
    library_end_jobs(d, LOCKSTEP_END_CANCELLED);
    library_stop(d);
    const int status = library_test(d, on_test, context);
    const struct ls_error why = d->error;
    const int start = library_start(d);
    if (start != LOCKSTEP_OK)
        d->lost = start;
    if (status != LOCKSTEP_OK)
        d->error = why;
    return status != LOCKSTEP_OK ? status : start;
}
