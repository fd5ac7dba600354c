/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The device lists the best tokens of every slot that samples (TOPK at least 1), so it never goes
 * on by itself: each pass holds what was put into token-in before it, and nothing is under way
 * between passes. Drafts in it are judged by the device, by its best token if lists have one entry,
 * else by what is chosen here while it waits.
 */
#include "scheduler.h"

#include "generated/device.h"

#define FIELD(name, value) (((uint32_t)(value) << name##_SHIFT) & name##_MASK)
#define GET(name, word)    (((word) & name##_MASK) >> name##_SHIFT)

#define IRQS (LOCKSTEP_IRQ_ENABLE_ERROR_MASK | LOCKSTEP_IRQ_ENABLE_IDLE_MASK)

static void write32(const struct fw_scheduler *s, uint32_t address, uint32_t value) {
    hal_write(s->device->hal, address, value);
}

static uint32_t list_size(const struct fw_request *r) {
    return r->whole || sampler_is_greedy(&r->sampling) ? 1 : sampler_list_size(&r->sampling);
}

void fw_schedule(struct fw_scheduler *s, struct fw_device *device, uint32_t pass_slots) {
    const uint32_t all = device->limits.slots < FW_SLOTS ? device->limits.slots : FW_SLOTS;
    s->device = device;
    s->slots = pass_slots != 0 && pass_slots < all ? pass_slots : all;
    s->queue = 0;
    for (uint32_t i = 0; i < FW_SEQUENCES; i++)
        s->running[i] = 0;
    s->turn = s->queued = s->active = 0;
    s->passes = s->slots_had = s->drafts = s->drafts_taken = 0;
    s->on_choose = 0;
    s->on_admit = 0;
    s->on_pass = 0;
    s->on_draft = 0;
    s->on_sample = 0;
    s->list = 1;
    s->start = s->keep = 0;
    write32(s, LOCKSTEP_REG_CTRL, 0);
    write32(s, LOCKSTEP_REG_TOPK, s->list);
    write32(s, LOCKSTEP_REG_START_POS, s->start);
    write32(s, LOCKSTEP_REG_LOGITS, s->keep);
    write32(s, LOCKSTEP_REG_PASS_SLOTS, s->slots);
    write32(s, LOCKSTEP_REG_IRQ_ENABLE, IRQS);
}

enum fw_status fw_submit(struct fw_scheduler *s, struct fw_request *r) {
    const struct fw_model *m = &s->device->model;
    if (r->count == 0 || r->count > m->context || r->start >= r->count || r->budget == 0)
        return FW_PROMPT_FAILED;
    for (uint32_t i = 0; i < r->count; i++)
        if (r->prompt[i] >= m->vocab)
            return FW_PROMPT_FAILED;
    r->state = FW_REQUEST_QUEUED;
    r->sent = r->start;
    r->generated = r->drafted = r->taken = r->guessed = r->right = 0;
    sampler_init(&r->sampler, &r->sampling);
    for (uint32_t i = 0; i < r->count; i++)
        sampler_accept(&r->sampler, r->prompt[i]);
    struct fw_request **at = &s->queue;
    while (*at != 0 && (*at)->priority >= r->priority)
        at = &(*at)->next;
    r->next = *at;
    *at = r;
    s->queued++;
    return FW_OK;
}

static void leave(struct fw_scheduler *s, struct fw_request *r) {
    s->running[r->sequence] = 0;
    s->active--;
    r->state = FW_REQUEST_OVER;
}

void fw_cancel(struct fw_scheduler *s, struct fw_request *r) {
    if (r->state == FW_REQUEST_RUNNING) {
        leave(s, r);
    } else if (r->state == FW_REQUEST_QUEUED) {
        struct fw_request **at = &s->queue;
        while (*at != r)
            at = &(*at)->next;
        *at = r->next;
        s->queued--;
        r->state = FW_REQUEST_OVER;
    }
}

/* A sequence holds a whole context, so a free one is room for any request that was taken. */
static void admit(struct fw_scheduler *s) {
    uint32_t free = 0;
    for (uint32_t i = 0; i < s->device->model.sequences; i++)
        free |= s->running[i] == 0 ? 1u << i : 0;
    while (free != 0 && s->queue != 0) {
        struct fw_request *r = s->queue;
        uint32_t q = 0;
        while ((free >> q & 1u) == 0)
            q++;
        if (s->on_choose != 0)
            q = s->on_choose(s->context, r, free);
        free &= ~(1u << q);
        s->queue = r->next;
        s->running[q] = r;
        s->queued--;
        s->active++;
        r->state = FW_REQUEST_RUNNING;
        r->sequence = q;
        r->sent = r->start;
        s->device->prompts++;
        if (s->on_admit != 0)
            s->on_admit(s->context, r);
    }
}

/* Tokens that the request could give to a pass: of its prompt, or its newest. */
static uint32_t tokens_left(const struct fw_request *r) {
    return r->sent < r->count ? r->count - r->sent : 1;
}

/* Drafts of the request, at most `room`. None past its budget or its context; an end of generation
 * is none either, for nothing comes behind it. Returns how many there are. */
static uint32_t guess(struct fw_scheduler *s, struct fw_request *r, uint32_t room) {
    const struct fw_model *m = &s->device->model;
    const uint32_t tokens = r->budget - r->generated - 1;
    const uint32_t positions = m->context - r->count - r->generated;
    uint32_t most = tokens < room ? tokens : room;
    if (s->on_draft == 0 || r->keeps || r->sent != r->count)
        return 0;
    most = positions < most ? positions : most;
    most = most == 0 ? 0 : s->on_draft(s->context, r, r->drafts, most);
    while (r->drafted < most && r->drafts[r->drafted] < m->vocab &&
           !fw_is_eog(m, r->drafts[r->drafted]))
        r->drafted++;
    s->drafts += r->drafted;
    r->guessed += r->drafted;
    return r->drafted;
}

/* How many slots, 0 so far, each sequence has in the next pass: one for each in turn, what is left
 * for prompts, and then for drafts. First tokens share a pass only if they begin at the same
 * position.
 */
static uint32_t share(struct fw_scheduler *s, uint32_t slots[FW_SEQUENCES]) {
    const uint32_t sequences = s->device->model.sequences;
    const struct fw_request *begins = 0; /* whose first token is in the pass */
    uint32_t room = s->slots, first = s->turn;
    for (uint32_t i = 0; i < sequences && room != 0; i++) {
        const uint32_t q = (first + i) % sequences;
        const struct fw_request *r = s->running[q];
        if (r == 0 || (r->sent == r->start && begins != 0 && r->start != begins->start))
            continue;
        if (r->sent == r->start)
            begins = r;
        slots[q] = 1;
        room--;
        s->turn = (q + 1) % sequences;
    }
    for (uint32_t i = 0; i < sequences && room != 0; i++) {
        const uint32_t q = (first + i) % sequences;
        const uint32_t more = slots[q] == 0 ? 0 : tokens_left(s->running[q]) - 1;
        slots[q] += more < room ? more : room;
        room -= more < room ? more : room;
    }
    for (uint32_t i = 0; i < sequences; i++) {
        const uint32_t q = (first + i) % sequences;
        if (s->running[q] != 0)
            s->running[q]->drafted = s->running[q]->taken = 0;
        room -= slots[q] == 0 || room == 0 ? 0 : guess(s, s->running[q], room);
    }
    if (begins != 0 && begins->start != s->start)
        write32(s, LOCKSTEP_REG_START_POS, s->start = begins->start);
    return s->slots - room;
}

/* A request's tokens for this pass. Returns whether it samples behind them. */
static int give(struct fw_scheduler *s, struct fw_request *r, uint32_t slots) {
    if (r->sent == r->count) {
        write32(s, LOCKSTEP_REG_TOKEN_IN,
                FIELD(LOCKSTEP_IN_TOKEN, r->choice) | FIELD(LOCKSTEP_IN_SEQ, r->sequence) |
                    (r->drafted == 0 ? LOCKSTEP_IN_LAST_MASK : 0));
        for (uint32_t i = 0; i < r->drafted; i++)
            write32(s, LOCKSTEP_REG_TOKEN_IN,
                    FIELD(LOCKSTEP_IN_TOKEN, r->drafts[i]) | FIELD(LOCKSTEP_IN_SEQ, r->sequence) |
                        LOCKSTEP_IN_DRAFT_MASK | (i + 1 == r->drafted ? LOCKSTEP_IN_LAST_MASK : 0));
        return 1;
    }
    for (; slots != 0; slots--, r->sent++)
        write32(s, LOCKSTEP_REG_TOKEN_IN,
                FIELD(LOCKSTEP_IN_TOKEN, r->prompt[r->sent]) | FIELD(LOCKSTEP_IN_SEQ, r->sequence) |
                    LOCKSTEP_IN_PROMPT_MASK | (r->sent == r->start ? LOCKSTEP_IN_FIRST_MASK : 0) |
                    (r->sent + 1 == r->count ? LOCKSTEP_IN_LAST_MASK : 0));
    return r->sent == r->count;
}

static struct fw_token take(struct fw_scheduler *s, struct fw_request *r, uint32_t word) {
    struct fw_device *d = s->device;
    struct fw_token t = {
        .request = r, .token = GET(LOCKSTEP_OUT_TOKEN, word), .index = r->generated};
    if (r->whole) {
        t.token = s->on_sample(s->context, r);
    } else if (!sampler_is_greedy(&r->sampling)) {
        struct sampler_entry list[SAMPLER_LIST] = {{.token = t.token}};
        const uint32_t count = s->list == 1 ? 1 : fw_list(d, r->sequence, list, list_size(r));
        t.token = sampler_choose(&r->sampler, list, count);
    }
    sampler_accept(&r->sampler, t.token);
    r->choice = t.token;
    if (r->taken < r->drafted) { /* a draft of this token is in the pass */
        if (s->list != 1)
            write32(s, LOCKSTEP_REG_CHOICE, FIELD(LOCKSTEP_CHOICE_TOKEN, t.token));
        if (t.token == r->drafts[r->taken]) {
            r->taken++;
            r->right++;
            s->drafts_taken++;
        } else {
            r->drafted = r->taken;
        }
    }
    r->generated++;
    d->tokens_generated++;
    t.end_of_generation = (uint8_t)fw_is_eog(&d->model, t.token);
    t.last = t.end_of_generation || r->generated >= r->budget ||
             r->count + r->generated > d->model.context;
    if (t.last)
        leave(s, r);
    return t;
}

/* What token-out holds. */
static enum fw_status drain(struct fw_scheduler *s, struct fw_token *tokens, uint32_t *count,
                            uint32_t most) {
    struct fw_device *d = s->device;
    for (uint32_t n =
             GET(LOCKSTEP_TOKEN_LEVELS_OUT_LEVEL, hal_read(d->hal, LOCKSTEP_REG_TOKEN_LEVELS));
         n != 0; n--) {
        const uint32_t word = hal_read(d->hal, LOCKSTEP_REG_TOKEN_OUT);
        struct fw_request *r = s->running[GET(LOCKSTEP_OUT_SEQ, word)];
        if (r == 0 || *count == most) /* nobody asked for it */
            return fw_stopped(d);
        tokens[(*count)++] = take(s, r, word);
    }
    return FW_OK;
}

/* The pass runs; drafts in it wait for choices. */
static enum fw_status answer(struct fw_scheduler *s, struct fw_token *tokens, uint32_t *count,
                             uint32_t most) {
    const struct hal *hal = s->device->hal;
    enum fw_status status = FW_OK;
    uint32_t before, state = LOCKSTEP_STATUS_BUSY_MASK;
    write32(s, LOCKSTEP_REG_IRQ_ENABLE, IRQS | LOCKSTEP_IRQ_ENABLE_TOKEN_MASK);
    while (status == FW_OK && (state & LOCKSTEP_STATUS_BUSY_MASK) != 0) {
        if (hal->wait_irq(hal->context) != 0)
            return FW_TIMEOUT;
        write32(s, LOCKSTEP_REG_IRQ_STATUS, ~0u); /* before looking, so that no event is lost */
        state = hal_read(hal, LOCKSTEP_REG_STATUS);
        do { /* until it is empty: only then does the next token interrupt */
            before = *count;
            status = (state & LOCKSTEP_STATUS_ERROR_MASK) != 0 ? fw_stopped(s->device)
                                                               : drain(s, tokens, count, most);
        } while (status == FW_OK && *count != before);
    }
    write32(s, LOCKSTEP_REG_IRQ_ENABLE, IRQS);
    write32(s, LOCKSTEP_REG_CTRL, 0);
    return status;
}

enum fw_status fw_step(struct fw_scheduler *s, struct fw_token *tokens, uint32_t *count) {
    struct fw_device *d = s->device;
    const uint32_t sequences = d->model.sequences, first = s->turn;
    uint32_t slots[FW_SEQUENCES] = {0}, list = 1, keep = 0, had;
    int waits = 0;
    *count = 0;
    admit(s);
    had = share(s, slots);
    if (had == 0)
        return FW_DONE;
    for (uint32_t i = 0; i < sequences; i++) {
        struct fw_request *r = s->running[(first + i) % sequences];
        const uint32_t has = slots[(first + i) % sequences];
        if (has != 0 && give(s, r, has)) {
            list = list_size(r) > list ? list_size(r) : list;
            keep |= r->keeps ? LOCKSTEP_LOGITS_KEEP_MASK : 0;
        }
        waits |= has != 0 && r->drafted != 0;
    }
    if (list != s->list)
        write32(s, LOCKSTEP_REG_TOPK, s->list = list);
    if (keep != s->keep)
        write32(s, LOCKSTEP_REG_LOGITS, s->keep = keep);
    if (s->on_pass != 0)
        s->on_pass(s->context, list);
    s->passes++;
    s->slots_had += had;
    write32(s, LOCKSTEP_REG_IRQ_STATUS, ~0u);
    write32(s, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    if (waits && list != 1)
        return answer(s, tokens, count, had);
    if (d->hal->wait_irq(d->hal->context) != 0)
        return FW_TIMEOUT;
    write32(s, LOCKSTEP_REG_CTRL, 0);
    if (hal_read(d->hal, LOCKSTEP_REG_STATUS) & LOCKSTEP_STATUS_ERROR_MASK)
        return fw_stopped(d);
    return drain(s, tokens, count, had);
}
