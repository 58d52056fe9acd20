/** The SDK's compiler replaces `native("name").call(this, …)` by a call of that C function. */
declare function native(name: string): { call(self: unknown, ...values: unknown[]): never };
