/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Reads the device's counters and holds them to what must have been counted. The device latches
 * them at the end of each pass (SNAPSHOT_AT), so a reading is of a whole number of passes,
 * whenever it is made. Reading takes register accesses, which are counted like any other.
 *
 * From program and shapes follow all events but four, and the energy of the units that see none of
 * these. CYCLE, BUSY, REGISTER and BURST depend on when things happen: after a pass the device's
 * own counts of them are taken, and all energies must follow from the counts; in the end CYCLE is
 * held to the harness's clock, REGISTER and BURST to the handshakes at the ports, and BUSY, which
 * no port shows, to two other counters in the device: CYCLES and the sum of the cycle classes.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "generated/device.h"
#include "sim_power.h"

static uint64_t read64(struct sim_power *p, uint32_t address) {
    const uint64_t low = hal_read(&p->hal, address);
    return low | (uint64_t)hal_read(&p->hal, address + 4) << 32;
}

static struct activity_total read_row(struct sim_power *p, uint32_t row) {
    hal_write(&p->hal, LOCKSTEP_REG_OP_INDEX, row);
    return (struct activity_total){.ops = read64(p, LOCKSTEP_REG_OP_COUNT_LO),
                                   .cycles = read64(p, LOCKSTEP_REG_OP_CYCLES_LO),
                                   .energy = read64(p, LOCKSTEP_REG_OP_ENERGY_LO)};
}

static void read_drafts(struct sim_power *p, struct sim_power_reading *r) {
    r->drafts = read64(p, LOCKSTEP_REG_DRAFTS_LO);
    r->right = read64(p, LOCKSTEP_REG_DRAFTS_TAKEN_LO);
}

void sim_power_read(struct sim_power *p, struct sim_power_reading *r) {
    memset(r, 0, sizeof *r);
    r->sum.passes = read64(p, LOCKSTEP_REG_PASSES_LO);
    r->busy = read64(p, LOCKSTEP_REG_CYCLES_LO);
    r->stalls = read64(p, LOCKSTEP_REG_WEIGHT_STALLS_LO);
    r->prefill = read64(p, LOCKSTEP_REG_PREFILL_CYCLES_LO);
    r->macs = read64(p, LOCKSTEP_REG_MACS_LO);
    r->beats = read64(p, LOCKSTEP_REG_WEIGHT_BEATS_LO);
    r->sum.fed = read64(p, LOCKSTEP_REG_TOKENS_IN_LO);
    r->sum.chosen = read64(p, LOCKSTEP_REG_TOKENS_OUT_LO);
    if (p->drafts != 0)
        read_drafts(p, r);
    r->kv_reads = read64(p, LOCKSTEP_REG_KV_READS_LO);
    r->kv_writes = read64(p, LOCKSTEP_REG_KV_WRITES_LO);
    for (uint32_t i = 0; i < LOCKSTEP_CLASS_LIMIT; i++)
        r->classes[i] = read64(p, LOCKSTEP_REG_CLASS_IDLE_LO + 8 * i);
    for (uint32_t i = 0; i < LOCKSTEP_EVENT_LIMIT; i++)
        r->sum.counts[i] = read64(p, LOCKSTEP_REG_EVENT_CYCLE_LO + 8 * i);
    for (uint32_t i = 0; i < LOCKSTEP_UNIT_LIMIT; i++)
        r->energy[i] = read64(p, LOCKSTEP_REG_ENERGY_LEAKAGE_LO + 8 * i);
    for (uint32_t i = 0; i < ACTIVITY_OPS; i++)
        if (op_is_executed(i))
            r->sum.op[i] = read_row(p, i);
    for (uint32_t i = 0; i <= p->result.layers; i++)
        r->sum.layer[i] = read_row(p, ACTIVITY_OPS + i);
}

void sim_power_differs(struct sim_power *p, uint64_t *mismatches, const char *format, ...) {
    va_list arguments;
    if (p->result.first[0] == '\0') {
        va_start(arguments, format);
        vsnprintf(p->result.first, sizeof p->result.first, format, arguments);
        va_end(arguments);
    }
    ++*mismatches;
}

struct check {
    struct sim_power *power;
    char when[96]; /* completes the sentence */
};

static void expect(const struct check *c, const char *what, const char *which, uint64_t is,
                   uint64_t expected) {
    if (is != expected)
        sim_power_differs(c->power, &c->power->result.counter_mismatches,
                          "counter: %s %s, %s: the device has %" PRIu64 ", expected %" PRIu64, what,
                          which, c->when, is, expected);
}

static void check_events(const struct check *c, const struct sim_power_reading *r,
                         const uint64_t expected[LOCKSTEP_EVENT_LIMIT]) {
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
        expect(c, "event", event_info[e].key, r->sum.counts[e], expected[e]);
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++)
        expect(c, "energy (fJ)", unit_info[u].key, r->energy[u],
               power_energy(&c->power->settings, u, expected));
}

/* Tokens that were put out: a draft that was wrong gives none. */
static uint64_t chosen(const struct sim_power_mark *mark) {
    return mark->sum.chosen - mark->drafts + mark->right;
}

/* The counters that stood before energy did: the same events, or tokens. */
static void check_counters(const struct check *c, const struct sim_power_reading *r,
                           const struct sim_power_mark *mark) {
    const uint64_t *events = mark->sum.counts;
    const uint64_t words = c->power->activity.limits.port_bits / 128; /* of a beat */
    const uint64_t dots =
        events[LOCKSTEP_EVENT_DOT4] + events[LOCKSTEP_EVENT_DOT8] + events[LOCKSTEP_EVENT_DOT16];
    expect(c, "counter", "MACS", r->macs, 32 * dots);
    expect(c, "counter", "WEIGHT_BEATS", r->beats, events[LOCKSTEP_EVENT_WORD] / words);
    expect(c, "counter", "KV_READS", r->kv_reads, events[LOCKSTEP_EVENT_KV_READ]);
    expect(c, "counter", "KV_WRITES", r->kv_writes, events[LOCKSTEP_EVENT_KV_WRITE]);
    expect(c, "counter", "TOKENS_IN", r->sum.fed, mark->sum.fed);
    expect(c, "counter", "TOKENS_OUT", r->sum.chosen, chosen(mark));
    expect(c, "counter", "DRAFTS", r->drafts, mark->drafts);
    expect(c, "counter", "DRAFTS_TAKEN", r->right, mark->right);
    if (r->prefill < mark->prefill_least || r->prefill > mark->prefill_most)
        expect(c, "counter", "PREFILL_CYCLES", r->prefill,
               r->prefill < mark->prefill_least ? mark->prefill_least : mark->prefill_most);
}

static void check_rows(const struct check *c, const struct activity_sum *is,
                       const struct activity_sum *expected) {
    char name[32];
    for (uint32_t i = 0; i < ACTIVITY_OPS; i++)
        if (op_is_executed(i)) {
            expect(c, "ops of", op_name(i), is->op[i].ops, expected->op[i].ops);
            expect(c, "energy (fJ) of", op_name(i), is->op[i].energy, expected->op[i].energy);
        }
    for (uint32_t i = 0; i <= c->power->result.layers; i++) {
        snprintf(name, sizeof name, "layer %u", i);
        expect(c, "ops of", name, is->layer[i].ops, expected->layer[i].ops);
        expect(c, "energy (fJ) of", name, is->layer[i].energy, expected->layer[i].energy);
    }
}

static void expect_class(const struct check *c, uint32_t class, uint64_t is, uint64_t expected) {
    expect(c, "cycles of class", class_info[class].key, is, expected);
}

/* The classes in which no unit works. Choosing takes a cycle a slot and one more a pass, and for
 * each token its list and one more; a token is put out in a cycle if there is room. */
static void check_waiting(const struct check *c, const struct sim_power_reading *r,
                          const struct sim_power_mark *mark) {
    const struct sim_power *p = c->power;
    const uint64_t *class = r->classes, held = class[LOCKSTEP_CLASS_THROTTLED];
    const uint64_t pushed = class[LOCKSTEP_CLASS_FIFO_WAIT];
    const bool rationed = (p->settings.throttle & LOCKSTEP_THROTTLE_RATE_MASK) != 0;
    expect_class(c, LOCKSTEP_CLASS_VALIDATE, class[LOCKSTEP_CLASS_VALIDATE],
                 p->begin.classes[LOCKSTEP_CLASS_VALIDATE]);
    expect_class(c, LOCKSTEP_CLASS_SAMPLE, class[LOCKSTEP_CLASS_SAMPLE],
                 mark->sum.passes * (p->activity.limits.slots + 1) + chosen(mark) + mark->entries);
    if (!p->crowded || pushed < chosen(mark))
        expect_class(c, LOCKSTEP_CLASS_FIFO_WAIT, pushed, chosen(mark));
    if (!rationed || held < mark->rests) /* what a pass waits for its ration is not known here */
        expect_class(c, LOCKSTEP_CLASS_THROTTLED, held, mark->rests);
}

/* Every cycle is in one class, and the cycles of the ops are those of the classes that work. */
static void check_classes(const struct check *c, const struct sim_power_reading *r) {
    const uint64_t *class = r->classes;
    const struct activity_total *op = r->sum.op;
    const uint64_t weights = class[LOCKSTEP_CLASS_MATVEC] + class[LOCKSTEP_CLASS_WEIGHT_STALL];
    uint64_t busy = 0, ops = 0, layers = 0, of_class[LOCKSTEP_CLASS_LIMIT] = {0};
    for (uint32_t i = 0; i < LOCKSTEP_CLASS_LIMIT; i++)
        busy += i != LOCKSTEP_CLASS_IDLE ? class[i] : 0;
    for (uint32_t i = 0; i < ACTIVITY_OPS; i++) {
        ops += op[i].cycles;
        if (op_is_executed(i))
            of_class[op_info[i].class_] += op[i].cycles;
    }
    for (uint32_t i = 0; i <= c->power->result.layers; i++)
        layers += r->sum.layer[i].cycles;
    expect(c, "CYCLES", "against its classes", r->busy, busy);
    expect(c, "event", "cycle against the classes", r->sum.counts[LOCKSTEP_EVENT_CYCLE],
           busy + class[LOCKSTEP_CLASS_IDLE]);
    expect(c, "WEIGHT_STALLS", "against its class", r->stalls, class[LOCKSTEP_CLASS_WEIGHT_STALL]);
    expect(c, "cycles of", "the ops of class matvec", of_class[LOCKSTEP_CLASS_MATVEC], weights);
    expect(c, "cycles of", "the ops of class attention", of_class[LOCKSTEP_CLASS_ATTENTION],
           class[LOCKSTEP_CLASS_ATTENTION]);
    expect(c, "cycles of", "the ops of class vector", of_class[LOCKSTEP_CLASS_VECTOR],
           class[LOCKSTEP_CLASS_VECTOR]);
    expect(c, "cycles of", "all ops", ops,
           weights + class[LOCKSTEP_CLASS_ATTENTION] + class[LOCKSTEP_CLASS_VECTOR]);
    expect(c, "cycles of", "all layers", layers, ops);
}

void sim_power_check_begin(struct sim_power *p) {
    const struct check c = {.power = p, .when = "before the first pass"};
    expect_class(&c, LOCKSTEP_CLASS_VALIDATE, p->begin.classes[LOCKSTEP_CLASS_VALIDATE],
                 p->begin.busy - 1); /* it begins a cycle after it was asked for */
}

void sim_power_check_pass(struct sim_power *p) {
    struct check c = {.power = p};
    uint64_t expected[LOCKSTEP_EVENT_LIMIT];
    const uint64_t passes = read64(p, LOCKSTEP_REG_PASSES_LO);
    const struct sim_power_mark *mark = &p->marks[passes % SIM_POWER_MARKS];
    if (passes == p->checked || mark->sum.passes != passes || !mark->over)
        return;
    sim_power_read(p, &p->reading);
    if (p->reading.sum.passes != passes || read64(p, LOCKSTEP_REG_PASSES_LO) != passes)
        return; /* the next pass ended meanwhile: what was read is of two */
    memcpy(expected, mark->sum.counts, sizeof expected);
    expected[LOCKSTEP_EVENT_CYCLE] = p->reading.sum.counts[LOCKSTEP_EVENT_CYCLE];
    expected[LOCKSTEP_EVENT_BUSY] = p->reading.busy;
    expected[LOCKSTEP_EVENT_REGISTER] = p->reading.sum.counts[LOCKSTEP_EVENT_REGISTER];
    expected[LOCKSTEP_EVENT_BURST] = p->reading.sum.counts[LOCKSTEP_EVENT_BURST];
    snprintf(c.when, sizeof c.when, "pass %" PRIu64 ", token %u at position %u", passes,
             mark->token, mark->position);
    check_events(&c, &p->reading, expected);
    check_rows(&c, &p->reading.sum, &mark->sum);
    check_classes(&c, &p->reading);
    check_counters(&c, &p->reading, mark);
    check_waiting(&c, &p->reading, mark);
    p->checked = passes;
    p->result.passes++;
}

/* A window closes every 2^log2 cycles; the first one is as long as the reset found it set. */
static void check_closing(struct sim_power *p) {
    const uint64_t window = UINT64_C(1) << p->settings.window_log2;
    const uint64_t first = UINT64_C(1) << LOCKSTEP_RESET_WINDOW, closing = 512;
    const uint64_t most = p->result.windows != 0 ? window
                          : window > first       ? window + closing
                                                 : first + closing;
    const uint64_t since = p->taken_cycle - p->window_cycle;
    if (since > most)
        sim_power_differs(p, &p->result.power_mismatches,
                          "window %" PRIu64 " did not close: none in the last %" PRIu64 " cycles",
                          p->result.windows + 1, since);
}

/* What the snapshot holds of heat and power, against the windows that have closed before it. */
static void check_heat(struct sim_power *p) {
    const struct power_state *s = &p->state;
    const struct {
        const char *name;
        uint32_t address, expected;
    } table[] = {
        {"TEMP_DIE", LOCKSTEP_REG_TEMP_DIE, (uint32_t)(s->die >> 16)},
        {"TEMP_PACKAGE", LOCKSTEP_REG_TEMP_PACKAGE, (uint32_t)(s->package >> 16)},
        {"TEMP_PEAK", LOCKSTEP_REG_TEMP_PEAK, (uint32_t)s->die_peak},
        {"POWER_LAST", LOCKSTEP_REG_POWER_LAST, s->power},
        {"POWER_PEAK", LOCKSTEP_REG_POWER_PEAK, s->peak},
        {"POWER_SMOOTH", LOCKSTEP_REG_POWER_SMOOTH, (uint32_t)(s->smooth >> 16)},
        {"PACE", LOCKSTEP_REG_PACE, s->pace},
        {"WINDOWS", LOCKSTEP_REG_WINDOWS, (uint32_t)p->result.closed},
    };
    const bool held = (p->status & LOCKSTEP_STATUS_THROTTLED_MASK) != 0;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const uint32_t is = hal_read(&p->hal, table[i].address);
        if (is != table[i].expected)
            sim_power_differs(p, &p->result.power_mismatches,
                              "register %s after window %" PRIu64
                              ": the device has 0x%08x, expected 0x%08x",
                              table[i].name, p->result.windows, is, table[i].expected);
    }
    if (held != (s->pace > 1)) /* the engine is idle: only the pace can hold it back */
        sim_power_differs(p, &p->result.power_mismatches,
                          "STATUS.THROTTLED after window %" PRIu64 " is %d at pace %u",
                          p->result.windows, held, s->pace);
}

/* All windows until the one that closed after the snapshot, against the sums at the snapshot: since
 * then the device has been idle, and each window tells its leakage. The first one began with the
 * soft reset, whose own cycle does not count. */
static void check_parts(struct sim_power *p) {
    const uint64_t cycles = (p->closed << p->settings.window_log2) - 1;
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++) {
        const uint64_t expected = u == LOCKSTEP_UNIT_LEAKAGE
                                      ? cycles * p->settings.coefficient[LOCKSTEP_EVENT_CYCLE]
                                      : p->result.end.energy[u];
        if (p->parts[u] != expected)
            sim_power_differs(p, &p->result.power_mismatches,
                              "energy (fJ) of %s: %" PRIu64 " in all windows, expected %" PRIu64,
                              unit_info[u].key, p->parts[u], expected);
    }
}

void sim_power_check_end(struct sim_power *p, const struct activity_sum *ports) {
    const struct sim_power_reading *r = &p->result.end;
    const struct activity_sum *sum = &p->activity.sum;
    const struct sim_power_mark *mark = &p->marks[sum->passes % SIM_POWER_MARKS];
    struct check c = {.power = p};
    uint64_t expected[LOCKSTEP_EVENT_LIMIT];
    read_drafts(p, &p->result.end);
    snprintf(c.when, sizeof c.when, "end of the run, %" PRIu64 " tokens", sum->tokens);
    expect(&c, "PASSES", "", r->sum.passes, sum->passes);
    expect(&c, "event", "word against the beats at the port", r->sum.counts[LOCKSTEP_EVENT_WORD],
           ports->counts[LOCKSTEP_EVENT_WORD]);
    memcpy(expected, sum->counts, sizeof expected);
    expected[LOCKSTEP_EVENT_CYCLE] = ports->counts[LOCKSTEP_EVENT_CYCLE];
    expected[LOCKSTEP_EVENT_REGISTER] = ports->counts[LOCKSTEP_EVENT_REGISTER];
    expected[LOCKSTEP_EVENT_BURST] = ports->counts[LOCKSTEP_EVENT_BURST];
    expected[LOCKSTEP_EVENT_BUSY] = r->busy;
    check_events(&c, r, expected);
    check_rows(&c, &r->sum, sum);
    check_classes(&c, r);
    check_counters(&c, r, mark);
    check_waiting(&c, r, mark);
    check_closing(p);
    check_heat(p);
    check_parts(p);
}
