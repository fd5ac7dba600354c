/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The names of all that a run may write.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "csrc/base/output.h"
#include "sim_run.h"

/* Files in a folder that may have to be made yet; the list ends with NULL. */
static int check_folder(const char *folder, const char *const *names, struct ls_error *err) {
    struct stat there;
    if (folder == NULL)
        return 0;
    if (output_check_folder(folder, err) != 0)
        return -1;
    if (stat(folder, &there) != 0)
        return 0;
    for (; *names != NULL; names++)
        if (output_check_in(folder, *names, err) != 0)
            return -1;
    return 0;
}

/* Files by themselves: they are no others' either. */
static int check_files(const struct sim_options *o, char *const timeline[3], struct ls_error *err) {
    const char *const files[] = {o->resume,        o->model,    o->draft_model, o->text,
                                 o->power.profile, o->report,   o->trace,       o->commits,
                                 timeline[0],      timeline[1], timeline[2],    o->checkpoint};
    enum { INPUTS = 5, FILES = sizeof files / sizeof *files };
    for (size_t i = INPUTS; i < FILES; i++)
        if (files[i] != NULL && output_check(files[i], err) != 0)
            return -1;
    /* what is resumed may get the new checkpoint */
    return output_check_apart(files, INPUTS, FILES - 1, err) != 0
               ? -1
               : output_check_apart(files + 1, INPUTS - 1, FILES - 1, err);
}

int sim_outputs_check(const struct sim_options *o, struct ls_error *err) {
    static const char *const ends[] = {"json", "svg", "txt"};
    const char *const power[] = {"power.csv",    "classes.csv", "ops.csv", "energy.csv",
                                 "roofline.csv", "run.csv",     NULL};
    const char *const fail[] = {"report.txt", "vectors.txt", "markers",
                                "again",      "checkpoint",  NULL};
    char *timeline[3] = {NULL};
    int status = 0;
    for (size_t i = 0; o->timeline != NULL && i < 3; i++)
        if (asprintf(&timeline[i], "%s.%s", o->timeline, ends[i]) < 0) {
            timeline[i] = NULL;
            status = ls_error_set(err, "out of memory");
        }
    if (status == 0)
        status = check_files(o, timeline, err);
    for (size_t i = 0; i < 3; i++)
        free(timeline[i]);
    return status != 0 || check_folder(o->power.folder, power, err) != 0 ||
                   check_folder(o->fail, fail, err) != 0
               ? -1
               : 0;
}
