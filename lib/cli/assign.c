/* SPDX-License-Identifier: ISC */
/* assign: values of operands that stand in a file or on standard input. */
#include "cli/assign.h"

#include "crm/write.h"

enum crm_err
cli_assign(struct cli *c, struct str word, struct buf *hold, struct assign *out,
    bool *yes)
{
	struct str v;
	enum crm_err err;

	*yes = assign_parse(word, out);
	if (!*yes)
		return CRM_OK;
	v = out->value;
	if (str_starts(v, STR("@@"))) {
		out->value = str_from_pos(v, 1);
		return CRM_OK;
	}
	if (!str_is(v, "-") && !str_starts(v, STR("@")))
		return CRM_OK;
	/* Operands are arguments: a NUL ends them. */
	err = cli_slurp(c, str_is(v, "-") ? "-" : v.p + 1, hold);
	out->value = str_of(hold);
	if (err && !str_is(v, "-"))
		diag_more(&c->diag,
		    "; after = an @ names a file, write @@ for a text that "
		    "starts with @");
	return err;
}

enum crm_err
cli_assign_field(struct cli *c, uint16_t kind, const struct assign *a)
{
	const struct kind *k = schema_kind_no(store_schema(c->store), kind);
	const struct field *f;
	enum crm_err err = writer_field(k, a->field, true, &f, &c->diag);

	if (err == CRM_USAGE)
		diag_more(&c->diag, "; put -- before a text");
	return err;
}
