/* SPDX-License-Identifier: ISC */
/* query_eval: what terms mean, over a small real store. */
#include "query_test.h"

static int
setup(void **state)
{
	struct world *w = world_new();

	begin(w);
	add(w, "org", "name=Acme AG;industry=energy;city=Bern;size=12");
	add(w, "org", "name=Müller, Söhne;industry=food;city=Zürich");
	add(w, "org", "name=Acme AG;city=Basel");
	/* c1..c5 */
	add(w, "contact",
	    "name=Jörg Müller;city=Bern;email=joerg@x.ch,jm@home.ch"
	    ";phone=+41 44 301 23 45;org=o1;tag=vip,gold;bday=1980-05-17"
	    ";lifecycle=customer;sympathy=5");
	add(w, "contact",
	    "name=Ada Lovelace;city=Zürich;email=ada@example.com;org=o2"
	    ";tag=vip;lifecycle=lead;sympathy=3;note=met in Bern");
	add(w, "contact", "name=Mueller;city=bern;phone=044 301 23 45");
	add(w, "contact", "email=nobody@example.org;lifecycle=odd-one");
	add(w, "contact", "name=Zoë (Foo) Bar;city=Basel;org=o3;sympathy=1");
	/* activities, deals, tasks, orders */
	add(w, "activity",
	    "subject=Visit;type=visit;contact=c1;start=2026-02-01");
	add(w, "activity",
	    "subject=Call;type=call;contact=c1,c2;start=2025-10-01T10:00:00Z");
	add(w, "deal", "name=Big;contact=c1;org=o1;amount=5000;stage=won");
	add(w, "deal", "name=Small;contact=c1;amount=50.5;stage=proposal");
	add(w, "deal", "name=New one;contact=c2;stage=new");
	add(w, "task", "title=Call back;contact=c2;due=2026-03-02");
	add(w, "task", "title=Old;contact=c1;due=2026-01-05;status=done");
	add(w, "task", "title=Late;re=d1;due=2026-03-02T18:00:00Z");
	add(w, "task", "title=Far;re=o2;due=2026-04-01");
	add(w, "order",
	    "contact=c1;total=1200;issued=2026-01-10;status=paid"
	    ";number=R-1");
	add(w, "segment", "name=vips;kind=contact;query=tag=vip");
	add(w, "segment", "name=berners;query=city=Bern or city=bern");
	add(w, "segment", "name=both;query=segment=vips segment=berners");
	add(w, "segment", "name=loop;query=segment=pool or tag=gold");
	add(w, "segment", "name=pool;query=not segment=loop");
	add(w, "segment", "name=broken;query=citty=Bern");
	add(w, "segment", "name=orgs;kind=org;query=city=Bern");
	add(w, "segment",
	    "name=quoted;query=name='Ada Lovelace' or (city=Bern "
	    "tag=\"gold\")");
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
	const char *kind, *words, *ids;
} answers[] = {
    {"contact", "", "c1 c2 c3 c4 c5"},
    /* equality */
    {"contact", "city=Bern", "c1"},
    {"contact", "city=Bern,Zürich", "c1 c2"},
    {"contact", "city!=Bern", "c2 c3 c4 c5"},
    {"contact", "city=", "c4"},
    {"contact", "city!=", "c1 c2 c3 c5"},
    {"contact", "city=,Basel", "c4 c5"},
    {"contact", "city!=,Basel", "c1 c2 c3"},
    {"contact", "tag=gold", "c1"},
    {"contact", "tag=vip,gold", "c1 c2"},
    {"contact", "tag!=gold", "c2 c3 c4 c5"},
    {"contact", "tag=", "c3 c4 c5"},
    {"contact", "email=jm@home.ch", "c1"},
    {"contact", "phone=0443012345", "c1 c3"},
    {"contact", "phone=+41 (0)44 301 23 45", "c1 c3"},
    {"contact", "name=Zoë (Foo) Bar", "c5"},
    {"contact", "name=Jörg Müller", "c1"},
    {"org", "name=Müller\\, Söhne", "o2"},
    {"org", "name=Acme AG,Müller\\, Söhne", "o1 o2 o3"},
    /* order */
    {"contact", "sympathy>3", "c1"},
    {"contact", "sympathy>=3", "c1 c2"},
    {"contact", "sympathy<3", "c5"},
    {"contact", "sympathy<=03", "c2 c5"},
    {"contact", "not;sympathy<3", "c1 c2 c3 c4"},
    {"contact", "sympathy=1..3", "c2 c5"},
    {"contact", "sympathy=3..", "c1 c2"},
    {"contact", "sympathy=..3", "c2 c5"},
    {"contact", "sympathy=..", "c1 c2 c5"},
    {"contact", "sympathy=1,4..9", "c1 c5"},
    {"contact", "name<b", "c2"},
    {"contact", "name=j..n", "c1 c3"},
    {"deal", "amount>50.5", "d1"},
    {"deal", "amount=50.50", "d2"},
    {"deal", "amount>=50.5", "d1 d2"},
    {"deal", "stage>=proposal", "d1 d2"},
    {"deal", "stage<proposal", "d3"},
    {"deal", "stage=qualified..won", "d1 d2"},
    {"contact", "lifecycle>=lead", "c1 c2"},
    {"contact", "lifecycle<lead", ""},
    {"contact", "lifecycle=odd-one", "c4"},
    /* words */
    {"contact", "name:muller", "c1"},
    {"contact", "name:MÜLLER", "c1 c3"},
    {"contact", "name:mueller", "c1 c3"},
    {"contact", "name:jorg", "c1"},
    {"contact", "name:joerg", "c1"},
    {"contact", "name:zoe", "c5"},
    {"contact", "muller", "c1"},
    {"contact", "bern", "c1 c2 c3"},
    {"contact", "Ada Lovelace", "c2"},
    {"contact", "EXAMPLE", "c2 c4"},
    {"contact", "vip", "c1 c2"},
    {"contact", "customer", "c1"},
    {"contact", "3012345", "c1 c3"},
    {"contact", "phone:301 23", "c1 c3"},
    {"contact", "phone:+41", "c1"},
    {"contact", "phone:044 301", "c1 c3"},
    {"contact", "email:@example", "c2 c4"},
    {"contact", "email:x.ch,jm", ""},
    {"contact", "nothing at all", ""},
    {"contact", "c2", "c2"},
    {"contact", ":c2", ""},
    {"contact", "(Foo)", "c5"},
    {"contact", ":(Foo)", "c5"},
    /* patterns */
    {"contact", "name~^j.rg", "c1"},
    {"contact", "name~\\bLOVE", "c2"},
    {"contact", "email~^jm@", "c1"},
    {"contact", "city~^b", "c1 c3 c5"},
    {"contact", "name~(foo|ada)", "c2 c5"},
    /* combination */
    {"contact", "city=Bern;or;city=Basel", "c1 c5"},
    {"contact", "city=Bern;or;city=Basel;sympathy=1", "c1 c5"},
    {"contact", "(city=Bern;or;city=Basel);sympathy=1", "c5"},
    {"contact", "(city=Bern or city=Basel);sympathy=1", "c5"},
    {"contact", "!(city=Bern or city=Basel)", "c2 c3 c4"},
    {"contact", "not;not;city=Bern", "c1"},
    {"contact", "not;(city!=Bern;or;tag!=vip)", "c1"},
    /* ids and kinds */
    {"contact", "id=c2,c4,c99", "c2 c4"},
    {"contact", "id!=c2", "c1 c3 c4 c5"},
    {"contact", "id=", ""},
    {"contact", "kind=contact", "c1 c2 c3 c4 c5"},
    {"contact", "kind=org", ""},
    {"segment", "kind=org", "s7"},
    /* dates */
    {"contact", "bday=1980", "c1"},
    {"contact", "bday<1980-05-17", ""},
    {"contact", "bday<=1980-05-17", "c1"},
    {"contact", "bday=1980-05-01..1980-05-17", "c1"},
    {"contact", "bday>1980-05-16", "c1"},
    {"contact", "bday!=1980", "c2 c3 c4 c5"},
    {"contact", "bday>9999-12-31", ""},
    {"contact", "bday<0001-01-01", ""},
    {"contact", "bday>=0001-01-01", "c1"},
    {"contact", "bday<=9999-12-31", "c1"},
    {"contact", "created>9999-12-31", ""},
    {"contact", "created<9999-12-31", "c1 c2 c3 c4 c5"},
    {"contact", "created=today", "c1 c2 c3 c4 c5"},
    {"contact", "created=2026-03", "c1 c2 c3 c4 c5"},
    {"contact", "created<today", ""},
    {"contact", "last<-90d", "c2"},
    {"contact", "last=2026-02", "c1"},
    {"contact", "last=", "c3 c4 c5"},
    {"task", "due<=today", "t1 t2 t3"},
    {"task", "due<today", "t2"},
    {"task", "due=today", "t1 t3"},
    {"task", "due>today", "t4"},
    {"task", "due<=today;status=todo,doing", "t1 t3"},
    {"task", "due=2026-01,2026-04", "t2 t4"},
    {"activity", "start=2025-10-01T10:00:00Z", "a2"},
    {"activity", "start<2025-10-01T10:00:00Z", ""},
    {"activity", "start>=2025-10-01T10:00:00Z", "a1 a2"},
    /* derived fields */
    {"contact", "activities=2", "c1"},
    {"contact", "activities>0", "c1 c2"},
    {"contact", "revenue>1000", "c1"},
    {"contact", "revenue=1200", "c1"},
    {"contact", "next=today", "c2"},
    {"contact", "open_deals>=1", "c1 c2"},
    {"org", "activities=2", "o1"},
    /* references */
    {"contact", "org=o1", "c1"},
    {"contact", "org=Acme AG", "c1 c5"},
    {"contact", "org=acme ag", "c1 c5"},
    {"contact", "org=Müller\\, Söhne", "c2"},
    {"contact", "org=o1,o2", "c1 c2"},
    {"contact", "org=", "c3 c4"},
    {"contact", "org!=o1", "c2 c3 c4 c5"},
    {"contact", "org:acme", "c1 c5"},
    {"contact", "org~^m", "c2"},
    {"activity", "contact=c2", "a2"},
    {"activity", "contact=Ada Lovelace", "a2"},
    {"task", "re=o2", "t4"},
    {"task", "re=d1", "t3"},
    /* paths */
    {"contact", "org.industry=energy", "c1"},
    {"contact", "org.industry!=energy", "c2 c3 c4 c5"},
    {"contact", "org.industry=", "c3 c4 c5"},
    {"contact", "org.city=Bern,Basel", "c1 c5"},
    {"contact", "org.name:MULLER", "c2"},
    {"contact", "org.size>10", "c1"},
    {"contact", "org.id=o2", "c2"},
    {"contact", "deal.stage=won", "c1"},
    {"contact", "deal.stage=new", "c2"},
    {"contact", "deal.stage!=won", "c2 c3 c4 c5"},
    {"contact", "deal.amount<100;deal.amount>1000", "c1"},
    {"contact", "deal.amount=", "c2 c3 c4 c5"},
    {"contact", "deal=", "c3 c4 c5"},
    {"contact", "deal!=", "c1 c2"},
    {"contact", "deal=d3", "c2"},
    {"contact", "deal:new", "c2"},
    {"contact", "activity.type=visit", "c1"},
    {"contact", "activity.type=call,visit", "c1 c2"},
    {"contact", "org.deal.amount>1000", "c1"},
    {"contact", "task.due=today", "c2"},
    {"org", "contact.last<-90d", "o2"},
    {"org", "contact.deal.stage=proposal", "o1"},
    {"org", "contact=", ""},
    {"org", "task.title:far", "o2"},
    {"task", "re.stage=won", "t3"},
    {"task", "re.name:muller", "t4"},
    {"task", "re.kind=deal", "t3"},
    {"task", "re:big", "t3"},
    {"task", "contact.email:ada", "t1"},
    {"deal", "contact.org.industry=energy,food", "d1 d2 d3"},
    {"order", "contact.tag=gold", "r1"},
    /* segments */
    {"contact", "segment=vips", "c1 c2"},
    {"contact", "segment!=vips", "c3 c4 c5"},
    {"contact", "segment=berners", "c1 c3"},
    {"contact", "segment=both", "c1"},
    {"contact", "segment=vips,berners", "c1 c2 c3"},
    {"contact", "segment=quoted", "c1 c2"},
    {"deal", "contact.segment=both", "d1 d2"},
    {"org", "segment=orgs", "o1"},
};

static void
test_answers(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct buf out = {0};

		ask(*state, answers[i].kind, answers[i].words, &out, NULL);
		if (strcmp(buf_z(&out), answers[i].ids) != 0)
			fail_msg("%s %s: %s, not %s", answers[i].kind,
			    answers[i].words, buf_z(&out), answers[i].ids);
		buf_clear(&out);
	}
}

static const struct {
	const char *kind, *words, *message;
} refusals[] = {
    {"contact", "a=1;b=2", "word 1 'a=1': no field 'a' of contact; to search"},
    {"contact", "name=x;y;citty=Bern",
	"word 3 'citty=Bern': no field 'citty' of contact; did you mean "
	"'city'"},
    {"contact", "dael.stage=won",
	"word 1 'dael.stage=won': no field 'dael' of contact; did you mean "
	"'deal'"},
    {"contact", "org.citty=Bern",
	"word 1 'org.citty=Bern': no field 'citty' of org; did you mean "
	"'city'"},
    {"contact", "city.name=x",
	"word 1 'city.name=x': 'city' of contact is no reference"},
    {"contact", "org..name=x", "word 1 'org..name=x': a name is missing"},
    {"contact", "product.name=x",
	"word 1 'product.name=x': no field of product points to contact"},
    {"contact", "sympathy>abc", "word 1 'sympathy>abc': "},
    {"deal", "amount=1..x", "word 1 'amount=1..x': "},
    {"deal", "amount=5..1",
	"word 1 'amount=5..1': the range ends before it begins; write 1..5"},
    {"contact", "bday=31.2.2026", "word 1 'bday=31.2.2026': "},
    {"contact", "bday<2025..2026",
	"word 1 'bday<2025..2026': a range goes with =; write bday=A..B"},
    {"contact", "bday=1/2/2026", "word 1 'bday=1/2/2026': "},
    {"deal", "stage>=propsal",
	"word 1 'stage>=propsal': 'propsal' is no value of stage; did you mean "
	"'proposal'"},
    {"contact", "name:", "word 1 'name:': a value is missing behind ':'"},
    {"contact", "sympathy<", "word 1 'sympathy<': a value is missing"},
    {"contact", ":", "word 1 ':': a value is missing"},
    {"contact", "name~(", "word 1 'name~(': bad regular expression '('"},
    {"contact", "org>o1", "word 1 'org>o1': 'org' has no order"},
    {"contact", "email>x", "word 1 'email>x': 'email' has no order"},
    {"contact", "deal>5", "word 1 'deal>5': records of deal have no order"},
    {"contact", "org=Acmee AG",
	"word 1 'org=Acmee AG': no org 'Acmee AG'; did you mean o1 Acme AG, "
	"o3 Acme AG"},
    {"contact", "org=c1",
	"word 1 'org=c1': c1 is the id of contact, not of "
	"org"},
    {"contact", "id=o1", "word 1 'id=o1': 'o1' is no id of contact"},
    {"contact", "id=x",
	"word 1 'id=x': 'x' is no id; ids of contact look "
	"like c42"},
    {"contact", "id>c1", "word 1 'id>c1': 'id' can only be compared with ="},
    {"contact", "kind=foo", "word 1 'kind=foo': "},
    {"contact", "segment=vipz",
	"word 1 'segment=vipz': no segment 'vipz'; did you mean s1 vips"},
    {"contact", "segment=", "word 1 'segment=': a name is missing"},
    {"contact", "segment:vip", "word 1 'segment:vip': 'segment' can only be"},
    {"contact", "segment=orgs",
	"word 1 'segment=orgs': segment 'orgs' is of org, not of contact"},
    {"contact", "segment=broken",
	"word 1 'segment=broken': segment 'broken': word 1 'citty=Bern': no "
	"field 'citty' of contact; did you mean 'city'"},
    {"contact", "segment=loop",
	"word 1 'segment=loop': segment 'loop': word "
	"1 'segment=pool': segment 'pool': word 2 "
	"'segment=loop': segments that need one "
	"another: loop > pool > loop"},
    {"contact", "city=Bern or city=Basel",
	"word 1 'city=Bern or city=Basel': two terms in one word"},
    {"contact", "task.re.task.re.task.re.task.re.task.re.name=x",
	"word 1 'task.re.task.re.task.re.task.re.task.re.name=x': a path of "
	"more than 8 steps"},
    {"task", "re.foo=1", "word 1 're.foo=1': no field 'foo' of "},
};

static void
test_refusals(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct buf out = {0};
		enum crm_err err = ask(
		    *state, refusals[i].kind, refusals[i].words, &out, NULL);

		if (err != CRM_USAGE ||
		    !str_starts(str_of(&out), str_from(refusals[i].message)))
			fail_msg(
			    "%s: %d %s", refusals[i].words, err, buf_z(&out));
		buf_clear(&out);
	}
}

static const struct {
	const char *kind, *words, *plan;
} plans[] = {
    {"contact", "", "scan contact (5 records)"},
    {"contact", "city~x", "scan contact (5 records)"},
    {"contact", "email=ada@example.com", "index contact.email (1 record)"},
    {"contact", "phone=0443012345", "index contact.phone (2 records)"},
    {"contact", "id=c2,c3;city=Bern", "ids of contact (2 records)"},
    {"contact", "c2", "ids of contact (1 record)"},
    {"contact", "org=o1", "references contact.org (1 record)"},
    {"activity", "contact=c2;type=call",
	"references activity.contact (1 record)"},
    {"contact", "email=ada@example.com;or;email=jm@home.ch",
	"index contact.email (1 record) + index contact.email (1 record)"},
    {"contact", "email=ada@example.com;or;city~x", "scan contact (5 records)"},
    {"contact", "not;(email!=ada@example.com)",
	"index contact.email (1 record)"},
    {"task", "due<=today;status=todo,doing", "due list of task (2 records)"},
    {"contact", "id=c2,c3;kind=org", "nothing can match"},
    {"contact", "lifecycle=custmer",
	"scan contact (5 records); 'custmer' is no known value of lifecycle, "
	"nearest is 'customer'"},
};

static void
test_plans(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(plans); i++) {
		struct buf out = {0}, plan = {0};

		assert_int_equal(
		    ask(*state, plans[i].kind, plans[i].words, &out, &plan),
		    CRM_OK);
		if (strcmp(buf_z(&plan), plans[i].plan) != 0)
			fail_msg("%s: %s", plans[i].words, buf_z(&plan));
		buf_clear(&out);
		buf_clear(&plan);
	}
}

/* A pattern that would run for ages is an error, and an ordinary one over a
 * long text is none. */
static void
test_regex_limits(void **state)
{
	struct world *w = *state;
	struct buf note = {0}, out = {0};

	buf_addz(&note, "note=");
	for (int i = 0; i < 5000; i++)
		buf_addc(&note, 'a');
	buf_addz(&note, "!;name=long");
	begin(w);
	add(w, "org", buf_z(&note));
	assert_int_equal(ask(w, "org", "note~^(a+)+$", &out, NULL), CRM_USAGE);
	if (!strstr(buf_z(&out), "'^(a+)+$' takes too long"))
		fail_msg("%s", buf_z(&out));
	buf_reset(&out);
	assert_int_equal(ask(w, "org", "note~a+!$", &out, NULL), CRM_OK);
	assert_string_equal(buf_z(&out), "o4");
	store_abort(w->s);
	buf_clear(&note);
	buf_clear(&out);
}

/* Three hours east: the day begins at 21:00Z of the day before. */
static long
east(int64_t utc, void *arg)
{
	(void)utc;
	(void)arg;
	return 3 * 3600;
}

static void
test_zone(void **state)
{
	static const struct {
		const char *words, *ids;
	} table[] = {
	    {"start=2026-05-01", "a4 a5 a6"},
	    {"start<2026-05-01", "a1 a2 a3"},
	    {"start<=2026-05-01", "a1 a2 a3 a4 a5 a6"},
	    {"start>2026-05-01", "a7"},
	    {"start>=2026-05-01", "a4 a5 a6 a7"},
	    {"start=2026-05-01T23:00..2026-05-02", "a6 a7"},
	};
	struct world *w = *state;

	begin(w);
	add(w, "activity", "subject=a;start=2026-04-30T20:59:59Z");
	add(w, "activity", "subject=b;start=2026-04-30T21:00:00Z");
	add(w, "activity", "subject=c;start=2026-05-01");
	add(w, "activity", "subject=d;start=2026-05-01T20:59:59Z");
	add(w, "activity", "subject=e;start=2026-05-01T21:00:00Z");
	w->clock.zone.offset = east;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct buf out = {0};

		ask(w, "activity", table[i].words, &out, NULL);
		if (strcmp(buf_z(&out), table[i].ids) != 0)
			fail_msg("%s: %s, not %s", table[i].words, buf_z(&out),
			    table[i].ids);
		buf_clear(&out);
	}
	w->clock.zone.offset = NULL;
	store_abort(w->s);
}

/* The walk goes on after the snapshot was given back, and records that have
 * gone meanwhile are passed over. */
static void
test_pause(void **state)
{
	struct world *w = *state;
	struct str words[] = {STR("id=c1,c2,c3")};
	struct change c = {.op = CHANGE_DELETE, .kind = kind_of(w, "contact")};
	struct query *q;
	struct record r;
	bool got;

	OK(w, query_new(&q, w->s, &w->clock, kind_of(w, "contact"), words, 1,
		  &w->dg));
	OK(w, query_next(q, &r, &got, &w->dg));
	assert_true(got && r.id.num == 1);
	store_pause(w->s);
	begin(w);
	c.id = add(w, "contact", "name=Ghost");
	commit(w);
	OK(w, query_next(q, &r, &got, &w->dg));
	assert_true(got && r.id.num == 2);
	query_free(q);
	words[0] = STR("name:Ghost");
	OK(w, query_new(&q, w->s, &w->clock, kind_of(w, "contact"), words, 1,
		  &w->dg));
	OK(w, query_next(q, &r, &got, &w->dg));
	assert_true(got);
	begin(w);
	OK(w, store_apply(w->s, &c, &w->dg));
	commit(w);
	OK(w, query_next(q, &r, &got, &w->dg));
	assert_false(got);
	OK(w, query_next(q, &r, &got, &w->dg));
	assert_false(got);
	query_free(q);
}

static void
test_match(void **state)
{
	struct world *w = *state;
	struct str words[] = {STR("deal.stage=won")};
	struct query *q;
	struct record r;
	struct id id = {.kind = KIND_CONTACT};
	bool yes;

	OK(w, query_new(&q, w->s, &w->clock, kind_of(w, "contact"), words, 1,
		  &w->dg));
	for (id.num = 1; id.num <= 5; id.num++) {
		OK(w, store_get(w->s, id, &r, &w->dg));
		OK(w, query_match(q, &r, &yes, &w->dg));
		assert_int_equal(yes, id.num == 1);
	}
	query_free(q);
}

static void
test_kind(void **state)
{
	static const struct {
		const char *word, *kind;
		size_t taken;
	} table[] = {
	    {"org", "org", 1},
	    {"orgs", "org", 1},
	    {"c", "contact", 0},
	    {"ada", "contact", 0},
	    {"city=Bern", "contact", 0},
	};
	struct world *w = *state;
	const struct kind *fallback = kind_of(w, "contact"), *k;

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct str word = str_from(table[i].word);

		assert_int_equal(
		    query_kind(store_schema(w->s), &word, 1, fallback, &k),
		    table[i].taken);
		assert_true(str_is(k->name, table[i].kind));
	}
	assert_int_equal(
	    query_kind(store_schema(w->s), NULL, 0, fallback, &k), 0);
	assert_ptr_equal(k, fallback);
}

static const struct {
	const char *kind, *path, *values; /* of the records 1.. by '|' */
} paths[] = {
    {"contact", "name", "Jörg Müller|Ada Lovelace|Mueller||Zoë (Foo) Bar"},
    {"contact", "id", "c1|c2|c3|c4|c5"},
    {"contact", "kind", "contact|contact|contact|contact|contact"},
    {"contact", "org", "o1|o2|||o3"},
    {"contact", "org.name", "Acme AG|Müller, Söhne|||Acme AG"},
    {"contact", "org.id", "o1|o2|||o3"},
    {"contact", "deal.stage", "proposal,won|new|||"},
    {"contact", "deal", "d2,d1|d3|||"},
    {"contact", "activities", "2|1|0|0|0"},
    {"contact", "org.deal.name", "Big||||"},
    {"org", "contact.email", "joerg@x.ch,jm@home.ch|ada@example.com||"},
    {"activity", "contact.name", "Jörg Müller|Jörg Müller,Ada Lovelace"},
    {"task", "re.name", "||Big|Müller, Söhne"},
    {"task", "re.kind", "||deal|org"},
};

static void
test_paths(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		const struct kind *k = kind_of(w, paths[i].kind);
		struct str rest = str_from(paths[i].values);
		struct id id = {.kind = k->no};
		struct path *p;

		OK(w, path_new(&p, w->s, k, str_from(paths[i].path), &w->dg));
		for (id.num = 1; rest.p; id.num++) {
			struct str want = str_cut(&rest, '|');
			struct buf out = {0};
			struct record r;

			if (store_get(w->s, id, &r, &w->dg))
				break;
			OK(w, path_get(p, &r, &out, &w->dg));
			if (!str_eq(str_of(&out), want))
				fail_msg("%s of %d: %s", paths[i].path,
				    (int)id.num, buf_z(&out));
			buf_clear(&out);
		}
		path_free(p);
	}
}

static void
test_path_fields(void **state)
{
	struct world *w = *state;
	const struct kind *k = kind_of(w, "contact");
	struct path *p;

	OK(w, path_new(&p, w->s, k, STR("org.size"), &w->dg));
	assert_int_equal(path_field(p)->type, TYPE_INT);
	path_free(p);
	OK(w, path_new(&p, w->s, k, STR("id"), &w->dg));
	assert_null(path_field(p));
	path_free(p);
	assert_int_equal(
	    path_new(&p, w->s, k, STR("org.nmae"), &w->dg), CRM_USAGE);
	assert_string_equal(
	    diag_text(&w->dg), "no field 'nmae' of org; did you mean 'name'");
	assert_int_equal(
	    path_new(&p, w->s, k, STR("city.name"), &w->dg), CRM_USAGE);
	assert_int_equal(
	    path_new(&p, w->s, k, STR("org..name"), &w->dg), CRM_USAGE);
	assert_int_equal(path_new(&p, w->s, k, STR(""), &w->dg), CRM_USAGE);
	assert_int_equal(
	    path_new(&p, w->s, k, STR("a.b.c.d.e.f.g.h.i"), &w->dg), CRM_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_plans),
	    cmocka_unit_test(test_regex_limits),
	    cmocka_unit_test(test_zone),
	    cmocka_unit_test(test_match),
	    cmocka_unit_test(test_kind),
	    cmocka_unit_test(test_paths),
	    cmocka_unit_test(test_path_fields),
	    cmocka_unit_test(test_pause),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
