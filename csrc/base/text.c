/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One walk over the characters of a text for each way to write it.
 */
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "utf8.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

size_t text_shown(const char *text, size_t left) {
    const size_t n = left > 0 ? utf8_size(text, left) : 0;
    const unsigned char a = (unsigned char)text[0];
    const bool is_control = (n == 1 && (a < 0x20 || a == 0x7f)) ||
                            (n == 2 && a == 0xc2 && ((unsigned char)text[1] & 0xe0) == 0x80);
    return is_control ? 0 : n;
}

size_t text_cut(const char *text, size_t size, size_t most) {
    if (size <= most)
        return size;
    for (size_t cut = most; cut > 0 && most - cut < 4; cut--)
        if (((unsigned char)text[cut] & 0xc0) != 0x80)
            return cut;
    return most; /* no UTF-8 there */
}

void text_clean(char *text) {
    for (size_t left = strlen(text); left > 0;) {
        const size_t n = text_shown(text, left);
        if (n == 0)
            *text = '?';
        text += n == 0 ? 1 : n;
        left -= n == 0 ? 1 : n;
    }
}

static void write_shown(FILE *out, const char *text, size_t size, const char *also) {
    for (size_t i = 0; i < size;) {
        const size_t n = text_shown(text + i, size - i);
        const unsigned char c = (unsigned char)text[i];
        if (n > 0)
            fwrite(text + i, 1, n, out);
        else if (c != '\0' && strchr(also, c) != NULL)
            fputc(c, out);
        else
            fprintf(out, "\\x%02x", c);
        i += n == 0 ? 1 : n;
    }
}

void text_line(FILE *out, const char *text, size_t size) {
    write_shown(out, text, size, "");
}

void text_screen(FILE *out, const char *text, size_t size) {
    write_shown(out, text, size, "\n\t");
}

void text_print(FILE *out, const char *text, size_t size) {
    if (isatty(fileno(out)))
        text_screen(out, text, size);
    else
        fwrite(text, 1, size, out);
}

size_t text_copy(char *out, size_t room, const char *text, size_t size) {
    size_t used = 0, whole = 0; /* whole: the end of what leaves room for the dots */
    for (size_t i = 0; i < size;) {
        const size_t n = text_shown(text + i, size - i), wide = n > 0 ? n : 4;
        if (used + 4 <= room)
            whole = used;
        if (used + wide + 1 > room) {
            used = whole + (size_t)snprintf(out + whole, room - whole, "...");
            return used < room ? used : room - 1;
        }
        if (n > 0)
            memcpy(out + used, text + i, n);
        else
            snprintf(out + used, room - used, "\\x%02x", (unsigned char)text[i]);
        used += wide;
        i += n == 0 ? 1 : n;
    }
    out[used] = '\0';
    return used;
}

void text_xml(FILE *out, const char *text, size_t size) {
    for (size_t i = 0; i < size;) {
        const size_t n = text_shown(text + i, size - i);
        const bool is_none = n == 3 && memcmp(text + i, "\xef\xbf", 2) == 0 &&
                             (unsigned char)text[i + 2] >= 0xbe; /* U+FFFE, U+FFFF */
        if (n == 0 || is_none)
            fputs(REPLACEMENT, out);
        else if (strchr("<>&\"", text[i]) != NULL)
            fprintf(out, "&#%u;", (unsigned char)text[i]);
        else
            fwrite(text + i, 1, n, out);
        i += n == 0 ? 1 : n;
    }
}

void text_csv(FILE *out, const char *text, size_t size) {
    if (memchr(text, ',', size) == NULL && memchr(text, '"', size) == NULL) {
        text_line(out, text, size);
        return;
    }
    fputc('"', out);
    for (size_t i = 0, n; i < size; i += n) {
        const char *quote = memchr(text + i, '"', size - i);
        n = quote != NULL ? (size_t)(quote - text) - i + 1 : size - i;
        text_line(out, text + i, n);
        if (quote != NULL)
            fputc('"', out);
    }
    fputc('"', out);
}

/* ---- JSON ---- */

void text_json(FILE *out, const char *text, size_t size) {
    fputc('"', out);
    for (size_t i = 0; i < size;) {
        const size_t n = utf8_size(text + i, size - i);
        const unsigned char c = (unsigned char)text[i];
        if (n == 0)
            fputs("\\ufffd", out);
        else if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (n == 1 && text_shown(text + i, 1) == 0)
            fprintf(out, "\\u%04x", c);
        else
            fwrite(text + i, 1, n, out);
        i += n == 0 ? 1 : n;
    }
    fputc('"', out);
}

void text_base64(FILE *out, const char *text, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    fputc('"', out);
    for (size_t i = 0; i < size; i += 3) {
        unsigned bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (i + k < size ? (unsigned char)text[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            fputc(i + k <= size ? digits[bits >> (18 - 6 * k) & 63] : '=', out);
    }
    fputc('"', out);
}

void text_json_member(FILE *out, const char *name, const char *text, size_t size) {
    fprintf(out, "\"%s\":", name);
    text_json(out, text, size);
    if (utf8_sound(text, size) == size)
        return;
    fprintf(out, ",\"%s_bytes\":", name);
    text_base64(out, text, size);
}

char *text_read(const char *path, size_t *size, struct ls_error *err) {
    FILE *file = fopen(path, "rbe");
    char *text = NULL;
    size_t room = 0;
    *size = 0;
    while (file != NULL && !ferror(file) && !feof(file)) {
        char *larger = *size == room ? realloc(text, room = 2 * room + 65536) : text;
        if (larger == NULL)
            break;
        text = larger;
        *size += fread(text + *size, 1, room - *size, file);
    }
    const bool read = file != NULL && feof(file) && !ferror(file);
    if (!read) {
        ls_error_set(err, "%s: %s", path,
                     file == NULL || ferror(file) ? strerror(errno) : "out of memory");
        free(text);
        text = NULL;
    }
    if (file != NULL)
        fclose(file);
    return text;
}
