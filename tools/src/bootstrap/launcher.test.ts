import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))
const MAIN = `
const [, , ...args] = process.argv
process.on('SIGTERM', () => process.exit(7))
process.stdout.write(JSON.stringify({ args, flags: process.execArgv, pid: process.pid }))
if (args[0] === 'wait') setInterval(() => {}, 1_000)
else process.exitCode = Number(args[1] ?? 0)
`

let checkout: string

beforeEach(async () => {
  checkout = join(await mkdtemp(join(tmpdir(), 'outcry-launcher-')), 'a folder with spaces')
  await cp(join(REPOSITORY, 'tools/bootstrap'), join(checkout, 'tools/bootstrap'), { recursive: true })
  await cp(join(REPOSITORY, 'bin'), join(checkout, 'bin'), { recursive: true })
  await mkdir(join(checkout, 'server/src'), { recursive: true })
  await writeFile(join(checkout, 'server/src/main.ts'), MAIN)
  await mkdir(join(checkout, 'node_modules/.bin'), { recursive: true })
  await writeFile(join(checkout, 'node_modules/.package-lock.json'), '{}')
  await symlink(process.execPath, join(checkout, 'node_modules/.bin/node'))
})
afterEach(() => rm(dirname(checkout), { recursive: true, force: true }))

describe('bin/outcry', () => {
  it('runs from any folder through symbolic links, arguments and exit code untouched', async () => {
    const elsewhere = join(dirname(checkout), 'elsewhere')
    await mkdir(elsewhere)
    await symlink('../a folder with spaces/bin/outcry', join(elsewhere, 'first'))
    await symlink(join(elsewhere, 'first'), join(elsewhere, 'second'))
    const { status, stdout, stderr } = spawnSync(join(elsewhere, 'second'), ['user name', '3'], {
      cwd: '/',
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      args: ['user name', '3'],
      flags: ['--disable-sigusr1', '--expose-gc'],
    })
  })

  it('becomes the server, so that signals and exit codes need no passing on', async () => {
    const outcry = spawn(join(checkout, 'bin/outcry'), ['wait'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = await once(outcry.stdout.setEncoding('utf8'), 'data')
    expect(JSON.parse(String(said)).pid).toBe(outcry.pid)
    outcry.kill('SIGTERM')
    expect(await once(outcry, 'exit')).toEqual([7, null])
  })

  it('says what to do while the packages are missing', async () => {
    await rm(join(checkout, 'node_modules'), { recursive: true })
    const { status, stderr } = spawnSync(join(checkout, 'bin/outcry'), ['serve'], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toBe(`Outcry's packages are not installed yet: run "npm start" once in ${checkout}.\n`)
  })

  it('says what to do when the only Node.js is too old', async () => {
    await rm(join(checkout, 'node_modules/.bin/node'))
    await writeFile(join(checkout, 'node'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    const { status, stderr } = spawnSync(join(checkout, 'bin/outcry'), ['serve'], {
      encoding: 'utf8',
      env: { PATH: `${checkout}:/usr/bin:/bin` },
    })
    expect(status).toBe(1)
    expect(stderr).toContain('Outcry needs Node.js 24 or newer')
  })
})
