/* SPDX-License-Identifier: ISC */
/* profile: what it says of itself, and whether it fits a file. */
#include "crm/profile_impl.h"

#include "base/num.h"

void *
profile_room(void *array, size_t n, size_t size)
{
	/* Doubled whenever N is a power of two: no capacity to keep. */
	if (n & (n - 1))
		return array;
	if (n > SIZE_MAX / 2 / size)
		return NULL;
	return realloc(array, (n ? 2 * n : 1) * size);
}

void
profile_free(struct profile *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->nmaps; i++)
		free(p->maps[i]);
	free(p->maps);
	free(p->keys);
	free(p->match);
	free(p->unless);
	free(p->lines);
	free(p->steps);
	free(p->sets);
	buf_clear(&p->text);
	free(p);
}

const char *
profile_known(size_t i, struct str *text)
{
	if (i >= profile_texts_count)
		return NULL;
	*text = (struct str){profile_texts[i].text, profile_texts[i].n};
	return profile_texts[i].name;
}

struct str
profile_name(const struct profile *p)
{
	return p->name;
}

struct str
profile_title(const struct profile *p)
{
	return p->title;
}

struct str
profile_kind(const struct profile *p)
{
	return p->kind;
}

const struct str *
profile_keys(const struct profile *p, size_t *n)
{
	*n = p->nkeys;
	return p->keys;
}

bool
line_takes(const struct rule_line *line, struct str name, uint64_t *number)
{
	static const size_t hole = sizeof("{n}") - 1;
	struct str c = line->column, head, tail;
	size_t digits = 0;

	name = str_trim(name);
	*number = 0;
	if (line->hole >= c.n)
		return str_ieq(name, c);
	head = str_head(c, line->hole);
	tail = str_from_pos(c, line->hole + hole);
	if (name.n <= head.n + tail.n ||
	    !str_ieq(str_head(name, head.n), head) ||
	    !str_ieq(str_from_pos(name, name.n - tail.n), tail))
		return false;
	digits = name.n - head.n - tail.n;
	name = str_head(str_from_pos(name, head.n), digits);
	return name.p[0] != '+' && name.p[0] != '-' && num_u64(name, number);
}

/* MATCH and UNLESS have no {n}: one of a number would always do. */
static bool
names_have(const struct str *names, size_t n, struct str column)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(str_trim(names[i]), column))
			return true;
	return false;
}

static bool
profile_knows(const struct profile *p, struct str name)
{
	uint64_t number;

	for (size_t i = 0; i < p->nlines; i++)
		if (p->lines[i].column.n &&
		    line_takes(&p->lines[i], name, &number))
			return true;
	return false;
}

size_t
profile_fits(const struct profile *p, const struct str *names, size_t n)
{
	size_t known = 0;

	for (size_t i = 0; i < p->nmatch; i++)
		if (!names_have(names, n, p->match[i]))
			return 0;
	for (size_t i = 0; i < p->nunless; i++)
		if (names_have(names, n, p->unless[i]))
			return 0;
	for (size_t i = 0; i < n; i++)
		known += profile_knows(p, names[i]);
	return known;
}
