/* SPDX-License-Identifier: ISC */
/*
 * no_tls: libgit2 reads the certificates of all authorities when it starts,
 * and where it does so with mbed TLS that is a third of what crm-history does.
 * No history is ever fetched from a server: so it finds no certificate, for
 * the dynamic linker takes the function of the program before that of the
 * library. A connection, if there were one, would be refused.
 */
int mbedtls_x509_crt_parse_file(void *chain, const char *path);

int
mbedtls_x509_crt_parse_file(void *chain, const char *path)
{
	(void)chain;
	(void)path;
	return 0;
}
