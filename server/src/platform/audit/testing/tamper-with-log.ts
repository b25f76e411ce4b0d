import { DatabaseSync } from 'node:sqlite'
import { onPostgresAt } from '../../../testing/postgres-client.ts'
import type { DatabaseLocation, Dialect } from '../../db/index.ts'

/** Does to the audit log what only somebody with the file or the owning role can do. */
export async function tamperWithLog(
  location: DatabaseLocation,
  statements: readonly string[],
): Promise<void> {
  if (location.kind === 'sqlite') {
    const file = new DatabaseSync(location.path)
    file.exec('drop trigger if exists audit_events_no_update')
    file.exec('drop trigger if exists audit_events_no_delete')
    for (const statement of statements) file.exec(statement)
    file.close()
    return
  }
  await onPostgresAt(location.adminUrl, async (client) => {
    await client.query(`set app.system = 'on'`)
    for (const statement of statements) await client.query(statement)
  })
}

const hashOf = (seq: number) => `(select hash from audit_events where seq = ${seq})`

const copyOf3 = (seq: number, previous: string) =>
  `insert into audit_events (id, seq, at, action, result, details, previous_hash, hash)
    select '01890a5d-ac96-774b-bcce-b302099a8057', ${seq}, at, action, result, details, ${previous}, hash
    from audit_events where seq = 3`

/** Sets the head to the last entry that is left, as if nothing had ever come after it. */
export const setHeadBack = `update audit_head set
  seq = (select max(seq) from audit_events),
  hash = (select hash from audit_events where seq = (select max(seq) from audit_events))`

/** Ways to spoil a log of five entries that the chain itself shows: what is done, how, and what is said of it. */
export const tamperings: readonly (readonly [what: string, statements: readonly string[], said: string])[] = [
  ['an edit', [`update audit_events set result = 'failed' where seq = 3`], 'Entry 3 was changed.'],
  [
    'an edited time',
    [`update audit_events set at = '2029-01-01T00:00:00.000Z' where seq = 3`],
    'Entry 3 was changed.',
  ],
  ['an edited detail', [`update audit_events set details = '{"a":1}' where seq = 2`], 'Entry 2 was changed.'],
  ['a deletion', ['delete from audit_events where seq = 3'], 'Entry 3 is missing: it was deleted.'],
  [
    'a deletion that closes the gap',
    [
      'delete from audit_events where seq = 3',
      'update audit_events set seq = seq - 1 where seq = 4',
      'update audit_events set seq = seq - 1 where seq = 5',
    ],
    'Entry 3 does not follow the entry before it: one between them was deleted.',
  ],
  [
    'a swap',
    [
      'update audit_events set seq = 100 where seq = 2',
      'update audit_events set seq = 2 where seq = 3',
      'update audit_events set seq = 3 where seq = 100',
    ],
    'Entry 2 does not follow the entry before it but entry 3: they were reordered.',
  ],
  [
    'an insertion in between',
    [
      'update audit_events set seq = 6 where seq = 5',
      'update audit_events set seq = 5 where seq = 4',
      copyOf3(4, hashOf(3)),
    ],
    'Entry 4 was inserted.',
  ],
  ['an addition past the end', [copyOf3(6, hashOf(5))], 'Entry 6 was added past the end.'],
  [
    'a cut end',
    ['delete from audit_events where seq > 3'],
    'The log ends at 3 instead of 5: its end was cut.',
  ],
  [
    'a cut end with the head set back to another hash',
    ['delete from audit_events where seq > 3', 'update audit_head set seq = 3'],
    'The log does not end in entry 3 as it was written: its end was cut or replaced.',
  ],
  ['a lost head', ['delete from audit_head'], 'The log has no head.'],
]

const dropChecks = `do $$ declare each text; begin
  for each in select conname from pg_constraint where conrelid = 'audit_events'::regclass and contype = 'c'
  loop execute format('alter table audit_events drop constraint %I', each); end loop; end $$`

/** Ways to make entry 3 of a log one that is no longer a row of it, past the checks of the table. */
export const unreadables: Readonly<
  Record<Dialect, readonly (readonly [what: string, statements: readonly string[]])[]>
> = {
  sqlite: ["details = '{'", "details = '7'", "details = '[]'", "at = 'soon'", "hash = 'none'"].map(
    (change) => [
      change,
      ['pragma ignore_check_constraints = on', `update audit_events set ${change} where seq = 3`],
    ],
  ),
  postgres: ["at = 'infinity'", "details = '7'", "details = '[]'"].map((change) => [
    change,
    [dropChecks, `update audit_events set ${change} where seq = 3`],
  ]),
}
