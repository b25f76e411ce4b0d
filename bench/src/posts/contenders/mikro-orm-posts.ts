import { EntitySchema, type EntitySchemaProperty, Type } from '@mikro-orm/core'
import { MikroORM as PostgresOrm } from '@mikro-orm/postgresql'
import { MikroORM as SqliteOrm } from '@mikro-orm/sqlite'
import type { DatabaseLocation, Dialect } from '../../../../server/src/platform/db/index.ts'
import { type OpenContender, POOL_SIZE, postgresSettings, SQLITE_PRAGMAS, sqlitePath } from '../contender.ts'
import { PAGE, type PostRow } from '../post.table.ts'

class IsoInstant extends Type<Date | null, string | null> {
  override convertToDatabaseValue(value: Date | null): string | null {
    return value instanceof Date ? value.toISOString() : value
  }
  override convertToJSValue(value: string | null): Date | null {
    return typeof value === 'string' ? new Date(value) : value
  }
  override getColumnType(): string {
    return 'text'
  }
}

function entityFor(dialect: Dialect) {
  const isPostgres = dialect === 'postgres'
  const at: EntitySchemaProperty<unknown, object> = isPostgres
    ? { type: 'datetime', columnType: 'timestamp(3) with time zone' }
    : { type: IsoInstant }
  const id = isPostgres ? 'uuid' : 'text'
  const properties = {
    id: { type: id, primary: true },
    author_id: { type: id },
    title: { type: 'text' },
    body: { type: 'text' },
    tags: isPostgres ? { type: 'array', columnType: 'text[]' } : { type: 'json' },
    is_pinned: { type: 'boolean' },
    meta: { type: 'json' },
    view_count: { type: 'integer' },
    created_at: at,
    edited_at: { ...at, nullable: true },
  }
  return new EntitySchema<PostRow>({ name: 'Post', tableName: 'posts', properties: properties as never })
}

async function connect(location: DatabaseLocation, entity: EntitySchema<PostRow>) {
  const shared = { entities: [entity], namingStrategy: undefined }
  if (location.kind === 'sqlite') {
    const orm = await SqliteOrm.init({ entities: [entity], dbName: sqlitePath(location) })
    const client = await orm.em.getConnection().getNativeClient()
    client.exec(SQLITE_PRAGMAS)
    return orm
  }
  const { options } = postgresSettings(location)
  return PostgresOrm.init({
    entities: shared.entities,
    clientUrl: location.url,
    pool: { max: POOL_SIZE },
    driverOptions: { options },
  })
}

/** MikroORM with a fresh fork per request, as its guide asks; writes by `insert` and `nativeUpdate`, its fastest. */
export const open: OpenContender = async (location) => {
  const entity = entityFor(location.kind)
  const orm = await connect(location, entity)
  const fork = () => orm.em.fork()
  return {
    point: async (id) => ((await fork().findOne(entity, { id } as never)) as PostRow | null) ?? undefined,
    page: (authorId) =>
      fork().find(entity, { author_id: authorId } as never, {
        orderBy: { created_at: 'desc' } as never,
        limit: PAGE,
      }) as Promise<PostRow[]>,
    insert: (row) => fork().insert(entity, { ...row } as never),
    insertAll: (rows) =>
      fork().transactional(async (em) => {
        for (const row of rows) await em.insert(entity, { ...row } as never)
      }),
    update: (id, patch) => fork().nativeUpdate(entity, { id } as never, { ...patch } as never),
    close: () => orm.close(),
  }
}
