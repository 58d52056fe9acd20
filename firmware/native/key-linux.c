/* The key of a firmware that runs on Linux: the file `fieldmark.key` in $HOME, readable by its owner only. */
#include "signer-platform.h"
#include "erase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NAME "fieldmark.key"
#define PARTIAL NAME ".new"

const char fm_platform_key_place[] = "the file " NAME;

static int open_home(void)
{
	const char* home = getenv("HOME");
	return home == NULL ? -1 : open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* How much of `length` there was; -1: an error. */
static ssize_t read_all(int file, uint8_t* into, size_t length)
{
	size_t at = 0;
	while (at < length) {
		ssize_t got = read(file, into + at, length - at);
		if (got < 0 && errno != EINTR) return -1;
		if (got == 0) break;
		if (got > 0) at += (size_t)got;
	}
	return (ssize_t)at;
}

static bool write_all(int file, const uint8_t* from, size_t length)
{
	size_t at = 0;
	while (at < length) {
		ssize_t done = write(file, from + at, length - at);
		if (done < 0 && errno != EINTR) return false;
		if (done > 0) at += (size_t)done;
	}
	return true;
}

fm_stored fm_platform_key_load(uint8_t record[FM_RECORD_BYTES])
{
	/* One more than it may have, to see that it has not. */
	uint8_t found[FM_RECORD_BYTES + 1];
	int home = open_home();
	if (home < 0) return FM_STORE_FAILED;
	int file = openat(home, NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	fm_stored stored = file < 0 && errno == ENOENT ? FM_NOT_STORED : FM_STORE_FAILED;
	close(home);
	if (file < 0) return stored;
	if (read_all(file, found, sizeof found) == FM_RECORD_BYTES) {
		memcpy(record, found, FM_RECORD_BYTES);
		stored = FM_STORED;
	}
	close(file);
	fm_erase(found, sizeof found);
	return stored;
}

bool fm_platform_key_store(const uint8_t record[FM_RECORD_BYTES])
{
	int home = open_home();
	if (home < 0) return false;
	/* What an earlier boot left half done may have other permissions. */
	unlinkat(home, PARTIAL, 0);
	int file = openat(home, PARTIAL, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = file >= 0 && write_all(file, record, FM_RECORD_BYTES) && fsync(file) == 0;
	if (file >= 0 && close(file) != 0) ok = false;
	/* The name is durable once the folder is. */
	ok = ok && renameat(home, PARTIAL, home, NAME) == 0 && fsync(home) == 0;
	close(home);
	return ok;
}
