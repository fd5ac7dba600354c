/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One segment of a run by itself, for a file: no other has to be under way, here or anywhere. That
 * it may begin, the first one runs beside it up to where it tells when the others do.
 */
#include <stdio.h>
#include <string.h>

#include "csrc/base/folder.h"
#include "sim_jobs.h"

/* Until nothing more comes of the segment. */
static int oversee(struct jobs *j, uint32_t i, struct ls_error *err) {
    const struct sim_segment *s = &j->all->segments[i], *first = j->all->segments;
    bool told = i == 0;
    if (jobs_start(j, i, err) != 0 || (!told && jobs_start(j, 0, err) != 0))
        return -1;
    while (!sim_flag(&s->ended) && !sim_flag(&s->finished)) {
        if (!told && sim_flag(&first->finished) && !sim_flag(&j->all->anchored))
            return 0;
        jobs_interrupt(j);
        if (jobs_look_after(j, i, err) != 0 || (!told && jobs_look_after(j, 0, err) != 0))
            return -1;
        if (!told && sim_flag(&j->all->anchored)) {
            jobs_stop(j, 0);
            told = true;
        }
        if (j->run->on_progress != NULL && s->generated > s->first)
            j->run->on_progress(j->run, "tokens", s->generated - s->first, s->last - s->first);
        sim_segment_wait();
    }
    return 0;
}

/* Not every run gets to the segment, and not every one is right up to its end. */
static void conclude(struct jobs *j, uint32_t i, double seconds, struct ls_error *err) {
    struct sim_run *run = j->run;
    struct sim_segment *s = &j->all->segments[i];
    char *m = run->message;
    const size_t room = sizeof run->message;
    const bool over = sim_flag(&s->ended) || sim_flag(&s->finished);
    const struct sim_segment *from = over ? s : j->all->segments; /* which told nothing */
    run->verdict = sim_flag(&from->ended) || s->past ? SIM_PASS : from->result.verdict;
    if (run->verdict == SIM_BAD_INPUT) {
        *err = from->error;
    } else if (run->verdict != SIM_PASS) {
        memcpy(m, from->result.message, room);
    } else if (from != s || s->past || s->generated <= s->first) {
        snprintf(m, room, "the text ends before it");
    } else if (sim_flag(&s->barred)) {
        snprintf(m, room, "not kept: ops took other cycles than predicted");
    } else {
        s->seconds = seconds;
        run->verdict = part_write(j, i, err) == 0 ? SIM_PASS : SIM_BAD_INPUT;
        snprintf(m, room, "tokens %u to %u", s->first + 1, s->generated);
    }
}

enum sim_verdict sim_run_part(struct sim_run *run, struct ls_error *err) {
    const uint32_t i = run->options->part - 1;
    const double begin = sim_now();
    struct jobs j;
    run->verdict = SIM_BAD_INPUT;
    if (folder_make(run->options->parts, err) != 0 || jobs_open(&j, run, err) != 0)
        return run->verdict;
    if (j.all == NULL || i >= j.all->count) {
        run->verdict = SIM_PASS;
        snprintf(run->message, sizeof run->message, "there is none: the run is short");
    } else if (part_read(&j, i)) {
        run->verdict = SIM_PASS;
        snprintf(run->message, sizeof run->message, "was there");
    } else {
        j.all->apart = true;
        if (oversee(&j, i, err) == 0)
            conclude(&j, i, sim_now() - begin, err);
    }
    jobs_close(&j);
    return run->verdict;
}
