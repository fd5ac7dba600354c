#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# `make farm` and `make regress FARM=slurm` on a cluster of four nodes that all live on this machine:
# nodes are killed with a part or a case under way, and nothing is lost: the run's report is that of
# one process, and every case ends as on one machine.
#
#   tests/system/test_farm.sh build/tests/farm
for tool in munged slurmctld slurmd sbatch; do
  PATH=$PATH:/usr/sbin
  command -v $tool >/dev/null || {
    echo "SKIP farm: $tool is not there (Debian's slurmctld, slurmd, slurm-client, munge)"
    exit 77
  }
done
out=$PWD/$1
rm -rf "$out"
mkdir -p "$out/munge" "$out/state" "$out/node1" "$out/node2" "$out/node3" "$out/node4"
failed=0
bad() {
  failed=$((failed + 1))
  echo "$@"
}

# ---- the cluster; a socket's name is short, so it lies in /tmp ----
sockets=$(mktemp -d /tmp/lockstep-farm.XXXXXX)
chmod 755 "$sockets"
chmod 700 "$out/munge"
me=$(id -un)
host=$(hostname -s)
port=$((20000 + $$ % 20000))
head -c 128 /dev/urandom >"$out/munge/key"
chmod 400 "$out/munge/key"
cat >"$out/slurm.conf" <<END
ClusterName=lockstep
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$me
SlurmdUser=$me
AuthType=auth/munge
AuthInfo=socket=$sockets/munge,cred_expire=5
SlurmctldPort=$port
SlurmctldPidFile=$out/controller.pid
SlurmctldLogFile=$out/controller.log
SlurmdPidFile=$out/%n/pid
SlurmdLogFile=$out/%n/log
SlurmdSpoolDir=$out/%n
StateSaveLocation=$out/state
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
SchedulerParameters=bf_interval=1
SlurmdTimeout=5
BatchStartTimeout=2
KillWait=2
$(for i in 1 2 3 4; do
  echo "NodeName=node$i NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + i)) CPUs=1 State=UNKNOWN"
done)
PartitionName=all Nodes=node[1-4] Default=YES MaxTime=INFINITE State=UP
END
# Slurm before 23.11 needs no cgroups for all this, and does not know the word
case $(slurmd -V) in
  *" 22."* | *" 23.02."*) ;;
  *) echo "CgroupPlugin=disabled" >"$out/cgroup.conf" ;;
esac
export SLURM_CONF="$out/slurm.conf"
pids() { cat "$out/munge/pid" "$out/controller.pid" "$out"/node?/pid 2>/dev/null; }
bring_down() {
  for pid in $(pids); do kill "$pid" 2>/dev/null; done
  sleep 1
  for pid in $(pids); do kill -9 "$pid" 2>/dev/null; done
  rm -rf "$sockets"
}
trap bring_down EXIT
trap 'exit 130' INT TERM
munged --force --key-file="$out/munge/key" --socket="$sockets/munge" --pid-file="$out/munge/pid" \
  --log-file="$out/munge/log" --seed-file="$out/munge/seed" && slurmctld &&
  slurmd -N node1 && slurmd -N node2 && slurmd -N node3 && slurmd -N node4 || {
  tail -n 5 "$out"/munge/log "$out"/*.log "$out"/*/log
  echo "FAIL farm: no cluster"
  exit 1
}
i=0
until [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 4 ] || [ $i -ge 300 ]; do sleep 0.2; i=$((i + 1)); done
[ $i -lt 300 ] || {
  tail -n 5 "$out"/*.log "$out"/*/log
  echo "FAIL farm: the nodes do not come up"
  exit 1
}

# kill_node WORDS: kills the node on which a process has such words, and what it runs
kill_node() {
  i=0
  until pgrep -f "$1" >"$out/pids" || [ $i -ge 300 ]; do sleep 0.1; i=$((i + 1)); done
  chain=$(head -n 1 "$out/pids") # the simulation and what started it, the daemon of the job first
  node=$(tr '\0' '\n' <"/proc/$chain/environ" | sed -n 's/^SLURMD_NODENAME=//p')
  [ -n "$node" ] || {
    kill $cases $parts
    echo "FAIL farm: no node works on $1: $(tail -n 3 "$out"/*.txt)"
    exit 1
  }
  until [ "$(ps -o comm= -p "${chain%% *}")" = slurmstepd ] || [ "${chain%% *}" -le 1 ]; do
    chain="$(ps -o ppid= -p "${chain%% *}" | tr -d ' ') $chain"
  done
  # shellcheck disable=SC2086
  kill -9 "$(cat "$out/$node/pid")" $chain
  sleep 1
  slurmd -N "$node" || bad "node $node does not come back"
}

# ---- on one machine: cases, a run ----
cat >"$out/matrix" <<'END'
smoke quick  small stories:Q8_0 PASS       -n 1 --no-reference
smoke long   small stories:Q8_0 PASS       -n 60 --no-reference
smoke later  small stories:Q8_0 PASS       -n 2 --no-reference
smoke wrong  small stories:Q8_0 DIFFERENCE -n 1 --miscount 1 --no-reference
END
export REGRESS_MATRIX="$out/matrix" REGRESS_BASELINE=/dev/null MAKE="${MAKE:-make}"
REGRESS="$out/here" scripts/regress/run >"$out/here.txt" 2>&1 || bad "on one machine: $(tail -n 3 "$out/here.txt")"
build/gguf make "$out/m.gguf" --dim 64 --hidden 64 --layers 4 --heads 2 --kv-heads 1 --vocab 300 --context 256 \
  --type Q8_0 >/dev/null || exit 1
export TYPED_MODEL="$out/m.gguf" TYPED_PROMPT="Once upon a time" OPENBLAS_NUM_THREADS=1
TYPED_ARGS="--power $out/power-one" scripts/sim build/small/lockstep -n 200 --report "$out/one.json" >"$out/one.text" 2>&1

# ---- then there, both at once; a node dies with a part under way, one with a case ----
TYPED_ARGS="--power $out/power-farm" JOBS=4 scripts/farm "$out/run" build/small/lockstep -n 200 >"$out/farm.text" 2>"$out/farm.txt" &
parts=$!
REGRESS="$out/there" FARM=slurm scripts/regress/run >"$out/there.txt" 2>&1 &
cases=$!
kill_node "$out/run/parts.*--part.3"
kill_node "$out/there/cases/long/report.json"

wait $cases || bad "cases: exit $?: $(tail -n 5 "$out/there.txt")"
grep -q '^4 passed, 0 failed' "$out/there.txt" || bad "cases: $(tail -n 5 "$out/there.txt")"
for page in here there; do cut -f 1-4,6-8 "$out/$page/results" >"$out/$page.results"; done
cmp -s "$out/here.results" "$out/there.results" || bad "other results than on one machine: $(diff "$out/here.results" "$out/there.results")"

wait $parts || bad "parts: exit $?: $(tail -n 3 "$out/farm.txt")"
for part in 1 2 3 4; do grep -q "^part $part: tokens" "$out/farm.txt" || bad "part $part did not come back: $(grep ^part "$out/farm.txt")"; done
for report in "$out/one.json" "$out/run/report.json"; do sed '/"host"/,$d' "$report" >"$report.words"; done
cmp -s "$out/one.json.words" "$out/run/report.json.words" ||
  bad "another report than of one process: $(diff "$out/one.json.words" "$out/run/report.json.words" | head -n 3)"
diff -r "$out/power-one" "$out/power-farm" >"$out/differ" || bad "another --power: $(head -n 3 "$out/differ")"
grep -q '"generated_tokens"' "$out/one.json.words" || bad "no tokens in the report"
[ "$(grep -c 'Requeuing JobId' "$out/controller.log")" -ge 2 ] || bad "they did not go back into the queue"
unset TYPED_MODEL TYPED_PROMPT

# ---- a farm that is none, and one that cannot be reached ----
FARM=cloud scripts/regress/run >"$out/said" 2>&1
[ $? -eq 2 ] && grep -q 'FARM=cloud is none of' "$out/said" || bad "FARM=cloud: $(tail -n 2 "$out/said")"

[ "$failed" = 0 ] && echo "PASS farm" && exit 0
tail -n 5 "$out/controller.log"
echo "FAIL farm: $failed checks"
exit 1
