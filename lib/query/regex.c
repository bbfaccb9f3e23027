/* SPDX-License-Identifier: ISC */
/* regex: interpreted, not compiled to machine code: most runs of a command
 * match a few thousand short texts, which the compiler would not repay. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "query/regex.h"

#include <pcre2.h>

enum {
	REGEX_STEPS = 200000,  /* per text */
	REGEX_DEPTH = 5000,    /* nested backtracking points */
	REGEX_HEAP_KIB = 8192, /* memory for them */
};

struct regex {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
	struct buf pattern;
};

static enum crm_err
regex_setup(struct regex *re, struct diag *dg)
{
	re->match = pcre2_match_data_create(1, NULL);
	re->limits = pcre2_match_context_create(NULL);
	if (!re->match || !re->limits || re->pattern.failed)
		return diag_nomem(dg);
	pcre2_set_match_limit(re->limits, REGEX_STEPS);
	pcre2_set_depth_limit(re->limits, REGEX_DEPTH);
	pcre2_set_heap_limit(re->limits, REGEX_HEAP_KIB);
	return CRM_OK;
}

enum crm_err
regex_new(struct regex **out, struct str pattern, struct diag *dg)
{
	struct regex *re = calloc(1, sizeof(*re));
	enum crm_err err;
	PCRE2_UCHAR text[256] = "";
	PCRE2_SIZE at = 0;
	int why = 0;

	*out = NULL;
	if (!re)
		return diag_nomem(dg);
	re->code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n,
	    PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C,
	    &why, &at, NULL);
	if (!re->code) {
		pcre2_get_error_message(why, text, sizeof(text));
		err = diag_set(dg, CRM_USAGE,
		    "bad regular expression '%.*s' at its byte %zu: %s",
		    STR_ARG(pattern), (size_t)at + 1, (const char *)text);
		goto out;
	}
	buf_add(&re->pattern, pattern);
	err = regex_setup(re, dg);
out:
	if (err) {
		regex_free(re);
		re = NULL;
	}
	*out = re;
	return err;
}

enum crm_err
regex_match(struct regex *re, struct str text, bool *yes, struct diag *dg)
{
	int rc = pcre2_match(re->code, (PCRE2_SPTR)(text.p ? text.p : ""),
	    text.n, 0, PCRE2_NO_UTF_CHECK, re->match, re->limits);

	*yes = rc >= 0;
	if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH)
		return CRM_OK;
	if (rc == PCRE2_ERROR_NOMEMORY)
		return diag_nomem(dg);
	return diag_set(dg, CRM_USAGE,
	    "the regular expression '%s' takes too long; write one with fewer "
	    "nested repetitions, or use FIELD:WORD",
	    buf_z(&re->pattern));
}

void
regex_free(struct regex *re)
{
	if (!re)
		return;
	pcre2_code_free(re->code);
	pcre2_match_data_free(re->match);
	pcre2_match_context_free(re->limits);
	buf_clear(&re->pattern);
	free(re);
}
