/* SPDX-License-Identifier: ISC */
/* profile_read: what the readers of a profile's text share; nobody else
 * includes it. */
#ifndef CRM_PROFILE_READ_H
#define CRM_PROFILE_READ_H

#include "crm/profile_impl.h"

/* Where the reader is. */
struct profile_reader {
	struct profile *p;
	struct str rest; /* of the line */
	size_t line;	 /* number of it, from 1 */
	bool columns;	 /* behind the line "columns" */
	struct diag *dg;
};

/* profile_read.c */

/* Takes a word off the line, decoded where it stands. */
enum crm_err reader_word(
    struct profile_reader *r, struct str *out) CRM_NODISCARD;
/* Appends to one of the lists of the profile. */
enum crm_err reader_list(struct profile_reader *r, struct str **list, size_t *n,
    struct str s) CRM_NODISCARD;

/* profile_verb.c */

/* The rest of the line: steps of the column LINE. CRM_DATA with the way
 * out. */
enum crm_err reader_steps(
    struct profile_reader *r, struct rule_line *line) CRM_NODISCARD;

#endif
