/**
 * A schema as the engine itself describes it: one line of facts for each column, index, constraint, trigger and policy,
 * by a name such as `users.email` or `users: index idx_users_email`.
 */
export type SchemaFacts = ReadonlyMap<string, string>

/** The differences between a declared and an actual schema, one sentence each; empty when they are equal. */
export function schemaDifferences(declared: SchemaFacts, actual: SchemaFacts): string[] {
  const differences: string[] = []
  for (const [name, facts] of declared) {
    const found = actual.get(name)
    if (found === undefined) differences.push(`${name} is declared and missing in the database.`)
    else if (found !== facts)
      differences.push(`${name} is declared as "${facts}" and is "${found}" in the database.`)
  }
  for (const name of actual.keys()) {
    if (!declared.has(name)) differences.push(`${name} is in the database and not declared.`)
  }
  return differences
}
