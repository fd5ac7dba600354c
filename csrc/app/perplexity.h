/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * lockstep perplexity.
 *
 *     return perplexity_main(argc - 1, argv + 1); // its name is argv[0]
 */
#ifndef LOCKSTEP_APP_PERPLEXITY_H
#define LOCKSTEP_APP_PERPLEXITY_H

/* Returns the exit status of the program. */
int perplexity_main(int argc, char **argv);

#endif
