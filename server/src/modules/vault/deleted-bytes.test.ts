import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseLocation } from '../../database-location.ts'
import { MINUTE } from '../../platform/durations.ts'
import type { SignedInMember } from '../../testing/factories.ts'
import { credentialRow, startVaultApp, storeCredential } from '../../testing/factories-vault.ts'
import { insertSignedInMember } from '../../testing/signed-in-rows.ts'

const KEY_ID_LENGTH_AT = 6 // behind `SEAL`, the version of the format and the algorithm
const WRAPPED_BYTES = 32 + 12 + 32 + 16 // salt, nonce, data key, tag
const PIECE_BYTES = 16
const CREDENTIALS = 6

type Member = Pick<SignedInMember, 'id' | 'accessToken'>

function bytesOf(stored: unknown): Uint8Array {
  if (!(stored instanceof Uint8Array)) throw new Error('Nothing is sealed here.')
  return stored
}

/** The wrapped data key and the sealed data behind it, which no other value shares. */
function partsOf(sealed: Uint8Array): Uint8Array[] {
  const wrappedAt = KEY_ID_LENGTH_AT + 1 + (sealed[KEY_ID_LENGTH_AT] ?? 0)
  const dataAt = wrappedAt + WRAPPED_BYTES
  return [sealed.subarray(wrappedAt, dataAt), sealed.subarray(dataAt)]
}

/** Short pieces, so that what is left of half a value is found as well. */
const cut = (part: Uint8Array) =>
  Array.from({ length: Math.floor(part.length / PIECE_BYTES) }, (_, at) =>
    part.subarray(at * PIECE_BYTES, (at + 1) * PIECE_BYTES),
  )

describe('the files of an SQLite database', () => {
  let running: Awaited<ReturnType<typeof startVaultApp>>
  beforeAll(async () => {
    running = await startVaultApp({ dialect: 'sqlite' })
  })
  afterAll(() => running[Symbol.asyncDispose]())

  /** The raw bytes of the database and of all that SQLite keeps beside it, by how their names end. */
  const files = async () => {
    const location = databaseLocation(running.app.config)
    if (location.kind !== 'sqlite') throw new Error('not SQLite')
    const [folder, name] = [dirname(location.path), basename(location.path)]
    const ours = (await readdir(folder)).filter((each) => each.startsWith(name))
    const read = async (each: string) =>
      [each.slice(name.length), await readFile(join(folder, each))] as const
    return new Map(await Promise.all(ours.map(read)))
  }

  const piecesOf = async (ids: readonly string[]) => {
    const rows = await Promise.all(ids.map((id) => credentialRow(running.app, id)))
    const sealed = rows.flatMap((row) => [bytesOf(row?.api_key), bytesOf(row?.secret_key)])
    return [...sealed.flatMap(partsOf), ...rows.map((row) => bytesOf(row?.fingerprint))].flatMap(cut)
  }

  const remove = async (member: Member, path: string) => {
    const { status, text } = await running.app.send('DELETE', path, { token: member.accessToken })
    expect([200, 204], text).toContain(status)
  }
  const ways = {
    'every credential': async (member: Member, ids: readonly string[]) => {
      for (const id of ids) await remove(member, `/credentials/${id}`)
    },
    'the member': (member: Member) => remove(member, `/users/${member.id}`),
  }

  it.each(Object.entries(ways))(
    'C67: hold nothing of sealed pairs and their data keys a minute after %s was deleted',
    async (_, deleteThem) => {
      const { app } = running
      const [member, other] = [await insertSignedInMember(app), await insertSignedInMember(app)]
      const ids: string[] = []
      const kept: string[] = []
      for (let n = 0; n < CREDENTIALS; n++) {
        ids.push((await storeCredential(app, member)).id)
        kept.push((await storeCredential(app, other)).id)
      }
      const [gone, stay] = [await piecesOf(ids), await piecesOf(kept)]
      const found = async (pieces: readonly Uint8Array[]) => {
        const all = [...(await files()).values()]
        return pieces.filter((piece) => all.some((file) => file.includes(piece)))
      }
      expect(gone.length).toBeGreaterThan(CREDENTIALS * 10)
      expect(await found(gone)).toEqual(gone)
      app.clock.advance(MINUTE)
      await app.settle()
      const database = (await files()).get('')
      expect(gone.every((piece) => database?.includes(piece))).toBe(true)

      await deleteThem(member, ids)
      await app.settle()
      app.clock.advance(MINUTE)
      await app.settle()
      expect(await found(gone)).toEqual([])
      expect(await found(stay)).toEqual(stay)
    },
  )
})
