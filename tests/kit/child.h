/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Runs a program as a user would, and keeps what it printed, its exit status and its report.
 *
 *     struct child c;
 *     SIM(&c, "small", model, "-p", "Once upon a time", "-n", "8");
 *     CHECK(t, c.status == 0 && child_number(&c, "lockstep.mismatches") == 0, "%s", c.err);
 *     child_close(&c);
 */
#ifndef CHILD_H
#define CHILD_H

#include <cjson/cJSON.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_ARGS = 64 };

struct child {
    int status;      /* exit status; 128 + number if a signal ended it */
    char *out, *err; /* what it printed */
    size_t out_size; /* of it, NULs included */
    cJSON *report;   /* NULL if it wrote none */
    char path[64];   /* of the report */
    bool leftover;   /* a temporary file stands beside the report */
    pid_t pid;       /* while it runs */
    int out_fd, err_fd;
};

/* With --report FILE appended if `report`. Does not wait. */
static inline void child_start(struct child *c, const char *program, const char *const *args,
                               bool report) {
    static unsigned count;
    const char *argv[CHILD_ARGS + 4] = {program};
    int n = 1;
    *c = (struct child){.out_fd = memfd_create("out", 0), .err_fd = memfd_create("err", 0)};
    mkdir("build", 0777);
    mkdir("build/tests", 0777);
    snprintf(c->path, sizeof c->path, "build/tests/%ld-%u.json", (long)getpid(), count++);
    unlink(c->path);
    for (; *args != NULL && n <= CHILD_ARGS; args++)
        argv[n++] = *args;
    if (report) {
        argv[n++] = "--report";
        argv[n++] = c->path;
    }
    fflush(stdout);
    c->pid = fork();
    if (c->pid == 0) {
        setenv("OPENBLAS_NUM_THREADS", "1", 0);
        dup2(c->out_fd, STDOUT_FILENO);
        dup2(c->err_fd, STDERR_FILENO);
        execv(program, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
}

static inline char *child_slurp(int fd) {
    const off_t size = lseek(fd, 0, SEEK_END);
    char *text = calloc(1, (size_t)size + 1);
    if (text == NULL || pread(fd, text, (size_t)size, 0) != size)
        abort();
    return text;
}

static inline void child_wait(struct child *c) {
    char temporary[80], *text;
    struct stat file;
    int status = 0, fd;
    waitpid(c->pid, &status, 0);
    c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    c->out = child_slurp(c->out_fd);
    c->out_size = (size_t)lseek(c->out_fd, 0, SEEK_END);
    c->err = child_slurp(c->err_fd);
    close(c->out_fd);
    close(c->err_fd);
    snprintf(temporary, sizeof temporary, "%s.part", c->path);
    c->leftover = stat(temporary, &file) == 0;
    FILE *json = fopen(c->path, "rb");
    if (json == NULL)
        return;
    fd = fileno(json);
    text = child_slurp(fd);
    c->report = cJSON_Parse(text);
    free(text);
    fclose(json);
    unlink(c->path);
}

static inline void child_close(struct child *c) {
    free(c->out);
    free(c->err);
    cJSON_Delete(c->report);
    *c = (struct child){0};
}

/* `sim` of a configuration, with a report. */
static inline void child_sim(struct child *c, const char *config, const char *const *args) {
    const char *list[CHILD_ARGS] = {"sim"};
    char program[128];
    snprintf(program, sizeof program, "build/%s/lockstep", config);
    for (int n = 1; *args != NULL && n < CHILD_ARGS - 1; n++)
        list[n] = *args++;
    child_start(c, program, list, true);
    child_wait(c);
}

#define SIM(c, config, ...) child_sim(c, config, (const char *const[]){__VA_ARGS__, NULL})

/* A member by its path, "lockstep.words"; NULL if there is none. */
static inline const cJSON *child_item(const struct child *c, const char *path) {
    const cJSON *item = c->report;
    char names[96], *rest = NULL;
    snprintf(names, sizeof names, "%s", path);
    for (char *name = strtok_r(names, ".", &rest); name != NULL && item != NULL;
         name = strtok_r(NULL, ".", &rest))
        item = cJSON_GetObjectItemCaseSensitive(item, name);
    return item;
}

static inline double child_number(const struct child *c, const char *path) {
    const cJSON *item = child_item(c, path);
    return cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
}

static inline const char *child_string(const struct child *c, const char *path) {
    const cJSON *item = child_item(c, path);
    return cJSON_IsString(item) ? item->valuestring : "(none)";
}

/* Lines of a text; a last one without its newline counts, too. */
static inline int child_lines(const char *text) {
    int lines = 0;
    for (; *text != '\0'; text++)
        lines += *text == '\n' || text[1] == '\0';
    return lines;
}

#endif
