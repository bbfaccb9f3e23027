/* SPDX-License-Identifier: ISC */
/* schema_choice: the values of an enumeration, from their definition. */
#include "base/num.h"
#include "base/utf8.h"
#include "model/schema.h"
#include "model/schema_impl.h"
#include "model/value.h"

enum { WEIGHT_MAX = 1000000 };

static enum crm_err
choice_check(const struct field *f, struct str name, struct diag *dg)
{
	size_t bad;

	if (name.n == 0 || name.n > CHOICE_MAX_BYTES || !utf8_valid(name, &bad))
		return diag_set(dg, CRM_DATA,
		    "values: '%.*s' is no value; write 1 to %d bytes of text",
		    STR_ARG(name), CHOICE_MAX_BYTES);
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7f)
			return diag_set(dg, CRM_DATA,
			    "values: control character in '%.*s'",
			    STR_ARG(name));
	if (field_choice(f, name))
		return diag_set(
		    dg, CRM_DATA, "values: '%.*s' stands twice", STR_ARG(name));
	return CRM_OK;
}

/* "won:100" */
static enum crm_err
choice_parse(struct schema *s, struct field *f, struct str item,
    struct choice *c, struct diag *dg)
{
	bool weighed = str_chr(item, ':') < item.n;
	struct str name = str_trim(str_cut(&item, ':'));
	struct str weight = weighed ? str_trim(item) : (struct str){0};
	struct buf canonical = {0};
	uint64_t w = 0;
	bool odd;
	enum crm_err err;

	if (weighed && (!num_u64(weight, &w) || w > WEIGHT_MAX))
		return diag_set(dg, CRM_DATA,
		    "values: '%.*s' is no weight; write a number from 0 to %d "
		    "behind the colon",
		    STR_ARG(weight), WEIGHT_MAX);
	err = value_normalise(f, name, NULL, &canonical, &odd, dg);
	if (!err)
		err = choice_check(f, str_of(&canonical), dg);
	if (err)
		goto out;
	c->name = schema_copy(s, str_of(&canonical));
	c->weight = weighed ? (int)w : -1;
	if (!c->name.p)
		err = diag_nomem(dg);
out:
	buf_clear(&canonical);
	return err;
}

static enum crm_err
choices_parse(struct schema *s, struct field *f, struct choice *list,
    struct str values, struct diag *dg)
{
	for (struct str rest = values; rest.n;) {
		struct str item = str_trim(str_cut(&rest, ','));
		enum crm_err err;

		if (item.n == 0)
			continue;
		err = choice_parse(s, f, item, &list[f->nchoices], dg);
		if (err)
			return err;
		f->nchoices++;
	}
	return CRM_OK;
}

static enum crm_err
closed_parse(
    struct field *f, struct choice *list, struct str closed, struct diag *dg)
{
	for (struct str rest = closed; rest.n;) {
		struct str item = str_trim(str_cut(&rest, ','));
		size_t i = 0;

		if (item.n == 0)
			continue;
		while (i < f->nchoices && !str_ieq(list[i].name, item))
			i++;
		if (i == f->nchoices)
			return diag_set(dg, CRM_DATA,
			    "closed: '%.*s' is not among the values",
			    STR_ARG(item));
		list[i].closed = true;
	}
	return CRM_OK;
}

static size_t
commas(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == ',';
	return n;
}

enum crm_err
schema_choices(struct schema *s, struct field *f, const struct field_def *d,
    struct diag *dg)
{
	struct choice *list;
	enum crm_err err;

	if (f->type != TYPE_ENUM) {
		if (d->values.n || d->closed.n)
			return diag_set(
			    dg, CRM_DATA, "values: only type=enum has them");
		return CRM_OK;
	}
	list = schema_alloc(s, (commas(d->values) + 1) * sizeof *list);
	if (!list)
		return diag_nomem(dg);
	f->choices = list;
	err = choices_parse(s, f, list, d->values, dg);
	if (err)
		return err;
	if (f->nchoices == 0)
		return diag_set(dg, CRM_DATA,
		    "values: an enum needs some, as in values=low,high");
	return closed_parse(f, list, d->closed, dg);
}
