import { nearestName } from '../config/nearest-name.ts'
import type { CommandContext } from './command.ts'
import { type CommandEntry, commands } from './command-list.ts'
import { failureSentences } from './failure-sentence.ts'
import { commandHelp, overview } from './help.ts'
import { UsageError } from './usage-error.ts'

const FAILURE = 1
const WRONG_USE = 2

function find(args: readonly string[]): { entry: CommandEntry; rest: readonly string[] } | undefined {
  for (const entry of commands) {
    const words = entry.name.split(' ')
    if (words.every((word, i) => args[i] === word)) return { entry, rest: args.slice(words.length) }
  }
  return undefined
}

function unknownCommand(args: readonly string[]): UsageError {
  const names = commands.flatMap(({ name, isHidden }) => (isHidden ? [] : [name]))
  const words = args.filter((word) => !word.startsWith('-')).slice(0, 2)
  const given = names.some((name) => name.startsWith(`${words[0]} `)) ? words.join(' ') : (words[0] ?? '')
  if (given === '') return new UsageError('Say which command; outcry --help lists them.')
  return new UsageError(`There is no command "${given}"; did you mean outcry ${nearestName(given, names)}?`)
}

const wantsHelp = (args: readonly string[]): boolean => args.includes('--help') || args.includes('-h')

async function dispatch(args: readonly string[], context: CommandContext): Promise<number> {
  const found = find(args)
  if (found) {
    const { command } = await found.entry.load()
    if (!wantsHelp(found.rest)) return command.run(context, found.rest)
    for (const line of commandHelp(found.entry.name, command)) context.write(line)
    return 0
  }
  if (args[0] === '--version') {
    const { version } = await import('../version.ts')
    context.write(version)
    return 0
  }
  const group = commands.filter(({ name }) => name.startsWith(`${args[0]} `))
  const isOverview = args.length === 0 || wantsHelp(args) || args[0] === 'help'
  if (!isOverview) throw unknownCommand(args)
  const shown = (group.length > 0 ? group : commands).filter(({ isHidden }) => !isHidden)
  for (const line of overview(shown)) context.write(line)
  return args.length === 0 ? WRONG_USE : 0
}

/**
 * Runs one command line and gives the exit code: 0 success, 1 failure, 2 wrong use. Errors become plain sentences; the
 * details of unexpected ones go to a log only. Never throws.
 */
export async function runCli(args: readonly string[], context: CommandContext): Promise<number> {
  try {
    return await dispatch(args, context)
  } catch (error) {
    const sentences = failureSentences(error)
    if (sentences) for (const sentence of sentences) context.complain(sentence)
    else {
      const { logUnexpected } = await import('./error-log.ts')
      context.complain(await logUnexpected(error, context))
    }
    return error instanceof UsageError ? WRONG_USE : FAILURE
  }
}
