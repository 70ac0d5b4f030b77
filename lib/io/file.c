#include "io/file.h"

#include <errno.h>
#include <stdio.h>

bool
file_read(const char *path, struct buf *out, struct err *err)
{
	FILE *f = fopen(path, "rb");
	char block[16 * 1024];
	size_t n;

	if (f == NULL)
		return err_sys(err, errno, "%s", path);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		if (!buf_put(out, block, n))
			break;
	if (ferror(f))
		(void)err_sys(err, errno, "%s", path);
	else if (out->failed)
		(void)err_fail(err, "%s: longer than %zu bytes, or out of memory",
		    path, out->max_bytes);
	(void)fclose(f);
	return err->kind == ERR_NONE;
}
