/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Driver of one device: finds it, loads a model, feeds prompts, returns tokens. Freestanding C11:
 * no allocation, nothing from libc. Token ids in and out; text is the host's.
 *
 *     struct fw_device device;
 *     fw_probe(&device, &hal);
 *     fw_load(&device, &model, NULL); // back door: the weights are where they belong
 *     fw_configure(&device, &settings);
 *     fw_prompt(&device, 0, tokens, count);
 *     while ((status = fw_next(&device, &event)) == FW_OK)
 *         show(event.token);
 *     // FW_DONE, or what failed
 */
#ifndef LOCKSTEP_DRIVER_H
#define LOCKSTEP_DRIVER_H

#include "hal.h"
#include "program.h"
#include "sampler.h"

#ifdef __cplusplus
extern "C" {
#endif

enum fw_status {
    FW_OK = 0,
    FW_LOAD_FAILED = 1,    /* refusal, or the device's error, says why */
    FW_CONTEXT_FAILED = 2, /* the context or the number of sequences does not fit the device */
    FW_PROMPT_FAILED = 3, /* empty, longer than the context, an unknown token, or a busy sequence */
    FW_NO_DEVICE = 4,     /* the ID or the version is not ours */
    FW_CHECKSUM = 5,      /* front door: the device received other bytes */
    FW_DEVICE_ERROR = 6,  /* the device stopped: fault says where */
    FW_TIMEOUT = 7,       /* no interrupt came */
    FW_DONE = 8           /* nothing left to generate */
};

#define FW_SEQUENCES 16u

/* ERROR_CODE and the place it happened. */
struct fw_fault {
    uint32_t code, pc, layer, slot, tensor;
};

/* What the device counted, and what the driver did. */
struct fw_telemetry {
    uint64_t cycles, prefill_cycles, macs, weight_beats, weight_stalls, passes;
    uint64_t tokens_in, tokens_out, kv_reads, kv_writes, drafts, drafts_taken;
    uint32_t prompts;                 /* accepted since fw_probe */
    uint32_t tokens_generated;        /* since fw_probe */
    uint32_t last_prompt_tokens;      /* of the newest prompt */
    uint32_t last_completion_tokens;  /* of its completion */
    uint64_t tokens_per_second_milli; /* generated tokens a second of device time, in thousandths */
};

struct fw_settings {
    uint32_t budget;     /* tokens to generate after a prompt, at least 1 */
    uint32_t pass_slots; /* most slots of a pass; 0: all the device has */
    uint8_t given;       /* tokens behind prompts come from fw_give instead of being chosen */
    struct sampler_settings sampling;
};

struct fw_sequence {
    const uint32_t *prompt; /* the caller's, until all is sent */
    uint32_t count, sent;   /* tokens of the prompt */
    uint32_t start;         /* position of its first token */
    uint32_t prefill;       /* tokens of it that count as prefill: all, unless continued */
    uint32_t generated;
    const uint32_t *given; /* [budget] of fw_give, or NULL */
    uint32_t choice;       /* token that goes back to the device */
    uint8_t active;        /* a completion is under way */
    uint8_t chosen;        /* `choice` waits to be sent */
    struct sampler sampler;
};

struct fw_event {
    uint32_t sequence, token;
    uint8_t end_of_generation; /* the token ends the text */
    uint8_t last;              /* the sequence is finished */
};

struct fw_device {
    const struct hal *hal;
    struct fw_limits limits;
    struct fw_model model;
    struct fw_program program;
    struct fw_refusal refusal; /* after FW_LOAD_FAILED or FW_CONTEXT_FAILED; what is NULL if none */
    struct fw_fault fault;     /* after FW_DEVICE_ERROR, or FW_LOAD_FAILED by the device */
    struct fw_settings settings;
    struct fw_sequence sequences[FW_SEQUENCES];
    uint32_t prompts, tokens_generated, newest;
};

/* Reads identity and capabilities. */
enum fw_status fw_probe(struct fw_device *device, const struct hal *hal);

/* Resets the device, writes program, tensor table and geometry and has them validated. `bytes` is
 * NULL (back door) or the image of the weight port's address space from 0 on, from which each
 * tensor is streamed through the loader with a checksum (front door). */
enum fw_status fw_load(struct fw_device *device, const struct fw_model *model,
                       const uint8_t *bytes);

/* How to generate, for all sequences, from now on. */
enum fw_status fw_configure(struct fw_device *device, const struct fw_settings *settings);

/* Starts a completion. `tokens` must stay until the first event of the sequence. */
enum fw_status fw_prompt(struct fw_device *device, uint32_t sequence, const uint32_t *tokens,
                         uint32_t count);

/* The text goes on with these tokens, `budget` of them, whatever the device lists as the best and
 * whatever they are. They must stay. Behind fw_prompt, with settings.given. */
void fw_give(struct fw_device *device, uint32_t sequence, const uint32_t *tokens);

/* Goes on with a sequence of which somebody has put the positions before `start` into the KV SRAM.
 * Tokens start .. start + count - 1 are computed, the first `prefill` of them counted as prefill;
 * the budget counts from there on. `sampler` has accepted all tokens. The only sequence in use. */
enum fw_status fw_continue(struct fw_device *device, uint32_t sequence, const uint32_t *tokens,
                           uint32_t count, uint32_t start, uint32_t prefill,
                           const struct sampler *sampler);

/* Runs until a sequence has a new token. */
enum fw_status fw_next(struct fw_device *device, struct fw_event *event);

/* After an error: soft reset; the model stays loaded, completions are dropped. */
enum fw_status fw_recover(struct fw_device *device);

/* A snapshot of the counters; clock_hz turns cycles into seconds. */
void fw_telemetry(struct fw_device *device, uint64_t clock_hz, struct fw_telemetry *telemetry);

/* What fw_next and firmware/scheduler.h have in common. The newest list of a sequence, its `most`
 * best entries at most; returns how many there are. */
uint32_t fw_list(struct fw_device *device, uint32_t sequence, struct sampler_entry *list,
                 uint32_t most);
/* The first `count` logits, binary32, from which the newest list of the sequence came, if the
 * device has been told to keep them. Until the next pass. */
void fw_logits(struct fw_device *device, uint32_t sequence, uint32_t *bits, uint32_t count);
int fw_is_eog(const struct fw_model *model, uint32_t token); /* whether it ends a text */
enum fw_status fw_stopped(struct fw_device *device);         /* FW_DEVICE_ERROR; reads `fault` */

/* "PORT_TIMEOUT": the name of a device's error code. */
const char *fw_fault_name(uint32_t code);

const char *fw_status_text(enum fw_status status);

#ifdef __cplusplus
}
#endif
#endif
