/* A board has no parser: what asks for one ends it. */
#include "board.h"

txScript* fxParseScript(txMachine* the, void* stream, txGetter getter, txUnsigned flags)
{
	(void)stream, (void)getter, (void)flags;
	fxAbort(the, XS_DEAD_STRIP_EXIT);
	return NULL;
}
