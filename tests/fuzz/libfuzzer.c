/*
 * One target for libFuzzer: FUZZ_TARGET names its function.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	FUZZ_TARGET((struct str){ n > 0 ? (const char *)p : "", n });
	return 0;
}
