/* SPDX-License-Identifier: ISC */
/* id: reads and writes the names of records. */
#include "model/id.h"

#include "base/num.h"
#include "model/schema.h"

enum { TAG_BASE = 36, TAG_MAX = TAG_BASE * TAG_BASE, DIGITS_MAX = 15 };

bool
id_eq(struct id a, struct id b)
{
	return a.num == b.num && a.kind == b.kind && a.tag == b.tag;
}

int
id_cmp(struct id a, struct id b)
{
	if (a.kind != b.kind)
		return a.kind < b.kind ? -1 : 1;
	if (a.num != b.num)
		return a.num < b.num ? -1 : 1;
	return (a.tag > b.tag) - (a.tag < b.tag);
}

/* 0..35, or -1. */
static int
tag_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'z' ? c - 'a' + 10 : -1;
}

static char
tag_char(int digit)
{
	return (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
}

/* "" or "-b7". */
static bool
tag_parse(struct str s, uint16_t *tag)
{
	int hi, lo;

	*tag = 0;
	if (s.n == 0)
		return true;
	if (s.n != 3 || s.p[0] != '-')
		return false;
	hi = tag_digit(s.p[1]);
	lo = tag_digit(s.p[2]);
	if (hi < 0 || lo < 0)
		return false;
	*tag = (uint16_t)(1 + hi * TAG_BASE + lo);
	return true;
}

static size_t
span(struct str s, size_t at, char lo, char hi)
{
	while (at < s.n && s.p[at] >= lo && s.p[at] <= hi)
		at++;
	return at;
}

/* The number behind a letter and nothing else, as in nearly all ids; 0: it is
 * something else. */
static uint64_t
plain_number(struct str text)
{
	enum { FEW = 12 };
	uint64_t num = 0;

	if (text.n < 2 || text.n > FEW || text.p[1] == '0')
		return 0;
	for (size_t i = 1; i < text.n; i++) {
		unsigned digit = (unsigned)text.p[i] - '0';

		if (digit > 9)
			return 0;
		num = num * 10 + digit;
	}
	return num;
}

bool
id_parse(const struct schema *s, struct str text, struct id *out)
{
	size_t letters, end;
	const struct kind *k;
	struct id id = {.num = plain_number(text)};

	k = id.num ? schema_kind_prefix(s, str_head(text, 1)) : NULL;
	if (k) {
		id.kind = k->no;
		*out = id;
		return true;
	}
	*out = id = (struct id){0};
	if (text.n < 2 || text.n > ID_TEXT_MAX)
		return false;
	letters = span(text, 0, 'a', 'z');
	end = span(text, letters, '0', '9');
	if (letters == 0 || end == letters || end - letters > DIGITS_MAX ||
	    text.p[letters] == '0')
		return false;
	for (size_t i = letters; i < end; i++)
		id.num = id.num * 10 + (uint64_t)(text.p[i] - '0');
	if (id.num > ID_NUM_MAX || !tag_parse(str_from_pos(text, end), &id.tag))
		return false;
	k = schema_kind_prefix(s, str_head(text, letters));
	if (!k)
		return false;
	id.kind = k->no;
	*out = id;
	return true;
}

char *
id_write(struct str prefix, struct id id, char *p)
{
	for (size_t i = 0; i < prefix.n; i++)
		*p++ = prefix.p[i];
	p = num_write(p, id.num);
	if (id.tag == 0 || id.tag > TAG_MAX)
		return p;
	p[0] = '-';
	p[1] = tag_char((id.tag - 1) / TAG_BASE);
	p[2] = tag_char((id.tag - 1) % TAG_BASE);
	return p + 3;
}

void
id_print(const struct schema *s, struct id id, struct buf *out)
{
	const struct kind *k = schema_kind_no(s, id.kind);
	char *p, *end;

	if (!k)
		buf_addf(out, "?%u:", (unsigned)id.kind);
	p = buf_room(out, (k ? k->prefix.n : 0) + ID_TEXT_MAX);
	if (!p)
		return;
	end = id_write(k ? k->prefix : (struct str){0}, id, p);
	*end = '\0';
	out->n = (size_t)(end - out->p);
}

void
id_put(struct id id, unsigned char out[ID_BYTES])
{
	num_put48(out, id.num);
	num_put16(out + 6, id.tag);
}

struct id
id_get(uint16_t kind, const unsigned char in[ID_BYTES])
{
	return (struct id){
	    .num = num_get48(in), .kind = kind, .tag = num_get16(in + 6)};
}
