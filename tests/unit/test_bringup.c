/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Bring-up by the firmware: each capability comes from its register, each number of a model goes to
 * its own; what is too large by one is refused, with the parameter that would help and both sizes,
 * and what just fits is not; prompts that are taken and refused; names of what went wrong.
 */
#include "tests/kit/host_test.h"
#include "tests/kit/mock_device.h"

enum { MANY = 3 + 255 * 9 };

/* ---- registers ---- */

static void test_probe(struct host_test *t) {
    static struct mock m;
    static struct fw_device d;
    const struct hal hal = mock_open(&m);
    const struct {
        uint32_t address;
        const uint32_t *is;
    } limits[] = {{LOCKSTEP_REG_LANES, &d.limits.lanes},
                  {LOCKSTEP_REG_SLOTS, &d.limits.slots},
                  {LOCKSTEP_REG_VLANES, &d.limits.vector_lanes},
                  {LOCKSTEP_REG_PORT_BITS, &d.limits.port_bits},
                  {LOCKSTEP_REG_CHANNELS, &d.limits.channels},
                  {LOCKSTEP_REG_ACT_BITS, &d.limits.act_bits},
                  {LOCKSTEP_REG_ATTN_HEADS, &d.limits.attention_heads},
                  {LOCKSTEP_REG_KV_WORDS, &d.limits.kv_words},
                  {LOCKSTEP_REG_VEC_WORDS, &d.limits.vector_words},
                  {LOCKSTEP_REG_SEQS, &d.limits.sequences},
                  {LOCKSTEP_REG_UCODE_OPS, &d.limits.ucode_ops},
                  {LOCKSTEP_REG_TENSORS, &d.limits.tensors},
                  {LOCKSTEP_REG_CONTEXT_MAX, &d.limits.context},
                  {LOCKSTEP_REG_HEAD_DIM_MAX, &d.limits.head_dim},
                  {LOCKSTEP_REG_TOKEN_FIFO, &d.limits.token_fifo},
                  {LOCKSTEP_REG_TOPK_MAX, &d.limits.top_k},
                  {LOCKSTEP_REG_BEATS, &d.limits.beats},
                  {LOCKSTEP_REG_LOGIT_WORDS, &d.limits.logit_words}};
    for (uint32_t i = 0; i < sizeof limits / sizeof *limits; i++)
        m.registers[limits[i].address / 4] = 1000 + i;
    m.registers[LOCKSTEP_REG_TYPES / 4] = 0x80000107;
    m.registers[LOCKSTEP_REG_TYPES_HI / 4] = 0xc0000001;
    m.registers[LOCKSTEP_REG_VERSION / 4] = 1u << LOCKSTEP_VERSION_MAJOR_SHIFT | 7;
    memset(&d, 0xa5, sizeof d);
    CHECK(t, fw_probe(&d, &hal) == FW_OK && d.hal == &hal, "probe");
    for (uint32_t i = 0; i < sizeof limits / sizeof *limits; i++)
        CHECK(t, *limits[i].is == 1000 + i, "0x%03x: %u", limits[i].address, *limits[i].is);
    CHECK(t, d.limits.types == 0xc000000180000107u, "types %llx",
          (unsigned long long)d.limits.types);
    CHECK(t, d.prompts == 0 && d.tokens_generated == 0 && d.newest == 0 && m.writes == 0, "counts");
}

/* A model in which no two numbers are alike. */
static void test_geometry(struct host_test *t) {
    static struct mock m;
    static struct fw_device d;
    const struct hal hal = mock_open(&m);
    struct fw_model model = make_model();
    model.attn_scale = 0x3e812345;
    model.local_period = 6;
    model.local_count = 5;
    model.local_window = 517;
    model.local_rope_base = 0x43000000;
    model.attn_cap = 0x42480001;
    model.attn_cap_slope = 0x3d23d70b;
    model.n_rot = 12;
    model.eog_count = 8;
    for (uint32_t i = 0; i < 8; i++)
        model.eog[i] = 31 - i;
    const struct {
        uint32_t address, value;
    } registers[] = {
        {LOCKSTEP_REG_N_LAYERS, LAYERS},
        {LOCKSTEP_REG_N_HEADS, 4},
        {LOCKSTEP_REG_N_KV_HEADS, 2},
        {LOCKSTEP_REG_HEAD_DIM, 16},
        {LOCKSTEP_REG_N_ROT, 12},
        {LOCKSTEP_REG_ROPE_MODE, 0},
        {LOCKSTEP_REG_CONTEXT, 20},
        {LOCKSTEP_REG_N_SEQS, 2},
        {LOCKSTEP_REG_ATTN_SCALE, 0x3e812345},
        {LOCKSTEP_REG_LOCAL, 6u << LOCKSTEP_LOCAL_PERIOD_SHIFT | 5u << LOCKSTEP_LOCAL_COUNT_SHIFT |
                                 LOCKSTEP_LOCAL_ROPE_MASK},
        {LOCKSTEP_REG_ATTN_WINDOW, 517},
        {LOCKSTEP_REG_ATTN_CAP, 0x42480001},
        {LOCKSTEP_REG_ATTN_CAP_SLOPE, 0x3d23d70b},
        {LOCKSTEP_REG_EXPERTS, 0},
        {LOCKSTEP_REG_TENSOR_STRIDE, 9},
        {LOCKSTEP_REG_VOCAB, 40},
        {LOCKSTEP_REG_EOG0, 31 | LOCKSTEP_EOG0_VALID_MASK},
        {LOCKSTEP_REG_EOG1, 30 | LOCKSTEP_EOG0_VALID_MASK},
        {LOCKSTEP_REG_EOG2, 29 | LOCKSTEP_EOG0_VALID_MASK},
        {LOCKSTEP_REG_EOG3, 28 | LOCKSTEP_EOG0_VALID_MASK},
        {LOCKSTEP_REG_EOG4, 27 | LOCKSTEP_EOG0_VALID_MASK},
        {LOCKSTEP_REG_EOG5, 26 | LOCKSTEP_EOG0_VALID_MASK},
        {LOCKSTEP_REG_EOG6, 25 | LOCKSTEP_EOG0_VALID_MASK},
        {LOCKSTEP_REG_EOG7, 24 | LOCKSTEP_EOG0_VALID_MASK},
        {LOCKSTEP_REG_IRQ_STATUS, ~0u},
        {LOCKSTEP_REG_IRQ_ENABLE, LOCKSTEP_IRQ_ENABLE_TOKEN_MASK | LOCKSTEP_IRQ_ENABLE_ERROR_MASK}};
    CHECK(t, fw_probe(&d, &hal) == FW_OK, "probe");
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++)
        m.registers[registers[i].address / 4] = 0x5a5a5a5a;
    memset(d.sequences, 1, sizeof d.sequences);
    CHECK(t, fw_load(&d, &model, NULL) == FW_OK, "load");
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++)
        CHECK(t, m.registers[registers[i].address / 4] == registers[i].value, "0x%03x is %x",
              registers[i].address, m.registers[registers[i].address / 4]);
    for (uint32_t i = 0; i < FW_SEQUENCES; i++)
        CHECK(t, !d.sequences[i].active, "sequence %u is active", i);
    /* both tables of increments, from their first pair on; the local one knows no scale */
    const uint32_t first = find(&m, 0, LOCKSTEP_REG_ROPE_ADDR);
    const uint32_t second = find(&m, first + 1, LOCKSTEP_REG_ROPE_ADDR);
    CHECK(t,
          m.value[first] == 0 && m.value[second] == LOCKSTEP_ROPE_ADDR_BANK_MASK &&
              second == first + 13 && count(&m, LOCKSTEP_REG_ROPE_HI) == 12,
          "tables of increments");
    CHECK(t,
          m.value[second + 1] == m.value[first + 1] && m.value[second + 2] == m.value[first + 2] &&
              m.value[second + 3] != m.value[first + 3],
          "increments of two bases");
    model.rope_scale = 0x40000000; /* 2: half of them */
    m.writes = 0;
    CHECK(t, fw_load(&d, &model, NULL) == FW_OK, "load");
    const uint64_t half = m.value[first + 1] | (uint64_t)m.value[first + 2] << 32;
    const uint64_t whole = m.value[second + 1] | (uint64_t)m.value[second + 2] << 32;
    CHECK(t, whole / 2 == half || whole / 2 + 1 == half, "%llx of %llx", (unsigned long long)half,
          (unsigned long long)whole);
    /* what comes while it is validated, in order */
    const uint32_t at = find(&m, second, LOCKSTEP_REG_IRQ_STATUS);
    CHECK(t,
          m.address[at + 1] == LOCKSTEP_REG_IRQ_ENABLE &&
              m.value[at + 1] == (LOCKSTEP_IRQ_ENABLE_ERROR_MASK | LOCKSTEP_IRQ_ENABLE_IDLE_MASK) &&
              m.address[at + 2] == LOCKSTEP_REG_CTRL &&
              m.value[at + 2] == LOCKSTEP_CTRL_VALIDATE_MASK && at + 4 == m.writes,
          "how it is validated");
    m.status_after_validate = 0;
    CHECK(t, fw_load(&d, &model, NULL) == FW_TIMEOUT, "a model that is not ready");
    model.eog_count = 3;
    m.status_after_validate = LOCKSTEP_STATUS_MODEL_READY_MASK;
    CHECK(t, fw_load(&d, &model, NULL) == FW_OK && m.registers[LOCKSTEP_REG_EOG2 / 4] != 0,
          "the third end");
    for (uint32_t i = 0; i < 5; i++)
        CHECK(t,
              m.registers[(i == 0 ? LOCKSTEP_REG_EOG3 : LOCKSTEP_REG_EOG4 + 4 * (i - 1)) / 4] == 0,
              "end %u stays", i + 3);
}

/* ---- what fits ---- */

struct fit {
    struct fw_model model;
    struct fw_limits limits;
};

static struct fit make_fit(void) {
    static struct fw_tensor many[MANY];
    struct fit f = {.model = make_model(),
                    .limits = {.vector_words = 1u << 30,
                               .kv_words = UINT32_MAX,
                               .sequences = 16,
                               .ucode_ops = UINT32_MAX,
                               .tensors = UINT32_MAX,
                               .context = 1u << 20,
                               .head_dim = 1u << 20,
                               .types = 1u << 2}};
    for (uint32_t i = 0; i < MANY; i++)
        many[i].type = 2;
    f.model.tensors = many;
    return f;
}

/* Whether it is refused; if so, with these words and sizes. */
static bool refused(struct host_test *t, const struct fit *f, const char *what,
                    const char *parameter, uint64_t need, uint64_t have) {
    static struct {
        struct fw_program program;
        uint32_t behind;
    } of;
    struct fw_refusal why;
    memset(&why, 0xa5, sizeof why);
    of.behind = 0x12345678;
    const int built = program_build(&f->model, &f->limits, &of.program, &why);
    CHECK(t, of.behind == 0x12345678, "%s: written behind the program", what);
    if (built == 0 && program_context(&f->model, &f->limits, &why) == 0)
        return false;
    CHECK(t, strstr(why.what, what) != NULL, "'%s', not '%s'", why.what, what);
    CHECK(t,
          parameter == NULL ? why.parameter == NULL
                            : why.parameter != NULL && strcmp(why.parameter, parameter) == 0,
          "%s: another parameter than %s", what, parameter == NULL ? "none" : parameter);
    CHECK(t, why.need == need && why.have == have, "%s: %llu of %llu, not %llu of %llu", what,
          (unsigned long long)why.need, (unsigned long long)why.have, (unsigned long long)need,
          (unsigned long long)have);
    return true;
}

/* What the device has: one less than needed, and as much. */
static void test_limits(struct host_test *t) {
    static struct fit f;
    const struct {
        const char *what, *parameter;
        uint32_t *limit, need;
    } limits[] = {{"tensors in the descriptor table", "TENSORS", &f.limits.tensors, 3 + 2 * 9},
                  {"elements of a head", NULL, &f.limits.head_dim, 16},
                  {"positions of a sequence", "CONTEXT_MAX", &f.limits.context, 20},
                  {"sequences", "SEQS", &f.limits.sequences, 2},
                  /* sequences, layers, K and V, heads of them, positions: a block each */
                  {"words of the KV SRAM", "KV_WORDS", &f.limits.kv_words, 2 * 2 * 2 * 2 * 20}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        f = make_fit();
        *limits[i].limit = limits[i].need - 1;
        CHECK(
            t,
            refused(t, &f, limits[i].what, limits[i].parameter, limits[i].need, limits[i].need - 1),
            "%s: it fits", limits[i].what);
        *limits[i].limit = limits[i].need;
        CHECK(t, !refused(t, &f, limits[i].what, NULL, 0, 0), "%s: it just fits", limits[i].what);
    }
    /* Words that no formula gives: what it asks for is enough, and one less is not. */
    struct fw_refusal why = {0};
    struct fw_program p;
    f = make_fit();
    f.limits.vector_words = 96; /* the widest vector */
    CHECK(t, program_build(&f.model, &f.limits, &p, &why) != 0 && why.need % 32 == 0, "vectors");
    const uint64_t words = why.need;
    f.limits.vector_words = (uint32_t)words - 1;
    CHECK(t, refused(t, &f, "words of a slot's vector SRAM", "VEC_WORDS", words, words - 1),
          "fits");
    f.limits.vector_words = (uint32_t)words;
    CHECK(t, !refused(t, &f, "", NULL, 0, 0) && words > 96 && words < 1000, "%u words are needed",
          (unsigned)words);
    f.limits.ucode_ops = 0;
    CHECK(t, program_build(&f.model, &f.limits, &p, &why) != 0 && why.need == p.ops,
          "instructions");
    const uint32_t ops = p.ops;
    f.limits.ucode_ops = ops - 1;
    CHECK(t, refused(t, &f, "instructions of the program", "UCODE_OPS", ops, ops - 1), "fits");
    f.limits.ucode_ops = ops;
    CHECK(t, !refused(t, &f, "", NULL, 0, 0), "%u instructions are needed", ops);
    f = make_fit();
    f.model.family = FAMILY_phi2; /* an output in pieces, each three instructions */
    f.model.roles = family_at(FAMILY_phi2)->required | ROLE_BIT(ROLE_OUTPUT);
    f.model.vocab = 100 * LOCKSTEP_OFFER_ROWS;
    CHECK(t, program_build(&f.model, &f.limits, &p, &why) != 0 && p.ops > 300, "%u", p.ops);
    CHECK(t, refused(t, &f, "instructions of the program", "UCODE_OPS", p.ops, FW_PROGRAM_OPS),
          "a program of %u instructions", p.ops);
}

/* What no device has: the largest, and one more. */
static void test_sizes(struct host_test *t) {
    static struct fit f;
    const struct {
        const char *what, *parameter;
        uint32_t *size, most;
    } sizes[] = {{"tokens in the vocabulary", NULL, &f.model.vocab, 1u << 20},
                 {"experts of a layer", NULL, &f.model.experts, LOCKSTEP_EXPERTS_MAX},
                 {"layers", NULL, &f.model.layers, 255},
                 {"heads", NULL, &f.model.heads, 255}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        f = make_fit();
        *sizes[i].size = sizes[i].most;
        CHECK(t, !refused(t, &f, "", NULL, 0, 0), "%s: %u", sizes[i].what, sizes[i].most);
        *sizes[i].size = sizes[i].most + 1;
        CHECK(t,
              refused(t, &f, sizes[i].what, sizes[i].parameter, sizes[i].most + 1, sizes[i].most),
              "%s: %u fit", sizes[i].what, sizes[i].most + 1);
    }
    uint32_t *const widths[] = {&f.model.dim, &f.model.hidden, &f.model.shared_hidden};
    for (size_t i = 0; i < 3; i++) {
        f = make_fit();
        f.limits.vector_words = 4000;
        *widths[i] = 4001;
        CHECK(t, refused(t, &f, "elements of the widest vector", "VEC_WORDS", 4001, 4000),
              "width %zu", i);
    }
    f = make_fit();
    f.limits.vector_words = 4079;
    f.model.heads = 255;
    CHECK(t, refused(t, &f, "elements of the query vector", "VEC_WORDS", 4080, 4079), "a query");
    /* positions that are learned */
    f = make_fit();
    f.model.roles |= ROLE_BIT(ROLE_POSITION_EMBD);
    static struct fw_tensor learned[MANY];
    memcpy(learned, f.model.tensors, sizeof learned);
    f.model.tensors = learned;
    learned[program_place(&f.model, ROLE_POSITION_EMBD, 0)].rows = 19;
    struct fw_refusal why = {.parameter = "X"};
    CHECK(t,
          program_context(&f.model, &f.limits, &why) != 0 && why.need == 20 && why.have == 19 &&
              why.parameter == NULL && strstr(why.what, "learned") != NULL,
          "positions that are not learned");
    learned[program_place(&f.model, ROLE_POSITION_EMBD, 0)].rows = 20;
    CHECK(t, program_context(&f.model, &f.limits, &why) == 0, "as many as are learned");
}

/* Each tensor's type. */
static void test_types(struct host_test *t) {
    static struct fw_tensor of[MANY];
    struct fit f = make_fit();
    memcpy(of, f.model.tensors, sizeof of);
    f.model.tensors = of;
    for (uint32_t i = 0; i < 3 + 2 * 9; i++) {
        of[i].type = 12;
        CHECK(t, refused(t, &f, "a tensor type that the device decodes", NULL, 12, 1u << 2),
              "tensor %u", i);
        of[i].type = 2;
    }
    f.limits.types = UINT64_MAX;
    of[7].type = 63;
    CHECK(t, !refused(t, &f, "", NULL, 0, 0), "type 63");
    of[7].type = 64;
    CHECK(t, refused(t, &f, "a tensor type", NULL, 64, UINT64_MAX), "type 64");
    const struct fw_tensor tensor = {
        .address = 0xab12345678, .bytes = 99, .type = 39, .rows = 77, .cols = 1234};
    uint32_t words[4];
    program_descriptor(&tensor, words);
    CHECK(t,
          words[0] == 0x12345678 && words[1] == (39u << 8 | 0xab) && words[2] == 77 &&
              words[3] == 1234,
          "descriptor %x %x %x %x", words[0], words[1], words[2], words[3]);
}

/* A LayerNorm has a bias where the model has one. */
static void test_norm_biases(struct host_test *t) {
    static const enum role biases[] = {ROLE_ATTN_NORM_BIAS, ROLE_FFN_NORM_BIAS,
                                       ROLE_OUTPUT_NORM_BIAS};
    static struct fw_program p;
    struct fw_refusal why = {0};
    uint32_t counts[4] = {0};
    for (size_t i = 0; i < 4; i++) {
        struct fit f = make_fit();
        f.model.family = FAMILY_gpt2;
        f.model.roles = family_at(FAMILY_gpt2)->required | ROLE_BIT(ROLE_OUTPUT);
        if (i > 0)
            f.model.roles &= ~ROLE_BIT(biases[i - 1]);
        CHECK(t, program_build(&f.model, &f.limits, &p, &why) == 0, "%s", why.what);
        for (uint32_t k = 0; k < p.ops; k++)
            counts[i] += (p.words[k][0] & LOCKSTEP_UCODE0_OP_MASK) == LOCKSTEP_OP_BIAS;
        CHECK(t, counts[i] == counts[0] - (i > 0), "without bias %zu: %u of %u", i, counts[i],
              counts[0]);
    }
}

/* ---- prompts, errors, names ---- */

static void test_prompts(struct host_test *t) {
    static struct mock m;
    static struct fw_device d;
    static uint32_t text[22];
    const struct hal hal = mock_open(&m);
    const struct fw_model model = make_model();
    struct fw_settings settings = {.sampling = {.temperature = 1, .top_k = 4, .repeat_penalty = 1}};
    CHECK(t, fw_probe(&d, &hal) == FW_OK && fw_load(&d, &model, NULL) == FW_OK, "bring-up");
    m.writes = 0;
    CHECK(t, fw_configure(&d, &settings) == FW_PROMPT_FAILED && m.writes == 0, "no budget");
    settings.budget = 9;
    m.registers[LOCKSTEP_REG_START_POS / 4] = 5;
    CHECK(t, fw_configure(&d, &settings) == FW_OK, "configure");
    CHECK(t,
          m.registers[LOCKSTEP_REG_BUDGET / 4] == 9 &&
              m.registers[LOCKSTEP_REG_START_POS / 4] == 0 &&
              m.registers[LOCKSTEP_REG_TOPK / 4] == 4 &&
              m.registers[LOCKSTEP_REG_PASS_SLOTS / 4] == 2 &&
              m.registers[LOCKSTEP_REG_CTRL / 4] == LOCKSTEP_CTRL_RUN_MASK &&
              m.address[m.writes - 1] == LOCKSTEP_REG_CTRL,
          "settings");
    settings.pass_slots = 1;
    settings.sampling.temperature = 0;
    CHECK(t,
          fw_configure(&d, &settings) == FW_OK && m.registers[LOCKSTEP_REG_PASS_SLOTS / 4] == 1 &&
              m.registers[LOCKSTEP_REG_TOPK / 4] == 0,
          "greedy, a slot a pass");
    settings.given = 1;
    CHECK(t, fw_configure(&d, &settings) == FW_OK && m.registers[LOCKSTEP_REG_TOPK / 4] == 4,
          "given tokens want lists");
    static const struct {
        uint32_t sequence, count, spoiled;
        bool taken;
    } prompts[] = {{0, 0, 22, false}, {2, 3, 22, false},  {0, 21, 22, false},
                   {0, 3, 0, false},  {0, 20, 19, false}, {0, 20, 20, true},
                   {0, 3, 22, false}, {1, 1, 22, true},   {1, 1, 22, false}};
    for (uint32_t i = 0; i < sizeof prompts / sizeof *prompts; i++) {
        const uint32_t q = prompts[i].sequence, before = d.prompts;
        struct fw_sequence *s = &d.sequences[q];
        for (uint32_t k = 0; k < 22; k++)
            text[k] = k == prompts[i].spoiled ? 40 : 39;
        if (!s->active) {
            memset(s, 0xa5, sizeof *s);
            s->active = 0;
        }
        const bool taken = fw_prompt(&d, q, text, prompts[i].count) == FW_OK;
        CHECK(t, taken == prompts[i].taken && d.prompts == before + taken, "prompt %u", i);
        CHECK(t,
              !taken ||
                  (s->prompt == text && s->count == prompts[i].count && s->prefill == s->count &&
                   s->sent == 0 && s->generated == 0 && s->start == 0 && s->given == NULL &&
                   s->chosen == 0 && s->active == 1 && s->sampler.recent_count == s->count &&
                   s->sampler.recent[0] == 39 && d.newest == q),
              "prompt %u: the sequence is not as new", i);
    }
    m.writes = 0;
    CHECK(t, fw_recover(&d) == FW_OK && m.value[0] == LOCKSTEP_CTRL_SOFT_RESET_MASK, "recover");
    for (uint32_t i = 0; i < FW_SEQUENCES; i++)
        CHECK(t, !d.sequences[i].active, "sequence %u goes on", i);
}

static void test_errors(struct host_test *t) {
    static struct mock m;
    static struct fw_device d;
    static const uint32_t codes[] = {
        LOCKSTEP_ERROR_NONE,   LOCKSTEP_ERROR_MODEL_LOAD, LOCKSTEP_ERROR_CONTEXT_LENGTH,
        LOCKSTEP_ERROR_PROMPT, LOCKSTEP_ERROR_NONFINITE,  LOCKSTEP_ERROR_PORT_TIMEOUT,
        LOCKSTEP_ERROR_LOADER, LOCKSTEP_ERROR_OVERHEAT,   LOCKSTEP_ERROR_DRAFT};
    static const char *const names[] = {"NONE",   "MODEL_LOAD", "CONTEXT_LENGTH",
                                        "PROMPT", "NONFINITE",  "PORT_TIMEOUT",
                                        "LOADER", "OVERHEAT",   "DRAFT"};
    const struct hal hal = mock_open(&m);
    CHECK(t, fw_probe(&d, &hal) == FW_OK, "probe");
    m.registers[LOCKSTEP_REG_ERROR_CODE / 4] = 0xffffff00u | LOCKSTEP_ERROR_KV_FULL;
    m.registers[LOCKSTEP_REG_ERROR_PC / 4] = 11;
    m.registers[LOCKSTEP_REG_ERROR_LAYER / 4] = 12;
    m.registers[LOCKSTEP_REG_ERROR_SLOT / 4] = 13;
    m.registers[LOCKSTEP_REG_ERROR_TENSOR / 4] = 14;
    CHECK(t, fw_stopped(&d) == FW_DEVICE_ERROR, "status");
    CHECK(t,
          d.fault.code == LOCKSTEP_ERROR_KV_FULL && d.fault.pc == 11 && d.fault.layer == 12 &&
              d.fault.slot == 13 && d.fault.tensor == 14,
          "where it stopped");
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        CHECK(t, strcmp(fw_fault_name(codes[i]), names[i]) == 0, "code %u is %s", codes[i],
              fw_fault_name(codes[i]));
    for (uint32_t code = LOCKSTEP_ERROR_DRAFT + 1; code < 300; code++)
        CHECK(t, strcmp(fw_fault_name(code), "unknown") == 0, "code %u is %s", code,
              fw_fault_name(code));
    CHECK(t, strcmp(fw_fault_name(LOCKSTEP_ERROR_PROMPT + 1), "unknown") == 0, "no code");
    CHECK(t,
          strcmp(fw_status_text(FW_OK), "no error") == 0 &&
              strcmp(fw_status_text(FW_TIMEOUT), "the device did not answer in time") == 0 &&
              strcmp(fw_status_text(FW_DONE), "done") == 0,
          "texts");
    uint32_t bits[3] = {0};
    m.registers[LOCKSTEP_REG_LOGIT_DATA / 4] = 0x3f800000;
    m.registers[LOCKSTEP_REG_LOGIT_ADDR / 4] = 9;
    fw_logits(&d, 3, bits, 2);
    CHECK(t,
          m.registers[LOCKSTEP_REG_LIST_SEQ / 4] == 3 &&
              m.registers[LOCKSTEP_REG_LOGIT_ADDR / 4] == 0 && bits[0] == 0x3f800000 &&
              bits[1] == 0x3f800000 && bits[2] == 0,
          "logits");
}

int main(void) {
    struct host_test t = {"bringup", 0, 0};
    test_probe(&t);
    test_geometry(&t);
    test_limits(&t);
    test_sizes(&t);
    test_types(&t);
    test_norm_biases(&t);
    test_prompts(&t);
    test_errors(&t);
    return host_test_finish(&t);
}
