/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `lockstep serve`: its command line, and the server until a signal comes.
 *
 *     return serve_main(argc - 1, argv + 1);
 */
#ifndef LOCKSTEP_SERVE_H
#define LOCKSTEP_SERVE_H

#include "csrc/base/options.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct options serve_options;

int serve_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
