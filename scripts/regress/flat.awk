# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A report of `lockstep sim` as lines "device.cycles 318880", for the values that stand by themselves;
# of several sequences the values stand under the name of their list, one after the other.
{
  if ($0 ~ /^\t*}/) depth--
  if (match($0, /^\t*"[^"]*":\t/)) {
    key = $0
    sub(/^\t*"/, "", key)
    sub(/":\t.*/, "", key)
    value = $0
    sub(/^\t*"[^"]*":\t/, "", value)
    sub(/,$/, "", value)
    name[depth] = key
    if (value == "{" || value == "[{") depth++
    else {
      path = ""
      for (i = 1; i < depth; i++) path = path name[i] "."
      gsub(/^"|"$/, "", value)
      print path key " " value
    }
  } else if ($0 ~ /{$/) depth++
}
