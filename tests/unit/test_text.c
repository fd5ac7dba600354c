/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * csrc/base/text: every text of one and of two bytes, and some longer ones, in each form: valid, on
 * one line where it must be, and in JSON with nothing lost, read back by a reader of this file.
 */
#include "csrc/base/text.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/error.h"
#include "csrc/base/text_json.h"
#include "csrc/base/utf8.h"
#include "tests/kit/host_test.h"
#include "tests/kit/json_text.h"

struct written {
    char *data;
    size_t size;
};

static struct written as(void (*form)(FILE *, const char *, size_t), const char *text,
                         size_t size) {
    struct written w;
    FILE *out = open_memstream(&w.data, &w.size);
    if (out == NULL)
        exit(1);
    form(out, text, size);
    fclose(out);
    return w;
}

static bool is_line(struct written w) {
    for (size_t i = 0; i < w.size;) {
        const size_t n = text_shown(w.data + i, w.size - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

static void check_text(struct host_test *t, const char *text, size_t size) {
    char back[4096], what[64];
    const bool exact = utf8_sound(text, size) == size;
    snprintf(what, sizeof what, "%zu bytes %02x %02x", size, (unsigned char)text[0],
             size > 1 ? (unsigned char)text[1] : 0);

    struct written w = as(text_json, text, size);
    int n = json_text_read(w.data, w.size, back);
    CHECK(t, n >= 0 && utf8_sound(w.data, w.size) == w.size, "%s: %s", what, w.data);
    CHECK(t, (n == (int)size && memcmp(back, text, size) == 0) == exact, "%s: %s", what, w.data);
    free(w.data);
    w = as(text_base64, text, size);
    CHECK(t, json_bytes_read(w.data, w.size, back) == (int)size && memcmp(back, text, size) == 0,
          "%s: %s", what, w.data);
    free(w.data);

    w = as(text_line, text, size);
    const struct written line = w;
    CHECK(t, is_line(w), "%s: %s", what, w.data);
    for (size_t room = 4; room < w.size + 6 && room < 60; room++) {
        memset(back, 'x', sizeof back);
        const size_t used = text_copy(back, room, text, size);
        const struct written copy = {back, used};
        CHECK(t, used < room && back[used] == '\0' && back[room] == 'x' && is_line(copy),
              "%s in %zu: '%s'", what, room, back);
        if (room > w.size)
            CHECK(t, strcmp(back, w.data) == 0, "%s in %zu: %s", what, room, back);
        else
            CHECK(t, used >= 3 && strcmp(back + used - 3, "...") == 0, "%s in %zu: %s", what, room,
                  back);
    }
    w = as(text_csv, text, size); /* taken out of its quotes, it is that line */
    if (w.data[0] == '"') {
        size_t to = 0;
        for (size_t i = 1; i + 1 < w.size; i++) {
            i += w.data[i] == '"';
            back[to++] = w.data[i];
        }
        CHECK(t, to == line.size && memcmp(back, line.data, to) == 0, "%s: %s", what, w.data);
    } else {
        CHECK(t, strcmp(w.data, line.data) == 0 && strpbrk(w.data, ",\"\r\n") == NULL, "%s: %s",
              what, w.data);
    }
    free(w.data);
    free(line.data);

    w = as(text_screen, text, size);
    for (size_t i = 0; i < w.size; i++)
        if (w.data[i] == '\n' || w.data[i] == '\t')
            w.data[i] = ' ';
    CHECK(t, is_line(w), "%s: on the screen", what);
    free(w.data);
    w = as(text_xml, text, size);
    CHECK(t, is_line(w) && strpbrk(w.data, "<>\"") == NULL, "%s: %s", what, w.data);
    free(w.data);

    cJSON *root = cJSON_CreateObject();
    const struct text_view texts[2] = {{text, size}, {"plain", 5}};
    text_json_add(root, "a", text, size);
    text_json_add_array(root, "list", texts, 2);
    char *json = cJSON_Print(root);
    cJSON *parsed = cJSON_Parse(json);
    CHECK(t, parsed != NULL && utf8_sound(json, strlen(json)) == strlen(json), "%s: %s", what,
          json);
    CHECK(t,
          cJSON_HasObjectItem(parsed, "a_bytes") == !exact &&
              cJSON_HasObjectItem(parsed, "list_bytes") == !exact,
          "%s: %s", what, json);
    const cJSON *bytes = cJSON_GetObjectItem(parsed, "list_bytes");
    CHECK(t,
          exact || (cJSON_GetArraySize(bytes) == 2 && cJSON_IsNull(cJSON_GetArrayItem(bytes, 1))),
          "%s: %s", what, json);
    cJSON_Delete(parsed);
    cJSON_Delete(root);
    free(json);
}

static void test_cut(struct host_test *t) {
    static const char text[] = "a\xc3\xa9\xe2\x9c\x93\xf0\x9f\x98\x80"
                               "b"; /* 1, 2, 3, 4, 1 bytes */
    static const size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (size_t most = 0; most < 13; most++)
        CHECK(t, text_cut(text, 11, most) == ends[most], "%zu: %zu", most,
              text_cut(text, 11, most));
    CHECK(t, text_cut("\x80\x80\x80\x80\x80\x80\x80\x80", 8, 6) == 6, "no UTF-8");
}

/* An error's text is one line of whole characters, wherever it is cut. */
static void test_error(struct host_test *t) {
    for (int shift = 0; shift < 8; shift++) {
        struct ls_error err;
        char name[600] = "";
        for (size_t i = 0; i + 12 < sizeof name; i += 9)
            memcpy(name + i, "\xf0\x9f\x98\x80\xe9\x1b\xc2\x9b\x7f", 10);
        ls_error_set(&err, "%.*s%s", shift, "abcdefgh", name);
        const struct written w = {err.text, strlen(err.text)};
        CHECK(t, is_line(w) && w.size == sizeof err.text - 1, "%d: %s", shift, err.text);
    }
}

int main(void) {
    struct host_test t = {"text", 0, 0};
    static const char *const texts[] = {
        "plain",        "caf\xe9",           "\xf0\x9f\x98\x80 and \xf0\x9f\x98",
        "\xed\xa0\x80", "\xc0\x80",          "\xef\xbf\xbf",
        "\xe2\x80\xa8", "\xc2\x9b\x33\x31m", "\x1b[2J",
        "a,b",          "a \"b\", c",        "</svg><script>",
        "&amp;",        "\xff\xfe\xfd",      "]]>",
        "%s%n",         "back\\slash"};
    for (int a = 0; a < 256; a++) {
        char text[2] = {(char)a, 0};
        check_text(&t, text, 1);
        for (int b = 0; b < 256; b += a >= 0x20 && a < 0x7f ? 13 : 1) {
            text[1] = (char)b;
            check_text(&t, text, 2);
        }
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_text(&t, texts[i], strlen(texts[i]));
    check_text(&t, "NUL \0 within", 12);
    test_cut(&t);
    test_error(&t);
    return host_test_finish(&t);
}
