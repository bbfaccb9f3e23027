/* SPDX-License-Identifier: ISC */
/* assign: a field=value operand, its value read from where it says. */
#ifndef CRM_CLI_ASSIGN_H
#define CRM_CLI_ASSIGN_H

#include "cli/cli.h"
#include "crm/assign.h"

/*
 * Takes WORD apart. "field=@FILE" reads the file and "field=-" standard
 * input into HOLD, which owns the value then; "field=@@x" is the text "@x".
 * *yes is false when WORD is no assignment.
 */
enum crm_err cli_assign(struct cli *c, struct str word, struct buf *hold,
    struct assign *out, bool *yes) CRM_NODISCARD;

/*
 * The field of A must be one of kind KIND that a new record may be given. A
 * text that begins like an assignment gets told how to go on: CRM_USAGE.
 */
enum crm_err cli_assign_field(
    struct cli *c, uint16_t kind, const struct assign *a) CRM_NODISCARD;

#endif
