/* SPDX-License-Identifier: ISC */
/* commit: reads a commit from its bytes. */
#include "history/commit.h"

#include "base/num.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
oid_parse(struct str s, struct oid *out)
{
	if (s.n != (size_t)2 * OID_BYTES)
		return false;
	for (size_t i = 0; i < OID_BYTES; i++) {
		int high = hex_value(s.p[2 * i]);
		int low = hex_value(s.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out->b[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* "NAME <EMAIL> TIME ZONE"; what is not like that has no name and no time:
 * others may write what they like. */
static void
author_parse(struct str s, struct commit_view *out)
{
	size_t open = str_chr(s, '<'), close = s.n;

	out->author = str_trim(str_head(s, open));
	while (close > 0 && s.p[close - 1] != '>')
		close--;
	s = str_trim(str_from_pos(s, close));
	if (!num_i64(str_head(s, str_chr(s, ' ')), &out->time))
		out->time = 0;
}

static bool
trailer_parse(struct str message, uint64_t *txn)
{
	static const char key[] = "Crm-Txn: ";
	struct str line = message;

	if (str_ends(line, STR("\n")))
		line.n--;
	for (size_t at = line.n; at > 0; at--)
		if (line.p[at - 1] == '\n') {
			line = str_from_pos(line, at);
			break;
		}
	return str_starts(line, str_from(key)) &&
	       num_u64(str_from_pos(line, strlen(key)), txn);
}

static void
header_parse(struct str line, struct commit_view *out)
{
	struct str key = str_cut(&line, ' ');
	struct oid id;

	if (str_is(key, "author") && !out->author.p)
		author_parse(line, out);
	else if (str_is(key, "parent") && oid_parse(line, &id) &&
		 out->parents++ == 0)
		out->parent = id;
}

bool
commit_parse(struct str raw, struct commit_view *out)
{
	struct str rest = raw, line = str_cut(&rest, '\n');
	struct str key = str_cut(&line, ' ');

	*out = (struct commit_view){0};
	if (!str_is(key, "tree") || !oid_parse(line, &out->tree))
		return false;
	while (rest.p) {
		line = str_cut(&rest, '\n');
		if (line.n == 0)
			break;
		header_parse(line, out);
	}
	out->message = rest.p ? rest : STR("");
	out->marked = trailer_parse(out->message, &out->txn);
	return true;
}

enum crm_err
commit_view_read(struct repo *r, struct oid id, struct buf *raw,
    struct commit_view *out, struct diag *dg)
{
	enum crm_err err = object_read(r, id, OBJECT_COMMIT, raw, dg);

	if (err != CRM_OK || commit_parse(str_of(raw), out))
		return err;
	err = diag_set(dg, CRM_CONFIG, "%s: ", repo_path(r));
	oid_print(id, &dg->text);
	diag_more(dg,
	    " is no commit that can be read; git -C %s fsck --full "
	    "tells more",
	    repo_path(r));
	return err;
}

enum crm_err
commit_read(struct repo *r, struct oid id, struct commit *out, struct diag *dg)
{
	struct commit_view v;
	struct buf raw = {0};
	enum crm_err err = commit_view_read(r, id, &raw, &v, dg);

	if (err == CRM_OK) {
		out->id = id;
		out->tree = v.tree;
		out->parent = v.parent;
		out->parents = v.parents;
		out->time = v.time;
		out->txn = v.txn;
		out->marked = v.marked;
		buf_reset(&out->author);
		buf_reset(&out->message);
		buf_add(&out->author, v.author);
		buf_add(&out->message, v.message);
		if (out->author.failed || out->message.failed)
			err = diag_nomem(dg);
	}
	buf_clear(&raw);
	return err;
}

void
commit_clear(struct commit *c)
{
	buf_clear(&c->author);
	buf_clear(&c->message);
	*c = (struct commit){0};
}
