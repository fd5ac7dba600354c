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
            s->spoiled = NULL;
        }
    }
}

/* A window as the device closes it, each part of it altered. */
static void test_windows(struct rig *r) {
    struct sim_power *p = &r->session.power;
    const struct sim_power before = *p;
    for (uint32_t what = 0; what < 5; what++) {
        struct power_state next = before.state;
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
        CHECK(r->test, again(r, false, &other)[0] != '\0', "event %u at the ports: taken",
              at_ports[i]);
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
            test_registers(&rig);
        }
        session_close(s);
    }
    ls_model_close(model);
    return host_test_finish(&t);
}
