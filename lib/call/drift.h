/*
 * drift: what messages hold that their profile does not know: members,
 * types, statuses.
 *
 * A member is known where a place of the shape leads through or to it, or
 * where the profile's "known" says so. Members that state nothing are no
 * news, nor are those of list elements. What lies below an unknown member is
 * not looked at.
 *
 * Names are somebody else's data: NULs in them become U+FFFD, and what is
 * longer than DRIFT_NAME_BYTES is cut. A set holds at most DRIFT_SET_MAX and
 * counts what it had no room for, so that hostile input finds its end. Pure;
 * a set belongs to one thread.
 */
#ifndef CALLTALLY_CALL_DRIFT_H
#define CALLTALLY_CALL_DRIFT_H

#include "base/buf.h"
#include "call/event.h"
#include "call/profile.h"

enum { DRIFT_SET_MAX = 64, DRIFT_NAME_BYTES = 200 };

enum drift_kind { DRIFT_MEMBER, DRIFT_TYPE, DRIFT_STATUS, DRIFT_KINDS };
extern const char *const drift_kind_name[DRIFT_KINDS];
/* The kind of that name; DRIFT_KINDS when there is none. */
enum drift_kind drift_kind_by_name(struct str name);

/* One thing that is new, and where it came first. */
struct drift {
	struct str provider;	/* the profile's, as shape is */
	struct str shape;
	enum drift_kind kind;
	struct str name;	/* JSON Pointer in the message; the type; the status */
	int64_t line;		/* of the first */
	int64_t time_us;	/* of the first one's event; TIME_NONE */
	int64_t lines;		/* that have it */
	int64_t last_line;
};

struct drift_set {
	struct arena *arena;	/* the caller's; holds v and the names */
	int64_t line;		/* that is being decoded: set by the caller */
	struct drift *v;
	size_t n;
	uint64_t left_out;	/* findings that there was no room for */
	uint64_t findings;	/* all of them, with those that were there before */
};

struct shape;
struct walk;
struct node;

/*
 * Notes what is new in a message that became an event, whose body was walked
 * last. scratch is reset and used. False when memory ran out.
 */
bool drift_look(struct drift_set *, const struct shape *, const struct walk *,
    struct node body, const struct event *, struct buf *scratch);

/* True when these profiles know what was noted under an earlier state of them. */
bool drift_is_known(const struct profiles *, struct str provider,
    struct str shape, enum drift_kind, struct str name);

#endif
