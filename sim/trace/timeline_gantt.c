/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A pass may have any length: bins double theirs when all are full.
 */
#include "timeline_gantt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/device_info.h"
#include "csrc/base/output.h"
#include "csrc/base/text.h"
#include "timeline_json.h"

/* Pixels. */
#define WIDTH  1800
#define LEFT   130 /* names of lines */
#define RIGHT  30
#define TOP    96 /* title, legend, layers */
#define LINE   74 /* of ops */
#define BOX    66
#define CURVE  70
#define HEIGHT 56  /* of a curve's 100 % */
#define LETTER 6   /* width of a letter of a box */
#define NARROW 1.5 /* the least width of a box */

/* In the order of the legend. */
static const struct kind {
    uint32_t op;
    const char *colour;
} kinds[] = {
    {LOCKSTEP_OP_MATVEC, "#4c78a8"}, {LOCKSTEP_OP_LOGITS, "#1f3f66"},
    {LOCKSTEP_OP_ATTEND, "#f58518"}, {LOCKSTEP_OP_KV, "#ffbf79"},
    {LOCKSTEP_OP_NORM, "#54a24b"},   {LOCKSTEP_OP_QUANT, "#88d27a"},
    {LOCKSTEP_OP_ROPE, "#b279a2"},   {LOCKSTEP_OP_SWIGLU, "#e45756"},
    {LOCKSTEP_OP_ADD, "#9d9d9d"},    {LOCKSTEP_OP_ANGLES, "#d6a5c9"},
    {LOCKSTEP_OP_EMBED, "#b79a20"},  {LOCKSTEP_OP_SAMPLE, "#9c2b2b"},
};

const char *const gantt_unit_name[GANTT_UNITS] = {"dot array", "weight port", "vector unit",
                                                  "attention unit", "sampler"};

/* ---- What happened ---- */

void gantt_begin(struct gantt *g, uint64_t cycle) {
    struct gantt_op *ops = g->ops;
    const size_t room = g->room;
    memset(g, 0, sizeof *g);
    g->ops = ops;
    g->room = room;
    g->begin = cycle;
    g->bin_cycles = 1;
    g->whole = true;
}

void gantt_op(struct gantt *g, enum gantt_unit unit, uint32_t kind, uint32_t layer,
              const char *name, size_t size, uint64_t begin, uint64_t end) {
    if (g->count == g->room) {
        const size_t room = g->room == 0 ? 256 : 2 * g->room;
        struct gantt_op *larger = realloc(g->ops, room * sizeof *larger);
        if (larger == NULL) {
            g->whole = false;
            return;
        }
        g->ops = larger;
        g->room = room;
    }
    struct gantt_op *op = &g->ops[g->count++];
    *op = (struct gantt_op){.unit = unit, .kind = kind, .layer = layer, .begin = begin, .end = end};
    if (size >= sizeof op->name)
        size = sizeof op->name - 1;
    memcpy(op->name, name, size);
}

void gantt_cycle(struct gantt *g, uint32_t busy) {
    for (int u = 0; u < GANTT_CURVES; u++) {
        g->busy[u][g->bin] += (busy >> u) & 1u;
        g->total[u] += (busy >> u) & 1u;
    }
    if (++g->in_bin < g->bin_cycles)
        return;
    g->in_bin = 0;
    if (++g->bin < GANTT_BINS)
        return;
    for (int u = 0; u < GANTT_CURVES; u++)
        for (uint32_t i = 0; i < GANTT_BINS; i++)
            g->busy[u][i] = i < GANTT_BINS / 2 ? g->busy[u][2 * i] + g->busy[u][2 * i + 1] : 0;
    g->bin = GANTT_BINS / 2;
    g->bin_cycles *= 2;
}

static int by_begin(const void *a, const void *b) {
    const struct gantt_op *x = a, *y = b;
    return x->begin < y->begin ? -1 : x->begin > y->begin;
}

void gantt_end(struct gantt *g, uint64_t cycle) {
    g->end = cycle;
    if (g->count != 0)
        qsort(g->ops, g->count, sizeof *g->ops, by_begin);
    g->whole = g->whole && g->count != 0 && cycle > g->begin;
}

void gantt_close(struct gantt *g) {
    free(g->ops);
    *g = (struct gantt){0};
}

/* ---- The picture ---- */

static double x_of(const struct gantt *g, uint64_t cycle) {
    return LEFT + (double)(cycle - g->begin) * (WIDTH - LEFT - RIGHT) / (double)(g->end - g->begin);
}

static int y_of(enum gantt_unit unit) {
    return TOP + LINE * (int)unit + (LINE - BOX) / 2;
}

static const char *colour_of(uint32_t op) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].op == op)
            return kinds[i].colour;
    return "#72b7b2"; /* one that has no colour of its own yet */
}

static void put_legend(FILE *f) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        fprintf(f,
                "<rect x=\"%zu\" y=\"38\" width=\"14\" height=\"14\" fill=\"%s\"/>"
                "<text x=\"%zu\" y=\"50\">%s</text>\n",
                LEFT + 96 * i, kinds[i].colour, LEFT + 96 * i + 19, op_name(kinds[i].op));
    fprintf(f,
            "<rect x=\"%d\" y=\"38\" width=\"14\" height=\"14\" fill=\"#8fa3ad\"/>"
            "<text x=\"%d\" y=\"50\">weights of a tensor arrive</text>\n",
            LEFT + 96 * 12, LEFT + 96 * 12 + 19);
}

/* A band behind the ops of a layer. */
static void put_layers(const struct gantt *g, FILE *f, int bottom) {
    for (size_t i = 0; i < g->count;) {
        const uint32_t layer = g->ops[i].layer;
        uint64_t begin = g->ops[i].begin, end = g->ops[i].end;
        if (layer == UINT32_MAX) {
            i++;
            continue;
        }
        for (; i < g->count && (g->ops[i].layer == layer || g->ops[i].layer == UINT32_MAX); i++)
            if (g->ops[i].layer == layer)
                end = g->ops[i].end;
        const double x = x_of(g, begin), width = x_of(g, end) - x;
        fprintf(f, "<rect x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\" fill=\"%s\"/>\n", x,
                TOP - 22, width, bottom - TOP + 22, layer % 2 ? "#eef2f7" : "#f8fafc");
        if (width > 60)
            fprintf(f, "<text x=\"%.2f\" y=\"%d\" text-anchor=\"middle\">layer %u</text>\n",
                    x + width / 2, TOP - 8, layer);
        else if (width > 16)
            fprintf(f, "<text x=\"%.2f\" y=\"%d\" text-anchor=\"middle\">%u</text>\n",
                    x + width / 2, TOP - 8, layer);
    }
}

/* The name that fits into the box: a tensor's without its layer, or the op's. */
static void put_label(FILE *f, const struct gantt_op *op, double x, double y, double width) {
    const char *name =
        op->unit == GANTT_DOT || op->unit == GANTT_PORT ? op->name : op_name(op->kind);
    const char *dot = strncmp(name, "blk.", 4) == 0 ? strchr(name + 4, '.') : NULL;
    name = dot != NULL ? dot + 1 : name;
    const char *weight = strstr(name, ".weight");
    const size_t size = weight != NULL ? (size_t)(weight - name) : strlen(name);
    const double middle = x + width / 2;
    if ((double)(size * LETTER) < width - 4)
        fprintf(
            f, "<text fill=\"#fff\" font-size=\"10\" text-anchor=\"middle\" x=\"%.2f\" y=\"%.2f\">",
            middle, y + BOX / 2 + 4);
    else if (width >= 2 * LETTER && size * LETTER < BOX)
        fprintf(f,
                "<text fill=\"#fff\" font-size=\"10\" text-anchor=\"middle\" "
                "transform=\"translate(%.2f %.2f) rotate(-90)\">",
                middle + 3.5, y + BOX / 2);
    else
        return;
    text_xml(f, name, size);
    fputs("</text>\n", f);
}

static double width_of(const struct gantt *g, const struct gantt_op *op) {
    const double width = x_of(g, op->end) - x_of(g, op->begin);
    return width < NARROW ? NARROW : width;
}

/* Names last, so that no box covers them. */
static void put_ops(const struct gantt *g, FILE *f) {
    for (size_t i = 0; i < g->count; i++) {
        const struct gantt_op *op = &g->ops[i];
        const double width = width_of(g, op);
        fprintf(f,
                "<rect x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\" fill=\"%s\" "
                "stroke=\"#fff\" stroke-width=\"%.1f\"><title>",
                x_of(g, op->begin), y_of(op->unit), width, BOX,
                op->unit == GANTT_PORT ? "#8fa3ad" : colour_of(op->kind), width > 3 ? 0.8 : 0.0);
        text_xml(f, op->name, strlen(op->name));
        fprintf(f, ", %" PRIu64 " cycles from %" PRIu64 "</title></rect>\n", op->end - op->begin,
                op->begin - g->begin);
    }
    for (size_t i = 0; i < g->count; i++)
        put_label(f, &g->ops[i], x_of(g, g->ops[i].begin), y_of(g->ops[i].unit),
                  width_of(g, &g->ops[i]));
}

static void put_curve(const struct gantt *g, FILE *f, int unit, int top) {
    const uint64_t cycles = g->end - g->begin;
    const int floor = top + HEIGHT;
    fprintf(f,
            "<text class=\"n\" x=\"%d\" y=\"%d\">%s</text>"
            "<text class=\"n\" x=\"%d\" y=\"%d\">busy %.1f %%</text>\n",
            LEFT - 8, top + 24, gantt_unit_name[unit], LEFT - 8, top + 42,
            (double)g->total[unit] * 100 / (double)cycles);
    fprintf(f,
            "<path d=\"M%d %dH%dM%d %dH%d\" stroke=\"#c8c8c8\"/><text class=\"s\" x=\"%d\" "
            "y=\"%d\">100 %%</text>\n<path fill=\"%s\" d=\"M%d %d",
            LEFT, floor, WIDTH - RIGHT, LEFT, top, WIDTH - RIGHT, WIDTH - RIGHT, top - 2,
            unit == GANTT_DOT      ? "#4c78a8"
            : unit == GANTT_PORT   ? "#8fa3ad"
            : unit == GANTT_VECTOR ? "#54a24b"
                                   : "#f58518",
            LEFT, floor);
    for (uint32_t i = 0; i < GANTT_BINS; i++) {
        const uint64_t from = (uint64_t)i * g->bin_cycles;
        if (from >= cycles)
            break;
        const uint64_t to = from + g->bin_cycles < cycles ? from + g->bin_cycles : cycles;
        fprintf(f, "V%.2fH%.2f", floor - (double)g->busy[unit][i] * HEIGHT / (double)(to - from),
                x_of(g, g->begin + to));
    }
    fprintf(f, "V%dZ\"/>\n", floor);
}

/* The least 1, 2 or 5 times a power of ten that gives at most 16 steps. */
static double step_of(double length) {
    double step = 1e-6;
    for (int i = 0; length / step > 16; i++)
        step *= i % 3 == 1 ? 2.5 : 2;
    return step;
}

static void put_axis(FILE *f, int y, double length, const char *unit) {
    const double step = step_of(length);
    for (int i = 0; i * step <= length * 0.97; i++) {
        const double x = LEFT + i * step / length * (WIDTH - LEFT - RIGHT);
        fprintf(f,
                "<path d=\"M%.2f %dv5\" stroke=\"#444\"/>"
                "<text x=\"%.2f\" y=\"%d\" text-anchor=\"middle\">%.10g</text>\n",
                x, y, x, y + 18, i * step);
    }
    fprintf(
        f, "<path d=\"M%d %dH%d\" stroke=\"#444\"/><text class=\"n\" x=\"%d\" y=\"%d\">%s</text>\n",
        LEFT, y, WIDTH - RIGHT, LEFT - 8, y + 18, unit);
}

int gantt_write(const struct gantt *g, const char *path, const char *title, uint64_t clock_hz,
                struct ls_error *err) {
    const int curves = TOP + LINE * GANTT_UNITS + 24;
    const int axis = curves + CURVE * GANTT_CURVES + 4;
    const double cycles = (double)(g->end - g->begin), us = cycles * 1e6 / (double)clock_hz;
    struct output out;
    if (output_open(&out, path, err) != 0)
        return -1;
    FILE *f = out.file;
    fprintf(f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
            "width=\"%d\" height=\"%d\" "
            "stroke=\"none\" font-family=\"DejaVu Sans, Arial, sans-serif\" font-size=\"12\">\n"
            "<style>.n{text-anchor:end}"
            ".s{font-size:9px;text-anchor:end;fill:#777}</style>\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
            "<text x=\"%d\" y=\"22\" font-size=\"15\">",
            WIDTH, axis + 62, WIDTH, axis + 62, LEFT);
    text_xml(f, title, strlen(title));
    fprintf(f, ": %.0f cycles, %.3g us at %.4g MHz</text>\n", cycles, us, (double)clock_hz / 1e6);
    put_legend(f);
    put_layers(g, f, TOP + LINE * GANTT_UNITS);
    for (int u = 0; u < GANTT_UNITS; u++)
        fprintf(f, "<text class=\"n\" x=\"%d\" y=\"%d\">%s</text>\n", LEFT - 8,
                TOP + LINE * u + LINE / 2 + 4, gantt_unit_name[u]);
    put_ops(g, f);
    for (int u = 0; u < GANTT_CURVES; u++)
        put_curve(g, f, u, curves + CURVE * u);
    put_axis(f, axis, cycles, "cycles");
    put_axis(f, axis + 28, us, "us");
    fputs("</svg>\n", f);
    return output_close(&out, err);
}

int gantt_write_table(const struct gantt *g, const char *path, const char *title,
                      struct ls_error *err) {
    const uint64_t cycles = g->end - g->begin;
    struct output out;
    if (output_open(&out, path, err) != 0)
        return -1;
    FILE *f = out.file;
    fprintf(f, "%s\ncycles %" PRIu64 " to %" PRIu64 ": %" PRIu64 "; busy:", title, g->begin, g->end,
            cycles);
    for (int u = 0; u < GANTT_CURVES; u++)
        fprintf(f, "%s %s %.1f %%", u != 0 ? "," : "", gantt_unit_name[u],
                (double)g->total[u] * 100 / (double)cycles);
    fprintf(f, "\n\n%12s %8s %6s  %-8s %s\n", "cycle", "cycles", "%", "op", "");
    for (size_t i = 0; i < g->count; i++) {
        const struct gantt_op *op = &g->ops[i];
        if (op->unit == GANTT_PORT)
            continue;
        fprintf(f, "%12" PRIu64 " %8" PRIu64 " %6.1f  %-8s %s\n", op->begin, op->end - op->begin,
                (double)(op->end - op->begin) * 100 / (double)cycles, op_name(op->kind),
                strcmp(op->name, op_name(op->kind)) != 0 ? op->name : "");
    }
    return output_close(&out, err);
}
