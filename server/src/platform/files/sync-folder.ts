import { open } from 'node:fs/promises'

/** Forces a folder's entries to disk, so that a file that was made or renamed in it is there after a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return // a folder cannot be opened there
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
