/* SPDX-License-Identifier: ISC */
/* content: content lines of vCard and iCalendar: escape, fold, end. */
#include "text/content.h"

#include "base/date.h"

enum { FOLD = 75 }; /* bytes of a line without its CR LF */

/* A line is written where it stays, and folded only when it is too long.
 * Returns where it starts. */
static size_t
line_start(struct buf *to, const char *name, const char *params)
{
	size_t from = to->n;

	buf_addz(to, name);
	if (params)
		buf_addz(to, params);
	buf_addc(to, ':');
	return from;
}

/* Appends LINE folded: no line over 75 bytes, no character split; a line
 * that goes on starts with a blank, which counts. */
static void
line_fold(struct buf *to, struct str line)
{
	size_t room = FOLD;

	while (line.n > room) {
		size_t n = room;
		while (n > 1 && ((unsigned char)line.p[n] & 0xc0) == 0x80)
			n--;
		buf_add(to, str_head(line, n));
		buf_addz(to, "\r\n ");
		line = str_from_pos(line, n);
		room = FOLD - 1;
	}
	buf_add(to, line);
}

static void
line_end(struct buf *to, size_t from)
{
	if (to->n - from > FOLD) {
		struct buf copy = {0};
		buf_add(&copy, str_from_pos(str_of(to), from));
		to->n = from;
		line_fold(to, str_of(&copy));
		to->failed |= copy.failed;
		buf_clear(&copy);
	}
	buf_addz(to, "\r\n");
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

static size_t
plain_span(struct str s)
{
	size_t i = 0;
	while (i < s.n && !is_control(s.p[i]) && s.p[i] != ',' &&
	       s.p[i] != ';' && s.p[i] != '\\')
		i++;
	return i;
}

/* The four escapes of TEXT; CR LF is one line feed, as is a lone LF. */
static void
add_escaped(struct buf *to, struct str text)
{
	while (text.n > 0) {
		size_t n = plain_span(text);
		buf_add(to, str_head(text, n));
		if (n == text.n)
			return;
		char c = text.p[n];
		if (c == '\n')
			buf_addz(to, "\\n");
		else if (!is_control(c))
			buf_add(to, (struct str){(char[]){'\\', c}, 2});
		else if (c == '\t')
			buf_addc(to, c);
		text = str_from_pos(text, n + 1);
	}
}

void
content_text(
    struct buf *to, const char *name, const char *params, struct str text)
{
	content_parts(to, name, params, &text, 1);
}

void
content_list(
    struct buf *to, const char *name, const char *params, struct str items)
{
	if (items.n == 0)
		return;
	size_t from = line_start(to, name, params);
	for (struct str rest = items; rest.p;) {
		add_escaped(to, str_cut(&rest, ','));
		if (rest.p)
			buf_addc(to, ',');
	}
	line_end(to, from);
}

void
content_parts(struct buf *to, const char *name, const char *params,
    const struct str *parts, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any |= parts[i].n > 0;
	if (!any)
		return;
	size_t from = line_start(to, name, params);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(to, ';');
		add_escaped(to, parts[i]);
	}
	line_end(to, from);
}

void
content_raw(
    struct buf *to, const char *name, const char *params, struct str value)
{
	if (value.n == 0)
		return;
	size_t from = line_start(to, name, params);
	for (size_t i = 0; i < value.n; i++) {
		if (!is_control(value.p[i]))
			buf_addc(to, value.p[i]);
	}
	line_end(to, from);
}

void
content_param(struct buf *params, const char *name, struct str value)
{
	bool quote = false;

	if (value.n == 0)
		return;
	for (size_t i = 0; i < value.n; i++)
		quote |= memchr(",;:", value.p[i], 3) != NULL;
	buf_addf(params, ";%s=%s", name, quote ? "\"" : "");
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		if (c == '^')
			buf_addz(params, "^^");
		else if (c == '"')
			buf_addz(params, "^'");
		else if (c == '\n')
			buf_addz(params, "^n");
		else if (!is_control(c))
			buf_addc(params, c);
	}
	if (quote)
		buf_addc(params, '"');
}

bool
content_time(struct buf *to, struct str text, bool *is_day)
{
	int64_t utc = 0;
	int day = 0;
	struct buf t = {0};

	bool plain = date_parse(text, &day);
	if (!plain && !time_parse(text, &utc))
		return false;
	if (plain)
		date_print(day, &t);
	else
		time_print(utc, &t);
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] != '-' && t.p[i] != ':')
			buf_addc(to, t.p[i]);
	}
	to->failed |= t.failed;
	buf_clear(&t);
	if (is_day)
		*is_day = plain;
	return true;
}
