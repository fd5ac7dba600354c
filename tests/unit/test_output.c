/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * csrc/base/output: a file is there whole or as it was; what is no regular file stays what it is;
 * and nothing is left of a program that was killed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "csrc/base/output.h"
#include "tests/kit/host_test.h"

static char folder[64];

static const char *in(const char *name) {
    static char path[4][128];
    static unsigned turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static void put(const char *name, const char *text) {
    FILE *file = fopen(in(name), "w");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
}

static bool holds(const char *name, const char *text) {
    size_t size;
    struct stat there;
    if (stat(in(name), &there) != 0)
        return text == NULL;
    char *found = host_read(in(name), &size);
    const bool same = text != NULL && strcmp(found, text) == 0;
    free(found);
    return same;
}

static int entries(void) {
    int count = 0;
    DIR *d = opendir(folder);
    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
        count += e->d_name[0] != '.';
    closedir(d);
    return count;
}

static int write_text(const char *path, const char *text, struct ls_error *err) {
    struct output out;
    if (output_open(&out, path, err) != 0)
        return -1;
    fputs(text, out.file);
    return output_close(&out, err);
}

static void test_regular(struct host_test *t) {
    struct output out;
    struct ls_error err;
    struct stat file;
    umask(022);
    CHECK(t, output_open(&out, in("a"), &err) == 0, "%s", err.text);
    fputs("one", out.file);
    CHECK(t, holds("a", NULL), "it is there before it is whole");
    CHECK(t, output_close(&out, &err) == 0 && holds("a", "one") && out.file == NULL, "%s",
          err.text);
    CHECK(t, stat(in("a"), &file) == 0 && (file.st_mode & 0777) == 0644, "mode %o", file.st_mode);
    CHECK(t, output_close(&out, &err) == 0, "a file that is not open");
    output_discard(&out);

    chmod(in("a"), 0640);
    CHECK(t, output_open(&out, in("a"), &err) == 0, "%s", err.text);
    fputs("two", out.file);
    fflush(out.file);
    CHECK(t, holds("a", "one"), "the file before it is gone too early");
    output_discard(&out);
    CHECK(t, holds("a", "one") && entries() == 1, "a discarded file leaves something");
    CHECK(t,
          output_check(in("a"), &err) == 0 && output_check(in("b"), &err) == 0 &&
              holds("a", "one") && entries() == 1,
          "looking leaves something");

    put("a.part", "of a program that was killed");
    CHECK(t, write_text(in("a"), "three", &err) == 0 && holds("a", "three") && entries() == 1,
          "%s, %d files", err.text, entries());
    CHECK(t, stat(in("a"), &file) == 0 && (file.st_mode & 0777) == 0640, "mode %o", file.st_mode);

    CHECK(t, output_open(&out, in("program"), &err) == 0, "%s", err.text);
    output_executable(&out);
    CHECK(t,
          output_close(&out, &err) == 0 && stat(in("program"), &file) == 0 &&
              (file.st_mode & 0777) == 0755,
          "mode %o", file.st_mode);
    unlink(in("program"));
    unlink(in("a"));
}

static void test_others(struct host_test *t) {
    struct ls_error err;
    struct stat file;
    CHECK(t, symlink("target", in("link")) == 0 && output_check(in("link"), &err) == 0, "a link");
    CHECK(t, write_text(in("link"), "text", &err) == 0 && holds("target", "text"), "%s", err.text);
    CHECK(t, lstat(in("link"), &file) == 0 && S_ISLNK(file.st_mode), "the link was replaced");
    CHECK(t, mkfifo(in("pipe"), 0600) == 0 && output_check(in("pipe"), &err) == 0, "a pipe");
    const int reader = open(in("pipe"), O_RDONLY | O_NONBLOCK);
    char text[8] = "";
    CHECK(t,
          write_text(in("pipe"), "text", &err) == 0 && read(reader, text, 7) == 4 &&
              strcmp(text, "text") == 0,
          "%s, read '%s'", err.text, text);
    close(reader);
    CHECK(t, lstat(in("pipe"), &file) == 0 && S_ISFIFO(file.st_mode), "the pipe was replaced");
    CHECK(t, write_text("/dev/null", "text", &err) == 0, "%s", err.text);
    CHECK(t,
          write_text("/dev/full", "text", &err) != 0 &&
              strcmp(err.text, "/dev/full: cannot be written: No space left on device") == 0,
          "%s", err.text);
    unlink(in("link"));
    unlink(in("target"));
    unlink(in("pipe"));
}

static void test_refused(struct host_test *t) {
    struct ls_error err;
    const char *const places[] = {folder, in("missing/file"), "/proc/file", "/dev/null/file"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        CHECK(t, output_check(places[i], &err) != 0 && strstr(err.text, places[i]) != NULL,
              "%s: %s", places[i], err.text);
        CHECK(t, write_text(places[i], "text", &err) != 0, "%s is written", places[i]);
    }
    put("file", "");
    CHECK(t, output_check_folder(in("a/b/c"), &err) == 0 && output_check_folder(folder, &err) == 0,
          "%s", err.text);
    CHECK(t,
          output_check_folder(in("file"), &err) != 0 &&
              output_check_folder(in("file/b"), &err) != 0 &&
              output_check_folder("/proc/a/b", &err) != 0,
          "a folder where none can be");
    CHECK(t, output_check_folder("a/new/one", &err) == 0, "%s", err.text);
    unlink(in("file"));
    CHECK(t, entries() == 0, "something is left");
}

static void test_full(struct host_test *t) {
    struct rlimit all, little;
    struct ls_error err;
    struct output out;
    getrlimit(RLIMIT_FSIZE, &all);
    little = all;
    signal(SIGXFSZ, SIG_IGN);
    put("a", "before");
    for (unsigned limit = 0; limit <= 20000;
         limit += 5000) { /* at the end, in the middle, always */
        little.rlim_cur = limit;
        CHECK(t, output_open(&out, in("a"), &err) == 0, "%s", err.text);
        setrlimit(RLIMIT_FSIZE, &little);
        for (int i = 0; i < 20000; i++)
            fputc('x', out.file);
        setrlimit(RLIMIT_FSIZE, &all); /* what comes later goes well, and does not hide it */
        fputc('y', out.file);
        const int status = output_close(&out, &err);
        const bool room = limit == 20000;
        CHECK(t, (status == 0) == room && holds("a", "before") == !room && entries() == 1,
              "limit %u: %d, %s", limit, status, err.text);
    }
    unlink(in("a"));
}

static void test_killed(struct host_test *t) {
    struct ls_error err;
    struct output out;
    put("a", "before");
    const pid_t child = fork();
    if (child == 0) {
        if (output_open(&out, in("a"), &err) == 0)
            fputs("after", out.file);
        fflush(out.file);
        raise(SIGKILL);
    }
    waitpid(child, NULL, 0);
    CHECK(t, holds("a", "before"), "another file");
    CHECK(t, output_open(&out, in("a"), &err) == 0, "%s", err.text);
    CHECK(t, out.named || entries() == 1, "a nameless file has left a name");
    output_discard(&out);
    unlink(in("a"));
}

static void test_same(struct host_test *t) {
    struct output a, b;
    struct ls_error err;
    CHECK(t,
          output_open(&a, in("a"), &err) == 0 && output_open(&b, in("./a"), &err) == 0 &&
              output_is_same(&a, &b),
          "one file by two names");
    output_discard(&b);
    CHECK(t, output_open(&b, in("b"), &err) == 0 && !output_is_same(&a, &b), "two files");
    output_discard(&a);
    output_discard(&b);
    CHECK(t,
          output_open(&a, "/dev/null", &err) == 0 && output_open(&b, "/dev/null", &err) == 0 &&
              output_is_same(&a, &b),
          "one device");
    output_discard(&a);
    output_discard(&b);
}

int main(void) {
    struct host_test t = {"output", 0, 0};
    host_folder(&t);
    snprintf(folder, sizeof folder, "build/tests/output/XXXXXX");
    if (mkdtemp(folder) == NULL)
        return 1;
    test_regular(&t);
    test_others(&t);
    test_refused(&t);
    test_full(&t);
    test_killed(&t);
    test_same(&t);
    rmdir(folder);
    return host_test_finish(&t);
}
