import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AskedStart, OVER } from './refusing-child.ts'
import { startServer } from './server-process.ts'
import type { UsedInstance } from './used-instance.ts'

const CHILD = fileURLToPath(new URL('./refusing-child.ts', import.meta.url))

/** How a server refused to start. */
export interface RefusedStart {
  readonly code: number | null
  /** What it said on standard error, line by line. */
  readonly sentences: readonly string[]
  /** Secrets of the instance that it told in its output or in a log. */
  readonly toldSecrets: readonly string[]
}

/** Starts a server and waits until it refuses. Throws when it does not. */
export type RefusingStart = (
  instance: UsedInstance,
  further?: Readonly<Record<string, string>>,
) => Promise<RefusedStart>

interface Refusal {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

async function judge(instance: UsedInstance, { code, out, err }: Refusal): Promise<RefusedStart> {
  const log = await readFile(join(instance.env.OUTCRY_DATA_DIR ?? '', 'command-errors.log'), 'utf8').catch(
    () => '',
  )
  const told = `${out}${err}${log}`
  return {
    code,
    sentences: err.trimEnd().split('\n'),
    toldSecrets: instance.secrets.filter((secret) => told.includes(secret)),
  }
}

/** Starts the real server. */
export const refusedStart: RefusingStart = async (instance, further = {}) => {
  const server = startServer(instance, further)
  const isReady = await Promise.race([server.ready.then(() => true), server.ended.then(() => false)]).catch(
    () => false,
  )
  if (isReady) throw new Error('The server started.')
  return await judge(instance, await server.ended)
}

/** A process that has loaded the server once, to be refused many times. */
export interface RefusingProcess extends Disposable {
  /** Starts the server in it. */
  readonly refusedStart: RefusingStart
}

/** Gathers one start's outputs until both are over. */
function nextRefusal(child: ChildProcess): Promise<Refusal> {
  const said = { out: '', err: '' }
  const { promise, resolve, reject } = Promise.withResolvers<Refusal>()
  const listenTo = (name: 'out' | 'err') => (text: string) => {
    said[name] += text
    if (said.out.includes('(listening on ')) reject(new Error('The server started.'))
    const [out, code] = said.out.split(OVER)
    const [err, again] = said.err.split(OVER)
    if (code?.endsWith('\n') && again?.endsWith('\n'))
      resolve({ code: Number(code), out: out ?? '', err: err ?? '' })
  }
  const [onOut, onErr] = [listenTo('out'), listenTo('err')]
  const onClose = () => reject(new Error(`The process ended: ${said.out}${said.err}`))
  child.stdout?.on('data', onOut)
  child.stderr?.on('data', onErr)
  child.once('close', onClose)
  return promise.finally(() => {
    child.stdout?.off('data', onOut)
    child.stderr?.off('data', onErr)
    child.off('close', onClose)
  })
}

function spawnChild() {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('OUTCRY_'))
  const child = spawn(process.execPath, [CHILD], { env: Object.fromEntries(kept), stdio: 'pipe' })
  child.stdout.setEncoding('utf8')
  child.stderr.setEncoding('utf8')
  return child
}

/** Starts that process, and another one after a start that was not refused. */
export function refusingProcess(): RefusingProcess {
  let child = spawnChild()
  const askChild = async (asked: AskedStart): Promise<Refusal> => {
    const refusal = nextRefusal(child)
    child.stdin.write(`${JSON.stringify(asked)}\n`)
    try {
      return await refusal
    } catch (error) {
      child.kill('SIGKILL')
      child = spawnChild()
      throw error
    }
  }
  return {
    async refusedStart(instance, further = {}) {
      const env = { ...instance.env, ...further }
      return await judge(instance, await askChild({ env, cwd: instance.folder }))
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}
