import {
  createMember,
  type MemberTraits,
  type SignedInMember,
  signIn,
} from '../../../server/src/testing/factories.ts'
import {
  createTradingAccount,
  live,
  newPair,
  storeCredential,
} from '../../../server/src/testing/factories-vault.ts'
import type { TestApp } from '../../../server/src/testing/start-test-app.ts'

/** A member with what a desk needs: two accounts, two paper keys and a live one, the first of them chosen. */
export interface DeskOwner extends SignedInMember {
  readonly paper: string
  readonly otherPaper: string
  readonly live: string
}

/** Makes one over HTTP. */
export async function createDeskOwner(app: TestApp, traits: MemberTraits = {}): Promise<DeskOwner> {
  const member = await signIn(app, await createMember(app, traits))
  const [practice, real] = [
    await createTradingAccount(app, member, 'Practice'),
    await createTradingAccount(app, member, 'Savings'),
  ]
  const store = async (account_id: string, body: object) =>
    (await storeCredential(app, member, { account_id, ...body })).id
  const owner = {
    ...member,
    paper: await store(practice, { nickname: 'Swing ideas', ...newPair() }),
    otherPaper: await store(practice, { nickname: 'Earnings week', ...newPair() }),
    live: await store(real, { nickname: 'Retirement', ...live() }),
  }
  await chooseCredential(app, owner, owner.paper)
  return owner
}

/** Makes a credential the member's active one. */
export async function chooseCredential(
  app: TestApp,
  { accessToken: token }: Pick<SignedInMember, 'accessToken'>,
  credential_id: string | null,
): Promise<void> {
  const { status, text } = await app.send('PUT', '/credentials/active', { token, body: { credential_id } })
  if (status !== 200) throw new Error(`Choosing a credential answered ${status}: ${text}`)
}
