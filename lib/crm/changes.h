/* SPDX-License-Identifier: ISC */
/*
 * changes: what happened to records as rows, one a field: id, field, old, new
 * and whose doing it was.
 *
 * The time of the last change of a record, "updated", is left out unless it is
 * all that differs. A new record has a row for every field with a value and
 * nothing in "old", a deleted one for every field with nothing in "new"; the
 * first of them is "created". A record without any field gives a row without
 * a field.
 */
#ifndef CRM_CHANGES_H
#define CRM_CHANGES_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "crm/past.h"
#include "store/journal.h"
#include "text/emit.h"

/* A row of nothing stands for no record. */
struct changes_of {
	enum change_op op;
	struct id id;
	struct row before, after;
};

/* FIELD, OLD and NEW live until it returns; an error of FN ends it. */
enum crm_err changes_each(struct past *p, const struct changes_of *c,
    enum crm_err (*fn)(
	void *arg, struct str field, struct str old, struct str new),
    void *arg, struct diag *dg) CRM_NODISCARD;

struct changes;

enum changes_set {
	CHANGES_LOG, /* txn time user command reason id field old new */
	CHANGES_NET  /* id field old new */
};

/* FIELDS is a list of these columns or NULL for all. CRM_USAGE for any other
 * name, with the nearest. PAST outlives it. */
enum crm_err changes_new(struct changes **out, struct past *past,
    enum changes_set set, const char *fields, struct diag *dg) CRM_NODISCARD;
void changes_free(struct changes *w);
enum crm_err changes_begin(
    const struct changes *w, struct emit *e, struct diag *dg) CRM_NODISCARD;
/* HEAD may be NULL with CHANGES_NET; *rows is counted up. */
enum crm_err changes_emit(struct changes *w, struct emit *e,
    const struct journal_head *head, const struct changes_of *c, uint64_t *rows,
    struct diag *dg) CRM_NODISCARD;

#endif
