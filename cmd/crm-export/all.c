/* SPDX-License-Identifier: ISC */
/* all: a whole store, as lines of JSON or as a directory of crm-tsv. */
#include "crm-export/export.h"

#include "crm/archive.h"

/* What chooses records or changes their shape has no place here. */
static enum crm_err
call_check(struct cli *c)
{
	const struct opts *o = &c->opt;
	const char *other = o->fields		     ? "-f"
			    : o->sort		     ? "-s"
			    : o->template	     ? "--template"
			    : o->purpose	     ? "--for"
			    : o->raw		     ? "--raw"
			    : o->delimiter	     ? "--delimiter"
			    : o->crlf		     ? "--crlf"
			    : o->bom		     ? "--bom"
			    : o->no_header	     ? "-H"
			    : o->limit != UINT64_MAX ? "-l"
						     : NULL;

	if (other)
		return diag_set(&c->diag, CRM_USAGE,
		    "-a: the whole store is what it is; leave out %s", other);
	if (c->nwords)
		return diag_set(&c->diag, CRM_USAGE,
		    "-a: the whole store is exported; leave out '%.*s'",
		    STR_ARG(c->words[0]));
	return CRM_OK;
}

/* *folder: crm-tsv in a directory, which -o without -O means, too, unless the
 * name is that of a file. */
static enum crm_err
form_read(struct cli *c, bool *folder)
{
	const char *format = c->opt.format;
	struct str name = str_from(c->opt.output ? c->opt.output : "");

	*folder = format ? strcmp(format, "tsv") == 0
			 : name.n > 0 && !str_ends(name, STR(".jsonl"));
	if (format && !*folder && strcmp(format, "jsonl") != 0)
		return diag_set(&c->diag, CRM_USAGE,
		    "-O: the whole store as '%s'; take jsonl or tsv", format);
	if (*folder && !c->opt.output)
		return diag_set(&c->diag, CRM_USAGE,
		    "-a: tsv is a file for each kind; add -o DIR");
	return CRM_OK;
}

static enum crm_err
drain(void *arg, struct diag *dg)
{
	return out_drain(arg, dg);
}

enum crm_err
all_export(struct cli *c)
{
	bool folder;
	enum crm_err err = call_check(c);

	if (!err)
		err = form_read(c, &folder);
	if (!err && !folder)
		err = cli_output(c);
	if (!err)
		err = cli_open(c, false);
	if (err)
		return err;
	if (folder)
		return archive_write_dir(
		    c->store, c->opt.output, NULL, &c->diag);
	/* All of it is of one moment, so the store is not paused for a slow
	 * reader. */
	c->out.store = NULL;
	return archive_write(
	    c->store, &c->out.buf, drain, &c->out, NULL, &c->diag);
}
