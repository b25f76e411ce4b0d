import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { CommandInstance } from '../run-command.ts'

const BIN = fileURLToPath(new URL('../../../../bin/outcry', import.meta.url))
const ADDRESS = /\(listening on (http:\/\/[^)]+)\)/

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

/** The real server in a process of its own. */
export interface ServerProcess {
  readonly pid: number
  /** Where it listens. Rejects when it ends before it does. */
  readonly ready: Promise<{ readonly url: string; readonly afterMs: number }>
  /** Settles when it has said something, or ended. */
  readonly spoke: Promise<void>
  readonly ended: Promise<Ending>
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ending>
}

/** Starts `outcry serve` on an instance; it is killed when the test ends. */
export function startServer(
  { folder, env }: Pick<CommandInstance, 'folder' | 'env'>,
  further: Readonly<Record<string, string>> = {},
): ServerProcess {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('OUTCRY_'))
  const startedAt = performance.now()
  const child = spawn(BIN, ['serve'], {
    cwd: folder,
    env: { ...Object.fromEntries(kept), ...env, ...further },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const { ended, ready, spoke } = follow(child, startedAt)
  ready.catch(() => undefined) // a test that kills early does not ask for it
  return {
    pid: child.pid ?? 0,
    ready,
    spoke,
    ended,
    end(signal) {
      child.kill(signal)
      return ended
    },
  }
}

function follow(child: ChildProcess, startedAt: number): Pick<ServerProcess, 'ready' | 'spoke' | 'ended'> {
  let [out, err] = ['', '']
  const ready = Promise.withResolvers<{ url: string; afterMs: number }>()
  const spoke = Promise.withResolvers<void>()
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text
    spoke.resolve()
    const url = ADDRESS.exec(out)?.[1]
    if (url) ready.resolve({ url, afterMs: performance.now() - startedAt })
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (code, signal) => {
      ready.reject(new Error(`The server ended with ${code ?? signal} before it was ready: ${err}`))
      spoke.resolve()
      resolve({ code, signal, out, err })
    })
  })
  return { ready: ready.promise, spoke: spoke.promise, ended }
}
