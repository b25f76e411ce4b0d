import type { RawAnswer } from './exchange.ts'
import { bytesOf, type RequestDraft } from './request-draft.ts'

export interface JudgeOptions {
  readonly draft: RequestDraft
  readonly answer: RawAnswer
  /** Never in an answer, whoever sent what. */
  readonly secrets: readonly string[]
  /** Not in an answer unless the request held them. */
  readonly privateFacts: readonly string[]
}

/** What only the inside of the server knows. */
const insideKnowledge = [
  /\bat (?:async )?[\w.<>]+ \(|\bat [\w./]+:\d+:\d+/,
  /node_modules|node:internal|file:\/\/|\.[cm]?[jt]s:\d+/,
  /\/(?:home|root|usr|tmp|var|server\/src)\//,
  /\b(?:FST_ERR|ERR_[A-Z]{3}|HPE_|SQLITE_|ECONN|ENOENT|EPIPE)/,
  /\b(?:Syntax|Type|Range|Reference)Error\b|\bundefined\b|\[object /,
  /\b(?:select|insert into|update|delete from)\b .*\b(?:from|set|values|where)\b/i,
  /violates|constraint|duplicate key|relation "|column "|near "|\bidx_|_pkey\b|_check\b|pg_|sqlite/i,
  /\$argon2|password_hash|token_hash|two_factor_secret|code_hash/,
  /fastify|kysely|typebox|pino\b|x-powered-by/i,
]

/** Tokens, cursors, seeds and backup codes: random enough to spell anything by chance. */
const opaqueText = /(?<![\w-])[\w-]{40,}(?:\.[\w-]+)*|\b[A-Z2-7]{32}\b|\b(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}\b/g

/** The one fact about the inside that administrators are told. */
const databaseKind = /"kind":"(?:sqlite|postgres)"/g

const ourVersions = [process.version, process.version.slice(1), process.versions.v8]

/** Everything that is wrong with an answer to a hostile request, one sentence each. */
export function complaintsAbout({ draft, answer, secrets, privateFacts }: JudgeOptions): string[] {
  if (answer.status === 0) return draft.isUnfinished ? [] : ['There was no answer.']
  const sent = bytesOf(draft).toString('utf8')
  const sentDecoded = decoded(sent)
  const wasSent = (text: string) => sent.includes(text) || sentDecoded.includes(text)
  const { raw } = answer
  const words = raw.replace(opaqueText, '').replace(databaseKind, '')
  return [
    ...(answer.status >= 500 ? [`It answered ${answer.status}.`] : []),
    ...(raw.match(/^HTTP\/1\.1 [2-5]/gm)?.length === 1 ? [] : ['It answered more than once.']),
    ...(answer.headers.has('x-injected') ? ['A header was injected.'] : []),
    ...secrets.filter((secret) => raw.includes(secret)).map(() => 'A secret came back.'),
    ...privateFacts.filter((fact) => raw.includes(fact) && !wasSent(fact)).map((fact) => `It tells ${fact}.`),
    ...[
      ...insideKnowledge.map((shape) => shape.exec(words)?.[0]),
      ...ourVersions.filter((each) => words.includes(each)),
    ]
      .filter((found) => found !== undefined && !wasSent(found))
      .map((found) => `It tells of the inside: ${found}.`),
    ...(answer.status >= 400 && draft.method !== 'HEAD' ? problemComplaints(answer) : []),
  ]
}

function decoded(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  return spaced.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  )
}

interface Problem {
  type?: unknown
  title?: unknown
  status?: unknown
  detail?: unknown
  instance?: unknown
  errors?: unknown
}

function problemComplaints({ status, headers, body }: RawAnswer): string[] {
  const problem = parsed(body)
  if (!problem) return ['Its body is no JSON object.']
  const is = (name: string, holds: boolean) => (holds ? [] : [`Its ${name} is not as promised.`])
  return [
    ...is('content type', headers.get('content-type') === 'application/problem+json; charset=utf-8'),
    ...is('nosniff header', headers.get('x-content-type-options') === 'nosniff'),
    ...is(
      'type',
      typeof problem.type === 'string' && /^urn:outcry:problem:[a-z_]+\.[a-z_]+$/.test(problem.type),
    ),
    ...is('title', isOneLine(problem.title, 80)),
    ...is('status', problem.status === status),
    ...is('detail', isOneLine(problem.detail, 600) && /^\S.*\S[.]$/u.test(String(problem.detail))),
    ...is('instance', problem.instance === headers.get('x-request-id') && isOneLine(problem.instance, 64)),
    ...is('list of errors', status !== 422 || namesFields(problem.errors)),
  ]
}

function parsed(body: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function isOneLine(text: unknown, max: number): boolean {
  return (
    typeof text === 'string' &&
    text.length > 0 &&
    text.length <= max &&
    !/\p{Cc}|\p{Bidi_Control}/u.test(text)
  )
}

function namesFields(errors: unknown): boolean {
  return (
    Array.isArray(errors) &&
    errors.length > 0 &&
    errors.every(
      ({ path, message }: { path: unknown; message: unknown }) =>
        typeof path === 'string' &&
        /^(?:body|query|params|headers)(?:\.|$)/.test(path) &&
        isOneLine(path, 600) &&
        isOneLine(message, 600),
    )
  )
}
