/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The firmware on a device that is a recording: what it writes and in which order, what it makes of
 * each answer that is not the hoped-for one; and its arithmetic: the attention scale, the
 * sampler's distribution, the checksum.
 */
#include <math.h>
#include <string.h>

#include "firmware/loader.h"
#include "tests/kit/host_test.h"
#include "tests/kit/mock_device.h"
#include "tests/kit/random.h"

/* ---- the driver ---- */

static void test_load(struct host_test *t) {
    static struct mock m;
    const struct hal hal = mock_open(&m);
    const struct fw_model model = make_model();
    struct fw_device d;
    CHECK(t, fw_probe(&d, &hal) == FW_OK && m.writes == 0, "probing writes");
    CHECK(t, fw_load(&d, &model, NULL) == FW_OK, "load");
    const uint32_t validate = m.writes == 0 ? 0 : find(&m, 1, LOCKSTEP_REG_CTRL);
    CHECK(t, m.address[0] == LOCKSTEP_REG_CTRL && m.value[0] == LOCKSTEP_CTRL_SOFT_RESET_MASK,
          "the first write is no soft reset");
    CHECK(t, validate < m.writes && m.value[validate] == LOCKSTEP_CTRL_VALIDATE_MASK, "validate");
    CHECK(t, count(&m, LOCKSTEP_REG_UCODE_DATA) == 4 * d.program.ops, "%u microcode words",
          count(&m, LOCKSTEP_REG_UCODE_DATA));
    CHECK(t, count(&m, LOCKSTEP_REG_TENSOR_DATA) == 4 * sizeof tensors / sizeof *tensors,
          "tensors");
    CHECK(t, count(&m, LOCKSTEP_REG_ROPE_HI) == 8 && count(&m, LOCKSTEP_REG_ROPE_LO) == 8, "rope");
    CHECK(t, count(&m, LOCKSTEP_REG_LOAD_DATA) == 0, "the back door streams");
    static const uint32_t before[] = {LOCKSTEP_REG_UCODE_DATA, LOCKSTEP_REG_TENSOR_DATA,
                                      LOCKSTEP_REG_ROPE_HI,    LOCKSTEP_REG_N_LAYERS,
                                      LOCKSTEP_REG_VOCAB,      LOCKSTEP_REG_EOG7,
                                      LOCKSTEP_REG_IRQ_ENABLE};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        CHECK(t, find(&m, 0, before[i]) < validate, "0x%03x is written after validation",
              before[i]);
    for (uint32_t i = validate; i < m.writes; i++)
        CHECK(t, m.address[i] == LOCKSTEP_REG_CTRL || m.address[i] == LOCKSTEP_REG_IRQ_ENABLE,
              "0x%03x is written after validation", m.address[i]);
    const uint32_t first = find(&m, 0, LOCKSTEP_REG_TENSOR_DATA);
    CHECK(t,
          m.value[first + 4] == 64 && m.value[first + 5] == 0x212 && m.value[first + 6] == 2 &&
              m.value[first + 7] == 64,
          "descriptor 1 is %x %x %x %x", m.value[first + 4], m.value[first + 5], m.value[first + 6],
          m.value[first + 7]);
    CHECK(t, m.registers[LOCKSTEP_REG_EOG0 / 4] == (13 | LOCKSTEP_EOG0_VALID_MASK), "EOG0");
    CHECK(t, m.registers[LOCKSTEP_REG_EOG1 / 4] == 0, "EOG1");
    CHECK(t, m.waits == 1, "%u waits", m.waits);
}

/* The instruction at `pc` as op, dst and a; `from` on, the next one of that op. */
static uint32_t find_op(const struct fw_program *p, uint32_t from, uint32_t op) {
    for (; from < p->ops; from++)
        if ((p->words[from][0] & LOCKSTEP_UCODE0_OP_MASK) == op)
            return from;
    return FW_PROGRAM_OPS;
}

/* What an earlier model left of attention in the device does not stay; ANGLES has the magnitude. */
static void test_attention(struct host_test *t) {
    static const uint32_t registers[] = {LOCKSTEP_REG_LOCAL, LOCKSTEP_REG_ATTN_WINDOW,
                                         LOCKSTEP_REG_ATTN_CAP, LOCKSTEP_REG_ATTN_CAP_SLOPE};
    for (uint32_t local = 0; local < 2; local++) {
        static struct mock m;
        const struct hal hal = mock_open(&m);
        struct fw_model model = make_model();
        const uint32_t values[] = {0x10506, 512, 0x42480000, 0x3d23d70a};
        struct fw_device d;
        for (size_t i = 0; i < sizeof registers / sizeof *registers; i++)
            m.registers[registers[i] / 4] = 7;
        if (local) {
            model.local_period = 6;
            model.local_count = 5;
            model.local_rope_base = 0x461c4000;
            model.local_window = values[1];
            model.attn_cap = values[2];
            model.attn_cap_slope = values[3];
        }
        CHECK(t, fw_probe(&d, &hal) == FW_OK && fw_load(&d, &model, NULL) == FW_OK, "load");
        for (size_t i = 0; i < sizeof registers / sizeof *registers; i++)
            CHECK(t, m.registers[registers[i] / 4] == (local ? values[i] : 0), "0x%03x is %x",
                  registers[i], m.registers[registers[i] / 4]);
        const uint32_t *angles = d.program.words[find_op(&d.program, 0, LOCKSTEP_OP_ANGLES)];
        CHECK(t, angles[3] == model.rope_magnitude, "magnitude %x", angles[3]);
    }
}

/* A bias stands behind its matrix, in place and of its length; halves are rotated into another
 * vector, neighbours in place. */
static void test_biases(struct host_test *t) {
    static struct fw_tensor more[3 + LAYERS * 16];
    for (uint32_t halves = 0; halves < 2; halves++) {
        const struct fw_limits limits = {.lanes = 2,
                                         .vector_lanes = 4,
                                         .port_bits = 128,
                                         .kv_words = 4096,
                                         .vector_words = 4096,
                                         .sequences = 4,
                                         .ucode_ops = 64,
                                         .tensors = 256,
                                         .context = 256,
                                         .head_dim = 256,
                                         .types = LOCKSTEP_TYPES};
        struct fw_model model = make_model();
        struct fw_program p;
        struct fw_refusal why = {0};
        for (uint32_t i = 0; i < sizeof more / sizeof *more; i++)
            more[i] = (struct fw_tensor){.type = LOCKSTEP_TYPE_F32};
        model.roles |= family_at(FAMILY_llama)->optional;
        model.rope_halves = halves;
        model.tensors = more;
        CHECK(t, program_stride(&model) == 16 && program_tensors(&model) == 3 + LAYERS * 16,
              "stride %u", program_stride(&model));
        CHECK(t, program_build(&model, &limits, &p, &why) == 0, "%s", why.what);
        const uint32_t lengths[] = {64, 32, 32, 64,
                                    96, 96, 64}; /* q, k, v, output, gate, up, down */
        uint32_t at = 0;
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            at = find_op(&p, at + 1, LOCKSTEP_OP_BIAS);
            const uint32_t *w = p.words[at], *before = p.words[at - 1];
            CHECK(t,
                  at < p.ops && w[2] >> LOCKSTEP_UCODE2_N_SHIFT == lengths[i] &&
                      (w[1] & 0xffffu) == w[1] >> LOCKSTEP_UCODE1_A_SHIFT &&
                      (before[0] & LOCKSTEP_UCODE0_OP_MASK) == LOCKSTEP_OP_MATVEC &&
                      (before[1] & 0xffffu) == (w[1] & 0xffffu),
                  "bias %zu", i);
        }
        CHECK(t, find_op(&p, at + 1, LOCKSTEP_OP_BIAS) == FW_PROGRAM_OPS, "one bias more");
        uint32_t places[2][2]; /* of q and k: dst, a */
        at = 0;
        for (uint32_t i = 0; i < 2; i++) {
            at = find_op(&p, at + 1, LOCKSTEP_OP_ROPE);
            places[i][0] = p.words[at][1] & 0xffffu;
            places[i][1] = p.words[at][1] >> LOCKSTEP_UCODE1_A_SHIFT;
            CHECK(t, (places[i][0] == places[i][1]) == !halves, "rotation %u", i);
        }
        /* in units of 32 words: q has two, k one; no two of the four overlap */
        for (uint32_t i = 0; halves && i < 2; i++)
            for (uint32_t j = 0; j < 2; j++)
                CHECK(t, places[0][i] + 2 <= places[1][j] || places[1][j] + 1 <= places[0][i],
                      "q and k overlap");
    }
}

static void test_refusals(struct host_test *t) {
    static struct mock m;
    struct hal hal = mock_open(&m);
    struct fw_model model;
    struct fw_device d;
    struct {
        const char *what;
        uint32_t *field, value;
        enum fw_status status;
    } cases[] = {
        {"KV words", &model.context, 129, FW_CONTEXT_FAILED},
        {"context", &model.context, 257, FW_CONTEXT_FAILED},
        {"sequences", &model.sequences, 5, FW_CONTEXT_FAILED},
        {"columns", &model.hidden, 5000, FW_LOAD_FAILED},
        {"vector SRAM", &model.hidden, 2000, FW_LOAD_FAILED},
        {"head", &model.head_dim, 288, FW_LOAD_FAILED},
        {"layers", &model.layers, 300, FW_LOAD_FAILED},
        {"type", &tensors[5].type, 12, FW_LOAD_FAILED},
        {"type above 31", &tensors[5].type, 39, FW_LOAD_FAILED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hal = mock_open(&m);
        model = make_model();
        *cases[i].field = cases[i].value;
        CHECK(t, fw_probe(&d, &hal) == FW_OK, "probe");
        const enum fw_status status = fw_load(&d, &model, NULL);
        CHECK(t, status == cases[i].status, "%s: %s", cases[i].what, fw_status_text(status));
        CHECK(t, d.refusal.what != NULL && m.writes == 0, "%s: %u writes", cases[i].what, m.writes);
    }
    /* Heads and rotary parts need not be whole groups of the lanes. */
    for (uint32_t n_rot = 4; n_rot <= 16; n_rot += 6)
        for (uint32_t by_halves = 0; by_halves < 2; by_halves++) {
            hal = mock_open(&m);
            model = make_model();
            model.n_rot = n_rot;
            model.rope_halves = by_halves;
            fw_probe(&d, &hal);
            const enum fw_status status = fw_load(&d, &model, NULL);
            CHECK(t, status == FW_OK, "%u of %u: %s", by_halves, n_rot, fw_status_text(status));
            CHECK(t,
                  m.registers[LOCKSTEP_REG_ROPE_MODE / 4] ==
                      by_halves * LOCKSTEP_ROPE_MODE_HALVES_MASK,
                  "ROPE_MODE");
        }
    hal = mock_open(&m);
    m.registers[LOCKSTEP_REG_ID / 4] ^= 1;
    CHECK(t, fw_probe(&d, &hal) == FW_NO_DEVICE, "another ID");
    hal = mock_open(&m);
    m.registers[LOCKSTEP_REG_VERSION / 4] += 1u << LOCKSTEP_VERSION_MAJOR_SHIFT;
    CHECK(t, fw_probe(&d, &hal) == FW_NO_DEVICE, "another version");

    model = make_model();
    hal = mock_open(&m);
    fw_probe(&d, &hal);
    m.silent = 1;
    CHECK(t, fw_load(&d, &model, NULL) == FW_TIMEOUT, "no interrupt");
    hal = mock_open(&m);
    m.status_after_validate = LOCKSTEP_STATUS_ERROR_MASK;
    m.registers[LOCKSTEP_REG_ERROR_CODE / 4] = LOCKSTEP_ERROR_DESCRIPTOR
                                               << LOCKSTEP_ERROR_CODE_CODE_SHIFT;
    m.registers[LOCKSTEP_REG_ERROR_TENSOR / 4] = 7;
    CHECK(t,
          fw_load(&d, &model, NULL) == FW_LOAD_FAILED &&
              d.fault.code == LOCKSTEP_ERROR_DESCRIPTOR && d.fault.tensor == 7,
          "validation fails");
    static uint8_t bytes[4096];
    for (uint32_t i = 0; i < sizeof tensors / sizeof *tensors; i++)
        tensors[i].address = 64 * i;
    CHECK(t, fw_load(&d, &model, bytes) == FW_CHECKSUM, "a wrong checksum");
}

static void test_tokens(struct host_test *t) {
    static struct mock m;
    const struct hal hal = mock_open(&m);
    const struct fw_model model = make_model();
    const uint32_t prompt[3] = {1, 39, 2};
    struct fw_settings settings = {
        .budget = 3, .sampling = {.top_k = 4, .top_p = 1, .repeat_penalty = 1, .seed = 1}};
    struct fw_device d;
    struct fw_event e;
    CHECK(t, fw_probe(&d, &hal) == FW_OK && fw_load(&d, &model, NULL) == FW_OK, "load");
    m.writes = 0;
    CHECK(t, fw_configure(&d, &settings) == FW_OK, "configure");
    CHECK(t, m.registers[LOCKSTEP_REG_TOPK / 4] == 0, "greedy asks for a list");
    CHECK(t, m.registers[LOCKSTEP_REG_PASS_SLOTS / 4] == 2, "slots of a pass");
    CHECK(t, fw_prompt(&d, 1, prompt, 3) == FW_OK, "prompt");
    m.queue[m.in++] = 17 | 1u << LOCKSTEP_OUT_SEQ_SHIFT;
    m.queue[m.in++] = 13 | 1u << LOCKSTEP_OUT_SEQ_SHIFT | LOCKSTEP_OUT_EOG_MASK;
    CHECK(t, fw_next(&d, &e) == FW_OK && e.sequence == 1 && e.token == 17 && !e.last, "token");
    const uint32_t at = find(&m, 0, LOCKSTEP_REG_TOKEN_IN);
    const uint32_t words[3] = {
        1 | 1u << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_PROMPT_MASK | LOCKSTEP_IN_FIRST_MASK,
        39 | 1u << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_PROMPT_MASK,
        2 | 1u << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_PROMPT_MASK | LOCKSTEP_IN_LAST_MASK};
    CHECK(t, at + 3 <= m.writes && memcmp(&m.value[at], words, sizeof words) == 0,
          "token words %x %x %x", m.value[at], m.value[at + 1], m.value[at + 2]);
    CHECK(t, fw_next(&d, &e) == FW_OK && e.token == 13 && e.end_of_generation && e.last, "end");
    CHECK(t, fw_next(&d, &e) == FW_DONE, "done");

    /* The firmware chooses; its choice goes back, but not the last one. */
    settings.sampling.temperature = 1e-6;
    CHECK(t, fw_configure(&d, &settings) == FW_OK && m.registers[LOCKSTEP_REG_TOPK / 4] == 4,
          "list size");
    CHECK(t, fw_prompt(&d, 0, prompt, 3) == FW_OK, "prompt");
    for (uint32_t i = 0; i < 4; i++) {
        const float logit = 4.0f - (float)i;
        m.list[i][0] = (20 + i) | LOCKSTEP_LIST_ID_VALID_MASK;
        memcpy(&m.list[i][1], &logit, 4);
    }
    m.writes = 0;
    for (uint32_t i = 0; i < 3; i++) {
        m.queue[m.in++ % QUEUE] = 99 | LOCKSTEP_OUT_LIST_MASK;
        CHECK(t, fw_next(&d, &e) == FW_OK && e.token == 20 && e.last == (i == 2), "choice %u", i);
    }
    CHECK(t, count(&m, LOCKSTEP_REG_TOKEN_IN) == 3 + 2, "%u tokens in",
          count(&m, LOCKSTEP_REG_TOKEN_IN));
    CHECK(t, fw_next(&d, &e) == FW_DONE, "done");

    /* An error instead of a token; silence instead of either. */
    CHECK(t, fw_prompt(&d, 0, prompt, 3) == FW_OK, "prompt");
    m.registers[LOCKSTEP_REG_STATUS / 4] = LOCKSTEP_STATUS_ERROR_MASK;
    m.registers[LOCKSTEP_REG_ERROR_CODE / 4] = LOCKSTEP_ERROR_PORT_TIMEOUT
                                               << LOCKSTEP_ERROR_CODE_CODE_SHIFT;
    m.registers[LOCKSTEP_REG_ERROR_LAYER / 4] = 1;
    CHECK(t,
          fw_next(&d, &e) == FW_DEVICE_ERROR && d.fault.code == LOCKSTEP_ERROR_PORT_TIMEOUT &&
              d.fault.layer == 1,
          "error");
    m.writes = 0;
    CHECK(t, fw_recover(&d) == FW_OK && m.value[0] == LOCKSTEP_CTRL_SOFT_RESET_MASK, "recover");
    CHECK(t, fw_next(&d, &e) == FW_DONE, "completions are dropped");
    CHECK(t, fw_prompt(&d, 0, prompt, 3) == FW_OK, "prompt");
    m.registers[LOCKSTEP_REG_STATUS / 4] = 0;
    m.silent = 1;
    CHECK(t, fw_next(&d, &e) == FW_TIMEOUT, "silence");
}

/* ---- arithmetic ---- */

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Frequencies against the probabilities, by chi-square. */
static double chi_square(const struct sampler_settings *settings, double temperature,
                         uint32_t kept) {
    enum { ENTRIES = 8, DRAWS = 200000 };
    struct sampler_entry list[ENTRIES];
    double weight[ENTRIES], total = 0, sum = 0;
    uint32_t seen[ENTRIES] = {0};
    struct sampler s;
    for (uint32_t i = 0; i < ENTRIES; i++) {
        const float logit = 2.5f - 0.4f * (float)i;
        list[i] = (struct sampler_entry){i, (double)logit};
        weight[i] = i < kept ? exp((double)logit / temperature) : 0;
        total += weight[i];
    }
    sampler_init(&s, settings);
    for (uint32_t i = 0; i < DRAWS; i++)
        seen[sampler_choose(&s, list, ENTRIES) % ENTRIES]++;
    for (uint32_t i = 0; i < ENTRIES; i++) {
        const double expected = (double)DRAWS * weight[i] / total;
        if (expected > 0)
            sum += (seen[i] - expected) * (seen[i] - expected) / expected;
        else
            sum += seen[i] > 0 ? 1e9 : 0;
    }
    return sum;
}

static void test_sampler(struct host_test *t) {
    struct sampler_settings settings = {
        .temperature = 0.8, .top_k = 8, .top_p = 1, .repeat_penalty = 1, .seed = 5};
    const double limit = 30; /* 7 degrees of freedom: 1 in 10,000 seeds; this one is fixed */
    CHECK(t, chi_square(&settings, 0.8, 8) < limit, "%g", chi_square(&settings, 0.8, 8));
    CHECK(t, chi_square(&settings, 0.85, 8) > limit, "planted: another temperature");
    settings.top_k = 3;
    CHECK(t, chi_square(&settings, 0.8, 3) < limit, "top-k: %g", chi_square(&settings, 0.8, 3));
    settings.top_k = 8;
    settings.top_p = 0.6; /* at temperature 1: 0.34 + 0.23 reaches 0.57, + 0.15 reaches 0.72 */
    CHECK(t, chi_square(&settings, 0.8, 3) < limit, "top-p: %g", chi_square(&settings, 0.8, 3));

    settings.top_p = 1;
    settings.min_p = 0.5; /* at temperature 1: 0.67 of the best one's, then 0.45 */
    CHECK(t, chi_square(&settings, 0.8, 2) < limit, "min-p: %g", chi_square(&settings, 0.8, 2));
    CHECK(t, chi_square(&settings, 0.8, 3) > limit, "planted: min-p keeps one more");

    struct sampler a, b;
    const struct sampler_entry list[3] = {{7, 3}, {8, 2}, {9, -1}};
    settings = (struct sampler_settings){
        .temperature = 0, .top_k = 3, .top_p = 1, .repeat_penalty = 2, .seed = 1};
    sampler_init(&a, &settings);
    CHECK(t, sampler_choose(&a, list, 3) == 7, "nothing is penalised yet");
    sampler_accept(&a, 7);
    CHECK(t, sampler_choose(&a, list, 3) == 8, "3 / 2 < 2");
    sampler_accept(&a, 8);
    CHECK(t, sampler_choose(&a, list, 3) == 7, "3 / 2 > 2 / 2 > -1");
    for (uint32_t i = 0; i < SAMPLER_RECENT; i++)
        sampler_accept(&a, 100);
    CHECK(t, sampler_choose(&a, list, 3) == 7, "all forgotten");
    for (uint32_t before = 0; before <= SAMPLER_RECENT; before++) {
        sampler_init(&a, &settings);
        for (uint32_t i = 0; i < before; i++)
            sampler_accept(&a, 100);
        sampler_accept(&a, 7);
        for (uint32_t i = 0; i < SAMPLER_RECENT; i++, sampler_accept(&a, 100))
            CHECK(t, sampler_choose(&a, list, 3) == 8, "forgotten after %u tokens", i);
        CHECK(t, sampler_choose(&a, list, 3) == 7, "%u tokens, then one: not forgotten", before);
    }
    const struct sampler_entry below[2] = {{7, -1}, {8, -1.5}};
    sampler_accept(&a, 7);
    CHECK(t, sampler_choose(&a, below, 2) == 8, "-1 * 2 < -1.5");
    sampler_init(&a, &settings);
    CHECK(t, sampler_choose(&a, list, 3) == 7, "a new start forgets");
    sampler_accept(&a, 7);
    const struct sampler_entry small[2] = {{7, 0.5}, {8, 0.4}};
    CHECK(t, sampler_choose(&a, small, 2) == 8, "0.5 / 2 < 0.4");

    settings = (struct sampler_settings){.top_k = 3, .top_p = 1, .repeat_penalty = 1};
    CHECK(t, sampler_is_greedy(&settings) && sampler_list_size(&settings) == 3, "no penalty");
    settings.presence_penalty = 1.5;
    CHECK(t, !sampler_is_greedy(&settings) && sampler_list_size(&settings) == SAMPLER_LIST,
          "a penalty needs the list");
    sampler_init(&a, &settings);
    sampler_accept(&a, 7);
    CHECK(t, sampler_choose(&a, list, 3) == 8, "3 - 1.5 < 2");
    settings.presence_penalty = 0;
    settings.frequency_penalty = 0.6;
    sampler_init(&a, &settings);
    sampler_accept(&a, 7);
    CHECK(t, sampler_choose(&a, list, 3) == 7, "3 - 0.6 > 2");
    sampler_accept(&a, 7);
    CHECK(t, sampler_choose(&a, list, 3) == 8, "3 - 1.2 < 2");
    settings.frequency_penalty = 1.5;
    sampler_init(&a, &settings);
    sampler_accept(&a, 7);
    CHECK(t, sampler_choose(&a, list, 3) == 8, "3 - 1 * 1.5 < 2");
    settings = (struct sampler_settings){
        .temperature = -1, .top_k = 3, .top_p = 1, .repeat_penalty = 1, .seed = 1};
    sampler_init(&a, &settings);
    for (int i = 0; i < 100; i++)
        CHECK(t, sampler_choose(&a, list, 3) == 7, "below 0 is as greedy as 0");

    settings = (struct sampler_settings){
        .temperature = 1, .top_k = 3, .top_p = 1, .repeat_penalty = 1, .seed = 9};
    sampler_init(&a, &settings);
    sampler_init(&b, &settings);
    uint32_t equal = 0, other = 0;
    for (int i = 0; i < 100; i++)
        equal += sampler_choose(&a, list, 3) == sampler_choose(&b, list, 3);
    settings.seed = 10;
    sampler_init(&a, &settings);
    for (int i = 0; i < 100; i++)
        other += sampler_choose(&a, list, 3) == sampler_choose(&b, list, 3);
    CHECK(t, equal == 100 && other < 100, "%u and %u of 100 draws are equal", equal, other);
}

/* Among equals the choice is the generator's: SplitMix64 from the seed on, its uppermost bits. */
static void test_draws(struct host_test *t) {
    const struct sampler_settings settings = {
        .temperature = 1, .top_k = SAMPLER_LIST, .top_p = 1, .repeat_penalty = 1, .seed = 77};
    struct sampler_entry list[SAMPLER_LIST];
    struct sampler s;
    uint64_t random = 77;
    for (uint32_t i = 0; i < SAMPLER_LIST; i++)
        list[i] = (struct sampler_entry){i, 1};
    sampler_init(&s, &settings);
    for (int i = 0; i < 1000; i++) {
        const uint32_t expected = (uint32_t)(random_64(&random) / (UINT64_MAX / SAMPLER_LIST + 1));
        const uint32_t token = sampler_choose(&s, list, SAMPLER_LIST);
        CHECK(t, token == expected, "draw %d is %u, not %u", i, token, expected);
    }
}

/* What top-p and min-p keep among equals, to the entry; and that a penalty that moves a token to
 * the end loses none. */
static void test_kept(struct host_test *t) {
    static const struct {
        double top_p, min_p;
        uint32_t kept;
    } cases[] = {{0.5, 0, 32}, {0.25, 0, 16}, {1, 1, 64}, {0.5, 1, 32}};
    struct sampler_settings settings = {
        .temperature = 1, .top_k = SAMPLER_LIST, .repeat_penalty = 1, .seed = 3};
    struct sampler_entry list[SAMPLER_LIST];
    struct sampler s;
    for (uint32_t i = 0; i < SAMPLER_LIST; i++)
        list[i] = (struct sampler_entry){i, 1};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        uint32_t most = 0;
        settings.top_p = cases[c].top_p;
        settings.min_p = cases[c].min_p;
        sampler_init(&s, &settings);
        for (int i = 0; i < 4000; i++) {
            const uint32_t token = sampler_choose(&s, list, SAMPLER_LIST);
            most = token > most ? token : most;
        }
        CHECK(t, most + 1 == cases[c].kept, "top-p %g, min-p %g: %u are kept", cases[c].top_p,
              cases[c].min_p, most + 1);
    }
    list[0].logit = 3;
    settings.min_p = 0.5;
    sampler_init(&s, &settings);
    for (int i = 0; i < 400; i++)
        CHECK(t, sampler_choose(&s, list, SAMPLER_LIST) == 0, "min-p keeps more than the best");
    struct sampler_entry long_list[SAMPLER_LIST + 1];
    memcpy(long_list, list, sizeof list);
    long_list[SAMPLER_LIST] = (struct sampler_entry){99, 90};
    CHECK(t, sampler_choose(&s, long_list, SAMPLER_LIST + 1) == 0, "more entries than a list has");
    const struct sampler_entry four[4] = {{1, 1.3}, {2, 1.2}, {3, 1.1}, {4, 1}};
    uint32_t seen[5] = {0};
    settings = (struct sampler_settings){
        .temperature = 1, .top_k = 4, .top_p = 1, .repeat_penalty = 2, .seed = 3};
    sampler_init(&s, &settings);
    sampler_accept(&s, 1);
    for (int i = 0; i < 400; i++) {
        const uint32_t token = sampler_choose(&s, four, 4);
        CHECK(t, token >= 1 && token <= 4, "token %u", token);
        seen[token % 5]++;
    }
    for (uint32_t i = 1; i <= 4; i++)
        CHECK(t, seen[i] > 40, "token %u %u times", i, seen[i]);
}

/* Scale and cap of logits, where a token is chosen by chance. */
static void test_logits(struct host_test *t) {
    static const float logits[] = {0, 0.5f, -0.5f, 3, -17, 29.5f, 300, -3e38f};
    for (size_t i = 0; i < sizeof logits / sizeof *logits; i++) {
        const double logit = (double)logits[i];
        const uint32_t bits = bits_of(logits[i]);
        CHECK(t, sampler_logit(bits, 1, 0) == logit, "%g as it is", logit);
        CHECK(t, sampler_logit(bits, 0.125, 0) == logit / 8, "%g scaled", logit);
        CHECK(t, fabs(sampler_logit(bits, 1, 30) - 30 * tanh(logit / 30)) < 1e-12, "%g capped: %g",
              logit, sampler_logit(bits, 1, 30));
        CHECK(t, fabs(sampler_logit(bits, 0.5, 30) - 30 * tanh(logit / 60)) < 1e-12,
              "%g scaled and capped: %g", logit, sampler_logit(bits, 0.5, 30));
    }
}

/* The definition in IEEE 802.3, bit by bit. */
static uint32_t plain_crc(const uint8_t *bytes, size_t size) {
    uint32_t crc = ~0u;
    for (size_t i = 0; i < size; i++)
        for (int bit = 0; bit < 8; bit++) {
            const uint32_t top = (crc ^ (uint32_t)(bytes[i] >> bit)) & 1u;
            crc = (crc >> 1) ^ (top ? 0xedb88320u : 0);
        }
    return ~crc;
}

static void test_crc(struct host_test *t) {
    static struct mock m;
    static uint8_t bytes[256];
    const struct hal hal = mock_open(&m);
    CHECK(t, plain_crc((const uint8_t *)"123456789", 9) == 0xcbf43926, "the check value");
    for (uint32_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i + 7 * i);
    for (uint32_t size = 1; size <= 64; size++) {
        uint8_t padded[64] = {0}; /* the last word is filled with zeros */
        memcpy(padded, bytes, size);
        m.writes = 0;
        m.registers[LOCKSTEP_REG_LOAD_CRC / 4] = plain_crc(padded, (size + 3) / 4 * 4);
        CHECK(t, loader_stream(&hal, 0x4200001000u, bytes, size), "%u bytes", size);
        CHECK(t,
              m.registers[LOCKSTEP_REG_LOAD_ADDR_HI / 4] == 0x42 &&
                  m.registers[LOCKSTEP_REG_LOAD_ADDR_LO / 4] == 0x1000 &&
                  count(&m, LOCKSTEP_REG_LOAD_DATA) == (size + 3) / 4 &&
                  m.address[m.writes - 1] == LOCKSTEP_REG_LOAD_FLUSH,
              "%u bytes: the writes", size);
        m.registers[LOCKSTEP_REG_LOAD_CRC / 4] ^= 1u << (size % 32);
        CHECK(t, !loader_stream(&hal, 0, bytes, size), "planted: a wrong checksum passes");
    }
}

int main(void) {
    struct host_test t = {"firmware", 0, 0};
    test_load(&t);
    test_attention(&t);
    test_biases(&t);
    test_refusals(&t);
    test_tokens(&t);
    test_sampler(&t);
    test_draws(&t);
    test_kept(&t);
    test_logits(&t);
    test_crc(&t);
    return host_test_finish(&t);
}
