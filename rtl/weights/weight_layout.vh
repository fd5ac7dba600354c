// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// How the types that are no floats lie in their blocks (drawn in docs/numerics.md, section 11):
// statements, to be included inside a procedural block. They take a chunk apart for LANES lanes.
// Lane l has block l mod P of it; of a type of 256, part l mod 8 of block l / 8, or, with less than
// 8 lanes, part LANES * step + l of block 0. `kind` is the type.
//
//   w     word LANES * k + l: elements 4k to 4k+3 of lane l, a signed byte each, times
//         2^weight_align: a number of n bits less 2^(n-1) is that number at the top, its highest
//         bit inverted
//   sub   word l: {v of the elements from 16 on, v of those before, their sub-scales}, 8 bits each,
//         signed; sub-scales are 1 in types without
//   half  word l: {m or dmin, d}, binary16; MXFP4: d is its 8 bits
//
// Loops go word by word over all lanes, so that a simulator's compiler works on many at once. Ifs,
// not a case: synthesis is slow, and simulators evaluate all, where one statement holds everything.

if (kind == `LOCKSTEP_TYPE_Q4_0) begin
  for (k = 0; k < 4; k = k + 1)
    for (l = 0; l < LANES; l = l + 1) begin
      x = chunk_i[UNIT_Q4_0*(l&LAST_Q4_0)+16+32*k+:32] ^ 32'h88888888;
      w[32*(LANES*k+l)+:32] = x << 4 & 32'hf0f0f0f0;
      w[32*(LANES*(k+4)+l)+:32] = x & 32'hf0f0f0f0;
    end
  for (l = 0; l < LANES; l = l + 1) begin
    sub[32*l+:32] = WEIGHT_PLAIN;
    half[32*l+:32] = {16'd0, chunk_i[UNIT_Q4_0*(l&LAST_Q4_0)+:16]};
  end
end

if (kind == `LOCKSTEP_TYPE_Q4_1) begin
  for (k = 0; k < 4; k = k + 1)
    for (l = 0; l < LANES; l = l + 1) begin
      x = chunk_i[UNIT_Q4_1*(l&LAST_Q4_1)+32+32*k+:32];
      w[32*(LANES*k+l)+:32] = x & 32'h0f0f0f0f;
      w[32*(LANES*(k+4)+l)+:32] = x >> 4 & 32'h0f0f0f0f;
    end
  for (l = 0; l < LANES; l = l + 1) begin
    sub[32*l+:32] = WEIGHT_ADDED;
    half[32*l+:32] = chunk_i[UNIT_Q4_1*(l&LAST_Q4_1)+:32];
  end
end

if (kind == `LOCKSTEP_TYPE_Q5_0) begin
  for (k = 0; k < 8; k = k + 1)
    for (l = 0; l < LANES; l = l + 1)
      w[32*(LANES*k+l)+:32] = (chunk_i[UNIT_Q5_0*(l&LAST_Q5_0)+48+32*(k%4)+:32] >> 4 * (k / 4) &
          32'h0f0f0f0f | weight_bits(~chunk_i[UNIT_Q5_0*(l&LAST_Q5_0)+16+4*k+:4]) << 4) << 3;
  for (l = 0; l < LANES; l = l + 1) begin
    sub[32*l+:32] = WEIGHT_PLAIN;
    half[32*l+:32] = {16'd0, chunk_i[UNIT_Q5_0*(l&LAST_Q5_0)+:16]};
  end
end

if (kind == `LOCKSTEP_TYPE_Q5_1) begin
  for (k = 0; k < 8; k = k + 1)
    for (l = 0; l < LANES; l = l + 1)
      w[32*(LANES*k+l)+:32] = chunk_i[UNIT_Q5_1*(l&LAST_Q5_1)+64+32*(k%4)+:32] >> 4 * (k / 4) &
          32'h0f0f0f0f | weight_bits(chunk_i[UNIT_Q5_1*(l&LAST_Q5_1)+32+4*k+:4]) << 4;
  for (l = 0; l < LANES; l = l + 1) begin
    sub[32*l+:32] = WEIGHT_ADDED;
    half[32*l+:32] = chunk_i[UNIT_Q5_1*(l&LAST_Q5_1)+:32];
  end
end

if (kind == `LOCKSTEP_TYPE_Q8_0) begin
  for (k = 0; k < 8; k = k + 1)
    for (l = 0; l < LANES; l = l + 1)
      w[32*(LANES*k+l)+:32] = chunk_i[UNIT_Q8_0*(l&LAST_Q8_0)+16+32*k+:32];
  for (l = 0; l < LANES; l = l + 1) begin
    sub[32*l+:32] = WEIGHT_PLAIN;
    half[32*l+:32] = {16'd0, chunk_i[UNIT_Q8_0*(l&LAST_Q8_0)+:16]};
  end
end

if (kind == `LOCKSTEP_TYPE_IQ4_NL) begin
  for (k = 0; k < 8; k = k + 1)
    for (l = 0; l < LANES; l = l + 1)
      w[32*(LANES*k+l)+:32] = weight_names(
          WEIGHT_IQ4, chunk_i[UNIT_IQ4_NL*(l&LAST_IQ4_NL)+16+32*(k%4)+:32], k >= 4);
  for (l = 0; l < LANES; l = l + 1) begin
    sub[32*l+:32] = WEIGHT_PLAIN;
    half[32*l+:32] = {16'd0, chunk_i[UNIT_IQ4_NL*(l&LAST_IQ4_NL)+:16]};
  end
end

if (kind == `LOCKSTEP_TYPE_IQ4_XS) begin
  for (k = 0; k < 8; k = k + 1)
    for (l = 0; l < LANES; l = l + 1) begin
      p = LANES < 8 ? LANES * step + l : l % 8;
      x = chunk_i[UNIT_IQ4_XS*(l/8&LAST_IQ4_XS)+64+128*p+32*(k%4)+:32];
      w[32*(LANES*k+l)+:32] = weight_names(WEIGHT_IQ4, x, k >= 4);
    end
  for (l = 0; l < LANES; l = l + 1) begin
    p = LANES < 8 ? LANES * step + l : l % 8;
    x = {
      26'd0, chunk_i[UNIT_IQ4_XS*(l/8&LAST_IQ4_XS)+16+2*p+:2],
      chunk_i[UNIT_IQ4_XS*(l/8&LAST_IQ4_XS)+32+4*p+:4]
    };
    sub[32*l+:32] = {16'd0, {3{!x[5]}}, x[4:0], {3{!x[5]}}, x[4:0]};  // less 32
    half[32*l+:32] = {16'd0, chunk_i[UNIT_IQ4_XS*(l/8&LAST_IQ4_XS)+:16]};
  end
end

if (kind == `LOCKSTEP_TYPE_MXFP4)
  for (l = 0; l < LANES; l = l + 1) begin
    sub[32*l+:32] = WEIGHT_PLAIN;
    half[32*l+:32] = {24'd0, chunk_i[UNIT_MXFP4*(l&LAST_MXFP4)+:8]};
    names = MX_ROUNDED ? mx_names(half[32*l+:8]) : WEIGHT_E2M1;
    for (k = 0; k < 8; k = k + 1)
      w[32*(LANES*k+l)+:32] = weight_names(
          names, chunk_i[UNIT_MXFP4*(l&LAST_MXFP4)+8+32*(k%4)+:32], k >= 4);
  end

if (kind == `LOCKSTEP_TYPE_Q2_K) begin
  for (k = 0; k < 8; k = k + 1)
    for (l = 0; l < LANES; l = l + 1) begin
      p = LANES < 8 ? LANES * step + l : l % 8;
      x = chunk_i[UNIT_Q2_K*(l/8&LAST_Q2_K)+128+256*(p/4)+32*k+:32];
      w[32*(LANES*k+l)+:32] = x >> 2 * (p % 4) & 32'h03030303;
    end
  for (l = 0; l < LANES; l = l + 1) begin
    p = LANES < 8 ? LANES * step + l : l % 8;
    x = {16'd0, chunk_i[UNIT_Q2_K*(l/8&LAST_Q2_K)+16*p+:16]};
    sub[32*l+:32] = {-{4'd0, x[15:12]}, -{4'd0, x[7:4]}, 4'd0, x[11:8], 4'd0, x[3:0]};
    half[32*l+:32] = chunk_i[UNIT_Q2_K*(l/8&LAST_Q2_K)+640+:32];
  end
end

if (kind == `LOCKSTEP_TYPE_Q3_K) begin
  for (k = 0; k < 8; k = k + 1)
    for (l = 0; l < LANES; l = l + 1) begin
      p = LANES < 8 ? LANES * step + l : l % 8;
      x = chunk_i[UNIT_Q3_K*(l/8&LAST_Q3_K)+256+256*(p/4)+32*k+:32] >> 2 * (p % 4) & 32'h03030303;
      w[32*(LANES*k+l)+:32] =
          (x | (~chunk_i[UNIT_Q3_K*(l/8&LAST_Q3_K)+32*k+:32] >> p & 32'h01010101) << 2) << 5;
    end
  for (l = 0; l < LANES; l = l + 1) begin
    p = LANES < 8 ? LANES * step + l : l % 8;
    x = {
      18'd0, chunk_i[UNIT_Q3_K*(l/8&LAST_Q3_K)+840+16*(p%2)+2*(p/2)+:2],
      chunk_i[UNIT_Q3_K*(l/8&LAST_Q3_K)+776+16*(p%4)+4*(p/4)+:4],
      2'd0, chunk_i[UNIT_Q3_K*(l/8&LAST_Q3_K)+832+16*(p%2)+2*(p/2)+:2],
      chunk_i[UNIT_Q3_K*(l/8&LAST_Q3_K)+768+16*(p%4)+4*(p/4)+:4]
    };
    sub[32*l+:32] = {16'd0, {3{!x[13]}}, x[12:8], {3{!x[5]}}, x[4:0]};  // less 32
    half[32*l+:32] = {16'd0, chunk_i[UNIT_Q3_K*(l/8&LAST_Q3_K)+864+:16]};
  end
end

if (kind == `LOCKSTEP_TYPE_Q4_K) begin
  for (k = 0; k < 8; k = k + 1)
    for (l = 0; l < LANES; l = l + 1) begin
      p = LANES < 8 ? LANES * step + l : l % 8;
      x = chunk_i[UNIT_Q4_K*(l/8&LAST_Q4_K)+128+256*(p/2)+32*k+:32];
      w[32*(LANES*k+l)+:32] = x >> 4 * (p % 2) & 32'h0f0f0f0f;
    end
  for (l = 0; l < LANES; l = l + 1) begin
    p = LANES < 8 ? LANES * step + l : l % 8;
    sub[32*l+:32] = weight_sixes(chunk_i[UNIT_Q4_K*(l/8&LAST_Q4_K)+32+:96], p);
    half[32*l+:32] = chunk_i[UNIT_Q4_K*(l/8&LAST_Q4_K)+:32];
  end
end

if (kind == `LOCKSTEP_TYPE_Q5_K) begin
  for (k = 0; k < 8; k = k + 1)
    for (l = 0; l < LANES; l = l + 1) begin
      p = LANES < 8 ? LANES * step + l : l % 8;
      x = chunk_i[UNIT_Q5_K*(l/8&LAST_Q5_K)+384+256*(p/2)+32*k+:32] >> 4 * (p % 2) & 32'h0f0f0f0f;
      w[32*(LANES*k+l)+:32] =
          x | (chunk_i[UNIT_Q5_K*(l/8&LAST_Q5_K)+128+32*k+:32] >> p & 32'h01010101) << 4;
    end
  for (l = 0; l < LANES; l = l + 1) begin
    p = LANES < 8 ? LANES * step + l : l % 8;
    sub[32*l+:32] = weight_sixes(chunk_i[UNIT_Q5_K*(l/8&LAST_Q5_K)+32+:96], p);
    half[32*l+:32] = chunk_i[UNIT_Q5_K*(l/8&LAST_Q5_K)+:32];
  end
end

if (kind == `LOCKSTEP_TYPE_Q6_K) begin
  for (k = 0; k < 8; k = k + 1)
    for (l = 0; l < LANES; l = l + 1) begin
      p = LANES < 8 ? LANES * step + l : l % 8;
      x = chunk_i[UNIT_Q6_K*(l/8&LAST_Q6_K)+512*(p/4)+256*(p%2)+32*k+:32] >> 4 * (p / 2 % 2) &
          32'h0f0f0f0f;
      x = x | (chunk_i[UNIT_Q6_K*(l/8&LAST_Q6_K)+1024+256*(p/4)+32*k+:32] >> 2 * (p % 4) &
               32'h03030303) << 4;
      w[32*(LANES*k+l)+:32] = (x ^ 32'h20202020) << 2;
    end
  for (l = 0; l < LANES; l = l + 1) begin
    p = LANES < 8 ? LANES * step + l : l % 8;
    sub[32*l+:32] = {16'd0, chunk_i[UNIT_Q6_K*(l/8&LAST_Q6_K)+1536+16*p+:16]};
    half[32*l+:32] = {16'd0, chunk_i[UNIT_Q6_K*(l/8&LAST_Q6_K)+1664+:16]};
  end
end

if (kind == `LOCKSTEP_TYPE_TQ1_0) begin
  for (k = 0; k < 8; k = k + 1)
    for (l = 0; l < LANES; l = l + 1) begin
      p = LANES < 8 ? LANES * step + l : l % 8;
      x = p < 5 ? chunk_i[UNIT_TQ1_0*(l/8&LAST_TQ1_0)+32*k+:32] :
          p < 7 || k < 4 ? chunk_i[UNIT_TQ1_0*(l/8&LAST_TQ1_0)+256+32*(k%4)+:32] :
          chunk_i[UNIT_TQ1_0*(l/8&LAST_TQ1_0)+384+:32];
      w[32*(LANES*k+l)+:32] = weight_less_one(weight_digits(
          x, p < 5 ? p : p < 7 ? 2 * (p - 5) + k / 4 : k < 4 ? 4 : k - 4));
    end
  for (l = 0; l < LANES; l = l + 1) begin
    sub[32*l+:32] = WEIGHT_PLAIN;
    half[32*l+:32] = {16'd0, chunk_i[UNIT_TQ1_0*(l/8&LAST_TQ1_0)+416+:16]};
  end
end

if (kind == `LOCKSTEP_TYPE_TQ2_0) begin
  for (k = 0; k < 8; k = k + 1)
    for (l = 0; l < LANES; l = l + 1) begin
      p = LANES < 8 ? LANES * step + l : l % 8;
      w[32*(LANES*k+l)+:32] = weight_less_one(
          chunk_i[UNIT_TQ2_0*(l/8&LAST_TQ2_0)+256*(p/4)+32*k+:32] >> 2 * (p % 4) & 32'h03030303);
    end
  for (l = 0; l < LANES; l = l + 1) begin
    sub[32*l+:32] = WEIGHT_PLAIN;
    half[32*l+:32] = {16'd0, chunk_i[UNIT_TQ2_0*(l/8&LAST_TQ2_0)+512+:16]};
  end
end
