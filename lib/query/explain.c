/* SPDX-License-Identifier: ISC */
/* explain: a plan in words, for -v. */
#include "query/run.h"

static void
add_field(const struct kind *k, const struct field *f, struct buf *out)
{
	buf_add(out, k->name);
	buf_addc(out, '.');
	buf_add(out, f->name);
}

static void
add_rows(const struct plan *p, struct buf *out)
{
	/* Of a scan it is known how many records it reads. */
	bool scan = p->type == PLAN_SCAN;
	double rows = scan ? p->work : p->rows;
	uint64_t n = rows < 1e15 ? (uint64_t)(rows + 0.5) : 0;

	buf_addz(out, p->counted || scan ? " (" : " (about ");
	buf_addu(out, n);
	buf_addz(out, n == 1 ? " record)" : " records)");
}

static void
explain_hop(const struct plan *p, struct buf *out)
{
	const struct hop *h = p->hop;

	buf_addz(out, "references ");
	if (h->field)
		add_field(h->home, h->field, out);
	for (size_t i = 0; i < h->nrefs; i++) {
		if (i)
			buf_addz(out, ", ");
		add_field(h->arrivals->kind, h->refs[i], out);
	}
	add_rows(p, out);
	for (size_t i = 0; i < h->narrivals; i++) {
		buf_addz(out, i ? ", " : " of ");
		plan_explain(h->arrivals[i].plan, out);
	}
}

void
plan_explain(const struct plan *p, struct buf *out)
{
	static const char *const texts[] = {
	    [PLAN_SCAN] = "scan ",
	    [PLAN_NOTHING] = "nothing can match",
	    [PLAN_IDS] = "ids of ",
	    [PLAN_KEYS] = "index ",
	    [PLAN_WORD] = "words of index ",
	    [PLAN_TEXT] = "words of ",
	    [PLAN_REFS] = "references ",
	    [PLAN_DUE] = "due list of ",
	};

	if (p->type == PLAN_HOP) {
		explain_hop(p, out);
		return;
	}
	for (size_t i = 0; i < p->nkids; i++) {
		if (i)
			buf_addz(out, " + ");
		plan_explain(p->kids[i], out);
	}
	if (p->type == PLAN_UNION)
		return;
	buf_addz(out, texts[p->type]);
	if (p->type == PLAN_NOTHING)
		return;
	if (p->type == PLAN_SCAN || p->type == PLAN_IDS ||
	    p->type == PLAN_DUE || p->type == PLAN_TEXT)
		buf_add(out, p->kind->name);
	else
		add_field(p->kind, p->test->field, out);
	add_rows(p, out);
}
