/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * POST /slots/N?action=save|restore|erase: what a free sequence holds, as llama.cpp's server has
 * it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "exchange.h"

static const char *const actions[] = {"save", "restore", "erase"}; /* enum engine_action */

/* A name in the folder, and nothing else. */
static bool is_file_name(const char *name) {
    const size_t size = strlen(name);
    bool good = size != 0 && size <= EXCHANGE_FILE_NAME && *name != '.';
    for (size_t i = 0; i < size; i++)
        good = good && (unsigned char)name[i] >= ' ' && name[i] != '/' && name[i] != '\\';
    return good;
}

static const char *file_name(const struct engine_task *task) {
    return strrchr(task->path, '/') + 1;
}

enum MHD_Result slots_go_on(struct exchange *x) {
    const struct engine_task *task = x->task;
    struct stat file = {0};
    engine_lock(x->server->engine);
    const bool over = task->over;
    if (!over) {
        x->suspended = true;
        MHD_suspend_connection(x->connection);
    }
    engine_unlock(x->server->engine);
    if (!over)
        return MHD_YES;
    if (task->status != LOCKSTEP_OK)
        return exchange_error(x, task->status == LOCKSTEP_INTERRUPTED ? 503 : 400,
                              task->status == LOCKSTEP_INTERRUPTED ? "unavailable_error"
                                                                   : "invalid_request_error",
                              "%s", task->error);
    cJSON *o = cJSON_CreateObject();
    cJSON_AddNumberToObject(o, "id_slot", task->sequence);
    if (task->action == ENGINE_ERASE) {
        cJSON_AddNumberToObject(o, "n_erased", task->tokens);
        return exchange_json(x, 200, o);
    }
    const bool saves = task->action == ENGINE_SAVE;
    stat(task->path, &file);
    cJSON_AddStringToObject(o, "filename", file_name(task));
    cJSON_AddNumberToObject(o, saves ? "n_saved" : "n_restored", task->tokens);
    cJSON_AddNumberToObject(o, saves ? "n_written" : "n_read", (double)file.st_size);
    cJSON *timings = cJSON_AddObjectToObject(o, "timings");
    cJSON_AddNumberToObject(timings, saves ? "save_ms" : "restore_ms", 1000 * task->seconds);
    return exchange_json(x, 200, o);
}

static enum MHD_Result begin(struct exchange *x, uint32_t sequence, uint32_t action,
                             const char *name) {
    struct engine_task *task = calloc(1, sizeof *task);
    if (task == NULL)
        return exchange_error(x, 500, "server_error", "out of memory");
    task->action = (enum engine_action)action;
    task->sequence = sequence;
    snprintf(task->path, sizeof task->path, "%s/%s",
             action != ENGINE_ERASE ? x->server->options.slot_save_path : "", name);
    task->wake = exchange_wake;
    task->context = x;
    x->task = task;
    engine_task(x->server->engine, task);
    return slots_go_on(x);
}

enum MHD_Result slots_answer(struct exchange *x, const char *number, const cJSON *body) {
    const char *action =
        MHD_lookup_connection_value(x->connection, MHD_GET_ARGUMENT_KIND, "action");
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(body, "filename");
    char *end;
    const unsigned long sequence = strtoul(number, &end, 10);
    uint32_t which = 0;
    if (*number < '0' || *number > '9' || *end != '\0' ||
        sequence >= engine_model(x->server->engine)->sequences)
        return exchange_error(x, 400, "invalid_request_error", "Invalid slot ID");
    while (which < 3 && (action == NULL || strcmp(action, actions[which]) != 0))
        which++;
    if (which == 3)
        return exchange_error(x, 400, "invalid_request_error", "Invalid action");
    if (which == ENGINE_ERASE)
        return begin(x, (uint32_t)sequence, which, "");
    if (x->server->options.slot_save_path == NULL)
        return exchange_error(x, 501, "not_supported_error",
                              "This server does not support slots action. Start it with "
                              "`--slot-save-path`");
    if (!cJSON_IsString(name) || !is_file_name(name->valuestring))
        return exchange_error(x, 400, "invalid_request_error", "Invalid filename");
    return begin(x, (uint32_t)sequence, which, name->valuestring);
}
