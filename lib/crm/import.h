/* SPDX-License-Identifier: ISC */
/*
 * import: rows of other programs' files to changes of the store, in one
 * transaction of the caller's (store_begin, and at the end commit or abort).
 *
 *     import_new; import_rows for each file; import_end; import_free
 *
 * A row is found again by its keys and updated, or added. What it refers to
 * and is not there yet may come in a later row or file: such a row waits, and
 * import_end tries again.
 *
 * How a row is found again: the keys are tried in their order. A key that is
 * not unique (e-mail, phone, name) finds the record of the same name where
 * several have it; a record that another row of this import has written
 * already is taken only when it has the same name, so that a couple with one
 * address stays two people. A row without a value for any key is the record
 * of the same name that has all its values already, if there is one; of kinds
 * without a name one that refers to the same record.
 *
 * A column id of our own: a new record gets that id when it is free. One that
 * is there must be the same in all that the row says; to change it takes the
 * key "id". With other keys it does not count.
 */
#ifndef CRM_IMPORT_H
#define CRM_IMPORT_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "crm/intake.h"
#include "crm/profile.h"
#include "crm/write.h"
#include "text/rows.h"

struct import;

/* The column of a file of refused rows (see reject.h) where they are no rows
 * of a table. */
#define IMPORT_TEXT "text"

struct import_count {
	uint64_t added, updated, same, refused;
	uint64_t made;	  /* records that rows name and that were not there */
	uint64_t waiting; /* rows that wait for a record they refer to */
};

/* Where a row came from and why it is refused. */
struct import_refusal {
	const char *name; /* of the file */
	const struct rows_row *row;
	struct str column; /* "" when it is the row as a whole */
	struct str value;
	const char *why; /* reason and way out */
};

struct import_options {
	const struct clock *clock;
	const struct kind *kind; /* of rows that do not say it; NULL: what the
				    profile says, else contact */
	const struct str *keys;	 /* fields, tried in order, "id" too; none:
				    those of the profile, else ext */
	size_t nkeys;
	bool clear_empty; /* an empty cell clears; else it is left */
	const char *tmp;  /* folder for rows that wait; else /tmp */
	/* A row was applied. */
	enum crm_err (*stored)(
	    void *arg, struct id id, enum writer_done done, struct diag *dg);
	/* A row was refused; an error ends the import. */
	enum crm_err (*refused)(
	    void *arg, const struct import_refusal *r, struct diag *dg);
	/* A record was made because a row names it (the org of a person). */
	void (*made)(void *arg, struct id id);
	/* Called now and then with the rows read so far. */
	void (*progress)(void *arg, uint64_t rows);
	void (*warn)(void *arg, const char *text);
	void *arg;
	/* Rows that may be read apart are, from the second one on, also with
	 * one processor; for tests. */
	bool ahead;
};

/* The writer and what the options point to outlive it. */
enum crm_err import_new(struct import **out, struct writer *w, struct store *s,
    const struct import_options *o, struct diag *dg) CRM_NODISCARD;
void import_free(struct import *i);

/*
 * Takes all rows of IN, by profile P, which like NAME outlives the import;
 * without one the columns are called as our fields. Refused rows are counted,
 * not an error. CRM_DATA for columns that do not fit, or input that cannot be
 * read on.
 */
enum crm_err import_rows(struct import *i, struct rows *in, const char *name,
    const struct profile *p, struct diag *dg) CRM_NODISCARD;

/* The rows that waited; those that still refer to nothing are refused. */
enum crm_err import_end(struct import *i, struct diag *dg) CRM_NODISCARD;

/* For writer_options.made: a record that the row under way names. It is counted
 * and told of when the row is stored, and taken back when it is refused. False:
 * no row is under way, or no memory; it is made. */
bool import_made(struct import *i, struct id id);

struct import_count import_count(const struct import *i);

#endif
