/* SPDX-License-Identifier: ISC */
/* generate N DIR [FILE...]: invented customers for the benchmark: N contacts,
 * their orgs, 3 N activities, 2 N orders, 0.3 N tasks and 0.1 N deals, each as
 * .csv (RFC 4180) and as .tsv (crm-tsv), or only the files that are named. The
 * same N gives the same bytes. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

enum {
	TODAY = 20514, /* 2026-03-02, in days since 1970 */
	HEAVY = 1000,  /* activities of the contact in the middle */
	LATE = 20,     /* tasks that nobody did */
	RECENT = 512,  /* contacts that a duplicate may be of */
	TEXT = 400
};

struct random {
	uint64_t state;
};

struct pair {
	FILE *csv, *tsv;
	unsigned cell;
};

struct person {
	char name[TEXT], email[TEXT], phone[TEXT], street[TEXT], city[TEXT];
	uint32_t org;
};

/* PCG by M. E. O'Neill, XSH-RR. */
static uint32_t
random_next(struct random *r)
{
	uint64_t old = r->state;
	uint32_t x = (uint32_t)((old >> 18 ^ old) >> 27);
	uint32_t turn = (uint32_t)(old >> 59);

	r->state = old * 6364136223846793005u + 1442695040888963407u;
	return x >> turn | x << (-turn & 31);
}

static uint32_t
below(struct random *r, uint64_t n)
{
	return (uint32_t)(random_next(r) * n >> 32);
}

/* The least of COUNT draws: small numbers are the frequent ones. */
static uint32_t
skewed(struct random *r, uint64_t n, int count)
{
	uint32_t least = below(r, n), x;

	while (--count > 0) {
		x = below(r, n);
		least = x < least ? x : least;
	}
	return least;
}

static const char *
pick(struct random *r, const char *const *list, int count)
{
	unsigned n = 0;

	while (list[n])
		n++;
	return list[skewed(r, n, count)];
}

/* ---- output ---------------------------------------------------------------
 */

static FILE *
open_file(const char *dir, const char *name, const char *end)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s.%s", dir, name, end);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(74);
	}
	return f;
}

static void
put_csv(FILE *f, const char *s)
{
	if (!s[strcspn(s, ",\"\r\n")]) {
		fputs(s, f);
		return;
	}
	putc('"', f);
	for (; *s; s++) {
		if (*s == '"')
			putc('"', f);
		putc(*s, f);
	}
	putc('"', f);
}

static void
put_tsv(FILE *f, const char *s)
{
	static const char plain[] = "\t\n\r\\", escaped[] = "tnr\\";
	const char *at;

	for (; *s; s++) {
		at = strchr(plain, *s);
		if (at)
			putc('\\', f);
		putc(at ? escaped[at - plain] : *s, f);
	}
}

static void
cell(struct pair *p, const char *s)
{
	if (p->cell++) {
		putc(',', p->csv);
		putc('\t', p->tsv);
	}
	put_csv(p->csv, s);
	put_tsv(p->tsv, s);
}

__attribute__((format(printf, 2, 3))) static void
cellf(struct pair *p, const char *format, ...)
{
	char s[TEXT];
	va_list ap;

	va_start(ap, format);
	vsnprintf(s, sizeof s, format, ap);
	va_end(ap);
	cell(p, s);
}

static void
row_end(struct pair *p)
{
	putc('\n', p->csv);
	putc('\n', p->tsv);
	p->cell = 0;
}

/* Opens both files and writes the header, a word each column. */
static struct pair
pair_open(const char *dir, const char *name, const char *header)
{
	struct pair p = {
	    open_file(dir, name, "csv"), open_file(dir, name, "tsv"), 0};
	char word[32];
	int used;

	for (; sscanf(header, " %31s%n", word, &used) == 1; header += used)
		cell(&p, word);
	row_end(&p);
	return p;
}

static void
pair_close(struct pair *p)
{
	if (fclose(p->csv) || fclose(p->tsv)) {
		perror("generate");
		exit(74);
	}
}

/* ---- what stands in the cells ---------------------------------------------
 */

/* Civil day of a count since 1970, by the eras of the Gregorian calendar. */
static void
day_text(char out[16], unsigned day)
{
	unsigned era, of_era, year, of_year, march;

	day += 719468;
	era = day / 146097;
	of_era = day % 146097;
	year =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	march = (5 * of_year + 2) / 153;
	year += era * 400 + (march > 9);
	snprintf(out, 16, "%04u-%02u-%02u", year % 10000,
	    (march < 10 ? march + 3 : march - 9) % 100,
	    (of_year - (153 * march + 2) / 5 + 1) % 100);
}

static void
day_cell(struct pair *p, unsigned day)
{
	char s[16];

	day_text(s, day);
	cell(p, s);
}

static void
moment_cell(struct random *r, struct pair *p, unsigned day)
{
	char s[16];
	unsigned second = below(r, 12 * 3600);

	day_text(s, day);
	cellf(p, "%sT%02u:%02u:%02uZ", s, 7 + second / 3600, second / 60 % 60,
	    second % 60);
}

/* Cents that do not end in 0, so that everybody prints the same digits. */
static void
amount_cell(struct random *r, struct pair *p, uint64_t cents)
{
	cents = cents / 10 * 10 + 1 + below(r, 9);
	cellf(p, "%" PRIu64 ".%02" PRIu64, cents / 100, cents % 100);
}

/* Words of a conversation; RARE, when asked for, stands once among them. */
static void
words(struct random *r, char out[TEXT], unsigned count, const char *rare)
{
	unsigned at = rare ? below(r, count) : count;
	size_t n = 0;

	for (unsigned i = 0; i < count; i++)
		n += (size_t)snprintf(out + n, TEXT - n, "%s%s", i ? " " : "",
		    i == at ? rare : pick(r, talk, 1));
}

/* Capitals, also of the letters of Latin-1: 0xc3 and 0xa0 to 0xbe. */
static void
shout(char *s)
{
	unsigned char last = 0, c;

	for (; *s; s++) {
		c = (unsigned char)*s;
		if ((c >= 'a' && c <= 'z') ||
		    (last == 0xc3 && c >= 0xa0 && c <= 0xbe && c != 0xb7))
			*s = (char)(c - 32);
		last = c;
	}
}

/* What of a name may stand in an address. */
static size_t
plain_letters(char *out, const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		if ((*s | 32) >= 'a' && (*s | 32) <= 'z')
			out[n++] = (char)(*s | 32);
	out[n] = 0;
	return n;
}

/* The name of the org of this number, always the same one. */
static void
org_name(char out[TEXT], uint32_t no)
{
	struct random r = {no * 2654435761u + 12345u};
	const char *family = (random_next(&r), pick(&r, families, 1));
	const char *other = pick(&r, families, 1);
	const char *town = pick(&r, towns, 2), *form = pick(&r, forms, 2);
	unsigned kind = below(&r, 100);

	if (kind < 2)
		snprintf(out, TEXT, "%s, Söhne & %s %u", family, other, no);
	else if (kind < 4)
		snprintf(out, TEXT, "\"%s\" %s %u %s", town, family, no, form);
	else
		snprintf(out, TEXT, "%s %s %u %s", family, pick(&r, trades, 1),
		    no, form);
}

static void
person_name(struct random *r, char out[TEXT])
{
	const char *given = pick(r, givens, 2), *family = pick(r, families, 2);
	unsigned kind = below(r, 100);

	if (kind < 12)
		snprintf(
		    out, TEXT, "%s %s-%s", given, family, pick(r, families, 1));
	else if (kind < 20)
		snprintf(
		    out, TEXT, "%s %s %s", given, pick(r, givens, 1), family);
	else
		snprintf(out, TEXT, "%s %s", given, family);
	if (kind >= 97)
		shout(out);
}

static void
person_street(struct random *r, char out[TEXT])
{
	const char *street = pick(r, streets, 1);
	unsigned kind = below(r, 1000), no = 1 + below(r, 180);

	if (kind < 10)
		snprintf(out, TEXT, "c/o Büro\n%s %u", street, no);
	else if (kind < 13)
		snprintf(out, TEXT, "%s\t%u", street, no);
	else if (kind < 15)
		snprintf(out, TEXT, "%s\\%u", street, no);
	else
		snprintf(out, TEXT, kind < 60 ? "%s %u, Haus B" : "%s %u",
		    street, no);
}

static void
person_make(struct random *r, struct person *p, uint32_t no, uint32_t n)
{
	char local[TEXT];
	unsigned prefix;

	person_name(r, p->name);
	/* The one whom the benchmark looks up by name. */
	if (no == n / 4 * 3)
		strcpy(p->name, "Dörte Querfeldein-Ångström");
	plain_letters(local, p->name);
	snprintf(p->email, TEXT, "%.20s%u@%s.example", local, no,
	    pick(r, trades, 1));
	prefix = 30 + below(r, 60);
	snprintf(
	    p->phone, TEXT, "+49 %u %07u", prefix, 1000000 + below(r, 9000000));
	person_street(r, p->street);
	strcpy(p->city, pick(r, towns, 2));
	/* One in ten works for one of a few large ones. */
	p->org = 1 + (below(r, 10) ? below(r, n) : below(r, n / 1000 + 1));
}

/* About one in fifty is somebody who is there already, with a slip. */
static void
person_again(struct random *r, struct person *p, const struct person *other)
{
	size_t n, at;
	char c;

	*p = *other;
	n = strlen(p->name);
	at = 1 + below(r, n - 2);
	if (!((p->name[at] | p->name[at + 1]) & 0x80)) {
		c = p->name[at];
		p->name[at] = p->name[at + 1];
		p->name[at + 1] = c;
	}
	if (below(r, 2))
		memmove(p->email + 1, p->email, strlen(p->email) + 1);
}

/* ---- the files ------------------------------------------------------------
 */

static void
contact_row(
    struct random *r, struct pair *f, const struct person *p, uint32_t no)
{
	char s[TEXT];
	const char *tag, *rare;
	uint64_t cents;

	cellf(f, "old:%u", no);
	cell(f, p->name);
	org_name(s, p->org);
	cell(f, s);
	cell(f, p->email);
	cell(f, p->phone);
	cell(f, p->street);
	cellf(f, "%05u", 1000 + below(r, 98999));
	cell(f, p->city);
	cell(f, pick(r, lands, 2));
	cell(f, pick(r, stations, 2));
	tag = pick(r, tags, 2);
	switch (below(r, 4)) {
	case 0:
		cell(f, "");
		break;
	case 1:
		cellf(f, "%s,%s", tag, pick(r, labels, 1));
		break;
	default:
		cell(f, tag);
	}
	moment_cell(r, f, TODAY - 1 - below(r, 4000));
	/* Up to 100,000.00, the small ones frequent. */
	cents = (uint64_t)(1 + below(r, 1000)) * (1 + below(r, 1000)) *
		(1 + below(r, 1000)) / 100;
	amount_cell(r, f, cents);
	s[0] = 0;
	rare = below(r, 700) ? NULL : "Wendeltreppe";
	if (!below(r, 3))
		words(r, s, 3 + below(r, 12), rare);
	cell(f, s);
	row_end(f);
}

static void
contacts(const char *dir, uint32_t n, unsigned char *used)
{
	struct random r = {n};
	struct pair f = pair_open(dir, "contacts",
	    "ext name org email phone street postcode city country lifecycle "
	    "tag created value note");
	struct person *recent = calloc(RECENT, sizeof *recent), *p;

	if (!recent)
		exit(74);
	for (uint32_t no = 1; no <= n; no++) {
		p = &recent[no % RECENT];
		if (no > RECENT && !below(&r, 50) && no != n / 4 * 3)
			person_again(&r, p, &recent[(no + 7) % RECENT]);
		else
			person_make(&r, p, no, n);
		used[p->org] = 1;
		contact_row(&r, &f, p, no);
	}
	free(recent);
	pair_close(&f);
}

/* Two large ones, with some hundred people each at every size, are alone in
 * their trade; sector is the same for a field with an index. */
static void
orgs(const char *dir, uint32_t n, const unsigned char *used)
{
	struct random r = {n + 1};
	struct pair f = pair_open(dir, "orgs", "name industry sector");
	const char *trade;
	char s[TEXT];

	for (uint32_t no = 1; no <= n; no++) {
		if (!used[no])
			continue;
		org_name(s, no);
		cell(&f, s);
		trade = no <= 2 ? "amber" : pick(&r, trades, 1);
		cell(&f, trade);
		cell(&f, trade);
		row_end(&f);
	}
	pair_close(&f);
}

/* Somebody out of N, a few often, who are spread over all numbers; and never
 * the one in the middle, who has a count of his own. */
static uint32_t
somebody(struct random *r, uint32_t n)
{
	uint64_t k = skewed(r, n, 2);
	uint32_t no = (uint32_t)(k * 7368787u % n) + 1;

	return no == n / 2 ? no + 1 : no;
}

static void
activities(const char *dir, uint32_t n)
{
	struct random r = {n + 2};
	struct pair f = pair_open(dir, "activities",
	    "ext contact start type channel direction sentiment subject body");
	uint32_t count = 3 * n, stride = count / HEAVY, who;
	const char *rare;
	char s[TEXT];

	for (uint32_t no = 1; no <= count; no++) {
		cellf(&f, "act:%u", no);
		who = somebody(&r, n);
		cellf(&f, "old:%u", no % stride ? who : n / 2);
		moment_cell(&r, &f,
		    TODAY - 3000 + (unsigned)((uint64_t)no * 2999 / count));
		cell(&f, pick(&r, types, 2));
		cell(&f, pick(&r, channels, 2));
		cell(&f, pick(&r, directions, 1));
		cell(&f, pick(&r, moods, 2));
		words(&r, s, 2 + below(&r, 4), NULL);
		cell(&f, s);
		rare = below(&r, 3000) ? NULL : "Treppenlift";
		/* Ten times at every size. */
		if (no % (count / 10) == 7)
			rare = "Wünschelrute";
		words(&r, s, 2 + skewed(&r, 24, 2), rare);
		if (!below(&r, 100))
			strcat(s, "\nsecond line, \"quoted\"");
		cell(&f, s);
		row_end(&f);
	}
	pair_close(&f);
}

static void
orders(const char *dir, uint32_t n)
{
	struct random r = {n + 3};
	struct pair f = pair_open(dir, "orders", "ext contact issued total");
	uint32_t count = 2 * n;

	for (uint32_t no = 1; no <= count; no++) {
		cellf(&f, "ord:%u", no);
		cellf(&f, "old:%u", somebody(&r, n));
		day_cell(
		    &f, TODAY - 2000 + (unsigned)((uint64_t)no * 1999 / count));
		amount_cell(&r, &f,
		    (uint64_t)(1 + below(&r, 700)) * (1 + below(&r, 700)));
		row_end(&f);
	}
	pair_close(&f);
}

/* What is past is done, but for a few; and the first ones wait for a year, as
 * many at every size. */
static void
tasks(const char *dir, uint32_t n)
{
	struct random r = {n + 4};
	struct pair f =
	    pair_open(dir, "tasks", "ext contact title due status priority");
	uint32_t count = n / 10 * 3;
	char s[TEXT];
	unsigned day;
	int done;

	for (uint32_t no = 1; no <= count; no++) {
		day = TODAY - 350 + below(&r, 410);
		if (no <= LATE)
			day = TODAY - 400;
		cellf(&f, "tsk:%u", no);
		cellf(&f, "old:%u", somebody(&r, n));
		words(&r, s, 2 + below(&r, 6), NULL);
		cell(&f, s);
		day_cell(&f, day);
		done = day < TODAY && no > LATE && below(&r, 5000);
		cell(&f, done ? "done" : "todo");
		cell(&f, pick(&r, priorities, 2));
		row_end(&f);
	}
	pair_close(&f);
}

/* One deal a person at most, so that two terms about deals mean the same one.
 */
static void
deals(const char *dir, uint32_t n)
{
	struct random r = {n + 5};
	struct pair f =
	    pair_open(dir, "deals", "ext name contact stage amount");

	for (uint32_t no = 1; no <= n / 10; no++) {
		cellf(&f, "dl:%u", no);
		cellf(&f, "%s %u", pick(&r, trades, 1), no);
		cellf(
		    &f, "old:%u", (uint32_t)((uint64_t)no * 7368787u % n) + 1);
		cell(&f, pick(&r, stages, 1));
		amount_cell(&r, &f,
		    (uint64_t)(1 + below(&r, 1000)) * (1 + below(&r, 1000)));
		row_end(&f);
	}
	pair_close(&f);
}

/* Is the file asked for? Without names all are. */
static bool
wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

static int
usage(void)
{
	fputs("usage: generate N DIR [FILE...] (N is 1000 to 100000000)\n",
	    stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*make)(const char *dir, uint32_t n);
	} files[] = {{"activities", activities}, {"orders", orders},
	    {"tasks", tasks}, {"deals", deals}};
	unsigned long n = argc >= 3 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned char *used;

	if (n < 1000 || n > 100000000)
		return usage();
	used = calloc(n + 2, 1);
	if (!used)
		return 74;
	/* These two go together. */
	if (wanted("contacts", argv + 3)) {
		contacts(argv[2], (uint32_t)n, used);
		orgs(argv[2], (uint32_t)n, used);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (wanted(files[i].name, argv + 3))
			files[i].make(argv[2], (uint32_t)n);
	free(used);
	return 0;
}
