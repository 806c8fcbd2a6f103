// SPDX-License-Identifier: GPL-2.0
/* Which images are loaded, in which order, under which names. */
#include "make_module.h"
#include "plan.h"
#include "unit.h"

#define ID_OLD	"01010101"
#define ID_NEW	"02020202"

/* The running machine: a driver of two modules and somebody else's module. */
static size_t uses_lib[] = { 0 };
static const struct plan_loaded loaded[] = {
	{ .name = "lib", .base = "lib", .build_id = ID_OLD },
	{ .name = "drv", .base = "drv", .build_id = ID_OLD, .uses = uses_lib, .n_uses = 1 },
	{ .name = "other", .base = "other", .build_id = ID_OLD, .uses = uses_lib, .n_uses = 1 },
};

/* Which of them are parts of the driver. */
static const size_t parts[] = { 2 };
static size_t n_parts;

static const char kallsyms[] =
	"0000000000000000 T printk\n"
	"0000000000000000 t hidden\n"
	"0000000000000000 T lib_one\t[lib]\n"
	"0000000000000000 r __ksymtab_lib_one\t[lib]\n"
	"0000000000000000 t local_only\t[other]\n";

static const char symvers[] = "0x00000033\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n";

/* Files that modprobe would load. */
static struct make_module installed[4];
static struct plan_file *found[8];
static size_t n_found;

static struct plan_file *make_file(const struct make_module *description)
{
	struct plan_file *file = calloc(1, sizeof(*file));
	struct error err;
	size_t len;
	unsigned char *data = make_module(description, &len);

	file->path = strdup(description->name);
	if (image_open(&file->image, data, len, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(EXIT_FAILURE);
	}
	free(data);
	return file;
}

static int find(void *context, const char *base, struct plan_file **file, struct error *err)
{
	size_t i;

	(void)context;
	(void)err;
	for (i = 0; i < 4 && installed[i].name; i++) {
		if (strcmp(installed[i].name, base))
			continue;
		*file = make_file(&installed[i]);
		found[n_found++] = *file;
		return 0;
	}
	return 1;
}

static struct make_module lib(const char *build_id)
{
	return (struct make_module){ .name = "lib", .build_id = build_id,
				     .exports = { { "lib_one", 0x11 } },
				     .imports = { { "printk", 0x33 } } };
}

static struct make_module drv(const char *name, const char *build_id)
{
	return (struct make_module){ .name = name, .build_id = build_id, .depends = "lib",
				     .imports = { { "printk", 0x33 }, { "lib_one", 0x11 } } };
}

struct run {
	struct plan plan;
	struct error err;
	int ret;
};

/* Makes a plan from given files, with the symbols of the running machine. */
static struct run make_plan(const struct make_module *given, size_t n, bool force,
			    const struct plan_loaded *modules, size_t n_modules, int live)
{
	struct plan_file *files[4];
	struct plan_input in = {
		.loaded = modules, .n_loaded = n_modules, .live = live, .files = files,
		.n_files = n, .force = force, .find = find, .parts = parts, .n_parts = n_parts,
	};
	struct symbols symbols = { 0 };
	struct run run = { 0 };
	FILE *text;
	size_t i, j;

	for (i = 0; i < n; i++) {
		files[i] = make_file(&given[i]);
		files[i]->given = true;
		found[n_found++] = files[i];
	}
	run.ret = plan_select(&in, &run.plan, &run.err);
	if (run.ret)
		return run;
	for (i = 0; i < run.plan.n; i++) {
		const struct image *image = &run.plan.entries[i].file->image;

		for (j = 0; j < image->n_imports; j++)
			CHECK(!symbols_want(&symbols, image->imports[j].name, &run.err));
		for (j = 0; j < image->n_exports; j++)
			CHECK(!symbols_want(&symbols, image->exports[j].name, &run.err));
	}
	text = fmemopen((void *)kallsyms, strlen(kallsyms), "r");
	CHECK(!symbols_read_kallsyms(&symbols, text, &run.err));
	fclose(text);
	text = fmemopen((void *)symvers, strlen(symvers), "r");
	symbols_read_symvers(&symbols, text);
	fclose(text);
	run.ret = plan_link(&in, &run.plan, &symbols, &run.err);
	symbols_free(&symbols);
	return run;
}

static void end(struct run *run)
{
	plan_free(&run->plan);
	while (n_found) {
		struct plan_file *file = found[--n_found];

		image_close(&file->image);
		free(file->path);
		free(file);
	}
	memset(installed, 0, sizeof(installed));
	n_parts = 0;
}

static void test_base_name(void)
{
	static const char *const names[][2] = {
		{ "drv", "drv" }, { "drv__2", "drv" }, { "drv__17", "drv" }, { "drv_2", "drv_2" },
		{ "8390", "8390" }, { "8390__2", "8390" }, { "drv__", "drv__" },
		{ "drv__02", "drv__02" }, { "__2", "__2" },
	};
	char base[PLAN_NAME_LEN];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		plan_base_name(names[i][0], base);
		CHECK_TEXT(base, names[i][1]);
	}
}

static void test_driver_only(void)
{
	struct make_module given = drv("drv", ID_NEW);
	struct run run = make_plan(&given, 1, false, loaded, 3, 1);

	CHECK(!run.ret && run.plan.n == 1);
	CHECK(plan_driver(&run.plan) == &run.plan.entries[0]);
	CHECK(run.plan.entries[0].replaces == 1);
	CHECK_TEXT(run.plan.entries[0].load_name, "drv__2");
	CHECK_TEXT(run.plan.entries[0].prefix, "");
	CHECK(!run.plan.entries[0].n_renames);
	end(&run);
}

static void test_same(void)
{
	struct make_module given = drv("drv", ID_OLD);
	struct run run = make_plan(&given, 1, false, loaded, 3, 1);

	CHECK(!run.ret && !run.plan.n);
	end(&run);
	run = make_plan(&given, 1, true, loaded, 3, 1);
	CHECK(!run.ret && run.plan.n == 1);
	end(&run);
}

/* The library changed: the driver calls into it and is replaced too, and finds the new one. */
static void check_both(struct run *run)
{
	CHECK(!run->ret && run->plan.n == 2);
	if (run->ret || run->plan.n != 2) {
		fprintf(stderr, "%s\n", run->err.text);
		return;
	}
	CHECK_TEXT(run->plan.entries[0].load_name, "lib__2");
	CHECK_TEXT(run->plan.entries[0].prefix, "sg2_");
	CHECK(!run->plan.entries[0].driver);
	CHECK_TEXT(run->plan.entries[1].load_name, "drv__2");
	CHECK(run->plan.entries[1].driver);
	CHECK(run->plan.entries[1].n_renames == 1);
	CHECK_TEXT(run->plan.entries[1].renames[0].from, "lib_one");
	CHECK_TEXT(run->plan.entries[1].renames[0].to, "sg2_lib_one");
}

static void test_stack(void)
{
	/* Given in the wrong order. */
	struct make_module given[] = { drv("drv", ID_NEW), lib(ID_NEW) };
	struct run run = make_plan(given, 2, false, loaded, 3, 1);

	check_both(&run);
	end(&run);
	/* Only the library is given: the driver's file is found. */
	installed[0] = drv("drv", ID_OLD);
	run = make_plan(&given[1], 1, false, loaded, 3, 1);
	check_both(&run);
	end(&run);
	/* ... or not. */
	run = make_plan(&given[1], 1, false, loaded, 3, 1);
	CHECK(run.ret);
	CHECK_HAS(run.err.text, "'drv' calls into 'lib'");
	end(&run);
	/* The given library is the loaded one. */
	given[1] = lib(ID_OLD);
	run = make_plan(given, 2, false, loaded, 3, 1);
	CHECK(!run.ret && run.plan.n == 1);
	CHECK_TEXT(run.plan.entries[0].base, "drv");
	CHECK(!run.plan.entries[0].n_renames);
	end(&run);
}

static void test_installed(void)
{
	struct run run;

	installed[0] = drv("drv", ID_OLD);
	installed[1] = lib(ID_OLD);
	run = make_plan(NULL, 0, false, loaded, 3, 1);
	CHECK(!run.ret && !run.plan.n);
	end(&run);
	installed[0] = drv("drv", ID_OLD);
	installed[1] = lib(ID_NEW);
	run = make_plan(NULL, 0, false, loaded, 3, 1);
	check_both(&run);
	end(&run);
	run = make_plan(NULL, 0, false, loaded, 3, 1);
	CHECK(run.ret);
	CHECK_HAS(run.err.text, "no file for module 'drv'");
	end(&run);
	run = make_plan(NULL, 0, false, loaded, 3, -1);
	CHECK(run.ret);
	CHECK_HAS(run.err.text, "part of the kernel");
	end(&run);
}

static void test_other_name(void)
{
	struct make_module given[] = { drv("newdrv", ID_NEW), lib(ID_NEW) };
	struct make_module both[] = { drv("drv", ID_NEW), drv("newdrv", ID_NEW) };
	struct run run = make_plan(given, 1, false, loaded, 3, 1);

	CHECK(!run.ret && run.plan.n == 1);
	CHECK_TEXT(run.plan.entries[0].load_name, "newdrv");
	CHECK(run.plan.entries[0].driver);
	CHECK(run.plan.entries[0].replaces == -1);
	end(&run);
	/* With its library: the old driver's file is not needed. */
	run = make_plan(given, 2, false, loaded, 3, 1);
	CHECK(!run.ret && run.plan.n == 2);
	CHECK_TEXT(plan_driver(&run.plan)->base, "newdrv");
	end(&run);
	run = make_plan(both, 2, false, loaded, 3, 1);
	CHECK(run.ret);
	CHECK_HAS(run.err.text, "serves no part");
	end(&run);
	both[0] = both[1];
	run = make_plan(both, 2, false, loaded, 3, 1);
	CHECK(run.ret);
	CHECK_HAS(run.err.text, "are both module 'newdrv'");
	end(&run);
}

/* A library that the running driver did not need is found by the name in depends=. */
static void test_new_dependency(void)
{
	struct make_module given = drv("drv", ID_NEW);
	struct make_module more = { .name = "more_lib", .exports = { { "more_one", 0x77 } } };
	struct run run;

	given.depends = "lib,more-lib";
	given.imports[2] = (struct make_symbol){ "more_one", 0x77 };
	installed[0] = more;
	run = make_plan(&given, 1, false, loaded, 3, 1);
	CHECK(!run.ret && run.plan.n == 2);
	CHECK_TEXT(run.plan.entries[0].load_name, "more_lib");
	CHECK_TEXT(run.plan.entries[0].prefix, "");
	end(&run);
	run = make_plan(&given, 1, false, loaded, 3, 1);
	CHECK(run.ret);
	CHECK_HAS(run.err.text, "needs symbol more_one");
	end(&run);
}

/* The loaded library was replaced earlier: which one the driver was built with, only the user knows. */
static void test_replaced_library(void)
{
	struct make_module given[] = { drv("drv", ID_NEW), lib(ID_OLD) };
	struct run run;

	installed[0] = lib(ID_OLD);
	run = make_plan(given, 1, false, loaded, 3, 1);
	CHECK(!run.ret && run.plan.n == 1);
	end(&run);
	installed[0] = lib(ID_OLD);
	installed[0].exports[0].crc = 0x12;
	run = make_plan(given, 1, false, loaded, 3, 1);
	CHECK(run.ret);
	CHECK_HAS(run.err.text, "symbol lib_one has checksum 00000011, the loaded 'lib' has 00000012");
	end(&run);
	installed[0] = lib(ID_NEW);
	run = make_plan(given, 1, false, loaded, 3, 1);
	CHECK(run.ret);
	CHECK_HAS(run.err.text, "the loaded 'lib' is not the installed one");
	end(&run);
	installed[0] = lib(ID_NEW);
	run = make_plan(given, 2, false, loaded, 3, 1);
	CHECK(!run.ret && run.plan.n == 1);
	end(&run);
}

static void test_symbols(void)
{
	struct make_module given = drv("drv", ID_NEW);
	struct make_module stack[] = { drv("drv", ID_NEW), lib(ID_NEW) };
	struct run run;

	given.imports[2].name = "local_only";
	run = make_plan(&given, 1, false, loaded, 3, 1);
	CHECK(run.ret);
	CHECK_HAS(run.err.text, "needs symbol local_only");
	end(&run);
	given = drv("drv", ID_NEW);
	given.imports[0].crc = 0x34;
	run = make_plan(&given, 1, false, loaded, 3, 1);
	CHECK(run.ret);
	CHECK_HAS(run.err.text, "symbol printk has checksum 00000034, the running kernel has 00000033");
	end(&run);
	stack[1].exports[0].crc = 0x12;
	run = make_plan(stack, 2, false, loaded, 3, 1);
	CHECK(run.ret);
	CHECK_HAS(run.err.text, "symbol lib_one has checksum 00000011, lib has 00000012");
	end(&run);
}

/* Copies are loaded already: the next number is taken, and the copy that is in charge is called. */
static void test_next_copy(void)
{
	static size_t uses_copy[] = { 1 };
	static const struct plan_loaded copies[] = {
		{ .name = "lib", .base = "lib", .build_id = ID_OLD },
		{ .name = "lib__2", .base = "lib", .build_id = ID_NEW },
		{ .name = "drv__2", .base = "drv", .build_id = ID_OLD, .uses = uses_copy, .n_uses = 1 },
	};
	static const char text[] =
		"0 T printk\n0 r __ksymtab_lib_one\t[lib]\n0 r __ksymtab_sg2_lib_one\t[lib__2]\n";
	struct make_module given = drv("drv", ID_NEW);
	struct plan_file *file = make_file(&given);
	struct plan_input in = {
		.loaded = copies, .n_loaded = 3, .live = 2, .files = &file, .n_files = 1, .find = find,
	};
	struct symbols symbols = { 0 };
	struct plan plan;
	struct error err;
	FILE *stream = fmemopen((void *)text, strlen(text), "r");

	file->given = true;
	CHECK(!plan_select(&in, &plan, &err));
	CHECK(!symbols_want(&symbols, "printk", &err));
	CHECK(!symbols_want(&symbols, "lib_one", &err));
	CHECK(!symbols_read_kallsyms(&symbols, stream, &err));
	fclose(stream);
	CHECK(symbols_find(&symbols, "lib_one")->n_exporters == 2);
	CHECK(!plan_link(&in, &plan, &symbols, &err));
	CHECK(plan.n == 1);
	CHECK_TEXT(plan.entries[0].load_name, "drv");
	CHECK(plan.entries[0].n_renames == 1);
	CHECK_TEXT(plan.entries[0].renames[0].to, "sg2_lib_one");
	symbols_free(&symbols);
	plan_free(&plan);
	image_close(&file->image);
	free(file->path);
	free(file);
}

/* A second copy of what runs: under another name, with the library that the first one uses. */
static void test_spare(void)
{
	static const struct plan_loaded modules[] = {
		{ .name = "lib__2", .base = "lib", .build_id = ID_NEW },
		{ .name = "drv", .base = "drv", .build_id = ID_NEW, .uses = uses_lib, .n_uses = 1 },
		{ .name = "lib", .base = "lib", .build_id = ID_OLD },
	};
	static const char text[] = "0000000000000000 T printk\n"
				   "0000000000000000 r __ksymtab_lib_one\t[lib]\n"
				   "0000000000000000 r __ksymtab_sg2_lib_one\t[lib__2]\n";
	const struct plan_input in = { .loaded = modules, .n_loaded = 3, .live = 1, .find = find };
	struct symbols symbols = { 0 };
	const struct plan_input plain = { .loaded = loaded, .n_loaded = 3, .live = 1, .find = find };
	struct make_module copy = drv("drv", ID_NEW);
	struct run run = { 0 };
	bool renames;
	FILE *file;

	found[n_found++] = make_file(&copy);
	CHECK(!plan_spare(&plain, found[0], &run.plan, &renames, &run.err));
	CHECK(!renames);
	CHECK_TEXT(run.plan.entries[0].load_name, "drv__2");
	plan_free(&run.plan);
	CHECK(!plan_spare(&in, found[0], &run.plan, &renames, &run.err));
	CHECK(renames);
	CHECK(!symbols_want(&symbols, "printk", &run.err));
	CHECK(!symbols_want(&symbols, "lib_one", &run.err));
	file = fmemopen((void *)text, strlen(text), "r");
	CHECK(!symbols_read_kallsyms(&symbols, file, &run.err));
	fclose(file);
	CHECK(!plan_link(&in, &run.plan, &symbols, &run.err));
	CHECK(run.plan.n == 1 && plan_driver(&run.plan)->replaces == 1);
	CHECK_TEXT(run.plan.entries[0].load_name, "drv__2");
	CHECK(run.plan.entries[0].n_renames == 1);
	CHECK_TEXT(run.plan.entries[0].renames[0].to, "sg2_lib_one");
	symbols_free(&symbols);
	end(&run);
}

/* A library that registers a bus is there once. */
static void test_bus(void)
{
	struct make_module given[] = { drv("drv", ID_NEW), lib(ID_NEW) };
	struct run run;

	given[1].imports[1] = (struct make_symbol){ "bus_register", 0x33 };
	run = make_plan(given, 2, false, loaded, 3, 1);
	CHECK(run.ret);
	CHECK_HAS(run.err.text, "module 'lib' registers a bus");
	end(&run);
}

/* Drivers of what the driver makes on a bus of its own are exchanged with it. */
static void test_parts(void)
{
	struct make_module part = drv("other", ID_NEW);
	struct make_module given[] = { drv("drv", ID_NEW), lib(ID_NEW), part };
	struct make_module more[] = { drv("drv", ID_NEW), drv("more", ID_NEW) };
	struct run run;

	/* The one that was not given calls into the old library. */
	n_parts = 1;
	installed[0] = drv("other", ID_OLD);
	run = make_plan(given, 2, false, loaded, 3, 1);
	CHECK(!run.ret && run.plan.n == 3);
	CHECK_TEXT(run.plan.entries[0].base, "lib");
	CHECK_TEXT(plan_driver(&run.plan)->base, "drv");
	end(&run);
	n_parts = 1;
	run = make_plan(given, 3, false, loaded, 3, 1);
	CHECK(!run.ret && run.plan.n == 3);
	end(&run);
	/* A part alone takes the driver with it. */
	n_parts = 1;
	installed[0] = drv("drv", ID_OLD);
	run = make_plan(&part, 1, false, loaded, 3, 1);
	CHECK(!run.ret && run.plan.n == 2);
	CHECK_TEXT(plan_driver(&run.plan)->base, "drv");
	CHECK_HAS(plan_driver(&run.plan)->reason, "is exchanged with other");
	end(&run);
	/* One that was not there before is known by its bus, and only where there are parts. */
	more[1].alias = "hdaudio:v00000001r*a01*";
	run = make_plan(more, 2, false, loaded, 3, 1);
	CHECK(run.ret);
	end(&run);
	n_parts = 1;
	run = make_plan(more, 2, false, loaded, 3, 1);
	CHECK(!run.ret && run.plan.n == 2);
	CHECK_TEXT(plan_driver(&run.plan)->base, "drv");
	end(&run);
}

int main(void)
{
	test_base_name();
	test_driver_only();
	test_same();
	test_stack();
	test_installed();
	test_other_name();
	test_new_dependency();
	test_replaced_library();
	test_symbols();
	test_next_copy();
	test_spare();
	test_parts();
	test_bus();
	return unit_end();
}
