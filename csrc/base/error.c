/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One-line error text. Names from a hostile file may be part of it, so control
 * characters are replaced before anybody prints them.
 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

#include "text.h"

int ls_error_set(struct ls_error *err, const char *format, ...) {
    if (err == NULL)
        return -1;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    text_clean(err->text); /* also of a character that the end has cut */
    return -1;
}
