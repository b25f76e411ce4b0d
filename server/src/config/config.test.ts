import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError, loadConfig } from './config.ts'
import { describeSettings } from './settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'config-'))
afterAll(() => rmSync(folder, { recursive: true }))
const load = (env: Record<string, string | undefined> = {}) => loadConfig(env, '/srv/app')
const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    load(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('with nothing set', () => {
  it('has the documented defaults', () => {
    const config = load()
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      dataDir: '/srv/app/data',
      database: { kind: 'sqlite', path: '/srv/app/data/outcry.db' },
      keysFile: '/srv/app/data/keys.json',
      vaultKeysFile: '/srv/app/data/vault-keys.json',
      auditCheckpointsFile: '/srv/app/data/audit-checkpoints.jsonl',
      mail: { kind: 'file', dir: '/srv/app/data/mail' },
      mailFrom: { name: 'Outcry', address: 'no-reply@localhost' },
      signup: 'open',
      passwordMinLength: 12,
      passwordListFile: undefined,
      argon2: { memoryKib: 47_104, passes: 1, lanes: 1 },
      accessTokenTtlSeconds: 1800,
      refreshGraceSeconds: 10,
      allowedOrigins: [],
      trustedProxies: [],
      rateLimits: true,
      storage: { kind: 'file', dir: '/srv/app/data/media' },
      metricsToken: undefined,
      log: { level: 'info', format: 'auto' },
      warnings: [],
    })
    expect(config.publicUrl.href).toBe('http://localhost:4000/')
    expect(config.alpacaPaperUrl.origin).toBe('https://paper-api.alpaca.markets')
    expect(config.alpacaLiveUrl.origin).toBe('https://api.alpaca.markets')
  })

  it('treats an empty text as not set', () => {
    expect(load({ OUTCRY_PORT: '', OUTCRY_METRICS_TOKEN: '', OUTCRY_CONFIG: '' }).port).toBe(4000)
  })

  it('cannot be changed afterwards', () => {
    const config = load()
    for (const part of [config, config.database, config.argon2, config.allowedOrigins, config.mailFrom]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
  })
})

describe('places', () => {
  it('follow the data folder and are made absolute', () => {
    const config = load({ OUTCRY_DATA_DIR: '/var/lib/outcry', OUTCRY_KEYS_FILE: 'secret/keys.json' })
    expect(config.database).toEqual({ kind: 'sqlite', path: '/var/lib/outcry/outcry.db' })
    expect(config.keysFile).toBe('/srv/app/secret/keys.json')
    expect(config.vaultKeysFile).toBe('/srv/app/secret/vault-keys.json')
    expect(load({ OUTCRY_VAULT_KEYS_FILE: 'v.json' }).vaultKeysFile).toBe('/srv/app/v.json')
  })

  it.each([
    ['sqlite:app.db', '/srv/app/app.db'],
    ['sqlite:/var/app.db', '/var/app.db'],
    ['sqlite:///var/app.db', '/var/app.db'],
  ])('are understood in %s', (url, path) => {
    expect(load({ OUTCRY_DATABASE_URL: url }).database).toEqual({ kind: 'sqlite', path })
  })
})

describe('remote services', () => {
  const env = {
    OUTCRY_DATABASE_URL: 'postgres://app:canary1@db.example/outcry?sslmode=verify-full',
    OUTCRY_DATABASE_ADMIN_URL: 'postgresql://owner:canary2@db.example/outcry?sslmode=verify-full',
    OUTCRY_MAIL_URL: 'smtps://user:canary3@mail.example',
    OUTCRY_STORAGE_URL: 's3://key:canary4@s3.example/bucket',
    OUTCRY_METRICS_TOKEN: 'canary5-canary5-canary5',
  }

  it('keep their addresses out of anything that prints the configuration', () => {
    const config = load(env)
    expect(inspect(config, { depth: 9, showHidden: true }) + JSON.stringify(config)).not.toContain('canary')
    expect(config.database.kind === 'postgres' && config.database.url.reveal()).toBe(env.OUTCRY_DATABASE_URL)
    expect(config.mail.kind === 'smtp' && config.mail.url.reveal()).toBe(env.OUTCRY_MAIL_URL)
    expect(config.metricsToken?.reveal()).toBe(env.OUTCRY_METRICS_TOKEN)
    expect(config.warnings).toEqual([])
  })

  it('never show a password in a problem', () => {
    const broken = {
      OUTCRY_DATABASE_URL: 'mysql://app:canary@db.example/outcry?password=canary',
      OUTCRY_DATABASE_ADMIN_URL: 'postgres://owner:canary@db.example:port/outcry',
      OUTCRY_MAIL_URL: 'canary',
      OUTCRY_STORAGE_URL: 's4://canary@s3.example/bucket',
      OUTCRY_METRICS_TOKEN: 'canary',
    }
    const problems = problemsOf(broken)
    expect(problems).toHaveLength(5)
    expect(problems.join()).not.toContain('canary')
    expect(problems[0]).toBe(
      'OUTCRY_DATABASE_URL must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME; "mysql://***@db.example/outcry" is not.',
    )
  })
})

describe('a wrong setting', () => {
  const wrong: [string, string[]][] = [
    ['OUTCRY_HOST', ['127.0.0.1:4000', 'http://localhost', 'a b', '-x']],
    ['OUTCRY_PORT', ['-1', '65536', '40.5', '0x10', ' 80', '4e3', 'abc', '٤٠٠٠']],
    [
      'OUTCRY_PUBLIC_URL',
      ['example.org', 'ftp://x', 'https://u:p@x', 'https://x/path', 'https://x?', 'https://x#', 'https://'],
    ],
    [
      'OUTCRY_DATABASE_URL',
      [
        'sqlite:',
        'sqlite://app.db',
        'sqlite::memory:',
        'postgres://host',
        'postgres:///db',
        'mysql://h/d',
        '/x',
      ],
    ],
    ['OUTCRY_DATABASE_ADMIN_URL', ['sqlite:x', 'x']],
    ['OUTCRY_DATABASE_POOL', ['0', '201']],
    ['OUTCRY_MAIL_URL', ['file:', 'http://mail', 'smtp:', 'smtp://a b']],
    ['OUTCRY_MAIL_FROM', ['Outcry', 'a@b@c', 'Outcry <x>', 'x@y\nBcc: z@w', '<a@b> c']],
    ['OUTCRY_SITE_NAME', ['two\nlines', 'x'.repeat(65)]],
    ['OUTCRY_SIGNUP', ['Open', 'nobody']],
    ['OUTCRY_PASSWORD_MIN', ['7', '129', 'twelve']],
    ['OUTCRY_ARGON2_MEMORY_KIB', ['12287', '1048577']],
    ['OUTCRY_ARGON2_PASSES', ['0', '17']],
    ['OUTCRY_ACCESS_TOKEN_TTL', ['0', '86401']],
    ['OUTCRY_REFRESH_GRACE', ['61', '-1']],
    [
      'OUTCRY_TRUSTED_PROXIES',
      ['localhost', '10.0.0.0/0', '10.0.0.0/33', '::/129', '1.2.3.4,', '1.2.3.4/8/8', 'none,1.2.3.4'],
    ],
    [
      'OUTCRY_ALLOWED_ORIGINS',
      [
        '*',
        'null',
        'https://*.example.org',
        'https://*',
        'app.example.org',
        'http://app.example.org',
        'http://10.0.0.2:5173',
        'http://localhost.example.org',
        'ftp://localhost',
        'https://app.example.org/',
        'https://app.example.org/app',
        'https://app.example.org?x',
        'https://app.example.org#x',
        'https://app.example.org:443',
        'https://app.example.org:99999',
        'https://App.example.org',
        'HTTPS://app.example.org',
        'https://bücher.example',
        'https://user@app.example.org',
        'https://user:canary@app.example.org',
        'https://app.example.org x',
        'https://app.example.org;https://other.example.org',
        'https://app.example.org\nhttps://other.example.org',
        'https://app.example.org,',
        'https://app.example.org,none',
        'https://',
        ',https://app.example.org',
      ],
    ],
    ['OUTCRY_RATE_LIMITS', ['maybe', 'OFF']],
    ['OUTCRY_ALPACA_PAPER_URL', ['paper', 'https://paper-api.alpaca.markets/v2']],
    ['OUTCRY_STORAGE_URL', ['s3:', 'ftp://x']],
    ['OUTCRY_METRICS_TOKEN', ['short', 'sixteen or more chars']],
    ['OUTCRY_LOG_LEVEL', ['loud']],
    ['OUTCRY_LOG_FORMAT', ['xml']],
  ]
  it.each(wrong)('is refused by name: %s', (name, texts) => {
    for (const text of texts) {
      const env =
        name === 'OUTCRY_DATABASE_ADMIN_URL' ? { OUTCRY_DATABASE_URL: 'postgres://localhost/x' } : {}
      const problems = problemsOf({ ...env, [name]: text })
      expect(problems, text).toHaveLength(1)
      expect(problems[0]).toMatch(new RegExp(`^${name} must be [^\\n]+\\.$`))
    }
  })

  it('C39: is told of each origin that is none, and the others are not', () => {
    const list = 'https://app.example.org, http://app.example.org,*, https://other.example.org'
    const expected =
      'OUTCRY_ALLOWED_ORIGINS must be none, or exact https origins separated by commas, such as https://app.example.org,https://example.org:8443'
    expect(problemsOf({ OUTCRY_ALLOWED_ORIGINS: list })).toEqual([
      `${expected}; "http://app.example.org" is not.`,
      `${expected}; "*" is not.`,
    ])
  })

  it('is reported together with all others', () => {
    const problems = problemsOf({
      OUTCRY_PORT: 'x',
      OUTCRY_SIGNUP: 'x',
      OUTCRY_PROT: '1',
      OUTCRY_REFRESH_GRACE: '99',
    })
    expect(problems).toEqual([
      'There is no setting OUTCRY_PROT; did you mean OUTCRY_PORT?',
      'OUTCRY_PORT must be a whole number from 0 to 65535; "x" is not.',
      'OUTCRY_SIGNUP must be one of open, invite, approval, closed; "x" is not.',
      'OUTCRY_REFRESH_GRACE must be a whole number from 0 to 60; "99" is not.',
    ])
  })
})

it.each([
  ['none', []],
  ['https://app.example.org', ['https://app.example.org']],
  [
    'https://a.example.org, https://b.example.org:8443',
    ['https://a.example.org', 'https://b.example.org:8443'],
  ],
  ['https://xn--bcher-kva.example', ['https://xn--bcher-kva.example']],
  ['https://[2001:db8::7]:8443', ['https://[2001:db8::7]:8443']],
  [
    'http://localhost:5173,http://127.0.0.1:5173,http://[::1]:5173',
    ['http://localhost:5173', 'http://127.0.0.1:5173', 'http://[::1]:5173'],
  ],
])('C39: allows other origins as browsers send them: %s', (list, allowedOrigins) => {
  expect(load({ OUTCRY_ALLOWED_ORIGINS: list }).allowedOrigins).toEqual(allowedOrigins)
})

describe('an unknown name', () => {
  it.each([
    ['OUTCRY_DATABSE_URL', 'OUTCRY_DATABASE_URL'],
    ['OUTCRY_DB_URL', 'OUTCRY_MAIL_URL'],
    ['OUTCRY_PASSWORD_MINIMUM', 'OUTCRY_PASSWORD_MIN'],
    ['OUTCRY_TOKEN_TTL', 'OUTCRY_ACCESS_TOKEN_TTL'],
  ])('%s is answered with %s', (name, nearest) => {
    expect(problemsOf({ [name]: 'canary' })).toEqual([
      `There is no setting ${name}; did you mean ${nearest}?`,
    ])
  })

  it('that belongs to the tests is not ignored', () => {
    expect(problemsOf({ OUTCRY_TEST_POSTGRES_URL: 'x' })).toEqual([
      "OUTCRY_TEST_POSTGRES_URL is for the tests only and does nothing here; remove it from the server's settings.",
    ])
  })

  it('of another program is none of our business', () => {
    expect(problemsOf({ PATH: '/bin', NODE_ENV: 'production' })).toEqual([])
  })
})

describe('settings that contradict each other', () => {
  it('are refused: limits off where others can reach the server', () => {
    expect(problemsOf({ OUTCRY_RATE_LIMITS: 'off', OUTCRY_HOST: '0.0.0.0' })).toHaveLength(1)
    expect(problemsOf({ OUTCRY_RATE_LIMITS: 'off', OUTCRY_HOST: '::1' })).toEqual([])
    expect(load({ OUTCRY_RATE_LIMITS: 'off' }).warnings).toHaveLength(1)
  })

  it.each([
    [{ OUTCRY_VAULT_KEYS_FILE: 'data/../data/keys.json' }],
    [{ OUTCRY_KEYS_FILE: 'data/vault-keys.json' }],
    [{ OUTCRY_KEYS_FILE: 'one.json', OUTCRY_VAULT_KEYS_FILE: './one.json' }],
  ])('are refused: one file for both key rings, with %j', (env) => {
    expect(problemsOf(env)).toEqual(['OUTCRY_VAULT_KEYS_FILE must name another file than OUTCRY_KEYS_FILE.'])
  })

  it('are refused: a migrating role without PostgreSQL', () => {
    expect(problemsOf({ OUTCRY_DATABASE_ADMIN_URL: 'postgres://o@localhost/x' })).toHaveLength(1)
  })

  it.each([
    ['pooler.example:6432/the-pool', 'db.example:5432/outcry'],
    ['db.example/one', 'db.example/one'],
  ])('are not seen in the names of databases: %s and %s', (serving, migrating) => {
    const problems = problemsOf({
      OUTCRY_DATABASE_URL: `postgres://app:canary@${serving}?sslmode=verify-full`,
      OUTCRY_DATABASE_ADMIN_URL: `postgres://owner:canary@${migrating}?sslmode=verify-full`,
    })
    expect(problems).toEqual([])
  })

  it.each([
    ['47103', '1', 1],
    ['47104', '1', 0],
    ['19455', '2', 1],
    ['19456', '2', 0],
    ['12288', '2', 1],
    ['12288', '3', 0],
    ['12288', '8', 0],
  ])('are refused: %s KiB and %s passes, %i times under the floor', (memory, passes, count) => {
    const env = { OUTCRY_ARGON2_MEMORY_KIB: memory, OUTCRY_ARGON2_PASSES: passes }
    expect(problemsOf(env)).toHaveLength(count)
  })

  it('are refused: another broker host', () => {
    const custom = { OUTCRY_ALPACA_LIVE_URL: 'https://broker.example' }
    expect(problemsOf(custom)).toHaveLength(1)
    expect(problemsOf({ ...custom, OUTCRY_ALLOW_CUSTOM_BROKER_HOSTS: '1' })).toEqual([])
    expect(
      problemsOf({ OUTCRY_ALPACA_LIVE_URL: 'http://broker.example', OUTCRY_ALLOW_CUSTOM_BROKER_HOSTS: '1' }),
    ).toHaveLength(1)
    expect(problemsOf({ OUTCRY_ALPACA_LIVE_URL: 'https://paper-api.alpaca.markets' })).toHaveLength(1)
    for (const loopback of ['http://127.0.0.1:5001', 'http://localhost:5001', 'http://[::1]:5001']) {
      expect(problemsOf({ OUTCRY_ALPACA_LIVE_URL: loopback })).toEqual([])
    }
  })
})

describe('the way to a PostgreSQL on another machine', () => {
  const refused = (name: string) =>
    `${name} names another machine; add sslmode=verify-full to it, or sslmode=disable if nobody else can be on the way.`

  it.each([
    'db.example/x',
    'db.example/x?sslmode=require',
    'db.example/x?sslmode=verify-ca&sslrootcert=ca.pem',
    'db.example/x?ssl=true',
    'db.example/x?sslmode=constructor',
    'db.example/x?sslmode=verify-full&sslmode=prefer',
    'postgres/x',
    '10.0.0.2:5433/x',
    '[2001:db8::7]/x',
    'localhost/x?host=db.example',
    'localhost.example/x',
  ])('C55: is refused without a password where it is proven by nothing: %s', (place) => {
    const local = 'postgres://o:canary@localhost/x'
    const remote = `postgres://a:canary@${place}`
    expect(problemsOf({ OUTCRY_DATABASE_URL: remote })).toEqual([refused('OUTCRY_DATABASE_URL')])
    expect(problemsOf({ OUTCRY_DATABASE_URL: local, OUTCRY_DATABASE_ADMIN_URL: remote })).toEqual([
      refused('OUTCRY_DATABASE_ADMIN_URL'),
    ])
  })

  it.each([
    ['db.example/x?sslmode=verify-full', 0],
    ['db.example/x?sslmode=disable&sslmode=verify-full&sslrootcert=ca.pem', 0],
    ['postgres:5432/x?sslmode=disable', 1],
    ['db.example/x?sslmode=no-verify', 1],
    ['localhost/x', 0],
    ['127.0.0.1:5433/x?sslmode=disable', 0],
    ['[::1]/x', 0],
    ['%2Fvar%2Frun%2Fpostgresql/x', 0],
    ['db.example/x?host=/var/run/postgresql', 0],
  ])(
    'C55: is taken as the operator says, with a warning where that proves nothing: %s',
    (place, warnings) => {
      const loaded = load({ OUTCRY_DATABASE_URL: `postgres://a:canary@${place}` })
      expect(loaded.warnings).toHaveLength(warnings)
      expect(loaded.warnings.join()).not.toContain('canary')
    },
  )

  it('C55: is said in the settings of compose.yaml', () => {
    const compose = readFileSync(new URL('../../../compose.yaml', import.meta.url), 'utf8')
    const urls = [...compose.matchAll(/^ +(OUTCRY_DATABASE_\w+): (.+)$/gm)].map(([, name = '', url = '']) => [
      name,
      url.replaceAll(/\$\{[^}]+\}/g, 'canary'),
    ])
    expect(urls).toHaveLength(2)
    expect(problemsOf(Object.fromEntries(urls))).toEqual([])
  })
})

it('warns of a public address and a database that anyone on the way can read', () => {
  const { warnings } = load({
    OUTCRY_PUBLIC_URL: 'http://example.org',
    OUTCRY_DATABASE_URL: 'postgres://a:canary@db.example/x?sslmode=disable',
  })
  expect(warnings).toHaveLength(2)
  expect(warnings.join()).not.toContain('canary')
})

it.each([
  ['open', []],
  ['closed', []],
  ['invite', ['OUTCRY_SIGNUP=invite is not built yet: nobody can register, as with closed.']],
  ['approval', ['OUTCRY_SIGNUP=approval is not built yet: nobody can register, as with closed.']],
])('warns of a sign-up that nobody can use: %s', (signup, warnings) => {
  expect(load({ OUTCRY_SIGNUP: signup }).warnings).toEqual(warnings)
})

describe('a settings file', () => {
  const path = join(folder, 'outcry.env')

  it('is read, and the environment wins over it', () => {
    writeFileSync(path, 'OUTCRY_PORT=5000\nOUTCRY_SIGNUP=closed\n')
    expect(load({ OUTCRY_CONFIG: path, OUTCRY_PORT: '6000' })).toMatchObject({ port: 6000, signup: 'closed' })
    expect(loadConfig({ OUTCRY_CONFIG: 'outcry.env' }, folder).port).toBe(5000)
  })

  it('has its problems reported with those of the environment', () => {
    writeFileSync(path, 'OUTCRY_PORT=x\nnonsense\nPORT=1\nOUTCRY_CONFIG=y\n')
    expect(problemsOf({ OUTCRY_CONFIG: path, OUTCRY_SIGNUP: 'x' })).toEqual([
      `Line 2 of ${path} is not NAME=VALUE.`,
      'There is no setting PORT; did you mean OUTCRY_PORT?',
      'OUTCRY_CONFIG cannot be set inside the settings file; remove it there.',
      'OUTCRY_PORT must be a whole number from 0 to 65535; "x" is not.',
      'OUTCRY_SIGNUP must be one of open, invite, approval, closed; "x" is not.',
    ])
  })

  it('that is missing is a problem', () => {
    expect(problemsOf({ OUTCRY_CONFIG: '/nowhere/outcry.env' })).toHaveLength(1)
  })
})

it('describes every setting in one line', () => {
  const described = describeSettings()
  expect(described).toContainEqual({
    name: 'OUTCRY_PORT',
    default: '4000',
    meaning: 'the port it listens on; 0 takes a free one',
    expects: 'a whole number from 0 to 65535',
  })
  const promised =
    'HOST PORT PUBLIC_URL DATA_DIR DATABASE_URL DATABASE_ADMIN_URL KEYS_FILE VAULT_KEYS_FILE MAIL_URL MAIL_FROM SIGNUP PASSWORD_MIN ' +
    'ACCESS_TOKEN_TTL TRUSTED_PROXIES RATE_LIMITS ALPACA_PAPER_URL ALPACA_LIVE_URL ALLOW_CUSTOM_BROKER_HOSTS STORAGE_URL ' +
    'METRICS_TOKEN LOG_LEVEL LOG_FORMAT CONFIG'
  const names = described.map(({ name }) => name)
  expect(promised.split(' ').filter((name) => !names.includes(`OUTCRY_${name}`))).toEqual([])
  for (const { name, meaning } of described)
    expect(`${name} ${meaning}`).toMatch(/^OUTCRY_[A-Z0-9_]+ [^\n]{10,160}$/)
})
