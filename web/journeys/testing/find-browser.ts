import { execFile } from 'node:child_process'
import { access, chmod, constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A Chromium and what its environment must say. */
export interface BrowserProgram {
  readonly executablePath: string
  readonly env: Readonly<Record<string, string>>
}

const run = promisify(execFile)
const CACHE = fileURLToPath(new URL('../../../.cache/', import.meta.url))
const UNPACK = fileURLToPath(new URL('./unpack-chromium.ts', import.meta.url))

const NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome']
const APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/**
 * The browser that journeys run in: the program that OUTCRY_TEST_BROWSER names, else on Linux x64 the one that the packages
 * bring along, else an installed Chrome or Chromium. Throws a sentence when there is none.
 */
export async function findBrowser(): Promise<BrowserProgram> {
  const named = process.env.OUTCRY_TEST_BROWSER
  if (named) return { executablePath: named, env: {} }
  if (process.platform === 'linux' && process.arch === 'x64') return packedBrowser()
  for (const executablePath of installedPlaces()) {
    if (await isProgram(executablePath)) return { executablePath, env: {} }
  }
  throw new Error(
    'There is no browser to test in: install Chrome or Chromium, or name one in OUTCRY_TEST_BROWSER.',
  )
}

function installedPlaces(): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...APPLICATIONS]
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** Unpacks it once for each version; several runs at once may try, and one wins. */
async function packedBrowser(): Promise<BrowserProgram> {
  const folder = join(CACHE, `chromium-${await packedVersion()}`)
  const executablePath = join(folder, 'chromium')
  if (!(await isProgram(executablePath))) await unpackInto(folder)
  const fonts = { FONTCONFIG_PATH: folder }
  if (await starts(executablePath, fonts)) return { executablePath, env: fonts }
  return { executablePath, env: { ...fonts, LD_LIBRARY_PATH: join(folder, 'al2023/lib') } }
}

async function packedVersion(): Promise<string> {
  const main = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const manifest = join(dirname(main), '../package.json')
  const { version }: { version: string } = JSON.parse(await readFile(manifest, 'utf8'))
  return version
}

async function unpackInto(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const fresh = await mkdtemp(`${folder}-`)
  try {
    await run(process.execPath, [UNPACK], { env: { ...process.env, TMPDIR: fresh } })
    await writeFile(join(fresh, 'fonts.conf'), fontsConfiguration(folder))
    await chmod(join(fresh, 'chromium'), 0o755)
    await chmod(fresh, 0o755)
    await rename(fresh, folder)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    if (!(await isProgram(join(folder, 'chromium')))) throw error
  }
}

/** The package's fonts before the system's, so that pages look alike everywhere, also where there are none. */
function fontsConfiguration(folder: string): string {
  const dirs = [join(folder, 'fonts'), '/usr/share/fonts', '/usr/local/share/fonts']
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
${dirs.map((dir) => `  <dir>${dir}</dir>`).join('\n')}
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`
}

async function starts(executablePath: string, env: Readonly<Record<string, string>>): Promise<boolean> {
  return run(executablePath, ['--version'], { env: { ...process.env, ...env } }).then(
    () => true,
    () => false,
  )
}
