/* SPDX-License-Identifier: ISC */
/*
 * reject: the columns that a file of refused rows has behind those of the
 * rows. Mended it is read again: they are no values then, and where rows are
 * refused once more they are written anew.
 */
#ifndef CRM_REJECT_H
#define CRM_REJECT_H

#include "model/schema.h"

#define REJECT_LINE "line"
#define REJECT_REASON "reason"
/* The same where the rows have columns of those names. */
#define REJECT_LINE_ELSE "import-line"
#define REJECT_REASON_ELSE "import-reason"

/* Is NAME one of them, and no field of K? */
bool reject_column(const struct kind *k, struct str name);

/* Columns of the input. */
struct reject_input {
	const struct str *names;
	size_t n;
};

/*
 * How many columns of IN are of the rows: all but the last one, if that is a
 * reason, or but the last two with LINE, if they are a line and a reason; not
 * those that are fields of any kind of S.
 */
size_t reject_kept(
    const struct schema *s, const struct reject_input *in, bool line);

/* The two names for rows of whose columns KEPT are kept; static. */
const char *reject_line(const struct reject_input *in, size_t kept);
const char *reject_reason(const struct reject_input *in, size_t kept);

#endif
