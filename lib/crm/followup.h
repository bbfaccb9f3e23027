/* SPDX-License-Identifier: ISC */
/*
 * followup: what is due: open tasks, and contacts and orgs whose cadence has
 * run out; and the columns such a list is printed with.
 */
#ifndef CRM_FOLLOWUP_H
#define CRM_FOLLOWUP_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "model/derived.h"
#include "model/id.h"
#include "query/query.h"
#include "store/store.h"
#include "text/emit.h"

struct followup_item {
	struct id id;	   /* the task, contact or org */
	struct id contact; /* num 0: none */
	struct id org;
	struct moment due; /* n = 0: a task without */
	size_t rank;	   /* of the priority; the more urgent the smaller */
	bool task;	   /* else a cadence */
	uint32_t priority; /* bytes of it in the list's texts, from ... */
	size_t texts;	   /* ... here on; the title follows */
	size_t title;
};

struct followup_options {
	const struct clock *clock;
	struct when until; /* a day counts to its end */
	bool all;	   /* tasks without a due date and later ones too */
	/* Only items about a record that matches: a query for contacts, orgs
	 * or tasks. NULL: everything. */
	struct query *query;
	const struct kind *kind; /* of the query */
	/* With ONLY: just items that name one of these, rising, as task,
	 * contact or org. */
	bool only;
	const struct id *ids;
	size_t nids;
};

struct followup_list {
	struct followup_item *items;
	size_t n, cap;
	struct buf texts; /* of the items, as they were when it was made */
};

/* Sorted by due, priority, id. Contacts and orgs with suppress=yes have no
 * cadence; a task of theirs stays. { 0 } is a valid empty list. */
enum crm_err followup_list(struct store *s, const struct followup_options *o,
    struct followup_list *out, struct diag *dg) CRM_NODISCARD;
void followup_clear(struct followup_list *l);

/* Whole days between the local day of DUE and today: 0 today, negative
 * ahead. False when there is no due time. */
bool followup_overdue(const struct moment *due, const struct clock *clock,
    int *days) CRM_NODISCARD;

/* The columns. */
struct followup_view;

/*
 * FIELDS are names with commas between them: id due what contact org name
 * title priority overdue, or a path behind "contact.", "org." or "task.".
 * Empty: the default ones. CRM_USAGE for an unknown name.
 */
enum crm_err followup_view_new(struct followup_view **out, struct store *s,
    const struct clock *clock, struct str fields,
    struct diag *dg) CRM_NODISCARD;
const struct column *followup_view_columns(
    const struct followup_view *v, size_t *n);
/* Item I of a list. */
enum crm_err followup_view_row(struct followup_view *v,
    const struct followup_list *l, size_t i, struct emit *e,
    struct diag *dg) CRM_NODISCARD;
void followup_view_free(struct followup_view *v);

#endif
