/* SPDX-License-Identifier: ISC */
/* Unit tests of segment: what two threads read is what one reads, and what a
 * plain sum over the orders says. */
#include "store_test.h"

#include "crm/segment.h"

enum { PEOPLE = 3000, ORDERS = 12000, AS_OF = 20515 };

/* What is expected of each, by number. */
struct plain {
	uint32_t frequency;
	int32_t last;
	struct decimal monetary;
};

static void
order_add(struct fixture *f, struct plain *plain)
{
	uint64_t who = draw(3) ? 1 + draw(PEOPLE) : 1 + draw(40);
	int day = AS_OF - 1 - (int)draw(900);
	bool paid = draw(10) > 0;
	struct id id = {0};
	char contact[24], total[32], issued[DATE_LEN + 1] = "";
	struct decimal amount;

	snprintf(contact, sizeof(contact), "c%d", (int)who);
	snprintf(
	    total, sizeof(total), "%d.%02d", (int)draw(5000), (int)draw(100));
	date_write(day, issued);
	OK(f, put(f, CHANGE_CREATE, "order", &id, "contact", contact, "total",
		  total, "issued", issued, "status",
		  paid ? "paid" : "cancelled", NULL));
	if (!paid)
		return;
	assert_true(decimal_parse(str_from(total), &amount));
	plain[who].monetary = decimal_add(plain[who].monetary, amount);
	plain[who].frequency++;
	if (day > plain[who].last)
		plain[who].last = day;
}

static void
fill(struct fixture *f, struct plain *plain)
{
	begin(f, true);
	for (int i = 1; i <= PEOPLE; i++) {
		struct id id = {0};

		OK(f,
		    put(f, CHANGE_CREATE, "contact", &id, "name", "Ada", NULL));
	}
	for (int i = 0; i < ORDERS; i++)
		order_add(f, plain);
	OK(f, store_commit(f->s, &f->dg));
}

static void
expect_plain(const struct segment_table *t, const struct plain *plain,
    const bool *wanted)
{
	size_t at = 0;

	for (uint64_t num = 1; num <= PEOPLE; num++) {
		const struct score_row *row = &t->rows[at];

		if (!plain[num].frequency || !wanted[num])
			continue;
		assert_in_range(at, 0, t->n - 1);
		assert_int_equal(row->num, num);
		assert_int_equal(row->frequency, plain[num].frequency);
		assert_int_equal(row->last, plain[num].last);
		assert_int_equal(
		    decimal_cmp(row->monetary, plain[num].monetary), 0);
		at++;
	}
	assert_int_equal(at, t->n);
}

/* All; every third, by a walk over all; and a few, one by one. */
static void
one_reads_what_two_read(void **state)
{
	static const uint64_t every[] = {1, 3, 100};
	struct fixture *f = *state;
	struct plain *plain = calloc(PEOPLE + 1, sizeof(*plain));
	struct id *ids = calloc(PEOPLE, sizeof(*ids));
	bool *wanted = calloc(PEOPLE + 1, sizeof(*wanted));

	fill(f, plain);
	for (size_t i = 0; i < 2 * ARRAY_LEN(every); i++) {
		struct segment_options o = {.list = SEGMENT_RFM, .ids = ids};
		struct segment_table t = {0};

		o.all = every[i / 2] == 1;
		for (uint64_t num = 1; num <= PEOPLE; num++) {
			wanted[num] = num % every[i / 2] == 0;
			if (wanted[num])
				ids[o.nids++] = (struct id){
				    .kind = KIND_CONTACT, .num = num};
		}
		reopen(f, i % 2);
		OK(f, segment_read(f->s, &o, &t, &f->dg));
		expect_plain(&t, plain, wanted);
		segment_clear(&t);
	}
	free(plain);
	free(ids);
	free(wanted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		one_reads_what_two_read, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
