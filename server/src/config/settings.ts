import {
  addressList,
  choice,
  databaseUrl,
  filePath,
  flag,
  host,
  mailbox,
  mailUrl,
  origin,
  originList,
  postgresUrl,
  secretText,
  storageUrl,
  text,
  wholeNumber,
} from './kinds.ts'
import { optionalSetting, type SettingTable, setting } from './setting.ts'

export const ALPACA_PAPER_URL = 'https://paper-api.alpaca.markets'
export const ALPACA_LIVE_URL = 'https://api.alpaca.markets'

/** Every setting there is. Nothing else about the server can be set, and every other `OUTCRY_*` name is an error. */
export const settings = {
  OUTCRY_CONFIG: optionalSetting(filePath, 'none', {
    meaning: 'a file of NAME=VALUE lines; the environment wins over it',
  }),
  OUTCRY_HOST: setting(host, '127.0.0.1', { meaning: 'the address it listens on' }),
  OUTCRY_PORT: setting(wholeNumber(0, 65_535), '4000', {
    meaning: 'the port it listens on; 0 takes a free one',
  }),
  OUTCRY_PUBLIC_URL: optionalSetting(origin, 'http://localhost:PORT', {
    meaning: 'where members reach it: the only source of absolute links and the WebAuthn origin',
  }),
  OUTCRY_ALLOWED_ORIGINS: setting(originList, 'none', {
    meaning: 'other sites whose pages may call the API with a bearer token, and never with cookies',
  }),
  OUTCRY_SITE_NAME: setting(text(64), 'Outcry', {
    meaning: 'the name in mails and authenticator apps; passwords must not contain it',
  }),
  OUTCRY_DEMO: setting(flag, 'off', {
    meaning: 'marks every page as a demo whose data is thrown away; npm run demo sets it',
  }),
  OUTCRY_DATA_DIR: setting(filePath, './data', {
    meaning: 'the folder of the database, keys and uploads when local',
  }),
  OUTCRY_DATABASE_URL: optionalSetting(databaseUrl, 'sqlite:DATA_DIR/outcry.db', {
    meaning:
      'the database: a SQLite file, or PostgreSQL with the serving role; on another machine with sslmode=verify-full, or disable if nobody can be on the way',
    secrecy: 'password-inside',
  }),
  OUTCRY_DATABASE_ADMIN_URL: optionalSetting(postgresUrl, 'none', {
    meaning:
      'the migrating role, in the same database of PostgreSQL and with an sslmode as above; the serving role must not own tables nor bypass row security',
    secrecy: 'password-inside',
  }),
  OUTCRY_DATABASE_POOL: setting(wholeNumber(1, 200), '10', {
    meaning: 'connections to PostgreSQL per process',
  }),
  OUTCRY_KEYS_FILE: optionalSetting(filePath, 'DATA_DIR/keys.json', {
    meaning: 'the key ring, mode 0600; made at first start on an empty database, never silently after that',
  }),
  OUTCRY_VAULT_KEYS_FILE: optionalSetting(filePath, 'vault-keys.json beside OUTCRY_KEYS_FILE', {
    meaning: 'the vault key ring, mode 0600; made at the first start of a vault, never silently after that',
  }),
  OUTCRY_AUDIT_CHECKPOINTS: optionalSetting(filePath, 'DATA_DIR/audit-checkpoints.jsonl', {
    meaning: 'where the vault signs how far the audit log goes; best on a disk that the database is not on',
  }),
  OUTCRY_MAIL_URL: optionalSetting(mailUrl, 'file:DATA_DIR/mail', {
    meaning: 'the mail server, or a folder that gets one .eml per message',
    secrecy: 'password-inside',
  }),
  OUTCRY_MAIL_FROM: setting(mailbox, 'Outcry <no-reply@localhost>', { meaning: 'the sender of every mail' }),
  OUTCRY_SIGNUP: setting(choice('open', 'invite', 'approval', 'closed'), 'open', {
    meaning:
      'who may register: anybody, or nobody when closed; invite and approval are not built yet and mean closed',
  }),
  OUTCRY_PASSWORD_MIN: setting(wholeNumber(8, 128), '12', {
    meaning: 'the shortest password, in characters; 15 where no second factor is asked for',
  }),
  OUTCRY_PASSWORD_LIST: optionalSetting(filePath, 'none', {
    meaning: 'a filter file of further refused passwords, beside the shipped list',
  }),
  OUTCRY_ARGON2_MEMORY_KIB: setting(wholeNumber(12_288, 1_048_576), '47104', {
    meaning: 'memory of one password hash; never under 47104 with 1 pass, 19456 with 2, 12288 with 3',
  }),
  OUTCRY_ARGON2_PASSES: setting(wholeNumber(1, 16), '1', { meaning: 'passes of one password hash' }),
  OUTCRY_ACCESS_TOKEN_TTL: setting(wholeNumber(1, 86_400), '1800', {
    meaning: 'seconds for which an access token is good',
  }),
  OUTCRY_REFRESH_GRACE: setting(wholeNumber(0, 60), '10', {
    meaning: 'seconds for which a used refresh token still gets the same successor',
  }),
  OUTCRY_TRUSTED_PROXIES: setting(addressList, 'none', {
    meaning: 'addresses whose forwarding headers count',
  }),
  OUTCRY_RATE_LIMITS: setting(flag, 'on', {
    meaning: 'off only for load tests on loopback; lockouts stay on',
  }),
  OUTCRY_ALPACA_PAPER_URL: setting(origin, ALPACA_PAPER_URL, {
    meaning: 'the broker host for paper trading',
  }),
  OUTCRY_ALPACA_LIVE_URL: setting(origin, ALPACA_LIVE_URL, { meaning: 'the broker host for live trading' }),
  OUTCRY_ALLOW_CUSTOM_BROKER_HOSTS: setting(flag, 'off', {
    meaning: 'lets the broker hosts be others than the vendor’s and loopback',
  }),
  OUTCRY_STORAGE_URL: optionalSetting(storageUrl, 'file:DATA_DIR/media', {
    meaning: 'where uploads are kept',
    secrecy: 'password-inside',
  }),
  OUTCRY_METRICS_TOKEN: optionalSetting(secretText(16), 'none', {
    meaning: 'the bearer token for /metrics; without one, metrics answer on loopback only',
    secrecy: 'secret',
  }),
  OUTCRY_LOG_LEVEL: setting(choice('debug', 'info', 'warn', 'error', 'fatal', 'silent'), 'info', {
    meaning: 'the least urgent messages to log',
  }),
  OUTCRY_LOG_FORMAT: optionalSetting(choice('json', 'pretty'), 'json, pretty on a terminal', {
    meaning: 'the form of log lines',
  }),
} satisfies SettingTable

/** One line of the settings page and of `--help`. */
export interface SettingDescription {
  name: string
  default: string
  meaning: string
  expects: string
}

/** Every setting with its default and meaning, in the order of the table above. */
export function describeSettings(): SettingDescription[] {
  return Object.entries(settings).map(([name, { shownDefault, meaning, expects }]) => ({
    name,
    default: shownDefault,
    meaning,
    expects,
  }))
}
