/** Jest's names of table rows: `%s` and its like take an argument each, `$name` a field of the row's object. */
export function nameOf(title: string, row: readonly unknown[], index: number): string {
  let next = 0;
  const [first] = row;
  const filled = title.replace(/%([a-zA-Z#%])/g, (_all, kind: string) => {
    if (kind === "%") return "%";
    if (kind === "#") return String(index);
    if (!"sdipj".includes(kind)) throw new Error(`%${kind} in the name of a test is not known here`);
    const value = row[next++];
    return kind === "s" ? String(value) : show(value);
  });
  if (typeof first !== "object" || first === null) return filled;
  return filled.replace(/\$(\w+)/g, (all, field: string) =>
    field in first ? show((first as Record<string, unknown>)[field]) : all,
  );
}

function show(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
