/** Why a connection failed, in words. Where a name has several addresses Node gives an error that says nothing. */
export function reasonOf(error: Error): string {
  const { errors } = error as AggregateError;
  return error.message || (errors?.[0] as Error | undefined)?.message || error.name;
}
