/* SPDX-License-Identifier: ISC */
/* tree: git's directories as bytes. */
#include "history/tree.h"

int
tree_order(struct str a, bool a_dir, struct str b, bool b_dir)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;
	int x, y;

	if (c != 0)
		return c;
	x = a.n > n ? (unsigned char)a.p[n] : a_dir && a.n == n ? '/' : 0;
	y = b.n > n ? (unsigned char)b.p[n] : b_dir && b.n == n ? '/' : 0;
	return x - y;
}

/* The octal digits up to the blank; false when they are none. */
static bool
mode_parse(struct str *in, unsigned *out)
{
	unsigned mode = 0;

	for (size_t i = 0; i < in->n && i < 8; i++) {
		unsigned d = (unsigned)(unsigned char)in->p[i] - '0';

		if (i > 0 && in->p[i] == ' ') {
			*in = str_from_pos(*in, i + 1);
			*out = mode;
			return true;
		}
		if (d > 7)
			return false;
		mode = mode << 3 | d;
	}
	return false;
}

bool
tree_next(struct str raw, size_t at, struct tree_entry *out)
{
	struct str in = str_from_pos(raw, at);
	size_t n;

	out->at = at;
	out->end = at;
	if (in.n == 0 || !mode_parse(&in, &out->mode))
		return false;
	n = str_chr(in, '\0');
	if (n == 0 || in.n - n < 1 + OID_BYTES)
		return false;
	out->name = str_head(in, n);
	memcpy(out->id.b, in.p + n + 1, OID_BYTES);
	out->end = raw.n - in.n + n + 1 + OID_BYTES;
	return true;
}

static bool
entry_dir(const struct tree_entry *e)
{
	return e->mode == TREE_MODE_DIR;
}

bool
tree_check(struct str raw, size_t *step)
{
	struct tree_entry last = {0}, e;

	*step = 0;
	for (size_t at = 0; at < raw.n; at = e.end) {
		if (!tree_next(raw, at, &e))
			return false;
		if (at > 0 && tree_order(last.name, entry_dir(&last), e.name,
				  entry_dir(&e)) >= 0)
			return false;
		if (at == 0)
			*step = e.end;
		else if (e.end - at != *step)
			*step = 0;
		last = e;
	}
	return true;
}

static int
entry_order(const struct tree_entry *e, struct str name, bool dir)
{
	return tree_order(e->name, entry_dir(e), name, dir);
}

/* Among entries of one length. The last one is tried first: new records
 * have the highest numbers. */
static bool
find_even(struct str raw, size_t step, struct str name, bool dir,
    struct tree_entry *out)
{
	size_t low = 0, high = raw.n / step, i = high - 1;

	while (low < high) {
		int c;

		tree_next(raw, i * step, out);
		c = entry_order(out, name, dir);
		if (c == 0)
			return true;
		if (c < 0)
			low = i + 1;
		else
			high = i;
		i = low + (high - low) / 2;
	}
	out->at = low * step;
	out->end = out->at;
	return false;
}

bool
tree_find(struct str raw, size_t step, struct str name, bool dir,
    struct tree_entry *out)
{
	size_t at = 0;

	if (step > 0 && raw.n > 0)
		return find_even(raw, step, name, dir, out);
	while (tree_next(raw, at, out)) {
		int c = entry_order(out, name, dir);

		if (c == 0)
			return true;
		if (c > 0)
			break;
		at = out->end;
	}
	out->at = at;
	out->end = at;
	return false;
}
