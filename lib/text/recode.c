/* SPDX-License-Identifier: ISC */
/* recode: other encodings to UTF-8; the only file that sees iconv. */
#include "text/recode.h"

#include <errno.h>
#include <iconv.h>

#include "base/utf8.h"

enum { RECODE_BLOCK = 64 << 10, SMALL = 16, BOM_MAX = 3 };

struct recode {
	struct source src;
	enum encoding from;
	iconv_t cd; /* (iconv_t)-1: UTF-8 passes through */
	bool begun, eof;
	char in[RECODE_BLOCK];
	size_t at, n;	   /* unread bytes are in[at..n) */
	uint64_t offset;   /* of in[0] in the input */
	uint64_t lf, cr;   /* handed out so far */
	char small[SMALL]; /* converted, for whoever wants a few bytes only */
	size_t small_at, small_n;
	bool bad; /* what stands at in[at] cannot be converted */
	const char *why;
};

static const struct {
	const char *word;  /* on a command line */
	const char *iconv; /* for iconv */
} encodings[] = {
    [ENCODING_UTF8] = {"utf-8", NULL},
    [ENCODING_UTF16] = {"utf-16", "UTF-16LE"},
    [ENCODING_UTF16LE] = {"utf-16le", "UTF-16LE"},
    [ENCODING_UTF16BE] = {"utf-16be", "UTF-16BE"},
    [ENCODING_LATIN1] = {"latin-1", "ISO-8859-1"},
    [ENCODING_WINDOWS1252] = {"windows-1252", "CP1252"},
};

static const iconv_t no_iconv = (iconv_t)-1; /* as iconv_open has it */

/* Without case, '-', '_' and ' '. */
static bool
word_is(struct str s, const char *word)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '-' || c == '_' || c == ' ')
			continue;
		c = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
		while (*word == '-')
			word++;
		if (c != *word || !c)
			return false;
		word++;
	}
	return *word == '\0';
}

enum crm_err
encoding_parse(struct str name, enum encoding *out, struct diag *dg)
{
	static const struct {
		const char *word;
		enum encoding e;
	} more[] = {
	    {"ascii", ENCODING_UTF8},
	    {"us-ascii", ENCODING_UTF8},
	    {"utf-8-sig", ENCODING_UTF8},
	    {"iso-8859-1", ENCODING_LATIN1},
	    {"cp-1252", ENCODING_WINDOWS1252},
	    {"ansi", ENCODING_WINDOWS1252},
	};

	for (size_t i = 0; i < ARRAY_LEN(encodings); i++) {
		if (word_is(name, encodings[i].word)) {
			*out = (enum encoding)i;
			return CRM_OK;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(more); i++) {
		if (word_is(name, more[i].word)) {
			*out = more[i].e;
			return CRM_OK;
		}
	}
	return diag_set(dg, CRM_USAGE,
	    "'%.*s' is no encoding that can be read; take utf-8, utf-16, "
	    "utf-16le, utf-16be, latin-1 or windows-1252",
	    STR_ARG(name));
}

const char *
encoding_name(enum encoding e)
{
	return encodings[e].word;
}

enum crm_err
recode_open(struct recode **out, const struct source *src, enum encoding from,
    struct diag *dg)
{
	*out = NULL;
	struct recode *r = calloc(1, sizeof(*r));
	if (!r)
		return diag_nomem(dg);
	r->src = *src;
	r->from = from;
	r->cd = no_iconv;
	if (encodings[from].iconv) {
		r->cd = iconv_open("UTF-8", encodings[from].iconv);
		if (r->cd == no_iconv) {
			free(r);
			return diag_set(dg, CRM_CONFIG,
			    "%s: iconv of this system does not know %s; "
			    "convert the file elsewhere",
			    src->name, encodings[from].word);
		}
	}
	*out = r;
	return CRM_OK;
}

void
recode_close(struct recode *r)
{
	if (!r)
		return;
	if (r->cd != no_iconv)
		(void)iconv_close(r->cd);
	free(r);
}

/* Fills in[] up to WANT bytes or the end; false with errno when that fails. */
static bool
input_fill(struct recode *r, size_t want)
{
	if (r->at > 0) {
		memmove(r->in, r->in + r->at, r->n - r->at);
		r->offset += r->at;
		r->n -= r->at;
		r->at = 0;
	}
	while (r->n < want && !r->eof) {
		errno = 0;
		ptrdiff_t n =
		    r->src.read(r->src.arg, r->in + r->n, sizeof(r->in) - r->n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		r->eof = n == 0;
		r->n += (size_t)n;
	}
	return true;
}

static ptrdiff_t
fail(struct recode *r, const char *why)
{
	r->bad = true;
	r->why = why;
	errno = EILSEQ;
	return -1;
}

/* The input is big-endian after all. */
static bool
turn_around(struct recode *r)
{
	(void)iconv_close(r->cd);
	r->from = ENCODING_UTF16BE;
	r->cd = iconv_open("UTF-8", encodings[r->from].iconv);
	return r->cd != no_iconv;
}

static bool
begins(const struct recode *r, struct str with)
{
	return str_starts((struct str){.p = r->in, .n = r->n}, with);
}

/* What is wrong with the BOM that the input begins with, or NULL. */
static const char *
bom_wrong(const struct recode *r)
{
	bool wide = r->from >= ENCODING_UTF16 && r->from <= ENCODING_UTF16BE;

	if (begins(r, STR("\xef\xbb\xbf")) && r->from != ENCODING_UTF8)
		return "it begins with the BOM of UTF-8; use --encoding utf-8";
	if (begins(r, STR("\xff\xfe")) && r->from == ENCODING_UTF16BE)
		return "it begins with the BOM of little-endian UTF-16; use "
		       "--encoding utf-16";
	if (begins(r, STR("\xfe\xff")) && r->from == ENCODING_UTF16LE)
		return "it begins with the BOM of big-endian UTF-16; use "
		       "--encoding utf-16";
	if ((begins(r, STR("\xff\xfe")) || begins(r, STR("\xfe\xff"))) && !wide)
		return "it begins with the BOM of UTF-16; use --encoding "
		       "utf-16";
	return NULL;
}

/* Drops a BOM; one that contradicts what the input is said to be is a fault.
 * False, with errno, when that or reading fails. */
static bool
bom_read(struct recode *r)
{
	if (!input_fill(r, BOM_MAX))
		return false;
	r->begun = true;
	const char *why = bom_wrong(r);
	bool be = begins(r, STR("\xfe\xff"));
	if (!why && be && r->from == ENCODING_UTF16 && !turn_around(r))
		why = "iconv of this system does not know utf-16be";
	if (why) {
		(void)fail(r, why);
		return false;
	}
	if (begins(r, STR("\xef\xbb\xbf")))
		r->at = BOM_MAX;
	else if (be || begins(r, STR("\xff\xfe")))
		r->at = 2;
	return true;
}

/* Bytes that were read while looking for a BOM, then those below. */
static ptrdiff_t
read_utf8(struct recode *r, char *p, size_t n)
{
	size_t left = r->n - r->at;

	if (left == 0)
		return r->eof ? 0 : r->src.read(r->src.arg, p, n);
	n = n < left ? n : left;
	memcpy(p, r->in + r->at, n);
	r->at += n;
	return (ptrdiff_t)n;
}

static void
lines_count(struct recode *r, const char *p, size_t n)
{
	uint64_t lf = 0, cr = 0;

	for (size_t i = 0; i < n; i++) {
		lf += p[i] == '\n';
		cr += p[i] == '\r';
	}
	r->lf += lf;
	r->cr += cr;
}

/* Converts what in[] holds; the bytes written, 0 when there is not a whole
 * character or a bad one comes first, which sets r->bad. */
static size_t
convert(struct recode *r, char *p, size_t n)
{
	char *in = r->in + r->at;
	char *out = p;
	size_t in_left = r->n - r->at;
	size_t out_left = n;

	errno = 0;
	if (iconv(r->cd, &in, &in_left, &out, &out_left) == (size_t)-1 &&
	    errno == EILSEQ && out == p)
		(void)fail(r, NULL);
	r->at = r->n - in_left;
	lines_count(r, p, (size_t)(out - p));
	return (size_t)(out - p);
}

/* N is at least SMALL, so that any character has room. */
static ptrdiff_t
read_converted(struct recode *r, char *p, size_t n)
{
	for (;;) {
		size_t got = r->n > r->at ? convert(r, p, n) : 0;
		if (got > 0)
			return (ptrdiff_t)got;
		if (r->bad)
			return fail(r, r->why);
		if (r->eof && r->n > r->at)
			return fail(r, "the input ends in the middle of a "
				       "character; is it cut off?");
		if (r->eof)
			return 0;
		if (!input_fill(r, r->n - r->at + 1))
			return -1;
	}
}

static ptrdiff_t
recode_read(void *arg, char *p, size_t n)
{
	struct recode *r = arg;

	if (r->bad)
		return fail(r, r->why);
	if (!r->begun && !bom_read(r))
		return -1;
	if (r->cd == no_iconv)
		return read_utf8(r, p, n);
	if (r->small_at == r->small_n) {
		if (n >= SMALL)
			return read_converted(r, p, n);
		ptrdiff_t got = read_converted(r, r->small, SMALL);
		if (got <= 0)
			return got;
		r->small_at = 0;
		r->small_n = (size_t)got;
	}
	size_t left = r->small_n - r->small_at;
	n = n < left ? n : left;
	memcpy(p, r->small + r->small_at, n);
	r->small_at += n;
	return (ptrdiff_t)n;
}

struct source
recode_source(struct recode *r)
{
	return (struct source){
	    .read = recode_read, .arg = r, .name = r->src.name};
}

enum crm_err
recode_fault(const struct recode *r, struct diag *dg)
{
	if (!r->bad)
		return CRM_OK;
	uint64_t line = 1 + (r->lf ? r->lf : r->cr);
	uint64_t at = r->offset + r->at + 1;
	unsigned byte = r->at < r->n ? (unsigned char)r->in[r->at] : 0;
	if (r->why)
		diag_set(dg, CRM_DATA, "%s (byte %llu of the input)", r->why,
		    (unsigned long long)at);
	else
		diag_set(dg, CRM_DATA,
		    "byte %llu of the input, 0x%02x, begins nothing that %s "
		    "has; name the encoding it really is with --encoding",
		    (unsigned long long)at, byte, encodings[r->from].word);
	diag_place(dg, "%s:%llu", r->src.name, (unsigned long long)line);
	return CRM_DATA;
}

void
recode_mend(struct str s, struct buf *out)
{
	for (size_t at = 0; at < s.n;) {
		uint32_t c = utf8_next(s, &at);
		utf8_put(c ? c : 0xfffd, out);
	}
}
