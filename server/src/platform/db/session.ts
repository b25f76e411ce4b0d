import type { Args, Encoded, Statement } from './query/compile.ts'
import type { Target } from './query/portable-transformer.ts'
import { uuidType } from './schema/scalar-types.ts'

/** Runs compiled statements that only read. */
export interface ReadSession {
  readonly target: Target
  all(statement: Statement, values: Encoded[]): Promise<unknown[]>
  first(statement: Statement, values: Encoded[]): Promise<unknown>
}

/** Runs compiled statements inside an open transaction. */
export interface WriteSession extends ReadSession {
  /** Returns how many rows the statement changed. */
  run(statement: Statement, values: Encoded[]): Promise<number>
  /** The same for who does not count. */
  execute(statement: Statement, values: Encoded[]): Promise<void>
}

/** The doors behind `Db` and `Tx`; only this folder opens them. */
export const READ: unique symbol = Symbol('read')
export const WRITE: unique symbol = Symbol('write')

/** Anything that can be read from: a `Db`, a `Tx`, or a `Db` seen as one member. */
export interface Queryable {
  readonly [READ]: ReadSession
}

/** An open transaction. The only thing that writes. */
export interface Tx extends Queryable {
  readonly [WRITE]: WriteSession
  /** Runs `work` in a savepoint: when it throws, what it wrote is undone and the transaction goes on. */
  savepoint<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Reads within this transaction as one member, whose rows alone those statements see, and then goes on as before. */
  asMember(userId: string): Queryable
  /**
   * Says that no statement follows those that were sent, whose answers these are: COMMIT need not wait for them. When one
   * of them is refused, nothing is committed; a mere answer, such as how many rows were changed, comes too late to stop it.
   * Gives the answers back.
   */
  last<T>(answers: Promise<T>): Promise<T>
  /** Calls `react` once the outermost transaction has committed, never otherwise. It must not throw. */
  afterCommit(react: () => void): void
}

/** Whose rows a transaction may see, on engines that hold row security. */
export type RowContext =
  | { readonly kind: 'nobody' | 'system' }
  | { readonly kind: 'member'; readonly userId: string }

/** Throws `InvalidValueError` for anything but a UUID, which the policies could not compare. */
export function memberContext(userId: string): RowContext {
  return { kind: 'member', userId: uuidType.check(userId) }
}

/**
 * The database. It reads; it does not write: writes take the `Tx` that `transaction`, `withMember` or `withSystem` give.
 * A plain `Db` reads as nobody and sees no private row on PostgreSQL.
 */
export interface Db extends Queryable {
  readonly dialect: 'sqlite' | 'postgres'
  /**
   * Runs `work` in one transaction with nobody's rows; commits when it resolves, rolls back when it throws. `work` must
   * await nothing but the database. Throws `TransactionUseError` inside another transaction: nest with `tx.savepoint`.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** The same, seeing and writing the private rows of one member. */
  withMember<T>(userId: string, work: (tx: Tx) => Promise<T>): Promise<T>
  /** The same for work that belongs to no member (sign-in, jobs, operators): every row. */
  withSystem<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Reads as one member, each statement on its own. */
  asMember(userId: string): Queryable
  /** Reads as the system, each statement on its own. */
  asSystem(): Queryable
  /**
   * Overwrites what was deleted or replaced: SQLite does in its file and in its log, and says false when somebody who reads
   * right then keeps it from it. PostgreSQL does so by itself, with VACUUM, and at a time of its own.
   */
  overwriteDeleted(): Promise<boolean>
  /** Answers once the database takes statements; throws `DatabaseUnavailableError` otherwise. */
  ping(): Promise<void>
  /** Waits for open transactions, then lets go of the database. */
  close(): Promise<void>
}

export type { Args }
