import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { createTextReader } from './read-texts.ts'

/** A regular expression in a source file. */
export interface Pattern {
  /** From the root of the repository. */
  readonly file: string
  readonly source: string
  readonly flags: string
}

/** What a file has of regular expressions. */
export interface Patterns {
  readonly read: readonly Pattern[]
  /** The values of a schema's `pattern` that the file alone does not tell. */
  readonly unread: readonly string[]
}

const SOURCE = /(?<!\.test|\.d)\.tsx?$/
const NOT_OURS_TO_RUN = new Set(['generated', 'node_modules', 'testing'])
/** Methods of a text that make a pattern of a plain text. */
const TAKES_A_PATTERN = new Set(['match', 'matchAll', 'search'])

/**
 * Every regular expression that a file holds between slashes, every plain text that is searched for as one, and every schema's
 * `pattern`, also where it is put together from constants of the file.
 */
export function patternsIn({ file, text }: Source): Patterns {
  const read: Pattern[] = []
  const unread: string[] = []
  const root = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const textsOf = createTextReader(root)
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/')
      read.push({ file, source: node.text.slice(1, end), flags: node.text.slice(end + 1) })
    }
    const searched = searchedText(node)
    if (searched !== undefined) read.push({ file, source: searched, flags: '' })
    const value = patternValue(node)
    if (value) {
      const sources = textsOf(value)
      if (!sources) unread.push(`${file}: ${value.getText()}`)
      for (const source of sources ?? []) read.push({ file, source, flags: 'u' }) // as the validator reads it
    }
    ts.forEachChild(node, visit)
  }
  visit(root)
  return { read, unread }
}

/** What a schema is given as its `pattern`, quoted or not, by name alone, or afterwards. */
function patternValue(node: ts.Node): ts.Expression | undefined {
  if (ts.isShorthandPropertyAssignment(node)) return node.name.text === 'pattern' ? node.name : undefined
  if (ts.isPropertyAssignment(node)) return isPatternName(node.name) ? node.initializer : undefined
  const isAssigned =
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    ts.isPropertyAccessExpression(node.left) &&
    node.left.name.text === 'pattern'
  return isAssigned ? node.right : undefined
}

function isPatternName(name: ts.PropertyName): boolean {
  const word =
    ts.isComputedPropertyName(name) && ts.isStringLiteralLike(name.expression) ? name.expression : name
  return (ts.isIdentifier(word) || ts.isStringLiteralLike(word)) && word.text === 'pattern'
}

function searchedText(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined
  const [first] = node.arguments
  if (!first || !ts.isStringLiteralLike(first) || !TAKES_A_PATTERN.has(node.expression.name.text))
    return undefined
  return first.text
}

/** A file of the product. */
export interface Source {
  /** From the root of the repository. */
  readonly file: string
  readonly text: string
}

/** All sources below a folder, without tests and what tests alone use. */
export function sourcesBelow(root: string, folder: string): Source[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`
    if (entry.isDirectory()) return NOT_OURS_TO_RUN.has(entry.name) ? [] : sourcesBelow(root, file)
    return SOURCE.test(entry.name) ? [{ file, text: readFileSync(join(root, file), 'utf8') }] : []
  })
}
