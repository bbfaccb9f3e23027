/* SPDX-License-Identifier: ISC */
/* value_order: comparing canonical values, and keys that sort like them. */
#include "base/num.h"
#include "base/utf8.h"
#include "model/value_impl.h"

/* ---- numbers ---------------------------------------------------------- */

static int
sign(bool greater, bool less)
{
	return (int)greater - (int)less;
}

/* Values that are none of their type, which only damage brings, come last,
 * by bytes. True when that settles it. */
static bool
odd_order(bool a_ok, bool b_ok, struct str a, struct str b, int *c)
{
	if (a_ok && b_ok)
		return false;
	*c = a_ok || b_ok ? sign(b_ok, a_ok) : str_cmp(a, b);
	return true;
}

static int
int_cmp(struct str a, struct str b)
{
	int64_t x, y;
	bool x_ok = num_i64(a, &x), y_ok = num_i64(b, &y);
	int c;

	if (odd_order(x_ok, y_ok, a, b, &c))
		return c;
	return sign(x > y, x < y);
}

static int
decimals_cmp(struct str a, struct str b)
{
	struct decimal x, y;
	bool x_ok = decimal_parse(a, &x), y_ok = decimal_parse(b, &y);
	int c;

	return odd_order(x_ok, y_ok, a, b, &c) ? c : decimal_cmp(x, y);
}

/* ---- days and moments ------------------------------------------------- */

/* A day comes before the moments of that day, the first one too. */
struct point {
	int64_t utc;
	bool moment;
};

static bool
point_parse(struct str s, struct point *p)
{
	int days;

	*p = (struct point){.moment = s.n != DATE_LEN};
	if (p->moment)
		return time_parse(s, &p->utc);
	if (!date_parse(s, &days))
		return false;
	p->utc = (int64_t)days * 86400;
	return true;
}

static int
point_cmp(struct str a, struct str b)
{
	struct point x, y;
	bool x_ok = point_parse(a, &x), y_ok = point_parse(b, &y);
	int c;

	if (odd_order(x_ok, y_ok, a, b, &c))
		return c;
	if (x.utc != y.utc)
		return x.utc < y.utc ? -1 : 1;
	return sign(x.moment, y.moment);
}

/* ---- text ------------------------------------------------------------- */

static char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Folds both; what memory cannot hold is compared by bytes. */
static int
fold_cmp(struct str a, struct str b)
{
	struct buf x = {0}, y = {0};
	int c;

	utf8_fold(a, &x);
	utf8_fold(b, &y);
	c = x.failed || y.failed ? 0 : str_cmp(str_of(&x), str_of(&y));
	buf_clear(&x);
	buf_clear(&y);
	return c ? c : str_cmp(a, b);
}

/* Folding leaves ASCII alone but for its case, so that the first difference
 * settles it where all before it is ASCII. */
static int
text_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < n; i++) {
		char x = ascii_lower(a.p[i]), y = ascii_lower(b.p[i]);

		if (((unsigned char)x | (unsigned char)y) >= 0x80)
			return fold_cmp(a, b);
		if (x != y)
			return x < y ? -1 : 1;
	}
	/* One may go on with an accent that folds to nothing. */
	if (a.n != b.n && (!utf8_ascii(a) || !utf8_ascii(b)))
		return fold_cmp(a, b);
	return a.n == b.n ? str_cmp(a, b) : sign(a.n > b.n, a.n < b.n);
}

static int
choice_cmp(const struct field *f, struct str a, struct str b)
{
	size_t x = field_choice_rank(f, a), y = field_choice_rank(f, b);

	if (x != y)
		return x < y ? -1 : 1;
	return str_cmp(a, b);
}

/* ---- references ------------------------------------------------------- */

/* "c42-b7" in parts; letters only when it is no id. */
struct ref_parts {
	struct str letters, tag;
	uint64_t num;
};

static struct ref_parts
ref_split(struct str s)
{
	struct ref_parts r = {0};
	size_t n = 0, end;

	while (n < s.n && s.p[n] >= 'a' && s.p[n] <= 'z')
		n++;
	end = n + str_chr(str_from_pos(s, n), '-');
	r.letters = str_head(s, n);
	r.tag = str_from_pos(s, end);
	if (!num_u64(str_head(str_from_pos(s, n), end - n), &r.num))
		r = (struct ref_parts){.letters = s};
	return r;
}

static int
ref_cmp(struct str a, struct str b)
{
	struct ref_parts x = ref_split(a), y = ref_split(b);
	int c = str_cmp(x.letters, y.letters);

	if (c == 0)
		c = sign(x.num > y.num, x.num < y.num);
	return c ? c : str_cmp(x.tag, y.tag);
}

/* ---- the lot ---------------------------------------------------------- */

int
value_cmp(const struct field *f, struct str a, struct str b)
{
	if (a.n == 0 || b.n == 0)
		return sign(a.n == 0, b.n == 0);
	switch ((enum type)f->type) {
	case TYPE_TEXT:
	case TYPE_URL:
	case TYPE_RECUR:
		return text_cmp(a, b);
	case TYPE_INT:
		return int_cmp(a, b);
	case TYPE_DECIMAL:
		return decimals_cmp(a, b);
	case TYPE_TIME:
		return point_cmp(a, b);
	case TYPE_ENUM:
		return choice_cmp(f, a, b);
	case TYPE_REF:
		return ref_cmp(a, b);
	case TYPE_BOOL:
	case TYPE_DATE:
	case TYPE_EMAIL:
	case TYPE_PHONE:
		break;
	}
	return str_cmp(a, b);
}

bool
value_eq(const struct field *f, struct str a, struct str b)
{
	struct decimal x, y;

	if (str_eq(a, b))
		return true;
	if (f->type == TYPE_PHONE)
		return value_phone_same(a, b);
	return f->type == TYPE_DECIMAL && decimal_parse(a, &x) &&
	       decimal_parse(b, &y) && decimal_cmp(x, y) == 0;
}

/* ---- keys ------------------------------------------------------------- */

static void
key_bytes(const unsigned char *p, size_t n, struct buf *out)
{
	buf_add(out, (struct str){(const char *)p, n});
}

/* Behind every number: no number's key begins with nine bytes of 0xff. */
static void
key_odd(struct str item, struct buf *out)
{
	enum { PAD = 9 };

	for (int i = 0; i < PAD; i++)
		buf_addc(out, (char)0xff);
	buf_add(out, str_head(item, VALUE_KEY_MAX - PAD));
}

static void
key_int(struct str item, struct buf *out)
{
	unsigned char p[8];
	int64_t v;

	if (!num_i64(item, &v)) {
		key_odd(item, out);
		return;
	}
	num_put_i64(p, v);
	key_bytes(p, sizeof p, out);
}

static void
key_decimal(struct str item, struct buf *out)
{
	unsigned char p[DECIMAL_BYTES];
	struct decimal d;

	if (!decimal_parse(item, &d)) {
		key_odd(item, out);
		return;
	}
	decimal_put(d, p);
	key_bytes(p, sizeof p, out);
}

static void
key_time(struct str item, struct buf *out)
{
	unsigned char p[9];
	struct point at;

	if (!point_parse(item, &at)) {
		key_odd(item, out);
		return;
	}
	num_put_i64(p, at.utc);
	p[8] = at.moment;
	key_bytes(p, sizeof p, out);
}

static void
key_choice(const struct field *f, struct str item, struct buf *out)
{
	unsigned char p[2];
	size_t rank = field_choice_rank(f, item);

	num_put16(p, (uint16_t)rank);
	key_bytes(p, sizeof p, out);
	if (rank == f->nchoices)
		buf_add(out, value_cut(item, VALUE_KEY_MAX - sizeof p));
}

/* A letter folds by itself, so that the head of a long text is enough, but
 * where it is made of marks that fold to nothing. */
static void
key_text(struct str item, struct buf *out)
{
	enum { HEAD = 4 * VALUE_KEY_MAX };
	size_t start = out->n;
	struct str made;

	utf8_fold(value_cut(item, HEAD), out);
	if (out->n - start < VALUE_KEY_MAX && item.n > HEAD) {
		out->n = start;
		utf8_fold(item, out);
	}
	if (out->failed || out->n - start <= VALUE_KEY_MAX)
		return;
	made = value_cut(str_from_pos(str_of(out), start), VALUE_KEY_MAX);
	out->n = start + made.n;
	out->p[out->n] = '\0';
}

static void
key_ref(struct str item, struct buf *out)
{
	struct ref_parts r = ref_split(item);
	unsigned char p[9] = {1};

	buf_add(out, value_cut(r.letters, VALUE_KEY_MAX / 2));
	num_put64(p + 1, r.num);
	key_bytes(p, sizeof p, out);
	buf_add(out, str_head(r.tag, 8));
}

void
value_key(const struct field *f, struct str item, struct buf *out)
{
	switch ((enum type)f->type) {
	case TYPE_TEXT:
	case TYPE_URL:
	case TYPE_RECUR:
		key_text(item, out);
		break;
	case TYPE_INT:
		key_int(item, out);
		break;
	case TYPE_DECIMAL:
		key_decimal(item, out);
		break;
	case TYPE_TIME:
		key_time(item, out);
		break;
	case TYPE_ENUM:
		key_choice(f, item, out);
		break;
	case TYPE_REF:
		key_ref(item, out);
		break;
	case TYPE_PHONE:
		value_phone_key(item, out);
		break;
	case TYPE_BOOL:
	case TYPE_DATE:
	case TYPE_EMAIL:
		buf_add(out, value_cut(item, VALUE_KEY_MAX));
		break;
	}
}
