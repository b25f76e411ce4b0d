import type { PasswordFilter } from './password-filter.ts'

const MAX_CODE_POINTS = 256
const MAX_BYTES = 1024
const CONTROL = /\p{Cc}/u
// Note: a name of one or two letters is part of nearly every password; refusing for it would only puzzle people.
const MIN_NAME_LENGTH = 3

/** Why a password is refused. */
export type PasswordFault = 'too_short' | 'too_long' | 'malformed' | 'common' | 'contains_name'

/** One reason, with the sentence to show. The sentence never holds the password. */
export interface PasswordProblem {
  readonly fault: PasswordFault
  readonly message: string
}

/** Whose password it is to be. What is not known yet is left out. */
export interface PasswordOwner {
  username?: string
  email?: string
}

/** What a password is measured by. */
export interface PasswordRulesOptions {
  /** In code points; the caller's settings keep it at 8 or more. */
  minLength: number
  siteName: string
  /** Sets of known bad passwords, in the order they are asked. */
  filters: readonly PasswordFilter[]
}

/**
 * The one place that decides whether a text may become a password, on every route and command that sets one: length counted
 * in code points, no composition rules, nothing trimmed or cut (NIST SP 800-63B §3.1.1.2). Answers every reason at once;
 * an empty list means the password is fine.
 */
export type PasswordRules = (password: string, owner: PasswordOwner) => readonly PasswordProblem[]

/** Makes the rules of one instance. */
export function createPasswordRules({ minLength, siteName, filters }: PasswordRulesOptions): PasswordRules {
  return (password, { username, email }) => {
    if (isTooLong(password)) {
      return [
        problem(
          'too_long',
          `Use at most ${MAX_CODE_POINTS} characters (${MAX_BYTES} bytes) for the password.`,
        ),
      ]
    }
    if (!password.isWellFormed() || CONTROL.test(password)) {
      return [problem('malformed', 'The password holds characters that cannot be stored; type it again.')]
    }
    const problems: PasswordProblem[] = []
    if ([...password].length < minLength) {
      problems.push(problem('too_short', `Use at least ${minLength} characters for the password.`))
    }
    const folded = fold(password)
    if (filters.some((filter) => filter.contains(password) || filter.contains(folded))) {
      problems.push(
        problem('common', 'This password is on the list of common passwords; choose another one.'),
      )
    }
    const named = namesOf({ username, email, siteName }).find(([, name]) => folded.includes(fold(name)))
    if (named !== undefined) {
      problems.push(problem('contains_name', `The password must not contain ${named[0]}.`))
    }
    return problems
  }
}

function isTooLong(password: string): boolean {
  if (password.length > MAX_BYTES) return true // no text of more UTF-16 units fits, so a huge one costs nothing to refuse
  return [...password].length > MAX_CODE_POINTS || Buffer.byteLength(password) > MAX_BYTES
}

interface Names {
  username: string | undefined
  email: string | undefined
  siteName: string
}

function namesOf({ username, email, siteName }: Names): [string, string][] {
  const names: [string, string | undefined][] = [
    ['your username', username],
    ['your e-mail address', email],
    ['the name in your e-mail address', email?.slice(0, Math.max(0, email.lastIndexOf('@')))],
    ['the name of this site', siteName],
  ]
  return names.flatMap(([what, name]) =>
    name !== undefined && [...name].length >= MIN_NAME_LENGTH ? [[what, name]] : [],
  )
}

/** The form in which passwords are looked up in the shipped list and names are looked for: NFKC, lower case. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

function problem(fault: PasswordFault, message: string): PasswordProblem {
  return { fault, message }
}
