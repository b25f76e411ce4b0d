import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { DatabaseLocation } from '../../../server/src/platform/db/index.ts'
import { answerMeasurements } from '../harness/measured-process.ts'
import { POOL_SIZE, postgresSettings, SQLITE_PRAGMAS } from '../posts/contender.ts'

/** Whose sessions are refreshed, and by how many at once. */
export interface BareRefresh {
  readonly location: DatabaseLocation
  readonly sessionIds: readonly string[]
  readonly inFlight: number
}

const IDLE_MS = 7 * 86_400_000

type Mark = (position: number) => string

const selectSql = (mark: Mark) =>
  `select sessions.*, users.role, users.status from sessions join users on users.id = sessions.user_id where sessions.id = ${mark(1)}`

const updateSql = (mark: Mark) =>
  `update sessions set refresh_counter = ${mark(1)}, refreshed_at = ${mark(2)}, last_seen_at = ${mark(3)}, updated_at = ${mark(4)}, idle_expires_at = ${mark(5)} ` +
  `where id = ${mark(6)} and refresh_counter = ${mark(7)} and revoked_at is null`

/** What the update sets and where, for a session with this counter. */
function rotation(id: string, spent: number): (string | number)[] {
  const nowMs = Date.now()
  const now = new Date(nowMs).toISOString()
  return [spent + 1, now, now, now, new Date(nowMs + IDLE_MS).toISOString(), id, spent]
}

function assertRotated(changes: number | bigint | null): void {
  if (Number(changes) !== 1) throw new Error('The session was not rotated.')
}

type Refresh = (id: string) => unknown

function onSqlite(path: string): Refresh {
  const database = new DatabaseSync(path)
  database.exec(SQLITE_PRAGMAS)
  const [begin, commit] = [database.prepare('begin immediate'), database.prepare('commit')]
  const select = database.prepare(selectSql(() => '?'))
  const update = database.prepare(updateSql(() => '?'))
  return (id) => {
    begin.run()
    assertRotated(update.run(...rotation(id, Number(select.get(id)?.refresh_counter))).changes)
    commit.run()
  }
}

function onPostgres(location: DatabaseLocation): Refresh {
  const pool = new pg.Pool({ ...postgresSettings(location), max: POOL_SIZE, pipeline: true })
  const select = { name: 'select', text: selectSql((at) => `$${at}`) }
  const update = { name: 'update', text: updateSql((at) => `$${at}`) }
  return async (id) => {
    const client = await pool.connect()
    const [, { rows }] = await Promise.all([
      client.query({ name: 'begin', text: 'begin' }),
      client.query<{ refresh_counter: string }>({ ...select, values: [id] }),
    ])
    const [{ rowCount }] = await Promise.all([
      client.query({ ...update, values: rotation(id, Number(rows[0]?.refresh_counter)) }),
      client.query({ name: 'commit', text: 'commit' }),
    ])
    client.release()
    assertRotated(rowCount)
  }
}

const { location, sessionIds, inFlight }: BareRefresh = JSON.parse(process.argv[2] ?? '{}')
const refresh = location.kind === 'sqlite' ? onSqlite(location.path) : onPostgres(location)
const turns = Array.from({ length: inFlight }, (_, lane) => lane)

answerMeasurements(inFlight, (lane) => {
  const turn = turns[lane] ?? 0
  turns[lane] = turn + inFlight // so that no two lanes ever have the same session
  return refresh(sessionIds[turn % sessionIds.length] ?? '')
})
