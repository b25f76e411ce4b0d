import { dirname, join, resolve } from 'node:path'
import { contradictions, databaseContradictions, publicUrlOf, warningsOf } from './config-checks.ts'
import type { Mailbox, Place } from './kinds.ts'
import { nearestName } from './nearest-name.ts'
import type { Secret } from './secrets.ts'
import { type ReadSettings, readSettings, type SettingValues } from './setting.ts'
import { settings } from './settings.ts'
import { readSettingsFile } from './settings-file.ts'

const TEST_PREFIX = 'OUTCRY_TEST_'

/** Everything that was set, checked and made absolute. Frozen all the way down. */
export interface Config {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  readonly publicUrl: URL
  readonly siteName: string
  /** Whether pages say that nothing in here is real or stays. */
  readonly isDemo: boolean
  readonly dataDir: string
  readonly database: DatabaseConfig
  readonly keysFile: string
  /** Read by the vault process and the operator's commands, never by the server. */
  readonly vaultKeysFile: string
  readonly auditCheckpointsFile: string
  readonly mail:
    | { readonly kind: 'file'; readonly dir: string }
    | { readonly kind: 'smtp'; readonly url: Secret }
  readonly mailFrom: Readonly<Mailbox>
  readonly signup: 'open' | 'invite' | 'approval' | 'closed'
  /** In code points. */
  readonly passwordMinLength: number
  readonly passwordListFile: string | undefined
  readonly argon2: { readonly memoryKib: number; readonly passes: number; readonly lanes: number }
  readonly accessTokenTtlSeconds: number
  readonly refreshGraceSeconds: number
  /** Other origins whose pages may call the API with a bearer token, as browsers send them. */
  readonly allowedOrigins: readonly string[]
  /** Addresses and networks in CIDR notation. */
  readonly trustedProxies: readonly string[]
  readonly rateLimits: boolean
  readonly alpacaPaperUrl: URL
  readonly alpacaLiveUrl: URL
  readonly storage:
    | { readonly kind: 'file'; readonly dir: string }
    | { readonly kind: 's3'; readonly url: Secret }
  readonly metricsToken: Secret | undefined
  readonly log: {
    readonly level: SettingValues<typeof settings>['OUTCRY_LOG_LEVEL']
    readonly format: LogFormat
  }
  /** Sentences about settings that work but deserve the operator's attention; log them at start. */
  readonly warnings: readonly string[]
}

/** `auto` is pretty on a terminal and JSON everywhere else. */
export type LogFormat = 'json' | 'pretty' | 'auto'

export type DatabaseConfig =
  | { readonly kind: 'sqlite'; readonly path: string }
  | {
      readonly kind: 'postgres'
      readonly url: Secret
      readonly adminUrl: Secret | undefined
      readonly poolSize: number
    }

/** The settings cannot be used. `problems` holds one plain sentence for each thing to mend, without any secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

type Values = SettingValues<typeof settings>

type Environment = Readonly<Record<string, string | undefined>>

function readAll(env: Environment, cwd: string): ReadSettings<typeof settings> {
  const configFile = env.OUTCRY_CONFIG
  const file = configFile ? readSettingsFile(resolve(cwd, configFile)) : { texts: {}, problems: [] }
  const given = Object.entries(env).filter(([name, text]) => name.startsWith('OUTCRY_') && text)
  const { values, problems } = readSettings(settings, { ...file.texts, ...Object.fromEntries(given) })
  const all = [
    ...file.problems,
    ...unknownNames([...given.map(([name]) => name), ...Object.keys(file.texts)]),
    ...('OUTCRY_CONFIG' in file.texts
      ? ['OUTCRY_CONFIG cannot be set inside the settings file; remove it there.']
      : []),
    ...problems,
  ]
  return { values, problems: all }
}

/**
 * Checks all settings and answers them as one object; throws `ConfigError` with every problem at once. Reads nothing but its
 * arguments and the file that OUTCRY_CONFIG names. Relative paths are meant from `cwd`.
 */
export function loadConfig(env: Environment, cwd = process.cwd()): Config {
  const { values, problems } = readAll(env, cwd)
  const all = [...problems, ...databaseContradictions(values), ...contradictions(values)]
  if (all.length > 0) throw new ConfigError(all)
  const config = configOf(values, cwd)
  if (config.keysFile === config.vaultKeysFile) {
    throw new ConfigError(['OUTCRY_VAULT_KEYS_FILE must name another file than OUTCRY_KEYS_FILE.'])
  }
  return deepFreeze(config)
}

/**
 * The migrating role's URL, for a command that is told its databases and may be run before the settings name them: they are
 * checked as `loadConfig` does, except whether this URL fits OUTCRY_DATABASE_URL.
 */
export function loadMigratingUrl(env: Environment, cwd: string): Secret | undefined {
  const { values, problems } = readAll(env, cwd)
  const all = [...problems, ...contradictions(values)]
  if (all.length > 0) throw new ConfigError(all)
  return values.OUTCRY_DATABASE_ADMIN_URL
}

function configOf(values: Values, cwd: string): Config {
  const dataDir = resolve(cwd, values.OUTCRY_DATA_DIR)
  const inDataDir = (name: string, path?: string): string =>
    path ? resolve(cwd, path) : resolve(dataDir, name)
  const placed = <Remote extends { kind: string }>(place: Place | Remote | undefined, name: string) =>
    place === undefined || isPlace(place)
      ? { kind: 'file' as const, dir: inDataDir(name, place?.path) }
      : place
  const passwordList = values.OUTCRY_PASSWORD_LIST
  const keysFile = inDataDir('keys.json', values.OUTCRY_KEYS_FILE)
  return {
    host: values.OUTCRY_HOST,
    port: values.OUTCRY_PORT,
    publicUrl: publicUrlOf(values),
    siteName: values.OUTCRY_SITE_NAME,
    isDemo: values.OUTCRY_DEMO,
    dataDir,
    database: databaseOf(values, (path) => inDataDir('outcry.db', path)),
    keysFile,
    vaultKeysFile: resolve(cwd, values.OUTCRY_VAULT_KEYS_FILE ?? join(dirname(keysFile), 'vault-keys.json')),
    auditCheckpointsFile: inDataDir('audit-checkpoints.jsonl', values.OUTCRY_AUDIT_CHECKPOINTS),
    mail: placed(values.OUTCRY_MAIL_URL, 'mail'),
    mailFrom: values.OUTCRY_MAIL_FROM,
    signup: values.OUTCRY_SIGNUP,
    passwordMinLength: values.OUTCRY_PASSWORD_MIN,
    passwordListFile: passwordList === undefined ? undefined : resolve(cwd, passwordList),
    argon2: { memoryKib: values.OUTCRY_ARGON2_MEMORY_KIB, passes: values.OUTCRY_ARGON2_PASSES, lanes: 1 },
    accessTokenTtlSeconds: values.OUTCRY_ACCESS_TOKEN_TTL,
    refreshGraceSeconds: values.OUTCRY_REFRESH_GRACE,
    allowedOrigins: values.OUTCRY_ALLOWED_ORIGINS,
    trustedProxies: values.OUTCRY_TRUSTED_PROXIES,
    rateLimits: values.OUTCRY_RATE_LIMITS,
    alpacaPaperUrl: values.OUTCRY_ALPACA_PAPER_URL,
    alpacaLiveUrl: values.OUTCRY_ALPACA_LIVE_URL,
    storage: placed(values.OUTCRY_STORAGE_URL, 'media'),
    metricsToken: values.OUTCRY_METRICS_TOKEN,
    log: { level: values.OUTCRY_LOG_LEVEL, format: values.OUTCRY_LOG_FORMAT ?? 'auto' },
    warnings: warningsOf(values),
  }
}

function databaseOf(values: Values, sqlitePath: (path?: string) => string): DatabaseConfig {
  const database = values.OUTCRY_DATABASE_URL
  if (database?.kind !== 'postgres') return { kind: 'sqlite', path: sqlitePath(database?.path) }
  return {
    kind: 'postgres',
    url: database.url,
    adminUrl: values.OUTCRY_DATABASE_ADMIN_URL,
    poolSize: values.OUTCRY_DATABASE_POOL,
  }
}

function unknownNames(names: readonly string[]): string[] {
  const known = Object.keys(settings)
  return [...new Set(names)]
    .filter((name) => !known.includes(name))
    .map((name) =>
      name.startsWith(TEST_PREFIX)
        ? `${name} is for the tests only and does nothing here; remove it from the server's settings.`
        : `There is no setting ${name}; did you mean ${nearestName(name, known)}?`,
    )
}

function isPlace(place: Place | { kind: string }): place is Place {
  return place.kind === 'file'
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !(value instanceof URL)) {
    Object.values(value).forEach(deepFreeze)
    Object.freeze(value)
  }
  return value
}
