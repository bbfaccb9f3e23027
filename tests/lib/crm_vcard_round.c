/* SPDX-License-Identifier: ISC */
/* Tests of crm/export_vcard and crm/import_vcard together: every field comes
 * back from a card of either version as it was stored. */
#include "query_test.h"

#include "crm/export_vcard.h"
#include "crm/find.h"
#include "random_store.h"
#include "rounds.h"
#include "vcard_test.h"

/* What a card can hold of S: no control characters but tab and LF. */
static void
held(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c >= ' ' && c != 0x7f) || c == '\t' || c == '\n')
			buf_addc(out, s.p[i]);
	}
}

/* Appends what the store makes of TEXT. */
static void
stored(struct world *w, const struct field *f, struct str text, struct buf *out)
{
	bool odd = false;

	OK(w, value_normalise(f, text, &w->clock, out, &odd, &w->dg));
}

/* The name of the org that is meant. */
static void
org_name(struct world *w, struct str ref, struct buf *out)
{
	const struct field *f = schema_field(kind_of(w, "org"), STR("name"));
	struct record r;
	struct id id;

	if (ref.n == 0)
		return;
	assert_true(id_parse(store_schema(w->s), ref, &id));
	if (store_get(w->s, id, &r, &w->dg) == CRM_OK)
		buf_add(out, row_get(&r.row, f->slot));
	diag_clear(&w->dg);
}

static struct str
cell_of(const struct rows_row *row, struct str name)
{
	for (size_t i = 0; i < row->n; i++)
		if (str_eq(row->names[i], name))
			return row->cells[i];
	return STR("");
}

/* Field F of R is the cell of the same name. */
static void
same_field(struct world *w, const struct record *r, const struct field *f,
    const struct rows_row *row, struct str card)
{
	struct str was = row_get(&r->row, f->slot);
	struct buf kept = {0}, want = {0}, got = {0};
	struct str name = f->name;

	if (str_is(name, "org") && f->type == TYPE_REF) {
		name = STR("org.name");
		org_name(w, was, &kept);
		was = str_of(&kept);
	}
	held(was, &got);
	buf_reset(&kept);
	buf_add(&kept, str_of(&got));
	buf_reset(&got);
	/* Controls may have hidden what the store cuts off. */
	if (f->type == TYPE_TEXT)
		stored(w, f, str_of(&kept), &want);
	else
		buf_add(&want, str_of(&kept));
	if (f->type == TYPE_REF)
		buf_add(&got, cell_of(row, name));
	else
		stored(w, f, cell_of(row, name), &got);
	if (!str_eq(str_of(&got), str_of(&want)))
		fail_msg("%.*s: '%s' came back as '%s' from\n%.*s",
		    STR_ARG(name), buf_z(&want), buf_z(&got), STR_ARG(card));
	buf_clear(&kept);
	buf_clear(&want);
	buf_clear(&got);
}

/* Every line is one that all can read: 75 bytes, UTF-8 in one piece. */
static void
lines_fit(struct str card)
{
	while (card.n > 0) {
		size_t n = str_find(card, STR("\r\n")), bad;
		assert_true(n < card.n && n <= 75);
		assert_true(utf8_valid(str_head(card, n), &bad));
		card = str_from_pos(card, n + 2);
	}
}

static bool
same_kind(const struct record *r, const struct rows_row *row)
{
	return str_is(row->kind, r->kind->no == KIND_ORG ? "org" : "contact");
}

static void
same_record(struct world *w, const struct record *r, struct str card)
{
	struct vcard_bytes bytes = {.s = card, .step = 13};
	struct source src = {.read = vcard_read, .arg = &bytes, .name = "in"};
	struct vcard_options o = {.store = w->s, .own = true};
	struct buf id = {0};
	struct rows *rows = NULL;
	struct rows_row row;
	bool got = false;

	lines_fit(card);
	OK(w, vcard_rows_open(&rows, &src, &o, &w->dg));
	OK(w, rows_next(rows, &row, &got, &w->dg));
	assert_true(got && same_kind(r, &row));
	id_print(store_schema(w->s), r->id, &id);
	assert_true(str_eq(cell_of(&row, STR("id")), str_of(&id)));
	for (size_t i = 0; i < r->kind->nfields; i++) {
		const struct field *f = r->kind->fields[i];
		if (f->slot != SLOT_NONE && !f->sensitive)
			same_field(w, r, f, &row, card);
	}
	OK(w, rows_next(rows, &row, &got, &w->dg));
	assert_false(got);
	rows_close(rows);
	buf_clear(&id);
}

/* All records of the kind, there and back in both versions. */
static size_t
kind_round(struct world *w, const char *kind)
{
	static const enum vcard_version versions[] = {VCARD_3, VCARD_4};
	const struct kind *k = kind_of(w, kind);
	struct vcards *v[2] = {NULL, NULL};
	struct finder *f = NULL;
	struct find_options o = {.kind = k, .limit = UINT64_MAX};
	struct buf card = {0};
	struct record r;
	bool got = true;
	size_t n = 0, i;

	for (i = 0; i < 2; i++)
		OK(w, vcards_new(&v[i], w->s, k, versions[i], &w->dg));
	OK(w, finder_new(&f, w->s, &w->clock, &o, &w->dg));
	finder_bare(f);
	while (got) {
		OK(w, finder_next(f, &r, &got, &w->dg));
		for (i = 0; got && i < 2; i++) {
			buf_reset(&card);
			OK(w, vcards_add(v[i], &r, &card, &w->dg));
			same_record(w, &r, str_of(&card));
		}
		n += got;
	}
	finder_free(f);
	vcards_free(v[0]);
	vcards_free(v[1]);
	buf_clear(&card);
	return n;
}

static void
random_records(void **state)
{
	const unsigned stores = rounds(1000, 150, 50);
	size_t n = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= stores; seed++) {
		struct world *w = world_new();
		struct random_store r = {.s = w->s,
		    .seed = seed,
		    .dg = &w->dg,
		    .small = seed % 16 > 0};

		OK(w, random_fill(&r));
		n += kind_round(w, "contact") + kind_round(w, "org");
		world_free(w);
	}
	assert_true(n > 3 * stores);
}

/* A record of KIND with TEXT in all fields of text that may be the same in
 * several records; 0 when nothing of it can be stored. */
static size_t
add_texts(struct world *w, const char *kind, struct str text)
{
	const struct kind *k = kind_of(w, kind);
	struct change_field list[64];
	struct buf values[64] = {{0}};
	struct change c = {.op = CHANGE_CREATE, .kind = k, .fields = list};
	bool odd = false;

	for (size_t i = 0; i < k->nfields && c.nfields < 64; i++) {
		const struct field *f = k->fields[i];
		struct buf *value = &values[c.nfields];
		if (f->type != TYPE_TEXT || f->slot == SLOT_NONE || f->unique)
			continue;
		if (value_normalise(f, text, &w->clock, value, &odd, &w->dg) ==
			CRM_OK &&
		    value->n)
			list[c.nfields++] = (struct change_field){
			    .field = f, .after = str_of(value)};
	}
	if (c.nfields)
		OK(w, store_apply(w->s, &c, &w->dg));
	for (size_t i = 0; i < 64; i++)
		buf_clear(&values[i]);
	return c.nfields > 0;
}

static void
naughty_strings(void **state)
{
	struct world *w = world_new();
	struct buf file = {0};
	struct str rest;
	size_t lines = 0;

	(void)state;
	vcard_file("tests/data/blns/blns.txt", &file);
	rest = str_of(&file);
	begin(w);
	while (rest.p) {
		struct str line = str_cut(&rest, '\n');
		if (line.n == 0 || line.p[0] == '#')
			continue;
		lines += add_texts(w, "contact", line);
		(void)add_texts(w, "org", line);
	}
	/* All of them as one text, too. */
	assert_int_equal(add_texts(w, "contact", str_of(&file)), 1);
	commit(w);
	assert_true(lines > 500);
	assert_int_equal(kind_round(w, "contact"), lines + 1);
	assert_int_equal(kind_round(w, "org"), lines);
	buf_clear(&file);
	world_free(w);
}

/* A card that came from elsewhere goes back under the same UID, and where it
 * goes it is known by our id too. */
static void
foreign_uids(void **state)
{
	struct world *w = world_new();
	struct vcards *v = NULL;
	struct record r;
	struct buf card = {0}, rows = {0};
	struct vcard_bytes bytes = {0};
	struct id id;

	(void)state;
	begin(w);
	id = add(w, "contact", "name=Ann;ext=shop:1,vcard:urn:uuid:4f-1");
	commit(w);
	OK(w, vcards_new(&v, w->s, kind_of(w, "contact"), VCARD_4, &w->dg));
	OK(w, store_get(w->s, id, &r, &w->dg));
	OK(w, vcards_add(v, &r, &card, &w->dg));
	assert_non_null(strstr(buf_z(&card), "\r\nUID:urn:uuid:4f-1\r\n"));
	bytes.s = str_of(&card);
	vcard_rows_text(&bytes, &(struct vcard_options){.store = w->s}, &rows);
	assert_non_null(strstr(buf_z(&rows),
	    "\next=shop:1,vcard:urn:uuid:4f-1,crm:c1,vcard:urn:uuid:4f-1\n"));
	vcards_free(v);
	buf_clear(&card);
	buf_clear(&rows);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_records),
	    cmocka_unit_test(naughty_strings),
	    cmocka_unit_test(foreign_uids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
