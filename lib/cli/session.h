/* SPDX-License-Identifier: ISC */
/*
 * session: what the commands that write have in common: one transaction, its
 * warnings, the rows it refused, and the ids to print once it is committed.
 */
#ifndef CRM_CLI_SESSION_H
#define CRM_CLI_SESSION_H

#include "cli/cli.h"
#include "crm/batch.h"
#include "crm/write.h"

/* Ids that follow one another: a million new records are one of these. */
struct id_run {
	struct id first;
	uint64_t count;
};

struct session {
	struct cli *cli;
	struct writer *writer;
	bool begun;	  /* not so for a dry run where no store is yet */
	uint64_t made;	  /* records that --create made */
	uint64_t refused; /* rows */
	struct id_run *runs;
	size_t nruns, cap;
};

/*
 * Opens the store, begins the transaction and makes the writer. OPT may hold
 * callbacks of the command's own; clock, create, warn and made are filled in,
 * arg becomes the session. In a dry run a missing store is not created.
 */
enum crm_err session_open(struct session *s, struct cli *c, bool bulk,
    const struct writer_options *opt) CRM_NODISCARD;

/* Commits when ERR is CRM_OK and this is no dry run, else aborts; returns ERR
 * or the error of the commit. */
enum crm_err session_end(struct session *s, enum crm_err err);

/* Aborts what is still open and frees. */
void session_close(struct session *s);

/* Notes an id for session_print; false when memory ran out. */
bool session_id(struct session *s, struct id id) CRM_NODISCARD;
/* Prints the ids, one a line, in the order they came. */
enum crm_err session_print(struct session *s, struct out *out) CRM_NODISCARD;

/* Says on standard error why a row was refused: the first twenty. With
 * --keep-going the row RAW of IN goes to the output instead, as crm-tsv with
 * its reason; it is written as it comes, as it is no acknowledgement. */
enum crm_err session_refuse(struct session *s, const struct tsv_reader *in,
    struct str raw, const char *place, const char *why,
    struct diag *dg) CRM_NODISCARD;

#endif
