#include "words.h"

#include <stdio.h>
#include <string.h>

#include "rng.h"

static const char *const people[] = {
	"Aarav Sharma", "Priya Nair", "Rohan Mehta", "Ananya Iyer", "Jürgen Weiß",
	"Sophie Müller", "Jack O'Neill", "Maria García", "Chloé Dubois",
	"विजय कुमार", "Emily Johnson", "Liam Smith", "Nguyễn Văn An",
	"Fatima Al-Sayed", "Søren Kjær", "Kavita Rao", "Dwayne \"DJ\" Carter",
	"Zoë Becker", "Hessel, Piet", "Olivia Brown",
};

static const char *const cities[] = {
	"Delhi", "Mumbai", "Bengaluru", "Köln", "München", "Austin", "São Paulo",
	"Los Angeles", "Łódź", "दिल्ली", "Pune", "St. John's", "New York", "Zürich",
};

static const char *const products[] = {
	"running shoes", "cotton kurta", "USB-C charger", "hearing aid",
	"12\" skillet", "solar panel, 400 W", "yoga mat", "Bürostuhl",
};

static const char *const weekdays[] = {
	"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
};

/* $N person, $C city, $P product, $D weekday, $A a number. */
static const char *const sentences[] = {
	"The customer, $N, confirmed the appointment for $D.",
	"User expressed interest but requested a callback later.",
	"$N asked about the price of the $P and was told that it costs $A.",
	"The agent answered all questions; $N will decide by $D.",
	"The customer wants the $P delivered to $C.",
	"$N was driving and asked to be called again on $D, after 6 pm.",
	"The user said that the order number is $A and hung up.",
	"The customer complained about a late delivery (order $A) and was offered a refund.",
	"$N declined the offer, saying \"not now, maybe in $A days\".",
	"The call was short, the line was bad.",
	"Asked for the return policy; the agent explained it in two sentences.",
	"$N provided personal information and work history; a recruiter from $C will follow up.",
	"No decision maker was available.",
	"Ratings were given: product $A of 1000, service better than last year.",
	"The agent thanked $N for the time and promised an e-mail with the details.",
	"Discount code was sent for the $P; cart total $A.",
};

/* The ones that files and spreadsheets trip over. */
static const char *const odd_sentences[] = {
	"Der Kunde $N möchte am $D zurückgerufen werden – „bitte nach 18 Uhr“.",
	"ग्राहक ने $P के बारे में पूछा और $D को वापस कॉल करने को कहा।",
	"Great call 🎉👍🏽 $N bought the $P!",
	"First line: $N agreed.\nSecond line: ship to $C.\nThird line: total $A.",
	"Spelt out: \"$N\", path C:\\orders\\$A, tab\there; semicolon; comma, done.",
	"Les coordonnées de $N ont été vérifiées à $C, 100 % d’accord.",
};

/* They open a summary: what a spreadsheet would take for a formula. */
static const char *const formula_openings[] = {
	"=HYPERLINK(\"https://example.com/x\",\"$N\") was read out by the user.",
	"+49 was the prefix that $N gave.",
	"-- no summary by the model, $A tokens --",
	"@$N asked for a call back.",
	"=1+1",
};

static const char *const said_by_agent[] = {
	"Hey, this is Charlie, may I have your full name please?",
	"Thanks for that. Can you give me your current address, with the city and zip code?",
	"What is your preferred contact method: phone call, SMS, or e-mail?",
	"Got it. Let's move on to the $P that you left in your cart.",
	"I see an order over $A here. Would you like to complete it today?",
	"I can offer free delivery to $C until $D.",
	"Sorry, I did not catch that. Could you say it again?",
	"Thank you, our team will review your details and call you back on $D.",
};

static const char *const said_by_user[] = {
	"My name is $N.",
	"Sure. $A Wilshire Boulevard, $C.",
	"Uh, let's do SMS.",
	"Hmm, I am not sure, it was \"a bit\" expensive.",
	"Can you call me on $D instead?",
	"Yes.",
	"हाँ, ठीक है।",
	"I bought a $P last year, number $A, and it broke after two weeks, you know?",
	"Ja, genau, in $C.",
};

static const char *const assistant_names[ASSISTANTS] = {
	"Cart Recovery", "Cart Recovery (Hindi)", "Müller & Söhne Empfang",
	"Appointment, North", "Appointment, South", "\"Charlie\" Screening",
	"Lead Qualifier", "NPS Survey", "Payment Reminder", "दिल्ली सहायक",
	"After-hours Reception", "=Support Line", "Delivery Check 📦",
	"Win-back", "Onboarding", "Feedback; weekly", "Recruiting Phoenix",
	"Fallback", NULL, NULL,
};

static const char *const campaign_names[CAMPAIGNS] = {
	"Diwali Sale 2026", "Spring, North", "Rückrufaktion \"Frühling\"",
	"Warehouse Hiring", "+10% Loyalty", "Abandoned carts", "Renewals Q1",
	"दिवाली ऑफ़र", "No-show follow-up", "Survey wave 2", "VIP 💎", NULL,
};

static const char *const campaign_slugs[CAMPAIGNS] = {
	"diwali-sale-2026", "Spring, North", "rueckruf_fruehling", "wh-hiring",
	"=loyalty", "abandoned_carts", "renewals-q1", "दिवाली", "no-show",
	"survey \"wave 2\"", "vip", "unnamed-7",
};

static const char *const workspaces[WORKSPACES] = {
	"ws_retail", "ws_health", "ws_north, staging",
};

void
words_uuid(char out[ID_MAX], uint64_t high, uint64_t low)
{
	snprintf(out, ID_MAX, "%08x-%04x-4%03x-a%03x-%04x%08x",
	    (unsigned)(high >> 32), (unsigned)(high >> 16 & 0xffff),
	    (unsigned)(high & 0xfff), (unsigned)(low >> 52),
	    (unsigned)(low >> 32 & 0xffff), (unsigned)(low & 0xffffffff));
}

void
words_assistant_id(char out[ID_MAX], enum provider p, int index)
{
	uint64_t x = mix64((uint64_t)p * 1000 + (uint64_t)index + 17);

	if (p == WHIPPY)
		words_uuid(out, x, mix64(x + 1));
	else
		snprintf(out, ID_MAX, "%s_%012llx", p == MIRAI ? "asst" : "app",
		    (unsigned long long)(x >> 16));
}

void
words_campaign_id(char out[ID_MAX], enum provider p, int index)
{
	uint64_t x = mix64((uint64_t)p * 1000 + (uint64_t)index + 517);

	if (p == WHIPPY)
		words_uuid(out, x, mix64(x + 1));
	else
		snprintf(out, ID_MAX, "%s", campaign_slugs[index]);
}

const char *
words_workspace(int index)
{
	return workspaces[index];
}

const char *
words_assistant_name(int index)
{
	return assistant_names[index];
}

const char *
words_campaign_name(int index)
{
	return campaign_names[index];
}

const char *
words_person(uint64_t seed)
{
	return people[seed % COUNT(people)];
}

const char *
words_city(uint64_t seed)
{
	return cities[seed % COUNT(cities)];
}

const char *
words_product(uint64_t seed)
{
	return products[seed % COUNT(products)];
}

/* One of the words that a $ letter stands for. */
static void
put_word(struct text *t, char letter, struct rng *r)
{
	uint64_t seed = rng_next(r);

	switch (letter) {
	case 'N':
		text_puts(t, words_person(seed));
		break;
	case 'C':
		text_puts(t, words_city(seed));
		break;
	case 'P':
		text_puts(t, words_product(seed));
		break;
	case 'D':
		text_puts(t, weekdays[seed % COUNT(weekdays)]);
		break;
	default:
		text_int(t, (int64_t)(seed % 9000) + 100);
	}
}

/* A sentence with its words filled in. */
static void
put_sentence(struct text *t, const char *s, struct rng *r)
{
	const char *dollar;

	while ((dollar = strchr(s, '$')) != NULL) {
		text_put(t, s, (size_t)(dollar - s));
		put_word(t, dollar[1], r);
		s = dollar + 2;
	}
	text_puts(t, s);
}

/* One of n sentences. */
static void
put_one_of(struct text *t, const char *const *list, size_t n, struct rng *r)
{
	put_sentence(t, list[rng_below(r, (uint32_t)n)], r);
}

void
words_summary(struct text *t, uint64_t seed, bool broken)
{
	struct rng r = { seed };
	uint32_t more = rng_below(&r, 3);

	if (rng_chance(&r, 20))
		put_one_of(t, formula_openings, COUNT(formula_openings), &r);
	else if (rng_chance(&r, 150))
		put_one_of(t, odd_sentences, COUNT(odd_sentences), &r);
	else
		put_one_of(t, sentences, COUNT(sentences), &r);
	for (uint32_t i = 0; i < more; i++) {
		text_char(t, ' ');
		put_one_of(t, sentences, COUNT(sentences), &r);
	}
	if (broken)
		text_puts(t, " cut: \xef\xbf\xbd");
}

void
words_transcript(struct text *t, uint64_t seed, size_t bytes)
{
	struct rng r = { seed };
	size_t end = t->n + bytes;

	while (t->n < end) {
		text_puts(t, "Agent: ");
		put_one_of(t, said_by_agent, COUNT(said_by_agent), &r);
		text_puts(t, "\nUser: ");
		put_one_of(t, said_by_user, COUNT(said_by_user), &r);
		text_char(t, '\n');
	}
}

enum insight_kind { KIND_BOOL, KIND_INT, KIND_HALF, KIND_LIST, KIND_TEXT };

static const char *const ratings[] = { "Complete", "Incomplete", "Partial", NULL };
static const char *const times[] = { "tomorrow 18:00", "2026-04-01T10:30:00+05:30",
	"next week", "=NOW()", NULL };
static const char *const places[] = { "Delhi", "Köln", "दिल्ली", "São Paulo",
	"New York", NULL };
static const char *const sizes[] = { "S", "M", "L", "XL", NULL };
static const char *const intents[] = { "booking_confirmed", "price, delivery",
	"complaint", "no \"intent\"", "true", NULL };
static const char *const languages[] = { "hi", "en", "de", "en-IN", NULL };
static const char *const objections[] = { "too expensive", "not now",
	"uses\na competitor", "-none-", NULL };
static const char *const sentiments[] = { "positive", "neutral", "negative",
	"mixed", NULL };

/* range: of numbers, how many there are. */
static const struct insight_info {
	const char *name;
	enum insight_kind kind;
	uint32_t range;
	const char *const *values;
} insight_info[INSIGHTS] = {
	{ "agent_task_completion_rating", KIND_TEXT, 0, ratings },
	{ "appointment_time", KIND_TEXT, 0, times },
	{ "budget", KIND_INT, 40, NULL },
	{ "call_completion_rating", KIND_TEXT, 0, ratings },
	{ "callback_requested", KIND_BOOL, 0, NULL },
	{ "callback_time", KIND_TEXT, 0, times },
	{ "cart_value", KIND_HALF, 100, NULL },
	{ "city", KIND_TEXT, 0, places },
	{ "größe", KIND_TEXT, 0, sizes },
	{ "intent", KIND_TEXT, 0, intents },
	{ "interested", KIND_BOOL, 0, NULL },
	{ "language", KIND_TEXT, 0, languages },
	{ "nps", KIND_INT, 11, NULL },
	{ "objection", KIND_TEXT, 0, objections },
	{ "products", KIND_LIST, 0, NULL },
	{ "sentiment", KIND_TEXT, 0, sentiments },
};

const char *
words_insight_name(enum insight i)
{
	return insight_info[i].name;
}

/* One of the texts of a list that NULL ends. */
static const char *
one_text(const char *const *list, uint64_t seed)
{
	size_t n = 0;

	while (list[n] != NULL)
		n++;
	return list[seed % n];
}

/* An array of one or two products. */
static void
put_products(struct text *t, uint64_t seed)
{
	json_open(t, NULL, '[');
	json_str(t, NULL, words_product(seed));
	if (seed >> 32 & 1)
		json_str(t, NULL, words_product(seed + 3));
	json_close(t, ']');
}

void
words_insight(struct text *t, enum insight i, uint64_t seed)
{
	const struct insight_info *info = &insight_info[i];

	json_strn(t, NULL, info->name, strlen(info->name));
	text_char(t, ':');
	if (info->kind == KIND_BOOL)
		json_bool(t, NULL, seed % 2 == 0);
	else if (info->kind == KIND_INT)
		json_int(t, NULL, (int64_t)(seed % info->range));
	else if (info->kind == KIND_HALF)
		json_decimal(t, NULL, (int64_t)(seed % info->range) * 10 + 5, 1);
	else if (info->kind == KIND_LIST)
		put_products(t, seed);
	else
		json_str(t, NULL, one_text(info->values, seed));
}
