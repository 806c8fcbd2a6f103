// SPDX-License-Identifier: GPL-2.0
/*
 * Reading of module files, compressed or not, whole or cut off; and signing.
 * Arguments: a module, the same as .xz, .zst, .gz, a private key, its certificate, another key.
 */
#include "image.h"
#include "load.h"
#include "unit.h"

static void test_compressed(const char *plain, const char *packed)
{
	struct buf one, two;
	struct error err;
	size_t len, i;
	unsigned char *data;

	CHECK(!load_read_file(plain, &one, &err));
	CHECK(!load_read_file(packed, &two, &err));
	CHECK(one.len == two.len && !memcmp(one.data, two.data, one.len));
	buf_free(&two);
	data = unit_read(packed, &len);
	/* Every length would take minutes; primes reach every residue. */
	for (i = 8; i < len; i += i < 64 ? 1 : 211) {
		struct buf cut = { malloc(i), i };

		memcpy(cut.data, data, i);
		CHECK(load_decompress(&cut, &err));
		CHECK_HAS(err.text, "truncated");
		buf_free(&cut);
	}
	free(data);
	buf_free(&one);
}

static void test_files(void)
{
	struct buf bytes;
	struct error err;

	CHECK(load_read_file("/no/such/file.ko", &bytes, &err));
	CHECK_HAS(err.text, "/no/such/file.ko: No such file");
	CHECK(err.exit_code == EXIT_USAGE);
	CHECK(load_read_file("/", &bytes, &err));
	CHECK_HAS(err.text, "not a regular file");
	CHECK(load_read_file("/dev/zero", &bytes, &err));
}

static void test_sign(const char *module, const char *key, const char *cert, const char *other)
{
	const unsigned char *data;
	struct image image, again;
	struct buf bytes;
	struct error err;
	size_t len, unsigned_len;

	CHECK(!load_read_file(module, &bytes, &err));
	CHECK(!image_open(&image, bytes.data, bytes.len, &err));
	buf_free(&bytes);
	CHECK(!image_set_name(&image, "copy__2", &err));
	CHECK(!image.is_signed);
	unsigned_len = image.len;
	CHECK(sign_image(&image, "/no/such/key", cert, &err));
	CHECK_HAS(err.text, "/no/such/key");
	CHECK(sign_image(&image, cert, cert, &err));
	CHECK(sign_image(&image, other, cert, &err));
	CHECK_HAS(err.text, "does not belong");
	CHECK(!image.is_signed);
	CHECK(!sign_image(&image, key, cert, &err));
	image_bytes(&image, &data, &len);
	CHECK(!image_open(&again, data, len, &err));
	CHECK(again.is_signed && again.len == unsigned_len && again.full_len == len);
	CHECK_TEXT(again.name, "copy__2");
	image_close(&again);
	image_close(&image);
}

int main(int argc, char **argv)
{
	int i;

	if (argc != 8) {
		fprintf(stderr, "usage: load MODULE XZ ZST GZ KEY CERT OTHER-KEY\n");
		return EXIT_FAILURE;
	}
	for (i = 2; i < 5; i++)
		test_compressed(argv[1], argv[i]);
	test_files();
	test_sign(argv[1], argv[5], argv[6], argv[7]);
	return unit_end();
}
