import { execFile } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { HOUR } from '../platform/durations.ts'
import { parseJson } from '../platform/parse-json.ts'
import type { AuditReport, VerifyAuditLog } from './audit-verification.ts'

const MOST_TEXT_BYTES = 1024 * 1024

const count = Type.Integer({ minimum: 0 })
const printed = Compile(Type.Object({ entries: count, signed_to: count, faults: Type.Array(Type.String()) }))

/** The command could not be run to its end. */
class VerificationError extends Error {
  override readonly name = 'VerificationError'
}

/** How the command is started. */
export interface VerifyCommand {
  /** Arguments of Node.js: flags, program and command. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

function reportIn(output: string): AuditReport | undefined {
  try {
    const report = parseJson(output)
    if (!printed.Check(report)) return undefined
    const { entries, signed_to: signedTo, faults } = report
    return { entries, signedTo, faults }
  } catch {
    return undefined
  }
}

/**
 * Verifies by the operator's own command in a process of its own: a long log holds up nobody, and the server never has the
 * vault's keys, one of which signed the checkpoints. Yields the processor to everything else; an hour is the most.
 */
export function verifyByCommand({ args, env, cwd }: VerifyCommand): VerifyAuditLog {
  return (signal) =>
    new Promise((resolve, reject) => {
      const options = {
        ...{ cwd, env: { ...env }, signal, timeout: HOUR, maxBuffer: MOST_TEXT_BYTES },
        killSignal: 'SIGKILL' as const,
      }
      const child = execFile(process.execPath, args, options, (error, output, complaint) => {
        const report = reportIn(output)
        if (report) resolve(report)
        else reject(new VerificationError(complaint.trim(), { cause: error }))
      })
      if (child.pid !== undefined) yieldProcessor(child.pid)
    })
}

function yieldProcessor(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // It has ended already, or the system does not allow it: it only takes its full share then.
  }
}
