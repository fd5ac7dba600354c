#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Random templates say the same under Jinja2 itself (tests/unit/jinja_peer.py), where it is. Planted
# fault: a program that changes a letter.
#
#   tests/unit/test_jinja_peer.sh build/tests/test_jinja build/tests/jinja_peer
program=$1
out=$2
if ! python3 -c 'import jinja2' 2>/dev/null; then
  echo "SKIP jinja_peer: no Jinja2 for python3 (Debian: python3-jinja2)"
  exit 77
fi
mkdir -p "$out"
printf '#!/bin/sh\n"%s" lines | sed "s/Hello/Hallo/g"\n' "$program" >"$out/changed"
chmod +x "$out/changed"
if python3 tests/unit/jinja_peer.py "$out/changed" 300 1 >"$out/changed.txt"; then
  echo "FAIL jinja_peer: changed texts are not seen"
  exit 1
fi
exec python3 tests/unit/jinja_peer.py "$program" 3000 1
