import { expect, it } from 'vitest'
import { pastedPair } from './pasted-pair.ts'

const pair = { apiKey: 'PKFAKE1', secretKey: 'fake-secret-1' }

it.each([
  'PKFAKE1\nfake-secret-1',
  '  PKFAKE1 \r\n\r\n fake-secret-1\r\n',
  'PKFAKE1 fake-secret-1',
  'PKFAKE1\tfake-secret-1',
  'API Key ID: PKFAKE1\nSecret Key: fake-secret-1',
  'Secret key: fake-secret-1\nKey: PKFAKE1',
  'APCA_API_KEY_ID=PKFAKE1\nAPCA_API_SECRET_KEY=fake-secret-1',
  'export APCA_API_KEY_ID="PKFAKE1"\nexport APCA_API_SECRET_KEY="fake-secret-1"',
])('finds both in %j', (text) => {
  expect(pastedPair(text)).toEqual(pair)
})

it('keeps the signs that belong to a secret', () => {
  expect(pastedPair('PKFAKE1\na+b/c:d==')).toEqual({ apiKey: 'PKFAKE1', secretKey: 'a+b/c:d==' })
})

it.each([
  '',
  'PKFAKE1',
  'fake-secret-1\n',
  'one two three',
  'a\nb\nc',
  'schlüssel\nfake-secret-1',
  'x '.repeat(2_000),
])('leaves %j alone', (text) => {
  expect(pastedPair(text)).toBeUndefined()
})

it('R15: looks at hostile text in no more time than at any other', () => {
  const [spaces, ids] = [' '.repeat(200), 'ID'.repeat(200)]
  const line = `EXPORT ${spaces}${ids}I${spaces}\tID:KPYR ö`
  const before = performance.now()
  expect(pastedPair(`${line}\nfake-secret-1`)).toBeUndefined()
  expect(performance.now() - before).toBeLessThan(3_000)
})
