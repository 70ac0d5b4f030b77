/*
 * words: what people, assistants and campaigns are called and what is said.
 *
 * Everything is a function of a number (an index or a seed), so a text can
 * be made again instead of being kept.
 */
#ifndef GEN_WORDS_H
#define GEN_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "text.h"

enum provider { MIRAI, WHIPPY, MINI, PROVIDERS };

enum { ASSISTANTS = 20, CAMPAIGNS = 12, WORKSPACES = 3, ID_MAX = 48 };

/* Names of insights, in byte order. */
enum insight {
	INSIGHT_AGENT_RATING,
	INSIGHT_APPOINTMENT,
	INSIGHT_BUDGET,
	INSIGHT_CALL_RATING,
	INSIGHT_CALLBACK,
	INSIGHT_CALLBACK_TIME,
	INSIGHT_CART_VALUE,
	INSIGHT_CITY,
	INSIGHT_GROESSE,
	INSIGHT_INTENT,
	INSIGHT_INTERESTED,
	INSIGHT_LANGUAGE,
	INSIGHT_NPS,
	INSIGHT_OBJECTION,
	INSIGHT_PRODUCTS,
	INSIGHT_SENTIMENT,
	INSIGHTS
};

/* 8-4-4-4-12 hexadecimal digits and a NUL. */
void words_uuid(char out[ID_MAX], uint64_t high, uint64_t low);

void words_assistant_id(char out[ID_MAX], enum provider, int index);
void words_campaign_id(char out[ID_MAX], enum provider, int index);
const char *words_workspace(int index);

/* Display names; NULL for the few that no list names. */
const char *words_assistant_name(int index);
const char *words_campaign_name(int index);

const char *words_person(uint64_t seed);
const char *words_city(uint64_t seed);
const char *words_product(uint64_t seed);

/* Appends a summary of some sentences, raw UTF-8. broken adds a U+FFFD. */
void words_summary(struct text *, uint64_t seed, bool broken);

/* Appends a transcript of about so many bytes, "Agent: ...\nUser: ...\n". */
void words_transcript(struct text *, uint64_t seed, size_t bytes);

const char *words_insight_name(enum insight);

/* Writes an insight as a member of a JSON object. */
void words_insight(struct text *, enum insight, uint64_t seed);

#endif
