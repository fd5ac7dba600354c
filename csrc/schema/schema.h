/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * JSON schemas as grammars: every text that the grammar allows is JSON that satisfies the schema.
 * It allows less: members in the order of `properties`, required ones first, no more than some
 * blanks between them, one spelling of a text of `enum`. What is not supported is refused by name.
 *
 *     char *gbnf = schema_grammar(schema, &err);
 *     if (gbnf == NULL)
 *         return refuse(err.text);
 *     grammar_open(gbnf, &grammar, &err);
 *     free(gbnf);
 */
#ifndef LOCKSTEP_SCHEMA_H
#define LOCKSTEP_SCHEMA_H

#include <cjson/cJSON.h>

#include "csrc/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCHEMA_DEPTH  64u    /* schemas in each other, $ref followed */
#define SCHEMA_BYTES  65536u /* of the grammar */
#define SCHEMA_LENGTH 65536u /* characters of a text; a maxLength above counts as this */
#define SCHEMA_ITEMS  4096u  /* of an array; a maxItems above counts as this */

/* Returns GBNF (csrc/sampling/grammar.h), to be freed, or NULL with a line that says where. */
char *schema_grammar(const cJSON *schema, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
