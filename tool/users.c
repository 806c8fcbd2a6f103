// SPDX-License-Identifier: GPL-2.0
/* Who uses the nodes of a device, see users.h. */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "netlink.h"
#include "sysfs.h"
#include "users.h"
#include "util.h"

#define NODE_DEPTH 12

/**
 * struct node - a device node that the driver provides, or a part of one
 * @path: its folder below /sys
 * @name: its name
 * @dev: its number
 * @is_block: a disk or a partition
 * @stays: whoever has it open keeps it
 */
struct node {
	char path[PATH_MAX];
	char name[SYSFS_NAME_LEN];
	dev_t dev;
	bool is_block;
	bool stays;
};

struct search {
	struct node *nodes;
	size_t n;
	int (*each)(const struct finding *finding, void *arg);
	void *arg;
};

__attribute__((format(printf, 2, 3)))
static int tell(const struct search *search, const char *format, ...)
{
	struct finding finding = { .severity = SEGUE_SEVERITY_INFO, .kind = SEGUE_KIND_USER };
	va_list args;

	va_start(args, format);
	vsnprintf(finding.name, sizeof(finding.name), format, args);
	va_end(args);
	return search->each(&finding, search->arg) ? -1 : 0;
}

static bool in_subsystem(const char *path, const char *name)
{
	char link[PATH_MAX], target[PATH_MAX];
	const char *slash;
	ssize_t len;

	if (snprintf(link, sizeof(link), "%s/subsystem", path) >= (int)sizeof(link))
		return false;
	len = readlink(link, target, sizeof(target) - 1);
	if (len < 0)
		return false;
	target[len] = '\0';
	slash = strrchr(target, '/');
	return slash && !strcmp(slash + 1, name);
}

/* Of a sound card only the direct way to a codec or the like is the driver's own. */
static bool stays(const struct node *node)
{
	return node->is_block ||
	       (in_subsystem(node->path, "sound") && strncmp(node->name, "hw", strlen("hw")));
}

static int add_node(struct search *search, const char *path, const char *name)
{
	char file[PATH_MAX], line[32];
	unsigned int major, minor;
	struct node *node;

	if (snprintf(file, sizeof(file), "%s/dev", path) >= (int)sizeof(file))
		return 0;
	sysfs_read_line(file, line, sizeof(line));
	if (sscanf(line, "%u:%u", &major, &minor) != 2)
		return 0;
	node = array_add(&search->nodes, &search->n, sizeof(*node));
	if (!node)
		return -1;
	copy_text(node->path, sizeof(node->path), path);
	copy_text(node->name, sizeof(node->name), name);
	node->dev = makedev(major, minor);
	node->is_block = in_subsystem(path, "block");
	node->stays = stays(node);
	return 0;
}

/* Only folders are looked into: links lead out of the device. */
static int find_nodes(struct search *search, const char *path, unsigned int depth)
{
	_cleanup_closedir_ DIR *dir = opendir(path);
	char below[PATH_MAX];
	struct dirent *entry;

	while (dir && depth && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || entry->d_type != DT_DIR ||
		    snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) >=
			    (int)sizeof(below))
			continue;
		if (add_node(search, below, entry->d_name) || find_nodes(search, below, depth - 1))
			return -1;
	}
	return 0;
}

static const struct node *node_of(const struct search *search, dev_t dev, bool block)
{
	size_t i;

	for (i = 0; i < search->n; i++) {
		if (search->nodes[i].dev == dev && search->nodes[i].is_block == block)
			return &search->nodes[i];
	}
	return NULL;
}

static const struct node *node_named(const struct search *search, const char *path)
{
	size_t i;

	if (strncmp(path, "/dev/", 5))
		return NULL;
	for (i = 0; i < search->n; i++) {
		if (search->nodes[i].is_block && !strcmp(search->nodes[i].name, path + 5))
			return &search->nodes[i];
	}
	return NULL;
}

/* Some file systems have a number of their own; then the source tells. */
static int tell_mounts(const struct search *search)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[4 * PATH_MAX], where[PATH_MAX], type[64], source[PATH_MAX];
	const struct node *node;
	unsigned int major, minor;
	const char *rest;

	while (file && fgets(line, sizeof(line), file)) {
		rest = strstr(line, " - ");
		if (!rest ||
		    sscanf(line, "%*u %*u %u:%u %*s %4095s", &major, &minor, where) != 3 ||
		    sscanf(rest, " - %63s %4095s", type, source) != 2)
			continue;
		node = node_of(search, makedev(major, minor), true);
		if (!node)
			node = node_named(search, source);
		if (node && tell(search, "%s is mounted at %s (%s)", node->name, where, type))
			return -1;
	}
	return 0;
}

static int tell_swaps(const struct search *search)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/swaps", "re");
	char line[2 * PATH_MAX], path[PATH_MAX];
	const struct node *node;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%4095s", path) != 1)
			continue;
		node = node_named(search, path);
		if (node && tell(search, "%s is swapped to", node->name))
			return -1;
	}
	return 0;
}

static int tell_holders(const struct search *search, const struct node *node)
{
	char path[PATH_MAX + 16];
	struct dirent *entry;

	snprintf(path, sizeof(path), "%s/holders", node->path);
	_cleanup_closedir_ DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.' &&
		    tell(search, "%s is part of %s", node->name, entry->d_name))
			return -1;
	}
	return 0;
}

/*
 * A character device goes away with its driver and comes back as another: who has it open must open
 * it again, and keeps the old module in memory until then.
 */
static int tell_process(const struct search *search, const char *pid)
{
	char path[PATH_MAX], comm[64];
	const struct node *node;
	struct dirent *entry;
	struct stat stat;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	sysfs_read_line(path, comm, sizeof(comm));
	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	_cleanup_closedir_ DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || fstatat(dirfd(dir), entry->d_name, &stat, 0) ||
		    !(S_ISBLK(stat.st_mode) || S_ISCHR(stat.st_mode)))
			continue;
		node = node_of(search, stat.st_rdev, S_ISBLK(stat.st_mode));
		if (!node)
			continue;
		if (tell(search, "process %s (%s) has %s open%s", pid, comm, node->name,
			 node->stays ? "" : " and must open it again afterwards"))
			return -1;
	}
	return 0;
}

static int tell_processes(const struct search *search)
{
	_cleanup_closedir_ DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    tell_process(search, entry->d_name))
			return -1;
	}
	return 0;
}

int users_find(const char *bus, const char *name,
	       int (*each)(const struct finding *finding, void *arg), void *arg)
{
	struct search search = { .each = each, .arg = arg };
	char path[PATH_MAX];
	size_t i;
	int ret;

	snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s", bus, name);
	ret = find_nodes(&search, path, NODE_DEPTH);
	if (!ret)
		ret = tell_mounts(&search);
	if (!ret)
		ret = tell_swaps(&search);
	for (i = 0; !ret && i < search.n; i++)
		ret = tell_holders(&search, &search.nodes[i]);
	if (!ret)
		ret = tell_processes(&search);
	free(search.nodes);
	return ret;
}
