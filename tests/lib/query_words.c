/* SPDX-License-Identifier: ISC */
/* query_words: queries that the index of words answers find what a look at
 * every record finds: parts of texts, cut out anywhere. */
#include "query_test.h"

#include "base/utf8.h"
#include "rounds.h"

static uint64_t seed = 11;

static uint64_t
draw(uint64_t n)
{
	uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

static const char *const first[] = {"Jörg", "Zoë", "Anna", "Björn", "Ada",
    "Grace", "Søren", "Łukasz", "İpek", "Грей", "東京", "Maria-José"};
static const char *const last[] = {"Müller", "Mueller", "Weiß", "Weiss",
    "O'Neill", "von der Heide", "Keller", "Obermüller", "Åberg", "山田太郎",
    "Ångström", "Nuñez", "Meier"};
static const char *const cities[] = {"Bern", "Zürich", "St. Gallen",
    "Halle (Saale)", "Köln", "Basel", "La Chaux-de-Fonds"};
static const char *const words[] = {"Angebot", "price", "next week", "GmbH",
    "2026-03-01", "No. 4711", "CHF 1'250.50", "https://example.com/a?b=c9",
    "Überweisung", "straße 12b", "x", "ok",
    "hippopotomonstrosesquippedaliophobie", "x y", "%%", "_", "E-Mail",
    "naïve café", "ﬁne", "①②", "안녕하세요 여러분"};

static const char *
pick(const char *const *list, size_t n)
{
	return list[draw(n)];
}
#define PICK(list) pick(list, ARRAY_LEN(list))

static void
add_contact(struct world *w, unsigned i)
{
	char note[300] = "note", line[900];

	for (uint64_t n = draw(6); n > 0; n--) {
		size_t at = strlen(note);

		snprintf(note + at, sizeof(note) - at, "%s%s",
		    draw(4) ? " " : "", PICK(words));
	}
	snprintf(line, sizeof(line),
	    "name=%s %s%s;city=%s;ext=K%06u;note=%s;email=%c%u@%s.example;"
	    "phone=+41 44 %03u %02u %02u;tag=t%u",
	    PICK(first), PICK(last), draw(20) ? "" : "9", PICK(cities), i, note,
	    (char)('a' + draw(26)), i, draw(2) ? "acme" : "beta",
	    (unsigned)draw(1000), (unsigned)draw(100), (unsigned)draw(100),
	    (unsigned)draw(200));
	add(w, "contact", line);
}

/* Some filed, some fresh, some changed and gone. */
static struct world *
fill(void)
{
	struct world *w = world_new();
	struct change_origin who = {.time = w->clock.now,
	    .user = STR("tester"),
	    .command = STR("test")};

	OK(w, store_begin(w->s, &who, true, &w->dg));
	for (unsigned i = 1; i <= 3000; i++)
		add_contact(w, i);
	commit(w);
	begin(w);
	for (unsigned i = 3001; i <= 3200; i++)
		add_contact(w, i);
	for (unsigned i = 0; i < 100; i++) {
		struct change_field field = {
		    .field = schema_field(kind_of(w, "contact"), STR("note")),
		    .after = STR("changed lately")};
		struct change c = {.op = i % 3 ? CHANGE_UPDATE : CHANGE_DELETE,
		    .kind = kind_of(w, "contact"),
		    .id = {.kind = KIND_CONTACT, .num = 1 + i * 31},
		    .fields = &field,
		    .nfields = i % 3 ? 1 : 0};

		OK(w, store_apply(w->s, &c, &w->dg));
	}
	commit(w);
	return w;
}

/* A part of S, cut between characters. */
static void
part(struct str s, char *out, size_t room)
{
	size_t from = draw(s.n), len = 1 + draw(draw(4) ? 12 : 60), to;

	while (from > 0 && ((unsigned char)s.p[from] & 0xc0) == 0x80)
		from--;
	to = from + len < s.n ? from + len : s.n;
	while (to < s.n && ((unsigned char)s.p[to] & 0xc0) == 0x80)
		to++;
	if (to - from >= room)
		to = from;
	memcpy(out, s.p + from, to - from);
	out[to - from] = '\0';
}

static void
random_term(struct world *w, char *out, size_t room)
{
	static const char *const names[] = {
	    "name", "note", "city", "email", "phone", "ext", "tag"};
	struct id id = {.kind = KIND_CONTACT, .num = 1 + draw(3200)};
	struct record r;
	struct diag dg = {0};
	struct str v;
	const char *name = PICK(names);
	char text[200];

	snprintf(out, room, ":Bern");
	if (store_get(w->s, id, &r, &dg) == CRM_OK) {
		v = row_get(&r.row, schema_field(r.kind, str_from(name))->slot);
		if (v.n > 0) {
			part(v, text, sizeof(text));
			if (draw(8) == 0 && v.n < sizeof(text) &&
			    strcmp(name, "phone") != 0)
				snprintf(
				    out, room, "%s=%.*s", name, STR_ARG(v));
			else if (draw(3) == 0)
				snprintf(out, room, "%s:%s", name, text);
			else
				snprintf(out, room, ":%s", text);
		}
	}
	diag_clear(&dg);
}

/* Every record, looked at. */
static void
look(struct world *w, struct query *q, struct buf *out)
{
	struct scan_spec spec = {
	    .type = SCAN_KIND, .kind = kind_of(w, "contact")};
	struct scan *sc;
	bool got = true, yes;

	OK(w, scan_open(&sc, w->s, &spec, &w->dg));
	while (true) {
		struct record r;
		struct id id;

		OK(w, scan_next(sc, &id, &got, &w->dg));
		if (!got)
			break;
		OK(w, scan_record(sc, &r, &w->dg));
		OK(w, query_match(q, &r, &yes, &w->dg));
		if (yes)
			buf_addf(out, "%llu ", (unsigned long long)id.num);
	}
	scan_close(sc);
}

static void
walk(struct world *w, struct query *q, struct buf *out)
{
	struct record r;
	bool got;

	while (true) {
		OK(w, query_next(q, &r, &got, &w->dg));
		if (!got)
			break;
		buf_addf(out, "%llu ", (unsigned long long)r.id.num);
	}
}

/* Was it the index of words that answered? */
static bool
compare(struct world *w, const struct str *terms, size_t n)
{
	struct buf plan = {0}, a = {0}, b = {0};
	struct query *q;
	bool yes;

	if (query_new(&q, w->s, &w->clock, kind_of(w, "contact"), terms, n,
		&w->dg) != CRM_OK) {
		/* A lone accent, two terms in one word. */
		assert_int_equal(w->dg.code, CRM_USAGE);
		diag_clear(&w->dg);
		return false;
	}
	query_explain(q, &plan);
	look(w, q, &a);
	walk(w, q, &b);
	if (strcmp(buf_z(&a), buf_z(&b)) != 0)
		fail_msg("'%.*s' '%.*s' by %s: %s, not %s", STR_ARG(terms[0]),
		    STR_ARG(terms[n - 1]), buf_z(&plan), buf_z(&b), buf_z(&a));
	yes = strstr(buf_z(&plan), "words of contact (") != NULL;
	query_free(q);
	buf_clear(&plan);
	buf_clear(&a);
	buf_clear(&b);
	return yes;
}

static void
parts_are_found(void **state)
{
	const unsigned many = rounds(1500, 400, 120);
	struct world *w = *state;
	unsigned by_words = 0;

	for (unsigned i = 0; i < many; i++) {
		char text[3][260];
		struct str terms[3];
		size_t n = 1 + draw(2);

		for (size_t j = 0; j < 3; j++) {
			random_term(w, text[j], sizeof(text[j]));
			terms[j] = str_from(text[j]);
		}
		if (n == 2 && draw(2)) {
			n = 3;
			terms[1] = STR("or");
		}
		by_words += compare(w, terms, n);
	}
	/* A part of them; else this tests nothing. */
	assert_true(by_words > many / 4);
}

static void
by(struct world *w, const char *term, const char *want)
{
	struct str t = str_from(term);
	struct buf plan = {0};
	struct query *q;

	OK(w, query_new(
		  &q, w->s, &w->clock, kind_of(w, "contact"), &t, 1, &w->dg));
	query_explain(q, &plan);
	if (!str_starts(str_of(&plan), str_from(want)))
		fail_msg("%s: %s", term, buf_z(&plan));
	query_free(q);
	buf_clear(&plan);
	compare(w, &t, 1);
}

static void
each_by_its_way(void **state)
{
	struct world *w = *state;

	by(w, ":obermüller", "words of contact (");
	by(w, ":obermueller", "words of contact (");
	by(w, ":bermull", "words of contact (");
	by(w, ":k000123", "words of contact (");
	by(w, ":0123", "words of contact (");
	by(w, ":山田", "words of contact (");
	by(w, ":田", "words of contact (");
	by(w, "city=Bern", "words of contact (");
	by(w, "city=nowhere", "words of contact (");
	by(w, "note:lately", "words of contact (");
	by(w, ":nosuchword", "words of contact (");
	/* Nothing to go by, or too much. */
	by(w, ":a", "scan contact (");
	by(w, ":12", "scan contact (");
	by(w, ":example", "scan contact (");
	by(w, ":@", "scan contact (");
}

/* A record whose words are filed between the plan and the walk, under one
 * that was not there when it was planned. */
static void
filed_meanwhile(void **state)
{
	struct world *w = *state;
	struct str term = STR("note:xylophon");
	struct buf out = {0}, want = {0};
	struct query *q;
	struct id id;

	begin(w);
	id = add(w, "contact", "name=Ada;note=Xylophone");
	commit(w);
	OK(w, query_new(&q, w->s, &w->clock, kind_of(w, "contact"), &term, 1,
		  &w->dg));
	query_explain(q, &out);
	assert_non_null(strstr(buf_z(&out), "words of contact ("));
	begin(w);
	for (unsigned i = 0; i < 1100; i++)
		add(w, "contact", "name=Bob");
	commit(w);
	buf_reset(&out);
	walk(w, q, &out);
	buf_addf(&want, "%llu ", (unsigned long long)id.num);
	assert_string_equal(buf_z(&out), buf_z(&want));
	query_free(q);
	buf_clear(&out);
	buf_clear(&want);
}

static int
setup(void **state)
{
	*state = fill();
	return 0;
}

static int
teardown(void **state)
{
	world_free(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_are_found),
	    cmocka_unit_test(each_by_its_way),
	    cmocka_unit_test(filed_meanwhile),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
