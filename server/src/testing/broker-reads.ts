import { expect, it } from 'vitest'
import { createPersonalToken, createSignedInMember, type SignedInMember } from './factories.ts'
import { credentialEntries, newPair, storeCredential, type VaultFixture } from './factories-vault.ts'
import { MINUTE } from './fixed-clock.ts'
import type { Answer } from './start-test-app.ts'
import { storedRows } from './stored-rows.ts'

/** The four reads of a broker, each for a credential. */
export const brokerReads = {
  account: (id: string) => `/credentials/${id}/account-data`,
  positions: (id: string) => `/positions?credential_id=${id}`,
  orders: (id: string) => `/orders?credential_id=${id}`,
  history: (id: string) => `/credentials/${id}/history`,
} as const

/** One of `brokerReads`. */
export type BrokerReadName = keyof typeof brokerReads

/** The route of the broker's that each of them asks. */
export const brokerRoutes = {
  account: '/v2/account',
  positions: '/v2/positions',
  orders: '/v2/orders',
  history: '/v2/account/portfolio/history',
} as const satisfies Record<BrokerReadName, string>

/** No waiting between tries, and little patience. */
export const impatient = { budgetMs: 2_000, wait: async () => undefined } as const

/** A credential with its pair and its owner. */
export interface OwnedKey {
  readonly member: SignedInMember
  readonly id: string
  readonly keyId: string
  readonly secret: string
}

/** What tests of these routes do again and again. */
export function brokerReading(on: VaultFixture) {
  return {
    /** Stores a pair that the broker knows, of a new member unless one is given. */
    async withKey(
      environment: 'paper' | 'live' = 'paper',
      owner?: SignedInMember,
      more: object = {},
    ): Promise<OwnedKey> {
      const member = owner ?? (await createSignedInMember(on.app))
      const pair = newPair(environment)
      const wish = { ...pair, credential_type: `alpaca_${environment}`, ...more }
      const { id } = await storeCredential(on.app, member, wish)
      return { member, id, keyId: pair.api_key, secret: pair.secret_key }
    },
    read: (
      name: BrokerReadName,
      { member, id }: Pick<OwnedKey, 'member' | 'id'>,
      more = '',
    ): Promise<Answer> =>
      on.app.send('GET', `${brokerReads[name](id)}${more}`, { token: member.accessToken }),
    /** How often any broker was asked for anything. */
    calls: () => on.broker.log.entries().length,
  }
}

const NOT_THERE = '01890a5d-ac96-774b-bcce-b302099a8057'

/** Who is kept out of a read, before any key is opened. */
export function testClosedRead(on: VaultFixture, name: BrokerReadName): void {
  const { withKey, calls } = brokerReading(on)
  const path = brokerReads[name]
  const get = (id: string, token?: string) =>
    on.app.send('GET', path(id), token === undefined ? {} : { token })
  const untouched = async (run: () => Promise<void>) => {
    const before = calls()
    await run()
    expect(calls()).toBe(before)
  }

  it('is closed to nobody, and to tokens that were made for something else', async () => {
    const { member, id } = await withKey()
    const other = await withKey('paper', member)
    const tokenFor = async (traits: object) =>
      (await createPersonalToken(on.app, member, { scopes: ['broker:read'], ...traits })).token
    const unscoped = await tokenFor({ scopes: ['account:read'] })
    const bound = await tokenFor({ credential_id: other.id })
    await untouched(async () => {
      expect((await get(id)).status).toBe(401)
      for (const token of [unscoped, bound]) {
        const { status, body } = await get(id, token)
        expect([status, body.code]).toEqual([403, 'http.insufficient_scope'])
      }
    })
    expect((await get(other.id, bound)).status).toBe(200)
    expect((await get(id, await tokenFor({}))).status).toBe(200)
    expect((await get(id, await tokenFor({ scopes: ['broker:trade'] }))).status).toBe(200)
  })

  it('answers the same 404 for what is not yours, not there and deleted, and writes it down', async () => {
    const [mine, theirs] = [await withKey(), await withKey()]
    const gone = await withKey('paper', mine.member)
    const token = mine.member.accessToken
    await on.app.send('DELETE', `/credentials/${gone.id}`, { token })
    const entriesOfTheirs = await credentialEntries(on.app, theirs.id)
    await untouched(async () => {
      const ids = [theirs.id, gone.id, NOT_THERE, 'no-id', 'n'.repeat(500)]
      const answers = await Promise.all(ids.map((id) => get(id, token)))
      const said = answers.map(({ text, body }) => text.replace(String(body.instance), ''))
      expect(new Set(said).size).toBe(1)
      expect(answers[0]?.status).toBe(404)
      expect(answers[0]?.body.code).toBe('vault.credential_not_found')
    })
    expect(await credentialEntries(on.app, theirs.id)).toEqual(entriesOfTheirs)
    await expect
      .poll(() =>
        storedRows(
          on.app,
          'audit_events',
          `action = 'credential.refused' and actor_id = '${mine.member.id}'`,
        ),
      )
      .toHaveLength(3)
  })

  it('answers 400 for a credential that is switched off or has expired', async () => {
    const { member, id } = await withKey()
    const expires_at = new Date(on.app.clock.now().getTime() + MINUTE).toISOString()
    const brief = await withKey('paper', member, { expires_at })
    const token = member.accessToken
    await on.app.send('PUT', `/credentials/${id}`, { token, body: { is_active: false } })
    on.app.clock.advance(MINUTE)
    await untouched(async () => {
      for (const one of [id, brief.id]) {
        const { status, body } = await get(one, token)
        expect([status, body.code]).toEqual([400, 'vault.credential_inactive'])
      }
    })
  })

  it('refuses an id that is none', async () => {
    const { member } = await withKey()
    await untouched(async () => {
      for (const id of ['', '0', '../x', 'a'.repeat(300), '%00', NOT_THERE.toUpperCase()]) {
        const { status } = await get(encodeURIComponent(id), member.accessToken)
        expect([400, 404, 422]).toContain(status)
      }
    })
  })
}
