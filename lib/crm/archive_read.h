/* SPDX-License-Identifier: ISC */
/*
 * archive_read: an archive becomes a store: the same ids, times, schema and
 * counters. Nothing in an archive is believed: every value must be as its
 * field keeps it, every reference must name a record, and what is cut short
 * or damaged makes no store at all.
 */
#ifndef CRM_ARCHIVE_READ_H
#define CRM_ARCHIVE_READ_H

#include "crm/archive.h"
#include "model/change.h"
#include "text/source.h"

struct archive_options {
	const struct change_origin *who;
	/* Gets a line for each record that does not fit to the others: then
	 * nothing is made. */
	void (*found)(void *arg, const char *line);
	void *arg;
	struct archive_progress progress;
	bool dry; /* read and check all, but make no store; references to
		     other records are not looked up */
};

/*
 * Makes the store of the archive in S, which must be missing; *records
 * counts them. Messages have NAME:LINE: in front. CRM_DATA: there is a store
 * already; the archive is of a later version, cut short, damaged, or not as
 * it says; CRM_CONFIG: its records do not fit together. After an error
 * nothing is there.
 */
enum crm_err archive_read(struct store *s, const struct source *src,
    const struct archive_options *o, uint64_t *records,
    struct diag *dg) CRM_NODISCARD;

/* The same for a directory. */
enum crm_err archive_read_dir(struct store *s, const char *path,
    const struct archive_options *o, uint64_t *records,
    struct diag *dg) CRM_NODISCARD;

#endif
