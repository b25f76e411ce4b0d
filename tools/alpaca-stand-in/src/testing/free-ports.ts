import { once } from 'node:events'
import { createServer } from 'node:net'

/** Two free ports in a row, below those that the system hands out to others; returns the first. */
export async function twoFreePorts(): Promise<number> {
  for (let port = 20_000 + ((process.pid * 2) % 10_000); ; port += 2) {
    if ((await isFree(port)) && (await isFree(port + 1))) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return true
  } catch {
    return false
  }
}
