/* SPDX-License-Identifier: ISC */
/*
 * Undo: what comes back, what is refused; and a store of random transactions,
 * schema included, taken back one by one: after each the records must be, to
 * the byte, what they were before it.
 *
 * CRM_ROUNDS does more transactions, CRM_SEED others.
 */
#include "query_test.h"

#include "base/num.h"
#include "crm/past.h"
#include "crm/remove.h"
#include "crm/undo.h"
#include "store/journal.h"

/* ---- a store as text --------------------------------------------------- */

static void
dump_kind(struct world *w, const struct kind *k, struct buf *out)
{
	struct scan_spec spec = {.type = SCAN_KIND, .kind = k};
	struct scan *sc = NULL;
	struct record r;
	struct id id;
	bool got = true;

	OK(w, scan_open(&sc, w->s, &spec, &w->dg));
	for (;;) {
		unsigned at = 0, slot;
		struct str value;

		OK(w, scan_next(sc, &id, &got, &w->dg));
		if (!got)
			break;
		OK(w, scan_record(sc, &r, &w->dg));
		id_print(store_schema(w->s), id, out);
		while (row_each(&r.row, &at, &slot, &value))
			buf_addf(out, " %u=%.*s", slot, STR_ARG(value));
		buf_addf(out, " (%lld)\n", (long long)r.derived.activities);
	}
	scan_close(sc);
}

static void
dump(struct world *w, struct buf *out)
{
	const struct schema *s = store_schema(w->s);

	buf_reset(out);
	for (size_t i = 0; schema_kind_at(s, i); i++)
		dump_kind(w, schema_kind_at(s, i), out);
	assert_false(out->failed);
	store_pause(w->s);
}

/* The first line that differs. */
static void
same(const struct buf *is, const struct buf *want, const char *when)
{
	struct str a = str_of(is), b = str_of(want);

	while (a.p && b.p) {
		struct str x = str_cut(&a, '\n'), y = str_cut(&b, '\n');

		if (!str_eq(x, y))
			fail_msg("%s: it is\n%.*s\nand was\n%.*s", when,
			    STR_ARG(x), STR_ARG(y));
	}
}

/* ---- undoing ----------------------------------------------------------- */

struct heard {
	struct buf text; /* of the conflicts, a line each */
};

static void
hear(void *arg, const char *text)
{
	struct heard *h = arg;

	buf_addf(&h->text, "%s\n", text);
}

static uint64_t
last(struct world *w)
{
	struct journal_state state;

	OK(w, journal_state(w->s, &state, &w->dg));
	return state.last;
}

static void
begin_as(struct world *w, const char *command, bool bulk)
{
	struct change_origin who = {
	    .time = w->clock.now,
	    .user = STR("tester"),
	    .command = str_from(command),
	};

	w->clock.now++;
	who.time = w->clock.now;
	OK(w, store_begin(w->s, &who, bulk, &w->dg));
}

static enum crm_err
undo(struct world *w, uint64_t from, uint64_t to, bool force, struct heard *h)
{
	struct undo_options o = {.from = from,
	    .to = to,
	    .last = last(w),
	    .now = w->clock.now + 1,
	    .force = force,
	    .conflict = h ? hear : NULL,
	    .arg = h};
	struct undo_result r;
	struct past *past;
	char command[40];
	enum crm_err err;

	diag_clear(&w->dg);
	snprintf(command, sizeof(command), "undo %d", (int)from);
	o.command = str_from(command);
	OK(w, past_new(&past, w->s, &w->dg));
	begin_as(w, command, from % 2);
	err = undo_run(w->s, past, &o, &r, &w->dg);
	if (err)
		store_abort(w->s);
	else
		OK(w, store_commit(w->s, &w->dg));
	past_free(past);
	return err;
}

static struct id
id_of(struct world *w, const char *text)
{
	struct id id;

	assert_true(id_parse(store_schema(w->s), str_from(text), &id));
	return id;
}

/* Sets FIELD of a record in the open transaction. */
static enum crm_err
set(struct world *w, struct id id, const char *field, const char *value)
{
	struct change_field cf = {.after = str_from(value)};
	struct change c = {
	    .op = CHANGE_UPDATE, .id = id, .fields = &cf, .nfields = 1};

	c.kind = schema_kind_no(store_schema(w->s), id.kind);
	cf.field = schema_field(c.kind, str_from(field));
	if (!cf.field)
		fail_msg("no field %s", field);
	diag_clear(&w->dg);
	return store_apply(w->s, &c, &w->dg);
}

static void
edit(struct world *w, const char *id, const char *field, const char *value)
{
	begin_as(w, "edit", false);
	OK(w, set(w, id_of(w, id), field, value));
	commit(w);
}

static enum crm_err
delete_id(struct world *w, struct id id)
{
	struct change c = {.op = CHANGE_DELETE, .id = id};

	c.kind = schema_kind_no(store_schema(w->s), id.kind);
	diag_clear(&w->dg);
	return store_apply(w->s, &c, &w->dg);
}

static void
make(struct world *w, const char *kind, const char *fields)
{
	begin_as(w, "add", false);
	add(w, kind, fields);
	commit(w);
}

static void
is(struct world *w, const char *id, const char *field, const char *want)
{
	struct record r;
	struct buf scratch = {0};
	struct str value;

	OK(w, store_get(w->s, id_of(w, id), &r, &w->dg));
	value = record_get(&r, schema_field(r.kind, str_from(field)), &scratch);
	if (!str_is(value, want))
		fail_msg("%s: %s is %.*s", id, field, STR_ARG(value));
	buf_clear(&scratch);
}

static void
says(struct heard *h, const char *want)
{
	assert_string_equal(buf_z(&h->text), want);
	buf_reset(&h->text);
}

/* ---- single cases ------------------------------------------------------ */

static void
updated_is_exact_or_now(void **state)
{
	struct world *w = world_new();

	(void)state;
	make(w, "contact", "name=Ada;city=Bern"); /* 1 */
	edit(w, "c1", "city", "Basel");		  /* 2 */
	is(w, "c1", "updated", "2026-03-02T12:00:02Z");
	edit(w, "c1", "nick", "A"); /* 3 */
	/* Another field has changed since. */
	OK(w, undo(w, 2, 2, false, NULL)); /* 4 */
	is(w, "c1", "city", "Bern");
	is(w, "c1", "nick", "A");
	is(w, "c1", "updated", "2026-03-02T12:00:04Z");
	OK(w, undo(w, 4, 4, false, NULL)); /* 5: exactly */
	is(w, "c1", "city", "Basel");
	is(w, "c1", "updated", "2026-03-02T12:00:03Z");
	OK(w, undo(w, 3, 3, false, NULL));
	is(w, "c1", "updated", "2026-03-02T12:00:02Z");
	is(w, "c1", "nick", "");
	world_free(w);
}

static void
conflicts_are_named(void **state)
{
	struct world *w = world_new();
	struct heard h = {0};

	(void)state;
	make(w, "contact", "name=Ada;city=Bern"); /* 1 */
	edit(w, "c1", "city", "Basel");		  /* 2 */
	edit(w, "c1", "city", "Chur");		  /* 3 */
	edit(w, "c1", "city", "Davos");		  /* 4 */
	assert_int_equal(undo(w, 2, 2, false, &h), CRM_DATA);
	says(&h, "c1: city: changed again by transaction 4 (tester, edit, "
		 "2026-03-02T12:00:04Z)\n");
	assert_string_equal(diag_text(&w->dg),
	    "nothing was undone: undo transaction 4 first, or use --force");
	is(w, "c1", "city", "Davos");
	OK(w, undo(w, 4, 4, false, &h)); /* 5 */
	/* The one that left what is there now is named, not the undo. */
	assert_int_equal(undo(w, 2, 2, false, &h), CRM_DATA);
	says(&h, "c1: city: changed again by transaction 3 (tester, edit, "
		 "2026-03-02T12:00:03Z)\n");
	OK(w, undo(w, 3, 3, false, &h)); /* 6 */
	OK(w, undo(w, 2, 2, false, &h)); /* 7 */
	is(w, "c1", "city", "Bern");
	assert_int_equal(undo(w, 2, 2, false, &h), CRM_DATA);
	says(&h, "c1: city: changed again by transaction 7 (tester, undo 2, "
		 "2026-03-02T12:00:09Z)\n");
	assert_string_equal(diag_text(&w->dg),
	    "nothing was undone: transaction 7 did it already");
	buf_clear(&h.text);
	world_free(w);
}

static void
force_takes_fields_back(void **state)
{
	struct world *w = world_new();
	struct heard h = {0};

	(void)state;
	make(w, "contact", "name=Ada;city=Bern"); /* 1 */
	make(w, "contact", "name=Zoe;city=Bern"); /* 2 */
	begin_as(w, "edit", false);		  /* 3 */
	OK(w, set(w, id_of(w, "c1"), "city", "Basel"));
	OK(w, set(w, id_of(w, "c2"), "city", "Basel"));
	commit(w);
	edit(w, "c1", "city", "Chur"); /* 4 */
	begin_as(w, "rm", false);      /* 5 */
	OK(w, delete_id(w, id_of(w, "c2")));
	commit(w);
	assert_int_equal(undo(w, 3, 3, false, &h), CRM_DATA);
	says(&h, "c2: deleted by transaction 5 (tester, rm, "
		 "2026-03-02T12:00:05Z)\n"
		 "c1: city: changed again by transaction 4 (tester, edit, "
		 "2026-03-02T12:00:04Z)\n");
	OK(w, undo(w, 3, 3, true, &h)); /* 6 */
	says(&h, "c2: deleted by transaction 5 (tester, rm, "
		 "2026-03-02T12:00:05Z)\n");
	is(w, "c1", "city", "Bern");
	/* All of a new record counts as its creation's. */
	assert_int_equal(undo(w, 1, 1, false, &h), CRM_OK);
	assert_false(store_has(w->s, id_of(w, "c1")));
	OK(w, undo(w, 7, 7, false, &h));
	edit(w, "c1", "nick", "A");
	assert_int_equal(undo(w, 1, 1, false, &h), CRM_DATA);
	says(&h, "c1: nick: changed again by transaction 9 (tester, edit, "
		 "2026-03-02T12:00:10Z)\n");
	OK(w, undo(w, 1, 1, true, &h));
	assert_false(store_has(w->s, id_of(w, "c1")));
	/* And a deleted one that is there again gets all its fields. */
	OK(w, undo(w, 5, 5, false, &h));
	edit(w, "c2", "city", "Zug");
	assert_int_equal(undo(w, 5, 5, false, &h), CRM_DATA);
	says(&h, "c2: created again by transaction 11 (tester, undo 5, "
		 "2026-03-02T12:00:13Z)\n");
	OK(w, undo(w, 5, 5, true, &h));
	is(w, "c2", "city", "Basel");
	buf_clear(&h.text);
	world_free(w);
}

static void
references_are_never_broken(void **state)
{
	struct world *w = world_new();

	(void)state;
	make(w, "org", "name=Wind");
	make(w, "contact", "name=Ada;org=o1");
	assert_int_equal(undo(w, 1, 1, true, NULL), CRM_DATA);
	assert_ptr_equal(strstr(diag_text(&w->dg), "o1: c1 refers to it"),
	    diag_text(&w->dg));
	assert_true(store_has(w->s, id_of(w, "o1")));
	OK(w, undo(w, 1, 2, false, NULL));
	assert_false(store_has(w->s, id_of(w, "o1")));
	assert_false(store_has(w->s, id_of(w, "c1")));
	OK(w, undo(w, 3, 3, false, NULL));
	is(w, "c1", "org", "o1");
	world_free(w);
}

/* A deleted field and kind keep their place; what they held comes back. */
static void
schema_goes_and_comes(void **state)
{
	struct world *w = world_new();
	const struct kind *k;
	struct heard h = {0};

	(void)state;
	make(w, "contact", "name=Ada");			  /* 1 */
	make(w, "field", "name=contact.budget;type=int"); /* 2 */
	edit(w, "c1", "budget", "5");			  /* 3 */
	assert_int_equal(undo(w, 2, 2, true, NULL), CRM_DATA);
	edit(w, "c1", "budget", ""); /* 4 */
	k = kind_of(w, "field");
	begin_as(w, "rm", false); /* 5 */
	OK(w, delete_id(w,
		  (struct id){.kind = k->no,
		      .num = schema_field(kind_of(w, "contact"), STR("budget"))
				 ->num}));
	commit(w);
	/* Another field does not take its place. */
	make(w, "field", "name=contact.limit;type=int"); /* 6 */
	assert_int_equal(undo(w, 4, 4, true, &h), CRM_DATA);
	assert_string_equal(diag_text(&w->dg),
	    "c1: there is no field budget now: transaction 5 deleted it; undo "
	    "that one first");
	OK(w, undo(w, 4, 5, false, &h)); /* 7 */
	is(w, "c1", "budget", "5");
	make(w, "kind", "name=machine");	 /* 8 */
	make(w, "field", "name=machine.serial"); /* 9 */
	make(w, "machine", "serial=A");		 /* 10 */
	assert_int_equal(undo(w, 8, 8, true, &h), CRM_DATA);
	assert_non_null(strstr(diag_text(&w->dg), "has the field serial"));
	OK(w, undo(w, 10, 10, false, &h)); /* 11 */
	begin_as(w, "rm", false);	   /* 12 */
	OK(w, delete_id(w, (struct id){.kind = KIND_KIND,
			       .num = kind_of(w, "machine")->num}));
	commit(w);
	assert_null(schema_kind(store_schema(w->s), STR("machine")));
	assert_int_equal(undo(w, 11, 11, false, &h), CRM_DATA);
	assert_string_equal(diag_text(&w->dg),
	    "ma1: its kind is gone; undo the transaction that deleted it "
	    "first");
	OK(w, undo(w, 11, 12, false, &h));
	is(w, "ma1", "serial", "A");
	OK(w, undo(w, 13, 13, false, &h));
	assert_null(schema_kind(store_schema(w->s), STR("machine")));
	buf_clear(&h.text);
	world_free(w);
}

/* ---- at random --------------------------------------------------------- */

static uint64_t random_state;

static unsigned
draw(unsigned n)
{
	random_state =
	    random_state * UINT64_C(6364136223846793005) + UINT64_C(1);
	return (unsigned)(random_state >> 33) % n;
}

static const char *const some_kinds[] = {
    "contact", "org", "activity", "task", "deal", "order", "item", "link"};

/* A record of the kind that is there; false when there is none. */
static bool
any(struct world *w, const char *kind, struct id *id)
{
	const struct kind *k = schema_kind(store_schema(w->s), str_from(kind));
	struct scan_spec spec = {.type = SCAN_KIND, .kind = k, .bare = true};
	struct scan *sc = NULL;
	uint64_t n = 0;
	bool got = true;

	if (!k)
		return false;
	OK(w, store_count(w->s, k, &n, &w->dg));
	if (!n)
		return false;
	n = draw((unsigned)n);
	OK(w, scan_open(&sc, w->s, &spec, &w->dg));
	do {
		OK(w, scan_next(sc, id, &got, &w->dg));
	} while (got && n--);
	scan_close(sc);
	return got;
}

static void
add_ref(struct world *w, const char *field, const char *kind, struct buf *out)
{
	struct id id;

	if (!draw(3) || !any(w, kind, &id))
		return;
	buf_addf(out, ";%s=", field);
	id_print(store_schema(w->s), id, out);
}

static void
random_add(struct world *w)
{
	const char *kind = some_kinds[draw(ARRAY_LEN(some_kinds))];
	unsigned n = draw(1000000);
	struct buf f = {0};

	if (strcmp(kind, "contact") == 0) {
		buf_addf(
		    &f, "name=N%u;email=e%u@example.org;ext=x:%u", n, n, n);
		add_ref(w, "org", "org", &f);
	} else if (strcmp(kind, "org") == 0) {
		buf_addf(&f, "name=O%u", n);
	} else if (strcmp(kind, "link") == 0) {
		buf_addz(&f, "rel=knows;note=x");
		add_ref(w, "from", "contact", &f);
		add_ref(w, "to", "contact", &f);
		if (!strstr(buf_z(&f), "from=") || !strstr(buf_z(&f), "to="))
			buf_reset(&f);
	} else {
		bool title = strcmp(kind, "task") == 0;
		bool subject = strcmp(kind, "activity") == 0;

		buf_addf(&f, "%s=T%u",
		    title     ? "title"
		    : subject ? "subject"
			      : "note",
		    n);
		if (strcmp(kind, "item") != 0)
			add_ref(w, "contact", "contact", &f);
		else
			add_ref(w, "order", "order", &f);
	}
	if (f.n)
		add(w, kind, buf_z(&f));
	buf_clear(&f);
}

static void
random_set(struct world *w)
{
	static const char *const fields[] = {"note", "tag", "owner", "ext"};
	const char *kind = some_kinds[draw(ARRAY_LEN(some_kinds))];
	struct id id;
	char value[40];

	if (!any(w, kind, &id))
		return;
	value[0] = '\0';
	if (draw(4))
		snprintf(value, sizeof(value), "v:%u", draw(50));
	/* Taken values are refused, which is all right here. */
	(void)!set(w, id, fields[draw(ARRAY_LEN(fields))], value);
}

static void
random_remove(struct world *w)
{
	struct remove_options o = {.recursive = true};
	uint64_t n;
	struct id id;

	if (any(w, some_kinds[draw(ARRAY_LEN(some_kinds))], &id))
		OK(w, remove_run(w->s, &id, 1, &o, &n, &w->dg));
}

/* The user's own field of contacts, or kind: made, used, emptied, deleted. */
static void
random_field(struct world *w)
{
	const struct kind *contact = kind_of(w, "contact");
	const struct field *f = schema_field(contact, STR("budget"));
	struct id id;

	if (!f) {
		add(w, "field", "name=contact.budget;type=int;index=yes");
		return;
	}
	if (draw(3) && any(w, "contact", &id)) {
		OK(w, set(w, id, "budget", draw(2) ? "7" : ""));
		return;
	}
	id = (struct id){.kind = KIND_FIELD, .num = f->num};
	if (draw(2))
		(void)!delete_id(w, id);
	else
		OK(w, set(w, id, "label", draw(2) ? "money" : "francs"));
}

static void
random_kind(struct world *w)
{
	const struct kind *k = schema_kind(store_schema(w->s), STR("machine"));
	struct id id;

	if (!k) {
		add(w, "kind", "name=machine;prefix=ma");
		add(w, "field", "name=machine.serial");
		add(w, "field", "name=machine.owned;type=ref;ref=contact");
	} else if (draw(2)) {
		add(w, "machine", draw(2) ? "serial=A" : "serial=B;note=x");
	} else if (any(w, "machine", &id)) {
		OK(w, delete_id(w, id));
	} else {
		OK(w, delete_id(
			  w, (struct id){.kind = KIND_KIND, .num = k->num}));
	}
}

static void
random_step(struct world *w)
{
	switch (draw(12)) {
	case 0:
	case 1:
		random_remove(w);
		break;
	case 2:
	case 3:
	case 4:
		random_set(w);
		break;
	case 5:
		random_field(w);
		break;
	case 6:
		random_kind(w);
		break;
	default:
		random_add(w);
	}
}

static void
random_txn(struct world *w)
{
	unsigned steps = draw(4) ? 1 + draw(3) : 1 + draw(30);

	begin_as(w, "random", draw(3) == 0);
	while (steps--)
		random_step(w);
	commit(w);
	diag_clear(&w->dg);
}

static void
all_the_way_back(void **state)
{
	const char *more = getenv("CRM_ROUNDS"), *other = getenv("CRM_SEED");
	struct world *w = world_new();
	struct buf *was, now = {0}, end = {0};
	uint64_t rounds = 200, seed = 20260302, n;

	(void)state;
	if (more)
		assert_true(num_u64(str_from(more), &rounds));
	if (other)
		assert_true(num_u64(str_from(other), &seed));
	print_message("CRM_SEED=%llu\n", (unsigned long long)seed);
	random_state = seed;
	was = calloc(rounds + 1, sizeof(*was));
	assert_non_null(was);
	make(w, "contact", "name=Zero");
	while ((n = last(w)) < rounds) {
		dump(w, &was[n]);
		random_txn(w);
	}
	dump(w, &end);
	for (uint64_t txn = n; txn > 1; txn--) {
		char when[40];

		snprintf(when, sizeof(when), "undo %d", (int)txn);
		OK(w, undo(w, txn, txn, false, NULL));
		dump(w, &now);
		same(&now, &was[txn - 1], when);
	}
	/* The undos in one go, and these, and all from the beginning. */
	OK(w, undo(w, n + 1, last(w), false, NULL));
	dump(w, &now);
	same(&now, &end, "undo of all the undos");
	OK(w, undo(w, last(w), last(w), false, NULL));
	dump(w, &now);
	same(&now, &was[1], "undo of that");
	OK(w, undo(w, last(w), last(w), false, NULL));
	OK(w, undo(w, 2, last(w), false, NULL));
	dump(w, &now);
	same(&now, &was[1], "undo of everything");
	for (uint64_t i = 0; i <= rounds; i++)
		buf_clear(&was[i]);
	free(was);
	buf_clear(&now);
	buf_clear(&end);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(updated_is_exact_or_now),
	    cmocka_unit_test(conflicts_are_named),
	    cmocka_unit_test(force_takes_fields_back),
	    cmocka_unit_test(references_are_never_broken),
	    cmocka_unit_test(schema_goes_and_comes),
	    cmocka_unit_test(all_the_way_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
