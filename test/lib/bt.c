// SPDX-License-Identifier: GPL-2.0
/*
 * bt - block traffic and polling inside the virtual machine
 *
 *	bt append FILE SLOT		append records and fsync() each, until SIGTERM
 *	bt ring FILE BLOCKS SLOT	write blocks round and round past the page cache, each O_DSYNC
 *	bt lines SLOT [FILE]		count the lines of standard input that are numbers, as acknowledged;
 *					FILE gets a line "MS 1" for each, since the start
 *	bt check append FILE SLOT	is every acknowledged record of a file there and intact?
 *	bt check ring FILE BLOCKS SLOT
 *	bt acked SLOT			what was acknowledged there
 *	bt fill FILE BLOCKS		write blocks for "read"
 *	bt read FILE BLOCKS		read them at random, past the page cache, and check them, until SIGTERM
 *	bt nowait FILE BLOCKS		the same without ever waiting (RWF_NOWAIT); EAGAIN is an answer
 *	bt again <FILE			one read that must not wait, when it would have to: fails unless told EAGAIN
 *	bt hog MIB			use so much memory again and again, until SIGTERM
 *	bt poll DISK...			read counters, values and nodes of disks all the time, until SIGTERM
 *	bt geometry <FILE		a control call that the driver itself answers
 *
 * What a writer has been promised is counted in the slots of a shared memory device of QEMU, behind which is
 * a file on the host: it is complete at every moment, also when the virtual machine is killed.  All but
 * "acked" print one line of JSON at the end and fail when there was an error.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>
#include "program.h"

#define BLOCK		4096
#define RECORD		512
#define SLOTS		64
/* Between two operations; more than one job runs on a machine that is emulated. */
#define REST_US		4000
#define SLOT_MAGIC	0x73656775652d6f6bULL

struct slot {
	uint64_t magic;
	uint64_t seed;
	uint64_t acked;
	uint64_t unused[5];
};

struct header {
	uint64_t seed;
	uint64_t seq;
};

/* Maps the memory that the host keeps; a slot of it belongs to one writer. */
static volatile struct slot *slot_of(const char *word)
{
	char path[80] = "";
	unsigned long index = strtoul(word, NULL, 10);
	glob_t found;
	void *memory;
	int fd;
	size_t i;

	if (index >= SLOTS)
		die("no such slot");
	glob("/sys/bus/pci/devices/*/device", 0, NULL, &found);
	for (i = 0; i < found.gl_pathc; i++) {
		char text[16] = "";

		fd = open(found.gl_pathv[i], O_RDONLY);
		if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
			die(found.gl_pathv[i]);
		close(fd);
		if (!strcmp(text, "0x1110\n"))
			snprintf(path, sizeof(path), "%.*s/resource2",
				 (int)strlen(found.gl_pathv[i]) - 7, found.gl_pathv[i]);
	}
	fd = open(path, O_RDWR);
	if (fd < 0)
		die("shared memory device");
	memory = mmap(NULL, SLOTS * sizeof(struct slot), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		die("shared memory device");
	return (volatile struct slot *)memory + index;
}

static volatile struct slot *slot_new(const char *word)
{
	volatile struct slot *slot = slot_of(word);
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	slot->acked = 0;
	slot->seed = t.tv_sec * 1000003ULL + t.tv_nsec + getpid();
	slot->magic = SLOT_MAGIC;
	return slot;
}

static volatile struct slot *slot_used(const char *word)
{
	volatile struct slot *slot = slot_of(word);

	errno = ENODATA;
	if (slot->magic != SLOT_MAGIC)
		die("slot");
	return slot;
}

/* The content of a record follows from its number and the writer's seed (splitmix64). */
static void make(uint64_t *words, size_t size, uint64_t seed, uint64_t seq)
{
	struct header *header = (struct header *)words;
	uint64_t state = seed ^ (seq * 0xd6e8feb86659fd93ULL);
	size_t i;

	header->seed = seed;
	header->seq = seq;
	for (i = sizeof(*header) / 8; i < size / 8; i++) {
		uint64_t z = (state += 0x9e3779b97f4a7c15ULL);

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
		words[i] = z ^ (z >> 31);
	}
}

static bool intact(const uint64_t *words, size_t size, uint64_t seed, uint64_t seq)
{
	static uint64_t want[BLOCK / 8];

	make(want, size, seed, seq);
	return !memcmp(words, want, size);
}

/* Latencies of what an application waits for. */
struct times {
	uint64_t count;
	uint64_t slow;
	double began;
	double longest;
	double longest_at;
};

static void times_add(struct times *times, double since)
{
	double spent = now() - since;

	times->count++;
	times->slow += spent > 0.1;
	if (spent > times->longest) {
		times->longest = spent;
		times->longest_at = since - times->began;
	}
}

static void times_print(const struct times *times, uint64_t errors)
{
	printf("{\"done\": %ju, \"errors\": %ju, \"longest_ms\": %.1f, \"longest_at_s\": %.2f, "
	       "\"over_100_ms\": %ju, \"start_s\": %.3f, \"seconds\": %.1f}\n", times->count, errors,
	       times->longest * 1e3, times->longest_at, times->slow, times->began,
	       now() - times->began);
}

static int do_append(char **argv)
{
	volatile struct slot *slot = slot_new(argv[1]);
	struct times times = { .began = now() };
	uint64_t words[RECORD / 8], errors = 0;
	int fd = open(argv[0], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);

	if (fd < 0 || fsync(fd))
		die(argv[0]);
	while (!stopped && !errors) {
		double t = now();

		make(words, sizeof(words), slot->seed, slot->acked);
		if (write(fd, words, sizeof(words)) != sizeof(words) || fsync(fd)) {
			fprintf(stderr, "append %s: %s\n", argv[0], strerror(errno));
			errors++;
			break;
		}
		slot->acked++;
		times_add(&times, t);
		usleep(REST_US);
	}
	times_print(&times, errors);
	return errors != 0;
}

static void *aligned(void)
{
	void *block;

	if (posix_memalign(&block, BLOCK, BLOCK))
		die("memory");
	return block;
}

static int do_ring(char **argv)
{
	uint64_t blocks = strtoull(argv[1], NULL, 10), errors = 0;
	volatile struct slot *slot = slot_new(argv[2]);
	struct times times = { .began = now() };
	uint64_t *words = aligned();
	int fd = open(argv[0], O_WRONLY | O_CREAT | O_DIRECT | O_DSYNC, 0644);

	if (fd < 0)
		die(argv[0]);
	while (!stopped && !errors) {
		double t = now();

		make(words, BLOCK, slot->seed, slot->acked);
		if (pwrite(fd, words, BLOCK, slot->acked % blocks * BLOCK) != BLOCK) {
			fprintf(stderr, "ring %s: %s\n", argv[0], strerror(errno));
			errors++;
			break;
		}
		slot->acked++;
		times_add(&times, t);
		usleep(REST_US);
	}
	times_print(&times, errors);
	return errors != 0;
}

static int do_lines(char **argv)
{
	volatile struct slot *slot = slot_new(argv[0]);
	struct times times = { .began = now() };
	FILE *timeline = argv[1] ? fopen(argv[1], "w") : NULL;
	uint64_t errors = 0;
	char line[256];
	double t = now();

	if (argv[1] && !timeline)
		die(argv[1]);
	/* Ends with its input, not by a signal: what is still in the pipe has been promised too. */
	while (fgets(line, sizeof(line), stdin)) {
		if (strspn(line, "0123456789") != strcspn(line, "\n")) {
			fprintf(stderr, "%s", line);
			errors++;
			continue;
		}
		slot->acked = strtoull(line, NULL, 10);
		times_add(&times, t);
		t = now();
		if (timeline) {
			fprintf(timeline, "%.0f 1\n", (t - times.began) * 1e3);
			fflush(timeline);
		}
	}
	times_print(&times, errors);
	return errors != 0;
}

static int check_print(uint64_t acked, uint64_t lost, uint64_t beyond)
{
	printf("{\"acked\": %ju, \"errors\": %ju, \"beyond\": %ju}\n", acked, lost, beyond);
	return lost || !acked;
}

/* Every acknowledged record; what comes after them may be there, wholly or in part. */
static int check_append(char **argv)
{
	volatile struct slot *slot = slot_used(argv[1]);
	uint64_t words[RECORD / 8], seq, lost = 0;
	struct stat st;
	int fd = open(argv[0], O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		die(argv[0]);
	for (seq = 0; seq < slot->acked; seq++) {
		if (pread(fd, words, RECORD, seq * RECORD) == RECORD &&
		    intact(words, RECORD, slot->seed, seq))
			continue;
		if (!lost++)
			fprintf(stderr, "record %ju of %ju is not there\n", seq, slot->acked);
	}
	return check_print(slot->acked, lost, st.st_size / RECORD - slot->acked + lost);
}

/* Each block holds the last acknowledged record of its place, or the one that was on its way. */
static int check_ring(char **argv)
{
	uint64_t blocks = strtoull(argv[1], NULL, 10), index, lost = 0, beyond = 0;
	volatile struct slot *slot = slot_used(argv[2]);
	uint64_t acked = slot->acked, *words = aligned();
	int fd = open(argv[0], O_RDONLY | O_DIRECT);

	if (fd < 0)
		die(argv[0]);
	for (index = 0; index < blocks && index < acked; index++) {
		uint64_t last = acked - 1 - (acked - 1 - index) % blocks;

		if (pread(fd, words, BLOCK, index * BLOCK) != BLOCK)
			die(argv[0]);
		if (intact(words, BLOCK, slot->seed, last))
			continue;
		/* The one that was on its way: it may be torn, but in 512-byte sectors only. */
		if (acked % blocks == index) {
			beyond++;
			continue;
		}
		if (!lost++)
			fprintf(stderr, "block %ju holds record %ju, not %ju\n", index,
				words[1], last);
	}
	return check_print(acked, lost, beyond);
}

static int do_check(char **argv)
{
	if (!strcmp(argv[0], "append"))
		return check_append(argv + 1);
	if (!strcmp(argv[0], "ring") && argv[3])
		return check_ring(argv + 1);
	errno = EINVAL;
	die(argv[0]);
	return 1;
}

static int do_acked(char **argv)
{
	printf("%ju\n", slot_used(argv[0])->acked);
	return 0;
}

static int do_fill(char **argv)
{
	uint64_t blocks = strtoull(argv[1], NULL, 10), i;
	struct times times = { .began = now() };
	uint64_t *words = aligned();
	int fd = open(argv[0], O_WRONLY | O_CREAT, 0644);

	if (fd < 0)
		die(argv[0]);
	for (i = 0; i < blocks; i++) {
		make(words, BLOCK, BLOCK, i);
		if (pwrite(fd, words, BLOCK, i * BLOCK) != BLOCK)
			die(argv[0]);
	}
	if (fsync(fd))
		die(argv[0]);
	times_print(&times, 0);
	return 0;
}

static int do_read(char **argv)
{
	uint64_t blocks = strtoull(argv[1], NULL, 10), errors = 0, state = getpid();
	struct times times = { .began = now() };
	uint64_t *words = aligned();
	int fd = open(argv[0], O_RDONLY | O_DIRECT);

	if (fd < 0)
		die(argv[0]);
	while (!stopped && !errors) {
		uint64_t i = (state = state * 6364136223846793005ULL + 1442695040888963407ULL);
		double t = now();

		i = (i >> 33) % blocks;
		if (pread(fd, words, BLOCK, i * BLOCK) != BLOCK) {
			fprintf(stderr, "read %s: %s\n", argv[0], strerror(errno));
			errors++;
		} else if (!intact(words, BLOCK, BLOCK, i)) {
			fprintf(stderr, "read %s: block %ju is another\n", argv[0], i);
			errors++;
		}
		times_add(&times, t);
		usleep(REST_US);
	}
	times_print(&times, errors);
	return errors != 0;
}

static int do_nowait(char **argv)
{
	uint64_t blocks = strtoull(argv[1], NULL, 10), errors = 0, again = 0, state = getpid();
	struct times times = { .began = now() };
	struct iovec part = { .iov_base = aligned(), .iov_len = BLOCK };
	int fd = open(argv[0], O_RDONLY | O_DIRECT);

	if (fd < 0)
		die(argv[0]);
	while (!stopped && !errors) {
		uint64_t i = (state = state * 6364136223846793005ULL + 1442695040888963407ULL);
		double t = now();
		ssize_t n;

		i = (i >> 33) % blocks;
		n = preadv2(fd, &part, 1, i * BLOCK, RWF_NOWAIT);
		if (n < 0 && errno == EAGAIN) {
			again++;
		} else if (n != BLOCK || !intact(part.iov_base, BLOCK, BLOCK, i)) {
			fprintf(stderr, "nowait %s: %zd, %s\n", argv[0], n, strerror(errno));
			errors++;
		}
		times_add(&times, t);
		usleep(REST_US);
	}
	fprintf(stderr, "%ju times EAGAIN\n", again);
	times_print(&times, errors);
	return errors != 0;
}

static int do_again(char **argv)
{
	struct iovec part = { .iov_base = aligned(), .iov_len = BLOCK };
	ssize_t n;

	(void)argv;
	if (fcntl(STDIN_FILENO, F_SETFL, O_DIRECT))
		die("standard input");
	n = preadv2(STDIN_FILENO, &part, 1, 0, RWF_NOWAIT);
	printf("%zd, %s\n", n, n < 0 ? strerror(errno) : "");
	return n >= 0 || errno != EAGAIN;
}

static int do_hog(char **argv)
{
	uint64_t size = strtoull(argv[0], NULL, 10) << 20, i, errors = 0;
	struct times times = { .began = now() };
	uint64_t *words = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (words == MAP_FAILED)
		die("memory");
	while (!stopped && !errors) {
		double t = now();

		for (i = 0; i < size / 8 && !stopped; i += BLOCK / 8) {
			errors += times.count && words[i] != i + times.count - 1;
			words[i] = i + times.count;
		}
		if (i < size / 8)
			break;
		times_add(&times, t);
	}
	times_print(&times, errors);
	return errors != 0;
}

/* What is read all the time of one disk. */
#define COUNTERS	17
#define IN_FLIGHT	8

static const char * const values[] = {
	"dev", "size", "ro", "removable", "hidden", "capability", "ext_range", "alignment_offset",
	"queue/scheduler", "queue/nr_requests", "queue/read_ahead_kb", "queue/logical_block_size",
	"queue/physical_block_size", "queue/write_cache", "queue/fua", "queue/rotational",
	"queue/max_sectors_kb", "queue/nomerges", "queue/rq_affinity", "queue/iostats",
	"queue/discard_max_bytes", "queue/wbt_lat_usec",
};
#define VALUES	(sizeof(values) / sizeof(values[0]))

struct disk {
	const char *name;
	int fd;
	dev_t dev;
	uint64_t size;
	uint64_t counters[COUNTERS];
	char first[VALUES][64];
};

struct poller {
	uint64_t rounds;
	uint64_t backwards;
	uint64_t read_errors;
	uint64_t node_errors;
	uint64_t changed;
	double slowest;
};

static ssize_t read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = -1;

	if (fd >= 0) {
		n = read(fd, text, size - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = 0;
	return n;
}

static void poll_counters(struct poller *p, struct disk *disk)
{
	char path[160], text[512], *word = text;
	int i;

	snprintf(path, sizeof(path), "/sys/block/%s/stat", disk->name);
	if (read_file(path, text, sizeof(text)) <= 0) {
		p->read_errors++;
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return;
	}
	for (i = 0; i < COUNTERS; i++) {
		uint64_t value = strtoull(word, &word, 10);

		if (i != IN_FLIGHT && value < disk->counters[i]) {
			p->backwards++;
			fprintf(stderr, "%s: counter %d went back from %ju to %ju\n", disk->name, i,
				disk->counters[i], value);
		}
		disk->counters[i] = value;
	}
}

static void poll_values(struct poller *p, struct disk *disk)
{
	char path[160], text[64];
	size_t i;

	for (i = 0; i < VALUES; i++) {
		ssize_t n;

		snprintf(path, sizeof(path), "/sys/block/%s/%s", disk->name, values[i]);
		n = read_file(path, text, sizeof(text));
		if (!p->rounds) {
			snprintf(disk->first[i], sizeof(disk->first[i]), "%s", n > 0 ? text : "");
			continue;
		}
		if (!disk->first[i][0])
			continue;
		if (n <= 0) {
			p->read_errors++;
			fprintf(stderr, "%s: cannot be read: %s\n", path, strerror(errno));
		} else if (strcmp(disk->first[i], text)) {
			p->changed++;
			fprintf(stderr, "%s was %.*s, is %s", path,
				(int)strcspn(disk->first[i], "\n"), disk->first[i], text);
		}
	}
}

/* The node is the same, and whoever has it open still has the same disk. */
static void poll_node(struct poller *p, struct disk *disk)
{
	char path[80];
	struct stat st;
	uint64_t size = 0;

	snprintf(path, sizeof(path), "/dev/%s", disk->name);
	if (stat(path, &st) || !S_ISBLK(st.st_mode) || st.st_rdev != disk->dev) {
		p->node_errors++;
		fprintf(stderr, "%s is another or gone\n", path);
	}
	if (ioctl(disk->fd, BLKGETSIZE64, &size) || size != disk->size) {
		p->node_errors++;
		fprintf(stderr, "%s: size was %ju, is %ju\n", path, disk->size, size);
	}
}

static int do_poll(char **argv)
{
	struct disk disks[16] = { 0 };
	struct poller p = { 0 };
	size_t count = 0, i;

	for (; argv[count] && count < 16; count++) {
		struct disk *disk = &disks[count];
		char path[80];
		struct stat st;

		disk->name = argv[count];
		snprintf(path, sizeof(path), "/dev/%s", disk->name);
		disk->fd = open(path, O_RDONLY);
		if (disk->fd < 0 || fstat(disk->fd, &st) || ioctl(disk->fd, BLKGETSIZE64, &disk->size))
			die(path);
		disk->dev = st.st_rdev;
	}
	while (!stopped) {
		double t = now();

		for (i = 0; i < count; i++) {
			poll_counters(&p, &disks[i]);
			poll_values(&p, &disks[i]);
			poll_node(&p, &disks[i]);
		}
		p.rounds++;
		t = now() - t;
		if (t > p.slowest)
			p.slowest = t;
		usleep(15000);
	}
	printf("{\"rounds\": %ju, \"errors\": %ju, \"backwards\": %ju, \"read_errors\": %ju, "
	       "\"node_errors\": %ju, \"changed\": %ju, \"slowest_ms\": %.0f}\n", p.rounds,
	       p.backwards + p.read_errors + p.node_errors + p.changed, p.backwards, p.read_errors,
	       p.node_errors, p.changed, p.slowest * 1e3);
	return p.backwards + p.read_errors + p.node_errors + p.changed != 0;
}

/* A control call that the driver itself answers. */
static int do_geometry(char **argv)
{
	struct hd_geometry geometry = { 0 };

	(void)argv;
	if (ioctl(STDIN_FILENO, HDIO_GETGEO, &geometry))
		die("standard input");
	printf("%u heads, %u sectors\n", geometry.heads, geometry.sectors);
	return 0;
}

static const struct {
	const char *name;
	int words;
	int (*run)(char **argv);
} commands[] = {
	{ "append", 2, do_append },
	{ "ring", 3, do_ring },
	{ "lines", 1, do_lines },
	{ "check", 3, do_check },
	{ "acked", 1, do_acked },
	{ "fill", 2, do_fill },
	{ "read", 2, do_read },
	{ "nowait", 2, do_nowait },
	{ "again", 0, do_again },
	{ "hog", 1, do_hog },
	{ "poll", 1, do_poll },
	{ "geometry", 0, do_geometry },
};

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	size_t i;

	sigaction(SIGTERM, &action, NULL);
	if (argc > 1 && strcmp(argv[1], "lines"))
		sigaction(SIGINT, &action, NULL);
	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name) && argc - 2 >= commands[i].words)
			return commands[i].run(argv + 2);
	fprintf(stderr, "usage: bt append|ring|lines|check|acked|fill|read|nowait|again|hog|poll|geometry ...\n");
	return 2;
}
