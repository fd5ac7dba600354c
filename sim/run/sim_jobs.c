/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The process that cuts a run into segments, starts one for each and takes over what they found.
 * All that they share is memory without a name: nothing is left behind, however it ends, but the
 * parts that were asked for.
 */
#include "sim_jobs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRIES 3 /* of a segment whose process is killed */

/* What the golden model and the float reference take to come to a token, of what it takes to
 * simulate it: the later a segment begins, the shorter it is. */
#define AHEAD 0.15

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

int jobs_open(struct jobs *j, struct sim_run *run, struct ls_error *err) {
    const uint32_t most = tokens_of(run) / SIM_SEGMENT_LEAST;
    const uint32_t count = run->options->jobs < most ? run->options->jobs : most;
    *j = (struct jobs){.run = run};
    if (count < 2)
        return 0;
    if (share(j, count, err) != 0 ||
        (run->options->parts != NULL && part_key(run, j->key, err) != 0))
        return -1;
    plan(j->all, tokens_of(run), count);
    j->all->power = run->options->power.folder;
    return 0;
}

void jobs_close(struct jobs *j) {
    if (j->all == NULL)
        return;
    jobs_kill(j, 0);
    munmap(j->all, j->size);
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
    if (sim_flag(&s->joined) || sim_flag(&s->ended))
        return 0;
    s->result = *run;
    if (s->index != 0 && !sim_flag(&s->begun)) {
        s->past = sim_run_end(run, 0) == SIM_END_EOG;
        sim_flag_set(&s->barred);
    }
    sim_flag_set(&s->finished);
    return 0;
}

int jobs_start(struct jobs *j, uint32_t i, struct ls_error *err) {
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

void jobs_stop(struct jobs *j, uint32_t i) {
    if (j->processes[i] == 0)
        return;
    kill(j->processes[i], SIGKILL);
    waitpid(j->processes[i], NULL, 0);
    j->processes[i] = 0;
}

void jobs_kill(struct jobs *j, uint32_t i) {
    for (; i < j->all->count; i++)
        jobs_stop(j, i);
}

void jobs_interrupt(struct jobs *j) {
    const bool interrupted = j->run->interrupted != NULL && *j->run->interrupted;
    for (uint32_t i = 0; i < j->all->count && interrupted && !j->told; i++)
        if (j->processes[i] != 0)
            kill(j->processes[i], SIGTERM);
    j->told = interrupted;
}

int jobs_look_after(struct jobs *j, uint32_t i, struct ls_error *err) {
    struct sim_segment *s = &j->all->segments[i];
    int status;
    if (j->processes[i] == 0 || waitpid(j->processes[i], &status, WNOHANG) == 0)
        return 0;
    j->processes[i] = 0;
    if (sim_flag(&s->joined) || sim_flag(&s->ended) || sim_flag(&s->finished))
        return 0;
    j->signals[i] = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (j->tries[i] == TRIES)
        return ls_error_set(err,
                            "--jobs: the process of tokens %u to %u was ended %d times, at last by "
                            "signal %d (%s)",
                            s->first + 1, s->last, TRIES, j->signals[i], strsignal(j->signals[i]));
    j->run->restarted++;
    return jobs_start(j, i, err);
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

/* ---- what files tell ---- */

static void keep_joined(struct jobs *j) {
    struct ls_error err;
    for (uint32_t i = 0; i < j->all->count && j->run->options->parts != NULL; i++) {
        struct sim_segment *s = &j->all->segments[i];
        if (s->kept || j->written[i] || !sim_flag(&s->joined))
            continue;
        j->written[i] = true;
        sim_flag_set(&s->ended);
        if (part_write(j, i, &err) != 0)
            sim_run_unwritten(j->run, &err);
    }
}

/* What a segment that was simulated earlier would find out at its end. */
static int join(struct jobs *j, uint32_t i, struct ls_error *err) {
    struct sim_segment *s = &j->all->segments[i];
    const struct sim_segment *next = s + 1;
    if (!s->kept || sim_flag(&s->finished) || sim_flag(&s->joined))
        return 0;
    if (sim_flag(&next->begun) &&
        memcmp(&s->end.seam, &next->begin.seam, sizeof s->end.seam) == 0) {
        sim_flag_set(&s->joined);
    } else if (sim_flag(&next->begun) || sim_flag(&next->barred)) {
        s->kept = false;
        s->ended = 0;
        sim_flag_set(&s->alone);
        return jobs_start(j, i, err);
    }
    return 0;
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
        if (show(j, err) != 0)
            return -1;
        if (finished) {
            keep_joined(j);
            return 0;
        }
        if (sim_flag(&s->alone))
            jobs_kill(j, s->index + 1);
        jobs_interrupt(j);
        for (uint32_t i = s->index; i < j->all->count; i++)
            if (jobs_look_after(j, i, err) != 0 || join(j, i, err) != 0)
                return -1;
        keep_joined(j);
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
    run->assertions = r->assertions;
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

/* Those that no file tells of; what comes behind an end is of no use. */
static int start_all(struct jobs *j, struct ls_error *err) {
    bool over = false;
    for (uint32_t i = 0; i < j->all->count && j->run->options->parts != NULL; i++)
        (void)part_read(j, i);
    for (uint32_t i = 0; i < j->all->count && !over; i++) {
        const struct sim_segment *s = &j->all->segments[i];
        if (!s->kept && jobs_start(j, i, err) != 0)
            return -1;
        over = s->kept && s->finished;
    }
    return 0;
}

/* As long as the longest of the parts that were simulated earlier. */
static double longest(const struct jobs *j, double seconds) {
    for (uint32_t i = 0; i < j->run->parts; i++)
        seconds = j->all->segments[i].seconds > seconds ? j->all->segments[i].seconds : seconds;
    return seconds;
}

enum sim_verdict sim_run_jobs(struct sim_run *run, struct ls_error *err) {
    struct jobs j;
    const double begin = sim_now();
    run->load_seconds = sim_worked();
    run->verdict = SIM_BAD_INPUT;
    if (jobs_open(&j, run, err) != 0)
        return run->verdict;
    if (j.all == NULL)
        return sim_run_rtl(run, err);
    if (start_all(&j, err) == 0 && oversee(&j, err) == 0) {
        const struct sim_segment *last = front(&j);
        take_over(run, last);
        if (last->kept)
            sim_segment_merge_apart(run, last);
        if (run->verdict == SIM_BAD_INPUT)
            *err = last->error;
    }
    run->seconds = longest(&j, sim_now() - begin);
    jobs_close(&j);
    return run->verdict;
}
