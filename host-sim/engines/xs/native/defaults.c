/*
 * The engine's table of optional parts, as the SDK's linker writes it for a board: functions get no `length` and no
 * `name` property (two slots a function).
 */
#include "xsAll.h"
#define fxNewFunctionLength C_NULL
#define fxNewFunctionName C_NULL
#include "xsDefaults.c"
