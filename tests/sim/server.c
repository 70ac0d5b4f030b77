#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LISTENERS = 2, BIND_TRIES = 16, BACKLOG = 1024, CONNECTIONS = 2000 };

struct listener {
	struct sim *sim;
	bool other_host;
	int fd;			/* -1: not in use */
	struct MHD_Daemon *daemon;
};

struct server {
	struct sim *sim;
	struct listener listeners[LISTENERS];
	uint16_t port;
	char *cert;		/* PEM texts; NULL without TLS */
	char *key;
	pthread_t waker;
};

/* Makes the state of a request when its first line has come. */
static void *
on_first_line(void *cls, const char *target, struct MHD_Connection *conn)
{
	const struct listener *l = cls;
	struct request *r = mem_new(sizeof(*r));
	struct stats *stats = &l->sim->stats;

	(void)conn;
	r->sim = l->sim;
	r->other_host = l->other_host;
	r->at_us = mono_us();
	r->target = mem_text(target);
	(void)pthread_mutex_lock(&l->sim->lock);
	if (++stats->in_flight > stats->in_flight_max)
		stats->in_flight_max = stats->in_flight;
	(void)pthread_mutex_unlock(&l->sim->lock);
	return r;
}

/* Frees a request, whatever became of it. */
static void
on_done(void *cls, struct MHD_Connection *conn, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct listener *l = cls;
	struct request *r = *state;

	(void)conn;
	(void)why;
	if (r == NULL)
		return;
	(void)pthread_mutex_lock(&l->sim->lock);
	l->sim->stats.in_flight--;
	(void)pthread_mutex_unlock(&l->sim->lock);
	answer_clear(&r->answer);
	free(r->body.p);
	free(r->target);
	free(r);
	*state = NULL;
}

/* Notes who asks. */
static void
note_peer(struct request *r)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(r->conn,
	    MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct sockaddr_in a;
	char host[INET_ADDRSTRLEN] = "?";

	if (info == NULL || info->client_addr->sa_family != AF_INET)
		return;
	memcpy(&a, info->client_addr, sizeof(a));
	(void)inet_ntop(AF_INET, &a.sin_addr, host, sizeof(host));
	(void)snprintf(r->peer, sizeof(r->peer), "%s:%u", host,
	    (unsigned)ntohs(a.sin_port));
}

/* Takes a part of the request's body. */
static void
take_body(struct request *r, const char *p, size_t n)
{
	if (r->body.n + n > BODY_MAX_BYTES)
		r->body_too_long = true;
	else
		text_put(&r->body, p, n);
}

/* Sends the answer, or closes where none is to come. */
static enum MHD_Result
finish(struct request *r)
{
	r->stage = STAGE_DONE;
	if (r->answer.flow == FLOW_CLOSE || r->answer.flow == FLOW_HANG)
		return MHD_NO;
	return answer_send(&r->answer, r->conn, r->sim->wakes);
}

/* MHD's handler: first call, parts of the body, end of the request, waking. */
static enum MHD_Result
on_request(void *cls, struct MHD_Connection *conn, const char *path,
    const char *method, const char *version, const char *data, size_t *data_n,
    void **state)
{
	struct request *r = *state;

	(void)cls;
	(void)version;
	if (r->conn == NULL) {
		r->conn = conn;
		note_peer(r);
		return MHD_YES;
	}
	if (*data_n > 0) {
		take_body(r, data, *data_n);
		*data_n = 0;
		return MHD_YES;
	}
	if (r->stage == STAGE_READING) {
		r->method = method;
		r->path = path;
		request_decide(r);
		if (r->answer.delay_us > 0) {
			r->stage = STAGE_WAITING;
			answer_sleep(conn, r->sim->wakes, r->answer.delay_us);
			return MHD_YES;
		}
	}
	return finish(r);
}

/* Wakes connections when they are due. */
static void *
wake_thread(void *cls)
{
	struct sim *sim = cls;
	struct MHD_Connection *conn;

	while ((conn = due_pop(sim->wakes)) != NULL)
		MHD_resume_connection(conn);
	return NULL;
}

/* Listens on an address; -1 when the port is taken there. */
static int
listen_at(const char *host, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;

	(void)inet_pton(AF_INET, host, &a.sin_addr);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		die("socket: %s", strerror(errno));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		if (errno != EADDRINUSE)
			die("%s:%u: %s", host, port, strerror(errno));
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* The port that a socket has got. */
static uint16_t
port_of(int fd)
{
	struct sockaddr_in a = { 0 };
	socklen_t n = sizeof(a);

	if (getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		die("getsockname: %s", strerror(errno));
	return ntohs(a.sin_port);
}

/* Tries to listen on all wanted addresses at one port. */
static bool
try_bind(struct server *s, uint16_t port, bool other_host)
{
	int fd = listen_at("127.0.0.1", port), other = -1;

	if (fd < 0)
		return false;
	s->port = port_of(fd);
	if (other_host && (other = listen_at("127.0.0.2", s->port)) < 0) {
		(void)close(fd);
		return false;
	}
	s->listeners[0] = (struct listener){ s->sim, false, fd, NULL };
	s->listeners[1] = (struct listener){ s->sim, true, other, NULL };
	return true;
}

struct server *
server_bind(struct sim *sim, const struct server_options *opt)
{
	struct server *s = mem_new(sizeof(*s));
	const char *scheme = opt->tls_cert != NULL ? "https" : "http";

	s->sim = sim;
	for (int i = 0; !try_bind(s, opt->port, opt->other_host); i++)
		if (opt->port != 0 || i == BIND_TRIES)
			die("port %u is in use", opt->port);
	if (opt->tls_cert != NULL) {
		s->cert = file_read(opt->tls_cert);
		s->key = file_read(opt->tls_key);
	}
	sim->here = mem_fmt("%s://127.0.0.1:%u", scheme, s->port);
	sim->other = mem_fmt("%s://127.0.0.2:%u", scheme, s->port);
	return s;
}

uint16_t
server_port(const struct server *s)
{
	return s->port;
}

/* Starts libmicrohttpd on one listener. */
static void
listener_start(const struct server *s, struct listener *l)
{
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, s->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, s->key },
		{ MHD_OPTION_END, 0, NULL },
	};

	if (s->cert != NULL)
		flags |= MHD_USE_TLS;
	else
		tls[0].option = MHD_OPTION_END;
	l->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, l,
	    MHD_OPTION_LISTEN_SOCKET, l->fd,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
	    MHD_OPTION_URI_LOG_CALLBACK, on_first_line, l,
	    MHD_OPTION_NOTIFY_COMPLETED, on_done, l,
	    MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	if (l->daemon == NULL)
		die("the HTTP server does not start%s", s->cert != NULL ?
		    " (is the certificate right?)" : "");
}

void
server_start(struct server *s)
{
	if (pthread_create(&s->waker, NULL, wake_thread, s->sim) != 0)
		die("no thread can be started");
	for (size_t i = 0; i < LISTENERS; i++)
		if (s->listeners[i].fd >= 0)
			listener_start(s, &s->listeners[i]);
}

void
server_stop(struct server *s)
{
	due_close(s->sim->wakes, true);
	(void)pthread_join(s->waker, NULL);
	for (size_t i = 0; i < LISTENERS; i++)
		if (s->listeners[i].daemon != NULL)
			MHD_stop_daemon(s->listeners[i].daemon);
	free(s->cert);
	free(s->key);
	free(s);
}
