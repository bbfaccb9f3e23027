/* SPDX-License-Identifier: ISC */
/* seal: a checksum over table, key and value, so that a damaged, swapped or
 * misplaced value is told from a true one. */
#include "base/crc.h"
#include "base/num.h"
#include "store/priv.h"

uint32_t
seal_of(const struct table *t, struct str key, struct str value)
{
	unsigned char head[6] = {(unsigned char)t->type};
	uint32_t crc;

	num_put16(head + 1, t->kind);
	num_put16(head + 3, t->slot);
	head[5] = (unsigned char)key.n;
	crc = crc32c(0, head, sizeof(head));
	crc = crc32c(crc, key.p, key.n);
	return crc32c(crc, value.p, value.n);
}

void
seal_put(
    const struct table *t, struct str key, struct str value, struct buf *out)
{
	unsigned char seal[SEAL_BYTES];

	num_put32(seal, seal_of(t, key, value));
	buf_add(out, (struct str){.p = (const char *)seal, .n = SEAL_BYTES});
	buf_add(out, value);
}

bool
seal_check(
    const struct table *t, struct str key, struct str sealed, struct str *value)
{
	if (sealed.n < SEAL_BYTES)
		return false;
	*value = str_from_pos(sealed, SEAL_BYTES);
	return num_get32((const unsigned char *)sealed.p) ==
	       seal_of(t, key, *value);
}

MDB_val
seal_val(struct str s)
{
	union {
		const char *in;
		void *out;
	} p = {.in = s.p};

	return (MDB_val){.mv_size = s.n, .mv_data = p.out};
}

struct str
seal_str(MDB_val v)
{
	return (struct str){.p = v.mv_data, .n = v.mv_size};
}
