/* SPDX-License-Identifier: ISC */
/* import_ical_impl: what the files of the calendar reader share. */
#ifndef CRM_IMPORT_ICAL_IMPL_H
#define CRM_IMPORT_ICAL_IMPL_H

#include "crm/ical_map.h"
#include "crm/import_ical.h"
#include "text/ical_read.h"
#include "text/ical_value.h"

/* A column of the row under way. */
struct cell {
	struct buf name, value;
};

enum { TALLY_MAX = 24 };

struct ical_rows {
	struct rows rows; /* first: it is what the caller has */
	struct ical_options opt;
	struct ical_reader *reader;
	const char *name;
	struct cell *cells;
	size_t ncells, cap;
	bool failed; /* out of memory */
	struct str *names, *values;
	size_t room;
	struct buf shape_names;
	uint64_t shape;
	/* said at the end */
	uint64_t repeated, moved;
	struct ical_left tally[TALLY_MAX]; /* properties left out */
	bool said;
};

/* A component on its way to a row. */
struct entry {
	struct ical_rows *r;
	const struct ical_component *c;
	const struct kind *kind; /* NULL: there is no store */
	bool event;
	bool own;	 /* our export has written it, and all is said */
	bool there;	 /* the store has it: nothing is guessed */
	bool dated;	 /* it has a time */
	int64_t ends;	 /* of a meeting, the last known */
	struct buf kept; /* lines for the note */
	struct buf text; /* whatever is needed for a moment */
	struct diag *dg;
};

/* A moment or a day of a property, and where its clock is. */
struct ical_moment {
	bool set;
	struct ical_time at;
	const struct zone *zone;
	int64_t utc;
	const struct ical_prop *prop;
};

/* ---- import_ical.c ---- */

/* The value of the column NAME, made when it is not there. */
struct buf *entry_column(struct entry *e, struct str name);
struct buf *entry_cell(struct entry *e, const char *name);
/* The same as a view; "" when there is no such column. */
struct str entry_get(const struct entry *e, const char *name);
/* Sets the column to TEXT. */
void entry_set(struct entry *e, const char *name, struct str text);
/* CRM_DATA with the place of P and its name in front; VALUE is in quotes. */
enum crm_err entry_refuse(
    struct entry *e, const struct ical_prop *p, const char *why);
/* "name: text" as a line of the note. */
void entry_keep(struct entry *e, struct str name, struct str text);
/* Counts a property that is left out. */
void entry_leave(struct entry *e, const struct ical_prop *p);

/* ---- import_ical_when.c: times and repetition ---- */

enum crm_err entry_times(struct entry *e) CRM_NODISCARD;
/* Ends with status, which depends on the times. */
void entry_status(struct entry *e);

/* ---- import_ical_who.c: people, and X-CRM-* ---- */

enum crm_err entry_person(
    struct entry *e, const struct ical_prop *p) CRM_NODISCARD;
/* Appends the repetition of our export, where the RRULE beside it is still the
 * one that it has. */
bool entry_every(struct entry *e, struct buf *every);
/* One property of ours, when the others have been read. */
void entry_own(struct entry *e, const struct ical_prop *p);

#endif
