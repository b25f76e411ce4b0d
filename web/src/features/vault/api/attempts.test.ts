import { expect, it } from 'vitest'
import { ApiProblem, ConnectionProblem } from '../../../lib/problem.ts'
import { createAttempts } from './attempts.ts'

const problem = (status: number, code: string) =>
  new ApiProblem(
    { type: `urn:outcry:problem:${code}`, title: '', status, detail: 'No.', instance: 'r-1', code },
    new Response(null, { status }),
  )

/** Sends the same values twice, of which the first try fails so; says whether both went under one name. */
async function keepsItsName(failure: Error, second: unknown = { key: 'a' }): Promise<boolean> {
  const attempt = createAttempts()
  const names: string[] = []
  const send = async (name: string) => {
    names.push(name)
    if (names.length === 1) throw failure
  }
  await expect(attempt({ key: 'a' }, send)).rejects.toBe(failure)
  await attempt(second, send)
  return names[0] === names[1]
}

it('sends the same again under the same name when no answer came', async () => {
  expect(await keepsItsName(new ConnectionProblem('gone'))).toBe(true)
})

it('keeps the name while the server asks for a proof, and while the first one is still under way', async () => {
  expect(await keepsItsName(problem(401, 'http.insufficient_user_authentication'))).toBe(true)
  expect(await keepsItsName(problem(409, 'http.idempotency_in_flight'))).toBe(true)
})

it('takes a new name after every other answer', async () => {
  expect(await keepsItsName(problem(422, 'vault.key_refused'))).toBe(false)
  expect(await keepsItsName(problem(503, 'vault.unavailable'))).toBe(false)
})

it('takes a new name for other values', async () => {
  expect(await keepsItsName(new ConnectionProblem('gone'), { key: 'b' })).toBe(false)
})

it('takes a new name after it was done', async () => {
  const attempt = createAttempts()
  const names = [await attempt(1, async (name) => name), await attempt(1, async (name) => name)]
  expect(new Set(names).size).toBe(2)
})
