import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { measureFirstLoad } from './first-load.ts'

const MANIFEST = {
  'index.html': {
    file: 'assets/main.js',
    isEntry: true,
    imports: ['_react.js'],
    dynamicImports: ['src/sign-in.tsx', 'src/vault.tsx'],
  },
  '_react.js': { file: 'assets/react.js' },
  '_form.js': { file: 'assets/form.js', imports: ['_react.js', '_field.js'] },
  '_field.js': { file: 'assets/field.js', imports: ['_form.js'], dynamicImports: ['src/passkey.ts'] },
  'src/passkey.ts': { file: 'assets/passkey.js', imports: ['_react.js'] },
  'src/sign-in.tsx': { file: 'assets/sign-in.js', imports: ['index.html', '_form.js'] },
  'src/vault.tsx': { file: 'assets/vault.js', imports: ['_react.js'] },
}
const SIZES = { main: 1, react: 10, form: 100, field: 1_000, 'sign-in': 10_000, vault: 100_000, passkey: 0.5 }

let dist: string

beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'outcry-first-load-'))
  await write('.vite/manifest.json', JSON.stringify(MANIFEST))
  for (const [name, size] of Object.entries(SIZES)) {
    await write(`assets/${name}.js`, 'x'.repeat(4 * size))
    await write(`assets/${name}.js.gz`, 'x'.repeat(2 * size))
    if (name !== 'main' && name !== 'passkey') await write(`assets/${name}.js.br`, 'x'.repeat(size))
  }
})
afterAll(() => rm(dist, { recursive: true, force: true }))

it('counts the entry, the page, and what they import at once or the page later, each once, as it is sent', async () => {
  expect(await measureFirstLoad(dist, 'src/sign-in.tsx')).toEqual({ gzip: 22_223, br: 11_116 })
  expect(await measureFirstLoad(dist, 'src/vault.tsx')).toEqual({ gzip: 200_022, br: 100_014 })
})

it('refuses a page that is no chunk of its own', async () => {
  await expect(measureFirstLoad(dist, 'src/moved.tsx')).rejects.toThrow(
    'no chunk of its own for src/moved.tsx',
  )
})

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(dist, path)), { recursive: true })
  await writeFile(join(dist, path), text)
}
