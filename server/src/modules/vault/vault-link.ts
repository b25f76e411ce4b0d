import type { KeyObject } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Clock } from '../../platform/clock.ts'
import type { HttpAnswer } from '../../platform/http-exchange.ts'
import { loadHttpClient, openRefusingPool, type RefusingPool } from '../../platform/refusing-pool.ts'
import { signGrant } from './protocol/grant.ts'
import { GRANT_HEADER, type GrantClaims, USE_MAX_MS } from './protocol/protocol.ts'

/** Where a running vault listens, and the secret that its grants are signed with. */
export interface VaultEndpoint {
  readonly socketPath: string
  readonly secret: KeyObject
}

/** Finds the vault that runs now; `undefined` while none does. */
export type FindVault = () => Promise<VaultEndpoint | undefined>

/** One request to the vault. */
export interface VaultRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readable | Uint8Array | null
  readonly signal?: AbortSignal
}

/** The connections to whichever vault process runs. Nothing is sent twice. */
export interface VaultLink {
  /**
   * Sends one request with its grant; `undefined` when there is no vault, or no connection to it is free. Throws when it
   * goes away meanwhile.
   */
  send(claims: GrantClaims, request: VaultRequest): Promise<HttpAnswer | undefined>
  close(): Promise<void>
}

const CONNECTIONS = 256
/** A vault that says nothing for longer than any broker may take is as good as gone. */
const SILENCE_MS = USE_MAX_MS + 5_000

interface Line {
  readonly socketPath: string
  readonly pool: RefusingPool
}

/** Opens connections as they are needed, to a new process as soon as there is one. */
export function createVaultLink({ find, clock }: { find: FindVault; clock: Clock }): VaultLink {
  let current: Line | undefined
  let isClosed = false
  const lineTo = async ({ socketPath }: VaultEndpoint): Promise<Line | undefined> => {
    const client = await loadHttpClient() // a server whose members have stored no key does without
    if (isClosed) return undefined
    if (current?.socketPath === socketPath) return current
    current?.pool.destroy().catch(() => undefined)
    const pool = openRefusingPool(client, 'http://vault', {
      connections: CONNECTIONS,
      connect: { socketPath },
      headersTimeout: SILENCE_MS,
      bodyTimeout: SILENCE_MS,
    })
    current = { socketPath, pool }
    return current
  }
  return {
    async send(claims, { headers, body, signal }) {
      const endpoint = await find()
      if (endpoint === undefined) return undefined
      const line = await lineTo(endpoint)
      if (line === undefined) return undefined
      const grant = signGrant({ secret: endpoint.secret, clock }, claims)
      return line.pool.request({
        method: 'POST',
        path: '/',
        headers: { ...headers, [GRANT_HEADER]: grant },
        body,
        ...(signal ? { signal } : {}),
      })
    },
    async close() {
      isClosed = true
      await current?.pool.destroy()
    },
  }
}
