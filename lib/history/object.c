/* SPDX-License-Identifier: ISC */
/* object: ids of objects. */
#include "history/object.h"

#include <assert.h>
#include <nettle/sha1.h>

static_assert(OID_BYTES == SHA1_DIGEST_SIZE, "ids are SHA-1");

bool
oid_eq(struct oid a, struct oid b)
{
	return memcmp(a.b, b.b, OID_BYTES) == 0;
}

void
oid_print(struct oid o, struct buf *out)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < OID_BYTES; i++) {
		buf_addc(out, hex[o.b[i] >> 4]);
		buf_addc(out, hex[o.b[i] & 15]);
	}
}

const char *
object_type_name(enum object_type t)
{
	switch (t) {
	case OBJECT_COMMIT:
		return "commit";
	case OBJECT_TREE:
		return "tree";
	case OBJECT_BLOB:
		break;
	}
	return "blob";
}

/* "blob 123" and its NUL, from the end of ROOM; printf is too slow here. */
static struct str
object_head(enum object_type t, size_t n, char room[40])
{
	struct str type = str_from(object_type_name(t));
	char *p = room + 39;

	*p = '\0';
	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	*--p = ' ';
	p -= type.n;
	memcpy(p, type.p, type.n);
	return (struct str){.p = p, .n = (size_t)(room + 40 - p)};
}

struct oid
object_id(enum object_type t, struct str data)
{
	struct sha1_ctx sha;
	struct oid id;
	char room[40];
	struct str head = object_head(t, data.n, room);

	sha1_init(&sha);
	sha1_update(&sha, head.n, (const uint8_t *)head.p);
	if (data.n > 0)
		sha1_update(&sha, data.n, (const uint8_t *)data.p);
	sha1_digest(&sha, OID_BYTES, id.b);
	return id;
}
