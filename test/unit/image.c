// SPDX-License-Identifier: GPL-2.0
/*
 * Reading and changing of module images.  Arguments: stock modules; the first one exports symbols, the
 * second one uses them.
 */
#include "image.h"
#include "make_module.h"
#include "unit.h"

static const struct make_module library = {
	.name = "lib",
	.build_id = "0123456789abcdef",
	.srcversion = "SRC",
	.exports = { { "lib_one", 0x11 }, { "lib_two", 0x22 } },
	.imports = { { "printk", 0x33 } },
	.params = { { "debug", 0644, "int" }, { "id", 0444, "array of charp" }, { "own", 0, NULL } },
};

static void open_made(struct image *image, const struct make_module *description)
{
	struct error err;
	size_t len;
	unsigned char *data = make_module(description, &len);

	if (image_open(image, data, len, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(EXIT_FAILURE);
	}
	free(data);
}

static void reopen(const struct image *image, struct image *again)
{
	const unsigned char *data;
	struct error err;
	size_t len;

	image_bytes(image, &data, &len);
	if (image_open(again, data, len, &err)) {
		fprintf(stderr, "changed image: %s\n", err.text);
		exit(EXIT_FAILURE);
	}
}

static void test_read(void)
{
	struct image image;

	open_made(&image, &library);
	CHECK_TEXT(image.name, "lib");
	CHECK_TEXT(image.build_id, "0123456789abcdef");
	CHECK_TEXT(image_modinfo(&image, "srcversion", NULL), "SRC");
	CHECK(!image_modinfo(&image, "src", NULL));
	CHECK(!image_modinfo(&image, "license", image_modinfo(&image, "license", NULL)));
	CHECK(image.n_exports == 2);
	CHECK_TEXT(image.exports[1].name, "lib_two");
	CHECK(image.exports[1].has_crc && image.exports[1].crc == 0x22);
	CHECK(image.n_imports == 1);
	CHECK(image_find_import(&image, "printk")->crc == 0x33);
	CHECK(!image_find_import(&image, "lib_one"));
	CHECK(image_find_export(&image, "lib_one"));
	CHECK(!image.changed);
	image_close(&image);
}

static void test_change(void)
{
	static const struct image_rename renames[] = { { "printk", "sg7_printk_much_longer" } };
	struct image image, again;
	struct error err;

	open_made(&image, &library);
	CHECK(!image_set_name(&image, "lib__17", &err));
	CHECK(!image_prefix_exports(&image, "sg7_", &err));
	CHECK(!image_rename_imports(&image, renames, 1, &err));
	CHECK(image.changed);
	reopen(&image, &again);
	CHECK_TEXT(again.name, "lib__17");
	CHECK_TEXT(image_modinfo(&again, "name", NULL), "lib__17");
	CHECK_TEXT(image_modinfo(&again, "vermagic", NULL), "6.1.0 SMP");
	CHECK_TEXT(again.exports[0].name, "sg7_lib_one");
	CHECK_TEXT(again.exports[1].name, "sg7_lib_two");
	CHECK(again.exports[1].crc == 0x22);
	CHECK(again.n_imports == 1);
	CHECK(image_find_import(&again, renames[0].to)->has_crc);
	CHECK(image_find_import(&again, renames[0].to)->crc == 0x33);
	image_close(&again);
	image_close(&image);
}

static void test_params(void)
{
	struct image image;
	unsigned int mode;

	open_made(&image, &library);
	CHECK_TEXT(image_param(&image, 0, &mode), "debug");
	CHECK(mode == 0644);
	CHECK_TEXT(image_param(&image, 2, &mode), "own");
	CHECK(!mode);
	CHECK(!image_param(&image, 3, &mode));
	CHECK_TEXT(image_param_type(&image, "id"), "array of charp");
	CHECK(!image_param_type(&image, "own") && !image_param_type(&image, "i"));
	/* A name that lies outside of its section is none. */
	image.sh[image.index.params].sh_size = 40;
	CHECK(!image_param(&image, 1, &mode));
	image_close(&image);
}

static void test_limits(void)
{
	static const struct image_rename too_long[] = {
		{ "printk", "a_name_that_does_not_fit_into_the_table_of_symbol_versions" },
	};
	struct image image;
	struct error err;

	open_made(&image, &library);
	CHECK(image_set_name(&image, "", &err));
	CHECK(image_set_name(&image, too_long[0].to, &err));
	CHECK(image_rename_imports(&image, too_long, 1, &err));
	CHECK_HAS(err.text, "printk");
	CHECK(!image.changed);
	/* A shorter name than before leaves nothing of the old one behind. */
	CHECK(!image_set_name(&image, "a", &err));
	CHECK_TEXT(image_modinfo(&image, "name", NULL), "a");
	CHECK_TEXT(image_modinfo(&image, "vermagic", NULL), "6.1.0 SMP");
	image_close(&image);
}

static void expect_refusal(const void *data, size_t len, const char *words)
{
	struct image image;
	struct error err = { 0 };

	if (!image_open(&image, data, len, &err)) {
		fprintf(stderr, "an image that should say '%s' is accepted\n", words);
		unit_failed++;
		image_close(&image);
		return;
	}
	CHECK(err.exit_code == EXIT_USAGE);
	CHECK_HAS(err.text, words);
}

static void test_bad(void)
{
	size_t len;
	unsigned char *data = make_module(&library, &len);
	Elf64_Ehdr *eh = (Elf64_Ehdr *)data;
	Elf64_Ehdr good = *eh;

	expect_refusal("", 0, "truncated");
	expect_refusal("hello, world, this is no module at all, not even nearly, is it?", 64, "ELF");
	eh->e_machine = EM_AARCH64;
	expect_refusal(data, len, "architecture");
	*eh = good;
	eh->e_ident[EI_CLASS] = ELFCLASS32;
	expect_refusal(data, len, "");
	*eh = good;
	eh->e_type = ET_EXEC;
	expect_refusal(data, len, "not a kernel module");
	*eh = good;
	eh->e_shoff = UINT64_MAX;
	expect_refusal(data, len, "");
	*eh = good;
	eh->e_shnum = 0;
	expect_refusal(data, len, "section table");
	*eh = good;
	eh->e_shstrndx = 200;
	expect_refusal(data, len, "");
	*eh = good;
	free(data);
}

/* A section that grows must not write over another one, so none may share bytes. */
static void test_overlap(void)
{
	size_t len;
	unsigned char *data = make_module(&library, &len);
	Elf64_Ehdr *eh = (Elf64_Ehdr *)data;
	Elf64_Shdr *sh = (Elf64_Shdr *)(data + eh->e_shoff);

	sh[2].sh_offset = sh[3].sh_offset;
	expect_refusal(data, len, "overlap");
	free(data);
}

static void test_truncated(const unsigned char *data, size_t len)
{
	struct image image;
	struct error err;
	size_t i, unsigned_len;

	if (image_open(&image, data, len, &err)) {
		CHECK(!"the whole module is accepted");
		return;
	}
	unsigned_len = image.len;
	image_close(&image);
	for (i = 0; i < len; i++) {
		/* Exactly the signature cut off is a whole module without signature. */
		if (i == unsigned_len)
			continue;
		/* A copy of its own, so that the sanitizer sees a read beyond the end. */
		unsigned char *copy = malloc(i ? i : 1);

		memcpy(copy, data, i);
		if (!image_open(&image, copy, i, &err)) {
			fprintf(stderr, "accepted when cut off at %zu of %zu\n", i, len);
			unit_failed++;
			image_close(&image);
		}
		free(copy);
	}
}

/* Names of all exports in the order of the file; the kernel searches them by bisection. */
static void check_sorted(const struct image *image)
{
	size_t i;

	for (i = 1; i < image->n_exports; i++)
		CHECK(strcmp(image->exports[i - 1].name, image->exports[i].name) < 0);
}

static void test_stock(const char *provider_path, const char *user_path)
{
	struct image provider, user, again;
	struct image_rename renames[64];
	char names[64][64], plain[64][64];
	struct error err;
	size_t len, i, n = 0;
	unsigned char *data;

	data = unit_read(provider_path, &len);
	CHECK(!image_open(&provider, data, len, &err));
	test_truncated(data, len);
	free(data);
	data = unit_read(user_path, &len);
	CHECK(!image_open(&user, data, len, &err));
	free(data);
	CHECK(provider.is_signed && *provider.build_id && provider.n_exports);
	check_sorted(&provider);
	for (i = 0; i < provider.n_exports && n < 64; i++) {
		const char *name = provider.exports[i].name;

		if (!image_find_import(&user, name))
			continue;
		CHECK(image_find_import(&user, name)->crc == provider.exports[i].crc);
		snprintf(plain[n], sizeof(plain[n]), "%s", name);
		snprintf(names[n], sizeof(names[n]), "sg2_%s", name);
		renames[n] = (struct image_rename){ plain[n], names[n] };
		n++;
	}
	CHECK(n > 0);
	CHECK(!image_set_name(&provider, "copy__2", &err));
	CHECK(!image_prefix_exports(&provider, "sg2_", &err));
	CHECK(!image_rename_imports(&user, renames, n, &err));
	reopen(&provider, &again);
	CHECK(!again.is_signed);
	check_sorted(&again);
	for (i = 0; i < n; i++) {
		CHECK(image_find_export(&again, names[i]));
		CHECK(image_find_import(&user, names[i])->crc ==
		      image_find_export(&again, names[i])->crc);
		CHECK(!image_find_import(&user, plain[i]));
	}
	image_close(&again);
	image_close(&provider);
	image_close(&user);
}

int main(int argc, char **argv)
{
	size_t len;
	unsigned char *data = make_module(&library, &len);

	test_read();
	test_change();
	test_params();
	test_limits();
	test_bad();
	test_overlap();
	test_truncated(data, len);
	free(data);
	if (argc == 3)
		test_stock(argv[1], argv[2]);
	else
		fprintf(stderr, "no stock modules to test with\n");
	return unit_end();
}
