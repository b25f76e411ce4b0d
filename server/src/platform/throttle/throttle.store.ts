import { createSql, updateRow } from '../db/index.ts'
import { rateWindows, throttleCounters } from './throttle.table.ts'

const sql = createSql(throttleCounters, rateWindows)

interface Subject {
  scope: string
  subject: Uint8Array
}

/** Makes the counter if there is none, locks it until the transaction ends, and reads it. */
export const lockCounter = sql.write((p: Subject & { now: Date }) =>
  sql.builder
    .insertInto('throttle_counters')
    .values({
      scope: p.scope,
      subject: p.subject,
      consecutive: 0,
      recent: [],
      not_before: null,
      last_at: p.now,
    })
    .onConflict((conflict) =>
      conflict.columns(['scope', 'subject']).doUpdateSet((eb) => ({ last_at: eb.ref('excluded.last_at') })),
    )
    .returningAll(),
)

/** Stores what a counter has become. */
export const updateCounter = updateRow(sql, throttleCounters)

/** A counter as it is, without locking it. */
export const findCounter = sql.read((p: Subject) =>
  sql.from('throttle_counters').selectAll().where('scope', '=', p.scope).where('subject', '=', p.subject),
)

/** Forgets a subject. */
export const deleteCounter = sql.write((p: Subject) =>
  sql.builder.deleteFrom('throttle_counters').where('scope', '=', p.scope).where('subject', '=', p.subject),
)

/** Counters that nobody has touched since `before`, other than those that are disabled. */
export const deleteIdleCounters = sql.write((p: { scope: string; before: Date; disabled_from: number }) =>
  sql.builder
    .deleteFrom('throttle_counters')
    .where('scope', '=', p.scope)
    .where('last_at', '<', p.before)
    .where('consecutive', '<', p.disabled_from),
)

/** Counts one hit, opening a new window when the last one is over. One statement, so parallel hits never share a count. */
export const hitWindow = sql.write((p: { subject: Uint8Array; now: Date; ends_at: Date; most: number }) =>
  sql.builder
    .insertInto('rate_windows')
    .values({ subject: p.subject, hits: 1, ends_at: p.ends_at })
    .onConflict((conflict) =>
      conflict.column('subject').doUpdateSet((eb) => ({
        hits: eb
          .case()
          .when('rate_windows.ends_at', '<=', p.now)
          .then(eb.lit(1))
          .when('rate_windows.hits', '>=', p.most)
          .then(eb.ref('rate_windows.hits'))
          .else(eb('rate_windows.hits', '+', eb.lit(1)))
          .end(),
        ends_at: eb
          .case()
          .when('rate_windows.ends_at', '<=', p.now)
          .then(eb.ref('excluded.ends_at'))
          .else(eb.ref('rate_windows.ends_at'))
          .end(),
      })),
    )
    .returning(['hits', 'ends_at']),
)

/** Deletes the windows that are over. */
export const deleteEndedWindows = sql.write((p: { now: Date }) =>
  sql.builder.deleteFrom('rate_windows').where('ends_at', '<=', p.now),
)
