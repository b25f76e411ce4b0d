import type { ServerResponse } from 'node:http'
import { type Answer, encode } from './answer.ts'
import type { Fault } from './faults.ts'

/** Sends an answer, spoiled by a fault of delivery when there is one. Returns when it has been handed over. */
export async function deliver(response: ServerResponse, answer: Answer, fault?: Fault): Promise<void> {
  const { type, body } = encode(answer)
  const kind = fault?.kind
  const sent = kind === 'truncated' ? body.subarray(0, Math.floor(body.length / 2)) : body
  if (kind === 'latency') await pause(fault?.delayMs ?? 1_000)
  response.writeHead(answer.status, {
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(answer.status === 204 ? {} : { 'content-length': sent.length }),
    ...answer.headers,
  })
  if (kind === 'cut') response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy())
  else if (kind === 'drip') await drip(response, body, fault?.delayMs ?? 100)
  else response.end(sent)
}

async function drip(response: ServerResponse, body: Buffer, delayMs: number): Promise<void> {
  for (const byte of body) {
    if (response.destroyed) return
    response.write(Buffer.of(byte))
    await pause(delayMs)
  }
  response.end()
}

/** In the machine's time: the stand-in's own clock may stand still. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref())
}
