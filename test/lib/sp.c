// SPDX-License-Identifier: GPL-2.0
/*
 * sp - how far a sound stream of another program has got, all the time
 *
 *	sp FILE		FILE is its status in /proc/asound; until SIGTERM
 *
 * Prints a line "MS FRAMES" each time it has moved: the time, and how far it has got since the last line; "MS 0" when it
 * begins again.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>
#include "program.h"

/* Between two looks: the machine is emulated. */
#define REST_US		5000

/* Its position, and when that was so; nothing can be said of a stream that is closed. */
static int look(const char *path, uint64_t *position, double *moment)
{
	int fd = open(path, O_RDONLY);
	char text[1024], *at;
	ssize_t length;

	if (fd < 0)
		return 0;
	length = read(fd, text, sizeof(text) - 1);
	*moment = now();
	close(fd);
	text[length > 0 ? length : 0] = 0;
	at = strstr(text, "hw_ptr");
	return at && sscanf(at, "hw_ptr : %ju", position) == 1;
}

int main(int argc, char **argv)
{
	uint64_t last = 0, position;
	double moment;

	if (argc != 2) {
		fprintf(stderr, "usage: sp FILE\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (;; usleep(REST_US)) {
		if (!look(argv[1], &position, &moment) || position == last)
			continue;
		if (position < last) {
			printf("%.3f 0\n", moment * 1e3);
			last = 0;
		}
		if (position)
			printf("%.3f %ju\n", moment * 1e3, (uintmax_t)(position - last));
		last = position;
	}
}
