/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The clock. Inputs change behind the rising edge, settle while the clock is low, and are taken by
 * the next rising edge; handshakes and commits are looked at when all has settled.
 */
#include "device.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#define PROGRESS_CYCLES 32768u
#define TRACE_LOOK      1024u /* cycles between looks at the size of the trace */

static int find_ports(struct device *device) {
    struct device_ports *p = &device->port;
    const struct {
        void *pointer;
        const char *name;
    } table[] = {
        {&p->clk, "clk_i"},
        {&p->rst, "rst_ni"},
        {&p->irq, "irq_o"},
        {&p->awaddr, "s_axil_awaddr_i"},
        {&p->awvalid, "s_axil_awvalid_i"},
        {&p->awready, "s_axil_awready_o"},
        {&p->wdata, "s_axil_wdata_i"},
        {&p->wstrb, "s_axil_wstrb_i"},
        {&p->wvalid, "s_axil_wvalid_i"},
        {&p->wready, "s_axil_wready_o"},
        {&p->bresp, "s_axil_bresp_o"},
        {&p->bvalid, "s_axil_bvalid_o"},
        {&p->bready, "s_axil_bready_i"},
        {&p->araddr, "s_axil_araddr_i"},
        {&p->arvalid, "s_axil_arvalid_i"},
        {&p->arready, "s_axil_arready_o"},
        {&p->rdata, "s_axil_rdata_o"},
        {&p->rresp, "s_axil_rresp_o"},
        {&p->rvalid, "s_axil_rvalid_o"},
        {&p->rready, "s_axil_rready_i"},
        {&p->commit_valid, "commit_valid_o"},
        {&p->commit_by_slot, "commit_by_slot_o"},
        {&p->commit_op, "commit_op_o"},
        {&p->commit_pc, "commit_pc_o"},
        {&p->commit_layer, "commit_layer_o"},
        {&p->commit_slot, "commit_slot_o"},
        {&p->commit_mask, "commit_mask_o"},
        {&p->commit_count, "commit_count_o"},
        {&p->commit_index, "commit_index_o"},
        {&p->commit_data, "commit_data_o"},
        {&p->pass_start, "pass_start_o"},
        {&p->op_start, "op_start_o"},
        {&p->op_done, "op_done_o"},
        {&p->kv_en, "kv_dbg_en_i"},
        {&p->kv_we, "kv_dbg_we_i"},
        {&p->kv_addr, "kv_dbg_addr_i"},
        {&p->kv_wdata, "kv_dbg_wdata_i"},
        {&p->kv_rdata, "kv_dbg_rdata_o"},
        {&p->part_valid, "part_valid_o"},
        {&p->part_unit, "part_unit_o"},
        {&p->part_energy, "part_energy_o"},
        {&p->window_valid, "window_valid_o"},
        {&p->window_die, "window_die_o"},
        {&p->window_package, "window_package_o"},
        {&p->window_pace, "window_pace_o"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        void *port = dut_port(device->dut, table[i].name);
        if (port == NULL)
            return -1;
        memcpy(table[i].pointer, &port, sizeof port);
    }
    return 0;
}

int device_open(struct device *device, uint64_t seed, const struct weight_mem_settings *settings) {
    memset(device, 0, sizeof *device);
    device->dut = dut_open(seed);
    if (device->dut == NULL || find_ports(device) != 0 ||
        weight_mem_init(&device->memory, device->dut, settings) != 0)
        return -1;
    const struct device_ports *p = &device->port; /* inputs start random like registers */
    *p->awvalid = *p->wvalid = *p->bready = *p->arvalid = *p->rready = 0;
    *p->kv_en = *p->kv_we = 0;
    *p->rst = 0;
    for (int i = 0; i < 8; i++)
        device_tick(device);
    *p->rst = 1;
    device_tick(device);
    return 0;
}

void device_close(struct device *device) {
    device_trace_end(device);
    weight_mem_close(&device->memory);
    dut_close(device->dut);
    device->dut = NULL;
}

static void take_commit(struct device *device) {
    const struct device_ports *p = &device->port;
    const struct device_commit commit = {
        .cycle = device->cycle,
        .start = device->op_start,
        .op = *p->commit_op,
        .pc = *p->commit_pc,
        .layer = *p->commit_layer,
        .slot = *p->commit_slot,
        .mask = *p->commit_mask,
        .index = *p->commit_index,
        .count = *p->commit_count,
        .by_slot = *p->commit_by_slot != 0,
        .words = p->commit_data,
    };
    if (device->on_commit != NULL && device->on_commit(device->observer, &commit) != 0)
        device->status = DEVICE_STOPPED;
}

static void tell_pulses(struct device *device) {
    const struct device_ports *p = &device->port;
    if (*p->op_done)
        device->on_pulse(device->observer, DEVICE_OP_DONE);
    if (*p->pass_start)
        device->on_pulse(device->observer, DEVICE_PASS_START);
    if (*p->op_start)
        device->on_pulse(device->observer, DEVICE_OP_START);
}

static void trace_failed(struct device *device, enum dut_status status) {
    device->trace.status = status;
    if (device->status == DEVICE_OK)
        device->status = DEVICE_TRACE;
}

static void trace_begin(struct device *device) {
    struct device_trace *t = &device->trace;
    enum dut_status status = DUT_IO;
    if (output_open(&t->output, t->path, &t->error) == 0) {
        status = dut_trace_open(device->dut, t->output.file);
        if (status != DUT_OK) {
            ls_error_set(&t->error, "%s: %s", t->path, dut_status_text(status));
            output_discard(&t->output);
        }
    }
    t->open = status == DUT_OK;
    if (!t->open)
        trace_failed(device, status);
}

void device_trace_end(struct device *device) {
    struct device_trace *t = &device->trace;
    if (!t->open)
        return;
    t->open = false;
    const enum dut_status status = dut_trace_close(device->dut);
    if (status != DUT_OK) {
        ls_error_set(&t->error, "%s: %s", t->path, dut_status_text(status));
        output_discard(&t->output);
    }
    t->written = status == DUT_OK && output_close(&t->output, &t->error) == 0;
    if (!t->written)
        trace_failed(device, DUT_IO);
}

/* Whether the file is as large as it may be; one that cannot grow any more ends, too. */
static bool is_full(struct device *device) {
    struct stat file;
    const uint64_t now = device->cycle % TRACE_LOOK;
    if (now == 0)
        dut_trace_flush(device->dut);
    return now == 1 && (ferror(device->trace.output.file) ||
                        (fstat(fileno(device->trace.output.file), &file) == 0 &&
                         (uint64_t)file.st_size >= device->trace.most));
}

/* Whether this cycle belongs into the trace; opens and closes the file. */
static bool is_traced(struct device *device) {
    struct device_trace *t = &device->trace;
    if (device->cycle < t->first || t->status != DUT_OK)
        return false;
    if (t->open && is_full(device)) {
        device_trace_end(device);
        t->cut = device->cycle;
    }
    if (device->cycle > t->last) {
        device_trace_end(device);
        if (t->stop && device->status == DEVICE_OK)
            device->status = DEVICE_ENOUGH;
        return false;
    }
    if (!t->open && t->cut == 0)
        trace_begin(device);
    return t->open;
}

void device_settle(struct device *device) {
    *device->port.clk = 0;
    dut_eval(device->dut);
}

void device_tick(struct device *device) {
    const struct device_ports *p = &device->port;
    device_settle(device);
    if (*p->rst) /* in reset, outputs may still be random */
        weight_mem_sample(&device->memory);
    if (*p->commit_valid && *p->rst)
        take_commit(device);
    if (*p->op_start)
        device->op_start = device->cycle;
    if ((*p->op_start | *p->op_done | *p->commit_valid) ||
        (device->memory.r_taken | device->memory.w_taken) != 0)
        device->stirred = device->cycle;
    if (device->on_pulse != NULL && (*p->op_done | *p->pass_start | *p->op_start))
        tell_pulses(device);
    if (*p->part_valid && *p->rst && device->on_part != NULL)
        device->on_part(device->observer, *p->part_unit, *p->part_energy);
    if (*p->window_valid && *p->rst && device->on_window != NULL)
        device->on_window(device->observer, *p->window_die, *p->window_package, *p->window_pace);
    if (device->on_cycle != NULL)
        device->on_cycle(device->observer);
    const bool traced = device->trace.path != NULL && is_traced(device);
    if (traced)
        dut_trace_dump(device->dut, 2 * device->cycle);
    *p->clk = 1;
    dut_eval(device->dut);
    if (traced)
        dut_trace_dump(device->dut, 2 * device->cycle + 1);
    if (device->failure == NULL && (device->failure = dut_failure(device->dut)) != NULL) {
        device->failed_at = device->cycle;
        if (device->status == DEVICE_OK)
            device->status = DEVICE_ASSERTION;
    }
    weight_mem_drive(&device->memory);
    device->cycle++;
    if (device->cycle % PROGRESS_CYCLES == 0 && device->on_progress != NULL)
        device->on_progress(device->observer);
    if (device->interrupted != NULL && *device->interrupted && device->status == DEVICE_OK)
        device->status = DEVICE_INTERRUPTED;
    if (device->cycle_limit != 0 && device->status == DEVICE_OK) {
        if (device->cycle >= device->cycle_limit)
            device->status = DEVICE_CYCLE_LIMIT;
        else if (device->quiet_limit != 0 && device->cycle - device->stirred > device->quiet_limit)
            device->status = DEVICE_HANGS;
    }
}

#define ACCESS_CYCLES 64u /* that an access takes at most */

/* A run may be stopped during an access, which is then finished all the same: AXI4-Lite has no way
 * back from a handshake, and what is read next would be the answer to this one. */
static bool goes_on(const struct device *device, uint32_t *patience) {
    return device->status == DEVICE_OK || (*patience)-- > 0;
}

uint32_t device_write(struct device *device, uint32_t address, uint32_t value, uint32_t strobes) {
    const struct device_ports *p = &device->port;
    uint32_t response = 0, patience = ACCESS_CYCLES;
    if (device->status != DEVICE_OK)
        return 0;
    device->stirred = device->cycle;
    *p->awaddr = (uint16_t)address;
    *p->wdata = value;
    *p->wstrb = (uint8_t)strobes;
    *p->awvalid = *p->wvalid = *p->bready = 1;
    while (*p->bready && goes_on(device, &patience)) {
        device_settle(device);
        const bool aw = *p->awvalid && *p->awready, w = *p->wvalid && *p->wready;
        const bool b = *p->bvalid != 0;
        if (b)
            response = *p->bresp;
        device_tick(device);
        if (aw)
            *p->awvalid = 0;
        if (w)
            *p->wvalid = 0;
        if (b) {
            *p->bready = 0;
            device->accesses++;
        }
    }
    *p->awvalid = *p->wvalid = *p->bready = 0;
    return response;
}

uint32_t device_read(struct device *device, uint32_t address, uint32_t *value) {
    const struct device_ports *p = &device->port;
    uint32_t response = 0, patience = ACCESS_CYCLES;
    *value = 0;
    if (device->status != DEVICE_OK)
        return 0;
    device->stirred = device->cycle;
    *p->araddr = (uint16_t)address;
    *p->arvalid = *p->rready = 1;
    while (*p->rready && goes_on(device, &patience)) {
        device_settle(device);
        const bool ar = *p->arvalid && *p->arready, r = *p->rvalid != 0;
        if (r) {
            *value = *p->rdata;
            response = *p->rresp;
        }
        device_tick(device);
        if (ar)
            *p->arvalid = 0;
        if (r) {
            *p->rready = 0;
            device->accesses++;
        }
    }
    *p->arvalid = *p->rready = 0;
    return response;
}

static void note_response(struct device *device, uint32_t address, uint32_t response) {
    if (response != 0 && device->status == DEVICE_OK) {
        device->status = DEVICE_BUS;
        device->bus_address = address;
    }
}

static uint32_t hal_read32(void *context, uint32_t address) {
    uint32_t value;
    note_response(context, address, device_read(context, address, &value));
    return value;
}

static void hal_write32(void *context, uint32_t address, uint32_t value) {
    note_response(context, address, device_write(context, address, value, 15));
}

static int hal_wait_irq(void *context) {
    struct device *device = context;
    while (!*device->port.irq && device->status == DEVICE_OK)
        device_tick(device);
    return device->status == DEVICE_OK ? 0 : -1;
}

struct hal device_hal(struct device *device) {
    return (struct hal){hal_read32, hal_write32, hal_wait_irq, device};
}

void device_kv_read(struct device *device, uint32_t address, uint32_t word[17]) {
    const struct device_ports *p = &device->port;
    *p->kv_addr = address;
    *p->kv_en = 1;
    *p->kv_we = 0;
    device_tick(device);
    *p->kv_en = 0;
    device_settle(device);
    memcpy(word, p->kv_rdata, 17 * sizeof *word);
}

void device_kv_write(struct device *device, uint32_t address, const uint32_t word[17]) {
    const struct device_ports *p = &device->port;
    *p->kv_addr = address;
    memcpy(p->kv_wdata, word, 17 * sizeof *word);
    *p->kv_en = *p->kv_we = 1;
    device_tick(device);
    *p->kv_en = *p->kv_we = 0;
}

void device_flip_kv(struct device *device, uint32_t address, uint32_t bit) {
    uint32_t word[17];
    device_kv_read(device, address, word);
    word[bit / 32] ^= 1u << (bit % 32);
    device_kv_write(device, address, word);
}
