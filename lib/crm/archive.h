/* SPDX-License-Identifier: ISC */
/*
 * archive: a whole store as text: every record of every kind with its id, its
 * times and all stored fields, the schema, and the numbers that are not given
 * again. Two forms say the same, see crm-archive(5): JSON lines in one stream
 * and a directory with one crm-tsv(5) a kind. archive_read.h goes back.
 */
#ifndef CRM_ARCHIVE_H
#define CRM_ARCHIVE_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "store/store.h"

/* Called with the records so far, now and then. May be NULL. */
struct archive_progress {
	void (*tell)(void *arg, uint64_t records);
	void *arg;
};

/*
 * Appends JSON lines to TO and calls DRAIN when there is a lot in it and at
 * the end; DRAIN may empty TO, its error ends the walk. An archive is of one
 * moment: DRAIN must not pause the store. CRM_TEMP when the store was paused
 * and has changed meanwhile.
 */
enum crm_err archive_write(struct store *s, struct buf *to,
    enum crm_err (*drain)(void *arg, struct diag *dg), void *arg,
    const struct archive_progress *p, struct diag *dg) CRM_NODISCARD;

/*
 * Makes the directory PATH, mode 0700, which must be missing or empty: it is
 * written beside its place and renamed when all of it is on disk. CRM_DATA
 * when something is there; CRM_IO, CRM_PERM.
 */
enum crm_err archive_write_dir(struct store *s, const char *path,
    const struct archive_progress *p, struct diag *dg) CRM_NODISCARD;

/* Does an input that begins with FIRST (a line of it is enough) look like
 * JSON lines of ours? */
bool archive_sniff(struct str first);
/* Is PATH a directory that archive_write_dir made? */
bool archive_is_dir(const char *path);

#endif
