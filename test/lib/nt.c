// SPDX-License-Identifier: GPL-2.0
/*
 * nt - network traffic and polling inside the virtual machine, each until SIGTERM, then one line of JSON
 *
 *	nt pull HOST PORT [TIMELINE]	download the server's stream and check every byte
 *	nt push HOST PORT		upload the stream; the server checks it
 *	nt session HOST PORT		an interactive TCP session: a line, its echo, ten times a second
 *	nt udp HOST PORT USECS		a packet every USECS, count the echoes
 *	nt poll IFACE			read counters and flags of an interface all the time
 *	nt bpf PATH			pin an XDP program that passes everything, and end at once
 *	nt bpf-runs PATH		how often it has run (needs the sysctl kernel.bpf_stats_enabled)
 *
 * TIMELINE is a file that gets "milliseconds bytes" for each 20 ms in which bytes arrived.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "program.h"

/* The same pattern as in server.py. */
#define BLOCK	1000003
#define SEED	0x5e90eULL

static char *pattern(void)
{
	static uint64_t words[BLOCK / 8 + 1];
	uint64_t state = SEED, z;
	size_t i;

	for (i = 0; i < BLOCK / 8 + 1; i++) {
		state += 0x9e3779b97f4a7c15ULL;
		z = state;
		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
		words[i] = z ^ (z >> 31);
	}
	return (char *)words;
}

static int dial(const char *host, const char *port, int type)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(atoi(port)),
	};
	int one = 1;
	int sock = socket(AF_INET, type, 0);

	if (sock < 0 || !inet_aton(host, &address.sin_addr))
		die("socket");
	if (connect(sock, (struct sockaddr *)&address, sizeof(address)))
		die("connect");
	if (type == SOCK_STREAM)
		setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return sock;
}

/* From now on an answer that does not come is an error, not a reason to wait. */
static void limit_wait(int sock, int seconds)
{
	struct timeval limit = { .tv_sec = seconds };

	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

/* The longest time between two arrivals. */
struct gap {
	double start, last, longest, at;
};

static void gap_start(struct gap *gap)
{
	gap->start = now();
	gap->last = gap->start;
}

static double gap_arrival(struct gap *gap)
{
	double t = now();

	if (t - gap->last > gap->longest) {
		gap->longest = t - gap->last;
		gap->at = gap->last - gap->start;
	}
	gap->last = t;
	return t - gap->start;
}

static void gap_print(const struct gap *gap)
{
	printf("\"gap_ms\": %.0f, \"gap_at_s\": %.2f, \"seconds\": %.2f", gap->longest * 1e3, gap->at,
	       now() - gap->start);
}

static size_t count_differences(const char *got, size_t len, const char *want, uint64_t offset)
{
	size_t bad = 0, i;

	for (i = 0; i < len; ) {
		size_t start = (offset + i) % BLOCK;
		size_t run = len - i;

		if (run > BLOCK - start)
			run = BLOCK - start;
		if (memcmp(got + i, want + start, run))
			bad++;
		i += run;
	}
	return bad;
}

static int do_pull(char **argv)
{
	const char *want = pattern();
	static char buffer[1 << 16];
	FILE *timeline = argv[2] ? fopen(argv[2], "w") : NULL;
	int sock = dial(argv[0], argv[1], SOCK_STREAM);
	uint64_t total = 0, errors = 0, bucket = 0, bucket_bytes = 0;
	struct gap gap = { 0 };
	ssize_t n = 0;

	gap_start(&gap);
	while (!stopped) {
		double t;

		n = read(sock, buffer, sizeof(buffer));
		if (n <= 0)
			break;
		t = gap_arrival(&gap);
		errors += count_differences(buffer, n, want, total);
		total += n;
		if (timeline) {
			if (bucket != (uint64_t)(t * 50) && bucket_bytes) {
				fprintf(timeline, "%ju %ju\n", bucket * 20, bucket_bytes);
				fflush(timeline);
				bucket_bytes = 0;
			}
			bucket = t * 50;
			bucket_bytes += n;
		}
	}
	if (stopped)
		gap_arrival(&gap);
	printf("{\"bytes\": %ju, \"errors\": %ju, \"alive\": %s, ", total, errors,
	       stopped ? "true" : "false");
	printf("\"start_s\": %.3f, ", gap.start);
	gap_print(&gap);
	printf("}\n");
	return 0;
}

static int do_push(char **argv)
{
	const char *data = pattern();
	int sock = dial(argv[0], argv[1], SOCK_STREAM);
	struct gap gap = { 0 };
	uint64_t total = 0;
	char answer[200];
	ssize_t n;

	gap_start(&gap);
	while (!stopped) {
		size_t start = total % BLOCK;
		size_t len = BLOCK - start > 16384 ? 16384 : BLOCK - start;

		n = write(sock, data + start, len);
		if (n < 0 && errno != EINTR)
			die("push");
		if (n > 0)
			total += n;
		gap_arrival(&gap);
	}
	shutdown(sock, SHUT_WR);
	limit_wait(sock, 20);
	for (;;) {
		n = read(sock, answer, sizeof(answer) - 1);
		if (n >= 0 || errno != EINTR)
			break;
	}
	answer[n > 0 ? n : 0] = 0;
	answer[strcspn(answer, "\n")] = 0;
	printf("{\"bytes\": %ju, \"server\": %s, ", total, n > 0 ? answer : "null");
	gap_print(&gap);
	printf("}\n");
	return 0;
}

static int do_session(char **argv)
{
	int sock = dial(argv[0], argv[1], SOCK_STREAM);
	uint64_t lines = 0, errors = 0;
	bool alive = true;
	struct gap gap = { 0 };

	gap_start(&gap);
	while (!stopped && alive) {
		char line[64], answer[64];
		int len = snprintf(line, sizeof(line), "line %ju\n", lines);
		int got = 0;

		alive = write(sock, line, len) == len;
		while (alive && got < len) {
			ssize_t n = read(sock, answer + got, len - got);

			if (n < 0 && errno == EINTR) {
				limit_wait(sock, 40);
				continue;
			}
			alive = n > 0;
			got += n;
		}
		if (!alive)
			break;
		errors += memcmp(line, answer, len) != 0;
		lines++;
		gap_arrival(&gap);
		usleep(100000);
	}
	printf("{\"lines\": %ju, \"errors\": %ju, \"alive\": %s, ", lines, errors, alive ? "true" : "false");
	gap_print(&gap);
	printf("}\n");
	return 0;
}

static int do_udp(char **argv)
{
	int sock = dial(argv[0], argv[1], SOCK_DGRAM);
	useconds_t interval = argv[2] ? atoi(argv[2]) : 5000;
	uint64_t sent = 0, received = 0, send_errors = 0, reordered = 0, last = 0;
	struct gap gap = { 0 };
	double end = 0;

	fcntl(sock, F_SETFL, O_NONBLOCK);
	gap_start(&gap);
	/* Echoes on their way are awaited for a second after the last packet. */
	while (!end || now() < end) {
		uint64_t packet[8] = { 0 };

		if (stopped && !end)
			end = now() + 1;
		if (!end) {
			packet[0] = sent + 1;
			if (send(sock, packet, sizeof(packet), 0) == sizeof(packet))
				sent++;
			else
				send_errors++;
		}
		while (recv(sock, packet, sizeof(packet), 0) == sizeof(packet)) {
			reordered += packet[0] < last;
			last = packet[0];
			received++;
			gap_arrival(&gap);
		}
		usleep(interval);
	}
	printf("{\"sent\": %ju, \"echoed\": %ju, \"send_errors\": %ju, \"reordered\": %ju, ",
	       sent, received, send_errors, reordered);
	gap_print(&gap);
	printf("}\n");
	return 0;
}

struct poller {
	const char *name;
	int sock;
	int index;
	uint64_t rounds, backwards, read_errors, ioctl_errors, not_running, changed;
	double slowest;
	bool no_link;	/* the driver cannot tell */
};

static ssize_t read_file(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, buffer, size - 1);
	close(fd);
	if (n >= 0)
		buffer[n] = 0;
	return n;
}

#define MAX_COUNTERS	64

static void poll_counters(struct poller *p)
{
	static char names[MAX_COUNTERS][48];
	static uint64_t values[MAX_COUNTERS];
	static int count;
	char path[160], text[64];
	int i;

	if (!count) {
		struct dirent *entry;
		DIR *dir;

		snprintf(path, sizeof(path), "/sys/class/net/%s/statistics", p->name);
		dir = opendir(path);
		if (!dir)
			die(path);
		while ((entry = readdir(dir)) && count < MAX_COUNTERS)
			if (entry->d_name[0] != '.')
				snprintf(names[count++], sizeof(names[0]), "%.40s", entry->d_name);
		closedir(dir);
	}
	for (i = 0; i < count; i++) {
		uint64_t value;

		snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s", p->name, names[i]);
		if (read_file(path, text, sizeof(text)) <= 0) {
			p->read_errors++;
			continue;
		}
		value = strtoull(text, NULL, 10);
		if (value < values[i]) {
			p->backwards++;
			fprintf(stderr, "%s went back from %ju to %ju\n", names[i], values[i], value);
		}
		values[i] = value;
	}
}

/* Files whose content must stay what it was at first. */
static void poll_files(struct poller *p)
{
	static const char * const files[] = {
		"address", "ifindex", "mtu", "operstate", "carrier", "carrier_changes", "type",
		"tx_queue_len", "flags", "speed", "duplex",
	};
	static char first[sizeof(files) / sizeof(files[0])][64];
	char path[160], text[64];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		ssize_t n;

		snprintf(path, sizeof(path), "/sys/class/net/%s/%s", p->name, files[i]);
		n = read_file(path, text, sizeof(text));
		if (!p->rounds) {
			snprintf(first[i], sizeof(first[i]), "%s", n > 0 ? text : "");
			continue;
		}
		if (!first[i][0])
			continue;
		if (n <= 0) {
			p->read_errors++;
			fprintf(stderr, "%s: cannot be read: %s\n", files[i], strerror(errno));
		} else if (strcmp(first[i], text)) {
			p->changed++;
			fprintf(stderr, "%s was %.*s, is %s", files[i],
				(int)strcspn(first[i], "\n"), first[i], text);
		}
	}
}

static void poll_proc(struct poller *p)
{
	static char text[16384];
	char want[IFNAMSIZ + 2];

	snprintf(want, sizeof(want), "%s:", p->name);
	if (read_file("/proc/net/dev", text, sizeof(text)) <= 0 || !strstr(text, want))
		p->read_errors++;
}

static void poll_ioctls(struct poller *p)
{
	static const unsigned long requests[] = {
		SIOCGIFMTU, SIOCGIFHWADDR, SIOCGIFTXQLEN, SIOCGIFMETRIC,
	};
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ethtool_value link = { .cmd = ETHTOOL_GLINK };
	struct ifreq request;
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		snprintf(request.ifr_name, IFNAMSIZ, "%s", p->name);
		p->ioctl_errors += ioctl(p->sock, requests[i], &request) != 0;
	}
	snprintf(request.ifr_name, IFNAMSIZ, "%s", p->name);
	if (ioctl(p->sock, SIOCGIFINDEX, &request) || request.ifr_ifindex != p->index)
		p->ioctl_errors++;
	request.ifr_ifindex = p->index;
	if (ioctl(p->sock, SIOCGIFNAME, &request) || strcmp(request.ifr_name, p->name))
		p->ioctl_errors++;
	snprintf(request.ifr_name, IFNAMSIZ, "%s", p->name);
	if (ioctl(p->sock, SIOCGIFFLAGS, &request))
		p->ioctl_errors++;
	else if (!(request.ifr_flags & IFF_RUNNING))
		p->not_running++;
	request.ifr_data = (char *)&info;
	p->ioctl_errors += ioctl(p->sock, SIOCETHTOOL, &request) != 0;
	request.ifr_data = (char *)&link;
	if (p->no_link)
		return;
	if (!ioctl(p->sock, SIOCETHTOOL, &request))
		p->not_running += !link.data;
	else if (!p->rounds)
		p->no_link = true;
	else
		p->ioctl_errors++;
}

static int do_poll(char **argv)
{
	struct poller p = { .name = argv[0], .sock = socket(AF_INET, SOCK_DGRAM, 0) };

	p.index = if_nametoindex(p.name);
	if (!p.index)
		die(p.name);
	while (!stopped) {
		double t = now();

		poll_counters(&p);
		poll_files(&p);
		poll_proc(&p);
		poll_ioctls(&p);
		p.rounds++;
		t = now() - t;
		if (t > p.slowest)
			p.slowest = t;
		/* Where a round takes long, as under a kernel's checkers, others are to have their turn. */
		usleep(t < 0.1 ? 15000 : t < 0.3 ? t * 3e6 : 900000);
	}
	printf("{\"rounds\": %ju, \"backwards\": %ju, \"read_errors\": %ju, \"ioctl_errors\": %ju, "
	       "\"not_running\": %ju, \"changed\": %ju, \"slowest_ms\": %.0f}\n",
	       p.rounds, p.backwards, p.read_errors, p.ioctl_errors, p.not_running, p.changed,
	       p.slowest * 1e3);
	return 0;
}

static int do_bpf(char **argv)
{
	static const struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insn_cnt = 2,
		.insns = (uintptr_t)pass,
		.license = (uintptr_t)"GPL",
	};
	union bpf_attr pin = { .pathname = (uintptr_t)argv[0] };

	pin.bpf_fd = syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
	if ((int)pin.bpf_fd < 0 || syscall(SYS_bpf, BPF_OBJ_PIN, &pin, sizeof(pin)))
		die("bpf");
	return 0;
}

static int do_bpf_runs(char **argv)
{
	union bpf_attr get = { .pathname = (uintptr_t)argv[0] };
	struct bpf_prog_info info = { 0 };
	union bpf_attr ask = { .info = { .info_len = sizeof(info), .info = (uintptr_t)&info } };

	ask.info.bpf_fd = syscall(SYS_bpf, BPF_OBJ_GET, &get, sizeof(get));
	if ((int)ask.info.bpf_fd < 0 ||
	    syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &ask, sizeof(ask)))
		die("bpf");
	printf("%llu\n", (unsigned long long)info.run_cnt);
	return 0;
}

static const struct {
	const char *name;
	int words;
	int (*run)(char **argv);
} commands[] = {
	{ "pull", 2, do_pull },
	{ "push", 2, do_push },
	{ "session", 2, do_session },
	{ "udp", 2, do_udp },
	{ "poll", 1, do_poll },
	{ "bpf", 1, do_bpf },
	{ "bpf-runs", 1, do_bpf_runs },
};

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	size_t i;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name) && argc - 2 >= commands[i].words)
			return commands[i].run(argv + 2);
	fprintf(stderr, "usage: nt pull|push|session|udp|poll|bpf|bpf-runs ...\n");
	return 1;
}
