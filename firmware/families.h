/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The families of models, a line each. A family NAME is a page in each of four folders, which
 * share nothing but the roles of its tensors (roles.h):
 *
 *     csrc/model/family_NAME.c       how its files name hyperparameters, which roles it has
 *     firmware/family_NAME.c         its program for the device
 *     csrc/golden/family_NAME.c      its forward pass, bit for bit
 *     csrc/reference/family_NAME.c   the same in binary32
 */
#ifndef LOCKSTEP_FAMILIES_H
#define LOCKSTEP_FAMILIES_H

#define FAMILIES(FAMILY) FAMILY(llama)

#define FAMILY_NUMBER(name) FAMILY_##name,
enum family_number { FAMILIES(FAMILY_NUMBER) FAMILY_COUNT };
#undef FAMILY_NUMBER

#endif
