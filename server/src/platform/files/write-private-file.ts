import { open } from 'node:fs/promises'

/**
 * Writes a file that only its owner can read (0600) and forces its bytes to disk. Throws `EEXIST` for a file that is there,
 * unless it may be replaced. To appear whole or not at all it is written under another name and renamed by the caller.
 */
export async function writePrivateFile(
  path: string,
  content: string | Uint8Array,
  { mayReplace = false }: { readonly mayReplace?: boolean } = {},
): Promise<void> {
  const file = await open(path, mayReplace ? 'w' : 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}
