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

static int check_timeline(const char *base, struct ls_error *err) {
    static const char *const ends[] = {"json", "svg", "txt"};
    for (size_t i = 0; base != NULL && i < sizeof ends / sizeof *ends; i++) {
        char *path;
        if (asprintf(&path, "%s.%s", base, ends[i]) < 0)
            return ls_error_set(err, "out of memory");
        const int status = output_check(path, err);
        free(path);
        if (status != 0)
            return -1;
    }
    return 0;
}

int sim_outputs_check(const struct sim_options *o, struct ls_error *err) {
    const char *const files[] = {o->report, o->trace, o->checkpoint, o->commits};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] != NULL && output_check(files[i], err) != 0)
            return -1;
    const char *const power[] = {"power.csv",    "classes.csv", "ops.csv", "energy.csv",
                                 "roofline.csv", "run.csv",     NULL};
    const char *const fail[] = {"report.txt", "vectors.txt", "markers",
                                "again",      "checkpoint",  NULL};
    return check_timeline(o->timeline, err) != 0 ||
                   check_folder(o->power.folder, power, err) != 0 ||
                   check_folder(o->fail, fail, err) != 0
               ? -1
               : 0;
}
