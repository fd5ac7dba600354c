/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The processes of a run that is cut into segments, and the files that tell of those which were
 * simulated apart, maybe on other machines. docs/parallel.md.
 *
 *     struct jobs j;
 *     if (jobs_open(&j, run, &err) == 0 && j.all != NULL && jobs_start(&j, 0, &err) == 0)
 *         while (jobs_look_after(&j, 0, &err) == 0 && !sim_flag(&j.all->segments[0].finished))
 *             sim_segment_wait();
 *     jobs_close(&j);
 */
#ifndef LOCKSTEP_SIM_JOBS_H
#define LOCKSTEP_SIM_JOBS_H

#include <sys/types.h>

#include "sim_segment.h"

#ifdef __cplusplus
extern "C" {
#endif

struct jobs {
    struct sim_run *run;
    struct sim_segments *all;  /* shared by all processes; NULL: too few tokens for two segments */
    size_t size;               /* of the shared memory */
    pid_t processes[SIM_JOBS]; /* 0: none */
    uint32_t tries[SIM_JOBS];
    int signals[SIM_JOBS];  /* that ended them last */
    uint32_t shown;         /* tokens given to run */
    bool told;              /* of the interrupt */
    bool written[SIM_JOBS]; /* into a file, by this process */
    char key[SHA256_HEX];   /* of all that the words of a part depend on */
};

/* Plans. 0, or -1 with `err`; jobs_close is for both. */
int jobs_open(struct jobs *j, struct sim_run *run, struct ls_error *err);
void jobs_close(struct jobs *j);

int jobs_start(struct jobs *j, uint32_t segment, struct ls_error *err);

/* A process that ended before it had anything to say is started again. */
int jobs_look_after(struct jobs *j, uint32_t segment, struct ls_error *err);

/* Ends the process of this segment; and those of all behind it. */
void jobs_stop(struct jobs *j, uint32_t segment);
void jobs_kill(struct jobs *j, uint32_t segment);

/* Hands an interrupt on, once. */
void jobs_interrupt(struct jobs *j);

/* ---- files of segments, in the folder options.parts ---- */

int part_key(const struct sim_run *run, char key[SHA256_HEX], struct ls_error *err);

/* Of a segment that has ended, or finished apart. */
int part_write(const struct jobs *j, uint32_t segment, struct ls_error *err);

/* Whether there is a whole one of this very run: then the segment is as its process left it, and
 * kept. */
bool part_read(struct jobs *j, uint32_t segment);

#ifdef __cplusplus
}
#endif
#endif
