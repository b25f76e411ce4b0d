import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { runCli } from '../../cli/run-cli.ts'

/** What ends each of both outputs of a start, with its exit code behind it. */
export const OVER = '== over '

/** One start, as a line of JSON on standard input. */
export interface AskedStart {
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

/** Runs `outcry serve` over and over, as the program does, where it is refused: loading it was most of each refusal. */
async function run(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const { env, cwd }: AskedStart = JSON.parse(line)
    const code = await runCli(['serve'], {
      ...{ env, cwd, stdin: Readable.from([]), signal: new AbortController().signal },
      write: (text) => void process.stdout.write(`${text}\n`),
      complain: (text) => void process.stderr.write(`${text}\n`),
    })
    for (const output of [process.stdout, process.stderr]) output.write(`${OVER}${code}\n`)
  }
}

if (process.argv[1] === import.meta.filename) await run()
