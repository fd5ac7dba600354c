/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 */
#include "register_model.h"

#include <inttypes.h>

enum { OKAY = 0, SLVERR = 2 };
enum { LOAD_CYCLES = 32 }; /* that a write to a memory that answers takes, at most */
enum { COUNTERS = LOCKSTEP_REG_CYCLES_LO }; /* from here on a read-only register is a snapshot */
#define QUEUE_EMPTY 0xffffffffu

#define AT(m, name) ((m)->value[LOCKSTEP_REG_##name / 4])

/* ---- from reset on ---- */

static bool stores(const struct register_info *row) {
    return model_is(row, "rw") || model_is(row, "cfg");
}

/* What is read stays until something makes it change: constants, errors, snapshots. */
static bool lasts(const struct register_info *row) {
    const uint32_t a = row->address;
    return model_is(row, "ro") && a != LOCKSTEP_REG_STATUS && a != LOCKSTEP_REG_TOKEN_LEVELS &&
           a != LOCKSTEP_REG_LIST_ID && a != LOCKSTEP_REG_LIST_LOGIT &&
           a != LOCKSTEP_REG_LOAD_STATUS && a != LOCKSTEP_REG_LOAD_CRC;
}

static bool is_count(const struct register_info *row) {
    return row != NULL && model_is(row, "ro") && row->address >= COUNTERS;
}

static bool is_place(uint32_t address) {
    return address >= LOCKSTEP_REG_ERROR_CODE && address <= LOCKSTEP_REG_ERROR_TENSOR;
}

static void forget_queues(struct register_model *m) {
    m->irq_must = m->irq_may = m->flags_must = m->flags_may = 0;
    m->in_most = m->out_least = 0;
    m->gathered = 0;
    m->run = m->lost = false;
    m->quiet = m->levels = true;
}

/* Counters, and what else is a snapshot, are zero; so are errors. */
static void forget_counts(struct register_model *m) {
    for (uint32_t i = 0; i < MODEL_SPACE / 4; i++)
        if (is_count(m->row[i]) || is_place(4 * i))
            m->known[i] = true, m->value[i] = 0;
}

void model_reset(struct register_model *m) {
    for (uint32_t i = 0; i < MODEL_SPACE / 4; i++) {
        const struct register_info *row = m->row[i];
        if (row == NULL || (model_is(row, "ro") && !row->has_reset))
            continue;
        m->known[i] = stores(row) || lasts(row);
        m->value[i] = row->reset;
    }
    forget_queues(m);
    forget_counts(m);
    m->ready = false;
    m->load_next = 0;
    m->load_crc = 0xffffffffu;
}

void model_memory(struct register_model *m) {
    memcpy(m->bytes, m->memory->loaded, m->memory->size);
}

void model_open(struct register_model *m, struct host_test *test, const struct weight_mem *memory) {
    *m = (struct register_model){.test = test, .memory = memory};
    for (size_t i = 0; register_info[i].name != NULL; i++)
        m->row[register_info[i].address / 4] = &register_info[i];
    m->beat_words = memory->part_bytes / 4;
    m->bytes = malloc(memory->size);
    if (m->bytes == NULL)
        exit(2);
    model_memory(m);
    model_reset(m);
}

void model_close(struct register_model *m) {
    free(m->bytes);
}

enum model_lock model_lock(const struct register_model *m) {
    return m->run ? LOCK_SHUT : m->quiet ? LOCK_OPEN : LOCK_UNKNOWN;
}

/* ---- the loader ---- */

static bool is_load(uint32_t address) {
    return address == LOCKSTEP_REG_LOAD_DATA || address == LOCKSTEP_REG_LOAD_FLUSH ||
           address == LOCKSTEP_REG_LOAD_ADDR_LO || address == LOCKSTEP_REG_LOAD_ADDR_HI;
}

static void load_write(struct register_model *m) {
    for (uint32_t i = 0; i < m->gathered; i++)
        for (uint32_t k = 0; k < 4; k++)
            if (4 * m->gathered_at[i] + k < m->memory->size)
                m->bytes[4 * m->gathered_at[i] + k] = (uint8_t)(m->gathered_word[i] >> 8 * k);
    m->gathered = 0;
}

static void load_word(struct register_model *m, uint32_t word) {
    m->gathered_at[m->gathered] = m->load_next++;
    m->gathered_word[m->gathered++] = word;
    m->load_next &= (UINT64_C(1) << 38) - 1;
    for (uint32_t bit = 0; bit < 32; bit++) { /* IEEE 802.3, bit by bit */
        const uint32_t odd = (m->load_crc ^ word >> bit) & 1u;
        m->load_crc = m->load_crc >> 1 ^ (odd ? 0xedb88320u : 0);
    }
    if (m->load_next % m->beat_words == 0)
        load_write(m);
}

static void load_address(struct register_model *m) {
    m->load_next = (uint64_t)AT(m, LOAD_ADDR_HI) << 30 | AT(m, LOAD_ADDR_LO) >> 2;
    m->load_crc = 0xffffffffu;
}

/* ---- what the engine may have done since the last access ---- */

static void latch(struct register_model *m) {
    for (uint32_t i = COUNTERS / 4; i < MODEL_SPACE / 4; i++)
        m->known[i] = m->known[i] && !is_count(m->row[i]);
}

static void pass_time(struct register_model *m) {
    m->judged++;
    if (!m->quiet) {
        m->levels = false;
        m->irq_may = LOCKSTEP_IRQ_STATUS_TOKEN_MASK | LOCKSTEP_IRQ_STATUS_ERROR_MASK |
                     LOCKSTEP_IRQ_STATUS_IDLE_MASK;
        if (AT(m, SNAPSHOT_AT) != 0)
            latch(m);
    }
    if (m->fails || m->lost)
        m->irq_may |= LOCKSTEP_IRQ_STATUS_ERROR_MASK;
    if ((!m->quiet || m->fails || m->lost) && AT(m, ERROR_CODE) == 0)
        for (uint32_t a = LOCKSTEP_REG_ERROR_CODE; a <= LOCKSTEP_REG_ERROR_TENSOR; a += 4)
            m->known[a / 4] = false;
}

/* ---- writes ---- */

static void write_ctrl(struct register_model *m, uint32_t ones, uint32_t mask) {
    if (ones & LOCKSTEP_CTRL_SNAPSHOT_MASK)
        latch(m);
    if (mask & LOCKSTEP_CTRL_RUN_MASK)
        m->run = (ones & LOCKSTEP_CTRL_RUN_MASK) != 0;
    if (ones & LOCKSTEP_CTRL_SOFT_RESET_MASK) {
        forget_queues(m);
        forget_counts(m);
    }
    if (ones & LOCKSTEP_CTRL_VALIDATE_MASK)
        m->ready = true;
    if (m->run || (ones & LOCKSTEP_CTRL_VALIDATE_MASK)) /* which a soft reset comes before */
        m->quiet = false;
}

static void push_token(struct register_model *m) {
    if (m->in_most < m->fifo)
        m->in_most++;
    else {
        m->flags_may |= LOCKSTEP_FIFO_FLAGS_IN_OVERFLOW_MASK;
        if (m->levels) /* nothing has taken one since it was full */
            m->flags_must |= LOCKSTEP_FIFO_FLAGS_IN_OVERFLOW_MASK;
    }
}

/* A word for one of the windows behind an address that steps; false: it lies beside the store. */
static bool write_window(struct register_model *m, uint32_t address) {
    if (address == LOCKSTEP_REG_UCODE_DATA || address == LOCKSTEP_REG_TENSOR_DATA) {
        const bool program = address == LOCKSTEP_REG_UCODE_DATA;
        uint32_t *at = program ? &AT(m, UCODE_ADDR) : &AT(m, TENSOR_ADDR);
        if (*at >= (program ? m->ucode_words : m->tensor_words))
            return false;
        *at = (*at + 1) & 0xffffu;
    } else { /* ROPE_HI */
        uint32_t *at = &AT(m, ROPE_ADDR);
        *at = (*at & LOCKSTEP_ROPE_ADDR_BANK_MASK) | ((*at + 1) & LOCKSTEP_ROPE_ADDR_ADDR_MASK);
    }
    return true;
}

static uint32_t bytes_of(uint32_t strobes) {
    uint32_t mask = 0;
    for (uint32_t lane = 0; lane < 4; lane++)
        mask |= (strobes >> lane & 1u) * (0xffu << 8 * lane);
    return mask;
}

static void acts(struct register_model *m, uint32_t address, uint32_t data) {
    switch (address) {
    case LOCKSTEP_REG_TOKEN_IN:
        push_token(m);
        break;
    case LOCKSTEP_REG_LOAD_DATA:
        load_word(m, data);
        break;
    case LOCKSTEP_REG_LOAD_FLUSH:
        load_write(m);
        break;
    default:
        break; /* CHOICE */
    }
}

/* What an accepted write does to a register that stores. */
static void merge(struct register_model *m, uint32_t address, uint32_t data, uint32_t mask) {
    const struct register_info *row = m->row[address / 4];
    uint32_t *value = &m->value[address / 4];
    *value = ((*value & ~mask) | (data & mask)) & row->mask;
    if (model_is(row, "cfg"))
        m->ready = false;
    if (address == LOCKSTEP_REG_LOAD_ADDR_LO || address == LOCKSTEP_REG_LOAD_ADDR_HI) {
        load_write(m);
        load_address(m);
    }
    if (address == LOCKSTEP_REG_OP_INDEX)
        for (uint32_t i = LOCKSTEP_REG_OP_COUNT_LO / 4; i <= LOCKSTEP_REG_OP_ENERGY_HI / 4; i++)
            m->known[i] = false;
}

void model_wrote(struct register_model *m, uint32_t address, uint32_t data, uint32_t strobes,
                 enum model_lock lock, uint32_t response) {
    const uint32_t mask = bytes_of(strobes);
    address &= ~3u;
    const struct register_info *row = address < MODEL_SPACE ? m->row[address / 4] : NULL;
    bool refused = row == NULL, unsure = false;
    pass_time(m);
    if (row != NULL && (model_is(row, "wo") || model_is(row, "cwo")))
        refused = strobes != 15;
    if (row != NULL && !refused && (model_is(row, "cfg") || model_is(row, "cwo"))) {
        refused = lock == LOCK_SHUT;
        unsure = lock == LOCK_UNKNOWN;
        if (unsure)
            refused = response == SLVERR;
        if (!refused && model_is(row, "cwo"))
            refused = !write_window(m, address);
        m->ready &= refused;
    }
    if (row != NULL && !refused && is_load(address) && response == SLVERR) {
        const uint32_t patience = AT(m, PORT_TIMEOUT);
        refused = m->lost = m->fails || (patience != 0 && patience < LOAD_CYCLES);
        load_write(m); /* it has begun */
    }
    CHECK(m->test, response == (refused ? SLVERR : OKAY),
          "write of %08x to %04x (%s), strobes %x: response %u; run %d quiet %d", data, address,
          row != NULL ? row->name : "nothing", strobes, response, m->run, m->quiet);
    if (row == NULL || refused)
        return;
    if (stores(row))
        merge(m, address, data, mask);
    else if (model_is(row, "wo"))
        acts(m, address, data);
    else if (address == LOCKSTEP_REG_CTRL)
        write_ctrl(m, data & mask, mask);
    else if (address == LOCKSTEP_REG_IRQ_STATUS) {
        m->irq_must &= ~(data & mask);
        m->irq_may &= ~(data & mask);
    } else if (address == LOCKSTEP_REG_FIFO_FLAGS) {
        m->flags_must &= ~(data & mask);
        m->flags_may &= ~(data & mask);
    }
}

/* ---- reads ---- */

static uint32_t field(uint32_t value, uint32_t mask) {
    return (value & mask) / (mask & ~(mask - 1));
}
#define FIELD(name, value) field(value, LOCKSTEP_##name##_MASK)

static void read_status(struct register_model *m, uint32_t v) {
    const uint32_t state = FIELD(STATUS_STATE, v);
    const bool busy = FIELD(STATUS_BUSY, v), error = FIELD(STATUS_ERROR, v);
    CHECK(m->test, state <= LOCKSTEP_STATE_THROTTLED, "STATUS %08x: no such state", v);
    CHECK(m->test, error == (state == LOCKSTEP_STATE_ERROR), "STATUS %08x: ERROR", v);
    CHECK(m->test, busy == (state != LOCKSTEP_STATE_IDLE && !error), "STATUS %08x: BUSY", v);
    CHECK(m->test, !m->quiet || !busy, "STATUS %08x: busy without RUN", v);
    CHECK(m->test, m->ready || !FIELD(STATUS_MODEL_READY, v), "STATUS %08x: ready", v);
    CHECK(m->test, m->out_least == 0 || FIELD(STATUS_TOKEN_READY, v), "STATUS %08x: tokens", v);
    CHECK(m->test, !m->levels || m->out_least != 0 || !FIELD(STATUS_TOKEN_READY, v),
          "STATUS %08x: tokens of nobody", v);
    m->ready = FIELD(STATUS_MODEL_READY, v) != 0 || (m->ready && !m->quiet);
    if (!m->run && !busy)
        m->quiet = true;
}

static void read_levels(struct register_model *m, uint32_t v) {
    const uint32_t in = FIELD(TOKEN_LEVELS_IN_LEVEL, v), out = FIELD(TOKEN_LEVELS_OUT_LEVEL, v);
    CHECK(m->test, in <= m->fifo && out <= m->fifo, "TOKEN_LEVELS %08x", v);
    CHECK(m->test,
          FIELD(TOKEN_LEVELS_IN_FULL, v) == (in == m->fifo) &&
              FIELD(TOKEN_LEVELS_IN_EMPTY, v) == (in == 0) &&
              FIELD(TOKEN_LEVELS_OUT_FULL, v) == (out == m->fifo) &&
              FIELD(TOKEN_LEVELS_OUT_EMPTY, v) == (out == 0),
          "TOKEN_LEVELS %08x: flags", v);
    CHECK(m->test, in <= m->in_most && out >= m->out_least, "TOKEN_LEVELS %08x, most %u, least %u",
          v, m->in_most, m->out_least);
    CHECK(m->test, !m->levels || (in == m->in_most && out == m->out_least),
          "TOKEN_LEVELS %08x, expected %u and %u", v, m->in_most, m->out_least);
    m->in_most = in;
    m->out_least = out;
    m->levels = m->quiet;
}

static void read_bits(struct register_model *m, const char *name, uint32_t v, uint32_t *must,
                      uint32_t *may) {
    CHECK(m->test, (v & *must) == *must && (v & ~*may) == 0, "%s %x, must be %x, may be %x", name,
          v, *must, *may);
    *must = v;
    *may = v;
}

static void read_irq(struct register_model *m, uint32_t v, bool before, bool after) {
    const bool asked = (v & AT(m, IRQ_ENABLE)) != 0;
    read_bits(m, "IRQ_STATUS", v, &m->irq_must, &m->irq_may);
    CHECK(m->test, !before || asked, "an interrupt without a cause: %x of %x", v,
          AT(m, IRQ_ENABLE));
    CHECK(m->test, after || !asked, "no interrupt: %x of %x", v, AT(m, IRQ_ENABLE));
}

static void take_token(struct register_model *m, uint32_t v) {
    if (v == QUEUE_EMPTY) {
        CHECK(m->test, m->out_least == 0, "TOKEN_OUT is empty with %u words", m->out_least);
        m->flags_must |= LOCKSTEP_FIFO_FLAGS_OUT_UNDERFLOW_MASK;
        m->flags_may |= LOCKSTEP_FIFO_FLAGS_OUT_UNDERFLOW_MASK;
    } else {
        CHECK(m->test, !m->levels || m->out_least != 0, "TOKEN_OUT %08x of an empty queue", v);
        m->out_least -= m->out_least != 0;
    }
}

static void read_rest(struct register_model *m, uint32_t address, uint32_t v) {
    const uint32_t beat = m->gathered != 0 ? LOCKSTEP_LOAD_STATUS_PENDING_MASK : 0;
    switch (address) {
    case LOCKSTEP_REG_CTRL:
        CHECK(m->test, v == (m->run ? LOCKSTEP_CTRL_RUN_MASK : 0u), "CTRL %x, run %d", v, m->run);
        break;
    case LOCKSTEP_REG_STATUS:
        read_status(m, v);
        break;
    case LOCKSTEP_REG_TOKEN_LEVELS:
        read_levels(m, v);
        break;
    case LOCKSTEP_REG_FIFO_FLAGS:
        read_bits(m, "FIFO_FLAGS", v, &m->flags_must, &m->flags_may);
        break;
    case LOCKSTEP_REG_TOKEN_OUT:
        take_token(m, v);
        break;
    case LOCKSTEP_REG_LOGIT_DATA:
        AT(m, LOGIT_ADDR) = (AT(m, LOGIT_ADDR) + 1) & LOCKSTEP_LOGIT_ADDR_TOKEN_MASK;
        break;
    case LOCKSTEP_REG_LOAD_CRC:
        CHECK(m->test, v == ~m->load_crc, "LOAD_CRC %08x, expected %08x", v, ~m->load_crc);
        break;
    case LOCKSTEP_REG_LOAD_STATUS: /* while a beat is written it is pending, too */
        CHECK(m->test, (v & LOCKSTEP_LOAD_STATUS_BUSY_MASK) || v == beat,
              "LOAD_STATUS %x, %u words", v, m->gathered);
        break;
    default:
        break;
    }
}

void model_read(struct register_model *m, uint32_t address, uint32_t data, uint32_t response,
                bool irq_before, bool irq_after) {
    address &= ~3u;
    const struct register_info *row = address < MODEL_SPACE ? m->row[address / 4] : NULL;
    pass_time(m);
    CHECK(m->test, response == (row != NULL ? OKAY : SLVERR), "read of %04x (%s): response %u",
          address, row != NULL ? row->name : "nothing", response);
    if (row == NULL || response != OKAY) {
        CHECK(m->test, data == 0, "read of %04x: %08x, and refused", address, data);
        return;
    }
    CHECK(m->test, (data & ~row->mask) == 0, "%s reads %08x", row->name, data);
    if (model_is(row, "wo") || model_is(row, "cwo"))
        CHECK(m->test, data == 0, "%s reads %08x", row->name, data);
    if (m->known[address / 4])
        CHECK(m->test, data == m->value[address / 4], "%s reads %08x, expected %08x", row->name,
              data, m->value[address / 4]);
    if (address == LOCKSTEP_REG_IRQ_STATUS)
        read_irq(m, data, irq_before, irq_after);
    else
        read_rest(m, address, data);
    if (lasts(row)) {
        m->value[address / 4] = data;
        m->known[address / 4] = true;
    }
}

void model_compare(struct register_model *m) {
    uint64_t at = 0;
    while (at < m->memory->size && m->memory->loaded[at] == m->bytes[at])
        at++;
    CHECK(m->test, at == m->memory->size, "byte %" PRIx64 " of the memory is %02x, not %02x", at,
          m->memory->loaded[at], m->bytes[at]);
}
