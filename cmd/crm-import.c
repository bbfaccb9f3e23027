/* SPDX-License-Identifier: ISC */
/* crm-import: records out of the files of other programs. */
#include "crm-import/job.h"

static const char *const takes[] = {"dry-run::say what would change",
    "key:FIELDS:update what has the same FIELD, tried in order",
    "profile:NAME:columns of google, outlook, hubspot-... or none",
    "map:FILE:columns as this profile says",
    "suggest::print a profile for FILE",
    "format:FORMAT:csv tsv json jsonl vcard ics mbox", "delimiter", "encoding",
    "lenient", "raw::apostrophes stand as they are", "columns",
    "keep-going::store good rows", "rejects", "empty", "create", "reason",
    NULL};

static const struct command command = {
    .name = "crm-import",
    .synopsis = "crm-import [-nqv] [-k FIELD[,FIELD...]] [OPTION...] [KIND] "
		"FILE...|-\n"
		"crm-import --suggest [KIND] FILE|-\n"
		"crm-import --suggest --profile NAME",
    .examples = "crm-import -n contacts.csv\n"
		"crm-import -k email --create contact people.csv\n"
		"crm-import --suggest leads.csv >leads.profile",
    .takes = takes,
    .keeps = "x",
};

/* ---- the call --------------------------------------------------------- */

static enum crm_err
format_read(struct job *j)
{
	static const struct {
		const char *name;
		enum sniff_format format;
	} formats[] = {
	    {"csv", SNIFF_CSV},
	    {"tsv", SNIFF_TSV},
	    {"json", SNIFF_JSON},
	    {"jsonl", SNIFF_JSONL},
	    {"vcard", SNIFF_VCARD},
	    {"vcf", SNIFF_VCARD},
	    {"ics", SNIFF_ICAL},
	    {"mbox", SNIFF_MBOX},
	};
	const char *name = j->c->opt.format;

	if (!name)
		return CRM_OK;
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strcmp(name, formats[i].name) == 0) {
			j->format = formats[i].format;
			return CRM_OK;
		}
	return diag_set(&j->c->diag, CRM_USAGE,
	    "-O: unknown format '%s'; take csv, tsv, json, jsonl, vcard, ics "
	    "or mbox, or leave it to be found out",
	    name);
}

static enum crm_err
delimiter_read(struct job *j)
{
	const char *text = j->c->opt.delimiter;

	if (!text)
		return CRM_OK;
	if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
		text = "\t";
	if (strlen(text) != 1 || *text == '"' || *text == '\n' ||
	    *text == '\r' || (unsigned char)*text >= 0x80)
		return diag_set(&j->c->diag, CRM_USAGE,
		    "--delimiter: '%s' is not one character of ASCII; take , "
		    "; | or tab",
		    j->c->opt.delimiter);
	j->delimiter = *text;
	if (j->format == SNIFF_UNKNOWN)
		j->format = SNIFF_CSV;
	return CRM_OK;
}

static enum crm_err
keys_read(struct job *j)
{
	struct str rest = {0};

	if (j->c->opt.key)
		rest = str_from(j->c->opt.key);
	while (rest.p) {
		struct str name = str_trim(str_cut(&rest, ','));

		if (name.n == 0)
			continue;
		if (j->nkeys == KEYS)
			return diag_set(&j->c->diag, CRM_USAGE,
			    "-k: more than %d fields; name fewer", KEYS);
		j->keys[j->nkeys++] = name;
		j->own = j->own || str_is(name, "id");
	}
	j->own = j->own || j->nkeys == 0;
	return CRM_OK;
}

/* A kind, unless it is the only word: then it is a file. */
static enum crm_err
operands_read(struct job *j)
{
	const struct schema *s = store_schema(j->c->store);
	struct cli *c = j->c;
	struct diag lost = {0};

	j->files = c->words;
	j->nfiles = c->nwords;
	if (c->nwords > 1 &&
	    schema_find_kind(s, c->words[0], &j->kind, &lost) == CRM_OK) {
		j->files++;
		j->nfiles--;
	}
	diag_clear(&lost);
	if (j->nfiles > 0 || (c->opt.suggest && c->opt.profile))
		return CRM_OK;
	return diag_set(&c->diag, CRM_USAGE,
	    "no file; write crm-import FILE, or - for standard input");
}

static enum crm_err
call_read(struct job *j)
{
	const char *name = j->c->opt.encoding;
	enum crm_err err = format_read(j);

	if (!err)
		err = delimiter_read(j);
	if (!err)
		err = keys_read(j);
	if (!err && name) {
		err = encoding_parse(str_from(name), &j->encoding, &j->c->diag);
		j->encoding_told = true;
	}
	if (!err)
		err = cli_open(j->c, !j->c->opt.suggest);
	if (!err)
		err = operands_read(j);
	if (!err)
		err = profile_open(j, &j->c->diag);
	return err;
}

/* ---- the run ---------------------------------------------------------- */

static enum crm_err
import_open(struct job *j)
{
	struct cli *c = j->c;
	struct writer_options wo = {.clock = &c->clock,
	    .create = c->opt.create,
	    .warn = report_warn,
	    .made = report_named,
	    .changed = c->opt.verbose ? report_changed : NULL,
	    .arg = j};
	struct import_options io = {.clock = &c->clock,
	    .kind = j->kind,
	    .keys = j->keys,
	    .nkeys = j->nkeys,
	    .clear_empty = c->opt.clear_empty,
	    .tmp = getenv("TMPDIR"),
	    .stored = report_stored,
	    .refused = report_refused,
	    .made = report_made,
	    .progress = report_progress,
	    .warn = report_warn,
	    .arg = j};
	enum crm_err err = store_begin(c->store, &c->origin, true, &c->diag);

	if (!err)
		err = writer_new(&j->writer, c->store, &wo, &c->diag);
	if (!err)
		err =
		    import_new(&j->import, j->writer, c->store, &io, &c->diag);
	return err ? err : report_open(j);
}

static enum crm_err
rows_import(struct job *j, struct input *in)
{
	struct diag *dg = &j->c->diag;
	const struct profile *p = j->profile;
	struct import_count n;
	enum crm_err err = input_rows(j, in, dg);

	if (err)
		return err;
	if (in->profile)
		p = in->profile;
	j->input = in;
	err = import_rows(j->import, &in->ahead, in->name, p, dg);
	j->input = NULL;
	n = import_count(j->import);
	j->rows = n.added + n.updated + n.same + n.refused + n.waiting;
	return input_fault(in, err, dg);
}

static enum crm_err
input_import(struct job *j, const char *file)
{
	struct input in;
	enum crm_err err = input_open(j, file, &in, &j->c->diag);

	if (!err && in.sniff.format == SNIFF_DUMP)
		err = whole_file(j, &in);
	else if (!err)
		err = j->import ? CRM_OK : import_open(j);
	if (!err && in.sniff.format == SNIFF_MBOX)
		err = mail_box(j, &in);
	else if (!err && in.sniff.format != SNIFF_DUMP)
		err = rows_import(j, &in);
	input_close(&in);
	return err;
}

/* Mail in files of its own: a Maildir, a message. */
static enum crm_err
mail_import(struct job *j, const char *file)
{
	enum crm_err err = j->import ? CRM_OK : import_open(j);

	if (err)
		return err;
	return mail_is_dir(file) ? mail_dir(j, file) : mail_message(j, file);
}

static enum crm_err
file_import(struct job *j, const char *file)
{
	if (whole_is(file))
		return whole_dir(j, file);
	if (mail_is_dir(file) ||
	    (import_mail_is_eml(str_from(file)) && !j->c->opt.format))
		return mail_import(j, file);
	return input_import(j, file);
}

/* The names live as long as the run: rows that wait bear them. */
static enum crm_err
names_copy(struct job *j)
{
	j->names = calloc(j->nfiles + 1, sizeof(*j->names));
	for (size_t i = 0; j->names && i < j->nfiles; i++)
		buf_add(&j->names[i], j->files[i]);
	for (size_t i = 0; j->names && i < j->nfiles; i++)
		if (j->names[i].failed)
			return diag_nomem(&j->c->diag);
	return j->names ? CRM_OK : diag_nomem(&j->c->diag);
}

static enum crm_err
files_import(struct job *j)
{
	enum crm_err err = names_copy(j);

	if (!err)
		err = inputs_check(j, &j->c->diag);
	if (!err)
		err = rejects_check(j, &j->c->diag);
	for (size_t i = 0; !err && i < j->nfiles; i++)
		err = file_import(j, buf_z(&j->names[i]));
	if (!err && j->import)
		err = import_end(j->import, &j->c->diag);
	j->ended = err == CRM_OK;
	return err;
}

static void
job_clear(struct job *j)
{
	progress_wipe(&j->progress);
	import_free(j->import);
	import_mail_free(j->mail);
	writer_free(j->writer);
	emit_free(j->emit);
	buf_clear(&j->pending);
	profile_free(j->profile);
	for (size_t i = 0; i < j->nfound; i++)
		profile_free(j->found[i]);
	free(j->found);
	for (size_t i = 0; j->names && i < j->nfiles; i++)
		buf_clear(&j->names[i]);
	free(j->names);
}

/* Refused rows stop all the others, unless those are wanted. */
static enum crm_err
refusals_weigh(struct job *j)
{
	uint64_t unknown;
	struct import_count n = report_sum(j, &unknown);
	unsigned long long all = n.added + n.updated + n.same + n.refused;

	if (n.refused == 0 || j->c->opt.keep_going)
		return CRM_OK;
	return diag_set(&j->c->diag, CRM_DATA,
	    "%llu of %llu rows refused, nothing stored; mend them, or store "
	    "the others with --keep-going%s",
	    (unsigned long long)n.refused, all,
	    j->c->opt.rejects ? "" : " and the refused in --rejects FILE");
}

/* What comes of it is said: in the end, and of a dry run what would. */
static enum crm_err
outcome_say(struct job *j, bool told, struct diag *dg)
{
	if (!told) {
		report_failed(j);
		return CRM_OK;
	}
	report_count(j);
	return j->emit ? emit_end(j->emit, dg) : CRM_OK;
}

static enum crm_err
transaction_end(struct job *j, enum crm_err err)
{
	struct cli *c = j->c;
	bool dry = c->opt.dry_run && !err;
	struct diag lost = {0};
	uint64_t unknown;
	enum crm_err said;

	if (!err)
		err = refusals_weigh(j);
	if (err || c->opt.dry_run)
		store_abort(c->store);
	else
		err = cli_commit(c);
	said = outcome_say(j, !err || dry, err ? &lost : &c->diag);
	diag_clear(&lost);
	err = err ? err : said;
	if (!err && report_sum(j, &unknown).refused)
		err = CRM_NO;
	return err;
}

static enum crm_err
run(struct job *j)
{
	enum crm_err err = call_read(j), closed;

	if (err)
		return err;
	if (j->c->opt.suggest)
		return suggest_run(j);
	err = files_import(j);
	if (j->import)
		err = transaction_end(j, err);
	/* Rejects are of use when nothing was stored, too; but not some of
	 * them, where the rest was never looked at. */
	closed = report_close(
	    j, j->ended && (err == CRM_OK || err == CRM_NO || err == CRM_DATA));
	return err ? err : closed;
}

int
main(int argc, char **argv)
{
	struct cli c;
	struct job j = {.c = &c};
	int status = cli_start(&c, &command, argc, argv);
	enum crm_err err;

	if (status >= 0)
		return status;
	err = run(&j);
	job_clear(&j);
	return cli_end(&c, err);
}
