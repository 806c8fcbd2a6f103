// SPDX-License-Identifier: GPL-2.0
/*
 * The mixer.  A driver's controls really go, with what they point to, and the new driver's come in
 * their place.  Those that have the same name afterwards (some drivers rename theirs) are the same
 * for applications: they get the number, the place in the list, the owner and the value of the one
 * before.  Controls that a user has made stay.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>
#include <sound/tlv.h>
#include "sound.h"

static bool segue_kctl_is_users(const struct snd_kcontrol *kctl)
{
	return kctl->vd[0].access & SNDRV_CTL_ELEM_ACCESS_USER;
}

static void segue_kctl_free(struct segue_kctl *kept)
{
	kfree(kept->tlv);
	kvfree(kept);
}

void segue_card_free_controls(struct segue_card *record)
{
	struct segue_kctl *kept, *next;

	list_for_each_entry_safe(kept, next, &record->controls, node)
		segue_kctl_free(kept);
	INIT_LIST_HEAD(&record->controls);
}

/* Context: process, controls_rwsem. */
static void segue_kctl_read_element(struct snd_kcontrol *kctl, unsigned int index,
				    struct segue_kctl_value *element)
{
	element->owner = kctl->vd[index].owner;
	snd_ctl_build_ioff(&element->info.id, kctl, index);
	snd_ctl_build_ioff(&element->value.id, kctl, index);
	element->described = kctl->info && kctl->info(kctl, &element->info) >= 0;
	element->readable = kctl->get && kctl->vd[index].access & SNDRV_CTL_ELEM_ACCESS_READ &&
			    kctl->get(kctl, &element->value) >= 0;
}

/* A scale that a function of the driver makes is not read: it writes to user memory. */
static size_t segue_kctl_tlv_bytes(const struct snd_kcontrol *kctl)
{
	unsigned int access = kctl->vd[0].access;

	if (!(access & SNDRV_CTL_ELEM_ACCESS_TLV_READ) ||
	    access & SNDRV_CTL_ELEM_ACCESS_TLV_CALLBACK || !kctl->tlv.p)
		return 0;
	return kctl->tlv.p[SNDRV_CTL_TLVO_LEN] + 2 * sizeof(unsigned int);
}

static struct segue_kctl *segue_kctl_read(struct snd_kcontrol *kctl)
{
	struct segue_kctl *kept = kvzalloc(struct_size(kept, elements, kctl->count), GFP_KERNEL);
	unsigned int i;

	if (!kept)
		return NULL;
	kept->id = kctl->id;
	kept->kctl = kctl;
	kept->count = kctl->count;
	kept->users = segue_kctl_is_users(kctl);
	if (kept->users)
		return kept;
	kept->tlv_bytes = segue_kctl_tlv_bytes(kctl);
	if (kept->tlv_bytes) {
		kept->tlv = kmemdup(kctl->tlv.p, kept->tlv_bytes, GFP_KERNEL);
		if (!kept->tlv) {
			segue_kctl_free(kept);
			return NULL;
		}
	}
	for (i = 0; i < kctl->count; i++)
		segue_kctl_read_element(kctl, i, &kept->elements[i]);
	return kept;
}

/*
 * What was read before is forgotten. Of a user's control only the place counts. Context: process, a
 * driver has the card.
 */
int segue_card_read_controls(struct segue_card *record)
{
	struct snd_card *card = record->card;
	struct snd_kcontrol *kctl;
	int err = 0;

	segue_card_free_controls(record);
	down_read(&card->controls_rwsem);
	record->last_numid = card->last_numid;
	list_for_each_entry(kctl, &card->controls, list) {
		struct segue_kctl *kept;

		kept = segue_kctl_read(kctl);
		if (!kept) {
			err = -ENOMEM;
			break;
		}
		list_add_tail(&kept->node, &record->controls);
	}
	up_read(&card->controls_rwsem);
	return err;
}

static struct snd_kcontrol *segue_card_first_control(struct snd_card *card)
{
	struct snd_kcontrol *kctl, *found = NULL;

	down_read(&card->controls_rwsem);
	list_for_each_entry(kctl, &card->controls, list)
		if (!found && !segue_kctl_is_users(kctl))
			found = kctl;
	up_read(&card->controls_rwsem);
	return found;
}

/* The driver's own ones. The next driver numbers its own from the beginning. */
void segue_card_drop_controls(struct segue_card *record)
{
	struct snd_card *card = record->card;
	struct snd_kcontrol *kctl;
	struct segue_kctl *kept;

	list_for_each_entry(kept, &record->controls, node)
		if (!kept->users)
			kept->kctl = NULL;
	while ((kctl = segue_card_first_control(card)))
		segue_compat_ctl_remove(card, kctl);
	card->last_numid = 0;
}

/* Who has the control device open hears of no control that goes or comes. */
void segue_card_hush(struct segue_card *record)
{
	struct snd_card *card = record->card;

	write_lock_irq(segue_compat_ctl_files_lock(card));
	list_splice_init(&card->ctl_files, &record->files);
	write_unlock_irq(segue_compat_ctl_files_lock(card));
}

void segue_card_unhush(struct segue_card *record)
{
	struct snd_card *card = record->card;

	write_lock_irq(segue_compat_ctl_files_lock(card));
	list_splice_init(&record->files, &card->ctl_files);
	write_unlock_irq(segue_compat_ctl_files_lock(card));
}

static struct snd_kcontrol *segue_kctl_find(const struct snd_card *card,
					    const struct snd_ctl_elem_id *id)
{
	struct snd_kcontrol *kctl;

	list_for_each_entry(kctl, &card->controls, list)
		if (!segue_kctl_is_users(kctl) && kctl->id.iface == id->iface &&
		    kctl->id.device == id->device && kctl->id.subdevice == id->subdevice &&
		    kctl->id.index == id->index &&
		    !strncmp(kctl->id.name, id->name, sizeof(id->name)))
			return kctl;
	return NULL;
}

/* Who has closed the control device meanwhile owns nothing. Context: controls_rwsem for writing. */
static bool segue_card_has_file(struct segue_card *record, const struct snd_ctl_file *file)
{
	const struct snd_ctl_file *open;
	bool found = false;

	read_lock_irq(segue_compat_ctl_files_lock(record->card));
	list_for_each_entry(open, &record->files, list)
		found |= open == file;
	list_for_each_entry(open, &record->card->ctl_files, list)
		found |= open == file;
	read_unlock_irq(segue_compat_ctl_files_lock(record->card));
	return found;
}

static void segue_kctl_own(struct segue_card *record, struct segue_kctl *kept)
{
	unsigned int i;

	for (i = 0; i < min(kept->count, kept->kctl->count); i++)
		if (kept->elements[i].owner &&
		    segue_card_has_file(record, kept->elements[i].owner))
			kept->kctl->vd[i].owner = kept->elements[i].owner;
}

/* In the order as before, and behind them what was not there. */
static void segue_card_order_controls(struct segue_card *record)
{
	struct snd_card *card = record->card;
	struct segue_kctl *kept;
	LIST_HEAD(order);

	write_lock_irq(segue_compat_ctl_files_lock(card));
	list_for_each_entry(kept, &record->controls, node)
		if (kept->kctl)
			list_move_tail(&kept->kctl->list, &order);
	list_splice(&order, &card->controls);
	write_unlock_irq(segue_compat_ctl_files_lock(card));
}

/* Numbers as before; controls that were not there get the next ones. */
static void segue_card_number_controls(struct segue_card *record)
{
	struct snd_card *card = record->card;
	unsigned int next = record->last_numid + 1;
	struct snd_kcontrol *kctl;
	struct segue_kctl *kept;

	list_for_each_entry(kctl, &card->controls, list)
		if (!segue_kctl_is_users(kctl))
			kctl->id.numid = 0;
	list_for_each_entry(kept, &record->controls, node) {
		if (!kept->kctl || kept->users)
			continue;
		if (kept->count == kept->kctl->count)
			kept->kctl->id.numid = kept->id.numid;
		segue_kctl_own(record, kept);
	}
	segue_compat_card_forget_numids(card);
	list_for_each_entry(kctl, &card->controls, list) {
		if (!kctl->id.numid) {
			kctl->id.numid = next;
			next += kctl->count;
		}
		segue_compat_card_add_numid(card, kctl);
	}
	card->last_numid = next - 1;
}

/* The driver has added all its controls. */
void segue_card_match_controls(struct segue_card *record)
{
	struct snd_card *card = record->card;
	struct segue_kctl *kept;

	down_write(&card->controls_rwsem);
	list_for_each_entry(kept, &record->controls, node)
		if (!kept->users)
			kept->kctl = segue_kctl_find(card, &kept->id);
	segue_card_order_controls(record);
	segue_card_number_controls(record);
	up_write(&card->controls_rwsem);
}

/* "Master Playback Volume", or with its index if it is not the first */
static void segue_kctl_name(const struct segue_kctl *kept, char *name, size_t size)
{
	if (kept->id.index)
		snprintf(name, size, "control '%s',%u", kept->id.name, kept->id.index);
	else
		snprintf(name, size, "control '%s'", kept->id.name);
}

static const char *segue_kctl_difference(const struct segue_kctl *kept)
{
	struct snd_ctl_elem_info info;
	unsigned int i;

	if (!kept->kctl)
		return "is missing";
	if (kept->kctl->count < kept->count)
		return "has fewer elements";
	for (i = 0; i < kept->count; i++) {
		const struct segue_kctl_value *element = &kept->elements[i];

		if (!element->described)
			continue;
		memset(&info, 0, sizeof(info));
		snd_ctl_build_ioff(&info.id, kept->kctl, i);
		if (kept->kctl->info(kept->kctl, &info) < 0 || info.type != element->info.type)
			return "is of another type";
		if (info.count != element->info.count)
			return "has another number of values";
		if (info.type == SNDRV_CTL_ELEM_TYPE_INTEGER &&
		    (info.value.integer.min != element->info.value.integer.min ||
		     info.value.integer.max != element->info.value.integer.max))
			return "has another range";
		if (info.type == SNDRV_CTL_ELEM_TYPE_ENUMERATED &&
		    info.value.enumerated.items != element->info.value.enumerated.items)
			return "has other items";
	}
	if (kept->tlv && (segue_kctl_tlv_bytes(kept->kctl) != kept->tlv_bytes ||
			  memcmp(kept->kctl->tlv.p, kept->tlv, kept->tlv_bytes)))
		return "has another scale";
	return NULL;
}

void segue_card_compare_controls(struct segue_card *record, struct segue_findings *found)
{
	char name[SNDRV_CTL_ELEM_ID_NAME_MAXLEN + 24];
	struct segue_kctl *kept;

	down_read(&record->card->controls_rwsem);
	list_for_each_entry(kept, &record->controls, node) {
		const char *difference = kept->users ? NULL : segue_kctl_difference(kept);

		if (!difference)
			continue;
		segue_kctl_name(kept, name, sizeof(name));
		segue_found_text(found, SEGUE_SEVERITY_INCOMPATIBLE, "%s %s", name, difference);
	}
	up_read(&record->card->controls_rwsem);
}

static size_t segue_kctl_value_bytes(const struct snd_ctl_elem_info *info)
{
	switch (info->type) {
	case SNDRV_CTL_ELEM_TYPE_BOOLEAN:
	case SNDRV_CTL_ELEM_TYPE_INTEGER:
		return info->count * sizeof(long);
	case SNDRV_CTL_ELEM_TYPE_INTEGER64:
		return info->count * sizeof(long long);
	case SNDRV_CTL_ELEM_TYPE_ENUMERATED:
		return info->count * sizeof(unsigned int);
	case SNDRV_CTL_ELEM_TYPE_BYTES:
		return info->count;
	case SNDRV_CTL_ELEM_TYPE_IEC958:
		return sizeof(struct snd_aes_iec958);
	default:
		return 0;
	}
}

/*
 * What cannot be written tells of the hardware, or of the stream at that time. Context:
 * controls_rwsem for writing. Return: is the value as it was?
 */
static bool segue_kctl_put(struct snd_kcontrol *kctl, unsigned int index,
			   struct segue_kctl_value *element)
{
	struct snd_ctl_elem_value *now;
	bool same = true;

	if (!kctl->put || !(kctl->vd[index].access & SNDRV_CTL_ELEM_ACCESS_WRITE))
		return true;
	snd_ctl_build_ioff(&element->value.id, kctl, index);
	if (kctl->put(kctl, &element->value) < 0)
		return false;
	if (!kctl->get || kctl->vd[index].access & SNDRV_CTL_ELEM_ACCESS_VOLATILE)
		return true;
	now = kzalloc(sizeof(*now), GFP_KERNEL);
	if (!now)
		return false;
	snd_ctl_build_ioff(&now->id, kctl, index);
	if (kctl->vd[index].access & SNDRV_CTL_ELEM_ACCESS_READ)
		same = kctl->get(kctl, now) >= 0 &&
		       !memcmp(&now->value, &element->value.value,
			       segue_kctl_value_bytes(&element->info));
	kfree(now);
	return same;
}

/* Values as before, read back; also whether a control is switched off by the driver. */
static void segue_kctl_restore(struct segue_kctl *kept, struct segue_findings *found)
{
	char name[SNDRV_CTL_ELEM_ID_NAME_MAXLEN + 24];
	unsigned int i;

	for (i = 0; i < min(kept->count, kept->kctl->count); i++) {
		struct segue_kctl_value *element = &kept->elements[i];

		if (!element->readable || !element->described ||
		    segue_kctl_put(kept->kctl, i, element))
			continue;
		segue_kctl_name(kept, name, sizeof(name));
		segue_found_text(found, SEGUE_SEVERITY_INFO, "%s: its value could not be restored",
				 name);
	}
}

void segue_card_put_controls(struct segue_card *record, struct segue_findings *found)
{
	struct segue_kctl *kept;

	down_write(&record->card->controls_rwsem);
	list_for_each_entry(kept, &record->controls, node)
		if (kept->kctl && !kept->users)
			segue_kctl_restore(kept, found);
	up_write(&record->card->controls_rwsem);
}
