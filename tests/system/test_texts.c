/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Models whose tokens are any bytes: NUL, control characters, parts of characters, what is no
 * UTF-8, long ones. Every file is valid, nothing of the text is lost, and a terminal sees no
 * control character.
 */
#include <fcntl.h>

#include "csrc/base/text.h"
#include "csrc/base/utf8.h"
#include "tests/kit/json_text.h"
#include "tests/kit/odd_models.h"

#define FOLDER "build/tests/texts"
#define MODEL  FOLDER "/odd.gguf"
#define LONG   5000u

static char long_piece[LONG];
static struct gguf_string pieces[24];
static uint32_t count;

static void add(const char *bytes, size_t size) {
    pieces[count++] = (struct gguf_string){bytes, size};
}
#define ADD(literal) add(literal, sizeof(literal) - 1)

static void make_pieces(void) {
    memset(long_piece, 'l', sizeof long_piece);
    memcpy(long_piece + 1022, "\xf0\x9f\x98\x80", 4);
    ADD("\xe2\x96\x81");
    ADD("a");
    ADD("caf\xe9");
    ADD("a\0b");
    ADD("\x1b[2J\x1b]0;title\x07");
    ADD("\xc2\x9b\x33\x31m");
    ADD("\n");
    ADD("\r\x7f\b");
    ADD("\xf0\x9f\x98");
    ADD("\x80");
    ADD("\xe2\x9c");
    ADD("\"\\,</text>&'");
    ADD("\xed\xa0\x80");
    ADD("%s%n");
    ADD("\xc3\xa9\xe2\x9c\x93\xf0\x9f\x98\x80");
    add(long_piece, sizeof long_piece);
}

/* What the tokens of a report say: pieces behind one another. */
static size_t text_of(const cJSON *tokens, char *out) {
    const cJSON *item;
    size_t size = 0;
    cJSON_ArrayForEach(item, tokens) {
        const uint32_t id = (uint32_t)item->valuedouble;
        if (id < 3)
            continue;
        const struct gguf_string p = id == 3 ? (struct gguf_string){" ", 1} : pieces[id - 3];
        memcpy(out + size, p.data, (size_t)p.size);
        size += (size_t)p.size;
    }
    return size;
}

static bool is_utf8(const char *text, size_t size) {
    return utf8_sound(text, size) == size;
}

/* The member is the text: with its bytes beside it if need be, and only then. */
static void check_member(struct host_test *t, const char *what, const char *json, const char *name,
                         const char *text, size_t size) {
    char *back = malloc(strlen(json) + 1), bytes[64];
    const char *begin;
    snprintf(bytes, sizeof bytes, "%s_bytes", name);
    const size_t shown = json_text_find(json, name, &begin);
    int n = json_text_read(begin, shown, back);
    const bool same = n == (int)size && memcmp(back, text, size) == 0;
    CHECK(t, shown > 0 && n >= 0, "%s: no %s", what, name);
    CHECK(t, same == is_utf8(text, size), "%s: %s differs", what, name);
    const size_t coded = json_text_find(json, bytes, &begin);
    CHECK(t, (coded == 0) == same, "%s: %s", what, bytes);
    if (coded > 0) {
        n = json_bytes_read(begin, coded, back);
        CHECK(t, n == (int)size && memcmp(back, text, size) == 0, "%s: %s differs", what, bytes);
    }
    free(back);
}

/* A file of lines that a person reads: no control character but newlines. */
static void check_lines(struct host_test *t, const char *path) {
    size_t size;
    char *text = host_read(path, &size);
    bool plain = size > 0;
    for (size_t i = 0; i < size;) {
        const size_t n = text[i] == '\n' ? 1 : text_shown(text + i, size - i);
        plain = plain && n > 0;
        i += n > 0 ? n : 1;
    }
    CHECK(t, plain, "%s is not plain", path);
    free(text);
}

static void check_json(struct host_test *t, const char *path) {
    size_t size;
    char *text = host_read(path, &size);
    cJSON *json = cJSON_Parse(text);
    CHECK(t, json != NULL && is_utf8(text, size) && strlen(text) == size, "%s is no JSON", path);
    cJSON_Delete(json);
    free(text);
}

/* Of a run of one prompt: output and report. Returns whether it ends in part of a character. */
static bool check_run(struct host_test *t, const char *backend, const char *seed) {
    static char text[64 * LONG];
    const char *const args[] = {"sim",
                                MODEL,
                                "-p",
                                "a",
                                "-n",
                                "12",
                                "--temp",
                                "5",
                                "--seed",
                                seed,
                                "--report",
                                FOLDER "/r.json",
                                "--backend",
                                backend,
                                strcmp(backend, "rtl") == 0 ? "--timeline" : NULL,
                                FOLDER "/t",
                                "--power",
                                FOLDER,
                                "--commits",
                                FOLDER "/commits",
                                "--no-reference",
                                NULL};
    struct child c;
    size_t bytes;
    child_start(&c, "build/small/lockstep", args, false);
    child_wait(&c);
    CHECK(t, c.status == 0, "%s, seed %s: exit %d: %s", backend, seed, c.status, c.err);
    char *json = host_read(FOLDER "/r.json", &bytes);
    cJSON *report = cJSON_Parse(json);
    const size_t size = text_of(cJSON_GetObjectItem(report, "generated_tokens"), text);
    CHECK(t, report != NULL && is_utf8(json, bytes) && strlen(json) == bytes, "no JSON");
    check_member(t, seed, json, "text", text, size);
    CHECK(t, c.out_size == size + 1 && memcmp(c.out, text, size) == 0,
          "%s, seed %s: %zu bytes, not %zu", backend, seed, c.out_size, size + 1);
    cJSON_Delete(report);
    free(json);
    child_close(&c);
    if (strcmp(backend, "rtl") == 0) {
        check_json(t, FOLDER "/t.json");
        check_lines(t, FOLDER "/t.svg");
        check_lines(t, FOLDER "/t.txt");
        check_lines(t, FOLDER "/run.csv");
        check_lines(t, FOLDER "/power.csv");
        check_lines(t, FOLDER "/commits");
    }
    return size > 2 && utf8_sound(text, size) < size && (unsigned char)text[size - 1] >= 0x80;
}

static void test_runs(struct host_test *t) {
    static const char *const seeds[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};
    int cut = 0;
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        cut += check_run(t, i < 4 ? "rtl" : "golden", seeds[i]);
        cut += check_run(t, "float", seeds[i]);
    }
    CHECK(t, cut > 0, "no text ended in part of a character");
}

/* Each prompt, then its text; in the report each sequence by itself. */
static void test_several(struct host_test *t) {
    static char expected[64 * LONG];
    const char *const args[] = {"sim",
                                MODEL,
                                "-p",
                                "a",
                                "-p",
                                "a a",
                                "-n",
                                "8",
                                "--temp",
                                "5",
                                "--seed",
                                "3",
                                "--report",
                                FOLDER "/r.json",
                                "--no-reference",
                                NULL};
    struct child c;
    size_t bytes, size = 0;
    child_start(&c, "build/small/lockstep", args, false);
    child_wait(&c);
    CHECK(t, c.status == 0, "exit %d: %s", c.status, c.err);
    char *json = host_read(FOLDER "/r.json", &bytes);
    cJSON *report = cJSON_Parse(json);
    const cJSON *sequences = cJSON_GetObjectItem(report, "sequences");
    for (int i = 0; i < 2; i++) {
        size += (size_t)sprintf(expected + size, "[%d] %s", i, i == 0 ? "a" : "a a");
        size += text_of(cJSON_GetObjectItem(cJSON_GetArrayItem(sequences, i), "generated_tokens"),
                        expected + size);
        expected[size++] = '\n';
    }
    CHECK(t, c.out_size == size && memcmp(c.out, expected, size) == 0, "%zu bytes, not %zu",
          c.out_size, size);
    cJSON_Delete(report);
    free(json);
    child_close(&c);
}

/* What a run with this seed shows on a terminal, behind the `size` bytes that are seen; false:
 * there is no terminal to be had. */
static bool see_terminal(const char *seed, char *seen, size_t room, size_t *size) {
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    ssize_t n;
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0)
        return false;
    const pid_t child = fork();
    if (child == 0) {
        dup2(open(ptsname(terminal), O_RDWR | O_NOCTTY), STDOUT_FILENO);
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        execl("build/small/lockstep", "lockstep", "sim", MODEL, "-p", "a", "-n", "40", "--temp",
              "5", "--seed", seed, "--backend", "float", (char *)NULL);
        _exit(127);
    }
    while ((n = read(terminal, seen + *size, room - *size)) > 0)
        *size += (size_t)n;
    waitpid(child, NULL, 0);
    close(terminal);
    return true;
}

/* On a terminal nothing moves the cursor but the end of a line. A text may end soon: so several. */
static void test_terminal(struct host_test *t) {
    static const char *const seeds[] = {"1", "2", "3", "4", "5", "6", "7", "8"};
    static char seen[64 * LONG];
    size_t size = 0;
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++)
        if (!see_terminal(seeds[i], seen, sizeof seen, &size)) {
            puts("SKIP texts: the part on a terminal: there is none to be had");
            return;
        }
    bool plain = size > 40;
    for (size_t i = 0; i < size;) {
        const size_t shown = strchr("\r\n\t", seen[i]) != NULL && seen[i] != '\0'
                                 ? 1
                                 : text_shown(seen + i, size - i);
        plain = plain && shown > 0;
        i += shown > 0 ? shown : 1;
    }
    CHECK(t, plain, "%zu bytes, or control characters, on a terminal", size);
    CHECK(t, memmem(seen, size, "\\x1b[2J", 7) != NULL || memmem(seen, size, "\\x00", 4) != NULL,
          "they are not shown at all");
}

/* The vocabulary itself: every piece in its place. */
static void test_inspect(struct host_test *t) {
    const char *const forms[] = {"--json", "--pieces", NULL};
    struct child c;
    for (int i = 0; i < 3; i++) {
        const char *const args[] = {"inspect", MODEL, forms[i], NULL};
        child_start(&c, "build/gguf", args, false);
        child_wait(&c);
        CHECK(t, c.status == 0 && is_utf8(c.out, c.out_size) && strlen(c.out) == c.out_size,
              "inspect %s: exit %d", forms[i] != NULL ? forms[i] : "", c.status);
        odd_save(FOLDER "/inspected", c.out, c.out_size);
        if (i > 0)
            check_lines(t, FOLDER "/inspected");
        if (i == 1)
            CHECK(t, child_lines(c.out) == (int)count + 3, "%d lines", child_lines(c.out));
        if (i == 0) {
            cJSON *root = cJSON_Parse(c.out);
            const cJSON *metadata = cJSON_GetObjectItem(root, "metadata");
            const cJSON *bytes = cJSON_GetObjectItem(metadata, "tokenizer.ggml.tokens_bytes");
            CHECK(t, cJSON_GetArraySize(bytes) == (int)count + 3, "no bytes of the pieces");
            for (uint32_t p = 0; p < count; p++) {
                char quoted[2 * LONG], back[2 * LONG];
                const cJSON *item = cJSON_GetArrayItem(bytes, (int)p + 3);
                CHECK(t, cJSON_IsNull(item) == is_utf8(pieces[p].data, (size_t)pieces[p].size),
                      "piece %u", p);
                if (!cJSON_IsString(item))
                    continue;
                snprintf(quoted, sizeof quoted, "\"%s\"", item->valuestring);
                CHECK(t,
                      json_bytes_read(quoted, strlen(quoted), back) == (int)pieces[p].size &&
                          memcmp(back, pieces[p].data, (size_t)pieces[p].size) == 0,
                      "piece %u differs", p);
            }
            cJSON_Delete(root);
        }
        child_close(&c);
    }
}

/* Names of files are texts, too. */
static void test_names(struct host_test *t) {
    char place[32];
    static const char name[] = FOLDER "/caf\xe9, \"\x1b[2J<b>\".gguf";
    const char *const args[] = {"sim",
                                name,
                                "-p",
                                "a",
                                "-n",
                                "2",
                                "--report",
                                FOLDER "/r.json",
                                "--timeline",
                                FOLDER "/t",
                                "--power",
                                FOLDER,
                                "--no-reference",
                                "--fail",
                                FOLDER "/fail",
                                "--flip-weight",
                                place,
                                NULL};
    struct child c;
    size_t bytes;
    struct odd_file f = odd_open(MODEL); /* a bit of the row of the prompt's `a` */
    snprintf(place, sizeof place, "%td:6",
             odd_row(&f, f.model->tensor[ROLE_TOKEN_EMBD], 4) + 3 - f.bytes);
    odd_close(&f);
    rename(MODEL, name);
    child_start(&c, "build/small/lockstep", args, false);
    child_wait(&c);
    CHECK(t, c.status == 1, "exit %d: %s", c.status, c.err);
    char *json = host_read(FOLDER "/r.json", &bytes);
    CHECK(t, is_utf8(json, bytes), "no UTF-8");
    check_member(t, "a name", json, "file", name, strlen(name));
    CHECK(t, strchr(c.err, '\x1b') == NULL && is_utf8(c.err, strlen(c.err)), "%s", c.err);
    free(json);
    check_json(t, FOLDER "/t.json");
    check_lines(t, FOLDER "/run.csv");
    check_lines(t, FOLDER "/fail/report.txt");
    check_lines(t, FOLDER "/fail/markers");
    child_close(&c);
    unlink(name);
    child_start(&c, "build/small/lockstep", args, false);
    child_wait(&c);
    CHECK(t,
          c.status == 2 && strchr(c.err, '\x1b') == NULL && is_utf8(c.err, strlen(c.err)) &&
              child_lines(c.err) == 1,
          "a name that is not there: %s", c.err);
    child_close(&c);
}

/* Files that others made: what is printed is what the report says. */
static void test_shared(struct host_test *t) {
    static const char *const names[] = {"latin1", "nul", "emoji_cut"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char file[64];
        snprintf(file, sizeof file, "bugs/text-%s.gguf", names[i]);
        const struct host_path path = host_shared(file);
        const char *const args[] = {"sim",      path.text,        "-p", "a", "-n", "3",
                                    "--report", FOLDER "/r.json", NULL};
        struct child c;
        size_t bytes;
        if (access(path.text, R_OK) != 0) {
            printf("SKIP texts: the part on %s, which is not there\n", path.text);
            continue;
        }
        child_start(&c, "build/small/lockstep", args, false);
        child_wait(&c);
        CHECK(t, c.status == 0 && c.out_size > 1, "%s: exit %d: %s", file, c.status, c.err);
        char *json = host_read(FOLDER "/r.json", &bytes);
        CHECK(t, is_utf8(json, bytes), "%s: no UTF-8", file);
        check_member(t, file, json, "text", c.out, c.out_size - 1);
        free(json);
        child_close(&c);
    }
}

int main(void) {
    struct host_test t = {"texts", 0, 0};
    host_folder(&t);
    make_pieces();
    odd_make_pieces(MODEL, pieces, count, 64);
    test_runs(&t);
    test_several(&t);
    test_terminal(&t);
    test_inspect(&t);
    test_names(&t);
    test_shared(&t);
    return host_test_finish(&t);
}
