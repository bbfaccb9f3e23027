/* SPDX-License-Identifier: ISC */
/*
 * pick: the records of a list of ids whose rows pass, read some at a time, by
 * two threads where the list is long. It survives the renewal of the snapshot
 * as a scan does.
 */
#ifndef CRM_STORE_PICK_H
#define CRM_STORE_PICK_H

#include "store/store.h"

struct pick_spec {
	const struct kind *kind;
	/* Puts the next ids into IDS, ROOM at most: number and tag as one
	 * number, as their key has them. *n = 0: there are no more. */
	enum crm_err (*more)(
	    void *from, uint64_t *ids, size_t room, size_t *n, struct diag *dg);
	void *from;
	size_t about; /* how many ids there will be, as far as known */
	/* Asked of every row; false passes the record over. It must not touch
	 * the store. */
	bool (*pass)(void *arg, const struct row *row);
	void *arg;
	/* When not NULL it may be asked in another thread at the same time,
	 * too, with this. The first pick_next then ends all views of the
	 * store. */
	void *aid;
};
struct pick;

enum crm_err pick_open(struct pick **out, struct store *s,
    const struct pick_spec *spec, struct diag *dg) CRM_NODISCARD;
/* The next one that is there and passes, without its derived fields; *got is
 * false at the end. */
enum crm_err pick_next(struct pick *p, struct record *out, bool *got,
    struct diag *dg) CRM_NODISCARD;
void pick_close(struct pick *p); /* NULL is fine */

#endif
