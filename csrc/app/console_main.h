/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `lockstep console`: its command line.
 *
 *     return console_main(argc - 1, argv + 1);
 */
#ifndef LOCKSTEP_CONSOLE_MAIN_H
#define LOCKSTEP_CONSOLE_MAIN_H

#include "csrc/base/options.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct options console_table;

int console_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
