/* SPDX-License-Identifier: ISC */
/* crm: "crm find" is crm-find; alone it lists the commands. */
#include "cli/cli.h"
#include "cli/rooms.h"

#include "base/near.h"
#include "cli/spawn.h"

#include <errno.h>
#include <unistd.h>

static const struct command command = {
    .name = "crm",
    .synopsis = "crm\n"
		"crm COMMAND [ARGUMENT...]\n"
		"crm help [COMMAND]",
    .examples = "crm add contact name='Ada Lovelace'\n"
		"crm find ada\n"
		"crm help find",
    .wrapper = true,
};

static const struct {
	const char *name;
	const char *what;
} commands[] = {
    {"add", "add records, or update them by a key"},
    {"log", "log a call, mail, meeting or note"},
    {"find", "select and print records"},
    {"show", "one customer on one page"},
    {"followup", "what is due; add, do and put off tasks"},
    {"segment", "groups of customers: saved ones, RFM, ABC"},
    {"edit", "change fields of records"},
    {"rm", "delete records"},
    {"history", "what was changed by whom; undo"},
    {"import", "take over csv, json, vcard, ics, mail"},
    {"export", "print records as csv, json, vcard, ics, sql ..."},
    {"date", "how a date text is read"},
    {"check", "verify the store"},
    {"body", "run a command on all but the header line"},
};

static void
commands_list(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		buf_addf(out, "%-10s %s\n", commands[i].name, commands[i].what);
	buf_addz(out, "help       the manual of a command\n");
}

static enum crm_err
command_unknown(struct cli *c, const char *name)
{
	struct near near = {.word = str_from(name)};

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		near_offer(&near, str_from(commands[i].name));
	near_offer(&near, STR("help"));
	diag_set(&c->diag, CRM_USAGE, "unknown command '%s'", name);
	if (near.best.n > 0)
		diag_more(&c->diag, "; nearest is %.*s", STR_ARG(near.best));
	diag_more(&c->diag, "; crm alone lists them");
	return CRM_USAGE;
}

/* Becomes crm-NAME; ARGV[0] is replaced by that. Returns only when it could
 * not. */
static enum crm_err
command_run(struct cli *c, const char *argv0, const char *name, char **argv)
{
	struct buf path = {0};
	struct buf file = {0};
	enum crm_err err = CRM_USAGE;

	buf_addf(&file, "crm-%s", name);
	place_folder(argv0, &path);
	bool folder = path.n > 0;
	buf_add(&path, str_of(&file));
	if (file.failed || path.failed) {
		err = diag_nomem(&c->diag);
	} else if (*name == '\0' || strchr(name, '/') != NULL) {
		err = command_unknown(c, name);
	} else {
		path.p[path.n] = '\0';
		argv[0] = file.p;
		if (folder)
			execv(path.p, argv);
		execvp(file.p, argv);
		err = errno == ENOENT
			  ? command_unknown(c, name)
			  : diag_set(&c->diag, CRM_PERM, "crm-%s: %s", name,
				strerror(errno));
	}
	buf_clear(&file);
	buf_clear(&path);
	return err;
}

/* The manual page; without one, what the command says to -h. */
static enum crm_err
command_help(struct cli *c, const char *argv0, const char *name)
{
	char self[] = "crm";
	char letter[] = "-h";
	char *argv[] = {self, letter, NULL};
	struct buf page = {0};
	bool tool = strcmp(name, "crm") != 0;

	buf_addf(&page, "%s%s", tool ? "crm-" : "", name);
	if (page.failed)
		return diag_nomem(&c->diag);
	pid_t pid = strchr(name, '/') ? -1 : spawn_start("man", page.p, -1);
	int status = pid < 0 ? -1 : spawn_wait(pid);
	buf_clear(&page);
	if (status == 0)
		return CRM_OK;
	if (tool)
		return command_run(c, argv0, name, argv);
	opts_help(&command, &c->out.buf);
	return CRM_OK;
}

static enum crm_err
dispatch(struct cli *c, char **argv)
{
	char **words = argv + c->opt.operand;
	const char *name = c->nwords > 0 ? words[0] : "help";

	if (strncmp(name, "crm-", 4) == 0)
		name += 4;
	if (strcmp(name, "help") != 0)
		return command_run(c, argv[0], name, words);
	if (c->nwords < 2) {
		commands_list(&c->out.buf);
		return CRM_OK;
	}
	name = words[1];
	if (strncmp(name, "crm-", 4) == 0)
		name += 4;
	if (strcmp(name, "help") == 0) /* which is crm's own */
		name = "crm";
	return command_help(c, argv[0], name);
}

int
main(int argc, char **argv)
{
	struct cli c;
	int status = cli_start(&c, &command, argc, argv);
	if (status >= 0)
		return status;
	return cli_end(&c, dispatch(&c, argv));
}
