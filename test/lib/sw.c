// SPDX-License-Identifier: GPL-2.0
/*
 * sw - watching a sound card inside the virtual machine, until SIGTERM
 *
 *	sw events CARD		a line for each event of the card's controls
 *	sw ctl32 CARD		list and read the card's controls all the time, as a program of 32 bits
 *	sw poll [IGNORED]	read /proc/asound, /sys/class/sound and /dev/snd all the time; paths that match the
 *				regular expression are left out
 *
 * All print one line of JSON at the end and fail when there was an error, or a difference.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <regex.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <sound/asound.h>
#include "program.h"

/* Between two rounds of polling: the machine is emulated. */
#define REST_US		20000

/* Controls */

static int do_events(char **argv)
{
	struct snd_ctl_event event;
	struct pollfd poller;
	char path[40];
	int one = 1, events = 0, errors = 0;

	snprintf(path, sizeof(path), "/dev/snd/controlC%s", argv[0]);
	poller = (struct pollfd){ .fd = open(path, O_RDONLY | O_NONBLOCK), .events = POLLIN };
	if (poller.fd < 0 || ioctl(poller.fd, SNDRV_CTL_IOCTL_SUBSCRIBE_EVENTS, &one))
		die(path);
	fprintf(stderr, "listening\n");
	while (!stopped && !errors) {
		if (poll(&poller, 1, 1000) <= 0)
			continue;
		errors += (poller.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
		while (read(poller.fd, &event, sizeof(event)) == sizeof(event)) {
			events++;
			fprintf(stderr, "mask %#x numid %u %s\n", event.data.elem.mask,
				event.data.elem.id.numid, event.data.elem.id.name);
		}
	}
	printf("{\"events\": %d, \"errors\": %d}\n", events, errors);
	return errors != 0;
}

/*
 * A system call of 32 bits, from a program of 64; what it is given is static and so lies low enough.
 */
static int ioctl_32(int fd, uint32_t request, void *argument)
{
	int result;

	asm volatile("int $0x80" : "=a"(result)
		     : "a"(54), "b"(fd), "c"(request), "d"((uint32_t)(uintptr_t)argument)
		     : "memory", "r8", "r9", "r10", "r11");
	if (result < 0) {
		errno = -result;
		return -1;
	}
	return result;
}

struct list_32 {
	uint32_t offset, space, used, count, ids;
	uint8_t reserved[50];
};

struct value_32 {
	struct snd_ctl_elem_id id;
	uint32_t indirect;
	int32_t value[128];
	uint8_t reserved[128];
};

#define ELEM_LIST_32	_IOWR('U', 0x10, struct list_32)
#define ELEM_READ_32	_IOWR('U', 0x12, struct value_32)

/* How many controls could be listed and read; what cannot be is an error. */
static unsigned int read_controls_32(int fd, unsigned int *errors)
{
	static struct snd_ctl_elem_id ids[200];
	static struct list_32 list;
	static struct value_32 value;
	static struct snd_pcm_info info;
	unsigned int i;

	memset(&list, 0, sizeof(list));
	list.space = sizeof(ids) / sizeof(*ids);
	list.ids = (uint32_t)(uintptr_t)ids;
	if (ioctl_32(fd, ELEM_LIST_32, &list)) {
		(*errors)++;
		return 0;
	}
	for (i = 0; i < list.used; i++) {
		memset(&value, 0, sizeof(value));
		value.id = ids[i];
		/* Some cannot be read. */
		if (ioctl_32(fd, ELEM_READ_32, &value) && errno != EPERM)
			(*errors)++;
	}
	memset(&info, 0, sizeof(info));
	if (ioctl_32(fd, SNDRV_CTL_IOCTL_PCM_INFO, &info))
		(*errors)++;
	return list.used;
}

static int do_controls_32(char **argv)
{
	unsigned int errors = 0, rounds = 0, controls, fewest = UINT_MAX, most = 0;
	double slowest = 0, began;
	char path[40];
	int fd;

	snprintf(path, sizeof(path), "/dev/snd/controlC%s", argv[0]);
	fd = open(path, O_RDWR);
	if (fd < 0)
		die(path);
	for (; !stopped; rounds++) {
		began = now();
		controls = read_controls_32(fd, &errors);
		if (now() - began > slowest)
			slowest = now() - began;
		if (controls < fewest)
			fewest = controls;
		if (controls > most)
			most = controls;
		usleep(1000);
	}
	printf("{\"rounds\": %u, \"errors\": %u, \"fewest\": %u, \"most\": %u, \"slowest_ms\": %.1f}\n",
	       rounds, errors, fewest, most, slowest * 1e3);
	return errors || fewest != most;
}

/* Files */

struct seen {
	struct seen *next;
	uint64_t round;
	char *path;
	char *content;
};

static struct {
	struct seen *all;
	regex_t ignored;
	bool some_ignored;
	uint64_t round, files, changed, missing;
} files;

static void complain(const char *what, const char *path, uint64_t *count)
{
	if (!(*count)++)
		fprintf(stderr, "%s: %s\n", what, path);
}

/* What there is to say of a file: its content, where it leads to, or which node it is. */
static void describe(const char *path, const struct stat *s, char *text, size_t size)
{
	ssize_t length;
	int fd;

	memset(text, 0, size);
	if (S_ISLNK(s->st_mode)) {
		length = readlink(path, text, size - 1);
	} else if (S_ISREG(s->st_mode)) {
		fd = open(path, O_RDONLY);
		length = fd < 0 ? -1 : read(fd, text, size - 1);
		if (fd >= 0)
			close(fd);
	} else {
		length = snprintf(text, size, "%o %u:%u", s->st_mode, major(s->st_rdev), minor(s->st_rdev));
	}
	if (length < 0)
		snprintf(text, size, "error %d", errno);
}

static int visit(const char *path, const struct stat *s, int type, struct FTW *walk)
{
	static char text[65536];
	struct seen *file;

	(void)walk;
	if (type == FTW_NS || (files.some_ignored && !regexec(&files.ignored, path, 0, NULL, 0)))
		return 0;
	describe(path, s, text, sizeof(text));
	for (file = files.all; file && strcmp(file->path, path); file = file->next)
		;
	if (!file) {
		file = calloc(1, sizeof(*file));
		file->path = strdup(path);
		file->content = strdup(text);
		file->next = files.all;
		files.all = file;
		files.files++;
		if (files.round)
			complain("new", path, &files.changed);
	} else if (strcmp(file->content, text)) {
		complain("changed", path, &files.changed);
		free(file->content);
		file->content = strdup(text);
	}
	file->round = files.round;
	return 0;
}

static void walk_all(void)
{
	char path[PATH_MAX];
	struct seen *file;
	int card;

	nftw("/proc/asound", visit, 16, FTW_PHYS);
	nftw("/dev/snd", visit, 16, FTW_PHYS);
	nftw("/sys/class/sound", visit, 16, FTW_PHYS);
	for (card = 0; card < 4; card++) {
		snprintf(path, sizeof(path), "/sys/class/sound/card%d/", card);
		nftw(path, visit, 16, FTW_PHYS);
	}
	for (file = files.all; file; file = file->next) {
		if (file->round != files.round)
			complain("missing", file->path, &files.missing);
		file->round = files.round;
	}
}

static int do_poll(char **argv)
{
	double slowest = 0, began, spent;

	files.some_ignored = argv[0];
	if (argv[0] && regcomp(&files.ignored, argv[0], REG_EXTENDED | REG_NOSUB))
		die(argv[0]);
	for (; !stopped; files.round++) {
		began = now();
		walk_all();
		spent = now() - began;
		if (spent > slowest)
			slowest = spent;
		usleep(REST_US);
	}
	printf("{\"rounds\": %ju, \"files\": %ju, \"changed\": %ju, \"missing\": %ju, \"slowest_ms\": %.1f}\n",
	       (uintmax_t)files.round, (uintmax_t)files.files, (uintmax_t)files.changed, (uintmax_t)files.missing,
	       slowest * 1e3);
	return files.changed || files.missing;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	const char *what = argc > 1 ? argv[1] : "";

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (!strcmp(what, "events") && argc == 3)
		return do_events(argv + 2);
	if (!strcmp(what, "ctl32") && argc == 3)
		return do_controls_32(argv + 2);
	if (!strcmp(what, "poll") && argc <= 3)
		return do_poll(argv + 2);
	fprintf(stderr, "usage: see test/lib/sw.c\n");
	return 2;
}
