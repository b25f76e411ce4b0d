import type { Asked } from '../http/in-flight.ts'
import type { OutcryInstance, OutcryServer } from '../http/outcry-server.ts'
import type { SeededMember } from '../http/seed-members.ts'

const KEY = { api_key: 'PKFAKEBENCH000000001', secret_key: 'fake-secret-of-the-benchmark' } as const
const PATH = '/v2/account'

/** The same request, to the broker itself and through the gateway. */
export interface GatewayUse {
  readonly direct: Asked
  readonly gateway: Asked
}

/** A way to ask a server as one member; throws unless it does what it is asked for. */
function createAsk(base: URL, token: string) {
  return async (path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(new URL(`/api/v1${path}`, base), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await answer.text()
    if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${text}`)
    return JSON.parse(text)
  }
}

const get = (path: string, headers: readonly string[]) =>
  Buffer.from(`${[`GET ${path} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n`)

/** Makes a personal access token of a member with which their keys may be used for reading. */
export async function brokerToken(server: OutcryServer, member: SeededMember): Promise<string> {
  const ask = createAsk(server.url, member.issue().access_token)
  const made = await ask('/auth/tokens', { name: 'benchmark', scopes: ['broker:read'] })
  return String(made.token)
}

/** A use of one stored key through the gateway, as bytes. */
export function gatewayRequest(host: string, token: string, credentialId: string): Buffer {
  return get(`/api/v1/gateway/${credentialId}${PATH}`, [`host: ${host}`, `authorization: Bearer ${token}`])
}

/** Stores a key of the first seeded member and makes a token for it. */
export async function openGateway(
  instance: OutcryInstance & { readonly seeded: readonly SeededMember[] },
  server: OutcryServer,
  brokerUrl: string,
): Promise<GatewayUse> {
  const [member] = instance.seeded
  if (!member) throw new Error('Nobody was seeded.')
  const ask = createAsk(server.url, member.issue().access_token)
  const account = await ask('/accounts', { account_name: 'Benchmark' })
  const stored = await ask('/credentials/store', {
    account_id: account.id,
    credential_type: 'alpaca_paper',
    ...KEY,
  })
  const broker = new URL(brokerUrl)
  const direct = get(PATH, [
    `host: ${broker.host}`,
    `apca-api-key-id: ${KEY.api_key}`,
    `apca-api-secret-key: ${KEY.secret_key}`,
  ])
  const { host } = instance.config.publicUrl
  const gateway = gatewayRequest(host, await brokerToken(server, member), String(stored.id))
  return {
    direct: { url: broker, next: () => direct },
    gateway: { url: server.url, next: () => gateway },
  }
}
