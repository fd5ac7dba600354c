/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Gated clocks rest. Whether an edge passes is seen in the latch of each gate, before the edge: of
 * units in no cycle but those of their ops and so many behind as they run dry in, of engine and
 * registers no oftener than what they do needs.
 */
#include "csrc/base/device_info.h"
#include "csrc/model/bridge.h"
#include "firmware/driver.h"
#include "generated/device.h"
#include "sim/device/device.h"
#include "tests/kit/host_test.h"

#include <inttypes.h>

enum { PROMPT = 6, TOKENS = 5, CONTEXT = 16 };
enum clock { BUS, ENGINE, FLOAT, VECTOR, GELU, ATTENTION, CLOCKS };

struct rig {
    struct host_test test;
    struct device device;
    const uint8_t *clock[CLOCKS], *op, *op_start, *op_done;
    uint64_t edges[CLOCKS];
    uint64_t last[CLOCKS]; /* the newest cycle in which it was needed */
    uint64_t idle[CLOCKS]; /* edges of a unit that nobody needed, */
    uint64_t dry[CLOCKS];  /* and that it ran dry with */
    uint32_t running;      /* the op, or UINT32_MAX */
    bool quantised;        /* weights of matrices are no floats */
};

static const char *const names[CLOCKS] = {"bus_clock",    "engine_clock", "float_clock",
                                          "vector_clock", "gelu_clock",   "attention_clock"};

/* Cycles that a unit's clock goes on behind its op: HOLD of its gate, and to see that it is over.
 */
static const uint32_t behind[CLOCKS] = {
    [FLOAT] = 8 + 2, [VECTOR] = 40 + 2, [GELU] = 15 + 2, [ATTENTION] = 63 + 2};

static bool needs(const struct rig *r, enum clock c) {
    if (r->running == UINT32_MAX)
        return false;
    switch (c) {
    case VECTOR:
        return in_mask(LOCKSTEP_OPS_UNIT_VECTOR, r->running);
    case ATTENTION:
        return in_mask(LOCKSTEP_OPS_UNIT_ATTENTION, r->running);
    case GELU:
        return r->running == LOCKSTEP_OP_GELU || r->running == LOCKSTEP_OP_GEGLU;
    case FLOAT: /* rows of vectors, like norms, are floats */
        return !(r->quantised && in_mask(LOCKSTEP_OPS_UNIT_DOT, r->running));
    default:
        return true;
    }
}

static void look(void *observer) {
    struct rig *r = observer;
    const uint64_t now = r->device.cycle;
    if (*r->op_start)
        r->running = *r->op;
    for (enum clock c = 0; c < CLOCKS; c++) {
        r->edges[c] += *r->clock[c];
        if (needs(r, c))
            r->last[c] = now;
        else if (c >= FLOAT)
            *(now > r->last[c] + behind[c] ? &r->idle[c] : &r->dry[c]) += *r->clock[c];
    }
    if (*r->op_done)
        r->running = UINT32_MAX;
}

static void *probe(struct rig *r, const char *name) {
    void *data = dut_port(r->device.dut, name);
    CHECK(&r->test, data != NULL, "no probe %s", name);
    if (data == NULL)
        exit(host_test_finish(&r->test));
    return data;
}

int main(void) {
    static struct rig r = {.test = {"clocks", 0, 0}, .running = UINT32_MAX, .quantised = true};
    static const uint32_t prompt[PROMPT] = {1, 40, 7, 26, 78, 5};
    struct host_test *const t = &r.test;
    const struct fw_settings settings = {.budget = TOKENS,
                                         .sampling = {.top_k = 1, .top_p = 1, .repeat_penalty = 1}};
    const struct weight_mem_settings memory = weight_mem_defaults();
    static struct fw_device firmware;
    struct ls_model *model;
    struct fw_model fw_model;
    struct fw_event event;
    struct ls_error err = {""};
    if (ls_model_open(HOST_TINY, &model, &err) != 0 ||
        bridge_model(model, CONTEXT, 1, &fw_model, &err) != 0 ||
        device_open(&r.device, 1, &memory) != 0) {
        printf("FAIL %s: %s\n", t->name, err.text);
        return 1;
    }
    for (enum clock c = 0; c < CLOCKS; c++)
        r.clock[c] = probe(&r, names[c]);
    r.op = probe(&r, "op"), r.op_start = probe(&r, "op_start"), r.op_done = probe(&r, "op_done");
    weight_mem_map(&r.device.memory, model->gguf->map, model->gguf->size);
    const struct hal hal = device_hal(&r.device);
    fw_model.eog_count = 0;
    CHECK(t, fw_probe(&firmware, &hal) == FW_OK && fw_load(&firmware, &fw_model, NULL) == FW_OK,
          "the model does not load");
    for (int i = 0; i < 100; i++)
        device_tick(&r.device);
    r.device.observer = &r;
    r.device.on_cycle = look;

    /* nothing to do: all rest */
    for (int i = 0; i < 1000; i++)
        device_tick(&r.device);
    for (enum clock c = 0; c < CLOCKS; c++)
        CHECK(t, c == ENGINE || r.edges[c] == 0, "%s: %" PRIu64 " edges while nothing happens",
              names[c], r.edges[c]);

    const uint64_t begun = r.device.cycle, accesses = r.device.accesses;
    memset(r.edges, 0, sizeof r.edges);
    CHECK(t, fw_configure(&firmware, &settings) == FW_OK, "settings");
    CHECK(t, fw_prompt(&firmware, 0, prompt, PROMPT) == FW_OK, "prompt");
    uint32_t tokens = 0;
    while (fw_next(&firmware, &event) == FW_OK)
        tokens++;
    CHECK(t, tokens == TOKENS, "%u tokens", tokens);
    const uint64_t cycles = r.device.cycle - begun, bus = r.device.accesses - accesses;
    for (enum clock c = 0; c < CLOCKS; c++)
        CHECK(t, r.idle[c] == 0, "%s: %" PRIu64 " edges without need", names[c], r.idle[c]);
    CHECK(t, r.dry[VECTOR] > 0 && r.dry[ATTENTION] > 0, "no edges are seen behind ops");
    /* four edges an access; words and events of the engine come besides */
    CHECK(t, r.edges[BUS] <= 5 * bus, "%" PRIu64 " edges of %s in %" PRIu64 " accesses",
          r.edges[BUS], names[BUS], bus);
    CHECK(t, r.edges[ENGINE] <= cycles / 3, "%" PRIu64 " edges of %s in %" PRIu64 " cycles",
          r.edges[ENGINE], names[ENGINE], cycles);
    device_close(&r.device);
    bridge_release(&fw_model);
    ls_model_close(model);
    return host_test_finish(t);
}
