import { expect, it } from 'vitest'
import { createSignedInMember, type SignedInMember } from '../src/testing/factories.ts'
import { forEachApp } from '../src/testing/start-test-app.ts'
import { storedRows } from '../src/testing/stored-rows.ts'

const MEMBERS = 20
const RUNS_EACH = 50
const TABS = 5
const PAST_GRACE_MS = 11_000

/** One of the answers arrives, each time in another tab; every ninth time none does, and the tabs ask once more. */
const arrives = (run: number, tab: number) => run % 9 !== 8 && run % TABS === tab

forEachApp('a thousand times five tabs', { env: { OUTCRY_RATE_LIMITS: 'off' } }, (on) => {
  it('R10: that refresh at once and lose answers are never signed out, and theft is still found', async () => {
    const { app } = on
    const refresh = (refresh_token: string) => app.send('POST', '/auth/refresh', { body: { refresh_token } })
    const members: SignedInMember[] = []
    while (members.length < MEMBERS) members.push(await createSignedInMember(app))
    const held = members.map(({ refreshToken }) => refreshToken)
    const refused: number[] = []
    const refreshInAllTabs = async (at: number, run: number): Promise<boolean> => {
      const answers = await Promise.all(Array.from({ length: TABS }, () => refresh(held[at] ?? '')))
      refused.push(...answers.map(({ status }) => status).filter((status) => status !== 200))
      const arrived = answers.find((_, tab) => arrives(run, tab))
      if (arrived) held[at] = String(arrived.body.refresh_token)
      return arrived !== undefined
    }
    for (let run = 0; run < RUNS_EACH; run++) {
      await Promise.all(
        members.map(async (_, at) => {
          if (!(await refreshInAllTabs(at, run))) await refreshInAllTabs(at, 0)
        }),
      )
      app.clock.advance(PAST_GRACE_MS)
    }
    expect(refused).toEqual([])
    const [first, second] = members
    expect(Number((await storedRows(app, 'sessions', `user_id = '${first?.id}'`))[0]?.refresh_counter)).toBe(
      RUNS_EACH,
    )

    expect((await refresh(first?.refreshToken ?? '')).status).toBe(401)
    expect((await refresh(held[0] ?? '')).status).toBe(401)
    expect(await storedRows(app, 'sessions', `user_id = '${first?.id}' and revoked_at is null`)).toEqual([])
    expect((await refresh(held[1] ?? '')).status).toBe(200)
    expect(
      await storedRows(app, 'sessions', `user_id = '${second?.id}' and revoked_at is null`),
    ).toHaveLength(1)
  })
})
