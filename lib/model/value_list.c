/* SPDX-License-Identifier: ISC */
/* value_list: several values in one, joined by commas, each only once. */
#include "base/crc.h"
#include "model/value_impl.h"

enum {
	ITEMS_MAX = 10000,
	ITEMS_FEW = 16,	   /* up to here a look at each is fastest */
	TABLE_SIZE = 32768 /* a power of two, over twice ITEMS_MAX */
};

/* The list being written, in what OUT holds from START on. */
struct list {
	const struct rule *rule;
	size_t start;
	size_t items;
	uint32_t *table; /* offset + 1 by hash; NULL while there are few */
};

static struct str
list_text(const struct list *l)
{
	return str_from_pos(str_of(l->rule->out), l->start);
}

/* Where ITEM stands in the table, or the free place for it. */
static uint32_t *
list_place(const struct list *l, struct str item)
{
	size_t i = crc32c(0, item.p, item.n) % TABLE_SIZE;

	while (l->table[i]) {
		struct str rest = str_from_pos(list_text(l), l->table[i] - 1);

		if (str_eq(str_cut(&rest, ','), item))
			break;
		i = (i + 1) % TABLE_SIZE;
	}
	return &l->table[i];
}

/* Is ITEM among the first N bytes of the list? */
static bool
list_has(const struct list *l, size_t n, struct str item)
{
	if (l->table)
		return *list_place(l, item) != 0;
	for (struct str rest = str_head(list_text(l), n); rest.n;)
		if (str_eq(str_cut(&rest, ','), item))
			return true;
	return false;
}

/* Without memory for a table the list is only slower. */
static void
list_index(struct list *l)
{
	struct str text = list_text(l);

	l->table = calloc(TABLE_SIZE, sizeof *l->table);
	if (!l->table)
		return;
	for (struct str rest = text; rest.n;) {
		uint32_t at = (uint32_t)(rest.p - text.p) + 1;

		*list_place(l, str_cut(&rest, ',')) = at;
	}
}

/* Counts ITEM, which stands AT in the list, in. */
static void
list_note(struct list *l, size_t at, struct str item)
{
	l->items++;
	if (l->table)
		*list_place(l, item) = (uint32_t)at + 1;
	else if (l->items == ITEMS_FEW)
		list_index(l);
}

/* Appends one item unless it is there already. */
static enum crm_err
list_item(struct list *l, struct str in)
{
	const struct rule *r = l->rule;
	size_t end = list_text(l).n, at;
	struct str item;
	enum crm_err err;

	if (end)
		buf_addc(r->out, ',');
	at = list_text(l).n;
	err = item_normalise(r, in);
	if (err || r->out->failed)
		return err;
	item = str_from_pos(list_text(l), at);
	if (str_chr(item, ',') < item.n)
		return diag_set(r->dg, CRM_DATA,
		    "'%.*s' has a comma, which parts the items of a list",
		    STR_ARG(value_shown(item)));
	if (item.n == 0 || list_has(l, end, item))
		value_back(r->out, l->start + end);
	else if (l->items == ITEMS_MAX)
		return diag_set(r->dg, CRM_DATA,
		    "more than %d items in a list; use a record for each",
		    ITEMS_MAX);
	else
		list_note(l, at, item);
	return CRM_OK;
}

enum crm_err
list_normalise(const struct rule *r, struct str in)
{
	struct list l = {.rule = r, .start = r->out->n};
	enum crm_err err = CRM_OK;

	for (struct str rest = in; !err && rest.n;) {
		struct str item = item_trim(r->field, str_cut(&rest, ','));

		if (item.n)
			err = list_item(&l, item);
	}
	free(l.table);
	return err;
}
