/*
 * What of Node-API this module calls. Node's headers are not everywhere that Node is, and these
 * declarations never change: Node-API's ABI is stable (https://nodejs.org/api/n-api.html, version 6).
 */
#ifndef FM_NODE_API_H
#define FM_NODE_API_H

#include <stdbool.h>
#include <stddef.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env env, napi_callback_info info);
typedef void (*napi_finalize)(napi_env env, void *data, void *hint);
/* Enumerations, of which these are all that is looked at. */
typedef int napi_status;
typedef int napi_typedarray_type;
enum { napi_ok = 0, napi_uint8_array = 1 };

/** `length`: of the name; its value for "up to the zero byte" is (size_t)-1. */
napi_status napi_create_function(napi_env env, const char *name, size_t length, napi_callback callback, void *data,
	napi_value *result);
napi_status napi_get_boolean(napi_env env, bool value, napi_value *result);
napi_status napi_get_cb_info(napi_env env, napi_callback_info info, size_t *count, napi_value *arguments,
	napi_value *this_value, void **data);
/** Anything but ok for what is no typed array. `length`: in elements. */
napi_status napi_get_typedarray_info(napi_env env, napi_value array, napi_typedarray_type *type, size_t *length,
	void **data, napi_value *buffer, size_t *offset);
napi_status napi_set_instance_data(napi_env env, void *data, napi_finalize finalize, void *hint);
napi_status napi_throw_error(napi_env env, const char *code, const char *message);

#endif
