/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Prompts of conversations with a model: its own template is run; one that cannot be run gives way
 * to the built-in format that it looks like.
 *
 *     struct chat *chat;
 *     if (chat_open(&chat, &source, &err) != 0)
 *         return fail(err.text);
 *     char *prompt = chat_prompt(chat, messages, NULL, true, &whose, &err);
 *     if (prompt == NULL)
 *         return fail(err.text);
 *     free(prompt);
 *     chat_close(chat);
 */
#ifndef LOCKSTEP_CHAT_H
#define LOCKSTEP_CHAT_H

#include <stdbool.h>

#include "csrc/base/error.h"
#include "csrc/base/text_json.h"

#ifdef __cplusplus
extern "C" {
#endif

struct chat_source {
    struct text_view text;     /* the file's template; data NULL: it has none */
    struct text_view bos, eos; /* texts of these tokens; data NULL: there is none */
    bool adds_bos;             /* encoding a prompt puts BOS in front */
    const char *chosen;        /* in place of the file's: name of a format, or a file; NULL: none */
};

struct chat;

/* Nothing of the source is kept. -1 if `chosen` cannot be used, or out of memory: *chat is NULL. A
 * file's template that cannot be used is no failure. */
int chat_open(struct chat **chat, const struct chat_source *source, struct ls_error *err);

/* "jinja", a format's name, or "" if there is none: then every prompt is refused. */
const char *chat_kind(const struct chat *chat);

/* Why the file's template is not run, a line; "" if it is, or there is none. */
const char *chat_note(const struct chat *chat);

enum chat_fault { CHAT_OF_CONVERSATION, CHAT_OF_TEMPLATE };

/* To be freed; NULL: refused. messages: of objects with role and content, a text or parts of texts;
 * more: an object with further variables of the template, or NULL; answer: the prompt ends where
 * the assistant begins. */
char *chat_prompt(const struct chat *chat, const cJSON *messages, const cJSON *more, bool answer,
                  enum chat_fault *whose, struct ls_error *err);

/* NULL is allowed. */
void chat_close(struct chat *chat);

#ifdef __cplusplus
}
#endif
#endif
