/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The driver on the `small` device through everything that can go wrong, and back: prompts that
 * must be refused, a weight port that answers with an error or never, late answers, a soft reset
 * at any moment of a pass or of a load, a die that gets too hot. After each, the next prompt gives
 * the right tokens, every word checked.
 *
 *     test_recover [seed]
 */
#include "csrc/expect/power.h"
#include "csrc/model/bridge.h"
#include "firmware/driver.h"
#include "generated/device.h"
#include "sim/check/scoreboard.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

#include <inttypes.h>
#include <string.h>

enum { PROMPT = 9, TOKENS = 6, CONTEXT = 32 };
static const uint32_t prompt[PROMPT] = {1, 403, 407, 261, 378, 432, 383, 286, 261};

struct rig {
    struct host_test *test;
    struct ls_model *model;
    struct fw_model fw_model;
    struct device device;
    struct hal hal;
    struct fw_device firmware;
    uint32_t expected[TOKENS];
    uint64_t random;
    bool spoiled; /* a difference must be seen */
};

static uint32_t below(struct rig *r, uint32_t limit) {
    return random_below(&r->random, limit);
}

static bool rig_open(struct rig *r, struct host_test *t, struct ls_model *model, bool front_door) {
    const struct weight_mem_settings memory = weight_mem_defaults();
    struct ls_error err = {""};
    *r = (struct rig){.test = t, .model = model, .random = 1};
    if (device_open(&r->device, 1, &memory) != 0 ||
        bridge_model(model, CONTEXT, 2, &r->fw_model, &err) != 0)
        return false;
    r->fw_model.eog_count = 0; /* texts go on to their end */
    if (front_door)
        weight_mem_load(&r->device.memory, model->gguf->size);
    else
        weight_mem_map(&r->device.memory, model->gguf->map, model->gguf->size);
    r->hal = device_hal(&r->device);
    return fw_probe(&r->firmware, &r->hal) == FW_OK;
}

static void rig_close(struct rig *r) {
    bridge_release(&r->fw_model);
    device_close(&r->device);
}

static enum fw_status start(struct rig *r) {
    const struct fw_settings settings = {.budget = TOKENS,
                                         .sampling = {.top_k = 1, .top_p = 1, .repeat_penalty = 1}};
    enum fw_status status = fw_configure(&r->firmware, &settings);
    return status == FW_OK ? fw_prompt(&r->firmware, 0, prompt, PROMPT) : status;
}

/* A run to its end, words checked; returns the driver's last status. */
static enum fw_status run(struct rig *r, uint32_t tokens[TOKENS]) {
    struct scoreboard board;
    struct fw_event event;
    struct ls_error err = {""};
    uint32_t count = 0;
    CHECK(r->test,
          scoreboard_open(&board, r->model, (int)r->firmware.limits.act_bits,
                          r->firmware.limits.slots, 2, CONTEXT, 0, &err) == 0,
          "%s", err.text);
    scoreboard_prompt(&board, 0, prompt, PROMPT);
    r->device.on_commit = scoreboard_commit;
    r->device.observer = &board;
    r->device.cycle_limit = r->device.cycle + 5000000;
    enum fw_status status = start(r);
    while (status == FW_OK && (status = fw_next(&r->firmware, &event)) == FW_OK)
        if (count < TOKENS)
            tokens[count++] = event.token;
    CHECK(r->test, board.first.found == r->spoiled, "%s", board.first.text);
    CHECK(r->test, status != FW_DONE || (count == TOKENS && scoreboard_finish(&board)),
          "%u tokens; %s", count, board.first.text);
    r->device.on_commit = NULL;
    scoreboard_close(&board);
    return status;
}

static void run_right(struct rig *r, const char *after) {
    uint32_t tokens[TOKENS] = {0};
    const enum fw_status status = run(r, tokens);
    CHECK(r->test, status == FW_DONE, "after %s: %s, device status %d", after,
          fw_status_text(status), (int)r->device.status);
    CHECK(r->test, memcmp(tokens, r->expected, sizeof tokens) == 0, "after %s: other tokens",
          after);
}

static void test_prompts(struct rig *r) {
    struct host_test *t = r->test;
    struct fw_device *d = &r->firmware;
    uint32_t tokens[CONTEXT + 1] = {0};
    const struct fw_settings none = {.budget = 0, .sampling = {.repeat_penalty = 1}};
    CHECK(t, fw_prompt(d, 0, tokens, 0) == FW_PROMPT_FAILED, "an empty prompt");
    CHECK(t, fw_prompt(d, 0, tokens, CONTEXT + 1) == FW_PROMPT_FAILED, "a long prompt");
    CHECK(t, fw_prompt(d, 2, tokens, 1) == FW_PROMPT_FAILED, "an unknown sequence");
    tokens[3] = r->fw_model.vocab;
    CHECK(t, fw_prompt(d, 0, tokens, 4) == FW_PROMPT_FAILED, "an unknown token");
    CHECK(t, fw_prompt(d, 0, tokens, 3) == FW_OK, "known tokens");
    CHECK(t, fw_prompt(d, 0, tokens, 3) == FW_PROMPT_FAILED, "a busy sequence");
    CHECK(t, fw_configure(d, &none) == FW_PROMPT_FAILED, "no tokens to generate");
    CHECK(t, fw_recover(d) == FW_OK, "recovery");
    run_right(r, "refused prompts");
}

/* What the driver would never send reaches the device by hand. */
static void test_device_refuses(struct rig *r) {
    const struct {
        uint32_t word, code;
    } cases[] = {
        {(r->fw_model.vocab << LOCKSTEP_IN_TOKEN_SHIFT) | LOCKSTEP_IN_FIRST_MASK |
             LOCKSTEP_IN_LAST_MASK,
         LOCKSTEP_ERROR_TOKEN},
        {(1u << LOCKSTEP_IN_TOKEN_SHIFT) | (2u << LOCKSTEP_IN_SEQ_SHIFT) | LOCKSTEP_IN_FIRST_MASK |
             LOCKSTEP_IN_LAST_MASK,
         LOCKSTEP_ERROR_SEQUENCE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fw_event event;
        enum fw_status status = start(r);
        device_write(&r->device, LOCKSTEP_REG_TOKEN_IN, cases[i].word, 15);
        r->device.cycle_limit = r->device.cycle + 5000000;
        while (status == FW_OK)
            status = fw_next(&r->firmware, &event);
        CHECK(r->test, status == FW_DEVICE_ERROR && r->firmware.fault.code == cases[i].code,
              "case %zu: %s, %s", i, fw_status_text(status), fw_fault_name(r->firmware.fault.code));
        CHECK(r->test, fw_recover(&r->firmware) == FW_OK, "recovery");
        run_right(r, "a token of no vocabulary or sequence");
    }
}

/* Ends all faults; what was held back is answered, late as it is. */
static void heal(struct weight_mem *mem) {
    mem->settings.flip_address = WEIGHT_MEM_NONE;
    mem->settings.error_address = WEIGHT_MEM_NONE;
    mem->settings.hang_address = WEIGHT_MEM_NONE;
    for (uint32_t c = 0; c < mem->channels; c++)
        for (uint32_t i = 0; i < WEIGHT_MEM_BURSTS; i++)
            if (mem->channel[c].bursts[i].due == WEIGHT_MEM_NONE)
                mem->channel[c].bursts[i].due = mem->cycle;
}

static void test_port(struct rig *r) {
    const struct ls_model *m = r->model;
    const struct fw_model *fw = &r->firmware.model;
    const struct {
        uint64_t address;
        uint32_t tensor;
    } places[] = {
        {m->layer[2].tensor[ROLE_FFN_GATE]->offset + 500, program_place(fw, ROLE_FFN_GATE, 2)},
        {m->layer[4].tensor[ROLE_ATTN_NORM]->offset, program_place(fw, ROLE_ATTN_NORM, 4)},
        {m->tensor[ROLE_OUTPUT]->offset + 1000, program_place(fw, ROLE_OUTPUT, 0)},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        for (int kind = 0; kind < 3; kind++) { /* error; hang; hang, answered after the reset */
            struct weight_mem_settings *s = &r->device.memory.settings;
            uint32_t tokens[TOKENS];
            const uint32_t code =
                kind == 0 ? LOCKSTEP_ERROR_PORT_RESPONSE : LOCKSTEP_ERROR_PORT_TIMEOUT;
            *(kind == 0 ? &s->error_address : &s->hang_address) = places[i].address;
            const enum fw_status status = run(r, tokens);
            CHECK(r->test,
                  status == FW_DEVICE_ERROR && r->firmware.fault.code == code &&
                      r->firmware.fault.tensor == places[i].tensor,
                  "place %zu, kind %d: %s, %s, tensor %u", i, kind, fw_status_text(status),
                  fw_fault_name(r->firmware.fault.code), r->firmware.fault.tensor);
            if (kind < 2)
                heal(&r->device.memory);
            CHECK(r->test, fw_recover(&r->firmware) == FW_OK, "recovery");
            heal(&r->device.memory);
            run_right(r, kind == 0 ? "a port error" : "a port that hung");
        }
}

/* With PORT_TIMEOUT 0 the device waits for ever: only its silence tells. */
static void test_silence(struct rig *r) {
    struct weight_mem_settings *s = &r->device.memory.settings;
    uint32_t tokens[TOKENS], timeout = 0;
    device_read(&r->device, LOCKSTEP_REG_PORT_TIMEOUT, &timeout);
    device_write(&r->device, LOCKSTEP_REG_PORT_TIMEOUT, 0, 15);
    s->hang_address = r->model->layer[2].tensor[ROLE_FFN_GATE]->offset + 500;
    r->device.quiet_limit = 100000;
    const enum fw_status status = run(r, tokens);
    const uint64_t quiet = r->device.cycle - r->device.stirred;
    CHECK(r->test,
          status == FW_TIMEOUT && r->device.status == DEVICE_HANGS && quiet > 100000 &&
              quiet < 100100,
          "%s, device status %d, %lu cycles", fw_status_text(status), (int)r->device.status,
          (unsigned long)quiet);
    r->device.status = DEVICE_OK;
    r->device.quiet_limit = 0;
    heal(&r->device.memory);
    device_write(&r->device, LOCKSTEP_REG_PORT_TIMEOUT, timeout, 15);
    CHECK(r->test, fw_recover(&r->firmware) == FW_OK, "recovery");
    run_right(r, "silence");
}

/* Soft reset at a random moment, some of them in quick succession. */
static void test_reset(struct rig *r) {
    for (int i = 0; i < 12; i++) {
        for (uint32_t again = below(r, 3) + 1; again > 0; again--) {
            struct fw_event event;
            enum fw_status status = start(r);
            r->device.cycle_limit = r->device.cycle + 5000000;
            for (uint32_t tokens = below(r, TOKENS - 1); tokens > 0 && status == FW_OK; tokens--)
                status = fw_next(&r->firmware, &event);
            /* the rest of the prompt may not have been sent: begin a pass all the same */
            CHECK(r->test, status == FW_OK, "%s", fw_status_text(status));
            for (uint32_t cycles = below(r, 40000); cycles > 0; cycles--)
                device_tick(&r->device);
            CHECK(r->test, fw_recover(&r->firmware) == FW_OK, "recovery");
        }
        run_right(r, "a soft reset in the middle");
    }
}

static void write_setting(void *context, uint32_t address, uint32_t value) {
    device_write(context, address, value, 15);
}

static double die_now(struct rig *r) {
    uint32_t value = 0;
    device_write(&r->device, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SNAPSHOT_MASK, 15);
    device_read(&r->device, LOCKSTEP_REG_TEMP_DIE, &value);
    return (int32_t)value / 65536.0;
}

static int count_commit(void *observer, const struct device_commit *commit) {
    (void)commit;
    ++*(uint64_t *)observer;
    return 0;
}

/* At rest the die stays below the limit, at work it does not: the device stops in the middle, after
 * a whole op, wakes the driver, refuses to go on while it is hot, and goes on when it is not. */
static void test_heat(struct rig *r) {
    struct host_test *t = r->test;
    struct power_settings s = power_defaults();
    struct ls_error err = {""};
    struct fw_event event;
    uint32_t tokens[TOKENS], status = 0;
    uint64_t commits = 0;
    CHECK(t, power_profile("scripts/profiles/45nm-small.txt", 500000000, &s, &err) == 0, "%s",
          err.text);
    s.initial = 74 * 65536;
    s.limit = 74 * 65536 + 65536 * 3 / 4;
    s.throttle = LOCKSTEP_THROTTLE_LIMIT_MASK;
    power_write(&s, write_setting, &r->device);
    device_write(&r->device, LOCKSTEP_REG_TEMP_INITIAL, (uint32_t)s.initial, 15);
    CHECK(t, run(r, tokens) == FW_DEVICE_ERROR && r->firmware.fault.code == LOCKSTEP_ERROR_OVERHEAT,
          "the limit in the middle: %s", fw_fault_name(r->firmware.fault.code));
    CHECK(t, r->firmware.fault.pc != 0 || r->firmware.fault.layer != 0, "not in the middle");
    CHECK(t, die_now(r) >= 74.7 && die_now(r) < 75, "%.3f C", die_now(r));
    r->device.on_commit = count_commit;
    r->device.observer = &commits;
    for (int i = 0; i < 5000; i++)
        device_tick(&r->device);
    device_read(&r->device, LOCKSTEP_REG_STATUS, &status);
    CHECK(t, commits == 0 && (status & LOCKSTEP_STATUS_BUSY_MASK) == 0, "it goes on");

    device_write(&r->device, LOCKSTEP_REG_TEMP_INITIAL, (uint32_t)s.limit + 65536, 15);
    device_write(&r->device, LOCKSTEP_REG_TEMP_AMBIENT, (uint32_t)(-100 * 65536), 15);
    CHECK(t, fw_recover(&r->firmware) == FW_OK, "recovery");
    r->device.cycle_limit = r->device.cycle + 5000000;
    const enum fw_status hot = start(r) == FW_OK ? fw_next(&r->firmware, &event) : FW_OK;
    CHECK(t, hot == FW_DEVICE_ERROR && r->firmware.fault.code == LOCKSTEP_ERROR_OVERHEAT,
          "while hot: %s", fw_fault_name(r->firmware.fault.code));
    CHECK(t, commits == 0, "%" PRIu64 " words while hot", commits);

    for (int i = 0; i < 1000 && die_now(r) > 73; i++)
        for (int k = 0; k < 1000; k++)
            device_tick(&r->device);
    CHECK(t, die_now(r) <= 73, "it does not cool: %.3f C", die_now(r));
    CHECK(t, fw_recover(&r->firmware) == FW_OK, "recovery");
    run_right(r, "a die that was too hot");
    device_write(&r->device, LOCKSTEP_REG_THROTTLE, 0, 15);
}

/* A soft reset while words stream through the loader. */
static void test_load(struct host_test *t, struct ls_model *model, const struct rig *right) {
    struct rig r;
    if (!rig_open(&r, t, model, true)) {
        CHECK(t, false, "the device does not open");
        return;
    }
    memcpy(r.expected, right->expected, sizeof r.expected);
    device_write(&r.device, LOCKSTEP_REG_LOAD_ADDR_HI, 0, 15);
    device_write(&r.device, LOCKSTEP_REG_LOAD_ADDR_LO, 64, 15);
    for (uint32_t i = 0; i < 11; i++) /* a beat is left half filled */
        device_write(&r.device, LOCKSTEP_REG_LOAD_DATA, 0xdeadbeef, 15);
    const uint8_t *bytes = model->gguf->map;
    CHECK(t, fw_load(&r.firmware, &r.fw_model, bytes) == FW_OK, "the model does not load");
    run_right(&r, "a load that was broken off");
    rig_close(&r);
}

int main(int argc, char **argv) {
    struct host_test t = {"recover", 0, 0};
    struct ls_model *model;
    struct ls_error err;
    struct rig r;
    if (ls_model_open(HOST_MADE("Q4_0"), &model, &err) != 0 || !rig_open(&r, &t, model, false)) {
        printf("FAIL %s: model or device does not open\n", t.name);
        return 1;
    }
    r.random = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    CHECK(&t, fw_load(&r.firmware, &r.fw_model, NULL) == FW_OK, "the model does not load");
    CHECK(&t, run(&r, r.expected) == FW_DONE, "the first run");
    test_prompts(&r);
    test_device_refuses(&r);
    test_port(&r);
    test_silence(&r);
    test_reset(&r);
    test_heat(&r);
    test_load(&t, model, &r);
    r.spoiled = true;
    r.device.memory.settings.flip_address = model->tensor[ROLE_OUTPUT_NORM]->offset + 2;
    CHECK(&t, run(&r, (uint32_t[TOKENS]){0}) != FW_DONE, "a flipped bit goes unseen");
    rig_close(&r);
    ls_model_close(model);
    return host_test_finish(&t);
}
