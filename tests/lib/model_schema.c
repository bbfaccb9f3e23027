/* SPDX-License-Identifier: ISC */
/* The schema: looking up, building, refusing, saving and loading. */
#include "model_test.h"

/* ---- looking up ------------------------------------------------------- */

static void
kinds(void **state)
{
	static const struct {
		const char *word;
		uint16_t no;
	} cases[] = {
	    {"contact", KIND_CONTACT},
	    {"contacts", KIND_CONTACT},
	    {"activity", KIND_ACTIVITY},
	    {"activities", KIND_ACTIVITY},
	    {"fields", KIND_FIELD},
	    {"t", KIND_TASK},
	    {"r", KIND_ORDER},
	};
	struct schema *s = test_schema();
	struct diag dg = {0};
	const struct kind *k;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(
		    schema_find_kind(s, str_from(cases[i].word), &k, &dg),
		    CRM_OK);
		assert_int_equal(k->no, cases[i].no);
		assert_ptr_equal(schema_kind_no(s, k->no), k);
		assert_ptr_equal(schema_kind_prefix(s, k->prefix), k);
	}
	assert_null(schema_kind(s, STR("contacts")));
	assert_null(schema_kind(s, STR("")));
	assert_null(schema_kind_no(s, 0));
	assert_null(schema_kind_no(s, 999));
	assert_null(schema_kind_no(s, 65535));
	assert_null(schema_kind_prefix(s, STR("z")));
	assert_null(schema_kind_prefix(s, STR("")));
	assert_int_equal(
	    schema_find_kind(s, STR("contcat"), &k, &dg), CRM_USAGE);
	assert_says(&dg, "no kind 'contcat'; did you mean 'contact'?");
	assert_int_equal(
	    schema_find_kind(s, STR("zzzzzzzz"), &k, &dg), CRM_USAGE);
	assert_says(&dg, "no kind 'zzzzzzzz'; crm-find kind lists them");
	schema_free(s);
}

static void
fields(void **state)
{
	struct schema *s = test_schema();
	const struct kind *k = schema_kind(s, STR("contact"));
	const struct field *f;
	struct diag dg = {0};

	(void)state;
	assert_int_equal(schema_find_field(k, STR("city"), &f, &dg), CRM_OK);
	assert_ptr_equal(k->slots[f->slot], f);
	assert_int_equal(
	    schema_find_field(k, STR("emial"), &f, &dg), CRM_USAGE);
	assert_null(f);
	assert_says(&dg, "contact has no field 'emial'; did you mean 'email'?");
	assert_int_equal(
	    schema_find_field(k, STR("qqqqqqqq"), &f, &dg), CRM_USAGE);
	assert_says(&dg, "crm-find field name:contact. lists them");
	schema_free(s);
}

static void
choices(void **state)
{
	struct schema *s = test_schema();
	const struct field *f = test_field(s, "deal.stage");

	(void)state;
	assert_int_equal(f->nchoices, 6);
	assert_int_equal(field_choice(f, STR("proposal"))->weight, 50);
	assert_int_equal(field_choice(f, STR("lost"))->weight, 0);
	assert_true(field_choice(f, STR("lost"))->closed);
	assert_false(field_choice(f, STR("new"))->closed);
	assert_null(field_choice(f, STR("Won")));
	assert_int_equal(field_choice_rank(f, STR("won")), 4);
	assert_int_equal(field_choice_rank(f, STR("gone")), 6);
	f = test_field(s, "task.status");
	assert_int_equal(field_choice(f, STR("todo"))->weight, -1);
	schema_free(s);
}

static void
type_names(void **state)
{
	enum type t;

	(void)state;
	for (int i = TYPE_TEXT; i <= TYPE_RECUR; i++) {
		assert_true(type_from(str_from(type_name((enum type)i)), &t));
		assert_int_equal(t, i);
	}
	assert_false(type_from(STR("Text"), &t));
	assert_false(type_from(STR(""), &t));
	assert_string_equal(type_name((enum type)99), "unknown");
}

static void
names(void **state)
{
	static const char *const good[] = {"a", "city", "lost_reason",
	    "opted-out", "q1",
	    "a123456789b123456789c123456789d123456789e1234567"};
	static const char *const bad[] = {"", "1a", "A", "aB", "a b", "a.b",
	    "-a", "_a", "a-", "a_", "a+", "a=", "id", "and", "or", "not",
	    "\303\244", "a\n",
	    "a123456789b123456789c123456789d123456789e12345678"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!schema_name_ok(str_from(good[i])))
			fail_msg("'%s' is refused", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (schema_name_ok(str_from(bad[i])))
			fail_msg("'%s' is taken", bad[i]);
}

/* ---- building --------------------------------------------------------- */

/* A schema of one kind, machine, not finished yet. */
static struct schema *
half(void)
{
	struct schema *s = schema_new();
	struct diag dg = {0};
	const struct kind_def machine = {
	    .name = STR("machine"),
	    .prefix = STR("ma"),
	    .label = STR("a thing that runs"),
	    .columns = STR("serial, nothing,id,hours"),
	    .num = 16,
	    .no = KIND_USER,
	};

	assert_non_null(s);
	assert_int_equal(schema_add_kind(s, &machine, &dg), CRM_OK);
	return s;
}

static struct field_def
serial(void)
{
	return (struct field_def){
	    .name = STR("machine.serial"),
	    .type = STR("text"),
	    .label = STR("number on the plate"),
	    .num = 300,
	    .slot = SLOT_COMMON,
	    .unique = true,
	};
}

static void
user_kind(void **state)
{
	struct schema *s = half();
	struct field_def one = serial(), two = serial();
	struct diag dg = {0};
	const struct kind *k;
	const struct field *f;

	(void)state;
	two.name = STR("machine.hours");
	two.type = STR("decimal");
	two.slot = 70;
	two.unique = false;
	two.fallback = STR("+007.50");
	assert_int_equal(schema_add_field(s, &one, &dg), CRM_OK);
	assert_int_equal(schema_add_field(s, &two, &dg), CRM_OK);
	assert_int_equal(schema_finish(s, &dg), CRM_OK);
	k = schema_kind(s, STR("machine"));
	assert_ptr_equal(schema_kind_prefix(s, STR("ma")), k);
	assert_ptr_equal(schema_kind_at(s, 0), k);
	assert_null(schema_kind_at(s, 1));
	assert_int_equal(k->num, 16);
	assert_int_equal(k->nfields, 2 + SLOT_COMMON);
	assert_int_equal(k->nslots, 71);
	assert_null(k->slots[11]);
	f = k->slots[SLOT_COMMON];
	assert_text(f->name, "serial");
	assert_true(f->index && f->unique);
	assert_int_equal(f->num, 300);
	assert_text(k->slots[SLOT_TAG]->name, "tag");
	assert_true(k->slots[SLOT_TAG]->list);
	assert_int_equal(k->slots[SLOT_TAG]->num, 0);
	assert_text(k->slots[70]->fallback, "7.50");
	assert_ptr_equal(k->fields[0], f);
	assert_int_equal(k->ncolumns, 2);
	assert_ptr_equal(k->columns[1], k->slots[70]);
	schema_free(s);
}

static void
kind_refused(void **state)
{
	const struct {
		struct kind_def def;
		const char *says;
	} cases[] = {
	    {{.name = STR("Big"), .prefix = STR("b"), .no = 40},
		"kind Big: name: 'Big' is no name; write a lower-case letter"},
	    {{.name = STR("or"), .prefix = STR("b"), .no = 40},
		"is a word of the query language"},
	    {{.name = STR("machine"), .prefix = STR("b"), .no = 40},
		"name: there is a kind 'machine' already"},
	    {{.name = STR("tool"), .no = 40}, "prefix: '' is no prefix"},
	    {{.name = STR("tool"), .prefix = STR("t1"), .no = 40},
		"prefix: 't1' is no prefix; write 1 to 8 lower-case letters"},
	    {{.name = STR("tool"), .prefix = STR("abcdefghi"), .no = 40},
		"is no prefix"},
	    {{.name = STR("tool"), .prefix = STR("ma"), .no = 40},
		"prefix: 'ma' is that of machine; take another"},
	    {{.name = STR("tool"), .prefix = STR("b"), .no = 0},
		"no: 0 is not between 1 and 1023"},
	    {{.name = STR("tool"), .prefix = STR("b"), .no = 1024},
		"no: 1024 is not between"},
	    {{.name = STR("tool"), .prefix = STR("b"), .no = KIND_USER},
		"no: 32 is that of machine"},
	};
	struct schema *s = half();
	struct diag dg = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(
		    schema_add_kind(s, &cases[i].def, &dg), CRM_DATA);
		assert_says(&dg, cases[i].says);
	}
	schema_free(s);
}

struct bad_field {
	struct field_def def;
	const char *says;
};

/* Each is refused by a machine that has a serial, and leaves no trace. */
static void
refuse_fields(const struct bad_field *cases, size_t n)
{
	struct schema *s = half();
	struct field_def one = serial();
	struct diag dg = {0};

	assert_int_equal(schema_add_field(s, &one, &dg), CRM_OK);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(
		    schema_add_field(s, &cases[i].def, &dg), CRM_DATA);
		assert_says(&dg, cases[i].says);
	}
	assert_int_equal(schema_finish(s, &dg), CRM_OK);
	assert_int_equal(
	    schema_kind(s, STR("machine"))->nfields, 1 + SLOT_COMMON);
	schema_free(s);
}

static void
field_refused(void **state)
{
	const struct bad_field cases[] = {
	    {{.name = STR("x"), .type = STR("text")},
		"field x: name: no kind in 'x'; write contact.x"},
	    {{.name = STR("tool.x"), .type = STR("text")},
		"name: no kind 'tool'; crm-find kind lists them"},
	    {{.name = STR("machine.X"), .type = STR("text")},
		"name: 'X' is no name"},
	    {{.name = STR("machine."), .type = STR("text")},
		"name: '' is no name"},
	    {{.name = STR("machine.id"), .type = STR("text")},
		"'id' is a word of the query language"},
	    {{.name = STR("machine.serial"), .type = STR("text"), .slot = 20},
		"name: there is such a field already"},
	    {{.name = STR("machine.x"),
		 .type = STR("text"),
		 .slot = SLOT_COMMON},
		"slot: 10 is that of 'serial'"},
	    {{.name = STR("machine.x"), .type = STR("text"), .slot = SLOT_TAG},
		"slot: 5 is that of 'tag'"},
	    {{.name = STR("machine.tag"), .type = STR("text"), .slot = 20},
		"name: every kind has a field 'tag'; take another"},
	    {{.name = STR("machine.x"),
		 .type = STR("text"),
		 .slot = SLOT_LIMIT},
		"slot: 512 is too high; a kind has at most 512 fields"},
	    {{.name = STR("machine.x"),
		 .type = STR("text"),
		 .slot = SLOT_NONE,
		 .derived = DERIVED_LAST},
		"derived: the store knows no such sum"},
	};

	(void)state;
	refuse_fields(cases, ARRAY_LEN(cases));
}

#define M .name = STR("machine.x"), .slot = 20
static void
type_refused(void **state)
{
	const struct bad_field cases[] = {
	    {{M, .type = STR("money")},
		"type: no type 'money'; write text, int, decimal, bool, date, "
		"time, enum, ref, email, phone, url or recur"},
	    {{M, .type = STR("text"), .ref = STR("machine")},
		"ref: only type=ref points to a kind"},
	    {{M, .type = STR("ref"), .ref = STR("tool")},
		"ref: no kind 'tool'"},
	    {{M, .type = STR("text"), .values = STR("a,b")},
		"values: only type=enum has them"},
	    {{M, .type = STR("enum")},
		"values: an enum needs some, as in values=low,high"},
	    {{M, .type = STR("enum"), .values = STR(" , ,")},
		"values: an enum needs some"},
	    {{M, .type = STR("enum"), .values = STR("a:x")},
		"values: 'x' is no weight; write a number"},
	    {{M, .type = STR("enum"), .values = STR("a:")}, "is no weight"},
	    {{M, .type = STR("enum"), .values = STR("a:-1")}, "is no weight"},
	    {{M, .type = STR("enum"), .values = STR("a:1000001")},
		"is no weight"},
	    {{M, .type = STR("enum"), .values = STR(":5")}, "is no value"},
	    {{M, .type = STR("enum"), .values = STR("a,b,A")},
		"values: 'a' stands twice"},
	    {{M, .type = STR("enum"), .values = STR("a\tb")},
		"control character in 'a\\tb'"},
	    {{M, .type = STR("enum"), .values = STR("a,b"),
		 .closed = STR("a,c")},
		"closed: 'c' is not among the values"},
	};

	(void)state;
	refuse_fields(cases, ARRAY_LEN(cases));
}

static void
fallback_refused(void **state)
{
	const struct {
		struct field_def def;
		const char *says;
	} cases[] = {
	    {{M, .type = STR("int"), .fallback = STR("many")},
		"field machine.x: fallback: 'many' is no whole number"},
	    {{M, .type = STR("date"), .fallback = STR("today")},
		"fallback: 'today' is no fixed day; write YYYY-MM-DD"},
	    {{M, .type = STR("ref"), .fallback = STR("c1")},
		"fallback: a reference has none"},
	    {{M, .type = STR("text"), .unique = true, .fallback = STR("c1")},
		"fallback: a unique field has none"},
	    {{M, .type = STR("enum"), .values = STR("a,b"),
		 .fallback = STR("c")},
		"fallback: 'c' is not among the values"},
	    {{M, .type = STR("int"), .fallback = STR("@serial")},
		"fallback: 'serial' is no enum of the same kind"},
	    {{M, .type = STR("int"), .fallback = STR("@nothing")},
		"fallback: 'nothing' is no enum"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct schema *s = half();
		struct field_def one = serial();
		struct diag dg = {0};

		assert_int_equal(schema_add_field(s, &one, &dg), CRM_OK);
		assert_int_equal(
		    schema_add_field(s, &cases[i].def, &dg), CRM_OK);
		assert_int_equal(schema_finish(s, &dg), CRM_DATA);
		assert_says(&dg, cases[i].says);
		schema_free(s);
	}
}

static void
weighted(void **state)
{
	struct schema *s = half();
	struct field_def grade = {M, .type = STR("enum"),
	    .values = STR("LOW:1 , mid-High:2,\303\226l:3"),
	    .closed = STR("mid-HIGH"), .fallback = STR("Low")};
	struct field_def weight = {.name = STR("machine.w"),
	    .slot = 21,
	    .type = STR("decimal"),
	    .fallback = STR("@x")};
	struct diag dg = {0};
	const struct field *f;

	(void)state;
	assert_int_equal(schema_add_field(s, &weight, &dg), CRM_OK);
	assert_int_equal(schema_add_field(s, &grade, &dg), CRM_OK);
	assert_int_equal(schema_finish(s, &dg), CRM_OK);
	f = test_field(s, "machine.x");
	assert_text(f->choices[0].name, "low");
	assert_int_equal(f->choices[1].weight, 2);
	assert_true(f->choices[1].closed);
	assert_text(f->choices[2].name, "\303\266l");
	assert_text(f->fallback, "low");
	schema_free(s);
}

/* ---- bytes ------------------------------------------------------------ */

static struct buf
saved(void)
{
	struct schema *s = test_schema();
	struct buf b = {0};

	assert_int_equal(schema_save(s, &b), CRM_OK);
	schema_free(s);
	return b;
}

static void
same_field(const struct field *a, const struct field *b)
{
	assert_true(str_eq(a->name, b->name));
	assert_true(str_eq(a->label, b->label));
	assert_true(str_eq(a->fallback, b->fallback));
	assert_int_equal(a->num, b->num);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->slot, b->slot);
	assert_int_equal(a->ref, b->ref);
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->derived, b->derived);
	assert_int_equal(a->list, b->list);
	assert_int_equal(a->unique, b->unique);
	assert_int_equal(a->index, b->index);
	assert_int_equal(a->sensitive, b->sensitive);
	assert_int_equal(a->automatic, b->automatic);
	assert_int_equal(a->nchoices, b->nchoices);
	for (size_t i = 0; i < a->nchoices; i++) {
		assert_true(str_eq(a->choices[i].name, b->choices[i].name));
		assert_int_equal(a->choices[i].weight, b->choices[i].weight);
		assert_int_equal(a->choices[i].closed, b->choices[i].closed);
	}
}

/* What a kind says of its references, made or not, is what its fields say. */
static void
same_refs(const struct schema *s, const struct kind *k)
{
	struct ref_field refs[SLOT_LIMIT], few[1] = {{9, 9}};
	size_t n = schema_refs(s, k->no, refs, SLOT_LIMIT), there = 0;

	for (size_t i = 0; i < n; i++) {
		assert_in_range(refs[i].slot, 0, k->nslots - 1);
		assert_int_equal(k->slots[refs[i].slot]->type, TYPE_REF);
		assert_int_equal(k->slots[refs[i].slot]->ref, refs[i].to);
	}
	for (size_t i = 0; i < k->nfields; i++)
		there +=
		    k->fields[i]->type == TYPE_REF && !k->fields[i]->derived;
	assert_int_equal(n, there);
	assert_int_equal(schema_refs(s, k->no, NULL, 0), n);
	assert_int_equal(schema_refs(s, k->no, few, 1), n);
	assert_int_equal(few[0].slot, n > 0 ? refs[0].slot : 9);
}

static void
refs_of_kinds(void **state)
{
	struct schema *s = test_schema(), *back = NULL;
	struct buf b = {0};
	struct diag dg = {0};
	const struct kind *k;
	size_t sum = 0;

	(void)state;
	assert_int_equal(schema_save(s, &b), CRM_OK);
	for (size_t i = 0; (k = schema_kind_at(s, i)) != NULL; i++) {
		/* Of one the fields are made, the others wait. */
		assert_int_equal(
		    schema_load(str_of(&b), &back, NULL, &dg), CRM_OK);
		assert_non_null(schema_kind_at(back, 3));
		assert_int_equal(schema_no_at(back, i), k->no);
		same_refs(back, k);
		same_refs(s, k);
		schema_keep(back);
		same_refs(back, k);
		same_refs(back, schema_kind_no(back, k->no));
		sum += schema_refs(back, k->no, NULL, 0);
		schema_free(back);
	}
	assert_true(sum > 20);
	assert_int_equal(schema_no_at(s, 15), KIND_NONE);
	assert_int_equal(schema_refs(s, KIND_NONE, NULL, 0), 0);
	assert_int_equal(schema_refs(s, KIND_USER + 1, NULL, 0), 0);
	assert_int_equal(schema_refs(s, KIND_LIMIT, NULL, 0), 0);
	buf_clear(&b);
	schema_free(s);
}

static void
save_load(void **state)
{
	struct schema *s = test_schema(), *back = NULL;
	struct buf b = {0}, again = {0};
	struct diag dg = {0};
	const struct kind *k, *o;

	(void)state;
	assert_int_equal(schema_save(s, &b), CRM_OK);
	assert_int_equal(schema_load(str_of(&b), &back, NULL, &dg), CRM_OK);
	/* One kind is read before the bytes go away, the others after. */
	assert_non_null(schema_kind_at(back, 3));
	schema_keep(back);
	memset(b.p, 0, b.n);
	assert_int_equal(schema_sound(back, &dg), CRM_OK);
	assert_int_equal(schema_save(back, &again), CRM_OK);
	assert_int_equal(schema_tables(back), schema_tables(s));
	buf_reset(&b);
	assert_int_equal(schema_save(s, &b), CRM_OK);
	assert_true(str_eq(str_of(&again), str_of(&b)));
	buf_clear(&again);
	buf_clear(&b);
	for (size_t i = 0; (k = schema_kind_at(s, i)) != NULL; i++) {
		o = schema_kind_at(back, i);
		assert_true(str_eq(k->name, o->name));
		assert_true(str_eq(k->prefix, o->prefix));
		assert_true(str_eq(k->label, o->label));
		assert_int_equal(k->no, o->no);
		assert_int_equal(k->num, o->num);
		assert_int_equal(k->nfields, o->nfields);
		assert_int_equal(k->nslots, o->nslots);
		assert_int_equal(k->ncolumns, o->ncolumns);
		for (size_t j = 0; j < k->nfields; j++)
			same_field(k->fields[j], o->fields[j]);
		for (size_t j = 0; j < k->ncolumns; j++)
			same_field(k->columns[j], o->columns[j]);
	}
	assert_null(schema_kind_at(back, 15));
	schema_free(s);
	schema_free(back);
}

/* Bytes of whatever kind tell of slots that there may be. */
static void
slots_below_limit(const struct schema *s, uint16_t no)
{
	struct ref_field refs[SLOT_LIMIT];
	size_t n = schema_refs(s, no, refs, SLOT_LIMIT);

	for (size_t i = 0; i < n && i < SLOT_LIMIT; i++)
		assert_in_range(refs[i].slot, 0, SLOT_LIMIT - 1);
}

/* Loads bytes in a place of just their size; a schema that comes out works. */
static void
load_copy(const char *p, size_t n)
{
	char *copy = malloc(n ? n : 1);
	struct schema *s = NULL;
	struct diag dg = {0};
	const struct kind *k;
	size_t texts = 0;
	enum crm_err err;

	if (n)
		memcpy(copy, p, n);
	err = schema_load((struct str){copy, n}, &s, NULL, &dg);
	if (!err)
		schema_keep(s);
	free(copy);
	for (size_t i = 0; !err && schema_no_at(s, i); i++)
		slots_below_limit(s, schema_no_at(s, i));
	if (!err && schema_sound(s, &dg) != CRM_OK) {
		assert_true(dg.text.n > 0);
		diag_clear(&dg);
	}
	if (err) {
		assert_int_equal(err, CRM_CONFIG);
		assert_null(s);
		assert_true(dg.text.n > 0);
		diag_clear(&dg);
		return;
	}
	for (size_t i = 0; (k = schema_kind_at(s, i)) != NULL; i++) {
		for (size_t j = 0; j < k->nfields; j++)
			texts += str_cmp(k->fields[j]->label, k->label) < 0;
		for (size_t j = 0; j < k->nslots; j++)
			assert_true(!k->slots[j] || k->slots[j]->slot == j);
	}
	assert_true(texts <= n);
	schema_free(s);
}

static void
cut(void **state)
{
	struct buf b = saved();
	struct schema *s;
	struct diag dg = {0};

	(void)state;
	for (size_t n = 0; n < b.n; n += n < 600 ? 1 : 97) {
		assert_int_equal(
		    schema_load(str_head(str_of(&b), n), &s, NULL, &dg),
		    CRM_CONFIG);
		diag_clear(&dg);
	}
	buf_addc(&b, 0);
	assert_int_equal(schema_load(str_of(&b), &s, NULL, &dg), CRM_CONFIG);
	assert_says(&dg, "the schema is damaged");
	b.p[7]++;
	assert_int_equal(schema_load(str_of(&b), &s, NULL, &dg), CRM_CONFIG);
	assert_says(&dg, "the schema is of another version");
	buf_clear(&b);
}

static void
mutated(void **state)
{
	struct buf b = saved();
	uint64_t seed = 11;

	(void)state;
	for (int i = 0; i < 1500; i++) {
		size_t hits = 1 + rnd_below(&seed, 4);
		struct buf m = {0};

		buf_add(&m, str_of(&b));
		while (hits-- > 0) {
			size_t at = 8 + rnd_below(&seed, i % 2 ? 900 : b.n - 8);

			m.p[at] = (char)rnd(&seed);
		}
		load_copy(m.p, m.n);
		buf_clear(&m);
	}
	for (int i = 0; i < 5000; i++) {
		char noise[200];
		size_t n = rnd_below(&seed, sizeof noise);

		for (size_t j = 0; j < n; j++)
			noise[j] = (char)(rnd(&seed) & (j % 3 ? 3 : 255));
		if (n >= 8)
			memcpy(noise, b.p, 8);
		load_copy(noise, n);
	}
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kinds),
	    cmocka_unit_test(fields),
	    cmocka_unit_test(choices),
	    cmocka_unit_test(type_names),
	    cmocka_unit_test(names),
	    cmocka_unit_test(user_kind),
	    cmocka_unit_test(kind_refused),
	    cmocka_unit_test(field_refused),
	    cmocka_unit_test(type_refused),
	    cmocka_unit_test(fallback_refused),
	    cmocka_unit_test(weighted),
	    cmocka_unit_test(refs_of_kinds),
	    cmocka_unit_test(save_load),
	    cmocka_unit_test(cut),
	    cmocka_unit_test(mutated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
