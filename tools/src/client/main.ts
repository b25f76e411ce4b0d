import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { generateTypes } from './generate-types.ts'

const OUTCRY = fileURLToPath(new URL('../../../bin/outcry', import.meta.url))
const GENERATED = new URL('../../../contract/src/generated/openapi.ts', import.meta.url)

const others = Object.entries(process.env).filter(([name]) => !name.startsWith('OUTCRY_')) // of the tests, say
const { status, stdout, stderr } = spawnSync(OUTCRY, ['openapi'], {
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
  env: Object.fromEntries(others),
})
if (status !== 0) fail(`bin/outcry openapi failed: ${stderr}`)
const types = await generateTypes(stdout)
if (!process.argv.includes('--check')) await writeFile(GENERATED, types)
else if (types !== (await readFile(GENERATED, 'utf8'))) {
  fail('contract/src/generated/openapi.ts is behind the routes: run "npm run client" and commit it.')
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
