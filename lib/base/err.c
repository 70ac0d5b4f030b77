#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static bool
set_v(struct err *e, enum err_kind kind, const char *fmt, va_list ap)
{
	if (e->kind != ERR_NONE)
		return false;
	e->kind = kind;
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	return false;
}

bool
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_v(e, kind, fmt, ap);
	va_end(ap);
	return false;
}

bool
err_fail(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_v(e, ERR_FAILED, fmt, ap);
	va_end(ap);
	return false;
}

bool
err_sys(struct err *e, int errno_value, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	if (e->kind != ERR_NONE)
		return false;
	va_start(ap, fmt);
	set_v(e, ERR_FAILED, fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	(void)snprintf(e->text + n, sizeof(e->text) - n, ": %s",
	    strerror(errno_value));
	return false;
}

bool
err_add(struct err *e, const char *fmt, ...)
{
	char was[ERR_TEXT_MAX];
	va_list ap;
	size_t n;

	memcpy(was, e->text, sizeof(was));
	va_start(ap, fmt);
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	(void)snprintf(e->text + n, sizeof(e->text) - n, ": %s", was);
	return false;
}

bool
err_nomem(struct err *e)
{
	return err_fail(e, "out of memory");
}
