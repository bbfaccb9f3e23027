/* SPDX-License-Identifier: ISC */
/* diff: what is different between two states of the store. */
#include "crm-history/verbs.h"

#include "crm/between.h"

static enum crm_err
diff_rows(struct job *j, struct between *w)
{
	struct changes_of of;
	enum crm_err err;
	bool got;

	for (;;) {
		err = between_next(w, &of, &got, &j->c->diag);
		if (err || !got)
			return err;
		err = rows_change(j, NULL, &of);
		if (err)
			return err;
	}
}

enum crm_err
run_diff(struct job *j)
{
	struct cli *c = j->c;
	struct between *w = NULL;
	uint64_t a = 0, b = 0;
	enum crm_err err = need_words(j, 1, 1, "diff A..B");

	if (!err)
		err = cli_open(c, false);
	if (!err)
		err = read_range(c, j->words[0], false, &a, &b);
	if (!err)
		err = check_txn(c, a > b ? a : b, 0);
	if (!err)
		err = between_new(&w, c->store, a, b, &c->diag);
	if (!err)
		err = rows_begin(j, CHANGES_NET);
	if (!err)
		err = diff_rows(j, w);
	if (!err)
		err = emit_end(j->emit, &c->diag);
	between_free(w);
	return err;
}
