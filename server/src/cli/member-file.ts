import {
  type MemberImport,
  type MemberLine,
  MemberLineError,
  type MemberToAdd,
  memberLine,
} from '../modules/accounts/index.ts'
import { AppError } from '../platform/errors.ts'
import { compileInput } from '../platform/http/input-schema.ts'
import { refusedText } from '../platform/http/json-body.ts'
import { readLines } from './read-lines.ts'

/** What is wrong with a line, in words that hold nothing of a value; `field` is empty when it is the line itself. */
export interface LineFault {
  readonly line: number
  readonly field: string
  readonly message: string
}

/** Some lines of a file: the members they make, and what is wrong with the others. */
export interface MemberBatch {
  readonly members: MemberToAdd[]
  readonly faults: LineFault[]
  /** The fields, so far, that mean nothing here. */
  readonly unknownFields: ReadonlySet<string>
}

/** A file of JSON lines, and what makes members of them. */
export interface MemberFile {
  readonly path: string
  readonly memberImport: MemberImport
  readonly keepsRoles: boolean
}

type Fault = Omit<LineFault, 'line'>

const BATCH = 500
const MAX_UNKNOWN_FIELDS = 50
const check = compileInput(memberLine, { root: 'line' })
const knownFields = new Set(Object.keys(memberLine.properties))

const isAbsent = (value: unknown): boolean => value === null || value === ''

// Note: what the parser itself says would quote the line, and with it what is secret there.
function parse(text: string): { readonly fields: Record<string, unknown> } | { readonly message: string } {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { fields: Object.fromEntries(Object.entries(value).filter(([, field]) => !isAbsent(field))) }
    }
    return { message: 'must be a JSON object' }
  } catch {
    return { message: 'is not JSON' }
  }
}

function faultsOf(errors: readonly { readonly path: string; readonly message: string }[]): Fault[] {
  return errors.map(({ path, message }) => ({ field: path.slice(path.indexOf('.') + 1), message }))
}

function unreadable(fields: Record<string, unknown>): Fault[] {
  return Object.entries(fields).flatMap(([field, value]) => {
    const message = knownFields.has(field) && typeof value === 'string' ? refusedText(value) : undefined
    return message === undefined ? [] : [{ field, message }]
  })
}

function readMember(fields: Record<string, unknown>, line: number, file: MemberFile): MemberToAdd | Fault[] {
  const faults = unreadable(fields)
  if (faults.length > 0) return faults
  const checked = check(fields)
  if ('errors' in checked) return faultsOf(checked.errors)
  try {
    return file.memberImport.read(checked.value as MemberLine, line, { keepsRoles: file.keepsRoles })
  } catch (error) {
    if (error instanceof MemberLineError) return [{ field: error.field, message: error.message }]
    if (error instanceof AppError && error.errors) return faultsOf(error.errors)
    throw error
  }
}

/** Reads a file of members in batches of 500 lines; empty lines are passed over. */
export async function* readMembers(file: MemberFile): AsyncGenerator<MemberBatch> {
  const unknownFields = new Set<string>()
  const emptyBatch = (): MemberBatch => ({ members: [], faults: [], unknownFields })
  let batch = emptyBatch()
  let lines = 0
  const take = (text: string, line: number) => {
    const parsed = parse(text)
    if ('message' in parsed) return void batch.faults.push({ line, field: '', ...parsed })
    const { fields } = parsed
    for (const name of Object.keys(fields)) {
      if (!knownFields.has(name) && unknownFields.size < MAX_UNKNOWN_FIELDS) unknownFields.add(name)
    }
    const read = readMember(fields, line, file)
    if (Array.isArray(read)) batch.faults.push(...read.map((fault) => ({ line, ...fault })))
    else batch.members.push(read)
  }
  for await (const { number, text, problem } of readLines(file.path)) {
    if (problem !== undefined) batch.faults.push({ line: number, field: '', message: problem })
    else if (text) take(text, number)
    if (++lines % BATCH !== 0) continue
    yield batch
    batch = emptyBatch()
  }
  yield batch
}
