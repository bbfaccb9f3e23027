/* SPDX-License-Identifier: ISC */
/* schemas_given: numbers of kinds and slots of fields, given once only. */
#include "base/num.h"
#include "store/schemas.h"

/*
 * The journal tells fields by slot and records by the number of their kind:
 * neither is given again after a field or kind was deleted.
 */
static struct str
given_key(uint16_t kind, unsigned char key[7])
{
	memcpy(key, "given", 5);
	num_put16(key + 5, kind);
	return (struct str){.p = (const char *)key, .n = 7};
}

enum crm_err
given_get(struct store *s, uint16_t kind, uint16_t *next, struct diag *dg)
{
	struct table *meta = table_of(s, TABLE_META, 0, 0);
	unsigned char key[7];
	struct str k = given_key(kind, key), sealed, v;
	bool found;
	enum crm_err err = table_get(s, meta, k, &sealed, &found, dg);

	*next = 0;
	if (err != CRM_OK || !found)
		return err;
	if (!seal_check(meta, k, sealed, &v) || v.n != 2)
		return env_damaged(s, "a counter of its schema", dg);
	*next = num_get16((const unsigned char *)v.p);
	return CRM_OK;
}

enum crm_err
given_put(struct store *s, uint16_t kind, uint16_t number, struct diag *dg)
{
	struct table *meta = table_of(s, TABLE_META, 0, 0);
	unsigned char key[7], value[2];
	struct str k = given_key(kind, key);
	struct buf sealed = {0};
	uint16_t next;
	enum crm_err err = given_get(s, kind, &next, dg);

	if (err != CRM_OK || number < next)
		return err;
	num_put16(value, (uint16_t)(number + 1));
	seal_put(
	    meta, k, (struct str){.p = (const char *)value, .n = 2}, &sealed);
	err = sealed.failed ? diag_nomem(dg)
			    : table_put(s, meta, k, str_of(&sealed), dg);
	buf_clear(&sealed);
	return err;
}

enum crm_err
given_note(struct store *s, const struct kind *k, const struct str *values,
    struct diag *dg)
{
	struct str name = schemas_text(k, values, "name");
	const struct kind *of =
	    schema_kind(s->schema, str_head(name, str_chr(name, '.')));
	uint16_t slot = schemas_small(k, values, "slot", SLOT_NONE);

	if (k->no == KIND_KIND)
		return given_put(s, KIND_NONE,
		    schemas_small(k, values, "no", KIND_NONE), dg);
	if (!of || slot == SLOT_NONE)
		return CRM_OK;
	return given_put(s, of->no, slot, dg);
}
