/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the device says of an error is held to the golden model, the weight memory and the heat:
 * the true word for it is taken, with another code, op, layer, slot or tensor it is a difference,
 * and so is an error without a reason or with words missing before it.
 */
#include "csrc/model/bridge.h"
#include "generated/device.h"
#include "sim/check/sim_choice.h"
#include "sim/check/sim_stop.h"
#include "tests/kit/odd_models.h"
#include "tests/kit/small_limits.h"

#define ODD "build/tests/sim_stop/odd.gguf"

enum { SLOTS = 2, CONTEXT = 16 };
static const uint32_t tokens[] = {1, 270, 280};

struct rig {
    struct ls_model *model;
    struct fw_device firmware;
    struct scoreboard board;
    struct weight_mem memory;
    struct sim_power power;
};

static void rig_open(struct rig *r) {
    struct ls_error err;
    memset(r, 0, sizeof *r);
    r->firmware.limits = small_limits;
    r->memory = (struct weight_mem){.beat_bytes = 16, .refused = WEIGHT_MEM_NONE};
    r->power.begun = true;
    r->power.settings.limit = 100 << 16;
    if (ls_model_open(ODD, &r->model, &err) != 0 ||
        bridge_model(r->model, CONTEXT, 1, &r->firmware.model, &err) != 0 ||
        program_build(&r->firmware.model, &small_limits, &r->firmware.program,
                      &r->firmware.refusal) ||
        scoreboard_open(&r->board, r->model, 16, SLOTS, 1, CONTEXT, 0, &err) != 0) {
        printf("FAIL: %s\n", err.text);
        exit(1);
    }
    scoreboard_prompt(&r->board, 0, tokens, 3);
}

static void rig_close(struct rig *r) {
    scoreboard_close(&r->board);
    bridge_release(&r->firmware.model);
    ls_model_close(r->model);
}

/* A pass of two slots whose ops before record ends[slot] are committed, as a right device does. */
static bool commit_slots(struct rig *r, const size_t ends[SLOTS]) {
    const size_t end = ends[0] > ends[1] ? ends[0] : ends[1];
    bool ok = true;
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        const uint32_t words[] = {tokens[slot], slot, 0};
        ok &= scoreboard_commit(&r->board, &(struct device_commit){.op = LOCKSTEP_OP_PASS,
                                                                   .slot = slot,
                                                                   .count = 3,
                                                                   .words = words}) == 0;
    }
    for (size_t i = 0; i < end; i++)
        for (uint32_t slot = 0; slot < SLOTS; slot++) {
            size_t count;
            if (i >= ends[slot])
                continue;
            scoreboard_settle(&r->board);
            const struct golden_record *g = &golden_records(r->board.golden, slot, &count)[i];
            const struct device_commit c = {.op = g->op,
                                            .layer = g->layer < 0 ? 0 : (uint32_t)g->layer,
                                            .slot = slot,
                                            .count = (uint32_t)g->count,
                                            .words = g->words};
            ok &= i < count && scoreboard_commit(&r->board, &c) == 0;
        }
    return ok;
}

static bool commit_until(struct rig *r, size_t end) {
    return commit_slots(r, (const size_t[]){end, end});
}

/* Whether the device's word is taken after `end` records; the difference stands in r->board. */
static bool is_right(struct rig *r, size_t end, const struct fw_fault *fault) {
    rig_open(r);
    r->firmware.fault = *fault;
    if (end != 0 && !commit_until(r, end)) {
        printf("FAIL: %s\n", r->board.first.text);
        exit(1);
    }
    const struct sim_stop stop = {&r->firmware, r->model, &r->memory, &r->power, 1000};
    return sim_stop_is_right(&stop, &r->board);
}

static uint32_t pc_of(const struct fw_program *p, uint32_t op, uint32_t tensor) {
    uint32_t pc = 0;
    while (pc < p->ops &&
           ((p->words[pc][0] & LOCKSTEP_UCODE0_OP_MASK) != op || (p->words[pc][0] >> 16) != tensor))
        pc++;
    return pc;
}

/* `truth` holds, and what `lies` change of it does not. */
static void check_words(struct host_test *t, size_t end, const struct fw_fault *truth,
                        bool slot_matters) {
    struct rig r;
    CHECK(t, is_right(&r, end, truth), "%s", r.board.first.text);
    rig_close(&r);
    for (int lie = 0; lie < 6; lie++) {
        struct fw_fault f = *truth;
        size_t committed = end;
        if (lie == 0)
            f.code = f.code == LOCKSTEP_ERROR_NONFINITE ? LOCKSTEP_ERROR_RANGE
                                                        : LOCKSTEP_ERROR_NONFINITE;
        if (lie == 1)
            f.pc++;
        if (lie == 2)
            f.layer++;
        if (lie == 3)
            committed--;
        if (lie == 4)
            f.pc = 60; /* behind the program */
        if (lie == 5)
            f.slot ^= 1;
        if (lie == 5 && !slot_matters)
            continue;
        CHECK(t, !is_right(&r, committed, &f) && r.board.first.found, "lie %d is taken", lie);
        CHECK(t,
              strstr(r.board.first.text, "the device stopped with") != NULL &&
                  r.board.mismatches == 1,
              "lie %d: %s", lie, r.board.first.text);
        rig_close(&r);
    }
}

static void test_words(struct host_test *t) {
    struct rig r;
    odd_make(ODD, "F32");
    struct odd_file f = odd_open(ODD);
    char *sound = malloc(f.size);
    memcpy(sound, f.bytes, f.size);
    rig_open(&r);
    const struct fw_model *fw = &r.firmware.model;
    const uint32_t up = program_place(fw, ROLE_FFN_UP, 0);
    const uint32_t norm = program_place(fw, ROLE_ATTN_NORM, 0);
    const uint32_t stride = program_stride(fw);
    const struct fw_program program = r.firmware.program;
    rig_close(&r);

    /* A weight of layer 1: records of EMBED, 16 of layer 0, then 12 of layer 1. */
    memcpy(odd_row(&f, f.model->layer[1].tensor[ROLE_FFN_UP], 3), "\x00\x00\xc0\x7f", 4);
    odd_write(&f, ODD);
    check_words(t, 1 + 16 + 12,
                &(struct fw_fault){.code = LOCKSTEP_ERROR_NONFINITE,
                                   .pc = pc_of(&program, LOCKSTEP_OP_MATVEC, up),
                                   .layer = 1,
                                   .tensor = up + stride},
                false);
    memcpy(f.bytes, sound, f.size);

    /* The norm of the second slot's token alone. */
    memcpy(odd_row(&f, f.model->tensor[ROLE_TOKEN_EMBD], tokens[1]) + 4, "\x00\x00\x80\x48", 4);
    odd_write(&f, ODD);
    check_words(t, 1,
                &(struct fw_fault){.code = LOCKSTEP_ERROR_RANGE,
                                   .pc = pc_of(&program, LOCKSTEP_OP_NORM, norm),
                                   .slot = 1,
                                   .tensor = norm},
                true);
    memcpy(f.bytes, sound, f.size);

    /* Nothing wrong: each of the four codes is a lie. */
    odd_write(&f, ODD);
    for (uint32_t code = LOCKSTEP_ERROR_NONFINITE; code <= LOCKSTEP_ERROR_DIVZERO; code++) {
        CHECK(t,
              !is_right(&r, 1 + 16 + 12,
                        &(struct fw_fault){.code = code,
                                           .pc = pc_of(&program, LOCKSTEP_OP_MATVEC, up),
                                           .layer = 1}) &&
                  strstr(r.board.first.text, "meets no error") != NULL,
              "code %u: %s", code, r.board.first.text);
        rig_close(&r);
    }
    free(sound);
    odd_close(&f);
}

/* Whether the device's word is taken behind so many records of the slots. */
static bool is_right_behind(struct rig *r, const size_t ends[SLOTS], const struct fw_fault *fault) {
    rig_open(r);
    r->firmware.fault = *fault;
    if (!commit_slots(r, ends)) {
        printf("FAIL: %s\n", r->board.first.text);
        exit(1);
    }
    const struct sim_stop stop = {&r->firmware, r->model, &r->memory, &r->power, 1000};
    return sim_stop_is_right(&stop, &r->board);
}

/* Both slots: the earlier error holds, and what either has committed before. */
static void test_slots(struct host_test *t) {
    static const char nan[] = "\x00\x00\xc0\x7f", huge[] = "\x00\x00\x80\x48", one[4] = "";
    static const struct {
        const char *rows[SLOTS]; /* an element of each token's row of the embedding */
        size_t ends[SLOTS];
        bool at_norm; /* where it stops, in slot `slot`; else at EMBED */
        uint32_t slot;
        const char *says; /* NULL: taken */
    } cases[] = {
        {{nan, one}, {0, 0}, false, 0, NULL}, /* before a word of the pass was looked at */
        {{huge, nan}, {1, 0}, false, 1, NULL},
        {{huge, nan}, {1, 0}, true, 0, "the golden model meets"},
        {{nan, huge}, {0, 0}, false, 0, NULL},
        {{nan, huge}, {0, 0}, true, 1, "the golden model meets"},
        {{huge, huge}, {1, 1}, true, 0, NULL},
        {{huge, huge}, {1, 1}, true, 1, NULL},
        {{huge, one}, {1, 1}, true, 1, "the golden model meets"},
        {{one, huge}, {1, 1}, true, 1, NULL},
        {{one, huge}, {0, 1}, true, 1, "slot 0 has not committed token_embd.weight before"},
        {{one, huge}, {1, 0}, true, 1, "slot 1 has not committed token_embd.weight before"},
    };
    odd_make(ODD, "F32");
    struct odd_file f = odd_open(ODD);
    struct rig r;
    rig_open(&r);
    const struct fw_program program = r.firmware.program;
    const uint32_t embed = program_place(&r.firmware.model, ROLE_TOKEN_EMBD, 0),
                   norm = program_place(&r.firmware.model, ROLE_ATTN_NORM, 0);
    rig_close(&r);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (uint32_t slot = 0; slot < SLOTS; slot++) /* the third element of the first block */
            memcpy(odd_row(&f, f.model->tensor[ROLE_TOKEN_EMBD], tokens[slot]) + 8,
                   cases[i].rows[slot], 4);
        odd_write(&f, ODD);
        const struct fw_fault fault = {
            .code = cases[i].at_norm ? LOCKSTEP_ERROR_RANGE : LOCKSTEP_ERROR_NONFINITE,
            .pc = cases[i].at_norm ? pc_of(&program, LOCKSTEP_OP_NORM, norm)
                                   : pc_of(&program, LOCKSTEP_OP_EMBED, embed),
            .slot = cases[i].slot,
            .tensor = cases[i].at_norm ? norm : embed};
        const bool right = is_right_behind(&r, cases[i].ends, &fault);
        CHECK(t, right == (cases[i].says == NULL), "case %zu: %s", i, r.board.first.text);
        CHECK(t, right || strstr(r.board.first.text, cases[i].says) != NULL, "case %zu: %s", i,
              r.board.first.text);
        if (right) { /* it does not stop: its next pass is one too many */
            const uint32_t words[] = {tokens[2], 2, 0};
            const struct device_commit next = {.op = LOCKSTEP_OP_PASS, .count = 3, .words = words};
            CHECK(t,
                  scoreboard_commit(&r.board, &next) != 0 &&
                      strstr(r.board.first.text, "where it had to stop") != NULL,
                  "case %zu: %s", i, r.board.first.text);
        } else { /* the first difference stays */
            char text[sizeof r.board.first.text];
            const struct sim_stop stop = {&r.firmware, r.model, &r.memory, &r.power, 2000};
            strcpy(text, r.board.first.text);
            CHECK(t, !sim_stop_is_right(&stop, &r.board) && strcmp(text, r.board.first.text) == 0,
                  "case %zu: %s", i, r.board.first.text);
        }
        rig_close(&r);
    }
    odd_close(&f);
}

/* Where the golden model stops in one slot the device has to stop in all: at the end of that op at
 * most, or before it if its input was to blame. The word that comes behind is a difference, in
 * either slot. */
static void test_going_on(struct host_test *t) {
    static const char nan[] = "\x00\x00\xc0\x7f", huge[] = "\x00\x00\x80\x48",
                      gain[] = "\x00\x00\x80\x7b", none[4] = "";
    enum { EMBED, NORM, MATVEC };
    static const struct {
        const char *row, *norm; /* third elements: of slot 1's row of the embedding, of the norm */
        size_t stop;            /* record at which slot 1 stops, */
        uint32_t before;        /* and how many of its words come before the error */
        size_t ends[SLOTS];     /* records that are committed; then come words of this one: */
        uint32_t slot;
        bool taken; /* all of it: else the word behind `before` is not */
    } cases[] = {
        {nan, NULL, EMBED, 2, {0, 0}, 0, true},    {nan, NULL, EMBED, 2, {0, 0}, 1, false},
        {nan, NULL, EMBED, 2, {1, 0}, 0, false},   {huge, NULL, NORM, 0, {1, 1}, 0, true},
        {huge, NULL, NORM, 0, {1, 1}, 1, false},   {huge, NULL, NORM, 0, {2, 1}, 0, false},
        {NULL, gain, MATVEC, 0, {2, 2}, 0, false}, {NULL, gain, MATVEC, 0, {2, 2}, 1, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig r;
        size_t count;
        odd_make(ODD, "F32");
        struct odd_file f = odd_open(ODD);
        const struct gguf_tensor *const embed = f.model->tensor[ROLE_TOKEN_EMBD];
        if (cases[i].row != NULL)
            memcpy(odd_row(&f, embed, tokens[1]) + 8, cases[i].row, 4);
        if (cases[i].norm != NULL) { /* slot 0 has a zero there */
            memcpy(odd_row(&f, f.model->layer[0].tensor[ROLE_ATTN_NORM], 0) + 8, cases[i].norm, 4);
            memcpy(odd_row(&f, embed, tokens[0]) + 8, none, 4);
        }
        odd_write(&f, ODD);
        rig_open(&r);
        CHECK(t, commit_slots(&r, cases[i].ends), "case %zu: %s", i, r.board.first.text);
        scoreboard_settle(&r.board);
        const struct golden_record *const stop =
            &golden_records(r.board.golden, 1, &count)[cases[i].stop];
        CHECK(t, count == cases[i].stop + 1, "case %zu: %zu records", i, count);
        const size_t at = cases[i].ends[cases[i].slot];
        const struct golden_record *const own =
            &golden_records(r.board.golden, cases[i].slot, &count)[at];
        const uint32_t before = cases[i].taken                              ? (uint32_t)own->count
                                : at == cases[i].stop && cases[i].slot == 1 ? cases[i].before
                                                                            : 0;
        struct device_commit c = {.op = at == EMBED  ? LOCKSTEP_OP_EMBED
                                        : at == NORM ? LOCKSTEP_OP_NORM
                                                     : LOCKSTEP_OP_MATVEC,
                                  .pc = 7,
                                  .slot = cases[i].slot,
                                  .count = 1};
        char says[96] = "";
        for (c.index = 0; c.index < before; c.index++) {
            c.words = own->words + c.index;
            CHECK(t, scoreboard_commit(&r.board, &c) == 0, "case %zu, word %u: %s", i, c.index,
                  r.board.first.text);
        }
        c.words = cases[i].taken || own->count <= c.index ? tokens : own->words + c.index;
        if (!cases[i].taken) {
            snprintf(says, sizeof says, "the device goes on to op 7 %s, layer 0, slot %u at",
                     op_name(c.op), c.slot);
            CHECK(t, scoreboard_commit(&r.board, &c) != 0, "case %zu: taken", i);
            CHECK(t,
                  strncmp(r.board.first.text, says, strlen(says)) == 0 &&
                      strstr(r.board.first.text, r.board.stop.error.text) != NULL &&
                      strcmp(r.board.first.tensor, stop->tensor) == 0 &&
                      r.board.first.expected == 0 && r.board.first.actual == 0 &&
                      r.board.first.index == before && r.board.mismatches == 1,
                  "case %zu: %s", i, r.board.first.text);
        }
        rig_close(&r);
        odd_close(&f);
    }
}

/* What the device says of an error in the blocks of a matrix's input is true of QUANT, in the slot
 * that has it, with that error. */
static void test_input(struct host_test *t) {
    static const char gain[] = "\x00\x00\x80\x7b", none[4] = "";
    struct rig r;
    odd_make(ODD, "F32");
    struct odd_file f = odd_open(ODD);
    memcpy(odd_row(&f, f.model->layer[0].tensor[ROLE_ATTN_NORM], 0) + 8, gain, 4);
    memcpy(odd_row(&f, f.model->tensor[ROLE_TOKEN_EMBD], tokens[0]) + 8, none, 4);
    odd_write(&f, ODD);
    rig_open(&r);
    const struct fw_program program = r.firmware.program;
    const uint32_t q = program_place(&r.firmware.model, ROLE_ATTN_Q, 0);
    const uint32_t norm = program_place(&r.firmware.model, ROLE_ATTN_NORM, 0);
    rig_close(&r);
    const uint32_t quant = pc_of(&program, LOCKSTEP_OP_NORM, norm) + 1;
    CHECK(t, (program.words[quant][0] & LOCKSTEP_UCODE0_OP_MASK) == LOCKSTEP_OP_QUANT, "QUANT");
    const struct {
        uint32_t code, pc, slot;
        bool right;
    } cases[] = {{LOCKSTEP_ERROR_RANGE, quant, 1, true},
                 {LOCKSTEP_ERROR_RANGE, quant, 0, false},
                 {LOCKSTEP_ERROR_RANGE, quant, 9, false},
                 {LOCKSTEP_ERROR_OVERFLOW, quant, 1, false},
                 {LOCKSTEP_ERROR_NONFINITE, quant, 1, false},
                 {LOCKSTEP_ERROR_DIVZERO, quant, 1, false},
                 {LOCKSTEP_ERROR_RANGE, quant - 1, 1, false},
                 {LOCKSTEP_ERROR_RANGE, pc_of(&program, LOCKSTEP_OP_MATVEC, q), 1, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(t,
              is_right(&r, 2,
                       &(struct fw_fault){.code = cases[i].code,
                                          .pc = cases[i].pc,
                                          .slot = cases[i].slot}) == cases[i].right,
              "case %zu: %s", i, r.board.first.text);
        rig_close(&r);
    }
    odd_close(&f);
}

/* Where it was, as far as the error has a place: codes of the arithmetic but NONFINITE have a slot,
 * not of a matrix; ops that read a tensor have that. */
static void test_texts(struct host_test *t) {
    struct rig r;
    odd_make(ODD, "F32");
    rig_open(&r);
    const struct fw_program *const p = &r.firmware.program;
    const uint32_t norm = program_place(&r.firmware.model, ROLE_ATTN_NORM, 0),
                   up = program_place(&r.firmware.model, ROLE_FFN_UP, 0),
                   output = program_place(&r.firmware.model, ROLE_OUTPUT, 0);
    const uint32_t at_norm = pc_of(p, LOCKSTEP_OP_NORM, norm),
                   at_up = pc_of(p, LOCKSTEP_OP_MATVEC, up),
                   at_logits = pc_of(p, LOCKSTEP_OP_LOGITS, output);
    const struct {
        uint32_t code, pc, tensor;
        const char *op, *rest;
    } cases[] = {
        {LOCKSTEP_ERROR_RANGE, at_norm, norm, "NORM",
         ", layer 3, slot 5, tensor blk.0.attn_norm.weight"},
        {LOCKSTEP_ERROR_OVERFLOW, at_norm, norm, "NORM",
         ", layer 3, slot 5, tensor blk.0.attn_norm.weight"},
        {LOCKSTEP_ERROR_DIVZERO, at_norm + 1, norm, "QUANT", ", layer 3, slot 5"},
        {LOCKSTEP_ERROR_KV_FULL, at_norm + 1, norm, "QUANT", ", layer 3, slot 5"},
        {LOCKSTEP_ERROR_NONFINITE, at_norm, norm, "NORM",
         ", layer 3, tensor blk.0.attn_norm.weight"},
        {LOCKSTEP_ERROR_OVERFLOW, at_up, up, "MATVEC", ", layer 3, tensor blk.0.ffn_up.weight"},
        {LOCKSTEP_ERROR_RANGE, at_logits, output, "LOGITS", ", layer 3, tensor output.weight"},
        {LOCKSTEP_ERROR_PORT_TIMEOUT, at_up, up, "MATVEC", ", layer 3, tensor blk.0.ffn_up.weight"},
        {LOCKSTEP_ERROR_PROGRAM, p->ops, norm, "END", ", layer 3"},
        {LOCKSTEP_ERROR_TOKEN, at_norm, norm, NULL, "slot 5"},
        {LOCKSTEP_ERROR_SEQUENCE, at_norm, norm, NULL, "slot 5"},
        {LOCKSTEP_ERROR_LOADER, at_norm, norm, NULL, "slot 5"},
        {LOCKSTEP_ERROR_GEOMETRY, at_norm, norm, NULL, "slot 5"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[640], expected[256], place[64] = "";
        const bool met =
            cases[i].code >= LOCKSTEP_ERROR_NONFINITE && cases[i].code <= LOCKSTEP_ERROR_DIVZERO;
        const struct sim_stop stop = {&r.firmware, r.model, &r.memory, &r.power, 1234};
        r.firmware.fault = (struct fw_fault){.code = cases[i].code,
                                             .pc = cases[i].pc,
                                             .tensor = cases[i].tensor,
                                             .layer = 3,
                                             .slot = 5};
        r.firmware.program.words[p->ops][0] = LOCKSTEP_OP_NORM; /* no word of it */
        strcpy(r.board.stop.error.text, "the golden model's words");
        if (cases[i].op != NULL)
            snprintf(place, sizeof place, "op %u %s", cases[i].pc, cases[i].op);
        sim_stop_text(&stop, &r.board, text, sizeof text);
        snprintf(expected, sizeof expected, "%s (code %u) at %s%s, cycle 1234%s",
                 fw_fault_name(cases[i].code), cases[i].code, place, cases[i].rest,
                 met ? "; the golden model meets it too: the golden model's words" : "");
        CHECK(t, strcmp(text, expected) == 0, "'%s', not '%s'", text, expected);
    }
    rig_close(&r);
}

/* Which word for an error is true in which slot: ops that go through the slots in order fail in the
 * lowest, those that take a row of weights or heads of all slots at once in any that has the error;
 * what is no number in the weights, and products of them, are of all. */
static void test_rules(struct host_test *t) {
    enum rule { LOWEST, OWN, ANY };
    static const struct {
        uint32_t op;
        enum rule rule;
    } ops[] = {{LOCKSTEP_OP_ADD, LOWEST},       {LOCKSTEP_OP_QUANT, LOWEST},
               {LOCKSTEP_OP_ROPE, LOWEST},      {LOCKSTEP_OP_SWIGLU, LOWEST},
               {LOCKSTEP_OP_ATTEND, LOWEST},    {LOCKSTEP_OP_CENTER, LOWEST},
               {LOCKSTEP_OP_HEADCENTER, OWN},   {LOCKSTEP_OP_HEADNORM, OWN},
               {LOCKSTEP_OP_HEADNORM_OWN, OWN}, {LOCKSTEP_OP_NORM, OWN},
               {LOCKSTEP_OP_EMBED, OWN},        {LOCKSTEP_OP_BIAS, OWN},
               {LOCKSTEP_OP_MATVEC, ANY},       {LOCKSTEP_OP_LOGITS, ANY}};
    static const enum golden_fault faults[] = {GOLDEN_FAULT_NONFINITE, GOLDEN_FAULT_RANGE,
                                               GOLDEN_FAULT_OVERFLOW, GOLDEN_FAULT_DIVZERO};
    odd_make(ODD, "F32");
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        for (uint32_t slot = 0; slot < SLOTS + SCOREBOARD_SLOTS; slot++)
            for (size_t k = 0; k < sizeof faults / sizeof *faults; k++) {
                struct rig r;
                const enum golden_fault fault = faults[k];
                const struct scoreboard_error e = {.name = "AN ERROR",
                                                   .fault = fault,
                                                   .op = ops[i].op,
                                                   .slot = slot,
                                                   .record = 3,
                                                   .tensor = "none"};
                rig_open(&r);
                /* slot 0 has RANGE, slot 1 that and another two */
                r.board.stop = (struct scoreboard_stop){
                    .found = true,
                    .record = 3,
                    .order = UINT64_C(3) << 32,
                    .input = ops[i].op == LOCKSTEP_OP_QUANT,
                    .met = {1u << GOLDEN_FAULT_RANGE, 1u << GOLDEN_FAULT_RANGE |
                                                          1u << GOLDEN_FAULT_OVERFLOW |
                                                          1u << GOLDEN_FAULT_NONFINITE}};
                const bool of_1 = fault == GOLDEN_FAULT_RANGE || fault == GOLDEN_FAULT_OVERFLOW ||
                                  fault == GOLDEN_FAULT_NONFINITE;
                const bool own = (slot == 0 && fault == GOLDEN_FAULT_RANGE) || (slot == 1 && of_1);
                const bool any =
                    ops[i].rule == ANY || (ops[i].rule == OWN && fault == GOLDEN_FAULT_NONFINITE);
                const bool right = ops[i].rule == LOWEST ? own && slot == 0 : any ? of_1 : own;
                CHECK(t, scoreboard_error(&r.board, &e) == right, "%s, slot %u, fault %zu: %s",
                      op_name(ops[i].op), slot, k, r.board.first.text);
                const struct scoreboard_difference *const d = &r.board.first;
                CHECK(t,
                      right || (d->slot == (slot < SLOTS ? slot : 0) && d->index == 0 &&
                                d->expected == 0 && d->actual == 0 && d->op == e.op),
                      "%s, slot %u: slot %u, word %u", op_name(ops[i].op), slot, d->slot, d->index);
                rig_close(&r);
            }
}

/* What the golden model says of its error is told in full length. */
static void test_length(struct host_test *t) {
    struct rig r;
    odd_make(ODD, "F32");
    rig_open(&r);
    const struct scoreboard_error e = {.name = "AN ERROR", .op = LOCKSTEP_OP_ADD, .tensor = "none"};
    r.board.stop.found = true;
    memset(r.board.stop.error.text, 'x', 400);
    char end[512];
    snprintf(end, sizeof end, "the golden model meets %s", r.board.stop.error.text);
    CHECK(t, !scoreboard_error(&r.board, &e), "taken");
    const char *const found = strstr(r.board.first.text, end);
    CHECK(t, found != NULL && strcmp(found, end) == 0, "%s", r.board.first.text);
    rig_close(&r);
}

/* A run that ends where the golden model meets an error, of which the device says nothing. */
static void test_silent(struct host_test *t) {
    struct rig r;
    odd_make(ODD, "F32");
    struct odd_file f = odd_open(ODD);
    memcpy(odd_row(&f, f.model->tensor[ROLE_TOKEN_EMBD], tokens[1]) + 8, "\x00\x00\x80\x48", 4);
    odd_write(&f, ODD);
    rig_open(&r);
    CHECK(t, commit_slots(&r, (const size_t[]){0, 0}), "%s", r.board.first.text);
    CHECK(t,
          !scoreboard_finish(&r.board) &&
              strstr(r.board.first.text, "where it had to stop") != NULL &&
              r.board.first.slot == 0 && r.board.first.op == LOCKSTEP_OP_END,
          "%s", r.board.first.text);
    rig_close(&r);
    odd_close(&f);
}

/* One slot fails in the op, the other one in its input: that comes first, whichever slot it is. And
 * what the slot meets that fails later is no error of the op at which the device stops. */
static void test_both(struct host_test *t) {
    static const char nan[] = "\x00\x00\xc0\x7f", huge[] = "\x00\x00\x80\x48",
                      gain[] = "\x00\x00\x80\x7b", none[4] = "";
    struct rig r;
    odd_make(ODD, "F32");
    struct odd_file f = odd_open(ODD);
    const struct gguf_tensor *const embed = f.model->tensor[ROLE_TOKEN_EMBD];
    rig_open(&r);
    const struct fw_program program = r.firmware.program;
    const uint32_t q = program_place(&r.firmware.model, ROLE_ATTN_Q, 0),
                   norm = program_place(&r.firmware.model, ROLE_ATTN_NORM, 0),
                   place = program_place(&r.firmware.model, ROLE_TOKEN_EMBD, 0);
    rig_close(&r);
    const uint32_t at_q = pc_of(&program, LOCKSTEP_OP_MATVEC, q),
                   quant = pc_of(&program, LOCKSTEP_OP_NORM, norm) + 1;
    char *sound = malloc(f.size);
    memcpy(sound, f.bytes, f.size);
    for (uint32_t slot = 0; slot < SLOTS; slot++) { /* with the input that fails */
        memcpy(odd_row(&f, f.model->layer[0].tensor[ROLE_ATTN_NORM], 0) + 8, gain, 4);
        memcpy(odd_row(&f, f.model->layer[0].tensor[ROLE_ATTN_Q], 0), nan, 4);
        memcpy(odd_row(&f, embed, tokens[1 - slot]) + 8, none, 4);
        odd_write(&f, ODD);
        for (uint32_t said = 0; said < SLOTS; said++)
            for (int in_op = 0; in_op < 2; in_op++) {
                const struct fw_fault fault = {.code = in_op ? LOCKSTEP_ERROR_NONFINITE
                                                             : LOCKSTEP_ERROR_RANGE,
                                               .pc = in_op ? at_q : quant,
                                               .slot = said,
                                               .tensor = in_op ? q : 0};
                CHECK(t, is_right(&r, 2, &fault) == (!in_op && said == slot),
                      "slot %u fails, said of %u%s: %s", slot, said, in_op ? ", in the op" : "",
                      r.board.first.text);
                CHECK(t, r.board.stop.input && r.board.stop.slot == slot, "slot %u, not %u",
                      r.board.stop.slot, slot);
                rig_close(&r);
            }
        memcpy(f.bytes, sound, f.size);
    }
    memcpy(odd_row(&f, embed, tokens[0]) + 8, nan, 4);
    memcpy(odd_row(&f, embed, tokens[1]) + 8, huge, 4);
    odd_write(&f, ODD);
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        for (uint32_t code = LOCKSTEP_ERROR_NONFINITE; code <= LOCKSTEP_ERROR_DIVZERO; code++) {
            const struct fw_fault fault = {.code = code,
                                           .pc = pc_of(&program, LOCKSTEP_OP_EMBED, place),
                                           .slot = slot,
                                           .tensor = place};
            CHECK(t,
                  is_right_behind(&r, (const size_t[]){0, 0}, &fault) ==
                      (code == LOCKSTEP_ERROR_NONFINITE),
                  "slot %u, code %u: %s", slot, code, r.board.first.text);
            rig_close(&r);
        }
    free(sound);
    odd_close(&f);
}

/* An error behind WANT, which the slots that want a token alone come to. */
static void test_wanting(struct host_test *t) {
    struct rig r;
    odd_make(ODD, "F32");
    struct odd_file f = odd_open(ODD);
    memcpy(odd_row(&f, f.model->tensor[ROLE_OUTPUT], 3), "\x00\x00\xc0\x7f", 4);
    odd_write(&f, ODD);
    for (int lie = 0; lie < 2; lie++) {
        rig_open(&r);
        scoreboard_prompt(&r.board, 0, tokens, 2); /* the second slot has the last of it */
        const uint32_t output = program_place(&r.firmware.model, ROLE_OUTPUT, 0);
        r.firmware.fault = (struct fw_fault){
            .code = LOCKSTEP_ERROR_NONFINITE,
            .pc = pc_of(&r.firmware.program, LOCKSTEP_OP_LOGITS, output) - (uint32_t)lie,
            .tensor = output};
        /* EMBED, 16 of each layer, and the last norm where a token is wanted */
        CHECK(t, commit_slots(&r, (const size_t[]){1 + 2 * 16, 1 + 2 * 16 + 1}), "%s",
              r.board.first.text);
        const struct sim_stop stop = {&r.firmware, r.model, &r.memory, &r.power, 1000};
        r.firmware.fault.layer = 2; /* as the loop leaves it */
        CHECK(t, sim_stop_is_right(&stop, &r.board) == (lie == 0), "lie %d: %s", lie,
              r.board.first.text);
        rig_close(&r);
    }
    odd_close(&f);
}

static struct walk_choice room[WALK_LAYERS];

/* Experts as records tell them. Returns the last that the slot comes to. */
static uint32_t check_choice(struct host_test *t, struct rig *r, uint32_t slot) {
    size_t count;
    uint32_t last = 0;
    memset(room, 0xff, sizeof room);
    CHECK(t, sim_choice(&r->board, slot, room) == room, "no choice");
    const struct golden_record *const g = golden_records(r->board.golden, slot, &count);
    for (uint32_t layer = 0; layer < r->model->layers; layer++) {
        struct walk_choice expected = {{0}};
        for (size_t i = 0; i < count; i++)
            if (g[i].expert >= 0 && g[i].layer == (int)layer) {
                last = (uint32_t)g[i].expert;
                expected.experts[last / 64] |= UINT64_C(1) << last % 64;
            }
        CHECK(t,
              memcmp(&expected, &room[layer], sizeof expected) == 0 &&
                  __builtin_popcountll(expected.experts[0]) +
                          __builtin_popcountll(expected.experts[1]) ==
                      (int)r->model->experts_used,
              "slot %u, layer %u: %llx, %llx", slot, layer,
              (unsigned long long)room[layer].experts[0],
              (unsigned long long)room[layer].experts[1]);
    }
    CHECK(t, room[r->model->layers].experts[0] == UINT64_MAX, "a layer that there is not");
    CHECK(t, sim_choice(&r->board, SLOTS, room) == NULL, "a slot that there is not");
    return last; /* of the last layer, the highest */
}

/* No choice of a model without experts, nor without a board. And a weight of the last expert that a
 * slot comes to: the ops of each expert are the same, the error
 * is that of the one that has it. */
static void test_experts(struct host_test *t) {
    struct rig r;
    size_t count;
    odd_make(ODD, "F32", "--arch", "qwen3moe", "--experts", "70", "--experts-used", "3");
    struct odd_file f = odd_open(ODD);
    rig_open(&r);
    CHECK(t, commit_slots(&r, (const size_t[]){0, 0}), "%s", r.board.first.text);
    check_choice(t, &r, 0);
    const uint32_t expert = check_choice(t, &r, 1);
    const uint32_t up = program_place(&r.firmware.model, ROLE_FFN_UP_EXPS, 0),
                   stride = program_stride(&r.firmware.model),
                   at_up = pc_of(&r.firmware.program, LOCKSTEP_OP_MATVEC, up);
    r.board.model = NULL; /* nothing more of it is looked at */
    struct golden *const golden = r.board.golden;
    r.board.golden = NULL;
    CHECK(t, sim_choice(&r.board, 0, room) == NULL && sim_choice(NULL, 0, room) == NULL,
          "no board");
    r.board.golden = golden;
    rig_close(&r);
    const struct gguf_tensor *const w = f.model->layer[1].tensor[ROLE_FFN_UP_EXPS];
    memcpy(odd_row(&f, w, expert * w->ne[1] + 3), "\x00\x00\xc0\x7f", 4);
    odd_write(&f, ODD);
    for (int lie = 0; lie < 5; lie++) {
        size_t ends[SLOTS] = {0, 0};
        rig_open(&r);
        commit_slots(&r, ends);
        scoreboard_settle(&r.board);
        const struct scoreboard_stop stop = r.board.stop;
        CHECK(t, stop.found && strstr(stop.error.text, "ffn_up") != NULL, "'%s'", stop.error.text);
        for (uint32_t slot = 0; slot < SLOTS; slot++) {
            const struct golden_record *const g = golden_records(r.board.golden, slot, &count);
            while (ends[slot] < count && scoreboard_order(g, count, ends[slot]) < stop.order)
                ends[slot]++;
            ends[slot] -= lie == 4 && slot == stop.slot;
        }
        rig_close(&r);
        const struct fw_fault fault = {.code = LOCKSTEP_ERROR_NONFINITE,
                                       .pc = at_up + (lie == 1) - (lie == 2),
                                       .layer = lie != 3,
                                       .tensor = up + stride};
        CHECK(t, is_right_behind(&r, ends, &fault) == (lie == 0), "lie %d: %s", lie,
              r.board.first.text);
        rig_close(&r);
    }
    odd_close(&f);
    odd_make(ODD, "F32");
    rig_open(&r);
    CHECK(t, sim_choice(&r.board, 0, room) == NULL, "experts of a model without any");
    rig_close(&r);
}

/* Behind a wrong word of an expert's op those slots have a vector that chose it; and of an op that
 * ends in an error before its first word none has. */
static void test_vectors(struct host_test *t) {
    struct rig r;
    size_t count[SLOTS], apart = 0, together = 0;
    odd_make(ODD, "F32", "--arch", "qwen3moe", "--experts", "12", "--experts-used", "4");
    for (size_t at = 0;; at++) {
        size_t ends[SLOTS] = {0, 0}, other = 0;
        rig_open(&r);
        commit_slots(&r, ends);
        scoreboard_settle(&r.board);
        const struct golden_record *const own = golden_records(r.board.golden, 1, &count[1]),
                                          *const of_0 =
                                              golden_records(r.board.golden, 0, &count[0]);
        while (at < count[1] && own[at].expert < 0)
            at++;
        if (at >= count[1]) {
            rig_close(&r);
            break;
        }
        const uint64_t order = scoreboard_order(own, count[1], at);
        while (ends[0] < count[0] && scoreboard_order(of_0, count[0], ends[0]) < order)
            ends[0]++;
        other = ends[0];
        ends[1] = at;
        rig_close(&r);
        rig_open(&r);
        r.board.patient = true;
        CHECK(t, commit_slots(&r, ends), "%s", r.board.first.text);
        const struct golden_record *const g = &golden_records(r.board.golden, 1, &count[1])[at],
                                          *const h = golden_records(r.board.golden, 0, &count[0]);
        const uint32_t word = g->words[0] ^ 1;
        scoreboard_commit(
            &r.board,
            &(struct device_commit){
                .op = g->op, .layer = (uint32_t)g->layer, .slot = 1, .count = 1, .words = &word});
        const bool both = other < count[0] && scoreboard_order(h, count[0], other) == order;
        CHECK(t, r.board.first.is_value && r.board.vectors[1].expected == g, "record %zu: %s", at,
              r.board.first.text);
        CHECK(t, r.board.vectors[0].expected == (both ? &h[other] : NULL), "record %zu", at);
        together += both;
        apart += !both;
        rig_close(&r);
    }
    CHECK(t, apart > 0 && together > 0, "%zu records apart, %zu together", apart, together);

    odd_make(ODD, "F32");
    struct odd_file f = odd_open(ODD);
    memcpy(odd_row(&f, f.model->tensor[ROLE_TOKEN_EMBD], tokens[1]) + 8, "\x00\x00\x80\x48", 4);
    odd_write(&f, ODD);
    rig_open(&r);
    r.board.patient = true;
    CHECK(t, commit_slots(&r, (const size_t[]){1, 1}), "%s", r.board.first.text);
    scoreboard_settle(&r.board);
    const struct golden_record *const g = &golden_records(r.board.golden, 0, &count[0])[1];
    const uint32_t word = g->words[0] ^ 1;
    scoreboard_commit(&r.board,
                      &(struct device_commit){.op = g->op, .slot = 0, .count = 1, .words = &word});
    CHECK(t, r.board.vectors[0].expected == g && r.board.vectors[1].expected == NULL, "%s",
          r.board.first.text);
    rig_close(&r);
    odd_close(&f);
}

/* Which tensor is told of an error without a reason: the one that the op reads. */
static void test_tensors(struct host_test *t) {
    struct rig r;
    odd_make(ODD, "F32");
    rig_open(&r);
    const uint32_t norm = program_place(&r.firmware.model, ROLE_ATTN_NORM, 0),
                   at_norm = pc_of(&r.firmware.program, LOCKSTEP_OP_NORM, norm);
    rig_close(&r);
    const struct {
        uint32_t code, pc;
        const char *tensor;
    } cases[] = {{LOCKSTEP_ERROR_KV_FULL, at_norm, "blk.0.attn_norm.weight"},
                 {LOCKSTEP_ERROR_KV_FULL, at_norm + 1, "none"},
                 {LOCKSTEP_ERROR_OVERFLOW, at_norm, "blk.0.attn_norm.weight"},
                 {LOCKSTEP_ERROR_SEQUENCE, at_norm, "none"},
                 {LOCKSTEP_ERROR_TOKEN, at_norm, "none"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct fw_fault fault = {.code = cases[i].code, .pc = cases[i].pc, .tensor = norm};
        char says[64];
        CHECK(t, !is_right(&r, 1, &fault), "case %zu is taken", i);
        snprintf(says, sizeof says, "tensor %s, cycle 1000; ", cases[i].tensor);
        CHECK(t,
              strcmp(r.board.first.tensor, cases[i].tensor) == 0 &&
                  strstr(r.board.first.text, says) != NULL,
              "case %zu: %s", i, r.board.first.text);
        rig_close(&r);
    }
}

/* Errors whose reason lies outside the arithmetic. */
static void test_reasons(struct host_test *t) {
    struct rig r;
    odd_make(ODD, "F32");
    rig_open(&r);
    const struct fw_model *fw = &r.firmware.model;
    const uint32_t output = program_place(fw, ROLE_OUTPUT, 0);
    const uint64_t inside = fw->tensors[output].address + 100;
    const uint64_t outside = fw->tensors[program_place(fw, ROLE_OUTPUT_NORM, 0)].address + 16;
    /* its first beat, its last byte's, in beats of 16 bytes */
    const uint64_t first = fw->tensors[output].address / 16 * 16;
    const uint64_t last = (fw->tensors[output].address + fw->tensors[output].bytes - 1) / 16 * 16;
    const uint32_t tensors = program_tensors(fw);
    rig_close(&r);
    const struct {
        uint32_t code, tensor;
        uint64_t refused, longest_wait, waited_for;
        int32_t peak; /* degrees C */
        bool right;
    } cases[] = {
        {LOCKSTEP_ERROR_PORT_RESPONSE, output, inside, 0, 0, 0, true},
        {LOCKSTEP_ERROR_PORT_RESPONSE, output, outside, 0, 0, 0, false},
        {LOCKSTEP_ERROR_PORT_RESPONSE, output, WEIGHT_MEM_NONE, 0, 0, 0, false},
        {LOCKSTEP_ERROR_PORT_RESPONSE, output, first, 0, 0, 0, true},
        {LOCKSTEP_ERROR_PORT_RESPONSE, output, first - 1, 0, 0, 0, false},
        {LOCKSTEP_ERROR_PORT_RESPONSE, output, last, 0, 0, 0, true},
        {LOCKSTEP_ERROR_PORT_RESPONSE, output, last + 15, 0, 0, 0, true},
        {LOCKSTEP_ERROR_PORT_RESPONSE, output, last + 16, 0, 0, 0, false},
        {LOCKSTEP_ERROR_PORT_RESPONSE, 5000, inside, 0, 0, 0, false},
        {LOCKSTEP_ERROR_PORT_RESPONSE, tensors, inside, 0, 0, 0, false},
        {LOCKSTEP_ERROR_PORT_TIMEOUT, output, WEIGHT_MEM_NONE, 1 << 20, inside, 0, true},
        {LOCKSTEP_ERROR_PORT_TIMEOUT, output, WEIGHT_MEM_NONE, 1 << 20, outside, 0, false},
        {LOCKSTEP_ERROR_PORT_TIMEOUT, output, WEIGHT_MEM_NONE, 1 << 19, inside, 0, false},
        {LOCKSTEP_ERROR_PORT_TIMEOUT, output, WEIGHT_MEM_NONE, (1 << 20) - 4096, inside, 0, true},
        {LOCKSTEP_ERROR_PORT_TIMEOUT, output, WEIGHT_MEM_NONE, (1 << 20) - 4097, inside, 0, false},
        {LOCKSTEP_ERROR_OVERHEAT, 0, WEIGHT_MEM_NONE, 0, 0, 100, true},
        {LOCKSTEP_ERROR_OVERHEAT, 0, WEIGHT_MEM_NONE, 0, 0, 99, false},
        {LOCKSTEP_ERROR_KV_FULL, 0, WEIGHT_MEM_NONE, 0, 0, 0, false},
        {LOCKSTEP_ERROR_TOKEN, 0, WEIGHT_MEM_NONE, 0, 0, 0, false},
        {LOCKSTEP_ERROR_SEQUENCE, 0, WEIGHT_MEM_NONE, 0, 0, 0, false},
        {LOCKSTEP_ERROR_PROGRAM, 0, WEIGHT_MEM_NONE, 0, 0, 0, true},
        {LOCKSTEP_ERROR_DESCRIPTOR, 0, WEIGHT_MEM_NONE, 0, 0, 0, true},
        {LOCKSTEP_ERROR_GEOMETRY, 0, WEIGHT_MEM_NONE, 0, 0, 0, true},
        {LOCKSTEP_ERROR_LOADER, 0, WEIGHT_MEM_NONE, 0, 0, 0, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[640];
        rig_open(&r);
        r.firmware.fault = (struct fw_fault){.code = cases[i].code, .tensor = cases[i].tensor};
        r.memory.refused = cases[i].refused;
        r.memory.longest_wait = cases[i].longest_wait;
        r.memory.waited_for = cases[i].waited_for;
        r.power.state.die_peak = cases[i].peak << 16;
        const struct sim_stop stop = {&r.firmware, r.model, &r.memory, &r.power, 1000};
        CHECK(t, sim_stop_is_right(&stop, &r.board) == cases[i].right, "case %zu: %s", i,
              r.board.first.text);
        CHECK(t,
              cases[i].tensor < tensors ||
                  strstr(r.board.first.text, "there is no such tensor") != NULL,
              "case %zu: %s", i, r.board.first.text);
        sim_stop_text(&stop, &r.board, text, sizeof text);
        CHECK(t, strncmp(text, fw_fault_name(cases[i].code), 4) == 0, "case %zu: %s", i, text);
        rig_close(&r);
    }
}

/* Two slots of which one chose experts 0 and 1, the other 1 and 4: what each has of expert 1 goes
 * together, whatever its number, and everything stands in the order of the device. */
static void test_order(struct host_test *t) {
    /* a pass may begin with an expert: what lies before it does not belong to it */
    const struct golden_record begin[] = {
        {.expert = 5}, {.expert = 1}, {.expert = 1}, {.expert = 5}};
    const struct golden_record other[] = {{.expert = 1}, {.expert = 1}, {.expert = 6}};
    const struct golden_record alone[] = {{.expert = 5}};
    CHECK(t, scoreboard_order(begin + 1, 3, 2) == scoreboard_order(alone, 1, 0), "expert 5 apart");
    CHECK(t,
          scoreboard_order(begin + 1, 3, 0) == scoreboard_order(other, 3, 0) &&
              scoreboard_order(begin + 1, 3, 1) == scoreboard_order(other, 3, 1) &&
              scoreboard_order(begin + 1, 3, 0) < scoreboard_order(other, 3, 1) &&
              scoreboard_order(begin + 1, 3, 1) < scoreboard_order(begin + 1, 3, 2) &&
              scoreboard_order(begin + 1, 3, 2) < scoreboard_order(other, 3, 2),
          "experts at the begin");
    const struct golden_record a[] = {{.expert = -1}, {.expert = 0}, {.expert = 0},
                                      {.expert = 1},  {.expert = 1}, {.expert = -1}};
    const struct golden_record b[] = {{.expert = -1}, {.expert = 1}, {.expert = 1},
                                      {.expert = 4},  {.expert = 4}, {.expert = -1}};
    static const size_t turns[][2] = {
        {0, 0}, {1, 9}, {2, 9}, {3, 1}, {4, 2},
        {9, 3}, {9, 4}, {5, 5}, {6, 6}}; /* records of a and b; 9: none */
    uint64_t before = 0;
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        const uint64_t of_a = scoreboard_order(a, 6, turns[i][0]);
        const uint64_t of_b = scoreboard_order(b, 6, turns[i][1]);
        const uint64_t order = turns[i][0] == 9 ? of_b : of_a;
        CHECK(t, turns[i][0] == 9 || turns[i][1] == 9 || of_a == of_b, "turn %zu: apart", i);
        CHECK(t, i == 0 || order > before, "turn %zu: not behind the one before", i);
        before = order;
    }
}

int main(void) {
    struct host_test t = {"sim_stop", 0, 0};
    host_folder(&t);
    test_words(&t);
    test_slots(&t);
    test_going_on(&t);
    test_input(&t);
    test_texts(&t);
    test_both(&t);
    test_wanting(&t);
    test_experts(&t);
    test_vectors(&t);
    test_tensors(&t);
    test_rules(&t);
    test_length(&t);
    test_silent(&t);
    test_reasons(&t);
    unlink(ODD);
    test_order(&t);
    return host_test_finish(&t);
}
