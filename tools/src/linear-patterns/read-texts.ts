import ts from 'typescript'

/** Every text that an expression can be; nothing when the file alone does not tell. */
export type TextReader = (expression: ts.Expression) => readonly string[] | undefined

/** Makes a reader of the texts in a file: plain ones, constants, templates, sums, and both of an alternative. */
export function createTextReader(file: ts.SourceFile): TextReader {
  const constants = constantsOf(file)
  const underWay = new Set<string>()

  const constantTexts = (name: string): readonly string[] | undefined => {
    const value = constants.get(name)
    if (!value || underWay.has(name)) return undefined
    underWay.add(name)
    const texts = textsOf(value)
    underWay.delete(name)
    return texts
  }

  const textsOf: TextReader = (node) => {
    if (ts.isStringLiteralLike(node)) return [node.text]
    if (ts.isParenthesizedExpression(node)) return textsOf(node.expression)
    if (ts.isIdentifier(node)) return constantTexts(node.text)
    if (ts.isConditionalExpression(node)) return both(textsOf(node.whenTrue), textsOf(node.whenFalse))
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
      return joined(textsOf(node.left), textsOf(node.right))
    }
    if (!ts.isTemplateExpression(node)) return undefined
    return node.templateSpans.reduce<readonly string[] | undefined>(
      (texts, span) => joined(joined(texts, textsOf(span.expression)), [span.literal.text]),
      [node.head.text],
    )
  }
  return textsOf
}

/** What the constants of a file are; a name that is declared twice in it may be either, so it is left out. */
function constantsOf(file: ts.SourceFile): ReadonlyMap<string, ts.Expression> {
  const declared = new Set<string>()
  const constants = new Map<string, ts.Expression>()
  const visit = (node: ts.Node): void => {
    const name = declaredName(node)
    if (name !== undefined) {
      const isConstant = ts.isVariableDeclaration(node) && (node.parent.flags & ts.NodeFlags.Const) !== 0
      if (isConstant && node.initializer && !declared.has(name)) constants.set(name, node.initializer)
      else constants.delete(name)
      declared.add(name)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return constants
}

function declaredName(node: ts.Node): string | undefined {
  const isDeclaration = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node)
  return isDeclaration && ts.isIdentifier(node.name) ? node.name.text : undefined
}

type Texts = readonly string[] | undefined

const both = (one: Texts, other: Texts): Texts => (one && other ? [...one, ...other] : undefined)

const joined = (heads: Texts, tails: Texts): Texts =>
  heads && tails ? heads.flatMap((head) => tails.map((tail) => head + tail)) : undefined
