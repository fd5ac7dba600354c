/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The check of counters, energy and heat: a run of the `small` device is right, and is a difference
 * as soon as one register that the check reads says one more than it does, at the end of a pass or
 * of the run; one window's energy, temperature or pace; or if nothing was latched at the end of
 * passes.
 */
#include "csrc/model/model.h"
#include "sim/session/session.h"
#include "tests/kit/host_test.h"

enum { TOKENS = 3, CONTEXT = 16, ROWS = 256, MOST = 2048 };
static const struct observer *const checks[] = {&observe_words, &observe_power, &observe_cycles};

/* A register that the check reads; OP_INDEX, if it is one of a row. */
struct place {
    uint32_t address, row;
};

/* Between the check and the device: notes what is read, and adds one to a place. */
struct spoiler {
    struct hal below;
    bool noting;
    struct place places[MOST];
    uint32_t count, row;
    const struct place *spoiled; /* NULL: none */
    bool blank;                  /* PASSES reads as 0 */
};

struct rig {
    struct host_test *test;
    struct session session;
    struct spoiler spoiler;
};

static bool of_a_row(uint32_t address) {
    return address >= LOCKSTEP_REG_OP_COUNT_LO && address <= LOCKSTEP_REG_OP_ENERGY_HI;
}

static uint32_t spoiled_read(void *context, uint32_t address) {
    struct spoiler *s = context;
    const struct place p = {address, of_a_row(address) ? s->row : 0};
    bool known = false;
    const uint32_t value = hal_read(&s->below, address);
    for (uint32_t i = 0; i < s->count && s->noting && !known; i++)
        known = s->places[i].address == p.address && s->places[i].row == p.row;
    if (s->noting && !known && s->count < MOST)
        s->places[s->count++] = p;
    if (s->blank && address == LOCKSTEP_REG_PASSES_LO)
        return 0;
    if (s->spoiled == NULL || s->spoiled->address != p.address || s->spoiled->row != p.row)
        return value;
    /* no port shows the cycle in which a pass ends: within that it may be anything */
    return value + (address == LOCKSTEP_REG_PREFILL_CYCLES_LO ? 1000 : 1);
}

static void spoiled_write(void *context, uint32_t address, uint32_t value) {
    struct spoiler *s = context;
    if (address == LOCKSTEP_REG_OP_INDEX)
        s->row = value;
    hal_write(&s->below, address, value);
}

static int spoiled_wait(void *context) {
    struct spoiler *s = context;
    return s->below.wait_irq(s->below.context);
}

static void run(struct rig *r, struct ls_model *model) {
    static const uint32_t prompt[] = {1, 70, 81, 5};
    const struct session_settings settings = {
        .seed = 1, .memory = weight_mem_defaults(), .power = {.clock_hz = 500000000}};
    const struct session_layout layout = {.sequences = 1, .context = CONTEXT, .checked = true};
    const struct fw_settings how = {.budget = TOKENS,
                                    .sampling = {.top_k = 1, .top_p = 1, .repeat_penalty = 1}};
    struct session *s = &r->session;
    struct ls_error err = {""};
    struct fw_event e;
    bool open = session_open(s, &settings, &err) == 0;
    r->spoiler.below = s->hal;
    s->hal = (struct hal){spoiled_read, spoiled_write, spoiled_wait, &r->spoiler};
    open = open && session_model(s, model, &layout, &err) == 0 &&
           session_observe(s, checks, 3, &err) == 0 && session_load(s, &err) == 0 &&
           s->status == FW_OK;
    if (!open) {
        printf("FAIL: %s\n", err.text);
        exit(1);
    }
    session_begin(s);
    fw_configure(&s->firmware, &how);
    scoreboard_prompt(&s->board, 0, prompt, 4);
    CHECK(r->test, fw_prompt(&s->firmware, 0, prompt, 4) == FW_OK, "prompt");
    do {
        CHECK(r->test, fw_next(&s->firmware, &e) == FW_OK, "%s", s->board.first.text);
        if (s->device.status != DEVICE_OK || s->board.first.found)
            exit(1);
        scoreboard_token(&s->board, 0, e.token);
    } while (!e.last);
}

/* One check more, behind the run: what it finds. */
static const char *again(struct rig *r, bool pass, const struct activity_sum *ports) {
    struct sim_power *p = &r->session.power;
    p->result.first[0] = '\0';
    if (pass) {
        p->checked = 0;
        sim_power_check_pass(p);
    } else {
        sim_power_read(p, &p->result.end);
        sim_power_check_end(p, ports);
    }
    return p->result.first;
}

/* Every register, one more than it is. */
static void test_registers(struct rig *r) {
    struct spoiler *s = &r->spoiler;
    const struct sim_power *p = &r->session.power;
    struct activity_sum ports = p->activity.sum;
    for (int pass = 0; pass < 2; pass++) {
        s->count = 0;
        s->noting = true;
        memcpy(ports.counts, p->result.end.sum.counts, sizeof ports.counts);
        CHECK(r->test, again(r, pass, &ports)[0] == '\0', "%s", p->result.first);
        s->noting = false;
        CHECK(r->test, s->count > 150, "%u registers", s->count);
        for (uint32_t i = 0; i < s->count; i++) {
            const uint32_t address = s->places[i].address;
            const bool at_ports =
                address / 8 == LOCKSTEP_REG_EVENT_CYCLE_LO / 8 + LOCKSTEP_EVENT_REGISTER ||
                address / 8 == LOCKSTEP_REG_EVENT_CYCLE_LO / 8 + LOCKSTEP_EVENT_BURST;
            s->spoiled = &s->places[i];
            again(r, pass, &ports);
            /* at the end of a pass it is not known how many there were; the energy is by them */
            if (!(pass && (at_ports || address / 8 == LOCKSTEP_REG_PASSES_LO / 8)))
                CHECK(r->test, p->result.first[0] != '\0',
                      "%s: register 0x%03x, row %u, one more: taken", pass ? "pass" : "end",
                      address, s->places[i].row);
            char row[32] = "";
            if (of_a_row(address) && s->places[i].row >= ACTIVITY_OPS &&
                address / 8 != LOCKSTEP_REG_OP_CYCLES_LO / 8)
                snprintf(row, sizeof row, "of layer %u, ", s->places[i].row - ACTIVITY_OPS);
            CHECK(r->test, strstr(p->result.first, row) != NULL, "'%s' is not in '%s'", row,
                  p->result.first);
            s->spoiled = NULL;
        }
    }
}

static bool is_read(const struct spoiler *s, uint32_t address, uint32_t row) {
    for (uint32_t i = 0; i < s->count; i++)
        if (s->places[i].address == address && s->places[i].row == row)
            return true;
    return false;
}

/* Nothing that the device counts is left out, at the end of the run. */
static void test_all_read(struct rig *r) {
    static const uint32_t of_64[] = {
        LOCKSTEP_REG_PASSES_LO,       LOCKSTEP_REG_CYCLES_LO,         LOCKSTEP_REG_WEIGHT_STALLS_LO,
        LOCKSTEP_REG_MACS_LO,         LOCKSTEP_REG_PREFILL_CYCLES_LO, LOCKSTEP_REG_WEIGHT_BEATS_LO,
        LOCKSTEP_REG_TOKENS_IN_LO,    LOCKSTEP_REG_TOKENS_OUT_LO,     LOCKSTEP_REG_DRAFTS_LO,
        LOCKSTEP_REG_DRAFTS_TAKEN_LO, LOCKSTEP_REG_KV_READS_LO,       LOCKSTEP_REG_KV_WRITES_LO};
    static const uint32_t of_32[] = {LOCKSTEP_REG_TEMP_DIE,   LOCKSTEP_REG_TEMP_PACKAGE,
                                     LOCKSTEP_REG_TEMP_PEAK,  LOCKSTEP_REG_POWER_LAST,
                                     LOCKSTEP_REG_POWER_PEAK, LOCKSTEP_REG_POWER_SMOOTH,
                                     LOCKSTEP_REG_PACE,       LOCKSTEP_REG_WINDOWS};
    static const uint32_t of_rows[] = {LOCKSTEP_REG_OP_COUNT_LO, LOCKSTEP_REG_OP_CYCLES_LO,
                                       LOCKSTEP_REG_OP_ENERGY_LO};
    struct spoiler *s = &r->spoiler;
    struct activity_sum ports = r->session.power.activity.sum;
    uint32_t left = 0;
    s->count = 0;
    s->noting = true;
    again(r, false, &ports);
    s->noting = false;
    for (uint32_t half = 0; half < 8; half += 4) {
        for (size_t i = 0; i < sizeof of_64 / sizeof *of_64; i++)
            left += !is_read(s, of_64[i] + half, 0);
        for (uint32_t i = 0; i < LOCKSTEP_CLASS_LIMIT; i++)
            left += !is_read(s, LOCKSTEP_REG_CLASS_IDLE_LO + 8 * i + half, 0);
        for (uint32_t i = 0; i < LOCKSTEP_EVENT_LIMIT; i++)
            left += !is_read(s, LOCKSTEP_REG_EVENT_CYCLE_LO + 8 * i + half, 0);
        for (uint32_t i = 0; i < LOCKSTEP_UNIT_LIMIT; i++)
            left += !is_read(s, LOCKSTEP_REG_ENERGY_LEAKAGE_LO + 8 * i + half, 0);
        for (uint32_t i = 0; i < ACTIVITY_OPS + r->session.power.result.layers + 1; i++)
            for (size_t w = 0; w < 3 && (i >= ACTIVITY_OPS || op_is_executed(i)); w++)
                left += !is_read(s, of_rows[w] + half, i);
    }
    for (size_t i = 0; i < sizeof of_32 / sizeof *of_32; i++)
        left += !is_read(s, of_32[i], 0);
    CHECK(r->test, left == 0, "%u registers are not read", left);
}

/* A cycle that the device counts in another class than it was in. */
static void test_classes(struct rig *r) {
    struct sim_power *p = &r->session.power;
    struct activity_sum ports = p->activity.sum;
    const struct sim_power before = *p;
    memcpy(ports.counts, p->result.end.sum.counts, sizeof ports.counts);
    for (uint32_t from = 0; from < LOCKSTEP_CLASS_LIMIT; from++)
        for (uint32_t to = 0; to < LOCKSTEP_CLASS_LIMIT; to++) {
            *p = before;
            p->result.first[0] = '\0';
            p->result.end.classes[from]--;
            p->result.end.classes[to]++;
            sim_power_check_end(p, &ports);
            CHECK(r->test, (p->result.first[0] == '\0') == (from == to),
                  "a cycle of class %u in class %u: %s", from, to, p->result.first);
        }
    *p = before;
}

/* A window as the device closes it, each part of it altered. */
static void test_windows(struct rig *r) {
    struct sim_power *p = &r->session.power;
    const struct sim_power before = *p;
    for (uint32_t what = 0; what < 5; what++) {
        struct power_state next = before.state;
        char says[160];
        *p = before;
        p->taken = p->collecting = false;
        p->result.first[0] = '\0';
        power_window(&p->settings, &next, p->part);
        const uint32_t die = (uint32_t)(next.die >> 16), package = (uint32_t)(next.package >> 16);
        if (what == 4)
            p->part[LOCKSTEP_UNIT_LEAKAGE]++;
        const bool ok = sim_power_window(p, 1, die + (what == 1), package + (what == 2),
                                         next.pace + (what == 3));
        CHECK(r->test, ok == (what == 0), "alteration %u: %s", what, p->result.first);
        snprintf(says, sizeof says, "package %.5f C, pace %u; expected %.5f C, %.5f C, %u",
                 (package + (what == 2)) / 65536.0, next.pace + (what == 3), die / 65536.0,
                 package / 65536.0, next.pace);
        CHECK(r->test, what == 0 || what == 4 || strstr(p->result.first, says) != NULL,
              "'%s' is not in '%s'", says, p->result.first);
    }
    /* the highest of windows, and how many lie above the cap, if there is one */
    static const uint64_t uw[] = {1000, 3000, 3001, 2999};
    for (uint32_t capped = 0; capped < 2; capped++) {
        *p = before;
        p->taken = false;
        p->options.cap_mw = capped;
        p->settings.cap_power = 3000;
        p->settings.power_filter = 0;
        p->settings.power_scale = UINT32_C(1) << 31; /* 512 fJ a uW */
        p->settings.throttle = LOCKSTEP_THROTTLE_TEMPERATURE_MASK;
        p->settings.ramp_start = p->settings.ramp_target = -(300 << 16);
        p->settings.pace_max = 9;
        p->result.windows_above = 0;
        p->result.mw_smooth = 0;
        p->result.pace_most = 5;
        for (size_t i = 0; i < sizeof uw / sizeof *uw; i++) {
            memset(p->part, 0, sizeof p->part);
            p->part[LOCKSTEP_UNIT_DOT] = uw[i] * 512;
            sim_power_window(p, 1, 0, 0, i == 1 ? 7 : 6);
        }
        CHECK(r->test,
              p->result.windows_above == capped && p->result.mw_smooth == 3.001 &&
                  p->result.pace_most == 7,
              "%llu windows above, %g mW, pace %u", (unsigned long long)p->result.windows_above,
              p->result.mw_smooth, p->result.pace_most);
    }
    *p = before;
}

/* A window of which the device was reset in the middle has less leakage, and is the first alone;
 * each other one is held to it. */
static void test_leakage(struct rig *r) {
    struct sim_power *p = &r->session.power;
    const struct sim_power before = *p;
    for (uint64_t windows = 0; windows < 4; windows++)
        for (uint32_t off = 0; off < 2; off++) {
            struct power_state next = before.state;
            *p = before;
            p->taken = p->collecting = false;
            p->result.first[0] = '\0';
            p->result.power_mismatches = 0;
            p->windows = windows;
            memset(p->part, 0, sizeof p->part);
            p->part[LOCKSTEP_UNIT_LEAKAGE] =
                ((uint64_t)p->settings.coefficient[LOCKSTEP_EVENT_CYCLE]
                 << p->settings.window_log2) -
                off;
            power_window(&p->settings, &next, p->part);
            const bool ok = sim_power_window(p, 1, (uint32_t)(next.die >> 16),
                                             (uint32_t)(next.package >> 16), next.pace);
            CHECK(r->test,
                  ok == (windows == 0 || off == 0) && p->windows == windows + 1 &&
                      p->result.windows == before.result.windows + 1 &&
                      p->result.power_mismatches == !ok,
                  "window %u, leakage off by %u: %s", (unsigned)windows, off, p->result.first);
        }
    *p = before;
}

/* A pace that changes in a rest counts from its next portion on: docs/power.md. */
static void test_paces(struct rig *r) {
    static const struct {
        uint64_t window; /* cycle in which the pace changes */
        uint32_t pace;   /* to this, from 3 */
        uint64_t rests;  /* behind an op of the cycles 100 to 110 */
    } cases[] = {
        {105, 9, 10 * 8},
        {110, 9, 10 * 8}, /* none has begun */
        {111, 9, 2 + 9 * 8},
        {112, 9, 2 + 9 * 8},
        {113, 9, 2 * 2 + 8 * 8},
        {114, 9, 2 * 2 + 8 * 8},
        {115, 9, 3 * 2 + 7 * 8},
        {131, 9, 10 * 2},
        {110, 1, 0},
        {112, 1, 2},
        {115, 1, 5}, /* the cycle with pace 1 is its last */
        {500, 9, 10 * 2},
    };
    struct sim_power *p = &r->session.power;
    const struct sim_power before = *p;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        *p = before;
        p->taken = false;
        p->settings.throttle = cases[i].pace > 1 ? LOCKSTEP_THROTTLE_TEMPERATURE_MASK : 0;
        p->settings.ramp_start = p->settings.ramp_target = -(300 << 16);
        p->settings.pace_max = cases[i].pace;
        p->rest = (struct sim_power_rest){.pace = 3};
        sim_power_pulse(p, DEVICE_OP_START, 100);
        if (cases[i].window < 110)
            sim_power_window(p, cases[i].window, 0, 0, 0);
        sim_power_pulse(p, DEVICE_OP_DONE, 110);
        if (cases[i].window >= 110)
            sim_power_window(p, cases[i].window, 0, 0, 0);
        CHECK(r->test, p->rest.pace == cases[i].pace, "case %zu: pace %u", i, p->rest.pace);
        sim_power_pulse(p, DEVICE_OP_START, 900);
        CHECK(r->test, p->rest.cycles == cases[i].rests, "case %zu: a rest of %u cycles, not %u", i,
              (unsigned)p->rest.cycles, (unsigned)cases[i].rests);
    }
    *p = before;
}

/* What is held to bounds, not to a number: up to each of them it is right. */
static void test_bounds(struct rig *r) {
    enum { BEATS, PREFILL, RATION, CROWDED, CLOSING, FIRST_CLOSING, KINDS };
    struct sim_power *p = &r->session.power;
    struct activity_sum ports = p->activity.sum;
    const struct sim_power before = *p;
    memcpy(ports.counts, p->result.end.sum.counts, sizeof ports.counts);
    for (int kind = 0; kind < KINDS; kind++)
        for (int off = -1; off <= 2; off++) { /* 0 and 1 are right */
            bool right = off == 0 || off == 1;
            *p = before;
            p->result.first[0] = '\0';
            struct sim_power_mark *const mark = &p->marks[p->activity.sum.passes % SIM_POWER_MARKS];
            const uint64_t window = UINT64_C(1) << p->settings.window_log2,
                           first = UINT64_C(1) << LOCKSTEP_RESET_WINDOW;
            if (kind == BEATS) { /* of 256 bits: two words each */
                p->activity.limits.port_bits = 256;
                p->result.end.beats =
                    p->activity.sum.counts[LOCKSTEP_EVENT_WORD] / 2 + (uint64_t)(int64_t)off;
                right = off == 0;
            } else if (kind == PREFILL) {
                mark->prefill_least = 5000;
                mark->prefill_most = 5001;
                p->result.end.prefill = 5000 + (uint64_t)(int64_t)off;
            } else if (kind == RATION || kind == CROWDED) {
                /* a pass may have waited besides, if it is rationed; a token, if there are many */
                const uint32_t class =
                    kind == RATION ? LOCKSTEP_CLASS_THROTTLED : LOCKSTEP_CLASS_FIFO_WAIT;
                const uint64_t more = kind == CROWDED && off < 0 ? UINT64_MAX : off > 0;
                const uint64_t energy = more * p->settings.coefficient[LOCKSTEP_EVENT_BUSY];
                const uint32_t unit = event_info[LOCKSTEP_EVENT_BUSY].unit;
                p->settings.throttle = kind == RATION && off < 2 ? LOCKSTEP_THROTTLE_RATE_MASK : 0;
                p->crowded = kind == CROWDED && off < 2;
                mark->rests = kind == RATION && off < 0 ? 1 : 0;
                p->result.end.classes[class] += more;
                p->result.end.classes[LOCKSTEP_CLASS_IDLE] -= more;
                p->result.end.busy += more;
                p->result.end.sum.counts[LOCKSTEP_EVENT_BUSY] += more;
                p->result.end.energy[unit] += energy;
                p->parts[unit] += energy;
            } else if (kind == CLOSING) {
                p->result.windows = 3;
                p->window_cycle = p->taken_cycle - window + 1 - (uint64_t)(int64_t)off;
                right = off < 2;
            } else {
                p->result.windows = 0;
                p->window_cycle = p->taken_cycle - (window > first ? window : first) - 512 + 1 -
                                  (uint64_t)(int64_t)off;
                right = off < 2;
            }
            sim_power_check_end(p, &ports);
            CHECK(r->test, (p->result.first[0] == '\0') == right, "kind %d, off by %d: %s", kind,
                  off, p->result.first);
            CHECK(r->test,
                  kind < CLOSING || right ||
                      strncmp(p->result.first, kind == CLOSING ? "window 4 did" : "window 1 did",
                              12) == 0,
                  "kind %d: %s", kind, p->result.first);
        }
    *p = before;
    p->result.first[0] = '\0';
    p->result.end.sum.op[LOCKSTEP_OP_MATVEC].cycles++;
    sim_power_check_end(p, &ports);
    CHECK(r->test, strstr(p->result.first, "cycles of the ops of class matvec") != NULL, "%s",
          p->result.first);
    for (uint32_t pace = 1; pace <= 3; pace++) /* and whether it holds the engine back */
        for (uint32_t held = 0; held < 2; held++) {
            *p = before;
            p->result.power_mismatches = 0;
            p->state.pace = pace;
            p->status &= ~LOCKSTEP_STATUS_THROTTLED_MASK;
            p->status |= held ? LOCKSTEP_STATUS_THROTTLED_MASK : 0;
            sim_power_check_end(p, &ports);
            const uint32_t wrong =
                (pace != before.state.pace ? 1u : 0u) + ((pace > 1) != held ? 1u : 0u);
            CHECK(r->test, p->result.power_mismatches == wrong, "pace %u, held %u: %u differences",
                  pace, held, (unsigned)p->result.power_mismatches);
        }
    *p = before;
}

/* What else is held to the registers of the end. */
static void test_sums(struct rig *r) {
    struct sim_power *p = &r->session.power;
    struct activity_sum ports = p->activity.sum;
    const struct sim_power before = *p;
    memcpy(ports.counts, p->result.end.sum.counts, sizeof ports.counts);
    for (uint32_t what = 0; what <= LOCKSTEP_UNIT_LIMIT + 2; what++) {
        *p = before;
        if (what < LOCKSTEP_UNIT_LIMIT)
            p->parts[what]++;
        else if (what == LOCKSTEP_UNIT_LIMIT)
            p->status ^= LOCKSTEP_STATUS_THROTTLED_MASK;
        else if (what == LOCKSTEP_UNIT_LIMIT + 1)
            p->window_cycle -= UINT64_C(2) << p->settings.window_log2;
        CHECK(r->test, (again(r, false, &ports)[0] == '\0') == (what == LOCKSTEP_UNIT_LIMIT + 2),
              "alteration %u: %s", what, p->result.first);
    }
    static const uint32_t at_ports[] = {LOCKSTEP_EVENT_CYCLE, LOCKSTEP_EVENT_REGISTER,
                                        LOCKSTEP_EVENT_BURST, LOCKSTEP_EVENT_WORD};
    for (size_t i = 0; i < sizeof at_ports / sizeof *at_ports; i++) {
        struct activity_sum other = ports;
        *p = before;
        other.counts[at_ports[i]]++;
        CHECK(r->test, strncmp(again(r, false, &other), "counter: event ", 15) == 0,
              "event %u at the ports: %s", at_ports[i], p->result.first);
    }
    *p = before;
}

/* ---- what needs no device ---- */

/* Lists, tokens and drafts that commit, and what a run tells of them. */
static void test_tokens(struct host_test *t) {
    static struct sim_power p;
    static const struct {
        uint32_t op, index;
        uint64_t cycle;
        bool draft;
    } commits[] = {{LOCKSTEP_OP_SAMPLE, 0, 1000, false}, {LOCKSTEP_OP_SAMPLE, 8, 1010, false},
                   {LOCKSTEP_OP_SAMPLE, 0, 1500, true},  {LOCKSTEP_OP_SAMPLE, 8, 1510, true},
                   {LOCKSTEP_OP_SAMPLE, 0, 2000, false}, {LOCKSTEP_OP_SAMPLE, 8, 2010, false}};
    for (int begun = 0; begun < 2; begun++) {
        p.begun = begun;
        for (size_t i = 0; i < sizeof commits / sizeof *commits; i++)
            sim_power_commit(&p,
                             &(struct device_commit){.op = commits[i].op,
                                                     .index = commits[i].index,
                                                     .cycle = commits[i].cycle},
                             false, commits[i].draft);
        CHECK(t, begun || (p.entries == 0 && p.tokens.count == 0), "before the run");
    }
    CHECK(t,
          p.entries == 6 && p.right == 1 && p.tokens.count == 3 && p.tokens.first == 1000 &&
              p.tokens.last == 2000,
          "%u entries, %u right, %u tokens", (unsigned)p.entries, (unsigned)p.right,
          (unsigned)p.tokens.count);
}

/* Behind an op of n cycles at pace p come n (p - 1) of rest, as far as nothing else begins. */
static void test_rests(struct host_test *t) {
    static const struct {
        uint32_t pace;
        uint64_t next, rests; /* the cycle in which the next op starts; told until then */
    } cases[] = {{1, 500, 0}, {3, 500, 20}, {3, 131, 20}, {3, 130, 19}, {3, 125, 14},
                 {3, 111, 0}, {2, 500, 10}, {5, 112, 1},  {5, 500, 40}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sim_power p;
        memset(&p, 0, sizeof p);
        p.rest.pace = cases[i].pace;
        sim_power_pulse(&p, DEVICE_OP_START, 90);
        sim_power_pulse(&p, DEVICE_OP_START, 100); /* no end of it: no rest is known */
        CHECK(t, p.rest.cycles == 0, "case %zu: a rest of %u cycles before", i,
              (unsigned)p.rest.cycles);
        sim_power_pulse(&p, DEVICE_OP_DONE, 110);
        sim_power_pulse(&p, DEVICE_OP_START, cases[i].next);
        CHECK(t, p.rest.cycles == cases[i].rests, "case %zu: a rest of %u cycles, not %u", i,
              (unsigned)p.rest.cycles, (unsigned)cases[i].rests);
        CHECK(t, p.prefill.done == 110, "case %zu", i);
        sim_power_pulse(&p, DEVICE_PASS_START, 700); /* which is the end of no op */
        CHECK(t, p.prefill.done == 110 && p.rest.done == 0, "case %zu", i);
    }
}

/* The first difference is told, all are counted. */
static void test_first(struct host_test *t) {
    static struct sim_power p;
    uint64_t mismatches = 0;
    sim_power_differs(&p, &mismatches, "counter: %d", 1);
    char first[sizeof p.result.first];
    strcpy(first, p.result.first);
    sim_power_differs(&p, &mismatches, "counter: %d", 2);
    CHECK(t, mismatches == 2 && strcmp(first, p.result.first) == 0 && first[0] != '\0', "%u: %s",
          (unsigned)mismatches, p.result.first);
}

#define FOLDER "build/tests/power_check"

/* The table of windows. */
static void test_csv(struct host_test *t) {
    static const struct sim_power_row rows[] = {
        {1234, 5, LOCKSTEP_OP_ADD}, {2258, 6, -1}, {3282, 7, LOCKSTEP_OP_END}};
    const struct power_state state = {
        .die = INT64_C(25) << 32, .package = INT64_C(49) << 31, .pace = 3};
    struct power_settings settings = power_defaults();
    struct output csv = {0};
    struct ls_error err = {""};
    uint64_t part[LOCKSTEP_UNIT_LIMIT] = {1000000, 2000000};
    size_t size;
    char expected[1024] = "cycle,token,op";
    settings.window_log2 = 10;
    CHECK(t, sim_power_csv_open(&csv, FOLDER, &err) == 0, "%s", err.text);
    for (size_t i = 0; i < 3; i++)
        sim_power_csv_row(&csv, &settings, 1024000000, &rows[i], part, &state);
    CHECK(t, output_close(&csv, &err) == 0, "%s", err.text);
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++)
        sprintf(expected + strlen(expected), ",%s_mw", unit_info[u].key);
    strcat(expected, ",die_c,package_c,pace\n1234,5,ADD,1.000,2.000");
    for (uint32_t u = 2; u < LOCKSTEP_UNIT_LIMIT; u++)
        strcat(expected, ",0.000");
    strcat(expected, ",25.0000,24.5000,3\n2258,6,none,1.000,2.000");
    for (uint32_t u = 2; u < LOCKSTEP_UNIT_LIMIT; u++)
        strcat(expected, ",0.000");
    strcat(expected, ",25.0000,24.5000,3\n3282,7,END,1.000,2.000");
    for (uint32_t u = 2; u < LOCKSTEP_UNIT_LIMIT; u++)
        strcat(expected, ",0.000");
    strcat(expected, ",25.0000,24.5000,3\n");
    char *text = host_read(FOLDER "/power.csv", &size);
    CHECK(t, size == strlen(expected) && memcmp(text, expected, size) == 0, "%.*s", (int)size,
          text);
    free(text);
    CHECK(t, sim_power_csv_open(&csv, FOLDER "/power.csv", &err) != 0 && err.text[0] != '\0',
          "a file for a folder");
    unlink(FOLDER "/power.csv");
}

static uint32_t features(void *context, uint32_t address) {
    (void)context;
    return address == LOCKSTEP_REG_FEATURES ? LOCKSTEP_FEATURES_TELEMETRY_MASK : 0;
}

static void ignore(void *context, uint32_t address, uint32_t value) {
    (void)context, (void)address, (void)value;
}

static uint32_t no_features(void *context, uint32_t address) {
    (void)context, (void)address;
    return 0;
}

/* Without telemetry there is nothing to read or write; what needs it is refused. */
static void test_absent(struct host_test *t) {
    static struct device device;
    static const struct hal hal = {no_features, ignore, NULL, NULL};
    static const struct sim_power_options options[] = {
        {.clock_hz = 500000000},
        {.clock_hz = 500000000, .throttle = SIM_THROTTLE_ON},
        {.clock_hz = 500000000, .throttle = SIM_THROTTLE_HOT},
        {.clock_hz = 500000000, .cap_mw = 1},
        {.clock_hz = 500000000, .token_rate = 1},
        {.clock_hz = 500000000, .folder = FOLDER},
        {.clock_hz = 500000000,
         .throttle = SIM_THROTTLE_ON,
         .cap_mw = 9,
         .token_rate = 2,
         .folder = FOLDER}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct sim_power p;
        struct ls_error err = {""};
        memset(&p, 0, sizeof p);
        const bool open = sim_power_open(&p, &device, &hal, &options[i], &err) == 0;
        CHECK(t, open == (i == 0) && p.absent && p.csv.file == NULL, "options %zu: %s", i,
              err.text);
        CHECK(t, open || strstr(err.text, "built without telemetry") != NULL, "%s", err.text);
        CHECK(t, access(FOLDER "/power.csv", F_OK) != 0, "a table of nothing");
        sim_power_begin(&p, NULL, NULL, NULL);
        CHECK(t, !p.begun, "it begins");
        CHECK(t, sim_power_close(&p, &err) == 0, "%s", err.text);
    }
}

/* Energies of a window as it closes: summed, of each unit, until all is summed; the last unit's
 * ends it, the first one's says where the run was. */
static void test_parts(struct host_test *t) {
    static struct device device;
    static struct sim_power p;
    memset(&p, 0, sizeof p);
    p.device = &device;
    p.position = 5;
    for (uint32_t window = 0; window < 4; window++) {
        p.summed = window == 3;
        for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++) {
            device.cycle = 1000 * window + u + 77;
            sim_power_op(&p, (int32_t)(u + window));
            sim_power_part(&p, u, 10 * u + window + 1);
            CHECK(t, p.part[u] == 10 * u + window + 1, "unit %u: %u", u, (unsigned)p.part[u]);
            const uint64_t so_far = window < 3 ? window : 2;
            const uint64_t sum = (10 * u + 1) * (so_far + 1) + so_far * (so_far + 1) / 2;
            CHECK(t, p.parts[u] == sum, "unit %u, window %u: %u in all, not %u", u, window,
                  (unsigned)p.parts[u], (unsigned)sum);
            const bool ends = u == LOCKSTEP_UNIT_LIMIT - 1;
            CHECK(t, p.closed == (window < 3 ? window + ends : 3), "unit %u, window %u: %u closed",
                  u, window, (unsigned)p.closed);
        }
        CHECK(t, p.closed_cycle == 1000 * (window < 3 ? window : 2) + LOCKSTEP_UNIT_LIMIT - 1 + 77,
              "window %u closed in cycle %u", window, (unsigned)p.closed_cycle);
        CHECK(t,
              p.row.cycle == 1000 * window + 77 && p.row.position == 5 &&
                  p.row.op == (int32_t)window,
              "window %u: cycle %u, position %u, op %d", window, (unsigned)p.row.cycle,
              p.row.position, p.row.op);
    }
}

struct accessed {
    uint32_t address, value, count;
};

static void note_write(void *context, uint32_t address, uint32_t value) {
    struct accessed *a = context;
    *a = (struct accessed){address, value, a->count + 1};
}

static uint32_t read_note(void *context, uint32_t address) {
    struct accessed *a = context;
    a->address = address;
    return 77;
}

/* What the check sees of the firmware's accesses, which all go on to the device: tokens that are
 * taken, and given to each sequence since its last FIRST; that a draft waited; soft resets. */
static void test_accesses(struct host_test *t) {
    static struct device device;
    static struct accessed seen;
    static const struct hal hal = {read_note, note_write, NULL, &seen};
    static const struct sim_power_options options = {.clock_hz = 500000000};
    static struct sim_power p;
    struct ls_error err = {""};
    device.memory.channels = 1;
    device.memory.channel[0].bursts_taken = 5;
    device.memory.channel[0].beats_taken = 9;
    device.cycle = 1000;
    device.accesses = 300;
    memset(&p, 0, sizeof p);
    memset(&seen, 0, sizeof seen);
    CHECK(t, sim_power_open(&p, &device, &hal, &options, &err) == 0, "%s", err.text);
    static const uint32_t reads[] = {LOCKSTEP_REG_TOKEN_OUT, LOCKSTEP_REG_STATUS,
                                     LOCKSTEP_REG_TOKEN_OUT, LOCKSTEP_REG_TOKEN_IN};
    for (size_t i = 0; i < 4; i++) {
        CHECK(t, hal_read(&p.hal, reads[i]) == 77 && seen.address == reads[i], "read %zu", i);
        CHECK(t, p.popped == 1 + i / 2, "read %zu: %u tokens", i, (unsigned)p.popped);
    }
    static const struct {
        uint32_t sequence, flags, words, prompt; /* counted of that sequence */
    } tokens[] = {{3, LOCKSTEP_IN_FIRST_MASK | LOCKSTEP_IN_PROMPT_MASK, 1, 1},
                  {3, LOCKSTEP_IN_PROMPT_MASK, 2, 2},
                  {0, 0, 1, 0},
                  {3, 0, 3, 2},
                  {0, LOCKSTEP_IN_PROMPT_MASK, 2, 1},
                  {3, LOCKSTEP_IN_FIRST_MASK, 1, 0},
                  {3, LOCKSTEP_IN_PROMPT_MASK, 2, 1}};
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        const uint32_t word = tokens[i].sequence << LOCKSTEP_IN_SEQ_SHIFT | tokens[i].flags | 1;
        const struct sim_power_feed *const f = &p.feed[tokens[i].sequence];
        hal_write(&p.hal, LOCKSTEP_REG_TOKEN_IN, word);
        CHECK(t, seen.address == LOCKSTEP_REG_TOKEN_IN && seen.value == word, "token %zu", i);
        CHECK(t,
              f->words == tokens[i].words && f->prompt == tokens[i].prompt &&
                  f->used == (tokens[i].flags & LOCKSTEP_IN_FIRST_MASK ? 0 : i),
              "token %zu: %u words, %u of the prompt, %u used", i, f->words, f->prompt, f->used);
        p.feed[0].used = p.feed[3].used = (uint32_t)i + 1;
    }
    hal_write(&p.hal, LOCKSTEP_REG_TOKEN_OUT, 3u << LOCKSTEP_IN_SEQ_SHIFT);
    CHECK(t, p.feed[3].words == 2 && !p.crowded, "a token that is none");
    hal_write(&p.hal, LOCKSTEP_REG_CHOICE, 4);
    CHECK(t, p.crowded && seen.address == LOCKSTEP_REG_CHOICE && seen.value == 4, "a choice");
    hal_write(&p.hal, LOCKSTEP_REG_TOKEN_OUT, 0);
    CHECK(t, p.crowded, "it stays");
    p.windows = p.closed = 6;
    memset(p.parts, 1, sizeof p.parts);
    static const uint32_t writes[][2] = {
        {LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK},
        {LOCKSTEP_REG_OP_INDEX, LOCKSTEP_CTRL_SOFT_RESET_MASK},
        {LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK | LOCKSTEP_CTRL_SOFT_RESET_MASK}};
    for (size_t i = 0; i < 3; i++) {
        static const struct sim_power_feed none[FW_SEQUENCES];
        static const uint64_t no_parts[LOCKSTEP_UNIT_LIMIT];
        const bool reset = i == 2;
        hal_write(&p.hal, writes[i][0], writes[i][1]);
        CHECK(t, seen.address == writes[i][0] && seen.value == writes[i][1], "write %zu", i);
        CHECK(t,
              reset ? p.reset_cycle == 1000 && p.reset_accesses == 300 && p.reset_bursts == 5 &&
                          p.reset_beats == 9
                    : p.reset_cycle == 0 && p.reset_accesses == 0 && p.reset_bursts == 0 &&
                          p.reset_beats == 0,
              "write %zu: reset in cycle %u", i, (unsigned)p.reset_cycle);
        CHECK(t,
              (p.windows == 0) == reset && (p.closed == 0) == reset &&
                  (memcmp(p.parts, no_parts, sizeof no_parts) == 0) == reset &&
                  (memcmp(p.feed, none, sizeof none) == 0) == reset,
              "write %zu: %u windows", i, (unsigned)p.windows);
    }
    CHECK(t, sim_power_close(&p, &err) == 0, "%s", err.text);
}

/* What the options make of the settings: docs/power.md. */
static void test_settings(struct host_test *t) {
    static struct device device;
    static const struct hal hal = {features, ignore, NULL, NULL};
    struct power_settings plain = power_defaults();
    struct ls_error none = {""};
    CHECK(t, power_profile(NULL, 500000000, &plain, &none) == 0, "%s", none.text);
    enum {
        TEMPERATURE = LOCKSTEP_THROTTLE_TEMPERATURE_MASK,
        LIMIT = LOCKSTEP_THROTTLE_LIMIT_MASK,
        POWER = LOCKSTEP_THROTTLE_POWER_MASK,
        RATE = LOCKSTEP_THROTTLE_RATE_MASK
    };
    static const struct {
        struct sim_power_options options;
        uint32_t throttle, cap_power, cap_start, token_cycles; /* 0: as they are by default */
        bool cool, mild; /* begins a degree below the target; air of four degrees below */
    } cases[] = {
        {{.clock_hz = 500000000}, 0, 0, 0, 0, false, false},
        {{.clock_hz = 500000000, .throttle = SIM_THROTTLE_ON},
         TEMPERATURE | LIMIT,
         0,
         0,
         0,
         false,
         false},
        {{.clock_hz = 500000000, .throttle = SIM_THROTTLE_HOT},
         TEMPERATURE | LIMIT,
         0,
         0,
         0,
         true,
         true},
        {{.clock_hz = 500000000, .cap_mw = 1}, POWER, 1000, 930, 0, false, false},
        {{.clock_hz = 500000000, .cap_mw = 160}, POWER, 160000, 150000, 0, false, false},
        {{.clock_hz = 500000000, .token_rate = 1000}, RATE, 0, 0, 500000, false, false},
        {{.clock_hz = 500000000, .token_rate = 0.5}, RATE, 0, 0, 1000000000, false, false},
        {{.clock_hz = 500000000, .token_rate = 1e-6}, RATE, 0, 0, UINT32_MAX, false, false},
        {{.clock_hz = 500000000, .throttle = SIM_THROTTLE_HOT, .cap_mw = 16, .token_rate = 10},
         TEMPERATURE | LIMIT | POWER | RATE,
         16000,
         15000,
         50000000,
         true,
         true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sim_power p;
        struct ls_error err = {""};
        memset(&p, 0, sizeof p);
        CHECK(t, sim_power_open(&p, &device, &hal, &cases[i].options, &err) == 0, "%s", err.text);
        const struct power_settings *const s = &p.settings;
        CHECK(t, s->throttle == cases[i].throttle && p.op == -1 && !p.absent,
              "case %zu: throttle %x", i, s->throttle);
        CHECK(t,
              s->cap_power == (cases[i].cap_power != 0 ? cases[i].cap_power : plain.cap_power) &&
                  s->cap_start == (cases[i].cap_start != 0 ? cases[i].cap_start : plain.cap_start),
              "case %zu: a cap of %u from %u on", i, s->cap_power, s->cap_start);
        CHECK(t,
              s->token_cycles ==
                  (cases[i].token_cycles != 0 ? cases[i].token_cycles : plain.token_cycles),
              "case %zu: a token in %u cycles", i, s->token_cycles);
        CHECK(t, s->initial == (cases[i].cool ? s->ramp_target - 65536 : plain.initial),
              "case %zu: begins at %d", i, s->initial);
        CHECK(t, s->ambient == (cases[i].mild ? s->ramp_target - 4 * 65536 : plain.ambient),
              "case %zu: air of %d", i, s->ambient);
        CHECK(t, sim_power_close(&p, &err) == 0, "%s", err.text);
    }
}

static uint32_t begin_initial, begin_ctrl;

static uint32_t read_all(void *context, uint32_t address) {
    (void)context, (void)address;
    return UINT32_MAX;
}

static void note_begin(void *context, uint32_t address, uint32_t value) {
    (void)context;
    begin_initial = address == LOCKSTEP_REG_TEMP_INITIAL ? value : begin_initial;
    begin_ctrl = address == LOCKSTEP_REG_CTRL ? value : begin_ctrl;
}

/* A profile that the clock does not suit, as the default one a slow one. */
static void test_refused(struct host_test *t) {
    static struct device device;
    static const struct hal hal = {features, ignore, NULL, NULL};
    static const struct sim_power_options options = {.clock_hz = 1000000};
    struct sim_power p;
    struct ls_error err = {""};
    memset(&p, 0, sizeof p);
    CHECK(t,
          sim_power_open(&p, &device, &hal, &options, &err) == -1 &&
              strstr(err.text, "default profile") != NULL,
          "%s", err.text);
    CHECK(t, sim_power_close(&p, &err) == 0, "%s", err.text);
    static const struct sim_power_options file = {.clock_hz = 500000000, .folder = "Makefile"};
    memset(&p, 0, sizeof p);
    CHECK(t, sim_power_open(&p, &device, &hal, &file, &err) == -1, "a file for a folder");
    CHECK(t, sim_power_close(&p, &err) == 0, "%s", err.text);
}

/* Slots, ops and lists as they commit: what each pass is told of, and what is known once it is
 * over. */
static void test_marks(struct host_test *t) {
    static struct sim_power p;
    static const struct fw_program program = {
        .words = {{LOCKSTEP_OP_ADD, 0, 32u << LOCKSTEP_UCODE2_N_SHIFT}, {LOCKSTEP_OP_END}},
        .ops = 2};
    static const struct fw_model model = {.layers = 1, .head_dim = 8};
    static const struct fw_limits limits = {.slots = 2, .port_bits = 128, .token_fifo = 2};
    static const struct {
        uint32_t op, slot, index, words[3];
        uint64_t cycle;
        bool wanted, draft;
    } commits[] = {{LOCKSTEP_OP_PASS, 0, 0, {11, 0, 3}, 1000, false, false},
                   {LOCKSTEP_OP_PASS, 1, 0, {12, 1, 3}, 1005, true, false},
                   {LOCKSTEP_OP_ADD, 0, 0, {0}, 1010, false, false},
                   {LOCKSTEP_OP_SAMPLE, 1, 0, {0}, 1040, false, false},
                   {LOCKSTEP_OP_SAMPLE, 1, 8, {0}, 1041, false, false},
                   {LOCKSTEP_OP_PASS, 0, 0, {20, 7, 3}, 1100, true, false}, /* of its own */
                   {LOCKSTEP_OP_PASS, 1, 0, {21, 8, 3}, 1101, true, true},
                   {LOCKSTEP_OP_ADD, 0, 0, {0}, 1110, false, false},
                   {LOCKSTEP_OP_ADD, 1, 0, {0}, 1111, false, false},
                   {LOCKSTEP_OP_SAMPLE, 0, 0, {0}, 1140, false, false},
                   {LOCKSTEP_OP_SAMPLE, 1, 0, {0}, 1141, false, true},
                   {LOCKSTEP_OP_SAMPLE, 1, 8, {0}, 1142, false, true},
                   {LOCKSTEP_OP_PASS, 0, 0, {30, 9, 3}, 1300, true, false}};
    for (uint32_t popped = 0; popped < 2; popped++) {
        struct sim_power_mark *const first = &p.marks[1], *const second = &p.marks[2];
        const struct power_settings settings = power_defaults();
        memset(&p, 0, sizeof p);
        activity_open(&p.activity, &program, &model, &limits, &settings);
        p.begun = true;
        p.popped = popped;
        p.rest.pace = 3;
        p.feed[3] = (struct sim_power_feed){.words = 2, .prompt = 1};
        for (size_t i = 0; i < sizeof commits / sizeof *commits; i++) {
            const struct device_commit c = {.op = commits[i].op,
                                            .slot = commits[i].slot,
                                            .index = commits[i].index,
                                            .count = 3,
                                            .words = commits[i].words,
                                            .cycle = commits[i].cycle};
            if (i == 2) /* an op of 24 cycles: 48 of rest */
                sim_power_pulse(&p, DEVICE_OP_START, 1006);
            if (i == 3)
                sim_power_pulse(&p, DEVICE_OP_DONE, 1030);
            first->over = i == 1 ? true : first->over;
            sim_power_commit(&p, &c, commits[i].wanted, commits[i].draft);
            CHECK(t,
                  p.position == (i < 5    ? 0
                                 : i < 12 ? 7
                                          : 9),
                  "commit %zu: position %u", i, p.position);
            if (i == 2)
                CHECK(t,
                      first->token == 11 && first->position == 0 && !first->over && !p.crowded &&
                          first->sum.passes == 1 && first->sum.tokens == 2 && first->sum.fed == 2 &&
                          first->sum.counts[LOCKSTEP_EVENT_PROMPT] == 1 &&
                          first->sum.counts[LOCKSTEP_EVENT_ADD] == 64 && p.feed[3].used == 2 &&
                          p.activity.slot_count == 0,
                      "the first pass: token %u, %u given", first->token, (unsigned)first->sum.fed);
            if (i == 5)
                CHECK(t,
                      first->over && first->entries == 2 && first->drafts == 0 &&
                          first->right == 0 && first->rests == 48 && first->prefill_least == 30 &&
                          first->prefill_most == 100 && !p.prefill.open,
                      "it ends: %u lists, a rest of %u, prefill of %u to %u",
                      (unsigned)first->entries, (unsigned)first->rests,
                      (unsigned)first->prefill_least, (unsigned)first->prefill_most);
            /* three are chosen, two wait at most */
            CHECK(t, p.crowded == (i >= 7 && popped == 0), "commit %zu, %u taken: crowded", i,
                  popped);
        }
        CHECK(t,
              second->token == 20 && second->position == 7 && second->over &&
                  second->sum.fed == 2 && second->sum.chosen == 3 && second->entries == 5 &&
                  second->drafts == 1 && second->right == 1 && second->rests == 48 &&
                  second->prefill_least == 30 && second->prefill_most == 100,
              "the second pass: token %u, %u lists, %u and %u drafts", second->token,
              (unsigned)second->entries, (unsigned)second->drafts, (unsigned)second->right);
        CHECK(t, p.entries == 5 && p.drafts == 1 && p.right == 1 && p.tokens.count == 3, "%u lists",
              (unsigned)p.entries);
    }
}

/* As a run begins: heat at its begin, a snapshot that leaves it running, and what the device was
 * busy with before is its validation. */
static void test_begin(struct host_test *t) {
    static struct device device;
    static struct sim_power p;
    static const struct fw_program program = {.words = {{LOCKSTEP_OP_END}}, .ops = 1};
    static const struct fw_model model = {.layers = 2};
    static const struct fw_limits limits = {.slots = 2, .port_bits = 128};
    static const struct hal hal = {read_all, note_begin, NULL, NULL};
    memset(&p, 0, sizeof p);
    device.cycle = 4321;
    p.device = &device;
    p.below = &hal;
    p.hal = hal;
    p.settings = power_defaults();
    p.settings.initial = -77;
    sim_power_begin(&p, &program, &model, &limits);
    CHECK(t,
          p.begun && p.window_cycle == 4321 && p.result.layers == 2 && p.activity.model == &model &&
              p.state.pace == 1 && p.state.die == (int64_t)-77 * 65536,
          "it begins in cycle %u", (unsigned)p.window_cycle);
    CHECK(t, begin_initial == (uint32_t)-77, "heat at %d", (int32_t)begin_initial);
    CHECK(t, begin_ctrl == (LOCKSTEP_CTRL_RUN_MASK | LOCKSTEP_CTRL_SNAPSHOT_MASK), "CTRL %x",
          begin_ctrl);
    CHECK(t, strstr(p.result.first, "before the first pass") != NULL, "%s", p.result.first);
}

/* Waiting for an interrupt ends at once if it is there, the device has stopped or something
 * differs.
 */
static void test_wait(struct host_test *t) {
    static struct device device;
    static struct sim_power p;
    static const struct hal hal = {features, ignore, NULL, NULL};
    static const struct sim_power_options options = {.clock_hz = 500000000};
    static const struct {
        uint8_t irq;
        bool stopped;
        const char *first;
        int returns;
    } cases[] = {{1, false, "", 0}, {0, true, "", -1},   {0, false, "x", -1},
                 {1, true, "", -1}, {1, false, "x", -1}, {1, true, "x", -1}};
    struct ls_error err = {""};
    uint8_t irq;
    memset(&p, 0, sizeof p);
    CHECK(t, sim_power_open(&p, &device, &hal, &options, &err) == 0, "%s", err.text);
    device.port.irq = &irq;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        irq = cases[i].irq;
        device.status = cases[i].stopped ? DEVICE_STOPPED : DEVICE_OK;
        strcpy(p.result.first, cases[i].first);
        CHECK(t, p.hal.wait_irq(p.hal.context) == cases[i].returns, "case %zu", i);
    }
    CHECK(t, sim_power_close(&p, &err) == 0, "%s", err.text);
}

/* Each register to its place: a device whose registers say which they are, and which row. */
static uint32_t row_chosen;

static uint32_t read_name(void *context, uint32_t address) {
    (void)context;
    return address | (of_a_row(address) ? row_chosen << 16 : 0);
}

static void choose_row(void *context, uint32_t address, uint32_t value) {
    (void)context;
    if (address == LOCKSTEP_REG_OP_INDEX)
        row_chosen = value;
}

static uint64_t name_of(uint32_t address, uint32_t row) {
    const uint64_t word = address | row << 16;
    return word | (word + 4) << 32;
}

static void test_reading(struct host_test *t) {
    static struct sim_power p;
    static struct sim_power_reading r;
    memset(&p, 0, sizeof p);
    p.hal = (struct hal){read_name, choose_row, NULL, NULL};
    p.result.layers = 3;
    for (uint32_t drafts = 0; drafts < 2; drafts++) {
        memset(&r, 0xff, sizeof r);
        p.drafts = drafts;
        sim_power_read(&p, &r);
        const struct {
            uint64_t is;
            uint32_t address;
        } fields[] = {{r.sum.passes, LOCKSTEP_REG_PASSES_LO},
                      {r.busy, LOCKSTEP_REG_CYCLES_LO},
                      {r.stalls, LOCKSTEP_REG_WEIGHT_STALLS_LO},
                      {r.prefill, LOCKSTEP_REG_PREFILL_CYCLES_LO},
                      {r.macs, LOCKSTEP_REG_MACS_LO},
                      {r.beats, LOCKSTEP_REG_WEIGHT_BEATS_LO},
                      {r.sum.fed, LOCKSTEP_REG_TOKENS_IN_LO},
                      {r.sum.chosen, LOCKSTEP_REG_TOKENS_OUT_LO},
                      {r.kv_reads, LOCKSTEP_REG_KV_READS_LO},
                      {r.kv_writes, LOCKSTEP_REG_KV_WRITES_LO}};
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            CHECK(t, fields[i].is == name_of(fields[i].address, 0), "field %zu: %llx", i,
                  (unsigned long long)fields[i].is);
        CHECK(t,
              r.drafts == (drafts ? name_of(LOCKSTEP_REG_DRAFTS_LO, 0) : 0) &&
                  r.right == (drafts ? name_of(LOCKSTEP_REG_DRAFTS_TAKEN_LO, 0) : 0),
              "drafts: %llx, %llx", (unsigned long long)r.drafts, (unsigned long long)r.right);
        for (uint32_t i = 0; i < LOCKSTEP_CLASS_LIMIT; i++)
            CHECK(t, r.classes[i] == name_of(LOCKSTEP_REG_CLASS_IDLE_LO + 8 * i, 0), "class %u", i);
        for (uint32_t i = 0; i < LOCKSTEP_EVENT_LIMIT; i++)
            CHECK(t, r.sum.counts[i] == name_of(LOCKSTEP_REG_EVENT_CYCLE_LO + 8 * i, 0), "event %u",
                  i);
        for (uint32_t i = 0; i < LOCKSTEP_UNIT_LIMIT; i++)
            CHECK(t, r.energy[i] == name_of(LOCKSTEP_REG_ENERGY_LEAKAGE_LO + 8 * i, 0), "unit %u",
                  i);
        for (uint32_t i = 0; i < ACTIVITY_OPS + 5; i++) { /* of layers 0 to 3, and no more */
            const struct activity_total *const of =
                i < ACTIVITY_OPS ? &r.sum.op[i] : &r.sum.layer[i - ACTIVITY_OPS];
            const bool there = i < ACTIVITY_OPS ? op_is_executed(i) : i < ACTIVITY_OPS + 4;
            CHECK(t,
                  of->ops == (there ? name_of(LOCKSTEP_REG_OP_COUNT_LO, i) : 0) &&
                      of->cycles == (there ? name_of(LOCKSTEP_REG_OP_CYCLES_LO, i) : 0) &&
                      of->energy == (there ? name_of(LOCKSTEP_REG_OP_ENERGY_LO, i) : 0),
                  "row %u: %llx", i, (unsigned long long)of->ops);
        }
    }
}

/* A run that does not begin leaves no table. */
static void test_no_run(struct host_test *t) {
    static struct device device;
    static const struct hal hal = {features, ignore, NULL, NULL};
    static const struct sim_power_options options = {.clock_hz = 500000000, .folder = FOLDER};
    for (int begun = 0; begun < 2; begun++) {
        struct sim_power p;
        struct ls_error err = {""};
        memset(&p, 0, sizeof p);
        CHECK(t, sim_power_open(&p, &device, &hal, &options, &err) == 0, "%s", err.text);
        p.begun = begun;
        CHECK(t, sim_power_close(&p, &err) == 0, "%s", err.text);
        CHECK(t, (access(FOLDER "/power.csv", F_OK) == 0) == begun, "a table of no run");
        unlink(FOLDER "/power.csv");
    }
}

/* The rate of tokens, from the first to the last, and whether it was kept. */
static void test_rate(struct rig *r) {
    static const struct {
        uint64_t count, first, last;
        double rate;
        bool late;
    } cases[] = {{0, 0, 0, 0, false},
                 {1, 1000, 1000, 0, false},
                 {3, 1000, 2000, 1e6, false},
                 {3, 1000, 2200, 1e9 / 1200, false},
                 {3, 1000, 2201, 1e9 / 1201, true},
                 {2, 1000, 1801, 5e8 / 801, true}};
    struct sim_power *p = &r->session.power;
    const struct sim_power before = *p;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        *p = before;
        p->tokens = (struct sim_power_tokens){cases[i].count, cases[i].first, cases[i].last};
        p->settings.token_cycles = 400;
        p->result.tokens_per_s = 0;
        sim_power_collect(p, false);
        CHECK(r->test, p->result.tokens_per_s == cases[i].rate && p->result.late == cases[i].late,
              "case %zu: %g tokens/s, late: %d", i, p->result.tokens_per_s, p->result.late);
    }
    *p = before;
}

static struct rig rig;

int main(void) {
    struct host_test t = {"power_check", 0, 0};
    struct ls_model *model;
    struct ls_error err;
    if (ls_model_open(HOST_TINY, &model, &err) != 0) {
        printf("FAIL: %s\n", err.text);
        return 1;
    }
    host_folder(&t);
    test_tokens(&t);
    test_rests(&t);
    test_first(&t);
    test_csv(&t);
    test_no_run(&t);
    test_absent(&t);
    test_accesses(&t);
    test_settings(&t);
    test_refused(&t);
    test_marks(&t);
    test_begin(&t);
    test_wait(&t);
    test_reading(&t);
    test_parts(&t);
    for (int blank = 0; blank < 2; blank++) {
        struct session *s = &rig.session;
        memset(&rig, 0, sizeof rig);
        rig.test = &t;
        rig.spoiler.blank = blank;
        run(&rig, model);
        session_check(s, scoreboard_finish(&s->board));
        CHECK(&t, s->right == !blank, "%s", s->message);
        CHECK(&t, (strstr(s->message, "latched at the end of pass 0 of ") != NULL) == blank, "%s",
              s->message);
        CHECK(&t,
              memcmp(&s->power.result.settings, &s->power.settings, sizeof s->power.settings) == 0,
              "reports are made of other settings than the device's");
        if (!blank) {
            test_sums(&rig);
            test_windows(&rig);
            test_leakage(&rig);
            test_bounds(&rig);
            test_paces(&rig);
            test_registers(&rig);
            test_all_read(&rig);
            test_classes(&rig);
            test_rate(&rig);
        }
        session_close(s);
    }
    ls_model_close(model);
    return host_test_finish(&t);
}
