# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A random number for each line, which follows from the line and -v seed: a polynomial in 8191 over the
# characters modulo the prime 2^31 - 1, and some rounds of a linear congruential generator behind it.

BEGIN { for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i }
{
  h = seed + 1
  for (i = 1; i <= length($0); i++) h = (h * 8191 + code[substr($0, i, 1)]) % 2147483647
  for (i = 0; i < 4; i++) h = h * 48271 % 2147483647
  printf "%010d\n", h
}
