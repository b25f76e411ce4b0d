import { once } from 'node:events'
import { startScript } from '../harness/measured-process.ts'
import type { Kind, LoadFigures, Order, Told } from './load.ts'

/** A process of its own that asks, so that whoever measures beside it is not held up. */
export interface AskingProcess {
  /** What is asked from now on. */
  prepare(kinds: readonly Kind[]): Promise<void>
  load(order: Exclude<Order, { do: 'prepare' }>): Promise<LoadFigures>
  end(): Promise<void>
}

/** Starts one that asks the server at `url`. */
export async function startAsking(url: URL): Promise<AskingProcess> {
  const script = new URL('./ask.ts', import.meta.url)
  const { process: child } = await startScript<{ ready: true }>(script, { url: url.href })
  const tell = async (order: Order): Promise<Told> => {
    child.send(order)
    const [told]: Told[] = await once(child, 'message')
    if (told === undefined || 'error' in told)
      throw new Error(told?.error ?? 'The one who asks said nothing.')
    return told
  }
  return {
    async prepare(kinds) {
      await tell({ do: 'prepare', kinds })
    },
    async load(order) {
      const told = await tell(order)
      if ('kinds' in told) return told
      throw new Error('The one who asks did not tell what became of it.')
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill()
      await once(child, 'exit')
    },
  }
}
