/* SPDX-License-Identifier: ISC */
/*
 * crm_import_same: what is exported as a table or as JSON lines and imported
 * into a fresh store is exported again byte for byte the same: every field of
 * every record of every kind, kinds and fields of users too. One store after
 * the other from random_store.h, CRM_SAME_STORES of them.
 */
#include "random_store.h"
#include "rounds.h"

#include "base/num.h"
#include "crm/archive.h"
#include "crm/archive_read.h"
#include "crm/columns.h"
#include "crm/import.h"
#include "crm/name.h"
#include "text/csv.h"
#include "text/csv_guard.h"
#include "text/emit.h"
#include "text/json_rows.h"
#include "text/tsv_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

enum { KINDS_MAX = 64, SETTLED_MAX = 16 };

static const enum format formats[] = {FORMAT_TSV, FORMAT_CSV, FORMAT_JSONL};

struct fixture {
	char dir[64];
	struct diag dg;
	struct clock clock;
	unsigned long long seed;
	unsigned stores;
	uint64_t rows;
	const struct schema *fresh; /* of a new store */
};

/* A store as text: a table a kind. */
struct tables {
	char names[KINDS_MAX][64];
	struct buf text[KINDS_MAX];
	size_t n;
};

#define OK(f, call)                                                            \
	do {                                                                   \
		if ((call) != CRM_OK)                                          \
			fail_msg("store %llu: %s: %s", (f)->seed, #call,       \
			    diag_text(&(f)->dg));                              \
	} while (0)

static const struct change_origin who = {.time = 1772452800,
    .user = {.p = "tester", .n = 6},
    .command = {.p = "test", .n = 4}};

/* ---- places ----------------------------------------------------------- */

/* In memory where that can be had: a store is synced at every commit. */
static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *tmp = getenv("TMPDIR");

	if (access("/dev/shm", W_OK) == 0)
		tmp = "/dev/shm";
	snprintf(
	    f->dir, sizeof(f->dir), "%s/crm-same-XXXXXX", tmp ? tmp : "/tmp");
	f->clock.now = INT64_C(1772452800);
	*state = f;
	return mkdtemp(f->dir) ? 0 : -1;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char command[96];

	/* A test that failed has left stores. */
	snprintf(command, sizeof(command), "rm -rf %s", f->dir);
	if (system(command) != 0)
		print_error("%s\n", command);
	diag_clear(&f->dg);
	free(f);
	return 0;
}

/* A place for a store where none is. */
static struct store *
store_new(struct fixture *f)
{
	char path[96];
	struct store_options o = {.path = path};
	struct store *s = NULL;

	snprintf(path, sizeof(path), "%s/s%u", f->dir, f->stores++);
	OK(f, store_open(&s, &o, &f->dg));
	return s;
}

static void
store_remove(struct store *s)
{
	static const char *const files[] = {"data.mdb", "lock.mdb"};
	char path[96], file[128];

	snprintf(path, sizeof(path), "%s", store_path(s));
	store_close(s);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(file, sizeof(file), "%s/%s", path, files[i]);
		unlink(file);
	}
	rmdir(path);
}

/* ---- out -------------------------------------------------------------- */

/* What a table cannot hold of kinds and fields. Those that a fresh store has
 * are changed, not added, so that their times are its own; the number of a
 * kind and the place of a field are given by the store, and those of deleted
 * ones are not given again; fields that users gave to kinds and to fields
 * would have to be there before the table that makes them. */
static bool
left_out(const struct fixture *f, const struct kind *k, const struct field *of)
{
	if (k->no != KIND_KIND && k->no != KIND_FIELD)
		return false;
	return of->slot == SLOT_CREATED || of->slot == SLOT_UPDATED ||
	       str_is(of->name, "no") || str_is(of->name, "slot") ||
	       !schema_field(schema_kind_no(f->fresh, k->no), of->name);
}

/* All stored fields of K but those. */
static void
names_of(const struct fixture *f, const struct kind *k, struct buf *out)
{
	buf_addz(out, "id");
	for (size_t i = 0; i < k->nfields; i++) {
		const struct field *of = k->fields[i];

		if (of->slot != SLOT_NONE && !left_out(f, k, of))
			buf_addf(out, ",%.*s", STR_ARG(of->name));
	}
}

/* All records of K with all that is stored of them, as crm-export -f prints
 * them. */
static void
kind_export(struct fixture *f, struct store *s, const struct kind *k,
    enum format format, struct buf *out)
{
	struct emit_options eo = {.format = format};
	struct scan_spec spec = {.type = SCAN_KIND, .kind = k, .bare = true};
	struct columns *columns = NULL;
	struct buf names = {0};
	struct emit *emit = NULL;
	struct scan *scan = NULL;
	struct record r;
	struct id id;
	bool got = true;

	names_of(f, k, &names);
	OK(f,
	    columns_new(&columns, s, k, buf_z(&names), COLUMNS_STORED, &f->dg));
	OK(f, emit_new(&emit, &eo, out, &f->dg));
	OK(f, columns_begin(columns, emit, &f->dg));
	OK(f, scan_open(&scan, s, &spec, &f->dg));
	while (got) {
		OK(f, scan_next(scan, &id, &got, &f->dg));
		if (!got)
			break;
		OK(f, scan_record(scan, &r, &f->dg));
		OK(f, columns_emit(columns, emit, &r, &f->dg));
	}
	OK(f, emit_end(emit, &f->dg));
	scan_close(scan);
	emit_free(emit);
	columns_free(columns);
	buf_clear(&names);
}

static void
tables_export(
    struct fixture *f, struct store *s, enum format format, struct tables *t)
{
	const struct kind *k;

	for (t->n = 0; (k = schema_kind_at(store_schema(s), t->n)); t->n++) {
		assert_true(t->n < KINDS_MAX);
		snprintf(t->names[t->n], sizeof(t->names[t->n]), "%.*s",
		    STR_ARG(k->name));
		t->text[t->n] = (struct buf){0};
		kind_export(f, s, k, format, &t->text[t->n]);
	}
	store_pause(s);
}

static void
tables_clear(struct tables *t)
{
	for (size_t i = 0; i < t->n; i++)
		buf_clear(&t->text[i]);
}

/* ---- in --------------------------------------------------------------- */

/* Hands a text out in uneven pieces. */
static ptrdiff_t
text_read(void *arg, char *p, size_t n)
{
	struct str *rest = arg;
	size_t most = rest->n % 4093 + 1;

	n = n < most ? n : most;
	n = n < rest->n ? n : rest->n;
	if (n > 0)
		memcpy(p, rest->p, n);
	*rest = str_from_pos(*rest, n);
	return (ptrdiff_t)n;
}

/* Rows that say of which kind they are; those of csv without the apostrophes
 * that our export puts there. */
struct kind_rows {
	struct rows rows;
	struct rows *from;
	struct str kind;
	bool guarded;
	struct str *cells;
	size_t n;
};

static void
unguard(struct kind_rows *r, struct rows_row *row)
{
	if (r->n < row->n) {
		free(r->cells);
		r->n = row->n;
		r->cells = calloc(r->n, sizeof(*r->cells));
		assert_non_null(r->cells);
	}
	for (size_t i = 0; i < row->n; i++)
		r->cells[i] = csv_unguard(row->cells[i]);
	row->cells = r->cells;
}

static enum crm_err
kind_rows_next(
    struct rows *rows, struct rows_row *row, bool *got, struct diag *dg)
{
	struct kind_rows *r = (struct kind_rows *)rows;
	enum crm_err err = rows_next(r->from, row, got, dg);

	if (!err && *got && r->guarded)
		unguard(r, row);
	row->kind = r->kind;
	return err;
}

static void
kind_rows_close(struct rows *rows)
{
	struct kind_rows *r = (struct kind_rows *)rows;

	rows_close(r->from);
	free(r->cells);
}

static void
table_import(struct fixture *f, struct import *import, enum format format,
    struct str text, const char *name)
{
	static const struct rows_class class = {
	    kind_rows_next, kind_rows_close};
	struct source src = {.read = text_read, .arg = &text, .name = name};
	struct kind_rows r = {.rows = {.class = &class},
	    .kind = str_from(name),
	    .guarded = format == FORMAT_CSV};

	if (format == FORMAT_CSV)
		OK(f, csv_rows_open(&r.from, &src, NULL, &f->dg));
	else if (format == FORMAT_TSV)
		OK(f, tsv_rows_open(&r.from, &src, NULL, &f->dg));
	else
		OK(f, json_rows_open(&r.from, &src, NULL, &f->dg));
	OK(f, import_rows(import, &r.rows, name, NULL, &f->dg));
	rows_close(&r.rows);
}

static enum crm_err
refused(void *arg, const struct import_refusal *r, struct diag *dg)
{
	struct fixture *f = arg;

	(void)dg;
	print_error("store %llu: %s:%llu: %.*s '%.*s': %s\n", f->seed, r->name,
	    (unsigned long long)r->row->line, STR_ARG(r->column),
	    STR_ARG(r->value), r->why);
	return CRM_OK;
}

/* The program's own fields that the store has no more; a fresh one has them
 * again, and a table cannot say that one is to go. */
static void
fields_remove(struct fixture *f, struct store *s, struct store *as)
{
	const struct kind *k = schema_kind_no(store_schema(s), KIND_FIELD);
	uint64_t next;

	OK(f, store_next(s, k, &next, &f->dg));
	for (uint64_t num = 1; num < next; num++) {
		struct id id = {.kind = KIND_FIELD, .num = num};
		struct change c = {.op = CHANGE_DELETE, .kind = k, .id = id};

		if (store_has(s, id) && !store_has(as, id))
			OK(f, store_apply(s, &c, &f->dg));
	}
	store_pause(as);
}

/* Kinds and fields first; of the others it is the seed that says which come
 * first: those that refer to others come before and behind them. */
static void
tables_import(struct fixture *f, struct store *s, enum format format,
    const struct tables *t, struct store *as)
{
	static const struct str keys[] = {{"id", 2}};
	struct writer_options wo = {.clock = &f->clock};
	struct import_options io = {.clock = &f->clock,
	    .keys = keys,
	    .nkeys = 1,
	    .refused = refused,
	    .arg = f};
	struct writer *w = NULL;
	struct import *import = NULL;

	OK(f, store_begin(s, &who, f->seed % 2, &f->dg));
	OK(f, writer_new(&w, s, &wo, &f->dg));
	OK(f, import_new(&import, w, s, &io, &f->dg));
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->names[i], "kind"))
			table_import(
			    f, import, format, str_of(&t->text[i]), "kind");
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->names[i], "field"))
			table_import(
			    f, import, format, str_of(&t->text[i]), "field");
	fields_remove(f, s, as);
	for (size_t i = 0; i < t->n; i++) {
		size_t at = f->seed / 2 % 2 ? i : t->n - 1 - i;

		at = (at + f->seed / 4) % t->n;
		if (strcmp(t->names[at], "kind") != 0 &&
		    strcmp(t->names[at], "field") != 0)
			table_import(f, import, format, str_of(&t->text[at]),
			    t->names[at]);
	}
	OK(f, import_end(import, &f->dg));
	assert_int_equal(import_count(import).refused, 0);
	f->rows += import_count(import).added;
	import_free(import);
	writer_free(w);
	OK(f, store_commit(s, &f->dg));
}

/* ---- what a table cannot say ------------------------------------------ */

/* What a new record without a value in F gets, in a record with VALUES. */
static void
fallback(const struct record *r, const struct field *f, struct buf *out)
{
	struct str name = str_from_pos(f->fallback, 1);
	const struct field *other;
	const struct choice *c;

	if (f->fallback.n == 0 || f->fallback.p[0] != '@') {
		buf_add(out, f->fallback);
		return;
	}
	other = schema_field(r->kind, name);
	c = other ? field_choice(other, row_get(&r->row, other->slot)) : NULL;
	if (c && c->weight >= 0)
		buf_addf(out, "%d", c->weight);
}

static void
full_name(const struct record *r, struct buf *out)
{
	static const char *const names[] = {"given", "middle", "family"};
	struct str parts[ARRAY_LEN(names)] = {{0}};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct field *f =
		    schema_field(r->kind, str_from(names[i]));

		if (f && f->slot != SLOT_NONE)
			parts[i] = row_get(&r->row, f->slot);
	}
	name_join(
	    &(struct name_parts){
		.given = parts[0], .middle = parts[1], .family = parts[2]},
	    out);
}

/* Gives the record what it would get as a new one; true when that is
 * something. */
static bool
record_settle(struct fixture *f, struct store *s, const struct record *r)
{
	struct change_field fields[SETTLED_MAX];
	struct buf values[SETTLED_MAX] = {{0}};
	struct change c = {.op = CHANGE_UPDATE,
	    .kind = r->kind,
	    .id = r->id,
	    .fields = fields,
	    .exact = true};

	for (size_t i = SLOT_UPDATED + 1; i < r->kind->nslots; i++) {
		const struct field *field = r->kind->slots[i];
		struct buf *value = &values[c.nfields];

		if (!field || row_get(&r->row, (unsigned)i).n)
			continue;
		fallback(r, field, value);
		if (r->kind->no == KIND_CONTACT && str_is(field->name, "name"))
			full_name(r, value);
		if (value->n == 0)
			continue;
		assert_true(c.nfields < SETTLED_MAX);
		fields[c.nfields++] = (struct change_field){
		    .field = field, .after = str_of(value)};
	}
	if (c.nfields)
		OK(f, store_apply(s, &c, &f->dg));
	for (size_t i = 0; i < SETTLED_MAX; i++)
		buf_clear(&values[i]);
	return c.nfields > 0;
}

static void
kind_settle(struct fixture *f, struct store *s, const struct kind *k)
{
	uint64_t next;

	OK(f, store_next(s, k, &next, &f->dg));
	for (uint64_t num = 1; num < next; num++) {
		struct id id = {.kind = k->no, .num = num};
		struct record r;

		/* One value may be what another falls back to. */
		do {
			if (!store_has(s, id))
				break;
			OK(f, store_get(s, id, &r, &f->dg));
		} while (record_settle(f, s, &r));
	}
}

/* An empty cell is no value, and a new record without a value gets what the
 * field falls back to, a person a name of its parts. */
static void
settle(struct fixture *f, struct store *s)
{
	const struct kind *k;

	OK(f, store_begin(s, &who, false, &f->dg));
	for (size_t i = 0; (k = schema_kind_at(store_schema(s), i)); i++)
		if (k->no != KIND_KIND && k->no != KIND_FIELD)
			kind_settle(f, s, k);
	OK(f, store_commit(s, &f->dg));
}

/* ---- there and back --------------------------------------------------- */

static void
tables_equal(
    const struct fixture *f, const struct tables *a, const struct tables *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		struct str x = str_of(&a->text[i]), y = str_of(&b->text[i]);

		while (!str_eq(x, y)) {
			struct str one = str_cut(&x, '\n');
			struct str other = str_cut(&y, '\n');

			if (!str_eq(one, other))
				fail_msg("store %llu: %s\n%.*s\n%.*s", f->seed,
				    a->names[i], STR_ARG(one), STR_ARG(other));
		}
	}
}

static void
tables_there_and_back(struct fixture *f, struct store *s)
{
	enum format format = formats[f->seed % ARRAY_LEN(formats)];
	struct store *copy = store_new(f);
	struct tables a, b;

	f->fresh = store_schema(copy);
	settle(f, s);
	tables_export(f, s, format, &a);
	tables_import(f, copy, format, &a, s);
	tables_export(f, copy, format, &b);
	tables_equal(f, &a, &b);
	tables_clear(&a);
	tables_clear(&b);
	store_remove(copy);
}

static enum crm_err
leave(void *arg, struct diag *dg)
{
	(void)arg;
	(void)dg;
	return CRM_OK;
}

static void
fault(void *arg, const char *line)
{
	(void)arg;
	print_error("%s\n", line);
}

/* The whole store, as it is. */
static void
archive_there_and_back(struct fixture *f, struct store *s)
{
	struct archive_options o = {.who = &who, .found = fault};
	struct store *copy = store_new(f);
	struct buf first = {0}, second = {0};
	struct str rest;
	struct source src = {.read = text_read, .arg = &rest, .name = "in"};
	uint64_t records;

	OK(f, archive_write(s, &first, leave, NULL, NULL, &f->dg));
	rest = str_of(&first);
	OK(f, archive_read(copy, &src, &o, &records, &f->dg));
	OK(f, archive_write(copy, &second, leave, NULL, NULL, &f->dg));
	if (!str_eq(str_of(&first), str_of(&second)))
		fail_msg("store %llu: another archive", f->seed);
	buf_clear(&first);
	buf_clear(&second);
	store_pause(s);
	store_remove(copy);
}

static void
stores_return(void **state)
{
	struct fixture *f = *state;
	const char *stores = getenv("CRM_SAME_STORES");
	uint64_t n = rounds(1000, 150, 40);

	if (stores && !num_u64(str_from(stores), &n))
		fail_msg("CRM_SAME_STORES=%s", stores);
	for (f->seed = 1; f->seed <= n; f->seed++) {
		struct store *s = store_new(f);
		struct random_store r = {
		    .s = s, .seed = f->seed, .dg = &f->dg, .small = true};

		OK(f, random_fill(&r));
		/* crm_archive does that with larger stores, both ways. */
		archive_there_and_back(f, s);
		tables_there_and_back(f, s);
		store_remove(s);
	}
	print_message("%llu rows\n", (unsigned long long)f->rows);
	assert_true(f->rows > 20 * n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stores_return),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
