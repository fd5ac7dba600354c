/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Streams a completion, every word of it checked.
 *
 *     cc stream.c $(pkg-config --cflags --libs lockstep) -o stream
 *     ./stream model.gguf "Once upon a time" 40
 */
#include <lockstep.h>
#include <stdio.h>
#include <stdlib.h>

static void show(void *context, const struct lockstep_event *event) {
    (void)context;
    fwrite(event->text, 1, event->text_bytes, stdout);
    fflush(stdout);
}

int main(int argc, char **argv) {
    char why[256];
    struct lockstep_request request;
    if (argc != 4) {
        fprintf(stderr, "usage: %s MODEL.gguf PROMPT TOKENS\n", argv[0]);
        return 2;
    }
    struct lockstep *device = lockstep_open(NULL, why, sizeof why);
    if (device == NULL) {
        fprintf(stderr, "%s\n", why);
        return 2;
    }
    lockstep_request_defaults(&request, sizeof request);
    request.text = argv[2];
    request.max_tokens = (uint32_t)strtoul(argv[3], NULL, 10);
    request.on_token = show;
    int status = lockstep_load(device, argv[1], NULL);
    if (status == LOCKSTEP_OK)
        status = lockstep_submit(device, &request, NULL);
    while (status == LOCKSTEP_OK)
        status = lockstep_step(device);
    if (status == LOCKSTEP_IDLE)
        status = lockstep_unload(device); /* the last comparisons */
    if (status != LOCKSTEP_OK)
        fprintf(stderr, "%s\n", lockstep_error(device));
    putchar('\n');
    lockstep_close(device);
    return status == LOCKSTEP_OK ? 0 : 1;
}
