/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One-line error text. Names from a hostile file may be part of it, so control
 * characters are replaced before anybody prints them.
 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

int ls_error_set(struct ls_error *err, const char *format, ...) {
    if (err == NULL)
        return -1;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    for (char *c = err->text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    return -1;
}
