/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Bring-up, and the sentences for what ended it.
 */
#include "session.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "csrc/golden/golden_kv.h"
#include "csrc/model/bridge.h"
#include "sim/check/sim_stop.h"

#define QUIET_CYCLES 4000000u /* four times the device's own patience with memory, PORT_TIMEOUT */

/* How long a device may do nothing that can be seen. One that paces itself rests as long as its ops
 * were, or until a token is due: only the limit of cycles ends it. */
static uint64_t quiet_limit(const struct session_settings *s) {
    const struct sim_power_options *p = &s->power;
    if (p->throttle != SIM_THROTTLE_OFF || p->cap_mw != 0 || p->token_rate > 0)
        return 0;
    return QUIET_CYCLES + UINT64_C(4) * ((uint64_t)s->memory.latency + s->memory.jitter);
}

int session_open(struct session *s, const struct session_settings *settings, struct ls_error *err) {
    void *owner = s->owner;
    memset(s, 0, sizeof *s);
    s->owner = owner;
    s->settings = *settings;
    if (device_open(&s->device, settings->seed, &settings->memory) != 0)
        return ls_error_set(err, s->device.dut == NULL
                                     ? "out of memory for the device"
                                     : "the Verilated model lacks a port that the harness drives");
    s->device.quiet_limit = quiet_limit(settings);
    s->hal = device_hal(&s->device);
    if (sim_power_open(&s->power, &s->device, &s->hal, &settings->power, err) != 0)
        return -1;
    if (fw_probe(&s->firmware, &s->power.hal) == FW_OK)
        return 0;
    return ls_error_set(err, "%s",
                        session_failure(s, s->message, sizeof s->message)
                            ? s->message
                            : fw_status_text(FW_NO_DEVICE));
}

int session_model(struct session *s, const struct ls_model *model,
                  const struct session_layout *layout, struct ls_error *err) {
    const struct fw_limits *limits = &s->firmware.limits;
    const struct gguf *file = model->gguf;
    s->layout = *layout;
    s->model = model;
    if (!layout->front_door)
        weight_mem_map(&s->device.memory, file->map, file->size);
    else if (weight_mem_load(&s->device.memory, file->size) != 0)
        return ls_error_set(err, "out of memory for %" PRIu64 " bytes of weights", file->size);
    if (bridge_model(model, layout->context, layout->sequences, &s->fw_model, err) != 0)
        return -1;
    return layout->checked
               ? scoreboard_open(&s->board, model, (int)limits->act_bits, limits->slots,
                                 layout->sequences, layout->context, layout->list_size, err)
               : 0;
}

int session_load(struct session *s, struct ls_error *err) {
    s->status =
        fw_load(&s->firmware, &s->fw_model, s->layout.front_door ? s->model->gguf->map : NULL);
    if (s->status != FW_OK)
        return 0;
    if (sim_cycles_open(&s->cycles, &s->firmware.program, &s->fw_model, &s->firmware.limits,
                        &s->settings.memory, s->model, err) != 0)
        return -1;
    s->cycles.paced = s->power.settings.throttle != 0;
    s->cycles.board = s->power.board = &s->board;
    return 0;
}

void session_put_kv(struct session *s, const struct golden *from, uint32_t sequence,
                    uint32_t positions) {
    struct golden_kv_place p = {0};
    struct golden *own = s->board.golden;
    scoreboard_settle(&s->board);
    for (p.layer = 0; p.layer < s->model->layers; p.layer++)
        for (p.value = 0; p.value < 2; p.value++)
            for (p.head = 0; p.head < s->model->kv_heads; p.head++)
                for (p.position = 0; p.position < positions; p.position++)
                    for (p.block = 0; p.block < golden_kv_blocks(from); p.block++) {
                        uint32_t word[GOLDEN_KV_BLOCK_WORDS];
                        struct golden_kv_place to = p;
                        golden_kv_get(from, &p, word);
                        to.sequence = sequence;
                        if (from != own)
                            golden_kv_set(own, &to, word);
                        device_kv_write(&s->device, golden_kv_address(own, &to), word);
                    }
    golden_kv_resize(own, sequence, positions);
}

bool session_failure(const struct session *s, char *text, size_t room) {
    if (s->device.failure == NULL)
        return false;
    snprintf(text, room, "assertion %s fails at cycle %" PRIu64, s->device.failure,
             s->device.failed_at);
    return true;
}

enum session_stop session_why(struct session *s, enum fw_status status, char *text, size_t room) {
    const struct sim_stop stop = {&s->firmware, s->model, &s->device.memory, &s->power,
                                  s->device.cycle};
    const struct fw_refusal *refusal = &s->firmware.refusal;
    scoreboard_settle(&s->board);
    if (s->device.failure != NULL &&
        (!s->board.first.found || s->board.first.cycle > s->device.failed_at)) {
        (void)session_failure(s, text, room);
        return SESSION_ERROR;
    }
    if (s->power.result.first[0] != '\0' && !s->board.first.found) {
        snprintf(text, room, "first difference: %s", s->power.result.first);
        return SESSION_DIFFERENCE;
    }
    if (status == FW_DEVICE_ERROR && s->device.status == DEVICE_OK && s->board.golden != NULL)
        (void)sim_stop_is_right(&stop, &s->board);
    if (s->device.status == DEVICE_STOPPED || s->board.first.found) {
        snprintf(text, room, "first difference: %s", s->board.first.text);
        return SESSION_DIFFERENCE;
    }
    switch (s->device.status) {
    case DEVICE_ENOUGH:
        snprintf(text, room, "stopped at cycle %" PRIu64 ", as asked", s->device.cycle);
        return SESSION_ENOUGH;
    case DEVICE_TRACE:
        snprintf(text, room, "%s", s->device.trace.error.text);
        return SESSION_TRACE;
    case DEVICE_INTERRUPTED:
        snprintf(text, room, "interrupted at cycle %" PRIu64, s->device.cycle);
        return SESSION_INTERRUPTED;
    case DEVICE_CYCLE_LIMIT:
        snprintf(text, room, "time-out: no result after %" PRIu64 " cycles", s->device.cycle);
        return SESSION_LIMIT;
    case DEVICE_HANGS:
        snprintf(text, room,
                 "the device hangs: no op, commit, beat or register access since cycle %" PRIu64,
                 s->device.stirred);
        return SESSION_HANGS;
    case DEVICE_BUS:
        snprintf(text, room, "register 0x%03x answered SLVERR at cycle %" PRIu64,
                 s->device.bus_address, s->device.cycle);
        return SESSION_ERROR;
    default:
        break;
    }
    if (refusal->what != NULL && (status == FW_LOAD_FAILED || status == FW_CONTEXT_FAILED)) {
        snprintf(text, room, "%s: %s: the model needs %" PRIu64 ", this device has %" PRIu64,
                 fw_status_text(status), refusal->what, refusal->need, refusal->have);
        return SESSION_REFUSED;
    }
    if (status == FW_DEVICE_ERROR || status == FW_LOAD_FAILED) {
        const int used = snprintf(text, room, "%s: ", fw_status_text(status));
        sim_stop_text(&stop, &s->board, text + used, room - (size_t)used);
    } else {
        snprintf(text, room, "%s, cycle %" PRIu64, fw_status_text(status), s->device.cycle);
    }
    return SESSION_ERROR;
}

void session_close(struct session *s) {
    session_unobserve(s, NULL);
    scoreboard_close(&s->board);
    sim_cycles_close(&s->cycles);
    bridge_release(&s->fw_model);
    device_close(&s->device);
}
