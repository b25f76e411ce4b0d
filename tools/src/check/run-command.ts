import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs a program of ours to its end. With `live` its output goes to the terminal as it comes, else into `output`. `env` replaces this process's. */
export async function runCommand(
  command: string[],
  { live, env }: { live: boolean; env?: Record<string, string | undefined> },
): Promise<{ exitCode: number; output: string }> {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
    ...(env ? { env } : {}),
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  }
  const [exitCode] = await once(child, 'close')
  return { exitCode: exitCode ?? 1, output }
}
