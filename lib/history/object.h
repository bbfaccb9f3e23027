/* SPDX-License-Identifier: ISC */
/* object: what git calls an object: a type, bytes, and the SHA-1 of both. */
#ifndef CRM_OBJECT_H
#define CRM_OBJECT_H

#include "history/repo.h"

enum object_type {
	OBJECT_COMMIT = 1,
	OBJECT_TREE = 2,
	OBJECT_BLOB = 3,
};

const char *object_type_name(enum object_type t); /* "commit" .. */
struct oid object_id(enum object_type t, struct str data);

/*
 * Reads the object ID of type T from the repository into OUT, which is
 * emptied first. CRM_CONFIG when it is missing, damaged or of another type.
 */
enum crm_err object_read(struct repo *r, struct oid id, enum object_type t,
    struct buf *out, struct diag *dg) CRM_NODISCARD;

/* Who will read many objects: from now on they come straight out of the packs
 * that are there now, where that is possible. */
void repo_read_many(struct repo *r);

#endif
