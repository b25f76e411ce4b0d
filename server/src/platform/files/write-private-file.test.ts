import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { inScratchFolder } from './in-scratch-folder.ts'
import { writePrivateFile } from './write-private-file.ts'

it('writes a file that only its owner can read', async () => {
  await inScratchFolder(async (folder) => {
    const path = join(folder, 'secret')
    await writePrivateFile(path, 'one')
    expect(readFileSync(path, 'utf8')).toBe('one')
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })
})

it('leaves a file that is there as it is, unless it may be replaced', async () => {
  await inScratchFolder(async (folder) => {
    const path = join(folder, 'secret')
    await writePrivateFile(path, 'one')
    await expect(writePrivateFile(path, 'two')).rejects.toMatchObject({ code: 'EEXIST' })
    expect(readFileSync(path, 'utf8')).toBe('one')
    await writePrivateFile(path, 'two', { mayReplace: true })
    expect(readFileSync(path, 'utf8')).toBe('two')
  })
})
