/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The trainer's network once more, in binary64 (see train_net.h).
 */
#define TRAIN_DOUBLE
#include "train_net.c"
