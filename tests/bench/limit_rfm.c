/* SPDX-License-Identifier: ISC */
/* limit_rfm: recency, frequency and revenue of all who have orders, in fifths,
 * by one walk over orders that lie by contact. */
#include <stdlib.h>
#include <string.h>

#include "limit.h"
#include "limit_sort.h"

enum { ISSUED = 2, TOTAL = 3 };

struct customer {
	uint64_t number, cents;
	int last;
	unsigned count;
	unsigned char fifth[3];
};

struct customers {
	struct customer *list;
	size_t count, size;
};

/* Days since 1970 of YYYY-MM-DD. */
static int
day_read(struct slice s)
{
	int year = (int)number_read((struct slice){s.s, 4});
	int month = (int)number_read((struct slice){s.s + 5, 2});
	int day = (int)number_read((struct slice){s.s + 8, 2});

	year -= month <= 2;
	month = (month + 9) % 12;
	return 365 * year + year / 4 - year / 100 + year / 400 +
	       (month * 306 + 5) / 10 + day - 1 - 719468;
}

static uint64_t
cents_read(struct slice s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.s[i] != '.')
			n = n * 10 + (uint64_t)(s.s[i] - '0');
	return n;
}

static struct customer *
customer_of(struct customers *all, uint64_t number)
{
	struct customer *last;

	if (all->count > 0 && all->list[all->count - 1].number == number)
		return &all->list[all->count - 1];
	if (all->count == all->size) {
		all->size = all->size ? all->size * 2 : 1 << 16;
		all->list = realloc(all->list, all->size * sizeof *all->list);
		if (!all->list)
			limit_die("rfm", "no memory");
	}
	last = all->list + all->count++;
	*last = (struct customer){.number = number};
	return last;
}

static void
orders_sum(struct db *db, struct customers *all)
{
	struct customer *who;
	MDB_cursor *c;
	MDB_val k, row;
	int day;

	limit_check(
	    mdb_cursor_open(db->txn, db_table(db, "orders"), &c), "orders");
	while (mdb_cursor_get(c, &k, &row, MDB_NEXT) == 0) {
		who = customer_of(all, key_number(k.mv_data));
		day = day_read(row_cell(&row, ISSUED));
		who->last = day > who->last ? day : who->last;
		who->count++;
		who->cents += cents_read(row_cell(&row, TOTAL));
	}
}

static uint64_t
measure(const struct customer *c, unsigned which)
{
	return which == 0   ? (uint64_t)c->last
	       : which == 1 ? c->count
			    : c->cents;
}

/* As ntile(5) of SQL: the first ones get what is left over. */
static void
fifths(struct customers *all, unsigned which)
{
	struct heap h = {0};
	size_t n = all->count, small = n / 5, over = n % 5, at = 0, end;
	struct customer *c;

	for (size_t i = 0; i < n; i++)
		heap_add(&h, measure(&all->list[i], which), 0);
	for (size_t i = 0; i < n; i++)
		h.entries[i].bytes = (const char *)&all->list[i];
	heap_sort(&h);
	for (unsigned fifth = 1; fifth <= 5; fifth++)
		for (end = at + small + (fifth <= over); at < end; at++) {
			c = (struct customer *)(uintptr_t)h.entries[at].bytes;
			c->fifth[which] = (unsigned char)fifth;
		}
	free(h.entries);
}

/* Decimal digits; faster than printf, which is no limit of anything. */
static size_t
digits(char *out, uint64_t n)
{
	char s[24];
	size_t at = sizeof s;

	do {
		s[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	memcpy(out, s + at, sizeof s - at);
	return sizeof s - at;
}

static void
customer_print(struct out *o, const struct customer *c, int today)
{
	char s[128];
	size_t n = digits(s, c->number);

	s[n++] = '\t';
	n += digits(s + n, (uint64_t)(today - c->last));
	s[n++] = '\t';
	n += digits(s + n, c->count);
	s[n++] = '\t';
	n += digits(s + n, c->cents / 100);
	s[n++] = '.';
	s[n++] = (char)('0' + c->cents / 10 % 10);
	s[n++] = (char)('0' + c->cents % 10);
	for (unsigned i = 0; i < 3; i++) {
		s[n++] = '\t';
		s[n++] = (char)('0' + c->fifth[i]);
	}
	out_line(o, (struct slice){s, n});
}

int
limit_rfm(int argc, char **argv)
{
	struct db db = db_open(argv[0], MDB_RDONLY);
	struct customers all = {0};
	struct out o = out_new(0);
	int today = 0;

	(void)argc;
	orders_sum(&db, &all);
	for (unsigned which = 0; which < 3; which++)
		fifths(&all, which);
	for (size_t i = 0; i < all.count; i++)
		if (all.list[i].last >= today)
			today = all.list[i].last + 1;
	for (size_t i = 0; i < all.count; i++)
		customer_print(&o, &all.list[i], today);
	out_flush(&o);
	return 0;
}
