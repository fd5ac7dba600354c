/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Many requests on one device, a pass at a time: a request joins the batch at the next pass if a
 * sequence is free, else it waits in line; one that is over, or cancelled, leaves its sequence to
 * the next. What comes of a request does not depend on the others. Freestanding; the caller keeps
 * the requests. In place of fw_configure, fw_prompt and fw_next.
 *
 *     struct fw_scheduler scheduler;
 *     struct fw_token tokens[FW_SLOTS];
 *     uint32_t count;
 *     fw_schedule(&scheduler, &device, 0);
 *     fw_submit(&scheduler, &request);
 *     while ((status = fw_step(&scheduler, tokens, &count)) == FW_OK)
 *         for (uint32_t i = 0; i < count; i++)
 *             show(tokens[i].request, tokens[i].token);
 *     // FW_DONE, or what failed
 */
#ifndef LOCKSTEP_SCHEDULER_H
#define LOCKSTEP_SCHEDULER_H

#include "driver.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FW_SLOTS 16u /* of a pass, at most */

enum fw_request_state { FW_REQUEST_OVER, FW_REQUEST_QUEUED, FW_REQUEST_RUNNING };

struct fw_request {
    /* The caller's; they stay as they are until the request is over. */
    const uint32_t *prompt;
    uint32_t count;   /* tokens of it */
    uint32_t start;   /* K and V of so many of them are in the sequence, behind on_admit at last */
    uint32_t budget;  /* tokens to generate, at least 1 */
    int32_t priority; /* the highest is admitted first, of equals the first to come */
    struct sampler_settings sampling;
    uint8_t keeps; /* the device keeps all logits of its tokens; then it has no drafts */
    uint8_t whole; /* and on_sample chooses among all */
    void *owner;   /* the scheduler does not look at it */

    /* The scheduler's; to be read. */
    enum fw_request_state state;
    struct fw_request *next; /* in line */
    struct sampler sampler;
    uint32_t sequence;         /* while it runs */
    uint32_t sent;             /* tokens of the prompt that the device has been given */
    uint32_t generated;        /* tokens */
    uint32_t choice;           /* the newest; goes back to the device in the next pass */
    uint32_t drafts[FW_SLOTS]; /* of the pass: what may come behind `choice`, */
    uint32_t drafted, taken;   /* so many; so many of them were right */
    uint32_t guessed, right;   /* the same of all its passes */
};

/* A token that came of a pass. A request with drafts may have several of a pass, in order. */
struct fw_token {
    struct fw_request *request;
    uint32_t token;
    uint32_t index;            /* of the tokens that the request generated */
    uint8_t end_of_generation; /* it ends the text */
    uint8_t last;              /* the request is over */
};

struct fw_scheduler {
    struct fw_device *device;
    uint32_t slots;           /* most of a pass */
    struct fw_request *queue; /* the next to be admitted first */
    struct fw_request *running[FW_SEQUENCES];
    uint32_t turn;                 /* sequence that is served first */
    uint32_t list, start, keep;    /* TOPK, START_POS, LOGITS as they were written last */
    uint32_t queued, active;       /* requests */
    uint64_t passes, slots_had;    /* slots of these passes that had a token */
    uint64_t drafts, drafts_taken; /* tokens that were guessed, and rightly */
    /* Which of the sequences that are free, bit by bit, the request gets; may set its `start`.
     * NULL: the first. */
    uint32_t (*on_choose)(void *context, struct fw_request *request, uint32_t free);
    /* A request has its sequence; the device is idle. May be NULL. */
    void (*on_admit)(void *context, struct fw_request *request);
    /* A pass begins: those that sample list their `list` best tokens. May be NULL. */
    void (*on_pass)(void *context, uint32_t list);
    /* Slots are free: puts what may come behind request->choice, `most` tokens at most, into
     * `drafts`; returns how many. What it guesses does not change what comes. NULL: no drafts. */
    uint32_t (*on_draft)(void *context, const struct fw_request *request, uint32_t *drafts,
                         uint32_t most);
    /* Chooses the token of a request that is `whole`; fw_logits has what it chooses from. */
    uint32_t (*on_sample)(void *context, struct fw_request *request);
    void *context; /* of all five */
};

/* Takes over a loaded device without completions. pass_slots: most slots of a pass; 0: all. */
void fw_schedule(struct fw_scheduler *scheduler, struct fw_device *device, uint32_t pass_slots);

/* Whether the device has room for the request and knows its tokens; if so it stands in line. */
enum fw_status fw_submit(struct fw_scheduler *scheduler, struct fw_request *request);

/* The request is over, wherever it was; its sequence is free. */
void fw_cancel(struct fw_scheduler *scheduler, struct fw_request *request);

/* One pass: admits, fills the slots, runs, chooses. `tokens` [FW_SLOTS] receives `count` of them,
 * which may be none. FW_DONE: there is no request. */
enum fw_status fw_step(struct fw_scheduler *scheduler, struct fw_token *tokens, uint32_t *count);

#ifdef __cplusplus
}
#endif
#endif
