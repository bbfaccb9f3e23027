/* SPDX-License-Identifier: ISC */
/* name: names and paths of records' files. */
#include "history/name.h"

#include "base/num.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* How many bytes at the beginning of S are of that sort. */
static size_t
span(struct str s, bool (*sort)(char))
{
	size_t n = 0;

	while (n < s.n && sort(s.p[n]))
		n++;
	return n;
}

static bool
is_tag(char c)
{
	return is_lower(c) || is_digit(c);
}

bool
file_name_parse(struct str name, struct file_name *out)
{
	size_t letters = span(name, is_lower);
	struct str rest = str_from_pos(name, letters);
	size_t digits = span(rest, is_digit);
	struct str number = str_head(rest, digits);

	if (letters == 0 || letters > NAME_PREFIX_MAX || digits == 0 ||
	    name.n > NAME_MAX_BYTES)
		return false;
	if ((digits > 1 && number.p[0] == '0') || !num_u64(number, &out->num))
		return false;
	rest = str_from_pos(rest, digits);
	if (rest.n == 1 || (rest.n > 1 && rest.p[0] != '-'))
		return false;
	if (rest.n > 1 && span(str_from_pos(rest, 1), is_tag) != rest.n - 1)
		return false;
	out->prefix = str_head(name, letters);
	out->name = name;
	return true;
}

bool
name_prefix_ok(struct str prefix)
{
	return prefix.n > 0 && prefix.n <= NAME_PREFIX_MAX &&
	       span(prefix, is_lower) == prefix.n;
}

bool
name_ok(const struct file_name *f)
{
	struct file_name real;

	return file_name_parse(f->name, &real) && real.num == f->num &&
	       str_eq(real.prefix, f->prefix);
}

struct str
name_number(uint64_t n, char room[NAME_NUMBER_MAX])
{
	char *end = room + NAME_NUMBER_MAX;
	char *p = end;

	while (n > 0 || end - p < 2) {
		*--p = (char)('0' + n % 10);
		n /= 10;
	}
	return (struct str){.p = p, .n = (size_t)(end - p)};
}

bool
name_number_parse(struct str s, uint64_t *out)
{
	return s.n >= 2 && (s.n == 2 || s.p[0] != '0') && num_u64(s, out);
}

void
file_path(const struct file_name *f, struct buf *out)
{
	char room[NAME_NUMBER_MAX];

	buf_add(out, f->prefix);
	buf_addc(out, '/');
	buf_add(out, name_number(name_high(f->num), room));
	buf_addc(out, '/');
	buf_add(out, name_number(name_mid(f->num), room));
	buf_addc(out, '/');
	buf_add(out, f->name);
}

uint64_t
name_high(uint64_t num)
{
	return num / 10000;
}

uint64_t
name_mid(uint64_t num)
{
	return num / 100 % 100;
}
