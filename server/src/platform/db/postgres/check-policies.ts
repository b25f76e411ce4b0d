import { declaredPolicies, type PolicyDeclaration } from '../schema/ddl-postgres.ts'
import type { AnyTable } from '../schema/table.ts'
import type { PolicyFacts, TableFacts } from './serving-role-facts.ts'

const COMMANDS = { all: '*', select: 'r', insert: 'a' } as const

/** What is left of an expression whichever way a version of PostgreSQL writes it. */
const bare = (expression: string | null | undefined): string | undefined =>
  expression?.replace(/::text|[\s()"]/g, '').toLowerCase()

function isAsDeclared(declared: PolicyDeclaration, found: PolicyFacts): boolean {
  return (
    found.is_permissive &&
    found.is_for_everyone &&
    found.command === COMMANDS[declared.command] &&
    bare(found.using) === bare(declared.using) &&
    bare(found.check) === bare(declared.check)
  )
}

/** How the policies of a table differ from the declared ones, one sentence each. */
export function policyProblems(table: AnyTable, { policies }: TableFacts): string[] {
  const declared = new Map(declaredPolicies(table).map((policy) => [policy.name, policy]))
  const found = new Map(policies.map((policy) => [policy.name, policy]))
  return [
    ...policies
      .filter(({ name }) => !declared.has(name))
      .map(({ name }) => `The policy ${name} of the table ${table.name} is not one of Outcry's; drop it.`),
    ...[...declared.values()].flatMap((policy) => {
      const there = found.get(policy.name)
      if (!there)
        return [`The policy ${policy.name} of the table ${table.name} is missing; put it back as it was.`]
      if (isAsDeclared(policy, there)) return []
      return [`The policy ${policy.name} of the table ${table.name} was changed; put it back as it was.`]
    }),
  ]
}
