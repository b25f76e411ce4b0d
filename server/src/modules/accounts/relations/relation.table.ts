import { boolean, defineTable, index, timestamptz, unique, uuid } from '../../../platform/db/index.ts'

/** Who follows whom. A private profile accepts by hand, so an edge may wait. */
export const follows = defineTable(
  'follows',
  {
    id: uuid().primaryKey(),
    created_at: timestamptz(),
    updated_at: timestamptz(),
    follower_id: uuid().references('users', 'id', 'cascade'),
    following_id: uuid().references('users', 'id', 'cascade'),
    is_accepted: boolean().default(true),
    notified: boolean().default(false),
  },
  {
    access: { kind: 'shared', owner: 'follower_id' },
    indexes: [
      unique('follower_id', 'following_id'),
      index('follower_id', 'created_at'),
      index('following_id', 'created_at'),
    ],
    checks: [{ name: 'not_self', expression: 'follower_id <> following_id' }],
  },
)

/** Who blocks whom: known to the one who blocks alone. */
export const blocks = defineTable(
  'blocks',
  {
    id: uuid().primaryKey(),
    created_at: timestamptz(),
    blocker_id: uuid().references('users', 'id', 'cascade'),
    blocked_id: uuid().references('users', 'id', 'cascade'),
  },
  {
    access: { kind: 'private', owner: 'blocker_id' },
    indexes: [unique('blocker_id', 'blocked_id'), index('blocked_id')],
    checks: [{ name: 'not_self', expression: 'blocker_id <> blocked_id' }],
  },
)

/** Who has muted whom: known to the one who mutes alone. */
export const mutes = defineTable(
  'mutes',
  {
    id: uuid().primaryKey(),
    created_at: timestamptz(),
    muter_id: uuid().references('users', 'id', 'cascade'),
    muted_id: uuid().references('users', 'id', 'cascade'),
  },
  {
    access: { kind: 'private', owner: 'muter_id' },
    indexes: [unique('muter_id', 'muted_id'), index('muted_id')],
    checks: [{ name: 'not_self', expression: 'muter_id <> muted_id' }],
  },
)
