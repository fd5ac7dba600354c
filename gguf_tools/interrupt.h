/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Ctrl-C for subcommands that have something to tidy or to save.
 *
 *     const volatile bool *interrupted = interrupt_watch();
 *     while (!*interrupted)
 *         work();
 */
#ifndef GGUF_INTERRUPT_H
#define GGUF_INTERRUPT_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* From now on the first SIGINT or SIGTERM sets the flag returned; a second one ends the program. */
const volatile bool *interrupt_watch(void);

#ifdef __cplusplus
}
#endif
#endif
