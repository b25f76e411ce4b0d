/** Reads the values of keys, each key once; whoever has none is absent. */
export type LoadMany<V> = (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>

/**
 * Gives `loadMany` what is asked for in one turn of the event loop, `most` keys at a time, so that requests that come together
 * are one statement. Each reads what is there after it was asked; when a batch fails, all that are in it do.
 */
export function createBatchLoader<V>(
  loadMany: LoadMany<V>,
  most: number,
): (key: string) => Promise<V | undefined> {
  let batch: { readonly keys: Set<string>; readonly loaded: Promise<ReadonlyMap<string, V>> } | undefined
  const open = () => {
    const keys = new Set<string>()
    const { promise: loaded, resolve } = Promise.withResolvers<ReadonlyMap<string, V>>()
    const opened = { keys, loaded }
    setImmediate(() => {
      if (batch === opened) batch = undefined
      resolve(Promise.try(loadMany, [...keys]))
    })
    return opened
  }
  return async (key) => {
    if (batch === undefined || batch.keys.size >= most) batch = open()
    batch.keys.add(key)
    return (await batch.loaded).get(key)
  }
}
