import type { DatabaseLocation } from '../db/index.ts'
import { connectPostgresSignals } from './postgres-signals.ts'
import { watchSqliteFile } from './sqlite-signals.ts'

/**
 * Short notes between the processes of one instance: "something about this id has changed". A note can be lost, with a
 * crash or a broken connection, and says nothing but an id: whoever acts on notes must also bound how long it trusts
 * what it remembers.
 */
export interface Signals {
  /**
   * Whether what was heard so far is all there is to hear; ask before trusting anything remembered. On PostgreSQL notes
   * arrive by themselves and this says whether the connection stands. On SQLite, where a command line may write beside
   * the server, asking looks for commits and tells of them as a gap.
   */
  readonly isLive: boolean
  /** Tells every process, this one at once. Call it after the commit: `tx.afterCommit(() => signals.publish(…))`. */
  publish(topic: string, id: string): void
  /** Calls `react` with each id of a topic, and with `undefined` when notes may have been missed. */
  subscribe(topic: string, react: (id: string | undefined) => void): void
  close(): Promise<void>
}

/** How the processes of one database hear of each other. */
export interface Remote {
  isLive(): boolean
  send(topic: string, id: string): void
  close(): Promise<void>
}

/** Connects to the notes of the database's other processes. */
export function createSignals(location: DatabaseLocation): Signals {
  const reactions = new Map<string, ((id: string | undefined) => void)[]>()
  const emit = (topic: string, id: string | undefined) => {
    for (const react of reactions.get(topic) ?? []) react(id)
  }
  const onGap = () => {
    for (const topic of reactions.keys()) emit(topic, undefined)
  }
  const remote =
    location.kind === 'postgres'
      ? connectPostgresSignals(location.url, { emit, onGap })
      : watchSqliteFile(location.path, onGap)
  return {
    get isLive() {
      return remote.isLive()
    },
    publish(topic, id) {
      emit(topic, id)
      remote.send(topic, id)
    },
    subscribe(topic, react) {
      reactions.set(topic, [...(reactions.get(topic) ?? []), react])
    },
    close: () => remote.close(),
  }
}
