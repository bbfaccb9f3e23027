/* SPDX-License-Identifier: ISC */
/* query_expr: the grammar of queries: trees, refusals, splitting of texts. */
#include "query/expr.h"
#include "query/query.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* A tree as text: (and a (or b (not c))); terms as path|op|value. */
static void
print(const struct expr *e, struct buf *out)
{
	static const char *const names[] = {
	    [EXPR_ALL] = "all",
	    [EXPR_AND] = "(and",
	    [EXPR_OR] = "(or",
	    [EXPR_NOT] = "(not",
	};

	if (e->type == EXPR_TERM) {
		buf_add(out, e->term.path);
		buf_addc(out, '|');
		buf_addz(out, expr_op_text(e->term.op));
		buf_addz(out, e->term.colon ? "::" : "");
		buf_addc(out, '|');
		buf_add(out, e->term.value);
		return;
	}
	buf_addz(out, names[e->type]);
	for (size_t i = 0; i < e->nkids; i++) {
		buf_addc(out, ' ');
		print(e->kids[i], out);
	}
	if (e->type != EXPR_ALL)
		buf_addc(out, ')');
}

/* WORDS are separated by '^' so that a word can hold blanks. */
static enum crm_err
parse(const char *words, struct buf *out, struct diag *dg)
{
	struct str list[300], rest = str_from(words);
	struct mem m = {0};
	struct expr *e = NULL;
	size_t n = 0;
	enum crm_err err;

	while (rest.p && words[0])
		list[n++] = str_cut(&rest, '^');
	err = expr_parse(&m, list, n, &e, dg);
	if (!err)
		print(e, out);
	mem_clear(&m);
	return err;
}

static const struct {
	const char *words, *tree;
} good[] = {
    {"", "all"},
    {"city=Bern", "city|=|Bern"},
    {"city!=Bern", "city|!=|Bern"},
    {"n<5^n<=5^n>5^n>=5", "(and n|<|5 n|<=|5 n|>|5 n|>=|5)"},
    {"name:ada", "name|:|ada"},
    {"name~a|b", "name|~|a|b"},
    {"city=", "city|=|"},
    {"city!=", "city|!=|"},
    {"org.name=Acme AG", "org.name|=|Acme AG"},
    {"a=1^and^b=2", "(and a|=|1 b|=|2)"},
    {"a=1^or^b=2^c=3", "(or a|=|1 (and b|=|2 c|=|3))"},
    {"a=1^b=2^or^c=3", "(or (and a|=|1 b|=|2) c|=|3)"},
    {"(^a=1^or^b=2^)^c=3", "(and (or a|=|1 b|=|2) c|=|3)"},
    {"(a=1^or^b=2)^c=3", "(and (or a|=|1 b|=|2) c|=|3)"},
    {"((a=1^or^b=2)^c=3)", "(and (or a|=|1 b|=|2) c|=|3)"},
    {"not^a=1^b=2", "(and (not a|=|1) b|=|2)"},
    {"!a=1", "(not a|=|1)"},
    {"!^a=1", "(not a|=|1)"},
    {"!!a=1", "(not (not a|=|1))"},
    {"not^(a=1^b=2)", "(not (and a|=|1 b|=|2))"},
    {"!(a=1^b=2)", "(not (and a|=|1 b|=|2))"},
    {"a!=1^!b", "(and a|!=|1 (not ||b))"},
    /* Parentheses in values. */
    {"name=Foo (Bar)", "name|=|Foo (Bar)"},
    {"(name=Foo (Bar)^or^x)", "(or name|=|Foo (Bar) ||x)"},
    {"(name~(a|b))", "name|~|(a|b)"},
    {"note=:-)", "note|=|:-)"},
    /* One argument that is a whole group. */
    {"(city=Bern or city=Basel)", "(or city|=|Bern city|=|Basel)"},
    {"!(city=Bern or city=Basel)^x",
	"(and (not (or city|=|Bern city|=|Basel)) ||x)"},
    {"(name='Acme (old) AG' or b)", "(or name|=|Acme (old) AG ||b)"},
    {"(a or (b c))", "(or ||a (and ||b ||c))"},
    /* Bare words. */
    {"ada", "||ada"},
    {"Ada Lovelace", "||Ada Lovelace"},
    {"ada@example.com", "||ada@example.com"},
    {"https://example.com/?a=b", "||https://example.com/?a=b"},
    {"10:30", "||10:30"},
    {":or", "|::|or"},
    {":(x", "|::|(x"},
    {":c42", "|::|c42"},
    {"OR", "||OR"},
    {"url:https://x.org", "url|:|https://x.org"},
    /* The first operator counts, the longest at its place. */
    {"a<=b=c", "a|<=|b=c"},
    {"a=<5", "a|=|<5"},
    {"a:b=c", "a|:|b=c"},
    {"müller", "||müller"},
};

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct diag dg = {0};
		struct buf out = {0};
		enum crm_err err = parse(good[i].words, &out, &dg);

		if (err)
			print_error("%s: %s\n", good[i].words, diag_text(&dg));
		assert_int_equal(err, CRM_OK);
		assert_string_equal(buf_z(&out), good[i].tree);
		buf_clear(&out);
		diag_clear(&dg);
	}
}

static const struct {
	const char *words, *message;
} bad[] = {
    {"a=1^^b=2", "word 2 is empty; leave it out, or write FIELD= for records "
		 "without a value"},
    {"or^a=1", "word 1 'or': a term is missing before this operator"},
    {"a=1^or", "at the end: a term is missing"},
    {"a=1^and^or^b", "word 3 'or': a term is missing before"},
    {"not", "at the end: a term is missing after 'not'"},
    {"not^or", "word 2 'or': a term is missing after 'not'"},
    {"(a=1", "word 1 '(': no ')' closes this parenthesis"},
    {"a=1^)", "word 2 ')': no '(' opens this parenthesis"},
    {"(^)", "word 2 ')': nothing stands in the parentheses"},
    {"a=1^(b=2^))", "word 3 ')': no '(' opens this parenthesis"},
    {"(a=1^b=2))", "word 2 ')': no '(' opens this parenthesis"},
    {"=5", "word 1 '=5': no field before the operator"},
    {"city^=^Bern", "word 2 '=': no field before the operator"},
    {"a\xff", "word 1 'a\\xff' is not UTF-8 at byte 2"},
    {"(a 'b)", "word 1 '(a 'b)'"},
};

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct diag dg = {0};
		struct buf out = {0};
		enum crm_err err = parse(bad[i].words, &out, &dg);
		struct str text = str_from(diag_text(&dg));

		if (err != CRM_USAGE ||
		    !str_starts(text, str_from(bad[i].message)))
			fail_msg("%s gave %d: %s", bad[i].words, err,
			    diag_text(&dg));
		buf_clear(&out);
		diag_clear(&dg);
	}
}

/* Hostile depth and length end in a message, not in a broken stack. */
static void
test_limits(void **state)
{
	struct buf words = {0}, out = {0};
	struct diag dg = {0};
	struct str *list;
	struct mem m = {0};
	struct expr *e;
	size_t n = EXPR_WORDS + 1;

	(void)state;
	for (int i = 0; i < 5000; i++)
		buf_addc(&words, '(');
	assert_int_equal(parse(buf_z(&words), &out, &dg), CRM_USAGE);
	assert_non_null(strstr(diag_text(&dg), "nested too deep"));
	buf_reset(&words);
	for (int i = 0; i < 5000; i++)
		buf_addc(&words, '!');
	buf_addz(&words, "a");
	assert_int_equal(parse(buf_z(&words), &out, &dg), CRM_USAGE);
	assert_non_null(strstr(diag_text(&dg), "too many 'not'"));
	list = calloc(n, sizeof(*list));
	assert_non_null(list);
	for (size_t i = 0; i < n; i++)
		list[i] = STR("a");
	assert_int_equal(expr_parse(&m, list, n, &e, &dg), CRM_USAGE);
	assert_non_null(strstr(diag_text(&dg), "more than 10000 words"));
	assert_int_equal(expr_parse(&m, list, n - 2, &e, &dg), CRM_OK);
	assert_int_equal(e->nkids, n - 2);
	mem_clear(&m);
	free(list);
	buf_clear(&words);
	buf_clear(&out);
	diag_clear(&dg);
}

static void
test_words(void **state)
{
	struct buf hold = {0};
	struct diag dg = {0};
	struct str *words;
	size_t n;

	(void)state;
	assert_int_equal(query_words(STR(" name='Acme  AG'\t\"a 'b'\" '' x\n"),
			     &hold, &words, &n, &dg),
	    CRM_OK);
	assert_int_equal(n, 4);
	assert_true(str_is(words[0], "name=Acme  AG"));
	assert_true(str_is(words[1], "a 'b'"));
	assert_int_equal(words[2].n, 0);
	assert_true(str_is(words[3], "x"));
	free(words);
	buf_reset(&hold);
	assert_int_equal(query_words(STR(""), &hold, &words, &n, &dg), CRM_OK);
	assert_int_equal(n, 0);
	free(words);
	assert_int_equal(
	    query_words(STR("a 'b"), &hold, &words, &n, &dg), CRM_USAGE);
	assert_null(words);
	assert_int_equal(query_words((struct str){.p = "a\0b", .n = 3}, &hold,
			     &words, &n, &dg),
	    CRM_USAGE);
	buf_clear(&hold);
	diag_clear(&dg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
