import {
  type Compilable,
  DummyDriver,
  Kysely,
  type OperationNode,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import type { KyselyTable } from '../schema/column.ts'
import type { AnyTable } from '../schema/table.ts'
import { type Queryable, READ, type Tx, WRITE } from '../session.ts'
import { type Args, compileStatement, type Statement } from './compile.ts'
import { paramsOf } from './param.ts'
import type { Target } from './portable-transformer.ts'
import type { Registry } from './scope.ts'
import { selectOnly } from './select-only.ts'

interface Buildable<O> extends Compilable<O> {
  toOperationNode(): OperationNode
}

/** A statement compiled once per target, at its first run. */
class Prepared {
  readonly #build: () => OperationNode
  readonly #registry: Registry
  readonly #compiled: { target: Target; statement: Statement }[] = []

  constructor(build: () => OperationNode, registry: Registry) {
    this.#build = build
    this.#registry = registry
  }

  for(target: Target): Statement {
    for (const entry of this.#compiled) if (entry.target === target) return entry.statement
    const known = this.#compiled.find(
      (entry) =>
        entry.target.dialect === target.dialect && entry.target.ownerPredicates === target.ownerPredicates,
    )
    const statement = known?.statement ?? compileStatement(this.#build(), this.#registry, target)
    if (this.#compiled.length > 16) this.#compiled.length = 0
    this.#compiled.push({ target, statement })
    return statement
  }

  /** The statement's SQL on one engine, for tests and for review. */
  sqlFor(target: Target): string {
    return this.for(target).sql
  }
}

/**
 * Calls `run` and turns what it throws at once into a rejection. Not `async`: the promise that comes out is the very one
 * that the session gave, by which a transaction knows that its work is one statement, and none is made in between.
 */
function promised<T>(run: () => Promise<unknown>): Promise<T> {
  try {
    return run() as Promise<T>
  } catch (error) {
    return Promise.reject(error)
  }
}

/** A prepared SELECT. `P` are its arguments, `R` is its row. */
export class Read<P, R> extends Prepared {
  /** Every row. */
  all(db: Queryable, args: P): Promise<R[]> {
    return promised(() => {
      const session = db[READ]
      const statement = this.for(session.target)
      return session.all(statement, statement.encode(args as Args))
    })
  }

  /** The first row, or `undefined`. */
  first(db: Queryable, args: P): Promise<R | undefined> {
    return promised(() => {
      const session = db[READ]
      const statement = this.for(session.target)
      return session.first(statement, statement.encode(args as Args))
    })
  }
}

/** A prepared INSERT, UPDATE or DELETE. `P` are its arguments, `R` is what its RETURNING gives. */
export class Write<P, R> extends Prepared {
  /** Runs it and says how many rows it changed. */
  run(tx: Tx, args: P): Promise<number> {
    return promised(() => {
      const session = tx[WRITE]
      const statement = this.for(session.target)
      return session.run(statement, statement.encode(args as Args))
    })
  }

  /** Runs it. A transaction whose work returns this very promise, or that of `run`, takes one round trip. */
  execute(tx: Tx, args: P): Promise<void> {
    return promised(() => {
      const session = tx[WRITE]
      const statement = this.for(session.target)
      return session.execute(statement, statement.encode(args as Args))
    })
  }

  /** Every returned row. */
  all(tx: Tx, args: P): Promise<R[]> {
    return promised(() => {
      const session = tx[WRITE]
      const statement = this.for(session.target)
      return session.all(statement, statement.encode(args as Args))
    })
  }

  /** The first returned row, or `undefined` when nothing was written. */
  first(tx: Tx, args: P): Promise<R | undefined> {
    return promised(() => {
      const session = tx[WRITE]
      const statement = this.for(session.target)
      return session.first(statement, statement.encode(args as Args))
    })
  }
}

type SchemaOf<T extends readonly AnyTable[]> = { [K in T[number] as K['name']]: KyselyTable<K['columns']> }

/** What a store builds its statements with; see `createSql`. */
export interface Sql<DB> {
  /** Kysely, for building only: it has no connection. */
  readonly from: Kysely<DB>['selectFrom']
  readonly builder: Kysely<DB>
  /** The same builder for code that walks declarations and knows tables by name only. */
  readonly untyped: Kysely<Record<string, Record<string, unknown>>>
  readonly registry: Registry
  /** A SELECT prepared once; anything that writes is refused. Arguments are the properties of `p`. */
  read<P, R>(build: (p: P) => Buildable<R>): Read<P, R>
  /** An INSERT, UPDATE or DELETE prepared once. */
  write<P, R>(build: (p: P) => Buildable<R>): Write<P, R>
}

function createBuilder<DB>(): Kysely<DB> {
  return new Kysely<DB>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
}

/** Gives a module's stores a builder that knows exactly that module's tables. */
export function createSql<const T extends readonly AnyTable[]>(...tables: T): Sql<SchemaOf<T>> {
  const builder = createBuilder<SchemaOf<T>>()
  const registry: Registry = new Map(tables.map((table) => [table.name, table]))
  return {
    builder,
    untyped: createBuilder(),
    from: builder.selectFrom.bind(builder),
    registry,
    read: (build) => new Read(() => selectOnly(build(paramsOf()).toOperationNode()), registry),
    write: (build) => new Write(() => build(paramsOf()).toOperationNode(), registry),
  }
}
