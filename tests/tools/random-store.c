/* SPDX-License-Identifier: ISC */
/* random-store DIR SEED: makes the store DIR, as full of surprises as a store
 * may be; the same seed makes the same store. */
#include "../lib/random_store.h"

#include "base/num.h"

int
main(int argc, char **argv)
{
	struct store_options o = {.path = argc > 1 ? argv[1] : NULL};
	struct store *s = NULL;
	struct diag dg = {0};
	uint64_t seed;
	enum crm_err err;

	if (argc != 3 || !num_u64(str_from(argv[2]), &seed)) {
		fprintf(stderr, "usage: random-store DIR SEED\n");
		return 2;
	}
	err = store_open(&s, &o, &dg);
	if (err == CRM_OK && !store_missing(s))
		err = diag_set(
		    &dg, CRM_DATA, "%s: there is a store already", o.path);
	if (err == CRM_OK)
		err = random_store(s, seed, &dg);
	if (err != CRM_OK)
		fprintf(stderr, "random-store: %s\n", diag_text(&dg));
	store_close(s);
	diag_clear(&dg);
	return (int)err;
}
