/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Characters of UTF-8.
 */
#include "utf8.h"

size_t utf8_size(const char *text, size_t left) {
    const unsigned char *s = (const unsigned char *)text;
    const size_t size = s[0] < 0x80                    ? 1
                        : s[0] >= 0xc2 && s[0] < 0xe0  ? 2
                        : s[0] >= 0xe0 && s[0] < 0xf0  ? 3
                        : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
                                                       : 0;
    if (size == 0 || size > left)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90) ||
        (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0; /* too long a form, a surrogate, or past the last code point */
    return size;
}

size_t utf8_sound(const char *text, size_t size) {
    size_t at = 0;
    for (size_t n; at < size && (n = utf8_size(text + at, size - at)) > 0;)
        at += n;
    return at;
}
