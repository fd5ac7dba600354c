#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# What is given to make arrives as it was typed, on its command line and in the environment, whatever
# it holds: a program in place of the simulation writes down its arguments. And: goals side by side,
# a folder with a blank in its name. It runs in a tree of links, in which nothing is built.
#
#   tests/system/test_make.sh build/tests/make
out=$1
rm -rf "$out"
mkdir -p "$out/tree/build/small" "$out/tree/build/small-trace" "$out/tree/build/faults/seen-trace" "$out/tree/bin"
here=$PWD
for entry in *; do
  [ "$entry" = build ] || ln -s "$here/$entry" "$out/tree/$entry"
done
cd "$out/tree" || exit 2
unset DISPLAY MAKEFLAGS
real=$(command -v "${MAKE:-make}")
export real
checks=0
failed=0

program() { # program FILE: the rest of the script is its text
  { echo '#!/bin/sh'; cat; } >"$1"
  chmod +x "$1"
}
program bin/make <<'END'
case " $* " in *" build/"*) [ -z "$BUILDS" ] || echo "$*" >>said ;; *) exec "$real" MAKE=bin/make CONFIG=small "$@" ;; esac
END
program bin/dpkg-query <<'END'
echo installed
END
PATH=$PWD/bin:$PATH
program build/small/lockstep <<'END'
for word; do printf '[%s]' "$word"; done >said
END
cp build/small/lockstep build/small-trace/
cp build/small/lockstep build/faults/seen-trace/

bad() {
  failed=$((failed + 1))
  printf '%s\n' "$@"
}

run() { # run WORD...: make
  rm -f said
  bin/make "$@" >log 2>&1
}

# got WHAT PART...: what the program got has each PART
got() {
  what=$1
  shift
  for part; do
    checks=$((checks + 1))
    case $(cat said 2>/dev/null) in
      *"$part"*) ;;
      *) bad "$what: not $part but:" "$(cat said log 2>/dev/null | head -n 5)" ;;
    esac
  done
}

newline='a
b'
texts() { # texts COMMAND...: with each text that a shell or make might read otherwise
  for text in 'two  words' "It's" 'a "word"' '`touch canary`' '$(touch canary)' '$HOME' '$$' '$$HOME' '$' '$(' '${' \
    '$(shell touch canary)' '$(error no)' '$(PROMPT)' 'back\slash' 'end\' '\\n \t' '#hash' 'a#b' '%' '%s%d' ';exit 3' \
    '& | > <' '*' '~' '!' '-n' '--help' ':=' '=' 'a,b)(' "'" '"' '"'"'" "$newline" 'é ✓ 😀'; do
    "$@" "$text"
  done
  text=$(printf 'latin \351') && "$@" "$text"
}

# Every variable that is handed on holds the text.
all() {
  model=$1 text=$1
  case $1 in -*) model=./$1 ;; esac
  for goal in sim waves; do
    set -- PROMPT MODEL N THROTTLE
    [ $goal = sim ] || set -- "$@" TOKEN OP LAYER CYCLES TRIGGER
    parts="[sim][$model][-p][$text][-n][$text]"
    for from in make environment; do
      if [ $from = make ]; then
        eval "run $goal $(for v; do printf '%s="$text" ' "$v"; done)"
      else
        (for v; do eval "export $v=\"\$text\""; done && run $goal)
      fi
      got "$goal, from $from" "$parts" "[--throttle][$text]"
      [ $goal = sim ] || got "$goal, from $from" \
        "[--token][$text][--op][$text][--layer][$text][--cycles][$text][--trigger][$text]"
    done
  done
}
texts all

# Words of ARGS: quoted as for a shell, but nothing is expanded.
while IFS='|' read -r typed words; do
  run sim "ARGS=$typed"
  got "ARGS=$typed" "[build/fail]$words"
  (export ARGS="$typed" && run timeline)
  got "ARGS=$typed in the environment" "$words"
done <<'END'
--temp 1|[--temp][1]
--op "a b"  'c d'|[--op][a b][c d]
a\ b "it's" 'a "b"'|[a b][it's][a "b"]
$HOME `touch canary` $(touch canary) $$|[$HOME][`touch][canary`][$(touch][canary)][$$]
* ~ ; & > # % !|[*][~][;][&][>][#][%][!]
'' "" end|[][][end]
😀 \\ "\n"|[😀][\][\n]
END
run sim "ARGS=it's"
checks=$((checks + 2))
grep -q "ARGS: a quote is open: it's" log || bad "an open quote in ARGS: $(cat log)"
[ ! -e said ] || bad "an open quote in ARGS: run all the same"

# Names that are looked up are refused as they were typed.
refused() {
  for case in "waves TOKEN=1 LIST" "waves TOKEN=1 FORMAT" "fault FAULT" "debug TOKEN"; do
    run ${case% *} "${case##* }=$1"
    checks=$((checks + 2))
    case $(cat log) in
      *"${case##* }=$1 is"* | *"which token?"*) ;;
      *) bad "make $case=$1: $(cat log)" ;;
    esac
    [ ! -e said ] || bad "make $case=$1 runs"
  done
}
for text in '"; touch canary; "' '$(touch canary)' '`touch canary`' '$(shell touch canary)' "it's" 'a  b' '\n'; do
  refused "$text"
done
for config in small.x 'small default' % '$(shell touch canary)' ''; do
  checks=$((checks + 2))
  "$real" sim "CONFIG=$config" >log 2>&1 && bad "CONFIG=$config is taken"
  grep -qF "CONFIG=$config is none of default small" log || bad "CONFIG=$config: $(cat log)"
done

# What make debug says is next can be typed: the same text arrives again.
next() {
  run debug TOKEN=3 "PROMPT=$1"
  got "make debug PROMPT=$1" "[-p][$1]"
  line=$(sed -n '/^  next token/,$p' log | sed '1s/^  next token  *make //')
  eval "run $line"
  got "make $line" "[-p][$1]"
}
program build/small-trace/lockstep <<'END'
for word; do printf '[%s]' "$word"; done >said
echo >build/debug/token.fst
END
texts next

checks=$((checks + 1))
[ ! -e canary ] || bad "something that was typed has been executed"

# Several goals, verbs and files alike: one after the other, in their order, each once.
program build/small/lockstep <<'END'
case $* in *timeline*) echo timeline ;; *) echo sim ;; esac >>said
END
export BUILDS=yes
run -j4 timeline sim clean build
checks=$((checks + 2))
[ "$(tr '\n' '|' <said)" = "-j2 build/small/lockstep|timeline|-j2 build/small/lockstep|sim|-j2 build/lockstep build/gguf|" ] ||
  bad "make -j4 timeline sim clean build: $(cat said log)"
[ ! -e build ] || bad "make clean leaves build/"
mkdir build

# A folder with a blank in its name: one line.
mkdir "../a tree" && cp -P ./* "../a tree/" 2>/dev/null
checks=$((checks + 1))
"$real" -C "../a tree" help >log 2>&1 && bad "make works in a folder with a blank"
[ "$(grep -c "its name has a blank" log)" = 1 ] && [ "$(grep -vc '^make.*directory' log)" = 1 ] || bad "a folder with a blank: $(cat log)"

[ "$failed" -eq 0 ] && echo "PASS make ($checks checks)"
[ "$failed" -eq 0 ]
