/* SPDX-License-Identifier: ISC */
/*
 * template: a text with places for the fields of a record, read once and
 * filled in for each:
 *
 *     {{name}} {{org.name}}      the value; several with ", " between
 *     {{today}}                  the day, 2026-03-02
 *     {{#street}}...{{/street}}  only when there is a value
 *     {{^street}}...{{/street}}  only when there is none
 *     {{! remark }}              nothing
 *     {{"text"}}                 that text, whatever it is: {{"{{"}}
 *
 * Blanks within the braces do not count. A tag that prints nothing and stands
 * alone on its line takes the line along. Of more than two braces together the
 * inner two are the tag's: \name{{{name}}} is a value in braces.
 */
#ifndef CRM_TEMPLATE_H
#define CRM_TEMPLATE_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "crm/exporter.h"
#include "model/record.h"
#include "store/store.h"

struct template;

enum template_use {
	TEMPLATE_TEXT,
	/* A file name: in values '/' and control characters become '_', and
	 * so do dots in front and an empty value. */
	TEMPLATE_PATH
};

struct template_options {
	struct store *store;
	const struct clock *clock;
	const struct kind *kind; /* of the records */
	const char *name;	 /* of the text, for messages */
	enum template_use use;
};

/*
 * TEXT may go away afterwards; store and clock outlive the template. CRM_DATA
 * with NAME:LINE:COLUMN: in front (columns are characters, from 1): an unknown
 * field, with the nearest name; a section that is not closed, or closed by
 * another name; a tag without end.
 */
enum crm_err template_new(struct template **out, struct str text,
    const struct template_options *o, struct diag *dg) CRM_NODISCARD;
void template_free(struct template *t); /* NULL is fine */

/* Appends the text filled in with the values of R, a record of the kind. */
enum crm_err template_fill(struct template *t, const struct record *r,
    struct buf *out, struct diag *dg) CRM_NODISCARD;

/* Does TEXT have a tag? */
bool template_has_tag(struct str text);

/* One text behind the other; TEXT and NAME outlive the exporter. */
enum crm_err template_exporter(struct exporter **out, struct str text,
    const char *name, const struct exporter_options *o,
    struct diag *dg) CRM_NODISCARD;

#endif
