import { accountLimits, userRoles, userStatuses } from '@outcry/contract/accounts'
import {
  bigint,
  boolean,
  canonical,
  date,
  defineTable,
  enumOf,
  index,
  integer,
  type NewRow,
  type Patch,
  type Row,
  sealed,
  text,
  timestamptz,
  unique,
  uuid,
} from '../../../platform/db/index.ts'

/** Canonical form may be longer than what was typed; what is beyond this is not found by. */
export const DISPLAY_NAME_KEY_MAX = 200

/** Members. Everyone may read a row; what of it is shown to whom is the view's to decide. */
export const users = defineTable(
  'users',
  {
    id: uuid().primaryKey(),
    created_at: timestamptz(),
    updated_at: timestamptz(),

    username: text(accountLimits.username),
    username_key: canonical(accountLimits.username),
    email: canonical(accountLimits.email),
    phone_number: text(20).nullable(),
    password_hash: text(255).nullable(),

    display_name: text(accountLimits.displayName).nullable(),
    /** The display name as search compares it; the stores keep it. */
    display_name_key: canonical(DISPLAY_NAME_KEY_MAX).nullable(),
    bio: text(accountLimits.bio).nullable(),
    avatar_url: text(accountLimits.url).nullable(),
    cover_image_url: text(accountLimits.url).nullable(),
    website: text(accountLimits.url).nullable(),
    location: text(accountLimits.location).nullable(),
    date_of_birth: date().nullable(),

    role: enumOf(userRoles).default('user'),
    status: enumOf(userStatuses).default('pending_verification'),
    is_verified: boolean().default(false),
    is_phone_verified: boolean().default(false),
    is_creator: boolean().default(false),
    is_premium: boolean().default(false),

    two_factor_enabled: boolean().default(false),
    /** Set by the enrolment already; it counts from `two_factor_enabled` on. */
    two_factor_secret: sealed(['id', 'id']).nullable(),
    /** The latest 30 s step whose code was used: neither it nor an older one is accepted again (RFC 6238 section 5.2). */
    two_factor_last_step: bigint().default(0),

    follower_count: bigint().default(0),
    following_count: bigint().default(0),
    video_count: bigint().default(0),
    post_count: bigint().default(0),

    ban_reason: text(500).nullable(),
    banned_at: timestamptz().nullable(),
    banned_by_id: uuid().references('users', 'id', 'set null').nullable(),
    suspension_reason: text(500).nullable(),
    suspended_at: timestamptz().nullable(),
    suspension_ends_at: timestamptz().nullable(),
    suspended_by_id: uuid().references('users', 'id', 'set null').nullable(),

    privacy_level: enumOf(['public', 'friends', 'private']).default('public'),
    email_notifications: boolean().default(true),
    push_notifications: boolean().default(true),
    marketing_emails: boolean().default(false),
    show_activity_status: boolean().default(true),
    allow_messages_from: enumOf(['everyone', 'followers', 'nobody']).default('everyone'),
    content_language: text(10).default('en'),
    timezone: text(50).default('UTC'),

    last_login_at: timestamptz().nullable(),
    last_login_ip: text(45).nullable(),
    last_active_at: timestamptz().nullable(),
    login_count: integer().default(0),

    email_verified_at: timestamptz().nullable(),
    phone_verified_at: timestamptz().nullable(),
    creator_verified_at: timestamptz().nullable(),
    /** The account is gone for good; the row stays, emptied, for what hangs on its id. */
    deleted_at: timestamptz().nullable(),
  },
  {
    access: { kind: 'shared', owner: 'id' },
    indexes: [
      unique('username_key'),
      unique('email'),
      { ...unique('phone_number'), where: 'phone_number is not null' },
      index('status', 'created_at', 'id'),
      index('status', 'role', 'created_at', 'id'),
      // Everything that a search reads before it has found somebody, so that it scans this and not the rows.
      {
        ...index('status', 'created_at', 'id', 'username_key', 'display_name_key'),
        name: 'idx_users_search',
      },
      { ...index('suspension_ends_at'), where: 'suspension_ends_at is not null' },
    ],
    checks: [{ name: 'password_is_hashed', expression: `password_hash is null or password_hash like '$%'` }],
  },
)

export type UserRow = Row<typeof users>
export type NewUser = NewRow<typeof users>
export type UserPatch = Patch<typeof users>
