import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)

/** What a program has loaded of Node itself and of packages that are CommonJS. */
async function loadedBy(module: string): Promise<string[]> {
  const url = new URL(module, import.meta.url).href
  const loaded = "[...process.moduleLoadList, ...Object.keys(process.getBuiltinModule('module')._cache)]"
  const script = `await import('${url}'); console.log(JSON.stringify(${loaded}))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script])
  return JSON.parse(stdout)
}

it.each(['./serve.ts', './vault-process.ts'])(
  '%s starts without an HTTP client that only its first use needs',
  async (module) => {
    const loaded = await loadedBy(module)
    expect(loaded).toContain('NativeModule http')
    expect(loaded.filter((name) => name.includes('/pg/'))).not.toEqual([])
    expect(loaded.filter((name) => name.includes('undici'))).toEqual([])
  },
)
