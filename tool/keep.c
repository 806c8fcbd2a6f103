// SPDX-License-Identifier: GPL-2.0
/* What loaded modules were loaded from, see keep.h. */
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "keep.h"

#define RUN "/run/segue"
#define DIRECTORY RUN "/modules"

/* A file: this, the parameters, the image. */
struct header {
	char magic[8];
	uint64_t inode;
	uint64_t params_len;
	uint64_t image_len;
};

static const char magic[8] = "segue-1";

static int make_path(char path[PATH_MAX], const char *directory, const char *name)
{
	return snprintf(path, PATH_MAX, "%s/%s", directory, name) < PATH_MAX ? 0 : -1;
}

/*
 * A module of this name may have gone and another one come: its folder is a new one then, with
 * another number.  0: there is none.
 */
static uint64_t inode_of(const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	return make_path(path, "/sys/module", name) || stat(path, &st) ? 0 : st.st_ino;
}

static FILE *open_kept(const char *name, struct header *header)
{
	char path[PATH_MAX];
	FILE *file;

	if (make_path(path, DIRECTORY, name))
		return NULL;
	file = fopen(path, "re");
	if (!file)
		return NULL;
	if (fread(header, sizeof(*header), 1, file) == 1 &&
	    !memcmp(header->magic, magic, sizeof(magic)) && header->inode &&
	    header->inode == inode_of(name))
		return file;
	fclose(file);
	return NULL;
}

void keep_tidy(void)
{
	_cleanup_closedir_ DIR *dir = opendir(DIRECTORY);
	struct header header;
	struct dirent *entry;
	char path[PATH_MAX];

	while (dir && (entry = readdir(dir))) {
		FILE *file = entry->d_name[0] == '.' ? NULL : open_kept(entry->d_name, &header);

		if (file)
			fclose(file);
		else if (entry->d_name[0] != '.' && !make_path(path, DIRECTORY, entry->d_name))
			unlink(path);
	}
}

static bool write_kept(FILE *file, const struct header *header, const char *params,
		       const struct buf *image)
{
	bool written = fwrite(header, sizeof(*header), 1, file) == 1 &&
		       fwrite(params, 1, header->params_len, file) == header->params_len &&
		       fwrite(image->data, 1, image->len, file) == image->len;

	return !fclose(file) && written;
}

void keep_module(const char *name, const char *params, const struct buf *image)
{
	struct header header = {
		.inode = inode_of(name),
		.params_len = strlen(params),
		.image_len = image->len,
	};
	char path[PATH_MAX];
	FILE *file;

	keep_tidy();
	mkdir(RUN, 0755);
	mkdir(DIRECTORY, 0700);
	if (!header.inode || make_path(path, DIRECTORY, name))
		return;
	memcpy(header.magic, magic, sizeof(magic));
	file = fopen(path, "we");
	if (file && !write_kept(file, &header, params, image))
		unlink(path);
}

/* A file that was cut off says nothing. */
static int read_kept(FILE *file, const struct header *header, struct kept *kept)
{
	struct stat st;

	if (fstat(fileno(file), &st) || header->params_len > (uint64_t)st.st_size ||
	    header->image_len > (uint64_t)st.st_size ||
	    sizeof(*header) + header->params_len + header->image_len != (uint64_t)st.st_size)
		return 1;
	kept->params = calloc(1, header->params_len + 1);
	kept->image.data = malloc(header->image_len + 1);
	kept->image.len = header->image_len;
	if (kept->params && kept->image.data &&
	    fread(kept->params, 1, header->params_len, file) == header->params_len &&
	    fread(kept->image.data, 1, kept->image.len, file) == kept->image.len)
		return 0;
	keep_free(kept);
	return 1;
}

int keep_find(const char *name, struct kept *kept)
{
	struct header header;
	FILE *file;
	int ret;

	memset(kept, 0, sizeof(*kept));
	file = open_kept(name, &header);
	if (!file)
		return 1;
	ret = read_kept(file, &header, kept);
	fclose(file);
	return ret;
}

void keep_free(struct kept *kept)
{
	free(kept->params);
	kept->params = NULL;
	buf_free(&kept->image);
}
