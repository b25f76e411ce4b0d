import { join } from 'node:path'
import { packPackages } from './pack-packages.ts'

try {
  await packPackages({ root: join(import.meta.dirname, '../../..') })
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error)
  process.stderr.write(`Packages could not be packed, so the server starts more slowly: ${reason}\n`)
  if (process.argv.includes('--check')) process.exitCode = 1
}
