/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * libFuzzer: any command line of sim, serve and the console; the first byte says of which, NULs end
 * words. It is read, asks for help or is refused with one line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/app/console_main.h"
#include "csrc/app/serve.h"
#include "no_device.h"
#include "sim/run/sim_options.h"

enum { WORDS = 64, SETTINGS = 8192 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "fuzz_options: %s\n", what);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct options *const tables[] = {&serve_options, &console_table};
    static _Alignas(16) char settings[SETTINGS];
    static char program[] = "lockstep";
    struct ls_error err = {""};
    const char *topic = NULL;
    char *argv[WORDS + 1] = {program};
    int argc = 1;
    char *text = malloc(size + 1);
    if (text == NULL || size == 0) {
        free(text);
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    for (size_t at = 1; at < size && argc < WORDS; at += strlen(text + at) + 1)
        argv[argc++] = text + at;
    const uint32_t table = data[0] % 3;
    const enum options_result result =
        table == 0
            ? sim_options_parse(argc, argv, (struct sim_options *)(void *)settings, &topic, &err)
            : options_parse(tables[table - 1], argc, argv, settings, &topic, &err);
    check(result == OPTIONS_READ || result == OPTIONS_HELP || result == OPTIONS_BAD, "no result");
    check(result != OPTIONS_BAD || (err.text[0] != '\0' && strchr(err.text, '\n') == NULL),
          "no line");
    if (result == OPTIONS_HELP && table != 0)
        check(topic == NULL || strlen(topic) <= size, "a topic from nowhere");
    free(text);
    return 0;
}
