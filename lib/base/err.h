/* SPDX-License-Identifier: ISC */
/*
 * err: the codes every fallible function returns, and the message that goes
 * with one. The codes are the exit statuses of crm(7): a command returns what
 * the library returned.
 */
#ifndef CRM_ERR_H
#define CRM_ERR_H

#include "base/base.h"
#include "base/str.h"

enum crm_err {
	CRM_OK = 0,
	CRM_NO = 1,	 /* negative answer: no such record, rows rejected */
	CRM_USAGE = 2,	 /* wrong call: option, field, date, query */
	CRM_DATA = 65,	 /* input that breaks its format or the schema */
	CRM_BUG = 70,	 /* a state the program must never reach */
	CRM_IO = 74,	 /* reading or writing failed */
	CRM_TEMP = 75,	 /* try again: locked, disk full, out of memory */
	CRM_PERM = 77,	 /* the system refuses access */
	CRM_CONFIG = 78, /* store damaged, foreign or of another version */
};

/*
 * What went wrong, for a person: place, value, way out, in one line without
 * a line feed. { 0 } is a valid empty diag. The text is owned by the diag.
 */
struct diag {
	enum crm_err code;
	struct buf text;
};

/*
 * Sets the message, replacing an earlier one, and returns CODE so that a
 * caller writes: return diag_set(dg, CRM_DATA, "...").
 */
enum crm_err diag_set(struct diag *dg, enum crm_err code, const char *fmt, ...)
    CRM_PRINTF(3, 4);

/* Takes the middle out of a message that is too long to be read: what is at
 * its end, the way out, stays. diag_set and its like do so. */
enum { DIAG_MAX = 4096 };
void diag_shorten(struct buf *text);

/* Puts "PLACE: " before the message that is there (file:line, a field). */
void diag_place(struct diag *dg, const char *fmt, ...) CRM_PRINTF(2, 3);

/* Appends to the message that is there: "; write ...", a list of candidates. */
void diag_more(struct diag *dg, const char *fmt, ...) CRM_PRINTF(2, 3);

/* The message, NUL-terminated, valid until the diag changes; "" when none. */
const char *diag_text(const struct diag *dg);

/* The message for running out of memory; returns CRM_TEMP. */
enum crm_err diag_nomem(struct diag *dg);

void diag_clear(struct diag *dg);

#endif
