#include "io/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* For whom the file is: we and no other. */
static enum err
check_mode(int fd, const char *path, struct error *e)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return error_set(e, ERR_NO_INPUT, "cannot look at %s: %s", path,
		    strerror(errno));
	if ((st.st_mode & 077) != 0)
		return error_set(e, ERR_NO_INPUT,
		    "%s holds a secret, and others may read or write it "
		    "(mode %03o): chmod 600 it, and change the key if they "
		    "have",
		    path, (unsigned)st.st_mode & 0777);
	return ERR_OK;
}

static enum err
read_all(int fd, const char *path, struct buf *b, struct error *e)
{
	while (b->n < b->cap) {
		ssize_t got = read(fd, b->p + b->n, b->cap - b->n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(e, ERR_NO_INPUT, "cannot read %s: %s",
			    path, strerror(errno));
		if (got == 0)
			return ERR_OK;
		b->n += (size_t)got;
	}
	return error_set(
	    e, ERR_DATA, "%s is too long to be the file of a key", path);
}

enum err
secret_file_read(const char *path, struct buf *b, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err rc;

	if (fd < 0)
		return error_set(e, ERR_NO_INPUT, "cannot open %s: %s", path,
		    strerror(errno));
	rc = check_mode(fd, path, e);
	if (rc == ERR_OK)
		rc = read_all(fd, path, b, e);
	close(fd);
	return rc;
}
