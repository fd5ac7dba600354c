/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Readers of fields, between the table of them (params.c) and those that stand elsewhere.
 *
 *     struct ls_error err;
 *     if (params_logit_bias(&params, value, &err) != 0)
 *         return refuse(err.text);
 */
#ifndef LOCKSTEP_PARAMS_FIELDS_H
#define LOCKSTEP_PARAMS_FIELDS_H

#include "params.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Returns 0, or -1 with a line that names the field. */
typedef int params_reader(struct params *params, const cJSON *value, struct ls_error *err);

/* `"field" must be ...`; returns -1. */
int params_bad(struct ls_error *err, const cJSON *value, const char *want);

params_reader params_logit_bias, params_grammar, params_json_schema, params_response_format;

#ifdef __cplusplus
}
#endif
#endif
