import { chmod, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { makePrivateFolder } from './make-private-folder.ts'

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

describe('a private folder', () => {
  let scratch: string
  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'outcry private '))
    return () => rm(scratch, { recursive: true, force: true })
  })

  it('is made for its owner alone, with what is missing above it', async () => {
    makePrivateFolder(join(scratch, 'a', 'b', 'c'))
    for (const path of ['a', 'a/b', 'a/b/c']) expect(await modeOf(join(scratch, path))).toBe(0o700)
    makePrivateFolder(join(relative(process.cwd(), scratch), 'near'))
    expect((await readdir(scratch)).toSorted()).toEqual(['a', 'near'])
  })

  it('is left as it is when it is there, also behind a link', async () => {
    await chmod(scratch, 0o755)
    await writeFile(join(scratch, 'kept'), 'kept')
    makePrivateFolder(scratch)
    await symlink(scratch, join(scratch, 'link'))
    makePrivateFolder(join(scratch, 'link'))
    expect(await modeOf(scratch)).toBe(0o755)
    expect((await readdir(scratch)).toSorted()).toEqual(['kept', 'link'])
    makePrivateFolder('/')
  })

  it('is refused under a file, in place of one, and in place of a link that leads nowhere', async () => {
    await writeFile(join(scratch, 'file'), 'kept')
    await symlink(join(scratch, 'nowhere'), join(scratch, 'link'))
    expect(() => makePrivateFolder(join(scratch, 'file'))).toThrow(/EEXIST/)
    expect(() => makePrivateFolder(join(scratch, 'file', 'a', 'b'))).toThrow(/ENOTDIR/)
    expect(() => makePrivateFolder(join(scratch, 'link'))).toThrow(/EEXIST/)
    expect((await readdir(scratch)).toSorted()).toEqual(['file', 'link'])
  })

  it.runIf(process.platform === 'linux')('is refused where the system makes none', () => {
    for (const path of ['/proc/nope', '/proc/nope/a/b']) {
      expect(() => makePrivateFolder(path)).toThrow(expect.objectContaining({ path: '/proc/nope' }))
    }
  })
})
