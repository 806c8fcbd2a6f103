/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the sound shadow needs of the kernel beyond its exports, and what differs between kernels in
 * sound card, PCM and control.
 */
#ifndef _SEGUE_COMPAT_SOUND_H
#define _SEGUE_COMPAT_SOUND_H

#include <linux/fs.h>
#include <sound/core.h>
#include <sound/control.h>
#include <sound/info.h>
#include <sound/pcm.h>
#include <sound/pcm_params.h>
#include <sound/rawmidi.h>
#include "compat.h"

#define SEGUE_SOUND_FUNCTIONS(X)						\
	X(int, snd_pcm_update_hw_ptr, (struct snd_pcm_substream *substream))	\
	X(long, snd_pcm_ioctl, (struct file *file, unsigned int cmd, unsigned long arg))	\
	X(long, snd_pcm_ioctl_compat,						\
	  (struct file *file, unsigned int cmd, unsigned long arg))		\
	X(long, snd_ctl_ioctl, (struct file *file, unsigned int cmd, unsigned long arg))	\
	X(int, snd_ctl_elem_list,						\
	  (struct snd_card *card, struct snd_ctl_elem_list *list))		\
	X(int, snd_ctl_elem_info,						\
	  (struct snd_ctl_file *ctl, struct snd_ctl_elem_info *info))		\
	X(int, ctl_elem_read_user,						\
	  (struct snd_card *card, void __user *data, void __user *value))	\
	X(int, ctl_elem_write_user,						\
	  (struct snd_ctl_file *ctl, void __user *data, void __user *value))	\
	X(int, snd_ctl_elem_add_compat,						\
	  (struct snd_ctl_file *ctl, void __user *info, int replace))		\
	X(int, snd_pcm_control_ioctl, (struct snd_card *card, struct snd_ctl_file *ctl,	\
	  unsigned int cmd, unsigned long arg))

SEGUE_SOUND_FUNCTIONS(SEGUE_UNEXPORTED_DECLARE)

/* In a module that need not be loaded; exported, but a direct reference would load it. */
#define SEGUE_SOUND_RAWMIDI_FUNCTIONS(X)					\
	X(int, snd_rawmidi_new,							\
	  (struct snd_card *card, char *id, int device, int output_count,	\
	   int input_count, struct snd_rawmidi **rmidi))

SEGUE_SOUND_RAWMIDI_FUNCTIONS(SEGUE_UNEXPORTED_DECLARE)

int segue_compat_sound_init(void);
int segue_compat_sound_find_rawmidi(void);

/*
 * "ALSA: control: Rename ctl_files_rwlock to controls_rwlock" (6.12).
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#define segue_compat_ctl_files_lock(card)	(&(card)->ctl_files_rwlock)
#else
#define segue_compat_ctl_files_lock(card)	(&(card)->controls_rwlock)
#endif

/*
 * "ALSA: core: Make snd_card_free() return void" and its like (6.6): what cannot fail returns
 * nothing.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
typedef int segue_compat_card_ret;

static inline int segue_compat_card_done(void)
{
	return 0;
}
#else
typedef void segue_compat_card_ret;

static inline void segue_compat_card_done(void)
{
}
#endif

/* "ALSA: pcm: Drop obsoleted PCM copy_user and copy_kernel ops" (6.6). */
static inline bool segue_compat_pcm_copies(const struct snd_pcm_ops *ops)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return ops->copy_user || ops->copy_kernel || ops->fill_silence;
#else
	return ops->copy || ops->fill_silence;
#endif
}

/* "ALSA: control: Take controls_rwsem lock in snd_ctl_remove()" (6.6). */
static inline void segue_compat_ctl_remove(struct snd_card *card, struct snd_kcontrol *kctl)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	down_write(&card->controls_rwsem);
	snd_ctl_remove(card, kctl);
	up_write(&card->controls_rwsem);
#else
	snd_ctl_remove(card, kctl);
#endif
}

/* Is it in use by way of the OSS emulation? */
static inline bool segue_compat_pcm_is_oss(const struct snd_pcm_substream *substream)
{
#if IS_ENABLED(CONFIG_SND_PCM_OSS)
	return substream->oss.oss;
#else
	return false;
#endif
}

/* The sequencer's device for the MIDI ports, or NULL. */
static inline const void *segue_compat_rawmidi_sequencer(const struct snd_rawmidi *rmidi)
{
#if IS_ENABLED(CONFIG_SND_SEQUENCER)
	return rmidi->seq_dev;
#else
	return NULL;
#endif
}

struct rw_semaphore *segue_compat_pcm_link_lock(void);
bool segue_compat_card_has_node(const struct snd_card *card);
void segue_compat_card_exchange(struct device *dev, void *from, void *to);
int segue_compat_card_add_action(struct snd_card *card);
void segue_compat_card_forget_numids(struct snd_card *card);
void segue_compat_card_add_numid(struct snd_card *card, struct snd_kcontrol *kctl);
bool segue_compat_card_files(const struct snd_card *card, unsigned int *count,
			     unsigned int *opening);
bool segue_compat_proc_openers(struct snd_info_entry *entry, unsigned int *count);

#endif /* _SEGUE_COMPAT_SOUND_H */
