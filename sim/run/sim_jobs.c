/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The process that cuts a run into segments, starts one for each and takes over what they found.
 * All that they share is memory without a name: nothing is left behind, however it ends.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim_segment.h"

#define TRIES 3 /* of a segment whose process is killed */

/* What the golden model and the float reference take to come to a token, of what it takes to
 * simulate it: the later a segment begins, the shorter it is. */
#define AHEAD 0.15

struct jobs {
    struct sim_run *run;
    struct sim_segments *all;
    size_t size;               /* of the shared memory */
    pid_t processes[SIM_JOBS]; /* 0: none */
    uint32_t tries[SIM_JOBS];
    int signals[SIM_JOBS]; /* that ended them last */
    uint32_t shown;        /* tokens given to run */
    bool told;             /* of the interrupt */
};

/* ---- the plan ---- */

static uint32_t tokens_of(const struct sim_run *run) {
    const uint32_t room = run->context - run->texts[0].prompt_count + 1;
    return run->options->tokens < room ? run->options->tokens : room;
}

static void plan(struct sim_segments *all, uint32_t tokens, uint32_t jobs) {
    double left = 1, whole = 1;
    for (uint32_t i = 0; i < jobs; i++)
        whole *= 1 - AHEAD;
    for (uint32_t i = 0; all->count == 0; i++) {
        struct sim_segment *s = &all->segments[i];
        left *= 1 - AHEAD;
        s->all = all;
        s->index = i;
        s->first = i == 0 ? 0 : s[-1].last;
        s->last = (uint32_t)((double)tokens * (1 - left) / (1 - whole));
        if (s->last < s->first + SIM_SEGMENT_LEAST)
            s->last = s->first + SIM_SEGMENT_LEAST;
        if (i == jobs - 1 || s->last + SIM_SEGMENT_LEAST > tokens) {
            s->last = tokens;
            all->count = i + 1;
        }
    }
}

static size_t rounded(size_t size) {
    return (size + 63) / 64 * 64;
}

static int share(struct jobs *j, uint32_t jobs, struct ls_error *err) {
    const size_t room = (size_t)j->run->context + 1;
    const size_t tokens = rounded(room * sizeof(uint32_t));
    const size_t witness = rounded(room * sizeof(struct ls_witness));
    const size_t rows = rounded(SIM_SEGMENT_WINDOWS * sizeof(struct sim_window_row));
    j->size = rounded(sizeof *j->all) + jobs * (tokens + witness + rows);
    char *memory = mmap(NULL, j->size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return ls_error_set(err, "--jobs %u: out of memory: %s", jobs, strerror(errno));
    j->all = (struct sim_segments *)(void *)memory;
    memory += rounded(sizeof *j->all);
    for (uint32_t i = 0; i < jobs; i++) {
        struct sim_segment *s = &j->all->segments[i];
        s->tokens = (uint32_t *)(void *)memory;
        s->witness = (struct ls_witness *)(void *)(memory + tokens);
        s->rows = (struct sim_window_row *)(void *)(memory + tokens + witness);
        memory += tokens + witness + rows;
    }
    return 0;
}

/* ---- the process of a segment ---- */

/* What it finds out stays in the shared memory. */
static int simulate(struct sim_run *run, struct sim_segment *s) {
    struct sim_options options = *run->options;
    struct ls_error err = {""};
    if (s->index != 0) /* --start-token begins one token earlier, too */
        options.start_token = run->texts[0].prompt_count + s->first - SIM_SEGMENT_OVERLAP;
    options.power.folder = NULL; /* its file is of all segments */
    run->options = &options;
    run->segment = s;
    run->on_text = NULL;
    run->on_progress = NULL;
    run->texts[0].generated_count = 0; /* started again, there may be some */
    run->texts[0].text_size = 0;
    (void)sim_run_rtl(run, &err);
    s->error = err;
    if (sim_flag(&s->joined))
        return 0;
    s->result = *run;
    if (s->index != 0 && !sim_flag(&s->begun))
        sim_flag_set(&s->barred);
    sim_flag_set(&s->finished);
    return 0;
}

static int start(struct jobs *j, uint32_t i, struct ls_error *err) {
    struct sim_segment *s = &j->all->segments[i];
    const pid_t parent = getpid();
    s->generated = 0;
    s->witnesses = s->row_count = 0;
    j->tries[i]++;
    fflush(NULL);
    const pid_t process = fork();
    if (process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(getppid() == parent ? simulate(j->run, s) : 1);
    }
    if (process < 0)
        return ls_error_set(err, "--jobs: no process for tokens %u to %u: %s", s->first + 1,
                            s->last, strerror(errno));
    j->processes[i] = process;
    return 0;
}

static void kill_from(struct jobs *j, uint32_t i) {
    for (; i < j->all->count; i++)
        if (j->processes[i] != 0) {
            kill(j->processes[i], SIGKILL);
            waitpid(j->processes[i], NULL, 0);
            j->processes[i] = 0;
        }
}

/* A process that ended before it had anything to say is started again. */
static int look_after(struct jobs *j, uint32_t i, struct ls_error *err) {
    struct sim_segment *s = &j->all->segments[i];
    int status;
    if (j->processes[i] == 0 || waitpid(j->processes[i], &status, WNOHANG) == 0)
        return 0;
    j->processes[i] = 0;
    if (sim_flag(&s->joined) || sim_flag(&s->finished))
        return 0;
    j->signals[i] = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (j->tries[i] == TRIES)
        return ls_error_set(err,
                            "--jobs: the process of tokens %u to %u was ended %d times, at last by "
                            "signal %d (%s)",
                            s->first + 1, s->last, TRIES, j->signals[i], strsignal(j->signals[i]));
    j->run->restarted++;
    return start(j, i, err);
}

/* ---- what they find out ---- */

/* The earliest segment that no other has taken over from. */
static struct sim_segment *front(const struct jobs *j) {
    struct sim_segment *s = j->all->segments;
    while (sim_flag(&s->joined))
        s++;
    return s;
}

/* Tokens that all processes before have been right about. */
static int show(struct jobs *j, struct ls_error *err) {
    for (struct sim_segment *s = j->all->segments;; s++) {
        const bool joined = sim_flag(&s->joined); /* before the count, which is then its last */
        const uint32_t count = __atomic_load_n(&s->generated, __ATOMIC_ACQUIRE);
        for (; j->shown < count && j->shown >= s->first; j->shown++)
            if (sim_run_token(j->run, 0, s->tokens[j->shown], err) != 0)
                return -1;
        if (!joined)
            return 0;
    }
}

static void tell_progress(const struct jobs *j) {
    uint64_t done = 0;
    if (j->run->on_progress == NULL)
        return;
    for (uint32_t i = 0; i < j->all->count; i++) {
        const struct sim_segment *s = &j->all->segments[i];
        const uint32_t count = __atomic_load_n(&s->generated, __ATOMIC_RELAXED);
        done += count > s->first ? count - s->first : 0;
    }
    j->run->on_progress(j->run, "tokens", done, tokens_of(j->run));
}

static int oversee(struct jobs *j, struct ls_error *err) {
    for (;;) {
        const struct sim_segment *s = front(j);
        const bool finished = sim_flag(&s->finished);
        const bool interrupted = j->run->interrupted != NULL && *j->run->interrupted;
        if (show(j, err) != 0)
            return -1;
        if (finished)
            return 0;
        if (sim_flag(&s->alone))
            kill_from(j, s->index + 1);
        for (uint32_t i = s->index; i < j->all->count; i++) {
            if (interrupted && !j->told && j->processes[i] != 0)
                kill(j->processes[i], SIGTERM);
            if (look_after(j, i, err) != 0)
                return -1;
        }
        j->told = interrupted;
        tell_progress(j);
        for (int i = 0; i < 10 && !sim_flag(&s->finished) && !sim_flag(&s->joined); i++)
            sim_segment_wait();
    }
}

static void take_over(struct sim_run *run, const struct sim_segment *s) {
    const struct sim_run *r = &s->result;
    run->parts = s->index + 1;
    run->verdict = r->verdict;
    memcpy(run->message, r->message, sizeof run->message);
    run->limits = r->limits;
    run->device = r->device;
    run->power = r->power;
    run->ops = r->ops;
    run->words = r->words;
    run->mismatches = r->mismatches;
    run->timed_ops = r->timed_ops;
    run->mistimed = r->mistimed;
    run->simulated_cycles = r->simulated_cycles;
    run->witness = r->witness;
    run->timed_out = r->timed_out;
    run->explained = r->explained;
    run->not_explained = r->not_explained;
    run->unwritten = r->unwritten;
}

enum sim_verdict sim_run_jobs(struct sim_run *run, struct ls_error *err) {
    const uint32_t most = tokens_of(run) / SIM_SEGMENT_LEAST;
    const uint32_t count = run->options->jobs < most ? run->options->jobs : most;
    struct jobs j = {.run = run};
    const double begin = sim_now();
    run->load_seconds = sim_worked();
    int status = 0;
    if (count < 2)
        return sim_run_rtl(run, err);
    run->verdict = SIM_BAD_INPUT;
    if (share(&j, count, err) != 0)
        return run->verdict;
    plan(j.all, tokens_of(run), count);
    j.all->power = run->options->power.folder;
    for (uint32_t i = 0; i < count && status == 0; i++)
        status = start(&j, i, err);
    if (status == 0)
        status = oversee(&j, err);
    if (status == 0) {
        const struct sim_segment *last = front(&j);
        take_over(run, last);
        if (run->verdict == SIM_BAD_INPUT)
            *err = last->error;
    }
    kill_from(&j, 0);
    run->seconds = sim_now() - begin;
    munmap(j.all, j.size);
    return run->verdict;
}
