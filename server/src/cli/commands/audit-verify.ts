import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Config, loadConfig } from '../../config/config.ts'
import type { ChainFinding } from '../../platform/audit/audit-fault.ts'
import type { CheckpointsFinding } from '../../platform/audit/verify-checkpoints.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { type AuditReport, verifyAuditLog } from '../verify-audit-log.ts'

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

/** Tells of each part as soon as it was looked at. */
function tellOf(context: CommandContext) {
  const { write, complain } = context
  return {
    onProgress: progressOf(context),
    onFault: complain,
    onChain({ entries, fault }: ChainFinding) {
      if (fault === undefined) write(`${inFull(entries)} entries are as they were written.`)
    },
    onFile(file: string, { checkpoints, torn, fault }: CheckpointsFinding) {
      for (const line of torn)
        complain(`Line ${line} of ${file} was never finished, as after a kill; it counts for nothing.`)
      if (fault === undefined) write(`${inFull(checkpoints)} checkpoints in ${file} are as they were signed.`)
    },
  }
}

function asLine({ entries, checkpoints, signedTo, faults }: AuditReport): string {
  return JSON.stringify({ ok: faults.length === 0, entries, checkpoints, signed_to: signedTo, faults })
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
    json: { type: 'boolean', summary: 'prints what was found as one line of JSON, for programs' },
  },
  async run(context, { options }) {
    const config = loadConfig(context.env, context.cwd)
    const files = filesOf(config, options.checkpoints, context.cwd)
    const report = await verifyAuditLog({ config, files, ...(options.json ? {} : tellOf(context)) })
    const { entries, signedTo, faults } = report
    if (options.json) context.write(asLine(report))
    else if (entries > signedTo && faults.length === 0)
      context.write(`The last ${inFull(entries - signedTo)} entries are not signed yet.`)
    return faults.length > 0 ? 1 : 0
  },
})
