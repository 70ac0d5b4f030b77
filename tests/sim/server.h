/*
 * server: the HTTP side, on libmicrohttpd.
 *
 * One epoll thread for each listener, and one thread that wakes connections
 * which wait for their answer's time: a delay costs no thread. Listens on
 * 127.0.0.1, and on request on 127.0.0.2 as "the other host", at the same
 * port, where nothing of a provider's should arrive.
 */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include "sim.h"

struct server_options {
	uint16_t port;		/* 0: any free one */
	bool other_host;
	const char *tls_cert;	/* files; both or none */
	const char *tls_key;
};

struct server;

/* Binds, and fills sim->here and sim->other; nothing is answered yet. */
struct server *server_bind(struct sim *, const struct server_options *);
uint16_t server_port(const struct server *);
/* Begins to answer. */
void server_start(struct server *);
/* Answers or closes what is open, and ends. */
void server_stop(struct server *);

#endif
