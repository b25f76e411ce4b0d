import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const FOLDER = new URL('../../../docs/decisions/', import.meta.url)
const PAGES = readdirSync(FOLDER).filter((name) => name.endsWith('.md'))

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
