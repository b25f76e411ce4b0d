import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

type Told = { readonly perSecond: number } | { readonly error: string }

const FLAGS = ['--disable-sigusr1'] // as bin/outcry starts the product

/** A script under `bench/src` in a process of its own. */
export async function startScript<Hello>(
  script: URL,
  argument: unknown,
): Promise<{ hello: Hello; process: ChildProcess }> {
  const path = fileURLToPath(script)
  const child = spawn(process.execPath, [...FLAGS, path, JSON.stringify(argument)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${path} ended with ${code}.`)
  })
  ended.catch(() => undefined) // it ends as it should, later
  const [hello]: Hello[] = await Promise.race([once(child, 'message'), ended])
  if (!hello) throw new Error(`${path} said nothing.`)
  return { hello, process: child }
}

/** Work that is measured in a process of its own, so that it warms or spoils the compiler for nobody else. */
export interface MeasuredProcess {
  /** Operations per second over about `ms`. */
  measure(ms: number): Promise<number>
  /** Lets it end, and waits until it has. */
  end(): Promise<void>
}

/** Starts a script that calls `answerMeasurements`. */
export async function startMeasured(script: URL, argument: unknown): Promise<MeasuredProcess> {
  const { process: child } = await startScript<{ ready: true }>(script, argument)
  return {
    async measure(ms) {
      child.send({ ms })
      const [told]: Told[] = await once(child, 'message')
      if (told && 'perSecond' in told) return told.perSecond
      throw new Error(told?.error ?? 'The measured process said nothing.')
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill()
      await once(child, 'exit')
    },
  }
}

/** In a measured process: runs `operation` in `inFlight` lanes for as long as it is asked to, as often as it is asked. */
export function answerMeasurements(inFlight: number, operation: (lane: number) => unknown): void {
  const measure = async (ms: number): Promise<Told> => {
    const fromMs = performance.now()
    let count = 0
    const run = async (lane: number) => {
      while (performance.now() - fromMs < ms) {
        await operation(lane)
        count++
      }
    }
    await Promise.all(Array.from({ length: inFlight }, (_, lane) => run(lane)))
    return { perSecond: (count * 1_000) / (performance.now() - fromMs) }
  }
  process.on('message', ({ ms }: { ms: number }) => {
    measure(ms).then(
      (told) => process.send?.(told),
      (error: unknown) => process.send?.({ error: String(error) }),
    )
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.({ ready: true })
}
