import { expect, it } from 'vitest'
import { whyItFailed } from './why-it-failed.ts'

it.each([
  ['Error ECONNREFUSED: connect ECONNREFUSED 10.0.0.7:25', 'The other side refused the connection.'],
  [
    'Error EAUTH: Invalid login for mailer:hunter2',
    'The mail server did not let us in; check its user and password.',
  ],
  ['Error EENVELOPE', 'The mail server did not take the address.'],
  ['PermanentJobError: never', 'It cannot be done, and trying again did not help.'],
  ['TypeError: x is not a function', 'It failed unexpectedly (TypeError); the log of that time says more.'],
  ['Error 23505: duplicate key', 'It failed unexpectedly; the log of that time says more.'],
  ['Error EODD: odd', 'It failed unexpectedly (EODD); the log of that time says more.'],
  ['Something that is not an error was thrown.', 'It failed unexpectedly; the log of that time says more.'],
  [null, 'It failed unexpectedly; the log of that time says more.'],
])('says of %j: %s', (kept, said) => {
  expect(whyItFailed(kept)).toBe(said)
})

it('never repeats a message', () => {
  const secret = 'fake-secret-0123'
  for (const kept of [
    secret,
    `Error: ${secret}`,
    `${secret}: x`,
    `Error ${secret}`,
    `E: ${secret}`,
    `Error\n${secret}`,
  ])
    expect(whyItFailed(kept)).not.toContain(secret)
})
