import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs a program of ours to its end. With `live` its output goes to the terminal as it comes, else into `output`. */
export async function runCommand(
  command: string[],
  { live }: { live: boolean },
): Promise<{ exitCode: number; output: string }> {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
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
