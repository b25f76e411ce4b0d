import { maskUrl } from './secrets.ts'

/** How the text of a setting is read. */
export interface Kind<Value> {
  /** Completes "must be …". */
  readonly expects: string
  /** `undefined` refuses the text. */
  readonly parse: (text: string) => Value | undefined
  /** Which parts of a refused text are at fault, each worth a sentence; without it, the text as a whole. */
  readonly faultsIn?: (text: string) => readonly string[]
}

/** How much of a setting's text an error may repeat. */
export type Secrecy = 'open' | 'password-inside' | 'secret'

/** One setting: everything that is known about it, in one place. */
export interface Setting<Value> {
  readonly meaning: string
  /** What the documentation shows as the default. */
  readonly shownDefault: string
  readonly secrecy: Secrecy
  readonly expects: string
  /** The value when the setting is not set. */
  readonly fallback: Value
  readonly parse: (text: string) => Value | undefined
  readonly faultsIn?: (text: string) => readonly string[]
}

/** Settings by the name they have in the environment. */
export type SettingTable = Readonly<Record<string, Setting<unknown>>>

/** What a table's settings read to. */
export type SettingValues<Table extends SettingTable> = {
  [Name in keyof Table]: Table[Name] extends Setting<infer Value> ? Value : never
}

interface Described {
  meaning: string
  secrecy?: Secrecy
}

/** A setting with a default that is written like any other value of it. */
export function setting<Value>(kind: Kind<Value>, text: string, described: Described): Setting<Value> {
  const fallback = kind.parse(text)
  if (fallback === undefined) throw new TypeError(`The default ${text} of a setting is not ${kind.expects}.`)
  return { secrecy: 'open', ...described, ...kind, shownDefault: text, fallback }
}

/** A setting that may stay unset; `shownDefault` says what happens then. */
export function optionalSetting<Value>(
  kind: Kind<Value>,
  shownDefault: string,
  described: Described,
): Setting<Value | undefined> {
  return { secrecy: 'open', ...described, ...kind, shownDefault, fallback: undefined }
}

/** The values of a table's settings, with a sentence for each fault in one that cannot be read; that one then has its fallback. */
export interface ReadSettings<Table extends SettingTable> {
  values: SettingValues<Table>
  problems: string[]
}

/** Reads every setting of a table out of texts by name. An empty text counts as not set. */
export function readSettings<Table extends SettingTable>(
  table: Table,
  texts: Readonly<Record<string, string | undefined>>,
): ReadSettings<Table> {
  const problems: string[] = []
  const entries = Object.entries(table).map(([name, { parse, faultsIn, fallback, expects, secrecy }]) => {
    const text = texts[name]
    if (text === undefined || text === '') return [name, fallback]
    const value = parse(text)
    if (value !== undefined) return [name, value]
    const faults = faultsIn?.(text) ?? [text]
    problems.push(...faults.map((fault) => `${name} must be ${expects}${quote(fault, secrecy)}.`))
    return [name, fallback]
  })
  return { values: Object.fromEntries(entries) as SettingValues<Table>, problems }
}

function quote(text: string, secrecy: Secrecy): string {
  if (secrecy === 'secret') return ''
  const shown = secrecy === 'password-inside' ? maskUrl(text) : text
  return shown === undefined ? '' : `; ${JSON.stringify(shown)} is not`
}
