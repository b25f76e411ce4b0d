import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Environment } from '../environment.ts'
import type { World } from '../world.ts'
import { type Answer, withUnknownFields } from './answer.ts'
import { deliver } from './deliver.ts'
import { DELIVERY_FAULTS, type Fault, faultAnswer } from './faults.ts'
import { digestOf } from './keys.ts'
import { factsOf } from './request-log.ts'
import { matchRoute } from './routes.ts'
import { refusals, VendorError } from './vendor-error.ts'

type Request = { method: string; url: URL; headers: IncomingMessage['headers']; body: string }

/** Answers one call of the trading API, with the fault that is switched on for it. */
export async function handleCall(
  { environment, world }: { environment: Environment; world: World },
  request: Request,
  response: ServerResponse,
): Promise<void> {
  const { method, url } = request
  const { route } = matchRoute(method, url.pathname)
  const facts = factsOf(request)
  const entry = world.log.begin({ ...facts, environment: environment.name, method })
  const { keyFingerprint } = facts
  const fault = world.faults.take({ environment: environment.name, method, route, keyFingerprint })
  const answer = answerWith(fault, () => answerCall(environment, world, request), world.market.clock.nowMs())
  if (answer === undefined) {
    if (fault?.kind === 'reset') response.socket?.resetAndDestroy()
    entry.end(fault?.kind === 'reset' ? 'reset' : 'never_answered', fault?.kind)
    return
  }
  const isChanged = world.market.settings.areUnknownFieldsAdded && answer.json !== undefined
  const sent = isChanged ? { ...answer, json: withUnknownFields(answer.json) } : answer
  const delivered = deliver(response, sent, fault)
  entry.end(answer.status, fault?.kind)
  await delivered
}

/** The route's answer; or the fault's, before or after the route did its work. */
export function answerWith(
  fault: Fault | undefined,
  answer: () => Answer,
  nowMs: number,
): Answer | undefined {
  if (fault === undefined || DELIVERY_FAULTS.some((kind) => kind === fault.kind)) return answer()
  if (fault.takesEffect) answer()
  return faultAnswer(fault, nowMs)
}

function answerCall(environment: Environment, world: World, { method, url, headers, body }: Request): Answer {
  const keyId = headers['apca-api-key-id']
  const secret = headers['apca-api-secret-key']
  if (!keyId || !secret) return refusals.headersMissing().answer
  if (!environment.keys.accepts(String(keyId), String(secret))) return refusals.unauthorized().answer
  const { market } = world
  const limit = environment.rateLimit.take(digestOf(String(keyId)), market.settings.requestsPerMinute)
  const answer = limit.refusal?.answer ?? routeCall()
  return { ...answer, headers: { ...answer.headers, ...limit.headers } }

  function routeCall(): Answer {
    const { id, handler } = matchRoute(method, url.pathname)
    if (!handler) return refusals.notFound('endpoint').answer
    const account = environment.accountOf(String(keyId))
    try {
      account.trading.settle()
      return handler({ account, market, query: url.searchParams, body, id })
    } catch (error) {
      if (error instanceof VendorError) return error.answer
      throw error
    }
  }
}
