/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * UTF-8, and Python's str.isspace.
 */
#include "letters.h"

#include "csrc/base/utf8.h"

size_t letter_size(const char *text, size_t left) {
    const size_t size = utf8_size(text, left);
    return size != 0 ? size : 1;
}

size_t letter_count(const char *text, size_t size) {
    size_t count = 0;
    for (size_t at = 0; at < size; at += letter_size(text + at, size - at))
        count++;
    return count;
}

uint32_t letter_code(const char *text, size_t size) {
    const unsigned char *s = (const unsigned char *)text;
    if (size == 1)
        return s[0] < 0x80 ? s[0] : 0xfffd;
    uint32_t code = s[0] & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++)
        code = code << 6 | (s[i] & 0x3fu);
    return code;
}

size_t letter_write(char out[4], uint32_t code) {
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    const size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(size == 1 ? code : (0xf00u >> size & 0xff) | code);
    return size;
}

static bool is_blank(uint32_t c) {
    return (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}

size_t blanks_before(const char *text, size_t size) {
    size_t at = 0;
    while (at < size) {
        const size_t bytes = letter_size(text + at, size - at);
        if (!is_blank(letter_code(text + at, bytes)))
            break;
        at += bytes;
    }
    return at;
}

size_t blanks_behind(const char *text, size_t size) {
    size_t end = size;
    while (end != 0) {
        size_t bytes = 1; /* of the letter that ends here */
        for (size_t i = 2; i <= 3 && i <= end && bytes == 1; i++)
            if (utf8_size(text + end - i, i) == i)
                bytes = i;
        if (!is_blank(letter_code(text + end - bytes, bytes)))
            break;
        end -= bytes;
    }
    return size - end;
}

size_t line_end(const char *text, size_t left) {
    if (left == 0)
        return 0;
    const size_t size = letter_size(text, left);
    const uint32_t c = letter_code(text, size);
    if (c == '\r' && left > 1 && text[1] == '\n')
        return 2;
    return (c >= 10 && c <= 13) || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 ||
                   c == 0x2029
               ? size
               : 0;
}

bool is_ascii(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    return true;
}
