import { once } from 'node:events'
import { WebSocket } from 'ws'

export type Frame = { isBinary: boolean; message: unknown }

/** A reader of `/stream`. Frames wait in a queue until they are asked for. */
export async function openStream(url: string) {
  const socket = new WebSocket(url)
  const frames: Frame[] = []
  const asking: ((frame: Frame) => void)[] = []
  socket.on('message', (data, isBinary) => {
    const frame = { isBinary, message: JSON.parse(data.toString()) }
    const next = asking.shift()
    if (next) next(frame)
    else frames.push(frame)
  })
  await once(socket, 'open')
  const next = async (): Promise<Frame> =>
    frames.shift() ?? new Promise<Frame>((resolve) => void asking.push(resolve))
  const ask = async (message: unknown) => {
    socket.send(typeof message === 'string' ? message : JSON.stringify(message))
    return (await next()).message
  }
  return {
    next,
    ask,
    socket,
    closed: once(socket, 'close'),
    /** Frames that came and were not asked for. */
    waiting: frames,
    async join(key: string, secret = 'fake-secret-1') {
      await ask({ action: 'auth', key, secret })
      await ask({ action: 'listen', data: { streams: ['trade_updates'] } })
    },
    close: () => socket.terminate(),
  }
}
