/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Writes texts that may be any bytes (a model's words, names in a file, paths) where only some are
 * allowed. Texts carry their size; they may hold NUL, control characters and what is no UTF-8.
 *
 *     text_json_member(out, "text", text, size); // "text":"caf\ufffd","text_bytes":"Y2Fm6Q=="
 *     text_line(stderr, name, strlen(name));     // caf\xe9
 *
 * In JSON a member NAME is the text with U+FFFD for each byte that is no UTF-8. Only if there are
 * such bytes a member NAME_bytes follows, the text itself in base64 (RFC 4648); NAME_bytes of an
 * array of texts is an array, null where NAME is exact (csrc/base/text_json.h).
 */
#ifndef LS_TEXT_H
#define LS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The whole of a file, to be freed; NULL with `err`. */
char *text_read(const char *path, size_t *size, struct ls_error *err);

/* Bytes of the character that begins a text of `left` bytes, 0 if there is none that can be shown
 * as it is: it is no UTF-8 or a control character (C0, DEL, C1). */
size_t text_shown(const char *text, size_t left);

/* The most bytes of a text, `most` or fewer, that end with no character cut in two. */
size_t text_cut(const char *text, size_t size, size_t most);

/* In place: what cannot be shown becomes '?'. */
void text_clean(char *text);

/* As one line: what cannot be shown is \xNN. */
void text_line(FILE *out, const char *text, size_t size);

/* The same into a buffer, NUL-terminated; ends with "..." if there is no room. Returns its size. */
size_t text_copy(char *out, size_t room, const char *text, size_t size);

/* As text_line, but lines stay lines and tabs tabs. */
void text_screen(FILE *out, const char *text, size_t size);

/* For a person if `out` is a terminal, else byte by byte. */
void text_print(FILE *out, const char *text, size_t size);

/* Between tags or quotes of XML. What cannot be shown is U+FFFD. */
void text_xml(FILE *out, const char *text, size_t size);

/* A field of CSV, in quotes if it has to be (RFC 4180); as text_line. */
void text_csv(FILE *out, const char *text, size_t size);

/* JSON: "text"; "NAME":"text" and, if need be, ,"NAME_bytes":"base64". */
void text_json(FILE *out, const char *text, size_t size);
void text_json_member(FILE *out, const char *name, const char *text, size_t size);

/* "base64" */
void text_base64(FILE *out, const char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
