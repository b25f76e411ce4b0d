import { DataSource, type DataSourceOptions, EntitySchema, type EntitySchemaColumnOptions } from 'typeorm'
import type { DatabaseLocation, Dialect } from '../../../../server/src/platform/db/index.ts'
import { type OpenContender, POOL_SIZE, postgresSettings, SQLITE_PRAGMAS, sqlitePath } from '../contender.ts'
import { PAGE, type PostRow } from '../post.table.ts'

const instant: NonNullable<EntitySchemaColumnOptions['transformer']> = {
  to: (value: Date | null | undefined) => (value ? value.toISOString() : value),
  from: (value: string | null) => (value === null ? null : new Date(value)),
}

function entityFor(dialect: Dialect): EntitySchema<PostRow> {
  const isPostgres = dialect === 'postgres'
  const at: EntitySchemaColumnOptions = isPostgres
    ? { type: 'timestamp with time zone' }
    : { type: 'text', transformer: instant }
  return new EntitySchema<PostRow>({
    name: 'posts',
    columns: {
      id: { type: isPostgres ? 'uuid' : 'text', primary: true },
      author_id: { type: isPostgres ? 'uuid' : 'text' },
      title: { type: 'varchar' },
      body: { type: 'varchar' },
      tags: isPostgres ? { type: 'text', array: true } : { type: 'simple-json' },
      is_pinned: { type: 'boolean' },
      meta: { type: isPostgres ? 'jsonb' : 'simple-json' },
      view_count: { type: 'integer' },
      created_at: at,
      edited_at: { ...at, nullable: true },
    },
  })
}

function optionsFor(location: DatabaseLocation): DataSourceOptions {
  const entities = [entityFor(location.kind)]
  if (location.kind === 'sqlite') {
    return {
      type: 'better-sqlite3',
      database: sqlitePath(location),
      entities,
      prepareDatabase: (database: { exec(sql: string): void }) => database.exec(SQLITE_PRAGMAS),
    }
  }
  const { options } = postgresSettings(location)
  return { type: 'postgres', url: location.url, entities, poolSize: POOL_SIZE, extra: { options } }
}

/** TypeORM's repository: `findOneBy`, `find`, `insert`, `update`. */
export const open: OpenContender = async (location) => {
  const source = await new DataSource(optionsFor(location)).initialize()
  const repository = source.getRepository<PostRow>('posts')
  return {
    point: async (id) => (await repository.findOneBy({ id })) ?? undefined,
    page: (authorId) =>
      repository.find({ where: { author_id: authorId }, order: { created_at: 'DESC' }, take: PAGE }),
    insert: (row) => repository.insert(row as never),
    insertAll: (rows) =>
      source.transaction(async (manager) => {
        for (const row of rows) await manager.insert('posts', row)
      }),
    update: (id, patch) => repository.update({ id }, patch as never),
    close: () => source.destroy(),
  }
}
