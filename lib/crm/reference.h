/* SPDX-License-Identifier: ISC */
/*
 * reference: what the text in a field of type ref points to, as ids; makes
 * the missing record where that is wanted.
 */
#ifndef CRM_REFERENCE_H
#define CRM_REFERENCE_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "model/schema.h"
#include "store/store.h"

struct references;

struct reference_options {
	const struct clock *clock;
	bool create; /* make what is missing */
	void (*made)(
	    void *arg, struct id id, const struct kind *kind, struct str name);
	void *arg;
};

enum crm_err references_new(struct references **out, struct store *s,
    const struct reference_options *o, struct diag *dg) CRM_NODISCARD;
void references_free(struct references *r);
/* Changes the option. */
void references_create(struct references *r, bool create);
/* Whether the message for a text that means nothing names the nearest, which
 * takes a search: it does at first. */
void references_hints(struct references *r, bool hints);

/*
 * Appends the id (a list field: the ids, each once) that TEXT means for F.
 * *wrote is set when a record was made, which ends the store's views.
 * CRM_DATA when nothing or several records are meant.
 */
enum crm_err references_resolve(struct references *r, const struct field *f,
    struct str text, struct buf *out, bool *wrote,
    struct diag *dg) CRM_NODISCARD;

/* A record of kind K was written: what texts mean may have changed. */
void references_forget(struct references *r, const struct kind *k);

#endif
