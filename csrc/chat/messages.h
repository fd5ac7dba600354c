/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Messages of a conversation in JSON: each an object with a role and a content, which is a text or
 * a list of parts of type "text".
 *
 *     if (messages_check(messages, &err) != 0)
 *         return fail(err.text);
 */
#ifndef LOCKSTEP_MESSAGES_H
#define LOCKSTEP_MESSAGES_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "csrc/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MESSAGES_MOST 1024

/* 0, or -1: it is no list of messages with roles, or too long a one. */
int messages_check(const cJSON *messages, struct ls_error *err);

/* The whole text of a content, to be freed; NULL: it is none. */
char *message_text(const cJSON *content, struct ls_error *err);

/* A copy with contents as a template wants them, lists of parts or texts. If it does not know what
 * the system says, that stands in front of what the user says next. NULL: refused. */
cJSON *messages_fit(const cJSON *messages, bool parts, bool system, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
