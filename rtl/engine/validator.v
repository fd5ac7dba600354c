// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Checks what was loaded before anything runs, so that the engine need not: geometry
// (rtl/engine/geometry_check.v), every instruction, and for PER_LAYER ones the tensor of every
// layer. done_o is high for one cycle; place_o then has the first fault found (code 0: none), and
// keeps it. Two cycles an instruction and three a tensor.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module validator #(
  parameter KV_WORDS     = `LOCKSTEP_DEFAULT_KV_WORDS,
  parameter VEC_WORDS    = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter SEQS         = `LOCKSTEP_DEFAULT_SEQS,
  parameter UCODE_OPS    = `LOCKSTEP_DEFAULT_UCODE_OPS,
  parameter TENSORS      = `LOCKSTEP_DEFAULT_TENSORS,
  parameter CONTEXT_MAX  = `LOCKSTEP_DEFAULT_CONTEXT_MAX
) (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         clear_i,

  input  wire         start_i,
  output wire         busy_o,
  output wire         done_o,
  output wire [`LOCKSTEP_PLACE_W-1:0] place_o,   // PC and TENSOR also address the stores

  input  wire [127:0] instr_i,      // one cycle after pc_o
  input  wire [127:0] entry_i,      // one cycle after tensor_o

  input  wire [`LOCKSTEP_SETTINGS_W-1:0] settings_i
);

  `include "generated/device_fn.vh"
  `include "float/fp_positive.vh"

  localparam [63:0] OPS = `LOCKSTEP_OPS, OPS_TENSOR = `LOCKSTEP_OPS_TENSOR,
                    OPS_DST = `LOCKSTEP_OPS_DST, OPS_A = `LOCKSTEP_OPS_A, OPS_B = `LOCKSTEP_OPS_B,
                    OPS_N = `LOCKSTEP_OPS_N, OPS_LOOP = `LOCKSTEP_OPS_LOOP,
                    OPS_ROWS = `LOCKSTEP_OPS_ROWS, OPS_SAMPLER = `LOCKSTEP_OPS_SAMPLER,
                    OPS_TOKEN = `LOCKSTEP_OPS_TOKEN, OPS_POSITION = `LOCKSTEP_OPS_POSITION,
                    OPS_CONTROL = `LOCKSTEP_OPS_UNIT_CONTROL,
                    TYPES = `LOCKSTEP_TYPES, TYPES_FLOAT = `LOCKSTEP_TYPES_FLOAT;

  wire [7:0]  n_layers   = settings_i[`LOCKSTEP_SETTINGS_N_LAYERS];
  wire [8:0]  head_dim   = settings_i[`LOCKSTEP_SETTINGS_HEAD_DIM];
  wire [8:0]  n_rot      = settings_i[`LOCKSTEP_SETTINGS_N_ROT];
  wire        halves     = settings_i[`LOCKSTEP_SETTINGS_ROPE_MODE];
  wire [15:0] positions  = settings_i[`LOCKSTEP_SETTINGS_CONTEXT];
  wire [15:0] stride     = settings_i[`LOCKSTEP_SETTINGS_TENSOR_STRIDE];
  wire [19:0] vocab      = settings_i[`LOCKSTEP_SETTINGS_VOCAB];
  wire [16:0] experts    = settings_i[`LOCKSTEP_SETTINGS_EXPERTS];
  wire [15:0] expert_n   = {8'd0, experts[`LOCKSTEP_EXPERTS_COUNT]};

  localparam [2:0] IDLE = 3'd0, GEOMETRY = 3'd1, READ = 3'd2, INSTR = 3'd3, TABLE = 3'd4,
                   TENSOR = 3'd5, DONE = 3'd6;

  reg [2:0]  state_q;
  reg [7:0]  code_q;
  reg [8:0]  pc_q;
  reg [7:0]  layer_q;
  reg [23:0] index_q;                   // tensor, not yet known to be in range
  reg        in_loop_q;
  reg        in_experts_q;
  reg        routed_q;                  // ROUTE has been seen in the loop
  reg [19:0] offered_q;                 // tokens whose logits the sampler gets, from 0 on
  reg [15:0] quant_q;                   // elements of the matrix input, 0: none yet

  localparam [31:0] TWO = 32'h40000000;   // as binary32

  wire        geometry_done, geometry_bad;
  wire [16:0] q_n, kv_n;

  geometry_check #(
    .KV_WORDS    (KV_WORDS),
    .SEQS        (SEQS),
    .CONTEXT_MAX (CONTEXT_MAX)
  ) u_geometry (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .clear_i    (clear_i),
    .settings_i (settings_i),
    .start_i    (state_q == IDLE && start_i),
    .done_o     (geometry_done),
    .bad_o      (geometry_bad),
    .q_n_o      (q_n),
    .kv_n_o     (kv_n)
  );

  // What follows is computed in the state that looks at it alone.
  wire past_end = {23'd0, pc_q} == UCODE_OPS;
  wire present  = {8'd0, index_q} < TENSORS;

  // Instruction.
  wire [5:0]  op  = instr_i[`LOCKSTEP_UCODE0_OP];
  wire        per_layer = instr_i[`LOCKSTEP_UCODE0_PER_LAYER];
  wire [31:0] word1 = instr_i[63:32], word2 = instr_i[95:64];
  wire [15:0] dst = word1[`LOCKSTEP_UCODE1_DST];
  wire [15:0] a   = word1[`LOCKSTEP_UCODE1_A];
  wire [15:0] b   = word2[`LOCKSTEP_UCODE2_B];
  wire [15:0] n   = word2[`LOCKSTEP_UCODE2_N];
  wire [31:0] imm = instr_i[127:96];

  // Whether `count` words from vector address `at` lie in the vector SRAM.
  function fits(input [15:0] at, input [19:0] count);
    fits = {11'd0, at, 5'd0} + {12'd0, count} <= VEC_WORDS;
  endfunction
  // Whether vectors of so many words at these addresses share a word.
  function share(input [15:0] at, input [15:0] count, input [15:0] other, input [15:0] others);
    share = {1'b0, at} < {1'b0, other} + ({1'b0, others} + 17'd31 >> 5) &&
            {1'b0, other} < {1'b0, at} + ({1'b0, count} + 17'd31 >> 5);
  endfunction
  wire is_q_n  = {1'b0, n} == q_n;
  wire is_kv_n = {1'b0, n} == kv_n;

  // What device.txt tells of the op, and what it tells not. A result takes the place of an operand
  // or lies apart from it; apart also where the unit comes back to the operand.
  wire [15:0] b_n = op == `LOCKSTEP_OP_HEADNORM ? {7'd0, head_dim} :
                    op != `LOCKSTEP_OP_WEIGH    ? n :
                    in_experts_q                ? expert_n : 16'd1;
  reg uses_tensor, good;
  always @* begin
    uses_tensor = 1'b0;
    good        = 1'b0;
    if (state_q == INSTR) begin
      uses_tensor = OPS_TENSOR[op];
      good = OPS[op] && (!OPS_DST[op] || fits(dst, {4'd0, n})) &&
             (!OPS_A[op] || fits(a, {4'd0, n})) && (!OPS_B[op] || fits(b, {4'd0, b_n})) &&
             (!OPS_N[op] || n != 0) && (!OPS_LOOP[op] || in_loop_q) &&
             (!OPS_SAMPLER[op] || !in_loop_q) &&
             instr_i[15:9] == 0 && (!per_layer || (uses_tensor && in_loop_q)) &&
             (!instr_i[`LOCKSTEP_UCODE0_BANK] || op == `LOCKSTEP_OP_ANGLES) &&
             (!instr_i[`LOCKSTEP_UCODE0_EXPERT] || (OPS_ROWS[op] && in_experts_q)) &&
             // what goes by slots or on to other slots, or chooses anew, does so for all slots
             !(in_experts_q && (OPS_TOKEN[op] || OPS_POSITION[op] || op == `LOCKSTEP_OP_ROUTE ||
                                (OPS_CONTROL[op] && op != `LOCKSTEP_OP_NEXT_EXPERT))) &&
             !(OPS_DST[op] && OPS_A[op] && dst != a && share(dst, n, a, n)) &&
             !(OPS_DST[op] && OPS_B[op] && dst != b && share(dst, n, b, b_n));
      case (op)
        `LOCKSTEP_OP_END:    good = good && !in_loop_q && offered_q == vocab;
        `LOCKSTEP_OP_LOOP:   good = good && !in_loop_q;
        `LOCKSTEP_OP_NEXT:   good = good && in_loop_q;
        `LOCKSTEP_OP_ANGLES: good = good && n_rot != 0 && positive(imm[31:23]) && imm <= TWO;
        `LOCKSTEP_OP_MATVEC: good = good && n == quant_q;
        `LOCKSTEP_OP_LOGITS: good = good && n == quant_q && offered_q == 0;
        `LOCKSTEP_OP_OFFER:  good = good && imm == {12'd0, offered_q} &&
                                    {12'd0, offered_q} + {16'd0, n} <= {12'd0, vocab};
        `LOCKSTEP_OP_ROPE:   good = good && n_rot != 0 && (is_q_n || is_kv_n) &&
                                    !(halves && dst == a);
        `LOCKSTEP_OP_HEADNORM: good = good && (is_q_n || is_kv_n) && dst != b;
        `LOCKSTEP_OP_HEADCENTER, `LOCKSTEP_OP_HEADNORM_OWN:
                             good = good && (is_q_n || is_kv_n);
        `LOCKSTEP_OP_KV:     good = good && is_kv_n;
        `LOCKSTEP_OP_ATTEND: good = good && is_q_n;
        `LOCKSTEP_OP_ROUTE:  good = good && n == expert_n;
        `LOCKSTEP_OP_WEIGH:  good = good && dst != b;
        `LOCKSTEP_OP_EXPERTS: good = good && routed_q;
        `LOCKSTEP_OP_NEXT_EXPERT: good = good && in_experts_q;
        default: ;
      endcase
    end
  end

  // Tensor.
  wire [31:0] entry1  = entry_i[63:32];
  wire [7:0]  kind    = entry1[`LOCKSTEP_TENSOR1_TYPE];
  wire [31:0] rows    = entry_i[95:64];
  wire [31:0] cols    = entry_i[127:96];
  wire        known   = kind[7:6] == 0 && TYPES[kind[5:0]];
  reg rows_good;
  always @*
    if (OPS_ROWS[op])
      rows_good = rows != 0 && rows[31:20] == 0 && fits(dst, rows[19:0]);
    else if (OPS_POSITION[op])
      rows_good = rows[31:20] == 0 && rows[19:0] >= {4'd0, positions};
    else
      rows_good = rows == (OPS_TOKEN[op] || OPS_SAMPLER[op] ? {12'd0, vocab} : 32'd1);
  // The weight port reads 16-bit units, so that addresses are even. What begins below 2^39 ends
  // below 2^40: rows are less than 2^20 of less than 2^18 bytes, and of 128 experts' matrices the
  // rows or the columns less than 2^14.
  reg tensor_good;
  always @* begin
    tensor_good = 1'b0;
    if (state_q == TENSOR)
      tensor_good = known && rows_good && cols == {16'd0, n} && entry1[31:16] == 0 &&
                    !entry_i[0] && !entry1[7] &&
                    !(instr_i[`LOCKSTEP_UCODE0_EXPERT] && rows[19:14] != 0 && n[15:14] != 0) &&
                    (TYPES_FLOAT[kind[5:0]] ||
                     (n & ~(16'hffff << device_type_log2(kind))) == 0);
  end

  assign busy_o   = state_q != IDLE;
  assign done_o   = state_q == DONE;
  assign place_o  = {4'd0, code_q, pc_q[7:0], layer_q, index_q[15:0]};   // as bundle PLACE

  always @(posedge clk_i)
    if (!rst_ni) state_q <= IDLE;
    else begin
      case (state_q)
        IDLE: if (start_i) begin
          state_q   <= GEOMETRY;
          code_q    <= `LOCKSTEP_ERROR_NONE;
          pc_q      <= 9'd0;
          layer_q   <= 8'd0;
          index_q   <= 24'd0;
          in_loop_q <= 1'b0;
          in_experts_q <= 1'b0;
          offered_q <= 20'd0;
          quant_q   <= 16'd0;
        end
        GEOMETRY: ;   // until geometry_done
        READ: begin
          state_q <= past_end ? DONE : INSTR;
          if (past_end) begin
            code_q  <= `LOCKSTEP_ERROR_PROGRAM;   // no END
            layer_q <= 8'd0;
            index_q <= 24'd0;
          end
        end
        INSTR: begin
          layer_q <= 8'd0;
          index_q <= good && uses_tensor ? {8'd0, instr_i[`LOCKSTEP_UCODE0_TENSOR]} : 24'd0;
          if (!good) begin
            state_q <= DONE;
            code_q  <= `LOCKSTEP_ERROR_PROGRAM;
          end else if (op == `LOCKSTEP_OP_END)
            state_q <= DONE;
          else if (uses_tensor)
            state_q <= TABLE;
          else begin
            state_q <= READ;
            pc_q    <= pc_q + 9'd1;
          end
          if (op == `LOCKSTEP_OP_LOOP || op == `LOCKSTEP_OP_NEXT)
            in_loop_q <= op == `LOCKSTEP_OP_LOOP;
          if (op == `LOCKSTEP_OP_EXPERTS || op == `LOCKSTEP_OP_NEXT_EXPERT)
            in_experts_q <= op == `LOCKSTEP_OP_EXPERTS;
          if (op == `LOCKSTEP_OP_LOOP || op == `LOCKSTEP_OP_ROUTE)
            routed_q <= op == `LOCKSTEP_OP_ROUTE;
          if (OPS_SAMPLER[op])
            offered_q <= uses_tensor ? vocab : offered_q + {4'd0, n};
          // What is multiplied in a loop must have been made in it; behind an expert loop the slots
          // have what was made for different experts.
          if (op == `LOCKSTEP_OP_QUANT)
            quant_q <= n;
          else if (op == `LOCKSTEP_OP_LOOP || op == `LOCKSTEP_OP_EXPERTS ||
                   op == `LOCKSTEP_OP_NEXT_EXPERT)
            quant_q <= 16'd0;
        end
        TABLE: begin
          state_q <= present ? TENSOR : DONE;
          if (!present)
            code_q <= `LOCKSTEP_ERROR_DESCRIPTOR;
        end
        TENSOR: if (!tensor_good) begin
          state_q <= DONE;
          code_q  <= `LOCKSTEP_ERROR_DESCRIPTOR;
        end else if (per_layer && layer_q + 8'd1 != n_layers) begin
          state_q <= TABLE;
          layer_q <= layer_q + 8'd1;
          index_q <= index_q + {8'd0, stride};
        end else begin
          state_q <= READ;
          pc_q    <= pc_q + 9'd1;
        end
        default: state_q <= IDLE;   // DONE
      endcase
      if (geometry_done)
        state_q <= geometry_bad ? DONE : READ;
      if (geometry_bad)
        code_q <= `LOCKSTEP_ERROR_GEOMETRY;
      if (clear_i)
        state_q <= IDLE;
    end

  wire unused = &{1'b0, instr_i, entry_i, experts};

`ifdef FORMAL
`include "common/formal.vh"
  // For any one instruction, `word` at `at`, any one layer of its tensors, any one entry of the
  // tensor table, any one word of the vector SRAM and any one token. Assumed: the stores answer a
  // cycle later (entry_store); they and the settings stay while a check is under way (csr_windows:
  // a write is refused, or told, and asks for another check).
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  (* anyconst *) wire [7:0]   at, layer;
  (* anyconst *) wire [15:0]  which, vec;
  (* anyconst *) wire [19:0]  token;
  reg [8:0]  pc_then_q;
  reg [23:0] index_then_q;
  reg        busy_then_q;
  wire [95:0] geometry = {n_layers, head_dim, n_rot, halves, positions, stride, vocab, experts};
  reg  [95:0] geometry_then_q;
  wire reads_word  = busy_then_q && pc_then_q == {1'b0, at};
  wire reads_entry = busy_then_q && index_then_q == {8'd0, which};
  `LOCKSTEP_FORETOLD(word, 128, reads_word, instr_i, busy_o)
  `LOCKSTEP_FORETOLD(entry, 128, reads_entry, entry_i, busy_o)
  always @(posedge clk_i) begin
    pc_then_q       <= pc_q;
    index_then_q    <= index_q;
    busy_then_q     <= rst_ni && busy_o;
    geometry_then_q <= geometry;
  end
  always `LOCKSTEP_CHECKED begin
    if (!begun_q) assume (!rst_ni);
    if (begun_q) begin
      if (reads_word) assume (instr_i == word);
      if (reads_entry) assume (entry_i == entry);
      if (busy_then_q) assume (geometry == geometry_then_q);
      if (geometry_bad) assume (geometry_done);
      if (geometry_done)
        assume (state_q == GEOMETRY || (state_q == IDLE && start_i && geometry_bad));
      if (geometry_done && !geometry_bad)
        assume (n_layers != 0 && vocab != 0 && positions != 0);
    end
  end

  // What device.txt says of the marked instruction.
  wire [5:0]  m_op   = word[5:0];
  wire        m_each = word[6];
  wire [15:0] m_index = word[31:16], m_dst = word[47:32], m_a = word[63:48], m_b = word[79:64],
              m_n = word[95:80];
  wire [31:0] m_imm = word[127:96];
  reg  m_op_good, m_has_dst, m_has_a, m_has_tensor, m_loop;
  reg  [15:0] m_b_n;
  reg  [1:0]  nest_q, m_nest_q;      // 0, 1 in the loop, 2 in an expert loop, 3 ill formed
  always @* begin
    {m_op_good, m_has_dst, m_has_a, m_has_tensor, m_loop} = 5'b11000;
    m_b_n = 16'd0;
    case (m_op)
      `LOCKSTEP_OP_END, `LOCKSTEP_OP_LOOP, `LOCKSTEP_OP_NEXT, `LOCKSTEP_OP_WANT,
      `LOCKSTEP_OP_ANGLES: m_has_dst = 1'b0;
      `LOCKSTEP_OP_EXPERTS, `LOCKSTEP_OP_NEXT_EXPERT: {m_has_dst, m_loop} = 2'b01;
      `LOCKSTEP_OP_EMBED, `LOCKSTEP_OP_ROW, `LOCKSTEP_OP_POSITION: m_has_tensor = 1'b1;
      `LOCKSTEP_OP_NORM, `LOCKSTEP_OP_BIAS: {m_has_a, m_has_tensor} = 2'b11;
      `LOCKSTEP_OP_QUANT, `LOCKSTEP_OP_OFFER: {m_has_dst, m_has_a} = 2'b01;
      `LOCKSTEP_OP_MATVEC, `LOCKSTEP_OP_LOGITS: {m_has_dst, m_has_tensor} = 2'b01;
      `LOCKSTEP_OP_KV: begin {m_has_dst, m_has_a, m_loop} = 3'b011; m_b_n = m_n; end
      `LOCKSTEP_OP_ATTEND, `LOCKSTEP_OP_ROUTE: {m_has_a, m_loop} = 2'b11;
      `LOCKSTEP_OP_ROPE, `LOCKSTEP_OP_CENTER, `LOCKSTEP_OP_GELU, `LOCKSTEP_OP_SCALE,
      `LOCKSTEP_OP_SIGMOID, `LOCKSTEP_OP_HEADCENTER: m_has_a = 1'b1;
      `LOCKSTEP_OP_SWIGLU, `LOCKSTEP_OP_ADD, `LOCKSTEP_OP_GEGLU, `LOCKSTEP_OP_HEADNORM_OWN:
        begin m_has_a = 1'b1; m_b_n = m_n; end
      `LOCKSTEP_OP_HEADNORM: begin m_has_a = 1'b1; m_b_n = {7'd0, head_dim}; end
      `LOCKSTEP_OP_WEIGH: begin m_has_a = 1'b1; m_b_n = m_nest_q == 2'd2 ? expert_n : 16'd1; end
      default: {m_op_good, m_has_dst} = 2'b00;
    endcase
  end
  function in_sram(input [15:0] from, input [19:0] count);
    in_sram = count == 0 || 32 * {16'd0, from} + {12'd0, count} <= VEC_WORDS;
  endfunction
  // Whether the marked block of 32 words is one of those of `count` words from `from` on.
  function holds(input [15:0] from, input [15:0] count);
    holds = vec >= from && {12'd0, vec} < {12'd0, from} + ({12'd0, count} + 28'd31) / 32;
  endfunction

  // Of the marked instruction: it has been accepted; so has its tensor in the marked layer, the
  // index of which; what QUANT made before it. And how often the marked token gets a logit.
  wire       here   = pc_q == {1'b0, at};
  wire       accept = state_q == INSTR && good;
  reg        seen_q, m_tensor_q;
  reg [23:0] m_index_q, m_base_q, base_q;      // base: layer times stride
  reg [15:0] input_q, m_input_q;
  reg [1:0]  logits_q;
  always @(posedge clk_i) begin
    if (state_q == IDLE) {seen_q, m_tensor_q, nest_q, input_q, logits_q} <= 0;
    if (accept) begin
      if (here) {seen_q, m_nest_q, m_input_q} <= {1'b1, nest_q, input_q};
      case (op)
        `LOCKSTEP_OP_LOOP:        nest_q <= nest_q == 2'd0 ? 2'd1 : 2'd3;
        `LOCKSTEP_OP_NEXT:        nest_q <= nest_q == 2'd1 ? 2'd0 : 2'd3;
        `LOCKSTEP_OP_EXPERTS:     nest_q <= nest_q == 2'd1 ? 2'd2 : 2'd3;
        `LOCKSTEP_OP_NEXT_EXPERT: nest_q <= nest_q == 2'd2 ? 2'd1 : 2'd3;
        `LOCKSTEP_OP_END:         if (nest_q != 2'd0) nest_q <= 2'd3;
        default: ;
      endcase
      case (op)
        `LOCKSTEP_OP_QUANT: input_q <= n;
        `LOCKSTEP_OP_LOOP, `LOCKSTEP_OP_EXPERTS, `LOCKSTEP_OP_NEXT_EXPERT: input_q <= 16'd0;
        default: ;
      endcase
      if (logits_q != 2'd2 &&
          (op == `LOCKSTEP_OP_LOGITS ? token < vocab :
           op == `LOCKSTEP_OP_OFFER && {12'd0, token} >= imm && {12'd0, token} - imm < {16'd0, n}))
        logits_q <= logits_q + 2'd1;
    end
    if (state_q == INSTR) base_q <= 24'd0;
    if (state_q == TENSOR) base_q <= base_q + {8'd0, stride};
    if (state_q == TENSOR && tensor_good && here && layer_q == layer)
      {m_tensor_q, m_index_q, m_base_q} <= {1'b1, index_q, m_each ? base_q : 24'd0};
  end

  wire checking = state_q == READ || state_q == INSTR || state_q == TABLE || state_q == TENSOR;
  wire passed = done_o && code_q == `LOCKSTEP_ERROR_NONE;   // END is at pc_q
  wire over   = pc_q > {1'b0, at} || (here && passed);
  wire at_it  = here && (state_q == TABLE || state_q == TENSOR);
  wire in_layer = layer < (m_each ? n_layers : 8'd1);
  wire [31:0] m_rows = entry[95:64];
  always `LOCKSTEP_CHECKED if (begun_q) begin
    legal: assert (state_q <= DONE);
    // The stores are read where they are.
    if (state_q == INSTR) stores_1: assert (pc_q < UCODE_OPS);
    if (state_q == TENSOR) stores_2: assert (index_q < TENSORS);
    if (checking || passed) begin
      // Every instruction up to END has been looked at, and the tensors of every layer.
      if (over) whole_1: assert (seen_q && (!m_has_tensor || !in_layer || m_tensor_q));
      if (passed) whole_2: assert (pc_q < UCODE_OPS && (!here || m_op == `LOCKSTEP_OP_END));
      if (passed) nested: assert (nest_q == 2'd0);
      if (passed) logits: assert (logits_q == (token < vocab));
      if (seen_q) begin
        ops: assert (m_op_good && (!m_loop || m_nest_q != 2'd0) &&
                     (!m_each || (m_has_tensor && m_nest_q != 2'd0)));
        vectors_1: assert (!m_has_dst || in_sram(m_dst, m_n));
        vectors_2: assert (!m_has_a || in_sram(m_a, m_n));
        vectors_3: assert (in_sram(m_b, m_b_n));
        apart_1: assert (!(m_has_dst && m_has_a && m_dst != m_a && holds(m_dst, m_n) &&
                           holds(m_a, m_n)));
        apart_2: assert (!(m_has_dst && m_dst != m_b && holds(m_dst, m_n) && holds(m_b, m_b_n)));
        if (m_op == `LOCKSTEP_OP_MATVEC || m_op == `LOCKSTEP_OP_LOGITS)
          multiplied: assert (m_n != 0 && m_n == m_input_q);
      end
      if (seen_q && m_tensor_q) begin
        tensors_1: assert (m_index_q == m_index + m_base_q &&
                           m_index_q < TENSORS);
        if (m_index_q == {8'd0, which}) begin
          tensors_2: assert (entry[127:96] == {16'd0, m_n} && m_rows != 0 && m_rows[31:20] == 0);
          if (m_op == `LOCKSTEP_OP_MATVEC) tensors_3: assert (in_sram(m_dst, m_rows[19:0]));
          if (m_op == `LOCKSTEP_OP_EMBED || m_op == `LOCKSTEP_OP_LOGITS)
            tensors_4: assert (m_rows == {12'd0, vocab});
          if (m_op == `LOCKSTEP_OP_POSITION) tensors_5: assert (m_rows >= {16'd0, positions});
          tensors_6: assert (entry[47:46] == 2'd0 && TYPES[entry[45:40]]);
          // It ends below 2^40, whichever expert's matrix it is.
          extent: assert (entry[39] == 0 && (!word[8] || m_rows < 16384 || m_n < 16384));
        end
      end
      // What induction rests on.
      assert (busy_then_q && code_q == `LOCKSTEP_ERROR_NONE);
      assert (n_layers != 0 && vocab != 0 && positions != 0);
      assert (seen_q == (over || at_it) && pc_q < UCODE_OPS + (state_q == READ));
      assert (at_it ? m_has_tensor && m_tensor_q == (layer < layer_q) : seen_q || !m_tensor_q);
      assert (nest_q == {in_experts_q, in_loop_q && !in_experts_q});
      assert (!in_experts_q || in_loop_q);
      assert (input_q == quant_q && offered_q <= vocab && logits_q == (token < offered_q));
      if (state_q != READ && !passed) assert (pc_then_q == pc_q);
      if (state_q == TENSOR) assert (index_then_q == index_q);
      if (at_it) assert (layer_q < (m_each ? n_layers : 8'd1) &&
                         index_q == m_index + (m_each ? base_q : 24'd0));
    end
    if (state_q == GEOMETRY)
      assert ({code_q, pc_q, seen_q, m_tensor_q, nest_q, in_loop_q, in_experts_q, offered_q,
               quant_q, input_q, logits_q} == 0);

    cover (seen_q && m_op == `LOCKSTEP_OP_ADD && state_q == READ);
    cover (seen_q && m_op == `LOCKSTEP_OP_EMBED && m_tensor_q && m_index_q == which);
    cover (passed && logits_q == 1 && m_op == `LOCKSTEP_OP_OFFER && seen_q);
  end
`endif

endmodule

`default_nettype wire
