/* SPDX-License-Identifier: ISC */
/* crm-check: verifies the store against itself. */
#include "cli/cli.h"

static const char *const takes[] = {NULL};

static const struct command command = {
    .name = "crm-check",
    .synopsis = "crm-check [-q]",
    .examples = "crm-check && echo sound\n"
		"crm-check | wc -l\n"
		"crm-check -S /backup/crm",
    .takes = takes,
};

static void
fault_print(void *arg, const char *line)
{
	struct cli *c = arg;

	if (c->opt.quiet)
		return;
	buf_addz(&c->out.buf, line);
	buf_addc(&c->out.buf, '\n');
	/* A failed write is remembered and reported at the end. */
	struct diag dg = {0};
	enum crm_err err = out_drain(&c->out, &dg);
	if (err != CRM_OK)
		buf_reset(&c->out.buf);
	diag_clear(&dg);
}

static enum crm_err
store_check(struct cli *c)
{
	uint64_t faults = 0;

	if (c->nwords > 0)
		return diag_set(&c->diag, CRM_USAGE,
		    "operand '%s': crm-check takes none; write -S DIR",
		    c->words[0].p);
	enum crm_err err = cli_open(c, false);
	if (err != CRM_OK)
		return err;
	cli_verbose(c, "%s%s", store_path(c->store),
	    store_missing(c->store) ? ": nothing there yet" : "");
	err = store_verify(c->store, fault_print, c, &faults, &c->diag);
	if (err == CRM_OK && faults > 0)
		err = diag_set(&c->diag, CRM_CONFIG,
		    "%s: %llu fault%s; restore the store from a copy",
		    store_path(c->store), (unsigned long long)faults,
		    faults == 1 ? "" : "s");
	if (err == CRM_OK)
		cli_follow(c);
	return err;
}

int
main(int argc, char **argv)
{
	struct cli c;
	int status = cli_start(&c, &command, argc, argv);
	if (status >= 0)
		return status;
	return cli_end(&c, store_check(&c));
}
