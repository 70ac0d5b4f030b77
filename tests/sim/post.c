#include "post.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util.h"

enum { TRIES = 3, FIRST_PAUSE_MS = 50, TIMEOUT_MS = 5000 };

struct poster {
	CURL *curl;
	struct curl_slist *headers;
};

/* True for localhost and the loopback addresses. */
static bool
host_is_local(const char *host)
{
	struct in_addr a;

	if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, host, &a) == 1 &&
	    (ntohl(a.s_addr) >> 24) == 127;
}

/* One part of a parsed URL, for curl_free; NULL when it has none. */
static char *
url_part(CURLU *u, CURLUPart part)
{
	char *text = NULL;

	return curl_url_get(u, part, &text, 0) == CURLUE_OK ? text : NULL;
}

bool
post_is_local(const char *url)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL;
	bool local;

	if (u == NULL)
		abort();
	if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK) {
		scheme = url_part(u, CURLUPART_SCHEME);
		host = url_part(u, CURLUPART_HOST);
	}
	local = scheme != NULL && host != NULL && host_is_local(host) &&
	    (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(u);
	return local;
}

/* Takes an answer's body and keeps nothing of it. */
static size_t
drop(char *p, size_t size, size_t n, void *cls)
{
	(void)p;
	(void)cls;
	return size * n;
}

struct poster *
poster_new(const char *ca_file)
{
	struct poster *p = mem_new(sizeof(*p));

	p->curl = curl_easy_init();
	p->headers = curl_slist_append(NULL, "Content-Type: application/json");
	if (p->curl == NULL || p->headers == NULL)
		abort();
	(void)curl_easy_setopt(p->curl, CURLOPT_HTTPHEADER, p->headers);
	(void)curl_easy_setopt(p->curl, CURLOPT_WRITEFUNCTION, drop);
	(void)curl_easy_setopt(p->curl, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(p->curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(p->curl, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
	if (ca_file != NULL)
		(void)curl_easy_setopt(p->curl, CURLOPT_CAINFO, ca_file);
	return p;
}

void
poster_free(struct poster *p)
{
	curl_easy_cleanup(p->curl);
	curl_slist_free_all(p->headers);
	free(p);
}

/* Posts once; true for a 2xx. */
static bool
send_once(struct poster *p)
{
	long status = 0;

	if (curl_easy_perform(p->curl) != CURLE_OK)
		return false;
	(void)curl_easy_getinfo(p->curl, CURLINFO_RESPONSE_CODE, &status);
	return status >= 200 && status < 300;
}

bool
poster_send(struct poster *p, const char *url, const char *body)
{
	struct timespec pause = { 0, FIRST_PAUSE_MS * 1000000L };

	(void)curl_easy_setopt(p->curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(p->curl, CURLOPT_POSTFIELDS, body);
	for (int i = 1; !send_once(p); i++) {
		if (i == TRIES)
			return false;
		(void)nanosleep(&pause, NULL);
		pause.tv_nsec *= 2;
	}
	return true;
}
