/*
 * same_json: what io/doc.h makes of a text, against jansson on the same bytes.
 *
 * Both accept it or neither does, and what they read from it is equal, but
 * for these differences, which are meant:
 *
 *	- a byte order mark before the text is skipped; jansson refuses it;
 *	- whole numbers from 2^63 to 2^64-1 are kept; jansson refuses them;
 *	- U+0000 in a member's name is kept; jansson refuses it;
 *	- a NUL behind a number is refused; jansson passes over it;
 *	- more than 1,023 levels are refused; jansson takes 2,048;
 *	- of repeated members the first counts; with jansson the last one does.
 */
#ifndef FUZZ_SAME_JSON_H
#define FUZZ_SAME_JSON_H

#include "base/str.h"

enum same_json {
	SAME_ACCEPTED,
	SAME_REFUSED,
	SAME_BUT_UINT,
	SAME_BUT_NUL_IN_NAME,
	SAME_BUT_NUL,
	SAME_BUT_DEPTH,
	SAME_BUT_REPEATED,	/* equal but for the members that are repeated */
	NOT_SAME,
};

/* Fills why, terminated, when they are not the same. Behind text DOC_PADDING_BYTES can be read. */
enum same_json same_json(struct str text, char *why, size_t why_bytes);

#endif
