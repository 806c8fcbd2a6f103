/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sound shadow: one record per hardware device with a sound card, one per substream in it.
 *
 * While a driver is away, its snd_card, the PCMs with their open substreams and their buffers, and
 * the MIDI ports stay where everybody knows them.  The old driver's own remove() and the new
 * driver's own probe() run; the functions of the sound core by which a driver gives up and takes a
 * card are redirected (sound_hooks.c), so that giving up only takes off what the driver has put on
 * (sound_card.c), and asking for a card or a PCM returns the one that is there.  Controls really go
 * and come; nobody is told, and each gets back its number, its owner and its value
 * (sound_control.c).  Afterwards nothing of Segue is on the data path.
 *
 *	driver's ----snd_card_free----> parked ----snd_card_new----> building
 *	   ^                              ^                           |   |
 *	   |                              +-------snd_card_free-------+   |
 *	   +---------------------snd_card_register-----------------------+
 *
 * Whoever plays or records waits where it would wait for a full or an empty buffer; its control
 * calls wait at the gate (sound_gate.c).  A driver begins at the beginning of its buffer.  The
 * contents of a buffer that no application has mapped are turned round, so that the present
 * position is there; with one that is mapped the shadow waits for the moment in which the position
 * is there by itself (sound_position.c).
 *
 * Locks, in this order: open_mutex of the PCMs, the lock of links, buffer_mutex of open substreams;
 * the first and the last are held from cover to uncover in the swap's thread; the device's lock;
 * the record's lock; controls_rwsem; the stream lock, under which a substream's table of functions
 * changes.  The hooks find the record by segue_card_active, which is set before a flag makes them
 * apply and cleared after; a record is freed when no CPU can look at it any more.
 */
#ifndef _SEGUE_SOUND_H
#define _SEGUE_SOUND_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/timer.h>
#include "class.h"
#include "compat_sound.h"

#define SEGUE_STREAM_NAME_LEN	32

/**
 * struct segue_capabilities - what a stream can do under a driver
 * @known: the rest is valid
 * @info: SNDRV_PCM_INFO_*
 * @rates: SNDRV_PCM_RATE_*
 * @params: everything that the driver's constraints leave
 */
struct segue_capabilities {
	bool known;
	unsigned int info;
	unsigned int rates;
	struct snd_pcm_hw_params params;
};

/**
 * struct segue_stream - a substream that stays
 * @card: the card's record
 * @substream: the substream
 * @name: "pcmC0D0p", for people
 * @ops: of the driver that has the device; NULL before it has set them
 * @shadow: stands for @ops of an open substream while it is not to be called
 * @opened: somebody has it open; valid while covered
 * @attached: the driver's open function has been called for an open substream
 * @group: with which others it is linked, while that is taken off; NULL otherwise
 * @fixed: the buffer cannot be turned round
 * @trapped: @shadow waits for the end of the buffer, or of a period
 * @stopped: the hardware was stopped there
 * @unit: frames in the buffer or the period
 * @last: position when it was last looked at
 * @over: frames that were played from the end on before it was stopped
 * @stopped_ns: when it was stopped there
 * @began: position at which the new driver began
 * @spare: as large as the buffer, for turning it round
 * @spare_bytes: its size
 * @wait_time: of the substream before the swap
 * @before: under the driver that leaves
 */
struct segue_stream {
	struct segue_card *card;
	struct snd_pcm_substream *substream;
	char name[SEGUE_STREAM_NAME_LEN];
	const struct snd_pcm_ops *ops;
	struct snd_pcm_ops shadow;
	bool opened;
	bool attached;
	struct snd_pcm_group *group;
	bool fixed;
	bool trapped;
	bool stopped;
	snd_pcm_uframes_t unit;
	snd_pcm_uframes_t last;
	snd_pcm_uframes_t over;
	u64 stopped_ns;
	snd_pcm_uframes_t began;
	void *spare;
	size_t spare_bytes;
	long wait_time;
	struct segue_capabilities before;
};

/**
 * struct segue_kctl_value - one element of a control
 * @owner: file that has locked it
 * @info: type, count and limits
 * @value: value
 * @readable: @value is valid
 * @described: @info is valid
 */
struct segue_kctl_value {
	struct snd_ctl_file *owner;
	struct snd_ctl_elem_info info;
	struct snd_ctl_elem_value value;
	bool readable;
	bool described;
};

/**
 * struct segue_kctl - a control as it was
 * @node: in &segue_card.controls, in the order of the card
 * @id: identity and number
 * @kctl: the control of the new driver that is the same one, or NULL
 * @tlv: scale of its values, or NULL
 * @tlv_bytes: length
 * @count: how many elements
 * @users: made by a user, not by the driver
 * @elements: elements
 */
struct segue_kctl {
	struct list_head node;
	struct snd_ctl_elem_id id;
	struct snd_kcontrol *kctl;
	unsigned int *tlv;
	size_t tlv_bytes;
	unsigned int count;
	bool users;
	struct segue_kctl_value elements[];
};

/**
 * struct segue_card_identity - what a driver writes over and others know the card by
 * @id: short name, also in /proc
 * @driver: name of the driver
 * @shortname: name
 * @longname: name with resources
 * @mixername: name of the mixer
 * @components: parts
 */
struct segue_card_identity {
	char id[sizeof_field(struct snd_card, id)];
	char driver[sizeof_field(struct snd_card, driver)];
	char shortname[sizeof_field(struct snd_card, shortname)];
	char longname[sizeof_field(struct snd_card, longname)];
	char mixername[sizeof_field(struct snd_card, mixername)];
	char components[sizeof_field(struct snd_card, components)];
};

/**
 * struct segue_pcm - a PCM that stays
 * @pcm: the PCM
 * @id: its identification
 * @name: its name
 * @taken: the driver that probes has asked for it
 * @left: the driver that leaves has been told that it is freed
 */
struct segue_pcm {
	struct snd_pcm *pcm;
	char id[sizeof_field(struct snd_pcm, id)];
	char name[sizeof_field(struct snd_pcm, name)];
	bool taken;
	bool left;
};

/**
 * struct segue_card - a sound card that is covered
 * @node: in the list of records
 * @dev: hardware device, referenced
 * @card: the card, referenced
 * @target: device in the swap, NULL outside
 * @lock: held by whoever works on the streams: the swap's thread, or a driver that leaves
 * @streams: substreams
 * @stream_count: how many
 * @pcms: PCMs
 * @pcm_count: how many
 * @identity: before the swap
 * @controls: before the swap
 * @last_numid: highest number of a control before the swap
 * @control_ns: how long reading them takes
 * @files: open files of the control device, while they are not to be told anything
 * @nudge: keeps whoever waits for a buffer from giving up
 * @holder: holds the card's place among the managed resources of the driver in charge
 * @module: of the driver that has taken the card
 * @refusal: why something that the new driver asked for was refused
 * @gated: control calls wait
 * @covered: the locks are held
 * @handing: drivers give up and take the card
 * @probing: a driver may take it
 * @parked: no driver has it
 * @registered: the driver that has it has registered it
 * @adds_pcms: but for PCMs that were not there before
 * @aligns: streams are left at the ends of periods
 * @node_taken: the card's memory is not a managed resource at the moment
 * @degraded: no driver will start
 * @orphaned: it is to go when the swap has ended
 */
struct segue_card {
	struct list_head node;
	struct device *dev;
	struct snd_card *card;
	struct segue_target *target;
	/* Guards the drivers' part of the streams, and @parked. */
	struct mutex lock;
	struct segue_stream *streams;
	unsigned int stream_count;
	struct segue_pcm *pcms;
	unsigned int pcm_count;
	struct segue_card_identity identity;
	struct list_head controls;
	unsigned int last_numid;
	u64 control_ns;
	struct list_head files;
	struct timer_list nudge;
	void *holder;
	struct module *module;
	char refusal[96];
	bool gated;
	bool covered;
	bool handing;
	bool probing;
	bool parked;
	bool registered;
	bool adds_pcms;
	bool aligns;
	bool node_taken;
	bool degraded;
	bool orphaned;
};

/* The card whose turn it is. */
extern struct segue_card *segue_card_active;

#define segue_for_each_stream(stream, record)					\
	for ((stream) = (record)->streams;					\
	     (stream) < (record)->streams + (record)->stream_count; (stream)++)

#define segue_for_each_pcm(kept, record)					\
	for ((kept) = (record)->pcms; (kept) < (record)->pcms + (record)->pcm_count; (kept)++)

#define segue_for_each_substream(_substream, pcm, direction)			\
	for ((direction) = 0; (direction) < 2; (direction)++)			\
		for ((_substream) = (pcm)->streams[direction].substream; (_substream);	\
		     (_substream) = (_substream)->next)

/* sound_main.c */
struct segue_card *segue_card_find(const struct device *dev);
struct segue_card *segue_card_create(struct device *dev, struct snd_card *card);
void segue_card_destroy(struct segue_card *record);
void segue_card_bury(struct segue_card *record);
void segue_card_bury_later(struct segue_card *record);
void segue_stream_init(struct segue_stream *stream, struct snd_pcm_substream *substream);

/* sound_find.c: which card belongs to a device, and what cannot be covered. */
struct snd_card *segue_sound_card_of(struct device *dev, unsigned int *count);
void segue_sound_look(struct segue_target *target, struct snd_card *card);
bool segue_sound_is_of_core(const void *address);

/* sound_probe.c: how often a driver has been asked to take a card. */
void segue_sound_count_probe(const struct module *module);
void segue_sound_look_probes(struct segue_target *target);
int segue_sound_probes_init(void);
void segue_sound_probes_exit(void);

/* sound_hooks.c */
extern const struct segue_hook segue_sound_hooks[];
extern const unsigned int segue_sound_hook_count;

/* sound_gate.c: users wait. */
bool segue_sound_holds_pcm_ioctl(const struct pt_regs *regs);
bool segue_sound_holds_ctl_ioctl(const struct pt_regs *regs);
bool segue_sound_holds_ctl_compat(const struct pt_regs *regs);
bool segue_sound_holds_card_compat(const struct pt_regs *regs);
segue_snd_pcm_ioctl_fn segue_sound_pcm_ioctl;
segue_snd_pcm_ioctl_compat_fn segue_sound_pcm_ioctl_compat;
segue_snd_ctl_ioctl_fn segue_sound_ctl_ioctl;
segue_snd_ctl_elem_list_fn segue_sound_elem_list;
segue_snd_ctl_elem_info_fn segue_sound_elem_info;
segue_ctl_elem_read_user_fn segue_sound_elem_read;
segue_ctl_elem_write_user_fn segue_sound_elem_write;
segue_snd_ctl_elem_add_compat_fn segue_sound_elem_add;
segue_snd_pcm_control_ioctl_fn segue_sound_pcm_control;
void segue_sound_wait_handlers(void);
int segue_card_close_gate(struct segue_card *record);
void segue_card_open_gate(struct segue_card *record);
void segue_card_lengthen_waits(struct segue_card *record, bool lengthen);

/* sound_quiet.c: users who came before the gate. */
int segue_card_wait_calls(struct segue_card *record);

/* sound_card.c: giving up and taking the card. */
bool segue_card_keeps(const struct segue_card *record, const void *data);
void segue_card_give_up(struct segue_card *record);
int segue_card_leave_place(struct segue_card *record);
int segue_card_take(struct segue_card *record, struct module *module, size_t extra, bool managed);
int segue_card_register(struct segue_card *record);
void segue_card_register_new(struct segue_card *record);
void segue_card_settle(struct segue_card *record);
void segue_card_read_identity(struct segue_card *record);
void segue_card_restore_identity(struct segue_card *record);
__printf(2, 3)
void segue_card_refuse(struct segue_card *record, const char *fmt, ...);

/* sound_pcm.c: PCMs and their buffers. */
struct segue_stream *segue_stream_find(struct segue_card *record,
				       const struct snd_pcm_substream *substream);
struct segue_pcm *segue_pcm_find(struct segue_card *record, const struct snd_pcm *pcm);
int segue_pcm_take(struct segue_card *record, const char *id, int device, int playback,
		   int capture, struct snd_pcm **pcm);
void segue_pcm_leave(struct segue_card *record);
void segue_pcm_look_new(struct segue_card *record);
void segue_pcm_restore_identity(struct segue_card *record);
void segue_pcm_set_ops(struct segue_card *record, struct snd_pcm *pcm, int direction,
		       const struct snd_pcm_ops *ops);
int segue_stream_take_buffer(struct segue_stream *stream, int type, struct device *dev,
			     size_t max, bool managed);

/* sound_stream.c: one substream under one driver. */
bool segue_stream_is_running(const struct snd_pcm_substream *substream);
void segue_stream_impersonate(struct segue_stream *stream);
void segue_stream_close(struct segue_stream *stream);
int segue_stream_open(struct segue_stream *stream);
int segue_stream_configure(struct segue_stream *stream, struct segue_findings *found);
int segue_stream_start(struct segue_stream *stream);
void segue_stream_resume(struct segue_stream *stream);
int segue_stream_look(struct segue_stream *stream, struct segue_capabilities *capabilities);
bool segue_sound_attaches(const struct pt_regs *regs);
int segue_sound_attach(struct snd_pcm *pcm, int direction, struct file *file,
		       struct snd_pcm_substream **substream);
void segue_stream_user(const struct segue_stream *stream, char *user, size_t size);

/* sound_link.c: streams that start and stop together. */
void segue_stream_refuse_linked(struct segue_stream *stream, struct segue_findings *found);
int segue_card_unlink(struct segue_card *record);
void segue_card_link(struct segue_card *record);
void segue_stream_lock_nested(struct snd_pcm_substream *substream, unsigned int depth);

/* sound_position.c: where in its buffer a stream is. */
bool segue_stream_is_fixed(const struct snd_pcm_substream *substream);
int segue_stream_refuse_stuck(struct segue_stream *stream, struct segue_findings *found);
int segue_card_wait_for_moment(struct segue_card *record);
int segue_card_stop_at_moment(struct segue_card *record);
u64 segue_card_silent_since(struct segue_card *record);
void segue_card_untrap(struct segue_card *record);
int segue_stream_rewind(struct segue_stream *stream);

/* sound_control.c: the mixer. */
int segue_card_read_controls(struct segue_card *record);
void segue_card_free_controls(struct segue_card *record);
void segue_card_drop_controls(struct segue_card *record);
void segue_card_match_controls(struct segue_card *record);
void segue_card_compare_controls(struct segue_card *record, struct segue_findings *found);
void segue_card_put_controls(struct segue_card *record, struct segue_findings *found);
void segue_card_hush(struct segue_card *record);
void segue_card_unhush(struct segue_card *record);

/* sound_compare.c */
void segue_stream_compare(struct segue_stream *stream, struct segue_findings *found);

/* sound_module.c: who counts on the driver's module. */
void segue_card_move_references(struct segue_card *record, struct module *from,
				struct module *to);

/* sound_class.c */
extern struct segue_class segue_sound_class;

#endif /* _SEGUE_SOUND_H */
