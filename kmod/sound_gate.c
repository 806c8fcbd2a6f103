// SPDX-License-Identifier: GPL-2.0
/*
 * Users of a card wait while its driver is exchanged.
 *
 * The sound core has a place where they could wait, as for a card that sleeps: most control calls
 * look at the card's power state first.  Some do not, and others look at it with controls_rwsem
 * held, which the driver that leaves needs.  So control calls are stopped at their entry, and those
 * inside are waited for.  Opening and closing a PCM waits for its lock.  Reading and writing goes
 * on in the buffer; a task that waits for the hardware there is woken now and then, so that it
 * begins its time-out anew.
 */
#include <linux/atomic.h>
#include <linux/compat.h>
#include <linux/sched.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include "sound.h"

/* How long those inside a control call may take before the swap is given up. */
#define SEGUE_SOUND_CALLS_MS	5000

/* The sound core gives up when a buffer has not moved for at least 100 ms. */
#define SEGUE_SOUND_NUDGE_MS	40

/* Milliseconds that a write or a read that begins now may wait for its buffer. */
#define SEGUE_SOUND_WAIT_MS	30000

static DECLARE_WAIT_QUEUE_HEAD(segue_sound_waiters);

/* Held while the locks of several PCMs are taken. */
static DEFINE_MUTEX(segue_sound_nest_mutex);

/* Tasks inside a handler of this module, which nothing else waits for. */
static atomic_t segue_sound_handlers;

/* Tasks inside a control call of the card whose turn it is. */
static atomic_t segue_sound_calls;

/* Called when hooks are disarmed. A handler leaves with few instructions of this module to go. */
void segue_sound_wait_handlers(void)
{
	while (atomic_read(&segue_sound_handlers))
		schedule_timeout_uninterruptible(1);
	synchronize_rcu_tasks();
}

static const struct snd_card *segue_sound_card_of_pcm(const struct file *file)
{
	const struct snd_pcm_file *opened = file->private_data;

	return opened ? opened->substream->pcm->card : NULL;
}

static const struct snd_card *segue_sound_card_of_ctl(const struct file *file)
{
	return ((const struct snd_ctl_file *)file->private_data)->card;
}

/* The record, if it is this card's turn: others are none of the swap's business. Context: RCU. */
static struct segue_card *segue_sound_active(const struct snd_card *card)
{
	struct segue_card *record = READ_ONCE(segue_card_active);

	return record && record->card == card ? record : NULL;
}

/* Those need nothing of the driver but what stands for it, and a task may wait in them for long. */
static bool segue_sound_is_transfer(unsigned int cmd)
{
	switch (_IOC_NR(cmd)) {
	case _IOC_NR(SNDRV_PCM_IOCTL_WRITEI_FRAMES):
	case _IOC_NR(SNDRV_PCM_IOCTL_READI_FRAMES):
	case _IOC_NR(SNDRV_PCM_IOCTL_WRITEN_FRAMES):
	case _IOC_NR(SNDRV_PCM_IOCTL_READN_FRAMES):
	case _IOC_NR(SNDRV_PCM_IOCTL_DRAIN):
		return true;
	default:
		return false;
	}
}

/* Is its link taken off, so that it would start or stop alone? Context: RCU. */
static bool segue_sound_is_unlinked(struct segue_card *record, const struct file *file)
{
	const struct snd_pcm_file *opened = file->private_data;
	const struct segue_stream *stream = segue_stream_find(record, opened->substream);

	return stream && READ_ONCE(stream->group);
}

/* snd_pcm_ioctl(file, cmd, arg) */
bool segue_sound_holds_pcm_ioctl(const struct pt_regs *regs)
{
	const struct file *file = (const void *)regs->di;
	struct segue_card *record = segue_sound_active(segue_sound_card_of_pcm(file));

	return record && (!segue_sound_is_transfer(regs->si) ||
			  segue_sound_is_unlinked(record, file));
}

/* snd_ctl_ioctl(file, cmd, arg) */
bool segue_sound_holds_ctl_ioctl(const struct pt_regs *regs)
{
	return segue_sound_active(segue_sound_card_of_ctl((void *)regs->di));
}

/*
 * The entry for programs of 32 bits is built without function tracing, so what it calls is held.
 * Some of that is called for others, too, who have come through the gate already.
 *
 * snd_ctl_elem_info(ctl, info) and others
 */
bool segue_sound_holds_ctl_compat(const struct pt_regs *regs)
{
	const struct snd_ctl_file *ctl = (const void *)regs->di;

	return in_compat_syscall() && segue_sound_active(ctl->card);
}

/* snd_ctl_elem_list(card, list) and others */
bool segue_sound_holds_card_compat(const struct pt_regs *regs)
{
	return in_compat_syscall() && segue_sound_active((const void *)regs->di);
}

static bool segue_sound_is_gated(const struct snd_card *card)
{
	struct segue_card *record;
	bool gated;

	rcu_read_lock();
	record = READ_ONCE(segue_card_active);
	gated = record && READ_ONCE(record->gated) && record->card == card;
	rcu_read_unlock();
	return gated;
}

static void segue_sound_end_call(void)
{
	if (atomic_dec_and_test(&segue_sound_calls))
		wake_up_all(&segue_sound_waiters);
}

/*
 * A call that would not be interrupted by a signal is not interrupted here, unless it is the last
 * one. Return: 0, or -ERESTARTSYS if the task is killed.
 */
static int segue_sound_begin_call(const struct snd_card *card)
{
	for (;;) {
		if (wait_event_killable(segue_sound_waiters, !segue_sound_is_gated(card)))
			return -ERESTARTSYS;
		atomic_inc(&segue_sound_calls);
		/* Pairs with the barrier behind the gate: one of the two sees the other. */
		smp_mb__after_atomic();
		if (!segue_sound_is_gated(card))
			return 0;
		segue_sound_end_call();
	}
}

/* A call in which a task may wait for long is not counted. */
#define SEGUE_SOUND_CALL(_ret, _name, _function, _params, _args, _card, _long)	\
	_ret segue_sound_##_name _params					\
	{									\
		_ret ret;							\
										\
		atomic_inc(&segue_sound_handlers);				\
		ret = segue_sound_begin_call(_card);				\
		if (!ret && (_long)) {						\
			segue_sound_end_call();					\
			ret = static_call(segue_##_function) _args;		\
		} else if (!ret) {						\
			ret = static_call(segue_##_function) _args;		\
			segue_sound_end_call();					\
		}								\
		atomic_dec(&segue_sound_handlers);				\
		return ret;							\
	}

SEGUE_SOUND_CALL(long, pcm_ioctl, snd_pcm_ioctl,
		 (struct file *file, unsigned int cmd, unsigned long arg), (file, cmd, arg),
		 segue_sound_card_of_pcm(file), segue_sound_is_transfer(cmd))
SEGUE_SOUND_CALL(long, pcm_ioctl_compat, snd_pcm_ioctl_compat,
		 (struct file *file, unsigned int cmd, unsigned long arg), (file, cmd, arg),
		 segue_sound_card_of_pcm(file), segue_sound_is_transfer(cmd))
SEGUE_SOUND_CALL(long, ctl_ioctl, snd_ctl_ioctl,
		 (struct file *file, unsigned int cmd, unsigned long arg), (file, cmd, arg),
		 segue_sound_card_of_ctl(file), false)
SEGUE_SOUND_CALL(int, elem_list, snd_ctl_elem_list,
		 (struct snd_card *card, struct snd_ctl_elem_list *list), (card, list), card, false)
SEGUE_SOUND_CALL(int, elem_info, snd_ctl_elem_info,
		 (struct snd_ctl_file *ctl, struct snd_ctl_elem_info *info), (ctl, info),
		 ctl->card, false)
SEGUE_SOUND_CALL(int, elem_read, ctl_elem_read_user,
		 (struct snd_card *card, void __user *data, void __user *value),
		 (card, data, value), card, false)
SEGUE_SOUND_CALL(int, elem_write, ctl_elem_write_user,
		 (struct snd_ctl_file *ctl, void __user *data, void __user *value),
		 (ctl, data, value), ctl->card, false)
SEGUE_SOUND_CALL(int, elem_add, snd_ctl_elem_add_compat,
		 (struct snd_ctl_file *ctl, void __user *info, int replace),
		 (ctl, info, replace), ctl->card, false)
SEGUE_SOUND_CALL(int, pcm_control, snd_pcm_control_ioctl,
		 (struct snd_card *card, struct snd_ctl_file *ctl, unsigned int cmd,
		  unsigned long arg), (card, ctl, cmd, arg), card, false)

/* Context: timer; the set of open substreams does not change. */
static void segue_card_nudge(struct timer_list *timer)
{
	struct segue_card *record = container_of(timer, struct segue_card, nudge);
	struct segue_stream *stream;

	segue_for_each_stream(stream, record) {
		if (!stream->opened)
			continue;
		wake_up(&stream->substream->runtime->tsleep);
		wake_up(&stream->substream->runtime->sleep);
	}
	mod_timer(timer, jiffies + msecs_to_jiffies(SEGUE_SOUND_NUDGE_MS));
}

static void segue_card_lock_buffers(struct segue_card *record)
{
	struct segue_stream *stream;

	segue_for_each_stream(stream, record) {
		stream->opened = stream->substream->runtime && stream->substream->ref_count > 0;
		if (stream->opened)
			mutex_lock_nest_lock(&stream->substream->runtime->buffer_mutex,
					     &segue_sound_nest_mutex);
		stream->attached = stream->opened && !record->degraded;
		/* Some drivers choose when a substream is opened. */
		if (stream->attached)
			stream->ops = stream->substream->ops;
	}
}

/* Return: 0 or -EBUSY; then nothing is locked. */
static int segue_card_lock(struct segue_card *record)
{
	struct segue_pcm *kept;
	int err;

	/* Nobody else takes several of a kind. */
	mutex_lock(&segue_sound_nest_mutex);
	segue_for_each_pcm(kept, record)
		mutex_lock_nest_lock(&kept->pcm->open_mutex, &segue_sound_nest_mutex);
	err = segue_card_unlink(record);
	if (!err)
		segue_card_lock_buffers(record);
	mutex_unlock(&segue_sound_nest_mutex);
	if (err)
		segue_for_each_pcm(kept, record)
			mutex_unlock(&kept->pcm->open_mutex);
	return err;
}

static void segue_card_unlock(struct segue_card *record)
{
	struct segue_stream *stream;
	struct segue_pcm *kept;

	segue_for_each_stream(stream, record) {
		if (stream->opened)
			mutex_unlock(&stream->substream->runtime->buffer_mutex);
		stream->opened = false;
	}
	segue_card_link(record);
	segue_for_each_pcm(kept, record)
		mutex_unlock(&kept->pcm->open_mutex);
}

/* Writes and reads that begin to wait from now on have time. */
void segue_card_lengthen_waits(struct segue_card *record, bool lengthen)
{
	struct segue_stream *stream;

	segue_for_each_stream(stream, record) {
		struct snd_pcm_substream *substream = stream->substream;

		if (lengthen) {
			stream->wait_time = substream->wait_time;
			WRITE_ONCE(substream->wait_time, SEGUE_SOUND_WAIT_MS);
		} else if (substream->wait_time == SEGUE_SOUND_WAIT_MS) {
			WRITE_ONCE(substream->wait_time, stream->wait_time);
		}
	}
}

static void segue_card_let_calls(struct segue_card *record)
{
	WRITE_ONCE(record->gated, false);
	wake_up_all(&segue_sound_waiters);
}

/* Context: process. Return: 0 or -EBUSY; then the gate is open. */
int segue_card_close_gate(struct segue_card *record)
{
	int err;

	WRITE_ONCE(record->gated, true);
	/* Pairs with the barrier of whoever begins a call. */
	smp_mb();
	err = wait_event_timeout(segue_sound_waiters, !atomic_read(&segue_sound_calls),
				 msecs_to_jiffies(SEGUE_SOUND_CALLS_MS)) ? 0 : -EBUSY;
	if (!err)
		err = segue_card_lock(record);
	if (err) {
		segue_card_let_calls(record);
		return err;
	}
	timer_setup(&record->nudge, segue_card_nudge, 0);
	mod_timer(&record->nudge, jiffies + msecs_to_jiffies(SEGUE_SOUND_NUDGE_MS));
	record->covered = true;
	return 0;
}

void segue_card_open_gate(struct segue_card *record)
{
	record->covered = false;
	del_timer_sync(&record->nudge);
	segue_card_unlock(record);
	segue_card_let_calls(record);
}
