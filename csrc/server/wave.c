/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * POST /device/passes/N/waveform?token=I: the build for tracing beside this program simulates the
 * token's pass again, in a process of its own, and its FST is the answer. One at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exchange.h"
#include "watch.h"

extern char **environ;

struct wave {
    struct engine *engine; /* whose lock holds what is below the line */
    struct exchange *asks; /* NULL: the client went away */
    pthread_t thread;      /* waits for the process */
    int client;            /* its socket */
    uint32_t position;
    char folder[64]; /* of its files */

    pid_t process;
    bool over, good;
};

/* ---- the program ---- */

/* build/small/lockstep has build/small-trace/lockstep beside it, if that was built. */
static bool find_program(char *path, size_t room) {
    char self[512];
    const ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
    if (size <= 0)
        return false;
    self[size] = '\0';
    *strrchr(self, '/') = '\0';
    return (size_t)snprintf(path, room, "%s/../%s-trace/lockstep", self, lockstep_configuration()) <
               room &&
           access(path, X_OK) == 0;
}

bool wave_can(void) {
    char path[600];
    return find_program(path, sizeof path);
}

/* Starts it; its files go into the folder. Returns 0, or an errno. */
static int start(struct wave *w, const char *model, const struct watch_again *again) {
    char program[600], trace[100], err[100], position[16];
    posix_spawn_file_actions_t files;
    snprintf(trace, sizeof trace, "%s/token.fst", w->folder);
    snprintf(err, sizeof err, "%s/err", w->folder);
    snprintf(position, sizeof position, "%" PRIu32, again->position);
    const char *const arguments[] = {program,
                                     "sim",
                                     model,
                                     "--ids",
                                     again->ids,
                                     "-n",
                                     "1",
                                     "--no-reference",
                                     "--start-token",
                                     position,
                                     "--token",
                                     position,
                                     "--trace",
                                     trace,
                                     again->alone ? "--slots" : NULL,
                                     "1",
                                     NULL};
    if (!find_program(program, sizeof program))
        return ENOENT;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, err, O_WRONLY | O_CREAT, 0600);
    const int status =
        posix_spawn(&w->process, program, &files, NULL, (char **)(uintptr_t)arguments, environ);
    posix_spawn_file_actions_destroy(&files);
    return status;
}

static bool is_gone(int client) {
    char byte;
    return client >= 0 && recv(client, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* The process is left to be reaped until the lock is held, so that nobody kills another one. A
 * client that goes away is not told of by the connection, which is suspended. */
static void *wait_for(void *context) {
    const struct timespec moment = {.tv_nsec = 50000000};
    struct wave *w = context;
    siginfo_t info = {0};
    int status = 1;
    while (waitid(P_PID, (id_t)w->process, &info, WEXITED | WNOWAIT | WNOHANG) == 0 &&
           info.si_pid == 0) {
        if (is_gone(w->client))
            kill(w->process, SIGKILL);
        nanosleep(&moment, NULL);
    }
    engine_lock(w->engine);
    waitpid(w->process, &status, 0);
    w->good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    w->over = true;
    if (w->asks != NULL)
        exchange_wake(w->asks);
    engine_unlock(w->engine);
    return NULL;
}

/* Whatever the process left there. */
static void remove_files(const struct wave *w) {
    static const char *const names[] = {"token.fst", "token.fst.part", "err"};
    char path[100];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", w->folder, names[i]);
        unlink(path);
    }
    rmdir(w->folder);
}

/* ---- answers ---- */

static enum MHD_Result send_file(struct exchange *x, int file) {
    char name[80];
    struct stat size;
    struct MHD_Response *r =
        fstat(file, &size) == 0 ? MHD_create_response_from_fd((size_t)size.st_size, file) : NULL;
    if (r == NULL) {
        close(file);
        return MHD_NO;
    }
    snprintf(name, sizeof name, "attachment; filename=\"token-%" PRIu32 ".fst\"",
             x->wave->position);
    MHD_add_response_header(r, "Content-Type", "application/octet-stream");
    MHD_add_response_header(r, "Content-Disposition", name);
    const enum MHD_Result result = MHD_queue_response(x->connection, 200, r);
    MHD_destroy_response(r);
    return result;
}

enum MHD_Result wave_go_on(struct exchange *x) {
    struct wave *w = x->wave;
    char path[100], line[300] = "it was ended";
    engine_lock(w->engine);
    const bool over = w->over;
    if (!over) {
        x->suspended = true;
        MHD_suspend_connection(x->connection);
    }
    engine_unlock(w->engine);
    if (!over)
        return MHD_YES;
    snprintf(path, sizeof path, "%s/token.fst", w->folder);
    const int file = w->good ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file >= 0)
        return send_file(x, file);
    snprintf(path, sizeof path, "%s/err", w->folder);
    FILE *err = fopen(path, "r");
    if (err != NULL && fgets(line, sizeof line, err) != NULL)
        line[strcspn(line, "\n")] = '\0';
    if (err != NULL)
        fclose(err);
    return exchange_error(x, 500, "server_error", "no waveform: %s", line);
}

enum MHD_Result wave_begin(struct exchange *x, uint64_t number, uint32_t token) {
    struct server *s = x->server;
    struct watch_again again;
    const char *temporary = getenv("TMPDIR");
    if (!wave_can())
        return exchange_error(x, 501, "not_supported_error",
                              "there is no build for tracing beside this program: make "
                              "build/%s-trace/lockstep",
                              lockstep_configuration());
    engine_lock(s->engine);
    const bool busy = s->wave != NULL || s->ending;
    engine_unlock(s->engine);
    if (busy)
        return exchange_error(x, 503, "unavailable_error", "another waveform is being made");
    if (!watch_find(engine_watch(s->engine), number, token, &again))
        return exchange_error(x, 404, "not_found_error",
                              "pass %" PRIu64 " with that token is none of the last %u", number,
                              WATCH_PASSES);
    struct wave *w = calloc(1, sizeof *w);
    int status = ENOMEM;
    if (w != NULL) {
        w->engine = s->engine;
        w->asks = x;
        w->client = exchange_socket(x);
        w->position = again.position;
        snprintf(w->folder, sizeof w->folder, "%.40s/lockstep-XXXXXX",
                 temporary != NULL ? temporary : "/tmp");
        status = mkdtemp(w->folder) == NULL ? errno : start(w, s->options.model, &again);
    }
    free(again.ids);
    if (status == 0 && pthread_create(&w->thread, NULL, wait_for, w) != 0) {
        kill(w->process, SIGKILL);
        waitpid(w->process, NULL, 0);
        status = EAGAIN;
    }
    if (status != 0) {
        if (w != NULL)
            remove_files(w);
        free(w);
        return exchange_error(x, 500, "server_error", "no waveform: %s", strerror(status));
    }
    engine_lock(s->engine);
    s->wave = x->wave = w;
    if (s->ending && !w->over)
        kill(w->process, SIGKILL);
    engine_unlock(s->engine);
    return wave_go_on(x);
}

void wave_drop(struct exchange *x) {
    struct wave *w = x->wave;
    if (w == NULL)
        return;
    engine_lock(w->engine);
    w->asks = NULL;
    x->server->wave = NULL;
    if (!w->over)
        kill(w->process, SIGKILL);
    engine_unlock(w->engine);
    pthread_join(w->thread, NULL);
    remove_files(w);
    free(w);
}

void wave_stop(struct server *s) {
    engine_lock(s->engine);
    s->ending = true;
    if (s->wave != NULL && !s->wave->over)
        kill(s->wave->process, SIGKILL);
    engine_unlock(s->engine);
}
