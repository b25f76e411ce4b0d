import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type Manifest, wantedBy } from '../supply-chain/lock-faults.ts'

const FOLDER = new URL('../../../docs/decisions/', import.meta.url)
const PAGES = readdirSync(FOLDER).filter((name) => name.endsWith('.md'))
const TEXTS = PAGES.map((page) => readFileSync(new URL(page, FOLDER), 'utf8'))
const ROOT = new URL('../../../', import.meta.url)
const manifestOf = (folder: string): Manifest & { workspaces?: readonly string[] } =>
  JSON.parse(readFileSync(new URL(`${folder}package.json`, ROOT), 'utf8'))

it('numbers every decision page once, in its name and in its title', () => {
  const numbers = PAGES.map((name) => name.slice(0, 4))
  expect(numbers.toSorted()).toEqual([...new Set(numbers)].toSorted())
  for (const page of PAGES) {
    expect(page).toMatch(/^\d{4}-[a-z0-9-]+\.md$/)
    expect(readFileSync(new URL(page, FOLDER), 'utf8')).toMatch(
      new RegExp(`^# ${Number(page.slice(0, 4))}[.] `),
    )
  }
})

it('keeps every decision page under 25 lines', () => {
  const long = PAGES.filter((page) => readFileSync(new URL(page, FOLDER), 'utf8').split('\n').length > 25)
  expect(long).toEqual([])
})

/** Whether some page names the package; types of another package come with that one. */
function isNamed(name: string): boolean {
  const words = [name, name.replace(/^@types\//, '')].map((word) =>
    word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  )
  const naming = new RegExp(`(?<![\\w@/.-])(?:${words.join('|')})(?![\\w/-]|[.]\\w)`)
  return TEXTS.some((text) => naming.test(text))
}

it('names every package that any package.json asks for', () => {
  const root = manifestOf('')
  const folders = root.workspaces ?? []
  const asked = [root, ...folders.map((folder) => manifestOf(`${folder}/`))].flatMap((manifest) =>
    wantedBy(manifest, ['dependencies', 'devDependencies', 'optionalDependencies']).map(([name]) => name),
  )
  const unnamed = asked.filter((name) => !name.startsWith('@outcry/') && !isNamed(name))
  expect(asked.length).toBeGreaterThan(50)
  expect([...new Set(unnamed)]).toEqual([])
})
