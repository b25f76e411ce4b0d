import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { hashSources } from './source-hash.ts'

let checkout: string
let before: string

beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'outcry-sources-'))
  const files = ['web/index.html', 'web/src/main.tsx', 'contract/src/pages.ts', 'tools/src/web-app/main.ts']
  for (const path of [...files, 'package-lock.json', 'tsconfig.json']) await write(path, path)
  before = await hashSources(checkout)
})
afterEach(() => rm(checkout, { recursive: true, force: true }))

it.each([
  'web/index.html',
  'web/src/main.tsx',
  'web/src/ui/new.tsx',
  'web/vite.config.ts',
  'contract/src/pages.ts',
  'package-lock.json',
  'tsconfig.json',
  'tools/src/web-app/main.ts',
])('changes with %s', async (path) => {
  await write(path, 'changed')
  expect(await hashSources(checkout)).not.toBe(before)
})

it.each([
  'web/dist/index.html',
  'web/.dist-1/index.html',
  'web/node_modules/react/index.js',
  'web/journeys/sign-in.journey.test.ts',
  'web/src/main.test.tsx',
  'contract/src/pages.test.ts',
  'server/src/app.ts',
  'README.md',
])('does not change with %s', async (path) => {
  await write(path, 'changed')
  expect(await hashSources(checkout)).toBe(before)
})

it('changes when two files change their names or pass a text on', async () => {
  await write('web/src/main.tsx', 'web/')
  await write('web/index.html', 'index.htmlweb/src/main.tsx')
  expect(await hashSources(checkout)).not.toBe(before)
})

it('follows no symbolic links', async () => {
  await symlink('/etc', join(checkout, 'web/src/elsewhere'))
  expect(await hashSources(checkout)).toBe(before)
})

it('fails when a source is missing altogether', async () => {
  await rm(join(checkout, 'package-lock.json'))
  await expect(hashSources(checkout)).rejects.toThrow('ENOENT')
})

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(checkout, path)), { recursive: true })
  await writeFile(join(checkout, path), text)
}
