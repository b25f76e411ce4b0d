import { createHash } from 'node:crypto'
import { lengthPrefixed } from '../crypto/length-prefixed.ts'
import type { NewRow } from '../db/index.ts'
import type { auditEvents } from './audit.table.ts'

/** An entry in its place in the chain, before its hash is known. */
export type ChainedEvent = Omit<NewRow<typeof auditEvents>, 'hash'>

function canonicalDetails(details: object): string {
  return JSON.stringify(Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What stands for the hash before the first entry. */
export const GENESIS = new Uint8Array(32)

/** SHA-256 over every field, each with its length, and over the hash before. */
export function auditHash(event: ChainedEvent): Uint8Array {
  const { previous_hash, details, at, ...fields } = event
  const names = [
    'id',
    'seq',
    'action',
    'result',
    'actor_id',
    'session_id',
    'factor',
    'address',
    'request_id',
    'object_type',
    'object_id',
  ] as const
  const parts = names.map((name) =>
    fields[name] === null || fields[name] === undefined ? '-' : `=${fields[name]}`,
  )
  const canonical = lengthPrefixed([...parts, at.toISOString(), canonicalDetails(details ?? {})])
  return new Uint8Array(createHash('sha256').update(previous_hash).update(canonical).digest())
}
