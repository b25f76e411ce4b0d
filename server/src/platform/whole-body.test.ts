import { PassThrough, Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { wholeBody } from './whole-body.ts'

it('gives all bytes of a body, in one piece or several, or none', async () => {
  const pieces = ['a short ', 'answer'].map((text) => Buffer.from(text))
  expect(String(await wholeBody(Readable.from(pieces, { objectMode: false })))).toBe('a short answer')
  expect(await wholeBody(Readable.from([]))).toHaveLength(0)
})

it('fails for a body that breaks off, with and without an error', async () => {
  const failing = new PassThrough()
  const failed = wholeBody(failing)
  failing.write('a sh')
  failing.destroy(new Error('gone'))
  await expect(failed).rejects.toThrow('gone')
  const leaving = new PassThrough()
  const left = wholeBody(leaving)
  leaving.write('a sh')
  leaving.destroy()
  await expect(left).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
  await expect(wholeBody(leaving)).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
})
