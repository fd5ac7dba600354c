/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Compiled once for each configuration of scripts/configs.mk, whose name is CONFIGURATION.
 */
#define LOCKSTEP_BUILD
#include "lockstep.h"

#ifndef CONFIGURATION
#define CONFIGURATION "default"
#endif

const char *lockstep_configuration(void) {
    return CONFIGURATION;
}
