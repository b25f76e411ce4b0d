import { type Static, Type } from 'typebox'
import { instant, listQueryWith, nullable, oneOf, pageOf, success, uuid } from './conventions.ts'
import { defineContract } from './endpoint.ts'

/** How the vault process is: it serves, it is being started again, or this server runs without one. */
export const vaultStates = ['running', 'restarting', 'absent'] as const
/** One of `vaultStates`. */
export type VaultState = (typeof vaultStates)[number]

const count = Type.Integer({ minimum: 0 })
const bytes = nullable(Type.Integer({ minimum: 0, description: 'Null where it cannot be told.' }))

/** The key of one purpose that makes new things now; never the key itself. */
export const keyFigures = Type.Object(
  {
    purpose: Type.String({ description: 'As the file of the key ring spells it.' }),
    key_id: Type.String(),
    created_at: nullable(instant),
    is_rotating: Type.Boolean({ description: 'Whether something is still sealed with an older key.' }),
    left_to_rewrap: Type.Integer({ minimum: 0, description: 'How much of it; at most ten seconds old.' }),
  },
  { title: 'KeyFigures' },
)

/** What the last verification of the audit log found. */
export const auditVerification = Type.Object(
  {
    ok: Type.Boolean(),
    checked_at: instant,
    through: Type.Integer({ minimum: 0, description: 'The last entry that is as it was written.' }),
    signed_to: Type.Integer({
      minimum: 0,
      description:
        'The last entry that a checkpoint vouches for; 0 when none does. A cut after it shows nowhere.',
    }),
    fault: nullable(Type.String({ description: 'The first thing that is wrong, in one sentence.' })),
  },
  { title: 'AuditVerification' },
)

/** What an operator needs to know at a glance. */
export const systemStatus = Type.Object(
  {
    version: Type.String(),
    started_at: instant,
    database: Type.Object({
      kind: oneOf(['sqlite', 'postgres']),
      ok: Type.Boolean({ description: 'Whether it answers and is of this version.' }),
      migrations_pending: count,
      size_bytes: bytes,
    }),
    clock_ok: Type.Boolean({ description: 'Whether the clock was not set back.' }),
    vault: Type.Object({ state: oneOf(vaultStates) }),
    jobs: Type.Object({
      waiting: Type.Integer({
        minimum: 0,
        description: 'Work for now or later, also what is done again and again.',
      }),
      due: Type.Integer({ minimum: 0, description: 'What of it should have begun.' }),
      running: count,
      dead: Type.Integer({ minimum: 0, description: 'Work that was given up.' }),
    }),
    keys: Type.Array(keyFigures),
    audit: Type.Object({
      entries: count,
      last_checkpoint_at: nullable(instant),
      is_verifying: Type.Boolean(),
      verified: nullable(auditVerification),
    }),
    storage: Type.Object({
      data_dir_bytes_free: bytes,
      data_dir_bytes_total: bytes,
      mail_waiting: Type.Integer({ minimum: 0, description: 'Mail that is not handed over yet.' }),
    }),
  },
  { title: 'SystemStatus' },
)
/** The figures on the wire. */
export type SystemStatus = Static<typeof systemStatus>

/** Work that was given up, without what it carried. */
export const deadJob = Type.Object(
  {
    id: uuid,
    kind: Type.String(),
    attempts: count,
    error: Type.String({ description: 'Why the last attempt failed, in one sentence.' }),
    created_at: instant,
    dead_at: instant,
  },
  { title: 'DeadJob' },
)

/** What operators see and do without a terminal. */
export const systemContract = defineContract({
  getSystem: {
    method: 'GET',
    path: '/admin/system',
    summary: 'See how the server is doing',
    responses: { 200: systemStatus },
    errors: [],
  },
  listJobs: {
    method: 'GET',
    path: '/admin/jobs',
    summary: 'List work that was given up, the latest first',
    query: listQueryWith({ state: Type.Optional(oneOf(['dead'])) }),
    responses: { 200: pageOf(deadJob) },
    errors: ['operations.cursor_invalid'],
  },
  retryJob: {
    method: 'POST',
    path: '/admin/jobs/{id}/retry',
    summary: 'Give work that was given up another go',
    params: Type.Object({ id: uuid }),
    responses: { 200: success },
    errors: ['operations.job_not_found', 'operations.job_replaced'],
  },
  verifyAudit: {
    method: 'POST',
    path: '/admin/audit/verify',
    summary: 'Verify the audit log',
    description: 'Takes its time; what it finds is in the figures of the server.',
    responses: { 202: success },
    errors: [],
  },
})
