/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * libFuzzer: any bytes as a profile of power. It is refused with one line, or read, and then the
 * same when it is read again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "csrc/expect/power.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "fuzz_profile: %s\n", what);
        abort();
    }
}

static int read_profile(int fd, struct power_settings *s, struct ls_error *err) {
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    memset(s, 0, sizeof *s);
    *s = power_defaults();
    return power_profile(path, 500000000, s, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct power_settings once, again;
    struct ls_error err = {""};
    const int fd = memfd_create("profile", 0);
    check(fd >= 0 && write(fd, data, size) == (ssize_t)size, "no file");
    if (read_profile(fd, &once, &err) == 0)
        check(read_profile(fd, &again, &err) == 0 && memcmp(&once, &again, sizeof once) == 0,
              "another profile when it is read again");
    else
        check(err.text[0] != '\0' && strchr(err.text, '\n') == NULL, "no line");
    close(fd);
    return 0;
}
