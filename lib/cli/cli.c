/* SPDX-License-Identifier: ISC */
/* cli: how a command starts and ends. */
#include "cli/cli.h"

#include "base/utf8.h"
#include "cli/msg.h"
#include "cli/rooms.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * In the place of libc's own, where a command is linked with it statically:
 * that asks /proc where the program lies, in case a library is to be loaded
 * from beside it, which takes a twentieth of a start. None is: it is not known.
 */
const char *_dl_get_origin(void);

__attribute__((weak)) const char *
_dl_get_origin(void)
{
	return (const char *)-1;
}

/*
 * A descriptor that is closed would be given to the store's file, and what we
 * print would land in it. /dev/null takes its place, opened the wrong way
 * round for 0 and 1, so that their use fails as it would have.
 */
static bool
descriptors_open(void)
{
	static const int mode[] = {O_WRONLY, O_RDONLY, O_WRONLY};
	struct pollfd all[] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};

	/* One call for what it mostly finds. */
	if (poll(all, ARRAY_LEN(all), 0) >= 0 &&
	    !((all[0].revents | all[1].revents | all[2].revents) & POLLNVAL))
		return true;
	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (open("/dev/null", mode[fd]) != fd)
			return false;
	}
	return true;
}

static enum crm_err
words_set(struct cli *c, int argc, char **argv)
{
	size_t n = argc > c->opt.operand ? (size_t)(argc - c->opt.operand) : 0;
	struct str *words = calloc(n + 1, sizeof(*words));
	if (words == NULL)
		return diag_nomem(&c->diag);
	for (size_t i = 0; i < n; i++)
		words[i] = str_from(argv[(size_t)c->opt.operand + i]);
	c->words = words;
	c->nwords = n;
	return CRM_OK;
}

static enum crm_err
origin_set(struct cli *c)
{
	struct buf user = {0};
	size_t bad;

	/* It is printed as crm-tsv, and put into git. */
	if (c->opt.reason && !utf8_valid(str_from(c->opt.reason), &bad))
		return diag_set(&c->diag, CRM_USAGE,
		    "-m: no UTF-8 at byte %zu of '%s'", bad + 1, c->opt.reason);
	place_user(&user);
	if (user.failed) {
		buf_clear(&user);
		return diag_nomem(&c->diag);
	}
	origin_command(c->cmd, NULL, c->words, c->nwords, &c->command);
	if (c->command.failed)
		return diag_nomem(&c->diag);
	c->user = user;
	c->origin = (struct change_origin){
	    .user = str_of(&c->user),
	    .command = str_of(&c->command),
	};
	if (c->opt.reason != NULL)
		c->origin.reason = str_from(c->opt.reason);
	return CRM_OK;
}

enum crm_err
cli_output(struct cli *c)
{
	size_t columns, lines = 0;

	if (c->opt.output && !*c->opt.output)
		return diag_set(
		    &c->diag, CRM_USAGE, "-o: an empty name; write -o FILE");
	enum crm_err err = out_open(&c->out, c->opt.output, &c->diag);
	if (err != CRM_OK)
		return err;
	c->tty_out = term_is(c->out.fd);
	c->out.terminal = c->tty_out;
	if (c->tty_out)
		term_size(c->out.fd, &columns, &lines);
	c->out.page_rows = lines > 1 ? lines - 1 : 0;
	return CRM_OK;
}

static enum crm_err
session_set(struct cli *c, int argc, char **argv)
{
	enum crm_err err = words_set(c, argc, argv);
	if (err == CRM_OK && !c->cmd->opens)
		err = cli_output(c);
	if (err != CRM_OK || c->cmd->wrapper)
		return err;
	err = clock_init(&c->clock, c->opt.today, &c->diag);
	if (err == CRM_OK)
		err = origin_set(c);
	return err;
}

int
cli_start(struct cli *c, const struct command *cmd, int argc, char **argv)
{
	*c = (struct cli){.cmd = cmd, .out = {.fd = -1}};
	if (!descriptors_open())
		return CRM_IO;
	signal(SIGPIPE, SIG_DFL);
	int status = opts_parse(&c->opt, cmd, argc, argv);
	if (status >= 0)
		return status;
	enum crm_err err = session_set(c, argc, argv);
	return err == CRM_OK ? -1 : cli_end(c, err);
}

/* Now it is known which words are ids. */
static enum crm_err
origin_settle(struct cli *c)
{
	buf_reset(&c->command);
	origin_command(
	    c->cmd, store_schema(c->store), c->words, c->nwords, &c->command);
	c->origin.command = str_of(&c->command);
	return c->command.failed ? diag_nomem(&c->diag) : CRM_OK;
}

enum crm_err
cli_open(struct cli *c, bool write)
{
	struct buf path = {0};

	enum crm_err err = place_store(c->opt.store, &path, &c->diag);
	if (err == CRM_OK) {
		struct store_options o = {
		    .path = path.p,
		    .read_only = !write,
		};
		fault_opening(c->cmd->name, path.p);
		/* A file too large is an error of the write then. */
		signal(SIGXFSZ, SIG_IGN);
		err = store_open(&c->store, &o, &c->diag);
		fault_watch(c->store);
	}
	if (err == CRM_OK)
		err = origin_settle(c);
	if (write)
		c->origin.time = clock_now(&c->clock);
	buf_clear(&path);
	c->out.store = c->store;
	return err;
}

/* What is in the buffer is printed in any case: rows before a fault. */
static enum crm_err
output_end(struct cli *c, enum crm_err err)
{
	if (c->out.fd < 0)
		return err;
	struct diag dg = {0};
	bool keep = err == CRM_OK || err == CRM_NO;
	enum crm_err end = out_close(&c->out, keep, &dg);
	if (err == CRM_OK || (err == CRM_NO && end != CRM_OK)) {
		diag_clear(&c->diag);
		c->diag = dg;
		return end;
	}
	diag_clear(&dg);
	return err;
}

int
cli_end(struct cli *c, enum crm_err err)
{
	/* First the store: the reader of our output may take its time. */
	if (c->store != NULL && c->behind > 0)
		store_close(c->store); /* what follows has its own */
	else if (c->store != NULL)
		store_leave(c->store);
	fault_watch(NULL);
	c->store = c->out.store = NULL;
	err = output_end(c, err);
	if (!c->said || diag_text(&c->diag)[0] != '\0')
		msg_diag(c->cmd->name, &c->diag, err);
	commit_history(c);
	free(c->words);
	buf_clear(&c->user);
	buf_clear(&c->command);
	buf_clear(&c->place);
	diag_clear(&c->diag);
	return (int)err;
}

void
cli_warn(struct cli *c, const char *fmt, ...)
{
	if (c->opt.quiet)
		return;
	va_list ap;
	va_start(ap, fmt);
	msg_sayv(c->cmd->name, fmt, ap);
	va_end(ap);
}

void
cli_verbose(struct cli *c, const char *fmt, ...)
{
	if (!c->opt.verbose)
		return;
	va_list ap;
	va_start(ap, fmt);
	msg_sayv(c->cmd->name, fmt, ap);
	va_end(ap);
}
