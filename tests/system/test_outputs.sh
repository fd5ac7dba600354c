#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Every file that a run writes is complete or told of, and what cannot be written is told before the
# run: folders that are missing, full disks of any size, a closed or full standard output, Ctrl-C and
# a program that is killed. A difference stays exit status 1 whatever else fails.
#
#   tests/system/test_outputs.sh build/small/lockstep build/small-trace/lockstep build/tests/outputs
program=$PWD/$1
traced=$PWD/$2
gguf=$PWD/build/gguf
out=$3
export OPENBLAS_NUM_THREADS=1
rm -rf "$out"
mkdir -p "$out/disk"
cd "$out" || exit 2
checks=0
failed=0
bad() {
  failed=$((failed + 1))
  printf '%s\n' "$@"
  tail -n 3 err 2>/dev/null | sed 's/^/    /'
}
check() { # check WHAT COMMAND...
  what=$1
  shift
  checks=$((checks + 1))
  "$@" || bad "$what"
}
lacks() { ! grep -q "$@"; }

"$gguf" make m.gguf --dim 32 --hidden 32 --layers 1 --heads 2 --kv-heads 1 --vocab 260 --context 64 --type Q8_0 >/dev/null || exit 1
flip=$("$gguf" inspect --json m.gguf | sed -n 's/.*"data_offset":[^0-9]*\([0-9]*\).*/\1/p')
sim() { # sim PROGRAM OPTION...: its exit status in $status
  command=$1
  shift
  "$command" sim m.gguf -p ab -n 2 --no-reference "$@" >text 2>err
  status=$?
}

# ---- before the run ----
echo old >file
refused() { # refused PLACE OPTION...
  place=$1
  shift
  sim "$traced" "$@"
  check "$*: exit $status" [ $status -eq 2 ]
  check "$*: is not named" grep -q "^lockstep: $place.*: cannot be written: " err
  check "$*: more than one line" [ "$(wc -l <err)" = 1 ]
  check "$*: has run" [ ! -s text ]
}
for option in report trace checkpoint commits timeline; do
  for place in none/file file/file /proc/file; do
    refused $place --$option $place
  done
done
for option in report trace checkpoint commits; do refused disk --$option disk; done
# What is read, and what is written already, is not written over.
"$program" sim m.gguf -p ab -n 2 --no-reference --checkpoint state >/dev/null 2>err
echo ab >story
ln -s m.gguf link
cp m.gguf copy
apart() { # apart NAME OPTION...
  place=$1
  shift
  "$program" sim ./m.gguf --no-reference "$@" >text 2>err
  status=$?
  check "$*: exit $status" [ $status -eq 2 ]
  check "$*: is not told" grep -q "^lockstep: $place: the same file twice" err
  check "$*: more than one line" [ "$(wc -l <err)" = 1 ]
}
for option in report checkpoint commits; do
  apart m.gguf --text story --$option m.gguf
  apart link --text story --$option link
  apart ./story --text story --$option ./story
done
apart state -p ab -n 4 --resume state --report state
apart x -p ab -n 2 --report x --commits x
apart ./x -p ab -n 2 --commits x --checkpoint ./x
apart x.json -p ab -n 2 --timeline x --report x.json
check "the model is another" cmp -s m.gguf copy
sim "$program" --report /dev/null --commits /dev/null
check "one device twice: exit $status" [ $status -eq 0 ]
"$program" sim m.gguf -p ab -n 4 --no-reference --resume state --checkpoint state >/dev/null 2>err
check "a checkpoint in place of the one that it goes on from: exit $?" [ $? -eq 0 ]
"$gguf" quantize link m.gguf Q4_0 >/dev/null 2>err
check "gguf quantize into its input: exit $?" [ $? -eq 2 ]
check "gguf quantize into its input: is not told" grep -q "m.gguf: the same file twice" err
check "gguf quantize into its input: the input is another" cmp -s m.gguf copy
rm state story link copy
mkdir disk/x.svg
refused disk/x.svg --timeline disk/x
rmdir disk/x.svg
for place in file /proc/a/b file/b; do refused "[a-z/.]*" --fail $place; done
refused "file" --power file
mkdir -p fail/report.txt power/ops.csv
refused fail/report.txt --fail fail
refused power/ops.csv --power power
rm -r fail power
check "what is refused leaves something" [ "$(ls)" = "$(printf '%s\n' disk err file m.gguf text)" ]

# ---- standard output ----
for place in /dev/full '|'; do
  if [ "$place" = '|' ]; then
    { "$program" sim m.gguf -p ab -n 2 --no-reference 2>err; echo $? >status; } | true
    status=$(cat status)
  else
    "$program" sim m.gguf -p ab -n 2 --no-reference >/dev/full 2>err
    status=$?
  fi
  check "$place: exit $status" [ "$status" -eq 2 ]
  check "$place: is not told" grep -q "^lockstep: standard output: cannot be written: " err
done
"$program" sim m.gguf -p ab -n 2 --no-reference --commits commits >&- 2>err
check "closed standard output: exit $?" [ $? -eq 2 ]
check "closed standard output: a file in its place" [ ! -e commits ]
"$program" sim --help >/dev/full 2>err
check "help into a full device: exit $?" [ $? -eq 2 ]
for command in "--version" "serve --help" "perplexity --help" "console --help"; do
  "$program" $command >/dev/full 2>err
  check "$command into a full device: exit $?" [ $? -eq 2 ]
  check "$command into a full device: $(cat err)" [ "$(grep -c "^lockstep: standard output: cannot be written" err)" = 1 ]
done
"$gguf" --help >/dev/full 2>err
check "gguf: help into a full device: exit $?" [ $? -eq 1 ]
"$gguf" inspect m.gguf >/dev/full 2>err
check "gguf: inspect into a full device: exit $?" [ $? -eq 1 ]

# ---- a difference and a device error stay what they are ----
for place in "--report /dev/full" "--commits /dev/full" "--checkpoint /dev/full --every 1"; do
  sim "$program" $place
  check "$place: exit $status" [ $status -eq 2 ]
  check "$place: is not told" grep -q "^lockstep: /dev/full: cannot be written" err
done
for place in "--report /dev/full" "--commits /dev/full"; do
  sim "$program" $place --flip-weight $((flip + 40)):6
  check "a difference and $place: exit $status" [ $status -eq 1 ]
  check "a difference and $place: is not told" grep -q "^lockstep: /dev/full: cannot be written" err
  check "a difference and $place: no difference" grep -q "first difference" err
  sim "$program" $place --port-error $((flip + 40))
  check "a device error and $place: exit $status" [ $status -eq 3 ]
done
"$program" sim m.gguf -p ab -n 2 --no-reference --flip-weight $((flip + 40)):6 >/dev/full 2>err
check "a difference and a full standard output: exit $?" [ $? -eq 1 ]

# ---- a full disk ----
sim "$traced" --trace whole.fst
size=$(wc -c <whole.fst)
check "a trace of $size bytes" [ "$size" -gt 20000 ]
mounted=
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=4m tmpfs disk 2>/dev/null; then
  mounted=yes
  trap 'umount disk' EXIT
else
  echo "SKIP outputs: the part on a full file system: no permission to mount one"
fi
full() { # full KB OPTION FILE: with so much room, exit status 0 and a whole file or 2 and the old one
  kb=$1 option=$2 name=$3
  rm -rf disk/*
  echo old >disk/$name
  dd if=/dev/zero of=disk/filler bs=1k count=$((4096 - 4 - kb)) 2>/dev/null
  case $option in
    --power) sim "$traced" --power disk ;;
    --fail) sim "$traced" --fail disk --flip-weight $((flip + 40)):6 ;;
    --timeline) sim "$traced" --timeline disk/x ;;
    *) sim "$traced" $option disk/$name ;;
  esac
  told=$(grep -c "disk/$name: cannot be written" err)
  case $option$status in
    --fail1) [ "$told" = 1 ] && status=2 || status=0 ;;
  esac
  checks=$((checks + 2))
  if [ $status -eq 2 ]; then
    [ "$told" = 1 ] || bad "$option with $kb KB: not told once"
    [ "$(cat disk/$name)" = old ] || bad "$option with $kb KB: something half-written"
  else
    [ $status -eq 0 ] || bad "$option with $kb KB: exit $status"
    [ "$(cat disk/$name)" != old ] || bad "$option with $kb KB: nothing is written"
  fi
  check "$option with $kb KB: something is left" lacks part <<END
$(ls disk)
END
}
if [ -n "$mounted" ]; then
  for kb in 0 8 $((size / 2048)) $((size / 1024 - 4)); do
    full $kb --trace x.fst
    check "a trace with $kb KB" [ $status -eq 2 ]
  done
  full $((size / 1024 + 8)) --trace x.fst
  check "a trace that has room" [ "$(wc -c <disk/x.fst)" = "$size" ]
  for task in "--report x.json" "--commits x.log" "--checkpoint x.state" "--timeline x.json" "--power power.csv" \
    "--fail report.txt"; do
    full 0 $task
    check "$task on a full disk" [ $status -eq 2 ]
    full 2000 $task
    check "$task with room" [ $status -eq 0 ]
  done
  full 0 --report x.json
  "$gguf" make disk/x.json --dim 32 2>err
  check "gguf make on a full disk: exit $?" [ $? -eq 1 ]
  "$gguf" stories disk/x.json 2>err >/dev/null
  check "gguf stories on a full disk: exit $?" [ $? -eq 1 ]
  check "something half-written" [ "$(cat disk/x.json) $(ls disk | wc -l)" = "old 2" ]
fi

# As on a full disk, for those who may not mount one: no file grows beyond some blocks.
for blocks in 0 16 $((size / 1024)); do
  (ulimit -f $blocks && "$traced" sim m.gguf -p ab -n 2 --no-reference --trace limited.fst >/dev/null 2>&1)
  check "a trace of $blocks blocks: exit $?" [ $? -eq 2 ]
  check "a trace of $blocks blocks is there" [ ! -e limited.fst ]
done
for command in "make x.gguf" "stories x.gguf"; do
  (ulimit -f 8 && "$gguf" $command >/dev/null 2>&1)
  check "gguf $command, with a limit: exit $?" [ $? -eq 1 ]
  check "gguf $command, with a limit: is there" [ ! -e x.gguf ]
done

# ---- Ctrl-C, and a program that is killed ----
rm -rf run && mkdir run
end() { # end SIGNAL
  rm -f text
  "$traced" sim m.gguf -p ab -n 60 --slots 1 --report run/r.json --trace run/x.fst --timeline run/t --commits run/c \
    --no-reference >text 2>err &
  pid=$!
  while [ ! -s text ] && kill -0 $pid 2>/dev/null; do sleep 0.05; done
  kill "-$1" $pid
  wait $pid 2>/dev/null
  status=$?
}
end INT
check "Ctrl-C: exit $status" [ $status -eq 130 ]
check "Ctrl-C: files: $(ls run)" [ "$(ls run | grep -c -e r.json -e x.fst -e t.json -e '^c$')" = 4 ]
check "Ctrl-C: a report" grep -q '"verdict":.*INTERRUPTED' run/r.json
if command -v fst2vcd >/dev/null; then
  check "Ctrl-C: a trace" sh -c "fst2vcd -f run/x.fst 2>/dev/null | grep -q '^#1000$'"
fi
check "Ctrl-C: the end of the timeline" [ "$(tail -c 3 run/t.json)" = ']}' ]
for signal in TERM HUP; do
  rm -r run && mkdir run
  end $signal
  check "$signal: exit $status" [ $status -eq 130 ]
  check "$signal: files: $(ls run)" [ "$(ls run | grep -c -e r.json -e x.fst -e t.json -e '^c$')" = 4 ]
  check "$signal: a report" grep -q '"verdict":.*INTERRUPTED' run/r.json
done
"$gguf" make whole.gguf --type F32 --dim 256 --hidden 512 --layers 4 >/dev/null
"$gguf" quantize whole.gguf right.gguf Q8_0 >/dev/null
for signal in INT TERM HUP PIPE KILL; do
  for moment in 0.01 0.03 0.09; do
    rm -f x.gguf
    "$gguf" quantize whole.gguf x.gguf Q8_0 >/dev/null 2>&1 &
    pid=$!
    sleep $moment
    kill -$signal $pid 2>/dev/null
    wait $pid 2>/dev/null
    status=$?
    [ -e x.gguf ] || { check "gguf quantize, $signal: exit $status" [ $status -gt 128 ]; continue; }
    check "gguf quantize, $signal: a part" cmp -s x.gguf right.gguf
  done
done
check "gguf quantize: something is left: $(ls ./*part* 2>/dev/null)" [ -z "$(ls ./*part* 2>/dev/null)" ]
rm -r run && mkdir run
end KILL
check "killed: something is left: $(ls run)" [ -z "$(ls run | grep -v part)" ]

[ "$failed" -eq 0 ] && echo "PASS outputs ($checks checks)"
[ "$failed" -eq 0 ]
