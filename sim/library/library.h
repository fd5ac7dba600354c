/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the files of the library share. A device is bare (a driver of the caller's own has it) or
 * has a model; then it is a session with a scheduler.
 *
 *     if (device->lost != LOCKSTEP_OK)
 *         return library_fail(device, device->lost, "the device is lost");
 */
#ifndef LOCKSTEP_LIBRARY_INSIDE_H
#define LOCKSTEP_LIBRARY_INSIDE_H

#include <stdbool.h>

#define LOCKSTEP_BUILD
#include "csrc/draft/draft.h"
#include "csrc/golden/checkpoint.h"
#include "csrc/reference/reference.h"
#include "csrc/sampling/grammar.h"
#include "csrc/sampling/sampling.h"
#include "firmware/scheduler.h"
#include "lockstep.h"
#include "sim/session/session.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LIBRARY_RETRY                                                                              \
    256u /* tokens of the understudy between self-tests of a device that is out                    \
          */

/* A request from submit to its last event. */
struct job {
    struct fw_request request; /* `owner` is the job */
    struct job *next;
    uint64_t id;
    uint32_t *prompt; /* [context + 1], owned: the prompt and what was generated */
    uint32_t known;   /* tokens of it that are the completion's: of a checkpoint */
    uint32_t reused;  /* tokens of it that its first sequence held */
    uint32_t index;   /* of the next token */
    struct token_stream stream;
    char **stop; /* [stop_count], owned */
    size_t stop_count;
    char *held; /* text that may begin one of them, or goes with the next event */
    size_t held_bytes, held_room;
    void (*on_token)(void *context, const struct lockstep_event *event);
    void *context;
    uint32_t drafts; /* most of a pass */
    bool logprobs;
    double logprob;               /* of the newest token */
    struct lockstep_logprob *top; /* [tops] */
    uint32_t tops;
    struct sampling sampling; /* of a request that is `whole` */
    struct sampling_bias *biases;
    struct grammar *grammar; /* or NULL; it has read so many tokens of the completion */
    uint32_t grammar_tokens;
    bool stuck;               /* no token may follow */
    uint32_t *logits;         /* [vocab] that the device kept, or NULL */
    struct golden *saved;     /* K and V of a checkpoint until it is admitted, or NULL */
    struct fw_request before; /* as it was before the step */
    bool golden;              /* the understudy has it */
    bool keeps;               /* it waits there for the sequence that has its K and V */
    bool moves;               /* between schedulers */
    bool admitted;            /* it has had a sequence of the device */
    bool over;                /* its last event is out */
};

/* The bytes of each token, one behind the other. */
struct library_pieces {
    char *bytes;
    uint32_t *ends; /* [vocab] */
};

/* What the K and V of a sequence are of, whether it runs or is free. */
struct library_kept {
    uint32_t *tokens; /* [context + 1]: these, and the one that would have come next */
    uint32_t count;
    uint64_t left; /* when it became free, in requests */
};

/* A part of the profile. */
struct library_share {
    uint64_t count, cycles, nanoseconds;
};

struct library_profile {
    struct library_share *shares; /* by struct lockstep_profile's order; NULL: off */
    uint32_t layers;
    uint32_t loop, next;         /* pc of LOOP and of NEXT */
    bool working;                /* an op has committed something, */
    uint32_t part;               /* and belongs there */
    uint64_t cycle, nanoseconds; /* up to which all is told */
};

/* The newest pass. */
struct library_op {
    uint32_t op, pc, layer;
    uint64_t begin, end, words;
};

struct library_counters {
    uint64_t cycles, macs;
    uint64_t classes[LOCKSTEP_PASS_CLASSES], energy[LOCKSTEP_PASS_UNITS];
};

enum library_probe {
    LIBRARY_OP,
    LIBRARY_PC,
    LIBRARY_LAYER,
    LIBRARY_BEATS,
    LIBRARY_TOKEN_IN,
    LIBRARY_TOKEN_OUT,
    LIBRARY_PROBES
};

struct library_passes {
    struct lockstep_pass newest;
    struct lockstep_slot slots[FW_SLOTS];
    struct library_op *ops; /* [newest.ops] */
    uint32_t room;
    uint32_t slot_of[FW_SLOTS]; /* places in `slots` by the slot of the device */
    bool known;                 /* this device has begun a pass */
    bool forming;               /* and its slots are being committed */
    bool working;               /* its last op runs */
    struct library_counters counters;
    uint64_t beats; /* taken when it began */
    double die, package;
    uint32_t pace;
    const void *probes[LIBRARY_PROBES];
    size_t probe_bytes[LIBRARY_PROBES];
};

/* The understudy: the golden model as a device, or the float reference. */
struct library_golden {
    struct golden *model; /* NULL: none */
    struct ls_reference *reference;
    uint32_t *own;          /* [vocab] logits of the reference */
    const uint32_t *newest; /* logits [vocab] behind the token that sampled last */
    bool open;              /* firmware.model is */
    struct hal hal;
    struct fw_device firmware;
    struct fw_scheduler scheduler;
    uint32_t position[FW_SEQUENCES];             /* of the next token */
    uint32_t in, out, list, start, index, logit; /* registers; of the token FIFOs one word */
    bool has_out;
    uint32_t ids[SAMPLER_LIST], logits[SAMPLER_LIST], listed;
    bool failed; /* no result for this sequence: */
    uint32_t sequence;
    struct ls_error error;
    uint64_t tokens; /* generated */
};

struct lockstep {
    struct lockstep_settings settings;
    struct lockstep_layout layout;
    struct session session;
    struct ls_model *model;  /* NULL: bare */
    char *path;              /* of its file */
    struct fw_limits limits; /* of the device */
    struct fw_scheduler scheduler;
    struct library_golden golden;
    struct drafter *drafter; /* NULL: bare */
    bool out;                /* the understudy has all requests */
    bool testing;            /* the self-test is under way */
    uint64_t losses, retry; /* retry: tokens of the understudy at which the device is tried again */
    struct job *jobs;
    struct library_pieces *pieces;         /* NULL: not needed yet */
    struct sampling_candidate *candidates; /* [vocab], or NULL: not needed yet */
    struct library_kept kept[FW_SEQUENCES];
    uint64_t lefts;
    uint64_t ids; /* given so far */
    uint64_t prompt_tokens, generated_tokens, reused_tokens;
    struct library_profile profile;
    struct library_passes passes;
    char *trace; /* path that was given, or NULL */
    volatile bool interrupted;
    bool stepping; /* callbacks of a step are out */
    bool ending;   /* all jobs are being ended */
    int lost;      /* LOCKSTEP_OK, or what happened to it */
    struct ls_error error;
};

/* Notes the line; returns `status`. */
__attribute__((format(printf, 3, 4))) int library_fail(struct lockstep *device, int status,
                                                       const char *format, ...);

/* The device of `settings`, freshly switched on: bare, or with device->model on it. */
int library_start_device(struct lockstep *device);
/* The same, or the understudy if that is what the settings say, or the device fails. */
int library_start(struct lockstep *device);
void library_stop(struct lockstep *device); /* and off */

/* Whether there is never a device: the golden model or the float reference computes. */
bool library_is_alone(const struct lockstep *device);

/* LOCKSTEP_BAD_ARGUMENT: there is no device. */
int library_no_device(struct lockstep *device);

/* An interrupt has done what it was for: LOCKSTEP_INTERRUPTED. */
int library_interrupted(struct lockstep *device);

/* LOCKSTEP_OK with the model on the device, or why not; checked: as settings.checked. */
int library_start_session(struct lockstep *device, bool checked);

/* Compares what can be compared only in the end; the device does nothing more behind it. */
int library_finish(struct lockstep *device);

/* The whole self-test on a device that is off, which it leaves off. Tells nobody if on_test is
 * NULL. */
int library_test(struct lockstep *device,
                 void (*on_test)(void *context, const char *name, int status, const char *text),
                 void *context);

/* Host time and cycles since the last mark belong to a part. */
enum library_part {
    PART_TOKENISE,
    PART_PASS,
    PART_EMBED,
    PART_OUTPUT,
    PART_SAMPLE,
    PART_DRAFT,
    PART_FIRMWARE,
    PART_DETOKENISE,
    PART_LAYER /* the first one */
};
extern const struct observer library_observe_profile, library_observe_pass;
uint64_t library_now(void); /* nanoseconds */
void library_spent(struct lockstep *device, enum library_part part, uint64_t since);
void library_profile_begin(struct lockstep *device); /* a step begins */
void library_profile_end(struct lockstep *device);   /* and ends */
void library_profile_guess(struct lockstep *device); /* drafts are there */

/* Cycles that it may take from now on. */
void library_allow(struct lockstep *device);

/* What the firmware or a check says: LOCKSTEP_OK, or the device is lost, its jobs ended. */
int library_judge(struct lockstep *device, enum fw_status status);

/* Ends every job; with an event each. */
void library_end_jobs(struct lockstep *device, enum lockstep_end end);

/* Makes a job of a request with these tokens, which it takes over, and puts it into line. */
int library_submit(struct lockstep *device, const struct lockstep_request *request,
                   uint32_t *tokens, size_t count, struct job **made);

/* Ends a job, with an event. Within a step. */
void library_end_job(struct lockstep *device, struct job *job, enum lockstep_end end);

/* The same, with the text that was held back. */
int library_end_text(struct lockstep *device, struct job *job, enum lockstep_end end);

/* Tokens of a step become events. */
int library_take(struct lockstep *device, const struct fw_token *tokens, uint32_t count);

/* Fills in job->logprob and job->top behind a step. */
int library_logprobs(struct lockstep *device, struct job *job, const struct fw_token *token);

/* Those of the golden model behind which the token of a request came; NULL: it has none. */
const uint32_t *library_golden_logits(struct lockstep *device, const struct job *job,
                                      uint32_t index);

/* ---- library_sampling.c ---- */

/* Whether the golden model, or what computes in its place, is there: it has all logits. */
bool library_sees_all(const struct lockstep *device);
/* Decides who chooses the tokens of a job that is new, and whether the device keeps logits. */
int library_open_sampling(struct lockstep *device, struct job *job,
                          const struct lockstep_request *request);
void library_close_sampling(struct job *job);
void library_free_pieces(struct library_pieces *pieces);         /* NULL is allowed */
int library_end_stuck(struct lockstep *device, struct job *job); /* no token may follow: the end */
const uint32_t *library_read_logits(struct lockstep *device, struct job *job); /* of its newest */
uint32_t library_sample(void *device, struct fw_request *request); /* for the scheduler */
/* What was read for tokens that were chosen here must be what the golden model has. */
int library_check_logits(struct lockstep *device, const struct fw_token *tokens, uint32_t count);

/* ---- library_golden.c ---- */

/* A new understudy for the model, without requests; taken: a golden model with K and V, which it
 * owns from now on, or NULL. */
int library_golden_open(struct lockstep *device, struct golden *taken);
void library_golden_close(struct lockstep *device);
int library_golden_step(struct lockstep *device); /* as lockstep_step */

/* ---- library_fallback.c ---- */

struct fw_scheduler *library_scheduler(struct lockstep *device, const struct job *job);
bool library_has_understudy(const struct lockstep *device);
void library_note(struct lockstep *device);     /* a step begins: what may have to be undone */
int library_fall_back(struct lockstep *device); /* the device is lost */
void library_retry(struct lockstep *device);    /* tries a device that is out when it is time */

/* For the scheduler. */
uint32_t library_choose(void *device, struct fw_request *request, uint32_t free);
void library_admit(void *device, struct fw_request *request);
void library_pass(void *device, uint32_t list);
uint32_t library_draft(void *device, const struct fw_request *request, uint32_t *drafts,
                       uint32_t most);

/* Frees the jobs that are over; the scheduler has none of them any more. Not within a step. */
void library_sweep(struct lockstep *device);

/* LOCKSTEP_OK if requests can be taken and served, or why not. */
int library_ready(struct lockstep *device);

struct job *library_job(struct lockstep *device, uint64_t id); /* NULL: none, or it is over */

#ifdef __cplusplus
}
#endif
#endif
