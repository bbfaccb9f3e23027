/* SPDX-License-Identifier: ISC */
/* seal: a checksum over table, key and value, so that a damaged, swapped or
 * misplaced value is told from a true one. */
#include "base/crc.h"
#include "base/num.h"
#include "store/priv.h"

/* The table and the length of the key, in front of key and value. */
enum { HEAD_BYTES = 6 };

static void
head_put(const struct table *t, size_t key_n, unsigned char head[HEAD_BYTES])
{
	head[0] = (unsigned char)t->type;
	num_put16(head + 1, t->kind);
	num_put16(head + 3, t->slot);
	head[5] = (unsigned char)key_n;
}

uint32_t
seal_of(const struct table *t, struct str key, struct str value)
{
	unsigned char head[HEAD_BYTES];

	head_put(t, key.n, head);
	return crc32c_three(
	    (struct str){(const char *)head, HEAD_BYTES}, key, value);
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

uint64_t
seal_check_each(const struct table *t, size_t key_n, const struct str *keys,
    const struct str *sealed, size_t n)
{
	struct str values[SEAL_EACH];
	uint32_t crc[SEAL_EACH];
	uint64_t good = 0;
	unsigned char bytes[HEAD_BYTES];
	uint32_t head;

	head_put(t, key_n, bytes);
	head = crc32c(0, bytes, HEAD_BYTES);
	for (size_t i = 0; i < n; i++)
		values[i] = str_from_pos(sealed[i], SEAL_BYTES);
	crc32c_each(head, keys, values, n, crc);
	for (size_t i = 0; i < n; i++) {
		const unsigned char *seal = (const unsigned char *)sealed[i].p;
		bool yes = sealed[i].n >= SEAL_BYTES && keys[i].n == key_n &&
			   num_get32(seal) == crc[i];

		good |= (uint64_t)yes << i;
	}
	return good;
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
