/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * mkdir -p
 */
#include "folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int folder_make(const char *folder, struct ls_error *err) {
    char path[512];
    if ((size_t)snprintf(path, sizeof path, "%s", folder) >= sizeof path)
        return ls_error_set(err, "%s: too long a name", folder);
    for (char *at = path + 1;; at++) {
        const char was = *at;
        if (was != '/' && was != '\0')
            continue;
        *at = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return ls_error_set(err, "%s: %s", path, strerror(errno));
        *at = was;
        if (was == '\0')
            return 0;
    }
}
