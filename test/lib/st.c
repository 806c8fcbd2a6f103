// SPDX-License-Identifier: GPL-2.0
/*
 * st - sound streams inside the virtual machine
 *
 *	st wave FILE RATE FRAMES FIRST		write a wave file for other programs to play; with 0 frames until SIGTERM
 *	st play [OPTION...]			play, until SIGTERM or as many frames as -n says, and drain
 *	st record [OPTION...]			record, until SIGTERM or as many frames as -n says
 *	st link NODE [OPTION...]		play, with a second stream on NODE that is linked to the first; if it plays it is
 *						silent; what is said of it goes to standard error
 *
 * Options of a stream:
 *
 *	-D NODE		below /dev/snd (pcmC0D0p, pcmC0D0c)
 *	-m MODE		rw: blocking transfers of a period; poll: transfers that never block; mmap: the mapped buffer
 *	-f FORMAT	s16, u8
 *	-r RATE -b BUFFER -p PERIOD	in Hz and frames (44100, 16384, 1024)
 *	-n FRAMES	so many frames in all
 *	-i FIRST	number of the first frame (0)
 *	-c CHANNEL	both, left, right: where the numbers are, see recording.py
 *	-s STATE -a FRAMES -g FILE	after so many frames bring the stream into a state (open, setup, prepared, paused,
 *			xrun), make FILE.ready, and go on when FILE.go is there; draining: drain when FILE.go is there;
 *			suspended: the same whenever the machine has been asleep
 *	-z		silence, and no numbers
 *	-t		tell of each new position: lines "MS FRAMES" go to standard error
 *
 * Every frame played is another one: test/lib/recording.py finds them in what the card has played.  The kernel is
 * called as libasound does it, but without it, so that every answer is seen.  All print one line of JSON at the end and
 * fail when there was an error.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <sound/asound.h>
#include "program.h"

/* The emulated hardware moves in steps of 10 ms; what is more than a few of them is a jump. */
#define JUMP_S		0.05


/* Frames */

enum channel { BOTH, LEFT, RIGHT };

static int sample_of(uint64_t digit, int radix, bool bytes)
{
	int sample = (int)(digit % radix) - radix / 2;

	return sample < 0 ? sample - bytes : sample + 1;
}

static void make_frame(void *to, uint64_t number, bool bytes, enum channel channel)
{
	int radix = bytes ? 240 : channel == BOTH ? 16384 : 60000;
	int first = sample_of(number, radix, bytes), second = sample_of(number / radix, radix, bytes);

	if (channel != BOTH) {
		second = channel == RIGHT ? first : 0;
		first = channel == LEFT ? first : 0;
	}
	if (bytes) {
		((uint8_t *)to)[0] = 128 + first;
		((uint8_t *)to)[1] = 128 + second;
	} else {
		((int16_t *)to)[0] = first;
		((int16_t *)to)[1] = second;
	}
}

/* All of it, whatever signal comes: a reader has whole frames. */
static bool write_all(int fd, const void *data, size_t size)
{
	const char *from = data;
	ssize_t done;

	while (size) {
		done = write(fd, from, size);
		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0) {
			from += done;
			size -= done;
		}
	}
	return true;
}

static int do_wave(char **argv)
{
	static int16_t block[256][2];
	uint64_t frames = strtoull(argv[2], NULL, 10), first = strtoull(argv[3], NULL, 10), done = 0;
	uint32_t rate = strtoul(argv[1], NULL, 10), size = frames ? frames * 4 : 0x7fffff00;
	struct {
		char riff[4];
		uint32_t length;
		char wave[8];
		uint32_t sixteen;
		uint16_t pcm, channels;
		uint32_t rate, bytes;
		uint16_t frame, bits;
		char data[4];
		uint32_t size;
	} header = { "RIFF", 36 + size, "WAVEfmt ", 16, 1, 2, rate, rate * 4, 4, 16, "data", size };
	int out = open(argv[0], O_WRONLY | O_CREAT, 0644);
	size_t count, i;

	signal(SIGPIPE, SIG_IGN);
	if (out < 0 || !write_all(out, &header, sizeof(header)))
		die(argv[0]);
	while (frames ? done < frames : !stopped) {
		count = frames && frames - done < 256 ? frames - done : 256;
		for (i = 0; i < count; i++)
			make_frame(block[i], first + done + i, false, BOTH);
		if (!write_all(out, block, count * sizeof(*block)))
			break;
		done += count;
	}
	printf("{\"frames\": %ju, \"errors\": 0}\n", (uintmax_t)done);
	return 0;
}

/* Streams */

enum mode { RW, POLL, MMAP };

static struct {
	const char *node, *state, *gate;
	enum mode mode;
	enum channel channel;
	bool bytes, silent, tell;
	unsigned int rate;
	unsigned long buffer, period;
	uint64_t frames, first, after;
} options = {
	.rate = 44100, .buffer = 16384, .period = 1024,
};

static bool wants(const char *state)
{
	return options.state && !strcmp(options.state, state);
}

static struct {
	int fd;
	bool playing;
	size_t frame_size;
	uint8_t *ring;			/* of mode MMAP */
	struct snd_pcm_sync_ptr ptr;
	unsigned long boundary;
	uint64_t done;			/* frames that went over since the start, and since it was prepared */
	uint64_t since;
	/* What was seen of the position. */
	unsigned long position;
	uint64_t moved;
	double stamp, began, last, longest, slip, least_slip, jumped;
	unsigned int jumps, backwards, errors, xruns, suspends, waits;
	char error[80];
} stream;

static void error(const char *what)
{
	if (!stream.errors++)
		snprintf(stream.error, sizeof(stream.error), "%s: %s", what, strerror(errno));
}

static int sync_ptr(unsigned int flags)
{
	stream.ptr.flags = flags;
	return ioctl(stream.fd, SNDRV_PCM_IOCTL_SYNC_PTR, &stream.ptr);
}

/* Asks the hardware for its position; a stream that does not run answers that with an error. */
static int state(void)
{
	unsigned int all = SNDRV_PCM_SYNC_PTR_APPL | SNDRV_PCM_SYNC_PTR_AVAIL_MIN;

	if (sync_ptr(all | SNDRV_PCM_SYNC_PTR_HWSYNC) &&
	    ((errno != EPIPE && errno != EBADFD && errno != ESTRPIPE) || sync_ptr(all)))
		error("position");
	return stream.ptr.s.status.state;
}

/* The position begins again: nothing can be said of the time until it moves. */
static void restart(void)
{
	stream.position = 0;
	stream.moved = 0;
	stream.began = 0;
	stream.stamp = 0;
	stream.since = 0;
}

/* A position that runs ahead of the clock has jumped: it is not as much progress as it looks. */
static void look_at_jump(void)
{
	double ahead = stream.least_slip - stream.slip;

	if (ahead > JUMP_S) {
		stream.jumps++;
		stream.jumped += ahead;
		stream.began -= ahead;
		stream.slip += ahead;
	} else if (ahead > 0) {
		stream.least_slip = stream.slip;
	}
}

/* The position and its time stamp only grow; how far do they lag behind the clock? */
static void look(void)
{
	const struct snd_pcm_mmap_status *status = &stream.ptr.s.status;
	double at = now(), stamp;
	unsigned long step;
	char line[48];

	if (state() != SNDRV_PCM_STATE_RUNNING)
		return;
	step = status->hw_ptr >= stream.position ? status->hw_ptr - stream.position :
						   status->hw_ptr + stream.boundary - stream.position;
	stamp = status->tstamp.tv_sec + status->tstamp.tv_nsec / 1e9;
	if (step > stream.boundary / 2 || stamp < stream.stamp) {
		stream.backwards++;
		step = 0;
	}
	stream.position = status->hw_ptr;
	stream.stamp = stamp;
	if (!step)
		return;
	stream.moved += step;
	if (!stream.began) {
		stream.began = at - (double)stream.moved / options.rate;
		stream.least_slip = 0;
	} else {
		if (at - stream.last > stream.longest)
			stream.longest = at - stream.last;
		stream.slip = at - stream.began - (double)stream.moved / options.rate;
		look_at_jump();
	}
	stream.last = at;
	if (options.tell) {
		snprintf(line, sizeof(line), "%.3f %ju\n", at * 1e3, (uintmax_t)stream.moved);
		if (write(2, line, strlen(line)) < 0)
			exit(1);
	}
}

static void set_mask(struct snd_pcm_hw_params *params, int which, unsigned int bit)
{
	struct snd_mask *mask = &params->masks[which - SNDRV_PCM_HW_PARAM_FIRST_MASK];

	memset(mask, 0, sizeof(*mask));
	mask->bits[bit / 32] = 1u << bit % 32;
}

static void set_interval(struct snd_pcm_hw_params *params, int which, unsigned int value)
{
	struct snd_interval *interval = &params->intervals[which - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL];

	*interval = (struct snd_interval){ .min = value, .max = value, .integer = 1 };
}

static void set_parameters(void)
{
	struct snd_pcm_hw_params hw;
	struct snd_pcm_sw_params sw = {
		.tstamp_mode = SNDRV_PCM_TSTAMP_ENABLE,
		.tstamp_type = SNDRV_PCM_TSTAMP_TYPE_MONOTONIC,
		.proto = SNDRV_PROTOCOL_VERSION(2, 0, 12),
		.period_step = 1,
		.avail_min = options.period,
		.start_threshold = stream.playing ? options.buffer : 1,
		.stop_threshold = options.buffer,
	};
	int i;

	memset(&hw, 0, sizeof(hw));
	memset(hw.masks, 0xff, sizeof(hw.masks));
	for (i = 0; i <= SNDRV_PCM_HW_PARAM_LAST_INTERVAL - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL; i++)
		hw.intervals[i] = (struct snd_interval){ .max = UINT32_MAX };
	hw.rmask = ~0u;
	hw.info = ~0u;
	set_mask(&hw, SNDRV_PCM_HW_PARAM_ACCESS, (int)(options.mode == MMAP ?
		 SNDRV_PCM_ACCESS_MMAP_INTERLEAVED : SNDRV_PCM_ACCESS_RW_INTERLEAVED));
	set_mask(&hw, SNDRV_PCM_HW_PARAM_FORMAT,
		 (int)(options.bytes ? SNDRV_PCM_FORMAT_U8 : SNDRV_PCM_FORMAT_S16_LE));
	set_mask(&hw, SNDRV_PCM_HW_PARAM_SUBFORMAT, (int)SNDRV_PCM_SUBFORMAT_STD);
	set_interval(&hw, SNDRV_PCM_HW_PARAM_CHANNELS, 2);
	set_interval(&hw, SNDRV_PCM_HW_PARAM_RATE, options.rate);
	set_interval(&hw, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, options.period);
	set_interval(&hw, SNDRV_PCM_HW_PARAM_BUFFER_SIZE, options.buffer);
	if (ioctl(stream.fd, SNDRV_PCM_IOCTL_HW_PARAMS, &hw))
		die("hardware parameters");
	if (stream.playing && wants("prepared"))
		sw.start_threshold = LONG_MAX;
	if (ioctl(stream.fd, SNDRV_PCM_IOCTL_SW_PARAMS, &sw))
		die("software parameters");
	stream.boundary = sw.boundary;
	if (options.mode == MMAP) {
		stream.ptr.c.control.avail_min = options.period;
		stream.ring = mmap(NULL, options.buffer * stream.frame_size, PROT_READ | PROT_WRITE, MAP_SHARED,
				   stream.fd, SNDRV_PCM_MMAP_OFFSET_DATA);
		if (stream.ring == MAP_FAILED)
			die("mapping");
	}
}

static void prepare(void)
{
	if (ioctl(stream.fd, SNDRV_PCM_IOCTL_PREPARE))
		die("prepare");
	restart();
	state();
	stream.position = stream.ptr.s.status.hw_ptr;
}

static bool may_go(void)
{
	char name[200];

	snprintf(name, sizeof(name), "%s.go", options.gate);
	return stopped || !access(name, F_OK);
}

/* The stream is where the scenario wants it; it goes on when that says so. */
static void gate(void)
{
	char name[200];
	int fd;

	snprintf(name, sizeof(name), "%s.ready", options.gate);
	fd = open(name, O_CREAT | O_WRONLY, 0644);
	if (fd < 0)
		die(name);
	close(fd);
	while (!may_go())
		usleep(10000);
}

/* The machine was asleep. Hardware that cannot go on forgets what is in the buffer. */
static void wake(void)
{
	stream.suspends++;
	if (wants("suspended"))
		gate();
	if (!ioctl(stream.fd, SNDRV_PCM_IOCTL_RESUME))
		return;
	if (errno != ENOSYS)
		error("resume");
	prepare();
}

/* An xrun is no error: the application was told, and goes on as it should. */
static void recover(const char *what)
{
	if (errno == ESTRPIPE) {
		wake();
		return;
	}
	if (errno != EPIPE) {
		error(what);
		return;
	}
	stream.xruns++;
	prepare();
}

/* Waits, for a second at most, until a period may go over; says how many frames may. */
static unsigned long wait_room(void)
{
	struct pollfd poller = { .fd = stream.fd, .events = stream.playing ? POLLOUT : POLLIN };
	struct snd_pcm_mmap_status *status = &stream.ptr.s.status;
	unsigned long filled;
	int ready, now_in;

	for (;;) {
		now_in = state();
		if (now_in == SNDRV_PCM_STATE_XRUN || now_in == SNDRV_PCM_STATE_SUSPENDED) {
			errno = now_in == SNDRV_PCM_STATE_XRUN ? EPIPE : ESTRPIPE;
			recover("poll");
			continue;
		}
		if (stream.errors)
			return 0;
		filled = stream.ptr.c.control.appl_ptr + stream.boundary - status->hw_ptr;
		filled %= stream.boundary;
		if (!stream.playing)
			filled = (stream.boundary - filled) % stream.boundary;
		if (stream.playing && options.buffer - filled >= options.period)
			return options.buffer - filled;
		if (!stream.playing && filled >= options.period)
			return filled;
		if (stream.playing && status->state == SNDRV_PCM_STATE_PREPARED)
			return 0;
		ready = poll(&poller, 1, 1000);
		stream.waits++;
		if (ready < 0 && errno == EINTR)
			return 0;
		if (!ready) {
			errno = ETIMEDOUT;
			error("poll");
			return 0;
		}
		look();
	}
}

static unsigned long transfer(void *data, unsigned long frames)
{
	struct snd_xferi xfer = { .buf = data, .frames = frames };

	if (ioctl(stream.fd, stream.playing ? SNDRV_PCM_IOCTL_WRITEI_FRAMES : SNDRV_PCM_IOCTL_READI_FRAMES, &xfer)) {
		if (errno != EINTR && errno != EAGAIN)
			recover("transfer");
		return 0;
	}
	return xfer.result;
}

/* The same over the mapped buffer; it starts when the buffer is full. */
static unsigned long transfer_mapped(const uint8_t *data, unsigned long frames)
{
	unsigned long at = stream.ptr.c.control.appl_ptr % options.buffer;

	if (frames > options.buffer - at)
		frames = options.buffer - at;
	if (stream.playing)
		memcpy(stream.ring + at * stream.frame_size, data, frames * stream.frame_size);
	stream.ptr.c.control.appl_ptr = (stream.ptr.c.control.appl_ptr + frames) % stream.boundary;
	/* The position of the application goes to the kernel, nothing but the hardware's comes back. */
	if (sync_ptr(SNDRV_PCM_SYNC_PTR_AVAIL_MIN | SNDRV_PCM_SYNC_PTR_HWSYNC)) {
		recover("position");
		return 0;
	}
	if (stream.playing && stream.ptr.s.status.state == SNDRV_PCM_STATE_PREPARED &&
	    stream.since + frames >= options.buffer && !wants("prepared") &&
	    ioctl(stream.fd, SNDRV_PCM_IOCTL_START))
		error("start");
	return frames;
}

/* One period, or as much of it as goes over at once. */
static void turn(void)
{
	static uint8_t data[1 << 20];
	unsigned long frames = options.period, i;

	if (options.frames && options.frames - stream.done < frames)
		frames = options.frames - stream.done;
	if (options.silent)
		memset(data, options.bytes ? 128 : 0, frames * stream.frame_size);
	for (i = 0; stream.playing && !options.silent && i < frames; i++)
		make_frame(data + i * stream.frame_size, options.first + stream.done + i, options.bytes,
			   options.channel);
	if (options.mode != RW && !wait_room())
		return;
	frames = options.mode == MMAP ? transfer_mapped(data, frames) : transfer(data, frames);
	stream.done += frames;
	stream.since += frames;
	look();
}

static bool finished(uint64_t frames)
{
	return stopped || stream.errors || (frames && stream.done >= frames) || (wants("draining") && may_go());
}

static void simple(unsigned long request, int argument, const char *what)
{
	if (ioctl(stream.fd, request, argument))
		error(what);
}

static void play_silence(unsigned long left)
{
	static uint8_t data[1 << 20];
	unsigned long done;

	memset(data, options.bytes ? 128 : 0, left * stream.frame_size);
	while (left && !stream.errors) {
		if (options.mode != RW && !wait_room())
			continue;
		done = options.mode == MMAP ? transfer_mapped(data, left) : transfer(data, left);
		left -= done;
		stream.since += done;
	}
}

/* What is left of a period is silence: the hardware does not stop before its end. */
static void pad(void)
{
	unsigned long over = stream.since % options.period;

	if (stream.playing && over)
		play_silence(options.period - over);
}

static void wait_state(int from, int to)
{
	double end = now() + 20;

	while (state() == from && now() < end)
		usleep(5000);
	if (state() != to) {
		errno = ETIMEDOUT;
		error("state");
	}
}

static void drain(void)
{
	int flags = fcntl(stream.fd, F_GETFL);

	pad();
	/* To see it drain, and not to sleep in it. */
	fcntl(stream.fd, F_SETFL, flags | O_NONBLOCK);
	if (ioctl(stream.fd, SNDRV_PCM_IOCTL_DRAIN) && errno != EAGAIN)
		error("drain");
	wait_state(SNDRV_PCM_STATE_DRAINING, SNDRV_PCM_STATE_SETUP);
	fcntl(stream.fd, F_SETFL, flags);
}

static void enter_state(void)
{
	if (wants("paused")) {
		simple(SNDRV_PCM_IOCTL_PAUSE, 1, "pause");
		gate();
		simple(SNDRV_PCM_IOCTL_PAUSE, 0, "resume");
		stream.began = 0;
		stream.moved = 0;
	} else if (wants("xrun")) {
		wait_state(SNDRV_PCM_STATE_RUNNING, SNDRV_PCM_STATE_XRUN);
		gate();
	} else if (wants("prepared")) {
		gate();
		simple(SNDRV_PCM_IOCTL_START, 0, "start");
	}
}

static void print(FILE *to)
{
	fprintf(to, "{\"frames\": %ju, \"first\": %ju, \"errors\": %u, \"error\": \"%s\", \"xruns\": %u, \"suspends\": %u, "
	       "\"backwards\": %u, \"longest_ms\": %.1f, \"slip_ms\": %.1f, \"jumps\": %u, \"jumped_ms\": %.1f, "
	       "\"waits\": %u, \"position\": %lu}\n",
	       (uintmax_t)stream.done, (uintmax_t)options.first, stream.errors, stream.error, stream.xruns, stream.suspends,
	       stream.backwards, stream.longest * 1e3, stream.slip * 1e3,
	       stream.jumps, stream.jumped * 1e3, stream.waits, stream.position);
}

static void open_stream(bool playing)
{
	char path[80];

	stream.playing = playing;
	stream.frame_size = options.bytes ? 2 : 4;
	if (!options.node)
		options.node = playing ? "pcmC0D0p" : "pcmC0D0c";
	snprintf(path, sizeof(path), "/dev/snd/%s", options.node);
	stream.fd = open(path, O_RDWR | (options.mode == RW ? 0 : O_NONBLOCK));
	if (stream.fd < 0)
		die(path);
}

static int do_stream(bool playing)
{
	open_stream(playing);
	if (wants("open"))
		gate();
	set_parameters();
	if (wants("setup"))
		gate();
	prepare();
	if (!playing && options.mode != RW && ioctl(stream.fd, SNDRV_PCM_IOCTL_START))
		die("start");
	if (options.after) {
		while (!finished(options.after))
			turn();
		enter_state();
	}
	while (!finished(options.frames))
		turn();
	if (playing && !stream.errors)
		drain();
	print(stdout);
	close(stream.fd);
	return stream.errors != 0;
}

/* Two streams that start and stop together; the functions above look at one of them at a time. */
static void other_stream(void)
{
	static typeof(stream) waiting_stream;
	static typeof(options) waiting_options;
	typeof(stream) this_stream = stream;
	typeof(options) these_options = options;

	stream = waiting_stream;
	options = waiting_options;
	waiting_stream = this_stream;
	waiting_options = these_options;
}

static void each(void (*function)(void))
{
	function();
	other_stream();
	function();
	other_stream();
}

static void one_period_of_silence(void)
{
	play_silence(options.period);
}

/*
 * Drivers stop both when one has come to its end, also if the other has not: so none does, and they are stopped when
 * both have played all that there was.
 */
static void end_both(bool play)
{
	unsigned long frames;

	if (play)
		each(pad);
	for (frames = 0; play && frames < 2 * options.buffer && !stream.errors; frames += options.period)
		each(one_period_of_silence);
	simple(SNDRV_PCM_IOCTL_DROP, 0, "drop");
}

static int do_link(const char *node)
{
	typeof(options) first;
	unsigned int errors;
	int fd;

	/* Nothing starts before it is said to. */
	options.state = "prepared";
	first = options;
	open_stream(true);
	set_parameters();
	fd = stream.fd;
	other_stream();
	options = first;
	options.node = node;
	options.silent = true;
	open_stream(node[strlen(node) - 1] == 'p');
	set_parameters();
	if (ioctl(stream.fd, SNDRV_PCM_IOCTL_LINK, fd))
		die("link");
	other_stream();
	each(prepare);
	while (stream.since + options.period <= options.buffer)
		turn();
	other_stream();
	while (stream.playing && stream.since + options.period <= options.buffer)
		turn();
	other_stream();
	/* Both of them. */
	if (ioctl(stream.fd, SNDRV_PCM_IOCTL_START))
		die("start");
	while (!finished(options.frames))
		each(turn);
	end_both(node[strlen(node) - 1] == 'p');
	print(stdout);
	errors = stream.errors;
	other_stream();
	print(stderr);
	return (errors | stream.errors) != 0;
}

static void parse(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "D:m:f:r:b:p:n:i:c:s:a:g:zt")) != -1) {
		switch (option) {
		case 'D': options.node = optarg; break;
		case 'm': options.mode = *optarg == 'm' ? MMAP : *optarg == 'p' ? POLL : RW; break;
		case 'f': options.bytes = *optarg == 'u'; break;
		case 'r': options.rate = strtoul(optarg, NULL, 10); break;
		case 'b': options.buffer = strtoul(optarg, NULL, 10); break;
		case 'p': options.period = strtoul(optarg, NULL, 10); break;
		case 'n': options.frames = strtoull(optarg, NULL, 10); break;
		case 'i': options.first = strtoull(optarg, NULL, 10); break;
		case 'c': options.channel = *optarg == 'l' ? LEFT : *optarg == 'r' ? RIGHT : BOTH; break;
		case 's': options.state = optarg; break;
		case 'a': options.after = strtoull(optarg, NULL, 10); break;
		case 'g': options.gate = optarg; break;
		case 'z': options.silent = true; break;
		case 't': options.tell = true; break;
		default: exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	const char *what = argc > 1 ? argv[1] : "";

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (!strcmp(what, "wave") && argc == 6)
		return do_wave(argv + 2);
	if (!strcmp(what, "link") && argc >= 3) {
		parse(argc - 2, argv + 2);
		return do_link(argv[2]);
	}
	if (strcmp(what, "play") && strcmp(what, "record")) {
		fprintf(stderr, "usage: see test/lib/st.c\n");
		return 2;
	}
	parse(argc - 1, argv + 1);
	return do_stream(!strcmp(what, "play"));
}
