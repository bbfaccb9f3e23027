/* SPDX-License-Identifier: ISC */
/* import_vcard: finds the cards in a stream of content lines. */
#include "crm/import_vcard.h"

#include "crm/card.h"

struct vcard_rows {
	struct rows rows;
	const char *name;
	struct content_reader *reader;
	struct card *card;
	struct vcard_options o;
	struct content_line line; /* the one that came last */
	bool pending; /* it is a BEGIN that nobody has looked at yet */
	bool ended, told;
	struct diag first; /* what is wrong with the card, when anything is */
};

static struct vcard_rows *
rows_of(struct rows *r)
{
	return (struct vcard_rows *)(void *)((char *)r -
					     offsetof(struct vcard_rows, rows));
}

static enum crm_err
place(const struct vcard_rows *v, uint64_t line, struct diag *dg)
{
	diag_place(dg, "%s:%llu", v->name, (unsigned long long)line);
	return dg->code;
}

/* A card is refused as a whole, with the first thing that is wrong. */
static enum crm_err
remember(struct vcard_rows *v, enum crm_err err, const struct diag *dg)
{
	if (err != CRM_DATA)
		return err;
	if (v->first.code == CRM_OK)
		diag_set(&v->first, err, "%s", diag_text(dg));
	return v->first.text.failed ? CRM_TEMP : CRM_OK;
}

/* The next line; what is wrong with it is remembered. *got is false at the
 * end. */
static enum crm_err
line_next(struct vcard_rows *v, bool *got, struct diag *dg)
{
	enum crm_err err;

	if (v->ended) {
		*got = false;
		return CRM_OK;
	}
	err = content_next(v->reader, &v->line, got, dg);
	v->ended = err != CRM_OK && err != CRM_DATA;
	if (!err && !*got)
		v->ended = true;
	return remember(v, err, dg);
}

static bool
is_begin(const struct vcard_rows *v)
{
	return content_is(&v->line, "BEGIN", "VCARD");
}

/* Lines up to the next card. They are refused together: *stray is set. */
static enum crm_err
begin_find(struct vcard_rows *v, bool *got, bool *stray, struct rows_row *row,
    struct diag *dg)
{
	enum crm_err err = CRM_OK;

	*got = *stray = false;
	if (v->pending) {
		v->pending = false;
		*got = true;
		return CRM_OK;
	}
	while (!err) {
		err = line_next(v, got, dg);
		if (err || !*got || is_begin(v))
			return err;
		if (*stray)
			continue;
		*stray = true;
		row->line = v->line.line;
		content_record(v->reader);
		if (v->first.code == CRM_OK)
			diag_set(&v->first, CRM_DATA,
			    "%s:%llu: not in a card; a card is from "
			    "BEGIN:VCARD to END:VCARD",
			    v->name, (unsigned long long)row->line);
	}
	return err;
}

/* The card is over without its END. */
static enum crm_err
cut_short(struct vcard_rows *v, struct rows_row *row, struct diag *dg)
{
	if (v->ended) {
		diag_set(dg, CRM_DATA,
		    "the card has no END:VCARD; was the file cut off?");
		row->raw = content_recorded(v->reader);
	} else {
		diag_set(dg, CRM_DATA,
		    "the card has no END:VCARD before the next one begins in "
		    "line %llu",
		    (unsigned long long)v->line.line);
		row->raw = content_recorded_before(v->reader);
		v->pending = true;
	}
	return place(v, row->line, dg);
}

/* One line of a card; *level is 0 behind its END. An AGENT of vCard 2.1 is a
 * card in the lines that follow it. */
static enum crm_err
card_line(struct vcard_rows *v, bool *agent, unsigned *level, struct diag *dg)
{
	bool was_agent = *agent;
	enum crm_err err;

	*agent = false;
	if (content_is(&v->line, "END", "VCARD")) {
		--*level;
		return CRM_OK;
	}
	if (is_begin(v)) {
		*level += was_agent;
		return CRM_OK;
	}
	if (v->line.name.n == 0)
		return CRM_OK;
	*agent =
	    str_is(v->line.name, "AGENT") && str_trim(v->line.value).n == 0;
	err = card_add(v->card, &v->line, *level > 1, dg);
	if (err)
		place(v, v->line.line, dg);
	return remember(v, err, dg);
}

/* The lines of a card up to its END; *whole is false when there was none. */
static enum crm_err
card_read(struct vcard_rows *v, bool *whole, struct diag *dg)
{
	bool got = true, agent = false;
	unsigned level = 1;
	enum crm_err err = CRM_OK;

	*whole = false;
	while (!err && level) {
		err = line_next(v, &got, dg);
		if (err || !got || (is_begin(v) && !agent))
			return err;
		err = card_line(v, &agent, &level, dg);
	}
	*whole = true;
	return err;
}

static enum crm_err
refused(struct vcard_rows *v, struct diag *dg)
{
	diag_clear(dg);
	*dg = v->first;
	v->first = (struct diag){0};
	return dg->code;
}

/* At the end, once. */
static void
left_out_tell(struct vcard_rows *v)
{
	struct buf list = {0}, text = {0};

	card_left_out(v->card, &list);
	if (!v->told && list.n && v->o.warn) {
		buf_addf(&text, "%s: left out: %s", v->name, buf_z(&list));
		v->o.warn(v->o.arg, buf_z(&text));
	}
	v->told = true;
	buf_clear(&list);
	buf_clear(&text);
}

static enum crm_err
card_next(struct vcard_rows *v, struct rows_row *row, struct diag *dg)
{
	bool whole = false;
	enum crm_err err;

	row->line = v->line.line;
	content_record(v->reader);
	card_begin(v->card);
	err = card_read(v, &whole, dg);
	if (err)
		return err;
	if (!whole) {
		diag_clear(&v->first);
		return cut_short(v, row, dg);
	}
	row->raw = content_recorded(v->reader);
	if (v->first.code)
		return refused(v, dg);
	err = card_end(v->card, row, dg);
	return err == CRM_DATA ? place(v, row->line, dg) : err;
}

static enum crm_err
vcard_rows_next(
    struct rows *r, struct rows_row *row, bool *got, struct diag *dg)
{
	struct vcard_rows *v = rows_of(r);
	bool stray = false;
	enum crm_err err;

	*row = (struct rows_row){.raw = STR(""), .kind = STR("")};
	err = begin_find(v, got, &stray, row, dg);
	if (err)
		return err;
	if (stray) {
		v->pending = *got;
		row->raw = *got ? content_recorded_before(v->reader)
				: content_recorded(v->reader);
		*got = true;
		return refused(v, dg);
	}
	if (*got)
		return card_next(v, row, dg);
	left_out_tell(v);
	return CRM_OK;
}

static void
vcard_rows_close(struct rows *r)
{
	struct vcard_rows *v = rows_of(r);

	content_close(v->reader);
	card_free(v->card);
	diag_clear(&v->first);
	free(v);
}

enum crm_err
vcard_rows_open(struct rows **out, const struct source *src,
    const struct vcard_options *o, struct diag *dg)
{
	static const struct rows_class class = {
	    .next = vcard_rows_next,
	    .close = vcard_rows_close,
	};
	struct vcard_rows *v = calloc(1, sizeof(*v));
	enum crm_err err;

	*out = NULL;
	if (!v)
		return diag_nomem(dg);
	v->rows.class = &class;
	v->name = src->name;
	if (o)
		v->o = *o;
	err = content_open(&v->reader, src, dg);
	if (!err)
		err = card_new(&v->card, o, dg);
	if (err)
		vcard_rows_close(&v->rows);
	else
		*out = &v->rows;
	return err;
}
