/* SPDX-License-Identifier: ISC */
/* base: attributes, sizes and banned names that every other file starts from.
 */
#ifndef CRM_BASE_H
#define CRM_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define CRM_NODISCARD __attribute__((warn_unused_result))
#define CRM_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define CRM_NODISCARD
#define CRM_PRINTF(f, a)
#endif

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Limits of the text dialect and the store, stated in crm-tsv(5). */
enum {
	CRM_FIELD_MAX = 1 << 20,  /* bytes in one value */
	CRM_RECORD_MAX = 1 << 24, /* bytes in one record or one input line */
};

/* Sign extension, overruns and hidden statics start with these. */
#if defined(__GNUC__) && !defined(CRM_NO_BANNED)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol gets
#pragma GCC poison localtime gmtime ctime asctime
#endif

#endif
