// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The C API of sim/device/verilated.h over one Verilated class: the only C++ file of the project.
// It is compiled once for each top module, with
//
//     -DDUT_CLASS=Vtop -DDUT_HEADER='"Vtop.h"' -DDUT_PORTS='"top_ports.h"'
//
// where top_ports.h holds a line PORT(name) for each port of the module and may hold a line
// PROBE(name, path) for signals inside that the model keeps. A model made with
// --trace-fst needs -DVM_TRACE=1 -DVM_TRACE_FST=1 here too, as Verilator's own makefiles give.

#include "verilated.h" // ours: the one in this directory

#include DUT_HEADER
#include "Vtop___024root.h"
#include "verilated_print.h"
#if VM_TRACE_FST
#include "fst_files.h"
#include <verilated_fst_c.h>
#endif
#if VM_COVERAGE
#include <verilated_cov.h>
#endif

#include <atomic>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <unistd.h>

struct port {
    const char *name;
    void *data;
    size_t bytes;
};

/* Of the model that the thread works on: where what it prints goes. */
static thread_local std::string *printed;

int dut_print(const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    const int length = std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (printed)
        *printed += text;
    else
        std::fputs(text, stdout);
    return length;
}

struct dut {
    VerilatedContext context;
    std::string failed; // the first assertion that did
    std::unique_ptr<DUT_CLASS> top;
#if VM_TRACE_FST
    VerilatedFstC trace;
#endif

    explicit dut(uint64_t random_seed) {
        // What is counted for coverage starts at 0, so that leaving a random start is no toggle.
        context.randReset(VM_COVERAGE ? 0 : 2);
        // Verilator takes 31 bits and reads 0 as "choose one".
        context.randSeed(static_cast<int>(random_seed % 0x7fffffff) + 1);
        const char *plusargs[] = {"lockstep", std::getenv("LOCKSTEP_PLUSARGS")};
        context.commandArgs(plusargs[1] ? 2 : 1, plusargs);
        context.fatalOnError(false);
#if VM_TRACE_FST
        context.traceEverOn(true);
#endif
        top = std::make_unique<DUT_CLASS>(&context, "top");
#if VM_TRACE_FST
        trace.set_time_unit("1ns");
        trace.set_time_resolution("1ns");
        top->trace(&trace, 99);
#endif
    }

    // Signals that are kept by name are registered with the newest context of the thread, which is
    // another one's if several models are open.
    ~dut() { Verilated::threadContextp(&context); }

    port find(const char *name) {
        const port ports[] = {
#define PORT(n)        {#n, &top->n, sizeof(top->n)},
#define PROBE(n, path) {#n, &top->rootp->path, sizeof(top->rootp->path)},
#include DUT_PORTS
#undef PORT
#undef PROBE
        };
        for (const port &p : ports)
            if (!std::strcmp(p.name, name))
                return p;
        return {nullptr, nullptr, 0};
    }
};

struct dut *dut_open(uint64_t random_seed) {
    try {
        return new dut(random_seed);
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
}

void dut_close(struct dut *dut) {
    if (!dut)
        return;
    dut_trace_close(dut);
    dut->top->final();
#if VM_COVERAGE
    // what has been covered: a file for each device in the folder that the variable names
    static std::atomic<unsigned> files;
    if (const char *folder = std::getenv("LOCKSTEP_COVERAGE")) {
        const std::string name = std::to_string(getpid()) + "." + std::to_string(files++);
        dut->context.coveragep()->write((std::string(folder) + "/" + name).c_str());
    }
#endif
    delete dut;
}

void *dut_port(struct dut *dut, const char *name) {
    return dut->find(name).data;
}

size_t dut_port_bytes(struct dut *dut, const char *name) {
    return dut->find(name).bytes;
}

#if DUT_ASSERTIONS
// "[0] %Error: walker.v:255: Assertion failed in top.lockstep.u_walker.store: 'assert' failed.":
// its place, and its own name behind that of the instance.
static std::string first_of(const std::string &said) {
    const std::string begins = "%Error: ", names = ": Assertion failed in top.";
    const size_t from = said.find(begins), middle = said.find(names, from);
    if (from == std::string::npos || middle == std::string::npos)
        return said.substr(0, said.find('\n'));
    const size_t place = from + begins.size(), name = middle + names.size();
    return said.substr(place, middle - place) + " of " +
           said.substr(name, said.find(':', name) - name);
}

void dut_eval(struct dut *dut) {
    std::string said;
    printed = &said;
    Verilated::threadContextp(&dut->context);
    dut->top->eval();
    printed = nullptr;
    if (!said.empty() && dut->failed.empty())
        dut->failed = first_of(said);
}
#else
void dut_eval(struct dut *dut) {
    dut->top->eval();
}
#endif

const char *dut_failure(const struct dut *dut) {
    return dut->failed.empty() ? nullptr : dut->failed.c_str();
}

unsigned dut_assertions(void) {
    return DUT_ASSERTIONS;
}

#if VM_TRACE_FST
enum dut_status dut_trace_open(struct dut *dut, FILE *file) {
    if (dut->trace.isOpen())
        return DUT_BAD_STATE;
    fst_files_begin(file);
    dut->trace.open(FST_FILES_NAME);
    return dut->trace.isOpen() ? DUT_OK : DUT_IO;
}

enum dut_status dut_trace_dump(struct dut *dut, uint64_t time) {
    if (!dut->trace.isOpen())
        return DUT_BAD_STATE;
    dut->trace.dump(time);
    return DUT_OK;
}

enum dut_status dut_trace_flush(struct dut *dut) {
    if (!dut->trace.isOpen())
        return DUT_BAD_STATE;
    dut->trace.flush();
    return DUT_OK;
}

enum dut_status dut_trace_close(struct dut *dut) {
    if (!dut->trace.isOpen())
        return DUT_BAD_STATE;
    dut->trace.close();
    return fst_files_end() ? DUT_OK : DUT_IO;
}
#else
enum dut_status dut_trace_open(struct dut *, FILE *) {
    return DUT_NOT_TRACED;
}
enum dut_status dut_trace_dump(struct dut *, uint64_t) {
    return DUT_NOT_TRACED;
}
enum dut_status dut_trace_flush(struct dut *) {
    return DUT_NOT_TRACED;
}
enum dut_status dut_trace_close(struct dut *) {
    return DUT_NOT_TRACED;
}
#endif

const char *dut_status_text(enum dut_status status) {
    switch (status) {
    case DUT_OK:
        return "no error";
    case DUT_NOT_TRACED:
        return "this build has no tracing: build/CONFIG-trace/lockstep has, and make waves builds "
               "it";
    case DUT_IO:
        return "no memory to write the trace";
    case DUT_BAD_STATE:
        return "a trace is already open, or none is";
    }
    return "unknown status";
}
