import {
  array,
  bigint,
  boolean,
  bytes,
  defineTable,
  enumOf,
  index,
  integer,
  type Row,
  text,
  timestamptz,
  unique,
  uuid,
} from '../../../platform/db/index.ts'

/** Longest credential id; WebAuthn Level 3, section 4. */
const CREDENTIAL_ID_MAX = 1_023

/** Public keys that members sign in with. */
export const passkeys = defineTable(
  'passkeys',
  {
    id: uuid().primaryKey(),
    user_id: uuid().references('users', 'id', 'cascade'),
    created_at: timestamptz(),
    updated_at: timestamptz(),
    name: text(64),
    credential_id: bytes(CREDENTIAL_ID_MAX),
    /** COSE_Key, as the authenticator gave it. */
    public_key: bytes(2_048),
    /** COSE algorithm: -8, -7 or -257. */
    algorithm: integer(),
    sign_count: bigint(),
    transports: array(text(32)),
    is_backed_up: boolean(),
    last_used_at: timestamptz().nullable(),
    /** When its counter went backwards, a sign that it was copied. */
    flagged_at: timestamptz().nullable(),
  },
  {
    access: { kind: 'private', owner: 'user_id' },
    indexes: [unique('credential_id'), index('user_id', 'created_at')],
  },
)

/** What a challenge was given out for; it is good for nothing else. */
export const ceremonies = ['register', 'sign_in', 'reauthenticate'] as const
/** One of `ceremonies`. */
export type Ceremony = (typeof ceremonies)[number]

/** Challenges that were given out and not used yet, by their SHA-256. Nobody owns one before it is answered. */
export const passkeyChallenges = defineTable(
  'passkey_challenges',
  {
    id: uuid().primaryKey(),
    created_at: timestamptz(),
    expires_at: timestamptz(),
    challenge_hash: bytes(32),
    ceremony: enumOf(ceremonies),
    /** Who may answer; none for a sign-in, where the answer tells. */
    user_id: uuid().references('users', 'id', 'cascade').nullable(),
    /** SHA-256 of the cookie of the browser that asked, which alone may answer; none when no browser did (C20). */
    browser_hash: bytes(32).nullable(),
  },
  {
    access: { kind: 'system' },
    indexes: [unique('challenge_hash'), index('expires_at'), index('user_id')],
  },
)

export type PasskeyRow = Row<typeof passkeys>
