#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The faults that `make mutate` and `make mutate-rtl` plant: which ones a source gives, none in comments,
# strings, directives and constants; that a switch brings them; the score, and explanations that explain
# nothing.
#
#   tests/unit/test_mutate.sh build/tests/mutate
out=$1
checks=0
failed=0
mkdir -p "$out"

is() { # is WHAT ACTUAL EXPECTED
  checks=$((checks + 1))
  [ "$2" = "$3" ] && return
  failed=$((failed + 1))
  printf '%s:\n%s\n' "$1" "$2"
}

cat >"$out/source.c" <<'END'
#define TWO (1 + 1)
/* a + b: 3 of them
 * 4 - 3 */
static int sum(int *a, int n) {
    int s = n - TWO; // 5 < 6
    if (n < 7 && !a["3 + 4"])
        a[n] = s;
    return s;
}
END
mutants() { awk -f scripts/mutate/mutants.awk "$1" | cut -f 1,4,5 | tr '\t' ' '; }
is "mutants" "$(mutants "$out/source.c")" '5 - +
5 n - TWO TWO - n
6 (n < 7 && !a["3 + 4"]) (0 && (n < 7 && !a["3 + 4"]))
6 (n < 7 && !a["3 + 4"]) (1 || (n < 7 && !a["3 + 4"]))
6 < <=
6 n < 7 7 < n
6 7 (7 + 1)
6 && ||
6 !  
7 a[n] = s; ;'

cat >"$out/source.v" <<'END'
// a + b
module sum #(parameter W = 4) (
  input  wire clk_i,
  input  wire [W-1:0] a_i,
  output wire [7:0] y_o
);
  localparam [3:0] TWO = 4'd2;   // 3 + 4
  wire [7:0] both = {{4{1'b0}}, a_i} - TWO;
  reg  [7:0] sum_q;
  integer i;
  reg seen;
  task see(input a); begin seen = a; end endtask
  always @(posedge clk_i)
    if (!a_i[0])
      for (i = 0; i < 2; i = i + 1) begin
        see(a_i[0]);
        sum_q[4*i +: 4] <= both[3:0];
      end
  assign y_o = sum_q < 8'd3 ? sum_q : both;
  wire unused = &both;
`ifdef FORMAL
  always @* assert (y_o + 1 != 0);
`endif
endmodule
END
rtl() { awk "$@" -f scripts/mutate/rtl.awk "$out/source.v"; }
both='{{4{1'"'b0"'}}, a_i} - TWO'
chosen="sum_q < 8'd3 ? sum_q : both"
is "mutants of RTL" "$(rtl -v upsets=0 | cut -f 1,4,5 | tr '\t' ' ')" "8 $both (($both) ^ ($both))
8 $both ~(($both) ^ ($both))
8 1'b0 (1'b0 + 1'd1)
8 - +
12 seen = a; ;
14 !a_i[0] 1'b0
14 !a_i[0] 1'b1
14 ! !!
14 [0] [(0)+1]
16 see(a_i[0]); ;
16 [0] [(0)+1]
17 sum_q[4*i +: 4] <= both[3:0]; ;
17 [4*i +: 4] [(4*i)+1 +: 4]
17 [3:0] [(3)+1:(0)+1]
19 $chosen (($chosen) ^ ($chosen))
19 $chosen ~(($chosen) ^ ($chosen))
19 < <=
19 sum_q < 8'd3 8'd3 < sum_q
19 8'd3 (8'd3 + 8'd1)"
is "upsets of RTL" "$(rtl -v upsets=1 | cut -f 1,4)" '17	sum_q[4*i +: 4] <= both[3:0];'

# While the switch is off the copy is the source; each number switches its own fault on.
if command -v iverilog >/dev/null; then
  printf '1 4\n2 12\n3 16\n' >"$out/picks"
  rtl -v picks="$out/picks" >"$out/planted.v"
  cat >"$out/bench.v" <<'END'
module bench;
  reg clk = 0;
  reg [3:0] a = 0;
  wire [7:0] y;
  integer n;
  sum u_sum (.clk_i(clk), .a_i(a), .y_o(y));
  initial begin
    u_sum.sum_q = 0;
    for (n = 0; n < 200; n = n + 1) begin
      a = n * 7 + n / 16;
      #1 clk = 1;
      #1 clk = 0;
      $display("%d", y);
    end
  end
endmodule
END
  said() { # said SOURCE [PLUSARG]
    iverilog -g2012 -o "$out/bench" "$out/bench.v" "$1" && vvp -n "$out/bench" "$2" | cksum
  }
  plain=$(said "$out/source.v" +none)
  is "no fault is switched on" "$(said "$out/planted.v" +none)" "$plain"
  for mutant in 1 2 3; do
    is "mutant $mutant tells" "$([ "$(said "$out/planted.v" "+mutant=$mutant")" = "$plain" ] && echo no)" ""
  done
fi

# A proof refuses a fault in its module, and not the module as it is.
if command -v yosys-smtbmc >/dev/null && command -v z3 >/dev/null; then
  mkdir -p "$out/proof"
  refused() { formal/prove --refuse "$out/proof" rtl/common/first_one.v && echo yes; }
  cp rtl/common/first_one.v "$out/proof/"
  is "no fault is refused" "$(refused)" ""
  awk -f scripts/mutate/rtl.awk rtl/common/first_one.v >"$out/proof/list"
  awk 'NR == FNR { if (!done++) { split($0, f, "\t") }; next }
    FNR == f[1] { $0 = substr($0, 1, f[2] - 1) f[5] substr($0, f[2] + f[3]) } { print }' \
    "$out/proof/list" rtl/common/first_one.v >"$out/proof/first_one.v"
  is "a fault is refused" "$(refused)" yes
fi

score() { awk -f scripts/mutate/score.awk "$out/explained" "$out/list" "$out/results" >"$out/score"; echo $?; }
printf 'r\tf/a.c\t5\t1\t1\t-\t+\tx = a - b;\n' >"$out/list"
printf 'killed\tsum\tf/a.c:5:1\t-\t+\tx = a - b;\n' >"$out/results"
: >"$out/explained"
is "all are killed" "$(score)" 0
is "their score" "$(grep -c '^\(f\|all\) .* 100.0%' "$out/score")" 2
sed -i 's/^killed\tsum/alive\t-/' "$out/results"
is "one is alive" "$(score)" 1
is "it is named" "$(head -n 2 "$out/score")" 'alive: f/a.c:5:1: - -> +
    x = a - b;'
printf 'f/a.c: - -> +\nx = a - b;\nb is 0\n' >"$out/explained"
is "it is explained" "$(score)" 0
printf 'f/a.c: - -> +\nx = a - c;\nb is 0\n' >>"$out/explained"
sed -i '3a\\' "$out/explained"
is "an explanation of none" "$(score)" 2
printf 'f/a.c: - -> +\nx = a - b;\n' >"$out/explained"
is "an explanation without a reason" "$(score)" 2

[ "$failed" -eq 0 ] && echo "PASS mutate ($checks checks)"
[ "$failed" -eq 0 ]
