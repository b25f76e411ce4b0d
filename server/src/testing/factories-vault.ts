import { randomBytes } from 'node:crypto'
import type { CredentialView } from '@outcry/contract/vault'
import { afterAll, beforeAll, describe } from 'vitest'
import { fingerprintOf } from '../../../tools/alpaca-stand-in/src/http/keys.ts'
import { type StandIn, startStandIn } from '../../../tools/alpaca-stand-in/src/index.ts'
import type { Dialect } from '../platform/db/index.ts'
import type { SignedInMember } from './factories.ts'
import {
  type Answer,
  type AppFixture,
  startTestApp,
  type TestApp,
  type TestAppOptions,
} from './start-test-app.ts'
import { type StoredRow, storedRows } from './stored-rows.ts'

/** An application with the double of a broker beside it. */
export interface VaultFixture extends AppFixture {
  readonly broker: StandIn
}

/** Starts an application whose broker is a double of its own. */
export async function startVaultApp(
  options: TestAppOptions,
): Promise<AsyncDisposable & { readonly app: TestApp; readonly broker: StandIn }> {
  const broker = await startStandIn()
  const urls = { OUTCRY_ALPACA_PAPER_URL: broker.paper.url, OUTCRY_ALPACA_LIVE_URL: broker.live.url }
  const app = await startTestApp({ ...options, env: { ...urls, ...options.env } })
  return {
    app,
    broker,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      await broker.dispose()
    },
  }
}

/** Runs one suite over HTTP on both engines, each with the double of a broker. */
export function forEachVaultApp(
  title: string,
  options: Omit<TestAppOptions, 'dialect'>,
  suite: (on: VaultFixture) => void,
): void {
  describe.each<Dialect>(['sqlite', 'postgres'])(`${title} on %s`, (dialect) => {
    let running: Awaited<ReturnType<typeof startVaultApp>> | undefined
    beforeAll(async () => {
      running = await startVaultApp({ dialect, ...options })
    })
    afterAll(() => running?.[Symbol.asyncDispose]())
    const required = () => {
      if (!running) throw new Error('The application is there only while tests run.')
      return running
    }
    suite({
      dialect,
      get app() {
        return required().app
      },
      get broker() {
        return required().broker
      },
    })
  })
}

/** A pair that the broker's double accepts in one environment; no other test has it. */
export function newPair(environment: 'paper' | 'live' = 'paper'): { api_key: string; secret_key: string } {
  const prefix = environment === 'paper' ? 'PKFAKE' : 'AKFAKE'
  return {
    api_key: `${prefix}${randomBytes(7).toString('hex').toUpperCase()}`,
    secret_key: `fake-secret-${randomBytes(20).toString('hex')}`,
  }
}

type Token = Pick<SignedInMember, 'accessToken'>

/** Makes a trading account over HTTP; gives its id. */
export async function createTradingAccount(
  app: TestApp,
  { accessToken: token }: Token,
  account_name = 'Desk',
): Promise<string> {
  const { status, body, text } = await app.send('POST', '/accounts', { token, body: { account_name } })
  if (status !== 201) throw new Error(`Making an account answered ${status}: ${text}`)
  return String(body.id)
}

/** What a test may send in place of what is sent for it, right or wrong. */
export interface StoreBody {
  readonly account_id?: unknown
  readonly credential_type?: unknown
  readonly api_key?: unknown
  readonly secret_key?: unknown
  readonly nickname?: unknown
  readonly validate?: unknown
  readonly expires_at?: unknown
}

/** Asks for a credential to be stored: a new paper pair, untried, unless the body says otherwise. */
export function tryToStore(
  app: TestApp,
  { accessToken: token }: Token,
  { headers, ...body }: StoreBody & { readonly headers?: Readonly<Record<string, string>> },
): Promise<Answer> {
  const wish = { credential_type: 'alpaca_paper', ...newPair(), validate: false, ...body }
  return app.send('POST', '/credentials/store', { token, body: wish, ...(headers ? { headers } : {}) })
}

/** Stores a credential over HTTP, in a new account unless the body names one. */
export async function storeCredential(
  app: TestApp,
  member: Token,
  body: StoreBody = {},
): Promise<CredentialView> {
  const { account_id = await createTradingAccount(app, member) } = body
  const answer = await tryToStore(app, member, { ...body, account_id })
  if (answer.status !== 201) throw new Error(`Storing a credential answered ${answer.status}: ${answer.text}`)
  return answer.body as CredentialView
}

/** What to send to store a live pair. */
export const live = () => ({ credential_type: 'alpaca_live', ...newPair('live') })

/** The row of a credential past our data layer, deleted ones too. */
export async function credentialRow(app: TestApp, id: string): Promise<StoredRow | undefined> {
  return (await storedRows(app, 'user_credentials', `id = '${id}'`))[0]
}

/** What the audit log says about a credential, the first first; `action` narrows it. */
export async function credentialEntries(app: TestApp, id: string, action?: string): Promise<StoredRow[]> {
  const of = action === undefined ? '' : ` and action = '${action}'`
  return storedRows(app, 'audit_events', `object_id = '${id}'${of} order by seq`)
}

/** How often the broker was asked for anything with this key. */
export function callsWith(broker: StandIn, keyId: string): number {
  const fingerprint = fingerprintOf(keyId)
  return broker.log.entries().filter(({ keyFingerprint }) => keyFingerprint === fingerprint).length
}
