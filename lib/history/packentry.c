/* SPDX-License-Identifier: ISC */
/* packentry: heads of entries in packs. */
#include "history/packentry.h"

#include "history/delta.h"

enum { BACK_BYTES = 9 };

/* Seven bits a byte, high ones first, with an addition that makes every number
 * have one form. */
static void
back_put(uint64_t back, struct buf *out)
{
	char b[10];
	size_t at = sizeof(b);

	b[--at] = (char)(back & 0x7f);
	while (back >>= 7)
		b[--at] = (char)((--back & 0x7f) | 0x80);
	buf_add(out, (struct str){.p = b + at, .n = sizeof(b) - at});
}

static bool
back_get(struct str *in, uint64_t *out)
{
	uint64_t back = 0;

	for (unsigned i = 0; in->n > 0 && i < BACK_BYTES; i++) {
		unsigned char c = (unsigned char)*in->p;

		*in = str_from_pos(*in, 1);
		back = (i > 0 ? back + 1 : 0) << 7 | (c & 0x7f);
		*out = back;
		if (!(c & 0x80))
			return back > 0;
	}
	return false;
}

/* Type and size: four bits of the size, then seven a byte. */
void
packentry_put(const struct packentry *e, struct buf *out)
{
	unsigned char c = (unsigned char)(e->type << 4 | (e->size & 15));

	if (e->size >> 4 == 0) {
		buf_addc(out, (char)c);
	} else {
		buf_addc(out, (char)(c | 0x80));
		delta_size_put(e->size >> 4, out);
	}
	if (e->type == PACKENTRY_DELTA)
		back_put(e->back, out);
}

bool
packentry_get(struct str *in, struct packentry *e)
{
	size_t more = 0;
	unsigned char c;

	if (in->n == 0)
		return false;
	c = (unsigned char)*in->p;
	*in = str_from_pos(*in, 1);
	if (c & 0x80 && !delta_size_get(in, &more))
		return false;
	*e = (struct packentry){
	    .type = c >> 4 & 7, .size = more << 4 | (c & 15)};
	return e->type != PACKENTRY_DELTA || back_get(in, &e->back);
}
