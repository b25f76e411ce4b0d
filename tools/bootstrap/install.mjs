// Note: plain JavaScript for Node 20, because it runs before the Node we ship is there.
import { spawnSync } from 'node:child_process'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hasDevelopmentPackages, readInstallState } from './installed-packages.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

const needsFull = process.argv.includes('--full')
const state = readInstallState(root)
if (state === 'incomplete' || (needsFull && state === 'production')) install()

function install() {
  const isFull = needsFull || hasDevelopmentPackages(root)
  const args = ['ci', '--loglevel=error', isFull ? '--include=dev' : '--omit=dev']
  say(`Installing the packages ${isFull ? 'to run and test' : 'to run'} Outcry (once, about a minute) …`)
  const startedMs = Date.now()
  const { status, error } = spawnSync('npm', args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: pathWithoutPackages() },
  })
  if (error) fail(`npm could not be started (${error.message}): install npm, then try again.`)
  if (status !== 0) fail('npm could not install the packages: see its message above, then try again.')
  say(`Installed in ${Math.round((Date.now() - startedMs) / 1000)} s.`)
}

// Note: `npm ci` deletes node_modules, so it must not run on the Node that lies in there.
function pathWithoutPackages() {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.endsWith(join('node_modules', '.bin')))
    .join(delimiter)
}

function say(text) {
  process.stderr.write(`${text}\n`)
}

function fail(text) {
  say(text)
  process.exit(1)
}
