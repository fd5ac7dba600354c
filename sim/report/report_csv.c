/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What scripts/power_page plots: CSVs with a head line each, in units of the device.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "csrc/base/text.h"
#include "generated/device.h"
#include "report_power.h"

static double ratio(double a, double b) {
    return b > 0 ? a / b : 0;
}

static int write_classes(const struct sim_run *run, const char *folder, struct ls_error *err) {
    struct output file;
    if (output_open_in(&file, folder, "classes.csv", err) != 0)
        return -1;
    FILE *out = file.file;
    fputs("class,cycles\n", out);
    for (uint32_t c = 0; c < LOCKSTEP_CLASS_LIMIT; c++)
        if (c != LOCKSTEP_CLASS_IDLE)
            fprintf(out, "%s,%" PRIu64 "\n", class_info[c].key, run->power.end.classes[c]);
    return output_close(&file, err);
}

static int write_ops(const struct sim_run *run, const char *folder, struct ls_error *err) {
    const struct sim_power_result *r = &run->power;
    struct output file;
    if (output_open_in(&file, folder, "ops.csv", err) != 0)
        return -1;
    FILE *out = file.file;
    fputs("op,ops,cycles,energy_fj\n", out);
    for (uint32_t i = 0; i < ACTIVITY_OPS; i++)
        if (op_is_executed(i))
            fprintf(out, "%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", op_name(i),
                    r->end.sum.op[i].ops, r->end.sum.op[i].cycles, r->end.sum.op[i].energy);
    return output_close(&file, err);
}

static int write_energy(const struct sim_run *run, const char *folder, struct ls_error *err) {
    struct report_power_share shares[REPORT_POWER_SHARES];
    const int count = report_power_shares(&run->power, shares);
    struct output file;
    if (output_open_in(&file, folder, "energy.csv", err) != 0)
        return -1;
    FILE *out = file.file;
    fputs("part,energy_fj\n", out);
    for (int i = 0; i < count; i++)
        fprintf(out, "%s,%" PRIu64 "\n", shares[i].name, shares[i].amount);
    return output_close(&file, err);
}

/* Multiply-accumulates a byte of weights and a second: of this run, and what bounds them. */
static int write_roofline(const struct sim_run *run, const char *folder, struct ls_error *err) {
    const struct fw_limits *l = &run->limits;
    const struct fw_telemetry *d = &run->device;
    const double clock = (double)run->options->clock_hz;
    const double bytes = (double)d->weight_beats * l->port_bits / 8;
    struct output file;
    if (output_open_in(&file, folder, "roofline.csv", err) != 0)
        return -1;
    FILE *out = file.file;
    fputs("macs_per_byte,macs_per_s,peak_macs_per_s,port_bytes_per_s\n", out);
    fprintf(out, "%.6g,%.6g,%.6g,%.6g\n", ratio((double)d->macs, bytes),
            ratio((double)d->macs * clock, (double)d->cycles), clock * 32 * l->lanes * l->slots,
            clock * l->port_bits / 8);
    return output_close(&file, err);
}

__attribute__((format(printf, 3, 4))) static void put(FILE *out, const char *name,
                                                      const char *format, ...) {
    va_list arguments;
    fprintf(out, "%s,", name);
    va_start(arguments, format);
    vfprintf(out, format, arguments);
    va_end(arguments);
    fputc('\n', out);
}

static void put_text(FILE *out, const char *name, const char *text) {
    fprintf(out, "%s,", name);
    text_csv(out, text, strlen(text));
    fputc('\n', out);
}

/* Name and value a line: with a capital as a person reads them, else for scripts. */
static int write_run(const struct sim_run *run, uint64_t generated, const char *folder,
                     struct ls_error *err) {
    const struct sim_power_result *r = &run->power;
    const struct power_settings *s = &r->settings;
    static const char *const modes[] = {"off", "on", "hot"};
    char regulation[64];
    const double seconds = ratio((double)r->cycles, (double)run->options->clock_hz);
    struct output file;
    if (output_open_in(&file, folder, "run.csv", err) != 0)
        return -1;
    FILE *out = file.file;
    snprintf(regulation, sizeof regulation, "throttle %s; ramp %.1f C to %.1f C",
             modes[run->options->power.throttle], (double)s->ramp_start / 65536,
             (double)s->ramp_target / 65536);
    fputs("name,value\n", out);
    put(out, "clock_hz", "%" PRIu64, run->options->clock_hz);
    put(out, "ramp_start_c", "%.4f", (double)s->ramp_start / 65536);
    put(out, "ramp_target_c", "%.4f", (double)s->ramp_target / 65536);
    put_text(out, "Model", run->options->model);
    put_text(out, "Verdict", run->verdict == SIM_PASS ? "PASS" : run->message);
    put(out, "Device", "%u lanes; %u slots; %u-bit port; %.0f MHz", run->limits.lanes,
        run->limits.slots, run->limits.port_bits, (double)run->options->clock_hz / 1e6);
    put(out, "Tokens generated", "%" PRIu64, generated);
    put(out, "Cycles", "%" PRIu64, r->end.busy);
    put(out, "Device time", "%.4g ms", seconds * 1e3);
    put(out, "Energy", "%.4g uJ; %.4g uJ a token", (double)report_power_total(r) / 1e9,
        ratio((double)report_power_total(r), (double)generated) / 1e9);
    put(out, "Power", "%.1f mW on average; highest window %s%.1f mW", r->mw_average,
        report_power_least(r), r->mw_peak);
    put(out, "Die", "%.2f C in the end; %.2f C at most", r->die_end, r->die_peak);
    put(out, "Pace", "%u in the end; %u at most", r->pace_end, r->pace_most);
    put(out, "Regulation", "%s", regulation);
    put(out, "Counters", "%" PRIu64 " differences", r->counter_mismatches);
    put(out, "Power windows", "%" PRIu64 "; %" PRIu64 " differences", r->windows,
        r->power_mismatches);
    return output_close(&file, err);
}

int report_power_files(const struct sim_run *run, uint64_t generated, const char *folder,
                       struct ls_error *err) {
    if (!run->power.known)
        return ls_error_set(err, "%s: the run ended before anything was counted", folder);
    return write_classes(run, folder, err) != 0 || write_ops(run, folder, err) != 0 ||
                   write_energy(run, folder, err) != 0 || write_roofline(run, folder, err) != 0 ||
                   write_run(run, generated, folder, err) != 0
               ? -1
               : 0;
}
