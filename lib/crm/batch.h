/* SPDX-License-Identifier: ISC */
/*
 * batch: many records from crm-tsv(5) in one transaction. Every bad row is
 * heard of; the good ones are applied, and the caller decides whether to
 * commit. Of a long one a scout checks some hundred rows ahead; what is told
 * of them comes in the order of input all the same.
 */
#ifndef CRM_BATCH_H
#define CRM_BATCH_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "crm/write.h"
#include "text/tsv.h"

struct batch_options {
	const struct kind *kind;    /* new records are of it; NULL: every row
				       changes the record in its column id */
	const struct field *key;    /* update the record with the same value
				       instead of adding one; NULL: add all */
	bool clear_empty;	    /* an empty cell clears; else it is left */
	const struct assign *given; /* for every row, under its own cells */
	size_t ngiven;

	/* A row was applied (done tells how); in order of input. */
	enum crm_err (*stored)(
	    void *arg, struct id id, enum writer_done done, struct diag *dg);
	/* A row was refused; RAW is its line and PLACE "standard input:17". An
	 * error ends the batch. */
	enum crm_err (*refused)(void *arg, const struct tsv_reader *in,
	    struct str raw, const char *place, const char *why,
	    struct diag *dg);
	/* A column is left out of account. */
	void (*warn)(void *arg, const char *text);
	void *arg;
	/* A scout goes ahead from the first row on, also with one processor;
	 * for tests. */
	bool ahead;
};

struct batch_count {
	uint64_t added, updated, same, refused;
};

/*
 * Takes all rows of IN, whose messages call it NAME. CRM_DATA for a header
 * that does not fit; refused rows are counted, not an error. Any error but
 * CRM_OK means abort.
 */
enum crm_err batch_run(struct writer *w, struct store *s, struct tsv_reader *in,
    const char *name, const struct batch_options *o, struct batch_count *count,
    struct diag *dg) CRM_NODISCARD;

/*
 * The reject file: the header of IN with a column for the reason (see
 * reject.h), which a batch reads over, and a row of it, the line RAW. S is the
 * schema of the store. A line of the wrong shape is made to fit: missing cells
 * are empty, cells too many end in the last one.
 */
void batch_reject_header(
    const struct schema *s, const struct tsv_reader *in, struct buf *out);
void batch_reject_row(const struct schema *s, const struct tsv_reader *in,
    struct str raw, const char *why, struct buf *out);

#endif
