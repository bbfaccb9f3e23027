/* SPDX-License-Identifier: ISC */
/* assign: takes an operand apart at its operator. */
#include "crm/assign.h"

static bool
name_byte(char c, bool first)
{
	if (c >= 'a' && c <= 'z')
		return true;
	if (first)
		return false;
	return (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

static bool
name_valid(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!name_byte(s.p[i], i == 0))
			return false;
	return s.n > 0;
}

bool
assign_parse(struct str word, struct assign *out)
{
	size_t eq = str_chr(word, '=');
	struct str name = str_head(word, eq);

	if (eq == word.n)
		return false;
	out->op = ASSIGN_SET;
	if (name.n > 1 && name.p[name.n - 1] == '+')
		out->op = ASSIGN_ADD;
	else if (name.n > 1 && name.p[name.n - 1] == '-')
		out->op = ASSIGN_REMOVE;
	if (out->op != ASSIGN_SET)
		name.n--;
	out->field = name;
	out->value = str_from_pos(word, eq + 1);
	return name_valid(name);
}
