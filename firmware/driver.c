/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Bring-up, prompts and tokens. The device generates by itself; the driver keeps token-in filled
 * and token-out empty, and chooses tokens where the device lists the best ones.
 */
#include "driver.h"

#include <stddef.h>

#include "generated/device.h"
#include "loader.h"
#include "rotation.h"

#define FIELD(name, value) (((uint32_t)(value) << name##_SHIFT) & name##_MASK)
#define GET(name, word)    (((word) & name##_MASK) >> name##_SHIFT)

static uint32_t read32(const struct fw_device *d, uint32_t address) {
    return hal_read(d->hal, address);
}

static void write32(const struct fw_device *d, uint32_t address, uint32_t value) {
    hal_write(d->hal, address, value);
}

enum fw_status fw_probe(struct fw_device *d, const struct hal *hal) {
    struct fw_limits *l = &d->limits;
    d->hal = hal;
    d->prompts = d->tokens_generated = d->newest = 0;
    if (read32(d, LOCKSTEP_REG_ID) != LOCKSTEP_RESET_ID ||
        GET(LOCKSTEP_VERSION_MAJOR, read32(d, LOCKSTEP_REG_VERSION)) != 1)
        return FW_NO_DEVICE;
    l->lanes = read32(d, LOCKSTEP_REG_LANES);
    l->slots = read32(d, LOCKSTEP_REG_SLOTS);
    l->vector_lanes = read32(d, LOCKSTEP_REG_VLANES);
    l->port_bits = read32(d, LOCKSTEP_REG_PORT_BITS);
    l->channels = read32(d, LOCKSTEP_REG_CHANNELS);
    l->act_bits = read32(d, LOCKSTEP_REG_ACT_BITS);
    l->attention_heads = read32(d, LOCKSTEP_REG_ATTN_HEADS);
    l->kv_words = read32(d, LOCKSTEP_REG_KV_WORDS);
    l->vector_words = read32(d, LOCKSTEP_REG_VEC_WORDS);
    l->sequences = read32(d, LOCKSTEP_REG_SEQS);
    l->ucode_ops = read32(d, LOCKSTEP_REG_UCODE_OPS);
    l->tensors = read32(d, LOCKSTEP_REG_TENSORS);
    l->context = read32(d, LOCKSTEP_REG_CONTEXT_MAX);
    l->head_dim = read32(d, LOCKSTEP_REG_HEAD_DIM_MAX);
    l->types = read32(d, LOCKSTEP_REG_TYPES);
    l->types |= (uint64_t)read32(d, LOCKSTEP_REG_TYPES_HI) << 32;
    l->token_fifo = read32(d, LOCKSTEP_REG_TOKEN_FIFO);
    l->top_k = read32(d, LOCKSTEP_REG_TOPK_MAX);
    l->beats = read32(d, LOCKSTEP_REG_BEATS);
    l->logit_words = read32(d, LOCKSTEP_REG_LOGIT_WORDS);
    return FW_OK;
}

enum fw_status fw_stopped(struct fw_device *d) {
    d->fault.code = GET(LOCKSTEP_ERROR_CODE_CODE, read32(d, LOCKSTEP_REG_ERROR_CODE));
    d->fault.pc = read32(d, LOCKSTEP_REG_ERROR_PC);
    d->fault.layer = read32(d, LOCKSTEP_REG_ERROR_LAYER);
    d->fault.slot = read32(d, LOCKSTEP_REG_ERROR_SLOT);
    d->fault.tensor = read32(d, LOCKSTEP_REG_ERROR_TENSOR);
    return FW_DEVICE_ERROR;
}

/* The increments of a bank; those of bank 1, of local layers, have no factors. */
static void write_rotation(const struct fw_device *d, uint32_t bank, uint32_t base,
                           const uint32_t *factors) {
    const struct fw_model *m = &d->model;
    const uint32_t scale = bank == 0 ? m->rope_scale : 0x3f800000u; /* binary32 of 1 */
    write32(d, LOCKSTEP_REG_ROPE_ADDR, bank);
    for (uint32_t pair = 0; pair < m->n_rot / 2; pair++) {
        const uint32_t factor = factors != 0 ? factors[pair] : scale;
        const uint64_t inc = rotation_increment(base, factor, pair, m->n_rot);
        write32(d, LOCKSTEP_REG_ROPE_LO, (uint32_t)inc);
        write32(d, LOCKSTEP_REG_ROPE_HI, (uint32_t)(inc >> 32));
    }
}

static void write_program(const struct fw_device *d) {
    const struct fw_model *m = &d->model;
    uint32_t tensors = program_tensors(m);
    write32(d, LOCKSTEP_REG_UCODE_ADDR, 0);
    for (uint32_t i = 0; i < d->program.ops; i++)
        for (uint32_t j = 0; j < 4; j++)
            write32(d, LOCKSTEP_REG_UCODE_DATA, d->program.words[i][j]);
    write32(d, LOCKSTEP_REG_TENSOR_ADDR, 0);
    for (uint32_t i = 0; i < tensors; i++) {
        uint32_t words[4];
        program_descriptor(&m->tensors[i], words);
        for (uint32_t j = 0; j < 4; j++)
            write32(d, LOCKSTEP_REG_TENSOR_DATA, words[j]);
    }
    write_rotation(d, 0, m->rope_base, m->rope_factors);
    if (m->local_rope_base != 0)
        write_rotation(d, LOCKSTEP_ROPE_ADDR_BANK_MASK, m->local_rope_base, 0);
}

static void write_geometry(const struct fw_device *d) {
    static const uint32_t eog[] = {LOCKSTEP_REG_EOG0, LOCKSTEP_REG_EOG1, LOCKSTEP_REG_EOG2,
                                   LOCKSTEP_REG_EOG3, LOCKSTEP_REG_EOG4, LOCKSTEP_REG_EOG5,
                                   LOCKSTEP_REG_EOG6, LOCKSTEP_REG_EOG7};
    const struct fw_model *m = &d->model;
    write32(d, LOCKSTEP_REG_N_LAYERS, m->layers);
    write32(d, LOCKSTEP_REG_N_HEADS, m->heads);
    write32(d, LOCKSTEP_REG_N_KV_HEADS, m->kv_heads);
    write32(d, LOCKSTEP_REG_HEAD_DIM, m->head_dim);
    write32(d, LOCKSTEP_REG_N_ROT, m->n_rot);
    write32(d, LOCKSTEP_REG_ROPE_MODE, m->rope_halves ? LOCKSTEP_ROPE_MODE_HALVES_MASK : 0);
    write32(d, LOCKSTEP_REG_CONTEXT, m->context);
    write32(d, LOCKSTEP_REG_N_SEQS, m->sequences);
    write32(d, LOCKSTEP_REG_ATTN_SCALE, m->attn_scale);
    write32(d, LOCKSTEP_REG_LOCAL,
            FIELD(LOCKSTEP_LOCAL_PERIOD, m->local_period) |
                FIELD(LOCKSTEP_LOCAL_COUNT, m->local_count) |
                (m->local_rope_base != 0 ? LOCKSTEP_LOCAL_ROPE_MASK : 0));
    write32(d, LOCKSTEP_REG_ATTN_WINDOW, m->local_window);
    write32(d, LOCKSTEP_REG_ATTN_CAP, m->attn_cap);
    write32(d, LOCKSTEP_REG_ATTN_CAP_SLOPE, m->attn_cap_slope);
    write32(d, LOCKSTEP_REG_EXPERTS,
            FIELD(LOCKSTEP_EXPERTS_COUNT, m->experts) |
                FIELD(LOCKSTEP_EXPERTS_USED, m->experts_used) |
                (m->experts_normalised ? LOCKSTEP_EXPERTS_NORMALISED_MASK : 0));
    write32(d, LOCKSTEP_REG_TENSOR_STRIDE, program_stride(m));
    write32(d, LOCKSTEP_REG_VOCAB, m->vocab);
    for (uint32_t i = 0; i < sizeof eog / sizeof *eog; i++)
        write32(d, eog[i], i < m->eog_count ? m->eog[i] | LOCKSTEP_EOG0_VALID_MASK : 0);
}

/* Has the stores checked; leaves the device ready to run. */
static enum fw_status validate(struct fw_device *d) {
    uint32_t status;
    write32(d, LOCKSTEP_REG_IRQ_STATUS, ~0u);
    write32(d, LOCKSTEP_REG_IRQ_ENABLE,
            LOCKSTEP_IRQ_ENABLE_ERROR_MASK | LOCKSTEP_IRQ_ENABLE_IDLE_MASK);
    write32(d, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_VALIDATE_MASK);
    if (d->hal->wait_irq(d->hal->context) != 0)
        return FW_TIMEOUT;
    write32(d, LOCKSTEP_REG_IRQ_ENABLE,
            LOCKSTEP_IRQ_ENABLE_TOKEN_MASK | LOCKSTEP_IRQ_ENABLE_ERROR_MASK);
    status = read32(d, LOCKSTEP_REG_STATUS);
    if (status & LOCKSTEP_STATUS_ERROR_MASK)
        return fw_stopped(d);
    return (status & LOCKSTEP_STATUS_MODEL_READY_MASK) ? FW_OK : FW_TIMEOUT;
}

enum fw_status fw_recover(struct fw_device *d) {
    for (uint32_t i = 0; i < FW_SEQUENCES; i++)
        d->sequences[i].active = 0;
    write32(d, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    return validate(d);
}

enum fw_status fw_load(struct fw_device *d, const struct fw_model *model, const uint8_t *bytes) {
    enum fw_status status;
    d->model = *model;
    d->refusal.what = 0;
    d->fault.code = LOCKSTEP_ERROR_NONE;
    for (uint32_t i = 0; i < FW_SEQUENCES; i++)
        d->sequences[i].active = 0;
    if (program_build(model, &d->limits, &d->program, &d->refusal) != 0)
        return FW_LOAD_FAILED;
    if (model->sequences > FW_SEQUENCES || program_context(model, &d->limits, &d->refusal) != 0)
        return FW_CONTEXT_FAILED;
    write32(d, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    write_program(d);
    write_geometry(d);
    if (bytes != 0)
        for (uint32_t i = 0; i < program_piece_place(model, 0); i++) {
            const struct fw_tensor *t = &model->tensors[i];
            if (i == program_place(model, ROLE_OUTPUT, 0) &&
                t->address == model->tensors[program_place(model, ROLE_TOKEN_EMBD, 0)].address)
                continue; /* tied: the same bytes */
            /* a part of a fused tensor may begin within a word, whose front is then sent again */
            const uint64_t front = t->address % 4;
            if (!loader_stream(d->hal, t->address - front, bytes + t->address - front,
                               t->bytes + front))
                return FW_CHECKSUM;
        }
    status = validate(d);
    return status == FW_DEVICE_ERROR ? FW_LOAD_FAILED : status;
}

enum fw_status fw_configure(struct fw_device *d, const struct fw_settings *settings) {
    int alone = sampler_is_greedy(&settings->sampling) && !settings->given;
    if (settings->budget == 0)
        return FW_PROMPT_FAILED;
    d->settings = *settings;
    write32(d, LOCKSTEP_REG_BUDGET, settings->budget);
    write32(d, LOCKSTEP_REG_START_POS, 0);
    write32(d, LOCKSTEP_REG_TOPK, alone ? 0 : sampler_list_size(&settings->sampling));
    write32(d, LOCKSTEP_REG_PASS_SLOTS,
            settings->pass_slots ? settings->pass_slots : d->limits.slots);
    write32(d, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    return FW_OK;
}

enum fw_status fw_prompt(struct fw_device *d, uint32_t sequence, const uint32_t *tokens,
                         uint32_t count) {
    if (sequence >= d->model.sequences || count == 0 || count > d->model.context)
        return FW_PROMPT_FAILED;
    struct fw_sequence *s = &d->sequences[sequence];
    if (s->active)
        return FW_PROMPT_FAILED;
    for (uint32_t i = 0; i < count; i++)
        if (tokens[i] >= d->model.vocab)
            return FW_PROMPT_FAILED;
    s->prompt = tokens;
    s->count = s->prefill = count;
    s->sent = s->generated = s->start = 0;
    s->given = 0;
    s->chosen = 0;
    s->active = 1;
    sampler_init(&s->sampler, &d->settings.sampling);
    for (uint32_t i = 0; i < count; i++)
        sampler_accept(&s->sampler, tokens[i]);
    d->newest = sequence;
    d->prompts++;
    return FW_OK;
}

void fw_give(struct fw_device *d, uint32_t sequence, const uint32_t *tokens) {
    d->sequences[sequence].given = tokens;
}

enum fw_status fw_continue(struct fw_device *d, uint32_t sequence, const uint32_t *tokens,
                           uint32_t count, uint32_t start, uint32_t prefill,
                           const struct sampler *sampler) {
    enum fw_status status = fw_prompt(d, sequence, tokens, count);
    if (status != FW_OK || start + count > d->model.context)
        return FW_PROMPT_FAILED;
    struct fw_sequence *s = &d->sequences[sequence];
    s->start = start;
    s->prefill = prefill;
    s->sampler = *sampler;
    write32(d, LOCKSTEP_REG_START_POS, start);
    return FW_OK;
}

static uint32_t in_room(const struct fw_device *d, uint32_t levels) {
    return d->limits.token_fifo - GET(LOCKSTEP_TOKEN_LEVELS_IN_LEVEL, levels);
}

/* Fills token-in: choices first, they keep a sequence going. Returns whether words are left. */
static int feed(struct fw_device *d, uint32_t room) {
    int left = 0;
    for (uint32_t i = 0; i < d->model.sequences; i++) {
        struct fw_sequence *s = &d->sequences[i];
        if (s->active && s->chosen && room != 0) {
            write32(d, LOCKSTEP_REG_TOKEN_IN,
                    FIELD(LOCKSTEP_IN_TOKEN, s->choice) | FIELD(LOCKSTEP_IN_SEQ, i) |
                        LOCKSTEP_IN_LAST_MASK);
            s->chosen = 0;
            room--;
        }
        left |= s->active && s->chosen;
    }
    for (uint32_t i = 0; i < d->model.sequences; i++) {
        struct fw_sequence *s = &d->sequences[i];
        for (; s->active && s->sent < s->count && room != 0; s->sent++, room--)
            write32(d, LOCKSTEP_REG_TOKEN_IN,
                    FIELD(LOCKSTEP_IN_TOKEN, s->prompt[s->sent]) | FIELD(LOCKSTEP_IN_SEQ, i) |
                        (s->sent < s->prefill ? LOCKSTEP_IN_PROMPT_MASK : 0) |
                        (s->sent == 0 ? LOCKSTEP_IN_FIRST_MASK : 0) |
                        (s->sent + 1 == s->count ? LOCKSTEP_IN_LAST_MASK : 0));
        left |= s->active && s->sent < s->count;
    }
    return left;
}

int fw_is_eog(const struct fw_model *m, uint32_t token) {
    for (uint32_t i = 0; i < m->eog_count; i++)
        if (m->eog[i] == token)
            return 1;
    return 0;
}

uint32_t fw_list(struct fw_device *d, uint32_t sequence, struct sampler_entry *list,
                 uint32_t most) {
    uint32_t n = 0;
    write32(d, LOCKSTEP_REG_LIST_SEQ, sequence);
    for (; n < most && n < SAMPLER_LIST; n++) {
        uint32_t id;
        write32(d, LOCKSTEP_REG_LIST_INDEX, n);
        id = read32(d, LOCKSTEP_REG_LIST_ID);
        if (!(id & LOCKSTEP_LIST_ID_VALID_MASK))
            break;
        list[n].token = GET(LOCKSTEP_LIST_ID_TOKEN, id);
        list[n].logit = sampler_logit(read32(d, LOCKSTEP_REG_LIST_LOGIT),
                                      (double)d->model.logit_scale, (double)d->model.logit_cap);
    }
    return n;
}

void fw_logits(struct fw_device *d, uint32_t sequence, uint32_t *bits, uint32_t count) {
    write32(d, LOCKSTEP_REG_LIST_SEQ, sequence);
    write32(d, LOCKSTEP_REG_LOGIT_ADDR, 0);
    for (uint32_t i = 0; i < count; i++)
        bits[i] = read32(d, LOCKSTEP_REG_LOGIT_DATA);
}

/* The device lists the best tokens of a sequence: choose, and send the choice back if it goes on.
 */
static void choose(struct fw_device *d, struct fw_sequence *s, struct fw_event *event) {
    struct sampler_entry list[SAMPLER_LIST];
    if (s->given != 0) {
        event->token = s->given[s->generated];
        event->end_of_generation = 0;
    } else {
        const uint32_t n =
            fw_list(d, event->sequence, list, sampler_list_size(&d->settings.sampling));
        event->token = sampler_choose(&s->sampler, list, n);
        event->end_of_generation = (uint8_t)fw_is_eog(&d->model, event->token);
    }
    event->last = event->end_of_generation || s->generated + 1 >= d->settings.budget ||
                  s->start + s->count + s->generated >= d->model.context;
    s->choice = event->token;
    s->chosen = !event->last;
}

static void take_token(struct fw_device *d, uint32_t word, struct fw_event *event) {
    struct fw_sequence *s;
    event->sequence = GET(LOCKSTEP_OUT_SEQ, word);
    event->token = GET(LOCKSTEP_OUT_TOKEN, word);
    event->end_of_generation = (word & LOCKSTEP_OUT_EOG_MASK) != 0;
    event->last = (word & (LOCKSTEP_OUT_EOG_MASK | LOCKSTEP_OUT_LAST_MASK)) != 0;
    s = &d->sequences[event->sequence];
    if (word & LOCKSTEP_OUT_LIST_MASK)
        choose(d, s, event);
    sampler_accept(&s->sampler, event->token);
    s->generated++;
    d->tokens_generated++;
    s->active = !event->last;
}

enum fw_status fw_next(struct fw_device *d, struct fw_event *event) {
    for (;;) {
        uint32_t levels, status;
        int left, active = 0;
        for (uint32_t i = 0; i < d->model.sequences; i++)
            active |= d->sequences[i].active;
        if (!active)
            return FW_DONE;
        write32(d, LOCKSTEP_REG_IRQ_STATUS, ~0u); /* before looking, so that no event is lost */
        levels = read32(d, LOCKSTEP_REG_TOKEN_LEVELS);
        left = feed(d, in_room(d, levels));
        if (!(levels & LOCKSTEP_TOKEN_LEVELS_OUT_EMPTY_MASK)) {
            take_token(d, read32(d, LOCKSTEP_REG_TOKEN_OUT), event);
            return FW_OK;
        }
        status = read32(d, LOCKSTEP_REG_STATUS);
        if (status & LOCKSTEP_STATUS_ERROR_MASK)
            return fw_stopped(d);
        if (!left && d->hal->wait_irq(d->hal->context) != 0)
            return FW_TIMEOUT;
    }
}

static uint64_t read_counter(const struct fw_device *d, uint32_t low) {
    uint64_t value = read32(d, low);
    return value | (uint64_t)read32(d, low + 4) << 32;
}

void fw_telemetry(struct fw_device *d, uint64_t clock_hz, struct fw_telemetry *t) {
    write32(d, LOCKSTEP_REG_CTRL,
            (read32(d, LOCKSTEP_REG_CTRL) & LOCKSTEP_CTRL_RUN_MASK) | LOCKSTEP_CTRL_SNAPSHOT_MASK);
    t->cycles = read_counter(d, LOCKSTEP_REG_CYCLES_LO);
    t->prefill_cycles = read_counter(d, LOCKSTEP_REG_PREFILL_CYCLES_LO);
    t->macs = read_counter(d, LOCKSTEP_REG_MACS_LO);
    t->weight_beats = read_counter(d, LOCKSTEP_REG_WEIGHT_BEATS_LO);
    t->weight_stalls = read_counter(d, LOCKSTEP_REG_WEIGHT_STALLS_LO);
    t->passes = read_counter(d, LOCKSTEP_REG_PASSES_LO);
    t->tokens_in = read_counter(d, LOCKSTEP_REG_TOKENS_IN_LO);
    t->tokens_out = read_counter(d, LOCKSTEP_REG_TOKENS_OUT_LO);
    t->kv_reads = read_counter(d, LOCKSTEP_REG_KV_READS_LO);
    t->kv_writes = read_counter(d, LOCKSTEP_REG_KV_WRITES_LO);
    t->drafts = read_counter(d, LOCKSTEP_REG_DRAFTS_LO);
    t->drafts_taken = read_counter(d, LOCKSTEP_REG_DRAFTS_TAKEN_LO);
    t->prompts = d->prompts;
    t->tokens_generated = d->tokens_generated;
    t->last_prompt_tokens = d->sequences[d->newest].count;
    t->last_completion_tokens = d->sequences[d->newest].generated;
    t->tokens_per_second_milli =
        t->cycles == 0 ? 0 : d->tokens_generated * clock_hz / (t->cycles / 1000 + 1);
}

const char *fw_fault_name(uint32_t code) {
    static const char *const names[] = {LOCKSTEP_ERROR_NAMES};
    return code < sizeof names / sizeof names[0] && names[code] != NULL ? names[code] : "unknown";
}

const char *fw_status_text(enum fw_status status) {
    static const char *const text[] = {
        "no error",
        "the model cannot be loaded",
        "the context cannot be created",
        "the prompt cannot be taken",
        "there is no Lockstep device of this version",
        "the device received other bytes than were sent",
        "the device stopped with an error",
        "the device did not answer in time",
        "done",
    };
    return text[status];
}
