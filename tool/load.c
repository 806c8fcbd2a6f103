// SPDX-License-Identifier: GPL-2.0
/* Reading, loading and unloading of modules, see load.h. */
#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "load.h"

/* No module comes near this; it bounds what a crafted archive can make of itself. */
#define MODULE_MAX ((size_t)512 << 20)
#define GROWTH ((size_t)1 << 20)

static int grow(struct buf *out, size_t *room, struct error *err)
{
	unsigned char *grown;

	if (out->len < *room)
		return 0;
	if (*room >= MODULE_MAX)
		return error_set(err, EXIT_USAGE,
				 "unpacks to more than %zu MiB, which is no module; get the file again",
				 MODULE_MAX >> 20);
	*room += *room > GROWTH ? *room : GROWTH;
	grown = realloc(out->data, *room);
	if (!grown)
		return error_memory(err);
	out->data = grown;
	return 0;
}

static int damaged(const char *format, struct error *err)
{
	return error_set(err, EXIT_USAGE, "is truncated or damaged (%s); get the file again",
			 format);
}

static int unpack_xz(const struct buf *in, struct buf *out, struct error *err)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret ret = LZMA_OK;
	size_t room = 0;

	if (lzma_stream_decoder(&stream, MODULE_MAX, LZMA_CONCATENATED) != LZMA_OK)
		return error_memory(err);
	stream.next_in = in->data;
	stream.avail_in = in->len;
	while (ret == LZMA_OK) {
		if (grow(out, &room, err)) {
			lzma_end(&stream);
			return -1;
		}
		stream.next_out = out->data + out->len;
		stream.avail_out = room - out->len;
		ret = lzma_code(&stream, LZMA_FINISH);
		out->len = room - stream.avail_out;
	}
	lzma_end(&stream);
	return ret == LZMA_STREAM_END ? 0 : damaged("xz", err);
}

static int unpack_zstd(const struct buf *in, struct buf *out, struct error *err)
{
	ZSTD_DStream *stream = ZSTD_createDStream();
	ZSTD_inBuffer from = { in->data, in->len, 0 };
	size_t room = 0, left = 1;
	int ret = 0;

	if (!stream)
		return error_memory(err);
	while (from.pos < from.size || left) {
		size_t before = out->len;
		size_t in_before = from.pos;
		ZSTD_outBuffer to;

		ret = grow(out, &room, err);
		if (ret)
			break;
		to = (ZSTD_outBuffer){ out->data, room, out->len };
		left = ZSTD_decompressStream(stream, &to, &from);
		out->len = to.pos;
		if (ZSTD_isError(left) || (out->len == before && from.pos == in_before)) {
			ret = damaged("zstd", err);
			break;
		}
	}
	ZSTD_freeDStream(stream);
	return ret;
}

static int unpack_gzip(const struct buf *in, struct buf *out, struct error *err)
{
	z_stream stream = { .next_in = in->data, .avail_in = in->len };
	size_t room = 0;
	int ret = Z_OK;

	/* 16 asks for the gzip format. */
	if (in->len > MODULE_MAX || inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
		return error_memory(err);
	while (ret == Z_OK) {
		if (grow(out, &room, err)) {
			inflateEnd(&stream);
			return -1;
		}
		stream.next_out = out->data + out->len;
		stream.avail_out = room - out->len;
		ret = inflate(&stream, Z_NO_FLUSH);
		out->len = room - stream.avail_out;
	}
	inflateEnd(&stream);
	return ret == Z_STREAM_END ? 0 : damaged("gzip", err);
}

int load_decompress(struct buf *bytes, struct error *err)
{
	static const struct {
		const char *magic;
		size_t len;
		int (*unpack)(const struct buf *in, struct buf *out, struct error *err);
	} formats[] = {
		{ "\3757zXZ", 6, unpack_xz },
		{ "\x28\xb5\x2f\xfd", 4, unpack_zstd },
		{ "\x1f\x8b", 2, unpack_gzip },
	};
	struct buf out = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		if (bytes->len < formats[i].len ||
		    memcmp(bytes->data, formats[i].magic, formats[i].len))
			continue;
		if (formats[i].unpack(bytes, &out, err)) {
			buf_free(&out);
			return -1;
		}
		buf_free(bytes);
		*bytes = out;
		return 0;
	}
	return 0;
}

static int read_all(int fd, size_t size, struct buf *out, struct error *err)
{
	out->data = malloc(size + 1);
	if (!out->data)
		return error_memory(err);
	while (out->len < size) {
		ssize_t n = read(fd, out->data + out->len, size - out->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, EXIT_USAGE, "cannot be read: %s", strerror(errno));
		if (!n)
			break;
		out->len += n;
	}
	return 0;
}

int load_read_file(const char *path, struct buf *out, struct error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	memset(out, 0, sizeof(*out));
	if (fd < 0 || fstat(fd, &st))
		return error_set(err, EXIT_USAGE, "%s: %s; name a kernel module file (.ko)", path,
				 strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err, EXIT_USAGE,
				 "%s: is not a regular file; name a kernel module file (.ko)",
				 path);
	if ((size_t)st.st_size > MODULE_MAX)
		return error_set(err, EXIT_USAGE,
				 "%s: is larger than %zu MiB, which is no module; name a kernel module file (.ko)",
				 path, MODULE_MAX >> 20);
	if (read_all(fd, st.st_size, out, err) || load_decompress(out, err)) {
		buf_free(out);
		return error_prefix(err, "%s: ", path);
	}
	return 0;
}

/* "drv: `x' invalid for parameter `index'"; the value is as long as it likes. */
static void find_refused(const char *line, char refused[LOAD_PARAM_LEN])
{
	static const char words[] = "for parameter `";
	const char *found = line, *last = NULL;

	while ((found = strstr(found, words))) {
		found += sizeof(words) - 1;
		last = found;
	}
	if (!refused || !last)
		return;
	copy_text(refused, LOAD_PARAM_LEN, last);
	refused[strcspn(refused, "'")] = '\0';
}

/*
 * The last thing the kernel logged about the module since @kmsg was opened.  Records look like
 * "6,1234,567890,-;text", continuation lines begin with a space.
 */
static void read_kernel_log(int kmsg, const char *name, char *text, size_t size, char *refused)
{
	char record[2048];
	ssize_t n;

	*text = '\0';
	if (kmsg < 0)
		return;
	for (;;) {
		char *line;

		n = read(kmsg, record, sizeof(record) - 1);
		/* EPIPE: older records were overwritten meanwhile; the next read goes on. */
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			return;
		record[n] = '\0';
		record[strcspn(record, "\n")] = '\0';
		line = strchr(record, ';');
		if (!line || !strstr(line, name))
			continue;
		copy_text(text, size, line + 1);
		find_refused(line, refused);
	}
}

static const char *load_remedy(int error)
{
	switch (error) {
	case EPERM:
		return "run it as root on a kernel that still allows loading modules";
	case EKEYREJECTED:
	case ENOKEY:
	case EBADMSG:
		return "give --key and --cert of a key that the kernel trusts";
	case ENOEXEC:
	case ENOENT:
	case EINVAL:
		return "build it for the running kernel";
	case EEXIST:
		return "a module of this name is loaded: try again";
	default:
		return "see the kernel log";
	}
}

int load_module(const void *data, size_t len, const char *name, const char *params,
		char refused[LOAD_PARAM_LEN], struct error *err)
{
	_cleanup_close_ int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char text[512];
	int error;

	if (refused)
		*refused = '\0';
	if (kmsg >= 0)
		lseek(kmsg, 0, SEEK_END);
	if (!syscall(SYS_init_module, data, len, params))
		return 0;
	error = errno;
	read_kernel_log(kmsg, name, text, sizeof(text), refused);
	error_set(err, EXIT_USAGE, "the kernel refused module '%s': %s%s%s%s; %s", name,
		  strerror(error), *text ? " (" : "", text, *text ? ")" : "", load_remedy(error));
	errno = error;
	return -1;
}

int load_remove(const char *name, struct error *err)
{
	if (!syscall(SYS_delete_module, name, O_NONBLOCK) || errno == ENOENT)
		return 0;
	return error_set(err, EXIT_REFUSED,
			 "module '%s' cannot be unloaded: %s; see 'segue status', and 'lsmod' for who uses it",
			 name, strerror(errno));
}

static bool file_contains(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char line[256];
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, line, sizeof(line) - 1);
	if (n <= 0)
		return false;
	line[n] = '\0';
	return strstr(line, text);
}

const char *load_lockdown(void)
{
	static const char lockdown[] = "/sys/kernel/security/lockdown";

	if (file_contains(lockdown, "[integrity]") ||
	    file_contains(lockdown, "[confidentiality]"))
		return "the kernel is locked down (/sys/kernel/security/lockdown)";
	if (file_contains("/sys/module/module/parameters/sig_enforce", "Y"))
		return "the kernel takes only signed modules (module.sig_enforce)";
	return NULL;
}
