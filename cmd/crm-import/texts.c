/* SPDX-License-Identifier: ISC */
/*
 * texts: a file of refused rows that were no rows of a table, to be imported
 * again: each of its texts is a card, an entry of a calendar or an object, and
 * is read by a reader of its own.
 */
#include "crm-import/job.h"

struct texts {
	struct rows rows;
	struct job *job;
	const char *name;   /* of the file, for messages */
	struct rows *table; /* its rows */
	/* the one that was looked at already */
	bool first_kept, first_got;
	struct rows_row first;
	struct diag first_diag;
	struct rows *inner; /* the reader of one text; NULL: the next one */
	uint64_t line;	    /* of the text in the file */
	struct buf text;
	size_t at; /* of the text, read so far */
	/* Names of the row before: every reader counts its shapes anew. */
	struct buf names;
	uint64_t shape;
	struct buf other;
};

static struct texts *
texts_of(struct rows *r)
{
	return (
	    struct texts *)(void *)((char *)r - offsetof(struct texts, rows));
}

static ptrdiff_t
text_read(void *arg, char *p, size_t n)
{
	struct texts *t = arg;
	struct str rest = str_from_pos(str_of(&t->text), t->at);

	n = n < rest.n ? n : rest.n;
	if (n)
		memcpy(p, rest.p, n);
	t->at += n;
	return (ptrdiff_t)n;
}

/* What a text is, by how it begins. */
static enum sniff_format
format_of(struct str text)
{
	static const struct {
		const char *begin;
		enum sniff_format format;
	} begins[] = {
	    {"BEGIN:VCARD", SNIFF_VCARD},
	    {"BEGIN:VTODO", SNIFF_ICAL},
	    {"BEGIN:VEVENT", SNIFF_ICAL},
	    {"{", SNIFF_JSON},
	};

	for (size_t i = 0; i < ARRAY_LEN(begins); i++) {
		struct str begin = str_from(begins[i].begin);

		if (str_ieq(str_head(text, begin.n), begin))
			return begins[i].format;
	}
	return SNIFF_UNKNOWN;
}

static enum crm_err
text_open(struct texts *t, struct str text, struct diag *dg)
{
	struct source src = {.read = text_read, .arg = t, .name = t->name};
	enum sniff_format format = format_of(str_trim(text));

	if (format == SNIFF_UNKNOWN)
		return diag_set(dg, CRM_DATA,
		    "%s:%llu: no card, no entry of a calendar and no object; "
		    "put a line of a table back into its file, a mail into a "
		    "file of its own",
		    t->name, (unsigned long long)t->line);
	buf_reset(&t->text);
	t->at = 0;
	if (format == SNIFF_ICAL)
		buf_addz(&t->text, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
	buf_add(&t->text, text);
	buf_addz(&t->text, "\r\n");
	if (format == SNIFF_ICAL)
		buf_addz(&t->text, "END:VCALENDAR\r\n");
	return t->text.failed
		   ? diag_nomem(dg)
		   : input_format(t->job, format, &src, &t->inner, dg);
}

static enum crm_err
line_next(struct texts *t, struct rows_row *line, bool *got, struct diag *dg)
{
	if (!t->first_kept)
		return rows_next(t->table, line, got, dg);
	t->first_kept = false;
	*line = t->first;
	*got = t->first_got;
	if (!t->first_diag.code)
		return CRM_OK;
	return diag_set(
	    dg, t->first_diag.code, "%s", diag_text(&t->first_diag));
}

/* A reader of the next text. */
static enum crm_err
text_next(struct texts *t, struct rows_row *row, bool *got, struct diag *dg)
{
	struct rows_row line = {.n = 0};
	enum crm_err err = line_next(t, &line, got, dg);

	t->line = line.line;
	*row = (struct rows_row){.line = line.line, .raw = line.raw};
	if (err || !*got)
		return err;
	row->raw = line.cells[0];
	return text_open(t, line.cells[0], dg);
}

static enum crm_err
shape_give(struct texts *t, struct rows_row *row, struct diag *dg)
{
	struct buf was = t->names;

	buf_reset(&t->other);
	for (size_t i = 0; i < row->n; i++) {
		buf_add(&t->other, row->names[i]);
		buf_addc(&t->other, '\0');
	}
	t->shape += !str_eq(str_of(&was), str_of(&t->other));
	t->names = t->other;
	t->other = was;
	row->shape = t->shape;
	return t->names.failed ? diag_nomem(dg) : CRM_OK;
}

/* The place is that in the file; lines within a text say nothing. */
static enum crm_err
place_mend(const struct texts *t, struct diag *dg)
{
	struct str text = str_of(&dg->text), name = str_from(t->name);
	struct diag mended = {0};

	if (!str_starts(text, name))
		return dg->code;
	text = str_from_pos(text, name.n);
	text = str_from_pos(text, str_chr(text, ' '));
	diag_set(&mended, dg->code, "%s:%llu:%.*s", t->name,
	    (unsigned long long)t->line, STR_ARG(text));
	diag_clear(dg);
	*dg = mended;
	return dg->code;
}

static enum crm_err
texts_next(struct rows *r, struct rows_row *row, bool *got, struct diag *dg)
{
	struct texts *t = texts_of(r);
	enum crm_err err = CRM_OK;

	*got = false;
	while (!err && !*got) {
		if (!t->inner)
			err = text_next(t, row, got, dg);
		if (err || !t->inner)
			return err;
		err = rows_next(t->inner, row, got, dg);
		row->line = t->line;
		if (*got)
			break;
		rows_close(t->inner);
		t->inner = NULL;
		/* What cannot be read on is this text alone. */
		*got = err == CRM_DATA;
	}
	if (err == CRM_DATA)
		return place_mend(t, dg);
	return err ? err : shape_give(t, row, dg);
}

static void
texts_close(struct rows *r)
{
	struct texts *t = texts_of(r);

	rows_close(t->inner);
	rows_close(t->table);
	buf_clear(&t->text);
	buf_clear(&t->names);
	buf_clear(&t->other);
	diag_clear(&t->first_diag);
	free(t);
}

bool
texts_is(const struct input *in, const struct rows_row *row)
{
	return in->sniff.format == SNIFF_TSV && row->n == 3 &&
	       str_is(row->names[0], IMPORT_TEXT) &&
	       str_is(row->names[1], REJECT_LINE) &&
	       str_is(row->names[2], REJECT_REASON);
}

enum crm_err
texts_open(struct job *j, struct input *in, struct diag *dg)
{
	static const struct rows_class class = {texts_next, texts_close};
	struct texts *t = calloc(1, sizeof(*t));

	if (!t)
		return diag_nomem(dg);
	*t = (struct texts){.rows = {.class = &class},
	    .job = j,
	    .name = in->name,
	    .table = in->rows,
	    .first_kept = true,
	    .first_got = in->first_got,
	    .first = in->first,
	    .first_diag = in->first_diag};
	in->first_diag = (struct diag){0};
	in->rows = &t->rows;
	return CRM_OK;
}
