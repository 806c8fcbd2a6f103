// SPDX-License-Identifier: GPL-2.0
/* Small things that every unit of the command uses, see util.h. */
#include <string.h>

#include "util.h"

void *array_add(void *items, size_t *count, size_t size)
{
	void **array = items;
	char *grown;

	grown = reallocarray(*array, *count + 1, size);
	if (!grown)
		return NULL;
	*array = grown;
	grown += *count * size;
	memset(grown, 0, size);
	(*count)++;
	return grown;
}

void copy_text(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size - 1);

	memcpy(to, from, len);
	to[len] = '\0';
}
