/* SPDX-License-Identifier: ISC */
/* comb: all keys of an index looked through by two threads, one from each end
 * until they meet, in one snapshot. */
#ifndef CRM_STORE_COMB_H
#define CRM_STORE_COMB_H

#include "store/store.h"

struct comb_spec {
	const struct field *field;
	/* Asked of a key as scan_key gives it, once for most that are equal,
	 * with ARG in this thread and with AID in another one. */
	bool (*want)(void *arg, struct str key);
	void *arg, *aid;
};

/*
 * The ids whose key is wanted, in no order, as pick takes them; *ids is the
 * caller's to free. *done is false where a scan does as well, the index being
 * small or somebody writing. Ends all views of the store.
 */
enum crm_err comb_index(struct store *s, const struct comb_spec *spec,
    uint64_t **ids, size_t *n, bool *done, struct diag *dg) CRM_NODISCARD;

#endif
