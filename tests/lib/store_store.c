/* SPDX-License-Identifier: ISC */
/* Unit tests of the store: creation, lookups, scans, the door, derived
 * fields, bulk loads, the schema as records, damage. */
#include "store_test.h"

#include <sys/stat.h>

static void
missing_store_reads_as_empty(void **state)
{
	struct fixture *f = *state;
	struct record r;
	uint64_t n = 9;

	assert_true(store_missing(f->s));
	OK(f, store_count(f->s, kind(f, "contact"), &n, &f->dg));
	assert_int_equal(n, 0);
	assert_int_equal(
	    store_get(
		f->s, (struct id){.kind = KIND_CONTACT, .num = 1}, &r, &f->dg),
	    CRM_NO);
	verify(f);
	assert_int_not_equal(access(f->path, F_OK), 0);
}

static void
first_write_creates_with_modes(void **state)
{
	struct fixture *f = *state;
	struct id id = {0};
	struct stat st;
	char file[128];
	mode_t old = umask(0777);

	begin(f, false);
	umask(old);
	OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", "Ada", NULL));
	OK(f, store_commit(f->s, &f->dg));
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	snprintf(file, sizeof(file), "%s/data.mdb", f->path);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	snprintf(file, sizeof(file), "%s/lock.mdb", f->path);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(st.st_blocks * 512 >= 64 * 1024);
	assert_string_equal(text(f, id), "c1");
	value_is(f, id, "name", "Ada");
	value_is(f, id, "created", "2026-03-02T12:00:00Z");
	verify(f);
}

static void
abort_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct id a = {0}, b = {0};
	uint64_t n;

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "contact", &a, "name", "Ada", NULL));
	store_abort(f->s);
	OK(f, store_count(f->s, kind(f, "contact"), &n, &f->dg));
	assert_int_equal(n, 0);
	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "contact", &b, "name", "Bob", NULL));
	OK(f, store_commit(f->s, &f->dg));
	assert_string_equal(text(f, b), "c1");
	verify(f);
}

static void
unique_and_refs_are_checked(void **state)
{
	struct fixture *f = *state;
	struct id a = {0}, b = {0}, t = {0};

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "contact", &a, "name", "Ada", "ext",
		  "x:1,x:2", NULL));
	assert_int_equal(put(f, CHANGE_CREATE, "contact", &b, "name", "Bob",
			     "ext", "x:2", NULL),
	    CRM_DATA);
	assert_non_null(strstr(diag_text(&f->dg), "taken by c1"));
	assert_int_equal(put(f, CHANGE_CREATE, "activity", &t, "subject", "s",
			     "contact", "c9", NULL),
	    CRM_DATA);
	assert_int_equal(put(f, CHANGE_CREATE, "activity", &t, "subject", "s",
			     "contact", "o1", NULL),
	    CRM_DATA);
	OK(f, put(f, CHANGE_CREATE, "activity", &t, "subject", "s", "contact",
		  "c1", NULL));
	assert_int_equal(put(f, CHANGE_DELETE, "contact", &a, NULL), CRM_DATA);
	assert_non_null(strstr(diag_text(&f->dg), "a1 refers to it"));
	OK(f, put(f, CHANGE_DELETE, "activity", &t, NULL));
	OK(f, put(f, CHANGE_DELETE, "contact", &a, NULL));
	OK(f, store_commit(f->s, &f->dg));
	verify(f);
}

static void
empty_records_are_refused(void **state)
{
	struct fixture *f = *state;
	struct id id = {0};

	begin(f, false);
	assert_int_equal(put(f, CHANGE_CREATE, "contact", &id, NULL), CRM_DATA);
	assert_int_equal(
	    put(f, CHANGE_CREATE, "task", &id, "due", "2026-03-01", NULL),
	    CRM_DATA);
	store_abort(f->s);
}

static void
derived_fields_follow(void **state)
{
	struct fixture *f = *state;
	struct id o = {0}, p = {0}, c = {0}, a = {0}, b = {0}, r = {0}, d = {0},
		  t = {0};

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "org", &o, "name", "Acme", NULL));
	OK(f, put(f, CHANGE_CREATE, "org", &p, "name", "Beta", NULL));
	OK(f, put(f, CHANGE_CREATE, "contact", &c, "name", "Ada", "org", "o1",
		  NULL));
	OK(f, put(f, CHANGE_CREATE, "activity", &a, "subject", "x", "contact",
		  "c1", "start", "2026-01-05", NULL));
	OK(f, put(f, CHANGE_CREATE, "activity", &b, "subject", "y", "contact",
		  "c1", "start", "2026-02-05T10:00:00Z", NULL));
	OK(f, put(f, CHANGE_CREATE, "order", &r, "contact", "c1", "org", "o1",
		  "issued", "2026-01-20", "total", "100.25", NULL));
	OK(f, put(f, CHANGE_CREATE, "deal", &d, "name", "D", "contact", "c1",
		  "amount", "5000", NULL));
	OK(f, put(f, CHANGE_CREATE, "task", &t, "title", "call", "contact",
		  "c1", "due", "2026-03-09", NULL));
	value_is(f, d, "probability", "10");
	OK(f, store_commit(f->s, &f->dg));
	value_is(f, c, "last", "2026-02-05T10:00:00Z");
	value_is(f, c, "activities", "2");
	value_is(f, c, "revenue", "100.25");
	value_is(f, c, "next", "2026-03-09");
	value_is(f, c, "pipeline", "5000.00");
	value_is(f, o, "orders", "1");
	value_is(f, o, "activities", "2");
	verify(f);
	begin(f, false);
	OK(f, put(f, CHANGE_UPDATE, "contact", &c, "org", "o2", NULL));
	OK(f, put(f, CHANGE_DELETE, "activity", &b, NULL));
	OK(f, put(f, CHANGE_UPDATE, "task", &t, "status", "done", NULL));
	OK(f, put(f, CHANGE_UPDATE, "deal", &d, "stage", "won", NULL));
	OK(f, store_commit(f->s, &f->dg));
	value_is(f, c, "last", "2026-01-05");
	value_is(f, c, "next", "");
	value_is(f, c, "open_deals", "0");
	value_is(f, d, "probability", "100");
	value_is(f, o, "orders", "1"); /* named by the order itself */
	value_is(f, o, "activities", "0");
	value_is(f, p, "orders", "1");
	value_is(f, p, "last", "2026-01-05");
	verify(f);
}

static void
a_weight_set_by_hand_stays(void **state)
{
	struct fixture *f = *state;
	struct id d = {0};

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "deal", &d, "name", "D", "probability",
		  "33", NULL));
	OK(f, put(f, CHANGE_UPDATE, "deal", &d, "stage", "won", NULL));
	OK(f, store_commit(f->s, &f->dg));
	value_is(f, d, "probability", "33");
}

static void
other_currencies_stay_out(void **state)
{
	struct fixture *f = *state;
	struct id c = {0}, r = {0}, cur = {0};
	const struct field *currency;

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "contact", &c, "name", "A", NULL));
	OK(f, put(f, CHANGE_CREATE, "order", &r, "contact", "c1", "total", "10",
		  "currency", "CHF", NULL));
	r.num = 0;
	OK(f, put(f, CHANGE_CREATE, "order", &r, "contact", "c1", "total", "7",
		  NULL));
	OK(f, store_commit(f->s, &f->dg));
	value_is(f, c, "orders", "2");
	value_is(f, c, "revenue", "7.00");
	currency = field(f, "order", "currency");
	cur = (struct id){.kind = KIND_FIELD, .num = currency->num};
	begin(f, false);
	OK(f, put(f, CHANGE_UPDATE, "field", &cur, "fallback", "CHF", NULL));
	OK(f, store_commit(f->s, &f->dg));
	assert_true(str_is(store_currency(f->s), "CHF"));
	value_is(f, c, "revenue", "10.00");
	verify(f);
}

static size_t
scan_all(struct fixture *f, const struct scan_spec *spec, bool pause,
    struct id *out, size_t max)
{
	struct scan *sc;
	size_t n = 0;
	bool got = true;

	OK(f, scan_open(&sc, f->s, spec, &f->dg));
	for (;;) {
		struct id id;

		OK(f, scan_next(sc, &id, &got, &f->dg));
		if (!got)
			break;
		if (n < max)
			out[n] = id;
		n++;
		if (pause)
			store_pause(f->s);
	}
	scan_close(sc);
	return n;
}

static void
scans_go_on_after_a_pause(void **state)
{
	struct fixture *f = *state;
	struct id ids[200], again[200];
	struct scan_spec spec = {.type = SCAN_KIND};

	begin(f, false);
	for (int i = 0; i < 150; i++) {
		char name[32];
		struct id id = {0};

		snprintf(name, sizeof(name), "Name %d", i % 40);
		OK(f,
		    put(f, CHANGE_CREATE, "contact", &id, "name", name, NULL));
	}
	OK(f, store_commit(f->s, &f->dg));
	spec.kind = kind(f, "contact");
	for (int reverse = 0; reverse < 2; reverse++) {
		spec.reverse = reverse;
		assert_int_equal(scan_all(f, &spec, false, ids, 200), 150);
		assert_int_equal(scan_all(f, &spec, true, again, 200), 150);
		assert_memory_equal(ids, again, 150 * sizeof(*ids));
		assert_int_equal(ids[0].num, reverse ? 150 : 1);
	}
	spec = (struct scan_spec){.type = SCAN_INDEX,
	    .field = field(f, "contact", "name"),
	    .lo = STR("name 7\0"),
	    .hi = STR("name 7\1")};
	assert_int_equal(scan_all(f, &spec, true, ids, 200), 4);
	assert_int_equal(ids[0].num, 8);
	spec.reverse = true;
	assert_int_equal(scan_all(f, &spec, true, ids, 200), 4);
	assert_int_equal(ids[3].num, 8);
}

static void
due_list_is_in_time_order(void **state)
{
	struct fixture *f = *state;
	struct id c = {0}, t = {0}, ids[8];
	struct scan_spec spec = {.type = SCAN_DUE, .hi = STR("2026-03-03")};

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "contact", &c, "name", "A", "every", "1w",
		  "created", "2026-02-10T00:00:00Z", NULL));
	OK(f, put(f, CHANGE_CREATE, "task", &t, "title", "late", "due",
		  "2026-03-01T09:00:00Z", NULL));
	t.num = 0;
	OK(f, put(f, CHANGE_CREATE, "task", &t, "title", "day", "due",
		  "2026-03-01", NULL));
	t.num = 0;
	OK(f, put(f, CHANGE_CREATE, "task", &t, "title", "far", "due",
		  "2026-04-01", NULL));
	OK(f, store_commit(f->s, &f->dg));
	assert_int_equal(scan_all(f, &spec, true, ids, 8), 3);
	assert_int_equal(ids[0].kind, KIND_CONTACT);
	assert_int_equal(ids[1].num, 2);
	assert_int_equal(ids[2].num, 1);
	/* an activity moves the cadence along, its deletion back */
	begin(f, false);
	t = (struct id){0};
	OK(f, put(f, CHANGE_CREATE, "activity", &t, "subject", "s", "contact",
		  "c1", "start", "2026-03-01", NULL));
	OK(f, store_commit(f->s, &f->dg));
	assert_int_equal(scan_all(f, &spec, true, ids, 8), 2);
	verify(f);
	begin(f, false);
	OK(f, put(f, CHANGE_DELETE, "activity", &t, NULL));
	OK(f, store_commit(f->s, &f->dg));
	assert_int_equal(scan_all(f, &spec, true, ids, 8), 3);
	verify(f);
}

/* The title in the entry of the only task that is due; NULL: not there. */
static const char *
due_title(struct fixture *f, const char *priority)
{
	static char title[512];
	struct scan_spec spec = {.type = SCAN_DUE};
	struct str v[COVER_VALUES];
	struct scan *sc = NULL;
	struct id id;
	bool got, there = false;

	OK(f, scan_open(&sc, f->s, &spec, &f->dg));
	OK(f, scan_next(sc, &id, &got, &f->dg));
	assert_true(got);
	OK(f, scan_cover(sc, v, &there, &f->dg));
	if (there) {
		assert_true(str_is(v[COVER_PRIORITY], priority));
		assert_true(str_is(v[COVER_CONTACT], "c1"));
		assert_int_equal(v[COVER_ORG].n, 0);
		snprintf(title, sizeof title, "%.*s", STR_ARG(v[COVER_TITLE]));
	}
	OK(f, scan_next(sc, &id, &got, &f->dg));
	assert_false(got);
	scan_close(sc);
	return there ? title : NULL;
}

static void
due_entries_have_a_cover(void **state)
{
	struct fixture *f = *state;
	struct id c = {0}, t = {0};
	char text[300];

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "contact", &c, "name", "A", NULL));
	OK(f, put(f, CHANGE_CREATE, "task", &t, "title", "call", "due",
		  "2026-03-01", "contact", "c1", NULL));
	OK(f, store_commit(f->s, &f->dg));
	assert_string_equal(due_title(f, "normal"), "call");
	/* changed alone, in a batch, and beyond what an entry takes */
	begin(f, false);
	OK(f, put(f, CHANGE_UPDATE, "task", &t, "priority", "high", NULL));
	OK(f, store_commit(f->s, &f->dg));
	assert_string_equal(due_title(f, "high"), "call");
	memset(text, 'x', sizeof text);
	for (size_t n = 231; n <= 232; n++) {
		text[n] = '\0';
		begin(f, n % 2 == 1);
		OK(f, put(f, CHANGE_UPDATE, "task", &t, "title", text, NULL));
		assert_int_equal(due_title(f, "high") != NULL, n == 231);
		OK(f, store_commit(f->s, &f->dg));
		assert_int_equal(due_title(f, "high") != NULL, n == 231);
		verify(f);
		text[n] = 'x';
	}
}

static void
finds_by_value(void **state)
{
	struct fixture *f = *state;
	struct id a = {0}, b = {0}, found[4];
	size_t n;

	for (int bulk = 0; bulk < 2; bulk++) {
		a.num = b.num = 0;
		begin(f, bulk);
		OK(f, put(f, CHANGE_CREATE, "contact", &a, "name", "Müller",
			  "email", "a@example.org", "phone", "+49 30 1234567",
			  NULL));
		OK(f, put(f, CHANGE_CREATE, "contact", &b, "name", "MULLER",
			  "email", "b@example.org,a@example.org", NULL));
		OK(f, store_find(f->s, field(f, "contact", "email"),
			  STR("a@example.org"), STORE_EXACT, found, 4, &n,
			  &f->dg));
		assert_int_equal(n, 2);
		OK(f, store_find(f->s, field(f, "contact", "name"),
			  STR("Müller"), STORE_EXACT, found, 4, &n, &f->dg));
		assert_int_equal(n, 1);
		assert_true(id_eq(found[0], a));
		OK(f, store_find(f->s, field(f, "contact", "name"),
			  STR("müller"), STORE_FOLDED, found, 4, &n, &f->dg));
		assert_int_equal(n, 2);
		OK(f, store_find(f->s, field(f, "contact", "phone"),
			  STR("030/123 45 67"), STORE_EXACT, found, 4, &n,
			  &f->dg));
		assert_int_equal(n, 1);
		OK(f, put(f, CHANGE_UPDATE, "contact", &b, "email",
			  "b@example.org", NULL));
		OK(f, store_find(f->s, field(f, "contact", "email"),
			  STR("a@example.org"), STORE_EXACT, found, 4, &n,
			  &f->dg));
		assert_int_equal(n, 1);
		assert_true(id_eq(found[0], a));
		store_abort(f->s);
	}
}

static void
bulk_sees_its_own_duplicates(void **state)
{
	struct fixture *f = *state;
	struct id id = {0};

	begin(f, true);
	for (int i = 0; i < 5000; i++) {
		char ext[32];

		id.num = 0;
		snprintf(ext, sizeof(ext), "x:%d", (i * 7919) % 5000);
		OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", ext, "ext",
			  ext, NULL));
	}
	id.num = 0;
	assert_int_equal(put(f, CHANGE_CREATE, "contact", &id, "name", "d",
			     "ext", "x:4999", NULL),
	    CRM_DATA);
	OK(f, store_commit(f->s, &f->dg));
	verify(f);
}

static void
kinds_and_fields_are_records(void **state)
{
	struct fixture *f = *state;
	struct id x = {0}, y = {0}, m = {0}, builtin = {0};

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "kind", &x, "name", "machine", NULL));
	OK(f, put(f, CHANGE_CREATE, "field", &y, "name", "machine.serial",
		  "unique", "yes", NULL));
	assert_int_equal(
	    put(f, CHANGE_CREATE, "field", &m, "name", "machine.serial", NULL),
	    CRM_DATA);
	assert_int_equal(
	    put(f, CHANGE_CREATE, "field", &m, "name", "nokind.x", NULL),
	    CRM_DATA);
	OK(f, put(f, CHANGE_CREATE, "machine", &m, "serial", "S-1", NULL));
	assert_string_equal(text(f, m), "ma1");
	m.num = 0;
	assert_int_equal(
	    put(f, CHANGE_CREATE, "machine", &m, "serial", "S-1", NULL),
	    CRM_DATA);
	OK(f, store_commit(f->s, &f->dg));
	store_close(f->s);
	open_store(f);
	assert_true(field(f, "machine", "serial")->unique);
	begin(f, false);
	assert_int_equal(
	    put(f, CHANGE_UPDATE, "field", &y, "type", "int", NULL), CRM_DATA);
	assert_int_equal(put(f, CHANGE_DELETE, "kind", &x, NULL), CRM_DATA);
	builtin = (struct id){
	    .kind = KIND_FIELD, .num = field(f, "contact", "name")->num};
	assert_int_equal(
	    put(f, CHANGE_DELETE, "field", &builtin, NULL), CRM_DATA);
	m.num = 1;
	m.kind = kind(f, "machine")->no;
	OK(f, put(f, CHANGE_DELETE, "machine", &m, NULL));
	OK(f, put(f, CHANGE_DELETE, "kind", &x, NULL));
	assert_null(schema_kind(store_schema(f->s), STR("machine")));
	OK(f, store_commit(f->s, &f->dg));
	verify(f);
}

static void
a_new_index_covers_what_is_there(void **state)
{
	struct fixture *f = *state;
	struct id c = {0}, fd, found[4];
	size_t n;

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "contact", &c, "name", "A", "city", "Bern",
		  NULL));
	c.num = 0;
	OK(f, put(f, CHANGE_CREATE, "contact", &c, "name", "B", "city", "Bern",
		  NULL));
	fd = (struct id){
	    .kind = KIND_FIELD, .num = field(f, "contact", "city")->num};
	assert_int_equal(
	    put(f, CHANGE_UPDATE, "field", &fd, "unique", "yes", NULL),
	    CRM_DATA);
	OK(f, put(f, CHANGE_UPDATE, "field", &fd, "index", "yes", NULL));
	OK(f, store_commit(f->s, &f->dg));
	OK(f, store_find(f->s, field(f, "contact", "city"), STR("Bern"),
		  STORE_EXACT, found, 4, &n, &f->dg));
	assert_int_equal(n, 2);
	verify(f);
}

/* One random change; refused ones (CRM_DATA) are part of the game. */
static void
random_change(struct fixture *f)
{
	static const char *const kinds[] = {
	    "contact", "org", "activity", "task", "deal", "order", "ticket"};
	const char *k = kinds[draw(ARRAY_LEN(kinds))];
	struct id id = {0};
	char ref[40], org[16], day[32], amount[16], name[16];
	enum crm_err err;
	uint64_t op = draw(10);
	bool on_person = draw(3) > 0;

	snprintf(ref, sizeof(ref), "c%d", 1 + (int)draw(12));
	if (strcmp(k, "activity") == 0 && draw(3) == 0) {
		snprintf(ref, sizeof(ref), "c%d,c%d", 1 + (int)draw(6),
		    7 + (int)draw(6));
	}
	snprintf(org, sizeof(org), "o%d", 1 + (int)draw(4));
	snprintf(day, sizeof(day), "2026-%02d-%02d", 1 + (int)draw(12),
	    1 + (int)draw(28));
	if (draw(2))
		snprintf(
		    day + 10, sizeof(day) - 10, "T%02d:00:00Z", (int)draw(24));
	snprintf(
	    amount, sizeof(amount), "%d.%02d", (int)draw(1000), (int)draw(100));
	snprintf(name, sizeof(name), "n%d", (int)draw(30));
	if (op >= 5) {
		id = (struct id){.kind = kind(f, k)->no, .num = 1 + draw(40)};
		if (!store_has(f->s, id))
			return;
	}
	if (op == 9) {
		err = put(f, CHANGE_DELETE, k, &id, NULL);
	} else {
		enum change_op o = op < 5 ? CHANGE_CREATE : CHANGE_UPDATE;

		if (strcmp(k, "contact") == 0)
			err = put(f, o, k, &id, "name", name, "org",
			    on_person ? org : "", "every", draw(2) ? "2w" : "",
			    NULL);
		else if (strcmp(k, "org") == 0)
			err = put(f, o, k, &id, "name", name, NULL);
		else if (strcmp(k, "activity") == 0)
			err = put(f, o, k, &id, "subject", name, "contact",
			    on_person ? ref : "", "org", draw(2) ? org : "",
			    "start", day, "status",
			    draw(3) ? "held" : "planned", NULL);
		else if (strcmp(k, "task") == 0)
			err = put(f, o, k, &id, "title", name, "contact",
			    on_person ? ref : "", "due", draw(4) ? day : "",
			    "status", draw(3) ? "todo" : "done", NULL);
		else if (strcmp(k, "deal") == 0)
			err = put(f, o, k, &id, "name", name, "contact", ref,
			    "amount", amount, "stage", draw(2) ? "new" : "won",
			    NULL);
		else if (strcmp(k, "order") == 0)
			err = put(f, o, k, &id, "contact", on_person ? ref : "",
			    "org", draw(2) ? org : "", "total", amount,
			    "issued", (day[10] = '\0', day), "status",
			    draw(4) ? "confirmed" : "cancelled", "currency",
			    draw(5) ? "EUR" : "CHF", NULL);
		else
			err = put(f, o, k, &id, "subject", name, "contact", ref,
			    "status", draw(2) ? "open" : "closed", NULL);
	}
	if (err != CRM_OK && err != CRM_DATA)
		fail_msg("%s", diag_text(&f->dg));
}

static void
derived_equals_a_recount_after_anything(void **state)
{
	struct fixture *f = *state;

	for (int round = 0; round < 120; round++) {
		begin(f, draw(2));
		for (uint64_t n = 1 + draw(40); n > 0; n--)
			random_change(f);
		if (draw(8) == 0)
			store_abort(f->s);
		else
			OK(f, store_commit(f->s, &f->dg));
		verify(f);
	}
}

static void
damage_is_reported(void **state)
{
	struct fixture *f = *state;
	struct id id = {0};
	struct record r;
	uint64_t faults;

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", "Unmistakable Name",
		  NULL));
	OK(f, store_commit(f->s, &f->dg));
	damage(f, "Unmistakable");
	open_store(f);
	assert_int_equal(store_get(f->s, id, &r, &f->dg), CRM_CONFIG);
	assert_non_null(strstr(diag_text(&f->dg), "c1"));
	OK(f, store_verify(f->s, print_fault, NULL, &faults, &f->dg));
	assert_true(faults > 0);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(missing_store_reads_as_empty),
	    T(first_write_creates_with_modes),
	    T(abort_leaves_nothing),
	    T(unique_and_refs_are_checked),
	    T(empty_records_are_refused),
	    T(derived_fields_follow),
	    T(a_weight_set_by_hand_stays),
	    T(other_currencies_stay_out),
	    T(scans_go_on_after_a_pause),
	    T(due_list_is_in_time_order),
	    T(due_entries_have_a_cover),
	    T(finds_by_value),
	    T(bulk_sees_its_own_duplicates),
	    T(kinds_and_fields_are_records),
	    T(a_new_index_covers_what_is_there),
	    T(derived_equals_a_recount_after_anything),
	    T(damage_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
