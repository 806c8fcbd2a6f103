/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a unit test needs: CHECK() counts and reports, main() is one list of tests.
 */
#ifndef SEGUE_TEST_UNIT_H
#define SEGUE_TEST_UNIT_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int unit_failed;

#define CHECK(condition)								\
	do {										\
		if (!(condition)) {							\
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);	\
			unit_failed++;							\
		}									\
	} while (0)

#define CHECK_TEXT(text, expected)							\
	do {										\
		if (strcmp(text, expected)) {						\
			fprintf(stderr, "%s:%d: '%s' is not '%s'\n", __FILE__, __LINE__,	\
				text, expected);					\
			unit_failed++;							\
		}									\
	} while (0)

#define CHECK_HAS(text, part)								\
	do {										\
		if (!strstr(text, part)) {						\
			fprintf(stderr, "%s:%d: '%s' does not contain '%s'\n", __FILE__,	\
				__LINE__, text, part);					\
			unit_failed++;							\
		}									\
	} while (0)

static inline int unit_end(void)
{
	return unit_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline unsigned char *unit_read(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	unsigned char *data;

	if (!file) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	fseek(file, 0, SEEK_END);
	*len = ftell(file);
	rewind(file);
	data = malloc(*len + 1);
	if (!data || fread(data, 1, *len, file) != *len)
		exit(EXIT_FAILURE);
	fclose(file);
	return data;
}

#endif /* SEGUE_TEST_UNIT_H */
