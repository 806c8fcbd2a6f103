// SPDX-License-Identifier: GPL-2.0
/*
 * cost - instructions per packet, read or second, in a virtual machine whose clock counts instructions
 *
 *	cost send HOST PORT BATCHES	per send() of a small UDP packet
 *	cost echo HOST PORT BATCHES	per UDP packet and its echo, sending, interrupts and receiving together
 *	cost read DEVICE BATCHES	per read of 4 KiB past the page cache, interrupts included; and last, how
 *					many there are in a second of the machine's time, in the fastest batch
 *
 *	cost second BATCHES		per second of what other programs do, of which a batch is one
 *
 * With QEMU's "-icount shift=0" one instruction is one nanosecond of every clock of the machine. An idle CPU
 * executes nothing while that clock goes on, so the time that the kernel counts as idle is subtracted.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#define BATCH	100
#define PAGE	4096

static uint64_t samples[BATCH * 1000];
static size_t count;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Nanoseconds that the CPU was idle since it started. */
static uint64_t idle(void)
{
	static char text[1 << 16];
	FILE *file = fopen("/proc/timer_list", "r");
	unsigned long long ns = 0;
	const char *at;
	size_t n;

	if (!file)
		die("/proc/timer_list");
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = 0;
	at = strstr(text, ".idle_sleeptime");
	if (!at || sscanf(at, ".idle_sleeptime : %llu", &ns) != 1) {
		fprintf(stderr, "no idle_sleeptime in /proc/timer_list\n");
		exit(1);
	}
	return ns;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void print(void)
{
	uint64_t sum = 0;
	size_t i;

	qsort(samples, count, sizeof(samples[0]), compare);
	for (i = 0; i < count; i++)
		sum += samples[i];
	printf("%ju %ju %ju\n", samples[0], samples[count / 2], sum / count);
}

static void round_trip(int sock)
{
	static uint64_t number;
	uint64_t packet[8] = { ++number };

	if (send(sock, packet, sizeof(packet), 0) != sizeof(packet))
		die("send");
	do {
		if (recv(sock, packet, sizeof(packet), 0) != sizeof(packet))
			die("echo");
	} while (packet[0] != number);
}

static void do_send(int sock, int batches)
{
	char packet[64] = { 0 };
	int i;

	while (batches--) {
		for (i = 0; i < BATCH; i++) {
			uint64_t before = __rdtsc();

			if (send(sock, packet, sizeof(packet), 0) != sizeof(packet))
				die("send");
			samples[count++] = __rdtsc() - before;
			/* The device and the server take their time. */
			if (i % 16 == 15)
				usleep(1000);
		}
	}
}

static void do_echo(int sock, int batches)
{
	int i;

	for (i = 0; i < batches * BATCH; i++) {
		uint64_t time, slept;

		/* Reading what the CPU slept costs much, but outside of what is measured. */
		slept = idle();
		time = now();
		round_trip(sock);
		time = now() - time;
		slept = idle() - slept;
		samples[count++] = time - slept;
	}
}

static int do_read(const char *path, int batches)
{
	int fd = open(path, O_RDONLY | O_DIRECT), i;
	uint64_t whole = 0, fastest = 0;
	void *page;

	if (fd < 0 || posix_memalign(&page, PAGE, PAGE))
		die(path);
	for (i = 0; i < batches * BATCH; i++) {
		uint64_t time, slept;

		slept = idle();
		time = now();
		if (pread(fd, page, PAGE, i % 256 * PAGE) != PAGE)
			die("read");
		time = now() - time;
		slept = idle() - slept;
		samples[count++] = time - slept;
		whole += time;
		if (i % BATCH != BATCH - 1)
			continue;
		/* The host's other work makes a batch slower, nothing makes it faster. */
		if (BATCH * 1000000000UL / whole > fastest)
			fastest = BATCH * 1000000000UL / whole;
		whole = 0;
	}
	print();
	printf("%ju\n", fastest);
	return 0;
}

static void do_second(int batches)
{
	while (batches--) {
		uint64_t slept = idle(), time = now();

		usleep(1000000);
		time = now() - time;
		slept = idle() - slept;
		samples[count++] = time - slept;
	}
	print();
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct timeval limit = { .tv_sec = 10 };
	int sock = socket(AF_INET, SOCK_DGRAM, 0);
	int batches = argc > 2 ? atoi(argv[argc - 1]) : 0;
	int is_read = argc == 4 && !strcmp(argv[1], "read");
	int is_second = argc == 3 && !strcmp(argv[1], "second");

	if (batches < 1 || batches > 1000 ||
	    !(is_read || is_second || (argc == 5 && inet_aton(argv[2], &address.sin_addr)))) {
		fprintf(stderr, "usage: cost send|echo HOST PORT BATCHES, cost read DEVICE BATCHES, cost second BATCHES\n");
		return 1;
	}
	if (is_read)
		return do_read(argv[2], batches);
	if (is_second) {
		do_second(batches);
		return 0;
	}
	address.sin_port = htons(atoi(argv[3]));
	if (connect(sock, (struct sockaddr *)&address, sizeof(address)))
		die("connect");
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	/* Addresses are resolved before anything is measured. */
	round_trip(sock);
	if (!strcmp(argv[1], "send"))
		do_send(sock, batches);
	else
		do_echo(sock, batches);
	print();
	return 0;
}
