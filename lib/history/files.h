/* SPDX-License-Identifier: ISC */
/*
 * files: reads the tree of a commit: every record's file in order of number,
 * and which commit changed each of them last.
 */
#ifndef CRM_FILES_H
#define CRM_FILES_H

#include "history/editor.h"
#include "history/repo.h"

struct files;

struct file {
	struct file_name name; /* views, until the next files_next */
	struct oid blob;
	struct str text; /* the same */
};

/*
 * Walks the files of COMMIT, all or those of PREFIX (n = 0: all, prefix by
 * prefix in byte order), within a prefix by number, then name. CRM_CONFIG
 * for what does not belong there (a path that file_path would not make, a
 * link, a name twice), with the path, and for damaged objects.
 */
enum crm_err files_open(struct files **out, struct repo *r, struct oid commit,
    struct str prefix, struct diag *dg) CRM_NODISCARD;
/* *got is false at the end. */
enum crm_err files_next(struct files *f, struct file *out, bool *got,
    struct diag *dg) CRM_NODISCARD;
void files_close(struct files *f);

/* One file of a commit; CRM_NO when it is not there. TEXT is appended. */
enum crm_err file_read(struct repo *r, struct oid commit,
    const struct file_name *f, struct buf *text, struct diag *dg) CRM_NODISCARD;

/*
 * Who changed each file last, from COMMIT back along first parents to the
 * beginning. Equal subtrees are skipped. Four bytes a record number.
 */
struct touched;
enum crm_err touched_build(struct touched **out, struct repo *r,
    struct oid commit, struct diag *dg) CRM_NODISCARD;
/* The time of the commit that gave the file its text; INT64_MIN when there
 * is none. */
int64_t touched_time(const struct touched *t, const struct file_name *f);
/* The highest number a file of PREFIX ever had in this history; 0: none. */
uint64_t touched_highest(const struct touched *t, struct str prefix);
/* The message of the first commit; valid as long as T. */
struct str touched_first_message(const struct touched *t);
void touched_free(struct touched *t);

#endif
