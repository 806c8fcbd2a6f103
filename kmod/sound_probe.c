// SPDX-License-Identifier: GPL-2.0
/*
 * How often a driver has been asked to take a card.
 *
 * Drivers of sound cards count how often they are probed, to give each card the parameters that the
 * user has set for the first, the second and so on, and refuse when there cannot be more cards.
 * They never count down.  So the command loads a spare copy of the driver that is to be left, which
 * a swap goes back to; one that has been asked too often is found before anything is touched.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include "sound.h"

/* From here on the user is told. */
#define SEGUE_PROBES_MANY	(SNDRV_CARDS * 3 / 4)

/**
 * struct segue_probes - probes of one module
 * @node: in the list
 * @module: module; forgotten when it unloads
 * @count: how many probes, as far as they are known
 */
struct segue_probes {
	struct list_head node;
	const struct module *module;
	unsigned int count;
};

/* Protects the list. */
static DEFINE_MUTEX(segue_probes_mutex);
static LIST_HEAD(segue_probes_list);

static struct segue_probes *segue_probes_find(const struct module *module)
{
	struct segue_probes *probes;

	list_for_each_entry(probes, &segue_probes_list, node)
		if (probes->module == module)
			return probes;
	return NULL;
}

/* Before Segue saw it, a driver was probed at least once for each of its cards. */
static unsigned int segue_probes_before(const struct module *module)
{
	unsigned int number, count = 0;

	for (number = 0; number < SNDRV_CARDS; number++) {
		struct snd_card *card = snd_card_ref(number);

		if (!card)
			continue;
		count += card->module == module;
		snd_card_unref(card);
	}
	return count;
}

static struct segue_probes *segue_probes_get(const struct module *module)
{
	struct segue_probes *probes = segue_probes_find(module);

	if (probes)
		return probes;
	probes = kzalloc(sizeof(*probes), GFP_KERNEL);
	if (!probes)
		return NULL;
	probes->module = module;
	probes->count = segue_probes_before(module);
	list_add_tail(&probes->node, &segue_probes_list);
	return probes;
}

/* Context: process. */
void segue_sound_count_probe(const struct module *module)
{
	struct segue_probes *probes;

	if (!module)
		return;
	mutex_lock(&segue_probes_mutex);
	probes = segue_probes_get(module);
	if (probes)
		probes->count++;
	mutex_unlock(&segue_probes_mutex);
}

static void segue_sound_look_module(struct segue_target *target, const struct module *module,
				    enum segue_severity severity, const char *what)
{
	struct segue_probes *probes;
	unsigned int count = 0;

	if (!module)
		return;
	mutex_lock(&segue_probes_mutex);
	probes = segue_probes_get(module);
	if (probes)
		count = probes->count;
	mutex_unlock(&segue_probes_mutex);
	if (count >= SNDRV_CARDS)
		segue_found_text(&target->found, severity,
				 "module %s has taken a card %u times and may refuse the next: %s",
				 module->name, count, what);
	else if (count >= SEGUE_PROBES_MANY)
		segue_found_text(&target->found, SEGUE_SEVERITY_INFO,
				 "module %s has taken a card %u times, and %u is the most",
				 module->name, count, SNDRV_CARDS);
}

/*
 * Can the new driver be asked, and the old one if that fails?  Who wants to go on without a way
 * back may.  Context: process.
 */
void segue_sound_look_probes(struct segue_target *target)
{
	segue_sound_look_module(target, segue_target_module_back(target),
				SEGUE_SEVERITY_INCOMPATIBLE,
				"there would be no way back to it");
	if (target->swap)
		segue_sound_look_module(target, segue_target_module(target),
					SEGUE_SEVERITY_IMPOSSIBLE,
					"load it anew ('segue commit', then 'segue update')");
}

static int segue_probes_module(struct notifier_block *watch, unsigned long event, void *data)
{
	struct segue_probes *probes;

	if (event != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	mutex_lock(&segue_probes_mutex);
	probes = segue_probes_find(data);
	if (probes) {
		list_del(&probes->node);
		kfree(probes);
	}
	mutex_unlock(&segue_probes_mutex);
	return NOTIFY_DONE;
}

static struct notifier_block segue_probes_watch = {
	.notifier_call = segue_probes_module,
};

int segue_sound_probes_init(void)
{
	return register_module_notifier(&segue_probes_watch);
}

void segue_sound_probes_exit(void)
{
	struct segue_probes *probes, *next;

	unregister_module_notifier(&segue_probes_watch);
	list_for_each_entry_safe(probes, next, &segue_probes_list, node)
		kfree(probes);
}
