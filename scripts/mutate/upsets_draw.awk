# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Draws upsets: a structure of the device, each as often; a statement of it; which of the first thousand times
# that it is executed (early ones are as likely as late ones in each decade), which bit, in which run.
# Behind scripts/mutate/structures.awk.
#
#   awk -v seed=N -v count=N -v runs='1 2 3' -f ... LIST

BEGIN { FS = "\t" }
{
  file[NR] = $3
  s = structure($3)
  statement[s, ++statements[s]] = NR
}
END {
  srand(seed)
  most = split(runs, run, " ")
  for (i = 1; i <= count; i++) {
    do s = 1 + int(rand() * structures); while (!statements[s])
    n = statement[s, 1 + int(rand() * statements[s])]
    printf "%d\t%d\t%s\t%d\t%d\t%d\n", i, n, file[n], int(1000 ^ rand()), int(rand() * 4096), run[1 + int(rand() * most)]
  }
}
