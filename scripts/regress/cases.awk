# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The cases to run: those of tests/regress/matrix.txt that belong to `suite` and whose names match
# `filter`, and `seeds` random ones, each named by the seed that makes it again. A line a case,
# with tabs: NAME CONFIG MODEL VERDICT OPTIONS.
#
#   awk -v suite=smoke -v filter=. -v seeds=3 -v first=1 -f scripts/regress/cases.awk tests/regress/matrix.txt

BEGIN {
  rank["smoke"] = 1
  rank["full"] = 2
  rank["nightly"] = 3
  if (!(suite in rank)) wrong("SUITE=" suite " is none of smoke, full, nightly")
}

/^[ \t]*(#|$)/ { next }

{
  if (NF < 5 || !($1 in rank)) wrong(FILENAME ":" FNR ": not SUITE NAME CONFIG MODEL VERDICT OPTIONS")
  if ($2 in seen) wrong(FILENAME ":" FNR ": a second case named " $2)
  if ($2 !~ /^[A-Za-z0-9_.-]+$/) wrong(FILENAME ":" FNR ": a name is made of letters, digits, _ . -")
  seen[$2] = 1
  rest = $0
  for (i = 0; i < 5; i++) sub(/^[ \t]*[^ \t]+[ \t]*/, "", rest)
  if (rank[$1] <= rank[suite]) show($2, $3, $4, $5, rest)
}

END {
  if (failed) exit 2
  for (s = first; s < first + seeds; s++) random_case(s)
}

function wrong(text) {
  print "regress: " text > "/dev/stderr"
  failed = 1
  exit 2
}

function show(name, config, model, verdict, options) {
  if (name ~ filter) print name "\t" config "\t" model "\t" verdict "\t" options
}

# One of the words of `list`, by the next number of a linear congruential generator (the minimal
# standard of Park and Miller, 1988, whose products stay below 2^53).
function any(list, word, n) {
  n = split(list, word, " ")
  state = state * 16807 % 2147483647
  return word[1 + int(state / 2147483647 * n)]
}

function random_case(seed, model, options, prompts, i) {
  state = seed % 2147483646 + 1
  for (i = 0; i < 4; i++) any("0")
  model = "made:" any("llama qwen2 qwen3 gemma gemma2 gemma3 phi2 phi3 gpt2 granite olmo2 starcoder2 stablelm gptneox qwen2moe qwen3moe") ":" any(types) ":dim=256:hidden=" any("256 512 768") ":layers=" any("1 2") \
    ":heads=" any("4 8")
  if (any("0 1") && model ~ /^made:(llama|qwen2):/) model = model ":tied"
  if (any("0 1") && model ~ /^made:(llama|qwen2):/) model = model ":biases"
  if (any("0 1") && model ~ /^made:(llama|qwen2moe|qwen3moe):/) model = model ":experts=" any("1 4 5 9")
  if (model ~ /^made:(stablelm|gptneox):/ && any("0 1")) model = model ":parallel"
  options = "-n " any("2 3 5 9") " --seed " seed " --latency " any("1 2 7 40 150 300") " --jitter " any("0 0 5 100") \
    " --gaps " any("0 0 32 200") " --slots " any("1 2 8") " --throttle " any("off off on hot")
  if (any("0 1")) options = options " --temp " any("0.3 0.8 1.5") " --top-k " any("1 5 40 64")
  prompts = any("1 1 2 3")
  for (i = 0; i < prompts; i++) options = options " -p \"" any("Once Tom The A She") " " any("upon was saw ran had") "\""
  show("random-" seed, any("small small single default"), model, "PASS", options)
}
