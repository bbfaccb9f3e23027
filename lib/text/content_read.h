/* SPDX-License-Identifier: ISC */
/*
 * content_read: reads the content lines that vCard (2.1, 3.0, 4.0) and
 * iCalendar share, NAME;PARAMS:VALUE, as they come: unfolded, parameters
 * taken apart, quoted-printable undone, everything UTF-8. What components and
 * values mean is the caller's business:
 *
 *     while (!err && got) {
 *             err = content_next(r, &line, &got, dg);
 *             if (content_is(&line, "BEGIN", "VEVENT"))
 *                     content_record(r);
 *             ...
 *     }
 *
 * Line ends are CR LF, LF or CR, also mixed; a mark at the start (BOM) is
 * skipped, as are empty lines. Memory does not grow with the input.
 */
#ifndef CRM_CONTENT_READ_H
#define CRM_CONTENT_READ_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "text/source.h"

struct content_reader;

/* A list (TYPE=a,b) is several of the same name. A bare word of vCard 2.1
 * (TEL;WORK:) has the name it stands for: TYPE, ENCODING or VALUE. */
struct content_param {
	struct str name;  /* in capitals */
	struct str value; /* without quotes, RFC 6868 undone */
};

/* Views until the next content_next. */
struct content_line {
	struct str group; /* "item1" of item1.TEL, else "" */
	struct str name;  /* in capitals */
	struct str value; /* valid UTF-8 without NUL; the escapes of text
			     (content_unescape) are still in it */
	const struct content_param *params;
	size_t nparams;
	uint64_t line; /* where it begins, from 1 */
	bool old;      /* the last VERSION was 2.1 or 1.0 */
	bool base64;   /* the value is base64, see content_base64 */
	bool cut;      /* the value was too long to be kept: it is "" */
};

/* Longer lines are cut: any text of the store has room. */
enum { CONTENT_LINE_MAX = 4 * CRM_FIELD_MAX };

/* SRC is copied, what it points to outlives the reader. CRM_TEMP. */
enum crm_err content_open(struct content_reader **out, const struct source *src,
    struct diag *dg) CRM_NODISCARD;
void content_close(struct content_reader *r); /* NULL is fine */

/*
 * The next line; *got is false at the end. CRM_DATA: the message starts with
 * NAME:LINE: and says what is wrong and the way out (no colon, a quote not
 * closed, NUL, bad UTF-8); LINE has then the number and whatever else could be
 * read, and reading may go on. CRM_IO: reading failed. CRM_TEMP.
 */
enum crm_err content_next(struct content_reader *r, struct content_line *line,
    bool *got, struct diag *dg) CRM_NODISCARD;

/* For a record's raw bytes: from the line that came last on everything read
 * is kept. content_recorded is all of it up to the line that came last,
 * without its line end, made UTF-8 where it was not; "" when that is over
 * CRM_RECORD_MAX. Valid until the next content_next. */
void content_record(struct content_reader *r);
struct str content_recorded(struct content_reader *r);
/* The same without the line that came last: that one ended the record by
 * beginning another. */
struct str content_recorded_before(struct content_reader *r);

/* NAME is the line's, and VALUE its value, capitals or not. */
bool content_is(
    const struct content_line *line, const char *name, const char *value);

/* The first value of parameter NAME ("TZID"); "" when there is none. */
struct str content_get(const struct content_line *line, const char *name);
/* Does one of the values of NAME, or one item of one, say VALUE? Capitals or
 * not. */
bool content_says(
    const struct content_line *line, const char *name, const char *value);

/* Takes the part up to the next SEP without a backslash before it off REST,
 * as str_cut does: the parts of N and ADR (';'), the items of CATEGORIES
 * (','). The part is still escaped. */
struct str content_cut(struct str *rest, char sep);

/* Appends text with \n, \\, \; and \, (and \: of old writers) undone; another
 * backslash is itself. */
void content_unescape(struct str text, struct buf *out);

/* Appends a base64 value, decoded; false, appending nothing, when it is none.
 */
bool content_base64(struct str value, struct buf *out);

/* Appends bytes of the character set NAME as UTF-8; "" is UTF-8 or ASCII.
 * Knows UTF-8, US-ASCII, ISO-8859-1, ISO-8859-15 and windows-1252. False,
 * appending nothing, for others and for what is no valid text of it. */
bool content_charset(struct str bytes, struct str name, struct buf *out);

#endif
