/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A device that is a recording of what the firmware writes, and gives the answers that a test puts
 * into it; and a small model for it.
 *
 *     static struct mock m;
 *     const struct hal hal = mock_open(&m);
 *     const struct fw_model model = make_model();
 *     fw_probe(&device, &hal);
 *     fw_load(&device, &model, NULL);
 *     printf("%u words of microcode\n", count(&m, LOCKSTEP_REG_UCODE_DATA));
 */
#ifndef MOCK_DEVICE_H
#define MOCK_DEVICE_H

#include <string.h>

#include "csrc/model/family.h"
#include "firmware/driver.h"
#include "generated/device.h"

enum { WRITES = 4096, REGISTERS = 0x1000 / 4, LAYERS = 2, QUEUE = 8 };

struct mock {
    uint32_t registers[REGISTERS];
    uint32_t address[WRITES], value[WRITES]; /* in order */
    uint32_t writes, waits;
    int silent;                     /* no interrupt comes */
    uint32_t queue[QUEUE], out, in; /* token-out */
    uint32_t in_level;              /* words in token-in */
    uint32_t late;                  /* a word that comes out once token-out was found empty, or 0 */
    int event;                      /* an interrupt that is not cleared */
    uint32_t list[4][2];            /* id, logit */
    uint32_t status_after_validate;
};

static inline uint32_t mock_levels(struct mock *m) {
    const uint32_t levels = (m->out == m->in ? LOCKSTEP_TOKEN_LEVELS_OUT_EMPTY_MASK : 0) |
                            (m->in - m->out) << LOCKSTEP_TOKEN_LEVELS_OUT_LEVEL_SHIFT |
                            m->in_level << LOCKSTEP_TOKEN_LEVELS_IN_LEVEL_SHIFT;
    if (m->late != 0 && m->out == m->in) {
        m->queue[m->in++ % QUEUE] = m->late;
        m->late = 0;
        m->event = 1;
    }
    return levels;
}

static inline uint32_t mock_read(void *context, uint32_t address) {
    struct mock *m = context;
    switch (address) {
    case LOCKSTEP_REG_TOKEN_LEVELS:
        return mock_levels(m);
    case LOCKSTEP_REG_TOKEN_OUT:
        return m->queue[m->out++ % QUEUE];
    case LOCKSTEP_REG_LIST_ID:
        return m->registers[LOCKSTEP_REG_LIST_INDEX / 4] < 4
                   ? m->list[m->registers[LOCKSTEP_REG_LIST_INDEX / 4]][0]
                   : 0;
    case LOCKSTEP_REG_LIST_LOGIT:
        return m->list[m->registers[LOCKSTEP_REG_LIST_INDEX / 4] % 4][1];
    default:
        return address / 4 < REGISTERS ? m->registers[address / 4] : 0;
    }
}

static inline void mock_write(void *context, uint32_t address, uint32_t value) {
    struct mock *m = context;
    if (m->writes < WRITES) {
        m->address[m->writes] = address;
        m->value[m->writes++] = value;
    }
    if (address == LOCKSTEP_REG_IRQ_STATUS && value != 0)
        m->event = 0;
    if (address == LOCKSTEP_REG_CTRL && (value & LOCKSTEP_CTRL_VALIDATE_MASK))
        m->registers[LOCKSTEP_REG_STATUS / 4] = m->status_after_validate;
    else if (address / 4 < REGISTERS)
        m->registers[address / 4] = value;
}

static inline int mock_wait(void *context) {
    struct mock *m = context;
    m->waits++;
    return m->silent && !m->event;
}

static inline struct hal mock_open(struct mock *m) {
    static const uint32_t capabilities[][2] = {
        {LOCKSTEP_REG_ID, LOCKSTEP_RESET_ID},
        {LOCKSTEP_REG_VERSION, 1u << LOCKSTEP_VERSION_MAJOR_SHIFT},
        {LOCKSTEP_REG_LANES, 2},
        {LOCKSTEP_REG_SLOTS, 2},
        {LOCKSTEP_REG_VLANES, 4},
        {LOCKSTEP_REG_PORT_BITS, 128},
        {LOCKSTEP_REG_CHANNELS, 1},
        {LOCKSTEP_REG_ACT_BITS, 16},
        {LOCKSTEP_REG_ATTN_HEADS, 1},
        {LOCKSTEP_REG_KV_WORDS, 2048},
        {LOCKSTEP_REG_VEC_WORDS, 4096},
        {LOCKSTEP_REG_SEQS, 4},
        {LOCKSTEP_REG_UCODE_OPS, 64},
        {LOCKSTEP_REG_TENSORS, 256},
        {LOCKSTEP_REG_CONTEXT_MAX, 256},
        {LOCKSTEP_REG_HEAD_DIM_MAX, 256},
        {LOCKSTEP_REG_TYPES, 0x107},
        {LOCKSTEP_REG_TOKEN_FIFO, 16},
        {LOCKSTEP_REG_TOPK_MAX, 64},
    };
    memset(m, 0, sizeof *m);
    for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++)
        m->registers[capabilities[i][0] / 4] = capabilities[i][1];
    m->status_after_validate = LOCKSTEP_STATUS_MODEL_READY_MASK;
    return (struct hal){mock_read, mock_write, mock_wait, m};
}

/* Index of the first such write from `from` on, or WRITES. */
static inline uint32_t find(const struct mock *m, uint32_t from, uint32_t address) {
    for (; from < m->writes; from++)
        if (m->address[from] == address)
            return from;
    return WRITES;
}

static inline uint32_t count(const struct mock *m, uint32_t address) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->writes; i++)
        n += m->address[i] == address;
    return n;
}

static struct fw_tensor tensors[3 + LAYERS * 9]; /* of llama */

static inline struct fw_model make_model(void) {
    for (uint32_t i = 0; i < sizeof tensors / sizeof *tensors; i++)
        tensors[i] = (struct fw_tensor){
            .address = 0x1200000000u + 64 * i, .bytes = 36, .type = 2, .rows = i + 1, .cols = 64};
    return (struct fw_model){.family = FAMILY_llama,
                             .roles = family_at(FAMILY_llama)->required | ROLE_BIT(ROLE_OUTPUT),
                             .dim = 64,
                             .hidden = 96,
                             .layers = LAYERS,
                             .heads = 4,
                             .kv_heads = 2,
                             .head_dim = 16,
                             .n_rot = 16,
                             .vocab = 40,
                             .context = 20,
                             .sequences = 2,
                             .eps = 0x3727c5ac,
                             .rope_base = 0x461c4000, /* 10000 */
                             .rope_scale = 0x3f800000,
                             .rope_magnitude = 0x3f99999a,
                             .attn_scale = 0x3e800000, /* 1/4 */
                             .embedding_scale = 0x3f800000,
                             .residual_scale = 0x3f800000,
                             .logit_scale = 1,
                             .eog = {13},
                             .eog_count = 1,
                             .tensors = tensors};
}

#endif
