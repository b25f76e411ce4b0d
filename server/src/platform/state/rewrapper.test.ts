import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { dataKeyOf, partsOfSealed } from '../../testing/data-key-of.ts'
import { fixedClock } from '../../testing/fixed-clock.ts'
import { forEachDatabase } from '../../testing/for-each-database.ts'
import { formerCanary, formerRing, formerSafe } from '../../testing/sealed-in-format-1.ts'
import { systemClock } from '../clock.ts'
import { createKeyRingFile, draftSealingKey } from '../crypto/key-ring-file.ts'
import { openLiveKeyRing } from '../crypto/live-key-ring.ts'
import { createSealer } from '../crypto/sealed.ts'
import { serverKeyRing } from '../crypto/server-key-ring.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import {
  bindingOf,
  createSql,
  defineTable,
  insertRow,
  integer,
  type Row,
  sealed,
  text,
  updateRow,
  uuid,
} from '../db/index.ts'
import { instanceState } from './instance-state.table.ts'
import { proveKeyRing } from './key-proof.ts'
import { createRewrapper } from './rewrapper.ts'
import { forgetState, initialState, readState } from './state.ts'

const safes = defineTable(
  'safes',
  {
    id: uuid().primaryKey(),
    user_id: uuid(),
    environment: text(10),
    secret: sealed(['id', 'user_id', 'environment'], { version: 'version' }).nullable(),
    seed: sealed(['id', 'user_id']).nullable(),
    version: integer().default(1),
  },
  { access: { kind: 'private', owner: 'user_id' } },
)
type Safe = Row<typeof safes>
const sql = createSql(safes)
const insert = insertRow(sql, safes)
const update = updateRow(sql, safes)
const all = sql.read(() => sql.from('safes').selectAll().orderBy('id'))
const newId = createUuidv7(systemClock)
const COUNT = 700

forEachDatabase('what is sealed, after a rotation', { tables: [safes, instanceState] }, (on) => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rewrap-'))
    path = join(folder, 'keys.json')
    await on.db.withSystem(async (tx) => {
      await sql.write(() => sql.builder.deleteFrom('safes')).run(tx, {})
      for (const name of ['key_check', 'vault_key_check', 'keys_settled'] as const)
        await forgetState(tx, name)
    })
    await createKeyRingFile(serverKeyRing, path, systemClock)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const ringNow = () => openLiveKeyRing(serverKeyRing, path).ring
  const addKey = async (before: 'previous' | 'compromised' = 'previous') =>
    (await draftSealingKey(serverKeyRing, path, { clock: systemClock, before })).replace()
  const rows = () => all.all(on.db.asSystem(), {})
  const seal = (row: Safe, ring = ringNow()) => {
    const sealer = createSealer(ring.keyEncryption)
    return {
      secret: sealer.seal(bindingOf(safes, 'secret', { row }), `secret of ${row.id}`),
      seed: sealer.seal(bindingOf(safes, 'seed', { row }), `seed of ${row.id}`),
    }
  }
  const fill = (count = COUNT) =>
    on.db.withSystem(async (tx) => {
      for (let i = 0; i < count; i++) {
        const row = { id: newId(), user_id: newId(), environment: 'live', version: 1 + (i % 4) }
        await insert(tx, { ...row, ...seal({ ...row, secret: null, seed: null }) })
      }
    })
  const dataKeys = async () => {
    const { keyEncryption: keys } = ringNow()
    return (await rows()).flatMap((row) =>
      (['secret', 'seed'] as const).map((column) =>
        dataKeyOf(keys, bindingOf(safes, column, { row }), row[column] ?? new Uint8Array()),
      ),
    )
  }
  const expectEverythingUnder = async (keyId: string) => {
    const sealer = createSealer(ringNow().keyEncryption)
    for (const row of await rows()) {
      for (const column of ['secret', 'seed'] as const) {
        const value = row[column] ?? new Uint8Array()
        expect(sealer.keyIdOf(value)).toBe(keyId)
        const opened = sealer.open(bindingOf(safes, column, { row }), value)
        expect(Buffer.from(opened).toString()).toBe(`${column} of ${row.id}`)
      }
    }
  }
  const rewrapper = (clock = fixedClock()) => {
    const logged: string[] = []
    const note = (fields: object, message: string) => logged.push(`${message} ${JSON.stringify(fields)}`)
    const made = createRewrapper({
      ...{ db: on.db, clock, kind: serverKeyRing, ring: ringNow(), tables: [safes] },
      proof: 'key_check',
      log: { info: note, error: note },
    })
    return { run: made.run, clock, logged }
  }

  it('is under the new key, every value of every row, each as its column binds it', async () => {
    await fill()
    await addKey()
    const { run, clock } = rewrapper()
    await run()
    await expectEverythingUnder(ringNow().keyEncryption.current.id)
    clock.advance(60_000)
    await run()
    expect(await readState(on.db, 'keys_settled')).toBe(ringNow().keyEncryption.current.id)
  })

  it('keeps its data keys, unless the keys before are compromised: then none is left', async () => {
    await fill()
    const before = await dataKeys()
    await addKey()
    await rewrapper().run()
    expect(await dataKeys()).toEqual(before)
    await addKey('compromised')
    const cut = new AbortController()
    const first = rewrapper().run(cut.signal)
    cut.abort()
    await expect(first).rejects.toThrow()
    await Promise.all([rewrapper().run(), rewrapper().run()])
    await expectEverythingUnder(ringNow().keyEncryption.current.id)
    const after = await dataKeys()
    expect(new Set([...before, ...after]).size).toBe(4 * COUNT)
  })

  it.each<[string, 'previous' | 'compromised']>([
    ['moved with its data left sealed', 'previous'],
    ['sealed anew after a compromise', 'compromised'],
  ])('opens when it was sealed in format 1, and is %s', async (_what, before) => {
    writeFileSync(path, JSON.stringify(formerRing))
    await on.db.withSystem(async (tx) => {
      await insert(tx, formerSafe)
      await initialState(tx, 'key_check', { value: formerCanary, clock: systemClock })
    })
    await proveKeyRing(serverKeyRing, ringNow(), { db: on.db, clock: systemClock, name: 'key_check' })
    await expectEverythingUnder(formerRing.keys.key_encryption[0]?.id ?? '')
    const known = await dataKeys()
    await addKey(before)
    await rewrapper().run()
    await expectEverythingUnder(ringNow().keyEncryption.current.id)
    const isKept = before === 'previous'
    const [row] = await rows()
    for (const column of ['secret', 'seed'] as const) {
      const { version, data } = partsOfSealed(row?.[column] ?? new Uint8Array())
      expect([version, data.equals(partsOfSealed(formerSafe[column]).data)]).toEqual([2, isKept])
    }
    expect((await dataKeys()).filter((key) => known.includes(key))).toEqual(isKept ? known : [])
  })

  it('is moved by three processes at once, and by whoever comes after one that was cut off', async () => {
    await fill()
    await addKey()
    const cut = new AbortController()
    const first = rewrapper().run(cut.signal)
    cut.abort()
    await expect(first).rejects.toThrow()
    await Promise.all([rewrapper().run(), rewrapper().run(), rewrapper().run()])
    await expectEverythingUnder(ringNow().keyEncryption.current.id)
  })

  it('is left alone where somebody replaced it meanwhile', async () => {
    await fill(300)
    await addKey()
    const { run } = rewrapper()
    const [some] = await rows()
    if (!some) throw new Error('There are rows.')
    const newer = { ...some, version: some.version + 1 }
    const running = run()
    await on.db.withSystem((tx) => update(tx, { id: some.id }, { ...seal(newer), version: newer.version }))
    await running
    await expectEverythingUnder(ringNow().keyEncryption.current.id)
  })

  it('is looked through once more a minute later, for what was sealed with the old key in between', async () => {
    await fill(10)
    const old = ringNow()
    await addKey()
    const { run, clock } = rewrapper()
    await run()
    const [some] = await rows()
    if (!some) throw new Error('There are rows.')
    await on.db.withSystem((tx) => update(tx, { id: some.id }, seal(some, old)))
    clock.advance(59_999)
    await run()
    expect(createSealer(old.keyEncryption).keyIdOf((await rows())[0]?.secret ?? new Uint8Array())).toBe(
      old.keyEncryption.current.id,
    )
    clock.advance(1)
    await run()
    await expectEverythingUnder(ringNow().keyEncryption.current.id)
    expect(await readState(on.db, 'keys_settled')).not.toBe(ringNow().keyEncryption.current.id)
    await run()
    expect(await readState(on.db, 'keys_settled')).toBe(ringNow().keyEncryption.current.id)
  })

  it('is left as it is where it does not open, and named', async () => {
    await fill(5)
    const [some, other] = await rows()
    if (!some || !other) throw new Error('There are rows.')
    await on.db.withSystem((tx) => update(tx, { id: some.id }, { secret: other.secret }))
    await addKey()
    const { run, logged } = rewrapper()
    await run()
    expect(logged.join()).toContain(`safes.secret of ${some.id}`)
    const moved = (await rows()).find(({ id }) => id === some.id)
    expect(Buffer.from(moved?.secret ?? []).equals(Buffer.from(other.secret ?? []))).toBe(true)
  })

  it('opens with no older copy of the ring any more, and the database says so', async () => {
    const older = ringNow()
    await proveKeyRing(serverKeyRing, older, { db: on.db, clock: systemClock, name: 'vault_key_check' })
    await addKey()
    const kept = readFileSync(path, 'utf8')
    await proveKeyRing(serverKeyRing, ringNow(), { db: on.db, clock: systemClock, name: 'vault_key_check' })
    const again = { db: on.db, clock: systemClock, name: 'vault_key_check' } as const
    await expect(proveKeyRing(serverKeyRing, older, again)).rejects.toMatchObject({ fault: 'wrong' })
    await proveKeyRing(serverKeyRing, ringNow(), again)
    expect(readFileSync(path, 'utf8')).toBe(kept)
  })
})

it('is nothing to do with a ring of one key', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rewrap-'))
  const path = join(folder, 'keys.json')
  const ring = await createKeyRingFile(serverKeyRing, path, systemClock)
  const touched = () => {
    throw new Error('The database was asked.')
  }
  const db = new Proxy({}, { get: touched }) as Parameters<typeof createRewrapper>[0]['db']
  const log = { info: touched, error: touched }
  const rest = { clock: systemClock, tables: [safes], proof: 'key_check' } as const
  await createRewrapper({ db, log, ring, kind: serverKeyRing, ...rest }).run()
  rmSync(folder, { recursive: true })
})
