import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { DemoError } from './demo-error.ts'

const OUTCRY = fileURLToPath(new URL('../../../bin/outcry', import.meta.url))
const SETUP_LINK = /\/setup#token=([\w-]{43})/
const STOP_MS = 10_000

/**
 * Runs the server until it ends or standard input does, which is when the demo ends, even by `kill -9`. Then nothing is left
 * of it, nor of its folder. Takes the program and the folder.
 */
const GUARDED = `
  exec 3<&0
  "$1" serve 3<&- </dev/null &
  server=$!
  { cat <&3; kill -TERM "$server"; } >/dev/null 2>&1 &
  guard=$!
  wait "$server"
  kill "$guard" 2>/dev/null
  rm -rf "$2"
`

/** The real program, serving a folder of the demo's own. */
export interface DemoServer {
  /** Makes the first administrator. */
  readonly setupToken: string
  /** Settles when the server has ended, by itself or because it was told to. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

export interface DemoServerOptions {
  /** Settings, by name; nothing that is set outside reaches the demo. */
  readonly settings: Readonly<Record<string, string>>
  readonly folder: string
  /** Gets the server's log, and what it complains about once it has started. */
  readonly relay: (line: string) => void
}

/** Starts `outcry serve`. Throws `DemoError` with what the server says when it cannot start. */
export async function startDemoServer({ settings, folder, relay }: DemoServerOptions): Promise<DemoServer> {
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith('OUTCRY_'))
  // Note: detached, so that Ctrl-C reaches the demo alone, which then ends things in their order.
  const child = spawn('sh', ['-c', GUARDED, 'demo', OUTCRY, folder], {
    cwd: folder,
    env: { ...Object.fromEntries(outside), ...settings },
    stdio: 'pipe',
    detached: true,
  })
  child.stdin.on('error', () => undefined) // it has ended already
  const started = Promise.withResolvers<string>()
  const complaints: string[] = []
  let isStarted = false
  createInterface({ input: child.stdout }).on('line', (line) => {
    const isLogged = line.startsWith('{') // the rest greets whoever runs a server, not a demo
    if (isLogged) relay(line)
    const token = isLogged ? undefined : SETUP_LINK.exec(line)?.[1]
    if (token === undefined) return
    isStarted = true
    started.resolve(token)
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (isStarted) relay(line)
    else complaints.push(line)
  })
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      started.reject(new DemoError(complaints.join('\n') || 'The server did not start.'))
      resolve()
    }
    child.once('error', end)
    child.once('close', end)
  })
  return {
    setupToken: await started.promise,
    ended,
    async stop() {
      child.stdin.end()
      const kill = setTimeout(() => child.pid && process.kill(-child.pid, 'SIGKILL'), STOP_MS)
      await ended
      clearTimeout(kill)
    },
  }
}
