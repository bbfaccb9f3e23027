/* SPDX-License-Identifier: ISC */
/* sniff: looks at the first bytes of a file. */
#include "text/sniff.h"

#include <errno.h>

#include "base/utf8.h"
#include "text/sniff_table.h"

static const char *const names[] = {
    [SNIFF_UNKNOWN] = "unknown",
    [SNIFF_CSV] = "csv",
    [SNIFF_TSV] = "tsv",
    [SNIFF_JSONL] = "jsonl",
    [SNIFF_JSON] = "json",
    [SNIFF_VCARD] = "vcard",
    [SNIFF_ICAL] = "ical",
    [SNIFF_MBOX] = "mbox",
    [SNIFF_DUMP] = "dump",
};

/* While a file is looked at. */
struct sniffing {
	const struct sniff_input *in;
	struct sniff *out;
	struct str text;    /* the head as UTF-8, whole lines */
	bool whole;	    /* nothing is missing at its end */
	struct buf decoded; /* text may be in here */
	struct buf enc;	    /* why the encoding is what it is */
};

const char *
sniff_name(enum sniff_format f)
{
	return names[f];
}

void
sniff_clear(struct sniff *s)
{
	buf_clear(&s->why);
}

static size_t
line_at(struct str s, size_t at)
{
	size_t lf = 0, cr = 0;

	for (size_t i = 0; i < at && i < s.n; i++) {
		lf += s.p[i] == '\n';
		cr += s.p[i] == '\r';
	}
	return 1 + (lf ? lf : cr);
}

/* Nothing else is looked at: the answer is that there is none. */
static bool
give_up(struct sniffing *s, const char *why)
{
	s->out->format = SNIFF_UNKNOWN;
	buf_addz(&s->out->why, why);
	return false;
}

/* Files of other programs that begin so. */
static bool
foreign_known(struct sniffing *s)
{
	static const struct {
		struct str begin;
		const char *what;
	} known[] = {
	    {{"PK\x03\x04", 4}, "a zip archive or a spreadsheet (.xlsx, .ods); "
				"unpack it, or save it as csv"},
	    {{"\xd0\xcf\x11\xe0", 4}, "an old Office file; save it as csv"},
	    {{"\x1f\x8b", 2}, "compressed; unpack it with gunzip"},
	    {{"BZh", 3}, "compressed; unpack it with bunzip2"},
	    {{"\xfd"
	      "7zXZ",
		 5},
		"compressed; unpack it with unxz"},
	    {{"%PDF-", 5}, "a PDF; export the table as csv"},
	    {{"SQLite format 3", 15},
		"a database; export its tables as csv with sqlite3"},
	    {{"\xff\xfe\0\0", 4}, "UTF-32; convert it to utf-8 with iconv"},
	    {{"\0\0\xfe\xff", 4}, "UTF-32; convert it to utf-8 with iconv"},
	    {{"!BDN", 4}, "an Outlook archive (.pst); export it as csv"},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (str_starts(s->in->head, known[i].begin))
			return !give_up(s, known[i].what);
	}
	return false;
}

/* UTF-16 of mostly Latin text: every second byte is NUL, no other is. */
static bool
utf16_found(struct sniffing *s)
{
	struct str h = s->in->head;
	size_t pairs = h.n / 2;
	size_t nul[2] = {0, 0};

	if (h.n >= 2 && (str_starts(h, STR("\xff\xfe")) ||
			    str_starts(h, STR("\xfe\xff")))) {
		s->out->encoding = ENCODING_UTF16;
		buf_addz(&s->enc, "utf-16 by its BOM");
		return true;
	}
	for (size_t i = 0; i < 2 * pairs; i++)
		nul[i % 2] += h.p[i] == '\0';
	for (size_t odd = 0; odd < 2; odd++) {
		if (nul[1 - odd] > 0 || nul[odd] * 3 < pairs || pairs == 0)
			continue;
		s->out->encoding = odd ? ENCODING_UTF16LE : ENCODING_UTF16BE;
		buf_addf(&s->enc, "%s: %zu of %zu bytes are NUL, every second",
		    encoding_name(s->out->encoding), nul[odd], h.n);
		return true;
	}
	return false;
}

/* What of S is UTF-8 and what not; the first byte that is not, and the first
 * that windows-1252 does not have either. */
struct census {
	size_t many, bad; /* characters of several bytes; bytes of none */
	size_t first, undefined, nul; /* offsets; s.n when there is none */
};

static struct census
census_take(struct str s, bool whole)
{
	struct census c = {.first = s.n, .undefined = s.n, .nul = s.n};

	for (size_t at = 0; at < s.n;) {
		size_t from = at;
		unsigned char b = (unsigned char)s.p[at];
		uint32_t ch = utf8_next(s, &at);
		if (b == 0 && c.nul == s.n)
			c.nul = from;
		bool bad = ch == 0xfffd && at - from == 1;
		/* A character may be cut at the end of the head. */
		if (bad && !whole && s.n - from < 4)
			break;
		c.many += !bad && b > 0x7f;
		c.bad += bad;
		if (bad && c.first == s.n)
			c.first = from;
		bool none = b == 0x81 || b == 0x8d || b == 0x8f || b == 0x90 ||
			    b == 0x9d;
		if (bad && none && c.undefined == s.n)
			c.undefined = from;
	}
	return c;
}

/* False when the bytes are no text in an encoding that can be told. */
static bool
encoding_find(struct sniffing *s)
{
	struct str h = s->in->head;

	if (s->in->encoding) {
		s->out->encoding = *s->in->encoding;
		buf_addf(
		    &s->enc, "%s as told", encoding_name(s->out->encoding));
		return true;
	}
	if (utf16_found(s))
		return true;
	struct census c = census_take(h, s->in->whole);
	if (c.nul < h.n) {
		buf_addf(&s->out->why, "byte %zu is NUL: this is no text",
		    c.nul + 1);
		return false;
	}
	unsigned byte = c.first < h.n ? (unsigned char)h.p[c.first] : 0;
	size_t line = line_at(h, c.first);
	bool utf8 =
	    c.bad == 0 || c.many > c.bad || str_starts(h, STR("\xef\xbb\xbf"));
	if (utf8 && c.bad == 0) {
		buf_addz(&s->enc, "utf-8");
	} else if (utf8) {
		buf_addf(&s->enc, "utf-8, but not byte 0x%02x in line %zu",
		    byte, line);
	} else if (c.undefined < h.n) {
		buf_addf(&s->out->why,
		    "byte 0x%02x in line %zu is neither UTF-8 nor "
		    "windows-1252; convert the file to utf-8 with iconv",
		    (unsigned char)h.p[c.undefined], line_at(h, c.undefined));
		return false;
	} else {
		s->out->encoding = ENCODING_WINDOWS1252;
		buf_addf(&s->enc, "windows-1252: byte 0x%02x in line %zu", byte,
		    line);
	}
	return true;
}

static ptrdiff_t
head_read(void *arg, char *p, size_t n)
{
	struct str *left = arg;

	n = n < left->n ? n : left->n;
	if (n > 0)
		memcpy(p, left->p, n);
	left->p += n;
	left->n -= n;
	return (ptrdiff_t)n;
}

/* The head as UTF-8; what cannot be converted ends it. */
static enum crm_err
head_decode(struct sniffing *s, struct diag *dg)
{
	struct str left = s->in->head;
	struct source src = {
	    .read = head_read, .arg = &left, .name = s->in->name};
	struct recode *r = NULL;
	ptrdiff_t n = 0;
	enum crm_err err = recode_open(&r, &src, s->out->encoding, dg);

	if (err)
		return err;
	src = recode_source(r);
	do {
		char *p = buf_room(&s->decoded, 4096);
		n = p ? src.read(src.arg, p, 4096) : 0;
		s->decoded.n += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	s->whole = s->in->whole && n == 0;
	recode_close(r);
	s->text = str_of(&s->decoded);
	return s->decoded.failed ? diag_nomem(dg) : CRM_OK;
}

static bool
is_eol(char c)
{
	return c == '\n' || c == '\r';
}

static struct str
first_line(struct str s)
{
	size_t n = 0;

	while (n < s.n && !is_eol(s.p[n]))
		n++;
	return str_head(s, n);
}

static struct str
blanks_cut(struct str s)
{
	while (s.n > 0 && (is_eol(s.p[0]) || s.p[0] == ' ' || s.p[0] == '\t'))
		s = str_from_pos(s, 1);
	return s;
}

static bool
found(struct sniffing *s, enum sniff_format f, const char *why)
{
	s->out->format = f;
	buf_addf(&s->out->why, "%s: %s", names[f], why);
	return true;
}

/* Behind the JSON object or array that T begins with; t.n + 1 when its end
 * is not there. */
static size_t
json_end(struct str t)
{
	size_t depth = 0;
	bool string = false;

	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];
		if (string && c == '\\')
			i++;
		else if (c == '"')
			string = !string;
		else if (!string && (c == '{' || c == '['))
			depth++;
		else if (!string && (c == '}' || c == ']') && --depth == 0)
			return i + 1;
	}
	return t.n + 1;
}

/* T begins with '{' or '[' and has no blanks before. */
static bool
json_found(struct sniffing *s, struct str t)
{
	char next = blanks_cut(str_from_pos(t, 1)).n
			? blanks_cut(str_from_pos(t, 1)).p[0]
			: '\0';

	if (t.p[0] == '[')
		return (next == '{' || next == ']') &&
		       found(s, SNIFF_JSON, "it begins with '['");
	if (next != '"' && next != '}')
		return false;
	size_t end = json_end(t);
	struct str line = first_line(t);
	if (end > t.n && line.n == t.n && !s->whole)
		return found(s, SNIFF_JSONL, "a long line begins with '{'");
	if (end <= line.n)
		return found(s, SNIFF_JSONL, "its first line is an object");
	return found(s, SNIFF_JSON, "an object over several lines");
}

/* "From anna@example.org Thu Jan  1 ...", and a header field behind it. */
static bool
mbox_like(struct str t)
{
	struct str line = first_line(t);
	struct str next = first_line(blanks_cut(str_from_pos(t, line.n)));

	return str_starts(t, STR("From ")) && str_chr(line, ':') < line.n &&
	       str_chr(next, ':') < str_chr(next, ' ') + 1 &&
	       str_chr(next, ':') < next.n;
}

/* Formats that begin with a word of their own. */
static bool
word_found(struct sniffing *s)
{
	struct str t = blanks_cut(s->text);
	struct str line = str_trim(first_line(t));

	if (s->in->is_dump && s->in->is_dump(first_line(s->text)))
		return found(s, SNIFF_DUMP, "its first line says so");
	if (str_ieq(line, STR("begin:vcard")))
		return found(s, SNIFF_VCARD, "it begins with BEGIN:VCARD");
	if (str_ieq(line, STR("begin:vcalendar")))
		return found(s, SNIFF_ICAL, "it begins with BEGIN:VCALENDAR");
	if (mbox_like(t)) {
		s->out->encoding = ENCODING_UTF8;
		buf_reset(&s->enc);
		return found(s, SNIFF_MBOX, "it begins with a From line");
	}
	return t.n > 0 && (t.p[0] == '{' || t.p[0] == '[') && json_found(s, t);
}

static bool
name_ends(const struct sniffing *s, struct str suffix)
{
	struct str name = str_from(s->in->name);

	return name.n > suffix.n &&
	       str_ieq(str_from_pos(name, name.n - suffix.n), suffix);
}

/* Broken files of formats that are no tables: the reader of the format knows
 * best what is wrong with them. */
static bool
suffix_found(struct sniffing *s)
{
	static const struct {
		struct str suffix;
		enum sniff_format f;
	} known[] = {
	    {{".ics", 4}, SNIFF_ICAL},
	    {{".vcf", 4}, SNIFF_VCARD},
	    {{".json", 5}, SNIFF_JSON},
	    {{".jsonl", 6}, SNIFF_JSONL},
	    {{".ndjson", 7}, SNIFF_JSONL},
	    {{".mbox", 5}, SNIFF_MBOX},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (name_ends(s, known[i].suffix))
			return found(s, known[i].f, "by its name only");
	}
	return false;
}

/* A name of one of our own fields. */
static bool
own_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool low = c >= 'a' && c <= 'z';
		if (!low && (i == 0 || !memchr("0123456789_.-", c, 13)))
			return false;
	}
	return s.n > 0;
}

/* Words with nothing between them: a table of one column, if anything. */
static bool
single_found(struct sniffing *s)
{
	struct str line = first_line(s->text);

	if (name_ends(s, STR(".csv")))
		s->out->delimiter = ',';
	if (name_ends(s, STR(".csv")))
		return found(s, SNIFF_CSV, "1 column; its name ends in .csv");
	if (name_ends(s, STR(".tsv")))
		return found(s, SNIFF_TSV, "1 column; its name ends in .tsv");
	if (own_name(line))
		return found(s, SNIFF_TSV, "1 column with the name of a field");
	return give_up(s, "neither a table nor another format that can be "
			  "told");
}

/* A header of ours, "id" first. */
static bool
own_header(struct str line)
{
	bool own = str_starts(line, STR("id\t"));

	for (struct str rest = line; own && rest.p;)
		own = own_name(str_cut(&rest, '\t'));
	return own;
}

/* Tabs and no quotes around cells: no csv would lose its backslashes. */
static bool
is_tsv(const struct sniffing *s, const struct table_guess *g)
{
	if (g->best.delimiter != '\t' || g->skip > 0 || s->in->delimiter)
		return false;
	return g->best.literal || own_header(first_line(s->text)) ||
	       (!g->best.quoted && !name_ends(s, STR(".csv")));
}

static void
shape_add(struct sniffing *s, const struct table_shape *t)
{
	static const char *const what = "%zu columns separated by %s";
	const char quoted[] = {'\'', t->delimiter, '\'', '\0'};

	buf_addf(&s->out->why, what, t->cells,
	    t->delimiter == '\t' ? "tabs" : quoted);
}

static bool
table_found(struct sniffing *s)
{
	struct table_guess g = table_guess(s->text, s->whole, s->in->delimiter);
	struct buf *why = &s->out->why;

	if (!g.best.delimiter && s->in->delimiter) {
		s->out->delimiter = s->in->delimiter;
		return found(s, SNIFF_CSV, "with a delimiter as told");
	}
	if (!g.best.delimiter)
		return single_found(s);
	if (g.rival.delimiter) {
		buf_addz(why, "a table of ");
		shape_add(s, &g.best);
		buf_addz(why, ", or of ");
		shape_add(s, &g.rival);
		buf_addz(why, "; say which with --delimiter");
		return false;
	}
	s->out->format = is_tsv(s, &g) ? SNIFF_TSV : SNIFF_CSV;
	s->out->skip = g.skip;
	s->out->delimiter = g.best.delimiter;
	buf_addf(why, "%s: ", names[s->out->format]);
	shape_add(s, &g.best);
	buf_addf(why, " in %zu", g.best.alike);
	if (g.best.alike < g.best.records)
		buf_addf(why, " of %zu", g.best.records);
	buf_addf(why, " record%s", g.best.records == 1 ? "" : "s");
	if (g.skip > 0)
		buf_addf(why, " after %llu line%s", (unsigned long long)g.skip,
		    g.skip == 1 ? "" : "s");
	return true;
}

/* The text of the head and what it is. */
static enum crm_err
look(struct sniffing *s, struct diag *dg)
{
	static const struct str bom = {.p = "\xef\xbb\xbf", .n = 3};

	s->text = s->in->head;
	s->whole = s->in->whole;
	if (foreign_known(s) || !encoding_find(s))
		return CRM_OK;
	if (s->out->encoding != ENCODING_UTF8) {
		enum crm_err err = head_decode(s, dg);
		if (err)
			return err;
	}
	if (str_starts(s->text, bom))
		s->text = str_from_pos(s->text, bom.n);
	if (blanks_cut(s->text).n == 0) {
		found(s, SNIFF_CSV, "there is nothing in it");
		s->out->delimiter = ',';
		return CRM_OK;
	}
	if ((word_found(s) || suffix_found(s) || table_found(s)) &&
	    s->enc.n > 0) {
		buf_addz(&s->out->why, "; ");
		buf_add(&s->out->why, str_of(&s->enc));
	}
	return CRM_OK;
}

enum crm_err
sniff_head(struct sniff *out, const struct sniff_input *in, struct diag *dg)
{
	struct sniffing s = {.in = in, .out = out};

	*out = (struct sniff){.format = SNIFF_UNKNOWN};
	enum crm_err err = look(&s, dg);
	if (!err && (out->why.failed || s.enc.failed))
		err = diag_nomem(dg);
	buf_clear(&s.decoded);
	buf_clear(&s.enc);
	return err;
}
