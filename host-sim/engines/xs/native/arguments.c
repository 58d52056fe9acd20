#include "arguments.h"

static xsh_view view_of(txMachine* the, txSlot* slot, bool writable)
{
	xsh_view it = { NULL, 0 };
	txSlot* first = slot->kind == XS_REFERENCE_KIND ? slot->value.reference->next : NULL;
	if (first == NULL || first->kind != XS_TYPED_ARRAY_KIND || first->value.typedArray.dispatch->size != 1) mxTypeError("no Uint8Array");
	txSlot* range = first->next;
	txSlot* buffer = range->next;
	txSlot* memory = buffer->value.reference->next;
	if (memory->kind != XS_ARRAY_BUFFER_KIND || memory->value.arrayBuffer.address == NULL) mxTypeError("no ArrayBuffer");
	if (writable && memory->flag & XS_DONT_SET_FLAG) mxTypeError("read-only ArrayBuffer");
	txInteger size = fxGetDataViewSize(the, range, buffer);
	if (size > 0) it.length = (size_t)size;
	it.data = (uint8_t*)memory->value.arrayBuffer.address + range->value.dataView.offset;
	return it;
}

static txSlot* argument(txMachine* the, int index)
{
	if (mxArgc <= index) mxTypeError("%d arguments are too few", (int)mxArgc);
	return mxArgv(index);
}

xsh_view xsh_view_argument(txMachine* the, int index, bool writable)
{
	return view_of(the, argument(the, index), writable);
}

uint8_t* xsh_room_argument(txMachine* the, int index, size_t needed)
{
	xsh_view into = xsh_view_argument(the, index, true);
	double at = mxArgc > index + 1 ? fxToNumber(the, mxArgv(index + 1)) : 0;
	/* fxToNumber may have run script: look again. */
	into = xsh_view_argument(the, index, true);
	if (!(at >= 0 && at <= (double)into.length && (double)into.length - at >= (double)needed))
		mxRangeError("no room for %d bytes", (int)needed);
	return into.data + (size_t)at;
}

double xsh_number_argument(txMachine* the, int index)
{
	return fxToNumber(the, argument(the, index));
}

xsh_board* xsh_board_of(txMachine* the)
{
	xsh_board* board = the->context;
	if (board == NULL) mxUnknownError("no board yet");
	return board;
}

uint8_t xsh_kind_argument(txMachine* the, int index)
{
	double kind = xsh_number_argument(the, index);
	if (!(kind >= 0 && kind <= 255)) mxRangeError("a kind is 0 to 255");
	return (uint8_t)kind;
}

static xsh_part part_argument(txMachine* the, int index)
{
	xsh_part it = { false, 0, { NULL, 0 } };
	const txSlot* slot = mxArgv(index);
	if (slot->kind == XS_INTEGER_KIND || slot->kind == XS_NUMBER_KIND) {
		it.is_number = true;
		it.number = slot->kind == XS_INTEGER_KIND ? slot->value.integer : slot->value.number;
		it.bytes.length = sizeof it.number;
	} else if (slot->kind != XS_UNDEFINED_KIND) it.bytes = xsh_view_argument(the, index, false);
	return it;
}

xsh_parts xsh_parts_argument(txMachine* the, int index)
{
	xsh_parts all = { .count = mxArgc > index ? mxArgc - index : 0 };
	if (all.count > XSH_PARTS) mxRangeError("at most %d parts", XSH_PARTS);
	for (int i = 0; i < all.count; i++) {
		all.parts[i] = part_argument(the, index + i);
		all.bytes += all.parts[i].bytes.length;
	}
	return all;
}

void xsh_output_parts(const xsh_parts* all)
{
	for (int i = 0; i < all->count; i++) {
		if (all->parts[i].is_number) xsh_output_f64(all->parts[i].number);
		else xsh_output_bytes(all->parts[i].bytes.data, all->parts[i].bytes.length);
	}
}
