/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Module images made to measure, for tests that need many small ones: a name, exports, imports with
 * checksums, a build-id, modinfo lines.  The layout is what kbuild makes for x86-64.
 */
#ifndef SEGUE_TEST_MAKE_MODULE_H
#define SEGUE_TEST_MAKE_MODULE_H

#include <stddef.h>
#include <stdint.h>

struct make_symbol {
	const char *name;
	uint32_t crc;
};

struct make_param {
	const char *name;
	uint16_t mode;
	const char *type;
};

struct make_module {
	const char *name;
	const char *build_id;
	const char *srcversion;
	const char *depends;
	const char *alias;
	struct make_symbol exports[8];
	struct make_symbol imports[8];
	struct make_param params[8];
};

/* The caller frees the bytes. */
unsigned char *make_module(const struct make_module *description, size_t *len);

#endif /* SEGUE_TEST_MAKE_MODULE_H */
