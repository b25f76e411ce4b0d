import { once } from 'node:events'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { providersAt } from '../../../testing/broker-double.ts'
import { createTrial } from './trial.ts'

const at = (port: number) => ({ url: new URL(`http://127.0.0.1:${port}`) })
const providers = providersAt(at(1), at(2))
const pair = { apiKey: 'PKFAKE0123456789ABCD', secretKey: 'fake-secret-0123456789' }

it('leaves the other environment no more of its time than its own host has left', async () => {
  const asked: string[] = []
  const trial = createTrial({
    providers,
    probeMs: 20,
    hosts: {
      async send({ type }, { signal }) {
        asked.push(type)
        if (type === 'alpaca_paper' && !signal.aborted) await once(signal, 'abort')
        const statusCode = type === 'alpaca_paper' ? 401 : 200
        return { statusCode, headers: {}, body: Readable.from([Buffer.from('{"account_number":"A1"}')]) }
      },
    },
  })
  const [paper] = providers.filter(({ type }) => type === 'alpaca_paper')
  expect(paper && (await trial.judge(paper, pair))).toBe('rejected')
  expect(asked).toEqual(['alpaca_paper'])
})
