import { join } from 'node:path'
import { buildWebApp } from './build-web-app.ts'
import { measureFirstLoad } from './first-load.ts'

const ROOT = join(import.meta.dirname, '../../..')
const SIGN_IN_PAGE = 'src/app/pages/sign-in.page.tsx'
const FIRST_LOAD_MAX_KB = 150 // what a person waits for who only wants in, on a slow line

try {
  await buildWebApp({ root: ROOT, say })
  if (process.argv.includes('--check')) await checkFirstLoad()
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

async function checkFirstLoad(): Promise<void> {
  const { gzip, br } = await measureFirstLoad(join(ROOT, 'web/dist'), SIGN_IN_PAGE)
  const figures = `${kilobytes(gzip)} with gzip, ${kilobytes(br)} with Brotli`
  say(
    `The sign-in page loads ${figures} of JavaScript; at most ${FIRST_LOAD_MAX_KB} kB with gzip are allowed.`,
  )
  if (gzip > FIRST_LOAD_MAX_KB * 1_000) process.exitCode = 1
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
