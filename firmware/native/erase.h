#ifndef FM_ERASE_H
#define FM_ERASE_H

#include <string.h>

/* Writes zeros over a secret. The empty assembler statement says that they are read, so the compiler must write them. */
static inline void fm_erase(void* data, size_t length)
{
	memset(data, 0, length);
	__asm__ __volatile__("" : : "r"(data) : "memory");
}

#endif
