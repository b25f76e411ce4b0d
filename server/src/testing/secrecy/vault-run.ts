import { randomBytes } from 'node:crypto'
import { type StandIn, startStandIn } from '../../../../tools/alpaca-stand-in/src/index.ts'
import { userCredentials } from '../../modules/vault/credential.table.ts'
import { sql } from '../../modules/vault/vault.tables.ts'
import { updateRow } from '../../platform/db/index.ts'
import type { CommandInstance } from '../run-command.ts'
import { withDatabaseOf } from '../seed-members.ts'
import type { ApiRun, Sent } from './api-run.ts'

export { type StandIn, startStandIn }

/** What every secret of a run holds, with signs that each way of writing spells in its own way. */
export const CORE: string = `Zq8"\\/+%&<${randomBytes(9).toString('hex')}`
/** The password of the member who runs. */
export const PASSWORD: string = `swims ${CORE} at noon`
/** The nickname of the keys: no secret, and so where it is not found nobody has looked. */
export const NICKNAME: string = `swing ${randomBytes(9).toString('hex')}`

const NOBODYS = '01890a5d-ac96-774b-bcce-b302099a8057'
const ORDER = { symbol: 'AAPL', qty: '1', side: 'buy', type: 'market', time_in_force: 'day' }
const update = updateRow(sql, userCredentials)
let pairs = 0

function newPair(environment: 'PK' | 'AK' = 'PK') {
  pairs++
  return {
    api_key: `${environment}FAKE${pairs}-${CORE}-k${pairs}ey`,
    secret_key: `fake-secret-${pairs}-${CORE}-end`,
  }
}

/** What a run is made with, and what it comes to know. */
interface Running {
  readonly run: ApiRun
  readonly broker: StandIn
  readonly token: string
  readonly account: string
  readonly pair: ReturnType<typeof newPair>
  /** The credential of `pair`. */
  readonly id: string
}

type Setting = Omit<Running, 'id' | 'pair'>

const storeIn = ({ run, token, account }: Setting) => {
  const wish = { account_id: account, credential_type: 'alpaca_paper', nickname: NICKNAME }
  return (name: string, change: object, headers: Sent['headers'] = {}) =>
    run.ask(name, '/api/v1/credentials/store', {
      ...{ method: 'POST', token, headers },
      body: { ...wish, ...newPair(), ...change },
    })
}

async function storeAll(setting: Setting): Promise<Running & { readonly live: string }> {
  const { broker } = setting
  const store = storeIn(setting)
  const pair = newPair()
  const once = { 'idempotency-key': 'once' }
  const { body: stored } = await store('store', pair, once)
  await store('store again', pair, once)
  await store('store the same', pair)
  await store('store untried', { validate: false })
  const { body: live } = await store('store live', { ...newPair('AK'), credential_type: 'alpaca_live' })
  await store('store what is live as paper', newPair('AK'))
  const revoked = newPair()
  broker.controls.key({ environment: 'paper', keyId: revoked.api_key, action: 'revoke' })
  await store('store a revoked key', revoked)
  for (const kind of ['server_error', 'html', 'reset', 'truncated', 'rate_limited'] as const) {
    broker.controls.fault({ kind })
    await store(`store during ${kind}`, {})
    broker.controls.clearFaults({})
  }
  return { ...setting, pair, id: String(stored.id), live: String(live.id) }
}

/** Secrets where they do not belong, and in requests that are wrong. */
async function storeWrongly({ run, token, account, pair, ...setting }: Running): Promise<void> {
  const store = storeIn({ run, token, account, ...setting })
  const raw = (name: string, body: string, headers: Sent['headers'] = {}) =>
    run.ask(name, '/api/v1/credentials/store', { method: 'POST', token, headers, body })
  const text = JSON.stringify({ account_id: account, credential_type: 'alpaca_paper', ...pair })
  const encoded = encodeURIComponent(pair.secret_key)
  await store('an unknown type', { credential_type: CORE })
  await store('an account of nobody', { account_id: NOBODYS })
  await store('an account that is a key', { account_id: pair.api_key })
  await store('a key with a space', { api_key: `${CORE} ${CORE}` })
  await store('a key that is too long', { secret_key: CORE.repeat(30) })
  await store('a nickname that reorders', { nickname: `${CORE}\u202e` })
  await raw('JSON that ends too early', text.slice(0, -9))
  await raw('no JSON', pair.secret_key)
  await raw('JSON with a field twice', text.replace('{', `{"api_key":"${CORE.slice(-10)}",`))
  await raw('a huge body', JSON.stringify({ more: CORE.repeat(9_000) }))
  await raw('another kind of body', text, { 'content-type': 'text/plain' })
  await run.ask('signed out', '/api/v1/credentials/store', { method: 'POST', body: text })
  await run.ask('a key as token', '/api/v1/credentials', { token: encoded })
  await run.ask('a key as id', `/api/v1/credentials/${encoded}`, { token })
  await run.ask('a key as query', `/api/v1/positions?credential_id=${encoded}`, { token })
  await run.ask('a key as cursor', `/api/v1/credentials?cursor=${encoded}`, { token })
  await run.ask('a key as path', `/api/v1/${encoded}`, { token })
}

async function rotateAndRead({ run, token, broker, id, pair }: Running): Promise<void> {
  const change = (name: string, body: object) =>
    run.ask(name, `/api/v1/credentials/${id}`, { method: 'PUT', token, body })
  const revoked = newPair()
  broker.controls.key({ environment: 'paper', keyId: revoked.api_key, action: 'revoke' })
  await change('half a pair', { api_key: newPair().api_key })
  await change('rotate to a revoked key', revoked)
  await change('rotate', newPair())
  await change('rotate to the same pair as before', pair)
  await change('rename', { nickname: 'other' })
  await run.ask('validate', `/api/v1/credentials/${id}/validate`, { method: 'POST', token })
  await run.ask('account data', `/api/v1/credentials/${id}/account-data`, { token })
  await run.ask('history', `/api/v1/credentials/${id}/history`, { token })
  await run.ask('positions', `/api/v1/positions?credential_id=${id}`, { token })
  await run.ask('orders', `/api/v1/orders?credential_id=${id}`, { token })
  for (const kind of ['server_error', 'html', 'reset', 'truncated'] as const) {
    broker.controls.fault({ kind })
    await run.ask(`read during ${kind}`, `/api/v1/orders?credential_id=${id}&limit=1`, { token })
    broker.controls.clearFaults({})
  }
}

async function passTheGateway({ run, token, broker, id, pair, live }: Running & { live: string }) {
  const wish = { name: 'A program', scopes: ['broker:trade'] }
  const made = await run.ask('a token', '/api/v1/auth/tokens', {
    ...{ method: 'POST', token, body: wish, isSecret: true },
  })
  const pat = String(made.body.token)
  const through = (name: string, path: string, sent: Sent = {}) =>
    run.ask(name, `/api/v1/gateway/${id}${path}`, { token: pat, ...sent })
  const keys = { 'apca-api-key-id': pair.api_key, 'apca-api-secret-key': pair.secret_key }
  await through('gateway', '/v2/account')
  await through('gateway with keys of the caller', '/v2/account', { headers: keys })
  await through('gateway with an order', '/v2/orders', { method: 'POST', body: ORDER })
  await through('gateway with an order that holds a key', '/v2/orders', { method: 'POST', body: pair })
  await through('gateway to nowhere', `/v2/nowhere?q=${encodeURIComponent(CORE)}`)
  await through('gateway out of bounds', '/v2/%2e%2e/x')
  await through('gateway with a key as token', '/v2/account', { token: encodeURIComponent(pair.secret_key) })
  await through('gateway by session', '/v2/account', { token })
  await run.ask('gateway to a live order', `/api/v1/gateway/${live}/v2/orders`, {
    ...{ method: 'POST', token: pat, body: ORDER },
  })
  for (const kind of ['server_error', 'reset', 'truncated'] as const) {
    broker.controls.fault({ kind })
    await through(`gateway during ${kind}`, '/v2/account')
    broker.controls.clearFaults({})
  }
  return pat
}

async function breakIt(instance: Pick<CommandInstance, 'env'>, { run, token, id }: Running, pat: string) {
  const path = `/api/v1/credentials/${id}`
  await run.ask('switch off', path, { method: 'PUT', token, body: { is_active: false } })
  await run.ask('use what is off', `${path}/account-data`, { token })
  await run.ask('switch on', path, { method: 'PUT', token, body: { is_active: true } })
  await withDatabaseOf(instance, (db) =>
    db.withSystem((tx) => update(tx, { id }, { secret_key: randomBytes(150) })),
  )
  await run.ask('use what is spoilt', `${path}/account-data`, { token })
  await run.ask('gateway to what is spoilt', `/api/v1/gateway/${id}/v2/account`, { token: pat })
  await run.ask('the audit list', `${path}/audit`, { token })
  await run.ask('delete', path, { method: 'DELETE', token })
  await run.ask('use what is deleted', `${path}/account-data`, { token })
}

/**
 * Does with broker keys all that the member `ada` can do, and all that can go wrong with it; every key, secret and password
 * holds `CORE`. Gives the tokens that came of it, and a key that is still there.
 */
export async function runTheVault(
  instance: Pick<CommandInstance, 'env'>,
  run: ApiRun,
  broker: StandIn,
): Promise<{ readonly tokens: readonly string[]; readonly token: string; readonly live: string }> {
  const credentials = { username_or_email: 'ada', password: PASSWORD }
  const login = '/api/v1/auth/login/json'
  await run.ask('a wrong password', login, {
    ...{ method: 'POST', body: { ...credentials, password: `x${PASSWORD}` } },
  })
  const signedIn = await run.ask('sign in', login, { method: 'POST', body: credentials, isSecret: true })
  const { access_token, refresh_token } = signedIn.body
  const token = String(access_token)
  const { body: account } = await run.ask('account', '/api/v1/accounts', {
    ...{ method: 'POST', token, body: { account_name: 'Desk' } },
  })
  const running = await storeAll({ run, broker, token, account: String(account.id) })
  await storeWrongly(running)
  await rotateAndRead(running)
  const pat = await passTheGateway(running)
  await breakIt(instance, running, pat)
  return { tokens: [token, String(refresh_token), pat], token, live: running.live }
}
