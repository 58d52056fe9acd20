#include "host.h"
#include "xsScript.h"

#include <errno.h>

txMachine* xsh_root;
xsh_ids xsh_names;

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

typedef struct {
	txStringCStream stream;
	char* error;
	size_t error_size;
	bool failed;
} evaluation;

static void evaluate(txMachine* the, evaluation* it)
{
	mxTry(the) {
		txSlot* realm = mxProgram.value.reference->next->value.module.realm;
		fxRunScript(the, fxParseScript(the, &it->stream, fxStringCGetter, mxProgramFlag), mxRealmGlobal(realm), C_NULL,
			mxRealmClosures(realm)->value.reference, C_NULL, mxProgram.value.reference);
		mxPop();
	}
	mxCatch(the) {
		xsh_describe(the, &mxException, it->error, it->error_size);
		it->failed = true;
	}
}

static void build(txMachine* none, void* data)
{
	(void)none;
	evaluation* it = data;
	/* Room for the engine's own objects and an agent; it grows, for what is in flash is not counted. */
	txCreation creation = {
		.initialChunkSize = 512 * 1024, .incrementalChunkSize = 256 * 1024,
		.initialHeapCount = 16 * 1024, .incrementalHeapCount = 4 * 1024,
		.stackCount = 4096,
		.initialKeyCount = 4096, .incrementalKeyCount = 1024,
		.nameModulo = 127, .symbolModulo = 13,
		.parserBufferSize = 1024 * 1024, .parserTableModulo = 1993,
	};
	txMachine* the = fxCreateMachine(&creation, "root", NULL, XS_NO_ID);
	if (the == NULL) xsh_run_end(XSH_HOST_MEMORY, "no memory for the root machine");
	xsh_root = the;
	xsh_names.host = fxID(the, "host");
	xsh_names.boot = fxID(the, "boot");
	xsh_names.receive = fxID(the, "receive");
	xsh_natives_build(the);
	evaluate(the, it);
	if (it->failed) return;
	xsh_run_jobs(the);
	xsh_flash_prepare(the);
	fxShareMachine(the);
	xsh_flash_finish(the);
}

bool xsh_root_open(const char* path, char* error, size_t error_size)
{
	evaluation it = { .error = error, .error_size = error_size };
	size_t length = 0;
	char* text = read_text(path, &length);
	if (text == NULL) {
		snprintf(error, error_size, "%s: %s", path, strerror(errno));
		return false;
	}
	it.stream.buffer = text;
	it.stream.size = (txSize)length;
	/* Counts its machines, so it must not lie in what is locked. */
	static xsh_heap cluster;
	xsh_alloc_use(&cluster);
	fxInitializeSharedCluster();
	xsh_alloc_use(NULL);
	xsh_outcome outcome;
	xsh_run(NULL, build, &it, &outcome);
	free(text);
	if (!outcome.ok) snprintf(error, error_size, "%s", outcome.detail);
	if (!outcome.ok || it.failed) return false;
	xsh_alloc_lock_root();
	return true;
}
