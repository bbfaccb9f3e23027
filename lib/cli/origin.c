/* SPDX-License-Identifier: ISC */
/*
 * origin: the command line as the journal and the git history keep it. No
 * value of a record may get there, as a history outlives what is erased: a
 * name in an operand may be one, so what is not known to be none is left out.
 */
#include "cli/rooms.h"

enum { COMMAND_MAX = 160 };

static size_t
count(struct str s, const char *set)
{
	size_t n = 0;

	while (n < s.n && strchr(set, s.p[n]) && s.p[n] != '\0')
		n++;
	return n;
}

static const char *const letters = "abcdefghijklmnopqrstuvwxyz";
static const char *const names = "abcdefghijklmnopqrstuvwxyz_0123456789";

/* "c42", "c42-b7", or "-"; not "anna2", which may be a name. */
static bool
is_id(const struct schema *schema, struct str w)
{
	struct id id;

	return str_is(w, "-") || (schema && id_parse(schema, w, &id));
}

/* What may stay of a word: all, up to the sign of an assignment, nothing. */
static struct str
kept(const struct schema *schema, struct str w, char how)
{
	size_t n = count(w, names);
	struct str rest = str_from_pos(w, n);

	if ((how == 'i' || how == 'e') && is_id(schema, w))
		return w;
	if (how == 'w' && count(w, letters) == w.n)
		return w;
	if (how == 'e' && n > 0 && rest.n > 0 && rest.p[0] == '=')
		return str_head(w, n + 1);
	if (how == 'e' && n > 0 && rest.n > 1 &&
	    (rest.p[0] == '+' || rest.p[0] == '-') && rest.p[1] == '=')
		return str_head(w, n + 2);
	return (struct str){0};
}

void
origin_command(const struct command *cmd, const struct schema *schema,
    const struct str *words, size_t n, struct buf *out)
{
	const char *how = cmd->keeps ? cmd->keeps : "x";
	bool hidden = false;

	buf_addz(out, cmd->name);
	for (size_t i = 0; i < n; i++) {
		struct str w = kept(schema, words[i], *how);

		if (how[1] != '\0')
			how++;
		if (out->n + w.n > COMMAND_MAX)
			w.n = 0;
		if (w.n == 0 && hidden)
			continue;
		hidden = w.n == 0;
		buf_addc(out, ' ');
		buf_add(out, hidden ? STR("...") : w);
	}
}
