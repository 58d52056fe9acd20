/* The engine's parser, for the root machine only. */
#include "host.h"
#include "xsScript.h"

static txScript* parse(txMachine* the, void* stream, txGetter getter, txUnsigned flags)
{
	txParser parser;
	txParserJump jump;
	txScript* volatile script = NULL;
	fxInitializeParser(&parser, the, the->parserBufferSize, the->parserTableModulo);
	parser.firstJump = &jump;
	if (c_setjmp(jump.jmp_buf) == 0) {
		fxParserTree(&parser, stream, getter, flags, NULL);
		fxParserHoist(&parser);
		fxParserBind(&parser);
		script = fxParserCode(&parser);
	}
	fxTerminateParser(&parser);
	return script;
}

txScript* fxParseScript(txMachine* the, void* stream, txGetter getter, txUnsigned flags)
{
	if (the->sharedMachine != NULL) fxAbort(the, XS_DEAD_STRIP_EXIT);
	return parse(the, stream, getter, flags);
}
