/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Devices: on and off, registers, the clock.
 */
#include "library.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generated/device.h"

#define CYCLES_AT_LEAST 50000000u
#define CYCLES_PER_MAC  1u

uint32_t lockstep_api_version(void) {
    return LOCKSTEP_API_VERSION;
}

const char *lockstep_status_text(int status) {
    static const char *const text[] = {
        "no error",
        "out of range, or too early",
        "there is no such file or request",
        "the file is no model that is known",
        "the model does not fit the device",
        "the prompt does not fit a sequence",
        "not in the vocabulary",
        "out of memory",
        "the device stopped with an error",
        "the device did not answer in time",
        "the device differs from the golden side",
        "interrupted",
    };
    if (status == LOCKSTEP_IDLE)
        return "nothing to do";
    return status <= 0 && -status < (int)(sizeof text / sizeof *text) ? text[-status] : "unknown";
}

int library_fail(struct lockstep *d, int status, const char *format, ...) {
    va_list arguments;
    char text[sizeof d->error.text];
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ls_error_set(&d->error, "%s", text);
    return status;
}

void lockstep_settings_defaults(struct lockstep_settings *settings, size_t size) {
    const struct weight_mem_settings memory = weight_mem_defaults();
    const struct lockstep_settings defaults = {.size = size,
                                               .seed = 1,
                                               .latency = memory.latency,
                                               .checked = 1,
                                               .clock_hz = 500000000,
                                               .flip_address = LOCKSTEP_NOWHERE,
                                               .error_address = LOCKSTEP_NOWHERE,
                                               .hang_address = LOCKSTEP_NOWHERE};
    memcpy(settings, &defaults, size < sizeof defaults ? size : sizeof defaults);
}

static struct weight_mem_settings memory_of(const struct lockstep_settings *s) {
    struct weight_mem_settings memory = weight_mem_defaults();
    memory.seed = s->seed;
    memory.latency = s->latency;
    memory.jitter = s->jitter;
    memory.gaps = s->gaps;
    memory.flip_address = s->flip_address;
    memory.flip_bit = s->flip_bit;
    memory.error_address = s->error_address;
    memory.hang_address = s->hang_address;
    return memory;
}

/* Tells what is wrong with the settings, or NULL. */
static const char *refuse(const struct lockstep_settings *s) {
    return s->latency == 0 || s->latency > 1u << 20 ? "latency: 1 to 1048576 cycles"
           : s->jitter > 1u << 20                   ? "jitter: at most 1048576 cycles"
           : s->gaps > 255                          ? "gaps: at most 255 of 256"
           : s->clock_hz == 0                       ? "clock_hz: at least 1"
           : s->flip_bit > 7                        ? "flip_bit: 0 to 7"
           : s->checked > 1                         ? "checked: 0 or 1"
           : s->backend > LOCKSTEP_BACKEND_FLOAT    ? "backend: 0 to 3"
           : s->throttle > SIM_THROTTLE_HOT         ? "throttle: 0 to 2"
           : s->configuration != NULL && strcmp(s->configuration, lockstep_configuration()) != 0
               ? "configuration: this library holds another one"
               : NULL;
}

static int start_bare(struct lockstep *d) {
    const struct weight_mem_settings memory = memory_of(&d->settings);
    memset(&d->session, 0, sizeof d->session);
    if (device_open(&d->session.device, d->settings.seed, &memory) != 0)
        return library_fail(d, LOCKSTEP_NO_MEMORY, "the Verilated model cannot be built");
    d->session.device.interrupted = &d->interrupted;
    if (d->settings.memory_bytes != 0 &&
        weight_mem_load(&d->session.device.memory, d->settings.memory_bytes) != 0)
        return library_fail(d, LOCKSTEP_NO_MEMORY,
                            "out of memory for %" PRIu64 " bytes of weight memory",
                            d->settings.memory_bytes);
    return LOCKSTEP_OK;
}

int library_start_session(struct lockstep *d, bool checked) {
    static const struct observer *const looks[] = {&observe_words, &observe_power, &observe_cycles,
                                                   &library_observe_profile, &library_observe_pass};
    const uint32_t checks = checked ? 0 : 3; /* left out */
    const struct session_settings settings = {.seed = d->settings.seed,
                                              .memory = memory_of(&d->settings),
                                              .power = {.throttle = d->settings.throttle,
                                                        .cap_mw = d->settings.power_cap_mw,
                                                        .clock_hz = d->settings.clock_hz}};
    const struct session_layout layout = {.sequences = d->layout.sequences,
                                          .context = d->layout.context,
                                          .list_size = 1,
                                          .checked = checked,
                                          .front_door = d->layout.front_door != 0};
    struct session *s = &d->session;
    memset(s, 0, sizeof *s);
    s->owner = d;
    if (session_open(s, &settings, &d->error) != 0 ||
        session_model(s, d->model, &layout, &d->error) != 0 ||
        session_observe(s, looks + checks, 5 - checks, &d->error) != 0)
        return LOCKSTEP_NO_MEMORY;
    s->device.interrupted = &d->interrupted;
    library_allow(d);
    if (session_load(s, &d->error) != 0)
        return LOCKSTEP_NO_MEMORY;
    if (s->status != FW_OK) {
        const enum session_stop stop =
            session_why(s, s->status, d->error.text, sizeof d->error.text);
        return stop == SESSION_REFUSED       ? LOCKSTEP_TOO_LARGE
               : stop == SESSION_LIMIT       ? LOCKSTEP_TIMED_OUT
               : stop == SESSION_HANGS       ? LOCKSTEP_TIMED_OUT
               : stop == SESSION_DIFFERENCE  ? LOCKSTEP_DIFFERED
               : stop == SESSION_INTERRUPTED ? library_interrupted(d)
                                             : LOCKSTEP_DEVICE_FAILED;
    }
    for (uint32_t i = 0; i < layout.sequences; i++) {
        d->kept[i].tokens = calloc(layout.context + 1, sizeof *d->kept[i].tokens);
        if (d->kept[i].tokens == NULL)
            return library_fail(d, LOCKSTEP_NO_MEMORY, "out of memory");
    }
    session_begin(s);
    fw_schedule(&d->scheduler, &s->firmware, d->layout.pass_slots);
    d->scheduler.on_choose = library_choose;
    d->scheduler.on_admit = library_admit;
    d->scheduler.on_pass = library_pass;
    d->scheduler.on_draft = library_draft;
    d->scheduler.on_sample = library_sample;
    d->scheduler.context = d;
    return LOCKSTEP_OK;
}

int library_start_device(struct lockstep *d) {
    d->lost = LOCKSTEP_OK;
    d->out = false;
    return d->model == NULL ? start_bare(d) : library_start_session(d, d->settings.checked != 0);
}

bool library_is_alone(const struct lockstep *d) {
    return d->settings.backend == LOCKSTEP_BACKEND_GOLDEN ||
           d->settings.backend == LOCKSTEP_BACKEND_FLOAT;
}

int library_no_device(struct lockstep *d) {
    return library_fail(d, LOCKSTEP_DEVICE_FAILED, "no device: the %s is in its place",
                        d->golden.reference != NULL ? "float reference" : "golden model");
}

int library_start(struct lockstep *d) {
    int status = LOCKSTEP_OK;
    if (d->model == NULL || !library_is_alone(d))
        status = library_start_device(d);
    const bool failed = status == LOCKSTEP_DEVICE_FAILED || status == LOCKSTEP_TIMED_OUT ||
                        status == LOCKSTEP_DIFFERED;
    if (d->model == NULL || (!library_is_alone(d) && !(failed && library_has_understudy(d))))
        return status;
    if (failed) {
        d->losses++;
        library_stop(d);
    }
    d->out = true;
    d->lost = LOCKSTEP_OK;
    d->retry = d->golden.tokens + LIBRARY_RETRY;
    return library_golden_open(d, NULL);
}

void library_stop(struct lockstep *d) {
    memset(&d->scheduler, 0, sizeof d->scheduler);
    for (uint32_t i = 0; i < FW_SEQUENCES; i++)
        free(d->kept[i].tokens);
    memset(d->kept, 0, sizeof d->kept);
    if (d->session.device.dut != NULL)
        session_close(&d->session);
    memset(&d->session, 0, sizeof d->session);
}

struct lockstep *lockstep_open(const struct lockstep_settings *settings, char *why, size_t room) {
    struct lockstep *d = calloc(1, sizeof *d);
    const char *refusal = "out of memory";
    if (d != NULL) {
        lockstep_settings_defaults(&d->settings, sizeof d->settings);
        if (settings != NULL)
            memcpy(&d->settings, settings,
                   settings->size < sizeof d->settings ? settings->size : sizeof d->settings);
        refusal = refuse(&d->settings);
        d->settings.configuration = NULL; /* the caller's text */
        if (refusal == NULL && library_start(d) != LOCKSTEP_OK)
            refusal = d->error.text;
    }
    if (refusal == NULL)
        return d;
    if (room != 0)
        snprintf(why, room, "%s", refusal);
    if (d != NULL && d->session.device.dut != NULL)
        library_stop(d);
    free(d);
    return NULL;
}

void lockstep_close(struct lockstep *d) {
    if (d == NULL)
        return;
    library_end_jobs(d, LOCKSTEP_END_CANCELLED);
    library_stop(d);
    library_golden_close(d);
    drafter_close(d->drafter);
    ls_model_close(d->model);
    free(d->path);
    free(d->trace);
    free(d->passes.ops);
    free(d->profile.shares);
    free(d);
}

const char *lockstep_error(const struct lockstep *d) {
    return d->error.text;
}

int lockstep_reset(struct lockstep *d) {
    if (d->stepping)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "a callback cannot reset the device");
    library_end_jobs(d, LOCKSTEP_END_CANCELLED);
    library_stop(d);
    const int status = library_start(d);
    if (status != LOCKSTEP_OK)
        d->lost = status;
    return status;
}

void library_allow(struct lockstep *d) {
    const struct lockstep_settings *s = &d->settings;
    const uint64_t slow = 1 + (s->latency + s->jitter) / 64;
    uint64_t cycles = CYCLES_AT_LEAST;
    if (d->model != NULL)
        cycles += FW_SLOTS * d->model->parameters * CYCLES_PER_MAC * slow +
                  d->model->gguf->size * (d->layout.front_door ? 16 : 0);
    d->session.device.cycle_limit =
        d->session.device.cycle + (s->cycle_limit != 0 ? s->cycle_limit : cycles);
}

/* ---- registers and the clock ---- */

void lockstep_interrupt(struct lockstep *d) {
    d->interrupted = true;
}

int library_interrupted(struct lockstep *d) {
    d->interrupted = false;
    return LOCKSTEP_INTERRUPTED;
}

/* Whether the device can still be reached, behind an access or a wait. */
static int reached(struct lockstep *d) {
    struct device *device = &d->session.device;
    if (device->status == DEVICE_OK)
        return LOCKSTEP_OK;
    if (device->status == DEVICE_INTERRUPTED) { /* between cycles nothing is lost */
        device->status = DEVICE_OK;
        return library_fail(d, library_interrupted(d), "interrupted at cycle %" PRIu64,
                            device->cycle);
    }
    if (device->status == DEVICE_CYCLE_LIMIT || device->status == DEVICE_HANGS)
        d->lost = LOCKSTEP_TIMED_OUT;
    else
        d->lost = LOCKSTEP_DIFFERED;
    return library_fail(d, d->lost, "the device stopped at cycle %" PRIu64, device->cycle);
}

static int answered(struct lockstep *d, uint32_t address, uint32_t response) {
    const int status = reached(d);
    if (status != LOCKSTEP_OK || response == 0)
        return status;
    return library_fail(d, LOCKSTEP_BAD_ARGUMENT,
                        "register 0x%03" PRIx32 " answered SLVERR at cycle %" PRIu64, address,
                        d->session.device.cycle);
}

static int is_lost(struct lockstep *d) {
    if (d->out)
        return library_no_device(d);
    return d->lost == LOCKSTEP_OK ? LOCKSTEP_OK
                                  : library_fail(d, d->lost, "the device is lost (%s): reset it",
                                                 lockstep_status_text(d->lost));
}

int lockstep_read(struct lockstep *d, uint32_t address, uint32_t *value) {
    const int lost = is_lost(d);
    if (lost != LOCKSTEP_OK)
        return lost;
    if (d->model != NULL && address == LOCKSTEP_REG_TOKEN_OUT)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "TOKEN_OUT is the firmware's");
    library_allow(d);
    return answered(d, address, device_read(&d->session.device, address, value));
}

int lockstep_write(struct lockstep *d, uint32_t address, uint32_t value) {
    const int lost = is_lost(d);
    if (lost != LOCKSTEP_OK)
        return lost;
    if (d->model != NULL)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT,
                            "with a model loaded, registers are the firmware's to write");
    library_allow(d);
    return answered(d, address, device_write(&d->session.device, address, value, 15));
}

int lockstep_clock(struct lockstep *d, uint64_t cycles) {
    const int lost = is_lost(d);
    if (lost != LOCKSTEP_OK)
        return lost;
    d->session.device.cycle_limit = 0;
    while (cycles-- != 0 && d->session.device.status == DEVICE_OK)
        device_tick(&d->session.device);
    return reached(d);
}

int lockstep_wait_interrupt(struct lockstep *d, uint64_t cycles) {
    struct device *device = &d->session.device;
    const int lost = is_lost(d);
    if (lost != LOCKSTEP_OK)
        return lost;
    library_allow(d);
    const uint64_t left = UINT64_MAX - device->cycle;
    const uint64_t end = cycles == 0     ? device->cycle_limit
                         : cycles > left ? UINT64_MAX
                                         : device->cycle + cycles;
    device->cycle_limit = 0;
    while (!*device->port.irq && device->cycle < end && device->status == DEVICE_OK)
        device_tick(device);
    if (device->status != DEVICE_OK)
        return reached(d);
    return *device->port.irq ? LOCKSTEP_OK
                             : library_fail(d, LOCKSTEP_TIMED_OUT,
                                            "no interrupt until cycle %" PRIu64, device->cycle);
}

uint64_t lockstep_cycle(const struct lockstep *d) {
    return d->session.device.cycle;
}
