/* SPDX-License-Identifier: ISC */
/* archive: walks all kinds and their records, whatever form they get. */
#include "crm/archive_impl.h"

#include "base/crc.h"
#include "store/journal.h"
#include "store/restore.h"

enum { TELL_EVERY = 1024 };

/* ---- the checksum ----------------------------------------------------- */

/* No value holds a NUL: it ends each. */
void
archive_sum_text(uint32_t *crc, struct str text)
{
	*crc = crc32c(*crc, text.p ? text.p : "", text.n);
	*crc = crc32c(*crc, "", 1);
}

static void
sum_number(uint32_t *crc, uint64_t v)
{
	char room[24];
	int n = snprintf(room, sizeof(room), "%llu", (unsigned long long)v);

	archive_sum_text(crc, (struct str){.p = room, .n = (size_t)n});
}

void
archive_sum_head(uint32_t *crc, const struct archive_head *h)
{
	sum_number(crc, h->version);
	sum_number(crc, h->txn);
	sum_number(crc, h->kinds);
	sum_number(crc, h->numbers);
}

void
archive_sum_part(uint32_t *crc, const struct archive_part *p)
{
	archive_sum_text(crc, p->name);
	sum_number(crc, p->records);
	sum_number(crc, p->next);
	sum_number(crc, p->slots);
}

/* ---- the walk --------------------------------------------------------- */

struct walk {
	struct store *s;
	struct archive_form *form;
	const struct archive_progress *progress;
	struct emit *emit;
	const struct kind *kind;
	/* The kind's stored fields in the order in which they are shown. */
	const struct field *fields[SLOT_LIMIT];
	size_t nfields;
	struct str values[SLOT_LIMIT];
	struct buf id;
	uint64_t records; /* of all kinds */
	uint32_t crc;
};

static enum crm_err
changed(struct diag *dg)
{
	return diag_set(dg, CRM_TEMP,
	    "the store was changed while it was written out; try again");
}

static enum crm_err
walk_columns(struct walk *w, struct diag *dg)
{
	struct emit_options o = {.format = w->form->format};
	struct column cols[SLOT_LIMIT + 1] = {{.name = STR("id")}};
	enum crm_err err;

	w->nfields = 0;
	for (size_t i = 0; i < w->kind->nfields; i++)
		if (w->kind->fields[i]->slot < w->kind->nslots)
			w->fields[w->nfields++] = w->kind->fields[i];
	/* Every value is text: a number of JSON would not keep all digits. */
	for (size_t i = 0; i < w->nfields; i++)
		cols[i + 1] = (struct column){
		    .name = w->fields[i]->name, .list = w->fields[i]->list};
	emit_free(w->emit);
	err = emit_new(&w->emit, &o, w->form->to, dg);
	if (err == CRM_OK)
		err = emit_begin(w->emit, cols, w->nfields + 1, dg);
	return err;
}

/* Every value has a field: nothing is left behind. */
static enum crm_err
values_get(struct walk *w, const struct record *r, struct diag *dg)
{
	unsigned at = 0, slot;
	struct str value;

	memset(w->values, 0, w->kind->nslots * sizeof(*w->values));
	while (row_each(&r->row, &at, &slot, &value)) {
		if (slot >= w->kind->nslots || !w->kind->slots[slot])
			return diag_set(dg, CRM_CONFIG,
			    "%s: a value in slot %u, which no field has; "
			    "crm-check says what is wrong",
			    buf_z(&w->id), slot);
		w->values[slot] = value;
	}
	return CRM_OK;
}

static enum crm_err
walk_record(struct walk *w, const struct record *r, struct diag *dg)
{
	bool clean = emit_clean(w->emit, r->row.flags);
	enum crm_err err;

	buf_reset(&w->id);
	id_print(store_schema(w->s), r->id, &w->id);
	err = values_get(w, r, dg);
	if (err != CRM_OK)
		return err;
	emit_cell(w->emit, str_of(&w->id), true);
	archive_sum_text(&w->crc, str_of(&w->id));
	for (size_t i = 0; i < w->nfields; i++) {
		struct str value = w->values[w->fields[i]->slot];

		emit_cell(w->emit, value, clean);
		if (value.n == 0)
			continue;
		archive_sum_text(&w->crc, w->fields[i]->name);
		archive_sum_text(&w->crc, value);
	}
	emit_row(w->emit);
	w->records++;
	if (w->progress && w->progress->tell && w->records % TELL_EVERY == 0)
		w->progress->tell(w->progress->arg, w->records);
	return w->form->to->n < ARCHIVE_CHUNK ? CRM_OK
					      : w->form->drain(w->form, dg);
}

static enum crm_err
walk_records(struct walk *w, uint64_t want, struct diag *dg)
{
	struct scan_spec spec = {
	    .type = SCAN_KIND, .kind = w->kind, .bare = true};
	struct scan *sc = NULL;
	uint64_t n = 0;
	bool got = true;
	enum crm_err err = scan_open(&sc, w->s, &spec, dg);

	while (err == CRM_OK) {
		struct record r;
		struct id id;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = scan_record(sc, &r, dg);
		if (err == CRM_OK)
			err = walk_record(w, &r, dg);
		n++;
	}
	scan_close(sc);
	return err == CRM_OK && n != want ? changed(dg) : err;
}

static enum crm_err
walk_kind(struct walk *w, const struct kind *k, struct diag *dg)
{
	struct archive_part p = {.name = k->name};
	uint16_t slots = 0;
	enum crm_err err = store_count(w->s, k, &p.records, dg);

	w->kind = k;
	if (err == CRM_OK)
		err = store_next(w->s, k, &p.next, dg);
	if (err == CRM_OK)
		err = restore_unused(w->s, k, &slots, dg);
	p.slots = slots;
	archive_sum_part(&w->crc, &p);
	if (err == CRM_OK)
		err = w->form->part(w->form, &p, dg);
	if (err == CRM_OK)
		err = walk_columns(w, dg);
	if (err == CRM_OK)
		err = walk_records(w, p.records, dg);
	return err == CRM_OK ? emit_end(w->emit, dg) : err;
}

/* What kinds and fields there are must be known before any other record. */
static enum crm_err
walk_kinds(struct walk *w, struct diag *dg)
{
	const struct schema *schema = store_schema(w->s);
	const struct kind *k = schema_kind_at(schema, 0);
	enum crm_err err = walk_kind(w, schema_kind_no(schema, KIND_KIND), dg);

	if (err == CRM_OK)
		err = walk_kind(w, schema_kind_no(schema, KIND_FIELD), dg);
	for (size_t i = 1; k && err == CRM_OK; k = schema_kind_at(schema, i++))
		if (k->no != KIND_KIND && k->no != KIND_FIELD)
			err = walk_kind(w, k, dg);
	return err;
}

static enum crm_err
head_get(struct store *s, struct archive_head *h, struct diag *dg)
{
	struct journal_state j = {0};
	uint16_t numbers = 0;
	enum crm_err err = store_reload(s, dg);

	*h = (struct archive_head){.version = ARCHIVE_VERSION};
	if (err == CRM_OK)
		err = journal_state(s, &j, dg);
	if (err == CRM_OK)
		err = restore_unused(s, NULL, &numbers, dg);
	h->txn = j.last;
	h->numbers = numbers;
	while (schema_kind_at(store_schema(s), h->kinds))
		h->kinds++;
	return err;
}

/* ERR, unless the store is not the one any more that the head is of. */
static enum crm_err
unchanged(struct store *s, const struct archive_head *h, enum crm_err err,
    struct diag *dg)
{
	struct archive_head now;
	struct diag why = {0};

	if (head_get(s, &now, &why) == CRM_OK && now.txn != h->txn)
		err = changed(dg);
	diag_clear(&why);
	return err;
}

static enum crm_err
walk_all(struct walk *w, struct diag *dg)
{
	struct archive_head h;
	enum crm_err err = head_get(w->s, &h, dg);

	if (err != CRM_OK)
		return err;
	archive_sum_head(&w->crc, &h);
	err = w->form->head(w->form, &h, dg);
	if (err == CRM_OK)
		err = walk_kinds(w, dg);
	/* What looks like damage may be of two moments. */
	if (err == CRM_OK || err == CRM_CONFIG)
		err = unchanged(w->s, &h, err, dg);
	if (err == CRM_OK)
		err = w->form->end(w->form, w->records, w->crc, dg);
	return err == CRM_OK ? w->form->drain(w->form, dg) : err;
}

enum crm_err
archive_walk(struct store *s, struct archive_form *f,
    const struct archive_progress *p, struct diag *dg)
{
	struct walk *w;
	enum crm_err err;

	if (store_missing(s))
		return diag_set(dg, CRM_NO,
		    "%s: there is no store; -S names another place",
		    store_path(s));
	w = calloc(1, sizeof(*w));
	if (!w)
		return diag_nomem(dg);
	w->s = s;
	w->form = f;
	w->progress = p;
	err = walk_all(w, dg);
	emit_free(w->emit);
	buf_clear(&w->id);
	free(w);
	return err;
}
