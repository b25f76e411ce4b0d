import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The addresses that a folder of mails was written for, once for each mail. */
export async function addressees(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml'))
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8')
      return /^To: (?:.*<)?([^<>\s]+@[^<>\s]+?)>?\r?$/m.exec(text)?.[1] ?? `nobody in ${name}`
    }),
  )
}
