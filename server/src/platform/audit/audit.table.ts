import { Type } from 'typebox'
import {
  bigint,
  bytes,
  defineTable,
  enumOf,
  index,
  integer,
  jsonb,
  text,
  timestamptz,
  unique,
  uuid,
} from '../db/index.ts'

/** Flat facts beside the named ones; never a secret. */
export const auditDetails = Type.Record(
  Type.String(),
  Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]),
)

/** How what an entry tells of ended: done, not allowed, or broken off. */
export const auditResults = ['ok', 'refused', 'failed'] as const

/**
 * What a member did to what is theirs, without the uses of their keys, which are nearly all of what they do. An index holds
 * these entries alone: they would not be found among a million uses.
 */
export const isOfItsActor = `object_type in ('passkey', 'personal_token', 'session', 'trading_account') or object_type = 'credential' and action in ('credential.changed', 'credential.deleted', 'credential.rotated', 'credential.stored')`

/**
 * What ended the time of a stored pair of keys. An index holds these entries alone, so that a use finds the last one at once: not
 * what was refused, of which a member can make any number.
 */
export const endsPair = `action in ('credential.deleted', 'credential.rotated') and result = 'ok'`

/**
 * What happened, in one gapless sequence. Each row's hash covers the row and the hash before it, so an edit, a deletion,
 * an insertion or a reorder breaks the chain. Names of members are ids without a foreign key: the log outlives them.
 */
export const auditEvents = defineTable(
  'audit_events',
  {
    id: uuid().primaryKey(),
    seq: bigint(),
    at: timestamptz(),
    action: text(64),
    result: enumOf(auditResults),
    actor_id: uuid().nullable(),
    session_id: uuid().nullable(),
    factor: text(32).nullable(),
    address: text(45).nullable(),
    request_id: text(64).nullable(),
    object_type: text(32).nullable(),
    object_id: text(64).nullable(),
    details: jsonb(auditDetails).default({}),
    previous_hash: bytes(32),
    hash: bytes(32),
  },
  {
    access: { kind: 'internal' },
    isAppendOnly: true,
    isLog: true,
    indexes: [
      unique('seq'),
      index('object_type', 'object_id', 'seq'),
      { ...index('actor_id', 'seq'), name: 'idx_audit_events_of_owners', where: isOfItsActor },
      { ...index('object_id', 'seq'), name: 'idx_audit_events_of_pairs', where: endsPair },
    ],
  },
)

/** The end of the chain: one row, which every writer locks before it appends. Holds nothing about anybody. */
export const auditHead = defineTable(
  'audit_head',
  { id: integer().primaryKey(), seq: bigint(), hash: bytes(32) },
  { access: { kind: 'open' }, isLog: true, checks: [{ name: 'single', expression: 'id = 1' }] },
)
