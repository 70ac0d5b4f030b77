/*
 * post: webhooks over HTTP, to this machine only.
 */
#ifndef SIM_POST_H
#define SIM_POST_H

#include <stdbool.h>

struct poster;

/* True when the URL is http or https and its host is a loopback address. */
bool post_is_local(const char *url);

/* One poster serves one thread. ca_file is trusted for https; may be NULL. */
struct poster *poster_new(const char *ca_file);
void poster_free(struct poster *);
/* Posts a JSON body, up to three times; true once a 2xx came back. */
bool poster_send(struct poster *, const char *url, const char *body);

#endif
