/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Whether bytes are UTF-8 (RFC 3629: no overlong forms, no surrogates).
 *
 *     if (utf8_sound(text, size) < size)
 *         return fail("not UTF-8");
 */
#ifndef LS_UTF8_H
#define LS_UTF8_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of the UTF-8 character that begins a text of `left` bytes, 0 if none does. */
size_t utf8_size(const char *text, size_t left);

/* Bytes of the longest beginning of a text that is UTF-8. */
size_t utf8_sound(const char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
