/* SPDX-License-Identifier: ISC */
/* archive_read: JSON lines to what they say. */
#include "crm/archive_impl.h"

#include "base/num.h"
#include "text/json_rows.h"

/* In JSON a byte may take six. */
enum { LINE_MAX_BYTES = 6 * CRM_RECORD_MAX };

struct json_in {
	struct archive_taker *taker;
	const char *name; /* of the input */
	uint64_t line;
	bool begun, ended;
};

/* ---- what is said between the records --------------------------------- */

static struct str
member(const struct rows_row *row, const char *name)
{
	for (size_t i = 0; i < row->n; i++)
		if (str_is(row->names[i], name))
			return row->cells[i];
	return (struct str){0};
}

static enum crm_err
number(const struct rows_row *row, const char *name, uint64_t *out,
    struct diag *dg)
{
	struct str text = member(row, name);

	if (num_u64(text, out))
		return CRM_OK;
	return diag_set(dg, CRM_DATA, "%s: '%.*s' is no number", name,
	    STR_ARG(str_head(text, 60)));
}

static enum crm_err
head_take(struct json_in *in, const struct rows_row *row, struct diag *dg)
{
	struct archive_head h;
	enum crm_err err = number(row, "version", &h.version, dg);

	/* What a later version says besides is not to be asked for. */
	if (err == CRM_OK && h.version != ARCHIVE_VERSION)
		h = (struct archive_head){.version = h.version};
	else if (err == CRM_OK)
		err = number(row, "txn", &h.txn, dg);
	if (err == CRM_OK && h.version == ARCHIVE_VERSION)
		err = number(row, "kinds", &h.kinds, dg);
	if (err == CRM_OK && h.version == ARCHIVE_VERSION)
		err = number(row, "numbers", &h.numbers, dg);
	if (err == CRM_OK && in->begun)
		err = diag_set(dg, CRM_DATA, "a second archive begins here");
	in->begun = true;
	return err == CRM_OK ? taker_head(in->taker, &h, dg) : err;
}

static enum crm_err
part_take(struct json_in *in, const struct rows_row *row, struct diag *dg)
{
	struct archive_part p = {.name = member(row, "name")};
	enum crm_err err = number(row, "records", &p.records, dg);

	if (err == CRM_OK)
		err = number(row, "next", &p.next, dg);
	if (err == CRM_OK)
		err = number(row, "slots", &p.slots, dg);
	return err == CRM_OK ? taker_part(in->taker, &p, dg) : err;
}

static enum crm_err
end_take(struct json_in *in, const struct rows_row *row, struct diag *dg)
{
	uint64_t records;
	enum crm_err err = number(row, "records", &records, dg);

	in->ended = true;
	return err == CRM_OK
		   ? taker_end(in->taker, records, member(row, "crc32c"), dg)
		   : err;
}

static enum crm_err
row_take(struct json_in *in, const struct rows_row *row, struct diag *dg)
{
	struct str what = row->cells[0];
	bool said = row->n > 0 && str_is(row->names[0], "crm");

	if (in->ended)
		return diag_set(
		    dg, CRM_DATA, "something follows the end of the archive");
	if (said && str_is(what, "archive"))
		return head_take(in, row, dg);
	if (!in->begun)
		return diag_set(dg, CRM_DATA,
		    "no archive: it begins with {\"crm\":\"archive\"");
	if (said && str_is(what, "kind"))
		return part_take(in, row, dg);
	if (said && str_is(what, "end"))
		return end_take(in, row, dg);
	return taker_record(in->taker, row->names, row->cells, row->n, dg);
}

/* ---- the lines -------------------------------------------------------- */

static enum crm_err
rows_take(struct json_in *in, struct rows *rows, struct diag *dg)
{
	struct rows_row row;
	bool got = true;
	enum crm_err err = CRM_OK;

	/* The end makes the store: nothing may be wrong behind it. */
	while (err == CRM_OK) {
		err = rows_next(rows, &row, &got, dg);
		if (err != CRM_OK || !got)
			break;
		in->line = row.line;
		err = row_take(in, &row, dg);
		if (err == CRM_DATA)
			diag_place(dg, "%s:%llu", in->name,
			    (unsigned long long)in->line);
	}
	return err;
}

static enum crm_err
cut_short(const struct json_in *in, struct diag *dg)
{
	return diag_set(dg, CRM_DATA,
	    "%s:%llu: the archive ends here without its last line: it was cut "
	    "short",
	    in->name, (unsigned long long)in->line);
}

enum crm_err
archive_read(struct store *s, const struct source *src,
    const struct archive_options *o, uint64_t *records, struct diag *dg)
{
	const struct json_options json = {.object_max = LINE_MAX_BYTES};
	struct json_in in = {.name = src->name};
	struct rows *rows = NULL;
	enum crm_err err = taker_new(&in.taker, s, o, dg);

	*records = 0;
	if (err == CRM_OK)
		err = json_rows_open(&rows, src, &json, dg);
	if (err == CRM_OK)
		err = rows_take(&in, rows, dg);
	if (err == CRM_OK && !in.ended)
		err = cut_short(&in, dg);
	if (err == CRM_OK)
		err = taker_settle(in.taker, dg);
	if (err == CRM_OK)
		*records = taker_records(in.taker);
	rows_close(rows);
	taker_free(in.taker);
	return err;
}
