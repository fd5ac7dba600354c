// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// What follows from a window's energy (docs/power.md, to the bit): power, its peak and its
// smoothed value, the temperatures of die and package, and the pace that both ramps ask for. One
// multiplier that adds and shifts, 40 cycles a product, five products, and two divisions of 8
// steps: busy for about 230 cycles after start_i; all results change at once, in the cycle before
// step_o is high. Temperatures are signed, 2^-32 degrees C inside and 2^-16 at the ports, and kept
// below 512 degrees on either side of 0; they outlive clear_i.
`default_nettype none

module thermal (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        clear_i,        // soft reset: forgets power and the peak, not heat

  input  wire        start_i,        // pulse: a window has closed
  input  wire [63:0] total_i,        // its energy, fJ
  input  wire [63:0] heat_i,         // the part that heats the die, fJ
  output wire        busy_o,         // needs its clock
  output reg         step_o,         // pulse

  input  wire        initial_we_i,   // sets both temperatures and starts over
  input  wire [31:0] initial_i,      // 2^-16 degrees C, signed
  input  wire [31:0] ambient_i,
  input  wire [4:0]  speed_i,        // heat runs 2^speed times faster, 0..20
  input  wire [31:0] k_heat_i,       // 2^-40 of: 2^-32 degrees C per fJ
  input  wire [31:0] k_die_i,        // 2^-40 per window: die to package, seen by the die
  input  wire [31:0] k_package_i,    //   seen by the package
  input  wire [31:0] k_ambient_i,    //   package to ambient
  input  wire [31:0] k_power_i,      // 2^-40 of: microwatts per fJ of a window
  input  wire [3:0]  filter_i,       // power is smoothed over 2^filter windows

  input  wire [1:0]  enable_i,       // ramps: temperature, power
  input  wire [7:0]  pace_max_i,     // 1 counts as no pacing
  input  wire [31:0] ramp_start_i,   // 2^-16 degrees C, signed
  input  wire [31:0] ramp_end_i,
  input  wire [31:0] cap_start_i,    // microwatts
  input  wire [31:0] cap_end_i,

  output reg  [31:0] die_o,          // 2^-16 degrees C, signed
  output reg  [31:0] package_o,
  output reg  [31:0] die_peak_o,
  output reg  [31:0] power_o,        // of the window, microwatts
  output reg  [31:0] power_peak_o,
  output reg  [31:0] power_smooth_o,
  output reg  [7:0]  pace_o          // 1: no pacing
);

  localparam [2:0] REST = 3'd0, MULTIPLY = 3'd1, TAKE = 3'd2, DIVIDE = 3'd3, PACE = 3'd4;
  localparam signed [63:0] T_MAX = 64'sd2199023255551;   // just below 512 degrees

  reg        [2:0]  state_q, which_q;
  reg        [5:0]  count_q;
  reg signed [63:0] die_q, package_q, new_die_q, new_package_q;
  reg signed [63:0] x_q, acc_q;
  reg        [31:0] k_q;
  reg        [31:0] power_q;          // of the window, microwatts
  reg        [47:0] smooth_q;         // 2^-16 microwatts
  reg        [7:0]  quotient_q, pace_q;

  assign busy_o = state_q != REST || step_o;

  wire       [31:0] die = new_die_q[47:16];   // when the window is told

  function signed [63:0] clamp(input signed [63:0] t);
    clamp = t > T_MAX ? T_MAX : t < -T_MAX ? -T_MAX : t;
  endfunction

  wire signed [63:0] ambient = clamp({{16{ambient_i[31]}}, ambient_i, 16'd0});
  wire signed [63:0] start_t = clamp({{16{initial_i[31]}}, initial_i, 16'd0});
  wire signed [63:0] across  = die_q - package_q;
  wire signed [63:0] outward = package_q - ambient;
  wire        [63:0] heat    = heat_i > 64'hff_ffff_ffff ? 64'hff_ffff_ffff : heat_i;
  wire        [63:0] total   = |total_i[63:62] ? 64'h3fff_ffff_ffff_ffff : total_i;

  wire signed [63:0] sum       = acc_q + (k_q[0] ? x_q : 64'sd0);
  wire        [31:0] power_now = acc_q[63:32] != 32'd0 ? 32'hffffffff : acc_q[31:0];
  wire signed [48:0] rise      = ({1'b0, power_now, 16'd0} - {1'b0, smooth_q});
  wire signed [48:0] risen     = $signed({1'b0, smooth_q}) + (rise >>> filter_i);

  // The ramp: how far between start and end, in (pace_max - 1)ths.
  wire               of_power = which_q[0];
  reg  signed [33:0] value, from, to;
  always @* begin
    value = 34'sd0;
    from  = 34'sd0;
    to    = 34'sd0;
    if (state_q == DIVIDE || state_q == PACE) begin
      value = of_power ? {2'b00, smooth_q[47:16]} : {{2{die[31]}}, die};
      from  = of_power ? {2'b00, cap_start_i} : {{2{ramp_start_i[31]}}, ramp_start_i};
      to    = of_power ? {2'b00, cap_end_i} : {{2{ramp_end_i[31]}}, ramp_end_i};
    end
  end
  wire        [33:0] above = value - from;
  wire        [33:0] span  = to - from;
  wire        [7:0]  most  = pace_max_i == 8'd0 ? 8'd0 : pace_max_i - 8'd1;
  wire        [7:0]  trial = quotient_q | (8'd1 << count_q[2:0]);
  wire               fits  = {34'd0, trial} * {8'd0, span} <= {34'd0, most} * {8'd0, above};
  wire        [7:0]  ramp  = !enable_i[of_power] || value < from ? 8'd1 :
                             value >= to ? most + 8'd1 : quotient_q + 8'd1;

  always @(posedge clk_i)
    if (!rst_ni) begin
      state_q        <= REST;
      die_q          <= 64'sd107374182400;     // 25 degrees
      package_q      <= 64'sd107374182400;
      smooth_q       <= 48'd0;
      step_o         <= 1'b0;
      die_o          <= 32'h00190000;
      package_o      <= 32'h00190000;
      power_smooth_o <= 32'd0;
      die_peak_o     <= 32'h00190000;
      power_o        <= 32'd0;
      power_peak_o   <= 32'd0;
      pace_o         <= 8'd1;
    end else begin
      step_o <= 1'b0;
      case (state_q)
        REST: if (start_i) begin
          state_q <= MULTIPLY;
          which_q <= 3'd0;
          count_q <= 6'd0;
          acc_q   <= 64'sd0;
          x_q     <= heat << speed_i;
          k_q     <= k_heat_i;
        end
        MULTIPLY: begin                        // acc = floor(x * k / 2^40)
          acc_q   <= sum >>> 1;
          k_q     <= k_q >> 1;
          count_q <= count_q + 6'd1;
          if (count_q == 6'd39)
            state_q <= TAKE;
        end
        TAKE: begin
          state_q <= MULTIPLY;
          which_q <= which_q + 3'd1;
          count_q <= 6'd0;
          acc_q   <= 64'sd0;
          case (which_q)
            3'd0: begin new_die_q     <= die_q + acc_q;         x_q <= across <<< speed_i;
                        k_q           <= k_die_i;               end
            3'd1: begin new_die_q     <= new_die_q - acc_q;     k_q <= k_package_i; end
            3'd2: begin new_package_q <= package_q + acc_q;     x_q <= outward <<< speed_i;
                        k_q           <= k_ambient_i;           end
            3'd3: begin new_package_q <= new_package_q - acc_q; x_q <= total;
                        k_q           <= k_power_i;             end
            default: begin
              new_die_q     <= clamp(new_die_q);
              new_package_q <= clamp(new_package_q);
              power_q    <= power_now;
              smooth_q   <= risen[47:0];
              state_q    <= DIVIDE;
              which_q    <= 3'd0;
              count_q    <= 6'd7;
              quotient_q <= 8'd0;
            end
          endcase
        end
        DIVIDE: begin                          // quotient = floor(most * above / span)
          if (fits)
            quotient_q <= trial;
          count_q <= count_q - 6'd1;
          if (count_q == 6'd0)
            state_q <= PACE;
        end
        PACE: begin
          state_q    <= DIVIDE;
          which_q    <= 3'd1;
          count_q    <= 6'd7;
          quotient_q <= 8'd0;
          pace_q     <= ramp;
          if (of_power && !clear_i) begin
            state_q        <= REST;
            die_q          <= new_die_q;
            package_q      <= new_package_q;
            step_o         <= 1'b1;
            pace_o         <= ramp > pace_q ? ramp : pace_q;
            die_o          <= die;
            package_o      <= new_package_q[47:16];
            power_o        <= power_q;
            power_smooth_o <= smooth_q[47:16];
            if ($signed(die) > $signed(die_peak_o))
              die_peak_o <= die;
            if (power_q > power_peak_o)
              power_peak_o <= power_q;
          end
        end
        default: state_q <= REST;
      endcase
      if (clear_i || initial_we_i) begin
        state_q        <= REST;
        step_o         <= 1'b0;
        smooth_q       <= 48'd0;
        power_o        <= 32'd0;
        power_peak_o   <= 32'd0;
        power_smooth_o <= 32'd0;
        die_peak_o     <= die_o;
      end
      if (initial_we_i) begin
        die_q      <= start_t;
        package_q  <= start_t;
        die_o      <= start_t[47:16];
        package_o  <= start_t[47:16];
        die_peak_o <= start_t[47:16];
        pace_o     <= 8'd1;
      end
    end

`ifdef FORMAL
`include "common/formal.vh"
  // For any energy and any settings, which may change at any time, but that heat runs at most 2^20
  // times faster (docs/power.md).
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  reg        held_q;                  // neither has a window been told, nor a temperature set
  reg [31:0] die_then_q;
  reg [7:0]  pace_then_q;
  always @(posedge clk_i) begin
    held_q      <= rst_ni && !initial_we_i && !(state_q == PACE && of_power);
    die_then_q  <= die_o;
    pace_then_q <= pace_o;
  end
  always `LOCKSTEP_CHECKED begin
    if (!begun_q) assume (!rst_ni);
    if (begun_q) assume (speed_i <= 5'd20);
  end

  // The sums that a step takes, with a bit more than they are kept in.
  wire signed [64:0] wide_acc = {acc_q[63], acc_q}, wide_die = {new_die_q[63], new_die_q},
                     wide_package = {new_package_q[63], new_package_q};
  wire signed [64:0] product = wide_acc + (k_q[0] ? {x_q[63], x_q} : 65'sd0);
  wire signed [64:0] warmer  = {die_q[63], die_q} + wide_acc, colder = wide_die - wide_acc;
  wire signed [64:0] warmer_package = {package_q[63], package_q} + wide_acc;
  wire signed [64:0] colder_package = wide_package - wide_acc;
  localparam signed [63:0] MOST = 64'sh4000000000000000;   // 2^62
  localparam signed [63:0] HEATED = 64'sh0040000000000000;   // 2^54
  // Behind the bits of k the product only halves: 2^54 of 2^62 are left.
  wire [5:0] behind = count_q > 6'd32 ? count_q - 6'd32 : 6'd0;
  wire signed [63:0] limit = MOST >>> behind;
  wire multiplying = state_q == MULTIPLY || state_q == TAKE;
  always `LOCKSTEP_CHECKED if (begun_q) begin
    legal: assert (state_q <= PACE && (!multiplying || which_q <= 3'd4));
    // Whatever a window brings, temperatures stay below 512 degrees on either side of 0,
    bounds_1: assert (die_q <= T_MAX && die_q >= -T_MAX);
    bounds_2: assert (package_q <= T_MAX && package_q >= -T_MAX);
    bounds_3: assert ($signed(die_o) < 32'sh02000000 && $signed(die_o) >= -32'sh02000000);
    bounds_4: assert ($signed(package_o) < 32'sh02000000 && $signed(package_o) >= -32'sh02000000);
    // and no sum on the way to them wraps.
    if (state_q == MULTIPLY) no_wrap_1: assert (product[64] == product[63]);
    if (state_q == TAKE && which_q == 3'd0) no_wrap_2: assert (warmer[64] == warmer[63]);
    if (state_q == TAKE && which_q == 3'd1) no_wrap_3: assert (colder[64] == colder[63]);
    if (state_q == TAKE && which_q == 3'd2)
      no_wrap_4: assert (warmer_package[64] == warmer_package[63]);
    if (state_q == TAKE && which_q == 3'd3)
      no_wrap_5: assert (colder_package[64] == colder_package[63]);
    if (state_q == TAKE && which_q == 3'd4) no_wrap_6: assert (!risen[48]);
    peak_1: assert ($signed(die_peak_o) >= $signed(die_o));
    peak_2: assert (power_peak_o >= power_o);
    // What is told changes at the end of a window alone.
    if (held_q) whole: assert (die_o == die_then_q && pace_o == pace_then_q);
    // What induction rests on.
    if (state_q == DIVIDE || state_q == PACE) begin
      assert (which_q <= 3'd1 && new_die_q <= T_MAX && new_die_q >= -T_MAX);
      assert (new_package_q <= T_MAX && new_package_q >= -T_MAX);
    end
    if (multiplying) begin
      assert (state_q == TAKE ? count_q == 6'd40 : count_q < 6'd40);
      assert (count_q > 6'd32 ? k_q == 0 : ({1'b0, k_q} >> (6'd32 - count_q)) == 0);
      assert (x_q <= MOST && x_q >= -MOST && acc_q <= limit && acc_q >= -limit);
      if (which_q == 3'd0 || which_q == 3'd4) assert (x_q >= 0 && acc_q >= 0);
      if (which_q == 3'd1) assert (new_die_q <= 2 * HEATED && new_die_q >= -2 * HEATED);
      if (which_q == 3'd3) assert (new_package_q <= 2 * HEATED && new_package_q >= -2 * HEATED);
    end

    cover (state_q == MULTIPLY && k_q == 1 && acc_q != 0);
    cover (held_q && die_o == 32'sh01ffffff);
  end
`endif

endmodule

`default_nettype wire
