import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const LEFT_OPEN = 'data:text/javascript,setInterval(() => {}, 1000)'

it('ends when its command is done, whatever is left open, with all that it had to say', async () => {
  const args = ['--import', LEFT_OPEN, MAIN, 'openapi']
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    maxBuffer: 64 * 1024 * 1024,
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OUTCRY_'))),
  })
  expect(JSON.parse(stdout)).toMatchObject({ openapi: '3.1.1' })
})
