/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The body of a request for a completion: every field is used, has a value with which it does
 * nothing, or is refused by its name.
 *
 *     struct params params;
 *     if (params_read(&params, API_CHAT, false, body, tokenizer, &err) != 0)
 *         return refuse(err.text);
 *     submit(&params.request);
 *     params_release(&params);
 */
#ifndef LOCKSTEP_PARAMS_H
#define LOCKSTEP_PARAMS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "csrc/base/error.h"
#include "csrc/tokenizer/tokenizer.h"
#include "sim/library/lockstep.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PARAMS_STOPS  16u
#define PARAMS_BIASES 512u
#define PARAMS_MOST   16u /* of `n` */
#define PARAMS_DRAFTS 16u /* of a pass, as llama.cpp has it */

/* Bits: an endpoint's dialect. */
enum api { API_NATIVE = 1, API_TEXT = 2, API_CHAT = 4 }; /* /completion, /v1/... */

struct params {
    enum api api;
    struct lockstep_request request; /* sampling, max_tokens, stop */
    const char *stops[PARAMS_STOPS]; /* point into the body */
    struct lockstep_bias biases[PARAMS_BIASES];
    const cJSON *prompt;    /* native, text: text or tokens */
    const cJSON *messages;  /* chat */
    const cJSON *variables; /* of the chat template, an object, or NULL */
    const struct tokenizer *tokenizer;
    char *grammar;              /* owned: of a schema, or NULL */
    uint32_t n;                 /* completions of it */
    bool stream, usage, tokens; /* usage: at the end of a stream; tokens: ids are shown */
};

/* drafts: requests that do not say have some. `body` must live as long as `params`. Returns 0, or
 * -1 with `err`; to be released in any case. */
int params_read(struct params *params, enum api api, bool drafts, const cJSON *body,
                const struct tokenizer *tokenizer, struct ls_error *err);
void params_release(struct params *params);

/* As the server shows them, "generation_settings". */
cJSON *params_show(const struct lockstep_request *request);

#ifdef __cplusplus
}
#endif
#endif
