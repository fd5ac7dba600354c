/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * How a conversation becomes a prompt, for the formats that models are trained with. Which one a
 * model's own template makes, what stands in it tells, by the marks that llama.cpp goes by, too.
 *
 *     const struct chat_format *format = format_detect(text, size);
 *     char *prompt = format_apply(format, messages, count, true);
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
const struct chat_format *format_detect(const char *text, size_t size);

const struct chat_format *format_find(const char *name); /* "chatml"; NULL: there is none */
const char *format_name(const struct chat_format *format);
void format_names(char *text, size_t room); /* of all, apart by commas */

/* The prompt, to be freed; NULL: out of memory. answer: it ends where the assistant begins. */
char *format_apply(const struct chat_format *format, const struct chat_message *messages,
                   size_t count, bool answer);

#ifdef __cplusplus
}
#endif
#endif
