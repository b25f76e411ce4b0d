import { startScript } from '../harness/measured-process.ts'
import type { StandInHello } from './stand-in-process.ts'

/** Starts the broker's double in a process of its own; `url` is where it takes paper keys. */
export async function startStandIn(): Promise<{ readonly url: string; stop(): void }> {
  const script = new URL('./stand-in-process.ts', import.meta.url)
  const { hello, process } = await startScript<StandInHello>(script, {})
  return { url: hello.url, stop: () => void process.kill() }
}
