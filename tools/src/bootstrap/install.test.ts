import { spawnSync } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))
const LOCKED = {
  '': {},
  server: {},
  'node_modules/@outcry/server': { link: true },
  'node_modules/served': { integrity: 'sha512-served' },
  'node_modules/tested': { integrity: 'sha512-tested', dev: true },
  'node_modules/elsewhere': { integrity: 'sha512-elsewhere', optional: true },
}
const { 'node_modules/tested': _tested, ...PRODUCTION } = LOCKED

let checkout: string

beforeEach(async () => {
  checkout = join(await mkdtemp(join(tmpdir(), 'outcry-install-')), 'a folder with spaces')
  await cp(join(REPOSITORY, 'tools/bootstrap'), join(checkout, 'tools/bootstrap'), { recursive: true })
  await writePackages('package-lock.json', LOCKED)
})
afterEach(() => rm(dirname(checkout), { recursive: true, force: true }))

describe('the installer', () => {
  it('leaves development packages out of a first start', async () => {
    expect(await install()).toMatchObject({ status: 0, asked: 'ci --loglevel=error --omit=dev' })
  })

  it('installs everything for the tests', async () => {
    await writePackages('node_modules/.package-lock.json', PRODUCTION)
    expect(await install('--full')).toMatchObject({ status: 0, asked: 'ci --loglevel=error --include=dev' })
  })

  it.each([
    ['a start with what it needs', PRODUCTION, []],
    ['a start with more than it needs', LOCKED, []],
    ['the tests with everything', LOCKED, ['--full']],
  ])('does not call npm for %s', async (_situation, present, args) => {
    await writePackages('node_modules/.package-lock.json', present)
    expect(await install(...args)).toEqual({ status: 0, asked: '', said: '' })
  })

  it('keeps the development packages when the lock file has moved on', async () => {
    const outdated = { ...LOCKED, 'node_modules/served': { integrity: 'sha512-older' } }
    await writePackages('node_modules/.package-lock.json', outdated)
    expect(await install()).toMatchObject({ asked: 'ci --loglevel=error --include=dev' })
  })

  it('says in one sentence that npm failed', async () => {
    const { status, said } = await install('--npm-fails')
    expect(status).toBe(1)
    expect(said).toContain('npm could not install the packages: see its message above, then try again.')
  })
})

async function install(...args: string[]): Promise<{ status: number | null; said: string; asked: string }> {
  const bin = join(checkout, 'bin')
  const exitCode = args.includes('--npm-fails') ? 1 : 0
  await mkdir(bin)
  await writeFile(join(bin, 'npm'), `#!/bin/sh\necho "$*" > "${checkout}/asked"\nexit ${exitCode}\n`)
  await chmod(join(bin, 'npm'), 0o755)
  const script = join(checkout, 'tools/bootstrap/install.mjs')
  const { status, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    env: { PATH: `${bin}:/usr/bin:/bin` },
  })
  const asked = await readFile(join(checkout, 'asked'), 'utf8').catch(() => '')
  return { status, said: stderr, asked: asked.trim() }
}

async function writePackages(file: string, packages: object): Promise<void> {
  await mkdir(dirname(join(checkout, file)), { recursive: true })
  await writeFile(join(checkout, file), JSON.stringify({ packages }))
}
