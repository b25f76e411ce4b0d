import { sql } from '../accounts.tables.ts'

/**
 * Begins a statement on members: all of them, or with a viewer those between whom and the viewer is no block, in either
 * direction. With a viewer it must be run as the system, since a block is known to one side alone.
 */
export function unblockedUsers({ viewerId }: { readonly viewerId: string }, hasViewer: boolean) {
  const all = sql.from('users')
  if (!hasViewer) return all
  return all
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('blocks')
            .select('id')
            .where('blocker_id', '=', viewerId)
            .whereRef('blocked_id', '=', 'users.id'),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('blocks')
            .select('id')
            .where('blocked_id', '=', viewerId)
            .whereRef('blocker_id', '=', 'users.id'),
        ),
      ),
    )
}
