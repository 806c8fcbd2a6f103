// SPDX-License-Identifier: GPL-2.0
/* The sound shadow's side of the class interface: each step of a swap, see class.h. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include "sound.h"

/* How long a driver may take to move the position of a stream that runs, and two periods more. */
#define SEGUE_SOUND_MOVE_MS	200

/* How long somebody may have the device locked who does not unbind its driver. */
#define SEGUE_SOUND_LOCK_MS	5000

static bool segue_sound_claims(struct device *dev)
{
	unsigned int count;
	struct snd_card *card = segue_sound_card_of(dev, &count);

	if (card)
		snd_card_unref(card);
	return card;
}

/* The record of a degraded device stays; any other is made anew. */
static struct segue_card *segue_sound_record(struct device *dev, struct snd_card *card)
{
	struct segue_card *record = segue_card_find(dev);

	if (!record)
		return segue_card_create(dev, card);
	snd_card_unref(card);
	return record;
}

/*
 * Outside of a swap (target->swap is NULL) nothing is allocated that stays.  Context: the device's
 * lock, so that its driver neither comes nor goes.
 */
static int segue_sound_check_card(struct segue_target *target)
{
	struct segue_card *record;
	unsigned int count;
	struct snd_card *card = segue_sound_card_of(target->dev, &count);

	if (!card)
		return -ENODEV;
	snprintf(target->object, sizeof(target->object), "card%d", card->number);
	if (count > 1)
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "the device has %u sound cards", count);
	segue_sound_look(target, card);
	if (!target->swap) {
		snd_card_unref(card);
		return 0;
	}
	record = segue_sound_record(target->dev, card);
	if (!record) {
		snd_card_unref(card);
		return -ENOMEM;
	}
	target->shadow = record;
	record->target = target;
	return 0;
}

/*
 * Whoever unbinds the driver has the device locked, and waits until nobody holds the card: so the
 * lock comes first.  Users of the card may let him wait for long.
 */
static int segue_sound_check(struct segue_target *target)
{
	int err = device_lock_interruptible(target->dev);

	if (err)
		return err;
	err = segue_sound_check_card(target);
	device_unlock(target->dev);
	return err;
}

/*
 * Lock the device.  A driver that is just leaving has it locked and waits until nobody holds the
 * card, and the record does: so it is not waited for. Return: false if the card is being freed, or
 * if somebody keeps the device locked; then it is not locked.
 */
static bool segue_sound_lock_device(struct segue_card *record)
{
	unsigned long end = jiffies + msecs_to_jiffies(SEGUE_SOUND_LOCK_MS);

	while (!device_trylock(record->dev)) {
		if (READ_ONCE(record->card->shutdown) || time_after(jiffies, end))
			return false;
		usleep_range(50, 100);
	}
	if (!record->card->shutdown)
		return true;
	device_unlock(record->dev);
	return false;
}

/* The swap is over, and the driver in charge stays. */
static void segue_sound_complete(struct segue_card *record)
{
	if (!record->adds_pcms || record->orphaned || record->degraded ||
	    !segue_sound_lock_device(record))
		return;
	segue_card_register_new(record);
	device_unlock(record->dev);
}

static void segue_sound_release(struct segue_target *target)
{
	struct segue_card *record = target->shadow;

	if (!record)
		return;
	target->shadow = NULL;
	if (READ_ONCE(segue_card_active) == record)
		WRITE_ONCE(segue_card_active, NULL);
	/* Nobody who looked at the record a moment ago looks at the target any more. */
	synchronize_rcu_expedited();
	record->target = NULL;
	segue_sound_complete(record);
	if (record->orphaned)
		segue_card_bury_later(record);
	else if (!record->degraded)
		segue_card_destroy(record);
}

/* The targets of a swap take turns; each step sets the one that the hooks serve. */
static struct segue_card *segue_sound_turn(struct segue_target *target)
{
	struct segue_card *record = target->shadow;

	WRITE_ONCE(segue_card_active, record);
	return record;
}

static void segue_sound_forget(struct segue_target *target)
{
	struct segue_card *record = target->shadow;

	segue_card_lengthen_waits(record, false);
	if (!record->degraded)
		segue_card_free_controls(record);
}

/* What the streams can do, and how long reading the controls takes. */
static int segue_sound_read(struct segue_card *record)
{
	struct segue_stream *stream;
	u64 since = ktime_get_ns();
	int err = segue_card_read_controls(record);

	record->control_ns = ktime_get_ns() - since;
	segue_card_read_identity(record);
	if (err)
		return err;
	segue_for_each_stream(stream, record) {
		struct mutex *lock = &stream->substream->pcm->open_mutex;

		mutex_lock(lock);
		/* Whatever cannot be opened now need not be opened later. */
		segue_stream_look(stream, &stream->before);
		mutex_unlock(lock);
	}
	return 0;
}

static int segue_sound_capture(struct segue_target *target)
{
	struct segue_card *record = segue_sound_turn(target);
	int err = 0;

	segue_card_lengthen_waits(record, true);
	if (!record->degraded)
		err = segue_card_wait_calls(record) ?: segue_sound_read(record);
	if (!err && !record->degraded)
		err = segue_card_wait_for_moment(record);
	if (err)
		segue_sound_forget(target);
	return err;
}

/*
 * From here on the card stays when its driver leaves, also if it is not the swap that has told it
 * to.  Return: 0 or a negative error.
 */
static int segue_sound_begin_handing(struct segue_card *record)
{
	int err;

	if (!segue_sound_lock_device(record))
		return record->card->shutdown ? -ENODEV : -EBUSY;
	err = segue_card_leave_place(record);
	if (!err)
		WRITE_ONCE(record->handing, true);
	device_unlock(record->dev);
	return err;
}

/* Streams stop as after an xrun; who asks for more is told that there is no device. */
static void segue_sound_stop_for_good(struct segue_card *record)
{
	struct segue_stream *stream;

	segue_for_each_stream(stream, record) {
		struct snd_pcm_substream *substream = stream->substream;

		if (!stream->opened) {
			segue_stream_impersonate(stream);
			continue;
		}
		snd_pcm_stream_lock_irq(substream);
		segue_stream_impersonate(stream);
		if (segue_stream_is_running(substream) ||
		    substream->runtime->state == SNDRV_PCM_STATE_PAUSED)
			snd_pcm_stop(substream, SNDRV_PCM_STATE_XRUN);
		snd_pcm_stream_unlock_irq(substream);
	}
}

/*
 * A user has unbound the driver in the last moment of the swap, or in the first, and there is
 * nobody who would bind another.  He wants the card to go, and so it does when the swap has ended:
 * what goes during a swap is not announced.
 */
static void segue_sound_orphan(struct segue_target *target)
{
	struct segue_card *record = target->shadow;

	pr_info("card %d: its driver was unbound by hand, and it goes\n", record->card->number);
	target->gone = true;
	record->orphaned = true;
	segue_sound_stop_for_good(record);
}

/* From here on a driver that leaves frees the card; one that has left before could not. */
static void segue_sound_let_go(struct segue_target *target)
{
	struct segue_card *record = target->shadow;

	device_lock(record->dev);
	segue_card_untrap(record);
	if (record->parked && !record->degraded)
		segue_sound_orphan(target);
	segue_card_settle(record);
	WRITE_ONCE(record->handing, false);
	device_unlock(record->dev);
	segue_card_open_gate(record);
}

/* Return: 0 or a negative error; then all is as before. */
static int segue_sound_hold(struct segue_card *record)
{
	int err = segue_card_close_gate(record);

	if (err)
		return err;
	err = segue_sound_begin_handing(record);
	if (err)
		segue_card_open_gate(record);
	return err;
}

static int segue_sound_cover(struct segue_target *target)
{
	struct segue_card *record = segue_sound_turn(target);
	int err = segue_sound_hold(record);

	if (err == -ENODEV)
		target->gone = true;
	if (err)
		return err;
	mutex_lock(&record->lock);
	if (!record->degraded)
		err = record->parked ? -ENODEV : segue_card_read_controls(record);
	if (!record->degraded && !err)
		err = segue_card_stop_at_moment(record);
	mutex_unlock(&record->lock);
	if (err) {
		segue_sound_let_go(target);
		return err;
	}
	target->held_ns = segue_card_silent_since(record);
	segue_card_hush(record);
	return 0;
}

static void segue_sound_uncover(struct segue_target *target, bool live)
{
	struct segue_card *record = segue_sound_turn(target);

	WRITE_ONCE(record->probing, false);
	if (!live || !record->covered)
		return;
	segue_card_unhush(record);
	record->degraded = false;
	segue_sound_let_go(target);
	if (!record->orphaned)
		segue_card_move_references(record, record->card->module, record->module);
}

/* Mapped streams of a driver that has begun go on to the end of their buffers. */
static int segue_sound_close(struct segue_target *target)
{
	struct segue_card *record = segue_sound_turn(target);
	struct segue_stream *stream;

	mutex_lock(&record->lock);
	segue_card_stop_at_moment(record);
	segue_for_each_stream(stream, record)
		segue_stream_close(stream);
	mutex_unlock(&record->lock);
	return 0;
}

static void segue_sound_unbinding(struct segue_target *target)
{
	struct segue_card *record = segue_sound_turn(target);
	struct segue_stream *stream;

	WRITE_ONCE(record->probing, false);
	mutex_lock(&record->lock);
	segue_for_each_stream(stream, record)
		segue_stream_close(stream);
	mutex_unlock(&record->lock);
}

static int segue_sound_unbound(struct segue_target *target)
{
	struct segue_card *record = target->shadow;

	WRITE_ONCE(record->probing, false);
	if (record->refusal[0])
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE, "%s",
				 record->refusal);
	record->refusal[0] = '\0';
	if (record->parked)
		return 0;
	pr_err("card %d: the driver has left without giving it back\n", record->card->number);
	segue_card_give_up(record);
	return -EPROTO;
}

static void segue_sound_enter(struct segue_target *target)
{
	struct segue_card *record = segue_sound_turn(target);

	record->refusal[0] = '\0';
	WRITE_ONCE(record->handing, true);
	WRITE_ONCE(record->probing, true);
}

static int segue_sound_leave(struct segue_target *target, int result)
{
	return result;
}

/* The probe has returned; drivers that register their card in another task are waited for. */
static int segue_sound_arrive(struct segue_target *target)
{
	struct segue_card *record = target->shadow;

	segue_target_wait(target, READ_ONCE(record->registered) || READ_ONCE(record->parked),
			  segue_swap_carrier_ms(target->swap));
	WRITE_ONCE(record->probing, false);
	mutex_lock(&record->lock);
	if (!record->registered || record->parked) {
		segue_card_refuse(record, "the new driver did not register card %d%s",
				  record->card->number,
				  READ_ONCE(target->left) ? ": it gave the device up" : "");
	} else {
		segue_pcm_look_new(record);
		segue_card_match_controls(record);
		segue_card_restore_identity(record);
		segue_pcm_restore_identity(record);
	}
	mutex_unlock(&record->lock);
	if (!record->refusal[0])
		return 0;
	segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE, "%s", record->refusal);
	record->refusal[0] = '\0';
	return -EPROTO;
}

static int segue_sound_open_streams(struct segue_card *record, struct segue_findings *found)
{
	struct segue_stream *stream;

	segue_for_each_stream(stream, record) {
		int err = segue_stream_open(stream);

		if (!err)
			continue;
		segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "%s is in use and cannot be opened (error %d)", stream->name, err);
		return err;
	}
	return 0;
}

static int segue_sound_compare(struct segue_target *target)
{
	struct segue_card *record = segue_sound_turn(target);
	struct segue_stream *stream;
	int err;

	mutex_lock(&record->lock);
	err = record->parked ? -ENODEV : 0;
	if (!err)
		segue_card_compare_controls(record, &target->found);
	if (!err)
		err = segue_sound_open_streams(record, &target->found);
	segue_for_each_stream(stream, record)
		if (!err)
			segue_stream_compare(stream, &target->found);
	mutex_unlock(&record->lock);
	return err;
}

static int segue_sound_start(struct segue_card *record, struct segue_findings *found)
{
	struct segue_stream *stream;
	int err = record->parked ? -ENODEV : 0;

	if (err)
		return err;
	segue_card_put_controls(record, found);
	err = segue_sound_open_streams(record, found);
	segue_for_each_stream(stream, record)
		if (!err && stream->opened)
			err = segue_stream_configure(stream, found);
	segue_for_each_stream(stream, record)
		if (!err)
			err = segue_stream_start(stream);
	return err;
}

static int segue_sound_replay(struct segue_target *target)
{
	struct segue_card *record = segue_sound_turn(target);
	int err;

	mutex_lock(&record->lock);
	err = segue_sound_start(record, &target->found);
	mutex_unlock(&record->lock);
	if (err)
		segue_sound_close(target);
	else
		target->pause_ns = ktime_get_ns() - target->held_ns;
	return err;
}

/* Some hardware tells its position at the ends of periods only. */
static unsigned int segue_stream_patience(const struct segue_stream *stream)
{
	const struct snd_pcm_runtime *runtime = stream->substream->runtime;

	if (!runtime->rate)
		return 0;
	return SEGUE_SOUND_MOVE_MS + 2 * runtime->period_size * MSEC_PER_SEC / runtime->rate;
}

/* Does the position of a stream that runs move? */
static bool segue_stream_moves(struct segue_stream *stream, unsigned int ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms);
	struct snd_pcm_substream *substream = stream->substream;
	bool moved = false;

	while (!moved) {
		bool late = time_after(jiffies, end);

		snd_pcm_stream_lock_irq(substream);
		if (segue_stream_is_running(substream))
			static_call(segue_snd_pcm_update_hw_ptr)(substream);
		moved = !segue_stream_is_running(substream) ||
			substream->runtime->status->hw_ptr != stream->began;
		snd_pcm_stream_unlock_irq(substream);
		if (late)
			break;
		usleep_range(500, 1000);
	}
	return moved;
}

static int segue_sound_verify(struct segue_target *target)
{
	struct segue_card *record = segue_sound_turn(target);
	unsigned int bound = segue_swap_verify_ms(target->swap);
	struct segue_stream *stream;

	if (!bound)
		return 0;
	segue_for_each_stream(stream, record) {
		if (!stream->opened ||
		    segue_stream_moves(stream, min(bound, segue_stream_patience(stream))))
			continue;
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "%s does not move with the new driver", stream->name);
		return -EIO;
	}
	return 0;
}

static void segue_sound_degrade(struct segue_target *target)
{
	struct segue_card *record = segue_sound_turn(target);

	record->degraded = true;
	WRITE_ONCE(record->probing, false);
	if (!record->covered)
		return;
	segue_sound_stop_for_good(record);
	segue_card_unhush(record);
	segue_card_open_gate(record);
	segue_card_lengthen_waits(record, false);
}

/* The hardware is gone for good, and no driver is there to say so. */
static void segue_sound_removed(struct device *dev)
{
	struct segue_card *record = segue_card_find(dev);

	if (!record || !record->degraded)
		return;
	WRITE_ONCE(record->handing, false);
	segue_card_bury(record);
}

struct segue_class segue_sound_class = {
	.name = "sound",
	.hooks.owner = THIS_MODULE,
	.claims = segue_sound_claims,
	.check = segue_sound_check,
	.release = segue_sound_release,
	.capture = segue_sound_capture,
	.forget = segue_sound_forget,
	.cover = segue_sound_cover,
	.uncover = segue_sound_uncover,
	.close = segue_sound_close,
	.unbinding = segue_sound_unbinding,
	.unbound = segue_sound_unbound,
	.enter = segue_sound_enter,
	.leave = segue_sound_leave,
	.arrive = segue_sound_arrive,
	.compare = segue_sound_compare,
	.replay = segue_sound_replay,
	.verify = segue_sound_verify,
	.degrade = segue_sound_degrade,
	.removed = segue_sound_removed,
};
