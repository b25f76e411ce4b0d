import type { Config } from '../config/config.ts'
import { readVaultKeyRing } from '../modules/vault/process/vault-key-ring.ts'
import { type ChainFinding, type OnAuditProgress, verifyChain } from '../platform/audit/audit-fault.ts'
import { isCheckpointDue } from '../platform/audit/checkpoints.ts'
import { type CheckpointsFinding, verifyCheckpoints } from '../platform/audit/verify-checkpoints.ts'
import { systemClock } from '../platform/clock.ts'
import { openDatabase, type Queryable } from '../platform/db/index.ts'
import { existingDatabase } from './configured-database.ts'
import { readLines } from './read-lines.ts'

const UNTOLD = 'nobody can tell whether the end was cut.'

/** What a look at the whole log found. */
export interface AuditReport {
  /** How many entries are as they were written. */
  readonly entries: number
  /** How many checkpoints were looked at. */
  readonly checkpoints: number
  /** The last entry that is signed; 0 when none is. */
  readonly signedTo: number
  /** What is wrong, one plain sentence each; none when the log is whole. */
  readonly faults: readonly string[]
}

/** What is looked at, and who is told of each part as it is done. */
export interface AuditLook {
  readonly config: Config
  /** Files of checkpoints that are there. */
  readonly files: readonly string[]
  readonly onProgress?: OnAuditProgress
  readonly onChain?: (finding: ChainFinding) => void
  readonly onFile?: (file: string, finding: CheckpointsFinding) => void
  /** Told each sentence of `faults` when it is found. */
  readonly onFault?: (sentence: string) => void
}

interface Signed {
  readonly checkpoints: number
  readonly signedTo: number
}

async function lookAtFiles(
  db: Queryable,
  { config, files, onFile }: AuditLook,
  addFault: (sentence: string | undefined) => void,
): Promise<Signed> {
  let [checkpoints, signedTo] = [0, 0]
  if (files.length === 0) return { checkpoints, signedTo }
  const { auditSigning: keys } = await readVaultKeyRing(config.vaultKeysFile)
  for (const file of files) {
    const found = await verifyCheckpoints(db, { name: file, lines: readLines(file) }, keys)
    const isMissing = found.checkpoints === 0 && !found.fault && (await isCheckpointDue(db, systemClock))
    const finding = isMissing ? { ...found, fault: `There is no checkpoint in ${file}: ${UNTOLD}` } : found
    onFile?.(file, finding)
    addFault(finding.fault)
    checkpoints += finding.checkpoints
    signedTo = Math.max(signedTo, finding.signedTo)
  }
  return { checkpoints, signedTo }
}

/**
 * Looks at every entry of the audit log, then at every checkpoint. Needs the vault's key ring for the key that signed, so
 * it belongs into a process of its own and never into the server. Throws `CommandError` when there is no database.
 */
export async function verifyAuditLog(look: AuditLook): Promise<AuditReport> {
  const { config, files, onFault } = look
  const faults: string[] = []
  const addFault = (sentence: string | undefined) => {
    if (sentence === undefined) return
    faults.push(sentence)
    onFault?.(sentence)
  }
  const db = openDatabase(existingDatabase(config))
  try {
    const chain = await verifyChain(db.asSystem(), look.onProgress)
    look.onChain?.(chain)
    addFault(chain.fault)
    const signed = await lookAtFiles(db.asSystem(), look, addFault)
    if (files.length === 0 && chain.entries > 0)
      addFault(`There is no file of checkpoints at ${config.auditCheckpointsFile}: ${UNTOLD}`)
    return { entries: chain.entries, ...signed, faults }
  } finally {
    await db.close()
  }
}
