import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** A regular expression in a source file. */
export interface Pattern {
  /** From the root of the repository. */
  readonly file: string
  readonly source: string
  readonly flags: string
}

const SOURCE = /(?<!\.test|\.d)\.tsx?$/
const NOT_OURS_TO_RUN = new Set(['generated', 'node_modules', 'testing'])

/** Every regular expression that a file holds between slashes, and every schema's `pattern` that is one plain text. */
export function patternsIn({ file, text }: Source): Pattern[] {
  const found: Pattern[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/')
      found.push({ file, source: node.text.slice(1, end), flags: node.text.slice(end + 1) })
    }
    const isSchema = ts.isPropertyAssignment(node) && node.name.getText() === 'pattern'
    if (isSchema && ts.isStringLiteralLike(node.initializer))
      found.push({ file, source: node.initializer.text, flags: 'u' }) // as the validator reads it
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true))
  return found
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
