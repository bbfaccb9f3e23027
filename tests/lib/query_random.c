/* SPDX-License-Identifier: ISC */
/*
 * query_random: random questions about random records. A second evaluator,
 * which knows nothing of the library, says what the answer is; the planned
 * walk and the record by record match must both give it, and the walk of two
 * threads the same in the same order.
 * CRM_ROUNDS asks more questions, CRM_SEED others.
 */
#include "query_test.h"

enum { ORGS = 30, CONTACTS = 260, DEALS = 200, MOST = 300, NONE = -1 };

static uint64_t seed;

static int
draw(int n)
{
	uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (int)((z ^ z >> 31) % (uint64_t)n);
}

/* ---- what is stored --------------------------------------------------- */

/* A text, folded by hand in both ways. */
struct name {
	const char *text, *plain, *umlaut;
};

static const struct name names[] = {
    {"Müller", "muller", "mueller"},
    {"Mueller", "mueller", "mueller"},
    {"Muller", "muller", "muller"},
    {"JÖRG Ueber", "jorg ueber", "joerg ueber"},
    {"Åse Øst", "ase ost", "aase oest"},
    {"Ada Lovelace", "ada lovelace", "ada lovelace"},
    {"Zoë Strauß", "zoe strauss", "zoe strauss"},
    {"Łukasz", "lukasz", "lukasz"},
    {"Bern Bär", "bern bar", "bern baer"},
    {"Grüße & Co", "grusse & co", "gruesse & co"},
};
static const struct name needles[] = {
    {"muller", "muller", "muller"},
    {"MÜLL", "mull", "muell"},
    {"uell", "uell", "uell"},
    {"ell", "ell", "ell"},
    {"joer", "joer", "joer"},
    {"ø", "o", "oe"},
    {"aas", "aas", "aas"},
    {"oes", "oes", "oes"},
    {"strauss", "strauss", "strauss"},
    {"ß", "ss", "ss"},
    {"bär", "bar", "baer"},
    {"e l", "e l", "e l"},
    {"esse", "esse", "esse"},
    {"a", "a", "a"},
    {"zzz", "zzz", "zzz"},
    {"bern", "bern", "bern"},
    {"gold", "gold", "gold"},
    {"lead", "lead", "lead"},
};
static const char *const cities[] = {"Bern", "Basel", "Thun", "bern"};
static const char *const tags[] = {"vip", "gold", "red", "blue"};
static const char *const phones[] = {"+41 44 301 23 45", "044 301 23 45",
    "+49 30 123456", "030 123456", "+41 44 301 23 46"};
static const int lines[] = {0, 0, 1, 1, 2};
static const char *const days[] = {
    "1970-01-01", "1980-05-17", "1980-05-31", "1999-12-31", "2000-02-29"};
static const char *const lives[] = {
    "subscriber", "lead", "mql", "sql", "opportunity", "customer"};
static const char *const stages[] = {
    "new", "qualified", "proposal", "negotiation", "won", "lost"};

struct thing {
	int name, city, tags, number, phone, day, life, org, contact;
};

static struct thing orgs[ORGS], contacts[CONTACTS], deals[DEALS];

enum what { ORG, CONTACT, DEAL };
static const char *const kinds[] = {"org", "contact", "deal"};
static const char letters[] = "ocd";
static const int counts[] = {ORGS, CONTACTS, DEALS};
static struct thing *const things[] = {orgs, contacts, deals};

static int
maybe(int n)
{
	return draw(4) ? draw(n) : NONE;
}

static void
field(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, "%s%s=%s", out->n ? ";" : "", name, value);
}

static void
field_number(struct buf *out, const char *name, const char *prefix, int v)
{
	buf_addf(out, "%s%s=%s%d", out->n ? ";" : "", name, prefix, v);
}

static void
add_org(struct world *w, int i)
{
	struct thing *t = &orgs[i];
	struct buf b = {0};

	*t = (struct thing){.name = draw(ARRAY_LEN(names)),
	    .city = maybe(ARRAY_LEN(cities)),
	    .number = maybe(50)};
	field(&b, "name", names[t->name].text);
	if (t->city != NONE)
		field(&b, "city", cities[t->city]);
	if (t->number != NONE)
		field_number(&b, "size", "", t->number);
	add(w, "org", buf_z(&b));
	buf_clear(&b);
}

static void
add_tags(const struct thing *t, struct buf *b)
{
	struct buf list = {0};

	for (int i = 0; i < (int)ARRAY_LEN(tags); i++)
		if (t->tags & 1 << i)
			buf_addf(&list, "%s%s", list.n ? "," : "", tags[i]);
	if (list.n)
		field(b, "tag", buf_z(&list));
	buf_clear(&list);
}

static void
add_contact(struct world *w, int i)
{
	struct thing *t = &contacts[i];
	struct buf b = {0};

	*t = (struct thing){.name = maybe(ARRAY_LEN(names)),
	    .city = maybe(ARRAY_LEN(cities)),
	    .tags = draw(16),
	    .number = maybe(5),
	    .phone = maybe(ARRAY_LEN(phones)),
	    .day = maybe(ARRAY_LEN(days)),
	    .life = maybe(ARRAY_LEN(lives)),
	    .org = maybe(ORGS)};
	if (t->number != NONE)
		t->number++; /* 1 to 5 */
	buf_addf(&b, "email=p%d@x.ch,shared%d@y.ch", i, i / 4);
	if (t->name != NONE)
		field(&b, "name", names[t->name].text);
	if (t->city != NONE)
		field(&b, "city", cities[t->city]);
	if (t->number != NONE)
		field_number(&b, "sympathy", "", t->number);
	if (t->phone != NONE)
		field(&b, "phone", phones[t->phone]);
	if (t->day != NONE)
		field(&b, "bday", days[t->day]);
	if (t->life != NONE)
		field(&b, "lifecycle", lives[t->life]);
	if (t->org != NONE)
		field_number(&b, "org", "o", t->org + 1);
	add_tags(t, &b);
	add(w, "contact", buf_z(&b));
	buf_clear(&b);
}

static void
add_deal(struct world *w, int i)
{
	struct thing *t = &deals[i];
	struct buf b = {0};

	*t = (struct thing){.name = draw(ARRAY_LEN(names)),
	    .number = maybe(60),
	    .life = draw(ARRAY_LEN(stages)),
	    .contact = maybe(CONTACTS),
	    .org = draw(3) ? NONE : draw(ORGS)};
	field(&b, "name", names[t->name].text);
	field(&b, "stage", stages[t->life]);
	if (t->number != NONE)
		buf_addf(
		    &b, ";amount=%d.%d", t->number / 2, t->number % 2 ? 5 : 0);
	if (t->contact != NONE)
		field_number(&b, "contact", "c", t->contact + 1);
	if (t->org != NONE)
		field_number(&b, "org", "o", t->org + 1);
	add(w, "deal", buf_z(&b));
	buf_clear(&b);
}

/* ---- questions and the second evaluator -------------------------------- */

/* The answer for each record of the kind, and the words that ask for it. */
struct question {
	bool yes[MOST];
	char words[2000];
};

static void say(struct question *q, const char *fmt, ...) CRM_PRINTF(2, 3);

static void
say(struct question *q, const char *fmt, ...)
{
	size_t n = strlen(q->words);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(q->words + n, sizeof(q->words) - n, fmt, ap);
	va_end(ap);
}

static bool
contains(const struct name *needle, const struct name *text)
{
	return strstr(text->plain, needle->plain) ||
	       strstr(text->umlaut, needle->plain) ||
	       strstr(text->plain, needle->umlaut) ||
	       strstr(text->umlaut, needle->umlaut);
}

static bool
plain_contains(const struct name *needle, const char *text)
{
	struct name n = {text, text, text};

	return contains(needle, &n);
}

static bool
compare(int op, int a, int b)
{
	return op == 0 ? a < b : op == 1 ? a <= b : op == 2 ? a > b : a >= b;
}

static const char *const orders[] = {"<", "<=", ">", ">="};

static void
ask_city(enum what k, struct question *q)
{
	int a = draw(ARRAY_LEN(cities)), b = draw(ARRAY_LEN(cities));
	bool no = draw(2), empty = draw(3) == 0, two = draw(2);

	say(q, "city%s%s%s%s%s", no ? "!=" : "=", cities[a], two ? "," : "",
	    two ? cities[b] : "", empty ? "," : "");
	for (int i = 0; i < counts[k]; i++) {
		int c = things[k][i].city;

		q->yes[i] =
		    (c == a || (two && c == b) || (empty && c == NONE)) != no;
	}
}

static void
ask_number(enum what k, struct question *q)
{
	static const char *const fields[] = {"size", "sympathy", "amount"};
	int v = k == CONTACT ? draw(7) : draw(50), op = draw(4);
	int width = draw(3);

	if (draw(3) == 0) {
		say(q, "%s=%d..%d", fields[k], v, v + width);
		for (int i = 0; i < counts[k]; i++) {
			int n = things[k][i].number, d = k == DEAL ? 2 : 1;

			q->yes[i] =
			    n != NONE && n >= v * d && n <= (v + width) * d;
		}
		return;
	}
	say(q, "%s%s%d%s", fields[k], orders[op], v, k == DEAL ? ".0" : "");
	for (int i = 0; i < counts[k]; i++) {
		int n = things[k][i].number;

		q->yes[i] = n != NONE && compare(op, n, k == DEAL ? v * 2 : v);
	}
}

static void
ask_name(enum what k, struct question *q)
{
	const struct name *n = &needles[draw(ARRAY_LEN(needles))];
	int same = draw(ARRAY_LEN(names));
	bool equal = draw(3) == 0;

	if (equal)
		say(q, "name=%s", names[same].text);
	else
		say(q, "name:%s", n->text);
	for (int i = 0; i < counts[k]; i++) {
		int name = things[k][i].name;

		q->yes[i] = name != NONE &&
			    (equal ? name == same : contains(n, &names[name]));
	}
}

/* Emails and phones hold none of the needles' letters but those of "a". */
static void
ask_free(struct question *q)
{
	const struct name *n = &needles[draw(ARRAY_LEN(needles))];

	say(q, "%s", n->text);
	for (int i = 0; i < CONTACTS; i++) {
		const struct thing *t = &contacts[i];

		q->yes[i] =
		    plain_contains(n, "p1@x.ch") ||
		    plain_contains(n, "shared@y.ch") ||
		    (t->name != NONE && contains(n, &names[t->name])) ||
		    (t->life != NONE && plain_contains(n, lives[t->life]));
		if (t->city != NONE)
			q->yes[i] =
			    q->yes[i] ||
			    plain_contains(
				n, t->city == 3 ? "bern" : cities[t->city]);
		if (t->city == 0)
			q->yes[i] = q->yes[i] || plain_contains(n, "bern");
		for (int j = 0; j < (int)ARRAY_LEN(tags); j++)
			if (t->tags & 1 << j && plain_contains(n, tags[j]))
				q->yes[i] = true;
	}
}

static void
ask_tag(struct question *q)
{
	int a = draw(ARRAY_LEN(tags)), b = draw(ARRAY_LEN(tags));
	bool no = draw(2);

	say(q, "tag%s%s,%s", no ? "!=" : "=", tags[a], tags[b]);
	for (int i = 0; i < CONTACTS; i++)
		q->yes[i] = ((contacts[i].tags & (1 << a | 1 << b)) != 0) != no;
}

static void
ask_email(struct question *q)
{
	int a = draw(CONTACTS + 20), b = draw(CONTACTS / 4);
	bool shared = draw(2);

	if (shared)
		say(q, "email=shared%d@y.ch,p%d@x.ch", b, a);
	else
		say(q, "email=p%d@x.ch", a);
	for (int i = 0; i < CONTACTS; i++)
		q->yes[i] = i == a || (shared && i / 4 == b);
}

static void
ask_phone(struct question *q)
{
	int a = draw(ARRAY_LEN(phones));

	say(q, "phone=%s", phones[a]);
	for (int i = 0; i < CONTACTS; i++)
		q->yes[i] = contacts[i].phone != NONE &&
			    lines[contacts[i].phone] == lines[a];
}

static void
ask_day(struct question *q)
{
	int a = draw(ARRAY_LEN(days)), op = draw(5);

	say(q, "bday%s%s", op == 4 ? "=" : orders[op], days[a]);
	for (int i = 0; i < CONTACTS; i++) {
		int d = contacts[i].day;

		q->yes[i] = d != NONE && (op == 4 ? d == a : compare(op, d, a));
	}
}

static void
ask_rank(enum what k, struct question *q)
{
	const char *const *list = k == DEAL ? stages : lives;
	int a = draw(ARRAY_LEN(stages)), op = draw(6);

	say(q, "%s%s%s", k == DEAL ? "stage" : "lifecycle",
	    op == 4   ? "="
	    : op == 5 ? "!="
		      : orders[op],
	    list[a]);
	for (int i = 0; i < counts[k]; i++) {
		int v = things[k][i].life;

		if (op == 5)
			q->yes[i] = v != a;
		else
			q->yes[i] =
			    v != NONE && (op == 4 ? v == a : compare(op, v, a));
	}
}

static void
ask_id(enum what k, struct question *q)
{
	int a = draw(counts[k]), b = draw(counts[k]);

	say(q, "id=%c%d,%c%d", letters[k], a + 1, letters[k], b + 1);
	for (int i = 0; i < counts[k]; i++)
		q->yes[i] = i == a || i == b;
}

/* Which record of kind TO does record I of kind K point to. */
static int
target(enum what k, int i, enum what to)
{
	return to == ORG ? things[k][i].org : things[k][i].contact;
}

static bool
points(enum what k, enum what to)
{
	return (k == CONTACT && to == ORG) || (k == DEAL && to != DEAL);
}

static void
ask_ref(enum what k, enum what to, struct question *q)
{
	int a = draw(counts[to]);
	bool no = draw(2), empty = draw(3) == 0;

	if (empty)
		say(q, "%s%s", kinds[to], no ? "!=" : "=");
	else
		say(q, "%s%s%c%d", kinds[to], no ? "!=" : "=", letters[to],
		    a + 1);
	for (int i = 0; i < counts[k]; i++)
		q->yes[i] = (target(k, i, to) == (empty ? NONE : a)) != no;
}

static void
ask_back(enum what k, enum what from, struct question *q)
{
	bool no = draw(2);

	say(q, "%s%s", kinds[from], no ? "=" : "!=");
	for (int i = 0; i < counts[k]; i++) {
		bool some = false;

		for (int j = 0; j < counts[from]; j++)
			some = some || target(from, j, k) == i;
		q->yes[i] = some != no;
	}
}

static void ask_term(enum what k, struct question *q, int depth);

/* A term of the other kind behind a step; "!=" turns the whole path. */
static void
ask_path(enum what k, enum what other, struct question *q, int depth)
{
	struct question *far = calloc(1, sizeof(*far));
	char *negated;
	bool no;

	assert_non_null(far);
	do {
		far->words[0] = '\0';
		ask_term(other, far, depth + 1);
	} while (strchr("abcdefghijklmnopqrstuvwxyz", far->words[0]) == NULL ||
		 !strpbrk(far->words, "=<>:"));
	negated = strstr(far->words, "!=");
	no = negated != NULL;
	if (!no && strchr(far->words, '=') &&
	    far->words[strlen(far->words) - 1] == '=')
		no = true;
	/* "x=,": the empty alternative is a negation of its own; leave it. */
	if (strchr(far->words, ',') &&
	    far->words[strlen(far->words) - 1] == ',') {
		free(far);
		ask_id(k, q);
		return;
	}
	if (no && negated && negated[2] == '\0')
		no = false;
	say(q, "%s.%s", kinds[other], far->words);
	for (int i = 0; i < counts[k]; i++) {
		bool some = false;

		for (int j = 0; j < counts[other]; j++)
			if (points(k, other) ? target(k, i, other) == j
					     : target(other, j, k) == i)
				some = some || far->yes[j] != no;
		q->yes[i] = some != no;
	}
	free(far);
}

static void
ask_hop(enum what k, struct question *q, int depth)
{
	enum what other = (enum what)((k + 1 + (unsigned)draw(2)) % 3);

	if (depth < 2 && draw(3))
		ask_path(k, other, q, depth);
	else if (points(k, other))
		ask_ref(k, other, q);
	else
		ask_back(k, other, q);
}

static void
ask_term(enum what k, struct question *q, int depth)
{
	int kind = draw(k == CONTACT ? 12 : 7);

	if (kind == 0 && k != DEAL)
		ask_city(k, q);
	else if (kind <= 1)
		ask_number(k, q);
	else if (kind == 2)
		ask_name(k, q);
	else if (kind <= 4)
		ask_hop(k, q, depth);
	else if (kind == 5 && k != ORG)
		ask_rank(k, q);
	else if (kind <= 6)
		ask_id(k, q);
	else if (kind == 7)
		ask_tag(q);
	else if (kind == 8)
		ask_email(q);
	else if (kind == 9)
		ask_phone(q);
	else if (kind == 10)
		ask_day(q);
	else if (depth == 0)
		ask_free(q);
	else
		ask_email(q);
}

static void
ask_group(enum what k, struct question *q, int depth)
{
	struct question *b = calloc(1, sizeof(*b));
	int shape = depth > 0 ? draw(5) : 0;

	assert_non_null(b);
	if (shape < 3) {
		ask_term(k, q, 0);
		free(b);
		return;
	}
	if (shape == 3) {
		ask_group(k, b, depth - 1);
		say(q, "not;(;%s;)", b->words);
		for (int i = 0; i < counts[k]; i++)
			q->yes[i] = !b->yes[i];
		free(b);
		return;
	}
	bool or = draw(2);

	say(q, "(;");
	ask_group(k, b, depth - 1);
	say(q, "%s;%s", b->words, or ? "or;" : "");
	memcpy(q->yes, b->yes, sizeof(b->yes));
	b->words[0] = '\0';
	ask_group(k, b, depth - 1);
	say(q, "%s;)", b->words);
	for (int i = 0; i < counts[k]; i++)
		q->yes[i] =
		    or ? q->yes[i] || b->yes[i] : q->yes[i] && b->yes[i];
	free(b);
}

/* ---- the comparison --------------------------------------------------- */

static size_t
split(const char *words, struct str *list, size_t most)
{
	struct str rest = str_from(words);
	size_t n = 0;

	while (rest.p && n < most)
		list[n++] = str_cut(&rest, ';');
	return n;
}

static void
check_walk(struct world *w, const struct kind *k, const struct str *list,
    size_t n, const struct question *want, int count, struct buf *plan)
{
	bool got[MOST] = {false};
	struct query *q;
	struct id *ids;
	size_t found;

	if (query_new(&q, w->s, &w->clock, k, list, n, &w->dg))
		fail_msg("%s: %s", want->words, diag_text(&w->dg));
	query_explain(q, plan);
	OK(w, query_ids(q, &ids, &found, &w->dg));
	for (size_t i = 0; i < found; i++) {
		assert_false(got[ids[i].num - 1]);
		got[ids[i].num - 1] = true;
	}
	for (int i = 0; i < count; i++)
		if (got[i] != want->yes[i])
			fail_msg("%s %s by %s: record %d is %d", k->name.p,
			    want->words, buf_z(plan), i + 1, got[i]);
	free(ids);
	query_free(q);
}

static void
check_match(struct world *w, const struct kind *k, const struct str *list,
    size_t n, const struct question *want, int count)
{
	struct id id = {.kind = k->no};
	struct query *q;
	struct record r;
	bool yes;

	OK(w, query_new(&q, w->s, &w->clock, k, list, n, &w->dg));
	for (int i = 0; i < count; i++) {
		id.num = (uint64_t)i + 1;
		OK(w, store_get(w->s, id, &r, &w->dg));
		OK(w, query_match(q, &r, &yes, &w->dg));
		if (yes != want->yes[i])
			fail_msg("%s: record %d matches: %d", want->words,
			    i + 1, yes);
	}
	query_free(q);
}

/* The numbers in the order in which the walk finds them. */
static size_t
walk_all(struct world *w, const struct kind *k, const struct str *list,
    size_t n, int two, uint64_t found[MOST])
{
	size_t nfound = 0;
	struct record r;
	struct query *q;
	bool got = true;

	OK(w, query_new(&q, w->s, &w->clock, k, list, n, &w->dg));
	if (two)
		query_alone(q);
	while (got) {
		OK(w, query_next(q, &r, &got, &w->dg));
		if (got && nfound < MOST)
			found[nfound++] = r.id.num;
		if (draw(20) == 0)
			store_pause(w->s);
		if (two && draw(300) == 0)
			break;
	}
	query_free(q);
	return nfound;
}

/* A part of them is what two threads find when the walk is left. */
static void
check_pair(struct world *w, const struct kind *k, const struct str *list,
    size_t n, const struct question *want)
{
	uint64_t found[2][MOST];
	size_t many[2];

	for (int two = 0; two < 2; two++)
		many[two] = walk_all(w, k, list, n, two, found[two]);
	if (many[1] > many[0] ||
	    memcmp(found[0], found[1], many[1] * sizeof(found[0][0])) != 0)
		fail_msg("%s: two threads find something else", want->words);
}

/* How often each kind of plan was used: all of them must be. */
static const char *const plans[] = {"scan ", "index ", "words of index ",
    "references ", "ids of ", " + ", "references contact.org"};

static void
test_random(void **state)
{
	struct world *w = *state;
	const char *more = getenv("CRM_ROUNDS"), *other = getenv("CRM_SEED");
	long rounds = more ? strtol(more, NULL, 10) : 3000;
	long used[ARRAY_LEN(plans)] = {0};
	struct store_options o = {.path = w->path, .aid_bytes = 1};
	struct buf plan = {0};

	seed = other ? strtoull(other, NULL, 10) : 7;
	print_message(
	    "seed %llu, %ld questions\n", (unsigned long long)seed, rounds);
	begin(w);
	for (int i = 0; i < ORGS; i++)
		add_org(w, i);
	for (int i = 0; i < CONTACTS; i++)
		add_contact(w, i);
	for (int i = 0; i < DEALS; i++)
		add_deal(w, i);
	commit(w);
	store_close(w->s);
	OK(w, store_open(&w->s, &o, &w->dg));
	for (long i = 0; i < rounds; i++) {
		struct question *q = calloc(1, sizeof(*q));
		enum what k = (enum what)draw(3);
		const struct kind *kind = kind_of(w, kinds[k]);
		struct str list[200];
		size_t n;

		assert_non_null(q);
		if (draw(2))
			ask_term(k, q, 0);
		else
			ask_group(k, q, 4);
		n = split(q->words, list, ARRAY_LEN(list));
		buf_reset(&plan);
		check_walk(w, kind, list, n, q, counts[k], &plan);
		check_match(w, kind, list, n, q, counts[k]);
		check_pair(w, kind, list, n, q);
		for (size_t j = 0; j < ARRAY_LEN(plans); j++)
			used[j] += strstr(buf_z(&plan), plans[j]) != NULL;
		free(q);
	}
	for (size_t j = 0; rounds >= 1000 && j < ARRAY_LEN(plans); j++)
		if (!used[j])
			fail_msg("no question was answered by '%s'", plans[j]);
	buf_clear(&plan);
}

static int
setup(void **state)
{
	*state = world_new();
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
	    cmocka_unit_test_setup_teardown(test_random, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
