/* SPDX-License-Identifier: ISC */
/* crm-show: one customer, or any record, on one page. */
#include "crm/show.h"
#include "cli/cli.h"
#include "cli/rooms.h"

enum { WIDTH = 80, ACTIVITIES = 10 };

static const char *const takes[] = {"all", "limit", "format", "output", NULL};

static const struct command command = {
    .name = "crm-show",
    .synopsis = "crm-show [-aqv] [-l N] [-O text|json] [-o FILE] REF...|-",
    .examples = "crm-show ada@example.org\n"
		"crm-show -a c42 | less\n"
		"crm-show -O json c42 | jq .record",
    .takes = takes,
};

static enum crm_err
read_format(struct cli *c, bool *json)
{
	struct str word = str_from(c->opt.format ? c->opt.format : "text");

	*json = str_is(word, "json") || str_is(word, "jsonl");
	if (*json || str_is(word, "text"))
		return CRM_OK;
	return diag_set(&c->diag, CRM_USAGE,
	    "-O: a page has no format '%.*s'; write text or json, or use "
	    "crm-find",
	    STR_ARG(word));
}

static void
read_options(struct cli *c, struct show_options *o)
{
	size_t lines;

	clock_settle(&c->clock);
	*o = (struct show_options){
	    .clock = &c->clock, .all = c->opt.all, .width = WIDTH};
	if (c->tty_out) {
		term_size(c->out.fd, &o->width, &lines);
		o->colour = term_colour(c->opt.color, true);
	}
	o->activities =
	    c->opt.limit < SIZE_MAX ? (size_t)c->opt.limit : ACTIVITIES;
	if (!o->width)
		o->width = WIDTH;
}

static enum crm_err
run(struct cli *c)
{
	struct show_options o;
	struct id *ids = NULL;
	size_t n = 0;
	enum crm_err err;
	bool json = false;

	if (!c->nwords)
		return diag_set(&c->diag, CRM_USAGE,
		    "no record; write crm-show REF, or - for records on "
		    "standard input");
	err = read_format(c, &json);
	if (!err)
		err = cli_open(c, false);
	if (!err)
		err = cli_refs(c, NULL, c->words, c->nwords, &ids, &n);
	if (!err)
		read_options(c, &o);
	for (size_t i = 0; !err && i < n; i++) {
		size_t start = c->out.buf.n;

		if (i && !json)
			buf_addc(&c->out.buf, '\n');
		c->out.safe = !json;
		err = json ? show_json(c->store, ids[i], &c->clock.zone,
				 &c->out.buf, &c->diag)
			   : show_page(
				 c->store, ids[i], &o, &c->out.buf, &c->diag);
		if (!err)
			err = out_drain(&c->out, &c->diag);
		else /* half a page would look like a whole one */
			c->out.buf.n = start;
	}
	free(ids);
	return err;
}

int
main(int argc, char **argv)
{
	struct cli c;
	int status = cli_start(&c, &command, argc, argv);

	if (status >= 0)
		return status;
	return cli_end(&c, run(&c));
}
