/* SPDX-License-Identifier: ISC */
/*
 * record_text: a record as the text of its file in the history, and back. A
 * line a value: field, tab, value with the escapes of crm-tsv(5); a list has
 * a line for each item. The fields stand in the order of their slots. The
 * line "updated" is there only where the date of the commit that wrote the
 * text does not say the same: so two people who change different fields of a
 * record do not meet in one line.
 */
#ifndef CRM_RECORD_TEXT_H
#define CRM_RECORD_TEXT_H

#include "history/editor.h"
#include "model/id.h"
#include "model/row.h"
#include "model/schema.h"

/* The name of the record's file; its texts live in HOLD, which is emptied. */
struct file_name record_file(
    const struct schema *s, struct id id, struct buf *hold);

/* Appends the text of a row of kind K. */
void record_text(
    const struct kind *k, const struct row *row, bool updated, struct buf *out);

/* Did the row change last at TIME (UTC seconds), as far as it says? */
bool record_updated_at(const struct row *row, int64_t time);

/*
 * Takes a text apart into VALUES by slot (room for ROW_SLOTS; those of K are
 * set, to views of TEXT and HOLD, valid until HOLD changes). Without a line
 * "updated" TIME is taken. CRM_CONFIG for what is no such text, with its line.
 */
enum crm_err record_values(const struct kind *k, struct str text, int64_t time,
    struct str *values, struct buf *hold, struct diag *dg) CRM_NODISCARD;

/* The same without a time; lines of fields that K does not have are passed
 * over. */
enum crm_err record_values_known(const struct kind *k, struct str text,
    struct str *values, struct buf *hold, struct diag *dg) CRM_NODISCARD;

#endif
