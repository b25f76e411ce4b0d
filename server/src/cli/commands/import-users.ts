import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { MemberImport } from '../../modules/accounts/index.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { createDuplicateFinder } from '../member-duplicates.ts'
import { type LineFault, type MemberFile, readMembers } from '../member-file.ts'

const MAX_TOLD = 50
const PROGRESS_MS = 1_000

const counted = (n: number, one: string, many = `${one}s`) =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`
const sentenceOf = ({ line, field, message }: LineFault) =>
  `Line ${line}: ${field === '' ? 'the line' : field} ${message}.`

/** What a whole file holds. */
interface FileCheck {
  fresh: number
  there: number
  lowered: number
  unknownFields: readonly string[]
}

class Faults {
  readonly #complain: (line: string) => void
  readonly #lines = new Set<number>()
  #told = 0

  constructor(complain: (line: string) => void) {
    this.#complain = complain
  }

  add(faults: readonly LineFault[]): void {
    for (const fault of faults) {
      this.#lines.add(fault.line)
      if (++this.#told <= MAX_TOLD) this.#complain(sentenceOf(fault))
    }
  }

  /** Throws the sentence that ends the command when there was a fault. */
  throwIfAny(): void {
    if (this.#told === 0) return
    const more = this.#told > MAX_TOLD ? ` (${this.#told - MAX_TOLD} more are not shown)` : ''
    throw new CommandError(
      `${counted(this.#lines.size, 'line has', 'lines have')} something wrong${more}; nothing was written.`,
    )
  }
}

/** Looks at the whole file and at everybody who is here; throws unless all of it can be brought over. */
async function checkFile(file: MemberFile, { complain, signal }: CommandContext): Promise<FileCheck> {
  const faults = new Faults(complain)
  const duplicatesOf = createDuplicateFinder()
  const found: FileCheck = { fresh: 0, there: 0, lowered: 0, unknownFields: [] }
  for await (const batch of readMembers(file)) {
    signal.throwIfAborted()
    faults.add(batch.faults)
    const standings = await file.memberImport.standings(batch.members)
    for (const [i, member] of batch.members.entries()) {
      const standing = standings[i]
      faults.add(duplicatesOf(member))
      if (standing === 'there') found.there++
      else if (typeof standing === 'object') {
        faults.add([{ line: member.line, field: standing.taken, message: 'is taken by another member' }])
      } else {
        found.fresh++
        if (member.isLowered) found.lowered++
      }
    }
    found.unknownFields = [...batch.unknownFields]
  }
  faults.throwIfAny()
  return found
}

function refuse(faults: readonly LineFault[], written: number): void {
  const [fault] = faults
  if (!fault) return
  throw new CommandError(
    `${sentenceOf(fault)} It was not so when the file was checked; ${counted(written, 'member')} came over before. Run the command again.`,
  )
}

async function addAll(
  file: MemberFile,
  { complain, signal }: CommandContext,
): Promise<Omit<FileCheck, 'lowered' | 'unknownFields'>> {
  const sum = { fresh: 0, there: 0 }
  let toldAt = performance.now()
  for await (const { members, faults } of readMembers(file)) {
    signal.throwIfAborted()
    refuse(faults, sum.fresh)
    const { added, there, taken } = await file.memberImport.add(members)
    refuse(
      taken.map((each) => ({ ...each, message: 'is taken by another member' })),
      sum.fresh,
    )
    sum.fresh += added
    sum.there += there
    if (performance.now() - toldAt < PROGRESS_MS) continue
    toldAt = performance.now()
    complain(`${counted(sum.fresh, 'member')} so far`)
  }
  return sum
}

function tellWhatStaysBehind({ lowered, unknownFields }: FileCheck, write: (line: string) => void): void {
  if (lowered > 0) {
    write(`Roles above creator that become user: ${lowered}; --roles keeps them.`)
  }
  if (unknownFields.length > 0)
    write(`Fields that mean nothing here: ${unknownFields.map(printable).join(', ')}.`)
}

const printable = (name: string) => name.slice(0, 40).replace(/[^\w.-]/g, '?')

async function importFrom(
  path: string,
  memberImport: MemberImport,
  given: { context: CommandContext; isDryRun: boolean; keepsRoles: boolean },
) {
  const { context, isDryRun, keepsRoles } = given
  const file = { path, memberImport, keepsRoles }
  const startedAt = performance.now()
  const found = await checkFile(file, context)
  const sum = isDryRun ? found : await addAll(file, context)
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  const there = `${counted(sum.there, 'was', 'were')} here already`
  context.write(
    isDryRun
      ? `${counted(sum.fresh, 'member')} would come over, ${there}; nothing was written.`
      : `${counted(sum.fresh, 'member')} came over in ${seconds} s, ${there}.`,
  )
  tellWhatStaysBehind(found, context.write)
}

export const command = defineCommand({
  description: [
    'Brings members over from another platform: one JSON object a line, UTF-8. username and email are needed;',
    'docs/operations.md lists the other fields. password_hash may be bcrypt or Argon2id: members sign in with the',
    'password they have, and the first sign-in hashes it anew.',
    '',
    'The whole file is checked first, also against who is here; when anything is wrong nothing is written. Those',
    'who are here already, by id or by name and address, are passed over, so a run that was killed can be repeated.',
  ],
  words: ['FILE.jsonl'],
  options: {
    'dry-run': { type: 'boolean', summary: 'checks everything and writes nothing' },
    roles: { type: 'boolean', summary: 'keeps moderator, admin and super_admin; otherwise they become user' },
  },
  async run(context, { options: { 'dry-run': isDryRun, roles: keepsRoles }, words: [name] }) {
    const path = resolve(context.cwd, name)
    if (!(await stat(path)).isFile()) {
      throw new CommandError(`${path} is not a file; it has to be one, because it is read twice.`)
    }
    const { withApp } = await import('../with-app.ts')
    await withApp(context, ({ accounts: { memberImport } }) =>
      importFrom(path, memberImport, { context, isDryRun, keepsRoles }),
    )
  },
})
