/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Reset makes any device the same: one whose flip-flops and memories started otherwise, and one
 * that was stopped at a random moment of another piece of work, do from there on what the first one
 * did, by every output in every cycle, and hold the same in every register. The driver's soft
 * resets are kept from the device, as they would make up for what a reset forgets.
 *
 *     test_reset [seed]
 */
#include "csrc/expect/power.h"
#include "csrc/model/bridge.h"
#include "firmware/driver.h"
#include "generated/device.h"
#include "sim/device/device.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

#include <inttypes.h>
#include <string.h>

enum { PROMPT = 5, TOKENS = 4, CONTEXT = 16, SEQUENCES = 2, CYCLES = 200000 };
enum { DEVICES = 12, RESETS = 24 };

/* A piece of work: what the driver is told, and the weight port. */
struct work {
    bool front_door, listed, hot, irregular, refused;
    uint32_t slots;
};
static const struct work works[] = {
    {.slots = 2, .hot = true},
    {.slots = 1, .listed = true, .irregular = true},
    {.slots = 2, .front_door = true},
    {.slots = 2, .refused = true, .irregular = true},
};
enum { WORKS = sizeof works / sizeof *works };

struct trace {
    uint64_t outputs[CYCLES];
    uint32_t count;
};

struct rig {
    struct host_test *test;
    struct ls_model *model;
    struct fw_model fw_model;
    struct device device;
    struct hal plain, hal;
    struct fw_device firmware;
    struct trace *trace; /* what is written or compared */
    bool first;          /* it is written */
    uint32_t at;
    uint32_t differs; /* the first cycle that does, or UINT32_MAX */
};

/* ---- outputs ---- */

static uint64_t mix(uint64_t h, const void *port, size_t bytes) {
    for (const uint8_t *p = port; bytes-- > 0; p++)
        h = (h ^ *p) * 0x100000001b3u;
    return h;
}

#define MIX(port) h = mix(h, port, sizeof *(port))

/* All outputs of the cycle; what is not valid may be anything. */
static uint64_t outputs_of(const struct device *d) {
    const struct device_ports *p = &d->port;
    const struct weight_mem_ports *m = &d->memory.port;
    uint64_t h = 0xcbf29ce484222325u;
    MIX(p->irq), MIX(p->awready), MIX(p->wready), MIX(p->bvalid), MIX(p->arready), MIX(p->rvalid);
    if (*p->bvalid)
        MIX(p->bresp);
    if (*p->rvalid)
        MIX(p->rresp), MIX(p->rdata);
    MIX(m->arvalid), MIX(m->rready), MIX(m->awvalid), MIX(m->wvalid), MIX(m->bready);
    if (*m->arvalid) /* a channel, of fewer than 64 address bits */
        MIX(m->arid), MIX(m->arlen), h = mix(h, m->araddr, 5);
    if (*m->awvalid)
        h = mix(h, m->awaddr, 5);
    if (*m->wvalid)
        h = mix(h, m->wdata, d->memory.part_bytes), h = mix(h, m->wstrb, d->memory.part_bytes / 8);
    MIX(p->pass_start), MIX(p->op_start), MIX(p->op_done), MIX(p->commit_valid);
    if (*p->commit_valid) {
        MIX(p->commit_op), MIX(p->commit_pc), MIX(p->commit_layer), MIX(p->commit_index);
        MIX(p->commit_count), MIX(p->commit_by_slot);
        MIX(*p->commit_by_slot ? p->commit_mask : p->commit_slot);
        for (uint32_t s = 0; s < 8; s++)
            if (*p->commit_by_slot ? *p->commit_mask >> s & 1 : s == 0)
                h = mix(h, p->commit_data + 2 * s, 4u * *p->commit_count);
    }
    MIX(p->part_valid), MIX(p->window_valid);
    if (*p->part_valid)
        MIX(p->part_unit), MIX(p->part_energy);
    if (*p->window_valid)
        MIX(p->window_die), MIX(p->window_package), MIX(p->window_pace);
    return h;
}

static void take_cycle(void *observer) {
    struct rig *r = observer;
    const uint64_t now = outputs_of(&r->device);
    if (r->at >= CYCLES || r->trace == NULL)
        return;
    if (r->first)
        r->trace->outputs[r->trace->count++] = now;
    else if (r->differs == UINT32_MAX &&
             (r->at >= r->trace->count || r->trace->outputs[r->at] != now))
        r->differs = r->at;
    r->at++;
}

/* ---- a piece of work ---- */

static void write_but_no_reset(void *context, uint32_t address, uint32_t value) {
    struct rig *r = context;
    if (address == LOCKSTEP_REG_CTRL)
        value &= ~LOCKSTEP_CTRL_SOFT_RESET_MASK;
    hal_write(&r->plain, address, value);
}

static uint32_t read_through(void *context, uint32_t address) {
    return hal_read(&((struct rig *)context)->plain, address);
}

static int wait_through(void *context) {
    const struct hal *plain = &((struct rig *)context)->plain;
    return plain->wait_irq(plain->context);
}

/* All registers are read, so that they are compared; before anything is written, with what the
 * description says. */
static void read_all(struct rig *r, bool in_reset) {
    for (const struct register_info *i = register_info; i->name != NULL; i++) {
        if (strcmp(i->access, "pop") == 0) /* reading changes something */
            continue;
        const uint32_t value = hal_read(&r->plain, i->address);
        if (in_reset && i->has_reset && r->device.status == DEVICE_OK)
            CHECK(r->test, value == i->reset, "%s reads %08x behind reset, not %08x", i->name,
                  value, i->reset);
    }
}

static void heat(struct rig *r) {
    struct power_settings s = power_defaults();
    struct ls_error err = {""};
    CHECK(r->test, power_profile("scripts/profiles/45nm-small.txt", 500000000, &s, &err) == 0, "%s",
          err.text);
    s.window_log2 = 9;
    s.initial = 56 * 65536;
    s.ramp_start = 55 * 65536;
    s.ramp_target = 65 * 65536;
    s.token_cycles = 700;
    s.throttle = LOCKSTEP_THROTTLE_TEMPERATURE_MASK | LOCKSTEP_THROTTLE_POWER_MASK |
                 LOCKSTEP_THROTTLE_RATE_MASK;
    power_write(&s, r->plain.write32, &r->device);
    hal_write(&r->plain, LOCKSTEP_REG_TEMP_INITIAL, (uint32_t)s.initial);
}

/* Says what came of it; the device may stop anywhere. */
static enum fw_status work_on(struct rig *r, const struct work *w) {
    static const uint32_t prompt[PROMPT] = {1, 40, 7, 26, 78};
    const struct fw_settings settings = {
        .budget = TOKENS,
        .pass_slots = w->slots,
        .sampling = {.temperature = w->listed, .top_k = 5, .top_p = 1, .repeat_penalty = 1}};
    struct fw_event event;
    hal_write(&r->plain, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SNAPSHOT_MASK);
    enum fw_status status = fw_probe(&r->firmware, &r->hal);
    if (w->hot)
        heat(r);
    if (status == FW_OK)
        status = fw_load(&r->firmware, &r->fw_model, w->front_door ? r->model->gguf->map : NULL);
    if (status == FW_OK)
        status = fw_configure(&r->firmware, &settings);
    for (uint32_t i = 0; i < SEQUENCES && status == FW_OK; i++)
        status = fw_prompt(&r->firmware, i, prompt + i, PROMPT - i);
    while (status == FW_OK)
        status = fw_next(&r->firmware, &event);
    hal_write(&r->plain, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SNAPSHOT_MASK);
    read_all(r, false);
    return status;
}

/* The memory forgets what it was asked for, too. */
static void set_memory(struct rig *r, const struct work *w) {
    struct weight_mem_settings s = weight_mem_defaults();
    if (w->irregular)
        s.jitter = 20, s.gaps = 64, s.seed = 3;
    if (w->refused)
        s.error_address = r->model->layer[1].tensor[ROLE_FFN_GATE]->offset;
    weight_mem_close(&r->device.memory);
    weight_mem_init(&r->device.memory, r->device.dut, &s);
    if (w->front_door)
        weight_mem_load(&r->device.memory, r->model->gguf->size);
    else
        weight_mem_map(&r->device.memory, r->model->gguf->map, r->model->gguf->size);
    weight_mem_drive(&r->device.memory);
}

static void reset(struct rig *r, uint32_t cycles) {
    const struct device_ports *p = &r->device.port;
    r->device.status = DEVICE_OK;
    r->device.cycle_limit = 0;
    *p->rst = 0;
    for (; cycles > 0; cycles--)
        device_tick(&r->device);
    *p->awvalid = *p->wvalid = *p->bready = *p->arvalid = *p->rready = 0;
    *p->rst = 1;
    device_tick(&r->device); /* as device_open does */
}

/* From reset on, to the end, beside the trace of the work. */
static void compare(struct rig *r, uint32_t which, struct trace *trace, const char *what) {
    const struct work *w = &works[which];
    r->trace = trace;
    r->first = trace->count == 0;
    r->at = 0;
    r->differs = UINT32_MAX;
    r->device.cycle_limit = r->device.cycle + CYCLES;
    set_memory(r, w);
    read_all(r, true);
    const enum fw_status status = work_on(r, w);
    CHECK(r->test, status == (w->refused ? FW_DEVICE_ERROR : FW_DONE), "work %u: %s", which,
          fw_status_text(status));
    CHECK(r->test, r->at < CYCLES, "work %u takes %u cycles", which, r->at);
    CHECK(r->test, r->differs == UINT32_MAX && r->at == trace->count,
          "%s: work %u is another from cycle %u of %u on", what, which, r->differs, trace->count);
    r->trace = NULL;
}

static bool rig_open(struct rig *r, uint64_t seed) {
    const struct weight_mem_settings memory = weight_mem_defaults();
    if (device_open(&r->device, seed, &memory) != 0)
        return false;
    r->plain = device_hal(&r->device);
    r->hal = (struct hal){read_through, write_but_no_reset, wait_through, r};
    r->device.on_cycle = take_cycle;
    r->device.observer = r;
    return true;
}

/* Stops somewhere in a piece of work, perhaps in an access. */
static void interrupt(struct rig *r, uint32_t which, uint32_t cycles, uint64_t *random) {
    const struct device_ports *p = &r->device.port;
    set_memory(r, &works[which]);
    r->device.cycle_limit = r->device.cycle + cycles;
    work_on(r, &works[which]);
    *p->awvalid = *p->wvalid = random_below(random, 2) != 0;
    *p->arvalid = random_below(random, 2) != 0;
    for (uint32_t i = random_below(random, 4); i > 0; i--)
        device_tick(&r->device);
}

int main(int argc, char **argv) {
    struct host_test t = {"reset", 0, 0};
    static struct trace traces[WORKS];
    static struct rig r;
    struct ls_error err = {""};
    uint64_t random = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    r.test = &t;
    if (ls_model_open(HOST_TINY, &r.model, &err) != 0 ||
        bridge_model(r.model, CONTEXT, SEQUENCES, &r.fw_model, &err) != 0) {
        printf("FAIL %s: %s\n", t.name, err.text);
        return 1;
    }
    r.fw_model.eog_count = 0;
    for (uint32_t i = 0; i < DEVICES && t.failures == 0; i++) {
        if (!rig_open(&r, 1 + i))
            return 1;
        compare(&r, i % WORKS, &traces[i % WORKS], "another start");
        device_close(&r.device);
    }
    if (!rig_open(&r, 99))
        return 1;
    for (uint32_t i = 0; i < RESETS && t.failures == 0; i++) {
        const uint32_t before = random_below(&random, WORKS);
        interrupt(&r, before, 1 + random_below(&random, traces[before].count), &random);
        reset(&r, 8);
        compare(&r, i % WORKS, &traces[i % WORKS], "a reset in the middle");
    }
    /* what no reset makes up for is seen */
    t.name = NULL;
    const unsigned long failures = t.failures;
    interrupt(&r, 0, traces[0].count / 2, &random);
    r.device.status = DEVICE_OK;
    compare(&r, 1, &traces[1], "no reset");
    const bool seen = t.failures > failures;
    t.name = "reset";
    t.failures = failures;
    CHECK(&t, seen, "a device that was not reset");
    device_close(&r.device);
    bridge_release(&r.fw_model);
    ls_model_close(r.model);
    for (uint32_t i = 0; i < WORKS; i++)
        printf("work %u: %u cycles\n", i, traces[i].count);
    return host_test_finish(&t);
}
