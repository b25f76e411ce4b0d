/** Work in the background: of one name one piece after the other, of different names side by side. */
export interface Lines {
  /** Does this once all before it of that name is done; not at all where too much waits already: `onFailed` is told. */
  add(name: string, work: () => Promise<void>): void
  /** Whether anything of that name is under way. */
  has(name: string): boolean
  /** Waits until all that was added so far is done. */
  idle(): Promise<void>
}

interface LinesParts {
  /** How many pieces of one name may wait or run. */
  readonly lengthMax: number
  /** Told of each piece that failed or was not taken. */
  readonly onFailed: (error: unknown) => void
  /** Told when nothing of a name is under way any more. */
  readonly onDone: () => void
}

/** Nothing is under way. */
export function createLines({ lengthMax, onFailed, onDone }: LinesParts): Lines {
  const lines = new Map<string, { length: number; last: Promise<void> }>()
  return {
    add(name, work) {
      const line = lines.get(name) ?? { length: 0, last: Promise.resolve() }
      if (line.length >= lengthMax) return onFailed(new Error('Too much of this waits already.'))
      lines.set(name, line)
      line.length++
      line.last = line.last
        .then(work)
        .catch(onFailed)
        .then(() => {
          line.length--
          if (line.length > 0) return
          lines.delete(name)
          onDone()
        })
    },
    has: (name) => lines.has(name),
    async idle() {
      await Promise.all([...lines.values()].map(({ last }) => last))
    },
  }
}
