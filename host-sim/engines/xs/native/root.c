#include "host.h"
#include "xsScript.h"

txMachine* xsh_root;
xsh_ids xsh_names;

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
	txCreation creation = xsh_root_creation();
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

bool xsh_root_build(char* text, size_t length, char* error, size_t error_size)
{
	evaluation it = { .error = error, .error_size = error_size };
	it.stream.buffer = text;
	it.stream.size = (txSize)length;
	xsh_outcome outcome;
	xsh_run(NULL, build, &it, &outcome);
	if (!outcome.ok) snprintf(error, error_size, "%s", outcome.detail);
	return outcome.ok && !it.failed;
}
