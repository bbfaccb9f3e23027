/* SPDX-License-Identifier: ISC */
/* txns STORE N M: N transactions, each of which changes the town of one of
 * the contacts c1 to cM. For the benchmark of the history. */
#include "base/num.h"
#include "store/store.h"

static uint64_t
draw(uint64_t *seed, uint64_t n)
{
	uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

static enum crm_err
one(struct store *s, uint64_t i, uint64_t num, struct diag *dg)
{
	const struct kind *k = schema_kind_no(store_schema(s), KIND_CONTACT);
	struct change_origin who = {.time = 1772452800 + (int64_t)i,
	    .user = STR("bench"),
	    .command = STR("crm-edit city=")};
	char city[32];
	struct change_field f;
	struct change c = {.op = CHANGE_UPDATE,
	    .kind = k,
	    .id = {.kind = KIND_CONTACT, .num = num},
	    .fields = &f,
	    .nfields = 1};
	enum crm_err err = store_begin(s, &who, false, dg);

	snprintf(city, sizeof(city), "Town %llu", (unsigned long long)i);
	f = (struct change_field){
	    .field = schema_field(k, STR("city")), .after = str_from(city)};
	if (err == CRM_OK)
		err = store_apply(s, &c, dg);
	if (err == CRM_OK)
		return store_commit(s, dg);
	store_abort(s);
	return err;
}

int
main(int argc, char **argv)
{
	struct store_options o = {.path = argc > 1 ? argv[1] : NULL};
	struct store *s = NULL;
	struct diag dg = {0};
	uint64_t n, m, seed = 1;
	enum crm_err err;

	if (argc != 4 || !num_u64(str_from(argv[2]), &n) ||
	    !num_u64(str_from(argv[3]), &m) || m == 0) {
		fprintf(stderr, "usage: txns STORE N M\n");
		return 2;
	}
	err = store_open(&s, &o, &dg);
	for (uint64_t i = 0; i < n && err == CRM_OK; i++)
		err = one(s, i, 1 + draw(&seed, m), &dg);
	if (err != CRM_OK)
		fprintf(stderr, "txns: %s\n", diag_text(&dg));
	store_close(s);
	diag_clear(&dg);
	return (int)err;
}
