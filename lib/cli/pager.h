/* SPDX-License-Identifier: ISC */
/* pager: long output on a terminal goes through CRM_PAGER, PAGER or less. */
#ifndef CRM_PAGER_H
#define CRM_PAGER_H

#include "cli/out.h"

/*
 * Before the first byte is written: starts a pager when O holds more than
 * page_rows lines and lets O write to it. Without one that starts, O stays as
 * it is. page_rows is 0 afterwards.
 */
void pager_start(struct out *o);

#endif
