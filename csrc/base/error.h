/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The one error type of the host side: a single line of text that says what
 * went wrong, where, and what to do. Libraries fill it; only main() prints it.
 *
 *     struct ls_error err;
 *     if (gguf_open("model.gguf", &gguf, &err) != 0)
 *         fprintf(stderr, "%s\n", err.text);
 */
#ifndef LS_ERROR_H
#define LS_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

struct ls_error {
    char text[512]; /* one line, no newline, NUL-terminated */
};

/* Writes the formatted line (cut at 511 bytes; control characters become '?').
 * `err` may be NULL. Always returns -1, so that a caller can return it. */
__attribute__((format(printf, 2, 3))) int ls_error_set(struct ls_error *err, const char *format,
                                                       ...);

#ifdef __cplusplus
}
#endif
#endif
