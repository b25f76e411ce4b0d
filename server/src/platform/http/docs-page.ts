import { escapeHtml } from '../escape-html.ts'
import { docsStyle } from './docs-style.ts'
import type { Answer, OpenApiDocument, Operation } from './openapi-document.ts'

/** The API documentation as one page of plain HTML: no script, nothing from elsewhere, readable on a phone. */
export function renderDocs(document: OpenApiDocument): string {
  const { info, tags } = document
  const title = `${escapeHtml(info.title)} API`
  const groups = tags.map(({ name }) => ({ name, operations: operationsOf(document, name) }))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${docsStyle}</style>
</head>
<body>
<a class="skip" href="#endpoints">Skip to the endpoints</a>
<header>
<h1>${title} <small>${escapeHtml(info.version)}</small></h1>
<p>${escapeHtml(info.description)}</p>
<p><a href="/api/openapi.json">OpenAPI 3.1 document</a></p>
</header>
<nav aria-label="Groups"><ul>${groups.map(({ name }) => `<li><a href="#group-${slug(name)}">${escapeHtml(name)}</a></li>`).join('')}</ul></nav>
<main id="endpoints">
${groups.map(({ name, operations }) => renderGroup(name, operations)).join('\n')}
<section aria-labelledby="schemas"><h2 id="schemas">Schemas</h2>
${Object.entries(document.components.schemas).map(renderComponent).join('\n')}
</section>
</main>
</body>
</html>
`
}

interface Entry {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

function operationsOf({ paths }: OpenApiDocument, tag: string): Entry[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => ({ method, path, operation })),
  )
}

function renderGroup(name: string, entries: readonly Entry[]): string {
  return `<section aria-labelledby="group-${slug(name)}"><h2 id="group-${slug(name)}">${escapeHtml(name)}</h2>
${entries.map(renderEndpoint).join('\n')}
</section>`
}

function renderEndpoint({ method, path, operation }: Entry): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation
  const limits = operation['x-rate-limits']
  const facts = [accessText(operation['x-access']), scopeText(operation)]
  if (limits.length > 0) facts.push(`Limit: ${limits.join(', ')}.`)
  return `<article id="operation-${slug(operationId)}" aria-labelledby="title-${slug(operationId)}">
<h3 id="title-${slug(operationId)}"><span class="method ${method}">${method.toUpperCase()}</span> <code>${escapeHtml(path)}</code></h3>
<p>${escapeHtml(summary)}.</p>
${description === undefined ? '' : `<p>${escapeHtml(description)}</p>`}
<p class="facts">${escapeHtml(facts.filter(Boolean).join(' '))}</p>
${parameters === undefined ? '' : `<h4>Parameters</h4>${fieldTable(parameters.map((each) => ({ ...each, note: each.in })))}`}
${requestBody === undefined ? '' : `<h4>Body</h4>${renderContent(requestBody.content)}`}
<h4>Answers</h4><dl>${Object.entries(responses).map(renderAnswer).join('')}</dl>
${renderEvents(operation['x-events'])}
</article>`
}

function renderEvents(events: Operation['x-events']): string {
  if (events === undefined) return ''
  const rendered = Object.entries(events).map(([name, schema]) => {
    const { description, properties } = part(schema)
    const about = typeof description === 'string' ? `<p>${escapeHtml(description)}</p>` : ''
    const fields = Object.keys(part(properties)).length === 0 ? '' : renderSchema(schema)
    return `<dt>${escapeHtml(name)}</dt><dd>${about}${fields}</dd>`
  })
  return `<h4>Events</h4><dl>${rendered.join('')}</dl>`
}

function accessText(access: Operation['x-access']): string {
  if (typeof access === 'object') return `For the role ${access.role} and above.`
  const texts = {
    anyone: 'Open to anyone.',
    optional: 'Open to anyone; signing in shows more.',
    'signed-in-or-pending': 'Needs a sign-in.',
    'signed-in': 'Needs a sign-in with an active account.',
    fresh: 'Needs a sign-in confirmed in the last five minutes.',
    'fresh-where-due':
      'Needs a sign-in with an active account, for some uses one confirmed in the last five minutes, for others in the last twelve hours.',
    token: 'Needs a personal access token; sessions are refused.',
  }
  return texts[access]
}

function scopeText({ 'x-access': access, 'x-scope': scope }: Operation): string {
  if (access === 'anyone') return ''
  if (scope === undefined) return 'Personal access tokens are refused.'
  return access === 'token'
    ? `The token needs the scope ${scope}.`
    : `Personal access tokens need the scope ${scope}.`
}

function renderAnswer([status, { description, content }]: [string, Answer]): string {
  const lines = description
    .split('\n')
    .map((line) => `<p>${escapeHtml(line).replace(/`([^`]*)`/g, '<code>$1</code>')}</p>`)
  const isProblem = Number(status) >= 400
  return `<dt>${status}</dt><dd>${lines.join('')}${content === undefined || isProblem ? '' : renderContent(content)}</dd>`
}

function renderContent(content: Readonly<Record<string, { readonly schema: unknown }>>): string {
  return Object.entries(content)
    .map(([type, { schema }]) => `<p class="facts">${escapeHtml(type)}</p>${renderSchema(schema)}`)
    .join('')
}

function renderComponent([title, schema]: [string, unknown]): string {
  return `<article id="schema-${slug(title)}"><h3>${escapeHtml(title)}</h3>${renderSchema(schema)}</article>`
}

function renderSchema(schema: unknown): string {
  const { properties, required } = part(schema)
  if (typeof properties !== 'object' || properties === null) return `<p>${typeText(schema)}</p>`
  const names = new Set<unknown>(Array.isArray(required) ? required : [])
  return fieldTable(
    Object.entries(properties).map(([name, property]) => ({
      name,
      schema: property,
      required: names.has(name),
    })),
  )
}

interface Field {
  readonly name: string
  readonly schema: unknown
  readonly required: boolean
  readonly note?: string
}

function fieldTable(fields: readonly Field[]): string {
  const rows = fields.map(({ name, schema, required, note }) => {
    const { description } = part(schema)
    const text = [required ? 'required' : 'optional', note, rulesText(schema)].filter(Boolean).join(', ')
    const about = typeof description === 'string' ? ` ${escapeHtml(description)}` : ''
    return `<tr><th scope="row"><code>${escapeHtml(name)}</code></th><td>${typeText(schema)}</td><td>${escapeHtml(text)}.${about}</td></tr>`
  })
  return `<div class="table" role="region" aria-label="Fields" tabindex="0"><table><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Rules</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

function part(schema: unknown): Record<string, unknown> {
  return typeof schema === 'object' && schema !== null ? (schema as Record<string, unknown>) : {}
}

function typeText(schema: unknown): string {
  const { $ref, type, items, enum: words, anyOf, format } = part(schema)
  if (typeof $ref === 'string') {
    const title = $ref.slice($ref.lastIndexOf('/') + 1)
    return `<a href="#schema-${slug(title)}">${escapeHtml(title)}</a>`
  }
  if (Array.isArray(anyOf)) return anyOf.map(typeText).join(' or ')
  if (type === 'array') return `list of ${typeText(items)}`
  if (Array.isArray(words)) return words.map((word) => `<code>${escapeHtml(String(word))}</code>`).join(' ')
  const names = [type].flat().filter((each) => typeof each === 'string')
  return (
    escapeHtml(names.length === 0 ? 'any' : names.join(' or ')) +
    (typeof format === 'string' ? ` (${escapeHtml(format)})` : '')
  )
}

function rulesText(schema: unknown): string {
  const { minLength, maxLength, minimum, maximum, default: initial } = part(schema)
  const rules = [
    minLength === undefined ? '' : `at least ${minLength} characters`,
    maxLength === undefined ? '' : `at most ${maxLength} characters`,
    minimum === undefined ? '' : `at least ${minimum}`,
    maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? '' : `at most ${maximum}`,
    initial === undefined ? '' : `default ${JSON.stringify(initial)}`,
  ]
  return rules.filter(Boolean).join(', ')
}

function slug(text: string): string {
  return text.replace(/[^A-Za-z0-9]+/g, '-')
}
