/* SPDX-License-Identifier: ISC */
/* mbox: messages out of one block of bytes, line by line. */
#include "text/mbox.h"

#include <errno.h>

enum { MBOX_BLOCK = 64 << 10 };

struct mbox {
	struct source src;
	size_t max;
	char *block;
	size_t start, end; /* unread bytes are [start, end) */
	struct str piece;  /* of the line under way: all of it, or a part */
	uint64_t line;	   /* of the piece */
	bool eof, ended;
	bool begins, ends; /* the piece has the line's first, last byte */
	bool timed;	   /* lines between messages have a time of day */
	bool waiting;	   /* the piece is such a line, not yet used */
	struct buf text;
};

static const struct str from_mark = {.p = "From ", .n = 5};

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "14:30" and a year stand in the line. */
static bool
has_time(struct str s)
{
	bool time = false, year = false;
	size_t n = 0; /* digits before i */

	for (size_t i = 0; i < s.n; i++) {
		time |= n == 2 && s.p[i] == ':' && i + 2 < s.n &&
			digit(s.p[i + 1]) && digit(s.p[i + 2]);
		n = digit(s.p[i]) ? n + 1 : 0;
		year |= n == 4;
	}
	return time && year;
}

bool
mbox_like(struct str start)
{
	return str_starts(start, from_mark);
}

enum crm_err
mbox_open(struct mbox **out, const struct source *src,
    const struct mbox_options *o, struct diag *dg)
{
	struct mbox *m = calloc(1, sizeof(*m));

	*out = NULL;
	if (m)
		m->block = malloc(MBOX_BLOCK);
	if (!m || !m->block) {
		mbox_close(m);
		return diag_nomem(dg);
	}
	m->src = *src;
	m->max = o && o->message_max ? o->message_max : MBOX_MESSAGE_MAX;
	m->ends = true;
	*out = m;
	return CRM_OK;
}

void
mbox_close(struct mbox *m)
{
	if (!m)
		return;
	buf_clear(&m->text);
	free(m->block);
	free(m);
}

static enum crm_err
fill(struct mbox *m, struct diag *dg)
{
	ptrdiff_t n = 0;

	memmove(m->block, m->block + m->start, m->end - m->start);
	m->end -= m->start;
	m->start = 0;
	do {
		errno = 0;
		n = m->src.read(
		    m->src.arg, m->block + m->end, MBOX_BLOCK - m->end);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		m->ended = true;
		return diag_set(dg, CRM_IO, "%s: cannot read: %s", m->src.name,
		    strerror(errno));
	}
	m->eof = n == 0;
	m->end += (size_t)n;
	return CRM_OK;
}

/* The next piece, with its LF: a line, or of a line that the block cannot hold
 * a part. It is empty at the end. */
static enum crm_err
next_piece(struct mbox *m, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	size_t seen = 0, n = 0;
	const char *lf = NULL;

	m->begins = m->ends;
	m->line += m->begins;
	for (;;) {
		n = m->end - m->start;
		if (n > seen)
			lf = memchr(m->block + m->start + seen, '\n', n - seen);
		seen = n;
		if (lf || n == MBOX_BLOCK || m->eof || err)
			break;
		err = fill(m, dg);
	}
	if (lf)
		n = (size_t)(lf + 1 - (m->block + m->start));
	m->piece = (struct str){.p = m->block + m->start, .n = n};
	m->start += n;
	m->ends = lf != NULL;
	return err;
}

static bool
blank(const struct mbox *m)
{
	return m->begins &&
	       (str_is(m->piece, "\n") || str_is(m->piece, "\r\n"));
}

/* Behind a blank line: the piece is the line between two messages. */
static bool
parts(const struct mbox *m)
{
	return m->begins && str_starts(m->piece, from_mark) &&
	       (!m->timed || has_time(m->piece));
}

/* Drops the '>' of a quoted line. */
static struct str
unquote(const struct mbox *m)
{
	size_t at = 0;

	if (!m->begins)
		return m->piece;
	while (at < m->piece.n && m->piece.p[at] == '>')
		at++;
	if (at && str_starts(str_from_pos(m->piece, at), from_mark))
		return str_from_pos(m->piece, 1);
	return m->piece;
}

/* The first line between messages says how all of them look. */
static enum crm_err
first_line(struct mbox *m, bool *got, struct diag *dg)
{
	enum crm_err err;

	do {
		err = next_piece(m, dg);
	} while (!err && blank(m));
	if (err)
		return err;
	*got = m->piece.n > 0;
	m->ended = !*got;
	if (!*got)
		return CRM_OK;
	if (str_starts(m->piece, from_mark)) {
		m->timed = has_time(m->piece);
		m->waiting = true;
		return CRM_OK;
	}
	m->ended = true;
	*got = false;
	return diag_set(dg, CRM_DATA,
	    "%s:%llu: this is no mail box: a message begins with a line "
	    "'From NAME@HOST DATE'; give a single message a name that ends "
	    "in .eml",
	    m->src.name, (unsigned long long)m->line);
}

/* Keeps a piece of the message, unless that is too long; LONGER then. */
static void
keep(struct mbox *m, struct str piece, bool *longer)
{
	if (!*longer && piece.n > m->max - m->text.n) {
		*longer = true;
		buf_clear(&m->text);
	}
	if (!*longer)
		buf_add(&m->text, piece);
}

/* Collects what stands between two lines "From ". The blank line before the
 * second belongs to that. */
static enum crm_err
read_message(struct mbox *m, bool *longer, struct diag *dg)
{
	bool was_blank = false, body = false;
	struct str gap = {0};
	enum crm_err err;

	for (;;) {
		bool rest = !m->ends;
		err = next_piece(m, dg);
		if (err || !m->piece.n)
			break;
		if (rest && m->waiting)
			continue; /* of the line "From " itself */
		m->waiting = false;
		if (was_blank && parts(m))
			break;
		if (was_blank)
			keep(m, gap, longer);
		was_blank = blank(m);
		body |= was_blank;
		gap = m->piece.n == 1 ? STR("\n") : STR("\r\n");
		if (!was_blank)
			keep(m, body ? unquote(m) : m->piece, longer);
	}
	m->waiting = !err && m->piece.n;
	m->ended |= !m->waiting;
	return m->text.failed ? diag_nomem(dg) : err;
}

enum crm_err
mbox_next(struct mbox *m, struct mbox_message *out, bool *got, struct diag *dg)
{
	bool longer = false;
	enum crm_err err = CRM_OK;

	*got = false;
	*out = (struct mbox_message){.text = STR("")};
	if (m->ended)
		return CRM_OK;
	if (!m->waiting) {
		err = first_line(m, got, dg);
		if (err || !*got)
			return err;
	}
	*got = false;
	out->line = m->line;
	buf_reset(&m->text);
	err = read_message(m, &longer, dg);
	if (err)
		return err;
	*got = true;
	out->text = str_of(&m->text);
	if (longer)
		return diag_set(dg, CRM_DATA,
		    "%s:%llu: the message that begins here is longer than %zu "
		    "bytes; log it by hand with crm-log",
		    m->src.name, (unsigned long long)out->line, m->max);
	return CRM_OK;
}
