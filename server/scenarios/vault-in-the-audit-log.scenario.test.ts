import { isDeepStrictEqual } from 'node:util'
import { expect, it } from 'vitest'
import { createPersonalToken, createSignedInMember } from '../src/testing/factories.ts'
import {
  createTradingAccount,
  forEachVaultApp,
  live,
  newPair,
  storeCredential,
} from '../src/testing/factories-vault.ts'
import type { Answer, TestApp } from '../src/testing/start-test-app.ts'
import { type StoredRow, storedRows } from '../src/testing/stored-rows.ts'

const NOBODYS = '01890a5d-ac96-774b-bcce-b302099a8057'
const ORDER = { symbol: 'AAPL', qty: '1', side: 'buy', type: 'market', time_in_force: 'day' }

/** A request, and the entries it leaves: action, result, object, and of uses what they were for and how they ended. */
interface Row {
  readonly ask: readonly [method: string, path: string, body?: object]
  readonly by?: 'token'
  readonly leaves: readonly string[]
}

/** What is put into paths and entries for what the run made. */
type Names = Record<'PAPER' | 'LIVE' | 'ACCOUNT' | 'OTHER' | 'ME' | 'NOBODYS', string>

const store = (change: object): Row['ask'] => [
  'POST',
  '/credentials/store',
  { account_id: 'ACCOUNT', credential_type: 'alpaca_paper', ...newPair(), ...change },
]
const put = (body: object): Row['ask'] => ['PUT', '/credentials/PAPER', body]
const used = (purpose: string, outcome = 'ok') => [
  `credential.used ok credential PAPER for ${purpose}`,
  `credential.use_ended ${outcome === 'ok' ? 'ok' : 'failed'} credential PAPER for ${purpose}: ${outcome}`,
]

/** Everything that can be done in the vault, in an order in which it can be done. */
const MATRIX: Readonly<Record<string, Row>> = {
  'an account is made': {
    ask: ['POST', '/accounts', { account_name: 'Another' }],
    leaves: ['trading_account.created ok trading_account OTHER'],
  },
  'an account is renamed': {
    ask: ['PATCH', '/accounts/OTHER', { account_name: 'Third' }],
    leaves: ['trading_account.changed ok trading_account OTHER'],
  },
  'an account of nobody is asked for': {
    ask: ['GET', '/accounts/NOBODYS'],
    leaves: ['trading_account.read refused user ME: vault.account_not_found'],
  },
  'a key is stored': {
    ask: store({}),
    leaves: ['credential.stored ok credential NEW'],
  },
  'a key of the other environment is refused': {
    ask: store(newPair('live')),
    leaves: ['credential.stored refused trading_account ACCOUNT: vault.key_refused'],
  },
  'a key for an account of nobody is refused': {
    ask: store({ account_id: NOBODYS }),
    leaves: ['credential.stored refused user ME: vault.account_not_found'],
  },
  'a key is renamed': {
    ask: put({ nickname: 'swing' }),
    leaves: ['credential.renamed ok credential PAPER'],
  },
  'a key is made the default': {
    ask: put({ is_default: true }),
    leaves: ['credential.changed ok credential PAPER'],
  },
  'a key is replaced': {
    ask: put(newPair()),
    leaves: ['credential.rotated ok credential PAPER'],
  },
  'a replacement is refused': {
    ask: put(newPair('live')),
    leaves: ['credential.rotated refused credential PAPER: vault.key_refused'],
  },
  'a key is tried': {
    ask: ['POST', '/credentials/PAPER/validate'],
    leaves: used('validate'),
  },
  'figures are read': {
    ask: ['GET', '/credentials/PAPER/account-data'],
    leaves: used('account'),
  },
  'figures are read by a token': {
    ask: ['GET', '/positions?credential_id=PAPER'],
    by: 'token',
    leaves: used('positions'),
  },
  'figures of a key of nobody are asked for': {
    ask: ['GET', '/positions?credential_id=NOBODYS'],
    leaves: ['credential.refused refused - -: not_found'],
  },
  'the gateway is used': {
    ask: ['GET', '/gateway/PAPER/v2/account'],
    by: 'token',
    leaves: used('gateway'),
  },
  'an order goes through the gateway': {
    ask: ['POST', '/gateway/PAPER/v2/orders', ORDER],
    by: 'token',
    leaves: used('gateway'),
  },
  'an order for a live key that may not trade': {
    ask: ['POST', '/gateway/LIVE/v2/orders', ORDER],
    by: 'token',
    leaves: ['credential.refused refused credential LIVE for gateway: trading_not_enabled'],
  },
  'a key is changed by a token': {
    ask: put({ is_active: false }),
    by: 'token',
    leaves: ['access.refused refused user ME'],
  },
  'the gateway is used by a session': {
    ask: ['GET', '/gateway/PAPER/v2/account'],
    leaves: ['access.refused refused user ME'],
  },
  'a live key may trade': {
    ask: ['PUT', '/credentials/LIVE', { is_trading_enabled: true }],
    leaves: ['credential.changed ok credential LIVE'],
  },
  'a key is switched off': {
    ask: put({ is_active: false }),
    leaves: ['credential.changed ok credential PAPER'],
  },
  'what is off is used': {
    ask: ['GET', '/gateway/PAPER/v2/account'],
    by: 'token',
    leaves: ['credential.refused refused credential PAPER for gateway: inactive'],
  },
  'a key is deleted': {
    ask: ['DELETE', '/credentials/PAPER'],
    leaves: ['credential.deleted ok credential PAPER'],
  },
  'what is deleted is asked for': {
    ask: ['GET', '/credentials/PAPER'],
    leaves: ['credential.read refused user ME: vault.credential_not_found'],
  },
  'an account is deleted with a key in it': {
    ask: ['DELETE', '/accounts/ACCOUNT'],
    leaves: [
      'credential.deleted ok credential LIVE',
      'credential.deleted ok credential NEW',
      'trading_account.deleted ok trading_account ACCOUNT',
    ],
  },
}

interface Entry {
  readonly action: string
  readonly result: string
  readonly object_type: string | null
  readonly object_id: string | null
  readonly actor_id: string | null
  readonly session_id: string | null
  readonly address: string | null
  readonly details: Readonly<Record<string, unknown>>
}

// Note: SQLite keeps them as text; the driver of PostgreSQL has parsed them already.
const parsed = (details: unknown): Entry['details'] =>
  JSON.parse(typeof details === 'string' ? details : JSON.stringify(details))

const textOf = (value: unknown): string | null => (value === null ? null : String(value))

function entryOf(row: StoredRow): Entry {
  return {
    action: String(row.action),
    result: String(row.result),
    object_type: textOf(row.object_type),
    object_id: textOf(row.object_id),
    actor_id: textOf(row.actor_id),
    session_id: textOf(row.session_id),
    address: textOf(row.address),
    details: parsed(row.details),
  }
}

/** An entry in one line, as the matrix writes it. */
function inShort({ action, result, object_type, object_id, details }: Entry, names: Names): string {
  const known = Object.entries(names).find(([, id]) => id === object_id)?.[0]
  const object = object_id === null ? '-' : (known ?? 'NEW')
  const purpose = details.purpose !== undefined && object_id !== null ? ` for ${String(details.purpose)}` : ''
  const isOutcome = action === 'credential.use_ended'
  const why = isOutcome ? details.outcome : details.reason
  return `${action} ${result} ${object_type ?? '-'} ${object}${purpose}${why === undefined ? '' : `: ${String(why)}`}`
}

/** Who asks, as each entry must say. */
interface Asker {
  readonly actor_id: string
  readonly session_id: string | null
  readonly address: string
  readonly token_id: string | null
}

/** What is not as it should be with the entries that one request left. */
function faultsOf(
  entries: readonly Entry[],
  { leaves }: Row,
  { asker, names }: { asker: Asker; names: Names },
) {
  const found = entries.map((entry) => inShort(entry, names))
  const others = entries
    .map(({ actor_id, session_id, address, details }) => {
      return { actor_id, session_id, address, token_id: details.token_id ?? null }
    })
    .filter((facts) => !isDeepStrictEqual(facts, asker))
    .map((facts) => JSON.stringify(facts))
  return isDeepStrictEqual(found, leaves) ? others : [...found, ...others]
}

async function entriesOf(app: TestApp, { headers }: Answer, least: number): Promise<Entry[]> {
  const request = `request_id = '${headers.get('x-request-id')}' order by seq`
  const rows = () => storedRows(app, 'audit_events', request)
  await expect.poll(async () => (await rows()).length, { interval: 20 }).toBeGreaterThanOrEqual(least)
  return (await rows()).map(entryOf)
}

/** A member with an account, a paper and a live key in it, and a token. */
async function createOwner(app: TestApp) {
  const owner = await createSignedInMember(app)
  const { accessToken } = owner
  const sessions = await app.send('GET', '/auth/sessions', { token: accessToken })
  const session = String((sessions.body.items as { id: string }[])[0]?.id)
  const pat = await createPersonalToken(app, owner, { scopes: ['broker:trade'] })
  const account_id = await createTradingAccount(app, owner)
  const [paper, of] = [await storeCredential(app, owner, { account_id }), { ...live(), account_id }]
  const names: Names = {
    ...{ ME: owner.id, NOBODYS, ACCOUNT: account_id, OTHER: 'not yet' },
    PAPER: paper.id,
    LIVE: (await storeCredential(app, owner, of)).id,
  }
  const shared = { actor_id: owner.id, address: '127.0.0.1' }
  return {
    names,
    bySession: { token: accessToken, asker: { ...shared, session_id: session, token_id: null } },
    byToken: { token: pat.token, asker: { ...shared, session_id: null, token_id: pat.id } },
  }
}

forEachVaultApp('C76: the audit log of the vault', {}, (on) => {
  it('says of everything who did it, in which session or by which token, from where, to what, and what came of it', async () => {
    const { app } = on
    const { names, bySession, byToken } = await createOwner(app)
    const named = (text: string) =>
      Object.entries(names).reduce(
        (all, [name, id]) => all.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), id),
        text,
      )
    const wrong: Record<string, readonly string[]> = {}
    for (const [what, row] of Object.entries(MATRIX)) {
      const [method, path, body] = row.ask
      const { token, asker } = row.by === 'token' ? byToken : bySession
      const sent = body === undefined ? {} : { body: JSON.parse(named(JSON.stringify(body))) }
      const answer = await app.send(method, named(path), { token, ...sent })
      if (what === 'an account is made') names.OTHER = String(answer.body.id)
      const entries = await entriesOf(app, answer, row.leaves.length)
      const faults = faultsOf(entries, row, { asker, names })
      if (faults.length > 0) wrong[what] = faults
    }
    expect(wrong).toEqual({})
  })
})
