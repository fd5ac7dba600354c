#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# What people type first: the shipped model goes on from each of these openings with a first
# sentence that the generator of its stories could have written. Planted: sentences that it could
# not.
#
#   tests/system/test_openings.sh build/gguf build/tests/openings
gguf=$1
out=$2
model=models/stories-600K-Q8_0.gguf
rm -rf "$out"
mkdir -p "$out"

cat >"$out/openings" <<'END'
Once upon a time
Hello
Hello!
Hi
Good morning
The cat
The dog
The little girl
A horse
My name is
My best friend
I am
I know
She
He was
It was
In the morning
Yesterday
Long ago
One day
Tom
Lily and
Why
Who
Do you
Every
There
This
END

# Where the first sentence ends that has a verb and more, that is, one of four words or more.
sentence_end() {
  awk '{
    n = split($0, word, " ")
    at = 0; words = 0
    for (i = 1; i <= n; i++) {
      at += length(word[i]) + (i > 1); words++
      if (word[i] ~ /[.!?]"?$/) { if (words >= 4) break; words = 0 }
    }
    print at
  }'
}

# judge FILE: a line a text, PASS, or FAIL if the text leaves the grammar before that end.
judge() {
  "$gguf" stories --check "$1" | sed '$d' >"$out/checked"
  sentence_end <"$1" | paste -d ' ' - "$out/checked" |
    awk '$2 == "PASS" || (sub(/:/, "", $5) && $5 + 0 >= $1) {print "PASS"; next} {print "FAIL"}'
}

while read -r prompt; do
  "$gguf" sample $model --prompt "$prompt"
done <"$out/openings" >"$out/texts"
judge "$out/texts" >"$out/judged"

cat >"$out/wrong" <<'END'
Hello orange a polite boy named Hugo lived in a house on a hill. He loved to climb trees.
Hello! A polite boy named Rosa lived in a house on a hill. She loved to climb trees.
The cat knew a careful boy named Leo. He loved to plant flowers.
Why morning, a proud boy named Leo wanted to make a spicy pie for his mother.
END
judge "$out/wrong" >"$out/found"

checks=$(($(wc -l <"$out/openings") + $(wc -l <"$out/wrong")))
failed=0
for line in $(paste -d ':' "$out/openings" "$out/judged" | grep -n ':FAIL$' | cut -d : -f 1); do
  echo "no sentence of the generator: $(sed -n "${line}p" "$out/texts" | cut -c 1-200)"
  failed=$((failed + 1))
done
for line in $(grep -n PASS "$out/found" | cut -d : -f 1); do
  echo "not found: $(sed -n "${line}p" "$out/wrong")"
  failed=$((failed + 1))
done
[ "$(wc -l <"$out/judged")" = "$(wc -l <"$out/openings")" ] && [ "$(wc -l <"$out/found")" = 4 ] || {
  echo "not every text was judged"
  failed=$((failed + 1))
}
[ $failed = 0 ] && echo "PASS openings ($checks checks)" && exit 0
echo "FAIL openings ($failed of $checks checks)"
exit 1
