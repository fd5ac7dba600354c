// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// AXI4 read manager of the weights, of CHANNELS channels. It holds a queue of fetches (a byte range
// and a tag each) and reads them in order, as INCR bursts of whole beats that stay inside 4 KiB of
// a channel; up to 8 are outstanding, each asked for only when the beat FIFO has room for it, so R
// is never stalled. The oldest fetch stays at the head of the queue until head_pop_i.
//
// A beat has a part from every channel, at the same address of each. So all channels are asked for
// the same bursts; each takes them and answers in its own time, and the next burst is asked for
// when all have taken the one before.
//
// ARID is the epoch: beats of another one are dropped, so clear_i needs no drain. Behind it the
// epoch goes on to one of which no channel owes a burst, a step a cycle, and nothing is asked for
// before: however late an answer comes, it is not taken for another. AR is stable until accepted,
// even through clear_i.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module weight_port #(
  parameter PORT_BITS = `LOCKSTEP_DEFAULT_PORT_BITS,  // of all channels: 128..8192, a power of two
  parameter CHANNELS  = `LOCKSTEP_DEFAULT_CHANNELS,   // of 128..1024 bits each, a power of two
  parameter BEATS     = `LOCKSTEP_DEFAULT_BEATS,    // depth of the beat FIFO
  parameter TAGW      = 32,
  parameter EPOCH_W   = 4   // bits of ARID in use
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  input  wire                            clear_i,
  input  wire [31:0]                     timeout_i,
  // Fetches; bytes > 0
  input  wire                            fetch_valid_i,
  output wire                            fetch_ready_o,
  input  wire [39:0]                     fetch_addr_i,
  input  wire [39:0]                     fetch_bytes_i,
  input  wire [TAGW-1:0]                 fetch_tag_i,
  // The oldest fetch: the byte of its first beat where it begins, how many beats it has
  output wire                            head_valid_o,
  output wire [$clog2(PORT_BITS/8)-1:0]  head_byte_o,
  output wire [36:0]                     head_beats_o,
  output wire [TAGW-1:0]                 head_tag_o,
  input  wire                            head_pop_i,
  // Beat FIFO: push_o takes a channel's part of m_axi_rdata_i; beat_i: with it a beat is whole;
  // freed_i beats leave it; wanted_i: someone waits for one
  output wire [CHANNELS-1:0]             push_o,
  input  wire                            beat_i,
  input  wire [$clog2(BEATS):0]          freed_i,
  input  wire                            wanted_i,
  // AXI4 read: the burst that is asked for, the same of every channel, at an address in it; bits
  // of each channel; R data goes straight to the FIFO
  output wire [3:0]                      m_axi_arid_o,
  output wire [39:0]                     m_axi_araddr_o,
  output wire [7:0]                      m_axi_arlen_o,
  output wire [2:0]                      m_axi_arsize_o,
  output wire [1:0]                      m_axi_arburst_o,
  output wire [CHANNELS-1:0]             m_axi_arvalid_o,
  input  wire [CHANNELS-1:0]             m_axi_arready_i,
  input  wire [4*CHANNELS-1:0]           m_axi_rid_i,
  input  wire [2*CHANNELS-1:0]           m_axi_rresp_i,
  input  wire [CHANNELS-1:0]             m_axi_rlast_i,
  input  wire [CHANNELS-1:0]             m_axi_rvalid_i,
  output wire [CHANNELS-1:0]             m_axi_rready_o,
  // Errors, high for one cycle, and an event
  output wire                            err_o,
  output wire [7:0]                      err_code_o,
  output wire [TAGW-1:0]                 err_tag_o,
  output reg                             burst_o  // asked for in the cycle before
);

  localparam SIZE = $clog2(PORT_BITS / 8);  // log2 of a beat's bytes, 4..10
  localparam PART = SIZE - $clog2(CHANNELS);  // and of a channel's part of it, 4..7
  localparam BEAT_W = 40 - SIZE;  // address in beats
  localparam PAGE_W = $clog2(`LOCKSTEP_PORT_PAGE) - PART;  // beat within 4 KiB of a channel
  localparam LEVEL_W = $clog2(BEATS) + 1;
  localparam EPOCHS = 1 << EPOCH_W;
  // An eighth of the FIFO a burst: then 8 bursts fill it.
  localparam BURST_WANTED = BEATS / 8 < 1 ? 1 : BEATS / 8;
  localparam BURST = BURST_WANTED > (1 << PAGE_W) ? (1 << PAGE_W) : BURST_WANTED;

  // The queue: fetches from head_q to issue_q - 1 are asked for in full, issue_q is at work.
  reg [3:0] head_q, issue_q, tail_q;
  reg [BEAT_W-1:0] beat_addr_q[0:7];
  reg [SIZE-1:0] byte_q[0:7];
  reg [36:0] beats_q[0:7];
  reg [TAGW-1:0] tag_q[0:7];

  wire [40:0] end_bytes = {{(41 - SIZE) {1'b0}}, fetch_addr_i[SIZE-1:0]} + {1'b0, fetch_bytes_i} +
      {{(41 - SIZE) {1'b0}}, {SIZE{1'b1}}};
  wire unused_end = &end_bytes[SIZE-1:0];
  wire fetch = fetch_valid_i && fetch_ready_o;
  assign fetch_ready_o = tail_q - head_q != `LOCKSTEP_PORT_FETCHES && !clear_i;
  always @(posedge clk_i)
    if (fetch) begin
      beat_addr_q[tail_q[2:0]] <= fetch_addr_i[39:SIZE];
      byte_q[tail_q[2:0]] <= fetch_addr_i[SIZE-1:0];
      beats_q[tail_q[2:0]] <= {{(SIZE - 4) {1'b0}}, end_bytes[40:SIZE]};
      tag_q[tail_q[2:0]] <= fetch_tag_i;
    end

  assign head_valid_o = head_q != tail_q;
  assign head_byte_o = byte_q[head_q[2:0]];
  assign head_beats_o = beats_q[head_q[2:0]];
  assign head_tag_o = tag_q[head_q[2:0]];

  // The next burst.
  reg [BEAT_W-1:0] addr_q;
  reg [36:0] left_q;  // beats of the fetch at work that are not yet asked for
  reg [TAGW-1:0] issue_tag_q;
  wire [PAGE_W:0] page_left = {1'b1, {PAGE_W{1'b0}}} - {1'b0, addr_q[PAGE_W-1:0]};
  wire [12:0] page_len = {{(12 - PAGE_W) {1'b0}}, page_left};
  wire [12:0] burst_len = page_len < BURST[12:0] ? page_len : BURST[12:0];
  wire [12:0] len = left_q < {24'd0, burst_len} ? left_q[12:0] : burst_len;

  reg [LEVEL_W-1:0] room_q;  // beats of the FIFO that are free and not promised
  reg [CHANNELS-1:0] arvalid_q;
  wire [CHANNELS-1:0] full;  // as many bursts outstanding as may be
  wire ar_free = (arvalid_q & ~m_axi_arready_i) == 0;
  reg [EPOCH_W-1:0] epoch_q;
  reg seeking_q;  // of epoch_q bursts may be owed from before clear_i
  wire may_issue = !clear_i && !seeking_q && left_q != 0 && full == 0 &&
      {{(13 - LEVEL_W) {1'b0}}, room_q} >= len;
  wire issue = ar_free && may_issue;
  wire load = left_q == 0 && issue_q != tail_q;

  // Bursts that were asked for and, by each channel, that have ended.
  reg [3:0] burst_tail_q;
  wire [4*CHANNELS-1:0] burst_head;

  // What pins say goes straight into registers where it can: a simulator looks at it once a cycle.
  wire [CHANNELS-1:0] refused, owes;
  genvar c;
  generate
    for (c = 0; c < CHANNELS; c = c + 1) begin : g_channel
      reg [3:0] ended_q;
      wire [3:0] bursts = burst_tail_q - ended_q;  // outstanding
      wire [EPOCH_W-1:0] rid = m_axi_rid_i[4*c+:EPOCH_W];
      wire own = bursts != 0 && !clear_i && m_axi_rvalid_i[c] && rid == epoch_q;
      assign burst_head[4*c+:4] = ended_q;
      assign full[c] = bursts == `LOCKSTEP_PORT_BURSTS;
      assign refused[c] = own && m_axi_rresp_i[2*c+:2] != 2'b00;
      assign push_o[c] = own && m_axi_rresp_i[2*c+:2] == 2'b00;
      always @(posedge clk_i)
        if (!rst_ni) ended_q <= 4'd0;
        else if (clear_i) ended_q <= 4'd0;
        else if (own && m_axi_rlast_i[c]) ended_q <= ended_q + 4'd1;

      // Bursts of each epoch that were asked for before clear_i and have not ended. While some of
      // epoch_q are outstanding it owes none of these.
      reg [4*EPOCHS-1:0] owed_q;
      wire last = m_axi_rvalid_i[c] && m_axi_rlast_i[c];
      assign owes[c] = owed_q[4*epoch_q+:4] != 4'd0;
      always @(posedge clk_i)
        if (!rst_ni) owed_q <= 0;
        else begin
          if (clear_i && bursts != 0)
            owed_q[4*epoch_q+:4] <= bursts - {3'd0, last && rid == epoch_q};
          if (last && owed_q[4*rid+:4] != 4'd0) owed_q[4*rid+:4] <= owed_q[4*rid+:4] - 4'd1;
        end
    end
  endgenerate

  always @(posedge clk_i)
    if (!rst_ni) begin
      epoch_q   <= 0;
      seeking_q <= 1'b0;
    end else if (clear_i) seeking_q <= 1'b1;
    else if (seeking_q) begin
      seeking_q <= owes != 0;
      if (owes != 0) epoch_q <= epoch_q + 1'b1;
    end

  reg [EPOCH_W-1:0] arid_q;
  reg [BEAT_W-1:0] araddr_q;
  reg [7:0] arlen_q;
  always @(posedge clk_i)
    if (!rst_ni) arvalid_q <= 0;
    else arvalid_q <= issue ? {CHANNELS{1'b1}} : arvalid_q & ~m_axi_arready_i;
  always @(posedge clk_i)
    if (issue) begin
      arid_q   <= epoch_q;
      araddr_q <= addr_q;
      arlen_q  <= len[7:0] - 8'd1;
    end

  // The tag of each burst that is outstanding, to name it if it fails.
  reg [TAGW-1:0] burst_tag_q[0:7];
  always @(posedge clk_i) if (issue) burst_tag_q[burst_tail_q[2:0]] <= issue_tag_q;

  always @(posedge clk_i)
    if (!rst_ni) burst_o <= 1'b0;
    else burst_o <= issue;

  wire [LEVEL_W-1:0] taken = issue ? len[LEVEL_W-1:0] : {LEVEL_W{1'b0}};
  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      {head_q, issue_q, tail_q, burst_tail_q} <= 16'd0;
      left_q <= 37'd0;
      room_q <= BEATS[LEVEL_W-1:0];
    end else begin
      if (fetch) tail_q <= tail_q + 4'd1;
      if (head_pop_i) head_q <= head_q + 4'd1;
      if (load) begin
        issue_q <= issue_q + 4'd1;
        left_q  <= beats_q[issue_q[2:0]];
      end else if (issue) left_q <= left_q - {24'd0, len};
      if (issue) burst_tail_q <= burst_tail_q + 4'd1;
      room_q   <= room_q - taken + freed_i;
    end
  always @(posedge clk_i)
    if (load) begin
      addr_q <= beat_addr_q[issue_q[2:0]];
      issue_tag_q <= tag_q[issue_q[2:0]];
    end else if (issue) addr_q <= addr_q + {{(BEAT_W - 13) {1'b0}}, len};

  // How long the beat that someone waits for has not come.
  reg [31:0] late_q;
  reg err_q, err_late_q;
  reg [TAGW-1:0] err_tag_q;
  always @(posedge clk_i)
    if (!rst_ni) begin
      late_q <= 32'd0;
      err_q  <= 1'b0;
    end else begin
      late_q <= 32'd0;
      err_q  <= 1'b0;
      if (refused != 0) begin : g_refused
        integer k;
        err_q      <= 1'b1;
        err_late_q <= 1'b0;
        for (k = CHANNELS - 1; k >= 0; k = k - 1)
          if (refused[k]) err_tag_q <= burst_tag_q[burst_head[4*k+:3]];
      end else if (wanted_i && !beat_i && timeout_i != 0 && !clear_i) begin
        late_q <= late_q + 32'd1;
        if (late_q >= timeout_i) begin
          err_q      <= 1'b1;
          err_late_q <= 1'b1;
          err_tag_q  <= head_tag_o;
        end
      end
    end

  assign err_o = err_q;
  assign err_code_o = err_late_q ? `LOCKSTEP_ERROR_PORT_TIMEOUT : `LOCKSTEP_ERROR_PORT_RESPONSE;
  assign err_tag_o = err_tag_q;

  assign m_axi_arid_o = {{(4 - EPOCH_W) {1'b0}}, arid_q};
  assign m_axi_araddr_o = {{SIZE{1'b0}}, araddr_q} << PART;
  assign m_axi_arlen_o = arlen_q;
  assign m_axi_arsize_o = PART[2:0];
  assign m_axi_arburst_o = 2'b01;
  assign m_axi_arvalid_o = arvalid_q;
  assign m_axi_rready_o = {CHANNELS{1'b1}};

`ifdef FORMAL
`include "common/formal.vh"
  localparam PART_BITS = PORT_BITS / CHANNELS;
  // Assumed of who is around: fetches are of some bytes that end below 2^40 (validator, prefetch);
  // beats leave the FIFO only if they are in it, and a fetch is popped when all its beats have been
  // asked for (aligner). Assumed of the memory: a burst has as many beats as were asked for, the
  // last of them marked, and bursts of one ID and channel are answered in their order.
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;

  // The burst asked for in the cycle before stands on AR now (burst_o). Of each channel: parts of
  // beats in the FIFO; parts that were asked for and have not yet come; bursts that have not ended.
  wire [12:0] beats = {5'd0, m_axi_arlen_o} + 13'd1;
  reg [LEVEL_W*CHANNELS-1:0] level_q, promised_q;
  reg [4*CHANNELS-1:0]       asked_q;
  reg [CHANNELS-1:0]         ar_held_q;   // AR was offered and not taken
  reg [EPOCH_W-1:0] epoch_then_q;         // the cycle before
  reg               cleared_q, failed_q, refused_q;
  reg [56:0]        ar_q;
  reg [31:0]        waited_q;             // cycles in which someone waited for a beat
  wire [LEVEL_W-1:0] asked_now = burst_o && !cleared_q ? beats[LEVEL_W-1:0] : 0;
  wire [56:0]        ar = {m_axi_arid_o, m_axi_araddr_o, m_axi_arlen_o, m_axi_arsize_o,
                           m_axi_arburst_o};
  wire [CHANNELS-1:0] here, comes, refuses, ends, in_room, in_order, in_number;
  wire [LEVEL_W*CHANNELS-1:0] promised;
  wire [4*CHANNELS-1:0] asked;
  wire [4*EPOCHS*CHANNELS-1:0] owed_all;

  // Any one epoch of any one channel: bursts and beats of it that were asked for before a soft
  // reset and have not come.
  (* anyconst *) wire [2:0] any;
  wire [2:0] which = {1'b0, any} < CHANNELS ? any : 3'd0;
  (* anyconst *) wire [EPOCH_W-1:0] old_id;
  reg [3:0]         old_bursts_q;
  reg [LEVEL_W-1:0] old_beats_q;
  wire old_last = m_axi_rlast_i[which];
  wire old_here = m_axi_rvalid_i[which] && m_axi_rid_i[4*which+:EPOCH_W] == old_id &&
                  old_bursts_q != 0;
  always @(posedge clk_i)
    if (!rst_ni) begin
      old_bursts_q <= 4'd0;
      old_beats_q  <= 0;
    end else if (clear_i && old_id == epoch_q && asked[4*which+:4] != 0) begin
      old_bursts_q <= asked[4*which+:4] - (here[which] && old_last);
      old_beats_q  <= promised[LEVEL_W*which+:LEVEL_W] - here[which];
    end else if (old_here) begin
      old_bursts_q <= old_bursts_q - old_last;
      old_beats_q  <= old_beats_q - 1'b1;
    end
  always `LOCKSTEP_CHECKED
    if (begun_q && old_here)
      assume (old_last ? old_beats_q >= old_bursts_q && (old_bursts_q != 1 || old_beats_q == 1) :
                         old_beats_q > old_bursts_q);
  generate
    for (c = 0; c < CHANNELS; c = c + 1) begin : g_formal
      wire [LEVEL_W-1:0] level = level_q[LEVEL_W*c+:LEVEL_W];
      wire [LEVEL_W-1:0] owed = promised_q[LEVEL_W*c+:LEVEL_W] + asked_now;
      wire [3:0] under_way = asked_q[4*c+:4] + (burst_o && !cleared_q ? 4'd1 : 4'd0);
      assign promised[LEVEL_W*c+:LEVEL_W] = owed;
      assign asked[4*c+:4] = under_way;
      assign here[c] = m_axi_rvalid_i[c] && m_axi_rid_i[4*c+:EPOCH_W] == epoch_q &&
                       under_way != 0 && !(old_here && which == c);
      assign owed_all[4*EPOCHS*c+:4*EPOCHS] = g_channel[c].owed_q;
      assign comes[c] = here[c] && !clear_i;
      assign refuses[c] = comes[c] && m_axi_rresp_i[2*c+:2] != 0;
      assign ends[c] = comes[c] && m_axi_rlast_i[c];
      always @(posedge clk_i)
        if (!rst_ni || clear_i) begin
          level_q[LEVEL_W*c+:LEVEL_W]    <= 0;
          promised_q[LEVEL_W*c+:LEVEL_W] <= 0;
          asked_q[4*c+:4]                <= 4'd0;
        end else begin
          level_q[LEVEL_W*c+:LEVEL_W]    <= level + push_o[c] - freed_i;
          promised_q[LEVEL_W*c+:LEVEL_W] <= owed - comes[c];
          asked_q[4*c+:4]                <= under_way - ends[c];
        end
      always `LOCKSTEP_CHECKED begin
        if (begun_q) assume (freed_i <= level);
        // Every burst under way owes a beat at least, and without one there is none.
        if (begun_q && here[c] && m_axi_rlast_i[c])
          assume (owed >= under_way && (under_way != 1 || owed == 1));
        if (begun_q && here[c] && !m_axi_rlast_i[c]) assume (owed > under_way);
      end
      assign in_room[c]   = {1'b0, level} + owed <= BEATS;
      assign in_number[c] = under_way <= 8;
      // What induction rests on: less than free after a refusal.
      assign in_order[c]  = under_way == g_channel[c].bursts && under_way <= owed &&
                            {1'b0, room_q} + level + owed <= BEATS &&
                            (!burst_o || asked_q[4*c+:4] < 8);
    end
  endgenerate
  wire overdue = wanted_i && !beat_i && refuses == 0 && timeout_i != 0 && waited_q >= timeout_i;
  always @(posedge clk_i) begin
    epoch_then_q <= epoch_q;
    cleared_q <= clear_i;
    ar_held_q <= rst_ni ? m_axi_arvalid_o & ~m_axi_arready_i : 0;
    ar_q      <= ar;
    refused_q <= refuses != 0;
    failed_q  <= rst_ni && !clear_i && (refuses != 0 || overdue);
    waited_q  <= rst_ni && !clear_i && wanted_i && !beat_i && refuses == 0 && timeout_i != 0 ?
                 waited_q + 1 : 0;
  end

  // Any one fetch, marked as it is taken.
  `LOCKSTEP_ANY_TIME(mark)
  reg              marked_q;
  reg [3:0]        place_q;               // in the queue
  reg [BEAT_W-1:0] next_q, last_q;        // beat that must be asked for next; its last one
  reg [SIZE-1:0]   first_byte_q;
  reg [36:0]       all_q;
  reg [TAGW-1:0]   its_tag_q;
  reg              working_q, asked_for_q;  // it is being asked for; it has been, in full
  wire [BEAT_W-1:0] last_beat = (fetch_addr_i + fetch_bytes_i - 40'd1) >> SIZE;
  wire loads = load && issue_q == place_q && marked_q && !asked_for_q;
  always @(posedge clk_i)
    if (!rst_ni || clear_i) {marked_q, working_q, asked_for_q} <= 3'd0;
    else if (!marked_q) begin
      if (fetch && mark) begin
        marked_q     <= 1'b1;
        place_q      <= tail_q;
        next_q       <= fetch_addr_i[39:SIZE];
        last_q       <= last_beat;
        first_byte_q <= fetch_addr_i[SIZE-1:0];
        all_q        <= last_beat - fetch_addr_i[39:SIZE] + 1;
        its_tag_q    <= fetch_tag_i;
      end
    end else begin
      if (loads) working_q <= 1'b1;
      if (working_q && issue) next_q <= next_q + len;
      if (working_q && issue && left_q == len) {working_q, asked_for_q} <= 2'b01;
      if (head_pop_i && head_q == place_q) {marked_q, working_q, asked_for_q} <= 3'd0;
    end

  // Any one burst of any one channel: how many are before it.
  `LOCKSTEP_ANY_TIME(pick)
  wire [CHANNELS-1:0] below = ~({CHANNELS{1'b1}} << which);   // channels before that
  reg            picked_q;
  reg [3:0]      before_q;
  reg [TAGW-1:0] picked_tag_q, blamed_q;
  reg            blame_q;
  always @(posedge clk_i) begin
    blame_q  <= rst_ni && !clear_i && picked_q && before_q == 0 && refuses[which] &&
                (refuses & below) == 0;
    blamed_q <= picked_tag_q;
    if (!rst_ni || clear_i) picked_q <= 1'b0;
    else if (!picked_q) begin
      if (issue && pick) begin
        picked_q     <= 1'b1;
        before_q     <= asked[4*which+:4] - ends[which];
        picked_tag_q <= issue_tag_q;
      end
    end else if (ends[which]) begin
      before_q <= before_q - 4'd1;
      picked_q <= before_q != 0;
    end
  end

  always `LOCKSTEP_CHECKED begin
    if (!begun_q) assume (!rst_ni);
    if (begun_q && fetch_valid_i)
      assume (fetch_bytes_i != 0 && {1'b0, fetch_addr_i} + fetch_bytes_i <= 41'h10000000000);
    if (begun_q && head_pop_i)
      assume (head_q != issue_q && !(head_q + 4'd1 == issue_q && left_q != 0));
  end

  wire [3:0] fetches = tail_q - head_q;
  wire [3:0] from_head = place_q - head_q, to_issue = issue_q - head_q;
  wire [2:0] picked_place = burst_head[4*which+:3] + before_q[2:0];
  always `LOCKSTEP_CHECKED if (begun_q) begin
    // AXI: what is offered stays, through a soft reset, too; bursts are whole beats inside 4 KiB.
    if (ar_held_q != 0) ar_held: assert ((m_axi_arvalid_o & ar_held_q) == ar_held_q && ar == ar_q);
    if (m_axi_arvalid_o != 0) begin
      page: assert ({1'b0, m_axi_araddr_o[11:0]} + beats * (PART_BITS / 8) <= 13'd4096);
      whole_beats: assert (m_axi_araddr_o % (PART_BITS / 8) == 0 && m_axi_arburst_o == 2'b01 &&
                           8 << m_axi_arsize_o == PART_BITS && PART_BITS <= 1024);
    end
    if (burst_o) epoch_1: assert (&m_axi_arvalid_o && m_axi_arid_o == epoch_then_q);
    // It is one of which no other answer can come any more.
    if (issue && epoch_q == old_id) epoch_2: assert (old_bursts_q == 0);
    outstanding: assert (&in_number);
    // Every beat that was asked for has room in the FIFO, so it is taken when it comes.
    room: assert (&in_room && &m_axi_rready_o);
    // A part goes into the FIFO if and only if it answers what was asked for since the soft reset.
    answers: assert (push_o == (comes & ~refuses));
    // The head of the queue is the fetches in their order.
    if (marked_q && head_q == place_q)
      fetch_order: assert (head_valid_o && head_byte_o == first_byte_q && head_beats_o == all_q &&
                           head_tag_o == its_tag_q);
    fetch_count: assert (fetches <= 8 && (fetch_ready_o == (fetches < 8 && !clear_i)));
    // Its beats are asked for one after the other, all of them.
    if (marked_q && working_q && issue) beats_1: assert (addr_q == next_q);
    if (marked_q && asked_for_q) beats_2: assert (next_q == last_q + 1'b1);
    // Each failure is told once, with the tag of the burst that failed.
    error: assert (err_o == failed_q);
    if (err_o)
      error_code: assert (err_code_o == (refused_q ? `LOCKSTEP_ERROR_PORT_RESPONSE :
                                                     `LOCKSTEP_ERROR_PORT_TIMEOUT));
    if (blame_q) error_tag: assert (err_tag_o == blamed_q);

    // What induction rests on.
    assert (to_issue <= fetches && &in_order && waited_q == late_q);
    assert (seeking_q ? asked == 0 : owes == 0);
    assert (owed_all[4*(EPOCHS*which+old_id)+:4] == old_bursts_q && old_bursts_q <= old_beats_q);
    if (m_axi_arvalid_o != 0) assert (beats <= BURST && beats != 0);
    if (marked_q) begin
      assert (from_head < fetches && !(working_q && asked_for_q));
      assert ((from_head < to_issue) == (working_q || asked_for_q));
      assert (byte_q[place_q[2:0]] == first_byte_q && beats_q[place_q[2:0]] == all_q &&
              tag_q[place_q[2:0]] == its_tag_q && all_q != 0);
      if (!working_q && !asked_for_q)
        assert (beat_addr_q[place_q[2:0]] == next_q &&
                last_q - next_q + 1'b1 == all_q[BEAT_W-1:0]);
      if (working_q)
        assert (left_q != 0 && addr_q == next_q && issue_tag_q == its_tag_q &&
                last_q - next_q + 1'b1 == left_q[BEAT_W-1:0] && to_issue == from_head + 4'd1);
    end
    if (!marked_q) assert (!working_q && !asked_for_q);
    if (picked_q)
      assert (before_q < asked[4*which+:4] && burst_tag_q[picked_place] == picked_tag_q);

    cover (asked[4*CHANNELS-1-:4] == 4);
    cover (m_axi_arvalid_o != 0 && m_axi_araddr_o[11:0] == 4096 - PART_BITS / 8 && beats == 1);
    cover (marked_q && asked_for_q && all_q == 2);
    cover (ar_held_q != 0 && cleared_q);
    cover (issue && old_bursts_q == 2);
    if (EPOCH_W == 1) cover (seeking_q && epoch_q == old_id && old_bursts_q != 0 && !cleared_q);
    cover (push_o[CHANNELS-1] && level_q != 0);
    if (CHANNELS != 1) begin
      cover (ar_held_q != 0 && !(&ar_held_q));
      cover (asked[3:0] == 0 && asked[4*CHANNELS-1-:4] == 2);
    end
    cover (blame_q && err_o);
    cover (err_o && !refused_q);
  end
`endif

endmodule

`default_nettype wire
