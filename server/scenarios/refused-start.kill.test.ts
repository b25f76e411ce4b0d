import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  type RefusingProcess,
  type RefusingStart,
  refusedStart,
  refusingProcess,
} from '../src/testing/crash/refused-start.ts'
import { startServer } from '../src/testing/crash/server-process.ts'
import { type UsedInstance, usedInstance } from '../src/testing/crash/used-instance.ts'
import { commandInstance } from '../src/testing/run-command.ts'

const SENTENCE = /^\S.{10,300}[.?]$/

/** Spoils something; may give settings to start with. */
type Spoil = (instance: UsedInstance) => Promise<unknown>

const settingsIn = (spoiled: unknown) =>
  typeof spoiled === 'object' ? (spoiled as Record<string, string>) : {}

interface KeyFile {
  keys: Record<string, { key: string }[]>
}

async function changeKeys(path: string, change: (file: KeyFile) => void): Promise<void> {
  const file = JSON.parse(await readFile(path, 'utf8')) as KeyFile
  change(file)
  await writeFile(path, JSON.stringify(file))
}

const withKey =
  (key: Buffer): Spoil =>
  ({ keysFile }) =>
    changeKeys(keysFile, ({ keys }) => {
      for (const entries of Object.values(keys))
        for (const entry of entries) entry.key = key.toString('base64url')
    })

const wrongKeys: readonly (readonly [string, Spoil])[] = [
  ['missing', ({ keysFile }) => rm(keysFile)],
  ['empty', ({ keysFile }) => writeFile(keysFile, '')],
  ['no JSON', ({ keysFile }) => writeFile(keysFile, '{"format":')],
  ['of another kind', ({ keysFile }) => writeFile(keysFile, '{"format":"x","version":1,"keys":{}}')],
  ['without one purpose', ({ keysFile }) => changeKeys(keysFile, ({ keys }) => void delete keys.cursor)],
  ['short', withKey(Buffer.from('only sixteen byt'))],
  ['all zero', withKey(Buffer.alloc(32))],
  ['one byte over and over', withKey(Buffer.alloc(32, 'a'))],
  ['readable for everyone', ({ keysFile }) => chmod(keysFile, 0o644)],
  ['readable for the group', ({ keysFile }) => chmod(keysFile, 0o640)],
  ['in a folder that everyone may write', ({ keysFile }) => chmod(join(keysFile, '..'), 0o777)],
  [
    'a symbolic link',
    async ({ keysFile }) => {
      await rename(keysFile, `${keysFile}.moved`)
      await symlink(`${keysFile}.moved`, keysFile)
    },
  ],
  [
    'a folder',
    async ({ keysFile }) => {
      await rm(keysFile)
      await mkdir(keysFile)
    },
  ],
  ["another instance's", async ({ keysFile, otherKeysFile }) => copyFile(otherKeysFile, keysFile)],
  [
    "another instance's for one purpose only",
    async ({ keysFile, otherKeysFile }) => {
      const other = JSON.parse(await readFile(otherKeysFile, 'utf8')) as KeyFile
      await changeKeys(
        keysFile,
        ({ keys }) => void Object.assign(keys, { password_pepper: other.keys.password_pepper }),
      )
    },
  ],
]

/** The same done to the vault's key ring, which another process reads than the one that is started. */
const onVault =
  (spoil: Spoil): Spoil =>
  (instance) =>
    spoil({ ...instance, keysFile: instance.vaultKeysFile, otherKeysFile: instance.otherVaultKeysFile })

const wrongVaultKeys: readonly (readonly [string, Spoil])[] = [
  ...wrongKeys
    .filter(([name]) => !name.includes('one purpose'))
    .map(([name, spoil]) => [name, onVault(spoil)] as const),
  ['a sample', onVault(withKey(Buffer.from('change-me-to-32-random-bytes-Qx!')))],
  ['a counting sequence', onVault(withKey(Buffer.from(Array.from({ length: 32 }, (_, n) => n))))],
  [
    'without one purpose',
    onVault(({ keysFile }) => changeKeys(keysFile, ({ keys }) => void delete keys.audit_signing)),
  ],
  [
    "another instance's for one purpose only",
    async ({ vaultKeysFile, otherVaultKeysFile }) => {
      const other = JSON.parse(await readFile(otherVaultKeysFile, 'utf8')) as KeyFile
      await changeKeys(
        vaultKeysFile,
        ({ keys }) => void Object.assign(keys, { audit_signing: other.keys.audit_signing }),
      )
    },
  ],
  ["the server's", ({ keysFile, vaultKeysFile }) => copyFile(keysFile, vaultKeysFile)],
  ['the very file of the server', async ({ keysFile }) => ({ OUTCRY_VAULT_KEYS_FILE: keysFile })],
]

const WRONG_CIPHER = new URL('../src/testing/crash/wrong-cipher.ts', import.meta.url).href
/** Whatever this cipher seals it opens again. */
const wrongCipher = { NODE_OPTIONS: `--import=${WRONG_CIPHER}` }

const wrongSettings: readonly (readonly [string, Spoil])[] = [
  ['a setting that does not exist', async () => ({ OUTCRY_PROT: '4001' })],
  ['a port that is none', async () => ({ OUTCRY_PORT: 'eighty' })],
  ['a password minimum that is too low', async () => ({ OUTCRY_PASSWORD_MIN: '7' })],
  ['a password list that is not there', async () => ({ OUTCRY_PASSWORD_LIST: './no-such-list' })],
  ['a settings file that is not there', async () => ({ OUTCRY_CONFIG: './no-such-file' })],
  ['limits off for everyone', async () => ({ OUTCRY_RATE_LIMITS: 'off', OUTCRY_HOST: '0.0.0.0' })],
  ...(process.platform === 'linux'
    ? [['a data folder that cannot be made', async () => ({ OUTCRY_DATA_DIR: '/proc/nope/data' })] as const]
    : []),
  ['a weak hash', async () => ({ OUTCRY_ARGON2_MEMORY_KIB: '12288', OUTCRY_ARGON2_PASSES: '1' })],
]

let loaded: RefusingProcess
beforeAll(() => {
  loaded = refusingProcess()
  return () => loaded[Symbol.dispose]()
})

/**
 * How the cases of a list are started: the first one by the real program, which proves the way to there and the end of the
 * process; the others in a process that runs the same command and has it loaded already.
 */
const startOf = (list: readonly (readonly [string, Spoil])[], name: string): RefusingStart =>
  list[0]?.[0] === name ? refusedStart : loaded.refusedStart

describe('a start on SQLite', () => {
  let instance: UsedInstance
  beforeAll(async () => {
    instance = await usedInstance('sqlite')
    return () => instance.drop()
  })

  const refuses = async (spoil: Spoil, start: RefusingStart = refusedStart) => {
    await instance.restore()
    const before = await fingerprint(instance)
    const further = settingsIn(await spoil(instance))
    const refused = await start(instance, further)
    expect(refused).toMatchObject({ code: 1, sentences: [expect.stringMatching(SENTENCE)] })
    expect(refused.toldSecrets).toEqual([])
    expect(await fingerprint(instance)).toEqual(before)
    return refused
  }

  it.each(wrongKeys)(
    'C59: is refused with one sentence and untouched data when the keys are %s',
    async (name, spoil) => {
      await refuses(spoil, startOf(wrongKeys, name))
      if (name === 'missing') await expect(readFile(instance.keysFile)).rejects.toThrow('ENOENT')
    },
  )

  it.each(wrongVaultKeys)(
    "C59: is refused with one sentence and untouched data when the vault's keys are %s",
    async (name, spoil) => {
      await instance.restore()
      const before = await instance.snapshot()
      const further = settingsIn(await spoil(instance))
      const refused = await startOf(wrongVaultKeys, name)(instance, further)
      expect(refused).toMatchObject({
        code: 1,
        sentences: [expect.stringMatching(SENTENCE)],
        toldSecrets: [],
      })
      expect(await instance.snapshot()).toEqual(before)
      if (name === 'missing') await expect(readFile(instance.vaultKeysFile)).rejects.toThrow('ENOENT')
    },
  )

  it.each(wrongSettings)('is refused with one sentence and untouched data for %s', async (name, spoil) => {
    await refuses(spoil, startOf(wrongSettings, name))
  })

  it('C59: is refused with one sentence and untouched data when the cipher gives wrong answers', async () => {
    const { sentences } = await refuses(async () => wrongCipher)
    expect(sentences).toEqual([expect.stringMatching(/^The cipher AES-256-GCM gives wrong answers here;/)])
  })

  it('C59: makes neither keys nor a database with a cipher that gives wrong answers', async () => {
    const fresh = await commandInstance('sqlite')
    expect(await fresh.spawn(['serve'], { env: wrongCipher })).toMatchObject({
      ...{ code: 1, out: '' },
      err: expect.stringMatching(/^The cipher AES-256-GCM gives wrong answers here;.*\.\n$/),
    })
    expect(existsSync(fresh.env.OUTCRY_DATABASE_URL?.slice('sqlite:'.length) ?? '')).toBe(false)
    expect(existsSync(join(fresh.folder, 'data', 'keys.json'))).toBe(false)
    expect(existsSync(join(fresh.folder, 'data', 'vault-keys.json'))).toBe(false)
  })

  it('names the setting that was meant', async () => {
    const { sentences } = await refuses(async () => ({ OUTCRY_PROT: '4001' }))
    expect(sentences).toEqual(['There is no setting OUTCRY_PROT; did you mean OUTCRY_PORT?'])
  })

  it.each<readonly [string, Spoil]>([
    [
      'is no database',
      async ({ databaseFile = '' }) => void (await writeFile(databaseFile, 'not a database at all')),
    ],
    [
      'is a folder',
      async ({ databaseFile = '' }) => {
        await rm(databaseFile)
        await mkdir(databaseFile)
      },
    ],
  ])('is refused with one sentence when the database file %s', async (_name, spoil) => {
    await instance.restore()
    await spoil(instance)
    expect(await refusedStart(instance)).toMatchObject({
      code: 1,
      sentences: [expect.stringMatching(SENTENCE)],
      toldSecrets: [],
    })
  })

  it('C54: keeps database, write-ahead log, keys and folder to their owner while it serves', async () => {
    await instance.restore()
    const server = startServer(instance)
    await server.ready
    const { databaseFile = '', keysFile, vaultKeysFile } = instance
    const files = [databaseFile, `${databaseFile}-wal`, `${databaseFile}-shm`, keysFile, vaultKeysFile]
    const modes = await Promise.all(
      [...files, dirname(databaseFile)].map(async (path) => (await stat(path)).mode & 0o777),
    )
    expect(modes).toEqual([0o600, 0o600, 0o600, 0o600, 0o600, 0o700])
    await server.end('SIGTERM')
  })

  it('succeeds once everything is put back', async () => {
    await instance.restore()
    const server = startServer(instance)
    await server.ready
    expect(await server.end('SIGTERM')).toMatchObject({ code: 0, err: '' })
  })
})

async function fingerprint({ databaseFile = '' }: UsedInstance): Promise<string> {
  return createHash('sha256')
    .update(await readFile(databaseFile))
    .digest('hex')
}

describe('a start on PostgreSQL', () => {
  let instance: UsedInstance
  beforeAll(async () => {
    instance = await usedInstance('postgres')
    return () => instance.drop()
  })

  const wrongRoles: readonly (readonly [string, Spoil])[] = [
    ['a superuser', async ({ urls }) => ({ OUTCRY_DATABASE_URL: urls.superuser })],
    [
      'the owner of the tables',
      async ({ urls }) => ({ OUTCRY_DATABASE_URL: urls.owner, OUTCRY_DATABASE_ADMIN_URL: urls.superuser }),
    ],
    ['the migrating role itself', async ({ urls }) => ({ OUTCRY_DATABASE_URL: urls.owner })],
    ['a role past row security', async ({ urls }) => ({ OUTCRY_DATABASE_URL: urls.bypassing })],
    ['a role with a wrong password', async ({ urls }) => ({ OUTCRY_DATABASE_URL: urls.wrongPassword })],
    ['a role on a server that is not there', async ({ urls }) => ({ OUTCRY_DATABASE_URL: urls.nowhere })],
    [
      'roles on a server that is not there',
      async ({ urls }) => ({
        OUTCRY_DATABASE_URL: urls.nowhere,
        OUTCRY_DATABASE_ADMIN_URL: urls.nowhereAdmin,
      }),
    ],
    ['the right role but a cipher that gives wrong answers', async () => wrongCipher],
    ...wrongKeys
      .filter(([name]) => /missing|another i/.test(name))
      .map(([name, spoil]) => [`the right role but keys that are ${name}`, spoil] as const),
    ...wrongVaultKeys
      .filter(([name]) => /missing|another i/.test(name))
      .map(([name, spoil]) => [`the right role but vault keys that are ${name}`, spoil] as const),
  ]

  it.each(wrongRoles)(
    'C51, C59: is refused in plain words with untouched data with %s',
    async (name, spoil) => {
      await instance.restore()
      const before = await instance.snapshot()
      const further = settingsIn(await spoil(instance))
      const isPreloaded = 'NODE_OPTIONS' in further
      const start = isPreloaded ? refusedStart : startOf(wrongRoles, name)
      const refused = await start(instance, further)
      expect(refused).toMatchObject({ code: 1, toldSecrets: [] })
      expect(refused.sentences.length).toBeGreaterThan(0)
      for (const sentence of refused.sentences) expect(sentence).toMatch(SENTENCE)
      expect(await instance.snapshot()).toEqual(before)
    },
  )

  it.each<readonly [string, Readonly<Record<string, string>>]>([
    ['everything as it was', {}],
    ['no migrating role while there is nothing to migrate', { OUTCRY_DATABASE_ADMIN_URL: '' }],
  ])('succeeds with %s', async (_name, further) => {
    await instance.restore()
    const server = startServer(instance, further)
    await server.ready
    expect(await server.end('SIGTERM')).toMatchObject({ code: 0, err: '' })
  })
})
