// SPDX-License-Identifier: GPL-2.0
/* A module of a plan into the kernel, see insert.h. */
#include "insert.h"
#include "keep.h"
#include "load.h"

/*
 * What the running module has may be more than the new one takes, and nobody has asked for it: the
 * update goes on without.
 */
static bool leave_out(struct params *params, const char *name)
{
	struct param *param = *name ? params_find(params, name) : NULL;

	if (!param || param->source != PARAM_RUNNING || param->unused)
		return false;
	param->unused = "the new module does not take this value";
	fprintf(stderr, "segue: parameter %s=%s of the running module is left out: %s\n",
		param->name, param->value, param->unused);
	return true;
}

int insert_entry(const struct plan_entry *entry, struct params *params, struct error *err)
{
	char refused[LOAD_PARAM_LEN];
	const unsigned char *data;
	size_t len;

	image_bytes(&entry->file->image, &data, &len);
	for (;;) {
		_cleanup_free_ char *text = params_text(params);

		if (!text)
			return error_memory(err);
		if (!load_module(data, len, entry->load_name, text, refused, err)) {
			keep_module(entry->load_name, text, &entry->file->bytes);
			return 0;
		}
		if (!leave_out(params, refused))
			return error_prefix(err, "%s: ", entry->file->path);
	}
}
