import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { inScratchFolder } from '../../files/in-scratch-folder.ts'
import { lockFile } from './file-lock.ts'

const run = promisify(execFile)
const OTHER = `
  const { lockFile } = await import(process.argv[1])
  const lock = lockFile(process.argv[2])
  process.stdout.write(lock ? 'taken' : 'refused')
  if (process.argv[3] === 'die') process.kill(process.pid, 'SIGKILL')
`
const module = fileURLToPath(new URL('./file-lock.ts', import.meta.url))

/** What another process is told that asks for it. */
async function elsewhere(path: string, end = 'end'): Promise<string> {
  const args = ['--input-type=module', '--eval', OTHER, module, path, end]
  const ran = run(process.execPath, args)
  return (await ran.catch((error: { stdout: string }) => error)).stdout
}

it('is had by one at a time, in this process and in others, and leaves one empty file for its owner alone', async () => {
  await inScratchFolder(async (folder) => {
    const path = join(folder, 'lock')
    const first = lockFile(path)
    expect(first).toBeDefined()
    expect(lockFile(path)).toBeUndefined()
    expect(await elsewhere(path)).toBe('refused')
    first?.[Symbol.dispose]()
    expect(await elsewhere(path)).toBe('taken')
    expect(readdirSync(folder)).toEqual(['lock'])
    const { mode, size } = statSync(path)
    expect([mode & 0o777, size]).toEqual([0o600, 0])
  })
})

it('is let go of by the system when its process is killed', async () => {
  await inScratchFolder(async (folder) => {
    const path = join(folder, 'lock')
    expect(await elsewhere(path, 'die')).toBe('taken')
    using lock = lockFile(path)
    expect(lock).toBeDefined()
  })
})

it('throws when the file cannot be made', async () => {
  await inScratchFolder(async (folder) => {
    expect(() => lockFile(join(folder, 'missing', 'lock'))).toThrow(/ENOENT/)
  })
})

it('names a file that is there and cannot be locked', async () => {
  await inScratchFolder(async (folder) => {
    const [other, directory] = [join(folder, 'other'), join(folder, 'directory')]
    writeFileSync(other, 'x'.repeat(200))
    mkdirSync(directory)
    for (const path of [other, directory]) {
      const failure = expect(() => lockFile(path))
      failure.toThrow(`${path} cannot be locked; see that this user may write to it, or remove it.`)
    }
  })
})
