import { type Answer, EMPTY, ok } from '../http/answer.ts'
import { VendorError } from '../http/vendor-error.ts'
import type { World } from '../world.ts'
import { CommandError } from './command.ts'
import type { Controls } from './controls.ts'

/** Where the controls are, on the port of either environment. */
export const CONTROL_PATH = '/_stand-in/'

type Request = { method: string; url: URL; body: string }

/** Answers what is not the vendor's: the log, the state, and `POST /_stand-in/COMMAND` with its input as JSON. */
export function answerControl(
  { world, controls }: { world: World; controls: Controls },
  { method, url, body }: Request,
): Answer {
  const name = url.pathname.slice(CONTROL_PATH.length)
  if (method === 'GET') return answerRead(name, { world, controls })
  const command = Object.entries(controls).find(([known]) => known === name)?.[1]
  if (method !== 'POST' || !command) return problem(404, `There is no ${method} ${CONTROL_PATH}${name}.`)
  try {
    const result = command.fromJson(body === '' ? {} : JSON.parse(body))
    return result === undefined ? EMPTY : ok(result)
  } catch (error) {
    const isKnown =
      error instanceof CommandError || error instanceof RangeError || error instanceof VendorError
    if (error instanceof SyntaxError) return problem(400, 'The body is not JSON.')
    if (isKnown) return problem(400, error.message)
    throw error
  }
}

function answerRead(name: string, { world, controls }: { world: World; controls: Controls }): Answer {
  const { market, faults, log } = world
  if (name === 'log') return ok(log.entries())
  if (name === 'faults') return ok(faults.list())
  if (name === 'state') {
    const now = new Date(market.clock.nowMs()).toISOString()
    return ok({ seed: market.seed, now, isRunning: market.clock.isRunning, settings: market.settings })
  }
  if (name !== '') return problem(404, `There is no GET ${CONTROL_PATH}${name}.`)
  const commands = Object.entries(controls).map(([command, { schema }]) => [command, schema])
  return ok({ GET: ['log', 'faults', 'state'], POST: Object.fromEntries(commands) })
}

function problem(status: number, message: string): Answer {
  return { status, json: { message } }
}
