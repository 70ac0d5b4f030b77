#include "opt.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/num.h"

enum { OPT_TEXT_MAX = 64 * 1024 };

static void *
value_of(struct opts *o, const struct opt *opt)
{
	return (char *)o + opt->at;
}

/* Finds the option of that name; NULL when the table has none. */
static const struct opt *
find(const struct opt *table, struct str name)
{
	for (; table->name != NULL; table++)
		if (str_eq(str_of(table->name), name))
			return table;
	return NULL;
}

static void
preset(const struct opt *table, struct opts *o)
{
	for (; table->name != NULL; table++)
		if (table->type == OPT_NUMBER)
			*(int64_t *)value_of(o, table) = table->preset;
}

static bool
bad_value(const struct opt *opt, const char *value, const char *want,
    struct err *err)
{
	return err_set(err, ERR_USAGE, "--%s: \"%.100s\" is not %s",
	    opt->name, value, want);
}

static bool
in_range(const struct opt *opt, const char *value, int64_t n, struct err *err)
{
	if (n >= opt->min && n <= opt->max)
		return true;
	return err_set(err, ERR_USAGE,
	    "--%s: %s is not between %lld and %lld", opt->name, value,
	    (long long)opt->min, (long long)opt->max);
}

static bool
put_number(const struct opt *opt, const char *value, struct opts *o,
    struct err *err)
{
	int64_t n;

	if (!num_int(str_of(value), &n))
		return bad_value(opt, value, "a whole number", err);
	*(int64_t *)value_of(o, opt) = n;
	return in_range(opt, value, n, err);
}

/* The factor of "", "K", "M", "G", each also with "B" or "iB"; 0: another unit. */
static int64_t
size_factor(struct str unit)
{
	static const char letters[] = "KMG";
	const char *at;

	if (unit.n == 0)
		return 1;
	if ((at = strchr(letters, unit.p[0])) == NULL || *at == '\0')
		return 0;
	unit = str_from(unit, 1);
	if (unit.n > 0 && !str_eq(unit, STR("B")) && !str_eq(unit, STR("iB")))
		return 0;
	return INT64_C(1024) << (10 * (at - letters));
}

static bool
put_bytes(const struct opt *opt, const char *value, struct opts *o,
    struct err *err)
{
	size_t digits = strspn(value, "0123456789");
	int64_t factor = size_factor(str_of(value + digits)), n;

	if (factor == 0 || !num_int((struct str){ value, digits }, &n) ||
	    n > INT64_MAX / factor)
		return bad_value(opt, value, "a size like 65536, 128M or 4MiB",
		    err);
	*(int64_t *)value_of(o, opt) = n * factor;
	return in_range(opt, value, n * factor, err);
}

/* True when s is a day of the calendar, as YYYY-MM-DD. */
static bool
is_day(const char *s)
{
	char at_noon[sizeof("YYYY-MM-DDT12:00Z")];
	int64_t us;

	if (strlen(s) != 10 || strspn(s, "0123456789-") != 10)
		return false;
	(void)snprintf(at_noon, sizeof(at_noon), "%sT12:00Z", s);
	return time_parse(str_of(at_noon), &us);
}

static bool
put_day(const struct opt *opt, const char *value, struct opts *o,
    struct err *err)
{
	if (!is_day(value))
		return bad_value(opt, value,
		    "a day as YYYY-MM-DD from 2000 to 2099", err);
	*(const char **)value_of(o, opt) = value;
	return true;
}

/* Takes a comma list apart; its items live in the arena. */
static bool
put_list(const struct opt *opt, const char *value, struct opts *o,
    struct err *err)
{
	struct opt_list *list = value_of(o, opt);

	for (;;) {
		size_t n = opt->whole ? strlen(value) : strcspn(value, ",");

		if (n == 0)
			return err_set(err, ERR_USAGE, "--%s: an empty name",
			    opt->name);
		if (list->n == OPT_LIST_MAX)
			return err_set(err, ERR_USAGE,
			    "--%s: more than %d names", opt->name, OPT_LIST_MAX);
		list->v[list->n] = arena_cstr(&o->arena,
		    (struct str){ value, n });
		if (list->v[list->n++] == NULL)
			return err_nomem(err);
		if (value[n] == '\0')
			return true;
		value += n + 1;
	}
}

/* True when value is one of "one|other". */
static bool
is_word(const char *words, struct str value)
{
	for (;; words++) {
		size_t n = strcspn(words, "|");

		if (str_eq((struct str){ words, n }, value))
			return true;
		if (*(words += n) == '\0')
			return false;
	}
}

static bool
put_text(const struct opt *opt, const char *value, struct opts *o,
    struct err *err)
{
	if (value[0] == '\0' && !opt->may_be_empty)
		return err_set(err, ERR_USAGE, "--%s: the value is empty",
		    opt->name);
	if (strlen(value) > OPT_TEXT_MAX)
		return err_set(err, ERR_USAGE, "--%s: the value is too long",
		    opt->name);
	if (opt->words != NULL && !is_word(opt->words, str_of(value)))
		return bad_value(opt, value, opt->words, err);
	*(const char **)value_of(o, opt) = value;
	return true;
}

static bool
put_value(const struct opt *opt, const char *value, struct opts *o,
    struct err *err)
{
	switch (opt->type) {
	case OPT_NUMBER:
		return put_number(opt, value, o, err);
	case OPT_BYTES:
		return put_bytes(opt, value, o, err);
	case OPT_DAY:
		return put_day(opt, value, o, err);
	case OPT_LIST:
		return put_list(opt, value, o, err);
	default:
		return put_text(opt, value, o, err);
	}
}

/* Reads one "--name", "--name=value" or "--name value"; next is the argument behind it. */
static bool
read_long(const struct opt *table, const char *arg, const char *next,
    struct opts *o, bool *took_next, struct err *err)
{
	size_t n = strcspn(arg + 2, "=");
	const struct opt *opt = find(table, (struct str){ arg + 2, n });
	const char *value = arg[2 + n] == '=' ? arg + 2 + n + 1 : NULL;

	*took_next = false;
	if (opt == NULL)
		return err_set(err, ERR_USAGE, "unknown option --%.*s",
		    (int)(n < 100 ? n : 100), arg + 2);
	if (opt->value == NULL) {
		*(int *)value_of(o, opt) = opt->set;
		return value == NULL || err_set(err, ERR_USAGE,
		    "--%s takes no value", opt->name);
	}
	if (value == NULL) {
		if (next == NULL)
			return err_set(err, ERR_USAGE, "--%s: %s is missing",
			    opt->name, opt->value);
		value = next;
		*took_next = true;
	}
	return put_value(opt, value, o, err);
}

static bool
is_help(const char *arg)
{
	return strcmp(arg, "-h") == 0 || strcmp(arg, "--help") == 0;
}

/* True when nothing that must be given is missing. */
static bool
complete(const struct opt *table, struct opts *o, struct err *err)
{
	for (; table->name != NULL; table++)
		if (table->required &&
		    *(const char **)value_of(o, table) == NULL)
			return err_set(err, ERR_USAGE, "--%s %s is missing",
			    table->name, table->value);
	return true;
}

bool
opt_read(const struct opt *table, const char **arg, size_t n,
    struct opts *o, size_t *rest, struct err *err)
{
	bool took_next;

	*rest = 0;
	*o = (struct opts){ 0 };
	arena_init(&o->arena, 0);
	preset(table, o);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(arg[i], "--") == 0) {
			while (++i < n)
				arg[(*rest)++] = arg[i];
		} else if (is_help(arg[i])) {
			o->help = 1;
			return true;
		} else if (strncmp(arg[i], "--", 2) == 0) {
			if (!read_long(table, arg[i],
			    i + 1 < n ? arg[i + 1] : NULL, o, &took_next, err))
				return false;
			i += took_next;
		} else if (arg[i][0] == '-' && arg[i][1] != '\0') {
			return err_set(err, ERR_USAGE, "unknown option %.100s",
			    arg[i]);
		} else {
			arg[(*rest)++] = arg[i];
		}
	}
	return complete(table, o, err);
}

void
opt_free(struct opts *o)
{
	arena_close(&o->arena);
}

enum phones
opt_phones(const struct opts *o, enum phones preset)
{
	return o->phones != NULL ? phones_of(o->phones) : preset;
}

enum phones
opt_phones_of_answer(const struct opts *o)
{
	return opt_phones(o, o->json ? PHONES_FULL : PHONES_MASKED);
}

size_t
opt_text(const struct opt *opt, char *out, size_t cap)
{
	int n = opt->value == NULL ?
	    snprintf(out, cap, "--%s", opt->name) :
	    snprintf(out, cap, "--%s %s", opt->name, opt->value);

	return n < 0 ? 0 : (size_t)n;
}
