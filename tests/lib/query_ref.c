/* SPDX-License-Identifier: ISC */
/* query_ref: what people call a record, and what they are told when it is
 * none or several. */
#include "query_test.h"

static int
setup(void **state)
{
	struct world *w = world_new();

	begin(w);
	add(w, "org", "name=Acme AG;email=info@acme.ch");
	add(w, "org", "name=Ada GmbH");
	add(w, "contact",
	    "name=Ada Lovelace;email=ada@example.com,Ada.L@home.org"
	    ";phone=+41 44 301 23 45;ext=shop:1,old:7");
	add(w, "contact", "name=Ada Byron;email=info@example.com");
	add(w, "contact", "name=Jörg Müller;email=info@example.com");
	add(w, "contact", "name=ADA byron;phone=044 111 22 33");
	add(w, "contact", "email=only@example.com");
	add(w, "contact", "given=Grace;family=Hopper");
	add(w, "product", "name=Anvil;sku=AV-1");
	add(w, "ticket", "subject=It broke;number=T-9");
	add(w, "task", "title=Call back;contact=c1");
	add(w, "item", "qty=3;product=p1");
	for (int i = 0; i < 7; i++)
		add(w, "contact", "name=Max Muster");
	commit(w);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	world_free(*state);
	return 0;
}

static const struct {
	const char *kind, *text, *id;
} found[] = {
    {"contact", "c2", "c2"},
    {NULL, "o1", "o1"},
    {NULL, "t1", "t1"},
    {"contact", "shop:1", "c1"},
    {"contact", "old:7", "c1"},
    {"contact", "ada@example.com", "c1"},
    {"contact", "ada@EXAMPLE.com", "c1"},
    {"contact", "ADA@example.com", "c1"},
    {"contact", " ada@example.com ", "c1"},
    {"contact", "0443012345", "c1"},
    {"contact", "+41 (0)44 301 23 45", "c1"},
    {"contact", "Ada Lovelace", "c1"},
    {"contact", "ada lovelace", "c1"},
    {"contact", "jorg muller", "c3"},
    /* The exact name wins over one that differs by case. */
    {"contact", "Ada Byron", "c2"},
    {"contact", "ADA byron", "c4"},
    {"org", "acme ag", "o1"},
    {NULL, "Ada GmbH", "o2"},
    {NULL, "info@acme.ch", "o1"},
    {NULL, "AV-1", "p1"},
    {NULL, "T-9", "k1"},
    {"product", "anvil", "p1"},
};

static void
test_found(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(found); i++) {
		struct buf out = {0};
		struct id id;

		if (ref_resolve(w->s,
			found[i].kind ? kind_of(w, found[i].kind) : NULL,
			str_from(found[i].text), &id, &w->dg))
			fail_msg("%s: %s", found[i].text, diag_text(&w->dg));
		id_print(store_schema(w->s), id, &out);
		assert_string_equal(buf_z(&out), found[i].id);
		buf_clear(&out);
	}
}

static const struct {
	const char *kind, *text;
	enum crm_err err;
	const char *message;
} refused[] = {
    {"contact", "info@example.com", CRM_USAGE,
	"'info@example.com' may mean c2 Ada Byron, c3 Jörg Müller; write the "
	"id"},
    {"contact", "ada BYRON", CRM_USAGE,
	"'ada BYRON' may mean c2 Ada Byron, c4 ADA byron; write the id"},
    {"contact", "max muster", CRM_USAGE,
	"'max muster' may mean c7 Max Muster, c8 Max Muster, c9 Max Muster, "
	"c10 Max Muster, c11 Max Muster, ...; write the id"},
    {"contact", "c99", CRM_NO, "there is no contact c99"},
    {"contact", "o1", CRM_NO, "o1 is the id of org, not of contact"},
    {NULL, "c99", CRM_NO, "there is no contact c99"},
    {"contact", "Ada Lovelance", CRM_NO,
	"no contact 'Ada Lovelance'; did you mean c1 Ada Lovelace"},
    {"contact", "lovelace", CRM_NO,
	"no contact 'lovelace'; did you mean c1 Ada Lovelace"},
    {NULL, "Acme A", CRM_NO, "no record 'Acme A'; did you mean o1 Acme AG"},
    {"contact", "Xerxes", CRM_NO, "no contact 'Xerxes'"},
    {"contact", "", CRM_NO, "an empty text names no record"},
    {"contact", "?", CRM_NO, "no contact '?'"},
    {"contact", "a\nb", CRM_NO, "no contact 'a\\nb'"},
};

static void
test_refused(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		const struct kind *k =
		    refused[i].kind ? kind_of(w, refused[i].kind) : NULL;
		struct id id;
		enum crm_err err = ref_resolve(
		    w->s, k, str_from(refused[i].text), &id, &w->dg);

		assert_int_equal(err, refused[i].err);
		if (!str_starts(str_from(diag_text(&w->dg)),
			str_from(refused[i].message)))
			fail_msg("%s: %s", refused[i].text, diag_text(&w->dg));
		diag_clear(&w->dg);
	}
}

static void
test_matches(void **state)
{
	struct world *w = *state;
	struct id ids[4];
	size_t n;

	OK(w, ref_matches(w->s, kind_of(w, "contact"), STR("Max Muster"), ids,
		  ARRAY_LEN(ids), &n, &w->dg));
	assert_int_equal(n, 4);
	assert_int_equal(ids[0].num, 7);
	assert_int_equal(ids[3].num, 10);
	OK(w, ref_matches(w->s, kind_of(w, "contact"), STR("c1"), ids,
		  ARRAY_LEN(ids), &n, &w->dg));
	assert_int_equal(n, 1);
}

static const struct {
	uint16_t kind;
	uint64_t num;
	const char *label;
} labels[] = {
    {KIND_CONTACT, 1, "Ada Lovelace"},
    {KIND_CONTACT, 5, "only@example.com"},
    {KIND_CONTACT, 6, "Grace Hopper"},
    {KIND_TASK, 1, "Call back"},
    {KIND_TICKET, 1, "It broke"},
    {KIND_ITEM, 1, "i1"},
};

static void
test_labels(void **state)
{
	struct world *w = *state;
	struct id none = {.kind = KIND_CONTACT, .num = 99};
	struct buf out = {0};

	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		struct id id = {.kind = labels[i].kind, .num = labels[i].num};

		buf_reset(&out);
		buf_addz(&out, ">");
		OK(w, ref_label(w->s, id, &out, &w->dg));
		assert_string_equal(buf_z(&out) + 1, labels[i].label);
	}
	assert_int_equal(ref_label(w->s, none, &out, &w->dg), CRM_NO);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_found),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_matches),
	    cmocka_unit_test(test_labels),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
