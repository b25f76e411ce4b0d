import type { UserRole } from '@outcry/contract/accounts'
import { createSignedInMember, type SignedInMember } from '../factories.ts'
import type { TestApp } from '../start-test-app.ts'
import type { Random } from './random.ts'

/** Everyone's password in a fuzz run. It is sent all the time and must never be seen anywhere else. */
export const CANARY_PASSWORD = 'canary-Zq8-swims-at-noon-in-Perth'

/** Makes an active account and signs it in. */
export function newPerson(app: TestApp, random: Random, role: UserRole): Promise<SignedInMember> {
  return createSignedInMember(app, {
    username: `${role}_${random.word(10)}`,
    password: CANARY_PASSWORD,
    role,
  })
}
