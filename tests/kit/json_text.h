/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Reads texts of any bytes back out of JSON (csrc/base/text.h), written apart from what wrote them.
 *
 *     size = json_text_find(json, "text", &begin);
 *     count = json_text_read(begin, size, bytes);
 */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The string that is the first member of this name; its size with its quotes, 0 if there is none.
 */
static inline size_t json_text_find(const char *json, const char *name, const char **begin) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(json, key);
    if (at == NULL)
        return 0;
    at += strlen(key);
    at += strspn(at, " \t\n");
    if (*at != '"')
        return 0;
    *begin = at++;
    while (*at != '"' && *at != '\0')
        at += *at == '\\' ? 2 : 1;
    return (size_t)(at + 1 - *begin);
}

/* A JSON string with its quotes read back; its size, or -1 if it is none. Only U+FFFD is lossy. */
static inline int json_text_read(const char *json, size_t size, char *out) {
    int n = 0;
    if (size < 2 || json[0] != '"' || json[size - 1] != '"')
        return -1;
    for (size_t i = 1; i < size - 1; i++) {
        const unsigned char c = (unsigned char)json[i];
        if (c < 0x20 || c == '"')
            return -1;
        if (c != '\\') {
            out[n++] = (char)c;
        } else if (json[i + 1] == '"' || json[i + 1] == '\\') {
            out[n++] = json[++i];
        } else if (json[i + 1] == 'u' && i + 5 < size - 1) {
            const char digits[5] = {json[i + 2], json[i + 3], json[i + 4], json[i + 5], '\0'};
            const long code = strtol(digits, NULL, 16);
            if (code == 0xfffd) {
                memcpy(out + n, "\xef\xbf\xbd", 3);
                n += 3;
            } else if (code < 0x80) {
                out[n++] = (char)code;
            } else {
                return -1;
            }
            i += 5;
        } else {
            return -1;
        }
    }
    return n;
}

static inline int json_bytes_read(const char *text, size_t size, char *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    int n = 0;
    if (size < 2 || (size - 2) % 4 != 0 || text[0] != '"' || text[size - 1] != '"')
        return -1;
    for (size_t i = 1; i + 4 < size; i += 4) {
        unsigned bits = 0;
        int bytes = 3;
        for (int k = 0; k < 4; k++) {
            const char *d =
                text[i + (size_t)k] == '=' ? digits : strchr(digits, text[i + (size_t)k]);
            bytes -= text[i + (size_t)k] == '=';
            if (d == NULL)
                return -1;
            bits = bits << 6 | (unsigned)(d - digits);
        }
        for (int k = 0; k < bytes; k++)
            out[n++] = (char)(bits >> (16 - 8 * k));
    }
    return n;
}

#endif
