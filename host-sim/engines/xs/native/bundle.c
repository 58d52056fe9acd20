/* The root machine from a bundle in a file. */
#include "host.h"

#include <errno.h>

static char* read_text(const char* path, size_t* length)
{
	FILE* file = fopen(path, "rb");
	if (file == NULL) return NULL;
	char* text = NULL;
	if (fseek(file, 0, SEEK_END) == 0) {
		long size = ftell(file);
		rewind(file);
		text = size < 0 ? NULL : malloc((size_t)size + 1);
		if (text != NULL && fread(text, 1, (size_t)size, file) != (size_t)size) {
			free(text);
			text = NULL;
		}
		if (text != NULL) {
			text[size] = 0;
			*length = (size_t)size;
		}
	}
	fclose(file);
	return text;
}

txCreation xsh_root_creation(void)
{
	/* Room for the engine's own objects and an agent; it grows, for what is in flash is not counted. */
	return (txCreation){
		.initialChunkSize = 512 * 1024, .incrementalChunkSize = 256 * 1024,
		.initialHeapCount = 16 * 1024, .incrementalHeapCount = 4 * 1024,
		.stackCount = 4096,
		.initialKeyCount = 4096, .incrementalKeyCount = 1024,
		.nameModulo = 127, .symbolModulo = 13,
		.parserBufferSize = 1024 * 1024, .parserTableModulo = 1993,
	};
}

bool xsh_root_open(const char* path, char* error, size_t error_size)
{
	size_t length = 0;
	char* text = read_text(path, &length);
	if (text == NULL) {
		snprintf(error, error_size, "%s: %s", path, strerror(errno));
		return false;
	}
	/* Counts its machines, so it must not lie in what is locked. */
	static xsh_heap cluster;
	xsh_alloc_use(&cluster);
	fxInitializeSharedCluster();
	xsh_alloc_use(NULL);
	bool ok = xsh_root_build(text, length, error, error_size);
	free(text);
	if (ok) xsh_alloc_lock_root();
	return ok;
}
