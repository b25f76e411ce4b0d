import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStandIn } from '../../alpaca-stand-in/src/index.ts'
import { startDemoServer } from './demo-server.ts'
import { adminName, mainPerson } from './people.ts'
import { seedCommunity } from './seed-community.ts'

export interface DemoOptions {
  readonly port: number
  /** Gets what the server has to complain about. */
  readonly relay: (line: string) => void
}

/** A community with a broker's stand-in that lasts until it is stopped. */
export interface Demo {
  readonly url: string
  readonly folder: string
  readonly username: string
  readonly adminName: string
  /** Everybody's. */
  readonly password: string
  /** Settles when the server has ended by itself. */
  readonly ended: Promise<void>
  /** Ends everything and deletes the folder. */
  stop(): Promise<void>
}

/**
 * Starts the server and the stand-in on a folder of their own and fills them. Nothing that is set or stored elsewhere is
 * touched, nothing reaches a broker, and nothing is left after `stop`. Throws `DemoError` with a plain sentence; then
 * nothing is left either.
 */
export async function startDemo({ port, relay }: DemoOptions): Promise<Demo> {
  const endings: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (let end = endings.pop(); end; end = endings.pop()) await end()
  }
  try {
    const folder = await mkdtemp(join(tmpdir(), 'outcry-demo-'))
    endings.push(() => rm(folder, { recursive: true, force: true }))
    const broker = await startStandIn({ seed: 'demo', now: new Date(), isRunning: true })
    endings.push(() => broker.dispose())
    const settings = {
      OUTCRY_DEMO: 'on',
      OUTCRY_SITE_NAME: 'Outcry (demo)',
      OUTCRY_PORT: String(port),
      OUTCRY_DATA_DIR: join(folder, 'data'),
      OUTCRY_ALPACA_PAPER_URL: broker.paper.url,
      OUTCRY_ALPACA_LIVE_URL: broker.live.url,
      OUTCRY_RATE_LIMITS: 'off', // a dozen people join from one address
      OUTCRY_LOG_LEVEL: 'error',
    }
    const server = await startDemoServer({ settings, folder, relay })
    endings.push(() => server.stop())
    const url = `http://localhost:${port}`
    const password = `nothing here is real ${randomInt(1_000, 10_000)}`
    await seedCommunity({ url, setupToken: server.setupToken, password })
    return { url, folder, username: mainPerson.username, adminName, password, ended: server.ended, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
