import { type Static, Type } from 'typebox'
import { decimal, ZERO } from '../market/decimal.ts'
import type { Answer } from './answer.ts'
import { ENVIRONMENTS, type EnvironmentName, fingerprintOf } from './keys.ts'
import { limitHeaders } from './rate-limit.ts'
import { refusals } from './vendor-error.ts'

/** Faults that spoil how an answer arrives; all others take the place of the answer. */
export const DELIVERY_FAULTS = ['latency', 'truncated', 'cut', 'drip'] as const

const KINDS = [
  ...DELIVERY_FAULTS,
  ...(['timeout', 'reset', 'unauthorized', 'headers_missing', 'buying_power', 'quantity'] as const),
  ...(['suspended', 'not_found', 'unprocessable', 'rate_limited', 'server_error', 'html'] as const),
  ...(['answer'] as const),
] as const

/** A fault as it is ordered. Without environment, method, route or key it hits every call. */
export const FaultOrder = Type.Object(
  {
    kind: Type.Enum(KINDS),
    environment: Type.Optional(Type.Enum(ENVIRONMENTS)),
    method: Type.Optional(Type.String()),
    /** As the routes are written: `/v2/orders/{id}`, or `/stream`. */
    route: Type.Optional(Type.String()),
    keyId: Type.Optional(Type.String()),
    /** How many calls it hits; all of them when absent. */
    times: Type.Optional(Type.Integer({ minimum: 1 })),
    /** The call is carried out first and only its answer is lost. */
    takesEffect: Type.Optional(Type.Boolean()),
    /** For `latency`, and between the bytes of `drip`. */
    delayMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 600_000 })),
    /** For `answer`: exactly this goes out. */
    answer: Type.Optional(
      Type.Object({
        status: Type.Integer({ minimum: 200, maximum: 599 }),
        headers: Type.Optional(Type.Record(Type.String(), Type.String())),
        type: Type.Optional(Type.String()),
        body: Type.Optional(Type.String()),
      }),
    ),
  },
  { additionalProperties: false },
)
export type FaultOrder = Static<typeof FaultOrder>

export type Fault = Omit<FaultOrder, 'keyId'> & { id: number; keyFingerprint: string | null }

export type Target = {
  environment: EnvironmentName
  method: string
  route: string
  keyFingerprint: string | null
}

/** The faults that are switched on, in the order in which they were. */
export type Faults = {
  add(order: FaultOrder): Fault
  list(): readonly Fault[]
  clear(): void
  /** The first fault that hits this call; one of its times is used up. */
  take(target: Target): Fault | undefined
}

export function createFaults(): Faults {
  let faults: Fault[] = []
  let count = 0
  return {
    add({ keyId, ...order }) {
      count += 1
      const fault = { ...order, id: count, keyFingerprint: keyId === undefined ? null : fingerprintOf(keyId) }
      faults.push(fault)
      return fault
    },
    list: () => faults,
    clear() {
      faults = []
    },
    take(target) {
      const fault = faults.find((one) => hits(one, target))
      if (fault?.times !== undefined) {
        fault.times -= 1
        faults = faults.filter((one) => one.times !== 0)
      }
      return fault
    },
  }
}

/** What goes out in the place of an answer; nothing for `timeout` and `reset`. */
export function faultAnswer(fault: Fault, nowMs: number): Answer | undefined {
  const short = {
    symbol: 'AAPL',
    asked: decimal('1'),
    available: ZERO,
    existing: ZERO,
    held: ZERO,
    orderIds: [],
  }
  switch (fault.kind) {
    case 'unauthorized':
      return refusals.unauthorized().answer
    case 'headers_missing':
      return refusals.headersMissing().answer
    case 'buying_power':
      return refusals.buyingPower(ZERO, decimal('100')).answer
    case 'quantity':
      return refusals.quantity(short).answer
    case 'suspended':
      return refusals.suspended().answer
    case 'not_found':
      return refusals.notFound('resource').answer
    case 'unprocessable':
      return refusals.badInput('invalid request').answer
    case 'rate_limited':
      return {
        ...refusals.tooMany().answer,
        headers: limitHeaders({ limit: 200, remaining: 0, resetMs: nowMs + 60_000 }),
      }
    case 'server_error':
      return { status: 500, json: { code: 50010000, message: 'internal server error occurred' } }
    case 'html':
      return { status: 502, text: { type: 'text/html', body: GATEWAY_PAGE } }
    case 'answer':
      return ownAnswer(fault)
    default:
      return undefined
  }
}

const GATEWAY_PAGE =
  '<html>\n<head><title>502 Bad Gateway</title></head>\n<body><center><h1>502 Bad Gateway</h1></center></body>\n</html>\n'

function ownAnswer({ answer }: Fault): Answer {
  const { status, headers = {}, type = 'application/json', body = '' } = answer ?? { status: 500 }
  return { status, headers, text: { type, body } }
}

function hits(fault: Fault, target: Target): boolean {
  return (
    (fault.environment ?? target.environment) === target.environment &&
    (fault.method ?? target.method) === target.method &&
    (fault.route ?? target.route) === target.route &&
    (fault.keyFingerprint ?? target.keyFingerprint) === target.keyFingerprint
  )
}
