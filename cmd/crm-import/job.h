/* SPDX-License-Identifier: ISC */
/* job: what the files of crm-import share: one run over some files. */
#ifndef CRM_IMPORT_JOB_H
#define CRM_IMPORT_JOB_H

#include "cli/cli.h"
#include "cli/progress.h"
#include "crm/import.h"
#include "crm/import_mail.h"
#include "crm/profile.h"
#include "crm/reject.h"
#include "crm/write.h"
#include "text/recode.h"
#include "text/rows.h"
#include "text/sniff.h"

#include <stdatomic.h>

enum { KEYS = 8 };

/* One input: its bytes, what it was recognised as, its rows. */
struct input {
	const char *name; /* for messages */
	int fd;
	struct buf head; /* read already, to look at */
	size_t head_at;
	bool head_whole;	   /* there is nothing behind it */
	uint64_t size;		   /* bytes of a file; 0: nobody knows */
	atomic_uint_fast64_t done; /* bytes that were read */
	struct store *store;
	struct sniff sniff;
	bool sniffed;
	struct recode *recode;
	struct rows *rows;
	/* the first row, looked at before the others */
	struct rows ahead;
	struct rows_row first;
	enum crm_err first_err;
	bool first_got, first_kept;
	struct diag first_diag;
	struct profile *profile; /* NULL: the columns are our fields */
	bool guarded;		 /* apostrophes in front of formulas */
	struct str *cells;	 /* without them */
	size_t ncells;
};

struct job {
	struct cli *c;
	const struct kind *kind; /* NULL: none was named */
	const struct str *files;
	size_t nfiles;
	struct buf *names; /* of the files, for the system */
	struct str keys[KEYS];
	size_t nkeys;
	bool own; /* ids of ours are meant, not those of another store */
	enum encoding encoding;
	bool encoding_told;
	enum sniff_format format; /* told by -O; SNIFF_UNKNOWN: find out */
	char delimiter;		  /* 0: find out */
	struct profile *profile;  /* of --profile or --map, for all files */
	bool plain;		  /* --profile none */
	struct profile **found;	  /* of files; they live as long as the run */
	size_t nfound;

	struct writer *writer;
	struct import *import;
	struct import_mail *mail; /* NULL: none came */
	struct input *input;	  /* the one that is read */
	struct emit *emit;	  /* -v: what happens to which record */
	struct buf pending;	  /* changes of the row under way: field, before
				     and after, each with a NUL behind it */
	struct id pending_id;	  /* what they change */
	struct progress progress;
	struct rejects *rejects; /* of --rejects; NULL: none came */
	uint64_t said, made_said;
	uint64_t rows; /* of the files before */
	bool ended;    /* all files were read to their end */
};

/* input.c */

/* CRM_USAGE when one of the files is there twice. */
enum crm_err inputs_check(struct job *j, struct diag *dg) CRM_NODISCARD;
/* Opens FILE ("-" is standard input) and says what it is. *in is to be given
 * to input_close after errors too. CRM_DATA when it is not recognised. */
enum crm_err input_open(struct job *j, const char *file, struct input *in,
    struct diag *dg) CRM_NODISCARD;
/* Makes in->rows of it, for input_close, and chooses in->profile. */
enum crm_err input_rows(
    struct job *j, struct input *in, struct diag *dg) CRM_NODISCARD;
/* Rows of FORMAT, which is no table, from SRC. */
enum crm_err input_format(struct job *j, enum sniff_format format,
    const struct source *src, struct rows **out, struct diag *dg) CRM_NODISCARD;
/* The error behind a failed read, where the bytes were not what the encoding
 * says. */
enum crm_err input_fault(
    const struct input *in, enum crm_err err, struct diag *dg) CRM_NODISCARD;
/* The bytes, looked-at ones first. */
struct source input_source(struct input *in);
void input_close(struct input *in);

/* choose.c */

/* The profile that --profile or --map names, or none. */
enum crm_err profile_open(struct job *j, struct diag *dg) CRM_NODISCARD;
/* The profile for a file with the columns of ROW, which the job keeps; NULL:
 * they are ours. *why
 * gets what -v says. CRM_DATA when nothing fits. */
enum crm_err profile_choose(struct job *j, const struct rows_row *row,
    struct profile **out, struct buf *why, struct diag *dg) CRM_NODISCARD;
/* Appends the names of those columns of ROW that P does not know; nothing when
 * it knows all. CRM_DATA when it knows none. */
enum crm_err profile_left_out(struct job *j, const struct profile *p,
    const struct rows_row *row, struct buf *out, struct diag *dg) CRM_NODISCARD;
/* --suggest: prints a profile for the file. */
enum crm_err suggest_run(struct job *j) CRM_NODISCARD;

/* report.c */

enum crm_err report_open(struct job *j) CRM_NODISCARD;
enum crm_err report_refused(
    void *arg, const struct import_refusal *r, struct diag *dg) CRM_NODISCARD;
enum crm_err report_stored(void *arg, struct id id, enum writer_done done,
    struct diag *dg) CRM_NODISCARD;
void report_changed(void *arg, struct id id, const struct field *f,
    struct str before, struct str after);
void report_made(void *arg, struct id id);
/* The same of the writer, which does not know yet whether the row is taken. */
void report_named(
    void *arg, struct id id, const struct kind *k, struct str name);
void report_warn(void *arg, const char *text);
void report_progress(void *arg, uint64_t rows);
/* The counts, in words. */
void report_count(struct job *j);
/* The import came to nothing: what is left to say. */
void report_failed(struct job *j);
/* Closes the rejects; KEEP: the file takes its name. */
enum crm_err report_close(struct job *j, bool keep) CRM_NODISCARD;

/* All that was done so far, mail too; *unknown: mail with nobody known. */
struct import_count report_sum(
    const struct job *j, uint64_t *unknown) CRM_NODISCARD;

/* rejects.c */

/* Writes the row to the --rejects FILE; where that has other columns, to
 * FILE.2 and so on. */
enum crm_err rejects_add(struct job *j, const struct import_refusal *r,
    struct diag *dg) CRM_NODISCARD;
/* KEEP: the files take their names, and those of an earlier run that would be
 * taken for theirs go. */
enum crm_err rejects_close(struct job *j, bool keep) CRM_NODISCARD;
/* CRM_USAGE when FILE is imported and its good rows would be lost. */
enum crm_err rejects_check(const struct job *j, struct diag *dg) CRM_NODISCARD;

/* texts.c */

/* Is ROW the first of a file of refused rows that are no rows of a table? */
bool texts_is(const struct input *in, const struct rows_row *row);
/* Makes in->rows, the rows of that file, the records that are in its texts. */
enum crm_err texts_open(
    struct job *j, struct input *in, struct diag *dg) CRM_NODISCARD;

/* mail.c */

/* Is PATH a Maildir? */
bool mail_is_dir(const char *path);
/* Its messages; a file with one message; a file with many. The import is
 * open. */
enum crm_err mail_dir(struct job *j, const char *path) CRM_NODISCARD;
enum crm_err mail_message(struct job *j, const char *path) CRM_NODISCARD;
enum crm_err mail_box(struct job *j, struct input *in) CRM_NODISCARD;

/* whole.c */

/* An export of a whole store, which makes one. */
bool whole_is(const char *file);
enum crm_err whole_dir(struct job *j, const char *file) CRM_NODISCARD;
enum crm_err whole_file(struct job *j, struct input *in) CRM_NODISCARD;

#endif
