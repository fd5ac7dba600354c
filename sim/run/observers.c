/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The list of observers of a run, in the order in which they are told: the checks first, because
 * others read what they found.
 */
#include "rtl.h"

#define OBSERVERS(X)                                                                               \
    X(words)                                                                                       \
    X(power)                                                                                       \
    X(cycles)                                                                                      \
    X(segment)                                                                                     \
    X(commits)                                                                                     \
    X(timeline)                                                                                    \
    X(window)                                                                                      \
    X(trigger)                                                                                     \
    X(reference)                                                                                   \
    X(progress)                                                                                    \
    X(planted)

#define DECLARE(name) extern const struct observer observe_##name;
OBSERVERS(DECLARE)
#define POINTER(name) &observe_##name,
const struct observer *const rtl_observers[] = {OBSERVERS(POINTER)};
const size_t rtl_observer_count = sizeof rtl_observers / sizeof *rtl_observers;
