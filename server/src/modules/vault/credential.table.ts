import { environments, outcomes } from '@outcry/contract/vault'
import {
  boolean,
  bytes,
  defineTable,
  enumOf,
  index,
  integer,
  type Row,
  sealed,
  text,
  timestamptz,
  unique,
  uuid,
} from '../../platform/db/index.ts'

/** So many rejections in a row switch a credential off (C66). */
export const REJECTIONS_MAX = 3

const sealedKey = () =>
  sealed(['id', 'user_id', 'credential_type', 'environment'], { version: 'key_version' }).nullable()

/**
 * Broker keys. The two sealed values open in the vault process alone, as version `key_version` of this row, this owner,
 * this type and this environment. A deleted credential keeps its row without key, secret and fingerprint.
 */
export const userCredentials = defineTable(
  'user_credentials',
  {
    id: uuid().primaryKey(),
    user_account_id: uuid(),
    user_id: uuid(),
    created_at: timestamptz(),
    updated_at: timestamptz(),
    credential_type: text(64),
    api_key: sealedKey(),
    secret_key: sealedKey(),
    environment: enumOf(environments),
    /** Keyed, by the vault process, over environment and pair; tells that a pair is stored already. */
    fingerprint: bytes(32).nullable(),
    key_hint: text(4),
    /** Counts the pairs this row has had; sealed in with each. */
    key_version: integer().default(1),
    is_active: boolean().default(true),
    is_default: boolean().default(false),
    is_trading_enabled: boolean().default(false),
    expires_at: timestamptz().nullable(),
    /** The notice before expiry that was sent last, in days before it; none when null. */
    expiry_notice: integer().nullable(),
    last_used_at: timestamptz().nullable(),
    last_validated_at: timestamptz().nullable(),
    last_validation: enumOf(outcomes).nullable(),
    /** How often in a row the broker rejected it. */
    rejections: integer().default(0),
    version: integer().default(1),
    deleted_at: timestamptz().nullable(),
    nickname: text(255).nullable(),
  },
  {
    access: { kind: 'private', owner: 'user_id' },
    foreignKeys: [
      {
        columns: ['user_account_id', 'user_id'],
        table: 'user_accounts',
        references: ['id', 'user_id'],
        onDelete: 'cascade',
      },
    ],
    indexes: [
      unique('user_id', 'fingerprint'),
      index('user_id', 'created_at', 'id'),
      { kind: 'index', columns: ['user_account_id', 'nickname'], name: 'idx_user_credentials_nickname' },
      {
        kind: 'unique',
        columns: ['user_account_id'],
        name: 'idx_user_credentials_default',
        where: 'is_default',
      },
      {
        kind: 'index',
        columns: ['user_id', 'deleted_at', 'id'],
        name: 'idx_user_credentials_deleted',
        where: 'deleted_at is not null',
      },
      { kind: 'index', columns: ['expires_at'], where: 'expires_at is not null and deleted_at is null' },
      { kind: 'index', columns: ['rejections'], where: `rejections >= ${REJECTIONS_MAX}` },
    ],
  },
)

export type CredentialRow = Row<typeof userCredentials>
