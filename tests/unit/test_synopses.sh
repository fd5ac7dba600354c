#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The synopsis at the head of every header is working code: all of them are compiled as C++, each in
# a function of its own. Names that a synopsis leaves open become objects that turn into whatever is
# wanted; every function, member and argument of the project's own must be right. Planted faults: a
# function that is not there, an argument too many, a member of another name.
#
#   tests/unit/test_synopses.sh build/tests/synopses
out=$1
checks=0
failed=0
rm -rf "$out"
mkdir -p "$out"

cat >"$out/open.h" <<'END'
#include <stdlib.h>
#include <string.h>
struct any {
  template <class T> operator T &() const;
  template <class T> any &operator=(const T &);
  template <class... A> any operator()(A...) const;
  template <class T> any operator[](T) const;
  any operator&() const;
  any operator*() const;
};
template <class T> any operator+(T, any);
template <class T> any operator+(any, T);
template <class T> any operator/(T, any);
template <class T> bool operator<(T, any);
template <class T> bool operator!=(any, T);
template <class T> bool operator==(any, T);
END

# What stands open and has members, other than a struct of its own name: header, name, type.
cat >"$out/declared" <<'END'
csrc/gguf/dequant.h tensor const struct gguf_tensor *
csrc/golden/golden.h model const struct ls_model *
csrc/golden/golden_pool.h add_rows(void*,unsigned) void
csrc/reference/reference.h model const struct ls_model *
csrc/reference/reference_ops.h r struct ls_reference *
csrc/reference/reference_ops.h m const struct ls_model *
firmware/driver.h event struct fw_event
firmware/program_build.h m const struct fw_model *
firmware/roles.h model const struct fw_model *
firmware/loader.h tensor const struct fw_tensor *
sim/check/sim_power.h power struct sim_power
sim/check/sim_cycles.h cycles struct sim_cycles
sim/check/sim_choice.h slot struct cycles_slot
sim/check/sim_stop.h board struct scoreboard
csrc/golden/checkpoint.h checkpoint struct checkpoint
sim/run/sim_fail.h run struct sim_run *
sim/trace/timeline_ports.h stream struct timeline_stream
csrc/sampling/sampling.h room struct sampling_candidate *
sim/library/library.h device struct lockstep *
END

# compile FILE...: what is wrong with the synopses of these headers, a line each
compile() {
  # Structs by their names: `device` may stand for one, or for a pointer to one.
  find csrc sim firmware gguf_tools -name '*.h' -exec sed -n 's/^struct \([a-z_0-9]*\).*/\1/p' {} + |
    sort -u >"$out/structs"
  cp "$out/declared" "$out/open"
  while :; do
    awk -v open="$out/open" -v structs="$out/structs" '
      BEGIN {
        while ((getline line < open) > 0) {
          split(line, f, " ")
          type = line
          sub(/^[^ ]* [^ ]* /, "", type)
          names[f[1]] = names[f[1]] " " type " " f[2] ";"
          known[f[1], f[2]] = 1
        }
        while ((getline line < structs) > 0) is_struct[line] = 1
        print "#include \"open.h\""
        for (i = 1; i < ARGC; i++) print "#include \"" ARGV[i] "\""
        print "extern struct ls_error err;"
      }
      FNR == 1 { ends(); head = 1 }
      /^#/ { head = 0 }
      head && /^ \*     / {
        if (code == "") first = FNR
        file = FILENAME
        code = code substr($0, 8) "\n"
        next
      }
      code != "" { head = 0 } # only the first such lines are it
      # Opens those that have the name of a struct.
      function opens(   rest, name, more, seen) {
        rest = code
        while (match(rest, /[A-Za-z_][A-Za-z_0-9]*/)) {
          name = substr(rest, RSTART, RLENGTH)
          before = substr(rest, 1, RSTART - 1)
          rest = substr(rest, RSTART + RLENGTH)
          if (!(name in is_struct) || seen[name] || (file, name) in known || before ~ /(struct |[.>"])$/ || rest ~ /^[("]/) continue
          seen[name] = 1
          if (code ~ "struct [a-z_0-9]+ \\*?\\*?" name "[ ;=,]") continue # its own
          more = more " " (rest ~ /^\./ ? "struct " name " " : rest ~ /^->/ ? "struct " name " *" : "any ") name ";"
        }
        return more
      }
      function ends() {
        if (code != "")
          printf "int synopsis_%d(int argc, char **argv) {%s%s\n#line %d \"%s\"\n%s; return 0; }\n", ++n, opens(), names[file], first, file, code
        code = ""
      }
      END { ends() }' "$@" >"$out/all.cpp"
    g++ -std=gnu++20 -x c++ -fsyntax-only -fpermissive -w -D_GNU_SOURCE -I. -I"$out" "$out/all.cpp" 2>"$out/errors"
    # A function or macro of the project is not open: it is missing.
    sed -n "s/^\([^:]*\.h\):\([0-9]*\):.*error: .\([a-z][A-Za-z_0-9]*\). was not declared in this scope.*/\1 \2 \3/p" "$out/errors" |
      while read -r file line name; do
        case $name in
          *_*) sed -n "${line}p" "$file" | grep -q "$name(" && continue ;;
        esac
        echo "$file $name any"
      done | awk '!(($1 " " $2) in seen) { print } { seen[$1 " " $2] = 1 }' "$out/open" - >"$out/more"
    cmp -s "$out/open" "$out/more" && break
    mv "$out/more" "$out/open"
  done
  grep 'error: ' "$out/errors"
}

is() { # is WHAT ACTUAL EXPECTED
  checks=$((checks + 1))
  case $2 in $3) return ;; esac
  failed=$((failed + 1))
  echo "$1:"
  echo "$2" | sed 's/^/    /'
}

# Two groups, because both have a struct checkpoint. What is C++ anyway has no part in it.
headers() { find "$@" -name '*.h' ! -name fst_files.h | sort | xargs grep -l '^ \*     '; }
is "the host and the firmware" "$(compile $(headers csrc sim firmware))" ""
count=$(grep -c '^int synopsis_' "$out/all.cpp")
is "the tools" "$(compile $(headers gguf_tools))" ""
count=$((count + $(grep -c '^int synopsis_' "$out/all.cpp")))
checks=$((checks + count))
is "$count synopses" "$([ "$count" -gt 60 ] && echo many)" many

# planted CODE EXPECTED: the synopsis of a header of GGUF functions
planted() {
  printf '/* A head.\n *\n *     struct gguf *g;\n *     %s\n */\n#include "csrc/gguf/gguf.h"\n' "$1" >"$out/planted.h"
  is "planted: $1" "$(compile "$out/planted.h")" "$2"
}
planted 'gguf_open("model.gguf", &g, &err);' ""
planted 'gguf_opens("model.gguf", &g, &err);' "*planted.h:4:*gguf_opens*not declared*"
planted 'gguf_open("model.gguf", &g, 3, &err);' "*planted.h:4:*too many arguments*"
planted 'gguf_open("model.gguf", &g);' "*planted.h:4:*too few arguments*"
planted 'puts(g->file_name);' "*planted.h:4:*no member named*"
planted 'if (LOCKSTEP_OPENED) gguf_close(g);' "*planted.h:4:*LOCKSTEP_OPENED*not declared*"
rm -rf "$out"

[ "$failed" -eq 0 ] && echo "PASS synopses ($checks checks)"
[ "$failed" -eq 0 ]
