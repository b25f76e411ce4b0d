import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAudit } from '../../../platform/audit/audit.ts'
import { createUuidv7 } from '../../../platform/crypto/uuid.ts'
import { type Patch, type Tx, updateRow } from '../../../platform/db/index.ts'
import { fixedClock } from '../../../testing/fixed-clock.ts'
import { type Owned, type VaultSetting, vaultSetting } from '../../../testing/vault-setting.ts'
import { userCredentials } from '../credential.table.ts'
import { GRANT_LIFE_MS } from '../protocol/protocol.ts'
import { sql } from '../vault.tables.ts'

const FOR_ANYBODY = 64
const PER_OWNER = 8
const update = updateRow(sql, userCredentials)

describe.each(['sqlite', 'postgres'] as const)('uses of keys at once on %s', (dialect) => {
  let on: VaultSetting
  /** What happens in the very moment before an entry is decided on. */
  let meanwhile: ((tx: Tx) => Promise<unknown>) | undefined
  const clock = fixedClock()
  beforeAll(async () => {
    const log = createAudit({ clock, newId: createUuidv7(clock) })
    const audit: typeof log = {
      ...log,
      async recordDecided(tx, decide) {
        await meanwhile?.(tx)
        meanwhile = undefined
        await log.recordDecided(tx, decide)
      },
    }
    on = await vaultSetting(dialect, { audit })
  })
  afterAll(() => on[Symbol.asyncDispose]())
  beforeEach(() => {
    meanwhile = undefined
    for (const double of [on.paper, on.live]) {
      double.received.length = 0
      double.recover()
    }
  })
  const actionsOf = async (key: Owned) => (await on.events(key)).map(({ action }) => action)

  it('keeps half of all seats from whoever has many, and refuses before anything is written down', async () => {
    const [greedy, modest, late] = [await on.store(), await on.store(), await on.store()]
    const { promise, resolve } = Promise.withResolvers<void>()
    on.paper.answer((_request, response) => void promise.then(() => response.end('{}')))
    const hanging: ReturnType<VaultSetting['use']>[] = []
    const take = async (key: Owned, count: number) => {
      const before = on.paper.received.length
      hanging.push(...Array.from({ length: count }, () => on.use(key)))
      await expect.poll(() => on.paper.received.length, { timeout: 5_000 }).toBe(before + count)
    }
    const areRefused = async (key: Owned) => {
      const busy = { code: 'vault.too_many_uses', status: 429, headers: { 'retry-after': '1' } }
      const uses = await Promise.allSettled(Array.from({ length: 16 }, () => on.use(key)))
      for (const use of uses) expect(use).toMatchObject({ status: 'rejected', reason: busy })
    }
    await take(greedy, FOR_ANYBODY)
    await areRefused(greedy)
    await take(modest, PER_OWNER)
    await areRefused(modest)
    await take(late, 1)
    resolve()
    for (const answer of await Promise.all(hanging)) await text(answer.body)
    await expect.poll(() => actionsOf(modest)).toHaveLength(2 * PER_OWNER + 16)
    const actions = await actionsOf(modest)
    expect(actions.filter((action) => action === 'credential.used')).toHaveLength(PER_OWNER)
    expect(actions.filter((action) => action === 'credential.refused')).toHaveLength(16)
    await text((await on.use(greedy)).body)
  })

  it.each<[string, Patch<typeof userCredentials>, string]>([
    ['switched off', { is_active: false, version: 2 }, 'vault.credential_inactive'],
    ['deleted', { deleted_at: clock.now(), version: 2 }, 'vault.credential_not_found'],
    ['expired', { expires_at: clock.now(), version: 2 }, 'vault.credential_inactive'],
    ['forbidden to trade', { is_trading_enabled: false, version: 2 }, 'vault.trading_not_enabled'],
  ])('opens nothing that was %s while its entry was written', async (_what, patch, code) => {
    const key = await on.store({ credential_type: 'alpaca_live', is_trading_enabled: true })
    meanwhile = (tx) => update(tx, { id: key.id }, patch)
    await expect(on.use(key, { method: 'POST', path: '/v2/orders' })).rejects.toMatchObject({ code })
    expect([...on.paper.received, ...on.live.received]).toEqual([])
    await expect
      .poll(() => on.events(key))
      .toMatchObject(code.endsWith('not_found') ? [] : [{ action: 'credential.refused', result: 'refused' }])
  })

  it('opens nothing for a grant that ran out while its entry was written', async () => {
    const key = await on.store()
    meanwhile = async () => on.app.clock.advance(GRANT_LIFE_MS)
    await expect(on.use(key)).rejects.toMatchObject({ code: 'vault.unavailable' })
    expect(on.paper.received).toEqual([])
    await expect.poll(() => actionsOf(key)).toEqual(['credential.refused'])
  })

  it('uses the pair that is there when it opens it', async () => {
    const key = await on.store()
    meanwhile = (tx) => update(tx, { id: key.id }, { nickname: 'renamed', version: 2 })
    expect(await text((await on.use(key)).body)).toContain('A1')
  })
})
