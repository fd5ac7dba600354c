/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The device as a library: a simulated accelerator with its firmware, its weight memory, and the
 * golden model that checks every word it commits. docs/library.md tells the whole of it.
 *
 *     char why[256];
 *     struct lockstep *device = lockstep_open(NULL, why, sizeof why);
 *     if (device == NULL || lockstep_load(device, "model.gguf", NULL) != LOCKSTEP_OK)
 *         return fail(device == NULL ? why : lockstep_error(device));
 *     struct lockstep_request request;
 *     lockstep_request_defaults(&request, sizeof request);
 *     request.text = "Once upon a time";
 *     request.on_token = show;
 *     lockstep_submit(device, &request, NULL);
 *     while ((status = lockstep_step(device)) == LOCKSTEP_OK)
 *         ;
 *     lockstep_close(device); // LOCKSTEP_IDLE: all is done
 *
 * A device belongs to one thread at a time; different devices know nothing of each other. Sizes at
 * the beginning of structs let them grow: set them by the functions named ..._defaults. A pointer
 * may be NULL only where it is said.
 */
#ifndef LOCKSTEP_LIBRARY_H
#define LOCKSTEP_LIBRARY_H

#include <stddef.h>
#include <stdint.h>

#if defined LOCKSTEP_BUILD
#define LOCKSTEP_API __attribute__((visibility("default")))
#else
#define LOCKSTEP_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define LOCKSTEP_API_VERSION 1u
#define LOCKSTEP_NOWHERE     UINT64_MAX /* an address that is none */

/* What functions return. Behind everything below 0 stands a line in lockstep_error. */
enum lockstep_status {
    LOCKSTEP_OK = 0,
    LOCKSTEP_IDLE = 1,              /* lockstep_step: there is no request */
    LOCKSTEP_BAD_ARGUMENT = -1,     /* out of range, or too early: no model is loaded */
    LOCKSTEP_NOT_FOUND = -2,        /* the file cannot be opened; there is no such request */
    LOCKSTEP_BAD_FORMAT = -3,       /* the file is no model, or none that is known */
    LOCKSTEP_TOO_LARGE = -4,        /* the model does not fit the device */
    LOCKSTEP_CONTEXT_OVERFLOW = -5, /* the prompt does not fit a sequence */
    LOCKSTEP_BAD_TOKEN = -6,        /* text or ids that the vocabulary does not have */
    LOCKSTEP_NO_MEMORY = -7,        /* of the host */
    LOCKSTEP_DEVICE_FAILED = -8,    /* the device stopped with an error; lockstep_reset */
    LOCKSTEP_TIMED_OUT = -9,        /* it did not answer; lockstep_reset */
    LOCKSTEP_DIFFERED = -10,        /* it was not what the golden side computed; lockstep_reset */
    LOCKSTEP_INTERRUPTED = -11 /* lockstep_interrupt; within a pass or a load: lockstep_reset */
};

struct lockstep; /* a device */

/* Who computes the tokens. They are the same ones, but for those of the float reference. */
enum lockstep_backend {
    LOCKSTEP_BACKEND_RTL = 0,
    LOCKSTEP_BACKEND_GOLDEN = 1, /* the golden model alone: nothing is simulated */
    LOCKSTEP_BACKEND_AUTO = 2,   /* the device; when it is lost, the golden model */
    LOCKSTEP_BACKEND_FLOAT = 3   /* the float reference alone: binary32, OpenBLAS on one thread */
};

struct lockstep_settings {
    size_t size;               /* of this struct */
    const char *configuration; /* of the device, "small"; NULL: the one that this library holds */
    uint64_t seed;             /* of the registers before reset, and of the weight memory */
    uint32_t latency;      /* of the weight memory: cycles from a read request to its first beat */
    uint32_t jitter;       /* up to so many cycles more */
    uint32_t gaps;         /* chance in 256 of a cycle without a beat */
    uint32_t checked;      /* 1: every word, cycle and counter against the golden side; 0: none */
    uint64_t memory_bytes; /* of weight memory before a model is loaded, for drivers of their own */
    uint64_t cycle_limit;  /* of a step, a load or a wait; 0: many, by the model's size */
    uint64_t clock_hz;     /* that the device's seconds are told at */
    /* Planted faults of the weight memory, or LOCKSTEP_NOWHERE: a byte whose bit flip_bit arrives
     * flipped; one that is answered with an error; one that is never answered. */
    uint64_t flip_address, flip_bit, error_address, hang_address;
    /* Self-regulation (docs/power.md), of devices with telemetry. */
    uint32_t throttle;     /* by temperature; 0: off, 1: on, 2: on, and hot from the start */
    uint32_t power_cap_mw; /* 0: none */
    uint32_t backend;      /* enum lockstep_backend */
};

LOCKSTEP_API uint32_t lockstep_api_version(void);
LOCKSTEP_API const char *lockstep_configuration(void); /* that this library holds */
LOCKSTEP_API const char *lockstep_status_text(int status);

LOCKSTEP_API void lockstep_settings_defaults(struct lockstep_settings *settings, size_t size);

/* Builds a device and resets it. settings: NULL for the defaults. NULL with a line in `why` if it
 * cannot. */
LOCKSTEP_API struct lockstep *lockstep_open(const struct lockstep_settings *settings, char *why,
                                            size_t room);

LOCKSTEP_API void lockstep_close(struct lockstep *device); /* NULL is allowed */

/* What the last function that failed has to say: one line, until the next one fails. */
LOCKSTEP_API const char *lockstep_error(const struct lockstep *device);

/* Switches the device off and on: a new one of the same settings with the same model. All requests
 * end. What a driver of its own wrote is gone. */
LOCKSTEP_API int lockstep_reset(struct lockstep *device);

/* ---- registers and the clock, for drivers: docs/registers.md, lockstep_registers.h ---- */

/* Addresses that do not exist, and locked registers, are LOCKSTEP_BAD_ARGUMENT (SLVERR). While
 * requests run they are the firmware's: reading is allowed, writing is BAD_ARGUMENT. */
LOCKSTEP_API int lockstep_read(struct lockstep *device, uint32_t address, uint32_t *value);
LOCKSTEP_API int lockstep_write(struct lockstep *device, uint32_t address, uint32_t value);
LOCKSTEP_API int lockstep_clock(struct lockstep *device, uint64_t cycles);
/* Clocks until the interrupt is high, `cycles` at most (0: cycle_limit); TIMED_OUT if it is not. */
LOCKSTEP_API int lockstep_wait_interrupt(struct lockstep *device, uint64_t cycles);
LOCKSTEP_API uint64_t lockstep_cycle(const struct lockstep *device); /* since power-on */

/* From any thread or signal handler: what simulates, or else what simulates next, ends at once with
 * LOCKSTEP_INTERRUPTED. */
LOCKSTEP_API void lockstep_interrupt(struct lockstep *device);

struct lockstep_register {
    size_t size;
    const char *name;   /* "CTRL" */
    const char *access; /* "ro", "rw", "pop" ... */
    uint32_t address, mask;
};

struct lockstep_field {
    size_t size;
    const char *name;   /* "RUN" */
    uint32_t low, bits; /* its lowest bit, and how many */
};

/* The map, register by register, and a register's fields; NOT_FOUND behind the last one. */
LOCKSTEP_API int lockstep_get_register(uint32_t index, struct lockstep_register *out, size_t size);
LOCKSTEP_API int lockstep_get_field(uint32_t index, uint32_t field, struct lockstep_field *out,
                                    size_t size);

/* ---- a model ---- */

struct lockstep_layout {
    size_t size;
    uint32_t sequences;  /* that run at once; 0: all the device has */
    uint32_t context;    /* positions of each; 0: as many as fit */
    uint32_t pass_slots; /* most slots of a pass; 0: all */
    uint32_t front_door; /* 1: streamed through the device's loader; 0: the mapped file */
    /* A small model of the same vocabulary that guesses tokens for requests with `drafts`; it runs
     * in this program (docs/drafts.md). NULL: guesses come from the text so far. */
    const char *draft_model;
};

LOCKSTEP_API void lockstep_layout_defaults(struct lockstep_layout *layout, size_t size);

/* In place of the one before, which stays, with its requests, if the file cannot be opened or is no
 * model. layout: NULL for the defaults. */
LOCKSTEP_API int lockstep_load(struct lockstep *device, const char *path,
                               const struct lockstep_layout *layout);

/* Ends all requests. Of a device that is checked, what can be compared only in the end is compared
 * now: LOCKSTEP_DIFFERED. */
LOCKSTEP_API int lockstep_unload(struct lockstep *device);

struct lockstep_model_info {
    size_t size;
    char family[32], type[16];          /* "llama", "Q8_0" */
    uint32_t vocab, layers, dim;        /* tokens; blocks; elements of the residual stream */
    uint32_t context, context_of_model; /* positions of a sequence; that it was trained for */
    uint32_t sequences, slots;          /* that run at once; of a pass */
    uint64_t parameters, bytes;         /* of all tensors; of the file */
    const char *chat_template;          /* of the file, [chat_template_size]; NULL: it has none */
    size_t chat_template_size;
    uint32_t bos, eos; /* tokens that begin and end a text; UINT32_MAX: there is none */
    uint32_t adds_bos; /* 1: LOCKSTEP_ADD_BOS puts BOS in front */
};

LOCKSTEP_API int lockstep_get_model(struct lockstep *device, struct lockstep_model_info *info,
                                    size_t size);

enum lockstep_tokenize_flags {
    LOCKSTEP_ADD_BOS = 1,      /* begin with BOS, if the model wants one */
    LOCKSTEP_PARSE_SPECIAL = 2 /* "<s>" and the like are control tokens */
};

/* Writes up to `room` ids; *count is how many there are. */
LOCKSTEP_API int lockstep_tokenize(struct lockstep *device, const char *text, size_t bytes,
                                   uint32_t flags, uint32_t *ids, size_t room, size_t *count);

/* Writes up to `room` bytes, no NUL behind them; *bytes is how many there are. */
LOCKSTEP_API int lockstep_detokenize(struct lockstep *device, const uint32_t *ids, size_t count,
                                     char *text, size_t room, size_t *bytes);

/* The text of one token as the vocabulary has it, valid while the model is loaded. */
LOCKSTEP_API int lockstep_token_text(struct lockstep *device, uint32_t id, const char **text,
                                     size_t *bytes);

/* ---- requests ---- */

enum lockstep_end {
    LOCKSTEP_RUNNING = 0,
    LOCKSTEP_END_OF_TEXT = 1, /* the model ended it */
    LOCKSTEP_END_STOP = 2,    /* one of `stop` came */
    LOCKSTEP_END_LENGTH = 3,  /* max_tokens */
    LOCKSTEP_END_CONTEXT = 4, /* the sequence is full */
    LOCKSTEP_END_CANCELLED = 5,
    LOCKSTEP_END_FAILED = 6 /* the device was lost; lockstep_error says how */
};

/* Of a token, before sampling: of the softmax of all logits. */
struct lockstep_logprob {
    uint32_t token;
    double logprob;
};

/* A token of a request; or, with `last` and `token` UINT32_MAX, that no more comes. */
struct lockstep_event {
    size_t size;
    uint64_t request;
    uint32_t token;
    uint32_t index;    /* of the completion, from 0 */
    const char *text;  /* whole characters that can be shown now: none, or of several tokens */
    size_t text_bytes; /* until the callback returns */
    uint32_t last;     /* 1: the request is over */
    uint32_t end;      /* why: enum lockstep_end */
    uint32_t stop;     /* LOCKSTEP_END_STOP: which one */
    uint32_t golden;   /* 1: the golden model computes the request */
    /* Of a token, if the request asks for it; [top_count] the best ones, until the callback
     * returns. */
    double logprob;
    const struct lockstep_logprob *top;
    uint32_t top_count;
    uint32_t drafts, drafts_taken; /* of the request so far: guessed; rightly, a pass less each */
    uint32_t sequence;             /* that the request runs in */
    uint32_t reused;               /* tokens of the prompt whose K and V were still there */
};

struct lockstep_bias {
    uint32_t token;
    double
        bias; /* added to its logit, at most 1e6; -INFINITY: never, unless nothing else is left */
};

struct lockstep_request {
    size_t size;
    const char *text;       /* the prompt, or NULL; */
    size_t text_bytes;      /* 0: up to its NUL */
    uint32_t flags;         /* enum lockstep_tokenize_flags: ADD_BOS */
    const uint32_t *tokens; /* or its ids, [token_count] */
    size_t token_count;
    uint32_t max_tokens;   /* 0: up to the end of the sequence */
    int32_t priority;      /* the highest is admitted first */
    double temperature;    /* 0: the most probable token */
    uint32_t top_k;        /* 0: all */
    double top_p;          /* (0, 1] */
    double min_p;          /* [0, 1] of the best one's probability; 0: off */
    double repeat_penalty; /* against the last repeat_last_n tokens; 1: off */
    /* Taken off the logit of one of these, -2 to 2: once, and for each time it came; 0: off. */
    double presence_penalty, frequency_penalty;
    uint64_t seed;
    const char *const *stop; /* [stop_count] texts that end the completion; they are not shown */
    size_t stop_count;
    void (*on_token)(void *context, const struct lockstep_event *event); /* from lockstep_step */
    void *context;
    /* 1: events have the log probability of their token, and of the top_logprobs best ones, 0 to
     * 64. */
    uint32_t logprobs, top_logprobs;
    /* Tokens guessed, at most so many a pass, in slots that nobody else needs; 0: none. The tokens
     * that come do not depend on it (docs/drafts.md). */
    uint32_t drafts;
    /* With another value than the default of one of these, or a top_k of 0 or above 64, tokens are
     * chosen among the whole vocabulary (docs/architecture.md); there are no drafts then. */
    double typical_p;       /* (0, 1]; 1: off */
    uint32_t repeat_last_n; /* tokens that penalties look back on, 64; UINT32_MAX: all */
    const struct lockstep_bias *logit_bias; /* [logit_bias_count], copied */
    size_t logit_bias_count;
    /* The text follows this grammar (GBNF, csrc/sampling/grammar.h); NULL or empty: none. Behind
     * the grammar's end the request is over. */
    const char *grammar;
};

LOCKSTEP_API void lockstep_request_defaults(struct lockstep_request *request, size_t size);

/* Stands in line from now on; everything is copied. *id (may be NULL) names it. */
LOCKSTEP_API int lockstep_submit(struct lockstep *device, const struct lockstep_request *request,
                                 uint64_t *id);

/* One pass of the device, with the callbacks of the tokens that come of it; in these, submit and
 * cancel may be called. LOCKSTEP_OK: go on. */
LOCKSTEP_API int lockstep_step(struct lockstep *device);

/* The request ends, wherever it is, with an event; its sequence is free. */
LOCKSTEP_API int lockstep_cancel(struct lockstep *device, uint64_t id);

/* ---- what it does ---- */

struct lockstep_telemetry {
    size_t size;
    /* Of the device, since the model was loaded. */
    uint64_t cycles, prefill_cycles, passes, macs, weight_bytes, weight_stalls;
    uint64_t tokens_in, tokens_out, kv_reads, kv_writes;
    uint64_t energy_fj;                   /* 0 without telemetry */
    double power_mw;                      /* of the newest window */
    double temperature, temperature_peak; /* degrees C */
    uint32_t pace, throttled;
    /* Of the requests. */
    uint32_t queued, running;
    uint64_t prompt_tokens, generated_tokens; /* of all so far */
    uint64_t reused_tokens;                   /* of prompts, whose K and V were still there */
    uint64_t slots_used, slots_offered;       /* of all passes */
    /* Of the check. */
    uint64_t words_compared, ops_compared, passes_compared, differences;
    uint64_t simulated_cycles; /* since power-on */
    /* Of the golden model in place of the device. */
    uint64_t golden_tokens; /* generated by it */
    uint64_t losses;        /* how often the device was lost, and it went on */
    uint32_t out;           /* 1: the device did not pass its self-test behind that */
    /* Of the device: drafts that entered a pass, and that were right. */
    uint64_t drafts, drafts_taken;
};

LOCKSTEP_API int lockstep_get_telemetry(struct lockstep *device,
                                        struct lockstep_telemetry *telemetry, size_t size);

struct lockstep_sequence {
    size_t size;
    uint64_t request;   /* that runs in it, 0: none */
    uint32_t prompt;    /* tokens of its prompt, */
    uint32_t computed;  /* and of these done */
    uint32_t generated; /* tokens */
};

LOCKSTEP_API int lockstep_get_sequence(struct lockstep *device, uint32_t index,
                                       struct lockstep_sequence *sequence, size_t size);

/* ---- where time goes ---- */

/* A part of the work: "tokenise", "pass" (it is formed), "embed",
 * "layer 0" and so on, "output", "sample", "firmware" (registers between passes), "detokenise". */
struct lockstep_profile {
    size_t size;
    char name[16];
    uint64_t count;  /* ops, slots, texts */
    uint64_t cycles; /* of the clock */
    double seconds;  /* of the host */
};

/* on: begins anew. Needs a model, and ends with it. */
LOCKSTEP_API int lockstep_set_profile(struct lockstep *device, uint32_t on);

/* Part by part, in the order of the work; NOT_FOUND behind the last one. */
LOCKSTEP_API int lockstep_get_profile(struct lockstep *device, uint32_t index,
                                      struct lockstep_profile *part, size_t size);

/* ---- the newest pass ---- */

#define LOCKSTEP_PASS_CLASSES 10u /* of cycles, and units of energy: docs/registers.md */
#define LOCKSTEP_PASS_UNITS   8u

struct lockstep_pass {
    size_t size;
    uint64_t number;     /* since the device was opened */
    uint64_t begin, end; /* cycles since power-on: its first slot; behind its last word */
    uint32_t slots, ops; /* that lockstep_get_slot and lockstep_get_op tell; 0: there was no pass */
    uint64_t words;      /* committed; of a device that is checked each of them compared */
    uint64_t beats;      /* at the weight port */
    double die, package; /* degrees C, of the newest power window */
    uint32_t pace;
    /* Highest levels of the FIFOs, as tokens go in and ops begin and end. */
    uint32_t beats_most, token_in_most, token_out_most;
    /* What the device counted since lockstep_get_pass was called before, or since it was switched
     * on: of this pass, if it is called behind each. */
    uint64_t cycles, macs;
    uint64_t classes[LOCKSTEP_PASS_CLASSES]; /* cycles; these two 0 without telemetry */
    uint64_t energy_fj[LOCKSTEP_PASS_UNITS];
};

/* Reads the counters, between steps. */
LOCKSTEP_API int lockstep_get_pass(struct lockstep *device, struct lockstep_pass *pass,
                                   size_t size);

struct lockstep_slot {
    size_t size;
    uint64_t request;
    uint32_t token, position, sequence; /* that went in */
    uint64_t words;                     /* committed of it */
};

struct lockstep_op {
    size_t size;
    const char *name, *unit; /* "MATVEC", "dot" */
    char tensor[64];         /* that it reads, or "" */
    uint32_t layer;          /* UINT32_MAX: none */
    uint64_t begin, end;     /* cycles, as of the pass */
    uint64_t words;          /* committed */
};

/* NOT_FOUND behind the last one. The last op of a pass that chooses tokens is SAMPLE. */
LOCKSTEP_API int lockstep_get_slot(struct lockstep *device, uint32_t index,
                                   struct lockstep_slot *slot, size_t size);
LOCKSTEP_API int lockstep_get_op(struct lockstep *device, uint32_t index, struct lockstep_op *op,
                                 size_t size);

/* ---- waveforms, of a library that is built for them (make build/small-trace/lockstep) ---- */

/* All signals of the device go into this FST from now on, about 40 MB at most, until it is called
 * again: NULL is the end, behind which the file is there. It also ends, there or not, when the
 * device is switched off or on: by reset, load, unload, self_test, close. One at a time in a
 * program. */
LOCKSTEP_API int lockstep_trace(struct lockstep *device, const char *path);
LOCKSTEP_API const char *lockstep_traced(const struct lockstep *device); /* NULL: nothing is */

/* ---- self-test ---- */

/* Switches the device off and on and tries what it is made of, one thing after the other:
 * "registers", "FIFOs", "interrupt", "memory port"; with a model also "token" (one, every word
 * against the golden model) and "counters" (of it). on_test: LOCKSTEP_OK or why not, with a line,
 * of each. Ends all requests; leaves the device as lockstep_reset does. */
LOCKSTEP_API int lockstep_self_test(struct lockstep *device,
                                    void (*on_test)(void *context, const char *name, int status,
                                                    const char *text),
                                    void *context);

/* ---- checkpoints, of a device that is checked ---- */

/* Writes a request that runs and has a token, as it stands between two steps. */
LOCKSTEP_API int lockstep_save(struct lockstep *device, uint64_t id, const char *path);

/* Goes on with what was saved, by the same model: `request` gives max_tokens (from here on),
 * priority, stop and the callback; prompt and sampling are the file's. The text shown goes on
 * where it was. */
LOCKSTEP_API int lockstep_restore(struct lockstep *device, const char *path,
                                  const struct lockstep_request *request, uint64_t *id);

/* A free sequence of the device still holds K and V of the tokens that it computed last, from which
 * a prompt that begins like them goes on. Written to a file like the above; put into a sequence;
 * forgotten. *tokens: how many. */
LOCKSTEP_API int lockstep_save_sequence(struct lockstep *device, uint32_t index, const char *path,
                                        uint32_t *tokens);
LOCKSTEP_API int lockstep_restore_sequence(struct lockstep *device, uint32_t index,
                                           const char *path, uint32_t *tokens);
LOCKSTEP_API int lockstep_erase_sequence(struct lockstep *device, uint32_t index, uint32_t *tokens);

#ifdef __cplusplus
}
#endif
#endif
