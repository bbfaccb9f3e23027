/* SPDX-License-Identifier: ISC */
/*
 * archive_take: from what an archive says to a store. The records of kinds
 * and fields are kept until all are there: only then is known what the fields
 * of kinds and fields themselves are.
 */
#include "crm/archive_impl.h"

#include "base/crc.h"
#include "base/num.h"
#include "model/schema_default.h"
#include "model/value.h"
#include "store/restore.h"

enum {
	TELL_EVERY = 1024,
	KEPT_MAX = 1 << 28, /* bytes of all records of kinds and fields */
	SCHEMA_PARTS = 2    /* kind, field */
};

struct archive_taker {
	struct store *s;
	struct archive_options o;
	struct archive_head head;
	uint64_t parts;		  /* so far */
	struct archive_part part; /* the present one */
	struct buf name;	  /* of it */
	struct archive_part schema_parts[SCHEMA_PARTS];
	struct buf kept[SCHEMA_PARTS]; /* records, see keep */
	const struct schema *schema;   /* NULL: its records are not all there */
	const struct kind *kind;
	bool seen[KIND_LIMIT];
	uint64_t in_part, records;
	uint32_t crc;
	struct id last;
	struct str values[ROW_SLOTS];
	struct buf norm;
};

enum crm_err
taker_new(struct archive_taker **out, struct store *s,
    const struct archive_options *o, struct diag *dg)
{
	struct archive_taker *t;

	*out = NULL;
	if (!store_missing(s))
		return diag_set(dg, CRM_DATA,
		    "%s: there is a store already, and an archive makes a "
		    "new one; name a new place with -S",
		    store_path(s));
	t = calloc(1, sizeof(*t));
	if (!t)
		return diag_nomem(dg);
	t->s = s;
	t->o = *o;
	*out = t;
	return CRM_OK;
}

void
taker_free(struct archive_taker *t)
{
	if (!t)
		return;
	store_abort(t->s);
	for (size_t i = 0; i < SCHEMA_PARTS; i++)
		buf_clear(&t->kept[i]);
	buf_clear(&t->name);
	buf_clear(&t->norm);
	free(t);
}

uint64_t
taker_records(const struct archive_taker *t)
{
	return t->records;
}

/* ---- head ------------------------------------------------------------- */

enum crm_err
taker_head(
    struct archive_taker *t, const struct archive_head *h, struct diag *dg)
{
	if (h->version != ARCHIVE_VERSION)
		return diag_set(dg, CRM_DATA,
		    "an archive of version %llu; this program reads version "
		    "%d, take a later one",
		    (unsigned long long)h->version, ARCHIVE_VERSION);
	if (h->kinds < SCHEMA_PARTS || h->kinds >= KIND_LIMIT ||
	    h->numbers > KIND_LIMIT || h->txn > ID_NUM_MAX)
		return diag_set(
		    dg, CRM_DATA, "no store has such numbers: damaged");
	t->head = *h;
	archive_sum_head(&t->crc, h);
	return restore_begin(t->s, t->o.who, dg);
}

/* ---- one value -------------------------------------------------------- */

static enum crm_err
ref_check(const struct archive_taker *t, const struct field *f,
    struct str value, struct diag *dg)
{
	struct str rest = value;

	while (rest.p) {
		struct str item = value_item(f, &rest);
		struct id id;

		if (!id_parse(t->schema, item, &id) ||
		    (f->ref && id.kind != f->ref))
			return diag_set(dg, CRM_DATA,
			    "'%.*s' is not the id of such a record",
			    STR_ARG(str_head(item, ID_TEXT_MAX)));
	}
	return CRM_OK;
}

/* Most values: plain text that nothing is to be done with. */
static bool
plain(const struct field *f, struct str v)
{
	if (f->type != TYPE_TEXT || f->list || v.n > CRM_FIELD_MAX ||
	    v.p[0] == ' ' || v.p[v.n - 1] == ' ')
		return false;
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < ' ' || (unsigned char)v.p[i] > '~')
			return false;
	return true;
}

/* A word that is no value of its enumeration any more is kept as it was. */
static enum crm_err
value_twin(struct archive_taker *t, const struct field *f, struct str v,
    struct diag *dg)
{
	struct field like = *f;
	bool odd = false;
	enum crm_err err;

	buf_reset(&t->norm);
	if (f->type == TYPE_ENUM)
		like.type = TYPE_TEXT;
	err = value_normalise(&like, v, NULL, &t->norm, &odd, dg);
	if (err == CRM_OK && !str_eq(str_of(&t->norm), v))
		err = diag_set(dg, CRM_DATA,
		    "'%.*s' is not written as a store keeps it, which is "
		    "'%.*s'",
		    STR_ARG(str_head(v, 60)),
		    STR_ARG(str_head(str_of(&t->norm), 60)));
	return err;
}

static enum crm_err
value_check(struct archive_taker *t, const struct field *f, struct str v,
    struct diag *dg)
{
	enum crm_err err;

	if (v.n == 0 || plain(f, v))
		return CRM_OK;
	err = value_twin(t, f, v, dg);
	if (err == CRM_OK && f->type == TYPE_REF)
		err = ref_check(t, f, v, dg);
	if (err != CRM_OK)
		diag_place(dg, "%.*s", STR_ARG(f->name));
	return err;
}

/* ---- one record ------------------------------------------------------- */

/* The field NAME, which most often is the one behind the last: *at. */
static const struct field *
field_of(const struct kind *k, struct str name, size_t *at)
{
	while (*at < k->nfields && k->fields[*at]->slot >= k->nslots)
		++*at;
	if (*at < k->nfields && str_eq(k->fields[*at]->name, name))
		return k->fields[(*at)++];
	for (size_t i = 0; i < k->nfields; i++) {
		if (!str_eq(k->fields[i]->name, name))
			continue;
		*at = i + 1;
		return k->fields[i];
	}
	return NULL;
}

static enum crm_err
values_take(struct archive_taker *t, const struct str *names,
    const struct str *cells, size_t n, struct diag *dg)
{
	const struct kind *k = t->kind;
	size_t at = 0;
	enum crm_err err = CRM_OK;

	memset(t->values, 0, k->nslots * sizeof(*t->values));
	for (size_t i = 1; i < n && err == CRM_OK; i++) {
		const struct field *f = field_of(k, names[i], &at);

		if (!f || f->slot >= k->nslots)
			return diag_set(dg, CRM_DATA,
			    "%.*s has no field '%.*s' that is kept",
			    STR_ARG(k->name), STR_ARG(str_head(names[i], 60)));
		err = value_check(t, f, cells[i], dg);
		t->values[f->slot] = cells[i];
	}
	return err;
}

static enum crm_err
id_take(
    struct archive_taker *t, struct str text, struct id *id, struct diag *dg)
{
	text = str_head(text, ID_TEXT_MAX + 1);
	if (!id_parse(t->schema, text, id) || id->kind != t->kind->no)
		return diag_set(dg, CRM_DATA,
		    "id: '%.*s' is not that of a %.*s", STR_ARG(text),
		    STR_ARG(t->kind->name));
	if (t->last.kind == id->kind && id_cmp(t->last, *id) >= 0)
		return diag_set(dg, CRM_DATA,
		    "id: '%.*s' is out of order, or there twice",
		    STR_ARG(text));
	if (id->num >= t->part.next)
		return diag_set(dg, CRM_DATA,
		    "id: '%.*s' is none that was ever given: the next one "
		    "has number %llu",
		    STR_ARG(text), (unsigned long long)t->part.next);
	t->last = *id;
	return CRM_OK;
}

static enum crm_err
record_put(struct archive_taker *t, const struct str *names,
    const struct str *cells, size_t n, struct diag *dg)
{
	struct id id;
	enum crm_err err = id_take(t, cells[0], &id, dg);

	if (err != CRM_OK)
		return err;
	err = values_take(t, names, cells, n, dg);
	if (err == CRM_OK)
		err = restore_put(t->s, id, t->values, t->kind->nslots, dg);
	if (err == CRM_DATA)
		diag_place(
		    dg, "%.*s", STR_ARG(str_head(cells[0], ID_TEXT_MAX)));
	return err;
}

/* ---- kinds and fields ------------------------------------------------- */

static void
keep_number(struct buf *to, size_t n)
{
	unsigned char room[4];

	num_put32(room, (uint32_t)n);
	buf_add(to, (struct str){.p = (const char *)room, .n = sizeof(room)});
}

/* The number of cells, then their lengths and bytes, each a name and a value.
 */
static enum crm_err
keep(struct archive_taker *t, const struct str *names, const struct str *cells,
    size_t n, struct diag *dg)
{
	struct buf *to = &t->kept[t->parts - 1];

	if (n > ROW_SLOTS + 1)
		return diag_set(dg, CRM_DATA, "%zu fields are too many", n);
	keep_number(to, n);
	for (size_t i = 0; i < n; i++) {
		keep_number(to, names[i].n);
		keep_number(to, cells[i].n);
		buf_add(to, names[i]);
		buf_add(to, cells[i]);
	}
	if (to->n > KEPT_MAX)
		return diag_set(dg, CRM_DATA,
		    "over %d MB of kinds and fields: no store of ours",
		    KEPT_MAX >> 20);
	return to->failed ? diag_nomem(dg) : CRM_OK;
}

struct kept_row {
	struct str names[ROW_SLOTS + 1], cells[ROW_SLOTS + 1];
	size_t n;
};

static struct str
kept_text(struct str *in, size_t n)
{
	struct str text = str_head(*in, n);

	*in = str_from_pos(*in, n);
	return text;
}

static size_t
kept_number(struct str *in)
{
	return num_get32((const unsigned char *)kept_text(in, 4).p);
}

static bool
kept_next(struct str *in, struct kept_row *row)
{
	if (in->n == 0)
		return false;
	row->n = kept_number(in);
	for (size_t i = 0; i < row->n; i++) {
		size_t name = kept_number(in), cell = kept_number(in);

		row->names[i] = kept_text(in, name);
		row->cells[i] = kept_text(in, cell);
	}
	return true;
}

static struct str
kept_get(const struct kept_row *row, const char *name)
{
	for (size_t i = 0; i < row->n; i++)
		if (str_is(row->names[i], name))
			return row->cells[i];
	return (struct str){0};
}

static bool
kept_number_is(const struct kept_row *row, const char *name, uint64_t want)
{
	uint64_t v;

	return num_u64(kept_get(row, name), &v) && v == want;
}

static bool
kept_yes(const struct kept_row *row, const char *name)
{
	return str_is(kept_get(row, name), "yes");
}

/* The program's own kinds are as it knows them; *own says that it is one. */
static bool
kind_fits(const struct kept_row *row, uint64_t num, bool *own)
{
	struct kind_def d;
	uint64_t no;

	*own = schema_default_kind(num - 1, &d);
	if (*own)
		return str_eq(kept_get(row, "name"), d.name) &&
		       str_eq(kept_get(row, "prefix"), d.prefix) &&
		       kept_number_is(row, "no", d.no);
	return num_u64(kept_get(row, "no"), &no) && no >= KIND_USER &&
	       no < KIND_LIMIT;
}

static bool
field_fits(const struct kept_row *row, uint64_t num, bool *own)
{
	struct field_def d;
	uint64_t slot;

	*own = schema_default_field(num - 1, &d);
	if (!*own)
		return num_u64(kept_get(row, "slot"), &slot) &&
		       slot >= SLOT_COMMON && slot < SLOT_LIMIT &&
		       kept_get(row, "derived").n == 0 &&
		       !kept_yes(row, "automatic");
	return str_eq(kept_get(row, "name"), d.name) &&
	       str_eq(kept_get(row, "type"), d.type) &&
	       str_eq(kept_get(row, "ref"), d.ref) &&
	       kept_yes(row, "list") == d.list &&
	       kept_yes(row, "automatic") == d.automatic &&
	       (d.derived ? kept_number_is(row, "derived", d.derived)
			  : kept_number_is(row, "slot", d.slot));
}

/* Adds what a kept record says to TO; its values are looked at later. */
static enum crm_err
define(struct archive_taker *t, struct schema *to, const struct kept_row *row,
    uint64_t *own, struct diag *dg)
{
	struct id id;
	bool fits, ours = false;
	enum crm_err err = id_take(t, row->cells[0], &id, dg);

	if (err != CRM_OK)
		return err;
	fits = id.kind == KIND_KIND ? kind_fits(row, id.num, &ours)
				    : field_fits(row, id.num, &ours);
	if (!fits)
		return diag_set(dg, CRM_DATA,
		    "%.*s: '%.*s' is not as this program needs it",
		    STR_ARG(row->cells[0]),
		    STR_ARG(str_head(kept_get(row, "name"), 60)));
	*own += ours;
	memset(t->values, 0, sizeof(t->values));
	for (size_t i = 1; i < row->n; i++) {
		const struct field *f = schema_field(t->kind, row->names[i]);

		if (f && f->slot < t->kind->nslots)
			t->values[f->slot] = row->cells[i];
	}
	return restore_define(to, t->kind, id.num, t->values, dg);
}

static uint64_t
own_total(void)
{
	struct kind_def k;
	struct field_def f;
	uint64_t n = 0, m = 0;

	while (schema_default_kind(n, &k))
		n++;
	while (schema_default_field(m, &f))
		m++;
	return n + m;
}

/* Walks what was kept: DEFINES a schema TO, or puts the records. */
static enum crm_err
kept_walk(struct archive_taker *t, struct kept_row *row, struct schema *to,
    struct diag *dg)
{
	static const uint16_t kinds[SCHEMA_PARTS] = {KIND_KIND, KIND_FIELD};
	uint64_t own = 0;
	enum crm_err err = CRM_OK;

	for (size_t i = 0; i < SCHEMA_PARTS; i++) {
		struct str in = str_of(&t->kept[i]);

		t->kind = schema_kind_no(t->schema, kinds[i]);
		t->part = t->schema_parts[i];
		t->last = (struct id){0};
		while (err == CRM_OK && kept_next(&in, row))
			err = to ? define(t, to, row, &own, dg)
				 : record_put(
				       t, row->names, row->cells, row->n, dg);
	}
	if (err == CRM_OK && to && own != own_total())
		err = diag_set(dg, CRM_DATA,
		    "kinds or fields that this program needs are not there");
	return err;
}

static enum crm_err
kept_put(struct archive_taker *t, struct kept_row *row, struct schema *to,
    struct diag *dg)
{
	enum crm_err err = CRM_OK;

	t->schema = store_schema(t->s);
	err = kept_walk(t, row, to, dg);
	if (err == CRM_OK)
		err = schema_finish(to, dg);
	t->schema = to;
	if (err == CRM_OK)
		err = kept_walk(t, row, NULL, dg);
	return err == CRM_OK ? restore_schema(t->s, dg) : err;
}

static enum crm_err
counters_put(struct archive_taker *t, const struct kind *k,
    const struct archive_part *p, struct diag *dg)
{
	enum crm_err err = restore_used(t->s, k, p->next - 1, dg);

	return err == CRM_OK ? restore_reserve(t->s, k, (uint16_t)p->slots, dg)
			     : err;
}

/* All kinds and fields are there: from now on there is a schema. */
static enum crm_err
schema_take(struct archive_taker *t, struct diag *dg)
{
	struct kept_row *row = malloc(sizeof(*row));
	struct schema *to = schema_new();
	enum crm_err err =
	    row && to ? kept_put(t, row, to, dg) : diag_nomem(dg);

	t->schema = store_schema(t->s);
	if (err == CRM_OK)
		err = counters_put(t, schema_kind_no(t->schema, KIND_KIND),
		    &t->schema_parts[0], dg);
	if (err == CRM_OK)
		err = counters_put(t, schema_kind_no(t->schema, KIND_FIELD),
		    &t->schema_parts[1], dg);
	if (err == CRM_OK)
		err =
		    restore_reserve(t->s, NULL, (uint16_t)t->head.numbers, dg);
	schema_free(to);
	free(row);
	return err;
}

/* ---- parts ------------------------------------------------------------ */

static enum crm_err
part_end(struct archive_taker *t, struct diag *dg)
{
	if (t->parts > 0 && t->in_part != t->part.records)
		return diag_set(dg, CRM_DATA,
		    "%s: %llu records, but %llu were promised: it was cut "
		    "short, or changed",
		    buf_z(&t->name), (unsigned long long)t->in_part,
		    (unsigned long long)t->part.records);
	return t->parts == SCHEMA_PARTS ? schema_take(t, dg) : CRM_OK;
}

static enum crm_err
part_check(const struct archive_taker *t, const struct archive_part *p,
    struct diag *dg)
{
	static const char *const first[SCHEMA_PARTS] = {"kind", "field"};

	if (t->parts == t->head.kinds)
		return diag_set(dg, CRM_DATA,
		    "more than the %llu kinds that were promised",
		    (unsigned long long)t->head.kinds);
	if (t->parts < SCHEMA_PARTS && !str_is(p->name, first[t->parts]))
		return diag_set(dg, CRM_DATA,
		    "'%.*s': kinds and fields must be known before it",
		    STR_ARG(str_head(p->name, 60)));
	if (p->next == 0 || p->next > ID_NUM_MAX || p->slots > SLOT_LIMIT)
		return diag_set(dg, CRM_DATA,
		    "%.*s: no store has such numbers: damaged",
		    STR_ARG(str_head(p->name, 60)));
	return CRM_OK;
}

static enum crm_err
part_kind(
    struct archive_taker *t, const struct archive_part *p, struct diag *dg)
{
	if (t->parts <= SCHEMA_PARTS) {
		t->schema_parts[t->parts - 1] = t->part;
		return CRM_OK;
	}
	t->kind = schema_kind(t->schema, p->name);
	if (!t->kind || t->seen[t->kind->no] || t->kind->no == KIND_KIND ||
	    t->kind->no == KIND_FIELD)
		return diag_set(dg, CRM_DATA,
		    "'%.*s' is no kind of this store, or was there before",
		    STR_ARG(str_head(p->name, 60)));
	t->seen[t->kind->no] = true;
	return counters_put(t, t->kind, p, dg);
}

enum crm_err
taker_part(
    struct archive_taker *t, const struct archive_part *p, struct diag *dg)
{
	enum crm_err err = part_end(t, dg);

	if (err == CRM_OK)
		err = part_check(t, p, dg);
	if (err != CRM_OK)
		return err;
	archive_sum_part(&t->crc, p);
	buf_reset(&t->name);
	buf_add(&t->name, p->name);
	t->part = *p;
	t->part.name = str_of(&t->name);
	t->in_part = 0;
	t->last = (struct id){0};
	t->parts++;
	return t->name.failed ? diag_nomem(dg) : part_kind(t, p, dg);
}

enum crm_err
taker_record(struct archive_taker *t, const struct str *names,
    const struct str *cells, size_t n, struct diag *dg)
{
	if (n == 0 || !str_is(names[0], "id"))
		return diag_set(dg, CRM_DATA, "a record begins with its id");
	if (t->in_part == t->part.records)
		return diag_set(dg, CRM_DATA,
		    "more than the %llu records that were promised",
		    (unsigned long long)t->part.records);
	archive_sum_text(&t->crc, cells[0]);
	for (size_t i = 1; i < n; i++) {
		if (cells[i].n == 0)
			continue;
		archive_sum_text(&t->crc, names[i]);
		archive_sum_text(&t->crc, cells[i]);
	}
	t->in_part++;
	t->records++;
	if (t->o.progress.tell && t->records % TELL_EVERY == 0)
		t->o.progress.tell(t->o.progress.arg, t->records);
	return t->parts <= SCHEMA_PARTS ? keep(t, names, cells, n, dg)
					: record_put(t, names, cells, n, dg);
}

enum crm_err
taker_end(
    struct archive_taker *t, uint64_t records, struct str crc, struct diag *dg)
{
	char sum[16];
	enum crm_err err = part_end(t, dg);

	if (err != CRM_OK)
		return err;
	snprintf(sum, sizeof(sum), "%08x", (unsigned)t->crc);
	if (t->parts != t->head.kinds || t->parts <= SCHEMA_PARTS ||
	    t->records != records)
		return diag_set(dg, CRM_DATA,
		    "%llu kinds and %llu records, but %llu and %llu were "
		    "promised: it was cut short, or changed",
		    (unsigned long long)t->parts,
		    (unsigned long long)t->records,
		    (unsigned long long)t->head.kinds,
		    (unsigned long long)records);
	if (!str_is(crc, sum))
		return diag_set(dg, CRM_DATA,
		    "the checksum of what is in it is %s, not '%.*s': it was "
		    "damaged, or changed",
		    sum, STR_ARG(str_head(crc, 16)));
	return CRM_OK;
}

enum crm_err
taker_settle(struct archive_taker *t, struct diag *dg)
{
	return t->o.dry
		   ? CRM_OK
		   : restore_end(t->s, t->head.txn, t->o.found, t->o.arg, dg);
}
