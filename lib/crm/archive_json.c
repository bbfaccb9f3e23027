/* SPDX-License-Identifier: ISC */
/* archive_json: an archive as JSON lines. What is said of the store and of a
 * kind is an object with "crm" in front, a record one with "id". */
#include "crm/archive_impl.h"

struct json_form {
	struct archive_form form;
	enum crm_err (*drain)(void *arg, struct diag *dg);
	void *arg;
};

static enum crm_err
json_head(struct archive_form *f, const struct archive_head *h, struct diag *dg)
{
	buf_addf(f->to,
	    "{\"crm\":\"archive\",\"version\":%llu,\"txn\":%llu,"
	    "\"kinds\":%llu,\"numbers\":%llu}\n",
	    (unsigned long long)h->version, (unsigned long long)h->txn,
	    (unsigned long long)h->kinds, (unsigned long long)h->numbers);
	return f->to->failed ? diag_nomem(dg) : CRM_OK;
}

static enum crm_err
json_part(struct archive_form *f, const struct archive_part *p, struct diag *dg)
{
	/* A name of a kind needs no escapes. */
	buf_addf(f->to,
	    "{\"crm\":\"kind\",\"name\":\"%.*s\",\"records\":%llu,"
	    "\"next\":%llu,\"slots\":%llu}\n",
	    STR_ARG(p->name), (unsigned long long)p->records,
	    (unsigned long long)p->next, (unsigned long long)p->slots);
	return f->to->failed ? diag_nomem(dg) : CRM_OK;
}

static enum crm_err
json_drain(struct archive_form *f, struct diag *dg)
{
	const struct json_form *j = (const struct json_form *)f;

	return f->to->failed ? diag_nomem(dg) : j->drain(j->arg, dg);
}

static enum crm_err
json_end(
    struct archive_form *f, uint64_t records, uint32_t crc, struct diag *dg)
{
	buf_addf(f->to,
	    "{\"crm\":\"end\",\"records\":%llu,\"crc32c\":\"%08x\"}\n",
	    (unsigned long long)records, (unsigned)crc);
	return f->to->failed ? diag_nomem(dg) : CRM_OK;
}

enum crm_err
archive_write(struct store *s, struct buf *to,
    enum crm_err (*drain)(void *arg, struct diag *dg), void *arg,
    const struct archive_progress *p, struct diag *dg)
{
	struct json_form j = {
	    .form = {.format = FORMAT_JSONL,
		.to = to,
		.head = json_head,
		.part = json_part,
		.drain = json_drain,
		.end = json_end},
	    .drain = drain,
	    .arg = arg,
	};

	return archive_walk(s, &j.form, p, dg);
}

/* A byte order mark, or blanks that another program put in, do not matter. */
bool
archive_sniff(struct str first)
{
	static const char *const words[] = {"{", "\"crm\"", ":", "\"archive\""};

	if (str_starts(first, STR("\xef\xbb\xbf")))
		first = str_from_pos(first, 3);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		first = str_trim(first);
		if (!str_starts(first, str_from(words[i])))
			return false;
		first = str_from_pos(first, strlen(words[i]));
	}
	return true;
}
