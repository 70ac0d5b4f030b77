#include "io/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

struct range {
	unsigned char b[16];
	unsigned bits;
};

#define V4(a, b, c, d, n) \
	{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d }, 96 + (n) }

static const struct range loopback[] = {
	V4(127, 0, 0, 0, 8),
	{ { [15] = 1 }, 128 },
};

static const struct range not_public[] = {
	V4(0, 0, 0, 0, 8),
	V4(10, 0, 0, 0, 8),
	V4(100, 64, 0, 0, 10),
	V4(127, 0, 0, 0, 8),
	V4(169, 254, 0, 0, 16),
	V4(172, 16, 0, 0, 12),
	V4(192, 0, 0, 0, 24),
	V4(192, 0, 2, 0, 24),
	V4(192, 88, 99, 0, 24),
	V4(192, 168, 0, 0, 16),
	V4(198, 18, 0, 0, 15),
	V4(198, 51, 100, 0, 24),
	V4(203, 0, 113, 0, 24),
	V4(224, 0, 0, 0, 4),
	V4(240, 0, 0, 0, 4),
	{ { 0 }, 96 },				/* ::, ::1 and ::a.b.c.d */
	{ { 0x01 }, 64 },			/* 100::, to be dropped */
	{ { 0x20, 0x01 }, 23 },			/* 2001::, Teredo and the like */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },	/* documents */
	{ { 0xfc }, 7 },
	{ { 0xfe, 0x80 }, 10 },
	{ { 0xfe, 0xc0 }, 10 },
	{ { 0xff }, 8 },
};

static bool
in_range(const struct address *a, const struct range *r)
{
	unsigned whole = r->bits / 8, rest = r->bits % 8;

	if (memcmp(a->b, r->b, whole) != 0)
		return false;
	return rest == 0 || ((a->b[whole] ^ r->b[whole]) >> (8 - rest)) == 0;
}

static bool
in_any(const struct address *a, const struct range *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (in_range(a, &r[i]))
			return true;
	return false;
}

static void
from_v4(const void *v4, struct address *a)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	memcpy(a->b, mapped, sizeof(mapped));
	memcpy(a->b + sizeof(mapped), v4, 4);
}

bool
address_read(const char *text, struct address *a)
{
	unsigned char v4[4];

	if (inet_pton(AF_INET, text, v4) == 1) {
		from_v4(v4, a);
		return true;
	}
	return inet_pton(AF_INET6, text, a->b) == 1;
}

bool
address_of_socket(const struct sockaddr *sa, struct address *a)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof(v4));
		from_v4(&v4.sin_addr, a);
		return true;
	}
	if (sa->sa_family != AF_INET6)
		return false;
	memcpy(&v6, sa, sizeof(v6));
	memcpy(a->b, &v6.sin6_addr, sizeof(a->b));
	return true;
}

bool
address_is_loopback(const struct address *a)
{
	return in_any(a, loopback, sizeof(loopback) / sizeof(loopback[0]));
}

bool
address_is_private(const struct address *a)
{
	static const struct range nat64 = { { 0x00, 0x64, 0xff, 0x9b }, 96 };
	static const struct range six_to_four = { { 0x20, 0x02 }, 16 };
	struct address inner;

	if (in_any(a, not_public, sizeof(not_public) / sizeof(not_public[0])))
		return true;
	if (in_range(a, &nat64))
		from_v4(a->b + 12, &inner);
	else if (in_range(a, &six_to_four))
		from_v4(a->b + 2, &inner);
	else
		return false;
	return in_any(&inner, not_public,
	    sizeof(not_public) / sizeof(not_public[0]));
}
