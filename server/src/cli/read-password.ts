import { text } from 'node:stream/consumers'
import type { CommandContext } from './command.ts'
import { CommandError } from './command-error.ts'

const MAX_CHARS = 4_096

/** Asks at the terminal without showing what is typed. */
function askHidden({ stdin, complain, signal }: CommandContext): Promise<string> {
  const terminal = stdin as NodeJS.ReadStream
  complain('Type the password, then Enter (it is not shown):')
  terminal.setRawMode(true)
  terminal.setEncoding('utf8')
  return new Promise<string>((resolve, reject) => {
    let typed = ''
    const end = () => {
      terminal.setRawMode(false)
      terminal.off('data', read)
      terminal.pause()
    }
    const read = (chunk: string) => {
      for (const char of chunk) {
        if (char === '\u0003') {
          end()
          return reject(new CommandError('No password was given; nothing was changed.'))
        }
        if (char === '\r' || char === '\n') {
          end()
          return resolve(typed)
        }
        typed = char === '\u007f' || char === '\b' ? typed.slice(0, -1) : typed + char
      }
    }
    terminal.on('data', read)
    signal.addEventListener('abort', () => {
      end()
      reject(new CommandError('No password was given; nothing was changed.'))
    })
    terminal.resume()
  })
}

/**
 * A password from standard input: what a terminal's user types, or the one line that a pipe holds. Throws `CommandError` when
 * there is none, or more than a line.
 */
export async function readPassword(context: CommandContext): Promise<string> {
  const given = context.stdin.isTTY ? await askHidden(context) : await text(context.stdin)
  const password = given.replace(/\r?\n$/, '')
  if (password === '') throw new CommandError('No password came on standard input; nothing was changed.')
  if (/[\r\n]/.test(password) || password.length > MAX_CHARS) {
    throw new CommandError('Standard input must hold one line, the password; nothing was changed.')
  }
  return password
}
