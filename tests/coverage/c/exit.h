/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Before every source that `make coverage-c` compiles: a process that ends by _exit has counted,
 * too, which gcov's library sees to for exit alone. What <unistd.h> declares otherwise, sources may
 * have names of their own for.
 */
#ifndef TESTS_COVERAGE_C_EXIT_H
#define TESTS_COVERAGE_C_EXIT_H

extern _Noreturn void _exit(int status);
extern void __gcov_dump(void);

static inline _Noreturn void counted_exit(int status) {
    __gcov_dump();
    _exit(status);
}
#define _exit(status) counted_exit(status)

#endif
