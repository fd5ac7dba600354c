// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Front door: gathers words of the bus into beats of a channel and writes them to the weight memory
// there, one single-beat AXI4 burst at a time, with strobes for what was gathered. CRC-32
// (IEEE 802.3, reflected) runs over the bytes appended since the address was set. A command waits,
// with load_ready_o low, until the beat before it has been acknowledged; after timeout_i cycles
// (0: never) it is given up. err_o: that, or the memory answered other than OKAY. clear_i forgets
// what is gathered; a burst that has begun ends as the protocol demands, unheeded.
`default_nettype none
`include "generated/device.vh"
`include "generated/defaults.vh"

module loader #(
  parameter PORT_BITS = `LOCKSTEP_DEFAULT_PORT_BITS,
  parameter CHANNELS  = `LOCKSTEP_DEFAULT_CHANNELS,
  parameter PART      = PORT_BITS / CHANNELS   // of a channel; derived, not to be set
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  input  wire                   clear_i,
  input  wire [31:0]            timeout_i,

  input  wire [`LOCKSTEP_LOAD_W-1:0]   load_i,
  output wire                          load_ready_o,
  output wire                          load_late_o,  // a command is given up, in this cycle
  output wire [`LOCKSTEP_LOADER_W-1:0] loader_o,
  output reg                    err_o,

  // The burst, and bits of each channel; one of them is at work.
  output wire [CHANNELS-1:0]    m_axi_awvalid_o,
  input  wire [CHANNELS-1:0]    m_axi_awready_i,
  output wire [39:0]            m_axi_awaddr_o,
  output wire [7:0]             m_axi_awlen_o,
  output wire [2:0]             m_axi_awsize_o,
  output wire [1:0]             m_axi_awburst_o,
  output wire [CHANNELS-1:0]    m_axi_wvalid_o,
  input  wire [CHANNELS-1:0]    m_axi_wready_i,
  output reg  [PART-1:0]        m_axi_wdata_o,
  output reg  [PART/8-1:0]      m_axi_wstrb_o,   // words that have been gathered
  output wire                   m_axi_wlast_o,
  input  wire [CHANNELS-1:0]    m_axi_bvalid_i,
  output wire [CHANNELS-1:0]    m_axi_bready_o,
  input  wire [2*CHANNELS-1:0]  m_axi_bresp_i
);

  wire        cmd_valid = load_i[`LOCKSTEP_LOAD_VALID];
  wire [1:0]  cmd       = load_i[`LOCKSTEP_LOAD_CMD];
  wire [31:0] cmd_data  = load_i[`LOCKSTEP_LOAD_DATA];

  localparam WORDS = PART / 32;
  localparam LANE  = $clog2(WORDS);      // bits of a word's place in a beat
  localparam BYTE  = LANE + 2;           // bits of a byte's place in a beat

  localparam [1:0] WORD = 2'd0, LOW = 2'd2;   // commands

  // The remainder of `crc` and four bytes more, the lowest first.
  function [31:0] crc_step(input [31:0] crc, input [31:0] word);
    integer i;
    begin
      crc_step = crc ^ word;
      for (i = 0; i < 32; i = i + 1)
        crc_step = {1'b0, crc_step[31:1]} ^ (crc_step[0] ? 32'hedb88320 : 32'd0);
    end
  endfunction

  reg                 pending_q;
  reg [37:0]          start_q;           // as set, in words
  reg [37:0]          next_q;            // word that comes next
  reg [37-LANE:0]     beat_q;            // beat that is gathered or written, of all channels
  reg                 writing_q, aw_done_q, w_done_q, forget_q;
  reg [31:0]          crc_q, wait_q;

  wire [LANE-1:0] lane      = next_q[LANE-1:0];
  wire            take_word = cmd_valid && cmd == WORD && !writing_q;
  wire            can_take  = !writing_q && (cmd == WORD || !pending_q);
  wire            set_addr  = cmd_valid && cmd[1] && can_take;
  wire            late      = cmd_valid && writing_q && timeout_i != 32'd0 && wait_q >= timeout_i;
  wire            go        = take_word ? &lane
                                        : cmd_valid && cmd != WORD && pending_q && !writing_q;

  // Beats go round the channels.
  localparam [CHANNELS-1:0] FIRST = 1;
  localparam CHANNEL_W = $clog2(CHANNELS);
  wire [37-LANE:0]    round = beat_q >> CHANNEL_W;
  wire [37-LANE:0]    which = beat_q & ~({(38 - LANE){1'b1}} << CHANNEL_W);
  wire [CHANNELS-1:0] at    = FIRST << which;
  wire [2*CHANNELS-1:0] answer = m_axi_bresp_i >> {which, 1'b0};
  wire [1:0]          bresp = answer[1:0];
  wire            answered  = (m_axi_bvalid_i & m_axi_bready_o) != 0;

  assign load_ready_o = can_take || late;
  assign load_late_o  = late;
  assign loader_o[`LOCKSTEP_LOADER_ADDR]    = {start_q, 2'b00};   // as last set, bytes
  assign loader_o[`LOCKSTEP_LOADER_BUSY]    = writing_q;
  assign loader_o[`LOCKSTEP_LOADER_PENDING] = pending_q;          // words are gathered, not written
  assign loader_o[`LOCKSTEP_LOADER_CRC]     = ~crc_q;

  assign m_axi_awvalid_o = writing_q && !aw_done_q ? at : {CHANNELS{1'b0}};
  assign m_axi_awaddr_o  = {round, {BYTE{1'b0}}};
  assign m_axi_awlen_o   = 8'd0;
  assign m_axi_awsize_o  = BYTE[2:0];
  assign m_axi_awburst_o = 2'b01;
  assign m_axi_wvalid_o  = writing_q && !w_done_q ? at : {CHANNELS{1'b0}};
  assign m_axi_wlast_o   = 1'b1;
  assign m_axi_bready_o  = writing_q && aw_done_q && w_done_q ? at : {CHANNELS{1'b0}};

  always @(posedge clk_i)
    if (!rst_ni) begin
      start_q       <= 38'd0;
      next_q        <= 38'd0;
      m_axi_wdata_o <= 0;
      m_axi_wstrb_o <= 0;
      pending_q     <= 1'b0;
      writing_q     <= 1'b0;
      err_o         <= 1'b0;
      crc_q         <= 32'hffffffff;
      wait_q        <= 32'd0;
    end else begin
      err_o  <= (answered && bresp != 2'b00 && !forget_q && !clear_i) || late;
      wait_q <= cmd_valid && !load_ready_o ? wait_q + 32'd1 : 32'd0;
      if (take_word) begin
        m_axi_wdata_o[32*lane +: 32] <= cmd_data;
        m_axi_wstrb_o[4*lane +: 4]   <= 4'hf;
        pending_q                    <= 1'b1;
        beat_q                       <= next_q[37:LANE];
        next_q                       <= next_q + 38'd1;
        crc_q                        <= crc_step(crc_q, cmd_data);
      end
      if (set_addr) begin
        if (cmd == LOW) begin
          start_q[29:0] <= cmd_data[31:2];
          next_q        <= {start_q[37:30], cmd_data[31:2]};
        end else begin
          start_q[37:30] <= cmd_data[7:0];
          next_q         <= {cmd_data[7:0], start_q[29:0]};
        end
        crc_q <= 32'hffffffff;
      end
      if (go) begin
        writing_q <= 1'b1;
        aw_done_q <= 1'b0;
        w_done_q  <= 1'b0;
        forget_q  <= 1'b0;
      end
      if ((m_axi_awvalid_o & m_axi_awready_i) != 0)
        aw_done_q <= 1'b1;
      if ((m_axi_wvalid_o & m_axi_wready_i) != 0)
        w_done_q <= 1'b1;
      if (answered) begin
        writing_q     <= 1'b0;
        m_axi_wstrb_o <= 0;
        pending_q     <= 1'b0;
      end
      if (clear_i) begin
        forget_q <= 1'b1;
        if (!writing_q || answered) begin
          m_axi_wstrb_o <= 0;
          pending_q     <= 1'b0;
        end
      end
    end

`ifdef FORMAL
`include "common/formal.vh"
  // Assumed: the bus keeps a command until it is taken, and a soft reset comes in the cycle behind
  // an access, when there is none (rtl/bus/axil_slave.v, `held` and `gap`). Nothing is assumed of
  // the memory.
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  reg waited_q;                       // a command was not taken in the cycle before
  reg [34:0] waiting_q;
  always @(posedge clk_i) begin
    waited_q  <= rst_ni && cmd_valid && !load_ready_o;
    waiting_q <= load_i;
  end
  always `LOCKSTEP_CHECKED begin
    if (!begun_q) assume (!rst_ni);
    if (begun_q && waited_q) assume (load_i == waiting_q);
    if (begun_q) assume (!(cmd_valid && clear_i));
  end

  // Bursts whose parts have gone, and answers; and for any one place in a beat and any bit of it
  // the newest word that was taken there and must still be written.
  (* anyconst *) wire [LANE-1:0] place;
  wire aw = (m_axi_awvalid_o & m_axi_awready_i) != 0, w = (m_axi_wvalid_o & m_axi_wready_i) != 0;
  wire b  = (m_axi_bvalid_i & m_axi_bready_o) != 0;
  reg  bad;                           // an answer that is not OKAY is taken
  integer i;
  always @* begin
    bad = 1'b0;
    for (i = 0; i < CHANNELS; i = i + 1)
      bad = bad || (m_axi_bvalid_i[i] && m_axi_bready_o[i] && m_axi_bresp_i[2*i+:2] != 2'b00);
  end
  wire took = cmd_valid && load_ready_o && !load_late_o;
  wire word = took && cmd == WORD;
  reg        aw_q, w_q;               // of the burst at work: accepted
  reg        aw_held_q, w_held_q, failed_q, forgotten_q, left_q;
  reg [39:0] aw_addr_q;
  reg [CHANNELS-1:0] aw_valid_q, w_valid_q;
  reg [PART-1:0]     w_data_q;
  reg [PART/8-1:0]   w_strb_q;
  reg [31:0] lasted_q;                // cycles for which the command has waited
  reg [39:0] set_q;                   // address as last set
  reg [39:0] at_q, word_at_q;         // byte that the next word goes to, and that one did
  reg        word_q;                  // there is such a word
  reg [31:0] word_data_q;
  wire [39:0] set = !took || !cmd[1] ? set_q :
                    cmd == LOW ? {set_q[39:32], cmd_data[31:2], 2'b00} :
                                 {cmd_data[7:0], set_q[31:0]};
  always @(posedge clk_i)
    if (!rst_ni) begin
      {aw_q, w_q, aw_held_q, w_held_q, failed_q, forgotten_q, word_q, left_q} <= 8'd0;
      {set_q, at_q} <= 80'd0;
      lasted_q <= 32'd0;
    end else begin
      lasted_q <= cmd_valid && !load_ready_o ? lasted_q + 32'd1 : 32'd0;
      if (aw || b) aw_q <= !b;
      if (w || b)  w_q  <= !b;
      aw_held_q  <= m_axi_awvalid_o != 0 && !aw;
      w_held_q   <= m_axi_wvalid_o != 0 && !w;
      aw_valid_q <= m_axi_awvalid_o;
      w_valid_q  <= m_axi_wvalid_o;
      aw_addr_q <= m_axi_awaddr_o;
      w_data_q  <= m_axi_wdata_o;
      w_strb_q  <= m_axi_wstrb_o;
      // A soft reset while a burst is under way: its answer is not told.
      forgotten_q <= !b && (forgotten_q || clear_i) && loader_o[`LOCKSTEP_LOADER_BUSY];
      failed_q    <= (bad && !forgotten_q && !clear_i) || load_late_o;
      set_q <= set;
      if (word) at_q <= at_q + 40'd4;
      else if (took && cmd[1]) at_q <= set;
      if (word && at_q[BYTE-1:2] == place) begin
        word_q      <= 1'b1;
        word_at_q   <= at_q;
        word_data_q <= cmd_data;
      end else if (b)
        word_q <= 1'b0;
      if (clear_i && (b || !loader_o[`LOCKSTEP_LOADER_BUSY])) word_q <= 1'b0;
      left_q <= loader_o[`LOCKSTEP_LOADER_PENDING] && took && cmd != WORD;
    end

  wire [CHANNELS-1:0] its_channel = FIRST << word_at_q / (PART / 8) % CHANNELS;

  always `LOCKSTEP_CHECKED if (begun_q) begin
    if (aw_held_q)
      held_1: assert (m_axi_awvalid_o == aw_valid_q && m_axi_awaddr_o == aw_addr_q);
    if (w_held_q)
      held_2: assert ({m_axi_wvalid_o, m_axi_wdata_o, m_axi_wstrb_o} ==
                      {w_valid_q, w_data_q, w_strb_q});
    // An address, a beat and an answer a burst, and nothing else until it is answered.
    if (m_axi_awvalid_o != 0) one_burst_1: assert (!aw_q);
    if (m_axi_wvalid_o != 0)  one_burst_2: assert (!w_q && m_axi_wlast_o && m_axi_awlen_o == 0);
    one_burst_3: assert ((m_axi_bready_o != 0) == (aw_q && w_q));
    if (aw_q || w_q || m_axi_awvalid_o != 0 || m_axi_wvalid_o != 0)
      one_burst_4: assert (!took && loader_o[`LOCKSTEP_LOADER_BUSY]);
    // A beat writes the words that were taken for it, at their place, and no other byte.
    if (m_axi_wvalid_o != 0) begin
      words_1: assert (m_axi_wstrb_o[4*place +: 4] == (word_q ? 4'hf : 4'h0));
      if (word_q) words_2: assert (m_axi_wdata_o[32*place +: 32] == word_data_q);
    end
    if (m_axi_awvalid_o != 0 && word_q)
      place_1: assert (m_axi_awaddr_o == word_at_q / (PORT_BITS / 8) * (PART / 8));
    if (m_axi_awvalid_o != 0)
      place_2: assert (m_axi_awsize_o == BYTE && m_axi_awburst_o == 2'b01);
    // All of it goes to the channel that holds the word.
    if (word_q && m_axi_awvalid_o != 0) channel_1: assert (m_axi_awvalid_o == its_channel);
    if (word_q && m_axi_wvalid_o != 0) channel_2: assert (m_axi_wvalid_o == its_channel);
    if (word_q && m_axi_bready_o != 0) channel_3: assert (m_axi_bready_o == its_channel);
    // What is gathered is written before the address changes, and before a flush is over.
    no_loss_1: assert (!left_q);
    if (word_q) no_loss_2: assert (loader_o[`LOCKSTEP_LOADER_PENDING]);
    // A command waits as long as it may, and no longer.
    if (load_late_o)
      late_1: assert (timeout_i != 0 && lasted_q >= timeout_i && cmd_valid && load_ready_o);
    if (timeout_i != 0 && lasted_q > timeout_i && cmd_valid && loader_o[`LOCKSTEP_LOADER_BUSY])
      late_2: assert (load_ready_o);
    // Each answer but OKAY is told, but for bursts that a soft reset has forgotten.
    error: assert (err_o == failed_q);
    // What induction rests on.
    assert (wait_q == lasted_q);
    assert (aw_q == (writing_q && aw_done_q) && w_q == (writing_q && w_done_q));
    assert (next_q == at_q[39:2] && at_q[1:0] == 0 && {start_q, 2'b00} == set_q);
    assert (forgotten_q == (writing_q && forget_q));
    assert (m_axi_wstrb_o[4*place +: 4] == (word_q ? 4'hf : 4'h0));
    if (word_q)
      assert (pending_q && beat_q == word_at_q[39:BYTE] && word_at_q[BYTE-1:2] == place &&
              m_axi_wdata_o[32*place +: 32] == word_data_q);
    if (writing_q) assert (pending_q);
    if (pending_q && !writing_q) assert (beat_q == next_q[37:LANE] && lane != 0);

    cover (b && bresp == 2'b10 && word_q);
    cover (m_axi_wvalid_o[CHANNELS-1] && aw_q && m_axi_wstrb_o[3:0] == 0 &&
           m_axi_wstrb_o[7:4] == 4'hf);
    cover (m_axi_awvalid_o != 0 && w_q && m_axi_awaddr_o[38:31] == 1);
    cover (b && forgotten_q && bresp != 0);
    cover (err_o && writing_q && word_q);
  end
`endif

endmodule

`default_nettype wire
