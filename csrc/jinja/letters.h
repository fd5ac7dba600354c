/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Characters of texts, which may be any bytes: one that is no UTF-8 is a character by itself.
 *
 *     size_t at = 0, count = 0;
 *     for (; at < 5; count++)
 *         at += letter_size("h\xc3\xa9\xffo" + at, 5 - at);
 *     printf("%zu\n", count); // 4
 */
#ifndef LS_JINJA_LETTERS_H
#define LS_JINJA_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

size_t letter_size(const char *text, size_t left); /* 1 or more; left is not 0 */
size_t letter_count(const char *text, size_t size);
uint32_t letter_code(const char *text, size_t size); /* of a whole one, of `size` bytes */

/* UTF-8 of a code point into `out`; bytes, 0 for a surrogate or one that is none. */
size_t letter_write(char out[4], uint32_t code);

/* Bytes of the blanks, as Python knows them, that a text begins and ends with. */
size_t blanks_before(const char *text, size_t size);
size_t blanks_behind(const char *text, size_t size);

/* Bytes of the line's end that begins a text, as str.splitlines knows them; 0: there is none. */
size_t line_end(const char *text, size_t left);

bool is_ascii(const char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
