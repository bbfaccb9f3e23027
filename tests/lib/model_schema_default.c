/* SPDX-License-Identifier: ISC */
/* The default schema: sound, complete, and what other code counts on. */
#include "model_test.h"

#include "base/utf8.h"

static void
kinds(void **state)
{
	static const char *const want[] = {"contact c", "org o", "activity a",
	    "task t", "deal d", "order r", "item i", "product p", "ticket k",
	    "campaign m", "link l", "consent n", "segment s", "kind x",
	    "field f"};
	struct kind_def d;
	size_t i;

	(void)state;
	for (i = 0; schema_default_kind(i, &d); i++) {
		struct buf b = {0};

		buf_addf(&b, "%.*s %.*s", STR_ARG(d.name), STR_ARG(d.prefix));
		assert_true(i < ARRAY_LEN(want));
		assert_text(str_of(&b), want[i]);
		assert_int_equal(d.no, i + 1);
		assert_int_equal(d.num, i + 1);
		assert_true(d.label.n > 0);
		buf_clear(&b);
	}
	assert_int_equal(i, ARRAY_LEN(want));
}

/* Every column of the table is a field, every field is described. */
static void
sound(void **state)
{
	struct schema *s = test_schema();
	struct kind_def kd;
	struct field_def fd;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; schema_default_kind(i, &kd); i++) {
		const struct kind *k = schema_kind(s, kd.name);
		size_t named = 0;

		for (struct str rest = kd.columns; rest.n; named++)
			str_cut(&rest, ',');
		assert_int_equal(k->ncolumns, named);
		assert_true(k->nslots <= 64); /* one word of a row's map */
		n += k->nfields;
	}
	for (size_t i = 0; schema_default_field(i, &fd); i++) {
		const struct field *f;
		struct buf name = {0};

		buf_add(&name, fd.name);
		f = test_field(s, buf_z(&name));
		assert_int_equal(f->num, i + 1);
		assert_true(f->label.n > 0 && utf8_ascii(f->label));
		assert_int_equal(f->derived ? SLOT_NONE : f->slot, fd.slot);
		n--;
		buf_clear(&name);
	}
	assert_int_equal(n, 0); /* no field was added but those */
	schema_free(s);
}

static void
common(void **state)
{
	static const struct {
		const char *name;
		enum common_slot slot;
	} want[] = {
	    {"created", SLOT_CREATED},
	    {"updated", SLOT_UPDATED},
	    {"owner", SLOT_OWNER},
	    {"source", SLOT_SOURCE},
	    {"ext", SLOT_EXT},
	    {"tag", SLOT_TAG},
	    {"note", SLOT_NOTE},
	    {"url", SLOT_URL},
	    {"doc", SLOT_DOC},
	    {"lang", SLOT_LANG},
	};
	struct schema *s = test_schema();
	const struct kind *k;

	(void)state;
	assert_int_equal(ARRAY_LEN(want), SLOT_COMMON);
	for (size_t i = 0; (k = schema_kind_at(s, i)) != NULL; i++) {
		for (size_t j = 0; j < SLOT_COMMON; j++)
			assert_text(k->slots[want[j].slot]->name, want[j].name);
		assert_true(k->slots[SLOT_EXT]->unique);
		assert_true(k->slots[SLOT_EXT]->list);
		assert_true(k->slots[SLOT_CREATED]->automatic);
	}
	schema_free(s);
}

static void
looked_up(void **state)
{
	static const char *const unique[] = {"contact.ext", "order.number",
	    "ticket.number", "product.sku", "segment.name", "kind.name",
	    "kind.prefix", "field.name", "activity.msgid"};
	static const char *const indexed[] = {"contact.name", "contact.email",
	    "contact.phone", "org.name", "org.email", "org.phone", "org.domain",
	    "product.name", "deal.name", "campaign.name"};
	struct schema *s = test_schema();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(unique); i++)
		assert_true(test_field(s, unique[i])->unique &&
			    test_field(s, unique[i])->index);
	for (size_t i = 0; i < ARRAY_LEN(indexed); i++)
		assert_true(test_field(s, indexed[i])->index &&
			    !test_field(s, indexed[i])->unique);
	schema_free(s);
}

static void
closed_are(const struct schema *s, const char *name, const char *want)
{
	const struct field *f = test_field(s, name);
	struct buf b = {0};

	for (size_t i = 0; i < f->nchoices; i++) {
		if (!f->choices[i].closed)
			continue;
		if (b.n)
			buf_addc(&b, ',');
		buf_add(&b, f->choices[i].name);
	}
	assert_text(str_of(&b), want);
	buf_clear(&b);
}

static void
meanings(void **state)
{
	static const struct {
		const char *name, *fallback;
	} fallbacks[] = {
	    {"task.status", "todo"},
	    {"deal.stage", "new"},
	    {"deal.probability", "@stage"},
	    {"order.doc", "order"},
	    {"order.status", "confirmed"},
	    {"order.currency", "EUR"},
	    {"activity.status", "held"},
	    {"ticket.status", "new"},
	    {"campaign.status", "planned"},
	    {"org.type", ""},
	};
	struct schema *s = test_schema();

	(void)state;
	closed_are(s, "task.status", "done,cancelled");
	closed_are(s, "deal.stage", "won,lost");
	closed_are(s, "ticket.status", "resolved,closed,rejected,duplicate");
	closed_are(s, "order.status", "returned,cancelled");
	closed_are(s, "activity.status", "planned,missed");
	for (size_t i = 0; i < ARRAY_LEN(fallbacks); i++)
		assert_text(test_field(s, fallbacks[i].name)->fallback,
		    fallbacks[i].fallback);
	assert_int_equal(test_field(s, "activity.contact")->ref, KIND_CONTACT);
	assert_true(test_field(s, "activity.contact")->list);
	assert_int_equal(test_field(s, "link.from")->ref, KIND_NONE);
	assert_int_equal(test_field(s, "activity.re")->ref, KIND_ACTIVITY);
	assert_int_equal(test_field(s, "task.due")->type, TYPE_TIME);
	assert_int_equal(test_field(s, "order.issued")->type, TYPE_DATE);
	assert_int_equal(test_field(s, "org.turnover")->derived, DERIVED_NONE);
	schema_free(s);
}

static void
sums(void **state)
{
	struct schema *s = test_schema();
	static const char *const of[] = {"contact", "org"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(of); i++) {
		const struct kind *k = schema_kind(s, str_from(of[i]));
		unsigned seen = 0;

		for (size_t j = 0; j < k->nfields; j++)
			if (k->fields[j]->derived)
				seen |= 1U << k->fields[j]->derived;
		assert_int_equal(seen, (1U << DERIVED_COUNT) - 2);
	}
	schema_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kinds),
	    cmocka_unit_test(sound),
	    cmocka_unit_test(common),
	    cmocka_unit_test(looked_up),
	    cmocka_unit_test(meanings),
	    cmocka_unit_test(sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
