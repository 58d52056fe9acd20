#include "host.h"

/* Makes a machine that was shared at run time what the SDK's linker makes of one: fit for memory that cannot be written. */

/* Fixes all that an instance has, also what the language does not see of it. */
static void fix(txSlot* instance)
{
	instance->flag |= XS_DONT_PATCH_FLAG;
	for (txSlot* own = instance->next; own != NULL; own = own->next) {
		own->flag |= XS_DONT_DELETE_FLAG;
		if (own->kind != XS_ACCESSOR_KIND) own->flag |= XS_DONT_SET_FLAG;
	}
}

static bool is_function(const txSlot* instance)
{
	return instance->next != NULL && (instance->next->kind == XS_CALLBACK_KIND || instance->next->kind == XS_CODE_KIND);
}

/* The variables that a function reaches. */
static bool is_environment(const txSlot* instance)
{
	return instance->next != NULL && (instance->next->flag & XS_INTERNAL_FLAG) != 0 && instance->next->ID == XS_ENVIRONMENT_BEHAVIOR;
}

/*
 * An instance that can change has an entry in every clone's alias table. So functions, the prototypes that came with them and
 * what they reach are fixed; that a variable can change is a matter of its closure, not of the environment.
 */
static void fix_functions(txMachine* the)
{
	for (txSlot* heap = the->firstHeap; heap != NULL; heap = heap->next) {
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++) {
			if (slot->kind == XS_CLOSURE_KIND && slot->value.closure->kind == XS_REFERENCE_KIND
				&& is_function(slot->value.closure->value.reference))
				slot->value.closure->flag |= XS_DONT_SET_FLAG;
			if (slot->kind != XS_INSTANCE_KIND) continue;
			if (is_environment(slot)) fix(slot);
			if (!is_function(slot)) continue;
			fix(slot);
			if (slot->next->kind != XS_CODE_KIND) continue;
			for (txSlot* own = slot->next; own != NULL; own = own->next)
				if (own->ID == mxID(_prototype) && own->kind == XS_REFERENCE_KIND) fix(own->value.reference);
		}
	}
}

/* Clones write the global object's look-up cache. The linker builds that object without one. */
void xsh_flash_prepare(txMachine* the)
{
	txSlot* global = mxGlobal.value.reference;
	if (global->next != NULL && global->next->kind == XS_GLOBAL_KIND) {
		global->next = global->next->next;
		global->flag &= (txFlag)~XS_EXOTIC_FLAG;
	}
	fix_functions(the);
}

static void turn_kind(txSlot* slot)
{
	switch (slot->kind) {
	case XS_STRING_KIND: slot->kind = XS_STRING_X_KIND; break;
	case XS_KEY_KIND: slot->kind = XS_KEY_X_KIND; break;
	case XS_BIGINT_KIND: slot->kind = XS_BIGINT_X_KIND; break;
	case XS_CODE_KIND: slot->kind = XS_CODE_X_KIND; break;
	default: break;
	}
}

static size_t chunk_size(const void* data)
{
	const txChunk* chunk = (const txChunk*)data - 1;
	return (size_t)chunk->size - sizeof(txChunk);
}

/*
 * Turns the codes that copy (a function's code, a string) into those that point into the code itself, which stays where
 * it is from now on. Bytes after the end of the code, up to the chunk's size, are never run.
 */
static void turn_code(txByte* code, size_t size)
{
	txU1* at = (txU1*)code;
	txU1* end = at + size;
	while (at < end) {
		txU1* operand = at + 1;
		if (*at >= XS_CODE_COUNT) return;
		txS1 length = gxCodeSizes[*at];
		if (XS_CODE_CODE_1 <= *at && *at <= XS_CODE_CODE_4) *at += XS_CODE_CODE_ARCHIVE_1 - XS_CODE_CODE_1;
		else if (XS_CODE_STRING_1 <= *at && *at <= XS_CODE_STRING_4) *at += XS_CODE_STRING_ARCHIVE_1 - XS_CODE_STRING_1;
		if (length > 0) at += length;
		else if (length == 0) at = operand + sizeof(txID);
		else {
			int bytes = -length;
			if (end - operand < bytes) return;
			size_t count = 0;
			for (int i = bytes - 1; i >= 0; i--) count = count << 8 | operand[i];
			if (count > (size_t)(end - operand)) return;
			at = operand + bytes + count;
		}
	}
}

void xsh_flash_finish(txMachine* the)
{
	for (txSlot* slot = the->stack; slot < the->stackTop; slot++) turn_kind(slot);
	for (txSlot* heap = the->firstHeap; heap != NULL; heap = heap->next) {
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++) {
			if (slot->kind == XS_CODE_KIND) turn_code(slot->value.code.address, chunk_size(slot->value.code.address));
			if (slot->kind == XS_ARRAY_KIND && slot->value.array.address != NULL) {
				size_t count = chunk_size(slot->value.array.address) / sizeof(txSlot);
				if (count > slot->value.array.length) count = slot->value.array.length;
				for (size_t i = 0; i < count; i++) turn_kind(slot->value.array.address + i);
			}
			turn_kind(slot);
		}
	}
}
