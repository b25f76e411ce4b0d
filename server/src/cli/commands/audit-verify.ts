import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Config, loadConfig } from '../../config/config.ts'
import { readVaultKeyRing } from '../../modules/vault/process/vault-key-ring.ts'
import { type ChainFinding, verifyChain } from '../../platform/audit/audit-fault.ts'
import { type CheckpointsFinding, verifyCheckpoints } from '../../platform/audit/verify-checkpoints.ts'
import { openDatabase, type Queryable } from '../../platform/db/index.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { existingDatabase } from '../configured-database.ts'
import { readLines } from '../read-lines.ts'

const PROGRESS_MS = 1_000

const inFull = (number: number) => number.toLocaleString('en')

/** Says how far a long look is, once a second. */
function progressOf({ complain }: CommandContext) {
  let toldAt = performance.now()
  return ({ entries, of }: { entries: number; of: number }) => {
    if (performance.now() - toldAt < PROGRESS_MS) return
    toldAt = performance.now()
    complain(`verified  ${inFull(entries)} of ${inFull(of)} entries`)
  }
}

/** The files to look at; the configured one when none is named. Throws `CommandError` for one that is not there. */
function filesOf(config: Config, named: readonly string[], cwd: string): string[] {
  const files = named.map((file) => resolve(cwd, file))
  const missing = files.find((file) => !existsSync(file))
  if (missing) throw new CommandError(`There is no file of checkpoints at ${missing}.`)
  if (files.length > 0) return files
  return existsSync(config.auditCheckpointsFile) ? [config.auditCheckpointsFile] : []
}

function showCheckpoints(context: CommandContext, file: string, finding: CheckpointsFinding): void {
  for (const line of finding.torn)
    context.complain(`Line ${line} of ${file} was never finished, as after a kill; it counts for nothing.`)
  if (finding.fault !== undefined) context.complain(finding.fault)
  else context.write(`${inFull(finding.checkpoints)} checkpoints in ${file} are as they were signed.`)
}

async function lookAtFiles(
  context: CommandContext,
  db: Queryable,
  look: { config: Config; files: readonly string[] },
): Promise<{ signedTo: number; faults: number }> {
  let [signedTo, faults] = [0, 0]
  if (look.files.length === 0) return { signedTo, faults }
  const { auditSigning: keys } = await readVaultKeyRing(look.config.vaultKeysFile)
  for (const file of look.files) {
    const lines = { name: file, lines: readLines(file) }
    const finding = await verifyCheckpoints(db, lines, keys)
    showCheckpoints(context, file, finding)
    signedTo = Math.max(signedTo, finding.signedTo)
    if (finding.fault !== undefined) faults++
  }
  return { signedTo, faults }
}

function showChain({ write, complain }: CommandContext, { entries, fault }: ChainFinding): void {
  if (fault === undefined) write(`${inFull(entries)} entries are as they were written.`)
  else complain(fault)
}

export const command = defineCommand({
  description: [
    'Looks at every entry of the audit log: each is numbered, and holds the hash of the one before it. Then at every',
    'checkpoint, in which the vault process signed how far the log went: the log must still go through each of them.',
    'Finds what was edited, deleted, inserted or reordered, an end that was cut, and a log that was rewritten.',
    'Ends with 1 when something is wrong. Needs OUTCRY_VAULT_KEYS_FILE for the key that signed.',
    '',
    'Give the files of every node; without one it takes OUTCRY_AUDIT_CHECKPOINTS. After a database was restored from a',
    'backup the log ends earlier than it was signed: keep the old file, and let the server begin a new one.',
  ],
  options: {
    checkpoints: { type: 'list', value: 'FILE', summary: 'a file of checkpoints; may be given again' },
  },
  async run(context, { options }) {
    const config = loadConfig(context.env, context.cwd)
    const location = existingDatabase(config)
    const files = filesOf(config, options.checkpoints, context.cwd)
    const db = openDatabase(location)
    try {
      const chain = await verifyChain(db.asSystem(), progressOf(context))
      showChain(context, chain)
      const { signedTo, faults } = await lookAtFiles(context, db.asSystem(), { config, files })
      const isUnsigned = files.length === 0 && chain.entries > 0
      if (isUnsigned)
        context.complain(
          `There is no file of checkpoints at ${config.auditCheckpointsFile}: nobody can tell whether the end was cut.`,
        )
      else if (chain.entries > signedTo && faults === 0)
        context.write(`The last ${inFull(chain.entries - signedTo)} entries are not signed yet.`)
      return chain.fault !== undefined || faults > 0 || isUnsigned ? 1 : 0
    } finally {
      await db.close()
    }
  },
})
