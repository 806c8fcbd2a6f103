/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Small things that every unit of the command uses: scope-bound cleanup, a byte buffer, a list of
 * strings.  No policy, no I/O.
 */
#ifndef SEGUE_TOOL_UTIL_H
#define SEGUE_TOOL_UTIL_H

#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void cleanup_closedir(DIR **d)
{
	if (*d)
		closedir(*d);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define _cleanup_free_ __attribute__((cleanup(cleanup_free)))
#define _cleanup_fclose_ __attribute__((cleanup(cleanup_fclose)))
#define _cleanup_closedir_ __attribute__((cleanup(cleanup_closedir)))
#define _cleanup_close_ __attribute__((cleanup(cleanup_close)))

struct buf {
	unsigned char *data;
	size_t len;
};

static inline void buf_free(struct buf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = 0;
}

/* Grows the array *items by one zeroed element; NULL if there is no memory. */
void *array_add(void *items, size_t *count, size_t size);

/* Copies as much of @from as fits; the result is always terminated. */
void copy_text(char *to, size_t size, const char *from);

#endif /* SEGUE_TOOL_UTIL_H */
