#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# `make regress FARM=slurm` on a cluster of two nodes that all live on this machine: a node is killed
# with a case under way, and nothing is lost: every case ends as on one machine.
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
mkdir -p "$out/munge" "$out/state" "$out/one" "$out/two"
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
NodeName=one NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=1 State=UNKNOWN
NodeName=two NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=1 State=UNKNOWN
PartitionName=all Nodes=one,two Default=YES MaxTime=INFINITE State=UP
END
# Slurm before 23.11 needs no cgroups for all this, and does not know the word
case $(slurmd -V) in
  *" 22."* | *" 23.02."*) ;;
  *) echo "CgroupPlugin=disabled" >"$out/cgroup.conf" ;;
esac
export SLURM_CONF="$out/slurm.conf"
pids() { cat "$out/munge/pid" "$out/controller.pid" "$out/one/pid" "$out/two/pid" 2>/dev/null; }
bring_down() {
  for pid in $(pids); do kill "$pid" 2>/dev/null; done
  sleep 1
  for pid in $(pids); do kill -9 "$pid" 2>/dev/null; done
  rm -rf "$sockets"
}
trap bring_down EXIT
trap 'exit 130' INT TERM
munged --force --key-file="$out/munge/key" --socket="$sockets/munge" --pid-file="$out/munge/pid" \
  --log-file="$out/munge/log" --seed-file="$out/munge/seed" && slurmctld && slurmd -N one && slurmd -N two || {
  tail -n 5 "$out"/munge/log "$out"/*.log "$out"/*/log
  echo "FAIL farm: no cluster"
  exit 1
}
i=0
until [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 2 ] || [ $i -ge 300 ]; do sleep 0.2; i=$((i + 1)); done
[ $i -lt 300 ] || {
  tail -n 5 "$out"/*.log "$out"/*/log
  echo "FAIL farm: the nodes do not come up"
  exit 1
}

# ---- the same cases on one machine, then there ----
cat >"$out/matrix" <<'END'
smoke quick  small stories:Q8_0 PASS       -n 1 --no-reference
smoke long   small stories:Q8_0 PASS       -n 60 --no-reference
smoke later  small stories:Q8_0 PASS       -n 2 --no-reference
smoke wrong  small stories:Q8_0 DIFFERENCE -n 1 --miscount 1 --no-reference
END
export REGRESS_MATRIX="$out/matrix" REGRESS_BASELINE=/dev/null MAKE="${MAKE:-make}"
REGRESS="$out/here" scripts/regress/run >"$out/here.txt" 2>&1 || bad "on one machine: $(tail -n 3 "$out/here.txt")"
REGRESS="$out/there" FARM=slurm scripts/regress/run >"$out/there.txt" 2>&1 &
run=$!

# kill the node that works on `long` and what it runs
i=0
until pgrep -f "$out/there/cases/long/report.json" >"$out/long.pids" || [ $i -ge 300 ]; do sleep 0.1; i=$((i + 1)); done
node=$(squeue -h -t R -o '%K %N' | awk '$1 == 2 {print $2}')
[ -n "$node" ] || bad "no node works on the long case"
chain=$(head -n 1 "$out/long.pids") # the simulation and what started it, the daemon of the case first
[ -n "$chain" ] || {
  kill $run
  echo "FAIL farm: the long case does not begin: $(tail -n 3 "$out/there.txt")"
  exit 1
}
until [ "$(ps -o comm= -p "${chain%% *}")" = slurmstepd ] || [ "${chain%% *}" -le 1 ]; do
  chain="$(ps -o ppid= -p "${chain%% *}" | tr -d ' ') $chain"
done
kill -9 "$(cat "$out/$node/pid")" $chain
sleep 1
slurmd -N "$node" || bad "node $node does not come back"
wait $run || bad "there: exit $?: $(tail -n 5 "$out/there.txt")"
grep -q '^4 passed, 0 failed' "$out/there.txt" || bad "there: $(tail -n 5 "$out/there.txt")"
grep -qi "requeue" "$out/controller.log" || bad "no case went back into the queue"
for page in here there; do cut -f 1-4,6-8 "$out/$page/results" >"$out/$page.results"; done
cmp -s "$out/here.results" "$out/there.results" || bad "other results than on one machine: $(diff "$out/here.results" "$out/there.results")"

# ---- a farm that is none, and one that cannot be reached ----
FARM=cloud scripts/regress/run >"$out/said" 2>&1
[ $? -eq 2 ] && grep -q 'FARM=cloud is none of' "$out/said" || bad "FARM=cloud: $(tail -n 2 "$out/said")"

[ "$failed" = 0 ] && echo "PASS farm" && exit 0
tail -n 5 "$out/controller.log"
echo "FAIL farm: $failed checks"
exit 1
