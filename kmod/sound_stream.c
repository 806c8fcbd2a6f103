// SPDX-License-Identifier: GPL-2.0
/*
 * One substream under one driver: closed for it, opened with it, configured as it was, started.
 *
 * Whoever has the substream open sees nothing of it: its state stays what it is, and what has to be
 * restarted is read from the state at that time, so that a stop or a start that comes in the middle
 * is honoured.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/slab.h>
#include "sound.h"

/* More than there are users, so that the sound core does not take the last one away. */
#define SEGUE_STREAM_MANY_USERS	(INT_MAX / 2)

/* How often it is tried to find a moment in which nobody copies. */
#define SEGUE_STREAM_TRIES	10000

/* The substream that the sound core is to open anew; only the swap's thread looks at it. */
static struct segue_stream *segue_stream_attaching;

bool segue_stream_is_running(const struct snd_pcm_substream *substream)
{
	snd_pcm_state_t state = substream->runtime->state;

	return state == SNDRV_PCM_STATE_RUNNING ||
	       (state == SNDRV_PCM_STATE_DRAINING &&
		substream->stream == SNDRV_PCM_STREAM_PLAYBACK);
}

/* Has the driver been told to be ready for the state in which the substream is? */
static bool segue_stream_is_prepared(const struct snd_pcm_substream *substream)
{
	snd_pcm_state_t state = substream->runtime->state;

	return state == SNDRV_PCM_STATE_PREPARED || state == SNDRV_PCM_STATE_PAUSED ||
	       state == SNDRV_PCM_STATE_SUSPENDED || segue_stream_is_running(substream);
}

/* The position stands still where it is. Context: stream lock. */
static snd_pcm_uframes_t segue_shadow_pointer(struct snd_pcm_substream *substream)
{
	const struct snd_pcm_runtime *runtime = substream->runtime;

	return runtime->buffer_size ? runtime->status->hw_ptr % runtime->buffer_size : 0;
}

static int segue_shadow_trigger(struct snd_pcm_substream *substream, int cmd)
{
	return 0;
}

static int segue_shadow_nothing(struct snd_pcm_substream *substream)
{
	return 0;
}

/* Who asks a stream without a driver to get ready, or opens it, is told that there is no device. */
static int segue_shadow_no_device(struct snd_pcm_substream *substream)
{
	return -ENODEV;
}

static const struct snd_pcm_ops segue_shadow_ops = {
	.open = segue_shadow_no_device,
	.close = segue_shadow_nothing,
	.prepare = segue_shadow_no_device,
	.trigger = segue_shadow_trigger,
	.pointer = segue_shadow_pointer,
	.sync_stop = segue_shadow_nothing,
};

/* Context: stream lock, or nobody has the substream open. */
void segue_stream_impersonate(struct segue_stream *stream)
{
	stream->shadow = segue_shadow_ops;
	stream->substream->ops = &stream->shadow;
}

/*
 * A mapped stream that could not be stopped at the beginning of its buffer cannot go on: the
 * application begins it anew, as after any xrun.  Context: stream lock.
 */
static void segue_stream_give_up_position(struct segue_stream *stream)
{
	struct snd_pcm_substream *substream = stream->substream;
	struct snd_pcm_runtime *runtime = substream->runtime;

	if (stream->fixed && segue_stream_is_running(substream) &&
	    runtime->status->hw_ptr % runtime->buffer_size)
		snd_pcm_stop(substream, SNDRV_PCM_STATE_XRUN);
}

/* Context: stream lock. */
static void segue_stream_stop(struct segue_stream *stream)
{
	struct snd_pcm_substream *substream = stream->substream;
	struct snd_pcm_runtime *runtime = substream->runtime;
	bool moves = !stream->stopped && (stream->trapped || substream->ops == stream->ops);

	if (moves && segue_stream_is_running(substream))
		static_call(segue_snd_pcm_update_hw_ptr)(substream);
	if (moves && (segue_stream_is_running(substream) ||
		      runtime->state == SNDRV_PCM_STATE_PAUSED)) {
		runtime->trigger_master = substream;
		stream->ops->trigger(substream, SNDRV_PCM_TRIGGER_STOP);
		runtime->trigger_master = NULL;
	}
	stream->trapped = false;
	stream->stopped = false;
	segue_stream_impersonate(stream);
	segue_stream_give_up_position(stream);
}

/*
 * The driver frees what it has for the parameters. A buffer that it allocates itself, by the sound
 * core's functions for that, is not seen by them.
 */
static void segue_stream_unconfigure(struct segue_stream *stream)
{
	struct snd_pcm_substream *substream = stream->substream;
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_dma_buffer *buffer = runtime->dma_buffer_p;
	unsigned char *area = runtime->dma_area;
	dma_addr_t addr = runtime->dma_addr;
	size_t bytes = runtime->dma_bytes;

	if (runtime->state == SNDRV_PCM_STATE_OPEN || !stream->ops->hw_free)
		return;
	if (!substream->managed_buffer_alloc) {
		runtime->dma_buffer_p = NULL;
		runtime->dma_area = NULL;
	}
	stream->ops->hw_free(substream);
	runtime->dma_buffer_p = buffer;
	runtime->dma_area = area;
	runtime->dma_addr = addr;
	runtime->dma_bytes = bytes;
}

/* End the driver's use of an open substream. Context: process. */
void segue_stream_close(struct segue_stream *stream)
{
	struct snd_pcm_substream *substream = stream->substream;
	struct snd_pcm_runtime *runtime = substream->runtime;

	if (!stream->opened || !stream->attached)
		return;
	snd_pcm_stream_lock_irq(substream);
	segue_stream_stop(stream);
	snd_pcm_stream_unlock_irq(substream);
	if (stream->ops->sync_stop)
		stream->ops->sync_stop(substream);
	else if (stream->card->card->sync_irq > 0)
		synchronize_irq(stream->card->card->sync_irq);
	segue_stream_unconfigure(stream);
	if (substream->hw_opened)
		stream->ops->close(substream);
	substream->hw_opened = 0;
	if (runtime->private_free)
		runtime->private_free(runtime);
	runtime->private_free = NULL;
	runtime->private_data = NULL;
	stream->attached = false;
}

/* snd_pcm_attach_substream(pcm, direction, file, substream), by snd_pcm_open_substream() below */
bool segue_sound_attaches(const struct pt_regs *regs)
{
	return READ_ONCE(segue_stream_attaching) && current->flags & PF_KTHREAD &&
	       regs->dx == (unsigned long)segue_stream_attaching;
}

int segue_sound_attach(struct snd_pcm *pcm, int direction, struct file *file,
		       struct snd_pcm_substream **substream)
{
	*substream = segue_stream_attaching->substream;
	return 0;
}

/* From here on the sound core may fail without taking the substream apart. */
static int segue_stream_driver_open(struct snd_pcm_substream *substream)
{
	substream->ref_count = SEGUE_STREAM_MANY_USERS;
	return segue_stream_attaching->ops->open(substream);
}

/*
 * The constraints of the driver before are forgotten, but not the memory for its rules: so the
 * sound core's own ones, which come first, cannot fail for want of it.
 */
static void segue_stream_forget_constraints(struct snd_pcm_runtime *runtime)
{
	struct snd_pcm_hw_constraints *constraints = &runtime->hw_constraints;
	struct snd_pcm_hw_rule *rules = constraints->rules;
	unsigned int all = constraints->rules_all;

	memset(constraints, 0, sizeof(*constraints));
	constraints->rules = rules;
	constraints->rules_all = all;
	memset(&runtime->hw, 0, sizeof(runtime->hw));
}

/*
 * Have the driver open a substream that is in use.  The sound core's function for that is given
 * this one in place of a free one.  Context: process, with the locks of the card. Return: 0 or a
 * negative error.
 */
int segue_stream_open(struct segue_stream *stream)
{
	struct snd_pcm_substream *substream = stream->substream, *opened;
	struct snd_pcm_runtime *runtime = substream->runtime;
	size_t bytes = runtime->dma_bytes;
	int users = substream->ref_count, err;

	if (!stream->opened || stream->attached)
		return 0;
	if (!stream->ops)
		return -ENODEV;
	substream->private_data = substream->pcm->private_data;
	segue_stream_forget_constraints(runtime);
	/* As large as the buffer may become, not as it is. */
	runtime->dma_bytes = 0;
	stream->shadow.open = segue_stream_driver_open;
	substream->ref_count = 1;
	WRITE_ONCE(segue_stream_attaching, stream);
	err = snd_pcm_open_substream(substream->pcm, substream->stream, (struct file *)stream,
				     &opened);
	WRITE_ONCE(segue_stream_attaching, NULL);
	substream->ref_count = users;
	runtime->dma_bytes = bytes;
	stream->shadow.open = segue_shadow_no_device;
	if (err && substream->hw_opened) {
		stream->ops->close(substream);
		substream->hw_opened = 0;
	}
	stream->attached = !err;
	return err;
}

static void segue_params_set(struct snd_pcm_hw_params *params, snd_pcm_hw_param_t which,
			     unsigned int value)
{
	struct snd_interval *interval = hw_param_interval(params, which);

	interval->min = value;
	interval->max = value;
	interval->openmin = 0;
	interval->openmax = 0;
	interval->integer = 1;
	interval->empty = 0;
}

static void segue_params_choose(struct snd_pcm_hw_params *params, snd_pcm_hw_param_t which,
				unsigned int value)
{
	struct snd_mask *mask = hw_param_mask(params, which);

	snd_mask_none(mask);
	snd_mask_set(mask, value);
}

/* The parameters that the application has chosen. */
static void segue_stream_read_params(const struct snd_pcm_runtime *runtime,
				     struct snd_pcm_hw_params *params)
{
	_snd_pcm_hw_params_any(params);
	params->info = ~0u;
	segue_params_choose(params, SNDRV_PCM_HW_PARAM_ACCESS,
			    (__force unsigned int)runtime->access);
	segue_params_choose(params, SNDRV_PCM_HW_PARAM_FORMAT,
			    (__force unsigned int)runtime->format);
	segue_params_choose(params, SNDRV_PCM_HW_PARAM_SUBFORMAT,
			    (__force unsigned int)runtime->subformat);
	segue_params_set(params, SNDRV_PCM_HW_PARAM_CHANNELS, runtime->channels);
	segue_params_set(params, SNDRV_PCM_HW_PARAM_RATE, runtime->rate);
	segue_params_set(params, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, runtime->period_size);
	segue_params_set(params, SNDRV_PCM_HW_PARAM_BUFFER_SIZE, runtime->buffer_size);
	params->rmask = ~0u;
	params->cmask = 0;
}

static void segue_stream_refused(struct segue_stream *stream, struct segue_findings *found)
{
	const struct snd_pcm_runtime *runtime = stream->substream->runtime;
	char user[TASK_COMM_LEN + 16];

	segue_stream_user(stream, user, sizeof(user));
	segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
			 "%s is in use, by %s, in a way the new driver cannot: %s, %u channels, %u Hz, periods of %lu, buffer of %lu",
			 stream->name, user, snd_pcm_format_name(runtime->format),
			 runtime->channels, runtime->rate, runtime->period_size,
			 runtime->buffer_size);
}

/*
 * Give the driver the parameters in use, and have it get ready. The constraints that it has made
 * when it was opened decide whether it can. Return: 0 or a negative error.
 */
int segue_stream_configure(struct segue_stream *stream, struct segue_findings *found)
{
	struct snd_pcm_substream *substream = stream->substream;
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_hw_params *params;
	int err;

	if (runtime->state == SNDRV_PCM_STATE_OPEN)
		return 0;
	params = kzalloc(sizeof(*params), GFP_KERNEL);
	if (!params)
		return -ENOMEM;
	segue_stream_read_params(runtime, params);
	err = snd_pcm_hw_refine(substream, params);
	if (err < 0)
		segue_stream_refused(stream, found);
	runtime->buffer_changed = 1;
	if (err >= 0 && stream->ops->hw_params)
		err = stream->ops->hw_params(substream, params);
	if (err >= 0 && segue_stream_is_prepared(substream) && stream->ops->prepare)
		err = stream->ops->prepare(substream);
	runtime->delay = 0;
	kfree(params);
	return min(err, 0);
}

/* Context: stream lock. */
static int segue_stream_trigger(struct segue_stream *stream, int cmd)
{
	struct snd_pcm_runtime *runtime = stream->substream->runtime;
	int err;

	runtime->trigger_master = stream->substream;
	err = stream->ops->trigger(stream->substream, cmd);
	runtime->trigger_master = NULL;
	return err;
}

/* Context: stream lock. */
static int segue_stream_restart(struct segue_stream *stream)
{
	struct snd_pcm_runtime *runtime = stream->substream->runtime;
	bool paused = runtime->state == SNDRV_PCM_STATE_PAUSED;
	int err;

	if (stream->ops->ack)
		stream->ops->ack(stream->substream);
	if (!paused && !segue_stream_is_running(stream->substream))
		return 0;
	err = segue_stream_trigger(stream, SNDRV_PCM_TRIGGER_START);
	if (!err && paused)
		err = segue_stream_trigger(stream, SNDRV_PCM_TRIGGER_PAUSE_PUSH);
	runtime->hw_ptr_jiffies = jiffies;
	runtime->hw_ptr_buffer_jiffies = runtime->buffer_size * HZ / runtime->rate;
	return err;
}

/* Does it start with this stream? A stream that is resumed starts alone. */
static bool segue_stream_starts_with(const struct segue_stream *stream,
				     const struct segue_stream *leader, bool alone)
{
	return stream == leader ||
	       (!alone && stream->opened && stream->group && stream->group == leader->group);
}

#define segue_for_each_started(stream, leader, alone)				\
	segue_for_each_stream(stream, (leader)->card)				\
		if (segue_stream_starts_with(stream, leader, alone))

/* Context: interrupts are off. */
static void segue_stream_lock_started(struct segue_stream *leader, bool alone)
{
	struct segue_stream *stream;
	unsigned int depth = 0;

	segue_for_each_started(stream, leader, alone)
		segue_stream_lock_nested(stream->substream, depth++);
}

static void segue_stream_unlock_started(struct segue_stream *leader, bool alone)
{
	struct segue_stream *stream;

	segue_for_each_started(stream, leader, alone)
		snd_pcm_stream_unlock(stream->substream);
}

/*
 * Those that are linked are started without anything in between. Return: 0; -EAGAIN if somebody is
 * just copying to or from a buffer; or the driver's error.
 */
static int segue_stream_try_to_start(struct segue_stream *leader, bool alone)
{
	struct segue_stream *stream;
	int err = 0;

	local_irq_disable();
	segue_stream_lock_started(leader, alone);
	segue_for_each_started(stream, leader, alone)
		if (!err && segue_stream_is_prepared(stream->substream))
			err = segue_stream_rewind(stream);
	segue_for_each_started(stream, leader, alone) {
		if (err)
			break;
		stream->substream->ops = stream->ops;
		stream->began = stream->substream->runtime->status->hw_ptr;
		if (segue_stream_is_prepared(stream->substream))
			err = segue_stream_restart(stream);
	}
	segue_stream_unlock_started(leader, alone);
	local_irq_enable();
	return err;
}

static int segue_stream_start_soon(struct segue_stream *leader, bool alone)
{
	unsigned int tries;
	int err;

	for (tries = 0; tries < SEGUE_STREAM_TRIES; tries++) {
		err = segue_stream_try_to_start(leader, alone);
		if (err != -EAGAIN)
			return err;
		usleep_range(50, 100);
	}
	return -EBUSY;
}

/* The first of those that are linked starts all of them. */
static bool segue_stream_leads(const struct segue_stream *stream)
{
	const struct segue_stream *other;

	segue_for_each_stream(other, stream->card)
		if (segue_stream_starts_with(other, stream, false))
			return other == stream;
	return true;
}

/* From here on the driver has the substream. Context: process. Return: 0 or the driver's error. */
int segue_stream_start(struct segue_stream *stream)
{
	return stream->opened && segue_stream_leads(stream) ?
	       segue_stream_start_soon(stream, false) : 0;
}

/* The driver was not changed. If it does not go on, the application sees an xrun. */
void segue_stream_resume(struct segue_stream *stream)
{
	struct snd_pcm_substream *substream = stream->substream;
	int err = 0;

	if (stream->stopped && stream->ops->prepare)
		err = stream->ops->prepare(substream);
	if (stream->stopped && !err)
		err = segue_stream_start_soon(stream, true);
	snd_pcm_stream_lock_irq(substream);
	if (err && segue_stream_is_running(substream))
		snd_pcm_stop(substream, SNDRV_PCM_STATE_XRUN);
	substream->ops = stream->ops;
	stream->trapped = false;
	stream->stopped = false;
	snd_pcm_stream_unlock_irq(substream);
}

/* Context: process; the substream is open, and the driver has it. */
static int segue_stream_look_opened(struct snd_pcm_substream *substream,
				    struct segue_capabilities *capabilities)
{
	int err;

	_snd_pcm_hw_params_any(&capabilities->params);
	err = snd_pcm_hw_refine(substream, &capabilities->params);
	if (err < 0)
		return err;
	capabilities->info = substream->runtime->hw.info;
	capabilities->rates = substream->runtime->hw.rates;
	capabilities->known = true;
	return 0;
}

/*
 * What can the driver do with this stream?  One that nobody has open is opened for the moment; of
 * several substreams the sound core opens the first that is free.  Context: process, with the PCM's
 * open_mutex. Return: 0 or a negative error.
 */
int segue_stream_look(struct segue_stream *stream, struct segue_capabilities *capabilities)
{
	struct snd_pcm_substream *substream = stream->substream;
	struct file *file;
	int err;

	memset(capabilities, 0, sizeof(*capabilities));
	if (substream->runtime)
		return segue_stream_look_opened(substream, capabilities);
	if (substream != substream->pstr->substream)
		return 0;
	file = kzalloc(sizeof(*file), GFP_KERNEL);
	if (!file)
		return -ENOMEM;
	err = snd_pcm_open_substream(substream->pcm, substream->stream, file, &substream);
	if (!err) {
		err = segue_stream_look_opened(substream, capabilities);
		snd_pcm_release_substream(substream);
	}
	kfree(file);
	return err;
}
