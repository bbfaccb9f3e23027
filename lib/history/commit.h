/* SPDX-License-Identifier: ISC */
/* commit: a commit as views into its bytes, for those who read many. */
#ifndef CRM_HISTORY_COMMIT_H
#define CRM_HISTORY_COMMIT_H

#include "history/object.h"

struct commit_view {
	struct oid tree, parent; /* the first parent */
	unsigned parents;
	int64_t time;
	bool marked; /* it has a trailer */
	uint64_t txn;
	struct str author, message;
};

/* False when RAW is no commit. */
bool commit_parse(struct str raw, struct commit_view *out) CRM_NODISCARD;

/* Reads the commit ID; OUT's views live in RAW. */
enum crm_err commit_view_read(struct repo *r, struct oid id, struct buf *raw,
    struct commit_view *out, struct diag *dg) CRM_NODISCARD;

#endif
