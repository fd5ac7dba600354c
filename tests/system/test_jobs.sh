#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# `lockstep sim --jobs N` against the run of one process: the whole report but `host`, text, table and
# exit status, of runs that pass and of runs that do not; processes that are killed; what does not go
# together.
#
#   tests/system/test_jobs.sh build/small/lockstep build/tests/jobs
program=$PWD/$1
gguf=$PWD/build/gguf
shipped=$PWD/models/stories-600K-Q8_0.gguf
profile=$PWD/scripts/profiles/7nm.txt
out=$2
export OPENBLAS_NUM_THREADS=1
rm -rf "$out"
mkdir -p "$out"
cd "$out" || exit 2
checks=0
failed=0
check() { # check WHAT COMMAND...
  what=$1
  shift
  checks=$((checks + 1))
  "$@" && return
  failed=$((failed + 1))
  echo "$what"
  tail -n 3 err | sed 's/^/    /'
}

"$gguf" make m.gguf --dim 64 --hidden 64 --layers 2 --heads 2 --kv-heads 1 --vocab 300 --context 64 --type Q8_0 \
  >/dev/null || exit 1
row() { # row TENSOR ID: offset of the scale of a row of 64 elements
  "$gguf" inspect --json m.gguf | sed -n "/\"$1\"/,/offset/s/.*\"offset\":[^0-9]*\([0-9]*\).*/\1/p" |
    { read -r offset && echo $((offset + $2 * 68)); }
}
model=m.gguf
sim() { # sim OPTION...: its exit status in $status
  "$program" sim "$model" -p "Once upon a time" "$@" --report report >text 2>err
  status=$?
}
figures() { sed '/"host"/,$d' report; }
lines() { grep -v '^  simulated' err; }
whole() { figures && lines && cat text && echo "exit $status"; }

# equal N PARTS OPTION...: a run in N parts, in the end put together from PARTS, against one alone
equal() {
  jobs=$1
  parts=$2
  shift 2
  sim "$@"
  whole >one
  sim "$@" --jobs "$jobs"
  whole >many
  check "$model $*: --jobs $jobs differs: $(diff one many | head -n 5)" cmp -s one many
  check "$model $*: --jobs $jobs: not of $parts" grep -q "; put together from $parts part" err
}

# ---- runs that pass ----
model=$shipped
equal 2 2 -n 24
equal 3 3 -n 24
equal 2 2 -n 12 --temp 0.8 --top-k 5
for jobs in 1 3; do
  sim -n 20 --jobs $jobs --power power$jobs
done
checks=$((checks + 1))
diff -r power1 power3 >differ || { failed=$((failed + 1)) && echo "--power differs: $(head -n 3 differ)"; }
check "no power windows" [ "$(wc -l <power3/power.csv)" -gt 900 ]
model=m.gguf
equal 3 3 -n 40 --slots 1 --latency 9
equal 2 2 -n 20 --profile "$profile" --front-door
equal 4 4 -n 30 --no-reference --temp 2 --seed 5
equal 16 9 -n 46
equal 2 2 -n 20 --temp 1 --top-p 0.9 --repeat-penalty 1.3
equal 3 3 -n 200 # to the end of the context
check "the context did not end it" grep -q 'full context' err

# ---- a mixture of experts: what a part's tokens choose decides when the next begins ----
"$gguf" make experts.gguf --arch qwen2moe --layers 2 --experts 6 --experts-used 2 --vocab 300 --context 64 --type Q4_0 \
  >/dev/null || exit 1
model=experts.gguf
equal 3 3 -n 30
equal 2 2 -n 20 --temp 1 --seed 3
model=m.gguf

# ---- a text that ends before the last part begins ----
for seed in $(seq 1 200); do
  sim -n 40 --temp 100 --top-k 64 --seed "$seed" --backend golden
  grep -q 'end of generation' err && break
done
check "no text ended" grep -q 'end of generation' err
equal 4 '[123]' -n 40 --temp 100 --top-k 64 --seed "$seed"

# ---- faults: the first difference of a single run, wherever it is ----
sim -n 40
ids=$(tr -d '\n\t' <report | sed 's/.*"generated_tokens":[^[]*\[\([^]]*\)\].*/\1/; s/,/ /g')
late=
i=0
for id in $ids; do # one that comes for the first time in the last of three parts
  i=$((i + 1))
  case " $seen " in *" $id "*) ;; *) [ $i -gt 30 ] && [ $i -lt 40 ] && late=$id ;; esac
  seen="$seen $id"
done
check "no token is new in the last part" [ -n "$late" ]
at=$(row token_embd.weight "$late")
equal 3 3 -n 40 --flip-weight $((at + 2)):3
check "the late fault was not found: exit $status" [ $status = 1 ]
check "it is not the late token" grep -q "first difference: token $late " err
equal 3 3 -n 40 --port-error "$at"
check "the late error was not met: exit $status" [ $status = 3 ]
equal 3 3 -n 40 --fail fail --flip-weight $((at + 2)):3
check "no report of the late fault" grep -q "^first difference: token $late " fail/report.txt
check "it would be repeated in parts" sh -c '! grep -q -e --jobs fail/again'
equal 3 1 -n 40 --flip-weight $(($(row output.weight 200) + 12)):0
check "the early fault was not found: exit $status" [ $status = 1 ]
equal 3 1 -n 20 --miscount 3 # parts begin where they should not: the first goes on alone
equal 3 1 -n 40 --cycle-limit 61000
equal 2 2 -n 40 --cycle-limit 250000
check "no limit: exit $status" [ $status = 3 ]

# ---- parts by themselves, which survive; put together, and what is not there simulated ----
part() { # part K OPTION...: says what came of it in err
  k=$1
  shift
  "$program" sim "$model" -p "Once upon a time" --jobs 3 --parts P --part "$k" "$@" >text 2>err
  status=$?
}
together() { # together CASE PARTS OPTION...: as the run of one process
  case=$1
  parts=$2
  shift 2
  sim "$@"
  whole >one
  sim "$@" --jobs 3 --parts P
  whole >many
  check "$case: differs: $(diff one many | head -n 5)" cmp -s one many
  check "$case: not of $parts" grep -q "; put together from $parts part" err
}
for k in 3 1 2; do
  part $k -n 46
  check "part $k: exit $status" [ $status = 0 ]
  check "part $k: not told" grep -q "^part $k: tokens [0-9]* to [0-9]*\$" err
done
cp -r P kept
together "parts that are there" 3 -n 46
check "they were simulated again" diff -r P kept
part 2 -n 46
check "a part that is there is simulated again" grep -q "^part 2: was there" err
rm P/part-2
together "a part is missing" 3 -n 46
check "what was missing is not kept" [ -s P/part-2 ]
cp kept/* P
printf x | dd of=P/part-3 bs=1 seek=$(($(wc -c <P/part-3) / 2)) conv=notrunc 2>/dev/null
truncate -s 100 P/part-1
together "a part is damaged, one cut off" 3 -n 46
cp kept/* P
at=$(LC_ALL=C grep -abo '[0-9a-f]\{64\}' P/part-2 | sed -n '2s/:.*//p') # tokens of its seam
{ head -c "$at" P/part-2 && printf x && tail -c +$((at + 2)) P/part-2 | head -c -65; } >forged
{ cat forged && sha256sum <forged | head -c 64 && printf '\0'; } >P/part-2
together "seams that differ" 1 -n 46
together "parts of another run" 3 -n 46 --seed 2 --temp 1
rm -r P
late=$(($(row token_embd.weight "$late") + 2)):3
for k in 1 2 3; do part $k -n 40 --flip-weight $late; done
check "the late fault was not found by its part: exit $status" [ $status = 1 ]
check "it is not told" grep -q '^part 3: first difference' err
check "not the two parts before it: $(ls P)" [ "$(echo P/*)" = "P/part-1 P/part-2" ]
together "a late fault" 3 -n 40 --flip-weight $late
rm -r P
for k in 1 2 3; do part $k -n 20 --miscount 3; done
check "parts of a wrong prediction are kept" [ -z "$(ls P)" ]
together "a wrong prediction" 1 -n 20 --miscount 3
part 3 -n 6
check "a part of a short run: exit $status" [ $status = 0 ]
check "a part of a short run: not told" grep -q '^part 3: there is none' err
for k in 1 2 3; do
  part $k -n 40 --temp 100 --top-k 64 --seed "$seed"
  check "part $k of a text that ends: exit $status" [ $status = 0 ]
done
check "the text does not end before the last part" grep -q '^part 3: the text ends before it' err

# ---- killed processes ----
model=$shipped
sim -n 40
figures >one
mv text text.one
children() { cat "/proc/$1/task/$1/children"; }
for part in 1 2 3; do
  "$program" sim "$model" -p "Once upon a time" -n 40 --jobs 3 --report report >text 2>err &
  while kill -0 $! && [ "$(children $! | wc -w)" -lt 3 ]; do sleep 0.1; done
  sleep 0.5
  # shellcheck disable=SC2046
  set -- $(children $!)
  eval "kill -9 \$$part"
  wait $! 2>/dev/null
  check "part $part was killed: exit $?" [ $? = 0 ]
  figures >many
  check "part $part was killed: the report differs" cmp -s one many
  check "part $part was killed: the text differs" cmp -s text text.one
  check "part $part was killed: that is not told" grep -q 'run again: 1$' err
done

"$program" sim "$model" -p "Once upon a time" -n 40 --jobs 2 >text 2>err &
run=$!
while sleep 0.1 && kill -0 $run 2>/dev/null; do # the first one, whenever there is one
  # shellcheck disable=SC2046
  set -- $(children $run)
  [ $# = 0 ] || kill -9 "$1"
done
wait $run 2>/dev/null
check "killed again and again: exit $?" [ $? = 2 ]
check "killed again and again: not told" grep -q 'was ended 3 times, at last by signal 9' err

for signal in TERM KILL; do
  "$program" sim "$model" -p "Once upon a time" -n 200 --jobs 3 --report report >text 2>err &
  run=$!
  while kill -0 $run && [ "$(children $run | wc -w)" -lt 3 ]; do sleep 0.1; done
  all=$(children $run)
  rm -f report
  kill -$signal $run
  wait $run 2>/dev/null
  status=$?
  sleep 0.5
  for process in $all; do
    check "$signal: process $process goes on" sh -c "! grep -q '^State:.[RSD]' /proc/$process/status 2>/dev/null"
  done
  [ $signal = KILL ] && continue
  check "$signal: exit $status" [ $status = 130 ]
  check "$signal: no report of it" grep -q INTERRUPTED report
done

# ---- what does not go together ----
refused() { # refused TEXT OPTION...
  text=$1
  shift
  "$program" sim "$model" -p a -n 8 --jobs 2 "$@" >text 2>err
  status=$?
  check "$*: exit $status" [ $status = 2 ]
  check "$*: not told" grep -q "^lockstep: --jobs $text" err
  check "$*: more than a line" [ "$(wc -l <err)" = 1 ]
}
for option in "jitter 3" "gaps 3" "power-cap 5" "token-rate 9" "trace t" "timeline t" "commits c" \
  "checkpoint c" "start-token 3" "resume c" "flip-kv 3:1"; do
  # shellcheck disable=SC2086
  refused "does not go with --${option% *}" --$option
done
refused "does not go with --throttle" --throttle on
refused "goes with one prompt" -p b
for option in "--parts P" "--jobs 2 --part 1"; do
  # shellcheck disable=SC2086
  "$program" sim "$model" -p a -n 8 $option >text 2>err
  check "$option: exit $?" grep -q '^lockstep: --part.* needs --' err
done
refused "needs --backend rtl" --backend golden

[ $failed = 0 ] || { echo "FAIL jobs: $failed of $checks"; exit 1; }
echo "PASS jobs ($checks checks)"
