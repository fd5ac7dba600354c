#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Signals at random moments: what was promised is there. A run goes on from its newest checkpoint or
# with the parts that it has, a suite of cases with those that had ended, models are whole or not
# there, nothing goes on running, and the exit status says how it ended.
#
#   tests/system/test_signals.sh build/small/lockstep build/gguf build/tests/signals [SEED]
program=$PWD/$1
gguf=$PWD/$2
out=$PWD/$3
seed=${4:-1}
export OPENBLAS_NUM_THREADS=1
rm -rf "$out"
mkdir -p "$out"
checks=0
failed=0
check() { # check WHAT COMMAND...
  what=$1
  shift
  checks=$((checks + 1))
  "$@" && return
  failed=$((failed + 1))
  echo "$what"
}
# What a shell starts behind itself ignores INT, and would go on to; this does not.
plain() { exec env --default-signal=INT "$@"; }
any() { # any MOST: seconds from 0 to MOST
  seed=$((seed * 16807 % 2147483647))
  moment=$(awk -v s=$seed -v most="$1" 'BEGIN {printf "%.3f", s / 2147483647 * most}')
}
# Processes that have this in their command line, but for this script's own.
going() {
  for entry in /proc/[0-9]*; do
    [ "${entry#/proc/}" = $$ ] || ! { tr "\\0" " " <"$entry/cmdline"; } 2>/dev/null | grep -qF -e "$1" || echo "${entry#/proc/}"
  done
}
gone() { # gone TEXT: nothing that has it goes on
  sleep 0.1
  [ -z "$(going "$1")" ] && return 0
  echo "goes on: $(ps -o pid=,args= -p "$(going "$1" | paste -sd ,)")"
  return 1
}
ended() { # ended SIGNAL STATUS: a shell that the signal ends, or a program that tells of it
  case $1$2 in INT130 | TERM130 | HUP130 | KILL137) true ;; *) false ;; esac
}

# ---- a suite of cases ----
cat >"$out/matrix" <<'END'
smoke quick small made:llama:F32:dim=64:hidden=64:layers=1:heads=4 PASS -n 1 --no-reference
smoke long  small made:llama:F32:dim=64:hidden=64:layers=1:heads=4 PASS -n 100 --gaps 100 --no-reference
smoke other small made:llama:F32:dim=64:hidden=64:layers=1:heads=4 PASS -n 101 --gaps 100 --no-reference
END
export REGRESS="$out/regress" REGRESS_MATRIX="$out/matrix" REGRESS_BASELINE=/dev/null MAKE="${MAKE:-make}" JOBS=2
for signal in TERM INT HUP; do
  rm -rf "$REGRESS/cases"
  plain scripts/regress/run >"$out/said" 2>&1 &
  pid=$!
  until [ -s "$REGRESS/cases/quick/key" ] || ! kill -0 $pid 2>/dev/null; do sleep 0.05; done
  any 0.3
  sleep "$moment"
  kill -$signal $pid
  wait $pid
  status=$?
  check "regress, $signal: exit $status" [ $status = 130 ]
  check "regress, $signal: not told" grep -q '^regress: interrupted; the same command goes on' "$out/said"
  check "regress, $signal: processes" gone "$REGRESS/cases"
  check "regress, $signal: a result of what was stopped" sh -c "! grep -q ^fail '$REGRESS'/cases/*/result"
done
scripts/regress/run >"$out/said" 2>&1
check "regress, once more: exit $?" [ $? = 0 ]
check "regress, once more: what had ended is run again" grep -q 'pass quick (as before)' "$out/said"
check "regress, once more: $(tail -n 2 "$out/said")" grep -q '^3 passed, 0 failed' "$out/said"

# ---- a cluster: the jobs are cancelled ----
mkdir "$out/slurm"
for tool in sbatch squeue scancel; do
  printf '#!/bin/sh\necho %s "$@" >>"%s"\n[ %s = scancel ] || echo 77\n' $tool "$out/slurm/log" $tool >"$out/slurm/$tool"
  chmod +x "$out/slurm/$tool"
done
for command in "env FARM=slurm scripts/regress/run" "scripts/farm $out/farm $program -n 8"; do
  for signal in TERM INT HUP; do
    : >"$out/slurm/log"
    (
      PATH=$out/slurm:$PATH TYPED_MODEL=none TYPED_PROMPT=a
      export PATH TYPED_MODEL TYPED_PROMPT
      # shellcheck disable=SC2086
      plain $command
    ) >"$out/said" 2>&1 &
    pid=$!
    until grep -q squeue "$out/slurm/log" || ! kill -0 $pid 2>/dev/null; do sleep 0.05; done
    kill -$signal $pid
    wait $pid
    check "$command, $signal: exit $?" [ $? = 130 ]
    check "$command, $signal: the jobs are not cancelled" grep -q '^scancel 77$' "$out/slurm/log"
  done
done

# ---- a run: from its newest checkpoint, with the parts that it has ----
cd "$out" || exit 2
"$gguf" make m.gguf --dim 64 --hidden 64 --layers 1 --heads 2 --kv-heads 1 --vocab 300 --context 256 --type Q8_0 >/dev/null || exit 1
sim() { (plain "$program" sim m.gguf -p "Once upon" -n 60 --no-reference "$@"); }
sim_behind() { # sim_behind OPTION...: its process in $pid
  plain "$program" sim m.gguf -p "Once upon" -n 60 --no-reference "$@" >text 2>err &
  pid=$!
}
words() { sed '/"host"/,$d' "$1"; }
sim --report whole.json >whole 2>err || cat err
until_there() { while [ ! -s "$1" ] && kill -0 $pid 2>/dev/null; do sleep 0.02; done; }
for signal in TERM KILL INT HUP; do
  rm -f state
  sim_behind --gaps 200 --checkpoint state --every 3
  until_there state
  any 0.4
  sleep "$moment"
  kill -$signal $pid 2>/dev/null
  wait $pid
  status=$?
  check "checkpoint, $signal: exit $status: $(tail -n 1 err)" ended $signal $status
  sim --resume state >text 2>err
  check "checkpoint, $signal: it goes on with $?: $(tail -n 1 err)" [ $? = 0 ]
  check "checkpoint, $signal: another text" cmp -s text whole
done
check "checkpoints: something is left: $(ls)" [ -z "$(ls | grep part)" ]
parts=0
for signal in TERM KILL INT HUP; do
  rm -rf P
  sim_behind --jobs 4 --parts P
  until_there P/part-1
  any 0.3
  sleep "$moment"
  kill -$signal $pid 2>/dev/null
  wait $pid
  status=$?
  [ $status = 0 ] || check "parts, $signal: exit $status: $(tail -n 1 err)" ended $signal $status
  check "parts, $signal: processes" gone "sim m.gguf"
  parts=$((parts + $(ls P | grep -c '^part-')))
  sim --jobs 4 --parts P --report many.json >text 2>err
  check "parts, $signal: it goes on with $?: $(tail -n 1 err)" [ $? = 0 ]
  check "parts, $signal: another text" cmp -s text whole
  words whole.json >one && words many.json >many
  check "parts, $signal: another report" cmp -s one many
done
check "no part was kept" [ $parts -ge 4 ]

# ---- models; perplexity; a console ----
"$gguf" make right.gguf --type Q8_0 --dim 256 --hidden 512 --layers 4 >/dev/null
for signal in INT TERM HUP PIPE KILL; do
  for _ in 1 2 3; do
    rm -f x.gguf
    plain "$gguf" make x.gguf --type Q8_0 --dim 256 --hidden 512 --layers 4 >/dev/null 2>&1 &
    pid=$!
    any 0.15
    sleep "$moment"
    kill -$signal $pid 2>/dev/null
    wait $pid 2>/dev/null
    status=$?
    [ -e x.gguf ] || { check "gguf make, $signal: exit $status" [ $status -gt 128 ]; continue; }
    check "gguf make, $signal: a part" cmp -s x.gguf right.gguf
  done
done
check "gguf make: something is left: $(ls ./*part* 2>/dev/null)" [ -z "$(ls ./*part* 2>/dev/null)" ]
seq 1 4000 >text
for signal in INT TERM HUP; do
  plain "$program" perplexity m.gguf -f text --backend rtl >said 2>err &
  pid=$!
  until_there said
  any 0.3
  sleep "$moment"
  kill -$signal $pid
  wait $pid
  check "perplexity, $signal: exit $?: $(tail -n 1 err)" [ $? = 130 ]
done
for _ in 1 2 3 4 5 6 7 8 9; do echo infer Once; done >script
for signal in INT TERM HUP; do
  plain "$program" console m.gguf --file script --config tokens=200 >said 2>err &
  pid=$!
  until_there said
  any 0.2
  sleep "$moment"
  kill -$signal $pid
  wait $pid
  status=$?
  case $signal$status in INT130 | TERM143 | HUP129) ;; *) check "console, $signal: exit $status: $(cat err)" false ;; esac
done

[ "$failed" -eq 0 ] && echo "PASS signals ($checks checks)"
[ "$failed" -eq 0 ]
