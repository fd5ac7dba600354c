/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * JSON and lines of text.
 */
#include "report_power.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "generated/device.h"

#define SHOWN 5 /* rows of a ranking */

static double ratio(double a, double b) {
    return b > 0 ? a / b : 0;
}

uint64_t report_power_total(const struct sim_power_result *r) {
    uint64_t total = 0;
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++)
        total += r->energy[u];
    return total;
}

const char *report_power_least(const struct sim_power_result *r) {
    return r->mw_peak >= UINT32_MAX / 1000.0 ? "at least " : "";
}

int report_power_shares(const struct sim_power_result *r,
                        struct report_power_share shares[REPORT_POWER_SHARES]) {
    /* DRAM is fetched ahead of the op that uses it; the others cost whether or not an op runs. */
    static const struct {
        const char *name;
        uint32_t unit;
    } beside[] = {{"DRAM", LOCKSTEP_UNIT_DRAM},
                  {"leakage", LOCKSTEP_UNIT_LEAKAGE},
                  {"control", LOCKSTEP_UNIT_CONTROL}};
    int count = 0;
    for (uint32_t op = 0; op < ACTIVITY_OPS; op++)
        if (op_is_executed(op))
            shares[count++] = (struct report_power_share){op_name(op), r->end.sum.op[op].energy};
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
        shares[count++] = (struct report_power_share){beside[i].name, r->energy[beside[i].unit]};
    return count;
}

/* ---- JSON ---- */

static cJSON *total_json(const struct activity_total *t) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "ops", (double)t->ops);
    cJSON_AddNumberToObject(object, "cycles", (double)t->cycles);
    cJSON_AddNumberToObject(object, "energy_fj", (double)t->energy);
    return object;
}

static void add_counters(cJSON *root, const struct sim_power_result *r) {
    cJSON *counters = cJSON_AddObjectToObject(root, "counters");
    cJSON *classes = cJSON_AddObjectToObject(counters, "cycle_classes");
    for (uint32_t c = 0; c < LOCKSTEP_CLASS_LIMIT; c++)
        if (c != LOCKSTEP_CLASS_IDLE)
            cJSON_AddNumberToObject(classes, class_info[c].key, (double)r->end.classes[c]);
    cJSON_AddNumberToObject(counters, "idle_cycles", (double)r->end.classes[LOCKSTEP_CLASS_IDLE]);
    cJSON *events = cJSON_AddObjectToObject(counters, "events");
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
        cJSON_AddNumberToObject(events, event_info[e].key, (double)r->events[e]);
    cJSON *by_op = cJSON_AddObjectToObject(counters, "by_op");
    for (uint32_t i = 0; i < ACTIVITY_OPS; i++)
        if (op_is_executed(i))
            cJSON_AddItemToObject(by_op, op_name(i), total_json(&r->end.sum.op[i]));
    cJSON *by_layer = cJSON_AddArrayToObject(counters, "by_layer");
    for (uint32_t i = 0; i <= r->layers; i++)
        cJSON_AddItemToArray(by_layer, total_json(&r->end.sum.layer[i]));
    cJSON_AddNumberToObject(counters, "passes_compared", (double)r->passes);
    cJSON_AddNumberToObject(counters, "mismatches", (double)r->counter_mismatches);
}

void report_power_json(cJSON *root, const struct sim_run *run, uint64_t generated) {
    static const char *const modes[] = {"off", "on", "hot"};
    const struct sim_power_result *r = &run->power;
    const struct sim_power_options *o = &run->options->power;
    if (!r->known)
        return;
    add_counters(root, r);
    cJSON *power = cJSON_AddObjectToObject(root, "power");
    const double total = (double)report_power_total(r);
    cJSON_AddStringToObject(power, "throttle", modes[o->throttle]);
    cJSON_AddNumberToObject(power, "cap_mw", o->cap_mw);
    cJSON_AddNumberToObject(power, "token_rate", o->token_rate);
    cJSON_AddNumberToObject(power, "cycles", (double)r->cycles);
    cJSON_AddNumberToObject(power, "energy_fj_total", total);
    cJSON_AddNumberToObject(power, "energy_fj_per_token", ratio(total, (double)generated));
    cJSON *by_unit = cJSON_AddObjectToObject(power, "energy_fj_by_unit");
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++)
        cJSON_AddNumberToObject(by_unit, unit_info[u].key, (double)r->energy[u]);
    cJSON_AddNumberToObject(power, "power_mw_average", r->mw_average);
    cJSON_AddNumberToObject(power, "power_mw_peak", r->mw_peak);
    cJSON_AddNumberToObject(power, "temperature_c_end", r->die_end);
    cJSON_AddNumberToObject(power, "temperature_c_peak", r->die_peak);
    cJSON_AddNumberToObject(power, "pace_end", r->pace_end);
    cJSON_AddNumberToObject(power, "pace_most", r->pace_most);
    cJSON_AddNumberToObject(power, "windows", (double)r->windows);
    cJSON_AddNumberToObject(power, "mismatches", (double)r->power_mismatches);
}

/* ---- text ---- */

static int op_cycles(const struct sim_power_result *r,
                     struct report_power_share shares[REPORT_POWER_SHARES]) {
    int count = 0;
    for (uint32_t op = 0; op < ACTIVITY_OPS; op++)
        if (op_is_executed(op))
            shares[count++] = (struct report_power_share){op_name(op), r->end.sum.op[op].cycles};
    return count;
}

static int larger_first(const void *a, const void *b) {
    const struct report_power_share *x = a, *y = b;
    return x->amount < y->amount ? 1 : x->amount > y->amount ? -1 : strcmp(x->name, y->name);
}

/* The largest of them, in percent of all. */
static void print_shares(struct report_power_share *shares, int count, FILE *out) {
    double all = 0;
    for (int i = 0; i < count; i++)
        all += (double)shares[i].amount;
    qsort(shares, (size_t)count, sizeof *shares, larger_first);
    for (int i = 0; i < count && i < SHOWN && shares[i].amount != 0; i++)
        fprintf(out, "%s %s %.1f %%", i == 0 ? "" : ",", shares[i].name,
                100 * (double)shares[i].amount / all);
}

void report_power_print(const struct sim_run *run, uint64_t generated, FILE *out) {
    const struct sim_power_result *r = &run->power;
    struct report_power_share shares[REPORT_POWER_SHARES];
    if (!r->known)
        return;
    fprintf(out, "  energy      %.3g uJ a token; %.1f mW on average, highest window %s%.1f mW\n",
            ratio((double)report_power_total(r), (double)generated) / 1e9, r->mw_average,
            report_power_least(r), r->mw_peak);
    fprintf(out, "  heat        die at %.2f C in the end, %.2f C at most; pace %u, %u at most",
            r->die_end, r->die_peak, r->pace_end, r->pace_most);
    fprintf(out, "; %.1f %% of cycles held back%s\n",
            100 * ratio((double)r->end.classes[LOCKSTEP_CLASS_THROTTLED], (double)r->end.busy),
            run->options->power.throttle == SIM_THROTTLE_HOT &&
                    r->die_end * 65536 < r->settings.initial
                ? "; it cools: this run's power cannot hold the ramp"
                : "");
    fputs("  by cycles  ", out);
    print_shares(shares, op_cycles(r, shares), out);
    fputs("\n  by energy  ", out);
    print_shares(shares, report_power_shares(r, shares), out);
    if (run->verdict == SIM_PASS || r->counter_mismatches != 0 || r->power_mismatches != 0)
        fprintf(out,
                "\n  counters    compared after %" PRIu64 " of %" PRIu64
                " passes and in the end, %" PRIu64 " differences; %" PRIu64 " windows, %" PRIu64
                " differences\n",
                r->passes, r->end.sum.passes, r->counter_mismatches, r->windows,
                r->power_mismatches);
    else
        fprintf(out,
                "\n  counters    equal after %" PRIu64 " passes and %" PRIu64
                " windows; not compared in the end, because the run is not complete\n",
                r->passes, r->windows);
}
