import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { statusOf } from '../src/platform/http/testing/raw-request.ts'
import { startServer } from '../src/testing/crash/server-process.ts'
import { openRowReader } from '../src/testing/fuzz/row-snapshot.ts'
import { forgetPeak, peakMegabytes, residentMegabytes } from '../src/testing/resident-memory.ts'
import { commandInstance } from '../src/testing/run-command.ts'

const MEBIBYTE = 1_024 * 1_024
const AT_ONCE = 64
const ROUNDS = 4
const MOST_SENT = 64 * MEBIBYTE // of one body to a server that reads on
const GROWTH_MIB = 32 // R14

const head = (...lines: readonly string[]) =>
  [
    'POST /api/v1/auth/register HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    ...lines,
    '\r\n',
  ].join('\r\n')

const PIECE = Buffer.alloc(128 * 1_024, '[') // more than a body may have
const ANNOUNCED = { head: head('Content-Length: 10000000000'), piece: PIECE }
const ENDLESS = {
  head: head('Transfer-Encoding: chunked'),
  piece: Buffer.from(`${PIECE.length.toString(16)}\r\n${PIECE}\r\n`),
}

/** Sends a piece of a body, and when there is an answer more and more of it until the server has closed. */
async function pour(url: string, { head, piece }: typeof ANNOUNCED): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname).on('error', () => undefined)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  let answer = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text
  })
  socket.write(head)
  socket.write(piece)
  await Promise.race([once(socket, 'data').catch(() => undefined), closed])
  let sent = piece.length
  for (; !socket.destroyed && sent < MOST_SENT; sent += piece.length) {
    const isTaken = socket.write(piece) || new Promise((resolve) => socket.once('drain', resolve))
    await Promise.race([isTaken, closed])
    await nextTurn()
  }
  socket.destroy()
  return `${statusOf(answer)} ${sent < MOST_SENT ? 'and closed' : 'and read on'}`
}

const BOMB = gzipSync(Buffer.alloc(40 * MEBIBYTE)) // 256 of them are 10 GB

async function bomb(url: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: BOMB,
  })
  await response.text()
  return `${response.status}`
}

/** What they were answered, without those whom a busy server turned away. */
async function manyAtOnce(send: () => Promise<string>): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, send))
  return [...new Set(answers)].filter((answer) => !answer.startsWith('503'))
}

describe.each(['sqlite', 'postgres'] as const)('a server on %s', (dialect) => {
  it.runIf(process.platform === 'linux')(
    'R14: refuses bodies of 10 GB, without end and that unpack to 10 GB early, in 32 MiB of memory',
    async () => {
      const instance = await commandInstance(dialect)
      const server = startServer(instance, { OUTCRY_RATE_LIMITS: 'off' })
      const { url } = await server.ready
      const register = async (username: string) => {
        const body = { username, email: `${username}@example.test`, password: 'correct horse battery staple' }
        const response = await fetch(`${url}/api/v1/auth/register`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
        await response.text()
        return `${response.status}`
      }
      expect(await register('before')).toBe('201')
      for (let i = 0; i < ROUNDS; i++) expect(await manyAtOnce(() => register('-'))).toEqual(['422'])

      const before = await residentMegabytes(server.pid)
      await forgetPeak(server.pid)
      for (let i = 0; i < ROUNDS; i++) {
        for (const body of [ANNOUNCED, ENDLESS]) {
          expect(await manyAtOnce(() => pour(url, body))).toEqual(['413 and closed'])
        }
        expect(await manyAtOnce(() => bomb(url))).toEqual(['415'])
      }
      expect((await peakMegabytes(server.pid)) - before).toBeLessThanOrEqual(GROWTH_MIB)

      expect(await register('after')).toBe('201')
      await using rows = await openRowReader(instance)
      const members = await rows.rows('select username from users order by username')
      expect(members.map(({ username }) => username)).toEqual(['after', 'before'])
    },
  )
})
