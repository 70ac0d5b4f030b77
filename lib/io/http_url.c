#include "io/http_url.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "io/address.h"

/* A part of a parsed URL, to be freed with curl_free; NULL when there is none. */
static char *
url_part(CURLU *u, CURLUPart part)
{
	char *s = NULL;

	return curl_url_get(u, part, &s, part == CURLUPART_PORT ?
	    CURLU_DEFAULT_PORT : 0) == CURLUE_OK ? s : NULL;
}

static CURLU *
url_parse(const char *url)
{
	CURLU *u = curl_url();

	if (u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK) {
		curl_url_cleanup(u);
		return NULL;
	}
	return u;
}

static void
put_host(const char *host, char out[HTTP_ORIGIN_BYTES])
{
	size_t n = strlen(host);

	if (n >= 2 && host[0] == '[') {
		host++;
		n -= 2;
	}
	if (n >= HTTP_ORIGIN_BYTES)
		n = HTTP_ORIGIN_BYTES - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)tolower((unsigned char)host[i]);
	out[n] = '\0';
}

bool
http_host(const char *url, char out[HTTP_ORIGIN_BYTES])
{
	CURLU *u = url_parse(url);
	char *host = u != NULL ? url_part(u, CURLUPART_HOST) : NULL;

	out[0] = '\0';
	if (host != NULL)
		put_host(host, out);
	curl_free(host);
	curl_url_cleanup(u);
	return out[0] != '\0';
}

bool
http_host_is_literal(const char *host)
{
	struct address a;

	return strcmp(host, "localhost") == 0 || address_read(host, &a);
}

/* Whether a host is this machine by its very text. */
static bool
is_loopback_text(const char *host)
{
	struct address a;

	if (strcmp(host, "localhost") == 0)
		return true;
	return address_read(host, &a) && address_is_loopback(&a);
}

static bool
check_parts(const char *scheme, const char *host, const char *user,
    const char *password, struct err *err)
{
	if (user != NULL || password != NULL)
		return err_fail(err, "a URL must not hold a user's name or password");
	if (scheme == NULL || host == NULL || host[0] == '\0')
		return err_fail(err, "not a URL");
	if (strcmp(scheme, "https") == 0)
		return true;
	if (strcmp(scheme, "http") != 0)
		return err_fail(err, "neither https nor http");
	return is_loopback_text(host) || err_fail(err,
	    "plain http is only for a loopback address; use https");
}

static bool
origin_of(CURLU *u, char out[HTTP_ORIGIN_BYTES], struct err *err)
{
	char *scheme = url_part(u, CURLUPART_SCHEME);
	char *raw = url_part(u, CURLUPART_HOST);
	char *port = url_part(u, CURLUPART_PORT);
	char *user = url_part(u, CURLUPART_USER);
	char *password = url_part(u, CURLUPART_PASSWORD);
	char host[HTTP_ORIGIN_BYTES] = "";
	bool ok;
	int n;

	if (raw != NULL)
		put_host(raw, host);
	ok = check_parts(scheme, host, user, password, err);
	if (ok) {
		n = snprintf(out, HTTP_ORIGIN_BYTES,
		    strchr(host, ':') != NULL ? "%s://[%s]:%s" : "%s://%s:%s",
		    scheme, host, port != NULL ? port : "");
		if (n < 0 || n >= HTTP_ORIGIN_BYTES)
			ok = err_fail(err, "the host's name is too long");
	}
	curl_free(scheme);
	curl_free(raw);
	curl_free(port);
	curl_free(user);
	curl_free(password);
	return ok;
}

bool
http_origin(const char *url, char out[HTTP_ORIGIN_BYTES], struct err *err)
{
	CURLU *u = url_parse(url);
	bool ok;

	out[0] = '\0';
	if (u == NULL)
		return err_fail(err, "not a URL");
	ok = origin_of(u, out, err);
	curl_url_cleanup(u);
	return ok;
}

char *
http_url_follow(const char *from, const char *location)
{
	char here[HTTP_ORIGIN_BYTES], there[HTTP_ORIGIN_BYTES];
	struct err ignored = ERR_INIT;
	CURLU *u = url_parse(from);
	char *whole = NULL, *copy = NULL;

	if (u != NULL && origin_of(u, here, &ignored) &&
	    curl_url_set(u, CURLUPART_URL, location, 0) == CURLUE_OK &&
	    origin_of(u, there, &ignored) && strcmp(here, there) == 0)
		whole = url_part(u, CURLUPART_URL);
	if (whole != NULL)
		copy = strdup(whole);
	curl_free(whole);
	curl_url_cleanup(u);
	return copy;
}
