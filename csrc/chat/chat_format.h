/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * How a conversation becomes a prompt, for the formats that models are trained with. A model's own
 * template is a program in Jinja, which is not run: what stands in it tells which format it makes,
 * by the marks that llama.cpp goes by, too.
 *
 *     const struct chat_format *format = chat_detect(text, size);
 *     char *prompt = chat_apply(format, messages, count, true);
 */
#ifndef LOCKSTEP_CHAT_FORMAT_H
#define LOCKSTEP_CHAT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct chat_message {
    const char *role, *content;
};

struct chat_format;

/* The format that a template of `size` bytes makes; NULL: none that is known. */
const struct chat_format *chat_detect(const char *text, size_t size);

const struct chat_format *chat_find(const char *name); /* "chatml"; NULL: there is none */
const char *chat_name(const struct chat_format *format);
void chat_names(char *text, size_t room); /* of all, apart by commas */

/* The prompt, to be freed; NULL: out of memory. answer: it ends where the assistant begins. */
char *chat_apply(const struct chat_format *format, const struct chat_message *messages,
                 size_t count, bool answer);

#ifdef __cplusplus
}
#endif
#endif
