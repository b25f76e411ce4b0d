import { type UserRole, userRoles } from '@outcry/contract/accounts'
import { UsageError } from './usage-error.ts'

/** A role by its name; throws `UsageError` that lists them. */
export function roleOf(text: string): UserRole {
  const role = userRoles.find((name) => name === text)
  if (!role) throw new UsageError(`--role must be one of ${userRoles.join(', ')}.`)
  return role
}
