import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { inScratchFolder } from './in-scratch-folder.ts'

it('gives a folder for its owner alone, which is gone afterwards', async () => {
  const folder = await inScratchFolder(async (path) => {
    writeFileSync(join(path, 'left behind'), 'x')
    expect(statSync(path).mode & 0o777).toBe(0o700)
    return path
  })
  expect(existsSync(folder)).toBe(false)
})

it('takes the folder away when the work fails', async () => {
  let folder = ''
  const work = inScratchFolder(async (path) => {
    folder = path
    throw new Error('halfway')
  })
  await expect(work).rejects.toThrow('halfway')
  expect(existsSync(folder)).toBe(false)
})
