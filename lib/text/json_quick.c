/* SPDX-License-Identifier: ISC */
/* json_quick: what most objects are made of, and nothing else. */
#include "text/json_quick.h"

#include "base/utf8.h"

/* Every function is true when it took what it is called after, and false when
 * there is anything that it does not know: then all is left to jansson. */
struct quick {
	struct json_cells *c;
	struct str s;
	size_t at;
	struct diag why; /* said again by the slow way */
};

static size_t
digits(struct str s, size_t at)
{
	while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
		at++;
	return at;
}

size_t
json_number_end(struct str s, size_t at)
{
	size_t from = at + (s.p[at] == '-');
	size_t end = digits(s, from);
	size_t more;

	if (end == from || (s.p[from] == '0' && end > from + 1))
		return at;
	if (end < s.n && s.p[end] == '.') {
		more = digits(s, end + 1);
		if (more == end + 1)
			return at;
		end = more;
	}
	if (end < s.n && (s.p[end] == 'e' || s.p[end] == 'E')) {
		from = end + 1;
		if (from < s.n && (s.p[from] == '+' || s.p[from] == '-'))
			from++;
		more = digits(s, from);
		if (more == from)
			return at;
		end = more;
	}
	return end;
}

/* The next byte that is no blank; NUL at the end. */
static char
peek(struct quick *q)
{
	while (q->at < q->s.n) {
		char b = q->s.p[q->at];
		if (b != ' ' && b != '\n' && b != '\r' && b != '\t')
			return b;
		q->at++;
	}
	return '\0';
}

static bool
eat(struct quick *q, char b)
{
	if (peek(q) != b)
		return false;
	q->at++;
	return true;
}

/* Bytes of a string up to its '"', which is passed over (*whole), or up to an
 * escape. */
static bool
run(struct quick *q, struct str *out, bool *whole)
{
	size_t at = q->at;
	const char *p = q->s.p;

	while (at < q->s.n && p[at] != '"' && p[at] != '\\' &&
	       (unsigned char)p[at] >= 0x20)
		at++;
	if (at == q->s.n || (unsigned char)p[at] < 0x20)
		return false;
	*out = (struct str){.p = p + q->at, .n = at - q->at};
	*whole = p[at] == '"';
	q->at = at + *whole;
	return true;
}

static bool
string(struct quick *q, struct str *out, bool *whole)
{
	return eat(q, '"') && run(q, out, whole);
}

/* Four hex digits that are a character of their own. */
static bool
unicode(struct quick *q, uint32_t *out)
{
	uint32_t c = 0;

	if (q->s.n - q->at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char b = q->s.p[q->at++];
		char low = (char)(b | 0x20);
		if (b >= '0' && b <= '9')
			c = c << 4 | (uint32_t)(b - '0');
		else if (low >= 'a' && low <= 'f')
			c = c << 4 | (uint32_t)(low - 'a' + 10);
		else
			return false;
	}
	*out = c;
	return c && (c < 0xd800 || c > 0xdfff);
}

/* The escape at the cursor. */
static bool
escape(struct quick *q)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	uint32_t c = 0;

	if (q->s.n - q->at < 2)
		return false;
	char b = q->s.p[q->at + 1];
	const char *hit = memchr(from, b, sizeof(from) - 1);
	q->at += 2;
	if (hit) {
		buf_addc(&q->c->texts, to[hit - from]);
		return true;
	}
	if (b != 'u' || !unicode(q, &c))
		return false;
	utf8_put(c, &q->c->texts);
	return true;
}

/* What is left of a string with escapes, to the end of the texts. */
static bool
escaped(struct quick *q, struct str start)
{
	bool whole = false;

	while (!whole) {
		buf_add(&q->c->texts, start);
		if (!escape(q) || !run(q, &start, &whole))
			return false;
	}
	buf_add(&q->c->texts, start);
	return true;
}

static bool
word(struct quick *q, const char *w)
{
	struct str rest = str_from_pos(q->s, q->at);

	if (!str_starts(rest, str_from(w)))
		return false;
	q->at += strlen(w);
	return true;
}

/* A value that is no string and has no brackets. */
static bool
bare(struct quick *q, struct str *out)
{
	size_t end = q->at;
	char b = peek(q);

	if (b == 't') {
		*out = STR("yes");
		return word(q, "true");
	}
	if (b == 'f') {
		*out = STR("no");
		return word(q, "false");
	}
	if (b == 'n') {
		*out = STR("");
		return word(q, "null");
	}
	if (b != '-' && (b < '0' || b > '9'))
		return false;
	end = json_number_end(q->s, q->at);
	*out = (struct str){.p = q->s.p + q->at, .n = end - q->at};
	q->at = end;
	return out->n > 0;
}

/* One item behind the others in the texts; *n counts those that are not
 * empty. */
static bool
list_item(struct quick *q, size_t *n)
{
	struct buf *texts = &q->c->texts;
	size_t was = texts->n, from;
	struct str text = {0};
	bool whole = true;

	if (*n)
		buf_addc(texts, ',');
	from = texts->n;
	if (peek(q) == '"') {
		if (!string(q, &text, &whole))
			return false;
	} else if (!bare(q, &text)) {
		return false;
	}
	if (whole)
		buf_add(texts, text);
	else if (!escaped(q, text))
		return false;
	if (texts->failed)
		return false;
	if (texts->n == from) {
		texts->n = was;
		return true;
	}
	++*n;
	return memchr(texts->p + from, ',', texts->n - from) == NULL;
}

static bool
list(struct quick *q)
{
	size_t at = q->c->texts.n, n = 0;

	do {
		if (!list_item(q, &n))
			return false;
	} while (eat(q, ','));
	return eat(q, ']') && !json_cells_add_text(q->c, at, &q->why);
}

static bool value(struct quick *q);

static bool
items(struct quick *q)
{
	size_t n = 0;

	json_cells_open(q->c);
	do {
		size_t was = json_cells_item(q->c, n++);
		if (!value(q))
			return false;
		json_cells_leave(q->c, was);
	} while (eat(q, ','));
	return eat(q, ']');
}

static bool
array(struct quick *q)
{
	q->at++;
	if (eat(q, ']'))
		return !json_cells_add(q->c, STR(""), &q->why);
	char b = peek(q);
	return b == '{' || b == '[' ? items(q) : list(q);
}

/* Behind its '{'. */
static bool
members(struct quick *q, bool inner)
{
	if (inner)
		json_cells_open(q->c);
	do {
		struct str name;
		bool whole = true;
		if (!string(q, &name, &whole) || !whole || !eat(q, ':'))
			return false;
		size_t was = json_cells_enter(q->c, inner, name);
		if (!value(q))
			return false;
		json_cells_leave(q->c, was);
	} while (eat(q, ','));
	return eat(q, '}');
}

static bool
text(struct quick *q)
{
	size_t at = q->c->texts.n;
	struct str s;
	bool whole = true;

	if (!string(q, &s, &whole))
		return false;
	if (whole)
		return !json_cells_add(q->c, s, &q->why);
	return escaped(q, s) && !json_cells_add_text(q->c, at, &q->why);
}

/* json_split has bounded the brackets. */
static bool
value(struct quick *q)
{
	struct str s;

	switch (peek(q)) {
	case '"':
		return text(q);
	case '{':
		q->at++;
		if (eat(q, '}'))
			return !json_cells_add(q->c, STR(""), &q->why);
		return members(q, true);
	case '[':
		return array(q);
	default:
		return bare(q, &s) && !json_cells_add(q->c, s, &q->why);
	}
}

bool
json_quick(struct json_cells *c, struct str raw)
{
	struct quick q = {.c = c, .s = raw};
	size_t bad = 0;
	bool ok;

	json_cells_reset(c);
	ok = eat(&q, '{') && members(&q, false) && q.at == raw.n &&
	     !json_cells_end(c, &q.why) && json_cells_known(c) &&
	     c->shapes[c->last].plain && utf8_valid(raw, &bad);
	diag_clear(&q.why);
	return ok;
}
