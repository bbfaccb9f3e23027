/* SPDX-License-Identifier: ISC */
/*
 * change: what a transaction does to which field of which record. Every
 * change of a store is one of these and passes store_apply; the journal is
 * hung there.
 */
#ifndef CRM_CHANGE_H
#define CRM_CHANGE_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "model/id.h"
#include "model/schema.h"

/* Who, when, how and why: one per transaction. Borrowed for its length. */
struct change_origin {
	int64_t time;	    /* UTC seconds */
	struct str user;    /* login name */
	struct str command; /* "crm-edit", values left out */
	struct str reason;  /* -m; may be empty */
};

enum change_op { CHANGE_CREATE, CHANGE_UPDATE, CHANGE_DELETE };

/* One field of one record. The store fills in what was there before; an
 * empty text is no value. */
struct change_field {
	const struct field *field;
	struct str before;
	struct str after;
};

/* CREATE: id.num 0 asks for the next id; fields are those with a value.
 * UPDATE: the fields that differ. DELETE: no fields are needed; the store
 * lists all that were there. */
struct change {
	enum change_op op;
	const struct kind *kind;
	struct id id;
	struct change_field *fields;
	size_t nfields;
	/* The record becomes just what is said: nothing is filled in, created
	 * and updated are as given. Undo and restore need that. */
	bool exact;
};

#endif
