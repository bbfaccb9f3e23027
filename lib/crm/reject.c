/* SPDX-License-Identifier: ISC */
/* reject: columns of refused rows. */
#include "crm/reject.h"

static bool
is_line(struct str name)
{
	return str_is(name, REJECT_LINE) || str_is(name, REJECT_LINE_ELSE);
}

static bool
is_reason(struct str name)
{
	return str_is(name, REJECT_REASON) || str_is(name, REJECT_REASON_ELSE);
}

bool
reject_column(const struct kind *k, struct str name)
{
	return (is_line(name) || is_reason(name)) && !schema_field(k, name);
}

static bool
is_field(const struct schema *s, struct str name)
{
	const struct kind *k = schema_kind_at(s, 0);
	bool is = false;

	for (size_t i = 1; k && !is; k = schema_kind_at(s, i++))
		is = schema_field(k, name) != NULL;
	return is;
}

size_t
reject_kept(const struct schema *s, const struct reject_input *in, bool line)
{
	const struct str *end = in->names + in->n;

	if (in->n <= (line ? 2 : 1) || !is_reason(end[-1]) ||
	    is_field(s, end[-1]))
		return in->n;
	if (!line)
		return in->n - 1;
	return is_line(end[-2]) && !is_field(s, end[-2]) ? in->n - 2 : in->n;
}

static bool
has(const struct reject_input *in, size_t kept, const char *name)
{
	for (size_t i = 0; i < kept; i++)
		if (str_is(in->names[i], name))
			return true;
	return false;
}

const char *
reject_line(const struct reject_input *in, size_t kept)
{
	return has(in, kept, REJECT_LINE) || has(in, kept, REJECT_REASON)
		   ? REJECT_LINE_ELSE
		   : REJECT_LINE;
}

const char *
reject_reason(const struct reject_input *in, size_t kept)
{
	return has(in, kept, REJECT_LINE) || has(in, kept, REJECT_REASON)
		   ? REJECT_REASON_ELSE
		   : REJECT_REASON;
}
