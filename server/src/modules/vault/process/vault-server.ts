import type { KeyObject } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { asError } from '../../../platform/as-error.ts'
import type { Audit } from '../../../platform/audit/audit.ts'
import { createAuditGroup } from '../../../platform/audit/audit-group.ts'
import type { Clock } from '../../../platform/clock.ts'
import { createSealer } from '../../../platform/crypto/sealed.ts'
import { createUuidv7 } from '../../../platform/crypto/uuid.ts'
import { type Db, InvalidValueError } from '../../../platform/db/index.ts'
import { createJobQueue } from '../../../platform/jobs/job-queue.ts'
import type { Logger } from '../../../platform/log/logger.ts'
import { createServer } from '../../../platform/node-http.ts'
import { createGrantGate } from '../protocol/grant.ts'
import { FRAME_MAX_BYTES } from '../protocol/pair-frame.ts'
import { FAULT_HEADER, GRANT_HEADER, type Grant, type VaultFault } from '../protocol/protocol.ts'
import type { CredentialProvider } from '../provider.ts'
import { createAdmit } from './admit.ts'
import { BROKER_TIMES, type BrokerTimes, createBrokerHosts } from './broker-hosts.ts'
import { createSeal } from './seal.ts'
import { createSeats } from './seats.ts'
import { createTrial } from './trial.ts'
import { createUse, type Exchange } from './use.ts'
import { createUseNotes } from './use-notes.ts'
import type { VaultKeyRing } from './vault-key-ring.ts'
import { VaultRefusal } from './vault-refusal.ts'

const HEADERS_MAX_BYTES = 64 * 1024
const IDLE_MS = 60_000
const DRAIN_MS = 2_000

/** What the vault is built from. */
export interface VaultServerParts {
  readonly db: Db
  readonly ring: VaultKeyRing
  readonly providers: readonly CredentialProvider[]
  readonly clock: Clock
  readonly audit: Audit
  readonly log: Logger
  /** Other times than the product's, for tests. */
  readonly times?: Partial<BrokerTimes>
  /** Told after each request in which a key was open. */
  readonly onOpened?: () => void
}

/** The vault as its process serves it. */
export interface VaultServer {
  /** Listens on a Unix socket for whoever has the secret that grants are signed with. */
  listen(options: { readonly socketPath: string; readonly secret: KeyObject }): Promise<void>
  /** Lets requests end for two seconds, then cuts them, and writes what is still to be written. */
  stop(): Promise<void>
}

const STATUS: Readonly<Record<VaultFault, number>> = {
  grant_refused: 403,
  not_found: 404,
  inactive: 409,
  trading_not_enabled: 403,
  unreadable: 409,
  too_many: 429,
  broker_unreachable: 502,
  broker_timeout: 504,
  unaudited: 503,
  bad_request: 400,
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      chunks.push(bytes)
      size += bytes.length
      if (size > FRAME_MAX_BYTES) throw new VaultRefusal('bad_request')
    }
    return Buffer.concat(chunks)
  } finally {
    for (const chunk of chunks) chunk.fill(0)
  }
}

/** Puts the vault together. It opens nothing and listens nowhere until it is told to. */
export function createVaultServer(parts: VaultServerParts): VaultServer {
  const { db, ring, providers, clock, audit, log } = parts
  const times = { ...BROKER_TIMES, ...parts.times }
  const sealer = createSealer(ring.credentialEncryption)
  const hosts = createBrokerHosts(times)
  const onLost = (_entry: unknown, error: unknown) =>
    log.error({ err: asError(error) }, 'An entry of the audit log was lost.')
  const group = createAuditGroup({ db, audit, onLost })
  // Note: servers do the jobs; they look for what another process has added every second.
  const jobs = createJobQueue({ db, clock, newId: createUuidv7(clock), sealer, onAdded: () => {} })
  const notes = createUseNotes({ db, audit, jobs, clock, log })
  const trial = createTrial({ providers, hosts, probeMs: times.probeMs })
  const seal = createSeal({
    providers,
    sealer,
    fingerprints: ring.credentialFingerprint,
    trial,
  })
  const admit = createAdmit({ clock, providers, group, log })
  const use = createUse({
    admit,
    seats: createSeats(),
    sealer,
    hosts,
    trial,
    group,
    notes,
    log,
    totalMs: times.totalMs,
  })

  const doSeal = async (grant: Grant & { operation: 'seal' }, { request, response }: Exchange) => {
    const frame = await readBody(request)
    try {
      const answer = JSON.stringify(await seal(grant, frame))
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
    } finally {
      frame.fill(0)
    }
  }
  const answer = async (grant: Grant | undefined, exchange: Exchange): Promise<void> => {
    if (grant === undefined) {
      log.warn({}, 'A request to the vault came without a good grant.')
      throw new VaultRefusal('grant_refused')
    }
    try {
      if (grant.operation === 'seal') await doSeal(grant, exchange)
      else await use(grant, exchange)
    } finally {
      parts.onOpened?.()
    }
  }
  const refuse = (response: ServerResponse, error: unknown): void => {
    const isUnfit = error instanceof InvalidValueError
    const fault = isUnfit ? 'not_found' : error instanceof VaultRefusal ? error.fault : undefined
    if (fault === undefined) log.error({ err: asError(error) }, 'The vault failed at a request.')
    if (response.headersSent) {
      response.destroy()
      return
    }
    response.writeHead(fault === undefined ? 500 : STATUS[fault], {
      connection: 'close',
      ...(fault === undefined ? {} : { [FAULT_HEADER]: fault }),
    })
    response.end()
  }

  const server = createServer({ maxHeaderSize: HEADERS_MAX_BYTES, keepAliveTimeout: IDLE_MS })
  return {
    async listen({ socketPath, secret }) {
      const gate = createGrantGate({ secret, clock })
      server.on('request', (request: IncomingMessage, response: ServerResponse) => {
        const given = request.headers[GRANT_HEADER]
        const grant = typeof given === 'string' ? gate(given) : undefined
        answer(grant, { request, response }).catch((error: unknown) => refuse(response, error))
      })
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      server.once('error', reject).listen(socketPath, resolve)
      await promise
      server.off('error', reject)
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
      await closed
      clearTimeout(cut)
      await Promise.all([group.flush(), notes.flush()])
      await hosts.close()
    },
  }
}
