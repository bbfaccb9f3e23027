/* SPDX-License-Identifier: ISC */
/* export_ledger: what an order adds up to, and texts that mean nothing to an
 * accounting program. */
#include "crm/export_ledger.h"

#include "base/date.h"
#include "base/decimal.h"
#include "base/utf8.h"
#include "query/ref.h"

enum { CENTS = 2 }; /* digits behind the point, at least */

/* Why an order is left out. */
enum left { LEFT_QUOTE, LEFT_CLOSED, LEFT_AMOUNT, LEFT_COUNT };

struct ledger {
	struct exporter exporter;
	struct exporter_options o;
	uint64_t left[LEFT_COUNT];
	struct buf items; /* postings of the items */
	struct buf name, account;
};

/* One order under way. */
struct sum {
	const struct record *order;
	struct str currency;
	int digits; /* behind the point */
	bool any;   /* there are items */
	bool minus; /* a credit note */
	struct decimal net, tax, total;
};

static struct str
get(const struct record *r, const char *name)
{
	const struct field *f = schema_field(r->kind, str_from(name));

	if (!f || f->slot >= r->kind->nslots || f->sensitive)
		return (struct str){0};
	return row_get(&r->row, f->slot);
}

static struct decimal
number(const struct record *r, const char *name)
{
	struct decimal d;

	return decimal_parse(get(r, name), &d) ? d : (struct decimal){0};
}

/* ---- amounts ---------------------------------------------------------- */

static int
digits_of(struct str amount)
{
	size_t point = str_chr(amount, '.');
	int n = point < amount.n ? (int)(amount.n - point - 1) : 0;

	return n < CENTS ? CENTS : n;
}

/* Half away from zero. */
static struct decimal
round_to(struct decimal d, int digits)
{
	crm_i128 unit = 1, half;

	for (int i = digits; i < DECIMAL_SCALE; i++)
		unit *= 10;
	half = d.v < 0 ? -(unit / 2) : unit / 2;
	return (struct decimal){.v = (d.v + half) / unit * unit};
}

static struct decimal
percent(struct decimal of, struct decimal rate)
{
	static const struct decimal hundredth = {.v = 10000000};

	return decimal_mul(decimal_mul(of, rate), hundredth);
}

static bool
zero(struct decimal d)
{
	return d.v == 0;
}

/* ---- texts ------------------------------------------------------------ */

/*
 * A text on one line, without what a journal reads in it: comments, the
 * parts of an account, two blanks.
 */
static void
plain(struct str s, const char *unwanted, struct buf *to)
{
	size_t at = 0;
	bool blank = true; /* none at the beginning */

	while (at < s.n) {
		uint32_t c = utf8_next(s, &at);
		bool odd = c < 0x80 && strchr(unwanted, (int)c);

		if (c <= ' ' || c == 0x7f || c == 0x85 || c == 0xa0 ||
		    c == 0x1680 || (c >= 0x2000 && c <= 0x200b) ||
		    c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
		    c == 0x3000 || c == 0xfeff) {
			if (!blank)
				buf_addc(to, ' ');
			blank = true;
			continue;
		}
		blank = false;
		utf8_put(odd ? '_' : c, to);
	}
	if (blank && to->n > 0 && to->p[to->n - 1] == ' ')
		to->n--;
}

/* A word that is no name of a currency stands in quotes. */
static void
currency_add(struct str s, struct buf *to)
{
	bool word = s.n > 0;

	for (size_t i = 0; i < s.n; i++)
		word = word && ((s.p[i] >= 'A' && s.p[i] <= 'Z') ||
				   (s.p[i] >= 'a' && s.p[i] <= 'z'));
	if (word) {
		buf_add(to, s);
		return;
	}
	buf_addc(to, '"');
	/* ledger takes a backslash for the begin of an escape. */
	plain(s, "\"\\;", to);
	buf_addc(to, '"');
}

static void
posting(struct buf *to, struct str account, struct decimal amount,
    const struct sum *s)
{
	if (s->minus)
		amount.v = -amount.v;
	buf_addf(to, "    %.*s  ", STR_ARG(account));
	decimal_print(amount, CENTS, to);
	buf_addc(to, ' ');
	currency_add(s->currency, to);
}

static struct decimal
negative(struct decimal d)
{
	return (struct decimal){.v = -d.v};
}

/* Who owes it: the organisation, else the person. */
static enum crm_err
customer(struct ledger *l, const struct record *r, struct diag *dg)
{
	static const char *const fields[] = {"org", "contact"};
	struct id id = {0};
	enum crm_err err = CRM_OK;

	buf_reset(&l->name);
	for (size_t i = 0; i < ARRAY_LEN(fields) && id.num == 0; i++)
		if (!id_parse(store_schema(l->o.store), get(r, fields[i]), &id))
			id = (struct id){0};
	if (id.num != 0)
		err = ref_label(l->o.store, id, &l->name, dg);
	buf_reset(&l->account);
	buf_addz(&l->account, "assets:receivable:");
	plain(str_of(&l->name), ":;|", &l->account);
	if (l->account.n > 0 && l->account.p[l->account.n - 1] == ':')
		buf_addz(&l->account, "unknown");
	return err;
}

/* ---- items ------------------------------------------------------------ */

static enum crm_err
item_add(
    struct ledger *l, const struct record *item, struct sum *s, struct diag *dg)
{
	struct decimal net =
	    decimal_mul(number(item, "qty"), number(item, "price"));
	struct buf name = {0};
	struct id product;
	enum crm_err err = CRM_OK;

	net = decimal_sub(net, percent(net, number(item, "discount")));
	net = round_to(net, s->digits);
	s->net = decimal_add(s->net, net);
	s->tax = decimal_add(
	    s->tax, round_to(percent(net, number(item, "tax")), s->digits));
	s->any = true;
	posting(&l->items, STR("income:sales"), negative(net), s);
	buf_addz(&l->items, "  ; ");
	buf_add(&l->items, get(item, "qty"));
	if (id_parse(store_schema(l->o.store), get(item, "product"), &product))
		err = ref_label(l->o.store, product, &name, dg);
	if (name.n > 0)
		buf_addc(&l->items, ' ');
	plain(str_of(&name), ":,[]", &l->items);
	buf_addc(&l->items, '\n');
	buf_clear(&name);
	return err;
}

static enum crm_err
items_add(struct ledger *l, struct sum *s, struct diag *dg)
{
	const struct kind *k =
	    schema_kind_no(store_schema(l->o.store), KIND_ITEM);
	struct scan_spec spec = {.type = SCAN_REFS,
	    .field = schema_field(k, STR("order")),
	    .target = s->order->id,
	    .bare = true};
	struct scan *sc = NULL;
	bool got = true;
	enum crm_err err = scan_open(&sc, l->o.store, &spec, dg);

	buf_reset(&l->items);
	while (err == CRM_OK) {
		struct record item;
		struct id id;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = store_follow(l->o.store, id, &item, dg);
		if (err == CRM_OK)
			err = item_add(l, &item, s, dg);
	}
	scan_close(sc);
	return err;
}

/* ---- a transaction ---------------------------------------------------- */

/*
 * What the document says is owed. Where the items come to something else, the
 * prices had the tax in them, or there is a line for the difference.
 */
static void
sum_balance(struct sum *s, bool given, struct decimal *rest)
{
	struct decimal all = decimal_add(s->net, s->tax);

	*rest = (struct decimal){0};
	if (!given) {
		s->total = all;
		return;
	}
	if (s->any && decimal_cmp(s->total, s->net) == 0)
		s->tax = (struct decimal){0};
	*rest = decimal_sub(s->total, decimal_add(s->net, s->tax));
}

static void
head_add(struct ledger *l, const struct sum *s, struct buf *to)
{
	const struct record *r = s->order;
	struct str day = get(r, "issued"), code = get(r, "number");

	if (day.n == 0)
		day = str_head(row_get(&r->row, SLOT_CREATED), DATE_LEN);
	buf_addc(to, '\n');
	buf_add(to, day);
	buf_addz(to, str_is(get(r, "status"), "paid") ? " * (" : " (");
	/* There always is one: what follows cannot be read as a mark. */
	if (code.n > 0)
		plain(code, "();", to);
	else
		id_print(store_schema(l->o.store), r->id, to);
	buf_addz(to, ") ");
	plain(str_of(&l->name), ";|", to);
	buf_addz(to, "\n    ; id: ");
	id_print(store_schema(l->o.store), r->id, to);
	buf_addf(to, ", doc: ");
	plain(get(r, "doc"), ":,[]", to);
	buf_addz(to, ", status: ");
	plain(get(r, "status"), ":,[]", to);
	buf_addc(to, '\n');
}

static void
transaction_add(
    struct ledger *l, const struct sum *s, struct decimal rest, struct buf *to)
{
	head_add(l, s, to);
	posting(to, str_of(&l->account), s->total, s);
	buf_addc(to, '\n');
	buf_add(to, str_of(&l->items));
	if (!zero(s->tax)) {
		posting(to, STR("liabilities:tax"), negative(s->tax), s);
		buf_addc(to, '\n');
	}
	if (!zero(rest) || !s->any) {
		posting(to, STR("income:sales"), negative(rest), s);
		buf_addz(to, s->any ? "  ; not in the items\n" : "\n");
	}
}

/* Why the order is left out; LEFT_COUNT when it is not. */
static enum left
reason(const struct record *r)
{
	const struct field *f = schema_field(r->kind, STR("status"));
	const struct choice *c = NULL;

	if (str_is(get(r, "doc"), "quote"))
		return LEFT_QUOTE;
	if (f && f->type == TYPE_ENUM)
		c = field_choice(f, get(r, "status"));
	return c && c->closed ? LEFT_CLOSED : LEFT_COUNT;
}

static enum crm_err
ledger_record(
    struct exporter *x, const struct record *r, struct buf *to, struct diag *dg)
{
	struct ledger *l = (struct ledger *)x;
	struct str total = get(r, "total");
	struct sum s = {.order = r,
	    .currency = get(r, "currency"),
	    .digits = digits_of(total)};
	enum left left = reason(r);
	struct decimal rest;
	enum crm_err err;

	if (left != LEFT_COUNT) {
		l->left[left]++;
		return CRM_OK;
	}
	if (s.currency.n == 0)
		s.currency = store_currency(l->o.store);
	s.total = number(r, "total");
	/* What a credit note gives back is mostly written without a sign. */
	s.minus = str_is(get(r, "doc"), "credit") && s.total.v >= 0;
	err = items_add(l, &s, dg);
	if (err == CRM_OK)
		err = customer(l, r, dg);
	if (err != CRM_OK)
		return err;
	if (total.n == 0 && !s.any) {
		l->left[LEFT_AMOUNT]++;
		return CRM_OK;
	}
	sum_balance(&s, total.n > 0, &rest);
	transaction_add(l, &s, rest, to);
	return to->failed || l->items.failed || l->name.failed ||
		       l->account.failed
		   ? diag_nomem(dg)
		   : CRM_OK;
}

/* ---- the whole -------------------------------------------------------- */

static enum crm_err
ledger_kind(struct exporter *x, const struct kind *kind, struct buf *to,
    struct diag *dg)
{
	(void)to;
	x->bare = true;
	return kind->no == KIND_ORDER
		   ? CRM_OK
		   : diag_set(dg, CRM_USAGE, "ledger is for order; %.*s is not",
			 STR_ARG(kind->name));
}

static enum crm_err
ledger_end(struct exporter *x, struct buf *to, struct diag *dg)
{
	static const char *const why[LEFT_COUNT][2] = {
	    [LEFT_QUOTE] = {"quote", "quotes"},
	    [LEFT_CLOSED] = {"cancelled or returned", "cancelled or returned"},
	    [LEFT_AMOUNT] = {"without an amount", "without an amount"}};
	struct ledger *l = (struct ledger *)x;
	struct buf text = {0};

	(void)to;
	for (size_t i = 0; i < LEFT_COUNT; i++)
		if (l->left[i])
			buf_addf(&text, "%s%llu %s",
			    text.n ? ", " : "left out: ",
			    (unsigned long long)l->left[i],
			    why[i][l->left[i] > 1]);
	if (text.n > 0 && l->o.warn)
		l->o.warn(l->o.arg, buf_z(&text));
	buf_clear(&text);
	return to->failed ? diag_nomem(dg) : CRM_OK;
}

static void
ledger_free(struct exporter *x)
{
	struct ledger *l = (struct ledger *)x;

	buf_clear(&l->items);
	buf_clear(&l->name);
	buf_clear(&l->account);
	free(l);
}

enum crm_err
ledger_exporter(
    struct exporter **out, const struct exporter_options *o, struct diag *dg)
{
	static const struct exporter_class class = {
	    .kind = ledger_kind,
	    .record = ledger_record,
	    .end = ledger_end,
	    .free = ledger_free,
	};
	struct ledger *l = calloc(1, sizeof(*l));

	*out = NULL;
	if (!l)
		return diag_nomem(dg);
	l->exporter.class = &class;
	l->o = *o;
	*out = &l->exporter;
	return CRM_OK;
}
