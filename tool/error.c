// SPDX-License-Identifier: GPL-2.0
/* Errors of the command, see error.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

/* Text from images and files may hold any byte; a message stays one printable line. */
static void make_printable(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
	}
}

int error_set(struct error *err, int exit_code, const char *format, ...)
{
	va_list ap;

	err->exit_code = exit_code;
	va_start(ap, format);
	vsnprintf(err->text, sizeof(err->text), format, ap);
	va_end(ap);
	make_printable(err->text);
	return -1;
}

int error_prefix(struct error *err, const char *format, ...)
{
	char rest[sizeof(err->text)];
	size_t used;
	va_list ap;

	memcpy(rest, err->text, sizeof(rest));
	va_start(ap, format);
	vsnprintf(err->text, sizeof(err->text), format, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, "%s", rest);
	make_printable(err->text);
	return -1;
}

int error_memory(struct error *err)
{
	return error_set(err, EXIT_USAGE, "out of memory; free some and try again");
}
